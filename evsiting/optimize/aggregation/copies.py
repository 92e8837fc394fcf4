r"""A program in which a site stands for several alike: its linear relaxation is that of all of them.

Let :math:`n_g` sites of a group g have the same figures and lanes. A program names them alike in rows and columns, so
that exchanging two of them changes nothing; the mean of a point of its relaxation over all exchanges is a point of the
same value [1]_ in which they are all alike. With X the sum of a column over the members that its name can have, a row
:math:`\sum_c a_{rc} x_c \le b_r` of one of them reads

.. math:: \sum_c \Big(\prod_{g \in r \cap c} n_g\Big)^{-1} a_{rc}\,X_c \le b_r, \qquad
   X_c \le \Big(\prod_{g \in c} n_g\Big)\,\bar x_c

over the groups that the names of row and column have in common, and those of the column.

References
----------
.. [1] R. Bödi, K. Herr, M. Joswig, "Algorithms for highly symmetric linear and integer programs," Mathematical
   Programming 137 (2013) 65-90.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from scipy import sparse

from evsiting.model.milp import Block, Milp

__all__ = ["with_copies"]

#: Rows that are right for the sites that are written, and not for copies of them.
COUNTED = frozenset({"min_plants"})


def with_copies(milp: Milp, copies: Mapping[str, int]) -> Milp:
    """Return the relaxation of a program in which some sites stand for several alike.

    Rows that count sites (``min_plants``, which strengthens and forbids nothing) are left out.

    Parameters
    ----------
    milp : Milp
        Over one site of each group; no other part of the name of a row or column may be the code of one.
    copies : mapping of str to int
        How many sites each code stands for.

    Returns
    -------
    Milp
        Without integers; columns are sums over the members of groups.
    """
    of_column, of_row = _groups(milp.column_blocks, copies), _groups(milp.row_blocks, copies)
    size = np.array([1.0, *(float(n) for n in copies.values())])
    is_kept = np.ones(milp.shape[0], dtype=np.bool_)
    for block in milp.row_blocks:
        is_kept[block.start : block.stop] = block.family not in COUNTED
    entries = sparse.coo_array(milp.matrix)
    row, column = entries.coords
    common = np.ones(len(row))
    for k in range(of_row.shape[1]):
        mine = of_row[row, k]
        shared = (of_column[column] == mine[:, None]).any(axis=1) & (mine > 0)
        common *= np.where(shared, size[mine], 1.0)
    matrix = sparse.csr_array((entries.data / common, (row, column)), shape=entries.shape)
    many = size[of_column].prod(axis=1)
    lower, upper = (np.where(np.isinf(b), b, b * many) for b in (milp.column_lower, milp.column_upper))
    out = np.flatnonzero(~is_kept)
    free_low, free_high = milp.row_lower.copy(), milp.row_upper.copy()
    free_low[out], free_high[out] = -np.inf, np.inf
    return replace(
        milp,
        column_lower=lower,
        column_upper=upper,
        integer=np.zeros_like(milp.integer),
        matrix=matrix,
        row_lower=free_low,
        row_upper=free_high,
    )


def _groups(blocks: tuple[Block, ...], copies: Mapping[str, int]) -> np.ndarray:
    """Return the groups in the name of each row or column, by number from one; zero for none. shape (N, 2)"""
    number = {code: k for k, code in enumerate(copies, 1)}
    groups = np.zeros((max((b.stop for b in blocks), default=0), 2), dtype=np.int64)
    for block in blocks:
        for k in range(block.stop - block.start):
            members = dict.fromkeys(number[part] for part in block.label(k) if part in number)
            for nth, group in enumerate(members):
                groups[block.start + k, nth] = group
    return groups
