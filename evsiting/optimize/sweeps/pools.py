"""Where tasks are run: in this process, in processes of our own, or wherever somebody else's executor runs them."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Any, Protocol

from evsiting.optimize.sweeps.workers import begin

__all__ = ["Foreign", "Here", "Pool", "Processes"]


class Pool(Protocol):
    """Where tasks are run.

    ``width`` is how many of them are handed over at once; None where all may be.
    """

    width: int | None

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Hand a call over."""
        ...

    def renew(self) -> bool:
        """Return whether the pool is good again after a worker was lost."""
        ...

    def close(self, *, at_once: bool) -> None:
        """Give back what the pool holds; ``at_once`` if what is running there is no longer wanted."""
        ...


class Here:
    """The process and thread that asks, for one task after the other."""

    width: int | None = 1

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Carry the call out; Ctrl-C goes through."""
        future: Future[Any] = Future()
        future.set_result(call(*arguments))
        return future

    def renew(self) -> bool:
        """Return True: there is nothing to lose."""
        return True

    def close(self, *, at_once: bool) -> None:
        """Do nothing."""


class Processes:
    """Worker processes of our own, begun anew where one of them was killed.

    They are spawned: a process that was forked while a solver's threads run may hang. What a script does at its top
    is not done again in them, so that it needs no ``if __name__ == "__main__"``.

    Parameters
    ----------
    workers : int
        How many.
    """

    def __init__(self, workers: int) -> None:
        self.width: int | None = workers
        self._open()

    def _open(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._lifeline, far = context.Pipe(duplex=False)[::-1]
        self._far = far
        self._executor = ProcessPoolExecutor(self.width, mp_context=context, initializer=begin, initargs=(far,))

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Hand a call to a worker; one more is begun where all are busy."""
        with _without_main():
            return self._executor.submit(call, *arguments)

    def renew(self) -> bool:
        """Begin with new workers; what the old ones were at is lost."""
        self.close(at_once=True)
        self._open()
        return True

    def close(self, *, at_once: bool) -> None:
        """End the workers: after what they are at, or ``at_once``."""
        if at_once:
            self._lifeline.close()
        self._executor.shutdown(wait=True, cancel_futures=True)
        with suppress(OSError):
            self._lifeline.close()
            self._far.close()


class Foreign:
    """An executor that was given: of threads, of a cluster, of whatever keeps the protocol of the standard library.

    Parameters
    ----------
    executor : concurrent.futures.Executor
        Stays open.
    width : int, optional
        How many tasks are handed over at once.
    """

    def __init__(self, executor: Executor, width: int | None = None) -> None:
        self.width, self._executor = width, executor

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Hand a call over."""
        return self._executor.submit(call, *arguments)

    def renew(self) -> bool:
        """Return False: whoever gave a pool that is broken must give another one."""
        return False

    def close(self, *, at_once: bool) -> None:
        """Leave the executor as it is."""


@contextmanager
def _without_main() -> Iterator[None]:
    """Hide the script that is run from a process that is begun: it would be run there once more."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
