"""Checks of numeric arguments: finite numbers and whole numbers; text and booleans are refused."""

from __future__ import annotations

import math
from numbers import Integral, Real


def is_finite(value: object, least: float = -math.inf, most: float = math.inf) -> bool:
    """Return whether something is a finite number from ``least`` to ``most``, of Python or of numpy.

    Examples
    --------
    >>> is_finite(60), is_finite("60"), is_finite(float("nan")), is_finite(True), is_finite(-1, 0)
    (True, False, False, False, False)
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    return math.isfinite(value) and least <= float(value) <= most


def is_whole(value: object, least: int = 0) -> bool:
    """Return whether something is a whole number of at least ``least``, of Python or of numpy.

    Examples
    --------
    >>> is_whole(3), is_whole(3.0), is_whole(True), is_whole(-1)
    (True, False, False, False)
    """
    if isinstance(value, bool) or not isinstance(value, Integral):
        return False
    return int(value) >= least
