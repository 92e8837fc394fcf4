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
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy import sparse

from evsiting.model.build import Program
from evsiting.model.milp import FloatArray, IntArray, Milp, Objective
from evsiting.optimize.engines.base import Watch, relayed_watch
from evsiting.optimize.engines.dual_bound import implied_bounds, safe_bound
from evsiting.optimize.engines.warm_lp import Resolved, WarmLp
from evsiting.results.record.bound_prices import BoundPrices

logger = logging.getLogger(__name__)

#: Distance from an integer at which a number counts as one.
WHOLE = 1e-6
#: Each leaf holds a basis, which has an entry for every column and constraint: most entries in all, and most leaves.
MOST_ENTRIES, MOST = 100_000_000, 20_000
#: Least rise of a branch that its score counts with, so that no number is passed over for one rise of nothing.
LEAST = 1e-9


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
    prices: tuple[IntArray, FloatArray] = field(
        default_factory=lambda: (np.empty(0, dtype=np.int64), np.empty(0)), compare=False
    )


class CountTree:
    """The leaves of the branch and bound, which can go on where it stopped.

    The value of every leaf, and that a branch is empty, is recomputed from prices by weak duality
    (:func:`evsiting.optimize.engines.dual_bound.safe_bound`): the solver's word that a program is solved, or has no
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
    """

    def __init__(self, program: Program, milp: Milp, objective: Objective, lp: WarmLp, *, to_end: bool = False) -> None:
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
        told = self.bound, self.nodes - before, time.perf_counter() - began
        logger.info("numbers of plants: bound %.8g, %d nodes more in %.1f s", *told)
        return self.bound

    def _part(self, seconds: float, watch: Watch | None) -> bool:
        """Part the leaf of least bound into two; False where that could not be finished, and nothing has changed."""
        leaf = self._leaves[0]
        chosen = self._branching(leaf.value)
        if chosen is None:
            self.stuck = True
            return False
        began, whole, new, rays = time.perf_counter(), math.floor(leaf.value[chosen]), [], []
        for side in (0, 1):
            lower, upper = leaf.lower.copy(), leaf.upper.copy()
            (lower if side else upper)[chosen] = whole + side
            left = max(seconds - (time.perf_counter() - began), 0.1)
            found = self.lp.run(lower, upper, leaf.basis, left, watch=watch)
            if found is None:
                return False
            ray = None if found.feasible else self._ray(lower, upper, found.prices)
            node = len(self._branches) + side
            if ray is None:
                new.append((side, replace(self._leaf(lower, upper, found, leaf), node=node)))
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

    def _leaf(self, lower: FloatArray, upper: FloatArray, found: Resolved, above: Leaf | None) -> Leaf:
        """Return a leaf with the bound that its prices prove, or with that of the leaf above where it is better.

        One that is neither solved nor proven empty counts as solved, with whole numbers: it is not parted.
        """
        bound, value = -math.inf if above is None else above.bound, np.zeros(len(lower))
        prices = (np.empty(0, dtype=np.int64), np.empty(0)) if above is None else above.prices
        if found.feasible:
            value = np.concatenate([found.rows, found.columns])
            proven = self.objective.real(safe_bound(self._limited(lower, upper), self.objective, found.prices))
            if above is None or proven > bound:
                bound, prices = proven, self._apart(found.prices)
        return Leaf(bound, next(self._number), lower, upper, value, found.basis, prices=prices)

    def _apart(self, prices: FloatArray) -> tuple[IntArray, FloatArray]:
        """Return where prices differ from those of the root, and what they are there."""
        at = np.flatnonzero(prices != self._base)
        return at, prices[at]

    def _ray(self, lower: FloatArray, upper: FloatArray, ray: FloatArray) -> FloatArray | None:
        """Return the ray, in the direction in which it proves that there is no point under some limits (Farkas)."""
        nothing = Objective("feasibility", np.zeros_like(self.objective.coefficients), 0.0, 1.0)
        limited = self._limited(lower, upper)
        both = (ray, -ray) if len(ray) else ()
        return next((one for one in both if safe_bound(limited, nothing, one) > 0.0), None)

    def proof(self) -> BoundPrices:
        """Return the prices that prove the bound, leaf by leaf."""
        parent, group, threshold, side = np.array(self._branches, dtype=np.int64).T
        held = [(leaf.node, leaf.prices, False) for leaf in self._leaves]
        held += [(node, ray, True) for node, ray in self._rays]
        start = np.cumsum([0, *(len(at) for _, (at, _), _ in held)])
        members, last = self._counts.indptr, int(self._counts.indptr[-1])
        return BoundPrices(
            parent,
            group,
            threshold,
            side,
            np.concatenate([members, last + 1 + np.arange(len(self.singles))]).astype(np.int64),
            np.concatenate([self._counts.indices, self.singles]).astype(np.int64),
            np.array([node for node, _, _ in held], dtype=np.int64),
            np.array([empty for _, _, empty in held], dtype=np.bool_),
            np.concatenate([self._base, np.zeros(len(self.singles))]),
            start.astype(np.int64),
            np.concatenate([at for _, (at, _), _ in held]).astype(np.int64),
            np.concatenate([value for _, (_, value), _ in held]),
        )

    def _limited(self, lower: FloatArray, upper: FloatArray) -> Milp:
        """Return the program with the limits of a branch."""
        proof, first = self.milp, self.milp.matrix.shape[0] - self.rows
        row_lower, row_upper = proof.row_lower.copy(), proof.row_upper.copy()
        column_lower, column_upper = proof.column_lower.copy(), proof.column_upper.copy()
        row_lower[first:], column_lower[self.singles] = np.split(lower, [self.rows])
        row_upper[first:], column_upper[self.singles] = np.split(upper, [self.rows])
        return replace(
            proof, row_lower=row_lower, row_upper=row_upper, column_lower=column_lower, column_upper=column_upper
        )

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


def plant_counts(program: Program, milp: Milp) -> sparse.csr_array:
    """Return the rows that count new plants, by plant type, of all countries or one, built until each period.

    Parameters
    ----------
    program : Program
        Says which columns build what.
    milp : Milp
        Its arrays.

    Returns
    -------
    scipy.sparse.csr_array, shape (K, N)
        Ones where a column builds a plant that counts.
    """
    sets = program.sets
    column = program.column_of("openings")
    new = np.flatnonzero(sets.changes.kind == "build")
    place = sets.changes.place[new]
    kind, country = sets.places.plant_type[place], sets.site_values.country[sets.places.site[place]]
    seen: dict[bytes, IntArray] = {}
    for period in range(column.shape[1]):
        for one in np.unique(kind):
            for where in (None, *np.unique(country)):
                counted = sets.changes.root[new] & (kind == one)
                if where is not None:
                    counted &= country == where
                members = column[counted, : period + 1]
                members = np.sort(members[members >= 0])
                if len(members) > 1:
                    seen.setdefault(members.tobytes(), members)
    groups = list(seen.values())
    row = np.repeat(np.arange(len(groups)), [len(g) for g in groups])
    entry = np.concatenate(groups) if groups else np.empty(0, dtype=np.int64)
    return sparse.csr_array((np.ones(len(entry)), (row, entry)), shape=(len(groups), milp.shape[1]))


def standing_decisions(program: Program, milp: Milp) -> IntArray:
    """Return the columns that close or resume standing plants. shape (J,)"""
    found = [program.column_of(table).ravel() for table in ("closings", "resumptions")]
    columns = np.concatenate(found)
    return np.asarray(columns[(columns >= 0) & milp.integer[columns]])
