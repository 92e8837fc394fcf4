"""Freight: the table ``lanes``, every useful way of a product from where it may come to where it may go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting.errors import expect
from evsiting.layers.base import LayerResult, Origin
from evsiting.layers.feasible import Possible
from evsiting.layers.freight.lane_count import check_lane_table
from evsiting.layers.freight.modes import Flags, Way, by_rail, by_road, undominated_ways
from evsiting.layers.freight.network import Network
from evsiting.layers.freight.rates import Carriage, Rates
from evsiting.layers.freight.routing.graph import RoadGraph
from evsiting.layers.geo.geodesic import Floats, Texts
from evsiting.layers.parameters import Parameters
from evsiting.layers.provenance import COLUMNS as PROVENANCE
from evsiting.layers.provenance import UNSOURCED, origin_row
from evsiting.study.derived.limit_rows import limit_rows
from evsiting.study.lists import names_in
from evsiting.study.study import Study

COLUMNS = [
    "product",
    "origin",
    "destination",
    "mode",
    "distance_km",
    "time_h",
    "freight_usd_per_unit",
    "duty_usd_per_unit",
    "emissions_kg_per_unit",
    "route",
]

TEXTS = ("product", "origin", "destination", "mode", "route")
FIGURES = ("distance_km", "time_h", "freight_usd_per_unit", "emissions_kg_per_unit")

#: Pairs of places priced at once.
_CHUNK = 500_000

#: What tells of the whole table: where lanes run, and which there are.
STRAIGHT = "road: great circle x circuity through truck crossings"
WAYS = (
    "rail: shortest path on the Class I graph, truck to the station; sea: sea lane to the cheapest port, then road, or "
    "along the coast where no road leads; sea_rail: from the port by rail; ways at least matched by another in freight "
    "and emissions are left out; no duty on top of table duties"
)
NETS = ("scgraph", "searoute")
#: What tells of columns: their note and boundary.
NOTES = {
    "time_h": ("speeds, handling at terminals and delays at borders", "door to door"),
    "freight_usd_per_unit": (
        "with handling at terminals and capital tied up on the way; vehicles are paid by the load",
        "door to door",
    ),
    "emissions_kg_per_unit": (
        "what fills the room by the load with its empty kilometres, other goods by mass; with those of terminals",
        "tank to wheel: vehicles, ships, trains and terminals, without the supply of fuel, empty containers and the "
        "building of vehicles and ways",
    ),
}

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Block:
    """The lanes of one product by one mode from some places to some places.

    Parameters
    ----------
    product : str
        What is shipped.
    origin, destination : numpy.ndarray of object, shape (R,) and (C,)
        Codes of the places.
    way : Way
        Figures of the mode, shape (R, C).
    keep : numpy.ndarray of bool, shape (R, C)
        Which pairs have the lane.
    """

    product: str
    origin: Texts
    destination: Texts
    way: Way
    keep: Flags


@dataclass(frozen=True)
class FreightLayer:
    """The table ``lanes``: site to site for inputs, site to market, supplier to both, and on site.

    A lane is made where a plant that makes the product is possible at its origin, and a plant that uses it is
    possible, or a demand stands, at its destination. See :mod:`evsiting.layers.freight.modes` for what is priced how
    and which modes of a pair are kept. Duties are no part of a lane: they follow from table ``duties`` and the
    countries of its ends (:mod:`evsiting.study.derived.customs`); a user may give a lane a further duty of its own.

    A plan pays for time in two ways only: for capital on the way, which is in the freight, and for promises, which
    are kept or not. So a way stays that is not matched in freight and emissions, or that keeps a promise which others
    break; a way that is merely faster is in no plan, and would swell the program.

    Parameters
    ----------
    road : RoadGraph, optional
        A road net of your own (:func:`evsiting.road_graph`) in place of great circle times circuity.
    keep_fastest : bool
        Keep ways that are faster than others everywhere, though no promise asks for it: for tables that are read by
        people, or by a model of your own.

    Examples
    --------
    >>> import evsiting as ev
    >>> lanes = ev.FreightLayer()(ev.example("starter")).frame
    >>> {"road", "rail"} <= set(lanes["mode"])
    True
    """

    road: RoadGraph | None = None
    keep_fastest: bool = False
    name: str = "freight"
    table: str = "lanes"
    columns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a net that :func:`evsiting.road_graph` has not read."""
        if self.road is not None:
            expect("FreightLayer", road=(self.road, RoadGraph))

    def __call__(self, study: Study) -> LayerResult:
        """Return the table, with every figure used as a row of ``parameters``.

        Raises
        ------
        InputError
            If a supplier names a port that is not shipped, or lies overseas and names none, or if there would be more
            lanes than a table can have.
        """
        check_lane_table(study)
        figures = Parameters(study)
        work = Work(study, figures, self)
        lanes = table(block for product in range(len(work.products)) for block in work.blocks(product))
        road = STRAIGHT if self.road is None else f"road: shortest paths over {self.road.source or 'a net'}, as given"
        notes = {"*": (f"{road}; {WAYS}", ""), **NOTES}
        rows = [
            origin_row("lanes", column, "*", _origin(figures, column, note, boundary))
            for column, (note, boundary) in notes.items()
        ]
        made = pd.concat([pd.DataFrame(rows, columns=PROVENANCE), figures.provenance()])
        return LayerResult(lanes, {}, made, figures.table())


def _origin(figures: Parameters, column: str, note: str, boundary: str) -> Origin:
    """Return what a column of lanes comes from: the nets, and those figures that go into it."""
    own = [figures.origins[key] for key, (_, unit) in figures.used.items() if column in _feeds(unit)]
    cited = [s for s in names_in(o["source"] for o in own) if s != UNSOURCED]
    years = sorted(y for y in names_in(o["year"] for o in own) if y.isdigit())
    span = "-".join(dict.fromkeys((years[0], years[-1]))) if years else ""
    return Origin(";".join([*cited, *NETS]), span, "derived", note, boundary)


def _feeds(unit: str) -> tuple[str, ...]:
    """Return the columns into which a figure of some unit goes.

    Examples
    --------
    >>> _feeds("gCO2/t-km"), _feeds("USD/t"), _feeds("h"), _feeds("ratio")[0]
    (('emissions_kg_per_unit',), ('freight_usd_per_unit',), ('time_h', 'freight_usd_per_unit'), '*')
    """
    if "CO2" in unit:
        return ("emissions_kg_per_unit",)
    if unit in ("h", "km/h", "km/day"):  # time costs capital
        return ("time_h", "freight_usd_per_unit")
    if unit in ("ratio", "km"):  # how long a way is
        return ("*", *NOTES)
    if unit == "vehicles/ship":  # the ocean leg is paid by the vehicle
        return ("emissions_kg_per_unit",)
    if unit in ("percent of km", "vehicles/truck", "vehicles/railcar"):
        return ("freight_usd_per_unit", "emissions_kg_per_unit")
    return ("freight_usd_per_unit",)


class Work:
    """Everything that one run of the layer looks up."""

    def __init__(self, study: Study, figures: Parameters, layer: FreightLayer) -> None:
        self.keep_fastest = layer.keep_fastest
        self.products = study.products
        self.possible, self.duties = Possible.of(study), study.has("duties")
        self.vehicle = (self.products["unit"].astype(str).str.strip().str.lower() == "vehicle").to_numpy()
        self.load = self._loads()
        self.rates = Rates.of(
            figures, vehicles=bool(self.vehicle.any()), bulky=bool((np.isfinite(self.load) & ~self.vehicle).any())
        )
        self.rate = study.settings.money.discount_rate
        self.sites, self.markets, self.suppliers = study.sites, study.markets, study.suppliers
        self.network = Network.of(self.sites, self.markets, self.suppliers, self.rates, layer.road)
        self.demand = demand = study.demand
        self.gateways = {name: gateways_that_matter(study, name) for name in self.products["product"]}
        self.modes = {name: modes_that_matter(study, name) for name in self.products["product"]}
        self.promise = {name: self._promised(name) for name in self.products["product"]}
        wanted = demand[demand["units_per_yr"] > 0.0]
        self.wanted = np.zeros((len(self.markets), len(self.products)), dtype=bool)
        self.wanted[
            pd.Index(self.markets["market"]).get_indexer(wanted["market"]),
            pd.Index(self.products["product"]).get_indexer(wanted["product"]),
        ] = True

    def _promised(self, product: str) -> Floats | None:
        """Return the delivery times promised for a product at every place, infinite where none. shape (K, places)."""
        rows = self.demand[(self.demand["product"] == product) & self.demand["promise_h"].notna()]
        if not len(rows):
            return None
        rows = rows.assign(nth=rows.groupby("market").cumcount())
        at = len(self.sites) + pd.Index(self.markets["market"]).get_indexer(rows["market"])
        out = np.full((int(rows["nth"].max()) + 1, len(self.sites) + len(self.markets)), np.inf)
        out[rows["nth"], at] = rows["promise_h"]
        return out

    def _loads(self) -> Floats:
        """Return the units of each product on a full truck, not a number where mass is the limit."""
        if "units_per_truck" not in self.products:
            return np.full(len(self.products), np.nan)
        return np.asarray(self.products["units_per_truck"].astype("float64"), dtype=np.float64)

    def carriage(self, product: int) -> Carriage:
        """Return the rates of one product."""
        mass_t = 0.001 * float(self.products["mass_kg_per_unit"].iloc[product])
        return Carriage(self.rates, mass_t, float(self.load[product]), self.rate, bool(self.vehicle[product]))

    def blocks(self, product: int) -> Iterator[Block]:
        """Yield the lanes of one product: on site, from sites, then from suppliers."""
        places = self.at_home(product)
        if len(places):
            yield on_site(str(self.products["product"].iloc[product]), places)
        yield from self.apart(product)

    def at_home(self, product: int) -> Texts:
        """Return the sites where a product may be made and used."""
        both = self.possible.makes[:, product] & self.possible.needs[:, product]
        both &= self.possible.step[:, product] == 0
        return self.network.places.code[np.flatnonzero(both)]

    def apart(self, product: int) -> Iterator[Block]:
        """Yield the lanes of one product from place to place: from sites, then from suppliers."""
        name = str(self.products["product"].iloc[product])
        value = float(self.products["value_usd_per_unit"].iloc[product])
        carriage, places = self.carriage(product), self.network.places
        makes, needs = self.possible.makes[:, product], self.possible.needs[:, product]
        ends = np.flatnonzero(np.concatenate([needs, self.wanted[:, product]]))
        onward = self._onward(product)[:, ends]
        starts, coast = np.flatnonzero(makes), dict[tuple[int, bool], Way]()
        step = max(1, _CHUNK // max(1, len(ends)))
        for k in range(0, len(starts), step):
            rows = starts[k : k + step]
            pairs = np.ix_(rows, ends)
            ways = [
                by_road(self.network.road, pairs, carriage, value),
                by_rail(self.network.rail, pairs, carriage, value),
                self.network.by_coast(rows, ends, carriage, value, coast),
            ]
            yield from self._undominated_blocks(
                name, ways, places.code[rows], ends, (rows[:, None] != ends) & onward[rows]
            )
        for s in np.flatnonzero((self.suppliers["product"] == name).to_numpy()):
            price = float(self.suppliers["price_usd_per_unit"].iloc[s])
            seller = np.array([self.suppliers["supplier"].iloc[s]], dtype=object)
            ways = [way.take(ends[None, :]) for way in self.network.from_supplier(int(s), carriage, price)]
            yield from self._undominated_blocks(name, ways, seller, ends, np.ones((1, len(ends)), dtype=bool))

    def _onward(self, product: int) -> Flags:
        """Return where a product may go from a site: what is passed on to markets and later steps. (sites, places).

        Where there are duties it leaves a center within its country only: nobody knows any more where it was made.
        """
        step = self.possible.step[:, product]
        later = np.concatenate([step, np.full(len(self.markets), step.max(initial=0) + 1)])
        out = (step[:, None] == 0) | (later > step[:, None])
        if self.duties and step.any():
            country = self.sites["country"].astype(object).to_numpy()
            every = np.concatenate([country, self.markets["country"].astype(object).to_numpy()])
            out &= (step[:, None] == 0) | (country[:, None] == every)
        return np.asarray(out)

    def _undominated_blocks(
        self, name: str, ways: list[Way], origin: Texts, ends: Codes, apart: Flags
    ) -> Iterator[Block]:
        promise = self.promise[name]
        promise = None if promise is None else promise[:, None, ends]
        keep_of_way = undominated_ways(
            ways, promise=promise, gateways=self.gateways[name], modes=self.modes[name], time=self.keep_fastest
        )
        for way, keep in zip(ways, keep_of_way, strict=True):
            if (keep := keep & apart).any():
                yield Block(name, origin, self.network.places.code[ends], way, keep)


def gateways_that_matter(study: Study, product: str) -> frozenset[str] | None:
    """Return the ports and border crossings whose use by a product a study limits; None where it limits every one.

    Ways that pass others are worth knowing beside those that pass these.
    """
    limits = limit_rows(study)
    every = (limits["per"] == "gateway") | (limits["kind"] == "survive_share")
    mine = limits["product"] == product
    if (every & mine).any():
        return None
    named = limits["gateway"][mine | limits["product"].isna()].dropna()
    return frozenset(study.gateways["gateway"].astype(str)) | frozenset(named.astype(str))


def modes_that_matter(study: Study, product: str) -> frozenset[str]:
    """Return the modes whose use by a product a study limits: ways of these and of others are both worth knowing."""
    limits = limit_rows(study)
    mine = (limits["product"] == product) | limits["product"].isna()
    return frozenset(limits["mode"][mine].dropna().astype(str))


def on_site(product: str, places: Texts) -> Block:
    """Return the lanes of places to themselves: what a plant makes for another on the same site costs no freight."""
    shape = (len(places), len(places))
    nothing = np.broadcast_to(0.0, shape)
    way = Way(
        "on_site", nothing, nothing, nothing, nothing, np.broadcast_to(np.int32(0), shape), np.array([""], dtype=object)
    )
    return Block(product, places, places, way, np.eye(len(places), dtype=bool))


def table(blocks: Iterable[Block]) -> pd.DataFrame:
    """Return the lanes of some blocks as a table with the columns :data:`COLUMNS`.

    Texts are put together from numbers at the end: a table of millions of lanes is made in the memory that it takes.
    """
    texts: dict[str, list[NDArray[np.int32]]] = {c: [] for c in TEXTS}
    figures: dict[str, list[Floats]] = {c: [] for c in COLUMNS if c not in TEXTS}
    known: dict[str, dict[object, int]] = {c: {} for c in TEXTS}

    def number(column: str, names: Iterable[object]) -> NDArray[np.int32]:
        seen = known[column]
        return np.array([seen.setdefault(n, len(seen)) for n in names], dtype=np.int32)

    for block in blocks:
        i, j = np.nonzero(block.keep)
        way = block.way.take(block.keep)
        texts["product"].append(np.repeat(number("product", [block.product]), len(i)))
        texts["origin"].append(number("origin", block.origin)[i])
        texts["destination"].append(number("destination", block.destination)[j])
        texts["mode"].append(np.repeat(number("mode", [way.mode]), len(i)))
        texts["route"].append(number("route", way.names)[way.code])
        for column, figure in zip(FIGURES, (way.km, way.hours, way.usd, way.kg), strict=True):
            figures[column].append(np.round(figure, 9))
        figures["duty_usd_per_unit"].append(np.zeros(len(i)))
    made: dict[str, Any] = {}
    for column in COLUMNS:
        if column in texts:
            names = pd.array([str(n) for n in known[column]], dtype="str")
            made[column] = names.take(_concatenate(texts.pop(column), np.int32))
        else:
            made[column] = _concatenate(figures.pop(column), np.float64)
    return pd.DataFrame(made, columns=COLUMNS)


def _concatenate(parts: list[NDArray[Any]], kind: type) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.empty(0, dtype=kind)


FREIGHT = FreightLayer()
