"""The workbook: what is read back is what the plan holds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from evsiting.errors import InputError
from evsiting.report.exports.workbook import write_workbook
from evsiting.results.certificate import certify
from evsiting.results.plan import Front, Plan
from evsiting.study.study import Study
from tests.exports.conftest import HOSTILE

Answer = tuple[Study, Plan]


@pytest.fixture(scope="module")
def book(answer: Answer, front: Front, tmp_path_factory: pytest.TempPathFactory) -> Path:
    study, plan = answer
    folder = tmp_path_factory.mktemp("book")
    return write_workbook(folder / "siting.xlsx", study, plan, front=front, certificate=certify(study, plan))


def test_the_first_sheet_answers_with_the_totals(book: Path, answer: Answer) -> None:
    _, plan = answer
    sheet = openpyxl.load_workbook(book)["About"]
    cells = {row[0]: row[1] for row in sheet.iter_rows(values_only=True) if row[0]}
    assert cells["Cost"] == pytest.approx(plan.totals["cost"], rel=1e-12)
    assert cells["Emissions"] == pytest.approx(plan.totals["emissions"], rel=1e-12)
    assert cells["Direct jobs"] == pytest.approx(plan.totals["jobs"], rel=1e-12)
    assert cells["Proven gap"] == plan.gap
    assert cells["Study digest"] == plan.study_digest
    assert any("Build 3 plants" in str(name) for name in cells)


@pytest.mark.parametrize("table", ["production", "shipments"])
def test_tables_come_back_as_they_are(book: Path, answer: Answer, table: str) -> None:
    _, plan = answer
    own = getattr(plan, table)
    read = pd.read_excel(book, sheet_name=table, keep_default_na=False).rename(
        columns={"units [unit/yr]": "units_per_yr"}
    )
    pd.testing.assert_frame_equal(read[list(own.columns)], own, check_dtype=False, check_index_type=False)


@pytest.mark.parametrize("name", ["cost", "emissions", "jobs"])
def test_ledgers_add_up_in_the_workbook(book: Path, answer: Answer, name: str) -> None:
    _, plan = answer
    read = pd.read_excel(book, sheet_name=f"{name} ledger")
    value = next(c for c in read if c.startswith("value ["))
    assert read[value].sum() == pytest.approx(plan.totals[name], rel=1e-12)


def test_headers_are_frozen_and_filtered_and_hold_units(book: Path) -> None:
    read = openpyxl.load_workbook(book)
    assert {"plants", "front", "certificate", "sources", "sites", "markets", "unit cost"} <= set(read.sheetnames)
    for sheet in read.worksheets[1:]:
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref
    heads = [c.value for c in read["plants"][1]]
    assert {"investment [USD]", "capacity [unit/yr]", "lat [degree]"} <= set(heads)


def test_names_never_become_formulas(hostile: Answer, tmp_path: Path) -> None:
    study, plan = hostile
    read = openpyxl.load_workbook(write_workbook(tmp_path / "h.xlsx", study, plan))
    cells = [c for sheet in read.worksheets for row in sheet.iter_rows() for c in row]
    assert not [c for c in cells if c.data_type == "f"]
    assert HOSTILE[1] in {c.value for c in cells}
    assert not [c for c in cells if c.hyperlink and c.hyperlink.target]


def test_only_xlsx_and_nothing_is_left_behind(answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study, plan = answer
    with pytest.raises(InputError, match=r"ends in \.xlsx"):
        write_workbook(tmp_path / "siting.csv", study, plan)
    target = tmp_path / "siting.xlsx"
    target.write_text("the old one")
    monkeypatch.setattr("evsiting.report.exports.workbook._write_about", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_workbook(target, study, plan)
    assert target.read_text() == "the old one"
    assert [p.name for p in tmp_path.iterdir()] == ["siting.xlsx"]


def test_numbers_of_a_sheet_show_what_they_are(answer: Answer, tmp_path: Path) -> None:
    study, plan = answer
    programs = pd.DataFrame(
        {"program": ["credit", "grant"], "country": "US", "plant_type": "cell", "kind": ["production", "grant"]}
    )
    study = study.with_table("programs", programs.assign(value=[0.05, 2e9], first_year=2027, last_year=[2030, 2036]))
    plan = replace(plan, study_digest=study.digest)
    book = openpyxl.load_workbook(write_workbook(tmp_path / "a.xlsx", study, plan))

    def formats(sheet: str, start: str) -> list[str]:
        cells = next(c for c in book[sheet].iter_cols() if str(c[0].value).startswith(start))
        return [cell.number_format for cell in cells[1:] if cell.value is not None]

    assert formats("programs", "value") == ["0.0000", "#,##0"]
    assert formats("programs", "first_year") == ["0", "0"]
    assert set(formats("cash flow", "year")) == {"0"}
    assert set(formats("products", "mass")) == {"#,##0"}
    assert set(formats("gate cost", "cost at the gate")) > {"#,##0"}
    lines = [row[0].value for row in book["unit cost"].iter_rows(min_row=2)]
    assert lines[-1] == "This plan", "there is no import to compare with"
