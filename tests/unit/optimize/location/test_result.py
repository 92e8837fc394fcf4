"""The answer to a location problem: gaps of least cost and of most cover, at zero and where a bound is unknown."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import sparse

from evsiting.optimize.location.result import LocationResult
from evsiting.results.record.solve import Status


def result(objective: float, bound: float, opened: list[bool] = (True, False, True)) -> LocationResult:
    """Return the answer for three sites and one market."""
    return LocationResult(np.array(opened), sparse.csr_array(np.ones((3, 1))), objective, bound, Status.OPTIMAL, 1.234)


@pytest.mark.parametrize(
    ("objective", "bound", "gap"),
    [
        (100.0, 90.0, 0.1),  # least cost
        (100.0, 110.0, 0.1),  # most cover
        (100.0, 100.0, 0.0),
        (0.0, 0.0, 0.0),
        (-100.0, -110.0, 0.1),
        (0.0, -1.0, math.inf),
        (0.0, 2.0, 2.0),  # nothing is covered, two could be
        (100.0, -math.inf, math.inf),
        (100.0, math.inf, math.inf),
        (math.nan, 1.0, math.inf),
        (1.0, math.nan, math.inf),
        (1e-300, 0.5e-300, 0.5),
    ],
)
def test_the_gap_is_a_part_of_the_objective(objective: float, bound: float, gap: float) -> None:
    assert result(objective, bound).gap == pytest.approx(gap)


def test_open_sites_by_index_and_in_words() -> None:
    found = result(1234567.891, 1.0)
    assert found.sites.tolist() == [0, 2]
    assert repr(found) == ("LocationResult(2 of 3 sites open, objective 1234567.891, bound 1, optimal, 1.23 s)")
    assert result(0.0, 0.0, [False] * 3).sites.tolist() == []


def test_two_answers_are_not_compared_by_their_arrays() -> None:
    one, other = result(1.0, 1.0), result(1.0, 1.0)
    assert one != other
    assert len({one, other}) == 2
