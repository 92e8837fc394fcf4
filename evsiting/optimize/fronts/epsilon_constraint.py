"""Exact trade-offs between two objectives: ε-constraint fronts, their ends lexicographic, every point with a bound."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from typing import Any, Unpack

import numpy as np

from evsiting.errors import InfeasibleError, InputError, NoSolutionError, expect
from evsiting.optimize.arguments import offer_problems, resolved_settings
from evsiting.optimize.engines.base import Watch
from evsiting.optimize.fronts.at_once import AtOnce, Point, at_once_problems
from evsiting.optimize.fronts.points import (
    TIE,
    PointWatch,
    best_in,
    front_problems,
    judged,
    keeping,
    looser_caps,
    same_caps,
    undominated,
    value,
    widest_gap,
)
from evsiting.optimize.gaps import warn_of_gaps
from evsiting.optimize.large.large import is_large
from evsiting.optimize.memory import memory_told
from evsiting.optimize.options import SolveOptions, with_options
from evsiting.optimize.proof import holds
from evsiting.optimize.solve import Session, session_from_settings
from evsiting.optimize.sweeps.tasks import Outcome
from evsiting.results.plan import Front, Plan, Solve, Status
from evsiting.results.seal import sealed_front, sealing
from evsiting.study.objectives import ObjectiveName
from evsiting.study.study import Study

logger = logging.getLogger(__name__)

#: Relative room left at a lexicographic end, so that the solver's tolerances do not close it.
SLACK = 1e-6
#: Relative excess over a ceiling that is rounding alone: half of what the certificate lets pass.
ROUNDING = 5e-7

#: Relative distance from what is proven above which a plan is no start between the ends: the solver polishes it
#: where it would find a better one from nothing.
FAR = 0.02


@memory_told
@with_options
def pareto(
    study: Study,
    first: ObjectiveName = "cost",
    second: ObjectiveName = "emissions",
    *,
    points: int = 9,
    extra: Any = None,
    end_slack: float = SLACK,
    start: Plan | None = None,
    known: Front | None = None,
    watch: Watch | None = None,
    on_point: PointWatch | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    **options: Unpack[SolveOptions],
) -> Front:
    r"""Return the plans that are least in ``first`` for each ceiling on ``second``.

    The two ends are lexicographic: the least of one objective first, then the least of the other among the plans that
    reach it. Between them the ceiling ε moves in equal steps [1]_; every point is a mixed-integer program of its own,

    .. math:: \min f_1(x) \quad \text{s.t.} \quad f_2(x) \le \varepsilon

    solved from the tightest ceiling to the loosest, each started from the plan before it where that is a good one; a
    large program goes from the loosest on, from the plan nearest to the ceiling. A bound that is proven under a looser
    ceiling holds under a tighter one and is carried over.

    Parameters
    ----------
    study : Study
        What is known.
    first, second : {"cost", "emissions", "freight_emissions", "jobs", "late"}
        The objective minimised at each point, and the one that is capped. More jobs are better.
    points : int
        Plans on the front, both ends included; at least 2. Points that coincide are given once.
    **options : SolveOptions
        How hard to try: see :class:`evsiting.optimize.options.SolveOptions`.
    extra : pulp.LpProblem or sequence of pulp rules, optional
        As in :func:`evsiting.solve`.
    end_slack : float, optional
        Relative part of the leading objective that each end gives up before the other is minimised, so that the
        solver's tolerances do not close what is left. Where the other objective is cheap to change, a millionth may
        move it by some 5e-4; at 0 nothing is given up, and the end is left as it was found where the solver sees no
        room. [fraction]
    start : Plan, optional
        A plan to start the first program from.
    known : Front, optional
        An earlier, perhaps interrupted front of the same study: what it has proven is not solved again (unless
        there are ``extra`` rules), and its plans start the rest.
    watch, on_point : callable, optional
        Told of the solver's progress, and of every point found.
    workers, executor : int, concurrent.futures.Executor, optional
        As in :func:`evsiting.sweep`, for the points between the ends: each is then started from what is known before
        all of them, so that the front does not depend on how many are solved at the same time.

    Returns
    -------
    Front
        From the least of ``first`` to the least of ``second``, none better than another in both; each plan's ``solve``
        holds its ceiling and proven bound. After Ctrl-C, the points found so far.

    Raises
    ------
    InputError
        If the objectives are equal or unknown, ``points`` is below 2, or a limit is out of range.
    SolveError
        If not even a first plan can be found.

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
    expect("pareto", study=(study, Study), **({} if start is None else {"start": (start, Plan)}))
    settings, problems = resolved_settings(study, options)
    if problems := [
        *front_problems(first, second, points, end_slack),
        *at_once_problems(workers, executor, extra),
        *offer_problems("objectives", (first, second), study),
        *problems,
    ]:
        raise InputError(problems)
    ready = session_from_settings(study, settings, extra)
    sweep = _Sweep(ready, first, second, points, watch, sealing(on_point), end_slack)
    sweep.hints += list(known.plans) if known is not None else []
    sweep.hints += [start] if start is not None else []
    sweep.at_once = AtOnce.wanted(ready.study, settings, workers, executor)
    sweep.proven += [] if known is None or extra is not None else _proven(known, ready, end_slack)
    sweep.run()
    front = Front((first, second), tuple(_polished(sweep)), dict(sweep.ideal), end_slack)
    warn_of_gaps(front.plans)
    return sealed_front(front)


def programs(points: int) -> int:
    """Return the most programs that a front of so many points solves: two for each end, some more to fill gaps.

    Examples
    --------
    >>> programs(9)
    14
    """
    return points + 2 + points // 3


class _Sweep:
    """The state of one sweep: points found so far, plans to start from, bounds on the ideal point.

    ``hints`` only start a solve; ``own`` are plans of this very program and may stand in for an answer; ``proven`` are
    answers of an earlier sweep that need no second solve.
    """

    def __init__(
        self,
        ready: Session,
        first: ObjectiveName,
        second: ObjectiveName,
        points: int,
        watch: Watch | None,
        told: PointWatch,
        slack: float = SLACK,
    ) -> None:
        self.ready, self.first, self.second, self.points, self.slack = ready, first, second, points, slack
        self.large = is_large(ready.program)
        self.watch, self.told = watch, told
        self.hints: list[Plan] = []
        self.proven: list[Plan] = []
        self.own: list[Plan] = []
        self.found: list[Plan] = []
        self.ideal: dict[str, float] = {}
        self.at_once: AtOnce | None = None

    @property
    def interrupted(self) -> bool:
        """Whether the last solve was stopped by the user."""
        return bool(self.found) and self.found[-1].solve.limit == "interrupt"

    def run(self) -> None:
        """Find the points; Ctrl-C ends the search and keeps those found."""
        try:
            self._points()
        except KeyboardInterrupt:
            if not self.found:
                raise
            logger.info("interrupted: keeping the %d points found", len(self.found))

    def _points(self) -> None:
        """Solve the loose end, the tight end, then from tight to loose between them."""
        self._keep(self._loose_end())
        if self.interrupted:
            return
        self._keep(self._tight_end())
        low, high = value(self.found[1], self.second), value(self.found[0], self.second)
        if high - low <= TIE * max(1.0, abs(low)):
            return
        ceilings = np.linspace(low, high, self.points)[1:-1].tolist()
        if self.at_once is not None:
            self._between([{self.second: c} for c in ceilings], self.at_once)
            ceilings = []
        for ceiling in reversed(ceilings) if self.large else ceilings:
            if self.interrupted:
                return
            self._keep(self._least(self.first, {self.second: ceiling}, far=FAR))
        self._fill()

    def _between(self, caps: Sequence[dict[str, float]], at_once: AtOnce) -> None:
        """Solve points under ceilings at the same time; they are kept in the order of the ceilings."""
        own = [best_in(keeping(self.own, c, 1e-9), self.first) for c in caps]
        found = {k: plan for k, c in enumerate(caps) if (plan := self._proven_under(self.first, c)) is not None}
        left = [k for k in range(len(caps)) if k not in found]
        points = {k: Point(self.first, caps[k], self._hint(self.first, caps[k], FAR)) for k in left}

        def done(k: int, outcome: Outcome) -> None:
            found[k] = self._answered(self.first, caps[k], own[k], outcome.result)
            self.told(len(self.found) + len(found), self.points, found[k])

        try:
            at_once.solve(points, done)
        finally:
            self.found += (kept := [found[k] for k in sorted(found)])
            self.own += kept

    def _fill(self) -> None:
        """Look between the points that lie farthest apart, where the front has fewer than asked for."""
        tried: set[float] = set()
        for _ in range(self.points // 3):
            front = _polished(self)
            if self.interrupted or not 2 <= len(front) < self.points:
                return
            ceiling = widest_gap(front, self.first, self.second, tried)
            if ceiling is None:
                return
            tried.add(ceiling)
            self._keep(self._least(self.first, {self.second: ceiling}, far=FAR))

    def _keep(self, plan: Plan) -> None:
        self.found.append(plan)
        self.told(len(self.found), max(self.points, len(self.found)), plan)

    def _least(self, name: ObjectiveName, caps: dict[str, float], *, far: float = np.inf) -> Plan:
        """Return the least of one objective under ceilings, started from a known plan.

        Where the solver finds nothing better than a plan of this sweep that respects them, that plan is the answer.
        """
        if (plan := self._proven_under(name, caps)) is None:
            own, hint = best_in(keeping(self.own, caps, 1e-9), name), self._hint(name, caps, far)
            start = self.ready.program.point(hint.tables) if hint is not None else None
            ask = partial(self.ready.minimise, name, caps=caps, start=start, watch=self.watch, explain=own is None)
            plan = self._answered(name, caps, own, lambda: ask()[0])
        self.own.append(plan)
        return plan

    def _proven_under(self, name: ObjectiveName, caps: dict[str, float]) -> Plan | None:
        """Return the answer of an earlier sweep, where there is one."""
        proven = (plan for plan in self.proven if plan.solve.objective_name == name)
        return next((plan for plan in proven if same_caps(plan.solve.caps, caps)), None)

    def _hint(self, name: ObjectiveName, caps: dict[str, float], far: float) -> Plan | None:
        return self._near(caps) if self.large else self._start(name, caps, far)

    def _answered(
        self, name: ObjectiveName, caps: dict[str, float], own: Plan | None, solve: Callable[[], Plan]
    ) -> Plan:
        """Return what a solve finds, or the plan of this sweep that is better, or stands in for it."""
        try:
            plan = solve()
        except (InfeasibleError, NoSolutionError) as error:  # infeasible: tolerances wider than the room left
            if own is None:
                raise
            limit = error.limit if isinstance(error, NoSolutionError) else ""
            return _standing_in(own, name, caps, limit, self._constant(name))
        if own is not None and value(own, name) < value(plan, name):
            return judged(replace(own, solve=replace(plan.solve, objective=value(own, name))))
        return plan

    def _constant(self, name: str) -> float:
        """Return the part of an objective that no decision changes."""
        objective = self.ready.program.milp.objectives[name]
        return objective.unit * objective.constant

    def _start(self, name: ObjectiveName, caps: dict[str, float], far: float) -> Plan | None:
        """Return the best known plan that respects the ceilings, unless it is ``far`` from what is proven."""
        hint = best_in(keeping((*self.hints, *self.own), caps, SLACK), name)
        if hint is not None and value(hint, name) - self._floor(name, caps) > far * abs(value(hint, name)):
            return None
        return hint

    def _near(self, caps: dict[str, float]) -> Plan | None:
        """Return the known plan nearest to the ceilings, which it may break: a large program is better near it."""

        def distance(plan: Plan) -> float:
            return sum(abs(value(plan, name) - cap) / max(1.0, abs(cap)) for name, cap in caps.items())

        return min((*self.hints, *self.own), key=distance, default=None)

    def _floor(self, name: str, caps: Mapping[str, float]) -> float:
        """Return the highest bound proven under ceilings that are as loose, or looser."""
        digest = self.ready.study.digest
        known = [p for p in (*self.hints, *self.own) if p.study_digest == digest and p.solve.objective_name == name]
        return max((p.solve.bound for p in known if looser_caps(p.solve.caps, caps)), default=-np.inf)

    def _then(self, plan: Plan, lead: ObjectiveName, follow: ObjectiveName) -> Plan:
        """Return the plan least in ``follow`` among those as good in ``lead`` as ``plan``; ``plan`` after Ctrl-C."""
        caps: dict[str, float] = {lead: value(plan, lead) + self.slack * abs(value(plan, lead))}
        if plan.solve.limit == "interrupt":
            return _standing_in(plan, follow, caps, "interrupt", self._constant(follow))
        return self._least(follow, caps)

    def _loose_end(self) -> Plan:
        plan = self._least(self.first, {})
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
        return judged(replace(end, solve=solve))

    def _tight_end(self) -> Plan:
        plan = self._least(self.second, {})
        self.ideal[self.second] = plan.solve.bound
        end = self._then(plan, self.second, self.first)
        return replace(end, solve=replace(end.solve, seconds=plan.solve.seconds + end.solve.seconds))


def _proven(known: Front, ready: Session, slack: float) -> list[Plan]:
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


def _standing_in(plan: Plan, name: str, caps: dict[str, float], limit: str, constant: float) -> Plan:
    """Return a known plan as the answer to a solve that brought none: nothing is proven of it."""
    solve = replace(
        plan.solve,
        status=Status.FEASIBLE,
        objective_name=name,
        objective=value(plan, name),
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


def _polished(sweep: _Sweep) -> list[Plan]:
    """Return the plans from loose to tight, without dominated ones, each with the best bound proven for it.

    What is proven under a ceiling holds under every tighter one, and of every plan that keeps to it.
    """
    proofs: list[Solve] = []
    for plan in sorted(sweep.found, key=lambda p: -p.solve.caps.get(sweep.second, np.inf)):
        looser = proofs[-1] if proofs else plan.solve
        proofs.append(replace(plan.solve, bound=max(looser.bound, plan.solve.bound)).with_proof_of(looser))
    carried = [_proved(plan, proofs, sweep) if plan.solve.caps else _bounded(plan, plan.solve) for plan in sweep.found]
    return undominated(carried, sweep.first, sweep.second)


def _proved(plan: Plan, proofs: Sequence[Solve], sweep: _Sweep) -> Plan:
    """Return the plan under the tightest ceiling that it keeps to; ``proofs`` go from loose to tight."""
    reached = value(plan, sweep.second)
    kept = [p for p in proofs if p.caps and reached <= p.caps[sweep.second] + ROUNDING * abs(p.caps[sweep.second])]
    proof = kept[-1] if kept else plan.solve
    return _bounded(replace(plan, solve=replace(proof, objective=value(plan, sweep.first))), proof)


def _bounded(plan: Plan, proof: Solve) -> Plan:
    return judged(replace(plan, solve=replace(plan.solve, bound=min(proof.bound, plan.solve.objective))))
