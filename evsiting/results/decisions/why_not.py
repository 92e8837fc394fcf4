"""What it costs to force a decision that a plan does not take, and at which value of a figure the answer flips."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape

import pandas as pd

from evsiting.results.decisions.intervals import Interval
from evsiting.results.plan import Plan
from evsiting.results.record.differences import difference
from evsiting.study.objectives import least_is_best
from evsiting.study.study import Study

__all__ = ["BreakEven", "WhyNot"]


@dataclass(frozen=True, eq=False, repr=False)
class WhyNot:
    """A plan with a decision forced or forbidden, beside the plan without that.

    Parameters
    ----------
    question : str
        What was forced: ``with US-TN-memphis``, ``without MX``.
    base : Plan
        The plan that is asked about.
    study : Study
        The study with the row of table ``limits`` that forces the decision.
    plan : Plan, optional
        Its best plan that was found; none where no plan keeps the row.
    bound : float
        What no plan with the decision forced costs less than, in the unit of the objective.
    place : str
        Site, state or country that was forced.
    rival : str
        The nearest site that the base plan has and the forced plan drops; the nearest of all its sites where it drops
        none; empty where there is none.
    message : str
        Why there is no plan.

    Examples
    --------
    >>> import evsiting as ev
    >>> found = ev.why_not(ev.example("starter"), "US-MI-lansing")
    >>> found.difference.low <= found.difference.high
    True
    """

    question: str
    base: Plan
    study: Study
    plan: Plan | None
    bound: float
    place: str
    rival: str = ""
    message: str = ""

    @property
    def difference(self) -> Interval:
        """What it costs to force the decision, in the unit of the objective: by how much the best plan is worse.

        No less than the bound of the forced program less the best plan that is known, and no more than the forced plan
        less what no plan at all is below. Never less than nothing: every plan with the decision is a plan without the
        rule. Infinite where no plan keeps what is forced.
        """
        cost = float("inf") if self.plan is None else self.plan.solve.objective
        known = min(cost, self.base.solve.objective)
        return Interval(max(0.0, self.bound - known), max(0.0, cost - self.base.solve.bound))

    @property
    def is_better_than_base(self) -> bool:
        """Whether the forced plan is better than the plan that is asked about, which its own gap allows."""
        return self.plan is not None and difference(self.plan.solve.objective, self.base.solve.objective) < 0.0

    @property
    def proof(self) -> str:
        """One sentence on what is proven of the best plans; empty where the interval says it."""
        if self.is_better_than_base:
            return "The forced plan is better than the one that was asked about, and a plan of the same study too."
        ends = self.difference
        if ends.high <= 0.0:
            return "It is proven to cost nothing."
        return "" if ends.sure else "Within the gap: it is not proven that it costs anything."

    @property
    def objectives(self) -> pd.DataFrame:
        """Return totals of both plans.

        Returns
        -------
        pandas.DataFrame
            ``objective``, ``base``, ``forced``, ``difference``; and ``low`` and ``high``, between which the difference
            of the best plans is proven to lie, for the objective that both minimise.
        """
        if self.plan is None:
            return pd.DataFrame(columns=["objective", "base", "forced", "difference", "low", "high"])
        rows = []
        alone = self.base.solve.objective_name
        for name, total in self.base.totals.items():
            forced = self.plan.totals[name]
            ends: tuple[float, ...] = (float("nan"), float("nan"))
            if name == alone:
                ends = tuple(sorted(least_is_best(name, end) for end in (self.difference.low, self.difference.high)))
            rows.append((name, total, forced, difference(forced, total), *ends))
        return pd.DataFrame(rows, columns=["objective", "base", "forced", "difference", "low", "high"])

    @property
    def ledger(self) -> pd.DataFrame:
        """Return where the cost of both plans differs.

        Returns
        -------
        pandas.DataFrame
            ``item`` of the ledger of cost; ``base``, ``forced`` and ``difference`` of the whole plans; ``here``: in
            the forced plan at what was forced; ``rival``: in the base plan at the rival site. [USD present value]
            The differences add up to that of the plans' costs, but for arithmetic.
        """
        if self.plan is None:
            return pd.DataFrame(columns=["item", "base", "forced", "difference", "here", "rival"])
        base, forced = self.base.ledgers["cost"], self.plan.ledgers["cost"]
        land = self.study.sites[["site", "region", "country"]]
        inside = set(land.loc[(land == self.place).any(axis=1), "site"])
        parts = {
            "base": base.groupby("item")["value"].sum(),
            "forced": forced.groupby("item")["value"].sum(),
            "here": forced[forced["site"].isin(inside)].groupby("item")["value"].sum(),
            "rival": base[base["site"] == self.rival].groupby("item")["value"].sum(),
        }
        table = pd.DataFrame(parts).fillna(0.0).rename_axis("item").reset_index()
        table.insert(3, "difference", difference(table["forced"], table["base"]))
        order = table["difference"].abs().sort_values(ascending=False, kind="stable").index
        return table.loc[order].reset_index(drop=True)

    def __repr__(self) -> str:
        if self.plan is None:
            return f"{self.question}: no plan. {self.message}"
        return f"{self._title()}\n{self.objectives.to_string()}\n{self.ledger.to_string()}"

    def _repr_html_(self) -> str:
        if self.plan is None:
            return f"<b>{escape(self.question)}: no plan.</b> {escape(self.message)}"
        return f"<b>{escape(self._title())}</b>{self.objectives.to_html()}{self.ledger.to_html()}"

    def _title(self) -> str:
        ends = self.difference
        sentence = f"{self.question}: the best plan is worse by {ends.low:,.6g} to {ends.high:,.6g}."
        return f"{sentence} {self.proof}".rstrip()


@dataclass(frozen=True, eq=False, repr=False)
class BreakEven:
    """The value of a figure at which a site enters the best plan, or leaves it.

    Parameters
    ----------
    site, plant_type : str
        Of which plant; any new plant of the site where the type is empty. The supplier, where one is asked about.
    what, unit : str
        Which figure, and its unit.
    today : float
        Its value in the study.
    out_at, in_at : float
        Between these values the answer flips: at ``out_at`` it is proven that the best plan does not build there, at
        ``in_at`` that it does. NaN where no such value was found, as where the gap leaves open what holds today.
    tried : pandas.DataFrame
        Every value that was solved: ``value``, ``low`` and ``high`` (between which the cost of building there lies
        that the best plans have, above those that do not build there), ``builds`` (``yes``, ``no``, ``not proven``).
    study_out, study_in : Study, optional
        The study with these values.
    note : str
        What else is to be known.
    decision : str
        What is in the best plan or not where that is no plant: a program at a site, so much from a supplier.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> found = ev.break_even(study, "US-MI-lansing", "grant", within=0.2)
    >>> found.today < found.in_at
    True
    """

    site: str
    plant_type: str
    what: str
    unit: str
    today: float
    out_at: float
    in_at: float
    tried: pd.DataFrame
    study_out: Study | None = None
    study_in: Study | None = None
    note: str = ""
    decision: str = ""

    @property
    def value(self) -> Interval:
        """Between which values the answer flips."""
        return Interval(min(self.out_at, self.in_at), max(self.out_at, self.in_at))

    def __repr__(self) -> str:
        where = self.decision or f"{self.site}{f'/{self.plant_type}' if self.plant_type else ''}"
        ends = [end for end in (self.in_at, self.out_at) if not math.isnan(end)]
        if not ends or ends == [self.today]:
            return f"{where}, {self.what}: no value was found at which the answer flips. {self.note}".rstrip()
        does = "is in the best plan" if self.decision else "is built"
        does = does.replace("is ", "is not ") if math.isnan(self.in_at) else does
        at = f"{where} {does} at {_article(self.what)} of {_in_figures(ends[0])} {self.unit}"
        if len(ends) == 2:
            return (
                f"{at}, and not at {_in_figures(self.out_at)} (today {_in_figures(self.today)}). {self.note}".rstrip()
            )
        other = "is not" if math.isnan(self.out_at) else "is"
        return f"{at} (today {_in_figures(self.today)}); that it {other} was proven at no value. {self.note}".rstrip()


def _in_figures(value: float) -> str:
    """Return a number in six significant figures, a large one without an exponent.

    Examples
    --------
    >>> _in_figures(213_731_456.0), _in_figures(26_646.81)
    ('213,731,000', '26,646.8')
    """
    return f"{float(f'{value:.6g}'):,.0f}" if 1e6 <= abs(value) < math.inf else f"{value:,.6g}"


def _article(what: str) -> str:
    """Return the name of a figure with its article."""
    return f"an {what}" if what[0] in "aeiou" else f"a {what.replace('_', ' ')}"
