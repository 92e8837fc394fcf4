"""Ledger lines of lateness: which shipments are late, what they cost, and none without a promise."""

from __future__ import annotations

import pytest

from evsiting.results.ledgers import service
from tests.studies import unchecked


def facts(examine, promise_h: float | None, usd: float = 25.0):
    """Return what the best plan does where demand is promised within some hours: 80 to the east, 110 to the west."""
    study = examine().study
    demand = study.demand.assign(promise_h=promise_h, late_usd_per_unit=usd)
    return examine(unchecked(study, demand=demand.astype({"promise_h": "float64"}))).facts


@pytest.mark.parametrize(("promise", "units"), [(79.9, 100e3), (80.0, 40e3), (109.9, 40e3), (110.0, 0.0), (None, 0.0)])
def test_units_are_late_beyond_the_promise_and_not_at_it(examine, promise: float | None, units: float) -> None:
    (line,) = service.late(facts(examine, promise))
    assert line["value"].sum() == pytest.approx(10 * units)


def test_each_late_unit_costs_its_price_at_present_value(examine) -> None:
    (line,) = service.cost(facts(examine, 100.0))
    assert line["value"].sum() == pytest.approx(25.0 * 40e3 * 10)
    assert set(line["item"]) == {"late"}


def test_without_any_promise_there_is_no_line_of_cost(examine) -> None:
    assert service.cost(facts(examine, None)) == []


def test_lateness_that_costs_nothing_is_still_counted(examine) -> None:
    (cost,), (late,) = service.cost(facts(examine, 1.0, 0.0)), service.late(facts(examine, 1.0, 0.0))
    assert cost["value"].sum() == 0.0
    assert late["value"].sum() == pytest.approx(1e6)
