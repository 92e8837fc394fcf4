"""A user's own layers: what is accepted, what is refused and how it is told."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import evsiting as ev
from evsiting.errors import DataWarning, InputError
from evsiting.layers import FREIGHT, Layer, apply_layers, complete, layer
from evsiting.layers.base import FunctionLayer, Origin
from evsiting.study.study import Study
from tests.layer_studies import bare_study

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def full() -> Study:
    return complete(bare_study())


def test_a_layer_replaces_its_column_and_its_provenance(full: Study) -> None:
    @layer("sites", source="", note="a quote")
    def power_price(study: Study) -> pd.Series:
        return study.sites["power_price_usd_per_mwh"].mul(0.5)

    made = apply_layers(full, power_price)
    assert isinstance(power_price, Layer)
    np.testing.assert_allclose(made.sites["power_price_usd_per_mwh"], 0.5 * full.sites["power_price_usd_per_mwh"])
    rows = made.provenance.query("table == 'sites' and column == 'power_price_usd_per_mwh'")
    assert rows[["row", "quality", "note"]].to_numpy().tolist() == [["*", "assumption", "a quote"]]
    wages = "column == 'wage_usd_per_h'"
    assert len(made.provenance.query(wages)) == len(full.provenance.query(wages))


def test_rows_may_be_labelled_by_code_in_any_order(full: Study) -> None:
    @layer("sites")
    def wages(study: Study) -> pd.Series:
        names = study.sites["site"].tolist()[::-1]
        return pd.Series(range(10, 10 + len(names)), index=names, name="wage_usd_per_h", dtype=float)

    made = apply_layers(full, wages).sites.set_index("site")["wage_usd_per_h"]
    assert made["detroit"] == 10.0
    assert made["memphis"] == 13.0


def test_a_layer_sees_what_the_one_before_it_made(full: Study) -> None:
    @layer("sites")
    def one(study: Study) -> pd.Series:
        return study.sites["wage_usd_per_h"].mul(0).add(10.0)

    @layer("sites")
    def two(study: Study) -> pd.Series:
        return study.sites["wage_usd_per_h"].add(1.0)

    assert set(apply_layers(full, one, two).sites["wage_usd_per_h"]) == {11.0}


def test_a_source_that_nobody_described_gets_a_row(full: Study) -> None:
    @layer("sites", source="my_utility", year="2026")
    def power_price(study: Study) -> pd.Series:
        return study.sites["power_price_usd_per_mwh"].mul(0.5)

    made = apply_layers(full, power_price)
    assert made.table("sources").set_index("id").loc["my_utility", "licence"] == "not stated"
    rows = made.provenance.query("column == 'power_price_usd_per_mwh'")
    assert rows[["source", "quality"]].to_numpy().tolist() == [["my_utility", "given"]]


def test_extra_columns_are_kept(full: Study) -> None:
    @layer("markets", note="my own")
    def score(study: Study) -> pd.Series:
        return pd.Series(1.5, index=study.markets.index, name="my_score")

    with pytest.warns(DataWarning, match="'my_score'"):
        made = apply_layers(full, score)
    assert made.markets["my_score"].tolist() == [1.5] * 3


def test_a_misspelt_column_is_told(full: Study) -> None:
    @layer("sites")
    def wage(study: Study) -> pd.Series:
        return study.sites["wage_usd_per_h"].rename("wages_usd_per_h")

    with pytest.warns(DataWarning, match="'wages_usd_per_h'"):
        apply_layers(full, wage)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.iloc[:-1], r"layer 'bad': it returned 3 rows for the 4 of sites"),
        (lambda s: s.iloc[::-1], r"layer 'bad'.*moved"),
        (lambda s: s.where(s.index != 2), r"layer 'bad': 1 of 4 values of 'wage_usd_per_h'.*\(toronto\)"),
        (lambda s: s.mul(np.inf), r"layer 'bad': 4 of 4 values"),
        (lambda s: s.rename(None), r"layer 'bad': a column may not have that name"),
        (lambda s: s.rename("wage"), r"layer 'bad': a column has no unit in its name.*'wage_usd_per_h'"),
        (lambda s: s.rename("site"), r"layer 'bad': a column may not have that name"),
        (lambda s: s.mul(-1.0), r"wage"),
    ],
)
def test_bad_layers_are_refused_by_name(full: Study, change: object, message: str) -> None:
    @layer("sites")
    def bad(study: Study) -> pd.Series:
        return change(study.sites["wage_usd_per_h"])

    with pytest.raises(InputError, match=message):
        apply_layers(full, bad)


@pytest.mark.parametrize("made", [None, 5.0, [1.0, 2.0], np.ones(4), {"wage_usd_per_h": 1.0}])
def test_what_is_no_table_is_refused_by_name(full: Study, made: object) -> None:
    with pytest.raises(
        InputError, match=rf"layer 'bad': returned no table \({type(made).__name__}\)\. Return a Series"
    ):
        apply_layers(full, FunctionLayer("bad", "sites", lambda study: made, Origin()))


def test_columns_returned_twice_are_refused(full: Study) -> None:
    @layer("sites")
    def bad(study: Study) -> pd.DataFrame:
        return study.sites[["wage_usd_per_h", "wage_usd_per_h"]]

    with pytest.raises(InputError, match=r"layer 'bad': it returned columns of the same name \(wage_usd_per_h\)"):
        apply_layers(full, bad)


def test_an_error_inside_a_layer_says_whose_it_is(full: Study) -> None:
    @layer("sites")
    def mine(study: Study) -> pd.Series:
        return study.sites["rent"]

    with pytest.raises(KeyError, match="rent") as caught:
        apply_layers(full, mine)
    assert caught.value.__notes__ == ["This happened in layer 'mine', on table 'sites'."]


@pytest.mark.parametrize("thing", [3, "labor", None, len])
def test_what_is_no_layer_is_refused(full: Study, thing: object) -> None:
    with pytest.raises(InputError, match=r"something given is no layer.*@ev\.layer"):
        apply_layers(full, thing)


def test_a_table_that_no_layer_fills_is_refused(full: Study) -> None:
    @layer("products")
    def prices(study: Study) -> pd.Series:
        return study.products["value_usd_per_unit"]

    with pytest.raises(InputError, match="layer 'prices'"):
        apply_layers(full, prices)


def test_lanes_can_be_made_anew(full: Study) -> None:
    fewer = full.with_table("lanes", full.lanes.head(0))
    assert not fewer.has("lanes")
    assert apply_layers(full, FREIGHT).lanes.equals(full.lanes)
    assert len(complete(fewer).lanes) == len(full.lanes)


def test_the_example_of_an_own_layer_runs(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(ROOT / "examples" / "own_layer.py"), run_name="__main__")
    assert "power" in capsys.readouterr().out


def test_what_is_odd_in_a_study_is_not_told_again_by_a_layer() -> None:
    study = ev.example("starter")
    elsewhere = study.programs.iloc[[0]].assign(program="far off", country="US", region="US-WY")
    tables = study.tables | {"programs": pd.concat([study.programs, elsewhere], ignore_index=True)}
    tables.pop("incentives")
    with pytest.warns(DataWarning, match="so that these pay nothing: far off"):
        odd = ev.Study.from_tables(study.settings, tables)
    zones = pd.DataFrame({"place": ["US-TN"], "flag": ["a"], "source": ["my_list"]})
    assert ev.apply_layers(odd, ev.flags(zones)).sites["flags"].notna().any()  # without a word of it
