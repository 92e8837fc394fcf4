"""What surrounds a static map: names, legend, scale bar, notes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path as Outline
from numpy.typing import NDArray

from evsiting.report.headline import kind_names
from evsiting.report.maps.geometry import Box, places
from evsiting.report.maps.labels import printable_name
from evsiting.report.number_format import digits, format_units
from evsiting.report.palette import PAPER, Look, Palette
from evsiting.study.study import Study

#: Red of what is marked.
KNEE = "#c0392b"
#: What the legend calls plants that are not new.
STATUS_WORDS = {
    "existing": "hollow: existing",
    "committed": "dotted edge: committed",
    "resumed": "half tone: resumed",
    "closed": "crossed out: closed",
}
HALO = {"boxstyle": "square,pad=0.12", "facecolor": "#ffffff", "edgecolor": "none", "alpha": 0.72}


def flow_words(study: Study, ships: pd.DataFrame, widest: float, product: str | None) -> str:
    """Return what the widest line carries."""
    if not widest:
        return ""
    if product is None:
        return format_units(widest, "t/yr", 2)
    unit = study.products.set_index("product").loc[product]
    return format_units(widest * 1000.0 / float(unit["mass_kg_per_unit"]), f"{unit['unit']}/yr", 2)


def legend(
    ax: Axes,
    study: Study,
    standing: pd.DataFrame,
    looks: Palette,
    *,
    largest: float,
    flow: str,
    idle: bool,
    ports: bool,
) -> None:
    """Explain shapes, fills, circles and lines: what is on the map, and nothing else."""
    shown = kind_names(study)
    kinds = [k for k in looks.plant_types if (standing["plant_type"] == k).any()]
    handles: list[Any] = []
    for kind in kinds:
        look = looks.plant_type(kind)
        mine = standing[standing["plant_type"] == kind]
        count = mine["status"].value_counts()
        counts = ", ".join(f"{count[status]} {status}" for status in ("new", *STATUS_WORDS) if status in count)
        label = f"{shown.get(kind, kind).capitalize()} plants: {counts}"
        handles.append(_symbol(label, look.marker, 7.5, look.light, edge="white"))
    grey = Look(PAPER["muted"], PAPER["muted"], "o", "")
    for status, text in STATUS_WORDS.items():
        if not (standing["status"] == status).any():
            continue
        mark = Line2D([], [], label=text, linestyle="none", **plant_mark(status, grey, 6.5))
        cross = Line2D([], [], label=text, linestyle="none", marker="x", markersize=5.5, color=KNEE)
        handles.append((mark, cross) if status == "closed" else mark)
    if idle:
        handles.append(_symbol("candidate, not chosen", "o", 2.2, PAPER["candidate"]))
    if ports:
        handles.append(_symbol("port of entry", "X", 5.0, PAPER["ink"], edge="white"))
    if largest:
        label = f"market, largest {format_units(largest, _market_unit(study), 2)}"
        handles.append(_symbol(label, "o", 12, PAPER["market"], alpha=0.3))
    if flow:
        line = Line2D([], [], label=f"flow, widest {flow}", color=PAPER["muted"], linewidth=3.2, alpha=0.6)
        handles.append(line)
    if not handles:
        return
    names_shown = [h[0].get_label() if isinstance(h, tuple) else h.get_label() for h in handles]
    box = ax.legend(
        handles=handles,
        labels=names_shown,
        loc="upper left",
        bbox_to_anchor=(0.0, -0.005),  # below the map: on it, it would hide what stands there
        ncols=3,
        fontsize=7.2,
        frameon=False,
        borderpad=0.2,
        labelspacing=0.7,
        columnspacing=2.2,
        handlelength=1.6,
    )
    box.set_zorder(10)
    for entry in box.get_texts():
        entry.set_text(printable_name(entry.get_text(), 60))
        entry.set_parse_math(False)


def plant_mark(status: str, look: Look, size: float) -> dict[str, Any]:
    """Return how a plant of a status is drawn, as keywords of a line's marker.

    Parameters
    ----------
    status : str
        As in ``plan.sites``.
    look : Look
        Of its plant type.
    size : float
        Diameter. [point]
    """
    mark: dict[str, Any] = {"marker": look.marker, "markersize": size, "markerfacecolor": "white"}
    if status == "new":
        return {**mark, "markerfacecolor": look.light, "markeredgecolor": "white", "markeredgewidth": 0.55}
    if status == "closed":
        return {**mark, "markeredgecolor": PAPER["candidate"], "markeredgewidth": 0.8}
    if status == "resumed":
        half = tuple(0.45 * c + 0.55 for c in to_rgb(look.light))
        return {**mark, "markerfacecolor": half, "markeredgecolor": look.light, "markeredgewidth": 1.1}
    if status == "committed":
        shape = MarkerStyle(look.marker)
        outline = shape.get_path().transformed(shape.get_transform())
        straight = outline.interpolated(6) if len(np.asarray(outline.vertices)) < 12 else outline
        points = np.asarray(straight.to_polygons()[0])
        edge = Outline.make_compound_path(*(Outline(points[k : k + 2]) for k in range(0, len(points) - 1, 2)))
        return {
            **mark,
            "marker": edge,
            "markerfacecolor": "none",
            "markeredgecolor": look.light,
            "markeredgewidth": 1.2,
        }
    return {**mark, "markeredgecolor": look.light, "markeredgewidth": 1.1}


def _symbol(label: str, marker: str, size: float, color: str, *, edge: str = "", alpha: float = 1.0) -> Line2D:
    """Return one symbol of the legend."""
    return Line2D(
        [],
        [],
        label=label,
        marker=marker,
        markersize=size,
        color=color,
        markeredgecolor=edge or color,
        linestyle="none",
        alpha=alpha,
    )


def _market_unit(study: Study) -> str:
    """Return the unit in which markets' circles are counted."""
    wanted = study.demand["product"].unique()
    units = study.products.set_index("product").loc[list(wanted), "unit"].unique()
    return f"{units[0]}/yr" if len(units) == 1 else "units/yr"


def scale_bar(ax: Axes, box: Box) -> None:
    """Draw a bar of a round length at the lower right."""
    length = next((k for k in (1000, 500, 250, 200, 100, 50, 20, 10, 5, 2) if k <= 0.22 * box.width), 1)
    x, y = box.east - 0.03 * box.width - length, box.south + 0.075 * box.height
    line: NDArray[np.float64] = np.array([[x, y], [x + length / 2, y], [x + length, y]])
    ax.plot(line[:2, 0], line[:2, 1], color=PAPER["ink"], linewidth=2.4, solid_capstyle="butt", zorder=9)
    ax.plot(line[1:, 0], line[1:, 1], color=PAPER["coast"], linewidth=2.4, solid_capstyle="butt", zorder=9)
    ax.annotate(
        f"{digits(length)} km",
        (x + length, y),
        xytext=(0, 3),
        textcoords="offset points",
        ha="right",
        va="bottom",
        fontsize=7,
        color=PAPER["ink"],
        zorder=9,
    )


def notes(ax: Axes, study: Study, box: Box, years: str) -> None:
    """Say the years (in a corner too, where the study has several periods), the projection, and what lies outside."""
    markets = places(study).query("kind == 'market'")
    out = markets[~box.holds(markets["x"].to_numpy(), markets["y"].to_numpy())]
    lines = [f"{years}. Lambert conformal conic. Outlines: Natural Earth."]
    if len(study.periods) > 1:
        head: dict[str, Any] = {"fontsize": 10, "fontweight": "bold", "color": PAPER["ink"], "zorder": 9, "bbox": HALO}
        ax.text(0.015, 0.982, years, transform=ax.transAxes, ha="left", va="top", parse_math=False, **head)
    if len(out):
        some = ", ".join(printable_name(str(name)) for name in out["name"].head(5)) + (
            f" and {len(out) - 5} more" if len(out) > 5 else ""
        )
        lines.insert(0, f"Markets outside the picture: {some}.")
    ax.text(
        0.985,
        0.012,
        "\n".join(lines),
        transform=ax.transAxes,
        ha="right",
        va="bottom",
        fontsize=5.8,
        color=PAPER["muted"],
        zorder=9,
        parse_math=False,
    )
