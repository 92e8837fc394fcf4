"""What a question is asked of: a study, or a session that has answered other questions about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from evsiting.errors import InputError, Problem
from evsiting.optimize.arguments import ObjectiveLike, resolved_settings, wants_verification
from evsiting.optimize.engines.base import Limits
from evsiting.optimize.engines.registry import find_engine
from evsiting.optimize.options import SolveOptions
from evsiting.optimize.sessions.session import Session, session_from_settings
from evsiting.results.consistency import over_groups
from evsiting.results.plan import Plan
from evsiting.study.objectives import ObjectiveName
from evsiting.study.settings import Solving
from evsiting.study.study import Study

__all__ = [
    "StudyOrSession", "has_rules", "objective_of", "plan_problems", "session_of", "settings_of", "study_of",
    "wanted_of", "with_gap_of",
]  # fmt: skip

#: A study, whose relaxation is solved from nothing, or a session of it, which starts from what it knows.
StudyOrSession = Study | Session


def study_of(source: StudyOrSession) -> Study:
    """Return the study that a question is about."""
    return source.study if isinstance(source, Session) else source


def has_rules(source: StudyOrSession, extra: Any = None) -> bool:
    """Whether there are rules of the user's own, which are in no table: given, or of the session."""
    return extra is not None or (isinstance(source, Session) and source.has_own_rules)


def settings_of(source: StudyOrSession, options: Mapping[str, object]) -> tuple[Solving, list[Problem]]:
    """Return how to solve, and what is wrong with it: as the study or the session does, but for some options.

    Parameters
    ----------
    source : Study or Session
        Whose way of solving holds for options that are not given.
    options : mapping of str to object
        Fields of :class:`evsiting.study.settings.Solving`; those that are None count as not given.
    """
    return resolved_settings(source.settings if isinstance(source, Session) else source.settings.solve, options)


def session_of(source: StudyOrSession, settings: Solving, extra: Any = None) -> Session:
    """Return the session in which a question is answered.

    Parameters
    ----------
    source : Study or Session
        A session shares what it knows with the one that is returned, and learns from it.
    settings : Solving
        Checked: see :func:`settings_of`.
    extra : pulp.LpProblem or sequence of pulp rules, optional
        The user's own rules.

    Raises
    ------
    InputError
        If rules are given beside a session, which was opened with those that it has.
    """
    if not isinstance(source, Session):
        return session_from_settings(source, settings, extra)
    if extra is not None:
        fix = "Open the session with them: open_session(study, extra=...)"
        raise InputError([Problem("extra", "stands beside a session, which has the rules it was opened with", "", fix)])
    return replace(
        source,
        settings=settings,
        engine=find_engine(settings.engine),
        limits=Limits.of(settings),
        verify=wants_verification(settings),
    )


def wanted_of(call: str, plan: Plan | None, objective: ObjectiveLike | None) -> ObjectiveLike | None:
    """Return what is to be minimised: that of the plan that is asked about, where there is one.

    Parameters
    ----------
    call : str
        What was called, for messages.
    plan : Plan, optional
        What is asked about.
    objective : str or mapping, optional
        What was given; none beside a plan.

    Raises
    ------
    InputError
        If the plan was solved under ceilings, or an objective stands beside it.
    """
    if plan is not None and (problems := plan_problems(call, plan, objective)):
        raise InputError(problems)
    return objective if plan is None else objective_of(plan, "cost")


def objective_of(plan: Plan | None, otherwise: ObjectiveLike) -> ObjectiveLike:
    """Return what a plan minimises; something else where there is no plan."""
    if plan is None:
        return otherwise
    return cast("Mapping[ObjectiveName, float]", plan.solve.weights)


def with_gap_of(plan: Plan, options: SolveOptions) -> SolveOptions:
    """Return options with the gap that was asked for a plan, where none is given.

    Examples
    --------
    >>> import evsiting as ev
    >>> plan = ev.solve(ev.example("starter"), gap=0.001)
    >>> with_gap_of(plan, {"seed": 3}), with_gap_of(plan, {"gap": 0.01})
    ({'seed': 3, 'gap': 0.001}, {'gap': 0.01})
    """
    if options.get("gap") is not None:
        return options
    return {**options, "gap": plan.solve.gap_asked}


def plan_problems(call: str, plan: Plan, objective: object) -> list[Problem]:
    """Return why nothing can be compared with a plan: it is the best of something else."""
    if plan.solve.aggregated:
        return [over_groups(f"{call}, plan", plan)]
    if plan.solve.caps:
        seen = ", ".join(f"{name} {value:,.6g}" for name, value in plan.solve.caps.items())
        fix = "Give the plan of evsiting.solve(study), or write the ceiling as a row of table limits and solve that"
        return [Problem(f"{call}, plan", "was solved under ceilings that its study does not have", seen, fix)]
    if objective is not None:
        fix = "Leave out the objective: it is that of the plan"
        return [Problem(f"{call}, objective", "stands beside a plan, which has its own", repr(objective), fix)]
    return []
