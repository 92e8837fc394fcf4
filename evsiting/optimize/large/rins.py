"""A better plan of a large program near a known one (relaxation-induced neighbourhood search).

Where a plan and the linear relaxation agree on a decision, it stays; the others are decided anew, exactly, over the
plants of the core and of the plan. The plan may be one for another objective or another ceiling: what it shares with
the relaxation is kept, what it does not is up for decision.

References
----------
.. [1] E. Danna, E. Rothberg, C. Le Pape, "Exploring relaxation induced neighborhoods to improve MIP solutions,"
   Mathematical Programming 102 (2005) 71-90.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evsiting.model.milp import FloatArray
from evsiting.optimize.engines.base import EngineResult
from evsiting.optimize.large.core import Core
from evsiting.results.plan import Status

#: Rounds of the search: which width of the core, and the part of all decisions, those of least reduced cost in either
#: sense, that are open besides those on which plan and relaxation differ.
ROUNDS = ((0, 0.0), (1, 0.4))
#: Difference at which plan and relaxation disagree on a decision.
DIFFERS = 1e-6


def improved(core: Core, start: FloatArray) -> EngineResult:
    """Return a plan near a known point, or none and why.

    Parameters
    ----------
    core : Core
        The program with its relaxation.
    start : numpy.ndarray, shape (N,)
        A point with decisions; flows and whatever follows from decisions need not hold.
    """
    milp, decided = core.milp, core.milp.integer
    size = np.abs(core.reduced_cost)
    point, best = start, EngineResult(Status.NO_SOLUTION, bound=core.bound)
    for number, (width, part) in enumerate(ROUNDS, 1):
        undecided = np.abs(core.relaxed.columns - point) > DIFFERS
        if part:
            undecided |= size <= np.quantile(size[decided], part)
        kept = decided & ~undecided
        lower, upper = (np.where(kept, np.round(point), b) for b in (milp.column_lower, milp.column_upper))
        found = core.run(
            replace(milp, column_lower=lower, column_upper=upper),
            core.columns(core.widths[width] | core.used(point)) | (point != 0.0),
            target=core.target(),
            start=point,
            name=f"round {number}, {int((decided & undecided).sum())} decisions",
        )
        if len(found.columns):
            point, best = found.columns, core.answer(found)
        if best.status is Status.OPTIMAL:
            break
        if found.limit == "interrupt":
            return replace(best, limit=found.limit)
    return best
