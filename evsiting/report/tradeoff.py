"""The trade-off between objectives: senses, axes, the knee, and what bounds prove."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from evsiting.results.plan import Front
from evsiting.study.service import promised
from evsiting.study.study import Study

#: Title and unit of each objective: the divisor of the axis and the words beside it.
_STEPS: Mapping[str, tuple[str, tuple[tuple[float, str], ...]]] = {
    "cost": ("Cost", ((1e9, "USD bn, present value"), (1e6, "USD mn, present value"), (1.0, "USD, present value"))),
    "emissions": (
        "Emissions",
        ((1e6, "Mt CO2e over the horizon"), (1e3, "kt CO2e over the horizon"), (1.0, "t CO2e over the horizon")),
    ),
    "jobs": ("Direct jobs", ((1e6, "million job-years"), (1e3, "thousand job-years"), (1.0, "job-years"))),
    "late": ("Late deliveries", ((1e6, "million units"), (1e3, "thousand units"), (1.0, "units"))),
}
#: Unit of each objective, in words.
OBJECTIVE_UNITS: Mapping[str, str] = {
    "cost": "USD, present value",
    "emissions": "t CO2e",
    "jobs": "job-years",
    "late": "late units",
}


def counted(study: Study) -> tuple[str, ...]:
    """Return the objectives that say something of a study: late units only where demand has a promised time."""
    return tuple(name for name in OBJECTIVE_UNITS if name != "late" or promised(study))


def axis_scale(objective: str, values: NDArray[np.float64]) -> tuple[float, str]:
    """Return the divisor and the label of an axis, so that its numbers are short.

    Examples
    --------
    >>> axis_scale("cost", np.array([4.1e9, 5.0e9]))
    (1000000000.0, 'Cost [USD bn, present value]')
    """
    title, steps = _STEPS[objective]
    largest = float(np.nanmax(np.abs(values))) if len(values) else 0.0
    factor, words = next(((f, w) for f, w in steps if largest >= 2 * f), steps[-1])
    return factor, f"{title} [{words}]"


def sense(objective: str) -> float:
    """Return -1 for an objective of which more is better, otherwise 1."""
    return -1.0 if objective == "jobs" else 1.0


def knee(front: Front) -> int | None:
    """Return the point of a front that lies farthest from the line between its ends.

    Distance is measured in units of the front's extent. Beyond the knee the next improvement of either
    objective begins to cost most of the other. A front of less than three points, or one without any bend,
    has none.

    References
    ----------
    .. [1] I. Das, "On characterizing the 'knee' of the Pareto curve based on normal-boundary intersection,"
       Structural Optimization 18, 107-115, 1999, doi:10.1007/BF01195985.
    """
    table = front.table
    if len(table) < 3:
        return None
    first, second = (sense(o) * table[o].to_numpy(np.float64) for o in front.objectives[:2])
    wide, high = np.ptp(first), np.ptp(second)
    if wide == 0 or high == 0:
        return None
    x, y = (first - first.min()) / wide, (second - second.min()) / high
    a, b = np.array([x[0], y[0]]), np.array([x[-1], y[-1]])
    along = (b - a) / np.hypot(*(b - a))
    below = along[0] * (y - a[1]) - along[1] * (x - a[0])
    depth = below if below[np.argmax(np.abs(below))] > 0 else -below
    depth = np.where((x + y) < (a.sum() + b.sum()) / 2 + 1e-12, np.abs(depth), 0.0)
    best = int(np.argmax(depth))
    return best if depth[best] > 0.02 else None


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
