"""Published ranges: what products are known by, how far outside a figure is, and the words for it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evsiting import reference
from evsiting.study.findings import Findings
from evsiting.study.published import (
    FAR,
    Range,
    figure,
    first_of,
    kinds_of_plants,
    kinds_of_products,
    published_ranges,
    tell_figures,
    thousands,
    times_off,
)


@pytest.mark.parametrize(
    ("product", "unit", "kind"),
    [
        ("cell", "kWh", "cell/kWh"),
        ("Batteriezelle", "kWh", ""),
        ("pouch_cell_ncm", "kWh", "cell/kWh"),
        ("cell", "cell", ""),  # of what size nobody knows
        ("BatteryPack", "pack", "pack/each"),
        ("pack", "kWh", "pack/kWh"),
        ("cell_pack", "unit", "pack/each"),
        ("e-car", "car", "vehicle/each"),
        ("SUVs", "vehicle", "vehicle/each"),
        ("vehicle", "kWh", ""),
        ("vehicle_parts", "vehicle", ""),
        ("pack_housing", "unit", ""),
    ],
)
def test_products_are_known_by_word_and_unit(product: str, unit: str, kind: str) -> None:
    frame = pd.DataFrame({"product": [product], "unit": [unit]})
    assert kinds_of_products({"products": frame}).to_dict() == {product: kind}


@pytest.mark.parametrize("product", ["carbon", "carton", "cargo", "packaging", "beverage", "cellulose", "truckload"])
def test_a_word_within_another_is_no_product(product: str) -> None:
    """Graphite counted by the unit must not be compared with vehicles."""
    frame = pd.DataFrame({"product": [product], "unit": ["unit"]})
    assert kinds_of_products({"products": frame})[product] == ""


def test_a_plant_that_makes_several_products_is_compared_with_none() -> None:
    products = pd.DataFrame({"product": ["cell", "pack"], "unit": ["kWh", "each"]})
    processes = pd.DataFrame({"plant_type": ["one", "both", "both", "odd"], "product": ["cell", "cell", "pack", "x"]})
    assert kinds_of_plants({"products": products, "processes": processes}) == {"one": "cell/kWh", "odd": ""}


def test_ranges_are_those_of_the_parameters() -> None:
    table = reference.parameters().set_index("key")
    kwh = float(table.at["product.kwh_per_vehicle", "value"])
    pack = table.loc["plant.pack.capex", ["value", "low", "high"]].astype(float)
    each, per_kwh = published_ranges()["capex"]["pack/each"], published_ranges()["capex"]["pack/kWh"]
    assert (per_kwh.low, per_kwh.high) == (pack.min(), pack.max())
    assert (each.low, each.high) == pytest.approx((kwh * pack.min(), kwh * pack.max()))
    assert all(0.0 < span.low <= span.high for ranges in published_ranges().values() for span in ranges.values())


def test_outside_is_ten_times_beyond_the_range() -> None:
    ranges = {"x": Range(2.0, 4.0, "USD", "things")}
    values = pd.Series([0.0, 0.19, 0.2, 3.0, 40.0, 40.1, np.nan, 1e9], index=list("abcdefgh"))
    kinds = pd.Series(["x"] * 7 + [""], index=values.index)
    ratio = times_off(values, kinds, ranges)
    assert ratio.dropna().round(6).to_dict() == {"b": 0.095, "f": 10.025}
    assert FAR == 10.0


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (1e-3, "was it in thousands?"),
        (1e-9, "was it in billions?"),
        (1e9, "is it a billion times too large?"),
        (1e12, "is the unit in the header right?"),
        (1.0, "is the unit in the header right?"),
        (0.0, "is the unit in the header right?"),
    ],
)
def test_the_question_is_a_power_of_a_thousand(ratio: float, words: str) -> None:
    assert thousands(ratio) == words


def test_a_column_is_told_once_with_its_rows() -> None:
    found = Findings()
    off = pd.Series([5.0, 7.0], index=[0, 4])
    tell_figures(found, "options", "capex_usd", off, 6, "plants have 1 to 2 USD", "was it in thousands?")
    assert found.warnings == [
        "table 'options', column 'capex_usd': 2 of 6 figures are far from what the package knows (index 0: 5, "
        "index 4: 7): plants have 1 to 2 USD; was it in thousands? They are taken as they stand"
    ]
    assert first_of(pd.Series([False, True, True], index=[9, 8, 7])) == 1


@pytest.mark.parametrize(("value", "text"), [(999.4, "999"), (1000.0, "1,000"), (-12345.6, "-12,346"), (0.0, "0")])
def test_figures_as_evidence(value: float, text: str) -> None:
    assert figure(value) == text
