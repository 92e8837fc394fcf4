"""Distances between many places and many places, over the nets of the freight layer."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting import reference
from evsiting.errors import CrsError, DataWarning, InputError, Problem, Problems, TableError, shown
from evsiting.layers.arguments import is_finite
from evsiting.layers.freight.network import rail_graph, sea_lanes
from evsiting.layers.freight.routing.graph import RoadGraph, warn_without_way
from evsiting.layers.freight.routing.road import ROADLESS, Roads
from evsiting.layers.geo.frames import look_swapped
from evsiting.layers.geo.geodesic import Floats, Points, Texts, great_circle_km
from evsiting.layers.geo.places import nearest_region
from evsiting.layers.geo.vector import lon_lat
from evsiting.layers.parameters import CHOICES
from evsiting.study.canonical.points import CRS
from evsiting.study.canonical.territory import METRIC_CRS, km_from, likely_cause
from evsiting.study.schema.countries import COUNTRIES

type Mode = Literal["road", "rail", "sea"]
MODES: tuple[str, ...] = get_args(Mode.__value__)

#: Farthest that a place may lie from the port whose sea distance it takes. [km]
PORT_REACH_KM = 300.0
#: Points farther than this from the region or country that they are said to be in are refused. [km]
_ASTRAY_KM = 100.0
_MATRICES = ("km", "total_km", "hours", "crossings")
#: Large islands that no road or bridge reaches, only ferries: region, and a point on each. [degree]
FERRY_ISLANDS = {
    "Newfoundland": ("CA-NL", -56.0, 48.8),
    "Vancouver Island": ("CA-BC", -125.5, 49.6),
    "Cozumel": ("MX-ROO", -86.92, 20.42),
}


@dataclass(frozen=True, repr=False)
class Distances:
    """Distances from N origins to M destinations by one mode.

    Parameters
    ----------
    mode : str
        road, rail or sea.
    km : numpy.ndarray, shape (N, M)
        Length on the net, infinite where there is no way. [km]
    hours : numpy.ndarray, shape (N, M), optional
        Time under way by the package's speeds and waits at borders; by road with a day's stretch of a truck, by rail
        with line haul but no terminal. [h]
    origin_gap_km, destination_gap_km : numpy.ndarray, shape (N,) and (M,)
        Great circle from each place to where it joins the net, and back; no part of ``km``. Zero on straight roads.
        [km]
    code : numpy.ndarray of int, shape (N, M)
        Index into ``crossings``.
    crossings : numpy.ndarray of object
        Border crossings on the way from origin to destination, parted by ``;``.
    origins, destinations : pandas.Index
        Index of the frames given.

    Examples
    --------
    >>> import evsiting as ev, geopandas as gpd
    >>> towns = gpd.GeoSeries.from_xy(
    ...     [-83.05, -101.0], [42.33, 25.42], index=["Detroit", "Saltillo"], crs=4326
    ... )
    >>> ways = ev.distances(towns, mode="road")
    >>> ways.mode, ways.km.shape
    ('road', (2, 2))
    """

    mode: str
    km: Floats
    hours: Floats
    origin_gap_km: Floats
    destination_gap_km: Floats
    code: NDArray[np.int32]
    crossings: Texts
    origins: pd.Index
    destinations: pd.Index

    @property
    def total_km(self) -> Floats:
        """Length with the gaps at both ends, shape (N, M); nothing from a place to itself. [km]."""
        total = np.asarray(self.km + self.origin_gap_km[:, None] + self.destination_gap_km[None, :])
        if self.origins is self.destinations:
            np.fill_diagonal(total, 0.0)
        return total

    def frame(self, what: Literal["km", "total_km", "hours", "crossings"] = "km") -> pd.DataFrame:
        """Return one of the matrices with the index of the origins and, as columns, that of the destinations.

        Raises
        ------
        InputError
            If there is no such matrix.
        """
        if what not in _MATRICES:
            fix = f"Choose from {', '.join(_MATRICES)}"
            raise InputError([Problem("Distances.frame, what", "is unknown", repr(what), fix)])
        values = self.crossings[self.code] if what == "crossings" else getattr(self, what)
        return pd.DataFrame(values, index=self.origins, columns=self.destinations)

    def __repr__(self) -> str:
        ok = np.isfinite(self.km)
        span = f", {self.km[ok].min():,.0f} to {self.km[ok].max():,.0f} km" if ok.any() else ""
        return f"Distances by {self.mode} ({len(self.origins)} x {len(self.destinations)}, {int(ok.sum())} ways{span})"


def distances(
    origins: gpd.GeoDataFrame | gpd.GeoSeries,
    destinations: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    *,
    mode: Mode = "road",
    road: RoadGraph | None = None,
    reach_km: float | None = None,
) -> Distances:
    """Return the distance from every origin to every destination.

    Parameters
    ----------
    origins, destinations : geopandas.GeoDataFrame or GeoSeries
        Points in any CRS; they are not changed. Columns ``country`` (US, CA, MX) and ``region`` (ISO 3166-2) are used
        where they stand, else found from the points. The origins again where ``destinations`` is left out.
    mode : {"road", "rail", "sea"}
        ``road``: great circle times circuity through the truck crossing that makes the way shortest, or shortest paths
        over ``road``. ``rail``: shortest paths between the nearest stations of each place's own country.
        ``sea``: from the nearest port of origin overseas to the nearest port of North America.
    road : RoadGraph, optional
        A road net of your own.
    reach_km : float, optional
        Places farther than this from the net have no way: 100 km by rail, that of ``road``, 300 km to a port. [km]

    Returns
    -------
    Distances
        Frozen; on the index of the frames.

    Raises
    ------
    InputError
        If a frame is empty, has no CRS or holds no points, or a place lies in none of the three countries and the mode
        needs it there; all problems at once.

    Warns
    -----
    DataWarning
        Once for all places without a way: off the net, with their gaps, or in Alaska, Hawaii or Nunavut, to which no
        road of the package leads. Once for pairs of places between which ``road`` knows no way. Once for places on
        islands that only ferries reach (Newfoundland, Vancouver Island, Cozumel), where straight roads lead over the
        water.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import evsiting as ev
    >>> towns = gpd.GeoSeries.from_xy(
    ...     [-83.05, -101.0], [42.33, 25.42], index=["Detroit", "Saltillo"], crs=4326
    ... )
    >>> ev.distances(towns, mode="rail").frame("total_km").round(-1)
              Detroit  Saltillo
    Detroit       0.0    2960.0
    Saltillo   2960.0       0.0
    """
    if mode not in MODES:
        fix = f"Choose from {', '.join(MODES)}"
        raise InputError([Problem("distances, mode", "is unknown", repr(mode), fix)])
    if road is not None and (mode != "road" or not isinstance(road, RoadGraph)):
        fix = "Give what evsiting.road_graph returns, with mode='road'"
        raise InputError([Problem("distances, road", "is no road graph of this mode", type(road).__name__, fix)])
    problems = Problems()
    if reach_km is not None and not is_finite(reach_km, 0.0):
        problems.add("distances, reach_km", "is no distance", repr(reach_km), "Give km from 0 up")
        problems.raise_if_any()
    start, here = _points(origins, "origins", problems, abroad=mode == "sea")
    end, there = (start, here) if destinations is None else _points(destinations, "destinations", problems)
    problems.raise_if_any(TableError)
    if mode == "sea":
        return _by_sea(start, end, here, there, PORT_REACH_KM if reach_km is None else reach_km)
    if mode == "rail":
        return _by_rail(start, end, here, there, CHOICES["freight.rail.reach"][0] if reach_km is None else reach_km)
    return _by_road(start, end, here, there, road, reach_km)


def _points(frame: Any, name: str, problems: Problems, *, abroad: bool = False) -> tuple[Points, pd.Index]:
    """Return the points of a frame in degrees, with country and region, and its index."""
    where = f"distances, {name}"
    nobody = Points(*(np.empty(0, dtype=object),) * 3, np.empty(0), np.empty(0))
    if not isinstance(frame, gpd.GeoDataFrame | gpd.GeoSeries):
        problems.add(where, "is no frame of points", f"a {type(frame).__name__}", "Give a GeoDataFrame or GeoSeries")
        return nobody, pd.Index([])
    if isinstance(frame, gpd.GeoDataFrame) and frame._geometry_column_name not in frame.columns:
        problems.add(where, "has no geometry", shown(map(str, frame.columns)), "Set one with frame.set_geometry(...)")
        return nobody, frame.index
    shape = frame.geometry
    if shape.crs is None:
        fix = "Call frame.set_crs('EPSG:...') with the one it is in; degrees are EPSG:4326"
        raise CrsError([Problem(where, "has no coordinate reference system", "crs is None", fix)])
    bad = (shape.isna() | shape.is_empty | (shape.geom_type != "Point")).to_numpy()
    if not len(shape) or bad.any():
        seen = shown(frame.index[bad]) if len(shape) else "0 rows"
        problems.add(where, f"{int(bad.sum())} of {len(shape)} rows hold no point", seen, "Give one point a row")
        return nobody, frame.index
    flat = gpd.GeoDataFrame(geometry=shape.to_crs(CRS).to_numpy(), crs=CRS)
    x, y = lon_lat(flat)
    wild = ~(np.isfinite(x) & (np.abs(x) <= 360.0) & (np.abs(y) <= 90.0)) | look_swapped(x, x, y)
    if wild.any():
        what = f"{int(wild.sum())} of {len(flat)} points lie outside what their CRS covers, or off any shore"
        seen = shown(f"{i}: x {a:g}, y {b:g}" for i, a, b in zip(frame.index[wild], x[wild], y[wild], strict=True))
        problems.add(where, what, seen, "Check the CRS, and that longitude and latitude are not swapped")
        return nobody, frame.index
    country, region = (_column_or_none(frame, column) for column in ("country", "region"))
    country = country.where(country.notna(), region.str[:2])
    odd = country.notna() & ~country.isin(COUNTRIES) & (not abroad)
    odd |= country.isin(COUNTRIES) & region.notna() & ~region.isin(reference.jurisdictions()["iso"])
    if odd.any():
        pairs = zip(frame.index[odd], country[odd].fillna("none"), region[odd].fillna("none"), strict=True)
        seen = shown(f"{i}: country {c}, region {r}" for i, c, r in pairs)
        fix = "Write US, CA, MX and ISO 3166-2 codes such as US-TN, or leave the columns out"
        problems.add(f"{where}, country and region", f"{int(odd.sum())} of {len(flat)} are unknown", seen, fix)
        return nobody, frame.index
    torn = country.isin(COUNTRIES) & region.notna() & (region.str[:2] != country)
    if torn.any():
        seen = shown(f"{i}: {c}, {r}" for i, c, r in zip(frame.index[torn], country[torn], region[torn], strict=True))
        fix = "Correct one of them"
        problems.add(where, f"{int(torn.sum())} of {len(flat)} regions are of another country", seen, fix)
        return nobody, frame.index
    place = region.where(region.notna(), country).where(country.isin(COUNTRIES), "").fillna("")
    far = km_from(place, (x + 180.0) % 360.0 - 180.0, y)
    off = far > _ASTRAY_KM
    if off.any():
        seen = shown(
            f"{i}: {d:,.0f} km from {p}" for i, d, p in zip(frame.index[off], far[off], place[off], strict=True)
        )
        cause = likely_cause(x[off], y[off], place[off])
        what = (
            f"{int(off.sum())} of {len(flat)} points lie more than {_ASTRAY_KM:g} km from the region or country given"
        )
        problems.add(where, what, seen, f"{f'It seems that {cause}. ' if cause else ''}Correct the point or the place")
        return nobody, frame.index
    known = country.where(country.isin(COUNTRIES))
    inside = (country.isna() | country.isin(COUNTRIES)) & region.isna()
    reach = CHOICES["places.reach"][0]
    region = region.where(~inside, nearest_region(flat, known, reach))
    country = country.where(country.notna(), region.str[:2])
    lost = country.isna().to_numpy()
    if lost.any() and not abroad:
        what = f"{int(lost.sum())} of {len(flat)} points lie more than {reach:g} km from every state and province"
        fix = "Check that lat and lon are not swapped, or give the columns country and region, as for small islands"
        problems.add(where, what, shown(frame.index[lost]), fix)
    texts = [np.asarray(c.where(c.notna(), ""), dtype=object) for c in (country, region)]
    code = np.array([str(i) for i in frame.index], dtype=object)
    lon, lat = flat.geometry.x.to_numpy(np.float64), flat.geometry.y.to_numpy(np.float64)
    return Points(code, texts[0], texts[1], lon, lat), frame.index


def _column_or_none(frame: Any, column: str) -> pd.Series[Any]:
    if isinstance(frame, gpd.GeoSeries) or column not in frame:
        return pd.Series(None, index=range(len(frame)), dtype=object)
    values = pd.Series(frame[column].astype(object).to_numpy(), dtype=object)
    return values.where(values.notna() & (values != ""), None)


def _by_road(
    start: Points, end: Points, here: pd.Index, there: pd.Index, road: RoadGraph | None, reach_km: float | None
) -> Distances:
    wait = {c: reference.parameter(f"freight.border.delay_us_{c.lower()}").value for c in ("CA", "MX")}
    straight = Roads.of(reference.borders(), reference.parameter("freight.road.circuity").value, wait)
    per_h = reference.parameter("freight.truck.distance_per_day").value / 24.0
    if road is None:
        one = straight.matrix(start, end)
        _warn_roadless(straight, start, end, here, there)
        _warn_ferries(start, end, here, there)
        none = (np.zeros(len(start)), np.zeros(len(end)))
        return Distances("road", one.km, one.km / per_h + one.border_h, *none, one.code, one.routes, here, there)
    net = road.net_matrix(start, end, straight, reach_km=reach_km)
    reach = road.reach_km if reach_km is None else reach_km
    _warn_far("node of the road graph", reach, (here, net.head_km), (there, net.tail_km))
    near = (net.head_km <= reach)[:, None] & (net.tail_km <= reach)[None, :]
    warn_without_way("distances", (here, there), near & ~np.isfinite(net.km), stacklevel=4)
    drive = net.km / per_h if net.minutes is None else np.maximum(net.km / per_h, net.minutes / 60.0)
    hours = drive + net.wait_h[net.code]
    return Distances("road", net.km, hours, net.head_km, net.tail_km, net.code, net.routes, here, there)


def _by_rail(start: Points, end: Points, here: pd.Index, there: pd.Index, reach_km: float) -> Distances:
    rail = rail_graph().matrix(start, end, reach_km=reach_km, same_station=True)
    _warn_far("station of the rail graph in their country", reach_km, (here, rail.head_km), (there, rail.tail_km))
    hours = rail.km / reference.parameter("freight.rail.line_haul_speed").value
    return Distances("rail", rail.km, hours, rail.head_km, rail.tail_km, rail.code, rail.routes, here, there)


def _by_sea(start: Points, end: Points, here: pd.Index, there: pd.Index, reach_km: float) -> Distances:
    sea = sea_lanes()
    ports = reference.ports().set_index("unlocode").loc[list(sea.origins)]
    away = great_circle_km(start.lon[:, None], start.lat[:, None], ports["lon"].to_numpy(), ports["lat"].to_numpy())
    inland = end.km_to(sea.ports)
    first, last = away.argmin(axis=1), inland.argmin(axis=1)
    head, tail = away.min(axis=1), inland.min(axis=1)
    _warn_far("port with sea lanes", reach_km, (here, head), (there, tail))
    near = (head <= reach_km)[:, None] & (tail <= reach_km)[None, :]
    km = np.where(near, sea.km[np.ix_(first, last)], np.inf)
    hours = km / reference.parameter("freight.sea.speed").value
    pair = first[:, None] * len(sea.ports) + last[None, :]
    names = [f"{a};{b}" for a in sea.origins for b in sea.ports.code]
    return Distances("sea", km, hours, head, tail, pair.astype(np.int32), np.array(names, dtype=object), here, there)


def _warn_roadless(roads: Roads, start: Points, end: Points, here: pd.Index, there: pd.Index) -> None:
    """Warn of places in regions to which no road of the package leads."""
    off = {
        f"{name} ({region})": None
        for places, index in ((start, here), (end, there))
        for name, region, reached in zip(index, places.region, roads.reached(places), strict=True)
        if not reached
    }
    if off:
        reason = f"{', '.join(ROADLESS)} have roads among themselves only; a lane goes there over a port"
        warnings.warn(f"distances by road: no road leads to {shown(off)}. {reason}.", DataWarning, stacklevel=4)


def _warn_ferries(start: Points, end: Points, here: pd.Index, there: pd.Index) -> None:
    """Warn of places on islands to which straight roads lead over the water; not of an island by itself."""
    ends = [(index, _islands(places)) for places, index in ((start, here), (end, there))]
    if len({island for _, islands in ends for island in islands}) > 1:
        over = {f"{n} ({i})": None for index, islands in ends for n, i in zip(index, islands, strict=True) if i}
        reason = "The way there is reckoned as a road over the water, without the hours and the fare of the ferry"
        warnings.warn(f"distances by road: no bridge leads to {shown(over)}. {reason}.", DataWarning, stacklevel=4)


def _islands(places: Points) -> Texts:
    """Return the island of :data:`FERRY_ISLANDS` on which each place lies; empty elsewhere."""
    island = np.full(len(places), "", dtype=object)
    for name, (region, lon, lat) in FERRY_ISLANDS.items():
        mine = np.flatnonzero(places.region == region)
        if len(mine):
            part = _part(region, np.r_[lon, places.lon[mine]], np.r_[lat, places.lat[mine]])
            island[mine[part[1:] == part[0]]] = name
    return island


def _part(region: str, lon: Floats, lat: Floats) -> NDArray[np.int64]:
    """Return the part of a region's outline to which each point is nearest."""
    table = reference.jurisdictions()
    shape = table.loc[table["iso"] == region, "geometry"].to_crs(METRIC_CRS).explode(index_parts=False)
    spots = gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs=CRS).to_crs(METRIC_CRS)
    return np.asarray(shape.sindex.nearest(spots, return_all=False)[1], dtype=np.int64)


def _warn_far(what: str, reach_km: float, *ends: tuple[pd.Index, Floats]) -> None:
    """Warn once of places that lie too far from a net, with their gaps."""
    far = {
        f"{name}: {gap:.0f} km": None
        for index, gaps in ends
        for name, gap in zip(index, gaps, strict=True)
        if gap > reach_km
    }
    if far:
        message = f"distances: {len(far)} places lie more than {reach_km:g} km from every {what} and have no way"
        warnings.warn(f"{message} ({shown(far)}). Raise reach_km, or choose another mode.", DataWarning, stacklevel=4)
