"""The shipped studies: their rules for places and demand, their figures, and that each says where it comes from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evsiting import reference
from evsiting.errors import InputError
from evsiting.layers import complete
from evsiting.layers.demand.adoption import DemandPath, paths
from evsiting.layers.geo.geodesic import Points, great_circle_km
from evsiting.layers.sites.industry import parts_by_city
from evsiting.shipped import CITIES, SPACING_KM, example, local, plants
from evsiting.shipped.book import ProvenanceLog
from evsiting.shipped.places import (
    APART_KM,
    COVER_KM,
    LEFT_OUT,
    PART_OF_A_CITY,
    candidate_cities,
    persons_once,
    regional_centres,
    standing_plants,
)
from evsiting.study.codes import slug
from evsiting.study.derived.customs import lane_duty
from evsiting.study.derived.program_rules import foreign_shares
from evsiting.study.schema.programs import PROGRAM_KINDS
from evsiting.study.schema.tables import TABLES
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


def test_every_theme_has_its_table(study: Study, ten_cities: Study) -> None:
    assert {name for name in TABLES if not study.has(name)} == {"by_products"}  # nobody there makes two things at once
    assert all(ten_cities.has(name) for name in ("scenarios", "scenario_changes"))
    assert set(study.programs["kind"]) == set(PROGRAM_KINDS)
    for name, columns in {
        "options": ("ramp_up", "expands", "sites", "partner"),
        "plants": ("first_year", "closing_usd", "resume_usd"),
        "processes": ("heat_kwh_per_unit",),
        "sites": ("tax_rate", "property_tax_rate", "connectable_mw", "clean_premium_usd_per_mwh", "labor_pool"),
        "demand": ("promise_h", "late_usd_per_unit"),
        "program_rules": ("pool_usd", "most_usd", "clawback_usd_per_job", "excludes", "requires"),
        "programs": ("share", "term_years", "max_foreign_share"),
    }.items():
        assert study.table(name)[list(columns)].notna().any().all(), name
    assert 0.0 < study.settings.model.load_factor < 1.0


def test_sites_are_unique_codes_made_of_region_and_name(study: Study) -> None:
    sites = study.sites
    assert sites["site"].is_unique
    assert sites["site"].str.fullmatch(r"(US|CA|MX)-[A-Z]{2,3}-[a-z0-9-]+").all()
    assert [s.startswith(f"{r}-") for s, r in zip(sites["site"], sites["region"], strict=True)] == [True] * len(sites)
    assert {"US-TN-memphis", "US-MI-lansing", "MX-NLE-monterrey", "CA-ON-toronto"} <= set(sites["site"])


def test_candidates_are_chosen_by_size_and_industry_without_a_quota_for_a_state(study: Study) -> None:
    sites = study.sites.query("role == 'candidate'")
    assert len(sites) == CITIES
    assert not set(sites["region"]) & set(LEFT_OUT)
    states = sites["region"].value_counts()
    assert states["US-OH"] > states["US-MI"] > 2  # the parts industry
    assert states["US-TX"] > 3  # people
    assert not {"US-WY", "US-VT"} & set(states.index)  # neither
    people = reference.jurisdictions().groupby("country")["population"].sum()
    assert (sites["country"].value_counts() / CITIES - people / people.sum()).abs().max() < 0.05


def test_each_candidate_adds_most_to_what_the_ones_before_cover() -> None:
    small, large = candidate_cities(4), candidate_cities(5)
    added = set(large["site"]) - set(small["site"])
    assert set(small["site"]) < set(large["site"])
    assert len(added) == 1
    cities = reference.cities().assign(parts=parts_by_city())
    cities = cities[~cities["iso"].isin(LEFT_OUT) & ~cities["name"].isin(PART_OF_A_CITY)]
    people = reference.jurisdictions().groupby("country")["population"].sum()
    worth = cities["country"].map(people / people.sum()) * 0.5
    parts = [c / c.groupby(cities["country"]).transform("sum") for c in (cities["population"], cities["parts"])]
    worth = worth * (parts[0] + parts[1])

    def covered(chosen: pd.DataFrame) -> float:
        near = np.zeros(len(cities), dtype=bool)
        for point, country in zip(chosen.geometry, chosen["country"], strict=True):
            km = great_circle_km(point.x, point.y, cities["lon"].to_numpy(), cities["lat"].to_numpy())
            near |= (km <= COVER_KM) & (cities["country"] == country).to_numpy()
        return float(worth[near].sum())

    others = candidate_cities(60)
    others = others[~others["site"].isin(small["site"])]
    best = covered(large)
    for k in range(len(others)):
        assert covered(pd.concat([small, others.iloc[[k]]])) <= best + 1e-12


def test_candidates_keep_their_distance_and_reach_standing_plants_that_they_do_not_know() -> None:
    cities = candidate_cities(CITIES)
    points = Points.of(cities, "site")
    km = points.km_to(points) + np.where(np.eye(len(points)) > 0, np.inf, 0.0)
    assert not ((km < APART_KM - 0.2) & (points.country[:, None] == points.country[None, :])).any()
    stood = reference.standing_vehicle_plants().query("kind == 'assembly'")
    near = great_circle_km(
        stood["lon"].to_numpy()[:, None], stood["lat"].to_numpy()[:, None], points.lon[None, :], points.lat[None, :]
    )
    assert (near.min(axis=1) <= COVER_KM).mean() > 0.8  # 59 % by the largest city of each state and then by size


def test_centres_of_commuting_areas_are_the_largest_of_each_mainland_jurisdiction_and_others_apart() -> None:
    centres = regional_centres(CITIES, SPACING_KM)
    assert set(centres["region"]) == set(reference.jurisdictions()["iso"]) - set(LEFT_OUT)
    points = Points.of(centres, "site")
    km = points.km_to(points) + np.where(np.eye(len(points)) > 0, np.inf, 0.0)
    near = km < SPACING_KM - 0.5
    near &= points.country[:, None] == points.country[None, :]
    # Two cities may lie closer only if each is the largest of its own jurisdiction.
    assert not (near & (points.region[:, None] == points.region[None, :])).any()
    assert len(regional_centres(200, SPACING_KM)) == 200


def test_periods_follow_the_steps_of_the_law(study: Study) -> None:
    periods = study.periods.sort_values("start_year")
    assert periods["start_year"].tolist() == [2027, 2030, 2033]
    assert (periods["start_year"] + periods["years"]).tolist()[:-1] == periods["start_year"].tolist()[1:]
    offered = study.incentives.query("program == '45X cells' and site == 'US-KS-panasonic-energy-kansas'")
    paid = offered.set_index("period")["value"]
    # in full, phased down, nothing
    assert list(paid.index) == ["2027-2029", "2030-2032"]
    assert 30.0 < paid.iloc[0] < 35.0
    assert 0.3 < paid.iloc[1] / paid.iloc[0] < 0.6


def test_a_path_goes_through_its_two_points() -> None:
    path = DemandPath.through(2025.0, 0.078, 2030.0, 0.2)
    np.testing.assert_allclose(path.at(np.array([2025.0, 2030.0])), [0.078, 0.2])
    assert (np.diff(path.at(np.arange(2020.0, 2060.0))) > 0).all()


def test_demand_starts_from_what_was_sold_and_grows(study: Study) -> None:
    wanted = study.demand.assign(country=lambda d: d["market"].str[:2])
    by_period = wanted.groupby("period")["units_per_yr"].sum()
    assert by_period.is_monotonic_increasing
    assert by_period.iloc[0] == pytest.approx(2.88e6, rel=0.01)
    assert by_period.iloc[-1] == pytest.approx(10.21e6, rel=0.01)
    curve = paths(ProvenanceLog(2025).get)["US"]
    years = np.arange(2030.0, 2033.0)
    us = wanted.query("country == 'US' and period == '2030-2032'")["units_per_yr"].sum()
    sales = reference.fact("vehicle_sales")
    assert us == pytest.approx(sales[sales.index.str.startswith("US-")].sum() * curve.at(years).mean(), rel=1e-4)
    # a jurisdiction that sold more electric vehicles by share keeps its lead, and none wants more than it buys
    share = wanted.set_index(["market", "period"])["units_per_yr"].unstack().div(sales, axis=0)
    assert (share.loc["US-CA"] > share.loc["US-TX"]).all()
    assert (share.fillna(0.0) <= 1.0).all().all()


def test_plants_have_a_capacity_and_the_status_of_the_reference_table(study: Study) -> None:
    table = study.plants.set_index("plant")
    assert set(table["status"]) == {"existing", "committed", "paused", "canceled", "closed"}
    assert table.loc["panasonic_energy_kansas", "capacity_units_per_yr"] == 32e6
    assert "pomega_walterboro" not in table.index
    assert set(study.sites.query("role == 'existing'")["site"]) == set(table["site"])
    runs = table["status"].isin(["existing", "committed"])
    assert (table["closing_usd"].notna() == runs).all()
    assert (table["resume_usd"].notna() == (table["status"] == "paused")).all()
    assert (table["first_year"].notna() == table["status"].isin(["committed", "paused"])).all()
    assert not {"gigafactory_mexico", "honda_alliston_ev_battery", "statevolt_imperial_valley"} & set(table.index)
    # cells for stationary storage do not go into vehicles
    assert not {"blueoval_sk_battery_park_2_plants", "lansing_cells_ex_ultium_now_lges"} & set(table.index)
    assert table.loc["blueoval_city_vehicles_cells", ["plant_type", "status"]].tolist() == ["cell", "committed"]
    assert table.loc["rivian_stanton_springs", ["status", "first_year"]].tolist() == ["committed", 2028]
    assert table.loc["gm_samsung_sdi_new_carlisle", "first_year"] == 2027
    told = study.provenance.query("table == 'plants' and column == 'capacity_units_per_yr'").set_index("row")
    for plant in standing_plants().itertuples():
        assert told.loc[plant.plant, "quality"] == ("sourced" if plant.sourced else "assumption")


def test_resuming_costs_what_is_left_to_build_and_takes_until_it_runs(study: Study) -> None:
    table = study.plants.set_index("plant")
    cell = study.options.query("plant_type == 'cell'").set_index("option")["capex_usd"]["30 GWh"]
    # over 1.0 of 1.6 bn USD are spent in Florence
    assert table.loc["aesc_florence", "resume_usd"] == pytest.approx(0.375 * cell, rel=1e-4)
    change = 2_030 * 321.943 / 313.689  # all is built at the Rouge: USD a vehicle a year for another model
    assert table.loc["ford_rouge_electric_vehicle_center", "resume_usd"] == pytest.approx(150e3 * change, rel=1e-3)
    assert set(table.loc[table["status"] == "paused", "first_year"]) == {2028}
    # ramp-up is that of new plants, over the years in which they run: 0.5 and 0.9 in 2028 and 2029
    parts = study.trajectories.query("column == 'capacity_units_per_yr' and place in @study.plants.plant")
    parts = parts.set_index(["place", "period"])["factor"]
    assert parts["ford_rouge_electric_vehicle_center", "2027-2029"] == pytest.approx(0.7)
    assert parts["gm_samsung_sdi_new_carlisle", "2027-2029"] == pytest.approx((0.4 + 0.8 + 1.0) / 3, abs=1e-6)
    assert set(parts.index.get_level_values("period")) == {"2027-2029"}
    # property tax is paid like that of a new plant: 1.2 % of the investment beside 4 % for all else
    fixed = table.loc["gm_samsung_sdi_new_carlisle", "fixed_usd_per_yr"]
    assert fixed == pytest.approx((0.04 + 0.012) * cell, rel=1e-3)


def test_what_opens_first_is_what_is_under_way(study: Study) -> None:
    lead = study.options.set_index(["plant_type", "option"])["lead_years"]
    assert lead.notna().all()
    assert lead["cell"]["30 GWh"] == 3  # Panasonic, NextStar, LGES, BlueOval SK: three to four years
    # nothing new opens in 2027, and everything may in 2030
    assert lead.min() > 0
    assert lead.max() <= 2030 - 2027
    lines = study.plants[study.plants["plant_type"] == "pack"].set_index("plant")
    vehicles = study.plants[study.plants["plant_type"] == "assembly"].set_index("plant")
    for line in lines.itertuples():
        beside = vehicles.loc[line.Index.removesuffix("_packs")]
        assert (line.site, line.status) == (beside["site"], beside["status"])
        assert line.capacity_units_per_yr == beside["capacity_units_per_yr"]
    assert len(lines) == vehicles["status"].isin(["existing", "committed", "paused"]).sum()


def test_a_cell_plant_connects_what_the_utility_says(study: Study) -> None:
    kw = study.processes.set_index("product")["connection_kw_per_unit"]
    assert 1e-3 * kw["cell"] * 32e6 == pytest.approx(225, rel=0.01)  # Panasonic Kansas: 200 to 250 MW for 32 GWh
    assert kw[["pack", "vehicle"]].isna().all()
    steps = study.grid_upgrades["capacity_mw"].sum()
    needed = 1e-3 * kw["cell"] * study.options.query("plant_type == 'cell'")["capacity_units_per_yr"]
    assert (needed > local.CONNECTABLE_MW).all()  # no cell plant opens without an upgrade
    assert (needed < local.CONNECTABLE_MW + steps).all()


def test_a_larger_plant_is_cheaper_by_the_unit(study: Study) -> None:
    options = study.options.query("expands.isna() and partner.isna()")
    options = options.assign(unit=lambda o: o["capex_usd"] / o["capacity_units_per_yr"])
    for _, rows in options.groupby("plant_type"):
        assert rows.sort_values("capacity_units_per_yr")["unit"].is_monotonic_decreasing
    exponent = reference.parameter("plant.capex_scale_exponent").value
    cell = options.query("plant_type == 'cell'").set_index("option")["capex_usd"]
    assert cell["45 GWh"] / cell["15 GWh"] == pytest.approx(3.0**exponent, rel=1e-4)


def test_two_steps_cost_more_than_building_at_once(study: Study) -> None:
    cost = study.options.set_index(["plant_type", "option"])["capex_usd"]
    for plant_type, old, new in plants.STEPS:
        steps = cost[plant_type, old] + cost[plant_type, f"{old} to {new}"]
        assert cost[plant_type, new] < steps < 2.0 * cost[plant_type, old]


def test_a_joint_venture_is_offered_near_cell_plants(study: Study) -> None:
    venture = study.options.query("partner.notna()").iloc[0]
    sites = venture["sites"].split(";")
    assert {"CA-ON-london"} <= set(sites) < set(study.sites["site"])
    assert venture["partner_capex_share"] == venture["partner_output_share"] == 0.5


def test_heat_and_power_make_up_the_energy_of_a_cell(study: Study) -> None:
    cell = study.processes.set_index("product").loc["cell"]
    energy = reference.parameter("plant.cell.energy").value
    assert cell["electricity_kwh_per_unit"] + cell["heat_kwh_per_unit"] == pytest.approx(energy)
    assert cell["heat_kwh_per_unit"] == pytest.approx(0.52 * energy)


def test_the_cell_credit_phases_down_in_real_dollars(study: Study) -> None:
    steps = study.programs.query("program == '45X cells'").set_index("first_year")["value"]
    nominal = {2026: 35.0, 2027: 35.0, 2028: 35.0, 2029: 35.0, 2030: 26.25, 2031: 17.5, 2032: 8.75}
    rise = 321.943 / 313.689  # CPI-U, 2025 over 2024
    real = {year: usd / rise ** (year - 2025) for year, usd in nominal.items()}
    assert steps.to_dict() == pytest.approx(real, abs=1e-6)
    offered = study.incentives.query("program == '45X cells'")
    country = study.sites.set_index("site")["country"]
    assert set(country.loc[offered["site"]]) == {"US"}


def test_45x_takes_little_material_of_prohibited_makers_and_48c_has_nothing_left(study: Study) -> None:
    rules = study.program_rules.set_index("program")
    assert {"45X cells", "45X modules"} <= set(rules.index)
    steps = study.programs.query("program == '45X modules'").set_index("first_year")["max_foreign_share"]
    floors = {2026: 60, 2027: 65, 2028: 70, 2029: 80, 2030: 85, 2031: 85, 2032: 85}  # of the cost, by year of sale
    assert steps.to_dict() == pytest.approx({year: 1 - floor / 100 for year, floor in floors.items()})
    shares = foreign_shares(study)
    assert shares["45X cells", "2027-2029"] == pytest.approx(0.2)  # the strictest year of the period
    assert shares["45X cells", "2030-2032"] == pytest.approx(0.15)
    assert reference.parameter("us.48c.pool_left").value == 0
    assert "48C" not in set(study.programs["program"])
    foreign = study.suppliers.set_index("country")["foreign_entity"]
    assert set(foreign[foreign > 0].index) == {"CN"}


def test_states_pool_what_they_gave_before(study: Study) -> None:
    rules = study.program_rules.set_index("program")
    assert rules.loc["State deal US-MI", "pool_usd"] == pytest.approx(4562.6e6)
    assert rules.loc["State deal US-GA", "excludes"] == "Georgia mega project"
    proposed = study.provenance[study.provenance["note"].str.contains("PROPOSED")]
    assert proposed["row"].str.startswith("EV supply chain ITC").all()
    assert len(proposed) == 3


def test_vehicles_are_bought_at_cost_and_pay_duty_on_the_whole_customs_value(study: Study) -> None:
    value = study.products.set_index("product").loc["vehicle", "value_usd_per_unit"]
    assert value == pytest.approx(39_592 * 321.943 / 313.689, rel=1e-4)
    bought = study.suppliers.query("product == 'vehicle'").set_index("country")
    np.testing.assert_allclose(bought["price_usd_per_unit"], 0.7 * bought["customs_value_usd_per_unit"], rtol=1e-6)
    assert bought.loc[["DE", "JP", "KR"], "customs_value_usd_per_unit"].tolist() == [value] * 3
    assert bought.loc["CN", "customs_value_usd_per_unit"] == pytest.approx(23_800 * 321.943 / 304.702, rel=1e-4)
    lanes = study.lanes.query("product == 'vehicle' and destination == 'US-MI'").reset_index(drop=True)
    duty = pd.Series(lane_duty(study, lanes)[:, 0], lanes["origin"]).groupby(level=0).max()
    assert duty["MX-NLE-monterrey"] == pytest.approx(0.275 * value)
    assert duty["KR-usn-vehicle"] == pytest.approx(0.15 * value)  # 6,095 USD: on 70 % it was 4,267
    assert study.origin_rules.set_index("product").loc["vehicle", "net_cost_usd_per_unit"] == pytest.approx(0.7 * value)
    others = study.suppliers.query("product != 'vehicle'")
    assert others["price_usd_per_unit"].tolist() == others["customs_value_usd_per_unit"].tolist()


def test_duties_stack_on_vehicles_from_china(study: Study) -> None:
    duty = study.duties.query("product == 'vehicle' and origin == 'CN'").groupby("destination")["rate"].sum()
    assert duty.to_dict() == pytest.approx({"US": 1.275, "CA": 1.061, "MX": 0.5})


def test_what_is_spared_within_north_america_depends_on_the_plant(study: Study) -> None:
    inner = study.duties[study.duties["origin"].isin(["US", "CA", "MX"])]
    assert set(inner["relief"]) == {"free", "content"}
    assert set(study.duties[~study.duties["origin"].isin(["US", "CA", "MX"])]["relief"]) == {"none"}
    rules = study.origin_rules.set_index("product")
    assert rules["rvc"].to_dict() == {"vehicle": 0.75}
    assert rules.loc["vehicle", "core_parts"] == "pack"
    # a vehicle with a pack from abroad does not qualify
    value = study.products.set_index("product")["value_usd_per_unit"]
    net_cost = rules.loc["vehicle", "net_cost_usd_per_unit"]
    assert value["pack"] + rules.loc["vehicle", "other_foreign_usd_per_unit"] > 0.25 * net_cost


def test_among_ten_cities_a_pack_of_cells_from_abroad_does_not_originate() -> None:
    study = example("ten-cities")
    rules = study.origin_rules.set_index("product")
    assert rules["rvc"].to_dict() == {"vehicle": 0.75, "pack": 0.75}
    value = study.products.set_index("product")["value_usd_per_unit"]
    kwh = study.bill_of_materials.set_index("product").loc["pack", "units_per_unit"]
    cells = kwh * study.suppliers.query("product == 'cell'")["price_usd_per_unit"].min()
    assert cells + rules.loc["pack", "other_foreign_usd_per_unit"] > 0.25 * value["pack"]


def test_canada_lets_in_more_chinese_vehicles_year_by_year(study: Study) -> None:
    quotas = study.quotas.set_index("quota")["units_per_yr"]
    assert quotas["China to Canada, rising"] == round((52_185 + 55_577 + 59_190) / 3)
    assert quotas["China to Canada"] == 63_037  # the fifth step: 49,000 x 1.065^4


def test_embodied_emissions_have_the_boundary_of_the_plants(study: Study) -> None:
    use = study.processes.set_index("product")
    made = {"vehicle": 1.0, "pack": 1.0, "cell": 70.0 / use.loc["pack", "good_share"]}
    power = sum(units * use.loc[p, "electricity_kwh_per_unit"] for p, units in made.items())
    heat = sum(units * use.loc[p, "heat_kwh_per_unit"] for p, units in made.items())
    bought = study.suppliers.query("product == 'vehicle' and country == 'KR'")["emissions_kg_per_unit"].iloc[0]
    grid, gas = reference.parameter("grid.kr.co2").value, reference.parameter("fuel.natural_gas.co2").value
    assert bought == pytest.approx(power * grid + heat * gas)


def test_areas_hold_all_sites_and_the_staff_of_their_plants(study: Study) -> None:
    pools = study.labor_pools.set_index("pool")["available_fte"]
    assert set(study.sites["labor_pool"]) == set(pools.index)
    area = study.sites.set_index("site")["labor_pool"]
    assert area["US-MI-farmington-hills"] == area["US-MI-gm-factory-zero"]
    assert area["US-MI-farmington-hills"] != area["CA-ON-nextstar-energy"]
    fixed = study.plants.query("status in ['existing', 'committed', 'paused']").set_index("site")["staff_fte"]
    there = fixed.groupby(fixed.index.map(area)).sum() / 0.2
    assert (pools[there.index] >= 0.99 * there).all()
    assert pools["area-US-IN-lafayette"] < 3_000 < pools["area-US-IL-chicago"]


def test_no_town_works_in_two_areas(study: Study) -> None:
    plants = study.plants.query("status in ['existing', 'committed', 'paused']")
    there = plants.groupby("site")["staff_fte"].sum() / 0.2
    cities = reference.cities()
    working = local.labor_force_per_head().reindex(cities["iso"]).to_numpy()
    sites, towns = (Points.of(frame, code) for frame, code in ((study.sites, "site"), (cities, "geonameid")))
    near = sites.km_to(towns) <= local.REACH_KM
    near &= sites.country[:, None] == towns.country[None, :]
    force = (persons_once(cities) * working)[near.any(axis=0)].sum()
    area = study.sites["labor_pool"].to_numpy(dtype=object)
    assert any(len(set(area[column])) > 1 for column in near.T if column.any())  # some lie within reach of two
    total = study.labor_pools["available_fte"].sum()
    assert total == pytest.approx(local.PARTICIPATION * force + there.sum(), rel=2e-3)


def test_the_grid_goes_on_as_it_went(study: Study) -> None:
    grid = study.trajectories.query("column == 'grid_factor_kg_per_kwh'")
    factor = grid.set_index(["place", "period"])["factor"]
    years = np.arange(2033, 2042)
    assert factor["US", "2033-2041"] == pytest.approx(((1 - 0.0266) ** (years - 2023)).mean(), abs=1e-6)
    assert set(grid["place"]) == {"US", "MX"}
    assert 0.0 < local.PARTICIPATION < 0.1


def test_an_hour_in_mexico_costs_more_as_the_week_grows_shorter(study: Study, ten_cities: Study) -> None:
    hours = {2027: 46, 2028: 44, 2029: 42}
    for shipped, period, factor in (
        (study, "2027-2029", sum(48 / h for h in hours.values()) / 3),
        (study, "2030-2032", 1.2),
        (ten_cities, "2028-2037", (48 / 44 + 48 / 42 + 8 * 1.2) / 10),
    ):
        wages = shipped.trajectories.query("column == 'wage_usd_per_h'").set_index(["place", "period"])["factor"]
        assert wages["MX", period] == pytest.approx(factor, abs=1e-6)
    assert set(ten_cities.trajectories["place"]) == {"MX"}


def test_every_figure_says_where_it_comes_from(study: Study, ten_cities: Study) -> None:
    for shipped in (study, ten_cities):
        listed = shipped.sources
        silent = listed[listed["source"].isna() | (listed["source"] == "")]
        assert silent[["table", "column"]].to_numpy().tolist() == []
        assumed = listed[listed["source"].str.fullmatch("unsourced")]
        assert set(assumed["quality"]) == {"assumption"}


def test_every_target_is_an_assumption_of_the_scenario(study: Study) -> None:
    told = study.provenance.query("table == 'limits'")
    assert set(told["row"]) == set(study.limits["limit"])
    assert set(told["quality"]) == {"assumption"}


def test_every_market_can_be_reached(study: Study) -> None:
    lanes = study.lanes.query("product == 'vehicle'")
    assert set(lanes["destination"]) == set(study.markets["market"])
    numbers = study.lanes.select_dtypes("number")
    assert np.isfinite(numbers.to_numpy()).all()


def test_gateways_are_on_the_way_of_something(study: Study) -> None:
    ways = study.lanes["route"].dropna().str.split(";").explode()
    assert set(study.gateways["gateway"]) <= set(ways)


def test_the_study_of_ten_cities_is_small(ten_cities: Study) -> None:
    assert len(ten_cities.sites) == 10
    assert len(ten_cities.lanes) < 3_000
    assert len(ten_cities.periods) == 1
    assert 399e3 < ten_cities.demand["units_per_yr"].sum() <= 400e3


def test_slugs_are_ascii() -> None:
    assert slug("Québec") == "quebec"
    assert slug("St. John's") == "st-john-s"


def test_cities_do_not_depend_on_the_order_of_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    straight = candidate_cities(CITIES)
    turned = reference.cities().iloc[::-1]
    monkeypatch.setattr(reference, "cities", lambda: turned.copy())
    pd.testing.assert_frame_equal(pd.DataFrame(straight), pd.DataFrame(candidate_cities(CITIES)))
