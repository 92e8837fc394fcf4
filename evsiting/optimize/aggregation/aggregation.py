"""Solve a study whose lanes would be millions: a bound over groups of places, and a plan in full detail.

1. Candidate sites that differ by their points alone are one group, and so are the markets of a region. Between groups
   each mode is as good as the best lane of their members in every figure, and a group may hold as many plants as it has
   sites: no plan of the study is below the linear relaxation of that (:mod:`evsiting.optimize.aggregation.copies`).
2. The study over one site of each group, with a market for each group of markets, is solved: that says where to build.
3. The lanes of the plants that stand then are made to all markets one by one, and the flows decided on them.

The distance of plan and bound holds the error of aggregation: it cannot fall below what the groups leave open.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Unpack

import numpy as np

from evsiting.errors import InfeasibleError, InputError, NoSolutionError, Problem, UncertifiedError, expect, shown
from evsiting.layers import complete
from evsiting.layers.completion import complete_quietly
from evsiting.model.build import Program
from evsiting.model.milp import Milp
from evsiting.optimize.aggregation.coarse_program import coarse_program, group_words
from evsiting.optimize.aggregation.coarse_study import centres, over_members
from evsiting.optimize.aggregation.detail import Detail, study_in_detail
from evsiting.optimize.aggregation.groups import Grouping, group_places, require_groupable
from evsiting.optimize.aggregation.memory_need import memory_words
from evsiting.optimize.arguments import ObjectiveLike, cap_problems, objective_problems, resolved_settings, weights
from evsiting.optimize.engines.base import Engine, EngineResult, Limits, Watch, status_from_bounds
from evsiting.optimize.engines.registry import find_engine
from evsiting.optimize.gaps import warn_of_gaps
from evsiting.optimize.memory import report_out_of_memory
from evsiting.optimize.options import SolveOptions, with_options
from evsiting.optimize.proof import faults, first_certified
from evsiting.optimize.sessions.relaxations import RelaxationBound, Relaxations, relaxation_bound
from evsiting.optimize.sessions.session import session_from_settings
from evsiting.results.assemble import plan_from_tables
from evsiting.results.plan import Plan, Status
from evsiting.results.seal import seal_plan
from evsiting.study.settings import Solving
from evsiting.study.study import Study

__all__ = ["AggregatedSolve", "solve_by_aggregation"]

logger = logging.getLogger(__name__)

#: Relative room for the solver's tolerances between a plan and a bound that meet.
ROOM = 1e-6
#: Sites that stand for others in the search for a plan stand for none across so much. [km]
MEMBER_KM = 600.0
#: Part of the gap asked for that the search for a plan may leave open; the rest is for what groups leave open.
MEMBER_GAP = 0.4


@dataclass(frozen=True)
class AggregatedSolve:
    """A plan in full detail, the study that it answers, and the bound over groups.

    Parameters
    ----------
    study : Study
        The one that was asked about, with a table ``lanes`` of the ways from the plants of the plan and from suppliers.
    plan : Plan
        Certified; its ``solve.bound`` holds for every plan over all sites and all lanes.
    bound : RelaxationBound
        Of the program over groups.
    sites, site_groups, markets, market_groups : int
        How many places there are, and how many groups of them.
    members : Plan
        Over some sites of each group, or the one that was started from: where it builds, ``plan`` does.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> found = ev.solve_by_aggregation(study.with_table("lanes", study.lanes.head(0)), gap=0.05)
    >>> found.sites, found.site_groups
    (7, 7)
    """

    study: Study
    plan: Plan
    bound: RelaxationBound
    sites: int
    site_groups: int
    markets: int
    market_groups: int
    members: Plan


@report_out_of_memory
@with_options
def solve_by_aggregation(
    study: Study,
    *,
    objective: ObjectiveLike | None = None,
    caps: Mapping[str, float] | None = None,
    start: Plan | None = None,
    watch: Watch | None = None,
    stage: Callable[[str], None] | None = None,
    **options: Unpack[SolveOptions],
) -> AggregatedSolve:
    """Solve a study with more lanes than a program can hold, over groups of its places; the bound holds for all of it.

    Parameters
    ----------
    study : Study
        Without a table of lanes: those that the freight layer would make are priced by chunks. Sites and markets that
        are alike but for their points are grouped (:func:`evsiting.optimize.aggregation.groups.group_places`).
    objective, caps, watch
        As for :func:`evsiting.solve`.
    start : Plan, optional
        Of a shortlist of the study (:func:`evsiting.shortlist`), or of the study itself: its decisions on plants are
        taken to all markets first. Where that is within the gap asked for there is no other search, otherwise the
        better plan of both is returned.
    stage : callable, optional
        Called with what is done next, in a few words.
    **options : SolveOptions
        How hard to try: see :class:`evsiting.optimize.options.SolveOptions`.

    Returns
    -------
    AggregatedSolve
        The plan's gap is the distance to the bound over groups, so that it holds the error of aggregation as well.

    Raises
    ------
    InputError
        If the study or the arguments do not hold, or a rule of the study can be broken by better lanes.
    InfeasibleError, UnboundedError, NoSolutionError, UncertifiedError
        As for :func:`evsiting.solve`.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> found = ev.solve_by_aggregation(study.with_table("lanes", study.lanes.head(0)), gap=0.01)
    >>> ev.certify(found.study, found.plan).passed, found.bound.value <= found.plan.totals["cost"]
    (True, True)
    """
    expect("solve_by_aggregation", study=(study, Study), **({} if start is None else {"start": (start, Plan)}))
    settings, problems = resolved_settings(study.settings.solve, options)
    wanted = settings.objective if objective is None else objective
    problems += [*objective_problems(wanted, study), *cap_problems(caps, study), *_start_problems(start, study)]
    if problems:
        raise InputError(problems)
    require_groupable(study)
    job = _Job(complete(study, freight=None), settings, wanted, dict(caps or {}), stage)
    return job.run(watch, start)


def _start_problems(start: Plan | None, study: Study) -> list[Problem]:
    """Return why a plan is none to start from: it is about other sites."""
    if start is None:
        return []
    built = set(start.decisions["openings"]["site"].astype(str))
    strange = sorted(built - set(study.sites["site"].astype(str)))
    if not strange and (built or len(study.plants)):
        return []
    seen = shown(strange) if strange else "no plant is built, and none stands"
    fix = "Give a plan of the study, or of a shortlist of it (evsiting.shortlist)"
    return [Problem("solve, start", "builds at other sites than those of the study", seen, fix)]


class _Job:
    """One run, with what all of its stages need."""

    def __init__(
        self,
        study: Study,
        settings: Solving,
        wanted: ObjectiveLike,
        caps: dict[str, float],
        stage: Callable[[str], None] | None,
    ) -> None:
        self.study, self.settings, self.wanted, self.caps = study, settings, wanted, caps
        self.weighed = weights(wanted, study)
        self.began = time.perf_counter()
        self.engine: Engine = find_engine(settings.engine)
        self.limits = Limits.of(settings)
        self.groups: Grouping = group_places(study)
        self.stage = stage

    def tell(self, what: str) -> None:
        """Say what is done next."""
        logger.info("%.1f s: %s", time.perf_counter() - self.began, what)
        if self.stage is not None:
            self.stage(what)

    def run(self, watch: Watch | None, start: Plan | None) -> AggregatedSolve:
        """Return the answer."""
        self.tell(f"lanes of {self.words}, priced in parts and not kept: {memory_words(self.study)}")
        bound = self.bound()
        first = self.of_start(start, bound)
        members, answered, plan = first or self.searched(watch, bound)
        if first is not None and plan.gap > self.settings.gap:
            members, answered, plan = min(first, self.searched(watch, bound), key=lambda each: each[2].solve.objective)
        warn_of_gaps([plan])
        study, groups = self.study, self.groups
        sizes = len(study.sites), groups.site.nunique(), len(study.markets), groups.market.nunique()
        return AggregatedSolve(answered, seal_plan(plan), bound, *sizes, members)

    def searched(self, watch: Watch | None, bound: RelaxationBound) -> tuple[Plan, Study, Plan]:
        """Return a plan over some sites of each group, and the study and plan in full detail that it leads to."""
        members = self.members(watch)
        detail = self.detail(members)
        return members, detail.study, self.certified(detail, bound)

    def of_start(self, start: Plan | None, bound: RelaxationBound) -> tuple[Plan, Study, Plan] | None:
        """Return the study and the plan in full detail to which a known plan leads; None where it leads to none."""
        if start is None:
            return None
        try:
            detail = self.detail(start)
            return start, detail.study, self.certified(detail, bound)
        except NoSolutionError:
            pass
        except InputError as error:  # of the study over its plants alone
            if not all(problem.infeasible for problem in error.problems):
                raise
        self.tell("the plants of the plan to start from cannot serve every market")
        return None

    def bound(self) -> RelaxationBound:
        """Return what no plan is below, over groups."""
        milp = coarse_program(self.study, self.weighed, self.caps, groups=self.groups, stage=self.tell).milp
        aim = milp.combined(self.weighed)
        relaxed, warm = Relaxations().solve(milp, aim, self.engine, self.limits, weights=self.weighed, caps=self.caps)
        bound = relaxation_bound(milp, aim, relaxed, warm=warm)
        if bound.value == math.inf:
            msg = f"no plan keeps all rules of study {self.study.settings.study.name!r}: not even over {self.words}"
            raise InfeasibleError(msg)
        return bound

    @property
    def words(self) -> str:
        """How coarse it is."""
        return group_words(self.groups)

    def capped(self, program: Program) -> Program:
        """Return a program under the ceilings."""
        for name, ceiling in self.caps.items():
            program = program.capped(name, ceiling)
        return program

    def members(self, watch: Watch | None) -> Plan:
        """Return the plan over some sites of each group."""
        finer = group_places(self.study, width_km=MEMBER_KM)
        study = over_members(self.study, self.groups, centres(self.study, finer))
        self.tell(f"plan over {len(study.sites):,} sites, one or more of each group")
        settings = self.settings.model_copy(update={"gap": MEMBER_GAP * self.settings.gap})
        ready = session_from_settings(complete_quietly(study), settings, None)
        return ready.minimise(self.wanted, caps=self.caps, watch=watch)[0]

    def detail(self, members: Plan) -> Detail:
        """Return the program over the plants of a plan and all markets."""
        self.tell(f"lanes of {len(members.opened):,} new plants to {len(self.study.markets):,} markets")
        return study_in_detail(self.study, members)

    def certified(self, detail: Detail, bound: RelaxationBound) -> Plan:
        """Return the plan in full detail with its bound."""
        program = self.capped(detail.program)
        aim = program.milp.combined(self.weighed)
        self.tell("flows to every market")
        milp, result = self.flows(program, detail)
        value = min(bound.value, result.objective)
        if bound.value - result.objective > ROOM * abs(result.objective):
            msg = f"the plan of {result.objective:.9g} is below the bound over groups, {bound.value:.9g}: one is wrong"
            raise UncertifiedError(msg)
        status = status_from_bounds(Status.FEASIBLE, result.objective, value, self.limits.gap)
        limit = "" if status is Status.OPTIMAL else "aggregation"
        result = replace(result, bound=value, status=status, limit=limit, warm=None)
        result = replace(result, proof=bound.prices, price_bound=-math.inf if bound.prices is None else bound.value)
        self.tell("certifying")

        def made(result: EngineResult) -> tuple[Plan, list[str]]:
            seconds = time.perf_counter() - self.began
            record = result.record(program.milp, aim, self.limits, self.engine.name, seconds, self.caps)
            record = replace(record, aggregated=self.words)
            plan = plan_from_tables(detail.study, program.tables(result.columns), record)
            return plan, faults(detail.study, plan)

        plan, _ = first_certified(milp, aim, self.engine, self.limits, result, made, self.study.settings.study.name)
        return plan

    def flows(self, program: Program, detail: Detail) -> tuple[Milp, EngineResult]:
        """Return the program with decisions as in the plan over members, and its answer.

        All of them are kept first; where no flows go with that, those on plants alone.
        """
        milp = program.milp
        aim = milp.combined(self.weighed)
        for decided in (milp.integer, detail.on_plants & milp.integer):
            lower, upper = (
                np.where(decided, np.round(detail.point), b) for b in (milp.column_lower, milp.column_upper)
            )
            fixed = replace(milp, column_lower=lower, column_upper=upper, integer=milp.integer & ~decided)
            result = self.engine.run(fixed, aim, self.limits)
            if len(result.columns):
                whole = np.where(milp.integer, np.round(result.columns), result.columns)
                return fixed, replace(result, columns=whole, objective=aim.value(whole))
        msg = f"the plan over {self.words} has no flows to every market: {result.status}"
        raise NoSolutionError(msg, result.limit)
