"""Scenarios of a study: each is an ordinary study with some figures changed, and a probability."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import pandas as pd

from evsiting.errors import DataWarning, InputError, Problem
from evsiting.study.scenario_changes import Change, Changed, Fault, apply_changes, changes_of
from evsiting.study.study import Study, with_changed_tables
from evsiting.study.validation.names import way_out

__all__ = ["probabilities", "under", "with_changes"]

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

    def as_problem(fault: Fault) -> Problem:
        where = f"scenario {scenario!r}, table 'scenario_changes', column {fault.column!r}"
        return Problem(where, fault.what, f"index {fault.label!r}: {fault.seen}", fault.fix)

    return with_changes(study, "scenario", scenario, [changes], as_problem, faults)


def with_changes(
    study: Study,
    kind: str,
    name: str,
    steps: Iterable[Sequence[Change]],
    as_problem: Callable[[Fault], Problem],
    faults: Sequence[Fault] = (),
) -> tuple[Study, frozenset[str]]:
    """Return a study with changes made one step after the other, after all checks, and the tables that differ.

    Parameters
    ----------
    study : Study
        Its scenarios are left out.
    kind, name : str
        What the changes make: a ``scenario`` or a ``case``, and which.
    steps : iterable of sequences of Change
        The changes of a step are made at once: their order says nothing.
    as_problem : callable
        From a fault of a change to the problem that is raised.
    faults : sequence of Fault
        What was wrong with the changes before.

    Raises
    ------
    InputError
        If a change finds nothing to change, or the tables no longer fit together.
    """
    before = {table: frame for table, frame in study.tables.items() if table not in ("scenarios", "scenario_changes")}
    steps = list(steps)
    done, wrong, touched = Changed(before), list(faults), set[tuple[str, str]]()
    for changes in steps:
        done = apply_changes(done.tables, changes)
        wrong += done.faults
        touched |= done.touched
    if wrong:
        raise InputError([as_problem(fault) for fault in wrong])
    tables = _with_provenance_of_changes(Changed(done.tables, touched=touched), f"{kind} {name!r}")
    about = study.settings.study
    title = f"{about.name[: max(0, _NAME - len(name) - 3)]} ({name})"[:_NAME]
    settings = study.settings.model_copy(update={"study": about.model_copy(update={"name": title})})
    try:
        with warnings.catch_warnings():
            for changes in steps:
                _expect_scaled(changes)
            same = {table for table, frame in tables.items() if frame is before.get(table)}
            made = with_changed_tables(study, tables, known=same, settings=settings)
    except InputError as error:
        named = [replace(p, where=f"{kind} {name!r}, {p.where}") for p in error.problems]
        raise type(error)(named) from error
    return made, frozenset(table for table, _ in touched)


def _expect_scaled(changes: Sequence[Change]) -> None:
    """Let rates pass that a change multiplies, whatever they come to: nobody wrote them in another unit."""
    for change in changes:
        if change.action == "multiply":
            place = re.escape(f"{change.table!r}, column {change.column!r}")
            warnings.filterwarnings("ignore", f".*{place}: .*far from what fractions are", DataWarning)


def _with_provenance_of_changes(done: Changed, by: str) -> dict[str, pd.DataFrame]:
    """Return the tables with a word in ``provenance`` on every column that is changed ``by`` a scenario or a case."""
    tables = dict(done.tables)
    if "provenance" not in tables:
        return tables
    frame, note = tables["provenance"].copy(), f"changed in {by}"
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
