"""Runs on disk: a plan with the study that it answers, written whole or not at all."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from pathlib import Path

from evsiting.errors import InputError, Problem, expect
from evsiting.files import recover, replace_folder, sweep
from evsiting.results.certificate import Certificate
from evsiting.results.consistency import require_same_study
from evsiting.results.front_store import fill_front, read_front, write_front
from evsiting.results.plan import Front, Plan, Solve, Status
from evsiting.results.plan_file import PLAN_FILE, read_plan, write_plan
from evsiting.results.record.bound_prices import read_prices
from evsiting.results.result_folders import (
    DECISIONS_FILE,
    FRONT_FILE,
    MADE_FILE,
    POINTS_FOLDER,
    SCENARIOS_FILE,
    UNFINISHED_FOLDER,
    decision_files,
    digest_in,
    front_files,
    json_dict,
    refuse_other,
    run_files,
    set_edited_aside,
)
from evsiting.results.scenario_plans import ScenarioPlans
from evsiting.study.files.folder import STUDY_FOLDER
from evsiting.study.files.read import read_study
from evsiting.study.files.write import fill_study
from evsiting.study.study import Study

__all__ = ["fill_run", "read_front", "read_run", "read_scenarios", "write_front", "write_run"]


def write_run(
    folder: str | Path, study: Study, plan: Plan, certificate: Certificate | None = None, *, front: Front | None = None
) -> Path:
    """Write a plan and its study into a run folder, whole or not at all.

    The folder holds ``plan.json``, the plan's tables as CSV, the study in ``study/`` and, with a front,
    ``front.json``, ``front.csv`` and ``points/``. A run that is there is replaced, with the report and other files
    that were made of it; a front of the same study stays, what was asked about the same plan, and so do files of
    others. What was made of the old plan and changed since is kept under a name that says so.

    Parameters
    ----------
    folder : str or pathlib.Path
        A new or empty folder, or one that holds a run.
    study : Study
        The one that the plan answers; missing layers are completed first, and written with it.
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
        If the folder holds something else, another process writes there, or what is given does not belong together.
    WriteError
        If it cannot be written, as on a full disk; what was there is as it was.

    Examples
    --------
    >>> import tempfile
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> plan = ev.solve(study)
    >>> with tempfile.TemporaryDirectory() as place:
    ...     again, same = ev.read_run(ev.write_run(Path(place) / "run", study, plan))
    >>> ev.certify(again, same).passed
    True
    """
    expect("write_run", study=(study, Study), plan=(plan, Plan))
    ready = require_same_study("write_run", study, plan, front=front, certificate=certificate).whole
    target = Path(folder)
    refuse_other(target, "run")

    replace_run(target, ready, plan, certificate, front=front)
    return target


def replace_run(
    target: Path,
    study: Study,
    plan: Plan,
    certificate: Certificate | None,
    *,
    front: Front | None,
    finished: bool = True,
) -> None:
    """Write a run whose parts are known to belong together, with a front that may be ``finished`` or not."""

    def stale(old: Path) -> list[str]:
        files = run_files(old)
        if front is None and digest_in(old, FRONT_FILE) == study.digest:
            files = [name for name in files if name not in front_files(old)]
        if front is None and digest_in(old / UNFINISHED_FOLDER, FRONT_FILE) == study.digest:
            files = [name for name in files if not name.startswith(f"{UNFINISHED_FOLDER}/")]
        staying_files = [*decision_files(old), MADE_FILE] if _is_plan_of(old, plan) else []
        return [name for name in files if name not in staying_files]

    with replace_folder(target, last=[PLAN_FILE, FRONT_FILE], stale=stale) as fresh:
        fill_run(fresh, study, plan, certificate, front=front, finished=finished)
        set_edited_aside(target)
    grown = target / UNFINISHED_FOLDER
    sweep(grown)
    with suppress(OSError):  # it holds a front that stays, or something else
        grown.rmdir()


def _is_plan_of(folder: Path, plan: Plan) -> bool:
    """Whether what was asked about the plan in a folder was asked of this one: same study, value and new plants."""
    asked = json_dict(folder / DECISIONS_FILE)
    value = asked.get("objective")
    if not isinstance(value, int | float) or (asked.get("study_digest"), asked.get("objective_name")) != (
        plan.study_digest,
        plan.solve.objective_name,
    ):
        return False
    try:
        before = read_plan(folder).decisions["openings"]
    except InputError:
        return False
    now = plan.decisions["openings"]
    same = {*before.itertuples(index=False, name=None)} == {*now.itertuples(index=False, name=None)}
    return same and abs(value - plan.solve.objective) <= 1e-9 * max(1.0, abs(value))


def fill_run(
    folder: Path,
    study: Study,
    plan: Plan,
    certificate: Certificate | None = None,
    *,
    front: Front | None = None,
    finished: bool = True,
) -> None:
    """Write the files of a run into an empty folder; what belongs together has been checked."""
    write_plan(folder, plan, certificate)
    (folder / STUDY_FOLDER).mkdir()
    fill_study(folder / STUDY_FOLDER, study)
    if front is not None:
        fill_front(folder, front, finished=finished)


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
    >>> import tempfile
    >>> import evsiting as ev
    >>> study = ev.complete(ev.example("starter"))
    >>> with tempfile.TemporaryDirectory() as place:
    ...     run = ev.write_run(Path(place) / "run", study, ev.solve(study))
    ...     again, plan = ev.read_run(run)
    >>> again.digest == plan.study_digest
    True
    """
    place = Path(folder)
    recover(place)
    if not (place / PLAN_FILE).is_file() and (place / FRONT_FILE).is_file():
        fix = "Read it with read_front, or give one of its folders points/01, ..."
        raise InputError([Problem(str(place), "holds a front and no plan of its own", FRONT_FILE, fix)])
    plan = read_plan(place)
    return read_study(study_of(place)), plan


def read_scenarios(folder: Path) -> tuple[dict[str, Study], ScenarioPlans]:
    """Read the plans of a folder of scenarios.

    Returns
    -------
    studies : dict of str to Study
        By scenario.
    plans : ScenarioPlans
        As ``scenarios.json`` and the runs state them; nothing is checked.

    Raises
    ------
    InputError
        If files are missing or damaged.
    """
    recover(folder)
    file = folder / SCENARIOS_FILE
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
        runs = {str(name): folder / str(code) for name, code in stored["runs"].items()}
        solve = Solve(Status(stored["status"]), str(stored["objective_name"]), float(stored["objective"]),
                      _bound(stored["bound"]), price_bound=_bound(stored.get("price_bound")),
                      prices=read_prices(folder))  # fmt: skip
        chances = {name: float(stored["probability"][name]) for name in runs}
        risk = float(stored["risk_aversion"]), float(stored["cvar_level"])
        alone = {str(name): (float(best), _bound(bound)) for name, (best, bound) in
                 stored.get("best_alone", {}).items()}  # fmt: skip
        name, digest, _ = str(stored["study"]), str(stored["study_digest"]), (stored["expected"], stored["gap"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError([Problem(str(file), "is damaged", repr(error), "Solve the scenarios again")]) from error
    known = {scenario: read_run(run) for scenario, run in runs.items()}
    plans = {scenario: plan for scenario, (_, plan) in known.items()}
    made = ScenarioPlans(name, digest, solve, chances, plans, *risk, best_alone=alone)
    return {scenario: study for scenario, (study, _) in known.items()}, made


def _bound(stated: object) -> float:
    """Return a bound as a result states it; none where it states none."""
    return -math.inf if stated is None else float(stated)  # type: ignore[arg-type]


def study_of(place: Path) -> Path:
    """Return the folder of the study: beside the plan, or that of the front to which the plan belongs."""
    for home in (place, place.parent.parent if place.parent.name == POINTS_FOLDER else place):
        if (home / STUDY_FOLDER).is_dir():
            return home / STUDY_FOLDER
    fix = "Restore the folder, or write the run again with write_run"
    raise InputError([Problem(str(place / STUDY_FOLDER), "the study of the run is missing", "no such folder", fix)])
