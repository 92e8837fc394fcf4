"""Bases of a session in a file, so that a later process starts from them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evsiting.errors import InputError, Problem
from evsiting.files import replace_file
from evsiting.model.milp import Block
from evsiting.optimize.engines.basis import Basis, Layout
from evsiting.optimize.sessions.relaxations import KnownBasis

__all__ = ["read_bases", "write_bases"]

#: Version of the file, and most bytes that it may unpack to.
VERSION, MOST_BYTES = 1, 2**31
_FIX = "Leave it out, and the session starts from nothing; Session.save_bases makes a new one"


def write_bases(path: str | Path, known: Sequence[KnownBasis], from_nothing_s: float) -> None:
    """Write bases into a file, whole or not at all: families of columns and rows with their sizes, states as bytes.

    Parameters
    ----------
    path : str or pathlib.Path
        A file ``.npz``.
    known : sequence of KnownBasis
        In order.
    from_nothing_s : float
        What a relaxation took from nothing: the measure of other times. [s]
    """
    told = [
        {"weights": k.weights, "caps": k.caps, "columns": _sizes(k.layout.columns), "rows": _sizes(k.layout.rows)}
        for k in known
    ]
    arrays: dict[str, Any] = {f"columns_{n}": k.basis.columns for n, k in enumerate(known)}
    arrays |= {f"rows_{n}": k.basis.rows for n, k in enumerate(known)}
    head = np.frombuffer(
        json.dumps({"version": VERSION, "from_nothing_s": from_nothing_s, "bases": told}).encode(), dtype=np.uint8
    )
    with replace_file(path) as new, new.open("wb") as file:
        np.savez_compressed(file, head=head, **arrays)


def read_bases(path: str | Path) -> tuple[list[KnownBasis], float]:
    """Read bases from a file of :func:`write_bases`, and what a relaxation took from nothing. [s]

    Raises
    ------
    InputError
        If there is no such file, or it is damaged.
    """
    file = Path(path)
    try:
        with zipfile.ZipFile(file) as packed:
            size = sum(part.file_size for part in packed.infolist())
        if size > MOST_BYTES:
            raise InputError([Problem(str(file), "holds more than bases can be", f"{size:,} bytes", _FIX)])
        with np.load(file, allow_pickle=False) as held:
            head = json.loads(bytes(held["head"]).decode())
            if head["version"] != VERSION:
                seen = f"version {head['version']}, not {VERSION}"
                raise InputError([Problem(str(file), "is of another version", seen, _FIX)])
            known = [_known(told, held[f"columns_{n}"], held[f"rows_{n}"]) for n, told in enumerate(head["bases"])]
            return known, max(0.0, float(head["from_nothing_s"]))
    except FileNotFoundError as error:
        raise InputError([Problem(str(file), "is not there", "", _FIX)]) from error
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        EOFError,
        zipfile.BadZipFile,
        MemoryError,
        NotImplementedError,
    ) as e:
        raise InputError([Problem(str(file), "is damaged", repr(e)[:200], _FIX)]) from e


def _sizes(blocks: Sequence[Block]) -> list[tuple[str, int]]:
    return [(b.family, b.stop - b.start) for b in blocks]


def _known(told: dict[str, Any], columns: np.ndarray, rows: np.ndarray) -> KnownBasis:
    """Return one basis of a file, checked."""
    layout = Layout(_blocks(told["columns"], columns), _blocks(told["rows"], rows), (len(rows), len(columns)))
    weights, caps = ({str(n): float(v) for n, v in told[name].items()} for name in ("weights", "caps"))
    count = int((columns == 1).sum() + (rows == 1).sum())
    return KnownBasis(weights, caps, layout, Basis(columns, rows, square=count == len(rows)))


def _blocks(sizes: Sequence[Sequence[Any]], states: np.ndarray) -> tuple[Block, ...]:
    """Return blocks of these sizes, with no names: families of another size are not matched."""
    made, start = [], 0
    for family, size in sizes:
        made.append(Block(str(family), start, start + int(size), lambda k: (f"? {k}",)))
        start += int(size)
    if (
        states.dtype != np.int8
        or states.shape != (start,)
        or (len(states) and not 0 <= states.min() <= states.max() <= 4)
    ):
        message = f"states of {states.dtype} with shape {states.shape} for {start} columns or rows"
        raise ValueError(message)
    return tuple(made)
