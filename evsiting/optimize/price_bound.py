r"""What prices of the constraints prove of a program, over the leaves of a tree: no solver is needed.

For any prices :math:`y` of its constraints weak duality gives

.. math:: \min_x c^\top x \ \ge\ \sum_i \min(y_i l_i,\, y_i u_i) + \sum_j \min(d_j \underline x_j,\, d_j \bar x_j),
   \qquad d = c - A^\top y

over the limits of constraints and columns, in each leaf of the tree with what the branches to it limit. Every reduced
cost is taken with the largest error that its arithmetic can have, on the side that lowers the bound [1]_ [2]_. A leaf
that is called empty must be so by a ray: prices for which the same sum with :math:`c = 0` is above zero. That no plan
lies outside of all leaves is checked as well: every node that is parted has both sides of one branch, on a sum of
integer columns.

References
----------
.. [1] A. Neumaier, O. Shcherbina, "Safe bounds in linear and mixed-integer linear programming," Mathematical
   Programming 99 (2004) 283-296.
.. [2] N. J. Higham, "Accuracy and Stability of Numerical Algorithms," 2nd ed., SIAM, 2002, section 3.1: the error of
   an inner product.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import sparse

from evsiting.model.milp import FloatArray, Milp, Objective
from evsiting.optimize.engines.dual_bound import implied_bounds, weak_duality
from evsiting.results.record.bound_prices import BoundPrices

__all__ = ["open_branches", "price_bound"]


def price_bound(milp: Milp, objective: Objective, prices: BoundPrices) -> tuple[float, str]:
    """Return what no point of a program is below, and why prices prove nothing where they do not.

    Parameters
    ----------
    milp, objective
        What is minimised.
    prices : BoundPrices
        Of its constraints, in every leaf of a tree.

    Returns
    -------
    bound : float
        In the objective's real unit; infinite where every leaf is empty, minus infinity where nothing is proven.
    fault : str
        Empty where the prices are a proof.
    """
    if fault := _unfit(milp, prices) or open_branches(prices):
        return -math.inf, fault
    tree = _Tree(milp, prices)
    least = math.inf
    for number, node in enumerate(prices.leaf.tolist()):
        nothing = bool(prices.empty[number])
        cost = np.zeros(milp.shape[1]) if nothing else objective.coefficients
        value = tree.value(cost, prices.prices(number), node)
        if nothing and not value > 0.0:
            return -math.inf, f"leaf {number + 1} of {len(prices.leaf)} is called empty, and its ray does not prove it"
        least = least if nothing else min(least, value)
    return objective.real(least), "" if least > -math.inf else "the prices bound nothing"


def _unfit(milp: Milp, prices: BoundPrices) -> str:
    """Return why prices are not those of a program; nothing where they may be."""
    rows, columns, _ = milp.shape
    if prices.constraints != rows:
        return f"prices of {prices.constraints:,} constraints; the program of this study has {rows:,}"
    if len(prices.member) and prices.member.max() >= columns:
        return f"a branch on column {int(prices.member.max())}; the program of this study has {columns:,}"
    if not milp.integer[prices.member].all():
        return "a branch on the sum of columns that need not be integers"
    return ""


def open_branches(prices: BoundPrices) -> str:
    """Return why leaves do not cover everything; nothing where they do."""
    children: dict[int, list[int]] = {}
    for node, parent in enumerate(prices.parent.tolist()[1:], 1):
        children.setdefault(parent, []).append(node)
    leaves = prices.leaf.tolist()
    if len(set(leaves)) != len(leaves):
        return "a leaf is listed twice"
    ends = set(range(len(prices.parent))) - set(children)
    if ends != set(leaves):
        return f"{len(ends - set(leaves))} ends of the tree have no prices, {len(set(leaves) - ends)} leaves are parted"
    for node, both in children.items():
        split = {(int(prices.group[k]), int(prices.threshold[k])) for k in both}
        if len(both) != 2 or len(split) != 1 or sorted(prices.side[both].tolist()) != [0, 1]:
            return f"node {node} is not parted into the two sides of one branch"
    return ""


class _Tree:
    """A program with a constraint for each group, and the arithmetic of the bound over it."""

    def __init__(self, milp: Milp, prices: BoundPrices) -> None:
        self.prices, self.rows = prices, milp.shape[0]
        sizes = np.diff(prices.member_start)
        entries = np.ones(len(prices.member)), prices.member, prices.member_start
        groups = sparse.csr_array(entries, shape=(prices.groups, milp.shape[1]))
        self.matrix = sparse.csr_array(sparse.vstack([milp.matrix, groups]))
        self.size = abs(self.matrix)
        self.single = sizes == 1
        self.low, self.high = implied_bounds(milp)
        free = np.full(prices.groups, math.inf)
        self.row_low = np.concatenate([milp.row_lower, -free])
        self.row_high = np.concatenate([milp.row_upper, free])

    def limits(self, node: int) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return the limits of columns and constraints in a node: those of all branches that lead to it."""
        low, high, row_low, row_high = (x.copy() for x in (self.low, self.high, self.row_low, self.row_high))
        tree = self.prices
        while tree.parent[node] >= 0:
            group, edge = int(tree.group[node]), float(tree.threshold[node])
            at = int(tree.member[tree.member_start[group]]) if self.single[group] else self.rows + group
            lower, upper = (low, high) if self.single[group] else (row_low, row_high)
            if tree.side[node]:
                lower[at] = max(lower[at], edge + 1.0)
            else:
                upper[at] = min(upper[at], edge)
            node = int(tree.parent[node])
        return low, high, row_low, row_high

    def value(self, cost: FloatArray, prices: FloatArray, node: int) -> float:
        """Return what no point of a node is below, rounded down; in the scaled unit, without the constant."""
        low, high, row_low, row_high = self.limits(node)
        return weak_duality(cost, self.matrix, self.size, prices, (low, high), (row_low, row_high))
