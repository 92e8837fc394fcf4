"""Large programs: priced over all lanes, decided over the few that prices leave, proven by the relaxation over all.

A plan uses a few hundred of some hundred thousand lanes. Which ones may matter, prices tell:

1. The linear relaxation over all lanes is solved. No plan is better than its value, and its prices give every lane a
   reduced cost: what a unit on it would cost more than the cheapest way.
2. Over the lanes of least reduced cost decisions are taken in stages, each an exact program with the later decisions
   relaxed and the earlier ones kept (relax-and-fix): first where final products are made and what becomes of standing
   plants, then where their parts are made, then the rest. The last stage is a plan of the whole program; what these
   runs believe to be proven holds for their lanes and decisions alone, and is dropped.
3. Where the plan is not near enough to the bound of the first step, the run over all lanes starts from it and goes on.

References
----------
.. [1] E. Balas, E. Zemel, "An Algorithm for Large Zero-One Knapsack Problems," Operations Research 28 (1980) 1130-1154:
   the exact program over the core of columns that the relaxation prices low.
.. [2] P. Avella, M. Boccia, A. Sforza, I. Vasil'ev, "An effective heuristic for large-scale capacitated facility
   location problems," Journal of Heuristics 15 (2009) 597-615: a core of lanes for siting.
.. [3] Y. Pochet, L. A. Wolsey, "Production Planning by Mixed Integer Programming," Springer, 2006, section 3.6:
   relax-and-fix.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from evsiting.model.build import Program
from evsiting.model.milp import FloatArray, IntArray, Milp, Objective
from evsiting.results.plan import Status
from evsiting.solve.engine import Engine, EngineResult, Limits, Progress, Watch, judged

logger = logging.getLogger(__name__)

#: Programs with fewer lanes in all periods are solved at once.
LARGE = 100_000
#: Part of the lanes over which a plan is sought, those of least reduced cost, and how many of each place stay besides,
#: into it and out of it: without them a plant that prices do not favour could not run at all. Where no plan is possible
#: over so few lanes, the next width is tried.
WIDTHS = ((0.1, 3), (0.3, 10))
#: Part of the gap asked for at which a stage ends, measured in its own program; the first, which is the hard one, may
#: end at this part of it against the bound over all lanes.
STAGE_GAP, STAGE_TARGET = 0.2, 0.7
#: Part of the time for the relaxation, and of what is then left for each stage.
PART_LP, PART_STAGE = 0.6, 0.6


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

    relaxed = engine.run(_relaxed(milp), objective, replace(limits, time_s=PART_LP * limits.time_s), watch=watch)
    if relaxed.limit == "interrupt":
        return EngineResult(Status.NO_SOLUTION, limit="interrupt", version=relaxed.version)
    if relaxed.status is not Status.OPTIMAL:  # no plan can be, or the time was too short: the whole program says which
        heard = _heard(watch, -math.inf, gone(), proves=True)
        return engine.run(milp, objective, replace(limits, time_s=left()), watch=heard)
    bound = relaxed.objective
    wider = _widths(program, milp, objective, relaxed.prices)
    best = _staged(program, milp, objective, engine, wider, bound, replace(limits, time_s=left()), watch, gone())
    if best.status is Status.OPTIMAL or best.limit == "interrupt":
        return best
    start = best.columns if len(best.columns) else None
    heard = _heard(watch, bound, gone(), proves=True)
    last = engine.run(milp, objective, replace(limits, time_s=left()), start=start, watch=heard)
    return _better(last, bound, limits.gap, best)


def _staged(
    program: Program,
    milp: Milp,
    objective: Objective,
    engine: Engine,
    wider: Iterator[NDArray[np.bool_]],
    bound: float,
    limits: Limits,
    watch: Watch | None,
    before: float,
) -> EngineResult:
    """Return a plan over some columns, its decisions taken in stages; without one, why.

    Parameters
    ----------
    program, milp, objective, engine, watch
        As for :func:`solve_large`.
    wider : iterator of numpy.ndarray of bool, shape (N,)
        The columns, then more of them for a stage that has no plan over the first.
    bound : float
        Proven for all lanes.
    limits : Limits
        For all stages together.
    before : float
        Seconds gone before. [s]
    """
    began, stages, near = time.perf_counter(), _stages(program, milp), next(wider)
    point, found = np.zeros(milp.shape[1]), EngineResult(Status.NO_SOLUTION)
    for number, stage in enumerate(stages, 1):
        within = replace(limits, gap=STAGE_GAP * limits.gap)
        if number == 1:
            target = bound / (1.0 - math.copysign(STAGE_TARGET * limits.gap, bound))
            within = replace(within, target=target)
        last = number == len(stages)
        while True:
            gone = time.perf_counter() - began
            within = replace(within, time_s=max(1.0, PART_STAGE * (limits.time_s - gone)))
            part = _over(replace(milp, integer=milp.integer & stage), near)
            few = replace(objective, coefficients=objective.coefficients[near])
            found = engine.run(part, few, within, watch=_heard(watch, bound, before + gone, plans=last))
            told = number, int(stage.sum()), len(few.coefficients), found.status, found.objective, bound, found.seconds
            logger.info("stage %d, %d decisions, %d columns: %s %.7g, bound over all %.7g, in %.1f s", *told)
            more = next(wider, None) if found.status is Status.INFEASIBLE else None
            if more is None:
                break
            near = more
        if not len(found.columns) or (found.limit == "interrupt" and not last):
            return EngineResult(Status.NO_SOLUTION, bound=bound, limit=found.limit, version=found.version)
        point = np.zeros(milp.shape[1])
        point[near] = found.columns
        taken = np.round(point)
        lower, upper = (np.where(stage, taken, b) for b in (milp.column_lower, milp.column_upper))
        milp = replace(milp, column_lower=lower, column_upper=upper)
    status = judged(Status.FEASIBLE, found.objective, bound, limits.gap)
    limit = "" if status is Status.OPTIMAL else found.limit
    return replace(found, columns=point, bound=min(bound, found.objective), status=status, limit=limit)


def _stages(program: Program, milp: Milp) -> list[NDArray[np.bool_]]:
    """Return which decisions have been taken after each stage, the last of which takes all."""
    sets, columns = program.sets, {d.table: d.column for d in program.decisions}
    final = sets.makes.place[np.isin(sets.makes.product, sets.wants.product)]
    ends = np.isin(sets.changes.place[sets.changes.kind == "build"], final)
    first = np.zeros(milp.shape[1], dtype=np.bool_)
    first[columns["openings"][ends].ravel()] = True
    for table in ("closings", "resumptions"):
        if table in columns:
            first[columns[table].ravel()] = True
    plants = first.copy()
    plants[columns["openings"].ravel()] = True
    stages = [milp.integer & first, milp.integer & plants, milp.integer]
    counts = [int(stage.sum()) for stage in stages]
    return [s for s, count, after in zip(stages, counts, [*counts[1:], math.inf], strict=True) if 0 < count < after]


def _better(last: EngineResult, bound: float, gap: float, best: EngineResult) -> EngineResult:
    """Return the better plan of the run over all lanes and the one before it, with the better bound."""
    if not len(last.columns) and not len(best.columns):
        return replace(last, bound=max(last.bound, bound)) if last.status is Status.NO_SOLUTION else last
    plan = last
    if len(best.columns) and not (len(last.columns) and last.objective <= best.objective):
        plan = replace(best, limit=last.limit)
    proven = min(plan.objective, max(last.bound, bound))
    return replace(plan, bound=proven, status=judged(Status.FEASIBLE, plan.objective, proven, gap))


def _heard(
    watch: Watch | None, bound: float, seconds: float, *, proves: bool = False, plans: bool = True
) -> Watch | None:
    """Return a watch that is told the time since the whole began, and only what holds for the whole.

    Parameters
    ----------
    watch : callable or None
        Who listens.
    bound : float
        Proven before this run.
    seconds : float
        Gone before this run. [s]
    proves, plans : bool
        Whether a bound of this run holds for the whole, and whether a point of it is a plan.
    """
    if watch is None:
        return None
    listener: Callable[[Progress], None] = watch

    def told(progress: Progress) -> None:
        proven = max(bound, progress.bound) if proves else bound
        value = progress.objective if plans else math.inf
        listener(replace(progress, bound=proven, objective=value, seconds=seconds + progress.seconds))

    return told


def _widths(program: Program, milp: Milp, objective: Objective, prices: FloatArray) -> Iterator[NDArray[np.bool_]]:
    """Yield the columns over which a plan is sought, by width: all but the lanes that prices do not favour.

    Parameters
    ----------
    program, milp, objective
        As for :func:`solve_large`.
    prices : numpy.ndarray, shape (M,)
        Of the rows, from the relaxation.
    """
    sets, steps = program.sets, len(program.sets.horizon)
    column: IntArray = next(d.column for d in program.decisions if d.table == "shipments").ravel()
    lanes, places = sets.lanes, len(sets.sites) + len(sets.markets)
    reduced = objective.coefficients[column] - milp.matrix[:, column].T @ prices
    period = np.tile(np.arange(steps), len(lanes.product))

    def group(place: IntArray) -> IntArray:
        return np.asarray(np.repeat(place * len(sets.products) + lanes.product, steps) * steps + period)

    into = _rank(reduced, group(np.where(lanes.to_site >= 0, lanes.to_site, lanes.to_market + len(sets.sites))))
    out = _rank(reduced, group(np.where(lanes.site >= 0, lanes.site, lanes.supplier + places)))
    for part, own in WIDTHS:
        near = np.ones(milp.shape[1], dtype=np.bool_)
        near[column] = (reduced <= np.quantile(reduced, part)) | (into < own) | (out < own)
        yield near


def _rank(value: FloatArray, group: IntArray) -> IntArray:
    """Return how many entries of its group are smaller than each, the earlier of equal ones first."""
    order = np.lexsort((np.arange(len(value)), value, group))
    first = np.searchsorted(group[order], group[order], side="left")
    out = np.empty(len(value), dtype=np.int64)
    out[order] = np.arange(len(order)) - first
    return out


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
