"""How a running solve is shown, and how Ctrl-C ends it with the best plan found so far."""

from __future__ import annotations

import math
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from rich.live import Live
from rich.text import Text

from evsiting.cli.terminal import Voice
from evsiting.optimize.engines.base import Progress
from evsiting.optimize.sweeps.progress import duration
from evsiting.study.objectives import OBJECTIVES, least_is_best

#: Seconds between two lines of progress where there is no terminal. [s]
LOG_EVERY_S = 10.0


#: Sizes of amounts, and how they are written: before tonnes, and as a word.
_STEPS = ((1e9, ("G", "bn")), (1e6, ("M", "mn")), (1e3, ("k", "k")))


def progress_line(what: str, progress: Progress, time_limit_s: float) -> str:
    """Return the state of a solve in a line.

    Examples
    --------
    >>> progress_line("solving", Progress(12.0, 4.2e9, 4.1e9, "cost"), 60.0)
    'solving: best USD 4.200 bn, bound USD 4.100 bn, gap 2.38 %, 0:12 so far, at most 0:48 left'
    >>> progress_line("solving", Progress(12.0, 6.9e6, 2e6, "emissions"), 60.0)
    'solving: best 6.900 Mt, bound 2.000 Mt, gap 71.01 %, 0:12 so far, at most 0:48 left'
    >>> progress_line("solving", Progress(1.0, math.inf, -math.inf, "cost"), 60.0)
    'solving: no plan yet, 0:01 so far, at most 0:59 left'
    """
    has_plan, proven = math.isfinite(progress.objective), math.isfinite(progress.bound)
    best = f"best {_value(progress.name, progress.objective)}" if has_plan else "no plan yet"
    bound = f", bound {_value(progress.name, progress.bound)}" if proven else ""
    gap = f", gap {100.0 * progress.gap:.2f} %" if has_plan and proven else ""
    left = max(0.0, time_limit_s - progress.seconds)
    return f"{what}: {best}{bound}{gap}, {duration(progress.seconds)} so far, at most {duration(left)} left"


def _value(name: str, value: float) -> str:
    """Return a value of an objective with as many figures as progress shows in."""
    kind = OBJECTIVES.get(name)
    size = least_is_best(name, value) if kind else value
    mass = kind is not None and kind.quantity == "mass"
    step, prefix = next((s for s in _STEPS if abs(size) >= s[0]), (1.0, ("", "")))
    amount = f"{size / step:,.3f}"
    if mass:
        return f"{amount} {prefix[0]}t"
    word = f" {prefix[1]}" if prefix[1] else ""
    if kind is None:
        return f"{amount}{word}"
    return f"USD {amount}{word}" if kind.quantity == "money" else f"{amount}{word} {kind.shown_unit}"


class Watching:
    """Shows progress: a line that changes on a terminal, a line now and then elsewhere.

    Parameters
    ----------
    voice : Voice
        Where to.
    time_limit_s : float
        Of one program. [s]
    """

    def __init__(self, voice: Voice, time_limit_s: float) -> None:
        self.voice, self.time_limit_s, self.what = voice, time_limit_s, "solving"
        self._live = Live(console=voice.err, auto_refresh=False, transient=True) if self._is_visible else None
        self._last = time.perf_counter()

    @property
    def _is_visible(self) -> bool:
        return self.voice.err.is_terminal and not self.voice.quiet

    def stage(self, what: str) -> None:
        """Say what happens from now on."""
        self.what = what
        self._line(f"{what} ...")

    def watch(self, progress: Progress) -> None:
        """Show the state of the solver; see :data:`evsiting.optimize.engines.base.Watch`."""
        line = progress_line(self.what, progress, self.time_limit_s)
        now = time.perf_counter()
        if self._live is not None:
            self._line(line)
        elif now - self._last >= LOG_EVERY_S:
            self._last = now
            self.voice.note(line)

    def _line(self, text: str) -> None:
        if self._live is not None:
            self._live.update(Text(text, no_wrap=True, overflow="ellipsis"), refresh=True)

    def __enter__(self) -> Watching:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()


class Stop:
    """Whether somebody has asked to stop, and whether that may break in at once.

    Parameters
    ----------
    voice : Voice
        Where to say so.
    """

    def __init__(self, voice: Voice) -> None:
        self.voice, self.asked = voice, False
        self._shields = 0

    def __call__(self, number: int, _frame: FrameType | None = None) -> None:
        """Hear a signal: the first one stops the work, the second one the program."""
        if self.asked:
            with suppress(Exception):
                self.voice.err.show_cursor()
                self.voice.note(f"Aborted; what was being computed is lost. {self.voice.standing()}".rstrip())
            os._exit(128 + number)
        self.asked = True
        with suppress(Exception):
            again = "Ctrl-C again to abort" if number == signal.SIGINT else "A second signal aborts"
            self.voice.note(f"Stopping: the best plan found so far is kept. {again} at once.")
        if not self._shields:
            raise KeyboardInterrupt

    @contextmanager
    def shielded(self, *, then_stop: bool = False) -> Iterator[None]:
        """Let what is being written come to its end first; ``then_stop`` if work would follow."""
        before = self.asked
        self._shields += 1
        try:
            yield
        finally:
            self._shields -= 1
        if then_stop and self.asked and not before:
            raise KeyboardInterrupt


@contextmanager
def stoppable(voice: Voice) -> Iterator[Stop]:
    """Let the first Ctrl-C or SIGTERM end the solver, which keeps its best plan, and the second end the program."""
    stop = Stop(voice)
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
