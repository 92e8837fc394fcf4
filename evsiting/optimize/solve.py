"""Solve the whole program at once: the plain way, exact, for studies of a few hundred sites."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Unpack

from evsiting.errors import InfeasibleError, InputError, NoSolutionError, SolveError, UnboundedError, expect
from evsiting.layers import complete
from evsiting.model.build import Program, build
from evsiting.model.milp import FloatArray
from evsiting.optimize.arguments import (
    ObjectiveLike,
    cap_problems,
    objective_problems,
    resolved_settings,
    verifying,
    weights,
)
from evsiting.optimize.engines.base import Engine, EngineResult, Limits, Watch, relayed_watch
from evsiting.optimize.engines.pulp_problem import to_problem, with_extra
from evsiting.optimize.engines.registry import find_engine
from evsiting.optimize.gaps import warn_of_gaps
from evsiting.optimize.incumbent import with_bound, with_prices, with_start
from evsiting.optimize.infeasibility import evidence, unexplained
from evsiting.optimize.large.large import is_large, solve_large
from evsiting.optimize.large.price_tree import proven_by_prices
from evsiting.optimize.memory import memory_told
from evsiting.optimize.options import SolveOptions, with_options
from evsiting.optimize.proof import faults, first_certified, own_rules_broken
from evsiting.optimize.verification import verified
from evsiting.results.assemble import plan_from_tables
from evsiting.results.plan import Plan, Status
from evsiting.results.seal import sealed
from evsiting.study.objectives import bound_words
from evsiting.study.settings import Solving
from evsiting.study.study import Study

__all__ = [
    "ObjectiveLike",
    "Session",
    "failure",
    "session_from_settings",
    "prepare_session",
    "solve",
    "to_pulp",
    "weights",
]

logger = logging.getLogger(__name__)

#: Part of the time that a large program under ceilings, or with weights, gives to the plan from which it starts.
PART_FREE = 0.5
#: Least time for a second run that is to check the first. [s]
MIN_S = 0.1


@dataclass(frozen=True)
class Session:
    """A complete study, its program and its engine, ready for one solve or many.

    Parameters
    ----------
    study : Study
        With its layers.
    program : Program
        Built once.
    engine : Engine
        Who solves it.
    limits : Limits
        How hard to try.
    relaxed : dict
        Linear relaxations solved so far of a large program, by the objective's name and the ceilings.
    verify : bool, optional
        Whether a second run checks what the first one proved; by default where the program is small.
    plain : Program, optional
        The program without the user's own rules, where there are any.
    """

    study: Study
    program: Program
    engine: Engine
    limits: Limits
    relaxed: dict[tuple[str, frozenset[tuple[str, float]]], EngineResult] = field(default_factory=dict, repr=False)
    verify: bool | None = None
    plain: Program | None = None

    def minimise(
        self,
        objective: ObjectiveLike,
        *,
        caps: Mapping[str, float] | None = None,
        start: FloatArray | None = None,
        watch: Watch | None = None,
        explain: bool = True,
    ) -> tuple[Plan, FloatArray]:
        """Return the plan that is least in ``objective`` under ``caps``, and its column values.

        ``explain`` says whether it is looked into what is at fault where there is no plan.

        Raises
        ------
        SolveError
            If no plan comes back; the class and the message say why.
        """
        began = time.perf_counter()
        program = self.program
        for name, ceiling in (caps or {}).items():
            program = program.capped(name, ceiling)
        weighed = weights(objective, self.study)
        milp, chosen = program.milp, program.milp.combined(weighed)
        if is_large(program):
            result = self._large(program, weighed, dict(caps or {}), start, watch)
        else:
            result = with_prices(milp, chosen, self.engine.run(milp, chosen, self.limits, start=start, watch=watch))
        if self.verify is not False:
            result = proven_by_prices(program, milp, chosen, result)
        if self.plain is not None and self.plain is not self.program:  # rules of the user's own are in no folder
            result = replace(result, proof=None, price_bound=-math.inf)
        result = with_start(milp, chosen, result, start, self.limits.gap)
        left = replace(self.limits, time_s=max(MIN_S, self.limits.time_s - (time.perf_counter() - began)))
        name = self.study.settings.study.name
        again = False if result.verified and not self.verify else self.verify
        result = verified(milp, chosen, self.engine, left, result, verify=again, study=name)
        if not len(result.columns):
            raise failure(
                result, self.limits, self.study, caps, self._evidence(program, result, caps) if explain else ""
            )

        def made(found: EngineResult) -> tuple[Plan, list[str]]:
            seconds = time.perf_counter() - began
            record = found.record(milp, chosen, self.limits, self.engine.name, seconds, caps)
            plan = plan_from_tables(self.study, self.program.tables(found.columns), record)
            return plan, faults(self.study, plan) + own_rules_broken(milp, found.columns)

        plan, result = first_certified(milp, chosen, self.engine, self.limits, result, made, name)
        told = chosen.name, result.status, result.objective, result.bound, plan.solve.seconds
        logger.info("%s: %s %.6g, bound %.6g, %.1f s", *told)
        return plan, result.columns

    def _evidence(self, program: Program, result: EngineResult, caps: Mapping[str, float] | None) -> str:
        """Return what is at fault where there is no plan."""
        if result.status is not Status.INFEASIBLE:
            return ""
        return evidence(self.study, program, self.plain or self.program, self.engine, self.limits, caps)

    def _large(
        self,
        program: Program,
        weighed: dict[str, float],
        caps: dict[str, float],
        start: FloatArray | None,
        watch: Watch | None,
    ) -> EngineResult:
        """Return the answer to a large program; under ceilings and with weights it starts from a plan without them.

        They spread the relaxation over so many plants that rounding it finds no plan, or a poor one late.
        """
        limits, began, chosen = self.limits, time.perf_counter(), program.milp.combined(weighed)
        near = EngineResult(Status.NO_SOLUTION)
        proven = -math.inf
        if start is None and (caps or len(weighed) > 1):
            same = len(weighed) == 1  # then what is proven without ceilings holds under them
            plain = (
                weighed if same else {"cost" if weighed.get("cost") else next(n for n, w in weighed.items() if w): 1.0}
            )
            first = replace(self, limits=replace(limits, time_s=PART_FREE * limits.time_s))
            near = first._large(
                self.program, plain, {}, None, relayed_watch(watch, -math.inf, 0.0, proves=same, plans=False)
            )
            if near.status is Status.INFEASIBLE:
                return near
            proven = near.bound if same else -math.inf
            if near.limit == "interrupt":
                none = EngineResult(Status.NO_SOLUTION, bound=proven, limit=near.limit, version=near.version)
                return with_start(program.milp, chosen, none, near.columns if len(near.columns) else start, limits.gap)
            gone = time.perf_counter() - began
            start = near.columns if len(near.columns) else None
            limits = replace(limits, time_s=max(1.0, limits.time_s - gone))
            watch = relayed_watch(watch, proven, gone, proves=True)
        asked = chosen.name, frozenset(caps.items())
        result = solve_large(
            program, program.milp, chosen, self.engine, limits, watch, start=start, relaxed=self.relaxed.get(asked)
        )
        if result.relaxed is not None:
            self.relaxed[asked] = result.relaxed
        result = with_bound(result, proven, limits.gap)
        if math.isfinite(proven) and near.proof is not None and near.price_bound > result.price_bound:
            proof = near.proof.with_constraints(len(caps))  # what holds without ceilings holds under them
            result = replace(result, proof=proof, price_bound=near.price_bound)
        return with_start(program.milp, chosen, result, start, limits.gap)


def failure(
    result: EngineResult, limits: Limits, study: Study, caps: Mapping[str, float] | None, found: str = ""
) -> SolveError:
    """Return the error that says why there is no plan, and what to do; ``found`` is the evidence of what it is."""
    name = study.settings.study.name
    told = [bound_words(n, v) for n, v in (caps or {}).items()]
    under = f" under {', '.join(told)}" if told else ""
    if result.status is Status.INFEASIBLE:
        return InfeasibleError(
            f"no plan of study {name!r}{under} keeps to everything that is asked. {found or unexplained(study, caps)}"
        )
    if result.status is Status.UNBOUNDED:
        return UnboundedError(
            f"the objective of study {name!r} can be improved without end: some activity earns more than "
            "it costs and nothing limits it. Look for credits above cost, or missing capacities"
        )
    if result.status is Status.UNCLEAR:
        return SolveError(
            f"the solver could not solve study {name!r}{under}: it reported numerical trouble. Try another "
            "engine, or look for figures of very different size in the tables"
        )
    bound = f"the bound so far is {result.bound:,.6g}" if math.isfinite(result.bound) else "no bound is known yet"
    why = {
        "interrupt": "it was interrupted",
        "memory": "memory ran out",
        "nodes": "the solver's limit on nodes was reached",
        "iterations": "the solver's limit on iterations was reached",
    }.get(result.limit, f"the time limit of {limits.time_s:g} s was reached")
    return NoSolutionError(
        f"no plan was found for study {name!r}{under} before {why}; {bound}. Allow more time "
        "(time_limit_s, --time-limit)",
        result.limit,
    )


@with_options
def prepare_session(study: Study, *, extra: Any = None, **options: Unpack[SolveOptions]) -> Session:
    """Return a study ready to be solved; arguments left out come from its settings.

    Parameters
    ----------
    study : Study
        Layers are completed where they are missing.
    **options : SolveOptions
        How hard to try: see :class:`evsiting.optimize.options.SolveOptions`.
    extra : pulp.LpProblem or sequence of pulp rules, optional
        The user's own rules; see :func:`solve`.

    Raises
    ------
    InputError, EngineNotAvailable
        If the study or the arguments do not hold.
    """
    settings, problems = resolved_settings(study, options)
    if problems:
        raise InputError(problems)
    return session_from_settings(study, settings, extra)


def session_from_settings(study: Study, settings: Solving, extra: Any = None) -> Session:
    """Return a session of checked settings; see :func:`prepare_session`."""
    solver = find_engine(settings.engine)
    ready = complete(study)
    plain = program = build(ready)
    if extra is not None:
        program = replace(program, milp=with_extra(program.milp, extra))
    return Session(ready, program, solver, Limits.of(settings), verify=verifying(settings), plain=plain)


@memory_told
@with_options
def solve(
    study: Study,
    *,
    objective: ObjectiveLike | None = None,
    caps: Mapping[str, float] | None = None,
    extra: Any = None,
    start: Plan | None = None,
    watch: Watch | None = None,
    **options: Unpack[SolveOptions],
) -> Plan:
    """Choose sites, sizes and flows: the least of an objective, with a proven bound.

    Parameters
    ----------
    study : Study
        What is known; missing layers are completed first.
    objective : {"cost", "emissions", "freight_emissions", "jobs", "late"} or mapping, optional
        What to minimise (jobs: to maximise), or weights such as ``{"cost": 1, "emissions": 120}`` in USD per USD, per
        tCO2e, per job-year and per late unit. Default: the study's own. Units are late only where demand has a
        promised delivery time.
    **options : SolveOptions
        How hard to try: see :class:`evsiting.optimize.options.SolveOptions`.
    caps : mapping of str to float, optional
        Ceilings on objectives: ``{"emissions": 5e6}``. A floor on jobs is a ceiling on minus jobs: ``{"jobs": -2e6}``.
        [USD, tCO2e, job-years, units]
    extra : pulp.LpProblem or sequence of pulp rules, optional
        Rules of your own: add them to the problem of :func:`to_pulp`, with variables of your own and tighter bounds
        where you need them, and hand it back.
    start : Plan, optional
        A plan to start from.
    watch : callable, optional
        Called with a :class:`Progress` a few times a second.

    Returns
    -------
    Plan
        Its ``status`` is ``optimal`` only where bound and objective meet the gap. It has passed its certificate.

    Raises
    ------
    InputError
        If the study or the arguments do not hold.
    InfeasibleError, UnboundedError, NoSolutionError
        If there is no plan, and why.
    UncertifiedError
        If the solver's answer breaks the study's rules and cannot be repaired.

    Warns
    -----
    GapWarning
        If a second run refutes the proof of the first, or penalties and fixed parts hide the gap of what is decided.

    Examples
    --------
    >>> import evsiting as ev
    >>> plan = ev.solve(ev.example("starter"))
    >>> str(plan.status)
    'optimal'
    """
    expect("solve", study=(study, Study), **({} if start is None else {"start": (start, Plan)}))
    settings, problems = resolved_settings(study, options)
    wanted = settings.objective if objective is None else objective
    problems += [*objective_problems(wanted, study), *cap_problems(caps, study)]
    if problems:
        raise InputError(problems)
    ready = session_from_settings(study, settings, extra)
    point = ready.program.point(start.tables) if start is not None else None
    plan, _ = ready.minimise(wanted, caps=caps, start=point, watch=watch)
    warn_of_gaps([plan])
    return sealed(plan)


@memory_told
def to_pulp(study: Study, *, objective: ObjectiveLike | None = None) -> Any:
    """Return the study as a ``pulp.LpProblem`` with readable names, to read, to write to a file, or to add rules to.

    Parameters
    ----------
    study : Study
        Missing layers are completed first.
    objective : str or mapping, optional
        What to minimise; the study's own by default.

    Returns
    -------
    pulp.LpProblem
        Flows in scaled units (see the ``scale`` of :class:`evsiting.model.sets.Sets`), money in million USD. Its
        objective leaves out the constant cost of standing plants.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> problem = ev.to_pulp(study)
    >>> builds = [v for v in problem.variables() if v.name.startswith("build")]
    >>> problem += sum(builds) <= 6, "at_most_six_plants"
    >>> plan = ev.solve(study, extra=problem)
    """
    expect("to_pulp", study=(study, Study))
    chosen = weights(study.settings.solve.objective if objective is None else objective, study)
    milp = build(complete(study)).milp
    return to_problem(milp, milp.combined(chosen))
