"""CBC through PuLP: a program of its own, handed a :class:`pulp.LpProblem` that is built in batches."""

from __future__ import annotations

import logging
import math
import os
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pulp

from evsiting.errors import SolveError
from evsiting.model.milp import FloatArray, Milp, Objective
from evsiting.optimize.engines.base import EngineResult, Limits, Watch, result_from_point
from evsiting.optimize.engines.basis import Basis
from evsiting.optimize.engines.pulp_problem import available, to_problem
from evsiting.results.plan import Status

logger = logging.getLogger(__name__)


class _StoppableCbc(pulp.COIN_CMD):
    """PuLP's CBC, which writes the best plan found when it is interrupted: PuLP itself leaves it behind."""

    interrupted = False

    def solve_CBC(self, lp: pulp.LpProblem, use_mps: bool = True) -> tuple[Any, bool]:
        """Write the program, have CBC solve it, read what it found; as PuLP does, but for the waiting."""
        program, start, solution = (str(Path(self.tmpDir) / f"program.{kind}") for kind in ("mps", "mst", "sol"))
        columns, rows, _, order = lp.writeMPS(program, rename=True)
        words = [program]
        if self.optionsDict.get("warmStart", False):
            self.writesol(start, lp, columns, rows)
            words += ["-mips", start]
        words += ["-sec", str(self.timeLimit)]
        for option in (*self.options, *self.getOptions()):  # type: ignore[no-untyped-call]
            words += f"-{option}".split()
        words += ["-solve", "-printingOptions", "all", "-solution", solution]
        with Path(self.optionsDict["logPath"]).open("wb") as log:
            hidden = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # on Windows only
            with subprocess.Popen(
                [self.path, *words], stdout=log, stderr=log, stdin=subprocess.DEVNULL, creationflags=hidden
            ) as cbc:
                code = self._waited(cbc)
        if code or not Path(solution).exists():
            message = f"code {code}, {'a' if Path(solution).exists() else 'no'} file with a plan"
            raise pulp.PulpSolverError(message)
        status, values, _, _, _, has_solution = self.readsol_MPS(
            solution, lp, columns, rows, pulp_names_in_column_order=order
        )
        lp.assignVarsVals(values)
        return status, bool(has_solution)

    def _waited(self, cbc: subprocess.Popen[bytes]) -> int:
        """Return with what code CBC ended; Ctrl-C, or SIGTERM as the command line hears it, is passed on to it."""
        try:
            while True:
                try:
                    return cbc.wait(1.0)
                except subprocess.TimeoutExpired:
                    if self.interrupted:  # again and again: CBC does not hear it before it has begun
                        _interrupt(cbc)
                except KeyboardInterrupt:
                    logger.info("interrupted: stopping CBC and keeping the best plan found")
                    self.interrupted = True
                    _interrupt(cbc)
        except BaseException:  # CBC must not run on behind an error
            cbc.kill()
            raise


def _interrupt(cbc: subprocess.Popen[bytes]) -> None:
    """Tell CBC to stop and to write what it has; on Windows it can only be ended, and writes nothing."""
    if os.name == "nt":
        cbc.terminate()
    else:
        cbc.send_signal(signal.SIGINT)


class PulpCbc:
    """CBC as a program of its own, through PuLP (``pip install evsiting[solvers]``)."""

    name = "cbc"
    tells_prices = False

    def missing(self) -> str:
        """Return why the solver cannot run; empty where it can."""
        solver = pulp.COIN_CMD(msg=False)  # type: ignore[no-untyped-call]
        return "" if available(solver) else "no CBC found; install evsiting[solvers]"

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
        problem = to_problem(milp, objective)
        _set_start(problem, start)
        with tempfile.TemporaryDirectory(prefix="evsiting-cbc-", dir=_folder_without_blanks()) as folder:
            log = Path(folder) / "cbc.log"
            solver = _StoppableCbc(  # type: ignore[no-untyped-call]
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
                if solver.interrupted:
                    message = f"CBC was interrupted and left no plan ({error}). HiGHS keeps one: --engine highs"
                else:
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
        if solver.interrupted:  # CBC says that it stopped, not why
            status = Status.FEASIBLE if status is Status.UNCLEAR else status
            limit = "interrupt"
        version = re.search(r"CBC (\S.*?) [—-] COIN", text)
        return result_from_point(
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


def _set_start(problem: pulp.LpProblem, start: FloatArray | None) -> None:
    if start is not None:
        for variable, value in zip(problem.variables(), start.tolist(), strict=True):
            variable.varValue = value


def _values(problem: pulp.LpProblem, milp: Milp) -> FloatArray:
    """Return the point that PuLP holds; a column that stands in no constraint keeps the bound nearest to zero."""
    idle = np.clip(0.0, milp.column_lower, milp.column_upper)
    return np.array([idle[k] if (value := v.varValue) is None else value for k, v in enumerate(problem.variables())])
