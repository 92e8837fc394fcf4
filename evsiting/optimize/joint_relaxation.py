"""All futures together over the columns that matter: a point near the optimum, and a better plan near it.

The extensive form of large programs holds millions of columns, of which plans use a few thousand. Over those in use,
all that are no lanes, and of the others the cheapest by the prices of each future alone, it is a program of ordinary
size. An interior-point method without a corner at its end is quick on its relaxation. Decisions on which that agrees
with a plan are kept, and the others taken anew over all futures [1]_.

References
----------
.. [1] E. Danna, E. Rothberg, C. Le Pape, "Exploring relaxation induced neighborhoods to improve MIP solutions,"
   Mathematical Programming 102 (2005) 71-90.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evsiting.model.extensive_form import Extensive
from evsiting.model.milp import FloatArray, Milp, Objective
from evsiting.optimize.engines.base import Engine, EngineResult, Limits, Watch
from evsiting.optimize.large.core import over
from evsiting.results.plan import Status

__all__ = ["JointRelaxation"]

logger = logging.getLogger(__name__)

#: Columns of lanes of a future, beside those in use, over which all futures are solved together.
CHEAPEST = 4_000
#: Distance at which a plan and the relaxation disagree on a decision. [1]
DIFFERS = 1e-3


@dataclass(frozen=True, eq=False)
class JointRelaxation:
    """The extensive form over the columns that matter near a plan.

    Parameters
    ----------
    form : Extensive
        The programs of all scenarios joined.
    milp, aim
        The same with what risk adds, and what is minimised.
    first : int
        Number of first-stage columns.
    weights : mapping of str to float
        Of the objective of one scenario.
    relaxed : mapping of str to EngineResult
        Relaxation of each future by itself, with prices.
    plan : numpy.ndarray, shape (N,)
        A plan for all futures.
    """

    form: Extensive
    milp: Milp
    aim: Objective
    first: int
    weights: Mapping[str, float]
    relaxed: Mapping[str, EngineResult]
    plan: FloatArray

    @cached_property
    def near(self) -> NDArray[np.bool_]:
        """Which columns matter. shape (N,)"""
        near: NDArray[np.bool_] = np.asarray(self.plan != 0.0)
        near[: self.first] = True
        near[self.form.milp.shape[1] :] = True  # those of the tail
        for s, at in zip(self.form.scenarios, self.form.columns, strict=True):
            solved, milp = self.relaxed[s.name], s.program.milp
            keep, lane = solved.columns != 0.0, s.program.column_of("shipments").ravel()
            other = np.ones(len(at), dtype=np.bool_)
            other[lane] = False
            cost = s.aim(self.weights).coefficients - milp.matrix.T @ solved.prices
            spare = lane[(milp.column_upper[lane] > 0.0) & ~keep[lane] & ~near[at[lane]]]
            if len(spare) > CHEAPEST:
                spare = spare[np.argpartition(cost[spare], CHEAPEST)[:CHEAPEST]]
            keep[spare] = True
            near[at[keep | other]] = True
        return near

    def relax(self, engine: Engine, limits: Limits, watch: Watch | None) -> tuple[FloatArray | None, str]:
        """Return the first stage of a point near the optimum of the relaxation, or None; and what ended it early."""
        program = over(replace(self.milp, integer=np.zeros_like(self.milp.integer)), self.near)
        aim = replace(self.aim, coefficients=self.aim.coefficients[self.near])
        solved = engine.run(program, aim, replace(limits, doubt=False, interior=True), watch=watch)
        figures = int(self.near.sum()), solved.status, solved.objective, solved.seconds
        logger.info("all futures relaxed together over %d columns: %s %.9g, in %.1f s", *figures)
        if solved.status is not Status.OPTIMAL:
            return None, solved.limit
        low, high = (b[: self.first] for b in (self.milp.column_lower, self.milp.column_upper))
        return np.clip(solved.columns[: self.first], low, high), solved.limit

    def decided_anew(self, stage: FloatArray, engine: Engine, limits: Limits, watch: Watch | None) -> EngineResult:
        """Return a plan near a first stage of the relaxation: decisions on which the two agree are as in the plan."""
        mine = self.plan[: self.first]
        agree = np.abs(mine - stage) <= DIFFERS
        low, high = self.milp.column_lower.copy(), self.milp.column_upper.copy()
        low[: self.first][agree] = high[: self.first][agree] = np.round(mine[agree])
        fixed = over(replace(self.milp, column_lower=low, column_upper=high), self.near)
        aim = replace(self.aim, coefficients=self.aim.coefficients[self.near])
        solved = engine.run(fixed, aim, replace(limits, doubt=False), start=self.plan[self.near], watch=watch)
        figures = int((~agree).sum()), solved.status, solved.objective, solved.seconds
        logger.info("%d decisions anew over all futures: %s %.9g, in %.1f s", *figures)
        if not len(solved.columns):
            return solved
        columns = np.zeros(len(self.near))
        columns[self.near] = solved.columns
        return replace(solved, columns=columns, objective=self.aim.value(columns), bound=-np.inf)
