"""One question after the other of the shipped North American study: warm, from what is known, against from nothing.

Bounds by the relaxation under ceilings, at prices, with sites forced, with other demand and duties, each in the session
and for some of each kind from nothing in the same run; what all candidates cost at least; then a front of eleven points
after a first solve, each with its gap.

Run ``python -m benchmarks.bench_session``; figures go to ``benchmarks/results/session.json``. ``BENCH_QUICK=1`` takes
the study of ten cities, without the front. ``BENCH_FIRST`` and ``BENCH_POINT`` are seconds for the first solve and for
each point of the front.
"""

from __future__ import annotations

import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import evsiting as ev
from benchmarks.recorded import QUICK, keep

RESULTS = Path(__file__).parent / "results" / "session.json"
#: Parts of the emissions of least cost that are ceilings, prices of emissions, and how many sites are forced.
CEILINGS, PRICES, FORCED = (0.97, 0.94, 0.91, 0.88, 0.85, 0.82, 0.79, 0.76, 0.73, 0.7), (50.0, 100.0, 500.0), 8
#: How many changes of each kind are solved from nothing as well.
COLD = 1
#: Gap that each point of the front is asked for, and the first solve.
GAP, FIRST_GAP = 0.002, 0.0012

Asked = tuple[ev.Session, dict[str, Any]]
Change = tuple[str, Callable[[], Asked]]


def changes(session: ev.Session, emissions: float) -> Iterator[Change]:
    """Yield changes with what is then asked of which session."""
    study, rng = session.study, np.random.default_rng(0)

    def asked(**more: Any) -> Asked:
        return session, more

    def limited(row: Mapping[str, object]) -> Asked:
        return session.with_limits([row]), {}

    def changed(table: str, frame: pd.DataFrame) -> Asked:
        return session.with_study(study.with_table(table, frame)), {}

    for part in CEILINGS:
        yield "ceiling", partial(asked, caps={"emissions": part * emissions})
    for price in PRICES:
        yield "price", partial(asked, objective={"cost": 1.0, "emissions": price})
    candidates = session.entry_bounds()
    for row in candidates.iloc[rng.choice(len(candidates), min(FORCED, len(candidates)), replace=False)].itertuples():
        limit = {"limit": "forced", "kind": "plants_built", "place": row.site, "plant_type": row.plant_type}
        yield "forced site", partial(limited, limit | {"at_least": 1.0})
    for name, share, factor in (("some demand", 0.1, 0.97), ("all demand", 1.0, 0.98)):
        demand = study.demand
        demand["units_per_yr"] *= np.where(rng.random(len(demand)) < share, factor, 1.0)
        yield name, partial(changed, "demand", demand)
    if study.has("duties"):
        duties = study.table("duties")
        duties["rate"] *= 0.9
        yield "duties", partial(changed, "duties", duties)


def bounds(session: ev.Session) -> dict[str, Any]:
    """Return seconds of every bound from what is known, and of some from nothing; and whether they agree."""
    first = session.bound()
    began = time.perf_counter()
    session.entry_bounds()
    found: dict[str, Any] = {
        "first_s": round(first.seconds, 2),
        "all_candidates_s": round(time.perf_counter() - began, 2),
    }
    rows: dict[str, list[dict[str, float]]] = {}
    emissions = emissions_of(session)
    for kind, change in changes(session, emissions):
        began = time.perf_counter()
        asked, more = change()
        told = asked.bound(**more)
        row = {"all_s": round(time.perf_counter() - began, 2), "lp_s": round(told.seconds, 2)}
        if len(rows.setdefault(kind, [])) < COLD:
            truth = asked.fresh().bound(**more)
            row |= {"cold_lp_s": round(truth.seconds, 2), "off": abs(told.relaxation / truth.relaxation - 1.0)}
        rows[kind].append(row)
        print(f"{kind}: {row}", flush=True)
    compared = [r for kind in rows.values() for r in kind if "cold_lp_s" in r]
    ratios = [r["cold_lp_s"] / max(r["lp_s"], 1e-3) for r in compared]
    found |= {"changes": rows, "times_quicker_median": round(statistics.median(ratios), 1)}
    return found | {"largest_difference": max(r["off"] for r in compared)}


def emissions_of(session: ev.Session) -> float:
    """Return the emissions of the relaxation of least cost. [t]"""
    program = session.program
    aim = program.milp.combined({"cost": 1.0})
    point, _ = session.relaxation(program, {"cost": 1.0}, {}, session.limits, None)
    assert abs(aim.value(point.columns) - point.objective) <= 1e-6 * abs(point.objective)
    return program.milp.objectives["emissions"].value(point.columns)


def front(session: ev.Session) -> dict[str, Any]:
    """Return the first solve, and eleven points after it."""
    first_s, point_s = (float(os.environ.get(n, d)) for n, d in (("BENCH_FIRST", "120"), ("BENCH_POINT", "27")))
    first = replace(session, limits=replace(session.limits, gap=FIRST_GAP, time_s=first_s))
    plan = first.solve()
    told = {"s": round(plan.solve.seconds, 1), "gap": plan.gap, "cost_usd": plan.totals["cost"]}
    print(f"first solve: {told}", flush=True)
    ready, points = replace(first, limits=replace(session.limits, gap=GAP, time_s=point_s)), []
    for part in (1.0, *CEILINGS):
        cap = part * plan.totals["emissions"]
        began = time.perf_counter()
        bound = ready.bound(caps={"emissions": cap})
        bound_s = time.perf_counter() - began
        found = ready.solve(caps={"emissions": cap})
        row = {
            "ceiling_t": cap,
            "bound_s": round(bound_s, 2),
            "plan_s": round(time.perf_counter() - began - bound_s, 1),
        }
        row |= {"relaxation_usd": bound.value, "bound_usd": found.solve.bound, "cost_usd": found.totals["cost"]}
        points.append(row | {"gap": found.gap})
        print(f"point: {points[-1]}", flush=True)
    sums = {name: round(sum(p[name] for p in points), 1) for name in ("bound_s", "plan_s")}
    return {"first": told, "points": points, **sums, "largest_gap": max(p["gap"] for p in points)}


def main() -> None:
    """Ask one question after the other; print what each took."""
    study = ev.example("ten-cities" if QUICK else "north-america")
    found: dict[str, Any] = {"processors": os.cpu_count(), "load": round(os.getloadavg()[0], 1)}
    began = time.perf_counter()
    session = ev.open_session(study, engine="highs", threads=2)
    found["open_s"] = round(time.perf_counter() - began, 2)
    found |= bounds(session)
    print(
        f"{found['times_quicker_median']} times quicker in the median, apart by "
        f"{found['largest_difference']:.1e} at most"
    )
    if not QUICK:
        found["front"] = front(session)
    found["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(f"peak memory {found['peak_mb']} MB")
    keep(RESULTS, found)


if __name__ == "__main__":
    if {"-h", "--help"} & set(sys.argv[1:]):
        print(__doc__)
        sys.exit()
    main()
