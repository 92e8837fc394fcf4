"""The certificate names what is wrong with origin, content, quotas and offsets; and the ledger of customs by hand."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pandas as pd
import pytest

from evsiting.results.assemble import plan_from_tables
from evsiting.results.certificate import certify
from evsiting.results.plan import Plan, Solve, Status
from evsiting.results.rules.case import Examination
from evsiting.results.rules.trade import RULES
from evsiting.study.schema.plan_tables import DECISIONS
from evsiting.study.study import Study
from tests.trade_studies import trade_study

Rows = list[tuple[object, ...]]

#: Memphis makes 60,000 packs for the vehicles of Monterrey, of its own cells and a million kWh from Busan within the
#: quota: they qualify, and so do the vehicles, which pay on what is not US content, 15,000 of them within a quota.
#: Monterrey makes 40,000 packs for the vehicles of Memphis, of cells from Busan: they pay, and Memphis offsets a part.
RIGHT: dict[str, Rows] = {
    "openings": [
        ("memphis", "cell", "large", "p1"),
        ("memphis", "pack", "line", "p1"),
        ("memphis", "assembly", "small", "p1"),
        ("monterrey", "pack", "line", "p1"),
        ("monterrey", "assembly", "small", "p1"),
    ],
    "production": [
        ("memphis", "cell", "cell", "p1", 3.5e6),
        ("memphis", "pack", "pack", "p1", 60e3),
        ("monterrey", "pack", "pack", "p1", 40e3),
        ("memphis", "assembly", "vehicle", "p1", 40e3),
        ("monterrey", "assembly", "vehicle", "p1", 60e3),
    ],
    "shipments": [
        ("cell", "memphis", "memphis", "on_site", "p1", 3.5e6),
        ("cell", "busan", "memphis", "sea", "p1", 1e6),
        ("cell", "busan", "monterrey", "sea", "p1", 3e6),
        ("pack", "memphis", "monterrey", "road", "p1", 60e3),
        ("pack", "monterrey", "memphis", "road", "p1", 40e3),
        ("vehicle", "monterrey", "east", "rail", "p1", 60e3),
        ("vehicle", "memphis", "west", "rail", "p1", 40e3),
    ],
    "qualified": [("memphis", "pack", "p1"), ("monterrey", "vehicle", "p1")],
    "originating": [("pack", "memphis", "monterrey", "p1", 60e3)],
    "preferences": [("monterrey", "vehicle", "US", "p1", 45e3)],
    "contents": [("monterrey", "vehicle", "US", "p1", 495e6)],
    "in_quota": [("Korean cells", "busan", "p1", 1e6), ("Mexican vehicles", "monterrey", "p1", 15e3)],
    "offsets": [("memphis", "vehicle", "parts", "p1", 60e6)],
}


@cache
def study() -> Study:
    """Return the study, made once."""
    return trade_study()


def plan_of(given: Study | None = None, **changes: Rows) -> Plan:
    """Return the plan with some tables changed, whose ledgers and objective agree with them."""
    tables = {
        name: pd.DataFrame(rows, columns=list(DECISIONS[name].columns)) for name, rows in {**RIGHT, **changes}.items()
    }
    plan = plan_from_tables(given or study(), tables, Solve(Status.OPTIMAL, "cost", 0.0, 0.0, gap_asked=0.001))
    value = plan.totals["cost"]
    return replace(plan, solve=replace(plan.solve, objective=value, bound=value))


def failed(given: Study | None = None, **changes: Rows) -> set[str]:
    """Return the checks of customs that fail."""
    case = Examination(given or study(), plan_of(given, **changes))
    return {name for name, rule in RULES.items() if any((part.broken > 1e-6).any() for part in rule(case))}


def changed(table: str, row: int, *, value: object, at: int = -1) -> dict[str, Rows]:
    """Return a table of the right plan with one cell changed."""
    rows = [list(r) for r in RIGHT[table]]
    rows[row][at] = value
    return {table: [tuple(r) for r in rows]}


def test_the_right_plan_passes() -> None:
    assert certify(study(), plan_of()).failed == ()
    assert certify(study(), plan_of(**changed("contents", 0, value=496e6))).failed == ("content",)


def test_duty_and_what_is_spared_by_hand() -> None:
    # Ten years, not discounted. Vehicles: 60,000 x 38,000 x (2.5 % + 25 %), and 950 of the lane's own; packs: 40,000 x
    # 9,000 x 25 %; cells: 1 million x 90 x 10 % and 3 of the lane's own, 3 million x 90 x 5 %.
    duty = {"MFN": 57e6 + 13.5e6, "232": 570e6, "parts": 90e6 + 9e6, "": 57e6 + 3e6}
    # Spared: 45,000 x 38,000 x 2.5 %; 25 % of the content; 15,000 x 38,000 x 15 % within the quota of 10 %;
    # 1 million x 90 x 8 % within the quota of 2 %; 40,000 x 1,500 offset.
    relief = {"MFN": -42.75e6, "232": -123.75e6 - 85.5e6, "parts": -7.2e6 - 60e6}
    ledger = plan_of().ledgers["cost"]
    for item, lines in (("duty", duty), ("duty relief", relief)):
        found = ledger[ledger["item"] == item].groupby("program")["value"].sum()
        assert found.to_dict() == pytest.approx({name: 10.0 * usd for name, usd in lines.items()})


@pytest.mark.parametrize(
    ("table", "row", "value", "checks"),
    [
        ("originating", 0, 60e3 + 1, {"originating"}),
        ("originating", 0, 60e3 - 1, {"core_parts"}),
        ("originating", 0, 20e3, {"core_parts", "origin"}),  # 40,000 x 9,000 + 4,000 x 60,000 of 9,000 x 60,000
        ("preferences", 0, 60e3, {"quota"}),  # those within the quota are spared the same measure
        ("preferences", 0, 60e3 + 1, {"preference", "quota"}),
        ("preferences", 0, 44e3, {"content"}),  # 44,000 x 11,000 = 484 million
        ("contents", 0, 496e6, {"content"}),  # 9,000 for the pack and 2,000 for what is not modelled, 45,000 times
        ("contents", 0, 660e6, {"content"}),  # what is bought for all 60,000, those within the quota with them
        ("in_quota", 0, 1e6 + 10, {"quota"}),
        ("in_quota", 1, 15e3 + 1, {"quota"}),
        ("offsets", 0, 61e6, {"offset"}),
    ],
)
def test_amounts(table: str, row: int, value: float, checks: set[str]) -> None:
    assert failed(**changed(table, row, value=value)) == checks


@pytest.mark.parametrize(
    ("qualified", "checks"),
    [
        ([("monterrey", "vehicle", "p1")], {"originating"}),  # packs of Memphis are not said to qualify
        ([("memphis", "pack", "p1")], {"preference"}),
        # Packs of Monterrey hold 6,750 + 500 of foreign material of 3,600; what qualifies is not offset either.
        ([*RIGHT["qualified"], ("monterrey", "pack", "p1")], {"origin", "offset"}),
        # Vehicles of Memphis hold foreign packs, made at low wages.
        ([*RIGHT["qualified"], ("memphis", "vehicle", "p1")], {"origin", "core_parts", "labor_value"}),
        ([*RIGHT["qualified"], ("memphis", "cell", "p1")], {"origin"}),  # there is no rule for cells
        ([*RIGHT["qualified"], ("monterrey", "vehicle", "p1")], {"origin"}),
    ],
)
def test_what_is_called_qualified(qualified: Rows, checks: set[str]) -> None:
    assert failed(qualified=qualified) == checks


def test_high_wage_value_falls_with_the_wage_of_memphis() -> None:
    sites = study().sites
    sites["wage_usd_per_h"] = sites["wage_usd_per_h"].clip(upper=15.0)
    assert failed(study().with_table("sites", sites)) == {"labor_value"}


def test_work_at_high_wages_counts_where_it_is_done() -> None:
    # At 20 USD/h and a burden of 50 %, 20 hours are 600 of high-wage value: 9,000 + 6,000 + 600 of 43 % x 36,000.
    rules = study().origin_rules
    rules["lvc"] = rules["lvc"].where(rules["lvc"].isna(), 0.43)
    given = study().with_table("origin_rules", rules)
    assert failed(given) == {"labor_value"}
    sites = given.sites
    sites.loc[sites["site"] == "monterrey", "wage_usd_per_h"] = 20.0
    assert failed(given.with_table("sites", sites)) == set()


@pytest.mark.parametrize(
    ("table", "at", "value", "checks"),
    [
        ("preferences", 0, "memphis", {"preference"}),
        ("preferences", 2, "CA", {"preference", "content"}),
        ("originating", 1, "windsor", {"originating"}),
        ("contents", 2, "MX", {"content"}),
        ("in_quota", 0, "no such quota", {"quota"}),
        ("in_quota", 1, "windsor", {"quota"}),
        ("offsets", 0, "monterrey", {"offset"}),
        ("offsets", 2, "MFN", {"offset"}),
    ],
)
def test_names(table: str, at: int, value: str, checks: set[str]) -> None:
    assert checks <= failed(**changed(table, 0, value=value, at=at))


def test_a_quota_in_force_for_half_the_years_lets_in_half() -> None:
    quotas = study().quotas
    quotas.loc[quotas["quota"] == "Korean cells", "last_year"] = 2031
    given = study().with_table("quotas", quotas)
    assert failed(given) == {"quota"}
    assert failed(given, **changed("in_quota", 0, value=5e5)) == set()
    # No more than half of what is sent may be within it either.
    quotas.loc[quotas["quota"] == "Korean cells", "units_per_yr"] = 4e6
    assert failed(given.with_table("quotas", quotas), **changed("in_quota", 0, value=5e5 + 1)) == {"quota"}
