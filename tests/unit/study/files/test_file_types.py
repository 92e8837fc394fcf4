"""What a file is that is no workbook, and the way out."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from evsiting.study.files.file_types import archive_kind, office_kind

OLD = b"\xd0\xcf\x11\xe0"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (OLD + "EncryptedPackage".encode("utf-16-le"), "encrypted with a password"),
        (OLD + "WordDocument".encode("utf-16-le"), "an old Word document"),
        (b"\xef\xbb\xbf <HTML><table>", "a web page with a table"),
        (b"<?xml version='1.0'?><x xmlns='urn:schemas-microsoft-com:office:spreadsheet'/>", "XML spreadsheet of Excel"),
        (b"site;name\na;A\n", "text in columns"),
        (b"hello", "text"),
    ],
)
def test_files_are_told_apart_by_what_is_in_them(tmp_path: Path, content: bytes, kind: str) -> None:
    path = tmp_path / "study.xlsx"
    path.write_bytes(content)
    told, fix = office_kind(path, content[:10_000])
    assert kind in told
    assert fix


def test_the_lock_file_of_a_spreadsheet_points_to_the_workbook(tmp_path: Path) -> None:
    told, fix = office_kind(tmp_path / "~$study.xlsx", b"")
    assert "'study.xlsx'" in told
    assert fix == "Give 'study.xlsx'"


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ({"xl/workbook.bin": b""}, "a binary Excel workbook (.xlsb)"),
        ({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}, "an OpenDocument spreadsheet (.ods)"),
        ({"mimetype": b"application/epub+zip"}, ""),
        ({"Index/Document.iwa": b""}, "a Numbers document"),
        ({"word/document.xml": b""}, "a Word document"),
        ({"a.txt": b""}, ""),
    ],
)
def test_archives_are_told_apart_by_their_parts(parts: dict[str, bytes], kind: str) -> None:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as made:
        for name, content in parts.items():
            made.writestr(name, content)
    with zipfile.ZipFile(memory) as archive:
        assert archive_kind(archive, archive.namelist())[0] == kind
