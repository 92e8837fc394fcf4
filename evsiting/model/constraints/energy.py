"""Electric load: what can be connected, what is upgraded, and how much of it is contracted clean power."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evsiting.model.columns import Columns
from evsiting.model.expressions import electricity
from evsiting.model.milp import FloatArray, IntArray, MilpBuilder
from evsiting.model.plan_columns import Decision, Totals
from evsiting.model.sets import Sets, positions
from evsiting.study.derived.grid_upgrades import upgrade_steps
from evsiting.study.study import Study

#: MWh in one unit of the columns ``clean``, which are in GWh.
MWH = 1e3


def add(milp: MilpBuilder, study: Study, sets: Sets, columns: Columns, totals: Totals) -> list[Decision]:
    """Add grid connections and clean power; nothing for a site that sets no limit and offers no clean power."""
    sites = study.sites.set_index("site").loc[sets.sites]
    load, peak = _loads(sets, columns), _peaks(sets, columns)
    using, connected = np.unique(load[0]), np.unique(peak[0])  # a process may state a connection and use no energy
    limited = connected[sites["connectable_mw"].notna().to_numpy()[connected]]
    offered = using[sites["clean_premium_usd_per_mwh"].notna().to_numpy()[using]]
    decisions: list[Decision] = []
    if len(limited):
        steps = upgrade_steps(study)
        steps = steps[steps["site"].isin(sets.sites[limited])].reset_index(drop=True)
        upgrades = add_upgrades(milp, sets, steps, totals)
        limit = sites["connectable_mw"].to_numpy(np.float64)
        add_grid(milp, sets, peak, limited, limit, steps, upgrades)
        if len(steps):
            add_upgrade(milp, sets, steps, upgrades)
            keys = {name: steps[name].to_numpy(object) for name in ("site", "upgrade")}
            decisions.append(Decision("upgrades", keys, upgrades, sets.horizon.periods, np.ones(len(steps))))
    if len(offered):
        premium = sites["clean_premium_usd_per_mwh"].to_numpy(np.float64)[offered]
        clean = add_clean_power(milp, sets, offered, premium, totals)
        add_clean(milp, sets, load, offered, clean)
        keys = {"site": sets.sites.to_numpy(object)[offered]}
        decisions.append(Decision("clean", keys, clean, sets.horizon.periods, np.full(len(offered), MWH)))
    return decisions


def _loads(sets: Sets, columns: Columns) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    """Return the electricity of sites as site, period, column, value. [kWh/yr per unit of the column]"""
    terms, steps = electricity(sets, columns), len(sets.horizon)
    return sets.places.site[terms.row // steps], terms.row % steps, terms.column, terms.value


def _peaks(sets: Sets, columns: Columns) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    """Return the load that sites have connected as site, period, column, value. [kW per unit of the column]"""
    steps = len(sets.horizon)
    per_unit = sets.makes.connection * sets.scale[sets.makes.product]
    using = np.flatnonzero(per_unit > 0)
    site = np.repeat(sets.places.site[sets.makes.place[using]], steps)
    period = np.tile(np.arange(steps), len(using))
    return site, period, columns.make[using].ravel(), np.repeat(per_unit[using], steps)


def _rows_of(sets: Sets, sites: IntArray) -> IntArray:
    """Return the number of each site among those that have constraints; -1 for the others. shape (S,)"""
    number = np.full(len(sets.sites), -1, dtype=np.int64)
    number[sites] = np.arange(len(sites))
    return number


def add_upgrades(milp: MilpBuilder, sets: Sets, steps: pd.DataFrame, totals: Totals) -> IntArray:
    r"""Add the decision ``upgrades`` {0, 1}: a step of more load at a site, taken at the start of a period.

    .. math:: cost \mathrel{+}= \sum_{u,t} K_t I_u\,upgrades_{ut} \quad [\mathrm{USD}]

    Returns
    -------
    numpy.ndarray of int, shape (U, T)
        Columns, in the order of ``steps``.
    """
    periods, sites, names = sets.horizon.periods, steps["site"].tolist(), steps["upgrade"].tolist()
    if not len(steps):
        return np.zeros((0, len(periods)), dtype=np.int64)
    column = milp.add_columns(
        "upgrades", (len(steps), len(periods)), lambda u, t: (sites[u], names[u], periods[t]), upper=1.0, integer=True
    )
    totals.cost(column, steps["capex_usd"].to_numpy(np.float64)[:, None] * sets.horizon.capital)
    return column


def add_grid(
    milp: MilpBuilder,
    sets: Sets,
    peak: tuple[IntArray, IntArray, IntArray, FloatArray],
    limited: IntArray,
    limit: FloatArray,
    steps: pd.DataFrame,
    upgrades: IntArray,
) -> None:
    r"""The load of a site stays within what is connected, with the upgrades made so far.

    .. math:: \frac{1}{1000} \sum_{m \in i} kW_m\,make_{mt} \le P_i
       + \sum_{u \in i} P_u \sum_{\tau \le t} upgrades_{u\tau} \quad \forall i, t \tag{grid}

    with the load :math:`kW_m` that is connected for a unit a year, where the process does not state it
    :math:`kWh_m / (8760\,\ell)` with the load factor :math:`\ell`, mean over peak load; connectable load :math:`P_i`
    and steps :math:`P_u`. [MW]
    """
    periods, number = sets.horizon.periods, _rows_of(sets, limited)
    count = len(periods)
    site, period, column, kw = peak
    here = number[site] >= 0
    step, first, then = np.nonzero(np.broadcast_to(np.triu(np.ones((count, count))), (len(steps), count, count)))
    where = number[positions(sets.sites, steps["site"])]
    added = steps["capacity_mw"].to_numpy(np.float64)
    milp.add_rows(
        "grid",
        len(limited) * count,
        lambda k: (str(sets.sites[limited[k // count]]), periods[k % count]),
        (number[site[here]] * count + period[here], column[here], kw[here] / 1e3),
        (where[step] * count + then, upgrades[step, first], -added[step]),
        upper=np.repeat(limit[limited], count),
    )


def add_upgrade(milp: MilpBuilder, sets: Sets, steps: pd.DataFrame, upgrades: IntArray) -> None:
    r"""Each step of an upgrade, a decision ``upgrades`` {0, 1}, is made once at most; steps have no order.

    .. math:: \sum_t upgrades_{ut} \le 1 \quad \forall u \tag{upgrade}

    Cost holds :math:`\sum_{u,t} K_t I_u\,upgrades_{ut}`: the annuities of its investment within the horizon.
    """
    sites, names = steps["site"].tolist(), steps["upgrade"].tolist()
    rows = np.arange(len(steps))[:, None]
    milp.add_rows("upgrade", len(steps), lambda u: (sites[u], names[u]), (rows, upgrades, 1.0), upper=1.0)


def add_clean_power(milp: MilpBuilder, sets: Sets, offered: IntArray, premium: FloatArray, totals: Totals) -> IntArray:
    r"""Add the decision ``clean``: renewable power that a site contracts beside what the grid holds anyway. [GWh/yr]

    .. math:: cost \mathrel{+}= \sum_{i,t} A_t\,c_i\,clean_{it} \quad [\mathrm{USD}], \qquad
       e_t \mathrel{-}= \sum_i f_{it}\,clean_{it} \quad [\mathrm{kg/yr}]

    with the premium c above the power price, which is paid for all electricity, and the grid factor f.

    Returns
    -------
    numpy.ndarray of int, shape (len(offered), T)
        Columns.
    """
    horizon = sets.horizon
    column = milp.add_columns(
        "clean", (len(offered), len(horizon)), lambda k, t: (str(sets.sites[offered[k]]), horizon.periods[t])
    )
    totals.cost(column, premium[:, None] * MWH * horizon.present)
    totals.emissions(column, np.arange(len(horizon)), -sets.site_values.grid[offered] * (1e3 * MWH))
    return column


def add_clean(
    milp: MilpBuilder,
    sets: Sets,
    load: tuple[IntArray, IntArray, IntArray, FloatArray],
    offered: IntArray,
    clean: IntArray,
) -> None:
    r"""Contracted clean power, the decision ``clean``, is no more than the electricity that the site uses.

    .. math:: clean_{it} \le \sum_{m \in i} kWh_m\,make_{mt} \quad \forall i, t \tag{clean}

    Cost holds its premium above the power price, :math:`\sum_{i,t} A_t c_i\,clean_{it}`; yearly emissions fall by the
    grid factor, :math:`f_{it}\,clean_{it}`, and with them the cost of a carbon price. [GWh/yr]
    """
    periods, number = sets.horizon.periods, _rows_of(sets, offered)
    count = len(periods)
    site, period, column, kwh = load
    here = number[site] >= 0
    milp.add_rows(
        "clean",
        len(offered) * count,
        lambda k: (str(sets.sites[offered[k // count]]), periods[k % count]),
        (np.arange(clean.size), clean.ravel(), 1.0),
        (number[site[here]] * count + period[here], column[here], -kwh[here] / (1e3 * MWH)),
        upper=0.0,
    )
