"""The page and the picture of the back-test, from its results alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import matplotlib.pyplot as plt
import numpy as np

from benchmarks import backtest_rules as rules

Record = dict[str, Any]
TEMPLATE = Path(__file__).with_suffix(".md.j2")
NAMED = (rules.COMPANIES, rules.PLANNER, rules.DISTANCE, rules.PEOPLE)
SINGLES = (
    "standing plants within 300 km alone",
    "parts jobs within 150 km alone",
    "right-to-work alone",
    "distance to buyers alone",
)
BY_TIME = f"where companies go, fitted up to {rules.SPLIT_YEAR}"
HISTORY = "where companies go, fitted to history"
BLUE, ORANGE, GREY, DARK = "#2b6a99", "#d1701f", "#8a8a8a", "#222222"


def page(found: Record) -> str:
    """Return the page in Markdown."""
    fill = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True, keep_trailing_newline=True)
    fill.filters |= {"f2": "{:.2f}".format, "pct": "{:.0%}".format, "n0": "{:,.0f}".format, "plus": "{:+.2f}".format}
    sited = _get(found, rules.COMPANIES)
    return fill.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        found,
        rules=rules,
        sited=sited,
        chance=found["by_chance"][str(sited["plants"])],
        get=lambda score, group="sited", view="country", ground="moved": _get(found, score, group, view, ground),
        span=area,
        top=rate,
        gain=lambda pair, group="sited": gap(found["moved"]["gains"][pair][group]),
        by_time=BY_TIME,
        history=HISTORY,
        signals=_signals(found),
        groups=_groups(found, "moved"),
        own=_groups(found, "own point"),
        views=_views(found),
        gains=_gains(found),
        singles=_singles(found),
        splits=_splits(found),
        county=_counties(found),
        sited_rows=_plants(found, apart=False),
        given_up=_plants(found, apart=True),
        states=len({p["iso"] for p in found["rows"]}),
    )


def area(one: Record) -> str:
    """Return an area under the curve with its interval."""
    if "auc" not in one:
        return f"{one['plants']} plants: not told"
    if one.get("auc_low") is None:
        return f"{one['auc']:.2f}"
    return f"{one['auc']:.2f} ({one['auc_low']:.2f} to {one['auc_high']:.2f})"


def rate(one: Record) -> str:
    """Return a hit rate with its interval."""
    if "auc" not in one:
        return ""
    span = f"{one['top_low']:.0%} to {one['top_high']:.0%}"
    return f"{one['top_hits']} of {one['plants']}: {one['top_rate']:.0%} ({span})"


def gap(one: Record) -> str:
    """Return a paired gain with its interval."""
    if "gain" not in one:
        return f"{one['plants']} plants: not told"
    span = "" if one["low"] is None else f" ({one['low']:+.2f} to {one['high']:+.2f})"
    return f"{one['gain']:+.2f}{span}"


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = ["| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows]]
    return "\n".join(lines)


def _get(found: Record, score: str, group: str = "sited", view: str = "country", ground: str = "moved") -> Record:
    one: Record = found[ground]["scores"][score][group][view]
    return one


def _signals(found: Record) -> str:
    fits, past = found["moved"]["fit"]["coefficients"], found["moved"]["fit"]["history"]["coefficients"]
    rows = []
    for s in rules.SIGNALS:
        form = f"{'-' if s.sign < 0 else ''}log(1 + x / {s.scale:g})" if s.scale else "as it is"
        one = fits[s.name]
        told = f"{one['mean']:+.2f} ({one['low']:+.2f} to {one['high']:+.2f})"
        rows.append([s.name, s.dated, form, told, f"{past[s.name]:+.2f}" if s.name in past else ""])
    head = ["signal", "of", "enters as", "coefficient: mean (range) over the states left out", "learned from history"]
    return table(head, rows)


def _groups(found: Record, ground: str) -> str:
    rows = []
    for group in found[ground]["scores"][rules.COMPANIES]:
        ones = [_get(found, name, group, "country", ground) for name in NAMED]
        cells = [area(one) for one in ones]
        rows.append([group, str(ones[0]["plants"]), *cells, rate(ones[0])])
    return table(["plants", "n", *NAMED, f"best tenth, {rules.COMPANIES}"], rows)


def _views(found: Record) -> str:
    rows = []
    for ground in ("moved", "own point"):
        for name in NAMED:
            views = [_get(found, name, "sited", v, ground) for v in ("country", "country, by candidate", "state")]
            rows.append([ground, name, *(area(v) for v in views), rate(views[0])])
    head = ["plants", "score", "AUC, states the same", "AUC, candidates the same", "AUC inside the state", "best tenth"]
    return table(head, rows)


def _gains(found: Record) -> str:
    groups = ("sited", "conversions", "greenfield", "assembly", "cells", "large")
    rows = [[pair, *(gap(one[g]) for g in groups)] for pair, one in found["moved"]["gains"].items()]
    return table(["score", *groups], rows)


def _singles(found: Record) -> str:
    groups = ("sited", "conversions", "greenfield", "assembly", "cells")
    return table(
        ["signal", *groups],
        [[name.removesuffix(" alone"), *(area(_get(found, name, g)) for g in groups)] for name in SINGLES],
    )


def _splits(found: Record) -> str:
    names = {rules.COMPANIES: "the other states", BY_TIME: f"plants up to {rules.SPLIT_YEAR}, tested on later ones"}
    names[HISTORY] = f"the {found['moved']['fit']['history']['plants']} plants that opened from 1997 to 2016"
    groups = ("sited", "greenfield", "assembly", "cells")
    rows = []
    for name, told in names.items():
        one = _get(found, name)
        rows.append([told, str(one["plants"]), *(area(_get(found, name, g)) for g in groups), rate(one)])
    return table(["learned from", "n", *groups, "best tenth"], rows)


def _counties(found: Record) -> str:
    if "counties" not in found:
        return ""
    here = found["counties"]
    groups = list(here["scores"][rules.COMPANIES])
    rows = [[name, *(area(one[g]) for g in groups)] for name, one in here["scores"].items()]
    rows += [[pair, *(gap(one[g]) for g in groups)] for pair, one in here["gains"].items()]
    return table(["score, gain", *groups], rows)


def _plants(found: Record, *, apart: bool) -> str:
    rows = []
    for p in sorted(found["rows"], key=lambda p: (p["country"], p["iso"], p["name"])):
        if (p["status_class"] in rules.APART) == apart:
            kind = p["type"].replace("battery_", "").replace("_", " ")
            site = "conversion" if p["conversion"] else "greenfield"
            told = ["" if p[s] is None else f"{100 * p[s]:.0f}" for s in NAMED]
            rows.append([p["name"], p["iso"], kind, site, p["status_class"].replace("_", " "), *told])
    return table(["plant", "in", "type", "site", "status", *NAMED], rows)


def picture(found: Record, path: Path) -> None:
    """Draw areas under the curve by score and group, and percentiles of plants."""
    with plt.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.6), width_ratios=(1.15, 1.0), layout="constrained")
        _forest(left, found)
        _strip(right, found)
        path.parent.mkdir(exist_ok=True)
        figure.savefig(path, dpi=130)
        plt.close(figure)


def _forest(ax: Any, found: Record) -> None:
    marks = (("sited", BLUE, "o", 0.2), ("greenfield", ORANGE, "s", 0.0), ("cells", GREY, "D", -0.2))
    for group, color, marker, shift in marks:
        for k, name in enumerate(reversed(NAMED)):
            one = _get(found, name, group)
            ax.plot([one["auc_low"], one["auc_high"]], [k + shift] * 2, color=color, lw=2)
            ax.plot(one["auc"], k + shift, marker, color=color, ms=6, label=group if k == 0 else None, ls="none")
    ax.axvline(0.5, color=DARK, lw=0.8, ls="--")
    ax.set_yticks(range(len(NAMED)), list(reversed(NAMED)))
    ax.set_xlim(0.1, 1.0)
    ax.set_xlabel("AUC inside the country, 95 % interval; dashed: a coin")
    ax.set_title("Real sites against other cities, by score", loc="left")
    ax.legend(frameon=False, loc="upper left")


def _strip(ax: Any, found: Record) -> None:
    rng = np.random.default_rng(1)
    kinds = ["conversion", "greenfield assembly", "greenfield cells, packs", "canceled or retired"]
    for p in found["rows"]:
        apart = p["status_class"] in rules.APART
        mine = kinds[3] if apart else kinds[0] if p["conversion"] else kinds[1 if "assembly" in p["type"] else 2]
        shape, color = ("x", GREY) if apart else ("o", BLUE)
        y = len(kinds) - 1 - kinds.index(mine) + rng.uniform(-0.22, 0.22)
        ax.plot(p[rules.COMPANIES], y, shape, color=color, ms=5, alpha=0.8)
    ax.axvspan(0.9, 1.0, color=ORANGE, alpha=0.15, lw=0)
    ax.set_yticks(range(len(kinds)), list(reversed(kinds)))
    ax.set_xlim(0.0, 1.02)
    ax.set_xlabel("percentile inside the country; shaded: best tenth")
    ax.set_title(f"Each plant, {rules.COMPANIES}", loc="left")
