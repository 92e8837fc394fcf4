"""The solvers, each through PuLP: beside :mod:`evsiting.optimize.engines.pulp_problem` the only file that knows PuLP.

HiGHS and SCIP get the arrays through subclasses of PuLP's solvers; CBC gets a :class:`pulp.LpProblem` built in
batches. Status, bound and point are read from the solver itself, not from PuLP's summary: a run stopped by a limit is
never called optimal, an unbounded program never infeasible.
"""

from __future__ import annotations

import importlib.metadata
import logging
import math
import os
import re
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import highspy
import numpy as np
import pulp

from evsiting.errors import InputError, Problem, SolveError
from evsiting.model.milp import FloatArray, Milp, Objective
from evsiting.optimize.engines.base import Engine, EngineResult, Limits, Progress, Watch, answer
from evsiting.optimize.engines.console import unprinted
from evsiting.optimize.engines.dual_bound import cut_short_bound, safe_bound
from evsiting.optimize.engines.pulp_problem import to_problem
from evsiting.optimize.engines.scaling import ScaledEngine
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


def _available(solver: Any) -> bool:
    """Whether PuLP finds a solver; its own check is not typed."""
    return bool(solver.available())


class _ArrayHighs(pulp.HiGHS):
    """PuLP's HiGHS, handed the arrays in one call instead of one object a column and row."""

    name = "evsiting-HiGHS"
    threads_before: int | None = None

    def __init__(
        self, milp: Milp, objective: Objective, limits: Limits, start: FloatArray | None, watch: Watch | None
    ) -> None:
        super().__init__(
            msg=False, gapRel=limits.gap, threads=limits.threads, timeLimit=limits.time_s, random_seed=limits.seed
        )
        self.milp, self.objective, self.start, self.watch = milp, objective, start, watch
        self.target = limits.target / objective.unit
        self.presolve = limits.presolve
        self.model: Any = None
        self.incumbent = np.empty(0)
        self.interrupted = False

    def createAndConfigureSolver(self, lp: pulp.LpProblem) -> None:
        # a second run in one process with another number of threads fails silently without this; it waits for the old
        # threads, so it is done only where their number changes
        if _ArrayHighs.threads_before not in (None, self.threads):
            highspy.Highs.resetGlobalScheduler(True)
        _ArrayHighs.threads_before = self.threads
        with unprinted():
            super().createAndConfigureSolver(lp)
        self.model = lp.solverModel
        self.model.setOptionValue("mip_abs_gap", 0.0)
        self.model.setOptionValue("objective_target", self.target)
        if not self.presolve:
            self.model.setOptionValue("presolve", "off")

    def buildSolverModel(self, lp: pulp.LpProblem) -> None:
        milp, model = self.milp, highspy.HighsLp()
        rows, columns, _ = milp.shape
        model.num_col_, model.num_row_ = columns, rows
        model.col_cost_ = self.objective.coefficients
        model.offset_ = self.objective.constant  # the gap is a part of the whole objective
        model.col_lower_, model.col_upper_ = milp.column_lower, milp.column_upper
        model.row_lower_, model.row_upper_ = milp.row_lower, milp.row_upper
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = milp.matrix.indptr.astype(np.int32)
        model.a_matrix_.index_ = milp.matrix.indices.astype(np.int32)
        model.a_matrix_.value_ = milp.matrix.data
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

    def callSolver(self, lp: pulp.LpProblem) -> None:
        """Run in a thread of its own, so that Ctrl-C and ``watch`` can stop it and the best point is kept."""
        began, stop, state = time.perf_counter(), threading.Event(), {"objective": math.inf, "bound": -math.inf}

        def heard(kind: Any, _message: str, out: Any, orders: Any, _data: Any) -> None:
            if kind == highspy.cb.HighsCallbackType.kCallbackMipImprovingSolution:
                self.incumbent = np.array(out.mip_solution, dtype=np.float64)
            if self.milp.integer.any():
                state["objective"], state["bound"] = out.mip_primal_bound, out.mip_dual_bound
            if orders is not None and stop.is_set():
                orders.user_interrupt = True

        self.model.setCallback(heard, None)
        kinds = highspy.cb.HighsCallbackType
        for kind in (
            kinds.kCallbackMipImprovingSolution,
            kinds.kCallbackMipInterrupt,
            kinds.kCallbackMipLogging,
            kinds.kCallbackSimplexInterrupt,
            kinds.kCallbackIpmInterrupt,
        ):
            self.model.startCallback(kind)
        failed: list[BaseException] = []

        def work() -> None:
            try:
                self.model.run()
            except BaseException as error:  # such as memory that ran out: told where it can be caught
                failed.append(error)

        runner = threading.Thread(target=work, daemon=True)
        runner.start()
        running = True
        while running:  # once at least: who watches hears of a run that is over at once, too
            try:
                runner.join(0.2)
                running = runner.is_alive()
                if self.watch is not None and not stop.is_set():
                    value, bound = (self.objective.unit * state[name] for name in ("objective", "bound"))
                    self.watch(Progress(time.perf_counter() - began, value, bound, self.objective.name))
            except KeyboardInterrupt:
                logger.info("interrupted: stopping HiGHS and keeping the best plan found")
                self.interrupted = True
                stop.set()
            except BaseException:  # from ``watch``: HiGHS must not run on behind an error
                stop.set()
                runner.join()
                raise
        if failed:
            raise failed[0]

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
        return "" if _available(pulp.HiGHS()) else "install highspy"

    def run(
        self,
        milp: Milp,
        objective: Objective,
        limits: Limits,
        *,
        start: FloatArray | None = None,
        watch: Watch | None = None,
    ) -> EngineResult:
        """Minimise ``objective``; see :class:`evsiting.optimize.engines.base.Engine`.

        Its presolve calls programs infeasible that are not, or gives up: without it, such an end is tried again.
        """
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
        self, milp: Milp, objective: Objective, limits: Limits, *, start: FloatArray | None, watch: Watch | None
    ) -> EngineResult:
        """Run HiGHS once."""
        began = time.perf_counter()
        solver = self.prepare(milp, objective, limits, start=start, watch=watch)
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
        result = answer(
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
        if is_mip or result.status is not Status.OPTIMAL:
            return result
        return replace(result, prices=np.array(model.getSolution().row_dual, dtype=np.float64))

    @staticmethod
    def prepare(
        milp: Milp, objective: Objective, limits: Limits, *, start: FloatArray | None = None, watch: Watch | None = None
    ) -> _ArrayHighs:
        """Return the PuLP solver that hands the arrays to HiGHS when a ``pulp.LpProblem`` is solved with it."""
        return _ArrayHighs(milp, objective, limits, start, watch)

    def _feasible_or_not(self, milp: Milp, limits: Limits) -> Status:
        """Presolve could not tell infeasible from unbounded: solve once more without an objective."""
        nothing = Objective("feasibility", np.zeros(milp.shape[1]), 0.0, 1.0)
        solver = self.prepare(milp, nothing, limits)
        pulp.LpProblem("evsiting").solve(solver)
        found = solver.model.getModelStatus().name
        return {"kOptimal": Status.UNBOUNDED, "kInfeasible": Status.INFEASIBLE}.get(found, Status.UNCLEAR)


class PulpCbc:
    """CBC as a program of its own, through PuLP (``pip install evsiting[solvers]``)."""

    name = "cbc"
    tells_prices = False

    def missing(self) -> str:
        """Return why the solver cannot run; empty where it can."""
        solver = pulp.COIN_CMD(msg=False)  # type: ignore[no-untyped-call]
        return "" if _available(solver) else "no CBC found; install evsiting[solvers]"

    def run(
        self,
        milp: Milp,
        objective: Objective,
        limits: Limits,
        *,
        start: FloatArray | None = None,
        watch: Watch | None = None,
    ) -> EngineResult:
        """Minimise ``objective``; see :class:`evsiting.optimize.engines.base.Engine`. ``watch`` is not called."""
        began = time.perf_counter()
        problem = to_problem(milp, objective)
        _set_start(problem, start)
        with tempfile.TemporaryDirectory(prefix="evsiting-cbc-", dir=_folder_without_blanks()) as folder:
            log = Path(folder) / "cbc.log"
            solver = pulp.COIN_CMD(  # type: ignore[no-untyped-call]
                msg=False,
                gapRel=limits.gap,
                threads=limits.threads,
                timeLimit=limits.time_s,
                randomSeed=limits.seed + 1,
                warmStart=start is not None,
                logPath=str(log),
            )
            solver.tmpDir = folder
            try:
                stats = problem.solve(solver)
            except pulp.PulpSolverError as error:
                message = f"CBC ended without an answer ({error}). Try another engine: --engine highs"
                raise SolveError(message) from error
            text = log.read_text(encoding="utf-8", errors="replace")
        status, limit = {
            pulp.LpSolveStatus.Optimal: (Status.OPTIMAL, ""),
            pulp.LpSolveStatus.GapLimit: (Status.OPTIMAL, ""),
            pulp.LpSolveStatus.Infeasible: (Status.INFEASIBLE, ""),
            pulp.LpSolveStatus.Unbounded: (Status.UNBOUNDED, ""),
            pulp.LpSolveStatus.TimeLimit: (Status.FEASIBLE, "time"),
            pulp.LpSolveStatus.Interrupted: (Status.FEASIBLE, "interrupt"),
            pulp.LpSolveStatus.NodeLimit: (Status.FEASIBLE, "nodes"),
            pulp.LpSolveStatus.Stopped: (Status.FEASIBLE, "nodes"),
        }.get(stats.status, (Status.UNCLEAR, ""))
        if status is Status.UNCLEAR and "infeasibility proved" in text:
            status = Status.INFEASIBLE
        point = _values(problem, milp) if stats.has_solution else np.empty(0)
        if np.abs(point).max(initial=0.0) > 1e15:  # CBC calls an unbounded LP optimal, a column near its infinity
            status = Status.UNBOUNDED
        value = float(objective.coefficients @ point) if len(point) else math.nan
        bound = value if stats.status == pulp.LpSolveStatus.Optimal else _cbc_bound(text, value)
        if status is Status.OPTIMAL and milp.integer.any() and "Result - Optimal" not in text:
            status, limit, point = Status.NO_SOLUTION, "time", np.empty(0)  # out of time with the relaxation solved
        version = re.search(r"CBC (\S.*?) [—-] COIN", text)
        return answer(
            milp,
            objective,
            limits,
            status,
            limit,
            point,
            bound,
            time.perf_counter() - began,
            version[1] if version else "unknown",
        )


def _folder_without_blanks() -> str:
    """Return a folder for CBC's files: PuLP hands it their paths in a line that is split at blanks.

    Raises
    ------
    SolveError
        If every folder for temporary files has a blank in its path.
    """
    usual = tempfile.gettempdir()
    for folder in (usual, "/tmp", "/var/tmp", str(Path.cwd())):
        if not re.search(r"\s", folder) and os.access(folder, os.W_OK | os.X_OK):
            return folder
    message = f"CBC takes no blanks in the path of its files ({usual!r}); set TMPDIR to a folder without, or use HiGHS"
    raise SolveError(message)


#: A number as CBC prints it; its "-nan" and "-" are none.
_NUMBER = r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?"


def _cbc_bound(log: str, value: float) -> float:
    """Return the bound that CBC's closing lines state, rounded down: six digits of the bound, five of the gap."""
    if (gap := re.findall(rf"^Gap:\s+({_NUMBER})", log, re.MULTILINE)) and math.isfinite(value):
        return value - abs(value) * float(gap[-1]) * 1.0001
    if lower := re.findall(rf"^Lower bound:\s+({_NUMBER})", log, re.MULTILINE):
        return float(lower[-1]) - 1e-5 * abs(float(lower[-1]))
    return -math.inf


class _ArrayScip(pulp.SCIP_PY):
    """PuLP's SCIP, built from the arrays: PuLP looks up the objective for every column, which grows with its square."""

    def __init__(self, milp: Milp, objective: Objective, limits: Limits, start: FloatArray | None) -> None:
        super().__init__(msg=False, gapRel=limits.gap, timeLimit=limits.time_s)  # type: ignore[no-untyped-call]
        self.milp, self.objective, self.limits, self.start = milp, objective, limits, start
        self.model: Any = None
        self.point = np.empty(0)

    def actualSolve(self, lp: pulp.LpProblem, **kwargs: Any) -> pulp.LpSolveStats:
        import pyscipopt

        began = time.time(), time.process_time()
        milp, self.model = self.milp, pyscipopt.Model("evsiting")
        self.model.hideOutput()
        for name, value in (
            ("limits/gap", self.limits.gap),
            ("limits/time", self.limits.time_s),
            ("randomization/randomseedshift", self.limits.seed),
        ):
            self.model.setParam(name, value)
        bounds = (milp.column_lower.tolist(), milp.column_upper.tolist())
        low, high = ([v if math.isfinite(v) else None for v in side] for side in bounds)
        columns = [
            self.model.addVar(lb=low[j], ub=high[j], obj=c, vtype="I" if milp.integer[j] else "C")
            for j, c in enumerate(self.objective.coefficients.tolist())
        ]
        matrix, limits = milp.matrix, np.column_stack([milp.row_lower, milp.row_upper]).tolist()
        for row, (lower, upper) in enumerate(limits):
            span = slice(matrix.indptr[row], matrix.indptr[row + 1])
            left = pyscipopt.quicksum(
                v * columns[j] for j, v in zip(matrix.indices[span].tolist(), matrix.data[span].tolist(), strict=True)
            )
            if lower == upper:
                self.model.addCons(left == lower)
                continue
            if math.isfinite(lower):
                self.model.addCons(left >= lower)
            if math.isfinite(upper):
                self.model.addCons(left <= upper)
        if self.start is not None:
            first = self.model.createSol()
            for column, value in zip(columns, self.start.tolist(), strict=True):
                self.model.setSolVal(first, column, value)
            self.model.addSol(first)
        self.model.optimize()
        if self.model.getNSols():
            best = self.model.getBestSol()
            self.point = np.array([best[column] for column in columns])
        return self.buildStats(lp, pulp.LpSolveStatus.NotSolved, False, start=began)


class PulpScip:
    """SCIP in this process, through PuLP (``pip install evsiting[solvers]``)."""

    name = "scip"
    tells_prices = False

    def missing(self) -> str:
        """Return why the solver cannot run; empty where it can."""
        solver = pulp.SCIP_PY(msg=False)  # type: ignore[no-untyped-call]
        return "" if _available(solver) else "no SCIP found; install evsiting[solvers]"

    def run(
        self,
        milp: Milp,
        objective: Objective,
        limits: Limits,
        *,
        start: FloatArray | None = None,
        watch: Watch | None = None,
    ) -> EngineResult:
        """Minimise ``objective``; see :class:`evsiting.optimize.engines.base.Engine`. ``watch`` is not called."""
        began = time.perf_counter()
        solver = _ArrayScip(milp, objective, limits, start)
        pulp.LpProblem("evsiting").solve(solver)
        status, limit = {
            "optimal": (Status.OPTIMAL, ""),
            "gaplimit": (Status.OPTIMAL, ""),
            "infeasible": (Status.INFEASIBLE, ""),
            "unbounded": (Status.UNBOUNDED, ""),
            "timelimit": (Status.FEASIBLE, "time"),
            "userinterrupt": (Status.FEASIBLE, "interrupt"),
            "nodelimit": (Status.FEASIBLE, "nodes"),
            "memlimit": (Status.FEASIBLE, "memory"),
        }.get(solver.model.getStatus(), (Status.UNCLEAR, ""))
        bound = float(solver.model.getDualbound())
        return answer(
            milp,
            objective,
            limits,
            status,
            limit,
            solver.point,
            bound if abs(bound) < 1e20 else -math.inf,
            time.perf_counter() - began,
            str(solver.model.version()),
        )


#: Every engine by name.
ENGINES: Mapping[str, Engine] = MappingProxyType(
    {engine.name: ScaledEngine(engine) for engine in (PulpHighs(), PulpCbc(), PulpScip())}
)


def _set_start(problem: pulp.LpProblem, start: FloatArray | None) -> None:
    if start is not None:
        for variable, value in zip(problem.variables(), start.tolist(), strict=True):
            variable.varValue = value


def _values(problem: pulp.LpProblem, milp: Milp) -> FloatArray:
    """Return the point that PuLP holds; a column that stands in no row keeps the bound nearest to zero."""
    idle = np.clip(0.0, milp.column_lower, milp.column_upper)
    return np.array([idle[k] if (value := v.varValue) is None else value for k, v in enumerate(problem.variables())])
