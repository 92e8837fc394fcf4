"""Read a study from a folder or a workbook; every problem of every file is told at once, and nothing is written."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Any

import pandas as pd

from evsiting.errors import InputError, Problem, shown
from evsiting.files import recover
from evsiting.study.canonical.exchange_rates import rates_of
from evsiting.study.files.csv_tables import read_csv
from evsiting.study.files.file_types import OTHER_SHEETS
from evsiting.study.files.folder import SETTINGS, STUDY_FOLDER, kind_of_file, near_settings, table_files
from evsiting.study.files.geo_tables import read_geofile
from evsiting.study.files.xlsx.workbook import read_workbook
from evsiting.study.findings import Findings, Place, quoted
from evsiting.study.schema.tables import TABLES
from evsiting.study.settings_file import parsed, validated
from evsiting.study.size_limits import ceiling, higher
from evsiting.study.study import Study, as_checked
from evsiting.study.validation.tables import canonical_tables
from evsiting.units import Rates

__all__ = ["read_study"]


def read_study(path: str | Path) -> Study:
    """Read a study from a folder or from an ``.xlsx`` workbook.

    A folder holds ``study.toml`` and one file for each table: ``sites.csv``, ``sites.gpkg``, ``sites.geojson``,
    ``sites.parquet`` or ``sites.geoparquet``. A workbook holds a sheet ``settings`` and one sheet for each table.
    Headers may carry units (``wage [CAD/h]``); points are geometries, or columns ``lat`` and ``lon``.

    Cells of a workbook are read as they are shown: 0.4 formatted as percent is 40 under ``[%]``; a name that is merged
    down a column stands in each of its rows, with a warning; what a number format shows in another magnitude, currency
    or unit than the header says, years and codes in cells of dates, errors, and formulas that no program has computed
    are refused. Sheets of one's own are left alone, with a warning; ``About``, ``Readme``, ``Dictionary`` and
    ``Notes`` without one.

    Parameters
    ----------
    path : str or pathlib.Path
        The folder, or the workbook.

    Returns
    -------
    Study
        Checked, with defaults filled in and units converted.

    Raises
    ------
    InputError
        Listing every problem of every file, with file, column, rows and the way out.

    Notes
    -----
    How much is read is bounded by :data:`evsiting.study.size_limits.CEILINGS`, and looked at before a file is unpacked:
    500,000 rows of a table (3 million of lanes and incentives), 2,000 columns, 5 million cells of a workbook, 131,072
    characters of a cell. Who means more sets ``EVSITING_CEILINGS=4`` in the environment: four times as much is read.

    Examples
    --------
    >>> import tempfile
    >>> from evsiting.study.files.starter import new_study
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     study = read_study(new_study(Path(folder) / "first"))
    >>> study.settings.money.price_year
    2025
    """
    findings = Findings()
    place = _path(path)
    try:
        recover(place)
    except OSError as error:
        findings.file(
            str(path), "cannot be read", error.strerror or type(error).__name__, "Check the path and your rights"
        )
        findings.close()
    try:
        return _check_study(place, findings)
    except MemoryError:
        findings.file(
            str(path), "cannot be read", "there is not enough memory for it", "Give fewer rows, or less at once"
        )
        findings.close()
        raise


def _path(path: object) -> Path:
    """Return what a caller gave as a path."""
    if not isinstance(path, str | os.PathLike):
        fix = "Give the path of a folder or of a workbook"
        raise InputError([Problem("read_study, path", "is no path", f"a {type(path).__name__}", fix)])
    text = os.fsdecode(path)
    if "\x00" in text:
        raise InputError([Problem("read_study, path", "holds a zero byte", repr(text), "Check the path")])
    return Path(text)


def _check_study(path: Path, findings: Findings) -> Study:
    """Return the study of a folder or workbook; every problem goes to ``findings``, and is raised from there."""
    raw, tables, unread, where = _read(path, findings)
    settings, bad = validated(raw, where, findings) if raw is not None else (None, frozenset(("money",)))
    if settings is None:
        settings, _ = validated({"study": {"name": "unnamed"}}, where, Findings())
    if raw is not None or tables or unread - {SETTINGS}:
        rates = _AnyRates(settings.money.price_year, {}, {}) if "money" in bad else rates_of(settings.money)
        made = canonical_tables(settings, tables, findings, unread=unread - {SETTINGS}, rates=rates)
    findings.close()
    return as_checked(Study(settings, made))


class _AnyRates(Rates):
    """Stands in for rates that could not be read, so that their absence is not told twice."""

    def factor(self, currency: str, year: int | None) -> float:
        return 1.0


def _read(path: Path, findings: Findings) -> tuple[dict[str, Any] | None, dict[str, pd.DataFrame], set[str], str]:
    """Return raw settings, tables, names of tables that could not be read, and where the settings stand."""
    try:
        if path.is_dir():
            return (*_read_folder(path, findings), "study.toml")
        if path.name == "study.toml" and path.is_file():
            return (*_read_folder(path.parent, findings), "study.toml")
        if path.is_file():
            if path.suffix.lower() in (".xlsx", ".xlsm"):
                return (*read_workbook(path, findings), f"{path.name}, sheet 'settings'")
            kind = OTHER_SHEETS.get(path.suffix.lower())
            fix = (
                "Open it in a spreadsheet program and save it as .xlsx"
                if kind
                else ("Give the folder that holds study.toml, or a workbook")
            )
            seen = f"ending {path.suffix!r}{f': {kind}' if kind else ''}"
            findings.file(str(path), "is neither a folder nor an .xlsx workbook", seen, fix)
        elif kind := kind_of_file(path):
            findings.file(
                str(path), "is no study", f"it is {kind}", "Give the folder that holds study.toml, or a workbook"
            )
        else:
            _warn_lost(path, findings)
    except OSError as error:
        findings.file(str(path), "cannot be read", error.strerror or type(error).__name__, "Check that you may read it")
    return None, {}, set(), "study.toml"


def _warn_lost(path: Path, findings: Findings) -> None:
    parent = path.parent
    names = [p.name for p in parent.iterdir()] if parent.is_dir() else []
    near = difflib.get_close_matches(path.name, names, n=3, cutoff=0.5)
    studies = [n for n in names if (parent / n / "study.toml").is_file() or n.lower().endswith(".xlsx")]
    seen = (
        f"{parent if str(parent) != '.' else 'this folder'} holds {shown(studies or names) or 'nothing'}"
        if parent.is_dir()
        else (f"there is no folder {str(parent)!r} either")
    )
    findings.file(
        str(path),
        "does not exist",
        seen,
        f"Did you mean {' or '.join(repr(n) for n in near)}? Give the path of a study"
        if near
        else "Make a first study with: evsiting new FOLDER",
    )


def _read_folder(folder: Path, findings: Findings) -> tuple[dict[str, Any] | None, dict[str, pd.DataFrame], set[str]]:
    if inner := _study_within(folder):
        fix = f"Give {inner}"
        findings.file(f"folder {folder.name!r}", f"has no {SETTINGS} but a folder with one", inner.name, fix)
        return None, {}, {SETTINGS}
    homes, unread, names = table_files(folder, findings)
    raw = None if SETTINGS in unread else _settings(folder, names, findings)
    tables: dict[str, pd.DataFrame] = {}
    for name, paths in homes.items():
        if len(paths) > 1:
            findings.file(
                f"folder {folder.name!r}",
                f"has {len(paths)} files for table {name}",
                quoted(p.name for p in paths),
                "Keep one of them",
            )
            unread.add(name)
            continue
        frame = _table(paths[0], name, findings)
        if frame is None:
            unread.add(name)
            continue
        tables[name] = frame
        noun, first = ("row", 2) if paths[0].suffix.lower() == ".csv" else ("feature", 1)
        findings.places = {**findings.places, name: Place(paths[0].name, first, noun)}
    return raw, tables, unread


def _study_within(folder: Path) -> Path | None:
    """Return the study in a folder that is none itself, such as that of a run; None where there is none."""
    if (folder / SETTINGS).exists() or not (folder / STUDY_FOLDER / SETTINGS).is_file():
        return None
    return folder / STUDY_FOLDER


def _settings(folder: Path, names: list[str], findings: Findings) -> dict[str, Any] | None:
    path = folder / SETTINGS
    if not path.is_file():
        near = near_settings(names)
        hint = f"Did you mean {near!r}? Rename it, or add" if near else "Add"
        findings.file(
            f"folder {folder.name!r}",
            "has no study.toml",
            f"files: {shown(names) or 'none'}",
            f'{hint} one with at least [study] and name = "..."',
        )
        return None
    size, most = path.stat().st_size, ceiling("settings")
    if size > most:
        fix = f"Give the settings of a study, {higher(size, most)}"
        findings.file("study.toml", "is too large to be settings", f"{size:,} bytes; at most {most:,} are read", fix)
        return None
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        findings.file(
            "study.toml",
            "is not text in UTF-8",
            f"byte {error.object[error.start : error.start + 1]!r} in line {line}",
            "Save it as UTF-8",
        )
        return None
    except OSError as error:
        seen = error.strerror or type(error).__name__
        findings.file("study.toml", "cannot be read", seen, "Check that you may read it")
        return None
    return parsed(text, SETTINGS, findings)


def _table(path: Path, name: str, findings: Findings) -> pd.DataFrame | None:
    try:
        if path.suffix.lower() == ".csv":
            return read_csv(path, TABLES[name], findings)
        return read_geofile(path, TABLES[name], findings)
    except OSError as error:
        findings.file(path.name, "cannot be read", error.strerror or type(error).__name__, "Check that you may read it")
        return None
