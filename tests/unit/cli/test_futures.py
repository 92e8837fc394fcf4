"""The command scenarios: run folders that stand alone, a table with what is expected, and a summary."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import evsiting as ev
from evsiting.cli import main
from evsiting.study.files.write import write_study
from tests.scenario_studies import change, two_futures, with_futures
from tests.studies import two_plant_study


def code(*words: object) -> int:
    with pytest.raises(SystemExit) as end:
        main([str(word) for word in words])
    return int(end.value.code or 0)


@pytest.mark.slow
def test_scenarios_write_a_run_for_each_and_a_table_of_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    study, out = write_study(two_futures(), tmp_path / "study"), tmp_path / "futures"
    assert code("scenarios", study, "--gap", "0", "--worth", "--out", out, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["certificate"]["passed"]
    assert told["runs"] == {"base": "base", "boom": "boom"}
    held = json.loads((out / "scenarios.json").read_text(encoding="utf-8"))
    table = pd.read_csv(out / "scenarios.csv").set_index("scenario")
    assert table.index.tolist() == ["base", "boom", "expected"]
    cost = table["cost"]
    assert cost["expected"] == pytest.approx(0.6 * cost["base"] + 0.4 * cost["boom"])
    assert held["objective"] == pytest.approx(cost["expected"])
    low, high = held["value_of_information"]["evpi"]
    assert 0.0 <= low <= high
    for name in ("base", "boom"):
        own, plan = ev.read_run(out / name)
        assert ev.certify(own, plan).passed
        assert own.settings.study.name == f"Two plants ({name})"
    assert code("certify", out) == 0
    for file, old, new, check in (
        ("scenarios.csv", str(cost["base"]), str(1.1 * cost["base"]), "scenarios_table"),
        ("scenarios.json", str(held["objective"]), str(0.9 * held["objective"]), "stated_objective"),
        ("scenarios.json", '"base": 0.6', '"base": 0.7', "stated_probability"),
        ("scenarios.json", str(held["expected"]["jobs"]), "1.0", "stated_expected"),
    ):
        honest = (out / file).read_text(encoding="utf-8")
        assert old in honest
        (out / file).write_text(honest.replace(old, new), encoding="utf-8")
        assert code("certify", out) == 3
        assert check in capsys.readouterr().err
        (out / file).write_text(honest, encoding="utf-8")
    assert code("scenarios", study, "--gap", "0.05", "--out", out) == 0  # what an earlier run wrote is replaced
    told = capsys.readouterr()
    assert "New plants in every scenario" in told.out
    assert "Going on from the plans in" in told.err
    again = json.loads((out / "scenarios.json").read_text(encoding="utf-8"))
    assert again["objective"] <= held["objective"] * (1 + 1e-9)  # started from it, though a wide gap was asked for
    assert code("scenarios", study, "--gap", "0.05", "--risk-aversion", "0.5", "--out", out) == 0
    assert "another objective or another weight" in " ".join(capsys.readouterr().err.split())
    write_study(with_futures(two_plant_study(), {"base": 0.6, "boom": 0.4}, []), study)
    assert code("scenarios", study, "--gap", "0.05", "--out", out, "--json") == 0
    told = capsys.readouterr()
    assert "they answer another study, or other figures of it" in " ".join(told.err.split())
    assert json.loads(told.out)["started_from"] is None
    (out / "scenarios.json").write_text("{", encoding="utf-8")
    assert code("scenarios", study, "--gap", "0.05", "--out", out, "--quiet") == 0


def test_a_study_without_scenarios_and_one_that_does_not_hold_are_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    plain = write_study(two_plant_study(), tmp_path / "plain")
    assert code("scenarios", plain, "--out", tmp_path / "out") == 1
    assert "has no scenarios" in capsys.readouterr().err
    broken = with_futures(two_plant_study(), {"a": 1.0}, [change("a", "demand", "units_per_yr", "set", -1.0)])
    assert code("check", write_study(broken, tmp_path / "broken")) == 1
    assert "scenario 'a', table 'demand'" in " ".join(capsys.readouterr().err.split())
    assert code("scenarios", plain, "--worth", "--risk-aversion", "0.5") == 2


@pytest.mark.slow
def test_least_regret_joins_the_run_that_is_asked_about(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ev.write_study(two_futures(), tmp_path / "study")
    how = ("--gap", "0", "--no-verify", "--threads", "1")
    for words in (
        ("solve", tmp_path / "study", "--out", tmp_path / "run", "--quiet"),
        ("scenarios", tmp_path / "run", "--out", tmp_path / "expected", "--quiet"),
        ("scenarios", tmp_path / "run", "--regret", "--out", tmp_path / "regret", "--json"),
    ):
        with pytest.raises(SystemExit) as end:
            main([str(word) for word in (*words, *how)])
        assert not end.value.code
    told = json.loads(capsys.readouterr().out)
    assert set(told["best_alone"]) == {"base", "boom"}
    assert told["largest_regret"][0] <= told["largest_regret"][1]
    held = ev.read_decisions(tmp_path / "run")
    assert held is not None
    assert held.tables["futures"]["strategy"].drop_duplicates().tolist() == ["least expectation", "least regret"]
    certificates = ev.certify_run(tmp_path / "regret")
    assert all(certificate.passed for certificate in certificates.values())
    with pytest.raises(SystemExit) as end:
        main(["scenarios", str(tmp_path / "run"), "--regret", "--worth"])
    assert end.value.code == 2
