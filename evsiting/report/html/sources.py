"""The appendix of sources: one row for each table and quality of figures, and below it every group of figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from evsiting.report.headline import join_words
from evsiting.report.html.credits import counted_words, span, years_of
from evsiting.report.number_format import digits, rows
from evsiting.study.lists import names_in
from evsiting.study.provenance import LISTING, row_keys
from evsiting.study.schema.tables import TABLES
from evsiting.study.study import Study

_QUALITY_ORDER = ("assumption", "imputed", "given", "derived", "sourced", "measured")
#: Titles of sources that are none.
_NO_SOURCE = frozenset(("", "-", "No page read states the value"))
_MOST_TITLES = 3
#: Longest note that stands for a source where there is none. [character]
_SHORT_NOTE = 120


@dataclass(frozen=True)
class Group:
    """Figures of one table and one quality.

    Parameters
    ----------
    table, quality : str
        What they share; the table as printed.
    columns : str
        Which figures: titles of columns.
    count : str
        How many.
    titles, years : str
        Their sources, the most frequent first, and the span of their years.
    entries : list of dict of str to str
        Every group of figures with values, source, year, licence and note.
    """

    table: str
    quality: str
    columns: str
    count: str
    titles: str
    years: str
    entries: list[dict[str, str]]


def sources(study: Study, listing: pd.DataFrame) -> tuple[list[Group], list[tuple[str, int]]]:
    """Return the figures by table and quality, assumptions first, and the number of figures of each quality.

    Parameters
    ----------
    study : Study
        The study.
    listing : pandas.DataFrame
        ``study.sources``.
    """
    rank = {q: n for n, q in enumerate(_QUALITY_ORDER)}
    frame = listing.assign(rank=listing["quality"].map(rank).fillna(len(rank)).astype(float))
    frame = frame.sort_values("rank", kind="stable")
    text = frame.astype(object).where(frame.notna(), "")
    tables = study.tables
    together: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in rows(text, *LISTING):
        entry = {k: str(v) for k, v in zip(LISTING, row, strict=True)}
        together.setdefault((entry["quality"], entry["table"]), []).append(
            _printed_group(entry, tables.get(entry["table"]))
        )
    groups = [_group(table, quality, entries) for (quality, table), entries in together.items()]
    counts = frame.assign(n=pd.to_numeric(frame["values"], errors="coerce").fillna(1)).groupby("quality")["n"].sum()
    return groups, [(q, int(counts[q])) for q in _QUALITY_ORDER if q in counts]


def _printed_group(entry: dict[str, str], frame: pd.DataFrame | None) -> dict[str, str]:
    """Return a group of figures as it is printed."""
    return {
        **entry,
        "figures": _range(frame, entry),
        "what": _title(entry),
        "where": "" if entry["rows"] in ("*", "") or entry["table"] == "parameters" else _rows(entry["rows"]),
        "title": "; ".join(_titles(entry["title"])),
        "licence": _short(entry["licence"]),
        "note": "; ".join(part for part in (entry["boundary"], entry["note"]) if part),
        "unit": ""
        if entry["unit"] == "1" or (entry["unit"] == "yr" and "year" in _title(entry).lower())
        else entry["unit"],
    }


def _group(table: str, quality: str, entries: list[dict[str, str]]) -> Group:
    titles: dict[str, int] = {}
    for entry in entries:
        for title in _titles(entry["title"]):
            titles[title] = titles.get(title, 0) + 1
    often = sorted(titles, key=lambda title: -titles[title])
    number = sum(int(entry["values"]) if entry["values"].isdigit() else 1 for entry in entries)
    notes = list(dict.fromkeys(entry["note"] for entry in entries))
    return Group(
        table=table.replace("_", " ").capitalize(),
        quality=quality,
        columns=join_words(list(dict.fromkeys(entry["what"] for entry in entries)), 8),
        count=counted_words(number, "figure"),
        titles=_few(often) if often else notes[0] if len(notes) == 1 and len(notes[0]) <= _SHORT_NOTE else "",
        years=span(years_of(entry["year"] for entry in entries)),
        entries=entries,
    )


def _few(titles: Sequence[str]) -> str:
    """Return the first titles and how many more there are."""
    more = len(titles) - _MOST_TITLES
    return "; ".join(titles[:_MOST_TITLES]) + (f"; and {more} more" if more > 0 else "")


def _titles(title: str) -> list[str]:
    """Return the sources of a group, without the word that there is none."""
    return [part for part in names_in([title]) if part not in _NO_SOURCE]


def _rows(keys: str) -> str:
    """Return which rows of a table a group is of: the first ones, and how many more."""
    return join_words([key.strip("|").replace("|", " · ") for key in keys.split(", ")], 6)


def _title(entry: dict[str, str]) -> str:
    """Return the printed name of a column; of a parameter its own."""
    if entry["table"] == "parameters" and entry["column"] == "value":
        return join_words([key.replace(".", " ").replace("_", " ") for key in entry["rows"].split(", ")], 3)
    try:
        return TABLES[entry["table"]].column(entry["column"]).title
    except KeyError:
        return entry["column"].replace("_", " ")


def _short(licences: str) -> str:
    """Return the licences once each, without empty ones."""
    return "; ".join(p for p in names_in([licences]) if p not in ("-", "the page keeps its own copyright"))


def _range(frame: pd.DataFrame | None, entry: dict[str, str]) -> str:
    """Return the figures of a group: the one that all share, or from the least to the largest."""
    count = counted_words(int(entry["values"]), "figure") if entry["values"].isdigit() else ""
    if frame is None or entry["column"] not in frame or not pd.api.types.is_numeric_dtype(frame[entry["column"]]):
        return count
    values = frame[entry["column"]]
    if entry["rows"] != "*":
        values = values[row_keys(entry["table"], frame).isin(entry["rows"].split(", ")).to_numpy()]
    values = values.dropna()
    if len(values) == 0 or str(len(values)) != entry["values"]:
        return count
    low, high = float(values.min()), float(values.max())
    if entry["unit"] == "yr":  # calendar years and lengths in years: no thousands are set apart
        return f"{low:.0f}" if low == high else f"{low:.0f} to {high:.0f}"
    return digits(low, 4) if low == high else f"{digits(low)} to {digits(high)}"
