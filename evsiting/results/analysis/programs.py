"""What programs pay and what plants pledge for it, for people to read."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evsiting.results.analysis.cash_flow import timing
from evsiting.results.ledgers.plan_rows import facts_of
from evsiting.results.ledgers.programs import direct_staff
from evsiting.results.plan import Plan
from evsiting.study.derived.program_rules import rules
from evsiting.study.horizon import Horizon
from evsiting.study.study import Study

__all__ = ["claims_kept", "program_payments"]

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
    sums: pd.DataFrame = rows.groupby(key, as_index=False)[columns].sum() if len(rows) else rows[[*key, *columns]]
    return sums[["program", *_PLACE, "period", *columns, "when"]]


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
    facts, rule_of = facts_of(study, plan), rules(study)
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
        bounds = [getattr(rule_of[p], name) if p in rule_of else np.nan for p in rows["program"]]
        bound = pd.Series(bounds, index=rows.index, dtype="float64")
        rows[column] = bound.where(np.isfinite(bound) & (bound > 0.0))
    price = pd.Series([rule_of[p].clawback if p in rule_of else np.nan for p in rows["program"]], index=rows.index)
    rows = rows.fillna({"usd": 0.0, "invested_usd": 0.0, "jobs_fte": 0.0, "missing_fte": 0.0})
    rows["clawback_usd"] = (price.astype(np.float64).replace(np.inf, np.nan) * rows["missing_fte"]).fillna(0.0)
    money = ["usd", "most_usd", "invested_usd", "min_capex_usd", "jobs_fte", "min_jobs_fte"]
    return rows[["program", *_PLACE, *money, "missing_fte", "clawback_usd"]]
