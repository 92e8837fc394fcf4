"""Candidates: from cities, grids and polygons, with codes that do not depend on the call."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

import evsiting as ev
from evsiting import reference
from evsiting.layers.geo.geodesic import great_circle_km
from evsiting.layers.geo.vector import EQUAL_AREA
from evsiting.study.codes import slug
from evsiting.study.settings import About, Settings

COLUMNS = ["site", "name", "country", "region", "role", "geometry"]
SOURCES = {
    "cities": {},
    "spaced cities": {"spacing_km": 60.0},
    "grid": {"source": "grid", "cell_km": 100.0},
    "few places": {"source": "grid", "places": ["US-TN", "CA-PE"], "cell_km": 20.0},
}


@pytest.mark.parametrize("call", SOURCES.values(), ids=SOURCES)
def test_candidates_have_the_form_of_the_table_of_sites(call: dict) -> None:
    made = ev.candidates(**call)
    assert made.columns.tolist() == COLUMNS
    assert made.crs.to_epsg() == 4326
    assert made["site"].is_unique
    assert made["site"].is_monotonic_increasing
    assert (made["role"] == "candidate").all()
    assert (made["region"].str[:2] == made["country"]).all()
    assert made.index.tolist() == list(range(len(made)))


def test_the_cities_are_those_of_the_reference_data() -> None:
    cities = reference.cities()
    assert len(ev.candidates()) == int(cities["candidate"].sum()) == 1360
    assert len(ev.candidates(min_population=15_000)) == int((cities["population"] >= 15_000).sum())
    assert set(ev.candidates(places=["MX"])["country"]) == {"MX"}


def test_a_code_is_the_same_whatever_else_is_selected() -> None:
    all_of_them = ev.candidates(min_population=15_000).set_index("site").geometry
    for call in ({}, {"places": ["US-TX"]}, {"spacing_km": 100.0}, {"min_population": 200_000}):
        some = ev.candidates(**call).set_index("site").geometry
        assert all_of_them.loc[some.index].geom_equals(some).all()


def test_spacing_keeps_the_larger_and_holds_inside_a_country_only() -> None:
    made = ev.candidates(spacing_km=60.0)
    x, y = made.geometry.x.to_numpy(), made.geometry.y.to_numpy()
    km = great_circle_km(x[:, None], y[:, None], x[None, :], y[None, :])
    same = made["country"].to_numpy()[:, None] == made["country"].to_numpy()[None, :]
    np.fill_diagonal(km, np.inf)
    assert km[same].min() >= 60.0
    assert km[~same].min() < 60.0  # twin cities on a border are two places
    assert {"US-NY-new-york-city", "CA-ON-toronto", "MX-CMX-mexico-city"} <= set(made["site"])
    dropped = set(ev.candidates()["site"]) - set(made["site"])
    assert "US-NY-brooklyn" in dropped


def test_squares_have_one_area_and_lie_where_their_code_says() -> None:
    made = ev.candidates("grid", places=["US-KS"], cell_km=50.0)
    flat = made.to_crs(EQUAL_AREA).geometry
    part = made["site"].str.extract(r"^US-KS-g50-([ew])(\d+)([ns])(\d+)$")
    east = part[1].astype(int) * part[0].map({"e": 1, "w": -1})
    north = part[3].astype(int) * part[2].map({"n": 1, "s": -1})
    assert np.allclose(flat.x, (east + 0.5) * 50_000.0, atol=0.1)
    assert np.allclose(flat.y, (north + 0.5) * 50_000.0, atol=0.1)
    area = reference.jurisdictions().set_index("iso").loc["US-KS", "area_km2"]
    assert len(made) * 2500.0 == pytest.approx(area, rel=0.05)


def test_a_cell_belongs_to_one_place() -> None:
    both = ev.candidates("grid", places=["US", "MX"], cell_km=100.0)
    assert not both.geometry.duplicated().any()
    parts = [ev.candidates("grid", places=[c], cell_km=100.0) for c in ("US", "MX")]
    assert len(both) in range(len(parts[0]) + len(parts[1]) - 3, len(parts[0]) + len(parts[1]) + 1)


def test_hexagons_cover_a_state_with_the_cells_of_h3() -> None:
    h3 = pytest.importorskip("h3", reason="needs the extra 'h3'")
    made = ev.candidates("h3", places=["US-TN"], resolution=4)
    cells = made["site"].str.removeprefix("US-TN-")
    assert all(h3.is_valid_cell(c) and h3.get_resolution(c) == 4 for c in cells)
    assert [h3.latlng_to_cell(p.y, p.x, 4) for p in made.geometry] == cells.tolist()
    area = reference.jurisdictions().set_index("iso").loc["US-TN", "area_km2"]
    assert sum(h3.cell_area(c) for c in cells) == pytest.approx(area, rel=0.05)


def test_a_polygon_stands_for_a_point_inside_it() -> None:
    hole = [(-89.8, 35.2), (-88.2, 35.2), (-88.2, 36.8)]
    ring = shapely.Polygon([(-90, 35), (-88, 35), (-88, 37), (-90, 37)], [hole])
    areas = gpd.GeoDataFrame({"parcel": ["B", "A"], "label": ["b", "a"]}, geometry=[ring, ring.buffer(0.1)], crs=4326)
    given = areas.to_crs("EPSG:5070")
    kept = given.copy()
    made = ev.candidates(given, code="parcel", name="label")
    assert made["site"].tolist() == ["A", "B"]
    assert made["name"].tolist() == ["a", "b"]
    assert made.geometry.iloc[1].within(ring)
    assert given.crs == "EPSG:5070"
    assert given.geometry.geom_equals(kept.geometry).all()
    assert ev.candidates(given)["site"].str.endswith(("area-0001", "area-0002")).all()


def test_candidates_make_a_study() -> None:
    sites = ev.candidates(places=["US-TN"])
    with pytest.raises(ev.InputError) as caught:  # the other tables are missing; nothing is said of the sites
        ev.Study.from_tables(Settings(study=About(name="x")), {"sites": sites})
    assert all("sites" not in p.where for p in caught.value.problems)


BAD = {
    "an unknown source": ({"source": "towns"}, "is unknown"),
    "no source": ({"source": None}, "a NoneType"),
    "another source's option": ({"cell_km": 10.0, "resolution": 3}, "belongs to grid"),
    "a tiny cell": ({"source": "grid", "cell_km": 1.0}, "out of range"),
    "too many cells": ({"source": "grid", "cell_km": 5.0}, "more than 200,000"),
    "an unknown place": ({"places": ["US-XX"]}, "US-XX"),
    "no place": ({"places": []}, "none given"),
    "nothing left": ({"places": ["US-WY"], "min_population": 1_000_000}, "no place is left"),
}


@pytest.mark.parametrize(("call", "told"), BAD.values(), ids=BAD)
def test_bad_calls_are_told(call: dict, told: str) -> None:
    with pytest.raises(ev.InputError, match=told):
        ev.candidates(**call)


def test_all_wrong_options_are_told_at_once() -> None:
    with pytest.raises(ev.InputError) as caught:
        ev.candidates(cell_km=10.0, resolution=3, min_population=1)
    assert len(caught.value.problems) == 3


SQUARE = shapely.box(-90, 35, -89, 36)
BOWTIE = shapely.Polygon([(-90, 35), (-89, 36), (-89, 35), (-90, 36)])
SHAPES = {
    "no reference system": (gpd.GeoDataFrame(geometry=[SQUARE]), ev.CrsError, "no coordinate reference system"),
    "empty": (gpd.GeoDataFrame(geometry=[], crs=4326), ev.TableError, "is empty"),
    "invalid": (gpd.GeoDataFrame(geometry=[SQUARE, BOWTIE], crs=4326), ev.TableError, "1 of 2 geometries is invalid"),
    "missing": (gpd.GeoDataFrame(geometry=[SQUARE, None], crs=4326), ev.TableError, "missing or empty"),
    "lines": (gpd.GeoDataFrame(geometry=[SQUARE.boundary], crs=4326), ev.TableError, "not of type"),
    "metres as degrees": (
        gpd.GeoDataFrame(geometry=[SQUARE, shapely.box(5e5, 1e6, 6e5, 2e6)], crs=4326),
        ev.CrsError,
        "1 of 2 geometries is not in degrees",
    ),
    "far away": (gpd.GeoDataFrame(geometry=[shapely.box(10, 50, 11, 51)], crs=4326), ev.TableError, "more than 50 km"),
}


@pytest.mark.parametrize(("areas", "kind", "told"), SHAPES.values(), ids=SHAPES)
def test_bad_polygons_are_named(areas: gpd.GeoDataFrame, kind: type, told: str) -> None:
    with pytest.raises(kind, match=told):
        ev.candidates(areas)


def test_codes_of_polygons_must_be_unique() -> None:
    areas = gpd.GeoDataFrame({"id": ["a", "a"]}, geometry=[SQUARE, SQUARE], crs=4326)
    with pytest.raises(ev.TableError, match="occur twice"):
        ev.candidates(areas, code="id")
    with pytest.raises(ev.TableError, match="has no column 'parcel'"):
        ev.candidates(areas, code="parcel")
    with pytest.raises(ev.TableError, match="codes are missing or occur twice.*none"):
        ev.candidates(areas.assign(id=["a", " "]), code="id")


def test_numbers_as_codes_and_names_left_out() -> None:
    areas = gpd.GeoDataFrame({"id": [47157.0, 2.0], "label": [None, "B"]}, geometry=[SQUARE, SQUARE], crs=4326)
    made = ev.candidates(areas, code="id", name="label")
    assert made[["site", "name"]].to_numpy().tolist() == [["2", "B"], ["47157", "47157"]]


def test_polygons_may_run_from_0_to_360_degrees() -> None:
    east = gpd.GeoDataFrame(geometry=[shapely.box(270, 35, 271, 36)], crs=4326)
    assert ev.candidates(east).geometry.x.tolist() == [-89.5]


def test_a_slug_is_plain_ascii() -> None:
    assert slug("Saint-Jean-sur-Richelieu") == "saint-jean-sur-richelieu"
    assert slug("Peñón de los Baños") == "penon-de-los-banos"


@pytest.mark.parametrize("call", [{"spacing_km": "40"}, {"source": "h3", "resolution": 3.5}, {"spacing_km": np.nan}])
def test_options_must_be_numbers(call: dict) -> None:
    with pytest.raises(ev.InputError, match="out of range or no number"):
        ev.candidates(**call)
