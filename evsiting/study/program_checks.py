"""Checks of the tables programs and program_rules: what a rule must say, and programs that exist."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from evsiting.study.findings import Findings, count

__all__ = ["check_program_rules"]

#: Kinds of table ``programs`` whose value is a fraction, with what is above one in words; investment is told elsewhere.
_FRACTIONS = {
    "depreciation": "Give the part written off in the first year: 0.86 for 86 %",
    "loan": "Give points of interest as a fraction: 0.03 for three",
    "abatement": "Give the part of the tax that is waived: 0.5 for half",
}


def check_program_rules(tables: Mapping[str, pd.DataFrame], found: Findings, unread: Collection[str] = ()) -> None:
    """Note rules of programs that are not there, names that say nothing, and values that cannot be meant.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Tables in canonical form.
    found : Findings
        Where problems go.
    unread : collection of str
        Tables that could not be read; nothing is looked up in them.
    """
    if "programs" in tables:
        _check_fractions(tables["programs"], found)
    if "incentives" in tables:
        _check_units(tables["incentives"], found)
    if "program_rules" not in tables or not len(tables["program_rules"]):
        return
    frame = tables["program_rules"]
    if not {"programs", "incentives"} & set(unread):
        _check_known(tables, frame, found)
        _check_kinds(tables, frame, found)
    _check_excludes(frame, found)
    if "processes" in tables and "processes" not in unread:
        kinds = set(tables["processes"]["plant_type"].dropna())
        _check_parts(frame, "requires", kinds, "Name plant types of the study, parted by ';'", found)
    _check_pledges(frame, found)


def _check_fractions(frame: pd.DataFrame, found: Findings) -> None:
    for kind, fix in _FRACTIONS.items():
        high = (frame["kind"] == kind) & (frame["value"] > 1)
        if high.any():
            found.table(
                found.where("programs", "value"),
                f"{count(int(high.sum()), len(frame), 'row')} of kind {kind} above one",
                found.rows("programs", frame["value"][high]),
                fix,
            )


def _check_units(frame: pd.DataFrame, found: Findings) -> None:
    lost = (frame["kind"] == "production") & frame["product"].isna()
    if lost.any():
        found.table(
            found.where("incentives", "product"),
            f"{count(int(lost.sum()), len(frame), 'credit')} per unit without a product",
            found.rows("incentives", frame["program"][lost]),
            "Name the product that earns it; a row for each where there are several",
        )


def _check_known(tables: Mapping[str, pd.DataFrame], frame: pd.DataFrame, found: Findings) -> None:
    known = {p for name in ("programs", "incentives") if name in tables for p in tables[name]["program"].dropna()}
    lost = frame["program"][frame["program"].notna() & ~frame["program"].isin(known)]
    if len(lost):
        found.study(
            found.where("program_rules", "program"),
            f"{count(len(lost), len(frame), 'rule')} of a program that nobody offers",
            found.rows("program_rules", lost),
            f"Add the program to {found.where('programs')}, or correct the name",
        )


def _check_kinds(tables: Mapping[str, pd.DataFrame], frame: pd.DataFrame, found: Findings) -> None:
    """Refuse a program with a rule that pays both on building and year by year: its credits would have two weights."""
    for name in ("programs", "incentives"):
        if name not in tables:
            continue
        rows = tables[name]
        yearly = rows["kind"].isin(("production", "job")).groupby(rows["program"]).agg(["any", "all"])
        mixed = yearly.index[yearly["any"] & ~yearly["all"]]
        both = frame["program"][frame["program"].isin(mixed)]
        if len(both):
            found.study(
                found.where("program_rules", "program"),
                f"{count(len(both), len(frame), 'rule')} of a program that pays both on building and year by year",
                found.rows("program_rules", both),
                f"Give the parts names of their own in {found.where(name)}, and a rule each",
            )
            return


def _check_excludes(frame: pd.DataFrame, found: Findings) -> None:
    names = set(frame["program"].dropna())
    fix = "A program that may be left for another needs a row of its own here: without one it is paid to everyone"
    _check_parts(frame, "excludes", names, fix, found)
    own = pd.Series(
        [p in _listed(cell) for p, cell in zip(frame["program"], frame["excludes"], strict=True)], index=frame.index
    )
    if own.any():
        found.study(
            found.where("program_rules", "excludes"),
            f"{count(int(own.sum()), len(frame), 'program')} excluded by itself",
            found.rows("program_rules", frame["program"][own]),
            "Take its own name out",
        )


def _check_parts(frame: pd.DataFrame, column: str, known: set[str], fix: str, found: Findings) -> None:
    parts = frame[column].dropna().str.split(";").explode().str.strip()
    lost = parts[(parts != "") & ~parts.isin(known)]
    if len(lost):
        found.study(
            found.where("program_rules", column),
            f"{count(len(lost), len(parts), 'name')} unknown",
            found.rows("program_rules", lost),
            fix,
        )


def _check_pledges(frame: pd.DataFrame, found: Findings) -> None:
    odd = frame["clawback_usd_per_job"].notna() & frame["min_jobs_fte"].isna()
    if odd.any():
        found.table(
            found.where("program_rules", "clawback_usd_per_job", "min_jobs_fte"),
            f"{count(int(odd.sum()), len(frame), 'rule')} with a clawback of jobs that nobody pledged",
            found.rows("program_rules", frame["program"][odd]),
            "Give the jobs that are pledged",
        )


def _listed(cell: object) -> list[str]:
    return [part.strip() for part in cell.split(";")] if isinstance(cell, str) else []
