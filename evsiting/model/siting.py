"""What is built where: decisions ``build``; rows ``one_option``, ``capacity``, ``min_load``.

And two that follow from the others but help a solver: ``total_capacity``, ``min_plants``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evsiting.model.milp import FloatArray, IntArray, MilpBuilder
from evsiting.model.sets import Sets, positions


@dataclass(frozen=True)
class Columns:
    """Column indices of every decision.

    Parameters
    ----------
    build : numpy.ndarray of int, shape (B, T)
        Option b is built at the start of period t. {0, 1}
    make : numpy.ndarray of int, shape (M, T)
        Output. [scaled unit/yr]
    ship : numpy.ndarray of int, shape (L, T)
        Shipment. [scaled unit/yr]
    unmet : numpy.ndarray of int, shape (U,)
        Demand not served, where that is allowed. [scaled unit/yr]
    unmet_want, unmet_period : numpy.ndarray of int, shape (U,)
        Which pair of market and product, and which period.
    """

    build: IntArray
    make: IntArray
    ship: IntArray
    unmet: IntArray
    unmet_want: IntArray
    unmet_period: IntArray


def add_decisions(milp: MilpBuilder, sets: Sets) -> Columns:
    """Add ``build``, ``make``, ``ship`` and ``unmet``; every flow is bounded by zero below.

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
    build = milp.add_columns(
        "build",
        (len(sets.builds.option), steps),
        lambda b, t: (*_place(sets, int(sets.builds.place[b])), sets.builds.option[b], periods[t]),
        upper=1.0,
        integer=True,
    )
    make = milp.add_columns(
        "make",
        (len(sets.makes.place), steps),
        lambda m, t: (*_place(sets, int(sets.makes.place[m])), str(sets.products[sets.makes.product[m]]), periods[t]),
    )
    ship = milp.add_columns("ship", (len(lanes), steps), lambda k, t: (*(column[k] for column in text), periods[t]))
    want, period = np.nonzero(~np.isnan(wants.penalty) & (wants.units > 0))
    unmet = milp.add_columns(
        "unmet",
        (len(want),),
        lambda u: (
            str(sets.markets[wants.market[want[u]]]),
            str(sets.products[wants.product[want[u]]]),
            periods[period[u]],
        ),
        upper=wants.units[want, period] / sets.scale[wants.product[want]],
    )
    return Columns(build, make, ship, unmet, want.astype(np.int64), period.astype(np.int64))


def _place(sets: Sets, place: int) -> tuple[str, str]:
    return str(sets.sites[sets.places.site[place]]), str(sets.plant_types[sets.places.plant_type[place]])


def built_by(columns: Columns, steps: int) -> tuple[IntArray, IntArray, IntArray]:
    """Return (b, t, column) for every building that counts as open in period t: those of t and of periods before.

    Returns
    -------
    tuple of numpy.ndarray of int, each shape (B·T·(T+1)/2,)
        Option index, period, column.
    """
    early, late = np.triu_indices(steps)
    options = len(columns.build)
    option = np.repeat(np.arange(options), len(late))
    return option, np.tile(late, options), columns.build[:, early].ravel()


def add_one_option(milp: MilpBuilder, sets: Sets, columns: Columns) -> None:
    r"""At most one option of a plant type per site over the horizon; once built it stays.

    .. math:: \sum_{b \in q,\,t} build_{bt} \le 1 \quad \forall q \tag{one\_option}
    """
    places, row = np.unique(sets.builds.place, return_inverse=True)
    milp.add_rows(
        "one_option", len(places), lambda k: _place(sets, int(places[k])), (row[:, None], columns.build, 1.0), upper=1.0
    )


def add_capacity(milp: MilpBuilder, sets: Sets, columns: Columns) -> None:
    r"""A plant makes at most what stands there and what its open option allows.

    .. math:: \sum_p use_{qp}\,make_{qpt} \le \bar Q_q + \sum_{b \in q} Q_b \sum_{\tau \le t} build_{b\tau}
       \quad \forall q, t \tag{capacity}
    """
    steps, places = len(sets.horizon), sets.places
    scale = sets.type_scale[places.plant_type]
    option, period, column = built_by(columns, steps)
    of = sets.builds.place[option]
    use = sets.makes.use * sets.scale[sets.makes.product] / scale[sets.makes.place]
    milp.add_rows(
        "capacity",
        len(places.site) * steps,
        lambda k: (*_place(sets, k // steps), sets.horizon.periods[k % steps]),
        (sets.makes.place[:, None] * steps + np.arange(steps), columns.make, use[:, None]),
        (of * steps + period, column, -sets.builds.capacity[option] / scale[of]),
        upper=np.repeat(places.capacity / scale, steps),
    )


def add_min_load(milp: MilpBuilder, sets: Sets, columns: Columns) -> None:
    r"""An open option is used at least to its minimum load.

    .. math:: \sum_p use_{qp}\,make_{qpt} \ge \sum_{b \in q} \lambda_b Q_b \sum_{\tau \le t} build_{b\tau}
       \quad \forall q, t \tag{min\_load}
    """
    steps, scale = len(sets.horizon), sets.type_scale[sets.places.plant_type]
    least = sets.builds.min_load * sets.builds.capacity
    places = np.unique(sets.builds.place[least > 0])
    if not len(places):
        return
    row_of = np.full(len(sets.places.site), -1)
    row_of[places] = np.arange(len(places))
    option, period, column = built_by(columns, steps)
    of = sets.builds.place[option]
    use = sets.makes.use * sets.scale[sets.makes.product] / scale[sets.makes.place]
    held, here = row_of[sets.makes.place] >= 0, row_of[of] >= 0
    milp.add_rows(
        "min_load",
        len(places) * steps,
        lambda k: (*_place(sets, int(places[k // steps])), sets.horizon.periods[k % steps]),
        (row_of[sets.makes.place][held, None] * steps + np.arange(steps), columns.make[held], use[held, None]),
        (row_of[of][here] * steps + period[here], column[here], -(least[option] / scale[of])[here]),
        lower=0.0,
    )


def requirement(sets: Sets) -> FloatArray:
    r"""Return the units of every product that must be made or bought to serve all demand. shape (P, T) [unit/yr]

    .. math:: g_t = (I - B)^{-1} d_t
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

    .. math:: \sum_{q \in p} \Big(\bar Q_q + \sum_{b \in q} Q_b \sum_{\tau \le t} build_{b\tau}\Big) / use_{p}
       + \sum_{p'} E_{pp'} \big(bought_{p't} + unmet_{p't}\big) \ge g_{pt} \quad \forall p, t, \qquad E = (I - B)^{-1}
       \tag{total\_capacity}
    """
    steps, gross, need = len(sets.horizon), sets.gross, requirement(sets)
    wanted = [(kinds, p) for kinds, p in stages(sets) if need[p].max() > 0]
    option, period, column = built_by(columns, steps)
    bought = np.flatnonzero(sets.lanes.supplier >= 0)
    use = _use(sets)
    terms: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    right = np.zeros((len(wanted), steps))
    for k, (kinds, p) in enumerate(wanted):
        mine = np.isin(sets.places.plant_type, kinds)
        of = sets.builds.place[option]
        here = mine[of]
        terms.append(
            (k * steps + period[here], column[here], sets.builds.capacity[option[here]] / use[of[here]] / sets.scale[p])
        )
        source = bought[gross[p, sets.lanes.product[bought]] > 0]
        weight = gross[p, sets.lanes.product[source]] * sets.scale[sets.lanes.product[source]] / sets.scale[p]
        terms.append(
            (np.tile(k * steps + np.arange(steps), len(source)), columns.ship[source].ravel(), np.repeat(weight, steps))
        )
        product = sets.wants.product[columns.unmet_want]
        terms.append(
            (k * steps + columns.unmet_period, columns.unmet, gross[p, product] * sets.scale[product] / sets.scale[p])
        )
        right[k] = (need[p] - (sets.places.capacity[mine] / use[mine]).sum()) / sets.scale[p]
    milp.add_rows(
        "total_capacity",
        len(wanted) * steps,
        lambda k: (str(sets.products[wanted[k // steps][1]]), sets.horizon.periods[k % steps]),
        *terms,
        lower=right.ravel(),
    )


def add_min_plants(milp: MilpBuilder, sets: Sets, columns: Columns) -> None:
    r"""At least as many new plants of a stage as the largest ones would need, where nothing can stand in for them.

    .. math:: \sum_{q \in p,\,b \in q,\,\tau \le t} build_{b\tau} \ge n^{min}_{pt} \quad \forall p, t \tag{min\_plants}

    :math:`n^{min}` counts the largest options, one a site, until what demand needs is covered, less standing capacity
    and all that suppliers of limited capacity could sell. It is left out where a supplier has no limit or demand may go
    unmet.
    """
    steps, gross, need = len(sets.horizon), sets.gross, requirement(sets)
    use = _use(sets)
    option, period, column = built_by(columns, steps)
    of = sets.builds.place[option]
    rows: list[tuple[int, int, int, np.ndarray]] = []
    for kinds, p in stages(sets):
        mine = np.isin(sets.places.plant_type, kinds)
        best = np.zeros(len(mine))
        np.maximum.at(best, sets.builds.place, sets.builds.capacity / use[sets.builds.place])
        reach = np.cumsum(np.sort(best[mine])[::-1])
        spare = (sets.places.capacity[mine] / use[mine]).sum() + _purchasable(sets, gross[p])
        for t in range(steps):
            if _may_go_unmet(sets, gross[p], t):
                continue
            least = int(np.searchsorted(reach, (need[p, t] - spare) * (1.0 - 1e-9))) + 1 if need[p, t] > spare else 0
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


def _purchasable(sets: Sets, gross: FloatArray) -> float:
    """Return the most that suppliers can spare a stage, in its units; infinite where one has no limit. [unit/yr]"""
    if not len(sets.suppliers):
        return 0.0
    capacity = sets.supplier_values["capacity_units_per_yr"].fillna(np.inf).to_numpy(np.float64)
    weight = gross[positions(sets.products, sets.supplier_values["product"])]
    return float(np.where(weight > 0, capacity * np.maximum(weight, 1e-300), 0.0).sum())


def _may_go_unmet(sets: Sets, gross: FloatArray, period: int) -> bool:
    allowed = ~np.isnan(sets.wants.penalty[:, period]) & (sets.wants.units[:, period] > 0)
    return bool((allowed & (gross[sets.wants.product] > 0)).any())
