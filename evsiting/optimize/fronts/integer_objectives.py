r"""Objectives that take only values on a lattice: what makes a front finite, so that all of it can be found.

An objective :math:`f(x) = c_0 + \sum_j c_j x_j` is integer-valued, up to a unit and a constant, where every column in
it is: then :math:`f \in c_0 + s\,\mathbb{Z}` with the step :math:`s = \gcd_j |c_j| s_j` of its columns' steps
:math:`s_j`. A column is on a lattice where it is

* an integer,
* fixed,
* the only other one in an equation of such columns, or
* the shipment to a market that one source at most may serve: all of the demand or nothing.

What is left is continuous. It does no harm where it is never worth anything: where the columns that cost something in
an objective can stay at their best bound beside every choice of the others, every plan is matched by one that is as
good in every objective and lies on the lattice; so all nondominated points do. That is decided by one linear program in
which every constraint is as tight as the columns on a lattice could make it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from evsiting.model.milp import FloatArray, Milp

__all__ = ["Lattice", "greatest_common_step", "integer_objectives"]

#: Most that one coefficient may be off a whole number of steps, as a part of the step.
OFF = 1e-4
#: Most that all columns of an objective together may be off the lattice at any plan, as a part of the step.
DRIFT = 0.05
#: Least step as a part of the largest sum that an objective can come to: below, solvers do not tell neighbours apart.
RESOLVED = 1e-6
#: Relative difference that is rounding.
ROUNDING = 1e-9

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Lattice:
    """The values that an objective can take at plans that none beats: ``offset + k * step``.

    Parameters
    ----------
    step, offset : float
        In the objective's real unit, less is better. [USD, tCO2e, −job-years, units]

    Examples
    --------
    >>> lattice = Lattice(2.0, 1.0)
    >>> lattice.number(7.0), lattice.value(3)
    (3, 7.0)
    """

    step: float
    offset: float

    def number(self, value: float) -> int:
        """Return which point of the lattice is nearest to a value."""
        return round((value - self.offset) / self.step)

    def value(self, number: int) -> float:
        """Return the value of a point of the lattice."""
        return self.offset + number * self.step

    def below(self, number: int) -> float:
        """Return a ceiling that lets pass what lies below a point, half a step from either side."""
        return self.value(number) - 0.5 * self.step


def greatest_common_step(sizes: FloatArray) -> float:
    """Return the largest number of which all sizes are whole multiples; 0 where there is none worth the name.

    Parameters
    ----------
    sizes : numpy.ndarray
        Any signs; zeros are passed over.

    Examples
    --------
    >>> greatest_common_step(np.array([0.6, -0.9, 0.0, 1.5]))
    0.3
    >>> greatest_common_step(np.array([1.0, np.sqrt(2.0)]))
    0.0
    """
    distinct = np.unique(np.abs(sizes[sizes != 0.0]))
    if not len(distinct):
        return 0.0
    dust = ROUNDING * float(distinct[-1])
    step = float(distinct[0])
    for size in distinct[1:].tolist():
        step = _common(step, size, dust)
        if step <= 1e3 * dust:
            return 0.0
    times = np.rint(distinct / step)
    if (times < 1.0).any() or (np.abs(distinct / step - times) > OFF).any():
        return 0.0
    return float(times @ distinct / (times @ times))  # the step that fits all best: no error of the divisions is left


def _common(one: float, other: float, dust: float) -> float:
    """Return the greatest common divisor of two sizes by Euclid's algorithm."""
    while other > dust:
        one, other = other, abs(one - round(one / other) * other)
    return one


def integer_objectives(milp: Milp, names: Sequence[str]) -> tuple[dict[str, Lattice], str]:
    """Return the lattices of objectives, and why one has none; nothing is returned unless all have one.

    Parameters
    ----------
    milp : Milp
        The program, rules of the user's own with it.
    names : sequence of str
        The objectives.

    Returns
    -------
    dict of str to Lattice, str
        By objective; empty with a reason where a point of the front may lie off every lattice.
    """
    columns = _Columns(milp)
    columns.spread()
    used = np.any([milp.objectives[name].coefficients != 0.0 for name in names], axis=0)
    loose = used & ~columns.known
    best = milp.column_lower.copy()
    if loose.any():
        rest, why = _needless(milp, names, columns.known)
        if why:
            return {}, why
        best[loose] = rest[loose]
    lattices: dict[str, Lattice] = {}
    for name in names:
        lattice, why = _lattice(milp, name, columns, np.where(loose, best, 0.0), loose)
        if lattice is None:
            return {}, why
        lattices[name] = lattice
    return lattices, ""


class _Columns:
    """Which columns of a program are on a lattice: their steps (0 for a fixed one) and offsets."""

    def __init__(self, milp: Milp) -> None:
        self.milp = milp
        fixed = milp.column_lower == milp.column_upper
        self.known = milp.integer | fixed
        self.step = np.where(milp.integer & ~fixed, 1.0, 0.0)
        self.offset = np.where(fixed, milp.column_lower, 0.0)

    def spread(self) -> None:
        """Find what equations and single sources determine, until nothing new is found."""
        milp = self.milp
        equal = np.flatnonzero(milp.row_lower == milp.row_upper).tolist()
        single = _SingleSources(milp)
        while True:
            before = int(self.known.sum())
            for row in equal:
                span = slice(milp.matrix.indptr[row], milp.matrix.indptr[row + 1])
                index, value = milp.matrix.indices[span], milp.matrix.data[span]
                new = ~self.known[index]
                if new.sum() == 1:
                    self._solved(row, index, value, int(np.flatnonzero(new)[0]))
                elif new.sum() > 1:
                    for column, size in single.served(row, index[new], value[new], self.known):
                        self.known[column], self.step[column], self.offset[column] = True, size, 0.0
            if int(self.known.sum()) == before:
                return

    def _solved(self, row: int, index: NDArray[np.int32], value: FloatArray, at: int) -> None:
        """Note the column that an equation of known ones determines."""
        others = np.arange(len(index)) != at
        steps = value[others] * self.step[index[others]] / value[at]
        step = greatest_common_step(steps)
        if step == 0.0 and (steps != 0.0).any():
            return
        right = self.milp.row_lower[row] - value[others] @ self.offset[index[others]]
        self.known[index[at]], self.step[index[at]], self.offset[index[at]] = True, step, right / value[at]


class _SingleSources:
    """Shipments of which one at most arrives: all of what the market wants, by a binary column that says from where."""

    def __init__(self, milp: Milp) -> None:
        self.milp, self.by_column = milp, milp.matrix.tocsc()
        self.binary = milp.integer & (milp.column_lower == 0.0) & (milp.column_upper == 1.0)

    def served(
        self, row: int, index: NDArray[np.int32], value: FloatArray, known: BoolArray
    ) -> list[tuple[int, float]]:
        """Return the shipments of an equation with the amount that each has or has not; none where that is not so."""
        milp, right = self.milp, float(self.milp.row_lower[row])
        span = slice(milp.matrix.indptr[row], milp.matrix.indptr[row + 1])
        rest = [j for j in milp.matrix.indices[span].tolist() if known[j]]
        if rest and any(milp.column_lower[j] != milp.column_upper[j] or milp.column_lower[j] != 0.0 for j in rest):
            return []
        if right <= 0.0 or (value <= 0.0).any() or (milp.column_lower[index] != 0.0).any():
            return []
        amounts = [(int(j), right / float(a)) for j, a in zip(index, value, strict=True)]
        return amounts if self._one([self._switches(j, amount) for j, amount in amounts]) else []

    def _rows(self, column: int) -> list[int]:
        rows: list[int] = self.by_column.indices[
            self.by_column.indptr[column] : self.by_column.indptr[column + 1]
        ].tolist()
        return rows

    def _switches(self, column: int, amount: float) -> set[int]:
        """Return the binary columns without which nothing is shipped: constraints ``ship - amount * source <= 0``."""
        matrix, switches = self.milp.matrix, set()
        for row in self._rows(column):
            span = slice(matrix.indptr[row], matrix.indptr[row + 1])
            index, value = matrix.indices[span], matrix.data[span]
            if len(index) != 2 or self.milp.row_upper[row] != 0.0:
                continue
            own = int(index[0] != column)
            other = int(index[1 - own])
            ratio = -float(value[1 - own]) / float(value[own])
            if value[own] > 0.0 and self.binary[other] and math.isclose(ratio, amount, rel_tol=ROUNDING):
                switches.add(other)
        return switches

    def _one(self, switches: Sequence[set[int]]) -> bool:
        """Whether some constraint lets at most one shipment be switched on, each by a binary column of its own."""
        matrix = self.milp.matrix
        for row in {row for column in switches[0] for row in self._rows(column)}:
            span = slice(matrix.indptr[row], matrix.indptr[row + 1])
            index, value = matrix.indices[span], matrix.data[span]
            if (self.milp.column_lower[index] < 0.0).any() or (value <= 0.0).any():
                continue
            mine = [min(common) for s in switches if (common := s.intersection(index.tolist()))]
            if len(mine) < len(switches) or len(set(mine)) < len(mine):
                continue
            least = np.sort(value[np.isin(index, mine)])[:2]
            if least.sum() > self.milp.row_upper[row] * (1.0 + ROUNDING):
                return True
        return False


def _needless(milp: Milp, names: Sequence[str], known: BoolArray) -> tuple[FloatArray, str]:
    """Return values of the continuous columns that are best in every objective beside every choice of the others.

    Constraints hold there whatever the columns on a lattice are: each is as tight as these can make it, or its
    continuous part is as good as it can be at all.
    """
    price = np.array([milp.objectives[name].coefficients for name in names])
    low, high = milp.column_lower.copy(), milp.column_upper.copy()
    for column in np.flatnonzero(~known & (price != 0.0).any(axis=0)).tolist():
        mine = price[:, column]
        kind = _family(milp, column)
        if (mine > 0.0).any() and (mine < 0.0).any():
            return low, f"{kind}, of which there can be any amount, is good for one objective and bad for another"
        best = low[column] if (mine >= 0.0).all() else high[column]
        if not math.isfinite(best):
            return low, f"{kind}, of which there can be any amount, is better the more there is of it"
        low[column] = high[column] = best
    free = np.flatnonzero(~known)
    part, rest = milp.matrix[:, free], milp.matrix[:, np.flatnonzero(known)]
    least, most = _reach(rest, milp.column_lower[known], milp.column_upper[known])
    own_least, own_most = _reach(part, milp.column_lower[free], milp.column_upper[free])
    upper = np.where(np.isfinite(milp.row_upper), np.maximum(milp.row_upper - most, own_least), np.inf)
    lower = np.where(np.isfinite(milp.row_lower), np.minimum(milp.row_lower - least, own_most), -np.inf)
    mixed = np.diff(part.indptr) > 0
    top, bottom = mixed & np.isfinite(milp.row_upper), mixed & np.isfinite(milp.row_lower)
    size = np.maximum(1e-300, abs(part).max(axis=1).toarray().ravel()) if len(free) else np.ones(milp.shape[0])
    rows = sparse.vstack([part[top], -part[bottom]], format="csr")
    right = np.concatenate([upper[top] / size[top], -lower[bottom] / size[bottom]])
    unit = np.concatenate([size[top], size[bottom]])
    if not np.isfinite(right).all():
        return low, _not_needless(milp, names, known)
    optimum = linprog(
        np.zeros(len(free)),
        A_ub=sparse.diags_array(1.0 / unit) @ rows,
        b_ub=right + ROUNDING * np.abs(right),
        bounds=np.column_stack([low[free], high[free]]),
        method="highs",
    )
    if optimum.status != 0:
        return low, _not_needless(milp, names, known)
    point = milp.column_lower.copy()
    point[free] = np.where(low[free] == high[free], low[free], optimum.x)
    return point, ""


def _reach(matrix: sparse.csr_array, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the least and the most that every constraint of some columns can come to."""
    entries = matrix.tocoo()
    one, two = entries.data * low[entries.col], entries.data * high[entries.col]
    least, most = np.zeros(matrix.shape[0]), np.zeros(matrix.shape[0])
    np.add.at(least, entries.row, np.minimum(one, two))
    np.add.at(most, entries.row, np.maximum(one, two))
    return least, most


def _not_needless(milp: Milp, names: Sequence[str], known: BoolArray) -> str:
    """Return in words which continuous decisions are in which objective."""
    parts = []
    for name in names:
        used = np.flatnonzero((milp.objectives[name].coefficients != 0.0) & ~known).tolist()
        if kinds := list(dict.fromkeys(_family(milp, column) for column in used)):
            parts.append(f"{name} depends on {', '.join(kinds)}")
    return f"{'; '.join(parts)}, of which there can be any amount"


def _family(milp: Milp, column: int) -> str:
    return next(block.family for block in milp.column_blocks if block.start <= column < block.stop)


def _lattice(
    milp: Milp, name: str, columns: _Columns, rest: FloatArray, loose: BoolArray
) -> tuple[Lattice | None, str]:
    """Return the lattice of an objective; with ``rest``, what continuous columns come to. shape (N,)"""
    objective = milp.objectives[name]
    price, unit = np.where(loose, 0.0, objective.coefficients), objective.unit
    sizes = price * columns.step
    offset = unit * (objective.constant + price @ columns.offset + objective.coefficients @ rest)
    step = greatest_common_step(sizes)
    if step == 0.0:
        if (sizes == 0.0).all():
            return Lattice(1.0, float(offset)), ""  # no decision changes it
        return None, f"the figures in {name} have no common step"
    moved = np.flatnonzero(sizes)
    span = np.minimum(milp.column_upper - milp.column_lower, np.maximum(milp.sizes.column, columns.step))
    times = span[moved] / columns.step[moved]  # how often a column can take its step
    off = np.abs(sizes[moved] / step - np.rint(sizes[moved] / step))
    if not (off @ times <= DRIFT and step >= RESOLVED * float(np.abs(sizes[moved]) @ times)):
        return None, f"the common step of the figures in {name}, {unit * step:.3g}, is too small to be told apart"
    return Lattice(float(unit * step), float(offset)), ""
