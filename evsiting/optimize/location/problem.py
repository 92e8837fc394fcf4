"""A location problem as arrays, and the checks of what a user hands over: every problem in one error."""

from __future__ import annotations

import math
import operator
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from evsiting.errors import Problem, Problems, shown
from evsiting.model.milp import FloatArray

#: Part by which a total capacity may miss a total demand that is the same but for its arithmetic.
ROUNDING = 1e-12
#: Largest size of a number: sums of larger ones, and what they are multiplied by, may overflow.
LARGEST = 1e100
#: Part of the gap asked for at which a search ends: what is called optimal is seldom another plan than the best.
FINER = 0.01
#: Largest gap for which that holds: whoever asks for a wider one wants no more than that.
FINE = 1e-3


@dataclass(frozen=True, eq=False)
class LocationProblem:
    """Which sites to open, and which site serves each market.

    Parameters
    ----------
    cost : numpy.ndarray, shape (M, N)
        Cost of serving all of market j from site i; infinite where it cannot.
    fixed_cost : numpy.ndarray, shape (M,)
        Cost of a site that is open.
    demand : numpy.ndarray, shape (N,)
        What each market takes of a site's capacity; ones where there are no capacities.
    capacity : numpy.ndarray, shape (M,), or None
        Most that a site serves, not above the total demand.
    least, most : int
        Fewest and most sites that may be open.
    single_source : bool
        Whether each market is served by one site alone.
    """

    cost: FloatArray
    fixed_cost: FloatArray
    demand: FloatArray
    capacity: FloatArray | None
    least: int
    most: int
    single_source: bool

    @property
    def sites(self) -> int:
        """Number of sites."""
        return int(self.cost.shape[0])

    @property
    def markets(self) -> int:
        """Number of markets."""
        return int(self.cost.shape[1])

    @property
    def whole(self) -> bool:
        """Whether the value of every best plan is an integer: whole costs, and each market served by one site."""
        if self.capacity is not None and not self.single_source:
            return False
        known = self.cost[np.isfinite(self.cost)]
        largest = max(float(np.abs(known).max(initial=0.0)), float(np.abs(self.fixed_cost).max(initial=0.0)))
        if largest * (self.sites + self.markets) > 2.0**50:
            return False
        return bool((known == np.rint(known)).all() and (self.fixed_cost == np.rint(self.fixed_cost)).all())


def location_problem(
    call: str,
    cost: ArrayLike,
    fixed_cost: ArrayLike,
    *,
    demand: ArrayLike | None = None,
    capacity: ArrayLike | None = None,
    p: int | None = None,
    single_source: bool = False,
    matrix_name: str = "cost",
    problems: Problems | None = None,
) -> LocationProblem:
    """Return a problem of which every array was checked.

    Parameters
    ----------
    call : str
        Function that the user called, for messages.
    cost, fixed_cost, demand, capacity, p, single_source
        As in :func:`evsiting.facility_location`.
    matrix_name : str
        What the caller calls the costs, for messages.
    problems : Problems, optional
        What is wrong with other arguments, told in the same error.

    Raises
    ------
    InputError
        Naming everything that is wrong.
    """
    problems = Problems() if problems is None else problems
    _check_labels(call, cost, {"fixed_cost": fixed_cost, "demand": demand, "capacity": capacity}, problems)
    matrix = _cost_matrix(f"{call}, {matrix_name}", cost, problems)
    sites, markets = matrix.shape if matrix is not None else (None, None)
    fixed = vector(f"{call}, fixed_cost", fixed_cost, sites, "site", problems)
    wanted = None if demand is None else vector(f"{call}, demand", demand, markets, "market", problems, least=0.0)
    room = None
    if capacity is not None:
        room = vector(f"{call}, capacity", capacity, sites, "site", problems, least=0.0, infinite=True)
        if demand is None:
            fix = "Give demand: what each market takes of a site's capacity"
            problems.add(f"{call}, demand", "is missing beside capacity", "", fix)
    count = None if p is None else whole_number(f"{call}, p", p, problems, most=sites, what="sites")
    if not isinstance(single_source, bool | np.bool_):
        problems.add(f"{call}, single_source", "is neither True nor False", repr(single_source), "Give True or False")
    if matrix is not None and not problems:
        _check_supply(call, matrix, wanted, room, count, bool(single_source), problems)
    problems.raise_if_any()
    assert matrix is not None
    assert fixed is not None
    least, most = (0, matrix.shape[0]) if count is None else (count, count)
    if room is None or wanted is None:
        return LocationProblem(matrix, fixed, np.ones(matrix.shape[1]), None, max(least, 1), most, single_source=False)
    total = float(wanted.sum())
    room = np.minimum(room, total)
    least = max(least, _fewest(room, total))
    return LocationProblem(matrix, fixed, wanted, room, least, most, bool(single_source))


def _check_labels(call: str, cost: Any, arrays: Mapping[str, Any], problems: Problems) -> None:
    """Refuse Series whose labels are not those of the frame of costs in the same order: they are taken by position."""
    if not isinstance(cost, pd.DataFrame):
        return
    for name, values in arrays.items():
        labels, side = (cost.columns, "columns") if name == "demand" else (cost.index, "index")
        if not isinstance(values, pd.Series) or any(isinstance(x, pd.RangeIndex) for x in (labels, values.index)):
            continue
        if len(values) == len(labels) and not values.index.equals(labels):
            k = next(k for k, (a, b) in enumerate(zip(values.index, labels, strict=True)) if a != b)
            seen = f"number {k}: {values.index[k]!r}, in cost {labels[k]!r}"
            fix = f"Give {name}.reindex(cost.{side}), or arrays without labels"
            problems.add(f"{call}, {name}", f"has not the labels of the {side} of cost in their order", seen, fix)


def _fewest(capacity: FloatArray, total: float) -> int:
    """Return how many sites must be open at least to serve all demand."""
    largest = np.cumsum(np.sort(capacity)[::-1])
    return min(int(np.searchsorted(largest, total * (1.0 - ROUNDING))) + 1, len(capacity))


def _cost_matrix(where: str, cost: ArrayLike, problems: Problems) -> FloatArray | None:
    """Return the cost matrix, or None where it is none."""
    matrix = numbers(where, cost, problems)
    if matrix is None:
        return None
    if matrix.ndim != 2 or 0 in matrix.shape:
        problems.add(
            where,
            "is no matrix of sites and markets",
            f"shape {matrix.shape}",
            "Give one row a site, one column a market",
        )
        return None
    odd = np.isnan(matrix) | np.isneginf(matrix)
    if odd.any():
        seen = shown([f"[{i}, {j}] = {matrix[i, j]}" for i, j in np.argwhere(odd)[:10].tolist()])
        problems.add(
            where,
            f"{int(odd.sum()):,} of {matrix.size:,} values are no numbers",
            seen,
            "Give infinity where a site cannot serve a market",
        )
    elif (unserved := np.flatnonzero(np.isinf(matrix).all(axis=0))).size:
        seen = shown([f"market {j}" for j in unserved[:10].tolist()])
        problems.extend(
            [
                Problem(
                    where,
                    f"{unserved.size:,} markets have no site that can serve them",
                    seen,
                    "Give a finite value where a site can serve the market",
                    infeasible=True,
                )
            ]
        )
    return matrix


def numbers(where: str, values: Any, problems: Problems) -> FloatArray | None:
    """Return values as an array of numbers, or None where they are none."""
    try:
        if np.iscomplexobj(values):
            problems.add(where, "holds what is no number", "complex numbers", "Give an array of real numbers")
            return None
        array = np.asarray(values, dtype=np.float64, order="C")
    except (TypeError, ValueError) as error:
        problems.add(where, "holds what is no number", str(error)[:80], "Give an array of numbers")
        return None
    if np.ma.is_masked(values):
        problems.add(where, "holds masked values", "", "Fill them: infinity where a site cannot serve a market")
        return None
    size = np.abs(array[np.isfinite(array)]).max(initial=0.0)
    if size > LARGEST:
        problems.add(where, "holds numbers too large to add up", f"{size:g}", f"Give another unit: {LARGEST:g} at most")
        return None
    return array


def vector(
    where: str,
    values: Any,
    size: int | None,
    each: str,
    problems: Problems,
    *,
    least: float = -math.inf,
    infinite: bool = False,
) -> FloatArray | None:
    """Return one number for each site or market; one number alone stands for all.

    Parameters
    ----------
    where : str
        Call and argument, for messages.
    values : array_like
        As given.
    size : int or None
        How many are wanted; None where that is unknown.
    each : str
        ``site`` or ``market``.
    problems : Problems
        To which problems are added.
    least : float
        Smallest that is allowed.
    infinite : bool
        Whether infinity is.
    """
    array = numbers(where, values, problems)
    if array is None:
        return None
    if array.ndim == 0 and size is not None:
        array = np.full(size, float(array))
    if array.ndim != 1 or (size is not None and len(array) != size):
        wanted = "" if size is None else f"; there are {size} {each}s"
        problems.add(
            where, f"is not one number a {each}", f"shape {array.shape}{wanted}", f"Give one number for each {each}"
        )
        return None
    odd = ~np.isfinite(array) & ~(infinite & np.isposinf(array))
    for wrong, what, fix in (
        (odd, "are no finite numbers", "Give finite numbers"),
        (~odd & (array < least), "are negative", "Give zero or more"),
    ):
        if wrong.any():
            seen = shown([f"{each} {k}: {array[k]:g}" for k in np.flatnonzero(wrong)[:10].tolist()])
            problems.add(where, f"{int(wrong.sum()):,} of {len(array):,} values {what}", seen, fix)
    return array


def whole_number(where: str, value: Any, problems: Problems, *, most: int | None, what: str) -> int | None:
    """Return a count from 1 to ``most``, or None where it is none."""
    try:
        number = operator.index(value)
    except TypeError:
        problems.add(where, f"is no whole number of {what}", repr(value), "Give a whole number")
        return None
    if isinstance(value, bool) or number < 1 or (most is not None and number > most):
        top = "" if most is None else f" to {most}"
        problems.add(
            where, f"is no number of {what} that can be", repr(value), f"Give 1{top}" if most else "Give 1 or more"
        )
        return None
    return number


def _check_supply(
    call: str,
    cost: FloatArray,
    demand: FloatArray | None,
    capacity: FloatArray | None,
    count: int | None,
    single_source: bool,
    problems: Problems,
) -> None:
    """Refuse demand that the capacities cannot serve."""
    if capacity is None or demand is None:
        return
    total, where = float(demand.sum()), f"{call}, capacity"
    largest = np.sort(capacity)[::-1][: count or len(capacity)]
    have = float(largest.sum())
    if have < total * (1.0 - ROUNDING):
        whose = "all sites together" if count is None else f"the {count} largest sites together"
        problem = f"{whose} serve less than the demand"
        seen, fix = (
            f"capacity {have:,.10g}, demand {total:,.10g}",
            "Give more capacity" + ("" if count is None else ", or a larger p"),
        )
        problems.extend([Problem(where, problem, seen, fix, infeasible=True)])
    elif single_source and (big := np.flatnonzero(_beyond(cost, demand, capacity))).size:
        problem = f"{big.size:,} markets are larger than each site that can serve them alone"
        seen = shown([f"market {j}: demand {demand[j]:g}" for j in big[:10].tolist()])
        problems.extend(
            [Problem(where, problem, seen, "Let several sites serve a market, or give more capacity", infeasible=True)]
        )


def _beyond(cost: FloatArray, demand: FloatArray, capacity: FloatArray) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Whether no single site can serve all of each market."""
    largest = np.array([np.where(np.isfinite(column), capacity, 0.0).max() for column in cost.T])
    return np.asarray(demand > largest * (1.0 + ROUNDING))


@dataclass(frozen=True)
class Effort:
    """How hard to try.

    Parameters
    ----------
    gap : float
        Relative gap at which to stop. [fraction]
    time_s : float
        Wall-clock limit; infinite where there is none. [s]
    threads : int
        Threads of the solver.
    """

    gap: float
    time_s: float
    threads: int


def effort(call: str, gap: float, time_limit_s: float | None, threads: int | None, problems: Problems) -> Effort:
    """Return how hard to try, checked; None stands for no time limit and for all processors.

    Parameters
    ----------
    call : str
        Function that the user called, for messages.
    gap, time_limit_s, threads
        As in :func:`evsiting.facility_location`.
    problems : Problems
        To which problems are added.
    """
    if not is_number(gap) or not 0.0 <= gap < math.inf:
        problems.add(f"{call}, gap", "is no relative gap", repr(gap), "Give 0 or more")
    if time_limit_s is not None and not (is_number(time_limit_s) and time_limit_s > 0.0):
        problems.add(f"{call}, time_limit_s", "is no time limit", repr(time_limit_s), "Give more than 0 seconds")
    number = (
        processors()
        if threads is None
        else whole_number(f"{call}, threads", threads, problems, most=None, what="threads")
    )
    if problems:
        return Effort(0.0, math.inf, 1)
    return Effort(float(gap), math.inf if time_limit_s is None else float(time_limit_s), number or 1)


def is_number(value: object) -> bool:
    """Whether a value is a number, and no truth value."""
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
