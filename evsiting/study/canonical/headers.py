"""Column headers of a table: matched to the data dictionary, units converted, near misses reported."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping

import numpy as np
import pandas as pd

from evsiting.study.findings import Findings, quoted
from evsiting.study.schema.programs import UNITS_BY_KIND
from evsiting.study.schema.tables import Column, Table
from evsiting.units import Rates, UnitError, examples, factor, parse_unit, split_header

#: Columns that carry points in text tables.
POINT_COLUMNS = ("lat", "lon", "x", "y", "geometry")

#: Blanks that are no plain ones, and characters that take no room.
_INVISIBLE = {
    **dict.fromkeys([0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " "),
    **dict.fromkeys((0xAD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF), None),
}

#: Factors by which the written values of a column are multiplied: one number, or one a row.
Scale = float | np.ndarray


def match_headers(table: Table, frame: pd.DataFrame, findings: Findings) -> dict[str, tuple[str, str]]:
    """Find the dictionary's column of every header.

    Returns
    -------
    dict
        Canonical name to (header in the frame, unit written in it). Unknown columns are absent.
    """
    where = findings.where(table.name)
    seen: dict[str, tuple[str, str]] = {}
    extras: list[str] = []
    for header in frame.columns:
        label, unit = split_header(str(header))
        column = column_of(table, label)
        if column is None:
            if not (table.geometry and label.lower() in POINT_COLUMNS):
                extras.append(str(header))
            continue
        if not unit and column.label != column.name and _plain(label) == column.label:
            findings.table(
                f"{where}, column {str(header)!r}",
                "the unit is missing",
                f"header {str(header)!r}",
                f"Write '{column.label} [{column.unit}]', {examples(column.unit)}; or name it {column.name}",
            )
            _likely_column(table, column, frame, str(header), "", seen, findings)
        elif column.name in seen:
            findings.table(
                f"{where}, column {str(header)!r}",
                f"stands for {column.name}, as another column does",
                f"{seen[column.name][0]!r} and {str(header)!r}",
                "Keep one of them",
            )
        else:
            seen[column.name] = (str(header), unit)
            findings.headers[table.name, column.name] = str(header)
    _report_unknown(table, frame, extras, seen, findings)
    return seen


def _likely_column(
    table: Table,
    column: Column,
    frame: pd.DataFrame,
    header: str,
    unit: str,
    seen: dict[str, tuple[str, str]],
    findings: Findings,
) -> None:
    """Take a header that has been refused for the column it seems to mean, so that its cells are checked as well."""
    if column.name in seen:
        return
    if column.dtype != "text":
        cells = pd.to_numeric(next(frame[c] for c in frame.columns if str(c) == header), errors="coerce")
        if cells.isna().all():
            return
    seen[column.name] = (header, unit)
    findings.headers[table.name, column.name] = header


def plain_label(header: str) -> str:
    """Return a header's label as names of the dictionary are written: no unit, no blanks, small letters.

    Examples
    --------
    >>> plain_label("Power price [CAD/kWh]")
    'power_price'
    """
    return _plain(split_header(header)[0])


def tidy(text: str) -> str:
    r"""Return a header or a name as it is seen: composed letters, plain blanks, nothing invisible, ends trimmed.

    Examples
    --------
    >>> tidy("\ufeffsite\u200b "), tidy("cafe\u0301"), tidy("New\u00a0York")
    ('site', 'café', 'New York')
    """
    if text.isascii():
        return text.strip()
    plain = unicodedata.normalize("NFC", text).translate(_INVISIBLE)
    return plain.strip()


def _plain(label: str) -> str:
    return re.sub(r"[\s\-]+", "_", label.strip()).lower()


def in_round_brackets(header: str) -> tuple[str, str]:
    """Split ``wage (CAD/h)`` into label and what is in the brackets; empty where it has none.

    Examples
    --------
    >>> in_round_brackets("wage (CAD/h)")
    ('wage', 'CAD/h')
    """
    match = re.fullmatch(r"\s*(.+?)\s*\(([^()]+)\)\s*", header)
    return (match[1], match[2].strip()) if match else (header.strip(), "")


def column_of(table: Table, label: str) -> Column | None:
    """Return the dictionary's entry for the label of a header; None where it knows none."""
    plain = _plain(label)
    for column in table.columns:
        if plain == column.name or plain == column.label:
            return column
    return None


def _report_unknown(
    table: Table, frame: pd.DataFrame, extras: list[str], seen: dict[str, tuple[str, str]], findings: Findings
) -> None:
    """Tell near misses of known columns; note the other unknown ones."""
    open_names = {n: c for c in table.columns for n in (c.name, c.label) if c.name not in seen}
    unknown = []
    for header in extras:
        label, unit = split_header(header)
        named, round_unit = in_round_brackets(header)
        if round_unit and (meant := column_of(table, named)) and meant.unit:
            findings.table(
                f"{findings.where(table.name)}, column {header!r}",
                "has its unit in round brackets",
                f"header {header!r}",
                f"Write '{meant.label} [{round_unit}]'",
            )
            _likely_column(table, meant, frame, header, round_unit, seen, findings)
            continue
        near = difflib.get_close_matches(_plain(label), list(open_names), n=1, cutoff=0.8)
        if near and near[0] not in POINT_COLUMNS:
            column = open_names[near[0]]
            wanted = f"{column.label} [{unit}]" if unit and column.unit else column.header
            findings.table(
                f"{findings.where(table.name)}, column {header!r}",
                "is not in the data dictionary",
                f"the nearest name is {column.name!r}",
                f"Did you mean {wanted!r}? Rename it, or give it a quite "
                "different name to keep it as a column of your own",
            )
            _likely_column(table, column, frame, header, unit, seen, findings)
        else:
            unknown.append(header)
    if unknown:
        findings.warnings.append(
            f"{findings.where(table.name)}: columns that the data dictionary does not know are kept and not used: "
            f"{quoted(unknown)}"
        )


def scales(
    table: Table, seen: Mapping[str, tuple[str, str]], items: Mapping[str, pd.Series], rates: Rates, findings: Findings
) -> dict[str, Scale]:
    """Return by what the values of each column are multiplied to stand in the dictionary's unit.

    Parameters
    ----------
    table : Table
        The table's entry in the dictionary.
    seen : mapping
        What :func:`match_headers` returns.
    items : mapping of str to pandas.Series
        For this table, under ``item``: what one unit of the row's product is (kWh, pack), where that is known; under
        ``kind``: the kind of each row of programs, incentives and limits.
    rates : Rates
        What money is worth.
    """
    made: dict[str, Scale] = {}
    for name, (header, unit) in seen.items():
        column = table.column(name)
        if not unit or column.dtype == "text":
            if unit:
                findings.table(
                    f"{findings.where(table.name)}, column {header!r}",
                    "is text and takes no unit",
                    f"header {header!r}",
                    f"Name it {name!r}",
                )
            continue
        try:
            made[name] = _scale(table, column, unit, items, rates)
        except UnitError as error:
            findings.table(
                f"{findings.where(table.name)}, column {header!r}", error.what, f"header {header!r}", error.fix
            )
    return made


def _scale(table: Table, column: Column, unit: str, items: Mapping[str, pd.Series], rates: Rates) -> Scale:
    if " or " in column.unit:
        return _by_kind(table, column, unit, items, rates)
    if column.dtype == "integer":
        if factor(unit, column.unit) != 1.0:
            msg = f"unit {unit!r} does not fit: {column.unit!r} is needed"
            raise UnitError(msg, f"Name it {column.name!r}")
        return 1.0
    if "CO2" in unit and "CO2" not in column.meaning:
        msg = f"unit {unit!r} is one of emissions: {column.unit!r} is needed"
        raise UnitError(msg, f"Write it in {column.unit}")
    have = parse_unit(unit)
    if "item" not in items or "unit" not in column.unit or "[item]" in dict(have.powers):
        return factor(unit, column.unit, rates=rates)
    kinds = items["item"].fillna("")
    made = {kind: factor(unit, column.unit, rates=rates, item=str(kind)) for kind in kinds.unique()}
    return np.asarray(kinds.map(made).to_numpy(dtype=np.float64))


def _by_kind(table: Table, column: Column, unit: str, own: Mapping[str, pd.Series], rates: Rates) -> Scale:
    """Return the factors of a column whose unit depends on the kind of each row."""
    if unit == column.unit or "kind" not in own:
        return 1.0
    units = UNITS_BY_KIND.get(f"{table.name}.{column.name}", UNITS_BY_KIND[table.name])
    kinds = own["kind"]
    items = own.get("item", pd.Series("", index=kinds.index)).fillna("")
    rows = list(zip(kinds.tolist(), items.tolist(), strict=True))
    known = [(kind, item) for kind, item in dict.fromkeys(rows) if kind in units]
    made: dict[tuple[str, str], float] = {}
    wrong: dict[str, UnitError] = {}
    for kind, item in known:
        try:
            made[kind, item] = factor(unit, units[kind], rates=rates, item=item if "unit" in units[kind] else "")
        except UnitError as error:
            wrong.setdefault(kind, error)
    needed = {kind: units[kind] for kind, _ in known}
    if wrong and len(set(needed.values())) > 1:
        each = "; ".join(f"{kind}: {'a fraction' if u == '1' else u}" for kind, u in needed.items())
        msg = f"one unit cannot hold for all rows: {unit!r} does not fit where kind is {', '.join(wrong)}"
        raise UnitError(msg, f"Name it {column.name!r} and give each row in the unit of its kind: {each}")
    if wrong:
        raise next(iter(wrong.values()))
    return np.array([made.get(row, 1.0) for row in rows], dtype=np.float64)
