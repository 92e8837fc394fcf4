"""Distances: great circles, roads through border crossings, the rail graph, the sea."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest

from evsiting import reference
from evsiting.layers.freight.network import rail_graph, sea_lanes
from evsiting.layers.freight.routing.rail import RailGraph
from evsiting.layers.freight.routing.road import Roads, min_plus
from evsiting.layers.geo.geodesic import Points, great_circle_km
from tests.layer_studies import SITES, points

CITIES = {
    "Detroit": ("US-MI", -83.046, 42.331),
    "Saltillo": ("MX-COA", -101.0, 25.423),
    "Los Angeles": ("US-CA", -118.244, 34.052),
    "Ellabell": ("US-GA", -81.46, 32.16),
    "Toronto": ("CA-ON", -79.383, 43.653),
    "Monterrey": ("MX-NLE", -100.316, 25.686),
    "Vancouver": ("CA-BC", -123.121, 49.283),
    "Savannah": ("US-GA", -81.1, 32.08),
    "Honolulu": ("US-HI", -157.858, 21.306),
    "Iqaluit": ("CA-NU", -68.52, 63.75),
}


def places(*names: str) -> Points:
    rows = [CITIES[n] for n in names]
    text = [np.array(c, dtype=object) for c in (list(names), [r[0][:2] for r in rows], [r[0] for r in rows])]
    return Points(*text, np.array([r[1] for r in rows]), np.array([r[2] for r in rows]))


@pytest.fixture(scope="module")
def roads() -> Roads:
    return Roads.of(reference.borders(), 1.3, {"CA": 0.2, "MX": 0.3})


@pytest.fixture(scope="module")
def rails() -> RailGraph:
    return rail_graph()


@pytest.fixture(scope="module")
def everywhere() -> Points:
    """Every jurisdiction's centre."""
    rows = reference.jurisdictions()
    codes = rows["iso"].to_numpy(dtype=object)
    country = rows["country"].to_numpy(dtype=object)
    return Points(codes, country, codes, rows["lon"].to_numpy(float), rows["lat"].to_numpy(float))


def test_great_circles_agree_with_the_ellipsoid_to_the_stated_error(everywhere: Points) -> None:
    mine = everywhere.km_to(everywhere)
    n = len(everywhere)
    i, j = (a.ravel() for a in np.meshgrid(np.arange(n), np.arange(n)))
    lon, lat = everywhere.lon, everywhere.lat
    exact = pyproj.Geod(ellps="WGS84").inv(lon[i], lat[i], lon[j], lat[j])[2] / 1000.0
    far = exact > 1.0
    assert np.abs(mine[i, j][far] / exact[far] - 1.0).max() < 0.0056


def test_coincident_points_are_zero_apart() -> None:
    assert great_circle_km(-90.0, 35.0, -90.0, 35.0) == 0.0


def test_degrees_are_never_taken_for_another_crs() -> None:
    frame = points("site", SITES, country="US").to_crs("EPSG:6350")
    with pytest.raises(ValueError, match="not longitude and latitude"):
        Points.of(frame, "site")


def test_min_plus_is_the_minimum_over_the_middle() -> None:
    rng = np.random.default_rng(5)
    left, right = rng.random((70, 4)), rng.random((4, 9))
    least, by = min_plus(left, right)
    brute = left[:, :, None] + right[None, :, :]
    np.testing.assert_allclose(least, brute.min(axis=1))
    np.testing.assert_array_equal(by, brute.argmin(axis=1))


def test_roads_are_symmetric_and_routes_turn_round(roads: Roads, everywhere: Points) -> None:
    road = roads.matrix(everywhere, everywhere)
    np.testing.assert_allclose(road.km, road.km.T, rtol=1e-12)
    names = road.routes[road.code]
    turned = np.vectorize(lambda r: ";".join(reversed(r.split(";"))), otypes=[object])(names)
    assert (names == turned.T).mean() > 0.999  # two ways of equal length may differ


def test_no_detour_is_shorter_than_the_road(roads: Roads, everywhere: Points) -> None:
    km = roads.matrix(everywhere, everywhere).km
    through, _ = min_plus(km, km)
    assert (km <= through * (1 + 1e-12)).all() | ~np.isfinite(through).all()
    assert (km[np.isfinite(through)] <= through[np.isfinite(through)] * (1 + 1e-12)).all()


def test_a_road_inside_a_country_is_the_great_circle_times_circuity(roads: Roads) -> None:
    pair = places("Detroit", "Los Angeles")
    road = roads.matrix(pair, pair)
    assert road.km[0, 1] == pytest.approx(1.3 * pair.km_to(pair)[0, 1])
    assert road.routes[road.code[0, 1]] == ""
    assert road.border_h[0, 1] == 0.0


def test_a_border_is_crossed_at_a_truck_crossing(roads: Roads) -> None:
    road = roads.matrix(places("Detroit"), places("Toronto", "Saltillo"))
    assert road.routes[road.code[0]].tolist() == ["detroit", "laredo"]
    np.testing.assert_allclose(road.border_h[0], [0.2, 0.3])
    trucks = set(reference.borders().query("truck == True")["id"])
    assert set(roads.crossings.code) == trucks


def test_canada_and_mexico_are_joined_through_two_crossings(roads: Roads) -> None:
    pair = places("Toronto", "Monterrey")
    road = roads.matrix(pair, pair)
    assert road.routes[road.code[0, 1]] == "detroit;laredo"
    assert road.border_h[0, 1] == pytest.approx(0.5)
    gate = {r.id: (r.lon, r.lat) for r in reference.borders().itertuples()}
    way = [CITIES["Toronto"][1:], gate["detroit"], gate["laredo"], CITIES["Monterrey"][1:]]
    legs = sum(float(great_circle_km(*a, *b)) for a, b in zip(way, way[1:], strict=False))
    assert road.km[0, 1] == pytest.approx(1.3 * legs)


def test_no_road_leads_to_hawaii_or_nunavut_but_there_are_roads_there(roads: Roads) -> None:
    road = roads.matrix(places("Detroit", "Honolulu", "Iqaluit"), places("Honolulu", "Iqaluit"))
    assert not np.isfinite(road.km[0]).any()
    assert np.isfinite(road.km[1:]).tolist() == [[True, False], [False, True]]


@pytest.mark.parametrize(
    ("start", "end", "km"), [("Detroit", "Saltillo", 2_963.0), ("Los Angeles", "Ellabell", 4_085.0)]
)
def test_known_ways_by_rail(rails: RailGraph, start: str, end: str, km: float) -> None:
    found = rails.matrix(places(start), places(end), reach_km=100.0)
    assert found.km[0, 0] + found.gap_km[0, 0] == pytest.approx(km, rel=0.005)


def test_rail_is_symmetric_and_no_detour_over_stations_is_shorter(rails: RailGraph, everywhere: Points) -> None:
    rail = rails.matrix(everywhere, everywhere, reach_km=1e9)
    apart = np.isfinite(rail.km)
    np.testing.assert_allclose(rail.km[apart], rail.km.T[apart])
    through, _ = min_plus(rail.km, rail.km)
    both = apart & np.isfinite(through)
    assert (rail.km[both] <= through[both] + 1e-6).all()


def test_rail_between_countries_names_its_crossings(rails: RailGraph, everywhere: Points) -> None:
    rail = rails.matrix(everywhere, everywhere, reach_km=100.0)
    count = np.array([len(r.split(";")) if r else 0 for r in rail.routes])[rail.code]
    a, b = everywhere.country[:, None], everywhere.country[None, :]
    joined = np.isfinite(rail.km)
    assert (count[joined & (a != b)] >= 1).all()
    far = joined & ((a == "CA") & (b == "MX"))
    assert far.any()
    assert (count[far] >= 2).all()


def test_rail_from_canada_to_mexico_in_order(rails: RailGraph) -> None:
    there = rails.matrix(places("Toronto"), places("Monterrey"), reach_km=100.0)
    back = rails.matrix(places("Monterrey"), places("Toronto"), reach_km=100.0)
    assert there.routes[there.code[0, 0]] == "detroit;laredo"
    assert back.routes[back.code[0, 0]] == "laredo;detroit"


def test_far_from_every_station_there_is_no_rail(rails: RailGraph) -> None:
    found = rails.matrix(places("Iqaluit", "Honolulu", "Detroit"), places("Los Angeles"), reach_km=100.0)
    assert np.isfinite(found.km[:, 0]).tolist() == [False, False, True]


def test_a_station_lies_in_the_country_of_its_place(rails: RailGraph) -> None:
    windsor = points("site", (("windsor", -83.02, 42.30),), country="CA")
    station, gap = rails.snap(Points.of(windsor, "site"))
    assert rails._country[station[0]] == "CA"
    assert gap[0] < 20.0


def test_ports_know_their_ocean() -> None:
    sea = sea_lanes()
    side = dict(zip(sea.ports.code, sea.pacific, strict=True))
    assert side["USLAX"]
    assert side["MXZLO"]
    assert not side["USHOU"]
    assert not side["MXTUX"]
    assert sea.from_port("KRPUS")[list(sea.ports.code).index("USLAX")] == 9_807.0
