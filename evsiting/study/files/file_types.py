"""Detect files that are called a workbook and are something else, and say what to do."""

from __future__ import annotations

import zipfile
from collections.abc import Collection
from pathlib import Path

from evsiting.study.files.csv_tables import kind_of

__all__ = ["OTHER_SHEETS", "archive_kind", "office_kind"]

_SAVE = "Open it in a spreadsheet program and save it as an Excel workbook (.xlsx)"
#: Endings of spreadsheets that are not read.
OTHER_SHEETS = {
    ".xls": "an old Excel workbook",
    ".xlsb": "a binary Excel workbook",
    ".xlt": "an old Excel template",
    ".xltx": "an Excel template",
    ".xltm": "an Excel template",
    ".ods": "an OpenDocument spreadsheet",
    ".fods": "an OpenDocument spreadsheet",
    ".numbers": "a Numbers document",
    ".gsheet": "a link to a Google sheet",
}
#: As much of a compound file as is searched for the names of its parts.
_SEARCHED = 50_000_000
_PARTS = (
    ("EncryptedPackage", "a workbook that is encrypted with a password"),
    ("WordDocument", "an old Word document"),
    ("PowerPoint Document", "an old PowerPoint document"),
)
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument.spreadsheet"


def office_kind(path: Path, head: bytes) -> tuple[str, str]:
    """Return what a file is that is no ZIP archive, and the way out.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    head : bytes
        Its beginning.
    """
    if path.name.startswith("~$"):
        kind = f"the file by which a spreadsheet program keeps {path.name[2:]!r} for one user while it is open"
        return kind, f"Give {path.name[2:]!r}"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        with path.open("rb") as file:
            content = file.read(_SEARCHED)
        kind = next((k for part, k in _PARTS if part.encode("utf-16-le") in content), kind_of(head))
        fix = "Open it with its password, take the password off, and save it as .xlsx" if "encrypted" in kind else _SAVE
        return kind, fix
    begins = head[:2_000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if b"office:spreadsheet" in head[:5_000] and begins.startswith(b"<?xml"):
        return "an XML spreadsheet of Excel 2003", _SAVE
    if begins.startswith((b"<html", b"<!doctype html", b"<table", b"<head", b"<meta", b"<body")):
        return "a web page with a table, as some programs export it under the name of a workbook", _SAVE
    kind = kind_of(head)
    if not kind and any(mark in head.split(b"\n")[0] for mark in (b",", b";", b"\t")):
        return (
            "text in columns, as in a CSV file",
            "Call it TABLE.csv in a folder that holds study.toml; or put its columns into a sheet of a workbook",
        )
    return kind or "text", "Save it as .xlsx in a spreadsheet program"


def archive_kind(archive: zipfile.ZipFile, names: Collection[str]) -> tuple[str, str]:
    """Return what a ZIP archive without the parts of an .xlsx workbook is, and the way out.

    Parameters
    ----------
    archive : zipfile.ZipFile
        The archive.
    names : collection of str
        The names in it.
    """
    if "xl/workbook.bin" in names:
        return "a binary Excel workbook (.xlsb)", _SAVE
    if "mimetype" in names:
        with archive.open("mimetype") as file:
            if file.read(100).startswith(_OPEN_DOCUMENT):
                return "an OpenDocument spreadsheet (.ods)", _SAVE
    if any(name.endswith(".iwa") for name in names):
        return "a Numbers document", "Export it as an Excel workbook (.xlsx)"
    if "word/document.xml" in names:
        return "a Word document", "Give an .xlsx workbook"
    return "", "Give an .xlsx workbook"
