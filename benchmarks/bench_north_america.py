"""The shipped North American study from its tables to a certified plan, and plans at prices of emissions.

Seconds, gap over time, memory; then a trade-off at prices of emissions, each plan with its proof.

Run ``python -m benchmarks.bench_north_america``; figures go to ``benchmarks/results/north_america.json``. Seconds of
the processor are told beside those of the clock: on a machine that others use only the first can be compared, and
``BENCH_SECONDS`` gives the solver more than its 300 s of the clock. ``BENCH_QUICK=1`` takes the study of ten cities.
"""

from __future__ import annotations

import math
import os
import resource
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import evsiting as ev
from benchmarks.recorded import QUICK, keep
from evsiting.optimize.engines.base import Progress
from evsiting.optimize.solve import Session, open_session

RESULTS = Path(__file__).parent / "results" / "north_america.json"
#: Gap asked of the first plan, and twice that asked of the plans at prices. [fraction]
FIRST_GAP, GAP = 0.0012, 0.01
#: Of emissions. [USD/t]
PRICES = (100.0, 500.0, 2000.0)


class Clock:
    """Seconds of the clock and of the processor since the last lap."""

    def __init__(self) -> None:
        self.last = self.now()

    @staticmethod
    def now() -> tuple[float, float]:
        """Return seconds of the clock and of the processor."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        return time.perf_counter(), used.ru_utime + used.ru_stime

    def lap(self, name: str) -> dict[str, float]:
        """Return seconds since the last lap, by name."""
        before, self.last = self.last, self.now()
        wall, cpu = (b - a for a, b in zip(before, self.last, strict=True))
        return {f"{name}_s": round(wall, 2), f"{name}_cpu_s": round(cpu, 2)}


def size(ready: Session) -> dict[str, Any]:
    """Return how large the program is, and how many rows each family has."""
    milp = ready.program.milp
    rows, columns, entries = milp.shape
    families: Counter[str] = Counter()
    for block in milp.row_blocks:
        families[block.family] += block.stop - block.start
    made = {"rows": rows, "columns": columns, "entries": entries, "yes_or_no": int(milp.integer.sum())}
    return made | {"rows_by_family": dict(families.most_common())}


def solved(ready: Session) -> tuple[ev.Plan, list[dict[str, float | None]]]:
    """Return the plan of least cost and how value and bound moved until it was there."""
    began = Clock.now()
    curve: list[dict[str, float | None]] = []
    best: list[tuple[float, float]] = []

    def watch(state: Progress) -> None:
        seen = (state.objective, state.bound)
        if best and seen == best[-1]:
            return
        best.append(seen)
        told = {"value_usd": state.objective, "bound_usd": state.bound, "gap": state.gap}
        point: dict[str, float | None] = {k: v if math.isfinite(v) else None for k, v in told.items()}
        wall, cpu = (round(b - a, 1) for a, b in zip(began, Clock.now(), strict=True))
        curve.append({"s": wall, "cpu_s": cpu, **point})

    plan, _ = ready.minimise("cost", watch=watch)
    return plan, thinned(curve)


def thinned(curve: list[dict[str, float | None]], least: float = 5e-4) -> list[dict[str, float | None]]:
    """Return the points at which value, bound or gap differ from the last kept one by a part that can be seen."""
    kept: list[dict[str, float | None]] = []
    for point in curve:
        last = kept[-1] if kept else {}
        for name in ("value_usd", "bound_usd"):
            old, new = last.get(name), point[name]
            if (old is None) != (new is None) or (old and new and abs(new - old) > least * abs(old)):
                kept.append(point)
                break
    return kept + curve[-1:] if curve and kept[-1:] != curve[-1:] else kept


def trade_off(study: ev.Study, plan: ev.Plan, limit: float) -> dict[str, Any]:
    """Return the plans at prices of emissions, with the gap that their price proves under their own emissions."""
    clock = Clock()
    front = ev.weighted_sum(
        study, prices=PRICES, gap=GAP / 2, time_limit_s=limit, engine="highs", threads=2, start=plan
    )
    columns = ["cost", "emissions", "jobs", "bound", "gap", "seconds"]
    points = [dict(zip(columns, row, strict=True)) for row in front.table[columns].itertuples(index=False, name=None)]
    passed = all(ev.certify(study, p).passed for p in front.plans)
    return {"prices_usd_per_t": list(PRICES), "points": points, "passed": passed} | clock.lap("front")


def main() -> None:
    """Build, solve and certify; print what it took."""
    limit = 30.0 if QUICK else float(os.environ.get("BENCH_SECONDS", "300"))
    clock = Clock()
    study = ev.example("ten-cities" if QUICK else "north-america")
    found: dict[str, Any] = {"processors": os.cpu_count(), "load": round(os.getloadavg()[0], 1)} | clock.lap("study")
    ready = open_session(study, gap=FIRST_GAP, time_limit_s=limit, engine="highs", threads=2)
    found |= clock.lap("build") | size(ready)
    print(f"study {found['study_s']} s, program {found['build_s']} s")
    print(f"{found['rows']:,} rows, {found['columns']:,} columns, {found['entries']:,} entries")
    try:
        plan, curve = solved(ready)
    except ev.NoSolutionError as error:
        found |= clock.lap("solve") | {"status": "no solution"}
        print(error)
    else:
        found |= clock.lap("solve") | {"status": str(plan.status), "gap": plan.gap, "cost_usd": plan.totals["cost"]}
        found |= {"passed": ev.certify(study, plan).passed} | clock.lap("certificate") | {"curve": curve}
        print(
            f"{plan.status}, gap {plan.gap:.2%} after {found['solve_s']} s ({found['solve_cpu_s']} s of the processor)"
        )
        if not QUICK:
            found["trade_off"] = trade_off(ready.study, plan, limit)
            for point in found["trade_off"]["points"]:
                print("cost {cost:,.0f} USD, emissions {emissions:,.0f} t, gap {gap:.2%}".format(**point))
    found["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(f"peak memory {found['peak_mb']} MB")
    keep(RESULTS, found)


if __name__ == "__main__":
    if {"-h", "--help"} & set(sys.argv[1:]):
        print(__doc__)
        sys.exit()
    main()
