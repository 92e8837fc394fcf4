"""Duty on inputs that domestic makers offset: variables ``offsets``; constraints ``offset``."""

from __future__ import annotations

import numpy as np

from evsiting.model.columns import Columns, add_columns_where
from evsiting.model.constraints.trade.dutiable_inputs import add_borne
from evsiting.model.constraints.trade.offset_offers import Offers
from evsiting.model.constraints.trade.origin import MUSD, Origins, Rules
from evsiting.model.milp import IntArray, MilpBuilder
from evsiting.model.plan_columns import Decision, Totals, texts
from evsiting.model.sets import Sets
from evsiting.study.study import Study


def add_offsets(
    milp: MilpBuilder, study: Study, sets: Sets, columns: Columns, totals: Totals, rules: Rules, origins: Origins
) -> list[Decision]:
    r"""What a plant makes at home offsets duty on the inputs that are in it, so much a unit, and no more than is paid.

    .. math:: offsets_{ipmt} \le z_{c(i)pmt}\,make_{ipt}, \qquad
       offsets_{ipmt} \le \sum_{b,a,s} d_{asmt}\,borne_{ipbast} \quad \forall i, p, m, t

    .. math:: \sum_s borne_{ippast} \le \sum_{q \in i} B_{ap} / y_{qp}\,make_{qpt}, \qquad
       \sum_s borne_{ipbast} \le B_{ab} / y_{ib} \sum_{b'} borne_{ipb'bit} \quad (b \ne p), \qquad
       \sum_{p,b} borne_{ipbast} \le \sum_{l \in (s \to i, a)} ship_{lt} - spared_{last} \tag{offset}

    with the offset z of a unit made [USD/unit] and the duty d of measure m on a unit of input a from seller s
    [USD/unit], in the years in which the offset of p is in force; within a period both are means over its years.
    ``borne`` are the units of input a that the site takes for its product b and that are in its product p: b is p
    itself, or made at the site (s = i) and used there for p, step by step; y is the least yield at the site. What is in
    one product is not in another: duty on parts of goods that the site sells without an offset is not offset. Where p
    alone takes an input, ``borne`` is all that arrives, and the last constraints are not written.

    Spared are units for which a quota is in force, and units from a plant that are spared the measure as originating:
    all of them where the product has no rule, those of a plant whose product qualifies where it has one:
    :math:`dutiable_{akit} \le \sum_l ship_{lt}`, :math:`\sum_i dutiable_{akit} \le make_{kat} - good_{kat}`.
    """
    offers = Offers.of(study, sets, rules, origins)
    if offers is None:
        return []
    site, product, periods = offers.site, offers.product, sets.horizon.periods

    def label(k: int) -> tuple[str, str, str]:
        return str(sets.sites[site[k]]), str(sets.products[product[k]]), offers.names[offers.pair[k]][0]

    column = add_columns_where(milp, "offsets", offers.worth > 0.0, label, periods)
    row, when = np.nonzero(column >= 0)
    totals.cost(column[row, when], -MUSD * sets.horizon.present[when])
    makes_at: dict[tuple[int, int], list[int]] = {}
    ends = zip(sets.places.site[sets.makes.place].tolist(), sets.makes.product.tolist(), strict=True)
    for m, end in enumerate(ends):
        makes_at.setdefault(end, []).append(m)
    own = [makes_at[end] for end in zip(site[row].tolist(), product[row].tolist(), strict=True)]
    worth = offers.worth[row, when] * sets.scale[product[row]] / MUSD
    milp.add_rows(
        "offset",
        len(row),
        lambda k: (*label(int(row[k])), periods[when[k]]),
        (np.arange(len(row)), column[row, when], 1.0),
        *(([k], columns.make[own[k], when[k]], -worth[k]) for k in range(len(row))),
        upper=0.0,
    )
    dutiable = _add_dutiable(milp, sets, columns, origins, offers)
    number = np.full(column.shape, -1, dtype=np.int64)
    number[row, when] = np.arange(len(row))
    terms = add_borne(milp, sets, columns, offers, number, dutiable)
    milp.add_rows(
        "offset",
        len(row),
        lambda k: (*label(int(row[k])), periods[when[k]], "paid"),
        (np.arange(len(row)), column[row, when], 1.0),
        *terms,
        upper=0.0,
    )
    keys = {
        "site": texts(sets.sites, site),
        "product": texts(sets.products, product),
        "measure": np.array([name for name, _ in offers.names], dtype=object)[offers.pair],
    }
    return [Decision("offsets", keys, column, periods, np.full(len(site), MUSD))]


def _add_dutiable(
    milp: MilpBuilder, sets: Sets, columns: Columns, origins: Origins, offers: Offers
) -> tuple[IntArray, IntArray]:
    """Add units of inputs that pay duty since their maker's product does not qualify, where an offset may need them.

    Returns
    -------
    lane : numpy.ndarray of int, shape (X,)
        One lane of each product, seller and buyer.
    column : numpy.ndarray of int, shape (X, T)
        Columns; -1 where there is none. [scaled unit/yr]
    """
    lanes, periods = sets.lanes, sets.horizon.periods
    claims = np.zeros((len(sets.sites), len(periods)), dtype=np.bool_)
    np.logical_or.at(claims, offers.site, offers.worth > 0.0)
    useful = (offers.eased > 0.0).any(axis=0) & np.where((lanes.to_site >= 0)[:, None], claims[lanes.to_site], False)
    some = np.flatnonzero(useful.any(axis=1))
    ends = np.column_stack([lanes.product, lanes.site, lanes.to_site])[some]
    _, first, pair = np.unique(ends, axis=0, return_index=True, return_inverse=True)
    lane = some[first]

    def label(x: int) -> tuple[str, str, str]:
        product, origin, destination = lanes.frame.iloc[lane[x], :3]
        return str(product), str(origin), str(destination)

    column = add_columns_where(milp, "dutiable", useful[lane], label, periods)
    row, when = np.nonzero(column >= 0)
    if not len(row):
        return lane, column
    number = np.full(column.shape, -1, dtype=np.int64)
    number[row, when] = np.arange(len(row))
    sent = number[pair.ravel()]
    milp.add_rows(
        "offset",
        len(row),
        lambda k: (*label(int(row[k])), periods[when[k]]),
        (np.arange(len(row)), column[row, when], 1.0),
        (sent[sent >= 0], columns.ship[some][sent >= 0], -1.0),
        upper=0.0,
    )
    maker = origins.number[lanes.site[lane[row]], lanes.product[lane[row]]]
    keys, at = np.unique(maker * len(periods) + when, return_inverse=True)
    which, step = keys // len(periods), keys % len(periods)
    site, product = origins.site[which], origins.product[which]
    of = np.full((len(origins.site), len(periods)), -1, dtype=np.int64)
    of[which, step] = np.arange(len(keys))
    maker = origins.number[sets.places.site[sets.makes.place], sets.makes.product]
    made = np.where((maker >= 0)[:, None], of[maker], -1)
    milp.add_rows(
        "offset",
        len(keys),
        lambda k: (str(sets.products[product[k]]), str(sets.sites[site[k]]), periods[step[k]]),
        (at, column[row, when], 1.0),
        (np.arange(len(keys)), origins.good[which, step], 1.0),
        (made[made >= 0], columns.make[made >= 0], -1.0),
        upper=0.0,
    )
    return lane, column
