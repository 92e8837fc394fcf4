"""Parts of a plan decided anew: better or the same, never worse, and until nothing is left to find."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import evsiting as ev
from evsiting.model.build import build
from evsiting.model.milp import Milp, Objective
from evsiting.optimize.engines.base import EngineResult, Limits
from evsiting.optimize.engines.registry import find_engine
from evsiting.optimize.large.core import Core
from evsiting.optimize.large.neighbourhoods import NeighbourhoodSearch, parts_of
from evsiting.results.plan import Status
from tests.random_studies import random_study


def start_of(seed: int) -> tuple[Core, EngineResult, float]:
    """Return a core, the plan of least emissions as a poor plan of its cost, and the least cost."""
    program = build(ev.complete(random_study(seed)))
    milp, engine, limits = program.milp, find_engine("highs"), Limits(0.0, 60.0)
    cost = milp.objectives["cost"]
    relaxed = engine.run(replace(milp, integer=np.zeros_like(milp.integer)), cost, limits)
    core = Core(program, milp, cost, engine, limits, None, 0.0, relaxed)
    object.__setattr__(core, "limits", replace(limits, time_s=1e9))
    poor = engine.run(milp, milp.objectives["emissions"], limits)
    plan = EngineResult(Status.FEASIBLE, poor.columns, cost.value(poor.columns), core.bound)
    return core, plan, engine.run(milp, cost, limits).objective


@pytest.mark.parametrize("seed", [1, 3, 4, 11])
def test_a_plan_gets_better_and_stays_a_plan(seed: int) -> None:
    core, poor, truth = start_of(seed)
    found = NeighbourhoodSearch(core).run(poor, 60.0)
    assert truth * (1 - 1e-8) <= found.objective <= poor.objective
    assert max(core.milp.violation(found.columns).values()) <= 1e-6
    assert found.objective == pytest.approx(core.objective.value(found.columns), rel=1e-9)
    assert found.objective < poor.objective or poor.objective == pytest.approx(truth, rel=1e-6)


def test_the_search_ends_where_nothing_is_left_to_find() -> None:
    core, poor, _ = start_of(1)
    search = NeighbourhoodSearch(core)
    found = search.run(poor, 60.0)
    assert search.exhausted or found.status is Status.OPTIMAL
    assert search.run(found, 60.0) is found


def test_without_time_the_plan_stays() -> None:
    core, poor, _ = start_of(1)
    assert NeighbourhoodSearch(core).run(poor, 0.0) is poor


def test_every_new_plant_is_free_in_some_part_and_fixed_in_another() -> None:
    core, _, _ = start_of(4)
    parts = parts_of(core)
    known = core.program.column_of("openings") >= 0
    assert (np.any(parts, axis=0) == known).all()
    assert len({part.tobytes() for part in parts}) == len(parts)


def test_others_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    core, poor, _ = start_of(4)
    search = NeighbourhoodSearch(core)
    part = search.parts[0]
    found = search.decided_anew(part, poor.columns)
    column = core.program.column_of("openings")
    fixed = column[~part & (column >= 0)]
    assert np.round(found.columns[fixed]) == pytest.approx(np.round(poor.columns[fixed]))


def test_an_interrupt_ends_the_search_with_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    core, poor, _ = start_of(3)
    calls: list[int] = []

    def stopped(self: object, milp: Milp, objective: Objective, limits: Limits, **more: object) -> EngineResult:
        calls.append(1)
        return EngineResult(Status.NO_SOLUTION, limit="interrupt")

    monkeypatch.setattr(type(core.engine), "run", stopped)
    found = NeighbourhoodSearch(core).run(poor, 60.0)
    assert (len(calls), found.limit) == (1, "interrupt")
    assert found.objective == poor.objective
