"""The shipped tables are whole, sourced, and safe to change once loaded."""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib import resources

import pandas as pd
import pytest

from evsiting import reference

TABLES: dict[str, tuple[Callable[[], pd.DataFrame], list[str], int | None]] = {
    "jurisdictions": (reference.jurisdictions, ["iso"], 96),
    "jurisdiction_facts": (reference.jurisdiction_facts, ["iso", "variable"], 1762),
    "cities": (reference.cities, ["geonameid"], 4557),
    "plants": (reference.plants, ["id"], 51),
    "standing_vehicle_plants": (reference.standing_vehicle_plants, ["id"], 97),
    "auto_supply_base": (reference.auto_supply_base, ["country", "region", "county_fips", "naics", "year"], 432),
    "county_labor": (reference.county_labor, ["fips"], 3143),
    "right_to_work": (reference.right_to_work, ["iso"], 51),
    "parameters": (reference.parameters, ["key", "country", "valid_from"], None),
    "borders": (reference.borders, ["id"], 30),
    "ports": (reference.ports, ["unlocode"], 70),
    "sea_lanes": (reference.sea_lanes, ["origin", "destination"], 1161),
    "rail_nodes": (reference.rail_nodes, ["node"], 9929),
    "rail_edges": (reference.rail_edges, ["from_node", "to_node"], 13066),
    "sources": (reference.sources, ["id"], None),
}
SOURCE_COLUMNS = {
    "jurisdictions": ["population_source", "centroid_source"],
    "jurisdiction_facts": ["source"],
    "cities": ["source"],
    "plants": ["source"],
    "parameters": ["source"],
    "standing_vehicle_plants": ["source"],
    "auto_supply_base": ["source"],
    "county_labor": ["source"],
    "right_to_work": ["source"],
    "borders": ["coord_source", "mode_source"],
    "ports": ["source"],
    "sea_lanes": ["source"],
}
# What the shipped study is built from: losing one of these breaks it.
NEEDED = [
    "demand.ev_share",
    "duty.ca.battery_mfn",
    "duty.ca.vehicle_mfn",
    "duty.mx.battery_mfn",
    "duty.mx.vehicle_mfn",
    "duty.us.battery_mfn",
    "duty.us.vehicle_mfn",
    "freight.rail.terminal_cost_per_t",
    "freight.sea.vehicle_cost",
    "fuel.natural_gas.co2",
    "grid.cn.co2",
    "grid.de.co2",
    "grid.jp.co2",
    "grid.kr.co2",
    "labor.hours_per_fte_year",
    "plant.assembly.capex",
    "plant.assembly.electricity",
    "plant.assembly.workers_per_1000_vehicles",
    "plant.capex_scale_exponent",
    "plant.cell.capex",
    "plant.cell.energy",
    "plant.cell.workers_per_gwh",
    "plant.economic_life",
    "plant.pack.capex",
    "plant.pack.electricity",
    "plant.pack.workers_per_gwh",
    "product.bev_value",
    "product.cell_material_cost",
    "product.pack_other_material_cost",
    "product.vehicle_other_material_cost",
]


@pytest.mark.parametrize("name", TABLES)
def test_table_has_its_rows_and_a_unique_key(name: str) -> None:
    load, key, rows = TABLES[name]
    table = load()
    assert rows is None or len(table) == rows
    assert len(table) > 0
    assert not table.duplicated(key).any()
    assert table[key[0]].notna().all()


@pytest.mark.parametrize("name", TABLES)
def test_a_changed_table_does_not_poison_the_next_call(name: str) -> None:
    load, _, _ = TABLES[name]
    before = load().copy()
    spoiled = load()
    spoiled.iloc[:, 0] = spoiled.iloc[0, 0]
    del spoiled[spoiled.columns[-1]]
    spoiled["new"] = 0
    pd.testing.assert_frame_equal(pd.DataFrame(load()), pd.DataFrame(before))


def test_a_changed_fact_does_not_poison_the_next_call() -> None:
    wage = reference.fact("assembler_wage_usd")
    wage.iloc[:] = 0.0
    wage.attrs["unit"] = "nonsense"
    assert (reference.fact("assembler_wage_usd") > 0).all()
    assert reference.fact("assembler_wage_usd").attrs["unit"] == "USD/h"


@pytest.mark.parametrize("name", SOURCE_COLUMNS)
def test_every_source_that_is_named_exists(name: str) -> None:
    known = set(reference.sources()["id"])
    table = TABLES[name][0]()
    for column in SOURCE_COLUMNS[name]:
        cells = table[column].dropna()
        named = {part for cell in cells for part in cell.split(";")}
        assert named <= known, f"{name}.{column}: {sorted(named - known)}"


def test_every_number_has_a_source_and_a_unit() -> None:
    facts, parameters = reference.jurisdiction_facts(), reference.parameters()
    for table in (facts, parameters):
        assert table["unit"].notna().all()
        assert table["source"].notna().all()
    assert set(facts["quality"]) <= {"measured", "derived", "imputed"}
    assert set(parameters["quality"]) <= {"sourced", "derived", "unsourced"}
    assert facts["value"].notna().all()
    assert parameters["text"].notna().all()


def test_every_source_says_what_it_is_and_under_which_licence() -> None:
    filled = reference.sources().drop(columns="note")
    assert filled.notna().all().all()
    assert not (filled == "").any().any()


def test_no_source_is_withheld_and_what_is_not_in_force_or_disputed_says_so() -> None:
    assert not reference.sources().drop(columns="id").apply(lambda c: c.str.contains("withheld", na=False)).any().any()
    notes = reference.parameters().set_index(["key", "valid_from"])["note"]
    for key, word in (
        ("us.232.copper_refined_tariff", "ANNOUNCED ONLY: "),
        ("us.301.excess_capacity_investigation", "ANNOUNCED ONLY: "),
        ("us.122.surcharge", "CONTESTED: "),
        ("usmca.review_status", "CONTESTED: "),
        ("ca.ev_supply_chain_itc", "PROPOSED"),
    ):
        assert notes.loc[key].str.startswith(word).all(), key


def test_dated_rows_follow_the_law_year_by_year() -> None:
    def years(key: str, *asked: int) -> list[float]:
        return [reference.parameter(key, year=year).value for year in asked]

    assert years("labor.mx.hours_per_week", 2026, 2027, 2028, 2029, 2030, 2035) == [48, 46, 44, 42, 40, 40]
    assert years("ca.ev_rebate", 2026, 2027, 2028, 2029, 2030) == [5000, 4000, 3000, 3000, 2000]
    assert years("ca.china_ev_quota", 2026, 2027, 2030) == [49_000, 52_185, 63_037]
    assert years("us.45x.macr_floor_battery", 2026, 2027, 2028, 2029, 2030) == [60, 65, 70, 80, 85]
    assert years("us.232.car_tariff_korea", 2025, 2026) == [25, 15]


def test_values_lie_inside_their_range() -> None:
    table = reference.parameters()
    assert not (table["low"] > table["value"]).any()
    assert not (table["high"] < table["value"]).any()
    assert not (table["valid_from"] > table["valid_to"]).any()


def test_rows_of_one_key_agree_on_the_unit_and_do_not_overlap() -> None:
    for (key, _), rows in reference.parameters().groupby(["key", "country"], dropna=False):
        assert rows["unit"].nunique() == 1, key
        ordered = rows.sort_values("valid_from", na_position="first")
        ends, starts = ordered["valid_to"].iloc[:-1], ordered["valid_from"].iloc[1:]
        assert (ends.to_numpy() < starts.to_numpy()).all(), key


def test_codes_with_leading_zeros_are_text() -> None:
    places = reference.jurisdictions().set_index("iso")
    assert places.loc["US-AL", "fips"] == "01"
    assert places.loc["MX-AGU", "inegi"] == "01"
    assert places.loc["CA-ON", "statcan_pruid"] == "35"
    assert pd.isna(places.loc["CA-ON", "fips"])
    fips = reference.plants()["county_fips"].dropna()
    assert (fips.str.len() == 5).all()


def test_places_lie_where_their_columns_say() -> None:
    places = reference.jurisdictions()
    assert places.crs == "EPSG:4326"
    assert places.geometry.is_valid.all()
    assert not places.geometry.is_empty.any()
    assert places["lat"].between(14, 84).all()
    assert places["lon"].between(-180, -50).all()
    cities = reference.cities()
    assert (cities.geometry.x == cities["lon"]).all()
    assert (cities.geometry.y == cities["lat"]).all()
    assert int(cities["candidate"].sum()) == 1360


def test_jurisdictions_named_elsewhere_exist() -> None:
    known = set(reference.jurisdictions()["iso"])
    for table, column in (
        (reference.jurisdiction_facts(), "iso"),
        (reference.cities(), "iso"),
        (reference.plants(), "iso"),
        (reference.standing_vehicle_plants(), "region"),
        (reference.auto_supply_base(), "region"),
        (reference.right_to_work(), "iso"),
        (reference.ports(), "iso"),
        (reference.rail_nodes(), "iso"),
        (reference.borders(), "iso_us"),
        (reference.borders(), "iso_other"),
    ):
        assert set(table[column].dropna()) <= known


def test_standing_plants_stood_at_the_end_of_2016_and_lie_in_their_region() -> None:
    plants = reference.standing_vehicle_plants()
    assert plants["source"].notna().all()
    assert (plants["opened_year"].dropna() <= 2016).all()
    assert (plants["closed_year"].dropna() >= 2015).all()
    assert set(plants["kind"]) == {"assembly", "assembly heavy"}
    assert (plants["country"] == plants["region"].str[:2]).all()
    states = reference.jurisdictions().set_index("iso").geometry.to_crs("ESRI:102009")
    at = plants.geometry.to_crs("ESRI:102009")
    away = at.distance(states.reindex(plants["region"]).set_axis(at.index))
    assert (away < 10_000.0).all()


def test_nothing_from_memory_or_from_a_weak_page_is_shipped_as_sourced() -> None:
    for table in (reference.standing_vehicle_plants(), reference.right_to_work(), reference.auto_supply_base()):
        assert not table["note"].str.contains("memory|weak page for|often cited", regex=True).any()
        assert not table.loc[table["quality"] != "unsourced", "source"].str.contains("unsourced").any()
    weak = reference.standing_vehicle_plants()["note"].str.contains("weak page")
    assert reference.standing_vehicle_plants().loc[weak, "opened_year"].isna().all()


def test_a_figure_that_is_not_known_is_empty_and_no_zero() -> None:
    supply = reference.auto_supply_base()
    texas = supply[(supply["region"] == "US-TX") & supply["county_fips"].isna()].set_index("naics")
    assert pd.isna(texas.loc["3361", "employment"])
    assert 20_000 < texas.loc["3363", "employment"] < 30_000
    assert (supply.loc[supply["county_fips"].notna(), "quality"] == "measured").all()
    states = supply[(supply["country"] == "US") & supply["county_fips"].isna() & (supply["naics"] == "3363")]
    assert states["share_pct_of_country"].sum() == pytest.approx(100.0, abs=0.2)


def test_county_labor_adds_up_and_has_five_digits() -> None:
    labor = reference.county_labor()
    assert labor["fips"].str.fullmatch(r"[0-9]{5}").all()
    rate = 100.0 * labor["unemployed"] / labor["labor_force"]
    assert (rate - labor["unemployment_rate_pct"]).abs().max() < 0.06
    assert 160e6 < labor["labor_force"].sum() < 175e6


def test_right_to_work_has_a_first_year_wherever_there_is_a_law() -> None:
    laws = reference.right_to_work()
    assert laws.loc[laws["right_to_work_2026"], "first_year"].notna().all()
    michigan = laws.set_index("iso").loc["US-MI"]
    assert (michigan["first_year"], michigan["ended_year"], michigan["right_to_work_2026"]) == (2012, 2024, False)


def test_graphs_are_closed() -> None:
    nodes = set(reference.rail_nodes()["node"])
    edges = reference.rail_edges()
    assert set(edges["from_node"]) | set(edges["to_node"]) <= nodes
    assert (edges["length_km"] > 0).all()
    pairs = {frozenset(pair) for pair in zip(edges["from_node"], edges["to_node"], strict=True)}
    crossings = reference.borders()["rail_edges"].dropna().str.split(";").explode()
    assert {frozenset(map(int, edge.split("-"))) for edge in crossings} <= pairs
    ports = reference.ports().set_index("unlocode")["role"]
    lanes = reference.sea_lanes()
    assert (lanes["origin"].map(ports) == "origin").all()
    assert (lanes["destination"].map(ports) == "north_america").all()
    assert (lanes["distance_km"] >= 0.99 * lanes["great_circle_km"]).all()


@pytest.mark.parametrize(
    ("year", "factor", "credit"),
    [(2029, 1, 35), (2030, 0.75, 26.25), (2031, 0.5, 17.5), (2032, 0.25, 8.75), (2033, 0, 0)],
)
def test_the_row_of_the_year_is_picked(year: int, factor: float, credit: float) -> None:
    assert reference.parameter("us.45x.phase_down_factor", year=year).value == factor
    assert reference.parameter("us.45x.cell_credit", year=year).value == credit


def test_the_last_open_row_holds_for_ever() -> None:
    assert reference.parameter("us.45x.cell_credit", year=2050).value == 0


def test_a_year_split_between_rows_goes_to_the_longer() -> None:
    # 2024: exempt to the end of September, 15 % from October on.
    assert reference.parameter("duty.mx.vehicle_mfn", year=2024).value == 0
    assert reference.parameter("duty.mx.vehicle_mfn", year=2025).value == 15


def test_without_a_year_the_row_in_force_or_the_newest_is_picked() -> None:
    assert reference.parameter("us.45x.cell_credit").value == 35
    assert reference.parameter("grid.mx.co2").value == 0.444
    assert reference.parameter("us.30d.last_acquisition_date").text == "2025-09-30"


def test_a_country_row_goes_before_the_general_one() -> None:
    assert reference.parameter("labor.hours_per_fte_year").country is None
    assert reference.parameter("labor.hours_per_fte_year", country="MX").value == 2496
    assert reference.parameter("product.cell_price", country="US").country is None


def test_a_parameter_knows_where_it_comes_from() -> None:
    found = reference.parameter("freight.truck.cost_per_tkm", year=2026)
    assert (found.value, found.low, found.high) == (0.094, 0.078, 0.166)
    assert (found.unit, found.year, found.country) == ("USD/t-km", 2024, "US")
    assert (found.source, found.quality, found.assumed) == ("wta_2024", "derived", False)
    assert "2.260 USD/mile" in found.note
    with pytest.raises(AttributeError):
        found.value = 1.0  # type: ignore[misc]


def test_a_row_of_words_has_no_number() -> None:
    rule = reference.parameter("us.232.usmca_car_base")
    assert math.isnan(rule.value)
    assert rule.text == "non-US content value"


@pytest.mark.parametrize("key", NEEDED)
def test_the_shipped_study_finds_its_numbers(key: str) -> None:
    countries = {None, *reference.parameters().query("key == @key")["country"].dropna()}
    found = [reference.parameter(key, country=country) for country in countries]
    assert all(math.isfinite(row.value) for row in found)
    assert all("assumption" in row.note for row in found if row.assumed)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: reference.parameter("us.45x.cel_credit"), "us.45x.cell_credit"),
        (lambda: reference.parameter("qqqq"), r"reference.parameters\(\) lists"),
        (lambda: reference.parameter("us.30d.last_acquisition_date", year=2026), "holds in 2026 .*to 2025-09-30"),
        (lambda: reference.parameter("grid.mx.co2", country="US"), "one of: MX"),
        (lambda: reference.fact("asembler_wage"), "assembler_wage"),
        (lambda: reference.exchange_rate("GBP", 2024), "Known: USD, .*CAD"),
        (lambda: reference.exchange_rate("CAD", 1990), "holds in 1990"),
    ],
)
def test_a_miss_says_what_there_is(call: Callable[[], object], message: str) -> None:
    with pytest.raises(KeyError, match=message):
        call()


def test_facts_are_indexed_by_jurisdiction() -> None:
    power = reference.fact("industrial_power_price", with_quality=True)
    assert power.index.name == "iso"
    assert power.index.is_unique
    assert list(power.columns) == ["value", "unit", "year", "source", "quality", "note"]
    assert reference.fact("assembler_wage").attrs["unit"] == "mixed"
    for variable in ("assembler_wage_usd", "grid_emission_factor", "vehicle_sales", "labor_force"):
        assert set(reference.fact(variable).index) == set(reference.jurisdictions()["iso"])


def test_exchange_rates_and_price_indices_cover_the_price_years() -> None:
    for year in range(2019, 2027):
        for currency in ("CAD", "MXN", "EUR", "KRW", "JPY", "CNY"):
            assert reference.exchange_rate(currency, year) > 0
    for year in range(2019, 2026):
        assert reference.parameter("price.cpi.us", year=year).value > 250
    assert reference.exchange_rate("usd", 2024) == 1.0


def test_the_package_stays_small() -> None:
    files = [file for file in resources.files(reference).joinpath("data").iterdir() if file.is_file()]
    sizes = {file.name: len(file.read_bytes()) for file in files}
    assert max(sizes.values()) < 1_000_000
    assert sum(sizes.values()) < 3_000_000
    for file in files:
        if file.name.endswith(".gz"):
            assert file.read_bytes()[4:8] == bytes(4), f"{file.name} holds a time stamp"
