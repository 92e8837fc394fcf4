"""GeoPackage, GeoJSON and (Geo)Parquet tables: magic bytes first, then the library, its complaints told as problems."""

from __future__ import annotations

import json
import sqlite3
import warnings
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pyogrio
import shapely

from evsiting.errors import shown
from evsiting.study.files.arrow import frame_of
from evsiting.study.files.csv_tables import HEAD, kind_of
from evsiting.study.files.geojson import read_geojson
from evsiting.study.findings import Findings, quoted
from evsiting.study.schema.tables import Table
from evsiting.study.size_limits import ceiling, higher, most_rows, texts_within, within

__all__ = ["ENDINGS", "read_geofile"]

#: Names under which GeoPackages number their features for themselves.
_OWN_NUMBERS = ("fid", "ogc_fid", "evsiting_fid")


def read_geofile(path: Path, table: Table, findings: Findings) -> pd.DataFrame | None:
    """Return the table of a GeoPackage, GeoJSON or (Geo)Parquet file; None where it cannot be read, and noted.

    Values keep their type: no text is taken for a date, no whole number loses its last digits.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    size, most = path.stat().st_size, ceiling("bytes")
    if not head.strip(b"\x00 \r\n\t"):
        findings.file(
            path.name,
            "the file is empty" if not size else "holds nothing but zeros or blanks",
            f"{size:,} bytes",
            "Export it again, or give the table as CSV",
        )
        return None
    magic, name, read = ENDINGS[path.suffix.lower()]
    if not head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(magic):
        findings.file(
            path.name,
            f"is not a {name} file but {kind_of(head) or 'text'}",
            f"it begins with {head[:12]!r}",
            "Give the file the ending that it is, or export it again",
        )
        return None
    if size > most:
        fix = f"Check what the file holds, {higher(size, most)}"
        findings.file(path.name, "is too large for a table", f"{size:,} bytes; at most {most:,} are read", fix)
        return None
    try:
        with warnings.catch_warnings(record=True):
            warnings.simplefilter("always")
            frame = read(path, table, findings)
    except Exception as error:  # whatever a damaged file makes the reading library raise
        lines = str(error).splitlines() or [type(error).__name__]
        findings.file(
            path.name,
            f"cannot be read as a {name} file",
            lines[0][:160],
            "The file is damaged or cut off: export it again, or give the table as CSV",
        )
        return None
    return frame if frame is not None and texts_within(frame, path.name, findings) else None


def _geopackage(path: Path, table: Table, findings: Findings) -> pd.DataFrame | None:
    layers = [str(name) for name, _ in pyogrio.list_layers(path)]
    if len(layers) != 1 and table.name not in layers:
        findings.file(
            path.name,
            f"has {len(layers)} layers and none is called {table.name!r}",
            quoted(layers) or "no layer",
            f"Name the layer {table.name!r}, or keep one layer in the file",
        )
        return None
    layer = table.name if table.name in layers else layers[0]
    info = pyogrio.read_info(path, layer=layer)
    rows, columns = max(int(info["features"]), 0), len(info["fields"])
    if not within(table.name, path.name, findings, rows=rows, columns=columns) or not _cells_are_typed(
        path, layer, findings
    ):
        return None
    meta, made = pyogrio.read_arrow(path, layer=layer, max_features=most_rows(table.name) + 1, return_fids=True)
    if not within(table.name, path.name, findings, rows=made.num_rows, columns=columns):
        return None
    return _read_layer(table, made, meta, path.name, findings)


def _read_layer(table: Table, made: pa.Table, meta: dict[str, Any], where: str, findings: Findings) -> pd.DataFrame:
    """Return the features of a layer: columns as they stand in the file, points in its reference system.

    The number of a feature is a column where it has a name of its own: a key of the user's tables may be one.
    """
    numbers = made.column_names[0]
    named = str(meta.get("fid_column") or "")
    ours = [f for f in made.column_names if f in set(meta["fields"])]
    geometry = [f for f in made.column_names if f not in {*ours, numbers}]
    frame = frame_of(table, made.select(ours), where, findings)
    if named and not named.lower().startswith(_OWN_NUMBERS) and named not in frame:
        frame.insert(0, named, made.column(0).to_numpy())
    if not geometry:
        return frame
    shapes = np.asarray(shapely.from_wkb(made.column(geometry[-1]).to_pylist()), dtype=object)
    if "geometry" in frame:
        frame = frame.rename(columns={"geometry": "geometry (attribute)"})
    placed: pd.DataFrame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, index=frame.index, crs=meta["crs"]))
    return placed


def _cells_are_typed(path: Path, layer: str, findings: Findings) -> bool:
    """Whether cells of number columns hold numbers; SQLite takes text there, and it would be read as 0."""
    good = True
    quote = '"{}"'.format(layer.replace('"', '""'))
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as base:
        columns = base.execute(f"PRAGMA table_info({quote})").fetchall()
        for _, column, declared, *_ in columns:
            name = '"{}"'.format(column.replace('"', '""'))
            if not declared.upper().startswith(("INT", "MEDIUMINT", "SMALLINT", "TINYINT", "REAL", "DOUBLE", "FLOAT")):
                continue
            query = f"SELECT rowid, {name} FROM {quote} WHERE typeof({name}) IN ('text', 'blob') LIMIT 6"
            odd = base.execute(query).fetchall()
            if odd:
                findings.table(
                    f"{path.name}, column {column!r}",
                    f"holds text where the file says {declared.upper()}",
                    shown(f"feature {number}: {str(value)[:40]!r}" for number, value in odd),
                    "Make the column one of text, or give numbers",
                )
                good = False
    return good


def _parquet(path: Path, table: Table, findings: Findings) -> pd.DataFrame | None:
    with path.open("rb") as file:
        file.seek(-4, 2)
        tail = file.read(4)
    if tail != b"PAR1":
        findings.file(path.name, "is a Parquet file that is cut off", f"it ends with {tail!r}", "Export it again")
        return None
    with pyarrow.parquet.ParquetFile(path) as file:
        metadata, schema = file.metadata, file.schema_arrow
    columns = len(schema.names)
    if not within(table.name, path.name, findings, rows=metadata.num_rows, columns=max(columns, metadata.num_columns)):
        return None
    geo, extra = _geo(schema), (schema.pandas_metadata or {}).get("index_columns", [])
    drop = {str(n) for n in extra if str(n).startswith("__index_level_")} | geo.covering
    names = [n for n in schema.names if n not in drop and n not in geo.columns]
    texts = [n for n in names if pa.types.is_string(schema.field(n).type)]
    made = pyarrow.parquet.read_table(path, columns=names, read_dictionary=texts, use_threads=False)
    if not _texts_fit(made, path.name, findings):
        return None
    frame = frame_of(table, made, path.name, findings)
    for told_index in extra:
        if isinstance(told_index, dict) and told_index.get("name"):
            frame[str(told_index["name"])] = np.arange(told_index["start"], told_index["stop"], told_index["step"])
    if not geo.columns:
        return frame
    shapes = gpd.read_parquet(path, columns=geo.columns)
    for other in geo.columns[1:]:
        frame[other] = shapes[other].to_wkt().to_numpy()
    placed: pd.DataFrame = gpd.GeoDataFrame(
        frame, geometry=gpd.GeoSeries(shapes[geo.columns[0]].to_numpy(), crs=shapes.crs)
    )
    return placed


class _Geo:
    """What the metadata of a GeoParquet file say: geometry columns, the main one first, and boxes of them."""

    def __init__(self, columns: list[str], covering: set[str]) -> None:
        self.columns, self.covering = columns, covering


def _geo(schema: Any) -> _Geo:
    raw = (schema.metadata or {}).get(b"geo")
    if raw is None:
        return _Geo([], set())
    metadata = json.loads(raw)
    main = metadata["primary_column"]
    boxes = (c.get("covering", {}).get("bbox", {}).get("xmin", [""])[0] for c in metadata["columns"].values())
    return _Geo([main, *(c for c in metadata["columns"] if c != main and c in schema.names)], {b for b in boxes if b})


def _texts_fit(made: pa.Table, where: str, findings: Findings) -> bool:
    """Whether the texts of a table fit into memory when each row has its own."""
    whole, most = unpacked_bytes(made), ceiling("bytes")
    if whole > most:
        fix = f"Check what the file holds, {higher(whole, most)}"
        findings.file(where, "is too large for a table", f"{whole:,} bytes unpacked; at most {most:,} are read", fix)
    return whole <= most


def unpacked_bytes(made: pa.Table) -> int:
    """Return how much a table takes when each row has its own text or geometry, which a Parquet file holds once each.

    Examples
    --------
    >>> unpacked_bytes(pa.table({"a": pa.array(["xxxx"] * 5).dictionary_encode()}))
    20
    """
    whole = 0
    for column in made.columns:
        for chunk in column.chunks:
            if not pa.types.is_dictionary(chunk.type):
                whole += chunk.nbytes
                continue
            lengths = np.array([len(v) if v else 0 for v in chunk.dictionary.to_pylist()], dtype=np.int64)
            at = chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False)
            whole += int(lengths[at[at >= 0]].sum()) if len(lengths) else 0
    return whole


def free_column_names(columns: Iterable[str], *, ours: bool = False) -> dict[str, str]:
    """Return names for what a GeoPackage adds to a table, number and geometry, that no column has.

    Parameters
    ----------
    columns : iterable of str
        Columns of the table.
    ours : bool
        Whether the names are to tell at once who added them.

    Examples
    --------
    >>> free_column_names(["site", "FID"])
    {'FID': 'evsiting_fid', 'GEOMETRY_NAME': 'geom'}
    """
    taken = {c.lower() for c in columns}
    made = {}
    for option, plain, own in (("FID", "fid", "evsiting_fid"), ("GEOMETRY_NAME", "geom", "evsiting_point")):
        names = [*([] if ours else [plain]), own, *(f"{own}{k}" for k in range(2, len(taken) + 4))]
        made[option] = next(n for n in names if n not in taken)
    return made


#: By ending: how such a file begins, its name, and how it is read.
ENDINGS: dict[str, tuple[bytes, str, Callable[[Path, Table, Findings], pd.DataFrame | None]]] = {
    ".gpkg": (b"SQLite format 3\x00", "GeoPackage", _geopackage),
    ".geojson": (b"{", "GeoJSON", read_geojson),
    ".parquet": (b"PAR1", "Parquet", _parquet),
    ".geoparquet": (b"PAR1", "Parquet", _parquet),
}
