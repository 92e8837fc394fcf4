"""Cash flow: what a plan costs year by year, before discounting; its net present value is the total of the ledger."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evsiting.results.consistency import require_same_study
from evsiting.results.plan import Plan
from evsiting.study.derived.program_rules import ON_INVESTMENT
from evsiting.study.horizon import Horizon
from evsiting.study.study import Study

__all__ = ["cash_flow", "timing"]

#: Ledger items that are not paid in every year of their period.
_TIMING = {
    "capital": "start",
    "closing": "start",
    "residual value": "end",
    "clawback": "end",
    "grid upgrades": "invested",
}


def timing(study: Study, cost: pd.DataFrame) -> pd.Series[str]:
    """Return when each line of a cost ledger is paid.

    Parameters
    ----------
    study : Study
        Complete: its table ``incentives`` says which credits are paid on an investment.
    cost : pandas.DataFrame
        The ledger ``cost`` of a plan.

    Returns
    -------
    pandas.Series of str
        ``yearly`` in every year of the period; ``start`` at the end of the year before the period; ``invested`` then
        too, with what is left of it taken back at the end of the horizon; ``end`` at the end of the horizon.
    """
    when = cost["item"].map(_TIMING).astype(object).where(cost["item"].isin(list(_TIMING)), "yearly")
    offers = study.incentives
    place = ["program", "site", "plant_type", "period"]
    on_building = offers["kind"].isin(ON_INVESTMENT)
    built = set(offers.loc[on_building, place].astype("str").itertuples(index=False, name=None))
    credit = (cost["item"] == "credits") & (cost["product"] == "")
    keys = cost.loc[credit, place].itertuples(index=False, name=None)
    paid_once = [key in built for key in keys]
    when.loc[cost.index[credit][np.array(paid_once, dtype=np.bool_)]] = "invested"
    return when.astype("str")


def cash_flow(study: Study, plan: Plan) -> pd.DataFrame:
    r"""Return what a plan costs year by year, undiscounted, with its net present value.

    .. math:: NPV = \sum_y \frac{\sum_{item} usd_{item,y}}{(1 + r)^{y - y_0}} = \text{total of the cost ledger}

    Money of a year is paid at its end. An investment is paid at the end of the year before its period; what its
    annuities beyond the horizon are worth comes back in the last year as ``residual value``, less the same part of
    credits on it. What is paid every year of a period is its mean over the period: a duty in force in two of four
    years counts in each of them, in such a way that its present value is right.

    Parameters
    ----------
    study, plan : Study, Plan
        The study and one of its plans.

    Returns
    -------
    pandas.DataFrame
        Index ``year``. One column an item of the cost ledger, in its order [USD, money in below zero], then ``total``
        [USD], ``factor`` [1] and ``present`` [USD, present value], which adds up to the cost of the plan.

    Raises
    ------
    InputError
        If the plan answers another study.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> plan = ev.solve(study)
    >>> flow = ev.cash_flow(study, plan)
    >>> bool(abs(flow["present"].sum() - plan.totals["cost"]) < 1.0)
    True
    """
    return yearly_cash_flow(require_same_study("cash_flow", study, plan), plan)


def yearly_cash_flow(study: Study, plan: Plan) -> pd.DataFrame:
    """Return the table of :func:`cash_flow` for a study and a plan that are known to belong together."""
    money, horizon = study.settings.money, Horizon.of(study.periods, study.settings.money)
    cost = plan.ledgers["cost"]
    at = pd.Index(horizon.periods).get_indexer(pd.Index(cost["period"]))
    at = np.where(at < 0, len(horizon) - 1, at)
    first, value, paid = horizon.start_years[at], cost["value"].to_numpy(np.float64), timing(study, cost).to_numpy(str)
    last_year = int(horizon.start_years[-1] + horizon.years[-1] - 1)

    parts = []
    for t, (start, years) in enumerate(zip(horizon.start_years.tolist(), horizon.years.tolist(), strict=True)):
        rows = cost[(paid == "yearly") & (at == t)]
        yearly = (rows["value"] / horizon.present[t]).groupby(rows["item"], sort=False).sum()
        parts += [_entries(yearly.index, y, yearly.to_numpy(np.float64)) for y in range(start, start + years)]
    once = paid == "start"
    parts.append(_entries(cost["item"][once], first[once] - 1, value[once] / horizon.opening[at][once]))
    once = paid == "invested"
    spent = value[once] / horizon.capital[at][once]
    left = value[once] - spent * horizon.opening[at][once]
    parts.append(_entries(cost["item"][once], first[once] - 1, spent))
    parts.append(_entries(np.repeat("residual value", once.sum()), last_year, left / horizon.end))
    once = paid == "end"
    parts.append(_entries(cost["item"][once], last_year, value[once] / horizon.end))

    entries = pd.concat(parts, ignore_index=True)
    order = dict.fromkeys([*cost["item"], "residual value"])
    begin = int(entries["year"].min()) if len(entries) else int(horizon.start_years[0])
    flow = entries.pivot_table(index="year", columns="item", values="usd", aggfunc="sum")
    flow = flow.reindex(index=pd.RangeIndex(begin, last_year + 1, name="year"))
    flow = flow.reindex(columns=[item for item in order if item in flow]).fillna(0.0).astype(np.float64)
    flow.columns.name = None
    flow["total"] = flow.sum(axis=1)
    flow["factor"] = (1.0 + money.discount_rate) ** -(flow.index.to_numpy(np.float64) - money.base_year)
    flow["present"] = flow["total"] * flow["factor"]
    return flow


def _entries(items: object, year: object, usd: object) -> pd.DataFrame:
    frame = pd.DataFrame({"item": np.asarray(items, dtype=object), "usd": usd})
    return frame.assign(year=np.asarray(year, dtype=np.int64))
