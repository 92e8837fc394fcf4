r"""Loops of the price iteration without capacities: every price of the markets gives a lower bound.

With prices :math:`u` of the constraints "each market is served",

.. math:: L(u) = \sum_j u_j + \min_{y} \sum_i \rho_i y_i, \qquad \rho_i = f_i + \sum_j \min(0, c_{ij} - u_j)

over sites that may be open and their count: no plan costs less, whatever the prices.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evsiting.optimize.location.compiled import compiled

#: Half the distance of one to the next larger number.
ROUNDOFF = 2.0**-53
#: Steps whose bound leaves at most so many times the least room try to fix sites.
FIXING = 1.2


@compiled
def _smallest(values: Any, rank: int) -> Any:
    """Return the value that ``rank`` others are not above, counted from zero; ``values`` is rearranged."""
    low, high = 0, len(values) - 1
    while low < high:
        pivot = values[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if rank <= j:
            high = j
        elif rank >= i:
            low = i
        else:
            break
    return values[rank]


@compiled
def _forced(reduced: Any, status: Any, chosen: Any) -> Any:
    """Mark open sites; return their number, the number of free ones, of those below zero, and the sum of the open."""
    count, free, negative, total = 0, 0, 0, 0.0
    for i in range(len(reduced)):
        chosen[i] = status[i] == 1
        if status[i] == 1:
            count += 1
            total += reduced[i]
        elif status[i] == 0:
            free += 1
            if reduced[i] < 0.0:
                negative += 1
    return count, free, negative, total


@compiled
def _take(reduced: Any, status: Any, edge: float, room: int, chosen: Any) -> Any:
    """Mark free sites below an edge, then those at it while there is room; return their sum."""
    total = 0.0
    for at_edge in (False, True):
        for i in range(len(reduced)):
            below = reduced[i] < edge or (at_edge and reduced[i] == edge)
            if below and room > 0 and status[i] == 0 and not chosen[i]:
                chosen[i] = True
                total += reduced[i]
                room -= 1
    return total


@compiled
def choose_sites(reduced: Any, status: Any, least: int, most: int, chosen: Any) -> Any:
    """Mark the sites of least reduced cost within the limits of their count; return the sum, infinite where none fits.

    Status of a site: 1 open, -1 closed, 0 free.
    """
    count, free, negative, total = _forced(reduced, status, chosen)
    if count > most or count + free < least:
        return np.inf
    want = min(max(negative, least - count), most - count)
    if want == 0:
        return total
    if want == negative:
        return total + _take(reduced, status, 0.0, want, chosen)
    values = np.empty(free)
    k = 0
    for i in range(len(reduced)):
        if status[i] == 0:
            values[k] = reduced[i]
            k += 1
    return total + _take(reduced, status, _smallest(values, want - 1), want, chosen)


@compiled
def _reduced_costs(start: Any, site: Any, cost: Any, fixed: Any, price: Any, reduced: Any) -> Any:
    """Write what each site costs less what its markets pay above their cost; return the sum of the prices."""
    total = 0.0
    for i in range(len(fixed)):
        reduced[i] = fixed[i]
    for j in range(len(price)):
        u = price[j]
        total += u
        for k in range(start[j], start[j + 1]):
            if cost[k] >= u:
                break
            reduced[site[k]] -= u - cost[k]
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
    total = _reduced_costs(start, site, cost, fixed, price, reduced)
    value = choose_sites(reduced, status, least, most, chosen)
    size = 0.0
    for u in price:
        size += abs(u)
    for i in range(len(fixed)):
        if chosen[i]:
            size += 2.0 * abs(fixed[i]) + abs(reduced[i])
    return total + value, (len(price) + len(fixed) + 8) * ROUNDOFF * (3.0 * size)


@compiled
def _lack(
    start: Any, site: Any, cost: Any, price: Any, floor: Any, limit: Any, chosen: Any, smooth: float, direction: Any
) -> Any:
    """Smooth the direction towards the lack of service at these prices; return its squared length."""
    norm = 0.0
    for j in range(len(price)):
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
    return norm


@compiled
def without_closed(start: Any, site: Any, cost: Any, status: Any) -> Any:
    """Return the lists without the pairs of closed sites."""
    begin, where, value = np.zeros_like(start), np.empty_like(site), np.empty_like(cost)
    at = 0
    for j in range(len(start) - 1):
        for k in range(start[j], start[j + 1]):
            if status[site[k]] >= 0:
                where[at] = site[k]
                value[at] = cost[k]
                at += 1
        begin[j + 1] = at
    return begin, where[:at], value[:at]


@compiled
def copy_values(values: Any, out: Any) -> None:
    """Copy values one by one, which compiles in no time."""
    for k in range(len(values)):
        out[k] = values[k]


@compiled
def fix_sites(reduced: Any, chosen: Any, least: int, most: int, room: float, status: Any) -> None:
    """Open or close each free site of which the other state costs more than ``room``; ``status`` is changed."""
    count, dearest, cheapest = 0, -np.inf, np.inf
    for i in range(len(reduced)):
        if chosen[i]:
            count += 1
            if status[i] == 0:
                dearest = max(dearest, reduced[i])
        elif status[i] == 0:
            cheapest = min(cheapest, reduced[i])
    other = cheapest if count - 1 < least or cheapest < 0.0 else 0.0
    leaving = dearest if count + 1 > most or dearest > 0.0 else 0.0
    for i in range(len(reduced)):
        if status[i] == 0:
            if chosen[i]:
                if other - reduced[i] > room:
                    status[i] = 1
            elif reduced[i] - leaving > room:
                status[i] = -1


@compiled
def size_of(values: Any) -> float:
    """Return the sum of absolute values."""
    total = 0.0
    for value in values:
        total += abs(value)
    return total


@compiled
def keep_within(price: Any, floor: Any, limit: Any) -> None:
    """Keep prices between floor and limit; above its limit a price would prove too much."""
    for j in range(len(price)):
        price[j] = min(max(price[j], floor[j]), limit[j])


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
    Sites are fixed in ``status`` on the way, where the prices of a step prove that no plan below ``enough`` has them in
    the other state.
    """
    reduced, chosen = np.empty(len(fixed)), np.empty(len(fixed), dtype=np.bool_)
    direction, top, since, made = np.zeros(len(price)), -np.inf, 0, 0
    start, site, cost = without_closed(start, site, cost, status)
    keep_within(price, floor, limit)
    copy_values(price, best)
    for step in range(steps):
        made = step + 1
        value = _reduced_costs(start, site, cost, fixed, price, reduced)
        value += choose_sites(reduced, status, least, most, chosen)
        since = 0 if value > top + 1e-5 * abs(top) else since + 1
        if value > top:
            top = value
            copy_values(price, best)
        if top >= enough:
            break
        if enough - value < FIXING * (enough - top):
            fix_sites(reduced, chosen, least, most, enough - value + 1e-9 * abs(upper) + 1e-12 * size_of(price), status)
        if since >= patience:
            since = 0
            theta *= 0.5
            copy_values(best, price)
        for i in range(len(fixed)):
            often[i] = 0.9 * often[i] + (0.1 if chosen[i] else 0.0)
        norm = _lack(start, site, cost, price, floor, limit, chosen, smooth, direction)
        if theta < 1e-3 or (norm < 1e-14 and smooth == 0.0):
            break
        length = max(theta * (upper - value), theta * 1e-4 * abs(value)) / max(norm, 1e-14)
        for j in range(len(price)):
            price[j] += length * direction[j]
        keep_within(price, floor, limit)
    return top, theta, made
