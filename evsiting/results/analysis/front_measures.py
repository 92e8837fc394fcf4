"""Measures of a front: volume, knee, and what the next unit of an objective costs, each as far as bounds prove it."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting.errors import InputError, Problem, expect
from evsiting.results.plan import Front
from evsiting.study.objectives import OBJECTIVES

__all__ = ["bend", "hypervolume", "knee", "least_proven", "marginal_rates", "sense", "told_apart"]

#: Least distance of a knee from the line between the ends, in units of the front's extent.
_BEND = 0.02


def hypervolume(front: Front, reference: Mapping[str, float] | None = None) -> float:
    """Return the part of the box between the best of each objective and a reference that the front dominates.

    Parameters
    ----------
    front : Front
        Of two or three objectives.
    reference : mapping of str to float, optional
        A value of each objective, in its own unit and sense, that is as bad as the worst of the front or worse; points
        beyond it count nothing. By default the worst value of each objective on the front, so that the ends of a front
        of two objectives add nothing.

    Returns
    -------
    float
        0 for a single point without a reference, 1 where one point is best in all objectives. [fraction]

    Raises
    ------
    InputError
        If the front has more than three objectives, or the reference leaves one out.

    References
    ----------
    .. [1] E. Zitzler, L. Thiele, "Multiobjective evolutionary algorithms: a comparative case study and the strength
       Pareto approach," IEEE Transactions on Evolutionary Computation 3 (1999) 257-271, doi:10.1109/4235.797969.

    Examples
    --------
    >>> import evsiting as ev
    >>> front = ev.pareto(ev.example("starter"), "cost", "emissions", points=3)
    >>> 0.0 <= ev.hypervolume(front) <= 1.0
    True
    """
    expect("hypervolume", front=(front, Front))
    names = front.objectives
    problems = []
    if not 2 <= len(names) <= 3:
        fix = "Give a front of two or three"
        problems.append(Problem("front", "has no volume here", f"{len(names)} objectives", fix))
    if reference is not None and (missing := [n for n in names if not math.isfinite(reference.get(n, math.nan))]):
        problems.append(Problem("reference", "leaves objectives out", ", ".join(missing), "Give a number for each"))
    if problems:
        raise InputError(problems)
    if not len(front):
        return 0.0
    points = _values(front)
    worst = points.max(axis=0)
    if reference is not None:
        worst = np.array([sense(name) * reference[name] for name in names])
    best = points.min(axis=0)
    size = worst - best
    if (size <= 0.0).any():
        return 0.0
    inside = points[(points < worst).all(axis=1)]
    return float(_volume((inside - best) / size)) if len(inside) else 0.0


def _volume(points: NDArray[np.float64]) -> float:
    """Return the volume between points and the corner (1, ..., 1), less is better, by slices of the last axis."""
    if points.shape[1] == 1:
        return float(1.0 - points.min())
    order = points[np.argsort(points[:, -1], kind="stable")]
    edges = np.append(order[:, -1], 1.0)
    return float(sum(_volume(order[: k + 1, :-1]) * high for k, high in enumerate(np.diff(edges)) if high > 0.0))


def marginal_rates(front: Front) -> pd.DataFrame:
    r"""Return what the next unit of the second objective costs in the first, between neighbouring points.

    With :math:`v(s)` the least of the first objective at a ceiling :math:`s` on the second, the rate between two points
    is :math:`(v(s_{k+1}) - v(s_k)) / (s_k - s_{k+1})`. Plans say that :math:`v` is no larger than what they reach,
    bounds that it is no smaller than what is proven; so the rate lies between ``least`` and ``most``.

    Parameters
    ----------
    front : Front
        Of two objectives.

    Returns
    -------
    pandas.DataFrame
        One row a step: ``from_point``, ``to_point`` (from 1), ``gain`` (units of the second objective, more is
        better), ``cost`` (of the first), ``rate``, ``least`` and ``most`` (of the first per unit of the second), and
        ``told``, such as ``the next tCO2e less costs USD 84 (70 to 97)``.

    Raises
    ------
    InputError
        If the front has not two objectives.

    Examples
    --------
    >>> import evsiting as ev
    >>> front = ev.pareto(ev.example("starter"), "cost", "emissions", points=3)
    >>> rates = ev.marginal_rates(front)
    >>> bool((rates["least"] <= rates["rate"]).all() and (rates["rate"] <= rates["most"]).all())
    True
    """
    expect("marginal_rates", front=(front, Front))
    if len(front.objectives) != 2:
        fix = "Give a front of two objectives"
        raise InputError([Problem("front", "has no neighbours", f"{len(front.objectives)} objectives", fix)])
    values, least = _values(front), least_proven(front)
    reached = np.minimum.accumulate(values[::-1, 0])[::-1]  # a plan within a tight ceiling is within looser ones
    rows = []
    for k in range(len(front) - 1):
        gain, cost = values[k, 1] - values[k + 1, 1], values[k + 1, 0] - values[k, 0]
        low = max(0.0, (least[k + 1] - reached[k]) / gain)
        high = (reached[k + 1] - least[k]) / gain
        rate = cost / gain
        rows.append((k + 1, k + 2, gain, cost, rate, low, high, _rate_words(front, rate, low, high)))
    columns = ["from_point", "to_point", "gain", "cost", "rate", "least", "most", "told"]
    return pd.DataFrame(rows, columns=columns)


def _rate_words(front: Front, rate: float, low: float, high: float) -> str:
    """Return a rate in a sentence, with the interval that bounds prove."""
    first, second = (OBJECTIVES[name] for name in front.objectives)
    more = "more" if second.sense < 0 else "less"
    if first.quantity == "money":
        paid = f"costs {first.unit} {_in_figures(rate)}"
    elif first.sense < 0:
        paid = f"gives up {_in_figures(rate)} {first.unit}"
    else:
        paid = f"takes {_in_figures(rate)} {first.unit} more"
    return f"the next {second.unit} {more} {paid} ({_in_figures(low)} to {_in_figures(high)})"


def _in_figures(value: float) -> str:
    """Return a number in four significant figures, a large one without an exponent.

    Examples
    --------
    >>> _in_figures(43219.7), _in_figures(84.8211)
    ('43,220', '84.82')
    """
    return f"{float(f'{value:.4g}'):,.0f}" if 1e3 <= abs(value) < math.inf else f"{value:,.4g}"


def _values(front: Front) -> NDArray[np.float64]:
    """Return the objectives of every point, less is better. shape (points, objectives)"""
    table = front.table
    return np.column_stack([sense(name) * table[name].to_numpy(np.float64) for name in front.objectives])


def sense(objective: str) -> float:
    """Return -1 for an objective of which more is better, otherwise 1."""
    return OBJECTIVES[objective].sense


def least_proven(front: Front) -> NDArray[np.float64]:
    r"""Return how little of the first objective any plan could have that is as good as each plan in the second.

    A plan that minimised :math:`w_1 f_1 + w_2 f_2` and proved the bound :math:`b`, without a ceiling on the second
    objective or with one of at least :math:`s`, says of every plan with :math:`f_2 \le s` that
    :math:`f_1 \ge (b - w_2 s) / w_1`.

    Returns
    -------
    numpy.ndarray, shape (n,)
        In the units of the first objective, less is better (jobs with a minus sign); never above the plan's own value.
    """
    first, second = front.objectives[:2]
    table = front.table
    value, within = (sense(name) * table[name].to_numpy(np.float64) for name in (first, second))
    least = np.full(len(value), front.ideal.get(first, -np.inf))
    for plan in front.plans:
        weights = plan.solve.weights
        mine, other = weights.get(first, 0.0), weights.get(second, 0.0)
        alone = set(weights) <= {first, second} and set(plan.solve.caps) <= {second}
        if mine <= 0 or other < 0 or not alone or not np.isfinite(plan.solve.bound):
            continue
        in_force = within <= plan.solve.caps.get(second, np.inf) + 1e-9 * np.abs(within)
        least = np.where(in_force, np.maximum(least, (plan.solve.bound - other * within) / mine), least)
    return np.asarray(np.minimum(least, value))


def told_apart(front: Front) -> list[bool]:
    """Return for each plan but the first whether it is proven to be dearer than the one before it.

    The ranges from what is proven (:func:`least_proven`) to what the plans reach in the first objective do not
    overlap: nothing as good in the second objective has as little of the first as the plan before.
    """
    value = sense(front.objectives[0]) * front.table[front.objectives[0]].to_numpy(np.float64)
    least = least_proven(front)
    pairs = zip(least[:-1], value[:-1], least[1:], value[1:], strict=True)
    return [bool(max(low, other) > min(high, mine)) for low, high, other, mine in pairs]


def knee(front: Front) -> int | None:
    """Return the point of a front that lies farthest from the line between its ends, if the gaps leave no doubt.

    Distance is measured in units of the front's extent. Beyond the knee the next improvement of either
    objective begins to cost most of the other. A front of less than three points, one without any bend, and one
    whose proven gaps leave open which point it is have none: the point must be told apart from its neighbours, and
    be the farthest even where every other plan were as good as its bound allows.

    References
    ----------
    .. [1] I. Das, "On characterizing the 'knee' of the Pareto curve based on normal-boundary intersection,"
       Structural Optimization 18, 107-115, 1999, doi:10.1007/BF01195985.

    Examples
    --------
    >>> import evsiting as ev
    >>> front = ev.pareto(ev.example("starter"), "cost", "emissions", points=2)
    >>> ev.knee(front) is None
    True
    """
    best = bend(front)
    if best is None:
        return None
    apart = told_apart(front)
    if not (apart[best - 1] and apart[best]):
        return None
    first = sense(front.objectives[0]) * front.table[front.objectives[0]].to_numpy(np.float64)
    worst = least_proven(front)
    worst[best] = first[best]
    depth = _depth(front, worst)
    return best if int(np.argmax(depth)) == best and depth[best] > _BEND else None


def bend(front: Front) -> int | None:
    """Return the inner point that lies farthest from the line between the ends, whatever the gaps are."""
    if len(front) < 3 or len(front.objectives) != 2:
        return None
    first = sense(front.objectives[0]) * front.table[front.objectives[0]].to_numpy(np.float64)
    depth = _depth(front, first)
    best = int(np.argmax(depth))
    return best if depth[best] > _BEND and 0 < best < len(front) - 1 else None


def _depth(front: Front, first: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far points lie below the line between the ends, in units of the extent; 0 above it."""
    name = front.objectives[1]
    second = sense(name) * front.table[name].to_numpy(np.float64)
    wide, high = np.ptp(first), np.ptp(second)
    if not (np.isfinite(wide) and wide > 0 and high > 0):
        return np.zeros(len(first))
    x, y = (first - first.min()) / wide, (second - second.min()) / high
    a, b = np.array([x[0], y[0]]), np.array([x[-1], y[-1]])
    along = b - a
    length = float(np.hypot(*along))
    if not length:
        return np.zeros(len(first))
    below = np.abs(along[0] * (y - a[1]) - along[1] * (x - a[0])) / length
    return np.where((x + y) < (a.sum() + b.sum()) / 2 + 1e-12, below, 0.0)
