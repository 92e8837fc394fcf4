"""Sheets of a workbook: tables by their titles, others left alone, and one that seems to be a missing table refused."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from evsiting.study.files.xlsx.ooxml import Book
from evsiting.study.files.xlsx.sheets import _nearly_named_table, read_sheets
from evsiting.study.findings import Findings
from tests.canonical import told

SETTINGS = [["key", "value"], ["study.name", "Mine"]]
DEMAND = [["market", "product", "units"], ["m", "car", 5]]


def read(
    sheets: dict[str, list[list[object]]], hidden: tuple[str, ...] = ()
) -> tuple[object, dict[str, object], set[str], list[str], list[str]]:
    """Return settings, tables, names of unread ones, problems and remarks of a workbook."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        sheet.sheet_state = "hidden" if title in hidden else "visible"
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    findings = Findings()
    loaded = openpyxl.load_workbook(content, read_only=True, data_only=True)
    with zipfile.ZipFile(content) as archive:
        raw, tables, unread = read_sheets(Book("a.xlsx", loaded, archive), findings)
    return raw, tables, unread, told(findings), findings.warnings


def test_titles_are_read_without_regard_to_case_and_blanks() -> None:
    raw, tables, unread, texts, odd = read(
        {" Settings": SETTINGS, "Bill of Materials": [["product", "input"], ["a", "b"]]}
    )
    assert raw == {"study": {"name": "Mine"}}
    assert list(tables) == ["bill_of_materials"]
    assert (unread, texts, odd) == (set(), [], [])


def test_a_workbook_without_settings_is_refused() -> None:
    raw, _, _, (text,), _ = read({"demand": DEMAND})
    assert raw is None
    assert "a.xlsx: has no sheet 'settings' (sheets: 'demand')" in text


def test_a_second_sheet_for_a_table_is_refused() -> None:
    _, tables, _, (text,), _ = read({"settings": SETTINGS, "demand": DEMAND, "DEMAND ": [*DEMAND, ["n", "car", 1]]})
    assert "sheet 'DEMAND ': is a second sheet for the same table (demand)" in text
    assert len(tables["demand"]) == 1


def test_sheets_for_people_and_empty_ones_are_left_alone() -> None:
    _, tables, _, texts, odd = read(
        {"settings": SETTINGS, "ReadMe": [["hi"]], "About": [["hi"]], "Empty": [], "Costs": [["x"]]}
    )
    assert (tables, texts) == ({}, [])
    assert odd == ["a.xlsx: sheets that are no tables of a study are left alone: 'Costs'"]


def test_a_sheet_that_seems_to_be_a_missing_table_is_refused() -> None:
    _, _, _, (text,), _ = read({"settings": SETTINGS, "demnd": DEMAND})
    assert "sheet 'demnd': is no table of a study" in text
    assert "Did you mean 'demand'? Rename it" in text


def test_a_copy_beside_its_table_is_told() -> None:
    _, tables, _, texts, (odd,) = read(
        {"settings": SETTINGS, "demand": DEMAND, "demand (2)": DEMAND}, hidden=("demand (2)",)
    )
    assert texts == []
    assert len(tables["demand"]) == 1
    assert (
        "left alone: 'demand (2)' (hidden); is one of them meant to be read? 'demand (2)' (hidden) beside 'demand'"
        in odd
    )


def test_hidden_tables_are_read_and_told() -> None:
    _, tables, _, _, (odd,) = read({"settings": SETTINGS, "demand": DEMAND}, hidden=("demand",))
    assert "demand" in tables
    assert odd == "a.xlsx: hidden sheets are read like the others: 'demand'"


def test_a_table_that_cannot_be_used_is_unread() -> None:
    _, tables, unread, texts, _ = read({"settings": SETTINGS, "demand": []})
    assert (tables, unread) == ({}, {"demand"})
    assert "has no header row" in texts[0]


def test_characters_written_by_their_code_are_read() -> None:
    _, tables, _, _, _ = read({"settings": SETTINGS, "demand": [DEMAND[0], ["a_x0041_b", "c_x004", 1]]})
    assert tables["demand"]["market"].tolist() == ["aAb"]
    assert tables["demand"]["product"].tolist() == ["c_x004"]


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("site", "sites"),
        ("options_(2)", "options"),
        ("demand_old", "demand"),
        ("old_demand", "demand"),
        ("program_rules_2", "program_rules"),
        ("setings", "settings"),
        ("costs", ""),
        ("demand_old_final_v2", "demand"),
        ("demand_by_region", ""),
        ("sources_of_steel", ""),
        ("draft", ""),
        ("table", ""),
        ("2027", ""),
    ],
)
def test_names_that_a_table_nearly_has(name: str, table: str) -> None:
    assert _nearly_named_table(name) == table


def test_the_place_of_each_sheet_is_noted(tmp_path: Path) -> None:
    findings = Findings()
    book = openpyxl.Workbook()
    book.active.title = "demand"
    for row in DEMAND:
        book.active.append(row)
    book.save(tmp_path / "b.xlsx")
    loaded = openpyxl.load_workbook(tmp_path / "b.xlsx", read_only=True, data_only=True)
    with zipfile.ZipFile(tmp_path / "b.xlsx") as archive:
        read_sheets(Book("b.xlsx", loaded, archive), findings)
    loaded.close()
    assert findings.where("demand") == "b.xlsx, sheet 'demand'"
    assert findings.row("demand", 0) == "row 2"
