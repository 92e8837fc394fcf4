"""Round almost-integer solutions to exact integers, solve the rest again, and remove numerical noise."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import optimize, sparse

from evsiting.model.milp import FloatArray, IntArray, Milp, Objective

#: Where rounding integers breaks a row by more than this, relative to the row's size, the rest is solved again; what a
#: column holds below this part of the most that it can hold is dust.
DUST = 1e-9
#: Longest time for that. [s]
LIMIT_S = 60.0
#: Feasibility tolerance where a plan must be settled anew.
TIGHT = 1e-10


def repair_integers(milp: Milp, objective: Objective, point: FloatArray) -> FloatArray:
    """Return a point with whole integers that breaks no constraint: the best for the integers that the solver chose.

    A solver may build 0.0000003 of a plant, and make a little in it. Rounded, nothing stands there, and what it makes
    belongs to nobody. Where rounding breaks no row, nothing is solved; else the columns in use are tried alone, which
    is quick, and then all. Where no point keeps the rounded integers, the rounded point is returned as it is.

    Parameters
    ----------
    milp : Milp
        The program.
    objective : Objective
        What is minimised.
    point : numpy.ndarray, shape (N,)
        As the solver left it.

    Returns
    -------
    numpy.ndarray, shape (N,)
        Integers rounded, and columns that hold dust at zero, where no row needs it.
    """
    return _without_dust(milp, _whole(milp, objective, point))


def _without_dust(milp: Milp, point: FloatArray) -> FloatArray:
    """Return the point without dust; as it is where a constraint would miss it."""
    most = np.where(np.isfinite(milp.sizes.column), milp.sizes.column, 0.0)
    dust = ~milp.integer & (point != 0.0) & (np.abs(point) <= DUST * most)
    dust &= (milp.column_lower <= 0.0) & (milp.column_upper >= 0.0)
    if not dust.any():
        return point
    clean = np.where(dust, 0.0, point)
    before, after = milp.violation(point), milp.violation(clean)
    return clean if all(after[family] <= before[family] + DUST for family in after) else point


def _whole(milp: Milp, objective: Objective, point: FloatArray) -> FloatArray:
    """Return the point with whole integers, the rest solved again where rounding breaks a constraint."""
    rounded = np.where(milp.integer, np.rint(point), point)
    if np.array_equal(rounded, point):
        return rounded
    before, after = milp.violation(point), milp.violation(rounded)
    if all(after[family] <= before[family] + DUST for family in after):
        return rounded
    for free in (milp.integer | (np.abs(point) > DUST), np.ones(len(point), dtype=np.bool_)):
        repaired = _rest(milp, objective, rounded, np.flatnonzero(free))
        if repaired is not None:
            return repaired
    return rounded


def refine_flows(milp: Milp, objective: Objective, point: FloatArray) -> FloatArray | None:
    """Return the best point for the integers of another one, to tighter tolerances; None where none is found.

    Columns that the point does not use stay out, and with them the dust of a solver; where that leaves no point, all
    are free.

    Parameters
    ----------
    milp : Milp
        The program.
    objective : Objective
        What is minimised.
    point : numpy.ndarray, shape (N,)
        With whole integers.
    """
    rounded = np.where(milp.integer, np.rint(point), point)
    for free in (milp.integer | (np.abs(point) > DUST), np.ones(len(point), dtype=np.bool_)):
        refined = _rest(milp, objective, rounded, np.flatnonzero(free), tight=True)
        if refined is not None:
            return refined
    return None


def _rest(
    milp: Milp, objective: Objective, rounded: FloatArray, free: IntArray, *, tight: bool = False
) -> FloatArray | None:
    """Return the best point with these integers in which only some columns are not zero; None where there is none."""
    whole = milp.integer[free]
    low, high = (np.where(whole, rounded[free], b[free]) for b in (milp.column_lower, milp.column_upper))
    if tight:
        optimum = _tight(
            objective.coefficients[free], milp.matrix[:, free], (milp.row_lower, milp.row_upper), low, high
        )
    else:
        optimum = optimize.milp(
            objective.coefficients[free],
            constraints=optimize.LinearConstraint(milp.matrix[:, free], milp.row_lower, milp.row_upper),
            bounds=optimize.Bounds(low, high),
            options={"time_limit": LIMIT_S},
        )
    if optimum.status != 0 or not np.isfinite(optimum.x).all():
        return None
    out = np.zeros(len(rounded))
    out[free] = np.where(whole, rounded[free], optimum.x)
    return out


def _tight(
    cost: FloatArray, matrix: sparse.csr_array, rows: tuple[FloatArray, FloatArray], low: FloatArray, high: FloatArray
) -> Any:
    """Solve a linear program to tolerances a thousand times tighter than usual."""
    lower, upper = rows
    equal = lower == upper
    above, below = np.isfinite(upper) & ~equal, np.isfinite(lower) & ~equal
    return optimize.linprog(
        cost,
        A_ub=sparse.vstack([matrix[above], -matrix[below]], format="csr"),
        b_ub=np.concatenate([upper[above], -lower[below]]),
        A_eq=matrix[equal],
        b_eq=upper[equal],
        bounds=np.column_stack([low, high]),
        method="highs",
        options={"time_limit": LIMIT_S, "primal_feasibility_tolerance": TIGHT, "dual_feasibility_tolerance": TIGHT},
    )
