"""Which cells of the input differ between two studies, table by table and row by row."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from evsiting.study.schema.tables import TABLES
from evsiting.study.study import Study

__all__ = ["DIFFERENCE_COLUMNS", "study_differences"]

#: Columns of a table of differences.
DIFFERENCE_COLUMNS = ("table", "row", "column", "change", "first", "second")
#: How a cell, or a whole row, differs.
CHANGED, ADDED, REMOVED = "changed", "only in the second", "only in the first"


def study_differences(first: Study, second: Study) -> pd.DataFrame:
    """Return every cell, row and setting in which two studies differ.

    Parameters
    ----------
    first, second : Study
        Of one kind: both as they were read, or both with their layers; tables that one of them lacks are empty.

    Returns
    -------
    pandas.DataFrame
        ``table``, in the order of the data dictionary, those that layers make last; ``settings`` for the settings.
        ``row``: its key, as ``site=Memphis``; the section of a setting. ``column``, empty for a whole row. ``change``:
        ``changed``, ``only in the first`` or ``only in the second``. ``first``, ``second``: the values, empty where
        there is none. Rows without a key of their own are compared as a whole.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> dearer = study.with_table("sites", study.sites.assign(fixed_usd_per_yr=1e6))
    >>> study_differences(study, dearer)[["table", "row", "column"]].head(1).values.tolist()
    [['sites', 'site=US-TN-memphis', 'fixed_usd_per_yr']]
    """
    differences = list(_settings(first, second))
    for name in sorted(TABLES, key=lambda name: TABLES[name].derived):
        differences += _table(name, _flat(first, name), _flat(second, name))
    return pd.DataFrame(differences, columns=list(DIFFERENCE_COLUMNS))


def _settings(first: Study, second: Study) -> Iterator[tuple[object, ...]]:
    """Yield the settings that differ; how hard to try is none of them."""
    one, other = (study.settings.model_dump(mode="json", exclude={"solve"}) for study in (first, second))
    for section in dict.fromkeys((*one, *other)):
        mine, theirs = (side.get(section) or {} for side in (one, other))
        for key in dict.fromkeys((*mine, *theirs)):
            if mine.get(key) != theirs.get(key):
                yield "settings", section, key, CHANGED, mine.get(key), theirs.get(key)


def _flat(study: Study, name: str) -> pd.DataFrame:
    """Return a table with its points as longitude and latitude."""
    frame = study.table(name)
    flat = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    if "geometry" in frame and len(frame):
        flat["lon"], flat["lat"] = frame.geometry.x.round(9), frame.geometry.y.round(9)
    return flat


def _table(name: str, first: pd.DataFrame, second: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    """Yield the cells and rows of a table that differ."""
    key = [column for column in TABLES[name].key if column in first or column in second]
    columns = list(dict.fromkeys((*first.columns, *second.columns)))
    first, second = (frame.reindex(columns=columns).set_axis(_keys(frame, key)) for frame in (first, second))
    for here, there, change in ((first, second, REMOVED), (second, first, ADDED)):
        for row in here.index.difference(there.index, sort=False):
            yield name, row, "", change, *((row, "") if change == REMOVED else ("", row))
    both = first.index.intersection(second.index, sort=False)
    one, other = first.loc[both], second.loc[both]
    cells = []
    for number, column in enumerate(columns):
        a, b = one[column], other[column]
        same = (a.astype(object) == b.astype(object)).to_numpy(np.bool_) | (a.isna() & b.isna()).to_numpy(np.bool_)
        values = (side.astype(object).where(side.notna(), "").tolist() for side in (a, b))
        for at, here, there in zip(range(len(both)), *values, strict=True):
            if not same[at]:
                cells.append((at, number, (name, both[at], column, CHANGED, here, there)))
    yield from (row for _, _, row in sorted(cells, key=lambda cell: cell[:2]))


def _keys(frame: pd.DataFrame, key: list[str]) -> pd.Index:
    """Return the key of every row as text: ``market=M1, product=vehicle``; empty parts are left out."""
    columns = [column for column in key if column in frame]
    texts = [
        ", ".join(f"{c}={v}" for c, v in zip(columns, values, strict=True) if not pd.isna(v))
        for values in frame[columns].itertuples(index=False, name=None)
    ]
    return pd.Index(texts, dtype=object)
