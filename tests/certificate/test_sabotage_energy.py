"""The certificate names what is wrong with staff, load, upgrades and clean power."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from evsiting.results.assemble import plan_from_tables
from evsiting.results.certificate import certify
from evsiting.results.plan import Plan, Solve, Status
from evsiting.study.schema.plan_tables import DECISIONS
from evsiting.study.study import Study
from tests.energy_studies import limited_study

#: Monterrey first; Memphis follows, which needs its feeder; all of Monterrey's 40 GWh are clean.
RIGHT: dict[str, list[tuple[object, ...]]] = {
    "openings": [("monterrey", "cell", "works", "p1"), ("memphis", "cell", "works", "p2")],
    "production": [
        ("monterrey", "cell", "cell", "p1", 1e6),
        ("monterrey", "cell", "cell", "p2", 1e6),
        ("memphis", "cell", "cell", "p2", 1e6),
    ],
    "shipments": [
        ("cell", "monterrey", "east", "road", "p1", 1e6),
        ("cell", "monterrey", "east", "road", "p2", 1e6),
        ("cell", "memphis", "east", "road", "p2", 1e6),
    ],
    "clean": [("monterrey", "p1", 40_000.0), ("monterrey", "p2", 40_000.0)],
    "upgrades": [("memphis", "feeder", "p2")],
}


@cache
def limited() -> Study:
    """Return the study, made once."""
    return limited_study()


def plan_of(study: Study, **changes: list[tuple[object, ...]]) -> Plan:
    """Return a plan of these tables, whose ledgers and objective agree with them."""
    tables = {
        name: pd.DataFrame(rows, columns=list(DECISIONS[name].columns)) for name, rows in {**RIGHT, **changes}.items()
    }
    plan = plan_from_tables(study, tables, Solve(Status.OPTIMAL, "cost", 0.0, 0.0, gap_asked=0.001))
    value = plan.totals["cost"]
    return replace(plan, solve=replace(plan.solve, objective=value, bound=value))


def failed(study: Study | None = None, **changes: list[tuple[object, ...]]) -> set[str]:
    """Return the checks that fail on the right plan with some tables changed."""
    study = study or limited()
    return set(certify(study, plan_of(study, **changes)).failed)


def test_the_right_plan_passes() -> None:
    assert failed() == set()


@pytest.mark.parametrize(
    ("upgrades", "checks"),
    [
        ([], {"grid"}),
        ([("memphis", "line", "p2")], {"grid"}),  # 3 + 1 MW for 4.57 MW
        ([("memphis", "line", "p1"), ("memphis", "feeder", "p1")], set()),
        ([("memphis", "feeder", "p1"), ("memphis", "feeder", "p2")], {"upgrade"}),
        ([("memphis", "line", "p1"), ("memphis", "line", "p2")], {"upgrade", "grid"}),  # a step counts once
    ],
)
def test_upgrades(upgrades: list[tuple[object, ...]], checks: set[str]) -> None:
    assert failed(upgrades=upgrades) == checks


def test_an_upgrade_that_comes_after_the_load() -> None:
    rows = {
        "openings": [("memphis", "cell", "works", "p1"), ("monterrey", "cell", "works", "p2")],
        "production": [("memphis", *RIGHT["production"][0][1:]), *RIGHT["production"][1:]],
        "shipments": [("cell", "memphis", *RIGHT["shipments"][0][2:]), *RIGHT["shipments"][1:]],
        "clean": RIGHT["clean"][1:],
    }
    assert failed(**rows) == {"grid"}
    study = limited()
    check = certify(study, plan_of(study, **rows)).checks.set_index("check").loc["grid"]
    assert check["where"] == "memphis/p1"
    assert check["seen"] == "a load of 4.56621 MW, 3 MW are connected"
    assert failed(**rows, upgrades=[("memphis", "feeder", "p1")]) == set()


def test_a_load_that_swings_needs_more_than_a_steady_one() -> None:
    study = limited().with_settings(model={"load_factor": 0.9})
    assert failed(study) == {"grid"}  # 5.07 MW on 5 MW


@pytest.mark.parametrize(
    ("clean", "checks"),
    [
        ([], set()),
        ([("monterrey", "p1", 40_001.0)], {"clean"}),
        ([("monterrey", "p1", 39_000.0), ("monterrey", "p1", 2_000.0)], {"clean"}),
        ([("memphis", "p2", 1.0)], {"clean"}),
        ([("monterrey", "p1", -1.0)], {"numbers"}),
    ],
)
def test_clean_power(clean: list[tuple[object, ...]], checks: set[str]) -> None:
    assert failed(clean=clean) == checks


def test_clean_power_that_is_no_number() -> None:
    assert failed(clean=[("monterrey", "p1", np.nan)]) >= {"numbers", "ledger_cost", "ledger_emissions"}


def test_clean_power_of_a_plant_that_stands_still() -> None:
    rows = {name: RIGHT[name][1:] for name in ("openings", "production", "shipments")}
    rows["openings"] = [("monterrey", "cell", "works", "p2"), ("memphis", "cell", "works", "p2")]
    assert failed(**rows, unmet=[("east", "cell", "p1", 1e6)]) == {"clean"}


@pytest.mark.parametrize(("available", "checks"), [(250.0, set()), (249.0, {"labor_pool"})])
def test_more_people_work_than_can_be_hired(available: float, checks: set[str]) -> None:
    # Two plants of 100 fixed positions, and 0.05 h a unit over 2,000 h: 25 each.
    study = limited()
    pools = study.labor_pools.assign(available_fte=available)
    assert failed(study.with_table("labor_pools", pools)) == checks


def test_staff_of_another_pool_does_not_count() -> None:
    study = limited()
    pools = pd.DataFrame({"pool": ["south", "north"], "available_fte": [125.0, 125.0]})
    tables = {**study.tables, "labor_pools": pools, "sites": study.sites.assign(labor_pool=["south", "north"])}
    assert failed(Study.from_tables(study.settings, tables)) == set()


@pytest.mark.parametrize(
    ("table", "rows", "checks"),
    [
        ("upgrades", [("memphis", "feeder", "p2"), ("memphis", "dam", "p2")], {"upgrade"}),
        ("upgrades", [("memphis", "feeder", "p2"), ("monterrey", "line", "p2")], {"upgrade"}),  # no limit, no step
        ("upgrades", [("memphis", "feeder", "p9")], {"upgrade", "grid", "ledger_cost", "total_cost", "objective"}),
        ("upgrades", [], {"grid", "ledger_cost", "total_cost", "objective"}),
        ("clean", [*RIGHT["clean"], ("nowhere", "p2", 1.0)], {"clean"}),
        ("clean", [*RIGHT["clean"], ("monterrey", "p9", 1.0)], {"clean"}),
        ("clean", [], {"ledger_cost", "ledger_emissions", "total_cost", "total_emissions", "objective"}),
    ],
)
def test_a_table_is_changed_after_the_ledgers_were_written(
    table: str, rows: list[tuple[object, ...]], checks: set[str]
) -> None:
    plan = plan_of(limited())
    other = pd.DataFrame(rows, columns=list(DECISIONS[table].columns))
    assert set(certify(limited(), replace(plan, decisions={**plan.decisions, table: other})).failed) == checks


@pytest.mark.parametrize(
    ("table", "column", "checks"),
    [
        ("sites", "clean_premium_usd_per_mwh", {"ledger_cost"}),
        ("sites", "grid_factor_kg_per_kwh", {"ledger_emissions"}),
        ("sites", "connectable_mw", {"grid"}),
        ("grid_upgrades", "capacity_mw", {"grid"}),
        ("grid_upgrades", "capex_usd", {"ledger_cost"}),
        ("labor_pools", "available_fte", {"labor_pool"}),
    ],
)
def test_the_study_is_changed_after_the_solve(table: str, column: str, checks: set[str]) -> None:
    study = limited()
    frame = study.table(table)
    changed = study.with_table(table, frame.assign(**{column: frame[column] * 0.5}))
    assert set(certify(changed, plan_of(study)).failed) >= {"digest", *checks}
