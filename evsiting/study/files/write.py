"""Write a study as a folder or a workbook that reads back the same; the old one stays until the new one is whole."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path
from typing import Literal

import geopandas as gpd
import pandas as pd

from evsiting.errors import InputError, Problem
from evsiting.files import entries, recover, replace_file, replace_folder
from evsiting.study.canonical.points import CRS
from evsiting.study.files.csv_tables import kind_of
from evsiting.study.files.folder import SETTINGS, is_study_file
from evsiting.study.files.geo_tables import free_column_names
from evsiting.study.files.own_columns import distinct_names, warn_of_renamed
from evsiting.study.files.xlsx.workbook import write_workbook
from evsiting.study.schema.tables import TABLES
from evsiting.study.settings_file import rendered
from evsiting.study.study import Study

__all__ = ["write_study"]

PointFormat = Literal["csv", "gpkg", "geoparquet"]


def write_study(study: Study, path: str | Path, *, points: PointFormat = "csv") -> Path:
    """Write a study into a folder, or into a workbook where the path ends in ``.xlsx``.

    What is written reads back with an equal digest. It takes its place when it is complete, so that a failure leaves
    the old study as it was. Other files in the folder stay.

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
    WriteError
        If it cannot be written, as on a full disk; what was there is as it was.

    Examples
    --------
    >>> import tempfile
    >>> from evsiting.study.files.read import read_study
    >>> from evsiting.study.files.starter import new_study
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     study = read_study(new_study(Path(folder) / "first"))
    ...     copy = read_study(write_study(study, Path(folder) / "copy.xlsx"))
    >>> copy == study
    True
    """
    target = Path(path)
    recover(target)
    if points not in ("csv", "gpkg", "geoparquet"):
        raise InputError([Problem("points", "is no format of points", repr(points), "Choose csv, gpkg or geoparquet")])
    if target.suffix.lower() == ".xlsx":
        _refuse_file(target)
        with replace_file(target) as fresh:
            write_workbook(fresh, study.settings, {n: _with_headers(n, f) for n, f in study.tables.items()})
        return target
    _refuse_folder(target)
    with replace_folder(target, last=[SETTINGS], stale=study_files) as folder:
        fill_study(folder, study, points=points)
    return target


def fill_study(folder: Path, study: Study, *, points: PointFormat = "csv") -> None:
    """Write the files of a study into an empty folder."""
    (folder / SETTINGS).write_text(rendered(study.settings), encoding="utf-8", newline="\n")
    for name, frame in study.tables.items():
        _write_table(folder, name, frame, points)


def study_files(folder: Path) -> list[str]:
    """Return the names of the files in a folder that belong to a study: its settings and tables in any format."""
    if not folder.is_dir():
        return []
    return [
        entry.name
        for entry in folder.iterdir()
        if is_study_file(entry) and (entry.is_symlink() or not entry.is_dir()) and not entry.name.startswith((".", "~"))
    ]


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
    content = entries(target) if target.is_dir() else []
    if content and not (target / SETTINGS).is_file():
        raise InputError(
            [
                Problem(
                    str(target),
                    "exists and is no study: it has no study.toml",
                    f"it holds {len(content)} entries, such as {content[0]!r}",
                    "Give an empty or a new folder",
                )
            ]
        )


def _with_headers(name: str, frame: pd.DataFrame, *, geometry: bool = False) -> pd.DataFrame:
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
        write_csv(folder / f"{name}.csv", _with_headers(name, frame))
        return
    shapes = gpd.GeoDataFrame(_with_headers(name, frame, geometry=True), geometry="geometry", crs=CRS)
    if points == "gpkg":
        file = folder / f"{name}.gpkg"
        # a GeoPackage takes two names for one where they differ by the case of their letters only
        names = distinct_names([str(c) for c in shapes.columns if c != "geometry"], ())
        shapes = shapes.rename(columns=names)
        warn_of_renamed(file.name, {old: new for old, new in names.items() if old != new})
        # names of its own for what GeoPackage adds, so that a user's columns fid and geom keep theirs
        options = free_column_names(map(str, shapes.columns), ours=True)
        shapes.to_file(file, layer=name, driver="GPKG", engine="pyogrio", layer_options=options)
    else:
        shapes.to_parquet(folder / f"{name}.geoparquet")


def write_csv(path: Path, frame: pd.DataFrame) -> None:
    """Write a table as CSV in UTF-8, numbers at full precision, empty cells empty."""
    with path.open("w", encoding="utf-8", newline="") as file:
        frame.to_csv(file, index=False, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
