"""Names on the static map: every place where there are few, otherwise the largest that find room; none on another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.textpath import TextPath

from evsiting.report.headline import names
from evsiting.report.maps.geometry import Box
from evsiting.report.number_format import rows
from evsiting.report.palette import PAPER
from evsiting.study.study import Study

#: Names of plants [point], and of markets and candidates.
_PLANT_PT, _PLACE_PT = 6.6, 5.8
#: Plants named at most; places of one kind up to which all are named; places up to which a name may touch another.
_MOST, _MOST_NAMED, _FEW = 30, 60, 30
_LONGEST = 30
#: Places nearer than this share a name that they have in common. [point]
_NEAR_PT = 40.0
_HALO = {"boxstyle": "square,pad=0.12", "facecolor": "#ffffff", "edgecolor": "none", "alpha": 0.72}
Rectangle = tuple[float, float, float, float]


@dataclass(frozen=True)
class _Place:
    """A symbol on the map that may have a name: where [km], its half width and half height [point], its weight."""

    name: str
    x: float
    y: float
    wide: float
    high: float
    weight: float
    kind: str


def printable_name(text: str, longest: int = _LONGEST) -> str:
    r"""Return a name as a picture can show it: on one line, cut where it is long, with boxes for unknown signs.

    Examples
    --------
    >>> printable_name("two\nlines"), printable_name("a" * 40, 10)
    ('two lines', 'aaaaaaaaa…')
    """
    one = " ".join(text.split())
    one = one if len(one) <= longest else f"{one[: longest - 1]}…"
    return "".join(c if _font_has(c) else "□" for c in one)


@cache
def _font_has(sign: str) -> bool:
    """Return whether the font in use has a sign, upright and slanted."""
    fonts = (get_font(findfont(FontProperties(style=style))) for style in ("normal", "italic"))
    return all(font.get_char_index(ord(sign)) for font in fonts)


def labels(ax: Axes, study: Study, standing: pd.DataFrame, markets: pd.DataFrame, idle: pd.DataFrame, box: Box) -> None:
    """Name plants, then markets and candidates where there are few of them.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        The map, its view fixed.
    study : Study
        Names of sites.
    standing : pandas.DataFrame
        Plants with ``site``, ``x``, ``y``, ``size``, ``status``.
    markets : pandas.DataFrame
        ``name``, ``x``, ``y``, ``part`` of the largest demand, ``radius`` [point].
    idle : pandas.DataFrame
        Candidates that were not chosen: ``name``, ``x``, ``y``.
    box : Box
        What the map shows.
    """
    ax.apply_aspect()
    points = 72.0 / ax.figure.dpi
    per_km = abs(ax.transData.transform((1.0, 0.0))[0] - ax.transData.transform((0.0, 0.0))[0]) * points
    shown = names(study, "sites")
    ranked = standing.assign(weight=standing["size"] + (standing["status"] == "new"))
    by = ranked.groupby("site").agg(x=("x", "first"), y=("y", "first"), w=("weight", "sum"), n=("size", "size"))
    every = [
        _Place(shown.get(site, site), x, y, 4.0 * n, 5.0, w, "plant")
        for site, x, y, w, n in rows(by.reset_index(), "site", "x", "y", "w", "n")
    ]
    if len(markets) <= _MOST_NAMED:
        wanted = rows(markets, "name", "x", "y", "part", "radius")
        every += [_Place(name, x, y, radius, radius, part - 2.0, "market") for name, x, y, part, radius in wanted]
    if len(idle) <= _MOST_NAMED:
        every += [_Place(name, x, y, 2.0, 2.0, -3.0, "site") for name, x, y in rows(idle, "name", "x", "y")]
    inside = box.holds(*(pd.Series([getattr(p, axis) for p in every], dtype="float64").to_numpy() for axis in "xy"))
    visible = sorted((p for p, seen in zip(every, inside, strict=True) if seen), key=lambda p: -p.weight)
    _place(ax, visible, per_km, box)


def _place(ax: Axes, places: Sequence[_Place], per_km: float, box: Box) -> None:
    """Write each name where it hides nothing; where there are few places, where it hides least."""
    few = len(places) <= _FEW
    view = (box.west * per_km, box.south * per_km, box.east * per_km, box.north * per_km)
    solid = {
        n: (p.x * per_km - p.wide, p.y * per_km - p.high, p.x * per_km + p.wide, p.y * per_km + p.high)
        for n, p in enumerate(places)
        if p.kind != "market"
    }
    texts: list[tuple[Rectangle, str, float, float]] = []
    placed = 0
    for n, place in enumerate(places):
        x, y, plant = place.x * per_km, place.y * per_km, place.kind == "plant"
        text = printable_name(place.name)
        near = any(text == other and abs(x - u) + abs(y - v) < _NEAR_PT for _, other, u, v in texts)
        if not text or near or (plant and placed == _MOST):
            continue
        size = _PLANT_PT if plant else _PLACE_PT
        wide, high = _width(text, size) + 2.0, 1.25 * size
        best: tuple[float, Rectangle, float, float, str] | None = None
        for dx, dy, align in _spots(place, high):
            left = x + dx - {"center": wide / 2, "left": 0.0, "right": wide}[align]
            spot = (left, y + dy, left + wide, y + dy + high)
            hidden = sum(_overlap(spot, other) for k, other in solid.items() if k != n)
            hidden += sum(2 * _overlap(spot, other) for other, _, _, _ in texts) + wide * high - _overlap(spot, view)
            if best is None or hidden < best[0] - 1e-9:
                best = hidden, spot, dx, dy, align
            if hidden < 1e-9:
                break
        if best is None or best[0] > (0.9 * wide * high if few else 1e-6):
            continue
        texts.append((best[1], text, x, y))
        placed += plant
        _write(ax, place, text, size, best[2:])


def _write(ax: Axes, place: _Place, text: str, size: float, at: tuple[float, float, str]) -> None:
    plant = place.kind == "plant"
    ax.annotate(
        text,
        (place.x, place.y),
        xytext=at[:2],
        textcoords="offset points",
        ha=at[2],
        va="bottom",
        fontsize=size,
        style="normal" if plant else "italic",
        color=PAPER["ink"] if plant else PAPER["muted"],
        zorder=8 if plant else 5.5,
        annotation_clip=True,
        parse_math=False,
        bbox=_HALO if plant else None,
    )


def _spots(place: _Place, high: float) -> list[tuple[float, float, str]]:
    """Return where a name may stand: offset [point] of its lower edge, and its alignment."""
    w, h = place.wide, place.high + (3.5 if place.kind == "plant" else 1.0)
    around = [
        (0.0, h, "center"),
        (0.0, -h - high, "center"),
        (w + 2.5, -high / 2, "left"),
        (-w - 2.5, -high / 2, "right"),
        (w, h - 2.0, "left"),
        (-w, h - 2.0, "right"),
        (w, -h - high + 2.0, "left"),
        (-w, -h - high + 2.0, "right"),
    ]
    return [(0.0, -high / 2, "center"), *around] if place.kind == "market" else around


def _overlap(a: Rectangle, b: Rectangle) -> float:
    """Return the area that two rectangles share."""
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


@cache
def _width(text: str, size: float) -> float:
    """Return how wide a text is. [point]."""
    return float(TextPath((0, 0), text.replace("$", "S"), size=size).get_extents().width)
