"""How much quicker two workers of one thread each solve a sweep than one.

What-if cases of the study ``ten-cities`` are solved by one worker process and by two, one after the other on the same
machine, five times; the start of the workers counts. The ratio is what counts, and it is told only where both cores
are free: a machine that does something else beside it cannot be twice as quick.

Run ``python -m benchmarks.bench_sweep``; figures go to ``benchmarks/results/sweep.json``. With ``BENCH_QUICK=1`` it is
done once, with fewer cases, and nothing is written.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

import evsiting as ev
from benchmarks.recorded import QUICK, keep

RESULTS = Path(__file__).parent / "results" / "sweep.json"
CASES, REPEATS = (4, 1) if QUICK else (12, 5)


def cases() -> pd.DataFrame:
    """Return cases of demand, none of which is much harder than the others."""
    factors = [0.70 + 0.02 * k for k in range(CASES)]
    change = {"table": "demand", "column": "units_per_yr", "action": "multiply"}
    return pd.DataFrame([change | {"case": f"{factor:.2f}", "value": factor} for factor in factors])


def seconds(study: ev.Study, workers: int) -> tuple[float, pd.DataFrame]:
    """Return how long a sweep takes with so many workers, and what it finds. [s]"""
    began = time.perf_counter()
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        found = ev.sweep(study, cases(), executor=pool, workers=workers, threads=1, gap=0.01, verify=False)
    return time.perf_counter() - began, found.table


def main() -> None:
    """Measure, and write the figures."""
    study = ev.complete(ev.example("ten-cities"))
    runs = []
    for _ in range(REPEATS):
        one, first = seconds(study, 1)
        two, second = seconds(study, 2)
        if not first.equals(second):
            sys.exit("the plans differ")
        runs.append({"one_s": round(one, 2), "two_s": round(two, 2), "ratio": round(one / two, 3)})
        sys.stdout.write(f"one worker {one:.1f} s, two {two:.1f} s: {one / two:.2f} times\n")
    told = {"cases": CASES + 1, "runs": runs, "median_ratio": statistics.median(run["ratio"] for run in runs)}
    sys.stdout.write(json.dumps(told, indent=2) + "\n")
    keep(RESULTS, told)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
