"""Sheets of a workbook: which are tables, which are the settings, and which are left alone."""

from __future__ import annotations

import difflib
import re
from typing import Any

import pandas as pd

from evsiting.errors import shown
from evsiting.study.canonical.cells import UNREADABLE
from evsiting.study.files.xlsx.ooxml import Book, SheetNotes
from evsiting.study.files.xlsx.settings_sheet import read_settings
from evsiting.study.files.xlsx.sheet_table import Sheet, sheet_frame
from evsiting.study.findings import Findings, Place, quoted
from evsiting.study.schema.tables import TABLES
from evsiting.study.size_limits import texts_within

__all__ = ["FOR_PEOPLE", "read_sheets"]

#: Sheets that are for people; they are not read.
FOR_PEOPLE = ("about", "readme", "dictionary", "notes")

#: Characters written by their code, as in the file format.
_CODED = re.compile(r"_x([0-9A-Fa-f]{4})_")
#: Words that a copy of a sheet has beside its name.
_COPIES = frozenset(("old", "new", "copy", "backup", "bak", "draft", "final", "v", "table"))
_LETTERS = re.compile(r"[^\W\d_]+")


def read_sheets(book: Book, findings: Findings) -> tuple[dict[str, Any] | None, dict[str, pd.DataFrame], set[str]]:
    """Return raw settings, tables, and the names of tables that are there but cannot be read.

    Parameters
    ----------
    book : Book
        The workbook.
    findings : Findings
        Where problems go; ``findings.places`` is filled with the sheets.
    """
    raw: dict[str, Any] | None = None
    tables: dict[str, pd.DataFrame] = {}
    unread: set[str] = set()
    own: list[Any] = []
    hidden: list[str] = []
    links = 0
    for sheet in book.sheets.worksheets:
        name = "_".join(sheet.title.strip().lower().split())
        where = f"{book.name}, sheet {sheet.title!r}"
        if name != "settings" and name not in TABLES:
            if name not in FOR_PEOPLE and any(v is not None for row in _rows(sheet) for v in row):
                own.append(sheet)
            continue
        if name in tables or name in unread or (name == "settings" and raw is not None):
            findings.file(where, "is a second sheet for the same table", name, "Keep one of them")
            continue
        if sheet.sheet_state != "visible":
            hidden.append(sheet.title)
        notes = book.notes(sheet)
        links += notes.links
        rows = _values(sheet, notes)
        if name == "settings":
            raw = read_settings(rows, notes, book.formats, where, uncomputed=book.uncomputed, findings=findings)
            continue
        findings.places = {**findings.places, name: Place(where)}
        frame = sheet_frame(Sheet(book, where, TABLES[name], rows, notes, findings))
        if frame is None or not texts_within(frame, where, findings):
            unread.add(name)
        else:
            tables[name] = frame
    _warn_sheets(book, own, hidden, {*tables, *unread, *(["settings"] if raw is not None else [])}, findings)
    if links:
        findings.warnings.append(
            f"{book.name}: {links:,} formula{'s take' if links != 1 else ' takes'} values from another workbook; "
            "they are read as they were when this one was saved"
        )
    if raw is None:
        findings.file(
            book.name,
            "has no sheet 'settings'",
            f"sheets: {quoted(s.title for s in book.sheets.worksheets)}",
            "Add one with columns key and value, at least a row study.name",
        )
    return raw, tables, unread


def _warn_sheets(book: Book, own: list[Any], hidden: list[str], known: set[str], findings: Findings) -> None:
    """Refuse a sheet that seems to be a table that is missing; tell which others are left alone."""
    left, copies = [], []
    for sheet in own:
        name = "_".join(sheet.title.strip().lower().split())
        near = _nearly_named_table(name)
        title = f"{sheet.title!r}" + ("" if sheet.sheet_state == "visible" else " (hidden)")
        if near and near not in known:
            findings.file(
                f"{book.name}, sheet {sheet.title!r}",
                "is no table of a study",
                f"the tables are {shown(TABLES, 20)}",
                f"Did you mean {near!r}? Rename it, delete it, or give it a quite different name to keep it "
                "as a sheet of your own",
            )
        else:
            left.append(title)
            copies += [f"{title} beside {near!r}"] if near else []
    if left:
        text = f"{book.name}: sheets that are no tables of a study are left alone: {shown(left, 12)}"
        findings.warnings.append(text + (f"; is one of them meant to be read? {shown(copies)}" if copies else ""))
    if hidden:
        findings.warnings.append(f"{book.name}: hidden sheets are read like the others: {quoted(hidden)}")


def _nearly_named_table(name: str) -> str:
    """Return the table whose name a sheet nearly has: ``site``, ``options (2)``, ``demand_old``; or nothing."""
    names = [*TABLES, "settings"]
    for known in sorted(names, key=len, reverse=True):
        rest = name.removeprefix(known) if name.startswith(known) else name.removesuffix(known)
        if rest != name and _COPIES.issuperset(_LETTERS.findall(rest)):
            return known
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.7)
    return near[0] if near else ""


def _rows(sheet: Any) -> list[list[Any]]:
    """Return the values of a sheet, every row as wide as the widest."""
    sheet.reset_dimensions()
    rows = list(sheet.iter_rows(values_only=True))
    width = max(map(len, rows), default=0)
    return [[*row, *([None] * (width - len(row)))] for row in rows]


def _values(sheet: Any, notes: SheetNotes) -> list[list[Any]]:
    """Return the values of a sheet, with errors and formulas without a value marked as unreadable."""
    rows = _rows(sheet)
    for row in rows:
        if "_x" not in "\n".join([v for v in row if isinstance(v, str)]):
            continue
        for j, value in enumerate(row):
            if isinstance(value, str) and "_x" in value:
                row[j] = _CODED.sub(lambda m: chr(int(m[1], 16)), value)
    for (row_number, column), stored in notes.stored.items():
        cached = (
            rows[row_number - 1][column - 1] if row_number <= len(rows) and column <= len(rows[row_number - 1]) else ""
        )
        if cached == "#VALUE!" and (row_number, column) not in notes.errors and stored:
            rows[row_number - 1][column - 1] = float(stored)  # what no date can be, in a cell that shows dates
    for row_number, column in (*notes.errors, *notes.uncached):
        if row_number <= len(rows) and column <= len(rows[row_number - 1]):
            rows[row_number - 1][column - 1] = UNREADABLE
    return rows
