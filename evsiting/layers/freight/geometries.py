"""Route geometries of lanes: lines for maps, along rails, through border crossings and over the sea."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from evsiting import reference
from evsiting.errors import InputError, Problem, expect, shown
from evsiting.layers.freight.network import rail_graph, sea_lanes
from evsiting.layers.geo.geodesic import GEOD, Points
from evsiting.study.canonical.points import CRS
from evsiting.study.lists import gateways_on, split_list
from evsiting.study.schema.trade import MODES
from evsiting.study.study import Study

KEY = ["product", "origin", "destination", "mode"]
#: Longest stretch between two vertices. [m]
_STEP_M = 100e3

type Spot = tuple[float, float]
Line = NDArray[np.float64]

#: Where ships pass on the way from Asia westwards to the Atlantic, in that order: longitude and latitude.
WESTWARD: dict[str, tuple[Spot, ...]] = {
    "malacca": ((121.0, 20.0), (109.0, 6.5), (104.2, 1.3), (101.0, 2.8), (95.0, 6.2)),
    "babalmandab": ((52.5, 13.2), (43.3, 12.6)),
    "suez": ((34.5, 26.5), (32.6, 29.8), (32.4, 31.5)),
    "gibraltar": ((19.0, 35.2), (10.9, 37.6), (-5.6, 35.9)),
    "south_africa": ((18.0, -35.5),),
}
#: The Panama Canal, from the Atlantic to the Pacific.
PANAMA: tuple[Spot, ...] = ((-79.9, 9.4), (-79.5, 8.9), (-80.5, 6.8))
#: Off the Pacific coast from Central America to California: a great circle to Asia would run over land.
OFF_MEXICO: tuple[Spot, ...] = ((-95.0, 12.5), (-106.5, 17.5), (-116.5, 26.0))
#: Between the Caribbean and the Atlantic, between the Caribbean and the Gulf, and between the Atlantic and the Gulf.
WINDWARD, YUCATAN, FLORIDA = (-74.2, 20.0), (-85.7, 21.8), (-80.0, 24.6)
#: East of this ports of origin lie in Asia or Australia, west of it in Europe, or in America. [degree]
ASIA, EUROPE = 60.0, -30.0


def route_geometries(study: Study, lanes: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return where lanes run, as lines for maps.

    Roads run along great circles through the crossings of their route. Rails follow the nodes of the rail graph, which
    are up to some hundred kilometres apart, with straight lines to the stations. Sea lanes are drawn through the canals
    and straits that the reference table names: a picture of the way, not a course to steer; their lengths are in the
    table ``lanes``.

    Parameters
    ----------
    study : Study
        Whose sites, markets and suppliers the lanes join.
    lanes : pandas.DataFrame
        Rows of ``study.lanes``, or the shipments of a plan: ``product``, ``origin``, ``destination``, ``mode`` and,
        where it is known, ``route``; without it that of ``study.lanes``. A few thousand at most: lines are long.

    Returns
    -------
    geopandas.GeoDataFrame
        The rows given, on their index, with ``geometry`` in EPSG:4326 and ``drawn`` (rails, crossings or passages: what
        the line follows). Lines that cross the antimeridian are split there. On-site lanes are points that start and
        end at their site.

    Raises
    ------
    InputError
        If a column is missing, or a row names a place that the study does not have or an unknown mode.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("ten-cities")
    >>> lines = ev.route_geometries(study, study.lanes.query("mode == 'rail'").head(3))
    >>> lines.crs.to_epsg(), set(lines["drawn"])
    (4326, {'rails'})
    """
    expect("route_geometries", study=(study, Study), lanes=(lanes, pd.DataFrame))
    if missing := [c for c in KEY if c not in lanes.columns]:
        fix = f"Give {', '.join(KEY)}, as in study.lanes or plan.shipments"
        raise InputError([Problem("route_geometries, lanes", "has no such column", shown(missing), fix)])
    places = _places(study)
    known = set(places.code)
    if lost := sorted({str(c) for end in ("origin", "destination") for c in lanes[end]} - known):
        fix = "Give lanes of this study"
        raise InputError([Problem("route_geometries, lanes", "names places that are not there", shown(lost), fix)])
    odd = ~lanes["mode"].isin(MODES)
    if odd.any():
        fix = f"Give {', '.join(MODES)}"
        seen = shown(lanes.loc[odd, "mode"].map(repr).unique())
        raise InputError([Problem("route_geometries, lanes", f"{int(odd.sum())} modes are unknown", seen, fix)])
    frame = pd.DataFrame(lanes).copy()
    if "route" not in frame.columns:
        known_route = study.lanes.drop_duplicates(KEY).set_index(KEY)["route"] if study.has("lanes") else None
        at = pd.MultiIndex.from_frame(frame[KEY])
        frame["route"] = "" if known_route is None else known_route.reindex(at).to_numpy()
    draw = _Drawing(study, places, frame)
    made = [draw.line(*row) for row in frame[["origin", "destination", "mode", "route"]].itertuples(index=False)]
    shapes = [_split(line) for line, _ in made]
    return gpd.GeoDataFrame(frame.assign(drawn=[how for _, how in made]), geometry=shapes, crs=CRS)


def _places(study: Study) -> Points:
    places = Points.of(study.sites, "site") + Points.of(study.markets, "market")
    return places + Points.of(study.suppliers, "supplier") if study.has("suppliers") else places


class _Drawing:
    """What lines need to know of places, crossings, ports and rails."""

    def __init__(self, study: Study, places: Points, lanes: pd.DataFrame) -> None:
        self.places, self.rails = places, rail_graph()
        self.at = {code: k for k, code in enumerate(places.code)}
        gates, ports = reference.borders().set_index("id"), reference.ports().set_index("unlocode")
        spots = pd.concat([gates[["lon", "lat"]], ports[["lon", "lat"]]])
        self.spot = {str(c): (float(x), float(y)) for c, x, y in spots.itertuples(name=None)}
        self.port_country = ports["country"].to_dict()
        sellers = study.suppliers
        codes = sellers["port"].astype(object) if "port" in sellers else pd.Series(None, sellers.index, dtype=object)
        self.port = {s: str(p) for s, p in zip(sellers["supplier"], codes, strict=True) if pd.notna(p) and p}
        lanes_at_sea = reference.sea_lanes().set_index(["origin", "destination"])["passages"]
        self.passages = lanes_at_sea.fillna("").to_dict()
        sea = sea_lanes()
        self.pacific = dict(zip(sea.ports.code, sea.pacific, strict=True))
        self.paths = self._rail_paths(lanes)

    def _rail_paths(self, lanes: pd.DataFrame) -> dict[tuple[int, int], list[int]]:
        """Return the nodes of every way by rail that is wanted, by its two ends."""
        ends: set[tuple[int, int]] = set()
        for origin, destination, mode, route in lanes[["origin", "destination", "mode", "route"]].itertuples(
            index=False
        ):
            if mode in ("rail", "sea_rail"):
                ends.add(self._stations(origin, destination, mode, route))
        return self.rails.paths(ends)

    def _stations(self, origin: str, destination: str, mode: str, route: object) -> tuple[int, int]:
        start = self.places.take(np.array([self.at[origin]]))
        if mode == "sea_rail":
            code = next((c for c in gateways_on(route) if c in self.port_country), "")
            lon, lat = self.spot.get(code, (start.lon[0], start.lat[0]))
            country = self.port_country.get(code, start.country[0])
            text = [np.array([t], dtype=object) for t in (code, country, "")]
            start = Points(text[0], text[1], text[2], np.array([lon]), np.array([lat]))
        end = self.places.take(np.array([self.at[destination]]))
        return int(self.rails.snap(start)[0][0]), int(self.rails.snap(end)[0][0])

    def line(self, origin: str, destination: str, mode: str, route: object) -> tuple[Line, str]:
        """Return the vertices of one lane, and what they follow."""
        start, end = (self._spot(code) for code in (origin, destination))
        names = [c for c in gateways_on(route) if c in self.spot]
        if mode == "on_site":
            return np.array([start, end]), "crossings"
        if mode == "rail":
            return _curve([start, *self._rails(origin, destination, mode, route), end]), "rails"
        if mode == "road":
            return _curve([start, *(self.spot[c] for c in names), end]), "crossings"
        inland = self._rails(origin, destination, mode, route) if mode == "sea_rail" else []
        return _curve([start, *self._sea(origin, names, by_truck=not inland), *inland, end]), "passages"

    def _spot(self, code: str) -> Spot:
        k = self.at[code]
        return float(self.places.lon[k]), float(self.places.lat[k])

    def _rails(self, origin: str, destination: str, mode: str, route: object) -> list[Spot]:
        nodes = self.paths.get(self._stations(origin, destination, mode, route), [])
        return [self.rails.spot(n) for n in nodes]

    def _sea(self, origin: str, names: list[str], *, by_truck: bool) -> list[Spot]:
        """Return the way of a ship from the port of origin to that of entry and, by truck, over the crossings."""
        ports = [c for c in names if c in self.port_country]
        first = self.port.get(origin)
        if first is None or not ports:
            return [self.spot[c] for c in names]
        entry = ports[0]
        over = list(split_list(self.passages.get((first, entry))))
        rest = [self.spot[c] for c in names if c not in self.port_country and by_truck]
        return [self.spot[first], *self._between(first, entry, over), self.spot[entry], *rest]

    def _between(self, first: str, entry: str, over: list[str]) -> list[Spot]:
        """Return the points between two ports, by the passages on the way."""
        start, end, pacific = self.spot[first], self.spot[entry], self.pacific.get(entry, False)
        gulf = end[0] < -81.5 and end[1] < 31.0
        west = [p for p in OFF_MEXICO if not pacific or p[0] > end[0]]
        if "panama" in over:
            if pacific:
                return [WINDWARD, *PANAMA, *west]
            coast = west[::-1] if start[0] > ASIA else []
            return [*coast, *PANAMA[::-1], YUCATAN if gulf else WINDWARD]
        by = [p for name, points in WESTWARD.items() if name in over for p in points]
        if pacific:
            off = OFF_MEXICO[:0:-1] if start[0] > ASIA and end[1] < 30.0 else ()
            return [*by[::-1], *(p for p in off if p[0] < end[0])]
        return [*by, *([FLORIDA] if gulf else [])]


def _curve(spots: Iterable[Spot]) -> Line:
    """Return a line along great circles through some points, with a vertex at least every :data:`_STEP_M`."""
    every = list(spots)
    points = [p for k, p in enumerate(every) if k == 0 or p != every[k - 1]]
    made: list[Spot] = points[:1]
    for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False):
        steps = int(GEOD.inv(x0, y0, x1, y1)[2] / _STEP_M)
        made += [*(GEOD.npts(x0, y0, x1, y1, steps) if steps else []), (x1, y1)]
    return np.array(made if len(made) > 1 else [*made, *made], dtype=np.float64)


def _split(line: Line) -> Any:
    """Return a line, cut in two where it crosses the antimeridian.

    Examples
    --------
    >>> _split(np.array([[179.0, 50.0], [-179.0, 52.0]])).wkt
    'MULTILINESTRING ((179 50, 180 51), (-180 51, -179 52))'
    """
    jumps = np.flatnonzero(np.abs(np.diff(line[:, 0])) > 180.0)
    if not len(jumps):
        return shapely.LineString(line)
    parts, begin = [], 0
    head: list[Line] = []
    for k in jumps:
        (x0, y0), (x1, y1) = line[k], line[k + 1]
        side = 180.0 if x0 > 0 else -180.0
        share = (side - x0) / (x1 + 2.0 * side - x0)
        lat = y0 + share * (y1 - y0)
        parts.append(np.vstack([*head, line[begin : k + 1], [[side, lat]]]))
        head, begin = [np.array([[-side, lat]])], int(k) + 1
    parts.append(np.vstack([*head, line[begin:]]))
    return shapely.MultiLineString(parts)
