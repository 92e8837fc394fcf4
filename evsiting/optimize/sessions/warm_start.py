"""The answer to a program from the plan and the branches of a neighbour, such as the study without a forced site.

The neighbour has the same columns, and other limits or costs. Its plan is repaired: decisions on which it agrees with
the linear relaxation stay, the others are decided anew, exactly [1]_. Its branches cover everything here as well: each
leaf is bounded anew by prices, and parted further until the bound meets the plan [2]_; now and then a plan is sought
near the optima of the branches of least bound.

References
----------
.. [1] E. Danna, E. Rothberg, C. Le Pape, "Exploring relaxation induced neighborhoods to improve MIP solutions,"
   Mathematical Programming 102 (2005) 71-90.
.. [2] G. Gamrath, B. Hiller, J. Witzig, "Reoptimization techniques for MIP solvers," in Experimental Algorithms (SEA
   2015), Lecture Notes in Computer Science 9125, Springer, 2015, 181-192.
"""

from __future__ import annotations

import heapq
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from evsiting.model.build import Program
from evsiting.model.milp import FloatArray, Milp, Objective
from evsiting.optimize.engines.base import Engine, EngineResult, Limits, Watch, relayed_watch, status_from_bounds
from evsiting.optimize.large.core import fix_decisions
from evsiting.optimize.large.count_branching import CountTree, GrownTree
from evsiting.optimize.large.rins import DIFFERS
from evsiting.optimize.price_bound import price_bound
from evsiting.optimize.verification import CONFIRMED
from evsiting.results.plan import Status

__all__ = ["warm_start"]

logger = logging.getLogger(__name__)

#: Part of the gap asked for to which the repair is solved: the rest is left to the bound.
REPAIR_GAP = 0.1
#: Nodes that are added to the branches in a round, and branches in which a plan is sought after it.
ROUND, DIVES = 20, 2
#: Most nodes that are added; nodes after which this part of the way to the gap must be done: a solver with cuts is
#: quicker else. Part of the time that is left for a run.
NODES, SOME_NODES, NEAR, PART = 400, 120, 0.4, 0.5


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
    is_enough: Callable[[float], bool] | None = None,
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
    is_enough : callable, optional
        Told the objective of a plan: whether no better bound than the known one is of use beside it.
    watch : callable, optional
        Told of time, plan and bound.

    Returns
    -------
    EngineResult
        Optimal where bound and plan are as near as asked for; its bound is recomputed from the prices of the leaves.
    """
    if relaxed.status is not Status.OPTIMAL or relaxed.warm is None:
        return EngineResult(Status.NO_SOLUTION, limit=relaxed.limit if relaxed.limit == "interrupt" else "")
    search = _Search(milp, objective, engine, limits, watch)
    search.decide_anew(np.abs(relaxed.columns - start) > DIFFERS, start)
    tree = CountTree(program, milp, objective, relaxed.warm, to_end=True, grown=grown)
    first = tree.bound
    while not (search.is_closed(tree.bound) or search.best.limit == "interrupt"):
        before = tree.nodes
        tree.grow(search.is_closed, PART * search.left, search.seen(tree.bound), nodes=ROUND)
        search.dive(tree)
        if tree.nodes == before or tree.lp.interrupted:
            break
        if is_enough is not None and len(search.best.columns) and is_enough(search.best.objective):
            break
        if tree.nodes >= NODES or (tree.nodes >= SOME_NODES and not search.is_near(first, tree.bound)):
            break
    logger.info("branches gone on with: from %.9g to %.9g, %d nodes more", first, tree.bound, tree.nodes)
    if not len(search.best.columns):
        return EngineResult(Status.NO_SOLUTION, limit=search.best.limit if search.best.limit == "interrupt" else "")
    return _proven(milp, objective, limits, tree, search.best)


@dataclass
class _Search:
    """The best plan so far: a known one repaired, then those near the optima of branches."""

    milp: Milp
    objective: Objective
    engine: Engine
    limits: Limits
    watch: Watch | None
    best: EngineResult = field(default_factory=lambda: EngineResult(Status.NO_SOLUTION))
    tried: set[int] = field(default_factory=set)
    began: float = field(default_factory=time.perf_counter)

    @property
    def left(self) -> float:
        """Time that is left. [s]"""
        return max(0.0, self.limits.time_s - (time.perf_counter() - self.began))

    def seen(self, bound: float) -> Watch | None:
        """Return the watch of a run that proves no more than a bound."""
        return relayed_watch(self.watch, bound, time.perf_counter() - self.began, plans=False)

    def is_closed(self, bound: float) -> bool:
        """Whether the best plan is as near to a bound as was asked for."""
        if not len(self.best.columns):
            return False
        return status_from_bounds(Status.FEASIBLE, self.best.objective, bound, self.limits.gap) is Status.OPTIMAL

    def is_near(self, first: float, bound: float) -> bool:
        """Whether a good part of the way from the first bound to the one that closes the gap is done."""
        if not len(self.best.columns):
            return False
        goal = self.best.objective - self.limits.gap * abs(self.best.objective)
        return bound - first >= NEAR * (goal - first)

    def dive(self, tree: CountTree) -> None:
        """Decide anew, in the branches of least bound, what is not whole in their optima."""
        leaves = [leaf for leaf in tree.grown.leaves if leaf.fresh and leaf.node not in self.tried]
        for leaf in heapq.nsmallest(DIVES, leaves):
            if self.best.limit == "interrupt":
                return
            self.tried.add(leaf.node)
            point = np.zeros(self.milp.shape[1])
            point[tree.singles] = leaf.value[tree.rows :]
            self.decide_anew(np.abs(point - np.round(point)) > DIFFERS, point)

    def decide_anew(self, free: NDArray[np.bool_], point: FloatArray) -> None:
        """Decide anew what is free, exactly, with all other decisions as in a point; keep the plan if it is the best.

        Parameters
        ----------
        free : numpy.ndarray of bool, shape (N,)
            Which decisions are free.
        point : numpy.ndarray, shape (N,)
            What the others are; it is rounded.
        """
        near = fix_decisions(self.milp, self.milp.integer & ~free, point)
        quick = replace(self.limits, gap=REPAIR_GAP * self.limits.gap, time_s=PART * self.left, doubt=False)
        result = self.engine.run(near, self.objective, quick, watch=self.seen(-math.inf))
        log = int((self.milp.integer & free).sum()), result.status, result.objective, result.seconds
        logger.info("%d decisions free: %s %.7g, in %.2f s", *log)
        if len(result.columns) and not result.objective >= self.best.objective:
            self.best = replace(result, limit="interrupt" if result.limit == "interrupt" else "")
        elif result.limit == "interrupt":
            self.best = replace(self.best, limit="interrupt")


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
