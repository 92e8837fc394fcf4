"""The trade-off between objectives: senses, axes, the knee, and what bounds prove."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evsiting.results.plan import Front
from evsiting.study.objectives import OBJECTIVES

#: Least distance of a knee from the line between the ends, in units of the front's extent.
_BEND = 0.02


def axis_scale(objective: str, values: NDArray[np.float64]) -> tuple[float, str]:
    """Return the divisor and the label of an axis, so that its numbers are short.

    Examples
    --------
    >>> axis_scale("cost", np.array([4.1e9, 5.0e9]))
    (1000000000.0, 'Cost [USD bn, present value]')
    """
    kind = OBJECTIVES[objective]
    largest = float(np.nanmax(np.abs(values))) if len(values) else 0.0
    factor, words = next(((f, w) for f, w in kind.axis if largest >= 2 * f), kind.axis[-1])
    return factor, f"{kind.title} [{words}]"


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
    found = np.full(len(value), front.ideal.get(first, -np.inf))
    for plan in front.plans:
        weights = plan.solve.weights
        mine, other = weights.get(first, 0.0), weights.get(second, 0.0)
        alone = set(weights) <= {first, second} and set(plan.solve.caps) <= {second}
        if mine <= 0 or other < 0 or not alone or not np.isfinite(plan.solve.bound):
            continue
        held = within <= plan.solve.caps.get(second, np.inf) + 1e-9 * np.abs(within)
        found = np.where(held, np.maximum(found, (plan.solve.bound - other * within) / mine), found)
    return np.asarray(np.minimum(found, value))


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
    if len(front) < 3:
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


def doubt(front: Front) -> str:
    """Return a sentence on plans that the gaps do not tell apart and on a knee that is not named; empty for none."""
    open_pairs = [n for n, apart in enumerate(told_apart(front), 1) if not apart]
    parts = []
    if open_pairs and len(open_pairs) == len(front) - 1:
        parts.append(f"No two neighbouring plans are told apart by their proven gaps in {front.objectives[0]}.")
    elif open_pairs:
        pairs = ", ".join(f"{n} and {n + 1}" for n in open_pairs)
        parts.append(f"Their proven gaps do not tell plans {pairs} apart in {front.objectives[0]}.")
    if bend(front) is not None and knee(front) is None:
        parts.append("No knee is named: within the gaps another plan could be it.")
    return " ".join(parts)


def corners(front: Front) -> list[tuple[float, float]]:
    """Return corners of the region that is proven empty: no plan is better than one of them in both.

    Returns
    -------
    list of (float, float)
        First and second objective as the reader sees them; infinite where one of them does not matter.
    """
    first, second = front.objectives[:2]
    found = [(bound, cap) for _, bound, cap in proven(front)]
    if first in front.ideal:
        found.append((sense(first) * front.ideal[first], sense(second) * np.inf))
    if second in front.ideal:
        found.append((sense(first) * np.inf, sense(second) * front.ideal[second]))
    return [pair for pair in found if not all(np.isinf(pair))]


def proven(front: Front) -> list[tuple[int, float, float]]:
    """Return what each point proves: its number, its bound and the ceiling under which the bound holds.

    A plan that minimised the first objective under a ceiling on the second says: nothing within the ceiling
    lies below its bound. Both are in the objective's own units, with the sign that the reader sees; the
    ceiling is infinite where there was none.

    Returns
    -------
    list of (int, float, float)
        Only points that minimised the first objective and whose bound is finite.
    """
    first, second = front.objectives[:2]
    found = []
    for n, plan in enumerate(front.plans):
        others = set(plan.solve.caps) - {second}
        if plan.solve.objective_name == first and np.isfinite(plan.solve.bound) and not others:
            cap = plan.solve.caps.get(second, np.inf)
            found.append((n, sense(first) * plan.solve.bound, sense(second) * float(cap)))
    return found
