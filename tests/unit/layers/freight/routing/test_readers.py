"""What is read of a road net: words of one-way roads, ends that meet, pieces, units; told in a summary and in words."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import evsiting as ev
from evsiting.errors import DataWarning
from evsiting.layers.freight.routing.oneway import read_oneway
from evsiting.layers.freight.routing.snapping import join_ends
from tests.layer_studies import bare_study

type Spot = tuple[float, float]

A, B, C, D = (-97.0, 39.0), (-96.0, 39.0), (-96.0, 40.0), (-97.0, 40.0)


def lines(*ways: tuple[Spot, ...], crs: object = 4326, **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=[shapely.LineString(w) for w in ways], crs=crs)


def ring(**columns: object) -> gpd.GeoDataFrame:
    """Return a square of four roads, on which one-way roads may lead round."""
    return lines((A, B), (B, C), (C, D), (D, A), **columns)


def ways(words: list[object], column: str | None = "oneway") -> list[str]:
    """Return how each line may be driven, as letters: > along, < against, = both, x not at all."""
    read = read_oneway(pd.DataFrame({"oneway": words}), column)
    signs = {(True, True): "=", (True, False): ">", (False, True): "<", (False, False): "x"}
    return [signs[bool(a), bool(b)] for a, b in zip(read.along, read.against, strict=True)]


@pytest.mark.parametrize(
    ("words", "read"),
    [
        (["F", "T", "B"], "><="),  # HERE, Geofabrik
        (["f", "t", "b"], "><="),
        (["F", "T", "B", "N"], "><=x"),  # HERE: N is closed
        (["FT", "TF", "", "N"], "><=x"),  # TomTom, ArcGIS
        (["Y", "N"], ">="),
        (["yes", "no", "-1", "reverse", None, "reversible"], ">=<<=="),  # OpenStreetMap
        ([True, False], ">="),
        ([1.0, 0.0, -1.0], ">=<"),
        ([1, 0, -1], ">=<"),
        (["True", "False"], ">="),
        ([" Yes ", "NO"], ">="),
        (["Same direction", "Opposite direction", "Both directions"], "><="),  # National Road Network of Canada
    ],
)
def test_words_of_one_way_roads_by_the_company_they_keep(words: list[object], read: str) -> None:
    assert ways(words) == list(read)
    assert read_oneway(pd.DataFrame({"oneway": words}), "oneway").odd == ()


@pytest.mark.parametrize(
    ("words", "read", "told"),
    [
        (["2", "3", "1"], "==>", "not known.*'2': 2, '3': 1"),
        (["F", "T"], "><", "'F' along the line, 'T' against the line"),
        (["t", "f"], ">=", "'f' both ways, 't' along the line"),
        (["N", ""], "==", "closed both ways"),
        (["yes", "dunno"], ">=", "'dunno': 2"),
    ],
)
def test_words_that_are_not_sure_are_told(words: list[object], read: str, told: str) -> None:
    assert ways(words) == list(read)
    with pytest.warns(DataWarning, match=told):
        ev.road_graph(ring(oneway=[*words, *words, *words, *words][:4]))


@pytest.mark.parametrize("name", ["ONEWAY", "oneway_", "one_way", "OneWay"])
def test_a_column_written_otherwise_is_read_and_told(name: str) -> None:
    with pytest.warns(DataWarning, match=f"no column 'oneway', so '{name}' was read"):
        net = ev.road_graph(ring(**{name: ["yes"] * 4}))
    assert len(net.tail) == 4


@pytest.mark.parametrize(
    ("name", "cells", "told"),
    [
        ("DIR_TRAVEL", ["F", "T", "B", "B"], "'DIR_TRAVEL' seems to say which roads are one-way"),
        ("Direction", ["FT", "TF", "", ""], "'Direction' seems to say"),
        ("reverse_cost", [-1.0, 5.0, 1e6, 7.0], "'reverse_cost' seems to close 2 of 4 roads"),
        (
            "highway",
            ["motorway", "primary", "primary", "primary"],
            "otorways or roundabouts without a word on one-way \\(1 of 4\\)",
        ),
    ],
)
def test_columns_that_seem_to_say_it_are_told_and_not_read(name: str, cells: list[object], told: str) -> None:
    with pytest.warns(DataWarning, match=told):
        net = ev.road_graph(ring(**{name: cells}))
    assert len(net.tail) == 8


def test_a_column_of_compass_points_is_no_word_of_one_way_roads() -> None:
    net = ev.road_graph(ring(direction=["N", "S", "E", "W"]))  # without a warning
    assert len(net.tail) == 8
    assert len(ev.road_graph(ring(oneway=["yes"] * 4), oneway=None).tail) == 8


@pytest.mark.parametrize("metres", [0.01, 0.3, 0.7, 0.99])
def test_ends_within_a_metre_are_joined_wherever_they_lie(metres: float) -> None:
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(-120, -70, 300), rng.uniform(20, 60, 300)
    turn = rng.uniform(0, 360, 300)
    geod = ev.layers.geo.geodesic.GEOD
    there = np.column_stack(geod.fwd(lon, lat, turn, np.full(300, metres))[:2])
    nodes, at, moved = join_ends(np.vstack([np.column_stack([lon, lat]), there]))
    assert (len(nodes), moved) == (300, 300)
    assert (at[:300] == at[300:]).all()


def test_ends_farther_apart_and_crossing_roads_stay_apart() -> None:
    nodes, _, moved = join_ends(np.array([[-96.0, 39.0], [-96.0, 39.00002]]))  # 2.2 m
    assert (len(nodes), moved) == (2, 0)
    with pytest.warns(DataWarning, match="2 parts"):  # a bridge
        net = ev.road_graph(lines((A, C), (B, D)))
    assert net.summary is not None
    assert net.summary.parts == 2


def test_a_net_that_is_not_split_where_roads_meet_is_told() -> None:
    with pytest.warns(DataWarning, match="1 road ends on the inside of another.*split lines where roads meet"):
        ev.road_graph(lines((A, B, C), (B, (-95.0, 39.0))))


def test_the_summary_says_what_was_read() -> None:
    roads = pd.concat([ring(oneway=["yes", "no", "", "B"]), lines((B, A), (D, D), oneway=["no", "no"])])
    net = ev.road_graph(gpd.GeoDataFrame(roads, crs=4326))
    read = net.summary
    assert read is not None
    assert (read.edges, read.nodes, read.closed, read.parts, read.loops, read.duplicates) == (6, 4, 0, 1, 1, 1)
    assert read.one_way_share == pytest.approx(1 / 6)
    assert read.words["yes"] == (1, "along the line")
    text = str(read)
    assert all(word in text for word in ("edges", "one-way", "within 1 m", "'no' both ways: 3", "100.0% of nodes"))
    assert "17% one-way, 1 part" in repr(net)


def test_a_net_that_one_way_roads_cut_off_is_told() -> None:
    with pytest.warns(DataWarning, match="nly 25% of the nodes reach each other.*100% one-way"):
        ev.road_graph(lines((A, B), (B, C), (C, D), oneway=["yes", "yes", "-1"]))


def test_an_undirected_graph_that_says_oneway_is_told() -> None:
    networkx = pytest.importorskip("networkx", reason="the extra 'networks' is not installed")
    graph = networkx.Graph()
    for name, (x, y) in {"a": A, "b": B}.items():
        graph.add_node(name, x=x, y=y)
    graph.add_edge("a", "b", length=86_000.0, oneway="yes")
    with pytest.warns(DataWarning, match="undirected, so that edges that say oneway .1. are read as both ways"):
        ev.road_graph(graph)


def test_pairs_without_a_way_are_told_in_distances_and_in_lanes() -> None:
    with pytest.warns(DataWarning, match="2 parts"):
        net = ev.road_graph(lines((A, B), (C, D)))
    spots = gpd.GeoSeries.from_xy([A[0], C[0]], [A[1], C[1]], index=["a", "c"], crs=4326)
    with pytest.warns(DataWarning, match=r"2 of 4 pairs of places on the net have no way by road \(a to c, c to a\)"):
        ev.distances(spots, road=net)
    study = bare_study()
    study = bare_study(demand=study.demand.assign(unmet_penalty_usd_per_unit=1e6))
    at = study.sites.set_index("site").geometry
    ways = [shapely.LineString([at[s], shapely.Point(at[s].x + 0.1, at[s].y)]) for s in ("memphis", "detroit")]
    with pytest.warns(DataWarning, match="2 parts"):
        torn = ev.road_graph(gpd.GeoDataFrame(geometry=ways, crs=4326))
    with pytest.warns(DataWarning) as told:
        ev.complete(study, freight=ev.FreightLayer(road=torn))
    assert any("memphis to detroit" in str(w.message) for w in told)


@pytest.mark.parametrize(
    ("columns", "given", "told"),
    [
        ({"km": [186.0, 211.0, 185.0, 0.111]}, {"km": "km"}, "1 road is shorter than the air line.*0.111 km for 111"),
        ({"km": [86.0, 111.0, 85.0, 9111.0]}, {"km": "km"}, "1 road is more than 30 times|times as long"),
        ({"min": [4000.0, 5000.0, 4000.0, 5000.0]}, {"minutes": "min"}, "a truck drives 1.3.* km/h.*minutes"),
        ({"min": [1.0, 1.2, 1.0, 1.2]}, {"minutes": "min"}, "a truck drives 5.*e\\+03 km/h|drives 5,.*km/h"),
    ],
)
def test_figures_in_other_units_are_told(columns: dict[str, object], given: dict[str, str], told: str) -> None:
    with pytest.warns(DataWarning, match=told):
        ev.road_graph(ring(**columns), **given)


def test_a_net_of_another_place_and_a_file_of_several_layers_are_told(tmp_path: Path) -> None:
    with pytest.warns(DataWarning, match="100% of the nodes lie outside"):
        ev.road_graph(lines(((10, 50), (11, 50)), ((11, 50), (10, 51))))
    file = tmp_path / "net.gpkg"
    ring().to_file(file, layer="roads")
    ring().to_file(file, layer="rivers")
    with pytest.warns(DataWarning, match="of 2 layers .*the first was read"):
        ev.road_graph(file)
