"""Provenance: where each figure of a study comes from, by the most exact entry, and what nothing is known of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting import reference
from evsiting.errors import shown
from evsiting.study.canonical.cells import texts
from evsiting.study.lists import split_list
from evsiting.study.schema.tables import TABLES, Table
from evsiting.study.starter_tables import MADE_UP, still_made_up

__all__ = ["LISTED", "LISTING", "listing", "row_keys"]

#: Tables whose numbers are figures that want a source; periods are the question, not a figure.
LISTED = tuple(name for name in TABLES if name not in ("periods", "provenance", "sources"))

#: Columns of :func:`listing`, in order.
LISTING = [
    "table",
    "column",
    "unit",
    "rows",
    "values",
    "quality",
    "source",
    "title",
    "year",
    "boundary",
    "licence",
    "note",
]
#: Columns of text that are figures in their way: somebody has found them out.
_TEXTS = ("flags",)
#: What is said of a figure that took the place of one that was made up for the example, and names no source.
_OWN = "given in the study, without a source"
_FACTS = ["source", "year", "quality", "note", "boundary"]


def listing(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return every group of figures with where it comes from; ``assumption`` where nothing is known of it.

    An entry for a row and a column goes before one for the column, that before one for the row, and that before one
    for the table. Empty cells are not listed.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Checked tables, with ``provenance`` and ``sources`` if there are any.

    Returns
    -------
    pandas.DataFrame
        ``table``, ``column``, ``unit``; ``rows``: keys of the rows, ``*`` for all; ``values``: how many figures;
        ``quality``, ``source`` (ids), ``title``, ``year``, ``boundary``, ``licence``, ``note``. Assumptions come first.
    """
    entries = tables.get("provenance", pd.DataFrame(columns=[c.name for c in TABLES["provenance"].columns]))
    if "boundary" not in entries:
        entries = entries.assign(boundary="")
    entries = entries.astype(object).where(entries.notna(), "").reset_index(drop=True)
    kinds, facts = _kinds(entries)
    rows: list[dict[str, object]] = []
    for name in LISTED:
        if name in tables and len(tables[name]):
            mine = entries[entries["table"].isin([name, "*"])]
            rows.extend(_groups(TABLES[name], tables[name], mine, kinds, facts))
    rows.extend(
        {
            "table": "settings",
            "column": row["column"],
            "unit": "",
            "rows": row["row"],
            "values": 1,
            **{k: row[k] for k in _FACTS},
        }
        for row in entries[entries["table"] == "settings"].to_dict("records")
    )
    made = pd.DataFrame(rows, columns=[c for c in LISTING if c not in ("title", "licence")])
    books = _books(tables.get("sources"))
    made["title"] = [_look(source, books, 0) for source in made["source"]]
    made["licence"] = [_look(source, books, 1) for source in made["source"]]
    first = (made["quality"] != "assumption").astype(int)
    return made[LISTING].iloc[np.argsort(first.to_numpy(), kind="stable")].reset_index(drop=True)


def row_keys(table: str, frame: pd.DataFrame) -> pd.Series:
    """Return the key of each row as provenance names it: the key columns joined by ``|``, nothing for an empty one.

    A column that stands only where a study gives it is named only in rows where it is filled.

    Examples
    --------
    >>> row_keys("options", pd.DataFrame({"plant_type": ["cell"], "option": ["small"]})).tolist()
    ['cell|small']
    """
    what = TABLES[table]
    lean = [c for c in what.key if what.column(c).lean]
    first, *rest = (texts(frame[c]).fillna("") for c in what.key if c not in lean)
    out = first.str.cat(pd.DataFrame({k: part for k, part in enumerate(rest)}), sep="|") if rest else first
    for name in (c for c in lean if c in frame):
        some = frame[name].notna()
        out = out.where(~some, out + "|" + texts(frame[name]).fillna(""))
    return out


def _kinds(entries: pd.DataFrame) -> tuple[NDArray[np.int64], list[dict[str, object]]]:
    """Number the different provenances: the number of each entry, and what each number says.

    The last is "none", and the last but one that of figures that replaced those of the example.
    """
    tuples = list(entries[_FACTS].itertuples(index=False, name=None))
    unique = list(dict.fromkeys(tuples))
    number = {facts: k for k, facts in enumerate(unique)}
    facts = [dict(zip(_FACTS, u, strict=True)) for u in unique]
    unknown = {"source": "", "year": "", "quality": "assumption", "note": "", "boundary": ""}
    facts += [unknown | {"note": _OWN}, unknown]
    return np.array([number[t] for t in tuples], dtype=np.int64), facts


def _groups(
    table: Table, frame: pd.DataFrame, entries: pd.DataFrame, kinds: NDArray[np.int64], facts: list[dict[str, object]]
) -> Iterable[dict[str, object]]:
    """Return one record for each column of a table and each provenance in it."""
    by_row = entries[entries["row"] != "*"]
    keys = row_keys(table.name, frame) if len(by_row) else None
    for column in table.columns:
        if (column.dtype == "text" and column.name not in _TEXTS) or column.name not in frame:
            continue
        filled = frame[column.name].notna().to_numpy()
        if not filled.any():
            continue
        number = _numbers(column.name, len(frame), entries, by_row, keys, kinds)
        made_up = [k for k in np.unique(number[filled]).tolist() if k >= 0 and facts[k]["note"] == MADE_UP]
        if made_up:
            same = still_made_up(table.name, column.name, row_keys(table.name, frame), frame[column.name])
            number[np.isin(number, made_up) & ~same] = len(facts) - 2
        for kind in np.unique(number[filled]):
            these = filled & (number == kind)
            every = bool((these == filled).all())
            rows = "*" if every else _row_names(table, frame, these, keys)
            yield {
                "table": table.name,
                "column": column.name,
                "unit": column.unit,
                "rows": rows,
                "values": int(these.sum()),
                **facts[int(kind)],
                "boundary": facts[int(kind)]["boundary"] or column.boundary,
            }


def _numbers(
    column: str,
    size: int,
    entries: pd.DataFrame,
    by_row: pd.DataFrame,
    keys: pd.Series | None,
    kinds: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return for each row the number of the provenance that holds for it in a column; -1 where none does."""
    number = np.full(size, -1, dtype=np.int64)
    for name in ("*", column):  # the table or its row first, then the column or its row: what is more exact overwrites
        whole = entries[(entries["row"] == "*") & (entries["column"] == name)]
        some = by_row[by_row["column"] == name]
        if len(whole):
            number[:] = kinds[whole.index[-1]]
        if len(some) and keys is not None:
            matches = keys.map(dict(zip(some["row"], kinds[some.index], strict=True)))
            hit = matches.notna().to_numpy()
            number[hit] = matches.to_numpy()[hit].astype(np.int64)
    return number


def _row_names(table: Table, frame: pd.DataFrame, these: NDArray[np.bool_], keys: pd.Series | None) -> str:
    names = keys[these] if keys is not None else row_keys(table.name, frame[these])
    head = names.iloc[:5].tolist()
    return shown([*head, *([""] * (len(names) - len(head)))])


def _books(sources: pd.DataFrame | None) -> dict[str, tuple[str, str]]:
    """Return title and licence by source: the study's own before those of the package."""
    shipped = reference.sources().fillna("")
    books = {str(i): (str(t), str(c)) for i, t, c in shipped[["id", "title", "licence"]].itertuples(index=False)}
    if sources is not None:
        own = sources.astype(object).where(sources.notna(), "")
        books |= {str(i): (str(t), str(c)) for i, t, c in own[["id", "title", "licence"]].itertuples(index=False)}
    return books


def _look(source: object, books: Mapping[str, tuple[str, str]], part: int) -> str:
    return "; ".join(dict.fromkeys(books[i][part] for i in split_list(source) if i in books))
