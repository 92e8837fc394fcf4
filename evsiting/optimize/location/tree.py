"""Branch and bound on sites, where each part is bounded by prices."""

from __future__ import annotations

import heapq
import math
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from evsiting.model.milp import FloatArray
from evsiting.optimize.location.plan import Plan
from evsiting.optimize.location.problem import Effort

Status = NDArray[np.int8]
Short = NDArray[np.float32]
#: Doubt below which a site is decided in a dive.
SURE = 0.02
#: Part of the time for dives where the gap is above a limit and parts take more seconds than this, and elsewhere.
FAR, SLOW_S, MUCH, LITTLE = 1e-3, 0.05, 0.7, 0.05
#: Parts that all lead to plans.
FIRST = 50
#: Part of a site from which on it is in doubt; least part of the mean rise that is expected of a decision.
UNSURE, LEAST = 0.02, 0.01
#: Times the steps of a part after a branch on the number of open sites, which moves every price.
COUNTED = 5
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
        """Raise the bound of a part: status of each site is 1 open, -1 closed, 0 free.

        Sites may be fixed in ``status``, where no plan that costs less than ``enough`` has them in the other state.
        """
        ...

    def plan(self, result: Bounded, status: Status, upper: float) -> Plan | None:
        """Return a plan that prices lead to, if it costs less than ``upper``."""
        ...

    def leaf(self, status: Status) -> tuple[float, Plan | None]:
        """Return what no plan with these sites open costs less than, and the best such plan."""
        ...

    def by_count(self, often: FloatArray) -> list[Relaxation]:
        """Return relaxations with fewer and with more open sites, where prices choose no whole number; else none."""
        ...


@dataclass(order=True)
class Part:
    """A part of the problem that is not decided yet; what leads on from it is kept in half the room."""

    value: float
    number: int
    status: Status = field(compare=False)
    price: Short = field(compare=False)
    often: Short = field(compare=False)
    relaxation: Relaxation = field(compare=False)


@dataclass(frozen=True, eq=False)
class _Child:
    """A part with one more decision, its bound, and what costs so much at least that fixing passed over."""

    relaxation: Relaxation
    status: Status
    bound_result: Bounded
    passed: float


@dataclass(eq=False)
class Rises:
    """Pseudocosts: by how much bounds rose where sites were decided, for each part of a site that a decision took.

    Parameters
    ----------
    total, count : numpy.ndarray, shape (2, M)
        Sum of what they rose by for each part, and decisions: of closing, and of opening.
    """

    total: FloatArray
    count: FloatArray

    @classmethod
    def of(cls, sites: int) -> Rises:
        """Return what is known before any decision."""
        return cls(np.zeros((2, sites)), np.zeros((2, sites)))

    def note(self, site: int, opened: bool, often: float, rise: float) -> None:
        """Take up what a decision did."""
        took = max(1.0 - often if opened else often, UNSURE)
        self.total[int(opened), site] += max(rise, 0.0) / took
        self.count[int(opened), site] += 1.0

    def score(self, often: NDArray[np.floating[Any]]) -> FloatArray:
        """Return the product of the rises that are expected of both decisions; sites never decided rise as the mean."""
        mean = self.total.sum(axis=1) / np.maximum(self.count.sum(axis=1), 1.0) + 1e-12
        rate = (self.total + mean[:, None]) / (self.count + 1.0)
        least = LEAST * rate.mean()
        down, up = np.maximum(rate[0] * often, least), np.maximum(rate[1] * (1.0 - often), least)
        product: FloatArray = down * up
        return product


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
    every : int
        Of so many parts one leads to a plan, after the first parts.
    """

    relaxation: Relaxation
    plan: Plan
    whole: bool
    effort: Effort
    began: float
    steps: int = 60
    every: int = 1
    parts: list[Part] = field(default_factory=list)
    closed: float = math.inf
    nodes: int = 0
    searching: float = 0.0
    diving_s: float = 0.0
    dives: int = 0
    helped: bool = False
    rises: Rises | None = None

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

    def add(self, status: Status, result: Bounded, relaxation: Relaxation | None = None) -> None:
        """Take up a part; sites that cannot change without costing more than the best plan are fixed in it."""
        self.nodes += 1
        relaxation = relaxation or self.relaxation
        value = math.ceil(result.value) if self.whole and math.isfinite(result.value) else result.value
        if value >= self.enough:
            self.closed = min(self.closed, value)
            return
        if self.nodes <= FIRST or self.nodes % self.every == 0:
            self._try(relaxation, result, status)
        if value >= self.enough:
            self.closed = min(self.closed, value)
            return
        price, often = result.price.astype(np.float32), result.often.astype(np.float32)
        part = Part(value, self.nodes, self.fixed(status, result), price, often, relaxation)
        heapq.heappush(self.parts, part)

    def fixed(self, status: Status, result: Bounded) -> Status:
        """Return the status of sites with what reduced costs decide."""
        room = self.enough - result.value + 1e-9 * abs(self.plan.cost)
        out = status.copy()
        free = status == 0
        out[free & (result.close > room)] = 1
        out[free & (result.open_up > room)] = -1
        if (out != status).any():  # what was passed over is bounded by ``enough`` alone
            self.closed = min(self.closed, self.enough)
        return out

    def passed_over(self, least: float) -> None:
        """Note that what was left out costs no less."""
        self.closed = min(self.closed, least)

    def _try(self, relaxation: Relaxation, result: Bounded, status: Status) -> None:
        better = relaxation.plan(result, status, self.plan.cost)
        if better is not None and better.cost < self.plan.cost:
            self.plan = better

    def dive(self, part: Part) -> None:
        """Decide the sites on which the prices agree most, raise the bound, and so on down to a plan."""
        status, chance = part.status.copy(), np.random.default_rng(self.dives)
        price, often, result = part.price.astype(np.float64), part.often.astype(np.float64), None
        while not self.late:
            free = np.flatnonzero(status == 0)
            if not len(free):
                break
            seen = often[free]
            if self.dives:
                seen = np.clip(seen + chance.uniform(-CHANCE, CHANCE, len(free)), 0.0, 1.0)
            doubt = np.minimum(seen, 1.0 - seen)
            decided = doubt <= max(SURE, float(np.partition(doubt, len(free) // 8)[len(free) // 8]))
            status[free[decided]] = np.where(seen[decided] > 0.5, 1, -1)
            result = part.relaxation.bound(status, price.copy(), often.copy(), self.plan.cost, math.inf, self.steps)
            if not result.value < self.enough:
                return
            price, often = result.price, result.often
        if result is not None:
            self._try(part.relaxation, result, status)

    def _dive_if_due(self, part: Part) -> None:
        """Dive at first, then for a part of the time: a larger one while dives help, or where parts take long."""
        now = time.process_time()  # which other programs of the machine do not move
        elapsed, before = now - self.searching, self.plan.cost
        far = self.plan.cost - part.value > FAR * abs(self.plan.cost)
        share = MUCH if far and (self.helped or elapsed > SLOW_S * self.nodes) else LITTLE
        if self.dives == 0 or self.diving_s <= share * elapsed:
            self.dive(part)
            self.diving_s += time.process_time() - now
            self.helped = self.plan.cost < before
            self.dives += 1

    def run(self) -> None:
        """Look into the parts of the least bounds until the gap is reached or time is up."""
        self.searching, threads = time.process_time(), self.effort.threads
        with ThreadPoolExecutor(min(threads, 2)) as pool:
            while self.parts and not self.late:
                self._dive_if_due(self.parts[0])
                tasks: list[tuple[Part, int]] = []
                while self.parts and len(tasks) < min(threads, 2):
                    part = heapq.heappop(self.parts)
                    if part.value >= self.enough:
                        self.passed_over(part.value)
                    elif (site := branching_site(part, self.rises)) < 0:
                        self._settle(part)
                    else:
                        tasks.append((part, site))
                divided = partial(self._divided, self.plan.cost, self.enough)
                done: Iterable[list[_Child]] = map(divided, tasks) if len(tasks) < 2 else pool.map(divided, tasks)
                results = list(done)
                self._learn(tasks, results)
                for child in (child for children in results for child in children):
                    self.passed_over(child.passed)
                    self.add(child.status, child.bound_result, child.relaxation)

    def _divided(self, upper: float, enough: float, task: tuple[Part, int]) -> list[_Child]:
        """Return the parts in which fewer and more sites are open, or in which a site is open and closed."""
        part, site = task
        ways: list[tuple[Relaxation, int]] = [(r, 0) for r in part.relaxation.by_count(part.often.astype(np.float64))]
        children, steps = [], COUNTED * self.steps if ways else self.steps
        for relaxation, state in ways or [(part.relaxation, 1), (part.relaxation, -1)]:
            status = part.status.copy()
            status[site] = state
            before, price, often = status.copy(), part.price.astype(np.float64), part.often.astype(np.float64)
            result = relaxation.bound(status, price, often, upper, enough, steps)
            children.append(_Child(relaxation, status, result, enough if (status != before).any() else math.inf))
        return children

    def _learn(self, tasks: list[tuple[Part, int]], results: list[list[_Child]]) -> None:
        """Note by how much bounds rose where a site was decided."""
        if self.rises is None:
            return
        for (part, site), children in zip(tasks, results, strict=True):
            for child in children:
                if child.relaxation is part.relaxation:
                    rise = min(child.bound_result.value, self.plan.cost) - part.value
                    self.rises.note(site, bool(child.status[site] > 0), float(part.often[site]), rise)

    def _settle(self, part: Part) -> None:
        """Every site is decided: the part is worth what its plan costs, or keeps its bound where that is unknown."""
        self.nodes += 1
        value, plan = part.relaxation.leaf(part.status)
        if plan is not None and plan.cost < self.plan.cost:
            self.plan = plan
        self.closed = min(self.closed, max(part.value, value))


def branching_site(part: Part, rises: Rises | None = None) -> int:
    """Return the free site on which the prices agree least, or that is said to raise bounds most; -1 for none."""
    free = np.flatnonzero(part.status == 0)
    if not len(free):
        return -1
    doubt = np.minimum(part.often[free], 1.0 - part.often[free])
    if rises is None or not doubt.max() > UNSURE:
        return int(free[np.argmax(doubt)])
    return int(free[np.argmax(rises.score(part.often)[free] * (doubt > UNSURE))])
