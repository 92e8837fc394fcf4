"""Quotas of some years of a period: no unit is spared a duty twice in any of them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import evsiting as ev
from evsiting.model.build import build
from evsiting.results.rules.case import Examination
from evsiting.results.rules.trade import RULES
from evsiting.study.study import Study
from tests.brute_force import best_plan
from tests.pool_studies import levy, pool_study

YEARS = pd.DataFrame({"period": ["t1"], "start_year": [2027], "years": [4]})


def study(*spans: tuple[int, int], relief: str = "none", most: float = 1e3) -> Study:
    """Return 100 vehicles a year from Monterrey, worth 40,000, on which 25 % are levied; each quota lets in 1,000."""
    rows = [(f"q{k}", "sedan", "MX", "US", "232", most, 0.0, *span) for k, span in enumerate(spans)]
    names = ["quota", "product", "origin", "destination", "measure", "units_per_yr", "rate", "first_year", "last_year"]
    quotas = pd.DataFrame(rows, columns=names)
    law = levy(("sedan", "MX", "US", "232", 0.25, relief))
    goods = [("sedan", 40_000.0, {"pack": 1.0})]
    sellers = [("us_pack", "US", "pack", 8_000.0, None)]
    sales = {("sedan", "new_york"): 100.0}
    return pool_study(goods, sellers, sales, duties=law, quotas=quotas, periods=YEARS)


def duty(given: Study) -> float:
    """Return the duty that the best plan pays, undiscounted; it is certified, and what trying every choice finds."""
    plan = ev.solve(given, gap=0.0)
    ev.certify(given, plan).raise_if_failed()
    best = best_plan(given)
    assert best is not None
    assert plan.solve.objective == pytest.approx(best.value, rel=1e-9)
    return plan.solve.objective - 4 * 100 * 8_000


@pytest.mark.parametrize(
    ("spans", "years"),
    [
        ([(2027, 2028)], 2.0),
        ([(2027, 2028), (2027, 2028)], 2.0),
        ([(2027, 2028), (2028, 2029)], 2.0),  # both are in force in 2028: x and 100 - x units a year enter
        ([(2027, 2028), (2029, 2030)], 0.0),
    ],
)
def test_quotas_of_the_same_years_spare_no_unit_twice(spans: list[tuple[int, int]], years: float) -> None:
    assert duty(study(*spans)) == pytest.approx(years * 100 * 10_000)


def test_what_enters_within_a_quota_is_not_content_in_the_same_year() -> None:
    # A unit holds 8,000 of US content, which saves 2,000 a year in four years. Within the quota it saves 10,000 in two,
    # but it is not declared then, and so in no year.
    assert duty(study((2027, 2028), relief="content")) == pytest.approx(2e6)
    lines = build(study((2027, 2028), relief="content")).milp.lines("quota")
    row = next(line for line in lines if "preferences" in line)
    assert "preferences[monterrey,sedan,US,t1] + 2 in_quota[q0,monterrey,t1] <= 0" in row


def test_a_plan_that_spares_a_year_twice_fails() -> None:
    given = study((2027, 2028), (2027, 2028), relief="content")
    plan = ev.solve(given, gap=0.0)

    def failed(first: float, second: float, declared: float) -> bool:
        quotas = pd.DataFrame(
            [("q0", "monterrey", "t1", first), ("q1", "monterrey", "t1", second)],
            columns=["quota", "origin", "period", "units_per_yr"],
        )
        units = pd.DataFrame(
            [("monterrey", "sedan", "US", "t1", declared)],
            columns=["site", "product", "destination", "period", "units_per_yr"],
        )
        decisions = {**plan.decisions, "in_quota": quotas, "preferences": units}
        found = RULES["quota"](Examination(given, replace(plan, decisions=decisions)))
        return any(bool((part.broken > 1e-6).any()) for part in found)

    assert not failed(25.0, 25.0, 0.0)
    assert failed(25.0, 26.0, 0.0)
    assert failed(50.0, 50.0, 0.0)  # each within half of what is sent, all of it together
    assert not failed(20.0, 0.0, 60.0)  # in two years 40 a year within the quota, and 60 declared
    assert failed(20.0, 0.0, 61.0)
    assert failed(50.0, 0.0, 50.0)
