"""Objectives in order of rank: the best of the first, then of the next among the plans that are nearly as good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Unpack

from evsiting.errors import InputError, Problem, expect
from evsiting.optimize.arguments import offer_problems
from evsiting.optimize.engines.base import Watch
from evsiting.optimize.fronts.points import objectives_problems, value
from evsiting.optimize.fronts.solving import SLACK, FrontSolver
from evsiting.optimize.gaps import warn_of_gaps
from evsiting.optimize.memory import report_out_of_memory
from evsiting.optimize.options import SolveOptions, with_options
from evsiting.optimize.sessions.given import StudyOrSession, session_of, settings_of, study_of
from evsiting.optimize.sessions.session import Session
from evsiting.results.plan import Plan
from evsiting.results.seal import seal_plan
from evsiting.study.objectives import ObjectiveName
from evsiting.study.study import Study
from evsiting.units.percent import percent_fix

__all__ = ["lexicographic"]


@report_out_of_memory
@with_options
def lexicographic(
    study: StudyOrSession,
    objectives: Sequence[ObjectiveName],
    *,
    tolerance: float | Mapping[ObjectiveName, float] = SLACK,
    extra: Any = None,
    start: Plan | None = None,
    watch: Watch | None = None,
    **options: Unpack[SolveOptions],
) -> Plan:
    r"""Return the plan that is best in objectives in their order, each given up a little for the next.

    .. math:: \min f_k(x) \quad \text{s.t.} \quad f_j(x) \le (1 + \theta_j)\,f_j^* \;\; (j < k)

    with :math:`f_j^*` what the solve of rank :math:`j` reached [1]_.

    Parameters
    ----------
    study : Study or Session
        Missing layers are completed first. A session (:func:`evsiting.open_session`) starts from what was solved in it
        before; options left out are its own.
    objectives : sequence of {"cost", "emissions", "freight_emissions", "jobs", "late"}
        Two or more, the most important first. More jobs are better.
    tolerance : float or mapping of str to float, optional
        Part of its best value θ that each objective gives up for those after it: 0.01 for one percent. A mapping may
        leave objectives out, which then give up a millionth, so that the solver's tolerances do not close what is
        left. [fraction]
    **options : SolveOptions
        How hard to try: see :class:`evsiting.optimize.options.SolveOptions`.
    extra : pulp.LpProblem or sequence of pulp rules, optional
        As in :func:`evsiting.solve`.
    start : Plan, optional
        A plan to start from.
    watch : callable, optional
        Told of the solver's progress.

    Returns
    -------
    Plan
        The best of the last objective; ``plan.solve.caps`` are the ceilings that the others set.

    Raises
    ------
    InputError
        If objectives are unknown, given twice or fewer than two, or a tolerance is negative.
    SolveError
        If there is no plan.

    References
    ----------
    .. [1] M. Ehrgott, "Multicriteria Optimization," 2nd ed., Springer, 2005, chapter 5: lexicographic optimality.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> plan = ev.lexicographic(study, ["cost", "emissions"], tolerance=0.01)
    >>> plan.solve.objective_name, list(plan.solve.caps)
    ('emissions', ['cost'])
    """
    expect("lexicographic", study=(study, (Study, Session)), **({} if start is None else {"start": (start, Plan)}))
    source, study = study, study_of(study)
    settings, problems = settings_of(source, options)
    names = tuple(objectives)
    problems += [*_problems(names, tolerance), *offer_problems("objectives", names, study)]
    if problems:
        raise InputError(problems)
    solver = FrontSolver(session_of(source, settings, extra), names, watch, lambda *_: None)
    solver.hints += [start] if start is not None else []
    allowed = tolerance if isinstance(tolerance, Mapping) else dict.fromkeys(names, tolerance)
    caps: dict[str, float] = {}
    seconds = 0.0
    for name in names:
        plan = solver.least(name, dict(caps))
        seconds += plan.solve.seconds
        if plan.solve.limit == "interrupt":
            break
        reached = value(plan, name)
        caps[name] = reached + allowed.get(name, SLACK) * abs(reached)
    warn_of_gaps([plan])
    return seal_plan(replace(plan, solve=replace(plan.solve, seconds=seconds)))


def _problems(names: Sequence[str], tolerance: object) -> list[Problem]:
    """Return what is wrong with ranks and tolerances."""
    problems = objectives_problems(names)
    if len(names) < 2:
        problems.append(Problem("objectives", "too few", f"{len(names)} given", "Name two or more, in their order"))
    parts = tolerance if isinstance(tolerance, Mapping) else {"all": tolerance}
    wrong = [
        f"{name!r}: {part!r}"
        for name, part in parts.items()
        if isinstance(part, bool) or not isinstance(part, int | float) or not 0.0 <= part <= 1.0
    ]
    wrong += [repr(name) for name in parts if isinstance(tolerance, Mapping) and name not in names]
    if wrong:
        fix = "Give a fraction from 0 to 1, such as 0.05 for 5 %, or one for each objective"
        fix = percent_fix(fix, *(part for part in parts.values() if part != 1.0))
        problems.append(Problem("tolerance", "is no part of an objective", ", ".join(wrong), fix))
    return problems
