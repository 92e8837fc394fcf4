"""Every distance that the freight layer needs, worked out once for all products."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from evsiting import reference
from evsiting.errors import Problems, shown
from evsiting.layers.rates import Carriage, Rates
from evsiting.layers.routing.geodesic import Points
from evsiting.layers.routing.rail import RailGraph, RailMatrix
from evsiting.layers.routing.road import RoadMatrix, Roads
from evsiting.layers.routing.sea import SeaLanes
from evsiting.layers.ways import Ports, Way, by_rail, by_road

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Network:
    """Distances between S sites, all N = S + M sites and markets, P ports and the suppliers.

    Parameters
    ----------
    places : Points
        Sites, then markets; N of them.
    road, rail : RoadMatrix, RailMatrix, shape (S, N)
        From sites to all places.
    ports : Ports
        From North American ports to all places.
    off_road : numpy.ndarray of int
        Positions of places that no road reaches.
    sea : SeaLanes
        From ports of origin.
    supplier_port : tuple of str
        Port of each supplier, empty where it ships by land.
    supplier_road, supplier_rail : RoadMatrix, RailMatrix, shape (suppliers, N)
        From suppliers by land.
    """

    places: Points
    road: RoadMatrix
    rail: RailMatrix
    ports: Ports
    off_road: Codes
    sea: SeaLanes
    supplier_port: tuple[str, ...]
    supplier_road: RoadMatrix
    supplier_rail: RailMatrix

    @classmethod
    def of(
        cls, sites: gpd.GeoDataFrame, markets: gpd.GeoDataFrame, suppliers: gpd.GeoDataFrame, rates: Rates
    ) -> Network:
        """Return the network of a study's places.

        Raises
        ------
        InputError
            If a supplier names a port without sea lanes, or lies overseas and names none.
        """
        here = Points.of(sites, "site")
        places = here + Points.of(markets, "market")
        roads = Roads.of(reference.borders(), rates.circuity, rates.border_h)
        graph, sea = _rail_graph(), _sea_lanes()
        codes = suppliers["port"].astype(object) if "port" in suppliers else suppliers["supplier"].map(lambda _: "")
        port = tuple(str(c) for c in codes.where(codes.notna(), ""))
        _check_ports(suppliers, port, sea)
        sellers = Points.of(suppliers, "supplier")
        off_road = ~roads.reached(places)
        return cls(
            places,
            roads.matrix(here, places),
            graph.matrix(here, places, reach_km=rates.reach_km),
            Ports(sea.ports.code, roads.matrix(sea.ports, places), sea.coast_km(places)),
            np.flatnonzero(off_road),
            sea,
            port,
            roads.matrix(sellers, places),
            graph.matrix(sellers, places, reach_km=rates.reach_km),
        )

    def by_coast(self, pairs: tuple[Codes, ...], carriage: Carriage, value: float) -> Way:
        """Return the sea way of pairs of places without a road between them; others have none.

        From the place on the road net to the cheapest North American port by road, and from there along the
        great circle; two places off the road net are joined over a port as well.
        """
        start, end = pairs
        n = len(start)
        km, hours, usd, kg = (np.full(n, np.inf) for _ in range(4))
        route = np.full(n, "", dtype=object)
        no_road = ~np.isfinite(self.road.km[pairs])
        for place in self.off_road:
            for mine, other, outward in ((end, start, True), (start, end, False)):
                which = np.flatnonzero(no_road & (mine == place) & ~np.isfinite(usd))
                if not len(which):
                    continue
                way = self.ports.cheapest(self.ports.coast_km[:, place], carriage, value, outward=outward)
                at = other[which]
                km[which], hours[which], usd[which] = way.km[at], way.hours[at], way.usd[at]
                kg[which], route[which] = way.kg[at], way.route[at]
        return Way("sea", km, hours, usd, kg, route)

    def from_supplier(self, supplier: int, carriage: Carriage, price: float) -> list[Way]:
        """Return the ways of one supplier to all N places: by sea if it has a port, else by road and rail."""
        code = self.supplier_port[supplier]
        if code:
            return [self.ports.cheapest(self.sea.from_port(code), carriage, price)]
        everywhere = np.arange(len(self.places))
        pairs = (np.full(len(everywhere), supplier), everywhere)
        value = np.full(len(everywhere), price)
        return [
            by_road(self.supplier_road, pairs, carriage, value),
            by_rail(self.supplier_rail, pairs, carriage, value),
        ]


def _check_ports(suppliers: gpd.GeoDataFrame, port: tuple[str, ...], sea: SeaLanes) -> None:
    found = Problems()
    named = list(zip(suppliers["supplier"], suppliers["country"], port, strict=True))
    unknown = [f"{s}: {p}" for s, _, p in named if p and p not in sea.origins]
    stranded = [f"{s} in {c}" for s, c, p in named if not p and c not in ("US", "CA", "MX")]
    if unknown:
        found.add(
            "suppliers, column 'port'",
            "sea lanes are shipped from no such port",
            shown(unknown),
            f"Choose from {shown(sea.origins, 40)}, or give the table lanes yourself",
        )
    if stranded:
        found.add(
            "suppliers, column 'port'",
            "a supplier outside North America needs a port",
            shown(stranded),
            "Give the UN/LOCODE of the port it ships from, such as KRPUS",
        )
    found.raise_if_any()


@cache
def _rail_graph() -> RailGraph:
    return RailGraph(reference.rail_nodes(), reference.rail_edges(), reference.borders())


@cache
def _sea_lanes() -> SeaLanes:
    return SeaLanes.of(reference.ports(), reference.sea_lanes())
