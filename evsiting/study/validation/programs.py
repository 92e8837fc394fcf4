"""Checks of policy: programs and their rules, and limits and values over time that contradict each other."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from evsiting.errors import shown
from evsiting.study.buildable import buildable
from evsiting.study.findings import Findings, count
from evsiting.study.lists import explode_lists
from evsiting.study.validation.limits import check_contradictions, warn_unclean
from evsiting.study.validation.trajectories import check_trajectories

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


def check_policy(tables: Mapping[str, pd.DataFrame], findings: Findings, unread: Collection[str]) -> None:
    """Note programs, rules, limits and values over time that cannot be as they are written.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Tables in canonical form.
    findings : Findings
        Where problems go.
    unread : collection of str
        Tables that could not be read; nothing is looked up in them.
    """
    for name in ("programs", "incentives"):
        if name in tables:
            _check_fractions(name, tables[name], findings)
    if {"incentives", "sites", "options"} <= set(tables) and not {"sites", "options", "programs"} & set(unread):
        _warn_grants(tables, findings)
    if "programs" in tables:
        _check_used(tables["programs"], findings)
        if "sites" in tables and "sites" not in unread:
            _warn_flags(tables["programs"], tables["sites"], findings)
        if {"sites", "options"} <= set(tables) and not {"sites", "options"} & set(unread):
            _check_taxes(tables, findings)
    if "programs" in tables and "program_rules" not in unread:
        _check_shares(tables, findings)
    if len(tables.get("program_rules", ())):
        _check_rules(tables, findings, unread)
    if "limits" in tables:
        check_contradictions(tables["limits"], findings)
        if "sites" in tables and "sites" not in unread:
            warn_unclean(tables, findings)
    if len(tables.get("trajectories", ())) and not {"sites", "suppliers"} & set(unread):
        check_trajectories(tables, findings)


def _check_shares(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Refuse a foreign-entity ratio of a program without a rule: it is paid to everyone, whatever is bought."""
    frame = tables["programs"]
    if "max_foreign_share" not in frame:
        return
    ruled = set(tables["program_rules"]["program"]) if "program_rules" in tables else set()
    lost = frame["max_foreign_share"].notna() & ~frame["program"].isin(ruled)
    if lost.any():
        findings.study(
            findings.where("programs", "max_foreign_share"),
            f"{count(int(lost.sum()), len(frame), 'row')} of a program that is paid to everyone, whatever is bought",
            findings.rows("programs", frame["program"][lost]),
            "Give the program a row in table 'program_rules', which may be empty but for its name",
        )


def _check_fractions(name: str, frame: pd.DataFrame, findings: Findings) -> None:
    """Refuse fractions above one."""
    high = frame["kind"].isin(_FRACTIONS) & (frame["value"] > 1)
    if high.any():
        findings.table(
            findings.where(name, "value"),
            f"{count(int(high.sum()), len(frame), 'row')} above the whole",
            findings.rows(name, frame["value"][high]),
            f"Give a fraction where kind is {', '.join(_FRACTIONS)}: 0.3 for 30 %",
        )


def _check_used(frame: pd.DataFrame, findings: Findings) -> None:
    """Refuse figures that the kind of program has no use for; tell of loans without a term."""
    for column, kinds in _USED_BY.items():
        filled = frame[column].notna() & (frame[column] != 1.0 if column == "share" else True)
        idle = filled & frame["kind"].notna() & ~frame["kind"].isin(kinds)
        if idle.any():
            findings.table(
                findings.where("programs", column),
                f"{count(int(idle.sum()), len(frame), 'row')} of a kind that does not use it",
                findings.rows("programs", (frame["program"] + ": " + frame["kind"])[idle]),
                f"Leave it empty, or choose a kind that uses it: {', '.join(kinds)}",
            )
    endless = (frame["kind"] == "loan") & frame["term_years"].isna()
    if endless.any():
        findings.warnings.append(
            f"{findings.where('programs', 'term_years')}: no term for {shown(frame.loc[endless, 'program'].unique())}; "
            "the loan runs as long as the plant lives"
        )


def _warn_flags(programs: pd.DataFrame, sites: pd.DataFrame, findings: Findings) -> None:
    """Tell of programs that ask for a flag which no site carries: nobody can claim them."""
    if "flag" not in programs:
        return
    carried = set(explode_lists(sites["flags"])) if "flags" in sites else set()
    lost = programs["flag"].notna() & ~programs["flag"].isin(carried)
    if lost.any():
        findings.warnings.append(
            f"{findings.where('programs', 'flag')}: no site carries {shown(programs.loc[lost, 'flag'].unique())}; "
            f"{shown(programs.loc[lost, 'program'].unique())} can be claimed nowhere. Sites get flags from a column "
            "flags or from the layer evsiting.flags"
        )


def _warn_grants(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Tell of grants of the user's own that are more than a plant costs: they are paid as they are written."""
    rows, options = tables["incentives"], tables["options"]
    capped = {
        name for table in ("programs", "program_rules") if table in tables for name in tables[table]["program"].dropna()
    }
    own = rows[(rows["kind"] == "grant") & ~rows["program"].isin(capped)]
    if own.empty:
        return
    new = options[options["expands"].isna() & (options["partner_credit_share"] < 1.0)]
    paid = new["capex_usd"] * (1.0 - new["partner_capex_share"]) / (1.0 - new["partner_credit_share"])
    cost = dict(zip(zip(new["plant_type"], new["option"], strict=True), paid * _highest_capex(tables), strict=True))
    at: dict[tuple[str, str], dict[str, float]] = {}
    for site, kind, option in buildable(tables):
        if (kind, option) in cost:
            at.setdefault((site, kind), {})[option] = cost[kind, option]
    excessive = []
    sums = own.groupby(["site", "plant_type", "period"], sort=False, as_index=False)["value"].sum()
    for site, kind, period, usd in sums.itertuples(index=False, name=None):
        below = {name: least for name, least in at.get((site, kind), {}).items() if least < usd}
        if below:
            name = min(below, key=lambda option: (below[option], option))
            excessive.append(f"{site}, {kind}, {period}: USD {usd:,.6g}, option {name!r} costs {below[name]:,.6g}")
    if excessive:
        findings.warnings.append(
            f"{findings.where('incentives', 'value')}: {count(len(excessive), len(sums), 'grant')} of more than a new "
            f"plant costs, by {shown(excessive, 3)}; paid as written, so that building earns money. A program in table "
            f"'programs', or one with a row in 'program_rules', pays no more than the investment"
        )


def _highest_capex(tables: Mapping[str, pd.DataFrame]) -> float:
    """Return the highest factor on investment over time and places; 1 where there is none above. [1]"""
    rows = tables.get("trajectories")
    if rows is None or not (rows["column"] == "capex_usd").any():
        return 1.0
    return float(rows.loc[rows["column"] == "capex_usd", "factor"].clip(lower=1.0).max(skipna=True))


def _check_taxes(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
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
                mine &= pd.Series(
                    [row["flag"] in explode_lists(flags.loc[[i]]).tolist() for i in sites.index], sites.index
                )
            bad = sites.loc[mine & rule, "site"].dropna()
            if len(bad) and (kind == "depreciation" or len(bad) == int(mine.sum())):
                lost[i] = f"{row['program']} at {shown(bad, 2)}"
        if lost:
            findings.study(
                findings.where("programs", "kind"),
                f"{count(len(lost), len(programs), 'row')} {what}",
                findings.rows("programs", pd.Series(lost, dtype="str")),
                f"Give {findings.where('sites', column)} where the program holds, as a fraction",
            )


def _kinds(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return ``program``, ``plant_type`` and ``kind`` of all that is offered."""
    columns = ["program", "plant_type", "kind"]
    frames = [tables[name][columns] for name in ("programs", "incentives") if name in tables]
    return pd.concat(frames).dropna() if frames else pd.DataFrame(columns=columns, dtype="str")


def _check_rules(tables: Mapping[str, pd.DataFrame], findings: Findings, unread: Collection[str]) -> None:
    """Refuse rules that contradict themselves, or that no plant can keep."""
    rules, offered = tables["program_rules"], _kinds(tables)
    names = rules["program"].fillna("")

    def tell(columns: tuple[str, ...], bad: pd.Series, what: str, fix: str) -> None:
        if len(bad):
            where = findings.where("program_rules", *columns)
            findings.study(
                where, f"{count(len(bad), len(rules), 'program')} {what}", findings.rows("program_rules", bad), fix
            )

    excluded = explode_lists(rules["excludes"])
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
    required = explode_lists(rules["requires"])
    never = required[required.isin(tables["processes"]["plant_type"]) & ~required.isin(new)]
    fix = f"Give the plant type an option in {findings.where('options')}, or take it out"
    tell(("requires",), never, "bound to a plant type that cannot be built", fix)
    employs = _employers(tables)
    known = set(offered["program"])
    without = known - set(offered.loc[offered["plant_type"].isin(employs), "program"])
    hollow = names[(rules["min_jobs_fte"] > 0.0) & names.isin(without) & rules["clawback_usd_per_job"].isna()]
    fix = f"Give staff or labor in {findings.where('options')} or {findings.where('processes')}, or a clawback"
    tell(("min_jobs_fte",), hollow, "with pledged jobs where its plants have none at all", fix)


def _employers(tables: Mapping[str, pd.DataFrame]) -> set[str]:
    """Return the plant types that have staff."""
    columns = [("options", "staff_fte"), ("processes", "labor_h_per_unit"), ("plants", "staff_fte")]
    return {
        str(kind)
        for name, column in columns
        if name in tables
        for kind in tables[name].loc[tables[name][column] > 0.0, "plant_type"].dropna()
    }


def check_earned(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Refuse credits per unit for a product that the plant type does not make: nothing would earn them."""
    if "processes" not in tables:
        return
    made = set(tables["processes"]["plant_type"] + " makes no " + tables["processes"]["product"])
    for name in ("programs", "incentives"):
        if name in tables:
            frame = tables[name]
            unnamed = (frame["kind"] == "production") & frame["product"].isna()
            if name == "incentives" and unnamed.any():
                findings.table(
                    findings.where(name, "product"),
                    f"{count(int(unnamed.sum()), len(frame), 'credit')} per unit of no product",
                    findings.rows(name, frame["program"][unnamed]),
                    "Name the product that earns it, in a row for each where there are several",
                )
            named = frame["plant_type"] + " makes no " + frame["product"]
            lost = (frame["kind"] == "production") & named.notna() & ~named.isin(made)
            if lost.any():
                fix = f"Name a product that the plant type makes by {findings.where('processes')}"
                extra = tables.get("by_products", pd.DataFrame({"plant_type": [], "by_product": []}, dtype="str"))
                if named[lost].isin(extra["plant_type"] + " makes no " + extra["by_product"]).any():
                    fix += (
                        "; the credit of a by-product is given for the product that it comes with, times its "
                        f"{findings.where('by_products', 'units_per_unit')}"
                    )
                findings.study(
                    findings.where(name, "plant_type", "product"),
                    f"{count(int(lost.sum()), len(frame), 'credit')} for what is not made there",
                    findings.rows(name, named[lost]),
                    fix,
                )
