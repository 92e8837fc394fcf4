"""Changes of tables, by hand: what is selected, in which order it happens, what is cut by period, what is refused."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from evsiting.study.scenario_changes import Change, Changed, apply_changes, changes_of
from tests.canonical import canonical

TABLES = canonical(
    periods=[{"period": "p1", "start_year": 2027, "years": 3}, {"period": "p2", "start_year": 2030, "years": 5}],
    markets=[{"market": "m", "country": "US"}, {"market": "n", "country": "CA"}],
    demand=[
        {"market": "m", "product": "car", "period": None, "units_per_yr": 100.0, "unmet_penalty_usd_per_unit": None},
        {"market": "n", "product": "car", "period": "p1", "units_per_yr": 10.0, "unmet_penalty_usd_per_unit": 5.0},
    ],
    suppliers=[{"supplier": "s", "country": "KR", "product": "cell", "port": "KRPUS", "price_usd_per_unit": 80.0}],
    duties=[{"product": "cell", "origin": "KR", "destination": "US", "measure": "MFN", "rate": 0.03}],
)


def change(table: str, action: str = "multiply", column: str = "", value: float = math.nan, **more: object) -> Change:
    rows = tuple(tuple(part.split("=")) for part in str(more.pop("rows", "")).split(";") if part)
    return Change(more.pop("label", 0), "boom", table, column, rows, str(more.pop("period", "")), action, value)


def after(*changes: Change) -> Changed:
    return apply_changes(TABLES, changes)


def units(done: Changed) -> list[float]:
    return done.tables["demand"]["units_per_yr"].tolist()


def test_rows_are_read_as_selections() -> None:
    base = {"scenario": "boom", "table": "demand", "column": "units_per_yr", "period": None, "action": "multiply"}
    frame = pd.DataFrame([{**base, "rows": " market = m ; market.country=a=b ", "value": 2.0}])
    (one,), faults = changes_of(frame)
    assert one.rows == (("market", "m"), ("market.country", "a=b"))
    assert faults == []
    changes, (fault,) = changes_of(frame.assign(rows="market"))
    assert (changes, fault.column, fault.seen) == ([], "rows", "market")
    assert changes_of(frame.assign(action="double")) == ([], [])  # told with the cells


def test_nothing_is_changed_in_place() -> None:
    before = TABLES["demand"].copy()
    done = after(change("demand", column="units_per_yr", value=2.0))
    assert units(done) == [200.0, 20.0]
    pd.testing.assert_frame_equal(TABLES["demand"], before)
    assert done.tables["duties"] is TABLES["duties"]
    assert done.touched == {("demand", "units_per_yr")}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("market=m", [200.0, 10.0]),
        ("market.country=CA", [100.0, 20.0]),
        ("market=m;market.country=CA", None),
        ("period=", [200.0, 10.0]),
        ("units_per_yr=10", [100.0, 20.0]),
        ("unmet_penalty_usd_per_unit=", [200.0, 10.0]),
        ("market=M", None),
    ],
)
def test_only_the_selected_rows_change(rows: str, expected: list[float] | None) -> None:
    done = after(change("demand", column="units_per_yr", value=2.0, rows=rows))
    if expected is None:
        assert [f.what for f in done.faults] == ["finds nothing to multiply in table 'demand'"]
    else:
        assert units(done) == expected
        assert done.faults == []


def test_the_order_of_changes_says_nothing() -> None:
    both = [change("demand", "set", "units_per_yr", 50.0, rows="market=m", label=1),
            change("demand", "multiply", "units_per_yr", 3.0, label=2)]  # fmt: skip
    assert units(after(*both)) == units(after(*both[::-1])) == [150.0, 30.0]
    twice = [change("demand", value=f, column="units_per_yr", label=f) for f in (2.0, 3.0)]
    assert units(after(*twice)) == [600.0, 60.0]


def test_a_cell_is_set_once() -> None:
    done = after(change("demand", "set", "units_per_yr", 1.0), change("demand", "set", "units_per_yr", 2.0, label=1))
    assert [(f.label, f.what) for f in done.faults] == [(1, "are set by another change as well")]


def test_an_empty_cell_is_set_and_not_multiplied() -> None:
    column = "unmet_penalty_usd_per_unit"
    done = after(change("demand", "multiply", column, 2.0))
    assert done.tables["demand"][column].fillna(-1.0).tolist() == [-1.0, 10.0]
    done = after(change("demand", "set", column, 7.0))
    assert done.tables["demand"][column].tolist() == [7.0, 7.0]


def test_a_column_that_the_study_leaves_out_is_one_of_empty_cells() -> None:
    """Optional columns stand only where they are given: to set them makes them, to multiply them finds nothing."""
    column = "customs_value_usd_per_unit"
    assert column not in TABLES["suppliers"]
    done = after(change("suppliers", "set", column, 9.0))
    assert done.tables["suppliers"][column].tolist() == [9.0]
    assert [f.what for f in after(change("suppliers", "multiply", column, 2.0)).faults] == [
        "finds nothing to multiply in table 'suppliers'"
    ]
    empty = after(change("suppliers", "multiply", "price_usd_per_unit", 2.0, rows=f"{column}="))
    assert empty.tables["suppliers"]["price_usd_per_unit"].tolist() == [160.0]


def test_an_optional_column_of_another_table_is_one_of_empty_cells() -> None:
    offer = {"site": "a", "plant_type": "cell", "period": "p1", "program": "g", "kind": "grant", "value": 5.0}
    tables = {**TABLES, **canonical(sites=[{"site": "a", "country": "US"}], incentives=[offer])}
    flagged = change("incentives", "multiply", "value", 2.0, rows="site.flags=energy_community")
    assert [f.column for f in apply_changes(tables, [flagged]).faults] == ["rows"]
    tables["sites"] = tables["sites"].assign(flags="energy_community")
    assert apply_changes(tables, [flagged]).tables["incentives"]["value"].tolist() == [10.0]


def test_a_row_for_every_period_is_cut_where_one_period_is_meant() -> None:
    done = after(change("demand", column="units_per_yr", value=2.0, period="p2", rows="market=m"))
    rows = done.tables["demand"].query("market == 'm'").set_index("period")["units_per_yr"]
    assert rows.to_dict() == {"p1": 100.0, "p2": 200.0}


def test_years_are_cut_at_the_period() -> None:
    done = after(change("duties", "set", "rate", 0.5, period="p1"))
    rows = done.tables["duties"].sort_values("first_year", na_position="first")
    spans = [(a, b, r) for a, b, r in rows[["first_year", "last_year", "rate"]].fillna(0).itertuples(index=False)]
    assert spans == [(0.0, 2026.0, 0.03), (2027.0, 2029.0, 0.5), (2030.0, 0.0, 0.03)]


def test_rows_come_and_go() -> None:
    done = after(change("demand", "drop", rows="market=n"),
                 change("demand", "add", "units_per_yr", 7.0, rows="market=n;product=van", period="p2"))  # fmt: skip
    rows = done.tables["demand"][["market", "product", "period", "units_per_yr"]]
    assert rows.fillna("").to_numpy().tolist() == [["m", "car", "", 100.0], ["n", "van", "p2", 7.0]]
    added = after(
        change("duties", "add", "rate", 0.2, rows="product=car;origin=KR;destination=US;measure=x", period="p1")
    )
    assert added.tables["duties"].iloc[-1][["first_year", "last_year"]].tolist() == [2027.0, 2029.0]


def test_a_table_that_the_study_lacks_may_grow() -> None:
    done = after(change("gateways", "add", "capacity_t_per_yr", 5e5, rows="gateway=laredo"))
    assert done.tables["gateways"][["gateway", "capacity_t_per_yr"]].to_numpy().tolist() == [["laredo", 5e5]]


def test_a_capacity_of_which_a_part_is_away_goes_through_trajectories() -> None:
    done = after(change("suppliers", "multiply", "capacity_units_per_yr", 0.5, period="p2"))
    assert done.tables["suppliers"] is TABLES["suppliers"]
    assert done.tables["trajectories"].to_numpy().tolist() == [["capacity_units_per_yr", "s", "p2", 0.5]]


def test_a_wider_factor_is_carried_to_the_place_that_changes() -> None:
    wide = canonical(trajectories=[{"column": "price_usd_per_unit", "place": None, "period": "p1", "factor": 0.8}])
    done = apply_changes({**TABLES, **wide}, [change("suppliers", "multiply", "price_usd_per_unit", 2.0, period="p1")])
    rows = done.tables["trajectories"][["place", "factor"]].fillna("").to_numpy().tolist()
    assert rows == [["", 0.8], ["s", 1.6]]


@pytest.mark.parametrize(
    ("one", "column", "words"),
    [
        (change("periods", column="years", value=2.0), "table", "no table that a scenario may change"),
        (change("suppliers", "drop", rows="supplier=s"), "action", "cannot drop rows of table 'suppliers'"),
        (change("demand", column="market", value=2.0), "column", "no column of numbers"),
        (change("demand", "drop", "units_per_yr"), "column", "named where whole rows go"),
        (change("demand", column="units_per_yr"), "value", "does not go with the action 'multiply'"),
        (change("demand", "drop", value=1.0), "value", "does not go with the action 'drop'"),
        (change("demand", column="units_per_yr", value=-2.0), "value", "factor below zero"),
        (change("demand", column="units_per_yr", value=2.0, rows="town=m"), "rows", "names no column of table"),
        (change("demand", column="units_per_yr", value=2.0, rows="market.town=m"), "rows", "names no column of table"),
        (change("suppliers", "set", "price_usd_per_unit", 2.0, period="p1"), "period", "which hold always"),
    ],
)
def test_a_change_that_makes_no_sense_says_why(one: Change, column: str, words: str) -> None:
    done = after(one)
    assert column in {f.column for f in done.faults}
    assert any(words in f.what for f in done.faults)
    assert not done.touched


@pytest.mark.parametrize("table", ["duties", "demand"])
def test_an_unknown_period_is_no_period_of_the_study(table: str) -> None:
    """Years of an unknown period are none: an open row must not be cut at infinity."""
    column = {"duties": "rate", "demand": "units_per_yr"}[table]
    done = after(change(table, "set", column, 0.5, period="p9"))
    assert [(f.column, f.what, f.seen, f.fix) for f in done.faults] == [
        ("period", "is no period of the study", "'p9'", "Choose from p1, p2")
    ]
    assert done.tables[table] is TABLES[table]
