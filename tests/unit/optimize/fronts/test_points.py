"""What is wrong with the arguments of a front is said as it is."""

from __future__ import annotations

import pytest

from evsiting.optimize.fronts.points import front_problems


@pytest.mark.parametrize(
    ("points", "what"), [(2.5, "is no whole number"), (True, "is no whole number"), (1, "too few")]
)
def test_a_number_of_points_is_whole(points: object, what: str) -> None:
    (one,) = front_problems(["cost", "emissions"], points, 0.0)
    assert one.what == what
