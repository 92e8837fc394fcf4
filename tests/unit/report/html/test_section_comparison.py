"""The section on another plan: totals, proof, plants and input that differ, none of it where nothing was asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import evsiting as ev
from evsiting.report.html.section_comparison import comparison
from tests.asked_studies import asked


def test_another_plan_stands_beside_this_one() -> None:
    study, _, told = asked()
    section = comparison(study, told)
    assert section is not None
    totals, plants, items, inputs = section.blocks
    assert totals.title == "Beside “less”"
    assert "The same plants. Proven: the best answer to the question of less has" in totals.lead
    assert totals.rows[0][3].text == "same"  # totals of the same ledgers
    assert plants.rows == []
    assert items.rows == []
    assert {row[2].text for row in inputs.rows} == {"units_per_yr"}
    assert [cell.text for cell in inputs.rows[0][3:]] == ["60,000", "30,000"]


def test_empty_cells_and_cut_tables_are_told() -> None:
    study, _, told = asked()
    tables = dict(told.tables)
    plant = {"beside": "less", "site": "memphis", "name": "Memphis", "country": "US", "plant_type": "pack"}
    plant |= {"plant": None, "here": "new line in p1", "there": float("nan")}
    tables["compared_plants"] = pd.DataFrame([plant])
    tables["compared"] = tables["compared"].assign(inputs=1234, asked=False, differ=1)
    section = comparison(study, replace(told, tables=tables))
    assert section is not None
    assert section.blocks[1].rows[0][4].text == "–"
    assert section.blocks[3].lead.startswith("1,234 cells")
    assert "not asked the same" in section.blocks[0].lead
    assert comparison(study, replace(told, tables={})) is None


def test_the_page_shows_all_that_was_asked_and_refuses_what_is_of_another_plan(tmp_path: Path) -> None:
    study, plan, told = asked()
    page = ev.write_report(tmp_path / "report.html", study, plan, decisions=told).read_text(encoding="utf-8")
    for name in ("tornado", "robustness", "comparison"):
        assert f'<section id="{name}">' in page
    assert '"entry":{"plan":0,"money":true' in page
    other = replace(told, objective=told.objective + 1e6)
    for write, file in ((ev.write_report, "other.html"), (ev.write_workbook, "other.xlsx")):
        with pytest.raises(ev.InputError, match="are about another plan"):
            write(tmp_path / file, study, plan, decisions=other)
