"""What programs pay and what the rules of origin make of a plan, for people to read."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from evsiting.results.analysis.cash_flow import timing
from evsiting.results.ledgers.plan_rows import facts_of
from evsiting.results.ledgers.programs import direct_staff
from evsiting.results.plan import Plan
from evsiting.results.rules import trade
from evsiting.results.rules.case import Case
from evsiting.study.derived.customs import located, origin_rules
from evsiting.study.derived.program_rules import rules
from evsiting.study.horizon import Horizon
from evsiting.study.study import Study

__all__ = ["claims_kept", "duties_paid", "program_payments", "regional_value"]

_PLACE = ["site", "plant_type"]


def program_payments(study: Study, plan: Plan) -> pd.DataFrame:
    """Return what each program pays each plant in each period, from the cost ledger.

    Parameters
    ----------
    study : Study
        Complete.
    plan : Plan
        Of that study.

    Returns
    -------
    pandas.DataFrame
        ``program``, ``site``, ``plant_type``, ``period``, ``present_usd`` [USD, present value], ``usd`` [USD,
        undiscounted: once for what is paid on an investment, over all years of the period for what is paid yearly],
        ``when``: ``invested`` or ``yearly``. What a plant pays back is not taken off.
    """
    cost = plan.ledgers["cost"]
    rows = cost[cost["item"] == "credits"]
    horizon = Horizon.of(study.periods, study.settings.money)
    at = pd.Index(horizon.periods).get_indexer(pd.Index(rows["period"]))
    when = timing(study, rows)
    weight = np.where(when == "invested", horizon.capital[at], horizon.present[at] / horizon.years[at])
    rows = rows.assign(present_usd=-rows["value"], usd=-rows["value"] / weight, when=when)
    key = ["program", *_PLACE, "period", "when"]
    columns = ["present_usd", "usd"]
    found: pd.DataFrame = rows.groupby(key, as_index=False)[columns].sum() if len(rows) else rows[[*key, *columns]]
    return found[["program", *_PLACE, "period", *columns, "when"]]


def claims_kept(study: Study, plan: Plan) -> pd.DataFrame:
    """Return claims of programs that have rules, with what plants pledged for them and what they keep of it.

    Parameters
    ----------
    study : Study
        Complete.
    plan : Plan
        Of that study.

    Returns
    -------
    pandas.DataFrame
        ``program``, ``site``, ``plant_type``, ``usd`` (paid, undiscounted), ``most_usd``, ``invested_usd`` with
        ``min_capex_usd``, ``jobs_fte`` (direct, last period) with ``min_jobs_fte``, ``missing_fte``, ``clawback_usd``
        (undiscounted). NaN where the program sets no such bound.
    """
    facts, held = facts_of(study, plan), rules(study)
    rows = facts.tables["claims"]
    paid = facts.tables["credits"].groupby(["program", *_PLACE], as_index=False)[["usd"]].sum()
    rows = rows.merge(paid, on=["program", *_PLACE], how="left")
    again = facts.moved[facts.moved["move"] == "resume"].rename(columns={"resume_usd": "invested_usd"})
    built = pd.concat([part[[*_PLACE, "invested_usd"]] for part in (facts.opened, again)])
    rows = rows.merge(built.groupby(_PLACE, as_index=False)["invested_usd"].sum(), on=_PLACE, how="left")
    staff = direct_staff(facts)
    staff = staff[staff["period"] == facts.horizon.periods[-1]].rename(columns={"fte": "jobs_fte"})
    rows = rows.merge(staff[[*_PLACE, "jobs_fte"]], on=_PLACE, how="left")
    lost = facts.tables["missing_jobs"].rename(columns={"jobs_fte": "missing_fte"})
    rows = rows.merge(lost, on=["program", *_PLACE], how="left")
    for column, name in (("most_usd", "most"), ("min_capex_usd", "min_capex"), ("min_jobs_fte", "min_jobs")):
        bounds = [getattr(held[p], name) if p in held else np.nan for p in rows["program"]]
        bound = pd.Series(bounds, index=rows.index, dtype="float64")
        rows[column] = bound.where(np.isfinite(bound) & (bound > 0.0))
    price = pd.Series([held[p].clawback if p in held else np.nan for p in rows["program"]], index=rows.index)
    rows = rows.fillna({"usd": 0.0, "invested_usd": 0.0, "jobs_fte": 0.0, "missing_fte": 0.0})
    rows["clawback_usd"] = (price.astype(np.float64).replace(np.inf, np.nan) * rows["missing_fte"]).fillna(0.0)
    money = ["usd", "most_usd", "invested_usd", "min_capex_usd", "jobs_fte", "min_jobs_fte"]
    return rows[["program", *_PLACE, *money, "missing_fte", "clawback_usd"]]


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
    ends = located(study, rows[["site", "destination"]].rename(columns={"site": "origin"}))
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
    found = rows.groupby(key, as_index=False)[columns].sum() if len(rows) else rows[[*key, *columns]]
    return found.assign(paid_usd=found["duty_usd"] + found["relief_usd"])


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
    case = Case(study, replace(plan, decisions=every))
    for name, rule, part in (("foreign", trade.origin, -1), ("high_wage", trade.labor_value, 0)):
        told = rule(case)  # nothing where nothing is made that a rule is for
        found = told[part].rows if told else None
        values = pd.DataFrame(columns=[*key, "found"]) if found is None else found[[*key, "found"]]
        rows = rows.merge(values.rename(columns={"found": name}).astype({name: "float64"}), on=key, how="left")
    whole = rows["net_cost"] * rows["units_per_yr"]
    rows = rows.rename(columns={"rvc": "rvc_needed", "lvc": "lvc_needed"})
    rows["rvc"], rows["lvc"] = 1.0 - rows["foreign"] / whole, rows["high_wage"] / whole
    held = set(plan.decisions["qualified"][key].itertuples(index=False, name=None))
    rows["qualified"] = [row in held for row in rows[key].itertuples(index=False, name=None)]
    entered: pd.DataFrame = plan.decisions["preferences"].groupby(key, as_index=False)[["units_per_yr"]].sum()
    rows = rows.merge(entered.rename(columns={"units_per_yr": "preferred_units_per_yr"}), on=key, how="left")
    rows = rows.fillna({"preferred_units_per_yr": 0.0})
    columns = ["units_per_yr", "rvc", "rvc_needed", "lvc", "lvc_needed", "qualified", "preferred_units_per_yr"]
    result: pd.DataFrame = rows[[*key, *columns]]
    return result
