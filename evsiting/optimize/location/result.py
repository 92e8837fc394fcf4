"""The answer to a location problem."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from evsiting.results.record.solve import Status, relative_gap

__all__ = ["LocationResult"]


@dataclass(frozen=True, eq=False)
class LocationResult:
    """Which sites are open, which site serves each market, and how good that is proven to be.

    Parameters
    ----------
    open : numpy.ndarray of bool, shape (M,)
        Whether each site is open.
    assignment : scipy.sparse.csr_array, shape (M, N)
        Part of each market that each site serves; of :func:`evsiting.max_cover`, one where an open site reaches a
        market. [fraction]
    objective : float
        Value of the plan, in the unit of the costs.
    bound : float
        No plan has a lower value (of :func:`evsiting.max_cover`: a higher one).
    status : Status
        ``optimal`` only where bound and objective meet the gap that was asked for.
    seconds : float
        Wall-clock time. [s]
    nodes : int
        Parts into which the problem was divided for the proof; 1 where prices alone prove it.

    Examples
    --------
    >>> import evsiting as ev
    >>> found = ev.facility_location([[1.0, 4.0], [5.0, 2.0]], 3.0)
    >>> found.open.tolist(), found.objective, found.bound, found.gap, str(found.status)
    ([True, False], 8.0, 8.0, 0.0, 'optimal')
    >>> found.assignment.toarray()
    array([[1., 1.],
           [0., 0.]])
    """

    open: NDArray[np.bool_]
    assignment: sparse.csr_array
    objective: float
    bound: float
    status: Status
    seconds: float
    nodes: int = 1

    @property
    def gap(self) -> float:
        """Distance between objective and bound, as a part of the objective; infinite where unknown. [fraction]"""
        apart = abs(self.objective - self.bound)
        if not math.isfinite(apart):
            return math.inf
        if self.objective >= self.bound:
            return relative_gap(self.objective, self.bound)
        return apart / abs(self.objective or 1.0)

    @property
    def sites(self) -> NDArray[np.int64]:
        """Indices of the open sites."""
        return np.flatnonzero(self.open)

    def __repr__(self) -> str:
        count = int(self.open.sum())
        return (
            f"LocationResult({count} of {len(self.open)} sites open, objective {self.objective:.10g}, "
            f"bound {self.bound:.10g}, {self.status}, {self.seconds:.2f} s)"
        )
