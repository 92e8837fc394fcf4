"""Other sets of sites beside those of a plan: how much dearer each is, and which sites every good plan has."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from html import escape

import pandas as pd

from evsiting.results.decisions.intervals import compared, is_within
from evsiting.results.plan import Plan
from evsiting.results.record.differences import difference
from evsiting.study.study import Study

__all__ = ["Alternative", "Alternatives"]


@dataclass(frozen=True, eq=False)
class Alternative:
    """One plan with other sites, and what is proven of all plans with its set of sites.

    Parameters
    ----------
    name : str
        ``base`` of the plan that it is compared with; ``alternative 1``, ``different 1``.
    study : Study
        The study that it answers, with the rows of table ``limits`` that asked for other sites.
    plan : Plan
        Certified.
    sites : tuple of str
        Where it builds new plants.
    bound : float
        What no plan with this set of sites costs less than, in the unit of the objective.
    distance : int
        How many sites differ from the base plan's; of a ``different`` one, from the nearest plan before it.
    farthest : int, optional
        Of a ``different`` one, the most sites by which a plan within the slack can differ from all before it.

    Examples
    --------
    >>> import evsiting as ev
    >>> (next_best,) = ev.alternatives(ev.example("starter"), count=1, slack=0.05, each_site="none").found
    >>> ev.certify(next_best.study, next_best.plan).passed, next_best.distance > 0
    (True, True)
    """

    name: str
    study: Study
    plan: Plan
    sites: tuple[str, ...]
    bound: float
    distance: int
    farthest: int | None = None

    @property
    def objective(self) -> float:
        """Objective of the plan, less is better."""
        return self.plan.solve.objective


@dataclass(frozen=True, eq=False, repr=False)
class Alternatives:
    """The best other sets of sites of a study, and what every plan within a slack has in common.

    Parameters
    ----------
    base : Alternative
        The plan that the others are compared with.
    found : tuple of Alternative
        Other sets of sites, the best plan first; sets beyond the slack come last.
    different : tuple of Alternative
        Plans within the slack that differ from each other as far as can be.
    slack : float
        Part of the base plan's objective by which a plan may be worse and still be as good. [fraction]
    plant_type : str
        Whose sites are compared; empty for all.
    complete : bool
        Whether it is proven that every set of sites within the slack is among those found.
    beyond : float
        What no plan with another set of sites than those found costs less than; infinite where there is none.
    sites : pandas.DataFrame
        For every site where something may be built: ``site``, ``in_base``, ``within`` (``must``, ``may``, ``never``,
        ``not proven``), and the slack from which on it may open, or be left out, as ``slack_low`` and ``slack_high``
        [fraction of the base plan's objective]: proven by a bound and by a plan.
    stopped : str
        Why the search ended early; empty where it did not.
    note : str
        Why there are fewer plans that differ than were asked for; empty where there are not.

    Examples
    --------
    >>> import evsiting as ev
    >>> found = ev.alternatives(ev.example("starter"), count=2, slack=0.05)
    >>> found.table["name"].tolist()
    ['base', 'alternative 1', 'alternative 2']
    """

    base: Alternative
    found: tuple[Alternative, ...]
    different: tuple[Alternative, ...]
    slack: float
    plant_type: str
    complete: bool
    beyond: float
    sites: pd.DataFrame = field(default_factory=pd.DataFrame)
    stopped: str = ""
    note: str = ""

    @property
    def ceiling(self) -> float:
        """Most objective within the slack."""
        return self.base.objective + self.slack * abs(self.base.objective)

    @property
    def within(self) -> tuple[Alternative, ...]:
        """Those of the other sets of sites whose plan is within the slack."""
        return tuple(a for a in self.found if is_within(self.ceiling, a.objective, a.bound) == "yes")

    @property
    def table(self) -> pd.DataFrame:
        """One row a plan, the base plan first.

        Returns
        -------
        pandas.DataFrame
            ``name``, ``sites``, ``opens`` and ``drops`` (sites that it has and the base plan has not, and the other
            way round; parted by ``;``), ``distance``, ``objective``, ``bound`` (of its set of sites), ``difference`` to
            the base plan, ``least_difference`` (what is proven of any plan with its sites), ``against_base``
            (``dearer``, ``cheaper``, ``within the gap``), ``within`` the slack (``yes``, ``no``, ``not proven``),
            ``status``, and the totals of the plan.
        """
        rows = []
        for one in (self.base, *self.found, *self.different):
            here, there = set(one.sites), set(self.base.sites)
            against_base = "" if one is self.base else compared(self.base.objective, one.objective, one.bound)
            rows.append(
                {
                    "name": one.name,
                    "sites": ";".join(one.sites),
                    "opens": ";".join(sorted(here - there)),
                    "drops": ";".join(sorted(there - here)),
                    "distance": len(here ^ there),
                    "objective": one.objective,
                    "bound": one.bound,
                    "difference": difference(one.objective, self.base.objective),
                    "least_difference": one.bound - self.base.objective,
                    "against_base": against_base,
                    "within": is_within(self.ceiling, one.objective, one.bound),
                    "status": str(one.plan.status),
                    **one.plan.totals,
                }
            )
        return pd.DataFrame(rows)

    def __len__(self) -> int:
        return len(self.found)

    def __repr__(self) -> str:
        shown = self.table[["name", "opens", "drops", "difference", "least_difference", "against_base", "within"]]
        return "\n".join([self._title(), shown.to_string(), *([self.note] if self.note else [])])

    def _repr_html_(self) -> str:
        return f"<b>{escape(self._title())}</b>{self.table.to_html()}{escape(self.note)}{self.sites.to_html()}"

    def _title(self) -> str:
        count = len(self.within)
        counted = f"{count} other set{'' if count == 1 else 's'} of sites within {self.slack:.4g} of the objective"
        if self.complete:
            return f"{self.base.plan.study_name}: {counted}, proven to be all"
        more = "" if math.isinf(self.beyond) else f"; any further one is no better than {self.beyond:,.6g}"
        return f"{self.base.plan.study_name}: {counted}{more}"
