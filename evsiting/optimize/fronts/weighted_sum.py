r"""Trade-offs at prices: a few plans, each the least of one objective plus a price on the other.

A ceiling on a second objective makes a program harder than it is without; a price leaves its rows as they are. A plan
that is least at a price is one of the supported points of the front, and what is proven of it at the price says what is
proven under a ceiling: with :math:`f_1(x) + w f_2(x) \ge B` for every plan,

.. math:: f_2(x) \le f_2(x^*) \quad \Rightarrow \quad f_1(x) \ge B - w\, f_2(x^*)

which is the bound of Lagrange's relaxation of the ceiling. Points that no price reaches are left out: they need
:func:`evsiting.pareto`.

References
----------
.. [1] M. Ehrgott, "Multicriteria Optimization," 2nd ed., Springer, 2005, chapter 3: weighted sums and supported points.
.. [2] M. L. Fisher, "The Lagrangian Relaxation Method for Solving Integer Programming Problems," Management Science 27
   (1981) 1-18.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import Any, Unpack

from evsiting.errors import InputError, NoSolutionError, Problem, expect
from evsiting.optimize.arguments import offer_problems
from evsiting.optimize.engines.base import Watch, status_from_bounds
from evsiting.optimize.fronts.at_once import AtOnce, Point, at_once_problems
from evsiting.optimize.fronts.points import PointWatch, objectives_problems, undominated, value
from evsiting.optimize.gaps import warn_of_gaps
from evsiting.optimize.large.large import is_large
from evsiting.optimize.memory import report_out_of_memory
from evsiting.optimize.options import SolveOptions, with_options
from evsiting.optimize.proof import holds
from evsiting.optimize.sessions.given import StudyOrSession, has_rules, session_of, settings_of, study_of
from evsiting.optimize.sessions.session import Session
from evsiting.optimize.sweeps.tasks import Outcome
from evsiting.results.plan import Front, Plan, Status
from evsiting.results.seal import sealed_front, sealing_callback
from evsiting.study.objectives import ObjectiveName
from evsiting.study.study import Study

logger = logging.getLogger(__name__)

#: Relative difference below which two plans found at prices are the same point.
SAME = 1e-9


@report_out_of_memory
@with_options
def weighted_sum(
    study: StudyOrSession,
    first: ObjectiveName = "cost",
    second: ObjectiveName = "emissions",
    *,
    prices: Sequence[float],
    extra: Any = None,
    start: Plan | None = None,
    watch: Watch | None = None,
    on_point: PointWatch | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    **options: Unpack[SolveOptions],
) -> Front:
    """Return the plans that are least in ``first`` plus a price on ``second``, for each of some prices.

    Parameters
    ----------
    study : Study or Session
        Missing layers are completed first. A session (:func:`evsiting.open_session`) starts from what was solved in it
        before; options left out are its own.
    first, second : {"cost", "emissions", "freight_emissions", "jobs", "late"}
        The objective that is minimised, and the one that has a price. More jobs are better.
    prices : sequence of float
        What one unit less of ``second`` is worth in ``first``, such as USD per tonne. The least of ``first`` alone is
        the first point in any case.
    **options : SolveOptions
        How hard to try: see :class:`evsiting.optimize.options.SolveOptions`.
    extra : pulp.LpProblem or sequence of pulp rules, optional
        As in :func:`evsiting.solve`.
    start : Plan, optional
        The least of ``first`` of this study, where it is known already; any other plan is passed over. Large programs
        start from the plans found before.
    watch, on_point : callable, optional
        Told of the solver's progress, and of every point found.
    workers, executor : int, concurrent.futures.Executor, optional
        As in :func:`evsiting.sweep`: prices are then solved at the same time, each by itself.

    Returns
    -------
    Front
        From the least of ``first`` on, none better than another in both. Each plan is told as the least of ``first``
        under a ceiling on ``second`` that is its own, with the best bound that the prices prove. After Ctrl-C, and
        where time brings no plan at a price, the points found.

    Raises
    ------
    InputError
        If the objectives are equal or unknown, a price is not positive, or a limit is out of range.
    SolveError
        If not even the first plan can be found.

    Examples
    --------
    >>> import evsiting as ev
    >>> front = ev.weighted_sum(ev.example("starter"), prices=[100.0, 1000.0])
    >>> front.table["emissions"].is_monotonic_decreasing
    True
    """
    expect("weighted_sum", study=(study, (Study, Session)), **({} if start is None else {"start": (start, Plan)}))
    source, study = study, study_of(study)
    settings, problems = settings_of(source, options)
    problems = [
        *_problems(first, second, prices),
        *at_once_problems(workers, executor, has_rules(source, extra)),
        *problems,
    ]
    if not problems:
        problems = offer_problems("objectives", (first, second), study)
    if problems:
        raise InputError(problems)
    ready = session_of(source, settings, extra)
    if start is not None:
        ready.learn(start)
    run = _Prices(ready, first, second, watch)
    known = start is not None and (start.study_digest, start.solve.objective_name) == (ready.study.digest, first)
    if start is not None and known and not start.solve.caps and holds(ready.study, start):
        run.plans[0.0] = start
    wanted = [0.0, *sorted({float(price) for price in prices})]
    report_point = sealing_callback(on_point)
    at_once = AtOnce.wanted(ready.study, settings, workers, executor)
    if at_once is not None:
        run.solve_at_once(wanted, at_once, report_point)
    else:
        for number, price in enumerate(wanted, 1):
            run.solve(price)
            if price in run.plans:
                report_point(number, len(wanted), run.plan_at(price))
    for number, price in reversed(list(enumerate(wanted, 1))):
        if is_large(ready.program) and run.better(price):
            report_point(number, len(wanted), run.plan_at(price))
    ideal: dict[str, float] = {first: run.plans[0.0].solve.bound}
    ends = [_least_end(list(run.plans.values()), first, second), *(run.plan_at(price) for price in run.plans if price)]
    front = Front((first, second), tuple(undominated(ends, first, second, SAME)), ideal)
    warn_of_gaps(front.plans)
    return sealed_front(front)


class _Prices:
    """The plans found so far, by price; after Ctrl-C no more are sought."""

    def __init__(self, ready: Session, first: ObjectiveName, second: ObjectiveName, watch: Watch | None) -> None:
        self.ready, self.first, self.second, self.watch = ready, first, second, watch
        self.plans: dict[float, Plan] = {}
        self.interrupted = False

    def worth(self, plan: Plan, price: float) -> float:
        """Return the objective at a price of a plan that was found at another."""
        return value(plan, self.first) + price * value(plan, self.second)

    def solve(self, price: float) -> None:
        """Seek the plan that is least at a price; a large program starts from the best one known, a small from none."""
        if price in self.plans or self.interrupted:
            return
        near = min(self.plans.values(), key=lambda p: self.worth(p, price), default=None)
        try:
            self.plans[price] = self._least(price, near if is_large(self.ready.program) else None)
        except NoSolutionError as error:
            if not self.plans:
                raise
            self.interrupted = error.limit == "interrupt"
            logger.info("no plan at a price of %g: %s", price, error)

    def solve_at_once(self, wanted: Sequence[float], at_once: AtOnce, report_point: PointWatch) -> None:
        """Seek the plans that are least at some prices at the same time; none is started from another."""
        known = dict(self.plans)
        points = {price: Point(self._weighed(price), {}) for price in wanted if price not in known}

        def done(price: float, outcome: Outcome) -> None:
            try:
                known[price] = outcome.result()
            except NoSolutionError as error:
                if not price:
                    raise
                logger.info("no plan at a price of %g: %s", price, error)
                return
            self.plans = {price: known[price] for price in wanted if price in known}
            report_point(wanted.index(price) + 1, len(wanted), self.plan_at(price))

        try:
            at_once.solve(points, done)
        except KeyboardInterrupt:
            if 0.0 not in self.plans:
                raise
            self.interrupted = True

    def better(self, price: float) -> bool:
        """Seek a better plan from one found at another price that is better than the price's own."""
        own = self.plans.get(price)
        near = min(self.plans.values(), key=lambda p: self.worth(p, price))
        if self.interrupted or own is None or self.worth(near, price) >= self.worth(own, price):
            return False
        try:
            new = self._least(price, near)
        except NoSolutionError as error:
            self.interrupted = error.limit == "interrupt"
            return False
        if self.worth(new, price) >= self.worth(own, price):
            return False
        both = replace(new, solve=new.solve.with_proof_of(own.solve))
        self.plans[price] = _proven_as(both, max(own.solve.bound, new.solve.bound), own.solve.seconds)
        return True

    def plan_at(self, price: float) -> Plan:
        """Return the plan of a price as the least of the first objective under its own ceiling."""
        plan = self.plans[price]
        bounds = {price: plan.solve.bound for price, plan in self.plans.items()}
        return self._priced(as_ceiling_point(plan, self.first, self.second, bounds, self._constant)) if price else plan

    def _priced(self, plan: Plan) -> Plan:
        """Return a plan under a ceiling with the prices that prove its bound: those of a plan found at some price.

        The price of the second objective becomes that of the ceiling, as in Lagrange's relaxation of it.
        """
        ceiling, objectives = plan.solve.caps[self.second], self.ready.program.milp.objectives
        proofs = {price: plan_there.solve for price, plan_there in self.plans.items()}
        best = max(proofs, key=lambda price: proofs[price].price_bound - price * ceiling)
        proof, first, second = proofs[best], objectives[self.first].unit, objectives[self.second].unit
        if proof.prices is None:
            return replace(plan, solve=replace(plan.solve, prices=None, price_bound=-math.inf))
        scale = max(first, second) / first if best else 1.0
        prices = proof.prices.with_ceiling(scale, -best * second / first)
        return replace(plan, solve=replace(plan.solve, prices=prices, price_bound=proof.price_bound - best * ceiling))

    @property
    def _constant(self) -> float:
        """Part of the first objective that no decision changes."""
        objective = self.ready.program.milp.objectives[self.first]
        return objective.unit * objective.constant

    def _least(self, price: float, near: Plan | None) -> Plan:
        start = None if near is None else self.ready.program.point(near.tables)
        plan, _ = self.ready.minimise(self._weighed(price), start=start, watch=self.watch)
        self.interrupted = plan.solve.limit == "interrupt"
        return plan

    def _weighed(self, price: float) -> dict[ObjectiveName, float]:
        return {self.first: 1.0, self.second: price} if price else {self.first: 1.0}


def _least_end(plans: Sequence[Plan], first: ObjectiveName, second: ObjectiveName) -> Plan:
    """Return the least of the first objective, of equal ones the least of the second.

    A plan found at a price may be less than the first one found.
    """
    end, reached = plans[0], min(value(p, first) for p in plans)
    equal = [p for p in plans if value(p, first) <= reached + SAME * abs(reached)]
    least = min(equal, key=lambda p: value(p, second))
    if least is end or (end in equal and value(end, second) <= value(least, second) + SAME * abs(value(least, second))):
        return end
    reached = value(least, first)
    return _proven_as(replace(least, solve=replace(end.solve, objective=reached)), end.solve.bound)


def _proven_as(plan: Plan, bound: float, seconds: float = 0.0) -> Plan:
    """Return a plan with a bound proven elsewhere, and seconds more."""
    solve = replace(plan.solve, bound=min(bound, plan.solve.objective), seconds=plan.solve.seconds + seconds)
    status = status_from_bounds(Status.FEASIBLE, solve.objective, solve.bound, solve.gap_asked)
    return replace(plan, solve=replace(solve, status=status))


def as_ceiling_point(
    plan: Plan, first: ObjectiveName, second: ObjectiveName, bounds: Mapping[float, float], constant: float = 0.0
) -> Plan:
    """Return a plan that is least at a price as the least of the first objective under a ceiling on the second.

    Parameters
    ----------
    plan : Plan
        Least in ``first`` plus a price times ``second``.
    first, second : str
        The objectives.
    bounds : mapping of float to float
        What is proven at each price of ``second``; each proves something under the ceiling, and the best counts.
    constant : float, optional
        Part of ``first`` that no decision changes.

    Returns
    -------
    Plan
        The same tables; its ``solve`` holds the ceiling and the bound that follows.
    """
    ceiling, reached = value(plan, second), value(plan, first)
    bound = min(max(bound - price * ceiling for price, bound in bounds.items()), reached)
    status = status_from_bounds(Status.FEASIBLE, reached, bound, plan.solve.gap_asked)
    solve = replace(
        plan.solve,
        status=status,
        objective_name=first,
        objective=reached,
        bound=bound,
        caps={**plan.solve.caps, second: ceiling},
        constant=constant,
    )
    return replace(plan, solve=solve)


def _problems(first: str, second: str, prices: Sequence[float]) -> list[Problem]:
    """Return what is wrong with the arguments."""
    problems = objectives_problems((first, second))
    wrong = [p for p in prices if not (math.isfinite(p) and p > 0.0)]
    if wrong or not len(prices):
        seen = ", ".join(f"{p:g}" for p in wrong) or "none given"
        problems.append(Problem("prices", "a price must be above zero and finite", seen, "Give prices such as 100"))
    return problems
