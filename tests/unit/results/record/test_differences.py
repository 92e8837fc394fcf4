"""Differences of figures: what is arithmetic alone is nothing, and what is no number stays so."""

from __future__ import annotations

import math

import pytest

from evsiting.results.record.differences import difference


@pytest.mark.parametrize(
    ("value", "base", "told"),
    [
        (4.472e10, 4.472e10 + 7.6e-6, 0.0),
        (68_330.0 + 2.9e-11, 68_330.0, 0.0),
        (1e-12, 0.0, 1e-12),  # beside nothing, something is not arithmetic
        (1.0, -1.0, 2.0),
        (1.0 + 1e-8, 1.0, pytest.approx(1e-8, rel=1e-6)),
        (math.inf, 1.0, math.inf),
        (1.0, math.inf, -math.inf),
        (0.0, 0.0, 0.0),
    ],
)
def test_what_is_arithmetic_alone_is_nothing(value: float, base: float, told: float) -> None:
    assert difference(value, base) == told


def test_what_is_no_number_stays_so() -> None:
    assert math.isnan(difference(math.nan, 1.0))
    assert math.isnan(difference(math.inf, math.inf))


def test_columns_are_taken_one_by_one() -> None:
    assert difference([1.0, 2.0], 1.0).tolist() == [0.0, 1.0]
