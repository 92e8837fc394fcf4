"""Points of a table: from a geometry, from ``lat`` and ``lon``, or from ``x`` and ``y``; EPSG:4326 at the end."""

from __future__ import annotations

import re
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from evsiting.study.canonical.cells import is_unreadable, numbers
from evsiting.study.canonical.territory import likely_cause
from evsiting.study.findings import Findings, count, quoted
from evsiting.study.schema.countries import COUNTRIES
from evsiting.study.schema.tables import Table
from evsiting.units import split_header

#: Coordinate reference system of every geometry inside a study.
CRS = "EPSG:4326"

#: Box that holds the United States, Canada and Mexico. [degrees]
LATITUDES, LONGITUDES, ALEUTIANS = (14.0, 84.0), (-180.0, -52.0), 172.0


def in_north_america(lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
    """Whether points lie in the box around the United States, Canada and Mexico, Hawaii and the Aleutians with it.

    Examples
    --------
    >>> in_north_america(np.array([35.1, -90.0]), np.array([-90.0, 35.1])).tolist()
    [True, False]
    """
    west = (lon >= LONGITUDES[0]) & (lon <= LONGITUDES[1]) | (lon >= ALEUTIANS)
    return np.asarray((lat >= LATITUDES[0]) & (lat <= LATITUDES[1]) & west)


def crs_fault(crs: Any) -> str:
    """Return why coordinates in a reference system cannot be placed on Earth; empty where they can.

    Engineering and undefined systems say nothing of where on Earth their origin is; vertical and geocentric ones have
    no longitude and latitude, or easting and northing.

    Examples
    --------
    >>> crs_fault("EPSG:4326"), crs_fault("EPSG:5703")
    ('', 'it is a Vertical CRS')
    """
    try:
        known = pyproj.CRS.from_user_input(crs)
        if known.name.lower().startswith("undefined"):
            return "it is undefined"
        flat = known.sub_crs_list[0] if known.is_compound else known
        if not (flat.is_geographic or flat.is_projected) or flat.is_geocentric:
            return f"it is a {known.type_name}"
        pyproj.Transformer.from_crs(known, CRS, always_xy=True)
    except (pyproj.exceptions.ProjError, TypeError, ValueError) as error:
        return str(error).split("\n")[0][:120] or type(error).__name__
    return ""


def points(table: Table, frame: pd.DataFrame, crs: str, findings: Findings) -> gpd.GeoSeries:
    """Return the point of each row in EPSG:4326; empty points where a problem was noted.

    Parameters
    ----------
    table : Table
        The table's entry in the dictionary.
    frame : pandas.DataFrame
        The table as given: with a geometry, with columns ``lat`` and ``lon``, or with ``x`` and ``y``.
    crs : str
        Coordinate reference system of ``x`` and ``y``.
    findings : Findings
        Where problems go.
    """
    named = {split_header(str(c))[0].lower(): c for c in frame.columns}
    geometry = _geometry(frame, named)
    if geometry is not None:
        made = _from_geometry(table, geometry, findings)
        _check_agreement(table, frame, named, made, findings)
    elif {"lat", "lon"} <= set(named):
        made = _from_degrees(table, frame, named, findings)
    elif {"x", "y"} <= set(named):
        made = _from_metres(table, frame, named, crs, findings)
    else:
        findings.table(
            findings.where(table.name),
            "has no points",
            f"columns {quoted(frame.columns)}",
            f"{_renamed(frame)}Give columns lat and lon in degrees, or x and y with files.crs in study.toml, or a "
            "geometry",
        )
        made = _none(frame)
    _warn_far(table, frame, made, findings)
    some = made[made.notna()]
    wild = some.index[~((some.y.abs() <= 90) & (some.x.abs() <= 360))]
    return made.mask(made.index.isin(wild), None)  # told, and no distance is measured to them


def _renamed(frame: pd.DataFrame) -> str:
    """Return which columns seem to be latitude and longitude, as a sentence; empty where none does."""
    names = [str(c) for c in frame.columns]
    seen = []
    for meant, start in (("lat", r"lat"), ("lon", r"lon|lng")):
        like = [n for n in names if re.match(start, n.strip(), re.IGNORECASE)]
        if len(like) != 1:
            return ""
        if split_header(like[0])[0].lower() != meant:
            seen.append(f"{like[0]!r} as {meant!r}")
    return f"Name {' and '.join(seen)}. " if seen else ""


def _none(frame: pd.DataFrame) -> gpd.GeoSeries:
    return gpd.GeoSeries([None] * len(frame), index=frame.index, crs=CRS)


def _geometry(frame: pd.DataFrame, named: dict[str, Any]) -> Any:
    if isinstance(frame, gpd.GeoDataFrame):
        return frame.geometry if frame._geometry_column_name in frame.columns else None
    return frame[named["geometry"]] if "geometry" in named else None


def _from_geometry(table: Table, geometry: Any, findings: Findings) -> gpd.GeoSeries:
    where = findings.where(table.name, "geometry")
    if not isinstance(geometry, gpd.GeoSeries):
        geometry = geometry.astype(object).where(geometry.notna(), None)
        other = geometry[[v is not None and not isinstance(v, shapely.Geometry) for v in geometry.tolist()]]
        if len(other):
            what = f"{count(len(other), len(geometry))} no geometry"
            findings.table(where, what, findings.rows(table.name, other), "Give columns lat and lon instead")
            return gpd.GeoSeries([None] * len(geometry), index=geometry.index, crs=CRS)
        geometry = gpd.GeoSeries(geometry)
    if geometry.crs is None:
        findings.crs(
            where,
            "has no coordinate reference system",
            "crs is None",
            "Export it with its CRS, or call frame.set_crs('EPSG:...') with the one it is in; degrees are EPSG:4326",
        )
    elif fault := crs_fault(geometry.crs):
        findings.crs(
            where,
            "has a coordinate reference system (CRS) that cannot be used",
            f"{geometry.crs.name[:60]!r}: {fault}",
            "Export it with the CRS that its coordinates are in; degrees are EPSG:4326",
        )
        return gpd.GeoSeries([None] * len(geometry), index=geometry.index, crs=CRS)
    shapes = np.asarray(geometry.values, dtype=object)
    empty = pd.Series([g is None or g.is_empty for g in shapes], index=geometry.index)
    if empty.any():
        findings.table(
            where,
            f"{count(int(empty.sum()), len(empty), 'row')} without a point",
            findings.rows(table.name, empty[empty].map({True: "no geometry"})),
            "Give each row a point",
        )
    single = pd.Series([_single(g) for g in shapes], index=geometry.index, dtype=object)
    kinds = pd.Series([g.geom_type if g is not None else "" for g in single], index=geometry.index)
    other = ~empty & (kinds != "Point")
    if other.any():
        findings.table(
            where,
            f"{count(int(other.sum()), len(other), 'row')} no point",
            findings.rows(table.name, kinds[other]),
            "Give points: frame.representative_point() makes them from areas",
        )
    usable = gpd.GeoSeries(single.mask(empty | other, None), index=geometry.index, crs=geometry.crs or CRS)
    return _to_degrees(table, usable, findings, where)


def _single(shape: Any) -> Any:
    """Return a point without height; the one point of a multipoint that has just one."""
    if shape is None or shape.is_empty:
        return None
    if shape.geom_type == "MultiPoint" and len(shape.geoms) == 1:
        shape = shape.geoms[0]
    return shapely.force_2d(shape)


def _to_degrees(table: Table, made: gpd.GeoSeries, findings: Findings, where: str) -> gpd.GeoSeries:
    if made.crs != CRS:
        try:
            made = made.to_crs(CRS)
        except pyproj.exceptions.ProjError as error:
            fix = "Check the coordinates and the CRS they are said to be in"
            findings.crs(where, "cannot be brought to degrees from its CRS", str(error).split("\n")[0][:120], fix)
            return gpd.GeoSeries([None] * len(made), index=made.index, crs=CRS)
    some = made[made.notna()]
    broken = ~(np.isfinite(some.x) & np.isfinite(some.y))
    if broken.any():
        findings.crs(
            where,
            f"{count(int(broken.sum()), len(made), 'point')} outside what the coordinate reference system covers",
            findings.rows(table.name, some[broken].astype(str)),
            "Check the coordinates and the CRS they are said to be in",
        )
        made = made.mask(broken.reindex(made.index, fill_value=False), None)
    return made


def _from_degrees(table: Table, frame: pd.DataFrame, named: dict[str, Any], findings: Findings) -> gpd.GeoSeries:
    lat, lon = (_coordinate(table, frame[named[name]], findings) for name in ("lat", "lon"))
    good = lat.notna() & lon.notna()
    return gpd.GeoSeries(gpd.points_from_xy(lon.where(good), lat.where(good)), index=frame.index, crs=CRS).mask(
        ~good, None
    )


def _from_metres(
    table: Table, frame: pd.DataFrame, named: dict[str, Any], crs: str, findings: Findings
) -> gpd.GeoSeries:
    x, y = (_coordinate(table, frame[named[name]], findings) for name in ("x", "y"))
    where = findings.where(table.name, "x", "y")
    if not crs:
        findings.crs(
            where,
            "have no coordinate reference system",
            "files.crs is empty",
            'Add crs = "EPSG:..." under [files] in study.toml, or give lat and lon in degrees',
        )
        return _none(frame)
    if fault := crs_fault(crs):
        unknown = "is no coordinate reference system" if "Invalid projection" in fault else "cannot be used as a CRS"
        seen = f"{crs!r}: {fault}" if unknown.startswith("cannot") else repr(crs)
        findings.crs("study.toml, key files.crs", unknown, seen, "Give one such as EPSG:6350")
        return _none(frame)
    good = x.notna() & y.notna()
    made = gpd.GeoSeries(gpd.points_from_xy(x.where(good), y.where(good)), index=frame.index, crs=crs)
    return _to_degrees(table, made.mask(~good, None), findings, where)


def _coordinate(table: Table, raw: pd.Series, findings: Findings) -> pd.Series:
    where = findings.where(table.name, str(raw.name))
    values, wrong = numbers(raw)
    if wrong.any():
        findings.table(
            where,
            f"{count(int(wrong.sum()), len(raw))} not a number",
            findings.rows(table.name, raw[wrong]),
            "Give decimal degrees, such as 35.12 and -89.97",
        )
    empty = values.isna() & ~wrong & ~is_unreadable(raw)
    if empty.any():
        findings.table(
            where,
            f"{count(int(empty.sum()), len(raw))} empty",
            findings.rows(table.name, raw[empty]),
            "Give the coordinate of each row",
        )
    return values


def _check_agreement(
    table: Table, frame: pd.DataFrame, named: dict[str, Any], made: gpd.GeoSeries, findings: Findings
) -> None:
    """Refuse a geometry that lies elsewhere than the ``lat`` and ``lon`` beside it."""
    if not {"lat", "lon"} <= set(named) or made.isna().all():
        return
    lat, lon = numbers(frame[named["lat"]])[0], numbers(frame[named["lon"]])[0]
    apart = made.notna() & (((made.y - lat).abs() > 1e-3) | ((made.x - lon).abs() > 1e-3))
    if apart.any():
        seen = (
            lat[apart].map("{:.4f}".format)
            + " / "
            + lon[apart].map("{:.4f}".format)
            + " against "
            + made[apart].y.map("{:.4f}".format)
            + " / "
            + made[apart].x.map("{:.4f}".format)
        )
        findings.table(
            findings.where(table.name, "lat", "lon"),
            f"{count(int(apart.sum()), len(frame), 'row')} elsewhere than the geometry",
            findings.rows(table.name, seen),
            "Drop lat and lon, or mend the geometry",
        )


def _warn_far(table: Table, frame: pd.DataFrame, made: gpd.GeoSeries, findings: Findings) -> None:
    """Refuse points that are not on Earth, swapped, or (but for suppliers abroad) outside North America."""
    some = made[made.notna()]
    lat, lon = some.y, some.x
    bound = pd.Series(True, index=some.index)
    if table.name == "suppliers":
        bound = frame["country"].reindex(some.index).isin(COUNTRIES)
    here = pd.Series(in_north_america(lat.to_numpy(), lon.to_numpy()), index=some.index)
    there = pd.Series(in_north_america(lon.to_numpy(), lat.to_numpy()), index=some.index)
    off = (lat.abs() > 90) | (lon.abs() > 180)
    swapped = (bound & ~here & there) | (off & (lat.abs() <= 180) & (lon.abs() <= 90))
    where = findings.where(table.name, "lat", "lon")
    pairs = pd.Series([f"{a:g} / {b:g}" for a, b in zip(lat, lon, strict=True)], index=some.index, dtype="str")
    if swapped.any():
        inside = int((there & swapped).sum())
        seen = findings.rows(table.name, pairs[swapped])
        findings.table(
            where,
            f"{count(int(swapped.sum()), len(frame), 'point')} with latitude and longitude swapped",
            f"{seen}; {inside} of {int(swapped.sum())} would lie in North America the other way round",
            "Swap the two columns",
        )
    projected = off & ~swapped
    if projected.any():
        findings.table(
            where,
            f"{count(int(projected.sum()), len(frame), 'point')} no degrees",
            findings.rows(table.name, pairs[projected]),
            f"{_cause(lon[projected], lat[projected])}Give degrees; for projected coordinates name the columns "
            "x and y and give files.crs in study.toml, or set the CRS of the geometry",
        )
    outside = bound & ~here & ~swapped & ~projected
    if outside.any():
        findings.table(
            where,
            f"{count(int(outside.sum()), len(frame), 'point')} outside the United States, Canada and Mexico",
            findings.rows(table.name, pairs[outside]),
            f"{_cause(lon[outside], lat[outside])}Check sign and order: latitude is 14 to 84, longitude -180 to -52",
        )


def _cause(lon: pd.Series, lat: pd.Series) -> str:
    """Return the likely cause of points that lie where they cannot, as a sentence; empty where nothing fits."""
    cause = likely_cause(lon.to_numpy(np.float64), lat.to_numpy(np.float64))
    return f"It seems that {cause}. " if cause else ""
