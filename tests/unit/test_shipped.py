"""The shipped studies: their rule for places, their figures and that each says where it comes from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evsiting import reference
from evsiting.errors import InputError
from evsiting.layers import complete
from evsiting.layers.routing.geodesic import Points
from evsiting.shipped import CITIES, SPACING_KM, example
from evsiting.shipped.places import LEFT_OUT, candidate_cities, slug, standing_plants
from evsiting.study.study import Study


@pytest.fixture(scope="module")
def study() -> Study:
    return example("north-america")


@pytest.fixture(scope="module")
def ten_cities() -> Study:
    return example("ten-cities")


def test_an_unknown_name_lists_what_is_shipped() -> None:
    with pytest.raises(InputError, match="north-america"):
        example("south-america")


def test_the_same_object_comes_again_and_is_complete(study: Study) -> None:
    assert example("north-america") is study
    assert complete(study) is study
    assert study.has("lanes")
    assert study.has("incentives")


def test_sites_are_unique_codes_made_of_region_and_name(study: Study) -> None:
    sites = study.sites
    assert sites["site"].is_unique
    assert sites["site"].str.fullmatch(r"(US|CA|MX)-[A-Z]{2,3}-[a-z0-9-]+").all()
    assert [s.startswith(f"{r}-") for s, r in zip(sites["site"], sites["region"], strict=True)] == [True] * len(sites)
    assert {"US-TN-memphis", "US-MI-detroit", "MX-NLE-monterrey", "CA-ON-toronto"} <= set(sites["site"])


def test_each_mainland_jurisdiction_has_a_candidate(study: Study) -> None:
    sites = study.sites.query("role == 'candidate'")
    assert set(sites["region"]) == set(reference.jurisdictions()["iso"]) - set(LEFT_OUT)
    assert len(sites) == CITIES


def test_further_candidates_keep_their_distance() -> None:
    cities = candidate_cities(CITIES, SPACING_KM)
    points = Points.of(cities, "site")
    km = points.km_to(points) + np.where(np.eye(len(points)) > 0, np.inf, 0.0)
    near = km < SPACING_KM - 0.5
    near &= points.country[:, None] == points.country[None, :]
    # Two cities may lie closer only if each is the largest of its own jurisdiction.
    assert not (near & (points.region[:, None] == points.region[None, :])).any()
    assert len(candidate_cities(200, SPACING_KM)) == 200


def test_demand_is_half_of_sales_by_jurisdiction(study: Study) -> None:
    demand = study.demand.set_index("market")["units_per_yr"]
    sales = reference.fact("vehicle_sales")
    assert len(demand) == 96
    np.testing.assert_allclose(demand, np.floor(0.5 * sales.reindex(demand.index)))
    assert demand.sum() == pytest.approx(9.73e6, rel=1e-3)
    assert study.demand["unmet_penalty_usd_per_unit"].isna().all()


def test_standing_plants_have_a_capacity_and_a_status(study: Study) -> None:
    plants = study.plants
    assert set(plants["status"]) == {"existing", "committed"}
    cells = plants.set_index("plant").query("plant_type == 'cell'")["capacity_units_per_yr"]
    assert cells["panasonic_energy_kansas"] == 32e6
    assert "pomega_walterboro" not in set(plants["plant"])
    assert set(study.sites.query("role == 'existing'")["site"]) == set(plants["site"])
    told = study.provenance.query("table == 'plants' and column == 'capacity_units_per_yr'").set_index("row")
    for plant in standing_plants().itertuples():
        assert told.loc[plant.plant, "quality"] == ("sourced" if plant.sourced else "assumption")


def test_a_larger_plant_is_cheaper_by_the_unit(study: Study) -> None:
    options = study.options.assign(unit=lambda o: o["capex_usd"] / o["capacity_units_per_yr"])
    for _, rows in options.groupby("plant_type"):
        assert rows.sort_values("capacity_units_per_yr")["unit"].is_monotonic_decreasing
    exponent = reference.parameter("plant.capex_scale_exponent").value
    cell = options.query("plant_type == 'cell'").set_index("option")["capex_usd"]
    assert cell["45 GWh"] / cell["15 GWh"] == pytest.approx(3.0**exponent, rel=1e-4)


def test_the_cell_credit_phases_down_in_real_dollars_worth_what_is_paid_year_by_year(study: Study) -> None:
    steps = study.programs.query("program == '45X cells'").set_index("first_year")["value"]
    nominal = {2026: 35.0, 2027: 35.0, 2028: 35.0, 2029: 35.0, 2030: 26.25, 2031: 17.5, 2032: 8.75}
    rise = 321.943 / 313.689  # CPI-U, 2025 over 2024
    real = {year: usd / rise ** (year - 2025) for year, usd in nominal.items()}
    assert steps.to_dict() == pytest.approx(real, abs=1e-6)
    paid = sum(real[year] / 1.07 ** (year - 2028) for year in range(2028, 2033))
    offered = study.incentives.query("program == '45X cells'")
    np.testing.assert_allclose(offered["value"], paid / sum(1.07**-k for k in range(10)), rtol=1e-6)
    country = study.sites.set_index("site")["country"]
    assert set(country.loc[offered["site"]]) == {"US"}


def test_a_vehicle_has_one_value_for_customs_wherever_it_comes_from(study: Study) -> None:
    value = study.products.set_index("product").loc["vehicle", "value_usd_per_unit"]
    bought = study.suppliers.query("product == 'vehicle' and country != 'CN'")["price_usd_per_unit"]
    np.testing.assert_allclose(bought, value)
    to_michigan = study.lanes.query("product == 'vehicle' and destination == 'US-MI'")
    duty = to_michigan.groupby("origin")["duty_usd_per_unit"].max()
    assert duty["MX-NLE-monterrey"] == pytest.approx(0.125 * value)
    assert duty["KR-usn-vehicle"] == pytest.approx(0.15 * value)


def test_duties_stack_on_vehicles_from_china(study: Study) -> None:
    duty = study.duties.query("product == 'vehicle' and origin == 'CN'").groupby("destination")["rate"].sum()
    assert duty.to_dict() == pytest.approx({"US": 1.275, "CA": 1.061, "MX": 0.5})


def test_embodied_emissions_have_the_boundary_of_the_plants(study: Study) -> None:
    use = study.processes.set_index("product")["electricity_kwh_per_unit"]
    chain = use["vehicle"] + use["pack"] + 70.0 * use["cell"]
    made = study.suppliers.query("product == 'vehicle' and country == 'KR'")["emissions_kg_per_unit"]
    assert made.iloc[0] == pytest.approx(chain * reference.parameter("grid.kr.co2").value)


def test_every_figure_says_where_it_comes_from(study: Study) -> None:
    listed = study.sources
    silent = listed[listed["source"].isna() | (listed["source"] == "")]
    assert silent[["table", "column"]].to_numpy().tolist() == []
    assumed = listed[listed["source"].str.fullmatch("unsourced")]
    assert set(assumed["quality"]) == {"assumption"}


def test_every_market_can_be_reached(study: Study) -> None:
    lanes = study.lanes.query("product == 'vehicle'")
    assert set(lanes["destination"]) == set(study.markets["market"])
    numbers = study.lanes.select_dtypes("number")
    assert np.isfinite(numbers.to_numpy()).all()


def test_the_study_of_ten_cities_is_small(ten_cities: Study) -> None:
    assert len(ten_cities.sites) == 10
    assert len(ten_cities.lanes) < 3_000
    assert 399e3 < ten_cities.demand["units_per_yr"].sum() <= 400e3


def test_slugs_are_ascii() -> None:
    assert slug("Québec") == "quebec"
    assert slug("St. John's") == "st-john-s"


def test_cities_do_not_depend_on_the_order_of_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    straight = candidate_cities(CITIES, SPACING_KM)
    turned = reference.cities().iloc[::-1]
    monkeypatch.setattr(reference, "cities", lambda: turned.copy())
    pd.testing.assert_frame_equal(pd.DataFrame(straight), pd.DataFrame(candidate_cities(CITIES, SPACING_KM)))
