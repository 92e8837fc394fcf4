"""PuLP's place: the only file that knows PuLP.

HiGHS gets the arrays in one call through a subclass of :class:`pulp.HiGHS`; CBC and SCIP get a :class:`pulp.LpProblem`
built in batches. Status, bound and point are read from the solver itself, not from PuLP's summary: a run stopped by a limit
is never called optimal, an unbounded program never infeasible.
"""

from __future__ import annotations

import importlib.metadata
import logging
import math
import re
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import highspy
import numpy as np
import pulp
from scipy import sparse

from evsiting.errors import InputError, Problem, shown
from evsiting.model.milp import Block, FloatArray, Milp, Objective
from evsiting.results.plan import Status
from evsiting.solve.engine import EngineResult, Limits, Progress, Watch, judged

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
}
#: Characters that PuLP and the LP format do not take in names.
_NAME = str.maketrans({c: "_" for c in "-+[] ->/,:*^<=\"'()\\"})


def _result(
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
    """Return an honest result: the objective from the point itself, the status from bound and objective."""
    if status in (Status.OPTIMAL, Status.FEASIBLE) and not len(point):
        status = Status.NO_SOLUTION
    real_bound = objective.unit * (bound + objective.constant) if math.isfinite(bound) else -math.inf
    if status in (Status.INFEASIBLE, Status.UNBOUNDED, Status.UNCLEAR, Status.NO_SOLUTION):
        return EngineResult(
            status,
            bound=real_bound if status is Status.NO_SOLUTION else -math.inf,
            limit=limit,
            seconds=seconds,
            version=version,
        )
    point = point.copy()
    point[milp.integer] = np.rint(point[milp.integer])
    value = objective.value(point)
    real_bound = min(real_bound, value)
    return EngineResult(
        judged(status, value, real_bound, limits.gap), point, value, real_bound, limit, seconds, version
    )


class _ArrayHighs(pulp.HiGHS):
    """PuLP's HiGHS, handed the arrays in one call instead of one object a column and row."""

    name = "evsiting-HiGHS"

    def __init__(
        self, milp: Milp, objective: Objective, limits: Limits, start: FloatArray | None, watch: Watch | None
    ) -> None:
        super().__init__(
            msg=False, gapRel=limits.gap, threads=limits.threads, timeLimit=limits.time_s, random_seed=limits.seed
        )
        self.milp, self.objective, self.start, self.watch = milp, objective, start, watch
        self.model: Any = None
        self.incumbent = np.empty(0)

    def createAndConfigureSolver(self, lp: pulp.LpProblem) -> None:
        # a second run in one process with another number of threads fails silently without this
        highspy.Highs.resetGlobalScheduler(True)
        super().createAndConfigureSolver(lp)
        self.model = lp.solverModel
        self.model.setOptionValue("mip_abs_gap", 0.0)

    def buildSolverModel(self, lp: pulp.LpProblem) -> None:
        milp, model = self.milp, highspy.HighsLp()
        rows, columns, _ = milp.shape
        model.num_col_, model.num_row_ = columns, rows
        model.col_cost_ = self.objective.coefficients
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

        def heard(kind: Any, _message: str, out: Any, answer: Any, _data: Any) -> None:
            if kind == highspy.cb.HighsCallbackType.kCallbackMipImprovingSolution:
                self.incumbent = np.array(out.mip_solution, dtype=np.float64)
            if self.milp.integer.any():
                state["objective"], state["bound"] = out.mip_primal_bound, out.mip_dual_bound
            if answer is not None and stop.is_set():
                answer.user_interrupt = True

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
        runner = threading.Thread(target=self.model.run, daemon=True)
        runner.start()
        while runner.is_alive():
            try:
                runner.join(0.2)
                if self.watch is not None and not stop.is_set():
                    unit, constant = self.objective.unit, self.objective.constant
                    self.watch(
                        Progress(
                            time.perf_counter() - began,
                            unit * (state["objective"] + constant),
                            unit * (state["bound"] + constant),
                        )
                    )
            except KeyboardInterrupt:
                logger.info("interrupted: stopping HiGHS and keeping the best plan found")
                stop.set()

    def actualSolve(self, lp: pulp.LpProblem, **kwargs: Any) -> pulp.LpSolveStats:
        start = time.time(), time.process_time()
        self.createAndConfigureSolver(lp)
        self.buildSolverModel(lp)
        self.callSolver(lp)
        return self.buildStats(lp, pulp.LpSolveStatus.NotSolved, False, start=start)


class PulpHighs:
    """HiGHS in this process, through PuLP: no file, no server."""

    name = "highs"

    def missing(self) -> str:
        """Return why the solver cannot run; empty where it can."""
        return "" if pulp.HiGHS().available() else "install highspy"

    def run(
        self,
        milp: Milp,
        objective: Objective,
        limits: Limits,
        *,
        start: FloatArray | None = None,
        watch: Watch | None = None,
    ) -> EngineResult:
        """Minimise ``objective``; see :class:`evsiting.solve.engine.Engine`."""
        began = time.perf_counter()
        solver = self.prepare(milp, objective, limits, start=start, watch=watch)
        pulp.LpProblem("evsiting").solve(solver)
        model, info = solver.model, solver.model.getInfo()
        status, limit = _STATUS.get(model.getModelStatus().name, (Status.UNCLEAR, ""))
        if status is Status.UNCLEAR and model.getModelStatus().name == "kUnboundedOrInfeasible":
            status = self._feasible_or_not(milp, limits)
        is_mip = bool(milp.integer.any())
        point = np.array(model.getSolution().col_value, dtype=np.float64)
        if info.primal_solution_status != 2:
            point = solver.incumbent
        if is_mip:
            bound = info.mip_dual_bound
        else:  # mip_dual_bound stays 0 for an LP
            bound = info.objective_function_value if status is Status.OPTIMAL else -math.inf
        return _result(
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

    def missing(self) -> str:
        """Return why the solver cannot run; empty where it can."""
        return "" if pulp.COIN_CMD(msg=False).available() else "no CBC found; install evsiting[solvers]"

    def run(
        self,
        milp: Milp,
        objective: Objective,
        limits: Limits,
        *,
        start: FloatArray | None = None,
        watch: Watch | None = None,
    ) -> EngineResult:
        """Minimise ``objective``; see :class:`evsiting.solve.engine.Engine`. ``watch`` is not called while CBC runs."""
        began = time.perf_counter()
        problem = to_problem(milp, objective)
        _set_start(problem, start)
        with tempfile.TemporaryDirectory(prefix="evsiting-cbc-") as folder:
            log = Path(folder) / "cbc.log"
            solver = pulp.COIN_CMD(
                msg=False,
                gapRel=limits.gap,
                threads=limits.threads,
                timeLimit=limits.time_s,
                randomSeed=limits.seed + 1,
                warmStart=start is not None,
                logPath=str(log),
            )
            stats = problem.solve(solver)
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
        if (
            len(point) and np.abs(point).max() > 1e15
        ):  # CBC calls an unbounded LP optimal, with a column near its infinity
            status = Status.UNBOUNDED
        value = float(objective.coefficients @ point) if len(point) else math.nan
        bound = value if stats.status == pulp.LpSolveStatus.Optimal else _cbc_bound(text, value)
        version = re.search(r"CBC (\S.*?) [—-] COIN", text)
        return _result(
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


def _cbc_bound(log: str, value: float) -> float:
    """Return the bound that CBC's closing lines state, rounded down: it prints six digits of the bound, five of the gap."""
    if (gap := re.findall(r"^Gap:\s+([-+.\deE]+)", log, re.MULTILINE)) and math.isfinite(value):
        return value - abs(value) * float(gap[-1]) * 1.0001
    if lower := re.findall(r"^Lower bound:\s+([-+.\deE]+)", log, re.MULTILINE):
        return float(lower[-1]) - 1e-5 * abs(float(lower[-1]))
    return -math.inf


class _ArrayScip(pulp.SCIP_PY):
    """PuLP's SCIP, built from the arrays: PuLP looks the objective up anew for every column, which grows with its square."""

    def __init__(self, milp: Milp, objective: Objective, limits: Limits, start: FloatArray | None) -> None:
        super().__init__(msg=False, gapRel=limits.gap, timeLimit=limits.time_s)
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
        low, high = (np.where(np.isfinite(a), a, None).tolist() for a in (milp.column_lower, milp.column_upper))
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
            sides = (
                [left == lower]
                if lower == upper
                else [
                    side
                    for side, held in ((left >= lower, math.isfinite(lower)), (left <= upper, math.isfinite(upper)))
                    if held
                ]
            )
            for side in sides:
                self.model.addCons(side)
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

    def missing(self) -> str:
        """Return why the solver cannot run; empty where it can."""
        return "" if pulp.SCIP_PY(msg=False).available() else "no SCIP found; install evsiting[solvers]"

    def run(
        self,
        milp: Milp,
        objective: Objective,
        limits: Limits,
        *,
        start: FloatArray | None = None,
        watch: Watch | None = None,
    ) -> EngineResult:
        """Minimise ``objective``; see :class:`evsiting.solve.engine.Engine`. ``watch`` is not called while SCIP runs."""
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
        return _result(
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


ENGINES: Mapping[str, Any] = MappingProxyType({e.name: e for e in (PulpHighs(), PulpCbc(), PulpScip())})


def _set_start(problem: pulp.LpProblem, start: FloatArray | None) -> None:
    if start is not None:
        for variable, value in zip(problem.variables(), start.tolist(), strict=True):
            variable.varValue = value


def _values(problem: pulp.LpProblem, milp: Milp) -> FloatArray:
    """Return the point that PuLP holds; a column that stands in no row keeps the bound nearest to zero."""
    idle = np.clip(0.0, milp.column_lower, milp.column_upper)
    return np.array([idle[k] if (value := v.varValue) is None else value for k, v in enumerate(problem.variables())])


def legal_names(names: Iterable[str]) -> list[str]:
    """Return names that PuLP and LP files accept, still readable and without doubles.

    Examples
    --------
    >>> legal_names(["ship[cell,US-TN]", "ship[cell,US_TN]"])
    ['ship_cell_US_TN_', 'ship_cell_US_TN__1']
    """
    seen: dict[str, int] = {}
    out = []
    for name in names:
        legal = name.translate(_NAME)
        count = seen[legal] = seen.get(legal, -1) + 1
        out.append(f"{legal}_{count}" if count else legal)
    return out


def to_problem(milp: Milp, objective: Objective) -> pulp.LpProblem:
    """Return the program as a ``pulp.LpProblem``, columns and rows named and in order; column k is variable id k.

    Parameters
    ----------
    milp : Milp
        The arrays.
    objective : Objective
        What to minimise; its constant is part of the problem's objective.
    """
    problem = pulp.LpProblem("evsiting", pulp.LpMinimize)
    columns = _add_variables(problem, milp)
    matrix, names = milp.matrix, legal_names(milp.row_names())
    for k, (start, stop) in enumerate(zip(matrix.indptr[:-1].tolist(), matrix.indptr[1:].tolist(), strict=True)):
        low, high = float(milp.row_lower[k]), float(milp.row_upper[k])
        expression = pulp.LpAffineExpression.from_dict(
            {
                columns[j]: v
                for j, v in zip(matrix.indices[start:stop].tolist(), matrix.data[start:stop].tolist(), strict=True)
            }
        )
        if low == high:
            problem.addConstraint(expression == low, names[k])
            continue
        if math.isfinite(high):
            problem.addConstraint(expression <= high, names[k])
        if math.isfinite(low):
            problem.addConstraint(expression >= low, names[k] + ("_low" if math.isfinite(high) else ""))
    used = np.flatnonzero(objective.coefficients)
    problem.objective = pulp.LpAffineExpression.from_dict(
        dict(zip((columns[j] for j in used.tolist()), objective.coefficients[used].tolist(), strict=True))
    )
    return problem


def _add_variables(problem: pulp.LpProblem, milp: Milp) -> list[pulp.LpVariable]:
    """Add the columns in batches of equal bounds and kind, in order."""
    names = legal_names(milp.column_names())
    kind = np.column_stack([milp.column_lower, milp.column_upper, milp.integer.astype(np.float64)])
    change = np.flatnonzero(np.any(kind[1:] != kind[:-1], axis=1)) + 1
    edges = [0, *change.tolist(), len(names)] if names else [0]
    out: list[pulp.LpVariable] = []
    for first, last in zip(edges[:-1], edges[1:], strict=True):
        low, high = float(milp.column_lower[first]), float(milp.column_upper[first])
        made = problem.add_variable_matrix(
            "%s",
            names[first:last],
            lowBound=low if math.isfinite(low) else None,
            upBound=high if math.isfinite(high) else None,
            cat=pulp.LpInteger if milp.integer[first] else pulp.LpContinuous,
        )
        out.extend(made)
    return out


def with_extra(milp: Milp, extra: pulp.LpProblem | Sequence[pulp.LpAffineExpression]) -> Milp:
    """Return the program with a user's own rules.

    Parameters
    ----------
    milp : Milp
        The program that the rules were written for.
    extra : pulp.LpProblem or sequence of pulp.LpAffineExpression
        The problem of :func:`evsiting.to_pulp` after rules (and variables) were added to it, or the rules themselves.

    Raises
    ------
    InputError
        If the problem does not come from the same study.
    """
    variables: list[pulp.LpVariable] = []
    rules: Sequence[Any] = list(extra) if not isinstance(extra, pulp.LpProblem) else ()
    if isinstance(extra, pulp.LpProblem):
        rows = milp.shape[0] + int(
            (np.isfinite(milp.row_lower) & np.isfinite(milp.row_upper) & (milp.row_lower != milp.row_upper)).sum()
        )
        if extra.numVariables() < milp.shape[1] or extra.numConstraints() < rows:
            raise InputError(
                [
                    Problem(
                        "extra",
                        "the problem is not the one of this study",
                        f"{extra.numVariables()} variables, {extra.numConstraints()} rows; the study has "
                        f"{milp.shape[1]} and {rows}",
                        "Start from evsiting.to_pulp(study) and add to it",
                    )
                ]
            )
        variables, rules = extra.variables()[milp.shape[1] :], extra.constraints()[rows:]
        priced = {v.name for v, _ in extra.objective.items()} & {v.name for v in variables}
        if priced:
            raise InputError(
                [
                    Problem(
                        "extra",
                        "the objective of the problem was changed",
                        shown(sorted(priced)),
                        "Choose the objective with evsiting.solve(objective=...); what a rule costs "
                        "belongs in the study's tables, so that ledgers and certificate know of it",
                    )
                ]
            )
    milp = _widened(milp, variables)
    entries, lower, upper, names = [], [], [], []
    for number, rule in enumerate(rules):
        entries.append({v.id: c for v, c in rule.items()})
        right, sense = -rule.constant, rule.sense
        lower.append(right if sense in (pulp.LpConstraintGE, pulp.LpConstraintEQ) else -np.inf)
        upper.append(right if sense in (pulp.LpConstraintLE, pulp.LpConstraintEQ) else np.inf)
        names.append((rule.name or f"rule_{number}",))
    if not rules:
        return milp
    row = np.repeat(np.arange(len(entries)), [len(e) for e in entries])
    column = np.array([j for e in entries for j in e], dtype=np.int64)
    value = np.array([v for e in entries for v in e.values()], dtype=np.float64)
    matrix = sparse.coo_array((value, (row, column)), shape=(len(entries), milp.shape[1])).tocsr()
    return milp.with_rows("extra", matrix, lower, upper, names)


def _widened(milp: Milp, variables: Sequence[pulp.LpVariable]) -> Milp:
    """Return the program with a user's own variables behind its columns."""
    if not variables:
        return milp
    names = tuple(v.name for v in variables)
    rows, width, _ = milp.shape
    more = len(variables)
    block = Block("extra", width, width + more, lambda k: (names[k],))
    return replace(
        milp,
        column_lower=np.concatenate([milp.column_lower, [v.lowBound for v in variables]]),
        column_upper=np.concatenate([milp.column_upper, [v.upBound for v in variables]]),
        integer=np.concatenate([milp.integer, [v.cat == pulp.LpInteger for v in variables]]),
        matrix=sparse.csr_array(sparse.hstack([milp.matrix, sparse.csr_array((rows, more))], format="csr")),
        column_blocks=(*milp.column_blocks, block),
        objectives=MappingProxyType(
            {
                name: replace(o, coefficients=np.concatenate([o.coefficients, np.zeros(more)]))
                for name, o in milp.objectives.items()
            }
        ),
    )
