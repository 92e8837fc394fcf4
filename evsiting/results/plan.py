"""Plan: what opens where, what flows, and how good the answer is proven to be."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from types import MappingProxyType
from typing import Any

import pandas as pd

from evsiting.results.record.bound_prices import BoundPrices
from evsiting.results.record.solve import Packed, Solve, Status, verified_words
from evsiting.study.objectives import OBJECTIVES, amount_words, total_words

__all__ = ["PENALTIES", "RESOLVED", "Front", "Plan", "Solve", "Status"]

#: Items of the ledger of cost that are penalties: a price that the study sets on what must not be, paid to nobody.
PENALTIES = ("unmet", "broken limits")
#: Gap below which it is the arithmetic of the solver's. [fraction]
RESOLVED = 1e-9


class _Answer(Packed, ABC):
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

    @abstractmethod
    def _facts(self) -> list[tuple[str, str]]:
        """Return the facts of the answer, as name and text."""

    @property
    def _status_fact(self) -> tuple[str, str]:
        run = self.solve
        second = f"; {verified_words(run)}" if run.verified else ""
        return "status", f"{run.status} ({run.engine} {run.engine_version}, {run.seconds:.1f} s{second})"

    @property
    def _gap_words(self) -> str:
        return f"proven gap {f'{self.gap:.2%}' if math.isfinite(self.gap) else 'unknown'}"

    def __repr__(self) -> str:
        facts = self._facts()
        wide = max(len(name) for name, _ in facts)
        return "\n".join(f"{name:<{wide}} {value}" for name, value in facts)

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
        ``plant_type``, ``option`` (empty for a plant of table ``plants``), ``status`` (new, existing, committed,
        resumed; closed, also where the plan has built it), ``period`` (of opening; of closing or resuming a plant of
        table ``plants``; empty for one that simply stands), ``closes`` (period at whose start it is closed, or empty),
        ``capacity_units_per_yr`` (in the end; of what is closed, what it had then), ``capex_usd``, ``jobs_fte`` (in
        the last period), ``used`` (fraction of capacity in the last period), ``programs``, and the point.
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
        """What the plan builds, and what it closes again with it."""
        new: pd.DataFrame = self.sites[self.sites["option"] != ""].copy()
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
        return self.solve.absolute_gap / max(1e-9, abs(rest))

    @property
    def siting_gap(self) -> float:
        """Proven distance to the best plan, relative to the part of the objective that siting can change. [fraction].

        That part is the objective less ``solve.unavoidable``, what every plan has in common, and less penalties, which
        nobody pays. Infinite where nothing is proven, or where that part is not above zero.
        """
        rest = self.solve.objective - self.penalties - self.solve.unavoidable
        return self.solve.absolute_gap / rest if rest > 0.0 else math.inf

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
    def _gap_words(self) -> str:
        words, solve = super()._gap_words, self.solve
        if solve.objective_name in OBJECTIVES and RESOLVED < self.gap < math.inf:
            words += f", {amount_words(solve.objective_name, solve.absolute_gap)}"
        if self.is_dominated_by_fixed:
            return f"{words}; {self.net_gap:.2%} without {self.fixed_words}"
        if solve.unavoidable > solve.constant and RESOLVED < self.siting_gap < math.inf:
            words += f"; {self.siting_gap:.2%} of what siting can change"
        return words

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
            ("objective", f"{self.solve.objective_name}, {self._gap_words}"),
            *((name, total_words(name, total[name])) for name, kind in OBJECTIVES.items() if kind.need is None),
            ("new plants", plants),
        ]


@dataclass(frozen=True, eq=False)
class Front(Packed):
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
    complete : bool, optional
        Whether these are all points that no plan beats: nothing is left to be found.
    remark : str, optional
        Why the front is not complete, where that was asked for.

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
    complete: bool = False
    remark: str = ""

    @property
    def table(self) -> pd.DataFrame:
        """One row a point: totals, ``bound`` and ``gap`` of the first objective, status, ceilings, plants, what opens.

        The ceiling is ``cap``; of three objectives each has a column, such as ``cap_jobs``. ``opens`` names every new
        plant by its site, plant type and period.
        """
        return pd.DataFrame(
            [
                {
                    **plan.totals,
                    "bound": plan.solve.bound,
                    "gap": plan.gap,
                    "status": str(plan.status),
                    **self._ceilings(plan),
                    "seconds": plan.solve.seconds,
                    "plants": len(plan.opened),
                    "opens": _openings(plan),
                }
                for plan in self.plans
            ]
        )

    def _ceilings(self, plan: Plan) -> dict[str, float]:
        caps = plan.solve.caps
        if len(self.objectives) < 3:
            return {"cap": next(iter(caps.values()), math.nan)}
        return {f"cap_{name}": caps.get(name, math.nan) for name in self.objectives[1:]}

    def __len__(self) -> int:
        return len(self.plans)

    def __repr__(self) -> str:
        return f"{self._title()}\n{self._shown().to_string()}"

    def _repr_html_(self) -> str:
        return f"<b>{escape(self._title())}</b>{self._shown().to_html()}"

    def _shown(self) -> pd.DataFrame:
        """Return the table without what makes its lines long."""
        return self.table.drop(columns="opens", errors="ignore")

    def _title(self) -> str:
        title = f"Front of {' against '.join(self.objectives)}, {len(self)} point{'' if len(self) == 1 else 's'}"
        if self.complete:
            return f"{title}: all that no plan beats"
        if self.end_slack is None:
            return title
        ends = f", of which each gives up to {self.end_slack:g} of the first" if self.end_slack else ""
        return f"{title}; its ends are the least of one objective, then of the other{ends}"


def _openings(plan: Plan) -> str:
    """Return what a plan builds, in a line: ``memphis cell_plant 2027-2029; windsor assembly 2027-2029``."""
    rows = plan.opened.sort_values(["site", "plant_type"])
    return "; ".join(" ".join(map(str, row)) for row in rows[["site", "plant_type", "period"]].to_numpy().tolist())
