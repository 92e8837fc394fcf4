"""Lower bounds on the cost of forcing each candidate plant in, from the reduced costs of one relaxation."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evsiting.model.build import Program
from evsiting.model.milp import FloatArray, Objective

__all__ = ["build_rises", "entry_bounds"]

#: Half the distance of one to the next larger number.
ROUNDOFF = 2.0**-53


def entry_bounds(program: Program, objective: Objective, prices: FloatArray, bound: float) -> pd.DataFrame:
    r"""Return by how much a bound rises at least where a plant must be built.

    By weak duality a plan is no less than the rows at their limits and the columns at theirs, each on the side that its
    price or reduced cost :math:`d` asks for. A build whose reduced cost is above zero adds nothing at zero and
    :math:`d` at one; so where one of the builds of a plant in any period must be one, the least of them is added. A
    period in which it cannot be built does not count, and a plant that cannot be built in any has no row.

    Parameters
    ----------
    program : Program
        Says which columns build what.
    objective : Objective
        What is minimised.
    prices : numpy.ndarray, shape (M,)
        Of all constraints, in the scaled unit.
    bound : float
        What these prices prove, in the real unit.

    Returns
    -------
    pandas.DataFrame
        See :meth:`evsiting.optimize.sessions.session.Session.entry_bounds`.
    """
    table, least = build_rises(program, objective, prices)
    first = least.argmin(axis=1) if least.size else np.zeros(len(table), dtype=np.int64)
    value = least.min(axis=1, initial=np.inf)
    periods = np.asarray(program.sets.horizon.periods, dtype=object)
    table = table.assign(period=periods[first], rises_by=value, bound=bound + value)
    return table[np.isfinite(value)].sort_values("rises_by", ascending=False, kind="stable").reset_index(drop=True)


def build_rises(program: Program, objective: Objective, prices: FloatArray) -> tuple[pd.DataFrame, FloatArray]:
    """Return every plant that could be built, and by how much a bound rises at least where it is built in a period.

    Parameters
    ----------
    program, objective, prices
        As for :func:`entry_bounds`.

    Returns
    -------
    plants : pandas.DataFrame
        ``site``, ``plant_type``, ``option``.
    rises : numpy.ndarray, shape (K, T)
        In the objective's real unit; infinite where it cannot be built then.
    """
    decision = next(d for d in program.decisions if d.table == "openings")
    column, matrix = decision.column, program.milp.matrix
    mine = np.unique(column[column >= 0])
    part = matrix[:, mine].tocsc()
    reduced = objective.coefficients[mine] - part.T @ prices
    entries = int(np.diff(part.indptr).max(initial=0)) + 2
    error = entries * ROUNDOFF * (np.abs(objective.coefficients[mine]) + abs(part).T @ np.abs(prices))
    forced = program.milp.column_lower[mine] > 0.0  # built in every plan: it costs nothing more
    never = program.milp.column_upper[mine] < 1.0  # such as before its lead time is over
    rise = np.full(program.milp.shape[1], np.inf)
    rise[mine] = np.select([never, forced], [np.inf, 0.0], np.maximum(0.0, reduced - 2.0 * error))
    plants = pd.DataFrame({name: np.asarray(part, dtype=object) for name, part in decision.keys.items()})
    return plants, objective.unit * np.where(column >= 0, rise[column], np.inf)
