"""Bought inputs of the North American study: nothing is counted twice, and where they come from decides."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import evsiting as ev
from evsiting import reference
from evsiting.layers.scenarios import in_scenario
from evsiting.shipped.inputs import ANODE, CATHODE, PACK_PARTS, PARTS, part_shares
from evsiting.study.derived.customs import lane_duty, stacks
from evsiting.study.study import Study

RISE = 321.943 / 313.689  # consumer prices of 2025 over those of 2024


@pytest.fixture(scope="module")
def study() -> Study:
    return ev.example("north-america")


def test_material_and_inputs_add_up_to_what_material_cost_before(study: Study) -> None:
    process = study.processes.set_index("product")
    bill = study.bill_of_materials.set_index(["product", "input"])["units_per_unit"]
    price = study.suppliers.set_index("supplier")["price_usd_per_unit"]
    vehicle = process.loc["vehicle", "material_usd_per_unit"] + price["US-MI-parts"] * bill["vehicle", PARTS]
    assert vehicle == pytest.approx(18_000 * RISE, abs=0.05)
    good = process.loc["cell", "good_share"]
    active = [
        bill["cell", CATHODE] * price["CN-ngb-cathode-material"],
        bill["cell", ANODE] * price["CN-ngb-anode-material"],
    ]
    cell = process.loc["cell", "material_usd_per_unit"] + sum(active) / good
    assert cell == pytest.approx(45.6 * RISE, abs=0.02)
    scrapped = process.loc["pack", "good_share"]
    pack = (
        process.loc["pack", "material_usd_per_unit"] + price["US-MI-pack-parts"] * bill["pack", PACK_PARTS] / scrapped
    )
    assert pack == pytest.approx(70.0 * 20.0, abs=0.02)
    mass = study.products.set_index("product")["mass_kg_per_unit"]
    assert mass[PACK_PARTS] == pytest.approx(0.37 * 420.0)
    assert mass[PARTS] + mass["pack"] == mass["vehicle"]
    # the other studies buy all of it as material
    ten = ev.example("ten-cities").processes.set_index("product")["material_usd_per_unit"]
    assert ten["vehicle"] == pytest.approx(18_000 * RISE, abs=0.05)
    assert ten["cell"] == pytest.approx(45.6 * RISE, abs=0.02)
    assert ten["pack"] == pytest.approx(70.0 * 20.0, abs=0.02)


def test_makers_of_pack_parts_are_those_of_vehicle_parts_with_as_many_sets(study: Study) -> None:
    sold = study.suppliers[study.suppliers["product"].isin([PARTS, PACK_PARTS])]
    sold = sold.assign(place=sold["supplier"].str.removesuffix("-pack-parts").str.removesuffix("-parts"))
    sets = sold[sold["country"].isin(["US", "CA", "MX"])].pivot(
        index="place", columns="product", values="capacity_units_per_yr"
    )
    assert len(sets) == 27
    np.testing.assert_array_equal(sets[PARTS], sets[PACK_PARTS])
    over_time = study.trajectories.query("column == 'capacity_units_per_yr'").set_index(["place", "period"])["factor"]
    assert over_time["US-MI-pack-parts", "2027-2029"] == over_time["US-MI-parts", "2027-2029"]
    rates = stacks(study).query("period == '2030-2032'").groupby(["product", "origin", "destination"])["rate"].sum()
    assert rates[PACK_PARTS, "CN", "US"] == rates[PARTS, "CN", "US"]
    lapsed = stacks(in_scenario(study, "USMCA lapses")).query("period == '2030-2032'")
    rates = lapsed.groupby(["product", "origin", "destination"])["rate"].sum()
    assert rates[PACK_PARTS, "MX", "US"] == pytest.approx(0.275)


def test_parts_makers_share_by_jobs_and_mexico_by_output() -> None:
    shares = part_shares(20_000.0, 15e6, 100e9).set_index("region")
    assert shares["share"].sum() == pytest.approx(1.0)
    by_country = shares.groupby("country")["share"].sum()
    assert by_country["MX"] == pytest.approx(100e9 / 20_000 / 15e6)
    base = reference.auto_supply_base()
    base = base[(base["naics"] == "3363") & base["county_fips"].isna()]
    american = base[(base["country"] == "US") & base["region"].notna()]["employment"].sum()
    assert by_country["CA"] / by_country["US"] == pytest.approx(90_828 / american)
    jobs = base.set_index("region")["employment"]
    texas = shares.loc["US-TX", "share"] / shares.loc["US-MI", "share"]
    assert texas == pytest.approx(jobs["US-TX"] / jobs["US-MI"], rel=1e-3)  # not counted as none
    assert 20 <= len(shares) <= 30
    assert part_shares(20_000.0, 1e6, 100e9).set_index("region").query("country == 'US'")["share"].sum() == 0.0


def test_parts_grow_with_electric_vehicles_and_never_stop_a_plan(study: Study) -> None:
    sold = study.suppliers.query("product == @PARTS").set_index("supplier")
    parts = study.trajectories.query("column == 'capacity_units_per_yr' and place in @sold.index")
    wanted = study.demand.query("product == 'vehicle'").groupby("period")["units_per_yr"].sum()
    home = sold["capacity_units_per_yr"].sum()
    assert home / wanted["2033-2041"] == pytest.approx(
        16.16e6 / reference.fact("vehicle_sales").sum() * 1.02**14, rel=1e-3
    )
    factor = parts.set_index(["place", "period"])["factor"]
    expected = wanted["2027-2029"] / wanted["2033-2041"] * 1.02**-9
    assert factor["US-MI-parts", "2027-2029"] == pytest.approx(expected, abs=1e-6)
    assert sold["capacity_units_per_yr"].isna().sum() == 2
    assert set(sold.loc[sold["capacity_units_per_yr"].isna(), "country"]) == {"CN", "KR"}


def test_parts_and_materials_pay_what_the_law_says(study: Study) -> None:
    rates = stacks(study).query("period == '2030-2032'").groupby(["product", "origin", "destination"])["rate"].sum()
    assert rates[PARTS, "CN", "US"] == pytest.approx(0.025 + 0.25 + 0.25)
    assert rates[PARTS, "KR", "US"] == pytest.approx(0.15)
    assert (PARTS, "MX", "US") not in rates.index
    assert rates[CATHODE, "CN", "US"] == pytest.approx(0.25)
    assert rates[ANODE, "CN", "US"] == pytest.approx(0.25)  # no duty for dumping: voted down in March 2026
    lanes = study.lanes.query("product == @PARTS").groupby("origin").head(1)
    duty = pd.Series(lane_duty(study, lanes)[:, 1], index=lanes["origin"])
    assert duty["MX-COA-parts"] == 0.0
    lapsed = in_scenario(study, "USMCA lapses")
    rates = stacks(lapsed).query("period == '2030-2032'").groupby(["product", "origin", "destination"])["rate"].sum()
    assert rates[PARTS, "MX", "US"] == pytest.approx(0.275)
    assert rates[PARTS, "CA", "US"] == pytest.approx(0.275)


def test_what_is_bought_in_a_country_is_its_content_and_nothing_else(study: Study) -> None:
    rule = study.origin_rules.set_index("product").loc["vehicle"]
    assert rule["other_content_usd_per_unit"] == 0.0
    assert rule["other_high_wage_usd_per_unit"] == pytest.approx(0.15 * rule["net_cost_usd_per_unit"], abs=0.01)
    assert rule["other_foreign_usd_per_unit"] == pytest.approx(0.15 * 18_000 * RISE, abs=0.05)


def test_parts_come_by_road_or_rail_from_every_region_to_every_vehicle_plant(study: Study) -> None:
    lanes = study.lanes.query("product == @PARTS")
    home = lanes[lanes["origin"].str.endswith("-parts") & lanes["origin"].str[2:3].eq("-")]
    home = home[home["origin"].str[:2].isin(["US", "CA", "MX"])]
    assert set(home["mode"]) == {"road", "rail"}
    pairs = home.groupby("origin")["destination"].nunique()
    assert pairs.nunique() == 1
    assert pairs.iloc[0] > 130
    assert np.isfinite(home["freight_usd_per_unit"]).all()


def _two_american_sites(study: Study) -> Study:
    """Return the study cut down to two candidates, one market, one period with 45X, and no imports of what is made."""
    tables = {name: study.table(name) for name in KEPT}
    kept = tables["sites"]["site"].isin(["US-TN-memphis", "US-MI-lansing"])
    tables["sites"] = tables["sites"][kept].drop(columns=["connectable_mw", "labor_pool"])
    tables["markets"] = tables["markets"].query("market == 'US-OH'")
    for name in ("periods", "demand"):
        tables[name] = tables[name].query("period == '2030-2032'")
    tables["demand"] = tables["demand"].query("market == 'US-OH'")
    tables["suppliers"] = tables["suppliers"].query("product in [@PARTS, @PACK_PARTS, @CATHODE, @ANODE]")
    options = tables["options"].query("expands.isna() and partner.isna()")
    tables["options"] = options.drop(columns=["sites", "expands", "partner"]).assign(lead_years=0.0, min_load=0.1)
    tables["programs"] = tables["programs"].query("program == '45X cells'")
    tables["program_rules"] = tables["program_rules"].query("program == '45X cells'")
    return ev.complete(Study.from_tables(study.settings, tables))


KEPT = (
    "sites", "markets", "periods", "products", "bill_of_materials", "processes", "options", "suppliers", "demand",
    "programs", "program_rules", "duties",
)  # fmt: skip


def _chinese_share(study: Study, plan: ev.Plan) -> float:
    """Return the part of the material of the cell plants that comes from China, by value."""
    price = study.suppliers.set_index("supplier")["price_usd_per_unit"]
    bought = plan.shipments.query("product in [@CATHODE, @ANODE]")
    usd = bought["units_per_yr"] * bought["origin"].map(price)
    cells = plan.production.query("product == 'cell'")["units_per_yr"].sum()
    other = study.processes.set_index("product").loc["cell", "material_usd_per_unit"]
    return float(usd[bought["origin"].str.startswith("CN-")].sum() / (usd.sum() + other * cells))


@pytest.mark.filterwarnings("ignore::evsiting.errors.DataWarning")
def test_the_floor_of_45x_binds_where_no_duty_keeps_chinese_material_out(study: Study) -> None:
    taxed = _two_american_sites(study)
    untaxed = Study.from_tables(taxed.settings, {n: t for n, t in taxed.tables.items() if n != "duties"})
    shares = []
    for case in (taxed, untaxed):
        plan = ev.solve(case, gap=1e-4)
        ev.certify(case, plan).raise_if_failed()
        assert len(plan.decisions["claims"]) > 0
        shares.append(_chinese_share(case, plan))
    assert shares[0] == 0.0  # a quarter of its price as duty is more than what Korean material costs more
    assert shares[1] == pytest.approx(0.15, abs=1e-6)  # 85 % must come from others in 2030 to 2032
