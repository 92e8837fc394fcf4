"""High-wage material counts for the product that takes it: one plant, two products that share an input, by hand."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import evsiting as ev
from evsiting.model.build import build
from evsiting.results.plan import Plan
from evsiting.results.rules.case import Examination
from evsiting.results.rules.trade import RULES
from evsiting.study.study import Study
from tests.brute_force import best_plan
from tests.pool_studies import Good, levy, pool_study

SEDAN: Good = ("sedan", 40_000.0, {"pack": 1.0})
SUV: Good = ("suv", 40_000.0, {"pack": 1.0})


def study(*, us_packs: float, lvc: tuple[tuple[str, float], ...]) -> Study:
    """Return a plant in Monterrey that sells in New York, with packs of 9,000 from the United States or from Mexico."""
    law = levy(*((p, "MX", "US", "MFN", 0.1, "free") for p, _ in lvc))
    rules = pd.DataFrame({"product": [p for p, _ in lvc], "rvc": 0.0, "lvc": [share for _, share in lvc]})
    sellers = (("us_pack", "US", "pack", 9_000.0, us_packs), ("mx_pack", "MX", "pack", 8_900.0, None))
    sales = {("sedan", "new_york"): 10e3, ("suv", "new_york"): 90e3}
    return pool_study((SEDAN, SUV), sellers, sales, duties=law, origin_rules=rules)


def solved(given: Study) -> Plan:
    """Return the plan of least cost; it is certified, and what trying every choice finds."""
    plan = ev.solve(given, gap=0.0)
    ev.certify(given, plan).raise_if_failed()
    best = best_plan(given)
    assert best is not None
    assert plan.solve.objective == pytest.approx(best.value, rel=1e-9)
    return plan


def test_what_goes_into_another_product_does_not_count() -> None:
    # A sedan needs 25 % of 40,000 = 10,000 of high-wage value, and holds one pack of 9,000, however many packs go into
    # the 90,000 SUV beside it.
    given = study(us_packs=100e3, lvc=(("sedan", 0.25),))
    plan = solved(given)
    assert plan.decisions["qualified"].empty
    claim = pd.DataFrame({"site": ["monterrey"], "product": ["sedan"], "period": ["t1"]})
    bought = plan.shipments["origin"].replace("mx_pack", "us_pack")
    claimed = replace(
        plan, shipments=plan.shipments.assign(origin=bought), decisions={**plan.decisions, "qualified": claim}
    )
    (found,) = RULES["labor_value"](Examination(given, claimed))
    assert found.rows is not None
    assert found.rows[["found", "allowed"]].to_numpy().tolist() == [[90e6, 100e6]]


def test_what_counts_for_one_does_not_count_for_another() -> None:
    # Each needs 22.5 % = 9,000, a pack from the United States; 90,000 of them are enough for the SUV alone.
    given = study(us_packs=90e3, lvc=(("sedan", 0.225), ("suv", 0.225)))
    plan = solved(given)
    assert plan.decisions["qualified"]["product"].tolist() == ["suv"]
    claim = pd.concat([plan.decisions["qualified"], plan.decisions["qualified"].assign(product="sedan")])
    (found,) = RULES["labor_value"](Examination(given, replace(plan, decisions={**plan.decisions, "qualified": claim})))
    assert found.rows is not None
    assert dict(zip(found.rows["product"], found.broken > 1e-6, strict=True)) == {
        "sedan": False,
        "suv": False,
        "sedan + suv": True,
    }


def test_there_is_no_row_where_one_product_takes_all() -> None:
    given = study(us_packs=100e3, lvc=(("sedan", 0.2),))
    lines = list(build(given).milp.lines("labor_value"))
    sent = "ship[pack,us_pack,monterrey,road,t1]"
    assert [line.split(":")[0] for line in lines if "takes" in line] == [
        "labor_value[monterrey,sedan,pack,t1,takes]"  # packs from Mexico are not paid for at high wages
    ]
    assert any(sent in line for line in lines)
    law = {"duties": given.duties, "origin_rules": given.origin_rules}
    sellers = [("us_pack", "US", "pack", 9_000.0, None), ("mx_pack", "MX", "pack", 8_900.0, None)]
    alone = build(pool_study((SEDAN,), sellers, {("sedan", "new_york"): 10e3}, **law))
    assert alone.milp.count("paid") == 0
    assert len(list(alone.milp.lines("labor_value"))) == 1
