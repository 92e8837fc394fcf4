"""Rules of what is made, shipped and served, recomputed from the study's tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evsiting.results.rules.case import LANE, PLACE, Examination, Violations, are_in, at_most, equal, pair, refuse, sums
from evsiting.study.recipes import is_passed_on


def lanes(case: Examination) -> list[Violations]:
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
        refuse(sent[key], ~case.known_shipments, lambda row: "the study has no such lane or period"),
        refuse(sent[key], foreign, lambda row: "the supplier does not sell it"),
    ]


def output(case: Examination) -> list[Violations]:
    """Compare what a site makes of a product, by-products with it, with what leaves it or is disposed of."""
    key = ["site", "product", "period"]
    leaves = case.shipments[case.shipments["origin"].isin(case.study.sites["site"])].rename(columns={"origin": "site"})
    leaves = pd.concat([leaves[[*key, "units_per_yr"]], case.disposals[[*key, "units_per_yr"]]])
    made = pd.concat([case.production[[*key, "units_per_yr"]], case.coming[[*key, "units_per_yr"]]])
    rows = pair(sums(leaves, key, "units_per_yr"), sums(made, key, "units_per_yr"), key)
    return [equal(rows, key, "product", "{found:,.6g} leave, {allowed:,.6g} are made")]


def disposal(case: Examination) -> list[Violations]:
    """Compare what a plant disposes of with what comes of its production; refuse it where all must leave."""
    key = [*PLACE, "product", "period"]
    rows = sums(case.disposals, key, "units_per_yr").rename(columns={"units_per_yr": "found"})
    comes = sums(case.coming, key, "units_per_yr").rename(columns={"units_per_yr": "allowed"})
    must = case.study.by_products
    must = must[must["disposal_usd_per_unit"].isna()].drop(columns="product").rename(columns={"by_product": "product"})
    must_leave = are_in(case.disposals, must, ["plant_type", "product"])
    return [
        at_most(
            rows.merge(comes, on=key, how="left").fillna({"allowed": 0.0}),
            key,
            "product",
            "{found:,.6g} disposed of, {allowed:,.6g} come of what is made",
        ),
        refuse(case.disposals[key], must_leave, lambda row: "all of it must leave the site"),
    ]


def balance(case: Examination) -> list[Violations]:
    """Compare what arrives at a site with what it uses by the bill of materials, and with what it passes on."""
    key = ["site", "product", "period"]
    used = case.production.merge(case.study.processes[["plant_type", "product", "good_share"]])
    passed = case.study.processes.loc[is_passed_on(case.study.processes), ["plant_type", "product"]]
    recipes = pd.concat([case.recipes, passed.assign(input=passed["product"], units_per_unit=1.0)], ignore_index=True)
    used = used.merge(recipes, on=["plant_type", "product"]).drop(columns="product")
    used = used.rename(columns={"input": "product"})
    used["units_per_yr"] = used["units_per_yr"] * used["units_per_unit"] / used["good_share"]
    arrives = case.shipments[case.shipments["destination"].isin(case.study.sites["site"])]
    arrives = arrives.rename(columns={"destination": "site"})
    rows = pair(sums(arrives, key, "units_per_yr"), sums(used, key, "units_per_yr"), key)
    return [equal(rows, key, "product", "{found:,.6g} arrive, {allowed:,.6g} are used")]


def demand(case: Examination) -> list[Violations]:
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


def supplier(case: Examination) -> list[Violations]:
    """Compare what a supplier ships with what it can sell."""
    key = ["supplier", "period"]
    limits = case.facts.selling
    sent = case.shipments.drop(columns="product").rename(columns={"origin": "supplier"})
    rows = sums(sent, key, "units_per_yr").merge(limits[np.isfinite(limits["allowed"])], on=key)
    rows = rows.rename(columns={"units_per_yr": "found"})
    return [at_most(rows, key, "product", "sells {found:,.6g}, can sell {allowed:,.6g}")]
