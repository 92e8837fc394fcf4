"""What customs and the rules of origin make of a plan, for people to read."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pandas as pd

from evsiting.results.plan import Plan
from evsiting.results.rules import trade
from evsiting.results.rules.case import Examination
from evsiting.study.derived.customs import origin_rules, with_countries
from evsiting.study.study import Study

__all__ = ["duties_paid", "regional_value"]


def duties_paid(study: Study, plan: Plan) -> pd.DataFrame:
    """Return duty by measure and pair of countries, with what is relieved of it, from the cost ledger.

    Parameters
    ----------
    study : Study
        Complete.
    plan : Plan
        Of that study.

    Returns
    -------
    pandas.DataFrame
        ``measure`` (empty: duty that lanes themselves name), ``product``, ``origin``, ``destination`` (countries),
        ``period``, ``duty_usd`` as if nothing relieved it, ``relief_usd`` (preferences, quotas, offsets; below zero),
        ``paid_usd`` [USD, present value]. Duty that makers offset has the maker's country as both ends and the product
        that is made.
    """
    cost = plan.ledgers["cost"]
    rows = cost[cost["item"].isin(["duty", "duty relief"])]
    ends = with_countries(study, rows[["site", "destination"]].rename(columns={"site": "origin"}))
    to = ends["to_country"].astype(object)
    stated = rows["destination"].astype(object).where(rows["destination"] != "", rows["country"])
    rows = rows.assign(
        origin=rows["country"],
        to=pd.Series(to.to_numpy(), index=rows.index).where(pd.notna(to.to_numpy()), stated),
        duty_usd=rows["value"].where(rows["item"] == "duty", 0.0),
        relief_usd=rows["value"].where(rows["item"] == "duty relief", 0.0),
    )
    rows = rows.drop(columns="destination").rename(columns={"program": "measure", "to": "destination"})
    key, columns = ["measure", "product", "origin", "destination", "period"], ["duty_usd", "relief_usd"]
    sums = rows.groupby(key, as_index=False)[columns].sum() if len(rows) else rows[[*key, *columns]]
    return sums.assign(paid_usd=sums["duty_usd"] + sums["relief_usd"])


def regional_value(study: Study, plan: Plan) -> pd.DataFrame:
    r"""Return the regional value content of what plants make under a rule of origin (net-cost method).

    .. math:: RVC = 1 - \frac{\text{value of material that does not originate}}{\text{net cost}}

    Parameters
    ----------
    study : Study
        Complete.
    plan : Plan
        Of that study.

    Returns
    -------
    pandas.DataFrame
        ``site``, ``product``, ``period``, ``units_per_yr``, ``rvc`` with ``rvc_needed``, ``lvc`` with ``lvc_needed``
        (NaN: no such rule) [1], ``qualified`` (the plan declares it), ``preferred_units_per_yr`` (units that enter a
        country as originating). Inputs from plants under a rule count as originating only where the plan declares them.
    """
    law, key = origin_rules(study).reset_index(), ["site", "product", "period"]
    made: pd.DataFrame = plan.production.groupby(key, as_index=False)[["units_per_yr"]].sum()
    rows = made[made["units_per_yr"] > 0.0].merge(law[["product", "rvc", "lvc", "net_cost"]], on="product")
    every = MappingProxyType({**plan.decisions, "qualified": rows[key]})
    case = Examination(study, replace(plan, decisions=every))
    for name, rule, part in (("foreign", trade.origin, -1), ("high_wage", trade.labor_value, 0)):
        checks = rule(case)  # nothing where nothing is made that a rule is for
        values_of = checks[part].rows if checks else None
        values = pd.DataFrame(columns=[*key, "found"]) if values_of is None else values_of[[*key, "found"]]
        rows = rows.merge(values.rename(columns={"found": name}).astype({name: "float64"}), on=key, how="left")
    whole = rows["net_cost"] * rows["units_per_yr"]
    rows = rows.rename(columns={"rvc": "rvc_needed", "lvc": "lvc_needed"})
    rows["rvc"], rows["lvc"] = 1.0 - rows["foreign"] / whole, rows["high_wage"] / whole
    qualified = set(plan.decisions["qualified"][key].itertuples(index=False, name=None))
    rows["qualified"] = [row in qualified for row in rows[key].itertuples(index=False, name=None)]
    entered: pd.DataFrame = plan.decisions["preferences"].groupby(key, as_index=False)[["units_per_yr"]].sum()
    rows = rows.merge(entered.rename(columns={"units_per_yr": "preferred_units_per_yr"}), on=key, how="left")
    rows = rows.fillna({"preferred_units_per_yr": 0.0})
    columns = ["units_per_yr", "rvc", "rvc_needed", "lvc", "lvc_needed", "qualified", "preferred_units_per_yr"]
    result: pd.DataFrame = rows[[*key, *columns]]
    return result
