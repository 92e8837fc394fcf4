"""Declared content of the country of destination: variables ``contents``; constraints ``content``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from evsiting.model.columns import Columns, add_columns_where
from evsiting.model.constraints.trade.origin import MUSD, Rules
from evsiting.model.constraints.trade.reliefs import Spared
from evsiting.model.milp import FloatArray, IntArray, MilpBuilder
from evsiting.model.plan_columns import Totals
from evsiting.model.sets import BoolArray, Sets

#: Slack, relative to a unit's value, within which its content counts as no more than its value.
_SLACK = 1e-9


@dataclass(frozen=True)
class _Part:
    """An input that a product of a site buys in the country that the product enters, from one seller.

    Parameters
    ----------
    way : int
        Index e of the product, site and country.
    product : int
        The input.
    seller : str
        Code of a supplier; empty for all sites of the country together, whose input has one value.
    lanes : numpy.ndarray of int
        By which it arrives.
    value : numpy.ndarray, shape (T,)
        Of one unit: the price of a supplier, the product's value from a site. [USD/unit]
    """

    way: int
    product: int
    seller: str
    lanes: IntArray
    value: FloatArray


def add_content(
    milp: MilpBuilder, sets: Sets, columns: Columns, totals: Totals, rules: Rules, spared: Spared, preferences: IntArray
) -> IntArray:
    r"""The content that units declare is in them, and bought in the country that they enter.

    .. math:: contents_{ipct} \le \sum_{a \in p} \sum_s v_{ast}\,held_{ipcast} + o_p\,preferences_{ipct}, \qquad
       contents_{ipct} \le v_p\,preferences_{ipct} \quad \forall i, p, c, t

    .. math:: \sum_s held_{ipcast} \le \sum_q B_{aqp}\,entering_{iqpct} \quad \forall i, p, c, a, t, \qquad
       \sum_p held_{ipcast} \le \sum_{l \in (s \to i, a)} ship_{lt} \quad \forall i, c, a, s, t

    .. math:: \sum_q entering_{iqpct} = preferences_{ipct} \quad \forall i, p, c, t, \qquad
       \sum_c entering_{iqpct} \le make_{iqpt} \quad \forall i, q, p, t \tag{content}

    with the units ``held`` of input a from seller s in the units of p that site i sends to country c as originating: s
    is a supplier in c, or all sites of c together; and with the value v of such a unit (the price of a supplier, the
    product's value from a site), the units B of the input in one good unit, before yield, and other content o of the
    bought material of one unit. Each dollar saves the measures that originating goods pay on the rest of their value
    only. What is bought in a country may go into the units bound for it first, but no unit holds more than its bill of
    materials says, and what goes into one product of the site is not in another. What is bought in one period is not
    declared in the next. The second constraint is written where the first leaves room for more than the value.
    ``entering`` are the units that plant type q of the site made; where all of them make the product of the same
    inputs, they are the units that enter, and the last constraints are not written.

    Parameters
    ----------
    milp, sets, columns, totals
        As everywhere.
    rules : Rules
        Other content of bought material.
    spared : Spared
        Where something may be saved.
    preferences : numpy.ndarray of int, shape (E, T)
        Columns of the units that enter as originating.

    Returns
    -------
    numpy.ndarray of int, shape (E, T)
        Columns ``contents`` [million USD/yr]; -1 where nothing can be saved.
    """
    periods = sets.horizon.periods
    wanted = (preferences >= 0) & (spared.content > 0.0)
    column = add_columns_where(milp, "contents", wanted, lambda e: spared.label(sets, e), periods)
    way, when = np.nonzero(column >= 0)
    if not len(way):
        return column
    totals.cost(column[way, when], -spared.content[way, when] * MUSD * sets.horizon.present[when])
    parts = list(_parts(sets, spared, np.unique(way).tolist()))
    part_way = np.array([part.way for part in parts], dtype=np.int64)

    def named(x: int) -> tuple[str, ...]:
        part = parts[x]
        return *spared.label(sets, part.way), str(sets.products[part.product]), part.seller or "sites"

    held = add_columns_where(milp, "held", wanted[part_way].reshape(len(parts), len(periods)), named, periods)
    number = np.full(column.shape, -1, dtype=np.int64)
    number[way, when] = np.arange(len(way))
    scale, product = sets.scale, spared.product[way]
    terms = []
    for x, part in enumerate(parts):
        some = held[x] >= 0
        terms.append((number[part.way][some], held[x][some], -(part.value * scale[part.product] / MUSD)[some]))
    milp.add_rows(
        "content",
        len(way),
        lambda k: (*spared.label(sets, int(way[k])), periods[when[k]], "held"),
        (np.arange(len(way)), column[way, when], 1.0),
        *terms,
        (np.arange(len(way)), preferences[way, when], -(rules.other_content * scale)[product] / MUSD),
        upper=0.0,
    )
    _add_units(milp, sets, columns, spared, parts, held, preferences)
    _add_bought(milp, sets, columns, spared, parts, held)
    _add_value(milp, sets, spared, column, preferences, _most(sets, rules, spared, parts))
    return column


def _parts(sets: Sets, spared: Spared, ways: list[int]) -> Iterator[_Part]:
    """Yield what may be declared: inputs by seller, for each product, site and country."""
    lanes, takes = sets.lanes, sets.takes
    begin = np.append(sets.site_values.country, sets.supplier_values.country)
    begin = begin[np.where(lanes.site >= 0, lanes.site, lanes.supplier + len(sets.sites))]
    for e in ways:
        into = (lanes.to_site == spared.site[e]) & takes[spared.site[e], lanes.product, spared.product[e]]
        into &= begin == spared.country[e]
        for a in np.unique(lanes.product[into]).tolist():
            mine = np.flatnonzero(into & (lanes.product == a))
            for s in np.unique(lanes.supplier[mine]).tolist():
                value = sets.supplier_values.price[s] if s >= 0 else np.full(len(sets.horizon), sets.value[a])
                seller = str(sets.suppliers[s]) if s >= 0 else ""
                if (value > 0.0).any():
                    yield _Part(e, a, seller, mine[lanes.supplier[mine] == s], value)


def _most(sets: Sets, rules: Rules, spared: Spared, parts: list[_Part]) -> FloatArray:
    """Return the most content that one unit can hold. shape (E, T) [USD/unit]."""
    best = np.zeros((len(spared.site), len(sets.products), len(sets.horizon)))
    for part in parts:
        best[part.way, part.product] = np.maximum(best[part.way, part.product], part.value)
    each = np.zeros((len(spared.site), len(sets.products)))
    for e, makers in enumerate(_makers(sets, spared)):
        each[e] = sets.makes.inputs[:, makers].max(axis=1, initial=0.0)
    inputs = np.einsum("eat,ea->et", best, each)
    return np.asarray(inputs + rules.other_content[spared.product][:, None])


def _makers(sets: Sets, spared: Spared) -> list[IntArray]:
    """Return the makes of the product at the site, for each product, site and country."""
    at = sets.places.site[sets.makes.place]
    return [
        np.flatnonzero((at == s) & (sets.makes.product == p))
        for s, p in zip(spared.site.tolist(), spared.product.tolist(), strict=True)
    ]


def _add_entering(
    milp: MilpBuilder, sets: Sets, columns: Columns, spared: Spared, wanted: BoolArray, preferences: IntArray
) -> dict[int, tuple[IntArray, IntArray]]:
    """Add by which plant type units that enter were made, where plant types of a site make them of different inputs.

    Returns
    -------
    dict of int to (numpy.ndarray of int, shape (K,); numpy.ndarray of int, shape (K, T))
        Makes and their columns, by index e of the product, site and country.
    """
    periods, mixed = sets.horizon.periods, {}
    for e, makers in enumerate(_makers(sets, spared)):
        if wanted[e].any() and np.ptp(sets.makes.inputs[:, makers], axis=1).any():
            mixed[e] = makers
    if not mixed:
        return {}
    way = np.concatenate([np.full(len(makers), e) for e, makers in mixed.items()])
    make = np.concatenate(list(mixed.values()))

    def named(k: int) -> tuple[str, ...]:
        kind = sets.places.plant_type[sets.makes.place[make[k]]]
        return *spared.label(sets, int(way[k])), str(sets.plant_types[kind])

    column = add_columns_where(milp, "entering", wanted[way], named, periods)
    _add_sum(milp, periods, (way, column), preferences, lambda k: (*named(k)[:3], "enter"), lower=0.0)
    _add_sum(milp, periods, (make, column), columns.make, lambda k: (*named(k), "made"), lower=-np.inf)
    return {e: (makers, column[way == e]) for e, makers in mixed.items()}


def _add_sum(
    milp: MilpBuilder,
    periods: tuple[str, ...],
    parts: tuple[IntArray, IntArray],
    whole: IntArray,
    label: Callable[[int], tuple[str, ...]],
    *,
    lower: float,
) -> None:
    """Add constraints by which columns of a group, by period, are no more than that of a whole (lower 0: are it)."""
    group, column = parts
    keys, row = np.unique(group, return_inverse=True)
    some = np.zeros((len(keys), len(periods)), dtype=np.bool_)
    k, when = np.nonzero(column >= 0)
    some[row[k], when] = True
    key, then = np.nonzero(some)
    number = np.full(some.shape, -1, dtype=np.int64)
    number[key, then] = np.arange(len(key))
    first = [int(np.flatnonzero(row == r)[0]) for r in range(len(keys))]
    milp.add_rows(
        "content",
        len(key),
        lambda j: (*label(first[int(key[j])]), periods[then[j]]),
        (number[row[k], when], column[k, when], 1.0),
        (np.arange(len(key)), whole[keys[key], then], -1.0),
        lower=lower,
        upper=0.0,
    )


def _add_units(
    milp: MilpBuilder,
    sets: Sets,
    columns: Columns,
    spared: Spared,
    parts: list[_Part],
    held: IntArray,
    preferences: IntArray,
) -> None:
    """Add the constraints by which a unit holds no more of an input than its bill of materials says."""
    periods = sets.horizon.periods
    groups = sorted({(part.way, part.product) for part in parts})
    at = {group: g for g, group in enumerate(groups)}
    group = np.array([at[part.way, part.product] for part in parts], dtype=np.int64)
    row, when, numbers, own = _number_constraints(group, held, len(groups))
    if not len(row):
        return
    way, product = np.array(groups, dtype=np.int64).T
    made = spared.product[way]
    wanted = np.zeros(preferences.shape, dtype=np.bool_)
    wanted[way[row], when] = True
    mixed = _add_entering(milp, sets, columns, spared, wanted, preferences)
    factor, makers = sets.scale[made] / sets.scale[product], _makers(sets, spared)
    plain = np.flatnonzero(~np.isin(way[row], list(mixed)))
    each = np.array([sets.makes.inputs[a, makers[e][0]] for e, a in zip(way, product, strict=True)]) * factor
    entering = [
        (np.full(len(mixed[e][0]), k), mixed[e][1][:, when[k]], -sets.makes.inputs[product[g], mixed[e][0]] * factor[g])
        for k, g in enumerate(row.tolist())
        if (e := int(way[g])) in mixed
    ]
    milp.add_rows(
        "content",
        len(row),
        lambda k: (*spared.label(sets, int(way[row[k]])), str(sets.products[product[row[k]]]), periods[when[k]]),
        (numbers, own, 1.0),
        (plain, preferences[way[row[plain]], when[plain]], -each[row[plain]]),
        *entering,
        upper=0.0,
    )


def _add_bought(
    milp: MilpBuilder, sets: Sets, columns: Columns, spared: Spared, parts: list[_Part], held: IntArray
) -> None:
    """Add the constraints by which all products of a site declare no more of an input than the site buys of it."""
    periods = sets.horizon.periods
    keys = [
        (str(sets.sites[spared.site[p.way]]), str(spared.country[p.way]), str(sets.products[p.product]), p.seller)
        for p in parts
    ]
    groups = sorted(set(keys))
    group = np.array([groups.index(key) for key in keys], dtype=np.int64)
    row, when, numbers, own = _number_constraints(group, held, len(groups))
    first = {int(g): x for x, g in reversed(list(enumerate(group)))}
    sent = [parts[first[g]].lanes for g in row.tolist()]
    if not len(row):
        return
    milp.add_rows(
        "content",
        len(row),
        lambda k: (*groups[row[k]][:3], groups[row[k]][3] or "sites", periods[when[k]], "bought"),
        (numbers, own, 1.0),
        *((np.full(len(lanes), k), columns.ship[lanes, when[k]], -1.0) for k, lanes in enumerate(sent)),
        upper=0.0,
    )


def _number_constraints(group: IntArray, held: IntArray, count: int) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Return the constraints of groups and periods that have a column, and each column with the number of its own."""
    part, when = np.nonzero(held >= 0)
    wanted = np.zeros((count, held.shape[1]), dtype=np.bool_)
    wanted[group[part], when] = True
    row, then = np.nonzero(wanted)
    number = np.full(wanted.shape, -1, dtype=np.int64)
    number[row, then] = np.arange(len(row))
    return row, then, number[group[part], when], held[part, when]


def _add_value(
    milp: MilpBuilder, sets: Sets, spared: Spared, column: IntArray, preferences: IntArray, most: FloatArray
) -> None:
    """Add the constraints by which content is no more than the value of the units, where it could be."""
    value = sets.value[spared.product]
    way, when = np.nonzero((column >= 0) & (most > (value * (1.0 + _SLACK))[:, None]))
    if not len(way):
        return
    unit = (sets.value * sets.scale)[spared.product[way]] / MUSD
    milp.add_rows(
        "content",
        len(way),
        lambda k: (*spared.label(sets, int(way[k])), sets.horizon.periods[when[k]], "value"),
        (np.arange(len(way)), column[way, when], 1.0),
        (np.arange(len(way)), preferences[way, when], -unit),
        upper=0.0,
    )
