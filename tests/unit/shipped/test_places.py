"""Places of the shipped studies: persons of cities that lie inside each other, counted once."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest

from evsiting.shipped.places import DENSITY_PER_KM2, persons_once

#: Radius that a city of a million persons fills. [km]
CIRCLE_KM = np.sqrt(1e6 / (np.pi * DENSITY_PER_KM2))
KM_PER_DEGREE = 111.195


def _cities(rows: list[tuple[str, float, float]]) -> gpd.GeoDataFrame:
    """Return cities on the equator: region, persons, kilometres east of the origin."""
    lon = [km / KM_PER_DEGREE for _, _, km in rows]
    frame = {
        "geonameid": range(len(rows)),
        "iso": [region for region, _, _ in rows],
        "population": [persons for _, persons, _ in rows],
        "lon": lon,
        "lat": 0.0,
    }
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(lon, [0.0] * len(rows)), crs="EPSG:4326")


def test_a_part_is_taken_off_the_city_that_holds_it() -> None:
    made = persons_once(_cities([("A", 2e5, 0.9 * CIRCLE_KM), ("A", 1e6, 0.0), ("A", 3e5, 1.1 * CIRCLE_KM)]))
    assert made.tolist() == pytest.approx([2e5, 8e5, 3e5])


def test_parts_that_hold_more_than_the_whole_are_scaled_down() -> None:
    made = persons_once(_cities([("A", 1e6, 0.0), ("A", 9e5, 1.0), ("A", 6e5, -1.0)]))
    assert made.tolist() == pytest.approx([0.0, 6e5, 4e5])


def test_a_city_over_the_border_of_a_state_is_no_part() -> None:
    made = persons_once(_cities([("A", 1e6, 0.0), ("B", 2e5, 1.0)]))
    assert made.tolist() == [1e6, 2e5]


def test_a_part_has_no_parts_of_its_own() -> None:
    """The third lies in the circle of the second alone, which is a part of the first."""
    half = np.sqrt(5e5 / (np.pi * DENSITY_PER_KM2))
    made = persons_once(
        _cities([("A", 1e6, 0.0), ("A", 5e5, 0.95 * CIRCLE_KM), ("A", 1e5, 0.95 * CIRCLE_KM + 0.9 * half)])
    )
    assert made.tolist() == pytest.approx([5e5, 5e5, 1e5])
