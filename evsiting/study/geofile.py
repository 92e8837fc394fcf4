"""GeoPackage, GeoJSON and (Geo)Parquet tables: magic bytes first, then the library, its complaints told as problems."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow.parquet
import pyogrio

from evsiting.study.findings import Findings, quoted
from evsiting.study.tables import Table
from evsiting.study.textfile import HEAD, kind_of

__all__ = ["ENDINGS", "read_geofile"]


def read_geofile(path: Path, table: Table, found: Findings) -> pd.DataFrame | None:
    """Return the table of a GeoPackage, GeoJSON or (Geo)Parquet file; None where it cannot be read, and noted."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head.strip(b"\x00 \r\n\t"):
        size = path.stat().st_size
        found.file(
            path.name,
            "the file is empty" if not size else "holds nothing but zeros or blanks",
            f"{size:,} bytes",
            "Export it again, or give the table as CSV",
        )
        return None
    magic, name, read = ENDINGS[path.suffix.lower()]
    if not head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(magic):
        found.file(
            path.name,
            f"is not a {name} file but {kind_of(head) or 'text'}",
            f"it begins with {head[:12]!r}",
            "Give the file the ending that it is, or export it again",
        )
        return None
    try:
        with warnings.catch_warnings(record=True):
            warnings.simplefilter("always")
            return read(path, table, found)
    except Exception as error:  # whatever a damaged file makes the reading library raise
        lines = str(error).splitlines() or [type(error).__name__]
        found.file(
            path.name,
            f"cannot be read as a {name} file",
            lines[0][:160],
            "The file is damaged or cut off: export it again, or give the table as CSV",
        )
        return None


def _geopackage(path: Path, table: Table, found: Findings) -> pd.DataFrame | None:
    layers = [str(name) for name, _ in pyogrio.list_layers(path)]
    if len(layers) != 1 and table.name not in layers:
        found.file(
            path.name,
            f"has {len(layers)} layers and none is called {table.name!r}",
            quoted(layers) or "no layer",
            f"Name the layer {table.name!r}, or keep one layer in the file",
        )
        return None
    return _frame(pyogrio.read_dataframe(path, layer=table.name if table.name in layers else layers[0]))


def _geojson(path: Path, table: Table, found: Findings) -> pd.DataFrame | None:
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(HEAD)
    if b'"type"' not in head:
        found.file(
            path.name, "is no GeoJSON", f"the first {len(head):,} of {size:,} bytes name no type", "Export it again"
        )
        return None
    if size > 100_000_000:
        found.file(path.name, "is too large for GeoJSON", f"{size:,} bytes", "Export it as GeoPackage")
        return None
    json.loads(path.read_bytes())
    return _frame(pyogrio.read_dataframe(path))


def _parquet(path: Path, table: Table, found: Findings) -> pd.DataFrame | None:
    with path.open("rb") as file:
        file.seek(-4, 2)
        tail = file.read(4)
    if tail != b"PAR1":
        found.file(path.name, "is a Parquet file that is cut off", f"it ends with {tail!r}", "Export it again")
        return None
    schema = pyarrow.parquet.read_schema(path)
    if b"geo" in (schema.metadata or {}):
        return _frame(gpd.read_parquet(path))
    return _frame(pd.read_parquet(path))


def _frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose index counts the features of the file from zero."""
    return frame.reset_index(drop=all(name is None for name in frame.index.names))


#: By ending: how such a file begins, its name, and how it is read.
ENDINGS: dict[str, tuple[bytes, str, Callable[[Path, Table, Findings], pd.DataFrame | None]]] = {
    ".gpkg": (b"SQLite format 3\x00", "GeoPackage", _geopackage),
    ".geojson": (b"{", "GeoJSON", _geojson),
    ".parquet": (b"PAR1", "Parquet", _parquet),
    ".geoparquet": (b"PAR1", "Parquet", _parquet),
}
