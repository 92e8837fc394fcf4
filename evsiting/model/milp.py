"""A mixed-integer linear program as arrays, with a name for every column and row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from evsiting.model.magnitudes import Magnitudes, magnitudes

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
#: A function that returns the index parts of one column or row of a block, such as ("cell", "US-TN-memphis").
Label = Callable[[int], tuple[str, ...]]
#: Part of the largest row or column of a family below which another is dust.
DUST = 1e-12


@dataclass(frozen=True)
class Block:
    """Columns or constraints of one family, side by side.

    Parameters
    ----------
    family : str
        Name of the decision or of the constraint family, as in the formulation.
    start, stop : int
        Range of indices.
    label : callable
        Index parts of the k-th member, made only when somebody asks for a name.
    """

    family: str
    start: int
    stop: int
    label: Label

    def names(self) -> Iterator[str]:
        """Yield readable names such as ``make[US-TN-memphis,cell,cell,2028-2037]``."""
        for k in range(self.stop - self.start):
            yield f"{self.family}[{','.join(self.label(k))}]"


@dataclass(frozen=True)
class Objective:
    """A total of a plan as a linear function of the columns; less is better.

    Parameters
    ----------
    name : str
        cost, emissions, jobs (with a minus sign: more jobs are better) or the weights as text.
    coefficients : numpy.ndarray, shape (N,)
        Per column, in the scaled unit.
    constant : float
        What does not depend on a decision, in the scaled unit.
    unit : float
        Size of the scaled unit in USD, tCO2e or job-years: real value = unit × (coefficients · x + constant).
    """

    name: str
    coefficients: FloatArray
    constant: float
    unit: float

    def real(self, scaled: float) -> float:
        """Return the real value of one in the scaled unit without the constant. [USD, tCO2e or job-years]"""
        return float(self.unit * (scaled + self.constant))

    def value(self, columns: FloatArray) -> float:
        """Return the real value at a point. [USD, tCO2e or job-years]"""
        return self.real(float(self.coefficients @ columns))

    def size(self, columns: FloatArray) -> float:
        """Return the sum of the sizes of all terms at a point; the value is exact to a small part of that."""
        return float(self.unit * (np.abs(self.coefficients) @ np.abs(columns) + abs(self.constant)))


@dataclass(frozen=True)
class Milp:
    r"""Minimise :math:`c^\top x` with :math:`l \le A x \le u`, column bounds, and some columns integer.

    Parameters
    ----------
    column_lower, column_upper : numpy.ndarray, shape (N,)
        Bounds.
    integer : numpy.ndarray of bool, shape (N,)
        Whether a column must be an integer.
    matrix : scipy.sparse.csr_array, shape (M, N)
        A, by rows.
    row_lower, row_upper : numpy.ndarray, shape (M,)
        Limits; equal for an equation, infinite where a side is open.
    column_blocks, row_blocks : tuple of Block
        Families in order.
    objectives : mapping of str to Objective
        The totals that may be minimised or capped.
    """

    column_lower: FloatArray
    column_upper: FloatArray
    integer: NDArray[np.bool_]
    matrix: sparse.csr_array
    row_lower: FloatArray
    row_upper: FloatArray
    column_blocks: tuple[Block, ...]
    row_blocks: tuple[Block, ...]
    objectives: Mapping[str, Objective] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Rows, columns and matrix entries."""
        return (self.matrix.shape[0], self.matrix.shape[1], self.matrix.nnz)

    @cached_property
    def sizes(self) -> Magnitudes:
        """How large columns and rows can be; see :func:`evsiting.model.magnitudes.magnitudes`."""
        bounds = self.row_lower, self.row_upper, self.column_lower, self.column_upper
        sizes = magnitudes(self.matrix, *bounds, self.integer)
        return replace(sizes, row=within_family(self.row_blocks, sizes.row))

    def column_names(self) -> list[str]:
        """Return the name of every column."""
        return [name for block in self.column_blocks for name in block.names()]

    def row_names(self) -> list[str]:
        """Return the name of every constraint."""
        return [name for block in self.row_blocks for name in block.names()]

    def lines(self, family: str) -> Iterator[str]:
        """Yield the constraints of a family in words and numbers, to be read by people.

        Parameters
        ----------
        family : str
            Name of the constraint family, such as ``capacity``.

        Examples
        --------
        >>> milp = MilpBuilder()
        >>> x = milp.add_columns("build", (2,), lambda k: (("memphis", "windsor")[k],), upper=1.0, integer=True)
        >>> _ = milp.add_rows("budget", 1, lambda k: ("2027",), ([0, 0], x, [3.0, 2.5]), upper=4.0)
        >>> print(*milp.finish([]).lines("budget"))
        budget[2027]: 3 build[memphis] + 2.5 build[windsor] <= 4
        """
        columns = self.column_names()
        for block in (b for b in self.row_blocks if b.family == family):
            for row, name in enumerate(block.names(), block.start):
                span = slice(self.matrix.indptr[row], self.matrix.indptr[row + 1])
                terms = " ".join(
                    f"{'-' if v < 0 else '+'} {'' if abs(v) == 1 else f'{abs(v):g} '}{columns[j]}"
                    for j, v in zip(self.matrix.indices[span].tolist(), self.matrix.data[span].tolist(), strict=True)
                )
                low, high = float(self.row_lower[row]), float(self.row_upper[row])
                left = f"{low:g} <= " if np.isfinite(low) and np.isfinite(high) and low != high else ""
                right = f"= {high:g}" if low == high else f"<= {high:g}" if np.isfinite(high) else f">= {low:g}"
                yield f"{name}: {left}{terms.removeprefix('+ ')} {right}"

    def count(self, family: str) -> int:
        """Return how many constraints or columns a family has."""
        blocks = (*self.column_blocks, *self.row_blocks)
        return sum(block.stop - block.start for block in blocks if block.family == family)

    def violation(self, columns: FloatArray) -> dict[str, float]:
        """Return the worst violation of each constraint family, of bounds and of integrality, relative to its size.

        The size of a row is that of its terms at the point, though never less than what the row resolves: a budget of
        3 USD is broken by 1 USD whatever the unit, and arithmetic's dust beside a capacity of zero breaks nothing.

        Parameters
        ----------
        columns : numpy.ndarray, shape (N,)
            A point.

        Returns
        -------
        dict of str to float
            By family, with ``bounds`` and ``integer``; zero where nothing is violated.
        """
        activity = self.matrix @ columns
        size = np.maximum(self.sizes.row, abs(self.matrix) @ np.abs(columns))
        excess = np.maximum(np.maximum(self.row_lower - activity, activity - self.row_upper), 0.0) / size
        worst: dict[str, float] = {}
        for block in self.row_blocks:
            top = float(excess[block.start : block.stop].max(initial=0.0))
            worst[block.family] = max(top, worst.get(block.family, 0.0))
        outside = np.maximum(self.column_lower - columns, columns - self.column_upper)
        natural = np.where(np.isfinite(self.sizes.column) & (self.sizes.column > 0.0), self.sizes.column, 1.0)
        worst["bounds"] = max(0.0, float((outside / np.maximum(natural, np.abs(columns))).max(initial=0.0)))
        worst["integer"] = float(np.abs(columns - np.rint(columns))[self.integer].max(initial=0.0))
        return worst

    def with_rows(
        self,
        family: str,
        coefficients: ArrayLike | sparse.csr_array,
        lower: ArrayLike,
        upper: ArrayLike,
        labels: Sequence[tuple[str, ...]],
    ) -> Milp:
        """Return a copy with further constraints, such as a ceiling on an objective.

        Parameters
        ----------
        family : str
            Name of the constraint family.
        coefficients : array_like or scipy.sparse.csr_array, shape (R, N)
            Entries.
        lower, upper : array_like, shape (R,)
            Limits.
        labels : sequence of tuple of str, length R
            Index parts of the row names.
        """
        extra = sparse.csr_array(np.atleast_2d(coefficients) if not sparse.issparse(coefficients) else coefficients)
        start = self.matrix.shape[0]
        names = tuple(labels)
        block = Block(family, start, start + extra.shape[0], lambda k: names[k])
        return replace(
            self,
            matrix=sparse.csr_array(sparse.vstack([self.matrix, extra], format="csr")),
            row_lower=np.concatenate([self.row_lower, np.atleast_1d(np.asarray(lower, np.float64))]),
            row_upper=np.concatenate([self.row_upper, np.atleast_1d(np.asarray(upper, np.float64))]),
            row_blocks=(*self.row_blocks, block),
        )

    def combined(self, weights: Mapping[str, float]) -> Objective:
        """Return the weighted sum of objectives, in real units.

        Parameters
        ----------
        weights : mapping of str to float
            Weight of each objective: USD per USD, per tCO2e, per job-year.
        """
        (first, *_) = weights
        parts = [(self.objectives[name], weight) for name, weight in weights.items()]
        unit = max(p.unit for p, _ in parts)
        coefficients = sum((p.coefficients * (w * p.unit / unit) for p, w in parts), np.zeros(self.matrix.shape[1]))
        constant = sum(p.constant * w * p.unit / unit for p, w in parts)
        name = (
            first
            if len(weights) == 1 and weights[first] == 1.0
            else " + ".join(f"{repr(float(w)).removesuffix('.0')} {n}" for n, w in weights.items())
        )
        return Objective(name, coefficients, float(constant), unit)


def within_family(blocks: tuple[Block, ...], size: FloatArray) -> FloatArray:
    """Return sizes that are no smaller than dust beside the largest of their family."""
    out = size.copy()
    for family in {block.family for block in blocks}:
        mine = np.concatenate([np.arange(b.start, b.stop) for b in blocks if b.family == family])
        of_family = out[mine]
        of_family = of_family[np.isfinite(of_family)]
        out[mine] = np.maximum(out[mine], DUST * of_family.max(initial=0.0))
    return out


class MilpBuilder:
    """Collects columns and rows as arrays; :meth:`finish` makes the Milp in one sparse conversion."""

    def __init__(self) -> None:
        self._columns: list[tuple[FloatArray, FloatArray, NDArray[np.bool_]]] = []
        self._column_blocks: list[Block] = []
        self._entries: list[tuple[IntArray, IntArray, FloatArray]] = []
        self._limits: list[tuple[FloatArray, FloatArray]] = []
        self._row_blocks: list[Block] = []
        self._width = 0
        self._height = 0

    def copy(self) -> MilpBuilder:
        """Return one that goes on from the same columns and rows, without changing this one."""
        other = MilpBuilder()
        other._columns, other._column_blocks = list(self._columns), list(self._column_blocks)
        other._entries, other._limits = list(self._entries), list(self._limits)
        other._row_blocks, other._width, other._height = list(self._row_blocks), self._width, self._height
        return other

    @property
    def width(self) -> int:
        """Columns so far."""
        return self._width

    def upper_of(self, column: IntArray) -> FloatArray:
        """Return the upper bounds of some columns. shape (K,)"""
        return np.concatenate([np.zeros(0), *(high for _, high, _ in self._columns)])[column]

    def columns_of(self, family: str) -> dict[tuple[str, ...], int]:
        """Return the columns of a family by the index parts of their names; empty where there is none."""
        return {
            tuple(block.label(k)): block.start + k
            for block in self._column_blocks
            if block.family == family
            for k in range(block.stop - block.start)
        }

    def add_columns(
        self,
        family: str,
        shape: tuple[int, ...],
        label: Callable[..., tuple[str, ...]],
        *,
        lower: ArrayLike = 0.0,
        upper: ArrayLike = np.inf,
        integer: bool = False,
    ) -> IntArray:
        """Add columns and return their indices.

        Parameters
        ----------
        family : str
            Name of the decision.
        shape : tuple of int
            Shape of the index array.
        label : callable
            Takes one integer an axis, returns the index parts of the name.
        lower, upper : array_like, broadcast to ``shape``
            Bounds.
        integer : bool
            Whether they must be integers.

        Returns
        -------
        numpy.ndarray of int, shape ``shape``
            Column indices.
        """
        count = int(np.prod(shape))
        low = np.broadcast_to(np.asarray(lower, np.float64), shape).ravel()
        high = np.broadcast_to(np.asarray(upper, np.float64), shape).ravel()
        self._columns.append((low, high, np.full(count, integer)))
        block = Block(
            family, self._width, self._width + count, lambda k: label(*(int(i) for i in np.unravel_index(k, shape)))
        )
        self._column_blocks.append(block)
        self._width += count
        return np.arange(block.start, block.stop, dtype=np.int64).reshape(shape)

    def add_rows(
        self,
        family: str,
        count: int,
        label: Label,
        *terms: tuple[ArrayLike, ArrayLike, ArrayLike],
        lower: ArrayLike = -np.inf,
        upper: ArrayLike = np.inf,
    ) -> IntArray:
        """Add constraints and return their indices.

        Parameters
        ----------
        family : str
            Name of the constraint family.
        count : int
            Number of rows.
        label : callable
            Index parts of the k-th row's name.
        *terms : (rows, columns, coefficients)
            Entries: row number within the family, column index, coefficient; the three broadcast against each other.
        lower, upper : array_like, broadcast to ``(count,)``
            Limits.
        """
        for rows, columns, coefficients in terms:
            r, c, v = np.broadcast_arrays(
                np.asarray(rows, np.int64), np.asarray(columns, np.int64), np.asarray(coefficients, np.float64)
            )
            self._entries.append((r.ravel() + self._height, c.ravel(), v.ravel()))
        self._limits.append(
            (
                np.broadcast_to(np.asarray(lower, np.float64), (count,)),
                np.broadcast_to(np.asarray(upper, np.float64), (count,)),
            )
        )
        self._row_blocks.append(Block(family, self._height, self._height + count, label))
        self._height += count
        return np.arange(self._height - count, self._height, dtype=np.int64)

    def finish(self, objectives: Sequence[Objective]) -> Milp:
        """Return the program. Entries at the same place add up; zeros leave."""

        def join[T: np.generic](parts: list[NDArray[T]], dtype: type[T]) -> NDArray[T]:
            return np.concatenate(parts) if parts else np.zeros(0, dtype)

        rows, columns = (join([e[k] for e in self._entries], np.int64) for k in (0, 1))
        values = join([e[2] for e in self._entries], np.float64)
        matrix = sparse.coo_array((values, (rows, columns)), shape=(self._height, self._width)).tocsr()
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
        return Milp(
            join([c[0] for c in self._columns], np.float64),
            join([c[1] for c in self._columns], np.float64),
            join([c[2] for c in self._columns], np.bool_),
            matrix,
            join([x[0] for x in self._limits], np.float64),
            join([x[1] for x in self._limits], np.float64),
            tuple(self._column_blocks),
            tuple(self._row_blocks),
            MappingProxyType({o.name: o for o in objectives}),
        )
