"""Country and region of points: inside, near, too far, and what the study says itself."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from evsiting.layers.geo.places import nearest_region

#: Memphis; Windsor, Ontario, beside Detroit; the middle of the Atlantic.
POINTS = gpd.GeoDataFrame(geometry=gpd.points_from_xy([-90.05, -83.03, -40.0], [35.15, 42.30, 35.0]), crs="EPSG:4326")
UNKNOWN = pd.Series(None, index=POINTS.index, dtype=object)


def test_a_point_is_where_its_polygon_is_and_nowhere_when_far() -> None:
    found = nearest_region(POINTS, UNKNOWN, 50.0)
    assert found.iloc[:2].tolist() == ["US-TN", "CA-ON"]
    assert pd.isna(found.iloc[2])


def test_a_country_that_is_given_is_the_one_that_is_searched() -> None:
    """Windsor lies 3 km from Michigan, and far from Mexico."""
    found = nearest_region(POINTS.iloc[[1]], pd.Series(["US"], index=[1]), 50.0)
    assert found.tolist() == ["US-MI"]
    assert nearest_region(POINTS.iloc[[1]], pd.Series(["MX"], index=[1]), 50.0).isna().all()
    assert nearest_region(POINTS.iloc[[1]], pd.Series(["XX"], index=[1]), 50.0).isna().all()


@pytest.mark.parametrize("crs", ["EPSG:5070", "EPSG:3857"])
def test_points_may_be_in_any_reference_system(crs: str) -> None:
    assert nearest_region(POINTS.to_crs(crs).iloc[:2], UNKNOWN.iloc[:2], 50.0).tolist() == ["US-TN", "CA-ON"]
