"""The static map of a plan (matplotlib)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection, PathCollection
from matplotlib.colors import to_rgba
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from matplotlib.transforms import ScaledTranslation

from evsiting.report.canvas import axes
from evsiting.report.headline import period_labels
from evsiting.report.maps.annotations import KNEE, flow_words, legend, notes, plant_mark, scale_bar
from evsiting.report.maps.flows import choose, shipments_to_draw
from evsiting.report.maps.geometry import Box, bow, first_view, flow_ends, outlines, places
from evsiting.report.maps.labels import labels, printable_name
from evsiting.report.number_format import rows
from evsiting.report.palette import PAPER, Palette, palette
from evsiting.results.analysis.timeline import sizes_by_period
from evsiting.results.consistency import require_same_study
from evsiting.results.ledgers.ledgers import demand_by_period
from evsiting.results.plan import Plan
from evsiting.study.study import Study

_WIDEST_PT = 5.0
_LARGEST_PT = 6.2
_SMALLEST_PT = 2.3
_MARKET_PT = 15.0
_PORT_PT = 5.8


def plot_map(
    study: Study, plan: Plan, *, ax: Axes | None = None, product: str | None = None, period: str | None = None
) -> Axes:
    """Draw where plants stand and what flows between them.

    Parameters
    ----------
    study : Study
        The study that the plan answers.
    plan : Plan
        The plan.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; those of a new figure where left out.
    product : str, optional
        Only the flows of this product; all products, by mass, where left out.
    period : str, optional
        The period; the last one where left out.

    Returns
    -------
    matplotlib.axes.Axes
        Kilometres of a Lambert conformal conic projection, without a title.

    Raises
    ------
    InputError
        If the study has no such product or period, or the plan answers another study.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> ax = ev.plot_map(study, ev.solve(study))
    >>> ax.figure.savefig("map.png")
    """
    study = require_same_study("plot_map", study, plan)
    periods = period_labels(study)
    choose("product", product, [str(p) for p in study.products["product"]])
    choose("period", period, list(periods))
    period = period or list(periods)[-1]
    looks = palette(study)
    ax = axes(ax, (9.6, 7.0))
    box = first_view(study, set(plan.sites["site"]))
    _ground(ax, box)
    ships = shipments_to_draw(study, plan, product=product, period=period)
    standing = _plants_at(study, plan, period)
    markets = _markets(ax, study, period)
    widest, ports = _flows(ax, study, ships, box, looks)
    idle = _candidates(ax, study, standing)
    _plants(ax, study, standing, looks)
    labels(ax, study, standing, markets, idle, box)
    largest = float(markets["units"].max()) if len(markets) else 0.0
    flow = flow_words(study, ships, widest, product)
    legend(ax, study, standing, looks, largest=largest, flow=flow, idle=len(idle) > 0, ports=ports)
    scale_bar(ax, box)
    notes(ax, study, box, periods[period])
    return ax


def _shape(geometry: shapely.Geometry) -> Outline:
    """Return a polygon as one path."""
    parts = []
    for polygon in getattr(geometry, "geoms", [geometry]):
        for ring in (polygon.exterior, *polygon.interiors):
            parts.append(Outline(np.asarray(ring.coords)[:, :2], closed=True))
    return Outline.make_compound_path(*parts)


def _ground(ax: Axes, box: Box) -> None:
    """Draw the outlines and fix the view."""
    frame = outlines()
    ax.add_collection(
        PatchCollection(
            [PathPatch(_shape(g)) for g in frame.geometry],
            facecolor=PAPER["land"],
            edgecolor=PAPER["border"],
            linewidth=0.35,
            zorder=0,
        )
    )
    nations = frame.dissolve("country").geometry
    ax.add_collection(
        PatchCollection(
            [PathPatch(_shape(g)) for g in nations], facecolor="none", edgecolor=PAPER["coast"], linewidth=0.8, zorder=1
        )
    )
    ax.set_xlim(box.west, box.east)
    ax.set_ylim(box.south, box.north)
    ax.set_aspect("equal")
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_facecolor(PAPER["sea"])
    for spine in ax.spines.values():
        spine.set_color(PAPER["border"])
        spine.set_linewidth(0.6)


def _plants_at(study: Study, plan: Plan, period: str) -> pd.DataFrame:
    """Return the plants of a period, with ``x``, ``y``, ``size`` within the plant type and the ``status`` of then.

    A plant that is closed by then is among them with status ``closed``; what does not stand yet, or no more, is not.
    """
    sites = pd.DataFrame(plan.sites.drop(columns="geometry", errors="ignore"))
    sizes = sizes_by_period(study, plan)
    own = sizes[period].reindex(sites["plant"]).to_numpy(np.float64)
    order = {name: k for k, name in enumerate(sizes.columns)}
    begun = sites["period"].map(order).where(sites["option"] != "", 0.0).to_numpy(np.float64) <= order[period]
    closed = (sites["status"] == "closed").to_numpy() & begun  # what the plan builds and closes is nothing before
    runs = np.where(sites["option"] != "", "new", "existing")
    status = sites["status"].astype(object).where(~closed | (own == 0.0), runs)
    shown = np.where(own > 0.0, own, sites["capacity_units_per_yr"])
    largest = sites.groupby("plant_type")["capacity_units_per_yr"].transform("max")
    sites = sites.assign(size=shown / largest, status=status)[(own > 0.0) | closed]
    where = places(study).loc[sites["site"].astype(str).to_list()]
    return sites.assign(x=where["x"].to_numpy(), y=where["y"].to_numpy())


def _markets(ax: Axes, study: Study, period: str) -> pd.DataFrame:
    """Draw what markets want as circles; return ``name``, ``x``, ``y``, ``units`` [unit/yr], ``part``, ``radius``."""
    demand = demand_by_period(study).query("period == @period").groupby("market")["units_per_yr"].sum()
    demand = demand[demand > 0]
    where = places(study).loc[[str(m) for m in demand.index], ["name", "x", "y"]]
    part = demand.to_numpy(np.float64) / (float(demand.max()) if len(demand) else 1.0)
    drawn = where.assign(units=demand.to_numpy(np.float64), part=part, radius=_MARKET_PT * np.sqrt(part))
    if demand.empty:
        return drawn
    area = (2 * drawn["radius"].to_numpy()) ** 2
    ax.scatter(
        where["x"],
        where["y"],
        s=area,
        facecolors=to_rgba(PAPER["market"], 0.27),
        edgecolors=to_rgba(PAPER["market"], 0.6),
        linewidths=0.4,
        zorder=2,
        clip_on=True,
    )
    return drawn


def _flows(ax: Axes, study: Study, ships: pd.DataFrame, box: Box, looks: Palette) -> tuple[float, bool]:
    """Draw flows as curves as wide as their mass; return the mass of the widest [t/yr], and whether ports are drawn."""
    keys = ["product", "origin", "destination"]
    if ships.empty:
        return 0.0, False
    routes = ships["route"] if "route" in ships else pd.Series("", index=ships.index)
    flows = (
        ships.assign(route=routes).groupby(keys, as_index=False).agg(t=("t_per_yr", "sum"), route=("route", "first"))
    )
    flows = flows.sort_values("t", ascending=False)
    ends = flow_ends(study, flows, box)
    bends = bow(ends)
    widest = float(flows["t"].max())
    paths = [
        Outline([(e.x0, e.y0), tuple(c), (e.x1, e.y1)], [Outline.MOVETO, Outline.CURVE3, Outline.CURVE3])
        for e, c in zip(ends.itertuples(), bends, strict=True)
    ]
    ax.add_collection(
        PathCollection(
            paths,
            facecolors="none",
            edgecolors=[looks.product(str(p)).light for p in flows["product"]],
            linewidths=np.maximum(0.3, _WIDEST_PT * (flows["t"] / widest).to_numpy()),
            alpha=0.5,
            zorder=3,
            capstyle="round",
        )
    )
    ports = ends[ends["gateway"] != ""].drop_duplicates("gateway")
    ax.scatter(
        ports["x0"], ports["y0"], s=26, marker="X", color=PAPER["ink"], edgecolors="white", linewidths=0.6, zorder=5
    )
    where = places(study)
    busy = {*flows["origin"].astype(str), *flows["destination"].astype(str)}
    sites = where[(where["kind"] == "site") & where.index.isin(busy)]
    taken = list(zip(sites["x"], sites["y"], strict=True))
    for port in ports.itertuples():
        near = [abs(port.x0 - x) < 0.05 * box.width and abs(port.y0 - y) < 0.025 * box.height for x, y in taken]
        if any(near):  # its name would lie on another's
            continue
        taken.append((port.x0, port.y0))
        ax.annotate(
            printable_name(str(port.gateway_name)),
            (port.x0, port.y0),
            xytext=(0, -7),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=_PORT_PT,
            style="italic",
            color=PAPER["muted"],
            zorder=6,
            parse_math=False,
        )
    return widest, len(ports) > 0


def _candidates(ax: Axes, study: Study, standing: pd.DataFrame) -> pd.DataFrame:
    """Draw sites without a plant as faint dots; return them."""
    where = places(study)
    idle = where[(where["kind"] == "site") & ~where.index.isin(standing["site"])]
    ax.scatter(idle["x"], idle["y"], s=3.2, color=PAPER["candidate"], alpha=0.75, linewidths=0, zorder=4)
    return idle


def _plants(ax: Axes, study: Study, standing: pd.DataFrame, looks: Palette) -> None:
    """Draw plants side by side at their site: new ones filled, standing ones hollow, resumed ones in half tone.

    Committed plants have a dotted edge; closed ones are grey and crossed out.
    """
    figure = ax.get_figure(root=True)
    if figure is None:
        return
    order = {k: n for n, k in enumerate(looks.plant_types)}
    ranked = standing.assign(rank=standing["plant_type"].map(order)).sort_values(["site", "rank", "status"])
    for _, group in ranked.groupby("site", sort=False):
        radii = np.maximum(_SMALLEST_PT, _LARGEST_PT * np.sqrt(group["size"].to_numpy()))
        shift = np.concatenate([[0.0], np.cumsum(radii[:-1] + radii[1:])]) * 0.97
        shift -= (shift[-1] + radii[-1] - radii[0]) / 2
        points = rows(group, "x", "y", "plant_type", "status")
        for (x, y, kind, status), radius, dx in zip(points, radii, shift, strict=True):
            look, new = looks.plant_type(str(kind)), status == "new"
            at = ax.transData + ScaledTranslation(dx / 72, 0, figure.dpi_scale_trans)
            diameter = 2 * radius * (0.9 if look.marker in "sD" else 1.0)
            mark = plant_mark(str(status), look, diameter)
            ax.add_line(Line2D([x], [y], linestyle="none", transform=at, zorder=7 if new else 6, clip_on=True, **mark))
            if status == "closed":
                cross = {"marker": "x", "markersize": 0.8 * diameter, "color": KNEE, "markeredgewidth": 1.0}
                ax.add_line(Line2D([x], [y], linestyle="none", transform=at, zorder=8, clip_on=True, **cross))
