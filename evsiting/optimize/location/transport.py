"""The cheapest way of serving all markets from open sites within their capacities: successive shortest paths.

Every market starts at its cheapest site. What is too much at a site is pushed along the cheapest path of exchanges to a
site with room: that keeps the plan the cheapest for the loads it has, so the last one is the cheapest of all.

Amounts are counted in units of demand until the end, so that whole numbers stay whole: parts of one leave dust after
some thousand pushes, and a path over dust moves nothing, again and again.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evsiting.optimize.location.compiled import compiled

#: Worth of the capacity of a site that has none.
UNREACHED = 1e30
#: Part of a market's demand that is not moved by itself: it goes with what is moved, or stays.
DUST = 1e-11


@compiled
def _exchange_row(cost: Any, demand: Any, amount: Any, a: int, step: Any, via: Any) -> None:
    """Write the least cost of moving a unit of demand from site ``a`` to each other one, and the market that moves."""
    sites, markets = cost.shape
    for b in range(sites):
        step[a, b] = np.inf
        via[a, b] = -1
    for j in range(markets):
        if amount[a, j] > DUST * demand[j]:
            for b in range(sites):
                more = (cost[b, j] - cost[a, j]) / demand[j]
                if more < step[a, b]:
                    step[a, b] = more
                    via[a, b] = j


@compiled
def _cheapest(cost: Any, j: int) -> int:
    """Return the cheapest site of a market."""
    best = 0
    for a in range(1, cost.shape[0]):
        if cost[a, j] < cost[best, j]:
            best = a
    return best


@compiled
def _cheapest_start(cost: Any, demand: Any, amount: Any, load: Any) -> None:
    """Let every market be served by its cheapest site."""
    for j in range(cost.shape[1]):
        best = _cheapest(cost, j)
        amount[best, j] = demand[j]
        load[best] += demand[j]


@compiled
def _paths(
    source: int, step: Any, potential: Any, room: Any, tiny: float, distance: Any, before: Any, done: Any
) -> int:
    """Return the site with room that is cheapest to reach, by Dijkstra with potentials; -1 for none."""
    sites = len(potential)
    for b in range(sites):
        distance[b] = np.inf
        before[b] = -1
        done[b] = False
    distance[source] = 0.0
    while True:
        a = -1
        for b in range(sites):
            if not done[b] and distance[b] < np.inf and (a < 0 or distance[b] < distance[a]):
                a = b
        if a < 0:
            return -1
        done[a] = True
        if room[a] > tiny and a != source:
            return a
        for b in range(sites):
            if not done[b] and step[a, b] < np.inf:
                way = distance[a] + max(step[a, b] + potential[a] - potential[b], 0.0)
                if way < distance[b]:
                    distance[b] = way
                    before[b] = a


@compiled
def _push(source: int, target: int, demand: Any, amount: Any, room: Any, via: Any, before: Any) -> None:
    """Move as much as can be along a path."""
    most = min(-room[source], room[target])
    b = target
    while b != source:
        a = before[b]
        most = min(most, amount[a, via[a, b]])
        b = a
    b = target
    while b != source:
        a = before[b]
        j = via[a, b]
        part = most
        if amount[a, j] - part <= DUST * demand[j]:
            part = amount[a, j]
        amount[a, j] -= part
        amount[b, j] += part
        room[a] += part
        room[b] -= part
        b = a


@compiled
def _as_parts(cost: Any, demand: Any, amount: Any) -> None:
    """Turn amounts into parts of each market's demand; a market without any is served by its cheapest site."""
    sites, markets = cost.shape
    for j in range(markets):
        if demand[j] > 0.0:
            for a in range(sites):
                amount[a, j] /= demand[j]
        else:
            amount[_cheapest(cost, j), j] = 1.0


@compiled
def transport(cost: Any, demand: Any, capacity: Any, amount: Any, worth: Any) -> bool:
    """Write the part of each market that each site serves at least cost, and what a unit of each capacity is worth.

    Return whether the capacities suffice.
    """
    sites, total = cost.shape[0], 0.0
    load, room = np.zeros(sites), np.empty(sites)
    _cheapest_start(cost, demand, amount, load)
    for a in range(sites):
        room[a] = capacity[a] - load[a]
        total += load[a]
    tiny = 1e-11 * total
    step, via = np.empty((sites, sites)), np.empty((sites, sites), dtype=np.int64)
    for a in range(sites):
        _exchange_row(cost, demand, amount, a, step, via)
    potential, distance = np.zeros(sites), np.empty(sites)
    before, done = np.empty(sites, dtype=np.int64), np.empty(sites, dtype=np.bool_)
    for again in range(2 * sites):  # once more, since dust that goes with others may be too much somewhere
        source = again % sites
        while room[source] < -tiny:
            target = _paths(source, step, potential, room, tiny, distance, before, done)
            if target < 0:
                return False
            for b in range(sites):
                potential[b] += min(distance[b], distance[target])
            _push(source, target, demand, amount, room, via, before)
            b = target
            while b >= 0:
                _exchange_row(cost, demand, amount, b, step, via)
                b = before[b]
    _capacity_worth(step, room, tiny, worth)
    _as_parts(cost, demand, amount)
    return True


@compiled
def _cheapest_pushes(step: Any, worth: Any) -> None:
    """Lower what pushing one unit from each site costs by paths over other sites."""
    sites = len(worth)
    for _ in range(sites):
        changed = False
        for a in range(sites):
            for b in range(sites):
                way = step[a, b] + worth[b]
                if way < np.inf and way + 1e-12 * abs(worth[b]) < worth[a]:
                    worth[a] = way
                    changed = True
        if not changed:
            break


@compiled
def _capacity_worth(step: Any, room: Any, tiny: float, worth: Any) -> None:
    """Write what it costs to push one unit from each site to one with room; where none has, the least is zero."""
    sites, full = len(room), True
    for a in range(sites):
        worth[a] = 0.0 if room[a] > tiny else np.inf
        full = full and room[a] <= tiny
    if full:
        for a in range(sites):
            worth[a] = 0.0
    _cheapest_pushes(step, worth)
    least = 0.0
    for a in range(sites):
        least = min(least, worth[a])
    for a in range(sites):
        worth[a] = worth[a] - least if worth[a] < np.inf else UNREACHED
