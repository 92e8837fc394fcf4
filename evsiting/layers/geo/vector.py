"""Points, lines and polygons that a user brings: checked with problems by row, measured in kilometres on the ground."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from evsiting.errors import Problems, shown
from evsiting.layers.geo.frames import checked_shapes, split_long_sides, to_crs
from evsiting.layers.geo.geodesic import GEOD
from evsiting.study.canonical.points import CRS
from evsiting.study.lists import join_lists

#: North America Albers equal area conic: what areas are measured in, and grids drawn in. [m]
EQUAL_AREA = "ESRI:102008"

POINTS = ("Point",)
LINES = ("LineString", "MultiLineString")
POLYGONS = ("Polygon", "MultiPolygon")

_METRES_PER_KM = 1000.0
#: Vertices of a circle around a point: its area is 0.02 % below that of the circle.
_CORNERS = 180


def check_layer(frame: object, where: str, kinds: Iterable[str], *, numbers: Iterable[str] = ()) -> gpd.GeoDataFrame:
    """Return a copy of a layer of geometries in degrees, its rows numbered from zero; what is given stays as it is.

    Parameters
    ----------
    frame : object
        What the user gave.
    where : str
        What messages call it.
    kinds : iterable of str
        Kinds of geometries that it may hold; kinds of different dimension must not be mixed.
    numbers : iterable of str
        Columns that must be there and hold finite numbers from zero up.

    Returns
    -------
    geopandas.GeoDataFrame
        In EPSG:4326.

    Raises
    ------
    InputError
        For what is no GeoDataFrame, has no rows, lacks a column, or holds an empty, invalid or foreign geometry or a
        missing, infinite or negative number; each by its row.
    CrsError
        If it says no coordinate reference system, or its coordinates are not of the one it says.
    """
    layer, problems = checked_shapes(frame, where, tuple(kinds)), Problems()
    shapes = np.asarray(layer.geometry.values, dtype=object)
    if len(set(shapely.get_dimensions(shapes).tolist())) > 1:
        seen = shown(sorted(set(layer.geom_type)))
        problems.add(where, "points and areas are mixed", seen, "Give them as layers of their own")
    for column in numbers:
        check_numbers(layer, column, where, problems)
    problems.raise_if_any()
    made = layer.reset_index(drop=True)
    if made.crs != CRS and not made.geom_type.isin(POINTS).all():
        made = made.set_geometry(split_long_sides(made).geometry)
    return to_crs(made, CRS, where)


def check_numbers(frame: pd.DataFrame, column: str, where: str, problems: Problems, *, gaps: bool = False) -> None:
    """Note a column that is missing or holds what is no finite number from zero up; ``gaps`` allows empty cells."""
    place = f"{where}, column {column!r}"
    if column not in frame:
        problems.add(place, "is missing", f"columns: {shown(map(repr, frame.columns), 12)}", "Add it, or rename yours")
        return
    values = pd.to_numeric(frame[column], errors="coerce").astype("float64")
    bad = ~np.isfinite(values) & ~(frame[column].isna() & gaps) | (values < 0.0)
    if bad.any():
        seen = shown([f"row {i}: {v}" for i, v in frame.loc[bad, column].items()], 3)
        fix = "Give finite numbers from zero up" + ("" if gaps else "; drop rows of which nothing is known")
        problems.add(place, f"{int(bad.sum())} of {len(bad)} values are missing, infinite or negative", seen, fix)


def lon_lat(frame: gpd.GeoDataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return longitude and latitude of points. [degree]"""
    return frame.geometry.x.to_numpy(np.float64), frame.geometry.y.to_numpy(np.float64)


def discs(lon: NDArray[np.float64], lat: NDArray[np.float64], radius_km: float) -> NDArray[np.object_]:
    """Return the area within a geodesic distance of each point, in :data:`EQUAL_AREA`. shape (N,)"""
    rings = around(lon, lat, radius_km, _CORNERS)
    move = pyproj.Transformer.from_crs(CRS, EQUAL_AREA, always_xy=True)
    corners = np.stack(move.transform(rings[..., 0], rings[..., 1]), axis=-1)
    return np.asarray(shapely.polygons(corners), dtype=object)


def around(lon: NDArray[np.float64], lat: NDArray[np.float64], radius_km: float, corners: int) -> NDArray[np.float64]:
    """Return longitude and latitude of corners at a geodesic distance around each point. [degree], shape (N, K, 2)

    Examples
    --------
    >>> around(np.array([-90.0]), np.array([0.0]), 111.319, 4).round(2).tolist()
    [[[-90.0, 1.01], [-89.0, 0.0], [-90.0, -1.01], [-91.0, 0.0]]]
    """
    turn = np.tile(np.linspace(0.0, 360.0, corners, endpoint=False), len(lon))
    far = np.full(len(turn), _METRES_PER_KM * radius_km)
    x, y, _ = GEOD.fwd(np.repeat(lon, corners), np.repeat(lat, corners), turn, far)
    return np.column_stack([x, y]).reshape(len(lon), corners, 2)


def sources_of(frame: pd.DataFrame, otherwise: str = "") -> tuple[str, str]:
    """Return what the columns ``source`` and ``year`` of a user's table say, each once, parted by ``;``."""
    return _each(frame, "source") or otherwise, _each(frame, "year")


def _each(frame: pd.DataFrame, column: str) -> str:
    if column not in frame:
        return ""
    cells: list[Any] = frame[column].dropna().tolist()
    texts = [f"{c:g}" if isinstance(c, float) else str(c) for c in cells]
    return join_lists(texts)
