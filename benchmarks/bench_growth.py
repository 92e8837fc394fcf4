"""How time and memory of ``ev.facility_location`` grow with the number of lanes, from 300 x 300 to 10,000 x 10,000.

Uncapacitated problems by the recipe of UflLib's Euclid family and capacitated ones by that of Cornuejols, Sridharan and
Thizy, each size in a process of its own. The exponent of lanes is that of the line of least squares through the
logarithms. ``python -m benchmarks.bench_growth`` writes ``benchmarks/results/growth.json``; ``BENCH_QUICK=1`` takes the
two smallest without capacities. The largest needs some GB. Processor time is compared: it hardly depends on what else
runs.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

import evsiting as ev
from benchmarks.bench_location import Case
from benchmarks.recorded import QUICK, keep, say

RESULTS = Path(__file__).parent / "results" / "growth.json"
SIZES = (300, 1_000, 3_100, 10_000)
#: By kind: sizes, gap asked for, and limit. [1, fraction, s]
KINDS: dict[str, tuple[tuple[int, ...], float, float]] = {
    "uncapacitated": (SIZES, 0.01, 600.0),
    "capacitated": (SIZES, 0.01, 600.0),
}


def measured(kind: str, size: int) -> dict[str, Any]:
    """Return what one size takes, in this process, once the loops are compiled."""
    _, gap, limit = KINDS[kind]
    number = 5.0 if kind == "capacitated" else 0.0
    ev.facility_location(**Case(kind, 40, 60, number).arguments())  # compiles the loops
    given = Case(kind, size, size, number).arguments()
    before = resource.getrusage(resource.RUSAGE_SELF)
    found = ev.facility_location(**given, gap=gap, time_limit_s=limit)
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    told = {"size": size, "lanes": size**2, "seconds": round(found.seconds, 3), "cpu_s": round(cpu, 3)}
    told |= {"gap": found.gap, "status": str(found.status), "open": int(found.open.sum())}
    return told | {"peak_mb": round(after.ru_maxrss / 1024), "input_mb": round(before.ru_maxrss / 1024)}


def exponent(points: list[dict[str, Any]], key: str) -> float:
    """Return the power of lanes with which a figure grows."""
    lanes, value = (np.log([max(float(p[k]), 1e-3) for p in points]) for k in ("lanes", key))
    return float(np.polyfit(lanes, value, 1)[0])


def main() -> None:
    """Measure every size and print how it grows."""
    found: dict[str, Any] = {}
    for kind, (sizes, gap, _) in list(KINDS.items())[: 1 if QUICK else None]:
        points = []
        for size in sizes[:2] if QUICK else sizes:
            command = [sys.executable, "-m", "benchmarks.bench_growth", kind, str(size)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            points.append(json.loads(done.stdout.splitlines()[-1]))
            say(f"{kind} {size} x {size}: {points[-1]}")
        powers = {key: round(exponent(points, key), 2) for key in ("seconds", "cpu_s", "peak_mb")}
        told = f"processor time grows as lanes^{powers['cpu_s']}, memory as lanes^{powers['peak_mb']}"
        say(f"{kind}, gap {gap:g}: {told}")
        found[kind] = {"gap_asked": gap, "points": points, "powers": powers}
        keep(RESULTS, found)


if __name__ == "__main__":
    if {"-h", "--help"} & set(sys.argv[1:]):
        say(__doc__ or "")
    elif len(sys.argv) == 3:
        say(json.dumps(measured(sys.argv[1], int(sys.argv[2]))))
    else:
        main()
