"""What the XML of a workbook says of its cells beside their values: formulas, merges, styles, what is hidden."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.utils import column_index_from_string, range_boundaries

from evsiting.study.files.xlsx.number_formats import is_plain

__all__ = ["Book", "SheetNotes", "is_strict", "noted", "struck_strings", "transitional", "has_uncomputed_formulas"]

#: A cell by row and column, both from 1.
Cell = tuple[int, int]

_WORKBOOK = "xl/workbook.xml"
_STRICT = b"http://purl.oclc.org/ooxml/"
#: Namespaces of ISO 29500 Strict and what openpyxl knows them by; the longer first.
_TRANSITIONAL = (
    (b"http://purl.oclc.org/ooxml/spreadsheetml/main", b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
    (b"http://purl.oclc.org/ooxml/officeDocument/", b"http://schemas.openxmlformats.org/officeDocument/2006/"),
    (b"http://purl.oclc.org/ooxml/drawingml/", b"http://schemas.openxmlformats.org/drawingml/2006/"),
)
#: Formats of the program itself that follow its language: numbers, currency and accounting.
_LOCAL = frozenset((*range(5, 9), *range(37, 45)))
_BLOCK = 1 << 20
_NAME = rb"<(?:[\w.-]+:)?"
#: What to search for, and plain bytes of which a block that holds it holds at least one: they are found much faster.
Mark = tuple[bytes, tuple[bytes, ...]]
_STRIKE: Mark = (_NAME + rb"strike[\s/>]", (b"strike",))
#: Marks of what only a closer look can tell: formulas, merged cells, struck text, errors, hidden rows and columns.
_MARKS: tuple[Mark, ...] = (
    (_NAME + rb"f[\s/>]", (b"<f", b":f")),
    (_NAME + rb"mergeCell\s", (b"mergeCell",)),
    _STRIKE,
    (rb"""\st=["'][ed]["']""", (b't="e"', b't="d"', b"t='")),
    (rb"""\shidden=["'](?:1|true)["']""", (b"hidden",)),
)
_OTHER_BOOK = re.compile(r"\[\d+\][^\[\]]*!")


@dataclass
class SheetNotes:
    """What a sheet says of its cells beside their values.

    Parameters
    ----------
    uncached : dict
        Formulas that no spreadsheet program has computed, by cell.
    zeros : dict
        Formulas whose stored value is 0, by cell.
    errors : dict
        Error values, by cell.
    merges : list of tuple
        First row, first column, last row, last column of merged cells.
    styles : dict
        Index of the style, by cell, for the styles that were asked for and for dates that are stored as such.
    stored : dict
        What the file stores in these cells, as text.
    struck : set
        Cells whose text is partly struck out.
    hidden_rows : list of int
        Rows that are not shown.
    hidden_columns : list of tuple
        First and last of columns that are not shown.
    links : int
        Number of formulas that take values from another workbook.
    """

    uncached: dict[Cell, str] = field(default_factory=dict)
    zeros: dict[Cell, str] = field(default_factory=dict)
    errors: dict[Cell, str] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    styles: dict[Cell, int] = field(default_factory=dict)
    stored: dict[Cell, str] = field(default_factory=dict)
    struck: set[Cell] = field(default_factory=set)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    links: int = 0


def is_strict(path: Path) -> bool:
    """Whether a workbook is saved in the strict form of ISO 29500, whose namespaces differ."""
    with zipfile.ZipFile(path) as archive:
        return _STRICT in archive.read(_WORKBOOK)


def transitional(path: Path) -> io.BytesIO:
    """Return a strict workbook with the namespaces of the transitional form, which differs in nothing else read here.

    Source: ISO/IEC 29500-1:2016, annex A, and 29500-4:2016, annex A.
    """
    made = io.BytesIO()
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(made, "w") as out:
        for entry in archive.infolist():
            content = archive.read(entry)
            if entry.filename.endswith((".xml", ".rels")):
                for strict, plain in _TRANSITIONAL:
                    content = content.replace(strict, plain)
            out.writestr(entry.filename, content)
    made.seek(0)
    return made


def has_uncomputed_formulas(archive: zipfile.ZipFile) -> bool:
    """Whether a program wrote the workbook and left its formulas to be computed when it is opened."""
    match = re.search(rb"<(?:[\w.-]+:)?calcPr\s[^>]*", archive.read(_WORKBOOK))
    return bool(match and re.search(rb"""fullCalcOnLoad=["'](?:1|true)["']""", match[0]))


def struck_strings(archive: zipfile.ZipFile) -> frozenset[int]:
    """Return the numbers of the shared texts of which a part is struck out."""
    part = next((n for n in archive.namelist() if n.lower() == "xl/sharedstrings.xml"), "")
    if not part or not _marked(archive, part, [_STRIKE]):
        return frozenset()
    struck: set[int] = set()
    number = -1

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal number
        tag = _local(name)
        if tag == "si":
            number += 1
        elif tag == "strike" and attributes.get("val", "1") not in ("0", "false"):
            struck.add(number)

    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler = start
    with archive.open(part) as source:
        parser.ParseFile(source)
    return frozenset(struck)


def noted(
    archive: zipfile.ZipFile, part: str, styles: Collection[int], struck: Collection[int] = frozenset()
) -> SheetNotes:
    """Return what a sheet says of its cells beside their values.

    A sheet without formulas, merges and the like, which most are, is only searched for their marks.

    Parameters
    ----------
    archive : zipfile.ZipFile
        The workbook.
    part : str
        Name of the sheet's part.
    styles : collection of int
        Styles whose cells are to be told.
    struck : collection of int
        Shared texts of which a part is struck out.
    """
    marks = list(_MARKS)
    if styles:
        numbers = [str(k).encode() for k in sorted(styles)]
        marks.append((rb"""\ss=["'](?:%s)["']""" % b"|".join(numbers), (b"s='", *(b's="%s"' % k for k in numbers))))
    reader = _Reader(frozenset(styles), frozenset(struck))
    if struck or _marked(archive, part, marks):
        with archive.open(part) as source:
            reader.read(source)
    return reader.notes


def _marked(archive: zipfile.ZipFile, part: str, marks: Sequence[Mark]) -> bool:
    """Whether a part holds one of the marks; reads block by block."""
    patterns = [(re.compile(pattern), hints) for pattern, hints in marks]
    with archive.open(part) as source:
        rest = b""
        while block := source.read(_BLOCK):
            whole = rest + block
            if any(any(hint in whole for hint in hints) and pattern.search(whole) for pattern, hints in patterns):
                return True
            rest = block[-200:]
    return False


def _local(name: str) -> str:
    return name.rpartition("}")[2]


class _Reader:
    """Reads the XML of one sheet, cell by cell."""

    def __init__(self, styles: frozenset[int], struck: frozenset[int]) -> None:
        self.notes = SheetNotes()
        self._styles, self._struck = styles, struck
        self._row = self._column = 0
        self._kind, self._style = "n", 0
        self._formula: str | None = None
        self._value = ""
        self._into = ""

    def read(self, source: Any) -> None:
        parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.ParseFile(source)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = _local(name)
        if tag == "c":
            reference = attributes.get("r", "")
            letters = reference.rstrip("0123456789")
            self._column = column_index_from_string(letters) if letters else self._column + 1
            self._kind, self._style = attributes.get("t", "n"), int(attributes.get("s", "0"))
            self._formula, self._value = None, ""
        elif tag == "f":
            self._formula, self._into = "", "f"
        elif tag == "v":
            self._into = "v"
        elif tag == "row":
            self._row = int(float(attributes["r"])) if "r" in attributes else self._row + 1
            self._column = 0
            if attributes.get("hidden") in ("1", "true"):
                self.notes.hidden_rows.append(self._row)
        elif tag == "mergeCell":
            first_column, first_row, last_column, last_row = range_boundaries(attributes["ref"])
            self.notes.merges.append((first_row or 1, first_column or 1, last_row or 1, last_column or 1))
        elif tag == "col" and attributes.get("hidden") in ("1", "true"):
            self.notes.hidden_columns.append((int(attributes["min"]), int(attributes["max"])))
        elif tag == "strike" and attributes.get("val", "1") not in ("0", "false"):
            self.notes.struck.add((self._row, self._column))

    def _text(self, text: str) -> None:
        if self._into == "v":
            self._value += text
        elif self._into == "f":
            self._formula = (self._formula or "") + text

    def _end(self, name: str) -> None:
        tag = _local(name)
        if tag in ("f", "v"):
            self._into = ""
        elif tag == "c":
            self._note_cell((self._row, self._column), self._value.strip())

    def _note_cell(self, cell: Cell, value: str) -> None:
        notes = self.notes
        if self._kind == "e":
            notes.errors[cell] = value or "#N/A"
        elif self._formula is not None and not value and self._kind != "str":
            notes.uncached[cell] = f"={self._formula}"[:40]
        elif self._formula is not None and value == "0":
            notes.zeros[cell] = f"={self._formula}"[:40]
        if self._formula and _OTHER_BOOK.search(self._formula):
            notes.links += 1
        if self._style in self._styles or self._kind == "d":
            notes.styles[cell] = self._style
            notes.stored[cell] = value
        if self._struck and self._kind == "s" and value.isdigit() and int(value) in self._struck:
            notes.struck.add(cell)


@dataclass(frozen=True)
class Book:
    """A workbook open for reading.

    Parameters
    ----------
    name : str
        Name of the file.
    sheets : object
        The workbook as openpyxl reads it, values only.
    archive : zipfile.ZipFile
        The same file, for what openpyxl does not tell.
    """

    name: str
    sheets: Any
    archive: zipfile.ZipFile

    @cached_property
    def formats(self) -> Mapping[int, str]:
        """Number formats that show something else than the cell holds, by style."""
        made = {}
        for index, style in enumerate(self.sheets._cell_styles):
            number = int(style.numFmtId)
            own = self.sheets._number_formats
            code = own[number - 164] if number >= 164 else BUILTIN_FORMATS.get(number, "General")
            if number not in _LOCAL and not is_plain(code):
                made[index] = code
        return made

    @cached_property
    def struck(self) -> frozenset[int]:
        """Styles whose text is struck out."""
        fonts = self.sheets._fonts
        return frozenset(k for k, style in enumerate(self.sheets._cell_styles) if fonts[int(style.fontId)].strike)

    @cached_property
    def struck_strings(self) -> frozenset[int]:
        """Shared texts of which a part is struck out."""
        return struck_strings(self.archive)

    @cached_property
    def uncomputed(self) -> bool:
        """Whether the formulas are still to be computed."""
        return has_uncomputed_formulas(self.archive)

    def notes(self, sheet: Any) -> SheetNotes:
        """Return what a sheet says of its cells beside their values."""
        return noted(self.archive, sheet._worksheet_path, {*self.formats, *self.struck}, self.struck_strings)
