"""The pairs of site and market that can matter, for each market from the cheapest to the dearest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evsiting.model.milp import FloatArray, IntArray
from evsiting.optimize.location.compiled import compiled


@dataclass(frozen=True, eq=False)
class PairLists:
    """Pairs of each market up to a cost; prices never exceed the cheapest pair that is left out.

    Parameters
    ----------
    start : numpy.ndarray of int, shape (N + 1,)
        Where each market's pairs begin.
    site : numpy.ndarray of int, shape (K,)
        Site of each pair.
    cost : numpy.ndarray, shape (K,)
        Cost of each pair, ascending for each market.
    limit : numpy.ndarray, shape (N,)
        Cost of the cheapest pair that is left out; infinite where there is none.
    """

    start: IntArray
    site: IntArray
    cost: FloatArray
    limit: FloatArray

    @classmethod
    def up_to(cls, cost: FloatArray, sites: NDArray[np.bool_], most: FloatArray) -> PairLists:
        """Return the pairs of some sites that cost no more than ``most`` for each market."""
        start, limit = _count(cost, sites, most)
        site, value = _fill(cost, sites, most, start)
        return cls(start, site, value, limit)


@compiled
def _sift(keys: Any, values: Any, root: int, end: int) -> None:
    """Let a key sink in a heap of which the largest stands first."""
    while 2 * root + 1 < end:
        child = 2 * root + 1
        if child + 1 < end and keys[child] < keys[child + 1]:
            child += 1
        if keys[root] >= keys[child]:
            break
        keys[root], keys[child] = keys[child], keys[root]
        values[root], values[child] = values[child], values[root]
        root = child


@compiled
def sort_pairs(keys: Any, values: Any) -> None:
    """Sort keys, and values with them, in place: a heap sort, which compiles in no time."""
    size = len(keys)
    for k in range(size // 2 - 1, -1, -1):
        _sift(keys, values, k, size)
    for end in range(size - 1, 0, -1):
        keys[0], keys[end] = keys[end], keys[0]
        values[0], values[end] = values[end], values[0]
        _sift(keys, values, 0, end)


@compiled
def _count(cost: Any, sites: Any, most: Any) -> Any:
    markets = cost.shape[1]
    start, limit = np.zeros(markets + 1, dtype=np.int64), np.full(markets, np.inf)
    for i in range(cost.shape[0]):
        if sites[i]:
            for j in range(markets):
                c = cost[i, j]
                if c <= most[j]:
                    start[j + 1] += 1
                elif c < limit[j]:
                    limit[j] = c
    for j in range(markets):
        start[j + 1] += start[j]
    return start, limit


@compiled
def _fill(cost: Any, sites: Any, most: Any, start: Any) -> Any:
    markets = cost.shape[1]
    at = start[:-1].copy()
    site, value = np.empty(start[-1], dtype=np.int64), np.empty(start[-1])
    for i in range(cost.shape[0]):
        if sites[i]:
            for j in range(markets):
                if cost[i, j] <= most[j]:
                    site[at[j]] = i
                    value[at[j]] = cost[i, j]
                    at[j] += 1
    for j in range(markets):
        sort_pairs(value[start[j] : start[j + 1]], site[start[j] : start[j + 1]])
    return site, value


@dataclass(frozen=True, eq=False)
class SiteLists:
    """The same pairs site by site, in any order.

    Parameters
    ----------
    start : numpy.ndarray of int, shape (M + 1,)
        Where each site's pairs begin.
    market : numpy.ndarray of int, shape (K,)
        Market of each pair.
    cost : numpy.ndarray, shape (K,)
        Cost of each pair.
    limit : numpy.ndarray, shape (N,)
        Cost of the cheapest pair that is left out; infinite where there is none.
    """

    start: IntArray
    market: IntArray
    cost: FloatArray
    limit: FloatArray

    @classmethod
    def up_to(cls, cost: FloatArray, sites: NDArray[np.bool_], most: FloatArray) -> SiteLists:
        """Return the pairs of some sites that cost no more than ``most`` for each market."""
        start, market, value, limit = _by_site(cost, sites, most)
        return cls(start, market, value, limit)


@compiled
def _by_site(cost: Any, sites: Any, most: Any) -> Any:
    count, markets = cost.shape
    start, limit = np.zeros(count + 1, dtype=np.int64), np.empty(markets)
    for j in range(markets):
        limit[j] = np.inf
    for i in range(count):
        start[i + 1] = start[i]
        if sites[i]:
            for j in range(markets):
                if cost[i, j] <= most[j]:
                    start[i + 1] += 1
                elif cost[i, j] < limit[j]:
                    limit[j] = cost[i, j]
    market, value = np.empty(start[count], dtype=np.int64), np.empty(start[count])
    at = 0
    for i in range(count):
        if sites[i]:
            for j in range(markets):
                if cost[i, j] <= most[j]:
                    market[at] = j
                    value[at] = cost[i, j]
                    at += 1
    return start, market, value, limit
