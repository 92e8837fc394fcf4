"""Checks of policy: programs and their rules, and limits and values over time that contradict each other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import product as pairs
from typing import Any

import pandas as pd

from evsiting import reference
from evsiting.errors import shown
from evsiting.study.buildable import buildable
from evsiting.study.findings import Findings, count
from evsiting.study.schema.countries import ISO_CODES
from evsiting.study.schema.programs import CAPACITIES
from evsiting.study.schema.tables import COUNTRIES
from evsiting.study.validation.names import parts, way_out

__all__ = ["check_earned", "check_policy"]

#: Kinds of programs that are fractions: of the investment, of the property tax, points of interest.
_FRACTIONS = ("investment", "depreciation", "loan", "abatement")
#: Kinds that are paid by the year; all others are paid on building.
_YEARLY = ("production", "job")
#: Columns of programs that only some kinds use.
_USED_BY = {
    "share": ("investment", "depreciation", "loan", "abatement"),
    "term_years": ("depreciation", "loan", "abatement"),
}
#: Figures that table trajectories changes everywhere alike.
_EVERYWHERE = ("freight_usd_per_unit", "carbon_price_usd_per_t")


def check_policy(tables: Mapping[str, pd.DataFrame], found: Findings, unread: Collection[str]) -> None:
    """Note programs, rules, limits and values over time that cannot be as they are written.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Tables in canonical form.
    found : Findings
        Where problems go.
    unread : collection of str
        Tables that could not be read; nothing is looked up in them.
    """
    for name in ("programs", "incentives"):
        if name in tables:
            _check_fractions(name, tables[name], found)
    if "programs" in tables:
        _check_used(tables["programs"], found)
        if "sites" in tables and "sites" not in unread:
            _tell_flags(tables["programs"], tables["sites"], found)
        if {"sites", "options"} <= set(tables) and not {"sites", "options"} & set(unread):
            _check_taxes(tables, found)
    if len(tables.get("program_rules", ())):
        _check_rules(tables, found, unread)
    if "limits" in tables:
        _check_contradictions(tables["limits"], found)
        if "sites" in tables and "sites" not in unread:
            _tell_unclean(tables, found)
    if len(tables.get("trajectories", ())) and not {"sites", "suppliers"} & set(unread):
        _check_places(tables, found)


def _check_fractions(name: str, frame: pd.DataFrame, found: Findings) -> None:
    """Refuse fractions above one."""
    high = frame["kind"].isin(_FRACTIONS) & (frame["value"] > 1)
    if high.any():
        found.table(
            found.where(name, "value"),
            f"{count(int(high.sum()), len(frame), 'row')} above the whole",
            found.rows(name, frame["value"][high]),
            f"Give a fraction where kind is {', '.join(_FRACTIONS)}: 0.3 for 30 %",
        )


def _check_used(frame: pd.DataFrame, found: Findings) -> None:
    """Refuse figures that the kind of program has no use for; tell of loans without a term."""
    for column, kinds in _USED_BY.items():
        given = frame[column].notna() & (frame[column] != 1.0 if column == "share" else True)
        idle = given & frame["kind"].notna() & ~frame["kind"].isin(kinds)
        if idle.any():
            found.table(
                found.where("programs", column),
                f"{count(int(idle.sum()), len(frame), 'row')} of a kind that does not use it",
                found.rows("programs", (frame["program"] + ": " + frame["kind"])[idle]),
                f"Leave it empty, or choose a kind that uses it: {', '.join(kinds)}",
            )
    endless = (frame["kind"] == "loan") & frame["term_years"].isna()
    if endless.any():
        found.odd.append(
            f"{found.where('programs', 'term_years')}: no term for {shown(frame.loc[endless, 'program'].unique())}; "
            "the loan runs as long as the plant lives"
        )


def _tell_flags(programs: pd.DataFrame, sites: pd.DataFrame, found: Findings) -> None:
    """Tell of programs that ask for a flag which no site carries: nobody can claim them."""
    if "flag" not in programs:
        return
    carried = set(parts(sites["flags"])) if "flags" in sites else set()
    lost = programs["flag"].notna() & ~programs["flag"].isin(carried)
    if lost.any():
        found.odd.append(
            f"{found.where('programs', 'flag')}: no site carries {shown(programs.loc[lost, 'flag'].unique())}; "
            f"{shown(programs.loc[lost, 'program'].unique())} can be claimed nowhere. Sites get flags from a column "
            "flags or from the layer evsiting.flags"
        )


def _check_taxes(tables: Mapping[str, pd.DataFrame], found: Findings) -> None:
    """Refuse a faster write-off where no tax is known, and a waiver of a property tax that nobody pays."""
    programs, sites = tables["programs"], tables["sites"]
    built = {(site, kind) for site, kind, _ in buildable(tables)}
    for kind, column, rule, what in (
        ("depreciation", "tax_rate", sites["tax_rate"].isna(), "a write-off where no tax on profit is known"),
        ("abatement", "property_tax_rate", ~(sites["property_tax_rate"] > 0.0), "a waiver of a tax that nobody levies"),
    ):
        lost: dict[object, str] = {}
        for i, row in programs[programs["kind"] == kind].iterrows():
            able = pd.Series([(s, row["plant_type"]) in built for s in sites["site"]], sites.index, dtype=bool)
            mine = (sites["country"] == row["country"]) & able
            if pd.notna(row["region"]):
                mine &= sites["region"] == row["region"]
            if pd.notna(row.get("flag")):
                flags = sites["flags"] if "flags" in sites else pd.Series("", sites.index)
                mine &= pd.Series([row["flag"] in parts(flags.loc[[i]]).tolist() for i in sites.index], sites.index)
            bad = sites.loc[mine & rule, "site"].dropna()
            if len(bad) and (kind == "depreciation" or len(bad) == int(mine.sum())):
                lost[i] = f"{row['program']} at {shown(bad, 2)}"
        if lost:
            found.study(
                found.where("programs", "kind"),
                f"{count(len(lost), len(programs), 'row')} {what}",
                found.rows("programs", pd.Series(lost, dtype="str")),
                f"Give {found.where('sites', column)} where the program holds, as a fraction",
            )


def _kinds(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return ``program``, ``plant_type`` and ``kind`` of all that is offered."""
    columns = ["program", "plant_type", "kind"]
    frames = [tables[name][columns] for name in ("programs", "incentives") if name in tables]
    return pd.concat(frames).dropna() if frames else pd.DataFrame(columns=columns, dtype="str")


def _check_rules(tables: Mapping[str, pd.DataFrame], found: Findings, unread: Collection[str]) -> None:
    """Refuse rules that contradict themselves, or that no plant can keep."""
    rules, offered = tables["program_rules"], _kinds(tables)
    names = rules["program"].fillna("")

    def tell(columns: tuple[str, ...], bad: pd.Series, what: str, fix: str) -> None:
        if len(bad):
            where = found.where("program_rules", *columns)
            found.study(
                where, f"{count(len(bad), len(rules), 'program')} {what}", found.rows("program_rules", bad), fix
            )

    excluded = parts(rules["excludes"])
    own = excluded[excluded == names.reindex(excluded.index)]
    tell(("excludes",), own, "said to exclude itself", "Name other programs")
    free = excluded[excluded.isin(offered["program"]) & ~excluded.isin(names)]
    fix = "Give that program a row of its own here: without one it is paid to everyone and cannot be left"
    tell(("excludes",), free, "left for one that is no choice", fix)
    yearly = set(offered.loc[offered["kind"].isin(_YEARLY), "program"])
    mixed = names[names.isin(yearly) & names.isin(offered.loc[~offered["kind"].isin(_YEARLY), "program"])]
    fix = "Give what is paid on building and what is paid by the year as two programs, each with its rule"
    tell(("program",), mixed, f"both paid on building and by the year ({', '.join(_YEARLY)})", fix)
    idle = rules["clawback_usd_per_job"].notna() & ~(rules["min_jobs_fte"] > 0.0)
    tell(
        ("clawback_usd_per_job", "min_jobs_fte"), names[idle], "with a clawback and no pledge", "Give the pledged jobs"
    )
    if {"options", "processes", "plants"} & set(unread) or not {"options", "processes"} <= set(tables):
        return
    new = set(tables["options"]["plant_type"].dropna())
    required = parts(rules["requires"])
    never = required[required.isin(tables["processes"]["plant_type"]) & ~required.isin(new)]
    fix = f"Give the plant type an option in {found.where('options')}, or take it out"
    tell(("requires",), never, "bound to a plant type that cannot be built", fix)
    employs = _employers(tables)
    known = set(offered["program"])
    without = known - set(offered.loc[offered["plant_type"].isin(employs), "program"])
    hollow = names[(rules["min_jobs_fte"] > 0.0) & names.isin(without) & rules["clawback_usd_per_job"].isna()]
    fix = f"Give staff or labor in {found.where('options')} or {found.where('processes')}, or a clawback"
    tell(("min_jobs_fte",), hollow, "with pledged jobs where its plants have none at all", fix)


def _employers(tables: Mapping[str, pd.DataFrame]) -> set[str]:
    """Return the plant types that have staff."""
    held = [("options", "staff_fte"), ("processes", "labor_h_per_unit"), ("plants", "staff_fte")]
    return {
        str(kind)
        for name, column in held
        if name in tables
        for kind in tables[name].loc[tables[name][column] > 0.0, "plant_type"].dropna()
    }


def check_earned(tables: Mapping[str, pd.DataFrame], found: Findings) -> None:
    """Refuse credits per unit for a product that the plant type does not make: nothing would earn them."""
    if "processes" not in tables:
        return
    made = set(tables["processes"]["plant_type"] + " makes no " + tables["processes"]["product"])
    for name in ("programs", "incentives"):
        if name in tables:
            frame = tables[name]
            unnamed = (frame["kind"] == "production") & frame["product"].isna()
            if name == "incentives" and unnamed.any():
                found.table(
                    found.where(name, "product"),
                    f"{count(int(unnamed.sum()), len(frame), 'credit')} per unit of no product",
                    found.rows(name, frame["program"][unnamed]),
                    "Name the product that earns it, in a row for each where there are several",
                )
            named = frame["plant_type"] + " makes no " + frame["product"]
            lost = (frame["kind"] == "production") & named.notna() & ~named.isin(made)
            if lost.any():
                found.study(
                    found.where(name, "plant_type", "product"),
                    f"{count(int(lost.sum()), len(frame), 'credit')} for what is not made there",
                    found.rows(name, named[lost]),
                    f"Name a product that the plant type makes by {found.where('processes')}",
                )


def _check_contradictions(limits: pd.DataFrame, found: Findings) -> None:
    """Refuse figures below zero, and pairs of limits on one thing whose floor is above the other's ceiling."""
    for column in ("at_least", "at_most"):
        low = limits["kind"].isin(("emissions", "jobs", "capex")) & (limits[column] < 0.0)
        if low.any():
            found.table(
                found.where("limits", column),
                f"{count(int(low.sum()), len(limits), 'limit')} below zero",
                found.rows("limits", limits.loc[low, column]),
                "Give a figure of zero or more",
            )
    crossed: dict[object, str] = {}
    scope = ["kind", "place", "product", "plant_type", "per"]
    for _, group in limits.dropna(subset=["limit", "kind"]).fillna(dict.fromkeys(scope, "")).groupby(scope):
        rows = list(group.to_dict("records"))
        for (i, low), high in pairs(zip(group.index, rows, strict=True), rows):
            if low is not high and _meet(low, high) and low["at_least"] > high["at_most"]:
                crossed[i] = f"{low['limit']}: {low['at_least']:g}, {high['limit']}: {high['at_most']:g}"
    if crossed:
        found.study(
            found.where("limits", "at_least", "at_most"),
            f"{count(len(crossed), len(limits), 'floor')} above the ceiling of another limit on the same",
            found.rows("limits", pd.Series(crossed, dtype="str")),
            "Lower the floor, raise the ceiling, or take one of them out",
        )


def _meet(low: Mapping[Any, Any], high: Mapping[Any, Any]) -> bool:
    """Whether a floor and a ceiling on one thing hold at the same time."""
    always, ever = pd.isna(low["period"]), pd.isna(high["period"])
    if (always and ever) or low["period"] == high["period"]:
        return True
    if low["kind"] == "capex_share":
        return False  # the share over the horizon says nothing about that of one period
    # A total of one period is part of that over the horizon; any other share without a period holds in each of them.
    return bool(ever or (always and str(low["kind"]).endswith("_share")))


def _tell_unclean(tables: Mapping[str, pd.DataFrame], found: Findings) -> None:
    """Tell of shares of renewable power that no plant can reach: the grid has less, and none can be contracted."""
    limits, sites = tables["limits"], tables["sites"]
    floors = limits[(limits["kind"] == "renewable_share") & (limits["at_least"] > 0.0)]
    growth = tables["trajectories"] if "trajectories" in tables else pd.DataFrame({"column": [], "factor": []})
    most = max(1.0, growth.loc[growth["column"] == "renewable_share", "factor"].max())
    lost = []
    for limit, place, least in floors[["limit", "place", "at_least"]].itertuples(index=False):
        here = sites[pd.isna(place) | (sites[["site", "region", "country"]] == place).any(axis=1)]
        none = here["clean_premium_usd_per_mwh"].isna() & (here["renewable_share"] * most < least)
        if len(here) and none.all():
            lost.append(limit)
    if lost:
        found.odd.append(
            f"{found.where('limits', 'at_least')}: no grid there has so much renewable power, and without "
            f"{found.where('sites', 'clean_premium_usd_per_mwh')} none can be contracted, so that only a plan without "
            f"plants there keeps {shown(lost)}"
        )


def _check_places(tables: Mapping[str, pd.DataFrame], found: Findings) -> None:
    """Refuse places of values over time at which the figure is not found, or that mean two things."""
    frame = tables["trajectories"]
    _check_parts(frame, found)
    named = frame[frame["place"].notna() & frame["column"].notna()]
    if not len(named):
        return
    none = pd.DataFrame({"supplier": pd.Series(dtype="str"), "country": pd.Series(dtype="str")})
    sellers = tables.get("suppliers", none)
    codes = {"price_usd_per_unit": set(sellers["supplier"].dropna())}
    sites = set(tables["sites"]["site"].dropna()) if "sites" in tables else set()
    areas = {"price_usd_per_unit": set(sellers["country"].dropna())}
    home = set(COUNTRIES) | set(reference.jurisdictions()["iso"])
    fixes = {"price_usd_per_unit": "the code of a supplier or its country"}
    _add_capacities(tables, sites, home, codes, areas, fixes)
    for column, group in named.groupby("column", sort=False):
        where, key = found.where("trajectories", "place"), str(column)
        if key in _EVERYWHERE:
            found.table(
                where,
                f"{count(len(group), len(frame), 'row')} with a place for {key!r}, which changes everywhere alike",
                found.rows("trajectories", group["place"]),
                "Leave the place empty",
            )
            continue
        mine, area = codes.get(key, sites), areas.get(key, home)
        if not area <= ISO_CODES | home:
            continue  # the code of a supplier's country is wrong, and has been told
        bad = group.loc[~group["place"].isin(mine | area), "place"]
        if len(bad):
            fix = fixes.get(key, "US, CA or MX, an ISO 3166-2 code such as US-TN, or the code of a site")
            found.study(
                where,
                f"{count(len(bad), len(frame), 'place')} without any {key!r}",
                found.rows("trajectories", bad),
                f"{way_out(bad.unique(), mine | area, '').split('Add the name')[0]}Write {fix}",
            )
        both = group.loc[group["place"].isin(mine & area), "place"]
        if len(both):
            found.study(
                where,
                f"{count(len(both), len(frame), 'place')} both a code of the study and a country or state",
                found.rows("trajectories", both),
                "Give the site or the supplier another code",
            )


def _check_parts(frame: pd.DataFrame, found: Findings) -> None:
    """Refuse capacities that grow over time: only a part of them may be away."""
    more = frame["column"].isin(CAPACITIES) & (frame["factor"] > 1.0)
    if more.any():
        found.table(
            found.where("trajectories", "factor"),
            f"{count(int(more.sum()), len(frame))} above 1 for a capacity",
            found.rows("trajectories", frame.loc[more, "factor"]),
            "Give the part of the capacity that is there, 0 to 1; what grows is an option or another supplier",
        )


def _add_capacities(
    tables: Mapping[str, pd.DataFrame],
    sites: set[str],
    home: set[str],
    codes: dict[str, set[str]],
    areas: dict[str, set[str]],
    fixes: dict[str, str],
) -> None:
    """Add the places at which a part of a capacity may be away."""
    units, tonnes = CAPACITIES
    held = {name: tables[name] for name in ("plants", "suppliers", "gateways", "processes") if name in tables}
    kinds = set(held["processes"]["plant_type"].dropna()) if "processes" in held else set()
    plants = set(held["plants"]["plant"].dropna()) if "plants" in held else set()
    sellers = set(held["suppliers"]["supplier"].dropna()) if "suppliers" in held else set()
    abroad = set(held["suppliers"]["country"].dropna()) if "suppliers" in held else set()
    codes[units] = sites | plants | sellers | {f"{site}/{kind}" for site in sites for kind in kinds}
    areas[units] = home | abroad
    fixes[units] = "the code of a site, plant, supplier or country, or 'site/plant type'"
    codes[tonnes] = set(held["gateways"]["gateway"].dropna()) if "gateways" in held else set()
    areas[tonnes] = set()
    fixes[tonnes] = "the code of a gateway"
