"""Write a study as a folder or a workbook that reads back the same; the old one stays until the new one is whole."""

from __future__ import annotations

import csv
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import geopandas as gpd
import pandas as pd

from evsiting.errors import InputError, Problem
from evsiting.study.points import CRS
from evsiting.study.study import Study
from evsiting.study.tables import TABLES
from evsiting.study.textfile import kind_of
from evsiting.study.toml import rendered
from evsiting.study.workbook import write_workbook

__all__ = ["write_study"]

PointFormat = Literal["csv", "gpkg", "geoparquet"]
_TABULAR = (".csv", ".gpkg", ".geojson", ".parquet", ".geoparquet")


def write_study(study: Study, path: str | Path, *, points: PointFormat = "csv") -> Path:
    """Write a study into a folder, or into a workbook where the path ends in ``.xlsx``.

    What is written reads back with an equal digest. It is made beside its place and then renamed, so that a failure
    leaves the old study as it was. Other files in the folder stay.

    Parameters
    ----------
    study : Study
        The study.
    path : str or pathlib.Path
        Folder or ``.xlsx`` file; an existing study is replaced, anything else is not.
    points : {"csv", "gpkg", "geoparquet"}
        Format of the tables with points in a folder; ``csv`` has columns ``lat`` and ``lon``.

    Returns
    -------
    pathlib.Path
        Where it was written.

    Raises
    ------
    InputError
        If the path holds something that is no study, or ``points`` is unknown.

    Examples
    --------
    >>> from evsiting.study.read import read_study
    >>> from evsiting.study.templates import new_study
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     study = read_study(new_study(Path(folder) / "first"))
    ...     copy = read_study(write_study(study, Path(folder) / "copy.xlsx"))
    >>> copy == study
    True
    """
    target = Path(path)
    if points not in ("csv", "gpkg", "geoparquet"):
        raise InputError([Problem("points", "is no format of points", repr(points), "Choose csv, gpkg or geoparquet")])
    if target.suffix.lower() == ".xlsx":
        _refuse_file(target)
        with _beside(target) as room:
            write_workbook(room / target.name, study.settings, {n: _headed(n, f) for n, f in study.tables.items()})
            (room / target.name).replace(target)
        return target
    _refuse_folder(target)
    with _beside(target) as room:
        fresh = room / "new"
        fresh.mkdir()
        (fresh / "study.toml").write_text(rendered(study.settings), encoding="utf-8", newline="\n")
        for name, frame in study.tables.items():
            _write_table(fresh, name, frame, points)
        _swap(fresh, target, room.with_name(f"{room.name}-old"))
    return target


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Give a temporary folder on the same disk as the target, gone afterwards."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent, ignore_cleanup_errors=True) as room:
        yield Path(room)


def _refuse_file(target: Path) -> None:
    if target.is_dir():
        raise InputError([Problem(str(target), "is a folder", "its name ends in .xlsx", "Give another name")])
    if target.exists() and not _is_study_workbook(target):
        raise InputError(
            [
                Problem(
                    str(target),
                    "exists and is no workbook of a study",
                    "it has no sheet 'settings'",
                    "Give another name, or remove the file first",
                )
            ]
        )


def _is_study_workbook(path: Path) -> bool:
    with path.open("rb") as file:
        if not kind_of(file.read(64)).startswith("a ZIP"):
            return False
    try:
        with zipfile.ZipFile(path) as archive:
            return b'name="settings"' in archive.read("xl/workbook.xml")
    except (zipfile.BadZipFile, KeyError):
        return False


def _refuse_folder(target: Path) -> None:
    if target.is_file():
        raise InputError(
            [
                Problem(
                    str(target),
                    "exists and is a file",
                    f"{target.stat().st_size:,} bytes",
                    "Give a folder, or a name that ends in .xlsx",
                )
            ]
        )
    if target.suffix.lower() in (".csv", ".xls", ".xlsm", ".ods", ".gpkg", ".zip", ".toml", ".json", ".parquet"):
        raise InputError(
            [
                Problem(
                    str(target),
                    "is neither a folder nor an .xlsx workbook",
                    f"ending {target.suffix!r}",
                    "Give a folder, or a name that ends in .xlsx",
                )
            ]
        )
    if target.is_dir() and any(target.iterdir()) and not (target / "study.toml").is_file():
        held = sorted(p.name for p in target.iterdir())
        raise InputError(
            [
                Problem(
                    str(target),
                    "exists and is no study: it has no study.toml",
                    f"it holds {len(held)} entries, such as {held[0]!r}",
                    "Give an empty or a new folder",
                )
            ]
        )


def _swap(fresh: Path, target: Path, old: Path) -> None:
    """Put the new folder in the place of the old one, and the user's other files into the new one.

    ``old`` is taken away only when everything else is done: whatever stops this halfway, no file is lost.
    """
    if not target.is_dir():
        fresh.rename(target)
        return
    target.rename(old)
    try:
        fresh.rename(target)
    except BaseException:
        old.rename(target)
        raise
    for entry in list(old.iterdir()):
        ours = entry.name == "study.toml" or (entry.suffix.lower() in _TABULAR and entry.stem.lower() in TABLES)
        if not ours and not (target / entry.name).exists():
            entry.rename(target / entry.name)
    shutil.rmtree(old, ignore_errors=True)


def _headed(name: str, frame: pd.DataFrame, *, geometry: bool = False) -> pd.DataFrame:
    """Return a table with headers as they are written, points as ``lat`` and ``lon`` unless they stay geometries."""
    table = TABLES[name]
    headers = {c.name: c.header for c in table.columns}
    if not table.geometry or geometry:
        return frame.rename(columns=headers)
    flat = pd.DataFrame(frame.drop(columns="geometry")).rename(columns=headers)
    where = list(flat.columns).index(headers[table.key[0]])
    flat.insert(where + 1, "lat", gpd.GeoSeries(frame["geometry"]).y)
    flat.insert(where + 2, "lon", gpd.GeoSeries(frame["geometry"]).x)
    return flat


def _write_table(folder: Path, name: str, frame: pd.DataFrame, points: PointFormat) -> None:
    if not TABLES[name].geometry or points == "csv":
        write_csv(folder / f"{name}.csv", _headed(name, frame))
        return
    shapes = gpd.GeoDataFrame(_headed(name, frame, geometry=True), geometry="geometry", crs=CRS)
    if points == "gpkg":
        # names of its own for what GeoPackage adds, so that a user's columns fid and geom keep theirs
        options = {"FID": "evsiting_fid", "GEOMETRY_NAME": "evsiting_point"}
        shapes.to_file(folder / f"{name}.gpkg", layer=name, driver="GPKG", engine="pyogrio", layer_options=options)
    else:
        shapes.to_parquet(folder / f"{name}.geoparquet")


def write_csv(path: Path, frame: pd.DataFrame) -> None:
    """Write a table as CSV in UTF-8, numbers at full precision, empty cells empty."""
    with path.open("w", encoding="utf-8", newline="") as file:
        frame.to_csv(file, index=False, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
