r"""Loops of the price iteration with capacities: every price of the markets gives a lower bound.

With prices :math:`u` of the rows "each market is served" and :math:`\lambda \ge 0` of the row "open capacities come to
the total demand",

.. math:: L(u, \lambda) = \sum_j u_j + \lambda \sum_j d_j + \min_y \sum_i (\rho_i - \lambda s_i) y_i, \qquad
   \rho_i = f_i - \max_{0 \le x \le 1} \Bigl\{ \sum_j (u_j - c_{ij}) x_j : \sum_j d_j x_j \le s_i \Bigr\}

The maximum is a knapsack that may be cut; for every price :math:`r \ge 0` of its capacity it is not above
:math:`r s_i + \sum_j \max(0, u_j - c_{ij} - r d_j)`, which is what is taken.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evsiting.optimize.location.compiled import compiled
from evsiting.optimize.location.uncapacitated_prices import (
    FIXING,
    ROUNDOFF,
    choose_sites,
    copy_values,
    fix_sites,
    keep_within,
    size_of,
)


@compiled
def critical_ratio(ratio: Any, weight: Any, count: int, room: float) -> Any:
    """Return the ratio at which items, taken from the largest ratio down, fill a room; zero where all fit.

    ``ratio`` and ``weight`` are rearranged.
    """
    low, high = 0, count - 1
    while low <= high:
        pivot = ratio[(low + high) // 2]
        i, j, k = low, low, high  # [low, i) above, [i, j) equal, (k, high] below
        heavy, equal = 0.0, 0.0
        while j <= k:
            r, w = ratio[j], weight[j]
            if r > pivot:
                ratio[j], weight[j] = ratio[i], weight[i]
                ratio[i], weight[i] = r, w
                heavy += w
                i += 1
                j += 1
            elif r < pivot:
                ratio[j], weight[j] = ratio[k], weight[k]
                ratio[k], weight[k] = r, w
                k -= 1
            else:
                equal += w
                j += 1
        if heavy > room:
            high = i - 1
        elif heavy + equal > room:
            return pivot
        else:
            room -= heavy + equal
            low = k + 1
    return 0.0


@compiled
def site_value(
    begin: int, end: int, market: Any, cost: Any, demand: Any, price: Any, room: float, ratio: Any, weight: Any
) -> Any:
    """Return the most that a site's markets pay above their cost within its capacity, and the price of its capacity."""
    count, total, value = 0, 0.0, 0.0
    for k in range(begin, end):
        j = market[k]
        over = price[j] - cost[k]
        if over > 0.0:
            value += over
            if demand[j] > 0.0:
                ratio[count] = over / demand[j]
                weight[count] = demand[j]
                total += demand[j]
                count += 1
    if total <= room:
        return value, 0.0
    level = critical_ratio(ratio, weight, count, room)
    value = level * room
    for k in range(begin, end):
        j = market[k]
        over = price[j] - cost[k] - level * demand[j]
        if over > 0.0:
            value += over
    return value, level


@compiled
def site_values(
    start: Any,
    market: Any,
    cost: Any,
    fixed: Any,
    demand: Any,
    capacity: Any,
    status: Any,
    price: Any,
    reduced: Any,
    level: Any,
) -> None:
    """Write each site's cost less what its markets pay, and the price of its capacity."""
    ratio, weight = np.empty(len(demand)), np.empty(len(demand))
    for i in range(len(fixed)):
        if status[i] >= 0:
            value, level[i] = site_value(
                start[i], start[i + 1], market, cost, demand, price, capacity[i], ratio, weight
            )
            reduced[i] = fixed[i] - value
        else:
            reduced[i] = 0.0
            level[i] = 0.0


@compiled
def _at(
    reduced: Any,
    capacity: Any,
    status: Any,
    least: int,
    most: int,
    total: float,
    worth: float,
    priced: Any,
    chosen: Any,
) -> Any:
    """Return the value of the choice of sites at a price of capacity, and how much capacity it lacks."""
    for i in range(len(reduced)):
        priced[i] = reduced[i] - worth * capacity[i]
    value = worth * total + choose_sites(priced, status, least, most, chosen)
    lack = total
    for i in range(len(reduced)):
        if chosen[i]:
            lack -= capacity[i]
    return value, lack


@compiled
def _available(capacity: Any, status: Any) -> Any:
    """Return the capacity of all sites that are not closed."""
    total = 0.0
    for i in range(len(capacity)):
        if status[i] >= 0:
            total += capacity[i]
    return total


@compiled
def best_worth(
    reduced: Any, capacity: Any, status: Any, least: int, most: int, total: float, guess: float, share: Any
) -> Any:
    """Return the price of capacity at which the choice of sites costs most, and that cost.

    ``share`` is the part of each site in the choice there: a mixture of two that has just enough capacity.
    """
    priced, chosen, other = (
        np.empty(len(reduced)),
        np.empty(len(reduced), dtype=np.bool_),
        np.empty(len(reduced), dtype=np.bool_),
    )
    low = 0.0
    low_value, low_lack = _at(reduced, capacity, status, least, most, total, low, priced, chosen)
    if low_lack <= 1e-9 * total or low_value == np.inf:
        _mix(chosen, chosen, 1.0, share)
        return low, low_value
    if _available(capacity, status) < total * (1.0 - 1e-9):
        return low, np.inf
    high = max(guess, 1e-9)
    high_value, high_lack = _at(reduced, capacity, status, least, most, total, high, priced, other)
    for _ in range(80):
        if high_lack <= 0.0:
            break
        low, low_value, low_lack = high, high_value, high_lack
        _copy_marks(other, chosen)
        high *= 2.0
        high_value, high_lack = _at(reduced, capacity, status, least, most, total, high, priced, other)
    if high_lack > 0.0:
        _mix(other, other, 1.0, share)
        return high, high_value
    trial = np.empty(len(reduced), dtype=np.bool_)
    for _ in range(40):
        meet = (high_value - high_lack * high - low_value + low_lack * low) / (low_lack - high_lack)
        if not low < meet < high:
            break
        value, lack = _at(reduced, capacity, status, least, most, total, meet, priced, trial)
        if value >= low_value + low_lack * (meet - low) - 1e-10 * abs(value):
            low, low_value = meet, value
            break
        if lack > 0.0:
            low, low_value, low_lack = meet, value, lack
            _copy_marks(trial, chosen)
        else:
            high, high_value, high_lack = meet, value, lack
            _copy_marks(trial, other)
    _mix(chosen, other, -high_lack / (low_lack - high_lack), share)
    if high_value > low_value:
        return high, high_value
    return low, low_value


@compiled
def _mix(first: Any, second: Any, part: float, share: Any) -> None:
    """Write the mixture of two choices."""
    for i in range(len(share)):
        share[i] = (part if first[i] else 0.0) + (1.0 - part if second[i] else 0.0)


@compiled
def _copy_marks(marks: Any, out: Any) -> None:
    """Copy marks."""
    for i in range(len(out)):
        out[i] = marks[i]


@compiled
def _lack(
    start: Any, market: Any, cost: Any, demand: Any, capacity: Any, price: Any, level: Any, share: Any, lack: Any
) -> None:
    """Write which part of each market the chosen sites do not serve at these prices."""
    for j in range(len(lack)):
        lack[j] = 1.0
    for i in range(len(share)):
        if share[i] == 0.0:
            continue
        room, edge = capacity[i], 0.0
        if level[i] > 0.0:
            for k in range(start[i], start[i + 1]):
                over = price[market[k]] - cost[k] - level[i] * demand[market[k]]
                if over > 1e-12 * price[market[k]]:
                    room -= demand[market[k]]
                elif over >= -1e-12 * abs(price[market[k]]):
                    edge += demand[market[k]]
        part = min(max(room / edge, 0.0), 1.0) if edge > 0.0 else 0.0
        for k in range(start[i], start[i + 1]):
            over = price[market[k]] - cost[k] - level[i] * demand[market[k]]
            if over > 1e-12 * price[market[k]]:
                lack[market[k]] -= share[i]
            elif over >= -1e-12 * abs(price[market[k]]) and level[i] > 0.0:
                lack[market[k]] -= share[i] * part


@compiled
def _turn(lack: Any, price: Any, floor: Any, limit: Any, smooth: float, direction: Any) -> Any:
    """Smooth the direction towards the lack of service; return its squared length."""
    norm = 0.0
    for j in range(len(price)):
        way = smooth * direction[j] + (1.0 - smooth) * lack[j]
        if (way > 0.0 and price[j] >= limit[j]) or (way < 0.0 and price[j] <= floor[j]):
            way = 0.0
        direction[j] = way
        norm += way * way
    return norm


@compiled
def capacitated_ascent(
    start: Any,
    market: Any,
    cost: Any,
    floor: Any,
    limit: Any,
    fixed: Any,
    demand: Any,
    capacity: Any,
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

    The best prices are left in ``best``, and in ``often`` which part of each site was chosen, the last steps counting
    most. Sites are fixed in ``status`` on the way, where the prices of a step prove that no plan below ``enough`` has
    them in the other state.
    """
    sites, markets, total = len(fixed), len(price), size_of(demand)
    keep_within(price, floor, limit)
    copy_values(price, best)
    reduced, level, share = np.empty(sites), np.empty(sites), np.empty(sites)
    priced, chosen = np.empty(sites), np.empty(sites, dtype=np.bool_)
    direction, lack = np.zeros(markets), np.empty(markets)
    top, since, made, worth = -np.inf, 0, 0, 1.0
    for step in range(steps):
        made = step + 1
        site_values(start, market, cost, fixed, demand, capacity, status, price, reduced, level)
        worth, value = best_worth(reduced, capacity, status, least, most, total, worth, share)
        for j in range(markets):
            value += price[j]
        since = 0 if value > top + 1e-5 * abs(top) else since + 1
        if value > top:
            top = value
            copy_values(price, best)
        if top >= enough:
            break
        if enough - value < FIXING * (enough - top):
            _at(reduced, capacity, status, least, most, total, worth, priced, chosen)
            doubt = 1e-9 * abs(upper) + 1e-12 * (size_of(price) + 2.0 * worth * total)
            fix_sites(priced, chosen, least, most, enough - value + doubt, status)
        if since >= patience:
            since = 0
            theta *= 0.5
            copy_values(best, price)
        for i in range(sites):
            often[i] = 0.9 * often[i] + 0.1 * share[i]
        _lack(start, market, cost, demand, capacity, price, level, share, lack)
        norm = _turn(lack, price, floor, limit, smooth, direction)
        if theta < 1e-3:
            break
        length = max(theta * (upper - value), theta * 1e-4 * abs(value)) / max(norm, 1e-14)
        for j in range(markets):
            price[j] += length * direction[j]
        keep_within(price, floor, limit)
    return top, theta, made


@compiled
def capacitated_bound(
    start: Any,
    market: Any,
    cost: Any,
    fixed: Any,
    demand: Any,
    capacity: Any,
    status: Any,
    least: int,
    most: int,
    price: Any,
    priced: Any,
    share: Any,
) -> Any:
    """Return the bound of prices, and the largest error that its arithmetic can have.

    ``priced`` is each site's cost less what its markets pay and what its capacity is worth, ``share`` its part in the
    choice.
    """
    sites, markets = len(fixed), len(price)
    total, value, size = 0.0, 0.0, 0.0
    for j in range(markets):
        total += demand[j]
        value += price[j]
        size += abs(price[j])
    reduced, level, chosen = np.empty(sites), np.empty(sites), np.empty(sites, dtype=np.bool_)
    site_values(start, market, cost, fixed, demand, capacity, status, price, reduced, level)
    worth, rest = best_worth(reduced, capacity, status, least, most, total, 1.0, share)
    if rest == np.inf:
        return np.inf, 0.0
    rest, _ = _at(reduced, capacity, status, least, most, total, worth, priced, chosen)
    size += 2.0 * worth * total
    for i in range(sites):
        if chosen[i]:
            size += 3.0 * abs(fixed[i]) + abs(reduced[i]) + worth * capacity[i]
    return value + rest, (markets + sites + 8) * ROUNDOFF * (3.0 * size)
