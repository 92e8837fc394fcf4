"""What sections of the page are made of: tables, stacked bars and notes, ready to print."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from evsiting.report.ledger_items import GROUPS
from evsiting.report.number_format import digits, exact, format_percent


@dataclass(frozen=True)
class Cell:
    """One printed figure: its text, its exact value for machines, and the words that a hover shows.

    ``bar`` is the length of a bar below the text in percent of the cell, negative for none; ``mark`` is a class of
    the style sheet: ``muted``, ``bad``, ``good``, ``tight``.
    """

    text: str
    value: float | str = ""
    tip: str = ""
    bar: float = -1.0
    mark: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a table: title, unit below it, and whether it holds text."""

    title: str
    unit: str = ""
    text: bool = False


@dataclass(frozen=True)
class Grid:
    """A table of the page.

    Parameters
    ----------
    title, lead : str
        Above it.
    columns : tuple of Column
        Their cells follow in this order.
    rows : list of list of Cell
        The first cell of each is its head.
    total : list of Cell
        Below a rule; empty where sums mean nothing.
    shown : int
        Rows beyond this number are behind a click.
    sorts : bool
        Whether a click on a heading sorts it.
    """

    title: str
    columns: tuple[Column, ...]
    rows: list[list[Cell]]
    lead: str = ""
    total: list[Cell] = field(default_factory=list)
    shown: int = 40
    sorts: bool = True
    kind: str = "grid"


@dataclass(frozen=True)
class Segment:
    """A part of a bar: where it lies, in percent of the width, its class and what a hover tells."""

    group: str
    left: float
    width: float
    tip: str


@dataclass(frozen=True)
class Bar:
    """A stacked bar: its label, its parts, where its sum lies in percent of the width, and the sum as text."""

    label: str
    segments: list[Segment]
    net: float
    cell: Cell
    note: str = ""
    kind: str = "plan"


@dataclass(frozen=True)
class Stack:
    """Stacked bars on one scale, what lowers the sum to the left of zero; ``zero`` is where, in percent.

    ``mark`` says what the mark on each bar stands for.
    """

    title: str
    bars: list[Bar]
    legend: list[tuple[str, str]]
    zero: float
    lead: str = ""
    mark: str = "sum"
    kind: str = "stack"


@dataclass(frozen=True)
class Words:
    """A paragraph."""

    text: str
    kind: str = "words"


@dataclass(frozen=True)
class Section:
    """A section of the page: its anchor, its name in the navigation, its title, and what it holds."""

    name: str
    nav: str
    title: str
    lead: str
    blocks: list[Grid | Stack | Words]


def has_content(block: Grid | Stack | Words) -> bool:
    """Return whether a block holds anything that a reader could see."""
    if isinstance(block, Grid):
        return bool(block.rows)
    return any(bar.segments for bar in block.bars) if isinstance(block, Stack) else bool(block.text)


def number(value: float, text: str, unit: str, *, bar: float = -1.0, mark: str = "") -> Cell:
    """Return a figure with its exact value and unit as hover; a dash where it is not known."""
    if not math.isfinite(value):
        return Cell("–")
    return Cell(text, value, f"{exact(value)} {unit}".strip(), bar, mark)


def words(text: str, tip: str = "", mark: str = "") -> Cell:
    """Return a cell of text."""
    return Cell(text or "–", "", tip, -1.0, mark)


def amount(value: float, unit: str, figures: int = 3, factor: float = 1.0, *, mark: str = "") -> Cell:
    """Return a figure with so many significant figures, in units of a factor; a dash where it is zero."""
    return Cell("–") if not value else number(value, digits(value / factor, figures), unit, mark=mark)


def percent(value: float, tip: str = "", *, bar: bool = False, mark: str = "") -> Cell:
    """Return a fraction as a percentage, with a bar where asked."""
    if not math.isfinite(value):
        return Cell("–", "", tip)
    long = min(100.0, max(0.0, 100.0 * value)) if bar else -1.0
    return Cell(format_percent(value, 3), value, tip or f"{exact(100.0 * value)} %", long, mark)


def without_empty_columns(grid: Grid) -> Grid:
    """Return a table without the columns in which nothing stands, the first one kept."""
    every = [*grid.rows, *([grid.total] if grid.total else [])]
    filled = [k for k in range(len(grid.columns)) if k == 0 or any(row[k].text not in ("", "–") for row in every)]
    return replace(
        grid,
        columns=tuple(grid.columns[k] for k in filled),
        rows=[[row[k] for k in filled] for row in grid.rows],
        total=[grid.total[k] for k in filled] if grid.total else [],
    )


def stack(
    title: str,
    rows: Sequence[tuple[str, Mapping[str, float], str, str]],
    *,
    text: Mapping[str, str],
    unit: str,
    lead: str = "",
) -> Stack:
    """Return stacked bars.

    Parameters
    ----------
    title, lead : str
        Above the bars.
    rows : sequence of (str, mapping of str to float, str, str)
        Label, value by group (names of :data:`evsiting.report.ledger_items.GROUPS`, or ``price`` for the price of an
        import), note behind the sum, and kind (``plan`` or ``import``).
    text : mapping of str to str
        What a hover calls the groups.
    unit : str
        Unit of the values.
    """
    low = min([0.0, *(sum(v for v in parts.values() if v < 0) for _, parts, _, _ in rows)])
    high = max([0.0, *(sum(v for v in parts.values() if v > 0) for _, parts, _, _ in rows)])
    wide = (high - low) or 1.0

    def place(value: float) -> float:
        return 100.0 * (value - low) / wide

    bars, used = [], {}
    for label, parts, note, kind in rows:
        up = down = 0.0
        segments = []
        for group in ("price", *GROUPS):
            value = parts.get(group, 0.0)
            if not value:
                continue
            used[group] = text[group]
            start = up if value > 0 else down + value
            tip = f"{text[group]}: {exact(value)} {unit}"
            segments.append(Segment(group, place(start), 100.0 * abs(value) / wide, tip))
            up, down = (up + value, down) if value > 0 else (up, down + value)
        net = sum(parts.values())
        bars.append(Bar(label, segments, place(net), number(net, digits(net, 4), unit), note, kind))
    order = [g for g in ("price", *GROUPS) if g in used]
    return Stack(title, bars, [(g, used[g]) for g in order], place(0.0), lead)


#: What a hover calls groups of cost, with the price of an import.
GROUP_WORDS = {**{group: name for group, (_, name, _) in GROUPS.items()}, "price": "Price of the import"}
