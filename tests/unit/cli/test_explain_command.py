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
