"""Rules of what is built, closed and used, each checked from the study's tables and from nothing else.

Every function returns by how much each row is broken; :mod:`evsiting.results.certificate` turns that into checks.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

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
from evsiting.study.lists import split_list
from evsiting.study.schema.plants import RUNNING


def openings(case: Examination) -> list[Violations]:
    """Refuse what may not be built: unknown names, and what site and option rule out."""
    sites = case.study.sites.set_index("site")
    role, kinds = sites["role"].to_dict(), sites["plant_types"].to_dict()
    options = case.study.options.set_index(["plant_type", "option"])["sites"].to_dict()
    periods = set(case.periods["period"])
    early = _lead_time_reasons(case)
    why = []
    for site, kind, option, period in case.openings.itertuples(index=False, name=None):
        if site not in role:
            why.append("the study has no such site")
        elif role[site] != "candidate":
            why.append("nothing new may be built there")
        elif kind not in _codes_or_default(kinds[site], kind):
            why.append(f"only {kinds[site]} may be built there")
        elif (kind, option) not in options:
            why.append("the study has no such option")
        elif site not in _codes_or_default(options[kind, option], site):
            why.append(f"the option is for {options[kind, option]} only")
        elif period not in periods:
            why.append("the study has no such period")
        else:
            why.append(early.get((kind, option, period), ""))
    return [refuse(case.openings, [bool(w) for w in why], why.__getitem__)]


def _lead_time_reasons(case: Examination) -> dict[tuple[str, str, str], str]:
    """Return why an option cannot open in a period that begins before its lead time is over."""
    options, reasons = case.study.options, {}
    if "lead_years" not in options:
        return {}
    begin = case.periods.sort_values("start_year")[["period", "start_year"]].to_numpy(dtype=object).tolist()
    for kind, option, lead in options[["plant_type", "option", "lead_years"]].dropna().to_numpy(dtype=object).tolist():
        for period, year in begin:
            after = int(year) - int(begin[0][1])
            if after < float(lead):
                reasons[kind, option, period] = f"takes {lead:g} years, the period begins after {after}"
    return reasons


def _codes_or_default(cell: object, default: str) -> list[str]:
    """Return the codes of a cell; an empty one allows any."""
    return list(split_list(cell)) or [default]


def _steps(case: Examination) -> pd.DataFrame:
    """Return openings with what they expand (empty for a new plant) and the number of their period."""
    columns = [c for c in ("plant_type", "option", "expands", "at_once") if c in case.study.options]
    rows = case.openings.merge(case.study.options[columns], on=["plant_type", "option"])
    rows["expands"] = rows["expands"].astype(object).where(rows["expands"].notna(), "").astype("str")
    order = {period: number for number, period in enumerate(case.periods["period"])}
    rows["number"] = rows["period"].map(order).astype(np.float64)
    return rows


def one_option(case: Examination) -> list[Violations]:
    """Count the new plants of a type at a site: at most one over the horizon, expansions apart."""
    rows = _steps(case)
    count = rows[rows["expands"] == ""].groupby(PLACE, as_index=False).size().rename(columns={"size": "found"})
    return [at_most(count.assign(allowed=1.0), PLACE, "plant_type", "{found:g} new plants of one type")]


def expand(case: Examination) -> list[Violations]:
    """Compare each expansion with the option out of which it grows: built before, and expanded once."""
    rows = _steps(case)
    grown = rows[rows["expands"] != ""]
    if grown.empty:
        return []
    old = rows[[*PLACE, "option", "number"]].rename(columns={"option": "expands", "number": "since"})
    pairs = grown.merge(old, on=[*PLACE, "expands"], how="left")
    soon = pairs["at_once"].fillna(0.0) > 0.5 if "at_once" in pairs else pd.Series(False, index=pairs.index)
    late = ~((pairs["since"] < pairs["number"]) | (soon & (pairs["since"] == pairs["number"]))).to_numpy(np.bool_)
    count = grown.groupby([*PLACE, "expands"], as_index=False).size().rename(columns={"size": "found"})
    return [
        refuse(pairs[[*PLACE, "option", "period"]], late, lambda row: "what it expands was not built before"),
        at_most(count.assign(allowed=1.0), [*PLACE, "expands"], "plant_type", "expanded {found:g} times"),
    ]


def retire(case: Examination) -> list[Violations]:
    """Refuse closings of what the plan has built that come too soon or twice, or that nothing allows."""
    rows = pd.DataFrame(case.plan.decisions["retirements"]).reset_index(drop=True)
    if rows.empty:
        return []
    order = {period: number for number, period in enumerate(case.periods["period"])}
    built = _steps(case)
    known = set(built[[*PLACE, "option", "period"]].itertuples(index=False, name=None))
    options = case.study.options
    cost = options["closing_usd"] if "closing_usd" in options else pd.Series(np.nan, index=options.index)
    may = set(options.loc[cost.notna(), ["plant_type", "option"]].itertuples(index=False, name=None))
    ends = {(site, kind, option): order.get(end, -1) for site, kind, option, _, end in rows.itertuples(index=False)}
    grown: dict[tuple[str, str, str], list[str]] = {}
    for site, kind, option, parent in built[[*PLACE, "option", "expands"]].itertuples(index=False, name=None):
        grown.setdefault((site, kind, parent), []).append(option)
    why = []
    twice = rows.duplicated([*PLACE, "option"]).tolist()
    for k, (site, kind, option, begin, end) in enumerate(rows.itertuples(index=False, name=None)):
        left = [
            name
            for name in grown.get((site, kind, option), ())
            if ends.get((site, kind, name), len(order)) > order.get(end, -1)
        ]
        if (site, kind, option, begin) not in known:
            why.append("was not built then")
        elif (kind, option) not in may:
            why.append("may not be closed")
        elif order.get(end, -1) <= order.get(begin, len(order)):
            why.append("closed in no later period")
        elif twice[k]:
            why.append("closed twice")
        else:
            why.append(f"{left[0]} has grown out of it and stands" if left else "")
    return [refuse(rows, [bool(w) for w in why], why.__getitem__)]


def move_once(case: Examination) -> list[Violations]:
    """Refuse closings and resumptions that the study does not allow, and those that come twice."""
    plants = case.study.plants
    stands = plants["status"].isin(RUNNING) & plants["closing_usd"].notna()
    paused = (plants["status"] == "paused") & plants["resume_usd"].notna()
    violations = []
    for name, may in (("closings", stands), ("resumptions", paused)):
        rows = case.plan.decisions[name]
        if rows.empty:
            continue
        wrong = ~rows["plant"].isin(plants.loc[may, "plant"]) | ~rows["period"].isin(case.periods["period"])
        wrong |= rows["plant"].duplicated()
        violations.append(refuse(rows, wrong.to_numpy(np.bool_), constant_text(f"not open to {name}, or comes twice")))
    return violations


def committed(case: Examination) -> list[Violations]:
    """Compare standing plants with those of the study: none missing, none added, none changed."""
    key = ["plant", "site", "plant_type", "capacity_units_per_yr"]
    plants = case.study.plants
    resumed = plants["plant"].isin(case.plan.decisions["resumptions"]["plant"])
    standing = plants[plants["status"].isin(RUNNING) | resumed].reset_index(drop=True)
    listed = pd.DataFrame(case.plan.sites[case.plan.sites["option"] == ""])[key]
    lost, made_up = ~are_in(standing, listed, key), ~are_in(listed, standing, key)
    return [
        refuse(standing[key[:3]], lost, lambda row: "missing or changed in the plan"),
        refuse(listed[key[:3]], made_up, lambda row: "not a standing plant of the study"),
    ]


def capacity(case: Examination) -> list[Violations]:
    """Compare what is made with the capacity that stands or was built by then."""
    key = [*PLACE, "period"]
    rows = case.load.merge(case.room, on=key, how="left").fillna({"room": 0.0})
    rows = rows.rename(columns={"load": "found", "room": "allowed"})
    return [at_most(rows, key, "plant_type", "makes {found:,.6g} of a capacity of {allowed:,.6g}")]


def min_load(case: Examination) -> list[Violations]:
    """Compare what a site makes with the least that its new plant must make; standing plants may help."""
    key = [*PLACE, "period"]
    rows = sums(case.facts.built, key, "least").rename(columns={"least": "allowed"})
    rows = rows.merge(case.load, on=key, how="left").fillna({"load": 0.0}).rename(columns={"load": "found"})
    return [at_least(rows, key, "plant_type", "makes {found:,.6g}, must make {allowed:,.6g}")]
