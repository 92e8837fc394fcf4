"""One sheet as a table: where the header stands, what merged cells mean, which cells cannot be read."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting.study.canonical.cells import UNREADABLE
from evsiting.study.files.xlsx.ooxml import SheetNotes
from evsiting.study.files.xlsx.sheet_table import Sheet, sheet_frame
from evsiting.study.findings import Findings
from evsiting.study.schema.tables import TABLES
from tests.canonical import told

HEAD = ["plant_type", "option", "capacity [unit/yr]", "own"]


class Book:
    """Stands for a workbook: what a sheet asks it."""

    formats: dict[int, str] = {7: "0%"}
    struck = frozenset({9})

    def __init__(self, uncomputed: bool = False) -> None:
        self.uncomputed = uncomputed


def read(
    *rows: list[object], table: str = "options", uncomputed: bool = False, **notes: object
) -> tuple[pd.DataFrame | None, list[str], list[str]]:
    findings = Findings()
    width = max(map(len, rows), default=0)
    wide = [[*row, *[None] * (width - len(row))] for row in rows]
    frame = sheet_frame(Sheet(Book(uncomputed), "book, sheet 'x'", TABLES[table], wide, SheetNotes(**notes), findings))
    return frame, told(findings), findings.warnings


def test_rows_keep_their_numbers_and_blank_ones_go() -> None:
    frame, texts, odd = read(HEAD, ["cell", "a", 1.0], [None, " ", None], ["cell", "b", 0])
    assert frame is not None
    assert frame.index.tolist() == [0, 2]  # rows 2 and 4
    assert frame["capacity [unit/yr]"].tolist() == [1.0, 0]
    assert (texts, odd) == ([], [])


@pytest.mark.parametrize("rows", [(), ([None, None],), ([" ", None], ["cell", "a"])])
def test_a_sheet_without_a_header(rows: tuple[list[object], ...]) -> None:
    frame, (text,), _ = read(*rows)
    assert frame is None
    assert "has no header row" in text


def test_a_title_above_the_header_is_told() -> None:
    frame, (text,), _ = read(["Our options"], [None], HEAD, ["cell", "a", 1.0, None])
    assert "has no header in row 1 (the column names stand in row 3). Delete the 2 above" in text
    assert frame is not None
    assert frame.index.tolist() == [2]
    assert frame["option"].tolist() == ["a"]


def test_columns_without_a_name_and_twice() -> None:
    frame, texts, _ = read(["plant_type", None, "option", "option"], ["cell", 5, "a", "b"])
    assert "a column with values has no name (column B). Name it in row 1" in texts[0]
    assert "has columns of the same name ('option')" in texts[1]
    assert frame is not None
    assert frame["option"].tolist() == ["a"]
    assert read(["plant_type", None], ["cell", None])[1] == []  # an empty column is none


def test_names_merged_down_a_column_hold_in_each_row() -> None:
    frame, texts, (text,) = read(HEAD, ["cell", "a", 1.0], [None, "b", 2.0], merges=[(2, 1, 3, 1)])
    assert frame is not None
    assert frame["plant_type"].tolist() == ["cell", "cell"]
    assert texts == []
    assert "read as the same value in each of their rows: A2:A3: 'cell'" in text


def test_a_number_merged_down_may_be_a_sum() -> None:
    frame, (text,), _ = read(HEAD, ["cell", "a", 10.0], ["cell", "b", None], merges=[(2, 3, 3, 3)])
    assert "a number stands in cells that are merged over several rows (C2:C3: 10.0)" in text
    assert frame is not None
    assert frame["capacity [unit/yr]"].tolist() == [UNREADABLE, UNREADABLE]


def test_merges_across_columns_and_in_the_header() -> None:
    assert (
        "cells are merged over several columns (A2:B2: 'cell')"
        in read(HEAD, ["cell", None, 1.0], merges=[(2, 1, 2, 2)])[1][0]
    )
    _, texts, _ = read(["plant_type", "option", "capacity [unit/yr]", None], ["c", "o", 1.0, 5], merges=[(1, 3, 1, 4)])
    assert ["cells of the header are merged (C1:D1)" in text for text in texts] == [True]


def test_errors_are_refused_in_columns_of_the_dictionary_and_told_in_others() -> None:
    rows = (HEAD, ["cell", "a", UNREADABLE, UNREADABLE], ["cell", "b", "#DIV/0!", 5])
    frame, (text,), (odd,) = read(*rows, errors={(2, 3): "#REF!", (2, 4): "#N/A"})
    assert "2 cells hold an error or a formula without a value (C2: #REF!, C3: #DIV/0!)" in text
    assert "in columns of your own are left empty: D2: #N/A" in odd
    assert frame is not None
    assert frame["capacity [unit/yr]"].tolist() == [UNREADABLE, UNREADABLE]
    assert frame["own"].tolist() == [None, 5]


def test_the_text_of_an_error_may_be_a_name() -> None:
    frame, texts, _ = read(HEAD, ["cell", "#N/A", 1.0])
    assert texts == []
    assert frame is not None
    assert frame["option"].tolist() == ["#N/A"]


def test_a_formula_with_a_zero_is_doubted_only_where_nothing_was_computed() -> None:
    rows = (HEAD, ["cell", "a", 0.0])
    assert read(*rows, zeros={(2, 3): "=A1"})[1] == []
    frame, (text,), _ = read(*rows, zeros={(2, 3): "=A1"}, uncomputed=True)
    assert "1 formula with a 0 in place of a value" in text
    assert frame is not None
    assert frame["capacity [unit/yr]"].tolist() == [UNREADABLE]


def test_hidden_and_struck_cells_are_read_and_told() -> None:
    rows = (HEAD, ["cell", "a", 1.0], ["cell", "b", 2.0])
    _, texts, odd = read(
        *rows, hidden_rows=[3, 9], hidden_columns=[(2, 2)], styles={(2, 1): 9}, struck={(3, 3), (8, 1)}
    )
    assert texts == []
    assert "1 row is hidden, by a filter say, and read all the same: row 3" in odd[0]
    assert "1 column is hidden and read all the same: 'option'" in odd[1]
    assert "2 cells are struck out and read all the same: A2, C3" in odd[2]


def test_cells_that_show_something_else_are_told_by_column() -> None:
    styles = {(2, 3): 7, (3, 3): 7, (2, 4): 7}
    frame, (text,), _ = read(HEAD, ["cell", "a", 0.5, 0.5], ["cell", "b", 0.6, None], styles=styles)
    assert "column 'capacity [unit/yr]': 2 times a percentage in a column of unit/yr (C2: holds 0.5, shows 50%" in text
    assert frame is not None
    assert frame["capacity [unit/yr]"].tolist() == [UNREADABLE, UNREADABLE]
    assert frame["own"].tolist() == [0.5, None]


def test_coordinates_are_columns_without_an_entry() -> None:
    frame, (text,), _ = read(["site", "lat", "lon"], ["a", "#N/A", -90.0], table="sites")
    assert "B2: #N/A" in text
    assert frame is not None
    assert frame["lon"].tolist() == [-90.0]
