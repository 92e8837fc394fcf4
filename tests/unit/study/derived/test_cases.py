"""What-if cases: based on others, in a circle, on nothing; and rows that say only half of what they mean."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting.study.derived.cases import BASE, Case, cases_of
from evsiting.study.findings import Findings
from evsiting.study.settings import About, Settings

DEMAND = {"table": "demand", "column": "units_per_yr", "action": "multiply"}


def _cases(*rows: dict[str, object]) -> tuple[list[Case], str]:
    found = Findings()
    made = cases_of(pd.DataFrame(list(rows)), Settings(study=About(name="mine")), found)
    return made, " | ".join(str(problem) for _, problem in found.problems)


def test_changes_of_the_cases_below_come_first() -> None:
    rows = [
        DEMAND | {"case": "third", "based_on": "second", "value": 3.0},
        DEMAND | {"case": "second", "based_on": "first", "value": 2.0},
        DEMAND | {"case": "first", "based_on": BASE, "value": 1.0, "note": "lean"},
    ]
    made, wrong = _cases(*rows)
    assert wrong == ""
    assert [c.name for c in made] == ["third", "second", "first"]
    assert [[change.value for step in c.steps for change in step] for c in made] == [[1.0, 2.0, 3.0], [1.0, 2.0], [1.0]]
    assert made[2].note == "lean"


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([{"case": "a", "based_on": "b"}, {"case": "b", "based_on": "a"}], "in a circle"),
        ([{"case": "a", "based_on": "nowhere"}], "is no case of the table"),
        (
            [{"case": "a", "based_on": "b"}, {"case": "a", "based_on": "c"}, {"case": "b"}, {"case": "c"}],
            "several others",
        ),
        ([{"case": BASE}], "is the study as it stands"),
    ],
)
def test_what_a_case_is_based_on_must_be_one_case(rows: list[dict[str, object]], says: str) -> None:
    _, wrong = _cases(*(DEMAND | {"value": 1.0} | row for row in rows))
    assert says in wrong


def test_half_a_change_is_told() -> None:
    _, wrong = _cases({"case": "a", "table": None, "column": "units_per_yr", "value": 2.0})
    assert "names no table" in wrong
    _, wrong = _cases({"case": "a", "table": "demand", "column": "units_per_yr", "value": 2.0})
    assert "is empty" in wrong
