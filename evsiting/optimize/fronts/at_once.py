"""Points of a front that do not depend on each other, solved at the same time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

from evsiting.errors import Problem, SolveError
from evsiting.optimize.arguments import ObjectiveLike
from evsiting.optimize.memory import report_out_of_memory
from evsiting.optimize.solve import Session, session_from_settings
from evsiting.optimize.sweeps.kept_solves import pool_of, pool_problems
from evsiting.optimize.sweeps.tasks import Outcome, Task, run_tasks
from evsiting.results.plan import Plan
from evsiting.study.settings import Solving
from evsiting.study.study import Study

__all__ = ["AtOnce", "Point", "at_once_problems"]


@dataclass(frozen=True)
class Point:
    """One solve of a front.

    Parameters
    ----------
    objective : str or mapping
        What is minimised.
    caps : mapping of str to float
        Ceilings on objectives.
    start : Plan, optional
        The plan from which it starts.
    """

    objective: ObjectiveLike
    caps: Mapping[str, float]
    start: Plan | None = None


@dataclass(frozen=True)
class AtOnce:
    """Where and how points are solved at the same time.

    Parameters
    ----------
    study : Study
        Complete.
    settings : Solving
        How hard to try.
    workers : int, optional
        How many at the same time.
    executor : Executor, optional
        Where, instead of processes of our own.
    """

    study: Study
    settings: Solving
    workers: int | None
    executor: Executor | None

    @classmethod
    def wanted(cls, study: Study, settings: Solving, workers: int | None, executor: Executor | None) -> AtOnce | None:
        """Return where points are solved at the same time; None where that is not asked for."""
        return None if workers is None and executor is None else cls(study, settings, workers, executor)

    def solve[K](self, points: Mapping[K, Point], done: Callable[[K, Outcome], None]) -> None:
        """Solve points, and tell of each as soon as it has ended, by its key.

        What is found at a point does not depend on the others, nor on how many are solved at the same time.

        Raises
        ------
        SolveError
            The first that ``done`` raises, after the others have ended.
        """
        if not points:
            return
        keys = {str(number): key for number, key in enumerate(points)}
        errors: list[SolveError] = []

        def report_outcome(outcome: Outcome) -> None:
            try:
                done(keys[outcome.name], outcome)
            except SolveError as error:
                errors.append(error)

        tasks = [Task(name, least, partial(self._arguments, points[key])) for name, key in keys.items()]
        run_tasks(tasks, pool_of(self.workers, self.executor, self.settings.threads, len(tasks)), report_outcome)
        if errors:
            raise errors[0]

    def _arguments(self, point: Point) -> tuple[Study, Solving, Point]:
        return self.study, self.settings, point


def at_once_problems(workers: object, executor: object, rules: bool) -> list[Problem]:
    """Return what is wrong with a wish to have points solved at the same time."""
    problems = pool_problems(workers, executor)
    if rules and (workers is not None or executor is not None):
        fix = "Leave out workers and executor, or write the rules as rows of table limits"
        problems.append(
            Problem("extra", "rules of your own cannot be sent to other processes", "workers are given", fix)
        )
    return problems


#: The last session of this process, by study and settings: a worker solves many points of one front.
_LAST: dict[tuple[str, str], Session] = {}


@report_out_of_memory
def least(study: Study, settings: Solving, point: Point) -> Plan:
    """Return the plan of one point; called in a worker.

    Raises
    ------
    SolveError
        If there is none, and why.
    KeyboardInterrupt
        If the solver was interrupted.
    """
    key = study.digest, settings.model_dump_json()
    if key not in _LAST:
        _LAST.clear()
        _LAST[key] = session_from_settings(study, settings)
    ready = _LAST[key].fresh()  # what another point left behind must not matter
    start = None if point.start is None else ready.program.point(point.start.tables)
    plan, _ = ready.minimise(point.objective, caps=point.caps, start=start)
    if plan.solve.limit == "interrupt":
        raise KeyboardInterrupt
    return plan
