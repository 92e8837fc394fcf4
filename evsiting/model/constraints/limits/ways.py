"""Limits on throughput of modes and gateways and on numbers of sources: constraints ``throughput`` and ``sources``."""

from __future__ import annotations

import numpy as np

from evsiting.model.columns import Columns
from evsiting.model.constraints.limits.scope import Limit, Line, add_sum, lies_at, markets_at, slots, with_violation
from evsiting.model.constraints.partners import KILOTONNE, through
from evsiting.model.milp import IntArray, MilpBuilder
from evsiting.model.plan_columns import Indicator
from evsiting.model.sets import BoolArray, Sets


def add_throughput(milp: MilpBuilder, sets: Sets, columns: Columns, limit: Limit) -> None:
    r"""Some lanes together carry at most, or at least, so much: between two places, by a mode, through a gateway.

    .. math:: \underline{u} \le \sum_{l \in k} ship_{lt} \le \bar u \quad [\mathrm{unit/yr}], \qquad
       \underline{u} \le \sum_{l \in k} m_{p(l)}\,ship_{lt} / 1000 \le \bar u \quad [\mathrm{t/yr}]
       \quad \forall t \in T_k \tag{throughput}

    Lanes of the limit's product, origin, destination, mode and gateway; all where it names none. Kind ``throughput``
    counts units of the product that it names, ``throughput_mass`` the mass of that product or of all. A way on one
    site is a lane too: mode ``on_site``.
    """
    lanes = np.flatnonzero(_lanes(sets, limit))
    unit = sets.scale[limit.product] if limit.kind == "throughput" else KILOTONNE / 1000.0
    per_unit = np.ones(len(lanes)) if limit.kind == "throughput" else sets.mass[sets.lanes.product[lanes]] / 1000.0
    column = columns.ship[lanes][:, list(limit.periods)]
    slot = np.broadcast_to(np.arange(column.shape[1]), column.shape)
    value = np.broadcast_to((per_unit * sets.scale[sets.lanes.product[lanes]])[:, None], column.shape)
    line = Line.over([(slot, column, value)], np.zeros(column.shape[1]))
    add_sum(milp, "throughput", limit, line, float(unit), slots(sets, limit))


def _lanes(sets: Sets, limit: Limit) -> BoolArray:
    """Return which lanes a limit is about. shape (L,)"""
    lanes, sites, sellers = sets.lanes, sets.site_values, sets.supplier_values
    mask = np.ones(len(lanes.product), dtype=np.bool_)
    if limit.product >= 0:
        mask &= lanes.product == limit.product
    if limit.mode:
        mask &= lanes.frame["mode"].to_numpy(object) == limit.mode
    if limit.gateway:
        passing = np.zeros_like(mask)
        passing[through(sets).get(limit.gateway, np.zeros(0, np.int64))] = True
        mask &= passing
    here = lies_at(limit.origin, sites.country, sites.region, sets.sites.to_numpy(object))
    sold = lies_at(
        limit.origin, sellers.country, np.full(len(sets.suppliers), "", object), sets.suppliers.to_numpy(object)
    )
    mask &= np.append(here, False)[lanes.site] | np.append(sold, False)[lanes.supplier]
    there = lies_at(limit.destination, sites.country, sites.region, sets.sites.to_numpy(object))
    mask &= (
        np.append(there, False)[lanes.to_site] | np.append(markets_at(sets, limit.destination), False)[lanes.to_market]
    )
    return mask


def add_sources(milp: MilpBuilder, sets: Sets, columns: Columns, limit: Limit) -> list[Indicator]:
    r"""Each market of a place is served from at most so many sites and suppliers; from one: single sourcing.

    .. math:: \sum_{l \in o \to j,\,p} ship_{lt} \le D_{jpt}\,source_{ojt}, \qquad
       \sum_o source_{ojt} \le \bar n, \quad source_{ojt} \in \{0, 1\}
       \quad \forall j \in k,\ p \in k,\ o,\ t \in T_k \tag{sources}

    Of the product that the limit names; where it names none, of all products of the market together. The origin may be
    another one in another period. The column ``source`` says that something comes from there. A soft limit is broken
    by the sources that its markets have too many, all together.
    """
    lanes, wants, steps = sets.lanes, sets.wants, list(limit.periods)
    row_of = np.full((len(sets.markets), len(sets.products)), -1, dtype=np.int64)
    row_of[wants.market, wants.product] = np.arange(len(wants.market))
    mine = np.append(markets_at(sets, limit.place), False)[lanes.to_market] & (lanes.to_market >= 0)
    if limit.product >= 0:
        mine &= lanes.product == limit.product
    lane = np.flatnonzero(mine)
    lane = lane[row_of[lanes.to_market[lane], lanes.product[lane]] >= 0]
    if not len(lane):
        return []
    codes = lanes.frame["origin"].to_numpy(object)[lane]
    origin = np.unique(codes.astype(str), return_inverse=True)[1]
    pairs, pair = np.unique(np.column_stack([lanes.to_market[lane], origin]), axis=0, return_inverse=True)
    first = np.unique(pair, return_index=True)[1]
    names, count = slots(sets, limit), len(steps)
    source = milp.add_columns(
        "source",
        (len(pairs), count),
        lambda n, t: (limit.name, str(sets.markets[pairs[n, 0]]), str(codes[first[n]]), names[t]),
        upper=1.0,
        integer=True,
    )
    want = row_of[lanes.to_market[lane], lanes.product[lane]]
    links, link = np.unique(np.column_stack([pair.ravel(), want]), axis=0, return_inverse=True)
    at = np.arange(count)
    units = (wants.units / sets.scale[wants.product][:, None])[links[:, 1]][:, steps]
    milp.add_rows(
        "sources",
        len(links) * count,
        lambda k: (
            limit.name,
            "link",
            str(sets.markets[pairs[links[k // count, 0], 0]]),
            str(codes[first[links[k // count, 0]]]),
            str(sets.products[wants.product[links[k // count, 1]]]),
            names[k % count],
        ),
        (link.ravel()[:, None] * count + at, columns.ship[lane][:, steps], 1.0),
        (np.arange(len(links))[:, None] * count + at, source[links[:, 0]], -units),
        upper=0.0,
    )
    markets, market = np.unique(pairs[:, 0], return_inverse=True)
    codes_of_markets = [str(sets.markets[m]) for m in markets]
    more: list[tuple[IntArray, IntArray, float]] = []
    if limit.is_soft:
        more = _excess(milp, limit, codes_of_markets, names)
    milp.add_rows(
        "sources",
        len(markets) * count,
        lambda k: (limit.name, codes_of_markets[k // count], names[k % count]),
        (market.ravel()[:, None] * count + at, source, 1.0),
        *more,
        upper=limit.high,
    )
    return [Indicator(source.ravel(), *_members(pair.ravel(), columns.ship[lane][:, steps], count))]


def _excess(
    milp: MilpBuilder, limit: Limit, markets: list[str], names: list[str]
) -> list[tuple[IntArray, IntArray, float]]:
    """Return the entries of what each market has too many; their sum is the violation of the limit."""
    count = len(names)
    excess = milp.add_columns("excess", (len(markets), count), lambda j, t: (limit.name, markets[j], names[t]))
    at = np.tile(np.arange(count), len(markets))
    line = Line(at, excess.ravel(), np.ones(excess.size), np.zeros(count))
    line = with_violation(milp, limit, line, "at most", 1.0, names)
    milp.add_rows(
        "sources", count, lambda k: (limit.name, "sum", names[k]), (line.row, line.column, line.value), upper=0.0
    )
    return [(np.arange(excess.size), excess.ravel(), -1.0)]


def _members(pair: IntArray, ship: IntArray, count: int) -> tuple[IntArray, IntArray]:
    """Return which indicator, and which column, belong together: a source and every shipment from there."""
    return (pair[:, None] * count + np.arange(count)).ravel(), ship.ravel()


__all__ = ["add_sources", "add_throughput"]
