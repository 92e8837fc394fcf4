"""Branch and bound on sites, where each part is bounded by prices."""

from __future__ import annotations

import heapq
import math
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from evsiting.model.milp import FloatArray
from evsiting.optimize.location.plan import Plan
from evsiting.optimize.location.problem import Effort

Status = NDArray[np.int8]
#: Doubt below which a site is decided in a dive.
SURE = 0.02
#: Part of the time for dives where the gap is above a limit and parts take more seconds than this, and elsewhere.
FAR, SLOW_S, MUCH, LITTLE = 1e-3, 0.05, 0.7, 0.05
#: How far chance moves the doubt of a site in dives after the first.
CHANCE = 0.15


@dataclass(frozen=True, eq=False)
class Bounded:
    """What prices say of a part of a problem.

    Parameters
    ----------
    value : float
        No plan in this part costs less; infinite where there is none.
    price : numpy.ndarray, shape (N,)
        The prices.
    close, open_up : numpy.ndarray, shape (M,)
        By how much the value rises at least where a site is closed, or opened; zero where that is so already.
    chosen : numpy.ndarray of bool, shape (M,)
        Sites that the prices choose.
    often : numpy.ndarray, shape (M,)
        How often they did lately. [fraction]
    steps : int
        Steps of the iteration.
    """

    value: float
    price: FloatArray
    close: FloatArray
    open_up: FloatArray
    chosen: NDArray[np.bool_]
    often: FloatArray
    steps: int = 0


class Relaxation(Protocol):
    """What bounds a part of a problem, and makes plans of what it finds."""

    def bound(
        self, status: Status, price: FloatArray, often: FloatArray, upper: float, enough: float, steps: int
    ) -> Bounded:
        """Raise the bound of a part: status of each site is 1 open, -1 closed, 0 free."""
        ...

    def plan(self, found: Bounded, status: Status, upper: float) -> Plan | None:
        """Return a plan that prices lead to, if it costs less than ``upper``."""
        ...

    def leaf(self, status: Status) -> tuple[float, Plan | None]:
        """Return what no plan with these sites open costs less than, and the best such plan."""
        ...


@dataclass(order=True)
class _Part:
    """A part of the problem that is not decided yet."""

    value: float
    number: int
    status: Status = field(compare=False)
    found: Bounded = field(compare=False)


@dataclass(eq=False)
class Tree:
    """A search over parts of a problem; its bound only rises and its plan only gets better.

    Parameters
    ----------
    relaxation : Relaxation
        Bounds and plans.
    plan : Plan
        The best so far.
    whole : bool
        Whether the best value is an integer.
    effort : Effort
        Gap, time and threads.
    began : float
        When the search began, by :func:`time.perf_counter`.
    steps : int
        Steps of the price iteration in each part.
    """

    relaxation: Relaxation
    plan: Plan
    whole: bool
    effort: Effort
    began: float
    steps: int = 60
    parts: list[_Part] = field(default_factory=list)
    closed: float = math.inf
    nodes: int = 0
    searching: float = 0.0
    diving_s: float = 0.0
    dives: int = 0
    helped: bool = False

    @property
    def enough(self) -> float:
        """A part that is bounded by this need not be looked into."""
        slack = self.effort.gap * abs(self.plan.cost)
        if self.whole:
            slack = max(slack, 1.0 - 1e-6)
        return self.plan.cost - slack

    @property
    def bound(self) -> float:
        """No plan costs less."""
        least = min(self.closed, self.parts[0].value if self.parts else math.inf, self.plan.cost)
        return float(math.ceil(least)) if self.whole and math.isfinite(least) else least

    @property
    def late(self) -> bool:
        """Whether time is up."""
        return time.perf_counter() - self.began > self.effort.time_s

    def add(self, status: Status, found: Bounded) -> None:
        """Take up a part; sites that cannot change without costing more than the best plan are fixed in it."""
        self.nodes += 1
        value = math.ceil(found.value) if self.whole and math.isfinite(found.value) else found.value
        if value >= self.enough:
            self.closed = min(self.closed, value)
            return
        self._try(found, status)
        if value >= self.enough:
            self.closed = min(self.closed, value)
            return
        heapq.heappush(self.parts, _Part(value, self.nodes, self.fixed(status, found), found))

    def fixed(self, status: Status, found: Bounded) -> Status:
        """Return the status of sites with what reduced costs decide."""
        room = self.enough - found.value + 1e-9 * abs(self.plan.cost)
        out = status.copy()
        free = status == 0
        out[free & (found.close > room)] = 1
        out[free & (found.open_up > room)] = -1
        if (out != status).any():  # what was passed over is bounded by ``enough`` alone
            self.closed = min(self.closed, self.enough)
        return out

    def _try(self, found: Bounded, status: Status) -> None:
        better = self.relaxation.plan(found, status, self.plan.cost)
        if better is not None and better.cost < self.plan.cost:
            self.plan = better

    def dive(self, status: Status, found: Bounded) -> None:
        """Decide the sites on which the prices agree most, raise the bound, and so on down to a plan."""
        status, chance = self.fixed(status, found), np.random.default_rng(self.dives)
        while not self.late:
            free = np.flatnonzero(status == 0)
            if not len(free):
                break
            often = found.often[free]
            if self.dives:
                often = np.clip(often + chance.uniform(-CHANCE, CHANCE, len(free)), 0.0, 1.0)
            doubt = np.minimum(often, 1.0 - often)
            decided = doubt <= max(SURE, float(np.partition(doubt, len(free) // 8)[len(free) // 8]))
            status[free[decided]] = np.where(often[decided] > 0.5, 1, -1)
            price, often = found.price.copy(), found.often.copy()
            found = self.relaxation.bound(status, price, often, self.plan.cost, math.inf, self.steps)
            if not found.value < self.enough:
                return
        self._try(found, status)

    def _dive_if_due(self, part: _Part) -> None:
        """Dive at first, then for a part of the time: a larger one while dives help, or where parts take long."""
        now = time.perf_counter()
        elapsed, before = now - self.searching, self.plan.cost
        far = self.plan.cost - part.value > FAR * abs(self.plan.cost)
        share = MUCH if far and (self.helped or elapsed > SLOW_S * self.nodes) else LITTLE
        if self.dives == 0 or self.diving_s <= share * elapsed:
            self.dive(part.status, part.found)
            self.diving_s += time.perf_counter() - now
            self.helped = self.plan.cost < before
            self.dives += 1

    def run(self) -> None:
        """Look into the part of the least bound until the gap is reached or time is up."""
        self.searching = time.perf_counter()
        with ThreadPoolExecutor(min(self.effort.threads, 2)) as pool:
            while self.parts and not self.late:
                part = heapq.heappop(self.parts)
                if part.value >= self.enough:
                    self.closed = min(self.closed, part.value)
                    continue
                self._dive_if_due(part)
                status = self.fixed(part.status, part.found)
                site = branching_site(status, part.found)
                if site < 0:
                    self._settle(part, status)
                    continue
                heapq.heappush(self.parts, part)  # so that the bound stands where this is cut short
                children = list(self._children(pool, part, status, site))
                self.parts.remove(part)
                heapq.heapify(self.parts)
                for child, found in children:
                    self.add(child, found)

    def _children(
        self, pool: ThreadPoolExecutor, part: _Part, status: Status, site: int
    ) -> Iterator[tuple[Status, Bounded]]:
        tasks: list[tuple[Status, Any]] = []
        for state in (1, -1):
            child = status.copy()
            child[site] = state
            price, often = part.found.price.copy(), part.found.often.copy()
            tasks.append(
                (
                    child,
                    pool.submit(self.relaxation.bound, child, price, often, self.plan.cost, self.enough, self.steps),
                )
            )
        for child, task in tasks:
            yield child, task.result()

    def _settle(self, part: _Part, status: Status) -> None:
        """Every site is decided: the part is worth what its plan costs, or keeps its bound where that is unknown."""
        self.nodes += 1
        value, plan = self.relaxation.leaf(status)
        if plan is not None and plan.cost < self.plan.cost:
            self.plan = plan
        self.closed = min(self.closed, max(part.value, value))


def branching_site(status: Status, found: Bounded) -> int:
    """Return the free site on which the prices agree least; -1 where all are decided."""
    free = np.flatnonzero(status == 0)
    if not len(free):
        return -1
    doubt = np.minimum(found.often[free], 1.0 - found.often[free])
    stake = np.minimum(found.close[free] + found.open_up[free], 1e300)
    order = np.lexsort((stake, -np.round(doubt, 3)))
    return int(free[order[0]])
