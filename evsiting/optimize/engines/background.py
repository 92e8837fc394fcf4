"""Run a call in a thread, so that the caller can be interrupted and gets the exceptions of the call."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Background:
    """A call that has begun.

    Parameters
    ----------
    work : callable
        Without arguments; what it returns is not kept.
    """

    def __init__(self, work: Callable[[], object]) -> None:
        self._failed: list[BaseException] = []

        def run() -> None:
            try:
                work()
            except BaseException as error:  # such as memory that ran out: told where it can be caught
                self._failed.append(error)

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()

    def is_running(self, wait_s: float = 0.0) -> bool:
        """Return whether the call goes on after a while.

        Parameters
        ----------
        wait_s : float
            How long to wait for its end. [s]
        """
        self._thread.join(wait_s)
        return self._thread.is_alive()

    def join(self) -> None:
        """Wait for the end of the call; what it raised is not raised here."""
        self._thread.join()

    def raise_failure(self) -> None:
        """Raise what the call raised, if anything."""
        if self._failed:
            raise self._failed[0]
