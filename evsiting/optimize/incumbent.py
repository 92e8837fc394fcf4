"""Keep the best plan and the best bound over all runs for one answer."""

from __future__ import annotations

import math
from dataclasses import replace

from evsiting.model.milp import FloatArray, Milp, Objective
from evsiting.optimize.engines.base import EngineResult, status_from_bounds
from evsiting.optimize.engines.dual_bound import safe_bound
from evsiting.optimize.engines.integer_repair import refine_flows
from evsiting.results.plan import Status
from evsiting.results.record.bound_prices import BoundPrices

__all__ = ["with_bound", "with_prices", "with_start"]

#: Largest relative violation of a row by a point that counts as a plan. [fraction]
KEPT = 1e-7


def with_bound(result: EngineResult, bound: float, gap: float) -> EngineResult:
    """Return an answer with the better of its bound and one that was proven elsewhere.

    Parameters
    ----------
    result : EngineResult
        What a run answered.
    bound : float
        What no plan is below, by an earlier run. In the objective's real unit.
    gap : float
        Asked for. [fraction]

    Examples
    --------
    >>> with_bound(EngineResult(Status.NO_SOLUTION, limit="time"), 7.0, 0.01).bound
    7.0
    """
    if not bound > result.bound:
        return result
    if len(result.columns):
        proven = min(bound, result.objective)
        status = status_from_bounds(Status.FEASIBLE, result.objective, proven, gap)
        limit = "" if status is Status.OPTIMAL and result.limit != "interrupt" else result.limit
        return replace(result, bound=proven, status=status, limit=limit)
    return replace(result, bound=bound) if result.status is Status.NO_SOLUTION else result


def with_prices(milp: Milp, objective: Objective, result: EngineResult) -> EngineResult:
    """Return the answer to a linear program with the prices that prove its bound; any other answer as it is.

    Parameters
    ----------
    milp, objective
        What was asked.
    result : EngineResult
        What a run answered.
    """
    if milp.integer.any() or len(result.prices) != milp.shape[0] or not len(result.columns):
        return result
    proven = objective.real(safe_bound(milp, objective, result.prices))
    if not math.isfinite(proven):
        return result
    return replace(result, proof=BoundPrices.of_relaxation(result.prices), price_bound=proven)


def with_start(
    milp: Milp, objective: Objective, result: EngineResult, start: FloatArray | None, gap: float
) -> EngineResult:
    """Return an answer; where a limit left it without a plan, the start if that is one.

    Parameters
    ----------
    milp, objective
        What was asked.
    result : EngineResult
        What a run answered.
    start : numpy.ndarray, shape (N,), optional
        The point from which it started; columns that are no decisions may be missing in it.
    gap : float
        Asked for. [fraction]
    """
    if start is None or len(result.columns) or result.status is not Status.NO_SOLUTION:
        return result
    point: FloatArray | None = start
    if max(milp.violation(start).values()) > KEPT:
        point = refine_flows(milp, objective, start)
    if point is None or max(milp.violation(point).values()) > KEPT:
        return result
    value = objective.value(point)
    if not math.isfinite(value):
        return result
    bound = min(result.bound, value)
    return replace(
        result,
        columns=point,
        objective=value,
        bound=bound,
        status=status_from_bounds(Status.FEASIBLE, value, bound, gap),
    )
