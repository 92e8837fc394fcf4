"""What lies in a folder of results, and which files of it belong to which result: nothing else is ever removed."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from evsiting.errors import InputError, Problem, shown
from evsiting.files import entries, recover, replace_file
from evsiting.locks import locked
from evsiting.results.plan_file import FILES, PLAN_FILE, write_json
from evsiting.results.record.bound_prices import PRICES_FILE
from evsiting.study.files.folder import STUDY_FOLDER
from evsiting.study.files.write import study_files

#: What makes a folder a front, or one of scenarios or of cases; their tables; and the folders in which the parts lie.
FRONT_FILE, SCENARIOS_FILE, CASES_FILE = "front.json", "scenarios.json", "cases.json"
FRONT_TABLE, SCENARIOS_TABLE, CASES_TABLE = "front.csv", "scenarios.csv", "cases.csv"
POINTS_FOLDER = "points"
#: Points of a front that is not finished, beside a result that stays until it is.
UNFINISHED_FOLDER = "unfinished"
#: Which files of a folder were made from its plan for people: they go when the plan is replaced.
MADE_FILE = "deliverables.json"
#: What was asked about the plan of a folder, and its tables.
DECISIONS_FILE = "decisions.json"
_MADE_LOCK = ".evsiting-lock-deliverables"
#: What each kind of result consists of at least.
MARKS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"run": (PLAN_FILE, FRONT_FILE), "scenarios": (SCENARIOS_FILE,), "cases": (CASES_FILE,)}
)


def kind_of_results(folder: Path) -> str:
    """Return what a folder holds: ``run`` (a plan or a front), ``scenarios``, ``cases``, or nothing of the kind."""
    return next((kind for kind, marks in MARKS.items() if any((folder / m).is_file() for m in marks)), "")


def refuse_other(folder: Path, kind: str, where: str = "") -> None:
    """Refuse a place for results that is taken by something else, or lies within another result.

    Parameters
    ----------
    folder : pathlib.Path
        A new or empty folder, or one that holds a result of the same kind.
    kind : {"run", "scenarios", "cases"}
        What is to be written.
    where : str
        What the folder was given as, for the message.

    Raises
    ------
    InputError
        If it holds something else.
    """
    named, fix = where or str(folder), f"Give a new or an empty folder, or one that holds {_KINDS[kind]}"
    if folder.exists() and not folder.is_dir():
        raise InputError([Problem(named, "exists and is a file", f"{folder.stat().st_size:,} bytes", fix)])
    recover(folder)
    above = Path(os.path.abspath(folder)).parent  # noqa: PTH100 - the folder above by name, not behind a link
    owner = above.parent if above.name == POINTS_FOLDER and (above.parent / FRONT_FILE).is_file() else above
    if owner != above or folder.absolute().name in result_runs(above):
        problem = "is a part of another result"
        raise InputError([Problem(named, problem, str(owner), "Give a folder of its own")])
    content = entries(folder) if folder.is_dir() else []
    results = kind_of_results(folder)
    if content and results != kind:
        raise InputError(
            [Problem(named, f"exists and holds {_NO_KIND[kind]}", _KINDS.get(results) or shown(content), fix)]
        )


_KINDS = {"run": "a run", "scenarios": "runs of scenarios", "cases": "runs of cases"}
_NO_KIND = {"run": "no run", "scenarios": "no runs of scenarios", "cases": "no runs of cases"}


def digest_in(folder: Path, name: str) -> str:
    """Return the digest of the study that a plan or front on disk answers; nothing where there is none."""
    return str(json_dict(folder / name).get("study_digest", ""))


def json_dict(file: Path) -> dict[str, Any]:
    """Return what a JSON file holds; nothing where there is none, or it is damaged."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


# ------------------------------------------------------------------------------------------- what is ours


def plan_files(folder: Path) -> list[str]:
    """Return the files of the plan in a folder, and what was made of it."""
    return [*(name for name in FILES if (folder / name).is_file()), *made_files(folder)]


def front_files(folder: Path) -> list[str]:
    """Return the files of the front in a folder."""
    names = [name for name in (FRONT_FILE, FRONT_TABLE) if (folder / name).is_file()]
    points = folder / POINTS_FOLDER
    numbers = [entry.name for entry in points.iterdir() if entry.name.isdigit()] if points.is_dir() else []
    return names + [f"{POINTS_FOLDER}/{n}/{file}" for n in numbers for file in plan_files(points / n)]


def run_files(folder: Path) -> list[str]:
    """Return the files of the plan, the front, their study and the unfinished front in a folder."""
    home = folder / UNFINISHED_FOLDER
    left = [f"{UNFINISHED_FOLDER}/{name}" for name in (*front_files(home), *_study_within(home))]
    return [*plan_files(folder), *front_files(folder), *_study_within(folder), *(left if home.is_dir() else [])]


def scenario_files(folder: Path) -> list[str]:
    """Return the files of the runs of scenarios in a folder, their table and summary."""
    names = [name for name in (SCENARIOS_FILE, SCENARIOS_TABLE, PRICES_FILE) if (folder / name).is_file()]
    return names + [f"{part}/{name}" for part in result_runs(folder) for name in run_files(folder / part)]


def _study_within(folder: Path) -> list[str]:
    return [f"{STUDY_FOLDER}/{name}" for name in study_files(folder / STUDY_FOLDER)]


def result_runs(folder: Path) -> list[str]:
    """Return the folders of the scenarios or cases in a folder."""
    tables = [json_dict(folder / name).get("runs") for name in (SCENARIOS_FILE, CASES_FILE)]
    return [str(n) for runs in tables if isinstance(runs, dict) for n in runs.values() if _is_plain(n)]


def _is_plain(name: object) -> bool:
    return isinstance(name, str) and Path(name).name == name and name not in ("", ".", "..")


# --------------------------------------------------------------------------------------- made for people


@contextmanager
def deliverable(path: str | Path) -> Iterator[Path]:
    """Give a temporary file for something that is made of a plan; see :func:`evsiting.files.replace_file`.

    Where it goes into the folder of a run, the run remembers it: when another plan takes the place of that plan, what
    was made of it goes too.
    """
    with replace_file(path) as fresh:
        yield fresh
        mark = hashlib.sha256(fresh.read_bytes()).hexdigest()
        _remember(Path(path), mark)


def _remember(path: Path, mark: str) -> None:
    """Note the file in the folder of its run before it stands, so that it is never there without a note."""
    folder = path.parent
    if kind_of_results(folder) != "run":
        return
    with locked(folder, name=_MADE_LOCK):
        marks = [*_marks(folder).get(path.name, []), mark]
        with replace_file(folder / MADE_FILE) as fresh:
            write_json(fresh, {**_marks(folder), path.name: marks[-2:]})


def made_files(folder: Path) -> list[str]:
    """Return the files that were made of the plan of a folder and are as they were made, and the note of them."""
    names = [name for name, marks in _marks(folder).items() if _mark(folder / name) in marks]
    return names + ([MADE_FILE] if names or (folder / MADE_FILE).is_file() else [])


def front_made_files(folder: Path) -> list[str]:
    """Return the files that were made of plan and front of a folder: all but what was asked about the plan alone."""
    asked = decision_files(folder)
    return [name for name in made_files(folder) if name not in asked and not (asked and name == MADE_FILE)]


def decision_files(folder: Path) -> list[str]:
    """Return the files of what was asked about the plan of a folder."""
    tables = json_dict(folder / DECISIONS_FILE).get("tables")
    names = [DECISIONS_FILE, *(f"{name}.csv" for name in tables)] if isinstance(tables, dict) else []
    return [name for name in names if _is_plain(name) and (folder / name).is_file()]


def edited_files(folder: Path) -> list[str]:
    """Return the files that were made of the plan of a folder and have been changed since: they are the user's."""
    return [n for n, marks in _marks(folder).items() if (folder / n).is_file() and _mark(folder / n) not in marks]


def set_edited_aside(folder: Path) -> None:
    """Give what was made of the old plan, and has been changed since, a name that says so."""
    for name in edited_files(folder):
        file = folder / name
        for number in range(1, 1_000):
            aside = file.with_name(f"{file.stem} (older plan{f' {number}' if number > 1 else ''}){file.suffix}")
            if not aside.exists():
                file.rename(aside)
                break


def _marks(folder: Path) -> dict[str, list[str]]:
    content = json_dict(folder / MADE_FILE)
    return {name: marks for name, marks in content.items() if _is_plain(name) and isinstance(marks, list)}


def _mark(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""
