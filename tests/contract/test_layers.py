"""What every layer promises: the same rows out as in, finite numbers, a source for every column."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evsiting.layers import Layer, complete
from evsiting.layers.completion import COLUMN_LAYERS, TABLE_LAYERS
from evsiting.layers.demand.vehicles import demand
from evsiting.layers.energy.power import power
from evsiting.layers.energy.transmission import transmission
from evsiting.layers.incentives.flags import flags
from evsiting.layers.labor.commute import commute_shed
from evsiting.layers.labor.wages import wages
from evsiting.study.schema.tables import TABLES
from evsiting.study.study import Study
from tests.layer_studies import bare_study, points

PROGRAM = pd.DataFrame(
    {
        "program": ["credit"],
        "country": ["US"],
        "plant_type": ["pack"],
        "product": ["pack"],
        "kind": ["production"],
        "value": [10.0],
        "first_year": [2020],
        "last_year": [2040],
    }
)


@pytest.fixture(scope="module")
def full() -> Study:
    return complete(bare_study(programs=PROGRAM))


MORE = (
    commute_shed(),
    flags(pd.DataFrame({"place": ["US"], "flag": ["zone"]})),
    power(premium="sourced"),
    transmission(substations=points("station", (("yard", -90.0, 35.1),), spare_mw=90.0)),
    wages(pd.DataFrame({"wage": [20.0]})),
)
OF_SITES = [*COLUMN_LAYERS, *MORE]
ALL = [*OF_SITES, *TABLE_LAYERS, demand()]


def named(layer: Layer) -> str:
    return f"{layer.name}-{layer.table}"


@pytest.mark.parametrize("layer", ALL, ids=named)
def test_a_layer_has_a_name_and_fills_a_table_of_the_dictionary(layer: Layer) -> None:
    assert isinstance(layer, Layer)
    assert layer.name
    assert layer.table in ("sites", "markets", "demand", "lanes", "incentives")


@pytest.mark.parametrize("layer", OF_SITES, ids=named)
def test_columns_come_on_the_index_of_their_table(layer: Layer, full: Study) -> None:
    moved = full.with_table(layer.table, full.table(layer.table).iloc[::-1])
    result = layer(moved)
    assert result.frame.index.equals(moved.table(layer.table).index)
    key = TABLES[layer.table].key[0]
    once = layer(full).frame.set_axis(full.table(layer.table)[key])
    again = result.frame.set_axis(moved.table(layer.table)[key])
    pd.testing.assert_frame_equal(once, again.loc[once.index])


@pytest.mark.parametrize("layer", ALL, ids=named)
def test_columns_are_known_and_numbers_finite(layer: Layer, full: Study) -> None:
    frame = layer(full).frame
    assert set(frame.columns) <= {c.name for c in TABLES[layer.table].columns}
    numbers = frame.select_dtypes("number")
    assert not np.isinf(numbers.to_numpy(dtype=float)).any()


@pytest.mark.parametrize("layer", ALL, ids=named)
def test_every_column_says_where_it_comes_from(layer: Layer, full: Study) -> None:
    result = layer(full)
    told = set(result.origins) | set(result.row_origins.get("column", []))
    assert "*" in told or set(result.frame.columns) <= told


@pytest.mark.parametrize("layer", ALL, ids=named)
def test_a_layer_changes_nothing_and_is_repeatable(layer: Layer, full: Study) -> None:
    before = full.digest
    pd.testing.assert_frame_equal(layer(full).frame, layer(full).frame)
    assert full.digest == before
