r"""Large studies with scenarios: each future by itself for the bound, one first stage tried in all for the plan.

The extensive form of many large programs is too large to be solved at once. So it is never handed over whole:

1. The linear relaxation of every scenario is solved by itself, from the basis of the likeliest one. Their prices
   :math:`y_\omega`, weighted by probability, are prices of the extensive form, and by weak duality they prove

   .. math:: \min_x \sum_\omega \pi_\omega\,Q_\omega(x) \ \ge\ \sum_\omega \pi_\omega\,b_\omega^\top y_\omega
      + \sum_{j\ \text{first stage}} \min_{x_j} \Big(\sum_\omega \pi_\omega\,d_{\omega j}\Big) x_j
      + \sum_\omega \pi_\omega \sum_{j\ \text{recourse}} \min_{x_j} d_{\omega j}\,x_j

   with the reduced costs d: no less than what waiting for the future and seeing would cost [1]_, as the first stage is
   one for all futures.
2. The best plan of one future gives a first stage; with it every future is a linear program of its own [2]_. That
   future comes first whose relaxed first stage serves all at the least expectation. Where one has no plan with a first
   stage, its own best is tried next, also with all plants of that first stage.
3. Once a first stage serves all, the bound is raised: the future that needs most pays most of the first-stage cost
   (:mod:`evsiting.optimize.cost_shares`). Then the relaxation of all together, over the columns in use and the cheapest
   others, tells where decisions are taken anew (:mod:`evsiting.optimize.joint_relaxation`).
4. Where the gap is not met, the other futures' own plans are tried, and at last all are solved together over the plants
   of the best one.

References
----------
.. [1] A. Madansky, "Inequalities for stochastic linear programming problems," Management Science 6 (1960) 197-204.
.. [2] J. R. Birge, F. Louveaux, "Introduction to Stochastic Programming," 2nd ed., Springer, 2011, chapter 4: the value
   of information, and bounds by the solutions of single scenarios.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import cast

import numpy as np

from evsiting.errors import SolveError
from evsiting.model.extensive_form import FIRST_STAGE, Extensive, Scenario, put_tail
from evsiting.model.milp import FloatArray, IntArray, Milp, Objective
from evsiting.optimize.arguments import ObjectiveLike
from evsiting.optimize.cost_shares import CostShares, neediest
from evsiting.optimize.engines.base import (
    Engine,
    EngineResult,
    Limits,
    Progress,
    Watch,
    relayed_watch,
    status_from_bounds,
)
from evsiting.optimize.engines.best_so_far import best_so_far
from evsiting.optimize.joint_relaxation import JointRelaxation
from evsiting.optimize.large.core import Core, over
from evsiting.optimize.large.large import is_large
from evsiting.optimize.price_bound import price_bound
from evsiting.optimize.sessions.prepared import Prepared
from evsiting.optimize.sessions.relaxations import Relaxations
from evsiting.results.plan import Status
from evsiting.results.record.bound_prices import BoundPrices
from evsiting.results.scenario_plans import mean_risk
from evsiting.study.study import Study

__all__ = ["is_decomposed", "solve_decomposed"]

logger = logging.getLogger(__name__)

#: Part of the gap asked for to which each future is solved by itself, and part of the time left that it may take.
OWN_GAP, OWN_TIME = 0.25, 0.4
#: Least time that is worth another run. [s]
LEAST_S = 1.0
#: Part of the time that is left in which decisions are taken anew over all futures, and that a relaxation of one under
#: shares of the first-stage cost may take.
ANEW_TIME, SHARE_TIME = 0.3, 0.25
#: Most parts of the first-stage cost that are tried, part of the gap asked for below which a rise of the bound is the
#: last, and to which decisions are taken anew over all futures. [1]
PARTS, RISE, ANEW_GAP = 3, 0.01, 0.01


def is_decomposed(scenarios: Sequence[Scenario], engine: Engine) -> bool:
    """Whether futures are solved one by one: where one of them alone is a large program, and prices are told."""
    return len(scenarios) > 1 and engine.tells_prices and any(is_large(s.program) for s in scenarios)


def solve_decomposed(
    form: Extensive,
    milp: Milp,
    aim: Objective,
    studies: Mapping[str, Study],
    engine: Engine,
    limits: Limits,
    weights: Mapping[str, float],
    *,
    risk: tuple[float, float] = (0.0, 0.0),
    start: FloatArray | None = None,
    known: BoundPrices | None = None,
    watch: Watch | None = None,
) -> EngineResult:
    """Return the answer to a study with scenarios, its programs solved one by one.

    Parameters
    ----------
    form : Extensive
        The programs of all scenarios joined.
    milp, aim
        The same with what risk adds, and what is minimised.
    studies : mapping of str to Study
        Of each scenario.
    engine, limits, watch
        Who solves, how hard for everything together, and who is told.
    weights : mapping of str to float
        Of the objective of one scenario.
    risk : (float, float)
        Aversion and level of the tail, as in :func:`evsiting.solve_scenarios`.
    start : numpy.ndarray, shape (N,), optional
        A point whose first stage is tried first.
    known : BoundPrices, optional
        Prices that an earlier run left; what they prove is recomputed.

    Returns
    -------
    EngineResult
        Its point is one of ``milp``. Without aversion to risk it carries the prices that prove its bound.
    """
    watch_best = best_so_far(watch, aim.name)
    run = _Decomposition(form, milp, aim, studies, engine, limits, weights, risk, watch_best)
    return run.answer(start, known)


@dataclass(frozen=True, eq=False)
class _Decomposition:
    """The futures with what is known of each."""

    form: Extensive
    milp: Milp
    aim: Objective
    studies: Mapping[str, Study]
    engine: Engine
    limits: Limits
    weights: Mapping[str, float]
    risk: tuple[float, float]
    watch: Watch | None
    began: float = field(default_factory=time.perf_counter)
    ready: dict[str, Prepared] = field(default_factory=dict)
    relaxed: dict[str, EngineResult] = field(default_factory=dict)
    demanding: set[str] = field(default_factory=set)
    best_plans: list[EngineResult] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def gone(self) -> float:
        """Time since the whole began. [s]"""
        return time.perf_counter() - self.began

    @property
    def left(self) -> float:
        """Time that is left. [s]"""
        return self.limits.time_s - self.gone

    @cached_property
    def likeliest_first(self) -> list[Scenario]:
        """The futures, those of the same probability in their order."""
        return sorted(self.form.scenarios, key=lambda s: -s.probability)

    @cached_property
    def first(self) -> int:
        """Number of first-stage columns, which stand before all others."""
        return sum(b.stop - b.start for b in self.form.milp.column_blocks if b.family in FIRST_STAGE)

    def own_weights(self, s: Scenario) -> dict[str, float]:
        """Return the objective of a future, without what it does not count."""
        return {name: w for name, w in self.weights.items() if name in s.program.milp.objectives}

    def answer(self, start: FloatArray | None, known: BoundPrices | None) -> EngineResult:
        """Return the best plan over all futures with its bound, no worse than an earlier plan and bound."""
        if (failed := self.relax()) is not None:
            return failed
        bound, proof = self.bound()
        if known is not None and (proven := price_bound(self.milp, self.aim, known)[0]) > bound:
            bound, proof = proven, known
        best = EngineResult(Status.NO_SOLUTION, bound=bound, version=next(iter(self.relaxed.values())).version)
        best = replace(best, proof=proof, price_bound=bound if proof is not None else -math.inf)
        try:
            if start is not None:
                stage = np.clip(np.round(start), self.milp.column_lower, self.milp.column_upper)[: self.first]
                best = self.better(self.evaluated(stage)[0], best, "first stage of an earlier plan")
            best = best if self.ended(best) else self.tried(best)
            if not self.ended(best) and self.left > LEAST_S:
                best = self.together(best)
        except KeyboardInterrupt:  # between two runs, where no solver hears it
            self.heed("interrupt")
            best = self.best_plans[-1] if self.best_plans else best
        stopped = self.stop.is_set() and best.status is not Status.OPTIMAL
        return replace(best, seconds=self.gone, limit="interrupt" if stopped else best.limit)

    def relax(self) -> EngineResult | None:
        """Solve the relaxation of every future; return what to answer where one has none, else None."""
        known: Relaxations | None = None
        for s in self.likeliest_first:  # all others start from it
            own = Relaxations(known)
            known = known or own
            self.ready[s.name] = Prepared(self.studies[s.name], s.program, self.engine, self.limits, own, verify=False)
            relayed = relayed_watch(self.watch, -math.inf, self.gone, plans=False)
            relaxation, _ = self.ready[s.name].relaxation(s.program, self.own_weights(s), {}, self.within(1.0), relayed)
            if relaxation.status is not Status.OPTIMAL:
                limit = "" if relaxation.status is Status.INFEASIBLE else relaxation.limit or "time"
                word = Status.INFEASIBLE if relaxation.status is Status.INFEASIBLE else Status.NO_SOLUTION
                return EngineResult(word, limit=limit, seconds=self.gone, version=relaxation.version)
            self.relaxed[s.name] = replace(relaxation, warm=None)
        return None

    def bound(self) -> tuple[float, BoundPrices | None]:
        """Return what no plan for all futures is below, and the prices of the extensive form that prove it."""
        alone, parts = [], []
        for s in self.form.scenarios:
            mine, prices = s.aim(self.weights), self.relaxed[s.name].prices
            alone.append(price_bound(s.program.milp, mine, BoundPrices.of_relaxation(prices))[0])
            parts.append(prices * (s.probability * mine.unit / self.aim.unit))
        bound = mean_risk(alone, [s.probability for s in self.form.scenarios], *self.risk)
        if self.risk[0]:  # the tail is no linear function of the scenarios' prices
            return bound, None
        proof = BoundPrices.of_relaxation(np.concatenate(parts))
        joint = price_bound(self.milp, self.aim, proof)[0]
        logger.info("%d futures: bound %.9g, by each for itself %.9g, %.1f s", len(parts), joint, bound, self.gone)
        return (joint, proof) if math.isfinite(joint) else (bound, None)

    def tried(self, best: EngineResult) -> EngineResult:
        """Return the best of the first stages that are best for one future, the most promising future first.

        The first that serves all is made better at once, and the bound raised. Where another future has no plan with
        one, the best of that future is tried next, then the best of it that has all of the first one as well.
        """
        seen: set[bytes] = set()
        waiting: list[tuple[Scenario, FloatArray | None]] = [(s, None) for s in self.promising_first()]
        refined = False
        while waiting and not self.ended(best) and self.left > LEAST_S:
            s, least = waiting.pop(0)
            stage, limit = self.stage_of(s, best, least)
            if stage is not None and stage.tobytes() not in seen:
                seen.add(stage.tobytes())
                result, lacking = self.evaluated(stage)
                label = f"first stage of {s.name!r}{' with more' if least is not None else ''}"
                best = self.better(result, best, label)
                if len(best.columns) and not refined and not self.ended(best) and self.left > LEAST_S:
                    refined, best = True, self.refined(best)
                if lacking is not None:
                    alone = [w for w in waiting if w[0] is lacking and w[1] is None]
                    rest = [w for w in waiting if not (w[0] is lacking and w[1] is None)]
                    waiting = [*alone, (lacking, stage), *rest]
            self.heed(limit)
        return best

    def promising_first(self) -> list[Scenario]:
        """Return the futures, those first whose relaxed first stage serves all others, by the expectation with it."""
        value: dict[str, float] = {}
        for s, at in zip(self.form.scenarios, self.form.columns, strict=True):
            solved, _ = self.evaluated(self.first_stage(self.relaxed[s.name].columns, at), whole=False)
            value[s.name] = solved.objective if len(solved.columns) else math.inf
            if self.stop.is_set() or self.left <= LEAST_S:
                break
        return sorted(self.likeliest_first, key=lambda s: value.get(s.name, math.inf))

    def refined(self, best: EngineResult) -> EngineResult:
        """Return a plan and its bound brought nearer to each other by the relaxation of all futures together."""
        if not self.risk[0]:  # the tail is no linear function of the scenarios' prices
            best = self.raised(best)
        if self.ended(best) or self.left <= LEAST_S:
            return best
        near = JointRelaxation(self.form, self.milp, self.aim, self.first, self.weights, self.relaxed, best.columns)
        stage, limit = near.relax(self.engine, self.within(1.0), self.watch_of_part(best))
        self.heed(limit)
        if stage is None or self.stop.is_set() or self.left <= LEAST_S:
            return best
        within = replace(self.within(ANEW_TIME), gap=ANEW_GAP * self.limits.gap, target=self.target(best.bound))
        solved = near.decided_anew(stage, self.engine, within, self.watch_of_part(best))
        self.heed(solved.limit)
        if not len(solved.columns):
            return best
        best = self.better(solved, best, "decisions anew over all futures")
        if self.ended(best) or self.left <= LEAST_S:
            return best
        return self.better(self.evaluated(np.round(solved.columns[: self.first]))[0], best, "the same over all lanes")

    def raised(self, best: EngineResult) -> EngineResult:
        """Return a plan with the bound that is proven where the future that needs most pays most of the first stage."""
        payer = neediest(self.form, self.weights, self.first, self.relaxed)
        shares = CostShares(self.form, self.weights, self.aim.unit, self.first, self.engine, payer)
        low, high = 0.0, 1.0
        for _ in range(PARTS):
            part, before = 0.5 * (low + high), best.bound
            within = replace(self.within(SHARE_TIME), doubt=False)
            shared, limit = shares.bound(part, within, self.watch_of_part(best))
            self.heed(limit)
            if shared is None:
                break
            value = price_bound(self.milp, self.aim, shared.proof)[0]
            logger.info("bound %.9g, before %.9g, %.1f s", value, before, self.gone)
            if value > before:
                known = replace(best, bound=value, proof=shared.proof, price_bound=value)
                best = self.better(known, known, "bound raised")
            little = 0.0 <= value - before <= RISE * self.limits.gap * abs(best.objective)
            if little or self.ended(best) or self.left <= LEAST_S:
                break
            low, high = (part, high) if shared.slope > 0.0 else (low, part)
        return best

    def within(self, part: float) -> Limits:
        """Return the limits for a part of the time that is left."""
        return replace(self.limits, time_s=max(LEAST_S, part * self.left))

    def watch_of_part(self, best: EngineResult) -> Watch | None:
        """Return a watch of a run whose points and bounds are none of the whole."""
        return relayed_watch(self.watch, best.bound, self.gone, plans=False)

    def stage_of(self, s: Scenario, best: EngineResult, least: FloatArray | None) -> tuple[FloatArray | None, str]:
        """Return the first stage from ``least`` on that is best for a future by itself, or None; and what ended it."""
        at = self.form.columns[self.form.scenarios.index(s)]
        own = replace(self.within(OWN_TIME), gap=OWN_GAP * self.limits.gap)
        ready = replace(self.ready[s.name], limits=own)
        if least is not None:
            milp, mine = s.program.milp, at < self.first
            low = np.where(mine, np.maximum(milp.column_lower, least[np.where(mine, at, 0)]), milp.column_lower)
            ready = ready.of_program(replace(s.program, milp=replace(milp, column_lower=low)))
        start = best.columns[at] if len(best.columns) else None
        wanted = cast("ObjectiveLike", self.own_weights(s))
        try:
            plan, point = ready.minimise(wanted, start=start, watch=self.watch_of_part(best), explain=False)
        except SolveError as error:
            logger.info("future %r has no plan by itself: %s", s.name, error)
            return None, getattr(error, "limit", "")
        finally:
            ready.trees.clear()  # each leaf holds a basis, and no other future goes on from them
        return self.first_stage(np.round(point), at), plan.solve.limit

    def first_stage(self, point: FloatArray, at: IntArray) -> FloatArray:
        """Return the first stage of a point of one future's program, within the limits of all."""
        stage, mine = np.zeros(self.first), at < self.first
        stage[at[mine]] = point[mine]
        return np.clip(stage, self.milp.column_lower[: self.first], self.milp.column_upper[: self.first])

    def evaluated(self, stage: FloatArray, *, whole: bool = True) -> tuple[EngineResult, Scenario | None]:
        """Return the plan for all futures with a first stage, counts in each ``whole`` or not; else which has none."""
        values = np.zeros(self.milp.shape[1])
        pairs = list(zip(self.form.scenarios, self.form.columns, strict=True))
        for s, at in sorted(pairs, key=lambda pair: pair[0].name not in self.demanding):
            own, mine = s.program.milp, at < self.first
            low, high = own.column_lower.copy(), own.column_upper.copy()
            low[mine] = high[mine] = stage[at[mine]]
            fixed = replace(own, column_lower=low, column_upper=high, integer=own.integer & ~mine & whole)
            within = replace(self.within(1.0), gap=OWN_GAP * self.limits.gap, doubt=False)
            result = self.engine.run(fixed, s.aim(self.weights), within)
            self.heed(result.limit)
            if not len(result.columns):
                logger.info("future %r has no plan with the first stage: %s", s.name, result.status)
                lacking = s if result.status is Status.INFEASIBLE else None
                self.demanding.add(s.name)  # it is asked first next time
                return EngineResult(Status.NO_SOLUTION, limit=result.limit, version=result.version), lacking
            values[at] = np.where(mine, stage[np.where(mine, at, 0)], result.columns)
        put_tail(self.form, self.weights, self.aim.unit, self.risk[1], values)
        return EngineResult(Status.FEASIBLE, values, self.aim.value(values), version=result.version), None

    def together(self, best: EngineResult) -> EngineResult:
        """Return the best plan over all futures at once, over the plants of the plans known and of the relaxations."""
        if not len(best.columns):
            return best
        near = np.zeros(self.milp.shape[1], dtype=np.bool_)
        near[self.form.milp.shape[1] :] = True
        for s, at in zip(self.form.scenarios, self.form.columns, strict=True):
            core = Core(s.program, s.program.milp, s.aim(self.weights), self.engine, self.limits, None, self.began,
                        self.relaxed[s.name])  # fmt: skip
            near[at[core.columns(core.used(best.columns[at])) | (best.columns[at] != 0.0)]] = True
        within = replace(self.limits, time_s=self.left, doubt=False, target=self.target(best.bound))
        aim = replace(self.aim, coefficients=self.aim.coefficients[near])
        relayed = relayed_watch(self.watch, best.bound, self.gone)
        result = self.engine.run(over(self.milp, near), aim, within, start=best.columns[near], watch=relayed)
        self.heed(result.limit)
        if not len(result.columns):
            return replace(best, limit=result.limit)
        values = np.zeros(len(near))
        values[near] = result.columns
        again = replace(result, columns=values, objective=self.aim.value(values))
        return self.better(again, best, f"all together over {int(near.sum()):,} columns")

    def target(self, bound: float) -> float:
        """Return the value at which the gap is met."""
        return bound / (1.0 - math.copysign(self.limits.gap, bound))

    def better(self, new: EngineResult, old: EngineResult, name: str) -> EngineResult:
        """Return the better of two plans, with what is proven."""
        logger.info("%s: %.9g, best so far %.9g, bound %.9g, %.1f s", name, new.objective, old.objective, old.bound,
                    self.gone)  # fmt: skip
        best = old if len(old.columns) and not new.objective < old.objective else new
        if not len(best.columns):
            return replace(old, limit=new.limit)
        bound = min(old.bound, best.objective)
        status = status_from_bounds(Status.FEASIBLE, best.objective, bound, self.limits.gap)
        limit = "" if status is Status.OPTIMAL else new.limit or ("time" if self.left <= LEAST_S else "")
        best = replace(best, bound=bound, status=status, limit=limit, proof=old.proof, price_bound=old.price_bound)
        self.best_plans[:] = [best]
        if self.watch is not None:
            self.watch(Progress(self.gone, best.objective, bound, self.aim.name))
        return best

    def heed(self, limit: str) -> None:
        """Remember that the user wants no more, where that is what ended a run."""
        if limit == "interrupt":
            self.stop.set()

    def ended(self, solved: EngineResult) -> bool:
        """Whether an answer is good enough, or the user wants no more."""
        return solved.status is Status.OPTIMAL or self.stop.is_set()
