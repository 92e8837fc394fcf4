"""Numeric arguments: numbers of Python and numpy pass; text, booleans and what is no number do not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evsiting.layers.arguments import is_finite, is_whole


@pytest.mark.parametrize("value", [0, 2.5, np.float32(1.5), np.int64(3)])
def test_numbers_are_finite(value: object) -> None:
    assert is_finite(value)


@pytest.mark.parametrize("value", ["2.5", None, True, np.True_, math.nan, math.inf, -math.inf, 1j, [1.0]])
def test_what_is_no_finite_number_is_refused(value: object) -> None:
    assert not is_finite(value)


def test_both_ends_of_a_range_belong_to_it() -> None:
    assert [is_finite(v, 1.0, 2.0) for v in (0.999, 1.0, 2.0, 2.001)] == [False, True, True, False]
    assert [is_whole(v, 2) for v in (1, 2, np.int32(3))] == [False, True, True]


def test_a_whole_float_is_no_whole_number() -> None:
    assert not is_whole(3.0)
    assert not is_whole(True)
    assert not is_whole("3")
