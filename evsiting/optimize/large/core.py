"""The core problem of a large program: plants kept by reduced costs, all lanes between them, and a global bound.

The linear relaxation over all plants and lanes gives a bound that no plan beats, and prices of the rows. It uses few of
the plants that could be built, and with its prices every other one has a reduced cost: what building it would cost
more. Plans are sought over the plants of least reduced cost [1]_ [2]_, with all lanes between them: a plant whose lanes
are thinned out can no longer be used to the full, and then limits that hold many plants together (a budget, jobs) leave
no plan at all. What is proven over the core holds for those plants alone, and is dropped.

References
----------
.. [1] E. Balas, E. Zemel, "An Algorithm for Large Zero-One Knapsack Problems," Operations Research 28 (1980) 1130-1154:
   the exact program over the core of columns that the relaxation prices low.
.. [2] P. Avella, M. Boccia, A. Sforza, I. Vasil'ev, "An effective heuristic for large-scale capacitated facility
   location problems," Journal of Heuristics 15 (2009) 597-615: a core of plants and lanes for siting.
"""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from evsiting.model.build import Program
from evsiting.model.milp import FloatArray, IntArray, Milp, Objective
from evsiting.optimize.engines.base import Engine, EngineResult, Limits, relayed_watch, status_from_bounds
from evsiting.optimize.engines.best_so_far import BestSoFar
from evsiting.optimize.engines.dual_bound import safe_bound
from evsiting.optimize.large.count_branching import CountTree, GrownTree
from evsiting.results.plan import Status
from evsiting.results.record.bound_prices import BoundPrices

logger = logging.getLogger(__name__)

#: Part of the plants that the relaxation does not use, those of least reduced cost, which each core holds beside those
#: that it uses.
WIDTHS = (0.0, 0.3)
#: A core of more lanes in all periods keeps so many, those of least reduced cost, and besides some of each place, into
#: it and out of it.
LANES, OWN_LANES = 60_000, 10
#: Part of the gap asked for at which a run over the core ends, measured in its own program, and the part at which a
#: plan is good enough, measured against the bound over everything.
OWN_GAP, GOOD = 0.2, 0.98
#: Multiple of the gap asked for at which the search for a first plan ends, and its time as a part of what the
#: relaxation took, with the least of it: near a plan better ones are found sooner. Where it brought none it gets a part
#: of what is left. [1, 1, s]
FIRST, FIRST_OF_LP, FIRST_S = 1.5, 1.5, 5.0
#: Part of the time that is left which one run may take.
PART = 0.6
#: Least value of a decision that counts as taken in the relaxation.
TAKEN = 1e-6


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
    watch : BestSoFar or None
        Told of progress, and of plans that no run tells.
    began : float
        When the whole began, by :func:`time.perf_counter`. [s]
    relaxed : EngineResult
        Of the linear relaxation: solved, with prices.
    grown : GrownTree, optional
        Branches of the same program under other ceilings, to go on from.
    from_nothing_s : float, optional
        What a relaxation takes from nothing, where this one started from a known basis. [s]
    """

    program: Program
    milp: Milp
    objective: Objective
    engine: Engine
    limits: Limits
    watch: BestSoFar | None
    began: float
    relaxed: EngineResult
    grown: GrownTree | None = None
    from_nothing_s: float = 0.0

    @property
    def bound(self) -> float:
        """What no plan is below: by prices, or by the solver's value of the relaxation where they prove nothing."""
        proven = self.price_bound
        return proven if math.isfinite(proven) else self.relaxed.objective

    @property
    def price_bound(self) -> float:
        """What the prices of the relaxation, or of the leaves of the tree, prove; in the objective's real unit."""
        return max(self._root_bound, self.tree_so_far.bound) if self.tree_so_far else self._root_bound

    @property
    def proof(self) -> BoundPrices | None:
        """The prices that prove the bound; None where they prove nothing."""
        if not math.isfinite(self.price_bound):
            return None
        if self.tree_so_far and self.tree_so_far.bound >= self._root_bound:
            return self.tree_so_far.proof()
        return BoundPrices.of_relaxation(self.relaxed.prices)

    @cached_property
    def _root_bound(self) -> float:
        """What the prices of the relaxation prove."""
        return self.objective.real(safe_bound(self.milp, self.objective, self.relaxed.prices))

    @cached_property
    def tree(self) -> CountTree | None:
        """The branches on numbers of plants; None where the engine keeps no linear program."""
        warm = self.relaxed.warm
        if warm is None:
            return None
        return CountTree(self.program, self.milp, self.objective, warm, grown=self.grown)

    @property
    def tree_so_far(self) -> CountTree | None:
        """The branches on numbers of plants, where there are some already."""
        return self.__dict__.get("tree")

    def is_closed(self, objective: float, bound: float) -> bool:
        """Whether a plan of some value is as near to a bound as was asked for."""
        return status_from_bounds(Status.FEASIBLE, objective, bound, self.limits.gap) is Status.OPTIMAL

    @property
    def lp_seconds(self) -> float:
        """What the relaxation takes from nothing: the measure of other times. [s]"""
        return max(self.relaxed.seconds, self.from_nothing_s)

    @property
    def gone(self) -> float:
        """Time since the whole began. [s]"""
        return time.perf_counter() - self.began

    @property
    def left(self) -> float:
        """Time that is left, a second at least. [s]"""
        return max(1.0, self.limits.time_s - self.gone)

    def target(self, part: float = GOOD) -> float:
        """Return the value that is some part of the gap asked for away from the bound over everything."""
        room = 1.0 - math.copysign(part * self.limits.gap, self.bound)
        return self.bound / room if room > 0.0 else math.inf

    @cached_property
    def reduced_cost(self) -> FloatArray:
        """Of every column, by the prices of the relaxation; in the objective's scaled unit. shape (N,)"""
        return np.asarray(self.objective.coefficients - self.milp.matrix.T @ self.relaxed.prices)

    @cached_property
    def widths(self) -> tuple[NDArray[np.bool_], ...]:
        """The places of plants of each core, one set for each of :data:`WIDTHS`. shape (Q,)"""
        used = self.used(self.relaxed.columns)
        cost = np.where(used, np.inf, self._place_cost)
        spare = np.flatnonzero(np.isfinite(cost))
        cheapest = spare[np.argsort(cost[spare], kind="stable")]
        cores = []
        for part in WIDTHS:
            places = used.copy()
            places[cheapest[: math.ceil(part * len(spare))]] = True
            cores.append(places)
        return tuple(cores)

    def used(self, point: FloatArray) -> NDArray[np.bool_]:
        """Return the places where a point builds, and those where something stands or may be resumed. shape (Q,)"""
        changes, column = self.program.sets.changes, self.program.column_of("openings")
        used = np.any(self.program.sets.places.capacity > 0.0, axis=1)
        used[changes.place[changes.kind == "resume"]] = True
        built = np.any((column >= 0) & (point[column] > TAKEN), axis=1)
        used[self.place_of_build[built]] = True
        return used

    @property
    def place_of_build(self) -> IntArray:
        """Place of every row of the openings' columns."""
        changes = self.program.sets.changes
        return np.asarray(changes.place[changes.kind == "build"])

    @cached_property
    def _place_cost(self) -> FloatArray:
        """Least reduced cost of building anything at a place, in the objective's scaled unit. shape (Q,)"""
        column = self.program.column_of("openings")
        least = np.where(column >= 0, self.reduced_cost[column], np.inf).min(axis=1)
        out = np.full(len(self.program.sets.places.site), np.inf)
        np.minimum.at(out, self.place_of_build, least)
        return out

    def columns(self, places: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return the columns of a program in which only some places have plants. shape (N,)

        Parameters
        ----------
        places : numpy.ndarray of bool, shape (Q,)
            Where plants stand or may be built.
        """
        sets, near = self.program.sets, np.ones(self.milp.shape[1], dtype=np.bool_)
        makes, lanes, steps = sets.makes, sets.lanes, len(sets.horizon)
        for table, place in (("openings", self.place_of_build), ("production", makes.place)):
            column = self.program.column_of(table)[~places[place]]
            near[column[column >= 0]] = False
        made = np.zeros((len(sets.sites), len(sets.products)), dtype=np.bool_)
        made[sets.places.site[makes.place[places[makes.place]]], makes.product[places[makes.place]]] = True
        has_plants = np.zeros(len(sets.sites), dtype=np.bool_)
        has_plants[sets.places.site[places]] = True
        idle = (lanes.site >= 0) & ~made[lanes.site, lanes.product] | (lanes.to_site >= 0) & ~has_plants[lanes.to_site]
        column = self.program.column_of("shipments")
        near[column[idle]] = False
        if np.count_nonzero(~idle) * steps > LANES:
            near[column[~idle]] = self._cheap(~idle)
        return near

    def _cheap(self, some: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which of some lanes to keep in which period, by their reduced cost. shape (L', T)"""
        sets, steps = self.program.sets, len(self.program.sets.horizon)
        lanes, products, places = sets.lanes, len(sets.products), len(sets.sites) + len(sets.markets)
        cost = self.reduced_cost[self.program.column_of("shipments")[some]]
        ends = (
            np.where(lanes.to_site >= 0, lanes.to_site, lanes.to_market + len(sets.sites)),
            np.where(lanes.site >= 0, lanes.site, lanes.supplier + places),
        )
        keep = cost <= np.partition(cost.ravel(), LANES - 1)[LANES - 1]
        for end in ends:
            group = (end * products + lanes.product)[some, None] * steps + np.arange(steps)
            keep |= (_rank(cost.ravel(), group.ravel()) < OWN_LANES).reshape(cost.shape)
        return np.asarray(keep)

    def run(
        self,
        milp: Milp,
        near: NDArray[np.bool_],
        *,
        target: float = -math.inf,
        start: FloatArray | None = None,
        gap: float | None = None,
        seconds: float | None = None,
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
        gap : float, optional
            At which the run ends, in its own program; a part of the gap asked for by default. [fraction]
        seconds : float, optional
            Time limit; a part of the time that is left by default. [s]
        name : str
            Of the run, for the log.

        Returns
        -------
        EngineResult
            Its point is over all columns. Its bound holds for this program alone.
        """
        own = OWN_GAP * self.limits.gap if gap is None else gap
        left = max(1.0, PART * self.left) if seconds is None else seconds
        limits = replace(self.limits, gap=own, time_s=left, target=target, doubt=False)
        objective = replace(self.objective, coefficients=self.objective.coefficients[near])
        result = self.engine.run(
            over(milp, near),
            objective,
            limits,
            start=None if start is None else start[near],
            watch=relayed_watch(self.watch, self.bound, self.gone),
        )
        log = name, int(near.sum()), result.status, result.objective, self.bound, result.seconds
        logger.info("%s, %d columns: %s %.7g, bound over all %.7g, in %.1f s", *log)
        if not len(result.columns):
            return result
        columns = np.zeros(len(near))
        columns[near] = result.columns
        return replace(result, columns=columns)

    def run_near(
        self,
        point: FloatArray,
        fixed: NDArray[np.bool_],
        places: NDArray[np.bool_],
        *,
        gap: float | None = None,
        seconds: float | None = None,
        name: str = "",
    ) -> EngineResult:
        """Return the answer to the program with some decisions as in a point, over some plants and those of the point.

        Parameters
        ----------
        point : numpy.ndarray, shape (N,)
            A point with decisions, from which the run starts.
        fixed : numpy.ndarray of bool, shape (N,)
            The decisions that stay.
        places : numpy.ndarray of bool, shape (Q,)
            Where plants may be built besides.
        gap, seconds, name
            See :meth:`run`.
        """
        near = self.columns(places | self.used(point)) | (point != 0.0)
        milp = fix_decisions(self.milp, fixed, point)
        return self.run(milp, near, target=self.target(), start=point, gap=gap, seconds=seconds, name=name)

    def first(self) -> EngineResult:
        """Return a plan over the narrowest core that has one; none, and why, where none has or time runs out."""
        result, short = EngineResult(Status.NO_SOLUTION), max(FIRST_S, FIRST_OF_LP * self.lp_seconds)
        for number, places in enumerate(self.widths, 1):
            name, near = f"core {number}, {int(places.sum())} of {len(places)} places", self.columns(places)
            for seconds in (short, PART * self.left):
                result = self.run(
                    self.milp, near, target=self.target(FIRST), seconds=min(seconds, self.left), name=name
                )
                if len(result.columns):
                    return self.answer(self.settled(result))
                if result.limit != "time":
                    break
            if result.status is not Status.INFEASIBLE:
                break
        return EngineResult(Status.NO_SOLUTION, bound=self.bound, limit=result.limit, version=result.version)

    def settled(self, result: EngineResult) -> EngineResult:
        """Return a plan with its flows decided anew over all lanes, its decisions kept; as it is after an interrupt."""
        if result.limit == "interrupt":
            return result
        better = self.with_decisions(result.columns)
        if not len(better.columns) or not better.objective < result.objective:
            return result
        logger.info("flows over all lanes: %.7g instead of %.7g", better.objective, result.objective)
        return replace(result, columns=better.columns, objective=better.objective)

    def with_decisions(self, point: FloatArray) -> EngineResult:
        """Return the plan with the decisions of a point, its flows decided anew over all lanes; none where none is."""
        whole = self.milp.integer
        fixed = replace(fix_decisions(self.milp, whole, point), integer=np.zeros_like(whole))
        result = self.engine.run(fixed, self.objective, replace(self.limits, time_s=self.left, doubt=False))
        stopped = "interrupt" if result.limit == "interrupt" else ""
        if not len(result.columns) or not (stopped or result.status is Status.OPTIMAL):
            return EngineResult(Status.NO_SOLUTION, bound=self.bound, limit=stopped, version=result.version)
        columns = np.where(whole, np.round(point), result.columns)
        return self.answer(
            replace(result, columns=columns, objective=self.objective.value(columns), limit=stopped, warm=None)
        )

    def answer(self, result: EngineResult) -> EngineResult:
        """Return a plan with what is proven of it over all lanes."""
        if self.watch is not None and len(result.columns):
            self.watch.learn(result.objective, self.bound)
        status = status_from_bounds(Status.FEASIBLE, result.objective, self.bound, self.limits.gap)
        limit = "" if status is Status.OPTIMAL else result.limit
        return replace(result, bound=min(self.bound, result.objective), status=status, limit=limit)


def _rank(value: FloatArray, group: IntArray) -> IntArray:
    """Return how many entries of its group are smaller than each, the earlier of equal ones first."""
    order = np.lexsort((np.arange(len(value)), value, group))
    first = np.searchsorted(group[order], group[order], side="left")
    out = np.empty(len(value), dtype=np.int64)
    out[order] = np.arange(len(order)) - first
    return out


def fix_decisions(milp: Milp, fixed: NDArray[np.bool_], point: FloatArray) -> Milp:
    """Return the program with some decisions as in a point."""
    lower, upper = (np.where(fixed, np.round(point), b) for b in (milp.column_lower, milp.column_upper))
    return replace(milp, column_lower=lower, column_upper=upper)


def over(milp: Milp, columns: NDArray[np.bool_]) -> Milp:
    """Return the program over some columns, the others at zero; names of columns are not kept."""
    return replace(
        milp,
        column_lower=milp.column_lower[columns],
        column_upper=milp.column_upper[columns],
        integer=milp.integer[columns],
        matrix=sparse.csr_array(milp.matrix[:, np.flatnonzero(columns)]),
        column_blocks=(),
    )
