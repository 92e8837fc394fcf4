"""Freight: rates, which lanes are made, and what is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from evsiting import reference
from evsiting.errors import DataWarning, InputError
from evsiting.layers import complete
from evsiting.layers.freight.lanes import FreightLayer
from evsiting.layers.freight.modes import Ports, Way, by_rail, by_road, undominated_ways
from evsiting.layers.freight.rates import Carriage, Rates
from evsiting.layers.freight.routing.rail import RailMatrix
from evsiting.layers.freight.routing.road import RoadMatrix
from evsiting.layers.parameters import Parameters
from evsiting.study.derived.customs import lane_duty
from evsiting.study.study import Study
from tests.layer_studies import bare_study, bare_tables, points

ONE = (np.array([0]), np.array([0]))


@pytest.fixture(scope="module")
def full() -> Study:
    return complete(bare_study())


@pytest.fixture(scope="module")
def rates() -> Rates:
    return Rates.of(Parameters(bare_study()))


def road(km: float, wait: float = 0.0) -> RoadMatrix:
    return RoadMatrix(np.array([[km]]), np.zeros((1, 1), np.int32), np.array([""], dtype=object), np.array([wait]))


def lane(study: Study, product: str, origin: str, destination: str, mode: str) -> pd.Series:
    rows = study.lanes.query(
        "product == @product and origin == @origin and destination == @destination and mode == @mode"
    )
    assert len(rows) == 1
    return rows.iloc[0]


def test_ten_tonnes_over_a_thousand_kilometres_by_truck(rates: Rates) -> None:
    way = by_road(road(1_000.0), ONE, Carriage(rates, 10.0, np.nan, 0.0), np.zeros(1))
    assert way.kg[0] == pytest.approx(1_274.0)
    assert way.usd[0] == pytest.approx(10.0 * 1_000.0 * rates.truck_usd_per_tkm)
    assert way.hours[0] == pytest.approx(1_000.0 / 805.0 * 24.0)


def test_a_truck_limited_by_volume_is_paid_by_the_kilometre(rates: Rates) -> None:
    way = by_road(road(500.0), ONE, Carriage(rates, 2.0, 8.0, 0.0), np.zeros(1))
    per_km = reference.parameter("freight.truck.cost_per_km").value * 321.943 / 313.689 / (1.0 - 0.167)
    assert way.usd[0] == pytest.approx(500.0 * per_km / 8.0, rel=1e-5)


def test_capital_on_the_way_costs_its_share_of_a_year(rates: Rates) -> None:
    free = by_road(road(805.0, wait=6.0), ONE, Carriage(rates, 1.0, np.nan, 0.0), np.array([8_760.0]))
    paid = by_road(road(805.0, wait=6.0), ONE, Carriage(rates, 1.0, np.nan, 0.1), np.array([8_760.0]))
    assert free.hours[0] == pytest.approx(30.0)
    assert paid.usd[0] - free.usd[0] == pytest.approx(0.1 * 30.0)


def test_rail_holds_line_haul_terminals_and_the_truck_to_the_station(rates: Rates) -> None:
    ends = (np.array([15.0]), np.array([5.0]))
    rail = RailMatrix(np.array([[1_000.0]]), *ends, np.zeros((1, 1), np.int32), np.array([""], dtype=object))
    way = by_rail(rail, ONE, Carriage(rates, 2.0, np.nan, 0.0), np.zeros(1))
    dray = 1.3 * 20.0
    assert way.km[0] == pytest.approx(1_000.0 + dray)
    assert way.usd[0] == pytest.approx(
        2.0 * (1_000.0 * rates.rail_usd_per_tkm + 24.0) + 2.0 * dray * rates.truck_usd_per_tkm
    )
    assert way.kg[0] == pytest.approx(2.0 * (1_000.0 * 0.0144 + dray * 0.1274 + 2.0 * 1.0))
    assert way.hours[0] == pytest.approx(1_000.0 / 36.7 + 2.0 * 26.5 + dray / 805.0 * 24.0)


def test_a_way_that_does_not_exist_costs_no_number_also_where_goods_and_rates_are_worth_nothing(rates: Rates) -> None:
    free = replace(
        rates,
        **dict.fromkeys(
            ("truck_usd_per_tkm", "rail_usd_per_tkm", "sea_usd_per_tkm", "truck_kg_per_tkm", "rail_kg_per_tkm"), 0.0
        ),
        sea_kg_per_tkm=0.0,
    )
    carriage, one = Carriage(free, 1.0, np.nan, 0.1), (np.zeros((1, 1), np.int32), np.array([""], dtype=object))
    rail = RailMatrix(np.array([[np.inf]]), np.zeros(1), np.zeros(1), *one)
    ports = Ports(np.array(["MXZLO"], object), road(np.inf), rail, np.array([[np.inf]]))
    nowhere = np.array([np.inf])
    for way in (
        by_road(road(np.inf), ONE, carriage, 0.0),
        by_rail(rail, ONE, carriage, np.zeros(1)),
        ports.cheapest(nowhere, carriage, 0.0),
        ports.by_train(nowhere, carriage, 0.0),
    ):  # a product of endless way and 0 would be no number, and numpy would say so on the terminal
        assert not way.ok.any()
        assert np.isinf(way.usd).all()


def test_money_is_moved_to_the_prices_of_the_study(rates: Rates) -> None:
    assert rates.rail_usd_per_tkm == pytest.approx(0.0301 * 321.943 / 258.811, rel=1e-5)


def test_undominated_keeps_what_is_better_in_something_and_one_of_equals() -> None:
    def way(usd: list[float], kg: list[float]) -> Way:
        nothing = np.zeros(4)
        none = (np.zeros(4, np.int32), np.array([""], dtype=object))
        return Way("road", nothing, nothing, np.array(usd), np.array(kg), *none)

    first = way([1.0, 2.0, 1.0, np.inf], [9.0, 9.0, 5.0, 1.0])
    second = way([2.0, 1.0, 1.0, 3.0], [3.0, 3.0, 5.0, 2.0])
    keep = undominated_ways([first, second])
    assert keep[0].tolist() == [True, False, True, False]
    assert keep[1].tolist() == [True, True, False, True]


def test_lanes_go_where_they_are_needed_and_nowhere_else(full: Study) -> None:
    lanes = full.lanes
    sites, markets = set(full.sites["site"]), set(full.markets["market"])
    packs, vehicles = lanes[lanes["product"] == "pack"], lanes[lanes["product"] == "vehicle"]
    assert set(packs["destination"]) == sites
    assert set(packs["origin"]) == sites | {"busan"}
    assert set(vehicles["destination"]) == markets
    assert set(vehicles["origin"]) == sites
    at_home = lanes[lanes["mode"] == "on_site"]
    assert (at_home["origin"] == at_home["destination"]).all()
    assert len(at_home) == len(sites)
    money = at_home[["distance_km", "time_h", "freight_usd_per_unit", "emissions_kg_per_unit"]]
    assert (money == 0.0).all(axis=None)
    pairs = vehicles.groupby(["origin", "destination"]).size()
    assert len(pairs) == len(sites) * len(markets)


def test_what_may_stand_where_limits_the_lanes() -> None:
    tables = bare_tables()
    tables["sites"] = tables["sites"].assign(
        plant_types=["pack", "assembly", "", ""], role=["candidate", "candidate", "existing", "existing"]
    )
    standing = pd.DataFrame(
        {
            "plant": ["a", "b"],
            "site": ["toronto", "detroit"],
            "plant_type": ["assembly", "assembly"],
            "status": ["existing", "closed"],
            "capacity_units_per_yr": [5e4, 5e4],
        }
    )
    lanes = complete(bare_study(sites=tables["sites"], plants=standing)).lanes
    packs, vehicles = lanes[lanes["product"] == "pack"], lanes[lanes["product"] == "vehicle"]
    assert set(packs["origin"]) == {"memphis", "busan"}
    assert set(packs["destination"]) == {"monterrey", "toronto"}
    assert set(vehicles["origin"]) == {"monterrey", "toronto"}


def test_duties_are_no_part_of_a_lane_but_follow_from_its_ends(full: Study) -> None:
    assert (full.lanes["duty_usd_per_unit"] == 0.0).all()
    ends = [("busan", "memphis"), ("busan", "toronto")]
    lanes = pd.DataFrame(ends, columns=["origin", "destination"]).assign(product="pack")
    assert lane_duty(full, lanes).tolist() == [[pytest.approx(700.0)] * 2, [0.0] * 2]
    lanes = pd.DataFrame([("toronto", "atlanta"), ("memphis", "atlanta")], columns=["origin", "destination"])
    assert lane_duty(full, lanes.assign(product="vehicle")).tolist() == [[pytest.approx(4_000.0)] * 2, [0.0] * 2]


def test_a_supplier_ships_over_the_cheapest_port(full: Study) -> None:
    rows = full.lanes.query("origin == 'busan' and destination == 'monterrey'")
    assert set(rows["mode"]) <= {"sea", "sea_rail"}
    row = rows.iloc[0]
    sea = reference.sea_lanes().query("origin == 'KRPUS'").set_index("destination")["distance_km"]
    ports = reference.ports().set_index("unlocode")
    assert row["route"].split(";")[0] in sea.index
    one = row["route"].split(";")[0]
    assert ports.loc[one, "role"] == "north_america"
    assert row["distance_km"] > sea[one]


def test_islands_are_served_by_sea_over_a_port_of_their_ocean(full: Study) -> None:
    rows = full.lanes.query("destination == 'honolulu'")
    assert set(rows["mode"]) == {"sea"}
    coast = {"USLAX", "USLGB", "USNTD", "USOAK", "USBNC", "USSAN", "USSEA", "USTIW", "CAVAN", "CAPRR", "CANNO"}
    coast |= {"MXESE", "MXMZT", "MXZLO", "MXLZC", "MXSCX"}
    assert {r.split(";")[-1] for r in rows["route"]} <= coast


def test_the_studys_own_parameter_goes_before_the_packages() -> None:
    mine = pd.DataFrame({"key": ["freight.road.circuity"], "value": [1.32], "unit": ["ratio"]})
    base, other = complete(bare_study()), complete(bare_study(parameters=mine))
    before = lane(base, "pack", "detroit", "toronto", "road")["distance_km"]
    after = lane(other, "pack", "detroit", "toronto", "road")["distance_km"]
    assert after / before == pytest.approx(1.32 / 1.3)
    kept = other.parameters.set_index("key")["value"]
    assert kept["freight.road.circuity"] == 1.32
    assert set(kept.index) == set(base.parameters["key"])


def test_a_parameter_in_another_unit_is_refused() -> None:
    mine = pd.DataFrame({"key": ["freight.truck.co2"], "value": [0.1], "unit": ["kgCO2/t-km"]})
    with pytest.raises(InputError, match=r"freight\.truck\.co2.*gCO2/t-km"):
        complete(bare_study(parameters=mine))


def test_a_port_that_is_not_shipped_and_a_stranded_supplier_are_told_at_once() -> None:
    rows = (("one", 129.0, 35.0), ("two", 10.0, 50.0))
    sellers = points(
        "supplier", rows, country=["KR", "DE"], product="pack", port=["KRXXX", None], price_usd_per_unit=7_000.0
    )
    with pytest.warns(DataWarning, match="no row for pack from DE"):
        study = bare_study(suppliers=sellers)
    with pytest.raises(InputError) as caught:
        complete(study)
    assert len(caught.value.problems) == 2
    assert "KRXXX" in str(caught.value)
    assert "two in DE" in str(caught.value)


def test_a_supplier_in_north_america_ships_by_land() -> None:
    seller = points(
        "supplier", (("kansas", -94.6, 39.1),), country="US", product="pack", port=None, price_usd_per_unit=7_000.0
    )
    lanes = complete(bare_study(suppliers=seller)).lanes.query("origin == 'kansas'")
    assert set(lanes["mode"]) <= {"road", "rail"}
    assert set(lanes["destination"]) == {"memphis", "monterrey", "toronto", "detroit"}


def test_vehicles_are_paid_by_the_load_and_not_by_mass(rates: Rates) -> None:
    none = (np.zeros((1, 1), np.int32), np.array([""], dtype=object))
    rail = RailMatrix(np.array([[1_000.0]]), np.zeros(1), np.zeros(1), *none)
    light, heavy = (Carriage(rates, mass, np.nan, 0.0, vehicle=True) for mass in (1.0, 3.0))
    terminals = 2.0 * 12.0
    for carriage in (light, heavy):
        line = by_rail(rail, ONE, carriage, 0.0).usd[0] - terminals * carriage.mass_t
        assert line == pytest.approx(1_000.0 * 1.15 / 9.0)
        truck = by_road(road(1_000.0), ONE, carriage, 0.0).usd[0]
        assert truck == pytest.approx(1_000.0 * rates.truck_usd_per_loaded_km / 9.0)
        handled = 2.0 * 1.0 * carriage.mass_t  # two terminals
        assert by_rail(rail, ONE, carriage, 0.0).kg[0] - handled == pytest.approx(1_000.0 * 0.408 / 0.6 / 9.0)
        assert by_road(road(1_000.0), ONE, carriage, 0.0).kg[0] == pytest.approx(1_000.0 * 1.148 / 0.833 / 9.0)


def test_rail_begins_to_pay_for_vehicles_where_the_source_says(rates: Rates) -> None:
    mean = Carriage(rates, 2.15, 9.0, 0.0, vehicle=True)
    limit = reference.parameter("freight.finished_vehicle.rail_pays_above").value
    terminals = rates.rail_terminal_usd_per_t * mean.mass_t
    even = terminals / (mean.truck_usd_per_km - mean.rail_usd_per_km)
    assert even == pytest.approx(limit, rel=0.02)


def test_what_fills_a_truck_pays_for_its_part_of_one(rates: Rates) -> None:
    bulky = Rates.of(Parameters(bare_study()), bulky=True)
    foam = Carriage(bulky, 0.1, 36.0, 0.0)  # a thirty-sixth of a truck of 18 t
    assert foam.paid_t == pytest.approx(0.5)
    assert foam.rail_usd_per_km == pytest.approx(0.5 * bulky.rail_usd_per_tkm)
    assert foam.sea_usd(np.array([1_000.0]))[0] == pytest.approx(500.0 * bulky.sea_usd_per_tkm)
    assert Carriage(bulky, 2.0, 36.0, 0.0).paid_t == 2.0
    assert np.isnan(rates.payload_t)  # nobody asks for it: it is no assumption of that study
    assert by_road(road(1_000.0), ONE, foam, 0.0).kg[0] == pytest.approx(1_000.0 * 1.018 / 0.833 / 36.0)
    assert foam.rail_kg_per_km == pytest.approx(0.5 * 0.0144)
    assert foam.sea_kg_per_km == pytest.approx(0.5 * 0.00775)


def test_a_vehicle_from_shanghai_to_denver_by_hand(rates: Rates) -> None:
    # A car carrier emits 150 kg a km, sails 40 % of its way empty and holds 5,460 vehicles; a railcar 0.408 kg a km,
    # 40 % empty, 9 vehicles; a car hauler 1.148 kg a km, 16.7 % empty, 9 vehicles; 1 kg a tonne at port and terminals.
    one = np.zeros((1, 1), np.int32)
    by_truck = RoadMatrix(np.array([[1_640.0]]), one, np.array([""], object), np.zeros(1))
    rails = RailMatrix(np.array([[2_100.0]]), np.array([10.0]), np.array([10.0]), one, np.array([""], object))
    ports = Ports(np.array(["USLAX"], object), by_truck, rails, np.array([[np.inf]]))
    carriage, sea = Carriage(rates, 2.15, 9.0, 0.0, vehicle=True), np.array([10_671.0])
    ocean = 10_671.0 * 150.0 / 0.6 / 5_460.0
    assert ocean == pytest.approx(488.6, abs=0.1)
    truck = 1_640.0 * 1.148 / 0.833 / 9.0
    assert truck == pytest.approx(251.1, abs=0.1)
    train = 2_100.0 * 0.408 / 0.6 / 9.0 + 1.3 * 20.0 * 1.148 / 0.833 / 9.0
    assert ports.cheapest(sea, carriage, 0.0).kg[0] == pytest.approx(ocean + 2.15 + truck)
    assert ports.by_train(sea, carriage, 0.0).kg[0] == pytest.approx(ocean + 2.15 + train + 2.0 * 2.15)


def _of(**own: tuple[float, str]) -> Rates:
    rows = [(key.replace("__", "."), value, unit) for key, (value, unit) in own.items()]
    return Rates.of(Parameters(bare_study(parameters=pd.DataFrame(rows, columns=["key", "value", "unit"]))), bulky=True)


def test_a_study_with_rates_by_mass_alone_keeps_them() -> None:
    by_mass = _of(
        freight__truck__co2=(100.0, "gCO2/t-km"),
        freight__rail__co2=(20.0, "gCO2/t-km"),
        freight__water__co2=(9.0, "gCO2/t-km"),
    )
    for carriage in (Carriage(by_mass, 2.0, 8.0, 0.0, vehicle=True), Carriage(by_mass, 2.0, 99.0, 0.0)):
        rates = (carriage.truck_kg_per_km, carriage.rail_kg_per_km, carriage.sea_kg_per_km)
        assert rates == pytest.approx((0.2, 0.04, 0.018))
    both = _of(freight__truck__co2=(100.0, "gCO2/t-km"), freight__finished_vehicle__truck_co2_per_km=(1.0, "kgCO2/km"))
    assert Carriage(both, 2.0, 8.0, 0.0, vehicle=True).truck_kg_per_km == pytest.approx(1.0 / 0.833 / 8.0)


def test_the_packages_rate_in_the_table_of_a_study_is_no_choice_of_its_own() -> None:
    assert _of(freight__truck__co2=(127.4, "gCO2/t-km")).by_load == frozenset({"truck", "rail", "sea"})


def test_loads_and_empty_kilometres_that_cannot_be_are_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        _of(
            freight__truck__empty_share=(100.0, "percent of km"),
            freight__finished_vehicle__ship_load=(0.0, "vehicles/ship"),
            freight__finished_vehicle__truck_co2_per_km=(-1.0, "kgCO2/km"),
        )
    assert len(caught.value.problems) == 3
    with pytest.raises(InputError, match="kgCO2/km"):
        _of(freight__finished_vehicle__truck_co2_per_km=(1_148.0, "gCO2/km"))


def test_from_ship_to_train_to_truck(rates: Rates) -> None:
    one = np.zeros((1, 1), np.int32)
    lane_by_road = RoadMatrix(np.array([[1_500.0]]), one, np.array(["laredo"], object), np.zeros(1))
    rails = RailMatrix(np.array([[1_600.0]]), np.array([4.0]), np.array([10.0]), one, np.array(["nogales"], object))
    ports = Ports(np.array(["MXZLO"], object), lane_by_road, rails, np.array([[np.inf]]))
    carriage, sea = Carriage(rates, 0.4, np.nan, 0.1), np.array([12_000.0])
    way = ports.by_train(sea, carriage, 7_000.0)
    dray = 1.3 * 14.0
    hours = 12_000.0 / 44.4 + 72.0 + 1_600.0 / 36.7 + 2 * 26.5 + dray / 805.0 * 24.0
    assert (way.mode, way.route[0]) == ("sea_rail", "MXZLO;nogales")
    assert way.km[0] == pytest.approx(12_000.0 + 1_600.0 + dray)
    assert way.hours[0] == pytest.approx(hours, rel=1e-3)
    figures = 12_000.0 * rates.sea_usd_per_tkm + 12.0 + 1_600.0 * rates.rail_usd_per_tkm + 24.0
    money = 0.4 * (figures + dray * rates.truck_usd_per_tkm) + 7_000.0 * 0.1 * way.hours[0] / 8_760.0
    assert way.usd[0] == pytest.approx(money)
    grams = 12_000.0 * 7.75 + 1_600.0 * 14.4 + dray * 127.4
    assert way.kg[0] == pytest.approx(0.4 * (grams / 1_000.0 + 3.0), rel=1e-6)  # a port and two terminals
    by_truck = ports.cheapest(sea, carriage, 7_000.0)
    assert (by_truck.mode, by_truck.route[0]) == ("sea", "MXZLO;laredo")
    assert undominated_ways([by_truck, way])[1].tolist() == [True]


def test_vehicles_go_to_sea_at_a_price_by_volume(rates: Rates) -> None:
    carriage = Carriage(rates, 2.0, 8.0, 0.0, vehicle=True)
    assert carriage.sea_usd(np.array([1.0, 9_000.0])).tolist() == [1_359.0, 1_359.0]
    box = Carriage(rates, 2.0, np.nan, 0.0)
    assert box.sea_usd(np.array([10_000.0]))[0] == pytest.approx(2.0 * 10_000.0 * rates.sea_usd_per_tkm)


def test_lanes_say_what_they_take_in_and_of_which_years(full: Study) -> None:
    told = full.provenance.query("table == 'lanes'").set_index("column")
    assert set(told.index) == {"*", "time_h", "freight_usd_per_unit", "emissions_kg_per_unit"}
    assert "tank to wheel" in told.at["emissions_kg_per_unit", "boundary"]
    assert told["year"].fillna("").to_dict() == {
        "*": "",
        "time_h": "1999-2004",
        "freight_usd_per_unit": "1999-2025",
        "emissions_kg_per_unit": "2024-2025",
    }
    cited = {column: set(sources.split(";")) for column, sources in told["source"].items()}
    assert all({"scgraph", "searoute", "fabrics_logistics"} <= sources for sources in cited.values())
    assert {c for c, sources in cited.items() if "epa_hub_2025" in sources} == {"emissions_kg_per_unit"}
    assert {c for c, sources in cited.items() if "wta_2024" in sources} == {  # empty kilometres
        "freight_usd_per_unit",
        "emissions_kg_per_unit",
    }
    assert {c for c, s in cited.items() if "bts_rail_speed" in s} == {"time_h", "freight_usd_per_unit"}
    assumed = full.provenance.query("table == 'parameters' and quality == 'assumption'")["row"]
    assert {"freight.terminal.co2", "freight.port.dwell", "freight.finished_vehicle.railcar_rate"} <= set(assumed)


def test_a_net_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="is no RoadGraph"):
        FreightLayer(road="roads.gpkg")
