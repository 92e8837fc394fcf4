"""SCIP through PuLP: in this process, built from the arrays."""

from __future__ import annotations

import logging
import math
import time
from typing import Any

import numpy as np
import pulp

from evsiting.model.milp import FloatArray, Milp, Objective
from evsiting.optimize.engines.background import Background
from evsiting.optimize.engines.base import EngineResult, Limits, Watch, result_from_point
from evsiting.optimize.engines.basis import Basis
from evsiting.optimize.engines.pulp_problem import available
from evsiting.results.plan import Status

logger = logging.getLogger(__name__)


class _ArrayScip(pulp.SCIP_PY):
    """PuLP's SCIP, built from the arrays: PuLP looks up the objective for every column, which grows with its square."""

    def __init__(self, milp: Milp, objective: Objective, limits: Limits, start: FloatArray | None) -> None:
        super().__init__(msg=False, gapRel=limits.gap, timeLimit=limits.time_s)  # type: ignore[no-untyped-call]
        self.milp, self.objective, self.limits, self.start = milp, objective, limits, start
        self.model: Any = None
        self.point = np.empty(0)
        self.interrupted = False

    def actualSolve(self, lp: pulp.LpProblem, **kwargs: Any) -> pulp.LpSolveStats:
        import pyscipopt

        began = time.time(), time.process_time()
        milp, self.model = self.milp, pyscipopt.Model("evsiting")
        self.model.hideOutput()
        for name, value in (
            ("limits/gap", self.limits.gap),
            ("limits/time", self.limits.time_s),
            ("randomization/randomseedshift", self.limits.seed),
            ("misc/catchctrlc", False),  # who called may have more to stop, and ends by other signals too
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
        self._optimize()
        if self.model.getNSols():
            best = self.model.getBestSol()
            self.point = np.array([best[column] for column in columns])
        return self.buildStats(lp, pulp.LpSolveStatus.NotSolved, False, start=began)

    def _optimize(self) -> None:
        """Run in a thread of its own, so that Ctrl-C can stop it and the best point is kept."""
        runner = Background(self.model.optimizeNogil)
        running = True
        while running:
            try:
                running = runner.is_running(0.2)
                if self.interrupted and running:
                    self.model.interruptSolve()  # again and again: SCIP forgets what it was told before it began
            except KeyboardInterrupt:
                logger.info("interrupted: stopping SCIP and keeping the best plan found")
                self.interrupted = True
        runner.raise_failure()


class PulpScip:
    """SCIP in this process, through PuLP (``pip install evsiting[solvers]``)."""

    name = "scip"
    tells_prices = False

    def missing(self) -> str:
        """Return why the solver cannot run; empty where it can."""
        solver = pulp.SCIP_PY(msg=False)  # type: ignore[no-untyped-call]
        return "" if available(solver) else "no SCIP found; install evsiting[solvers]"

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
        if solver.interrupted and not limit:
            limit = "interrupt"  # too late for SCIP, but not for whoever has more to solve
        bound = float(solver.model.getDualbound())
        return result_from_point(
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
