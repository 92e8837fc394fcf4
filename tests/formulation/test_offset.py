"""A maker offsets duty on what is in its product, not on parts of what it sells beside it: plans by hand."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import evsiting as ev
from evsiting.results.plan import Plan
from evsiting.results.rules.case import Examination
from evsiting.results.rules.trade import RULES
from evsiting.study.study import Study
from tests.brute_force import best_plan
from tests.pool_studies import Good, Sales, levy, pool_study

SEDAN: Good = ("sedan", 40_000.0, {"pack": 1.0})
SUV: Good = ("suv", 60_000.0, {"pack": 2.0})
PACK: Good = ("pack", 9_000.0, {"cell": 50.0})
RATES = {"pack": 0.25, "cell": 0.2}


def offers(**usd: float) -> pd.DataFrame:
    """Return what a unit of each product made in the United States offsets of the duty on parts. [USD]"""
    rows = [("US", product, "parts", 1.0, value) for product, value in usd.items()]
    frame = pd.DataFrame(rows, columns=["destination", "product", "measure", "share", "value_usd_per_unit"])
    return frame.assign(first_year=2027, last_year=2027)


def solved(goods: tuple[Good, ...], sales: Sales, **usd: float) -> tuple[Study, Plan]:
    """Return a plant in Memphis that buys in Korea, and its best plan, certified and as brute force finds it."""
    part, price = ("cell", 60.0) if PACK in goods else ("pack", 8_000.0)
    law = levy(*((p, "KR", "US", "parts", RATES[p], "none") for p in dict.fromkeys(("pack", part))))
    sellers = [("busan", "KR", part, price, None)]
    given = pool_study(goods, sellers, sales, site="memphis", duties=law, duty_offsets=offers(**usd))
    plan = ev.solve(given, gap=0.0)
    ev.certify(given, plan).raise_if_failed()
    best = best_plan(given)
    assert best is not None
    assert plan.solve.objective == pytest.approx(best.value, rel=1e-9)
    return given, plan


def offset(plan: Plan) -> float:
    """Return the duty that is offset, in million USD."""
    return float(plan.decisions["offsets"]["usd_per_yr"].sum()) / 1e6


def broken(given: Study, plan: Plan, **usd: float) -> bool:
    """Say whether the certificate refuses a plan that offsets so much, by product."""
    claims = [("memphis", product, "parts", "t1", value) for product, value in usd.items()]
    rows = pd.DataFrame(claims, columns=plan.decisions["offsets"].columns)
    found = RULES["offset"](Examination(given, replace(plan, decisions={**plan.decisions, "offsets": rows})))
    return any(bool((part.broken > 1e-6).any()) for part in found)


def test_duty_on_parts_of_what_earns_nothing_is_not_offset() -> None:
    # A sedan earns 5,000 and holds a pack that pays 2,000; the packs of the SUV beside it pay 4,000 a vehicle.
    given, plan = solved((SEDAN, SUV), {("sedan", "new_york"): 1e3, ("suv", "new_york"): 9e3}, sedan=5_000.0)
    assert offset(plan) == pytest.approx(2.0)
    assert not broken(given, plan, sedan=2e6)
    assert broken(given, plan, sedan=2.1e6)
    assert broken(given, plan, sedan=5e6)


def test_each_product_offsets_the_duty_on_its_own_parts() -> None:
    # A sedan earns 5,000 on 2,000, an SUV 1,000 on 4,000.
    sales = {("sedan", "new_york"): 1e3, ("suv", "new_york"): 9e3}
    given, plan = solved((SEDAN, SUV), sales, sedan=5_000.0, suv=1_000.0)
    assert offset(plan) == pytest.approx(2.0 + 9.0)
    assert not broken(given, plan, sedan=2e6, suv=9e6)
    assert broken(given, plan, sedan=3e6, suv=8e6)


def test_parts_of_a_part_count_where_the_site_makes_it_and_uses_it() -> None:
    # Fifty cells pay 12 each, 600 a pack. 1,000 of 5,000 packs go into sedans here, the others to Los Angeles.
    sales = {("sedan", "new_york"): 1e3, ("pack", "los_angeles"): 4e3}
    given, plan = solved((SEDAN, PACK), sales, sedan=5_000.0)
    assert offset(plan) == pytest.approx(0.6)
    assert not broken(given, plan, sedan=0.6e6)
    assert broken(given, plan, sedan=0.61e6)
    assert broken(given, plan, sedan=3e6)


def test_a_part_in_two_goods_that_earn_is_offset_once() -> None:
    # Packs earn the 600 that their cells pay and sedans 500 of the same, but 5,000 packs pay 3 million and no more.
    sales = {("sedan", "new_york"): 1e3, ("pack", "los_angeles"): 4e3}
    given, plan = solved((SEDAN, PACK), sales, sedan=500.0, pack=600.0)
    assert offset(plan) == pytest.approx(3.0)
    assert not broken(given, plan, sedan=0.5e6, pack=2.5e6)
    assert broken(given, plan, sedan=0.5e6, pack=2.6e6)
    assert broken(given, plan, sedan=0.5e6, pack=3e6)
