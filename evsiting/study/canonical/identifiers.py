"""Identifiers as text: numbers without a point or an exponent, ``NA`` a name like any other, lost zeros told."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

__all__ = ["identifiers", "lost_zeros", "have_lost_digits"]

#: Whole numbers that a floating-point number still tells apart.
_MOST_EXACT = 2.0**53
_REAL = re.compile(r"[+-]?\d+\.0+")
_SCIENTIFIC = re.compile(r"[+-]?\d(?:[.,]\d+)?[eE]\+?\d+")
#: Digits of codes that begin with those of a state: state, county or municipio, place, tract, block group, block.
_LENGTHS = (2, 5, 7, 11, 12, 15)


def identifiers(raw: pd.Series | pd.Index | Iterable[object]) -> pd.Series[str]:
    """Return identifiers as text, empty where there is none; whole numbers are written in full.

    Two files may hold one code as a number and as text: ``3520005``, ``3520005.0`` and ``"3520005"`` are the same.
    Text stays as it is, but for blanks around it; where *every* text of a column ends in ``.0``, a program wrote
    numbers, and the ending goes. ``NA``, ``NULL`` and ``nan`` as text are names.

    Parameters
    ----------
    raw : pandas.Series, pandas.Index or iterable
        Identifiers as they were read: text, whole or real numbers, missing values.

    Returns
    -------
    pandas.Series
        Text, on the same index.

    Examples
    --------
    >>> identifiers(pd.Series([48453001100.0, None, 3520005.0])).tolist()
    ['48453001100', '', '3520005']
    >>> identifiers(["NA", "NULL ", "01001"]).tolist(), identifiers(["7.0", "12.0"]).tolist()
    (['NA', 'NULL', '01001'], ['7', '12'])
    """
    column = raw if isinstance(raw, pd.Series) else pd.Series(list(raw), dtype=object)
    cells = [_text(v) for v in column.astype(object).tolist()]
    filled = [c for c in cells if c]
    if filled and all(_REAL.fullmatch(c) for c in filled):
        cells = [c.split(".")[0] for c in cells]
    return pd.Series(cells, index=column.index, dtype=object)


def _text(value: object) -> str:
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip()
    if isinstance(value, float | np.floating):
        number = float(value)
        if np.isnan(number):
            return ""
        whole = number.is_integer() and abs(number) < _MOST_EXACT
        return str(int(number)) if whole else repr(number)
    return str(value).strip()


def have_lost_digits(ids: pd.Series[str]) -> pd.Series[bool]:
    """Return which identifiers are numbers of which digits are lost: ``4.8453E+10``, or too long for a real number.

    Examples
    --------
    >>> have_lost_digits(identifiers(["4.8453E+10", "48453001100", "1e20x", 1e17])).tolist()
    [True, False, False, True]
    """
    return ids.map(lambda v: bool(_SCIENTIFIC.fullmatch(v))).astype(bool)


def lost_zeros(ids: pd.Series[str], state: pd.Series[str]) -> pd.Series[bool]:
    """Return which identifiers must have lost a leading zero: with it they begin with the code of their state.

    Parameters
    ----------
    ids : pandas.Series of str
        Identifiers.
    state : pandas.Series of str
        Census code of the state of each (FIPS, or that of INEGI), two digits; empty where it has none.

    Examples
    --------
    >>> lost_zeros(pd.Series(["1001", "47157", "1001"]), pd.Series(["01", "47", "47"])).tolist()
    [True, False, False]
    """
    made = [
        v.isdigit() and s[:1] == "0" and f"0{v}".startswith(s) and len(v) + 1 in _LENGTHS
        for v, s in zip(ids.tolist(), state.tolist(), strict=True)
    ]
    return pd.Series(made, index=ids.index, dtype=bool)
