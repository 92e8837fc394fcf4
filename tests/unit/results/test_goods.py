"""What goods cost in every plan: figures by hand, and never more than a plan pays."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import evsiting as ev
from evsiting.results.goods import least_of_goods
from tests.random_studies import random_study

#: What the ledger of cost has of goods: bought, with duty that is paid, or not delivered at a penalty.
GOODS = ("material", "purchases", "duty", "duty relief", "unmet")


def test_the_cheapest_recipe_from_the_cheapest_seller() -> None:
    study = ev.example("starter")
    cell = study.processes.set_index("product")["material_usd_per_unit"]
    bill = study.bill_of_materials.set_index(["product", "input"])["units_per_unit"]
    pack = cell["pack"] + bill["pack", "cell"] * cell["cell"]
    vehicle = cell["vehicle"] + bill["vehicle", "pack"] * pack
    rate = study.settings.money.discount_rate
    first = study.settings.money.base_year
    worth = 0.0
    for row in study.demand.to_dict("records"):
        period = study.periods.set_index("period").loc[row["period"]]
        years = range(int(period["start_year"]), int(period["start_year"]) + int(period["years"]))
        worth += row["units_per_yr"] * sum((1.0 + rate) ** -(year - first) for year in years)
    assert least_of_goods(study)["cost"] == pytest.approx(vehicle * worth, rel=1e-12)


def test_a_penalty_is_cheaper_than_dear_goods() -> None:
    study = ev.example("starter")
    cheap = study.with_table("demand", study.demand.assign(unmet_penalty_usd_per_unit=100.0))
    assert 0.0 < least_of_goods(cheap)["cost"] < 0.01 * least_of_goods(study)["cost"]
    assert least_of_goods(cheap)["emissions"] == 0.0


def test_duty_that_nothing_relieves_counts() -> None:
    study = ev.example("ten-cities")
    free = study.with_table("duties", study.duties.assign(rate=0.0))
    assert least_of_goods(free)["cost"] < least_of_goods(study)["cost"]


@pytest.mark.parametrize("seed", range(4))
def test_no_plan_pays_less_for_goods(seed: int) -> None:
    study = ev.complete(random_study(seed))
    plan = ev.solve(study, verify=False)
    cost = plan.ledgers["cost"]
    paid = float(cost.loc[cost["item"].isin(GOODS), "value"].sum())
    assert plan.solve.goods["cost"] <= paid + 1e-6 * abs(paid)
    embodied = plan.ledgers["emissions"].query("item == 'embodied'")["value"].sum()
    assert plan.solve.goods["emissions"] <= embodied + 1e-6 * abs(embodied)


def test_the_gap_is_told_in_money_and_of_what_siting_can_change(tmp_path: object) -> None:
    study = ev.complete(ev.example("starter"))
    plan = ev.solve(study, gap=0.01, verify=False)
    solve = plan.solve
    assert plan.siting_gap == pytest.approx(solve.absolute_gap / (solve.objective - solve.unavoidable))
    assert plan.siting_gap > 2.0 * plan.gap
    run = ev.write_run(tmp_path / "run", study, plan)  # type: ignore[operator]
    assert all(check.passed for check in ev.certify_run(run).values())
    file = run / "plan.json"
    stated = json.loads(file.read_text(encoding="utf-8"))
    stated["goods"]["cost"] *= 1.1
    file.write_text(json.dumps(stated), encoding="utf-8")
    assert "stated_goods" in ev.certify_run(run)["plan"].failed


def test_nobody_asks_for_goods_where_nothing_is_wanted() -> None:
    study = ev.example("starter")
    none = study.with_table("demand", pd.DataFrame(study.demand).assign(units_per_yr=0.0))
    assert least_of_goods(none) == {"cost": 0.0, "emissions": 0.0}
