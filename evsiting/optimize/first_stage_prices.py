r"""Prices of the extensive form from the futures one by one, each with the same first stage.

Where every future decides for itself, a plant that only one of them needs costs the others nothing, and the bound is
that of waiting and seeing. Here all futures get one first stage :math:`\hat x`, near the optimum of the extensive form
[1]_. The prices :math:`y_\omega` of the constraints of future :math:`\omega` then say what more of each first-stage
decision would save it, and for any first stage x

.. math:: Q_\omega(x) \ \ge\ b_\omega^\top y_\omega + d_\omega^\top x
   + \sum_{j\ \text{recourse}} \min_{x_j} d_{\omega j}\,x_j

with the reduced costs d: a cut of the L-shaped method [2]_. The first stage that is least in the cuts of all futures
weighs them, and the prices weighed in the same way prove what it comes to.

A plant that nobody builds has no price: any high enough one is an optimum, and a cut with such a price proves nothing.
So every decision is taken a little, as a point in the interior has the prices of the strongest cuts [3]_.

References
----------
.. [1] A. Ruszczyński, "A regularized decomposition method for minimizing a sum of polyhedral functions," Mathematical
   Programming 35 (1986) 309-333: cuts near a known point in place of far away.
.. [2] R. M. Van Slyke, R. Wets, "L-shaped linear programs with applications to optimal control and stochastic
   programming," SIAM Journal on Applied Mathematics 17 (1969) 638-663; J. R. Birge, F. Louveaux, "A multicut algorithm
   for two-stage stochastic linear programs," European Journal of Operational Research 34 (1988) 384-392.
.. [3] T. L. Magnanti, R. T. Wong, "Accelerating Benders decomposition: algorithmic enhancement and model selection
   criteria," Operations Research 29 (1981) 464-484.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from scipy import sparse

from evsiting.model.extensive_form import Extensive, Scenario
from evsiting.model.milp import FloatArray, IntArray, Milp, Objective
from evsiting.optimize.engines.base import Engine, Limits, Watch
from evsiting.optimize.engines.basis import Basis
from evsiting.results.plan import Status

__all__ = ["FirstStagePrices"]

logger = logging.getLogger(__name__)

#: Families of first-stage columns of which a little is taken, and how much of what is able to be. [1]
TAKEN, LITTLE = ("build", "resume", "claims", "upgrades"), 0.002
#: Least weight of a cut that counts. [1]
LEAST = 1e-9


@dataclass(frozen=True)
class _Cut:
    """What a future comes to at least: ``constant + slope @ x`` in the unit of its objective, by its prices."""

    scenario: int
    constant: float
    slope: FloatArray
    prices: FloatArray


@dataclass(frozen=True, eq=False)
class FirstStagePrices:
    """The cuts that are known of all futures.

    Parameters
    ----------
    form : Extensive
        The futures.
    weights : mapping of str to float
        Of the objective of one scenario.
    unit : float
        Of the objective of all.
    first : int
        Number of first-stage columns.
    engine : Engine
        Who solves.
    bases : dict
        By scenario, from which its next linear program starts.
    """

    form: Extensive
    weights: Mapping[str, float]
    unit: float
    first: int
    engine: Engine
    bases: dict[str, Basis]
    cuts: list[_Cut] = field(default_factory=list)

    def learn(self, number: int, prices: FloatArray, point: FloatArray, value: float) -> None:
        """Take a cut from the prices of a scenario at a point of its program, and what that comes to. [unit]"""
        s, at = self.form.scenarios[number], self.form.columns[number]
        mine, aim = at < self.first, s.aim(self.weights)
        reduced = aim.coefficients - s.program.milp.matrix.T @ prices
        slope = np.zeros(self.first)
        slope[at[mine]] = reduced[mine]
        constant = value / aim.unit - float(reduced[mine] @ point[mine])
        self.cuts.append(_Cut(number, constant, slope, prices))

    def interior(self, stage: FloatArray) -> FloatArray:
        """Return a first stage with a little of every decision, as far as what is asked of decisions alone allows."""
        milp = self.form.milp
        low, high = milp.column_lower[: self.first], milp.column_upper[: self.first]
        able = np.zeros(self.first, dtype=np.bool_)
        for block in (b for b in milp.column_blocks if b.stop <= self.first and b.family in TAKEN):
            able[block.start : block.stop] = True
        able &= high > low
        alone, rows = _of_first_stage(milp, self.first)
        count = int(able.sum())
        pick = sparse.csr_array((np.ones(count), (np.arange(count), np.flatnonzero(able))), shape=(count, self.first))
        wide = sparse.hstack([alone, sparse.csr_array((alone.shape[0], count))])
        tied = sparse.hstack([pick, -sparse.eye_array(count)])
        most = 0.1 * (high - low)[able]
        program = Milp(
            np.concatenate([low, np.zeros(count)]),
            np.concatenate([high, most]),
            np.zeros(self.first + count, dtype=np.bool_),
            sparse.csr_array(sparse.vstack([wide, tied]).tocsr()),
            np.concatenate([milp.row_lower[rows], low[able]]),
            np.concatenate([milp.row_upper[rows], np.full(count, np.inf)]),
            (),
            (),
            MappingProxyType({}),
        )
        cost = np.concatenate([np.zeros(self.first), -1.0 / np.maximum(most, LEAST)])
        solved = self.engine.run(program, Objective("interior", cost, 0.0, 1.0), Limits(gap=0.0, doubt=False))
        if not len(solved.columns):
            return stage
        return np.clip((1.0 - LITTLE) * stage + LITTLE * solved.columns[: self.first], low, high)

    def evaluate(self, stage: FloatArray, limits: Limits, watch: Watch | None = None) -> str:
        """Take a cut of every future at a first stage; return what ended it early, empty where nothing did."""
        for number, (s, at) in enumerate(zip(self.form.scenarios, self.form.columns, strict=True)):
            milp, mine = s.program.milp, at < self.first
            low, high = milp.column_lower.copy(), milp.column_upper.copy()
            low[mine] = high[mine] = stage[at[mine]]
            fixed = replace(milp, column_lower=low, column_upper=high, integer=np.zeros_like(milp.integer))
            solved = self.engine.run(fixed, s.aim(self.weights), limits, watch=watch, basis=self.bases.get(s.name))
            logger.info("prices of %r: %s %.9g, in %.1f s", s.name, solved.status, solved.objective, solved.seconds)
            if solved.status is not Status.OPTIMAL:
                return solved.limit or str(solved.status)
            if solved.basis is not None:
                self.bases[s.name] = solved.basis
            self.learn(number, solved.prices, solved.columns, solved.objective)
            if solved.limit:  # it came too late for this program, but not for the others
                return solved.limit
        return ""

    def weighed(self, limits: Limits) -> tuple[FloatArray, FloatArray] | None:
        """Return the prices of all futures by the best weights of the cuts, and the first stage that is least in them.

        None where the weights are not found.
        """
        milp, count, futures = self.form.milp, len(self.cuts), len(self.form.scenarios)
        of = np.array([cut.scenario for cut in self.cuts])
        slopes = sparse.csr_array(-np.array([cut.slope for cut in self.cuts]))
        values = sparse.csr_array((np.ones(count), (np.arange(count), of)), shape=(count, futures))
        program = Milp(
            np.concatenate([milp.column_lower[: self.first], np.full(futures, -np.inf)]),
            np.concatenate([milp.column_upper[: self.first], np.full(futures, np.inf)]),
            np.zeros(self.first + futures, dtype=np.bool_),
            sparse.csr_array(sparse.hstack([slopes, values]).tocsr()),
            np.array([cut.constant for cut in self.cuts]),
            np.full(count, np.inf),
            (),
            (),
            MappingProxyType({}),
        )
        cost = np.concatenate([np.zeros(self.first), [self._share(s) for s in self.form.scenarios]])
        solved = self.engine.run(program, Objective("cuts", cost, 0.0, 1.0), limits)
        if solved.status is not Status.OPTIMAL or len(solved.prices) != count:
            return None
        weights = np.where(solved.prices > LEAST, solved.prices, 0.0)
        parts = [
            sum(
                (weights[k] * cut.prices for k, cut in enumerate(self.cuts) if cut.scenario == number),
                np.zeros(s.program.milp.shape[0]),
            )
            for number, s in enumerate(self.form.scenarios)
        ]
        return np.concatenate(parts), solved.columns[: self.first]

    def _share(self, s: Scenario) -> float:
        """Return what one unit of a future's objective is in that of all."""
        return s.probability * s.aim(self.weights).unit / self.unit


def _of_first_stage(milp: Milp, first: int) -> tuple[sparse.csr_array, IntArray]:
    """Return the constraints that hold first-stage columns alone, over these, and where they stand."""
    matrix = sparse.csr_array(milp.matrix)
    size = np.diff(matrix.indptr)
    row = np.repeat(np.arange(len(size)), size)
    inside = np.bincount(row[matrix.indices < first], minlength=len(size))
    rows = np.flatnonzero((size > 0) & (inside == size))
    return sparse.csr_array(matrix[rows][:, :first]), rows
