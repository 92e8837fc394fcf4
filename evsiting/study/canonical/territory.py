"""Where the states and provinces lie: how far a point is from one, and what may have gone wrong with it."""

from __future__ import annotations

from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from evsiting import reference

Floats = NDArray[np.float64]

#: North America Lambert conformal conic: metres, with lengths true to a few percent over the three countries.
METRIC_CRS = "ESRI:102009"
#: Islands with towns or airfields that the simplified polygons leave out: region, longitude, latitude. [degree]
_ISLANDS = (
    ("US-AK", 173.2, 52.9),
    ("US-AK", 174.1, 52.7),
    ("US-FL", -82.9, 24.6),
    ("US-FL", -81.4, 24.7),
    ("US-FL", -81.1, 24.7),
    ("US-NC", -76.0, 35.1),
    ("US-RI", -71.6, 41.2),
    ("US-VA", -76.0, 37.8),
    ("CA-NS", -60.0, 43.9),
    ("CA-ON", -82.7, 41.8),
)
#: Cities farther than this from every polygon stand on land that the polygons leave out. [km]
_APART_KM = 10.0
#: Points this near to a polygon are in it, wherever its simplified outline runs: 9 km or less. [degree]
_NEAR = 0.08
#: Least part of some points that must fall into place for a cause to be named. [1]
_MOST = 0.5
#: Zones of UTM that a zone may be wrong by, each six degrees wide.
_ZONES = (-3, -2, -1, 1, 2, 3)


@cache
def territories() -> gpd.GeoDataFrame:
    """Return the states and provinces in :data:`METRIC_CRS`, with islands that the simplified polygons leave out.

    Returns
    -------
    geopandas.GeoDataFrame
        ``iso``, ``country`` and ``geometry``: what a point belongs to where it is nearest.
    """
    made = _polygons()
    spots = pd.DataFrame(_ISLANDS, columns=["iso", "lon", "lat"])
    both = pd.concat([spots, _points_beside_polygons(reference.cities())], ignore_index=True)
    at = gpd.GeoSeries(gpd.points_from_xy(both["lon"], both["lat"]), crs="EPSG:4326").to_crs(METRIC_CRS)
    hit = made.sindex.nearest(at, return_all=False, max_distance=1000.0 * _APART_KM)[0]
    lost = ~np.isin(np.arange(len(at)), hit)
    return made.set_geometry(gpd.GeoSeries(_with_points(made, both.loc[lost, "iso"], at[lost]), crs=METRIC_CRS))


@cache
def _polygons() -> gpd.GeoDataFrame:
    return reference.jurisdictions()[["iso", "country", "geometry"]].to_crs(METRIC_CRS).reset_index(drop=True)


@cache
def _outlines() -> dict[str, shapely.Geometry]:
    """Return the polygons in degrees, by region."""
    table = reference.jurisdictions()
    shapes = np.asarray(table.geometry.values, dtype=object)
    shapely.prepare(shapes)
    return dict(zip(table["iso"], shapes, strict=True))


def _points_beside_polygons(places: pd.DataFrame) -> pd.DataFrame:
    """Return the places that lie beside the polygon of their region."""
    shapes = np.array([_outlines()[iso] for iso in places["iso"]], dtype=object)
    inside = shapely.intersects_xy(shapes, places["lon"].to_numpy(), places["lat"].to_numpy())
    return pd.DataFrame({c: places.loc[~inside, c] for c in ("iso", "lon", "lat")})


def surely_in(place: pd.Series, lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    """Return which points lie in or near the region that each is said to be in: quick, and sure where it says so."""
    land = _outlines()
    shapes = np.array([land.get(code) for code in place.tolist()], dtype=object)
    inside = np.asarray(shapely.intersects_xy(shapes, lon, lat), dtype=bool)
    inside[~inside] = shapely.distance(shapely.points(lon[~inside], lat[~inside]), shapes[~inside]) <= _NEAR
    return inside


@cache
def _territories_with_points() -> pd.Series:
    """Return the territories by region and by country, with cities and label points that lie beside their polygons."""
    made = territories()
    both = pd.concat(
        [_points_beside_polygons(reference.cities()), _points_beside_polygons(reference.jurisdictions())],
        ignore_index=True,
    )
    at = gpd.GeoSeries(gpd.points_from_xy(both["lon"], both["lat"]), crs="EPSG:4326").to_crs(METRIC_CRS)
    whole = pd.Series(_with_points(made, both["iso"], at), index=made["iso"])
    lands = whole.groupby(made["country"].to_numpy()).agg(lambda g: shapely.GeometryCollection(list(g)))
    both_levels: pd.Series = pd.concat([whole, lands])
    return both_levels


def _with_points(frame: gpd.GeoDataFrame, iso: pd.Series, at: gpd.GeoSeries) -> NDArray[np.object_]:
    """Return the shapes of a frame, those of some regions with points beside."""
    shapes = np.asarray(frame.geometry.values, dtype=object).copy()
    for k, code in enumerate(frame["iso"]):
        more = at[(iso == code).to_numpy()]
        if len(more):
            shapes[k] = shapely.GeometryCollection([shapes[k], shapely.MultiPoint(list(more))])
    return shapes


def flat(lon: Floats, lat: Floats) -> NDArray[np.object_]:
    """Return points in :data:`METRIC_CRS`."""
    return np.asarray(gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs="EPSG:4326").to_crs(METRIC_CRS), dtype=object)


def km_from(place: pd.Series, lon: Floats, lat: Floats) -> Floats:
    """Return how far points lie from the state, province or country that each is said to be in; NaN where unknown. [km]

    Cities and label points of the reference data count as land of their own region, wherever the simplified polygons
    have the coast or the border.

    Examples
    --------
    >>> far = km_from(pd.Series(["US-TN", "US-CA", "CA", ""]), np.full(4, -90.05), np.full(4, 35.15))
    >>> far.round(-2).tolist()
    [0.0, 2100.0, 900.0, nan]
    """
    known, codes = _territories_with_points().to_dict(), place.to_numpy(dtype=object)
    shapes = np.array([known.get(code) for code in codes], dtype=object)
    points, km = flat(lon, lat), np.full(len(codes), np.nan)
    whole = np.array([len(str(code)) == 2 for code in codes], dtype=bool)  # a country is slow to measure to
    if whole.any():
        iso, far = nearest(lon[whole], lat[whole])
        km[whole] = np.where([i[:2] == c for i, c in zip(iso, codes[whole], strict=True)], far, np.nan)
    rest = np.isnan(km)
    km[rest] = shapely.distance(points[rest], shapes[rest]) / 1000.0
    return km


def nearest(lon: Floats, lat: Floats) -> tuple[NDArray[np.object_], Floats]:
    """Return the nearest state or province of each point, and how far it is. [km]

    Examples
    --------
    >>> iso, km = nearest(np.array([-90.05, -60.0]), np.array([35.15, 40.0]))
    >>> iso.tolist(), km.round(-2).tolist()
    (['US-TN', 'CA-NS'], [0.0, 400.0])
    """
    land = territories()
    at, hit = land.sindex.nearest(flat(lon, lat), return_all=False)
    points = flat(lon, lat)
    km = np.full(len(points), np.inf)
    iso = np.full(len(points), "", dtype=object)
    km[at] = shapely.distance(points[at], land.geometry.to_numpy()[hit]) / 1000.0
    iso[at] = land["iso"].to_numpy(dtype=object)[hit]
    return iso, km


def likely_cause(lon: Floats, lat: Floats, place: pd.Series | None = None) -> str:
    """Return what has likely gone wrong with points that lie where they cannot; empty where nothing fits.

    Parameters
    ----------
    lon, lat : numpy.ndarray
        The points. [degree]
    place : pandas.Series, optional
        State, province or country that each is said to be in; on any land of the three countries where left out.

    Examples
    --------
    >>> likely_cause(np.array([90.05]), np.array([35.15])), likely_cause(np.zeros(1), np.zeros(1))
    ('the sign of the longitude is lost: west is negative', 'zeros stand for coordinates that are not known')
    """
    if ((lon == 0.0) & (lat == 0.0)).mean() >= _MOST:
        return "zeros stand for coordinates that are not known"
    if ((lon == lat) & (np.abs(lon) > 90.0)).mean() >= _MOST:
        return f"{lon[lon == lat][0]:g} stands for coordinates that are not known"
    turns = [
        ("latitude and longitude are swapped", lat, lon),
        ("the sign of the longitude is lost: west is negative", -lon, lat),
        ("latitude and longitude are swapped, and the sign of the longitude is lost", -lat, lon),
        ("the sign of the latitude is wrong: north is positive", lon, -lat),
        ("the signs of both are lost or swapped", -lon, -lat),
        ("they are metres of Web Mercator (EPSG:3857)", *_from_mercator(lon, lat)),
        ("longitudes are counted eastward from 0 to 360: take 360 off those above 180", lon - 360.0, lat),
        ("they are degrees, minutes and seconds in one number", _sexagesimal(lon, 2), _sexagesimal(lat, 2)),
        ("they are degrees and minutes in one number", _sexagesimal(lon, 1), _sexagesimal(lat, 1)),
        *((f"they are degrees times {10.0**n:,.0f}", lon / 10.0**n, lat / 10.0**n) for n in (6, 7, 5, 3)),
        *(
            (
                f"the CRS is of another UTM zone: they fit {abs(k)} farther {'west' if k < 0 else 'east'}",
                lon + 6.0 * k,
                lat,
            )
            for k in _ZONES
        ),
    ]
    best, cause = _MOST, ""
    for text, x, y in turns:
        zone = "UTM" in text
        if zone and (len(lon) < 2 or place is None):  # one point is on land in another zone by chance
            continue
        part = _share_near_place(x, y, place)
        if part > best or (part == best and not cause and not zone):
            best, cause = part, text
    if not cause and (np.abs(lon) > 360.0).mean() >= _MOST:
        return "they are projected coordinates, in metres or feet"
    return cause


def _share_near_place(lon: Floats, lat: Floats, place: pd.Series | None) -> float:
    """Return what part of points lies within 25 km of its place, or of any land. [1]"""
    good = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= 180.0) & (lat >= 14.0) & (lat <= 84.0)
    if not good.any():
        return 0.0
    km = nearest(lon[good], lat[good])[1] if place is None else km_from(place[good], lon[good], lat[good])
    return float((km <= 25.0).sum() / len(lon))


def _sexagesimal(packed: Floats, parts: int) -> Floats:
    """Return degrees from numbers such as 350900 for 35 degrees and 9 minutes; NaN where sixty are reached.

    Examples
    --------
    >>> _sexagesimal(np.array([-900300.0, 356100.0]), 2).round(3).tolist()
    [-90.05, nan]
    """
    rest, degrees = np.abs(packed), np.zeros(len(packed))
    for k in range(parts, 0, -1):
        rest, part = np.divmod(rest, 100.0)
        degrees += np.where(part < 60.0, part, np.nan) / 60.0**k
    return np.asarray(np.copysign(rest + degrees, packed), dtype=np.float64)


def _from_mercator(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    radius = 6_378_137.0
    with np.errstate(over="ignore"):
        return np.degrees(x / radius), np.degrees(np.arctan(np.sinh(np.clip(y / radius, -20.0, 20.0))))
