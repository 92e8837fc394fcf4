"""How far the set of sites that open is from a named one: constraint ``sites_changed``.

A site opens where at least one new plant is built at it, so that its column follows from yes-or-no decisions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from evsiting.model.columns import Columns
from evsiting.model.constraints.limits.scope import HORIZON, Limit, Line, add_sum
from evsiting.model.milp import FloatArray, IntArray, MilpBuilder
from evsiting.model.plan_columns import Indicator
from evsiting.model.sets import Sets


@dataclass(frozen=True)
class OpeningSites:
    """Which sites open, as linear functions, one for each site at which something may be built.

    Parameters
    ----------
    site : numpy.ndarray of int, shape (R,)
        Positions of the sites.
    row, column : numpy.ndarray of int, shape (X,)
        Entries: position in ``site``, and the column.
    """

    site: IntArray
    row: IntArray
    column: IntArray


@dataclass
class SiteSets:
    """Adds limits on sets of sites; those of one plant type share the columns that say which sites open.

    Parameters
    ----------
    milp : MilpBuilder
        Receives rows and columns.
    sets, columns
        Of the study.
    indicators : list of Indicator
        What was added and follows from a plan.
    """

    milp: MilpBuilder
    sets: Sets
    columns: Columns
    indicators: list[Indicator] = field(default_factory=list)
    _known: dict[int, OpeningSites] = field(default_factory=dict)

    def opening(self, limit: Limit) -> OpeningSites:
        """Return which sites open with new plants of a limit's type; constraints are named after the first limit."""
        if limit.plant_type not in self._known:
            self._known[limit.plant_type] = self._opening(limit.name, limit.plant_type)
        return self._known[limit.plant_type]

    def _opening(self, name: str, plant_type: int) -> OpeningSites:
        milp, sets = self.milp, self.sets
        changes, places = sets.changes, sets.places
        mine = changes.root & ((plant_type < 0) | (places.plant_type[changes.place] == plant_type))
        change, period = np.nonzero(mine[:, None] & (self.columns.change >= 0))
        build, place = self.columns.change[change, period], changes.place[change]
        site, at = np.unique(places.site[place], return_inverse=True)
        kinds = np.unique(np.column_stack([at, place]), axis=0)
        several = np.bincount(kinds[:, 0], minlength=len(site)) > 1
        alone, joint = ~several[at], several[at]
        if not several.any():
            return OpeningSites(site, at, build)
        label = str(sets.plant_types[plant_type]) if plant_type >= 0 else "*"
        named, where = np.flatnonzero(several), np.full(len(site), -1, dtype=np.int64)
        where[named] = np.arange(len(named))

        def code(k: int) -> str:
            return str(sets.sites[site[named[k]]])

        opens = milp.add_columns("opens", (len(named),), lambda k: (label, code(k)), upper=1.0)
        row, member = where[at[joint]], build[joint]
        milp.add_rows(
            "sites_changed",
            len(named),
            lambda k: (name, "any", label, code(k)),
            (np.arange(len(named)), opens, 1.0),
            (row, member, -1.0),
            upper=0.0,
        )
        pairs = kinds[several[kinds[:, 0]]]
        nth = np.full(int(places.site.size), -1, dtype=np.int64)
        nth[pairs[:, 1]] = np.arange(len(pairs))
        milp.add_rows(
            "sites_changed",
            len(pairs),
            lambda k: (name, "each", label, *sets.place_name(int(pairs[k, 1]))),
            (np.arange(len(pairs)), opens[where[pairs[:, 0]]], 1.0),
            (nth[place[joint]], member, -1.0),
            lower=0.0,
        )
        self.indicators.append(Indicator(opens, row, member))
        return OpeningSites(site, np.concatenate([at[alone], named]), np.concatenate([build[alone], opens]))


def add_sites_changed(sites: SiteSets, limit: Limit) -> None:
    r"""At least, or at most, so many sites open that a named set lacks, or do not open that it has.

    .. math:: \underline{n} \le \sum_{i \notin R} open_i + \sum_{i \in R} (1 - open_i) \le \bar n, \qquad
       \sum_{c \in new(q),\,t} build_{ct} \le open_i \le \sum_{q \in i} \sum_{c \in new(q),\,t} build_{ct}, \quad
       0 \le open_i \le 1 \quad \forall q \in i \tag{sites\_changed}

    A site i opens where at least one new plant is built at it, in whatever period and of whatever option; with a plant
    type, a new plant of that type. Plants of table ``plants`` make no site open, whether they stand, are committed,
    are resumed or are closed: they are no choice of a site, and limits on numbers of plants count them. Named sites R
    at which nothing may be built never open. Where the new plants of a site have one plant type, ``open`` is the sum;
    else a column ``opens``, which is 0 or 1 without being a decision.
    """
    milp, sets = sites.milp, sites.sets
    opening = sites.opening(limit)
    members: Mapping[str, int] = {str(code): k for k, code in enumerate(sets.sites)}
    named = np.array([members[name] for name, _, _ in limit.members], dtype=np.int64)
    sign: FloatArray = np.where(np.isin(opening.site, named), -1.0, 1.0)
    line = Line(np.zeros_like(opening.row), opening.column, sign[opening.row], np.array([float(len(named))]))
    add_sum(milp, "sites_changed", limit, line, 1.0, [HORIZON])


__all__ = ["OpeningSites", "SiteSets", "add_sites_changed"]
