"""Tables of scenarios: probabilities, actions, and columns that name other tables."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting.study.findings import Findings
from evsiting.study.scenario_changes import _ORDER
from evsiting.study.schema.scenarios import ACTIONS
from evsiting.study.schema.tables import TABLES
from evsiting.study.validation.tables import canonical_table
from tests.canonical import SETTINGS, told


def problems(name: str, row: dict[str, object]) -> list[str]:
    findings = Findings()
    canonical_table(TABLES[name], pd.DataFrame([row]), SETTINGS, findings)
    return told(findings)


@pytest.mark.parametrize(
    ("probability", "good"), [(1.0, True), (1e-9, True), (0.0, False), (1.1, False), (None, False), ("50%", False)]
)
def test_probabilities_are_parts_of_one(probability: object, good: bool) -> None:
    assert (problems("scenarios", {"scenario": "Öl", "probability": probability}) == []) == good


@pytest.mark.parametrize(("action", "good"), [*((a, True) for a in ACTIONS), ("divide", False), (None, False)])
def test_actions_are_those_that_can_be_made(action: str | None, good: bool) -> None:
    row = {"scenario": "s", "table": "demand", "column": "units_per_yr", "value": 2.0, "action": action}
    assert (problems("scenario_changes", row) == []) == good


def test_every_action_has_its_place_in_the_order() -> None:
    assert set(_ORDER) == set(ACTIONS)


def test_names_are_looked_up_in_other_tables() -> None:
    changes = TABLES["scenario_changes"]
    assert (changes.column("scenario").of, changes.column("period").of) == ("scenarios.scenario", "periods.period")
    assert TABLES["scenarios"].key == ("scenario",)
