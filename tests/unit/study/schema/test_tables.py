"""The data dictionary: every column has what pages, headers and checks need."""

from __future__ import annotations

import re

import pytest

from evsiting.study.schema.markdown import dictionary_markdown
from evsiting.study.schema.tables import TABLES, dictionary, table

COLUMNS = [(t, c) for t in TABLES.values() for c in t.columns]


@pytest.mark.parametrize(("entry", "column"), COLUMNS, ids=[f"{t.name}.{c.name}" for t, c in COLUMNS])
def test_every_column_has_title_meaning_and_unit(entry, column):
    assert column.title
    assert column.meaning
    assert bool(column.unit) == (column.dtype != "text") or column.name in ("value", "unit")
    if column.label != column.name and column.name != "penalty_usd_per_unit":  # its unit goes by the kind
        plain = [
            re.sub(r"[^a-z]", "", t.lower().replace("/", "per").replace("units", "unit").replace("fte", "job"))
            for t in (column.name, column.unit)
        ]
        assert plain[0].rstrip("s").endswith(plain[1]), "the name ends in the unit"
        assert column.name.startswith(f"{column.label}_"), "the label is the name without its unit"


def test_keys_and_references_exist():
    for entry in TABLES.values():
        names = {c.name for c in entry.columns}
        assert set(entry.key) <= names
        for column in entry.columns:
            if column.of:
                target, key = column.of.split(".")
                assert table(target).column(key)


def test_a_column_is_found_by_name_and_by_label():
    assert table("sites").column("wage") is table("sites").column("wage_usd_per_h")
    with pytest.raises(KeyError, match="no column 'wages'"):
        table("sites").column("wages")


def test_the_page_holds_every_table_and_column():
    page = dictionary_markdown()
    for row in dictionary():
        assert f"`{row['column']}`" in page
        assert f"# {row['table']}\n" in page
    assert "`wage [USD/h]`" in page
