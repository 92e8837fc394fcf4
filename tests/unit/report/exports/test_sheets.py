"""Sheets on what a plan amounts to: which there are, sums that agree, and none without rows."""

from __future__ import annotations

import pytest

from evsiting.report.exports.sheets import amounts
from tests.plans import tiny_plan
from tests.studies import unchecked


def sheets(study, plan) -> dict:
    """Return meaning and frame by name."""
    found = list(amounts(study, plan))
    assert len(found) == len({name for name, _ in found})
    return dict(found)


@pytest.fixture(scope="module")
def best() -> dict:
    """Return the sheets of the best plan."""
    return sheets(*tiny_plan())


def test_every_sheet_has_rows_a_meaning_and_columns_of_their_own(best: dict) -> None:
    for name, (meaning, frame) in best.items():
        assert len(frame), name
        assert meaning
        assert frame.columns.is_unique, name
        assert len(name) <= 31  # what a spreadsheet allows


def test_cash_flow_and_landed_parts_add_up_to_the_cost(best: dict) -> None:
    _, plan = tiny_plan()
    flow = best["cash flow"][1]
    assert flow["present value [USD]"].sum() == pytest.approx(plan.totals["cost"])
    assert "year" in flow.columns
    assert best["jobs by place"][1]["jobs_fte"].sum() == pytest.approx(plan.totals["jobs"] / 10)


def test_sheets_of_what_a_study_lacks_are_left_out(best: dict) -> None:
    assert {"duty paid", "regional value", "claims", "upgrades", "clean"}.isdisjoint(best)
    assert {"openings", "payments", "power", "import shares"} <= set(best)
    study, plan = tiny_plan()
    home = unchecked(study, suppliers=study.suppliers.assign(country="CA"), incentives=study.incentives.iloc[:0])
    assert {"import shares", "payments"}.isdisjoint(sheets(home, plan))


def test_a_plan_that_does_nothing_has_what_stands(nothing) -> None:
    found = sheets(*nothing)
    assert "openings" not in found
    assert "power" not in found
    assert found["jobs by place"][1]["jobs_fte"].tolist() == [300.0]
