"""The user's own columns, carried into every export: renamed with a word where a format cannot hold their names."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from evsiting.errors import DataWarning, shown
from evsiting.study.schema.tables import TABLES
from evsiting.study.study import Study

__all__ = ["free_name", "own_columns", "distinct_names", "warn_of_renamed", "with_own"]


def own_columns(study: Study, table: str) -> list[str]:
    """Return the columns of a table that the data dictionary does not know, in their order."""
    known = {c.name for c in TABLES[table].columns} | ({"geometry"} if TABLES[table].geometry else set())
    return [str(c) for c in study.whole.table(table).columns if c not in known]


def free_name(name: str, taken: Iterable[str]) -> str:
    """Return a name that differs from those taken by more than the case of its letters.

    Examples
    --------
    >>> free_name("fid", []), free_name("Load_MW", ["load_mw"]), free_name("a", ["A", "a_own"])
    ('fid', 'Load_MW_own', 'a_own2')
    """
    used = {str(t).lower() for t in taken}
    candidates = (name, f"{name}_own", *(f"{name}_own{k}" for k in range(2, len(used) + 4)))
    return next(c for c in candidates if c.lower() not in used)


def distinct_names(columns: Sequence[str], taken: Iterable[str]) -> dict[str, str]:
    """Return the names that columns get beside those taken, where names must differ by more than their case.

    Examples
    --------
    >>> distinct_names(["Notes", "notes", "fid"], ["site"])
    {'Notes': 'Notes', 'notes': 'notes_own', 'fid': 'fid'}
    """
    used, made = list(taken), {}
    for column in columns:
        made[column] = free_name(column, used)
        used.append(made[column])
    return made


def with_own(
    frame: pd.DataFrame, study: Study, table: str, key: Sequence[str], renamed: dict[str, str]
) -> pd.DataFrame:
    """Return a frame with the user's own columns of a table, matched by its key, behind its columns.

    Parameters
    ----------
    frame : pandas.DataFrame
        With the columns of ``key``.
    study : Study
        With the user's columns, or without them as :attr:`Study.plain` is.
    table : str
        Table of the study that has the columns.
    key : sequence of str
        Columns that tell the rows of the table apart.
    renamed : dict of str to str
        Takes a note of each column that gets another name.
    """
    own = own_columns(study, table)
    if not own:
        return frame
    names = distinct_names(own, map(str, frame.columns))
    renamed |= {f"{table}.{column}": name for column, name in names.items() if name != column}
    own_cells = pd.DataFrame(study.whole.table(table))[[*key, *own]].rename(columns=names).drop_duplicates(list(key))
    joined = frame[list(key)].merge(own_cells, on=list(key), how="left", validate="m:1")
    joined.index = frame.index
    return frame.assign(**{name: joined[name] for name in names.values()})


def warn_of_renamed(file: str, renamed: Mapping[str, str]) -> None:
    """Warn of columns that have another name in a file."""
    if renamed:
        pairs = shown((f"{old!r} is {new!r}" for old, new in renamed.items()), 12)
        text = f"{file}: columns of your own have another name where theirs was taken: {pairs}"
        warnings.warn(text, DataWarning, stacklevel=3)
