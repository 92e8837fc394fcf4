"""Points of a front: their objectives, which of them none dominates, and where the front is thin."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from evsiting.errors import Problem
from evsiting.optimize.engines.base import status_from_bounds
from evsiting.results.plan import Plan, Status
from evsiting.study.objectives import OBJECTIVES, least_is_best
from evsiting.units.percent import percent_fix

#: Relative difference below which two plans are as good as each other: what slack at both ends can make.
TIE = 3e-6
#: Told of every point as it is found: number, how many there will be, plan.
PointWatch = Callable[[int, int, Plan], None]


def value(plan: Plan, name: str) -> float:
    """Return an objective of a plan in the sense in which less is better. [USD, tCO2e, −job-years, units]"""
    return least_is_best(name, plan.totals[name])


def undominated(plans: Iterable[Plan], first: str, second: str, tie: float = TIE) -> list[Plan]:
    """Return plans from the least of the first objective on, none as good as another in both, nor one twice.

    Parameters
    ----------
    plans : iterable of Plan
        In any order.
    first, second : str
        The objectives.
    tie : float, optional
        Relative difference below which two plans are as good as each other.
    """
    ordered = sorted(plans, key=lambda p: (value(p, first), value(p, second)))
    return strictly_better(strictly_better(ordered, second, tie)[::-1], first, tie)[::-1]


def strictly_better(plans: Sequence[Plan], name: str, tie: float = TIE) -> list[Plan]:
    """Return the plans that are better in an objective than all before them, by more than a tie. [fraction]"""
    out: list[Plan] = []
    for plan in plans:
        if not out or value(plan, name) < value(out[-1], name) - tie * max(1.0, abs(value(out[-1], name))):
            out.append(plan)
    return out


def widest_gap(front: Sequence[Plan], first: str, second: str, tried: Collection[float]) -> float | None:
    """Return the ceiling halfway between the two neighbours that lie farthest apart, relative to the whole front."""
    ones, twos = (np.array([value(p, name) for p in front]) for name in (first, second))
    apart = np.hypot(np.diff(ones) / np.ptp(ones), np.diff(twos) / np.ptp(twos))
    for k in np.argsort(-apart):
        ceiling = float((twos[k] + twos[k + 1]) / 2.0)
        if not any(min(twos[k], twos[k + 1]) <= t <= max(twos[k], twos[k + 1]) for t in tried):
            return ceiling
    return None


def within_ceilings(plans: Iterable[Plan], caps: dict[str, float], room: float) -> list[Plan]:
    """Return the plans that respect ceilings, give or take a relative room."""
    return [p for p in plans if all(value(p, n) <= c + room * abs(c) for n, c in caps.items())]


def best_in(plans: Iterable[Plan], name: str) -> Plan | None:
    """Return the plan that is best in an objective; None where there is none."""
    return min(plans, key=lambda p: value(p, name), default=None)


def objectives_problems(names: Sequence[str]) -> list[Problem]:
    """Return what is wrong with the objectives of a front."""
    problems = [
        Problem("objectives", "not an objective", repr(n), f"Choose from {', '.join(OBJECTIVES)}")
        for n in names
        if n not in OBJECTIVES
    ]
    if twice := [name for k, name in enumerate(names) if name in names[:k]]:
        what = "both are the same" if len(names) == 2 else "one is given twice"
        problems.append(Problem("objectives", what, str(twice[0]), "Name different objectives"))
    return problems


def same_caps(caps: Mapping[str, float], others: Mapping[str, float]) -> bool:
    """Whether two sets of ceilings are the same, but for rounding."""
    return caps.keys() == others.keys() and all(abs(c - others[n]) <= 1e-9 * abs(c) for n, c in caps.items())


def looser_caps(caps: Mapping[str, float], others: Mapping[str, float]) -> bool:
    """Whether ceilings are as loose as others, or looser."""
    return all(n in others and c >= others[n] * (1.0 - np.sign(others[n]) * 1e-9) for n, c in caps.items())


def with_status(plan: Plan) -> Plan:
    """Return the plan with the status that its objective and bound prove."""
    solve = plan.solve
    return replace(
        plan,
        solve=replace(solve, status=status_from_bounds(Status.FEASIBLE, solve.objective, solve.bound, solve.gap_asked)),
    )


def front_problems(names: Sequence[str], points: object, slack: object) -> list[Problem]:
    """Return what is wrong with the arguments of a front."""
    problems = objectives_problems(names)
    if isinstance(points, bool) or not isinstance(points, int):
        problems.append(Problem("points", "is no whole number", repr(points), "Ask for 2, 3, 4, ... points"))
    elif points < 2:
        problems.append(Problem("points", "too few", repr(points), "Ask for 2 or more: the two ends are points"))
    if isinstance(slack, bool) or not isinstance(slack, int | float) or not 0.0 <= slack < 1.0:
        fix = percent_fix("Give a fraction such as 1e-6, or 0", slack)
        problems.append(Problem("end_slack", "is no part below 1", repr(slack), fix))
    return problems


def nondominated(plans: Iterable[Plan], names: Sequence[str], tie: float = TIE) -> list[Plan]:
    """Return plans from the least of the first objective on, none as good as another in all, nor one twice.

    Parameters
    ----------
    plans : iterable of Plan
        In any order.
    names : sequence of str
        Two objectives or more.
    tie : float, optional
        Relative difference below which two plans are as good as each other.
    """
    ordered = sorted(plans, key=lambda p: [value(p, name) for name in names])
    if len(names) == 2:
        return undominated(ordered, names[0], names[1], tie)
    efficient: list[Plan] = []
    for plan in ordered:  # what comes later beats nothing that is kept but by less than a tie in the first
        if not any(_as_good(other, plan, names, tie) for other in efficient):
            efficient = [other for other in efficient if not _as_good(plan, other, names, tie)] + [plan]
    return efficient


def _as_good(one: Plan, other: Plan, names: Sequence[str], tie: float) -> bool:
    return all(value(one, n) <= value(other, n) + tie * max(1.0, abs(value(other, n))) for n in names)


def with_best_bounds(plans: Sequence[Plan], name: str) -> list[Plan]:
    """Return plans, each with the best bound that is proven under its ceilings, or under looser ones."""
    out = []
    for plan in plans:
        solve = plan.solve
        for other in plans:
            if other.solve.objective_name == name and looser_caps(other.solve.caps, solve.caps):
                solve = replace(solve, bound=max(solve.bound, other.solve.bound)).with_proof_of(other.solve)
        out.append(with_status(replace(plan, solve=replace(solve, bound=min(solve.bound, solve.objective)))))
    return out
