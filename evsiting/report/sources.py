"""The table of sources: every group of figures with its values, quality, source and licence."""

from __future__ import annotations

import pandas as pd

from evsiting.report.frames import rows
from evsiting.report.numbers import digits
from evsiting.study.provenance import LISTING, row_keys
from evsiting.study.study import Study
from evsiting.study.tables import TABLES

_QUALITY_ORDER = ("assumption", "imputed", "given", "derived", "sourced", "measured")


def sources(study: Study, listing: pd.DataFrame) -> tuple[list[dict[str, str]], list[tuple[str, int]]]:
    """Return every group of figures with its source, assumptions first, and the number of figures of each quality.

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
    found = []
    for row in rows(text, *LISTING):
        entry = {k: str(v) for k, v in zip(LISTING, row, strict=True)}
        entry["figures"] = _range(tables.get(entry["table"]), entry)
        entry["what"] = _title(entry)
        entry["licence"] = _short(entry["licence"])
        entry["note"] = "; ".join(part for part in (entry["boundary"], entry["note"]) if part)
        entry["unit"] = "" if entry["unit"] == "1" else entry["unit"]
        found.append(entry)
    counts = frame.assign(n=pd.to_numeric(frame["values"], errors="coerce").fillna(1)).groupby("quality")["n"].sum()
    return found, [(q, int(counts[q])) for q in _QUALITY_ORDER if q in counts]


def _title(entry: dict[str, str]) -> str:
    """Return the printed name of a column."""
    try:
        return TABLES[entry["table"]].column(entry["column"]).title
    except KeyError:
        return entry["column"].replace("_", " ")


def _short(licences: str) -> str:
    """Return the licences once each, without empty ones."""
    parts = [p.strip() for p in licences.split(";")]
    return "; ".join(dict.fromkeys(p for p in parts if p and p not in ("-", "the page keeps its own copyright")))


def _range(frame: pd.DataFrame | None, entry: dict[str, str]) -> str:
    """Return the figures of a group: the one that all share, or from the least to the largest."""
    count = f"{entry['values']} figures"
    if frame is None or entry["column"] not in frame or not pd.api.types.is_numeric_dtype(frame[entry["column"]]):
        return count
    values = frame[entry["column"]]
    if entry["rows"] != "*":
        values = values[row_keys(entry["table"], frame).isin(entry["rows"].split(", ")).to_numpy()]
    values = values.dropna()
    if len(values) == 0 or str(len(values)) != entry["values"]:
        return count
    low, high = float(values.min()), float(values.max())
    return digits(low, 4) if low == high else f"{digits(low)} to {digits(high)}"
