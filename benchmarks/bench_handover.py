"""How long it takes to build a location program and to hand it to HiGHS, and how much memory that takes.

One site × market location program (strong link rows) in three ways, each in a process of its own:

- ``arrays``: evsiting's builder and engine,
- ``batches``: a ``pulp.LpProblem`` with readable names made from the same arrays (``evsiting.to_pulp``), then PuLP's
  hand-over,
- ``objects``: PuLP the usual way, one expression a row, then PuLP's hand-over.

Run ``python -m benchmarks.bench_handover``; figures go to ``benchmarks/results/handover.json``. The ratios are what
counts: the three run one after the other on the same machine.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pulp

from benchmarks.recorded import QUICK, keep
from evsiting.model.milp import MilpBuilder, Objective
from evsiting.optimize.engines.base import Limits
from evsiting.optimize.engines.highs import PulpHighs
from evsiting.optimize.engines.pulp_problem import to_problem

RESULTS = Path(__file__).parent / "results" / "handover.json"
LIMITS = Limits(gap=0.005, time_s=60.0, threads=2)


def arrays(size: int) -> tuple[float, float, dict[str, int]]:
    """Return seconds to build and to hand over, and the size of the program."""
    began = time.perf_counter()
    milp, objective = program(size)
    built = time.perf_counter()
    solver, problem = PulpHighs.prepare(milp, objective, LIMITS), pulp.LpProblem("bench")
    solver.createAndConfigureSolver(problem)
    solver.buildSolverModel(problem)
    return built - began, time.perf_counter() - built, held(solver.model)


def batches(size: int) -> tuple[float, float, dict[str, int]]:
    """The same through a named ``pulp.LpProblem``."""
    began = time.perf_counter()
    problem = to_problem(*program(size))
    built = time.perf_counter()
    return built - began, *hand_over(problem, built)


def objects(size: int) -> tuple[float, float, dict[str, int]]:
    """The same with one PuLP expression a row."""
    cost, fixed = figures(size)
    began = time.perf_counter()
    problem = pulp.LpProblem("bench", pulp.LpMinimize)
    build = [problem.add_variable(f"build_{i}", 0, 1, pulp.LpInteger) for i in range(size)]
    ship = [[problem.add_variable(f"ship_{i}_{j}", 0) for j in range(size)] for i in range(size)]
    problem += pulp.lpSum(fixed[i] * build[i] for i in range(size)) + pulp.lpSum(
        cost[i][j] * ship[i][j] for i in range(size) for j in range(size)
    )
    for j in range(size):
        problem += pulp.lpSum(ship[i][j] for i in range(size)) == 1, f"demand_{j}"
    for i in range(size):
        for j in range(size):
            problem += ship[i][j] - build[i] <= 0, f"link_{i}_{j}"
    built = time.perf_counter()
    return built - began, *hand_over(problem, built)


def figures(size: int) -> tuple[list[list[float]], list[float]]:
    """Return random freight and fixed cost."""
    draw = np.random.default_rng(1)
    a, b = draw.uniform(0, 1000, (size, 2)), draw.uniform(0, 1000, (size, 2))
    cost = np.hypot(a[:, None, 0] - b[None, :, 0], a[:, None, 1] - b[None, :, 1])
    return cost.tolist(), draw.uniform(2000, 4000, size).tolist()


def program(size: int) -> tuple[Any, Objective]:
    """Return the program as a Milp."""
    cost, fixed = figures(size)
    builder = MilpBuilder()
    build = builder.add_columns("build", (size,), lambda i: (str(i),), upper=1.0, integer=True)
    ship = builder.add_columns("ship", (size, size), lambda i, j: (str(i), str(j)))
    builder.add_rows("demand", size, lambda j: (str(j),), (np.arange(size), ship, 1.0), lower=1.0, upper=1.0)
    rows = np.arange(size * size).reshape(size, size)
    builder.add_rows(
        "link",
        size * size,
        lambda k: (str(k // size), str(k % size)),
        (rows, ship, 1.0),
        (rows, build[:, None], -1.0),
        upper=0.0,
    )
    objective = Objective("cost", np.concatenate([fixed, np.ravel(cost)]), 0.0, 1.0)
    return builder.finish([objective]), objective


def hand_over(problem: pulp.LpProblem, began: float) -> tuple[float, dict[str, int]]:
    """Return the seconds that PuLP takes to give a problem to HiGHS."""
    solver = pulp.HiGHS(msg=False)
    solver.createAndConfigureSolver(problem)
    solver.buildSolverModel(problem)
    return time.perf_counter() - began, held(problem.solverModel)


def held(model: Any) -> dict[str, int]:
    """Return what HiGHS holds, so that all three ways are seen to hand over the same program."""
    return {"columns": model.getNumCol(), "rows": model.getNumRow(), "entries": model.getNumNz()}


WAYS = {"arrays": arrays, "batches": batches, "objects": objects}


def main() -> None:
    """Measure every way in a process of its own and print the ratios."""
    if len(sys.argv) == 3:
        base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        build_s, hand_s, size = WAYS[sys.argv[1]](int(sys.argv[2]))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(
            json.dumps(
                {"build_s": build_s, "hand_over_s": hand_s, "peak_mb": peak / 1024, "imports_mb": base / 1024, **size}
            )
        )
        return
    size = 150 if QUICK else 490
    found = {}
    for way in WAYS:
        command = [sys.executable, "-m", "benchmarks.bench_handover", way, str(size)]
        runs = [
            json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
            for _ in range(1 if QUICK else 3)  # HiGHS 1.16 says its name first
        ]
        found[way] = sorted(runs, key=lambda r: r["build_s"] + r["hand_over_s"])[len(runs) // 2]
    least = found["arrays"]["build_s"] + found["arrays"]["hand_over_s"]
    print(
        f"{size} sites x {size} markets, {found['arrays']['columns']:,} columns, {found['arrays']['entries']:,} entries"
    )
    print(f"{'way':<10}{'build s':>10}{'hand over s':>14}{'peak MB':>10}{'ratio':>8}")
    for way, figure in found.items():
        figure["ratio"] = (figure["build_s"] + figure["hand_over_s"]) / least
        print(
            f"{way:<10}{figure['build_s']:>10.2f}{figure['hand_over_s']:>14.2f}{figure['peak_mb']:>10.0f}"
            f"{figure['ratio']:>8.1f}"
        )
    keep(RESULTS, found)


if __name__ == "__main__":
    if {"-h", "--help"} & set(sys.argv[1:]):
        print(__doc__)
        sys.exit()
    main()
