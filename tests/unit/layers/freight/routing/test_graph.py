"""A road net of the user's: what is read, shortest paths, one-way roads, borders, gaps, and what is refused."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import floyd_warshall

import evsiting as ev
from evsiting.errors import DataWarning, InputError
from evsiting.layers.freight.routing.graph import RoadGraph
from tests.layer_studies import bare_study

GEOD = pyproj.Geod(ellps="WGS84")
#  memphis -- little rock -- dallas, and a one-way road back from dallas to memphis
SPOTS = {"memphis": (-90.05, 35.15), "little": (-92.29, 34.75), "dallas": (-96.80, 32.78)}


def lines(*pairs: tuple[str, str], **columns: object) -> gpd.GeoDataFrame:
    shapes = [shapely.LineString([SPOTS[a], SPOTS[b]]) for a, b in pairs]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")


def km(a: str, b: str) -> float:
    return float(GEOD.inv(*SPOTS[a], *SPOTS[b])[2] / 1000.0)


def towns(*names: str) -> gpd.GeoSeries:
    return gpd.GeoSeries.from_xy([SPOTS[n][0] for n in names], [SPOTS[n][1] for n in names], index=names, crs=4326)


ROADS = lines(("memphis", "little"), ("little", "dallas"), ("dallas", "memphis"), oneway=["no", "no", "yes"])


def test_lines_are_measured_along_the_ellipsoid_and_one_way_holds() -> None:
    found = ev.distances(towns("memphis", "dallas"), road=ev.road_graph(ROADS)).frame()
    assert found.loc["memphis", "dallas"] == pytest.approx(km("memphis", "little") + km("little", "dallas"), rel=1e-5)
    assert found.loc["dallas", "memphis"] == pytest.approx(km("dallas", "memphis"), rel=1e-5)
    assert (np.diag(found) == 0.0).all()


@pytest.mark.parametrize(("word", "there", "back"), [("yes", True, False), (-1.0, False, True), ("", True, True)])
def test_words_for_one_way(word: object, there: bool, back: bool) -> None:
    roads = lines(("memphis", "little"), ("memphis", "dallas"), ("little", "dallas"), oneway=["", "", word])
    graph = ev.road_graph(roads)
    direct = sum(
        1
        for a, b in zip(graph.tail, graph.head, strict=True)
        if {round(graph.lon[a], 2), round(graph.lon[b], 2)} == {-92.29, -96.80}
    )
    assert direct == there + back


def test_another_crs_and_the_frame_untouched() -> None:
    metres = ROADS.to_crs("EPSG:5070")
    before = metres.copy()
    plain = ev.distances(towns("memphis", "dallas"), road=ev.road_graph(ROADS)).km
    moved = ev.distances(towns("memphis", "dallas").to_crs("EPSG:5070"), road=ev.road_graph(metres)).km
    np.testing.assert_allclose(moved, plain, rtol=1e-6)
    assert metres.equals(before)
    assert metres.crs == before.crs


def test_a_column_of_kilometres_and_one_of_minutes() -> None:
    timed = ROADS.assign(len_km=[200.0, 500.0, 900.0], min=[600.0, 300.0, 90.0])
    by_km = ev.road_graph(timed, km="len_km", minutes="min")
    by_time = ev.road_graph(timed.assign(oneway="no"), km="len_km", minutes="min", least="minutes")
    pair = towns("memphis", "dallas")
    assert ev.distances(pair, road=by_km).frame().loc["memphis", "dallas"] == 700.0
    fast = ev.distances(pair, road=by_time)
    assert fast.frame().loc["memphis", "dallas"] == 900.0  # the longer way takes 90 minutes
    per_h = 805.0 / 24.0
    assert fast.frame("hours").loc["memphis", "dallas"] == pytest.approx(900.0 / per_h)  # a truck's day is slower
    assert ev.distances(pair, road=by_km).frame("hours").loc["memphis", "dallas"] == pytest.approx(
        max(15.0, 700 / per_h)
    )


def test_roads_of_one_label_keep_each_their_length() -> None:
    twice = ROADS.assign(km=[300.0, 500.0, 900.0]).set_axis([0, 0, 0])
    pd.testing.assert_index_equal(twice.index, pd.Index([0, 0, 0]))
    assert sorted(ev.road_graph(twice, km="km").km.tolist()) == [300.0, 300.0, 500.0, 500.0, 900.0]


def test_lengths_in_another_unit_are_told() -> None:
    for factor in (1000.0, 0.001):
        told = ROADS.assign(km=ROADS.to_crs("ESRI:102005").length / 1000.0 * factor)
        with pytest.warns(DataWarning, match="times as long as the air line.*look at the unit"):
            ev.road_graph(told, km="km")


def test_a_geopackage_layer_comes_back_the_same(tmp_path: Path) -> None:
    file = tmp_path / "net.gpkg"
    ROADS.to_file(file, layer="highways")
    graph = ev.road_graph(file, layer="highways")
    assert graph.source == "net.gpkg"
    np.testing.assert_allclose(graph.km.sum(), ev.road_graph(ROADS).km.sum())


def test_graphs_of_networkx_and_graphml(tmp_path: Path) -> None:
    networkx = pytest.importorskip("networkx", reason="the extra 'networks' is not installed")
    graph = networkx.MultiDiGraph(crs="EPSG:4326")
    for name, (x, y) in SPOTS.items():
        graph.add_node(name, x=x, y=y)
    for a, b, length in (("memphis", "little", 220e3), ("memphis", "little", 300e3), ("little", "memphis", 230e3)):
        graph.add_edge(a, b, length=length, travel_time=length / 25.0)
    net = ev.road_graph(graph)
    pair = towns("memphis", "little")
    assert ev.distances(pair, road=net).km.tolist() == [[0.0, 220.0], [230.0, 0.0]]
    networkx.write_graphml(graph, tmp_path / "net.graphml")
    again = ev.road_graph(tmp_path / "net.graphml")
    np.testing.assert_array_equal(ev.distances(pair, road=again).km, ev.distances(pair, road=net).km)
    both = ev.road_graph(networkx.Graph(graph))  # an undirected road may be driven both ways
    assert ev.distances(pair, road=both).km[1, 0] == ev.distances(pair, road=both).km[0, 1]


@settings(derandomize=True, deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_paths_agree_with_another_method_and_no_detour_is_shorter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = 12, 40
    tail, head = rng.integers(0, n, m), rng.integers(0, n, m)
    length, time = rng.uniform(1, 100, m), rng.uniform(1, 100, m)
    graph = RoadGraph(rng.uniform(-100, -80, n), rng.uniform(30, 40, n), tail, head, length, time)
    km, minutes = graph.lengths(np.arange(n), np.arange(n))
    dense = np.full((n, n), np.inf)
    for a, b, w in zip(tail, head, length, strict=True):
        dense[a, b] = min(dense[a, b], w) if a != b else dense[a, b]
    exact = floyd_warshall(np.where(np.isinf(dense), 0.0, dense))
    np.testing.assert_allclose(km, exact)
    through = (km[:, :, None] + km[None, :, :]).min(axis=1)
    assert (km <= through + 1e-9).all()
    swapped = RoadGraph(graph.lon, graph.lat, tail, head, time, length, "minutes")
    other, same = swapped.lengths(np.arange(n), np.arange(n))  # the same net with the two called the other way round
    np.testing.assert_allclose(same, km)
    np.testing.assert_allclose(other, minutes)
    assert (np.isfinite(minutes) == np.isfinite(km)).all()


def test_minutes_are_those_of_the_way_that_is_short_in_kilometres() -> None:
    nodes = np.array([-90.0, -91.0, -92.0]), np.array([35.0, 35.0, 35.0])
    graph = RoadGraph(
        *nodes, np.array([0, 1, 0]), np.array([1, 2, 2]), np.array([5.0, 5.0, 11.0]), np.array([60.0, 7.0, 1.0])
    )
    km, minutes = graph.lengths(np.array([0]), np.array([2]))
    assert (km[0, 0], minutes[0, 0]) == (10.0, 67.0)


def test_a_border_is_crossed_where_trucks_cross() -> None:
    spots = {
        "detroit": (-83.05, 42.33),
        "windsor": (-83.02, 42.30),
        "toledo": (-83.54, 41.65),
        "london": (-81.25, 42.98),
    }
    ways = [("toledo", "detroit"), ("detroit", "windsor"), ("windsor", "london")]
    shapes = [shapely.LineString([spots[a], spots[b]]) for a, b in ways]
    net = ev.road_graph(gpd.GeoDataFrame(geometry=shapes, crs=4326))
    ends = gpd.GeoSeries.from_xy(
        *zip(spots["toledo"], spots["london"], strict=True), index=["toledo", "london"], crs=4326
    )
    found = ev.distances(ends, road=net)
    assert found.frame("crossings").loc["toledo", "london"] == "detroit"
    length = sum(GEOD.inv(*spots[a], *spots[b])[2] for a, b in ways) / 1000.0
    assert found.km[0, 1] == pytest.approx(length, rel=1e-5)
    assert found.hours[0, 1] > found.km[0, 1] / (805.0 / 24.0)


def test_without_a_truck_crossing_on_the_net_nobody_crosses() -> None:
    shape = shapely.LineString([(-100.0, 40.0), (-100.0, 52.0)])
    net = ev.road_graph(gpd.GeoDataFrame(geometry=[shape], crs=4326))
    ends = gpd.GeoSeries.from_xy([-100.0, -100.0], [40.0, 52.0], crs=4326)
    with pytest.warns(DataWarning, match=r"2 of 4 pairs of places on the net have no way by road \(0 to 1, 1 to 0\)"):
        found = ev.distances(ends, road=net)
    assert np.isinf(found.km[0, 1])


def test_a_point_off_the_net_is_snapped_and_its_gap_told() -> None:
    net = ev.road_graph(ROADS, reach_km=60.0)
    near = gpd.GeoSeries.from_xy([-90.05, -96.8], [35.50, 32.78], index=["north", "dallas"], crs=4326)
    found = ev.distances(near, road=net)
    assert found.origin_gap_km[0] == pytest.approx(38.9, abs=0.2)
    assert found.frame("total_km").loc["north", "dallas"] == pytest.approx(found.km[0, 1] + found.origin_gap_km[0])
    far = gpd.GeoSeries.from_xy([-90.05, -96.8], [37.0, 32.78], index=["north", "dallas"], crs=4326)
    with pytest.warns(DataWarning, match=r"1 place lies more than 60 km from every node.*north: 206 km") as told:
        lost = ev.distances(far, road=net)
    assert len(told) == 1
    assert np.isinf(lost.km[0, 1])


def test_a_courtyard_is_no_place_to_start_from() -> None:
    rng = np.random.default_rng(1)
    n = 400
    tail = np.r_[np.arange(n - 1), n, n + 1]
    head = np.r_[np.arange(1, n), n + 1, n]
    lon, lat = np.r_[np.linspace(-100, -90, n), -95.0, -95.0], np.r_[np.full(n, 35.0), 35.2, 35.21]
    both = np.r_[tail, head], np.r_[head, tail]
    net = RoadGraph(lon, lat, *both, rng.uniform(1, 2, 2 * len(tail)))
    spot = gpd.GeoSeries.from_xy([-95.0, -100.0], [35.2, 35.0], crs=4326)
    found = ev.distances(spot, road=net)
    assert found.origin_gap_km[0] == pytest.approx(22.2, abs=0.3)
    assert np.isfinite(found.km).all()


def test_lanes_over_a_net_of_ones_own() -> None:
    wanted = bare_study().demand.assign(unmet_penalty_usd_per_unit=1e6)  # the net does not reach every market
    study = bare_study(demand=wanted)
    sites = study.sites.set_index("site").geometry
    ends = {"memphis": sites["memphis"], "detroit": sites["detroit"]}
    shape = shapely.LineString([ends["memphis"], ends["detroit"]])
    net = ev.road_graph(gpd.GeoDataFrame({"len_km": [1_234.5]}, geometry=[shape], crs=4326), km="len_km", name="my net")
    layer = ev.FreightLayer(road=net, keep_fastest=True)
    with pytest.warns(DataWarning, match=r"lie more than 50 km from every node.*monterrey"):
        full = ev.complete(study, freight=layer)
    row = full.lanes.query("origin == 'memphis' and destination == 'detroit' and mode == 'road'").iloc[0]
    assert row["distance_km"] == pytest.approx(1_234.5)
    assert not len(full.lanes.query("destination == 'monterrey' and mode == 'road'"))
    assert full.provenance.query("table == 'lanes'")["note"].str.contains("my net").any()


#: x and y have changed places.
TURNED = ROADS.set_geometry(shapely.transform(ROADS.geometry.to_numpy(), lambda xy: xy[:, ::-1]))


@pytest.mark.parametrize(
    ("roads", "match"),
    [
        (ROADS.set_crs(None, allow_override=True), "no coordinate reference system"),
        (ROADS.head(0), "hold no line"),
        (gpd.GeoDataFrame(geometry=[shapely.Point(0, 0), None], crs=4326), "2 of 2 rows hold no line"),
        ("nowhere.gpkg", "no such file"),
        (42, "is no road net"),
        (TURNED, "6 of 6 vertices.*the first at x 35.15, y -90.05.*x is the longitude"),
        (ROADS.to_crs("EPSG:5070").set_crs("EPSG:4326", allow_override=True), "6 of 6 vertices.*EPSG:4326"),
    ],
    ids=["no crs", "empty", "points", "file", "number", "turned", "metres"],
)
def test_nets_that_are_refused(roads: object, match: str) -> None:
    with pytest.raises(InputError, match=match):
        ev.road_graph(roads)


def test_a_road_across_180_degrees_meets_the_one_beyond() -> None:
    shapes = [shapely.LineString([(179, 52), (181, 52)]), shapely.LineString([(-179, 52), (-178, 52)])]
    net = ev.road_graph(gpd.GeoDataFrame(geometry=shapes, crs="EPSG:4326"))
    assert sorted(net.lon) == [-179.0, -178.0, 179.0]


def test_all_bad_figures_are_told_at_once() -> None:
    bad = ROADS.assign(len_km=[1.0, np.nan, -1.0], min=["a", 1, 1])
    with pytest.raises(InputError) as caught:
        ev.road_graph(bad, km="len_km", minutes="min")
    assert len(caught.value.problems) == 2
    assert "row 1" in str(caught.value)
    with pytest.raises(InputError, match="no column 'lenght'"):
        ev.road_graph(ROADS, km="lenght")
    with pytest.raises(InputError, match="no column 'one_way'"):  # else every road would be driven both ways
        ev.road_graph(ROADS, oneway="one_way")
    with pytest.raises(InputError, match="no times"):
        ev.road_graph(ROADS, least="minutes")
