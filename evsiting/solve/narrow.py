"""Large programs: priced over all lanes, decided over the few that prices leave, proven by the relaxation over all.

A plan uses a few hundred of some hundred thousand lanes. Which ones may matter, prices tell:

1. The linear relaxation over all lanes is solved. No plan is better than its value, and its prices give every lane a
   reduced cost: what a unit on it would cost more than the cheapest way.
2. The program with every decision, but only over the lanes of least reduced cost, is solved until a plan is as near to
   that bound as was asked for. It is a plan of the whole program; the bound of this run is not, and is dropped.
3. Where that is not near enough, the run over all lanes starts from it and goes on.

References
----------
.. [1] E. Balas, E. Zemel, "An Algorithm for Large Zero-One Knapsack Problems," Operations Research 28 (1980) 1130-1154:
   the exact program over the core of columns that the relaxation prices low.
.. [2] P. Avella, M. Boccia, A. Sforza, I. Vasil'ev, "An effective heuristic for large-scale capacitated facility
   location problems," Journal of Heuristics 15 (2009) 597-615: a core of lanes for siting.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from evsiting.model.build import Program
from evsiting.model.milp import IntArray, Milp, Objective
from evsiting.results.plan import Status
from evsiting.solve.engine import Engine, EngineResult, Limits, Progress, Watch, judged

logger = logging.getLogger(__name__)

#: Programs with fewer lanes in all periods are solved at once.
LARGE = 100_000
#: Part of the lanes over which a plan is sought, those of least reduced cost. Over a tenth of them the plans of the
#: shipped North American study are hard to find; over a fifth they came within minutes with every seed tried.
NEAR = 0.2
#: Part of the time for the relaxation, and of what is then left for the program over few lanes.
PART_LP, PART_MIP = 0.6, 0.75


def is_large(program: Program) -> bool:
    """Whether a program has so many lanes that pricing them first pays."""
    return len(program.sets.lanes.frame) * len(program.sets.horizon) >= LARGE


def solve_large(
    program: Program, milp: Milp, objective: Objective, engine: Engine, limits: Limits, watch: Watch | None = None
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
    """
    if not engine.tells_prices:
        return engine.run(milp, objective, limits, watch=watch)
    began = time.perf_counter()

    def gone() -> float:
        return time.perf_counter() - began

    def left() -> float:
        return max(1.0, limits.time_s - gone())

    lanes = _lanes(program)
    relaxed = engine.run(_relaxed(milp), objective, replace(limits, time_s=PART_LP * limits.time_s), watch=watch)
    if relaxed.limit == "interrupt":
        return EngineResult(Status.NO_SOLUTION, limit="interrupt", version=relaxed.version)
    if relaxed.status is not Status.OPTIMAL:  # no plan can be, or the time was too short: the whole program says which
        heard = _heard(watch, -math.inf, gone(), proves=True)
        return engine.run(milp, objective, replace(limits, time_s=left()), watch=heard)
    bound = relaxed.objective
    reduced = objective.coefficients[lanes] - milp.matrix.T.tocsr()[lanes] @ relaxed.prices
    near = np.ones(milp.shape[1], dtype=np.bool_)
    near[lanes] = reduced <= np.quantile(reduced, NEAR)
    target = bound / (1.0 - math.copysign(limits.gap, bound))
    within = replace(limits, time_s=PART_MIP * left(), target=target)
    few = replace(objective, coefficients=objective.coefficients[near])
    found = engine.run(_over(milp, near), few, within, watch=_heard(watch, bound, gone(), proves=False))
    told = int(near[lanes].sum()), len(lanes), found.status, found.objective, bound, found.seconds
    logger.info("over %d of %d lanes: %s %.7g, bound over all %.7g, in %.1f s", *told)
    best = None
    if len(found.columns):
        point = np.zeros(milp.shape[1])
        point[near] = found.columns
        status = judged(Status.FEASIBLE, found.objective, bound, limits.gap)
        best = replace(found, columns=point, bound=min(bound, found.objective), status=status)
        if status is Status.OPTIMAL:
            return replace(best, limit="")
    if found.limit == "interrupt":
        return best or replace(found, bound=bound)
    start = best.columns if best is not None else None
    heard = _heard(watch, bound, gone(), proves=True)
    last = engine.run(milp, objective, replace(limits, time_s=left()), start=start, watch=heard)
    return _better(last, bound, limits.gap, best)


def _better(last: EngineResult, bound: float, gap: float, best: EngineResult | None) -> EngineResult:
    """Return the better plan of the run over all lanes and the one before it, with the better bound."""
    if not len(last.columns) and best is None:
        return replace(last, bound=max(last.bound, bound)) if last.status is Status.NO_SOLUTION else last
    plan = last
    if best is not None and not (len(last.columns) and last.objective <= best.objective):
        plan = replace(best, limit=last.limit)
    proven = min(plan.objective, max(last.bound, bound))
    return replace(plan, bound=proven, status=judged(Status.FEASIBLE, plan.objective, proven, gap))


def _heard(watch: Watch | None, bound: float, seconds: float, *, proves: bool) -> Watch | None:
    """Return a watch that is told the time since the whole began and what is proven for all lanes.

    Parameters
    ----------
    watch : callable or None
        Who listens.
    bound : float
        Proven before this run.
    seconds : float
        Gone before this run. [s]
    proves : bool
        Whether the bound of this run is one for all lanes.
    """
    if watch is None:
        return None
    listener: Callable[[Progress], None] = watch

    def told(progress: Progress) -> None:
        proven = max(bound, progress.bound) if proves else bound
        listener(replace(progress, bound=proven, seconds=seconds + progress.seconds))

    return told


def _lanes(program: Program) -> IntArray:
    """Return the columns of all lanes in all periods."""
    return np.asarray(next(d.column for d in program.decisions if d.table == "shipments").ravel())


def _relaxed(milp: Milp) -> Milp:
    """Return the linear relaxation."""
    return replace(milp, integer=np.zeros_like(milp.integer))


def _over(milp: Milp, kept: NDArray[np.bool_]) -> Milp:
    """Return the program over some columns, the others at zero; names of columns are not kept."""
    return replace(
        milp,
        column_lower=milp.column_lower[kept],
        column_upper=milp.column_upper[kept],
        integer=milp.integer[kept],
        matrix=sparse.csr_array(milp.matrix[:, np.flatnonzero(kept)]),
        column_blocks=(),
    )
