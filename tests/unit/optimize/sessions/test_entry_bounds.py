"""By how much a bound rises where a plant must be built: reduced costs by hand, at prices of zero and of one row."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evsiting.model.build import build
from evsiting.optimize.sessions.entry_bounds import entry_bounds
from tests.studies import two_plant_study, unchecked


@pytest.fixture(scope="module")
def program():
    """Return the program of the two-plant study over two periods."""
    return build(two_plant_study(periods=2))


def rises(program, prices=None, **changed):
    """Return the table at some prices, and zero where none are given."""
    program = replace(program, milp=replace(program.milp, **changed)) if changed else program
    objective = program.milp.objectives["cost"]
    prices = np.zeros(program.milp.shape[0]) if prices is None else prices
    return entry_bounds(program, objective, prices, 100.0).set_index(["site", "plant_type", "option"])


def test_at_no_prices_a_plant_adds_what_building_it_costs_in_the_cheapest_period(program) -> None:
    found = rises(program)
    line = found.loc["memphis", "pack", "line"]
    # in the second period: a quarter of the investment, and five years of fixed cost and staff
    usd = 100e6 * 5 / 20 + 5 * (5e6 + 1e6 + 100 * 2000 * 24 * 1.25)
    assert line["rises_by"] == pytest.approx(usd, rel=1e-12)
    assert line["rises_by"] <= usd  # never more than can be proven
    assert line["bound"] == 100.0 + line["rises_by"]
    assert line["period"] == "p2"
    assert found["rises_by"].is_monotonic_decreasing
    assert len(found) == 7


def test_what_a_price_pays_is_taken_off_and_never_below_zero(program) -> None:
    row = program.milp.row_names().index("capacity[memphis,pack,p2]")
    prices = np.zeros(program.milp.shape[0])
    prices[row] = -1e-3  # the row holds -120 build: each million of price is worth 120 of them
    less = rises(program, prices).loc["memphis", "pack", "line"]["rises_by"]
    assert rises(program).loc["memphis", "pack", "line"]["rises_by"] - less == pytest.approx(120 * 1e-3 * 1e6)
    prices[row] = -1e9
    assert rises(program, prices).loc["memphis", "pack", "line"]["rises_by"] == 0.0


def test_a_plant_that_every_plan_builds_costs_nothing_more(program) -> None:
    lower = program.milp.column_lower.copy()
    lower[program.milp.column_names().index("build[memphis,pack,line,p1]")] = 1.0
    assert rises(program, column_lower=lower).loc["memphis", "pack", "line"]["rises_by"] == 0.0


def test_a_period_in_which_a_plant_cannot_be_built_does_not_count(program) -> None:
    upper = program.milp.column_upper.copy()
    upper[program.milp.column_names().index("build[memphis,pack,line,p2]")] = 0.0
    line = rises(program, column_upper=upper).loc["memphis", "pack", "line"]
    assert line["period"] == "p1"
    assert line["rises_by"] == pytest.approx(100e6 * 10 / 20 + 10 * (5e6 + 1e6 + 100 * 2000 * 24 * 1.25))


def test_a_plant_that_can_never_be_built_has_no_row() -> None:
    study = two_plant_study(periods=2)
    lead = np.where(study.options["option"] == "line", 99.0, 0.0)
    found = rises(build(unchecked(study, options=study.options.assign(lead_years=lead))))
    assert "line" not in found.index.get_level_values("option")
    assert len(found) == 5


def test_where_nothing_may_be_built_there_are_no_rows() -> None:
    study = two_plant_study()
    found = rises(build(unchecked(study, sites=study.sites.assign(role="existing"))))
    assert found.empty
    assert list(found.columns) == ["period", "rises_by", "bound"]
