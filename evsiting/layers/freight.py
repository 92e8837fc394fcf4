"""Freight: the table ``lanes``, every useful way of a product from where it may come to where it may go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting.layers.base import LayerResult, Origin
from evsiting.layers.figures import Figures
from evsiting.layers.network import Network
from evsiting.layers.origins import COLUMNS as PROVENANCE
from evsiting.layers.origins import origin_row
from evsiting.layers.possible import Possible
from evsiting.layers.rates import Carriage, Rates
from evsiting.layers.routing.geodesic import Floats, Texts
from evsiting.layers.ways import Way, by_rail, by_road, undominated
from evsiting.study.routes import gateways_that_matter
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

#: Pairs of places priced at once.
_CHUNK = 500_000

NOTE = (
    "road: great circle x circuity through truck crossings; rail: shortest path on the Class I graph, "
    "truck to the station; sea: sea lane to the cheapest port, then road, or along the coast where no road "
    "leads; freight holds capital tied up on the way; emissions tank to wheel by mass; ways at least matched "
    "by another in freight and emissions are left out"
)

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class FreightLayer:
    """The table ``lanes``: site to site for inputs, site to market, supplier to both, and on site.

    A lane is made where a plant that makes the product is possible at its origin, and a plant that uses it is
    possible, or a demand stands, at its destination. See :mod:`evsiting.layers.ways` for what is priced how
    and which modes of a pair are kept. Duties are no part of a lane: they follow from table ``duties`` and the
    countries of its ends (:mod:`evsiting.study.customs`); a user may give a lane a further duty of its own.
    """

    name: str = "freight"
    table: str = "lanes"
    columns: tuple[str, ...] = ()

    def __call__(self, study: Study) -> LayerResult:
        """Return the table, with every figure used as a row of ``parameters``.

        Raises
        ------
        InputError
            If a supplier names a port that is not shipped, or lies overseas and names none.
        """
        figures = Figures(study)
        work = _Work(study, figures)
        frames = [frame for product in range(len(work.products)) for frame in work.lanes(product)]
        lanes = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=COLUMNS)
        for column in COLUMNS[4:9]:
            lanes[column] = lanes[column].astype("float64").round(9)
        sources = [o["source"] for o in figures.origins.values() if o["source"] != "unsourced"]
        cited = dict.fromkeys(";".join([*sources, "scgraph", "searoute"]).split(";"))
        origin = Origin(";".join(cited), "", "derived", NOTE)
        rows = pd.DataFrame([origin_row("lanes", "*", "*", origin)], columns=PROVENANCE)
        return LayerResult(lanes, {}, pd.concat([rows, figures.provenance()]), figures.table())


class _Work:
    """Everything that one run of the layer looks up."""

    def __init__(self, study: Study, figures: Figures) -> None:
        self.products = study.products
        self.possible = Possible.of(study)
        self.rates = Rates.of(figures)
        self.rate = study.settings.money.discount_rate
        self.sites, self.markets, self.suppliers = study.sites, study.markets, study.suppliers
        self.network = Network.of(self.sites, self.markets, self.suppliers, self.rates)
        self.demand = demand = study.demand
        self.gateways = {name: gateways_that_matter(study, name) for name in self.products["product"]}
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

    def carriage(self, product: int) -> Carriage:
        """Return the rates of one product."""
        row = self.products.iloc[product]
        load = (
            float(row["units_per_truck"]) if "units_per_truck" in row and pd.notna(row["units_per_truck"]) else np.nan
        )
        vehicle = str(row["unit"]).strip().lower() == "vehicle"
        return Carriage(self.rates, 0.001 * float(row["mass_kg_per_unit"]), load, self.rate, vehicle)

    def lanes(self, product: int) -> Iterator[pd.DataFrame]:
        """Yield the lanes of one product: from sites, then from suppliers."""
        name = str(self.products["product"].iloc[product])
        value = float(self.products["value_usd_per_unit"].iloc[product])
        carriage = self.carriage(product)
        makes, needs = self.possible.makes[:, product], self.possible.needs[:, product]
        ends = np.flatnonzero(np.concatenate([needs, self.wanted[:, product]]))
        both = np.flatnonzero(makes & needs)
        if len(both):
            yield self._table(name, "on_site", self.network.places.code[both], self.network.places.code[both], None)
        starts = np.flatnonzero(makes)
        step = max(1, _CHUNK // max(1, len(ends)))
        for k in range(0, len(starts), step):
            i, j = (a.ravel() for a in np.meshgrid(starts[k : k + step], ends, indexing="ij"))
            apart = i != j
            pairs = (i[apart], j[apart])
            values = np.full(len(pairs[0]), value)
            ways = [
                by_road(self.network.road, pairs, carriage, values),
                by_rail(self.network.rail, pairs, carriage, values),
                self.network.by_coast(pairs, carriage, value),
            ]
            places = self.network.places
            yield from self._kept(name, ways, places.code[pairs[0]], places.code[pairs[1]], pairs[1])
        for s in np.flatnonzero((self.suppliers["product"] == name).to_numpy()):
            yield from self._bought(int(s), name, ends, carriage)

    def _bought(self, supplier: int, name: str, ends: Codes, carriage: Carriage) -> Iterator[pd.DataFrame]:
        """Yield the lanes of one supplier."""
        row = self.suppliers.iloc[supplier]
        price = float(row["price_usd_per_unit"])
        ways = [way.take(ends) for way in self.network.from_supplier(supplier, carriage, price)]
        places = self.network.places
        origin = np.full(len(ends), row["supplier"], dtype=object)
        yield from self._kept(name, ways, origin, places.code[ends], ends)

    def _kept(
        self, name: str, ways: list[Way], origin: Texts, destination: Texts, ends: Codes
    ) -> Iterator[pd.DataFrame]:
        promise = self.promise[name]
        kept = undominated(ways, promise=None if promise is None else promise[:, ends], gateways=self.gateways[name])
        for way, keep in zip(ways, kept, strict=True):
            if keep.any():
                yield self._table(name, way.mode, origin[keep], destination[keep], way.take(keep))

    @staticmethod
    def _table(product: str, mode: str, origin: Texts, destination: Texts, way: Way | None) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "product": product,
                "origin": origin,
                "destination": destination,
                "mode": mode,
                "distance_km": way.km if way else 0.0,
                "time_h": way.hours if way else 0.0,
                "freight_usd_per_unit": way.usd if way else 0.0,
                "duty_usd_per_unit": 0.0,
                "emissions_kg_per_unit": way.kg if way else 0.0,
                "route": way.route if way else "",
            }
        )


freight = FreightLayer()
