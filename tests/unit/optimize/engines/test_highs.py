"""HiGHS in this process: what a run leaves behind."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from scipy import sparse

import evsiting as ev
from evsiting.model.milp import Milp, Objective
from evsiting.optimize.engines import highs
from evsiting.optimize.engines.base import Limits
from tests.contract import programs
from tests.random_studies import random_study


def test_a_program_that_was_solved_is_freed(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[weakref.ref[Any]] = []
    prepare = highs.PulpHighs.prepare

    def noted(*given: Any, **more: Any) -> Any:
        solver = prepare(*given, **more)
        made.append(weakref.ref(solver))
        return solver

    monkeypatch.setattr(highs.PulpHighs, "prepare", staticmethod(noted))
    milp, objective = programs.knapsack()
    found = highs.PulpHighs().run(milp, objective, Limits(gap=0.0, time_s=10.0))
    assert len(found.columns)
    gc.collect()
    assert [ref() for ref in made] == [None]


@pytest.mark.filterwarnings("ignore::evsiting.DataWarning")  # random studies hold what is odd but legal
@pytest.mark.parametrize(("seed", "ceiling", "price"), [(2, 357_364.59, 10.0), (6, 18.3402, 100.0)])
def test_a_start_does_not_stand_in_for_the_optimum_that_is_proven(seed: int, ceiling: float, price: float) -> None:
    study, aim = ev.complete(random_study(seed, features=None)), {"cost": 1.0, "emissions": price}
    near = ev.solve(study, gap=0.0, caps={"emissions": ceiling}, verify=False)
    cold = ev.solve(study, gap=0.0, objective=aim, verify=False)
    assert near.totals["cost"] + price * near.totals["emissions"] > cold.solve.objective * (1.0 + 1e-5)
    warm = ev.solve(study, gap=0.0, objective=aim, start=near, verify=False)
    assert warm.status is ev.Status.OPTIMAL
    assert warm.solve.objective == pytest.approx(cold.solve.objective, rel=1e-9)


def test_where_any_point_near_the_optimum_will_do_it_is_no_corner() -> None:
    free = np.zeros(2, dtype=np.bool_)
    matrix = sparse.csr_array(np.array([[1.0, 1.0]]))
    milp = Milp(
        np.zeros(2), np.full(2, 3.0), free, matrix, np.ones(1), np.full(1, np.inf), (), (), MappingProxyType({})
    )
    aim = Objective("cost", np.ones(2), 0.0, 1.0)
    limits = Limits(gap=0.0, time_s=10.0, presolve=False)
    inside = highs.PulpHighs().run(milp, aim, replace(limits, interior=True))
    corner = highs.PulpHighs().run(milp, aim, limits)
    assert inside.status is corner.status is ev.Status.OPTIMAL
    assert inside.objective == pytest.approx(1.0, rel=1e-5)
    assert 0.1 < inside.columns[0] < 0.9
    assert sorted(corner.columns) == [0.0, 1.0]
