"""Solve a study again and again, each time with some more rows in table ``limits``, keeping each answer."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from evsiting.errors import InfeasibleError, InputError, NoSolutionError, Problem
from evsiting.files import hold_folder
from evsiting.optimize.arguments import ObjectiveLike, objective_problems
from evsiting.optimize.decisions.forced import Row
from evsiting.optimize.large.count_branching import GrownTree
from evsiting.optimize.large.large import is_large
from evsiting.optimize.options import SolveOptions
from evsiting.optimize.sessions.given import (
    StudyOrSession,
    objective_of,
    plan_problems,
    session_of,
    settings_of,
    study_of,
)
from evsiting.optimize.sessions.session import Session
from evsiting.optimize.sweeps.members import key_of
from evsiting.results.case_plans import NO_PLAN
from evsiting.results.case_store import CaseStore
from evsiting.results.certificate import certify
from evsiting.results.consistency import require_same_study
from evsiting.results.plan import Plan
from evsiting.study.settings import Solving
from evsiting.study.study import Study

__all__ = ["Answer", "DecisionSolver", "DecisionWatch", "base_of"]

logger = logging.getLogger(__name__)

#: Called with what was solved last, and its plan where it has one.
DecisionWatch = Callable[[str, "Answer"], None]


@dataclass(frozen=True)
class Answer:
    """What is known of the best plan of a study with some more rows.

    Parameters
    ----------
    study : Study
        With these rows.
    plan : Plan, optional
        The best that was found; it has passed its certificate.
    bound : float
        What no plan is below: infinite where there is no plan at all, minus infinity where nothing is known.
    message : str
        Why there is no plan.
    """

    study: Study
    plan: Plan | None
    bound: float
    message: str = ""

    @property
    def objective(self) -> float:
        """Objective of the plan; infinite where there is none."""
        return math.inf if self.plan is None else self.plan.solve.objective


@dataclass
class DecisionSolver:
    """A study with its base plan, and every answer to a study with more rows that was found so far.

    Parameters
    ----------
    session : Session
        Of the complete study; its relaxation is solved once, and starts the others.
    objective : str or mapping
        What is minimised.
    settings : Solving
        How hard to try.
    store : CaseStore, optional
        Where each answer is kept as soon as it is there, and found again.
    watch : callable, optional
        Called after each solve.
    answers : dict
        By name.
    near : Plan, optional
        That of the study as it stands.
    left : dict
        Plan and branches of the last solve of each kind of question.
    """

    session: Session
    objective: ObjectiveLike
    settings: Solving
    store: CaseStore | None = None
    watch: DecisionWatch | None = None
    answers: dict[str, Answer] = field(default_factory=dict)
    near: Plan | None = None
    left: dict[str, tuple[Plan, dict[str, GrownTree]]] = field(default_factory=dict)

    @property
    def study(self) -> Study:
        """The complete study."""
        return self.session.study

    def under(self, rows: Sequence[Row]) -> Session | Answer:
        """Return the session with some rows more; the answer where the rows contradict the study's own.

        Raises
        ------
        InputError
            If a row does not hold in this study.
        """
        try:
            return self.session.with_limits(rows)
        except InputError as error:
            if not all(problem.infeasible for problem in error.problems):
                raise
            return Answer(self.study, None, math.inf, " ".join(map(str, error.problems)))

    def bound(self, rows: Sequence[Row]) -> float:
        """Return what no plan costs less than with some rows more, by the linear relaxation alone."""
        session = self.under(rows)
        return session.bound if isinstance(session, Answer) else session.bound(self.objective).value

    def solve(
        self,
        name: str,
        rows: Sequence[Row],
        *,
        start: Plan | None = None,
        like: str = "",
        is_enough: Callable[[float], bool] | None = None,
    ) -> Answer:
        """Return the best plan of the study with some rows more; what the store knows is not solved again.

        Parameters
        ----------
        name : str
            What the answer is called in the store; no other answer may have it.
        rows : sequence of dict
            Rows of table ``limits``.
        start : Plan, optional
            A plan that keeps them; by default that of the study as it stands, where its branches are known.
        like : str
            What the same question is called at other figures: it starts from what the last one of this name left.
        is_enough : callable, optional
            Told the objective of a plan: whether no better bound than the known one is of use beside it. Then the gap
            of the answer may be wider than asked for.

        Raises
        ------
        KeyboardInterrupt
            If the solver was interrupted.
        """
        session = self.under(rows)
        if isinstance(session, Answer):
            return self._remember(name, session)
        study = session.study
        key = key_of(study, self.objective, self.settings)
        plan, message = self.store.add(name, key) if self.store is not None else (None, "")
        if plan is not None:
            return self._remember(name, Answer(study, plan, plan.solve.bound))
        if message:
            return self._remember(name, Answer(study, None, math.inf, message))
        try:
            session = replace(session, is_enough=is_enough)
            plan = session.solve(self.objective, start=self._start(session, start, like))
        except InfeasibleError as error:
            if self.store is not None:
                self.store.keep_none(name, NO_PLAN, str(error))
            return self._remember(name, Answer(study, None, math.inf, str(error)))
        except NoSolutionError as error:
            return self._remember(name, Answer(study, None, -math.inf, str(error)))
        if plan.solve.limit == "interrupt":
            raise KeyboardInterrupt
        if like:
            self.left[like] = plan, dict(session.trees)
        if self.store is not None:
            self.store.keep(name, study, plan, certify(study, plan))
        return self._remember(name, Answer(study, plan, plan.solve.bound))

    def _start(self, session: Session, start: Plan | None, like: str) -> Plan | None:
        """Return the plan to start from; the branches that are left with it go into the session."""
        if start is None and like in self.left:
            start, trees = self.left[like]
            session.trees.update(trees)
        return self.near if start is None and session.trees else start

    def base(self, plan: Plan) -> None:
        """Take the plan of the study itself, from which large programs start, with what its solve left."""
        self.session.learn(plan, branches=True)
        self.near = plan
        if is_large(self.session.program):
            self.session.remember(plan)

    def _remember(self, name: str, answer: Answer) -> Answer:
        self.answers[name] = answer
        logger.info("%s: objective %.6g, bound %.6g", name, answer.objective, answer.bound)
        if self.watch is not None:
            self.watch(name, answer)
        return answer


def base_of(
    call: str,
    source: StudyOrSession,
    plan: Plan | None,
    objective: ObjectiveLike | None,
    options: SolveOptions,
    stack: ExitStack,
    *,
    folder: str | Path | None = None,
    watch: DecisionWatch | None = None,
    problems: Sequence[Problem] = (),
) -> tuple[DecisionSolver, Plan]:
    """Return the solver of a study and its base plan, which is solved first where none is given.

    Parameters
    ----------
    call : str
        The function that was called, for messages.
    source : Study or Session
        A session is shared: it starts from what it knows, and learns from every answer.
    plan, objective, options
        As in :func:`evsiting.alternatives`.
    stack : ExitStack
        Holds the folder until it is closed.
    folder, watch
        Where answers are kept, and who is told.
    problems : sequence of Problem
        What is wrong with other arguments.

    Raises
    ------
    InputError
        If study, plan and arguments do not hold or do not belong together.
    InfeasibleError, NoSolutionError
        If the study has no plan, so that nothing can be compared with it.
    """
    study = study_of(source)
    settings, wrong = settings_of(source, options)
    wrong = [*wrong, *problems]
    if plan is not None:
        wrong += plan_problems(call, plan, objective)
    wanted = objective_of(plan, settings.objective if objective is None else objective)
    wrong += objective_problems(wanted, study)
    if wrong:
        raise InputError(wrong)
    whole = study if plan is None else require_same_study(call, study, plan).whole
    session = session_of(source if isinstance(source, Session) else whole, settings)
    ready, store = session.study, None
    if folder is not None:
        place = stack.enter_context(hold_folder(Path(folder).expanduser()))
        store = CaseStore(place, ready.settings.study.name, ready.digest, {})
    solver = DecisionSolver(session, wanted, settings, store, watch)
    if plan is not None:
        solver.base(plan)
        return solver, plan
    answer = solver.solve("base", [])
    if answer.plan is None:
        kind = InfeasibleError if math.isinf(answer.bound) and answer.bound > 0 else NoSolutionError
        raise kind(answer.message)
    solver.base(answer.plan)
    return solver, answer.plan
