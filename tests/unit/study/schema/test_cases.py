"""The dictionary of what-if cases: the language of scenario changes, in a table that is no part of a study."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting.study.findings import Findings
from evsiting.study.schema.cases import CASES
from evsiting.study.schema.tables import TABLES
from evsiting.study.validation.tables import canonical_table
from tests.canonical import SETTINGS, told


def test_cases_are_no_table_of_a_study() -> None:
    assert CASES.name not in TABLES


def test_the_language_is_that_of_scenario_changes() -> None:
    mine = {c.name for c in CASES.columns} - {"case", "based_on", "note"}
    assert mine == {c.name for c in TABLES["scenario_changes"].columns} - {"scenario"}
    assert CASES.column("action").choices == TABLES["scenario_changes"].column("action").choices
    assert "value" not in CASES.key  # two values for one cell are a contradiction, and no two rows


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"case": "lean"}, ""),
        ({"case": "x" * 100}, ""),
        ({"case": "x" * 101}, "case"),
        ({"case": None}, "case"),
        ({"case": "lean", "action": "divide"}, "action"),
        ({"case": "lean", "value": "much"}, "value"),
    ],
)
def test_rows(row: dict[str, object], words: str) -> None:
    findings = Findings()
    frame = canonical_table(CASES, pd.DataFrame([row]), SETTINGS, findings)
    assert [words in text for text in told(findings)] == ([True] if words else [])
    assert set(frame.columns) == {c.name for c in CASES.columns}
