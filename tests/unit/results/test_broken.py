"""Violations of one rule row by row: the worst first, and nothing of what holds or is unknown."""

from __future__ import annotations

from evsiting.results.broken import broken_rows
from tests.plans import SHIPMENTS


def test_rows_come_with_place_and_figures_the_worst_first(examine) -> None:
    rows = [
        *SHIPMENTS[:3],
        ("vehicle", "memphis", "east", "rail", "p1", 54e3),
        ("vehicle", "memphis", "west", "rail", "p1", 20e3),
    ]
    case = examine(shipments=rows)
    assert broken_rows(case.study, case.plan, "demand") == [
        "west/vehicle/p1: 20,000 arrive or stay unmet, 40,000 are wanted",
        "east/vehicle/p1: 54,000 arrive or stay unmet, 60,000 are wanted",
    ]


def test_what_is_within_the_tolerance_is_not_broken(examine) -> None:
    rows = [*SHIPMENTS[:4], ("vehicle", "memphis", "west", "rail", "p1", 39.9e3)]
    case = examine(shipments=rows)
    assert len(broken_rows(case.study, case.plan, "demand", tol=1e-3)) == 1
    assert broken_rows(case.study, case.plan, "demand", tol=1e-2) == []


def test_an_unknown_rule_and_one_that_holds_have_no_rows(examine) -> None:
    case = examine()
    assert broken_rows(case.study, case.plan, "gravity") == []
    assert broken_rows(case.study, case.plan, "demand") == []
