"""HiGHS through PuLP: in this process, handed the arrays by a subclass of PuLP's solver.

Status, bound and point are read from the solver itself, not from PuLP's summary: a run stopped by a limit is never
called optimal, an unbounded program never infeasible.
"""

from __future__ import annotations

import importlib.metadata
import logging
import math
import threading
import time
from dataclasses import dataclass, field, replace
from typing import Any

import highspy
import numpy as np
import pulp

from evsiting.errors import InputError, Problem
from evsiting.model.milp import FloatArray, Milp, Objective
from evsiting.optimize.engines.background import Background
from evsiting.optimize.engines.base import EngineResult, Limits, Progress, Watch, result_from_point
from evsiting.optimize.engines.basis import Basis
from evsiting.optimize.engines.console import without_c_output
from evsiting.optimize.engines.dual_bound import cut_short_bound, safe_bound
from evsiting.optimize.engines.pulp_problem import available
from evsiting.optimize.engines.warm_lp import DUAL, WarmLp
from evsiting.results.plan import Status

logger = logging.getLogger(__name__)

_STATUS = {
    "kOptimal": (Status.OPTIMAL, ""),
    "kInfeasible": (Status.INFEASIBLE, ""),
    "kUnbounded": (Status.UNBOUNDED, ""),
    "kTimeLimit": (Status.FEASIBLE, "time"),
    "kInterrupt": (Status.FEASIBLE, "interrupt"),
    "kIterationLimit": (Status.FEASIBLE, "iterations"),
    "kSolutionLimit": (Status.FEASIBLE, "nodes"),
    "kMemoryLimit": (Status.FEASIBLE, "memory"),
    "kObjectiveTarget": (Status.FEASIBLE, ""),
}

#: Longest second run where HiGHS calls a program infeasible: so many times the first, between these. [s]
TIMES, LEAST_S, MOST_S = 3.0, 1.0, 10.0
#: The primal simplex method, by its number in HiGHS.
PRIMAL = 4


@dataclass
class _RunState:
    """What HiGHS has reported while it runs: best point, value and bound in its own unit, and whether to stop it."""

    incumbent: FloatArray = field(default_factory=lambda: np.empty(0))
    objective: float = math.inf
    bound: float = -math.inf
    stop: threading.Event = field(default_factory=threading.Event)


def linear_program(milp: Milp, cost: FloatArray) -> Any:
    """Return the arrays of a program, all its columns continuous, as HiGHS takes them in one call."""
    model = highspy.HighsLp()
    model.num_row_, model.num_col_, _ = milp.shape
    model.col_cost_ = cost
    model.col_lower_, model.col_upper_ = milp.column_lower, milp.column_upper
    model.row_lower_, model.row_upper_ = milp.row_lower, milp.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = milp.matrix.indptr.astype(np.int32)
    model.a_matrix_.index_ = milp.matrix.indices.astype(np.int32)
    model.a_matrix_.value_ = milp.matrix.data
    return model


class _ArrayHighs(pulp.HiGHS):
    """PuLP's HiGHS, handed the arrays in one call instead of one object a column and row."""

    name = "evsiting-HiGHS"
    threads_before: int | None = None

    def __init__(
        self,
        milp: Milp,
        objective: Objective,
        limits: Limits,
        start: FloatArray | None,
        watch: Watch | None,
        basis: Basis | None = None,
    ) -> None:
        super().__init__(
            msg=False, gapRel=limits.gap, threads=limits.threads, timeLimit=limits.time_s, random_seed=limits.seed
        )
        self.milp, self.objective, self.start, self.watch = milp, objective, start, watch
        self.target = limits.target / objective.unit
        self.presolve = limits.presolve and basis is None  # presolve would drop the basis
        self.basis = basis
        self.interior = limits.interior and not milp.integer.any()
        self.model: Any = None
        self.incumbent = np.empty(0)
        self.interrupted = False

    def createAndConfigureSolver(self, lp: pulp.LpProblem) -> None:
        # a second run in one process with another number of threads fails silently without this; it waits for the old
        # threads, so it is done only where their number changes
        if _ArrayHighs.threads_before not in (None, self.threads):
            highspy.Highs.resetGlobalScheduler(True)
        _ArrayHighs.threads_before = self.threads
        with without_c_output():
            super().createAndConfigureSolver(lp)
        self.model = lp.solverModel
        self.model.setOptionValue("mip_abs_gap", 0.0)
        self.model.setOptionValue("objective_target", self.target)
        if not self.presolve:
            self.model.setOptionValue("presolve", "off")
        if self.interior:
            self.model.setOptionValue("solver", "ipm")
            self.model.setOptionValue("run_crossover", "off")

    def buildSolverModel(self, lp: pulp.LpProblem) -> None:
        milp = self.milp
        rows, columns, _ = milp.shape
        model = linear_program(milp, self.objective.coefficients)
        model.offset_ = self.objective.constant  # the gap is a part of the whole objective
        if milp.integer.any():
            kinds = np.array([highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger], dtype=object)
            model.integrality_ = kinds[milp.integer.astype(np.int8)].tolist()
        if self.model.passModel(model) == highspy.HighsStatus.kError:
            raise InputError(
                [
                    Problem(
                        "the program",
                        "HiGHS refuses the arrays",
                        f"{rows} rows, {columns} columns",
                        "Look for NaN or infinite coefficients in the study's tables",
                    )
                ]
            )
        if self.start is not None:
            point = highspy.HighsSolution()
            point.col_value = self.start.tolist()
            self.model.setSolution(point)
        if self.basis is not None:
            self.model.setOptionValue("simplex_strategy", PRIMAL if self.basis.primal else DUAL)
            self.model.setBasis(_basis_of_highs(self.basis))

    def _listen(self, state: _RunState) -> None:
        """Have HiGHS tell the best point and the bounds while it runs, and end it once it is to stop.

        HiGHS never lets go of what it calls back, so that must not hold HiGHS or the program: none of them would ever
        be freed.
        """
        is_mip = bool(self.milp.integer.any())

        def on_highs_event(kind: Any, _message: str, out: Any, orders: Any, _data: Any) -> None:
            if kind == highspy.cb.HighsCallbackType.kCallbackMipImprovingSolution:
                state.incumbent = np.array(out.mip_solution, dtype=np.float64)
            if is_mip:
                state.objective, state.bound = out.mip_primal_bound, out.mip_dual_bound
            if orders is not None and state.stop.is_set():
                orders.user_interrupt = True

        self.model.setCallback(on_highs_event, None)
        kinds = highspy.cb.HighsCallbackType
        for kind in (
            kinds.kCallbackMipImprovingSolution,
            kinds.kCallbackMipInterrupt,
            kinds.kCallbackMipLogging,
            kinds.kCallbackSimplexInterrupt,
            kinds.kCallbackIpmInterrupt,
        ):
            self.model.startCallback(kind)

    def callSolver(self, lp: pulp.LpProblem) -> None:
        """Run in a thread of its own, so that Ctrl-C and ``watch`` can stop it and the best point is kept."""
        began, state = time.perf_counter(), _RunState()
        self._listen(state)
        runner = Background(self.model.run)
        running = True
        while running:  # once at least: who watches hears of a run that is over at once, too
            try:
                running = runner.is_running(0.2)
                if self.watch is not None and not state.stop.is_set():
                    value, bound = (self.objective.unit * x for x in (state.objective, state.bound))
                    self.watch(Progress(time.perf_counter() - began, value, bound, self.objective.name))
            except KeyboardInterrupt:
                logger.info("interrupted: stopping HiGHS and keeping the best plan found")
                self.interrupted = True
                state.stop.set()
            except BaseException:  # from ``watch``: HiGHS must not run on behind an error
                state.stop.set()
                runner.join()
                raise
        self.incumbent, state.incumbent = state.incumbent, np.empty(0)
        runner.raise_failure()

    def actualSolve(self, lp: pulp.LpProblem, **kwargs: Any) -> pulp.LpSolveStats:
        start = time.time(), time.process_time()
        self.createAndConfigureSolver(lp)
        self.buildSolverModel(lp)
        self.callSolver(lp)
        return self.buildStats(lp, pulp.LpSolveStatus.NotSolved, False, start=start)


class PulpHighs:
    """HiGHS in this process, through PuLP: no file, no server."""

    name = "highs"
    tells_prices = True

    def missing(self) -> str:
        """Return why the solver cannot run; empty where it can."""
        return "" if available(pulp.HiGHS()) else "install highspy"

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
        """Minimise ``objective``; see :class:`evsiting.optimize.engines.base.Engine`.

        Its presolve calls programs infeasible that are not, or gives up: without it, such an end is tried again. It
        proves an optimum, at times a wrong one, and hands back the start in its place: it is asked again without it.
        """
        result = self._once(milp, objective, limits, start=start, watch=watch, basis=basis)
        if start is not None and result.status is Status.FEASIBLE and not result.limit:
            left = limits.time_s - result.seconds
            logger.info("HiGHS proved %.9g and handed back a point of %.9g", result.bound, result.objective)
            if left <= 0.0:  # what it claims to have proven may be wrong as well
                return replace(result, bound=-math.inf, limit="time")
            start, limits = None, replace(limits, time_s=left)
            result = self._once(milp, objective, limits, start=None, watch=watch)
        if basis is not None:
            left = limits.time_s - result.seconds
            if result.status is not Status.UNCLEAR or left <= 0.0:
                return result
            logger.info("HiGHS gave up from a known basis: it starts anew")
            limits = replace(limits, time_s=left)
            result = self._once(milp, objective, limits, start=start, watch=watch)
        unclear = result.status is Status.UNCLEAR
        if (
            not (unclear or (result.status is Status.INFEASIBLE and limits.doubt))
            or result.limit
            or not limits.presolve
        ):
            return result
        left = limits.time_s - result.seconds
        own = min(left, MOST_S, max(LEAST_S, TIMES * result.seconds))
        if own <= 0.0:
            return result
        plain = replace(limits, presolve=False, seed=limits.seed + 1)
        second = self._once(milp, objective, replace(plain, time_s=own), start=start, watch=watch)
        if len(second.columns) and second.limit == "time" and (left := left - second.seconds) > 0.0:
            second = self._once(milp, objective, replace(plain, time_s=left), start=second.columns, watch=watch)
        if second.limit == "interrupt":
            return second if len(second.columns) else replace(result, limit="interrupt")
        if not len(second.columns):
            return second if unclear else result
        logger.info("HiGHS called the program %s, and without its presolve found a plan", result.status)
        return second

    def _once(
        self,
        milp: Milp,
        objective: Objective,
        limits: Limits,
        *,
        start: FloatArray | None,
        watch: Watch | None,
        basis: Basis | None = None,
    ) -> EngineResult:
        """Run HiGHS once."""
        began = time.perf_counter()
        solver = self.prepare(milp, objective, limits, start=start, watch=watch, basis=basis)
        pulp.LpProblem("evsiting").solve(solver)
        model, info = solver.model, solver.model.getInfo()
        status, limit = _STATUS.get(model.getModelStatus().name, (Status.UNCLEAR, ""))
        if status is Status.UNCLEAR and model.getModelStatus().name == "kUnboundedOrInfeasible":
            status = self._feasible_or_not(milp, limits)
        if solver.interrupted and not limit:
            limit = "interrupt"  # too late for HiGHS, but not for whoever has more to solve
        is_mip = bool(milp.integer.any())
        point = np.array(model.getSolution().col_value, dtype=np.float64)
        if info.primal_solution_status != 2:
            point = solver.incumbent
        if is_mip:
            bound = info.mip_dual_bound
            bound -= objective.constant
            if status is Status.FEASIBLE and not math.isfinite(bound):
                bound = safe_bound(milp, objective, np.zeros(milp.shape[0]))
        elif status is Status.OPTIMAL:  # mip_dual_bound stays 0 for an LP
            bound = info.objective_function_value - objective.constant
        else:
            bound = cut_short_bound(milp, objective, model) if status is Status.FEASIBLE else -math.inf
        result = result_from_point(
            milp,
            objective,
            limits,
            status,
            limit,
            point,
            bound,
            time.perf_counter() - began,
            importlib.metadata.version("highspy"),
        )
        if is_mip or result.status not in (Status.OPTIMAL, Status.INFEASIBLE):
            return result
        if result.status is Status.INFEASIBLE:
            return replace(result, prices=_ray(model)) if basis is not None else result
        prices = np.array(model.getSolution().row_dual, dtype=np.float64)
        return replace(result, prices=prices, basis=_basis_of(model), warm=WarmLp(solver, objective))

    @staticmethod
    def prepare(
        milp: Milp,
        objective: Objective,
        limits: Limits,
        *,
        start: FloatArray | None = None,
        watch: Watch | None = None,
        basis: Basis | None = None,
    ) -> _ArrayHighs:
        """Return the PuLP solver that hands the arrays to HiGHS when a ``pulp.LpProblem`` is solved with it."""
        return _ArrayHighs(milp, objective, limits, start, watch, basis)

    def _feasible_or_not(self, milp: Milp, limits: Limits) -> Status:
        """Presolve could not tell infeasible from unbounded: solve once more without an objective."""
        nothing = Objective("feasibility", np.zeros(milp.shape[1]), 0.0, 1.0)
        solver = self.prepare(milp, nothing, limits)
        pulp.LpProblem("evsiting").solve(solver)
        status = solver.model.getModelStatus().name
        return {"kOptimal": Status.UNBOUNDED, "kInfeasible": Status.INFEASIBLE}.get(status, Status.UNCLEAR)


def _basis_of(model: Any) -> Basis | None:
    """Return the basis of a linear program that HiGHS has solved; None where it has none."""
    basis = model.getBasis()
    if not basis.valid:
        return None
    columns, rows = (np.array([int(s) for s in side], dtype=np.int8) for side in (basis.col_status, basis.row_status))
    return Basis(columns, rows)


def _basis_of_highs(basis: Basis) -> Any:
    """Return a basis as HiGHS takes it."""
    highs_basis, states = highspy.HighsBasis(), [highspy.HighsBasisStatus(k) for k in range(5)]
    highs_basis.col_status = [states[k] for k in basis.columns.tolist()]
    highs_basis.row_status = [states[k] for k in basis.rows.tolist()]
    highs_basis.valid, highs_basis.alien = True, not basis.square
    return highs_basis


def _ray(model: Any) -> FloatArray:
    """Return the prices that prove a linear program to have no point; empty where HiGHS does not tell."""
    _, known, ray = model.getDualRay()
    return np.array(ray, dtype=np.float64) if known else np.empty(0)
