"""The basis of a linear program that was solved, from which one that differs a little is solved in a little time.

Where only limits of rows have changed, or rows were added, the basis of an optimum stays dual feasible, and the dual
simplex method goes on from it; where only the objective has changed it stays primal feasible, and the primal one does
[1]_. A basis is a start and no more: what is solved from it is the program as it is handed over.

References
----------
.. [1] V. Chvátal, "Linear Programming," W. H. Freeman, New York, 1983, chapter 10: sensitivity analysis.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evsiting.model.milp import Block, IntArray, Milp

__all__ = ["LOWER", "BASIC", "Basis", "Layout"]

#: States of a column or row, in the numbering of HiGHS: at its lower limit, in the basis.
LOWER, BASIC = 0, 1


@dataclass(frozen=True)
class Layout:
    """Which columns and rows a program has, in families.

    Parameters
    ----------
    columns, rows : tuple of Block
        Families in order.
    shape : (int, int)
        Numbers of rows and columns.
    """

    columns: tuple[Block, ...]
    rows: tuple[Block, ...]
    shape: tuple[int, int]

    @classmethod
    def of(cls, milp: Milp) -> Layout:
        """Return that of a program."""
        return cls(milp.column_blocks, milp.row_blocks, (milp.shape[0], milp.shape[1]))


@dataclass(frozen=True, eq=False)
class Basis:
    """State of every column and row of a linear program at an optimum.

    Parameters
    ----------
    columns, rows : numpy.ndarray of int8, shape (N,) and (M,)
        0 at the lower limit, 1 in the basis, 2 at the upper limit, 3 free at zero, 4 elsewhere.
    square : bool
        Whether as many are in the basis as there are rows; where not, the solver mends it.
    primal : bool
        Whether the point stays within all limits, so that the primal simplex method goes on from it.
    """

    columns: NDArray[np.int8]
    rows: NDArray[np.int8]
    square: bool = True
    primal: bool = False

    def moved(self, old: Layout, new: Layout, *, primal: bool = False) -> Basis:
        """Return the basis for another program: its own rows in the basis, its own columns at their lower limits.

        Parameters
        ----------
        old, new : Layout
            Of the program whose basis this is, and of the other one. Columns and rows of one name are the same.
        primal : bool
            Whether the point stays within all limits.
        """
        columns = _transferred_states(self.columns, old.columns, new.columns, new.shape[1], LOWER)
        rows = _transferred_states(self.rows, old.rows, new.rows, new.shape[0], BASIC)
        count = int((columns == BASIC).sum() + (rows == BASIC).sum())
        return Basis(columns, rows, count == new.shape[0], primal)


def _transferred_states(
    state: NDArray[np.int8], old: Sequence[Block], new: Sequence[Block], size: int, other: int
) -> NDArray[np.int8]:
    """Return the states of columns or rows of another program; ``other`` of those that are not in the first."""
    out = np.full(size, other, dtype=np.int8)
    for at, source in _pairs(old, new):
        out[at] = state[source]
    return out


def _pairs(old: Sequence[Block], new: Sequence[Block]) -> Iterator[tuple[IntArray, IntArray]]:
    """Yield positions of the same columns or rows in two programs, family by family.

    Names are made only of families that do not have the same sizes in both.
    """
    for family in dict.fromkeys(block.family for block in new):
        mine, theirs = ([b for b in side if b.family == family] for side in (new, old))
        at, source = _positions(mine), _positions(theirs)
        if [b.stop - b.start for b in mine] != [b.stop - b.start for b in theirs]:
            place = {name: k for name, k in zip(_names(theirs), source.tolist(), strict=True)}
            positions = np.array([place.get(name, -1) for name in _names(mine)], dtype=np.int64)
            at, source = at[positions >= 0], positions[positions >= 0]
        yield at, source


def _positions(blocks: Sequence[Block]) -> IntArray:
    return np.concatenate([np.arange(b.start, b.stop) for b in blocks]) if blocks else np.empty(0, dtype=np.int64)


def _names(blocks: Sequence[Block]) -> list[str]:
    return [name for block in blocks for name in block.names()]
