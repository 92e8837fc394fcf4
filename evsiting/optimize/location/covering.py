"""Which sites to open so that every market is near, or that most demand is within reach."""

from __future__ import annotations

import math
import time

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from evsiting.errors import InputError, NoSolutionError, Problem, Problems, shown
from evsiting.model.milp import FloatArray, IntArray, MilpBuilder, Objective
from evsiting.optimize.engines.base import EngineResult, Limits, status_from_bounds
from evsiting.optimize.engines.registry import find_engine
from evsiting.optimize.location.problem import (
    FINER,
    Effort,
    effort,
    is_number,
    location_problem,
    numbers,
    vector,
    whole_number,
)
from evsiting.optimize.location.program import FINEST, FOREVER
from evsiting.optimize.location.result import LocationResult
from evsiting.results.record.solve import Status

__all__ = ["max_cover", "p_center"]


def p_center(
    distance: ArrayLike, p: int, *, time_limit_s: float | None = None, threads: int | None = None
) -> LocationResult:
    r"""Choose p sites so that the market farthest from its nearest site is as near as can be.

    .. math:: \min_{|S| = p} \ \max_j \ \min_{i \in S} c_{ij}

    The best value is one of the distances. It is found by bisection over them: can p sites cover every market within
    this distance [1]_? A greedy cover and a packing of markets that no site covers together answer most of these
    questions, a set cover program the rest.

    Parameters
    ----------
    distance : array_like, shape (M, N)
        Distance, time or cost between site i and market j; infinite where the site cannot serve it.
    p : int
        Number of sites to open.
    time_limit_s : float, optional
        Wall-clock limit; what was found by then is returned with its gap. [s]
    threads : int, optional
        Threads; as many as there are processors where it is left out.

    Returns
    -------
    LocationResult
        Its objective is the largest distance of a market to its site.

    Raises
    ------
    InputError
        Naming everything that is wrong with the arguments; also where no p sites reach all markets.

    References
    ----------
    .. [1] E. Minieka, "The m-center problem," SIAM Review 12 (1970) 138-139.

    Examples
    --------
    >>> import evsiting as ev
    >>> found = ev.p_center([[0.0, 3.0, 8.0], [3.0, 0.0, 5.0], [8.0, 5.0, 0.0]], 2)
    >>> found.sites.tolist(), found.objective, str(found.status)
    ([0, 2], 3.0, 'optimal')
    """
    began, problems = time.perf_counter(), Problems()
    call = "p_center"
    trying = effort(call, 0.0, time_limit_s, threads, problems)
    matrix = location_problem(call, distance, 0.0, p=p, matrix_name="distance", problems=problems).cost
    levels = np.unique(matrix[np.isfinite(matrix)])
    nearest = float(matrix.min(axis=0).max())
    low, high = int(np.searchsorted(levels, nearest)), len(levels) - 1
    best: IntArray | None = None
    open_question = low  # no plan is better than this level
    while low <= high:
        middle = (low + high) // 2
        left_s = trying.time_s - (time.perf_counter() - began)
        answer, sites = _coverable(matrix <= levels[middle], p, Effort(0.0, left_s, trying.threads))
        if sites is not None:
            best = sites
            reached = float(matrix[sites].min(axis=0).max())
            high = int(np.searchsorted(levels, reached)) - 1
        elif answer:
            low = open_question = middle + 1
        else:  # out of time: what is known stands
            break
    if best is None:
        if open_question >= len(levels):
            fix = "Give a larger p, or more finite distances"
            raise InputError([Problem(call, f"p = {p} cannot reach every market", "", fix, infeasible=True)])
        msg = f"{call}: no plan was found in {trying.time_s:g} s; give a longer time_limit_s"
        raise NoSolutionError(msg, "time")
    return _center(matrix, best, p, float(levels[min(open_question, len(levels) - 1)]), began)


def _center(matrix: FloatArray, chosen: IntArray, p: int, bound: float, began: float) -> LocationResult:
    """Return the plan of chosen sites, and of others to make them p."""
    opened = np.zeros(len(matrix), dtype=np.bool_)
    opened[chosen] = True
    opened[np.flatnonzero(~opened)[: p - len(chosen)]] = True
    sites, markets = np.flatnonzero(opened), np.arange(matrix.shape[1])
    which = sites[np.argmin(matrix[sites], axis=0)]
    value = float(matrix[which, markets].max())
    flows = sparse.coo_array((np.ones(len(markets)), (which, markets)), shape=matrix.shape).tocsr()
    bound = min(bound, value)
    status = status_from_bounds(Status.OPTIMAL, value, bound, 0.0)
    return LocationResult(opened, flows, value, bound, status, time.perf_counter() - began)


def _coverable(reach: NDArray[np.bool_], p: int, trying: Effort) -> tuple[bool, IntArray | None]:
    """Return whether the question was answered, and p sites or fewer that reach every market, if there are any."""
    greedy = _greedy_cover(reach, p)
    if len(greedy) <= p:
        return True, greedy
    if _packing(reach) > p:
        return True, None
    sites, markets = _undominated(reach)
    if trying.time_s <= 0.0:
        return False, None
    result = _cover_program(reach[np.ix_(sites, markets)], p, trying)
    if len(result.columns):
        return True, sites[result.columns > 0.5]
    return result.status is Status.INFEASIBLE, None


def _greedy_cover(reach: NDArray[np.bool_], most: int) -> IntArray:
    """Return sites that reach every market, each that which reaches most of what is left; at most one over ``most``."""
    open_markets = np.ones(reach.shape[1], dtype=np.bool_)
    count = reach.sum(axis=1)
    chosen: list[int] = []
    while open_markets.any() and len(chosen) <= most:
        best = int(np.argmax(count))
        chosen.append(best)
        new = open_markets & reach[best]
        open_markets &= ~new
        count = count - reach[:, new].sum(axis=1)
    return np.array(chosen, dtype=np.int64)


def _packing(reach: NDArray[np.bool_]) -> int:
    """Return a number of markets of which no site reaches two: so many sites are needed at least."""
    blocked = np.zeros(reach.shape[1], dtype=np.bool_)
    count = 0
    for market in np.argsort(reach.sum(axis=0), kind="stable").tolist():
        if not blocked[market]:
            count += 1
            blocked |= reach[reach[:, market]].any(axis=0)
    return count


def _undominated(reach: NDArray[np.bool_]) -> tuple[IntArray, IntArray]:
    """Return sites and markets that decide: none that reaches no more than another, none easier than another."""
    sites, markets = np.arange(reach.shape[0]), np.arange(reach.shape[1])
    before = (0, 0)
    while before != (len(sites), len(markets)):
        before = len(sites), len(markets)
        sites = sites[~_within_another(reach[np.ix_(sites, markets)])]
        markets = markets[_hardest(reach[np.ix_(sites, markets)])]
    return sites, markets


def _within_another(rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether each row is part of another one; of equal rows the first stays."""
    dense = rows.astype(np.float32)
    common = dense @ dense.T
    size = common.diagonal()
    inside = common >= size[:, None]  # row i lies within row k
    order = np.arange(len(rows))
    inside &= (size[None, :] > size[:, None]) | (order[None, :] < order[:, None])
    return np.asarray(inside.any(axis=1))


def _hardest(reach: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether each market must be looked at: whoever reaches a harder one reaches the easier one as well."""
    dense = reach.T.astype(np.float32)
    common = dense @ dense.T
    size = common.diagonal()
    order = np.arange(len(dense))
    easier = common >= size[None, :]  # the sites of market k are among those of market j
    easier &= (size[None, :] < size[:, None]) | (order[None, :] < order[:, None])
    return np.asarray(~easier.any(axis=1))


def _cover_program(reach: NDArray[np.bool_], p: int, trying: Effort) -> EngineResult:
    """Ask a solver for p sites or fewer that reach every market."""
    builder, (count, markets) = MilpBuilder(), reach.shape
    opened = builder.add_columns("open", (count,), lambda i: (str(i),), upper=1.0, integer=True)
    site, market = np.nonzero(reach)
    builder.add_rows("covered", markets, lambda j: (str(j),), (market, opened[site], 1.0), lower=1.0)
    builder.add_rows("count", 1, lambda _: (), (0, opened, 1.0), upper=float(p))
    objective = Objective("sites", np.ones(count), 0.0, 1.0)
    limits = Limits(0.0, min(trying.time_s, FOREVER), trying.threads, target=float(p), doubt=False)
    return find_engine("highs").run(builder.finish([objective]), objective, limits)


def max_cover(
    reach: ArrayLike,
    p: int,
    *,
    demand: ArrayLike | None = None,
    backup: float = 0.0,
    gap: float = 1e-4,
    time_limit_s: float | None = None,
    threads: int | None = None,
) -> LocationResult:
    r"""Choose p sites so that as much demand as can be is within reach of one, or of a second as backup.

    .. math:: \max \sum_j d_j (z_j + \beta w_j), \quad z_j + w_j \le \sum_i a_{ij} y_i, \quad w_j \le z_j \le 1, \quad
       \sum_i y_i = p, \quad y_i \in \{0, 1\}

    This is the maximal covering problem [1]_, and with :math:`\beta > 0` that of backup coverage [2]_.

    Parameters
    ----------
    reach : array_like of bool, shape (M, N)
        Whether site i reaches market j, such as ``distance <= radius``.
    p : int
        Number of sites to open.
    demand : array_like, shape (N,), optional
        Weight of each market; ones where it is left out.
    backup : float
        What a second site within reach of a market counts, as a part of the first. [fraction]
    gap : float
        Relative gap between plan and bound at which the plan may be called optimal. [fraction]
    time_limit_s : float, optional
        Wall-clock limit; what was found by then is returned with its gap. [s]
    threads : int, optional
        Threads; as many as there are processors where it is left out.

    Returns
    -------
    LocationResult
        Its objective is the demand covered, with the part of the backup; no plan covers more than its bound. The
        assignment is one where an open site reaches a market.

    Raises
    ------
    InputError
        Naming everything that is wrong with the arguments.

    References
    ----------
    .. [1] R. Church, C. ReVelle, "The maximal covering location problem," Papers of the Regional Science Association
       32 (1974) 101-118.
    .. [2] K. Hogan, C. ReVelle, "Concepts and applications of backup coverage," Management Science 32 (1986)
       1434-1444.

    Examples
    --------
    >>> import evsiting as ev
    >>> reach = [[True, True, False], [False, True, True], [False, False, True]]
    >>> found = ev.max_cover(reach, 1, demand=[5.0, 1.0, 3.0])
    >>> found.sites.tolist(), found.objective, found.bound
    ([0], 6.0, 6.0)
    >>> ev.max_cover(reach, 2, demand=[5.0, 1.0, 3.0], backup=0.5).objective
    9.5
    """
    began, problems = time.perf_counter(), Problems()
    call = "max_cover"
    trying = effort(call, gap, time_limit_s, threads, problems)
    covers, weight = _checked_reach(call, reach, p, demand, backup, problems)
    sites, markets = covers.shape
    groups, group = np.unique(np.packbits(covers, axis=0), axis=1, return_inverse=True)
    total = np.bincount(group.ravel(), weights=weight, minlength=groups.shape[1])
    first = np.full(groups.shape[1], markets)
    np.minimum.at(first, group.ravel(), np.arange(markets))
    coverable = (total > 0.0) & covers[:, first].any(axis=0)
    chosen, bound, limit = _most_covered(covers[:, first[coverable]], total[coverable], p, backup, trying)
    if chosen is None:
        msg = f"{call}: no plan was found in {trying.time_s:g} s; give a longer time_limit_s"
        raise NoSolutionError(msg, limit)
    opened = np.zeros(sites, dtype=np.bool_)
    opened[chosen] = True
    within = covers & opened[:, None]
    times = within.sum(axis=0)
    value = math.fsum((weight * ((times >= 1) + backup * (times >= 2))).tolist())
    bound = max(bound, value) + 0.0  # no minus zero
    status = status_from_bounds(Status.OPTIMAL, -value, -bound, trying.gap)
    flows = sparse.csr_array(within.astype(np.float64))
    return LocationResult(opened, flows, value, bound, status, time.perf_counter() - began)


def _checked_reach(
    call: str, reach: ArrayLike, p: int, demand: ArrayLike | None, backup: float, problems: Problems
) -> tuple[NDArray[np.bool_], FloatArray]:
    """Return which site reaches which market, and the weight of each market."""
    where, matrix = f"{call}, reach", numbers(f"{call}, reach", reach, problems)
    if matrix is not None and (matrix.ndim != 2 or 0 in matrix.shape):
        fix = "Give one row a site, one column a market"
        problems.add(where, "is no matrix of sites and markets", f"shape {matrix.shape}", fix)
        matrix = None
    elif matrix is not None and not np.isin(matrix, (0.0, 1.0)).all():
        odd = shown(np.unique(matrix[~np.isin(matrix, (0.0, 1.0))])[:10].tolist())
        problems.add(
            where, "holds other values than True and False", odd, "Compare distances with a radius: distance <= radius"
        )
    sites, markets = matrix.shape if matrix is not None else (None, None)
    weight = None if demand is None else vector(f"{call}, demand", demand, markets, "market", problems, least=0.0)
    whole_number(f"{call}, p", p, problems, most=sites, what="sites")
    if not is_number(backup) or not 0.0 <= backup <= 1.0:
        problems.add(f"{call}, backup", "is no part of the first cover", repr(backup), "Give a number from 0 to 1")
    problems.raise_if_any()
    assert matrix is not None
    return matrix > 0.5, np.ones(matrix.shape[1]) if weight is None else weight


def _most_covered(
    covers: NDArray[np.bool_], weight: FloatArray, p: int, backup: float, trying: Effort
) -> tuple[IntArray | None, float, str]:
    """Return p sites, what no plan covers more than, and what ended the run early."""
    sites, markets = covers.shape
    builder = MilpBuilder()
    opened = builder.add_columns("open", (sites,), lambda i: (str(i),), upper=1.0, integer=True)
    once = builder.add_columns("covered", (markets,), lambda j: (str(j),), upper=1.0)
    parts = [-weight]
    site, market = np.nonzero(covers)
    terms = [(market, opened[site], -1.0), (np.arange(markets), once, 1.0)]
    if backup > 0.0:
        twice = builder.add_columns("backup", (markets,), lambda j: (str(j),), upper=1.0)
        parts.append(-backup * weight)
        terms.append((np.arange(markets), twice, 1.0))
    builder.add_rows("reach", markets, lambda j: (str(j),), *terms, upper=0.0)
    builder.add_rows("count", 1, lambda _: (), (0, opened, 1.0), lower=float(p), upper=float(p))
    unit = float(weight.mean()) if markets else 1.0
    objective = Objective("covered", np.concatenate([np.zeros(sites), *parts]) / unit, 0.0, unit)
    limits = Limits(max(trying.gap * FINER, FINEST), min(trying.time_s, FOREVER), trying.threads)
    result = find_engine("highs").run(builder.finish([objective]), objective, limits)
    if not len(result.columns):
        return None, math.inf, result.limit
    ranked = np.argsort(-result.columns[:sites], kind="stable")[:p]
    return ranked, -result.bound, result.limit
