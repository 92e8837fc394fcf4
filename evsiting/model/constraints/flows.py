"""Flow constraints ``output``, ``disposal``, ``balance``, ``demand``, ``supplier`` and ``link``."""

from __future__ import annotations

import numpy as np

from evsiting.model.columns import Columns, new_plant_terms
from evsiting.model.milp import FloatArray, IntArray, MilpBuilder
from evsiting.model.sets import Sets


def _pairs(first: IntArray, second: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Return the distinct pairs, sorted, and the position of each input pair among them."""
    stacked, position = np.unique(np.column_stack([first, second]), axis=0, return_inverse=True)
    return stacked[:, 0], stacked[:, 1], position.ravel()


def _at(rows: IntArray, steps: int) -> IntArray:
    """Return numbers of constraints with the period as the last axis: that of pair r in period t is r·T + t."""
    return rows[:, None] * steps + np.arange(steps)


def add_output(milp: MilpBuilder, sets: Sets, columns: Columns) -> None:
    r"""What a site makes leaves by lanes, and what comes with it unless it is disposed of; nothing is stored.

    .. math:: \sum_{l \in out(i,p)} ship_{lt} + \sum_{q \in i} dispose_{qpt}
       = \sum_{q \in i} \Big(make_{qpt} + \sum_{p'} J_{qp'p}\,make_{qp't}\Big) \quad \forall i, p, t \tag{output}

    with the units J of a by-product that come with one good unit.
    """
    steps, leaving, extra = len(sets.horizon), np.flatnonzero(sets.lanes.site >= 0), sets.by_products
    makes, ends = len(sets.makes.place), len(sets.makes.place) + len(leaving)
    site, product, row = _pairs(
        np.concatenate([sets.places.site[sets.makes.place], sets.lanes.site[leaving], sets.places.site[extra.place]]),
        np.concatenate([sets.makes.product, sets.lanes.product[leaving], extra.product]),
    )
    with_it = row[ends:][extra.row]
    gone, when = np.nonzero(columns.dispose >= 0)
    milp.add_rows(
        "output",
        len(site) * steps,
        lambda k: (
            str(sets.sites[site[k // steps]]),
            str(sets.products[product[k // steps]]),
            sets.horizon.periods[k % steps],
        ),
        (_at(row[:makes], steps), columns.make, -1.0),
        (_at(row[makes:ends], steps), columns.ship[leaving], 1.0),
        (_at(with_it, steps), columns.make[extra.make], -by_product_yields(sets)[:, None]),
        (row[ends:][gone] * steps + when, columns.dispose[gone, when], 1.0),
        lower=0.0,
        upper=0.0,
    )


def by_product_yields(sets: Sets) -> FloatArray:
    """Return the scaled units of by-products in one scaled unit made, by entries of ``ByProducts.make``."""
    extra = sets.by_products
    product, made = extra.product[extra.row], sets.makes.product[extra.make]
    return np.asarray(extra.units * sets.scale[made] / sets.scale[product])


def add_disposal(milp: MilpBuilder, sets: Sets, columns: Columns) -> None:
    r"""A plant disposes of no more of a by-product than comes of what it makes.

    .. math:: dispose_{qpt} \le \sum_{p'} J_{qp'p}\,make_{qp't} \quad \forall q, p, t \tag{disposal}
    """
    steps, extra = len(sets.horizon), sets.by_products
    free = np.flatnonzero(~np.isnan(extra.disposal))
    if not len(free):
        return
    row_of = np.full(len(extra.place), -1)
    row_of[free] = np.arange(len(free))
    comes = np.flatnonzero(row_of[extra.row] >= 0)
    milp.add_rows(
        "disposal",
        len(free) * steps,
        lambda k: (
            *sets.place_name(int(extra.place[free[k // steps]])),
            str(sets.products[extra.product[free[k // steps]]]),
            sets.horizon.periods[k % steps],
        ),
        (_at(np.arange(len(free)), steps), columns.dispose[free], 1.0),
        (_at(row_of[extra.row[comes]], steps), columns.make[extra.make[comes]], -by_product_yields(sets)[comes, None]),
        upper=0.0,
    )


def add_balance(milp: MilpBuilder, sets: Sets, columns: Columns) -> None:
    r"""What a site uses for what it begins arrives by lanes; with yield y, so much of that turns out good.

    .. math:: \sum_{l \in in(i,a)} ship_{lt} = \sum_{q \in i} \sum_p B_{aqp} / y_{qp}\,make_{qpt}
       \quad \forall i, a, t \tag{balance}

    with the inputs B of one unit by the recipe of the plant type.
    """
    steps, arriving = len(sets.horizon), np.flatnonzero(sets.lanes.to_site >= 0)
    used, by = np.nonzero(sets.makes.inputs)
    site, product, row = _pairs(
        np.concatenate([sets.places.site[sets.makes.place[by]], sets.lanes.to_site[arriving]]),
        np.concatenate([used, sets.lanes.product[arriving]]),
    )
    made = sets.makes.product[by]
    quantity = sets.makes.inputs[used, by] / sets.makes.good_share[by] * sets.scale[made] / sets.scale[used]
    milp.add_rows(
        "balance",
        len(site) * steps,
        lambda k: (
            str(sets.sites[site[k // steps]]),
            str(sets.products[product[k // steps]]),
            sets.horizon.periods[k % steps],
        ),
        (_at(row[: len(by)], steps), columns.make[by], -quantity[:, None]),
        (_at(row[len(by) :], steps), columns.ship[arriving], 1.0),
        lower=0.0,
        upper=0.0,
    )


def add_demand(milp: MilpBuilder, sets: Sets, columns: Columns) -> None:
    r"""Arrivals and what is not served make up demand.

    .. math:: \sum_{l \in in(j,p)} ship_{lt} + unmet_{jpt} = D_{jpt} \quad \forall j, p, t \tag{demand}
    """
    steps, wants, lanes = len(sets.horizon), sets.wants, sets.lanes
    want_of = np.full((len(sets.markets), len(sets.products)), -1)
    want_of[wants.market, wants.product] = np.arange(len(wants.market))
    arriving = np.flatnonzero(lanes.to_market >= 0)
    row = want_of[lanes.to_market[arriving], lanes.product[arriving]]
    right = (wants.units / sets.scale[wants.product][:, None]).ravel()
    left, period = np.nonzero(columns.unmet >= 0)
    milp.add_rows(
        "demand",
        len(wants.market) * steps,
        lambda k: (
            str(sets.markets[wants.market[k // steps]]),
            str(sets.products[wants.product[k // steps]]),
            sets.horizon.periods[k % steps],
        ),
        (_at(row, steps), columns.ship[arriving], 1.0),
        (left * steps + period, columns.unmet[left, period], 1.0),
        lower=right,
        upper=right,
    )


def add_supplier(milp: MilpBuilder, sets: Sets, columns: Columns) -> None:
    r"""A supplier sells at most its capacity.

    .. math:: \sum_{l \in out(s)} ship_{lt} \le Q_{st} \quad \forall s, t \tag{supplier}
    """
    steps, lanes = len(sets.horizon), sets.lanes
    capacity = sets.supplier_values.capacity
    limited = np.flatnonzero(np.isfinite(capacity).any(axis=1))
    if not len(limited):
        return
    row_of = np.full(len(sets.suppliers), -1)
    row_of[limited] = np.arange(len(limited))
    leaving = np.flatnonzero((lanes.supplier >= 0) & (row_of[lanes.supplier] >= 0))
    scale = sets.scale[sets.supplier_values.product]
    milp.add_rows(
        "supplier",
        len(limited) * steps,
        lambda k: (str(sets.suppliers[limited[k // steps]]), sets.horizon.periods[k % steps]),
        (_at(row_of[lanes.supplier[leaving]], steps), columns.ship[leaving], 1.0),
        upper=(capacity / scale[:, None])[limited].ravel(),
    )


def add_link(milp: MilpBuilder, sets: Sets, columns: Columns, per_market: int | IntArray) -> None:
    r"""A market is served from a site only where something is open: the strong form of ``capacity``.

    .. math:: \sum_{l \in (i \to j, p)} ship_{lt} \le D_{jpt} \sum_{c \in new(i),\,\tau \le t} build_{c\tau} \tag{link}

    It is written for the cheapest origins of each market and product only. Sites where a plant of the product stands
    or may be resumed need no such constraint, and those where it may come as a by-product have none.

    Parameters
    ----------
    milp, sets, columns
        As everywhere.
    per_market : int or numpy.ndarray of int, shape (P,)
        How many origins of each market get a constraint, by product, the cheapest first by freight and duty.
    """
    steps, lanes, wants = len(sets.horizon), sets.lanes, sets.wants
    want_of = np.full((len(sets.markets) + 1, len(sets.products)), -1)
    want_of[wants.market, wants.product] = np.arange(len(wants.market))
    stands = np.zeros((len(sets.sites) + 1, len(sets.products)), dtype=np.bool_)
    may = sets.places.capacity.max(axis=1, initial=0.0) > 0
    may[sets.changes.place[sets.changes.kind == "resume"]] = True
    has = may[sets.makes.place]
    stands[sets.places.site[sets.makes.place[has]], sets.makes.product[has]] = True
    stands[sets.places.site[sets.by_products.place], sets.by_products.product] = True
    usable = np.flatnonzero((lanes.site >= 0) & (lanes.to_market >= 0) & ~stands[lanes.site, lanes.product])
    if not np.any(per_market) or not len(usable):
        return
    want = want_of[lanes.to_market[usable], lanes.product[usable]]
    want, site, row = _pairs(want, lanes.site[usable])
    most = np.broadcast_to(per_market, len(sets.products))[wants.product]
    chosen = _cheapest(want, row, (lanes.freight.mean(axis=1) + lanes.duty)[usable], most)
    number = np.full(len(want), -1)
    number[chosen] = np.arange(len(chosen))
    linked = number[row] >= 0
    change, period, column = new_plant_terms(sets, columns)
    opener = _openers(sets, change, want, site, chosen, wants.product)
    demand = wants.units[want[chosen]] / sets.scale[wants.product[want[chosen]]][:, None]
    milp.add_rows(
        "link",
        len(chosen) * steps,
        lambda k: (
            str(sets.products[wants.product[want[chosen[k // steps]]]]),
            str(sets.sites[site[chosen[k // steps]]]),
            str(sets.markets[wants.market[want[chosen[k // steps]]]]),
            sets.horizon.periods[k % steps],
        ),
        (_at(number[row[linked]], steps), columns.ship[usable[linked]], 1.0),
        (opener[0] * steps + period[opener[1]], column[opener[1]], -demand[opener[0], period[opener[1]]]),
        upper=0.0,
    )


def _cheapest(want: IntArray, row: IntArray, cost: FloatArray, count: IntArray) -> IntArray:
    """Return the cheapest pairs of each want, ``count`` of it; ``row`` says which pair a lane belongs to."""
    least = np.full(len(want), np.inf)
    np.minimum.at(least, row, cost)
    order = np.lexsort((np.arange(len(want)), least, want))
    first = np.searchsorted(want[order], want[order], side="left")
    return np.asarray(np.sort(order[np.arange(len(order)) - first < count[want[order]]]), dtype=np.int64)


def _openers(
    sets: Sets, change: IntArray, want: IntArray, site: IntArray, chosen: IntArray, product_of: IntArray
) -> tuple[IntArray, IntArray]:
    """Return (constraint of the link, position in ``change``) for every building that opens a link's origin."""
    kind_makes = np.zeros((len(sets.plant_types), len(sets.products)), dtype=np.bool_)
    kind_makes[sets.places.plant_type[sets.makes.place], sets.makes.product] = True
    place = sets.changes.place[change]
    at: dict[tuple[int, int], list[int]] = {}
    for k, (s, kind) in enumerate(
        zip(sets.places.site[place].tolist(), sets.places.plant_type[place].tolist(), strict=True)
    ):
        for p in np.flatnonzero(kind_makes[kind]).tolist():
            at.setdefault((s, p), []).append(k)
    rows, positions = [], []
    for number, pair in enumerate(chosen.tolist()):
        for k in at.get((int(site[pair]), int(product_of[want[pair]])), ()):
            rows.append(number)
            positions.append(k)
    return np.array(rows, dtype=np.int64), np.array(positions, dtype=np.int64)
