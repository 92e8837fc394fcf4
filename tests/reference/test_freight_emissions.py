"""Emissions of transport as objective, ceiling, limit, weight and axis, against brute force and the ledger."""

from __future__ import annotations

import pandas as pd
import pytest

import evsiting as ev
from evsiting.model.build import build
from evsiting.study.study import Study
from tests.brute_force import best_plan
from tests.limit_studies import with_limits
from tests.random_studies import random_study
from tests.reference.test_brute_force import least, near

SEEDS = [pytest.param(seed, marks=pytest.mark.slow if seed >= 6 else ()) for seed in range(100)]


def adds_up(study: Study, plan: ev.Plan) -> None:
    """Check the total against the lanes of shipments and against its part of all emissions."""
    years = study.periods.set_index("period")["years"]
    key = ["product", "origin", "destination", "mode"]
    rows = plan.shipments.merge(study.lanes[[*key, "emissions_kg_per_unit"]], on=key)
    tonnes = rows["emissions_kg_per_unit"] * rows["units_per_yr"] * rows["period"].map(years).astype(float) / 1e3
    assert plan.totals["freight_emissions"] == pytest.approx(tonnes.sum(), rel=1e-9, abs=1e-9)
    ledger = plan.ledgers["emissions"]
    part = ledger[ledger["item"] == "freight"].reset_index(drop=True)
    pd.testing.assert_frame_equal(plan.ledgers["freight_emissions"], part)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_least_is_what_brute_force_finds(seed: int) -> None:
    study = random_study(seed)
    best = best_plan(study, "freight_emissions")
    assert best is not None
    assert least(study, "freight_emissions") == near(best.value)


@pytest.mark.parametrize("seed", [pytest.param(s, marks=pytest.mark.slow if s >= 3 else ()) for s in range(20)])
def test_each_point_of_a_front_is_what_brute_force_finds_under_its_ceiling(seed: int) -> None:
    study = random_study(seed)
    front = ev.pareto(study, "cost", "freight_emissions", points=3, gap=0.0, threads=1, end_slack=0.0, verify=False)
    for plan in front.plans:
        adds_up(study, plan)
        ceiling = max(plan.solve.caps.get("freight_emissions", 0.0), plan.totals["freight_emissions"]) * (1 + 1e-9)
        limited = with_limits(study, {"kind": "freight_emissions", "at_most": ceiling}, checked=False)
        best = best_plan(limited, "cost")
        assert best is not None
        assert plan.totals["cost"] == pytest.approx(best.value, rel=1e-5)
        assert least(limited, "cost") == pytest.approx(best.value, rel=1e-6)


def test_a_weight_is_a_price_of_each_tonne() -> None:
    study = random_study(1)
    weights = {"cost": 1.0, "freight_emissions": 500.0}
    best = best_plan(study, weights)
    assert best is not None
    plan = ev.solve(study, objective=weights, gap=0.0, threads=1)
    assert plan.solve.objective == near(best.value)
    assert plan.totals["cost"] + 500.0 * plan.totals["freight_emissions"] == near(best.value)


@pytest.mark.slow
def test_ten_cities_at_the_least_and_along_a_front_of_cost() -> None:
    study = ev.complete(ev.example("ten-cities"))
    least_plan = ev.solve(study, objective="freight_emissions", gap=1e-4)
    adds_up(study, least_plan)
    front = ev.weighted_sum(study, "cost", "freight_emissions", prices=[300.0, 5_000.0], gap=0.01)
    totals = front.table["freight_emissions"]
    assert totals.is_monotonic_decreasing
    assert (totals >= least_plan.solve.bound * (1 - 1e-9)).all()
    assert totals.iloc[-1] < totals.iloc[0]


def test_it_is_an_objective_apart_in_the_program() -> None:
    milp = build(random_study(0)).milp
    own, whole = milp.objectives["freight_emissions"], milp.objectives["emissions"]
    ship = next(block for block in milp.column_blocks if block.family == "ship")
    assert not own.coefficients[: ship.start].any()
    assert not own.coefficients[ship.stop :].any()
    assert (own.coefficients <= whole.coefficients + 1e-12)[ship.start : ship.stop].all()
    assert own.constant == 0.0
