"""Sheets of what was asked: each with its unit in the header, text as text, none that is empty."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openpyxl

import evsiting as ev
from evsiting.report.exports.asked import asked_sheets
from tests.asked_studies import asked


def test_every_table_that_holds_anything_has_a_sheet_with_units(tmp_path: Path) -> None:
    study, plan, told = asked()
    sheets = {name: frame for name, (_, frame) in asked_sheets(told)}
    assert list(sheets) == [
        "entry costs",
        "tornado",
        "selection",
        "spread",
        "compared",
        "compared totals",
        "compared input",
    ]
    assert "swing [USD, present value]" in sheets["tornado"]
    assert sheets["spread"]["in"].tolist()[:2] == ["USD, present value", "t CO2e"]
    book = openpyxl.load_workbook(ev.write_workbook(tmp_path / "plan.xlsx", study, plan, decisions=told))
    assert set(sheets) <= set(book.sheetnames)
    rows = list(book["entry costs"].iter_rows(values_only=True))
    assert rows[0] == ("site", "plant_type", "in_plan", "at_least [USD, present value]")
    assert rows[1] == ("monterrey", "pack", False, 12.3e6)


def test_figures_in_which_fewer_jobs_count_as_worse_say_so_in_their_headers() -> None:
    _, _, told = asked()
    sheets = {name: frame for name, (_, frame) in asked_sheets(replace(told, objective_name="jobs"))}
    assert {"low [job-years fewer]", "high [job-years fewer]", "swing [job-years]"} <= {*sheets["tornado"]}
    assert "at_least [job-years fewer]" in sheets["entry costs"]
