"""Units that enter a country as originating: variables ``preferences``; constraints ``preference``."""

from __future__ import annotations

import numpy as np

from evsiting.model.columns import Columns, add_columns_where
from evsiting.model.constraints.trade.origin import Origins, Rules
from evsiting.model.constraints.trade.reliefs import Spared
from evsiting.model.milp import FloatArray, IntArray, MilpBuilder
from evsiting.model.plan_columns import Totals
from evsiting.model.sets import Sets


def add_preference(
    milp: MilpBuilder, sets: Sets, columns: Columns, totals: Totals, rules: Rules, origins: Origins, spared: Spared
) -> IntArray:
    r"""No more units enter a country as originating than are sent there, and only of a product that qualifies.

    .. math:: preferences_{ipct} \le \sum_{l \in (i \to c, p)} ship_{lt} \quad \forall i, p, c, t, \qquad
       \sum_c preferences_{ipct} \le good_{ipt} \quad \forall i, p, t \tag{preference}

    Each unit saves the whole of the measures that spare originating goods altogether. The second constraint is written
    for products with a rule of origin; the others always qualify.

    Parameters
    ----------
    milp, sets, columns, totals
        As everywhere.
    rules : Rules
        Says which products have a rule.
    origins : Origins
        Units that qualify.
    spared : Spared
        Where something may be saved.

    Returns
    -------
    numpy.ndarray of int, shape (E, T)
        Columns ``preferences`` [scaled unit/yr]; -1 where nothing can be saved.
    """
    periods = sets.horizon.periods
    asked = origins.number[spared.site, spared.product]
    qualified = np.vstack([origins.qualified, np.full((1, len(periods)), -1)])[asked]
    wanted = (spared.free + spared.content > 0.0) & (~rules.ruled[spared.product][:, None] | (qualified >= 0))
    most = np.minimum(origins.most[spared.site, spared.product], _wants(sets, spared))
    most = most / sets.scale[spared.product][:, None]
    column = add_columns_where(milp, "preferences", wanted, lambda e: spared.label(sets, e), periods, upper=most)
    way, when = np.nonzero(column >= 0)
    if not len(way):
        return column
    number = np.full(column.shape, -1, dtype=np.int64)
    number[way, when] = np.arange(len(way))
    sent = np.flatnonzero(spared.lane >= 0)
    row = number[spared.lane[sent]]
    milp.add_rows(
        "preference",
        len(way),
        lambda k: (*spared.label(sets, int(way[k])), periods[when[k]]),
        (np.arange(len(way)), column[way, when], 1.0),
        (row[row >= 0], columns.ship[sent][row >= 0], -1.0),
        upper=0.0,
    )
    units = sets.value * sets.scale
    saved = spared.free * units[spared.product][:, None] * sets.horizon.present
    totals.cost(column[way, when], -saved[way, when])

    ruled = asked[way] >= 0
    of_rule, then = way[ruled], when[ruled]
    keys, row = np.unique(asked[of_rule] * len(periods) + then, return_inverse=True)
    if not len(keys):
        return column
    which, at = keys // len(periods), keys % len(periods)
    site, product = origins.site[which], origins.product[which]
    milp.add_rows(
        "preference",
        len(keys),
        lambda k: (str(sets.sites[site[k]]), str(sets.products[product[k]]), periods[at[k]]),
        (row, column[of_rule, then], 1.0),
        (np.arange(len(keys)), origins.good[which, at], -1.0),
        upper=0.0,
    )
    return column


def _wants(sets: Sets, spared: Spared) -> FloatArray:
    """Return the most of a product that markets within reach want; infinite where plants take it too. shape (E, T)."""
    lanes, wants = sets.lanes, sets.wants
    out = np.zeros(spared.free.shape)
    sent = np.flatnonzero(spared.lane >= 0)
    out[spared.lane[sent[lanes.to_site[sent] >= 0]]] = np.inf
    sold = sent[lanes.to_market[sent] >= 0]
    pairs = np.unique(np.column_stack([spared.lane, lanes.to_market, lanes.product])[sold], axis=0)
    want_of = np.full((len(sets.markets), len(sets.products)), -1, dtype=np.int64)
    want_of[wants.market, wants.product] = np.arange(len(wants.market))
    want = want_of[pairs[:, 1], pairs[:, 2]]
    np.add.at(out, pairs[want >= 0, 0], wants.units[want[want >= 0]])
    return out
