"""Promised delivery times: what arrives late, and what that costs."""

from __future__ import annotations

import numpy as np

from evsiting.model.columns import Columns
from evsiting.model.milp import IntArray, MilpBuilder
from evsiting.model.plan_columns import Decision, Totals
from evsiting.model.sets import BoolArray, Sets
from evsiting.study.study import Study, promised


def add(milp: MilpBuilder, study: Study, sets: Sets, columns: Columns, totals: Totals) -> list[Decision]:
    """Add what is late to the totals; nothing where no demand has a promised time. It needs no constraint or column."""
    if promised(study):
        late(sets, columns, totals)
    return []


def want_of(sets: Sets) -> IntArray:
    """Return the pair of market and product that each lane serves; -1 where it ends at a site. shape (L,)"""
    at = np.full((len(sets.markets) + 1, len(sets.products)), -1, dtype=np.int64)
    at[sets.wants.market, sets.wants.product] = np.arange(len(sets.wants.market))
    return np.asarray(at[sets.lanes.to_market, sets.lanes.product], dtype=np.int64)


def is_late(sets: Sets) -> BoolArray:
    """Return whether what a lane carries in a period arrives after the time that is promised. shape (L, T)"""
    want = want_of(sets)
    promise = np.vstack([sets.wants.promise, np.full(len(sets.horizon), np.inf)])[want]
    return np.asarray(sets.lanes.time_h[:, None] > promise)


def late(sets: Sets, columns: Columns, totals: Totals) -> None:
    r"""Units that arrive after their promised time, over the horizon; each costs what its demand says.

    .. math:: \sum_t n_t \sum_{l \in late(t)} ship_{lt} \quad [\mathrm{units}], \qquad
       late(t) = \{l : h_l > h_{j(l)\,p(l)\,t}\}, \qquad
       cost = \sum_t A_t \sum_{l \in late(t)} b_{j(l)\,p(l)\,t}\,ship_{lt} \quad [\mathrm{USD}]

    with the time :math:`h_l` of the lane, the promised time :math:`h_{jpt}` of the demand, the cost b of a late unit,
    years n and present-value weight A of the period. Demand without a promised time is never late.
    """
    horizon, lane, period = sets.horizon, *np.nonzero(is_late(sets))
    units = sets.scale[sets.lanes.product[lane]]
    fine = np.vstack([sets.wants.late, np.zeros(len(horizon))])[want_of(sets)[lane], period]
    column = columns.ship[lane, period]
    totals.cost(column, fine * units * horizon.present[period])
    totals.late(column, units * horizon.years[period])
