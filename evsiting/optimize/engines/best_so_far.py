"""Progress over several runs for one answer: the best plan and the best bound so far, whichever run tells."""

from __future__ import annotations

import math
import threading
from dataclasses import replace

from evsiting.optimize.engines.base import Progress, Watch

__all__ = ["BestSoFar", "best_so_far"]


class BestSoFar:
    """A watch that tells another one the best plan and the best bound of all runs so far.

    A run over a part of a program, or one that raises the bound only, knows no plan at first; what was found before
    still stands.

    Parameters
    ----------
    watch : callable
        Who listens.
    name : str, optional
        Objective that is minimised over all runs; by default what each run says.

    Examples
    --------
    >>> told = BestSoFar(lambda progress: print(progress.objective, progress.bound))
    >>> told(Progress(1.0, 120.0, 90.0))
    120.0 90.0
    >>> told(Progress(2.0, float("inf"), 100.0))
    120.0 100.0
    """

    def __init__(self, watch: Watch, name: str = "") -> None:
        self.objective, self.bound = math.inf, -math.inf
        self._watch, self._name, self._lock = watch, name, threading.Lock()

    def learn(self, objective: float = math.inf, bound: float = -math.inf) -> None:
        """Keep a plan or a bound that no run tells; who listens hears of it with the next event."""
        self.objective, self.bound = min(self.objective, objective), max(self.bound, bound)

    def __call__(self, progress: Progress) -> None:
        """Tell of a run, with what is best of all; events of two threads are told one after the other."""
        with self._lock:
            self.learn(progress.objective, progress.bound)
            bound = min(self.bound, self.objective)  # they may cross within tolerances
            name = self._name or progress.name
            self._watch(replace(progress, objective=self.objective, bound=bound, name=name))


def best_so_far(watch: Watch | None, name: str = "") -> BestSoFar | None:
    """Return a watch that tells another one the best of all runs so far; None where nobody listens."""
    return None if watch is None else BestSoFar(watch, name)
