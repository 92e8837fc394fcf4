"""Run folders as the commands use them: one reader for plans and fronts, and a front that grows on disk."""

from __future__ import annotations

from pathlib import Path

from evsiting.cli.arguments import FRONT_FILE, RUN_FILE
from evsiting.errors import InputError, Problem
from evsiting.results.certificate import certify
from evsiting.results.plan import Front, Plan
from evsiting.results.store import STUDY_FOLDER, read_front, read_run, write_front, write_run
from evsiting.solve.pareto import value
from evsiting.study.read import read_study
from evsiting.study.settings import ObjectiveName
from evsiting.study.study import Study

Pair = tuple[ObjectiveName, ObjectiveName]


def require_run(folder: Path) -> tuple[bool, bool]:
    """Return whether a folder holds a plan, and whether it holds a front.

    Raises
    ------
    InputError
        If it holds neither.
    """
    folder = folder.expanduser()
    has_plan, has_front = (folder / RUN_FILE).is_file(), (folder / FRONT_FILE).is_file()
    if not (has_plan or has_front):
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


class Points:
    """A front on disk that is whole after every point.

    Parameters
    ----------
    folder : pathlib.Path
        Where it is kept.
    study : Study
        With its layers.
    pair : tuple of str
        The objective that is minimised at each point, and the one that is capped.
    """

    def __init__(self, folder: Path, study: Study, pair: Pair) -> None:
        self.folder, self.study, self.pair = folder, study, pair
        self._before: tuple[Plan, ...] = ()
        self._found: list[Plan] = []

    def known(self) -> Front | None:
        """Return the front that the folder holds, to go on from it; None where it holds none.

        Raises
        ------
        InputError
            If it belongs to another study or trades other objectives.
        """
        if not (self.folder / FRONT_FILE).is_file():
            return None
        front = read_front(self.folder)
        problems = []
        if any(plan.study_digest != self.study.digest for plan in front.plans):
            fix = "Leave out --resume to begin again, or give another --out"
            problems.append(Problem(str(self.folder), "holds a front of another study", "its digest differs", fix))
        if front.objectives != self.pair:
            seen = " against ".join(front.objectives)
            problems.append(
                Problem(str(self.folder), "holds a front of other objectives", seen, "Give those, or another --out")
            )
        if problems:
            raise InputError(problems)
        self._before = front.plans
        return front

    def keep(self, plan: Plan) -> None:
        """Store one more point; what is known already stays."""
        self._found.append(plan)
        study = self.study if len(self._found) == 1 else None
        write_front(self.folder, Front(self.pair, self._best()), study=study)

    def finish(self, front: Front) -> Front:
        """Write the front with its first plan as the plan of the run, and return it.

        Where the sweep was interrupted, points that were known before stay.
        """
        if any(plan.solve.limit == "interrupt" for plan in self._found) and self._before:
            front = Front(self.pair, self._best(), front.ideal)
        plan = front.plans[0]
        write_run(self.folder, self.study, plan, certify(self.study, plan), front=front)
        return front

    def _best(self) -> tuple[Plan, ...]:
        """Return all plans but those that another one beats in both objectives, in the order of a front."""
        first, second = self.pair
        kept: list[Plan] = []
        plans = (*self._found, *self._before)
        for plan in sorted(plans, key=lambda p: (value(p, first), value(p, second))):
            if not kept or value(plan, second) < value(kept[-1], second):
                kept.append(plan)
        return tuple(kept)
