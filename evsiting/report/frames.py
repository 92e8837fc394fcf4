"""Rows of a frame as plain values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd


def rows(frame: pd.DataFrame, *columns: str) -> Iterable[tuple[Any, ...]]:
    """Return the rows of a frame as plain tuples of the named columns."""
    return zip(*(frame[c].tolist() for c in columns), strict=True)
