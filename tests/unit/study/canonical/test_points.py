"""Points of a table: from degrees, a projection or a geometry; what lies where it cannot is told with a guess."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from evsiting.study.canonical.points import crs_fault, in_north_america, points
from evsiting.study.findings import Findings
from evsiting.study.schema.tables import TABLES
from tests.canonical import told

MEMPHIS, MONTERREY = (-90.05, 35.15), (-100.31, 25.69)


def placed(
    frame: pd.DataFrame, crs: str = "", table: str = "sites"
) -> tuple[list[tuple[float, float] | None], list[str]]:
    """Return longitude and latitude of each row, rounded, and what was noted."""
    findings = Findings()
    made = points(TABLES[table], frame, crs, findings)
    assert made.crs == "EPSG:4326"
    assert made.index.equals(frame.index)
    return [None if p is None else (round(p.x, 4), round(p.y, 4)) for p in made], told(findings)


def geometry(*shapes: object, crs: str | None = "EPSG:4326") -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"site": range(len(shapes))}, geometry=list(shapes), crs=crs)


@pytest.mark.parametrize("names", [("lat", "lon"), ("LAT", "Lon [deg]"), ("lat [°]", "lon")])
def test_degrees_under_any_header(names: tuple[str, str]) -> None:
    frame = pd.DataFrame({names[0]: ["35.15"], names[1]: [-90.05]}, index=["é"])
    assert placed(frame) == ([MEMPHIS], [])


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("Latitude", "LONG"), "Name 'Latitude' as 'lat' and 'LONG' as 'lon'. Give"),
        (("lat", "lng [deg]"), "Name 'lng [deg]' as 'lon'. Give"),
        (("northing", "easting"), "). Give columns lat and lon"),
    ],
)
def test_columns_that_seem_to_be_coordinates_are_named(names: tuple[str, str], words: str) -> None:
    _, problems = placed(pd.DataFrame({names[0]: ["35.15"], names[1]: [-90.05]}))
    assert words in problems[0]


def test_an_empty_table_has_no_points() -> None:
    assert placed(pd.DataFrame({"lat": [], "lon": []})) == ([], [])
    assert placed(geometry().iloc[:0]) == ([], [])


def test_metres_in_the_reference_system_of_the_files() -> None:
    albers = gpd.GeoSeries.from_xy(*([v] for v in MEMPHIS), crs=4326).to_crs("EPSG:6350")
    frame = pd.DataFrame({"x": albers.x, "y": albers.y})
    assert placed(frame, "EPSG:6350") == ([MEMPHIS], [])
    assert "have no coordinate reference system (files.crs is empty)" in placed(frame)[1][0]
    assert "is no coordinate reference system" in placed(frame, "EPSG:99999999")[1][0]
    assert "cannot be used as a CRS ('EPSG:5703': it is a Vertical CRS)" in placed(frame, "EPSG:5703")[1][0]


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        ({"lat": [35.15, "north"], "lon": -90.0}, "1 of 2 values is not a number (index 1: 'north')"),
        ({"lat": [35.15, None], "lon": -90.0}, "1 of 2 values is empty (index 1: empty)"),
        ({"lat": [35.15], "lng": -90.0}, "has no points (columns 'lat', 'lng')"),
        (
            {"lat": [-90.05], "lon": 35.15},
            "1 of 1 point is with latitude and longitude swapped (index 0: '-90.05 / 35.15'",
        ),
        ({"lat": [35.15], "lon": 90.05}, "1 of 1 point is outside the United States, Canada and Mexico"),
        ({"lat": [3_889_000.0], "lon": 700_000.0}, "1 of 1 point is no degrees"),
        ({"lat": [0.0], "lon": 0.0}, "outside the United States"),
    ],
)
def test_coordinates_that_cannot_be(frame: dict[str, object], words: str) -> None:
    where, texts = placed(pd.DataFrame(frame))
    assert len(texts) == 1
    assert words in texts[0]
    assert where[-1] is None or abs(where[-1][1]) <= 90.0  # no distance is measured to what is not on Earth


def test_a_row_with_half_a_point_has_none() -> None:
    assert placed(pd.DataFrame({"lat": [None, 35.15], "lon": [-90.05, -90.05]}))[0] == [None, MEMPHIS]


def test_suppliers_may_lie_abroad_but_not_those_at_home() -> None:
    frame = pd.DataFrame({"lat": [35.10, 35.10], "lon": [129.04, 129.04], "country": ["KR", "US"]})
    (text,) = placed(frame, table="suppliers")[1]
    assert "1 of 2 points is outside the United States, Canada and Mexico (index 1: '35.1 / 129.04')" in text


def test_the_box_holds_the_aleutians_and_hawaii() -> None:
    lat, lon = np.array([52.9, 21.3, 20.0, 71.3, 14.0, 9.9]), np.array([173.1, -157.9, -87.0, -156.8, -92.2, -84.0])
    assert in_north_america(lat, lon).tolist() == [True, True, True, True, True, False]


@pytest.mark.parametrize(
    ("crs", "fault"),
    [
        ("EPSG:4326", False),
        ("EPSG:6350", False),
        ("EPSG:5703", True),
        ("EPSG:4978", True),
        ("EPSG:0", True),
        (None, True),
    ],
)
def test_reference_systems_of_places_on_earth(crs: object, fault: bool) -> None:
    assert bool(crs_fault(crs)) == fault


def test_geometries_of_any_projection_are_brought_to_degrees() -> None:
    assert placed(geometry(shapely.Point(MEMPHIS)).to_crs("ESRI:102008")) == ([MEMPHIS], [])
    assert placed(geometry(shapely.MultiPoint([MEMPHIS]), shapely.Point(*MONTERREY, 500.0)))[0] == [MEMPHIS, MONTERREY]


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (None, "1 of 2 rows is without a point (index 1: 'no geometry')"),
        (shapely.Point(), "1 of 2 rows is without a point"),
        (shapely.box(-91, 35, -90, 36), "1 of 2 rows is no point (index 1: 'Polygon')"),
        (shapely.MultiPoint([MEMPHIS, MONTERREY]), "1 of 2 rows is no point (index 1: 'MultiPoint')"),
    ],
)
def test_geometries_that_are_no_points(shape: object, words: str) -> None:
    where, (text,) = placed(geometry(shapely.Point(MEMPHIS), shape))
    assert where == [MEMPHIS, None]
    assert words in text


def test_a_geometry_without_reference_system_is_asked_for_one() -> None:
    (text,) = placed(geometry(shapely.Point(MEMPHIS), crs=None))[1]
    assert "has no coordinate reference system (crs is None)" in text


def test_a_plain_column_of_geometries_with_an_empty_cell() -> None:
    """pandas writes a missing geometry as NaN: the row has no point, the column holds geometries all the same."""
    frame = pd.DataFrame({"geometry": pd.Series([shapely.Point(MEMPHIS), np.nan], dtype=object)})
    where, texts = placed(frame)
    assert where == [MEMPHIS, None]
    assert ["without a point" in text for text in texts] == [False, True]


def test_what_is_no_geometry_is_named_by_its_row() -> None:
    frame = pd.DataFrame({"geometry": pd.Series([shapely.Point(MEMPHIS), "POINT (1 2)"], dtype=object)})
    where, (text,) = placed(frame)
    assert where == [None, None]
    assert "1 of 2 values is no geometry (index 1: 'POINT (1 2)')" in text


def test_a_geometry_agrees_with_the_degrees_beside_it() -> None:
    frame = geometry(shapely.Point(MEMPHIS)).assign(lat=35.15, lon=-90.05)
    assert placed(frame)[1] == []
    (text,) = placed(frame.assign(lon=-90.06))[1]
    assert (
        "1 of 1 row is elsewhere than the geometry (index 0: '35.1500 / -90.0600 against 35.1500 / -90.0500')" in text
    )
