"""What a product must keep to qualify: ``qualified``, ``origin``, ``labor_value``, ``core_parts``, ``originating``.

A rule holds for units that qualify; each other unit may break it by the most that one unit can. So a relaxation gives
no more relief than it has kept rules for, which capacities alone would not tell it.
"""

from __future__ import annotations

import numpy as np

from evsiting.model.columns import Columns, add_columns_where
from evsiting.model.constraints.trade.origin import MUSD, Origins, Rules, high_wage, per_unit
from evsiting.model.milp import FloatArray, IntArray, Label, MilpBuilder
from evsiting.model.sets import BoolArray, Sets

#: Entries of rows over products of sites and periods: position r·T + t, column, coefficient.
Entries = tuple[IntArray, IntArray, FloatArray]


def add_qualified(milp: MilpBuilder, sets: Sets, columns: Columns, origins: Origins) -> None:
    r"""All units of a product qualify, or none.

    .. math:: good_{ipt} \le make_{ipt}, \qquad good_{ipt} \le M_{ipt}\,qualified_{ipt}, \qquad
       make_{ipt} - good_{ipt} \le M_{ipt}\,(1 - qualified_{ipt}) \quad \forall i, p, t \tag{qualified}

    with M the most that the site can make.
    """
    periods, steps = sets.horizon.periods, len(sets.horizon)
    asked, when = np.nonzero(origins.qualified >= 0)
    if not len(asked):
        return
    site, product = origins.site[asked], origins.product[asked]
    most = origins.most[site, product, when] / sets.scale[product]
    number = np.full(origins.qualified.size, -1, dtype=np.int64)
    number[asked * steps + when] = np.arange(len(asked))
    row, make, _ = _makes(sets, columns, origins, np.ones((len(sets.makes.place), steps)))
    row = number[row]
    make, row = make[row >= 0], row[row >= 0]
    good, yes = origins.good[asked, when], origins.qualified[asked, when]
    every = np.arange(len(asked))

    def label(words: str) -> Label:
        return lambda k: (str(sets.sites[site[k]]), str(sets.products[product[k]]), words, periods[when[k]])

    milp.add_rows("qualified", len(asked), label("made"), (every, good, 1.0), (row, make, -1.0), upper=0.0)
    milp.add_rows("qualified", len(asked), label("none"), (every, good, 1.0), (every, yes, -most), upper=0.0)
    milp.add_rows(
        "qualified", len(asked), label("all"), (row, make, 1.0), (every, good, -1.0), (every, yes, most), upper=most
    )


def add_origin(milp: MilpBuilder, sets: Sets, columns: Columns, rules: Rules, origins: Origins) -> None:
    r"""A product qualifies only if its foreign material is no more than the rest of its net cost allows.

    .. math:: \sum_{l \in in(i,a),\,a \in p} f_{lt}\,ship_{lt} - \sum_{a,k} v_a\,originating_{akit}
       + o_p\,make_{ipt} \le (1 - rvc_p)\,n_p\,make_{ipt} + w_{ipt}\,(make_{ipt} - good_{ipt})
       + M_{ipt}\,(1 - qualified_{ipt}) \quad \forall i, p, t \tag{origin}

    with foreign value f of a unit: the price of a supplier outside the United States, Canada and Mexico, the value
    :math:`v_a` of what a site sells and has a rule itself, else zero; other foreign material o and net cost n.
    All inputs that arrive at the site count. A unit that does not qualify may break the rule by w, its worst; M is what
    other products of the site add with the same inputs at full capacity, mostly nothing.
    """
    slack, each = np.zeros(origins.qualified.shape), np.zeros(origins.qualified.shape)
    worst = np.zeros((len(sets.sites), len(sets.products), len(sets.horizon)))
    into = np.flatnonzero(sets.lanes.to_site >= 0)
    np.maximum.at(worst, (sets.lanes.to_site[into], sets.lanes.product[into]), rules.foreign[into])
    for p in np.unique(origins.product):
        per_make = _inputs_of(sets, int(p), worst)
        own = sets.makes.product == p
        each += _largest_value(sets, origins, int(p), per_make + rules.other_foreign[p] - rules.margin[p])
        slack += _at_site(sets, origins, int(p), np.where(own[:, None], 0.0, per_make))
    row, lane = _arrivals(sets, origins)
    extra = np.zeros(len(sets.products))
    extra[rules.ruled] = (rules.other_foreign - rules.margin)[rules.ruled]
    makes = _makes(sets, columns, origins, np.repeat(extra[sets.makes.product, None], len(sets.horizon), axis=1))
    units = sets.scale[sets.lanes.product[lane], None]
    _add_rule(
        milp,
        "origin",
        sets,
        origins,
        [
            _over_time(row, columns.ship[lane], rules.foreign[lane] * units / MUSD),
            _counted_as_originating(sets, origins, row, lane, sets.value * sets.scale / MUSD),
            (makes[0], makes[1], makes[2] / MUSD),
        ],
        each * sets.scale[origins.product][:, None] / MUSD,
        slack / MUSD,
        columns,
    )


def add_labor_value(milp: MilpBuilder, sets: Sets, columns: Columns, rules: Rules, origins: Origins) -> None:
    r"""A product qualifies only if enough of its net cost is paid to high-wage work and material.

    .. math:: \sum_{a \in p} \sum_s h_{ast}\,paid_{ipast} + u_p\,make_{ipt}
       + \sum_{m \in (i,p)} [w_{it} \ge w^*_p]\,\hat w_{it} H_m\,make_{mt}
       \ge lvc_p\,n_p\,make_{ipt} - w_{ipt}\,(make_{ipt} - good_{ipt}) \quad \forall i, p, t

    .. math:: \sum_s paid_{ipast} \le \sum_{m \in (i,p)} B_{ap} / y_m\,make_{mt} \quad \forall i, p, a, t, \qquad
       \sum_p paid_{ipast} \le \sum_{l \in (s \to i, a)} ship_{lt} \quad \forall i, a, s, t \tag{labor\_value}

    with the value h of a unit that comes from a site whose straight wage w is at least :math:`w^*`, or from a supplier
    in the United States or Canada, else zero; other high-wage material u, burdened wage :math:`\hat w`, hours H and net
    cost n. A unit that does not qualify may lack w, all that one unit needs. ``paid`` are the units of input a from
    seller s (a site or a supplier) that count for product p: no more than p takes, and none for two products. Where no
    other product of the site takes the input, they are all that arrives, and the two last constraints are not written.
    The first is written where the rule gives a labor value content.
    """
    each = np.zeros(origins.qualified.shape)
    steps = len(sets.horizon)
    at = sets.places.site[sets.makes.place]
    row, lane = _arrivals(sets, origins)
    value = np.zeros((len(lane), steps))
    unit = np.zeros((len(sets.makes.place), steps))
    for p in np.unique(origins.product[~np.isnan(rules.lvc[origins.product])]):
        paid = sets.site_values.wage >= rules.high_wage[p]
        work = np.where(paid, sets.site_values.hourly, 0.0)[at] * sets.makes.labor[:, None]
        own = sets.makes.product == p
        unit[own] = (work + rules.other_high_wage[p] - rules.lvc[p])[own]
        each += _largest_value(sets, origins, int(p), -unit)
        mine = origins.product[row] == p
        value[mine] = high_wage(sets, float(rules.high_wage[p]))[lane[mine]]
    value[:] = np.where(origins.qualified[row] >= 0, value, 0.0)
    shared = _shared_inputs(sets)[sets.lanes.to_site[lane], sets.lanes.product[lane]]
    paid = _add_paid(milp, sets, columns, origins, row[shared], lane[shared], value[shared])
    row, lane, value = row[~shared], lane[~shared], value[~shared]
    makes = _makes(sets, columns, origins, -unit)
    units = sets.scale[sets.lanes.product[lane], None]
    _add_rule(
        milp,
        "labor_value",
        sets,
        origins,
        [_over_time(row, columns.ship[lane], -value * units / MUSD), paid, (makes[0], makes[1], makes[2] / MUSD)],
        each * sets.scale[origins.product][:, None] / MUSD,
        np.zeros_like(each),
        columns,
    )


def _shared_inputs(sets: Sets) -> BoolArray:
    """Return which inputs more than one product that a site can make takes. shape (S, P)."""
    return np.asarray(sets.takes.sum(axis=2) > 1)


def _add_paid(
    milp: MilpBuilder, sets: Sets, columns: Columns, origins: Origins, row: IntArray, lane: IntArray, value: FloatArray
) -> Entries:
    """Add the units of shared inputs that count as high-wage for a product, and return their entries.

    Parameters
    ----------
    milp, sets, columns, origins
        As everywhere.
    row, lane : numpy.ndarray of int, shape (K,)
        Product of a site, and a lane that brings an input of it that other products of the site take as well.
    value : numpy.ndarray, shape (K, T)
        What a unit counts; zero where it does not. [USD/unit]
    """
    lanes, makes, periods = sets.lanes, sets.makes, sets.horizon.periods
    ends = np.column_stack([row, lanes.product[lane], lanes.site[lane], lanes.supplier[lane]])
    keys, first, of = np.unique(ends, axis=0, return_index=True, return_inverse=True)
    asked, part, site, supplier = keys.T
    buyer, product = origins.site[asked], origins.product[asked]

    def seller(x: int) -> str:
        return str(sets.sites[site[x]]) if site[x] >= 0 else str(sets.suppliers[supplier[x]])

    def named(x: int) -> tuple[str, ...]:
        return str(sets.sites[buyer[x]]), str(sets.products[product[x]]), str(sets.products[part[x]]), seller(x)

    worth = value[first]
    column = add_columns_where(milp, "paid", worth > 0.0, named, periods)
    x, when = np.nonzero(column >= 0)
    if not len(x):
        return x, x, np.zeros(0)

    def rows(*what: IntArray) -> tuple[IntArray, IntArray, IntArray]:
        distinct, at, of_column = np.unique(
            np.column_stack([*what, when]), axis=0, return_index=True, return_inverse=True
        )
        return np.arange(len(distinct)), at, of_column.ravel()

    number, at, of_column = rows(asked[x], part[x])
    takes = []
    for k in number.tolist():
        own = np.flatnonzero((sets.places.site[makes.place] == buyer[x[at[k]]]) & (makes.product == product[x[at[k]]]))
        each = per_unit(sets)[part[x[at[k]]], own] * sets.scale[product[x[at[k]]]] / sets.scale[part[x[at[k]]]]
        takes.append((np.full(len(own), k), columns.make[own, when[at[k]]], -each))
    milp.add_rows(
        "labor_value",
        len(number),
        lambda k: (*named(int(x[at[k]]))[:3], periods[when[at[k]]], "takes"),
        (of_column, column[x, when], 1.0),
        *takes,
        upper=0.0,
    )
    number, then, of_column = rows(buyer[x], part[x], site[x], supplier[x])
    sent = []
    for k in number.tolist():
        mine = np.unique(lane[of.ravel() == x[then[k]]])
        sent.append((np.full(len(mine), k), columns.ship[mine, when[then[k]]], -1.0))
    milp.add_rows(
        "labor_value",
        len(number),
        lambda k: (
            str(sets.sites[buyer[x[then[k]]]]),
            str(sets.products[part[x[then[k]]]]),
            seller(int(x[then[k]])),
            periods[when[then[k]]],
            "bought",
        ),
        (of_column, column[x, when], 1.0),
        *sent,
        upper=0.0,
    )
    return _over_time(asked, column, -worth * sets.scale[part][:, None] / MUSD)


def add_core_parts(milp: MilpBuilder, sets: Sets, columns: Columns, rules: Rules, origins: Origins) -> None:
    r"""A product qualifies only if each of its core parts originates, to the last unit.

    .. math:: \sum_{l \in in(i,a),\,l \text{ foreign}} ship_{lt} - \sum_k originating_{akit}
       \le B_{ap} / y\,(make_{ipt} - good_{ipt}) + M_{iat}\,(1 - qualified_{ipt})
       \quad \forall i, p, a \in core(p), t \tag{core\_parts}

    Foreign are lanes from suppliers outside the United States, Canada and Mexico and from sites whose product has a
    rule itself; M is what other products of the site can use of the part, mostly nothing.
    """
    row, lane = _arrivals(sets, origins)
    alien = rules.alien[lane]
    for a in np.flatnonzero(rules.core.any(axis=1)).tolist():
        asking = rules.core[a, origins.product]
        mine = alien & (sets.lanes.product[lane] == a) & asking[row]
        slack, each = np.zeros(origins.qualified.shape), np.zeros(origins.qualified.shape)
        used = np.repeat(per_unit(sets)[a][:, None], len(sets.horizon), axis=1)
        for p in np.unique(origins.product[asking]):
            own = (sets.makes.product == p)[:, None]
            each += _largest_value(sets, origins, int(p), used)
            slack += _at_site(sets, origins, int(p), np.where(own, 0.0, used))
        idle = ~np.isin(np.arange(len(slack)), row[mine])
        slack[idle], each[idle] = 0.0, 0.0
        part = str(sets.products[a])
        _add_rule(
            milp,
            "core_parts",
            sets,
            origins,
            [
                _over_time(row[mine], columns.ship[lane[mine]], np.ones((int(mine.sum()), len(sets.horizon)))),
                _counted_as_originating(sets, origins, row[mine], lane[mine], np.ones(len(sets.products))),
            ],
            each * sets.scale[origins.product][:, None] / sets.scale[a],
            slack / sets.scale[a],
            columns,
            part,
        )


def add_originating(milp: MilpBuilder, sets: Sets, columns: Columns, origins: Origins) -> None:
    r"""A buyer counts as originating no more than it buys, and only from a site whose product qualifies.

    .. math:: originating_{aijt} \le \sum_{l \in (i \to j, a)} ship_{lt} \quad \forall a, i, j, t, \qquad
       \sum_j originating_{aijt} \le good_{iat} \quad \forall a, i, t \tag{originating}
    """
    periods, lanes = sets.horizon.periods, np.flatnonzero(origins.pair >= 0)
    pair, when = np.nonzero(origins.originating >= 0)
    number = np.full(origins.originating.shape, -1, dtype=np.int64)
    number[pair, when] = np.arange(len(pair))
    sent = number[origins.pair[lanes]]
    some = sent >= 0
    if not len(pair):
        return
    milp.add_rows(
        "originating",
        len(pair),
        lambda k: (
            str(sets.products[origins.part[pair[k]]]),
            str(sets.sites[origins.seller[pair[k]]]),
            str(sets.sites[origins.buyer[pair[k]]]),
            periods[when[k]],
        ),
        (np.arange(len(pair)), origins.originating[pair, when], 1.0),
        (sent[some], columns.ship[lanes][some], -1.0),
        upper=0.0,
    )
    maker = origins.number[origins.seller[pair], origins.part[pair]]
    keys, row = np.unique(maker * len(periods) + when, return_inverse=True)
    asked, at = keys // len(periods), keys % len(periods)
    site, product = origins.site[asked], origins.product[asked]
    milp.add_rows(
        "originating",
        len(keys),
        lambda k: (str(sets.products[product[k]]), str(sets.sites[site[k]]), periods[at[k]]),
        (row, origins.originating[pair, when], 1.0),
        (np.arange(len(keys)), origins.good[asked, at], -1.0),
        upper=0.0,
    )


def _add_rule(
    milp: MilpBuilder,
    family: str,
    sets: Sets,
    origins: Origins,
    entries: list[Entries],
    each: FloatArray,
    slack: FloatArray,
    columns: Columns,
    *part: str,
) -> None:
    """Add constraints entries - w (make - good) + M qualified <= M, where the rule can be broken at all."""
    periods = sets.horizon.periods
    asked, when = np.nonzero((origins.qualified >= 0) & (each + slack > 0.0))
    if not len(asked):
        return
    number = np.full(origins.qualified.size, -1, dtype=np.int64)
    number[asked * len(periods) + when] = np.arange(len(asked))
    makes = _makes(sets, columns, origins, np.ones((len(sets.makes.place), len(periods))))
    entries = [*entries, (makes[0], makes[1], -each.ravel()[makes[0]])]
    numbered = [(number[row], column, value) for row, column, value in entries]
    milp.add_rows(
        family,
        len(asked),
        lambda k: (
            str(sets.sites[origins.site[asked[k]]]),
            str(sets.products[origins.product[asked[k]]]),
            *part,
            periods[when[k]],
        ),
        *((row[row >= 0], column[row >= 0], value[row >= 0]) for row, column, value in numbered),
        (np.arange(len(asked)), origins.good[asked, when], each[asked, when]),
        (np.arange(len(asked)), origins.qualified[asked, when], slack[asked, when]),
        upper=slack[asked, when],
    )


def _arrivals(sets: Sets, origins: Origins) -> tuple[IntArray, IntArray]:
    """Return (r, lane) for every input that can arrive for a product of a site."""
    lanes, takes = sets.lanes, sets.takes
    rows, arriving = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for p in np.unique(origins.product):
        into = np.flatnonzero((lanes.to_site >= 0) & takes[lanes.to_site, lanes.product, p])
        asked = origins.number[lanes.to_site[into], p]
        rows.append(asked[asked >= 0])
        arriving.append(into[asked >= 0])
    return np.concatenate(rows), np.concatenate(arriving)


def _over_time(row: IntArray, columns: IntArray, value: FloatArray) -> Entries:
    """Return entries (K, T) of constraints r as positions r·T + t, without those of zero."""
    steps = value.shape[1]
    where = row[:, None] * steps + np.arange(steps)
    some = (value != 0.0) & (columns >= 0)
    return where[some], columns[some], value[some]


def _counted_as_originating(sets: Sets, origins: Origins, row: IntArray, lane: IntArray, value: FloatArray) -> Entries:
    """Return what is counted as originating of inputs, once for each seller and not for each lane, with a minus."""
    pair = origins.pair[lane]
    keys = np.unique(np.column_stack([row, pair])[pair >= 0], axis=0)
    row, pair = keys[:, 0], keys[:, 1]
    columns = origins.originating[pair]
    return _over_time(row, columns, -np.broadcast_to(value[origins.part[pair], None], columns.shape))


def _makes(sets: Sets, columns: Columns, origins: Origins, usd: FloatArray) -> Entries:
    """Return the entries of what is made, in USD of one scaled unit; ``usd`` is by make and period."""
    row = origins.number[sets.places.site[sets.makes.place], sets.makes.product]
    mine = np.flatnonzero(row >= 0)
    return _over_time(row[mine], columns.make[mine], (usd * sets.scale[sets.makes.product][:, None])[mine])


def _inputs_of(sets: Sets, product: int, value: FloatArray) -> FloatArray:
    """Return the value of the inputs of a product in one unit of each make, at the values (S, P, T). (M, T)."""
    mine = np.flatnonzero(sets.bom[:, product] > 0)
    at = sets.places.site[sets.makes.place]
    return np.asarray(np.einsum("am,mat->mt", per_unit(sets)[mine], value[at][:, mine]))


def _at_site(sets: Sets, origins: Origins, product: int, value: FloatArray) -> FloatArray:
    """Return a value of each unit made (M, T) at full capacity, over all makes of the site, for one product. (R, T)."""
    makes, steps = sets.makes, len(sets.horizon)
    total = np.zeros((len(sets.sites), steps))
    full = sets.most[makes.place] / makes.use[:, None]
    np.add.at(total, sets.places.site[makes.place], value * full)
    return np.where((origins.product == product)[:, None], total[origins.site], 0.0)


def _largest_value(sets: Sets, origins: Origins, product: int, value: FloatArray) -> FloatArray:
    """Return the largest value of a unit made (M, T), never below zero, over the makes of one product. (R, T)."""
    makes = sets.makes
    own = np.flatnonzero(makes.product == product)
    largest = np.zeros((len(sets.sites), len(sets.horizon)))
    np.maximum.at(largest, sets.places.site[makes.place[own]], value[own])
    return np.where((origins.product == product)[:, None], largest[origins.site], 0.0)
