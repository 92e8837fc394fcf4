"""Read a table of ranges of figures."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from evsiting.errors import InputError, Problem, shown

__all__ = ["read_ranges_file"]

_COLUMNS = ("name", "table", "column", "rows", "period", "low", "high", "parameter", "note")


def read_ranges_file(path: str | Path) -> pd.DataFrame:
    """Return the ranges of a CSV file, for :func:`evsiting.tornado_cases` and :func:`evsiting.monte_carlo_cases`.

    Parameters
    ----------
    path : str or pathlib.Path
        The file; its columns are those of :func:`evsiting.tornado_cases`, and empty cells are left out.

    Raises
    ------
    InputError
        If there is no such table, or it has columns of another name.
    """
    file = Path(path).expanduser()
    fix = f"Give a CSV file with columns {', '.join(_COLUMNS)}"
    if not file.is_file():
        seen = "it is a folder" if file.is_dir() else "there is no such file"
        raise InputError([Problem(str(path), "is no table of ranges", seen, fix)])
    try:
        frame = pd.read_csv(file, encoding="utf-8-sig", skipinitialspace=True)
    except (ValueError, OSError) as error:  # parser and encoding errors are ValueErrors
        raise InputError([Problem(str(path), "cannot be read as a table", str(error).splitlines()[0], fix)]) from None
    frame = frame.rename(columns=lambda name: str(name).strip())
    unknown = [str(name) for name in frame.columns if name not in _COLUMNS]
    if unknown:
        raise InputError([Problem(str(path), "has columns of another name", shown(unknown), fix)])
    text = {name: frame[name].astype(object) for name in frame.columns if name not in ("low", "high")}
    made = frame.assign(**text).dropna(how="all").dropna(axis=1, how="all")
    if not len(made):
        raise InputError([Problem(str(path), "holds no range", "no row", fix)])
    return made.reset_index(drop=True)
