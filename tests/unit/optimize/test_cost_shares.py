"""One future pays most of what all build: a bound above that of waiting and seeing, never above the optimum."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from evsiting.model.extensive_form import FIRST_STAGE, join
from evsiting.optimize.cost_shares import CostShares, neediest
from evsiting.optimize.engines.base import Limits
from evsiting.optimize.engines.registry import find_engine
from evsiting.optimize.price_bound import price_bound
from evsiting.optimize.scenario_programs import cases, scenario_studies
from evsiting.results.plan import Status
from evsiting.study.study import Study
from tests.scenario_studies import random_futures, two_futures

WITHIN = Limits(gap=0.0, time_s=60.0, threads=1)
COST = {"cost": 1.0}
PARTS = (0.0, 0.25, 0.5, 0.75, 0.95)


def bounds(study: Study) -> dict[str, tuple[float, list[float], list[float]]]:
    """Return for each future as payer the linear optimum of all joined, and bounds and slopes by part."""
    form, engine = join(cases(*scenario_studies(study))), find_engine("highs")
    aim = form.milp.combined(COST)
    linear = engine.run(replace(form.milp, integer=np.zeros_like(form.milp.integer)), aim, WITHIN)
    if linear.status is not Status.OPTIMAL:
        raise LookupError
    first = sum(b.stop - b.start for b in form.milp.column_blocks if b.family in FIRST_STAGE)
    told: dict[str, tuple[float, list[float], list[float]]] = {}
    for payer in form.scenarios:
        shares = CostShares(form, COST, aim.unit, first, engine, payer)
        assert sum(s.probability * shares.share(s, 0.3) for s in form.scenarios) == pytest.approx(1.0)
        values, slopes = [], []
        for part in PARTS:
            shared, limit = shares.bound(part, WITHIN)
            assert shared is not None
            assert not limit
            value, fault = price_bound(form.milp, aim, shared.proof)
            assert not fault
            values.append(value)
            slopes.append(shared.slope)
        told[payer.name] = (linear.objective, values, slopes)
    return told


def test_the_bound_rises_where_the_future_that_needs_most_pays_more() -> None:
    told = bounds(two_futures())
    assert any(max(values) > values[0] + 0.2 * (linear - values[0]) for linear, values, _ in told.values())
    for linear, values, _ in told.values():
        assert max(values) <= linear * (1 + 1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 25))
def test_bounds_of_random_futures_never_exceed_the_relaxation_of_all_joined(seed: int) -> None:
    try:
        told = bounds(random_futures(seed))
    except LookupError:
        pytest.skip("no plan for all of these futures")
    for linear, values, slopes in told.values():
        size = 1e-7 * abs(linear)
        assert max(values) <= linear + size
        # what the futures come to is concave in the part
        assert all(two <= one + 1e-5 * abs(linear) for one, two in pairwise(slopes))


def test_the_neediest_future_builds_for_most_by_itself() -> None:
    form, engine = join(cases(*scenario_studies(two_futures()))), find_engine("highs")
    first = sum(b.stop - b.start for b in form.milp.column_blocks if b.family in FIRST_STAGE)
    nothing = {s.name: engine.run(s.program.milp, s.aim(COST), WITHIN) for s in form.scenarios}
    nothing = {name: replace(found, columns=np.zeros_like(found.columns)) for name, found in nothing.items()}
    for s, at in zip(form.scenarios, form.columns, strict=True):
        all_built = replace(nothing[s.name], columns=np.where(at < first, 1.0, 0.0))
        assert neediest(form, COST, first, {**nothing, s.name: all_built}) is s


def test_a_run_that_is_cut_short_proves_nothing() -> None:
    form, engine = join(cases(*scenario_studies(two_futures()))), find_engine("highs")
    shares = CostShares(form, COST, 1.0, 0, engine, form.scenarios[0])
    assert shares.bound(0.5, replace(WITHIN, time_s=0.0)) == (None, "time")
