"""Limits on who carries how much, on delivery, power and outages: ``concentration``, ``service``, ``renewable``.

And ``survive``.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evsiting.model.columns import Columns, change_terms
from evsiting.model.constraints.limits.scope import (
    Limit,
    Line,
    add_share,
    at_period,
    flows,
    labels,
    markets_at,
    outputs,
    sites_at,
    slots,
    with_violation,
)
from evsiting.model.constraints.partners import through
from evsiting.model.constraints.service import is_late, want_of
from evsiting.model.constraints.strengthening import requirement
from evsiting.model.expressions import electricity
from evsiting.model.milp import FloatArray, IntArray, MilpBuilder
from evsiting.model.sets import BoolArray, Sets
from evsiting.study.derived.trajectories import by_period
from evsiting.study.schema.plants import LIVE
from evsiting.study.study import Study

#: Kilowatt-hours in the unit of the rows ``renewable`` and of the columns ``clean``: a gigawatt-hour.
GWH = 1e6


def add_concentration(milp: MilpBuilder, study: Study, sets: Sets, columns: Columns, limit: Limit) -> None:
    r"""No single site, state, country, company, supplier or gateway carries more than a share of a product.

    .. math:: \sum_{q \in g} out_{qpt} + \sum_{l \in g} ship_{lt} \le \sigma\,had_{pt}
       \quad \forall g, t \in T_k \tag{concentration}

    .. math:: had_{pt} = \sum_q out_{qpt} + \sum_{l:\,s(l)} ship_{lt}

    The column ``had`` is no decision: all that is made and bought of the product, written once and not in every row.
    The output :math:`out_{qpt}` is what a plant makes, and what comes beside of another product less what is disposed
    of. A site, state or country carries what is made there; a supplier what is bought from it; a company what is bought
    from it and what is made at sites where a plant of it stands, is committed or paused that can make the product; a
    gateway what passes on lanes that name it in their route.
    """
    whole = _had(milp, sets, columns, limit, "concentration")
    for group, places, lanes in _groups(study, sets, limit):
        part = outputs(limit, sets, columns, places) + flows(limit, columns.ship[lanes])
        add_share(milp, "concentration", limit, part, whole, _scale(sets, limit), slots(sets, limit), group)


def _scale(sets: Sets, limit: Limit) -> float:
    """Return the units of a limit's product in one unit of its columns."""
    return float(sets.scale[limit.product])


def _had(milp: MilpBuilder, sets: Sets, columns: Columns, limit: Limit, family: str) -> Line:
    """Return all units of a limit's product that are made or bought, as a column of its own."""
    bought = (sets.lanes.product == limit.product) & (sets.lanes.supplier >= 0)
    everywhere, names = np.ones(len(sets.places.site), dtype=np.bool_), slots(sets, limit)
    every = outputs(limit, sets, columns, everywhere) + flows(limit, columns.ship[bought])
    had = milp.add_columns("had", (len(names),), labels(names, limit.name))
    at = np.arange(len(names))
    milp.add_rows(
        family,
        len(names),
        labels(names, limit.name, "had"),
        (every.row, every.column, every.value),
        (at, had, -1.0),
        lower=0.0,
        upper=0.0,
    )
    return Line(at, had, np.ones(len(names)), np.zeros(len(names)))


def _groups(study: Study, sets: Sets, limit: Limit) -> Iterator[tuple[str, BoolArray, IntArray]]:
    """Yield every group of a limit on concentration with the places and the lanes that it carries."""
    none, lanes, extra = np.zeros(0, dtype=np.int64), sets.lanes, sets.by_products
    bought = np.flatnonzero((lanes.product == limit.product) & (lanes.supplier >= 0))
    puts_out = np.zeros(len(sets.places.site), dtype=np.bool_)
    puts_out[sets.makes.place[sets.makes.of(limit.product)]] = True
    puts_out[extra.place[extra.product == limit.product]] = True
    site, nowhere = sets.places.site, np.zeros(len(puts_out), dtype=np.bool_)
    values = sets.site_values
    if limit.per in ("site", "region", "country"):
        codes = {"site": sets.sites.to_numpy(object), "region": values.region, "country": values.country}[limit.per]
        for code in sorted(set(codes[site[puts_out]].tolist()) - {""}):
            yield code, puts_out & (codes[site] == code), none
    elif limit.per == "supplier":
        for s in np.unique(lanes.supplier[bought]).tolist():
            yield str(sets.suppliers[s]), nowhere, bought[lanes.supplier[bought] == s]
    elif limit.per == "company":
        at = _company_sites(study, str(sets.products[limit.product]))
        seller = sets.supplier_values.company[lanes.supplier[bought]]
        for company in sorted({*at, *seller.tolist()} - {""}):
            here = puts_out & np.isin(sets.sites.to_numpy(object)[site], sorted(at.get(company, ())))
            mine = bought[seller == company]
            if here.any() or len(mine):
                yield company, here, mine
    else:
        for gateway, passing in through(sets).items():
            mine = passing[lanes.product[passing] == limit.product]
            if len(mine):
                yield gateway, nowhere, mine


def _company_sites(study: Study, product: str) -> dict[str, set[str]]:
    """Return the sites where a plant of each company can make a product."""
    plants = study.plants
    makers = set(study.processes.loc[study.processes["product"] == product, "plant_type"])
    makers |= set(study.by_products.loc[study.by_products["by_product"] == product, "plant_type"])
    plants = plants[plants["company"].notna() & plants["status"].isin(LIVE) & plants["plant_type"].isin(makers)]
    sites: dict[str, set[str]] = {}
    for company, site in zip(plants["company"], plants["site"], strict=True):
        sites.setdefault(str(company), set()).add(str(site))
    return sites


def add_service(milp: MilpBuilder, sets: Sets, columns: Columns, limit: Limit) -> None:
    r"""Of demand that has a promised delivery time, at least a share arrives in time.

    .. math:: \sum_{l \in in(k) \setminus late(t)} ship_{lt} \;\substack{\ge \\ \le}\;
       \sigma \sum_{(j,p) \in k:\,h_{jpt} < \infty} D_{jpt} \quad \forall t \in T_k \tag{service}

    at the markets of the limit's place and for its product, all where it names none. What arrives late and what is not
    served does not count as in time; demand without a promised time is left out on both sides.
    """
    wants, want = sets.wants, want_of(sets)
    mine = markets_at(sets, limit.place)[wants.market] & ((limit.product < 0) | (wants.product == limit.product))
    promised = np.isfinite(wants.promise) & mine[:, None]
    unit = float(sets.scale[wants.product[mine]].max(initial=0.0))
    lane, period = np.nonzero(np.vstack([promised, np.zeros((1, len(sets.horizon)), bool)])[want] & ~is_late(sets))
    slot = at_period(limit, period)
    inside = slot >= 0
    lane, period, slot = lane[inside], period[inside], slot[inside]
    demand = (wants.units * promised).sum(axis=0)[list(limit.periods)]
    if not demand.any():
        return
    units = sets.scale[sets.lanes.product[lane]]
    part = Line(slot, columns.ship[lane, period], units / unit, np.zeros(len(demand)))
    none = np.zeros(0, np.int64)
    whole = Line(none, none, np.zeros(0), demand / unit)
    add_share(milp, "service", limit, part, whole, unit, slots(sets, limit))


def add_renewable(milp: MilpBuilder, study: Study, sets: Sets, columns: Columns, limit: Limit) -> None:
    r"""Of the electricity of plants at a place, at least a share is renewable: in the grid's mix, or contracted.

    .. math:: \sum_{i \in k} \big( r_{it} (E_{it} - clean_{it}) + clean_{it} \big) \;\substack{\ge \\ \le}\;
       \sigma \sum_{i \in k} E_{it}, \qquad E_{it} = \sum_{m \in i} kWh_m\,make_{mt} \quad \forall t \in T_k
       \tag{renewable}

    with the renewable share r of the grid where the site stands, by period and never above one.
    """
    sites, steps = study.sites.set_index("site").loc[sets.sites], len(sets.horizon)
    values = sets.site_values
    share = np.minimum(
        by_period(
            study,
            "renewable_share",
            sites["renewable_share"].fillna(0.0),
            values.country.tolist(),
            values.region.tolist(),
            sets.sites.tolist(),
        ),
        1.0,
    )
    inside = sites_at(sets, limit.place)
    load = electricity(sets, columns)
    site, period = sets.places.site[load.row // steps], load.row % steps
    power = _in_periods(limit, inside[site], period, load.column, load.value / GWH)
    mixed = _in_periods(limit, inside[site], period, load.column, load.value / GWH * share[site, period])
    clean = milp.columns_of("clean")
    at = np.array([sets.sites.get_loc(k[0]) for k in clean], dtype=np.int64)
    when = np.array([sets.horizon.periods.index(k[1]) for k in clean], dtype=np.int64)
    column = np.array(list(clean.values()), dtype=np.int64)
    added = _in_periods(limit, inside[at], when, column, 1.0 - share[at, when])
    add_share(milp, "renewable", limit, mixed + added, power, GWH / 1e3, slots(sets, limit))


def _in_periods(limit: Limit, mask: np.ndarray, period: IntArray, column: IntArray, value: FloatArray) -> Line:
    """Return entries of the periods of a limit that a mask keeps, a slot a period."""
    slot = at_period(limit, period)
    mine = mask & (slot >= 0)
    return Line(slot[mine], column[mine], value[mine], np.zeros(len(limit.periods)))


def add_survive(milp: MilpBuilder, sets: Sets, columns: Columns, limit: Limit) -> None:
    r"""With any one plant, or any one port or border crossing out, a share of what demand needs can still be had.

    .. math:: \sum_{q \in p} Q_{qt} / use_{qp} - largest_{pt} + \sum_{s \in p} Q_s \ge \sigma\,g_{pt}, \qquad
       largest_{pt} \ge Q_{qt} / use_{qp} \quad \forall q \in p, t \in T_k \tag{survive}

    .. math:: \sum_{l \ni g} ship_{lt} \le (1 - \sigma)\,had_{pt}
       \quad \forall g, t \in T_k

    Open capacity Q counts as far as it is ramped up, all plants of a type at one site as one, and suppliers with the
    most that they sell; where one sells without limit the first rows fall away. :math:`g_{pt}` is what demand needs of
    the product, in what is made of it as well. The columns ``largest`` and ``had`` are no decisions: the size of the
    largest plant, and all that is made and bought of the product.
    """
    p, sigma, periods = limit.product, limit.low, list(limit.periods)
    seller = sets.supplier_values.product == p
    sold = sets.supplier_values.capacity[seller][:, periods].sum(axis=0)
    if np.isfinite(sold).any():
        _survive_plant(milp, sets, columns, limit, sold)
    passing = {gateway: lanes[sets.lanes.product[lanes] == p] for gateway, lanes in through(sets).items()}
    passing = {gateway: mine for gateway, mine in passing.items() if len(mine)}
    if passing:
        whole = _had(milp, sets, columns, limit, "survive")
        for gateway, mine in passing.items():
            line = flows(limit, columns.ship[mine]) + whole * -(1.0 - sigma)
            line = with_violation(milp, limit, line, "at most", _scale(sets, limit), slots(sets, limit))
            milp.add_rows(
                "survive",
                len(periods),
                labels(slots(sets, limit), limit.name, gateway),
                (line.row, line.column, line.value),
                upper=0.0,
            )


def _survive_plant(milp: MilpBuilder, sets: Sets, columns: Columns, limit: Limit, sold: FloatArray) -> None:
    """Add the constraints of a plant that is out; ``sold`` is the most that suppliers sell in the limit's periods."""
    p, names, scale = limit.product, slots(sets, limit), float(sets.scale[limit.product])
    periods, steps = list(limit.periods), len(limit.periods)
    makes = np.flatnonzero(sets.makes.of(p))
    place, use = sets.makes.place[makes], sets.makes.use[makes] * scale
    number = np.full(len(sets.places.site), -1, dtype=np.int64)
    number[place] = np.arange(len(makes))
    change, period, column, amount = change_terms(columns, sets.changes.capacity)
    slot, row = at_period(limit, period), number[sets.changes.place[change]]
    mine = (slot >= 0) & (row >= 0)
    slot, row, column = slot[mine], row[mine], column[mine]
    value = amount[mine] / use[row]
    standing = sets.places.capacity[place][:, periods] / use[:, None]

    have = with_violation(milp, limit, Line(slot, column, value, np.zeros(steps)), "at least", scale, names)
    largest = milp.add_columns("largest", (steps,), labels(names, limit.name))
    milp.add_rows(
        "survive",
        steps,
        labels(names, limit.name, "capacity"),
        (have.row, have.column, have.value),
        (np.arange(steps), largest, -1.0),
        lower=limit.low * requirement(sets)[p, periods] / scale - sold / scale - standing.sum(axis=0),
    )
    milp.add_rows(
        "survive",
        len(makes) * steps,
        lambda k: (limit.name, *sets.place_name(int(place[k // steps])), names[k % steps]),
        (row * steps + slot, column, -value),
        (np.arange(len(makes) * steps), np.tile(largest, len(makes)), 1.0),
        lower=standing.ravel(),
    )
