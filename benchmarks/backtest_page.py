"""The page and the picture of the back-test, from its results alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import matplotlib.pyplot as plt
import numpy as np

from benchmarks import backtest_prior as prior
from evsiting import reference

Record = dict[str, Any]
TEMPLATE = Path(__file__).with_suffix(".md.j2")
VIEWS = ("continent", "country", "state")
GROUNDS = {"cities": "cities", "grid": "50 km cells", "snapped": "plants moved to cities"}
MAIN = ("all layers", "all layers, TOPSIS", "geography only", "unit cost", "population")
COLUMNS = (
    ("all layers", "continent"),
    ("all layers", "country"),
    ("all layers", "state"),
    ("unit cost", "country"),
    ("population", "country"),
)
BLUE, ORANGE, GREY, DARK = "#2b6a99", "#d1701f", "#8a8a8a", "#222222"


def page(found: Record) -> str:
    """Return the page in Markdown."""
    fill = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True, keep_trailing_newline=True)
    fill.filters |= {"f2": "{:.2f}".format, "pct": "{:.0%}".format, "n0": "{:,.0f}".format}
    n = _get(found, "cities", "all layers", "country")["plants"]
    learned = found["cities"]["learned"]
    return fill.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        found,
        prior=prior,
        n=n,
        chance=found["by_chance"][str(n)],
        city=_get(found, "cities", "all layers", "country"),
        cell=_get(found, "grid", "all layers", "country"),
        count=found["candidates"],
        p=found["prefilter"],
        auc=lambda ground, score, group="sited", view="country": (
            f"{_get(found, ground, score, view, group)['auc']:.2f}"
        ),
        delong=found["cities"]["delong"],
        held=area(learned["other states"]),
        abroad=area(learned["other countries"]),
        hectares=reference.parameter("plant.assembly.site_area").value * 100.0,
        states=len({one["iso"] for one in found["plants"]}),
        layers=_layers(found),
        headline=_headline(found),
        gaps=_gaps(found),
        singles=_singles(found),
        groups=_groups(found),
        weighed=_weighed(found),
        sited=_plants(found, apart=False),
        given_up=_plants(found, apart=True),
    )


def area(one: Record) -> str:
    """An area under the curve with its interval."""
    if "auc" not in one:
        return f"{one['plants']} plants: not told"
    if one.get("auc_low") is None:
        return f"{one['auc']:.2f}"
    return f"{one['auc']:.2f} ({one['auc_low']:.2f} to {one['auc_high']:.2f})"


def rate(one: Record) -> str:
    """A hit rate with its interval."""
    if "auc" not in one:
        return ""
    span = f"{one['top_low']:.0%} to {one['top_high']:.0%}"
    return f"{one['top_hits']} of {one['plants']}: {one['top_rate']:.0%} ({span})"


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows]]
    return "\n".join(lines)


def _get(found: Record, ground: str, score: str, view: str, group: str = "sited") -> Record:
    one: Record = found[ground]["scores"][score][group][view]
    return one


def _layers(found: Record) -> str:
    rows = []
    for c in prior.CRITERIA:
        better = "less" if c.direction == "cost" else "more"
        rows.append([c.theme, c.label, better, f"{found['weights'][c.label]:.3f}", *prior.VINTAGES[c.label]])
    return table(["theme", "layer", "better", "weight", "of", "before the announcements?"], rows)


def _headline(found: Record) -> str:
    rows = []
    for ground in GROUNDS:
        for score in MAIN:
            views = [_get(found, ground, score, v) for v in VIEWS]
            rows.append([GROUNDS[ground], score, *(area(v) for v in views), rate(views[0]), rate(views[1])])
    head = ["against", "score", *(f"AUC, {v}" for v in VIEWS), "best tenth, continent", "best tenth, country"]
    return table(head, rows)


def _gaps(found: Record) -> str:
    rows = [
        [GROUNDS[g], name, f"{v['gap']:+.2f} ({v['low']:+.2f} to {v['high']:+.2f})"]
        for g in GROUNDS
        for name, v in found[g]["against_population"].items()
    ]
    return table(["against", "score", "difference"], rows)


def _singles(found: Record) -> str:
    rows = []
    for c in prior.CRITERIA:
        cells = [area(_get(found, g, f"only {c.label}", v)) for g in ("cities", "grid") for v in ("country", "state")]
        rows.append([c.label, "less" if c.direction == "cost" else "more", *cells])
    return table(["layer", "better", "cities, country", "cities, state", "cells, country", "cells, state"], rows)


def _groups(found: Record) -> str:
    rows, scores = [], ("all layers", "unit cost", "population")
    for group in found["cities"]["scores"]["all layers"]:
        one = _get(found, "cities", "all layers", "country", group)
        cells = [area(_get(found, g, s, "country", group)) for g in ("cities", "grid") for s in scores]
        rows.append([group, str(one["plants"]), *cells, rate(one)])
    head = ["plants", "n", *(f"{s}, {g}" for g in ("cities", "cells") for s in scores)]
    return table([*head, "best tenth, all layers, cities"], rows)


def _weighed(found: Record) -> str:
    rows = []
    for g in GROUNDS:
        weighed, learned = found[g]["any_weights"], found[g]["learned"]
        for view in ("continent", "country"):
            one = weighed[view]
            told = f"{one['median']:.2f} ({one['low']:.2f} to {one['high']:.2f}); best {one['best']:.2f}"
            rows.append([GROUNDS[g], f"random weights, {view}", told])
        rows += [[GROUNDS[g], f"regression, {k}", area(learned[k])] for k in ("other states", "other countries")]
        rows.append([GROUNDS[g], "regression, fitted to all (no test)", f"{learned['fitted_to_all']['auc']:.2f}"])
    return table(["against", "weights", "AUC"], rows)


def _plants(found: Record, *, apart: bool) -> str:
    rows = []
    for p in sorted(found["plants"], key=lambda p: (p["country"], p["iso"], p["name"])):
        if (p["status_class"] in prior.APART) == apart:
            cells = [*(p[f"{s}, {v}"] for s, v in COLUMNS), p["among_best_tenth"]]
            kind = p["type"].replace("battery_", "").replace("_", " ")
            told = ["" if c is None else f"{100 * c:.0f}" for c in cells]
            rows.append([p["name"], p["iso"], kind, p["status_class"].replace("_", " "), *told])
    head = ["plant", "in", "type", "status", *(f"{s}, {v}" for s, v in COLUMNS), "best tenth under random weights"]
    return table(head, rows)


def picture(found: Record, path: Path) -> None:
    """Draw areas under the curve by score, and percentiles of plants by type."""
    with plt.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.6), width_ratios=(1.15, 1.0), layout="constrained")
        _forest(left, found)
        _strip(right, found)
        path.parent.mkdir(exist_ok=True)
        figure.savefig(path, dpi=130)
        plt.close(figure)


def _forest(ax: Any, found: Record) -> None:
    names = [
        "all layers",
        "geography only",
        "unit cost",
        "only distance to buyers",
        "only distance to rail",
        "population",
    ]
    for ground, color, shift in (("cities", BLUE, 0.14), ("grid", ORANGE, -0.14)):
        for k, name in enumerate(reversed(names)):
            one = _get(found, ground, name, "country")
            ax.plot([one["auc_low"], one["auc_high"]], [k + shift] * 2, color=color, lw=2)
            label = f"against {GROUNDS[ground]}" if k == 0 else None
            marker = "o" if ground == "cities" else "s"
            ax.plot(one["auc"], k + shift, marker, color=color, ms=6, label=label, ls="none")
    ax.axvline(0.5, color=DARK, lw=0.8, ls="--")
    ax.set_yticks(range(len(names)), [n.replace("only ", "only: ") for n in reversed(names)])
    ax.set_xlim(0.1, 1.0)
    ax.set_xlabel("AUC inside the country, 95 % interval; dashed: a coin")
    ax.set_title("Real sites against other places, by score", loc="left")
    ax.legend(frameon=False, loc="center left")


def _strip(ax: Any, found: Record) -> None:
    rng = np.random.default_rng(1)
    kinds = ["assembly", "cells", "packs and modules", "canceled or retired"]
    for p in found["plants"]:
        apart = p["status_class"] in prior.APART
        mine = [k for k, code in prior.KINDS.items() if code in p["type"]] if not apart else ["canceled or retired"]
        for kind in mine:
            y = len(kinds) - 1 - kinds.index(kind) + rng.uniform(-0.22, 0.22)
            shape, color = ("x", GREY) if apart else ("o", BLUE)
            ax.plot(p["all layers, country"], y, shape, color=color, ms=5, alpha=0.8)
    ax.axvspan(0.9, 1.0, color=ORANGE, alpha=0.15, lw=0)
    ax.set_yticks(range(len(kinds)), list(reversed(kinds)))
    ax.set_xlim(0.0, 1.0)
    ax.set_xlabel("percentile among cities of the country; shaded: best tenth")
    ax.set_title("Each plant, all layers", loc="left")
