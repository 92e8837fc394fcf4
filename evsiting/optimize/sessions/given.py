"""What a question is asked of: a study, or a session that has answered other questions about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from evsiting.errors import InputError, Problem
from evsiting.optimize.arguments import resolved_settings, verifying
from evsiting.optimize.engines.base import Limits
from evsiting.optimize.engines.registry import find_engine
from evsiting.optimize.sessions.session import Session, session_from_settings
from evsiting.study.settings import Solving
from evsiting.study.study import Study

__all__ = ["StudyOrSession", "has_rules", "session_of", "settings_of", "study_of"]

#: A study, whose relaxation is solved from nothing, or a session of it, which starts from what it knows.
StudyOrSession = Study | Session


def study_of(given: StudyOrSession) -> Study:
    """Return the study that a question is about."""
    return given.study if isinstance(given, Session) else given


def has_rules(given: StudyOrSession, extra: Any = None) -> bool:
    """Whether there are rules of the user's own, which are in no table: given, or of the session."""
    return extra is not None or (isinstance(given, Session) and given.has_own_rules)


def settings_of(given: StudyOrSession, options: Mapping[str, object]) -> tuple[Solving, list[Problem]]:
    """Return how to solve, and what is wrong with it: as the study or the session does, but for some options.

    Parameters
    ----------
    given : Study or Session
        Whose way of solving holds for options that are not given.
    options : mapping of str to object
        Fields of :class:`evsiting.study.settings.Solving`; those that are None count as not given.
    """
    return resolved_settings(given.settings if isinstance(given, Session) else given.settings.solve, options)


def session_of(given: StudyOrSession, settings: Solving, extra: Any = None) -> Session:
    """Return the session in which a question is answered.

    Parameters
    ----------
    given : Study or Session
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
    if not isinstance(given, Session):
        return session_from_settings(given, settings, extra)
    if extra is not None:
        fix = "Open the session with them: open_session(study, extra=...)"
        raise InputError([Problem("extra", "stands beside a session, which has the rules it was opened with", "", fix)])
    return replace(
        given,
        settings=settings,
        engine=find_engine(settings.engine),
        limits=Limits.of(settings),
        verify=verifying(settings),
    )
