"""The basis of a linear relaxation as a plan keeps it: where a later solve of the same study, or one like it, begins.

A basis is a start and no more: what is solved from it is the program as it then is, and every bound is recomputed.
"""

from __future__ import annotations

import json
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evsiting.errors import DataWarning, InputError, Problem

__all__ = ["BASIS_FILE", "RelaxationBasis", "basis_in", "pack_bases", "read_bases"]

#: File of the basis beside ``plan.json``.
BASIS_FILE = "relaxation_basis.npz"
#: Version of the file, and most bytes that it may unpack to.
VERSION, MOST_BYTES = 2, 2**31
_FIX = "Leave it out, and the relaxation is solved from nothing; Session.save_bases makes a new one"


@dataclass(frozen=True, eq=False, repr=False)
class RelaxationBasis:
    """State of every column and constraint of a linear relaxation at its optimum.

    Parameters
    ----------
    weights, caps : mapping of str to float
        What was minimised, and the ceilings that stand as the last constraints.
    columns, rows : tuple of (str, int)
        Families of columns and of constraints in order, with their sizes.
    column_states, row_states : numpy.ndarray of int8, shape (N,) and (M,)
        0 at the lower limit, 1 in the basis, 2 at the upper limit, 3 free at zero, 4 elsewhere.
    from_nothing_s : float
        What the relaxation took from nothing: the measure of other times. [s]
    study_digest : str
        Of the study; empty where it is not told.

    Examples
    --------
    >>> none = np.zeros(0, dtype=np.int8)
    >>> RelaxationBasis({"cost": 1.0}, {}, (), (), none, none)
    RelaxationBasis of 0 columns and 0 constraints
    """

    weights: Mapping[str, float]
    caps: Mapping[str, float]
    columns: tuple[tuple[str, int], ...]
    rows: tuple[tuple[str, int], ...]
    column_states: NDArray[np.int8]
    row_states: NDArray[np.int8]
    from_nothing_s: float = 0.0
    study_digest: str = ""

    def __repr__(self) -> str:
        return f"RelaxationBasis of {len(self.column_states):,} columns and {len(self.row_states):,} constraints"


def pack_bases(path: Path, bases: Sequence[RelaxationBasis]) -> None:
    """Write bases into a file as it is: for one that replaces another, write it elsewhere first.

    Parameters
    ----------
    path : pathlib.Path
        A file.
    bases : sequence of RelaxationBasis
        In order.
    """
    descriptions = [
        {
            "weights": dict(b.weights),
            "caps": dict(b.caps),
            "columns": list(b.columns),
            "rows": list(b.rows),
            "from_nothing_s": b.from_nothing_s,
            "study_digest": b.study_digest,
        }
        for b in bases
    ]
    arrays: dict[str, Any] = {f"columns_{n}": b.column_states for n, b in enumerate(bases)}
    arrays |= {f"rows_{n}": b.row_states for n, b in enumerate(bases)}
    head = json.dumps({"version": VERSION, "bases": descriptions}).encode()
    with path.open("wb") as file:
        np.savez_compressed(file, head=np.frombuffer(head, dtype=np.uint8), **arrays)


def basis_in(folder: Path, study_digest: str) -> RelaxationBasis | None:
    """Return the basis that a plan in a folder keeps; None where it keeps none.

    Parameters
    ----------
    folder : pathlib.Path
        Of the plan.
    study_digest : str
        Of the study that the plan answers.

    Warns
    -----
    DataWarning
        If the file is damaged, or of another study: it is passed over, and the next relaxation starts from nothing.
    """
    file = folder / BASIS_FILE
    if not file.is_file():
        return None
    try:
        basis = read_bases(file)[0]
    except (InputError, IndexError) as error:
        problem = str(error.problems[0]) if isinstance(error, InputError) else "it holds no basis"
    else:
        if basis.study_digest == study_digest:
            return basis
        problem = f"it is of study {basis.study_digest[:12] or 'unknown'}, the plan of {study_digest[:12]}"
    warnings.warn(
        f"{file} is passed over, and the next solve starts from nothing: {problem}", DataWarning, stacklevel=2
    )
    return None


def read_bases(path: Path) -> list[RelaxationBasis]:
    """Read bases from a file.

    Raises
    ------
    InputError
        If there is no such file, or it is damaged.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(part.file_size for part in packed.infolist())
        if size > MOST_BYTES:
            raise InputError([Problem(str(path), "holds more than bases can be", f"{size:,} bytes", _FIX)])
        with np.load(path, allow_pickle=False) as archive:
            head = json.loads(bytes(archive["head"]).decode())
            if head["version"] != VERSION:
                seen = f"version {head['version']}, not {VERSION}"
                raise InputError([Problem(str(path), "is of another version", seen, _FIX)])
            return [_basis(one, archive[f"columns_{n}"], archive[f"rows_{n}"]) for n, one in enumerate(head["bases"])]
    except FileNotFoundError as error:
        raise InputError([Problem(str(path), "is not there", "", _FIX)]) from error
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        EOFError,
        zipfile.BadZipFile,
        MemoryError,
        NotImplementedError,
    ) as e:
        raise InputError([Problem(str(path), "is damaged", repr(e)[:200], _FIX)]) from e


def _basis(description: dict[str, Any], columns: NDArray[np.int8], rows: NDArray[np.int8]) -> RelaxationBasis:
    """Return one basis of a file, checked."""
    weights, caps = ({str(n): float(v) for n, v in description[name].items()} for name in ("weights", "caps"))
    sizes = _sizes(description["columns"], columns), _sizes(description["rows"], rows)
    seconds, digest = max(0.0, float(description["from_nothing_s"])), str(description["study_digest"])
    return RelaxationBasis(weights, caps, *sizes, columns, rows, seconds, digest)


def _sizes(families: Sequence[Sequence[Any]], states: NDArray[np.int8]) -> tuple[tuple[str, int], ...]:
    """Return families with their sizes, once they are those of the states."""
    sizes = tuple((str(family), int(size)) for family, size in families)
    count = sum(size for _, size in sizes)
    if (
        states.dtype != np.int8
        or states.shape != (count,)
        or any(size < 0 for _, size in sizes)
        or (len(states) and not 0 <= states.min() <= states.max() <= 4)
    ):
        message = f"states of {states.dtype} with shape {states.shape} for {count} columns or rows"
        raise ValueError(message)
    return sizes
