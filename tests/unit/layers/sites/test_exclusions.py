"""Distances, exclusions and raster values: right numbers, same rows, nothing changed in place."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import evsiting as ev
from evsiting.layers.geo.raster import circles


@pytest.fixture
def sites() -> gpd.GeoDataFrame:
    """Return four points on a meridian and one apart, with an odd index and order."""
    frame = {"site": list("dbace"), "name": list("DBACE"), "value": [4.0, 2.0, np.nan, 3.0, 5.0]}
    points = gpd.points_from_xy([-90.0, -90.0, -90.0, -90.0, -100.0], [43.0, 41.0, 40.0, 42.0, 40.0])
    return gpd.GeoDataFrame(frame, geometry=points, index=[30, 10, 40, 20, 50], crs=4326)


@pytest.fixture
def square() -> gpd.GeoDataFrame:
    """Return a square around the first of them."""
    return gpd.GeoDataFrame(geometry=[shapely.box(-90.5, 39.5, -89.5, 40.5)], crs=4326)


def test_distances_are_those_on_the_ellipsoid(sites: gpd.GeoDataFrame, square: gpd.GeoDataFrame) -> None:
    # One degree of latitude at 40 to 43 north is 111.04 to 111.09 km on WGS 84.
    km = ev.nearest_km(sites, square)
    assert km.index.tolist() == [30, 10, 40, 20, 50]
    assert km[40] == 0.0
    assert km[10] == pytest.approx(0.5 * 111.05, abs=0.1)
    assert km[30] == pytest.approx(2.5 * 111.06, abs=0.2)
    point = gpd.GeoDataFrame(geometry=gpd.points_from_xy([-90.0], [40.0]), crs=4326)
    assert ev.nearest_km(sites, point)[50] == pytest.approx(852.5, abs=2.0)  # ten degrees along 40 north


def test_the_reference_system_of_either_frame_changes_nothing(
    sites: gpd.GeoDataFrame, square: gpd.GeoDataFrame
) -> None:
    here = ev.nearest_km(sites, square)
    there = ev.nearest_km(sites.to_crs("EPSG:5070"), square.to_crs("EPSG:3857"))  # meridians, parallels stay straight
    assert np.allclose(here, there, atol=0.05)


WHERE = [
    ({"where": "inside"}, "dbce"),
    ({}, "dbce"),
    ({"where": "outside"}, "a"),
    ({"where": "within", "km": 200.0}, "de"),
    ({"where": "farther", "km": 200.0}, "bac"),
]


@pytest.mark.parametrize(("call", "left"), WHERE)
def test_sites_go_by_where_they_lie(sites: gpd.GeoDataFrame, square: gpd.GeoDataFrame, call: dict, left: str) -> None:
    given = sites.to_crs("EPSG:5070")
    before = given.copy()
    found = ev.exclude(given, square, reason="flood zone", **call)
    assert found.kept["site"].tolist() == list(left)
    assert found.kept.index.tolist() == [i for i, s in zip(sites.index, sites["site"], strict=True) if s in left]
    assert found.kept.crs == "EPSG:5070"
    assert found.dropped["site"].tolist() == [s for s in sites["site"] if s not in left]
    assert (found.dropped["reason"] == "flood zone").all()
    pd.testing.assert_frame_equal(pd.DataFrame(given), pd.DataFrame(before))


def test_values_have_a_threshold_and_gaps_a_rule(sites: gpd.GeoDataFrame) -> None:
    assert ev.exclude(sites, "value", above=3.0, reason="dear").kept["site"].tolist() == list("bac")
    assert ev.exclude(sites, "value", below=3.0, reason="small").kept["site"].tolist() == list("dace")
    assert ev.exclude(sites, "value", reason="unknown", missing="drop").kept["site"].tolist() == list("dbce")
    by_code = pd.Series({"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0, "e": 5.0})
    found = ev.exclude(sites, by_code, above=4.0, reason="late")
    assert found.dropped[["site", "seen"]].to_numpy().tolist() == [["e", "5; above 4 go"]]


def test_steps_add_up(sites: gpd.GeoDataFrame, square: gpd.GeoDataFrame) -> None:
    first = ev.exclude(sites, square, reason="flood zone")
    second = ev.exclude(first, "value", above=100.0, reason="too dear")
    third = ev.exclude(second, "value", above=4.5, reason="dear")
    told = [[0, "given", 0, 5], [1, "flood zone", 1, 4], [2, "too dear", 0, 4], [3, "dear", 1, 3]]
    assert third.summary.to_numpy().tolist() == told
    assert third.dropped[["step", "site"]].to_numpy().tolist() == [[1, "a"], [3, "e"]]
    assert len(sites) == len(third.kept) + len(third.dropped)
    assert repr(third).startswith("Screening: 3 of 5 sites kept")
    assert "flood zone" in third._repr_html_()


def test_nothing_left_is_no_error_in_a_chain(sites: gpd.GeoDataFrame, square: gpd.GeoDataFrame) -> None:
    none = ev.exclude(sites, "value", above=0.0, reason="dear", missing="drop")
    assert len(none.kept) == 0
    after = ev.exclude(ev.exclude(none, square, reason="flood zone"), "value", above=1.0, reason="dear")
    assert len(after.dropped) == 5
    assert after.summary["reason"].tolist() == ["given", "dear", "flood zone", "dear"]  # each step is told
    with pytest.raises(ev.TableError, match="sites: is empty"):
        ev.exclude(sites.iloc[:0], "value", above=1.0, reason="dear")


BAD = {
    "no reason": ({"where": "inside", "reason": " "}, "is empty"),
    "no km": ({"where": "within"}, "does not fit where='within'"),
    "km for inside": ({"where": "inside", "km": 5.0}, "does not fit"),
    "a threshold for a layer": ({"above": 3.0}, "mean nothing for a layer"),
    "a reason that is none": ({"where": "inside", "reason": None}, "is empty"),
    "text for km": ({"where": "within", "km": "5"}, "does not fit"),
    "an unknown where": ({"where": "near"}, "is unknown"),
}


@pytest.mark.parametrize(("call", "told"), BAD.values(), ids=BAD)
def test_bad_options_are_told(sites: gpd.GeoDataFrame, square: gpd.GeoDataFrame, call: dict, told: str) -> None:
    with pytest.raises(ev.InputError, match=told):
        ev.exclude(sites, square, **{"reason": "x", **call})


def test_bad_values_are_told(sites: gpd.GeoDataFrame) -> None:
    with pytest.raises(ev.InputError, match="neither is given"):
        ev.exclude(sites, "value", reason="x")
    for threshold in ("1", float("nan")):
        with pytest.raises(ev.InputError, match="exclude, above: is no finite number"):
            ev.exclude(sites, "value", above=threshold, reason="x")
    with pytest.raises(ev.InputError, match="mean nothing for values"):
        ev.exclude(sites, "value", where="inside", above=1.0, reason="x")
    with pytest.raises(ev.TableError, match="no column 'price'"):
        ev.exclude(sites, "price", above=1.0, reason="x")
    with pytest.raises(ev.TableError, match="values are not numbers"):
        ev.exclude(sites, "name", above=1.0, reason="x")
    with pytest.raises(ev.TableError, match="b, a have none"):
        ev.exclude(sites, pd.Series({"d": 1.0, "c": 2.0, "e": 1.0}), above=1.0, reason="x")


def test_bad_frames_are_named(sites: gpd.GeoDataFrame, square: gpd.GeoDataFrame) -> None:
    with pytest.raises(ev.CrsError, match="no coordinate reference system"):
        ev.nearest_km(sites.set_crs(None, allow_override=True), square)
    with pytest.raises(ev.CrsError, match="layer: has no coordinate reference system"):
        ev.nearest_km(sites, square.set_crs(None, allow_override=True))
    with pytest.raises(ev.TableError, match="is empty"):
        ev.nearest_km(sites.iloc[:0], square)
    with pytest.raises(ev.TableError, match="is empty"):
        ev.exclude(sites, square.iloc[:0], reason="x")
    with pytest.raises(ev.TableError, match="occur twice"):
        ev.nearest_km(sites.assign(site="a"), square)
    with pytest.raises(ev.TableError, match="missing or empty"):
        ev.nearest_km(sites.set_geometry([None, *sites.geometry[1:]], crs=4326), square)
    with pytest.raises(ev.TableError, match="is no GeoDataFrame"):
        ev.nearest_km(pd.DataFrame(sites), square)
    moved = sites.to_crs("EPSG:5070").set_crs(4326, allow_override=True)
    with pytest.raises(ev.CrsError, match="not in degrees"):
        ev.nearest_km(moved, square)
    turned = sites.set_geometry([shapely.Point(42.33, -83.05), *sites.geometry[1:]], crs=4326)
    with pytest.raises(ev.CrsError, match="look swapped in 1 of 5.*x 42.33, y -83.05.*x be the longitude"):
        ev.nearest_km(turned, square)
    with pytest.raises(ev.CrsError, match="layer of 'flood': longitude and latitude look swapped"):
        ev.exclude(sites, gpd.GeoSeries([shapely.box(42.0, -84.0, 43.0, -83.0)], crs=4326), reason="flood")


def test_a_circle_has_its_radius_and_its_area() -> None:
    point = gpd.GeoDataFrame(geometry=gpd.points_from_xy([-90.0], [40.0]), crs=4326)
    shape = circles(point, 50.0)
    flat = shape.to_crs("+proj=laea +lat_0=40 +lon_0=-90 +units=km")
    assert float(flat.area.iloc[0]) == pytest.approx(np.pi * 50.0**2, rel=0.002)


def test_a_circle_does_not_tear_at_180_degrees() -> None:
    shape = circles(gpd.GeoDataFrame(geometry=gpd.points_from_xy([179.9], [52.0]), crs=4326), 50.0)
    assert shape.total_bounds[2] - shape.total_bounds[0] < 2.0
    flat = shape.to_crs("+proj=laea +lat_0=52 +lon_0=179.9 +units=km")
    assert float(flat.area.iloc[0]) == pytest.approx(np.pi * 50.0**2, rel=0.002)


@pytest.fixture
def slope(tmp_path: Path) -> Path:
    """Return a raster of one-degree cells whose value is the latitude of their lower edge; none west of 95 west."""
    rasterio = pytest.importorskip("rasterio", reason="needs the extra 'raster'")
    values = np.repeat(np.arange(49.0, 34.0, -1.0)[:, None], 20, axis=1)
    values[:, :5] = -9.0
    shift = rasterio.transform.from_origin(-100.0, 50.0, 1.0, 1.0)
    path = tmp_path / "slope.tif"
    form = {"driver": "GTiff", "height": 15, "width": 20, "count": 1, "dtype": "float32", "nodata": -9.0}
    with rasterio.open(path, "w", crs="EPSG:4326", transform=shift, **form) as out:
        out.write(values.astype("float32"), 1)
    return path


def test_a_raster_is_read_at_the_points(sites: gpd.GeoDataFrame, slope: Path) -> None:
    shifted = sites.set_geometry(sites.translate(yoff=0.5, xoff=0.5), crs=4326)
    shifted.loc[50, "geometry"] = shapely.Point(-120.0, 40.0)  # outside
    with pytest.warns(ev.DataWarning, match=r"1 of 5 sites lies? outside it, without a value \(e\)"):
        read = ev.raster_values(shifted.to_crs("EPSG:5070"), slope)
    assert read.index.tolist() == shifted.index.tolist()
    assert read.drop(50).tolist() == [43.0, 41.0, 40.0, 42.0]
    assert np.isnan(read[50])
    west = sites.set_geometry(sites.translate(xoff=-8.5, yoff=0.5), crs=4326)
    with pytest.warns(ev.DataWarning, match="1 of 5 sites lies? outside"):
        assert ev.raster_values(west, slope).isna().all()  # no data is missing, not -9
    with pytest.warns(ev.DataWarning, match="1 of 5 sites lies? outside"):
        found = ev.exclude(shifted, slope, above=41.5, reason="steep")
    assert found.dropped["site"].tolist() == ["d", "c"]
    assert found.dropped["seen"].iloc[0] == "43; above 41.5 go"


def test_a_raster_may_run_from_0_to_360_degrees(sites: gpd.GeoDataFrame, slope: Path, tmp_path: Path) -> None:
    rasterio = pytest.importorskip("rasterio", reason="needs the extra 'raster'")
    pytest.importorskip("exactextract", reason="needs the extra 'raster'")
    with rasterio.open(slope) as here:
        form, values = here.profile, here.read(1)
    east = tmp_path / "east.tif"
    form["transform"] = rasterio.transform.from_origin(260.0, 50.0, 1.0, 1.0)
    with rasterio.open(east, "w", **form) as out:
        out.write(values, 1)
    for radius in (0.0, 30.0):
        there = ev.raster_values(sites, east, within_km=radius)
        np.testing.assert_allclose(there, ev.raster_values(sites, slope, within_km=radius), rtol=1e-6)
        assert there.drop(50).notna().all()


def test_a_raster_of_another_place_is_told(sites: gpd.GeoDataFrame, slope: Path) -> None:
    far = sites.set_geometry(sites.translate(xoff=-40.0), crs=4326)
    with pytest.warns(ev.DataWarning, match="no site has a value for 'steep', so the step drops nothing"):
        assert len(ev.exclude(far, slope, above=1.0, reason="steep").kept) == 5
    assert not len(ev.exclude(far, slope, above=1.0, reason="steep", missing="drop").kept)


def test_a_raster_is_taken_over_circles(sites: gpd.GeoDataFrame, slope: Path) -> None:
    pytest.importorskip("exactextract", reason="needs the extra 'raster'")
    east = sites.drop(index=50)  # on the edges of two rows: half of the circle in each
    mean = ev.raster_values(east, slope, within_km=30.0)
    assert mean.tolist() == pytest.approx([42.5, 40.5, 39.5, 41.5], abs=0.01)
    assert ev.raster_values(east, slope, within_km=30.0, statistic="max").tolist() == [43.0, 41.0, 40.0, 42.0]
    assert mean.index.equals(east.index)


def test_bad_rasters_are_told(sites: gpd.GeoDataFrame, slope: Path, tmp_path: Path) -> None:
    with pytest.raises(ev.InputError, match="no such file"):
        ev.raster_values(sites, tmp_path / "other.tif")
    with pytest.raises(ev.InputError, match="is not 1 to 1"):
        ev.raster_values(sites, slope, band=2)
    with pytest.raises(ev.InputError, match="is unknown"):
        ev.raster_values(sites, slope, within_km=5.0, statistic="mode")
    text = tmp_path / "text.tif"
    text.write_text("no raster")
    with pytest.raises(ev.InputError, match="cannot be read"):
        ev.raster_values(sites, text)
