"""Probabilities that add up to one, and changes that find what they change."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting.study.findings import Findings
from evsiting.study.schema.tables import TABLES
from evsiting.study.validation.scenarios import check_scenarios
from tests.canonical import canonical, told

CHANGE = {"scenario": "boom", "table": "demand", "column": "units_per_yr", "action": "multiply", "value": 2.0}
DEMAND = [{"market": "m", "product": "car", "units_per_yr": 5.0}]
PERIODS = [{"period": "p", "start_year": 2027, "years": 3}]
#: The other tables that a study must have, without rows: nothing here looks into them.
OTHERS = {name: pd.DataFrame() for name, table in TABLES.items() if table.required}


def findings(
    probabilities: list[float], *changes: dict[str, object], unread: tuple[str, ...] = (), without: tuple[str, ...] = ()
) -> list[str]:
    names = ("boom", "bust", "flat")[: len(probabilities)]
    scenarios = [{"scenario": name, "probability": p} for name, p in zip(names, probabilities, strict=True)]
    tables = {"scenarios": scenarios, "demand": DEMAND, "periods": PERIODS}
    if changes:
        tables["scenario_changes"] = [{**CHANGE, **change} for change in changes]
    found = Findings()
    check_scenarios({**OTHERS, **canonical(**{k: v for k, v in tables.items() if k not in without})}, found, unread)
    return told(found)


@pytest.mark.parametrize(
    ("probabilities", "total"),
    [([1.0], ""), ([0.1, 0.2, 0.7], ""), ([1 / 3] * 3, ""), ([0.5, 0.49], "0.99"), ([0.5, 0.500002], "1.000002")],
)
def test_probabilities_add_up_to_one(probabilities: list[float], total: str) -> None:
    """What is told is never that they add up to 1, not to 1."""
    texts = findings(probabilities)
    assert [f"add up to {total}, not to 1" in text for text in texts] == ([True] if total else [])


def test_a_change_that_finds_nothing_names_scenario_and_row() -> None:
    (text,) = findings([1.0], {}, {"rows": "market=x"})
    assert "finds nothing to multiply in table 'demand' (index 1: 'boom: market=x')" in text
    assert findings([1.0], {}) == []


def test_each_scenario_is_looked_at_by_itself() -> None:
    """Two scenarios may set the same cell; one scenario may not."""
    both = [{"action": "set"}, {"action": "set", "scenario": "bust"}]
    assert findings([0.5, 0.5], *both) == []
    (text,) = findings([0.5, 0.5], both[0], both[0])
    assert "are set by another change as well" in text


def test_nothing_is_looked_up_in_a_table_that_cannot_be_read() -> None:
    assert findings([1.0], {"rows": "market=x"}, unread=("demand",)) == []
    assert findings([1.0], {"rows": "market=x"}, unread=("periods",)) == []


@pytest.mark.parametrize("changes", [{"period": "p"}, {"table": "trajectories", "column": "factor", "action": "add"}])
def test_changes_of_a_period_are_not_looked_at_where_the_horizon_is_missing(
    changes: dict[str, object], monkeypatch
) -> None:
    """That a table is missing has been told; what changes in it must not fail in another library."""
    monkeypatch.delitem(OTHERS, "periods")
    assert findings([1.0], changes, without=("periods",)) == []
