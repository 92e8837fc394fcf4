"""Summary of a road net: parts and shares by hand, duplicates, and one warning with everything that is odd."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from evsiting.errors import DataWarning
from evsiting.layers.freight.routing.summary import NetSummary, duplicates, part_sizes, warn_of_net
from evsiting.layers.geo.geodesic import great_circle_km

LON, LAT = np.array([-90.0, -89.0, -88.0]), np.array([35.0, 35.0, 35.0])
TAIL, HEAD = np.array([0, 1]), np.array([1, 2])
KM = great_circle_km(LON[TAIL], LAT[TAIL], LON[HEAD], LAT[HEAD])


@pytest.mark.parametrize(
    ("arcs", "sizes"),
    [
        ([], (0, 0.0, 0.0)),
        ([(0, 1)], (1, 1.0, 0.5)),  # one way: nobody comes back
        ([(0, 1), (1, 0)], (1, 1.0, 1.0)),
        ([(0, 1), (1, 2), (2, 0), (2, 3)], (1, 1.0, 0.75)),
        ([(0, 1), (1, 0), (7, 8), (8, 9), (9, 7)], (2, 0.6, 0.6)),  # numbers that no road has count for nothing
        ([(0, 1), (0, 1), (1, 0)], (1, 1.0, 1.0)),
        ([(4, 4)], (1, 1.0, 1.0)),
    ],
)
def test_parts_of_a_net(arcs: list[tuple[int, int]], sizes: tuple[int, float, float]) -> None:
    tail, head = (np.array([a[k] for a in arcs], dtype=np.int64) for k in (0, 1))
    assert part_sizes(tail, head) == pytest.approx(sizes)


@pytest.mark.parametrize(
    ("edges", "many"),
    [
        ([], 0),
        ([(0, 1, 5.0), (1, 0, 5.0004)], 1),  # the same to the metre, drawn the other way
        ([(0, 1, 5.0), (0, 1, 5.001)], 0),
        ([(0, 1, 5.0)] * 3, 2),
        ([(0, 1, 5.0), (0, 2, 5.0)], 0),
    ],
)
def test_duplicates_have_the_same_ends_and_length(edges: list[tuple[int, int, float]], many: int) -> None:
    tail, head = (np.array([e[k] for e in edges], dtype=np.int64) for k in (0, 1))
    assert duplicates(tail, head, np.array([e[2] for e in edges], dtype=float)) == many


def test_a_summary_prints_itself() -> None:
    words = {f"w{k}": (k, "both ways") for k in range(1, 12)}
    text = str(NetSummary(1200, 1000, 2400, 98765.4, 0.25, 3, words, 2, 0.9, 0.8, 5.0, 17, 4, 6))
    lines = [line.split(maxsplit=1) for line in text.splitlines()]
    assert lines[0] == ["Road", "net"]
    assert "1,200 (2,400 arcs, 1,000 nodes)" in text
    assert "98,765 km" in text
    assert "25.0% of edges, 3 closed ('w11' both ways: 11, 'w10' both ways: 10" in text
    assert "'w3'" not in text  # the eight most frequent
    assert "within 5 m, 17 moved" in text
    assert "2; 90.0% of nodes in the largest" in text
    assert "4 loops, 6 duplicates" in text
    assert "as the graph gives them" in str(NetSummary(1, 2, 2, 1.0, 0.0, 0))
    assert "(no column says so)" in str(NetSummary(1, 2, 2, 1.0, 0.0, 0))


def remarks(
    km: np.ndarray = KM,
    minutes: np.ndarray | None = None,
    touching: int = 0,
    odd: tuple[str, ...] = (),
    lon: np.ndarray = LON,
    **facts: object,
) -> str:
    """Return what is warned of; empty where nothing is."""
    base = {"edges": 2, "nodes": 3, "arcs": 4, "km": float(km.sum()), "one_way_share": 0.0, "closed": 0}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_of_net(NetSummary(**{**base, **facts}), odd, (lon, LAT), (TAIL, HEAD, km, minutes), touching)
    assert len(caught) <= 1
    assert all(w.category is DataWarning for w in caught)
    return str(caught[0].message) if caught else ""


def test_a_sound_net_is_not_warned_of() -> None:
    assert remarks() == ""
    assert remarks(1.2 * KM, 1.2 * KM / 80.0 * 60.0) == ""
    assert remarks(touching=0, largest_part_share=0.95, two_way_share=0.91) == ""


@pytest.mark.parametrize(
    ("times", "words"),
    [
        (0.79, "roads are 0.79 times as long as the air line"),
        (0.89, "2 roads are shorter than the air line between their ends"),
        (0.91, ""),
        (19.9, ""),
        (20.1, "roads are 20.1 times as long as the air line"),
        (1000.0, "but in m for the 'length' of a graph"),
    ],
)
def test_lengths_against_the_air_line(times: float, words: str) -> None:
    text = remarks(times * KM)
    assert words in text.lower()
    assert bool(text) == bool(words)


def test_one_road_that_is_wrong_is_named_by_its_place() -> None:
    text = remarks(KM * np.array([1.0, 31.0]))
    assert "1 road is more than 30 times the air line between their ends (" in text
    assert "from 35.000, -89.000)" in text


@pytest.mark.parametrize(("speed", "told"), [(4.9, True), (5.1, False), (199.0, False), (201.0, True)])
def test_speeds_of_trucks(speed: float, told: bool) -> None:
    assert ("a truck drives" in remarks(minutes=60.0 * KM / speed)) == told
    assert remarks(minutes=0.0 * KM) == ""  # times of nothing say nothing


def test_nodes_outside_the_three_countries() -> None:
    assert "100% of the nodes lie outside the United States, Canada and Mexico" in remarks(lon=LON + 180.0)


def test_pieces_and_roads_that_end_on_others() -> None:
    torn = remarks(parts=2, largest_part_share=0.5, touching=1)
    assert "The net is in 2 parts, the largest with 50% of the nodes" in torn
    assert "1 road ends on the inside of another, which is no junction: split lines where roads meet" in torn
    assert remarks(touching=1, edges=1000) == ""  # bridges
    assert "21 roads end on the inside" in remarks(touching=21, edges=1000)


def test_directions_that_lead_nowhere() -> None:
    text = remarks(two_way_share=0.5, one_way_share=0.9, closed=1, nodes=1000)
    assert "Only 50% of the nodes reach each other by the directions of the roads (90% one-way, 1 closed)" in text


def test_all_that_is_odd_is_one_warning() -> None:
    text = remarks(0.5 * KM, odd=("a word is odd",), parts=2, largest_part_share=0.5)
    assert text.startswith("road_graph: A word is odd. Roads are 0.5 times")
    assert text.endswith("print(graph.summary) shows what was read.")
