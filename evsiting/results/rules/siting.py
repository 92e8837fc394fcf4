"""The rules that a plan must keep, each checked from the study's tables and from nothing else.

Every function returns by how much each row is broken; :mod:`evsiting.results.certificate` turns that into checks.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from evsiting.results.ledgers.plan_rows import STANDING
from evsiting.results.rules.case import (
    LANE,
    PLACE,
    Case,
    Violations,
    at_least,
    at_most,
    equal,
    pair,
    refused,
    saying,
    sums,
    within,
)
from evsiting.study.schema.plan_tables import DECISIONS


def openings(case: Case) -> list[Violations]:
    """Refuse what may not be built: unknown names, and what site and option rule out."""
    sites = case.study.sites.set_index("site")
    role, kinds = sites["role"].to_dict(), sites["plant_types"].to_dict()
    options = case.study.options.set_index(["plant_type", "option"])["sites"].to_dict()
    periods = set(case.periods["period"])
    why = []
    for site, kind, option, period in case.openings.itertuples(index=False, name=None):
        if site not in role:
            why.append("the study has no such site")
        elif role[site] != "candidate":
            why.append("nothing new may be built there")
        elif kind not in _listed(kinds[site], kind):
            why.append(f"only {kinds[site]} may be built there")
        elif (kind, option) not in options:
            why.append("the study has no such option")
        elif site not in _listed(options[kind, option], site):
            why.append(f"the option is for {options[kind, option]} only")
        else:
            why.append("" if period in periods else "the study has no such period")
    return [refused(case.openings, [bool(w) for w in why], why.__getitem__)]


def _listed(cell: object, default: str) -> list[str]:
    """Return the codes of a cell; an empty one allows any."""
    return [k.strip() for k in cell.split(";")] if isinstance(cell, str) and cell.strip() else [default]


def _steps(case: Case) -> pd.DataFrame:
    """Return openings with what they expand (empty for a new plant) and the number of their period."""
    rows = case.openings.merge(case.study.options[["plant_type", "option", "expands"]], on=["plant_type", "option"])
    rows["expands"] = rows["expands"].astype(object).where(rows["expands"].notna(), "").astype("str")
    order = {period: number for number, period in enumerate(case.periods["period"])}
    rows["number"] = rows["period"].map(order).astype(np.float64)
    return rows


def one_option(case: Case) -> list[Violations]:
    """Count the new plants of a type at a site: at most one over the horizon, expansions apart."""
    rows = _steps(case)
    count = rows[rows["expands"] == ""].groupby(PLACE, as_index=False).size().rename(columns={"size": "found"})
    return [at_most(count.assign(allowed=1.0), PLACE, "plant_type", "{found:g} new plants of one type")]


def expand(case: Case) -> list[Violations]:
    """Compare each expansion with the option out of which it grows: built before, and expanded once."""
    rows = _steps(case)
    grown = rows[rows["expands"] != ""]
    if grown.empty:
        return []
    old = rows[[*PLACE, "option", "number"]].rename(columns={"option": "expands", "number": "since"})
    pairs = grown.merge(old, on=[*PLACE, "expands"], how="left")
    late = ~(pairs["since"] < pairs["number"]).to_numpy(np.bool_)
    count = grown.groupby([*PLACE, "expands"], as_index=False).size().rename(columns={"size": "found"})
    return [
        refused(pairs[[*PLACE, "option", "period"]], late, lambda row: "what it expands was not built before"),
        at_most(count.assign(allowed=1.0), [*PLACE, "expands"], "plant_type", "expanded {found:g} times"),
    ]


def move_once(case: Case) -> list[Violations]:
    """Refuse closings and resumptions that the study does not allow, and those that come twice."""
    plants = case.study.plants
    stands = plants["status"].isin(STANDING) & plants["closing_usd"].notna()
    paused = (plants["status"] == "paused") & plants["resume_usd"].notna()
    found = []
    for name, may in (("closings", stands), ("resumptions", paused)):
        rows = case.plan.decisions[name]
        if rows.empty:
            continue
        wrong = ~rows["plant"].isin(plants.loc[may, "plant"]) | ~rows["period"].isin(case.periods["period"])
        wrong |= rows["plant"].duplicated()
        found.append(refused(rows, wrong.to_numpy(np.bool_), saying(f"not open to {name}, or comes twice")))
    return found


def committed(case: Case) -> list[Violations]:
    """Compare standing plants with those of the study: none missing, none added, none changed."""
    key = ["plant", "site", "plant_type", "capacity_units_per_yr"]
    plants = case.study.plants
    resumed = plants["plant"].isin(case.plan.decisions["resumptions"]["plant"])
    standing = plants[plants["status"].isin(STANDING) | resumed].reset_index(drop=True)
    listed = pd.DataFrame(case.plan.sites[case.plan.sites["status"] != "new"])[key]
    lost, made_up = ~within(standing, listed, key), ~within(listed, standing, key)
    return [
        refused(standing[key[:3]], lost, lambda row: "missing or changed in the plan"),
        refused(listed[key[:3]], made_up, lambda row: "not a standing plant of the study"),
    ]


def known_names(case: Case) -> list[Violations]:
    """Refuse production and unmet demand of which the study knows nothing."""
    made, short = case.plan.production, case.plan.unmet
    keys = [[c for c in frame.columns if c != "units_per_yr"] for frame in (made, short)]
    return [
        refused(made[keys[0]], ~case.known_production, lambda row: "no such site, process or period"),
        refused(short[keys[1]], ~case.known_unmet, lambda row: "no such demand"),
    ]


def lanes(case: Case) -> list[Violations]:
    """Refuse shipments by lanes that the study does not have, and of what a supplier does not sell."""
    sent = case.plan.shipments
    sells = dict(zip(case.study.suppliers["supplier"], case.study.suppliers["product"], strict=True))
    foreign = np.array(
        [
            sells.get(origin, product) != product
            for origin, product in zip(sent["origin"], sent["product"], strict=True)
        ],
        dtype=np.bool_,
    )
    key = [*LANE, "period"]
    return [
        refused(sent[key], ~case.known_shipments, lambda row: "the study has no such lane or period"),
        refused(sent[key], foreign, lambda row: "the supplier does not sell it"),
    ]


def capacity(case: Case) -> list[Violations]:
    """Compare what is made with the capacity that stands or was built by then."""
    key = [*PLACE, "period"]
    rows = case.load.merge(case.room, on=key, how="left").fillna({"room": 0.0})
    rows = rows.rename(columns={"load": "found", "room": "allowed"})
    return [at_most(rows, key, "plant_type", "makes {found:,.6g} of a capacity of {allowed:,.6g}")]


def min_load(case: Case) -> list[Violations]:
    """Compare what a site makes with the least that its new plant must make; standing plants may help."""
    key = [*PLACE, "period"]
    rows = sums(case.facts.built, key, "least").rename(columns={"least": "allowed"})
    rows = rows.merge(case.load, on=key, how="left").fillna({"load": 0.0}).rename(columns={"load": "found"})
    return [at_least(rows, key, "plant_type", "makes {found:,.6g}, must make {allowed:,.6g}")]


def output(case: Case) -> list[Violations]:
    """Compare what a site makes of a product with what leaves it."""
    key = ["site", "product", "period"]
    leaves = case.shipments[case.shipments["origin"].isin(case.study.sites["site"])].rename(columns={"origin": "site"})
    rows = pair(sums(leaves, key, "units_per_yr"), sums(case.production, key, "units_per_yr"), key)
    return [equal(rows, key, "product", "{found:,.6g} leave, {allowed:,.6g} are made")]


def balance(case: Case) -> list[Violations]:
    """Compare what arrives at a site with what it uses by the bill of materials."""
    key = ["site", "product", "period"]
    used = case.production.merge(case.study.processes[["plant_type", "product", "good_share"]])
    used = used.merge(case.study.bill_of_materials, on="product").drop(columns="product")
    used = used.rename(columns={"input": "product"})
    used["units_per_yr"] = used["units_per_yr"] * used["units_per_unit"] / used["good_share"]
    arrives = case.shipments[case.shipments["destination"].isin(case.study.sites["site"])]
    arrives = arrives.rename(columns={"destination": "site"})
    rows = pair(sums(arrives, key, "units_per_yr"), sums(used, key, "units_per_yr"), key)
    return [equal(rows, key, "product", "{found:,.6g} arrive, {allowed:,.6g} are used")]


def demand(case: Case) -> list[Violations]:
    """Compare what reaches a market or stays unmet with its demand; unmet only where there is a penalty."""
    key = ["market", "product", "period"]
    arrives = case.shipments[case.shipments["destination"].isin(case.study.markets["market"])]
    served = pd.concat([arrives.rename(columns={"destination": "market"})[[*key, "units_per_yr"]], case.unmet])
    rows = pair(sums(served, key, "units_per_yr"), case.demand[[*key, "units_per_yr"]], key)
    short = case.unmet.merge(case.demand[[*key, "unmet_penalty_usd_per_unit"]], on=key)
    short = short[short["unmet_penalty_usd_per_unit"].isna()].rename(columns={"units_per_yr": "found"})
    return [
        equal(rows, key, "product", "{found:,.6g} arrive or stay unmet, {allowed:,.6g} are wanted"),
        at_most(short.assign(allowed=0.0), key, "product", "{found:,.6g} unmet where all must be served"),
    ]


def supplier(case: Case) -> list[Violations]:
    """Compare what a supplier ships with what it can sell."""
    key = ["supplier", "period"]
    limits = case.facts.selling
    sent = case.shipments.drop(columns="product").rename(columns={"origin": "supplier"})
    rows = sums(sent, key, "units_per_yr").merge(limits[np.isfinite(limits["allowed"])], on=key)
    rows = rows.rename(columns={"units_per_yr": "found"})
    return [at_most(rows, key, "product", "sells {found:,.6g}, can sell {allowed:,.6g}")]


def numbers(case: Case) -> list[Violations]:
    """Refuse amounts that are negative or no number."""
    found = []
    for name, frame in case.plan.tables.items():
        what = DECISIONS[name]
        if what.value and len(frame):
            rows = frame.rename(columns={what.value: "found"}).assign(allowed=0.0)
            group = "product" if "product" in what.key else what.key[0]
            found.append(at_least(rows, list(what.key), group, name + " of {found:,.6g}"))
    return found
