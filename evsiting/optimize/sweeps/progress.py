"""How far a sweep is, in words, and shown where people look: on a terminal or in a notebook."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.text import Text

__all__ = ["Shown", "SweepProgress", "SweepWatch", "duration"]


def duration(seconds: float) -> str:
    """Return a duration as people read it.

    Examples
    --------
    >>> duration(7.2), duration(185), duration(7265)
    ('0:07', '3:05', '2:01:05')
    """
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


@dataclass(frozen=True)
class SweepProgress:
    """How far a sweep is.

    Parameters
    ----------
    of : int
        Solves in all.
    known : int
        Of these, solved by an earlier run.
    solved, without_plan, failed : int
        Of these, by this run: with a plan, without one, and broken.
    seconds : float
        Since this run began. [s]
    last : str
        Name of the one that ended last; empty at the beginning.

    Examples
    --------
    >>> print(SweepProgress(of=40, known=4, solved=8, without_plan=1, failed=0, seconds=90.0))
    13 of 40, 1 without a plan, 1:30 so far, about 4:30 left
    """

    of: int
    known: int = 0
    solved: int = 0
    without_plan: int = 0
    failed: int = 0
    seconds: float = 0.0
    last: str = ""

    @property
    def done(self) -> int:
        """Solves that need no more work."""
        return self.known + self.solved + self.without_plan + self.failed

    @property
    def seconds_left(self) -> float | None:
        """What is left at the pace so far; None before the first has ended. [s]"""
        mine = self.done - self.known
        return self.seconds / mine * (self.of - self.done) if mine else None

    def __str__(self) -> str:
        parts = [f"{self.done} of {self.of}"]
        parts += [f"{self.without_plan} without a plan"] if self.without_plan else []
        parts += [f"{self.failed} failed"] if self.failed else []
        parts += [f"{duration(self.seconds)} so far"]
        left = self.seconds_left
        parts += [f"about {duration(left)} left"] if left is not None and self.done < self.of else []
        return ", ".join(parts)


#: Told at the beginning, and whenever a solve of a sweep has ended.
SweepWatch = Callable[[SweepProgress], None]


class Shown:
    """Shows the progress of a sweep: a line that changes on a terminal or in a notebook, nothing elsewhere."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._live: Live | None = None
        self._cell: Any = None
        console = Console(stderr=True)
        if _in_notebook():
            display: Any = sys.modules["IPython.display"].display
            self._cell = display({"text/plain": ""}, raw=True, display_id=True)
        elif console.is_terminal:
            self._live = Live(console=console, auto_refresh=False, transient=True)
            self._live.start()

    def __call__(self, progress: SweepProgress) -> None:
        """Show the state."""
        if self._live is not None:
            self._live.update(Text(str(progress), no_wrap=True, overflow="ellipsis"), refresh=True)
        elif self._cell is not None:
            self._cell.update({"text/plain": str(progress)}, raw=True)

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._live is not None:
            self._live.stop()


def _in_notebook() -> bool:
    """Whether this runs in the kernel of a notebook."""
    shell = sys.modules.get("IPython")
    running = shell.get_ipython() if shell is not None else None
    return type(running).__name__ == "ZMQInteractiveShell"
