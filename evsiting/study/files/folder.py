"""Files of a study's folder: which holds which table, and a word on each that looks like one and is not read."""

from __future__ import annotations

import difflib
import stat
from collections.abc import Iterable
from pathlib import Path

from evsiting.errors import shown
from evsiting.study.files.geo_tables import ENDINGS
from evsiting.study.findings import Findings
from evsiting.study.schema.tables import TABLES

__all__ = ["SETTINGS", "STUDY_FOLDER", "is_study_file", "kind_of_file", "table_files"]

#: File of the settings.
SETTINGS = "study.toml"
#: Where the folder of a run holds the study that its plan answers.
STUDY_FOLDER = "study"
#: Endings of files that hold tables, and that are taken for one when they carry an unknown name.
TABULAR = {".csv", *ENDINGS}
#: Endings that people give to nothing but tables, and that are not read.
_TABLES_ELSEWHERE = {".tsv", ".tab", ".shp", ".fgb", ".feather", ".arrow", ".dbf"}
#: Endings that people give to tables and to other things, and that are not read.
_OTHER = {
    *_TABLES_ELSEWHERE,
    *(".xls", ".xlsx", ".xlsm", ".xlsb", ".ods", ".numbers", ".txt", ".dat", ".json", ".jsonl", ".geojsonl", ".kml"),
    *(".kmz", ".gml", ".gdb", ".gpx", ".html", ".xml", ".zip", ".gz", ".bz2", ".xz", ".zst", ".7z", ".orc", ".avro"),
    *(".sqlite", ".db", ".pkl", ".rds", ".sav", ".dta"),
}
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def kind_of_file(path: Path) -> str:
    """Return what a path leads to where that is no readable file: a folder, a pipe, a broken link.

    Empty for a regular file and where nothing stands.

    Examples
    --------
    >>> kind_of_file(Path("/"))
    'a folder'
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return f"a link to {str(path.readlink())!r}, which is not there" if path.is_symlink() else ""
    except OSError as error:
        return (
            f"a link that cannot be followed: {error.strerror}" if path.is_symlink() else str(error.strerror or error)
        )
    return next((name for test, name in _KINDS if test(mode)), "")


def table_files(folder: Path, findings: Findings) -> tuple[dict[str, list[Path]], set[str], list[str]]:
    """Return the files of each table, names of what cannot be read, and the names of all files.

    Parameters
    ----------
    folder : pathlib.Path
        The folder.
    findings : Findings
        Where problems go: a folder, a pipe or a link to nothing in the place of a file; files that look like tables
        and are none.

    Returns
    -------
    homes : dict of str to list of pathlib.Path
        Files of each table, in the order of the dictionary; several where the user gave several.
    unread : set of str
        Tables that are there but cannot be read, and ``study.toml`` where it cannot.
    names : list of str
        Of every file, for messages.
    """
    homes: dict[str, list[Path]] = {}
    unread: set[str] = set()
    names: list[str] = []
    folders: list[Path] = []
    for path in sorted(p for p in folder.iterdir() if not p.name.startswith((".", "~"))):
        kind = kind_of_file(path)
        name, ending = _parts(path)
        if kind == "a folder" and not (ending in TABULAR | _OTHER or path.name == SETTINGS):
            folders.append(path)
        elif kind and (path.name.lower() == SETTINGS or ending in TABULAR or name in TABLES):
            fix = "Put the file in its place, or take it out"
            findings.file(path.name, f"is no file but {kind}" if "link" not in kind else f"is {kind}", str(path), fix)
            unread.update({SETTINGS if path.name.lower() == SETTINGS else name} & {SETTINGS, *TABLES})
        elif not kind:
            names.append(path.name)
            if name in TABLES and ending in TABULAR:
                homes.setdefault(name, []).append(path)
            else:
                _warn_unread(path, findings)
    for path in folders:
        if path.name.lower() in TABLES and path.name.lower() not in homes:
            inside = [p.name for p in sorted(path.iterdir()) if p.suffix.lower() in TABULAR | _TABLES_ELSEWHERE]
            if inside:
                fix = f"Give the table as a file, {path.name.lower()}.csv or {path.name.lower()}.gpkg"
                findings.file(path.name, "is a folder of the name of a table", f"it holds {shown(inside)}", fix)
                unread.add(path.name.lower())
    return {name: homes[name] for name in TABLES if name in homes}, unread, names


def is_study_file(path: Path) -> bool:
    """Whether a file of a folder is taken for the settings or a table of a study."""
    name, ending = _parts(path)
    return path.name.lower() == SETTINGS or (name in TABLES and ending in TABULAR)


def _parts(path: Path) -> tuple[str, str]:
    """Return the name of a file as tables are named, and its ending in small letters."""
    whole = Path(path.name.strip().lower())
    return whole.stem.strip().replace(" ", "_"), whole.suffix


def _warn_unread(path: Path, findings: Findings) -> None:
    """Note a file that looks like a table and is none: by its ending, or by its name but for the ending."""
    name, ending = _parts(path)
    base = name.split(".")[0]
    near = difflib.get_close_matches(base, list(TABLES), n=1, cutoff=0.6 if ending in TABULAR else 0.8)
    if base in TABLES and (ending in _OTHER or not ending):
        findings.file(
            path.name,
            "has an ending that is not read",
            f"{path.name[len(base) :]!r}" if ending else "it has none",
            f"Save it as {base}.csv, {base}.gpkg or {base}.parquet; or put all tables into one .xlsx workbook",
        )
    elif ending in TABULAR | _TABLES_ELSEWHERE or (ending in _OTHER and near):
        better = ending if ending in TABULAR else ".csv"
        hint = f"Did you mean '{near[0]}{better}'? Rename it" if near else "Rename it"
        findings.file(
            path.name,
            "is no table of a study",
            f"the tables are {shown(TABLES, 20)}",
            f"{hint}, or move it out of the folder",
        )


def near_settings(names: Iterable[str]) -> str:
    """Return the name of a file that may be meant for the settings; empty where there is none."""
    return next(iter(difflib.get_close_matches(SETTINGS, list(names), n=1, cutoff=0.6)), "")
