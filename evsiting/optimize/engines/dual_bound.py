r"""A valid dual bound from any multipliers of the constraints, such as those of an interrupted linear program.

For every vector of prices :math:`y`, feasible or not, weak duality gives [1]_

.. math:: \min_x c^\top x \ \ge\ \sum_i \min(y_i l_i,\, y_i u_i) + \sum_j \min(d_j \underline x_j,\, d_j \bar x_j),
   \qquad d = c - A^\top y

over the limits of rows and columns. Columns without an upper bound get the one that the rows imply. Every reduced cost
is taken with the largest error that its arithmetic can have, on the side that lowers the bound [2]_.

References
----------
.. [1] A. Neumaier, O. Shcherbina, "Safe bounds in linear and mixed-integer linear programming," Mathematical
   Programming 99 (2004) 283-296.
.. [2] N. J. Higham, "Accuracy and Stability of Numerical Algorithms," 2nd ed., SIAM, 2002, section 3.1: the error of
   an inner product.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import sparse

from evsiting.model.milp import FloatArray, IntArray, Milp, Objective

__all__ = ["cut_short_bound", "implied_bounds", "safe_bound", "weak_duality"]

#: Half the distance of one to the next larger number.
ROUNDOFF = 2.0**-53

#: Rounds in which rows tighten the bounds of columns: more than a bill of materials is deep.
ROUNDS = 8
#: Relative part by which an implied bound is widened for the arithmetic.
WIDER = 1e-9
#: Part of a price by which it may be moved so that a column without a limit is not called too cheap.
HAIR = 1e-6
#: Most time for making the presolved program again. [s]
PRESOLVE_S = 20.0


def safe_bound(milp: Milp, objective: Objective, prices: FloatArray) -> float:
    """Return a value that no point of a program is below; minus infinity where these prices prove nothing.

    Parameters
    ----------
    milp, objective
        What is minimised.
    prices : numpy.ndarray, shape (M,)
        A dual value of every row, of whatever quality, in the scaled unit.

    Returns
    -------
    float
        In the scaled unit, without the constant.
    """
    y = np.where(np.isfinite(prices), prices, 0.0)
    low, high = milp.column_lower, milp.column_upper
    if np.isinf(low).any() or np.isinf(high).any():
        low, high = implied_bounds(milp)
    matrix = sparse.csr_array(milp.matrix)
    return weak_duality(objective.coefficients, matrix, abs(matrix), y, (low, high), (milp.row_lower, milp.row_upper))


def weak_duality(
    cost: FloatArray,
    matrix: sparse.csr_array,
    size: sparse.csr_array,
    prices: FloatArray,
    columns: tuple[FloatArray, FloatArray],
    rows: tuple[FloatArray, FloatArray],
) -> float:
    """Return what no point within limits is below, by prices of the constraints; rounded down.

    Parameters
    ----------
    cost : numpy.ndarray, shape (N,)
        Of the columns, in the scaled unit.
    matrix, size : scipy.sparse.csr_array, shape (M, N)
        Entries of the rows, and their absolute values.
    prices : numpy.ndarray, shape (M,)
        A dual value of every row. What it would ask of a row without a limit on that side counts as nothing.
    columns, rows : pair of numpy.ndarray, shape (N,) and (M,)
        Lower and upper limits.

    Returns
    -------
    float
        In the scaled unit, without the constant; minus infinity where these prices prove nothing.
    """
    if not np.isfinite(prices).all():
        return -math.inf
    (low, high), (row_low, row_high) = columns, rows
    y = np.where((prices > 0.0) & ~np.isfinite(row_low) | (prices < 0.0) & ~np.isfinite(row_high), 0.0, prices)
    reduced, error = _reduced_costs(cost, matrix, size, y)
    for _ in range(ROUNDS):
        wrong = (reduced < error) & np.isinf(high) | (reduced > -error) & np.isinf(low)
        wrong &= (reduced != 0.0) | (error != 0.0)
        if not wrong.any() or not _shift_prices(np.flatnonzero(wrong), matrix, y, reduced, error, high):
            break
        reduced, error = _reduced_costs(cost, matrix, size, y)
    with np.errstate(invalid="ignore"):  # nothing times infinity: no matter where a reduced cost is nothing
        corners = [np.nan_to_num((reduced + s * error) * x, nan=0.0, posinf=math.inf, neginf=-math.inf)
                   for s in (-1.0, 1.0) for x in (low, high)]  # fmt: skip
    least = np.minimum.reduce(corners)
    row_terms = y * np.where(y > 0.0, row_low, np.where(y < 0.0, row_high, 0.0))
    if not (np.isfinite(least).all() and np.isfinite(row_terms).all()):
        return -math.inf
    parts = np.concatenate([row_terms, least])
    return math.fsum(parts) - 4.0 * ROUNDOFF * math.fsum(np.abs(parts))


def _reduced_costs(
    cost: FloatArray, matrix: sparse.csr_array, size: sparse.csr_array, prices: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the reduced costs of all columns, and the largest errors that their arithmetic can have."""
    terms = int(np.bincount(matrix.indices, minlength=1).max(initial=0)) + 2
    share = terms * ROUNDOFF / (1.0 - terms * ROUNDOFF)
    return cost - matrix.T @ prices, share * (np.abs(cost) + size.T @ np.abs(prices))


def _shift_prices(
    wrong: IntArray,
    matrix: sparse.csr_array,
    prices: FloatArray,
    reduced: FloatArray,
    error: FloatArray,
    high: FloatArray,
) -> bool:
    """Move prices by a hair where columns without a limit have reduced costs of nothing; whether any was moved.

    A column in use has a reduced cost of nothing but for the arithmetic, and where it has no limit even that much of
    the wrong sign proves nothing. So the price that its reduced cost owes most to gives way: any prices prove a bound.
    """
    columns, moved = matrix[:, wrong].tocsc(), False
    for k, j in enumerate(wrong.tolist()):
        own = slice(columns.indptr[k], columns.indptr[k + 1])
        rows, entries = columns.indices[own], columns.data[own]
        side = 1.0 if np.isinf(high[j]) else -1.0
        owed = side * entries * prices[rows]
        if not len(owed) or owed.max() <= 0.0:
            continue
        most = int(np.argmax(owed))
        lack = 2.0 * (error[j] - side * reduced[j])
        if lack <= HAIR * owed[most]:
            prices[rows[most]] *= 1.0 - lack / owed[most]
            moved = True
    return moved


def cut_short_bound(milp: Milp, objective: Objective, model: Any) -> float:
    """Return what a linear program proves that HiGHS was stopped in.

    Its prices are those of the presolved program, which is made again: that takes a small part of the time.

    Parameters
    ----------
    milp, objective
        What was minimised.
    model : highspy.Highs
        After the run.

    Returns
    -------
    float
        In the scaled unit, without the constant; minus infinity where nothing is proven.
    """
    prices = np.array(model.getSolution().row_dual, dtype=np.float64)
    bounds = [safe_bound(milp, objective, np.zeros(milp.shape[0]))]
    if len(prices) == milp.shape[0] and prices.any():
        bounds.append(safe_bound(milp, objective, prices))
        model.setOptionValue("time_limit", PRESOLVE_S)
        model.presolve()
        smaller, cost, offset = _presolved_arrays(model.getPresolvedLp())
        if 0 < smaller.shape[0] <= len(prices):
            bounds.append(safe_bound(smaller, cost, prices[: smaller.shape[0]]) + offset - objective.constant)
    return max(bounds)


def _presolved_arrays(lp: Any) -> tuple[Milp, Objective, float]:
    """Return the arrays of a program of HiGHS, with the constant of its objective."""
    entries, shape = lp.a_matrix_, (lp.num_row_, lp.num_col_)
    kind = sparse.csc_array if "Colwise" in str(entries.format_) else sparse.csr_array
    matrix = kind((np.array(entries.value_), np.array(entries.index_), np.array(entries.start_)), shape=shape)
    columns, rows = (
        [np.array(side, dtype=np.float64) for side in pair]
        for pair in ((lp.col_lower_, lp.col_upper_), (lp.row_lower_, lp.row_upper_))
    )
    whole = np.zeros(lp.num_col_, dtype=np.bool_)
    milp = Milp(columns[0], columns[1], whole, sparse.csr_array(matrix), rows[0], rows[1], (), ())
    return milp, Objective("presolved", np.array(lp.col_cost_, dtype=np.float64), 0.0, 1.0), float(lp.offset_)


def implied_bounds(milp: Milp) -> tuple[FloatArray, FloatArray]:
    """Return bounds of the columns, those that are infinite replaced by what the rows imply.

    Parameters
    ----------
    milp : Milp
        Columns and rows.

    Returns
    -------
    lower, upper : numpy.ndarray, shape (N,)
        Still infinite where no row says anything.
    """
    low, high = milp.column_lower.copy(), milp.column_upper.copy()
    matrix = milp.matrix
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    column, value = matrix.indices, matrix.data
    free_low, free_high = np.isinf(low), np.isinf(high)
    for _ in range(ROUNDS):
        before = int(np.isinf(low).sum() + np.isinf(high).sum())
        for side, limit in ((1.0, milp.row_upper), (-1.0, -milp.row_lower)):
            a = side * value
            own = np.where(a > 0, a * low[column], a * high[column])
            rest = _rest_of_row(own, row, len(limit))
            room = limit[row] - rest
            at = np.isfinite(room)
            reach = room[at] / a[at]
            up, down = a[at] > 0, a[at] < 0
            top, bottom = np.full(len(low), np.inf), np.full(len(low), -np.inf)
            np.minimum.at(top, column[at][up], reach[up] + WIDER * np.abs(reach[up]))
            np.maximum.at(bottom, column[at][down], reach[down] - WIDER * np.abs(reach[down]))
            high = np.where(free_high, np.minimum(high, top), high)
            low = np.where(free_low, np.maximum(low, bottom), low)
        if int(np.isinf(low).sum() + np.isinf(high).sum()) == before:
            break
    return low, high


def _rest_of_row(own: FloatArray, row: np.ndarray, rows: int) -> FloatArray:
    """Return, for each entry, the least that the others of its row come to; minus infinity where that has no end."""
    endless = np.isinf(own)
    count = np.bincount(row, endless, rows)
    total = np.bincount(row, np.where(endless, 0.0, own), rows)
    rest = total[row] - np.where(endless, 0.0, own)
    return np.where(count[row] - endless > 0, -np.inf, rest)
