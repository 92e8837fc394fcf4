r"""A bound over all futures from shares of the first-stage cost: the future that needs most pays most of it.

Where every future decides for itself and pays what it builds, a plant that one of them needs costs the others nothing,
and the bound is that of waiting and seeing. Let future :math:`\omega` pay the share :math:`\mu_\omega` of the cost of
decisions that all have in common. For any shares with :math:`\sum_\omega p_\omega \mu_\omega = 1`

.. math:: \min_{x,\,y_\omega} \sum_\omega p_\omega \left(c^\top x + q_\omega^\top y_\omega\right) \ \ge\
   \sum_\omega p_\omega \min_{x_\omega,\,y_\omega} \left(\mu_\omega c^\top x_\omega + q_\omega^\top y_\omega\right)

which is the Lagrangian relaxation of :math:`x_\omega = x` [1]_ with multipliers of one shape. Here one future h pays
:math:`\mu_h = 1 + t\,(1/p_h - 1)` and the others :math:`1 - t`. The bound is concave in the part t; where h builds for
more than the others do on average, a larger part raises it, and else a smaller one.

References
----------
.. [1] C. C. Carøe, R. Schultz, "Dual decomposition in stochastic integer programming," Operations Research Letters 24
   (1999) 37-45.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from evsiting.model.extensive_form import Extensive, Scenario
from evsiting.model.milp import FloatArray, Objective
from evsiting.optimize.engines.base import Engine, EngineResult, Limits, Watch
from evsiting.optimize.sessions.relaxations import Relaxations
from evsiting.results.plan import Status
from evsiting.results.record.bound_prices import BoundPrices

__all__ = ["CostShares", "SharedBound", "neediest"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SharedBound:
    """What the futures come to under shares of the first-stage cost.

    Parameters
    ----------
    proof : BoundPrices
        Prices of all constraints of the extensive form.
    slope : float
        How the bound changes with the part; above zero where a larger part raises it. [unit of the objective]
    """

    proof: BoundPrices
    slope: float


@dataclass(frozen=True, eq=False)
class CostShares:
    """The futures, one of which pays more than the others of what all of them build.

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
    payer : Scenario
        The one that needs most.
    known : dict
        Bases of each future, by its name: of the part before.
    """

    form: Extensive
    weights: Mapping[str, float]
    unit: float
    first: int
    engine: Engine
    payer: Scenario
    known: dict[str, Relaxations] = field(default_factory=dict)

    def share(self, s: Scenario, part: float) -> float:
        """Return what a future pays of the first-stage cost at a part. [1]"""
        return 1.0 + part * (1.0 / s.probability - 1.0) if s is self.payer else 1.0 - part

    def bound(self, part: float, limits: Limits, watch: Watch | None = None) -> tuple[SharedBound | None, str]:
        """Solve the relaxation of every future at a part; return what they prove, or None, and what ended it early."""
        prices: dict[str, FloatArray] = {}
        slope, neighbour = 0.0, None
        order = sorted(self.form.scenarios, key=lambda s: (s is self.payer, -s.probability))
        for s in order:
            aim, milp = s.aim(self.weights), s.program.milp
            at = self.form.columns[self.form.scenarios.index(s)]
            mine = at < self.first
            shared = np.where(mine, self.share(s, part) * aim.coefficients, aim.coefficients)
            own = self.known[s.name] if s.name in self.known else Relaxations(neighbour)
            solved, _ = own.solve(milp, replace(aim, coefficients=shared), self.engine, limits, watch=watch,
                                  weights=self.weights, caps={})  # fmt: skip
            if solved.status is not Status.OPTIMAL or len(solved.prices) != milp.shape[0]:
                return None, solved.limit
            self.known[s.name] = own
            neighbour = neighbour or own
            prices[s.name] = solved.prices * (s.probability * aim.unit / self.unit)
            built = _first_stage_cost(aim, mine, solved)
            slope += (1.0 - s.probability if s is self.payer else -s.probability) * built
        logger.info("part %.3g of the first-stage cost moved to %r: slope %.4g", part, self.payer.name, slope)
        proof = BoundPrices.of_relaxation(np.concatenate([prices[s.name] for s in self.form.scenarios]))
        return SharedBound(proof, slope), ""


def neediest(
    form: Extensive, weights: Mapping[str, float], first: int, relaxed: Mapping[str, EngineResult]
) -> Scenario:
    """Return the future whose first stage costs most where it decides for itself.

    Parameters
    ----------
    form : Extensive
        The futures.
    weights : mapping of str to float
        Of the objective of one scenario.
    first : int
        Number of first-stage columns.
    relaxed : mapping of str to EngineResult
        Relaxation of each future by itself.
    """

    def cost(s: Scenario) -> float:
        mine = form.columns[form.scenarios.index(s)] < first
        return _first_stage_cost(s.aim(weights), mine, relaxed[s.name])

    return max(form.scenarios, key=cost)


def _first_stage_cost(aim: Objective, mine: NDArray[np.bool_], solved: EngineResult) -> float:
    """Return what the first-stage columns of a future's point come to, at their whole cost. [unit of the objective]"""
    return float(aim.coefficients[mine] @ solved.columns[mine]) * aim.unit
