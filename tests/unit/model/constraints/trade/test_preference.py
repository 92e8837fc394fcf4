"""Units that enter as originating: bounds, what they save, and products without a rule."""

from __future__ import annotations

import pytest

from evsiting.model.build import build
from tests.studies import unchecked
from tests.trade_studies import trade_study


def upper(milp, name: str) -> float:
    """Return the upper bound of a column."""
    return float(milp.column_upper[milp.column_names().index(name)])


def test_a_unit_saves_what_is_free_at_present_value(trading) -> None:
    milp = trading.milp
    cost = milp.objectives["cost"]
    at = milp.column_names().index("preferences[monterrey,vehicle,US,p1]")
    assert cost.coefficients[at] * cost.unit == pytest.approx(-10 * 1000 * 38_000 * 0.025)


def test_it_is_no_more_than_markets_want_or_the_site_can_make(trading) -> None:
    assert upper(trading.milp, "preferences[monterrey,vehicle,US,p1]") == 100.0  # of 120 that may be made
    assert upper(trading.milp, "preferences[monterrey,pack,US,p1]") == 120.0  # plants take them: no want of a market
    study = trade_study()
    more = unchecked(study, demand=study.demand.assign(units_per_yr=1e6))
    assert upper(build(more).milp, "preferences[monterrey,vehicle,US,p1]") == 120.0


def test_a_product_without_a_rule_always_qualifies() -> None:
    study = trade_study()
    milp = build(unchecked(study, origin_rules=study.origin_rules.iloc[1:])).milp
    rows = [r.split(":")[0] for r in milp.lines("preference")]
    assert "preference[monterrey,pack,US,p1]" in rows
    assert "preference[monterrey,pack,p1]" not in rows
    assert "preference[monterrey,vehicle,p1]" in rows


def test_where_nothing_qualifies_there_is_no_column() -> None:
    study = trade_study()
    rules = study.origin_rules.assign(other_foreign_usd_per_unit=1e6)
    milp = build(unchecked(study, origin_rules=rules)).milp
    assert (milp.count("preferences"), milp.count("preference"), milp.count("contents")) == (0, 0, 0)


def test_all_lanes_to_the_country_count_together(trading) -> None:
    row = next(r for r in trading.milp.lines("preference") if r.startswith("preference[monterrey,vehicle,US"))
    assert row.count("- ship[vehicle,monterrey,") == 2
