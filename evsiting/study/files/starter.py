"""The starter study of ``evsiting new``."""

from __future__ import annotations

import tempfile
from pathlib import Path
from shlex import quote

from evsiting.errors import InputError, Problem
from evsiting.files import entries, recover, replace_folder
from evsiting.study.files.read import read_study
from evsiting.study.files.write import write_study
from evsiting.study.schema.markdown import dictionary_markdown
from evsiting.study.settings import About, Settings
from evsiting.study.settings_file import rendered
from evsiting.study.starter_tables import MADE_UP, STARTER
from evsiting.study.study import Study

__all__ = ["new_study"]

#: Endings of files that are no study of this package's writing, though somebody may expect one.
_FILE_ENDINGS = (".csv", ".tsv", ".xls", ".xlsm", ".xlsb", ".ods", ".gpkg", ".geojson", ".json", ".toml", ".zip")


def new_study(folder: str | Path) -> Path:
    """Write a small starter study that solves as it stands, with a page that explains its tables.

    Every figure in it is an assumption to be replaced. Wages, power prices and grid factors are left empty: layers
    fill them from the package's reference data.

    Parameters
    ----------
    folder : str or pathlib.Path
        A new or empty folder, or the name of a new workbook that ends in ``.xlsx``.

    Returns
    -------
    pathlib.Path
        The folder or the workbook.

    Raises
    ------
    InputError
        If the folder exists and is not empty, the workbook exists, or the name is that of another kind of file.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as room:
    ...     names = sorted(path.name for path in new_study(Path(room) / "first").iterdir())
    >>> names[:3]
    ['README.md', 'bill_of_materials.csv', 'demand.csv']
    """
    target = Path(folder)
    recover(target)
    if target.suffix.lower() == ".xlsx" and not target.is_dir():
        return _new_workbook(target)
    if target.suffix.lower() in _FILE_ENDINGS and not target.is_dir():
        fix = "Give the name of a new folder, or of a workbook that ends in .xlsx"
        raise InputError([Problem(str(target), "is the name of a file", f"ending {target.suffix!r}", fix)])
    inside = entries(target) if target.is_dir() else []
    if target.is_file() or inside:
        content = "it is a file" if target.is_file() else f"it holds {inside[0]!r}"
        raise InputError([Problem(str(target), "is not empty", content, "Give the name of a new folder")])
    with replace_folder(target, last=["study.toml"]) as fresh:
        _fill(fresh, target.absolute().name)
        read_study(fresh)
    return target


def read_starter(name: str) -> Study:
    """Return the starter study as :func:`new_study` writes it, read once, without a folder of its own."""
    with tempfile.TemporaryDirectory() as room:
        _fill(Path(room), name)
        return read_study(room)


def _new_workbook(target: Path) -> Path:
    """Write the starter study as a workbook."""
    if target.exists():
        raise InputError([Problem(str(target), "is there already", "it is a file", "Give the name of a new workbook")])
    with tempfile.TemporaryDirectory() as room:
        folder = Path(room) / "new"
        folder.mkdir()
        _fill(folder, target.stem)
        return write_study(read_study(folder), target)


def _fill(folder: Path, name: str) -> None:
    settings = Settings(study=About(name=name or "First study"))
    head = "# What the study asks and how. Every key is shown with its meaning; a key left out takes its default.\n\n"
    files = {"study.toml": head + rendered(settings), "README.md": _readme(name)}
    files |= {f"{table}.csv": text.lstrip("\n") for table, text in STARTER.items()}
    rows = [f"{table},*,*,,,assumption,{MADE_UP}" for table in STARTER if table != "periods"]
    files["provenance.csv"] = "\n".join(["table,column,row,source,year,quality,note", *rows]) + "\n"
    for file, text in files.items():
        (folder / file).write_text(text, encoding="utf-8", newline="\n")


def _readme(name: str) -> str:
    return f"""# {name}

A study of `evsiting`. **Every figure in these tables is made up for the example: replace it**, and say in
`provenance.csv` and `sources.csv` where yours are from. Wages, power prices and grid factors are empty, so they are
taken from the package's reference data for the state or province of each site.

    evsiting check {quote(name)}       what is wrong with the tables, all at once
    evsiting solve {quote(name)}       the plan of least cost, with its proven gap

The tables are CSV in UTF-8 with decimal points. A header may carry its unit: `wage [CAD/h]`, `capex [MUSD2023]`,
`distance [mi]`, `min_load [%]`; the values are converted on reading. Tables with points have `lat` and `lon` in
degrees, or come as GeoPackage or GeoParquet in any coordinate reference system. What is asked, and how hard the solver
tries, stands in `study.toml`.

{dictionary_markdown(level=2)}"""
