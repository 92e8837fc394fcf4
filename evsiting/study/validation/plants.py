"""Checks of making: bill of materials, options and what they grow out of, standing plants, heat, power and staff."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from evsiting.errors import shown
from evsiting.study.buildable import buildable, places
from evsiting.study.findings import Findings, count
from evsiting.study.lists import split_list
from evsiting.study.schema.tables import TABLES
from evsiting.study.validation.names import way_out

__all__ = ["check_cycles", "check_plants"]

_PARTNER = ("partner_capex_share", "partner_output_share", "partner_credit_share")


def check_plants(tables: Mapping[str, pd.DataFrame], findings: Findings, unread: Collection[str]) -> None:
    """Note options, plants and sites that cannot be as they are written.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Tables in canonical form.
    findings : Findings
        Where problems go.
    unread : collection of str
        Tables that could not be read; nothing is looked up in them.
    """
    if "options" in tables:
        _check_ramps(tables["options"], findings)
        _check_partners(tables["options"], findings)
        _check_expansions(tables["options"], findings)
        if "periods" in tables:
            _warn_late(tables["options"], tables["periods"], findings)
    if "plants" in tables:
        _check_status(tables["plants"], findings)
    if not {"sites", "options", "processes", "plants"} & set(unread) and {"sites", "options"} <= set(tables):
        _check_heat(tables, findings)
        _warn_homeless(tables, findings)
    if "sites" not in unread and "sites" in tables:
        _check_upgrades(tables, findings)
        _warn_pools(tables, findings)


def _check_ramps(options: pd.DataFrame, findings: Findings) -> None:
    """Refuse a ramp-up whose parts are no fractions."""
    rule = next(c for c in TABLES["options"].schema.columns["ramp_up"].checks if c.name == "str_matches")
    ramps = options["ramp_up"].dropna()
    ramps = ramps[ramps.str.match(str(rule.statistics["pattern"]))]  # what is written in another way has been told
    wrong = ramps[[not all(_fraction(part) for part in split_list(cell)) for cell in ramps.tolist()]]
    if len(wrong):
        findings.table(
            findings.where("options", "ramp_up"),
            f"{count(len(wrong), len(options), 'ramp-up')} not made of fractions from 0 to 1",
            findings.rows("options", wrong),
            "Give the usable part of each year from the first on, such as 0.4;0.8 for 40 % and 80 %",
        )


def _fraction(text: str) -> bool:
    try:
        return 0.0 <= float(text) <= 1.0
    except ValueError:
        return False


def _check_partners(options: pd.DataFrame, findings: Findings) -> None:
    """Refuse shares of a partner where there is none."""
    bare = options["partner"].isna() & (options[list(_PARTNER)].fillna(0.0) > 0.0).any(axis=1)
    if bare.any():
        seen = pd.Series(
            [", ".join(f"{c} {row[c]:g}" for c in _PARTNER if row[c] > 0) for row in options[bare].to_dict("records")],
            index=options.index[bare],
            dtype="str",
        )
        findings.table(
            findings.where("options", "partner"),
            f"{count(int(bare.sum()), len(options), 'option')} shared with nobody",
            findings.rows("options", seen),
            "Name the partner, or take the shares out",
        )


def _check_expansions(options: pd.DataFrame, findings: Findings) -> None:
    """Refuse options that grow out of none, out of themselves, out of a larger one, or where that one cannot be."""
    _check_at_once(options, findings)
    rows = options.dropna(subset=["plant_type", "option"]).drop_duplicates(["plant_type", "option"])
    growing = rows[rows["expands"].notna()]
    if not len(growing):
        return
    known = {(k, o): row for k, o, row in zip(rows["plant_type"], rows["option"], rows.to_dict("records"), strict=True)}
    old = [known.get((k, e)) for k, e in zip(growing["plant_type"], growing["expands"], strict=True)]
    lost = growing[[o is None for o in old]]
    if len(lost):
        names = set(rows.loc[rows["plant_type"].isin(lost["plant_type"]), "option"])
        findings.study(
            findings.where("options", "expands"),
            f"{count(len(lost), len(growing), 'name')} of no option of the same plant type",
            findings.rows("options", lost["expands"]),
            way_out(lost["expands"].unique(), names, findings.where("options", "option")),
        )
    ring = _expansion_ring(growing)
    if ring:
        where = findings.where("options", "option", "expands")
        findings.study(where, "an option grows out of itself", " <- ".join(ring), "Let the first step expand nothing")
        return
    each = zip(growing.index.tolist(), growing.to_dict("records"), old, strict=True)
    pairs = [(i, row, o) for i, row, o in each if o is not None]
    small = {
        i: f"{row['option']}: {_own(row):,.12g}, {o['option']}: {_own(o):,.12g}"
        for i, row, o in pairs
        if _own(row) <= _own(o)
    }
    if small:
        findings.table(
            findings.where("options", "capacity_units_per_yr", "expands"),
            f"{count(len(small), len(growing), 'option')} no larger, without the partner's part, than what it expands",
            findings.rows("options", pd.Series(small, dtype="str")),
            "Give the capacity of the whole plant after the step, not that of the step alone",
        )
    astray = {
        i: f"{row['option']}: {row['sites'] if split_list(row['sites']) else 'all sites'}, {o['option']}: {o['sites']}"
        for i, row, o in pairs
        if split_list(o["sites"])
        and not (split_list(row["sites"]) and set(split_list(row["sites"])) <= set(split_list(o["sites"])))
    }
    if astray:
        findings.table(
            findings.where("options", "sites", "expands"),
            f"{count(len(astray), len(growing), 'option')} offered where what it expands is not",
            findings.rows("options", pd.Series(astray, dtype="str")),
            "Give it the sites of the option that it expands, or fewer of them",
        )


def _check_at_once(options: pd.DataFrame, findings: Findings) -> None:
    """Refuse options that are to be made at once with what they expand, and expand nothing."""
    if "at_once" not in options:
        return
    alone = (options["at_once"].fillna(0.0) > 0.5) & options["expands"].isna()
    if alone.any():
        findings.table(
            findings.where("options", "at_once", "expands"),
            f"{count(int(alone.sum()), len(options), 'option')} made at once, and expands nothing",
            findings.rows("options", options.loc[alone, "option"]),
            "Name in expands the option out of which it grows, or leave at_once empty",
        )


def _own(option: Mapping[Any, Any]) -> float:
    """Return the capacity of an option without the partner's part. [units/yr]"""
    return float(option["capacity_units_per_yr"] * (1.0 - option["partner_output_share"]))


def _expansion_ring(growing: pd.DataFrame) -> list[str]:
    """Return options that grow out of each other in a ring; empty where none do."""
    for kind, group in growing.groupby("plant_type", sort=False):
        before = dict(zip(group["option"], group["expands"], strict=True))
        for start in before:
            path = [start]
            while (step := before.get(path[-1])) is not None and step not in path:
                path.append(step)
            if step is not None:
                return [f"{kind} {name}" for name in [*path[path.index(step) :], step]]
    return []


def _warn_homeless(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Tell of options whose own list names only sites that cannot take them."""
    options = tables["options"]
    named = options[options["sites"].notna() & options["plant_type"].notna() & options["option"].notna()]
    offered = {(kind, option) for _, kind, option in buildable(tables)} if len(named) else set()
    lost = [
        f"{option} at {only}"
        for kind, option, only in named[["plant_type", "option", "sites"]].itertuples(index=False)
        if split_list(only) and (kind, option) not in offered
    ]
    if lost:
        findings.warnings.append(
            f"{findings.where('options', 'sites')}: names no candidate that allows the plant type, so that these can "
            f"be built nowhere: {shown(lost)}"
        )


def _warn_late(options: pd.DataFrame, periods: pd.DataFrame, findings: Findings) -> None:
    """Warn of options that take longer than the horizon lasts: they open in no period."""
    start = sorted(periods["start_year"].dropna().astype(int).tolist())
    if "lead_years" not in options or not start:
        return
    never = options["lead_years"].notna() & (options["lead_years"] > start[-1] - start[0])
    if never.any():
        names = options["plant_type"].fillna("") + " " + options["option"].fillna("")
        lead = options["lead_years"].map("{:g} years".format)
        findings.warnings.append(
            f"{findings.where('options', 'lead_years')}: the last period begins {start[-1] - start[0]} years after the "
            f"first one, so that these open in none: {shown((names + ', ' + lead)[never].tolist())}"
        )


def _check_status(plants: pd.DataFrame, findings: Findings) -> None:
    """Refuse costs of closing what does not run, and of resuming what was never paused."""
    for column, odd, what, fix in (
        (
            "closing_usd",
            plants["status"] == "paused",
            "of closing for a plant that does not run",
            "Leave it empty for a paused plant, or call the plant existing",
        ),
        (
            "resume_usd",
            plants["status"] != "paused",
            "of resuming for a plant that is not paused",
            "Leave it empty, or call the plant paused",
        ),
    ):
        wrong = odd & plants[column].notna()
        if wrong.any():
            findings.table(
                findings.where("plants", "status", column),
                f"{count(int(wrong.sum()), len(plants), 'row')} with a cost {what}",
                findings.rows("plants", (plants["plant"].fillna("") + " is " + plants["status"])[wrong]),
                fix,
            )


def _check_heat(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Refuse sites without price or emissions of heat where a plant would use it: no layer fills them."""
    processes, sites = tables.get("processes"), tables["sites"]
    if processes is None or not (processes["heat_kwh_per_unit"] > 0.0).any():
        return
    hot = set(processes.loc[processes["heat_kwh_per_unit"] > 0.0, "plant_type"].dropna())
    using = {site for site, kind in places(tables) if kind in hot}
    for column in ("heat_price_usd_per_mwh", "heat_factor_kg_per_kwh"):
        lost = sites[column].isna() & sites["site"].isin(using)
        if lost.any():
            findings.study(
                findings.where("sites", column),
                f"{count(int(lost.sum()), len(sites))} empty where a plant would use heat",
                f"{findings.rows('sites', sites.loc[lost, 'site'])}; heat is used by {shown(sorted(hot))}",
                f"Give the {TABLES['sites'].column(column).title.lower()}: no layer fills it",
            )


def _check_upgrades(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Refuse grid upgrades where the load has no limit, or that are given for every site and for one as well."""
    if not len(tables.get("grid_upgrades", ())):
        return
    frame, sites = tables["grid_upgrades"], tables["sites"]
    limited = set(sites.loc[sites["connectable_mw"].notna(), "site"].dropna())
    idle = frame["site"].notna() & frame["site"].isin(sites["site"]) & ~frame["site"].isin(limited)
    idle |= frame["site"].isna() & (len(limited) == 0)
    if idle.any():
        findings.study(
            findings.where("grid_upgrades", "site"),
            f"{count(int(idle.sum()), len(frame), 'upgrade')} of a load that has no limit",
            findings.rows("grid_upgrades", frame.loc[idle, "site"].fillna("every site")),
            f"Give {findings.where('sites', 'connectable_mw')} there, or take the upgrade out",
        )
    everywhere = set(frame.loc[frame["site"].isna(), "upgrade"].dropna())
    twice = frame["site"].notna() & frame["upgrade"].isin(everywhere)
    if twice.any():
        findings.table(
            findings.where("grid_upgrades", "site", "upgrade"),
            f"{count(int(twice.sum()), len(frame), 'upgrade')} given for every site and for one as well",
            findings.rows("grid_upgrades", (frame["site"] + "|" + frame["upgrade"])[twice]),
            "Give the upgrade of the one site a name of its own",
        )


def _warn_pools(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Tell of labor pools that no site belongs to."""
    if not len(tables.get("labor_pools", ())):
        return
    pools = tables["labor_pools"]["pool"]
    idle = pools[pools.notna() & ~pools.isin(tables["sites"]["labor_pool"])]
    if len(idle):
        findings.warnings.append(
            f"{findings.where('labor_pools', 'pool')}: no site belongs to {shown(idle)}, so that these limit nothing"
        )


def check_cycles(tables: Mapping[str, pd.DataFrame], findings: Findings) -> bool:
    """Refuse a bill of materials in which a product goes into itself; return whether one does."""
    if "bill_of_materials" not in tables:
        return False
    into: dict[str, list[str]] = {}
    for made, used in tables["bill_of_materials"][["product", "input"]].dropna().itertuples(index=False):
        into.setdefault(made, []).append(used)
    done: set[str] = set()
    for start in into:
        path: list[str] = []
        ring = _ring(start, into, path, done)
        if ring:
            findings.study(
                findings.where("bill_of_materials", "product", "input"),
                "a product goes into itself",
                " <- ".join(ring),
                "Take one of these rows out",
            )
            return True
    return False


def _ring(product: str, into: Mapping[str, list[str]], path: list[str], done: set[str]) -> list[str]:
    """Return a cycle that can be reached from ``product``, without recursion; empty where there is none."""
    stack = [(product, iter(into.get(product, ())))]
    path.append(product)
    while stack:
        here, inputs = stack[-1]
        step = next(inputs, None)
        if step is None:
            stack.pop()
            done.add(path.pop())
        elif step in path:
            return [*path[path.index(step) :], step]
        elif step not in done:
            path.append(step)
            stack.append((step, iter(into.get(step, ()))))
    return []
