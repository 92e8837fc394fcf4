"""Points of a front between its ends, under ceilings in equal steps; the ends are lexicographic."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from evsiting.optimize.fronts.at_once import AtOnce, Point
from evsiting.optimize.fronts.points import TIE, undominated, value, widest_gap, with_status
from evsiting.optimize.fronts.solving import SLACK, FrontSolver, fallback_answer
from evsiting.optimize.proof import holds
from evsiting.optimize.solve import Session
from evsiting.optimize.sweeps.tasks import Outcome
from evsiting.results.plan import Front, Plan, Solve, Status
from evsiting.study.objectives import ObjectiveName

__all__ = ["Sweep", "refine_points", "programs", "still_proven"]

logger = logging.getLogger(__name__)

#: Relative excess over a ceiling that is rounding alone: half of what the certificate lets pass.
ROUNDING = 5e-7

#: Relative distance from what is proven above which a plan is no start between the ends: the solver polishes it
#: where it would find a better one from nothing.
FAR = 0.02
#: Gap below which a plan between the ends is proven least, so that one as good in the first objective that is better in
#: the second is looked for.
DECIDED = 1e-6
#: Relative difference below which two plans are equal in the first objective: nothing is given up between the ends.
EQUAL = 1e-9


def programs(points: int) -> int:
    """Return the most programs that a front of so many points solves: two for each end, some more to fill gaps.

    Examples
    --------
    >>> programs(9)
    14
    """
    return points + 2 + points // 3


@dataclass
class Sweep(FrontSolver):
    """The points of a front of two objectives, under ceilings in equal steps.

    Parameters
    ----------
    points : int
        How many are asked for, both ends included.
    at_once : AtOnce, optional
        Where points between the ends are solved at the same time.
    """

    points: int = 9
    at_once: AtOnce | None = None

    @property
    def first(self) -> ObjectiveName:
        """The objective that is minimised at each point."""
        return self.names[0]  # type: ignore[return-value]

    @property
    def second(self) -> ObjectiveName:
        """The objective under a ceiling."""
        return self.names[1]  # type: ignore[return-value]

    def run(self) -> None:
        """Find the points; Ctrl-C ends the search and keeps those found."""
        try:
            self._points()
        except KeyboardInterrupt:
            if not self.plans:
                raise
            logger.info("interrupted: keeping the %d points found", len(self.plans))

    def _points(self) -> None:
        """Solve the loose end, the tight end, then from tight to loose between them."""
        self._keep(self._loose_end())
        if self.interrupted:
            return
        self._keep(self._tight_end())
        low, high = value(self.plans[1], self.second), value(self.plans[0], self.second)
        if high - low <= TIE * max(1.0, abs(low)):
            return
        ceilings = np.linspace(low, high, self.points)[1:-1].tolist()
        if self.at_once is not None:
            self._between([{self.second: c} for c in ceilings], self.at_once)
            ceilings = []
        for ceiling in reversed(ceilings) if self.large else ceilings:
            if self.interrupted:
                return
            self._keep(self.least(self.first, {self.second: ceiling}, far=FAR))
        self._fill()
        if self.ready.limits.gap <= DECIDED and not self.large:
            self.plans = [plan if k < 2 else self._improved(plan) for k, plan in enumerate(self.plans)]

    def _improved(self, plan: Plan) -> Plan:
        """Return a plan between the ends, or one as good in the first objective and better in the second."""
        if self.interrupted or plan.status is not Status.OPTIMAL or any(plan is p for p in self.proven):
            return plan
        reached, other = value(plan, self.first), value(plan, self.second)
        end = self.least(self.second, {self.first: reached + EQUAL * abs(reached)}, explain=False)
        if value(end, self.second) >= other - TIE * max(1.0, abs(other)):
            return plan
        seconds = plan.solve.seconds + end.solve.seconds
        solve = replace(plan.solve, objective=value(end, self.first), seconds=seconds)
        return with_status(replace(end, solve=solve))

    def _between(self, caps: Sequence[dict[str, float]], at_once: AtOnce) -> None:
        """Solve points under ceilings at the same time; they are kept in the order of the ceilings."""
        own = [self.best_known(self.first, c) for c in caps]
        plans = {k: plan for k, c in enumerate(caps) if (plan := self.proven_under(self.first, c)) is not None}
        left = [k for k in range(len(caps)) if k not in plans]
        points = {k: Point(self.first, caps[k], self.hint(self.first, caps[k], FAR)) for k in left}

        def done(k: int, outcome: Outcome) -> None:
            plans[k] = self.answered(self.first, caps[k], own[k], outcome.result)
            self.on_point(len(self.plans) + len(plans), self.points, plans[k])

        try:
            at_once.solve(points, done)
        finally:
            self.plans += (in_order := [plans[k] for k in sorted(plans)])
            self.own += in_order

    def _fill(self) -> None:
        """Look between the points that lie farthest apart, where the front has fewer than asked for."""
        tried: set[float] = set()
        for _ in range(self.points // 3):
            front = refine_points(self)
            if self.interrupted or not 2 <= len(front) < self.points:
                return
            ceiling = widest_gap(front, self.first, self.second, tried)
            if ceiling is None:
                return
            tried.add(ceiling)
            self._keep(self.least(self.first, {self.second: ceiling}, far=FAR))

    def _keep(self, plan: Plan) -> None:
        self.plans.append(plan)
        self.on_point(len(self.plans), max(self.points, len(self.plans)), plan)

    def _then(self, plan: Plan, lead: ObjectiveName, follow: ObjectiveName) -> Plan:
        """Return the plan least in ``follow`` among those as good in ``lead`` as ``plan``; ``plan`` after Ctrl-C."""
        caps: dict[str, float] = {lead: value(plan, lead) + self.slack * abs(value(plan, lead))}
        if plan.solve.limit == "interrupt":
            return fallback_answer(plan, follow, caps, "interrupt", self.constant(follow))
        return self.least(follow, caps)

    def _loose_end(self) -> Plan:
        plan = self.least(self.first, {})
        self.ideal[self.first] = plan.solve.bound
        if any(plan is p for p in self.proven):  # it is the lexicographic end already
            return plan
        end = self._then(plan, self.first, self.second)
        solve = replace(
            plan.solve,
            seconds=plan.solve.seconds + end.solve.seconds,
            objective=value(end, self.first),
            limit=end.solve.limit if end.solve.limit == "interrupt" else plan.solve.limit,
        )
        return with_status(replace(end, solve=solve))

    def _tight_end(self) -> Plan:
        plan = self.least(self.second, {})
        self.ideal[self.second] = plan.solve.bound
        end = self._then(plan, self.second, self.first)
        return replace(end, solve=replace(end.solve, seconds=plan.solve.seconds + end.solve.seconds))


def still_proven(known: Front, ready: Session, slack: float) -> list[Plan]:
    """Return the plans of an earlier front that answer the same study to the gap asked for now, certified anew.

    An end that gave up another part of its leading objective is no end of this front.
    """
    return [
        plan
        for plan in known.plans
        if plan.study_digest == ready.study.digest
        and plan.status is Status.OPTIMAL
        and plan.gap <= ready.limits.gap + SLACK
        and (plan.solve.caps or known.end_slack == slack)
        and holds(ready.study, plan)
    ]


def refine_points(sweep: Sweep) -> list[Plan]:
    """Return the plans from loose to tight, without dominated ones, each with the best bound proven for it.

    What is proven under a ceiling holds under every tighter one, and of every plan that keeps to it.
    """
    proofs: list[Solve] = []
    for plan in sorted(sweep.plans, key=lambda p: -p.solve.caps.get(sweep.second, np.inf)):
        looser = proofs[-1] if proofs else plan.solve
        proofs.append(replace(plan.solve, bound=max(looser.bound, plan.solve.bound)).with_proof_of(looser))
    carried = [
        _under_tightest_ceiling(plan, proofs, sweep) if plan.solve.caps else _with_bound(plan, plan.solve)
        for plan in sweep.plans
    ]
    return undominated(carried, sweep.first, sweep.second)


def _under_tightest_ceiling(plan: Plan, proofs: Sequence[Solve], sweep: Sweep) -> Plan:
    """Return the plan under the tightest ceiling that it keeps to; ``proofs`` go from loose to tight."""
    reached = value(plan, sweep.second)
    tighter = [p for p in proofs if p.caps and reached <= p.caps[sweep.second] + ROUNDING * abs(p.caps[sweep.second])]
    proof = tighter[-1] if tighter else plan.solve
    return _with_bound(replace(plan, solve=replace(proof, objective=value(plan, sweep.first))), proof)


def _with_bound(plan: Plan, proof: Solve) -> Plan:
    return with_status(replace(plan, solve=replace(plan.solve, bound=min(proof.bound, plan.solve.objective))))
