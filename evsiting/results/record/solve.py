"""The record of a solve: how an answer was reached, and how good it is proven to be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from evsiting.results.record.bound_prices import BoundPrices
from evsiting.results.record.differences import difference
from evsiting.results.record.relaxation_basis import RelaxationBasis
from evsiting.study.objectives import OBJECTIVES, least_is_best

__all__ = ["Packed", "Solve", "Status", "relative_gap", "verified_words"]


class Packed:
    """Lets frozen classes whose mappings are read-only views be pickled and copied: views travel as dictionaries."""

    def __getstate__(self) -> dict[str, Any]:
        return {k: dict(v) if isinstance(v, MappingProxyType) else v for k, v in self.__dict__.items()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update({k: MappingProxyType(v) if isinstance(v, dict) else v for k, v in state.items()})


def relative_gap(objective: float, bound: float) -> float:
    """Return the distance of an objective to a bound as a part of the objective; infinite where either is no number.

    Examples
    --------
    >>> (
    ...     relative_gap(200.0, 190.0),
    ...     relative_gap(2e-12, 1e-12),
    ...     relative_gap(0.0, 0.0),
    ...     relative_gap(0.0, -1.0),
    ... )
    (0.05, 0.5, 0.0, inf)
    """
    if not (math.isfinite(objective) and math.isfinite(bound)):
        return math.inf
    if objective <= bound:
        return 0.0
    return (objective - bound) / abs(objective) if objective else math.inf


class Status(StrEnum):
    """How a solver run ended.

    Examples
    --------
    >>> import evsiting as ev
    >>> ev.solve(ev.example("starter")).status is ev.Status.OPTIMAL
    True
    >>> str(ev.Status.NO_SOLUTION)
    'no solution'
    """

    OPTIMAL = "optimal"
    """Bound and objective meet the gap asked for."""
    FEASIBLE = "feasible"
    """A plan was found, a limit ended the run before its gap was proven."""
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    NO_SOLUTION = "no solution"
    """A limit ended the run before any plan was found."""
    UNCLEAR = "unclear"
    """The solver could not tell (infeasible or unbounded, numerical trouble)."""


#: What ended the solve of a plan for one of several scenarios: they were solved together, and that is what is proven.
ALL_SCENARIOS = "scenarios"


@dataclass(frozen=True)
class Solve(Packed):
    """How an answer was reached.

    Parameters
    ----------
    status : Status
        How the run ended.
    objective_name : str
        cost, emissions, jobs, or the weights as text: ``1 cost + 120 emissions``. What it means is read by
        :attr:`weights`.
    objective : float
        Value of the plan in the objective that was minimised. (USD, tCO2e, or job-years with a minus sign)
    bound : float
        No plan has a lower value; who proves that, :attr:`bound_by` says.
    limit : str
        What ended the run: ``gap``, ``time``, ``interrupt``, ``nodes``; ``aggregation`` where groups of places leave
        more open than the gap asked for; ``scenarios`` of a plan for one of several futures, of which nothing is proven
        alone; empty where it ran to the end.
    seconds : float
        Wall-clock time of building and solving. [s]
    engine, engine_version : str
        Solver and its version.
    gap_asked : float
        Relative gap asked for. [fraction]
    seed, threads : int
        As handed to the solver.
    columns, rows, entries : int
        Size of the program.
    caps : mapping of str to float
        Ceilings on objectives under which it was solved (ε-constraints), less is better. [USD, tCO2e,
        −job-years]
    verified : str
        What a second run said of the proof: ``confirmed``; ``refuted``, where plan and bound are those of the second
        run; ``cut short``; ``unclear``; empty where there was none.
    verified_by : str
        Who ran it, and how long.
    constant : float
        Part of the objective that no decision changes, such as fixed cost of standing plants. (USD, tCO2e, or job-years
        with a minus sign)
    goods : mapping of str to float
        What goods alone add to cost and to emissions in every plan of the study, by the cheapest recipe from the
        cheapest sellers (:func:`evsiting.results.goods.least_of_goods`). [USD, tCO2e]
    price_bound : float
        What ``prices`` prove of the bound; minus infinity where there are none.
    prices : BoundPrices or None
        Dual values from which the bound can be recomputed without a solver (:func:`evsiting.recompute_bound`); None
        where the solver's own tree proved it.
    basis : RelaxationBasis or None
        Of a large program: of its linear relaxation, from which a later solve starts.
    aggregated : str
        Over how many groups of places the bound was proven, in words; empty where it is that of the study's own
        program. It holds for all sites and all lanes that the package makes.
    own_rules : bool
        Whether the program had rules of the user's own (``extra``), under which alone the bound holds.
    seal : str
        Digest of what is proven (:mod:`evsiting.results.seal`); empty where the record was made by hand.
    """

    status: Status
    objective_name: str
    objective: float
    bound: float
    limit: str = ""
    seconds: float = 0.0
    engine: str = ""
    engine_version: str = ""
    gap_asked: float = 0.0
    seed: int = 0
    threads: int = 1
    columns: int = 0
    rows: int = 0
    entries: int = 0
    caps: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    verified: str = ""
    verified_by: str = ""
    constant: float = 0.0
    goods: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    price_bound: float = -math.inf
    prices: BoundPrices | None = field(default=None, repr=False, compare=False)
    basis: RelaxationBasis | None = field(default=None, repr=False, compare=False)
    seal: str = ""
    aggregated: str = ""
    own_rules: bool = False

    def with_proof_of(self, other: Solve) -> Solve:
        """Return the record with the prices of another for the same objective, where those prove more.

        What is proven under fewer or looser ceilings holds under more and tighter ones.
        """
        if other.prices is None or other.price_bound <= self.price_bound:
            return self
        more = len(self.caps) - len(other.caps)
        return replace(self, prices=other.prices.with_constraints(more), price_bound=other.price_bound)

    @property
    def gap(self) -> float:
        """Proven relative distance of the plan to the best possible one. [fraction]."""
        return relative_gap(self.objective, self.bound)

    @property
    def absolute_gap(self) -> float:
        """How much better than the plan the best possible one may be, in the objective's unit; infinite where unknown.

        Examples
        --------
        >>> Solve(Status.OPTIMAL, "cost", 7.0, 6.5).absolute_gap
        0.5
        """
        apart = self.objective - self.bound
        return max(0.0, apart) if math.isfinite(apart) else math.inf

    def difference_from(self, other: Solve) -> tuple[float, float]:
        """Return between which ends the best objective here less the best one there lies, whatever the gaps of both.

        Examples
        --------
        >>> Solve(Status.OPTIMAL, "cost", 9.0, 8.5).difference_from(Solve(Status.OPTIMAL, "cost", 7.0, 6.5))
        (1.5, 2.5)
        """
        return difference(self.bound, other.objective), difference(self.objective, other.bound)

    @property
    def unavoidable(self) -> float:
        """Part of the objective that every plan of the study has: ``constant``, and goods; siting can change the rest.

        Examples
        --------
        >>> Solve(Status.OPTIMAL, "cost", 7.0, 6.5, constant=1.0, goods={"cost": 4.0}).unavoidable
        5.0
        """
        return self.constant + sum(w * self.goods.get(name, 0.0) for name, w in self.weights.items())

    @property
    def bound_by(self) -> str:
        """Who proves the bound: ``prices``, from which anyone can recompute it, or the ``solver`` by its own tree.

        ``aggregation`` where it is that of a program over groups of places of which no prices are kept.

        Examples
        --------
        >>> Solve(Status.OPTIMAL, "cost", 7.0, 6.9).bound_by
        'solver'
        """
        if math.isfinite(self.bound) and self.price_bound >= self.bound:
            return "prices"
        return "aggregation" if self.aggregated else "solver"

    @property
    def weights(self) -> dict[str, float]:
        """The weight of each total in the objective, as its name says (``1 cost + 120 emissions``).

        Examples
        --------
        >>> Solve(Status.OPTIMAL, "1 cost + 120 emissions", 0.0, 0.0).weights
        {'cost': 1.0, 'emissions': 120.0}

        Raises
        ------
        ValueError
            If the name is neither an objective nor a sum of weights and objectives.
        """
        weights: dict[str, float] = {}
        for term in self.objective_name.split(" + "):
            text, _, name = term.rpartition(" ")
            try:
                weight = float(text or 1.0)
            except ValueError:
                weight = math.nan
            if name not in OBJECTIVES or name in weights or not math.isfinite(weight):
                message = f"objective {self.objective_name!r} is no sum of weights and {', '.join(OBJECTIVES)}"
                raise ValueError(message)
            weights[name] = weight
        return weights

    def value_of(self, totals: Mapping[str, float]) -> float:
        """Return the objective that these totals amount to; jobs count with a minus sign.

        Examples
        --------
        >>> Solve(Status.OPTIMAL, "jobs", 0.0, 0.0).value_of({"cost": 5.0, "emissions": 1.0, "jobs": 7.0})
        -7.0
        """
        return sum(w * least_is_best(n, totals[n]) for n, w in self.weights.items())


def verified_words(solve: Solve) -> str:
    """Return what a second run said of the proof, in a few words; nothing where there was none.

    Examples
    --------
    >>> verified_words(
    ...     Solve(Status.OPTIMAL, "cost", 0.0, 0.0, verified="cut short", verified_by="scip 9.2, 1.0 s")
    ... )
    'verification cut short (scip 9.2, 1.0 s)'
    """
    words = {
        "confirmed": "verified",
        "refuted": "corrected by a second run",
        "cut short": "verification cut short",
        "unclear": "verification without a clear answer",
    }
    return f"{words.get(solve.verified, solve.verified)} ({solve.verified_by})" if solve.verified else ""
