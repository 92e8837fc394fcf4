"""Content of the destination that units declare: decision ``contents``; rows ``content``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from evsiting.model.columns import Columns, add_columns_where
from evsiting.model.constraints.trade.origin import MUSD, Rules
from evsiting.model.constraints.trade.reliefs import Spared
from evsiting.model.milp import FloatArray, IntArray, MilpBuilder
from evsiting.model.plan_columns import Totals
from evsiting.model.sets import Sets

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

    .. math:: \sum_s held_{ipcast} \le B_{ap}\,preferences_{ipct} \quad \forall i, p, c, a, t, \qquad
       \sum_p held_{ipcast} \le \sum_{l \in (s \to i, a)} ship_{lt} \quad \forall i, c, a, s, t \tag{content}

    with the units ``held`` of input a from seller s in the units of p that site i sends to country c as originating:
    s is a supplier in c, or all sites of c together; and with the value v of such a unit (the price of a supplier, the
    product's value from a site), the units B of the input in one good unit, before yield, and other content o of the
    bought material of one unit. Each dollar saves the measures that originating goods pay on the rest of their value
    only. What is bought in a country may go into the units bound for it first, but no unit holds more than its bill of
    materials says, and what goes into one product of the site is not in another. What is bought in one period is not
    declared in the next. The second row is written where the first leaves room for more than the value.

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
    _add_units(milp, sets, spared, parts, held, preferences)
    _add_bought(milp, sets, columns, spared, parts, held)
    _add_value(milp, sets, spared, column, preferences, _most(sets, rules, spared, parts))
    return column


def _parts(sets: Sets, spared: Spared, ways: list[int]) -> Iterator[_Part]:
    """Yield what may be declared: inputs by seller, for each product, site and country."""
    lanes = sets.lanes
    begin = np.append(sets.site_values.country, sets.supplier_values.country)
    begin = begin[np.where(lanes.site >= 0, lanes.site, lanes.supplier + len(sets.sites))]
    for e in ways:
        into = (lanes.to_site == spared.site[e]) & (sets.bom[lanes.product, spared.product[e]] > 0)
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
    inputs = np.einsum("eat,ae->et", best, sets.bom[:, spared.product])
    return np.asarray(inputs + rules.other_content[spared.product][:, None])


def _add_units(
    milp: MilpBuilder, sets: Sets, spared: Spared, parts: list[_Part], held: IntArray, preferences: IntArray
) -> None:
    """Add the rows by which a unit holds no more of an input than its bill of materials says."""
    periods = sets.horizon.periods
    groups = sorted({(part.way, part.product) for part in parts})
    at = {group: g for g, group in enumerate(groups)}
    group = np.array([at[part.way, part.product] for part in parts], dtype=np.int64)
    row, when, numbers, own = _numbered(group, held, len(groups))
    if not len(row):
        return
    way, product = np.array(groups, dtype=np.int64).T
    made = spared.product[way]
    each = sets.bom[product, made] * sets.scale[made] / sets.scale[product]
    milp.add_rows(
        "content",
        len(row),
        lambda k: (*spared.label(sets, int(way[row[k]])), str(sets.products[product[row[k]]]), periods[when[k]]),
        (numbers, own, 1.0),
        (np.arange(len(row)), preferences[way[row], when], -each[row]),
        upper=0.0,
    )


def _add_bought(
    milp: MilpBuilder, sets: Sets, columns: Columns, spared: Spared, parts: list[_Part], held: IntArray
) -> None:
    """Add the rows by which all products of a site declare no more of an input than the site buys of it."""
    periods = sets.horizon.periods
    keys = [
        (str(sets.sites[spared.site[p.way]]), str(spared.country[p.way]), str(sets.products[p.product]), p.seller)
        for p in parts
    ]
    groups = sorted(set(keys))
    group = np.array([groups.index(key) for key in keys], dtype=np.int64)
    row, when, numbers, own = _numbered(group, held, len(groups))
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


def _numbered(group: IntArray, held: IntArray, count: int) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Return the rows of groups and periods that have a column, and each column with the number of its row."""
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
    """Add the rows by which content is no more than the value of the units, where it could be."""
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
