"""Columns as tables of a plan, and totals of cost, emissions, jobs and lateness as linear functions of columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from evsiting.model.milp import FloatArray, IntArray, Objective
from evsiting.study.horizon import Horizon
from evsiting.study.objectives import OBJECTIVES
from evsiting.study.schema.plan_tables import DECISIONS


@dataclass(frozen=True)
class Decision:
    """Columns of the program that are one table of a plan.

    Parameters
    ----------
    table : str
        Name of the table in :data:`evsiting.study.schema.plan_tables.DECISIONS`.
    keys : mapping of str to numpy.ndarray of object, each shape (K,)
        Key columns beside ``period``.
    column : numpy.ndarray of int, shape (K, T), or (K, 1) where the table has no period
        Column of each row and period; -1 where there is none.
    periods : tuple of str, length T
        Names of the periods; ``("",)`` where the table has none.
    scale : numpy.ndarray, shape (K,)
        Size of one unit of the column in the unit of the table. A yes-or-no decision has no use for it.
    """

    table: str
    keys: Mapping[str, NDArray[np.object_]]
    column: IntArray
    periods: tuple[str, ...]
    scale: FloatArray

    def frame(self, values: FloatArray) -> pd.DataFrame:
        """Return the rows that a point of the program decides on, in the study's units."""
        what = DECISIONS[self.table]
        amount = (
            np.where(self.column >= 0, values[self.column], 0.0) if self.column.size else np.zeros(self.column.shape)
        )
        row, when = np.nonzero(amount > (0.0 if what.value else 0.5))
        out: dict[str, Any] = {name: codes[row] for name, codes in self.keys.items()}
        if "period" in what.key:
            out["period"] = np.array(self.periods, dtype=object)[when]
        if what.value:
            out[what.value] = amount[row, when] * self.scale[row]
        return pd.DataFrame(out, columns=list(what.columns))

    def put(self, frame: pd.DataFrame, values: FloatArray) -> None:
        """Set the columns that the rows of a table name; rows that the program does not know are left out."""
        what = DECISIONS[self.table]
        if not len(frame) or not self.column.size:
            return
        known = pd.MultiIndex.from_arrays([np.asarray(codes, dtype=object) for codes in self.keys.values()])
        row = known.get_indexer(pd.MultiIndex.from_arrays([frame[c].astype(object) for c in self.keys]))
        when = (
            pd.Index(self.periods).get_indexer(pd.Index(frame["period"]))
            if "period" in what.key
            else np.zeros_like(row)
        )
        good = (row >= 0) & (when >= 0)
        target = self.column[row[good], when[good]]
        amount = (
            frame[what.value].to_numpy(np.float64)[good] / self.scale[row[good]] if what.value else np.ones(len(target))
        )
        values[target[target >= 0]] = amount[target >= 0]


@dataclass(frozen=True)
class Indicator:
    """Columns that are one where any of their members is above zero: they follow from the tables of a plan.

    Parameters
    ----------
    column : numpy.ndarray of int, shape (K,)
        The columns: 1 where one of their members is above zero.
    row, member : numpy.ndarray of int, shape (X,)
        Position of the column and a column that it depends on.
    """

    column: IntArray
    row: IntArray
    member: IntArray

    def put(self, values: FloatArray) -> None:
        """Set them by their members."""
        above = np.zeros(len(self.column), dtype=np.bool_)
        above[self.row[values[self.member] > 0.0]] = True
        values[self.column] = above


class Totals:
    """Gathers what columns add to the objectives, in real units.

    Parameters
    ----------
    horizon : Horizon
        Weights of the periods.
    carbon_price : numpy.ndarray, shape (T,)
        Price of emissions that enters the cost. [USD/t]
    """

    def __init__(self, horizon: Horizon, carbon_price: FloatArray) -> None:
        self.horizon = horizon
        self.carbon_price = carbon_price
        self._terms: dict[str, list[tuple[IntArray, FloatArray]]] = {name: [] for name in OBJECTIVES}
        self._yearly: dict[str, list[tuple[IntArray, IntArray, FloatArray]]] = {
            "emissions": [],
            "freight_emissions": [],
            "jobs": [],
        }
        self._constant = dict.fromkeys(OBJECTIVES, 0.0)
        self._yearly_constant = {name: np.zeros(len(horizon)) for name in self._yearly}

    def copy(self) -> Totals:
        """Return totals that go on from these, without changing them."""
        other = Totals(self.horizon, self.carbon_price)
        other._terms = {name: list(terms) for name, terms in self._terms.items()}
        other._yearly = {name: list(terms) for name, terms in self._yearly.items()}
        other._constant, other._yearly_constant = dict(self._constant), dict(self._yearly_constant)
        return other

    def cost(self, columns: ArrayLike, usd: ArrayLike) -> None:
        """Add present value per unit of a column. [USD]"""
        self._add("cost", columns, usd)

    def late(self, columns: ArrayLike, units: ArrayLike) -> None:
        """Add units that arrive late, over the horizon, per unit of a column."""
        self._add("late", columns, units)

    def emissions(self, columns: ArrayLike, periods: ArrayLike, kg_per_yr: ArrayLike) -> None:
        """Add yearly emissions in a period per unit of a column, and what they cost. [kg/yr]"""
        c, t, v = self._flat(columns, periods, kg_per_yr)
        self._yearly["emissions"].append((c, t, v / 1000.0))
        if self.carbon_price.any():
            self._add("cost", c, v / 1000.0 * (self.carbon_price * self.horizon.present)[t])

    def freight_emissions(self, columns: ArrayLike, periods: ArrayLike, kg_per_yr: ArrayLike) -> None:
        """Add the part of yearly emissions that transport has, which :meth:`emissions` counts as well. [kg/yr]"""
        c, t, v = self._flat(columns, periods, kg_per_yr)
        self._yearly["freight_emissions"].append((c, t, v / 1000.0))

    def jobs(self, columns: ArrayLike, periods: ArrayLike, fte: ArrayLike) -> None:
        """Add direct jobs in a period per unit of a column. [FTE]"""
        self._yearly["jobs"].append(self._flat(columns, periods, fte))

    def standing(self, *, cost: float = 0.0, jobs: ArrayLike = 0.0) -> None:
        """Add what does not depend on a decision: cost [USD], jobs by period, shape (T,). [FTE]"""
        self._constant["cost"] += cost
        self._yearly_constant["jobs"] = self._yearly_constant["jobs"] + np.asarray(jobs, np.float64)

    def yearly(self, name: str) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
        """Return emissions [t/yr] or jobs [FTE] as columns, periods, values, and the constant by period, shape (T,)."""
        parts = self._yearly[name]
        empty = np.zeros(0, np.int64)
        return (
            np.concatenate([p[0] for p in parts]) if parts else empty,
            np.concatenate([p[1] for p in parts]) if parts else empty,
            np.concatenate([p[2] for p in parts]) if parts else np.zeros(0),
            self._yearly_constant[name],
        )

    def objectives(self, width: int) -> list[Objective]:
        """Return the objectives of a program with so many columns; those that a study need not have, where it does."""
        years = self.horizon.years.astype(np.float64)
        objectives = []
        for name, kind in OBJECTIVES.items():
            terms = list(self._terms[name])
            constant = self._constant[name]
            if name in self._yearly:
                columns, periods, values, fixed = self.yearly(name)
                terms.append((columns, kind.sense * values * years[periods]))
                constant += kind.sense * float(fixed @ years)
            if kind.need is not None and not terms:
                continue
            out = np.zeros(width)
            for c, v in terms:
                np.add.at(out, c, v)
            objectives.append(Objective(name, out / kind.scale, constant / kind.scale, kind.scale))
        return objectives

    def _add(self, name: str, columns: ArrayLike, values: ArrayLike) -> None:
        c, v = np.broadcast_arrays(np.asarray(columns, np.int64), np.asarray(values, np.float64))
        keep = c >= 0
        self._terms[name].append((c[keep], np.asarray(v[keep], np.float64)))

    @staticmethod
    def _flat(columns: ArrayLike, periods: ArrayLike, values: ArrayLike) -> tuple[IntArray, IntArray, FloatArray]:
        c, t, v = np.broadcast_arrays(
            np.asarray(columns, np.int64), np.asarray(periods, np.int64), np.asarray(values, np.float64)
        )
        keep = c >= 0
        return c[keep], t[keep], np.asarray(v[keep], np.float64)


def texts(codes: Sequence[object] | pd.Index, at: IntArray) -> NDArray[np.object_]:
    """Return codes at positions as an array of objects."""
    return np.asarray(codes, dtype=object)[at]
