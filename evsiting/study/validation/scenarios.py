"""Checks of scenarios: probabilities that add up to one, and changes that find what they change."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

import pandas as pd

from evsiting.errors import shown
from evsiting.study.findings import Findings
from evsiting.study.scenario_changes import apply_changes, changes_of
from evsiting.study.schema.tables import TABLES

__all__ = ["check_scenarios"]

#: Probabilities add up to one, give or take this.
CLOSE = 1e-6


def check_scenarios(tables: Mapping[str, pd.DataFrame], findings: Findings, unread: Collection[str]) -> None:
    """Note probabilities that do not add up to one, and changes that cannot be made or change nothing.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Tables in canonical form.
    findings : Findings
        Where problems go.
    unread : collection of str
        Tables that could not be read; nothing is looked up in them.
    """
    frame = tables.get("scenarios", pd.DataFrame())
    if len(frame) and frame["probability"].notna().all():
        total = float(frame["probability"].sum())
        if not math.isclose(total, 1.0, abs_tol=CLOSE):
            findings.study(
                findings.where("scenarios", "probability"),
                f"the probabilities add up to {total:.10g}, not to 1",
                shown(f"{n}: {p:g}" for n, p in frame[["scenario", "probability"]].itertuples(index=False)),
                "Make them add up to 1; what is to stay as the tables say is a scenario without changes",
            )
    missing = {table.name for table in TABLES.values() if table.required} - set(tables)  # told by themselves
    doubtful = {*unread, *missing, *(name for name in tables if findings.troubled(name))}
    needed = {"scenario_changes", "periods", "trajectories", "sites"}
    if not len(tables.get("scenario_changes", ())) or needed & doubtful:
        return
    rows = tables["scenario_changes"]
    changes, faults = changes_of(rows)
    joined = {change.label for change in changes if any("." in name for name, _ in change.rows)}
    changes = [c for c in changes if c.table not in doubtful and not (doubtful and c.label in joined)]
    base = {name: table for name, table in tables.items() if name not in ("scenarios", "scenario_changes")}
    for scenario in dict.fromkeys(change.scenario for change in changes):
        faults += apply_changes(base, [change for change in changes if change.scenario == scenario]).faults
    names = dict(zip(rows.index, rows["scenario"], strict=True))
    for fault in faults:
        named = pd.Series({fault.label: f"{names[fault.label]}: {fault.seen}"}, dtype="str")
        where = findings.where("scenario_changes", fault.column)
        findings.study(where, fault.what, findings.rows("scenario_changes", named), fault.fix)
