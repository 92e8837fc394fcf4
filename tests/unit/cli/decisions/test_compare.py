"""The command compare: what differs between runs, on the terminal, as JSON and as a workbook."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import evsiting as ev
from evsiting.cli import main
from tests.studies import two_plant_study


def code(*words: object) -> int:
    with pytest.raises(SystemExit) as end:
        main([str(word) for word in words])
    return int(end.value.code or 0)


def test_runs_side_by_side(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = ev.complete(two_plant_study())
    less = study.with_table("demand", study.demand.assign(units_per_yr=study.demand["units_per_yr"] * 0.5))
    for name, of in (("base", study), ("less", less)):
        ev.write_run(tmp_path / name, of, ev.solve(of, gap=0.0, verify=False))
    runs = tmp_path / "base", tmp_path / "less"
    assert code("compare", *runs, "--xlsx", tmp_path / "both.xlsx") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "less against base: cost −USD" in said
    assert "Proven: the best answer to the question of less has −USD" in said
    assert "units_per_yr" in said
    sheets = pd.read_excel(tmp_path / "both.xlsx", sheet_name=None)
    assert list(sheets) == ["About", "totals", "proven", "plants", "flows", "ledgers", "inputs"]
    assert code("compare", *runs, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["plans"] == ["base", "less"]
    totals = {row["total"]: row for row in told["totals"]}
    stated = [json.loads((run / "plan.json").read_text(encoding="utf-8"))["totals"]["cost"] for run in runs]
    assert [totals["cost"]["base"], totals["cost"]["less"]] == pytest.approx(stated)
    assert len(told["inputs"]) == len(study.demand)
    assert sheets["totals"].loc[0, "less less base"] == pytest.approx(totals["cost"]["less less base"])


def test_what_is_no_run_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = ev.complete(two_plant_study())
    run = ev.write_run(tmp_path / "base", study, ev.solve(study, gap=0.0, verify=False))
    assert code("compare", run, tmp_path / "nowhere") == 1
    assert "nowhere" in capsys.readouterr().err
    assert code("compare", run) == 1
    assert "two answers or more" in capsys.readouterr().err
    assert code("compare", run, run) == 0
    assert "The same plants" in capsys.readouterr().out
    assert code("compare", run, run, "--xlsx", tmp_path / "both.csv") == 1
    assert "ends in .xlsx" in capsys.readouterr().err
