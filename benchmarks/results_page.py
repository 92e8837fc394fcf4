"""The page of all benchmarks, ``benchmarks/RESULTS.md``, with its plots, made from ``benchmarks/results/*.json`` alone.

``python -m benchmarks.results_page``; ``make bench`` runs it last.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from benchmarks.recorded import QUICK, say
from benchmarks.targets import TARGETS, Verdict

PLACE = Path(__file__).parent
PAGE, PLOTS, RESULTS = PLACE / "RESULTS.md", PLACE / "plots", PLACE / "results"
BLUE, ORANGE, GREY, DARK = "#2b6a99", "#d1701f", "#9a9a9a", "#222222"
STYLE = {
    "font.size": 10, "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": GREY,
    "axes.grid": True, "grid.color": "#e6e6e6", "grid.linewidth": 0.8, "axes.axisbelow": True,
    "axes.titlesize": 11, "axes.titleweight": "bold", "axes.titlelocation": "left", "figure.dpi": 150,
}  # fmt: skip
Record = Mapping[str, Any]
INTRODUCTION = """# Benchmarks

Made by `make bench` from `benchmarks/results/*.json`; no figure is written by hand. Read them as ratios: peers ran
beside in the same run, on the same machine. `load` is the load of the machine when the figures were written: above the
number of processors, others used it too, and seconds of the clock are longer than on a machine that is free.
"""


def figures() -> dict[str, Any]:
    """Return what is in the files of results, by name."""
    return {f.stem: json.loads(f.read_text(encoding="utf-8")) for f in sorted(RESULTS.glob("*.json"))}


# ---------------------------------------------------------------------------------------------------- page


def page(found: Record, plots: list[tuple[str, str]]) -> str:
    """Return the page in Markdown.

    Parameters
    ----------
    found : mapping
        Figures by file.
    plots : list of (str, str)
        File and caption of each plot.
    """
    parts = [
        INTRODUCTION,
        _targets(found),
        *(f"\n![{caption}](plots/{file})\n\n{caption}\n" for file, caption in plots),
        _location(found.get("location")),
        _published(found.get("published")),
        _growth(found.get("growth")),
        _ways("Hand-over to the solver", found.get("handover"), ("build_s", "hand_over_s", "peak_mb", "ratio")),
        _ways("Network distances", found.get("distances"), ("seconds", "peak_mb", "ratio")),
        _measured(found),
    ]
    return "\n".join(part for part in parts if part)


def verdict(row: Any, found: Record) -> Verdict:
    """Return what figures say of a target; None where they are not there."""
    try:
        told: Verdict = row(found)
    except (KeyError, IndexError, ZeroDivisionError):
        return None
    return told


def _targets(found: Record) -> str:
    rows, met, missed = [], 0, 0
    for task, target, row in TARGETS:
        told = verdict(row, found)
        word = "not measured" if told is None else "met" if told[1] else "**missed**"
        met, missed = met + (word == "met"), missed + (told is not None and not told[1])
        rows.append(f"| {task} | {target} | {'' if told is None else told[0]} | {word} |")
    head = f"## Targets\n\n{met} met, {missed} missed, {len(TARGETS) - met - missed} not measured.\n"
    return "\n".join([head, "| task | target | measured | |", "|---|---|---|---|", *rows, ""])


def _location(found: Record | None) -> str:
    if found is None:
        return ""
    ways = ("ours", "highs", "PuLP", "scipy", "spopt")
    names = ("evsiting", "HiGHS, arrays", "PuLP to HiGHS", "scipy.optimize.milp", "spopt")
    shown = [(w, n) for w, n in zip(ways, names, strict=True) if any(c.get(w) for c in found["cases"].values())]
    lines = ["\n## Location problems beside their peers\n", "Seconds to a proof at a gap of 1e-4, or what was proven "
             "within the limit; peers solve the strong textbook form. Peak memory in MB.\n"]  # fmt: skip
    lines += ["| problem | " + " | ".join(n for _, n in shown) + " |", "|---" * (len(shown) + 1) + "|"]
    for name, case in found["cases"].items():
        lines.append(f"| {name} | " + " | ".join(_cell(case.get(w)) for w, _ in shown) + " |")
    return "\n".join([*lines, ""])


def _cell(got: Record | None) -> str:
    if not got or "seconds" not in got:
        return ""
    gap = got.get("gap")
    proof = "" if gap is None or gap <= 1.02e-4 else f", gap {gap:.2%}"
    memory = f", {got['peak_mb']:,.0f} MB" if "peak_mb" in got else ""
    return f"{got['seconds']:.2f} s{proof}{memory}"


def _published(found: Record | None) -> str:
    if found is None:
        return ""
    lines = ["\n## Published optima\n", "Instances of OR-Library, TBED1 and UflLib, at a gap of 1e-4. They agree where "
             "what is called optimal is the published optimum and no bound exceeds it.\n",
             "| family | instances | optimal | s in all | longest | largest gap | agree | peak MB |",
             "|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for family, got in found["families"].items():
        rows = list(got["instances"].values())
        if not rows:
            continue
        known = [r["agrees"] for r in rows if "agrees" in r]
        agree = f"{sum(known)} of {len(known)}" if known else "no published values"
        seconds, proven = [r["seconds"] for r in rows], sum(r["status"] == "optimal" for r in rows)
        lines.append(
            f"| {family} | {len(rows)} | {proven} | {sum(seconds):.1f} | {max(seconds):.1f} | "
            f"{max(r['gap'] for r in rows):.2%} | {agree} | {got['peak_mb']:,} |"
        )
    left = [f"{n} ({r['gap']:.2%})" for g in found["families"].values() for n, r in g["instances"].items()
            if r["status"] != "optimal"]  # fmt: skip
    lines += ["", f"Not proven within the limit: {', '.join(left)}." if left else "All are proven."]
    return "\n".join([*lines, ""])


def _growth(found: Record | None) -> str:
    if found is None:
        return ""
    lines = ["\n## Growth\n", "| problem | gap asked | gap | s | processor s | peak MB |", "|---|---|---|---|---|---|"]
    for kind in ("uncapacitated", "capacitated"):
        for p in found.get(kind, {}).get("points", ()):
            row = f"| {kind} {p['size']:,} x {p['size']:,} | {found[kind]['gap_asked']:.0%} | {p['gap']:.2%} |"
            lines.append(f"{row} {p['seconds']:.2f} | {p['cpu_s']:.2f} | {p['peak_mb']:,} |")
    return "\n".join([*lines, ""])


def _ways(title: str, found: Record | None, keys: tuple[str, ...]) -> str:
    if found is None:
        return ""
    head = ["way", *(k.removesuffix("_s").replace("_", " ") for k in keys)]
    lines = [f"\n## {title}\n", "| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for way, got in found.items():
        if isinstance(got, dict) and all(k in got for k in keys):
            lines.append(f"| {way} | " + " | ".join(f"{got[k]:,.2f}" for k in keys) + " |")
    return "\n".join([*lines, ""])


def _measured(found: Record) -> str:
    lines = ["\n## When and where\n", "| figures | day | machine | processors | load | versions |", "|---" * 6 + "|"]
    for name, got in found.items():
        if name == "backtest":
            continue
        m = got.get("measured")
        if m is None:
            lines.append(
                f"| {name} | before days were kept | | {got.get('processors', '')} | {got.get('load', '')} | |"
            )
            continue
        versions = ", ".join(f"{k} {v}" for k, v in m["versions"].items())
        lines.append(f"| {name} | {m['date']} | {m['machine']} | {m['processors']} | {m['load']} | {versions} |")
    return "\n".join([*lines, ""])


# --------------------------------------------------------------------------------------------------- plots


def drawn(found: Record) -> list[tuple[str, str]]:
    """Draw what there are figures for; return file and caption of each plot."""
    made = []
    PLOTS.mkdir(exist_ok=True)
    with plt.rc_context(STYLE):
        for file, draw, needs in (
            ("growth.png", _draw_growth, "growth"),
            ("gap.png", _draw_gap, "north_america"),
            ("front.png", _draw_front, "session"),
        ):
            if needs in found:
                figure, caption = draw(found[needs])
                figure.savefig(PLOTS / file, bbox_inches="tight", metadata={"Software": None})
                plt.close(figure)
                made.append((file, caption))
    return made


def _draw_growth(found: Record) -> tuple[Figure, str]:
    figure, both = plt.subplots(1, 2, figsize=(9.0, 3.6), layout="constrained")
    kinds = [k for k in ("uncapacitated", "capacitated") if found.get(k, {}).get("points")]
    for axes, key, title in ((both[0], "cpu_s", "Processor time [s]"), (both[1], "peak_mb", "Peak memory [GB]")):
        for kind, color, mark in zip(kinds, (BLUE, ORANGE), "os", strict=False):
            points = found[kind]["points"]
            part = 1.0 if key == "cpu_s" else 1024.0
            lanes, value = [p["lanes"] for p in points], [p[key] / part for p in points]
            axes.plot(lanes, value, mark, ls="-", color=color, label=kind, lw=1.8, ms=5)
            if key == "cpu_s":
                steep = [value[0] * (n / lanes[0]) ** 1.2 for n in lanes]
                axes.plot(lanes, steep, color=color, ls=":", lw=1.1)
        axes.set(xscale="log", yscale="log", xlabel="lanes (sites x markets)", title=title)
        axes.yaxis.set_major_formatter("{x:g}")
    both[1].yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    both[1].yaxis.set_minor_locator(NullLocator())
    both[0].plot([], [], color=GREY, ls=":", label="lanes^1.2 from the smallest")
    both[0].legend(frameon=False, loc="upper left")
    powers = " and ".join(f"lanes^{found[k]['powers']['cpu_s']:.2f} ({k})" for k in kinds)
    words = "Processor time and memory of `ev.facility_location` against size, at a gap of 1 %"
    return figure, f"{words}: time grows as {powers}."


def _draw_gap(found: Record) -> tuple[Figure, str]:
    figure, axes = plt.subplots(figsize=(7.0, 3.4), layout="constrained")
    x, y = zip(*[(p["s"], 100.0 * p["gap"]) for p in found["curve"] if p["gap"]], strict=True)
    end = max(found["solve_s"], x[-1])
    axes.step([*x, end], [*y, y[-1]], where="post", color=BLUE, lw=1.8, label="gap of the best plan so far")
    axes.plot(x, y, "o", color=BLUE, ms=5)
    axes.plot([60.0, 300.0], [0.25, 0.12], "D", ms=7, mfc="none", color=ORANGE, label="targets")
    axes.set(yscale="log", xlabel="seconds after the program is built", ylabel="gap [%]", title="Gap over time")
    axes.set_xlim(left=0.0)
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_locator(NullLocator())
    axes.legend(frameon=False)
    return (
        figure,
        f"`north-america`: the gap between plan and bound is {found['gap']:.2%} after {found['solve_s']:.0f} s.",
    )


def _draw_front(found: Record) -> tuple[Figure, str]:
    figure, axes = plt.subplots(figsize=(7.0, 3.4), layout="constrained")
    points = sorted(found["front"]["points"], key=lambda p: p["ceiling_t"])
    x = [p["ceiling_t"] / 1e6 for p in points]
    plans, bounds = ([p[k] / 1e9 for p in points] for k in ("cost_usd", "bound_usd"))
    axes.fill_between(x, bounds, plans, color=BLUE, alpha=0.12, lw=0)
    axes.plot(x, plans, "o-", color=ORANGE, lw=1.8, ms=4, label="plans")
    axes.plot(x, bounds, "s-", color=BLUE, lw=1.8, ms=4, label="proven bounds")
    axes.set(xlabel="ceiling on emissions [Mt]", ylabel="cost [billion USD]", title="A front and what is proven of it")
    axes.yaxis.set_major_formatter("{x:,.1f}")
    axes.set_ylim(top=plans[0] + 0.25 * (plans[0] - bounds[-1]))
    axes.legend(frameon=False, loc="upper right", ncols=2)
    return figure, "`north-america` under ceilings on emissions: no plan lies below the band."


def main() -> None:
    """Write page and plots."""
    if QUICK:
        say("a short run keeps no figures: the page stays as it is")
        return
    found = figures()
    plots = drawn(found)
    PAGE.write_text(page(found, plots), encoding="utf-8")
    say(f"{PAGE.relative_to(PLACE.parent)}: {len(TARGETS)} targets, {len(plots)} plots")


if __name__ == "__main__":
    if {"-h", "--help"} & set(sys.argv[1:]):
        say(__doc__ or "")
    else:
        main()
