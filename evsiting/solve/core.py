"""The core of a large program: few lanes over which plans are sought, and the bound over all of them.

The linear relaxation over all lanes gives a bound that no plan beats, and prices of the rows. With these every lane has
a reduced cost: what a unit on it would cost more than the cheapest way. Plans are sought over the lanes of least
reduced cost [1]_ [2]_; what is proven there holds for those lanes alone, and is dropped.

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
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from evsiting.model.build import Program
from evsiting.model.milp import FloatArray, IntArray, Milp, Objective
from evsiting.results.plan import Status
from evsiting.solve.engine import Engine, EngineResult, Limits, Progress, Watch, judged

logger = logging.getLogger(__name__)

#: Part of the lanes over which a plan is sought, those of least reduced cost, and how many of each place stay besides,
#: into it and out of it: without them a plant that prices do not favour could not run at all. The second is for where
#: the first is too narrow.
WIDTHS = ((0.1, 3), (0.3, 10))
#: Part of the gap asked for at which a run over the core ends, measured in its own program, and the part at which a
#: plan is good enough, measured against the bound over all lanes.
OWN_GAP, GOOD = 0.2, 0.7
#: Part of the time that is left which one run may take.
PART = 0.6


@dataclass(frozen=True)
class Core:
    """A large program with its relaxation.

    Parameters
    ----------
    program : Program
        Says which columns are lanes, and which are decided.
    milp : Milp
        Its arrays, perhaps with further rows.
    objective : Objective
        What is minimised.
    engine : Engine
        Who solves.
    limits : Limits
        For everything together.
    watch : callable or None
        Told of progress.
    began : float
        When the whole began, by :func:`time.perf_counter`. [s]
    relaxed : EngineResult
        Of the linear relaxation: solved, with prices.
    """

    program: Program
    milp: Milp
    objective: Objective
    engine: Engine
    limits: Limits
    watch: Watch | None
    began: float
    relaxed: EngineResult

    @property
    def bound(self) -> float:
        """What no plan is below."""
        return self.relaxed.objective

    @property
    def gone(self) -> float:
        """Time since the whole began. [s]"""
        return time.perf_counter() - self.began

    @property
    def left(self) -> float:
        """Time that is left, a second at least. [s]"""
        return max(1.0, self.limits.time_s - self.gone)

    def target(self, part: float = GOOD) -> float:
        """Return the value that is some part of the gap asked for away from the bound over all lanes."""
        room = 1.0 - math.copysign(part * self.limits.gap, self.bound)
        return self.bound / room if room > 0.0 else math.inf

    @cached_property
    def reduced_cost(self) -> FloatArray:
        """Of every column, by the prices of the relaxation; in the objective's scaled unit. shape (N,)"""
        return np.asarray(self.objective.coefficients - self.milp.matrix.T @ self.relaxed.prices)

    @cached_property
    def widths(self) -> tuple[NDArray[np.bool_], ...]:
        """The columns of the core, one set for each of :data:`WIDTHS`: all but the lanes that prices do not favour."""
        sets, steps = self.program.sets, len(self.program.sets.horizon)
        column: IntArray = next(d.column for d in self.program.decisions if d.table == "shipments").ravel()
        lanes, places, reduced = sets.lanes, len(sets.sites) + len(sets.markets), self.reduced_cost[column]
        period = np.tile(np.arange(steps), len(lanes.product))

        def rank(place: IntArray) -> IntArray:
            return _rank(reduced, np.repeat(place * len(sets.products) + lanes.product, steps) * steps + period)

        into = rank(np.where(lanes.to_site >= 0, lanes.to_site, lanes.to_market + len(sets.sites)))
        out = rank(np.where(lanes.site >= 0, lanes.site, lanes.supplier + places))
        found = []
        for part, own in WIDTHS:
            near = np.ones(self.milp.shape[1], dtype=np.bool_)
            near[column] = (reduced <= np.quantile(reduced, part)) | (into < own) | (out < own)
            found.append(near)
        return tuple(found)

    def run(
        self,
        milp: Milp,
        near: NDArray[np.bool_],
        *,
        target: float = -math.inf,
        start: FloatArray | None = None,
        plans: bool = True,
        name: str = "",
    ) -> EngineResult:
        """Return the answer to a program over some columns, the others at zero.

        Parameters
        ----------
        milp : Milp
            The whole program, perhaps with decisions taken or relaxed.
        near : numpy.ndarray of bool, shape (N,)
            The columns.
        target : float
            A point as good as this ends the run.
        start : numpy.ndarray, shape (N,), optional
            A point to start from.
        plans : bool
            Whether a point of this program is a plan of the whole.
        name : str
            Of the run, for the log.

        Returns
        -------
        EngineResult
            Its point is over all columns. Its bound holds for this program alone.
        """
        own, left = OWN_GAP * self.limits.gap, max(1.0, PART * self.left)
        limits = replace(self.limits, gap=own, time_s=left, target=target, doubt=False)
        objective = replace(self.objective, coefficients=self.objective.coefficients[near])
        found = self.engine.run(
            _over(milp, near),
            objective,
            limits,
            start=None if start is None else start[near],
            watch=heard(self.watch, self.bound, self.gone, plans=plans),
        )
        told = name, int(near.sum()), found.status, found.objective, self.bound, found.seconds
        logger.info("%s, %d columns: %s %.7g, bound over all %.7g, in %.1f s", *told)
        if not len(found.columns):
            return found
        columns = np.zeros(len(near))
        columns[near] = found.columns
        return replace(found, columns=columns)

    def answer(self, found: EngineResult) -> EngineResult:
        """Return a plan with what is proven of it over all lanes."""
        status = judged(Status.FEASIBLE, found.objective, self.bound, self.limits.gap)
        limit = "" if status is Status.OPTIMAL else found.limit
        return replace(found, bound=min(self.bound, found.objective), status=status, limit=limit)


def heard(
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


def _rank(value: FloatArray, group: IntArray) -> IntArray:
    """Return how many entries of its group are smaller than each, the earlier of equal ones first."""
    order = np.lexsort((np.arange(len(value)), value, group))
    first = np.searchsorted(group[order], group[order], side="left")
    out = np.empty(len(value), dtype=np.int64)
    out[order] = np.arange(len(order)) - first
    return out


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
