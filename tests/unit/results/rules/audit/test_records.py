"""Cells of a study's tables as the second sum reads them."""

from __future__ import annotations

import pandas as pd

from evsiting.results.rules.audit.records import number, parts, records, text


def test_an_empty_cell_has_the_value_that_is_said() -> None:
    for empty in (None, float("nan"), pd.NA):
        assert number(empty, 3.0) == 3.0
        assert text(empty, "all") == "all"
        assert parts(empty) == ()
    assert number(0, 3.0) == 0.0
    assert text("", "all") == "all"


def test_rows_come_as_plain_values_in_the_order_of_the_columns_named() -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": ["x; y", None], "c": [0.5, 1.5]})
    assert [(c, parts(b)) for c, b in records(frame, "c", "b")] == [(0.5, ("x", "y")), (1.5, ())]
