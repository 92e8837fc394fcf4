"""Linear relaxations of one program and its neighbours, each solved from the basis of the nearest one that is known."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from evsiting.model.milp import Milp, Objective
from evsiting.optimize.engines.base import Engine, EngineResult, Limits, Watch
from evsiting.optimize.engines.basis import Basis, Layout
from evsiting.optimize.price_bound import price_bound
from evsiting.results.record.bound_prices import BoundPrices
from evsiting.results.record.solve import Status

__all__ = ["KnownBasis", "RelaxationBound", "Relaxations", "relaxation_bound"]

logger = logging.getLogger(__name__)

#: Most bases that are kept beside the first; the oldest go.
MOST = 60
#: Part of the columns and rows that two programs must share for the basis of one to be a start for the other.
SHARED = 0.5


@dataclass(frozen=True)
class RelaxationBound:
    """What the linear relaxation of a program proves: no plan is below.

    Parameters
    ----------
    value : float
        In the objective's real unit (USD, tCO2e, minus job-years), less is better: recomputed from the prices by weak
        duality (:mod:`evsiting.optimize.price_bound`). Infinite where they prove that there is no plan, minus infinity
        where they prove nothing.
    status : Status
        ``optimal`` where the relaxation was solved, ``infeasible`` where it has no point, else ``no_solution``.
    relaxation : float
        The value of the relaxation, by the solver; NaN where it was not solved.
    limit : str
        What ended the run early: ``time`` or ``interrupt``; empty where nothing did.
    seconds : float
        Of the clock. [s]
    warm : bool
        Whether it started from a known basis.
    prices : BoundPrices or None
        Dual values of all constraints, a dual ray where there is no point; None where the solver tells none.

    Examples
    --------
    >>> import evsiting as ev
    >>> session = ev.open_session(ev.example("starter"))
    >>> found = session.bound()
    >>> str(found.status), found.value <= session.solve().totals["cost"]
    ('optimal', True)
    """

    value: float
    status: Status
    relaxation: float = math.nan
    limit: str = ""
    seconds: float = 0.0
    warm: bool = False
    prices: BoundPrices | None = None

    @property
    def feasible(self) -> bool:
        """Whether there may be a plan: False only where the relaxation has no point."""
        return self.status is not Status.INFEASIBLE


@dataclass(frozen=True, eq=False)
class KnownBasis:
    """A basis, and the program of which it is an optimum."""

    weights: dict[str, float]
    caps: dict[str, float]
    layout: Layout
    basis: Basis


class Relaxations:
    """The bases that are known.

    Parameters
    ----------
    known : Relaxations, optional
        Of a neighbouring program, to start from.
    """

    def __init__(self, known: Relaxations | None = None) -> None:
        self._known: list[KnownBasis] = [] if known is None else list(known._known)
        #: The longest that a relaxation took from nothing. [s]
        self.from_nothing_s: float = 0.0 if known is None else known.from_nothing_s

    @property
    def known(self) -> tuple[KnownBasis, ...]:
        """The bases, the first one first."""
        return tuple(self._known)

    def learn(self, known: Sequence[KnownBasis], from_nothing_s: float = 0.0) -> None:
        """Take bases of another process, before those that are known, and what a relaxation took there. [s]"""
        self.from_nothing_s = max(self.from_nothing_s, from_nothing_s)
        self._known = [*known, *self._known][: MOST + 1]

    def of(self, weights: Mapping[str, float], caps: Mapping[str, float]) -> KnownBasis | None:
        """Return the newest basis of an objective under ceilings; None where that was not solved."""
        asked = dict(weights), dict(caps)
        return next((k for k in reversed(self._known) if (k.weights, k.caps) == asked), None)

    def solve(
        self,
        milp: Milp,
        objective: Objective,
        engine: Engine,
        limits: Limits,
        *,
        weights: Mapping[str, float],
        caps: Mapping[str, float],
        watch: Watch | None = None,
    ) -> tuple[EngineResult, bool]:
        """Return the linear relaxation of a program, and whether it started from a known basis.

        Parameters
        ----------
        milp, objective
            What is minimised; that columns must be integers is left out.
        engine, limits, watch
            Who solves, how hard, and who is told.
        weights, caps : mapping of str to float
            Of the objective, and ceilings that the program has as rows: by them the nearest basis is chosen.
        """
        began = time.perf_counter()
        lp, layout = replace(milp, integer=np.zeros_like(milp.integer)), Layout.of(milp)
        asked = dict(weights), dict(caps)
        near = self._near(*asked, layout) if engine.tells_prices else None
        start = None
        if near is not None:
            only_costs = near.weights != asked[0] and near.caps == asked[1] and _is_same_program(near, layout)
            start = _start(near, layout, only_costs)
        result = EngineResult(Status.UNCLEAR)
        if start is not None:
            result = engine.run(lp, objective, replace(limits, doubt=False), watch=watch, basis=start)
        if result.status is Status.UNCLEAR or (
            result.status is Status.INFEASIBLE and not _is_proven_empty(lp, objective, result)
        ):
            left = max(1.0, limits.time_s - (time.perf_counter() - began))
            result, start = engine.run(lp, objective, replace(limits, time_s=left), watch=watch), None
        if result.basis is not None:
            self._keep(KnownBasis(*asked, layout, result.basis))
        result = replace(result, seconds=time.perf_counter() - began)
        if start is None:
            self.from_nothing_s = max(self.from_nothing_s, result.seconds)
        how = "from a known basis" if start is not None else "from nothing"
        logger.info("relaxation %s %s: %s %.9g, in %.2f s", objective.name, how, result.status, result.objective,
                    result.seconds)  # fmt: skip
        return result, start is not None

    def _keep(self, new: KnownBasis) -> None:
        """Keep a basis in place of an older one of the same program; of too many, the first and the newest stay."""
        same = [
            k for k in self._known if (k.weights, k.caps) == (new.weights, new.caps) and _is_same_program(k, new.layout)
        ]
        self._known = [k for k in self._known if k not in same] + [new]
        if len(self._known) > MOST + 1:
            self._known.pop(1)

    def _near(self, weights: dict[str, float], caps: dict[str, float], layout: Layout) -> KnownBasis | None:
        """Return what is known of the nearest program: of the same objective first, then under the nearest ceilings.

        One with quite another objective is no start: the primal simplex method would take longer than from nothing.
        """

        def distance(known: KnownBasis) -> tuple[bool, bool, float, bool]:
            off = _distance(known.weights, weights) + _distance(known.caps, caps)
            return (
                known.weights.keys() != weights.keys(),
                known.weights != weights,
                off,
                not _is_same_program(known, layout),
            )

        return min((k for k in reversed(self._known) if k.weights.keys() & weights.keys()), key=distance, default=None)


def relaxation_bound(milp: Milp, objective: Objective, result: EngineResult, *, warm: bool) -> RelaxationBound:
    """Return what the prices of a relaxation prove."""
    empty = result.status is Status.INFEASIBLE
    word = result.status if result.status in (Status.OPTIMAL, Status.INFEASIBLE) else Status.NO_SOLUTION
    plain = math.inf if empty else result.bound
    bound = RelaxationBound(plain, word, result.objective, result.limit, result.seconds, warm)
    if len(result.prices) != milp.shape[0]:
        return bound
    prices = BoundPrices.of_relaxation(result.prices)
    if empty:
        prices = next((p for p in _both_ways(prices) if math.isinf(price_bound(milp, objective, p)[0])), prices)
    return replace(bound, value=price_bound(milp, objective, prices)[0], prices=prices)


def _both_ways(prices: BoundPrices) -> tuple[BoundPrices, BoundPrices]:
    """Return a ray that is to prove a program empty, in both directions."""
    empty = np.ones(1, dtype=np.bool_)
    return replace(prices, empty=empty), replace(prices, empty=empty, base=-prices.base)


def _is_proven_empty(milp: Milp, objective: Objective, result: EngineResult) -> bool:
    """Whether a ray proves a program empty."""
    if len(result.prices) != milp.shape[0]:
        return False
    both = _both_ways(BoundPrices.of_relaxation(result.prices))
    return any(price_bound(milp, objective, p)[0] == math.inf for p in both)


def _start(near: KnownBasis, layout: Layout, primal: bool) -> Basis | None:
    """Return a known basis for another program; None where the two share too little."""
    share = min(_shared(a, b) for a, b in zip(near.layout.shape, layout.shape, strict=True))
    if share < SHARED:
        logger.info("the programs share too little for a known basis to be a start")
        return None
    return near.basis.moved(near.layout, layout, primal=primal)


def _is_same_program(known: KnownBasis, layout: Layout) -> bool:
    """Whether a basis is of the same program, but for ceilings."""
    return known.layout.columns is layout.columns


def _shared(one: int, other: int) -> float:
    return min(one, other) / max(one, other, 1)


def _distance(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Return how far apart weights or ceilings are: one for each that only one has, else relative."""
    return sum(
        abs(one[n] - other[n]) / max(abs(one[n]), abs(other[n]), 1e-300) if n in one and n in other else 1.0
        for n in {*one, *other}
    )
