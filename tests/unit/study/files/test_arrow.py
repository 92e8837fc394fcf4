"""Columns of Arrow tables: digits, empty cells, bytes and lists as a user would read them."""

from __future__ import annotations

import datetime
import decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from evsiting.study.files.arrow import frame_of
from evsiting.study.findings import Findings
from evsiting.study.schema.tables import TABLES
from tests.canonical import told

TABLE = TABLES["sites"]


def read(column: pa.Array, name: str = "own") -> list[object]:
    findings = Findings()
    frame = frame_of(TABLE, pa.table({name: column}), "file", findings)
    assert not findings
    assert frame.index.tolist() == list(range(len(column)))
    return [None if v is None or v is pd.NA or v != v else v for v in frame[name].tolist()]


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        (pa.array([1, None, 3], pa.int8()), [1, None, 3]),
        (pa.array([None, None], pa.int64()), [None, None]),
        (pa.array([], pa.int64()), []),
        (pa.array([999_999_999_999_999, None]), [999_999_999_999_999, None]),
        (pa.array([10**15, None, -(10**15)]), ["1000000000000000", None, "-1000000000000000"]),
        (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
        (pa.array([0.1, None], pa.float32()), [0.1, None]),
        (pa.array([134_217_744.0], pa.float32()), [134_217_744.0]),  # numpy shows 134217740.0
        (pa.array(np.array([0.1, 65504.0], dtype=np.float16)), [0.1, 65504.0]),
        (pa.array([0.1, float("nan")], pa.float64()), [0.1, None]),
        (pa.array([True, None]), [True, None]),
        (pa.array(["007", None, "é"]), ["007", None, "é"]),
        (pa.array(["007", None]).dictionary_encode(), ["007", None]),
        (pa.array(["x"], pa.string_view()), ["x"]),
        (pa.array(["Querétaro".encode(), None]), ["Querétaro", None]),
        (pa.array([b"ab"], pa.binary(2)), ["ab"]),
        (pa.array([b"ab", None], pa.binary_view()), ["ab", None]),
        (pa.array([None], pa.null()), [None]),
        (pa.array([decimal.Decimal("1.10")]), [decimal.Decimal("1.10")]),
        (pa.array([datetime.date(2027, 1, 2)]), [datetime.date(2027, 1, 2)]),
        (pa.array([1_800_000_000_123_456_789], pa.timestamp("ns")), [datetime.datetime(2027, 1, 15, 8, 0, 0, 123456)]),
    ],
)
def test_cells_are_those_of_the_file(column: pa.Array, cells: list[object]) -> None:
    assert read(column) == cells


def test_lists_become_json_and_are_told_where_one_value_is_wanted() -> None:
    column = pa.array([["cell", "pästa"], None])
    assert read(column) == ['["cell", "pästa"]', None]
    findings = Findings()
    frame_of(TABLE, pa.table({"plant_types": column}), "sites.parquet", findings)
    (text,) = told(findings)
    assert text.startswith("sites.parquet, column 'plant_types': holds lists or structures (type list<")


def test_bytes_that_are_no_text_are_an_error_for_the_caller() -> None:
    with pytest.raises(UnicodeDecodeError):
        read(pa.array([b"\xff\xfe"]))


def test_columns_of_one_name_are_told_and_the_first_is_read() -> None:
    findings = Findings()
    made = pa.Table.from_arrays([pa.array([1]), pa.array([2]), pa.array([3])], names=["a", "b", "a"])
    frame = frame_of(TABLE, made, "sites.parquet", findings)
    assert frame.to_dict("list") == {"a": [1], "b": [2]}
    assert told(findings) == ["sites.parquet: has columns of the same name ('a'). Keep one of each."]
