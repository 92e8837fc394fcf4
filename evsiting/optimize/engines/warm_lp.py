"""A linear program that stays in the solver with its basis: after a small change it is solved again quickly.

The dual simplex method starts from the basis of the last optimum, which stays dual feasible when only limits of rows
and columns change [1]_.

References
----------
.. [1] A. Koberstein, "Progress in the dual simplex algorithm for solving large scale LP problems: techniques for a fast
   and stable implementation," Computational Optimization and Applications 41 (2008) 185-204.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import sparse

from evsiting.model.milp import FloatArray, IntArray, Objective
from evsiting.optimize.engines.base import Watch

__all__ = ["Resolved", "WarmLp"]

#: The dual simplex method, by its number in HiGHS.
DUAL = 1


@dataclass(frozen=True)
class Resolved:
    """The answer to a linear program whose limits have changed.

    Parameters
    ----------
    feasible : bool
        Whether there is a point.
    prices : numpy.ndarray, shape (M + K,)
        Of all rows, those of the program first: dual values in the scaled unit; where there is no point a dual ray.
        Empty where the solver does not tell.
    rows, columns : numpy.ndarray
        Activities of the added rows and values of the columns that may change; empty where there is no point.
    basis : object
        From which the next run may start; None where there is no point.
    """

    feasible: bool
    prices: FloatArray
    rows: FloatArray = field(default_factory=lambda: np.empty(0))
    columns: FloatArray = field(default_factory=lambda: np.empty(0))
    basis: Any = None


class WarmLp:
    """A linear program that HiGHS has solved, with constraints to add and limits to change.

    Parameters
    ----------
    solver : object
        PuLP's solver after a run to the optimum; its ``model`` holds program and basis.
    objective : Objective
        What it minimises.
    row_unit : numpy.ndarray, shape (M,), optional
        By what prices of the solver are multiplied, where rows and objective were handed over in other units.
    unit : float
        The same for added rows.
    """

    def __init__(
        self, solver: Any, objective: Objective, row_unit: FloatArray | None = None, unit: float = 1.0
    ) -> None:
        self.solver, self.model, self.objective = solver, solver.model, objective
        self.row_unit, self.unit = row_unit, unit
        self.first, self.count = int(self.model.getNumRow()), 0
        self.columns: IntArray = np.empty(0, dtype=np.int64)

    def open_rows(self, matrix: sparse.csr_array, columns: IntArray) -> Resolved:
        """Add constraints without limits, name the columns whose bounds may change, and return the optimum so far.

        Parameters
        ----------
        matrix : scipy.sparse.csr_array, shape (K, N)
            Coefficients of the rows.
        columns : numpy.ndarray of int, shape (J,)
            Positions.
        """
        self.count, self.columns = matrix.shape[0], columns
        free = np.full(self.count, math.inf)
        entries = (matrix.indptr[:-1].astype(np.int32), matrix.indices.astype(np.int32), matrix.data)
        self.model.addRows(self.count, -free, free, matrix.nnz, *entries)
        self.model.setOptionValue("presolve", "off")  # it would drop the basis
        self.model.setOptionValue("simplex_strategy", DUAL)  # whichever method reached this optimum
        solution = self.model.getSolution()
        point = np.array(solution.col_value, dtype=np.float64)
        prices = np.zeros(self.first + self.count)
        prices[: self.first] = solution.row_dual[: self.first]
        return Resolved(True, self._priced(prices), matrix @ point, point[columns], self.model.getBasis())

    def run(
        self, lower: FloatArray, upper: FloatArray, basis: Any, seconds: float, *, watch: Watch | None = None
    ) -> Resolved | None:
        """Return the optimum under other limits; None where time or the user ended the run, or the solver gave up.

        Parameters
        ----------
        lower, upper : numpy.ndarray, shape (K + J,)
            Limits of the added rows, then of the columns.
        basis : object
            Of an earlier answer.
        seconds : float
            Time limit. [s]
        watch : callable, optional
            Told of the time since the start.
        """
        rows = np.arange(self.first, self.first + self.count, dtype=np.int32)
        self.model.changeRowsBounds(self.count, rows, lower[: self.count], upper[: self.count])
        place = self.columns.astype(np.int32)
        self.model.changeColsBounds(len(place), place, lower[self.count :], upper[self.count :])
        self.model.setBasis(basis)
        self.model.setOptionValue("time_limit", self.model.getRunTime() + seconds)
        self.solver.watch = watch
        self.solver.callSolver(None)
        status = self.model.getModelStatus().name
        if status == "kInfeasible":
            _, known, ray = self.model.getDualRay()
            return Resolved(False, self._priced(np.array(ray, dtype=np.float64)) if known else np.empty(0))
        if status != "kOptimal":
            return None
        solution = self.model.getSolution()
        prices = self._priced(np.array(solution.row_dual, dtype=np.float64))
        activity = np.array(solution.row_value, dtype=np.float64)[self.first : self.first + self.count]
        columns = np.array(solution.col_value, dtype=np.float64)[self.columns]
        return Resolved(True, prices, activity, columns, self.model.getBasis())

    def moved(self, basis: Any, first: int) -> Any:
        """Return a basis of a program with other rows between its own and the added ones, for this program.

        Parameters
        ----------
        basis : object
            Of an answer by another program with the same columns and added rows.
        first : int
            Number of rows of that program before the added ones.
        """
        if basis is None or first == self.first:
            return basis
        moved, states = type(basis)(), list(basis.row_status)
        inside = next(s for s in (*states, *basis.col_status) if s.name == "kBasic")
        own = states[: min(first, self.first)] + [inside] * max(0, self.first - first)
        moved.col_status, moved.row_status = basis.col_status, own + states[first:]
        moved.valid, moved.alien = True, first > self.first  # rows that go may leave too few in the basis
        return moved

    def _priced(self, prices: FloatArray) -> FloatArray:
        """Return prices of the solver in the units of the program."""
        if self.row_unit is None:
            return prices
        return np.asarray(prices * np.concatenate([self.row_unit, np.full(self.count, self.unit)]))

    @property
    def interrupted(self) -> bool:
        """Whether the user has stopped a run."""
        return bool(self.solver.interrupted)
