"""A file of what-if cases: read as text, or told as what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from evsiting.study.files.cases import read_cases_file
from evsiting.study.findings import Findings
from tests.canonical import told

TEXT = "case,table,column,action,value\nlean,demand,units_per_yr,multiply,0.7\nÉté,,,,\n"


@pytest.mark.parametrize(
    ("name", "text"), [("a.csv", TEXT), ("a.CSV", TEXT), ("a.tsv", TEXT.replace(",", "\t")), ("a.txt", TEXT)]
)
def test_cells_are_text(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    findings = Findings()
    frame = read_cases_file(tmp_path / name, findings)
    assert frame is not None
    assert told(findings) == []
    assert frame["case"].tolist() == ["lean", "Été"]
    assert frame["value"].iloc[0] == "0.7"
    assert findings.where("cases", "value") == f"{name}, column 'value'"
    assert findings.row("cases", 0) == "row 2"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "none.csv",
            "is no table of cases (there is no such file). Give a CSV file with columns case, based_on, table",
        ),
        ("folder", "it is a folder"),
        ("a.xlsx", "is no CSV file (ending '.xlsx')"),
        ("a", "is no CSV file (ending '')"),
    ],
)
def test_what_is_no_file_of_cases_is_told(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "folder").mkdir()
    for file in ("a.xlsx", "a"):
        (tmp_path / file).write_bytes(b"x")
    findings = Findings()
    assert read_cases_file(str(tmp_path / name), findings) is None
    (text,) = told(findings)
    assert words in text


def test_a_home_folder_is_looked_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "a.csv").write_text(TEXT, encoding="utf-8")
    frame = read_cases_file("~/a.csv", Findings())
    assert frame is not None
    assert len(frame) == 2
