"""Keep what solvers print from C off the standard output."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_c_output() -> Iterator[None]:
    """Drop what C code prints on standard output within the context.

    HiGHS 1.16 prints a banner when it is made, before any option can forbid it; a program whose output others read
    (``--json``) must not hold it. Nothing happens where there is no standard output.
    """
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
        _flush()
        nowhere = os.open(os.devnull, os.O_WRONLY)
    except (OSError, ValueError):
        yield
        return
    try:
        output = os.dup(1)
    except OSError:
        os.close(nowhere)
        yield
        return
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        _flush()  # a pipe or a file is written to late: what was printed would come once it is open again
        os.dup2(output, 1)
        os.close(output)
        os.close(nowhere)


def _flush() -> None:
    """Flush the buffers of the C library."""
    try:
        ctypes.CDLL("ucrtbase" if os.name == "nt" else None).fflush(None)
    except (OSError, AttributeError):  # a system without that library: a banner may come late
        return
