"""Large programs: the same optimum as at once, whatever path leads there, and a bound that holds for all lanes."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
import pytest

import evsiting as ev
from evsiting.errors import InfeasibleError, NoSolutionError
from evsiting.model.build import build
from evsiting.model.milp import Milp, Objective
from evsiting.optimize.engines.base import EngineResult, Limits, Progress, relayed_watch
from evsiting.optimize.engines.best_so_far import BestSoFar
from evsiting.optimize.engines.registry import find_engine
from evsiting.optimize.large import core
from evsiting.optimize.large import large as big
from evsiting.optimize.large.count_branching import CountTree
from evsiting.optimize.sessions import prepared
from evsiting.results.plan import Status
from evsiting.study.study import Study
from tests.random_studies import random_study
from tests.studies import two_plant_study

SEEDS = (3, 11, 27)


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every program for a large one."""
    monkeypatch.setattr(big, "LARGE", 0)


def answered(study: Study, gap: float = 0.0, **given: float) -> EngineResult:
    program = build(ev.complete(study))
    milp = program.milp
    return big.solve_large(program, milp, milp.objectives["cost"], find_engine("highs"), Limits(gap, 60.0, **given))


@pytest.mark.parametrize("seed", SEEDS)
def test_priced_first_or_all_at_once_the_optimum_is_the_same(seed: int) -> None:
    study = random_study(seed)
    at_once = ev.solve(study, gap=0.0)
    found = answered(study)
    assert found.status is Status.OPTIMAL
    assert found.objective == pytest.approx(at_once.solve.objective, rel=1e-6)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("seed", SEEDS)
def test_bound_and_plan_meet_in_turn_or_side_by_side(seed: int, threads: int) -> None:
    truth = ev.solve(random_study(seed), gap=0.0).solve.objective
    found = answered(random_study(seed), gap=1e-3, threads=threads)
    assert found.status is Status.OPTIMAL
    assert found.bound <= truth * (1 + 1e-8)
    assert truth * (1 - 1e-8) <= found.objective <= found.bound / (1 - 1.1e-3)


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_while_the_bound_is_raised_is_told(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: object, *given: object) -> float:
        raise MemoryError

    monkeypatch.setattr(CountTree, "grow", broken)
    with pytest.raises(MemoryError):
        answered(random_study(SEEDS[0]), threads=threads)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_loose_gap_is_proven_by_the_relaxation(seed: int) -> None:
    study = random_study(seed)
    truth = ev.solve(study, gap=0.0).solve.objective
    found = answered(study, gap=0.5)
    assert found.bound <= truth * (1 + 1e-9)
    assert found.objective >= truth * (1 - 1e-9)
    assert (found.objective - found.bound) <= 0.5 * abs(found.objective)


@pytest.mark.usefixtures("large")
def test_a_plan_of_a_large_program_is_certified() -> None:
    study = random_study(11)
    assert ev.certify(ev.complete(study), ev.solve(study, gap=0.05)).passed


@pytest.mark.usefixtures("large")
def test_what_cannot_be_is_told_as_ever() -> None:
    with pytest.raises(InfeasibleError):
        ev.solve(two_plant_study(), caps={"emissions": 1.0})


def test_a_negative_bound_gives_a_target_that_can_be_met(monkeypatch: pytest.MonkeyPatch) -> None:
    study = two_plant_study()
    program = build(ev.complete(study))
    engine = find_engine("highs")
    asked: list[Limits] = []
    run = type(engine).run

    def noted(self: object, milp: Milp, objective: Objective, limits: Limits, **more: object) -> EngineResult:
        asked.append(limits)
        return run(self, milp, objective, limits, **more)

    monkeypatch.setattr(type(engine), "run", noted)
    jobs = program.milp.objectives["jobs"]
    found = big.solve_large(program, program.milp, jobs, engine, Limits(0.1, 60.0))
    assert found.bound < 0.0
    target = asked[1].target  # of the first core
    assert target >= asked_bound(program.milp, jobs)
    assert (target - asked_bound(program.milp, jobs)) == pytest.approx(core.FIRST * 0.1 * abs(target), rel=1e-6)


def asked_bound(milp: Milp, objective: Objective) -> float:
    relaxed = replace(milp, integer=np.zeros_like(milp.integer))
    return find_engine("highs").run(relaxed, objective, Limits(0.0, 60.0)).objective


def test_plants_too_few_for_any_plan_are_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where programs over few and over more plants have no plan, the run over everything finds it."""
    study = random_study(3)
    truth = ev.solve(study, gap=0.0).solve.objective
    engine = find_engine("highs")
    run = type(engine).run
    calls: list[int] = []

    def barren(self: object, milp: Milp, objective: Objective, limits: Limits, **more: object) -> EngineResult:
        calls.append(milp.shape[1])
        if len(calls) in (2, 3):
            return EngineResult(Status.INFEASIBLE, version="test")
        return run(self, milp, objective, limits, **more)

    monkeypatch.setattr(type(engine), "run", barren)
    found = answered(study)
    assert len(calls) == 4
    assert calls[0] == calls[3] >= calls[2] > calls[1]
    assert found.objective == pytest.approx(truth, rel=1e-6)


def test_a_core_without_a_plan_is_tried_over_more_plants(monkeypatch: pytest.MonkeyPatch) -> None:
    study = random_study(3)
    engine = find_engine("highs")
    run = type(engine).run
    calls: list[int] = []

    def barren(self: object, milp: Milp, objective: Objective, limits: Limits, **more: object) -> EngineResult:
        calls.append(milp.shape[1])
        if len(calls) == 2:
            return EngineResult(Status.INFEASIBLE, version="test")
        return run(self, milp, objective, limits, **more)

    monkeypatch.setattr(type(engine), "run", barren)
    found = answered(study, gap=0.5)
    assert found.status is Status.OPTIMAL
    assert calls[2] > calls[1]


@pytest.mark.parametrize(
    ("proves", "plans", "value", "bound"),
    [(True, True, 20.0, 12.0), (False, True, 20.0, 10.0), (False, False, math.inf, 10.0)],
)
def test_the_watch_hears_one_clock_and_only_what_holds_for_the_whole(
    proves: bool, plans: bool, value: float, bound: float
) -> None:
    heard: list[Progress] = []
    watch = relayed_watch(heard.append, 10.0, 5.0, proves=proves, plans=plans)
    assert watch is not None
    watch(Progress(1.0, 20.0, 12.0, "cost"))
    assert (heard[0].seconds, heard[0].objective, heard[0].bound) == (6.0, value, bound)


@pytest.mark.parametrize("threads", [1, 2])
def test_the_watch_of_a_whole_solve_never_hears_less_than_before(large: None, threads: int) -> None:
    heard: list[Progress] = []
    plan = ev.solve(random_study(11), gap=1e-4, threads=threads, watch=heard.append)
    values, bounds = [p.objective for p in heard], [p.bound for p in heard]
    known = [p for p in heard if math.isfinite(p.objective)]
    assert known
    assert values == sorted(values, reverse=True)
    assert bounds == sorted(bounds)
    assert all(math.isfinite(p.gap) for p in known)
    assert known[-1].objective >= plan.solve.objective * (1 - 1e-9)


def test_an_engine_that_tells_no_prices_gets_the_whole() -> None:
    class Told:
        name, tells_prices = "told", False
        calls = 0

        def missing(self) -> str:
            return ""

        def run(self, milp: Milp, objective: Objective, limits: Limits, **more: object) -> EngineResult:
            self.calls += 1
            assert milp.integer.any()
            return EngineResult(Status.NO_SOLUTION)

    program = build(ev.complete(two_plant_study()))
    engine = Told()
    big.solve_large(program, program.milp, program.milp.objectives["cost"], engine, Limits())
    assert engine.calls == 1


def test_an_interrupt_in_the_relaxation_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = find_engine("highs")
    stopped = EngineResult(Status.FEASIBLE, np.ones(1), limit="interrupt")
    monkeypatch.setattr(type(engine), "run", lambda *a, **k: stopped)
    program = build(ev.complete(two_plant_study()))
    found = big.solve_large(program, program.milp, program.milp.objectives["cost"], engine, Limits())
    assert (found.status, found.limit, len(found.columns)) == (Status.NO_SOLUTION, "interrupt", 0)


def test_large_is_said_by_lanes_and_periods() -> None:
    program = build(ev.complete(two_plant_study()))
    assert not big.is_large(program)
    assert prepared.is_large is big.is_large


# ------------------------------------------------------------------------------------------- the core


def core_of(seed: int, gap: float = 0.0) -> core.Core:
    program = build(ev.complete(random_study(seed)))
    milp, engine, limits = program.milp, find_engine("highs"), Limits(gap, 60.0)
    cost = milp.objectives["cost"]
    relaxed = engine.run(replace(milp, integer=np.zeros_like(milp.integer)), cost, limits)
    return core.Core(program, milp, cost, engine, limits, None, 0.0, relaxed)


@pytest.mark.parametrize("seed", range(12))
def test_what_a_core_leaves_out_is_idle_without_its_plants(seed: int) -> None:
    """Columns left out are zero in every plan that builds only in the core: the program over it loses no such plan."""
    found = core_of(seed)
    narrow = found.widths[0]
    near = found.columns(narrow)
    assert found.columns(np.ones_like(narrow)).all()
    barred = found.program.column_of("openings")[~narrow[found.place_of_build]]
    upper = found.milp.column_upper.copy()
    upper[barred[barred >= 0]] = 0.0
    over_all = found.engine.run(replace(found.milp, column_upper=upper), found.objective, found.limits)
    over_core = found.run(found.milp, near)
    assert over_core.status is over_all.status
    if len(over_all.columns):
        assert over_core.objective == pytest.approx(over_all.objective, rel=1e-6)
        assert max(found.milp.violation(over_core.columns).values()) <= 1e-6


def test_a_core_of_many_lanes_keeps_the_cheap_and_some_of_each_place(monkeypatch: pytest.MonkeyPatch) -> None:
    found = core_of(3)
    column = found.program.column_of("shipments")
    everywhere = np.ones_like(found.widths[0])
    monkeypatch.setattr(core, "LANES", 5)
    monkeypatch.setattr(core, "OWN_LANES", 1)
    kept = found.columns(everywhere)
    reduced = found.reduced_cost[column]
    assert 5 <= kept[column].sum() < column.size
    assert kept[column].ravel()[np.argsort(reduced, axis=None)[:5]].all()
    lanes = found.program.sets.lanes
    for product, market in {(p, m) for p, m in zip(lanes.product, lanes.to_market, strict=True) if m >= 0}:
        into = column[(lanes.product == product) & (lanes.to_market == market)]
        assert kept[into].any(axis=0).all()


def test_flows_are_settled_over_all_lanes() -> None:
    found = core_of(3, gap=0.5)
    best = found.engine.run(found.milp, found.objective, Limits(0.0, 60.0))
    worse = replace(best, objective=1.1 * best.objective)
    settled = found.settled(worse)
    assert settled.objective == pytest.approx(best.objective, rel=1e-9)
    assert found.settled(replace(best, objective=0.9 * best.objective)).objective == 0.9 * best.objective


# ------------------------------------------------------------------------------------------- near a known plan


def started(seed: int, gap: float, start: np.ndarray | None = None) -> tuple[EngineResult, float]:
    """Return the answer from a start, by default the plan of least emissions, and the truth."""
    study = ev.complete(random_study(seed))
    program = build(study)
    milp = program.milp
    if start is None:
        start = program.point(ev.solve(study, objective="emissions", gap=0.0).tables)
    found = big.solve_large(
        program, milp, milp.objectives["cost"], find_engine("highs"), Limits(gap, 60.0), start=start
    )
    return found, ev.solve(study, gap=0.0).solve.objective


@pytest.mark.parametrize("seed", SEEDS)
def test_from_the_plan_of_another_objective_the_optimum_is_the_same(seed: int) -> None:
    found, truth = started(seed, 0.0)
    assert found.status is Status.OPTIMAL
    assert found.objective == pytest.approx(truth, rel=1e-6)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_start_that_is_no_plan_does_no_harm(value: float) -> None:
    size = build(ev.complete(random_study(11))).milp.shape[1]
    found, truth = started(11, 0.0, np.full(size, value))
    assert found.objective == pytest.approx(truth, rel=1e-6)


def test_a_good_plan_near_the_start_needs_no_first_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(core: core.Core) -> EngineResult:
        raise AssertionError

    monkeypatch.setattr(core.Core, "first", never)
    found, truth = started(11, 0.5)
    assert found.bound <= truth <= found.objective * (1 + 1e-9)
    assert found.objective - found.bound <= 0.5 * abs(found.objective)


def test_decisions_on_which_plan_and_relaxation_agree_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = find_engine("highs")
    run = type(engine).run
    asked: list[tuple[Milp, EngineResult]] = []

    def noted(self: object, milp: Milp, objective: Objective, limits: Limits, **more: object) -> EngineResult:
        asked.append((milp, run(self, milp, objective, limits, **more)))
        return asked[-1][1]

    study = ev.complete(random_study(3))
    program = build(study)
    start = program.point(ev.solve(study, objective="emissions", gap=0.0).tables)
    monkeypatch.setattr(type(engine), "run", noted)
    cost = program.milp.objectives["cost"]
    big.solve_large(program, program.milp, cost, engine, Limits(0.0, 60.0, threads=1), start=start)
    (_, relaxed), _, (round_1, found) = asked[:3]  # between them the flows of the known decisions
    assert len(round_1.integer) < program.milp.shape[1]  # over the core
    agree = program.milp.integer & (np.abs(relaxed.columns - start) <= 1e-6)
    kept = (round_1.column_lower == round_1.column_upper) & round_1.integer
    before = (program.milp.column_lower == program.milp.column_upper) & program.milp.integer
    absent = program.milp.integer.sum() - round_1.integer.sum()  # not in the core: at zero in both
    assert before.sum() < agree.sum() <= kept.sum() + absent < program.milp.integer.sum()
    assert len(found.columns)


def test_an_interrupt_near_the_start_keeps_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = find_engine("highs")
    run = type(engine).run
    calls: list[int] = []

    def stopped(self: object, milp: Milp, objective: Objective, limits: Limits, **more: object) -> EngineResult:
        found = run(self, milp, objective, limits, **more)
        calls.append(1)
        return found if len(calls) == 1 else replace(found, status=Status.FEASIBLE, limit="interrupt")

    study = ev.complete(random_study(3))
    program = build(study)
    start = program.point(ev.solve(study, objective="emissions", gap=0.0).tables)
    monkeypatch.setattr(type(engine), "run", stopped)
    cost = program.milp.objectives["cost"]
    found = big.solve_large(program, program.milp, cost, engine, Limits(0.0, 60.0), start=start)
    assert (len(calls), found.limit) == (2, "interrupt")
    assert len(found.columns)
    assert max(program.milp.violation(found.columns).values()) <= 1e-6


# ------------------------------------------------------------------------------------------- under ceilings


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("seed", SEEDS)
def test_under_a_ceiling_the_optimum_is_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    study = random_study(seed)
    ends = [ev.solve(study, objective=name, gap=0.0).totals["emissions"] for name in ("cost", "emissions")]
    caps = {"emissions": float(np.mean(ends))}
    found = ev.solve(study, caps=caps, gap=0.0)
    monkeypatch.setattr(big, "LARGE", math.inf)
    truth = ev.solve(study, caps=caps, gap=0.0)
    assert found.totals["cost"] == pytest.approx(truth.totals["cost"], rel=1e-6)
    assert found.solve.bound == pytest.approx(truth.solve.bound, rel=1e-6)
    assert found.totals["emissions"] <= caps["emissions"] * (1 + 1e-6)


@pytest.mark.usefixtures("large")
def test_under_a_ceiling_the_plan_without_it_is_the_start_and_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Progress] = []
    study = random_study(11)
    free = ev.solve(study, gap=0.0)
    least = ev.solve(study, objective="emissions", gap=0.0).totals["emissions"]
    caps = {"emissions": 0.5 * (free.totals["emissions"] + least)}
    noted: list[object] = []
    run = big.solve_large

    def told(*given: object, **more: object) -> EngineResult:
        noted.append(more["start"])
        return run(*given, **more)

    monkeypatch.setattr(prepared, "solve_large", told)
    plan = ev.solve(study, caps=caps, gap=0.0, watch=heard.append)
    assert [start is None for start in noted] == [True, False]
    assert min(p.objective for p in heard) >= plan.solve.bound * (1 - 1e-6)
    assert free.totals["cost"] < plan.totals["cost"]


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("objective", [{"cost": 1.0, "emissions": 300.0}, {"emissions": 1.0, "jobs": 0.01}])
def test_with_weights_the_optimum_is_the_same(objective: dict[str, float], monkeypatch: pytest.MonkeyPatch) -> None:
    study = random_study(11)
    heard: list[Progress] = []
    found = ev.solve(study, objective=objective, gap=0.0, watch=heard.append)
    assert max(p.bound for p in heard) <= found.solve.objective + 1e-6 * abs(found.solve.objective)
    monkeypatch.setattr(big, "LARGE", math.inf)
    truth = ev.solve(study, objective=objective, gap=0.0)
    assert found.solve.objective == pytest.approx(truth.solve.objective, rel=1e-6)


@pytest.mark.usefixtures("large")
def test_an_interrupt_of_the_plan_without_ceilings_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = find_engine("highs")
    stopped = EngineResult(Status.NO_SOLUTION, limit="interrupt")
    calls: list[int] = []

    def run(*given: object, **more: object) -> EngineResult:
        calls.append(1)
        return stopped

    monkeypatch.setattr(type(engine), "run", run)
    with pytest.raises(NoSolutionError, match="interrupted"):
        ev.solve(two_plant_study(), caps={"emissions": 1e12})
    assert len(calls) == 1


@pytest.mark.usefixtures("large")
@pytest.mark.slow
def test_the_front_of_a_large_study_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    study = ev.complete(random_study(11))
    found = ev.pareto(study, points=4, gap=0.0)
    monkeypatch.setattr(big, "LARGE", math.inf)
    truth = ev.pareto(study, points=4, gap=0.0)
    assert found.table["emissions"].tolist() == pytest.approx(truth.table["emissions"].tolist(), rel=1e-5)
    assert found.table["cost"].tolist() == pytest.approx(truth.table["cost"].tolist(), rel=1e-5)


def test_decisions_of_a_known_plan_that_holds_are_a_plan_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    study = ev.complete(random_study(3))
    program = build(study)
    truth = ev.solve(study, gap=0.0)
    start = program.point(truth.tables)
    monkeypatch.setattr(core.Core, "run", lambda *given, **more: pytest.fail("nothing is sought"))
    cost = program.milp.objectives["cost"]
    found = big.solve_large(program, program.milp, cost, find_engine("highs"), Limits(0.5, 60.0), start=start)
    assert found.status is Status.OPTIMAL
    assert found.objective == pytest.approx(truth.solve.objective, rel=1e-6)


def test_the_bound_rises_beside_the_search_for_a_first_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[float] = []
    first = core.Core.first

    def late(self: core.Core) -> EngineResult:
        tree = self.tree
        assert tree is not None
        until = time.perf_counter() + 20.0
        while not tree.stuck and time.perf_counter() < until:
            time.sleep(0.01)
        seen.append(tree.nodes)
        return first(self)

    monkeypatch.setattr(core.Core, "first", late)
    truth = ev.solve(random_study(11), gap=0.0).solve.objective
    found = answered(random_study(11), threads=2)
    assert seen[0] >= 2
    assert found.objective == pytest.approx(truth, rel=1e-6)
    assert found.bound <= truth * (1 + 1e-8)


def test_a_plan_that_no_run_tells_is_carried_by_the_next_event() -> None:
    heard: list[Progress] = []
    known = ev.solve(random_study(3), gap=0.01)
    of = replace(core_of(3), watch=BestSoFar(heard.append))
    found = of.with_decisions(of.program.point(known.tables))
    assert of.watch is not None
    of.watch(Progress(1.0, math.inf, -math.inf))
    assert heard[0].objective == found.objective == pytest.approx(known.solve.objective, rel=0.01)
    assert heard[0].bound == of.bound
