"""Readers of road networks: lines of a GeoPackage or GeoDataFrame, networkx and OSMnx graphs, GraphML files."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from evsiting.errors import CrsError, InputError, Problem, Problems, TableError, shown
from evsiting.layers.arguments import is_finite
from evsiting.layers.freight.routing.graph import RoadGraph
from evsiting.layers.freight.routing.oneway import OneWay, read_oneway
from evsiting.layers.freight.routing.snapping import SNAP_M, join_ends
from evsiting.layers.freight.routing.summary import NetSummary, duplicates, part_sizes, warn_of_net
from evsiting.layers.geo.frames import look_like_degrees, look_swapped
from evsiting.layers.geo.geodesic import GEOD, Floats
from evsiting.layers.geo.vector_files import read_vector, within_bytes
from evsiting.study.canonical.points import CRS, crs_fault

#: The column that is looked for unless another is named; a net need not have it.
_ONEWAY = "oneway"
#: Reach in which ends are looked for on the inside of other lines: about a metre. [degree]
_TOUCH = 1e-5


def road_graph(
    source: object,
    *,
    km: str | None = None,
    minutes: str | None = None,
    oneway: str | None = _ONEWAY,
    layer: str | None = None,
    least: Literal["km", "minutes"] = "km",
    reach_km: float = 50.0,
    name: str = "",
) -> RoadGraph:
    """Read a road net for distances and lanes.

    Parameters
    ----------
    source : path, geopandas.GeoDataFrame or networkx graph
        A file with lines (GeoPackage or anything else that geopandas reads, GeoParquet), such lines, a graph as OSMnx
        makes it (nodes with ``x`` and ``y`` in the CRS of ``graph.graph["crs"]``, degrees where it has none), or a
        GraphML file of one. Lines meet where their ends meet: ends within a metre of each other are joined, and with
        them ends that are joined to one of the two. A line that crosses or touches another without an end of both there
        stays apart from it, as bridges must: split lines where roads meet.
    km, minutes : str, optional
        Column of lines, or attribute of edges, with length [km] and time [min]. Without ``km`` lines are measured along
        the ellipsoid, and edges have OSMnx's ``length`` [m]; without ``minutes`` edges have its ``travel_time`` [s]
        where all have it.
    oneway : str, optional
        Column of lines that says which may be driven one way only. Known words, in any case: *along* the line: yes, y,
        true, 1, FT, forward; *against* it: -1, reverse, TF, backward; *both ways*: no, false, 0, B, both, empty. F and
        T beside B are those of HERE and Geofabrik, along and against; N is closed beside B, FT or TF, and no beside Y.
        Other words are read as both ways and told. A column ``oneway`` written otherwise (``ONEWAY``) is read and told,
        others that look like it (``DIR_TRAVEL``) are told. None: every line may be driven both ways. A directed graph
        says it by its edges.
    layer : str, optional
        Layer of a file with several.
    least : {"km", "minutes"}
        Whether the shortest way is short in length or in time.
    reach_km : float
        Places farther than this from every node have no road. [km]
    name : str
        Where the net comes from, for the provenance of lanes; the file's name where left out.

    Returns
    -------
    RoadGraph
        For :func:`evsiting.distances` and for ``evsiting.FreightLayer(road=...)``; ``print(graph.summary)`` shows what
        was read. The source is not changed.

    Raises
    ------
    InputError
        Listing what is wrong: no CRS, no lines, missing or bad geometries, lengths or times that are missing,
        negative or not finite, a layer or column that is not there, networkx not installed for a GraphML file; a file
        that is cut off, of which a part is missing, or that is larger than the ceilings allow (``EVSITING_CEILINGS``
        in the environment multiplies them).

    Warns
    -----
    DataWarning
        Once, of all that is odd: words and columns of one-way roads that are not sure, a net in pieces (less than 95 %
        of the nodes in the largest part, or reaching each other by the directions), roads that end on the inside of
        others, lengths that are less than the air line or many times it, times that make trucks too slow or too fast,
        nodes outside the three countries, several layers in a file of which none is named.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> lines = [shapely.LineString([(-90, 35), (-89, 35)]), shapely.LineString([(-89, 35), (-88, 36)])]
    >>> road_graph(gpd.GeoDataFrame(geometry=lines, crs="EPSG:4326"))
    RoadGraph (3 nodes, 4 arcs, 469 km; 0% one-way, 1 part)
    """
    where = "road_graph"
    if least not in ("km", "minutes") or not is_finite(reach_km, 0.0):
        fix = "Give least='km' or least='minutes', and a reach of 0 km or more"
        raise InputError([Problem(where, "cannot work so", f"least={least!r}, reach_km={reach_km!r}", fix)])
    if isinstance(source, str | Path):
        path = Path(source)
        name = name or path.name
        source = _graphml(path) if path.suffix.lower() == ".graphml" else _lines(path, layer)
    if isinstance(source, gpd.GeoDataFrame):
        made = _from_lines(source, km, minutes, oneway)
    elif hasattr(source, "edges") and hasattr(source, "nodes") and hasattr(source, "is_directed"):
        made = _from_graph(source, km, minutes)
    else:
        fix = "Give a file, a GeoDataFrame of lines, or a graph of networkx or OSMnx"
        raise InputError([Problem(where, "is no road net", f"a {type(source).__name__}", fix)])
    if least == "minutes" and made.minutes is None:
        fix = "Name the column or attribute with minutes=, or take least='km'"
        raise InputError([Problem(where, "the net has no times", "least='minutes'", fix)])
    return _road_graph(made, least, float(reach_km), name)


@dataclass(frozen=True)
class _Net:
    """Edges of a net with what was found on the way; ``along`` and ``against`` say which may be driven how."""

    lon: Floats
    lat: Floats
    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    km: Floats
    minutes: Floats | None
    ways: OneWay
    snapped: int | None = None
    touching: int = 0


def _road_graph(net: _Net, least: Literal["km", "minutes"], reach_km: float, name: str) -> RoadGraph:
    """Return the graph of a net with its summary, and warn of what is odd."""
    along, against = net.ways.along, net.ways.against
    which = np.r_[np.flatnonzero(along), np.flatnonzero(against)]
    turned = np.r_[np.zeros(along.sum(), dtype=bool), np.ones(against.sum(), dtype=bool)]
    start = np.where(turned, net.head[which], net.tail[which])
    end = np.where(turned, net.tail[which], net.head[which])
    parts, largest, strong = part_sizes(start, end)
    directed = not net.ways.words and net.snapped is None and not against.any()
    pairs = set(zip(net.tail.tolist(), net.head.tolist(), strict=True)) if directed else set()
    single = [(b, a) not in pairs for a, b in pairs] if directed else along ^ against
    summary = NetSummary(
        edges=len(net.tail),
        nodes=len(net.lon),
        arcs=len(which),
        km=float(net.km.sum()),
        one_way_share=float(np.mean(single)),
        closed=int((~along & ~against).sum()),
        words=net.ways.words,
        parts=parts,
        largest_part_share=largest,
        two_way_share=strong,
        snapping_m=0.0 if net.snapped is None else SNAP_M,
        joined=net.snapped or 0,
        loops=int((net.tail == net.head).sum()),
        duplicates=0 if directed else duplicates(net.tail, net.head, net.km),
    )
    warn_of_net(summary, net.ways.odd, (net.lon, net.lat), (net.tail, net.head, net.km, net.minutes), net.touching)
    times = None if net.minutes is None else net.minutes[which]
    return RoadGraph(net.lon, net.lat, start, end, net.km[which], times, least, reach_km, name, summary)


def _lines(path: Path, layer: str | None) -> gpd.GeoDataFrame:
    if not path.exists():
        raise InputError([Problem("road_graph", "no such file", str(path), "Check the path")])
    fix = "Give a file with lines that geopandas reads, and the name of one of its layers"
    return read_vector(path, f"road_graph, {path.name}", fix=fix, layer=layer)


def _graphml(path: Path) -> Any:
    if not path.exists():
        raise InputError([Problem("road_graph", "no such file", str(path), "Check the path")])
    try:
        networkx = importlib.import_module("networkx")
    except ImportError as error:
        fix = "Install evsiting[networks], or give the net as a GeoPackage of lines"
        raise InputError([Problem(f"road_graph, {path.name}", "needs networkx", str(error), fix)]) from error
    within_bytes(path, f"road_graph, {path.name}", "graphml", "Cut it, write it as a GeoPackage of lines")
    try:
        with warnings.catch_warnings():  # values without a type stay text, and are told where they are no numbers
            warnings.simplefilter("ignore", UserWarning)
            return networkx.read_graphml(path)
    except Exception as error:
        fix = "Write it with networkx.write_graphml or osmnx.save_graphml"
        raise InputError([Problem(f"road_graph, {path.name}", "is no GraphML file", str(error), fix)]) from error


def _from_lines(frame: gpd.GeoDataFrame, km: str | None, minutes: str | None, oneway: str | None) -> _Net:
    """Return nodes and edges of lines."""
    where, problems = "road_graph, lines", Problems()
    if "geometry" not in frame.columns and frame._geometry_column_name not in frame.columns:
        raise TableError([Problem(where, "have no geometry", f"columns {shown(frame.columns)}", "Give lines")])
    if frame.crs is None:
        fix = "Call frame.set_crs('EPSG:...') with the one it is in; degrees are EPSG:4326"
        raise CrsError([Problem(where, "have no coordinate reference system", "crs is None", fix)])
    if fault := crs_fault(frame.crs):
        seen, fix = f"{frame.crs.name[:60]!r}: {fault}", "Call frame.set_crs('EPSG:...') with the one it is in"
        raise CrsError([Problem(where, "have a coordinate reference system (CRS) that cannot be used", seen, fix)])
    for column in (km, minutes, oneway if oneway != _ONEWAY else None):
        if column is not None and column not in frame.columns:
            problems.add(where, f"no column {column!r}", f"columns {shown(frame.columns, 12)}", "Name one of them")
    kind = frame.geometry.geom_type.where(frame.geometry.notna() & ~frame.geometry.is_empty, "nothing")
    bad = ~kind.isin(["LineString", "MultiLineString"])
    if not len(frame) or bad.any():
        seen = shown(f"row {i}: {k}" for i, k in kind[bad].items()) if len(frame) else "0 rows"
        problems.add(
            where, f"{int(bad.sum())} of {len(frame)} rows hold no line", seen, "Give lines; drop the other rows"
        )
    problems.raise_if_any(TableError)
    parts = frame.to_crs(CRS).explode(index_parts=False)
    xy, line = shapely.get_coordinates(parts.geometry.to_numpy(), return_index=True)
    _on_earth(xy[:, 0], xy[:, 1], where, str(frame.crs.to_string()))
    last = np.r_[np.flatnonzero(np.diff(line)), len(line) - 1]
    first = np.r_[0, last[:-1] + 1]
    part = _ellipsoid_km(xy, line)
    rows = shapely.get_parts(frame.geometry.to_numpy(), return_index=True)[1]  # labels may occur twice
    share = part / np.maximum(pd.Series(part).groupby(rows).transform("sum").to_numpy(), 1e-12)
    length = part if km is None else share * _numbers(parts[km], where, km, problems)
    time = None if minutes is None else share * _numbers(parts[minutes], where, minutes, problems)
    problems.raise_if_any(TableError)
    nodes, at, moved = join_ends(xy[np.r_[first, last]])
    tail, head = np.split(at, 2)
    ways = read_oneway(parts.drop(columns=parts.geometry.name), oneway)
    degrees = look_like_degrees(frame.geometry) if frame.crs.is_projected else np.zeros(1, dtype=bool)
    if degrees.any():
        text = f"{int(degrees.sum()):,} of {len(frame):,} lines look like degrees, in a CRS that has none"
        ways = replace(ways, odd=(*ways.odd, f"{text} ({frame.crs.to_string()})"))
    loose = np.bincount(at, minlength=len(nodes))[at] == 1
    touching = _count_touching(parts.geometry.to_numpy(), xy[np.r_[first, last]], loose)
    return _Net(nodes[:, 0], nodes[:, 1], tail, head, length, time, ways, moved, touching)


def _count_touching(shapes: NDArray[np.object_], ends: Floats, loose: NDArray[np.bool_]) -> int:
    """Return how many loose ends lie on the inside of another line."""
    which = np.flatnonzero(loose)
    if not len(which):
        return 0
    end, line = shapely.STRtree(shapes).query(shapely.points(ends[which]), predicate="dwithin", distance=_TOUCH)
    return len(np.unique(end[which[end] % len(shapes) != line]))


def _on_earth(lon: Floats, lat: Floats, where: str, crs: str) -> None:
    """Refuse coordinates that are none, lie off the Earth, or look as if x and y had changed places."""
    inside = np.isfinite(lon) & (np.abs(lon) <= 360.0) & (np.abs(lat) <= 90.0)
    wild = ~inside | look_swapped(lon, lon, lat)
    if wild.any():
        k = int(np.flatnonzero(wild)[0])
        what = f"{int(wild.sum())} of {len(wild)} vertices lie outside what their CRS covers, or off any shore"
        seen = f"{crs}; the first at x {lon[k]:g}, y {lat[k]:g}"
        fix = "Check the coordinates and the CRS they are said to be in: x is the longitude, y the latitude"
        raise CrsError([Problem(where, what, seen, fix)])


def _ellipsoid_km(xy: Floats, line: NDArray[np.int64]) -> Floats:
    """Return the length of each line along the WGS 84 ellipsoid. [km]."""
    step = GEOD.inv(xy[:-1, 0], xy[:-1, 1], xy[1:, 0], xy[1:, 1])[2]
    inside = line[:-1] == line[1:]
    return np.asarray(0.001 * np.bincount(line[:-1][inside], np.asarray(step)[inside], minlength=int(line[-1]) + 1))


def _from_graph(graph: Any, km: str | None, minutes: str | None) -> _Net:
    """Return nodes and edges of a networkx graph, undirected ones both ways."""
    where, problems = "road_graph, graph", Problems()
    places, edges = list(graph.nodes(data=True)), list(graph.edges(data=True))
    if not edges:
        raise TableError([Problem(where, "has no edges", f"{len(places)} nodes", "Give a graph with edges")])
    x = _numbers(
        [d.get("x", d.get("lon")) for _, d in places], where, "x", problems, [n for n, _ in places], signed=True
    )
    y = _numbers(
        [d.get("y", d.get("lat")) for _, d in places], where, "y", problems, [n for n, _ in places], signed=True
    )
    names = [f"{u} to {v}" for u, v, _ in edges]
    per_m = 0.001 if km is None else 1.0
    length = per_m * _numbers([d.get(km or "length") for _, _, d in edges], where, km or "length", problems, names)
    time = None
    if minutes is not None or all("travel_time" in d for _, _, d in edges):
        key, per = (minutes, 1.0) if minutes is not None else ("travel_time", 1.0 / 60.0)
        time = per * _numbers([d.get(key) for _, _, d in edges], where, str(key), problems, names)
    problems.raise_if_any(TableError)
    crs = graph.graph.get("crs") or CRS
    try:
        lon, lat = pyproj.Transformer.from_crs(crs, CRS, always_xy=True).transform(x, y)
    except pyproj.exceptions.ProjError as error:
        raise CrsError([Problem(where, "its crs is unknown", repr(crs), "Set graph.graph['crs']")]) from error
    _on_earth(np.asarray(lon, np.float64), np.asarray(lat, np.float64), f"{where}, nodes", str(crs))
    number = {node: k for k, (node, _) in enumerate(places)}
    tail = np.array([number[u] for u, _, _ in edges], dtype=np.int64)
    head = np.array([number[v] for _, v, _ in edges], dtype=np.int64)
    along = np.ones(len(edges), dtype=bool)
    odd: tuple[str, ...] = ()
    if not graph.is_directed():
        directions = read_oneway(pd.DataFrame({_ONEWAY: [d.get(_ONEWAY) for _, _, d in edges]}), _ONEWAY)
        single = int((directions.along ^ directions.against).sum())
        text = f"the graph is undirected, so that edges that say {_ONEWAY} ({single:,}) are read as both ways"
        odd = (f"{text}; give a directed one",) if single else ()
    ways = OneWay(along, np.full(len(edges), not graph.is_directed()), {}, odd)
    return _Net(np.asarray(lon, np.float64), np.asarray(lat, np.float64), tail, head, length, time, ways)


def _numbers(
    raw: Iterable[object],
    where: str,
    name: str,
    problems: Problems,
    rows: Iterable[object] | None = None,
    *,
    signed: bool = False,
) -> Floats:
    """Return values as numbers; note those that are missing, not finite or, unless ``signed``, below zero."""
    series = raw if isinstance(raw, pd.Series) else pd.Series(list(raw), dtype=object)
    values = pd.to_numeric(series, errors="coerce").to_numpy(np.float64)
    bad = ~np.isfinite(values) if signed else ~(np.isfinite(values) & (values >= 0.0))
    if bad.any():
        label = np.asarray(list(rows) if rows is not None else [f"row {i}" for i in series.index], dtype=object)
        seen = shown(f"{r}: {v}" for r, v in zip(label[bad], series[bad], strict=True))
        what = "not a finite number" if signed else "missing, not finite or negative"
        problems.add(
            f"{where}, {name!r}", f"{int(bad.sum())} of {len(values)} values are {what}", seen, "Give each of them"
        )
    return np.asarray(values)
