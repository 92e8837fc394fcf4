"""Convert what a user types on the command line to arguments of the library."""

from __future__ import annotations

import difflib
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from evsiting.errors import InputError, Problem, shown
from evsiting.files import entries, hold_folder, recover
from evsiting.results.plan_file import FILES, PLAN_FILE
from evsiting.results.result_folders import FRONT_FILE, POINTS_FOLDER, kind_of_results, refuse_other, result_runs
from evsiting.study.codes import file_name
from evsiting.study.files.folder import SETTINGS, STUDY_FOLDER
from evsiting.study.objectives import OBJECTIVES, ObjectiveName
from evsiting.units.percent import in_percent

if TYPE_CHECKING:
    from evsiting.optimize.solve import ObjectiveLike
    from evsiting.study.study import Study

#: What a folder written by ``solve`` holds at least.
RUN_FILE = PLAN_FILE


def load_study(source: str) -> Study:
    """Return the study in a folder or a workbook, or the shipped one of that name.

    Parameters
    ----------
    source : str
        A path, or a name such as ``north-america``. A path wins.

    Raises
    ------
    InputError
        If there is no such study (close matches are named), or the study does not hold.
    """
    from evsiting.shipped import EXAMPLES, example
    from evsiting.study.files.read import read_study

    path = Path(source).expanduser()
    if (problem := _results_problem(f"study {source!r}", path)) is not None:
        raise InputError([problem])
    if path.exists():
        return read_study(path)
    if source in EXAMPLES:
        return example(source)
    raise InputError(
        [
            Problem(
                f"study {source!r}",
                "no such folder, workbook or shipped study",
                _near(path, EXAMPLES),
                "Give a folder, an .xlsx file or a shipped name "
                f"({', '.join(EXAMPLES)}); `evsiting new FOLDER` writes a study to begin with",
            )
        ]
    )


def _results_problem(where: str, folder: Path) -> Problem | None:
    """Return what is wrong with a folder of results in place of a study; None where it is none."""
    kind = kind_of_results(folder)
    if kind == "run" and (folder / RUN_FILE).is_file():
        fix = f"Give the study itself; that of the run is in {folder / STUDY_FOLDER}"
        return Problem(where, "this folder holds a run, not a study", RUN_FILE, fix)
    if kind == "run":
        fix = f"Give one of its points, such as {folder / POINTS_FOLDER / '01'}, or its study, {folder / STUDY_FOLDER}"
        return Problem(where, "this folder holds a front and no plan of its own", FRONT_FILE, fix)
    if kind:
        runs = result_runs(folder)
        fix = f"Give one of its runs, such as {folder / runs[0]}, or the study itself" if runs else "Give the study"
        return Problem(where, f"this folder holds runs of {kind}, not a study", shown(runs), fix)
    left = [] if (folder / SETTINGS).exists() else [name for name in FILES if (folder / name).is_file()]
    if left and (folder / STUDY_FOLDER).is_dir():
        fix = f"Restore the file, or give the study of the run, {folder / STUDY_FOLDER}"
        return Problem(where, f"this is a run without its {RUN_FILE}", f"it holds {shown(left)}", fix)
    return None


def _near(path: Path, names: object) -> str:
    """Return what is called nearly so, beside the path and among the shipped studies."""
    known = list(names) if isinstance(names, list | tuple | set | dict) else []
    beside = [str(path.parent / p.name) if path.parent != Path() else p.name for p in _beside(path)]
    close = difflib.get_close_matches(str(path), [*known, *beside], n=3, cutoff=0.6)
    return f"did you mean {' or '.join(close)}?" if close else ""


def _beside(path: Path) -> list[Path]:
    try:
        return [p for p in path.parent.iterdir() if p.is_dir() or p.suffix == ".xlsx"]
    except OSError:
        return []


def objective_of(text: str) -> ObjectiveLike:
    """Return an objective as it is typed: a name, or weights parted by commas.

    Examples
    --------
    >>> objective_of("emissions"), objective_of("cost=1, emissions=120")
    ('emissions', {'cost': 1.0, 'emissions': 120.0})

    Raises
    ------
    typer.BadParameter
        If a name is unknown or a weight is not a number.
    """
    if text in OBJECTIVES:
        return text  # type: ignore[return-value]
    weights: dict[str, float] = {}
    for part in text.split(","):
        name, equals, weight = (p.strip() for p in part.partition("="))
        try:
            value = float(weight)
        except ValueError:
            value = math.nan
        if name not in OBJECTIVES or not equals or not (math.isfinite(value) and value >= 0) or name in weights:
            message = f"{part.strip()!r}: give {', '.join(OBJECTIVES)}, or weights such as cost=1,emissions=120"
            raise typer.BadParameter(message)
        weights[name] = value
    if not any(weights.values()):
        raise typer.BadParameter("all weights are zero")  # noqa: EM101
    return weights  # type: ignore[return-value]


def objectives_of(names: tuple[str, ...]) -> tuple[ObjectiveName, ...]:
    """Return two or three different objectives, checked.

    Raises
    ------
    typer.BadParameter
        If one is unknown, or one is given twice.
    """
    wrong = [name for name in names if name not in OBJECTIVES]
    if wrong or len(set(names)) < len(names):
        count = "two" if len(names) == 2 else "three"
        message = f"{', '.join(map(repr, wrong or names))}: give {count} different ones of {', '.join(OBJECTIVES)}"
        raise typer.BadParameter(message)
    return names  # type: ignore[return-value]


def fraction_of(text: str) -> float:
    """Return a gap as it is typed, as a fraction or in percent.

    Examples
    --------
    >>> fraction_of("0.005"), fraction_of("0.5%")
    (0.005, 0.005)

    Raises
    ------
    typer.BadParameter
        If it is not a number from 0 to below 1; for one that was most likely meant in percent, with how that is typed.
    """
    try:
        value = float(text.removesuffix("%")) / (100.0 if text.endswith("%") else 1.0)
    except ValueError:
        value = math.nan
    if not 0.0 <= value < 1.0:
        hint = ""
        if in_percent(value) and not text.endswith("%"):
            hint = f"was {value:.12g}% meant? {value:.12g} alone is {100.0 * value:.12g} %; "
        message = f"{text!r}: {hint}give a fraction such as 0.005, or 0.5%"
        raise typer.BadParameter(message)
    return value


def prices_of(text: str) -> tuple[float, ...]:
    """Return prices as they are typed, parted by commas.

    Examples
    --------
    >>> prices_of("100, 300")
    (100.0, 300.0)

    Raises
    ------
    typer.BadParameter
        If one is not a number above zero.
    """
    try:
        values = tuple(float(word) for word in text.split(","))
    except ValueError:
        values = ()
    if not values or not all(0.0 < value < math.inf for value in values):
        message = f"{text!r}: give numbers above zero parted by commas, such as 100,300"
        raise typer.BadParameter(message)
    return values


def run_folder(out: Path | None, study_name: str, objective: object) -> Path:
    """Return where a run goes: as given, otherwise ``runs/<study>-<objective>``."""
    if out is not None:
        return out
    words = objective if isinstance(objective, str) else "-".join(objective) if isinstance(objective, dict) else "cost"
    return Path("runs") / f"{file_name(study_name)}-{file_name(words)}"


@contextmanager
def output_folder(path: Path, kind: str = "run") -> Iterator[Path]:
    """Give a folder for output that is held against other runs, after a look whether it can be written at all.

    All that may be wrong with it is found before the work begins. Where it is made and nothing comes of the work, it
    is removed again.

    Parameters
    ----------
    path : pathlib.Path
        New, empty, or one that holds an earlier result of that kind, which will be replaced.
    kind : {"run", "scenarios", "cases"}
        What will be written.

    Raises
    ------
    InputError
        If something else is in the way, another run writes there, or nothing may be written.
    WriteError
        If the system refuses it.
    """
    folder = path.expanduser()
    if folder.exists() and not folder.is_dir():
        raise InputError([Problem(f"--out {folder}", "a file is in the way", folder.name, "Give a folder")])
    _may_write(folder, folder, "--out")
    if folder.is_dir() and not kind_of_results(folder) and (inside := _foreign(folder)):
        fix = "Give a new folder, or one that an earlier run wrote"
        raise InputError([Problem(f"--out {folder}", "the folder holds something else", shown(inside, 3), fix)])
    refuse_other(folder, kind, f"--out {folder}")
    with hold_folder(folder):
        yield folder


def _foreign(folder: Path) -> list[str]:
    recover(folder)
    return [] if kind_of_results(folder) else entries(folder)


def file_to_write(path: Path, option: str, suffixes: tuple[str, ...] = ()) -> Path:
    """Return a file for output, after a look whether it can be written; its folder is made.

    Raises
    ------
    InputError
        If its name has another ending than ``suffixes``, or nothing may be written there.
    """
    path = path.expanduser()
    if suffixes and path.suffix.lower() not in suffixes:
        raise InputError(
            [
                Problem(
                    f"{option} {path}",
                    "the name has another ending",
                    path.suffix or "none",
                    f"Give a file that ends in {' or '.join(suffixes)}",
                )
            ]
        )
    if path.is_dir():
        raise InputError([Problem(f"{option} {path}", "a folder is in the way", path.name, "Give a file name")])
    _may_write(path, path.parent, option)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _may_write(path: Path, folder: Path, option: str) -> Path:
    """Refuse where the nearest folder that exists may not be written to."""
    for nearest in (folder, *folder.absolute().parents):
        if nearest.exists():
            if not nearest.is_dir():
                raise InputError(
                    [Problem(f"{option} {path}", "a file is in the way", str(nearest), "Give another place")]
                )
            if not os.access(nearest, os.W_OK | os.X_OK):
                raise InputError(
                    [
                        Problem(
                            f"{option} {path}", "nothing may be written there", str(nearest), "Give a place of your own"
                        )
                    ]
                )
            break
    return path
