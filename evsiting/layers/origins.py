"""Provenance of what layers fill in: rows of the tables ``provenance`` and ``sources``."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from evsiting import reference
from evsiting.layers.base import Origin

COLUMNS = ["table", "column", "row", "source", "year", "quality", "note"]
KEY = ["table", "column", "row"]
UNSOURCED = "unsourced"


def origin_row(table: str, column: str, row: str, origin: Origin) -> dict[str, str]:
    """Return one row of ``provenance``; an origin without a source is an assumption."""
    source = origin.source or UNSOURCED
    quality = origin.quality if origin.source else "assumption"
    return {
        "table": table,
        "column": column,
        "row": row,
        "source": source,
        "year": origin.year,
        "quality": quality,
        "note": origin.note,
    }


def grouped(rows: pd.DataFrame, size: dict[tuple[str, str], int]) -> pd.DataFrame:
    """Put one row ``*`` in place of the rows of a column that are all alike and fill the whole column.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of ``provenance``, one a cell.
    size : dict of (str, str) to int
        Cells of each column, by table and column.
    """
    done = []
    for key, group in rows.groupby(["table", "column"], sort=False):
        alike = len(group[["source", "year", "quality", "note"]].drop_duplicates()) == 1
        whole = len(group) == size.get((str(key[0]), str(key[1])), -1)
        done.append(group.head(1).assign(row="*") if alike and whole and len(group) > 1 else group)
    return pd.concat(done, ignore_index=True) if done else pd.DataFrame(columns=COLUMNS)


def merged(old: pd.DataFrame, new: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return provenance with new rows; they replace old ones of the same key."""
    frames = [_texts(frame) for frame in (old, *new) if len(frame)]
    if not frames:
        return pd.DataFrame(columns=COLUMNS)
    return pd.concat(frames, ignore_index=True).drop_duplicates(KEY, keep="last").reset_index(drop=True)


def with_sources(sources: pd.DataFrame, provenance: pd.DataFrame) -> pd.DataFrame:
    """Return ``sources`` with every package source that ``provenance`` cites; the study's own stay."""
    cited = {s for text in provenance["source"].dropna() for s in str(text).split(";") if s}
    known = reference.sources().rename(columns={"url_or_package": "address"})
    known["publisher"] = known["publisher"].replace("-", "")
    missing = known[known["id"].isin(cited - set(sources["id"]))]
    columns = ["id", "title", "publisher", "vintage", "address", "licence", "note"]
    if not len(missing):
        return sources
    fresh = missing.reindex(columns=columns)
    return pd.concat([sources, fresh], ignore_index=True) if len(sources) else fresh.reset_index(drop=True)


def _texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame's provenance columns as text, empty where missing."""
    flat = frame.reindex(columns=COLUMNS).astype(object)
    return flat.where(flat.notna(), "").astype(str)
