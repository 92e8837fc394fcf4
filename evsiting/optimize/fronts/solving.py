"""One solve of a front after another: started from the plans known, with what is proven carried over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from evsiting.errors import InfeasibleError, NoSolutionError
from evsiting.optimize.arguments import ObjectiveLike, weights
from evsiting.optimize.engines.base import Watch
from evsiting.optimize.fronts.points import PointWatch, looser_caps, same_caps, value, with_status, within_ceilings
from evsiting.optimize.large.large import is_large
from evsiting.optimize.solve import Session
from evsiting.results.plan import Plan, Status

__all__ = ["SLACK", "FrontSolver", "fallback_answer"]

#: Relative room left at a lexicographic end, so that the solver's tolerances do not close it.
SLACK = 1e-6


@dataclass
class FrontSolver:
    """The programs of one front, and the plans found so far.

    ``hints`` only start a solve; ``own`` are plans of this very program and may stand in for an answer; ``proven`` are
    answers of an earlier front that need no second solve; ``plans`` are the points.

    Parameters
    ----------
    ready : Session
        Study, program and engine.
    names : tuple of str
        The objectives, the one that is minimised at each point first.
    watch : callable, optional
        Told of the solver's progress.
    on_point : callable
        Told of every point.
    slack : float
        Relative part of the leading objective that a lexicographic end gives up. [fraction]
    """

    ready: Session
    names: tuple[str, ...]
    watch: Watch | None
    on_point: PointWatch
    slack: float = SLACK
    hints: list[Plan] = field(default_factory=list)
    proven: list[Plan] = field(default_factory=list)
    own: list[Plan] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    ideal: dict[str, float] = field(default_factory=dict)

    @property
    def large(self) -> bool:
        """Whether the program is solved as a large one."""
        return is_large(self.ready.program)

    @property
    def interrupted(self) -> bool:
        """Whether the last solve was stopped by the user."""
        return bool(self.plans) and self.plans[-1].solve.limit == "interrupt"

    def least(
        self, objective: ObjectiveLike, caps: dict[str, float], *, far: float = np.inf, explain: bool = True
    ) -> Plan:
        """Return the least of an objective under ceilings, started from a known plan.

        Where the solver finds nothing better than a plan of this front that respects them, that plan is the answer.
        """
        if (plan := self.proven_under(objective, caps)) is None:
            own, hint = self.best_known(objective, caps), self.hint(objective, caps, far)
            start = self.ready.program.point(hint.tables) if hint is not None else None
            ask = partial(
                self.ready.minimise,
                objective,
                caps=caps,
                start=start,
                watch=self.watch,
                explain=explain and own is None,
            )
            plan = self.answered(objective, caps, own, lambda: ask()[0])
        self.own.append(plan)
        return plan

    def best_known(self, objective: ObjectiveLike, caps: dict[str, float]) -> Plan | None:
        """Return the best plan of this front that respects ceilings."""
        return min(within_ceilings(self.own, caps, 1e-9), key=partial(worth, objective=objective), default=None)

    def proven_under(self, objective: ObjectiveLike, caps: dict[str, float]) -> Plan | None:
        """Return the answer of an earlier front, where there is one."""
        proven = (plan for plan in self.proven if plan.solve.objective_name == objective)
        return next((plan for plan in proven if same_caps(plan.solve.caps, caps)), None)

    def hint(self, objective: ObjectiveLike, caps: dict[str, float], far: float) -> Plan | None:
        """Return the plan from which a solve starts: a large program is better near the ceilings, even above them."""
        if not self.large:
            return self._start(objective, caps, far)

        def distance(plan: Plan) -> float:
            return sum(abs(value(plan, name) - cap) / max(1.0, abs(cap)) for name, cap in caps.items())

        return min((*self.hints, *self.own), key=distance, default=None)

    def answered(
        self, objective: ObjectiveLike, caps: dict[str, float], own: Plan | None, solve: Callable[[], Plan]
    ) -> Plan:
        """Return what a solve finds, or the plan of this front that is better, or stands in for it."""
        try:
            plan = solve()
        except (InfeasibleError, NoSolutionError) as error:  # infeasible: tolerances wider than the room left
            if own is None:
                raise
            limit = error.limit if isinstance(error, NoSolutionError) else ""
            return fallback_answer(own, objective, caps, limit, self.constant(objective))
        if own is not None and worth(own, objective) < worth(plan, objective):
            return with_status(replace(own, solve=replace(plan.solve, objective=worth(own, objective))))
        return plan

    def constant(self, objective: ObjectiveLike) -> float:
        """Return the part of an objective that no decision changes."""
        combined = self.ready.program.milp.combined(weights(objective))
        return combined.unit * combined.constant

    def _start(self, objective: ObjectiveLike, caps: dict[str, float], far: float) -> Plan | None:
        """Return the best known plan that respects the ceilings, unless it is ``far`` from what is proven."""
        known = within_ceilings((*self.hints, *self.own), caps, SLACK)
        hint = min(known, key=partial(worth, objective=objective), default=None)
        if hint is None or not np.isfinite(far):
            return hint
        reached = worth(hint, objective)
        return None if reached - self._floor(str(objective), caps) > far * abs(reached) else hint

    def _floor(self, name: str, caps: Mapping[str, float]) -> float:
        """Return the highest bound proven under ceilings that are as loose, or looser."""
        digest = self.ready.study.digest
        known = [p for p in (*self.hints, *self.own) if p.study_digest == digest and p.solve.objective_name == name]
        return max((p.solve.bound for p in known if looser_caps(p.solve.caps, caps)), default=-np.inf)


def worth(plan: Plan, objective: ObjectiveLike) -> float:
    """Return what a plan comes to in an objective, or in a weighted sum of some; less is better."""
    return sum(weight * value(plan, name) for name, weight in weights(objective).items())


def fallback_answer(plan: Plan, objective: ObjectiveLike, caps: dict[str, float], limit: str, constant: float) -> Plan:
    """Return a known plan as the answer to a solve that brought none: nothing is proven of it."""
    terms = weights(objective)
    name = objective if isinstance(objective, str) else " + ".join(f"{w!r} {n}" for n, w in terms.items())
    solve = replace(
        plan.solve,
        status=Status.FEASIBLE,
        objective_name=name,
        objective=worth(plan, objective),
        bound=-np.inf,
        limit=limit,
        seconds=0.0,
        caps=caps,
        verified="",
        verified_by="",
        constant=constant,
        price_bound=-np.inf,
        prices=None,
    )
    return replace(plan, solve=solve)
