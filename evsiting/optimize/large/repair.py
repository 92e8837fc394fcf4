"""A plan near one that rules on decisions alone exclude: a forced site, another set of sites.

Such a rule says nothing of flows, so the plan misses it by a few decisions. One part of the plan is decided anew, the
smallest first that has a say in every rule that is missed, and all other new plants stay: the neighbourhoods of
:mod:`evsiting.optimize.large.neighbourhoods`, begun from a point that does not hold.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evsiting.model.build import Program
from evsiting.model.milp import FloatArray, IntArray
from evsiting.model.plan_columns import Indicator
from evsiting.optimize.engines.base import EngineResult
from evsiting.optimize.large.core import Core
from evsiting.optimize.large.neighbourhoods import NeighbourhoodSearch
from evsiting.results.plan import Status

__all__ = ["breaks_rules", "broken_rules", "repaired"]

#: By how much a sum of decisions misses a limit.
MISSED = 1e-6
#: Part of all new plants below which a rule speaks of few.
NARROW = 0.5


def repaired(core: Core, search: NeighbourhoodSearch, start: FloatArray) -> EngineResult:
    """Return a plan near a point that breaks rules on decisions; none where none is found, and why.

    In a part, the new plants that the point or the relaxation builds are free, and those of which a rule speaks, unless
    it speaks of most.

    Parameters
    ----------
    core : Core
        The program with its relaxation.
    search : NeighbourhoodSearch
        Whose parts are tried.
    start : numpy.ndarray, shape (N,)
        The point.
    """
    rules, column = broken_rules(core.program, start), core.program.column_of("openings")
    has_say = [part for part in search.parts if rules[:, column[part]].any(axis=1).all()]
    narrow = rules[:, column[column >= 0]].mean(axis=1) < NARROW
    taken = (start > MISSED) | (core.relaxed.columns > MISSED) | rules[narrow].any(axis=0)
    for part in sorted(has_say, key=np.count_nonzero):
        result = search.decided_anew(part & taken[column], start)
        if len(result.columns):
            return core.answer(core.settled(result))
        if result.limit == "interrupt":
            return EngineResult(Status.NO_SOLUTION, bound=core.bound, limit="interrupt", version=result.version)
    return EngineResult(Status.NO_SOLUTION, bound=core.bound)


def breaks_rules(core: Core, point: FloatArray) -> bool:
    """Whether rules on decisions alone exclude a point; under ceilings more is missed than a few decisions."""
    return core.milp is core.program.milp and len(broken_rules(core.program, point)) > 0


def broken_rules(program: Program, point: FloatArray) -> NDArray[np.bool_]:
    """Return which columns have a say in each constraint on decisions alone that a point breaks. shape (B, N)

    Columns that follow from decisions, such as that a site opens, count as decisions, and those behind them have a say.
    """
    milp, follows = program.milp, program.indicators
    decided = milp.integer.copy()
    for one in follows:
        decided[one.column[_all_of(one, milp.integer)]] = True
    activity, flows = milp.matrix @ point, abs(milp.matrix) @ (~decided).astype(np.float64)
    outside = (activity < milp.row_lower - MISSED) | (activity > milp.row_upper + MISSED)
    broken = np.flatnonzero(outside & (flows == 0.0))
    say = np.zeros((len(broken), milp.shape[1]), dtype=np.bool_)
    start = milp.matrix.indptr
    for k, row in enumerate(broken):
        say[k, milp.matrix.indices[start[row] : start[row + 1]]] = True
        for one in follows:
            say[k, one.member[say[k, one.column[one.row]]]] = True
    return say


def _all_of(one: Indicator, which: NDArray[np.bool_]) -> IntArray:
    """Return the positions of columns all of whose members are among some columns."""
    lacks = np.bincount(one.row, weights=~which[one.member], minlength=len(one.column))
    return np.flatnonzero(lacks == 0.0)
