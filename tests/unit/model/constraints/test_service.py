"""Promised delivery times: what is late, and what a late unit costs."""

from __future__ import annotations

import numpy as np
import pytest

from evsiting.model.constraints.service import add, is_late, late, want_of
from tests.limit_studies import promising_study
from tests.studies import two_plant_study


def test_each_lane_serves_its_market_and_product_or_a_site(one_period) -> None:
    sets = one_period.sets
    want = want_of(sets)
    to_market = (sets.lanes.to_market >= 0).tolist()
    assert (want >= 0).tolist() == to_market
    assert np.array_equal(sets.wants.market[want[to_market]], sets.lanes.to_market[to_market])


@pytest.mark.parametrize(("promise", "count"), [(109.9, 3), (110.0, 2), (1.0, 5), (1e6, 0)])
def test_a_lane_is_late_above_the_promised_time_and_not_at_it(make_parts, promise: float, count: int) -> None:
    sets = make_parts(promising_study(promise_h=promise)).sets  # to markets: 28, 80, 110, 120 and 140 hours
    assert is_late(sets).sum() == count


def test_nothing_is_late_without_a_promise_and_nothing_is_added(one_period) -> None:
    assert not is_late(one_period.sets).any()
    totals = one_period.totals
    assert add(one_period.milp, two_plant_study(), one_period.sets, one_period.columns, totals) == []
    assert "late" not in {o.name for o in totals.objectives(one_period.milp.width)}


def test_late_units_count_each_year_and_cost_their_price(make_parts) -> None:
    parts = make_parts(promising_study(periods=2, promise_h=100.0, late_usd=25.0))
    totals = parts.totals
    late(parts.sets, parts.columns, totals)
    at = parts.names().index("ship[vehicle,memphis,west,rail,p2]")
    amounts = {o.name: o.coefficients[at] * o.unit for o in totals.objectives(parts.milp.width)}
    assert amounts["late"] == pytest.approx(5 * 1000)
    assert amounts["cost"] == pytest.approx(5 * 1000 * 25.0)
    assert amounts["emissions"] == 0.0
