"""Runs on disk: a plan with the study that it answers, and fronts, written whole or not at all."""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from evsiting.errors import InputError, Problem, expect, shown
from evsiting.results.certificate import Certificate
from evsiting.results.matching import answered
from evsiting.results.plan import OBJECTIVES, Front, Plan
from evsiting.results.planfile import FILES, PLAN_FILE, SCHEMA, read_plan, write_plan
from evsiting.study.read import read_study
from evsiting.study.study import Study
from evsiting.study.write import write_study

#: What makes a folder a front.
FRONT_FILE = "front.json"
STUDY_FOLDER, POINTS_FOLDER, FRONT_TABLE = "study", "points", "front.csv"
_FRONT = (FRONT_FILE, FRONT_TABLE, POINTS_FOLDER)
_SAME_STUDY = "Give the study that was solved, with its layers: evsiting.complete(study)"


def write_run(
    folder: str | Path, study: Study, plan: Plan, certificate: Certificate | None = None, *, front: Front | None = None
) -> Path:
    """Write a plan and its study into a run folder, whole or not at all.

    The folder holds ``plan.json``, the plan's tables as CSV, the study in ``study/`` and, with a front,
    ``front.json``, ``front.csv`` and ``points/``. A run that is there is replaced; other files in it stay,
    and so does its front if it belongs to the same study.

    Parameters
    ----------
    folder : str or pathlib.Path
        A new or empty folder, or one that holds a run.
    study : Study
        With its layers: the one that the plan answers.
    plan : Plan
        What was decided.
    certificate : Certificate, optional
        Its summary goes into ``plan.json``.
    front : Front, optional
        Plans of the same study that trade objectives.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    InputError
        If the folder holds something else, or what is given does not belong together.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.complete(ev.example("starter"))
    >>> plan = ev.solve(study)
    >>> with tempfile.TemporaryDirectory() as place:
    ...     again, same = ev.read_run(ev.write_run(Path(place) / "run", study, plan))
    >>> ev.certify(again, same).passed
    True
    """
    expect("write_run", study=(study, Study), plan=(plan, Plan))
    if study.digest != plan.study_digest:
        seen = f"the plan answers {plan.study_digest[:12]}, the study is {study.digest[:12]}"
        raise InputError([Problem("study", "is not the one that the plan answers", seen, _SAME_STUDY)])
    answered("write_run", study, plan, front=front, certificate=certificate)
    with _replaced(Path(folder)) as (fresh, old):
        write_plan(fresh, plan, certificate)
        write_study(study, fresh / STUDY_FOLDER)
        if front is not None:
            _write_front(fresh, front)
        elif _digest_in(old, FRONT_FILE) == study.digest:
            _carry(old, fresh, _FRONT)
    return Path(folder)


def read_run(folder: str | Path) -> tuple[Study, Plan]:
    """Read the study and the plan of a run folder.

    Parameters
    ----------
    folder : str or pathlib.Path
        As :func:`write_run` wrote it.

    Returns
    -------
    study : Study
        With its layers.
    plan : Plan
        As it was written, figure for figure.

    Raises
    ------
    InputError
        If files are missing or damaged, each named.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.complete(ev.example("starter"))
    >>> with tempfile.TemporaryDirectory() as place:
    ...     run = ev.write_run(Path(place) / "run", study, ev.solve(study))
    ...     again, plan = ev.read_run(run)
    >>> again.digest == plan.study_digest
    True
    """
    place = Path(folder)
    if not (place / PLAN_FILE).is_file() and (place / FRONT_FILE).is_file():
        fix = "Read it with read_front, or give one of its folders points/01, ..."
        raise InputError([Problem(str(place), "holds a front and no plan of its own", FRONT_FILE, fix)])
    plan = read_plan(place)
    return read_study(study_of(place)), plan


def write_front(folder: str | Path, front: Front, *, study: Study | None = None) -> Path:
    """Write a front into a folder, whole or not at all.

    The folder holds ``front.json``, ``front.csv`` and a plan for each point in ``points/``.

    Parameters
    ----------
    folder : str or pathlib.Path
        A new or empty folder, or one that holds a run or a front; a front that is there is replaced, a plan
        of the same study stays.
    front : Front
        What to write.
    study : Study, optional
        The study with its layers, written into ``study/``; one that is there stays where it is left out.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    InputError
        If the folder holds something else.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.complete(ev.example("starter"))
    >>> front = ev.Front(("cost", "emissions"), (ev.solve(study), ev.solve(study, objective="emissions")))
    >>> with tempfile.TemporaryDirectory() as place:
    ...     made = ev.write_front(Path(place) / "front", front)
    ...     sorted(file.name for file in made.iterdir())
    ['front.csv', 'front.json', 'points']
    """
    digest = _digest_of(front)
    if study is not None and study.digest != digest:
        seen = f"the front answers {digest[:12]}, the study is {study.digest[:12]}"
        raise InputError([Problem("study", "is not the one that the front answers", seen, _SAME_STUDY)])
    with _replaced(Path(folder)) as (fresh, old):
        _write_front(fresh, front)
        if _digest_in(old, PLAN_FILE) == digest:
            _carry(old, fresh, FILES)
        if study is not None:
            write_study(study, fresh / STUDY_FOLDER)
        elif digest in (_digest_in(old, PLAN_FILE), _digest_in(old, FRONT_FILE)):
            _carry(old, fresh, (STUDY_FOLDER,))
    return Path(folder)


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
    >>> import evsiting as ev
    >>> study = ev.complete(ev.example("starter"))
    >>> front = ev.Front(("cost", "emissions"), (ev.solve(study), ev.solve(study, objective="emissions")))
    >>> with tempfile.TemporaryDirectory() as place:
    ...     again = ev.read_front(ev.write_front(Path(place) / "front", front, study=study))
    >>> again.objectives, len(again.plans)
    (('cost', 'emissions'), 2)
    """
    place = Path(folder)
    file = place / FRONT_FILE
    fix = "Give a folder that `evsiting pareto --out` or write_front has written"
    if not file.is_file():
        raise InputError([Problem(str(place), "holds no front", f"no {FRONT_FILE}", fix)])
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
        objectives = tuple(str(name) for name in held["objectives"])
        ideal = {str(name): float(value) for name, value in held["ideal"].items()}
        points = [place / POINTS_FOLDER / str(name) for name in held["points"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError([Problem(str(file), "is damaged", repr(error), "Restore the file")]) from error
    unknown = [name for name in objectives if name not in OBJECTIVES]
    if unknown or not objectives:
        raise InputError([Problem(str(file), "names no objectives", shown(unknown), f"Give {shown(OBJECTIVES)}")])
    return Front(objectives, tuple(read_plan(point) for point in points), ideal)


def front_table(front: Front) -> pd.DataFrame:
    """Return the table of a front as ``front.csv`` holds it: its points by the names of their folders."""
    table = front.table
    table.insert(0, "point", _point_names(front))
    return table


def _point_names(front: Front) -> list[str]:
    width = max(2, len(str(len(front))))
    return [f"{number:0{width}d}" for number in range(1, len(front) + 1)]


def _write_front(folder: Path, front: Front) -> None:
    names = _point_names(front)
    for name, plan in zip(names, front.plans, strict=True):
        (folder / POINTS_FOLDER / name).mkdir(parents=True)
        write_plan(folder / POINTS_FOLDER / name, plan)
    front_table(front).to_csv(folder / FRONT_TABLE, index=False, lineterminator="\n")
    held: Mapping[str, Any] = {
        "schema": SCHEMA,
        "study_digest": _digest_of(front),
        "objectives": list(front.objectives),
        "ideal": {name: value for name, value in front.ideal.items() if math.isfinite(value)},
        "points": names,
    }
    text = json.dumps(held, indent=2, ensure_ascii=False, allow_nan=False)
    (folder / FRONT_FILE).write_text(text + "\n", encoding="utf-8", newline="\n")


def _digest_of(front: Front) -> str:
    return front.plans[0].study_digest if front.plans else ""


def _digest_in(folder: Path | None, name: str) -> str:
    """Return the digest of the study that a plan or front on disk answers; nothing where there is none."""
    if folder is None:
        return ""
    try:
        return str(json.loads((folder / name).read_text(encoding="utf-8"))["study_digest"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def study_of(place: Path) -> Path:
    """Return the folder of the study: beside the plan, or that of the front to which the plan belongs."""
    for home in (place, place.parent.parent if place.parent.name == POINTS_FOLDER else place):
        if (home / STUDY_FOLDER).is_dir():
            return home / STUDY_FOLDER
    fix = "Restore the folder, or write the run again with write_run"
    raise InputError([Problem(str(place / STUDY_FOLDER), "the study of the run is missing", "no such folder", fix)])


def _carry(old: Path | None, fresh: Path, names: tuple[str, ...]) -> None:
    """Copy files and folders from the old folder to the new one, where they are there."""
    if old is None:
        return
    for name in names:
        source = old / name
        if source.is_dir():
            shutil.copytree(source, fresh / name)
        elif source.is_file():
            shutil.copy2(source, fresh / name)


@contextmanager
def _replaced(target: Path) -> Iterator[tuple[Path, Path | None]]:
    """Give an empty folder to fill, and the old one if there is one; then put the new one in its place.

    What the old folder holds beside a run's own files moves to the new one.
    """
    _refuse(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent, ignore_cleanup_errors=True) as room:
        fresh = Path(room) / "new"
        fresh.mkdir()
        old = target if target.is_dir() else None
        yield fresh, old
        if old is None:
            fresh.rename(target)
            return
        aside = Path(room) / "old"
        target.rename(aside)
        try:
            for entry in list(aside.iterdir()):
                if entry.name not in (*FILES, *_FRONT, STUDY_FOLDER):
                    entry.rename(fresh / entry.name)
            fresh.rename(target)
        except BaseException:
            for entry in list(fresh.iterdir()):
                if entry.name not in (*FILES, *_FRONT, STUDY_FOLDER):
                    entry.rename(aside / entry.name)
            aside.rename(target)
            raise


def _refuse(target: Path) -> None:
    """Refuse a place that is taken by something else than a run."""
    fix = "Give a new or an empty folder, or one that holds a run"
    if target.exists() and not target.is_dir():
        raise InputError([Problem(str(target), "exists and is a file", f"{target.stat().st_size:,} bytes", fix)])
    if not target.is_dir() or (target / PLAN_FILE).is_file() or (target / FRONT_FILE).is_file():
        return
    held = sorted(entry.name for entry in target.iterdir())
    if held:
        raise InputError([Problem(str(target), "exists and holds no run", shown(held), fix)])
