"""Static charts (matplotlib): the trade-off between objectives and the cost of one unit delivered."""

from __future__ import annotations

from typing import cast

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from evsiting.errors import expect
from evsiting.report.canvas import axes
from evsiting.report.headline import facts
from evsiting.report.ledger_items import item_name
from evsiting.report.number_format import digits, format_percent, format_usd
from evsiting.report.palette import PAPER
from evsiting.report.tradeoff import axis_scale, corners, knee, pairs, proven_points, sense
from evsiting.results.consistency import require_same_study
from evsiting.results.plan import Front, Plan
from evsiting.study.study import Study


def plot_front(front: Front, *, ax: Axes | None = None) -> Axes:
    """Draw plans that trade one objective for another, with what is proven about the gap below them.

    The grey region is proven empty: no plan lies there. What lies between it and the points is not known.

    Parameters
    ----------
    front : Front
        Plans by the first objective; of three, the first is drawn against the second.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; those of a new figure where left out.

    Returns
    -------
    matplotlib.axes.Axes
        The first objective upwards, the second to the right.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> front = ev.Front(("cost", "emissions"), (ev.solve(study), ev.solve(study, objective="emissions")))
    >>> ev.plot_front(front).figure.savefig("front.png")
    """
    expect("plot_front", front=(front, Front))
    front = pairs(front)[0]
    ax = axes(ax, (7.2, 4.8))
    first, second = front.objectives[:2]
    table = front.table
    factor_y, label_y = axis_scale(first, table[first].to_numpy(np.float64))
    factor_x, label_x = axis_scale(second, table[second].to_numpy(np.float64))
    x, y = table[second].to_numpy(np.float64) / factor_x, table[first].to_numpy(np.float64) / factor_y
    bounds = [(n, bound / factor_y, cap / factor_x) for n, bound, cap in proven_points(front)]
    _frame_front(ax, x, y, np.array([b for _, b, _ in bounds]))
    edges = [(y / factor_y, x / factor_x) for y, x in corners(front)]
    _empty_region(ax, edges, sense(first), sense(second))
    order = np.argsort(x)
    ax.plot(x[order], y[order], color=PAPER["coast"], linewidth=1.0, linestyle=":", zorder=2)
    for n, bound, _ in bounds:
        ax.plot([x[n], x[n]], [bound, y[n]], color=PAPER["ink"], linewidth=1.0, zorder=3)
        ax.plot([x[n]], [bound], marker="_", markersize=8, color=PAPER["ink"], zorder=3)
    optimal = (table["status"] == "optimal").to_numpy()
    if optimal.any():
        ax.scatter(
            x[optimal],
            y[optimal],
            s=46,
            color=PAPER["accent"],
            edgecolors="white",
            linewidths=0.8,
            zorder=4,
            label="plan, optimal within its gap",
        )
    if (~optimal).any():
        ax.scatter(
            x[~optimal],
            y[~optimal],
            s=42,
            facecolors="white",
            edgecolors=PAPER["accent"],
            linewidths=1.4,
            zorder=4,
            label="plan, stopped by a limit",
        )
    bend = knee(front)
    if bend is not None:
        ax.scatter([x[bend]], [y[bend]], s=150, facecolors="none", edgecolors="#c0392b", linewidths=1.6, zorder=5)
        side = sense(second)
        ax.annotate(
            "knee",
            (x[bend], y[bend]),
            xytext=(9 * side, 8),
            textcoords="offset points",
            ha="left" if side > 0 else "right",
            fontsize=9,
            color="#c0392b",
        )
    if bounds:
        ax.plot([], [], color=PAPER["ink"], marker="_", linewidth=1.0, label="down to its proven bound")
    if edges:
        ax.fill_between([], [], [], color=PAPER["proven"], label="proven: no plan here")
    ax.set_xlabel(label_x)
    ax.set_ylabel(label_y)
    ax.legend(fontsize=8, frameon=False)
    return ax


def draw_pairs(front: Front) -> Figure:
    """Return the trade-offs of a front side by side: the first objective against each of the others."""
    fronts = pairs(front)
    first = axes(None, (7.2 * len(fronts), 4.8))
    figure = cast("Figure", first.get_figure(root=True))
    first.remove()
    for n, pair in enumerate(fronts, 1):
        plot_front(pair, ax=figure.add_subplot(1, len(fronts), n))
    return figure


def _frame_front(ax: Axes, x: NDArray[np.float64], y: NDArray[np.float64], bounds: NDArray[np.float64]) -> None:
    """Fix limits, numbers and lines of the axes."""
    every = np.concatenate([y, bounds])
    for set_limits, values in ((ax.set_xlim, x), (ax.set_ylim, every)):
        low, high = float(np.min(values)), float(np.max(values))
        room = 0.09 * (high - low) or 0.05 * abs(high) or 1.0
        set_limits(low - room, high + room)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
        axis.set_major_formatter(FuncFormatter(lambda v, _: digits(v, 8)))
    ax.grid(color=PAPER["grid"], linewidth=0.7)
    ax.set_axisbelow(True)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    ax.tick_params(labelsize=9, colors=PAPER["ink"])


def _empty_region(ax: Axes, edges: list[tuple[float, float]], up: float, right: float) -> None:
    """Shade where bounds prove that no plan lies: on the good side of both coordinates of each corner."""
    (west, east), (south, north) = ax.get_xlim(), ax.get_ylim()
    for bound, cap in edges:
        cap, bound = min(max(cap, west), east), min(max(bound, south), north)
        left, wide = (west, cap - west) if right > 0 else (cap, east - cap)
        low, high = (south, bound - south) if up > 0 else (bound, north - bound)
        ax.bar(left, high, width=wide, bottom=low, align="edge", color=PAPER["proven"], linewidth=0, zorder=0)
    ax.set_xlim(west, east)
    ax.set_ylim(south, north)


def plot_waterfall(study: Study, plan: Plan, *, ax: Axes | None = None) -> Axes:
    """Draw what one delivered unit costs, item by item, against the cheapest import.

    Parameters
    ----------
    study, plan : Study, Plan
        The study and one of its plans.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; those of a new figure where left out.

    Returns
    -------
    matplotlib.axes.Axes
        Where markets want several kinds of unit, the items of the whole cost instead.

    Raises
    ------
    InputError
        If the plan answers another study.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> ev.plot_waterfall(study, ev.solve(study)).figure.savefig("unit_cost.png")
    """
    study = require_same_study("plot_waterfall", study, plan)
    ax = axes(ax, (7.2, 4.4))
    headline = facts(study, plan)
    whole = plan.ledgers["cost"].groupby("item")["value"].sum()
    steps = list(headline.steps) or [(str(i), float(v)) for i, v in whole.items() if v]
    frame = pd.DataFrame(steps, columns=["item", "value"])
    ends = frame["value"].cumsum().to_numpy()
    starts = np.concatenate([[0.0], ends[:-1]])
    labels = [item_name(i) for i in frame["item"]]
    place = np.arange(len(frame))
    total = float(ends[-1]) if len(ends) else 0.0
    colors = [PAPER["credit"] if v < 0 else PAPER["cost"] for v in frame["value"]]
    ax.barh(place, frame["value"], left=starts, color=colors, height=0.62)
    ax.barh([len(frame)], [total], color=PAPER["total"], height=0.62)
    labels.append(f"This plan, a {headline.unit}" if headline.unit else "Total")
    values = [*frame["value"], total]
    tips = [*np.maximum(starts, ends), max(0.0, total)]
    if np.isfinite(headline.import_usd):
        ax.barh(
            [len(frame) + 1], [headline.import_usd], color=PAPER["import"], height=0.62, hatch="//", edgecolor="white"
        )
        labels.append("Cheapest import")
        values.append(headline.import_usd)
        tips.append(headline.import_usd)
    low, high = min([0.0, *ends, *starts]), max(tips)
    scale = (high - low) or 1.0
    for n, (value, tip) in enumerate(zip(values, tips, strict=True)):
        share = f"  ({format_percent(value / total, 2)})" if total > 0 and n < len(frame) else ""
        ax.text(tip + 0.012 * scale, n, f"{format_usd(value)}{share}", va="center", fontsize=8, color=PAPER["ink"])
    ax.set_yticks(range(len(labels)), labels, fontsize=9, parse_math=False)
    ax.invert_yaxis()
    ax.set_xlim(low, high + 0.28 * scale)
    ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: format_usd(v)))
    ax.tick_params(axis="x", labelsize=8)
    ax.grid(axis="x", color=PAPER["grid"], linewidth=0.7)
    ax.set_axisbelow(True)
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    ax.tick_params(axis="y", length=0)
    return ax
