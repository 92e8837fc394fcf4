"""The command alternatives: runs of other sets of sites, a table of them, and tables beside the run asked about."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import evsiting as ev
from evsiting.cli import main
from evsiting.cli.decisions.alternatives import data
from evsiting.cli.decisions.commands import ALTERNATIVES_EPILOG
from evsiting.cli.decisions.why_not import flip_data
from evsiting.results.decisions.decision_tables import read_decisions
from evsiting.results.decisions.why_not import BreakEven
from tests.studies import two_plant_study

HOW = ("--gap", "0", "--no-verify", "--threads", "1")


def code(*words: object) -> int:
    with pytest.raises(SystemExit) as end:
        main([str(word) for word in words])
    return int(end.value.code or 0)


@pytest.mark.slow
def test_other_sets_of_sites_are_stored_and_told_beside_a_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    study = ev.write_study(two_plant_study(), tmp_path / "study")
    run, out = tmp_path / "run", tmp_path / "out"
    assert code("solve", study, "--out", run, *HOW, "--quiet") == 0
    words = ("alternatives", run, "--out", out, "--slack", "50%", "--count", "1", "--each-site", *HOW)
    capsys.readouterr()
    assert code(*words, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in told["alternatives"]] == ["base", "alternative 1"]
    assert told["runs"]["alternative 1"] == "alternative-1"
    assert {row["site"] for row in told["sites"]} == {"memphis", "monterrey"}
    assert code("certify", out, "--quiet") == 0
    held = read_decisions(run)
    assert held is not None
    assert held.tables["alternatives"]["name"].tolist() == ["base", "alternative 1"]
    monkeypatch.setenv("COLUMNS", "160")
    assert code(*words) == 0
    printed = capsys.readouterr().out
    assert "alternative 1" in printed
    assert "\N{MINUS SIGN}0" not in printed
    said = "".join(printed.split())  # a terminal wraps long paths anywhere
    assert f"evsitingreport{run}" in said


def test_a_study_is_solved_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = ev.write_study(two_plant_study(), tmp_path / "study")
    assert code("alternatives", study, "--out", tmp_path / "out", "--slack", "0", *HOW) == 0
    assert "It is proven that no other set of sites" in capsys.readouterr().out.replace("\n", " ")
    assert code("alternatives", study, "--slack", "lots") == 2
    assert "--slack 2%" in ALTERNATIVES_EPILOG


def test_figures_without_end_are_none_in_json() -> None:
    study = ev.complete(two_plant_study())
    found = ev.alternatives(study, count=0, slack=1.0, each_site="none", gap=0.0, verify=False)
    assert data(found)["sites"][0]["slack_high"] is None or found.sites["slack_high"].notna().all()
    json.dumps(data(found), allow_nan=False)


@pytest.mark.slow
def test_a_forced_site_and_a_flip_join_the_run_that_they_are_about(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = ev.write_study(two_plant_study(), tmp_path / "study")
    run = tmp_path / "run"
    assert code("solve", study, "--out", run, *HOW, "--quiet") == 0
    capsys.readouterr()
    assert code("why-not", run, "MX", "--out", tmp_path / "out", "--json", *HOW) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["question"] in ("with MX", "without MX")
    assert told["difference"]["low"] == pytest.approx(told["difference"]["high"])
    assert code("break-even", run, "monterrey", "grant", "--plant-type", "pack", "--json", *HOW) == 0
    flip = json.loads(capsys.readouterr().out)
    assert flip["what"] == "grant"
    held = read_decisions(run)
    assert held is not None
    assert set(held.tables) == {"why_not", "why_not_ledger", "break_even"}
    assert code("why-not", run, "MX", *HOW) == 0
    assert "cost item" in capsys.readouterr().out
    assert code("why-not", run, *HOW) == 1
    assert code("why-not", run, "MX", "--force", "perhaps") == 2


def test_a_flip_that_was_not_found_is_none_in_json() -> None:
    study = ev.complete(two_plant_study())
    found = BreakEven("memphis", "", "wage", "USD/h", 30.0, float("nan"), float("nan"), study.periods, note="Nothing.")
    assert flip_data(found)["in_at"] is None
    assert str(found) == "memphis, wage: no value was found at which the answer flips. Nothing."
