"""Prices that prove a bound: a dual value of every constraint, for each leaf of a branch and bound tree.

Anyone who has the program can recompute from them what no plan is below, without a solver: by weak duality in every
leaf, the least of all leaves (:func:`evsiting.optimize.bound_check.recompute_bound`).
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evsiting.errors import InputError, Problem

__all__ = ["PRICES_FILE", "BoundPrices", "read_prices", "write_prices"]

#: File of the prices beside ``plan.json``.
PRICES_FILE = "bound_prices.npz"
#: Most bytes that the arrays of a file may unpack to, and most arrays that it may hold.
MOST_BYTES, MOST_ARRAYS = 2**32, 32

_FLOATS = ("base", "value")
_INTS = ("parent", "group", "threshold", "side", "member_start", "member", "leaf", "start", "index")
_FIX = "Solve the study again with --out, or remove the file: the bound is then the solver's word"


@dataclass(frozen=True, eq=False, repr=False)
class BoundPrices:
    """Dual values of all constraints in every leaf of a tree whose branches limit sums of integer decisions.

    A branch limits the sum of a group of columns: to ``threshold`` or less, or to ``threshold + 1`` or more. A group of
    one column limits that column; each larger group is one more constraint, with a price of its own.

    Parameters
    ----------
    parent : numpy.ndarray of int, shape (V,)
        Of every node of the tree, parents first; -1 for the root.
    group, threshold, side : numpy.ndarray of int, shape (V,)
        What the branch into the node limits: group, value, and 0 for at most, 1 for more than the value; -1, 0, 0 for
        the root.
    member_start, member : numpy.ndarray of int, shape (G + 1,) and (S,)
        Columns of group g: ``member[member_start[g] : member_start[g + 1]]``.
    leaf : numpy.ndarray of int, shape (L,)
        Nodes that are leaves.
    empty : numpy.ndarray of bool, shape (L,)
        Whether the prices of a leaf are a ray that proves it empty (Farkas).
    base : numpy.ndarray, shape (M + G,)
        Prices of the constraints of the program, then of the groups, from which those of the leaves differ. In units of
        the scaled objective per unit of the constraint.
    start, index, value : numpy.ndarray, shape (L + 1,), (Z,) and (Z,)
        Leaf k has ``value[start[k] : start[k + 1]]`` at positions ``index[start[k] : start[k + 1]]`` instead.
    """

    parent: NDArray[np.int64]
    group: NDArray[np.int64]
    threshold: NDArray[np.int64]
    side: NDArray[np.int64]
    member_start: NDArray[np.int64]
    member: NDArray[np.int64]
    leaf: NDArray[np.int64]
    empty: NDArray[np.bool_]
    base: NDArray[np.float64]
    start: NDArray[np.int64]
    index: NDArray[np.int64]
    value: NDArray[np.float64]

    @classmethod
    def of_relaxation(cls, prices: NDArray[np.float64]) -> BoundPrices:
        """Return the prices of a linear relaxation: a tree of one node.

        Parameters
        ----------
        prices : numpy.ndarray, shape (M,)
            Dual value of every constraint.
        """
        none, zero = np.empty(0, dtype=np.int64), np.zeros(1, dtype=np.int64)
        root, whole = np.array([-1], dtype=np.int64), np.zeros(2, dtype=np.int64)
        return cls(root, root, zero, zero, zero, none, zero, np.zeros(1, dtype=np.bool_), np.asarray(prices, float),
                   whole, none, np.empty(0))  # fmt: skip

    @property
    def groups(self) -> int:
        """Number of groups of columns that branches limit."""
        return len(self.member_start) - 1

    @property
    def constraints(self) -> int:
        """Number of constraints of the program that have a price."""
        return len(self.base) - self.groups

    def prices(self, leaf: int) -> NDArray[np.float64]:
        """Return the prices of a leaf. shape (M + G,)"""
        prices, own = self.base.copy(), slice(self.start[leaf], self.start[leaf + 1])
        prices[self.index[own]] = self.value[own]
        return prices

    def with_constraints(self, count: int) -> BoundPrices:
        """Return the same proof for a program with ``count`` further constraints at its end, which get a price of zero.

        A bound that holds without a ceiling holds under it.
        """
        m = self.constraints
        base = np.concatenate([self.base[:m], np.zeros(count), self.base[m:]])
        return replace(self, base=base, index=np.where(self.index >= m, self.index + count, self.index))

    def with_ceiling(self, scale: float, price: float) -> BoundPrices:
        """Return the proof for a program with one further constraint, a ceiling on a part of the objective until now.

        Parameters
        ----------
        scale : float
            Size of the scaled unit of the objective until now, in that of the objective without the part.
        price : float
            Of the ceiling, in every leaf.
        """
        more = self.with_constraints(1)
        base, rays = more.base * scale, np.flatnonzero(self.empty)
        base[self.constraints] = price
        scaled = [(more.index[s:e], more.value[s:e] * scale) for s, e in pairwise(more.start)]
        for k in rays:  # a ray has no part in the objective
            scaled[k] = np.append(scaled[k][0], self.constraints), np.append(scaled[k][1], 0.0)
        start = np.cumsum([0, *(len(at) for at, _ in scaled)]).astype(np.int64)
        index, value = (np.concatenate([pair[side] for pair in scaled]) for side in (0, 1))
        return replace(more, base=base, start=start, index=index, value=value)

    def __repr__(self) -> str:
        return f"BoundPrices of {self.constraints:,} constraints, {len(self.leaf):,} leaves"


def write_prices(folder: Path, prices: BoundPrices) -> None:
    """Write the prices into a folder that is there, compressed."""
    np.savez_compressed(folder / PRICES_FILE, **{name: getattr(prices, name) for name in (*_FLOATS, *_INTS, "empty")})


def read_prices(folder: Path) -> BoundPrices | None:
    """Read the prices in a folder; None where there are none.

    Raises
    ------
    InputError
        If the file is damaged, or unpacks to more than it may.
    """
    file = folder / PRICES_FILE
    if not file.is_file():
        return None
    try:
        with zipfile.ZipFile(file) as packed:
            sizes = [part.file_size for part in packed.infolist()]
        if len(sizes) > MOST_ARRAYS or sum(sizes) > MOST_BYTES:
            seen = f"{len(sizes)} arrays of {sum(sizes):,} bytes"
            raise InputError([Problem(str(file), "holds more than prices of a bound can be", seen, _FIX)])
        with np.load(file, allow_pickle=False) as archive:
            arrays = {name: _array(archive[name], float) for name in _FLOATS}
            arrays |= {name: _array(archive[name], np.int64) for name in _INTS}
            prices = BoundPrices(**arrays, empty=_array(archive["empty"], np.bool_))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, MemoryError, NotImplementedError) as error:
        raise InputError([Problem(str(file), "is damaged", repr(error)[:200], _FIX)]) from error
    if wrong := _misfit(prices):
        raise InputError([Problem(str(file), "does not hold prices of a tree", wrong, _FIX)])
    return prices


def _array(values: Any, kind: Any) -> Any:
    """Return an array of one axis and of a kind, which must be that already."""
    array = np.asarray(values)
    if array.ndim != 1 or array.dtype.kind != np.dtype(kind).kind:
        message = f"an array of {array.dtype} with shape {array.shape}"
        raise ValueError(message)
    return array.astype(kind)


def _misfit(prices: BoundPrices) -> str:
    """Return why arrays do not fit together; nothing where they do. What they prove is not looked at."""
    nodes, leaves = len(prices.parent), len(prices.leaf)
    lengths = {"group": nodes, "threshold": nodes, "side": nodes, "empty": leaves, "start": leaves + 1}
    for name, length in lengths.items():
        if len(getattr(prices, name)) != length:
            return f"{name} has {len(getattr(prices, name))} entries, not {length}"
    if not nodes or prices.parent[0] != -1 or np.any(prices.parent[1:] >= np.arange(1, nodes)) or np.any(
        prices.parent[1:] < 0
    ):  # fmt: skip
        return "parents of nodes do not come before them"
    checks = (
        ("member_start", _is_partition(prices.member_start, len(prices.member))),
        ("start", _is_partition(prices.start, len(prices.index)) and len(prices.index) == len(prices.value)),
        ("base", len(prices.base) >= prices.groups),
        ("group", _within(prices.group[1:], prices.groups)),
        ("side", _within(prices.side, 2)),
        ("member", len(prices.member) == 0 or prices.member.min() >= 0),
        ("leaf", _within(prices.leaf, nodes)),
        ("index", _within(prices.index, len(prices.base))),
    )
    return ", ".join(f"{name} is out of range" for name, fits in checks if not fits)


def _is_partition(start: NDArray[np.int64], length: int) -> bool:
    return len(start) > 0 and start[0] == 0 and start[-1] == length and not np.any(np.diff(start) < 0)


def _within(values: NDArray[np.int64], limit: int) -> bool:
    return len(values) == 0 or bool(values.min() >= 0 and values.max() < limit)
