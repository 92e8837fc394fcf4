"""Location problems with published optima: seconds to a proof, and whether value and bound agree with what is known.

The instances (OR-Library, TBED1, UflLib) are not shipped: ``BENCH_INSTANCES`` names a folder whose ``readers.py`` has
``load(name)`` and ``optima()``; without it nothing is measured. Every family runs in a process of its own.
``python -m benchmarks.bench_published`` writes ``benchmarks/results/published.json``; ``BENCH_QUICK=1`` takes the first
of each short family. ``BENCH_FAMILIES`` names families, parted by ';', whose figures alone are measured anew.
"""

from __future__ import annotations

import importlib.util
import json
import math
import os
import resource
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import evsiting as ev
from benchmarks.bench_location import highs_alone
from benchmarks.recorded import PEERS, QUICK, keep, say

RESULTS = Path(__file__).parent / "results" / "published.json"
#: Published values are rounded to about that. [fraction, absolute]
ROUNDED = 1e-7, 0.06
#: By family: how names of its instances begin, and the limit for each. [s]
FAMILIES: dict[str, tuple[tuple[str, ...], float]] = {
    "cap41-cap134": (tuple(f"cap{k}" for k in (4, 5, 6, 7, 8, 9, 10, 11, 12, 13)), 60.0),
    "capa, capb, capc": (("capa", "capb", "capc"), 60.0),
    "i300": (("i300",), 60.0),
    "uncapacitated Euclid": (("1011Eucl", "1911Eucl", "3011Eucl"), 60.0),
    "uncapacitated Gap": (("1031Gap", "2031Gap", "2033Gap", "332Gap"), 60.0),
    "MO-MQ": (("MO", "MP", "MQ"), 60.0),
    "MR": (("MR",), 120.0),
    "ga250": (("ga250", "gs250"), 60.0),
    "ga500, ga750": (("ga500", "ga750", "gs500", "gs750"), 60.0),
    "pmed": (("pmed",), 60.0),
    "p-center of pmed": (("pmed",), 60.0),
    "pmedcap, single source": (("pmedcap",), 60.0),
    "cap61-cap134, single source": (("ss:cap6", "ss:cap7", "ss:cap9", "ss:cap10", "ss:cap12", "ss:cap13"), 60.0),
    "capa, capb, single source": (("ss:capa", "ss:capb"), 60.0),
}
#: Families that HiGHS solves beside with the strong textbook form.
BESIDE = tuple(FAMILIES) if PEERS else ("cap41-cap134",)
SHORT = ("cap41-cap134", "uncapacitated Euclid", "pmed")


def readers(folder: str) -> ModuleType:
    """Return the reader of a folder of instances."""
    spec = importlib.util.spec_from_file_location("bench_readers", Path(folder) / "readers.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def names(family: str, optima: dict[str, Any]) -> list[str]:
    """Return the instances of a family."""
    begins = FAMILIES[family][0]
    cap = family.startswith("cap4")
    return [
        n
        for n in optima
        if n.startswith(begins)
        and not (n.startswith("pmedcap") and "single" not in family)
        and not (cap and n[3] in "abc")
    ]


def solved(name: str, family: str, source: ModuleType) -> dict[str, Any]:
    """Return what one instance takes and what is found, beside what is published."""
    case, limit, known = source.load(name.removeprefix("ss:")), FAMILIES[family][1], source.optima()[name]
    row: dict[str, Any] = {"sites": case.c.shape[0], "markets": case.c.shape[1]}
    if family.startswith("p-center"):
        found = ev.p_center(case.c, case.p, time_limit_s=limit)
        best, word = math.nan, ""
    else:
        more = {"demand": case.d, "capacity": case.cap} if case.cap is not None else {}
        single = "single" in family
        found = ev.facility_location(case.c, case.f, p=case.p, single_source=single, time_limit_s=limit, **more)
        more |= {} if case.p is None else {"p": case.p}
        best, word = float(known["value"]), str(known["status"])
        room = ROUNDED[0] * abs(best) + ROUNDED[1]
        proven = word == "optimal"
        agrees = found.bound <= best + room and (not proven or found.objective >= best - room)
        if found.status is ev.Status.OPTIMAL:
            agrees &= found.objective <= best * (1.0 + 1e-4) + room
        row |= {"published": best, "published_status": word, "agrees": bool(agrees)}
    if family in BESIDE and not family.startswith("p-center"):
        peer = highs_alone("", {"cost": case.c, "fixed_cost": case.f} | more, limit)
        row |= {"highs_s": round(peer["seconds"], 3), "highs_gap": peer["gap"]}
    row |= {"seconds": round(found.seconds, 3), "objective": found.objective, "bound": found.bound, "gap": found.gap}
    return row | {"status": str(found.status)}


def family_figures(family: str, folder: str) -> dict[str, Any]:
    """Return the figures of a family, in this process; the first of its instances runs twice, as loops compile."""
    source = readers(folder)
    chosen = names(family, source.optima())
    if QUICK:
        chosen = chosen[:3]
    rows: dict[str, Any] = {}
    if chosen:
        solved(chosen[0], family, source)
    for name in chosen:
        rows[name] = solved(name, family, source)
    return {"instances": rows, "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)}


def line(family: str, found: dict[str, Any]) -> str:
    """Return a line of the table."""
    rows = found["instances"].values()
    proven = sum(r["status"] == "optimal" for r in rows)
    worst = max((r["gap"] for r in rows), default=0.0)
    seconds = [r["seconds"] for r in rows]
    wrong = sum(not r.get("agrees", True) for r in rows)
    told = (
        f"{family:<30}{len(seconds):>4}{proven:>8}{sum(seconds):>10.1f}{max(seconds, default=0.0):>9.1f}{worst:>10.1e}"
    )
    return told + (f"  {wrong} DISAGREE" if wrong else "")


def main() -> None:
    """Measure every family and print its line."""
    folder = os.environ.get("BENCH_INSTANCES")
    if not folder:
        say("no instances: BENCH_INSTANCES names no folder")
        return
    asked = os.environ.get("BENCH_FAMILIES")
    chosen = SHORT if QUICK else tuple(asked.split(";")) if asked else tuple(FAMILIES)
    found: dict[str, Any] = {}
    if asked and RESULTS.exists():
        found = json.loads(RESULTS.read_text(encoding="utf-8"))["families"]
    say(f"{'family':<30}{'n':>4}{'proven':>8}{'s in all':>10}{'longest':>9}{'worst gap':>10}")
    for family in chosen:
        command = [sys.executable, "-m", "benchmarks.bench_published", family]
        done = subprocess.run(
            command, check=True, stdout=subprocess.PIPE, stderr=None if not QUICK else subprocess.PIPE, text=True
        )
        found[family] = json.loads(done.stdout.splitlines()[-1])
        say(line(family, found[family]))
        keep(RESULTS, {"families": found})


if __name__ == "__main__":
    if {"-h", "--help"} & set(sys.argv[1:]):
        say(__doc__ or "")
    elif len(sys.argv) == 2:
        say(json.dumps(family_figures(sys.argv[1], os.environ["BENCH_INSTANCES"])))
    else:
        main()
