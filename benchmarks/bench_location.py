"""Location problems on arrays beside HiGHS with the strong textbook form, in one run.

Every case runs in a process of its own: three times here (the median counts, after a run that compiles), once with
HiGHS at the same gap and a time limit, as arrays, through PuLP and through
``scipy.optimize.milp``. ``python -m benchmarks.bench_location``; figures go to
``benchmarks/results/location.json``. With ``BENCH_QUICK=1`` small cases alone. ``BENCH_PEERS=1`` adds cases that take
HiGHS minutes, and spopt where the interpreter named by ``BENCH_SPOPT`` has it (it needs an older PuLP). Large cases are
run here alone.

Instances are made by the recipes of UflLib's Euclid family and of Cornuejols, Sridharan and Thizy, with fixed seeds.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pulp
from scipy.optimize import Bounds, LinearConstraint, milp

import evsiting as ev
from benchmarks.recorded import PEERS, QUICK, keep
from evsiting.model.milp import Milp, MilpBuilder, Objective
from evsiting.optimize.engines.base import Limits
from evsiting.optimize.engines.pulp_problem import to_problem
from evsiting.optimize.engines.registry import find_engine

RESULTS = Path(__file__).parent / "results" / "location.json"
GAP, THREADS = 1e-4, 2
#: Wall-clock limit of HiGHS, and of cases that are run here alone. [s]
HIGHS_S, LARGE_S = 60.0, 60.0


@dataclass(frozen=True)
class Case:
    """A problem made by a recipe: kind, sites, markets, and the number of sites or how scarce capacity is."""

    kind: str
    sites: int
    markets: int
    number: float = 0.0

    @property
    def name(self) -> str:
        """Name in tables."""
        last = (
            f", {'p' if self.kind == 'p-median' or self.kind == 'p-center' else 'r'} = {self.number:g}"
            if self.number
            else ""
        )
        return f"{self.kind} {self.sites} x {self.markets}{last}"

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of the call."""
        rng = np.random.default_rng(1)
        if self.kind == "capacitated":
            a, b = rng.uniform(0, 1, (self.sites, 2)), rng.uniform(0, 1, (self.markets, 2))
            unit = 10 * np.hypot(a[:, None, 0] - b[None, :, 0], a[:, None, 1] - b[None, :, 1])
            demand = rng.integers(5, 36, self.markets).astype(float)
            room = rng.integers(10, 161, self.sites).astype(float)
            fixed = rng.uniform(0, 90, self.sites) + rng.uniform(100, 110, self.sites) * np.sqrt(room)
            room = np.round(room * (self.number * demand.sum() / room.sum()))
            return {"cost": unit * demand, "fixed_cost": fixed, "demand": demand, "capacity": room}
        side, fixed_cost = (7000, 3000.0) if self.kind == "uncapacitated" else (1000, 0.0)
        a = rng.uniform(0, side, (self.sites, 2))
        b = a if self.sites == self.markets else rng.uniform(0, side, (self.markets, 2))
        cost = np.floor(np.hypot(a[:, None, 0] - b[None, :, 0], a[:, None, 1] - b[None, :, 1]))
        given: dict[str, Any] = {"cost": cost, "fixed_cost": fixed_cost}
        return given if self.kind == "uncapacitated" else given | {"p": int(self.number)}


SHORT = [
    Case("uncapacitated", 200, 200),
    Case("p-median", 200, 200, 10),
    Case("capacitated", 50, 50, 3),
    Case("p-center", 200, 200, 10),
]
USUAL = [Case("uncapacitated", 500, 500), Case("capacitated", 100, 100, 5), Case("p-median", 300, 300, 15)]
#: HiGHS takes minutes for these.
LONG = [Case("uncapacitated", 1000, 1000), Case("capacitated", 300, 300, 5)]
#: Run here alone.
LARGE = [Case("uncapacitated", 1000, 1000), Case("uncapacitated", 3000, 3000), Case("capacitated", 300, 300, 5),
         Case("p-median", 1000, 1000, 20), Case("p-median", 1000, 1000, 50), Case("p-median", 3000, 3000, 100),
         Case("capacitated", 500, 500, 5), Case("capacitated", 300, 1500, 10), Case("capacitated", 1000, 3000, 5),
         Case("capacitated", 3100, 3100, 5)]  # fmt: skip


def ours(case: Case, limit_s: float) -> dict[str, Any]:
    """Return what a call takes and finds: the median of three."""
    given = case.arguments()
    if case.kind == "p-center":
        ev.p_center(given["cost"][:20], 3)
        runs = [ev.p_center(given["cost"], given["p"], time_limit_s=limit_s, threads=THREADS) for _ in range(3)]
    else:
        small = {k: v[:12] if np.ndim(v) and k not in ("cost", "demand") else v for k, v in given.items()}
        small |= {"cost": given["cost"][:12, :20]} | ({"demand": given["demand"][:20]} if "demand" in given else {})
        small |= {"capacity": np.full(12, float(given["demand"][:20].sum()))} if "demand" in given else {}
        ev.facility_location(**small | ({"p": 3} if "p" in given else {}))
        times = 3 if limit_s < LARGE_S else 1
        rules = {"gap": GAP, "time_limit_s": limit_s, "threads": THREADS}
        runs = [ev.facility_location(**given, **rules) for _ in range(times)]
    found = runs[0]
    return {
        "seconds": statistics.median(run.seconds for run in runs),
        "spread_s": max(run.seconds for run in runs) - min(run.seconds for run in runs),
        "objective": found.objective,
        "bound": found.bound,
        "gap": found.gap,
        "status": str(found.status),
    }


def strong_form(kind: str, given: dict[str, Any]) -> tuple[Milp, Objective]:
    """Return a problem as the strong textbook program."""
    cost = given["cost"]
    sites, markets = cost.shape
    builder, each = MilpBuilder(), np.arange(sites * markets).reshape(sites, markets)
    opened = builder.add_columns("open", (sites,), lambda i: (str(i),), upper=1.0, integer=True)
    serve = builder.add_columns("serve", (sites, markets), lambda i, j: (str(i), str(j)), upper=1.0)
    builder.add_rows("served", markets, lambda j: (str(j),), (np.arange(markets), serve, 1.0), lower=1.0, upper=1.0)
    terms = (each, serve, 1.0), (each, opened[:, None], -1.0)
    builder.add_rows("link", sites * markets, lambda k: (str(k),), *terms, upper=0.0)
    if "capacity" in given:
        row = np.arange(sites)
        terms = (row[:, None], serve, given["demand"]), (row, opened, -given["capacity"])
        builder.add_rows("capacity", sites, lambda i: (str(i),), *terms, upper=0.0)
    if "p" in given:
        builder.add_rows("count", 1, lambda _: (), (0, opened, 1.0), lower=given["p"], upper=given["p"])
    extra: list[float] = []
    fixed = np.broadcast_to(np.asarray(given["fixed_cost"], dtype=float), (sites,))
    aim = np.concatenate([fixed, cost.ravel(), extra])
    if kind == "p-center":
        most = builder.add_columns("farthest", (1,), lambda _: ())
        terms = (np.arange(markets), serve, cost), (np.arange(markets), most, -1.0)
        builder.add_rows("within", markets, lambda j: (str(j),), *terms, upper=0.0)
        aim = np.concatenate([np.zeros(sites + sites * markets), [1.0]])
    objective = Objective("cost", aim, 0.0, 1.0)
    return builder.finish([objective]), objective


def textbook(case: Case, limit_s: float) -> dict[str, Any]:
    """Return what HiGHS takes with the strong textbook form, building the arrays included."""
    given = case.arguments()
    return highs_alone(case.kind, given, limit_s)


def highs_alone(kind: str, given: dict[str, Any], limit_s: float) -> dict[str, Any]:
    """Return what HiGHS takes for a problem that is given, building the arrays included."""
    began = time.perf_counter()
    program, objective = strong_form(kind, given)
    found = find_engine("highs").run(program, objective, Limits(GAP, limit_s, THREADS))
    gap = (found.objective - found.bound) / abs(found.objective) if len(found.columns) else None
    return {
        "seconds": time.perf_counter() - began,
        "objective": found.objective,
        "bound": found.bound,
        "gap": gap,
        "status": str(found.status),
    }


def whole_pulp(case: Case, limit_s: float) -> dict[str, Any]:
    """Return what PuLP takes with the same program, one problem of named variables, handed to HiGHS."""
    given = case.arguments()
    began = time.perf_counter()
    problem = to_problem(*strong_form(case.kind, given))
    ended = problem.solve(pulp.HiGHS(msg=False, gapRel=GAP, threads=THREADS, timeLimit=limit_s))
    told = {"seconds": time.perf_counter() - began, "status": ended.status.name}
    return told | {"objective": pulp.value(problem.objective), "gap": None}


def scipy_milp(case: Case, limit_s: float) -> dict[str, Any]:
    """Return what ``scipy.optimize.milp`` takes with the same arrays."""
    given = case.arguments()
    began = time.perf_counter()
    program, objective = strong_form(case.kind, given)
    found = milp(
        objective.coefficients,
        integrality=program.integer,
        bounds=Bounds(program.column_lower, program.column_upper),
        constraints=LinearConstraint(program.matrix, program.row_lower, program.row_upper),
        options={"time_limit": limit_s, "mip_rel_gap": GAP},
    )
    gap = None if found.mip_gap is None else float(found.mip_gap)
    told = {"seconds": time.perf_counter() - began, "status": str(found.status), "gap": gap}
    return told | {"objective": None if found.fun is None else float(found.fun)}


SPOPT = """
import json, sys, time
import numpy as np, pulp
from spopt.locate import PCenter, PMedian
cost, p, kind, limit = np.load(sys.argv[1]), int(sys.argv[2]), sys.argv[3], float(sys.argv[4])
began = time.perf_counter()
made = PMedian.from_cost_matrix(cost.T, np.ones(cost.shape[1]), p) if kind == "p-median" else PCenter.from_cost_matrix(cost.T, p)
made.solve(pulp.HiGHS(msg=False, threads=2, timeLimit=limit))
print(json.dumps({"seconds": time.perf_counter() - began, "objective": pulp.value(made.problem.objective), "status": pulp.LpStatus[made.problem.status]}))
"""  # noqa: E501


def spopt(case: Case, limit_s: float) -> dict[str, Any] | None:
    """Return what spopt takes, in the interpreter that has it; None where it cannot say."""
    python = os.environ.get("BENCH_SPOPT")
    if not python or case.kind not in ("p-median", "p-center"):
        return None
    given, file = case.arguments(), RESULTS.with_suffix(".npy")
    np.save(file, given["cost"])
    command = [python, "-c", SPOPT, str(file), str(given["p"]), case.kind, str(limit_s)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    file.unlink()
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {"failed": done.stderr[-200:]}


def apart(way: str, case: Case, limit_s: float) -> dict[str, Any]:
    """Return a measurement made in a process of its own, with its peak memory."""
    given = json.dumps([way, case.kind, case.sites, case.markets, case.number, limit_s])
    command = [sys.executable, "-m", "benchmarks.bench_location", given]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


WAYS = {"ours": ours, "textbook": textbook, "PuLP": whole_pulp, "scipy": scipy_milp}


def one(given: str) -> None:
    """Make one measurement and print it."""
    way, kind, sites, markets, number, limit_s = json.loads(given)
    found = WAYS[way](Case(kind, sites, markets, number), limit_s)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found | {"peak_mb": peak}))


def line(name: str, mine: dict[str, Any], highs: dict[str, Any] | None) -> str:
    """Return a line of the table."""
    first = f"{name:<32}{mine['seconds']:>9.2f}{mine['gap']:>10.1e}{mine['peak_mb']:>8.0f}"
    if highs is None:
        return first
    gap = "none" if highs["gap"] is None else f"{highs['gap']:.1e}"
    ratio = highs["seconds"] / mine["seconds"]
    return f"{first}{highs['seconds']:>11.2f}{gap:>10}{highs['peak_mb']:>8.0f}{ratio:>9.1f}"


def main() -> None:
    """Measure every case and print ratios."""
    beside = SHORT if QUICK else SHORT + USUAL + (LONG if PEERS else [])
    alone = [] if QUICK else [case for case in LARGE if case not in beside]
    print(f"{'case':<32}{'here s':>9}{'gap':>10}{'MB':>8}{'HiGHS s':>11}{'gap':>10}{'MB':>8}{'ratio':>9}")
    found: dict[str, Any] = {}
    for case in [*beside, *alone]:
        large = case in alone
        mine = apart("ours", case, LARGE_S if large else LARGE_S - 1.0)
        highs = None if large else apart("textbook", case, 600.0 if PEERS else 3.0 if QUICK else HIGHS_S)
        found[case.name] = {"ours": mine, "highs": highs}
        if PEERS and (other := spopt(case, 600.0)) is not None:
            found[case.name]["spopt"] = other
        if not (large or QUICK):
            limit_s = 600.0 if PEERS else HIGHS_S
            found[case.name] |= {way: apart(way, case, limit_s) for way in ("PuLP", "scipy")}
        print(line(case.name, mine, highs), flush=True)
    keep(RESULTS, {"cases": found})


if __name__ == "__main__":
    if {"-h", "--help"} & set(sys.argv[1:]):
        print(__doc__)
    elif len(sys.argv) == 2:
        one(sys.argv[1])
    else:
        main()
