"""Bases of a session in a file or in the record of a plan, so that a later session starts from them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evsiting.files import replace_file
from evsiting.model.milp import Block
from evsiting.optimize.engines.basis import BASIC, Basis, Layout
from evsiting.optimize.sessions.relaxations import KnownBasis
from evsiting.results.record.relaxation_basis import RelaxationBasis, pack_bases
from evsiting.results.record.relaxation_basis import read_bases as unpacked

__all__ = ["known_basis", "read_bases", "recorded_basis", "write_bases"]


def recorded_basis(known: KnownBasis, from_nothing_s: float = 0.0, study_digest: str = "") -> RelaxationBasis:
    """Return a basis as the record of a plan keeps it: families of columns and rows with their sizes, no names."""
    columns, rows = _sizes(known.layout.columns), _sizes(known.layout.rows)
    states = known.basis.columns, known.basis.rows
    return RelaxationBasis(dict(known.weights), dict(known.caps), columns, rows, *states, from_nothing_s, study_digest)


def known_basis(record: RelaxationBasis) -> KnownBasis:
    """Return a basis of a record, to start from; families of another size than in a program are not matched."""
    layout = Layout(_blocks(record.columns), _blocks(record.rows), (len(record.row_states), len(record.column_states)))
    count = int((record.column_states == BASIC).sum() + (record.row_states == BASIC).sum())
    basis = Basis(record.column_states, record.row_states, square=count == len(record.row_states))
    return KnownBasis(dict(record.weights), dict(record.caps), layout, basis)


def write_bases(path: str | Path, known: Sequence[KnownBasis], from_nothing_s: float) -> None:
    """Write bases into a file, whole or not at all.

    Parameters
    ----------
    path : str or pathlib.Path
        A file ``.npz``.
    known : sequence of KnownBasis
        In order.
    from_nothing_s : float
        What a relaxation took from nothing: the measure of other times. [s]
    """
    with replace_file(path) as new:
        pack_bases(new, [recorded_basis(k, from_nothing_s) for k in known])


def read_bases(path: str | Path) -> tuple[list[KnownBasis], float]:
    """Read bases from a file of :func:`write_bases`, and what a relaxation took from nothing. [s]

    Raises
    ------
    InputError
        If there is no such file, or it is damaged.
    """
    bases = unpacked(Path(path))
    return [known_basis(record) for record in bases], max((record.from_nothing_s for record in bases), default=0.0)


def _sizes(blocks: Sequence[Block]) -> tuple[tuple[str, int], ...]:
    return tuple((b.family, b.stop - b.start) for b in blocks)


def _blocks(sizes: Sequence[tuple[str, int]]) -> tuple[Block, ...]:
    """Return blocks of these sizes, with no names."""
    made, start = [], 0
    for family, size in sizes:
        made.append(Block(family, start, start + size, lambda k: (f"? {k}",)))
        start += size
    return tuple(made)
