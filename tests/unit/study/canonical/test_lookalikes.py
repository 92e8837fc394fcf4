"""Names that differ and look the same, and text read in another encoding than its own: told, and taken as it stands."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting.study.canonical.columns import read_column
from evsiting.study.canonical.lookalikes import names_alike, wrongly_decoded
from evsiting.study.findings import Findings
from evsiting.study.schema.tables import TABLES
from evsiting.study.settings import About, Settings
from evsiting.study.validation.tables import canonical_table


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("M-dallas", "M-Dallas", True),
        ("M-dallas", "M\u2011dallas", True),
        ("M-dallas", "M-dall\u0430s", True),
        ("M dallas", "M  dallas", True),
        ("\ufb01n", "fin", True),
        ("M-dallas", "M_dallas", False),
        ("M-1", "M-11", False),
        ("Montr\u00e9al", "Montreal", False),
    ],
)
def test_names_that_a_reader_takes_for_the_same(one: str, other: str, alike: bool) -> None:
    assert names_alike([one, "else", other]) == ([(one, other)] if alike else [])


@pytest.mark.parametrize("text", ["Bécancour", "Nuevo León", "Querétaro – El Marqués", "京都"])
def test_text_of_utf8_that_was_taken_for_another_encoding(text: str) -> None:
    assert wrongly_decoded(text) == ""
    seen = text.encode().decode("latin-1")
    assert wrongly_decoded(seen) == (text if any(c in seen for c in "ÂÃâÅÄ") else "")


def test_both_are_told_once_with_what_was_meant() -> None:
    table, found = TABLES["sites"], Findings()
    frame = pd.DataFrame({"site": ["S-a", "S-A", "S-b"], "lat": 35.1, "lon": -90.0})
    made = canonical_table(table, frame, Settings(study=About(name="x")), found)
    assert made["site"].tolist() == ["S-a", "S-A", "S-b"]
    assert [text for text in found.warnings if "names that look the same are different ones: 'S-a' and 'S-A'" in text]
    found = Findings()
    read_column(table, table.column("name"), pd.Series(["BÃ©cancour", "Silao", "BÃ©cancour"]), 1.0, found)
    assert len(found.warnings) == 1
    assert "'BÃ©cancour' for 'Bécancour'" in found.warnings[0]
