"""Ranges of figures as what-if cases: one at a time, at its low and at its high end, all others as they stand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from evsiting import reference
from evsiting.errors import InputError, Problem, Problems, expect, shown

__all__ = ["HIGH", "LOW", "FigureRange", "checked_ranges", "tornado_cases"]

#: What the names of the two cases of a range end in.
LOW, HIGH = ": low", ": high"
_PLACE = ("table", "column", "rows", "period")


def tornado_cases(ranges: pd.DataFrame) -> pd.DataFrame:
    """Return two what-if cases for each range: figures of the study times the low end, and times the high end.

    Parameters
    ----------
    ranges : pandas.DataFrame
        One row a range: ``name``; ``table``, ``column``, ``rows`` and ``period`` say which figures, as in
        :func:`evsiting.sweep`; ``low`` and ``high`` are factors, such as 0.8 and 1.25. In their place ``parameter``
        may name a figure of ``evsiting.reference.parameters()`` whose sources give a low and a high value: the factors
        are these as parts of its value. ``note`` says where factors are from.

    Returns
    -------
    pandas.DataFrame
        A table of cases for :func:`evsiting.sweep`, in whose answer ``tornado()`` sets the ends of each range side by
        side.

    Raises
    ------
    InputError
        Listing every row that gives no range.

    Examples
    --------
    >>> rows = [
    ...     {"name": "cell plants", "table": "options", "column": "capex_usd", "rows": "plant_type=cell"},
    ...     {"name": "demand", "table": "demand", "column": "units_per_yr", "low": 0.7, "high": 1.2},
    ... ]
    >>> rows[0]["parameter"] = "plant.cell.capex_north_america"
    >>> cases = tornado_cases(pd.DataFrame(rows))
    >>> list(zip(cases["case"], cases["value"].round(2)))
    [('cell plants: low', 0.57), ('cell plants: high', 1.33), ('demand: low', 0.7), ('demand: high', 1.2)]
    """
    made = []
    for one in checked_ranges("tornado_cases", ranges):
        for end, factor in ((LOW, one.low), (HIGH, one.high)):
            made.append({"case": f"{one.name}{end}", **one.row(factor)})
    return pd.DataFrame(made)


@dataclass(frozen=True)
class FigureRange:
    """Between which factors some figures of a study may lie.

    Parameters
    ----------
    name : str
        Of the range.
    place : mapping of str to object
        ``table``, ``column``, ``rows`` and ``period`` of the figures, as in a table of cases.
    low, high : float
        Factors. [1]
    note : str
        Where they are from.
    """

    name: str
    place: Mapping[str, object]
    low: float
    high: float
    note: str

    def row(self, factor: float) -> dict[str, object]:
        """Return the row of a case that multiplies the figures, but for the name of the case."""
        return {**self.place, "action": "multiply", "value": factor, "note": self.note}


def checked_ranges(call: str, ranges: pd.DataFrame) -> list[FigureRange]:
    """Return the ranges of a table; see :func:`tornado_cases` for its columns.

    Raises
    ------
    InputError
        Listing every row that gives no range, each with the name of the call.
    """
    expect(call, ranges=(ranges, pd.DataFrame))
    problems, made = Problems(), []
    lost = [name for name in ("name", "table", "column") if name not in ranges]
    if lost:
        fix = "Give name, table, column, and either low and high or parameter"
        raise InputError([Problem(f"{call}, ranges", "columns are missing", shown(lost), fix)])
    twice = ranges["name"].duplicated(keep=False)
    if twice.any():
        seen = shown(map(repr, ranges.loc[twice, "name"].unique()))
        problems.add(f"{call}, column 'name'", "names are given twice", seen, "Give each range a name of its own")
    for row in ranges.to_dict("records"):
        cells = {str(name): value for name, value in row.items() if not pd.isna(value)}
        low, high, note = _factors(call, cells, problems)
        place = {name: cells.get(name) for name in _PLACE}
        made.append(FigureRange(str(cells.get("name")), place, low, high, note))
    problems.raise_if_any()
    return made


def _factors(call: str, row: Mapping[str, Any], problems: Problems) -> tuple[float, float, str]:
    """Return the factors of a range and a word on where they are from; what is wrong goes to ``problems``."""
    where = f"{call}, range {row.get('name')!r}"
    ends = [name for name in ("low", "high") if name in row]
    none = math.nan, math.nan, ""
    if ("parameter" in row) == bool(ends) or len(ends) == 1:
        seen = shown([*ends, *(["parameter"] if "parameter" in row else [])]) or "neither"
        problems.add(where, "gives no range", seen, "Give both low and high, or parameter alone")
        return none
    if ends:
        low, high, note = row["low"], row["high"], str(row.get("note", ""))
    else:
        key = str(row["parameter"])
        rows = reference.parameters()
        rows = rows[(rows["key"] == key) & rows["low"].notna() & rows["high"].notna() & (rows["value"] > 0)]
        if len(rows) != 1:
            problem = "has no low and high value" if not len(rows) else f"has {len(rows)} ranges, by country or date"
            problems.add(where, f"the parameter {problem}", key, "Give low and high as factors")
            return none
        figure = rows.iloc[0]
        low, high = (float(figure[end]) / float(figure["value"]) for end in ("low", "high"))
        note = f"{key} {figure['low']:g} to {figure['high']:g} {figure['unit']} around {figure['value']:g}"
    numbers = [end for end in (low, high) if isinstance(end, int | float) and math.isfinite(end) and end >= 0.0]
    if len(numbers) < 2 or low > high:
        problems.add(where, "the factors are no range", f"{low!r} to {high!r}", "Give factors such as 0.8 and 1.25")
        return none
    return float(low), float(high), note
