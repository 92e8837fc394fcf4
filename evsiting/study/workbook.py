"""Studies as one XLSX workbook: a sheet for each table, a sheet ``settings``, headers with units."""

from __future__ import annotations

import difflib
import math
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from evsiting.errors import InputError, Problem, shown
from evsiting.study.findings import Findings, Place, quoted
from evsiting.study.settings import Settings
from evsiting.study.tables import TABLES, Table
from evsiting.study.textfile import HEAD, kind_of
from evsiting.study.toml import flattened, nested
from evsiting.units import split_header

__all__ = ["read_workbook", "write_workbook"]

#: Sheets that are for people; they are not read.
FOR_PEOPLE = ("about", "readme", "dictionary", "notes")
_LARGEST = 2_000_000_000
_MOST_ROWS = 1_048_575
_MOST_TEXT = 32_767


def read_workbook(path: Path, found: Findings) -> tuple[dict[str, Any] | None, dict[str, pd.DataFrame], set[str]]:
    """Return raw settings, tables, and the names of tables that are there but cannot be read.

    Parameters
    ----------
    path : pathlib.Path
        The workbook.
    found : Findings
        Where problems go; ``found.places`` is filled with the sheets.
    """
    if not _is_workbook(path, found):
        return None, {}, set()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and extensions that openpyxl does not know
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            formulas = openpyxl.load_workbook(path, read_only=True) if _holds(path, b"<f>", b"<f ", b't="e"') else None
            try:
                return _read_sheets(path, book, formulas, found)
            finally:
                book.close()
                if formulas is not None:
                    formulas.close()
    except Exception as error:  # whatever a damaged file makes the reading library raise
        found.file(
            path.name,
            "cannot be read as a workbook",
            f"{type(error).__name__}: {error}"[:160],
            "The file is damaged: open it in a spreadsheet program and save it as .xlsx",
        )
        return None, {}, set()


def _is_workbook(path: Path, found: Findings) -> bool:
    with path.open("rb") as file:
        head = file.read(HEAD)
    size = path.stat().st_size
    if not head:
        found.file(path.name, "the file is empty", "0 bytes", "Give a workbook with a sheet for each table")
        return False
    if not head.startswith(b"PK\x03\x04"):
        found.file(
            path.name,
            f"is not an .xlsx workbook but {kind_of(head) or 'text'}",
            f"it begins with {head[:12]!r}",
            "Save it as .xlsx in a spreadsheet program",
        )
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            inside = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        found.file(
            path.name, "is a workbook that is cut off or damaged", f"{size:,} bytes; {error}", "Save it again as .xlsx"
        )
        return False
    if not any(entry.filename == "xl/workbook.xml" for entry in inside):
        found.file(
            path.name,
            "is a ZIP archive but no workbook",
            quoted(e.filename for e in inside[:5]),
            "Give an .xlsx workbook",
        )
        return False
    large = sum(entry.file_size for entry in inside)
    if large > _LARGEST:
        found.file(
            path.name,
            "is too large for a workbook",
            f"{large:,} bytes unpacked",
            "Give a folder with a CSV file for each table",
        )
        return False
    return True


def _holds(path: Path, *marks: bytes) -> bool:
    """Whether the XML of any sheet holds one of the marks; reads block by block."""
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if entry.filename.startswith("xl/worksheets/"):
                with archive.open(entry) as sheet:
                    rest = b""
                    while block := sheet.read(1 << 20):
                        if any(mark in rest + block for mark in marks):
                            return True
                        rest = block[-8:]
    return False


def _read_sheets(
    path: Path, book: Any, formulas: Any, found: Findings
) -> tuple[dict[str, Any] | None, dict[str, pd.DataFrame], set[str]]:
    raw: dict[str, Any] | None = None
    tables: dict[str, pd.DataFrame] = {}
    unread: set[str] = set()
    places = dict(found.places)
    for sheet in book.worksheets:
        name = sheet.title.strip().lower().replace(" ", "_")
        where = f"{path.name}, sheet {sheet.title!r}"
        if name == "settings":
            raw = _settings(sheet, where, found)
        elif name in TABLES:
            if name in tables or name in unread:
                found.file(where, "is a second sheet for the same table", name, "Keep one of them")
                continue
            places[name] = Place(where)
            found.places = places
            frame = _sheet(sheet, TABLES[name], where, formulas, found)
            if frame is None:
                unread.add(name)
            else:
                tables[name] = frame
        elif name not in FOR_PEOPLE and any(v is not None for row in _rows(sheet) for v in row):
            near = difflib.get_close_matches(name, [*TABLES, "settings"], n=1)
            hint = f"Did you mean {near[0]!r}? " if near else ""
            found.file(
                where,
                "is no table of a study",
                f"the tables are {shown(TABLES, 20)}",
                f"{hint}Rename it, delete it, or call it 'notes'",
            )
    if raw is None:
        found.file(
            path.name,
            "has no sheet 'settings'",
            f"sheets: {quoted(s.title for s in book.worksheets)}",
            "Add one with columns key and value, at least a row study.name",
        )
    return raw, tables, unread


def _rows(sheet: Any) -> list[list[Any]]:
    """Return the values of a sheet, every row as wide as the widest."""
    sheet.reset_dimensions()
    rows = list(sheet.iter_rows(values_only=True))
    width = max(map(len, rows), default=0)
    return [[*row, *([None] * (width - len(row)))] for row in rows]


def _settings(sheet: Any, where: str, found: Findings) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for number, row in enumerate(_rows(sheet), 1):
        key = str(row[0]).strip() if row[0] is not None else ""
        if not key or (number == 1 and key.lower() == "key"):
            continue
        value = row[1] if len(row) > 1 else None
        section, _, name = key.partition(".")
        field = Settings.model_fields.get(section)
        text = field is not None and str in (
            getattr(getattr(field.annotation, "model_fields", {}).get(name), "annotation", None),
        )
        if key in flat:
            found.file(f"{where}, row {number}", "a key is given twice", key, "Keep one row")
        elif value is not None or text:
            flat[key] = "" if value is None else value
    return nested(flat)


def _texts(row: list[Any]) -> list[str]:
    return [str(v).strip() if v is not None else "" for v in row]


def _title_rows(table: Table, rows: list[list[Any]]) -> int:
    """Return how many rows stand above the column names, as a title does; zero where none is found."""
    known = {name for c in table.columns for name in (c.name, c.label)}
    scores = [sum(split_header(v)[0].lower() in known for v in _texts(row)) for row in rows[:10]]
    best = scores.index(max(scores)) if scores else 0
    return best if scores and scores[0] == 0 and scores[best] > 1 else 0


def _as_shown(sheet: Any, column: int, cells: pd.Series) -> pd.Series:
    """Return a column headed ``[%]`` as it is shown: a cell formatted as percent holds 0.4 and shows 40%."""
    sheet.reset_dimensions()
    formats = [row[0].number_format for row in sheet.iter_rows(min_row=2, min_col=column, max_col=column)]
    shown_as = [k < len(formats) and "%" in str(formats[k]) for k in cells.index]
    values = [
        round(v * 100.0, 10) if percent and isinstance(v, int | float) and not isinstance(v, bool) else v
        for v, percent in zip(cells, shown_as, strict=True)
    ]
    return pd.Series(values, index=cells.index, dtype=object)


def _sheet(sheet: Any, table: Table, where: str, formulas: Any, found: Findings) -> pd.DataFrame | None:
    """Return a sheet as a frame whose index 0 is row 2; None where it cannot be used, with the problem noted."""
    rows = _rows(sheet)
    header = _texts(rows[0]) if rows else []
    if not any(header) or _title_rows(table, rows):
        above = _title_rows(table, rows)
        seen = f"the column names stand in row {above + 1}" if above else f"{len(rows)} rows; the first is empty"
        fix = f"Delete the {above} above" if above else "Write the column names into row 1"
        found.file(where, "has no header in row 1" if above else "has no header row", seen, fix)
        return None
    body = rows[1:]
    full = [
        k
        for k, row in enumerate(body)
        if any(v is not None and (v.strip() if isinstance(v, str) else True) for v in row)
    ]
    errors = _faults(formulas[sheet.title], body) if formulas is not None else []
    keep = [j for j in range(len(header)) if header[j] or any(body[k][j] is not None for k in full)]
    nameless = [get_column_letter(j + 1) for j in keep if not header[j]]
    names = [header[j] for j in keep]
    twice = [n for n in dict.fromkeys(names) if n and names.count(n) > 1]
    if errors:
        found.file(
            where,
            f"{len(errors)} cells hold an error or a formula without a value",
            shown(errors),
            "Mend the formula, or open and save the workbook in a spreadsheet program",
        )
    if nameless:
        found.file(where, "a column with values has no name", f"column {shown(nameless)}", "Name it in row 1")
    if twice:
        found.file(where, "has columns of the same name", quoted(twice), "Keep one of each")
    if errors or nameless or twice:
        return None
    columns = {j: pd.Series([body[k][j] for k in full], index=full, dtype=object) for j in keep}
    for j in keep:
        if split_header(header[j])[1] == "%":
            columns[j] = _as_shown(sheet, j + 1, columns[j])
    return pd.DataFrame({header[j]: columns[j] for j in keep}, index=pd.Index(full, dtype="int64"))


def _faults(sheet: Any, body: list[list[Any]]) -> list[str]:
    """Return cells that hold an error, or a formula that no spreadsheet program has computed."""
    sheet.reset_dimensions()
    faults = []
    for k, row in enumerate(sheet.iter_rows(min_row=2)):
        for j, cell in enumerate(row):
            value = body[k][j] if k < len(body) and j < len(body[k]) else None
            if cell.data_type == "e" or (cell.data_type == "f" and (value is None or str(value) in ERROR_CODES)):
                shown_value = value if value is not None else str(cell.value)[:40]
                faults.append(f"{get_column_letter(j + 1)}{k + 2}: {shown_value}")
    return faults


def write_workbook(path: Path, settings: Settings, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write settings and tables, with headers as they are to stand, into a new workbook.

    Text is always written as text, so that a cell that begins with ``=`` stays what it is.

    Raises
    ------
    InputError
        If a table or a text is larger than a workbook can hold.
    """
    _refuse_large(path, tables)
    book = openpyxl.Workbook(write_only=True)
    _about(book.create_sheet("About"), settings)
    sheet = book.create_sheet("settings")
    sheet.freeze_panes = "A2"
    for column, width in zip("ABC", (32, 36, 90), strict=True):
        sheet.column_dimensions[column].width = width
    sheet.append([_head(sheet, text, "") for text in ("key", "value", "meaning")])
    for key, value, meaning in flattened(settings):
        sheet.append([_cell(sheet, key), _cell(sheet, value), _cell(sheet, meaning)])
    for name, frame in tables.items():
        _write_table(book.create_sheet(name), TABLES[name], frame)
    book.save(path)


def _refuse_large(path: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    problems = []
    for name, frame in tables.items():
        if len(frame) > _MOST_ROWS:
            problems.append(
                Problem(
                    f"table {name!r}",
                    f"has more rows than a sheet of {path.name} can hold",
                    f"{len(frame):,} rows",
                    "Write the study into a folder",
                )
            )
        for column in map(str, frame.select_dtypes("str").columns):
            length = frame[column].str.len().max()
            if length > _MOST_TEXT:
                problems.append(
                    Problem(
                        f"table {name!r}, column {column!r}",
                        f"holds a text longer than a cell of {path.name} can hold",
                        f"{length:,.0f} characters",
                        "Shorten it, or write the study into a folder",
                    )
                )
    if problems:
        raise InputError(problems)


def _about(sheet: Any, settings: Settings) -> None:
    sheet.column_dimensions["A"].width = 110
    lines = [
        settings.study.name,
        settings.study.question,
        "",
        "A study of evsiting. Sheet settings holds what is asked and how; "
        "every other sheet is a table, its columns explained by the notes on row 1.",
        "A header such as 'wage [USD/h]' has the unit: write 'wage [CAD/h]' and the values are converted on reading.",
        "Empty cells mean unknown. Read it with evsiting.read_study, or with: evsiting check FILE.xlsx",
    ]
    for line in lines:
        sheet.append([_cell(sheet, line)])


def _write_table(sheet: Any, table: Table, frame: pd.DataFrame) -> None:
    sheet.freeze_panes = get_column_letter(len(table.key) + 1) + "2"
    meanings = {
        c.header: c.meaning
        + (f" [{c.unit}]" if c.unit else "")
        + (f" Choices: {', '.join(c.choices)}." if c.choices else "")
        for c in table.columns
    } | {"lat": "Latitude [degrees]", "lon": "Longitude [degrees]"}
    for k, name in enumerate(frame.columns, 1):
        sheet.column_dimensions[get_column_letter(k)].width = max(12, min(30, len(split_header(str(name))[0]) + 12))
    sheet.append([_head(sheet, str(name), meanings.get(str(name), "")) for name in frame.columns])
    for row in frame.itertuples(index=False, name=None):
        sheet.append([_cell(sheet, value) for value in row])


def _head(sheet: Any, text: str, meaning: str) -> Any:
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", fgColor="DDE6EE")
    if meaning:
        cell.comment = Comment(meaning, "evsiting", height=90, width=320)
    return cell


def _cell(sheet: Any, value: Any) -> Any:
    """Return a cell that holds a number, or text that stays text whatever it begins with."""
    if isinstance(value, str):
        if value[:1] not in "=#":
            return value
        kind = "s"
    elif value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    elif not isinstance(value, float) or float(f"{value:.16g}") == value:
        return value
    else:
        value, kind = repr(value), "n"  # openpyxl would keep 16 digits of the number; as text it keeps all
    cell = WriteOnlyCell(sheet, value)
    cell.data_type = kind
    return cell
