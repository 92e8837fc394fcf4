"""Cells of a table: text stays text, numbers become numbers, what is neither is told with its row."""

from __future__ import annotations

import math
import operator
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from evsiting.errors import has_control
from evsiting.study.canonical.headers import Scale, tidy
from evsiting.study.canonical.number_texts import looks_rounded, thousands_by_point, way_to_write
from evsiting.study.findings import Findings, count
from evsiting.study.schema.tables import Column, Table
from evsiting.study.schema.trade import COUNTRY_CODE

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
#: Columns of text in which nothing is named.
FREE = frozenset(("name", "note", "year", "vintage", "title", "address", "source", "licence", "publisher", "boundary"))
#: A spreadsheet program keeps fifteen digits of a number.
_MOST_DIGITS = 10**15
#: Largest and smallest figure but zero of a study: no money, flow or mass is beyond, and sums of them stay numbers.
_LARGEST, _SMALLEST = 1e18, 1e-100


class _Told:
    """Stands in a cell that cannot be read and that has been told, so that it is not told again."""

    def __repr__(self) -> str:
        return "unreadable"


#: A cell that cannot be read; what is wrong with it has been noted.
TOLD = _Told()


def is_told(raw: pd.Series) -> pd.Series:
    """Return which cells cannot be read and have been told."""
    if raw.dtype != object:
        return pd.Series(False, index=raw.index)
    return pd.Series([v is TOLD for v in raw.tolist()], index=raw.index, dtype=bool)


def texts(raw: pd.Series) -> pd.Series:
    """Return a column of text: ends trimmed, empty cells missing, whole numbers without a decimal point.

    Examples
    --------
    >>> texts(pd.Series([" a ", 7.0, "", None, "007"], dtype=object)).tolist()
    ['a', '7', nan, nan, '007']
    """
    plain = _as_text(raw)
    if _distinct(plain) is None:
        plain = plain.str.replace("\r\n", "\n", regex=False).str.replace("\r", "\n", regex=False)
        plain = plain.map(tidy, na_action="ignore").astype("str")
    return plain.mask(plain == "")


def _as_text(raw: pd.Series) -> pd.Series:
    """Return cells as text, as they are written."""
    if isinstance(raw.dtype, pd.StringDtype):
        return raw.astype("str")
    cells = raw.tolist()
    if set(map(type, cells)) <= {str, type(None)}:
        made = [v if v is None or v.isascii() else _text(v) for v in cells]
    else:
        made = [_text(v) for v in cells]
    return pd.Series(made, index=raw.index, dtype="str")


def _distinct(plain: pd.Series) -> set[str] | None:
    """Return the texts of a column, each once, if none has ends to trim or characters to tell of; else None."""
    seen = {v for v in set(plain.tolist()) if isinstance(v, str)}
    clear = all(v.isprintable() and v[:1] != " " and v[-1:] != " " for v in seen)
    return seen if clear and all(v.isascii() or unicodedata.is_normalized("NFC", v) for v in seen) else None


def _text(value: object) -> str | None:
    if value is None or value is pd.NA or value is pd.NaT or value is TOLD:
        return None
    if isinstance(value, str):
        return value if value.isascii() else re.sub("[\ud800-\udfff]", "\uffff", value)
    if isinstance(value, bool | np.bool_):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float | np.floating):
        number = float(value)
        if math.isnan(number):
            return None
        return str(int(number)) if number.is_integer() and abs(number) < 2**53 else repr(number)
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
    if types.is_numeric_dtype(raw.dtype) and not (types.is_bool_dtype(raw.dtype) or types.is_complex_dtype(raw.dtype)):
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
    """Return cells as numbers if all of them plainly are, the fast way; None where one needs a closer look."""
    kinds = set(map(type, cells))
    try:
        if kinds <= {int, float, type(None)}:
            held = np.array(cells, dtype=np.float64)  # empty cells are NaN
            return None if np.isinf(held).any() else held
        values = np.array([float(v) if v else math.nan for v in cells], dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        return None
    odd = ~np.isfinite(values)
    plain = kinds == {str} and not any("_" in v for v in cells)
    return values if plain and not any(cells[k] for k in np.flatnonzero(odd)) else None


def _number(value: Any) -> float | None:
    """Return a cell as a number, NaN where it is empty, None where it is no number."""
    if value is None or value is pd.NA or value is TOLD:
        return math.nan
    if isinstance(value, str):
        text = tidy(value).replace("−", "-")
        if not text:
            return math.nan
        try:
            made = float(text)
        except ValueError:
            return None
        return made if math.isfinite(made) and "_" not in text else None
    if isinstance(value, bool | np.bool_ | np.complexfloating):
        return None
    try:
        return float(value) if isinstance(value, int | float | np.number) or hasattr(value, "as_tuple") else None
    except (OverflowError, ValueError):  # a whole number of 400 digits, a signalling NaN of decimals
        return None


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
        _tell_names(table, column, raw, values, found)
        odd = controlled(values)
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
        doubtful = tell_thousands(where, table.name, raw, wrong, found)
        if wrong.any() or doubtful.any():
            wrong |= doubtful
            values, raw = values.mask(wrong), raw.mask(wrong)
        values = values * scale + 0.0  # minus zero is zero
        endless = ~_finite(values.to_numpy(np.float64))
        if endless.any():
            found.table(
                where,
                f"{count(int(endless.sum()), len(raw))} larger or smaller than any figure of a study",
                found.rows(table.name, raw[endless]),
                f"Give a number of at most {_LARGEST:.0e}, and zero for what is below {_SMALLEST:.0e}",
            )
    told = is_told(raw)
    empty = values.isna() & ~told
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


def _tell_names(table: Table, column: Column, raw: pd.Series, values: pd.Series, found: Findings) -> None:
    """Refuse names that are numbers of which a spreadsheet program has dropped digits."""
    if column.name in FREE:
        return
    where = found.where(table.name, column.name)
    held = [isinstance(v, int | float) and not isinstance(v, bool) and abs(v) >= _MOST_DIGITS for v in raw.tolist()]
    lost = pd.Series(held, index=raw.index, dtype=bool) | values.map(looks_rounded, na_action="ignore").eq(True)
    if lost.any():
        found.table(
            where,
            f"{count(int(lost.sum()), len(raw))} a number of which digits are lost",
            found.rows(table.name, values[lost]),
            "Format the column as text in the spreadsheet program, and write the names again",
        )


def controlled(values: pd.Series) -> pd.Series:
    """Return which cells hold text with a control character. bool, index as given"""
    return pd.Series([isinstance(v, str) and has_control(v) for v in values.tolist()], index=values.index, dtype=bool)


def _finite(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which values are missing, zero or of a size that figures have."""
    size = np.abs(values)
    return np.asarray(np.isnan(size) | (size == 0.0) | ((size <= _LARGEST) & (size >= _SMALLEST)))


def _good_texts(column: Column, checks: list[Any], raw: pd.Series) -> pd.Series | None:
    """Return a column of text that has nothing to mend and nothing to tell, the fast way; None where one may have."""
    values = _as_text(raw)
    seen = _distinct(values)
    if seen is None:
        return None
    if "" in seen:
        values = values.mask(values == "")
        seen.remove("")
    if column.name not in FREE and any(v[:1].isdigit() and looks_rounded(v) for v in seen):
        return None
    numeric = raw.dtype == object and not set(map(type, raw.tolist())) <= {str, type(None)}
    if numeric and any(isinstance(v, int | float) and abs(v) >= _MOST_DIGITS for v in raw.tolist()):
        return None
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
        if wrong.any() or thousands_by_point(raw.tolist())[0]:
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
    if not _finite(filled).all():
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
    header = found.headers.get((table.name, column.name), "")
    fix = way_to_write(column, [v for v in bad.tolist() if isinstance(v, str)], header)
    found.table(
        found.where(table.name, column.name), f"{count(len(bad), of)} not a number", found.rows(table.name, bad), fix
    )


def tell_thousands(where: str, table: str, raw: pd.Series, wrong: pd.Series, found: Findings) -> pd.Series:
    """Tell of numbers whose point may part thousands; return which cells are refused for it."""
    refused = pd.Series(False, index=raw.index)
    if isinstance(raw.dtype, np.dtype) and raw.dtype.kind in "iuf":
        return refused
    doubtful, contradicted = thousands_by_point(raw.tolist())
    if not doubtful:
        return refused
    some = raw.iloc[doubtful]
    first = str(some.iloc[0]).strip()
    if not contradicted:
        found.odd.append(
            f"{where}: every figure has a point before three digits, and the point is read as that of decimals: "
            f"{first} is {float(first):.12g}, not {first.replace('.', '')}"
        )
        return refused
    refused.iloc[doubtful] = True
    found.table(
        where,
        f"{count(len(doubtful), len(raw))} ambiguous: the point may part thousands, by the other figures",
        found.rows(table, some),
        f"Write {float(first):.12g} or {first.replace('.', '')} for {first}",
    )
    return refused


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
