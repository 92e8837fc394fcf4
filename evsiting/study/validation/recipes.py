"""Checks of recipes: inputs by plant type, and plants that pass a product on."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from evsiting.errors import shown
from evsiting.study.buildable import places
from evsiting.study.findings import Findings, count
from evsiting.study.recipes import inputs_by_plant_type, is_passed_on

__all__ = ["check_recipes"]


def check_recipes(tables: Mapping[str, pd.DataFrame], findings: Findings, unread: Collection[str]) -> None:
    """Note recipes of plants that do not make the product, and centers that cannot pass on what they should.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Tables in canonical form.
    findings : Findings
        Where problems go.
    unread : collection of str
        Tables that could not be read; nothing is looked up in them.
    """
    read = set(tables) - set(unread)
    if {"bill_of_materials", "processes"} <= read:
        _check_inputs(tables, findings)
    if {"by_products", "processes"} <= read:
        _check_by_products(tables, findings)
    if {"sites", "options", "processes"} <= read and is_passed_on(tables["processes"]).any():
        _check_steps(tables["processes"], findings)
        _check_roles(tables, findings)
        _check_onward(tables, findings)


def _check_inputs(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Refuse inputs of a plant type that does not make the product, and inputs given for every type and for one too."""
    bill, processes = tables["bill_of_materials"], tables["processes"]
    if "plant_type" not in bill:
        return
    own = bill[bill["plant_type"].notna() & bill["plant_type"].isin(processes["plant_type"])]
    made = processes.loc[~is_passed_on(processes), ["plant_type", "product"]]
    makes = set(made.dropna().itertuples(index=False, name=None))
    pairs = list(own[["plant_type", "product"]].itertuples(index=False, name=None))
    lost = own[[isinstance(p, str) and (k, p) not in makes for k, p in pairs]]
    if len(lost):
        findings.study(
            findings.where("bill_of_materials", "plant_type", "product"),
            f"{count(len(lost), len(bill), 'row')} for a plant type that does not make the product",
            findings.rows("bill_of_materials", lost["plant_type"] + " does not make " + lost["product"]),
            f"Name a plant type that makes it, or add the pair to {findings.where('processes')}",
        )
    every = set(bill.loc[bill["plant_type"].isna(), ["product", "input"]].itertuples(index=False, name=None))
    twice = own[[pair in every for pair in own[["product", "input"]].itertuples(index=False, name=None)]]
    if len(twice):
        findings.table(
            findings.where("bill_of_materials", "product", "input", "plant_type"),
            f"{count(len(twice), len(bill), 'row')} for one plant type of what another row gives for every plant type",
            findings.rows("bill_of_materials", twice["product"] + "|" + twice["input"] + "|" + twice["plant_type"]),
            "Give either one row with an empty plant_type, or a row for each plant type that uses it",
        )


def _check_by_products(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Refuse by-products of what a plant type does not make, or makes itself, or disposes of at two costs."""
    rows, processes = tables["by_products"], tables["processes"]
    made = set(processes.loc[~is_passed_on(processes), ["plant_type", "product"]].itertuples(index=False, name=None))
    passed = set(processes.loc[is_passed_on(processes), ["plant_type", "product"]].itertuples(index=False, name=None))
    known = rows[
        rows["plant_type"].isin(processes["plant_type"]) & rows["product"].notna() & rows["by_product"].notna()
    ]
    pairs = known[["plant_type", "product"]].itertuples(index=False, name=None)
    lost = known[[pair not in made for pair in pairs]]
    if len(lost):
        findings.study(
            findings.where("by_products", "plant_type", "product"),
            f"{count(len(lost), len(rows), 'row')} for a plant type that does not make the product",
            findings.rows("by_products", lost["plant_type"] + " does not make " + lost["product"]),
            f"Name a plant type that makes it, or add the pair to {findings.where('processes')}",
        )
    ends = zip(*(known[c].tolist() for c in ("plant_type", "product", "by_product")), strict=True)
    twice = known[[made == extra or (kind, extra) in passed for kind, made, extra in ends]]
    if len(twice):
        findings.study(
            findings.where("by_products", "plant_type", "by_product"),
            f"{count(len(twice), len(rows), 'row')} for the product itself, or for what the plant type passes on",
            findings.rows("by_products", twice["plant_type"] + " and " + twice["by_product"]),
            "Take the row out; units that come back into their own making are a matter of good_share",
        )
    costs = known.groupby(["plant_type", "by_product"])["disposal_usd_per_unit"].nunique(dropna=False)
    unlike = [f"{extra} of {kind}" for kind, extra in costs.index[costs > 1]]
    if unlike:
        findings.table(
            findings.where("by_products", "disposal_usd_per_unit"),
            f"{count(len(unlike), len(costs), 'by-product')} with more than one cost of disposal",
            shown(unlike),
            "Give one plant type the same cost in each row of the by-product, or leave it empty in each",
        )
    ruled = tables.get("origin_rules")
    rules = set() if ruled is None else set(ruled["product"].dropna())
    bound = sorted(set(known["by_product"]) & rules)
    if bound:
        findings.study(
            findings.where("by_products", "by_product"),
            f"{count(len(bound), len(set(known['by_product'])), 'by-product')} bound by a rule of origin",
            shown(bound),
            f"Take it out of {findings.where('origin_rules')}, or make it as a product of its own: what a by-product "
            "costs net, and so whether it qualifies, is not known",
        )


def _check_steps(processes: pd.DataFrame, findings: Findings) -> None:
    """Refuse steps that are no whole numbers."""
    steps = processes["pass_through_step"]
    broken = steps.notna() & (steps % 1.0 != 0.0)
    if broken.any():
        findings.table(
            findings.where("processes", "pass_through_step"),
            f"{count(int(broken.sum()), len(processes), 'step')} no whole number",
            findings.rows("processes", steps[broken]),
            "Give 1, or 2 for a center that may stand behind those of step 1",
        )


def _roles(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what may happen to products at sites: ``site``, ``product``, ``plant_type``, ``role``, ``step``."""
    processes, passed = tables["processes"], is_passed_on(tables["processes"])
    bill = tables.get(
        "bill_of_materials", pd.DataFrame({"product": [], "input": [], "units_per_unit": []}, dtype="str")
    )
    used = inputs_by_plant_type(processes, bill)[["plant_type", "input"]].rename(columns={"input": "product"})
    roles = [
        processes.loc[~passed, ["plant_type", "product"]].assign(role="makes", step=0.0),
        used.drop_duplicates().assign(role="uses", step=0.0),
        tables.get("by_products", pd.DataFrame({"plant_type": [], "by_product": []}, dtype="str"))[
            ["plant_type", "by_product"]
        ]
        .rename(columns={"by_product": "product"})
        .drop_duplicates()
        .assign(role="gives off", step=0.0),
        processes.loc[passed, ["plant_type", "product"]].assign(
            role="passes on", step=processes.loc[passed, "pass_through_step"]
        ),
    ]
    here = pd.DataFrame(sorted(places(tables)), columns=["site", "plant_type"], dtype="str").astype("object")
    return here.merge(pd.concat(roles, ignore_index=True).astype({"plant_type": "object"}), on="plant_type")


def _check_roles(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Refuse sites where a product may be passed on and made or used as well: its lanes could not be told apart."""
    roles = _roles(tables)
    passing = roles[roles["role"] == "passes on"][["site", "product", "plant_type"]]
    both = passing.merge(roles, on=["site", "product"], suffixes=("", "_2"))
    both = both[both["plant_type"] != both["plant_type_2"]]
    if len(both):
        lines = both["product"] + " at " + both["site"] + ": " + both["plant_type"] + " passes it on, "
        lines = (lines + both["plant_type_2"] + " " + both["role"] + " it").drop_duplicates()
        findings.study(
            findings.where("processes", "pass_through_step"),
            f"{count(both[['site', 'product']].drop_duplicates().shape[0], len(tables['sites']), 'site')} where a "
            "product may be passed on and something else may be done with it",
            "; ".join(lines.head(5)),
            f"Give centers sites of their own by {findings.where('sites', 'plant_types')}; they may have the same "
            "point",
        )


def _check_onward(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Refuse lanes from a center to a plant, to a center of no later step, or, with duties, across a border."""
    if not len(tables.get("lanes", ())):
        return
    roles = _roles(tables)
    roles = roles[roles["role"] == "passes on"]
    sites, products = roles["site"].astype(str).tolist(), roles["product"].astype(str).tolist()
    step = dict(zip(zip(sites, products, strict=True), map(float, roles["step"].tolist()), strict=True))
    markets = set(tables["markets"]["market"]) if "markets" in tables else set()
    lanes = tables["lanes"]
    land = {
        **dict(zip(tables["sites"]["site"], tables["sites"]["country"], strict=True)),
        **(dict(zip(tables["markets"]["market"], tables["markets"]["country"], strict=True)) if markets else {}),
    }
    columns = (lanes[c].astype(str).tolist() for c in ("product", "origin", "destination"))
    ends: list[tuple[str, str, str]] = list(zip(*columns, strict=True))
    back = [(a, p) in step and b not in markets and step.get((b, p), 0.0) <= step[a, p] for p, a, b in ends]
    name = lanes["product"] + " " + lanes["origin"] + " to " + lanes["destination"]
    if any(back):
        findings.study(
            findings.where("lanes", "origin", "destination"),
            f"{count(sum(back), len(lanes), 'lane')} from a center to a plant or to a center of no later step",
            findings.rows("lanes", name[back]),
            f"Take it out, or give the next center a higher {findings.where('processes', 'pass_through_step')}",
        )
    away = [(a, p) in step and land.get(a) != land.get(b) for p, a, b in ends]
    if any(away) and len(tables.get("duties", ())):
        findings.study(
            findings.where("lanes", "origin", "destination"),
            f"{count(sum(away), len(lanes), 'lane')} on which a center sends goods across a border that may levy duty: "
            "where they were made is known no more",
            findings.rows("lanes", name[away]),
            "Take it out: where there are duties, a center delivers within its country",
        )
