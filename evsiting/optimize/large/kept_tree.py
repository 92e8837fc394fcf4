"""A tree of branches on numbers of plants, rebuilt from the prices that a plan keeps as the proof of its bound."""

from __future__ import annotations

import math

import numpy as np

from evsiting.optimize.large.count_branching import GrownTree, Leaf
from evsiting.optimize.price_bound import open_branches
from evsiting.results.record.bound_prices import BoundPrices

__all__ = ["tree_of_prices"]


def tree_of_prices(prices: BoundPrices, columns: int) -> GrownTree | None:
    """Return the tree whose leaves the prices bound, to go on from; None where there are no branches or they are open.

    Every leaf is bounded anew before it counts, by whichever prices prove most of it, and solved anew before it is
    parted: what the file says of bounds is not taken over.

    Parameters
    ----------
    prices : BoundPrices
        Of a large program.
    columns : int
        Number of its columns.
    """
    if len(prices.parent) < 2 or open_branches(prices):
        return None
    counts = int((np.diff(prices.member_start) > 1).sum())  # groups of one column are decisions, and have no price
    base = prices.base[: prices.constraints + counts]
    if len(prices.index) and int(prices.index.max()) >= len(base):
        return None
    nothing, leaves, rays = np.empty(0), [], []
    for number, node in enumerate(prices.leaf.tolist()):
        own = slice(int(prices.start[number]), int(prices.start[number + 1]))
        apart = prices.index[own], prices.value[own]
        if prices.empty[number]:
            rays.append((node, apart))
        else:
            leaf = Leaf(-math.inf, number, nothing, nothing, nothing, None, node=node, fresh=False, prices=apart)
            leaves.append(leaf)
    branches = zip(*(x.tolist() for x in (prices.parent, prices.group, prices.threshold, prices.side)), strict=True)
    zero = np.zeros((2, prices.groups))
    return GrownTree(tuple(branches), tuple(leaves), tuple(rays), base, prices.constraints, columns, zero, zero)
