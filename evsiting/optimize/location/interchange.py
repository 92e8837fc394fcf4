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
    near[:] = np.inf
    second[:] = dearest
    first[:] = -1
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
def improve(cost: Any, dearest: Any, fixed: Any, opened: Any, allowed: Any, least: int, most: int, moves: int) -> Any:
    """Make the move that saves most until none does; ``opened`` is changed. Return the cost."""
    sites, markets = cost.shape
    first, near, second = np.empty(markets, dtype=np.int64), np.empty(markets), np.empty(markets)
    spare, drop = np.empty(sites), np.empty(sites)
    for _ in range(moves):
        two_nearest(cost, dearest, opened, first, near, second)
        count = opened.sum()
        scale = 0.0
        drop[:] = -fixed
        for j in range(markets):
            drop[first[j]] += second[j] - near[j]
            scale += abs(near[j])
        saving, entering, leaving = 1e-10 * scale, -1, -1
        if count > least and count > 1:
            for r in range(sites):
                if opened[r] and -drop[r] > saving:
                    saving, entering, leaving = -drop[r], -1, r
        for i in range(sites):
            if opened[i] or not allowed[i]:
                continue
            gain = -fixed[i]
            spare[:] = 0.0
            for j in range(markets):
                c = cost[i, j]
                if c < second[j]:
                    if c < near[j]:
                        gain += near[j] - c
                        spare[first[j]] += second[j] - near[j]
                    else:
                        spare[first[j]] += second[j] - c
            if count < most and gain > saving:
                saving, entering, leaving = gain, i, -1
            for r in range(sites):
                if opened[r] and gain - drop[r] + spare[r] > saving:
                    saving, entering, leaving = gain - drop[r] + spare[r], i, r
        if entering < 0 and leaving < 0:
            break
        if entering >= 0:
            opened[entering] = True
        if leaving >= 0:
            opened[leaving] = False
    two_nearest(cost, dearest, opened, first, near, second)
    total = 0.0
    for i in range(sites):
        if opened[i]:
            total += fixed[i]
    return total + near.sum()


@compiled
def greedy(cost: Any, fixed: Any, least: int, most: int, opened: Any) -> None:
    """Open the site that saves most, until none saves and enough are open; savings never rise, so few are looked at."""
    sites, markets = cost.shape
    opened[:] = False
    best, where = np.inf, 0
    for i in range(sites):
        total = fixed[i] + cost[i].sum()
        if total < best:
            best, where = total, i
    opened[where] = True
    near = cost[where].copy()
    gain = np.empty(sites)
    for i in range(sites):
        gain[i] = -fixed[i]
        for j in range(markets):
            if cost[i, j] < near[j]:
                gain[i] += near[j] - cost[i, j]
    gain[where] = -np.inf
    count = 1
    while count < most:
        while True:
            i = 0
            for k in range(1, sites):
                if gain[k] > gain[i]:
                    i = k
            fresh = -fixed[i]
            for j in range(markets):
                if cost[i, j] < near[j]:
                    fresh += near[j] - cost[i, j]
            known = gain[i]
            gain[i] = fresh
            if fresh >= known - 1e-12 * abs(known):
                break
        if opened[i] or (gain[i] <= 0.0 and count >= least):
            break
        opened[i] = True
        count += 1
        for j in range(markets):
            near[j] = min(near[j], cost[i, j])
        gain[i] = -np.inf
