"""Large programs: priced over everything, decided over the plants that prices leave, proven by the relaxation over all.

A plan builds a few of many plants; which ones may matter, prices tell:

1. The linear relaxation over everything is solved: the bound, and the prices (:mod:`evsiting.optimize.large.core`).
2. A first plan is found over the plants that the relaxation uses, or a known one is the start.
3. It is made better near it (:mod:`evsiting.optimize.large.rins`), and its flows are settled over all lanes.
4. Where the plan is not near enough to the bound, the run over everything starts from it and goes on.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace

import numpy as np

from evsiting.model.build import Program
from evsiting.model.milp import FloatArray, Milp, Objective
from evsiting.optimize.engines.base import Engine, EngineResult, Limits, Watch, judged
from evsiting.optimize.incumbent import with_bound
from evsiting.optimize.large.core import Core, heard
from evsiting.optimize.large.rins import improved
from evsiting.results.plan import Status

logger = logging.getLogger(__name__)

#: Programs with fewer lanes in all periods are solved at once.
LARGE = 100_000
#: Part of the time for the relaxation, and where a start is known: seconds then make a plan of it.
PART_LP, PART_LP_STARTED = 0.6, 0.85


def is_large(program: Program) -> bool:
    """Whether a program has so many lanes that pricing them first pays."""
    return len(program.sets.lanes.frame) * len(program.sets.horizon) >= LARGE


def solve_large(
    program: Program,
    milp: Milp,
    objective: Objective,
    engine: Engine,
    limits: Limits,
    watch: Watch | None = None,
    *,
    start: FloatArray | None = None,
    relaxed: EngineResult | None = None,
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
    relaxed : EngineResult, optional
        Of the linear relaxation of the same program, where it is known.

    Returns
    -------
    EngineResult
        With the linear relaxation, where it was solved.
    """
    if not engine.tells_prices:
        return engine.run(milp, objective, limits, start=start, watch=watch)
    began = time.perf_counter()
    if relaxed is None:
        part = PART_LP if start is None else PART_LP_STARTED
        within = replace(limits, time_s=part * limits.time_s)
        relaxed = engine.run(replace(milp, integer=np.zeros_like(milp.integer)), objective, within, watch=watch)
    if relaxed.limit == "interrupt":
        return EngineResult(Status.NO_SOLUTION, bound=relaxed.bound, limit="interrupt", version=relaxed.version)
    core = Core(program, milp, objective, engine, limits, watch, began, relaxed)
    if relaxed.status is not Status.OPTIMAL:  # no plan can be, or the time was too short: the whole program says which
        seen = heard(watch, relaxed.bound, core.gone, proves=True)
        whole = engine.run(milp, objective, replace(limits, time_s=core.left), start=start, watch=seen)
        return with_bound(whole, relaxed.bound, limits.gap)
    best = EngineResult(Status.NO_SOLUTION, bound=core.bound)
    if start is not None:
        best = improved(core, start)
    if not _ended(best):
        best = _better(core.first(), best)
        if len(best.columns) and best.limit != "interrupt" and best.objective > core.target():
            best = _better(improved(core, best.columns), best)
    if not _ended(best):
        seen = heard(watch, core.bound, core.gone, proves=True)
        point = best.columns if len(best.columns) else None
        last = engine.run(milp, objective, replace(limits, time_s=core.left), start=point, watch=seen)
        best = _proven(last, core, best)
    return replace(best, relaxed=relaxed)


def _ended(found: EngineResult) -> bool:
    """Whether an answer is good enough, or the user wants no more."""
    return found.status is Status.OPTIMAL or found.limit == "interrupt"


def _better(new: EngineResult, old: EngineResult) -> EngineResult:
    """Return the better plan of two runs over the core, with what ended the newer one."""
    if len(old.columns) and not (len(new.columns) and new.objective <= old.objective):
        return replace(old, limit=new.limit)
    return new


def _proven(last: EngineResult, core: Core, best: EngineResult) -> EngineResult:
    """Return the better plan of the run over all lanes and those before it, with the better bound."""
    plan = _better(last, best)
    if not len(plan.columns):
        return replace(last, bound=max(last.bound, core.bound)) if last.status is Status.NO_SOLUTION else last
    proven = min(plan.objective, max(last.bound, core.bound))
    return replace(plan, bound=proven, status=judged(Status.FEASIBLE, plan.objective, proven, core.limits.gap))
