"""Local search in large problems with capacities: a change of sites is tried among the sites that it touches.

What the other sites serve stays, so every trial is a plan, and its cost is exact; only better ones may be missed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evsiting.model.milp import FloatArray, IntArray
from evsiting.optimize.location.problem import LocationProblem
from evsiting.optimize.location.transport import transport

#: Sites that are looked at on each side of a change.
AROUND = 20


@dataclass(eq=False)
class Service:
    """Open sites and the part of each market that each serves.

    Parameters
    ----------
    problem : LocationProblem
        With finite costs.
    capacity : numpy.ndarray, shape (M,)
        Of each site.
    sites : numpy.ndarray of int, shape (S,)
        Open ones.
    amount : numpy.ndarray, shape (S, N)
        What each serves. [fraction]
    worth : numpy.ndarray, shape (S,)
        What a unit of each capacity is worth.
    price : numpy.ndarray, shape (N,)
        What serving each market costs at these worths.
    """

    problem: LocationProblem
    capacity: FloatArray
    sites: IntArray
    amount: FloatArray
    worth: FloatArray
    price: FloatArray

    def touched(self, closing: int, opening: int) -> IntArray:
        """Return positions of the open sites that a change touches most."""
        cost, demand = self.problem.cost, self.problem.demand
        near: list[IntArray] = []
        if closing >= 0:
            members = np.flatnonzero(self.amount[np.searchsorted(self.sites, closing)] > 0.0)
            dearer = cost[np.ix_(self.sites, members)] + self.worth[:, None] * demand[members]
            near.append(np.argsort(dearer.sum(axis=1), kind="stable")[: AROUND + 1])
        if opening >= 0:
            cheaper = np.maximum(self.price - cost[opening], 0.0)
            near.append(np.argsort(-(self.amount @ cheaper), kind="stable")[:AROUND])
        positions: IntArray = np.unique(np.concatenate(near))
        stay: IntArray = positions[self.sites[positions] != closing]
        return stay

    def changed(self, closing: int, opening: int) -> tuple[float, Service] | None:
        """Return what a change saves, and the service after it; None where it saves nothing."""
        problem, near = self.problem, self.touched(closing, opening)
        old = near if closing < 0 else np.append(near, np.searchsorted(self.sites, closing))
        part = self.amount[old].sum(axis=0)
        markets = np.flatnonzero(part > 0.0)
        inside = self.sites[near] if opening < 0 else np.append(self.sites[near], opening)
        demand = problem.demand[markets] * part[markets]
        if not len(inside) or self.capacity[inside].sum() < demand.sum():
            return None
        cost = problem.cost[np.ix_(inside, markets)] * part[markets]
        before = float((self.amount[np.ix_(old, markets)] * problem.cost[np.ix_(self.sites[old], markets)]).sum())
        amount, worth = np.zeros(cost.shape), np.zeros(len(inside))
        if not transport(cost, demand, self.capacity[inside], amount, worth):
            return None
        saved = before - float((amount * cost).sum())
        saved += float(problem.fixed_cost[closing]) if closing >= 0 else 0.0
        saved -= float(problem.fixed_cost[opening]) if opening >= 0 else 0.0
        if saved <= 1e-9 * abs(before):
            return None
        return saved, self._after(closing, opening, near, markets, amount * part[markets])

    def _after(self, closing: int, opening: int, near: IntArray, markets: IntArray, amount: FloatArray) -> Service:
        """Return the service after a change."""
        after = self.amount.copy()
        after[np.ix_(near, markets)] = amount[: len(near)]
        keep = self.sites != closing
        sites, after, worth = self.sites[keep], after[keep], self.worth[keep]
        if opening >= 0:
            row = np.zeros(after.shape[1])
            row[markets] = amount[len(near)]
            at = int(np.searchsorted(sites, opening))
            sites, worth = np.insert(sites, at, opening), np.insert(worth, at, 0.0)
            after = np.insert(after, at, row, axis=0)
        return Service(self.problem, self.capacity, sites, after, worth, self.price)


def better_sites(service: Service, moves: list[tuple[int, int]], until: float) -> NDArray[np.bool_]:
    """Return the open sites after every change that saves something was made, each site changed once at most."""
    moved: set[int] = set()
    least, most = service.problem.least, service.problem.most
    for closing, opening in moves:
        if time.perf_counter() > until:
            break
        count = len(service.sites) - (closing >= 0) + (opening >= 0)
        if closing in moved or opening in moved or not least <= count <= most:
            continue
        changed = service.changed(closing, opening)
        if changed is not None:
            service = changed[1]
            moved |= {closing, opening} - {-1}
    opened = np.zeros(service.problem.sites, dtype=np.bool_)
    opened[service.sites] = True
    return opened
