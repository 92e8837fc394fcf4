"""Trade-offs between two or three objectives: points under ceilings, where most is open, or all that there are."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import Any, Literal, Unpack

from evsiting.errors import GapWarning, InputError, Problem, expect
from evsiting.optimize.arguments import offer_problems
from evsiting.optimize.engines.base import Watch
from evsiting.optimize.fronts.at_once import AtOnce, at_once_problems
from evsiting.optimize.fronts.box_search import BoxSearch
from evsiting.optimize.fronts.epsilon_constraint import Sweep, refine_points, still_proven
from evsiting.optimize.fronts.integer_objectives import integer_objectives
from evsiting.optimize.fronts.points import TIE, PointWatch, front_problems, nondominated, with_best_bounds
from evsiting.optimize.fronts.solving import SLACK
from evsiting.optimize.gaps import warn_of_gaps
from evsiting.optimize.memory import report_out_of_memory
from evsiting.optimize.options import SolveOptions, with_options
from evsiting.optimize.sessions.given import StudyOrSession, has_rules, session_of, settings_of, study_of
from evsiting.optimize.sessions.session import Session
from evsiting.results.plan import Front, Plan
from evsiting.results.seal import sealed_front, sealing_callback
from evsiting.study.objectives import ObjectiveName
from evsiting.study.study import Study

__all__ = ["MODES", "POINTS", "FrontMode", "pareto"]

FrontMode = Literal["steps", "adaptive", "exact"]
MODES: tuple[FrontMode, ...] = ("steps", "adaptive", "exact")
#: Points of a front where nobody says otherwise.
POINTS = 9


@report_out_of_memory
@with_options
def pareto(
    study: StudyOrSession,
    first: ObjectiveName = "cost",
    second: ObjectiveName = "emissions",
    third: ObjectiveName | None = None,
    *,
    points: int | None = None,
    mode: FrontMode | None = None,
    extra: Any = None,
    end_slack: float = SLACK,
    start: Plan | None = None,
    known: Front | None = None,
    watch: Watch | None = None,
    on_point: PointWatch | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    **options: Unpack[SolveOptions],
) -> Front:
    r"""Return the plans that trade two or three objectives against each other.

    Every point is the least of ``first`` under ceilings ε on the others [1]_, a mixed-integer program of its own,

    .. math:: \min f_1(x) \quad \text{s.t.} \quad f_j(x) \le \varepsilon_j \;\; (j \ge 2)

    and the ends are lexicographic: the least of one objective first, then of the others among the plans that reach it.

    Parameters
    ----------
    study : Study or Session
        Missing layers are completed first. A session (:func:`evsiting.open_session`) starts from what was solved in it
        before; options left out are its own.
    first, second, third : {"cost", "emissions", "freight_emissions", "jobs", "late"}
        The objective minimised at each point, and one or two that are capped. More jobs are better.
    points : int, optional
        Plans on the front, ends included; at least 2. Points that coincide are given once. By default 9; in mode
        ``exact`` as many as there are.
    mode : {"steps", "adaptive", "exact"}, optional
        How the ceilings are chosen. ``steps``: of two objectives, in equal steps; the default. ``adaptive``: where the
        box that is left open between points is largest; the default with a ``third``. ``exact``: every nondominated
        point, until none is left, each to less than one step whatever ``gap`` says. That needs objectives which take
        values on a lattice alone at all plans that matter, such as whole job-years
        (:mod:`evsiting.optimize.fronts.integer_objectives`); elsewhere it is said why, and the points of ``adaptive``
        are returned.
    **options : SolveOptions
        How hard to try: see :class:`evsiting.optimize.options.SolveOptions`.
    extra : pulp.LpProblem or sequence of pulp rules, optional
        As in :func:`evsiting.solve`.
    end_slack : float, optional
        Relative part of the leading objective that each end gives up before the other is minimised, so that the
        solver's tolerances do not close what is left. Where the other objective is cheap to change, a millionth may
        move it by some 5e-4; at 0 nothing is given up, and the end is left as it was found where the solver sees no
        room. On a lattice it is half a step, which gives up nothing. [fraction]
    start : Plan, optional
        A plan to start the first program from.
    known : Front, optional
        An earlier, perhaps interrupted front of the same study: what it has proven is not solved again in equal steps
        (unless there are ``extra`` rules), and its plans start the rest.
    watch, on_point : callable, optional
        Told of the solver's progress, and of every point found.
    workers, executor : int, concurrent.futures.Executor, optional
        As in :func:`evsiting.sweep`, for the points between the ends in equal steps: each is then started from what is
        known before all of them, so that the front does not depend on how many are solved at the same time.

    Returns
    -------
    Front
        From the least of ``first`` on, none as good as another in all objectives; each plan's ``solve`` holds its
        ceilings and proven bound. ``complete`` says whether these are all that there are, ``remark`` why not. After
        Ctrl-C, the points found so far.

    Raises
    ------
    InputError
        If objectives are equal or unknown, ``points`` is below 2, or a limit is out of range.
    SolveError
        If not even a first plan can be found.

    Warns
    -----
    GapWarning
        If ``exact`` was asked for where the front is not finite.

    References
    ----------
    .. [1] G. Mavrotas, "Effective implementation of the ε-constraint method in multi-objective mathematical programming
       problems," Appl. Math. Comput. 213(2), 455-465, 2009, doi:10.1016/j.amc.2009.03.037.

    Examples
    --------
    >>> import evsiting as ev
    >>> front = ev.pareto(ev.example("starter"), "cost", "emissions", points=3)
    >>> front.table["cost"].is_monotonic_increasing
    True
    """
    expect("pareto", study=(study, (Study, Session)), **({} if start is None else {"start": (start, Plan)}))
    source, study = study, study_of(study)
    names: tuple[ObjectiveName, ...] = (first, second) if third is None else (first, second, third)
    chosen: FrontMode = mode or ("steps" if third is None else "adaptive")
    settings, problems = settings_of(source, options)
    if problems := [
        *front_problems(names, POINTS if points is None else points, end_slack),
        *_mode_problems(chosen, names, workers, executor),
        *at_once_problems(workers, executor, has_rules(source, extra)),
        *offer_problems("objectives", names, study),
        *problems,
    ]:
        raise InputError(problems)
    ready = session_of(source, settings, extra)
    hints = [*(known.plans if known is not None else []), *([start] if start is not None else [])]
    for plan in hints:
        ready.learn(plan)
    if chosen == "steps":
        sweep = Sweep(ready, names, watch, sealing_callback(on_point), end_slack, hints=hints, points=points or POINTS)
        sweep.at_once = AtOnce.wanted(ready.study, settings, workers, executor)
        sweep.proven += [] if known is None or ready.has_own_rules else still_proven(known, ready, end_slack)
        sweep.run()
        front = Front(names, tuple(refine_points(sweep)), dict(sweep.ideal), end_slack)
    else:
        front = _by_boxes(
            ready, names, chosen, points, BoxSearch(ready, names, watch, sealing_callback(on_point), end_slack, hints)
        )
    warn_of_gaps(front.plans)
    return sealed_front(front)


def _by_boxes(
    ready: Session, names: tuple[ObjectiveName, ...], mode: FrontMode, points: int | None, search: BoxSearch
) -> Front:
    """Return all points of a finite front, or those where most is left open."""
    lattices, why = integer_objectives(ready.program.milp, names) if mode == "exact" else ({}, "")
    remark, slack, tie = "", search.slack, TIE
    if lattices:
        search.ready = replace(ready, limits=replace(ready.limits, gap=0.0))
        search.every_point(lattices, points)
        remark = "" if search.complete else f"Some points may be missing: {search.left_open}."
        slack, tie = 0.0, 0.0
    else:
        search.widest_boxes(points or POINTS)
    if why:
        remark = f"There may be more points than those found: {why}."
        message = f"the front of {' against '.join(names)} is not finite: {why}. The points found are a choice of them"
        warnings.warn(message, GapWarning, stacklevel=5)
    plans = nondominated(with_best_bounds(search.plans, names[0]), names, tie)
    return Front(names, tuple(plans), dict(search.ideal), slack, search.complete, remark)


def _mode_problems(mode: object, names: Sequence[str], workers: object, executor: object) -> list[Problem]:
    """Return what is wrong with the way in which ceilings are chosen."""
    if mode not in MODES:
        return [Problem("mode", "no way to choose points", repr(mode), f"Choose from {', '.join(MODES)}")]
    problems = []
    if mode == "steps" and len(names) > 2:
        fix = "Choose adaptive or exact, or leave it out"
        problems.append(Problem("mode", "equal steps are for two objectives", f"{len(names)} are given", fix))
    if mode != "steps" and (workers is not None or executor is not None):
        fix = "Leave out workers and executor, or choose mode 'steps'"
        problems.append(Problem("workers", "each point depends on those before it", f"mode {mode!r}", fix))
    return problems
