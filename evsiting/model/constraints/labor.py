"""Labor pools: plants within one commuting area hire from the same people."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evsiting.model.columns import Columns
from evsiting.model.expressions import staff
from evsiting.model.milp import MilpBuilder
from evsiting.model.plan_columns import Decision, Totals
from evsiting.model.sets import Sets, positions
from evsiting.study.study import Study


def add(milp: MilpBuilder, study: Study, sets: Sets, columns: Columns, totals: Totals) -> list[Decision]:
    """Add the constraints of table ``labor_pools``; nothing where no site is in a pool."""
    del totals  # staff is paid and counted where it is hired
    add_labor_pool(milp, study, sets, columns)
    return []


def add_labor_pool(milp: MilpBuilder, study: Study, sets: Sets, columns: Columns) -> None:
    r"""All plants of a commuting area together employ no more people than can be hired there.

    .. math:: \sum_{q:\,i(q) \in pool} s_{qt} \le L_{pool} \quad \forall pool, t \tag{labor\_pool}

    with the direct staff :math:`s_{qt}` of standing plants, of what is built, resumed or closed, and of what is made,
    and the available staff L: participation times the labor force within reach. [FTE]
    """
    if not study.has("labor_pools"):
        return
    table = study.labor_pools.sort_values("pool", ignore_index=True)
    names = table["pool"].astype(str).tolist()
    of_site = positions(pd.Index(table["pool"]), study.sites.set_index("site")["labor_pool"].reindex(sets.sites))
    of_place = of_site[sets.places.site]
    used = np.unique(of_place[of_place >= 0])
    if not len(used):
        return
    steps = len(sets.horizon)
    row_of = np.full(len(names) + 1, -1)
    row_of[used] = np.arange(len(used))
    row = row_of[of_place]  # a place in no pool has position -1, which is the last entry: no row
    terms, standing = staff(sets, columns, study.settings.model.hours_per_fte_year)
    place, period = terms.row // steps, terms.row % steps
    here = row[place] >= 0
    employed = np.zeros((len(used), steps))
    np.add.at(employed, row[row >= 0], standing[row >= 0])
    milp.add_rows(
        "labor_pool",
        len(used) * steps,
        lambda k: (names[used[k // steps]], sets.horizon.periods[k % steps]),
        (row[place[here]] * steps + period[here], terms.column[here], terms.value[here]),
        upper=(table["available_fte"].to_numpy(np.float64)[used, None] - employed).ravel(),
    )
