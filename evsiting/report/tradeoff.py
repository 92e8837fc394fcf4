"""The trade-off between objectives as it is drawn: axes, what bounds prove, and what they leave open."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evsiting.results.analysis.front_measures import bend, knee, least_proven, sense, told_apart
from evsiting.results.plan import Front, Plan
from evsiting.study.objectives import OBJECTIVES

__all__ = [
    "axis_scale",
    "bend",
    "corners",
    "doubt",
    "doubts",
    "knee",
    "least_proven",
    "pairs",
    "proven_points",
    "sense",
    "told_apart",
]


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


def pairs(front: Front) -> list[Front]:
    """Return the fronts of two objectives that a front holds: itself, or the first against each of the others.

    Of three objectives a pair has the plans that were found without a ceiling on the other one, or with one on the
    second of the pair alone, and that none of these beats in the two.
    """
    if len(front.objectives) < 3:
        return [front]
    return [_pair(front, second) for second in front.objectives[1:]]


def _pair(front: Front, second: str) -> Front:
    first = front.objectives[0]
    plans: list[Plan] = []
    alone = [plan for plan in front.plans if set(plan.solve.caps) <= {second}]
    for plan in sorted(alone, key=lambda p: (sense(first) * p.totals[first], sense(second) * p.totals[second])):
        if not plans or sense(second) * plan.totals[second] < sense(second) * plans[-1].totals[second]:
            plans.append(plan)
    ideal = {name: value for name, value in front.ideal.items() if name in (first, second)}
    return Front((first, second), tuple(plans), ideal, front.end_slack)


def doubts(front: Front) -> str:
    """Return whether a front is all there is, and what gaps leave open of each pair; empty for nothing."""
    fronts = pairs(front)
    doubtful = [(pair, text) for pair in fronts if len(pair) > 1 and (text := doubt(pair))]
    whole = "It is proven that these are all: any other plan is equalled or beaten in every objective by one of them."
    every = [whole if front.complete else front.remark]
    if len(fronts) == 1:
        every += [text for _, text in doubtful]
    else:
        every += [f"Of {' against '.join(OBJECTIVES[n].spoken for n in p.objectives)}: {text}" for p, text in doubtful]
    return " ".join(text for text in every if text)


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
    points = [(bound, cap) for _, bound, cap in proven_points(front)]
    if first in front.ideal:
        points.append((sense(first) * front.ideal[first], sense(second) * np.inf))
    if second in front.ideal:
        points.append((sense(first) * np.inf, sense(second) * front.ideal[second]))
    return [pair for pair in points if not all(np.isinf(pair))]


def proven_points(front: Front) -> list[tuple[int, float, float]]:
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
    points = []
    for n, plan in enumerate(front.plans):
        others = set(plan.solve.caps) - {second}
        if plan.solve.objective_name == first and np.isfinite(plan.solve.bound) and not others:
            cap = plan.solve.caps.get(second, np.inf)
            points.append((n, sense(first) * plan.solve.bound, sense(second) * float(cap)))
    return points
