"""What-if cases: named changes of a study, one upon another, each to be looked at by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from evsiting.errors import Problem, shown
from evsiting.study.derived.scenarios import with_changes
from evsiting.study.findings import Findings
from evsiting.study.scenario_changes import Change, Fault, changes_of
from evsiting.study.schema.cases import CASES
from evsiting.study.settings import Settings
from evsiting.study.study import Study
from evsiting.study.validation.names import way_out
from evsiting.study.validation.tables import canonical_table

__all__ = ["BASE", "Case", "cases_of", "under_case"]

#: Name of the study as it stands among its cases.
BASE = "base"


@dataclass(frozen=True)
class Case:
    """One what-if case.

    Parameters
    ----------
    name : str
        Its name.
    steps : tuple of tuples of Change
        Changes of the cases that it is based on, the farthest first, then its own.
    note : str
        What is asked, in words.
    """

    name: str
    steps: tuple[tuple[Change, ...], ...] = ()
    note: str = ""


def cases_of(frame: pd.DataFrame, settings: Settings, findings: Findings) -> list[Case]:
    """Return the cases of a table in the order in which they are first named; what is wrong goes to ``findings``.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns of :data:`evsiting.study.schema.cases.CASES`.
    settings : Settings
        Of the study.
    findings : Findings
        Where problems go, with the place of table ``cases``.

    Examples
    --------
    >>> from evsiting.study.settings import About, Settings
    >>> row = {"table": "demand", "column": "units_per_yr", "action": "multiply"}
    >>> table = pd.DataFrame(
    ...     [
    ...         row | {"case": "lean", "value": 0.7},
    ...         row | {"case": "leaner", "based_on": "lean", "value": 0.9},
    ...     ]
    ... )
    >>> cases = cases_of(table, Settings(study=About(name="mine")), Findings())
    >>> [(case.name, [change.value for step in case.steps for change in step]) for case in cases]
    [('lean', [0.7]), ('leaner', [0.7, 0.9])]
    """
    rows = canonical_table(CASES, frame, settings, findings)
    empty = rows["table"].isna()
    loose = rows[empty & rows[["column", "rows", "period", "action", "value"]].notna().any(axis=1)]
    _note_rows(
        findings, loose, "table", "names no table, but says what is changed", "Name the table, or leave the rest empty"
    )
    bare = rows[~empty & rows["action"].isna()]
    _note_rows(findings, bare, "action", "is empty", "Give multiply, set, add or drop")
    changes, faults = changes_of(rows[~empty].rename(columns={"case": "scenario"}))
    for fault in faults:
        findings.study(findings.where("cases", fault.column), fault.what, _evidence(findings, fault), fault.fix)
    names = list(dict.fromkeys(rows["case"].dropna().astype(str)))
    own = {name: tuple(change for change in changes if change.scenario == name) for name in names}
    parents = _parents(rows, names, findings)
    if own.get(BASE) or parents.get(BASE):
        fix = "Give the case another name"
        findings.study(findings.where("cases", "case"), f"{BASE!r} is the study as it stands", "it has changes", fix)
    notes = rows.dropna(subset=["note"]).groupby("case")["note"].agg("; ".join)
    return [Case(name, _steps(name, own, parents), str(notes.get(name, ""))) for name in names]


def _parents(rows: pd.DataFrame, names: list[str], findings: Findings) -> dict[str, str]:
    """Return the case that each case is based on; what is wrong with that is noted, and left out."""
    parents: dict[str, str] = {}
    where = findings.where("cases", "based_on")
    for name in names:
        bases = list(dict.fromkeys(rows.loc[rows["case"] == name, "based_on"].dropna().astype(str)))
        if len(bases) > 1:
            seen = f"case {name!r}: {shown(map(repr, bases))}"
            findings.study(
                where, "a case is based on several others", seen, "Name one, which may itself be based on one"
            )
        elif bases and bases[0] not in (*names, BASE):
            fix = way_out(bases, [*names, BASE], "column 'case'")
            findings.study(where, "is no case of the table", f"case {name!r}: {bases[0]!r}", fix)
        elif bases and bases[0] != BASE:
            parents[name] = bases[0]
    for name in names:
        chain = [name]
        while (above := parents.get(chain[-1])) is not None and above not in chain:
            chain.append(above)
        if above is not None:
            seen = " on ".join(map(repr, [*chain, above]))
            findings.study(where, "cases are based on each other in a circle", seen, "Base one of them on another case")
            del parents[chain[-1]]
    return parents


def _steps(
    name: str, own: Mapping[str, tuple[Change, ...]], parents: Mapping[str, str]
) -> tuple[tuple[Change, ...], ...]:
    above = _steps(parents[name], own, parents) if name in parents else ()
    return (*above, own[name]) if own[name] else above


def under_case(study: Study, case: Case, findings: Findings) -> tuple[Study, frozenset[str]]:
    """Return a study as it is in a case, after all checks, and the names of the tables that differ.

    Parameters
    ----------
    study : Study
        Complete, as lanes and other layers are to be the same in all cases.
    case : Case
        One of :func:`cases_of`.
    findings : Findings
        How the rows of table ``cases`` are told.

    Raises
    ------
    InputError
        If a change finds nothing to change, or the tables no longer fit together; every problem names the case.
    """

    def as_problem(fault: Fault) -> Problem:
        where = f"case {case.name!r}, {findings.where('cases', fault.column)}"
        return Problem(where, fault.what, _evidence(findings, fault), fault.fix)

    return with_changes(study, "case", case.name, case.steps, as_problem)


def _evidence(findings: Findings, fault: Fault) -> str:
    return f"{findings.row('cases', fault.label)}: {fault.seen}"


def _note_rows(findings: Findings, rows: pd.DataFrame, column: str, what: str, fix: str) -> None:
    if len(rows):
        findings.study(findings.where("cases", column), what, findings.rows("cases", rows["case"]), fix)
