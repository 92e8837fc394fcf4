"""Gap over time of the shipped North American study, with and without the rows that tighten it.

The same program is solved by HiGHS in four forms, one after the other: as built, without ``total_capacity`` and
``min_plants``,
without ``link``, and without all three. Each form has the same optimum; what differs is how fast it is proven.

Run ``python benchmarks/bench_north_america.py``; figures go to ``benchmarks/results/north_america.json``.
"""

from __future__ import annotations

import json
import os
import resource
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import evsiting as ev
from evsiting.model.build import build
from evsiting.model.milp import Block, Milp
from evsiting.solve.engine import Limits, Progress, find_engine

RESULTS = Path(__file__).parent / "results" / "north_america.json"
FORMS = {
    "as built": (),
    "no redundant rows": ("total_capacity", "min_plants"),
    "no links": ("link",),
    "textbook": ("total_capacity", "min_plants", "link"),
}
GAP = 0.005


def without(milp: Milp, families: tuple[str, ...]) -> Milp:
    """Return the program without some row families."""
    keep = np.ones(milp.shape[0], dtype=bool)
    blocks, start = [], 0
    for block in milp.row_blocks:
        if block.family in families:
            keep[block.start : block.stop] = False
            continue
        size = block.stop - block.start
        blocks.append(Block(block.family, start, start + size, block.label))
        start += size
    return replace(
        milp,
        matrix=milp.matrix[keep],
        row_lower=milp.row_lower[keep],
        row_upper=milp.row_upper[keep],
        row_blocks=tuple(blocks),
    )


def measured(milp: Milp, time_s: float) -> dict[str, Any]:
    """Return how the gap fell while HiGHS solved the least-cost program."""
    curve: list[tuple[float, float]] = []

    def watch(state: Progress) -> None:
        if np.isfinite(state.gap) and (not curve or state.gap < curve[-1][1] - 1e-6):
            curve.append((round(state.seconds, 1), round(state.gap, 6)))

    result = find_engine("highs").run(milp, milp.objectives["cost"], Limits(GAP, time_s, 2, 0), watch=watch)
    rows, columns, entries = milp.shape
    gap = (result.objective - result.bound) / abs(result.objective) if len(result.columns) else None
    return {
        "rows": rows,
        "columns": columns,
        "entries": entries,
        "status": str(result.status),
        "seconds": round(result.seconds, 1),
        "gap": gap,
        "objective_usd": result.objective,
        "curve_s_gap": curve,
    }


def main() -> None:
    """Solve every form and print when it reached which gap."""
    limit = 20.0 if os.environ.get("BENCH_QUICK") else 120.0
    began = time.perf_counter()
    study = ev.example("north-america")
    loaded = time.perf_counter()
    program = build(study)
    built = time.perf_counter()
    found: dict[str, Any] = {"study_s": round(loaded - began, 2), "build_s": round(built - loaded, 2), "forms": {}}
    print(f"study {found['study_s']} s, program {found['build_s']} s")
    print(f"{'form':<20}{'rows':>8}{'seconds':>9}{'gap':>9}  status")
    for name, families in FORMS.items():
        figures = found["forms"][name] = measured(without(program.milp, families), limit)
        gap = "none" if figures["gap"] is None else f"{figures['gap']:.2%}"
        print(f"{name:<20}{figures['rows']:>8}{figures['seconds']:>9.1f}{gap:>9}  {figures['status']}", flush=True)
    found["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(f"peak memory {found['peak_mb']} MB")
    if not os.environ.get("BENCH_QUICK"):
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
