"""Shortest paths on a user's road network: directed arcs, borders crossed only at real truck crossings."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import KDTree

from evsiting.errors import DataWarning, shown
from evsiting.layers.freight.routing.road import RoadMatrix, Roads, min_plus
from evsiting.layers.freight.routing.summary import NetSummary
from evsiting.layers.geo.geodesic import EARTH_RADIUS_KM, Floats, Points, Texts, great_circle_km, unit_vectors
from evsiting.study.schema.countries import COUNTRIES

Codes = NDArray[np.int64]

#: Farthest that a truck crossing of the package may lie from the net. [km]
GATE_REACH_KM = 25.0
#: Smallest part of a net, of all nodes, to which places are snapped: a courtyard is no way anywhere. [1]
LEAST_PART = 0.01
#: Values held at once while paths are followed back. [1]
_CHUNK = 4_000_000


@dataclass(frozen=True)
class NetMatrix:
    """Ways over a net between two sets of places, from the node nearest to each.

    Parameters
    ----------
    km : numpy.ndarray, shape (N, M)
        Length on the net, infinite where there is no way. [km]
    minutes : numpy.ndarray, shape (N, M), optional
        Time on the same way, where the net knows it. [min]
    head_km, tail_km : numpy.ndarray, shape (N,) and (M,)
        Great circle from each origin to its node, and from the last node to each destination. [km]
    code : numpy.ndarray of int, shape (N, M)
        Index into ``routes``.
    routes : numpy.ndarray of object, shape (R,)
        Border crossings on the way, parted by ``;``.
    wait_h : numpy.ndarray, shape (R,)
        Waiting at those crossings. [h]
    """

    km: Floats
    minutes: Floats | None
    head_km: Floats
    tail_km: Floats
    code: NDArray[np.int32]
    routes: Texts
    wait_h: Floats


@dataclass(frozen=True, eq=False, repr=False)
class RoadGraph:
    """A directed road net; made by :func:`evsiting.road_graph`.

    Parameters
    ----------
    lon, lat : numpy.ndarray, shape (V,)
        Nodes. [degree]
    tail, head : numpy.ndarray of int, shape (E,)
        Arcs, from node to node; a road of both directions is two arcs.
    km : numpy.ndarray, shape (E,)
        Length of each arc. [km]
    minutes : numpy.ndarray, shape (E,), optional
        Time on each arc. [min]
    least : {"km", "minutes"}
        What a shortest path is short in.
    reach_km : float
        Places farther than this from every node have no road. [km]
    source : str
        Where the net comes from, for the provenance of lanes.
    summary : NetSummary, optional
        What was read; of a graph made by hand nothing is known but its arcs.

    Examples
    --------
    >>> net = RoadGraph(
    ...     np.array([-90.0, -89.0]),
    ...     np.array([35.0, 35.0]),
    ...     np.array([0, 1]),
    ...     np.array([1, 0]),
    ...     np.array([91.0, 91.0]),
    ... )
    >>> net
    RoadGraph (2 nodes, 2 arcs, 182 km)
    """

    lon: Floats
    lat: Floats
    tail: Codes
    head: Codes
    km: Floats
    minutes: Floats | None = None
    least: Literal["km", "minutes"] = "km"
    reach_km: float = 50.0
    source: str = ""
    summary: NetSummary | None = None

    def __repr__(self) -> str:
        timed = "" if self.minutes is None else f", least {self.least}"
        details, read = "", self.summary
        if read is not None:
            details = f"; {read.one_way_share:.0%} one-way, {read.parts:,} part{'s' if read.parts != 1 else ''}"
        return f"RoadGraph ({len(self.lon):,} nodes, {len(self.tail):,} arcs, {self.km.sum():,.0f} km{timed}{details})"

    @cached_property
    def _arcs(self) -> tuple[Codes, csr_array]:
        """The arcs that count, of parallel ones the least, in the order of the matrix; and the matrix."""
        weight = self.km if self.least == "km" or self.minutes is None else self.minutes
        order = np.lexsort((weight, self.head, self.tail))
        order = order[self.tail[order] != self.head[order]]
        tail, head = self.tail[order], self.head[order]
        first = np.r_[True, (np.diff(tail) != 0) | (np.diff(head) != 0)] if len(order) else np.empty(0, dtype=bool)
        shortest = order[first]
        shape = (len(self.lon), len(self.lon))
        least = np.maximum(weight[shortest], 1e-9)  # a stored zero would mean "no arc"
        return shortest, csr_array((least, (self.tail[shortest], self.head[shortest])), shape=shape)

    @cached_property
    def _parts(self) -> Codes:
        """Nodes to which places are snapped: those of parts in which every node reaches every other."""
        label = connected_components(self._arcs[1], directed=True, connection="strong")[1]
        size = np.bincount(label)[label]
        large = np.flatnonzero(size >= max(2.0, LEAST_PART * len(label)))
        return large if len(large) else np.arange(len(label))

    @cached_property
    def _tree(self) -> KDTree:
        return KDTree(unit_vectors(self.lon[self._parts], self.lat[self._parts]))

    def snap(self, places: Points) -> tuple[Codes, Floats]:
        """Return the node nearest to each place and the great circle to it, shapes (N,). [km]."""
        if not len(places):
            return np.empty(0, dtype=np.int64), np.empty(0)
        chord, at = self._tree.query(unit_vectors(places.lon, places.lat))
        return self._parts[at], 2.0 * EARTH_RADIUS_KM * np.arcsin(np.clip(0.5 * chord, 0.0, 1.0))

    def lengths(self, starts: Codes, ends: Codes) -> tuple[Floats, Floats | None]:
        """Return length [km] and time [min] of the least path between nodes, shape (starts, ends) each.

        By Dijkstra's algorithm (``scipy.sparse.csgraph``); what is not minimised is added up along the same path.
        """
        arcs, graph = self._arcs
        if self.minutes is None:
            return self._dijkstra(graph, starts, ends), None
        other = (self.minutes if self.least == "km" else self.km)[arcs]
        key = self.tail[arcs] * len(self.lon) + self.head[arcs]
        first, second = np.empty((len(starts), len(ends))), np.empty((len(starts), len(ends)))
        step = max(1, _CHUNK // max(1, len(self.lon)))
        for k in range(0, len(starts), step):
            part = slice(k, k + step)
            least, before = dijkstra(graph, indices=starts[part], return_predecessors=True)
            first[part] = least[:, ends]
            second[part] = np.where(np.isfinite(first[part]), _sums_along_paths(before, key, other, ends), np.inf)
        return (first, second) if self.least == "km" else (second, first)

    @staticmethod
    def _dijkstra(graph: csr_array, starts: Codes, ends: Codes) -> Floats:
        out = np.empty((len(starts), len(ends)))
        step = max(1, _CHUNK // max(1, graph.shape[0]))
        for k in range(0, len(starts), step):
            out[k : k + step] = dijkstra(graph, indices=starts[k : k + step])[:, ends]
        return out

    def net_matrix(
        self, origins: Points, destinations: Points, straight: Roads, *, reach_km: float | None = None
    ) -> NetMatrix:
        r"""Return the ways between places: between countries over the truck crossing that makes the way least.

        .. math:: d_{st} = \min_{b} (d_{sb} + d_{bt})

        with d on the net, over crossings b of the package within :data:`GATE_REACH_KM` of it; two of them between
        Canada and Mexico. A way inside a country is the least on the net.

        Parameters
        ----------
        origins, destinations : Points
            N and M places.
        straight : Roads
            Crossings and waits.
        reach_km : float, optional
            In place of that of the net. [km]
        """
        reach = self.reach_km if reach_km is None else reach_km
        (start, head), (end, tail) = self.snap(origins), self.snap(destinations)
        gate, off = self.snap(straight.crossings)
        near = np.flatnonzero(off <= GATE_REACH_KM)
        from_, back = np.unique(np.concatenate([start, gate[near]]), return_inverse=True)
        to, fore = np.unique(np.concatenate([end, gate[near]]), return_inverse=True)
        km, minutes = self.lengths(from_, to)
        length = km if minutes is None or self.least == "km" else minutes
        n, m = len(start), len(end)
        way = _Borders.of(origins, destinations, straight, near, length, back, fore)
        whole = np.where(way.open, 0.0, np.inf)
        whole[(head > reach)[:, None] | (tail > reach)[None, :]] = np.inf
        ends = (back[:n], fore[:m], back[n:], fore[m:])
        km = whole + _legs(km, *ends, way.gates)
        minutes = None if minutes is None else whole + _legs(minutes, *ends, way.gates)
        return NetMatrix(km, minutes, head, tail, way.code, np.array(way.routes, dtype=object), np.array(way.wait_h))

    def roads(self, straight: Roads) -> GraphRoads:
        """Return the net as the roads of the freight layer, with crossings, waits and circuity of ``straight``."""
        return GraphRoads(self, straight)


@dataclass
class _Borders:
    """Over which crossings the least way between places of two countries goes.

    ``open`` (N, M) is false where there is none, ``gates`` (N, M, 2) holds the first and the last crossing by position,
    -1 within a country, ``code`` (N, M) the index into ``routes`` and ``wait_h``.
    """

    open: NDArray[np.bool_]
    gates: Codes
    code: NDArray[np.int32]
    routes: list[str]
    wait_h: list[float]

    @classmethod
    def of(
        cls,
        origins: Points,
        destinations: Points,
        straight: Roads,
        near: Codes,
        length: Floats,
        back: Codes,
        fore: Codes,
    ) -> _Borders:
        """Choose by least ``length``; ``back`` and ``fore`` are its rows and columns: of the places, then the gates."""
        n, m, crossings = len(origins), len(destinations), straight.crossings.take(near)
        at_home = origins.country[:, None] == destinations.country[None, :]
        made = cls(at_home, np.full((n, m, 2), -1), np.zeros((n, m), dtype=np.int32), [""], [0.0])
        for a in dict.fromkeys(origins.country):
            for b in dict.fromkeys(destinations.country):
                gates = [np.flatnonzero(crossings.country == c) for c in (a, b) if c != "US"]
                if a == b or not {a, b} <= set(COUNTRIES) or not all(len(g) for g in gates):
                    continue
                rows, cols = np.flatnonzero(origins.country == a), np.flatnonzero(destinations.country == b)
                legs = length[np.ix_(back[rows], fore[m + gates[0]])]
                if len(gates) == 2:
                    legs, middle = min_plus(legs, length[np.ix_(back[n + gates[0]], fore[m + gates[1]])])
                least, last = min_plus(legs, length[np.ix_(back[n + gates[-1]], fore[cols])])
                first = last if len(gates) == 1 else np.take_along_axis(middle, last, axis=1)
                block = np.ix_(rows, cols)
                made.open[block] = np.isfinite(least)
                made.gates[block] = np.stack([gates[0][first], gates[-1][last]], axis=-1)
                made.code[block] = len(made.routes) + first * len(gates[-1]) + last
                pairs = [(crossings.code[x], crossings.code[y]) for x in gates[0] for y in gates[-1]]
                made.routes.extend(";".join(dict.fromkeys(pair)) for pair in pairs)
                made.wait_h.extend([sum(straight.delay_h[c] for c in (a, b) if c != "US")] * len(pairs))
        return made


@dataclass(frozen=True)
class GraphRoads:
    """A road net where the freight layer expects roads; see :class:`evsiting.layers.freight.routing.road.Roads`."""

    graph: RoadGraph
    straight: Roads

    def reached(self, places: Points) -> NDArray[np.bool_]:
        """Whether a road may lead to each place; one beyond reach of the net is warned of and has none."""
        return self.straight.reached(places)

    def matrix(self, origins: Points, destinations: Points) -> RoadMatrix:
        """Return road distances over the net; straight roads with circuity lead from places to their nodes."""
        net = self.graph.net_matrix(origins, destinations, self.straight)
        ends = net.head_km[:, None] + net.tail_km[None, :]
        start, end = self.graph.snap(origins)[0], self.graph.snap(destinations)[0]
        i, j = np.nonzero(start[:, None] == end[None, :])
        ends[i, j] = great_circle_km(origins.lon[i], origins.lat[i], destinations.lon[j], destinations.lat[j])
        drive = None if net.minutes is None else net.minutes / 60.0
        return RoadMatrix(net.km + self.straight.circuity * ends, net.code, net.routes, net.wait_h, drive)

    def warn_of_pairs(self, origins: Points, destinations: Points, km: Floats) -> None:
        """Warn of pairs of places within reach of the net between which it knows no way."""
        near = [(self.graph.snap(p)[1] <= self.graph.reach_km) & self.reached(p) for p in (origins, destinations)]
        lost = ~np.isfinite(km) & near[0][:, None] & near[1][None, :]
        warn_without_way("road graph", (origins.code, destinations.code), lost, stacklevel=3)

    def warn_of(self, places: Points) -> None:
        """Warn of places beyond reach of the net, with their gaps."""
        gap = self.graph.snap(places)[1]
        far = np.flatnonzero((gap > self.graph.reach_km) & self.reached(places))
        if len(far):
            gaps = shown(f"{places.code[k]}: {gap[k]:.0f} km" for k in far)
            warnings.warn(
                f"road graph: {len(far)} of {len(places)} places lie more than {self.graph.reach_km:g} km from every "
                f"node and have no lane by road ({gaps}). Give a net that reaches them, or raise its reach_km.",
                DataWarning,
                stacklevel=2,
            )


def warn_without_way(
    call: str, names: tuple[Iterable[object], Iterable[object]], lost: NDArray[np.bool_], *, stacklevel: int
) -> None:
    """Warn once of pairs of places near the net between which it knows no way.

    Parameters
    ----------
    call : str
        What the message begins with.
    names : tuple of iterables
        What origins and destinations are called.
    lost : numpy.ndarray of bool, shape (N, M)
        Pairs without a way.
    stacklevel : int
        As for :func:`warnings.warn`.
    """
    if not lost.any():
        return
    origins, destinations = (list(n) for n in names)
    seen = shown([*(f"{origins[i]} to {destinations[j]}" for i, j in np.argwhere(lost)[:5]), *[""] * (lost.sum() - 5)])
    have = "has" if lost.sum() == 1 else "have"
    what = f"{lost.sum():,} of {lost.size:,} pairs of places on the net {have} no way by road"
    why = "the net is in pieces there, its one-way roads lead elsewhere, or no truck crossing lies on it"
    fix = "print(graph.summary) shows what was read"
    warnings.warn(f"{call}: {what} ({seen}): {why}. {fix}.", DataWarning, stacklevel=stacklevel)


def _legs(length: Floats, start: Codes, end: Codes, into: Codes, out: Codes, choice: Codes) -> Floats:
    """Return lengths from start to end over the gates chosen; -1 is a way without a gate.

    ``into`` holds the rows of the gates in ``length``, ``out`` their columns.
    """
    direct = length[np.ix_(start, end)]
    i, j = np.nonzero(choice[:, :, 0] >= 0)
    first, last = choice[i, j, 0], choice[i, j, 1]
    between = np.where(first == last, 0.0, length[into[first], out[last]])
    direct[i, j] = length[start[i], out[first]] + between + length[into[last], end[j]]
    return direct


def _sums_along_paths(before: NDArray[np.int32], key: Codes, value: Floats, ends: Codes) -> Floats:
    """Return the sum of the arcs' values along the paths that ``before`` tells, shape (sources, ends).

    By pointer jumping: every round doubles the stretch that has been added up.
    """
    rows, size = before.shape
    node = np.where(before < 0, np.arange(size), before).astype(np.int64)
    at = np.searchsorted(key, node * size + np.arange(size))
    total = np.where(before < 0, 0.0, value[np.minimum(at, len(value) - 1)])
    row = np.arange(rows)[:, None]
    while True:
        further = node[row, node]
        if np.array_equal(further, node):
            return np.asarray(total[:, ends])
        total = total + total[row, node]
        node = further
