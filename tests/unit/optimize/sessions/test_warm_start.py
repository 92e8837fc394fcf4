"""A program beside one whose plan and branches are known: the same answer as from nothing, proven by prices."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import evsiting as ev
from evsiting.model.milp import Milp
from evsiting.optimize.engines.base import EngineResult
from evsiting.optimize.engines.highs import PulpHighs
from evsiting.optimize.sessions import warm_start as warm
from evsiting.optimize.sessions.session import Session
from evsiting.results.plan import Status
from tests.random_studies import random_study

ROW = {"limit": "in", "kind": "plants_built", "at_least": 1}


def known(seed: int = 4) -> tuple[ev.Study, ev.Plan, Session]:
    """Return a study, its plan with branches, and a session that has learned them."""
    study = ev.complete(random_study(seed))
    plan = ev.solve(study, gap=0.001, threads=1)
    assert plan.prices is not None
    assert len(plan.prices.parent) > 1
    session = ev.open_session(study, gap=0.001, threads=1)
    session.learn(plan, branches=True)
    assert "cost" in session.trees
    return study, plan, session


def forced(session: Session, plan: ev.Plan) -> Session:
    """Return the session with one more plant than the plan has."""
    return session.with_limits([{**ROW, "at_least": len(plan.decisions["openings"]) + 1}])


@pytest.fixture
def integer_runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return how many decisions each run of the solver over integers was free to take."""
    seen: list[int] = []
    run = PulpHighs.run

    def counted(self: PulpHighs, milp: Milp, *args: Any, **more: Any) -> EngineResult:
        if milp.integer.any():
            seen.append(int((milp.integer & (milp.column_lower < milp.column_upper)).sum()))
        return run(self, milp, *args, **more)

    monkeypatch.setattr(PulpHighs, "run", counted)
    return seen


def test_the_answer_is_that_from_nothing_and_is_proven_by_prices(integer_runs: list[int]) -> None:
    study, plan, session = known()
    other = forced(session, plan)
    cold = ev.solve(other.study, gap=0.0, threads=1)
    integer_runs.clear()
    found = other.solve(start=plan)
    free = int((other.program.milp.integer & (other.program.milp.column_upper > 0.0)).sum())
    assert integer_runs
    assert max(integer_runs) < free, "no run over all decisions"
    assert found.status is Status.OPTIMAL
    assert found.solve.bound <= cold.solve.objective * (1 + 1e-9)
    assert cold.solve.objective <= found.solve.objective <= 1.0011 * cold.solve.objective
    assert found.solve.verified_by.startswith("prices of")
    assert other.trees["cost"] is not session.trees["cost"]
    ev.certify(other.study, found).raise_if_failed()
    bound = ev.recompute_bound(other.study, found)
    assert bound is not None
    assert bound.holds


def test_a_bound_that_tells_nothing_is_not_raised() -> None:
    _, plan, session = known()
    other = replace(forced(session, plan), is_enough=lambda objective: True)
    found = other.solve(start=plan)
    assert found.solve.bound >= plan.solve.bound * (1 - 1e-9)  # what the known branches prove
    grown, known_tree = other.trees["cost"], session.trees["cost"]
    assert len(grown.branches) <= len(known_tree.branches) + warm.ROUND + 2, "no more than one round"


def test_where_the_branches_do_not_close_the_gap_the_solver_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    _, plan, session = known()
    cold = ev.solve(forced(session, plan).study, gap=0.0, threads=1)
    monkeypatch.setattr(warm, "ROUND", 0)
    monkeypatch.setattr(warm, "DIVES", 0)
    found = forced(session, plan).solve(start=plan)
    assert found.status is Status.OPTIMAL
    assert found.solve.objective <= 1.0011 * cold.solve.objective


def test_a_program_without_a_plan_is_left_to_the_solver() -> None:
    _, plan, session = known()
    never = session.with_limits([{"limit": "none", "kind": "cost", "at_most": 0.5 * plan.solve.bound}])
    with pytest.raises(ev.InfeasibleError):
        never.solve(start=plan)


def test_branches_of_another_program_are_passed_over() -> None:
    _, plan, session = known()
    grown = session.trees["cost"]
    session.trees["cost"] = replace(grown, columns=grown.columns + 1)
    found = forced(session, plan).solve(start=plan)
    assert found.status is Status.OPTIMAL
