"""The rail graph: shortest paths between stations, and the truck from a place to its station."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import KDTree

from evsiting.layers.geo.geodesic import EARTH_RADIUS_KM, Floats, Points, Texts, unit_vectors
from evsiting.study.lists import split_list

Codes = NDArray[np.int64]

#: Sources handled at once. [1]
_CHUNK = 128
#: Crossings that the bits of a number tell apart. [1]
_MOST_GATES = 62
#: Lengths that differ by less are the same. [km]
_SAME_KM = 1e-6


@dataclass(frozen=True)
class RailMatrix:
    """Rail distances between two sets of places.

    Parameters
    ----------
    km : numpy.ndarray, shape (N, M)
        Length on rails, infinite where there is no way by rail. [km]
    head_km, tail_km : numpy.ndarray, shape (N,) and (M,)
        Great circle from each origin to its station, and from the last station to each destination. [km]
    code : numpy.ndarray of int, shape (N, M)
        Index into ``routes``.
    routes : numpy.ndarray of object
        Border crossings from origin to destination, parted by ``;``.
    """

    km: Floats
    head_km: Floats
    tail_km: Floats
    code: NDArray[np.int32]
    routes: Texts

    @property
    def gap_km(self) -> Floats:
        """Great circles at both ends together, shape (N, M); infinite where there is no way by rail. [km]."""
        return np.where(np.isfinite(self.km), self.head_km[:, None] + self.tail_km[None, :], np.inf)


class RailGraph:
    """Undirected graph of rail lines with its border crossings.

    Parameters
    ----------
    nodes : geopandas.GeoDataFrame
        ``node``, ``lat``, ``lon`` [degree], ``iso``, ``component``; places are snapped to component 1 only.
    edges : pandas.DataFrame
        ``from_node``, ``to_node``, ``length_km`` [km]; usable in both directions.
    borders : geopandas.GeoDataFrame
        ``id`` and ``rail_edges``, the edges ``from-to`` that cross there, parted by ``;``.
    """

    def __init__(self, nodes: gpd.GeoDataFrame, edges: pd.DataFrame, borders: gpd.GeoDataFrame) -> None:
        position = pd.Series(np.arange(len(nodes)), index=nodes["node"].to_numpy())
        a = position.loc[edges["from_node"]].to_numpy()
        b = position.loc[edges["to_node"]].to_numpy()
        length = edges["length_km"].to_numpy(np.float64)
        self._size = len(nodes)
        shape = (self._size, self._size)
        self.graph = csr_array(_least(a, b, length, shape))
        self._lon, self._lat = nodes["lon"].to_numpy(np.float64), nodes["lat"].to_numpy(np.float64)
        self._country = nodes["iso"].fillna("").str[:2].to_numpy(dtype=object)
        self._usable = (nodes["component"] == 1).to_numpy()
        self._gate_names, self._gate_ends, self._listed = _gates(nodes, edges, borders, position)
        if len(self._gate_names) > _MOST_GATES:
            msg = f"{len(self._gate_names)} edges cross a border; paths tell {_MOST_GATES} apart"
            raise ValueError(msg)

    def snap(self, places: Points) -> tuple[Codes, Floats]:
        """Return the nearest station in the place's own country and the great circle to it.

        Returns
        -------
        numpy.ndarray of int, shape (N,)
            Position of the station, -1 where the country has none.
        numpy.ndarray, shape (N,)
            Distance, infinite where there is none. [km]
        """
        station = np.full(len(places), -1, dtype=np.int64)
        gap = np.full(len(places), np.inf)
        for country in set(places.country):
            near = np.flatnonzero(self._usable & (self._country == country))
            mine = np.flatnonzero(places.country == country)
            if not len(near):
                continue
            chord, index = KDTree(unit_vectors(self._lon[near], self._lat[near])).query(
                unit_vectors(places.lon[mine], places.lat[mine])
            )
            station[mine] = near[index]
            gap[mine] = 2.0 * EARTH_RADIUS_KM * np.arcsin(np.clip(chord / 2.0, 0.0, 1.0))
        return station, gap

    def matrix(
        self, origins: Points, destinations: Points, *, reach_km: float, same_station: bool = False
    ) -> RailMatrix:
        """Return rail distances by shortest path, station to station.

        Parameters
        ----------
        origins, destinations : Points
            N and M places.
        reach_km : float
            Places farther than this from a station have no rail. [km]
        same_station : bool
            Whether two places of one station have a way of length 0; no train serves them.

        Returns
        -------
        RailMatrix
            Shapes (N, M); infinite where a place has no rail, no path joins the stations or both share one (unless
            ``same_station``).
        """
        start, head = self.snap(origins)
        end, tail = self.snap(destinations)
        ok = (head <= reach_km)[:, None] & (tail <= reach_km)[None, :]
        if not same_station:
            ok &= start[:, None] != end[None, :]
        used_start, back = np.unique(np.where(head <= reach_km, start, 0), return_inverse=True)
        used_end, fore = np.unique(np.where(tail <= reach_km, end, 0), return_inverse=True)
        short = self.lengths(used_start, used_end)
        codes, routes = self._crossings(used_start, used_end, short)
        km = np.where(ok, short[np.ix_(back, fore)], np.inf)
        return RailMatrix(km, head, tail, codes[np.ix_(back, fore)], routes)

    def lengths(self, nodes: Codes, ends: Codes | None = None) -> Floats:
        """Return shortest lengths from some nodes to some or all, shape (len(nodes), ends). [km]."""
        ends = np.arange(self._size) if ends is None else ends
        out = np.empty((len(nodes), len(ends)))
        for k in range(0, len(nodes), _CHUNK):
            part = slice(k, k + _CHUNK)
            out[part] = dijkstra(self.graph, indices=nodes[part])[:, ends]
        return out

    def spot(self, node: int) -> tuple[float, float]:
        """Return longitude and latitude of a node. [degree]."""
        return float(self._lon[node]), float(self._lat[node])

    def paths(self, ends: Iterable[tuple[int, int]]) -> dict[tuple[int, int], list[int]]:
        """Return the nodes of the shortest path between pairs of nodes, none where there is no path."""
        by_start: dict[int, list[int]] = {}
        for start, end in ends:
            by_start.setdefault(start, []).append(end)
        path_of: dict[tuple[int, int], list[int]] = {}
        for start, targets in by_start.items():
            if start < 0:
                continue
            before = dijkstra(self.graph, indices=start, return_predecessors=True)[1]
            for end in targets:
                path = [end]
                while path[-1] != start and path[-1] >= 0:
                    path.append(int(before[path[-1]]))
                path_of[start, end] = path[::-1] if path[-1] == start else []
        return path_of

    @cached_property
    def _gate_lengths(self) -> tuple[Floats, Floats, Floats]:
        """Shortest lengths from both ends of every crossing to all nodes, and the crossings' own."""
        from_u, from_v = self.lengths(self._gate_ends[:, 0]), self.lengths(self._gate_ends[:, 1])
        return from_u, from_v, from_u[np.arange(len(from_u)), self._gate_ends[:, 1]]

    def _crossings(self, starts: Codes, ends: Codes, short: Floats) -> tuple[NDArray[np.int32], Texts]:
        """Name the border crossings on each shortest path, in the order in which they are met.

        An edge (u, v) lies on a shortest path from s to t if d(s,u) + |uv| + d(v,t) = d(s,t). Edges that the
        table of borders does not list count only where the stations lie in two countries and no listed one is
        met. The crossings of a path are a number, one bit each: most paths have few of them.
        """
        names: dict[str, int] = {"": 0}
        code = np.zeros(short.shape, dtype=np.int32)
        if not len(self._gate_ends):
            return code, np.array([""], dtype=object)
        from_u, from_v, width = self._gate_lengths
        onward = (from_v[:, ends], from_u[:, ends])
        bit = np.int64(1) << np.arange(len(width), dtype=np.int64)
        listed = bit[self._listed].sum()
        for row, s in enumerate(starts):
            passed = np.zeros(len(ends), dtype=np.int64)
            at = np.full(len(width), np.inf)
            for near, far, rest in ((from_u, from_v, onward[0]), (from_v, from_u, onward[1])):
                for g in np.flatnonzero(np.abs(near[:, s] + width - far[:, s]) < _SAME_KM):
                    on_it = np.abs(near[g, s] + width[g] + rest[g] - short[row]) < _SAME_KM
                    passed |= np.where(on_it, bit[g], 0)
                    at[g] = min(at[g], near[g, s])
            sure, abroad = passed & listed, self._country[ends] != self._country[s]
            passed = np.where((sure != 0) | ~abroad, sure, passed)
            order = np.argsort(at, kind="stable")
            for ways in np.unique(passed[passed != 0]):
                text = ";".join(dict.fromkeys(self._gate_names[g] for g in order if ways & bit[g]))
                code[row, passed == ways] = names.setdefault(text, len(names))
        return code, np.array(list(names), dtype=object)


def _gates(
    nodes: gpd.GeoDataFrame, edges: pd.DataFrame, borders: gpd.GeoDataFrame, position: pd.Series
) -> tuple[list[str], Codes, NDArray[np.bool_]]:
    """Return name, end nodes and "listed by the table of borders" of every edge that crosses a border.

    Edges between nodes of two countries that the table does not list are named after the nearest crossing.
    """
    listed = {
        tuple(sorted(int(n) for n in edge.split("-"))): str(row.id)
        for row in borders.dropna(subset=["rail_edges"]).itertuples()
        for edge in split_list(row.rail_edges)
    }
    ends = {tuple(sorted(pair)) for pair in edges[["from_node", "to_node"]].itertuples(index=False, name=None)}
    place = nodes.set_index("node")
    country = place["iso"].fillna("").str[:2]
    both = pd.DataFrame(sorted(ends), columns=["a", "b"])
    across = both[country.loc[both["a"]].to_numpy() != country.loc[both["b"]].to_numpy()]
    other = [pair for pair in across.itertuples(index=False, name=None) if pair not in listed]
    middle = place[["lon", "lat"]].loc[[a for a, _ in other]].to_numpy(np.float64)
    gate = unit_vectors(borders["lon"].to_numpy(np.float64), borders["lat"].to_numpy(np.float64))
    near = (
        KDTree(gate).query(unit_vectors(middle[:, 0], middle[:, 1]))[1] if len(other) else np.empty(0, dtype=np.int64)
    )
    names = [*listed.values(), *borders["id"].astype(str).to_numpy()[near]]
    pairs = [pair for pair in (*listed, *other)]
    at = np.array([[int(position.loc[a]), int(position.loc[b])] for a, b in pairs], dtype=np.int64).reshape(-1, 2)
    return names, at, np.arange(len(pairs)) < len(listed)


def _least(a: Codes, b: Codes, length: Floats, shape: tuple[int, int]) -> csr_array:
    """Return the adjacency matrix, both ways, of parallel edges the shortest."""
    ends = {"low": np.minimum(a, b), "high": np.maximum(a, b), "km": length}
    edges = pd.DataFrame(ends).groupby(["low", "high"])["km"].min()
    index = edges.index.to_frame().to_numpy()
    weight = np.maximum(edges.to_numpy(np.float64), 1e-9)  # a stored zero would mean "no edge"
    rows, columns = np.r_[index[:, 0], index[:, 1]], np.r_[index[:, 1], index[:, 0]]
    return csr_array((np.tile(weight, 2), (rows, columns)), shape=shape)
