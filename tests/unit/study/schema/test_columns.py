"""From a pandera model to an entry of the data dictionary: types, bounds, choices, headers, defaults."""

from __future__ import annotations

import pytest

from evsiting.study.schema.columns import Column, Model, field, records, table_entry


class Things(Model):
    """Things of a test."""

    thing: str = field("Thing", "Its code", str_length={"min_value": 1}, unique=True)
    mass_kg: float = field("Mass", "How heavy", unit="kg", label="mass", gt=0)
    share: float | None = field("Share", "A part", unit="1", ge=0, le=1, default=0.5, boundary="inside")
    years: int = field("Years", "How long", unit="yr", ge=1, lt=100)
    kind: str | None = field("Kind", "Which", isin=("a", "b"), default="a", of="kinds.kind")
    note: str | None = field("Note", "Words", nullable=True, lean=True)


TABLE = table_entry("things", Things, ("thing",), required=True)


@pytest.mark.parametrize(
    ("name", "dtype", "low", "high"),
    [
        ("thing", "text", "", ""),
        ("mass_kg", "number", "> 0", ""),
        ("share", "number", ">= 0", "<= 1"),
        ("years", "integer", ">= 1", "< 100"),
        ("kind", "text", "", ""),
    ],
)
def test_types_and_bounds(name: str, dtype: str, low: str, high: str) -> None:
    column = TABLE.column(name)
    assert (column.dtype, column.low, column.high) == (dtype, low, high)


def test_a_column_is_found_by_name_or_label() -> None:
    assert TABLE.column("mass") is TABLE.column("mass_kg")
    with pytest.raises(KeyError, match="table 'things' has no column 'weight'"):
        TABLE.column("weight")


def test_headers_carry_a_unit_where_one_can_be_converted() -> None:
    assert TABLE.column("mass_kg").header == "mass [kg]"
    assert TABLE.column("share").header == "share"  # a fraction has no other unit in its header
    assert TABLE.column("years").header == "years"


def test_what_may_be_left_out_and_what_it_means_then() -> None:
    facts = {c.name: (c.required, c.nullable, c.default, c.lean) for c in TABLE.columns}
    assert facts["mass_kg"] == (True, False, None, False)
    assert facts["share"] == (False, False, 0.5, False)
    assert facts["note"] == (False, True, None, True)


def test_the_rest_of_an_entry() -> None:
    assert TABLE.meaning == "Things of a test."
    assert TABLE.column("kind").choices == ("a", "b")
    assert TABLE.column("kind").of == "kinds.kind"
    assert TABLE.column("share").boundary == "inside"
    assert [c.name for c in TABLE.columns] == ["thing", "mass_kg", "share", "years", "kind", "note"]


def test_records_are_what_the_printed_dictionary_says() -> None:
    rows = {row["column"]: row for row in records([TABLE])}
    assert rows["mass_kg"]["range"] == "> 0"
    assert rows["share"]["range"] == ">= 0, <= 1"
    assert rows["kind"]["range"] == "a or b"
    assert (rows["mass_kg"]["required"], rows["share"]["required"]) == (True, False)
    assert rows["share"]["default"] == 0.5
    assert records([]) == []


def test_a_column_is_its_own_label_by_default() -> None:
    plain = Column("x", "x", "X", "", "", "text", True, False, None, "", "", (), "")
    assert (plain.header, plain.boundary, plain.lean) == ("x", "", False)
