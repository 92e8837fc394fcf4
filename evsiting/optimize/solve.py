"""Solve the whole program at once: the plain way, exact, for studies of a few hundred sites."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from evsiting.errors import InputError, expect
from evsiting.layers import complete
from evsiting.layers.freight.lane_count import check_program_size, exceeds_program
from evsiting.model.build import build
from evsiting.optimize.aggregation.aggregation import solve_by_aggregation
from evsiting.optimize.arguments import ObjectiveLike, cap_problems, objective_problems, resolved_settings, weights
from evsiting.optimize.engines.base import Watch
from evsiting.optimize.engines.pulp_problem import to_problem
from evsiting.optimize.gaps import warn_of_gaps
from evsiting.optimize.memory import report_out_of_memory
from evsiting.optimize.options import SolveOptions, with_options
from evsiting.optimize.sessions.failure import failure
from evsiting.optimize.sessions.session import Session, open_session, session_from_settings
from evsiting.results.plan import Plan
from evsiting.results.seal import seal_plan
from evsiting.study.study import Study

__all__ = [
    "ObjectiveLike",
    "Session",
    "failure",
    "open_session",
    "session_from_settings",
    "solve",
    "to_pulp",
    "weights",
]


@report_out_of_memory
@with_options
def solve(
    study: Study,
    *,
    objective: ObjectiveLike | None = None,
    caps: Mapping[str, float] | None = None,
    extra: Any = None,
    start: Plan | None = None,
    watch: Watch | None = None,
    **options: Unpack[SolveOptions],
) -> Plan:
    """Choose sites, sizes and flows: the least of an objective, with a proven bound.

    A study whose lanes would be too many for a program is solved over groups of places, as by
    :func:`evsiting.solve_by_aggregation`: the plan then answers the study with the lanes of its plants
    (:func:`evsiting.with_lanes_of`), and its bound holds for all sites and all lanes.

    Parameters
    ----------
    study : Study
        What is known; missing layers are completed first.
    objective : {"cost", "emissions", "freight_emissions", "jobs", "late"} or mapping, optional
        What to minimise (jobs: to maximise), or weights such as ``{"cost": 1, "emissions": 120}`` in USD per USD, per
        tCO2e, per job-year and per late unit. Default: the study's own. Units are late only where demand has a
        promised delivery time.
    **options : SolveOptions
        How hard to try: see :class:`evsiting.optimize.options.SolveOptions`.
    caps : mapping of str to float, optional
        Ceilings on objectives: ``{"emissions": 5e6}``. A floor on jobs is a ceiling on minus jobs: ``{"jobs": -2e6}``.
        [USD, tCO2e, job-years, units]
    extra : pulp.LpProblem or sequence of pulp rules, optional
        Rules of your own: add them to the problem of :func:`to_pulp`, with variables of your own and tighter bounds
        where you need them, and hand it back.
    start : Plan, optional
        A plan to start from. What an earlier solve left with it is gone on from: for the same study, and the same
        objective, what it has proven; of a large study also the basis of its relaxation and its branches.
    watch : callable, optional
        Called with a :class:`Progress` a few times a second.

    Returns
    -------
    Plan
        Its ``status`` is ``optimal`` only where bound and objective meet the gap. It has passed its certificate.

    Raises
    ------
    InputError
        If the study or the arguments do not hold.
    InfeasibleError, UnboundedError, NoSolutionError
        If there is no plan, and why.
    UncertifiedError
        If the solver's answer breaks the study's rules and cannot be repaired.

    Warns
    -----
    GapWarning
        If a second run refutes the proof of the first, or penalties and fixed parts hide the gap of what is decided.

    Examples
    --------
    >>> import evsiting as ev
    >>> plan = ev.solve(ev.example("starter"))
    >>> str(plan.status)
    'optimal'
    """
    expect("solve", study=(study, Study), **({} if start is None else {"start": (start, Plan)}))
    settings, problems = resolved_settings(study.settings.solve, options)
    wanted = settings.objective if objective is None else objective
    problems += [*objective_problems(wanted, study), *cap_problems(caps, study)]
    if problems:
        raise InputError(problems)
    if extra is None and exceeds_program(study):
        return solve_by_aggregation(study, objective=wanted, caps=caps, start=start, watch=watch, **options).plan
    ready = session_from_settings(study, settings, extra)
    plan, _ = ready.minimise(wanted, caps=caps, start=ready.starting_point(start), watch=watch)
    warn_of_gaps([plan])
    return seal_plan(plan)


@report_out_of_memory
def to_pulp(study: Study, *, objective: ObjectiveLike | None = None) -> Any:
    """Return the study as a ``pulp.LpProblem`` with readable names, to read, to write to a file, or to add rules to.

    Parameters
    ----------
    study : Study
        Missing layers are completed first.
    objective : str or mapping, optional
        What to minimise; the study's own by default.

    Returns
    -------
    pulp.LpProblem
        Flows in scaled units (see the ``scale`` of :class:`evsiting.model.sets.Sets`), money in million USD. Its
        objective leaves out the constant cost of standing plants.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> problem = ev.to_pulp(study)
    >>> builds = [v for v in problem.variables() if v.name.startswith("build")]
    >>> problem += sum(builds) <= 6, "at_most_six_plants"
    >>> plan = ev.solve(study, extra=problem)
    """
    expect("to_pulp", study=(study, Study))
    chosen = weights(study.settings.solve.objective if objective is None else objective, study)
    check_program_size(study)
    milp = build(complete(study)).milp
    return to_problem(milp, milp.combined(chosen))
