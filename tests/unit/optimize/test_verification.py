"""A second run that must not beat what the first one proved, with a solver that lies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import evsiting as ev
from evsiting.errors import GapWarning
from evsiting.model.milp import Milp, Objective
from evsiting.optimize import verification
from evsiting.optimize.engines.base import EngineResult, Limits
from evsiting.optimize.engines.registry import find_engine
from evsiting.optimize.verification import is_small, verified
from evsiting.results.plan import Status
from tests.contract import programs
from tests.studies import two_plant_study

EXACT = Limits(gap=0.0, time_s=20.0, threads=1)


class Liar:
    """Calls the first point that it is told of optimal, with a bound of its own value."""

    name = "liar"
    tells_prices = False

    def __init__(self, columns: list[float] | None) -> None:
        self.columns = columns

    def missing(self) -> str:
        return ""

    def run(self, milp: Milp, objective: Objective, limits: Limits, **_: object) -> EngineResult:
        if self.columns is None:
            return EngineResult(Status.INFEASIBLE, version="1")
        value = objective.value(np.array(self.columns))
        return EngineResult(Status.OPTIMAL, np.array(self.columns), value, value, version="1")


def lied(columns: list[float] | None, **given: object) -> EngineResult:
    milp, objective = programs.knapsack()
    engine = Liar(columns)
    return verified(milp, objective, engine, EXACT, engine.run(milp, objective, EXACT), study="S", **given)


def test_a_proof_that_holds_is_confirmed() -> None:
    milp, objective = programs.knapsack()
    found = find_engine("highs").run(milp, objective, EXACT)
    second = verified(milp, objective, find_engine("highs"), EXACT, found)
    assert second.verified == "confirmed"
    assert second.verified_by
    assert (second.status, second.objective, second.bound) == (found.status, found.objective, found.bound)


def test_a_wrong_proof_is_refuted_and_the_better_plan_returned() -> None:
    with pytest.warns(GapWarning, match=r"liar 1 proved that no plan of study 'S' is below -8, yet .* finds one at -9"):
        found = lied([1.0, 0.0, 1.0])
    assert found.verified == "refuted"
    assert found.objective == pytest.approx(-9.0)
    assert found.bound == pytest.approx(-9.0)
    assert found.columns.tolist() == [1.0, 1.0, 0.0]


def test_a_plan_where_none_was_to_be_is_returned() -> None:
    with pytest.warns(GapWarning, match="called study 'S' infeasible, yet"):
        found = lied(None)
    assert found.objective == pytest.approx(-9.0)


def test_who_asks_for_no_second_run_gets_none() -> None:
    assert lied([1.0, 0.0, 1.0], verify=False).verified == ""


def test_the_same_solver_stands_in_where_no_other_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Limits] = []
    engine = find_engine("highs")
    run = type(engine).run

    def noted(self: object, milp: Milp, objective: Objective, limits: Limits, **more: object) -> EngineResult:
        asked.append(limits)
        return run(self, milp, objective, limits, **more)

    monkeypatch.setattr(verification, "SECOND", ("highs",))
    monkeypatch.setattr(type(engine), "run", noted)
    milp, objective = programs.knapsack()
    found = verified(milp, objective, engine, EXACT, engine.run(milp, objective, EXACT))
    assert found.verified == "confirmed"
    assert (asked[1].presolve, asked[1].seed) == (False, EXACT.seed + 1)


def test_a_verification_without_time_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(Liar):
        def run(self, *_: object, **__: object) -> EngineResult:
            return EngineResult(Status.NO_SOLUTION, limit="time", version="1")

    monkeypatch.setattr(verification, "_other", lambda engine: Slow([]))
    milp, objective = programs.knapsack()
    found = verified(milp, objective, Liar([]), EXACT, find_engine("highs").run(milp, objective, EXACT))
    assert found.verified == "cut short"
    assert found.status is Status.OPTIMAL


def test_ctrl_c_in_the_second_run_keeps_the_plan_of_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stopped(Liar):
        def run(self, *_: object, **__: object) -> EngineResult:
            raise KeyboardInterrupt

    monkeypatch.setattr(verification, "_other", lambda engine: Stopped([]))
    milp, objective = programs.knapsack()
    found = verified(milp, objective, Liar([]), EXACT, find_engine("highs").run(milp, objective, EXACT))
    assert (found.verified, found.limit, found.status) == ("cut short", "interrupt", Status.OPTIMAL)
    assert found.objective == pytest.approx(-9.0)


def test_a_plan_says_whether_it_was_verified(tmp_path) -> None:
    study = two_plant_study()
    plan = ev.solve(study, gap=0.0)
    assert plan.solve.verified == "confirmed"
    assert "verified (" in repr(plan)
    assert ev.solve(study, verify=False).solve.verified == ""
    _, again = ev.read_run(ev.write_run(tmp_path / "run", study, plan))
    assert (again.solve.verified, again.solve.verified_by) == ("confirmed", plan.solve.verified_by)


def test_settings_say_it_too() -> None:
    study = two_plant_study().with_settings(solve={"verify": False})
    assert ev.solve(study).solve.verified == ""
    assert ev.solve(study, verify=True).solve.verified == "confirmed"


def test_large_programs_are_verified_only_where_it_is_asked() -> None:
    milp, _ = programs.location(80, 300, seed=1)
    assert not is_small(milp)
    assert is_small(programs.knapsack()[0])
    assert not is_small(replace(milp, integer=np.ones_like(milp.integer)))
