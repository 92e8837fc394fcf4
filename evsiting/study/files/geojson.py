"""GeoJSON tables: every value as it is written, no type guessed; what is no point table is told."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely.geometry

from evsiting.errors import shown
from evsiting.study.findings import Findings, quoted
from evsiting.study.schema.tables import Table
from evsiting.study.size_limits import ceiling, higher, within

__all__ = ["read_geojson"]

#: Digits of a whole number; a longer one is kept as text, as codes are.
_MOST_DIGITS = 15


def read_geojson(path: Path, table: Table, findings: Findings) -> pd.DataFrame | None:
    """Return the features of a GeoJSON file as a table; None where it cannot be read, with the problem noted.

    Properties keep their type: text that looks like a date or a number stays text. A member ``id`` of the features
    is a column ``id``, unless they have a property of that name or it only counts them.
    """
    size, most = path.stat().st_size, ceiling("geojson")
    if size > most:
        fix = f"Export it as GeoPackage, {higher(size, most)}"
        findings.file(path.name, "is too large for GeoJSON", f"{size:,} bytes; at most {most:,} are read", fix)
        return None
    twice: set[str] = set()

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            names = [name for name, _ in pairs]
            twice.update(name for name in made if names.count(name) > 1)
        return made

    whole = json.loads(path.read_bytes(), object_pairs_hook=members, parse_constant=str, parse_int=_integer)
    if twice:
        findings.file(path.name, "has members of the same name", quoted(sorted(twice)), "Keep one of each")
        return None
    features = _features(whole, path.name, findings)
    if features is None:
        return None
    names = dict.fromkeys(str(k) for f in features for k in (f.get("properties") or {}))
    if not within(table.name, path.name, findings, rows=len(features), columns=len(names)):
        return None
    columns = {n: [_cell((f.get("properties") or {}).get(n)) for f in features] for n in names}
    ids = [_cell(f.get("id")) for f in features]
    counted = any([str(v) for v in ids] == [str(k + first) for k in range(len(ids))] for first in (0, 1))
    if "id" not in columns and not counted and any(v is not None for v in ids):
        columns = {"id": ids, **columns}
    shapes, crs = _shapes(features, path.name, findings), _crs(whole, path.name, findings)
    if shapes is None or crs is False:
        return None
    frame = pd.DataFrame({n: pd.Series(cells, dtype=object) for n, cells in columns.items()}, index=range(len(shapes)))
    if "geometry" in columns:
        frame = frame.rename(columns={"geometry": "geometry (property)"})
    placed: pd.DataFrame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, index=frame.index, crs=crs))
    return placed


def _integer(text: str) -> int | str:
    return int(text) if len(text) <= _MOST_DIGITS else text


def _cell(value: Any) -> Any:
    """Return a property as a cell: one value as it is, several as JSON."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _features(whole: Any, where: str, findings: Findings) -> list[dict[str, Any]] | None:
    kind = whole.get("type") if isinstance(whole, dict) else None
    features = whole.get("features") if kind == "FeatureCollection" else [whole] if kind == "Feature" else None
    if not isinstance(features, list):
        seen = f"type {str(kind)[:40]!r}" + (", no list of features" if kind == "FeatureCollection" else "")
        findings.file(where, "is no GeoJSON of features", seen, "Export it as GeoJSON, a FeatureCollection")
        return None
    odd = [
        k
        for k, f in enumerate(features, 1)
        if not (isinstance(f, dict) and f.get("type") == "Feature" and isinstance(f.get("properties") or {}, dict))
    ]
    if odd:
        findings.file(
            where, "holds what is no feature", f"feature {shown(odd)} of {len(features)}", "Give features only"
        )
        return None
    return features


def _shapes(features: Iterable[dict[str, Any]], where: str, findings: Findings) -> Any:
    """Return the geometry of each feature; None where one is not written as GeoJSON has it."""
    made: list[Any] = []
    bad: list[str] = []
    for number, feature in enumerate(features, 1):
        geometry = feature.get("geometry")
        try:
            made.append(None if geometry is None else shapely.geometry.shape(geometry))
        except Exception:  # whatever odd coordinates make shapely raise
            bad.append(f"feature {number}: {json.dumps(geometry)[:60]}")
    if bad:
        findings.file(where, "holds geometries that cannot be read", shown(bad), "Export it again, as points")
        return None
    shapes = np.empty(len(made), dtype=object)
    shapes[:] = made
    return shapes


def _crs(whole: dict[str, Any], where: str, findings: Findings) -> Any:
    """Return the reference system that a file says: degrees where it says none; None for an unknown one.

    False where what it says is none, with the problem noted.
    """
    if "crs" not in whole:
        return "EPSG:4326"
    member = whole["crs"]
    if member is None:
        return None
    name = member.get("properties", {}).get("name") if isinstance(member, dict) else None
    try:
        return pyproj.CRS.from_user_input(name)
    except (pyproj.exceptions.CRSError, TypeError, ValueError):
        findings.crs(
            f"{where}, member 'crs'",
            "is no coordinate reference system (CRS)",
            json.dumps(member, ensure_ascii=False)[:80],
            "Export the layer in EPSG:4326, or take the member out: GeoJSON is in degrees",
        )
        return False
