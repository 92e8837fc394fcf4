"""Exact trade-offs between two objectives: ε-constraint fronts with lexicographic ends and a proven bound at each point."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import numpy as np

from evsiting.errors import InfeasibleError, InputError, NoSolutionError, Problem
from evsiting.results.plan import Front, Plan, Status
from evsiting.solve.engine import Watch, judged
from evsiting.solve.monolithic import Session, session, tables_of
from evsiting.study.settings import ObjectiveName
from evsiting.study.study import Study

logger = logging.getLogger(__name__)

#: Relative room left at a lexicographic end, so that the solver's tolerances do not close it.
SLACK = 1e-6

#: Told of every point as it is found: number, how many there will be, plan.
PointWatch = Callable[[int, int, Plan], None]


def value(plan: Plan, name: str) -> float:
    """Return an objective of a plan in the sense in which less is better. [USD, tCO2e, −job-years]"""
    total = plan.totals[name]
    return -total if name == "jobs" else total


def pareto(
    study: Study,
    first: ObjectiveName = "cost",
    second: ObjectiveName = "emissions",
    *,
    points: int = 9,
    gap: float | None = None,
    time_limit_s: float | None = None,
    engine: str | None = None,
    threads: int | None = None,
    seed: int | None = None,
    extra: Any = None,
    start: Plan | None = None,
    known: Front | None = None,
    watch: Watch | None = None,
    on_point: PointWatch | None = None,
) -> Front:
    r"""Return the plans that are least in ``first`` for each ceiling on ``second``.

    The two ends are lexicographic: the least of one objective first, then the least of the other among the plans that
    reach it. Between them the ceiling ε moves in equal steps [1]_; every point is a mixed-integer program of its own,

    .. math:: \min f_1(x) \quad \text{s.t.} \quad f_2(x) \le \varepsilon

    solved from the tightest ceiling to the loosest, each started from the plan before it, which stays feasible. A bound that
    is proven under a looser ceiling holds under a tighter one and is carried over.

    Parameters
    ----------
    study : Study
        What is known.
    first, second : {"cost", "emissions", "jobs"}
        The objective minimised at each point, and the one that is capped. More jobs are better.
    points : int
        Plans on the front, both ends included; at least 2. Points that coincide are given once.
    gap, time_limit_s, engine, threads, seed, extra
        As in :func:`evsiting.solve`; the time limit holds for each program. [fraction, s]
    start : Plan, optional
        A plan to start the first program from.
    known : Front, optional
        An earlier, perhaps interrupted front of the same study: its points start the new ones.
    watch, on_point : callable, optional
        Told of the solver's progress, and of every point found.

    Returns
    -------
    Front
        From the least of ``first`` to the least of ``second``; each plan's ``solve`` holds its ceiling and proven bound. After
        Ctrl-C, the points found so far.

    Raises
    ------
    InputError
        If the objectives are equal or unknown, or ``points`` is below 2.
    SolveError
        If not even the ends can be found.

    References
    ----------
    .. [1] G. Mavrotas, "Effective implementation of the ε-constraint method in multi-objective mathematical programming
       problems," Appl. Math. Comput. 213(2), 455-465, 2009, doi:10.1016/j.amc.2009.03.037.

    Examples
    --------
    >>> import evsiting as ev
    >>> front = ev.pareto(ev.example("starter"), "cost", "emissions", points=3)
    >>> front.table["cost"].is_monotonic_increasing
    True
    """
    _check(first, second, points)
    ready = session(study, gap=gap, time_limit_s=time_limit_s, engine=engine, threads=threads, seed=seed, extra=extra)
    sweep = _Sweep(ready, first, second, points, watch, on_point or (lambda number, of, plan: None))
    sweep.hints += list(known.plans) if known is not None and known.objectives == (first, second) else []
    sweep.hints += [start] if start is not None else []
    sweep.run()
    return Front((first, second), tuple(_polished(sweep)), dict(sweep.ideal))


class _Sweep:
    """The state of one sweep: points found so far, plans to start from, bounds on the ideal point."""

    def __init__(
        self,
        ready: Session,
        first: ObjectiveName,
        second: ObjectiveName,
        points: int,
        watch: Watch | None,
        told: PointWatch,
    ) -> None:
        self.ready, self.first, self.second, self.points = ready, first, second, points
        self.watch, self.told = watch, told
        self.hints: list[Plan] = []
        self.found: list[Plan] = []
        self.ideal: dict[str, float] = {}

    @property
    def interrupted(self) -> bool:
        """Whether the last solve was stopped by the user."""
        return bool(self.found) and self.found[-1].solve.limit == "interrupt"

    def run(self) -> None:
        """Solve the loose end, the tight end, then from tight to loose between them."""
        self._keep(self._loose_end())
        if self.interrupted:
            return
        self._keep(self._tight_end())
        low, high = value(self.found[1], self.second), value(self.found[0], self.second)
        if high - low <= SLACK * max(1.0, abs(low)):
            return
        for ceiling in np.linspace(low, high, self.points)[1:-1].tolist():
            if self.interrupted:
                return
            self._keep(self._least(self.first, {self.second: ceiling}))

    def _keep(self, plan: Plan) -> None:
        self.found.append(plan)
        self.told(len(self.found), self.points, plan)

    def _least(self, name: ObjectiveName, caps: dict[str, float]) -> Plan:
        """Return the least of one objective under ceilings, started from the best plan known to respect them."""
        fit = [p for p in (*self.hints, *self.found) if all(value(p, n) <= c + SLACK * abs(c) for n, c in caps.items())]
        best = min(fit, key=lambda p: value(p, name), default=None)
        start = self.ready.program.point(tables_of(best)) if best is not None else None
        return self.ready.minimise(name, caps=caps, start=start, watch=self.watch)[0]

    def _then(self, plan: Plan, lead: ObjectiveName, follow: ObjectiveName) -> Plan:
        """Return the plan least in ``follow`` among those as good in ``lead`` as ``plan``; ``plan`` where there is no time."""
        self.hints.append(plan)
        if plan.solve.limit == "interrupt":
            return plan
        try:
            return self._least(follow, {lead: value(plan, lead) + SLACK * abs(value(plan, lead))})
        except (InfeasibleError, NoSolutionError):  # the solver's tolerances are wider than the room left
            return plan

    def _loose_end(self) -> Plan:
        plan = self._least(self.first, {})
        self.ideal[self.first] = plan.solve.bound
        end = self._then(plan, self.first, self.second)
        if end is plan:
            return plan
        solve = replace(
            plan.solve,
            seconds=plan.solve.seconds + end.solve.seconds,
            objective=value(end, self.first),
            limit=end.solve.limit if end.solve.limit == "interrupt" else plan.solve.limit,
        )
        return _judged(replace(end, solve=solve))

    def _tight_end(self) -> Plan:
        plan = self._least(self.second, {})
        self.ideal[self.second] = plan.solve.bound
        end = self._then(plan, self.second, self.first)
        if end is plan:  # nothing is proven of the first objective under this ceiling
            solve = replace(
                plan.solve,
                objective_name=self.first,
                objective=value(plan, self.first),
                bound=self.ideal[self.first],
                caps={self.second: value(plan, self.second)},
            )
            return _judged(replace(plan, solve=solve))
        return replace(end, solve=replace(end.solve, seconds=plan.solve.seconds + end.solve.seconds))


def _judged(plan: Plan) -> Plan:
    """Return the plan with the status that its objective and bound prove."""
    solve = plan.solve
    return replace(
        plan, solve=replace(solve, status=judged(Status.FEASIBLE, solve.objective, solve.bound, solve.gap_asked))
    )


def _polished(sweep: _Sweep) -> list[Plan]:
    """Return the plans from loose to tight, without dominated ones, bounds carried from looser to tighter ceilings."""
    loosest, *rest = sweep.found
    ordered = [loosest, *sorted(rest, key=lambda p: -p.solve.caps.get(sweep.second, -np.inf))]
    bound, carried = -np.inf, []
    for plan in ordered:
        bound = max(bound, plan.solve.bound)
        carried.append(_judged(replace(plan, solve=replace(plan.solve, bound=min(bound, plan.solve.objective)))))
    out: list[Plan] = []
    for number, plan in enumerate(carried):
        tighter = carried[number + 1 :]
        if not any(
            value(t, sweep.first) <= value(plan, sweep.first) + 1e-9 * abs(value(plan, sweep.first)) for t in tighter
        ):
            out.append(plan)
    return out


def _check(first: str, second: str, points: int) -> None:
    names = get_args(ObjectiveName)
    problems = [
        Problem("objectives", "not an objective", repr(n), f"Choose from {', '.join(names)}")
        for n in (first, second)
        if n not in names
    ]
    if first == second:
        problems.append(Problem("objectives", "both are the same", first, "Name two different objectives"))
    if points < 2:
        problems.append(Problem("points", "too few", str(points), "Ask for 2 or more: the two ends are points"))
    if problems:
        raise InputError(problems)
