"""Decision variables of the program: those of every study, and those that exist only where something can be decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evsiting.model.milp import FloatArray, IntArray, MilpBuilder
from evsiting.model.sets import BoolArray, Sets


@dataclass(frozen=True)
class Columns:
    """Column indices of the decisions that every study has.

    Parameters
    ----------
    change : numpy.ndarray of int, shape (C, T)
        A change is taken at the start of a period: ``build``, ``close``, ``resume`` or ``retire``. {0, 1}
    make : numpy.ndarray of int, shape (M, T)
        Output. [scaled unit/yr]
    ship : numpy.ndarray of int, shape (L, T)
        Shipment. [scaled unit/yr]
    unmet : numpy.ndarray of int, shape (D, T)
        Demand not served; -1 where all must be served. [scaled unit/yr]
    dispose : numpy.ndarray of int, shape (B, T)
        By-product that nobody takes; -1 where all of it must leave. [scaled unit/yr]
    """

    change: IntArray
    make: IntArray
    ship: IntArray
    unmet: IntArray
    dispose: IntArray


def add_decisions(milp: MilpBuilder, sets: Sets) -> Columns:
    """Add ``build``, ``close``, ``resume``, ``retire`` and the flows, which are at least zero.

    Parameters
    ----------
    milp : MilpBuilder
        Receives the columns.
    sets : Sets
        Index sets.
    """
    periods, lanes, wants = sets.horizon.periods, sets.lanes.frame, sets.wants
    steps = len(periods)
    text = [list(lanes[c]) for c in ("product", "origin", "destination", "mode")]
    change = _changes(milp, sets)
    make = milp.add_columns(
        "make",
        (len(sets.makes.place), steps),
        lambda m, t: (
            *sets.place_name(int(sets.makes.place[m])),
            str(sets.products[sets.makes.product[m]]),
            periods[t],
        ),
    )
    ship = milp.add_columns("ship", (len(lanes), steps), lambda k, t: (*(column[k] for column in text), periods[t]))
    want, period = np.nonzero(~np.isnan(wants.penalty) & (wants.units > 0))
    unmet = np.full(wants.units.shape, -1, dtype=np.int64)
    unmet[want, period] = milp.add_columns(
        "unmet",
        (len(want),),
        lambda u: (
            str(sets.markets[wants.market[want[u]]]),
            str(sets.products[wants.product[want[u]]]),
            periods[period[u]],
        ),
        upper=wants.units[want, period] / sets.scale[wants.product[want]],
    )
    return Columns(change, make, ship, unmet, _disposals(milp, sets))


def _disposals(milp: MilpBuilder, sets: Sets) -> IntArray:
    """Add ``dispose`` for every by-product that may be disposed of; -1 for the others."""
    extra, periods = sets.by_products, sets.horizon.periods
    free = np.flatnonzero(~np.isnan(extra.disposal))
    column = np.full((len(extra.place), len(periods)), -1, dtype=np.int64)
    if len(free):
        column[free] = milp.add_columns(
            "dispose",
            (len(free), len(periods)),
            lambda k, t: (
                *sets.place_name(int(extra.place[free[k]])),
                str(sets.products[extra.product[free[k]]]),
                periods[t],
            ),
        )
    return column


def _changes(milp: MilpBuilder, sets: Sets) -> IntArray:
    """Add a yes-or-no column for every change and period; -1 where it cannot be taken.

    Nothing can grow in the first period but at once, and nothing is retired before the period after that of building.

    An option is not built in a period that begins before its lead time is over: the column is held at zero.
    """
    changes, periods = sets.changes, sets.horizon.periods
    column = np.full((len(changes.kind), len(periods)), -1, dtype=np.int64)
    order = np.arange(len(periods))
    ever = ((changes.expands < 0) | changes.at_once)[:, None] | (order > 0)
    ever &= order > changes.built[:, None]
    for kind in ("build", "close", "resume", "retire"):
        plant = kind in ("close", "resume")
        mine, when = np.nonzero((changes.kind == kind)[:, None] & ever)
        if len(mine):
            column[mine, when] = milp.add_columns(
                kind,
                (len(mine),),
                lambda k, mine=mine, when=when, plant=plant: (
                    *(() if plant else sets.place_name(int(changes.place[mine[k]]))),
                    str(changes.name[mine[k]]),
                    *((periods[changes.built[mine[k]]],) if changes.built[mine[k]] >= 0 else ()),
                    periods[when[k]],
                ),
                upper=changes.may_open[mine, when].astype(np.float64),
                integer=True,
            )
    return column


def change_terms(columns: Columns, amount: FloatArray) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    """Return the sparse entries of what changes add, by the period in which it counts.

    Parameters
    ----------
    columns : Columns
        Where the changes stand.
    amount : numpy.ndarray, shape (C, T, T)
        What a change adds in the second period when taken at the first.

    Returns
    -------
    change, period, column : numpy.ndarray of int, each shape (X,)
        Every change, period in which it counts, and column, zeros left out.
    value : numpy.ndarray, shape (X,)
        What it adds.
    """
    change, when, period = np.nonzero(amount * (columns.change >= 0)[:, :, None])
    return change, period, columns.change[change, when], amount[change, when, period]


def open_terms(sets: Sets, columns: Columns) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    """Return (change, period, column, sign) of what is built in each period in which it stands.

    A building counts from its period on, its retirement takes it away again; each by the number of the building.
    """
    changes, steps = sets.changes, len(sets.horizon)
    sign = np.where(changes.kind == "build", 1.0, np.where(changes.kind == "retire", -1.0, 0.0))
    change, period, column, value = change_terms(columns, sign[:, None, None] * np.triu(np.ones((steps, steps))))
    return np.where(changes.retires[change] >= 0, changes.retires[change], change), period, column, value


def new_plant_terms(sets: Sets, columns: Columns) -> tuple[IntArray, IntArray, IntArray]:
    """Return (change, period, column) for every new plant and period from that of building on."""
    steps = len(sets.horizon)
    count = sets.changes.root[:, None, None] * np.triu(np.ones((steps, steps)))
    change, period, column, _ = change_terms(columns, count)
    return change, period, column


def add_columns_where(
    milp: MilpBuilder,
    family: str,
    wanted: BoolArray,
    label: Callable[[int], tuple[str, ...]],
    periods: tuple[str, ...],
    *,
    upper: ArrayLike = np.inf,
    integer: bool = False,
) -> IntArray:
    """Add a column for each true entry of a grid of rows and periods, and return their indices; -1 for the others.

    Parameters
    ----------
    milp : MilpBuilder
        Receives the columns.
    family : str
        Name of the decision.
    wanted : numpy.ndarray of bool, shape (K, T)
        Where there is a column.
    label : callable
        Index parts of the k-th row, without the period.
    periods : tuple of str, length T
        Names of the periods.
    upper : array_like, broadcast to (K, T)
        Upper bounds.
    integer : bool
        Whether they are yes-or-no decisions.
    """
    row, when = np.nonzero(wanted)
    out = np.full(wanted.shape, -1, dtype=np.int64)
    if len(row):
        out[row, when] = milp.add_columns(
            family,
            (len(row),),
            lambda k: (*label(int(row[k])), periods[when[k]]),
            upper=np.broadcast_to(np.asarray(upper, dtype=np.float64), wanted.shape)[row, when],
            integer=integer,
        )
    return out
