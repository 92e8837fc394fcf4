"""Valid inequalities that tighten the relaxation: ``total_capacity``, ``min_plants``, and the number of ``link``."""

from __future__ import annotations

import numpy as np

from evsiting.model.columns import Columns, change_terms, new_plant_terms
from evsiting.model.milp import FloatArray, IntArray, MilpBuilder
from evsiting.model.sets import Sets

#: Links of each market and product: this many times what there are sites for each plant that is needed, and at least.
REACH, LEAST_LINKS = 4.0, 25
#: Most links in all, beyond the least of each market and product.
MOST_LINKS = 250_000


def requirement(sets: Sets) -> FloatArray:
    r"""Return the units of every product that must be made or bought to serve all demand. shape (P, T) [unit/yr]

    .. math:: g_t = (I - B/y)^{-1} d_t
    """
    demand = np.zeros((len(sets.products), len(sets.horizon)))
    np.add.at(demand, sets.wants.product, sets.wants.units)
    return np.asarray(sets.gross @ demand)


def stages(sets: Sets) -> list[tuple[IntArray, int]]:
    """Return (plant types, product) for every product that is the only output of the plant types that make it.

    For those products capacity and requirement can be compared; the redundant constraints are written for them. Of what
    may come as a by-product nobody must have capacity.
    """
    kind = sets.places.plant_type[sets.makes.place]
    pairs = np.unique(np.column_stack([kind, sets.makes.product, sets.makes.step > 0]), axis=0)
    outputs = np.bincount(pairs[:, 0], minlength=len(sets.plant_types))
    pairs = pairs[pairs[:, 2] == 0]
    return [
        (makers, int(p))
        for p in np.setdiff1d(pairs[:, 1], sets.by_products.product)
        if (outputs[makers := pairs[pairs[:, 1] == p, 0]] == 1).all()
    ]


def links_per_market(sets: Sets, steps: int) -> IntArray:
    """Return how many origins of a market get a ``link``, by product and by how few plants demand needs. shape (P,)

    The fewer plants are open, the farther each market is from the one that serves it, and the relaxation reaches as
    far: with one plant among many sites every link may bind, with many full plants those of the nearest do.

    Parameters
    ----------
    sets : Sets
        Sizes of the plants, sites and demand.
    steps : int
        Periods in which each link is written.
    """
    need, use = requirement(sets).max(axis=1, initial=0.0), _use(sets)
    built = sets.changes.kind == "build"
    size = np.zeros(len(use))
    np.maximum.at(size, sets.changes.place[built], sets.changes.size[built])
    stands = sets.places.capacity.max(axis=1, initial=0.0)
    each = np.zeros(len(sets.products), dtype=np.int64)
    sites = np.zeros(len(sets.products), dtype=np.int64)
    for p in np.unique(sets.wants.product).tolist():
        makers = np.unique(sets.makes.place[sets.makes.product == p])
        new = makers[size[makers] > 0.0]
        if not len(new):
            continue
        old = float((stands[makers] / use[makers]).sum())
        plants = max(1.0, np.ceil((need[p] - old) / float((size[new] / use[new]).max())))
        sites[p] = len(np.unique(sets.places.site[new]))
        each[p] = max(LEAST_LINKS, int(np.ceil(REACH * sites[p] / plants)))
    total = steps * int(np.minimum(each, sites)[sets.wants.product].sum())
    if total > MOST_LINKS:
        each = np.maximum(np.minimum(each, sites) * MOST_LINKS // total, np.minimum(each, LEAST_LINKS))
    return each


def add_total_capacity(milp: MilpBuilder, sets: Sets, columns: Columns) -> None:
    r"""Open capacity of a stage covers what demand needs, less what is bought or not served at this stage or after it.

    The constraint follows from the others, but no solver finds it: it gives the cut generators a knapsack over all
    plants.

    .. math:: \sum_{q \in p} \Big(\bar Q_{qt} + \sum_{c \in q} \sum_{\tau \le t} Q_{c\tau t}\,build_{c\tau}\Big)
       / use_{p}
       + \sum_{p'} E_{pp'} \big(bought_{p't} + unmet_{p't}\big) \ge g_{pt} \quad \forall p, t, \qquad E = (I - B/y)^{-1}
       \tag{total\_capacity}
    """
    steps, gross, need = len(sets.horizon), sets.gross, requirement(sets)
    wanted = [(kinds, p) for kinds, p in stages(sets) if need[p].max() > 0]
    change, period, column, amount = change_terms(columns, sets.changes.capacity)
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
    change, period, column = new_plant_terms(sets, columns)
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
