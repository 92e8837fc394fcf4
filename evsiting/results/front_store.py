"""Fronts on disk: finished ones, and those that grow point by point beside what is finished."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from evsiting.errors import InputError, Problem, shown
from evsiting.files import recover, replace_folder
from evsiting.results.complete_study import study_with_digest
from evsiting.results.plan import Front, Plan
from evsiting.results.plan_file import PLAN_FILE, SCHEMA, read_plan, write_json, write_plan
from evsiting.results.result_folders import (
    FRONT_FILE,
    FRONT_TABLE,
    POINTS_FOLDER,
    digest_in,
    front_files,
    front_made_files,
    json_dict,
    plan_files,
    refuse_other,
    set_edited_aside,
)
from evsiting.study.files.folder import STUDY_FOLDER
from evsiting.study.files.write import fill_study, study_files
from evsiting.study.objectives import OBJECTIVES
from evsiting.study.study import Study

__all__ = ["add_point", "fill_front", "front_table", "is_finished", "names_of_points", "read_front", "write_front"]

_SAME_STUDY = "Give the study that was solved"


def write_front(folder: str | Path, front: Front, *, study: Study | None = None) -> Path:
    """Write a front into a folder, whole or not at all.

    The folder holds ``front.json``, ``front.csv`` and a plan for each point in ``points/``.

    Parameters
    ----------
    folder : str or pathlib.Path
        A new or empty folder, or one that holds a run or a front; a front that is there is replaced, and the
        report that shows it goes; a plan of the same study stays.
    front : Front
        What to write.
    study : Study, optional
        The study, written with its layers into ``study/``; one that is there stays where it is left out.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    InputError
        If the folder holds something else, or another process writes there.
    WriteError
        If it cannot be written, as on a full disk; what was there is as it was.

    Examples
    --------
    >>> import tempfile
    >>> import evsiting as ev
    >>> study = ev.complete(ev.example("starter"))
    >>> front = ev.Front(("cost", "emissions"), (ev.solve(study), ev.solve(study, objective="emissions")))
    >>> with tempfile.TemporaryDirectory() as place:
    ...     made = ev.write_front(Path(place) / "front", front)
    ...     sorted(file.name for file in made.iterdir())
    ['front.csv', 'front.json', 'points']
    """
    digest = _digest_of(front)
    study = None if study is None else study_with_digest(study, digest)
    if study is not None and study.digest != digest:
        seen = f"the front answers {digest[:12]}, the study is {study.digest[:12]}"
        raise InputError([Problem("study", "is not the one that the front answers", seen, _SAME_STUDY)])
    target = Path(folder)
    refuse_other(target, "run")
    _replace_front(target, front, study)
    return target


def read_front(folder: str | Path) -> Front:
    """Read the front in a folder.

    Parameters
    ----------
    folder : str or pathlib.Path
        As :func:`write_front`, :func:`write_run` or ``evsiting pareto --out`` wrote it.

    Raises
    ------
    InputError
        If there is none, or files are missing or damaged.

    Examples
    --------
    >>> import tempfile
    >>> import evsiting as ev
    >>> study = ev.complete(ev.example("starter"))
    >>> front = ev.Front(("cost", "emissions"), (ev.solve(study), ev.solve(study, objective="emissions")))
    >>> with tempfile.TemporaryDirectory() as place:
    ...     again = ev.read_front(ev.write_front(Path(place) / "front", front, study=study))
    >>> again.objectives, len(again.plans)
    (('cost', 'emissions'), 2)
    """
    place = Path(folder)
    recover(place)
    file = place / FRONT_FILE
    fix = "Give a folder that `evsiting pareto --out` or write_front has written"
    if not file.is_file():
        raise InputError([Problem(str(place), "holds no front", f"no {FRONT_FILE}", fix)])
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        objectives = tuple(str(name) for name in content["objectives"])
        ideal = {str(name): float(value) for name, value in content["ideal"].items()}
        points = [place / POINTS_FOLDER / str(name) for name in content["points"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError([Problem(str(file), "is damaged", repr(error), "Restore the file")]) from error
    unknown = [name for name in objectives if name not in OBJECTIVES]
    if unknown or not objectives:
        raise InputError([Problem(str(file), "names no objectives", shown(unknown), f"Give {shown(list(OBJECTIVES))}")])
    slack = content.get("end_slack")
    known = isinstance(slack, int | float) and not isinstance(slack, bool) and 0.0 <= slack < 1.0
    plans = tuple(read_plan(point) for point in points)
    complete, remark = content.get("complete") is True, str(content.get("remark", ""))
    return Front(objectives, plans, ideal, float(slack) if known else None, complete, remark)


def is_finished(folder: Path) -> bool:
    """Whether the front in a folder was swept to its end; also where there is none."""
    return json_dict(folder / FRONT_FILE).get("finished", True) is not False


def add_point(folder: Path, study: Study, front: Front, plan: Plan, names: Mapping[Plan, str]) -> str:
    """Write one more point of a front that is not finished, and return the name of its folder.

    Parameters
    ----------
    folder : pathlib.Path
        Where the front grows; a front of another study or other objectives that is there is replaced.
    study : Study
        With its layers.
    front : Front
        The points so far that no other one beats, the new one among them or not.
    plan : Plan
        The new point.
    names : mapping of Plan to str
        Folders of the points that are stored already.
    """
    content = json_dict(folder / FRONT_FILE)
    grows = content.get("study_digest") == study.digest and content.get("objectives") == list(front.objectives)
    taken = names.values() if grows else ()
    name = next(n for k in range(1, len(taken) + 2) if (n := f"{k:02d}") not in taken)
    named = {**names, plan: name}

    def stale(old: Path) -> list[str]:
        files = plan_files(old) if digest_in(old, PLAN_FILE) != study.digest else front_made_files(old)
        return files if grows else [*files, *front_files(old), *_study_files(old)]

    with replace_folder(folder, last=[PLAN_FILE, FRONT_FILE], stale=stale) as fresh:
        (fresh / POINTS_FOLDER / name).mkdir(parents=True)
        write_plan(fresh / POINTS_FOLDER / name, plan)
        _describe(fresh, front, [named[point] for point in front.plans], finished=False)
        if not (grows and (folder / STUDY_FOLDER).is_dir()):
            (fresh / STUDY_FOLDER).mkdir()
            fill_study(fresh / STUDY_FOLDER, study)
        set_edited_aside(folder)
    return name


def _replace_front(target: Path, front: Front, study: Study | None) -> None:
    digest = _digest_of(front)

    def stale(old: Path) -> list[str]:
        plan, before = digest_in(old, PLAN_FILE), digest_in(old, FRONT_FILE)
        files = [*front_files(old), *front_made_files(old)]
        files += plan_files(old) if plan != digest else []
        keep = study is None and digest in (plan, before)
        return files if keep else [*files, *_study_files(old)]

    with replace_folder(target, last=[PLAN_FILE, FRONT_FILE], stale=stale) as fresh:
        fill_front(fresh, front)
        if study is not None:
            (fresh / STUDY_FOLDER).mkdir()
            fill_study(fresh / STUDY_FOLDER, study)
        set_edited_aside(target)


def fill_front(folder: Path, front: Front, *, finished: bool = True) -> None:
    """Write the files of a front into an empty folder."""
    names = _point_names(front)
    for name, plan in zip(names, front.plans, strict=True):
        (folder / POINTS_FOLDER / name).mkdir(parents=True)
        write_plan(folder / POINTS_FOLDER / name, plan)
    _describe(folder, front, names, finished=finished)


def front_table(front: Front, names: Sequence[str] | None = None) -> pd.DataFrame:
    """Return the table of a front as ``front.csv`` holds it: its points by the names of their folders."""
    table = front.table
    table.insert(0, "point", list(_point_names(front) if names is None else names))
    return table


def names_of_points(folder: Path) -> list[str]:
    """Return the names of the folders of a front's points, in the order of the front."""
    return [str(name) for name in json_dict(folder / FRONT_FILE).get("points", [])]


def _point_names(front: Front) -> list[str]:
    width = max(2, len(str(len(front))))
    return [f"{number:0{width}d}" for number in range(1, len(front) + 1)]


def _describe(folder: Path, front: Front, names: Sequence[str], *, finished: bool) -> None:
    """Write the table of a front and what its points are called."""
    front_table(front, names).to_csv(folder / FRONT_TABLE, index=False, lineterminator="\n")
    content: Mapping[str, Any] = {
        "schema": SCHEMA,
        "study_digest": _digest_of(front),
        "objectives": list(front.objectives),
        "ideal": {name: value for name, value in front.ideal.items() if math.isfinite(value)},
        "end_slack": front.end_slack,
        "complete": front.complete,
        "remark": front.remark,
        "points": list(names),
        "finished": finished,
    }
    write_json(folder / FRONT_FILE, content)


def _study_files(folder: Path) -> list[str]:
    return [f"{STUDY_FOLDER}/{name}" for name in study_files(folder / STUDY_FOLDER)]


def _digest_of(front: Front) -> str:
    return front.plans[0].study_digest if front.plans else ""
