"""Provenance of what layers fill in: rows of the tables ``provenance`` and ``sources``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from evsiting import reference
from evsiting.layers.base import Origin
from evsiting.study.lists import names_in
from evsiting.study.study import Study

COLUMNS = ["table", "column", "row", "source", "year", "quality", "note", "boundary"]
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
        "boundary": origin.boundary,
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
        alike = len(group[["source", "year", "quality", "note", "boundary"]].fillna("").drop_duplicates()) == 1
        whole = len(group) == size.get((str(key[0]), str(key[1])), -1)
        done.append(group.head(1).assign(row="*") if alike and whole and len(group) > 1 else group)
    return pd.concat(done, ignore_index=True) if done else pd.DataFrame(columns=COLUMNS)


def merged(old: pd.DataFrame, new: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return provenance with new rows; they replace old ones of the same key. Without a boundary, no such column."""
    frames = [_texts(frame) for frame in (old, *new) if len(frame)]
    if not frames:
        return pd.DataFrame(columns=COLUMNS)
    made = pd.concat(frames, ignore_index=True).drop_duplicates(KEY, keep="last").reset_index(drop=True)
    return made if (made["boundary"] != "").any() else made.drop(columns="boundary")


def with_sources(sources: pd.DataFrame, provenance: pd.DataFrame) -> pd.DataFrame:
    """Return ``sources`` with every package source that ``provenance`` cites; the study's own stay."""
    cited = set(names_in(provenance["source"]))
    known = reference.sources().rename(columns={"url_or_package": "address"})
    known["publisher"] = known["publisher"].replace("-", "")
    missing = known[known["id"].isin(cited - set(sources["id"]))]
    columns = ["id", "title", "publisher", "vintage", "address", "licence", "note"]
    if not len(missing):
        return sources
    fresh = missing.reindex(columns=columns)
    return pd.concat([sources, fresh], ignore_index=True) if len(sources) else fresh.reset_index(drop=True)


def partly(study: Study, origins: Mapping[str, Origin], made: pd.Series[bool]) -> pd.DataFrame:
    """Return provenance by row of columns of ``sites`` of which a layer makes some rows and keeps the others.

    Parameters
    ----------
    study : Study
        Before the layer.
    origins : mapping of str to Origin
        Column -> where its new figures come from.
    made : pandas.Series of bool
        Which rows of ``sites`` are new.
    """
    sites, old = study.sites["site"], _texts(study.provenance)
    rows = [origin_row("sites", column, code, origin) for column, origin in origins.items() for code in sites[made]]
    old = old[old["table"] == "sites"]
    stay = [
        entry | {"column": column, "row": code}
        for column in origins
        for named in ("*", column)  # what is more exact comes later and holds
        for entry in old[(old["column"] == named) & (old["row"] == "*")].to_dict("records")
        for code in sites[~made]
    ]
    exact = old[old["column"].isin(list(origins)) & old["row"].isin(sites[~made])]
    return pd.concat([pd.DataFrame([*stay, *rows], columns=COLUMNS), exact], ignore_index=True)


def _texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame's provenance columns as text, empty where missing."""
    flat = frame.reindex(columns=COLUMNS).astype(object)
    return flat.where(flat.notna(), "").astype(str)
