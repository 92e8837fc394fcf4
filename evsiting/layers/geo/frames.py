"""Check GeoDataFrames from users once, and measure on a projected copy; the original is never changed."""

from __future__ import annotations

import warnings
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from evsiting.errors import CrsError, DataWarning, Problem, Problems, TableError, shown
from evsiting.layers.geo.geodesic import geodesic_km
from evsiting.study.canonical.points import ALEUTIANS, CRS, LATITUDES, LONGITUDES, crs_fault, in_north_america
from evsiting.study.canonical.territory import METRIC_CRS, likely_cause, nearest


def checked_sites(sites: object, where: str = "sites") -> gpd.GeoDataFrame:
    """Return a copy of a table of sites with its points in EPSG:4326, rows and index as given.

    Parameters
    ----------
    sites : geopandas.GeoDataFrame
        A column ``site`` with unique codes and one point a row, in any coordinate reference system.
    where : str
        What messages call the frame.

    Returns
    -------
    geopandas.GeoDataFrame
        The same rows in the same order, in EPSG:4326.

    Raises
    ------
    CrsError
        If the reference system is missing, the coordinates are not of it, or points lie outside North America.
    TableError
        If the frame is empty, has no codes, repeats one, or a row has no single point.
    """
    frame = _frame(sites, where)
    problems = _geometry_problems(frame, where, ("Point",))
    if "site" not in frame:
        problems.add(where, "has no column 'site'", shown(map(str, frame.columns)), "Give each row a code")
    elif frame["site"].isna().any() or frame["site"].duplicated().any():
        bad = frame.loc[frame["site"].isna() | frame["site"].duplicated(keep=False), "site"]
        problems.add(
            f"{where}, column 'site'", "codes are missing or occur twice", shown(bad), "Give each row its own code"
        )
    if not frame.index.is_unique:
        twice = frame.index[frame.index.duplicated()]
        problems.add(where, "the index labels rows twice", shown(twice), "Use frame.reset_index(drop=True)")
    problems.raise_if_any(TableError)
    made = to_crs(frame, CRS, where)
    lon, lat = made.geometry.x.to_numpy(np.float64), made.geometry.y.to_numpy(np.float64)
    off = ~in_north_america(lat, (lon + 180.0) % 360.0 - 180.0)
    if off.any():
        cause = likely_cause(lon[off], lat[off])
        what = f"{int(off.sum())} of {len(frame)} points lie outside the United States, Canada and Mexico"
        fix = f"{f'It seems that {cause}. ' if cause else ''}Check the coordinates, and the CRS they are said to be in"
        raise CrsError([Problem(where, what, _rows(frame, pd.Series(off)), fix)])
    return made


def checked_shapes(layer: object, where: str, kinds: tuple[str, ...] = ()) -> gpd.GeoDataFrame:
    """Return a layer as it is, after the checks that measuring on it needs.

    Parameters
    ----------
    layer : geopandas.GeoDataFrame or geopandas.GeoSeries
        Points, lines or polygons in any coordinate reference system.
    where : str
        What messages call it.
    kinds : tuple of str
        Geometry types that it may hold; any where empty.

    Returns
    -------
    geopandas.GeoDataFrame
        The layer in its own reference system.

    Raises
    ------
    CrsError
        If the reference system is missing, or the coordinates are not of it.
    TableError
        If the layer is empty, or a geometry is missing, empty, invalid or of another type.
    """
    frame = layer.to_frame("geometry") if isinstance(layer, gpd.GeoSeries) else layer
    frame = _frame(frame, where)
    _geometry_problems(frame, where, kinds).raise_if_any(TableError)
    return frame


def to_crs(frame: gpd.GeoDataFrame, crs: str, where: str) -> gpd.GeoDataFrame:
    """Return a copy in another reference system; a point that it cannot hold is an error.

    Raises
    ------
    CrsError
        If a coordinate is not finite afterwards.
    """
    made = frame.copy() if frame.crs == pyproj.CRS.from_user_input(crs) else frame.to_crs(crs)
    lost = ~np.isfinite(made.geometry.bounds.to_numpy(np.float64)).all(axis=1)
    if lost.any():
        fix = "Check the coordinates and the reference system that they are said to be in"
        seen = shown(frame.index[lost].map(str))
        raise CrsError([Problem(where, f"{int(lost.sum())} geometries lie outside {crs}", f"rows {seen}", fix)])
    return made


def nearest_km(sites: gpd.GeoDataFrame, layer: gpd.GeoDataFrame, *, where: str = "layer") -> pd.Series[float]:
    """Return the distance from each site to the nearest geometry of a layer; zero inside a polygon.

    The nearest one is sought in a conformal plane of North America, the way to it is measured on the ellipsoid.

    Parameters
    ----------
    sites : geopandas.GeoDataFrame
        Column ``site`` and points, in any coordinate reference system.
    layer : geopandas.GeoDataFrame or geopandas.GeoSeries
        Points, lines or polygons in North America, in any coordinate reference system.
    where : str
        What messages call the layer.

    Returns
    -------
    pandas.Series
        Distance on the index of ``sites``. [km]

    Raises
    ------
    InputError
        If either frame is empty, without reference system, or holds missing or invalid geometries.

    Examples
    --------
    >>> from evsiting import candidates, reference
    >>> cities = candidates(places=["US-TN"])
    >>> km = nearest_km(cities, reference.ports())
    >>> km.index.equals(cities.index), bool(km.min() > 0)
    (True, True)
    """
    points = checked_sites(sites).geometry
    shapes = to_crs(split_long_sides(checked_shapes(layer, where)), METRIC_CRS, where).geometry.reset_index(drop=True)
    flat = points.to_crs(METRIC_CRS)
    at, hit = shapes.sindex.nearest(flat, return_all=False)
    ways = shapely.shortest_line(flat.to_numpy()[at], shapes.to_numpy()[hit])
    ends = gpd.GeoSeries(shapely.get_point(ways, 1), crs=METRIC_CRS).to_crs(CRS)
    from_x, from_y = points.x.to_numpy()[at], points.y.to_numpy()[at]
    way_km = geodesic_km(from_x, from_y, ends.x.to_numpy(), ends.y.to_numpy())
    touching = shapely.length(ways) == 0.0  # there and back through the plane leaves a hair's breadth
    km = pd.Series(np.where(touching, 0.0, way_km), index=points.index[at], name="nearest_km")
    return km.reindex(points.index)


def split_long_sides(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a layer with long sides split: what is straight in one reference system is bent in another."""
    unit = float(layer.crs.axis_info[0].unit_conversion_factor)  # to radians or metres
    longest = np.radians(0.1) / unit if layer.crs.is_geographic else 10_000.0 / unit
    return gpd.GeoDataFrame(geometry=layer.geometry.segmentize(longest), crs=layer.crs)


def _frame(frame: object, where: str) -> gpd.GeoDataFrame:
    problems = Problems()
    if not isinstance(frame, gpd.GeoDataFrame):
        fix = "Give one: geopandas.read_file(...), or GeoDataFrame(frame, geometry=..., crs=...)"
        problems.add(where, "is no GeoDataFrame", f"it is a {type(frame).__name__}", fix)
    elif frame._geometry_column_name not in frame.columns:
        problems.add(where, "has no geometry", shown(map(str, frame.columns)), "Set one with frame.set_geometry(...)")
    elif not len(frame):
        problems.add(where, "is empty", "0 rows", "Give at least one row, or leave the step out")
    problems.raise_if_any(TableError)
    return frame


def _geometry_problems(frame: gpd.GeoDataFrame, where: str, kinds: tuple[str, ...]) -> Problems:
    """Note what is wrong with the geometry; a reference system that cannot be used is raised at once."""
    problems = Problems()
    shapes = frame.geometry
    none = shapes.isna() | shapes.is_empty
    if none.any():
        fix = "Drop these rows, or give their geometry"
        problems.add(
            where, f"{int(none.sum())} of {len(frame)} geometries are missing or empty", _rows(frame, none), fix
        )
    wrong = ~none & ~shapes.geom_type.isin(kinds) if kinds else none & False
    if wrong.any():
        seen = f"{_rows(frame, wrong)}: {shown(shapes.geom_type[wrong].unique())}"
        problems.add(
            where, f"geometries are not of type {' or '.join(kinds)}", seen, "Give one of that type for each row"
        )
    broken = ~none & ~shapes.is_valid
    if broken.any():
        why = shapely.is_valid_reason(shapes[broken].iloc[0])
        seen = f"{_rows(frame, broken)}; the first: {why}"
        fix = "Mend them: frame.geometry = frame.make_valid(), and look at what it made"
        problems.add(where, f"{int(broken.sum())} of {len(frame)} geometries are invalid", seen, fix)
    if frame.crs is None:
        raise CrsError(
            [*problems.entries, Problem(where, "has no coordinate reference system", "crs is None", _SET_CRS)]
        )
    if fault := crs_fault(frame.crs):
        seen, what = f"{frame.crs.name[:60]!r}: {fault}", "has a coordinate reference system (CRS) that cannot be used"
        raise CrsError([*problems.entries, Problem(where, what, seen, _SET_CRS)])
    wide = none & False
    if frame.crs.is_geographic and not none.all():
        wide = pd.Series(_are_uncut(np.asarray(shapes.values, dtype=object)), index=shapes.index)
        box = shapes.bounds[(~none).to_numpy()]
        off = (box[["minx", "maxx"]].abs().max(axis=1) > 360.0) | (box[["miny", "maxy"]].abs().max(axis=1) > 90.0)
        if off.any():
            what = f"{int(off.sum())} of {len(frame)} geometries are not in degrees, as {frame.crs.to_string()} is"
            fix = "Bring all rows into one reference system, x the longitude and y the latitude"
            raise CrsError([*problems.entries, Problem(where, what, _rows(frame[~none], off), fix)])
        turned = look_swapped(*(box[c].to_numpy() for c in ("minx", "maxx", "maxy")))
        if turned.any():
            what = f"longitude and latitude look swapped in {int(turned.sum())} of {len(frame)} geometries"
            first = box[turned].iloc[0]
            seen = f"{_rows(frame[~none], pd.Series(turned))}; the first at x {first['minx']:g}, y {first['miny']:g}"
            raise CrsError([*problems.entries, Problem(where, what, seen, _SWAPPED)])
    if wide.any():
        what = f"{int(wide.sum())} of {len(frame)} geometries are wider than 180 degrees, the long way round the Earth"
        fix = "Cut them at 180 degrees into parts on both sides, or let longitudes run on beyond it (172 to 185)"
        problems.add(where, what, _rows(frame, wide), fix)
    return problems


def _are_uncut(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return which shapes have a part wider than 180 degrees: one that crosses 180 without being cut there.

    Examples
    --------
    >>> uncut = shapely.Polygon([(172, 50), (-175, 50), (-175, 53), (172, 53)])
    >>> cut = shapely.MultiPolygon([shapely.box(172, 50, 180, 53), shapely.box(-180, 50, -175, 53)])
    >>> _are_uncut(np.array([uncut, cut])).tolist()
    [True, False]
    """
    west, _, east, _ = shapely.bounds(shapes).T
    made = np.asarray(east - west > 180.0)
    for k in np.flatnonzero(made):
        box = shapely.bounds(shapely.get_parts(shapes[k]))
        made[k] = bool((box[:, 2] - box[:, 0] > 180.0).any())
    return made


def look_like_degrees(shapes: gpd.GeoSeries) -> NDArray[np.bool_]:
    """Return which shapes of a projected reference system lie where North America does in degrees.

    Examples
    --------
    >>> look_like_degrees(
    ...     gpd.GeoSeries([shapely.Point(-90, 35), shapely.Point(5e5, 1e6)], crs=5070)
    ... ).tolist()
    [True, False]
    """
    box = shapes.bounds.to_numpy(np.float64)
    west, south, east, north = box.T
    inside = (west >= -180.0) & (east <= 180.0) & (south >= -90.0) & (north <= 90.0)
    return np.asarray(inside & in_north_america(0.5 * (south + north), 0.5 * (west + east)))


def warn_of_elsewhere(frame: gpd.GeoDataFrame | gpd.GeoSeries, where: str, *, stacklevel: int) -> None:
    """Warn of a layer of which no shape reaches into the box around the three countries, or whose CRS cannot be."""
    shapes, crs = frame.geometry, frame.crs
    box = shapes.bounds
    if not crs.is_geographic:
        odd = look_like_degrees(shapes)
        if odd.any():
            text = f"{where}: {int(odd.sum())} of {len(box)} geometries look like degrees"
            reason = f"but the layer is said to be in {crs.to_string()}, which has none"
            warnings.warn(
                f"{text}, {reason}. Check the CRS: degrees are EPSG:4326.", DataWarning, stacklevel=stacklevel
            )
        box = shapes.to_crs(CRS).bounds
    west, east = box["minx"].to_numpy(), box["maxx"].to_numpy()
    near = (box["maxy"].to_numpy() >= LATITUDES[0]) & (box["miny"].to_numpy() <= LATITUDES[1])
    here = [(west + turn <= LONGITUDES[1]) & (east + turn >= LONGITUDES[0]) for turn in (0.0, 360.0, -360.0)]
    if not (near & (np.any(here, axis=0) | (east >= ALEUTIANS))).any():
        inner = gpd.GeoSeries(shapes.representative_point(), crs=crs).to_crs(CRS)
        cause = likely_cause(inner.x.to_numpy(np.float64), inner.y.to_numpy(np.float64))
        fix = f"{f'It seems that {cause}. ' if cause else ''}Check the coordinates, and the CRS they are said to be in"
        text = f"{where}: none of its geometries is near the United States, Canada or Mexico"
        warnings.warn(f"{text}. {fix}.", DataWarning, stacklevel=stacklevel)


def check_on_land(frame: gpd.GeoDataFrame, where: str, what: str, *, stacklevel: int, reach_km: float = 50.0) -> None:
    """Tell of shapes on no land of the three countries; refuse where they are most of them.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        Shapes in any coordinate reference system.
    where, what : str
        What messages call the frame, and its rows.
    stacklevel : int
        As for :func:`warnings.warn`.
    reach_km : float
        Shapes farther than this from every state, province and territory are told. [km]

    Raises
    ------
    CrsError
        If they are more than half of the shapes.

    Warns
    -----
    DataWarning
        If they are some.
    """
    inner = gpd.GeoSeries(frame.geometry.representative_point(), crs=frame.crs).to_crs(CRS)
    lon, lat = inner.x.to_numpy(np.float64), inner.y.to_numpy(np.float64)
    lon = np.where(np.abs(lon) > 180.0, (lon + 180.0) % 360.0 - 180.0, lon)  # some layers run from 0 to 360 degrees
    off = pd.Series(nearest(lon, lat)[1] > reach_km, index=frame.index)
    if not off.any():
        return
    bad = off.to_numpy()
    cause = likely_cause(lon[bad], lat[bad])
    labels = frame["id"] if "id" in frame else frame.index.to_series()
    at = zip(labels[bad], lat[bad], lon[bad], strict=True)
    seen = shown([*(f"{n}: {y:.6g}, {x:.6g}" for n, y, x in list(at)[:3]), *[""] * (int(bad.sum()) - 3)], 3)
    are = f"{what} is" if bad.sum() == 1 == len(frame) else f"{what}s {'is' if bad.sum() == 1 else 'are'}"
    text = f"{int(bad.sum())} of {len(frame)} {are} on no land of the United States, Canada and Mexico"
    crs = "" if frame.crs == CRS else f", and whether they are in {frame.crs.to_string()}, as they say"
    fix = f"{f'It seems that {cause}. ' if cause else ''}Check the coordinates{crs}"
    if bad.mean() > 0.5:
        raise CrsError([Problem(where, text, seen, fix)])
    warnings.warn(f"{where}: {text} ({seen}). {fix}.", DataWarning, stacklevel=stacklevel)


def look_swapped(west: NDArray[np.float64], east: NDArray[np.float64], north: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which boxes lie in the far south where North America falls if x and y change places. [degree]

    Examples
    --------
    >>> here, there = np.array([-83.05]), np.array([42.33])
    >>> look_swapped(there, there, here).tolist(), look_swapped(here, here, there).tolist()
    ([True], [False])
    """
    return np.asarray((west >= 14.0) & (east <= 84.0) & (north <= -52.0))


_SWAPPED = "Let x be the longitude and y the latitude, as in points_from_xy(frame['lon'], frame['lat'])"
_SET_CRS = "Say what the coordinates are in: frame.set_crs('EPSG:...')"


def _rows(frame: gpd.GeoDataFrame, bad: pd.Series[Any]) -> str:
    """Return the codes, or the labels, of some rows."""
    labels = frame["site"] if "site" in frame else frame.index.to_series()
    return f"rows {shown(labels[bad.to_numpy(bool)])}"
