"""Scope of limits: the periods, places and activities that each counts, as linear functions with a floor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from evsiting.model.columns import Columns
from evsiting.model.constraints.flows import by_product_yields
from evsiting.model.milp import FloatArray, IntArray, Label, MilpBuilder
from evsiting.model.sets import BoolArray, Sets, positions
from evsiting.study.derived.limit_rows import limit_rows
from evsiting.study.lists import named_plants, names_in
from evsiting.study.study import Study

#: Name of the slot of a limit that holds over all periods together.
HORIZON = "horizon"


@dataclass(frozen=True)
class Limit:
    """One row of table ``limits``.

    Parameters
    ----------
    name, kind, per : str
        As in the table.
    place : str
        Country, state, site or market; empty for everywhere.
    product, plant_type : int
        Positions; -1 for all.
    periods : tuple of int
        Periods in which it holds.
    whole : bool
        Whether the table names no period.
    low, high : float
        Floor and ceiling; infinite where there is none.
    option, origin, destination, mode, gateway : str
        As in the table; empty for all.
    programs : tuple of str
        For ``programs_used``: the members.
    members, if_open : tuple of (str, str, str)
        Site, plant type and option of what is counted, and of what it depends on; empty texts for any.
    penalty : float
        Price of a unit by which it is broken; NaN where it is kept in full. [USD]
    violations : dict of str to (int, float)
        By slot the column of its violation and the size of a unit of it: filled as its rows are written.
    """

    name: str
    kind: str
    per: str
    place: str
    product: int
    plant_type: int
    periods: tuple[int, ...]
    whole: bool
    low: float
    high: float
    option: str = ""
    origin: str = ""
    destination: str = ""
    mode: str = ""
    gateway: str = ""
    programs: tuple[str, ...] = ()
    members: tuple[tuple[str, str, str], ...] = ()
    if_open: tuple[tuple[str, str, str], ...] = ()
    penalty: float = np.nan
    violations: dict[str, tuple[int, float]] = field(default_factory=dict, compare=False)

    @property
    def is_soft(self) -> bool:
        """Whether it may be broken at a price."""
        return bool(np.isfinite(self.penalty))

    def sides(self) -> list[tuple[str, float]]:
        """Return the fractions that it sets, each with its side in words."""
        return [(w, v) for w, v in (("at least", self.low), ("at most", self.high)) if np.isfinite(v)]


def limits_of(study: Study, sets: Sets) -> list[Limit]:
    """Return the limits of a study by name, so that the order of the table's rows changes nothing."""
    if not study.has("limits"):
        return []

    rows: list[Any] = list(limit_rows(study).sort_values("limit").itertuples())

    def position(codes: pd.Index, code: object) -> int:
        return int(positions(codes, [code])[0]) if isinstance(code, str) else -1

    def text(cell: object) -> str:
        return cell if isinstance(cell, str) else ""

    return [
        Limit(
            name=str(row.limit),
            kind=str(row.kind),
            per=text(row.per),
            place=text(row.place),
            product=position(sets.products, row.product),
            plant_type=position(sets.plant_types, row.plant_type),
            periods=_periods(sets, row.period, float(row.first_year)),
            whole=not isinstance(row.period, str),
            low=float(row.at_least) if pd.notna(row.at_least) else -np.inf,
            high=float(row.at_most) if pd.notna(row.at_most) else np.inf,
            option=text(row.option),
            origin=text(row.origin),
            destination=text(row.destination),
            mode=text(row.mode),
            gateway=text(row.gateway),
            programs=names_in([row.members]) if row.kind == "programs_used" else (),
            members=named_plants(row.members) if row.kind != "programs_used" else (),
            if_open=named_plants(row.if_open),
            penalty=float(row.penalty_usd_per_unit),
        )
        for row in rows
    ]


def _periods(sets: Sets, period: object, first_year: float) -> tuple[int, ...]:
    """Return the periods in which a limit holds: the one that it names, or all that do not begin before a year."""
    if isinstance(period, str):
        return (sets.horizon.periods.index(period),)
    return tuple(t for t, year in enumerate(sets.horizon.start_years.tolist()) if not year < first_year)


@dataclass(frozen=True)
class Line:
    """Linear functions of the columns, one a slot: a period of a limit, or the horizon.

    Parameters
    ----------
    row, column : numpy.ndarray of int, shape (X,)
        Slot and column of each entry.
    value : numpy.ndarray, shape (X,)
        Coefficient.
    constant : numpy.ndarray, shape (R,)
        What does not depend on a decision.
    """

    row: IntArray
    column: IntArray
    value: FloatArray
    constant: FloatArray

    @classmethod
    def over(cls, parts: Sequence[tuple[IntArray, IntArray, FloatArray]], constant: FloatArray) -> Line:
        """Return the sum of entries given in parts (slot, column, coefficient) and a constant."""
        rows, columns = (np.concatenate([np.zeros(0, np.int64), *(p[k].ravel() for p in parts)]) for k in (0, 1))
        values = np.concatenate([np.zeros(0), *(p[2].ravel() for p in parts)])
        return cls(rows, columns, values, constant)

    def __add__(self, other: Line) -> Line:
        mine, theirs = ((x.row, x.column, x.value) for x in (self, other))
        return Line.over([mine, theirs], self.constant + other.constant)

    def __mul__(self, factor: float) -> Line:
        return replace(self, value=self.value * factor, constant=self.constant * factor)


def at_period(limit: Limit, period: IntArray) -> IntArray:
    """Return the slot of each period: its place among the limit's periods, -1 where the limit does not hold."""
    slot = np.full(int(max((*limit.periods, *period.ravel().tolist()), default=0)) + 1, -1, dtype=np.int64)
    slot[list(limit.periods)] = np.arange(len(limit.periods))
    return np.asarray(slot[period], dtype=np.int64)


def flows(limit: Limit, column: IntArray) -> Line:
    """Return the sum of some columns in each period of a limit.

    Parameters
    ----------
    limit : Limit
        Its periods are the slots.
    column : numpy.ndarray of int, shape (K, T)
        Columns by period, all in the same unit.
    """
    return _flows(limit, column, np.ones(len(column)))


def outputs(limit: Limit, sets: Sets, columns: Columns, places: BoolArray) -> Line:
    r"""Return what some places put out of a limit's product: what they make, and by-products that somebody takes.

    .. math:: x_{qpt} = make_{qpt} + \sum_{p'} J_{qp'p}\,make_{qp't} - dispose_{qpt}

    Parameters
    ----------
    limit : Limit
        Its periods are the slots.
    sets, columns : Sets, Columns
        The study on arrays, and its columns.
    places : numpy.ndarray of bool, shape (Q,)
        Whose output counts; of what they pass on nothing does.
    """
    makes = sets.makes.of(limit.product) & places[sets.makes.place]
    extra = sets.by_products
    mine = (extra.product == limit.product) & places[extra.place]
    comes, gone = np.flatnonzero(mine[extra.row]), np.flatnonzero(mine & ~np.isnan(extra.disposal))
    return (
        flows(limit, columns.make[makes])
        + _flows(limit, columns.make[extra.make[comes]], by_product_yields(sets)[comes])
        + flows(limit, columns.dispose[gone]) * -1.0
    )


def _flows(limit: Limit, column: IntArray, value: FloatArray) -> Line:
    some = column[:, list(limit.periods)]
    slot = np.broadcast_to(np.arange(some.shape[1]), some.shape)
    return Line.over([(slot, some, np.broadcast_to(value[:, None], some.shape))], np.zeros(some.shape[1]))


def slots(sets: Sets, limit: Limit) -> list[str]:
    """Return the names of the periods in which a limit holds."""
    return [sets.horizon.periods[t] for t in limit.periods]


def labels(slots: Sequence[str], *head: str) -> Label:
    """Return the function that names a constraint: what is common to all, then the slot."""
    return lambda k: (*head, slots[k])


def add_sum(milp: MilpBuilder, family: str, limit: Limit, line: Line, unit: float, slots: Sequence[str]) -> None:
    """Add constraints that hold a total between the limit's floor and ceiling, in ``unit`` of its own unit.

    Where the limit is soft, the floor and the ceiling have a row each, with the violation in it.
    """
    if limit.is_soft:
        for words, bound in limit.sides():
            loose = with_violation(milp, limit, line * (1.0 / unit), words, unit, slots)
            side = {"lower" if words == "at least" else "upper": bound / unit - loose.constant}
            where = labels(slots, limit.name, words)
            milp.add_rows(family, len(slots), where, (loose.row, loose.column, loose.value), **side)
        return
    low, high = limit.low - line.constant, limit.high - line.constant
    milp.add_rows(
        family,
        len(slots),
        labels(slots, limit.name),
        (line.row, line.column, line.value / unit),
        lower=low / unit,
        upper=high / unit,
    )


def add_share(
    milp: MilpBuilder, family: str, limit: Limit, part: Line, whole: Line, unit: float, slots: Sequence[str], *also: str
) -> None:
    r"""Add constraints that hold a part of a whole above or below a fraction, without dividing by the whole.

    .. math:: part \ge \sigma\,whole \quad \text{or} \quad part \le \sigma\,whole

    Where the whole is nothing both hold. A soft limit is broken by so much of the part; ``unit`` is the size of one
    unit of it.
    """
    for words, share in limit.sides():
        line = with_violation(milp, limit, part + whole * -share, words, unit, slots)
        bound = {"lower" if words == "at least" else "upper": 0.0 - line.constant}
        milp.add_rows(
            family, len(slots), labels(slots, limit.name, *also, words), (line.row, line.column, line.value), **bound
        )


def with_violation(milp: MilpBuilder, limit: Limit, line: Line, words: str, unit: float, slots: Sequence[str]) -> Line:
    r"""Return a function with the violation of a soft limit in it, so that its floor or ceiling may be broken.

    .. math:: f_{kt} + violation_{kt} \ge \underline{b}, \qquad f_{kt} - violation_{kt} \le \bar b, \qquad
       violation_{kt} \ge 0, \qquad cost \mathrel{+}= \sum_{k,t} A_t\,\rho_k\,violation_{kt}

    with the penalty ρ; of a limit on a total it counts once, at present value, without the weight A. Rows of a limit on
    several things in one period (no site above a share) have one violation, that of the worst.
    """
    if not limit.is_soft:
        return line
    missing = [slot for slot in slots if slot not in limit.violations]
    if missing:
        columns = milp.add_columns("violation", (len(missing),), labels(missing, limit.name))
        limit.violations.update({slot: (int(c), unit) for slot, c in zip(missing, columns, strict=True)})
    at = np.arange(len(slots))
    column = np.array([limit.violations[slot][0] for slot in slots], dtype=np.int64)
    sign = 1.0 if words == "at least" else -1.0
    return line + Line(at, column, np.full(len(slots), sign), np.zeros(len(slots)))


def sites_at(sets: Sets, place: str) -> BoolArray:
    """Return which sites lie in a country or state, or are the site itself; all where the place is empty. shape (S,)"""
    values = sets.site_values
    return lies_at(place, values.country, values.region, sets.sites.to_numpy(object))


def markets_at(sets: Sets, place: str) -> BoolArray:
    """Return which markets lie at a place, as :func:`sites_at` does. shape (J,)"""
    return lies_at(place, sets.market_country, sets.market_region, sets.markets.to_numpy(object))


def lies_at(place: str, country: np.ndarray, region: np.ndarray, code: np.ndarray) -> BoolArray:
    """Return what lies in a country or state, or is the place itself; all where the place is empty."""
    return np.asarray((country == place) | (region == place) | (code == place) | (place == ""), dtype=np.bool_)
