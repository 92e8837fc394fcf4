"""Figures that a reader asks for first: cost by item, landed cost of a unit, share of imports."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evsiting.results.plan import Plan
from evsiting.study.horizon import Horizon
from evsiting.study.study import Study

#: The three countries of the study; what comes from elsewhere is an import.
HOME = ("US", "CA", "MX")


def by_item(ledger: pd.DataFrame, *also: str) -> pd.DataFrame:
    """Return a ledger added up by item, and by further columns where they are named.

    Parameters
    ----------
    ledger : pandas.DataFrame
        One of ``plan.ledgers``.
    *also : str
        Further columns, such as ``"site"`` or ``"period"``.

    Returns
    -------
    pandas.DataFrame
        ``item``, the columns named, ``value``; items in the order of the ledger.

    Examples
    --------
    >>> ledger = pd.DataFrame({"item": ["power", "power", "duty"], "value": [1.0, 2.0, 5.0]})
    >>> by_item(ledger)["value"].tolist()
    [3.0, 5.0]
    """
    return ledger.groupby(["item", *also], sort=False, as_index=False)[["value"]].sum()


def arrivals(study: Study, plan: Plan) -> pd.DataFrame:
    """Return what reaches markets, shipment by shipment.

    Returns
    -------
    pandas.DataFrame
        Rows of ``plan.shipments`` with ``present_units`` (discounted over the period, in the same way as
        money) and ``units`` (over the period), on the index of ``plan.shipments``.
    """
    horizon = Horizon.of(study.periods, study.settings.money)
    present = dict(zip(horizon.periods, horizon.present.tolist(), strict=True))
    years = dict(zip(horizon.periods, horizon.years.tolist(), strict=True))
    rows: pd.DataFrame = plan.shipments[plan.shipments["destination"].isin(study.markets["market"])].copy()
    rows["present_units"] = rows["units_per_yr"] * rows["period"].map(present).astype("float64")
    rows["units"] = rows["units_per_yr"] * rows["period"].map(years).astype("float64")
    return rows


def delivered(study: Study, plan: Plan) -> pd.DataFrame:
    """Return the units that reach markets, by product and period.

    Returns
    -------
    pandas.DataFrame
        ``product``, ``period``, ``units_per_yr``, ``present_units`` and ``units``, as in :func:`arrivals`.
    """
    columns = ["units_per_yr", "present_units", "units"]
    return arrivals(study, plan).groupby(["product", "period"], as_index=False)[columns].sum()


def unit_costs(study: Study, plan: Plan) -> pd.DataFrame:
    r"""Return the landed cost of one final unit by item: present value of cost over present value of units.

    .. math:: c_{item} = \frac{\sum \text{cost ledger of item}}{\sum_t A_t \sum_{jp} \text{arrivals}_{jpt}}

    Parameters
    ----------
    study : Study
        Complete.
    plan : Plan
        Of that study.

    Returns
    -------
    pandas.DataFrame
        ``item``, ``value`` [USD, present value], ``usd_per_unit`` (levelised; NaN where nothing is
        delivered). The items add up to the landed cost; several final products are taken together.
    """
    units = float(delivered(study, plan)["present_units"].sum())
    items = by_item(plan.ledgers["cost"])
    items["usd_per_unit"] = items["value"] / units if units > 0 else np.nan
    return items


def bought_shares(study: Study, plan: Plan) -> pd.Series[float]:
    """Return how much of each input of plants comes from suppliers, over the horizon.

    Parameters
    ----------
    study : Study
        Complete.
    plan : Plan
        Of that study.

    Returns
    -------
    pandas.Series
        By product that arrives at plants: the part that suppliers sold, years counted alike. [fraction]
    """
    years = study.periods.set_index("period")["years"]
    rows = plan.shipments[plan.shipments["destination"].isin(study.sites["site"])]
    used = rows["units_per_yr"] * rows["period"].map(years).astype("float64")
    bought = used.where(rows["origin"].isin(study.suppliers["supplier"]), 0.0)
    return bought.groupby(rows["product"]).sum() / used.groupby(rows["product"]).sum()


def import_unit_cost(study: Study, plan: Plan) -> float:
    """Return what the units that a plan delivers would cost from the cheapest supplier abroad of each market.

    Returns
    -------
    float
        Price, freight and duty, weighted by present units delivered; capacities of suppliers are not
        regarded. NaN where a market that is served has no supplier abroad within reach. [USD/unit]
    """
    abroad = study.suppliers[~study.suppliers["country"].isin(HOME)]
    sold = study.lanes.merge(
        abroad[["supplier", "product", "price_usd_per_unit"]],
        left_on=["origin", "product"],
        right_on=["supplier", "product"],
    )
    sold["landed"] = sold["price_usd_per_unit"] + sold["freight_usd_per_unit"] + sold["duty_usd_per_unit"]
    least = sold.groupby(["destination", "product"], as_index=False)["landed"].min()
    rows = arrivals(study, plan).merge(least, on=["destination", "product"], how="left")
    units = float(rows["present_units"].sum())
    return float((rows["present_units"] * rows["landed"]).sum(skipna=False)) / units if units > 0 else float("nan")
