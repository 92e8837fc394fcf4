r"""The mixed-integer program of a location problem, or of what is left of it, and its solve by an engine."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from evsiting.model.milp import FloatArray, IntArray, Milp, MilpBuilder, Objective
from evsiting.optimize.engines.base import EngineResult, Limits
from evsiting.optimize.engines.registry import find_engine
from evsiting.optimize.location.plan import Plan, plan_cost
from evsiting.optimize.location.problem import Effort, LocationProblem

#: Longest run where no limit is asked for. [s]
FOREVER = 1e9
#: Smallest gap that the solver's arithmetic can tell. [fraction]
FINEST = 1e-9


@dataclass(frozen=True, eq=False)
class Rest:
    """What is left of a problem: sites that may be open, and pairs of site and market that may serve.

    Parameters
    ----------
    sites : numpy.ndarray of int, shape (S,)
        Sites that may be open.
    forced : numpy.ndarray of bool, shape (S,)
        Whether they must be.
    pair_site, pair_market : numpy.ndarray of int, shape (K,)
        Pairs: position in ``sites``, and market.
    """

    sites: IntArray
    forced: NDArray[np.bool_]
    pair_site: IntArray
    pair_market: IntArray

    @classmethod
    def everything(cls, problem: LocationProblem) -> Rest:
        """Return all sites and all pairs of finite cost."""
        site, market = np.nonzero(np.isfinite(problem.cost))
        sites = np.arange(problem.sites)
        return cls(sites, np.zeros(problem.sites, dtype=np.bool_), site, market)


def location_program(problem: LocationProblem, rest: Rest) -> tuple[Milp, Objective]:
    r"""Return the program of what is left, in its strong form.

    .. math:: \min \sum_i f_i y_i + \sum_{ij} c_{ij} x_{ij}, \quad \sum_i x_{ij} = 1, \quad x_{ij} \le y_i, \quad
       \sum_j d_j x_{ij} \le s_i y_i, \quad \sum_i s_i y_i \ge \sum_j d_j, \quad k \le \sum_i y_i \le K

    The sum of open capacities and the fewest sites that can serve all demand are redundant constraints that solvers do
    not find by themselves.

    Parameters
    ----------
    problem : LocationProblem
        Costs and capacities.
    rest : Rest
        Sites and pairs that are left.

    Returns
    -------
    milp, objective
        Columns: ``open`` for each site, then ``serve`` for each pair.
    """
    builder, count, pairs = MilpBuilder(), len(rest.sites), len(rest.pair_site)
    opened = builder.add_columns(
        "open", (count,), lambda i: (str(rest.sites[i]),), lower=rest.forced, upper=1.0, integer=True
    )
    serve = builder.add_columns(
        "serve",
        (pairs,),
        lambda k: (str(rest.sites[rest.pair_site[k]]), str(rest.pair_market[k])),
        upper=1.0,
        integer=problem.single_source,
    )
    markets, each = problem.markets, np.arange(pairs)
    builder.add_rows("served", markets, lambda j: (str(j),), (rest.pair_market, serve, 1.0), lower=1.0, upper=1.0)
    builder.add_rows(
        "link", pairs, lambda k: (str(k),), (each, serve, 1.0), (each, opened[rest.pair_site], -1.0), upper=0.0
    )
    if problem.capacity is not None:
        room = problem.capacity[rest.sites]
        size = max(float(room.max(initial=0.0)), 1e-300)
        taken = problem.demand[rest.pair_market] / size
        site = np.arange(count)
        label = lambda i: (str(rest.sites[i]),)  # noqa: E731
        builder.add_rows(
            "capacity", count, label, (rest.pair_site, serve, taken), (site, opened, -room / size), upper=0.0
        )
        total = float(problem.demand.sum()) / size
        builder.add_rows("total", 1, lambda _: (), (0, opened, room / size), lower=total * (1.0 - FINEST))
    builder.add_rows("count", 1, lambda _: (), (0, opened, 1.0), lower=problem.least, upper=problem.most)
    cost = np.concatenate([problem.fixed_cost[rest.sites], problem.cost[rest.sites[rest.pair_site], rest.pair_market]])
    unit = float(np.abs(cost).mean()) or 1.0
    objective = Objective("cost", cost / unit, 0.0, unit)
    return builder.finish([objective]), objective


def solve_rest(
    problem: LocationProblem, rest: Rest, effort: Effort, known: Plan | None = None
) -> tuple[EngineResult, Plan | None]:
    """Solve what is left with a solver.

    Parameters
    ----------
    problem, rest
        What to solve.
    effort : Effort
        How hard to try.
    known : Plan, optional
        To start from, where it lies in what is left.

    Returns
    -------
    result : EngineResult
        Status and bound, valid for what is left.
    plan : Plan or None
        The best that was found.
    """
    milp, objective = location_program(problem, rest)
    start = None if known is None else _point(rest, known)
    limits = Limits(max(effort.gap, FINEST), min(effort.time_s, FOREVER), effort.threads, doubt=known is None)
    result = find_engine("highs").run(milp, objective, limits, start=start)
    if not len(result.columns):
        return result, None
    count = len(rest.sites)
    opened = np.zeros(problem.sites, dtype=np.bool_)
    opened[rest.sites[result.columns[:count] > 0.5]] = True
    share = np.clip(result.columns[count:], 0.0, 1.0)
    keep = (share > FINEST) & opened[rest.sites[rest.pair_site]]
    entries = share[keep], (rest.sites[rest.pair_site[keep]], rest.pair_market[keep])
    flows = sparse.coo_array(entries, shape=problem.cost.shape).tocsr()
    return result, Plan(opened, flows, plan_cost(problem, opened, flows))


def _point(rest: Rest, known: Plan) -> FloatArray | None:
    """Return a plan as a point of the program; None where it does not lie in what is left."""
    share = np.asarray(known.flows[rest.sites[rest.pair_site], rest.pair_market]).ravel()
    if (
        not math.isclose(float(share.sum()), float(known.flows.sum()), rel_tol=1e-9)
        or known.opened.sum() != known.opened[rest.sites].sum()
    ):
        return None
    return np.concatenate([known.opened[rest.sites].astype(np.float64), share])


def left(effort: Effort, began: float) -> Effort:
    """Return the effort with what is left of its time."""
    return Effort(effort.gap, max(effort.time_s - (time.perf_counter() - began), 0.01), effort.threads)
