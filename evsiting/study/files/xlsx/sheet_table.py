"""One sheet of a workbook as a table: cells as they are shown, merged cells filled, what cannot be read told."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import pandas as pd
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.utils import get_column_letter

from evsiting.errors import shown
from evsiting.study.canonical.cells import UNREADABLE
from evsiting.study.canonical.headers import POINT_COLUMNS, column_of, plain_label, tidy
from evsiting.study.files.xlsx.ooxml import Book, SheetNotes
from evsiting.study.files.xlsx.shown_cells import as_shown
from evsiting.study.findings import Findings, quoted
from evsiting.study.schema.columns import Column
from evsiting.study.schema.tables import Table
from evsiting.units import split_header

__all__ = ["Sheet", "sheet_frame"]

#: Stands for the columns of coordinates, which the dictionary does not list.
_NO_COLUMN = Column("", "", "", "", "", "number", False, True, None, "", "", (), "")


@dataclass
class Sheet:
    """One sheet that is read as a table.

    Parameters
    ----------
    book : Book
        The workbook.
    where : str
        The sheet, as a reader knows it.
    table : Table
        What it is said to hold.
    rows : list of list
        Its values; they are changed in place.
    notes : SheetNotes
        What the sheet says of its cells beside their values.
    findings : Findings
        Where problems go.
    top : int
        Rows above the header.
    """

    book: Book
    where: str
    table: Table
    rows: list[list[Any]]
    notes: SheetNotes
    findings: Findings
    top: int = 0


def _texts(row: list[Any]) -> list[str]:
    return [tidy(str(v)) if v is not None and v is not UNREADABLE else "" for v in row]


def _title_rows(table: Table, rows: list[list[Any]]) -> int:
    """Return how many rows stand above the column names, as a title does; zero where none is found."""
    known = {name for c in table.columns for name in (c.name, c.label)}
    scores = [sum(plain_label(v) in known for v in _texts(row)) for row in rows[:10]]
    best = scores.index(max(scores)) if scores else 0
    return best if scores and scores[0] == 0 and scores[best] > 1 else 0


def _cell_name(row: int, column: int) -> str:
    return f"{get_column_letter(column)}{row}"


def sheet_frame(sheet: Sheet) -> pd.DataFrame | None:
    """Return a sheet as a frame whose index 0 is row 2; None where it cannot be used, with the problem noted."""
    rows, findings, where = sheet.rows, sheet.findings, sheet.where
    above = sheet.top = _title_rows(sheet.table, rows)
    header = _texts(rows[above]) if rows else []
    if not any(header):
        findings.file(
            where, "has no header row", f"{len(rows)} rows; the first is empty", "Write the column names into row 1"
        )
        return None
    if above:
        findings.file(
            where,
            "has no header in row 1",
            f"the column names stand in row {above + 1}",
            f"Delete the {above} above" if above > 1 else "Delete the row above",
        )
    columns = [_column(sheet.table, text) for text in header]
    spread = _unmerge(sheet, header, columns)
    keep = _usable_columns(sheet, header, spread)
    _warn_faults(sheet, header, columns)
    body = range(above + 1, len(rows))
    full = [k for k in body if any(_is_filled(v) for v in rows[k])]
    _show_as_formatted(sheet, header, columns, keep)
    _warn_hidden(sheet, header, keep, full)
    index = pd.Index([k - 1 for k in full], dtype="int64")
    return pd.DataFrame(
        {header[j]: pd.Series([rows[k][j] for k in full], index=index, dtype=object) for j in keep}, index=index
    )


def _is_filled(value: Any) -> bool:
    return value is not None and (bool(value.strip()) if isinstance(value, str) else True)


def _column(table: Table, header: str) -> Column | None:
    """Return the dictionary's entry for a header, one without rules for coordinates, None for a column of one's own."""
    label, unit = split_header(header)
    if table.geometry and label.lower() in POINT_COLUMNS:
        return _NO_COLUMN
    return column_of(table, label) if header else None


def _usable_columns(sheet: Sheet, header: list[str], spread: set[int]) -> list[int]:
    """Return the columns that can be used; those without a name of their own are told."""
    rows, findings = sheet.rows, sheet.findings
    body = rows[sheet.top + 1 :]
    reported = {j for j, value in enumerate(rows[sheet.top]) if value is UNREADABLE}
    nameless = [
        j for j in range(len(header)) if not header[j] and j not in reported and any(_is_filled(row[j]) for row in body)
    ]
    names = [h for h in header if h]
    twice = [n for n in dict.fromkeys(names) if names.count(n) > 1]
    lone = [get_column_letter(j + 1) for j in nameless if j not in spread]
    if lone:
        findings.file(
            sheet.where, "a column with values has no name", f"column {shown(lone)}", f"Name it in row {sheet.top + 1}"
        )
    if twice:
        findings.file(sheet.where, "has columns of the same name", quoted(twice), "Keep one of each")
    if reported or nameless or twice:
        findings.unclear_tables.add(sheet.table.name)
    return [j for j in range(len(header)) if header[j] and header.index(header[j]) == j]


def _unmerge(sheet: Sheet, header: list[str], columns: list[Column | None]) -> set[int]:
    """Fill names and years that are merged down a column; refuse other merges; return columns below a merged header."""
    rows, top = sheet.rows, sheet.top
    filled: list[str] = []
    across: list[str] = []
    added: list[str] = []
    heads: list[str] = []
    spread: set[int] = set()
    for first, left, last, right in sorted(sheet.notes.merges):
        if last <= top or first > len(rows) or left > len(header):
            continue
        value = rows[first - 1][left - 1]
        if not _is_filled(value):
            continue
        name = f"{_cell_name(first, left)}:{_cell_name(last, right)}"
        if first <= top + 1:
            heads.append(name)
            spread |= set(range(left - 1, right))
        elif left != right:
            across.append(f"{name}: {_short(value)}")
        else:
            column = columns[left - 1]
            number = column is not None and column.dtype != "text" and column.unit not in ("yr", "1")
            (added if number else filled).append(f"{name}: {_short(value)}")
            for k in range(first, min(last, len(rows))):
                rows[k][left - 1] = UNREADABLE if number else value
            if number:
                rows[first - 1][left - 1] = UNREADABLE
    where, findings = sheet.where, sheet.findings
    if filled:
        findings.warnings.append(
            f"{where}: merged cells are read as the same value in each of their rows: {shown(filled)}"
        )
    if added:
        findings.file(
            where,
            "a number stands in cells that are merged over several rows",
            shown(added),
            "Is it the value of each row, or their sum? Unmerge the cells and write a number into each row",
        )
    if across:
        findings.file(
            where,
            "cells are merged over several columns",
            shown(across),
            "Unmerge them and write each value into its own column; take titles out of the table",
        )
    if heads:
        findings.file(
            where,
            "cells of the header are merged",
            shown(heads),
            "Unmerge them and give each column its name, with its unit in brackets, in one row",
        )
    return spread


def _short(value: Any) -> str:
    text = "a formula without a value" if value is UNREADABLE else repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _warn_faults(sheet: Sheet, header: list[str], columns: list[Column | None]) -> None:
    """Tell errors and formulas without a value: refused in the header and in columns of the dictionary."""
    notes, rows = sheet.notes, sheet.rows
    faults = {**notes.errors, **notes.uncached}
    for (row, column), value in _typed_errors(sheet, header, columns).items():
        faults[row, column] = value
        rows[row - 1][column - 1] = UNREADABLE
    zeros = notes.zeros if sheet.book.uncomputed else {}
    refused: list[str] = []
    odd: list[str] = []
    for (row, column), value in sorted(faults.items()):
        if row <= sheet.top or column > len(header):
            continue
        known = row == sheet.top + 1 or columns[column - 1] is not None
        (refused if known else odd).append(f"{_cell_name(row, column)}: {value}")
        if not known:
            rows[row - 1][column - 1] = None
    if refused:
        one = len(refused) == 1
        sheet.findings.file(
            sheet.where,
            f"{len(refused):,} cell{' holds' if one else 's hold'} an error or a formula without a value",
            shown(refused),
            "Mend the formula, or open and save the workbook in a spreadsheet program",
        )
    if odd:
        sheet.findings.warnings.append(
            f"{sheet.where}: errors and formulas without a value in columns of your own are left empty: {shown(odd)}"
        )
    guessed = [
        f"{_cell_name(row, column)}: {formula}"
        for (row, column), formula in sorted(zeros.items())
        if row > sheet.top + 1 and column <= len(header) and columns[column - 1] is not None
    ]
    if guessed:
        sheet.findings.file(
            sheet.where,
            f"{len(guessed):,} formula{'' if len(guessed) == 1 else 's'} with a 0 in place of a value: "
            "the program that wrote the workbook left them to be computed",
            shown(guessed),
            "Open and save the workbook in a spreadsheet program",
        )
        for row, column in zeros:
            if row <= len(rows) and column <= len(header):
                rows[row - 1][column - 1] = UNREADABLE


def _typed_errors(sheet: Sheet, header: list[str], columns: list[Column | None]) -> dict[tuple[int, int], str]:
    """Return cells of numbers that hold the text of an error."""
    numbers = [j for j, c in enumerate(columns[: len(header)]) if c is not None and c.dtype != "text"]
    body = sheet.rows[sheet.top + 1 :]
    return {
        (k + 1, j + 1): row[j]
        for j in numbers
        if str in {type(row[j]) for row in body}
        for k, row in enumerate(body, sheet.top + 1)
        if isinstance(row[j], str) and row[j] in ERROR_CODES
    }


def _show_as_formatted(sheet: Sheet, header: list[str], columns: list[Column | None], keep: list[int]) -> None:
    """Put what is shown in place of what is held, and tell where they contradict each other."""
    formats, usable = sheet.book.formats, set(keep)
    styled: dict[int, list[tuple[int, str]]] = {}
    for (row, at), style in sheet.notes.styles.items():
        if not (sheet.top + 1 < row <= len(sheet.rows) and at - 1 in usable):
            continue
        if style in formats or isinstance(sheet.rows[row - 1][at - 1], datetime.date | datetime.time):
            styled.setdefault(at - 1, []).append((row - 1, formats.get(style, "yyyy-mm-dd")))
    for j, cells in sorted(styled.items()):
        column = columns[j]
        if column is not None:
            _show_column(sheet, header[j], column, j, cells)


def _show_column(sheet: Sheet, header: str, column: Column, j: int, cells: list[tuple[int, str]]) -> None:
    """Do so for one column, whose cells are given by row and number format."""
    refused: dict[tuple[str, str], list[str]] = {}
    doubtful: dict[str, list[str]] = {}
    unit = split_header(header)[1]
    for k, code in cells:
        value = sheet.rows[k][j]
        if value is None or value is UNREADABLE:
            continue
        faults: list[tuple[bool, str, str, str]] = []
        stored = sheet.notes.stored.get((k + 1, j + 1), "")
        made = as_shown(column, unit, value, code=code, stored=stored, tell=lambda *fault: faults.append(fault))  # noqa: B023
        for wrong, what, seen, fix in faults:
            evidence = f"{_cell_name(k + 1, j + 1)}: {seen}"
            (refused.setdefault((what, fix), []) if wrong else doubtful.setdefault(what, [])).append(evidence)
        sheet.rows[k][j] = UNREADABLE if any(wrong for wrong, *_ in faults) else made
    where = f"{sheet.where}, column {header!r}"
    for (what, fix), evidences in refused.items():
        sheet.findings.table(
            where, what if len(evidences) == 1 else f"{len(evidences):,} times {what}", shown(evidences), fix
        )
    sheet.findings.warnings += [f"{where}: {what}: {shown(evidences)}" for what, evidences in doubtful.items()]


def _warn_hidden(sheet: Sheet, header: list[str], keep: list[int], full: list[int]) -> None:
    """Tell of what is read although it is hidden or struck out."""
    notes, warnings, rows = sheet.notes, sheet.findings.warnings, set(full)
    hidden = [k for k in notes.hidden_rows if k - 1 in rows]
    if hidden:
        one = len(hidden) == 1
        warnings.append(
            f"{sheet.where}: {len(hidden):,} row{' is' if one else 's are'} hidden, by a filter say, and read "
            f"all the same: row{'' if one else 's'} {shown(hidden)}"
        )
    columns = [header[j] for j in keep if any(a <= j + 1 <= b for a, b in notes.hidden_columns)]
    if columns:
        one = len(columns) == 1
        warnings.append(
            f"{sheet.where}: {len(columns)} column{' is' if one else 's are'} hidden and read all the same: "
            f"{quoted(columns)}"
        )
    struck = {cell for cell, style in notes.styles.items() if style in sheet.book.struck} | notes.struck
    lines = sorted(
        c for c in struck if c[0] - 1 in rows and c[1] <= len(header) and _is_filled(sheet.rows[c[0] - 1][c[1] - 1])
    )
    if lines:
        one = len(lines) == 1
        warnings.append(
            f"{sheet.where}: {len(lines):,} cell{' is' if one else 's are'} struck out and read all the same: "
            f"{shown(_cell_name(*c) for c in lines)}"
        )
