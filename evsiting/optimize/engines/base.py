"""The protocol of a solver engine, and which statuses, bounds and gaps it must report."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from evsiting.model.milp import FloatArray, Milp, Objective
from evsiting.optimize.engines.basis import Basis
from evsiting.optimize.engines.integer_repair import refine_flows, repair_integers
from evsiting.results.record.bound_prices import BoundPrices
from evsiting.results.record.solve import Solve, Status, relative_gap
from evsiting.study.settings import Solving

#: A point that breaks a row by more than this, relative to the row's size, is no plan, whatever the solver calls it.
WRONG = 1e-4


@dataclass(frozen=True)
class Limits:
    """How hard to try.

    Parameters
    ----------
    gap : float
        Relative gap at which to stop. [fraction]
    time_s : float
        Wall-clock limit. [s]
    threads : int
        Threads of the solver.
    seed : int
        Random seed of the solver.
    target : float
        A plan as good as this ends the run, whatever is proven; engines may pass over it. In the objective's real unit.
    presolve : bool
        Whether the solver may make the program smaller first; engines may pass over it.
    doubt : bool
        Whether a claim that there is no plan is tried again: not for a part of a program, of which nothing is
        concluded.
    interior : bool
        Whether any point near the optimum will do for a linear program, such as that of an interior-point method, which
        is no corner; engines may pass over it.
    """

    gap: float = 0.005
    time_s: float = 300.0
    threads: int = 2
    seed: int = 0
    target: float = -math.inf
    presolve: bool = True
    doubt: bool = True
    interior: bool = False

    @classmethod
    def of(cls, settings: Solving) -> Limits:
        """Return the limits that a study's settings name."""
        return cls(settings.gap, settings.time_limit_s, settings.threads, settings.seed)


@dataclass(frozen=True)
class Progress:
    """State of a running solve, in USD, tCO2e or (with a minus sign) job-years.

    Parameters
    ----------
    seconds : float
        Since the start. [s]
    objective : float
        Best plan so far; infinite before the first.
    bound : float
        Proven bound so far; minus infinity before the first.
    name : str
        Objective that is minimised; empty where the engine does not say.
    """

    seconds: float
    objective: float
    bound: float
    name: str = ""

    @property
    def gap(self) -> float:
        """Relative gap so far. [fraction]"""
        return relative_gap(self.objective, self.bound)


#: Called now and then while a solver runs; it may raise to stop the run.
Watch = Callable[[Progress], None]


def relayed_watch(
    watch: Watch | None, bound: float, seconds: float, *, proves: bool = False, plans: bool = True
) -> Watch | None:
    """Return a watch that is told the time since the whole began, and only what holds for the whole.

    Parameters
    ----------
    watch : callable or None
        Who listens.
    bound : float
        Proven before this run.
    seconds : float
        Gone before this run. [s]
    proves, plans : bool
        Whether a bound of this run holds for the whole, and whether a point of it is a plan.
    """
    if watch is None:
        return None
    listener: Callable[[Progress], None] = watch

    def relay(progress: Progress) -> None:
        proven = max(bound, progress.bound) if proves else bound
        value = progress.objective if plans else math.inf
        listener(replace(progress, bound=proven, objective=value, seconds=seconds + progress.seconds))

    return relay


@dataclass(frozen=True)
class EngineResult:
    """What a solver answered.

    Parameters
    ----------
    status : Status
        ``optimal`` only if bound and objective meet the gap asked for.
    columns : numpy.ndarray, shape (N,) or (0,)
        The best point found; empty where none was found.
    objective, bound : float
        In real units (USD, tCO2e, job-years), less is better. NaN and minus infinity where unknown.
    limit : str
        What ended the run early: ``time``, ``interrupt``, ``nodes``, ``memory``; empty where nothing did.
    seconds : float
        Wall-clock time in the solver. [s]
    version : str
        Version of the solver.
    prices : numpy.ndarray, shape (M,) or (0,)
        Of a linear program that was solved: the dual value of every row in the scaled unit; of one without a point a
        dual ray; empty where the solver does not tell.
    basis : Basis or None
        Of a linear program that was solved, for another one that differs a little.
    warm : WarmLp or None
        Of a linear program that was solved: the program in the solver with its basis, for changes of its limits; None
        where the solver keeps none.
    tree : GrownTree or None
        Of a large program: the branches on numbers of plants, for a neighbour with other ceilings.
    proof : BoundPrices or None
        Prices from which a bound can be recomputed; None where the solver's own tree alone proves it.
    price_bound : float
        What these prices prove, which the bound may exceed. Minus infinity where there are none.
    verified, verified_by : str
        What a second run said of the answer, and who ran it; see :mod:`evsiting.optimize.verification`.
    """

    status: Status
    columns: FloatArray = field(default_factory=lambda: np.empty(0))
    objective: float = math.nan
    bound: float = -math.inf
    limit: str = ""
    seconds: float = 0.0
    version: str = ""
    prices: FloatArray = field(default_factory=lambda: np.empty(0))
    basis: Basis | None = field(default=None, repr=False, compare=False)
    warm: Any = field(default=None, repr=False, compare=False)
    tree: Any = field(default=None, repr=False, compare=False)
    proof: BoundPrices | None = field(default=None, repr=False, compare=False)
    price_bound: float = -math.inf
    verified: str = ""
    verified_by: str = ""

    def record(
        self,
        milp: Milp,
        objective: Objective,
        limits: Limits,
        engine: str,
        seconds: float,
        caps: Mapping[str, float] | None = None,
    ) -> Solve:
        """Return how the answer was reached, as a plan keeps it.

        Parameters
        ----------
        milp : Milp
            What was solved.
        objective : Objective
            What was minimised.
        limits : Limits
            As asked.
        engine : str
            Name of the solver.
        seconds : float
            Of everything that belongs to the run. [s]
        caps : mapping of str to float, optional
            Ceilings on objectives.
        """
        rows, columns, entries = milp.shape
        return Solve(
            self.status,
            objective.name,
            self.objective,
            self.bound,
            limit=self.limit,
            seconds=seconds,
            engine=engine,
            engine_version=self.version,
            gap_asked=limits.gap,
            seed=limits.seed,
            threads=limits.threads,
            columns=columns,
            rows=rows,
            entries=entries,
            caps=dict(caps or {}),
            verified=self.verified,
            verified_by=self.verified_by,
            constant=objective.unit * objective.constant,
            price_bound=self.price_bound,
            prices=self.proof,
        )


class Engine(Protocol):
    """A solver behind one method."""

    @property
    def name(self) -> str:
        """Name of the solver."""
        ...

    @property
    def tells_prices(self) -> bool:
        """Whether it tells prices of a linear program, and stops at a target."""
        ...

    def missing(self) -> str:
        """Return why the solver cannot run; empty where it can."""
        ...

    def run(
        self,
        milp: Milp,
        objective: Objective,
        limits: Limits,
        *,
        start: FloatArray | None = None,
        watch: Watch | None = None,
        basis: Basis | None = None,
    ) -> EngineResult:
        """Minimise ``objective`` over ``milp``.

        Parameters
        ----------
        milp : Milp
            Columns and rows.
        objective : Objective
            What to minimise.
        limits : Limits
            How hard to try.
        start : numpy.ndarray, shape (N,), optional
            A point to start from; it need not be feasible.
        watch : callable, optional
            Told of progress now and then; what it raises ends the run.
        basis : Basis, optional
            Of a linear program: from which it starts. Engines that tell no prices pass over it.

        Raises
        ------
        EngineNotAvailable
            If the solver is not installed.
        """
        ...


def status_from_bounds(status: Status, objective: float, bound: float, gap_asked: float, size: float = 0.0) -> Status:
    """Return ``optimal`` only where bound and objective prove it; ``feasible`` otherwise.

    A solver's own word is not enough: its tolerances may be wider than the gap that was asked for. A relative millionth
    is left for its arithmetic.

    Parameters
    ----------
    status : Status
        The solver's own word.
    objective, bound : float
        In real units, less is better.
    gap_asked : float
        Relative gap. [fraction]
    size : float
        Sum of the sizes of all terms of the objective: where they cancel, a relative billionth of them is left.

    Examples
    --------
    >>> status_from_bounds(Status.OPTIMAL, 110.0, 100.0, 0.005)
    <Status.FEASIBLE: 'feasible'>
    """
    if status not in (Status.OPTIMAL, Status.FEASIBLE):
        return status
    distance = objective - bound
    proven = math.isfinite(bound) and distance <= (gap_asked + 1e-6) * abs(objective) + 1e-9 * size
    return Status.OPTIMAL if proven else Status.FEASIBLE


def result_from_point(
    milp: Milp,
    objective: Objective,
    limits: Limits,
    status: Status,
    limit: str,
    point: FloatArray,
    bound: float,
    seconds: float,
    version: str,
) -> EngineResult:
    """Return an honest result: the point checked, the objective from the point, the status from bound and objective.

    Parameters
    ----------
    milp, objective, limits
        What was asked.
    status, limit : Status, str
        How the solver says that it ended.
    point : numpy.ndarray, shape (N,) or (0,)
        The best point that it holds; integers are rounded, and the rest solved again where that breaks a row.
    bound : float
        Its bound, in the scaled unit and without the constant.
    seconds, version
        As in :class:`EngineResult`.
    """
    real_bound = objective.real(bound) if math.isfinite(bound) else -math.inf
    odd = not np.isfinite(point).all()
    if odd:
        point = np.empty(0)  # what is no number is no plan
    if status in (Status.OPTIMAL, Status.FEASIBLE):
        rounded = _with_whole_integers(milp, objective, point) if len(point) else point
        off = np.abs(rounded - point)[milp.integer].max(initial=0.0) if len(point) else 0.0
        value = objective.value(rounded) if len(point) else math.nan
        if math.isfinite(value) and max(off, *milp.violation(rounded).values()) <= WRONG:
            real_bound = min(real_bound, value)
            size = objective.size(rounded) + objective.unit  # one unit is about a typical term
            status = status_from_bounds(status, value, real_bound, limits.gap, size)
            if status is Status.OPTIMAL and value - real_bound <= 1e-9 * size and abs(value) < 1e-3 * size:
                real_bound = value  # apart by the arithmetic of terms that cancel, and by nothing that a gap could tell
            return EngineResult(status, rounded, value, real_bound, limit, seconds, version)
        status = Status.NO_SOLUTION if limit or not (len(point) or odd) else Status.UNCLEAR
    known = real_bound if status is Status.NO_SOLUTION else -math.inf
    return EngineResult(status, bound=known, limit=limit, seconds=seconds, version=version)


def _with_whole_integers(milp: Milp, objective: Objective, point: FloatArray) -> FloatArray:
    """Return a point with whole integers; where that breaks a constraint, flows are solved to tight tolerances."""
    rounded = repair_integers(milp, objective, point)
    if max(milp.violation(rounded).values()) <= WRONG:
        return rounded
    better = refine_flows(milp, objective, rounded)
    return rounded if better is None else better
