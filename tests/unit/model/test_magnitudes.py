"""Sizes of columns and rows from coefficients and bounds: limits carried along a chain, dust and integers."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from evsiting.model.magnitudes import Magnitudes, magnitudes

INF = np.inf


def _sizes(
    rows: list[list[float]], low: list[float], high: list[float], upper: list[float], integer: list[bool] | None = None
) -> Magnitudes:
    count = len(upper)
    whole = np.array(integer or [False] * count)
    matrix = sparse.csr_array(np.array(rows))
    return magnitudes(matrix, np.array(low), np.array(high), np.zeros(count), np.array(upper), whole)


def test_limits_are_carried_along_a_chain() -> None:
    """Five are wanted; each takes two of the second, each of which takes three of the third."""
    found = _sizes([[1, 0, 0], [-2, 1, 0], [0, -3, 1]], [5, 0, 0], [5, 0, 0], [INF] * 3)
    assert found.column.tolist() == [5.0, 10.0, 30.0]
    assert found.largest.tolist() == [5.0, 10.0, 30.0]


def test_a_column_that_no_row_limits_is_endless() -> None:
    assert _sizes([[1.0, 0.0]], [-INF], [7.0], [INF, INF]).column.tolist() == [7.0, INF]
    assert _sizes([[1.0]], [-INF], [1e20], [1e20]).column.tolist() == [INF]  # stands for no limit


def test_an_integer_that_may_never_be_one_is_zero_and_others_keep_one() -> None:
    rows = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    found = _sizes(rows, [-INF, -INF], [0.4, 0.6], [1.0, 1.0, 0.0], [True, True, True])
    assert found.column.tolist() == [0.0, 1.0, 1.0]  # the last is fixed at zero, as if it were not


def test_a_limit_that_is_nothing_beside_the_others_is_zero() -> None:
    found = _sizes([[1.0, 0.0], [0.0, 1.0]], [-INF, -INF], [1e6, 1e-12], [INF, INF])
    assert found.column.tolist() == [1e6, 0.0]
