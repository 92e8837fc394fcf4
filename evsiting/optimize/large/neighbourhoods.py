"""A better plan of a large program, one part of its decisions at a time (large neighbourhood search).

The new plants of one plant type, of one period, or of one country in one period are decided anew, exactly, with all
others as they are [1]_; whatever follows from plants (claims, rights of origin, upgrades, closings) is always free.
Those parts come first that have brought something last [2]_.

References
----------
.. [1] P. Shaw, "Using constraint programming and local search methods to solve vehicle routing problems," in CP98,
   Lecture Notes in Computer Science 1520, Springer, 1998, 417-431.
.. [2] S. Ropke, D. Pisinger, "An adaptive large neighborhood search heuristic for the pickup and delivery problem with
   time windows," Transportation Science 40 (2006) 455-472.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evsiting.model.milp import FloatArray
from evsiting.optimize.engines.base import EngineResult
from evsiting.optimize.large.core import Core
from evsiting.results.plan import Status

#: Time for one part, as a part of what the relaxation took, and the least of it. [1, s]
PART_OF_LP, LEAST_S = 0.6, 2.0
#: Part of the gap asked for to which a part is solved: a plan must be better by some of it to be worth another round.
OWN_GAP = 0.05


class NeighbourhoodSearch:
    """The search, which can go on where it stopped.

    Parameters
    ----------
    core : Core
        The program with its relaxation.
    """

    def __init__(self, core: Core) -> None:
        self.core, self.width = core, 0
        self.parts = parts_of(core)
        self._waiting = list(range(len(self.parts)))
        self._failed: set[int] = set()
        self.seconds = max(LEAST_S, PART_OF_LP * core.lp_seconds)

    @property
    def exhausted(self) -> bool:
        """Whether no part has anything left to find, over any width of the core."""
        return self.width >= len(self.core.widths)

    def run(self, best: EngineResult, seconds: float) -> EngineResult:
        """Return the best plan after a while: at least one part is decided anew where there is one.

        Parameters
        ----------
        best : EngineResult
            A plan.
        seconds : float
            After which no other part is begun. [s]
        """
        until = self.core.gone + seconds
        while not self.exhausted and best.status is not Status.OPTIMAL and best.limit != "interrupt":
            if self.core.gone >= until:
                break
            number = self._waiting.pop(0)
            result = self.decided_anew(self.parts[number], best.columns)
            best = self._keep_better(number, result, best)
        return best

    def decided_anew(self, free: NDArray[np.bool_], point: FloatArray) -> EngineResult:
        """Return the plan with some decisions anew and the other new plants as in a point."""
        core, name = self.core, f"{int(free.sum())} new plants free"
        column = core.program.column_of("openings")[~free]
        fixed = np.zeros_like(core.milp.integer)
        fixed[column[column >= 0]] = True
        own, places = OWN_GAP * core.limits.gap, core.widths[self.width]
        return core.run_near(point, fixed, places, gap=own, seconds=min(core.left, self.seconds), name=name)

    def _keep_better(self, number: int, result: EngineResult, best: EngineResult) -> EngineResult:
        """Return the better plan, and put the part in line again: in front where it helped, else behind."""
        worth, before = OWN_GAP * self.core.limits.gap * abs(best.objective), best.objective
        if len(result.columns) and result.objective < before:
            best = self.core.answer(self.core.settled(result))
        if best.objective < before - worth:
            self._waiting.insert(min(1, len(self._waiting)), number)
            self._failed.clear()
        else:
            self._waiting.append(number)
            self._failed.add(number)
        if len(self._failed) == len(self.parts):
            self.width += 1
            self._failed.clear()
        return replace(best, limit="interrupt") if result.limit == "interrupt" else best


def parts_of(core: Core) -> list[NDArray[np.bool_]]:
    """Return the parts of the decisions on new plants, each of shape (R, T) over rows and periods of the openings."""
    sets, column = core.program.sets, core.program.column_of("openings")
    place = core.place_of_build
    kind, country = sets.places.plant_type[place], sets.site_values.country[sets.places.site[place]]
    periods = np.arange(column.shape[1])
    parts = [np.broadcast_to((kind == one)[:, None], column.shape) for one in np.unique(kind)]
    parts += [
        (country == where)[:, None] & (periods == period) for period in periods[::-1] for where in np.unique(country)
    ]
    parts += [np.broadcast_to(periods == period, column.shape) for period in periods[::-1]]
    seen = {(part & (column >= 0)).tobytes(): part & (column >= 0) for part in parts}
    return [part for part in seen.values() if part.any()]
