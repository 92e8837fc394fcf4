"""Points too close to a better one of their country are given up for the nearest that stays."""

from __future__ import annotations

import geopandas as gpd

from evsiting.layers.geo.spacing import thin_points


def points(lons: list[float], countries: list[str]) -> gpd.GeoDataFrame:
    """Return points on the equator, where a degree is 111.2 km."""
    return gpd.GeoDataFrame(
        {"country": countries}, geometry=gpd.points_from_xy(lons, [0.0] * len(lons)), crs="EPSG:4326"
    )


def test_the_first_of_two_close_points_stays() -> None:
    assert thin_points(points([0.0, 0.5, 2.0], ["US"] * 3), 100.0).tolist() == [-1, 0, -1]


def test_a_point_given_up_keeps_nobody_else_away() -> None:
    assert thin_points(points([0.0, 0.8, 1.6], ["US"] * 3), 100.0).tolist() == [-1, 0, -1]


def test_of_several_the_nearest_is_named() -> None:
    assert thin_points(points([0.0, 1.0, 0.6], ["US"] * 3), 100.0).tolist() == [-1, -1, 1]


def test_another_country_does_not_count() -> None:
    assert thin_points(points([0.0, 0.1], ["US", "CA"]), 100.0).tolist() == [-1, -1]
