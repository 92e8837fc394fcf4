"""No answer without its certificate: what fails is repaired or refused, and never handed out."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import evsiting as ev
from evsiting.errors import CertificateError, GapWarning, NoSolutionError, SolveError, UncertifiedError
from evsiting.model.milp import Milp, Objective
from evsiting.optimize.engines.base import EngineResult, Limits, result_from_point
from evsiting.optimize.engines.registry import find_engine
from evsiting.optimize.gaps import warn_of_gaps
from evsiting.optimize.incumbent import with_bound, with_start
from evsiting.optimize.solve import open_session
from evsiting.results.plan import Status
from evsiting.study.study import Study
from tests.contract import programs
from tests.scenario_studies import two_futures
from tests.studies import two_plant_study


@pytest.fixture
def study() -> Study:
    return two_plant_study()


def spoiled(monkeypatch: pytest.MonkeyPatch, spoil: object, *, always: bool = False) -> list[int]:
    """Let the solver's points be spoiled: the first one, or all."""
    engine, calls = find_engine("highs"), [0]
    run = type(engine).run

    def wrong(self: object, milp: Milp, objective: Objective, limits: Limits, **more: object) -> EngineResult:
        found = run(self, milp, objective, limits, **more)
        calls[0] += 1
        if not len(found.columns) or (calls[0] > 1 and not always):
            return found
        columns = spoil(milp, found.columns.copy())
        return replace(found, columns=columns, objective=objective.value(columns), bound=-math.inf)

    monkeypatch.setattr(type(engine), "run", wrong)
    return calls


def made_more(milp: Milp, columns: np.ndarray) -> np.ndarray:
    """Make a thousandth more of everything than leaves: dust that no row forgives."""
    for block in milp.column_blocks:
        if block.family == "make":
            columns[block.start : block.stop] *= 1.001
    return columns


def built_nothing(milp: Milp, columns: np.ndarray) -> np.ndarray:
    """Take away every plant, and leave what it makes."""
    for block in milp.column_blocks:
        if block.family == "build":
            columns[block.start : block.stop] = 0.0
    return columns


def test_flows_that_break_a_rule_are_settled_anew(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    truth = ev.solve(study, gap=0.0)
    calls = spoiled(monkeypatch, made_more)
    plan = ev.solve(study, gap=0.0, verify=False)
    assert calls == [1], "no second run is needed"
    assert plan.totals["cost"] == pytest.approx(truth.totals["cost"], rel=1e-9)
    assert ev.certify(study, plan).passed


def test_decisions_that_break_a_rule_are_sought_again(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    must = study.with_table("demand", study.demand.assign(unmet_penalty_usd_per_unit=np.nan))
    calls = spoiled(monkeypatch, built_nothing)
    plan = ev.solve(must, gap=0.0, verify=False)
    assert calls == [2]
    assert ev.certify(must, plan).passed


def test_what_cannot_be_repaired_is_refused(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    must = study.with_table("demand", study.demand.assign(unmet_penalty_usd_per_unit=np.nan))
    spoiled(monkeypatch, built_nothing, always=True)
    with pytest.raises(UncertifiedError, match=r"fails its certificate.*\n  capacity: off by") as caught:
        ev.solve(must, verify=False)
    assert isinstance(caught.value, SolveError)
    assert isinstance(caught.value, CertificateError)
    with pytest.raises(UncertifiedError):
        ev.pareto(must, points=2, verify=False)


def test_plans_of_scenarios_are_checked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    spoiled(monkeypatch, built_nothing, always=True)
    with pytest.raises(UncertifiedError, match="capacity"):
        ev.solve_scenarios(two_futures(), verify=False)


def test_what_is_no_number_is_no_plan() -> None:
    milp, objective = programs.knapsack()
    found = result_from_point(
        milp, objective, Limits(), Status.OPTIMAL, "", np.array([1.0, math.nan, 0.0]), -9.0, 0.1, "1"
    )
    assert (found.status, len(found.columns)) == (Status.UNCLEAR, 0)
    endless = replace(objective, constant=math.inf)
    found = result_from_point(milp, endless, Limits(), Status.OPTIMAL, "", np.array([1.0, 1.0, 0.0]), -9.0, 0.1, "1")
    assert (found.status, len(found.columns)) == (Status.UNCLEAR, 0)


@pytest.mark.parametrize("where", ["session.build", "session.complete", "prepared.plan_from_rows"])
def test_out_of_memory_says_so(study: Study, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(f"evsiting.optimize.sessions.{where}", full)
    with pytest.raises(NoSolutionError, match="memory ran out .* 'Two plants' .*prefilter") as caught:
        ev.solve(study)
    assert caught.value.limit == "memory"


def test_out_of_memory_in_the_solvers_own_thread_says_so(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    from evsiting.optimize.engines.highs import _ArrayHighs

    made = _ArrayHighs.createAndConfigureSolver

    class Full:
        def __init__(self, model: object) -> None:
            self.model = model

        def run(self) -> None:
            raise MemoryError

        def __getattr__(self, name: str) -> object:
            return getattr(self.model, name)

    def full(self: _ArrayHighs, lp: object) -> None:
        made(self, lp)
        self.model = Full(self.model)

    monkeypatch.setattr(_ArrayHighs, "createAndConfigureSolver", full)
    with pytest.raises(NoSolutionError, match="memory ran out"):
        ev.solve(study)


def test_a_start_outlives_a_run_without_time(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    known = ev.solve(study, gap=0.0)
    none = EngineResult(Status.NO_SOLUTION, bound=0.5 * known.solve.objective, limit="time", version="1")
    monkeypatch.setattr(type(find_engine("highs")), "run", lambda self, *_, **__: none)
    unproven = replace(known, solve=replace(known.solve, bound=0.4 * known.solve.objective))
    plan = ev.solve(study, start=unproven)
    assert plan.totals["cost"] == pytest.approx(known.totals["cost"])
    assert (plan.status, plan.solve.limit) == (Status.FEASIBLE, "time")
    assert plan.solve.bound == none.bound
    again = ev.solve(study, start=known)  # what was proven of the start stays proven
    assert (again.status, again.solve.bound) == (Status.OPTIMAL, known.solve.bound)
    with pytest.raises(NoSolutionError, match="bound so far"):
        ev.solve(study)


def test_a_start_that_is_no_plan_is_none() -> None:
    milp, objective = programs.knapsack()
    none = EngineResult(Status.NO_SOLUTION, limit="time")
    assert with_start(milp, objective, none, np.ones(3), 0.0) is none
    kept = with_start(milp, objective, none, np.array([1.0, 0.0, 1.0]), 0.0)
    assert (kept.objective, kept.limit) == (-8.0, "time")


def test_the_better_bound_counts() -> None:
    found = EngineResult(Status.FEASIBLE, np.ones(1), 10.0, 5.0, "time")
    assert with_bound(found, 4.0, 0.1) is found
    assert with_bound(found, 8.0, 0.1).bound == 8.0
    assert with_bound(found, 9.5, 0.1).status is Status.OPTIMAL
    assert with_bound(found, 11.0, 0.1).bound == 10.0


# ------------------------------------------------------------------------------------------ gaps that are hidden


def short(study: Study, penalty: float) -> Study:
    """Return the study with more demand in the west than plants can serve, at a penalty."""
    demand = study.demand.assign(unmet_penalty_usd_per_unit=penalty)
    demand.loc[demand["market"] == "west", "units_per_yr"] = 400e3
    return study.with_table("demand", demand)


def test_a_gap_that_a_penalty_hides_is_told(study: Study, tmp_path) -> None:
    ready = open_session(short(study, 1e9), gap=0.01)
    plan, _ = ready.minimise("cost")
    loose = replace(plan, solve=replace(plan.solve, bound=plan.solve.objective * (1.0 - 0.005)))
    paid = plan.totals["cost"] - plan.penalties - plan.solve.constant
    assert loose.net_gap == pytest.approx(0.005 * plan.solve.objective / paid)
    assert loose.is_dominated_by_fixed
    assert "without the penalties for unmet demand" in repr(loose)
    with pytest.warns(GapWarning, match="mostly the penalties for unmet demand .* smaller gap"):
        warn_of_gaps([loose])


def test_a_gap_of_what_is_paid_needs_no_word(study: Study) -> None:
    plan = ev.solve(study, gap=0.05)
    assert not plan.is_dominated_by_fixed
    assert "without" not in repr(plan)


def test_a_fixed_cost_that_hides_the_gap_is_told(study: Study) -> None:
    plants = study.plants.assign(fixed_usd_per_yr=1e13)
    plan, _ = open_session(study.with_table("plants", plants), gap=0.01).minimise("cost")
    assert plan.solve.constant == pytest.approx(1e14, rel=0.01)
    loose = replace(plan, solve=replace(plan.solve, bound=plan.solve.objective * 0.995))
    assert "without what no decision changes" in repr(loose)
