"""Scenarios of a study: each is an ordinary study with some figures changed, and a probability."""

from __future__ import annotations

import pandas as pd

from evsiting.errors import InputError, Problem
from evsiting.study.scenario_changes import Changed, Fault, changed, changes_of
from evsiting.study.study import Study
from evsiting.study.validation.names import way_out

__all__ = ["probabilities", "under"]

#: Longest name of a study.
_NAME = 200


def probabilities(study: Study) -> dict[str, float]:
    """Return the scenarios of a study with their probabilities, by name; none where it has no scenarios.

    Examples
    --------
    >>> import evsiting as ev
    >>> probabilities(ev.example("starter"))
    {}
    """
    frame = study.scenarios.sort_values("scenario")
    return dict(zip(frame["scenario"].astype(str), frame["probability"].astype(float), strict=True))


def under(study: Study, scenario: str) -> tuple[Study, frozenset[str]]:
    """Return a study as it is in one of its scenarios, after all checks, and the names of the tables that differ.

    Its name says which scenario it is; it has no scenarios of its own, and all else that a study has.

    Parameters
    ----------
    study : Study
        With tables ``scenarios`` and, mostly, ``scenario_changes``.
    scenario : str
        A name in table ``scenarios``.

    Raises
    ------
    InputError
        If there is no such scenario, a change finds nothing to change, or the tables no longer fit together; every
        problem names the scenario.
    """
    known = probabilities(study)
    if scenario not in known:
        fix = way_out([scenario], list(known), "table 'scenarios'") if known else "Add table 'scenarios' to the study"
        raise InputError([Problem("scenario", "is none of the study", repr(scenario), fix)])
    rows = study.scenario_changes
    changes, faults = changes_of(rows[rows["scenario"] == scenario])
    tables = {name: frame for name, frame in study.tables.items() if name not in ("scenarios", "scenario_changes")}
    done = changed(tables, changes)
    if problems := [_problem(scenario, fault) for fault in (*faults, *done.faults)]:
        raise InputError(problems)
    tables = _noted(done, scenario)
    about = study.settings.study
    name = f"{about.name[: _NAME - len(scenario) - 3]} ({scenario})"[:_NAME]
    settings = study.settings.model_copy(update={"study": about.model_copy(update={"name": name})})
    try:
        made = Study.from_tables(settings, tables)
    except InputError as error:
        named = [Problem(f"scenario {scenario!r}, {p.where}", p.what, p.seen, p.fix) for p in error.problems]
        raise type(error)(named) from error
    return made, frozenset(table for table, _ in done.touched)


def _problem(scenario: str, fault: Fault) -> Problem:
    where = f"scenario {scenario!r}, table 'scenario_changes', column {fault.column!r}"
    return Problem(where, fault.what, f"index {fault.label!r}: {fault.seen}", fault.fix)


def _noted(done: Changed, scenario: str) -> dict[str, pd.DataFrame]:
    """Return the tables with a word in ``provenance`` on every column that the scenario changes."""
    tables = dict(done.tables)
    if "provenance" not in tables:
        return tables
    frame, note = tables["provenance"].copy(), f"changed in scenario {scenario!r}"
    rows = []
    for table, column in sorted(done.touched):
        mine = (frame["table"] == table) & (frame["column"].isin([column, "*"]) | (column == "*"))
        old = frame.loc[mine, "note"]
        frame.loc[mine, "note"] = old.where(old.isna(), old + "; " + note).fillna(note)
        if not mine.any():
            whole = {"table": table, "column": column, "row": "*", "quality": "assumption", "note": note}
            rows.append(whole)
    tables["provenance"] = pd.concat([frame, pd.DataFrame(rows)], ignore_index=True) if rows else frame
    return tables
