"""Run folders as the commands use them: one reader for plans and fronts, and a front that grows on disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from evsiting.cli.arguments import RUN_FILE, load_study
from evsiting.cli.terminal import Voice
from evsiting.errors import InputError, Problem, shown
from evsiting.files import recover
from evsiting.optimize.fronts.points import nondominated
from evsiting.optimize.fronts.solving import SLACK
from evsiting.results.certificate import certify
from evsiting.results.consistency import over_groups
from evsiting.results.front_store import add_point, is_finished, read_front
from evsiting.results.plan import Front, Plan
from evsiting.results.result_folders import (
    FRONT_FILE,
    MADE_FILE,
    UNFINISHED_FOLDER,
    digest_in,
    edited_files,
    json_dict,
    made_files,
    result_runs,
)
from evsiting.results.store import read_run, replace_run
from evsiting.study.files.folder import STUDY_FOLDER
from evsiting.study.files.read import read_study
from evsiting.study.objectives import ObjectiveName, bound_words
from evsiting.study.study import Study

Names = tuple[ObjectiveName, ...]


def study_and_plan(source: str) -> tuple[Study, Plan | None, Path | None]:
    """Return the study, and where a run is given its plan and its folder.

    Raises
    ------
    InputError
        If the plan of the run was found over groups of places, so that its study has no other lanes.
    """
    folder = Path(source).expanduser()
    if (folder / RUN_FILE).is_file():
        study, plan = read_run(folder)
        if plan.solve.aggregated:
            raise InputError([over_groups(f"run {source!r}", plan)])
        return study, plan, folder
    return load_study(source), None, None


def study_and_start(source: str, objective: object) -> tuple[Study, Plan | None, Path | None]:
    """Return the study, and where a run is given the plan to start from, and its folder where the same is asked again.

    Raises
    ------
    InputError
        If the plan of the run was found under ceilings, which no option of the command asks for again.
    """
    study, plan, folder = study_and_plan(source)
    if plan is not None and plan.solve.caps:
        seen = ", ".join(bound_words(name, value) for name, value in plan.solve.caps.items())
        fix = f"Give the study itself, {Path(source) / STUDY_FOLDER}, or write the ceiling as a row of its table limits"
        raise InputError([Problem(f"run {source!r}", "its plan was found under ceilings", seen, fix)])
    return study, plan, folder if objective is None else None


def plan_of_run(folder: Path) -> Plan:
    """Return the plan of a run, to start from.

    Raises
    ------
    InputError
        If the folder holds no run, or a damaged one.
    """
    require_run(folder)
    return read(folder)[1]


def require_run(folder: Path) -> tuple[bool, bool]:
    """Return whether a folder holds a plan, and whether it holds a front.

    Raises
    ------
    InputError
        If it holds neither.
    """
    folder = folder.expanduser()
    recover(folder)
    has_plan, has_front = (folder / RUN_FILE).is_file(), (folder / FRONT_FILE).is_file()
    if not (has_plan or has_front):
        if runs := result_runs(folder):
            what, fix = "the folder holds several runs, not one", f"Give one of them, such as {folder / runs[0]}"
            raise InputError([Problem(f"run {str(folder)!r}", what, shown(runs), fix)])
        what = "the folder holds no run" if folder.is_dir() else "there is no such run folder"
        fix = "Give a folder that `evsiting solve`, pareto or demo wrote"
        raise InputError([Problem(f"run {str(folder)!r}", what, f"no {RUN_FILE}", fix)])
    return has_plan, has_front


def read(folder: Path) -> tuple[Study, Plan, Front | None]:
    """Return what a run folder holds; the plan of a folder with a front only is the front's first.

    Raises
    ------
    InputError
        If it is no run folder, or a damaged one.
    """
    folder = folder.expanduser()
    has_plan, has_front = require_run(folder)
    front = read_front(folder) if has_front else None
    if has_plan:
        return (*read_run(folder), front)
    if front is None or not len(front):
        raise InputError([Problem(str(folder / FRONT_FILE), "the front is empty", "0 points", "Run it again")])
    return read_study(folder / STUDY_FOLDER), front.plans[0], front


@contextmanager
def report_outdated(voice: Voice, folder: Path) -> Iterator[None]:
    """Say which files went because the plan that they show is replaced in the block."""
    homes = ["", *(f"{run}/" for run in result_runs(folder))]
    named = [f"{home}{name}" for home in homes for name in (*made_files(folder / home), FRONT_FILE)]
    there = [name for name in named if not name.endswith(MADE_FILE) and (folder / name).is_file()]
    edited = [f"{home}{name}" for home in homes for name in edited_files(folder / home)]
    yield
    if gone := [name for name in there if not (folder / name).is_file()]:
        voice.note(f"Removed, as they showed what was in {folder} before: {', '.join(gone)}.")
    if aside := [name for name in edited if not (folder / name).is_file()]:
        voice.note(f"Renamed, as they show what was in {folder} before and have been edited: {', '.join(aside)}.")


class Points:
    """A front on disk that is whole after every point, and goes on where it was stopped.

    It grows in the folder itself, or in ``unfinished/`` where a finished result stands, which stays until the new
    front is finished.

    Parameters
    ----------
    folder : pathlib.Path
        Where it is kept.
    study : Study
        With its layers.
    names : tuple of str
        The objective that is minimised at each point, and those under ceilings.
    """

    def __init__(self, folder: Path, study: Study, names: Names) -> None:
        self.folder, self.study, self.names = folder, study, names
        self.home = folder
        self._stored: dict[Plan, str] = {}

    def begin(self, *, resume: bool = False) -> Front | None:
        """Return the points to go on from; None where there are none.

        Those of a front that was stopped are taken up by themselves, those of a finished one where it is asked for.

        Raises
        ------
        InputError
            If points are asked for, and the folder holds a front of another study or of other objectives.
        """
        recover(self.folder)
        known: list[Plan] = []
        if resume and (self.folder / FRONT_FILE).is_file():
            known += self._same(self.folder).plans
        if not self._is_free():
            self.home = self.folder / UNFINISHED_FOLDER
            recover(self.home)
        if self._grows(self.home):
            front = read_front(self.home)
            names = json_dict(self.home / FRONT_FILE)["points"]
            self._stored = dict(zip(front.plans, map(str, names), strict=True))
            known += front.plans
        return Front(self.names, self._best(known), end_slack=SLACK) if known else None

    def _is_free(self) -> bool:
        """Whether the front may grow in the folder itself, without an end to what is finished."""
        same_plan = digest_in(self.folder, RUN_FILE) in ("", self.study.digest)
        return same_plan and (self._grows(self.folder) or not (self.folder / FRONT_FILE).is_file())

    def _grows(self, folder: Path) -> bool:
        """Whether a folder holds an unfinished front of this study and these objectives."""
        content = json_dict(folder / FRONT_FILE)
        same = content.get("study_digest") == self.study.digest and content.get("objectives") == list(self.names)
        return same and not is_finished(folder)

    def _same(self, folder: Path) -> Front:
        """Return the front in a folder, once it is of this study and these objectives."""
        front, problems = read_front(folder), []
        if any(plan.study_digest != self.study.digest for plan in front.plans):
            fix = "Leave out --resume to begin again, or give another --out"
            problems.append(Problem(str(folder), "holds a front of another study", "its digest differs", fix))
        if front.objectives != self.names:
            seen = " against ".join(front.objectives)
            problems.append(
                Problem(str(folder), "holds a front of other objectives", seen, "Give those, or another --out")
            )
        if problems:
            raise InputError(problems)
        return front

    def keep(self, plan: Plan) -> None:
        """Store one more point; what is known already stays."""
        if plan not in self._stored:
            front = Front(self.names, self._best((*self._stored, plan)))
            self._stored[plan] = add_point(self.home, self.study, front, plan, self._stored)

    def finish(self, front: Front, *, interrupted: bool = False) -> Front:
        """Write the front with its first plan as the plan of the run, and return it.

        Where the sweep was interrupted, the points that were stored before stay; a finished result stays as it is.
        """
        if interrupted:
            front = Front(self.names, self._best((*front.plans, *self._stored)), front.ideal, front.end_slack)
            if self.home != self.folder:
                return front
        plan = front.plans[0]
        replace_run(self.folder, self.study, plan, certify(self.study, plan), front=front, finished=not interrupted)
        self.home = self.folder  # where it grew elsewhere, that is gone
        return front

    def _best(self, plans: Iterable[Plan]) -> tuple[Plan, ...]:
        """Return all plans but those that another one beats in all objectives, in the order of a front."""
        return tuple(nondominated(plans, self.names))
