"""Readers of road nets: lines of a GeoPackage or GeoDataFrame, graphs of networkx and OSMnx, GraphML files."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from evsiting.errors import CrsError, DataWarning, InputError, Problem, Problems, TableError, shown
from evsiting.layers.arguments import finite
from evsiting.layers.geoframes import look_swapped
from evsiting.layers.routing.geodesic import GEOD, Floats, great_circle_km
from evsiting.layers.routing.graph import RoadGraph
from evsiting.study.points import CRS

#: What a column ``oneway`` says of a road that may be driven along its line only, and against it only.
_ALONG, _AGAINST = {"yes", "true", "t", "1", "f", "ft"}, {"-1", "reverse", "tf"}
#: The column that is looked for unless another is named; a net need not have it.
_ONEWAY = "oneway"
#: Decimals of a degree to which ends of lines are the same node: about a metre.
_DECIMALS = 5
#: Least and most that roads may be over the air line between their ends before the unit is asked about. [1]
_TIMES = (0.8, 20.0)


def road_graph(
    source: object,
    *,
    km: str | None = None,
    minutes: str | None = None,
    oneway: str = _ONEWAY,
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
        GraphML file of one. Lines meet where their ends meet, within about a metre; ramps and bridges stay apart.
    km, minutes : str, optional
        Column of lines, or attribute of edges, with length [km] and time [min]. Without ``km`` lines are measured along
        the ellipsoid, and edges have OSMnx's ``length`` [m]; without ``minutes`` edges have its ``travel_time`` [s]
        where all have it.
    oneway : str
        Column of lines that says which may be driven along their direction only: yes, true, 1, T or FT; against it
        only: -1, reverse or TF; anything else is both. A directed graph says it by its edges.
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
        For :func:`evsiting.distances` and for ``evsiting.FreightLayer(road=...)``. The source is not changed.

    Raises
    ------
    InputError
        Listing what is wrong: no CRS, no lines, missing or bad geometries, lengths or times that are missing,
        negative or not finite, a layer or column that is not there, networkx not installed for a GraphML file.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> lines = [shapely.LineString([(-90, 35), (-89, 35)]), shapely.LineString([(-89, 35), (-88, 36)])]
    >>> road_graph(gpd.GeoDataFrame(geometry=lines, crs="EPSG:4326"))
    RoadGraph (3 nodes, 4 arcs, 469 km)
    """
    where = "road_graph"
    if least not in ("km", "minutes") or not finite(reach_km, 0.0):
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
    lon, lat, tail, head, length, time = made
    if least == "minutes" and time is None:
        fix = "Name the column or attribute with minutes=, or take least='km'"
        raise InputError([Problem(where, "the net has no times", "least='minutes'", fix)])
    _tell_scale(lon, lat, tail, head, length)
    return RoadGraph(lon, lat, tail, head, length, time, least, float(reach_km), name)


def _tell_scale(lon: Floats, lat: Floats, tail: NDArray[np.int64], head: NDArray[np.int64], length: Floats) -> None:
    """Warn of roads that are shorter than the air line, or many times as long: another unit."""
    straight = great_circle_km(lon[tail], lat[tail], lon[head], lat[head])
    apart = straight > 0.001
    times = float(length[apart].sum() / straight[apart].sum()) if apart.any() else 1.0
    if not _TIMES[0] <= times <= _TIMES[1]:
        text = f"road_graph: roads are {times:.3g} times as long as the air line between their ends"
        fix = "Lengths are in km, but in m for the 'length' of a graph; look at the unit."
        warnings.warn(f"{text} ({length[apart].sum():,.0f} km in all). {fix}", DataWarning, stacklevel=3)


type _Net = tuple[Floats, Floats, NDArray[np.int64], NDArray[np.int64], Floats, Floats | None]


def _lines(path: Path, layer: str | None) -> gpd.GeoDataFrame:
    if not path.exists():
        raise InputError([Problem("road_graph", "no such file", str(path), "Check the path")])
    try:
        if path.suffix.lower() in (".parquet", ".geoparquet"):
            return gpd.read_parquet(path)
        return gpd.read_file(path, layer=layer)
    except Exception as error:
        fix = "Give a file with lines that geopandas reads, and the name of one of its layers"
        raise InputError([Problem(f"road_graph, {path.name}", "cannot be read", str(error), fix)]) from error


def _graphml(path: Path) -> Any:
    if not path.exists():
        raise InputError([Problem("road_graph", "no such file", str(path), "Check the path")])
    try:
        networkx = importlib.import_module("networkx")
    except ImportError as error:
        fix = "Install evsiting[networks], or give the net as a GeoPackage of lines"
        raise InputError([Problem(f"road_graph, {path.name}", "needs networkx", str(error), fix)]) from error
    try:
        return networkx.read_graphml(path)
    except Exception as error:
        fix = "Write it with networkx.write_graphml or osmnx.save_graphml"
        raise InputError([Problem(f"road_graph, {path.name}", "is no GraphML file", str(error), fix)]) from error


def _from_lines(frame: gpd.GeoDataFrame, km: str | None, minutes: str | None, oneway: str) -> _Net:
    """Return nodes and arcs of lines."""
    where, found = "road_graph, lines", Problems()
    if "geometry" not in frame.columns and frame._geometry_column_name not in frame.columns:
        raise TableError([Problem(where, "have no geometry", f"columns {shown(frame.columns)}", "Give lines")])
    if frame.crs is None:
        fix = "Call frame.set_crs('EPSG:...') with the one it is in; degrees are EPSG:4326"
        raise CrsError([Problem(where, "have no coordinate reference system", "crs is None", fix)])
    for column in (km, minutes, oneway if oneway != _ONEWAY else None):
        if column is not None and column not in frame.columns:
            found.add(where, f"no column {column!r}", f"columns {shown(frame.columns, 12)}", "Name one of them")
    kind = frame.geometry.geom_type.where(frame.geometry.notna() & ~frame.geometry.is_empty, "nothing")
    bad = ~kind.isin(["LineString", "MultiLineString"])
    if not len(frame) or bad.any():
        seen = shown(f"row {i}: {k}" for i, k in kind[bad].items()) if len(frame) else "0 rows"
        found.add(where, f"{int(bad.sum())} of {len(frame)} rows hold no line", seen, "Give lines; drop the other rows")
    found.raise_if_any(TableError)
    parts = frame.to_crs(CRS).explode(index_parts=False)
    xy, line = shapely.get_coordinates(parts.geometry.to_numpy(), return_index=True)
    _on_earth(xy[:, 0], xy[:, 1], where, str(frame.crs.to_string()))
    last = np.r_[np.flatnonzero(np.diff(line)), len(line) - 1]
    first = np.r_[0, last[:-1] + 1]
    part = _ellipsoid_km(xy, line)
    rows = shapely.get_parts(frame.geometry.to_numpy(), return_index=True)[1]  # labels may occur twice
    share = part / np.maximum(pd.Series(part).groupby(rows).transform("sum").to_numpy(), 1e-12)
    length = part if km is None else share * _numbers(parts[km], where, km, found)
    time = None if minutes is None else share * _numbers(parts[minutes], where, minutes, found)
    found.raise_if_any(TableError)
    ends = np.round(xy[np.r_[first, last]], _DECIMALS) + 0.0
    ends[:, 0] = np.round((ends[:, 0] + 180.0) % 360.0 - 180.0, _DECIMALS) + 0.0  # 180 and 181 are -180 and -179
    nodes, at = np.unique(ends, axis=0, return_inverse=True)
    tail, head = np.split(at.ravel(), 2)
    rule = parts[oneway].astype(str).str.strip().str.lower() if oneway in parts else pd.Series("", index=parts.index)
    rule = rule.str.removesuffix(".0")
    along, against = rule.isin(_ALONG).to_numpy(), rule.isin(_AGAINST).to_numpy()
    which = np.r_[np.flatnonzero(~against), np.flatnonzero(~along)]
    turned = np.r_[np.zeros((~against).sum(), dtype=bool), np.ones((~along).sum(), dtype=bool)]
    start, end = np.where(turned, head[which], tail[which]), np.where(turned, tail[which], head[which])
    return nodes[:, 0], nodes[:, 1], start, end, length[which], None if time is None else time[which]


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
    """Return nodes and arcs of a networkx graph, undirected ones both ways."""
    where, found = "road_graph, graph", Problems()
    places, edges = list(graph.nodes(data=True)), list(graph.edges(data=True))
    if not edges:
        raise TableError([Problem(where, "has no edges", f"{len(places)} nodes", "Give a graph with edges")])
    x = _numbers([d.get("x", d.get("lon")) for _, d in places], where, "x", found, [n for n, _ in places], signed=True)
    y = _numbers([d.get("y", d.get("lat")) for _, d in places], where, "y", found, [n for n, _ in places], signed=True)
    names = [f"{u} to {v}" for u, v, _ in edges]
    per_m = 0.001 if km is None else 1.0
    length = per_m * _numbers([d.get(km or "length") for _, _, d in edges], where, km or "length", found, names)
    time = None
    if minutes is not None or all("travel_time" in d for _, _, d in edges):
        key, per = (minutes, 1.0) if minutes is not None else ("travel_time", 1.0 / 60.0)
        time = per * _numbers([d.get(key) for _, _, d in edges], where, str(key), found, names)
    found.raise_if_any(TableError)
    crs = graph.graph.get("crs") or CRS
    try:
        lon, lat = pyproj.Transformer.from_crs(crs, CRS, always_xy=True).transform(x, y)
    except pyproj.exceptions.CRSError as error:
        raise CrsError([Problem(where, "its crs is unknown", repr(crs), "Set graph.graph['crs']")]) from error
    _on_earth(np.asarray(lon, np.float64), np.asarray(lat, np.float64), f"{where}, nodes", str(crs))
    number = {node: k for k, (node, _) in enumerate(places)}
    tail = np.array([number[u] for u, _, _ in edges], dtype=np.int64)
    head = np.array([number[v] for _, v, _ in edges], dtype=np.int64)
    if not graph.is_directed():
        tail, head = np.r_[tail, head], np.r_[head, tail]
        length, time = np.tile(length, 2), None if time is None else np.tile(time, 2)
    return np.asarray(lon, np.float64), np.asarray(lat, np.float64), tail, head, length, time


def _numbers(
    raw: Iterable[object],
    where: str,
    name: str,
    found: Problems,
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
        found.add(
            f"{where}, {name!r}", f"{int(bad.sum())} of {len(values)} values are {what}", seen, "Give each of them"
        )
    return np.asarray(values)
