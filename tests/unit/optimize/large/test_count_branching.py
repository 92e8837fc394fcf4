"""Branches on numbers of plants: a bound that rises, and never above the truth."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import evsiting as ev
from evsiting.model.build import Program, build
from evsiting.model.milp import Objective
from evsiting.optimize.engines.base import EngineResult, Limits, Progress
from evsiting.optimize.engines.registry import find_engine
from evsiting.optimize.engines.warm_lp import Resolved, WarmLp
from evsiting.optimize.large.count_branching import CountTree
from evsiting.optimize.large.plant_counts import plant_counts, standing_decisions
from evsiting.optimize.price_bound import price_bound
from tests.full_study import full_study
from tests.random_studies import random_study


def solved(seed: int, objective: str = "cost") -> tuple[Program, Objective, EngineResult, float]:
    """Return a program, its objective, its relaxation and the value of its optimum."""
    program = build(ev.complete(random_study(seed)))
    milp, engine = program.milp, find_engine("highs")
    aim = milp.objectives[objective]
    relaxed = engine.run(replace(milp, integer=np.zeros_like(milp.integer)), aim, Limits(0.0, 60.0))
    return program, aim, relaxed, engine.run(milp, aim, Limits(0.0, 60.0)).objective


def tree_of(seed: int, objective: str = "cost") -> tuple[CountTree, float, float]:
    program, aim, relaxed, truth = solved(seed, objective)
    return CountTree(program, program.milp, aim, relaxed.warm), relaxed.objective, truth


def never(bound: float) -> bool:
    return False


@pytest.mark.parametrize("seed", [1, 4, 6, 11, 12])
@pytest.mark.parametrize("objective", ["cost", "emissions", "jobs"])
def test_the_bound_lies_between_relaxation_and_optimum(seed: int, objective: str) -> None:
    tree, relaxed, truth = tree_of(seed, objective)
    size = max(abs(truth), abs(relaxed), tree.objective.unit)
    assert relaxed - 1e-6 * size <= tree.bound <= relaxed + 1e-12 * size
    bound = tree.grow(never, 60.0)
    assert relaxed - 1e-6 * size <= bound <= truth + 1e-8 * size
    assert tree.stuck


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200))
def test_no_bound_is_above_the_truth(seed: int) -> None:
    tree, relaxed, truth = tree_of(seed)
    assert relaxed * (1 - 1e-8) <= tree.grow(never, 60.0) <= truth * (1 + 1e-8)


def test_branches_close_the_gap_where_numbers_decide() -> None:
    tree, relaxed, truth = tree_of(11)
    assert tree.grow(never, 60.0) == pytest.approx(truth, rel=1e-6)
    assert truth > relaxed * 1.001
    assert tree.nodes >= 2


def test_it_stops_where_the_bound_is_enough_and_goes_on_later() -> None:
    tree, relaxed, truth = tree_of(1)
    some = tree.grow(lambda bound: bound > relaxed * 1.0001, 60.0)
    nodes = tree.nodes
    assert relaxed * 1.0001 < some
    assert tree.grow(lambda bound: bound > relaxed * 1.0001, 60.0) == some
    assert tree.nodes == nodes
    assert some < tree.grow(never, 60.0) <= truth * (1 + 1e-8)
    assert tree.nodes > nodes


def test_without_time_nothing_changes() -> None:
    tree, _, _ = tree_of(1)
    before = tree.bound
    assert tree.grow(never, 0.0) == before
    assert tree.nodes == 0


def test_the_watch_hears_the_bound_of_the_tree() -> None:
    tree, relaxed, truth = tree_of(1)
    heard: list[Progress] = []
    tree.grow(never, 60.0, heard.append)
    assert heard
    assert all(relaxed * (1 - 1e-8) <= p.bound <= truth * (1 + 1e-8) for p in heard)
    assert all(p.objective == math.inf for p in heard)


def test_what_the_solver_calls_solved_or_empty_without_proof_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prices of nothing and a ray of nothing: the bound stays where it was."""
    tree, relaxed, _ = tree_of(1)
    rows = tree.milp.matrix.shape[0]
    run = WarmLp.run
    for answer in ("solved", "empty"):

        def wrong(self: WarmLp, *given: object, answer: str = answer, **more: object) -> Resolved:
            found = run(self, *given, **more)
            assert found is not None
            if answer == "solved":
                return replace(found, prices=np.zeros(rows))
            return Resolved(False, np.zeros(rows))

        monkeypatch.setattr(WarmLp, "run", wrong)
        assert tree.grow(never, 1.0) == pytest.approx(relaxed, rel=1e-8)


def test_a_run_that_was_cut_short_leaves_the_tree_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    tree, _, truth = tree_of(1)
    before = tree.bound
    with monkeypatch.context() as patched:
        patched.setattr(WarmLp, "run", lambda *given, **more: None)
        assert tree.grow(never, 60.0) == before
    assert before < tree.grow(never, 60.0) <= truth * (1 + 1e-8)


def under_a_ceiling(program: Program, part: float) -> tuple[Program, EngineResult, float]:
    """Return a program with a ceiling on emissions somewhere between the least and those of least cost."""
    engine, ends = find_engine("highs"), []
    for name in ("emissions", "cost"):
        point = engine.run(program.milp, program.milp.objectives[name], Limits(0.0, 60.0)).columns
        ends.append(program.milp.objectives["emissions"].value(point))
    capped = program.capped("emissions", ends[0] + part * (ends[1] - ends[0]))
    milp = capped.milp
    relaxed = engine.run(replace(milp, integer=np.zeros_like(milp.integer)), milp.objectives["cost"], Limits(0.0, 60.0))
    return capped, relaxed, engine.run(milp, milp.objectives["cost"], Limits(0.0, 60.0)).objective


@pytest.mark.parametrize("seed", [1, 6, 11, *(pytest.param(s, marks=pytest.mark.slow) for s in range(12, 20))])
@pytest.mark.parametrize("parts", [(None, 0.5), (0.5, 0.2), (0.2, 0.8)])
def test_a_tree_of_another_ceiling_goes_on_and_proves_what_holds_here(
    seed: int, parts: tuple[float | None, float]
) -> None:
    program, aim, relaxed, _ = solved(seed)
    first, of_first = (program, relaxed) if parts[0] is None else under_a_ceiling(program, parts[0])[:2]
    before = CountTree(first, first.milp, aim, of_first.warm)
    before.grow(never, 60.0)
    here, of_here, truth = under_a_ceiling(program, parts[1])
    tree = CountTree(here, here.milp, aim, of_here.warm, grown=before.grown)
    size = max(abs(truth), aim.unit)
    assert of_here.objective - 1e-6 * size <= tree.bound <= truth + 1e-8 * size
    bound = tree.grow(never, 60.0)
    alone = CountTree(here, here.milp, aim, under_a_ceiling(program, parts[1])[1].warm).grow(never, 60.0)
    assert bound <= truth + 1e-8 * size
    assert bound >= min(alone, before.bound if parts[0] is None else alone) - 1e-6 * size
    value, fault = price_bound(here.milp, aim, tree.proof())
    assert not fault
    assert bound - 1e-8 * size <= value <= bound + 1e-7 * size  # what is told is never above what the prices prove


@pytest.mark.parametrize("seed", [1, 11])
def test_numbers_count_new_plants_of_a_type_until_a_period(seed: int) -> None:
    program, _, _, _ = solved(seed)
    milp, sets = program.milp, program.sets
    point = find_engine("highs").run(milp, milp.objectives["jobs"], Limits(0.0, 60.0)).columns
    counted = plant_counts(program, milp) @ point
    assert counted == pytest.approx(np.round(counted), abs=1e-6)
    column = program.column_of("openings")
    new = np.flatnonzero(sets.changes.kind == "build")
    every = sum(point[c] for k, row in zip(new, column, strict=True) if sets.changes.root[k] for c in row if c >= 0)
    kinds = sets.places.plant_type[sets.changes.place[new]]
    assert counted.max() <= every + 1e-6
    assert len(counted) >= len(np.unique(kinds))


def test_decisions_on_standing_plants_are_branched_on_too() -> None:
    study = ev.complete(full_study())
    program = build(study)
    names = program.milp.column_names()
    found = [names[c].split("[")[0] for c in standing_decisions(program, program.milp)]
    assert found
    assert set(found) <= {"close", "resume"}
