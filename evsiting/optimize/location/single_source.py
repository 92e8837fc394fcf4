"""Location where each market is served by one site alone: branches on sites, and a solver where all are decided."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from evsiting.model.milp import FloatArray, IntArray
from evsiting.optimize.location.capacitated import Capacitated, priced_root
from evsiting.optimize.location.plan import Plan, plan_cost
from evsiting.optimize.location.problem import Effort, LocationProblem
from evsiting.optimize.location.program import Rest, left, solve_rest
from evsiting.optimize.location.tree import Status, Tree
from evsiting.results.record.solve import Status as Ending


@dataclass(eq=False)
class SingleSource(Capacitated):
    """Bounds of the problem in which markets may be divided, and plans in which they are not."""

    best: float = math.inf

    def value(self, opened: NDArray[np.bool_]) -> float:
        """Return the cost of a plan of a set of sites; infinite where none is found."""
        key = np.packbits(opened).tobytes()
        if key not in self.known:
            allowed = self.problem.least <= opened.sum() <= self.problem.most
            plan = undivided(self.problem, self, opened) if allowed else None
            self.known[key] = math.inf if plan is None else plan.cost
            self.best = min(self.best, self.known[key])
        return self.known[key]

    def made(self, opened: NDArray[np.bool_]) -> Plan:
        """Return the plan of a set of sites, or of all, or one that a solver finds."""
        every = np.ones_like(opened) if self.problem.most == self.problem.sites else opened
        for chosen in (opened, every):
            plan = undivided(self.problem, self, chosen)
            if plan is not None:
                return plan
        _, plan = solve_rest(self.problem, Rest.everything(self.problem), left(self.effort, self.began))
        if plan is None:
            raise NoPlan
        return plan

    def leaf(self, status: Status) -> tuple[float, Plan | None]:
        """Return what no plan of these sites costs less than, and the best that a solver finds."""
        opened, sites = status == 1, np.flatnonzero(status == 1)
        flows = self.transported(opened)
        if flows is None or not self.problem.least <= len(sites) <= self.problem.most:
            return math.inf, None
        _, _, price, worth = flows
        least, known = self.dual_value(opened, price, worth), undivided(self.problem, self, opened)
        upper = min(self.best, math.inf if known is None else known.cost)
        if least >= upper:
            return least, known
        over = self.problem.cost[sites] + worth[:, None] * self.problem.demand - price
        site, market = np.nonzero(over <= upper - least + 1e-9 * abs(least))
        rest = Rest(sites, np.ones(len(sites), dtype=np.bool_), site, market)
        result, plan = solve_rest(self.problem, rest, left(self.effort, self.began), known)
        if plan is not None:
            self.best = min(self.best, plan.cost)
            return max(least, min(result.bound, upper)), plan
        return (upper if result.status is Ending.INFEASIBLE else least), known


class NoPlan(Exception):
    """No plan was found."""


def solve_single_source(problem: LocationProblem, effort: Effort, began: float) -> Tree | None:
    """Return the search for the best plan of a problem with finite costs, as far as it came; None without any plan."""
    try:
        tree, status, root = priced_root(problem, effort, began, SingleSource)
    except NoPlan:
        return None
    tree.add(status, root)
    tree.run()
    return tree


def undivided(problem: LocationProblem, relaxation: Capacitated, opened: NDArray[np.bool_]) -> Plan | None:
    """Return a plan of open sites without divided markets: of the cheapest transport, with what is divided moved."""
    transport, sites = relaxation.transported(opened), np.flatnonzero(opened)
    if transport is None or problem.capacity is None:
        return None
    amount, cost, demand = transport[1], problem.cost[sites], problem.demand
    site = np.where(amount.max(axis=0) > 1.0 - 1e-9, amount.argmax(axis=0), -1)
    room = problem.capacity[sites] - np.bincount(site[site >= 0], weights=demand[site >= 0], minlength=len(sites))
    for j in sorted(np.flatnonzero(site < 0).tolist(), key=lambda j: -demand[j]):
        fits = np.where(room >= demand[j], cost[:, j], math.inf)
        a = int(np.argmin(fits))
        if not math.isfinite(fits[a]) and (a := _cleared(j, site, room, cost, demand)) < 0:
            return None
        site[j] = a
        room[a] -= demand[j]
    _shifted(site, room, cost, demand)
    markets = np.arange(problem.markets)
    entries = np.ones(problem.markets), (sites[site], markets)
    flows = sparse.coo_array(entries, shape=problem.cost.shape).tocsr()
    value = plan_cost(problem, opened, flows)
    return Plan(opened.copy(), flows, value) if math.isfinite(value) else None


def _cleared(j: int, site: IntArray, room: FloatArray, cost: FloatArray, demand: FloatArray) -> int:
    """Move the market to another site that makes room for market ``j`` at least cost; return where, -1 for nowhere."""
    best, move = math.inf, (-1, -1, -1)
    for a in range(len(room)):
        for k in np.flatnonzero((site == a) & (demand >= demand[j] - room[a])).tolist():
            fits = np.where(room >= demand[k], cost[:, k], math.inf)
            fits[a] = math.inf
            b = int(np.argmin(fits))
            change = float(cost[a, j] + fits[b] - cost[a, k])
            if change < best:
                best, move = change, (a, k, b)
    a, k, b = move
    if a >= 0:
        site[k] = b
        room[a] += demand[k]
        room[b] -= demand[k]
    return a


def _shifted(site: IntArray, room: FloatArray, cost: FloatArray, demand: FloatArray) -> None:
    """Move single markets to cheaper sites with room, the largest saving first."""
    markets = np.arange(len(site))
    for _ in range(10 * len(site)):
        saving = np.where(room[:, None] >= demand, cost[site, markets] - cost, -math.inf)
        a, j = divmod(int(np.argmax(saving)), len(site))
        if not saving[a, j] > 1e-12 * abs(cost[a, j]):
            break
        room[site[j]] += demand[j]
        room[a] -= demand[j]
        site[j] = a
