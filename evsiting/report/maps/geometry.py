"""The map's ground: projection, outlines, first view, curved flows and the places between which they run.

Everything here is in kilometres of a Lambert conformal conic projection for North America.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from evsiting.reference import jurisdictions, ports
from evsiting.study.lists import split_list
from evsiting.study.schema.countries import COUNTRIES
from evsiting.study.study import CRS, Study

#: Lambert conformal conic with standard parallels at 22° N and 52° N, in km; scale within 4 % from 15° to 57° N.
MAP_CRS = "+proj=lcc +lat_0=40 +lon_0=-97 +lat_1=22 +lat_2=52 +datum=WGS84 +units=km +no_defs"

#: Jurisdictions that do not widen the first view unless a plant stands there.
REMOTE = ("US-AK", "US-HI", "CA-NU", "CA-NT", "CA-YT")

#: Islands below this are left out of the outlines. [km2]
_ISLAND_KM2 = 250.0
_TOLERANCE_KM = 2.5


@dataclass(frozen=True)
class Box:
    """A rectangle of the map [km]."""

    west: float
    south: float
    east: float
    north: float

    @property
    def width(self) -> float:
        """East-west extent [km]."""
        return self.east - self.west

    @property
    def height(self) -> float:
        """North-south extent [km]."""
        return self.north - self.south

    def holds(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which points lie inside."""
        inside: NDArray[np.bool_] = (x >= self.west) & (x <= self.east) & (y >= self.south) & (y <= self.north)
        return inside


def project(points: gpd.GeoSeries) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return x and y of points on the map [km]."""
    moved = points.to_crs(MAP_CRS)
    return moved.x.to_numpy(np.float64), moved.y.to_numpy(np.float64)


@cache
def _outlines() -> gpd.GeoDataFrame:
    """Return the outlines, projected, simplified together so that neighbours keep their common border."""
    frame = jurisdictions()[["iso", "name", "country", "geometry"]].to_crs(MAP_CRS)
    parts = frame.explode(index_parts=False).reset_index(drop=True)
    area = parts.geometry.area
    parts = parts[(area >= _ISLAND_KM2) | (area >= 0.5 * area.groupby(parts["iso"]).transform("max"))]
    parts["geometry"] = shapely.coverage_simplify(parts.geometry.to_numpy(), _TOLERANCE_KM)
    return parts.dissolve("iso", as_index=False)


def outlines() -> gpd.GeoDataFrame:
    """Return states, provinces and territories for drawing.

    Returns
    -------
    geopandas.GeoDataFrame, 96 rows
        ``iso``, ``name``, ``country`` and polygons in :data:`MAP_CRS`. [km]
    """
    return _outlines().copy()


def places(study: Study) -> pd.DataFrame:
    """Return every site, market and supplier of a study with its position on the map.

    Returns
    -------
    pandas.DataFrame, index: code
        ``kind`` (site, market, supplier), ``name``, ``country``, ``region``, ``x``, ``y`` [km].
    """
    frames = []
    for table, key in (("sites", "site"), ("markets", "market"), ("suppliers", "supplier")):
        frame = study.table(table)
        if not len(frame):
            continue
        x, y = project(frame.geometry)
        code = frame[key].astype(str).to_numpy()
        name = frame["name"].fillna("").astype(str) if "name" in frame else pd.Series("", index=frame.index)
        region = frame["region"].fillna("").astype(str) if "region" in frame else pd.Series("", index=frame.index)
        frames.append(
            pd.DataFrame(
                {
                    "kind": key,
                    "name": np.where(name == "", code, name),
                    "country": frame["country"].fillna("").astype(str).to_numpy(),
                    "region": region.to_numpy(),
                    "x": x,
                    "y": y,
                },
                index=pd.Index(code, name="code"),
            )
        )
    return pd.concat(frames)


def first_view(study: Study, used: set[str], *, margin: float = 0.075) -> Box:
    """Return the part of the continent that a map shows first.

    Parameters
    ----------
    study : Study
        Its sites, markets and suppliers on the continent; the far north, Alaska and Hawaii count only where a plant
        stands.
    used : set of str
        Sites with a plant.
    margin : float
        Empty rim on each side, as a fraction of the extent.

    Returns
    -------
    Box
        At least 400 km in each direction, between 1.05 and 1.7 times as wide as high.
    """
    shown_places = places(study)
    shown_places = shown_places[(shown_places["kind"] != "supplier") | shown_places["country"].isin(COUNTRIES)]
    near = shown_places[~shown_places["region"].isin(REMOTE) | shown_places.index.isin(used)]
    shown = near if len(near) else shown_places
    west, east = float(shown["x"].min()), float(shown["x"].max())
    south, north = float(shown["y"].min()), float(shown["y"].max())
    width, height = (max(400.0, (east - west) * (1 + 2 * margin)), max(400.0, (north - south) * (1 + 2 * margin)))
    width, height = max(width, 1.05 * height), max(height, width / 1.7)
    x, y = (west + east) / 2, (south + north) / 2
    return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


@cache
def _gateways() -> dict[str, tuple[str, str, float, float]]:
    """Return North American sea ports by code and by name in small letters: code, name, x, y."""
    frame = ports()
    frame = frame[frame["role"] == "north_america"]
    x, y = project(frame.geometry)
    rows = list(zip(frame["unlocode"].astype(str), frame["name"].astype(str), x.tolist(), y.tolist(), strict=True))
    return {**{row[1].lower(): row for row in rows}, **{row[0].lower(): row for row in rows}}


def _at_edge(box: Box, x: float, y: float, to_x: float, to_y: float) -> tuple[float, float]:
    """Return where the straight line from (x, y) to a point inside enters the box."""
    line = shapely.LineString([(x, y), (to_x, to_y)]).intersection(
        shapely.box(box.west, box.south, box.east, box.north)
    )
    if line.is_empty:
        return min(max(x, box.west), box.east), min(max(y, box.south), box.north)
    first = shapely.get_coordinates(line)[0]
    return float(first[0]), float(first[1])


def flow_ends(study: Study, lanes: pd.DataFrame, box: Box) -> pd.DataFrame:
    """Return where each lane starts and ends on the map; overseas lanes start at their port of entry.

    Parameters
    ----------
    study : Study
        Positions and suppliers.
    lanes : pandas.DataFrame
        ``origin``, ``destination`` and, where known, ``route``.
    box : Box
        The first view: origins outside it that name no North American port in ``route`` start at its edge.

    Returns
    -------
    pandas.DataFrame, index of ``lanes``
        ``x0``, ``y0``, ``x1``, ``y1`` [km], ``gateway`` (UN/LOCODE of the port of entry; empty: none),
        ``gateway_name``.
    """
    place = places(study)
    start = place.loc[lanes["origin"].astype(str).to_list()]
    end = place.loc[lanes["destination"].astype(str).to_list()]
    x0, y0 = start["x"].to_numpy(copy=True), start["y"].to_numpy(copy=True)
    x1, y1 = end["x"].to_numpy(), end["y"].to_numpy()
    gateway, named = np.full(len(lanes), "", dtype=object), np.full(len(lanes), "", dtype=object)
    far = (start["kind"].to_numpy() == "supplier") & ~(box.holds(x0, y0))
    routes = lanes["route"].fillna("").astype(str).to_numpy() if "route" in lanes else gateway
    for k in np.flatnonzero(far):
        stops = [s.lower() for s in split_list(routes[k])]
        entry = next((_gateways()[s] for s in reversed(stops) if s in _gateways()), None)
        if entry:
            gateway[k], named[k], x0[k], y0[k] = entry
        else:
            x0[k], y0[k] = _at_edge(box, x0[k], y0[k], x1[k], y1[k])
    return pd.DataFrame(
        {"x0": x0, "y0": y0, "x1": x1, "y1": y1, "gateway": gateway, "gateway_name": named}, index=lanes.index
    )


def bow(ends: pd.DataFrame, bend: float = 0.13) -> NDArray[np.float64]:
    """Return the control point of each flow's curve, so that there and back do not lie on each other.

    Returns
    -------
    numpy.ndarray, shape (n, 2)
        Control points of quadratic Bézier curves. [km]
    """
    dx, dy = (ends["x1"] - ends["x0"]).to_numpy(), (ends["y1"] - ends["y0"]).to_numpy()
    x, y = (ends["x0"] + ends["x1"]).to_numpy() / 2, (ends["y0"] + ends["y1"]).to_numpy() / 2
    return np.column_stack([x - bend * dy, y + bend * dx])


def degrees(x: NDArray[np.float64], y: NDArray[np.float64]) -> gpd.GeoSeries:
    """Return points of the map as a GeoSeries in degrees."""
    return gpd.GeoSeries(gpd.points_from_xy(x, y), crs=MAP_CRS).to_crs(CRS)
