"""The study of 1,360 candidate cities and 4,557 city markets as a whole: seconds, memory and what is proven.

Lanes are 13 million, so that it is solved over groups of places (:func:`evsiting.solve_by_aggregation`). Run
``python -m benchmarks.bench_cities``; figures go to ``benchmarks/results/cities.json``. ``BENCH_QUICK=1`` counts its
lanes and groups, and solves nothing.
"""

from __future__ import annotations

import resource
import time
from pathlib import Path
from typing import Any

import evsiting as ev
from benchmarks.recorded import QUICK, keep, say
from evsiting.layers.freight.lane_count import lane_count
from evsiting.optimize.aggregation.groups import group_places

RESULTS = Path(__file__).parent / "results" / "cities.json"


def main() -> None:
    """Solve, certify, and write the figures."""
    began = time.perf_counter()
    study = ev.example("north-america-cities")
    groups = group_places(study)
    found: dict[str, Any] = {
        "study_s": round(time.perf_counter() - began, 1),
        "lanes": lane_count(study).lanes,
        "sites": len(study.sites),
        "site_groups": int(groups.site.nunique()),
        "markets": len(study.markets),
        "market_groups": int(groups.market.nunique()),
    }
    say(str(found))
    if QUICK:
        return
    answer = ev.solve_by_aggregation(study, stage=say, engine="highs", threads=2)
    certificate = ev.certify(answer.study, answer.plan)
    found |= {
        "s": round(time.perf_counter() - began, 1),
        "cost_usd": answer.plan.totals["cost"],
        "bound_usd": answer.plan.solve.bound,
        "gap": answer.plan.gap,
        "bound_s": round(answer.bound.seconds, 1),
        "passed": certificate.passed,
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    say(str(found))
    keep(RESULTS, found)


if __name__ == "__main__":
    main()
