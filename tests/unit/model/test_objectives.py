"""Terms of cost, emissions and jobs: coefficients of the two-plant study, worked out by hand.

Over one period of ten years without discounting a yearly dollar weighs 10, an invested one 10/20.
"""

from __future__ import annotations

import numpy as np
import pytest

from evsiting.model import objectives
from evsiting.model.plan_columns import Totals
from tests.studies import two_plant_study, unchecked


@pytest.fixture(scope="module")
def coefficients(one_period) -> dict[str, dict[str, float]]:
    """Return real coefficients by objective and column name; the constant under an empty name."""
    sets, columns, totals = one_period.sets, one_period.columns, one_period.totals
    objectives.cost(sets, columns, totals, 2000.0)
    objectives.emissions(sets, columns, totals)
    objectives.freight_emissions(sets, columns, totals)
    objectives.jobs(sets, columns, totals, 2000.0)
    names = one_period.names()
    return {
        o.name: {**dict(zip(names, (o.coefficients * o.unit).tolist(), strict=True)), "": o.constant * o.unit}
        for o in totals.objectives(one_period.milp.width)
    }


def test_building_costs_annuities_within_the_horizon_fixed_cost_and_staff(coefficients) -> None:
    memphis = 100e6 * 10 / 20 + 10 * (5e6 + 1e6 + 100 * 2000 * 24 * 1.25)
    monterrey = 100e6 * 10 / 20 + 10 * (5e6 + 2e6 + 100 * 2000 * 6 * 1.5)
    assert coefficients["cost"]["build[memphis,pack,line,p1]"] == pytest.approx(memphis)
    assert coefficients["cost"]["build[monterrey,pack,line,p1]"] == pytest.approx(monterrey)


def test_making_costs_labor_power_and_material(coefficients) -> None:
    unit = 4.0 * 24 * 1.25 + 150 * 0.060 + 900.0
    assert coefficients["cost"]["make[memphis,pack,pack,p1]"] == pytest.approx(10 * 1000 * unit)


def test_shipping_costs_freight_duty_and_the_price_of_a_supplier(coefficients) -> None:
    assert coefficients["cost"]["ship[cell,busan,memphis,sea,p1]"] == pytest.approx(10 * 1e4 * (2.0 + 3.0 + 90.0))
    assert coefficients["cost"]["ship[vehicle,monterrey,west,rail,p1]"] == pytest.approx(10 * 1e3 * (450.0 + 950.0))
    assert coefficients["cost"]["ship[pack,memphis,memphis,on_site,p1]"] == 0.0


def test_unmet_demand_costs_its_penalty_and_the_standing_plant_is_the_constant(coefficients) -> None:
    assert coefficients["cost"]["unmet[west,vehicle,p1]"] == pytest.approx(10 * 1e3 * 60_000.0)
    assert coefficients["cost"][""] == pytest.approx(10 * (15e6 + 300 * 2000 * 28 * 1.25))
    assert coefficients["jobs"][""] == pytest.approx(-3000.0)


def test_emissions_are_those_of_the_grid_of_the_way_and_of_what_is_bought(coefficients) -> None:
    assert coefficients["emissions"]["make[memphis,cell,cell,p1]"] == pytest.approx(10 * 1e4 * 0.4 * 40 / 1000)
    assert coefficients["emissions"]["ship[cell,busan,memphis,sea,p1]"] == pytest.approx(10 * 1e4 * (1.5 + 60.0) / 1000)
    assert coefficients["freight_emissions"]["ship[cell,busan,memphis,sea,p1]"] == pytest.approx(10 * 1e4 * 1.5 / 1000)
    assert coefficients["freight_emissions"]["make[memphis,cell,cell,p1]"] == 0.0


def test_more_jobs_are_better(coefficients) -> None:
    assert coefficients["jobs"]["build[memphis,pack,line,p1]"] == pytest.approx(-1000.0)
    assert coefficients["jobs"]["make[memphis,pack,pack,p1]"] == pytest.approx(-10 * 1000 * 4 / 2000)


def test_process_heat_is_bought_and_emits_where_it_is_burnt(make_parts) -> None:
    study = two_plant_study()
    study = unchecked(study, sites=study.sites.assign(heat_price_usd_per_mwh=30.0, heat_factor_kg_per_kwh=0.2))
    study = unchecked(study, processes=study.processes.assign(heat_kwh_per_unit=[0.0, 10.0, 0.0]))
    parts = make_parts(study)
    totals = Totals(parts.sets.horizon, np.zeros(1))
    objectives.cost(parts.sets, parts.columns, totals, 2000.0)
    objectives.emissions(parts.sets, parts.columns, totals)
    at = parts.names().index("make[memphis,pack,pack,p1]")
    cost, emissions = (o.coefficients[at] * o.unit for o in totals.objectives(parts.milp.width)[:2])
    assert cost == pytest.approx(10 * 1000 * (4 * 24 * 1.25 + 150 * 0.06 + 900 + 10 * 0.03))
    assert emissions == pytest.approx(10 * 1000 * (150 * 0.4 + 10 * 0.2) / 1000)
