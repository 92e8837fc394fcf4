"""Candidate sites: from cities, from a square or hexagonal grid, or from polygons of one's own."""

from __future__ import annotations

import importlib
import math
from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from evsiting import reference
from evsiting.errors import InputError, Problem, Problems, TableError, shown
from evsiting.layers.arguments import is_finite, is_whole
from evsiting.layers.geo.frames import checked_shapes, to_crs
from evsiting.layers.geo.places import nearest_region
from evsiting.layers.geo.spacing import thin_points
from evsiting.layers.geo.vector import EQUAL_AREA
from evsiting.study.canonical.identifiers import identifiers
from evsiting.study.canonical.points import CRS
from evsiting.study.canonical.region_names import meant_region
from evsiting.study.codes import slug

#: Most cells that a call makes; more than a program over them could use.
MOST_CELLS = 200_000
#: Farthest that a polygon of the user may lie from a (simplified) jurisdiction. [km]
REACH_KM = 50.0
_HEXAGON_KM2 = (4357449.4, 609788.4, 86801.8, 12393.4, 1770.3, 252.9, 36.13, 5.161, 0.7373)

_OPTIONS = {
    "cities": {"min_population", "spacing_km"},
    "grid": {"cell_km"},
    "h3": {"resolution"},
    "polygons": {"code", "name"},
}


def candidates(
    source: Literal["cities", "grid", "h3"] | gpd.GeoDataFrame = "cities",
    *,
    places: Sequence[str] | None = None,
    min_population: int | None = None,
    spacing_km: float | None = None,
    cell_km: float | None = None,
    resolution: int | None = None,
    code: str | None = None,
    name: str | None = None,
) -> gpd.GeoDataFrame:
    """Return candidate sites in the form of the table ``sites``.

    Parameters
    ----------
    source : {"cities", "grid", "h3"} or geopandas.GeoDataFrame
        Cities of the reference data; centres of squares of an equal-area grid; centres of H3 cells (needs the extra
        ``h3``); or polygons of your own, in any coordinate reference system, each by a point that lies inside it.
    places : sequence of str, optional
        Countries (US, CA, MX) and states or provinces (US-TN) to stay in; all where left out.
    min_population : int, default 50,000
        For cities: fewest inhabitants, from 15,000. [person]
    spacing_km : float, default 0
        For cities: a city nearer than this to a larger one that is kept, in the same country, is left out. [km]
    cell_km : float, default 50
        For the grid: side of a square. [km]
    resolution : int, default 4
        For H3: 0 (largest) to 8; a cell of resolution 4 has 1,770 km2 on average.
    code, name : str, optional
        For polygons: columns with a unique code and with a name to print.

    Returns
    -------
    geopandas.GeoDataFrame, EPSG:4326
        ``site`` (unique, readable, the same in every call: ``US-TN-memphis``, ``US-TN-g50-e15s7``,
        ``US-TN-8444c37ffffffff``), ``name``, ``country``, ``region``, ``role``, ``geometry``; by code.

    Raises
    ------
    InputError
        If an option is out of range or does not belong to the source, or a frame is empty, without reference system
        or holds missing or invalid geometries.

    Notes
    -----
    A cell belongs to the jurisdiction in which its centre lies, so that a cell on a border is not counted twice and
    small jurisdictions may have none. Of two cities of one name in a state the larger has the plain code.

    Examples
    --------
    >>> candidates(places=["CA-ON"], min_population=500_000)["site"].tolist()
    ['CA-ON-brampton', 'CA-ON-hamilton', 'CA-ON-mississauga', 'CA-ON-ottawa', 'CA-ON-toronto']
    """
    options = {
        "min_population": min_population,
        "spacing_km": spacing_km,
        "cell_km": cell_km,
        "resolution": resolution,
        "code": code,
        "name": name,
    }
    kind = "polygons" if isinstance(source, gpd.GeoDataFrame | gpd.GeoSeries) else source
    _check_options(kind, {k: v for k, v in options.items() if v is not None})
    where = _places(places)
    if kind == "cities":
        made = _cities(where, min_population or 50_000, spacing_km or 0.0)
    elif kind == "grid":
        made = _grid(where, cell_km or 50.0)
    elif kind == "h3":
        made = _h3(where, 4 if resolution is None else resolution)
    else:
        made = _polygons(source, where, code, name)
    if not len(made):
        fix = "Widen the places, or take smaller cells or cities"
        raise InputError([Problem("candidates", "no place is left", f"{kind} in {shown(where)}", fix)])
    made["role"] = "candidate"
    ready = gpd.GeoDataFrame(made[["site", "name", "country", "region", "role", "geometry"]], crs=CRS)
    return ready.sort_values("site").reset_index(drop=True)


def _check_options(kind: object, options: dict[str, Any]) -> None:
    problems = Problems()
    if not isinstance(kind, str) or kind not in _OPTIONS:
        seen = repr(kind) if isinstance(kind, str) else f"a {type(kind).__name__}"
        problems.add(
            "candidates, source", "is unknown", seen, "Give 'cities', 'grid', 'h3' or a GeoDataFrame of polygons"
        )
    else:
        for option in sorted(set(options) - _OPTIONS[kind]):
            home = next(k for k, v in _OPTIONS.items() if option in v)
            fix = f"Leave it out; it belongs to {home}"
            problems.add(f"candidates, {option}", f"means nothing for {kind}", repr(options[option]), fix)
    ranges = {"min_population": (15_000, 1e8), "spacing_km": (0.0, 5_000.0), "cell_km": (5.0, 1_000.0)}
    for option, (low, high) in (ranges | {"resolution": (0, 8)}).items():
        value = options.get(option)
        counted = option in ("resolution", "min_population")
        if value is not None and not (is_finite(value, low, high) and (is_whole(value) or not counted)):
            seen = f"Give {'a whole number, ' if counted else ''}{low:g} to {high:g}"
            problems.add(f"candidates, {option}", "is out of range or no number", repr(value), seen)
    problems.raise_if_any()


def _places(places: Sequence[str] | None) -> list[str]:
    """Return the jurisdictions that are meant."""
    table = reference.jurisdictions()
    if places is None:
        return sorted(table["iso"])
    wanted = [places] if isinstance(places, str) else list(places)
    unknown = [p for p in wanted if p not in set(table["iso"]) | set(table["country"])]
    if unknown or not wanted:
        meant = {p: m for p in unknown if (m := meant_region(p))}
        hint = f"Did you mean {', '.join(f'{m} for {p!r}' for p, m in list(meant.items())[:3])}? " if meant else ""
        fix = f"{hint}Give US, CA, MX or ISO 3166-2 codes such as US-TN, CA-ON, MX-NLE"
        raise InputError([Problem("candidates, places", "are unknown", shown(unknown) or "none given", fix)])
    return sorted(table.loc[table["iso"].isin(wanted) | table["country"].isin(wanted), "iso"])


@cache
def _city_codes() -> pd.Series[str]:
    """Code of every city of the reference data, whatever a call selects: codes must not depend on it."""
    cities = reference.cities().sort_values(["population", "geonameid"], ascending=[False, True])
    plain = cities["iso"] + "-" + cities["name"].map(slug)
    twice = plain.duplicated() | plain.str.endswith("-")
    codes = plain.where(~twice, plain.str.rstrip("-") + "-" + cities["geonameid"].astype(str))
    return pd.Series(codes.to_numpy(), index=cities["geonameid"].to_numpy())


def _cities(where: list[str], least: int, apart_km: float) -> gpd.GeoDataFrame:
    cities = reference.cities().sort_values(["population", "geonameid"], ascending=[False, True])
    cities = cities[cities["iso"].isin(where) & (cities["population"] >= least)].reset_index(drop=True)
    if apart_km > 0.0 and len(cities):
        cities = cities[thin_points(cities, apart_km) < 0]
    made = cities[["name", "country", "geometry"]].copy()
    made["site"] = _city_codes().loc[cities["geonameid"]].to_numpy()
    made["region"] = cities["iso"]
    return made


def _too_many(count: float, fix: str) -> None:
    if count > MOST_CELLS:
        raise InputError([Problem("candidates", f"about {count:,.0f} cells, more than {MOST_CELLS:,}", "", fix)])


def _grid(where: list[str], side_km: float) -> gpd.GeoDataFrame:
    places = reference.jurisdictions().set_index("iso").loc[where]
    _too_many(float(places["area_km2"].sum()) / side_km**2, "Give a larger cell_km or fewer places")
    side = 1000.0 * side_km
    parts = []
    for iso, row in places.to_crs(EQUAL_AREA).iterrows():
        low_x, low_y, high_x, high_y = (math.floor(v / side) for v in row.geometry.bounds)
        east, north = (a.ravel() for a in np.mgrid[low_x : high_x + 1, low_y : high_y + 1])
        x, y = (east + 0.5) * side, (north + 0.5) * side
        inside = shapely.contains_xy(row.geometry, x, y)
        part = pd.DataFrame({"east": east, "north": north, "x": x, "y": y, "region": iso, "place": row["name"]})
        parts.append(part[inside])
    cells = pd.concat(parts).drop_duplicates(["east", "north"]).reset_index(drop=True)
    points = gpd.GeoSeries(gpd.points_from_xy(cells["x"], cells["y"]), crs=EQUAL_AREA).to_crs(CRS)
    cell = _signed_numbers(cells["east"], "e", "w") + _signed_numbers(cells["north"], "n", "s")
    site = cells["region"].astype(object) + f"-g{side_km:g}-" + cell
    frame = {"site": site, "name": cells["place"].astype(object) + ", cell " + cell, "region": cells["region"]}
    return gpd.GeoDataFrame(frame | {"country": cells["region"].str[:2]}, geometry=points, crs=CRS)


def _signed_numbers(index: pd.Series[int], ahead: str, behind: str) -> pd.Series[str]:
    """Return e0, e1, ... and w1, w2, ...: cells on either side of the grid's origin."""
    at = index.astype(int)
    text: pd.Series[str] = pd.Series(np.where(at >= 0, ahead, behind), index=index.index, dtype=object)
    return text + at.where(at >= 0, -at).astype(str).astype(object)


def _h3(where: list[str], resolution: int) -> gpd.GeoDataFrame:
    try:
        h3: Any = importlib.import_module("h3")
    except ImportError as error:
        fix = "Install the extra: pip install 'evsiting[h3]', or take source='grid'"
        raise InputError([Problem("candidates, source 'h3'", "needs the package h3", str(error), fix)]) from error
    places = reference.jurisdictions().set_index("iso").loc[where]
    area = float(places["area_km2"].sum())
    _too_many(area / _HEXAGON_KM2[resolution], "Give a lower resolution or fewer places")
    rows = [
        (cell, iso, place, *h3.cell_to_latlng(cell))
        for iso, place, shape in places[["name", "geometry"]].itertuples(name=None)
        for cell in sorted(h3.geo_to_cells(shape, resolution))
    ]
    cells = pd.DataFrame(rows, columns=["cell", "region", "place", "lat", "lon"]).drop_duplicates("cell")
    frame = {
        "site": cells["region"].astype(object) + "-" + cells["cell"].astype(object),
        "name": cells["place"].astype(object) + ", cell " + cells["cell"].astype(object),
        "country": cells["region"].str[:2],
        "region": cells["region"],
    }
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(cells["lon"], cells["lat"]), crs=CRS)


def _column_text(areas: gpd.GeoDataFrame, column: str | None) -> pd.Series[str] | None:
    """Return a column as text, whole numbers without a point; missing where a cell is empty."""
    if column is None or column not in areas:
        return None
    cells = identifiers(areas[column])
    text: pd.Series[str] = cells.where(cells != "", None)
    return text


def _polygons(source: Any, where: list[str], code: str | None, name: str | None) -> gpd.GeoDataFrame:
    areas = checked_shapes(source, "candidates, source", ("Polygon", "MultiPolygon", "Point")).reset_index(drop=True)
    problems = Problems()
    for option, column in (("code", code), ("name", name)):
        if column is not None and column not in areas:
            seen = shown(map(str, areas.columns))
            problems.add(
                f"candidates, {option}", f"the frame has no column {column!r}", seen, "Name one of its columns"
            )
    codes = _column_text(areas, code)
    if codes is not None and (codes.isna() | codes.duplicated(keep=False)).any():
        bad = codes[codes.isna() | codes.duplicated(keep=False)].fillna("none")
        problems.add(f"candidates, column {code!r}", "codes are missing or occur twice", shown(bad), "Make them unique")
    problems.raise_if_any(TableError)
    inner = gpd.GeoDataFrame(geometry=areas.geometry.representative_point(), crs=areas.crs)
    points = to_crs(inner, CRS, "candidates, source")
    turned = (points.geometry.x + 180.0) % 360.0 - 180.0  # some layers run from 0 to 360 degrees
    points = points.set_geometry(
        gpd.points_from_xy(turned.where(points.geometry.x.abs() > 180.0, points.geometry.x), points.geometry.y, crs=CRS)
    )
    region = nearest_region(points, pd.Series(None, index=points.index, dtype=object), REACH_KM)
    if region.isna().any():
        lost = region.index[region.isna()] if codes is None else codes[region.isna().to_numpy()]
        what = f"{int(region.isna().sum())} of {len(areas)} lie more than {REACH_KM:g} km from every jurisdiction"
        fix = "Check the coordinates and their reference system, or drop these rows"
        raise TableError([Problem("candidates, source", what, f"rows {shown(lost)}", fix)])
    row = pd.Series([f"area-{k + 1:04d}" for k in range(len(areas))], dtype=object)
    site = region + "-" + row if codes is None else codes
    names = _column_text(areas, name)
    printed = site if names is None else names.where(names.notna(), site)
    frame = {"site": site, "name": printed, "country": region.str[:2], "region": region}
    made = gpd.GeoDataFrame(frame, geometry=points.geometry, crs=CRS)
    return made[made["region"].isin(where)]
