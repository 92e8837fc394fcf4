"""Rules of incentives, checked from the study's tables: what programs offer, and what plants pledge for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from evsiting.results.ledgers.programs import direct_staff, free_share, is_new, paid_on_building
from evsiting.results.rules.case import (
    PLACE,
    Examination,
    Violations,
    are_in,
    at_least,
    at_most,
    constant_text,
    refuse,
    sums,
)
from evsiting.study.derived.program_rules import Rule, exclusive_pairs, foreign_shares, rules

__all__ = ["RULES"]

_CLAIM = ["program", *PLACE]
_CREDIT = [*_CLAIM, "period"]


def credit(case: Examination) -> list[Violations]:
    """Compare what programs with rules pay in a period with what they offer for what is built, made and worked."""
    if _credits(case).empty:
        return []
    paid = sums(_credits(case), _CREDIT, "usd").rename(columns={"usd": "found"})
    rows = paid.merge(_offers(case), on=_CREDIT, how="left").fillna({"offer": 0.0}).rename(columns={"offer": "allowed"})
    return [at_most(rows, _CREDIT, "program", "pays USD {found:,.6g}, offers {allowed:,.6g}")]


def claim(case: Examination) -> list[Violations]:
    """Refuse claims of what has no rules or is not offered there, double ones, and credits without a claim."""
    claims, paid = _claims(case), _credits(case)
    known = are_in(claims, _offers_with_rules(case), _CLAIM)
    twice = claims.duplicated(_CLAIM).to_numpy(np.bool_)
    unclaimed = ~are_in(paid, claims, _CLAIM)
    return [
        refuse(claims[_CLAIM], ~known, constant_text("no program with rules offers anything there")),
        refuse(claims[_CLAIM], twice, constant_text("claimed twice")),
        refuse(paid[_CREDIT], unclaimed, constant_text("paid without a claim")),
    ]


def cap(case: Examination) -> list[Violations]:
    """Compare what a program pays one plant over the horizon with the most that it may."""
    rows = _with_figure(sums(_credits(case), _CLAIM, "usd"), case, "most").rename(columns={"usd": "found"})
    return [at_most(rows, _CLAIM, "program", "pays USD {found:,.6g}, may pay {allowed:,.6g}")]


def pool(case: Examination) -> list[Violations]:
    """Compare what a program pays in all with its pool."""
    rows = _with_figure(sums(_credits(case), ["program"], "usd"), case, "pool").rename(columns={"usd": "found"})
    return [at_most(rows, ["program"], "program", "pays USD {found:,.6g} out of a pool of {allowed:,.6g}")]


def stacking(case: Examination) -> list[Violations]:
    """Compare what all programs pay on building with the investment of the plant."""
    paid = _credits(case)
    if paid.empty:
        return []
    paid = sums(paid[paid["program"].isin(paid_on_building(case.facts))], PLACE, "usd")
    offers = case.study.incentives
    free = offers[(offers["kind"] == "grant") & ~offers["program"].isin(rules(case.study))]
    free = free[free["program"].isin(case.study.programs["program"])]  # others are paid as they are written
    grants = sums(free, [*PLACE, "period"], "value")
    built = case.facts.opened.merge(grants, on=[*PLACE, "period"], how="left").fillna({"value": 0.0})
    granted = built["value"].where(is_new(built), 0.0)
    built["left"] = (built["invested_usd"] * (1.0 - free_share(case.facts, built)) - granted).clip(lower=0.0)
    rows = paid.merge(sums(built, PLACE, "left"), on=PLACE, how="left").fillna({"left": 0.0})
    rows = rows.rename(columns={"usd": "found", "left": "allowed"})
    return [at_most(rows, PLACE, "plant_type", "is paid USD {found:,.6g} of an investment of {allowed:,.6g} left")]


def threshold(case: Examination) -> list[Violations]:
    """Compare the investment of plants that claim a program, and their jobs at the end, with what they pledged."""
    claims = _claims(case)
    if claims.empty:
        return []
    again = case.facts.moved[case.facts.moved["move"] == "resume"].rename(columns={"resume_usd": "invested_usd"})
    built = pd.concat([rows[[*PLACE, "invested_usd"]] for rows in (case.facts.opened, again)], ignore_index=True)
    built = sums(built, PLACE, "invested_usd").rename(columns={"invested_usd": "found"})
    pledged = _with_figure(claims, case, "min_capex").merge(built, on=PLACE, how="left").fillna({"found": 0.0})
    jobs = _with_figure(claims, case, "min_jobs").merge(_last_staff(case), on=PLACE, how="left").fillna({"found": 0.0})
    firm = ~jobs["program"].isin(_programs_with_clawback(case))
    return [
        at_least(pledged, _CLAIM, "program", "invests USD {found:,.6g}, pledged {allowed:,.6g}"),
        at_least(jobs[firm].reset_index(drop=True), _CLAIM, "program", "has {found:,.6g} jobs, pledged {allowed:,.6g}"),
    ]


def clawback(case: Examination) -> list[Violations]:
    """Compare jobs at the end, and those that are told as missing, with what was pledged; refuse others as missing."""
    missing = case.plan.decisions["missing_jobs"]
    if _claims(case).empty and missing.empty:
        return []
    jobs = _with_figure(_claims(case), case, "min_jobs").merge(_last_staff(case), on=PLACE, how="left")
    jobs = jobs.merge(sums(missing, _CLAIM, "jobs_fte"), on=_CLAIM, how="left").fillna({"found": 0.0, "jobs_fte": 0.0})
    jobs["found"] += jobs["jobs_fte"]
    jobs = jobs[jobs["program"].isin(_programs_with_clawback(case))].reset_index(drop=True)
    known = are_in(missing, jobs, _CLAIM)
    words = "{found:,.6g} jobs with those that are paid back, pledged {allowed:,.6g}"
    return [
        at_least(jobs, _CLAIM, "program", words),
        refuse(missing[_CLAIM], ~known, constant_text("nothing is claimed there that takes money back")),
    ]


def exclusive(case: Examination) -> list[Violations]:
    """Refuse claims of two programs at one place of which one excludes the other."""
    claims = _claims(case)
    if claims.empty:
        return []
    pairs = pd.DataFrame(exclusive_pairs(rules(case.study)), columns=["program", "other"], dtype="str")
    both = claims.merge(pairs, on="program").merge(
        claims.rename(columns={"program": "other"}), on=["other", *PLACE], how="inner"
    )
    return [refuse(both[[*PLACE, "program", "other"]], [True] * len(both), constant_text("claimed together"))]


def requires(case: Examination) -> list[Violations]:
    """Look for something new of each plant type that a claimed program requires in the country."""
    if _claims(case).empty:
        return []
    country = case.study.sites.set_index("site")["country"].to_dict()
    opened = case.facts.opened
    new = opened[is_new(opened)]
    present = {(country[site], kind) for site, kind in zip(new["site"], new["plant_type"], strict=True)}
    rule_of = rules(case.study)
    asked = [
        (*row, kind)
        for row in _claims(case).itertuples(index=False, name=None)
        for kind in (rule_of[row[0]].requires if row[0] in rule_of else ())
    ]
    rows = pd.DataFrame(asked, columns=[*_CLAIM, "required"], dtype="str")
    lost = [(country.get(row[1]), row[3]) not in present for row in asked]
    return [refuse(rows, lost, constant_text("nothing new of the required plant type is built in the country"))]


def foreign_ratio(case: Examination) -> list[Violations]:
    """Compare material from prohibited foreign entities with all material of plants that claim a program, by value."""
    share = {key: most for key, most in foreign_shares(case.study).items() if most < 1.0}
    claims = _claims(case).drop_duplicates()
    if claims.empty:
        return []
    claims = (
        claims[claims["program"].isin({name for name, _ in share})]
        .merge(_offers_with_rules(case), on=_CLAIM)[_CREDIT]
        .drop_duplicates()
    )
    rows = claims.merge(_material(case), on=[*PLACE, "period"], how="inner")
    rows["found"] = rows["foreign"]
    most = [share.get(key, 1.0) for key in zip(rows["program"], rows["period"], strict=True)]
    rows["allowed"] = np.array(most, dtype=np.float64) * rows["all"]
    words = "USD {found:,.6g} of material from foreign entities, at most {allowed:,.6g}"
    return [at_most(rows, _CREDIT, "program", words)]


def _claims(case: Examination) -> pd.DataFrame:
    return pd.DataFrame(case.plan.decisions["claims"])[_CLAIM].reset_index(drop=True)


def _credits(case: Examination) -> pd.DataFrame:
    return pd.DataFrame(case.plan.decisions["credits"]).reset_index(drop=True)


def _offers_with_rules(case: Examination) -> pd.DataFrame:
    """Return offers of programs with rules."""
    offers = case.study.incentives
    rows: pd.DataFrame = offers[offers["program"].isin(rules(case.study)) & (offers["value"] > 0)]
    return rows.reset_index(drop=True)


def _with_figure(rows: pd.DataFrame, case: Examination, field: str) -> pd.DataFrame:
    """Return rows of programs whose rule gives a figure, with it as ``allowed``."""
    rule_of: dict[str, Rule] = rules(case.study)
    figures = {name: getattr(rule, field) for name, rule in rule_of.items()}
    finite = {name: figure for name, figure in figures.items() if np.isfinite(figure)}
    rows = rows[rows["program"].isin(finite)].reset_index(drop=True)
    return rows.assign(allowed=rows["program"].map(finite).astype("float64"))


def _programs_with_clawback(case: Examination) -> set[str]:
    """Return programs of which jobs may be missing, for money."""
    return {name for name, rule in rules(case.study).items() if np.isfinite(rule.clawback)}


def _offers(case: Examination) -> pd.DataFrame:
    """Return what programs with rules offer, by program, place and period, undiscounted: ``offer``. [USD]."""
    facts, offers = case.facts, _offers_with_rules(case)
    at = [*PLACE, "period"]
    kinds = {kind: rows[[*_CREDIT, "product", "value"]] for kind, rows in offers.groupby("kind")}
    opened, new = facts.opened, facts.opened[is_new(facts.opened)]
    parts = []
    for kind, rows, key, amount in (
        ("investment", opened, at, opened["invested_usd"] * opened["kept_credit"]),
        ("grant", new, at, new["kept_credit"]),
        ("production", facts.made, [*at, "product"], facts.made["units_per_yr"] * facts.made["years"]),
        ("job", (staff := direct_staff(facts)), at, staff["fte"] * staff["years"]),
    ):
        if kind in kinds:
            joined = rows[key].assign(amount=amount).merge(kinds[kind][[*key, "program", "value"]], on=key)
            parts.append(joined[_CREDIT].assign(offer=joined["amount"] * joined["value"]))
    every = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*_CREDIT, "offer"], dtype="str")
    return sums(every.astype({"offer": "float64"}), _CREDIT, "offer")


def _last_staff(case: Examination) -> pd.DataFrame:
    """Return the direct staff of every place in the last period: ``found``. [FTE]."""
    staff = direct_staff(case.facts)
    last = staff[staff["period"] == case.facts.horizon.periods[-1]]
    return last[[*PLACE, "fte"]].rename(columns={"fte": "found"}).reset_index(drop=True)


def _material(case: Examination) -> pd.DataFrame:
    """Return the value of material by place and period: ``foreign`` and ``all``. [USD/yr].

    Inputs of the plant type's products that arrive at its site, whichever plant there uses them, at the supplier's
    price or at the value of what another site makes; and the bought material of the plant itself.
    """
    facts, study = case.facts, case.study
    uses = case.recipes[["plant_type", "input"]].drop_duplicates().rename(columns={"input": "product"})
    sent = facts.shipped.drop(columns="site", errors="ignore").merge(
        study.products[["product", "value_usd_per_unit"]], on="product", how="left"
    )
    sent["origin"] = facts.shipped["site"].to_numpy()
    sent = sent[sent["destination"].isin(study.sites["site"])].merge(uses, on="product")
    entities = set(study.suppliers.loc[study.suppliers["foreign_entity"] > 0.5, "supplier"])
    usd = sent["price_usd"].fillna(sent["value_usd_per_unit"]) * sent["units_per_yr"]
    arrived = sent[["plant_type", "period"]].assign(
        site=sent["destination"], all=usd, foreign=usd.where(sent["origin"].isin(entities), 0.0)
    )
    made = facts.made
    own = made[[*PLACE, "period"]].assign(all=made["material_usd"] * made["units_per_yr"], foreign=0.0)
    both = pd.concat([arrived, own], ignore_index=True)
    key = [*PLACE, "period"]
    return both if both.empty else both.groupby(key, as_index=False)[["foreign", "all"]].sum()


#: Rules of this room by constraint family.
RULES: Mapping[str, Callable[[Examination], list[Violations]]] = MappingProxyType(
    {
        "credit": credit,
        "claim": claim,
        "cap": cap,
        "pool": pool,
        "stacking": stacking,
        "threshold": threshold,
        "clawback": clawback,
        "exclusive": exclusive,
        "requires": requires,
        "foreign_ratio": foreign_ratio,
    }
)
