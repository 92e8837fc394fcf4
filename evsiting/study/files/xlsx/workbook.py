"""Studies as one XLSX workbook: a sheet for each table, a sheet ``settings``, headers with units."""

from __future__ import annotations

import math
import re
import struct
import warnings
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from evsiting.errors import InputError, Problem
from evsiting.study.files.csv_tables import HEAD
from evsiting.study.files.file_types import archive_kind, office_kind
from evsiting.study.files.xlsx.ooxml import Book, is_strict, transitional
from evsiting.study.files.xlsx.packed import workbook_fits
from evsiting.study.files.xlsx.sheets import read_sheets
from evsiting.study.findings import Findings, quoted
from evsiting.study.schema.tables import TABLES, Table
from evsiting.study.settings import Settings
from evsiting.study.settings_file import flattened
from evsiting.units import split_header

__all__ = ["read_workbook", "write_workbook"]

_MOST_ROWS = 1_048_575
_MOST_TEXT = 32_767
#: Text that a workbook would read as the code of a character.
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def read_workbook(path: Path, findings: Findings) -> tuple[dict[str, Any] | None, dict[str, pd.DataFrame], set[str]]:
    """Return raw settings, tables, and the names of tables that are there but cannot be read.

    Parameters
    ----------
    path : pathlib.Path
        The workbook.
    findings : Findings
        Where problems go; ``findings.places`` is filled with the sheets.
    """
    if not _is_workbook(path, findings):
        return None, {}, set()
    try:
        source = transitional(path) if is_strict(path) else path
        with (
            warnings.catch_warnings(),
            zipfile.ZipFile(source) as archive,
            source.open("rb") if isinstance(source, Path) else source as file,  # openpyxl leaves its own open on errors
        ):
            warnings.simplefilter("ignore")  # styles and extensions that openpyxl does not know
            book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
            try:
                return read_sheets(Book(path.name, book, archive), findings)
            finally:
                book.close()
    except Exception as error:  # whatever a damaged file makes the reading library raise
        findings.file(
            path.name,
            "cannot be read as a workbook",
            f"{type(error).__name__}: {error}"[:160],
            "The file is damaged: open it in a spreadsheet program and save it as .xlsx",
        )
        return None, {}, set()


def _is_workbook(path: Path, findings: Findings) -> bool:
    with path.open("rb") as file:
        head = file.read(HEAD)
    size = path.stat().st_size
    if not head:
        findings.file(path.name, "the file is empty", "0 bytes", "Give a workbook with a sheet for each table")
        return False
    if not head.startswith(b"PK\x03\x04"):
        kind, fix = office_kind(path, head)
        findings.file(path.name, f"is not an .xlsx workbook but {kind}", f"it begins with {head[:12]!r}", fix)
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            inside = archive.infolist()
            kind, fix = archive_kind(archive, {entry.filename for entry in inside})
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
        findings.file(
            path.name, "is a workbook that is cut off or damaged", f"{size:,} bytes; {error}", "Save it again as .xlsx"
        )
        return False
    if not any(entry.filename == "xl/workbook.xml" for entry in inside):
        findings.file(
            path.name,
            f"is not an .xlsx workbook but {kind}" if kind else "is a ZIP archive but no workbook",
            quoted(e.filename for e in inside[:5]),
            fix,
        )
        return False
    if any(entry.flag_bits & 1 for entry in inside):
        findings.file(
            path.name,
            "is an archive that is encrypted with a password",
            f"{sum(e.flag_bits & 1 for e in inside)} of {len(inside)} parts",
            "Take the password off, and give the .xlsx workbook as a spreadsheet program saves it",
        )
        return False
    return workbook_fits(path, findings)


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
    packed = BytesIO()  # an archive that cannot be written to its end is told of once more when it is collected
    book.save(packed)
    path.write_bytes(packed.getvalue())


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
    sheet.freeze_panes = get_column_letter(sum(not table.column(c).lean for c in table.key) + 1) + "2"
    meanings = {
        c.header: c.meaning
        + (f" [{c.unit}]" if c.unit else "")
        + (f" Choices: {', '.join(c.choices)}." if c.choices else "")
        for c in table.columns
    } | {"lat": "Latitude [degrees]", "lon": "Longitude [degrees]"}
    for k, name in enumerate(frame.columns, 1):
        sheet.column_dimensions[get_column_letter(k)].width = max(12, min(30, len(split_header(str(name))[0]) + 12))
    if len(frame.columns):  # without its size in front, a sheet is read whole only to be measured
        size = f"A1:{get_column_letter(len(frame.columns))}{len(frame) + 1}"
        sheet.calculate_dimension = lambda: size
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
        value = _ESCAPED.sub("_x005F_", value) if "_x" in value else value
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
