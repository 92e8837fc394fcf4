"""What it is worth to know the future, and to plan for several: EVPI and VSS, as intervals that are proven."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Unpack

import pandas as pd

from evsiting.errors import InputError, Problem, SolveError, expect
from evsiting.model.extensive_form import Scenario, with_first_stage
from evsiting.optimize.arguments import (
    ObjectiveLike,
    objective_problems,
    resolved_settings,
    wants_verification,
    weights,
)
from evsiting.optimize.engines.base import Engine, EngineResult, Limits, Watch
from evsiting.optimize.engines.registry import find_engine
from evsiting.optimize.memory import report_out_of_memory
from evsiting.optimize.options import SolveOptions, with_options
from evsiting.optimize.proof import faults, first_certified
from evsiting.optimize.scenario_programs import cases, scenario_studies
from evsiting.optimize.solve import failure, solve
from evsiting.optimize.stochastic import solve_scenarios
from evsiting.optimize.verification import verified
from evsiting.results.assemble import plan_from_tables
from evsiting.results.plan import Plan, Status
from evsiting.results.scenario_plans import ScenarioPlans
from evsiting.study.study import Study

__all__ = ["Range", "ValueOfInformation", "value_of_information"]


@dataclass(frozen=True)
class Range:
    """A figure that is proven to lie between two others.

    Parameters
    ----------
    low, high : float
        Both infinite where no plan is possible.
    """

    low: float
    high: float

    def minus(self, other: Range) -> Range:
        """Return a difference that is known to be zero or more."""
        if math.isinf(self.low):
            return self
        return Range(max(0.0, self.low - other.high), max(0.0, self.high - other.low))


@dataclass(frozen=True)
class ValueOfInformation:
    r"""What the scenarios of a study are worth, in the unit of its objective [1]_.

    .. math:: WS \le RP \le EEV, \qquad EVPI = RP - WS, \qquad VSS = EEV - RP

    Parameters
    ----------
    objective_name : str
        What was minimised.
    wait_and_see : Range
        WS: expected value if the future were known before anything is built.
    here_and_now : Range
        RP: expected value of the plan for all scenarios, from its bound to what it reaches.
    reference_plan : Range
        EEV: expected value of the first stage of the reference plan, whatever comes; infinite where it serves some
        scenario with no flows at all.
    table : pandas.DataFrame
        By scenario: ``probability``, ``wait_and_see``, ``here_and_now``, ``reference_plan``, each as it is reached.

    Examples
    --------
    >>> import pandas as pd
    >>> import evsiting as ev
    >>> chances = pd.DataFrame({"scenario": ["low", "high"], "probability": [0.5, 0.5]})
    >>> change = {
    ...     "scenario": "low",
    ...     "table": "demand",
    ...     "column": "units_per_yr",
    ...     "action": "multiply",
    ...     "value": 0.8,
    ... }
    >>> study = ev.complete(ev.example("starter")).with_table("scenarios", chances)
    >>> study = study.with_table("scenario_changes", pd.DataFrame([change]))
    >>> worth = ev.value_of_information(study, gap=0.05)
    >>> worth.table["scenario"].tolist(), worth.vss.high >= 0.0
    (['high', 'low'], True)

    References
    ----------
    .. [1] J. R. Birge, F. Louveaux, "Introduction to Stochastic Programming," 2nd ed., Springer, 2011, chapter 4.
    """

    objective_name: str
    wait_and_see: Range
    here_and_now: Range
    reference_plan: Range
    table: pd.DataFrame

    @property
    def evpi(self) -> Range:
        """Expected value of perfect information: the most that it is worth to know the future first."""
        return self.here_and_now.minus(self.wait_and_see)

    @property
    def vss(self) -> Range:
        """Value of the stochastic solution: what planning for all scenarios saves against planning for one."""
        return self.reference_plan.minus(self.here_and_now)

    def __repr__(self) -> str:
        return "\n".join([*(f"{name:<36}{text}" for name, text in self._facts()), self.table.to_string(index=False)])

    def _facts(self) -> list[tuple[str, str]]:
        named = (
            ("wait and see", self.wait_and_see),
            ("here and now", self.here_and_now),
            ("plan of the reference case", self.reference_plan),
            ("value of perfect information", self.evpi),
            ("value of the stochastic solution", self.vss),
        )
        return [("objective", self.objective_name), *((n, f"{r.low:,.6g} to {r.high:,.6g}") for n, r in named)]

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(n)}</th><td>{escape(v)}</td></tr>" for n, v in self._facts()
        )
        return f"<table>{rows}</table>{self.table.to_html(index=False)}"


@report_out_of_memory
@with_options
def value_of_information(
    study: Study,
    plans: ScenarioPlans | None = None,
    *,
    reference: Plan | None = None,
    objective: ObjectiveLike | None = None,
    watch: Watch | None = None,
    **options: Unpack[SolveOptions],
) -> ValueOfInformation:
    """Return what perfect information and planning for all scenarios are worth (EVPI and VSS).

    Solves one program more for each scenario, one for the reference plan, and one with its first stage fixed for each
    scenario. Figures are intervals, because no program is solved to the last cent.

    Parameters
    ----------
    study : Study
        With table ``scenarios``.
    plans : ScenarioPlans, optional
        From :func:`evsiting.solve_scenarios`, in expectation; solved first where they are left out.
    reference : Plan, optional
        The plan that would be made otherwise; by default that of the base case, which is the tables as they stand.
        Chapter 4 of [1]_ takes the plan of the mean: where only figures differ, put the mean into the tables.
    objective, watch
        As in :func:`evsiting.solve`. The objective of ``plans`` holds where they are given.
    **options : SolveOptions
        How hard to try: see :class:`evsiting.optimize.options.SolveOptions`.

    Returns
    -------
    ValueOfInformation
        Prints itself.

    Raises
    ------
    InputError
        If the study has no scenarios, one does not hold, or ``plans`` are of another study, weigh risk or regret.
    SolveError
        If a scenario has no plan at all.

    References
    ----------
    .. [1] J. R. Birge, F. Louveaux, "Introduction to Stochastic Programming," 2nd ed., Springer, 2011, chapter 4.

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
    >>> worth = ev.value_of_information(study, gap=0.05)
    >>> worth.evpi.low <= worth.evpi.high, worth.vss.low <= worth.vss.high
    (True, True)
    """
    arguments: dict[str, tuple[object, type]] = {} if plans is None else {"plans": (plans, ScenarioPlans)}
    arguments |= {} if reference is None else {"reference": (reference, Plan)}
    expect("value_of_information", study=(study, Study), **arguments)
    settings, problems = resolved_settings(study.settings.solve, options)
    wanted: Any = settings.objective if objective is None else objective
    wanted = plans.solve.weights if plans is not None else wanted
    problems += objective_problems(wanted)
    if problems:
        raise InputError(problems)
    ready, studies = scenario_studies(study)
    if plans is None:
        plans = solve_scenarios(ready, objective=wanted, watch=watch, **options)
    if plans.study_digest != ready.digest or plans.risk_aversion or plans.best_alone:
        seen = f"risk aversion {plans.risk_aversion:g}, study {plans.study_digest[:12]} and not {ready.digest[:12]}"
        fix = "Give plans of this study, solved in expectation"
        raise InputError([Problem("plans", "are of another study, or weigh risk", seen, fix)])
    if reference is None:
        reference = solve(ready, objective=wanted, watch=watch, **options)
    run = _runner(
        find_engine(settings.engine), Limits.of(settings), wanted, watch, wants_verification(settings), studies
    )
    free: dict[str, Range] = {}
    tried: dict[str, Range] = {}
    for case in cases(ready, studies):
        free[case.name] = _free(run, case, studies[case.name])
        tried[case.name] = _with_first_stage(run, case, reference, studies[case.name])
    chance = plans.probability
    return ValueOfInformation(
        plans.solve.objective_name,
        _mean(free, chance),
        Range(plans.solve.bound, plans.solve.objective),
        _mean(tried, chance),
        pd.DataFrame(
            {
                "scenario": list(free),
                "probability": [chance[name] for name in free],
                "wait_and_see": [r.high for r in free.values()],
                "here_and_now": [plans.plans[name].solve.objective for name in free],
                "reference_plan": [tried[name].high for name in free],
            }
        ),
    )


_Run = Callable[[Scenario, Any], EngineResult]


def _runner(
    engine: Engine,
    limits: Limits,
    objective: ObjectiveLike,
    watch: Watch | None,
    verify: bool | None,
    studies: Mapping[str, Study],
) -> _Run:
    """Return the function that solves a program of a scenario; what it answers has passed its certificate."""
    weighed = weights(objective)

    def run(case: Scenario, milp: Any) -> EngineResult:
        aim, study = case.aim(weighed), studies[case.name]
        answer = engine.run(milp, aim, limits, watch=watch)
        answer = verified(milp, aim, engine, limits, answer, verify=verify, study=case.name)
        if not len(answer.columns):
            return answer

        def made(result: EngineResult) -> tuple[None, list[str]]:
            record = result.record(milp, aim, limits, engine.name, result.seconds)
            return None, faults(study, plan_from_tables(study, case.program.tables(result.columns), record))

        return first_certified(milp, aim, engine, limits, answer, made, case.name)[1]

    return run


def _free(run: _Run, case: Scenario, study: Study) -> Range:
    """Return the least objective of a scenario on its own."""
    result = run(case, case.program.milp)
    if not len(result.columns):
        raise failure(result, Limits(), study, None)
    return Range(result.bound, result.objective)


def _with_first_stage(run: _Run, case: Scenario, reference: Plan, study: Study) -> Range:
    """Return the least objective of a scenario with the first stage of a plan; infinite where it has none."""
    milp = with_first_stage(case, reference.tables)
    result = run(case, milp) if milp is not None else EngineResult(Status.INFEASIBLE)
    if result.status is Status.INFEASIBLE:
        return Range(math.inf, math.inf)
    if not len(result.columns):
        name = study.settings.study.name
        msg = f"the flows of the reference plan in {name!r} were not found ({result.status}); allow more time"
        raise SolveError(msg)
    return Range(result.bound, result.objective)


def _mean(ranges: Mapping[str, Range], chance: Mapping[str, float]) -> Range:
    return Range(*(sum(chance[s] * getattr(r, side) for s, r in ranges.items()) for side in ("low", "high")))
