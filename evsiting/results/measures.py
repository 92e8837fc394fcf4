"""Figures that a reader asks for first: cost by item, landed cost of a unit, share of imports."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evsiting.results.ledgers import demand_by_period
from evsiting.results.plan import Plan
from evsiting.study.horizon import Horizon
from evsiting.study.study import Study


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


def delivered(study: Study, plan: Plan) -> pd.DataFrame:
    """Return the units that reach markets, by product and period.

    Returns
    -------
    pandas.DataFrame
        ``product``, ``period``, ``units_per_yr``, ``present_units`` (discounted over the period, in the same
        way as money) and ``units`` (over the period).
    """
    horizon = Horizon.of(study.periods, study.settings.money)
    weights = pd.DataFrame({"period": horizon.periods, "present": horizon.present, "years": horizon.years})
    arrived = plan.shipments[plan.shipments["destination"].isin(study.markets["market"])]
    rows = arrived.groupby(["product", "period"], as_index=False)[["units_per_yr"]].sum()
    rows = rows.merge(weights, on="period")
    rows["present_units"] = rows["units_per_yr"] * rows["present"]
    rows["units"] = rows["units_per_yr"] * rows["years"]
    return rows[["product", "period", "units_per_yr", "present_units", "units"]]


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


def import_shares(study: Study, plan: Plan) -> pd.DataFrame:
    """Return how much of each product comes from suppliers, over the horizon.

    Parameters
    ----------
    study : Study
        Complete.
    plan : Plan
        Of that study.

    Returns
    -------
    pandas.DataFrame
        ``product``, ``final`` (whether markets want it), ``used`` and ``imported`` [units over the horizon],
        ``import_share`` [fraction; NaN where none is used]. What is used is what arrives at plants and
        markets.
    """
    years = study.periods.set_index("period")["years"]
    rows = plan.shipments.assign(
        used=plan.shipments["units_per_yr"] * plan.shipments["period"].map(years).astype("float64")
    )
    rows["imported"] = rows["used"].where(rows["origin"].isin(study.suppliers["supplier"]), 0.0)
    table = (
        rows.groupby("product")[["used", "imported"]].sum().reindex(sorted(study.products["product"]), fill_value=0.0)
    )
    table.insert(0, "final", table.index.isin(study.demand["product"]))
    table["import_share"] = (table["imported"] / table["used"]).where(table["used"] > 0)
    return table.rename_axis("product").reset_index()


def import_unit_cost(study: Study) -> float:
    """Return what a final unit would cost if every market bought all it wants from its cheapest supplier.

    Returns
    -------
    float
        Price, freight and duty, weighted by demand over the horizon; capacities of suppliers are not
        regarded. NaN where a market has no supplier within reach. [USD/unit]
    """
    horizon = Horizon.of(study.periods, study.settings.money)
    weight = pd.Series(horizon.present, index=list(horizon.periods))
    sold = study.lanes.merge(study.suppliers, left_on=["origin", "product"], right_on=["supplier", "product"])
    sold["landed"] = sold["price_usd_per_unit"] + sold["freight_usd_per_unit"] + sold["duty_usd_per_unit"]
    least = sold.groupby(["destination", "product"])["landed"].min().rename_axis(["market", "product"]).reset_index()
    wanted = demand_by_period(study).merge(least, on=["market", "product"], how="left")
    units = wanted["units_per_yr"] * wanted["period"].map(weight).astype("float64")
    return float((units * wanted["landed"]).sum(skipna=False) / units.sum()) if units.sum() > 0 else float("nan")
