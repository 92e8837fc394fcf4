"""Workbooks for the tests: a small study as a workbook, changed by openpyxl or by editing what the file stores."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl

from evsiting.errors import InputError
from evsiting.study.files.read import read_study
from evsiting.study.study import Study

Change = Callable[[Any], None]


def column(sheet: Any, label: str) -> int:
    """Return the number of the column whose header has this label."""
    return next(c.column for c in sheet[1] if str(c.value).split(" [")[0] == label)


def cells(sheet: Any, label: str) -> list[Any]:
    """Return the cells of a column below its header."""
    k = column(sheet, label)
    return [sheet.cell(row, k) for row in range(2, sheet.max_row + 1)]


def edited(source: Path, target: Path, change: Change | None = None, parts: Change | None = None) -> Path:
    """Return a copy of a workbook, changed by openpyxl, then in the parts that the file stores."""
    book = openpyxl.load_workbook(source)
    if change is not None:
        change(book)
    book.save(target)
    if parts is not None:
        with zipfile.ZipFile(target) as archive:
            stored = {name: archive.read(name) for name in archive.namelist()}
        parts(stored)
        with zipfile.ZipFile(target, "w") as archive:
            for name, content in stored.items():
                archive.writestr(name, content)
    return target


def told(path: Path) -> tuple[Study | None, list[str], list[str]]:
    """Return the study that is read, the problems that are told, and the warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            return read_study(path), [], [str(w.message) for w in caught]
        except InputError as error:
            return None, [str(p) for p in error.problems], [str(w.message) for w in caught]
