"""Which sites to open so that serving all markets costs least: uncapacitated, capacitated, single-source, p-median."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from evsiting.errors import InfeasibleError, NoSolutionError, Problems
from evsiting.optimize.engines.base import status_from_bounds
from evsiting.optimize.location.capacitated import solve_capacitated
from evsiting.optimize.location.plan import Plan
from evsiting.optimize.location.problem import FINE, FINER, Effort, LocationProblem, effort, location_problem
from evsiting.optimize.location.program import Rest, left, solve_rest
from evsiting.optimize.location.result import LocationResult
from evsiting.optimize.location.single_source import solve_single_source
from evsiting.optimize.location.tree import Tree
from evsiting.optimize.location.uncapacitated import solve_uncapacitated
from evsiting.results.record.solve import Status

__all__ = ["facility_location"]


def facility_location(
    cost: ArrayLike,
    fixed_cost: ArrayLike,
    *,
    demand: ArrayLike | None = None,
    capacity: ArrayLike | None = None,
    p: int | None = None,
    single_source: bool = False,
    gap: float = 1e-4,
    time_limit_s: float | None = None,
    threads: int | None = None,
) -> LocationResult:
    r"""Choose sites so that opening them and serving all markets costs least.

    .. math:: \min \sum_i f_i y_i + \sum_{ij} c_{ij} x_{ij}, \quad \sum_i x_{ij} = 1, \quad 0 \le x_{ij} \le y_i, \quad
       \sum_j d_j x_{ij} \le s_i y_i, \quad \sum_i y_i = p, \quad y_i \in \{0, 1\}

    Parameters
    ----------
    cost : array_like, shape (M, N)
        Cost of serving all of market j from site i; infinite where the site cannot serve it.
    fixed_cost : array_like, shape (M,), or float
        Cost of opening each site; 0 for a p-median.
    demand : array_like, shape (N,), optional
        What each market takes of a site's capacity. Costs are not multiplied by it.
    capacity : array_like, shape (M,), or float, optional
        Most demand that each site serves.
    p : int, optional
        Number of sites to open, exactly. As many as pay where it is left out.
    single_source : bool
        Whether each market is served by one site alone. Without capacities it always can be.
    gap : float
        Relative gap between plan and bound at which the plan may be called optimal. One of 0.001 or less is tried to be
        brought down to a hundredth of it, so that what is called optimal seldom is not the best. [fraction]
    time_limit_s : float, optional
        Wall-clock limit; what was found by then is returned with its gap. [s]
    threads : int, optional
        Threads; as many as there are processors where it is left out.

    Returns
    -------
    LocationResult
        Open sites, assignment, objective, bound, gap and status.

    Raises
    ------
    InputError
        Naming everything that is wrong with the arguments; also where demand is more than capacity.
    InfeasibleError
        If no plan keeps the capacities.
    NoSolutionError
        If the time limit ended the run before any plan was found.

    Examples
    --------
    >>> import evsiting as ev
    >>> cost = [[1.0, 4.0, 9.0], [5.0, 2.0, 6.0], [8.0, 7.0, 1.0]]
    >>> found = ev.facility_location(cost, [4.0, 3.0, 3.0])
    >>> found.sites.tolist(), found.objective, str(found.status)
    ([0, 2], 13.0, 'optimal')
    >>> ev.facility_location(cost, 0.0, p=1).sites.tolist()  # the 1-median
    [1]
    >>> tight = ev.facility_location(cost, 9.0, demand=[2.0, 2.0, 2.0], capacity=3.0)
    >>> tight.sites.tolist(), tight.objective
    ([0, 2], 25.5)
    """
    began, problems = time.perf_counter(), Problems()
    call = "facility_location"
    trying = effort(call, gap, time_limit_s, threads, problems)
    problem = location_problem(
        call, cost, fixed_cost, demand=demand, capacity=capacity, p=p, single_source=single_source, problems=problems
    )
    plan, bound, nodes, limit = _solved(problem, trying, began)
    if plan is None:
        if limit:
            msg = f"{call}: no plan was found in {trying.time_s:g} s; give a longer time_limit_s"
            raise NoSolutionError(msg, limit)
        within = "" if problem.capacity is None else " within the capacities"
        way_out = "more finite costs" if problem.capacity is None else "more capacity"
        way_out += "" if p is None else ", or a larger p"
        msg = f"{call}: no choice of sites serves every market{within}; give {way_out}"
        raise InfeasibleError(msg)
    bound = min(bound, plan.cost)
    status = status_from_bounds(Status.OPTIMAL, plan.cost, bound, trying.gap)
    return LocationResult(plan.opened, plan.flows, plan.cost, bound, status, time.perf_counter() - began, nodes)


def _solved(problem: LocationProblem, trying: Effort, began: float) -> tuple[Plan | None, float, int, str]:
    """Return plan, bound, parts and what ended the run early."""
    own = trying.gap * FINER if trying.gap <= FINE else trying.gap
    finer = Effort(own, trying.time_s, trying.threads)
    tree = _search(finite(problem), finer, began)
    if tree is None:
        return None, -math.inf, 1, "time" if time.perf_counter() - began >= finer.time_s else ""
    at = tree.plan.flows.tocoo()
    late = "time" if tree.parts else ""
    if np.isfinite(problem.cost[at.row, at.col]).all():
        return tree.plan, tree.bound, tree.nodes, late
    if problem.capacity is None or late:
        return None, -math.inf, tree.nodes, late
    result, plan = solve_rest(
        problem, Rest.everything(problem), left(finer, began)
    )  # a small part may have been unserved
    return plan, result.bound if plan is not None else -math.inf, tree.nodes, result.limit


def _search(problem: LocationProblem, finer: Effort, began: float) -> Tree | None:
    """Return the search that suits a problem."""
    if problem.capacity is None:
        return solve_uncapacitated(problem, finer, began)
    return (solve_single_source if problem.single_source else solve_capacitated)(problem, finer, began)


def finite(problem: LocationProblem) -> LocationProblem:
    """Return the problem with finite costs: a pair that cannot serve costs more than any plan without such pairs."""
    known = np.isfinite(problem.cost)
    if known.all():
        return problem
    dearest = np.where(known, np.abs(problem.cost), 0.0).max(axis=0)
    beyond = math.ceil(2.0 * (float(dearest.sum()) + float(np.abs(problem.fixed_cost).sum())) + 1.0)
    if problem.capacity is not None:  # a part of a market as well: as small as demand and capacities can make it
        beyond *= 1000
    return replace(problem, cost=np.where(known, problem.cost, float(beyond)))
