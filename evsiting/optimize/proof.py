"""Check every plan against the study's tables before it is returned.

A plan that fails is repaired, its decisions kept and the flows settled anew to tighter tolerances, or sought once more
with another seed. One that still fails is refused, with what it breaks.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator
from dataclasses import replace

from evsiting.errors import CertificateError, SolveError, UncertifiedError
from evsiting.model.milp import FloatArray, Milp, Objective
from evsiting.optimize.engines.base import Engine, EngineResult, Limits, status_from_bounds
from evsiting.optimize.engines.integer_repair import refine_flows
from evsiting.results.certificate import certify, fresh_checks
from evsiting.results.ledgers.plan_rows import PlanRows
from evsiting.results.plan import Plan, Status
from evsiting.study.study import Study

__all__ = ["check_agreement", "faults", "first_certified", "holds", "own_rules_broken"]

logger = logging.getLogger(__name__)

#: Largest relative violation of a user's own rule, which the certificate does not know. [fraction]
OWN = 1e-6
#: Longest second search for a plan where the first one fails its certificate. [s]
AGAIN_S = 60.0


def check_agreement(plan: Plan) -> None:
    """Refuse a plan whose ledgers do not add up to what the solver minimised: the program and the tables disagree."""
    solve, totals = plan.solve, plan.totals
    gross = {name: max(abs(totals[name]), 1e-3 * float(plan.ledgers[name]["value"].abs().sum())) for name in totals}
    stated, size = solve.value_of(totals), sum(abs(w) * gross[n] for n, w in solve.weights.items())
    if not abs(stated - solve.objective) <= 1e-6 * size:  # what is no number agrees with nothing
        name, value = solve.objective_name, solve.objective
        msg = f"by the ledgers {name} is {stated:.9g}, by the program {value:.9g}"
        raise SolveError(msg)


def faults(study: Study, plan: Plan, rows: PlanRows | None = None) -> list[str]:
    """Return what is wrong with a plan that was just made from a solver's point; nothing where it holds.

    Parameters
    ----------
    study : Study
        With its layers.
    plan : Plan
        Its record with the objective that the solver states.
    rows : PlanRows, optional
        What the plan was made of, so that it need not be joined again.
    """
    wrong = [f"total {name} is {value}" for name, value in plan.totals.items() if not math.isfinite(value)]
    try:
        check_agreement(plan)
    except SolveError as error:
        wrong.append(str(error))
    return wrong + [
        f"{check.name}: off by {check.worst:.3g}, allowed {check.allowed:.3g}; {check.where}: {check.seen}"
        for check in fresh_checks(study, plan, rows=rows)
        if not check.passed
    ]


def own_rules_broken(milp: Milp, columns: FloatArray) -> list[str]:
    """Return by how much a point breaks the rules of the user, which are in no table."""
    worst = milp.violation(columns).get("extra", 0.0)
    return [f"your own rules (extra): off by {worst:.3g}, allowed {OWN:g}"] if worst > OWN else []


def holds(study: Study, plan: Plan) -> bool:
    """Whether a plan from elsewhere, such as a folder, passes its whole certificate."""
    try:
        certify(study, plan).raise_if_failed()
    except CertificateError as error:
        logger.info("a known plan is passed over: %s", error)
        return False
    return True


def first_certified[T](
    milp: Milp,
    objective: Objective,
    engine: Engine,
    limits: Limits,
    result: EngineResult,
    make: Callable[[EngineResult], tuple[T, list[str]]],
    name: str,
) -> tuple[T, EngineResult]:
    """Return what a solver's answer becomes, repaired where it fails its certificate.

    Parameters
    ----------
    milp, objective, engine, limits
        What was asked of whom.
    result : EngineResult
        The answer, with a point.
    make : callable
        From an answer to what is handed out, and what is wrong with that.
    name : str
        Of the study.

    Raises
    ------
    UncertifiedError
        If what is made fails, and its repairs too.
    """
    first: list[str] = []
    for number, attempt in enumerate(_attempts(milp, objective, engine, limits, result)):
        made, wrong = make(attempt)
        if not wrong:
            if number:
                logger.info("the plan failed its certificate and was repaired (%s)", "; ".join(first))
            return made, attempt
        first = first or wrong
    lines = "\n".join(f"  {line}" for line in first)
    msg = (
        f"the plan that {engine.name} {result.version} found for study {name!r} fails its certificate, and is not "
        f"handed out:\n{lines}\nSettling its flows anew and another run with seed {limits.seed + 1} did not help. Try "
        "another engine (engine='scip', --engine scip), or look for figures of very different size in the tables"
    )
    raise UncertifiedError(msg)


def _attempts(
    milp: Milp, objective: Objective, engine: Engine, limits: Limits, result: EngineResult
) -> Iterator[EngineResult]:
    """Yield the answer, then its repairs."""
    yield result
    point = refine_flows(milp, objective, result.columns)
    if point is not None:
        yield _with_point(result, objective, point, limits)
    if result.limit == "interrupt":
        return
    again = replace(limits, seed=limits.seed + 1, time_s=min(limits.time_s, max(AGAIN_S, result.seconds)))
    other = engine.run(milp, objective, again)
    if len(other.columns):
        yield other
        point = refine_flows(milp, objective, other.columns)
        if point is not None:
            yield _with_point(other, objective, point, limits)


def _with_point(result: EngineResult, objective: Objective, point: FloatArray, limits: Limits) -> EngineResult:
    """Return an answer with another point: its bound stands, its status is judged anew."""
    value = objective.value(point)
    bound = min(result.bound, value)
    status = status_from_bounds(Status.FEASIBLE, value, bound, limits.gap)
    return replace(result, columns=point, objective=value, bound=bound, status=status)
