"""Prices at one first stage for all futures: a bound above that of waiting and seeing, never above the optimum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evsiting.model.extensive_form import FIRST_STAGE, Extensive, join
from evsiting.model.milp import FloatArray
from evsiting.optimize.engines.base import EngineResult, Limits
from evsiting.optimize.engines.registry import find_engine
from evsiting.optimize.first_stage_prices import FirstStagePrices
from evsiting.optimize.price_bound import price_bound
from evsiting.optimize.scenario_programs import cases, scenario_studies
from evsiting.results.plan import Status
from evsiting.results.record.bound_prices import BoundPrices
from evsiting.study.study import Study
from tests.scenario_studies import random_futures, two_futures

WITHIN = Limits(gap=0.0, time_s=60.0, threads=1)
COST = {"cost": 1.0}


def first_of(form: Extensive) -> int:
    return sum(b.stop - b.start for b in form.milp.column_blocks if b.family in FIRST_STAGE)


def relaxed(form: Extensive) -> list[EngineResult]:
    engine = find_engine("highs")
    plain = [replace(s.program.milp, integer=np.zeros_like(s.program.milp.integer)) for s in form.scenarios]
    return [engine.run(milp, s.aim(COST), WITHIN) for milp, s in zip(plain, form.scenarios, strict=True)]


def bounds(study: Study) -> tuple[float, float, float, list[float]]:
    """Return the linear optimum of all joined, the optimum, the bound of each for itself, and the bounds by rounds."""
    form, engine = join(cases(*scenario_studies(study))), find_engine("highs")
    aim, first = form.milp.combined(COST), first_of(form)
    whole = engine.run(form.milp, aim, WITHIN)
    if whole.status is not Status.OPTIMAL:
        raise LookupError
    linear = engine.run(replace(form.milp, integer=np.zeros_like(form.milp.integer)), aim, WITHIN)
    prices = FirstStagePrices(form, COST, aim.unit, first, engine, {})
    for number, found in enumerate(relaxed(form)):
        prices.learn(number, found.prices, found.columns, found.objective)
    told = [proven(form, prices)]
    point = prices.interior(linear.columns[:first])
    for _ in range(3):
        if prices.evaluate(point, WITHIN):
            break
        told.append(proven(form, prices))
        weighed = prices.weighed(WITHIN)
        assert weighed is not None
        point = 0.7 * point + 0.3 * weighed[1]
    return linear.objective, whole.objective, told[0], told


def proven(form: Extensive, prices: FirstStagePrices) -> float:
    weighed = prices.weighed(WITHIN)
    assert weighed is not None
    value, fault = price_bound(form.milp, form.milp.combined(COST), BoundPrices.of_relaxation(weighed[0]))
    assert not fault
    return value


def test_the_bound_rises_to_the_relaxation_of_all_joined() -> None:
    linear, truth, alone, told = bounds(two_futures())
    assert alone < linear * (1 - 1e-6)  # waiting and seeing is worth something here
    assert told[-1] == pytest.approx(linear, rel=2e-3)
    assert told[-1] > alone + 0.5 * (linear - alone)
    assert max(told) <= truth * (1 + 1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 25))
def test_random_futures_have_bounds_that_never_fall_and_never_exceed_the_optimum(seed: int) -> None:
    try:
        linear, truth, _, told = bounds(random_futures(seed))
    except LookupError:
        pytest.skip("no plan for all of these futures")
    assert all(b >= a - 1e-7 * abs(a) for a, b in zip(told, told[1:], strict=False))
    assert max(told) <= linear + 1e-7 * abs(linear) <= truth + 2e-7 * abs(truth)


def test_an_interior_point_keeps_the_constraints_of_decisions_and_takes_a_little_of_what_is_able() -> None:
    form = join(cases(*scenario_studies(two_futures())))
    first, aim = first_of(form), form.milp.combined(COST)
    prices = FirstStagePrices(form, COST, aim.unit, first, find_engine("highs"), {})
    nothing: FloatArray = form.milp.column_lower[:first].copy()
    point = prices.interior(nothing)
    assert (point >= form.milp.column_lower[:first]).all()
    assert (point <= form.milp.column_upper[:first]).all()
    build = next(b for b in form.milp.column_blocks if b.family == "build")
    assert (point[build.start : build.stop] > 0.0).any()
