"""Lanes as arrays: matrices by product and mode instead of a table, for studies with millions of lanes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting.errors import InputError, Problem, expect, shown
from evsiting.layers.freight.lanes import FREIGHT, Block, FreightLayer, Work, on_site, table
from evsiting.layers.freight.modes import Flags, Way
from evsiting.layers.geo.geodesic import Texts
from evsiting.layers.parameters import Parameters
from evsiting.study.study import Study

Singles = NDArray[np.float32]


@dataclass(frozen=True)
class LaneMatrix:
    """All lanes of one product by one mode between two lists of places.

    Parameters
    ----------
    product, mode : str
        What is shipped, and how.
    origin, destination : numpy.ndarray of object, shape (R,) and (C,)
        Codes of sites or suppliers, and of sites or markets.
    km, hours, usd, kg : numpy.ndarray of float32, shape (R, C)
        Length [km], time [h], freight with capital tied up [USD/unit], emissions [kg/unit]; not finite where
        ``keep`` is false. Single precision: seven digits, far more than any rate has.
    code : numpy.ndarray of int32, shape (R, C)
        Index into ``routes``.
    routes : numpy.ndarray of object
        Crossings and ports on the way, parted by ``;``.
    keep : numpy.ndarray of bool, shape (R, C)
        Which pairs have the lane.
    """

    product: str
    mode: str
    origin: Texts
    destination: Texts
    km: Singles
    hours: Singles
    usd: Singles
    kg: Singles
    code: NDArray[np.int32]
    routes: Texts
    keep: Flags

    def __len__(self) -> int:
        return int(np.count_nonzero(self.keep))

    @property
    def nbytes(self) -> int:
        """Memory of the arrays. [byte]."""
        return sum(a.nbytes for a in (self.km, self.hours, self.usd, self.kg, self.code, self.keep))


@dataclass(frozen=True, repr=False)
class FreightMatrices:
    """The lanes of a study as matrices; a table of them is made only where it is asked for.

    Parameters
    ----------
    parts : tuple of LaneMatrix
        By product, mode and list of places.
    on_site : mapping of str to numpy.ndarray of object
        Sites at which a product may go from plant to plant without freight.

    Examples
    --------
    >>> import evsiting as ev
    >>> matrices = ev.freight_matrices(ev.example("starter"))
    >>> len(matrices) == len(matrices.table())
    True
    """

    parts: tuple[LaneMatrix, ...]
    on_site: Mapping[str, Texts]

    def __len__(self) -> int:
        return sum(len(part) for part in self.parts) + sum(len(places) for places in self.on_site.values())

    @property
    def nbytes(self) -> int:
        """Memory of all arrays. [byte]."""
        return sum(part.nbytes for part in self.parts)

    def of(self, product: str, mode: str | None = None) -> tuple[LaneMatrix, ...]:
        """Return the matrices of one product, of one mode where it is given."""
        return tuple(p for p in self.parts if p.product == product and mode in (None, p.mode))

    def table(self) -> pd.DataFrame:
        """Return the lanes as the table ``lanes``, in single precision."""
        return table(_blocks(self))

    def __repr__(self) -> str:
        names = dict.fromkeys(p.product for p in self.parts)
        counts = ", ".join(f"{n} {sum(len(p) for p in self.of(n)):,}" for n in names)
        return f"FreightMatrices ({len(self):,} lanes: {counts}; {self.nbytes / 1e6:.0f} MB)"


def freight_matrices(
    study: Study, *, products: Iterable[str] | None = None, freight: FreightLayer = FREIGHT
) -> FreightMatrices:
    """Return the lanes that the freight layer makes for a study, as matrices.

    The same ways by the same rules as in the table ``lanes``, in about a tenth of its memory: for studies with
    thousands of places, whose lanes run into the millions. A table ``lanes`` that the study has is not looked at.

    Parameters
    ----------
    study : Study
        Complete but for its lanes, as ``evsiting.complete(study, freight=None)`` leaves it.
    products : iterable of str, optional
        Products wanted, all where left out.
    freight : FreightLayer
        With a road graph of your own, or other rules of what is kept.

    Returns
    -------
    FreightMatrices
        Float32 figures, one matrix by product, mode and list of places.

    Raises
    ------
    InputError
        If a product is unknown, or a supplier's port is.

    Examples
    --------
    >>> import evsiting as ev
    >>> matrices = ev.freight_matrices(ev.example("ten-cities"), products=["vehicle"])
    >>> sorted({part.mode for part in matrices.parts})
    ['rail', 'road', 'sea', 'sea_rail']
    """
    expect("freight_matrices", study=(study, Study), freight=(freight, FreightLayer))
    known = [str(p) for p in study.products["product"]]
    wanted = known if products is None else [str(p) for p in products]
    if unknown := [p for p in wanted if p not in known]:
        fix = f"Choose from {shown(known, 20)}"
        raise InputError([Problem("freight_matrices, products", "no such product", shown(unknown), fix)])
    work = Work(study, Parameters(study), freight)
    parts = tuple(m for name in wanted for m in _matrices(work.apart(known.index(name))))
    return FreightMatrices(parts, {name: places for name in wanted if len(places := work.at_home(known.index(name)))})


def _matrices(blocks: Iterable[Block]) -> Iterator[LaneMatrix]:
    """Put the blocks of one product together: by mode and list of destinations, rows beside rows."""
    parts: dict[tuple[str, str], list[LaneMatrix]] = {}
    for block in blocks:
        part = _in_single_precision(block)
        parts.setdefault((part.mode, "\x1f".join(part.destination)), []).append(part)
    while parts:
        yield _stack(parts.pop(next(iter(parts))))


def _in_single_precision(block: Block) -> LaneMatrix:
    """Return a block in single precision, without rows that hold no lane, nor columns where most hold none."""
    rows, columns = np.flatnonzero(block.keep.any(axis=1)), np.flatnonzero(block.keep.any(axis=0))
    if 2 * len(columns) > block.keep.shape[1]:
        columns = np.arange(block.keep.shape[1])
    here, way = np.ix_(rows, columns), block.way
    keep = block.keep[here]
    figures = (np.where(keep, a[here], np.inf).astype(np.float32) for a in (way.km, way.hours, way.usd, way.kg))
    km, hours, usd, kg = figures
    ends = block.destination[columns]
    return LaneMatrix(
        block.product, way.mode, block.origin[rows], ends, km, hours, usd, kg, way.code[here], way.names, keep
    )


def _stack(rows: list[LaneMatrix]) -> LaneMatrix:
    """Return matrices of the same product, mode and destinations as one."""
    names: dict[object, int] = {}
    codes = []
    for part in rows:
        number = np.array([names.setdefault(n, len(names)) for n in part.routes], dtype=np.int32)
        codes.append(number[part.code])
    km, hours, usd, kg = (np.concatenate([getattr(p, f) for p in rows]) for f in ("km", "hours", "usd", "kg"))
    origin, keep = np.concatenate([p.origin for p in rows]), np.concatenate([p.keep for p in rows])
    code, routes, first = np.concatenate(codes), np.array(list(names), dtype=object), rows[0]
    return LaneMatrix(first.product, first.mode, origin, first.destination, km, hours, usd, kg, code, routes, keep)


def _blocks(lanes: FreightMatrices) -> Iterator[Block]:
    for product, places in lanes.on_site.items():
        yield on_site(product, places)
    for p in lanes.parts:
        km, hours, usd, kg = (a.astype(np.float64) for a in (p.km, p.hours, p.usd, p.kg))
        yield Block(p.product, p.origin, p.destination, Way(p.mode, km, hours, usd, kg, p.code, p.routes), p.keep)
