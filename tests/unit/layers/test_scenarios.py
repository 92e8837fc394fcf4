"""A study in one of its scenarios is made once."""

from __future__ import annotations

import pandas as pd
import pytest

import evsiting as ev
from evsiting.layers.scenarios import in_scenario
from evsiting.study.validation import tables


def test_a_scenario_is_made_once_for_solve_and_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    chances = pd.DataFrame({"scenario": ["low", "high"], "probability": [0.5, 0.5]})
    change = {"scenario": "low", "table": "demand", "column": "units_per_yr", "action": "multiply", "value": 0.8}
    study = ev.example("starter").with_table("scenarios", chances)
    study = study.with_table("scenario_changes", pd.DataFrame([change]))
    checks: list[object] = []
    check = tables.check_across
    monkeypatch.setattr(tables, "check_across", lambda *args, **kwargs: (checks.append(args), check(*args, **kwargs)))
    low, high = in_scenario(study, "low"), in_scenario(study, "high")
    assert len(checks) == 2
    assert in_scenario(study, "low") is low
    assert ev.scenario_study(study, "high") is high
    assert len(checks) == 2
    assert low.demand["units_per_yr"].sum() == pytest.approx(0.8 * high.demand["units_per_yr"].sum())
    assert in_scenario(study.with_settings(money={"discount_rate": 0.01}), "low") is not low
