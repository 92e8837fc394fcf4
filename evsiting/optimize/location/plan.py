"""A plan of a location problem while it is looked for."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from evsiting.model.milp import FloatArray
from evsiting.optimize.location.problem import LocationProblem


@dataclass(frozen=True, eq=False)
class Plan:
    """Open sites, what each serves, and the cost.

    Parameters
    ----------
    opened : numpy.ndarray of bool, shape (M,)
        Whether each site is open.
    flows : scipy.sparse.csr_array, shape (M, N)
        Part of each market that each site serves. [fraction]
    cost : float
        Of sites and service.
    """

    opened: NDArray[np.bool_]
    flows: sparse.csr_array
    cost: float


def plan_cost(problem: LocationProblem, opened: NDArray[np.bool_], flows: sparse.csr_array) -> float:
    """Return the cost of a plan, from the arrays that were given."""
    at = flows.tocoo()
    served = problem.cost[at.row, at.col] * at.data
    return math.fsum([*problem.fixed_cost[opened].tolist(), *served.tolist()])


def nearest_plan(problem: LocationProblem, opened: NDArray[np.bool_]) -> Plan:
    """Return the plan in which the cheapest open site serves each market; capacities are not looked at.

    Examples
    --------
    >>> from evsiting.optimize.location.problem import location_problem
    >>> problem = location_problem("f", [[1.0, 4.0], [5.0, 2.0]], 3.0)
    >>> nearest_plan(problem, np.array([True, True])).cost
    9.0
    """
    sites = np.flatnonzero(opened)
    which = np.argmin(problem.cost[sites], axis=0)
    markets = np.arange(problem.markets)
    entries = np.ones(problem.markets), (sites[which], markets)
    flows = sparse.coo_array(entries, shape=problem.cost.shape).tocsr()
    least: FloatArray = problem.cost[sites[which], markets]
    return Plan(opened.copy(), flows, math.fsum([*problem.fixed_cost[opened].tolist(), *least.tolist()]))
