"""The same checks on every engine: an answer is only called what it is proven to be."""

from __future__ import annotations

import math
import os
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from evsiting.errors import EngineNotAvailable, SolveError
from evsiting.model.build import build
from evsiting.model.milp import Milp, Objective
from evsiting.optimize.engines.base import EngineResult, Limits, Progress, status_from_bounds
from evsiting.optimize.engines.cbc import _StoppableCbc
from evsiting.optimize.engines.highs import PulpHighs, _ArrayHighs
from evsiting.optimize.engines.registry import ENGINES, find_engine
from evsiting.optimize.engines.scip import _ArrayScip
from evsiting.results.plan import Status
from tests.contract import programs
from tests.random_studies import random_study

EXACT = Limits(gap=0.0, time_s=30.0, threads=2)


@pytest.fixture(params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest):
    """Return an engine; skip one whose solver is not installed."""
    found = ENGINES[request.param]
    if problem := found.missing():
        pytest.skip(problem)
    return found


def test_a_mip_is_solved_to_proof(engine) -> None:
    milp, objective = programs.knapsack()
    result = engine.run(milp, objective, EXACT)
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(-9.0)
    assert result.bound == pytest.approx(-9.0)
    assert result.columns.tolist() == [1.0, 1.0, 0.0]
    assert result.limit == ""
    assert result.version


def test_constant_and_unit_reach_objective_and_bound(engine) -> None:
    milp, objective = programs.knapsack(constant=2.0, unit=1e6)
    result = engine.run(milp, objective, EXACT)
    assert result.objective == pytest.approx(-7e6)
    assert result.bound == pytest.approx(-7e6)


def test_an_lp_has_a_true_bound(engine) -> None:
    milp, objective = programs.single([3.0, 2.0], least=7.0, integer=False)
    result = engine.run(milp, objective, EXACT)
    assert result.status is Status.OPTIMAL
    assert result.bound == pytest.approx(21.0)
    assert result.objective == pytest.approx(21.0)


@pytest.mark.parametrize("integer", [False, True], ids=["lp", "mip"])
def test_infeasible_is_infeasible(engine, integer: bool) -> None:
    milp, objective = programs.single([1.0, 1.0], least=3.0, integer=integer, upper=2.0)
    result = engine.run(milp, objective, EXACT)
    assert result.status is Status.INFEASIBLE
    assert not len(result.columns)


@pytest.mark.parametrize("integer", [False, True], ids=["lp", "mip"])
def test_unbounded_is_not_infeasible(engine, integer: bool) -> None:
    milp, objective = programs.single([-1.0, 1.0], least=1.0, integer=integer)
    result = engine.run(milp, objective, EXACT)
    assert result.status is Status.UNBOUNDED
    assert result.bound == -math.inf
    assert not len(result.columns)


@pytest.mark.parametrize("time_s", [0.05, 0.5, 1.0])
def test_a_run_stopped_by_time_is_never_optimal(engine, time_s: float) -> None:
    milp, objective = programs.location(80, 240, seed=3)
    result = engine.run(milp, objective, Limits(gap=0.0, time_s=time_s, threads=2))
    assert result.status in (Status.FEASIBLE, Status.NO_SOLUTION)
    assert result.limit == "time"
    if result.status is Status.FEASIBLE:
        assert result.bound < result.objective
        assert max(milp.violation(result.columns).values()) < 1e-6
        assert objective.value(result.columns) == pytest.approx(result.objective, rel=1e-9)


def test_a_gap_that_is_asked_for_is_kept(engine) -> None:
    milp, objective = programs.location(20, 60, seed=1)
    result = engine.run(milp, objective, Limits(gap=0.05, time_s=60.0, threads=2))
    assert result.status is Status.OPTIMAL
    assert 0.0 <= result.objective - result.bound <= 0.05 * result.objective * (1 + 1e-6)


def test_a_start_is_no_worse_than_itself(engine) -> None:
    milp, objective = programs.location(30, 90, seed=2)
    first = engine.run(milp, objective, Limits(gap=0.10, time_s=30.0, threads=2))
    again = engine.run(milp, objective, Limits(gap=0.10, time_s=30.0, threads=2), start=first.columns)
    assert again.objective <= first.objective * (1 + 1e-9)


def test_engines_agree(engine) -> None:
    milp, objective = programs.location(12, 40, seed=5)
    assert engine.run(milp, objective, EXACT).objective == pytest.approx(
        ENGINES["highs"].run(milp, objective, EXACT).objective, rel=1e-6
    )


#: Of the sixty studies of 8 to 12 sites with features, the first few are tried each time.
MEDIUM = [pytest.param(seed, marks=() if seed < 4 else pytest.mark.slow) for seed in range(60)]


@pytest.mark.solver
@pytest.mark.parametrize("seed", MEDIUM)
def test_two_engines_agree_on_studies_with_all_features(seed: int) -> None:
    study = random_study(seed, sites=8 + seed % 5, features=None, combinations=10**7)
    objective = ("cost", "cost", "cost", "emissions", "jobs")[seed % 5]
    other = ENGINES["scip" if seed % 2 else "cbc"]
    if problem := other.missing():
        pytest.skip(problem)
    milp = build(study).milp
    limits = Limits(gap=0.0, time_s=300.0, threads=1)
    found = [engine.run(milp, milp.objectives[objective], limits) for engine in (ENGINES["highs"], other)]
    # Where the optimum is nothing, a bound of dust below it leaves no relative gap to speak of.
    assert all(r.status is Status.OPTIMAL or 0.0 <= r.objective - r.bound <= 1e-4 for r in found)
    one, two = (result.objective for result in found)
    assert one == pytest.approx(two, rel=1e-6, abs=1e-6)
    assert max(max(milp.violation(result.columns).values()) for result in found) < 1e-5


@pytest.mark.slow
def test_highs_reports_progress_and_changes_threads_in_one_process() -> None:
    milp, objective = programs.location(60, 200, seed=4)
    seen: list[Progress] = []
    for threads in (1, 2):
        ENGINES["highs"].run(milp, objective, Limits(gap=0.0, time_s=2.0, threads=threads), watch=seen.append)
    assert seen
    assert any(math.isfinite(p.gap) for p in seen)
    assert all(p.bound <= p.objective + 1e-6 for p in seen)


@pytest.mark.parametrize(
    "name",
    [
        "highs",
        pytest.param("scip", marks=[pytest.mark.solver, pytest.mark.slow]),
        pytest.param("cbc", marks=[pytest.mark.solver, pytest.mark.slow]),
    ],
)
def test_ctrl_c_keeps_the_best_point(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = ENGINES[name]
    if problem := engine.missing():
        pytest.skip(problem)
    milp, objective = programs.location(80, 240, seed=3)
    start = ENGINES["highs"].run(milp, objective, Limits(gap=0.9, time_s=60.0)).columns  # so that there is a point
    kind, method = {
        "highs": (_ArrayHighs, "callSolver"),
        "cbc": (_StoppableCbc, "_waited"),
        "scip": (_ArrayScip, "_optimize"),
    }[name]
    timer = threading.Timer(4.0, os.kill, (os.getpid(), signal.SIGINT))
    solving = getattr(kind, method)

    def interrupted(self: object, *given: object) -> object:
        timer.start()
        return solving(self, *given)

    monkeypatch.setattr(kind, method, interrupted)
    began = time.process_time()  # a machine with much else to do takes longer, but does no more
    result = engine.run(milp, objective, Limits(gap=0.0, time_s=600.0, threads=2), start=start)
    timer.cancel()
    assert time.process_time() - began < 60.0
    assert result.limit == "interrupt"
    assert result.status is Status.FEASIBLE
    assert max(milp.violation(result.columns).values()) < 1e-6


@pytest.mark.solver
@pytest.mark.skipif(os.name != "posix", reason="needs a program in place of CBC")
def test_cbc_that_leaves_no_plan_when_interrupted_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stubborn = tmp_path / "cbc"
    stubborn.write_text("#!/bin/sh\nsleep 1\nkill -INT $PPID\nsleep 0.2\nexit 130\n")
    stubborn.chmod(0o755)
    monkeypatch.setattr(_StoppableCbc, "defaultPath", lambda solver: str(stubborn))
    milp, objective = programs.knapsack()
    with pytest.raises(SolveError, match="CBC was interrupted and left no plan.*--engine highs"):
        ENGINES["cbc"].run(milp, objective, Limits())


def test_an_unknown_engine_is_named_with_the_choices() -> None:
    with pytest.raises(EngineNotAvailable, match="no engine 'gurobo'; choose one of cbc, highs, scip"):
        find_engine("gurobo")


@pytest.mark.parametrize(
    ("status", "objective", "bound", "gap", "want"),
    [
        (Status.OPTIMAL, 100.0, 100.0, 0.0, Status.OPTIMAL),
        (Status.OPTIMAL, 100.0, 90.0, 0.01, Status.FEASIBLE),
        (Status.FEASIBLE, 100.0, 99.9, 0.01, Status.OPTIMAL),
        (Status.OPTIMAL, 100.0, -math.inf, 0.5, Status.FEASIBLE),
        (Status.INFEASIBLE, math.nan, -math.inf, 0.1, Status.INFEASIBLE),
    ],
)
def test_status_is_judged_by_bound_and_objective(status, objective, bound, gap, want) -> None:
    assert status_from_bounds(status, objective, bound, gap) is want


def test_violation_names_the_family() -> None:
    milp, _ = programs.knapsack()
    worst = milp.violation(np.array([1.0, 1.0, 1.0]))
    assert worst["weight"] > 0
    assert worst["bounds"] == worst["integer"] == 0.0
    assert milp.violation(np.array([0.5, -0.2, 0.0]))["integer"] == pytest.approx(0.5)


class MisledByPresolve(PulpHighs):
    """Calls every program infeasible that goes through presolve."""

    def _once(self, milp: Milp, objective: Objective, limits: Limits, **given: object) -> EngineResult:
        if limits.presolve:
            return EngineResult(Status.INFEASIBLE, seconds=0.1)
        return super()._once(milp, objective, limits, **given)


def test_a_claim_that_there_is_no_plan_is_tried_without_presolve() -> None:
    found = MisledByPresolve().run(*programs.knapsack(), Limits(gap=0.0, threads=1))
    assert (found.status, found.objective) == (Status.OPTIMAL, -9.0)
    none = MisledByPresolve().run(
        *programs.single([1.0], least=2.0, integer=True, upper=1.0), Limits(gap=0.0, threads=1)
    )
    assert none.status is Status.INFEASIBLE
