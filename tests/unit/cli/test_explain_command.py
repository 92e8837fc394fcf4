"""evsiting explain: the conflict, the change, and a file that a sweep takes."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import evsiting as ev
from evsiting.cli.app import main
from evsiting.cli.explain_command import EXPLAIN_EPILOG
from tests.limit_studies import with_limits
from tests.studies import two_plant_study


def test_a_study_without_a_plan_is_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = with_limits(two_plant_study(), {"limit": "many", "kind": "jobs", "at_least": 5e6})
    ev.write_study(study, tmp_path / "mine")
    with pytest.raises(SystemExit) as end:
        main(["explain", str(tmp_path / "mine"), "--changes", str(tmp_path / "repair.csv"), "--json"])
    assert end.value.code == 4
    told = json.loads(capsys.readouterr().out)
    assert told["feasible"] is False
    assert told["repairs"][0]["gives_way"] == ["limit 'many'"]
    rows = pd.read_csv(tmp_path / "repair.csv")
    assert rows[["table", "column", "rows"]].to_numpy().tolist() == [["limits", "at_least", "limit=many"]]
    assert "evsiting sweep my_study --cases" in EXPLAIN_EPILOG


def test_a_file_that_cannot_be_written_is_told_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    with pytest.raises(SystemExit) as end:
        main(["explain", "no such study", "--changes", str(tmp_path / "repair.xlsx")])
    assert end.value.code == 1
    assert "--changes" in (told := capsys.readouterr().err)
    assert "the name has another ending" in told


def test_a_solve_without_a_plan_says_where_more_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = with_limits(two_plant_study(), {"limit": "many", "kind": "jobs", "at_least": 5e6})
    mine = ev.write_study(study, tmp_path / "mine")
    for command in ("solve", "pareto"):
        with pytest.raises(SystemExit) as end:
            main([command, str(mine), "--out", str(tmp_path / "run"), "--json"])
        assert end.value.code == 4
        told = capsys.readouterr()
        assert "limit 'many'" in told.err
        assert f"Next: evsiting explain {mine}" in "".join(told.err.splitlines())
        assert json.loads(told.out)["error"]["notes"][0].startswith("Next: evsiting explain")
    assert not (tmp_path / "run").exists()


def test_an_infeasible_solve_names_a_rule_of_ones_own_and_points_to_the_explanation() -> None:
    study = two_plant_study()
    problem = ev.to_pulp(study)
    problem += sum(v for v in problem.variables() if v.name.startswith("build")) <= 0, "nothing_new"
    with pytest.raises(ev.InfeasibleError, match="your own rule 'nothing_new'") as told:
        ev.solve(study, extra=problem, verify=False)
    assert told.value.__notes__[0].startswith("evsiting.explain(study)")
    assert "<= 0 is asked" in str(told.value)
