"""Plan: what opens where, what flows, and how good the answer is proven to be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from html import escape
from types import MappingProxyType
from typing import Any

import pandas as pd

from evsiting.results.bound_prices import BoundPrices
from evsiting.study.objectives import OBJECTIVES, least_is_best, total_words

#: Items of the ledger of cost that are penalties: a price that the study sets on what must not be, paid to nobody.
PENALTIES = ("unmet",)
#: Gap below which it is the arithmetic of the solver's. [fraction]
RESOLVED = 1e-9


class _Packed:
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


@dataclass(frozen=True)
class Solve(_Packed):
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
        What ended the run: ``gap``, ``time``, ``interrupt``, ``nodes``; empty where it ran to the end.
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
    price_bound : float
        What ``prices`` prove of the bound; minus infinity where there are none.
    prices : BoundPrices or None
        Dual values from which the bound can be recomputed without a solver (:func:`evsiting.recompute_bound`); None
        where the solver's own tree proved it.
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
    price_bound: float = -math.inf
    prices: BoundPrices | None = field(default=None, repr=False, compare=False)
    seal: str = ""

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
    def bound_by(self) -> str:
        """Who proves the bound: ``prices``, from which anyone can recompute it, or the ``solver`` by its own tree.

        Examples
        --------
        >>> Solve(Status.OPTIMAL, "cost", 7.0, 6.9).bound_by
        'solver'
        """
        return "prices" if math.isfinite(self.bound) and self.price_bound >= self.bound else "solver"

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
        found: dict[str, float] = {}
        for term in self.objective_name.split(" + "):
            weight, _, name = term.rpartition(" ")
            if name not in OBJECTIVES or name in found:
                message = f"objective {self.objective_name!r} is no sum of weights and {', '.join(OBJECTIVES)}"
                raise ValueError(message)
            found[name] = float(weight or 1.0)
        return found

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


class _Answer(_Packed):
    """What a run of a solver found: how good it is proven to be, and its facts as text and as a table."""

    solve: Solve

    @property
    def status(self) -> Status:
        """How the run ended."""
        return self.solve.status

    @property
    def gap(self) -> float:
        """Proven relative gap of what was minimised. [fraction]."""
        return self.solve.gap

    def _facts(self) -> list[tuple[str, str]]:
        raise NotImplementedError

    @property
    def _status_fact(self) -> tuple[str, str]:
        run = self.solve
        second = f"; {verified_words(run)}" if run.verified else ""
        return "status", f"{run.status} ({run.engine} {run.engine_version}, {run.seconds:.1f} s{second})"

    @property
    def _gap_told(self) -> str:
        return f"proven gap {f'{self.gap:.2%}' if math.isfinite(self.gap) else 'unknown'}"

    def __repr__(self) -> str:
        return "\n".join(f"{name:<10} {value}" for name, value in self._facts())

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(n)}</th><td>{escape(v)}</td></tr>" for n, v in self._facts()
        )
        return f"<table>{rows}</table>"


@dataclass(frozen=True, eq=False, repr=False)
class Plan(_Answer):
    """The answer to a study. Two plans are equal only where they are the same object.

    Parameters
    ----------
    study_name, study_digest : str
        Name and digest of the study (with its layers) that it answers.
    solve : Solve
        Status, objective, bound and circumstances.
    sites : geopandas.GeoDataFrame
        One row a plant of the plan, new or standing: ``plant``, ``site``, ``name``, ``country``, ``region``,
        ``plant_type``, ``option`` (empty for a standing plant), ``status`` (new, existing, committed, closed,
        resumed), ``period`` (of opening, closing or resuming; empty for a plant that simply stands),
        ``capacity_units_per_yr``, ``capex_usd``, ``jobs_fte`` (in the last period), ``used`` (fraction of capacity in
        the last period), ``programs``, and the point.
    production : pandas.DataFrame
        ``site``, ``plant_type``, ``product``, ``period``, ``units_per_yr``.
    shipments : pandas.DataFrame
        ``product``, ``origin``, ``destination``, ``mode``, ``period``, ``units_per_yr``.
    unmet : pandas.DataFrame
        ``market``, ``product``, ``period``, ``units_per_yr``.
    decisions : mapping of str to pandas.DataFrame
        Everything else that is decided, by names of :data:`evsiting.study.schema.plan_tables.DECISIONS`: ``openings``,
        ``closings``, ``claims``, ``credits``, ``clean``, ``preferences``, ...; empty where nothing is.
    ledgers : mapping of str to pandas.DataFrame
        ``cost`` [USD present value], ``emissions`` [tCO2e over the horizon], ``jobs`` [job-years]; each has
        the column ``value`` that adds up to the total of its name.
    versions : mapping of str to str
        Versions of evsiting and of the libraries that matter.

    Examples
    --------
    >>> import evsiting as ev
    >>> plan = ev.solve(ev.example("starter"))
    >>> cost = plan.ledgers["cost"].groupby("item")["value"].sum()
    >>> bool(abs(cost.sum() - plan.totals["cost"]) < 1.0), plan.gap <= 0.005
    (True, True)
    """

    study_name: str
    study_digest: str
    solve: Solve
    sites: Any
    production: pd.DataFrame
    shipments: pd.DataFrame
    unmet: pd.DataFrame
    decisions: Mapping[str, pd.DataFrame]
    ledgers: Mapping[str, pd.DataFrame]
    versions: Mapping[str, str]

    @property
    def prices(self) -> BoundPrices | None:
        """Dual values from which the bound can be recomputed without a solver; None where a solver's tree proved it."""
        return self.solve.prices

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table of what is decided, by name."""
        flows = {"production": self.production, "shipments": self.shipments, "unmet": self.unmet}
        return {**self.decisions, **flows}

    @property
    def totals(self) -> dict[str, float]:
        """Cost [USD present value], emissions [tCO2e], jobs [job-years]: the sums of the ledgers."""
        return {name: float(frame["value"].sum()) for name, frame in self.ledgers.items()}

    @property
    def opened(self) -> pd.DataFrame:
        """The new plants only."""
        new: pd.DataFrame = self.sites[self.sites["status"] == "new"].copy()
        return new

    @property
    def penalties(self) -> float:
        """Part of the objective that nobody pays: penalties for demand that is not served. [USD present value]"""
        cost = self.ledgers["cost"]
        return self.solve.weights.get("cost", 0.0) * float(cost.loc[cost["item"].isin(PENALTIES), "value"].sum())

    @property
    def net_gap(self) -> float:
        """Proven distance to the best plan, relative to the objective without penalties and fixed parts. [fraction].

        Where a penalty, or a cost that no decision changes, makes up most of the objective, a small gap of the whole
        may be a large one of what is decided.
        """
        rest = self.solve.objective - self.penalties - self.solve.constant
        apart = max(0.0, self.solve.objective - self.solve.bound)
        return apart / max(1e-9, abs(rest)) if math.isfinite(apart) else math.inf

    @property
    def is_dominated_by_fixed(self) -> bool:
        """Whether penalties and fixed parts outweigh all else, and the gap without them is above the one asked for."""
        fixed = abs(self.penalties) + abs(self.solve.constant)
        solve = self.solve
        parts = [w * self.ledgers[n].groupby("item")["value"].sum().abs().sum() for n, w in solve.weights.items()]
        rest = max(abs(solve.objective - self.penalties - solve.constant), float(sum(parts)) - fixed)
        hidden = self.gap > RESOLVED and self.net_gap > solve.gap_asked + 1e-6
        return fixed > rest and hidden and math.isfinite(self.net_gap)

    @property
    def _gap_told(self) -> str:
        told = super()._gap_told
        return f"{told}; {self.net_gap:.2%} without {self.fixed_words}" if self.is_dominated_by_fixed else told

    @property
    def fixed_words(self) -> str:
        """What makes up most of the objective where that says nothing of the decisions."""
        penalties = abs(self.penalties) >= abs(self.solve.constant)
        return "the penalties for unmet demand" if penalties else "what no decision changes"

    def _facts(self) -> list[tuple[str, str]]:
        total = self.totals
        opened = self.opened.groupby("plant_type").size()
        plants = ", ".join(f"{count} {kind}" for kind, count in opened.items()) or "none"
        return [
            ("Plan for", self.study_name),
            self._status_fact,
            ("objective", f"{self.solve.objective_name}, {self._gap_told}"),
            *((name, total_words(name, total[name])) for name, kind in OBJECTIVES.items() if kind.need is None),
            ("new plants", plants),
        ]


@dataclass(frozen=True, eq=False)
class Front(_Packed):
    """Plans that trade objectives against each other (a Pareto front with proven bounds).

    Parameters
    ----------
    objectives : tuple of str
        The objectives, the one that is minimised at each point first.
    plans : tuple of Plan
        From the best of the first objective to the best of the last.
    ideal : mapping of str to float
        Proven bound on each objective alone, less is better (jobs with a minus sign): no plan at all goes
        below it.
    end_slack : float, optional
        Relative part of the leading objective that each end gives up before the other objective is minimised; none
        where ends are not lexicographic. [fraction]

    Examples
    --------
    >>> import evsiting as ev
    >>> front = ev.pareto(ev.example("starter"), "cost", "emissions", points=2)
    >>> front.objectives, len(front), len(front.table)
    (('cost', 'emissions'), 2, 2)
    """

    objectives: tuple[str, ...]
    plans: tuple[Plan, ...]
    ideal: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    end_slack: float | None = None

    @property
    def table(self) -> pd.DataFrame:
        """One row a point: totals, ``bound`` and ``gap`` of the first objective, status, cap, plants."""
        return pd.DataFrame(
            [
                {
                    **plan.totals,
                    "bound": plan.solve.bound,
                    "gap": plan.gap,
                    "status": str(plan.status),
                    "cap": next(iter(plan.solve.caps.values()), math.nan),
                    "seconds": plan.solve.seconds,
                    "plants": len(plan.opened),
                }
                for plan in self.plans
            ]
        )

    def __len__(self) -> int:
        return len(self.plans)

    def __repr__(self) -> str:
        return f"{self._title()}\n{self.table.to_string()}"

    def _repr_html_(self) -> str:
        return f"<b>{escape(self._title())}</b>{self.table.to_html()}"

    def _title(self) -> str:
        title = f"Front of {' against '.join(self.objectives)}, {len(self)} point{'' if len(self) == 1 else 's'}"
        if self.end_slack is None:
            return title
        given = f", of which each gives up to {self.end_slack:g} of the first" if self.end_slack else ""
        return f"{title}; its ends are the least of one objective, then of the other{given}"
