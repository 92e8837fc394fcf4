"""Workbooks before they are unpacked: counted in their XML, refused where they hold too much, are locked or cut off."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from evsiting.study import size_limits
from evsiting.study.files.xlsx import packed
from evsiting.study.files.xlsx.packed import workbook_fits
from evsiting.study.findings import Findings
from tests.canonical import told

ROWS = '<row r="{row}"><c r="{cell}"><v>1</v></c></row>'


def book(path: Path, sheet: str, **parts: str) -> Path:
    with zipfile.ZipFile(path / "a.xlsx", "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", f"<worksheet><sheetData>{sheet}</sheetData></worksheet>")
        for name, text in parts.items():
            archive.writestr(f"xl/{name}.xml", text)
    return path / "a.xlsx"


def problems(path: Path) -> list[str]:
    findings = Findings()
    fits = workbook_fits(path, findings)
    assert fits == (not findings)
    return told(findings)


@pytest.fixture
def low(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lower the ceilings, so that small files are too large."""
    ceilings = {"unpacked": 10_000, "cells": 1_000, "workbook cells": 20}
    monkeypatch.setattr(packed, "ceiling", lambda name: ceilings.get(name, size_limits.ceiling(name)))


def test_a_small_workbook_fits(tmp_path: Path, low: None) -> None:
    assert problems(book(tmp_path, ROWS.format(row=10, cell="CV10"))) == []  # 10 rows and 100 columns
    assert problems(book(tmp_path, "")) == []


def test_a_far_cell_makes_a_large_sheet(tmp_path: Path, low: None) -> None:
    (text,) = problems(book(tmp_path, ROWS.format(row=11, cell="CV11")))
    assert "11 rows and 100 columns, 1 cells filled; at most 1,000 cells are read" in text
    assert "Delete the rows and columns beyond the tables" in text


@pytest.mark.parametrize(("row", "cell"), [(1_048_577, "A1048577"), (1, "XFE1"), (10**29, "A1")])
def test_more_rows_or_columns_than_the_format_has(tmp_path: Path, row: int, cell: str) -> None:
    (text,) = problems(book(tmp_path, ROWS.format(row=row, cell=cell)))
    assert "says that it has more rows or columns than a sheet can have" in text


def test_cells_without_references_are_counted(tmp_path: Path, low: None) -> None:
    assert problems(book(tmp_path, "<row>" + "<c><v>1</v></c>" * 20 + "</row>")) == []
    (text,) = problems(book(tmp_path, "<row>" + "<c><v>1</v></c>" * 21 + "</row>"))
    assert "has more cells than a workbook can have (21; at most 20 are read)" in text
    assert problems(book(tmp_path, "<cols>" + "<col/>" * 30 + "</cols>")) == []  # tags that begin alike are no cells


def test_other_namespaces_count_alike(tmp_path: Path, low: None) -> None:
    (text,) = problems(book(tmp_path, "<x:row>" + '<x:c r="A1"><x:v>1</x:v></x:c>' * 21 + "</x:row>"))
    assert "(21; at most 20 are read)" in text


def test_a_tag_across_two_blocks_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "_BLOCK", 7)
    (text,) = problems(book(tmp_path, ROWS.format(row=2_000_000, cell="A2000000")))
    assert "row 2,000,000, column 1" in text


def test_too_much_unpacked(tmp_path: Path, low: None) -> None:
    assert problems(book(tmp_path, " " * 9_000)) == []
    (text,) = problems(book(tmp_path, " " * 10_000))
    assert "bytes unpacked; at most 10,000" in text


@pytest.mark.parametrize("part", ["sharedStrings", "styles", "theme/x"])
def test_a_document_type_is_refused_in_any_part(tmp_path: Path, part: str) -> None:
    (text,) = problems(book(tmp_path, "", **{part: '<!DOCTYPE x [<!ENTITY a "b">]>'}))
    assert f"a document type in xl/{part}.xml" in text
    (text,) = problems(book(tmp_path, "<!DOCTYPE x>"))
    assert "holds XML that no spreadsheet program writes" in text


def test_a_locked_workbook_is_told(tmp_path: Path) -> None:
    file = book(tmp_path, "")
    raw = bytearray(file.read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1  # the flag of the directory entry: encrypted
    file.write_bytes(raw)
    (text,) = problems(file)
    assert "is locked with a password ('xl/worksheets/sheet1.xml')" in text


def test_a_damaged_part_is_told(tmp_path: Path) -> None:
    file = book(tmp_path, "<row/>" * 50)
    raw = file.read_bytes()
    file.write_bytes(raw.replace(b"<row/>", b"<ROW/>", 1))  # stored as it is, under the old checksum
    (text,) = problems(file)
    assert "is a workbook that is cut off or damaged" in text
