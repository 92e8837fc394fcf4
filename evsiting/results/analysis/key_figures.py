"""Figures that a reader asks for first: cost by item and unit, share of imports, jobs by place."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evsiting.results.analysis.landed_cost import cheapest_imports
from evsiting.results.consistency import require_same_study
from evsiting.results.plan import Plan
from evsiting.study.horizon import Horizon
from evsiting.study.schema.countries import COUNTRIES
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


def units_delivered(study: Study, plan: Plan) -> pd.DataFrame:
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
    units = float(units_delivered(study, plan)["present_units"].sum())
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
        Price, freight and duty of the period, weighted by present units delivered; capacities of suppliers are not
        regarded. NaN where a market that is served has no supplier abroad within reach. [USD/unit]
    """
    least = cheapest_imports(study, plan).rename(columns={"market": "destination"})
    least["landed"] = least[["price", "freight", "duty_usd", "carbon", "late"]].sum(axis=1)
    rows = arrivals(study, plan).merge(least, on=["destination", "product", "period"], how="left")
    units = float(rows["present_units"].sum())
    return float((rows["present_units"] * rows["landed"]).sum(skipna=False)) / units if units > 0 else float("nan")


def import_shares(study: Study, plan: Plan) -> pd.DataFrame:
    r"""Return how much of what arrives in each country comes from overseas.

    .. math:: share_{pct} = \frac{\sum_{l \to c,\ o(l) \notin \{US, CA, MX\}} ship_{plt}}{\sum_{l \to c} ship_{plt}}

    Parameters
    ----------
    study, plan : Study, Plan
        The study and one of its plans.

    Returns
    -------
    pandas.DataFrame
        ``product``, ``country`` (of the sites and markets where it arrives), ``period``, ``units_per_yr``,
        ``imported_units_per_yr`` from suppliers outside the three countries, ``import_share`` [1]. What a plant passes
        on within its site counts as an arrival too.

    Raises
    ------
    InputError
        If the plan answers another study.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> ev.import_shares(study, ev.solve(study))["import_share"].max()
    np.float64(0.0)
    """
    return imports_by_country(require_same_study("import_shares", study, plan), plan)


def imports_by_country(study: Study, plan: Plan) -> pd.DataFrame:
    """Return the table of :func:`import_shares` for a study and a plan that are known to belong together."""
    ends = pd.concat([study.sites.set_index("site")["country"], study.markets.set_index("market")["country"]])
    origin = study.suppliers.set_index("supplier")["country"]
    rows = plan.shipments.assign(country=plan.shipments["destination"].map(ends).astype("str"))
    abroad = rows["origin"].map(origin).notna() & ~rows["origin"].map(origin).isin(COUNTRIES)
    rows["imported_units_per_yr"] = rows["units_per_yr"].where(abroad, 0.0)
    key, columns = ["product", "country", "period"], ["units_per_yr", "imported_units_per_yr"]
    sums = rows.groupby(key, as_index=False)[columns].sum() if len(rows) else rows[[*key, *columns]]
    return sums.assign(import_share=sums["imported_units_per_yr"] / sums["units_per_yr"])


def jobs_by_place(study: Study, plan: Plan) -> pd.DataFrame:
    """Return direct jobs by country, state or province, and period: the jobs ledger over the years of each period.

    Parameters
    ----------
    study, plan : Study, Plan
        The study and one of its plans.

    Returns
    -------
    pandas.DataFrame
        ``country``, ``region``, ``period``, ``jobs_fte`` (mean over the period) [FTE], ``job_years``, which add up to
        the total of the jobs ledger.

    Raises
    ------
    InputError
        If the plan answers another study.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> plan = ev.solve(study)
    >>> bool(abs(ev.jobs_by_place(study, plan)["job_years"].sum() - plan.totals["jobs"]) < 1e-6)
    True
    """
    return jobs_by_region(require_same_study("jobs_by_place", study, plan), plan)


def jobs_by_region(study: Study, plan: Plan) -> pd.DataFrame:
    """Return the table of :func:`jobs_by_place` for a study and a plan that are known to belong together."""
    order = study.periods.sort_values("start_year", ignore_index=True)[["period", "years"]]
    rows = plan.ledgers["jobs"][["site", "period", "value"]].merge(order.reset_index(names="when"), on="period")
    rows = rows.merge(pd.DataFrame(study.sites[["site", "country", "region"]]), on="site", how="left")
    rows = rows.rename(columns={"value": "job_years"}).fillna({"country": "", "region": ""})
    rows["jobs_fte"] = rows["job_years"] / rows["years"]
    key, columns = ["country", "region", "when", "period"], ["jobs_fte", "job_years"]
    sums = rows.groupby(key, as_index=False)[columns].sum() if len(rows) else rows[[*key, *columns]]
    return sums.drop(columns="when")
