"""Files of points, lines or areas: opened with a ceiling on what they hold, and refused where a part is lost."""

from __future__ import annotations

import re
import struct
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyarrow.parquet
import pyogrio

from evsiting.errors import DataWarning, InputError, Problem, Problems, shown
from evsiting.study.files.geo_tables import unpacked_bytes
from evsiting.study.size_limits import ceiling, higher

__all__ = ["read_vector", "within_bytes"]

#: What GDAL says where a cell is no number, of which it would give the digits in front.
_CUT_NUMBER = re.compile(r"parsed incompletely|out of range|overflow", re.IGNORECASE)
#: What it says of geometries, which are checked by their rows later; and of a third coordinate, which is not used.
_OF_GEOMETRY = re.compile(r"\bring|polygon|Measured \(M\)|More than one layer", re.IGNORECASE)
#: Bytes of the header of a .shp or .shx file, and of one entry of the latter; lengths are told in words of two bytes.
_HEADER, _ENTRY, _WORD = 100, 8, 2

#: From the name of a part of a shapefile to how many bytes it has and what it begins with.
type _Parts = Mapping[str, tuple[int, Callable[[], bytes]]]


def read_vector(
    path: Path, where: str, *, fix: str, layer: str | None = None, options: Mapping[str, Any] | None = None
) -> gpd.GeoDataFrame:
    """Return the features of a file.

    Parameters
    ----------
    path : pathlib.Path
        GeoParquet, or whatever GDAL reads: GeoPackage, GeoJSON, a shapefile, zipped or with its parts beside it.
    where : str
        What messages call it.
    fix : str
        Way out where it cannot be read.
    layer : str, optional
        Layer of a file with several; the first where left out, which is told.
    options : mapping of str to object, optional
        For :func:`geopandas.read_file`.

    Returns
    -------
    geopandas.GeoDataFrame
        As the file has it, of any geometry and reference system.

    Raises
    ------
    InputError
        If it cannot be read, is larger than the ceilings allow, lacks a part of a shapefile or is cut off, or has cells
        in a column of numbers that are none.

    Warns
    -----
    DataWarning
        If no layer is named of several, or GDAL has a doubt.
    """
    within_bytes(path, where, "layer", "Cut it to the roads or areas that are needed")
    _check_shapefiles(path, where)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            features, layers = _read_file(path, where, layer, dict(options or {}))
    except InputError:
        raise
    except Exception as error:  # whatever a damaged file makes the reading libraries raise
        raise InputError([Problem(where, "cannot be read", str(error) or type(error).__name__, fix)]) from error
    if not isinstance(features, gpd.GeoDataFrame):
        raise InputError([Problem(where, "holds no geometry", f"columns {shown(map(str, features.columns), 12)}", fix)])
    _check_features(len(features), where)
    if len(layers) > 1:
        text = f"{where}: of {len(layers)} layers ({shown(layers)}) the first was read"
        warnings.warn(f"{text}. Name the one that you mean with layer=.", DataWarning, stacklevel=4)
    _warn_doubts(list(dict.fromkeys(str(w.message) for w in caught)), where)
    return features


def _read_file(path: Path, where: str, layer: str | None, options: dict[str, Any]) -> tuple[Any, list[str]]:
    """Return what a file holds, and its layers where none was named."""
    if path.suffix.lower() in (".parquet", ".geoparquet"):
        _check_parquet(path, where)
        return gpd.read_parquet(path), []
    layers = [str(n) for n, _ in pyogrio.list_layers(path)] if layer is None else []
    if len(layers) > 1:
        layer = layers[0]
    _check_features(int(pyogrio.read_info(path, layer=layer)["features"]), where)
    return gpd.read_file(path, layer=layer, engine="pyogrio", **options), layers


def _check_features(have: int, where: str) -> None:
    """Refuse more features than are read; a file that does not say how many it has is bounded by its bytes."""
    most = ceiling("features")
    if have > most:
        fix = f"Cut it, {higher(have, most)}"
        raise InputError([Problem(where, "has too many features", f"{have:,}; at most {most:,} are read", fix)])


def within_bytes(path: Path, where: str, name: str, fix: str) -> None:
    """Refuse a file with more bytes than a ceiling allows, unpacked where it is packed.

    Raises
    ------
    InputError
        If it has more.
    """
    size, most = 0, ceiling(name)
    try:
        files = [p for p in path.rglob("*") if p.is_file()] if path.is_dir() else _files_of(path)
        size = sum(p.stat().st_size for p in files)
        if path.is_file() and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                size = max(size, sum(part.file_size for part in archive.infolist()))
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile):
        pass  # no archive after all, or a damaged one: who reads it says so
    if size > most:
        seen = f"{size:,} bytes unpacked; at most {most:,} are read"
        raise InputError([Problem(where, "is too large", seen, f"{fix}, {higher(size, most)}")])


def _files_of(path: Path) -> list[Path]:
    """Return a file, with the other parts where it is one of a shapefile."""
    if path.suffix.lower() != ".shp":
        return [path]
    return [p for p in path.parent.iterdir() if p.stem == path.stem and p.is_file()]


def _check_parquet(path: Path, where: str) -> None:
    """Refuse a file of which the values, that it may hold once each, would be too large in memory."""
    with pyarrow.parquet.ParquetFile(path) as file:
        rows, schema = file.metadata.num_rows, file.schema_arrow
    _check_features(rows, where)
    once = [n for n in schema.names if str(schema.field(n).type) in ("string", "binary")]
    size, most = 0, ceiling("layer")
    for name in once:
        size += unpacked_bytes(pyarrow.parquet.read_table(path, columns=[name], read_dictionary=[name]))
    if size > most:
        seen = f"{size:,} bytes unpacked; at most {most:,} are read"
        raise InputError([Problem(where, "is too large", seen, f"Cut it, {higher(size, most)}")])


def _check_shapefiles(path: Path, where: str) -> None:
    """Refuse a shapefile, zipped or loose, of which a part is missing, is cut off, or is of another length."""
    problems = Problems()
    if path.suffix.lower() == ".shp" and path.is_file():
        _check_parts(path.stem, {p.name: _file_head(p) for p in _files_of(path)}, where, problems)
    elif path.is_file() and zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as archive:
                members = {m.filename: m for m in archive.infolist() if not m.is_dir()}
                for name in sorted(n for n in members if n.lower().endswith(".shp") and "__MACOSX" not in n):
                    stem = name.rpartition(".")[0]
                    mine = {n: _member_head(archive, m) for n, m in members.items() if n.rpartition(".")[0] == stem}
                    _check_parts(stem, mine, where, problems)
        except Exception as error:  # zipfile raises what it likes of a damaged archive
            fix = "Download or pack it again"
            problems.add(where, "is a damaged archive", str(error)[:160] or type(error).__name__, fix)
    problems.raise_if_any()


def _file_head(path: Path) -> tuple[int, Callable[[], bytes]]:
    def head() -> bytes:
        with path.open("rb") as file:
            return file.read(_HEADER)

    return path.stat().st_size, head


def _member_head(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[int, Callable[[], bytes]]:
    def head() -> bytes:
        with archive.open(member) as file:
            return file.read(_HEADER)

    return member.file_size, head


def _check_parts(stem: str, files: _Parts, where: str, problems: Problems) -> None:
    """Note what is wrong with the parts of one shapefile.

    GDAL reads one without its .dbf as lines without columns, and one whose .dbf counts fewer rows without the others.
    """
    parts = {name.rpartition(".")[2].lower(): part for name, part in files.items()}
    missing = [f".{kind}" for kind in ("shp", "shx", "dbf") if not parts.get(kind, (0, bytes))[0]]
    if missing:
        seen = f"{stem}: no {' and no '.join(missing)}, or an empty one"
        problems.add(
            where, "is a shapefile of which parts are missing", seen, "Give .shp, .shx, .dbf and .prj together"
        )
        return
    heads = {kind: (size, head()) for kind, (size, head) in parts.items() if kind in ("shp", "shx", "dbf")}
    fix, cut = "Download or export it again", []
    for kind in ("shp", "shx"):
        size, head = heads[kind]
        says = _WORD * struct.unpack(">I", head[24:28])[0] if len(head) == _HEADER else _HEADER
        if size < says:
            cut.append(f"{stem}.{kind} has {size:,} bytes and says that it has {says:,}")
    size, head = heads["dbf"]
    rows, first, width = struct.unpack("<IHH", head[4:12]) if len(head) >= 12 else (0, 12, 0)
    if size < first + rows * width:
        cut.append(f"{stem}.dbf has {size:,} bytes and says that it has {first + rows * width:,}")
    if cut:
        problems.add(where, "is a shapefile that is cut off", shown(cut), fix)
        return
    shapes = (_WORD * struct.unpack(">I", heads["shx"][1][24:28])[0] - _HEADER) // _ENTRY
    if shapes != rows:
        seen = f"{stem}: {shapes:,} geometries in .shx, {rows:,} rows in .dbf"
        problems.add(where, "is a shapefile of which the parts do not belong together", seen, fix)


def _warn_doubts(messages: list[str], where: str) -> None:
    """Refuse cells that are no numbers, and warn of what else GDAL says; geometries are checked by their rows later."""
    bad = [text for text in messages if _CUT_NUMBER.search(text)]
    if bad:
        fix = "Give numbers in that column, or make it one of text"
        raise InputError([Problem(where, "has cells in columns of numbers that are none", shown(bad, 3), fix)])
    rest = [text for text in messages if not _OF_GEOMETRY.search(text)]
    if rest:
        warnings.warn(f"{where}: read with a doubt of GDAL ({shown(rest, 3)}). Look at the file.", DataWarning, 4)
