"""Local search without capacities: open a site, close one, or exchange two, whatever saves most.

After R. A. Whitaker, "A fast algorithm for the greedy interchange for large-scale clustering and median location
problems," INFOR 21 (1983) 95-108.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evsiting.optimize.location.compiled import compiled


@compiled
def two_nearest(cost: Any, dearest: Any, opened: Any, first: Any, near: Any, second: Any) -> None:
    """Write the cheapest open site of each market with its cost, and the cost of the second, or of the dearest site."""
    for j in range(len(near)):
        near[j] = np.inf
        second[j] = dearest[j]
        first[j] = -1
    for i in range(cost.shape[0]):
        if opened[i]:
            for j in range(cost.shape[1]):
                c = cost[i, j]
                if c < near[j]:
                    second[j] = min(near[j], dearest[j])
                    near[j] = c
                    first[j] = i
                elif c < second[j]:
                    second[j] = c


@compiled
def _opening(served: Any, fixed: float, first: Any, near: Any, second: Any, spare: Any) -> Any:
    """Return what opening a site saves; write what that spares each open site that would be closed for it."""
    gain = -fixed
    for r in range(len(spare)):
        spare[r] = 0.0
    for j in range(len(near)):
        c = served[j]
        if c < second[j]:
            if c < near[j]:
                gain += near[j] - c
                spare[first[j]] += second[j] - near[j]
            else:
                spare[first[j]] += second[j] - c
    return gain


@compiled
def _best_change(gain: float, sites: Any, drop: Any, spare: Any, saving: float) -> Any:
    """Return the most that opening a site saves with one of the open sites closed, and that site; -1 for none."""
    leaving = -1
    for r in sites:
        if gain - drop[r] + spare[r] > saving:
            saving = gain - drop[r] + spare[r]
            leaving = r
    return saving, leaving


@compiled
def _marked(marks: Any) -> Any:
    """Return the indices of what is marked."""
    count = 0
    for mark in marks:
        if mark:
            count += 1
    out = np.empty(count, dtype=np.int64)
    count = 0
    for i in range(len(marks)):
        if marks[i]:
            out[count] = i
            count += 1
    return out


@compiled
def _best_move(
    cost: Any, fixed: Any, opened: Any, allowed: Any, least: int, most: int, first: Any, near: Any, second: Any
) -> Any:
    """Return the site to open and the site to close that save most together; -1 for none."""
    sites = _marked(opened)
    drop, spare = np.empty(len(fixed)), np.empty(len(fixed))
    for i in range(len(fixed)):
        drop[i] = -fixed[i]
    saving, entering, leaving = 0.0, -1, -1
    for j in range(len(near)):
        drop[first[j]] += second[j] - near[j]
        saving += 1e-10 * abs(near[j])
    if len(sites) > max(least, 1):
        for r in sites:
            if -drop[r] > saving:
                saving, leaving = -drop[r], r
    for i in range(len(fixed)):
        if opened[i] or not allowed[i]:
            continue
        gain = _opening(cost[i], fixed[i], first, near, second, spare)
        if len(sites) < most and gain > saving:
            saving, entering, leaving = gain, i, -1
        better, other = _best_change(gain, sites, drop, spare, saving)
        if other >= 0:
            saving, entering, leaving = better, i, other
    return entering, leaving


@compiled
def improve(cost: Any, dearest: Any, fixed: Any, opened: Any, allowed: Any, least: int, most: int, moves: int) -> Any:
    """Make the move that saves most until none does; ``opened`` is changed. Return the cost."""
    markets = cost.shape[1]
    first, near, second = np.empty(markets, dtype=np.int64), np.empty(markets), np.empty(markets)
    for _ in range(moves):
        two_nearest(cost, dearest, opened, first, near, second)
        entering, leaving = _best_move(cost, fixed, opened, allowed, least, most, first, near, second)
        if entering < 0 and leaving < 0:
            break
        if entering >= 0:
            opened[entering] = True
        if leaving >= 0:
            opened[leaving] = False
    two_nearest(cost, dearest, opened, first, near, second)
    total = 0.0
    for i in range(len(fixed)):
        if opened[i]:
            total += fixed[i]
    for j in range(markets):
        total += near[j]
    return total


@compiled
def _saved(served: Any, fixed: float, near: Any) -> Any:
    """Return what opening a site saves."""
    gain = -fixed
    for j in range(len(near)):
        if served[j] < near[j]:
            gain += near[j] - served[j]
    return gain


@compiled
def _largest(values: Any) -> int:
    """Return where the largest value stands."""
    best = 0
    for k in range(1, len(values)):
        if values[k] > values[best]:
            best = k
    return best


@compiled
def _freshest(cost: Any, fixed: Any, near: Any, gain: Any, opened: Any) -> int:
    """Return the site that saves most; only savings that may be the largest are worked out anew."""
    while True:
        where = _largest(gain)
        known = gain[where]
        if opened[where]:
            return where
        gain[where] = _saved(cost[where], fixed[where], near)
        if gain[where] >= known - 1e-12 * abs(known):
            return where


@compiled
def greedy(cost: Any, fixed: Any, least: int, most: int, opened: Any) -> None:
    """Open the site that saves most, until none saves and enough are open; savings never rise, so few are looked at."""
    sites, markets = cost.shape
    gain, near = np.empty(sites), np.zeros(markets)
    for i in range(sites):
        opened[i] = False
        gain[i] = -fixed[i]
        for j in range(markets):
            gain[i] -= cost[i, j]
    where = _largest(gain)
    for j in range(markets):
        near[j] = cost[where, j]
    for i in range(sites):
        gain[i] = _saved(cost[i], fixed[i], near)
    count = 0
    while True:
        opened[where] = True
        count += 1
        gain[where] = -np.inf
        for j in range(markets):
            if cost[where, j] < near[j]:
                near[j] = cost[where, j]
        if count >= most:
            break
        where = _freshest(cost, fixed, near, gain, opened)
        if opened[where] or (gain[where] <= 0.0 and count >= least):
            break
