"""Values that stand for no data: those that no quantity takes, and a crowded end of the range far from the rest."""

from __future__ import annotations

import numpy as np
import pytest

from evsiting.layers.geo.raster_nodata import Look, value_text


def test_numbers_that_no_quantity_takes_are_found_in_the_sample_too() -> None:
    look = Look(np.array([1.0, 2.0, -9999.0, 3.4e38]))
    assert look.never(np.array([-32768.0, 5.0])) == [-32768.0, -9999.0, 3.4e38]
    assert Look(np.array([-9998.0, 9999.0])).never() == []


def test_the_share_of_cells_with_a_value() -> None:
    look = Look(np.array([7.0, 7.0, 1.0, 2.0]))
    assert look.share(7.0) == 0.5
    assert look.share(3.0) == 0.0
    assert Look(np.empty(0)).share(7.0) == 0.0


@pytest.mark.parametrize(
    ("value", "cells", "expected"),
    [
        (255.0, 100, [255.0]),
        (255.0, 1, []),  # one cell in a thousand may be a peak
        (150.0, 100, []),  # no farther from the others than they span
        (-400.0, 100, [-400.0]),
    ],
)
def test_a_crowded_end_far_from_the_rest_is_odd(value: float, cells: int, expected: list[float]) -> None:
    rest = np.tile(np.linspace(0.0, 100.0, 101), 9)
    assert Look(np.r_[np.full(cells, value), rest]).odd([]) == expected


def test_among_few_classes_only_the_usual_numbers_are_odd() -> None:
    classes = np.repeat([1.0, 2.0, 3.0], 100)
    assert Look(np.r_[classes, np.full(50, 255.0)]).odd([]) == [255.0]
    assert Look(np.r_[classes, np.full(50, 200.0)]).odd([]) == []
    assert Look(np.r_[classes, np.full(50, 255.0)]).odd([255.0]) == []


def test_values_are_written_as_a_reader_sees_them() -> None:
    assert [value_text(v) for v in (255.0, -0.5, 1e20)] == ["255", "-0.5", "1e+20"]
