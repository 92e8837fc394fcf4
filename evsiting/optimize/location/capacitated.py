"""Location with capacities, demand that may be split: bounded by prices, plans by transport from open sites."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from evsiting.model.milp import FloatArray
from evsiting.optimize.location.capacitated_prices import capacitated_ascent, capacitated_bound, site_values
from evsiting.optimize.location.nearby import Service, better_sites
from evsiting.optimize.location.pair_lists import SiteLists
from evsiting.optimize.location.plan import Plan, plan_cost
from evsiting.optimize.location.problem import Effort, LocationProblem
from evsiting.optimize.location.transport import transport
from evsiting.optimize.location.tree import Bounded, Relaxation, Rises, Status, Tree
from evsiting.optimize.location.uncapacitated import changes
from evsiting.optimize.location.uncapacitated_prices import ROUNDOFF

#: Rounds of the first price iteration, steps of each, and steps without a better bound before the step is halved.
ROUNDS, STEPS, PATIENCE = 10, 150, 20
#: Steps in each part, and fewest steps without a better bound there.
NODE_STEPS, NODE_PATIENCE = 40, 8
#: Size of the first step there, as a part of the gap, and at most as a part of the bound, by which one decision seldom
#: raises it: prices of a part are near to those of the one that it comes from, longer steps lead away from them.
NODE_STEP, NODE_RISE = 0.3, 5e-4
#: How far from a whole number the number of sites that prices choose must be for a branch on it.
BROKEN = 0.01
#: Pairs above a market's price that are kept, as a part of what the price is above the least cost.
SPARE = 0.25
#: Fewest sites of each market of which pairs are looked at first.
NEAR = 60
#: Sites to close, and sites to open for each, that are tried in a local search; longest time for a trial. [s]
WIDTH, TRIAL_S = 12, 0.05
#: Open sites times markets above which changes are tried among few sites, and longest time for that in a round. [s]
LARGE, ROUND_S = 100_000, 8.0
#: Sites to close that are tried there.
WIDE = 200


@dataclass(eq=False)
class Capacitated:
    """Bounds and plans of a problem with capacities.

    Parameters
    ----------
    problem : LocationProblem
        With finite costs.
    lists : SiteLists
        Pairs that can matter.
    floor : numpy.ndarray, shape (N,)
        Least cost of each market.
    all_lists : SiteLists, optional
        Pairs that a change of sites may bring in, of which ``lists`` holds those that prices still reach.
    """

    problem: LocationProblem
    lists: SiteLists
    floor: FloatArray
    capacity: FloatArray
    effort: Effort = field(default_factory=lambda: Effort(0.0, math.inf, 1))
    began: float = field(default_factory=time.perf_counter)
    known: dict[bytes, float] = field(default_factory=dict)
    all_lists: SiteLists | None = None

    def ascend(
        self,
        status: Status,
        price: FloatArray,
        often: FloatArray,
        upper: float,
        enough: float,
        steps: int,
        theta: float,
        patience: int,
    ) -> tuple[Bounded, float, int]:
        """Raise the bound from prices; return what the best ones prove, the last step's size and the steps made."""
        problem, lists, best = self.problem, self.lists, np.empty_like(price)
        _, theta, made = capacitated_ascent(
            lists.start, lists.market, lists.cost, self.floor, lists.limit, problem.fixed_cost, problem.demand,
            self.capacity, status, problem.least, problem.most, price, upper, enough, steps, theta,
            patience, 0.7, best, often,
        )  # fmt: skip
        return self.at(status, best, often, made), theta, made

    def bound(
        self, status: Status, price: FloatArray, often: FloatArray, upper: float, enough: float, steps: int
    ) -> Bounded:
        """Raise the bound of a part."""
        patience = max(NODE_PATIENCE, steps // 10)
        apart = max(upper - float(self.at(status, price, often).value), 1e-12 * abs(upper))
        theta = min(NODE_STEP, max(NODE_RISE * abs(upper) / apart, 0.02))
        return self.ascend(status, price, often, upper, enough, steps, theta, patience)[0]

    def at(self, status: Status, price: FloatArray, often: FloatArray, steps: int = 0) -> Bounded:
        """Return what prices prove of a part, rounded down."""
        problem, lists = self.problem, self.lists
        priced, share = np.zeros(problem.sites), np.zeros(problem.sites)
        value, error = capacitated_bound(
            lists.start, lists.market, lists.cost, problem.fixed_cost, problem.demand, self.capacity, status,
            problem.least, problem.most, price, priced, share,
        )  # fmt: skip
        chosen = share > 0.5
        close, open_up = self._changes(priced, status)
        return Bounded(value - error, price, close, open_up, chosen, often, steps)

    def _changes(self, priced: FloatArray, status: Status) -> tuple[FloatArray, FloatArray]:
        """Return by how much the value rises where a site is closed, or opened, from the least choice."""
        problem = self.problem
        free, forced = status == 0, int((status == 1).sum())
        order = np.flatnonzero(free)[np.argsort(priced[free], kind="stable")]
        want = min(max(int((priced[free] < 0.0).sum()), problem.least - forced), problem.most - forced)
        chosen = status == 1
        chosen[order[: max(want, 0)]] = True
        return changes(priced, status, chosen, problem.least, problem.most)

    def transported(self, opened: NDArray[np.bool_]) -> tuple[float, FloatArray, FloatArray, FloatArray] | None:
        """Return cost, parts, prices and worth of capacity of the cheapest service; None where there is none."""
        problem, sites = self.problem, np.flatnonzero(opened)
        cost = problem.cost[sites]
        amount, worth = np.zeros(cost.shape), np.zeros(len(sites))
        if not len(sites) or not transport(cost, problem.demand, self.capacity[sites], amount, worth):
            return None
        value = float(problem.fixed_cost[sites].sum() + (amount * cost).sum())
        price = (cost + worth[:, None] * problem.demand[None, :]).min(axis=0)
        return value, amount, price, worth

    def value(self, opened: NDArray[np.bool_]) -> float:
        """Return the cost of a set of sites; infinite where it does not suffice."""
        if not self.problem.least <= opened.sum() <= self.problem.most:
            return math.inf
        key = np.packbits(opened).tobytes()
        if key not in self.known:
            suffices = self.capacity[opened].sum() >= self.problem.demand.sum() * (1.0 - 1e-12)
            flows = self.transported(opened) if suffices else None
            self.known[key] = math.inf if flows is None else flows[0]
        return self.known[key]

    def made(self, opened: NDArray[np.bool_]) -> Plan:
        """Return the plan of a set of sites."""
        flows = self.transported(opened)
        assert flows is not None
        sites = np.flatnonzero(opened)
        at, market = np.nonzero(flows[1])
        entries = flows[1][at, market], (sites[at], market)
        matrix = sparse.coo_array(entries, shape=self.problem.cost.shape).tocsr()
        return Plan(opened.copy(), matrix, plan_cost(self.problem, opened, matrix))

    def plan(self, result: Bounded, status: Status, upper: float) -> Plan | None:
        """Return the plan of the chosen sites, improved where it is nearly as good as the best."""
        opened = self.completed(result, status)
        key = np.packbits(opened).tobytes()
        if key in self.known:
            return None
        value = self.value(opened)
        large = opened.sum() * self.problem.markets > LARGE
        if value < upper * 1.002:
            value = self.improve_nearby(opened, value, ROUND_S) if large else self.improve(opened, value, 60)
        return self.made(opened) if value < upper - 1e-9 * abs(upper) else None

    def completed(self, result: Bounded, status: Status) -> NDArray[np.bool_]:
        """Return the chosen sites, with others until their capacity and their number suffice."""
        problem = self.problem
        opened: NDArray[np.bool_] = (status == 1) | (result.chosen & (status == 0))
        total = float(problem.demand.sum())
        want = np.where(opened, result.close, -result.open_up) + result.often * 1e-6
        for site in np.argsort(-want, kind="stable").tolist():
            enough = self.capacity[opened].sum() >= total * (1.0 - 1e-12) and opened.sum() >= problem.least
            if enough or opened.sum() >= problem.most:
                break
            if not opened[site] and status[site] >= 0:
                opened[site] = True
        return opened

    def improve(self, opened: NDArray[np.bool_], value: float, trials: int) -> float:
        """Open, close or exchange sites while that costs less; ``opened`` is changed. Return the cost."""
        until = min(self.began + self.effort.time_s, time.perf_counter() + trials * TRIAL_S)
        while trials > 0 and math.isfinite(value):
            before = value
            for i, k in self.moves(opened):
                trials -= 1
                if trials < 0 or time.perf_counter() > until:
                    return value
                trial = opened.copy()
                if i >= 0:
                    trial[i] = False
                if k >= 0:
                    trial[k] = True
                cost = self.value(trial)
                if cost < value - 1e-9 * abs(value):
                    opened[:], value = trial, cost
                    break
            if value == before:
                break
        return value

    def improve_nearby(self, opened: NDArray[np.bool_], value: float, seconds: float) -> float:
        """Do the same in a large problem: try changes among the sites that they touch; ``opened`` is changed."""
        now = time.perf_counter()
        until = min(now + seconds, self.began + self.effort.time_s)
        while time.perf_counter() < until:
            flows = self.transported(opened)
            if flows is None:
                break
            _, amount, price, worth = flows
            service = Service(
                self.problem, self.capacity, np.flatnonzero(opened), amount, np.minimum(worth, 1e15), price
            )
            trial = better_sites(service, self.moves(opened, WIDE), until)
            cost = self.value(trial)
            if cost >= value - 1e-9 * abs(value):
                break
            opened[:], value = trial, cost
        return value

    def moves(self, opened: NDArray[np.bool_], width: int = WIDTH) -> list[tuple[int, int]]:
        """Return sites to close and to open, -1 for none, by what the prices of the transport say that is saved.

        Prices see no scarcity that a change brings, so nothing saves more than they say.
        """
        flows = self.transported(opened)
        if flows is None:
            return []
        _, _, price, worth = flows
        sites, shut = np.flatnonzero(opened), np.flatnonzero(~opened)
        priced = self.problem.cost[sites] + worth[:, None] * self.problem.demand
        order = np.argpartition(priced, min(1, len(sites) - 1), axis=0)
        second = np.take_along_axis(priced, order[min(1, len(sites) - 1)][None, :], axis=0)[0]
        dearer = np.bincount(order[0], weights=second - price, minlength=len(sites))
        saved = self.problem.fixed_cost[sites] - dearer - np.minimum(worth, 1e15) * self.capacity[sites]
        if len(sites) == 1:
            saved = np.full(1, -math.inf)
        opening = -self.site_costs(price)[shut]
        moves = [(float(s), int(i), -1) for s, i in zip(saved, sites, strict=True)]
        moves += [(float(s), -1, int(k)) for s, k in zip(opening, shut, strict=True)]
        for at in np.argsort(-saved, kind="stable")[:width].tolist():
            after = np.where(order[0] == at, second, price) if len(sites) > 1 else price
            both = saved[at] - self.site_costs(after)[shut] if len(sites) > 1 else opening
            moves += [(float(both[q]), int(sites[at]), int(shut[q])) for q in np.argsort(-both)[:WIDTH].tolist()]
        moves.sort(reverse=True)
        return [(i, k) for gain, i, k in moves if gain > 0.0 or len(sites) == 1]

    def site_costs(self, price: FloatArray) -> FloatArray:
        """Return each site's cost less what its markets pay at these prices."""
        problem, lists = self.problem, self.all_lists or self.lists
        reduced, level = np.empty(problem.sites), np.empty(problem.sites)
        free = np.zeros(problem.sites, dtype=np.int8)
        site_values(
            lists.start, lists.market, lists.cost, problem.fixed_cost, problem.demand, self.capacity, free, price,
            reduced, level,
        )  # fmt: skip
        return reduced

    def leaf(self, status: Status) -> tuple[float, Plan | None]:
        """Return what no plan of these sites costs less than, by the prices of its transport, and the plan."""
        opened = status == 1
        if not np.isfinite(self.value(opened)):
            return math.inf, None
        flows = self.transported(opened)
        assert flows is not None
        return self.dual_value(opened, flows[2], flows[3]), self.made(opened)

    def by_count(self, often: FloatArray) -> list[Relaxation]:
        """Return relaxations with fewer and with more open sites, where prices choose no whole number; else none."""
        least, most, count = self.problem.least, self.problem.most, float(often.sum())
        below = math.floor(count)
        if not least <= below < most or not BROKEN < count - below < 1.0 - BROKEN:
            return []
        return [
            replace(self, problem=replace(self.problem, most=below)),
            replace(self, problem=replace(self.problem, least=below + 1)),
        ]

    def dual_value(self, opened: NDArray[np.bool_], price: FloatArray, worth: FloatArray) -> float:
        """Return what no plan of these sites costs less than, by weak duality, rounded down."""
        problem, sites = self.problem, np.flatnonzero(opened)
        excess = price - (problem.cost[sites] + worth[:, None] * problem.demand).min(axis=0)
        parts = [*problem.fixed_cost[sites].tolist(), *(price - np.maximum(excess, 0.0)).tolist()]
        parts += (-worth * self.capacity[sites]).tolist()
        return math.fsum(parts) - 8.0 * ROUNDOFF * math.fsum(abs(x) for x in parts)


def solve_capacitated(problem: LocationProblem, effort: Effort, began: float) -> Tree:
    """Return the search for the best plan of a problem with finite costs, as far as it came."""
    tree, status, root = priced_root(problem, effort, began)
    tree.add(status, root)
    tree.run()
    return tree


def priced_root(
    problem: LocationProblem, effort: Effort, began: float, kind: type[Capacitated] = Capacitated
) -> tuple[Tree, Status, Bounded]:
    """Return a search that holds a plan and has not begun, what is fixed, and the bound of the whole problem."""
    assert problem.capacity is not None
    every, status = np.ones(problem.sites, dtype=np.bool_), np.zeros(problem.sites, dtype=np.int8)
    floor = problem.cost.min(axis=0)
    rate = np.maximum(problem.fixed_cost, 0.0) / np.maximum(problem.capacity, 1e-300)
    price = np.full(problem.markets, math.inf)
    for i in range(problem.sites):
        np.minimum(price, problem.cost[i] + rate[i] * problem.demand, out=price)
    near = min(problem.sites - 1, max(NEAR, problem.sites // 8))
    cut = np.partition(problem.cost, near, axis=0)[near]
    lists = SiteLists.up_to(problem.cost, every, np.maximum(cut, price + (price - floor)))
    relaxation = kind(problem, lists, floor, problem.capacity, effort, began)
    often = np.zeros(problem.sites)
    price = np.minimum(price, lists.limit)
    root = relaxation.at(status, price, often)
    opened = relaxation.completed(root, status)
    if not np.isfinite(relaxation.value(opened)):
        opened = np.zeros(problem.sites, dtype=np.bool_)
        opened[np.argsort(-problem.capacity, kind="stable")[: min(problem.most, problem.sites)]] = True
    tree = Tree(
        relaxation, relaxation.made(opened), problem.whole, effort, began, NODE_STEPS, rises=Rises.of(problem.sites)
    )
    return tree, *_root(tree, relaxation, price)


def _root(tree: Tree, relaxation: Capacitated, price: FloatArray) -> tuple[Status, Bounded]:
    """Return what is fixed and the bound of the whole problem after a long price iteration, with plans on the way."""
    problem = relaxation.problem
    status = np.zeros(problem.sites, dtype=np.int8)
    often, theta, top = np.zeros(problem.sites), 1.5, None
    for turn in range(ROUNDS):
        enough, before = tree.enough, status.copy()
        result, theta, made = relaxation.ascend(status, price, often, tree.plan.cost, enough, STEPS, theta, PATIENCE)
        if (status != before).any():
            tree.passed_over(enough)
        result = Bounded(result.value, result.price, result.close, result.open_up, result.chosen, often.copy(), made)
        if top is None or result.value > top.value:
            top = result
        opened = relaxation.completed(result, status)
        value = relaxation.value(opened)
        large = opened.sum() * problem.markets > LARGE
        value = value if large else relaxation.improve(opened, value, 300)
        if value < tree.plan.cost:
            tree.plan = relaxation.made(opened)
        stuck = result.price >= relaxation.lists.limit
        if top.value >= tree.enough or tree.late or ((theta < 1e-3 or made < STEPS) and not stuck.any()):
            break
        if stuck.any():
            theta = max(theta, 0.5)
        if stuck.any() or turn == 0:
            relaxation.all_lists = relaxation.all_lists or relaxation.lists
            limit, over = relaxation.lists.limit, result.price - relaxation.floor
            cut = np.where(stuck, limit + 0.5 * (limit - relaxation.floor), result.price + SPARE * over)
            relaxation.lists = SiteLists.up_to(problem.cost, status >= 0, cut)
        price = result.price.copy()
    assert top is not None
    return status, top
