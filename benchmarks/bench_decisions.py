"""What the next question costs after a first plan of the shipped North American study: why not here, what else.

A first solve from nothing, then in its session: a bound for every candidate plant at once from reduced costs, the
relaxation with a plant forced in, plans with one, and other sets of sites, each at the gap of the first. What counts
are the ratios to the first solve.

Run ``python -m benchmarks.bench_decisions``; figures go to ``benchmarks/results/decisions.json``. ``BENCH_QUICK=1``
takes the study of ten cities.
"""

from __future__ import annotations

import resource
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

import evsiting as ev
from benchmarks.recorded import QUICK, keep, say

RESULTS = Path(__file__).parent / "results" / "decisions.json"
#: Gap of the first solve and of every plan after it, and the most seconds for each. [fraction], [s]
GAP, SECONDS = 0.0025, 300.0
#: How many sites are forced in for a bound, for a plan, and how many other sets of sites are looked for.
BOUNDS, PLANS, SETS = 6, 3, 2


def timed(session: ev.Session, plan: ev.Plan) -> dict[str, list[dict[str, Any]]]:
    """Return the seconds of every question, with what was found."""
    began = time.perf_counter()
    costs = ev.entry_costs(session, plan)
    listed = _row(began, plants=len(costs), proven=int((costs["at_least"] > 0.0).sum()))
    absent = costs[~costs["in_plan"]].drop_duplicates("site")
    chosen = np.linspace(0, len(absent) - 1, min(BOUNDS, len(absent))).astype(int)
    asked = [(str(absent["site"].iloc[k]), str(absent["plant_type"].iloc[k])) for k in chosen]
    told: dict[str, list[dict[str, Any]]] = {"list": [listed], "bounds": [], "why_not": [], "alternatives": []}
    for site, kind in asked:
        limit = {"limit": "forced", "kind": "plants_built", "place": site, "plant_type": kind, "at_least": 1.0}
        began = time.perf_counter()
        bound = session.bound(limits=[limit])
        told["bounds"].append(_row(began, site=site, dearer_by_at_least=bound.value - plan.solve.objective))
    for site, kind in asked[:: max(1, len(asked) // PLANS)][:PLANS]:
        began = time.perf_counter()
        ends = ev.why_not(session, site, plant_type=kind, plan=plan).difference
        told["why_not"].append(_row(began, site=site, dearer_from=ends.low, dearer_to=ends.high))
    began = time.perf_counter()
    sets = ev.alternatives(session, plan, count=SETS, slack=0.05, each_site="none")
    row = _row(began, sets=len(sets.table) - 1)
    row["each_s"] = round(row["s"] / max(1, row["sets"]), 2)
    told["alternatives"].append(row)
    return told


def _row(began: float, **more: Any) -> dict[str, Any]:
    found = {"s": round(time.perf_counter() - began, 2), **more}
    say(str(found))
    return found


def main() -> None:
    """Solve once, then ask; print what each question took."""
    study = ev.example("ten-cities" if QUICK else "north-america")
    found: dict[str, Any] = {"gap": GAP}
    session = ev.open_session(study, gap=GAP, time_limit_s=SECONDS, engine="highs", threads=2)
    began = time.perf_counter()
    plan = session.solve()
    found["cold"] = _row(began, gap=plan.gap)
    found |= timed(session, plan)
    cold = found["cold"]["s"]
    typical = {name: statistics.median(r["s"] for r in found[name]) for name in ("list", "bounds", "why_not")}
    typical["alternatives"] = found["alternatives"][0]["each_s"]
    found["median_s"] = typical
    found["part_of_the_first_solve"] = {name: round(seconds / cold, 4) for name, seconds in typical.items()}
    say(str(found["part_of_the_first_solve"]))
    found["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    keep(RESULTS, found)


if __name__ == "__main__":
    if {"-h", "--help"} & set(sys.argv[1:]):
        print(__doc__)
        sys.exit()
    main()
