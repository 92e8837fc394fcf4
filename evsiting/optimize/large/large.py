"""Large programs: priced over everything, decided over the plants that prices leave, proven by the relaxation over all.

A plan builds a few of many plants; which ones may matter, prices tell:

1. The linear relaxation over everything is solved: the bound, and the prices (:mod:`evsiting.optimize.large.core`).
2. A first plan is found over the plants that the relaxation uses, or near a known one
   (:mod:`evsiting.optimize.large.rins`).
3. Branches on the numbers of plants raise the bound (:mod:`evsiting.optimize.large.count_branching`), and one part of
   the plan after the other is decided anew (:mod:`evsiting.optimize.large.neighbourhoods`), until they meet: side by
   side where there are two threads, else in turn.
4. Where they do not, the run over everything starts from the plan and goes on.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from evsiting.model.build import Program
from evsiting.model.milp import FloatArray, Milp, Objective
from evsiting.optimize.engines.base import (
    Engine,
    EngineResult,
    Limits,
    Progress,
    Watch,
    relayed_watch,
    status_from_bounds,
)
from evsiting.optimize.engines.best_so_far import best_so_far
from evsiting.optimize.incumbent import with_bound
from evsiting.optimize.large.core import Core
from evsiting.optimize.large.count_branching import CountTree, GrownTree
from evsiting.optimize.large.neighbourhoods import LEAST_S, NeighbourhoodSearch
from evsiting.optimize.large.raising import Raising
from evsiting.optimize.large.repair import breaks_rules, repaired
from evsiting.optimize.large.rins import rins
from evsiting.results.plan import Status
from evsiting.study.study import Study

logger = logging.getLogger(__name__)

#: Programs with fewer lanes in all periods are solved at once.
LARGE = 100_000
#: Part of the time for the relaxation, and where a start is known: seconds then make a plan of it.
PART_LP, PART_LP_STARTED = 0.6, 0.85
#: Part of the time that is left in which bound and plan are brought together before the run over everything; all of it
#: where less than so many times what the relaxation took would be left. What each gets in turn, as a part of the same.
PART_CLOSE, WORTH, TURN = 0.8, 10.0, 0.8


def is_large(program: Program) -> bool:
    """Whether a program has so many lanes that pricing them first pays."""
    return len(program.sets.lanes.frame) * len(program.sets.horizon) >= LARGE


def has_many_lanes(study: Study) -> bool:
    """Whether the program of a complete study would be large."""
    return len(study.lanes) * len(study.periods) >= LARGE


def solve_large(
    program: Program,
    milp: Milp,
    objective: Objective,
    engine: Engine,
    limits: Limits,
    watch: Watch | None = None,
    *,
    start: FloatArray | None = None,
    relax: Callable[[Limits, Watch | None], EngineResult] | None = None,
    grown: GrownTree | None = None,
    lp_seconds: float = 0.0,
) -> EngineResult:
    """Return the answer to a large program.

    Parameters
    ----------
    program : Program
        Says which columns are lanes.
    milp : Milp
        Its arrays, perhaps with further rows.
    objective : Objective
        What is minimised.
    engine : Engine
        Where it tells no prices of a linear program, it gets the whole program at once.
    limits : Limits
        For everything together.
    watch : callable, optional
        Told of progress.
    start : numpy.ndarray, shape (N,), optional
        A point whose decisions are a plan, perhaps one for another objective.
    relax : callable, optional
        Solves the linear relaxation of the program within limits, telling a watch: by default the engine, from nothing.
    grown : GrownTree, optional
        Branches of the same program and objective under other ceilings, to go on from.
    lp_seconds : float, optional
        What a relaxation takes from nothing, where this one is not: the measure of other times. [s]

    Returns
    -------
    EngineResult
        With the prices that prove its bound.
    """
    if not engine.tells_prices:
        return engine.run(milp, objective, limits, start=start, watch=watch)
    began, watch = time.perf_counter(), best_so_far(watch)
    part = PART_LP if start is None else PART_LP_STARTED
    within = replace(limits, time_s=part * limits.time_s)
    if relax is None:
        relaxed = engine.run(replace(milp, integer=np.zeros_like(milp.integer)), objective, within, watch=watch)
    else:
        relaxed = relax(within, watch)
    if relaxed.limit == "interrupt":
        return EngineResult(Status.NO_SOLUTION, bound=relaxed.bound, limit="interrupt", version=relaxed.version)
    core = Core(program, milp, objective, engine, limits, watch, began, relaxed, grown, lp_seconds)
    if relaxed.status is not Status.OPTIMAL:  # no plan can be, or the time was too short: the whole program says which
        seen = relayed_watch(watch, relaxed.bound, core.gone, proves=True)
        whole = engine.run(milp, objective, replace(limits, time_s=core.left), start=start, watch=seen)
        return with_bound(whole, relaxed.bound, limits.gap)
    with Raising(core) as raising:
        best = _plan_near(core, start, raising)
        if not (len(best.columns) or _is_done(best)):
            best = core.first()
        raising.value = best.objective if len(best.columns) else math.inf
        if len(best.columns) and not _is_done(best):
            best = _close_gap(core, best, raising)
    if len(best.columns):
        best = core.answer(best)  # the bound may have risen meanwhile
    if len(best.columns) and not _is_done(best) and core.gone >= limits.time_s:
        best = replace(best, limit="time")
    elif not _is_done(best):
        seen = relayed_watch(watch, core.bound, core.gone, proves=True)
        point = best.columns if len(best.columns) else None
        last = engine.run(milp, objective, replace(limits, time_s=core.left), start=point, watch=seen)
        best = _best_proven(last, core, best)
    tree = core.tree_so_far
    return replace(best, tree=None if tree is None else tree.grown, proof=core.proof, price_bound=core.price_bound)


def _plan_near(core: Core, start: FloatArray | None, raising: Raising) -> EngineResult:
    """Return a plan near a known point: with the decisions of the point, improved where they are not good enough."""
    best = EngineResult(Status.NO_SOLUTION, bound=core.bound)
    if start is None:
        return best
    if breaks_rules(core, start):
        best = repaired(core, NeighbourhoodSearch(core), start)
        if len(best.columns) or _is_done(best):  # its neighbourhoods are searched from there on
            return best
    else:
        best = core.with_decisions(start)
    if len(best.columns):
        raising.value = best.objective
    if _is_done(best):
        return best
    return _better(rins(core, best.columns if len(best.columns) else start), best)


def _close_gap(core: Core, best: EngineResult, raising: Raising) -> EngineResult:
    """Return a plan and its bound brought nearer to each other, until they meet or neither has anything left to try."""
    left = core.left
    rest = (1.0 - PART_CLOSE) * left
    until = core.gone + (left - rest if rest >= WORTH * core.lp_seconds else left)
    search = NeighbourhoodSearch(core)
    if core.tree is None or core.limits.threads > 1:
        return _side_by_side(core, search, best, until, raising)
    turn = max(LEAST_S, TURN * core.lp_seconds)
    while not _is_done(best) and core.gone < until and not (search.exhausted and core.tree.stuck):
        best = _raise_bound(core, core.tree, best, min(turn, until - core.gone))
        best = search.run(best, min(LEAST_S, until - core.gone))
    return best


def _raise_bound(core: Core, tree: CountTree, best: EngineResult, seconds: float) -> EngineResult:
    """Return a plan with the bound that some seconds raise."""
    watch = relayed_watch(core.watch, core.bound, core.gone, proves=True)
    tree.grow(lambda bound: core.is_closed(best.objective, bound), seconds, watch)
    return core.answer(replace(best, limit="interrupt" if tree.lp.interrupted else best.limit))


def _side_by_side(
    core: Core, search: NeighbourhoodSearch, best: EngineResult, until: float, raising: Raising
) -> EngineResult:
    """Seek better plans while the bound is raised in a thread of its own."""
    raising.until = until
    while not _is_done(best) and core.gone < until and (raising.is_running() or not search.exhausted):
        best = search.run(core.answer(best), min(LEAST_S, until - core.gone))
        raising.value = best.objective
        if search.exhausted:
            best = _wait(core, raising, best)
    return core.answer(best)


def _wait(core: Core, raising: Raising, best: EngineResult) -> EngineResult:
    """Wait a moment for the bound, telling the watch; an interrupt by the user ends the search."""
    try:
        raising.is_running(0.2)
        if core.watch is not None:
            core.watch(Progress(core.gone, best.objective, core.bound, core.objective.name))
    except KeyboardInterrupt:
        return replace(best, limit="interrupt")
    return best


def _is_done(result: EngineResult) -> bool:
    """Whether an answer is good enough, or the user wants no more."""
    return result.status is Status.OPTIMAL or result.limit == "interrupt"


def _better(new: EngineResult, old: EngineResult) -> EngineResult:
    """Return the better plan of two runs over the core, with what ended the newer one."""
    if len(old.columns) and not (len(new.columns) and new.objective <= old.objective):
        return replace(old, limit=new.limit)
    return new


def _best_proven(last: EngineResult, core: Core, best: EngineResult) -> EngineResult:
    """Return the better plan of the run over all lanes and those before it, with the better bound."""
    plan = _better(last, best)
    if not len(plan.columns):
        return replace(last, bound=max(last.bound, core.bound)) if last.status is Status.NO_SOLUTION else last
    proven = min(plan.objective, max(last.bound, core.bound))
    return replace(
        plan, bound=proven, status=status_from_bounds(Status.FEASIBLE, plan.objective, proven, core.limits.gap)
    )
