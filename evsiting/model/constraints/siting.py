"""What is built, closed, resumed: decisions ``build``, ``close``, ``resume``; rows of what may stand and be used.

And two rows that follow from the others but help a solver: ``total_capacity``, ``min_plants``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evsiting.model.milp import FloatArray, IntArray, MilpBuilder
from evsiting.model.sets import Sets


@dataclass(frozen=True)
class Columns:
    """Column indices of the decisions that every study has.

    Parameters
    ----------
    change : numpy.ndarray of int, shape (C, T)
        A change is taken at the start of a period: ``build``, ``close`` or ``resume``. {0, 1}
    make : numpy.ndarray of int, shape (M, T)
        Output. [scaled unit/yr]
    ship : numpy.ndarray of int, shape (L, T)
        Shipment. [scaled unit/yr]
    unmet : numpy.ndarray of int, shape (D, T)
        Demand not served; -1 where all must be served. [scaled unit/yr]
    """

    change: IntArray
    make: IntArray
    ship: IntArray
    unmet: IntArray


def add_decisions(milp: MilpBuilder, sets: Sets) -> Columns:
    """Add ``build``, ``close``, ``resume``, ``make``, ``ship`` and ``unmet``; every flow is bounded by zero below.

    Parameters
    ----------
    milp : MilpBuilder
        Receives the columns.
    sets : Sets
        Index sets.
    """
    periods, lanes, wants = sets.horizon.periods, sets.lanes.frame, sets.wants
    steps = len(periods)
    text = [list(lanes[c]) for c in ("product", "origin", "destination", "mode")]
    change = _changes(milp, sets)
    make = milp.add_columns(
        "make",
        (len(sets.makes.place), steps),
        lambda m, t: (
            *sets.place_name(int(sets.makes.place[m])),
            str(sets.products[sets.makes.product[m]]),
            periods[t],
        ),
    )
    ship = milp.add_columns("ship", (len(lanes), steps), lambda k, t: (*(column[k] for column in text), periods[t]))
    want, period = np.nonzero(~np.isnan(wants.penalty) & (wants.units > 0))
    unmet = np.full(wants.units.shape, -1, dtype=np.int64)
    unmet[want, period] = milp.add_columns(
        "unmet",
        (len(want),),
        lambda u: (
            str(sets.markets[wants.market[want[u]]]),
            str(sets.products[wants.product[want[u]]]),
            periods[period[u]],
        ),
        upper=wants.units[want, period] / sets.scale[wants.product[want]],
    )
    return Columns(change, make, ship, unmet)


def _changes(milp: MilpBuilder, sets: Sets) -> IntArray:
    """Add a yes-or-no column for every change and period; -1 for expansions in the first, where nothing can grow."""
    changes, periods = sets.changes, sets.horizon.periods
    column = np.full((len(changes.kind), len(periods)), -1, dtype=np.int64)
    for kind in ("build", "close", "resume"):
        plant = kind != "build"
        mine, when = np.nonzero(
            (changes.kind == kind)[:, None] & ((changes.expands < 0)[:, None] | (np.arange(len(periods)) > 0))
        )
        if len(mine):
            column[mine, when] = milp.add_columns(
                kind,
                (len(mine),),
                lambda k, mine=mine, when=when, plant=plant: (
                    *(() if plant else sets.place_name(int(changes.place[mine[k]]))),
                    str(changes.name[mine[k]]),
                    periods[when[k]],
                ),
                upper=1.0,
                integer=True,
            )
    return column


def taken(columns: Columns, amount: FloatArray) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    """Return what changes add to the periods in which they count.

    Parameters
    ----------
    columns : Columns
        Where the changes stand.
    amount : numpy.ndarray, shape (C, T, T)
        What a change adds in the second period when taken at the first.

    Returns
    -------
    change, period, column : numpy.ndarray of int, each shape (X,)
        Every change, period in which it counts, and column, zeros left out.
    value : numpy.ndarray, shape (X,)
        What it adds.
    """
    change, when, period = np.nonzero(amount * (columns.change >= 0)[:, :, None])
    return change, period, columns.change[change, when], amount[change, when, period]


def opened(sets: Sets, columns: Columns) -> tuple[IntArray, IntArray, IntArray]:
    """Return (change, period, column) for every new plant and period from that of building on."""
    steps = len(sets.horizon)
    count = sets.changes.root[:, None, None] * np.triu(np.ones((steps, steps)))
    change, period, column, _ = taken(columns, count)
    return change, period, column


def add_one_option(milp: MilpBuilder, sets: Sets, columns: Columns) -> None:
    r"""At most one new plant of a plant type per site over the horizon; once built it stays.

    .. math:: \sum_{c \in new(q),\,t} build_{ct} \le 1 \quad \forall q \tag{one\_option}
    """
    new = np.flatnonzero(sets.changes.root)
    places, row = np.unique(sets.changes.place[new], return_inverse=True)
    milp.add_rows(
        "one_option",
        len(places),
        lambda k: sets.place_name(int(places[k])),
        (row[:, None], columns.change[new], 1.0),
        upper=1.0,
    )


def add_expand(milp: MilpBuilder, sets: Sets, columns: Columns) -> None:
    r"""An option is expanded once, and only after the period in which it was built.

    .. math:: \sum_{c' \text{ expands } c} \sum_{\tau \le t} build_{c'\tau} \le \sum_{\tau < t} build_{c\tau}
       \quad \forall c, t \tag{expand}

    An expansion counts with what it adds to the option out of which it grows: capacity, staff, fixed cost.
    """
    steps, changes = len(sets.horizon), sets.changes
    growing = np.flatnonzero(changes.expands >= 0)
    if not len(growing) or steps < 2:
        return
    old, row = np.unique(changes.expands[growing], return_inverse=True)
    rows = steps - 1
    early, late = np.triu_indices(steps)
    early, late = early[early > 0], late[early > 0]
    sooner, later = np.triu_indices(steps, 1)
    before = columns.change[old][:, sooner]
    known = np.nonzero(before >= 0)
    milp.add_rows(
        "expand",
        len(old) * rows,
        lambda k: (
            *sets.place_name(int(changes.place[old[k // rows]])),
            str(changes.name[old[k // rows]]),
            sets.horizon.periods[k % rows + 1],
        ),
        (row[:, None] * rows + late - 1, columns.change[growing][:, early], 1.0),
        (known[0] * rows + later[known[1]] - 1, before[known], -1.0),
        upper=0.0,
    )


def add_move_once(milp: MilpBuilder, sets: Sets, columns: Columns) -> None:
    r"""A standing plant is closed once, a paused one resumed once.

    .. math:: \sum_t close_{ct} \le 1, \qquad \sum_t resume_{ct} \le 1 \quad \forall c \tag{move\_once}
    """
    moves = np.flatnonzero(sets.changes.kind != "build")
    if len(moves):
        milp.add_rows(
            "move_once",
            len(moves),
            lambda k: (str(sets.changes.name[moves[k]]),),
            (np.arange(len(moves))[:, None], columns.change[moves], 1.0),
            upper=1.0,
        )


def add_capacity(milp: MilpBuilder, sets: Sets, columns: Columns) -> None:
    r"""A plant makes at most what stands there and what changes have added, as far as it is ramped up.

    .. math:: \sum_p use_{qp}\,make_{qpt} \le \bar Q_{qt} + \sum_{c \in q} \sum_{\tau \le t} Q_{c\tau t}\,build_{c\tau}
       \quad \forall q, t \tag{capacity}

    :math:`Q_{c\tau t}` is negative for a closing; it holds the partner's part no more.
    """
    steps, places = len(sets.horizon), sets.places
    scale = sets.type_scale[places.plant_type]
    change, period, column, amount = taken(columns, sets.changes.capacity)
    of = sets.changes.place[change]
    use = sets.makes.use * sets.scale[sets.makes.product] / scale[sets.makes.place]
    milp.add_rows(
        "capacity",
        len(places.site) * steps,
        lambda k: (*sets.place_name(k // steps), sets.horizon.periods[k % steps]),
        (sets.makes.place[:, None] * steps + np.arange(steps), columns.make, use[:, None]),
        (of * steps + period, column, -amount / scale[of]),
        upper=(places.capacity / scale[:, None]).ravel(),
    )


def add_min_load(milp: MilpBuilder, sets: Sets, columns: Columns) -> None:
    r"""An open option is used at least to its minimum load, as far as it is ramped up; an expansion, what it adds.

    .. math:: \sum_p use_{qp}\,make_{qpt} \ge \sum_{c \in q} \sum_{\tau \le t} \lambda_c Q_{c\tau t}\,build_{c\tau}
       \quad \forall q, t \tag{min\_load}
    """
    steps, scale = len(sets.horizon), sets.type_scale[sets.places.plant_type]
    change, period, column, amount = taken(columns, sets.changes.least)
    of = sets.changes.place[change]
    places = np.unique(of)
    if not len(places):
        return
    row_of = np.full(len(sets.places.site), -1)
    row_of[places] = np.arange(len(places))
    use = sets.makes.use * sets.scale[sets.makes.product] / scale[sets.makes.place]
    held = row_of[sets.makes.place] >= 0
    milp.add_rows(
        "min_load",
        len(places) * steps,
        lambda k: (*sets.place_name(int(places[k // steps])), sets.horizon.periods[k % steps]),
        (row_of[sets.makes.place][held, None] * steps + np.arange(steps), columns.make[held], use[held, None]),
        (row_of[of] * steps + period, column, -amount / scale[of]),
        lower=0.0,
    )


def requirement(sets: Sets) -> FloatArray:
    r"""Return the units of every product that must be made or bought to serve all demand. shape (P, T) [unit/yr]

    .. math:: g_t = (I - B/y)^{-1} d_t
    """
    demand = np.zeros((len(sets.products), len(sets.horizon)))
    np.add.at(demand, sets.wants.product, sets.wants.units)
    return np.asarray(sets.gross @ demand)


def stages(sets: Sets) -> list[tuple[IntArray, int]]:
    """Return (plant types, product) for every product that is the only output of the plant types that make it.

    For those products capacity and requirement can be compared; the redundant rows are written for them.
    """
    kind = sets.places.plant_type[sets.makes.place]
    pairs = np.unique(np.column_stack([kind, sets.makes.product]), axis=0)
    outputs = np.bincount(pairs[:, 0], minlength=len(sets.plant_types))
    return [
        (makers, int(p)) for p in np.unique(pairs[:, 1]) if (outputs[makers := pairs[pairs[:, 1] == p, 0]] == 1).all()
    ]


def add_total_capacity(milp: MilpBuilder, sets: Sets, columns: Columns) -> None:
    r"""Open capacity of a stage covers what demand needs, less what is bought or not served at this stage or after it.

    The row follows from the others, but no solver finds it: it hands the cut generators a knapsack over all plants.

    .. math:: \sum_{q \in p} \Big(\bar Q_{qt} + \sum_{c \in q} \sum_{\tau \le t} Q_{c\tau t}\,build_{c\tau}\Big)
       / use_{p}
       + \sum_{p'} E_{pp'} \big(bought_{p't} + unmet_{p't}\big) \ge g_{pt} \quad \forall p, t, \qquad E = (I - B/y)^{-1}
       \tag{total\_capacity}
    """
    steps, gross, need = len(sets.horizon), sets.gross, requirement(sets)
    wanted = [(kinds, p) for kinds, p in stages(sets) if need[p].max() > 0]
    change, period, column, amount = taken(columns, sets.changes.capacity)
    of = sets.changes.place[change]
    bought = np.flatnonzero(sets.lanes.supplier >= 0)
    use = _use(sets)
    terms: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    right = np.zeros((len(wanted), steps))
    for k, (kinds, p) in enumerate(wanted):
        mine = np.isin(sets.places.plant_type, kinds)
        here = mine[of]
        terms.append((k * steps + period[here], column[here], amount[here] / use[of[here]] / sets.scale[p]))
        source = bought[gross[p, sets.lanes.product[bought]] > 0]
        weight = gross[p, sets.lanes.product[source]] * sets.scale[sets.lanes.product[source]] / sets.scale[p]
        terms.append(
            (np.tile(k * steps + np.arange(steps), len(source)), columns.ship[source].ravel(), np.repeat(weight, steps))
        )
        want, when = np.nonzero(columns.unmet >= 0)
        product = sets.wants.product[want]
        terms.append(
            (k * steps + when, columns.unmet[want, when], gross[p, product] * sets.scale[product] / sets.scale[p])
        )
        right[k] = (need[p] - (sets.places.capacity[mine] / use[mine, None]).sum(axis=0)) / sets.scale[p]
    milp.add_rows(
        "total_capacity",
        len(wanted) * steps,
        lambda k: (str(sets.products[wanted[k // steps][1]]), sets.horizon.periods[k % steps]),
        *terms,
        lower=right.ravel(),
    )


def add_min_plants(milp: MilpBuilder, sets: Sets, columns: Columns) -> None:
    r"""At least as many new plants of a stage as the largest ones would need, where nothing can stand in for them.

    .. math:: \sum_{q \in p,\,c \in new(q),\,\tau \le t} build_{c\tau} \ge n^{min}_{pt}
       \quad \forall p, t \tag{min\_plants}

    :math:`n^{min}` counts the largest options, one a site, until what demand needs is covered, less standing capacity,
    what may be resumed, and all that suppliers of limited capacity could sell. It is left out where a supplier has no
    limit or demand may go unmet.
    """
    steps, gross, need = len(sets.horizon), sets.gross, requirement(sets)
    use = _use(sets)
    change, period, column = opened(sets, columns)
    of = sets.changes.place[change]
    built = np.flatnonzero(sets.changes.kind == "build")
    resumed = np.zeros(len(use))
    paused = sets.changes.kind == "resume"
    np.add.at(resumed, sets.changes.place[paused], sets.changes.size[paused])
    rows: list[tuple[int, int, int, np.ndarray]] = []
    for kinds, p in stages(sets):
        mine = np.isin(sets.places.plant_type, kinds)
        best = np.zeros(len(mine))
        at = sets.changes.place[built]
        np.maximum.at(best, at, sets.changes.size[built] / use[at])
        reach = np.cumsum(np.sort(best[mine])[::-1])
        old = ((sets.places.capacity + resumed[:, None])[mine] / use[mine, None]).sum(axis=0)
        spare = old + _purchasable(sets, gross[p])
        for t in range(steps):
            if _may_go_unmet(sets, gross[p], t):
                continue
            least = (
                int(np.searchsorted(reach, (need[p, t] - spare[t]) * (1.0 - 1e-9))) + 1 if need[p, t] > spare[t] else 0
            )
            if least > 0:
                rows.append((p, t, min(least, len(reach)), mine))
    milp.add_rows(
        "min_plants",
        len(rows),
        lambda k: (str(sets.products[rows[k][0]]), sets.horizon.periods[rows[k][1]]),
        *(
            (np.full(int((pick := rows[k][3][of] & (period == rows[k][1])).sum()), k), column[pick], 1.0)
            for k in range(len(rows))
        ),
        lower=np.array([float(r[2]) for r in rows]),
    )


def _use(sets: Sets) -> FloatArray:
    """Return the capacity that one unit takes at each place, where it makes one product only. shape (Q,)"""
    use = np.ones(len(sets.places.site))
    use[sets.makes.place] = sets.makes.use
    return use


def _purchasable(sets: Sets, gross: FloatArray) -> FloatArray:
    """Return the most that suppliers can spare a stage, in its units; infinite where one has no limit. shape (T,)"""
    weight = gross[sets.supplier_values.product][:, None]
    sold = np.where(weight > 0, sets.supplier_values.capacity * np.maximum(weight, 1e-300), 0.0)
    return np.asarray(sold.sum(axis=0))


def _may_go_unmet(sets: Sets, gross: FloatArray, period: int) -> bool:
    allowed = ~np.isnan(sets.wants.penalty[:, period]) & (sets.wants.units[:, period] > 0)
    return bool((allowed & (gross[sets.wants.product] > 0)).any())
