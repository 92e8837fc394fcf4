"""Scenarios of the study of ten cities: tariffs and demand; chances and sizes are assumptions."""

from __future__ import annotations

import pandas as pd

from evsiting.shipped.book import Book

#: Name, chance and what happens.
FUTURES = (
    ("tariffs kept", 0.5, "the duties of today stay for the whole horizon: the base case"),
    ("tariffs lifted", 0.3, "the duties of Section 232 end before the plants open"),
    ("growth", 0.2, "the duties stay, and the maker sells three tenths more"),
)
#: What they change in the tables.
CHANGES = (
    ("tariffs lifted", "duties", "", "measure=Section 232", "drop", float("nan")),
    ("growth", "demand", "units_per_yr", "product=vehicle", "multiply", 1.3),
)


def scenarios(book: Book) -> dict[str, pd.DataFrame]:
    """Return tables ``scenarios`` and ``scenario_changes``, and write each figure down as an assumption."""
    for name, _, note in FUTURES:
        book.cite("scenarios", "probability", name, "", "", "assumption", f"an example of a chance: {note}")
    book.cite("scenario_changes", "value", "*", "", "", "assumption", "an example of a future, not a forecast")
    columns = ["scenario", "table", "column", "rows", "action", "value"]
    return {
        "scenarios": pd.DataFrame(FUTURES, columns=["scenario", "probability", "note"]),
        "scenario_changes": pd.DataFrame(CHANGES, columns=columns),
    }
