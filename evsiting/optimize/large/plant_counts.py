"""What the branch and bound of a large program branches on: numbers of plants, and decisions on standing ones."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from evsiting.model.build import Program
from evsiting.model.milp import IntArray, Milp

__all__ = ["plant_counts", "standing_decisions"]


def plant_counts(program: Program, milp: Milp) -> sparse.csr_array:
    """Return the constraints that count new plants, by plant type, of all countries or one, built until each period.

    Parameters
    ----------
    program : Program
        Says which columns build what.
    milp : Milp
        Its arrays.

    Returns
    -------
    scipy.sparse.csr_array, shape (K, N)
        Ones where a column builds a plant that counts.
    """
    sets = program.sets
    column = program.column_of("openings")
    new = np.flatnonzero(sets.changes.kind == "build")
    place = sets.changes.place[new]
    kind, country = sets.places.plant_type[place], sets.site_values.country[sets.places.site[place]]
    seen: dict[bytes, IntArray] = {}
    for period in range(column.shape[1]):
        for one in np.unique(kind):
            for where in (None, *np.unique(country)):
                counted = sets.changes.root[new] & (kind == one)
                if where is not None:
                    counted &= country == where
                members = column[counted, : period + 1]
                members = np.sort(members[members >= 0])
                if len(members) > 1:
                    seen.setdefault(members.tobytes(), members)
    groups = list(seen.values())
    row = np.repeat(np.arange(len(groups)), [len(g) for g in groups])
    entry = np.concatenate(groups) if groups else np.empty(0, dtype=np.int64)
    return sparse.csr_array((np.ones(len(entry)), (row, entry)), shape=(len(groups), milp.shape[1]))


def standing_decisions(program: Program, milp: Milp) -> IntArray:
    """Return the columns that close or resume standing plants. shape (J,)"""
    parts = [program.column_of(table).ravel() for table in ("closings", "resumptions", "retirements")]
    columns = np.concatenate(parts)
    return np.asarray(columns[(columns >= 0) & milp.integer[columns]])
