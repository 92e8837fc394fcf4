"""Workbooks before they are unpacked: how much they hold, counted in their XML block by block."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from evsiting.study.findings import Findings, quoted
from evsiting.study.size_limits import ceiling, higher

__all__ = ["workbook_fits"]

#: Rows and columns of a sheet, by the format.
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_BLOCK = 1 << 20
#: References of rows and cells, such as r="12" and r="AB12"; tags of cells with something in them.
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{0,9})(\d{1,30})["']""")
_FILLED = re.compile(rb"<(?:[\w.-]{1,40}:)?(?:v|is)[\s>]")
_CELL = re.compile(rb"<(?:[\w.-]{1,40}:)?c[\s/>]")
_KEPT = 4096
#: Parts that hold no cells of their own.
_NO_SHEETS = ("sharedStrings", "styles", "calcChain", "theme", "[Content_Types]", ".rels")


def workbook_fits(path: Path, findings: Findings) -> bool:
    """Whether a workbook can be read in reasonable memory; what cannot is noted.

    Parameters
    ----------
    path : pathlib.Path
        A ZIP archive with the parts of a workbook.
    findings : Findings
        Where the problem goes.
    """
    with zipfile.ZipFile(path) as archive:
        parts = [p for p in archive.infolist() if not p.filename.startswith(("xl/media/", "docProps/"))]
        locked = [p.filename for p in parts if p.flag_bits & 0x1]
        if locked:
            findings.file(
                path.name, "is locked with a password", quoted(locked), "Save it without a password, as .xlsx"
            )
            return False
        large, most = sum(p.file_size for p in parts), ceiling("unpacked")
        if large > most:
            fix = f"Give a folder with a CSV file for each table, {higher(large, most)}"
            findings.file(path.name, "is too large for a workbook", f"{large:,} bytes unpacked; at most {most:,}", fix)
            return False
        try:
            return _sheets_fit(archive, parts, path.name, findings)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError) as error:
            seen = str(error)[:120] or type(error).__name__
            findings.file(path.name, "is a workbook that is cut off or damaged", seen, "Save it again as .xlsx")
            return False


def _sheets_fit(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo], where: str, findings: Findings) -> bool:
    """Whether rows, columns and cells of all sheets are as many as can be read."""
    cells = 0
    with_cells: list[zipfile.ZipInfo] = []
    for part in parts:
        if not part.filename.endswith((".xml", ".rels")):
            continue
        if any(name in part.filename for name in _NO_SHEETS):
            if any(b"<!DOCTYPE" in block for block in _blocks(archive, part)):
                _warn_doctype(where, part.filename, findings)
                return False
            continue
        with_cells.append(part)
        row = column = 0
        for block in _blocks(archive, part):
            if b"<!DOCTYPE" in block:
                _warn_doctype(where, part.filename, findings)
                return False
            cells += block.count(b"<c") + block.count(b":c")  # at least the cells; counted well if there are too many
            places = _PLACE.findall(block)
            row = max(row, *map(int, {digits for _, digits in places}), 0)
            column = max(column, *map(_number, {letters for letters, _ in places}), 0)
        if row > _LAST_ROW or column > _LAST_COLUMN:
            seen = f"part {part.filename}: row {row:,}, column {column:,}; at most {_LAST_ROW:,} and {_LAST_COLUMN:,}"
            fix = "Open it in a spreadsheet program and save it again as .xlsx"
            findings.file(where, "says that it has more rows or columns than a sheet can have", seen, fix)
            return False
        grid, wide = row * column, ceiling("cells")
        if grid > wide:
            filled = _count(_FILLED, archive, [part])
            seen = f"part {part.filename}: {row:,} rows and {column:,} columns, {filled:,} cells filled"
            fix = f"Delete the rows and columns beyond the tables, {higher(grid, wide)}"
            findings.file(where, "has a sheet that is too large", f"{seen}; at most {wide:,} cells are read", fix)
            return False
    most = ceiling("workbook cells")
    if cells > most and (cells := _count(_CELL, archive, with_cells)) > most:
        fix = f"Give a folder with a CSV file for each table, {higher(cells, most)}"
        findings.file(where, "has more cells than a workbook can have", f"{cells:,}; at most {most:,} are read", fix)
        return False
    return True


def _warn_doctype(where: str, part: str, findings: Findings) -> None:
    fix = "Open it in a spreadsheet program and save it again as .xlsx"
    findings.file(where, "holds XML that no spreadsheet program writes", f"a document type in {part}", fix)


def _blocks(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the content of a part, cut before a tag, so that each tag stands whole in one block."""
    rest = b""
    with archive.open(part) as file:
        while block := file.read(_BLOCK):
            whole = rest + block
            cut = whole.rfind(b"<")
            cut = cut if cut >= 0 and len(whole) - cut < _KEPT else len(whole)
            rest = whole[cut:]
            yield whole[:cut]
    yield rest


def _count(pattern: re.Pattern[bytes], archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> int:
    """Return how many tags of a kind some parts hold."""
    return sum(len(pattern.findall(block)) for part in parts for block in _blocks(archive, part))


def _number(letters: bytes) -> int:
    """Return the number of a column by its letters; zero for none."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - 64
    return number
