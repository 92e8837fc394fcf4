r"""Loops of the price iteration without capacities: every price of the markets gives a lower bound.

With prices :math:`u` of the rows "each market is served",

.. math:: L(u) = \sum_j u_j + \min_{y} \sum_i \rho_i y_i, \qquad \rho_i = f_i + \sum_j \min(0, c_{ij} - u_j)

over sites that may be open and their count: no plan costs less, whatever the prices.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evsiting.optimize.location.compiled import compiled

#: Half the distance of one to the next larger number.
ROUNDOFF = 2.0**-53


@compiled
def choose_sites(reduced: Any, status: Any, least: int, most: int, chosen: Any) -> float:
    """Mark the sites of least reduced cost within the limits of their count; return the sum, infinite where none fits.

    Status of a site: 1 open, -1 closed, 0 free.
    """
    count, free, total = 0, 0, 0.0
    negative = 0
    for i in range(len(reduced)):
        chosen[i] = False
        if status[i] == 1:
            chosen[i] = True
            count += 1
            total += reduced[i]
        elif status[i] == 0:
            free += 1
            if reduced[i] < 0.0:
                negative += 1
    if count > most or count + free < least:
        return np.inf
    want = min(max(negative, least - count), most - count)
    if want == 0:
        return total
    edge = np.inf
    if want < free:
        values = np.empty(free)
        k = 0
        for i in range(len(reduced)):
            if status[i] == 0:
                values[k] = reduced[i]
                k += 1
        edge = np.partition(values, want - 1)[want - 1]
    taken = 0
    for i in range(len(reduced)):
        if status[i] == 0 and reduced[i] < edge:
            chosen[i] = True
            total += reduced[i]
            taken += 1
    for i in range(len(reduced)):
        if taken == want:
            break
        if status[i] == 0 and not chosen[i] and reduced[i] == edge:
            chosen[i] = True
            total += reduced[i]
            taken += 1
    return total


@compiled
def uncapacitated_bound(
    start: Any,
    site: Any,
    cost: Any,
    fixed: Any,
    status: Any,
    least: int,
    most: int,
    price: Any,
    reduced: Any,
    chosen: Any,
) -> Any:
    """Return the bound of prices, and the largest error that its arithmetic can have."""
    total, size = 0.0, 0.0
    for i in range(len(fixed)):
        reduced[i] = fixed[i]
    for j in range(len(price)):
        u = price[j]
        total += u
        size += abs(u)
        for k in range(start[j], start[j + 1]):
            if cost[k] >= u:
                break
            reduced[site[k]] -= u - cost[k]
    value = choose_sites(reduced, status, least, most, chosen)
    for i in range(len(fixed)):
        if chosen[i]:
            size += 2.0 * abs(fixed[i]) + abs(reduced[i])
    return total + value, (len(price) + len(fixed) + 8) * ROUNDOFF * (3.0 * size)


@compiled
def uncapacitated_ascent(
    start: Any,
    site: Any,
    cost: Any,
    floor: Any,
    limit: Any,
    fixed: Any,
    status: Any,
    least: int,
    most: int,
    price: Any,
    upper: float,
    enough: float,
    steps: int,
    theta: float,
    patience: int,
    smooth: float,
    best: Any,
    often: Any,
) -> Any:
    """Raise the bound by steps along the smoothed lack of service; return it, the last step's size and the steps made.

    The best prices are left in ``best``, and in ``often`` how often each site was chosen, the last steps counting most.
    """
    markets, sites = len(price), len(fixed)
    reduced, chosen = np.empty(sites), np.empty(sites, dtype=np.bool_)
    direction, top, since, made = np.zeros(markets), -np.inf, 0, 0
    best[:] = price
    for step in range(steps):
        made = step + 1
        for i in range(sites):
            reduced[i] = fixed[i]
        total = 0.0
        for j in range(markets):
            u = price[j]
            total += u
            for k in range(start[j], start[j + 1]):
                if cost[k] >= u:
                    break
                reduced[site[k]] -= u - cost[k]
        value = total + choose_sites(reduced, status, least, most, chosen)
        if value > top:
            if value > top + 1e-5 * abs(top):
                since = 0
            else:
                since += 1
            top = value
            best[:] = price
            if top == np.inf or top >= enough:
                break
        else:
            since += 1
        if since >= patience:
            since = 0
            theta *= 0.5
            price[:] = best
            if theta < 1e-3:
                break
        norm = 0.0
        for i in range(sites):
            often[i] = 0.9 * often[i] + (0.1 if chosen[i] else 0.0)
        for j in range(markets):
            lack = 1.0
            for k in range(start[j], start[j + 1]):
                if cost[k] >= price[j]:
                    break
                if chosen[site[k]]:
                    lack -= 1.0
            way = smooth * direction[j] + (1.0 - smooth) * lack
            if (way > 0.0 and price[j] >= limit[j]) or (way < 0.0 and price[j] <= floor[j]):
                way = 0.0
            direction[j] = way
            norm += way * way
        if norm < 1e-14:
            if smooth == 0.0:
                break
            for j in range(markets):
                direction[j] = 0.0
            theta *= 0.5
            continue
        length = theta * (upper - value) / norm
        if length <= 0.0:
            length = theta * 1e-4 * abs(value) / norm
        for j in range(markets):
            price[j] = min(max(price[j] + length * direction[j], floor[j]), limit[j])
    return top, theta, made
