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

from evsiting.cli.terminal import ABORTED, Voice
from evsiting.solve.engine import Progress

#: Seconds between two lines of progress where there is no terminal. [s]
LOG_EVERY_S = 10.0


def clock(seconds: float) -> str:
    """Return a duration as people read it.

    Examples
    --------
    >>> clock(7.2), clock(185), clock(7265)
    ('0:07', '3:05', '2:01:05')
    """
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def progress_line(what: str, progress: Progress, time_limit_s: float) -> str:
    """Return the state of a solve in a line.

    Examples
    --------
    >>> progress_line("cost", Progress(12.0, 4.2e9, 4.1e9), 60.0)
    'cost: best 4.2e+09, bound 4.1e+09, gap 2.38 %, 0:12 so far, at most 0:48 left'
    >>> progress_line("cost", Progress(1.0, math.inf, -math.inf), 60.0)
    'cost: no plan yet, 0:01 so far, at most 0:59 left'
    """
    if math.isfinite(progress.objective):
        gap = f"gap {progress.gap:.2%}".replace("%", " %") if math.isfinite(progress.gap) else "gap unknown"
        bound = f"bound {progress.bound:.5g}, " if math.isfinite(progress.bound) else ""
        state = f"best {progress.objective:.5g}, {bound}{gap}"
    else:
        state = "no plan yet" + (f", bound {progress.bound:.5g}" if math.isfinite(progress.bound) else "")
    left = max(0.0, time_limit_s - progress.seconds)
    return f"{what}: {state}, {clock(progress.seconds)} so far, at most {clock(left)} left"


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
        self._live = Live(console=voice.err, auto_refresh=False, transient=True) if self._shown else None
        self._last = time.perf_counter()

    @property
    def _shown(self) -> bool:
        return self.voice.err.is_terminal and not self.voice.quiet

    def stage(self, what: str) -> None:
        """Say what happens from now on."""
        self.what = what
        self._line(f"{what} ...")

    def watch(self, progress: Progress) -> None:
        """Show the state of the solver; see :data:`evsiting.solve.engine.Watch`."""
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


@contextmanager
def stoppable(voice: Voice) -> Iterator[None]:
    """Let the first Ctrl-C end the solver, which keeps its best plan, and the second end the program."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            with suppress(Exception):
                voice.err.show_cursor()
                voice.note("Aborted; what was being computed is lost.")
            os._exit(ABORTED)
        asked = True
        with suppress(Exception):
            voice.note("Stopping: the best plan found so far is kept. Ctrl-C again to abort at once.")
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
