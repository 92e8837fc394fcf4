"""Numbers of plants, and logic among named ones: constraints ``count`` and ``logic``.

A plant is counted as a sum of yes-or-no decisions and a constant, so that these rows need no further decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evsiting.model.columns import Columns, open_terms
from evsiting.model.constraints.limits.scope import (
    HORIZON,
    Limit,
    Line,
    add_sum,
    at_period,
    sites_at,
    slots,
    with_violation,
)
from evsiting.model.milp import FloatArray, IntArray, MilpBuilder
from evsiting.model.sets import BoolArray, ObjectArray, Sets, positions
from evsiting.study.horizon import running_share
from evsiting.study.schema.plants import RUNNING
from evsiting.study.study import Study


@dataclass(frozen=True)
class PlantsOpen:
    """Which plants stand in which period, as linear functions: index u.

    A new plant is one for each option that it may have: one where it has that option by then, else zero. A plant of
    table ``plants`` has no option.

    Parameters
    ----------
    site, plant_type, place : numpy.ndarray of int, shape (U,)
        Positions.
    option : numpy.ndarray of object, shape (U,)
        Name of the option; an empty text for plants of the table.
    unit, period, column : numpy.ndarray of int, shape (X,)
        Entries.
    value : numpy.ndarray, shape (X,)
        Their coefficients: 1 or -1.
    constant : numpy.ndarray, shape (U, T)
        1 where a plant of the table runs for some time in a period, as long as it is not closed.
    """

    site: IntArray
    plant_type: IntArray
    place: IntArray
    option: ObjectArray
    unit: IntArray
    period: IntArray
    column: IntArray
    value: FloatArray
    constant: FloatArray

    def chosen(self, sets: Sets, names: tuple[str, str, str]) -> BoolArray:
        """Return which of them have a site, plant type and option; empty texts stand for any. shape (U,)"""
        site, kind, option = names
        chosen = np.ones(len(self.site), dtype=np.bool_)
        if site:
            chosen &= sets.sites.to_numpy(object)[self.site] == site
        if kind:
            chosen &= sets.plant_types.to_numpy(object)[self.plant_type] == kind
        if option:
            chosen &= self.option == option
        return chosen

    def sum(self, limit: Limit, counted: BoolArray) -> Line:
        """Return how many of some stand in each period of a limit."""
        slot = at_period(limit, self.period)
        mine = counted[self.unit] & (slot >= 0)
        fixed = self.constant[counted][:, list(limit.periods)].sum(axis=0)
        return Line(slot[mine], self.column[mine], self.value[mine], fixed)


def plants_open(study: Study, sets: Sets, columns: Columns) -> PlantsOpen:
    r"""Return which plants stand in which period.

    .. math:: open_{ct} = b_{ct} - \sum_{c' \text{ expands } c} b_{c't}, \quad
       b_{ct} = \sum_{\tau \le t} \Big( build_{c\tau} - \sum_{\tau < t' \le t} retire_{c\tau t'} \Big),
       \qquad open_{gt} = runs_{gt} \Big( 1 - \sum_{\tau \le t} close_{g\tau} \Big) \quad \text{or} \quad
       runs_{gt} \sum_{\tau \le t} resume_{g\tau}

    of an option c at a place, and of a plant g of table ``plants`` that stands, is committed, or is paused.
    """
    changes, steps = sets.changes, len(sets.horizon)
    built = np.flatnonzero(changes.kind == "build")
    number = np.full(len(changes.kind), -1, dtype=np.int64)
    number[built] = np.arange(len(built))
    change, period, column, sign = open_terms(sets, columns)
    grows = changes.expands[change] >= 0
    unit = [number[change], number[changes.expands[change[grows]]]]
    entries = [(period, column, sign), (period[grows], column[grows], -sign[grows])]
    place, option = changes.place[built].tolist(), changes.name[built].tolist()
    constant = [np.zeros((len(built), steps))]

    moves = {
        str(changes.name[c]): int(c) for c in np.flatnonzero(np.isin(changes.kind.astype(str), ("close", "resume")))
    }
    at = {(int(s), int(k)): q for q, (s, k) in enumerate(zip(sets.places.site, sets.places.plant_type, strict=True))}
    spans = list(zip(sets.horizon.start_years.tolist(), sets.horizon.years.tolist(), strict=True))
    for plant in study.plants.sort_values("plant").itertuples():
        move = moves.get(str(plant.plant))
        stands = plant.status in RUNNING
        if not stands and move is None:
            continue
        runs = np.array([float(running_share(plant.first_year, plant.last_year, s, n) > 0.0) for s, n in spans])
        if move is not None:
            early, late = np.triu_indices(steps)
            counts = (runs[late] > 0.0) & (columns.change[move, early] >= 0)
            column = columns.change[move, early[counts]]
            unit.append(np.full(len(column), len(place)))
            entries.append((late[counts], column, np.full(len(column), -1.0 if stands else 1.0)))
        where = positions(sets.sites, [plant.site])[0], positions(sets.plant_types, [plant.plant_type])[0]
        place.append(at[int(where[0]), int(where[1])])
        option.append("")
        constant.append(runs[None, :] * float(stands))
    places = np.array(place, dtype=np.int64)
    return PlantsOpen(
        sets.places.site[places],
        sets.places.plant_type[places],
        places,
        np.array(option, dtype=object),
        np.concatenate(unit),
        np.concatenate([e[0] for e in entries]),
        np.concatenate([e[1] for e in entries]),
        np.concatenate([e[2] for e in entries]),
        np.concatenate(constant),
    )


def add_count(milp: MilpBuilder, study: Study, sets: Sets, columns: Columns, limit: Limit) -> None:
    r"""At least, or at most, so many plants stand, or are built, at a place, of a plant type or option, or in all.

    .. math:: \underline{n} \le \sum_{u \in k} open_{ut} \le \bar n \quad \forall t \in T_k, \qquad
       \underline{n} \le \sum_{c \in k} \sum_{t \in T_k} build_{ct} \le \bar n \tag{count}

    Plants that stand, ``plants_open``, are counted in each period: new ones from that of building on, and those of
    table ``plants`` in periods in part of which they run, paused ones once they are resumed, none that is closed. A
    site with new plants of two plant types counts twice; an expansion makes no further plant, and gives it another
    option. Plants that are built, ``plants_built``, are counted over the horizon, or in one period, without those of
    table ``plants``; an expansion counts only where its option is named.

    Where the limit depends on others, ``if_open``, with :math:`z_t = 1` where one of them stands, and N the most plants
    that can be counted:

    .. math:: \sum_{u \in k} open_{ut} \ge \underline{n}\,z_t, \qquad
       \sum_{u \in k} open_{ut} \le \bar n + (N - \bar n) (1 - z_t)
    """
    inside = sites_at(sets, limit.place)
    if limit.kind == "plants_built":
        changes = sets.changes
        counted = (changes.kind == "build") & inside[sets.places.site[changes.place]]
        counted &= (changes.name == limit.option) if limit.option else changes.root
        if limit.plant_type >= 0:
            counted &= sets.places.plant_type[changes.place] == limit.plant_type
        column = columns.change[counted][:, list(limit.periods)]
        column = column[column >= 0]
        line = Line(np.zeros_like(column), column, np.ones(len(column)), np.zeros(1))
        add_sum(milp, "count", limit, line, 1.0, [HORIZON if limit.whole else sets.horizon.periods[limit.periods[0]]])
        return
    plants = plants_open(study, sets, columns)
    counted = inside[plants.site]
    if limit.plant_type >= 0:
        counted &= plants.plant_type == limit.plant_type
    if limit.option:
        counted &= plants.option == limit.option
    most = len(_groups(plants, counted))
    _add_number(milp, "count", sets, plants, limit, plants.sum(limit, counted), most)


def add_logic(milp: MilpBuilder, study: Study, sets: Sets, columns: Columns, limit: Limit) -> None:
    r"""Of some named members at least, or at most, so many are open; either/or is exactly one, if/then ``if_open``.

    .. math:: \underline{n} \le \sum_{m \in k} y_{mt} \le \bar n, \qquad
       open_{gt} \le y_{mt} \le \sum_{g \in m} open_{gt}, \quad 0 \le y_{mt} \le 1
       \quad \forall g \in m,\ t \in T_k \tag{logic}

    A member is a site, a plant type at a site, or an option of it; it is open where at least one such plant stands, as
    for ``count``. Each g is one plant at most: the new one at a place, or one of table ``plants``. Where a member is
    one plant, y is that sum; else a column ``member``, which is 0 or 1 without being a decision. Where the limit
    depends on others, ``if_open``, it holds as for ``count``.
    """
    plants = plants_open(study, sets, columns)
    total = Line.over([], np.zeros(len(limit.periods)))
    for names in limit.members:
        total = total + _any(milp, "logic", sets, plants, limit, [names], "/".join(n or "*" for n in names))
    _add_number(milp, "logic", sets, plants, limit, total, len(limit.members))


def _add_number(
    milp: MilpBuilder, family: str, sets: Sets, plants: PlantsOpen, limit: Limit, number: Line, most: int
) -> None:
    """Add the constraints that hold a number of at most ``most`` between floor and ceiling, or where others stand."""
    names = slots(sets, limit)
    if not limit.if_open:
        add_sum(milp, family, limit, number, 1.0, names)
        return
    stands = _any(milp, family, sets, plants, limit, limit.if_open, "if open")
    for words, bound in limit.sides():
        far = 0.0 if words == "at least" else float(max(most, bound))
        line = with_violation(milp, limit, number + stands * (far - bound), words, 1.0, names)
        side = {"lower" if words == "at least" else "upper": far - line.constant}
        label = lambda k, words=words: (limit.name, words, names[k])  # noqa: E731
        milp.add_rows(family, len(names), label, (line.row, line.column, line.value), **side)


def _groups(plants: PlantsOpen, counted: BoolArray) -> list[BoolArray]:
    """Return the plants of which at most one can stand: the new one at a place, and each one of the table."""
    units = np.flatnonzero(counted)
    keys = [(int(plants.place[u]), -1 if plants.option[u] else int(u)) for u in units.tolist()]
    groups = []
    for key in dict.fromkeys(keys):
        mine = np.zeros(len(counted), dtype=np.bool_)
        mine[units[[k == key for k in keys]]] = True
        groups.append(mine)
    return groups


def _any(
    milp: MilpBuilder,
    family: str,
    sets: Sets,
    plants: PlantsOpen,
    limit: Limit,
    members: Sequence[tuple[str, str, str]],
    label: str,
) -> Line:
    """Return 1 where a plant of some members stands in a period of the limit; a column where they may be several."""
    named = np.any([plants.chosen(sets, names) for names in members], axis=0)
    groups = [plants.sum(limit, mine) for mine in _groups(plants, named)]
    steps, names = len(limit.periods), slots(sets, limit)
    if len(groups) < 2:
        return sum(groups, Line.over([], np.zeros(steps)))
    at = np.arange(steps)
    column = milp.add_columns("member", (steps,), lambda t: (limit.name, label, names[t]), upper=1.0)
    every = sum(groups, Line.over([], np.zeros(steps)))
    milp.add_rows(
        family,
        steps,
        lambda k: (limit.name, "any", label, names[k]),
        (at, column, 1.0),
        (every.row, every.column, -every.value),
        upper=every.constant,
    )
    row = np.concatenate([g.row + n * steps for n, g in enumerate(groups)])
    milp.add_rows(
        family,
        len(groups) * steps,
        lambda k: (limit.name, "each", label, str(k // steps + 1), names[k % steps]),
        (np.arange(len(groups) * steps), np.tile(column, len(groups)), 1.0),
        (row, np.concatenate([g.column for g in groups]), -np.concatenate([g.value for g in groups])),
        lower=np.concatenate([g.constant for g in groups]),
    )
    return Line(at, column, np.ones(steps), np.zeros(steps))


__all__ = ["PlantsOpen", "add_count", "add_logic", "plants_open"]
