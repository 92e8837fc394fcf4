"""The bound of a large program raised in a thread of its own, from the moment that the relaxation is solved."""

from __future__ import annotations

import math
import threading
from types import TracebackType
from typing import Self

from evsiting.optimize.engines.background import Background
from evsiting.optimize.engines.base import Progress
from evsiting.optimize.large.core import Core

__all__ = ["Raising"]


class _StopError(Exception):
    """Ends a run of the solver that nobody waits for any more."""


class Raising:
    """Branches on numbers of plants grow beside the search for plans, where there are two threads for it.

    Parameters
    ----------
    core : Core
        The program with its relaxation.
    """

    def __init__(self, core: Core) -> None:
        self.core = core
        #: The value of the best plan so far, and the time since the whole began at which no more is raised. [unit, s]
        self.value, self.until = math.inf, core.limits.time_s
        self._stop = threading.Event()
        beside = core.limits.threads > 1 and core.tree is not None
        self._running = Background(self._grow) if beside else None

    def _grow(self) -> None:
        tree = self.core.tree
        if tree is None:
            return
        try:
            tree.grow(self._enough, self.core.left, self._raise_if_stopped)
        except _StopError:
            return

    def _enough(self, bound: float) -> bool:
        if self._stop.is_set() or self.core.gone >= self.until:
            return True
        return math.isfinite(self.value) and self.core.is_closed(self.value, bound)

    def _raise_if_stopped(self, _: Progress) -> None:
        if self._stop.is_set():
            raise _StopError

    def is_running(self, wait_s: float = 0.0) -> bool:
        """Return whether the bound is still being raised after a while; False where there is one thread only."""
        return self._running is not None and self._running.is_running(wait_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it; what failed in its thread is raised here, unless something else is."""
        self._stop.set()
        if self._running is not None:
            self._running.join()
            if error is None:
                self._running.raise_failure()
