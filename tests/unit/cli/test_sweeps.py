"""The commands sweep and scenarios --each: a run folder for each case, a table of all, and what is said of them."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import evsiting as ev
from evsiting.cli import main
from evsiting.study.files.write import write_study
from tests.scenario_studies import two_futures
from tests.studies import two_plant_study
from tests.sweep_tasks import cases_table


def code(*words: object) -> int:
    with pytest.raises(SystemExit) as end:
        main([str(word) for word in words])
    return int(end.value.code or 0)


@pytest.mark.slow
def test_a_sweep_is_stored_certified_and_taken_up_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study, out, cases = write_study(two_plant_study(), tmp_path / "study"), tmp_path / "out", tmp_path / "cases.csv"
    cases_table(3).to_csv(cases, index=False)
    words = ("sweep", study, "--cases", cases, "--out", out, "--workers", "1", "--gap", "0", "--no-verify")
    assert code(*words, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["runs"] == {"base": "base", "demand 00": "demand-00", "demand 01": "demand-01"}
    assert [row["status"] for row in told["cases"]] == ["optimal", "optimal", "optimal", "no plan"]
    assert ev.read_cases(out).plans["demand 00"].totals["cost"] == told["cases"][1]["cost"]
    assert code(*words) == 0
    said = capsys.readouterr()
    assert "4 of 4 are known" in said.err
    assert "too much, no plan" in said.out
    assert code("certify", out) == 0
    file = out / "cases.csv"
    honest = file.read_text(encoding="utf-8")
    cost = str(pd.read_csv(file, dtype="str")["cost"][1])
    file.write_text(honest.replace(cost, "1.0"), encoding="utf-8")
    assert code("certify", out) == 3
    assert "cases_table" in capsys.readouterr().err
    assert code("solve", study, "--out", out) == 1  # another kind of result
    assert code("solve", study, "--out", out / "base") == 1
    capsys.readouterr()


def test_bad_cases_are_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study, out, cases = write_study(two_plant_study(), tmp_path / "study"), tmp_path / "out", tmp_path / "cases.csv"
    cases.write_text("case,table,column,action,value\na,demand,price,multiply,2\nb,demand,units_per_yr,multiply,-1\n")
    assert code("sweep", study, "--cases", cases, "--out", out, "--workers", "1") == 1
    said = capsys.readouterr().err
    assert "2 problems" in said
    assert "case 'a', cases.csv" in said
    assert "row 3" in said
    assert not out.exists()


@pytest.mark.slow
def test_each_scenario_by_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study, out = write_study(two_futures(), tmp_path / "study"), tmp_path / "each"
    assert code("scenarios", study, "--each", "--workers", "1", "--gap", "0", "--out", out, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["runs"] == {"base": "base", "boom": "boom"}
    assert code("certify", out, "--quiet") == 0
    assert code("scenarios", study, "--each", "--worth") == 2
    assert code("scenarios", study, "--workers", "2") == 2
    capsys.readouterr()
