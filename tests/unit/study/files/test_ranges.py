"""A file of ranges: its rows as they are, and one clear error for what is none."""

from __future__ import annotations

from pathlib import Path

import pytest

import evsiting as ev
from evsiting.study.files.ranges import read_ranges_file


def test_rows_are_read_and_empty_columns_left_out(tmp_path: Path) -> None:
    file = tmp_path / "ranges.csv"
    file.write_text(
        "name, table,column,rows,low,high,parameter\ndemand,demand,units_per_yr,,0.8,1.2,\n,,,,,,\n", "utf-8-sig"
    )
    found = read_ranges_file(file)
    assert found.columns.tolist() == ["name", "table", "column", "low", "high"]
    assert ev.tornado_cases(found)["value"].tolist() == [0.8, 1.2]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "cannot be read"),
        ("name,table,column,lo,high\n", "another name"),
        ("name,table,column,low,high\n", "no range"),
    ],
)
def test_what_is_no_table_of_ranges_is_told(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "ranges.csv"
    file.write_text(text, "utf-8")
    with pytest.raises(ev.InputError, match=told):
        read_ranges_file(file)
    with pytest.raises(ev.InputError, match="no such file"):
        read_ranges_file(tmp_path / "none.csv")
    with pytest.raises(ev.InputError, match="it is a folder"):
        read_ranges_file(tmp_path)
