"""A better plan of a large program near a known one (relaxation-induced neighbourhood search).

Decisions on which the plan and the linear relaxation agree are fixed; the others are decided anew, exactly, over the
plants of the core and of the plan. The plan may be one for another objective or another ceiling.

References
----------
.. [1] E. Danna, E. Rothberg, C. Le Pape, "Exploring relaxation induced neighborhoods to improve MIP solutions,"
   Mathematical Programming 102 (2005) 71-90.
"""

from __future__ import annotations

import numpy as np

from evsiting.model.milp import FloatArray
from evsiting.optimize.engines.base import EngineResult
from evsiting.optimize.large.core import Core
from evsiting.results.plan import Status

#: Difference at which plan and relaxation disagree on a decision.
DIFFERS = 1e-6


def rins(core: Core, start: FloatArray) -> EngineResult:
    """Return a plan near a known point, or none and why.

    Parameters
    ----------
    core : Core
        The program with its relaxation.
    start : numpy.ndarray, shape (N,)
        A point with decisions; flows and whatever follows from decisions need not hold.
    """
    decided, agree = core.milp.integer, np.abs(core.relaxed.columns - start) <= DIFFERS
    name = f"near a known plan, {int((decided & ~agree).sum())} decisions"
    result = core.run_near(start, decided & agree, core.widths[0], name=name)
    if not len(result.columns):
        return EngineResult(Status.NO_SOLUTION, bound=core.bound, limit=result.limit, version=result.version)
    return core.answer(core.settled(result))
