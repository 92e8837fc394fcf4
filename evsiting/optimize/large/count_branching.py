"""Raise the bound by branch and bound on numbers of plants, over the relaxation of the whole program.

The linear relaxation builds parts of plants in many places. Where the parts stand costs little, how many whole plants
they make up costs much: so the *numbers* of new plants are branched on, of a plant type, until a period, in a country
or in all of them, and with them what becomes of standing plants; where all these are whole, single decisions if the
tree is to go to its end. In every branch the relaxation over all plants and lanes is solved again from the basis of the
branch above. The least value over all leaves is a bound for the whole. Branching on such sums rather than on single
decisions is branching on constraints [1]_; which one, pseudo-costs say [2]_.

References
----------
.. [1] D. M. Ryan, B. A. Foster, "An integer programming approach to scheduling," in A. Wren (ed.), Computer Scheduling
   of Public Transport, North-Holland, 1981, 269-280.
.. [2] T. Achterberg, T. Koch, A. Martin, "Branching rules revisited," Operations Research Letters 33 (2005) 42-54.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy import sparse

from evsiting.model.build import Program
from evsiting.model.milp import FloatArray, IntArray, Milp, Objective
from evsiting.optimize.engines.base import Watch, relayed_watch
from evsiting.optimize.engines.dual_bound import implied_bounds, weak_duality
from evsiting.optimize.engines.warm_lp import Resolved, WarmLp
from evsiting.optimize.large.plant_counts import plant_counts, standing_decisions
from evsiting.results.record.bound_prices import BoundPrices

logger = logging.getLogger(__name__)

#: Distance from an integer at which a number counts as one.
WHOLE = 1e-6
#: Each leaf holds a basis, which has an entry for every column and constraint: most entries in all, and most leaves.
MOST_ENTRIES, MOST = 100_000_000, 20_000
#: Least rise of a branch that its score counts with, so that no number is passed over for one rise of nothing.
LEAST = 1e-9
#: What a ray that proves a branch empty must come to, as a part of its largest price.
RAY = 1e-9


@dataclass(order=True)
class Leaf:
    """A branch that has not been parted yet, the one of least value first.

    Parameters
    ----------
    bound : float
        No plan in it is below.
    number : int
        In the order of their making.
    lower, upper : numpy.ndarray, shape (K + J,)
        Limits of the numbers of plants and of single decisions.
    value : numpy.ndarray, shape (K + J,)
        In the relaxation.
    basis : object
        Of the relaxation.
    node : int
        In the list of all nodes.
    fresh : bool
        Whether it was solved for this very program: not where it comes from the tree of a neighbour.
    prices : tuple of numpy.ndarray
        Dual values that prove the bound, where they differ from those of the root: positions and values.
    """

    bound: float
    number: int
    lower: FloatArray = field(compare=False)
    upper: FloatArray = field(compare=False)
    value: FloatArray = field(compare=False)
    basis: Any = field(compare=False)
    node: int = field(default=0, compare=False)
    fresh: bool = field(default=True, compare=False)
    prices: tuple[IntArray, FloatArray] = field(
        default_factory=lambda: (np.empty(0, dtype=np.int64), np.empty(0)), compare=False
    )


@dataclass(frozen=True, eq=False)
class GrownTree:
    """A tree as it was left, without its linear program: for a neighbour with other ceilings.

    Parameters
    ----------
    branches : tuple
        Of every node: the one above, what its branch limits, to what, and on which side.
    leaves : tuple of Leaf
        Branches that have not been parted.
    rays : tuple
        Leaves that a ray proves empty: their nodes, and the rays.
    base : numpy.ndarray, shape (M + K,)
        Prices of the root, from which those of leaves differ.
    first, columns : int
        Rows and columns of the program, M and N.
    rise, tried : numpy.ndarray, shape (2, K + J)
        Pseudo-costs: rise of the bound for each unit, summed, and how often.
    """

    branches: tuple[tuple[int, int, int, int], ...]
    leaves: tuple[Leaf, ...]
    rays: tuple[tuple[int, tuple[IntArray, FloatArray]], ...]
    base: FloatArray
    first: int
    columns: int
    rise: FloatArray
    tried: FloatArray


class CountTree:
    """The leaves of the branch and bound, which can go on where it stopped.

    The value of every leaf, and that a branch is empty, is recomputed from prices by weak duality
    (:func:`evsiting.optimize.engines.dual_bound.weak_duality`): the solver's word that a program is solved, or has no
    point, is not enough for a bound.

    Parameters
    ----------
    program : Program
        Says which columns build which plant where.
    milp : Milp
        Its arrays, perhaps with further rows.
    objective : Objective
        What is minimised.
    lp : WarmLp
        The relaxation, solved.
    to_end : bool
        Whether single decisions are branched on where all numbers are whole. A solver that knows cuts is quicker there,
        yet tells no prices.
    grown : GrownTree, optional
        Of the same program under other ceilings, to go on from: its leaves cover everything here as well, and are
        solved anew where they hold the bound down.
    """

    def __init__(
        self,
        program: Program,
        milp: Milp,
        objective: Objective,
        lp: WarmLp,
        *,
        to_end: bool = False,
        grown: GrownTree | None = None,
    ) -> None:
        counts, standing = plant_counts(program, milp), standing_decisions(program, milp)
        others = np.setdiff1d(np.flatnonzero(milp.integer), standing) if to_end else standing[:0]
        self.singles = np.concatenate([standing, others])
        #: Numbers that are branched on before any other.
        self._first = counts.shape[0] + len(standing)
        self.lp, self.objective, self.rows = lp, objective, counts.shape[0]
        free = np.full(self.rows, math.inf)
        low, high = implied_bounds(milp)
        self.milp = Milp(
            low,
            high,
            np.zeros_like(milp.integer),
            sparse.csr_array(sparse.vstack([milp.matrix, counts])),
            np.concatenate([milp.row_lower, -free]),
            np.concatenate([milp.row_upper, free]),
            (),
            (),
        )
        self._size = abs(self.milp.matrix)
        lower, upper = (
            np.concatenate([sign * free, bound[self.singles]]) for sign, bound in ((-1.0, low), (1.0, high))
        )
        self._rise, self._tried = np.zeros((2, len(lower))), np.zeros((2, len(lower)))
        self._number = itertools.count()
        self._counts, relaxed = counts, lp.open_rows(counts, self.singles)
        self._base = relaxed.prices
        #: Of every node: the one above, what its branch limits, to what, and on which side.
        self._branches = [(-1, -1, 0, 0)]
        #: Leaves that a ray proves empty: their nodes, and the rays.
        self._rays: list[tuple[int, tuple[IntArray, FloatArray]]] = []
        self._leaves = [self._leaf(lower, upper, relaxed, None)]
        self.nodes, self.stuck = 0, False
        self._most = min(MOST, MOST_ENTRIES // max(1, sum(self.milp.shape[:2])))
        #: What no plan is below, in the objective's real unit; infinite where every branch is proven empty.
        self.bound = self._leaves[0].bound
        mine = milp.shape[1], self._rise.shape, self.rows
        if grown is not None and (grown.columns, grown.rise.shape, len(grown.base) - grown.first) == mine:
            self._go_on(grown)

    @property
    def grown(self) -> GrownTree:
        """The tree as it is, without its linear program."""
        first = self.milp.shape[0] - self.rows
        state = tuple(self._branches), tuple(self._leaves), tuple(self._rays), self._base, first, self.milp.shape[1]
        return GrownTree(*state, self._rise.copy(), self._tried.copy())

    def _go_on(self, grown: GrownTree) -> None:
        """Take the leaves of a tree of the same program under other ceilings, with what their prices prove here."""
        root, first, size = self._leaves[0], self.milp.shape[0] - self.rows, len(self._base)
        self._branches, self._leaves, self._rays = list(grown.branches), [], []
        self._rise, self._tried = grown.rise.copy(), grown.tried.copy()
        limits = _limits_of(grown.branches, (root.lower, root.upper))
        for leaf in grown.leaves:
            lower, upper = limits(leaf.node)
            proven, own = self._best_prices(lower, upper, (self._base, _moved_prices(grown, leaf.prices, first, size)))
            basis = root.basis if leaf.basis is None else self.lp.moved(leaf.basis, grown.first)
            new = replace(leaf, bound=proven, lower=lower, upper=upper, basis=basis, prices=own)
            self._leaves.append(replace(new, number=next(self._number), fresh=False))
        for node, ray in grown.rays:
            lower, upper = limits(node)
            empty = self._ray(lower, upper, _moved_prices(grown, ray, first, size))
            if empty is not None:
                self._rays.append((node, self._apart(empty)))
                continue
            proven, own = self._best_prices(lower, upper, (self._base,))
            new = replace(root, bound=proven, lower=lower, upper=upper, prices=own, node=node)
            self._leaves.append(replace(new, number=next(self._number), fresh=False))
        heapq.heapify(self._leaves)
        self.bound = self._leaves[0].bound if self._leaves else math.inf

    def _best_prices(
        self, lower: FloatArray, upper: FloatArray, known: Sequence[FloatArray]
    ) -> tuple[float, tuple[IntArray, FloatArray]]:
        """Return the best bound under some limits that any of some prices prove, with these."""
        bounds = [self._proves(lower, upper, prices) for prices in known]
        best = int(np.argmax(bounds))
        return bounds[best], self._apart(known[best])

    def grow(
        self, until: Callable[[float], bool], seconds: float, watch: Watch | None = None, *, nodes: float = math.inf
    ) -> float:
        """Part leaves until the bound is high enough, time is up, or nothing is left to part; return the bound.

        Parameters
        ----------
        until : callable
            Told the bound; whether it is enough.
        seconds : float
            Time limit. [s]
        watch : callable, optional
            Told of time and bound.
        nodes : int, optional
            Most nodes that are added.
        """
        began, before = time.perf_counter(), self.nodes
        while self._leaves and not self.stuck and not until(self.bound) and len(self._leaves) < self._most:
            gone = time.perf_counter() - began
            if gone >= seconds or self.nodes - before >= nodes:
                break
            if not self._part(seconds - gone, relayed_watch(watch, self.bound, gone, plans=False)):
                break
        log = self.bound, self.nodes - before, time.perf_counter() - began
        logger.info("numbers of plants: bound %.8g, %d nodes more in %.1f s", *log)
        return self.bound

    def _part(self, seconds: float, watch: Watch | None) -> bool:
        """Part the leaf of least bound into two; False where that could not be finished, and nothing has changed."""
        leaf = self._leaves[0]
        if not leaf.fresh:
            return self._solved_anew(leaf, seconds, watch)
        chosen = self._branching(leaf.value)
        if chosen is None:
            self.stuck = True
            return False
        began, whole, new, rays = time.perf_counter(), math.floor(leaf.value[chosen]), [], []
        for side in (0, 1):
            lower, upper = leaf.lower.copy(), leaf.upper.copy()
            (lower if side else upper)[chosen] = whole + side
            left = max(seconds - (time.perf_counter() - began), 0.1)
            optimum = self.lp.run(lower, upper, leaf.basis, left, watch=watch)
            if optimum is None:
                return False
            ray = None if optimum.feasible else self._ray(lower, upper, optimum.prices)
            node = len(self._branches) + side
            if ray is None:
                new.append((side, replace(self._leaf(lower, upper, optimum, leaf), node=node)))
            else:
                rays.append((node, self._apart(ray)))
        heapq.heappop(self._leaves)
        self._branches += [(leaf.node, chosen, whole, side) for side in (0, 1)]
        self._rays += rays
        self.nodes += 2
        share = leaf.value[chosen] - whole
        for side, child in new:
            heapq.heappush(self._leaves, child)
            self._rise[side, chosen] += (child.bound - leaf.bound) / ((1.0 - share) if side else share)
            self._tried[side, chosen] += 1.0
        self.bound = self._leaves[0].bound if self._leaves else math.inf  # at once: another thread may read it
        return True

    def _solved_anew(self, leaf: Leaf, seconds: float, watch: Watch | None) -> bool:
        """Solve the leaf of least bound, which comes from another tree; False where that could not be finished."""
        optimum = self.lp.run(leaf.lower, leaf.upper, leaf.basis, max(seconds, 0.1), watch=watch)
        if optimum is None:
            return False
        ray = None if optimum.feasible else self._ray(leaf.lower, leaf.upper, optimum.prices)
        if ray is None:
            heapq.heapreplace(self._leaves, replace(self._leaf(leaf.lower, leaf.upper, optimum, leaf), node=leaf.node))
        else:
            heapq.heappop(self._leaves)
            self._rays.append((leaf.node, self._apart(ray)))
        self.nodes += 1
        self.bound = self._leaves[0].bound if self._leaves else math.inf
        return True

    def _leaf(self, lower: FloatArray, upper: FloatArray, optimum: Resolved, above: Leaf | None) -> Leaf:
        """Return a leaf with the bound that its prices prove, or with that of the leaf above where it is better.

        One that is neither solved nor proven empty counts as solved, with whole numbers: it is not parted.
        """
        bound, value = -math.inf if above is None else above.bound, np.zeros(len(lower))
        prices = (np.empty(0, dtype=np.int64), np.empty(0)) if above is None else above.prices
        if optimum.feasible:
            value = np.concatenate([optimum.rows, optimum.columns])
            proven = self._proves(lower, upper, optimum.prices)
            if above is None or proven > bound:
                bound, prices = proven, self._apart(optimum.prices)
        return Leaf(bound, next(self._number), lower, upper, value, optimum.basis, prices=prices)

    def _apart(self, prices: FloatArray) -> tuple[IntArray, FloatArray]:
        """Return where prices differ from those of the root, and what they are there."""
        at = np.flatnonzero(prices != self._base)
        return at, prices[at]

    def _ray(self, lower: FloatArray, upper: FloatArray, ray: FloatArray) -> FloatArray | None:
        """Return the ray, in the direction in which it proves that there is no point under some limits (Farkas)."""
        nothing = Objective("feasibility", np.zeros_like(self.objective.coefficients), 0.0, 1.0)
        both = (ray, -ray) if len(ray) else ()
        room = RAY * float(np.abs(ray).max(initial=0.0))  # whoever recomputes it may add up in another order
        return next((one for one in both if self._proves(lower, upper, one, nothing) > room), None)

    def proof(self) -> BoundPrices:
        """Return the prices that prove the bound, leaf by leaf."""
        parent, group, threshold, side = np.array(self._branches, dtype=np.int64).T
        ends = [(leaf.node, leaf.prices, False) for leaf in self._leaves]
        ends += [(node, ray, True) for node, ray in self._rays]
        start = np.cumsum([0, *(len(at) for _, (at, _), _ in ends)])
        members, last = self._counts.indptr, int(self._counts.indptr[-1])
        return BoundPrices(
            parent,
            group,
            threshold,
            side,
            np.concatenate([members, last + 1 + np.arange(len(self.singles))]).astype(np.int64),
            np.concatenate([self._counts.indices, self.singles]).astype(np.int64),
            np.array([node for node, _, _ in ends], dtype=np.int64),
            np.array([empty for _, _, empty in ends], dtype=np.bool_),
            np.concatenate([self._base, np.zeros(len(self.singles))]),
            start.astype(np.int64),
            np.concatenate([at for _, (at, _), _ in ends]).astype(np.int64),
            np.concatenate([value for _, (_, value), _ in ends]),
        )

    def _proves(
        self, lower: FloatArray, upper: FloatArray, prices: FloatArray, objective: Objective | None = None
    ) -> float:
        """Return what prices prove under the limits of a branch, in the objective's real unit."""
        proof, first = self.milp, self.milp.matrix.shape[0] - self.rows
        row_lower, row_upper = proof.row_lower.copy(), proof.row_upper.copy()
        column_lower, column_upper = proof.column_lower.copy(), proof.column_upper.copy()
        row_lower[first:], column_lower[self.singles] = np.split(lower, [self.rows])
        row_upper[first:], column_upper[self.singles] = np.split(upper, [self.rows])
        aim = self.objective if objective is None else objective
        limits = (column_lower, column_upper), (row_lower, row_upper)
        return aim.real(weak_duality(aim.coefficients, proof.matrix, self._size, prices, *limits))

    def _branching(self, value: FloatArray) -> int | None:
        """Return the number that parts a leaf best by its pseudo-costs; None where all are whole."""
        down = value - np.floor(value)
        split = np.flatnonzero(np.minimum(down, 1.0 - down) > WHOLE)
        if not len(split):
            return None
        if split[0] < self._first:
            split = split[split < self._first]
        usual = self._rise.sum() / max(self._tried.sum(), 1.0) or 1.0
        rise = np.where(self._tried > 0.0, self._rise / np.maximum(self._tried, 1.0), usual)
        least = LEAST * usual
        score = np.maximum(rise[0] * down, least) * np.maximum(rise[1] * (1.0 - down), least)
        return int(split[np.argmax(score[split])])


def _moved_prices(grown: GrownTree, apart: tuple[IntArray, FloatArray], first: int, size: int) -> FloatArray:
    """Return prices of a tree for one whose program has other ceilings at its end: new ones have no price."""
    old = grown.base.copy()
    old[apart[0]] = apart[1]
    own, counts = old[: grown.first], old[grown.first :]
    prices = np.zeros(size)
    common = min(first, grown.first)
    prices[:common] = own[:common]
    prices[first:] = counts
    return prices


def _limits_of(
    branches: Sequence[tuple[int, int, int, int]], root: tuple[FloatArray, FloatArray]
) -> Callable[[int], tuple[FloatArray, FloatArray]]:
    """Return what gives the limits of a node: those of all branches that lead to it."""

    def of(node: int) -> tuple[FloatArray, FloatArray]:
        lower, upper = root[0].copy(), root[1].copy()
        while branches[node][0] >= 0:
            above, chosen, whole, side = branches[node]
            if side:
                lower[chosen] = max(lower[chosen], whole + 1.0)
            else:
                upper[chosen] = min(upper[chosen], float(whole))
            node = above
        return lower, upper

    return of
