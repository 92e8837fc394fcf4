"""Sweeps on disk: a run folder for each case, written as soon as it is solved, and taken up again where one stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evsiting.errors import InputError, Problem
from evsiting.files import recover, replace_folder
from evsiting.results.case_plans import FAILED, NO_PLAN, NOT_SOLVED, CasePlans
from evsiting.results.certificate import Certificate
from evsiting.results.plan import Plan
from evsiting.results.plan_file import read_plan, write_json
from evsiting.results.result_folders import (
    CASES_FILE,
    CASES_TABLE,
    json_dict,
    refuse_other,
    run_files,
    set_edited_aside,
)
from evsiting.results.store import fill_run
from evsiting.study.codes import file_name
from evsiting.study.study import Study

__all__ = ["CaseStore", "read_cases", "runs_of_cases"]

#: Version of ``cases.json``.
SCHEMA = 1
SOLVED = "solved"


@dataclass(frozen=True)
class _Entry:
    """One case in ``cases.json``.

    ``key`` names study, options and versions; ``run`` is its folder; an ``earlier`` one is of a sweep before.
    """

    case: str
    key: str
    state: str = NOT_SOLVED
    message: str = ""
    run: str = ""
    earlier: bool = False


class CaseStore:
    """A sweep that is whole on disk after every case, and goes on where it was stopped.

    The folder holds ``cases.json``, ``cases.csv`` and a run folder for each case that has a plan. A case is known by
    its key: what an earlier sweep has solved under the same key, whatever it was called, is not solved again. A run
    of an earlier sweep that is of no use to this one stays until its case is solved anew, or this one is finished.

    Parameters
    ----------
    folder : pathlib.Path
        New, empty, or one that holds an earlier sweep.
    study_name, study_digest : str
        The complete study that the cases change.
    keys : mapping of str to str
        By case, in the order of the sweep.

    Raises
    ------
    InputError
        If the folder holds something else.
    """

    def __init__(self, folder: Path, study_name: str, study_digest: str, keys: Mapping[str, str]) -> None:
        refuse_other(folder, "cases")
        self.folder, self.study_name, self.study_digest = folder, study_name, study_digest
        old = _entries(json_dict(folder / CASES_FILE))
        self._done = done = {entry.key: entry for entry in old if entry.state in (SOLVED, NO_PLAN)}
        self._plans: dict[str, Plan] = {}
        self._entries: dict[str, _Entry] = {}
        for case, key in keys.items():
            self._entries[case] = self._taken_up(case, key, done.get(key))
        used = {entry.run for entry in self._entries.values() if entry.run}
        self._earlier = [replace(e, earlier=True) for e in old if e.run and e.run not in used]

    def _taken_up(self, case: str, key: str, known: _Entry | None) -> _Entry:
        """Return the entry of a case, with what an earlier sweep found of it."""
        fresh = _Entry(case, key)
        if known is None or known.state == NO_PLAN:
            return fresh if known is None else replace(known, case=case, earlier=False)
        try:
            self._plans[case] = read_plan(self.folder / known.run)
        except InputError:  # damaged since: it is solved again, and written over
            return fresh
        return replace(known, case=case, earlier=False)

    def add(self, case: str, key: str) -> tuple[Plan | None, str]:
        """Take one more case; return the plan that is known of it, or why it has none, where that is known.

        For cases of which each depends on what was found before.
        """
        entry = self._taken_up(case, key, self._done.get(key))
        self._entries[case] = entry
        self._earlier = [other for other in self._earlier if not other.run or other.run != entry.run]
        return self._plans.get(case), entry.message if entry.state == NO_PLAN else ""

    @property
    def plans(self) -> CasePlans:
        """What is known so far."""
        messages = {state: {e.case: e.message for e in self._entries.values() if e.state == state}
                for state in (NO_PLAN, FAILED)}  # fmt: skip
        plans = {case: self._plans[case] for case in self._entries if case in self._plans}
        return CasePlans(
            self.study_name, self.study_digest, tuple(self._entries), plans, messages[NO_PLAN], messages[FAILED]
        )

    def keep(self, case: str, study: Study, plan: Plan, certificate: Certificate) -> None:
        """Write the run of a case, with the table of all."""
        run = self._entries[case].run or self._name_for(case)
        self._earlier = [entry for entry in self._earlier if entry.run != run]
        self._plans[case] = plan
        self._entries[case] = replace(self._entries[case], state=SOLVED, message="", run=run)

        def stale(folder: Path) -> list[str]:
            return [f"{run}/{name}" for name in run_files(folder / run)]

        with replace_folder(self.folder, last=[CASES_FILE], stale=stale) as fresh:
            (fresh / run).mkdir()
            fill_run(fresh / run, study, plan, certificate)
            self._describe(fresh, finished=False)
            set_edited_aside(self.folder / run)

    def keep_none(self, case: str, state: str, message: str) -> None:
        """Write that a case has no plan (``no plan``), or broke (``failed``), and why."""
        self._entries[case] = replace(self._entries[case], state=state, message=message)
        with replace_folder(self.folder, last=[CASES_FILE]) as fresh:
            self._describe(fresh, finished=False)

    def finish(self) -> None:
        """Write the table once more; runs of earlier sweeps go where no case is left to be solved."""
        finished = not self.plans.unsolved
        gone, remaining = (self._earlier, []) if finished else ([], self._earlier)
        self._earlier = remaining

        def stale(folder: Path) -> list[str]:
            return [f"{entry.run}/{name}" for entry in gone for name in run_files(folder / entry.run)]

        with replace_folder(self.folder, last=[CASES_FILE], stale=stale) as fresh:
            self._describe(fresh, finished=finished)
            for entry in gone:
                set_edited_aside(self.folder / entry.run)

    def _name_for(self, case: str) -> str:
        """Return the folder that the case had in an earlier sweep, or one that no other has, on any file system."""
        before = [entry.run for entry in self._earlier if entry.case == case]
        if before:
            return before[0]
        taken = {entry.run for entry in (*self._entries.values(), *self._earlier)}
        name = file_name(case)
        return next(n for k in range(1, len(taken) + 2) if (n := name if k == 1 else f"{name}-{k}") not in taken)

    def _describe(self, folder: Path, *, finished: bool) -> None:
        self.plans.table.to_csv(folder / CASES_TABLE, index=False, lineterminator="\n")
        entries = [*self._entries.values(), *self._earlier]
        content = {
            "schema": SCHEMA,
            "study": self.study_name,
            "study_digest": self.study_digest,
            "finished": finished,
            "runs": {entry.case: entry.run for entry in self._entries.values() if entry.run},
            "cases": [vars(entry) for entry in entries],
        }
        write_json(folder / CASES_FILE, content)


def read_cases(folder: str | Path) -> CasePlans:
    """Read the plans of a sweep, finished or not.

    Parameters
    ----------
    folder : str or pathlib.Path
        As :func:`evsiting.sweep` or ``evsiting sweep --out`` wrote it.

    Raises
    ------
    InputError
        If there is none, or files are missing or damaged.

    Examples
    --------
    >>> import tempfile
    >>> import evsiting as ev
    >>> with tempfile.TemporaryDirectory() as place:
    ...     found = ev.sweep(ev.example("starter"), folder=place, workers=1)
    ...     again = ev.read_cases(place)
    >>> again.table.equals(found.table)
    True
    """
    place = Path(folder)
    recover(place)
    file = place / CASES_FILE
    if not file.is_file():
        fix = "Give a folder that `evsiting sweep --out` or evsiting.sweep(folder=...) has written"
        raise InputError([Problem(str(place), "holds no cases", f"no {CASES_FILE}", fix)])
    content = json_dict(file)
    entries = [entry for entry in _entries(content) if not entry.earlier]
    if not entries:
        raise InputError([Problem(str(file), "is damaged", "it names no case", "Restore the file")])
    plans = {e.case: read_plan(place / e.run) for e in entries if e.state == SOLVED}
    messages = {s: {e.case: e.message for e in entries if e.state == s} for s in (NO_PLAN, FAILED)}
    names = tuple(entry.case for entry in entries)
    name, digest = str(content.get("study", "")), str(content.get("study_digest", ""))
    return CasePlans(name, digest, names, plans, messages[NO_PLAN], messages[FAILED])


def runs_of_cases(folder: Path) -> dict[str, str]:
    """Return the folder of the run of each case that has a plan, by case."""
    entries = [
        entry for entry in _entries(json_dict(folder / CASES_FILE)) if entry.state == SOLVED and not entry.earlier
    ]
    return {entry.case: entry.run for entry in entries}


def _entries(content: Mapping[str, Any]) -> list[_Entry]:
    """Return the cases of a file; those that are damaged are none."""
    rows = content.get("cases", [])
    return [made for row in rows if (made := _entry(row)) is not None] if isinstance(rows, Sequence) else []


def _entry(row: object) -> _Entry | None:
    if not isinstance(row, dict):
        return None
    known = {name: row[name] for name in vars(_Entry("", "")) if name in row}
    texts = all(isinstance(value, str) for name, value in known.items() if name != "earlier")
    run = str(known.get("run", ""))
    if not (texts and {"case", "key"} <= set(known) and isinstance(known.get("earlier", False), bool)):
        return None
    if run and (Path(run).name != run or run in (".", "..")):  # a folder may come from strangers
        return None
    return _Entry(**known)
