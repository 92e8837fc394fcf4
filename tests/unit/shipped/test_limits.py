"""Targets of the North American study: each is legal, and each number is written down as a choice."""

from __future__ import annotations

from evsiting.shipped.book import ProvenanceLog
from evsiting.shipped.limits import COLUMNS, LIMITS, limits
from evsiting.study.findings import Findings
from evsiting.study.validation.limits import check_limits
from tests.canonical import canonical, told


def test_limits_are_legal_as_they_stand() -> None:
    table = limits(ProvenanceLog(2025))
    assert list(table.columns) == list(COLUMNS)
    assert table["limit"].is_unique
    assert (table["at_least"].notna() ^ table["at_most"].notna()).all()
    findings = Findings()
    check_limits(canonical(limits=table), findings, ("sites", "products", "processes", "periods", "markets", "plants"))
    assert told(findings) == []


def test_every_number_is_an_assumption_of_the_scenario() -> None:
    book = ProvenanceLog(2025)
    table = limits(book).set_index("limit")
    notes = book.provenance()
    assert len(notes) == len(LIMITS)
    assert set(notes["quality"]) == {"assumption"}
    assert set(notes["source"]) == {"unsourced"}
    for row in notes.itertuples():
        assert table.loc[row.row, row.column] == table.loc[row.row, row.column]  # it is given
        assert row.note.startswith("a choice of the scenario: ")


def test_shares_are_fractions() -> None:
    table = limits(ProvenanceLog(2025))
    shares = table[table["kind"].str.endswith("share") | (table["kind"] == "concentration")]
    assert shares["at_least"].fillna(shares["at_most"]).between(0.0, 1.0).all()
    assert table.set_index("limit").loc["first budget", "at_most"] == 50e9
