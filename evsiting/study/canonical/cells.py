"""Cells of a table: text stays text, numbers become numbers."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from evsiting.errors import has_control
from evsiting.study.canonical.headers import tidy

_CANONICAL = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?")
#: Whole numbers that a floating-point number still tells apart.
_MOST_EXACT = 2**53
#: Columns of text in which nothing is named.
FREE = frozenset(("name", "note", "year", "vintage", "title", "address", "source", "licence", "publisher", "boundary"))


class _Unreadable:
    """Marks a cell that cannot be read and whose problem has been noted, so that it is not noted twice."""

    def __repr__(self) -> str:
        return "unreadable"


#: A cell that cannot be read; what is wrong with it has been noted.
UNREADABLE = _Unreadable()


def is_unreadable(raw: pd.Series) -> pd.Series:
    """Return which cells are marked as unreadable, their problem noted."""
    if raw.dtype != object:
        return pd.Series(False, index=raw.index)
    return pd.Series([v is UNREADABLE for v in raw.tolist()], index=raw.index, dtype=bool)


def texts(raw: pd.Series) -> pd.Series:
    """Return a column of text: ends trimmed, empty cells missing, whole numbers without a decimal point.

    Examples
    --------
    >>> texts(pd.Series([" a ", 7.0, "", None, "007"], dtype=object)).tolist()
    ['a', '7', nan, nan, '007']
    """
    plain = as_text(raw)
    if distinct_texts(plain) is None:
        plain = plain.str.replace("\r\n", "\n", regex=False).str.replace("\r", "\n", regex=False)
        plain = plain.map(tidy, na_action="ignore").astype("str")
    return plain.mask(plain == "")


def as_text(raw: pd.Series) -> pd.Series:
    """Return cells as text, as they are written."""
    if isinstance(raw.dtype, pd.StringDtype):
        return raw.astype("str")
    cells = raw.tolist()
    if set(map(type, cells)) <= {str, type(None)}:
        made = [v if v is None or v.isascii() else _text(v) for v in cells]
    else:
        made = [_text(v) for v in cells]
    return pd.Series(made, index=raw.index, dtype="str")


def distinct_texts(plain: pd.Series) -> set[str] | None:
    """Return the texts of a column, each once, if none has ends to trim or characters to tell of; else None."""
    seen = {v for v in set(plain.tolist()) if isinstance(v, str)}
    clear = all(v.isprintable() and v[:1] != " " and v[-1:] != " " for v in seen)
    return seen if clear and all(v.isascii() or unicodedata.is_normalized("NFC", v) for v in seen) else None


def _text(value: object) -> str | None:
    if value is None or value is pd.NA or value is pd.NaT or value is UNREADABLE:
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
            figures = np.array(cells, dtype=np.float64)  # empty cells are NaN
            return None if np.isinf(figures).any() else figures
        values = np.array([float(v) if v else math.nan for v in cells], dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        return None
    odd = ~np.isfinite(values)
    plain = kinds == {str} and not any("_" in v for v in cells)
    return values if plain and not any(cells[k] for k in np.flatnonzero(odd)) else None


def _number(value: Any) -> float | None:
    """Return a cell as a number, NaN where it is empty, None where it is no number."""
    if value is None or value is pd.NA or value is UNREADABLE:
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


def infer_type(raw: pd.Series) -> pd.Series:
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


def has_control_characters(values: pd.Series) -> pd.Series:
    """Return which cells hold text with a control character. bool, index as given"""
    return pd.Series([isinstance(v, str) and has_control(v) for v in values.tolist()], index=values.index, dtype=bool)
