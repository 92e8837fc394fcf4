"""Carry out tasks that do not depend on each other, and tell of each as soon as it is done."""

from __future__ import annotations

import logging
import multiprocessing
import pickle
import threading
import time
import warnings
from collections import Counter, deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass
from typing import Any

from evsiting.errors import DataWarning, EvsitingWarning, SolveError
from evsiting.optimize.sweeps.pools import Pool

__all__ = ["Outcome", "Task", "carry_out", "run_tasks"]

logger = logging.getLogger(__name__)

#: How often a task whose worker was lost is tried once more, by itself, before it is told.
RETRIES = 2


@dataclass(frozen=True)
class Task:
    """A call that depends on no other.

    Parameters
    ----------
    name : str
        Names the task among the others.
    call : callable
        A function of a module, as it is sent by its name.
    arguments : callable
        Makes the arguments when the task's turn comes, so that those of all tasks need not be held at once.
    """

    name: str
    call: Callable[..., Any]
    arguments: Callable[[], tuple[Any, ...]]


@dataclass(frozen=True)
class Outcome:
    """How a task ended.

    Parameters
    ----------
    name : str
        Of the task.
    value : object
        What its call returned.
    error : Exception, optional
        What it raised; :class:`evsiting.errors.SolveError` where its workers were lost.
    warnings : tuple of (str, type)
        Warnings given on the way.
    seconds : float
        In the worker. [s]
    """

    name: str
    value: Any = None
    error: Exception | None = None
    warnings: tuple[tuple[str, type[Warning]], ...] = ()
    seconds: float = 0.0

    def result(self) -> Any:
        """Return what the call returned, or raise what it raised."""
        if self.error is not None:
            raise self.error
        return self.value


def run_tasks(tasks: Iterable[Task], pool: Pool, done: Callable[[Outcome], None]) -> None:
    """Carry tasks out in a pool and call ``done`` for each in this thread, in the order in which they end.

    Where a worker is lost, by a kill or for want of memory, what it was at is tried again, one task after the other:
    so it is known which of them ends its worker. After :data:`RETRIES` more tries it is told as an error, and the
    others go on.

    Parameters
    ----------
    tasks : iterable of Task
        Independent of each other; each has a name of its own.
    pool : Pool
        Where they are run.
    done : callable
        Told of each outcome.

    Raises
    ------
    KeyboardInterrupt
        After Ctrl-C; what is running is given up.

    Examples
    --------
    >>> from evsiting.optimize.sweeps.pools import Here
    >>> run_tasks(
    ...     [Task(str(n), pow, lambda n=n: (2, n)) for n in (3, 4)],
    ...     Here(),
    ...     lambda o: print(o.name, o.value),
    ... )
    3 8
    4 16
    """
    try:
        _Run(deque(tasks), pool, done).go()
    except BaseException:
        pool.close(at_once=True)
        raise
    pool.close(at_once=False)


class _Run:
    """Tasks that wait, those that are being carried out, and those whose worker was lost."""

    def __init__(self, waiting: deque[Task], pool: Pool, done: Callable[[Outcome], None]) -> None:
        self.waiting, self.pool, self.done = waiting, pool, done
        self.running: dict[Future[Any], Task] = {}
        self.lost: Counter[str] = Counter()
        self.suspects: set[str] = set()

    def go(self) -> None:
        """Carry out all tasks."""
        try:
            while self.waiting or self.running:
                self._hand_over()
                ended, _ = wait(self.running, return_when=FIRST_COMPLETED)
                self._take(ended)
        except BaseException:
            for future in self.running:
                future.cancel()
            raise

    def _hand_over(self) -> None:
        width = 1 if self.suspects else self.pool.width
        while self.waiting and (width is None or len(self.running) < width):
            task = self.waiting.popleft()
            try:
                future = self.pool.submit(carry_out, task.call, *task.arguments())
            except BrokenExecutor as error:  # a worker was killed while none was waited for
                future = Future()
                future.set_exception(error)
            self.running[future] = task

    def _take(self, ended: Iterable[Future[Any]]) -> None:
        """Tell of what has ended; what was lost waits again."""
        again = self._report_ended(ended)
        broken = any(isinstance(gone, BrokenExecutor) for _, gone in again)
        if broken:  # the others of that pool have ended as well, some of them well
            again += self._report_ended(wait(self.running).done)
        good = self.pool.renew() if broken else True
        for task, gone in reversed(again):
            self._once_more(task, gone, good=good)

    def _report_ended(self, ended: Iterable[Future[Any]]) -> list[tuple[Task, Exception]]:
        """Tell of tasks that have ended, in the order in which they were begun; return those whose worker was lost."""
        lost: list[tuple[Task, Exception]] = []
        over = set(ended)
        for future in [future for future in self.running if future in over]:
            task = self.running.pop(future)
            try:
                value, error, caught, seconds = future.result()
            except Exception as gone:  # a broken pool, a cluster's own word for it, or an answer that cannot be sent
                lost.append((task, gone))
            else:
                self.suspects.discard(task.name)
                self.done(Outcome(task.name, value, error, caught, seconds))
        return lost

    def _once_more(self, task: Task, gone: Exception, *, good: bool) -> None:
        """Let a task that was lost wait again, or tell that it is given up."""
        self.lost[task.name] += 1
        tries = self.lost[task.name]
        if good and tries <= RETRIES:
            logger.warning("%s: its worker was lost (%s); it is tried again", task.name, gone)
            self.suspects.add(task.name)
            self.waiting.appendleft(task)
            return
        self.suspects.discard(task.name)
        why = f"{type(gone).__name__}: {gone}".strip(": ")
        message = f"its worker was lost {tries} times" if good else "the executor that was given is broken"
        error = SolveError(f"{message} ({why}). Memory may have run out: use fewer workers, or a smaller study")
        self.done(Outcome(task.name, error=error))


def carry_out(
    call: Callable[..., Any], *arguments: Any
) -> tuple[Any, Exception | None, tuple[tuple[str, type[Warning]], ...], float]:
    """Return what a call returns or raises, the warnings that it gives, and the seconds it takes.

    What is odd about the data has been told before tasks are made, and is not told by each of them again. Warnings can
    be heard in the main thread of a worker process only; elsewhere they go their own way.
    """
    began = time.perf_counter()
    if multiprocessing.parent_process() is None or threading.current_thread() is not threading.main_thread():
        value, error = _answer(call, arguments)
        return value, error, (), time.perf_counter() - began
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", EvsitingWarning)
        warnings.simplefilter("ignore", DataWarning)
        value, error = _answer(call, arguments)
    distinct = dict.fromkeys((str(warning.message), warning.category) for warning in caught)
    return value, error, tuple(distinct), time.perf_counter() - began


def _answer(call: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[Any, Exception | None]:
    try:
        return call(*arguments), None
    except Exception as error:
        try:
            pickle.loads(pickle.dumps(error))
        except Exception:
            return None, SolveError(f"{type(error).__name__}: {error}")
        return None, error
