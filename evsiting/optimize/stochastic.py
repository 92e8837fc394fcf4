"""One plan for several futures: what is built is decided now, what flows when it is known which future came."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from numbers import Real
from types import MappingProxyType
from typing import Unpack

import numpy as np

from evsiting.errors import InputError, Problem, expect
from evsiting.model.extensive_form import (
    FIRST_STAGE,
    Extensive,
    Scenario,
    join,
    put_regret,
    put_tail,
    with_regret,
    with_risk,
)
from evsiting.model.milp import FloatArray, Milp, Objective
from evsiting.optimize.arguments import (
    ObjectiveLike,
    objective_problems,
    resolved_settings,
    wants_verification,
    weights,
)
from evsiting.optimize.engines.base import Engine, EngineResult, Limits, Watch, status_from_bounds
from evsiting.optimize.engines.best_so_far import best_so_far
from evsiting.optimize.engines.registry import find_engine
from evsiting.optimize.gaps import warn_of_gaps
from evsiting.optimize.incumbent import with_start
from evsiting.optimize.infeasibility import MOST_S, all_that_is_asked, evidence
from evsiting.optimize.memory import report_out_of_memory
from evsiting.optimize.options import SolveOptions, with_options
from evsiting.optimize.proof import faults, first_certified
from evsiting.optimize.scenario_decomposition import is_decomposed, solve_decomposed
from evsiting.optimize.scenario_programs import cases, scenario_studies
from evsiting.optimize.sessions.failure import failure
from evsiting.optimize.sessions.prepared import MIN_S
from evsiting.optimize.sweeps.sweep import solve_each_scenario
from evsiting.optimize.verification import verified
from evsiting.results.assemble import plan_from_tables, versions
from evsiting.results.case_plans import CasePlans
from evsiting.results.plan import Plan, Solve, Status
from evsiting.results.record.solve import ALL_SCENARIOS
from evsiting.results.scenario_plans import ScenarioPlans
from evsiting.results.seal import seal_plan
from evsiting.study.study import Study
from evsiting.units.percent import percent_fix

__all__ = ["solve_scenarios"]

logger = logging.getLogger(__name__)


@report_out_of_memory
@with_options
def solve_scenarios(
    study: Study,
    *,
    objective: ObjectiveLike | None = None,
    risk_aversion: float = 0.0,
    cvar_level: float = 0.95,
    criterion: str = "expected",
    alone: CasePlans | None = None,
    start: ScenarioPlans | None = None,
    watch: Watch | None = None,
    **options: Unpack[SolveOptions],
) -> ScenarioPlans:
    r"""Choose sites and sizes that are best over all scenarios of a study, with a proven bound.

    A two-stage program with recourse in its extensive form [1]_: builds, expansions, closings, resumptions, grid
    upgrades and claims of programs in all periods are decided before it is known which scenario comes true; all else
    (what is made, bought and shipped, unmet demand, clean power, credits) is decided for each scenario on its own.
    Where the program of one scenario is large by itself, they are solved one by one
    (:mod:`evsiting.optimize.scenario_decomposition`).

    .. math:: \min_x\ \sum_\omega \pi_\omega\,Q_\omega(x)

    Parameters
    ----------
    study : Study
        With table ``scenarios``; missing layers are completed first.
    objective : {"cost", "emissions", "freight_emissions", "jobs", "late"} or mapping, optional
        What to minimise in expectation, as in :func:`evsiting.solve`.
    risk_aversion : float, optional
        Weight of the mean over the worst futures (conditional value-at-risk [2]_) in place of that over all, 0 to below
        1. [1]
    cvar_level : float, optional
        Which futures are the worst: those of the last part ``1 - cvar_level`` of the probability. [1]
    criterion : {"expected", "regret"}, optional
        ``regret``: instead, the largest regret of any scenario is made least [3]_, whatever the probabilities: by how
        much the plan is worse than the best one would have been, had the scenario been known.
    alone : CasePlans, optional
        For ``regret``: the best plan of each scenario by itself, from :func:`evsiting.solve_each_scenario`; solved
        first where it is left out.
    start : ScenarioPlans, optional
        Plans to start from, such as those of a run that was stopped; what their prices prove is recomputed.
    **options : SolveOptions
        How hard to try: see :class:`evsiting.optimize.options.SolveOptions`.
    watch : callable, optional
        As in :func:`evsiting.solve`.

    Returns
    -------
    ScenarioPlans
        One certified plan a scenario, all with the same first stage.

    Raises
    ------
    InputError
        If the study has no scenarios, or one of them does not hold; every problem names its scenario.
    InfeasibleError, UnboundedError, NoSolutionError
        If no first stage is good for every scenario, and why.

    References
    ----------
    .. [1] J. R. Birge, F. Louveaux, "Introduction to Stochastic Programming," 2nd ed., Springer, 2011, chapter 2.
    .. [2] R. T. Rockafellar, S. Uryasev, "Optimization of conditional value-at-risk," Journal of Risk 2(3), 21-41,
       2000.
    .. [3] P. Kouvelis, G. Yu, "Robust Discrete Optimization and Its Applications," Kluwer, 1997.

    Examples
    --------
    >>> import pandas as pd
    >>> import evsiting as ev
    >>> chances = pd.DataFrame({"scenario": ["as planned", "boom"], "probability": [0.7, 0.3]})
    >>> boom = {
    ...     "scenario": "boom",
    ...     "table": "demand",
    ...     "column": "units_per_yr",
    ...     "action": "multiply",
    ...     "value": 1.2,
    ... }
    >>> study = ev.example("starter").with_table("scenarios", chances)
    >>> study = study.with_table("scenario_changes", pd.DataFrame([boom]))
    >>> plans = ev.solve_scenarios(study, gap=0.05)
    >>> ev.certify_scenarios(study, plans).passed
    True
    >>> bool(abs(plans.expected["cost"] - plans.value) < 1.0)
    True
    """
    expect("solve_scenarios", study=(study, Study), **({} if start is None else {"start": (start, ScenarioPlans)}))
    began = time.perf_counter()
    settings, problems = resolved_settings(study.settings.solve, options)
    wanted = settings.objective if objective is None else objective
    problems += [*objective_problems(wanted), *_risk_problems(risk_aversion, cvar_level)]
    problems += _criterion_problems(criterion, alone, risk_aversion)
    if problems:
        raise InputError(problems)
    solver = find_engine(settings.engine)
    limits = Limits.of(settings)
    ready, studies = scenario_studies(study)
    _check_is_counted(wanted, studies)
    form = join(cases(ready, studies))
    weighed = weights(wanted)
    best = _best_alone(ready, studies, wanted, alone, options) if criterion == "regret" else {}
    if best:
        milp, aim = with_regret(form, weighed, {name: ends[0] for name, ends in best.items()})
    else:
        milp, aim = with_risk(form, weighed, risk_aversion, cvar_level)
    point = None if start is None else _starting_point(form, milp, aim, weighed, start, (cvar_level, best))
    if not best and is_decomposed(form.scenarios, solver):
        risk, known = (risk_aversion, cvar_level), None if start is None else start.solve.prices
        answer = solve_decomposed(form, milp, aim, studies, solver, limits, weighed, risk=risk, start=point,
                                  known=known, watch=watch)  # fmt: skip
    else:
        answer = solver.run(milp, aim, limits, start=point, watch=best_so_far(watch))
        answer = with_start(milp, aim, answer, point, limits.gap)
    left = replace(limits, time_s=max(MIN_S, limits.time_s - (time.perf_counter() - began)))
    title = ready.settings.study.name
    answer = verified(milp, aim, solver, left, answer, verify=wants_verification(settings), study=title)
    if not len(answer.columns):
        raise failure(answer, limits, ready, None, _evidence(answer, form.scenarios, studies, solver, limits))
    if best:
        answer = _with_best_recourse(milp, form.milp.combined(weighed), answer, solver, left)

    def made(result: EngineResult) -> tuple[ScenarioPlans, list[str]]:
        record = result.record(milp, aim, limits, solver.name, time.perf_counter() - began)
        return _answer(ready, studies, form, result, record, (risk_aversion, cvar_level, best))

    plans, answer = first_certified(milp, aim, solver, limits, answer, made, title)
    logger.info("%d scenarios: %s %.6g, bound %.6g", len(studies), answer.status, answer.objective, answer.bound)
    warn_of_gaps(_with_joint_gap(plans))
    return replace(plans, plans={name: seal_plan(plan) for name, plan in plans.plans.items()})


def _with_joint_gap(plans: ScenarioPlans) -> list[Plan]:
    """Return the plans, each with the relative gap that is proven of all together."""
    share = plans.solve.gap if math.isfinite(plans.solve.gap) else 0.0
    closed = []
    for plan in plans.plans.values():
        bound = plan.solve.objective - share * abs(plan.solve.objective)
        closed.append(replace(plan, solve=replace(plan.solve, bound=bound)))
    return closed


def _evidence(
    result: EngineResult, scenarios: Sequence[Scenario], studies: Mapping[str, Study], engine: Engine, limits: Limits
) -> str:
    """Return what is at fault where no first stage is good for all: a scenario that has no plan of its own, or none."""
    if result.status is not Status.INFEASIBLE:
        return ""
    nothing, until = Status.INFEASIBLE, time.perf_counter() + min(MOST_S, limits.time_s)
    for case in scenarios:
        within = replace(limits, time_s=max(MIN_S, until - time.perf_counter()))
        milp = case.program.milp
        aim = Objective("feasibility", np.zeros(milp.shape[1]), 0.0, 1.0)
        if engine.run(milp, aim, within).status is nothing:
            reason = evidence(studies[case.name], case.program, case.program, engine, within)
            return f"Scenario {case.name!r} has none even by itself. {reason or all_that_is_asked(studies[case.name])}"
        if time.perf_counter() > until:
            return ""
    return (
        "Every scenario has a plan of its own, but no set of plants, moves and claims is good for all of them: loosen "
        "what differs between the scenarios (table scenario_changes), or give demand an unmet_penalty"
    )


def _check_is_counted(objective: ObjectiveLike, studies: dict[str, Study]) -> None:
    """Refuse an objective that no scenario counts."""
    problems = [objective_problems(objective, own) for own in studies.values()]
    if all(problems):
        raise InputError(problems[0])


def _risk_problems(aversion: object, level: object) -> list[Problem]:
    """Return what is wrong with the arguments on risk."""
    fix = "Give a part of zero or more and below 1"
    return [
        Problem(name, "is no part below 1", repr(value), percent_fix(fix, value))
        for name, value in (("risk_aversion", aversion), ("cvar_level", level))
        if isinstance(value, bool) or not isinstance(value, Real) or not 0.0 <= float(value) < 1.0
    ]


def _criterion_problems(criterion: object, alone: object, aversion: object) -> list[Problem]:
    """Return what is wrong with the arguments on what is to be least."""
    problems = []
    if criterion not in ("expected", "regret"):
        problems.append(Problem("criterion", "is unknown", repr(criterion), "Give 'expected' or 'regret'"))
    if criterion == "regret" and aversion:
        fix = "Leave out risk_aversion: the largest regret knows no probabilities"
        problems.append(Problem("risk_aversion", "stands beside criterion 'regret'", repr(aversion), fix))
    if alone is not None and (criterion != "regret" or not isinstance(alone, CasePlans)):
        fix = "Give the plans of evsiting.solve_each_scenario, with criterion 'regret'"
        problems.append(Problem("alone", "is of no use here", f"a {type(alone).__name__}", fix))
    return problems


def _best_alone(
    study: Study, studies: Mapping[str, Study], objective: ObjectiveLike, alone: CasePlans | None, options: SolveOptions
) -> dict[str, tuple[float, float]]:
    """Return objective and bound of the best plan of each scenario by itself.

    Raises
    ------
    InputError
        If one has no plan, or the plans are of another study or objective.
    """
    cases = solve_each_scenario(study, objective=objective, workers=1, **options) if alone is None else alone
    problems = []
    if cases.study_digest != study.digest:
        fix = "Give evsiting.solve_each_scenario of this study"
        problems.append(Problem("alone", "is of another study", cases.study_digest[:12], fix))
    for name in studies:
        plan = cases.plans.get(name)
        if plan is None:
            reason = cases.without.get(name) or cases.failures.get(name, "not solved")
            problems.append(Problem(f"scenario {name!r}", "has no plan by itself to regret", reason, "Loosen it"))
        elif dict(plan.solve.weights) != weights(objective):
            fix = "Give plans of the same objective"
            problems.append(Problem(f"alone, {name}", "minimises something else", plan.solve.objective_name, fix))
    if problems:
        raise InputError(problems)
    return {name: (cases.plans[name].solve.objective, cases.plans[name].solve.bound) for name in studies}


def _starting_point(
    form: Extensive,
    milp: Milp,
    aim: Objective,
    weighed: Mapping[str, float],
    start: ScenarioPlans,
    how: tuple[float, Mapping[str, tuple[float, float]]],
) -> FloatArray:
    """Return plans as a point of the joint program, with the columns that risk or regret adds."""
    level, best = how
    own = form.point({name: plan.tables for name, plan in start.plans.items()})
    point = np.append(own, np.zeros(milp.shape[1] - len(own)))
    if best:
        put_regret(form, weighed, aim.unit, {name: ends[0] for name, ends in best.items()}, point)
    else:
        put_tail(form, weighed, aim.unit, level, point)
    return point


def _with_best_recourse(
    milp: Milp, mean: Objective, result: EngineResult, engine: Engine, limits: Limits
) -> EngineResult:
    """Return a point of the same first stage and largest regret at which the expectation is least.

    Only the scenarios of the largest regret are pressed down by it: what flows in the others may be anything within it.
    """
    low, high = milp.column_lower.copy(), milp.column_upper.copy()
    for block in (b for b in milp.column_blocks if b.family in FIRST_STAGE):
        span = slice(block.start, block.stop)
        low[span] = high[span] = np.round(result.columns[span])
    low[-1] = high[-1] = result.columns[-1]
    aim = replace(mean, coefficients=np.append(mean.coefficients, 0.0))
    fixed = replace(milp, column_lower=low, column_upper=high)
    again = engine.run(fixed, aim, limits, start=result.columns)
    return replace(result, columns=again.columns) if len(again.columns) else result


def _answer(
    study: Study,
    studies: dict[str, Study],
    form: Extensive,
    result: EngineResult,
    solve: Solve,
    how: tuple[float, float, Mapping[str, tuple[float, float]]],
) -> tuple[ScenarioPlans, list[str]]:
    """Return the plans of a point of the joint program, and what is wrong with them."""
    points, tables = form.points(result.columns), form.tables(result.columns)
    plans: dict[str, Plan] = {}
    wrong: list[str] = []
    for s in form.scenarios:
        mine = s.aim(solve.weights)
        own = replace(
            solve,
            status=Status.FEASIBLE,
            objective=mine.value(points[s.name]),
            bound=-math.inf,
            limit=ALL_SCENARIOS,
            constant=mine.unit * mine.constant,
            price_bound=-math.inf,
            prices=None,  # they are of all futures together
        )
        plans[s.name] = plan_from_tables(studies[s.name], tables[s.name], own)
        wrong += [f"{s.name}: {fault}" for fault in faults(studies[s.name], plans[s.name])]
    chances = {s.name: s.probability for s in form.scenarios}
    aversion, level, best = how
    made = ScenarioPlans(
        study.settings.study.name,
        study.digest,
        solve,
        MappingProxyType(chances),
        MappingProxyType(plans),
        aversion,
        level,
        MappingProxyType(versions()),
        MappingProxyType(dict(best)),
    )
    value = made.value
    size = max(abs(p.solve.objective) for p in plans.values())
    if not abs(value - solve.objective) <= 1e-6 * max(abs(value), size):  # nor where one is no number
        wrong.append(f"the scenarios add up to {value:.9g}, by the program they are {solve.objective:.9g}")
    # with risk the solver may leave the value at risk a little off its best, never below what the plans make of it
    bound = min(solve.bound, value)
    status = status_from_bounds(solve.status, value, bound, solve.gap_asked)
    return replace(made, solve=replace(solve, status=status, objective=value, bound=bound)), wrong
