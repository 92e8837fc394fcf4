"""The region that is left to be searched, against every point of a grid."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from evsiting.optimize.fronts.search_region import SearchRegion, dominates


@pytest.mark.parametrize("objectives", [2, 3])
@pytest.mark.parametrize("seed", range(5))
def test_what_lies_below_a_corner_is_what_no_point_matches(objectives: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = [tuple(map(float, z)) for z in rng.integers(0, 7, (8, objectives))]
    points = [z for z in dict.fromkeys(points) if not any(dominates(other, z) for other in points)]
    region = SearchRegion(objectives)
    for z in points:
        region.add(z)
    for y in itertools.product(range(8), repeat=objectives):
        left = not any(all(a <= b for a, b in zip(z, y, strict=True)) for z in points)
        assert left == any(all(a < b for a, b in zip(y, u, strict=True)) for u in region.corners)
    corners = region.corners
    assert not any(u != v and all(a <= b for a, b in zip(u, v, strict=True)) for u in corners for v in corners)
    assert len(corners) <= (len(points) + 1 if objectives == 2 else 2 * len(points) + 1)


def test_what_is_closed_is_searched_no_more() -> None:
    region = SearchRegion(3)
    region.add((1.0, 2.0, 3.0))
    for corner in region.corners:
        region.close(corner)
    assert region.corners == []
