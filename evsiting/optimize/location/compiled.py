"""Loops over arrays, compiled by numba where it is installed; without it they run as they are, slowly."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

try:
    _numba: Any = importlib.import_module("numba")
except ImportError:  # a platform that numba does not know
    _numba = None


def compiled[F: Callable[..., Any]](function: F) -> F:
    """Return a function compiled at its first call, kept on disk, that lets other threads run meanwhile."""
    if _numba is None:
        return function
    made: F = _numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    return made
