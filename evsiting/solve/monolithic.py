"""Solve the whole program at once: the plain way, exact, for studies of a few hundred sites."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from evsiting.errors import InfeasibleError, InputError, NoSolutionError, SolveError, UnboundedError, expect
from evsiting.layers import complete
from evsiting.model.build import Program, build
from evsiting.model.milp import FloatArray
from evsiting.results.assemble import plan_from_tables
from evsiting.results.plan import Plan, Status
from evsiting.solve.arguments import ObjectiveLike, asked, cap_problems, objective_problems, weights
from evsiting.solve.core import heard
from evsiting.solve.engine import Engine, EngineResult, Limits, Watch, find_engine
from evsiting.solve.large import is_large, solve_large
from evsiting.solve.pulp_problem import to_problem, with_extra
from evsiting.study.settings import Solving
from evsiting.study.study import Study

__all__ = ["ObjectiveLike", "Session", "agree", "failure", "prepared", "session", "solve", "to_pulp", "weights"]

logger = logging.getLogger(__name__)

#: Tables that ask for something of every plan: what may be why there is none.
ASKING = ("limits", "labor_pools", "gateways", "commitments", "trajectories")
#: Part of the time that a large program under ceilings, or with weights, gives to the plan from which it starts.
PART_FREE = 0.5


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
    """

    study: Study
    program: Program
    engine: Engine
    limits: Limits
    relaxed: dict[tuple[str, frozenset[tuple[str, float]]], EngineResult] = field(default_factory=dict, repr=False)

    def minimise(
        self,
        objective: ObjectiveLike,
        *,
        caps: Mapping[str, float] | None = None,
        start: FloatArray | None = None,
        watch: Watch | None = None,
    ) -> tuple[Plan, FloatArray]:
        """Return the plan that is least in ``objective`` under ``caps``, and its column values.

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
        chosen = program.milp.combined(weighed)
        if is_large(program):
            result = self._large(program, weighed, dict(caps or {}), start, watch)
        else:
            result = self.engine.run(program.milp, chosen, self.limits, start=start, watch=watch)
        if not len(result.columns):
            raise failure(result, self.limits, self.study, caps)
        solve = result.record(
            program.milp, chosen.name, self.limits, self.engine.name, time.perf_counter() - began, caps
        )
        logger.info(
            "%s: %s %.6g, bound %.6g, %.1f s", chosen.name, result.status, result.objective, result.bound, solve.seconds
        )
        plan = plan_from_tables(self.study, self.program.tables(result.columns), solve)
        agree(plan)
        return plan, result.columns

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
        if start is None and (caps or len(weighed) > 1):
            same = len(weighed) == 1  # then what is proven without ceilings holds under them
            plain = (
                weighed if same else {"cost" if weighed.get("cost") else next(n for n, w in weighed.items() if w): 1.0}
            )
            first = replace(self, limits=replace(limits, time_s=PART_FREE * limits.time_s))
            near = first._large(self.program, plain, {}, None, heard(watch, -math.inf, 0.0, proves=same, plans=False))
            if near.status is Status.INFEASIBLE:
                return near
            proven = near.bound if same else -math.inf
            if near.limit == "interrupt":
                return EngineResult(Status.NO_SOLUTION, bound=proven, limit=near.limit, version=near.version)
            gone = time.perf_counter() - began
            start = near.columns if len(near.columns) else None
            limits = replace(limits, time_s=max(1.0, limits.time_s - gone))
            watch = heard(watch, proven, gone, proves=True)
        asked = chosen.name, frozenset(caps.items())
        result = solve_large(
            program, program.milp, chosen, self.engine, limits, watch, start=start, relaxed=self.relaxed.get(asked)
        )
        if result.relaxed is not None:
            self.relaxed[asked] = result.relaxed
        return result


def agree(plan: Plan) -> None:
    """Refuse a plan whose ledgers do not add up to what the solver minimised: the program and the tables disagree."""
    solve, totals = plan.solve, plan.totals
    gross = {name: max(abs(totals[name]), 1e-3 * float(plan.ledgers[name]["value"].abs().sum())) for name in totals}
    stated, size = solve.value_of(totals), sum(abs(w) * gross[n] for n, w in solve.weights.items())
    if not abs(stated - solve.objective) <= 1e-6 * size:  # what is no number agrees with nothing
        name, value = solve.objective_name, solve.objective
        msg = f"by the ledgers {name} is {stated:.9g}, by the program {value:.9g}; please report this"
        raise SolveError(msg)


def failure(result: EngineResult, limits: Limits, study: Study, caps: Mapping[str, float] | None) -> SolveError:
    """Return the error that says why there is no plan, and what to do."""
    name = study.settings.study.name
    told = [f"jobs >= {-v:,.6g}" if n == "jobs" else f"{n} <= {v:,.6g}" for n, v in (caps or {}).items()]
    under = f" under {', '.join(told)}" if told else ""
    if result.status is Status.INFEASIBLE:
        tables = [f"table {table}" for table in ASKING if study.has(table)]
        power = ["connectable_mw"] if study.sites["connectable_mw"].notna().any() else []
        loosen = ", ".join(
            [*(["the caps"] if told else []), *tables, *power, "min_load", "plant_types", "supplier capacity"]
        )
        return InfeasibleError(
            f"no plan serves all demand of study {name!r}{under} and keeps to everything else that is asked. Give "
            "demand an unmet_penalty to see whether and where it cannot be served; where that does not help, demand "
            f"is not the cause. What can be loosened: {loosen}"
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


def session(
    study: Study,
    *,
    gap: float | None = None,
    time_limit_s: float | None = None,
    engine: str | None = None,
    threads: int | None = None,
    seed: int | None = None,
    extra: Any = None,
) -> Session:
    """Return a study ready to be solved; arguments left out come from its settings.

    Parameters
    ----------
    study : Study
        Layers are completed where they are missing.
    gap, time_limit_s, engine, threads, seed
        See :class:`evsiting.study.settings.Solving`.
    extra : pulp.LpProblem or sequence of pulp rules, optional
        The user's own rules; see :func:`solve`.

    Raises
    ------
    InputError, EngineNotAvailable
        If the study or the arguments do not hold.
    """
    settings, problems = asked(
        study, {"gap": gap, "time_limit_s": time_limit_s, "engine": engine, "threads": threads, "seed": seed}
    )
    if problems:
        raise InputError(problems)
    return prepared(study, settings, extra)


def prepared(study: Study, settings: Solving, extra: Any = None) -> Session:
    """Return a session of checked settings; see :func:`session`."""
    solver = find_engine(settings.engine)
    ready = complete(study)
    program = build(ready)
    if extra is not None:
        program = replace(program, milp=with_extra(program.milp, extra))
    return Session(ready, program, solver, Limits.of(settings))


def solve(
    study: Study,
    *,
    objective: ObjectiveLike | None = None,
    gap: float | None = None,
    time_limit_s: float | None = None,
    engine: str | None = None,
    threads: int | None = None,
    seed: int | None = None,
    caps: Mapping[str, float] | None = None,
    extra: Any = None,
    start: Plan | None = None,
    watch: Watch | None = None,
) -> Plan:
    """Choose sites, sizes and flows: the least of an objective, with a proven bound.

    Parameters
    ----------
    study : Study
        What is known; missing layers are completed first.
    objective : {"cost", "emissions", "jobs", "late"} or mapping, optional
        What to minimise (jobs: to maximise), or weights such as ``{"cost": 1, "emissions": 120}`` in USD per USD, per
        tCO2e, per job-year and per late unit. Default: the study's own. Units are late only where demand has a
        promised delivery time.
    gap : float, optional
        Relative gap at which to stop. [fraction]
    time_limit_s : float, optional
        Time limit of the solver. [s]
    engine : {"highs", "cbc", "scip"}, optional
        Solver.
    threads, seed : int, optional
        Of the solver.
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
        Its ``status`` is ``optimal`` only where bound and objective meet the gap.

    Raises
    ------
    InputError
        If the study or the arguments do not hold.
    InfeasibleError, UnboundedError, NoSolutionError
        If there is no plan, and why.

    Examples
    --------
    >>> import evsiting as ev
    >>> plan = ev.solve(ev.example("starter"))
    >>> str(plan.status)
    'optimal'
    """
    expect("solve", study=(study, Study), **({} if start is None else {"start": (start, Plan)}))
    settings, problems = asked(
        study, {"gap": gap, "time_limit_s": time_limit_s, "engine": engine, "threads": threads, "seed": seed}
    )
    wanted = settings.objective if objective is None else objective
    problems += [*objective_problems(wanted, study), *cap_problems(caps, study)]
    if problems:
        raise InputError(problems)
    ready = prepared(study, settings, extra)
    point = ready.program.point(start.tables) if start is not None else None
    plan, _ = ready.minimise(wanted, caps=caps, start=point, watch=watch)
    return plan


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
