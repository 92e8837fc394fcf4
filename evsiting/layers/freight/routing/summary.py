"""Summary of a road network that was read: its size, and what to warn of."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from evsiting.errors import DataWarning
from evsiting.layers.freight.routing.snapping import SNAP_M
from evsiting.layers.geo.geodesic import Floats, great_circle_km
from evsiting.study.canonical.points import in_north_america

Codes = NDArray[np.int64]

#: Part of the nodes that the largest part of a whole net has at least. [1]
WHOLE = 0.95
#: Least and most that roads may be over the air line between their ends before the unit is asked about. [1]
_TIMES = (0.8, 20.0)
#: The same for one road of more than a kilometre: shorter than the air line it cannot be, but for rounding.
_ONE = (0.9, 30.0)
#: Slowest and fastest that a net may be on the whole before the unit of its times is asked about. [km/h]
_SPEEDS = (5.0, 200.0)
#: Part of the nodes outside the three countries from which their coordinates are asked about. [1]
_OUTSIDE = 0.02


@dataclass(frozen=True)
class NetSummary:
    """What was read of a road net; ``print(graph.summary)`` shows it.

    Parameters
    ----------
    edges : int
        Lines, or edges of a graph.
    nodes, arcs : int
        Nodes, and directed arcs between them: two for a road of both ways.
    km : float
        Length of all edges, each once. [km]
    one_way_share : float
        Part of the edges that may be driven one way only. [1]
    closed : int
        Edges that may be driven no way.
    words : mapping of str to (int, str)
        Every word that the column of one-way roads holds, with how many edges have it and what it was read as; empty
        where there is no column.
    parts : int
        Parts of the net that no road joins.
    largest_part_share : float
        Part of the nodes in the largest of them. [1]
    two_way_share : float
        Part of the nodes in the largest set in which every node reaches every other, by the directions of the roads.
    snapping_m : float
        Ends of lines this near to each other were joined; 0 for graphs, whose nodes are given. [m]
    joined : int
        Ends that were moved to another one.
    loops, duplicates : int
        Edges that end where they begin, which no way uses; and those beside another of the same ends and length.
    """

    edges: int
    nodes: int
    arcs: int
    km: float
    one_way_share: float
    closed: int
    words: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    parts: int = 1
    largest_part_share: float = 1.0
    two_way_share: float = 1.0
    snapping_m: float = 0.0
    joined: int = 0
    loops: int = 0
    duplicates: int = 0

    def __str__(self) -> str:
        by = sorted(self.words.items(), key=lambda item: -item[1][0])[:8]
        words = ", ".join(f"{word!r} {way}: {n:,}" for word, (n, way) in by) or "no column says so"
        ends = f"within {self.snapping_m:g} m, {self.joined:,} moved" if self.snapping_m else "as the graph gives them"
        rows = [
            ("edges", f"{self.edges:,} ({self.arcs:,} arcs, {self.nodes:,} nodes)"),
            ("length", f"{self.km:,.0f} km"),
            ("one-way", f"{self.one_way_share:.1%} of edges, {self.closed:,} closed ({words})"),
            ("ends joined", ends),
            ("parts", f"{self.parts:,}; {self.largest_part_share:.1%} of nodes in the largest"),
            ("both ways", f"{self.two_way_share:.1%} of nodes reach each other, by the directions of the roads"),
            ("unused", f"{self.loops:,} loops, {self.duplicates:,} duplicates"),
        ]
        return "\n".join(["Road net", *(f"  {name:<12} {text}" for name, text in rows)])


def part_sizes(tail: Codes, head: Codes) -> tuple[int, float, float]:
    """Return the number of parts, and the shares of nodes in the largest and in the largest that is strongly joined.

    Nodes at which no road may be driven count for nothing.
    """
    used, at = np.unique(np.r_[tail, head], return_inverse=True)
    tail, head = np.split(at, 2)
    nodes = len(used)
    if not nodes:
        return 0, 0.0, 0.0
    arcs = coo_array((np.ones(len(tail), dtype=bool), (tail, head)), shape=(nodes, nodes))
    count, part = connected_components(arcs, directed=False)
    strong = connected_components(arcs, directed=True, connection="strong")[1]
    largest, mutual = (float(np.bincount(label).max() / nodes) for label in (part, strong))
    return int(count), largest, mutual


def duplicates(tail: Codes, head: Codes, km: Floats) -> int:
    """Return how many edges are beside another of the same ends and the same length, to the metre.

    Examples
    --------
    >>> duplicates(np.array([0, 1, 0]), np.array([1, 0, 1]), np.array([5.0, 5.0, 7.0]))
    1
    """
    rows = np.column_stack([np.minimum(tail, head), np.maximum(tail, head), np.round(1000.0 * km).astype(np.int64)])
    return len(rows) - len(np.unique(rows, axis=0))


def warn_of_net(
    summary: NetSummary,
    odd: Sequence[str],
    nodes: tuple[Floats, Floats],
    edges: tuple[Codes, Codes, Floats, Floats | None],
    touching: int = 0,
) -> None:
    """Warn once of everything that is odd about a net.

    Parameters
    ----------
    summary : NetSummary
        What was read.
    odd : sequence of str
        What reading found.
    nodes : tuple of numpy.ndarray
        Longitude and latitude. [degree]
    edges : tuple of numpy.ndarray
        Node at either end, length [km] and time [min], of each edge once.
    touching : int
        Ends that lie on the inside of another line.
    """
    remarks = [*odd, *_of_units(nodes, edges)]
    outside = float((~in_north_america(nodes[1], nodes[0])).mean())
    if outside > _OUTSIDE:
        remarks.append(
            f"{outside:.0%} of the nodes lie outside the United States, Canada and Mexico; look at the CRS that it says"
        )
    torn = summary.largest_part_share < WHOLE
    if torn:
        text = f"the net is in {summary.parts:,} parts, the largest with {summary.largest_part_share:.0%} of the nodes"
        remarks.append(f"{text}; there is no way from one to another. Ends are joined within {SNAP_M:g} m")
    if touching and (torn or touching > 0.01 * 2 * summary.edges):
        roads = "1 road ends" if touching == 1 else f"{touching:,} roads end"
        text = f"{roads} on the inside of another, which is no junction"
        remarks.append(f"{text}: split lines where roads meet")
    if summary.two_way_share < WHOLE * summary.largest_part_share - 1.0 / summary.nodes:
        text = f"only {summary.two_way_share:.0%} of the nodes reach each other by the directions of the roads"
        remarks.append(f"{text} ({summary.one_way_share:.0%} one-way, {summary.closed:,} closed); look at their words")
    if remarks:
        text = f"road_graph: {'. '.join(t[:1].upper() + t[1:] for t in remarks)}"
        warnings.warn(f"{text}. print(graph.summary) shows what was read.", DataWarning, stacklevel=4)


def _of_units(nodes: tuple[Floats, Floats], edges: tuple[Codes, Codes, Floats, Floats | None]) -> list[str]:
    """Return what is odd of lengths and times: shorter than the air line, many times as long, too slow, too fast."""
    (lon, lat), (tail, head, km, minutes) = nodes, edges
    straight = great_circle_km(lon[tail], lat[tail], lon[head], lat[head])
    remarks, apart = [], straight > 0.001
    times = float(km[apart].sum() / straight[apart].sum()) if apart.any() else 1.0
    unit = "lengths are in km, but in m for the 'length' of a graph; look at the unit"
    if not _TIMES[0] <= times <= _TIMES[1]:
        text = f"roads are {times:.3g} times as long as the air line between their ends"
        remarks.append(f"{text} ({km[apart].sum():,.0f} km in all); {unit}")
    else:
        far = straight > 1.0
        ratio = km[far] / straight[far]
        for some, what in ((ratio < _ONE[0], "shorter than"), (ratio > _ONE[1], f"more than {_ONE[1]:g} times")):
            if some.any():
                k = int(np.flatnonzero(far)[np.flatnonzero(some)[0]])
                seen = f"{km[k]:g} km for {straight[k]:.1f} km from {lat[tail[k]]:.3f}, {lon[tail[k]]:.3f}"
                roads = "1 road is" if some.sum() == 1 else f"{int(some.sum()):,} roads are"
                remarks.append(f"{roads} {what} the air line between their ends ({seen}); {unit}")
    if minutes is not None and minutes.sum() > 0.0:
        speed = float(60.0 * km.sum() / minutes.sum())
        if not _SPEEDS[0] <= speed <= _SPEEDS[1]:
            text = f"with the times given a truck drives {speed:,.3g} km/h"
            remarks.append(f"{text}; times are in minutes, but in seconds for the 'travel_time' of a graph")
    return remarks
