"""Content is bounded by what the goods declared hold, input by input: plans by hand, and plans that claim more."""

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
from tests.pool_studies import Good, Sales, Seller, levy, pool_study

SEDAN: Good = ("sedan", 40_000.0, {"pack": 1.0, "motor": 2.0})
SUV: Good = ("suv", 60_000.0, {"pack": 2.0})
PACKS: tuple[Seller, ...] = (("us_pack", "US", "pack", 9_000.0, None), ("kr_pack", "KR", "pack", 8_000.0, None))
MOTORS: tuple[Seller, ...] = (("us_motor", "US", "motor", 2_500.0, None), ("mx_motor", "MX", "motor", 2_000.0, None))
SALES: Sales = {("sedan", "new_york"): 20e3, ("sedan", "mexico_city"): 60e3}


def rules(**other: float) -> pd.DataFrame:
    """Return rules of origin that all goods keep, with other content of a unit."""
    columns = {"rvc": 0.0, "net_cost_usd_per_unit": None, "lvc": None, "core_parts": None}
    frame = pd.DataFrame({"product": list(other), "other_content_usd_per_unit": list(other.values())})
    return frame.assign(**columns).astype({"net_cost_usd_per_unit": "float64", "lvc": "float64", "core_parts": "str"})


def study(
    goods: tuple[Good, ...] = (SEDAN,),
    sellers: tuple[Seller, ...] = (*PACKS, *MOTORS),
    sales: Sales = SALES,
    **tables: pd.DataFrame,
) -> Study:
    """Return a plant in Monterrey whose vehicles pay 25 % in the United States on what is not US content."""
    law = levy(*((name, "MX", "US", "232", 0.25, "content") for name, _, _ in goods))
    return pool_study(goods, sellers, sales, duties=law, **tables)


def solved(given: Study) -> Plan:
    """Return the plan of least cost; it is proven, certified, and what trying every choice finds."""
    plan = ev.solve(given, gap=0.0)
    ev.certify(given, plan).raise_if_failed()
    best = best_plan(given)
    assert best is not None
    assert plan.solve.objective == pytest.approx(best.value, rel=1e-9)
    return plan


def declared(plan: Plan) -> dict[str, float]:
    """Return content by product, in million USD."""
    rows = plan.decisions["contents"]
    return {p: pytest.approx(usd / 1e6) for p, usd in zip(rows["product"], rows["usd_per_yr"], strict=True)}


def bought(plan: Plan) -> dict[str, float]:
    """Return what each supplier sells."""
    return plan.shipments.groupby("origin")["units_per_yr"].sum().drop("monterrey").to_dict()


def broken(given: Study, plan: Plan, **usd: float) -> bool:
    """Say whether the certificate refuses a plan with the content of products changed."""
    rows = plan.decisions["contents"]
    rows = rows.assign(usd_per_yr=[usd.get(p, v) for p, v in zip(rows["product"], rows["usd_per_yr"], strict=True)])
    claimed = replace(plan, decisions={**plan.decisions, "contents": rows})
    return any(bool((part.broken > 1e-6).any()) for part in RULES["content"](Examination(given, claimed)))


def test_units_hold_their_own_parts_and_not_those_of_units_sold_elsewhere() -> None:
    # A US pack costs 1,000 more and saves 25 % of 9,000 = 2,250 in a vehicle for New York, nothing in one for Mexico;
    # two US motors cost 1,000 more and save 1,250. So 20,000 vehicles hold 9,000 + 5,000 + 1,500 each.
    given = study(origin_rules=rules(sedan=1_500.0))
    plan = solved(given)
    assert declared(plan) == {"sedan": 20e3 * 15_500 / 1e6}
    assert bought(plan) == pytest.approx({"us_pack": 20e3, "kr_pack": 60e3, "us_motor": 40e3, "mx_motor": 120e3})
    cost = 20e3 * (9_000 + 5_000) + 60e3 * (8_000 + 4_000) + 0.25 * 20e3 * (40_000 - 15_500)
    assert plan.solve.objective == pytest.approx(cost)


def test_a_foreign_input_leaves_no_room_for_more_of_another() -> None:
    # No motor is made in the United States: vehicles for New York hold a US pack and nothing else.
    given = study(sellers=(*PACKS, MOTORS[1]))
    plan = solved(given)
    assert declared(plan) == {"sedan": 180.0}
    assert bought(plan)["us_pack"] == pytest.approx(20e3)


def test_a_plan_that_pools_parts_of_units_sold_elsewhere_fails() -> None:
    # All 80,000 packs from the United States: worth 720 million, of which 20,000 vehicles hold 180 million.
    dear = (("us_pack", "US", "pack", 9_000.0, None), MOTORS[1])
    given = study(sellers=dear)
    plan = solved(given)
    assert declared(plan) == {"sedan": 180.0}
    assert not broken(given, plan)
    assert broken(given, plan, sedan=180.1e6)
    assert broken(given, plan, sedan=720e6)


def test_products_that_share_an_input_do_not_both_hold_it() -> None:
    # 25,000 US packs can be had; 20,000 sedans have room for one each and 10,000 SUV for two: 225 million in all.
    few = (("us_pack", "US", "pack", 9_000.0, 25e3), PACKS[1], MOTORS[1])
    sales = {("sedan", "new_york"): 20e3, ("suv", "new_york"): 10e3, ("suv", "mexico_city"): 5e3}
    given = study((SEDAN, SUV), few, sales)
    plan = solved(given)
    content = plan.decisions["contents"].set_index("product")["usd_per_yr"]
    assert content.sum() == pytest.approx(225e6)
    most = {"sedan": 180e6, "suv": 180e6}
    assert (content <= pd.Series(most) * (1 + 1e-9)).all()
    assert broken(given, plan, **most)
    assert not broken(given, plan, sedan=100e6, suv=125e6)
    assert broken(given, plan, sedan=100e6, suv=126e6)
    assert broken(given, plan, sedan=181e6, suv=1e6)


def test_of_several_prices_each_unit_counts_with_its_own() -> None:
    # 5,000 packs at 12,000 and the others at 9,000: a vehicle does not hold the dear one's value of the cheap one.
    two = (("us_dear", "US", "pack", 12_000.0, 5e3), PACKS[0], MOTORS[1])
    commitments = pd.DataFrame(
        {"commitment": ["promised"], "product": ["pack"], "origin": ["us_dear"], "at_least": [5e3]}
    )
    given = study(sellers=two, commitments=commitments)
    plan = solved(given)
    assert declared(plan) == {"sedan": (5e3 * 12_000 + 15e3 * 9_000) / 1e6}
    assert broken(given, plan, sedan=20e3 * 12_000)


def test_content_is_no_more_than_the_value_of_the_units() -> None:
    # Parts of 16,000 and 30,000 of other content in a vehicle of 40,000.
    given = study(sellers=(PACKS[0], MOTORS[0]), origin_rules=rules(sedan=30_000.0))
    plan = solved(given)
    assert declared(plan) == {"sedan": 800.0}
    assert broken(given, plan, sedan=801e6)
