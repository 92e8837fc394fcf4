"""Largest possible sizes of columns and rows of a program, from its coefficients and bounds alone.

Bounds are carried from row to row (feasibility-based bound tightening [1]_): what a plant makes is no more than its
markets want, though its capacity be a million times that. From these follow what a row resolves: the smallest amount
that matters to it. A violation is small or large only beside that.

References
----------
.. [1] M. W. P. Savelsbergh, "Preprocessing and probing techniques for mixed integer programming problems," ORSA Journal
   on Computing 6 (1994) 445-454.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

FloatArray = NDArray[np.float64]

#: How often bounds are carried through all rows: about the steps of the longest chain of supply.
ROUNDS = 10
#: Largest part of a row that its resolution may be smaller than, in powers of two: sums in doubles hold no more.
DEPTH = 24
#: Integers of which rows leave less than this are never one.
WHOLE = 0.5
#: Part of the typical limit of a program below which another stands for zero, in powers of two.
NOTHING = 30
#: Bounds from here on stand for "no limit", as solvers take them.
ENDLESS = 1e20


@dataclass(frozen=True)
class Magnitudes:
    """Sizes of a program.

    Parameters
    ----------
    column : numpy.ndarray, shape (N,)
        Largest size that a column can have; infinite where no row limits it. Integers that some row never lets be one
        are zero, the others one at least.
    row : numpy.ndarray, shape (M,)
        What a row resolves: the smaller of its limit and of what can stand against it, though no less than a sum of
        its largest terms can; positive.
    largest : numpy.ndarray, shape (M,)
        The largest single term that can stand in a row.
    least : numpy.ndarray, shape (M,)
        What a row should resolve, were there no end to the digits of a sum.
    """

    column: FloatArray
    row: FloatArray
    largest: FloatArray
    least: FloatArray


def magnitudes(
    matrix: sparse.csr_array,
    row_lower: FloatArray,
    row_upper: FloatArray,
    column_lower: FloatArray,
    column_upper: FloatArray,
    integer: NDArray[np.bool_],
) -> Magnitudes:
    """Return the sizes of a program.

    Parameters
    ----------
    matrix : scipy.sparse.csr_array, shape (M, N)
        Coefficients by rows.
    row_lower, row_upper : numpy.ndarray, shape (M,)
        Limits.
    column_lower, column_upper : numpy.ndarray, shape (N,)
        Bounds.
    integer : numpy.ndarray of bool, shape (N,)
        Integer columns: their bounds are not tightened, unless a row never lets them be one.

    Examples
    --------
    Ten units are wanted of a plant that could make a million; the row of its capacity resolves ten.

    >>> rows = sparse.csr_array([[1.0, 0.0], [1.0, -1e6]])
    >>> low, high = np.array([10.0, -np.inf]), np.array([10.0, 0.0])
    >>> found = magnitudes(rows, low, high, np.zeros(2), np.array([np.inf, 1.0]), np.array([False, True]))
    >>> found.column.tolist(), found.row.tolist()
    ([10.0, 1.0], [10.0, 10.0])
    """
    low, high = _without_dust(matrix, _limits(row_lower), _limits(row_upper))
    most, least = _start(column_lower, column_upper, integer)
    positive, negative = matrix.maximum(0.0).tocsr(), (-matrix).maximum(0.0).tocsr()
    by_column = matrix.tocsc()
    row, size, rising = by_column.indices, np.abs(by_column.data), by_column.data > 0
    starts = by_column.indptr[:-1]
    used = np.flatnonzero(np.diff(by_column.indptr))
    free = used[~integer[used]]
    whole = used[integer[used]]
    for _ in range(ROUNDS):
        up, down = positive @ most + negative @ least, positive @ least + negative @ most
        above, below = np.maximum(high + down, 0.0), np.maximum(up - low, 0.0)  # for the positive and negative terms
        changed = False
        for bound, first, second in ((most, above, below), (least, below, above)):
            if bound is least and not least.any():
                continue
            with np.errstate(over="ignore"):
                room = np.where(rising, first[row], second[row]) / size
            tight = np.full(len(bound), np.inf)
            if len(used):
                tight[used] = np.minimum.reduceat(room, starts[used])
            better = tight[free] < bound[free] * 0.5  # less is not worth another round
            bound[free] = np.minimum(bound[free], tight[free])
            never = (tight[whole] < WHOLE) & (bound[whole] > 0.0)
            bound[whole[never]] = 0.0
            changed |= bool(better.any() or never.any())
        if not changed:
            break
    column = np.maximum(most, least)
    return Magnitudes(column, *_rows(matrix, np.where(np.isfinite(column), column, 0.0), low, high))


def _limits(side: FloatArray) -> FloatArray:
    """Return limits, infinite where a figure stands for no limit."""
    return np.where(np.abs(side) >= ENDLESS, np.copysign(np.inf, side), side)


def _without_dust(matrix: sparse.csr_array, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return limits with zero for those that are nothing beside the others of the program, such as 1e-12 t of carbon.

    Carried from row to row, such a limit would make a whole study of ordinary size look as small.
    """
    coefficient = np.maximum(_largest(matrix), _largest(-matrix))
    coefficient = np.where(coefficient > 0.0, coefficient, 1.0)
    part = np.concatenate([np.abs(side) / coefficient for side in (low, high)])
    known = part[np.isfinite(part) & (part > 0.0)]
    if not len(known):
        return low, high
    least = float(np.median(known)) * 2.0**-NOTHING * coefficient
    no_less, no_more = (np.where(np.abs(side) < least, 0.0, side) for side in (low, high))
    return no_less, no_more


def _start(lower: FloatArray, upper: FloatArray, integer: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """Return the sizes of columns above and below zero by their bounds; integers as if none of them were fixed."""
    most, least = np.maximum(_limits(upper), 0.0), np.maximum(-_limits(lower), 0.0)
    whole = np.where(np.isfinite(most), np.maximum(most, 1.0), 1.0)
    return np.where(integer, whole, most), np.where(integer & ~np.isfinite(least), 1.0, least)


def _rows(
    matrix: sparse.csr_array, column: FloatArray, low: FloatArray, high: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return what every row resolves, its largest term, and what it should resolve."""
    terms = matrix.copy()
    terms.data = matrix.data * column[matrix.indices]
    up, down = _largest(terms), _largest(-terms)
    limit = np.maximum(*(np.where(np.isfinite(side), np.abs(side), 0.0) for side in (low, high)))
    whole = np.asarray(abs(terms).sum(axis=1)).ravel()
    limit = np.where(np.minimum(up, down) > 0.0, limit, np.minimum(limit, whole))  # no more than all terms together
    largest = np.maximum(np.maximum(up, down), limit)
    parts = np.stack([limit, np.minimum(up, down)])
    small = np.where(parts > 0.0, parts, np.inf).min(axis=0)
    small = np.where(np.isfinite(small), small, largest)
    coefficient = np.maximum(_largest(matrix), _largest(-matrix))
    fallback = np.where(coefficient > 0.0, coefficient, 1.0)
    small, largest = (np.where(size > 0.0, size, fallback) for size in (small, largest))
    return np.maximum(small, largest * 2.0**-DEPTH), largest, small


def _largest(matrix: sparse.csr_array) -> FloatArray:
    """Return the largest entry of every row, zero where none is positive."""
    out = np.zeros(matrix.shape[0])
    filled = np.flatnonzero(np.diff(matrix.indptr))
    if len(filled):
        out[filled] = np.maximum.reduceat(matrix.data, matrix.indptr[:-1][filled])
    return np.maximum(out, 0.0)
