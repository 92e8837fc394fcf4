"""The sheet ``settings`` of a workbook: keys and values, each cell as it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openpyxl.utils import get_column_letter

from evsiting.errors import shown
from evsiting.study.canonical.cells import UNREADABLE
from evsiting.study.canonical.headers import tidy
from evsiting.study.files.xlsx.ooxml import SheetNotes
from evsiting.study.files.xlsx.shown_cells import as_shown
from evsiting.study.findings import Findings
from evsiting.study.schema.columns import Column
from evsiting.study.settings import Settings
from evsiting.study.settings_file import nested

__all__ = ["read_settings"]

_TITLES = 10


def read_settings(
    rows: list[list[Any]],
    notes: SheetNotes,
    formats: Mapping[int, str],
    where: str,
    *,
    uncomputed: bool,
    findings: Findings,
) -> dict[str, Any]:
    """Return the settings of a sheet as nested mappings; cells that cannot be read are noted and left out.

    Parameters
    ----------
    rows : list of list
        Values of the sheet.
    notes : SheetNotes
        What the sheet says of its cells beside their values.
    formats : mapping of int to str
        Number formats that show something else than the cell holds, by style.
    where : str
        The sheet, as a reader knows it.
    uncomputed : bool
        Whether the workbook's formulas are still to be computed.
    findings : Findings
        Where problems go.
    """
    top, at, to = _columns(rows)
    flat: dict[str, Any] = {}
    lone, merged = [], _shared_cells(notes, at, to, top)
    faults = {**notes.errors, **notes.uncached, **(notes.zeros if uncomputed else {})}
    wrong = []
    for number, row in enumerate(rows[top:], top + 1):
        cells = [row[j] if j < len(row) else None for j in (at, to)]
        key, value = cells
        name = tidy(str(key)) if key is not None and key is not UNREADABLE else ""
        bad = [j for j in (at, to) if (number, j + 1) in faults]
        if bad:
            wrong += [f"{get_column_letter(j + 1)}{number}: {faults[number, j + 1]}" for j in bad]
            continue
        if not name:
            if value is not None and str(value).strip():
                lone.append(f"row {number}: {str(value)[:40]}")
            continue
        if name in flat:
            findings.file(f"{where}, row {number}", "a key is given twice", name, "Keep one row")
            continue
        value = _cell_as_shown(name, value, notes, formats, (number, to + 1), where, findings)
        if value is not UNREADABLE and (value is not None or _is_text(name)):
            flat[name] = _as_text(value) if _is_text(name) else value
    _note(where, wrong, lone, merged, findings)
    hidden = [k for k in notes.hidden_rows if top < k <= len(rows) and any(v is not None for v in rows[k - 1])]
    if hidden:
        one = len(hidden) == 1
        findings.warnings.append(
            f"{where}: {len(hidden):,} row{' is' if one else 's are'} hidden and read all the same: "
            f"row{'' if one else 's'} {shown(hidden)}"
        )
    return nested(flat)


def _columns(rows: list[list[Any]]) -> tuple[int, int, int]:
    """Return how many rows stand above the settings, and the columns of keys and values."""
    for number, row in enumerate(rows[:_TITLES], 1):
        names = [str(v).strip().lower() if v is not None else "" for v in row]
        if "key" in names and "value" in names:
            return number, names.index("key"), names.index("value")
    first = rows[0][0] if rows and rows[0] else None
    return int(str(first).strip().lower() == "key"), 0, 1


def _shared_cells(notes: SheetNotes, at: int, to: int, top: int) -> list[str]:
    """Return the merged cells that give several keys one value, or one key several."""
    return [
        f"{get_column_letter(left)}{first}:{get_column_letter(right)}{last}"
        for first, left, last, right in notes.merges
        if last > first and last > top and any(left <= j + 1 <= right for j in (at, to))
    ]


def _note(where: str, wrong: list[str], lone: list[str], merged: list[str], findings: Findings) -> None:
    if wrong:
        one = len(wrong) == 1
        findings.file(
            where,
            f"{len(wrong):,} cell{' holds' if one else 's hold'} an error or a formula without a value",
            shown(wrong),
            "Mend the formula, or open and save the workbook in a spreadsheet program",
        )
    if lone:
        findings.file(where, "a value has no key", shown(lone), "Write the key beside it, or take the value out")
    if merged:
        findings.file(
            where,
            "keys or values are merged over several rows",
            shown(merged),
            "Unmerge the cells and write each key and each value into its own row",
        )


def _field(key: str) -> Any:
    section, _, name = key.partition(".")
    field = Settings.model_fields.get(section)
    return getattr(getattr(field, "annotation", None), "model_fields", {}).get(name.partition(".")[0])


def _is_text(key: str) -> bool:
    return getattr(_field(key), "annotation", None) is str


def _as_text(value: Any) -> Any:
    """Return a number as the text that a cell shows: a study may be called 2027."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _cell_as_shown(
    key: str,
    value: Any,
    notes: SheetNotes,
    formats: Mapping[int, str],
    cell: tuple[int, int],
    where: str,
    findings: Findings,
) -> Any:
    """Return a value as it is shown; one that shows something else than it holds is told."""
    style = notes.styles.get(cell)
    if style is None or style not in formats or value is None:
        return value
    field = _field(key)
    annotation = getattr(field, "annotation", None)
    year = "year" in key and annotation is int
    kind = "text" if annotation is str else "integer" if annotation is int else "number"
    unit = "yr" if year else "" if "percent" in key or annotation is float else "1"
    column = Column(key, key, key, "", unit, kind, False, True, None, "", "", (), "")
    unreadable = False

    def tell(wrong: bool, what: str, seen: str, fix: str) -> None:
        nonlocal unreadable
        unreadable = unreadable or wrong
        place = f"{where}, row {cell[0]}, key {key!r}"
        if wrong:
            fix = "Write the fraction, such as 0.07, or format the cell as percent" if "%]" in fix else fix
            findings.file(place, what, seen, fix)
        else:
            findings.warnings.append(f"{place}: {what}: {seen}")

    made = as_shown(column, "", value, code=formats[style], stored=notes.stored.get(cell, ""), tell=tell)
    return UNREADABLE if unreadable else made
