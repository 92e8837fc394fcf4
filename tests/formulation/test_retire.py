"""Expansions at once and closing of what was built: rows spelled out, by hand, and what the certificate refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyogrio
import pytest

import evsiting as ev
from evsiting.errors import InputError
from evsiting.model.build import build
from evsiting.model.formulation import FAMILIES
from evsiting.report.headline import answer
from evsiting.report.html.tables import lives
from evsiting.report.html.tables import plants as plants_of_report
from evsiting.report.maps.map import _plants_at
from evsiting.results.analysis.timeline import plant_moves, sizes_by_period
from evsiting.results.assemble import plan_from_tables
from evsiting.results.plan import Plan
from evsiting.study.study import Study
from tests.brute_force import brute_force
from tests.limit_studies import limits_frame
from tests.recipe_studies import recipe_study

BASE = {"plant_type": "works", "option": "hall", "capacity_units_per_yr": 60.0, "capex_usd": 600.0}
ANNEX = {
    "plant_type": "works",
    "option": "annex",
    "capacity_units_per_yr": 100.0,
    "capex_usd": 200.0,
    "expands": "hall",
}


def works(units: tuple[float, ...], *options: dict[str, object], **tables: pd.DataFrame) -> Study:
    """Return a study of one kind of plant, one market and years of demand; each year an investment is paid anew."""
    periods = [f"t{k + 1}" for k in range(len(units))]
    demand = pd.DataFrame({"market": "new_york", "product": "car", "period": periods, "units_per_yr": units})
    return recipe_study(
        sites={"memphis": ""},
        processes=[{"plant_type": "works", "product": "car", "material_usd_per_unit": 0.0}],
        options=list(options),
        bill=[],
        sold={},
        lanes=[("car", "memphis", "new_york", 0.0)],
        wanted={("new_york", "car"): 1.0},
        years=[(2027 + k, 1) for k in range(len(units))],
        demand=demand,
        **tables,
    )


def closing(**more: object) -> Study:
    """Return a study whose demand ends after the first of two years."""
    return works((50.0, 0.0), {**BASE, "fixed_usd_per_yr": 300.0, "closing_usd": 50.0, **more})


@pytest.mark.parametrize("family", ["expand", "retire"])
def test_each_family_is_defined_where_it_is_written(family: str) -> None:
    assert f"\\tag{{{family}}}" in (FAMILIES[family].__doc__ or "")


def test_what_nobody_needs_any_more_is_closed() -> None:
    study = closing()
    plan = ev.solve(study, gap=0.0)
    ev.certify(study, plan).raise_if_failed()
    assert plan.totals["cost"] == pytest.approx(2 * 600.0 + 300.0 + 50.0)  # kept: 300 more
    assert brute_force(study) == pytest.approx(1_550.0)
    assert plan.decisions["retirements"].values.tolist() == [["memphis", "works", "hall", "t1", "t2"]]
    assert plant_moves(study, plan)[["period", "move"]].values.tolist() == [["t1", "opens"], ["t2", "closes"]]
    assert sizes_by_period(study, plan).to_numpy().tolist() == [[60.0, 0.0]]


def test_what_is_dearer_to_close_than_to_keep_stays() -> None:
    plan = ev.solve(closing(closing_usd=301.0), gap=0.0)
    assert plan.totals["cost"] == pytest.approx(1_800.0)
    assert plan.decisions["retirements"].empty


def test_rows_of_retirement_are_as_written() -> None:
    study = works((50.0, 90.0, 50.0), {**BASE, "closing_usd": 1.0}, {**ANNEX, "closing_usd": 1.0})
    rows = dict(line.split(": ", 1) for line in build(study).milp.lines("retire"))
    assert rows["retire[memphis,works,hall,t1]"] == (
        "- build[memphis,works,hall,t1] + retire[memphis,works,hall,t1,t2] + retire[memphis,works,hall,t1,t3] <= 0"
    )
    assert rows["retire[memphis,works,annex,t2]"] == (
        "- build[memphis,works,annex,t2] + retire[memphis,works,annex,t2,t3] <= 0"
    )
    assert rows["retire[memphis,works,annex,stands,t2]"] == (
        "- build[memphis,works,hall,t1] - build[memphis,works,hall,t2] + build[memphis,works,annex,t2] "
        "+ retire[memphis,works,hall,t1,t2] <= 0"
    )


def test_an_expansion_is_closed_alone_and_the_plant_with_it_at_last() -> None:
    hall = {**BASE, "fixed_usd_per_yr": 100.0, "closing_usd": 10.0}
    annex = {**ANNEX, "fixed_usd_per_yr": 400.0, "closing_usd": 20.0, "at_once": 1.0}
    study = works((90.0, 50.0, 0.0), hall, annex)
    plan = ev.solve(study, gap=0.0)
    ev.certify(study, plan).raise_if_failed()
    # 600 + 200 a year, closed or not; 400 for both in the first year, 100 for the hall in the second; 20 and 10.
    assert plan.totals["cost"] == pytest.approx(3 * 800.0 + 400.0 + 100.0 + 30.0)
    assert brute_force(study) == pytest.approx(2_930.0)


def test_an_expansion_is_made_at_once_where_it_may() -> None:
    study = works((90.0,), BASE, {**ANNEX, "at_once": 1.0})
    plan = ev.solve(study, gap=0.0)
    ev.certify(study, plan).raise_if_failed()
    assert plan.totals["cost"] == pytest.approx(800.0)
    assert brute_force(study) == pytest.approx(800.0)
    assert list(build(study).milp.lines("expand")) == [
        "expand[memphis,works,hall,at once,t1]: - build[memphis,works,hall,t1] + build[memphis,works,annex,t1] <= 0"
    ]
    with pytest.raises(InputError, match="no plan can serve the demand"):
        works((90.0,), BASE, ANNEX)


def test_closed_plants_are_counted_no_more() -> None:
    rows = limits_frame({"kind": "plants_open", "period": "t2", "at_least": 1})
    study = works((50.0, 0.0), {**BASE, "fixed_usd_per_yr": 300.0, "closing_usd": 50.0}, limits=rows)
    assert ev.solve(study, gap=0.0).totals["cost"] == pytest.approx(1_800.0)


def test_an_option_made_at_once_that_expands_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="made at once, and expands nothing"):
        works((50.0,), {**BASE, "at_once": 1.0})


# ------------------------------------------------------------------------------------------ sabotage


def failed(study: Study, change: Callable[[pd.DataFrame], pd.DataFrame], table: str = "retirements") -> set[str]:
    """Return the checks that fail on the best plan with a table changed, its ledgers worked out anew."""
    plan = ev.solve(study, gap=0.0)
    ev.certify(study, plan).raise_if_failed()
    return set(ev.certify(study, again(study, {**plan.tables, table: change(plan.decisions[table])}, plan)).failed)


def again(study: Study, tables: dict[str, pd.DataFrame], plan: Plan) -> Plan:
    """Return the plan of some tables."""
    return plan_from_tables(study, tables, plan.solve)


def test_a_plant_that_is_closed_makes_something() -> None:
    study = works((50.0, 50.0), {**BASE, "closing_usd": 0.0})
    gone = [("memphis", "works", "hall", "t1", "t2")]
    columns = ["site", "plant_type", "option", "built", "period"]
    assert "capacity" in failed(study, lambda rows: pd.DataFrame(gone, columns=columns))


@pytest.mark.parametrize(
    ("built", "period", "words"), [("t2", "t2", "was not built then"), ("t1", "t1", "closed in no later period")]
)
def test_closings_that_cannot_be_are_refused(built: str, period: str, words: str) -> None:
    study = closing()
    plan = ev.solve(study, gap=0.0)
    rows = plan.decisions["retirements"].assign(built=built, period=period)
    report = ev.certify(study, again(study, {**plan.tables, "retirements": rows}, plan))
    assert "retire" in report.failed
    assert words in str(report)


def test_closing_what_may_not_be_closed_or_twice_or_below_its_expansion() -> None:
    study = closing()
    plan = ev.solve(study, gap=0.0)
    never = closing(closing_usd=None)
    spoiled = again(never, dict(plan.tables), ev.solve(never, gap=0.0))
    assert "may not be closed" in str(ev.certify(never, spoiled))
    twice = works((50.0, 0.0, 0.0), {**BASE, "fixed_usd_per_yr": 300.0, "closing_usd": 50.0})
    assert "retire" in failed(twice, lambda rows: pd.concat([rows, rows.assign(period="t3")], ignore_index=True))
    grown = works(
        (90.0, 90.0, 0.0),
        {**BASE, "fixed_usd_per_yr": 100.0, "closing_usd": 0.0},
        {**ANNEX, "fixed_usd_per_yr": 200.0, "closing_usd": 0.0, "at_once": 1.0},
    )
    assert "retire" in failed(grown, lambda rows: rows[rows["option"] == "hall"])


def test_an_expansion_made_at_once_without_leave_is_refused() -> None:
    study = works((50.0, 90.0), BASE, ANNEX)
    found = failed(study, lambda rows: rows.assign(period="t1"), "openings")
    assert "expand" in found


# ------------------------------------------------------------------------------------------ scenarios


def test_closing_is_decided_before_it_is_known_which_future_comes() -> None:
    study = works((50.0, 40.0), {**BASE, "fixed_usd_per_yr": 300.0, "closing_usd": 50.0})
    chances = pd.DataFrame({"scenario": ["ends", "goes on"], "probability": [0.5, 0.5]})
    changes = pd.DataFrame(
        [("ends", "demand", "units_per_yr", "t2", "multiply", 0.0)],
        columns=["scenario", "table", "column", "period", "action", "value"],
    )
    study = study.with_table("scenarios", chances).with_table("scenario_changes", changes)
    plans = ev.solve_scenarios(study, gap=0.0)
    assert ev.certify_scenarios(study, plans).passed
    assert all(plan.decisions["retirements"].empty for plan in plans.plans.values())
    assert plans.value == pytest.approx(1_800.0)


def hall_and_annex() -> tuple[Study, Plan]:
    """Return the study of the page on recipes, whose annex is closed before its hall, and its plan."""
    hall = {**BASE, "fixed_usd_per_yr": 100.0, "closing_usd": 10.0}
    study = works((90.0, 50.0, 0.0), hall, {**ANNEX, "at_once": 1, "fixed_usd_per_yr": 400.0, "closing_usd": 20.0})
    return study, ev.solve(study, gap=0.0)


def test_the_list_of_plants_says_what_was_closed_again() -> None:
    study, plan = hall_and_annex()
    told = ["option", "status", "period", "closes", "capacity_units_per_yr", "capex_usd", "jobs_fte", "used"]
    assert plan.sites[told].values.tolist() == [["hall", "closed", "t1", "t3", 60.0, 800.0, 0.0, 0.0]]
    assert len(plan.opened) == 1  # it was built all the same
    moves = plant_moves(study, plan)[["period", "move", "option", "capacity_units_per_yr", "invested_usd"]]
    assert moves.values.tolist() == [
        ["t1", "opens", "hall", 60.0, 600.0],
        ["t1", "expands", "annex", 40.0, 200.0],
        ["t2", "shrinks", "annex", 40.0, 20.0],
        ["t3", "closes", "hall", 60.0, 10.0],
    ]
    assert sizes_by_period(study, plan).to_numpy().tolist() == [[100.0, 60.0, 0.0]]
    assert lives(study, plan) == ["2027, expands 2027, shrinks 2028, closes 2029"]
    assert answer(study, plan) == "Build 1 plant: 1 works plant (Memphis). Close part of it later. Close it later."


def test_an_expansion_closed_alone_leaves_the_smaller_plant_in_the_list() -> None:
    hall = {**BASE, "fixed_usd_per_yr": 100.0}
    study = works((90.0, 50.0), hall, {**ANNEX, "at_once": 1, "fixed_usd_per_yr": 400.0, "closing_usd": 20.0})
    plan = ev.solve(study, gap=0.0)
    told = ["option", "status", "closes", "capacity_units_per_yr", "used"]
    assert plan.sites[told].values.tolist() == [["hall", "new", "", 60.0, pytest.approx(5 / 6)]]
    ev.certify(study, plan).raise_if_failed()


def test_what_is_expanded_at_once_has_the_size_of_the_expansion() -> None:
    study = works((90.0,), BASE, {**ANNEX, "at_once": 1})
    plan = ev.solve(study, gap=0.0)
    assert plan.sites[["option", "capacity_units_per_yr"]].values.tolist() == [["annex", 100.0]]
    assert plan.sites["used"].tolist() == [pytest.approx(0.9)]


def test_what_is_closed_with_its_expansion_is_one_plant_that_closes() -> None:
    hall = {**BASE, "fixed_usd_per_yr": 100.0, "closing_usd": 10.0}
    study = works((90.0, 0.0), hall, {**ANNEX, "at_once": 1, "fixed_usd_per_yr": 400.0, "closing_usd": 20.0})
    plan = ev.solve(study, gap=0.0)
    moves = plant_moves(study, plan).query("move == 'closes'")
    assert moves[["option", "capacity_units_per_yr", "invested_usd"]].values.tolist() == [["annex", 100.0, 30.0]]
    assert plan.sites[["option", "status"]].values.tolist() == [["annex", "closed"]]


def test_deliverables_tell_what_was_built_and_closed_again(tmp_path: Path) -> None:
    study, plan = hall_and_annex()
    ev.write_geopackage(tmp_path / "a.gpkg", study, plan)
    plants = pyogrio.read_dataframe(tmp_path / "a.gpkg", layer="plants")
    assert plants[["status", "closes"]].values.tolist() == [["closed", "t3"]]
    runs = pyogrio.read_dataframe(tmp_path / "a.gpkg", layer="plants_by_period")
    told = runs[["period", "status", "size_units_per_yr"]].values.tolist()
    assert told == [["t1", "new", 100.0], ["t2", "new", 60.0]]
    site = pyogrio.read_dataframe(tmp_path / "a.gpkg", layer="sites").iloc[0]
    assert site[["new_plants", "standing_plants", "closed_plants"]].tolist() == [1, 0, 1]
    (status, listed), *others = plants_of_report(study, plan)
    assert (status, listed[0]["capex"].text, others) == ("closed", "0.0008", [])
    assert [_plants_at(study, plan, t)["status"].tolist() for t in ("t1", "t2", "t3")] == [["new"], ["new"], ["closed"]]
    ev.write_run(tmp_path / "run", study, plan)
    again = ev.read_run(tmp_path / "run")[1]
    assert again.sites["closes"].tolist() == ["t3"]


def test_a_run_of_an_earlier_version_has_no_column_of_closings(tmp_path: Path) -> None:
    study, plan = hall_and_annex()
    ev.write_run(tmp_path / "run", study, plan)
    table = tmp_path / "run" / "sites.csv"
    rows = pd.read_csv(table, dtype="str", keep_default_na=False).drop(columns="closes")
    rows.assign(period="t3").to_csv(table, index=False)  # there, a plant that is closed has that period alone
    assert ev.read_run(tmp_path / "run")[1].sites["closes"].tolist() == ["t3"]
