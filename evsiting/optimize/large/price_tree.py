"""Small programs proven anew by prices: what the solver's own tree proved, in a form that anyone can recompute.

A solver tells its bound and not its tree. So a tree of this package's own is grown over the relaxation until it proves
the same, for a number of nodes at most; small programs mostly come to that end at once.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace

import numpy as np

from evsiting.model.build import Program
from evsiting.model.milp import Milp, Objective
from evsiting.optimize.engines.base import EngineResult, Limits
from evsiting.optimize.engines.registry import ENGINES
from evsiting.optimize.large.count_branching import CountTree
from evsiting.optimize.price_bound import price_bound
from evsiting.optimize.verification import CONFIRMED, MARGIN, is_small
from evsiting.results.plan import Status

__all__ = ["proven_by_prices"]

logger = logging.getLogger(__name__)

#: Most nodes of the tree, and most time for it and for the relaxation each. [1, s]
NODES, SECONDS = 60, 2.0
#: The same for a tree that has come this part of the way from the relaxation to the bound with these nodes: to grow on
#: costs less than a second run of a solver, and its leaves are what the next question starts from.
NEAR, MOST_NODES, MOST_SECONDS = 0.75, 600, 10.0
#: Part of the solver's bound that prices may be below it while the tree counts as grown.
CLOSE = 1e-9


def proven_by_prices(program: Program, milp: Milp, objective: Objective, result: EngineResult) -> EngineResult:
    """Return the answer to a small program with prices that prove its bound, where a few nodes are enough.

    Parameters
    ----------
    program : Program
        Says which columns build which plant where.
    milp, objective
        What was asked.
    result : EngineResult
        A plan that is proven by the solver's own tree.

    Returns
    -------
    EngineResult
        Confirmed, with the bound of the prices, where that is the solver's but for five millionths; else as it was,
        with prices that prove a part of the bound where there are some.
    """
    small = result.status is Status.OPTIMAL and not result.limit and result.proof is None and is_small(milp)
    highs = ENGINES["highs"]
    if not small or highs.missing():
        return result
    began, limits = time.perf_counter(), Limits(0.0, SECONDS, threads=1, doubt=False)
    relaxed = highs.run(replace(milp, integer=np.zeros_like(milp.integer)), objective, limits)
    if relaxed.status is not Status.OPTIMAL or relaxed.warm is None:
        return result
    tree = CountTree(program, milp, objective, relaxed.warm, to_end=True)
    root, goal = tree.bound, result.bound - CLOSE * abs(result.bound)
    tree.grow(lambda bound: bound >= goal, SECONDS, nodes=NODES)
    if tree.bound < goal and tree.bound - root >= NEAR * (goal - root):
        tree.grow(lambda bound: bound >= goal, MOST_SECONDS, nodes=MOST_NODES)
    proof = tree.proof()
    value, fault = price_bound(milp, objective, proof)
    if fault:
        return result
    by = f"prices of {len(proof.leaf)} {'leaf' if len(proof.leaf) == 1 else 'leaves'}"
    logger.info("%s prove %.9g of %.9g, in %.1f s", by, value, result.bound, time.perf_counter() - began)
    priced = replace(result, proof=proof, price_bound=value)
    if value < result.bound - MARGIN * abs(result.bound):
        return priced
    return replace(priced, bound=min(value, result.bound), verified=CONFIRMED, verified_by=by)
