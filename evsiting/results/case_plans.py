"""Plans of a study's what-if cases or scenarios, each the best by itself, side by side."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from types import MappingProxyType

import pandas as pd

from evsiting.errors import InputError, Problem
from evsiting.results.plan import Plan
from evsiting.results.record.differences import difference, told_difference
from evsiting.results.record.solve import Packed, Solve
from evsiting.study.derived.draws import DRAW
from evsiting.study.derived.ranges import HIGH, LOW
from evsiting.units.percent import percent_fix

__all__ = ["CasePlans"]

#: How a case without a plan is told: no plan keeps its rules, or none was found in time; something broke; not tried.
NO_PLAN, FAILED, NOT_SOLVED = "no plan", "failed", "not solved"
#: Quantile of the normal distribution of a 95 % interval.
Z95 = 1.959964
#: Ends of the columns of a tornado on one end of a range: the difference, its interval, and what that proves.
_MOVE = ("", "_least", "_most", "_told")


@dataclass(frozen=True, eq=False, repr=False)
class CasePlans(Packed):
    """The answer to a sweep: one plan for each case that has one, and why the others have none.

    Unlike :class:`evsiting.ScenarioPlans`, each plan knows its case: nothing is decided for all of them at once.

    Parameters
    ----------
    study_name, study_digest : str
        The complete study that the cases change.
    cases : tuple of str
        Every case, in the order in which they were given.
    plans : mapping of str to Plan
        By case; each answers the study of its case and has passed its certificate.
    without : mapping of str to str
        Why a case has no plan: no plan keeps its rules, or none was found within the limits.
    failures : mapping of str to str
        What broke while a case was solved; it is tried again by the next sweep.

    Examples
    --------
    >>> import pandas as pd
    >>> import evsiting as ev
    >>> change = {"table": "demand", "column": "units_per_yr", "action": "multiply"}
    >>> rows = [change | {"case": "lean", "value": 0.8}, change | {"case": "boom", "value": 1.2}]
    >>> found = ev.sweep(ev.example("starter"), pd.DataFrame(rows), workers=1)
    >>> found.cases, found.table["status"].tolist()
    (('base', 'lean', 'boom'), ['optimal', 'optimal', 'optimal'])
    """

    study_name: str
    study_digest: str
    cases: tuple[str, ...]
    plans: Mapping[str, Plan]
    without: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    failures: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def unsolved(self) -> tuple[str, ...]:
        """Cases that were not reached, because the sweep was interrupted."""
        return tuple(c for c in self.cases if not (c in self.plans or c in self.without or c in self.failures))

    def status(self, case: str) -> str:
        """Return how a case ended: the status of its plan, ``no plan``, ``failed`` or ``not solved``."""
        if case in self.plans:
            return str(self.plans[case].status)
        return NO_PLAN if case in self.without else FAILED if case in self.failures else NOT_SOLVED

    @property
    def table(self) -> pd.DataFrame:
        """One row a case: status, objective, bound, gap, totals, ``unmet_units_per_yr``, ``new_plants``, ``message``.

        Cells are empty where a case has no plan. Unmet units are the sum over products, markets and periods, each by
        the year.
        """
        totals = list(dict.fromkeys(name for plan in self.plans.values() for name in plan.totals))
        rows = []
        for case in self.cases:
            plan = self.plans.get(case)
            row: dict[str, object] = {"case": case, "status": self.status(case)}
            if plan is not None:
                row |= {"objective": plan.solve.objective, "bound": plan.solve.bound, "gap": plan.gap}
                row |= {name: plan.totals.get(name, 0.0) for name in totals}
                row |= {"unmet_units_per_yr": float(plan.unmet["units_per_yr"].sum())}
                row |= {"new_plants": float(len(plan.opened))}
            rows.append(row | {"message": self.without.get(case, self.failures.get(case, ""))})
        columns = [
            "case",
            "status",
            "objective",
            "bound",
            "gap",
            *totals,
            "unmet_units_per_yr",
            "new_plants",
            "message",
        ]
        return pd.DataFrame(rows, columns=columns)

    @property
    def openings(self) -> pd.DataFrame:
        """Every plant that is new in some case: ``site``, ``plant_type``, ``share`` of the plans that build it, cases.

        A column for each case with a plan holds the options built, parted by ``;``; empty where none is.
        """
        cells: dict[tuple[str, str], dict[str, str]] = {}
        for case, plan in self._in_order():
            new = (
                plan.opened[["site", "plant_type", "option"]].astype(str).sort_values(["site", "plant_type", "option"])
            )
            for site, kind, option in new.itertuples(index=False, name=None):
                mine = cells.setdefault((site, kind), {})
                mine[case] = f"{mine[case]};{option}" if case in mine else option
        solved = [case for case, _ in self._in_order()]
        rows = [
            {"site": site, "plant_type": kind, "share": len(built) / len(solved), **built}
            for (site, kind), built in sorted(cells.items(), key=lambda item: (-len(item[1]), item[0]))
        ]
        return pd.DataFrame(rows, columns=["site", "plant_type", "share", *solved]).fillna(dict.fromkeys(solved, ""))

    def compared(self, to: str = "base") -> pd.DataFrame:
        """Return what each case costs, emits and employs more than another one, and which plants differ.

        Parameters
        ----------
        to : str, optional
            The case that the others are compared with.

        Returns
        -------
        pandas.DataFrame
            One row for each other case with a plan: ``case``, the difference of each total (cost [USD present value],
            emissions [tCO2e], jobs [job-years], ...), ``least`` and ``most``: what is proven of the difference of the
            objective, whatever the gaps (a difference is none where zero lies between them), ``only_here`` and
            ``only_there``: plants as
            ``site/plant_type`` that are built in the case and not in the other one, and the other way round.

        Raises
        ------
        InputError
            If that case has no plan.
        """
        other, built = (
            self._plan_of(to, "compared, to"),
            {case: _opened_places(plan) for case, plan in self._in_order()},
        )
        rows = [
            {
                "case": case,
                **{name: difference(plan.totals.get(name, 0.0), other.totals.get(name, 0.0)) for name in other.totals},
                **dict(zip(("least", "most"), plan.solve.difference_from(other.solve), strict=True)),
                "only_here": ";".join(sorted(built[case] - built[to])),
                "only_there": ";".join(sorted(built[to] - built[case])),
            }
            for case, plan in self._in_order()
            if case != to
        ]
        return pd.DataFrame(rows, columns=["case", *other.totals, "least", "most", "only_here", "only_there"])

    def tornado(self, to: str = "base") -> pd.DataFrame:
        """Return how far each range of :func:`evsiting.tornado_cases` moves the objective, the widest first.

        Parameters
        ----------
        to : str, optional
            The case in the middle.

        Returns
        -------
        pandas.DataFrame
            ``name``, ``low`` and ``high``: the objective at these ends of the range less that of the case in the
            middle, empty where there is no plan; ``low_least`` and ``low_most``, ``high_least`` and ``high_most``:
            between which ends that difference lies of the best possible plans, whatever the gaps; ``low_told`` and
            ``high_told``: ``more``, ``less``, or ``within the gaps`` where zero lies between them, so that nothing is
            proven to change; ``swing``: the distance between the least and the most of the three; ``proven``: the part
            of it that stands whatever the gaps of the plans.

        Raises
        ------
        InputError
            If that case has no plan.
        """
        middle = self._plan_of(to, "tornado, to").solve
        rows = []
        for name in dict.fromkeys(case.removesuffix(LOW) for case in self.cases if case.endswith(LOW)):
            ends = [self.plans.get(f"{name}{end}") for end in (LOW, HIGH)]
            solves = [middle, *(plan.solve for plan in ends if plan is not None)]
            moves = zip(("low", "high"), (_move(plan, middle) for plan in ends), strict=True)
            row = {f"{end}{part}": value for end, move in moves for part, value in zip(_MOVE, move, strict=True)}
            objectives = [solve.objective for solve in solves]
            proven = max(0.0, max(solve.bound for solve in solves) - min(objectives))
            rows.append({"name": name, **row, "swing": max(objectives) - min(objectives), "proven": proven})
        columns = ["name", "low", "high", *(f"{end}{part}" for end in ("low", "high") for part in _MOVE[1:])]
        made = pd.DataFrame(rows, columns=[*columns, "swing", "proven"])
        return made.sort_values("swing", ascending=False, kind="stable", ignore_index=True)

    def selection(self, cases: Collection[str] | None = None) -> pd.DataFrame:
        r"""Return how often each plant is built among the plans, with the 95 % interval of a share (Wilson's [1]_).

        .. math:: \frac{k + z^2/2 \pm z \sqrt{k (n - k)/n + z^2/4}}{n + z^2}, \qquad z = 1.96

        Parameters
        ----------
        cases : collection of str, optional
            Which plans count; by default those of :func:`evsiting.monte_carlo_cases`, or all where there are none.

        Returns
        -------
        pandas.DataFrame
            ``site``, ``plant_type``, ``built``: in how many plans; ``of``: how many plans there are; ``share``,
            ``least`` and ``most`` [1]. Cases without a plan are left out. The interval is of independent draws; Latin
            hypercube samples vary less.

        Raises
        ------
        InputError
            If no such case has a plan.

        References
        ----------
        .. [1] E. B. Wilson, "Probable inference, the law of succession, and statistical inference," Journal of the
           American Statistical Association 22 (1927) 209-212.
        """
        plans = self._drawn(cases, "selection, cases")
        built = Counter(tuple(plant.rsplit("/", 1)) for plan in plans for plant in _opened_places(plan))
        n, z2 = len(plans), Z95**2
        rows = []
        for (site, kind), k in sorted(built.items(), key=lambda item: (-item[1], item[0])):
            middle, half = (k + z2 / 2) / (n + z2), Z95 * math.sqrt(k * (n - k) / n + z2 / 4) / (n + z2)
            rows.append((site, kind, k, n, k / n, max(0.0, middle - half), min(1.0, middle + half)))
        return pd.DataFrame(rows, columns=["site", "plant_type", "built", "of", "share", "least", "most"])

    def spread(
        self, quantiles: Sequence[float] = (0.05, 0.25, 0.5, 0.75, 0.95), cases: Collection[str] | None = None
    ) -> pd.DataFrame:
        """Return between which ends the totals of the plans lie.

        Parameters
        ----------
        quantiles : sequence of float, optional
            Each from 0 to 1.
        cases : collection of str, optional
            As for :meth:`selection`.

        Returns
        -------
        pandas.DataFrame
            ``total``, ``mean``, ``least``, a column for each quantile (``5 %``), ``most``; in the units of the totals.

        Raises
        ------
        InputError
            If no such case has a plan, or a quantile is none.
        """
        wrong = [q for q in quantiles if not 0.0 <= q <= 1.0]
        if wrong:
            seen = ", ".join(f"{q:g}" for q in wrong)
            fix = percent_fix("Give numbers from 0 to 1", *wrong)
            raise InputError([Problem("spread, quantiles", "are no parts of one", seen, fix)])
        totals = pd.DataFrame([plan.totals for plan in self._drawn(cases, "spread, cases")]).fillna(0.0)
        made = pd.DataFrame(
            {"total": totals.columns, "mean": totals.mean().to_numpy(), "least": totals.min().to_numpy()}
        )
        for q in quantiles:
            made[f"{100.0 * q:g} %"] = totals.quantile(q).to_numpy()
        return made.assign(most=totals.max().to_numpy())

    def _drawn(self, cases: Collection[str] | None, where: str) -> list[Plan]:
        """Return the plans of some cases; by default of those that were drawn, or of all where none was."""
        drawn = [case for case in self.plans if case.startswith(DRAW)]
        wanted = (drawn or list(self.plans)) if cases is None else list(cases)
        if not wanted:
            fix = "Look at the messages of the cases in its table"
            raise InputError([Problem(where, "no case has a plan", f"{len(self.cases)} cases", fix)])
        return [self._plan_of(case, where) for case in wanted]

    def _plan_of(self, case: str, where: str) -> Plan:
        if case not in self.plans:
            seen = f"{case!r}: {self.status(case) if case in self.cases else 'no such case'}"
            fix = f"Choose from {', '.join(self.plans) or 'none'}"
            raise InputError([Problem(where, "is no case with a plan", seen, fix)])
        return self.plans[case]

    def _in_order(self) -> list[tuple[str, Plan]]:
        return [(case, self.plans[case]) for case in self.cases if case in self.plans]

    def __repr__(self) -> str:
        return f"{self._summary()}\n{self.table.drop(columns='message').to_string(index=False)}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._summary())}</p>{self.table.to_html(index=False)}"

    def _summary(self) -> str:
        ends = [self.status(case) for case in self.cases]
        counts = [(len(self.plans), "with a plan")]
        counts += [(ends.count(end), end) for end in (NO_PLAN, FAILED, NOT_SOLVED)]
        counted = ", ".join(f"{count} {end}" for count, end in counts if count)
        return f"{self.study_name}: {len(self.cases)} cases ({counted})"


def _move(plan: Plan | None, middle: Solve) -> tuple[float, float, float, str]:
    """Return by how much a plan differs from the one in the middle, between which ends by proof, and in a word."""
    if plan is None:
        return math.nan, math.nan, math.nan, ""
    apart, (least, most) = difference(plan.solve.objective, middle.objective), plan.solve.difference_from(middle)
    return apart, least, most, told_difference(least, most)


def _opened_places(plan: Plan) -> set[str]:
    new = plan.opened[["site", "plant_type"]].astype(str)
    return set(new.agg("/".join, axis=1)) if len(new) else set()
