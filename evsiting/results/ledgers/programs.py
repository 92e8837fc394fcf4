"""Ledger lines of incentives: what programs pay, and what plants pay back for jobs that are missing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evsiting.results.ledgers.plan_rows import PlanRows, line, no_lines
from evsiting.study.derived.program_rules import ON_INVESTMENT, rules

__all__ = ["cost", "direct_staff", "free_share", "is_new", "paid_on_building"]

_PLACE = ["site", "plant_type"]


def cost(facts: PlanRows) -> list[pd.DataFrame]:
    """Return credits, below zero, and clawbacks. [USD, present value]."""
    if not facts.study.has("incentives"):
        return []
    offers = facts.study.incentives
    free = offers[~offers["program"].isin(rules(facts.study))]
    kinds = {"investment": _fractions, "grant": _grants, "production": _units, "job": _jobs}
    present = set(free["kind"].tolist())
    paid = [work(facts, free[free["kind"] == kind]) for kind, work in kinds.items() if kind in present]
    return [*paid, _claimed_payments(facts), _clawback(facts)]


def free_share(facts: PlanRows, opened: pd.DataFrame) -> pd.Series:
    """Return the part of the investment of each opening that programs without rules pay as fractions. [1]"""
    offers = facts.study.incentives
    free = offers[(offers["kind"] == "investment") & ~offers["program"].isin(rules(facts.study))]
    part = free.groupby([*_PLACE, "period"])["value"].sum()
    keys = pd.MultiIndex.from_frame(opened[[*_PLACE, "period"]])
    return pd.Series(part.reindex(keys).fillna(0.0).clip(upper=1.0).to_numpy(), index=opened.index)


def _fractions(facts: PlanRows, offers: pd.DataFrame) -> pd.DataFrame:
    r"""Parts of the own investment, at most the whole, :math:`-\min(1, f)\,I \kappa K_t`. [USD]."""
    opened = facts.opened.reset_index(names="opening_row")
    paid = opened.merge(_offer(offers), on=[*_PLACE, "period"], how="inner")
    total = paid.groupby("opening_row")["offer"].transform("sum")
    usd = paid["offer"] / total.clip(lower=1.0) * paid["invested_usd"] * paid["kept_credit"]
    return line("credits", paid, -usd * paid["capital"])


def _grants(facts: PlanRows, offers: pd.DataFrame) -> pd.DataFrame:
    r"""Grants to new plants, at most what fractions leave, :math:`-\min(G, (1 - f) I) \kappa K_t`. [USD].

    Those that table ``programs`` does not list are the user's own figures, paid as they are written.
    """
    new = facts.opened[is_new(facts.opened)].reset_index(names="opening_row")
    new["left"] = new["invested_usd"] * (1.0 - free_share(facts, new))
    paid = new.merge(_offer(offers), on=[*_PLACE, "period"], how="inner")
    listed = paid["program"].isin(facts.study.programs["program"])
    total = paid["offer"].where(listed, 0.0).groupby(paid["opening_row"]).transform("sum")
    share_paid = (paid["left"] / total.where(total > 0.0, 1.0)).clip(upper=1.0).where(listed, 1.0)
    return line("credits", paid, -paid["offer"] * share_paid * paid["kept_credit"] * paid["capital"])


def _units(facts: PlanRows, offers: pd.DataFrame) -> pd.DataFrame:
    r"""Credits for units made, :math:`-v\,make\,A_t`. [USD]."""
    paid = facts.made.merge(_offer(offers, "product"), on=[*_PLACE, "product", "period"], how="inner")
    return line("credits", paid, -paid["offer"] * paid["units_per_yr"] * paid["present"])


def _jobs(facts: PlanRows, offers: pd.DataFrame) -> pd.DataFrame:
    r"""Credits for direct jobs, :math:`-j\,s\,A_t`. [USD]."""
    paid = direct_staff(facts).merge(_offer(offers), on=[*_PLACE, "period"], how="inner")
    return line("credits", paid, -paid["offer"] * paid["fte"] * paid["present"])


def _claimed_payments(facts: PlanRows) -> pd.DataFrame:
    r"""What programs with rules pay: on building :math:`-credits\,K_t`, else :math:`-credits\,A_t / n_t`. [USD]."""
    if not len(facts.tables["credits"]):
        return no_lines()
    paid = facts.tables["credits"].merge(facts.weights, on="period", how="inner")
    paid = paid.merge(_countries(facts), on="site", how="left")
    built = paid["program"].isin(paid_on_building(facts))
    return line("credits", paid, -paid["usd"] * np.where(built, paid["capital"], paid["present"] / paid["years"]))


def _clawback(facts: PlanRows) -> pd.DataFrame:
    r"""Paid back for pledged jobs that are missing in the last period, at its end. [USD]."""
    if not len(facts.tables["missing_jobs"]):
        return no_lines()
    price = {name: rule.clawback for name, rule in rules(facts.study).items() if np.isfinite(rule.clawback)}
    rows = facts.tables["missing_jobs"].merge(_countries(facts), on="site", how="left")
    rows["period"] = facts.horizon.periods[-1]
    usd = rows["program"].map(price).astype("float64").fillna(0.0)
    return line("clawback", rows, usd * rows["jobs_fte"] * facts.horizon.end)


def paid_on_building(facts: PlanRows) -> set[str]:
    """Return the programs that pay on what is built; the others pay year by year."""
    offers = facts.study.incentives
    return set(offers.loc[offers["kind"].isin(ON_INVESTMENT), "program"].astype(str))


def direct_staff(facts: PlanRows) -> pd.DataFrame:
    """Return the direct staff of every place and period: ``fte``, with country and weights. [FTE]."""
    key = [*_PLACE, "period", "country", "years", "present"]
    made = facts.made
    parts = [
        facts.running[key].assign(fte=facts.running["staff_fte"]),
        made[key].assign(fte=made["labor_h_per_unit"] * made["units_per_yr"] / facts.hours),
    ]
    both = pd.concat(parts, ignore_index=True)
    return both if both.empty else both.groupby(key, as_index=False)[["fte"]].sum()


def is_new(opened: pd.DataFrame) -> pd.Series:
    """Return which openings are new plants and no expansions."""
    return opened["expands"].isna() | (opened["expands"].astype(object) == "")


def _offer(offers: pd.DataFrame, *also: str) -> pd.DataFrame:
    """Return offers by place, period and program, with their value as ``offer``."""
    return offers.rename(columns={"value": "offer"})[[*_PLACE, *also, "period", "program", "offer"]]


def _countries(facts: PlanRows) -> pd.DataFrame:
    return pd.DataFrame(facts.study.sites[["site", "country"]])
