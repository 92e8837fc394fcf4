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

__all__ = ["broken_rules", "repaired"]

#: By how much a sum of decisions misses a limit.
MISSED = 1e-6


def repaired(core: Core, search: NeighbourhoodSearch, start: FloatArray) -> EngineResult:
    """Return a plan near a point that breaks rules on decisions; none where it breaks none, or where none is found.

    Parameters
    ----------
    core : Core
        The program with its relaxation.
    search : NeighbourhoodSearch
        Whose parts are tried.
    start : numpy.ndarray, shape (N,)
        The point.
    """
    none = EngineResult(Status.NO_SOLUTION, bound=core.bound)
    rules = broken_rules(core.program, start)
    if not len(rules) or core.milp is not core.program.milp:  # under ceilings more is missed than a few decisions
        return none
    column = core.program.column_of("openings")
    has_say = [part for part in search.parts if (rules[:, column[part]].any(axis=1)).all()]
    for part in sorted(has_say, key=np.count_nonzero):
        result = search.decided_anew(part, start)
        if len(result.columns):
            return core.answer(core.settled(result))
        if result.limit == "interrupt":
            return EngineResult(Status.NO_SOLUTION, bound=core.bound, limit="interrupt", version=result.version)
    return none


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
