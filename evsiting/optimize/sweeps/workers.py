"""What a worker process does before its first task: nothing else is loaded before its threads are set."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from multiprocessing.connection import Connection

__all__ = ["THREADS", "begin"]

#: Variables that say how many threads libraries of linear algebra start; what the user has set stays.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def begin(lifeline: Connection) -> None:
    """Make a process ready to be one of several workers.

    Libraries get one thread each (the solver's threads are an option of its own), Ctrl-C is left to the parent, and
    the process ends as soon as the other end of ``lifeline`` is closed, also where the parent was killed.

    Parameters
    ----------
    lifeline : multiprocessing.connection.Connection
        The end that is read of a pipe on which nothing is ever sent.
    """
    for name in THREADS:
        os.environ.setdefault(name, "1")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(lifeline,), name="lifeline", daemon=True).start()


def _end_with(lifeline: Connection) -> None:
    with suppress(EOFError, OSError):
        lifeline.recv_bytes()
    os._exit(1)
