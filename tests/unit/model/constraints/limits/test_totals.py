"""Limits on totals and shares: numbers worked out by hand, places, periods, and the price of breaking them."""

from __future__ import annotations

import numpy as np
import pytest

from evsiting.model.build import Program, build
from tests.limit_studies import with_limits
from tests.studies import two_plant_study


def program(*rows: dict[str, object], periods: int = 1) -> Program:
    """Return the two-plant program under limits."""
    return build(with_limits(two_plant_study(periods=periods), *rows, checked=False))


def line(family: str, row: dict[str, object], periods: int = 1) -> str:
    """Return the one constraint of a limit."""
    (out,) = program(row, periods=periods).milp.lines(family)
    return out


def test_standing_jobs_are_taken_off_the_floor() -> None:
    row = line("jobs_floor", {"kind": "jobs", "place": "CA", "at_least": 4_000.0})
    # 300 positions for ten years stand; ten jobs are a unit; ten thousand kWh of cells take a quarter of one a year
    assert row == "jobs_floor[limit 1,horizon]: 0.25 make[windsor,cell,cell,p1] >= 100"


def test_staffing_is_the_mean_of_each_period_and_jobs_the_sum_of_its_years() -> None:
    rows = list(program({"kind": "jobs_fte", "place": "CA", "at_most": 310.0}, periods=2).milp.lines("staffing"))
    assert [r.split(": ")[0] for r in rows] == ["staffing[limit 1,p1]", "staffing[limit 1,p2]"]
    assert all(r.endswith("<= 1") for r in rows)
    row = line("jobs_floor", {"kind": "jobs", "place": "CA", "period": "p2", "at_most": 1_600.0}, periods=2)
    assert row == "jobs_floor[limit 1,p2]: 0.125 make[windsor,cell,cell,p2] <= 10"


def test_a_budget_counts_own_investment_undiscounted_in_millions() -> None:
    row = line("budget", {"kind": "capex", "place": "memphis", "plant_type": "pack", "at_most": 150e6})
    assert row == "budget[limit 1,horizon]: 100 build[memphis,pack,line,p1] <= 150"


def test_a_budget_of_zero_is_a_limit_and_a_place_without_plants_has_an_empty_one() -> None:
    assert line("budget", {"kind": "capex", "plant_type": "cell", "at_most": 0.0}).endswith("<= 0")
    assert line("budget", {"kind": "capex", "place": "windsor", "at_most": 5e6}) == "budget[limit 1,horizon]:  <= 5"


def test_a_cost_cap_holds_the_constant_and_not_its_own_penalty() -> None:
    soft = {"kind": "cost", "at_most": 1e9, "penalty_usd_per_unit": 3.0}
    milp = program(soft).milp
    (row,) = milp.lines("cost_cap")
    assert row.endswith("- violation[limit 1,horizon] <= 640")  # USD 360 million of the standing plant are spent
    at = milp.column_names().index("violation[limit 1,horizon]")
    cost = milp.objectives["cost"]
    assert cost.coefficients[at] * cost.unit == pytest.approx(3.0 * 1e6)  # once, at present value


def test_the_price_of_a_yearly_limit_counts_each_year() -> None:
    soft = {"kind": "jobs_fte", "place": "US", "at_least": 500.0, "penalty_usd_per_unit": 100.0}
    found = program(soft, periods=2)
    milp, cost = found.milp, found.milp.objectives["cost"]
    at = milp.column_names().index("violation[limit 1,p2]")
    assert cost.coefficients[at] * cost.unit == pytest.approx(100.0 * 10 * 5)  # ten jobs a unit, five years
    (violations,) = (d for d in found.decisions if d.table == "violations")
    values = np.zeros(milp.shape[1])
    values[at] = 2.0
    assert violations.frame(values).to_dict("records") == [{"limit": "limit 1", "period": "p2", "amount": 20.0}]


def test_a_share_of_output_in_a_country_and_one_of_a_country_that_makes_none() -> None:
    share = {"kind": "output_share", "product": "vehicle", "at_least": 0.25}
    assert line("country_share", {**share, "place": "MX"}) == (
        "country_share[limit 1,at least,p1]: - 0.25 make[memphis,assembly,vehicle,p1] "
        "+ 0.75 make[monterrey,assembly,vehicle,p1] >= 0"
    )
    assert line("country_share", {**share, "place": "CA"}).count("- 0.25 make[") == 2


def test_a_share_of_jobs_counts_standing_plants_on_both_sides() -> None:
    row = line("country_share", {"kind": "jobs_share", "place": "CA", "plant_type": "cell", "at_most": 0.5})
    # 300 + q <= 0.5 (300 + q + m): - 150 on the right
    assert row.endswith("<= -150")
    assert "0.125 make[windsor,cell,cell,p1]" in row
    assert "- 250 build[memphis,cell,large,p1]" in row


def test_a_share_of_investment_holds_over_the_horizon_or_in_its_period() -> None:
    rule = {"kind": "capex_share", "place": "MX", "plant_type": "pack", "at_least": 0.5}
    assert line("country_share", rule, periods=2).startswith("country_share[limit 1,at least,horizon]")
    row = line("country_share", {**rule, "period": "p2"}, periods=2)
    assert row == (
        "country_share[limit 1,at least,p2]: - 50 build[memphis,pack,line,p2] + 50 build[monterrey,pack,line,p2] >= 0"
    )


def test_imports_come_from_overseas_and_not_from_the_three_countries() -> None:
    row = line("import_share", {"kind": "import_share", "product": "cell", "place": "MX", "at_most": 0.25})
    assert "0.75 ship[cell,busan,monterrey,sea,p1]" in row
    assert "- 0.25 ship[cell,windsor,monterrey,rail,p1]" in row
    assert "memphis,memphis" not in row


def test_emissions_of_freight_leave_out_what_is_bought_and_made() -> None:
    row = line("freight_carbon_cap", {"kind": "freight_emissions", "at_most": 1e5})
    assert "make[" not in row
    assert "0.15 ship[cell,busan,memphis,sea,p1]" in row  # ten thousand kWh of 1.5 kg, ten years, in thousand tonnes
    assert row.endswith("<= 100")


def test_a_carbon_cap_of_one_period_counts_its_years_alone() -> None:
    row = line("carbon_cap", {"kind": "emissions", "period": "p1", "at_most": 1e5}, periods=2)
    assert row.startswith("carbon_cap[limit 1,p1]")
    assert ",p2]" not in row
