"""Columns of Arrow tables as those of a study: whole numbers keep their digits, codes their letters."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from evsiting.study.canonical.headers import plain_label
from evsiting.study.findings import Findings, quoted
from evsiting.study.schema.tables import Table

__all__ = ["frame_of"]

#: Whole numbers from here on are kept as text, as codes are: a number of a spreadsheet would have lost their end.
_MOST_DIGITS = 10**15
#: Kinds of columns of bytes.
_BYTES = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary, pa.types.is_binary_view)


def frame_of(table: Table, made: pa.Table, where: str, findings: Findings) -> pd.DataFrame:
    """Return an Arrow table as a data frame whose index counts from zero.

    Whole numbers beside missing ones stay whole, very long ones become text with all their digits; single-precision
    numbers are read as they are shown, whole ones in full; bytes are read as UTF-8; lists and structures, which no cell
    of a study is, become JSON, and are told where the data dictionary wants one value; so are several columns of one
    name, of which the first is read.
    """
    made.validate(full=True)  # text that is none is found here, and not by whoever looks at it later
    twice = [name for name, many in Counter(made.column_names).items() if many > 1]
    if twice:
        findings.file(where, "has columns of the same name", quoted(twice), "Keep one of each")
    columns: dict[str, pd.Series] = {}
    for name, column in zip(made.column_names, made.columns, strict=True):
        kind = column.type
        if pa.types.is_dictionary(kind):
            column, kind = column.cast(kind.value_type), kind.value_type
        if pa.types.is_nested(kind):
            known = {n for c in table.columns for n in (c.name, c.label)}
            if plain_label(str(name)) in known:
                findings.table(
                    f"{where}, column {name!r}",
                    "holds lists or structures",
                    f"type {str(kind)[:60]}",
                    "Give one value in each cell; parts of a text are joined by ';'",
                )
        columns.setdefault(str(name), _series(column, kind))
    return pd.DataFrame(columns, index=range(made.num_rows))


def _series(column: Any, kind: Any) -> pd.Series:
    """Return one column with every value as it stands in the file."""
    if pa.types.is_integer(kind):
        if any(v is not None and abs(v) >= _MOST_DIGITS for v in pc.min_max(column).as_py().values()):
            return pd.Series([None if v is None else str(v) for v in column.to_pylist()], dtype=object)
        if not column.null_count:
            return pd.Series(column.to_numpy())
        return pd.Series(column.to_pylist(), dtype="UInt64" if pa.types.is_unsigned_integer(kind) else "Int64")
    if pa.types.is_float32(kind) or pa.types.is_float16(kind):
        values = column.to_numpy()
        exact, shown = values.astype(np.float64), values.astype("U").astype(np.float64)
        return pd.Series(np.where(exact == np.rint(exact), exact, shown))  # 0.1 is 0.1, not 0.10000000149
    if pa.types.is_floating(kind):
        return pd.Series(column.cast(pa.float64()).to_numpy())
    if pa.types.is_nested(kind):
        cells = [None if v is None else json.dumps(v, ensure_ascii=False, default=str) for v in column.to_pylist()]
        return pd.Series(cells, dtype=object)
    if any(is_bytes(kind) for is_bytes in _BYTES):
        return pd.Series([None if v is None else v.decode("utf-8") for v in column.to_pylist()], dtype=object)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pd.Series(column.to_pandas(), dtype="str")
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("us", kind.tz), safe=False)
    return pd.Series(column.to_pylist(), dtype=object)
