"""Text tables: where the column names stand, how cells are parted, and notes below the table."""

from __future__ import annotations

from pathlib import Path

import pytest

from evsiting.study.files.csv_tables import kind_of, read_csv
from evsiting.study.findings import Findings
from evsiting.study.schema.tables import TABLES

HEADER, ROW = "period,start_year,years", "a,2027,4"


def told(path: Path, text: str) -> list[str]:
    path.write_text(text, encoding="utf-8")
    found = Findings()
    read_csv(path, TABLES["periods"], found)
    return [str(problem) for _, problem in found.problems]


@pytest.mark.parametrize(
    ("text", "way"),
    [
        (f"sep=,\n{HEADER}\n{ROW}\n", "Delete the line above the column names, which stand in line 2"),
        (f"sep=;\n{HEADER}\n{ROW}\n".replace(",", ";"), "Delete the line above the column names"),
        (f"# from the office\n\n{HEADER}\n{ROW}\n", "Delete the 2 lines above the column names"),
        (f"{HEADER}\n{ROW}\n".replace(",", "|"), "Part the cells by commas, semicolons or tabs"),
        ("note\nnothing\n", "Give periods with a header row"),
    ],
)
def test_where_the_column_names_stand_is_told(tmp_path: Path, text: str, way: str) -> None:
    (problem,) = told(tmp_path / "periods.csv", text)
    assert "the first row is no header of this table" in problem
    assert way in problem


def test_a_note_below_the_table_is_no_file_that_is_cut_off(tmp_path: Path) -> None:
    (note,) = told(tmp_path / "periods.csv", f"{HEADER}\n{ROW}\nSource: finance\n")
    assert "take the row out, if it is a note" in note
    (cut,) = told(tmp_path / "periods.csv", f"{HEADER}\n{ROW}\nb,20")
    assert "note" not in cut


def test_text_of_four_bytes_is_told_from_text_of_two() -> None:
    assert kind_of("a".encode("utf-32")) == "text in UTF-32"
    assert kind_of("a".encode("utf-16")) == "text in UTF-16"
