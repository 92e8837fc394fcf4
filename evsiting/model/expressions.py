"""Figures of a plan as linear functions of the columns: direct staff, investment, electricity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evsiting.model.columns import Columns, change_terms
from evsiting.model.milp import FloatArray, IntArray
from evsiting.model.sets import Sets


@dataclass(frozen=True)
class Terms:
    """Entries of a linear function with many rows.

    Parameters
    ----------
    row, column : numpy.ndarray of int, shape (X,)
        Row q·T + t of a place and a period, and column of the program.
    value : numpy.ndarray, shape (X,)
        Coefficient, in real units per unit of the column.
    """

    row: IntArray
    column: IntArray
    value: FloatArray


def staff(sets: Sets, columns: Columns, hours: float) -> tuple[Terms, FloatArray]:
    r"""Return the direct staff at every place in every period.

    .. math:: s_{qt} = \bar s_{qt} + \sum_{c \in q} \sum_{\tau \le t} s_{c\tau t}\,build_{c\tau}
       + \sum_{m \in q} h_m\,make_{mt} / H \quad [\mathrm{FTE}]

    Parameters
    ----------
    sets, columns
        As everywhere.
    hours : float
        Hours of one full-time position. [h/yr]

    Returns
    -------
    terms : Terms
        What depends on decisions. [FTE per unit of the column]
    standing : numpy.ndarray, shape (Q, T)
        What does not. [FTE]
    """
    steps = len(sets.horizon)
    change, period, column, amount = change_terms(columns, sets.changes.staff)
    per_unit = sets.makes.labor * sets.scale[sets.makes.product] / hours
    working = np.flatnonzero(per_unit > 0)
    rows = sets.makes.place[working, None] * steps + np.arange(steps)
    return Terms(
        np.concatenate([sets.changes.place[change] * steps + period, rows.ravel()]),
        np.concatenate([column, columns.make[working].ravel()]),
        np.concatenate([amount, np.repeat(per_unit[working], steps)]),
    ), sets.places.staff


def capex(sets: Sets, columns: Columns) -> Terms:
    r"""Return the own investment at every place by period of building, undiscounted.

    .. math:: \sum_{c \in q} I_{ct}\,build_{ct} \quad [\mathrm{USD}]

    Expansions and resumed plants count with what they cost.
    """
    steps = len(sets.horizon)
    change, period = np.nonzero(sets.changes.capex * (columns.change >= 0))
    return Terms(
        sets.changes.place[change] * steps + period, columns.change[change, period], sets.changes.capex[change, period]
    )


def electricity(sets: Sets, columns: Columns) -> Terms:
    r"""Return the electricity that every place uses a year.

    .. math:: \sum_{m \in q} kWh_m\,make_{mt} \quad [\mathrm{kWh/yr}]
    """
    steps = len(sets.horizon)
    per_unit = sets.makes.electricity * sets.scale[sets.makes.product]
    using = np.flatnonzero(per_unit > 0)
    rows = sets.makes.place[using, None] * steps + np.arange(steps)
    return Terms(rows.ravel(), columns.make[using].ravel(), np.repeat(per_unit[using], steps))
