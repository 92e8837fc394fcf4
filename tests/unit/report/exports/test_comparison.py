"""A comparison as a workbook: figures are those of the tables, names with brackets stay readable."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import evsiting as ev
from evsiting.report.exports.comparison import write_comparison
from tests.studies import two_plant_study


def test_a_sheet_a_table_with_its_figures(tmp_path: Path) -> None:
    study = ev.complete(two_plant_study())
    cheap, clean = (ev.solve(study, objective=name, gap=0.0, verify=False) for name in ("cost", "emissions"))
    found = ev.compare({"cheap [1]": (study, cheap), "clean": (study, clean)})
    sheets = pd.read_excel(write_comparison(tmp_path / "both.xlsx", found), sheet_name=None)
    assert set(sheets) == {"About", *found.tables}
    assert sheets["totals"]["cheap  1 "].tolist() == pytest.approx(found.totals["cheap [1]"].tolist())
    assert sheets["flows"]["clean [unit]"].sum() == pytest.approx(found.flows["clean"].sum())
    first = " ".join(str(cell) for cell in sheets["About"].to_numpy().ravel())
    assert "Minimised: cheap [1] cost; clean emissions." in first


def test_another_ending_is_refused(tmp_path: Path) -> None:
    study = ev.complete(two_plant_study())
    plan = ev.solve(study, gap=0.0, verify=False)
    with pytest.raises(ev.InputError, match=r"ends in \.xlsx"):
        write_comparison(tmp_path / "both.csv", ev.compare([(study, plan), (study, plan)]))
