"""Every distance that the freight layer needs, worked out once for all products."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from evsiting import reference
from evsiting.errors import Problems, shown
from evsiting.layers.freight.modes import Ports, Way, by_rail, by_road
from evsiting.layers.freight.rates import Carriage, Rates
from evsiting.layers.freight.routing.graph import GraphRoads, RoadGraph
from evsiting.layers.freight.routing.rail import RailGraph, RailMatrix
from evsiting.layers.freight.routing.road import RoadMatrix, Roads
from evsiting.layers.freight.routing.sea import SeaLanes
from evsiting.layers.geo.geodesic import Points
from evsiting.study.schema.countries import COUNTRIES

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
        cls,
        sites: gpd.GeoDataFrame,
        markets: gpd.GeoDataFrame,
        suppliers: gpd.GeoDataFrame,
        rates: Rates,
        graph: RoadGraph | None = None,
    ) -> Network:
        """Return the network of a study's places, with a road graph in place of straight roads where it is given.

        Raises
        ------
        InputError
            If a supplier names a port without sea lanes, or lies overseas and names none.
        """
        here = Points.of(sites, "site")
        places = here + Points.of(markets, "market")
        straight = Roads.of(reference.borders(), rates.circuity, rates.border_h)
        roads = straight if graph is None else graph.roads(straight)
        if isinstance(roads, GraphRoads):
            roads.warn_of(places)
        rails, sea = rail_graph(), sea_lanes()
        codes = suppliers["port"].astype(object) if "port" in suppliers else suppliers["supplier"].map(lambda _: "")
        port = tuple(str(c) for c in codes.where(codes.notna(), ""))
        _check_ports(suppliers, port, sea)
        sellers = Points.of(suppliers, "supplier")
        off_road = ~roads.reached(places)
        road = roads.matrix(here, places)
        if isinstance(roads, GraphRoads):
            roads.warn_of_pairs(here, places, road.km)
        return cls(
            places,
            road,
            rails.matrix(here, places, reach_km=rates.reach_km),
            Ports(
                sea.ports.code,
                roads.matrix(sea.ports, places),
                rails.matrix(sea.ports, places, reach_km=rates.reach_km),
                sea.coast_km(places),
            ),
            np.flatnonzero(off_road),
            sea,
            port,
            roads.matrix(sellers, places),
            rails.matrix(sellers, places, reach_km=rates.reach_km),
        )

    def by_coast(
        self, rows: Codes, columns: Codes, carriage: Carriage, value: float, known: dict[tuple[int, bool], Way]
    ) -> Way:
        """Return the sea way of every pair of some places without a road between them; others have none.

        From the place on the road net to the cheapest North American port by road, and from there along the
        great circle; two places off the road net are joined over a port as well.

        Parameters
        ----------
        rows, columns : numpy.ndarray of int, shape (R,) and (C,)
            Sites, and places.
        carriage : Carriage
            Rates of the product.
        value : float
            Value of a unit. [USD/unit]
        known : dict
            Ways of this product that earlier calls found, by place and direction; filled here.

        Returns
        -------
        Way
            Shape (R, C).
        """
        figures = np.full((4, len(rows), len(columns)), np.inf)
        code = np.zeros((len(rows), len(columns)), dtype=np.int32)
        names: list[object] = [""]
        for place in self.off_road:
            for outward in (True, False):
                at = np.flatnonzero((columns if outward else rows) == place)
                if not len(at):
                    continue
                block = np.ix_(np.arange(len(rows)), at) if outward else np.ix_(at, np.arange(len(columns)))
                pairs = np.ix_(rows, columns[at]) if outward else np.ix_(rows[at], columns)
                open_ = ~np.isfinite(self.road.km[pairs]) & ~np.isfinite(figures[2][block])
                key = (int(place), outward)
                if key not in known:
                    coast = self.ports.coast_km[:, place]
                    known[key] = self.ports.cheapest(coast, carriage, value, outward=outward)
                way = known[key].take(rows if outward else columns)
                for k, figure in enumerate((way.km, way.hours, way.usd, way.kg)):
                    figures[k][block] = np.where(open_, figure[:, None] if outward else figure, figures[k][block])
                mine = way.code[:, None] if outward else way.code
                code[block] = np.where(open_, mine + len(names), code[block])
                names.extend(way.names)
        return Way("sea", figures[0], figures[1], figures[2], figures[3], code, np.array(names, dtype=object))

    def from_supplier(self, supplier: int, carriage: Carriage, price: float) -> list[Way]:
        """Return the ways of one supplier to all N places: by sea and truck or train, else by road and by rail.

        What a supplier overseas pays to its own port is in its price.
        """
        code = self.supplier_port[supplier]
        if code:
            far = self.sea.from_port(code)
            return [self.ports.cheapest(far, carriage, price), self.ports.by_train(far, carriage, price)]
        everywhere = np.arange(len(self.places))
        pairs = (np.full(len(everywhere), supplier), everywhere)
        return [
            by_road(self.supplier_road, pairs, carriage, price),
            by_rail(self.supplier_rail, pairs, carriage, price),
        ]


def _check_ports(suppliers: gpd.GeoDataFrame, port: tuple[str, ...], sea: SeaLanes) -> None:
    problems = Problems()
    named = list(zip(suppliers["supplier"], suppliers["country"], port, strict=True))
    unknown = [f"{s}: {p}" for s, _, p in named if p and p not in sea.origins]
    stranded = [f"{s} in {c}" for s, c, p in named if not p and c not in COUNTRIES]
    if unknown:
        problems.add(
            "suppliers, column 'port'",
            "sea lanes are shipped from no such port",
            shown(unknown),
            f"Choose from {shown(sea.origins, 40)}, or give the table lanes yourself",
        )
    if stranded:
        problems.add(
            "suppliers, column 'port'",
            "a supplier outside North America needs a port",
            shown(stranded),
            "Give the UN/LOCODE of the port it ships from, such as KRPUS",
        )
    problems.raise_if_any()


@cache
def rail_graph() -> RailGraph:
    """Return the rail graph that is shipped."""
    return RailGraph(reference.rail_nodes(), reference.rail_edges(), reference.borders())


@cache
def sea_lanes() -> SeaLanes:
    """Return the sea lanes that are shipped."""
    return SeaLanes.of(reference.ports(), reference.sea_lanes())
