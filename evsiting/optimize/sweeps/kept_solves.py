"""Solve the members of a sweep wherever there is room, and keep each answer as soon as it is there."""

from __future__ import annotations

import logging
import os
import time
import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import MappingProxyType

from evsiting.errors import InfeasibleError, NoSolutionError, Problem
from evsiting.files import hold_folder
from evsiting.optimize.arguments import ObjectiveLike
from evsiting.optimize.gaps import warn_of_gaps
from evsiting.optimize.large.large import has_many_lanes
from evsiting.optimize.sweeps.members import Member, solved_alone
from evsiting.optimize.sweeps.pools import Foreign, Here, Pool, Processes
from evsiting.optimize.sweeps.progress import Shown, SweepProgress, SweepWatch
from evsiting.optimize.sweeps.tasks import Outcome, Task, run_tasks
from evsiting.results.case_plans import FAILED, NO_PLAN, CasePlans
from evsiting.results.case_store import CaseStore
from evsiting.results.certificate import Certificate, certify
from evsiting.results.plan import Plan
from evsiting.results.record.relaxation_basis import RelaxationBasis
from evsiting.study.settings import Solving
from evsiting.study.study import Study

__all__ = ["pool_of", "pool_problems", "solve_members"]

logger = logging.getLogger(__name__)


def pool_problems(workers: object, executor: object) -> list[Problem]:
    """Return what is wrong with the arguments that say where solves are run."""
    problems: list[Problem] = []
    if workers is not None and (isinstance(workers, bool) or not isinstance(workers, int) or workers < 1):
        problems.append(
            Problem("workers", "is no number of workers", repr(workers), "Give a whole number, one or more")
        )
    if executor is not None and not isinstance(executor, Executor):
        fix = "Give a concurrent.futures.Executor, such as that of dask's Client.get_executor()"
        problems.append(Problem("executor", "is no executor", type(executor).__name__, fix))
    return problems


def pool_of(workers: int | None, executor: Executor | None, threads: int, tasks: int) -> Pool:
    """Return where tasks are run: in an executor that is given, in this process for one worker, else in processes.

    Parameters
    ----------
    workers : int, optional
        How many; as many as the machine's cores have room for where it is left out.
    executor : Executor, optional
        Somebody else's.
    threads : int
        Of each solve.
    tasks : int
        How many there are.
    """
    if executor is not None:
        return Foreign(executor, workers)
    wanted = max(1, _cores() // threads) if workers is None else workers
    width = min(wanted, tasks)
    return Here() if width <= 1 else Processes(width)


def _cores() -> int:
    """Return how many cores this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed is not None else os.cpu_count() or 1


def solve_members(
    base: Study,
    members: Sequence[Member],
    objective: ObjectiveLike,
    settings: Solving,
    *,
    known: Mapping[str, Plan] = MappingProxyType({}),
    folder: str | Path | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: bool = False,
    watch: SweepWatch | None = None,
) -> CasePlans:
    """Solve members one by one or several at once; what a folder holds of them already is not solved again.

    The relaxations of large studies start from the basis of the first member, which is solved before the others are
    begun. They start from no other, and from no plan: so no answer depends on which worker solved what before, nor on
    how many there are.

    Parameters
    ----------
    base : Study
        The complete study that the members change.
    members : sequence of Member
        Independent of each other.
    objective, settings
        What is minimised in each, and how.
    known : mapping of str to Plan
        Plans of members that are there already.
    folder, workers, executor, progress, watch
        As in :func:`evsiting.sweep`.

    Raises
    ------
    InputError, WriteError
        If the folder holds something else, or cannot be written.
    KeyboardInterrupt
        After Ctrl-C where nothing has been solved yet; otherwise what has been is returned.
    """
    with ExitStack() as stack:
        place = None if folder is None else stack.enter_context(hold_folder(Path(folder).expanduser()))
        keep = _Keeper(base, members, place)
        watchers = [watch] if watch is not None else []
        if progress:
            shown = Shown()
            stack.callback(shown.close)
            watchers.append(shown)
        keep.watches = watchers
        keep.tell("")
        for member in members:
            if member.name in known and member.name in keep.plans.unsolved:
                plan = known[member.name]
                keep.take(Outcome(member.name, (plan, certify(member.study(), plan))))
        unsolved = set(keep.plans.unsolved)
        left = [member for member in members if member.name in unsolved and not member.without]
        for member in members:
            if member.name in unsolved and member.without:
                keep.take(Outcome(member.name, error=InfeasibleError(member.without)))
        count = len(left)
        try:
            while left:
                now = left[:1] if left[0] is members[0] and has_many_lanes(left[0].study()) else left
                make = partial(_arguments, objective=objective, settings=settings, basis=keep.basis_of(members[0].name))
                tasks = [Task(m.name, solved_alone, partial(make, m)) for m in now]
                run_tasks(tasks, pool_of(workers, executor, settings.threads, count), keep.take)
                left = left[len(now) :]
        except KeyboardInterrupt:
            if len(keep.plans.unsolved) == len(members):
                raise
            logger.info("interrupted: keeping what is solved")
        keep.finish()
        plans = keep.plans
    warn_of_gaps(list(plans.plans.values()))
    return plans


def _arguments(
    member: Member, objective: ObjectiveLike, settings: Solving, basis: RelaxationBasis | None
) -> tuple[Study, ObjectiveLike, Solving, RelaxationBasis | None]:
    return member.study(), objective, settings, basis


class _Keeper:
    """Takes what workers answer, keeps it on disk where a folder is given, and tells how far the sweep is."""

    def __init__(self, base: Study, members: Sequence[Member], folder: Path | None) -> None:
        self.members = {member.name: member for member in members}
        self.base, self.began = base, time.perf_counter()
        self.watches: list[SweepWatch] = []
        self._plans: dict[str, Plan] = {}
        self._none: dict[str, dict[str, str]] = {NO_PLAN: {}, FAILED: {}}
        keys = {member.name: member.key for member in members}
        name = base.settings.study.name
        self.store = None if folder is None else CaseStore(folder, name, base.digest, keys)
        self.known = 0 if self.store is None else len(members) - len(self.store.plans.unsolved)

    @property
    def plans(self) -> CasePlans:
        """What is known so far."""
        if self.store is not None:
            return self.store.plans
        plans = {name: self._plans[name] for name in self.members if name in self._plans}
        about = self.base.settings.study.name, self.base.digest
        return CasePlans(*about, tuple(self.members), plans, dict(self._none[NO_PLAN]), dict(self._none[FAILED]))

    def basis_of(self, name: str) -> RelaxationBasis | None:
        """Return the basis that the plan of a member keeps; None where it has none, or no plan."""
        plan = self.plans.plans.get(name)
        return None if plan is None else plan.solve.basis

    def take(self, outcome: Outcome) -> None:
        """Keep an answer; Ctrl-C while it is written lets it be written once more, and goes on."""
        for text, kind in outcome.warnings:
            warnings.warn(f"{outcome.name}: {text}", kind, stacklevel=2)
        try:
            self._keep(outcome)
        except KeyboardInterrupt:
            self._keep(outcome)
            raise
        self.tell(outcome.name)

    def _keep(self, outcome: Outcome) -> None:
        error = outcome.error
        if error is None:
            self._keep_plan(outcome.name, *outcome.value)
            return
        state = NO_PLAN if isinstance(error, InfeasibleError | NoSolutionError) else FAILED
        state = FAILED if getattr(error, "limit", "") == "memory" else state
        if self.store is not None:
            self.store.keep_none(outcome.name, state, str(error))
        if state == FAILED:
            logger.warning("%s: %s", outcome.name, error)
        self._none[state][outcome.name] = str(error)

    def _keep_plan(self, name: str, plan: Plan, certificate: Certificate) -> None:
        self._plans[name] = plan
        if self.store is not None:
            self.store.keep(name, self.members[name].study(), plan, certificate)

    def tell(self, last: str) -> None:
        """Tell how far the sweep is."""
        ended = len(self._plans), len(self._none[NO_PLAN]), len(self._none[FAILED])
        progress = SweepProgress(len(self.members), self.known, *ended, time.perf_counter() - self.began, last)
        for watch in self.watches:
            watch(progress)

    def finish(self) -> None:
        """Write what the folder says of all of them."""
        if self.store is not None:
            self.store.finish()
