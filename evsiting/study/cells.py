"""Cells of a table: text stays text, numbers become numbers, what is neither is told with its row."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from evsiting.study.findings import Findings, count
from evsiting.study.headers import Scale
from evsiting.study.tables import Column, Table
from evsiting.study.trade_tables import COUNTRY_CODE

_DECIMAL_COMMA = re.compile(r"[+-]?\d{1,3}(?:[. ]\d{3})*,\d+|[+-]?\d+,\d+")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:[\s'’_]\d{3})+(?:[.,]\d+)?")
_CANONICAL = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?")
#: Whole numbers that a floating-point number still tells apart.
_MOST_EXACT = 2**53
#: Bounds of the dictionary: how a value is compared, and with which figure of the check.
_SIDES: dict[str, tuple[Callable[..., Any], str]] = {
    "greater_than": (operator.gt, "min_value"),
    "greater_than_or_equal_to": (operator.ge, "min_value"),
    "less_than": (operator.lt, "max_value"),
    "less_than_or_equal_to": (operator.le, "max_value"),
}
#: Characters that no text file or workbook can hold.
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{fffe}\x{ffff}]"


def texts(raw: pd.Series) -> pd.Series:
    """Return a column of text: ends trimmed, empty cells missing, whole numbers without a decimal point.

    Examples
    --------
    >>> texts(pd.Series([" a ", 7.0, "", None, "007"], dtype=object)).tolist()
    ['a', '7', nan, nan, '007']
    """
    plain = _as_text(raw)
    if _distinct(plain) is None:
        plain = plain.str.replace("\r\n", "\n", regex=False).str.replace("\r", "\n", regex=False).str.strip()
    return plain.mask(plain == "")


def _as_text(raw: pd.Series) -> pd.Series:
    """Return cells as text, as they are written."""
    if isinstance(raw.dtype, pd.StringDtype):
        return raw.astype("str")
    return pd.Series([_text(v) for v in raw.tolist()], index=raw.index, dtype="str")


def _distinct(plain: pd.Series) -> set[str] | None:
    """Return the texts of a column, each once, if none has ends to trim or characters to tell of; else None."""
    seen = {v for v in set(plain.tolist()) if isinstance(v, str)}
    return seen if all(v.isprintable() and v[:1] != " " and v[-1:] != " " for v in seen) else None


def _text(value: object) -> str | None:
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, str):
        return value if value.isascii() else re.sub("[\ud800-\udfff]", "\uffff", value)
    if isinstance(value, bool | np.bool_):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float | np.floating):
        number = float(value)
        if math.isnan(number):
            return None
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
    if hasattr(value, "isoformat"):
        return str(value.isoformat()).removesuffix("T00:00:00")
    return str(value)


def numbers(raw: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return a column of numbers, and which of its cells hold something that is no finite number.

    Examples
    --------
    >>> numbers(pd.Series(["1.5", "", "many"]))[1].tolist()
    [False, False, True]
    """
    if types.is_numeric_dtype(raw.dtype) and not types.is_bool_dtype(raw.dtype):
        values = (
            raw.astype("Float64").astype("float64")
            if types.is_extension_array_dtype(raw.dtype)
            else raw.astype("float64")
        )
        return values, pd.Series(np.isinf(values.to_numpy()), index=raw.index)
    cells = raw.tolist()
    plain = _plain_numbers(cells)
    if plain is not None:
        return pd.Series(plain, index=raw.index), pd.Series(False, index=raw.index)
    read = [_number(v) for v in cells]
    wrong = pd.Series([v is None or math.isinf(v) for v in read], index=raw.index, dtype=bool)
    series = pd.Series([math.nan if v is None else v for v in read], index=raw.index, dtype=np.float64)
    return series.mask(wrong), wrong


def _plain_numbers(cells: list[Any]) -> NDArray[np.float64] | None:
    """Return text cells as numbers if all of them are, the fast way; None where one needs a closer look."""
    try:
        values = np.array([float(v) if v else math.nan for v in cells], dtype=np.float64)
    except (TypeError, ValueError):
        return None
    odd = ~np.isfinite(values)
    plain = all(isinstance(v, str) for v in cells) and not any("_" in v for v in cells)
    return values if plain and not any(cells[k] for k in np.flatnonzero(odd)) else None


def _number(value: Any) -> float | None:
    """Return a cell as a number, NaN where it is empty, None where it is no number."""
    if value is None or value is pd.NA:
        return math.nan
    if isinstance(value, str):
        text = value.strip()
        if not text:
            return math.nan
        try:
            made = float(text)
        except ValueError:
            return None
        return made if math.isfinite(made) and "_" not in text else None
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
        return None if not hasattr(value, "as_tuple") else float(value)
    return float(value)


def _long(text: str) -> bool:
    """Whether a text is a whole number whose last digits a floating-point number would lose."""
    return text.lstrip("-").isdigit() and (len(text) > 18 or abs(int(text)) > _MOST_EXACT)


def inferred(raw: pd.Series) -> pd.Series:
    """Return a column that the dictionary does not know: numbers where every cell is plainly one, else text.

    ``007`` and ``+1`` are text; so a code keeps its zeros. So are whole numbers of more digits than a number holds.
    """
    if types.is_integer_dtype(raw.dtype) and raw.notna().any() and int(raw.abs().max()) > _MOST_EXACT:
        return texts(raw.astype(object))
    if types.is_numeric_dtype(raw.dtype) and not types.is_bool_dtype(raw.dtype):
        return numbers(raw)[0]
    text = texts(raw)
    filled = text.dropna()
    if len(filled) and all(_CANONICAL.fullmatch(v) and not _long(v) for v in filled.tolist()):
        return numbers(text)[0]
    return text


def read_column(table: Table, column: Column, raw: pd.Series, scale: Scale, found: Findings) -> pd.Series:
    """Return one column of the dictionary, converted and with defaults; note every cell that breaks its rules."""
    checks = table.schema.columns[column.name].checks
    good = _good_texts(column, checks, raw) if column.dtype == "text" else _good_numbers(column, checks, raw, scale)
    if good is not None:
        return good
    where = found.where(table.name, column.name)
    if column.dtype == "text":
        values = _written_alike(table, column, texts(raw))
        odd = values.str.contains(_CONTROL, regex=True, na=False)
        if odd.any():
            found.table(
                where,
                f"{count(int(odd.sum()), len(raw))} text with a control character",
                found.rows(table.name, values[odd]),
                "Remove it",
            )
    else:
        values, wrong = numbers(raw)
        if wrong.any():
            _tell_wrong(table, column, raw[wrong], len(raw), found)
            raw = raw.mask(wrong)
        values = values * scale + 0.0  # minus zero is zero
    empty = values.isna()
    if isinstance(column.default, str | int | float):
        values = values.fillna(column.default)
    elif not column.nullable and empty.any():
        blank = empty if column.dtype == "text" else empty & ~wrong
        if blank.any():
            found.table(
                where,
                f"{count(int(blank.sum()), len(raw))} empty",
                _blank(table, raw[blank], found),
                f"Give the {column.title.lower()}{f' in {column.unit}' if len(column.unit) > 1 else ''}",
            )
    _tell_rules(table, column, raw, values, scale, found)
    if column.dtype == "integer" and not values.isna().any() and (values % 1 == 0).all():
        values = values.astype("int64")
    return values


def _good_texts(column: Column, checks: list[Any], raw: pd.Series) -> pd.Series | None:
    """Return a column of text that has nothing to mend and nothing to tell, the fast way; None where one may have."""
    values = _as_text(raw)
    seen = _distinct(values)
    if seen is None:
        return None
    if "" in seen:
        values = values.mask(values == "")
        seen.remove("")
    if (column.default is not None or not column.nullable) and values.isna().any():
        if not isinstance(column.default, str):
            return None
        values = values.fillna(column.default)
        seen.add(column.default)
    return values if all(_texts_hold(check, seen) for check in checks) else None


def _texts_hold(check: Any, seen: set[str]) -> bool:
    """Whether texts surely pass a check of the dictionary; False where the check itself must say."""
    told = check.statistics
    if check.name == "isin":
        return seen <= set(told["allowed_values"])
    if check.name == "str_matches":
        return all(re.match(told["pattern"], v) for v in seen)
    plain = check.name == "str_length" and told["max_value"] is None and told["exact_value"] is None
    return plain and all(len(v) >= told["min_value"] for v in seen)


def _good_numbers(column: Column, checks: list[Any], raw: pd.Series, scale: Scale) -> pd.Series | None:
    """Return a column of numbers as :func:`_good_texts` does one of text."""
    if isinstance(raw.dtype, np.dtype) and raw.dtype.kind in "iuf":
        cells = raw.to_numpy(np.float64)
        if np.isinf(cells).any():
            return None
    else:
        read, wrong = numbers(raw)
        if wrong.any():
            return None
        cells = read.to_numpy(np.float64)
    values = cells * scale + 0.0  # minus zero is zero
    filled = values
    empty = np.isnan(values)
    if empty.any():
        if isinstance(column.default, int | float):
            values[empty] = column.default
        elif column.nullable:
            filled = values[~empty]
        else:
            return None
    if column.dtype == "integer":
        if (filled % 1 != 0).any():
            return None
        values = values.astype(np.int64) if len(filled) == len(values) else values
    return pd.Series(values, index=raw.index) if all(_numbers_hold(check, filled) for check in checks) else None


def _numbers_hold(check: Any, values: NDArray[np.float64]) -> bool:
    """Whether numbers surely pass a check of the dictionary; False where the check itself must say."""
    side = _SIDES.get(check.name)
    return side is not None and bool(side[0](values, check.statistics[side[1]]).all())


def _written_alike(table: Table, column: Column, values: pd.Series) -> pd.Series:
    """Return choices and country codes in the case of the dictionary: ``us`` is US, ``Candidate`` is candidate."""
    if column.choices:
        alike = {choice.lower(): choice for choice in column.choices}
        return values.map(lambda v: alike.get(v.lower(), v), na_action="ignore").astype("str")
    if any(_of_country(check) for check in table.schema.columns[column.name].checks):
        return values.str.upper()
    return values


def _of_country(check: Any) -> bool:
    return bool(check.name == "str_matches" and check.statistics["pattern"] == COUNTRY_CODE)


def _blank(table: Table, raw: pd.Series, found: Findings) -> str:
    return found.rows(table.name, raw)


def _tell_wrong(table: Table, column: Column, bad: pd.Series, of: int, found: Findings) -> None:
    texts_ = [v.strip() for v in bad.tolist() if isinstance(v, str)]
    unit = f" in {column.unit}" if len(column.unit) > 1 else ""
    if texts_ and all(_DECIMAL_COMMA.fullmatch(v) or _THOUSANDS.fullmatch(v) for v in texts_):
        fix = "Write a point for decimals and nothing between thousands: 1234.5"
    elif texts_ and all(v.endswith("%") for v in texts_):
        fix = f"Write the percent sign in the header instead: '{column.label} [%]'"
    elif texts_ and all(v.lower() in {"na", "n/a", "nan", "null", "none", "-", "--", "?", "#n/a"} for v in texts_):
        fix = (
            "Leave the cell empty where the value is unknown"
            if column.nullable or column.default is not None
            else (f"Give a number{unit}")
        )
    else:
        fix = f"Give a number{unit}; units belong in the header"
    found.table(
        found.where(table.name, column.name), f"{count(len(bad), of)} not a number", found.rows(table.name, bad), fix
    )


def _tell_rules(table: Table, column: Column, raw: pd.Series, values: pd.Series, scale: Scale, found: Findings) -> None:
    """Apply the dictionary's checks to the values, and tell which cells, as written, break them."""
    filled = values.dropna()
    where = found.where(table.name, column.name)
    if column.dtype == "integer":
        broken = filled % 1 != 0
        if broken.any():
            found.table(
                where,
                f"{count(int(broken.sum()), len(values))} no whole number",
                found.rows(table.name, raw[broken[broken].index]),
                "Give a whole number",
            )
    bounds = " and ".join(b for b in (column.low, column.high) if b)
    unit = f" {column.unit}" if len(column.unit) > 1 else ""
    for check in table.schema.columns[column.name].checks:
        if not len(filled):
            break
        bad = filled.index[~np.asarray(check(filled).check_output, dtype=bool)]
        if not len(bad):
            continue
        what = count(len(bad), len(values))
        evidence = found.rows(table.name, raw[bad])
        if column.choices:
            found.table(where, f"{what} none of the choices", evidence, f"Choose from {', '.join(column.choices)}")
        elif bounds:
            scaled = " after conversion" if not (isinstance(scale, float) and scale == 1.0) else ""
            found.table(
                where,
                f"{what} outside {bounds}{unit}{scaled}",
                evidence,
                f"Give the {column.title.lower()}, {bounds}{unit}{_percent(column, filled[bad])}",
            )
        elif _of_country(check):
            found.table(
                where, f"{what} no code of a country", evidence, "Give two capital letters, such as US, CA, MX, KR"
            )
        elif check.name == "str_matches":
            found.table(where, f"{what} not written as it must be", evidence, column.meaning)
        else:
            found.table(where, f"{what} not allowed", evidence, column.meaning)


def _percent(column: Column, bad: pd.Series) -> str:
    return f"; for percent write the header '{column.label} [%]'" if column.unit == "1" and (bad > 1).all() else ""
