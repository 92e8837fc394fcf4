"""A first plan for large programs: found over the few lanes that matter, proven over all of them.

A plan uses a few hundred of some hundred thousand lanes. Which ones, prices tell: the linear relaxation over a few
lanes of each place gives prices of what is made and wanted there; lanes that would pay at these prices come in, lanes
that would not go out, until the value hardly falls any more (column generation). The program over the lanes that are
left, and over the yes-or-no decisions that the last relaxations took at least in part (kernel search), is small and
quickly solved. Its plan is a plan of the whole program; its bound is not a bound of the whole, so it
is dropped: what is proven is proven by the run over all lanes, which starts from this plan.

References
----------
.. [1] G. Desaulniers, J. Desrosiers, M. M. Solomon (eds.), "Column Generation," Springer, 2005, chapter 1: restricted
   master and reduced costs; the columns of the last master are taken into an integer program (price and branch).
.. [2] E. Angelelli, R. Mansini, M. G. Speranza, "Kernel Search: A general heuristic for the multi-dimensional knapsack
   problem," Computers & Operations Research 37 (2010) 2017-2026: the kernel is what a relaxation takes.
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
from evsiting.model.milp import FloatArray, IntArray, Milp, Objective
from evsiting.results.plan import Status
from evsiting.solve.engine import Engine, EngineResult, Limits, Progress, Watch

logger = logging.getLogger(__name__)

#: Programs with fewer lanes in all periods are solved at once.
LARGE = 100_000
#: Lanes into each place, and out of each place, that the first relaxation knows, by cost.
FIRST_IN, FIRST_OUT = 12, 4
#: Lanes into and out of each place that come in, and that stay, after a relaxation, by reduced cost.
MORE, STAY = 5, 5
#: Relaxations at most; a round that lowers the value by less than this part of it is the last.
ROUNDS, LITTLE = 12, 1e-3
#: Decisions beside those taken that the second kernel knows, by reduced cost.
CLOSE = 600
#: Gap of the programs over few lanes, as a part of the gap asked for.
PART_GAP = 0.2
#: From which part a decision counts as taken.
WORTH = 1e-6
#: Part of the time for the relaxations, and for the program over few lanes.
PART_LP, PART_MIP = 0.25, 0.35


def is_large(program: Program) -> bool:
    """Whether a program has so many lanes that a first plan over few of them pays."""
    return len(program.sets.lanes.frame) * len(program.sets.horizon) >= LARGE


def first_plan(
    program: Program, milp: Milp, objective: Objective, engine: Engine, limits: Limits, watch: Watch | None = None
) -> FloatArray | None:
    """Return a good plan of a large program, found over few lanes; None where none was found.

    Parameters
    ----------
    program : Program
        Says which columns are lanes.
    milp : Milp
        Its arrays, perhaps with further rows.
    objective : Objective
        What is minimised.
    engine : Engine
        Must tell prices of a linear program; where it does not, None is returned.
    limits : Limits
        For the whole run; a part of the time is used.
    watch : callable, optional
        Told of progress; the bound is left open, because it would hold for these lanes only.

    Returns
    -------
    numpy.ndarray, shape (N,), or None
        A point of the whole program.
    """
    lanes = _Lanes(program, milp, objective)
    until = time.perf_counter() + PART_LP * limits.time_s
    chosen, value = lanes.cheapest(), math.inf
    taken: list[NDArray[np.bool_]] = []
    prices = np.zeros(milp.shape[0])
    for number in range(ROUNDS):
        left = until - time.perf_counter()
        if left <= 0.0:
            break
        within = replace(limits, time_s=left)
        found = engine.run(lanes.relaxation(chosen), lanes.part(chosen), within, watch=_muted(watch))
        if found.status is not Status.OPTIMAL or not len(found.prices):
            break
        logger.info("lanes, round %d: %d lanes, value %.7g", number + 1, int(chosen.sum()), found.objective)
        taken.append(lanes.whole(found, chosen) > WORTH)
        prices = found.prices
        last, value = value, found.objective
        chosen = lanes.kept(chosen, lanes.reduced(found.prices))
        if last - value < LITTLE * abs(value):
            break
    if not taken:
        return None
    best: FloatArray | None = None
    close = lanes.close(prices, np.any(taken, axis=0))
    for kernel in (np.any(taken[-2:], axis=0), np.any([*taken, close], axis=0)):
        few = replace(limits, gap=PART_GAP * limits.gap, time_s=0.5 * PART_MIP * limits.time_s)
        point = best[lanes.mask(chosen)] if best is not None else None
        found = engine.run(lanes.over(chosen, kernel), lanes.part(chosen), few, start=point, watch=_muted(watch))
        told = int(chosen.sum()), int((kernel & milp.integer).sum()), found.status, found.objective, found.seconds
        logger.info("over %d lanes, %d decisions: %s %.7g in %.1f s", *told)
        best = lanes.whole(found, chosen) if len(found.columns) else best
        if found.limit == "interrupt":
            break
    return best


def _muted(watch: Watch | None) -> Watch | None:
    """Return a watch that is told no bound."""
    if watch is None:
        return None
    listener: Callable[[Progress], None] = watch

    def told(progress: Progress) -> None:
        listener(replace(progress, bound=-math.inf))

    return told


class _Lanes:
    """The lanes of a program as columns that may be left out."""

    def __init__(self, program: Program, milp: Milp, objective: Objective) -> None:
        self.milp, self.objective = milp, objective
        self.columns: IntArray = next(d.column for d in program.decisions if d.table == "shipments").ravel()
        lanes, steps = program.sets.lanes, len(program.sets.horizon)
        products, period = len(program.sets.products), np.tile(np.arange(steps), len(lanes.product))
        end = np.where(lanes.to_site >= 0, lanes.to_site, lanes.to_market + len(program.sets.sites))

        def group(place: IntArray) -> IntArray:
            return np.asarray(np.repeat(place * products + lanes.product, steps) * steps + period)

        self.into, self.out = group(end), group(lanes.site)
        self.bought = np.repeat(lanes.supplier >= 0, steps)
        self.transposed = milp.matrix.T.tocsr()[self.columns]
        self.others = np.ones(milp.shape[1], dtype=np.bool_)
        self.others[self.columns] = False

    def cheapest(self) -> NDArray[np.bool_]:
        """Return the lanes to begin with: everything from suppliers, and the cheapest of each place."""
        cost = self.objective.coefficients[self.columns]
        few = _least(cost, self.into, FIRST_IN) | _least(cost, self.out, FIRST_OUT)
        return np.asarray(self.bought | few, dtype=np.bool_)

    def reduced(self, prices: FloatArray) -> FloatArray:
        """Return the reduced cost of every lane at prices of the rows."""
        return np.asarray(self.objective.coefficients[self.columns] - self.transposed @ prices)

    def close(self, prices: FloatArray, taken: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return the yes-or-no decisions that were not taken and are cheapest to take at these prices."""
        milp = self.milp
        cost = self.objective.coefficients - milp.matrix.T @ prices
        cost = np.where(milp.integer & ~taken, cost, np.inf)
        out = np.zeros(len(cost), dtype=np.bool_)
        out[np.argsort(cost, kind="stable")[:CLOSE]] = True
        return np.asarray(out & np.isfinite(cost), dtype=np.bool_)

    def kept(self, chosen: NDArray[np.bool_], reduced: FloatArray) -> NDArray[np.bool_]:
        """Return the lanes of the next round: those in use, the best of each place, and those that would pay."""
        size = np.abs(reduced).max(initial=1.0)
        used = chosen & (reduced <= 1e-9 * size)
        best = _least(reduced, self.into, STAY) | _least(reduced, self.out, MORE)
        paying = np.where(chosen, np.inf, reduced)
        more = (reduced < 0.0) & (_least(paying, self.into, MORE) | _least(paying, self.out, MORE))
        return np.asarray(self.bought | used | best | more, dtype=np.bool_)

    def mask(self, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which columns of the whole program are left with the lanes chosen."""
        mask = self.others.copy()
        mask[self.columns[chosen]] = True
        return mask

    def over(self, chosen: NDArray[np.bool_], kernel: NDArray[np.bool_] | None = None) -> Milp:
        """Return the program over the lanes chosen, with no yes outside the kernel; names of columns are not kept."""
        mask, milp = self.mask(chosen), self.milp
        no = milp.integer & ~kernel if kernel is not None else np.zeros_like(milp.integer)
        return replace(
            milp,
            column_lower=milp.column_lower[mask],
            column_upper=np.where(no, milp.column_lower, milp.column_upper)[mask],
            integer=milp.integer[mask],
            matrix=sparse.csr_array(milp.matrix[:, np.flatnonzero(mask)]),
            column_blocks=(),
        )

    def relaxation(self, chosen: NDArray[np.bool_]) -> Milp:
        """Return the linear relaxation over the lanes chosen."""
        milp = self.over(chosen)
        return replace(milp, integer=np.zeros_like(milp.integer))

    def part(self, chosen: NDArray[np.bool_]) -> Objective:
        """Return the objective over the lanes chosen."""
        return replace(self.objective, coefficients=self.objective.coefficients[self.mask(chosen)])

    def whole(self, found: EngineResult, chosen: NDArray[np.bool_]) -> FloatArray:
        """Return a point over the lanes chosen as a point of the whole program."""
        out = np.zeros(self.milp.shape[1])
        out[self.mask(chosen)] = found.columns
        return out


def _least(value: FloatArray, group: IntArray, count: int) -> NDArray[np.bool_]:
    """Return which entries are among the ``count`` smallest of their group; infinite ones are not."""
    order = np.lexsort((np.arange(len(value)), value, group))
    first = np.searchsorted(group[order], group[order], side="left")
    out = np.zeros(len(value), dtype=np.bool_)
    out[order[np.arange(len(order)) - first < count]] = True
    return np.asarray(out & np.isfinite(value), dtype=np.bool_)
