"""The answer to a program from the plan and the branches of a neighbour, such as the study without a forced site.

The neighbour has the same columns, and other limits or costs. Its plan is repaired: decisions on which it agrees with
the linear relaxation stay, the others are decided anew, exactly [1]_. Its branches cover everything here as well: each
leaf is bounded anew by prices, and parted further until the bound meets the plan [2]_.

References
----------
.. [1] E. Danna, E. Rothberg, C. Le Pape, "Exploring relaxation induced neighborhoods to improve MIP solutions,"
   Mathematical Programming 102 (2005) 71-90.
.. [2] G. Gamrath, B. Hiller, J. Witzig, "Reoptimization techniques for MIP solvers," in Experimental Algorithms (SEA
   2015), Lecture Notes in Computer Science 9125, Springer, 2015, 181-192.
"""

from __future__ import annotations

import logging
import math
import time
from dataclasses import replace

import numpy as np

from evsiting.model.build import Program
from evsiting.model.milp import FloatArray, Milp, Objective
from evsiting.optimize.engines.base import Engine, EngineResult, Limits, Watch, relayed_watch, status_from_bounds
from evsiting.optimize.large.count_branching import CountTree, GrownTree
from evsiting.optimize.price_bound import price_bound
from evsiting.optimize.verification import CONFIRMED
from evsiting.results.plan import Status

__all__ = ["is_of_no_use", "warm_start"]

logger = logging.getLogger(__name__)

#: Difference at which plan and relaxation disagree on a decision.
DIFFERS = 1e-6
#: Part of the gap asked for to which the repair is solved: the rest is left to the bound.
REPAIR_GAP = 0.1
#: Most nodes that are added to the branches, and part of the time for them: a solver with cuts then does better.
NODES, PART = 400, 0.5


def warm_start(
    program: Program,
    milp: Milp,
    objective: Objective,
    engine: Engine,
    limits: Limits,
    *,
    relaxed: EngineResult,
    start: FloatArray,
    grown: GrownTree,
    useful_bound: float = -math.inf,
    watch: Watch | None = None,
) -> EngineResult:
    """Return the best plan that the neighbour's plan and branches lead to, and what is proven; no plan where none is.

    Parameters
    ----------
    program : Program
        Says which columns build what.
    milp : Milp
        Its arrays, perhaps with further rows at the end.
    objective, engine, limits
        As for :meth:`evsiting.optimize.engines.base.Engine.run`.
    relaxed : EngineResult
        The linear relaxation, solved.
    start : numpy.ndarray, shape (N,)
        A point with the neighbour's decisions; it need not keep the rows.
    grown : GrownTree
        The neighbour's branches.
    useful_bound : float
        No bound up to this one is of use: where the gap asked for ends below it, the bound is not raised.
    watch : callable, optional
        Told of time, plan and bound.

    Returns
    -------
    EngineResult
        Optimal where bound and plan are as near as asked for; its bound is recomputed from the prices of the leaves.
    """
    nothing, began = EngineResult(Status.NO_SOLUTION), time.perf_counter()
    if relaxed.status is not Status.OPTIMAL or relaxed.warm is None:
        return replace(nothing, limit=relaxed.limit if relaxed.limit == "interrupt" else "")
    best = _repaired(milp, objective, engine, limits, relaxed, start, watch)
    if not len(best.columns):
        return replace(nothing, limit=best.limit if best.limit == "interrupt" else "")
    tree = CountTree(program, milp, objective, relaxed.warm, to_end=True, grown=grown)

    def is_enough(bound: float) -> bool:
        return (
            is_of_no_use(best, limits, useful_bound)
            or status_from_bounds(Status.FEASIBLE, best.objective, bound, limits.gap) is Status.OPTIMAL
        )

    gone = time.perf_counter() - began
    seen = relayed_watch(watch, tree.bound, gone, proves=True)
    tree.grow(is_enough, PART * max(0.0, limits.time_s - gone), seen, nodes=NODES)
    return _proven(milp, objective, limits, tree, best)


def is_of_no_use(best: EngineResult, limits: Limits, useful_bound: float) -> bool:
    """Whether the bound that the gap asked for needs is one of no use."""
    return best.objective - limits.gap * abs(best.objective) <= useful_bound


def _repaired(
    milp: Milp,
    objective: Objective,
    engine: Engine,
    limits: Limits,
    relaxed: EngineResult,
    start: FloatArray,
    watch: Watch | None,
) -> EngineResult:
    """Return the plan with the decisions of the start on which the relaxation agrees, the others decided anew."""
    stay = milp.integer & (np.abs(relaxed.columns - start) <= DIFFERS)
    lower, upper = (np.where(stay, np.round(start), bound) for bound in (milp.column_lower, milp.column_upper))
    near = replace(milp, column_lower=lower, column_upper=upper)
    quick = replace(limits, gap=REPAIR_GAP * limits.gap, time_s=PART * limits.time_s, doubt=False)
    result = engine.run(near, objective, quick, watch=relayed_watch(watch, relaxed.objective, 0.0))
    log = int((milp.integer & ~stay).sum()), result.status, result.objective, result.seconds
    logger.info("a known plan repaired, %d decisions free: %s %.7g, in %.2f s", *log)
    return result


def _proven(milp: Milp, objective: Objective, limits: Limits, tree: CountTree, best: EngineResult) -> EngineResult:
    """Return a plan with what the leaves prove, recomputed from their prices."""
    proof = tree.proof()
    value, fault = price_bound(milp, objective, proof)
    if fault:
        return replace(best, status=Status.FEASIBLE, bound=-math.inf)
    bound = min(value, best.objective)
    status = status_from_bounds(Status.FEASIBLE, best.objective, bound, limits.gap)
    stopped = "interrupt" if tree.lp.interrupted or best.limit == "interrupt" else ""
    by = f"prices of {len(proof.leaf)} {'leaf' if len(proof.leaf) == 1 else 'leaves'}"
    logger.info("branches gone on with: %s prove %.9g of %.9g", by, value, best.objective)
    answer = replace(best, status=status, bound=bound, limit=stopped, proof=proof, price_bound=value, tree=tree.grown)
    return replace(answer, verified=CONFIRMED, verified_by=by) if status is Status.OPTIMAL else answer
