"""Provenance of layers: rows alike become one, new ones replace old ones, and sources that are cited are there."""

from __future__ import annotations

import pandas as pd

from evsiting.layers.base import Origin
from evsiting.layers.provenance import COLUMNS, grouped, merged, origin_row, with_sources


def _rows(*cells: tuple[str, str, str]) -> pd.DataFrame:
    """Return rows of table sites: column, row, source."""
    return pd.DataFrame([origin_row("sites", c, r, Origin(s, "2025", "sourced")) for c, r, s in cells])


def test_an_origin_without_a_source_is_an_assumption() -> None:
    row = origin_row("sites", "wage", "a", Origin("", "2025", "sourced", note="guessed"))
    assert (row["source"], row["quality"], row["note"]) == ("unsourced", "assumption", "guessed")


def test_rows_that_are_alike_and_fill_a_column_become_one() -> None:
    rows = _rows(("wage", "a", "bls"), ("wage", "b", "bls"), ("tax", "a", "irs"), ("tax", "b", "sat"))
    made = grouped(rows, {("sites", "wage"): 2, ("sites", "tax"): 2})
    assert made[["column", "row"]].to_numpy().tolist() == [["wage", "*"], ["tax", "a"], ["tax", "b"]]


def test_a_part_of_a_column_stays_by_row() -> None:
    rows = _rows(("wage", "a", "bls"), ("wage", "b", "bls"))
    assert grouped(rows, {("sites", "wage"): 3})["row"].tolist() == ["a", "b"]
    assert grouped(pd.DataFrame(columns=COLUMNS), {}).empty


def test_a_new_row_replaces_the_old_one_of_its_key() -> None:
    old, new = _rows(("wage", "a", "bls"), ("wage", "b", "bls")), _rows(("wage", "b", "imss"))
    made = merged(old, [new]).set_index("row")["source"]
    assert made.to_dict() == {"a": "bls", "b": "imss"}
    assert "boundary" not in merged(old, [new])


def test_cited_sources_of_the_package_are_added_and_own_ones_stay() -> None:
    own = pd.DataFrame({"id": ["bls_oews_2025"], "title": ["my own title"]})
    cited = _rows(("wage", "a", "bls_oews_2025"), ("wage", "b", "geonames"), ("wage", "c", "mine"))
    made = with_sources(own, cited).set_index("id")["title"]
    assert made["bls_oews_2025"] == "my own title"
    assert made.index.tolist() == ["bls_oews_2025", "geonames"]
