"""Ranges of a study's figures from the low and high values of their own sources, for tornado and Monte Carlo."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from evsiting import reference
from evsiting.errors import DataWarning, InputError, Problem, expect, shown
from evsiting.study.study import Study
from evsiting.units.percent import percent_fix

__all__ = ["default_ranges"]


@dataclass(frozen=True)
class _Figure:
    """Figures that are moved together: a column of a table, parted by another column where one is named."""

    words: str
    table: str
    column: str
    by: str = ""


#: What is moved, where a study has it.
_FIGURES = (
    _Figure("demand", "demand", "units_per_yr"),
    _Figure("investment: {}", "options", "capex_usd", "plant_type"),
    _Figure("fixed cost: {}", "options", "fixed_usd_per_yr", "plant_type"),
    _Figure("labor hours: {}", "processes", "labor_h_per_unit", "product"),
    _Figure("electricity use: {}", "processes", "electricity_kwh_per_unit", "product"),
    _Figure("material: {}", "processes", "material_usd_per_unit", "product"),
    _Figure("wages", "sites", "wage_usd_per_h"),
    _Figure("power price", "sites", "power_price_usd_per_mwh"),
    _Figure("heat price", "sites", "heat_price_usd_per_mwh"),
    _Figure("price of suppliers: {}", "suppliers", "price_usd_per_unit", "product"),
    _Figure("duties", "duties", "rate"),
)
#: Keys of parameters in notes of table ``provenance``.
_KEY = re.compile(r"[a-z_0-9]+(?:\.[a-z_0-9]+)+")


def default_ranges(study: Study, *, otherwise: float | None = None) -> pd.DataFrame:
    """Return a range for each main figure of a study, from the low and high values that its own sources give.

    Table ``provenance`` names the parameter that a figure is from; where one parameter alone with a low and a high
    value stands behind all figures that are moved together, its ends are theirs. No range is guessed: figures without
    one are left out and named in a warning, or get a range that the caller states.

    Parameters
    ----------
    study : Study
        Its table ``provenance`` is read.
    otherwise : float, optional
        Of figures whose sources give no range: how far they may lie from their value, such as 0.2 for 20 %. The range
        is noted as an assumption. [fraction]

    Returns
    -------
    pandas.DataFrame
        Ranges for :func:`evsiting.tornado_cases` and :func:`evsiting.monte_carlo_cases`: ``name``, ``table``,
        ``column``, ``rows``, ``low``, ``high`` (factors), ``note`` (the source, or ``assumption``).

    Raises
    ------
    InputError
        If no source gives a range and none is stated.

    Warns
    -----
    DataWarning
        Naming the figures that are left out.

    Examples
    --------
    >>> import evsiting as ev
    >>> ranges = ev.default_ranges(ev.example("ten-cities"), otherwise=0.2)
    >>> dict(zip(ranges["name"], ranges["note"].str.split(":").str[0]))["demand"]
    'assumption'
    """
    expect("default_ranges", study=(study, Study))
    ends: object = otherwise
    number = isinstance(ends, int | float) and not isinstance(ends, bool) and 0.0 < ends <= 1.0
    if ends is not None and not number:
        fix = percent_fix("Give a fraction: 0.2 for figures from 20 % less to 20 % more", ends)
        raise InputError([Problem("default_ranges, otherwise", "is no range", repr(ends), fix)])
    known, rows, left = _parameters(), [], []
    for name, figure, part, cells in _figures(study):
        place = {"name": name, "table": figure.table, "column": figure.column,
                 "rows": f"{figure.by}={part}" if part else None}  # fmt: skip
        key = _parameter(study, figure, cells, set(known.index))
        if key:
            one = known.loc[[key]].to_dict("records")[0]
            low, high = (float(one[end]) / float(one["value"]) for end in ("low", "high"))
            note = f"{key}: {one['low']:g} to {one['high']:g} {one['unit']} around {one['value']:g}"
            rows.append({**place, "low": low, "high": high, "note": note})
        elif otherwise is not None:
            note = f"assumption: {100.0 * otherwise:g} % less to {100.0 * otherwise:g} % more"
            rows.append({**place, "low": 1.0 - otherwise, "high": 1.0 + otherwise, "note": note})
        else:
            left.append(name)
    fix = "State a range for them with otherwise=0.2 (20 % each way), or write them into a table of ranges"
    if not rows:
        seen = shown(left) or "no figure"
        raise InputError([Problem("default_ranges", "the study's sources give no low and high value", seen, fix)])
    if left:
        message = (
            f"default_ranges: the sources of {len(left)} figures give no low and high value, so that they do not move"
        )
        warnings.warn(f"{message}: {shown(left)}. {fix}", DataWarning, stacklevel=2)
    return pd.DataFrame(rows)


def _parameters() -> pd.DataFrame:
    """Return the parameters that have one value with a low and a high end, by key."""
    rows = reference.parameters()
    rows = rows[rows["low"].notna() & rows["high"].notna() & (rows["value"] > 0)]
    return rows[~rows["key"].duplicated(keep=False)].set_index("key")


def _figures(study: Study) -> Iterator[tuple[str, _Figure, str, pd.DataFrame]]:
    """Yield name, place and rows of the figures of a study that are moved together, where one of them is not zero."""
    for figure in _FIGURES:
        if not study.has(figure.table) or figure.column not in study.table(figure.table):
            continue
        frame = study.table(figure.table)
        frame = frame[frame[figure.column].fillna(0.0) != 0.0]
        parts = [(str(p), rows) for p, rows in frame.groupby(figure.by, sort=False)] if figure.by else [("", frame)]
        for part, rows in parts:
            if len(rows):
                yield figure.words.format(part), figure, part, rows


def _parameter(study: Study, figure: _Figure, cells: pd.DataFrame, known: set[str]) -> str:
    """Return the parameter that stands behind all of some figures; an empty text where it is not one alone.

    The first key that a note names is that of the figure; further ones scale it, or are compared with it.
    """
    if not study.has("provenance"):
        return ""
    notes = study.table("provenance")
    notes = notes[(notes["table"] == figure.table) & notes["column"].isin((figure.column, "*"))]
    keys = set()
    for row in cells.to_dict("records"):
        texts = {str(value) for value in row.values()}
        mine = [
            note
            for key, note in zip(notes["row"], notes["note"], strict=True)
            if key == "*" or set(str(key).split("|")) - {""} <= texts
        ]
        named = [key_named for note in mine if isinstance(note, str) for key_named in _KEY.findall(note)]
        keys.add(next((key for key in named if key in known), ""))
    return keys.pop() if len(keys) == 1 else ""
