"""Dutiable inputs embodied in products of a site: variables ``borne``, where the split is not unique."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from evsiting.model.columns import Columns, add_columns_where
from evsiting.model.constraints.trade.offset_offers import Offers
from evsiting.model.constraints.trade.origin import MUSD
from evsiting.model.milp import FloatArray, IntArray, MilpBuilder
from evsiting.model.sets import Sets

#: Entries of rows: row, column, coefficient.
Entries = tuple[IntArray, IntArray, FloatArray]


@dataclass(frozen=True)
class _Feed:
    """Units of an input from one seller that a site takes for one of its products.

    Parameters
    ----------
    part, taker : int
        The input, and what it is taken for.
    seller : str
        Code of the site or supplier.
    lanes : numpy.ndarray of int
        By which it arrives.
    dutiable : int
        Row of the columns of units that pay because their maker's product does not qualify; -1 where there are none.
    own : bool
        Whether the site itself makes it.
    """

    part: int
    taker: int
    seller: str
    lanes: IntArray
    dutiable: int
    own: bool


def add_borne(
    milp: MilpBuilder,
    sets: Sets,
    columns: Columns,
    offers: Offers,
    number: IntArray,
    dutiable: tuple[IntArray, IntArray],
) -> list[Entries]:
    """Add the units of inputs that are in products that earn an offset, and return the duty on them as entries.

    Parameters
    ----------
    milp, sets, columns
        As everywhere.
    offers : Offers
        Products of sites by measure, index k, and the duty on what arrives.
    number : numpy.ndarray of int, shape (K, T)
        Row of an offer in a period; -1 where there is none.
    dutiable : tuple of numpy.ndarray of int, shapes (X,) and (X, T)
        One lane of each input, seller and buyer; and columns of the units of it that pay as they do not qualify.
    """
    terms: list[Entries] = []
    for site in np.unique(offers.site).tolist():
        terms += _Site(sets, columns, offers, number, dutiable, site).add(milp)
    return terms


class _Site:
    """One site: what it makes of what, and what of it is in the products that earn an offset."""

    def __init__(
        self,
        sets: Sets,
        columns: Columns,
        offers: Offers,
        number: IntArray,
        dutiable: tuple[IntArray, IntArray],
        site: int,
    ) -> None:
        self.sets, self.columns, self.offers, self.site = sets, columns, offers, site
        self.number, self.dutiable = number, dutiable
        self.makes = np.flatnonzero(sets.places.site[sets.makes.place] == site)
        self.made = np.unique(sets.makes.product[self.makes])
        self.takes = sets.takes[site]
        self.lanes = np.flatnonzero(sets.lanes.to_site == site)
        self.on_site = set(sets.lanes.product[self.lanes[sets.lanes.site[self.lanes] == site]].tolist())
        claims = np.flatnonzero((offers.site == site) & (number >= 0).any(axis=1))
        self.claims = {p: claims[offers.product[claims] == p] for p in np.unique(offers.product[claims]).tolist()}
        self.chains = {p: self._chain(p) for p in self.claims}

    def _chain(self, product: int) -> list[int]:
        """Return a product and what is made at the site and used there for it, the product first."""
        chain = [product]
        for taker in chain:
            for part in np.flatnonzero(self.takes[:, taker]).tolist():
                if part in self.on_site and part in self.made and part not in chain:
                    chain.append(part)
        return chain

    def _feeds(self, product: int) -> Iterator[_Feed]:
        """Yield the inputs that may be in a product and pay duty, and its parts that the site makes itself."""
        sets, lanes = self.sets, self.sets.lanes
        mine = self.offers.pair[self.claims[product]]
        pays = (self.offers.full[mine] + self.offers.eased[mine] > 0.0).any(axis=(0, 2))
        chain = self.chains[product]
        for taker in chain:
            for part in np.flatnonzero(self.takes[:, taker]).tolist():
                here = self.lanes[lanes.product[self.lanes] == part]
                ends = np.column_stack([lanes.site[here], lanes.supplier[here]])
                for site, supplier in np.unique(ends, axis=0).tolist():
                    ways = here[(ends == (site, supplier)).all(axis=1)]
                    own = site == self.site
                    if (own and part in chain) or pays[ways].any():
                        twin = np.flatnonzero(np.isin(self.dutiable[0], ways))
                        seller = str(sets.sites[site]) if site >= 0 else str(sets.suppliers[supplier])
                        yield _Feed(part, taker, seller, ways, int(twin[0]) if len(twin) else -1, own)

    def _plain(self, product: int, feed: _Feed) -> bool:
        """Return whether the product is the only one at the site that can contain an input."""
        takers = [p for p in self.made.tolist() if self.takes[feed.part, p]]
        return takers == [product] and [p for p in self.claims if product in self.chains[p]] == [product]

    def add(self, milp: MilpBuilder) -> list[Entries]:
        """Add the columns and constraints of the site, and return what each offer may take, in million USD."""
        terms: list[Entries] = []
        by_arrival: dict[tuple[int, str], list[tuple[_Feed, IntArray]]] = {}
        pay: dict[tuple[int, str], list[tuple[_Feed, IntArray]]] = {}
        for product, claims in self.claims.items():
            feeds = list(self._feeds(product))
            if not any(not f.own for f in feeds):
                continue
            plain = [f for f in feeds if not f.own and self._plain(product, f)]
            for feed in plain:
                for lane in feed.lanes.tolist():
                    terms += self._worth(claims, feed, self.offers.full, self.columns.ship[lane])
                if feed.dutiable >= 0:
                    terms += self._worth(claims, feed, self.offers.eased, self.dutiable[1][feed.dutiable])
            mixed = [f for f in feeds if f not in plain]
            if not any(not f.own for f in mixed):
                continue
            columns = self._columns(milp, product, mixed, "borne")
            for feed, column in zip(mixed, columns, strict=True):
                by_arrival.setdefault((feed.part, feed.seller), []).append((feed, column))
                terms += self._worth(claims, feed, self.offers.full, column)
            eased = [(f, c) for f, c in zip(mixed, columns, strict=True) if f.dutiable >= 0]
            owed = self._columns(milp, product, [f for f, _ in eased], "owed")
            for (feed, column), part in zip(eased, owed, strict=True):
                pay.setdefault((feed.part, feed.seller), []).append((feed, part))
                terms += self._worth(claims, feed, self.offers.eased, part)
                self._rows(milp, (*self._name(product, feed), "owed"), [part], [(column, 1.0)])
            self._holds(milp, product, mixed, columns)
        for (what, seller), group in by_arrival.items():
            ways = [(self.columns.ship[lane], 1.0) for lane in group[0][0].lanes.tolist()]
            self._rows(milp, (*self._arrival(what, seller), "arrives"), [column for _, column in group], ways)
        for (what, seller), group in pay.items():
            ways = [(self.dutiable[1][group[0][0].dutiable], 1.0)]
            self._rows(milp, (*self._arrival(what, seller), "pays"), [column for _, column in group], ways)
        return terms

    def _arrival(self, part: int, seller: str) -> tuple[str, str, str]:
        return str(self.sets.sites[self.site]), str(self.sets.products[part]), seller

    def _name(self, product: int, feed: _Feed) -> tuple[str, ...]:
        codes = (product, feed.taker, feed.part)
        return str(self.sets.sites[self.site]), *(str(self.sets.products[p]) for p in codes), feed.seller

    def _columns(self, milp: MilpBuilder, product: int, feeds: list[_Feed], family: str) -> list[IntArray]:
        """Add the columns of feeds in the periods of a product's offers, and return them. Each shape (T,)."""
        wanted = (self.number[self.claims[product]] >= 0).any(axis=0)
        if family == "owed":
            grid = np.array([wanted & (self.dutiable[1][f.dutiable] >= 0) for f in feeds], dtype=np.bool_)
        else:
            grid = np.repeat(wanted[None], len(feeds), axis=0)
        grid = grid.reshape(len(feeds), len(wanted))
        periods = self.sets.horizon.periods
        return list(add_columns_where(milp, family, grid, lambda x: self._name(product, feeds[x]), periods))

    def _worth(self, claims: IntArray, feed: _Feed, duty: FloatArray, column: IntArray) -> list[Entries]:
        """Return what duty on units of a feed leaves to be offset, for each offer."""
        usd = duty[self.offers.pair[claims], feed.lanes[0]] * self.sets.scale[feed.part] / MUSD
        some = (self.number[claims] >= 0) & (usd > 0.0) & (column >= 0)
        where = np.broadcast_to(column, some.shape)
        return [(self.number[claims][some], where[some], -usd[some])]

    def _holds(self, milp: MilpBuilder, product: int, feeds: list[_Feed], held: list[IntArray]) -> None:
        """Add the constraints by which no more of an input is in a product than went into it."""
        sets = self.sets
        for taker, part in dict.fromkeys((f.taker, f.part) for f in feeds):
            own = self.makes[sets.makes.product[self.makes] == taker]
            each = sets.makes.inputs[part, own] / sets.makes.good_share[own] * sets.scale[taker] / sets.scale[part]
            if taker == product:
                room = [(self.columns.make[m], float(e)) for m, e in zip(own.tolist(), each, strict=True)]
            else:
                room = [(c, float(each.max())) for f, c in zip(feeds, held, strict=True) if f.own and f.part == taker]
            mine = [c for f, c in zip(feeds, held, strict=True) if (f.taker, f.part) == (taker, part)]
            name = (str(sets.sites[self.site]), *(str(sets.products[p]) for p in (product, taker, part)), "holds")
            self._rows(milp, name, mine, room)

    def _rows(
        self, milp: MilpBuilder, name: tuple[str, ...], some: list[IntArray], most: list[tuple[IntArray, float]]
    ) -> None:
        """Add constraints by period: the sum of columns is at most a sum of others."""
        when = np.flatnonzero((np.array(some) >= 0).any(axis=0))
        number = np.full(some[0].shape, -1, dtype=np.int64)
        number[when] = np.arange(len(when))
        entries = [(c, 1.0) for c in some] + [(c, -v) for c, v in most]
        if len(when):
            milp.add_rows(
                "offset",
                len(when),
                lambda k: (*name, self.sets.horizon.periods[when[k]]),
                *((number[(c >= 0) & (number >= 0)], c[(c >= 0) & (number >= 0)], v) for c, v in entries),
                upper=0.0,
            )
