"""The sheet of settings: keys and values found, texts kept as text, what cannot be read told once."""

from __future__ import annotations

import pytest

from evsiting.study.canonical.cells import UNREADABLE
from evsiting.study.files.xlsx.ooxml import SheetNotes
from evsiting.study.files.xlsx.settings_sheet import read_settings
from evsiting.study.findings import Findings
from tests.canonical import told

HEAD = ["key", "value"]


def read(
    *rows: list[object],
    notes: SheetNotes | None = None,
    formats: dict[int, str] | None = None,
    uncomputed: bool = False,
) -> tuple[dict[str, object], list[str], list[str]]:
    findings = Findings()
    made = read_settings(
        [list(row) for row in rows],
        notes or SheetNotes(),
        formats or {},
        "sheet 'settings'",
        uncomputed=uncomputed,
        findings=findings,
    )
    return made, told(findings), findings.warnings


def test_keys_become_sections() -> None:
    made, texts, odd = read(HEAD, ["study.name", "Mine"], [" money.discount_rate ", 0.07], [None, None])
    assert made == {"study": {"name": "Mine"}, "money": {"discount_rate": 0.07}}
    assert (texts, odd) == ([], [])


@pytest.mark.parametrize(
    "rows",
    [
        [["study.name", "Mine"]],
        [["key", None], ["study.name", "Mine"]],
        [["My settings"], [None], ["note", "Value", "KEY"], ["x", "Mine", "study.name"]],
    ],
)
def test_the_header_may_be_missing_or_stand_lower(rows: list[list[object]]) -> None:
    assert read(*rows)[0] == {"study": {"name": "Mine"}}
    assert read()[0] == {}


def test_a_name_that_is_a_number_stays_a_text() -> None:
    made, _, _ = read(HEAD, ["study.name", 2027.0], ["study.question", 1.5], ["money.base_year", 2026])
    assert made == {"study": {"name": "2027", "question": "1.5"}, "money": {"base_year": 2026}}
    assert read(HEAD, ["study.question", None], ["money.base_year", None])[0] == {"study": {"question": ""}}


def test_a_key_given_twice_is_told_and_the_first_holds() -> None:
    made, (text,), _ = read(HEAD, ["money.base_year", 2026], ["money.base_year", 2027])
    assert made == {"money": {"base_year": 2026}}
    assert text == "sheet 'settings', row 3: a key is given twice (money.base_year). Keep one row."


def test_a_value_without_a_key_is_told() -> None:
    made, (text,), _ = read(HEAD, [None, "0.07"], ["  ", 5], [None, " "])
    assert made == {}
    assert "a value has no key (row 2: 0.07, row 3: 5)" in text


def test_errors_and_formulas_without_a_value_are_left_out_and_told() -> None:
    notes = SheetNotes(errors={(2, 2): "#REF!"}, uncached={(3, 2): "=B1"}, zeros={(4, 2): "=B2"})
    rows = (HEAD, ["study.name", UNREADABLE], ["money.base_year", UNREADABLE], ["money.discount_rate", 0.0])
    made, (text,), _ = read(*rows, notes=notes)
    assert made == {"money": {"discount_rate": 0.0}}
    assert "2 cells hold an error or a formula without a value (B2: #REF!, B3: =B1)" in text
    made, (text,), _ = read(*rows, notes=notes, uncomputed=True)
    assert made == {}
    assert "3 cells hold" in text


def test_keys_merged_over_rows_are_told() -> None:
    rows = (HEAD, ["money.base_year", 2026], [None, None])
    assert (
        "keys or values are merged over several rows (A2:A3)"
        in read(*rows, notes=SheetNotes(merges=[(2, 1, 3, 1)]))[1][0]
    )
    assert read(*rows, notes=SheetNotes(merges=[(2, 3, 3, 3)]))[1] == []  # beside them
    assert read(*rows, notes=SheetNotes(merges=[(1, 1, 1, 2)]))[1] == []  # a title over both


def test_hidden_rows_are_read_and_told() -> None:
    made, _, (text,) = read(HEAD, ["money.base_year", 2026], [None, None], notes=SheetNotes(hidden_rows=[2, 3]))
    assert made == {"money": {"base_year": 2026}}
    assert text == "sheet 'settings': 1 row is hidden and read all the same: row 2"


@pytest.mark.parametrize(
    ("key", "value", "code", "read_as", "words"),
    [
        ("money.discount_rate", 0.07, "0%", 0.07, ""),
        ("money.discount_rate", 7.0, '0"%"', None, "Write the fraction, such as 0.07, or format the cell as percent"),
        ("money.base_year", 2026, "yyyy-mm-dd", None, "a number in a cell that is formatted as a date"),
        ("study.name", 7, "000", "007", ""),
    ],
)
def test_values_are_read_as_they_are_shown(key: str, value: float, code: str, read_as: object, words: str) -> None:
    made, texts, _ = read(HEAD, [key, value], notes=SheetNotes(styles={(2, 2): 5}), formats={5: code})
    section, name = key.split(".")
    assert made.get(section, {}).get(name) == read_as
    assert [words in text for text in texts] == ([True] if words else [])
