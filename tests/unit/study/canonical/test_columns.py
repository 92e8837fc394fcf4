"""Columns that hold nothing to mend and nothing to tell are read a fast way: what comes out must be the same."""

import math

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_series_equal

from evsiting.study.canonical import cells, columns
from evsiting.study.findings import Findings
from evsiting.study.schema.tables import TABLES

NUMBERS = {
    "whole": [1, 2000, 30],
    "parts": [0.5, 1.0, 2026.25],
    "gaps": [0.5, math.nan, 2026.0],
    "no figure": [math.nan, math.nan],
    "low": [-1.0, -0.0, 0.0],
    **{f"bound {bound}": [bound] for bound in (0.0, 1.0, 3.0, 10.0, 60.0, 100.0, 1000.0, 1990.0, 2150.0)},
    "half a year": [2026.5, 2027.0],
    "high": [1e9, 2151.0],
    "without limit": [math.inf, 1.0],
    "text": ["1.5", "", " 7 "],
    "no numbers": ["1,5", "12 000", "n/a", "true"],
    "objects": [1, None, 2.5],
    "truth": [True, False],
    "none": [],
}
TEXTS = {
    "plain": ["a", "memphis", "cell; pack"],
    "codes": ["US", "CA", "MX"],
    "small codes": ["us", "Ca", "US-TN"],
    "gaps": ["a", None, "", math.nan],
    "ends": [" a", "b ", "\tc"],
    "lines": ["a\r\nb", "a\nb", "a\rb"],
    "control": ["a\x00b", "a\x1fb", "a\ufffeb"],
    "beyond": ["São Paulo", "a\u00a0", "\u2003b", "ŉ", "ı"],
    "spaces": ["  ", "a b"],
    "numbers": [7.0, 7.5, 12, True],
    "ramps": ["0.5;1", "0.5; .75 ;1.", "0.5,1"],
    "none": [],
}
ALL = [(table, column) for table in TABLES.values() for column in table.columns]


def rules(table, column):
    checks = [(check.name, str(check.statistics)) for check in table.schema.columns[column.name].checks]
    return column.dtype, column.nullable, column.default, column.choices, str(checks)


#: One column of each set of rules.
COLUMNS = list({rules(*entry): entry for entry in reversed(ALL)}.values())[::-1]


def read(table, column, raw, scale):
    found = Findings()
    return columns.read_column(table, column, raw, scale, found), found


def both_ways(monkeypatch, table, column, raw, scale=1.0):
    """Read a column as it is read, and without the fast way."""
    quick = read(table, column, raw.copy(), scale)
    with monkeypatch.context() as patch:
        for name in ("_good_texts", "_good_numbers"):
            patch.setattr(columns, name, lambda *_: None)
        patch.setattr(cells, "distinct_texts", lambda _: None)
        slow = read(table, column, raw.copy(), scale)
    return quick, slow


def frames(column):
    """Return cells of every kind, and choices of the column itself as written and as misspelt."""
    pools = {**TEXTS, "choices": list(column.choices), "shouted": [c.title() for c in column.choices]}
    pools = NUMBERS | {"words": ["a", "b"]} if column.dtype != "text" else pools
    for name, values in pools.items():
        raw = pd.Series(values, dtype=object, index=range(3, 3 + len(values)))
        yield name, raw
        if name not in ("objects", "truth", "numbers"):
            kind = "float64" if column.dtype != "text" and all(isinstance(v, float | int) for v in values) else "str"
            yield f"{name} as {kind}", raw.astype(kind)


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=[f"{t.name}.{c.name}" for t, c in COLUMNS])
def test_the_fast_way_reads_what_the_other_reads(monkeypatch, table, column):
    good = 0
    for name, raw in frames(column):
        quick, slow = both_ways(monkeypatch, table, column, raw)
        assert_series_equal(quick[0], slow[0], check_names=False, obj=name)
        assert quick[1].problems == slow[1].problems, name
        good += not quick[1].problems
    assert good > 1  # empty ones are always good


@pytest.mark.parametrize("scale", [0.001, -0.0, np.array([1.0, 1000.0, math.nan])])
def test_the_fast_way_converts_as_the_other_does(monkeypatch, scale):
    table = TABLES["options"]
    raw = pd.Series([0.0, 4.0, -5.0])
    for name in ("capex_usd", "min_load"):
        quick, slow = both_ways(monkeypatch, table, table.column(name), raw, scale)
        assert_series_equal(quick[0], slow[0], check_names=False)
        assert quick[1].problems == slow[1].problems


def test_every_check_of_the_dictionary_is_known_to_the_fast_way():
    for table, column in ALL:
        for check in table.schema.columns[column.name].checks:
            assert check.name in {"isin", "str_matches", "str_length", *columns._SIDES}, f"{table.name}.{column.name}"
