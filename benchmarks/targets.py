"""What the benchmarks aim at, row by row, beside what was measured last."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from typing import Any

Record = Mapping[str, Any]
#: What was measured in words, and whether the target is met; None where it was not measured.
Verdict = tuple[str, bool] | None

__all__ = ["TARGETS", "Verdict"]


def _handover(found: Record) -> Verdict:
    got = found["handover"]["arrays"]
    each = (got["build_s"] + got["hand_over_s"]) / got["entries"] * 1e6
    return f"{each:.2f} s", each <= 0.6


def _family(name: str, most_s: float, *, median_s: float | None = None) -> Callable[[Record], Verdict]:
    def told(found: Record) -> Verdict:
        rows = list(found["published"]["families"][name]["instances"].values())
        if not rows:
            return None
        proven, longest = sum(r["status"] == "optimal" for r in rows), max(r["seconds"] for r in rows)
        middle = statistics.median(r["seconds"] for r in rows)
        worst = max(r["gap"] for r in rows)
        words = f"{proven} of {len(rows)} optimal, median {middle:.2f} s, longest {longest:.1f} s"
        words += "" if proven == len(rows) else f", largest gap {worst:.2%}"
        return words, proven == len(rows) and longest <= most_s and (median_s is None or middle <= median_s)

    return told


def _small_or_library(found: Record) -> Verdict:
    rows = found["published"]["families"]["cap41-cap134"]["instances"].values()
    proven = sum(r["status"] == "optimal" for r in rows)
    peer = sum(r["highs_s"] for r in rows)
    ours = sum(r["seconds"] for r in rows)
    words = f"{proven} of {len(rows)} optimal, {ours:.1f} s in all: {peer / ours:.0f} times faster"
    return words, proven == len(rows) and peer >= 5.0 * ours


def _case(name: str, most_s: float, *, gap: float = 1e-4, most_mb: float | None = None) -> Callable[[Record], Verdict]:
    def told(found: Record) -> Verdict:
        got = found["location"]["cases"][name]["ours"]
        words = f"gap {got['gap']:.2%} in {got['seconds']:.2f} s, {got['peak_mb'] / 1024:.1f} GB"
        fits = most_mb is None or got["peak_mb"] <= most_mb
        return words, got["gap"] <= gap * 1.01 + 1e-6 and got["seconds"] <= most_s and fits

    return told


def _beside_highs(name: str, most_s: float, times: float) -> Callable[[Record], Verdict]:
    def told(found: Record) -> Verdict:
        case = found["location"]["cases"][name]
        ours, highs = case["ours"], case.get("highs")
        words = f"{ours['status']} in {ours['seconds']:.2f} s, {ours['peak_mb']:.0f} MB"
        if highs is None:
            return f"{words}; HiGHS was not run", False
        ratio, memory = highs["seconds"] / ours["seconds"], highs["peak_mb"] / ours["peak_mb"]
        words += f": {ratio:.0f} times faster than HiGHS, 1/{memory:.1f} of its memory"
        return words, ours["status"] == "optimal" and ours["seconds"] <= most_s and ratio >= times and memory >= 10.0

    return told


def _vast(found: Record) -> Verdict:
    point = found["growth"]["capacitated"]["points"][-1]
    if point["size"] < 10_000:
        return None
    words = f"gap {point['gap']:.2%} in {point['seconds']:.0f} s, {point['peak_mb'] / 1024:.1f} GB"
    return words, point["gap"] <= 0.01 and point["seconds"] <= 600.0 and point["peak_mb"] <= 6 * 1024


def _growth(kind: str) -> Callable[[Record], Verdict]:
    def told(found: Record) -> Verdict:
        got = found["growth"][kind]
        reached = got["points"][-1]["size"]
        power = got["powers"]["cpu_s"]
        return f"lanes^{power:.2f} up to {reached:,} x {reached:,}", power <= 1.2 and reached >= 10_000

    return told


def _network(found: Record) -> Verdict:
    got = found["distances"]["scipy"]
    each = got["seconds"] / got["pairs"] * 9e6
    return f"{each:.1f} s for as many pairs of the shipped rail graph", each <= 3.0


def _within(seconds: float, gap: float) -> Callable[[Record], Verdict]:
    def told(found: Record) -> Verdict:
        got = found["north_america"]
        gaps = [p["gap"] for p in got["curve"] if p["s"] <= seconds and p["gap"] is not None]
        if not gaps:
            return "no plan by then", False
        asked = "; the run stopped there" if got["solve_s"] < seconds and min(gaps) > gap else ""
        return f"gap {min(gaps):.2%}{asked}", min(gaps) <= gap

    return told


def _front(found: Record) -> Verdict:
    got = found["session"]["front"]
    words = f"bounds {got['bound_s']:.0f} s, plans {got['plan_s']:.0f} s, largest gap {got['largest_gap']:.2%}"
    return words, got["bound_s"] <= 20.0 and got["plan_s"] <= 300.0 and got["largest_gap"] <= 0.002


def _warm(found: Record) -> Verdict:
    got = found["session"]
    ratio, apart = got["times_quicker_median"], got["largest_difference"]
    return (
        f"{ratio:.0f} times quicker in the median, values apart by {apart:.0e} at most",
        ratio >= 10 and apart <= 1e-9,
    )


def _sweep(found: Record) -> Verdict:
    ratio = found["sweep"]["median_ratio"]
    return f"{ratio:.2f} times", ratio >= 1.5


def _cities(found: Record) -> Verdict:
    got = found["cities"]
    words = f"gap {got['gap']:.2%} after {got['s']:.0f} s, {got['peak_mb'] / 1024:.1f} GB"
    return words, got["gap"] <= 0.01 and got["s"] <= 600.0 and got["peak_mb"] <= 8192 and got["passed"]


def _futures(found: Record) -> Verdict:
    got = found["scenarios"]
    first = next((p["s"] for p in got["curve"] if p["gap"] is not None and p["gap"] <= 0.02), None)
    reached = "2 % not reached" if first is None else f"2 % after {first:.0f} s"
    words = f"{reached}, {got['gap']:.2%} after {got['s']:.0f} s ({got['processor_s']:.0f} s of a processor), "
    words += f"{got['peak_mb'] / 1024:.1f} GB"
    return words, first is not None and first <= 900.0 and got["passed"]


def _asked(kind: str, most: float) -> Callable[[Record], Verdict]:
    def told(found: Record) -> Verdict:
        got = found["decisions"]
        part = got["part_of_the_first_solve"][kind]
        return f"{part:.3f} of a first solve of {got['cold']['s']:.0f} s", part <= most

    return told


#: Task, target in words, and what figures say of it.
TARGETS: tuple[tuple[str, str, Callable[[Record], Verdict]], ...] = (
    ("arrays to a solver that is ready", "0.6 s per million entries", _handover),
    ("OR-Library cap41 to cap134", "all optimal, in all 5 times faster than HiGHS", _small_or_library),
    ("capa, capb, capc", "all optimal, each within 10 s", _family("capa, capb, capc", 10.0)),
    ("i300", "optimal within 10 s", _family("i300", 10.0)),
    ("capacitated 500 x 500, r = 5", "optimal within 120 s", _case("capacitated 500 x 500, r = 5", 120.0)),
    ("capacitated 300 x 1,500, r = 10", "optimal within 60 s", _case("capacitated 300 x 1500, r = 10", 60.0)),
    ("uncapacitated 500 x 500", "0.3 s, 50 times faster than HiGHS, 1/10 of its memory",
     _beside_highs("uncapacitated 500 x 500", 0.3, 50.0)),
    ("uncapacitated 1,000 x 1,000", "0.8 s, 150 times faster than HiGHS, 1/10 of its memory",
     _beside_highs("uncapacitated 1000 x 1000", 0.8, 150.0)),
    ("uncapacitated MO to MQ", "optimal within 14 s", _family("MO-MQ", 14.0)),
    ("uncapacitated MR", "optimal within 76 s", _family("MR", 76.0)),
    ("uncapacitated ga250", "optimal within 48 s", _family("ga250", 48.0)),
    ("OR-Library pmed", "all optimal, median 0.15 s, each within 20 s", _family("pmed", 20.0, median_s=0.15)),
    ("p-median 1,000, p = 20", "5 s", _case("p-median 1000 x 1000, p = 20", 5.0)),
    ("p-median 1,000, p = 50", "1 s", _case("p-median 1000 x 1000, p = 50", 1.0)),
    ("p-median 3,000, p = 100", "proven to 0.1 % within 5 s", _case("p-median 3000 x 3000, p = 100", 5.0, gap=1e-3)),
    ("p-center of pmed", "each within 5 s", _family("p-center of pmed", 5.0)),
    ("capacitated 1,000 x 3,000", "proven to 0.2 % within 60 s",
     _case("capacitated 1000 x 3000, r = 5", 61.0, gap=2e-3)),
    ("capacitated 3,100 x 3,100", "proven to 0.5 % within 60 s, 2 GB",
     _case("capacitated 3100 x 3100, r = 5", 61.0, gap=5e-3, most_mb=2048)),
    ("capacitated 10,000 x 10,000", "proven to 1 % within 10 minutes, 6 GB", _vast),
    ("growth, uncapacitated, 300 to 10,000", "processor time no worse than lanes^1.2", _growth("uncapacitated")),
    ("growth, capacitated, 300 to 10,000", "processor time no worse than lanes^1.2", _growth("capacitated")),
    ("3,000 x 3,000 network distances", "3 s", _network),
    ("north-america, certified plan", "0.25 % within 60 s", _within(60.0, 0.0025)),
    ("north-america, certified plan", "0.12 % within 300 s", _within(300.0, 0.0012)),
    ("front of eleven points after the first solve", "bounds 20 s, plans 300 s, each 0.2 %", _front),
    ("bounds after a change, warm against cold", "10 times quicker, values apart by 1e-9", _warm),
    ("north-america-cities, the whole model", "proven to 1 % within 10 minutes, 8 GB",
     _cities),
    ("north-america, one plan for its eight futures", "2 % of the expectation within 15 minutes", _futures),
    ("why not here: bounds of all candidates", "1/50 of a first solve", _asked("list", 1 / 50)),
    ("why not here: the relaxation with one forced", "1/50 of a first solve", _asked("bounds", 1 / 50)),
    ("why not here: a plan", "1/5 of a first solve", _asked("why_not", 1 / 5)),
    ("another set of sites", "1/5 of a first solve", _asked("alternatives", 1 / 5)),
    ("two workers of a sweep against one", "1.5 times", _sweep),
)  # fmt: skip
