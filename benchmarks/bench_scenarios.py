"""One plan for all shipped futures of the North American study: seconds, memory and what is proven of the expectation.

Eight programs of a quarter of a million columns each, joined by what is built: solved one future at a time, with a
bound by the prices of all (:mod:`evsiting.optimize.scenario_decomposition`). Run ``python -m
benchmarks.bench_scenarios``; figures go to ``benchmarks/results/scenarios.json``. ``BENCH_QUICK=1`` takes the study of
ten cities.
"""

from __future__ import annotations

import math
import resource
import time
from pathlib import Path
from typing import Any

import evsiting as ev
from benchmarks.recorded import QUICK, keep, say
from evsiting.optimize.engines.base import Progress

RESULTS = Path(__file__).parent / "results" / "scenarios.json"
#: Gap asked for, and the most seconds. [fraction], [s]
GAP, SECONDS = 0.005, 900.0


def main() -> None:
    """Solve, certify, and write the figures with the curve of plan and bound over time."""
    study = ev.example("ten-cities" if QUICK else "north-america")
    began, worked = time.perf_counter(), time.process_time()
    curve: list[dict[str, Any]] = []

    def heard(progress: Progress) -> None:
        point = {"objective": _known(progress.objective), "bound": _known(progress.bound), "gap": _known(progress.gap)}
        if not curve or {k: curve[-1][k] for k in point} != point:
            curve.append({"s": round(time.perf_counter() - began, 1), **point})

    plans = ev.solve_scenarios(
        study, gap=0.05 if QUICK else GAP, time_limit_s=SECONDS, engine="highs", threads=2, watch=heard
    )
    found: dict[str, Any] = {
        "s": round(time.perf_counter() - began, 1),
        "processor_s": round(time.process_time() - worked, 1),
        "futures": len(plans.plans),
        "expected_usd": plans.solve.objective,
        "bound_usd": plans.solve.bound,
        "bound_by": plans.solve.bound_by,
        "gap": plans.gap,
        "limit": plans.solve.limit,
    }
    checked = time.perf_counter()
    found["passed"] = ev.certify_scenarios(study, plans).passed
    found["certify_s"] = round(time.perf_counter() - checked, 1)
    found["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    say(str(found))
    keep(RESULTS, found | {"curve": curve})


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


if __name__ == "__main__":
    main()
