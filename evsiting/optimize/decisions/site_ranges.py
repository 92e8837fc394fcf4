"""Which sites open in every plan within a slack, in some or in none, and from which slack on that changes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from evsiting.optimize.decisions.forced import opened_sites, plants_built
from evsiting.optimize.decisions.solver import DecisionSolver
from evsiting.results.decisions.alternatives import Alternative
from evsiting.results.decisions.intervals import is_within
from evsiting.study.buildable import buildable
from evsiting.study.study import Study

__all__ = ["open_candidates", "site_ranges"]

COLUMNS = ("site", "in_base", "within", "slack_low", "slack_high")


def open_candidates(study: Study, plant_type: str = "") -> list[str]:
    """Return the sites at which something may be built, in the order of the table; of one plant type where named.

    Examples
    --------
    >>> import evsiting as ev
    >>> len(open_candidates(ev.example("starter"))) > 0
    True
    """
    able = {site for site, kind, _ in buildable(study.tables) if plant_type in ("", kind)}
    return [site for site in study.sites["site"].tolist() if site in able]


@dataclass
class _Side:
    """What is known of all plans in which a site opens, or of those in which it does not.

    Parameters
    ----------
    cost : float
        Objective of the best such plan that is known; infinite where there is none.
    bound : float
        What no such plan costs less than.
    """

    cost: float
    bound: float


def site_ranges(
    solver: DecisionSolver, known: Sequence[Alternative], ceiling: float, plant_type: str, each_site: str, beyond: float
) -> pd.DataFrame:
    """Return for every site whether it must, may or never can open within a slack.

    Parameters
    ----------
    solver : DecisionSolver
        Solves with a site forced in or out where what is known does not settle it.
    known : sequence of Alternative
        The base plan first, then every other plan that was found.
    ceiling : float
        Most objective within the slack.
    plant_type : str
        As in :class:`evsiting.results.decisions.alternatives.Alternatives`.
    each_site : str
        As in :func:`evsiting.alternatives`.
    beyond : float
        What no plan with another set of sites than those known costs less than.

    Returns
    -------
    pandas.DataFrame
        As ``sites`` of :class:`evsiting.results.decisions.alternatives.Alternatives`.
    """
    base = known[0]
    seen = [(set(one.sites), one.objective) for one in known]
    sets = {one.sites: one.bound for one in reversed(known)}  # what is proven of each set that is known
    rows = []
    for site in open_candidates(solver.study, plant_type):
        sides = {
            opens: _Side(
                min((cost for sites, cost in seen if (site in sites) == opens), default=math.inf),
                min([bound for sites, bound in sets.items() if (site in sites) == opens] + [beyond]),
            )
            for opens in (True, False)
        }
        has = site in base.sites
        other = sides[not has]
        wanted = is_within(ceiling, other.cost, other.bound) == "not proven" or each_site == "solved"
        if each_site != "none" and wanted and not _is_tight(other, solver):
            row = plants_built(site, None if has else 1, at_most=0 if has else None, plant_type=plant_type)
            name = f"{'without' if has else 'with'} {site}"
            answer = solver.solve(name, [{"limit": name, **row}])
            other.bound = max(other.bound, answer.bound)
            other.cost = min(other.cost, answer.objective)
            if answer.plan is not None:
                seen.append((set(opened_sites(answer.plan, plant_type)), answer.objective))
        within = {opens: is_within(ceiling, side.cost, side.bound) for opens, side in sides.items()}
        size = abs(base.objective) or 1.0
        slack = [max(0.0, (end - base.objective) / size) for end in (other.bound, other.cost)]
        rows.append((site, has, _word(within), *slack))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _is_tight(side: _Side, solver: DecisionSolver) -> bool:
    """Whether a solve could say no more: there is no such plan, or the best that is known is proven to be it."""
    if side.bound == math.inf:
        return True
    return math.isfinite(side.cost) and side.cost - side.bound <= (solver.settings.gap + 1e-9) * abs(side.cost)


def _word(within: dict[bool, str]) -> str:
    """Return what holds of a site, by whether a plan with it, and one without it, is within the slack."""
    if within[True] == "no":
        return "never"
    if within[False] == "no":
        return "must"
    return "may" if within[True] == within[False] == "yes" else "not proven"
