"""Rows of a study's tables as plain Python values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

__all__ = ["number", "parts", "records", "text"]


def records(frame: pd.DataFrame, *columns: str) -> Iterator[tuple[Any, ...]]:
    """Yield the cells of some columns, row by row."""
    return zip(*(frame[column].tolist() for column in columns), strict=True)


def number(cell: Any, otherwise: float = 0.0) -> float:
    """Return a cell as a number; another one where it is empty.

    Examples
    --------
    >>> number(2), number(None), number(float("nan"), 1.0)
    (2.0, 0.0, 1.0)
    """
    return otherwise if cell is None or cell is pd.NA or cell != cell else float(cell)


def text(cell: Any, otherwise: str = "") -> str:
    """Return a cell as text; another one where it is empty."""
    return cell if isinstance(cell, str) and cell else otherwise


def parts(cell: Any) -> tuple[str, ...]:
    """Return the codes of a cell that are separated by ';'.

    Examples
    --------
    >>> parts("cell; pack"), parts(None)
    (('cell', 'pack'), ())
    """
    return tuple(code.strip() for code in text(cell).split(";") if code.strip())
