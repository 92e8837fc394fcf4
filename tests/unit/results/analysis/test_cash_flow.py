"""Cash flow: years, residual value and present values that add up to the ledger, with and without discounting."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import evsiting as ev
from evsiting.errors import InputError
from evsiting.results.analysis.cash_flow import cash_flow, timing, yearly_cash_flow
from tests.plans import OPENINGS, PRODUCTION, SHIPMENTS, plan_of, tiny_plan
from tests.studies import two_plant_study


def test_investment_is_paid_the_year_before_and_what_is_left_comes_back_at_the_end() -> None:
    study, plan = tiny_plan()
    flow = cash_flow(study, plan)
    assert flow.index.tolist() == list(range(2026, 2037))
    # the starting grant of 10 % on cells is paid like the investment, and half of a life of twenty years is left
    invested = 600e6 + 100e6 + 1_000e6
    assert flow.loc[2026, "capital"] == pytest.approx(invested)
    assert flow.loc[2026, "credits"] == pytest.approx(-60e6)
    assert flow.loc[2036, "residual value"] == pytest.approx(-(invested - 60e6) / 2)
    assert (flow.loc[2027:, "capital"] == 0.0).all()


def test_present_values_add_up_to_the_ledger_at_any_rate() -> None:
    study, _ = tiny_plan()
    for rate in (0.0, 0.07, 1.0):
        other = study.with_settings(money={"discount_rate": rate})
        plan = plan_of(other, openings=OPENINGS, production=PRODUCTION, shipments=SHIPMENTS)
        flow = yearly_cash_flow(other, plan)
        assert flow["present"].sum() == pytest.approx(plan.totals["cost"], rel=1e-12)
        assert flow["total"].tolist() == pytest.approx(flow.drop(columns=["total", "factor", "present"]).sum(axis=1))
        assert flow["factor"].loc[2026] == 1.0


def test_an_investment_of_the_second_period_is_paid_before_it() -> None:
    study = two_plant_study(periods=2)
    plan = plan_of(study, openings=[("memphis", "pack", "line", "p2")], production=[], shipments=[])
    flow = yearly_cash_flow(study, plan)
    assert flow.loc[2031, "capital"] == pytest.approx(100e6)
    assert flow.loc[2036, "residual value"] == pytest.approx(-75e6)
    assert flow["capital"].sum() == pytest.approx(100e6)


def test_a_plan_without_any_cost_flows_nothing_in_the_years_of_the_study() -> None:
    study, plan = tiny_plan()
    bare = replace(plan, ledgers={**plan.ledgers, "cost": plan.ledgers["cost"].iloc[:0]})
    flow = yearly_cash_flow(study, bare)
    assert flow.index.tolist() == list(range(2027, 2037))
    assert flow["total"].tolist() == [0.0] * 10
    assert flow["present"].sum() == 0.0


def test_each_line_is_paid_when_its_item_says() -> None:
    study, plan = tiny_plan()
    cost = plan.ledgers["cost"]
    when = dict(zip(cost["item"], timing(study, cost), strict=True))
    assert when["capital"] == "start"  # what is left of it is a line of its own in the ledger
    assert when["labor"] == "yearly"
    made_up = pd.DataFrame({"item": ["closing", "clawback", "grid upgrades", "never heard of"], "product": ""})
    made_up = made_up.assign(program="", site="", plant_type="", period="p1")
    assert timing(study, made_up).tolist() == ["start", "end", "invested", "yearly"]
    assert timing(study, made_up.iloc[:0]).tolist() == []


def test_credits_on_building_and_by_the_unit_are_told_apart() -> None:
    study, plan = tiny_plan()
    cost = plan.ledgers["cost"]
    credits = cost[cost["item"] == "credits"].assign(when=timing(study, cost))
    assert dict(zip(credits["program"], credits["when"], strict=True)) == {
        "site grant": "invested",
        "cell credit": "yearly",
    }


def test_a_plan_of_another_study_is_refused() -> None:
    _, plan = tiny_plan()
    with pytest.raises(InputError):
        ev.cash_flow(two_plant_study(periods=2), plan)


def test_no_entry_is_missing_or_no_number() -> None:
    flow = cash_flow(*tiny_plan())
    assert np.isfinite(flow.to_numpy()).all()
