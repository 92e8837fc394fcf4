"""The difference of two figures of plans, told as nothing where it is arithmetic alone."""

from __future__ import annotations

from typing import overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["difference", "told_difference"]

#: Part of a figure by which two figures of plans differ through the arithmetic of sums and solvers alone.
ARITHMETIC = 1e-9


@overload
def difference(value: float, base: float) -> float: ...
@overload
def difference(value: ArrayLike, base: ArrayLike) -> NDArray[np.float64]: ...
def difference(value: ArrayLike, base: ArrayLike) -> float | NDArray[np.float64]:
    """Return one figure less another; zero where they are the same but for arithmetic.

    Parameters
    ----------
    value, base : array_like, of shapes that broadcast
        Figures of two plans, such as an item of a ledger. [any unit]

    Examples
    --------
    >>> difference([3.0, 4.472e10 + 8e-6, np.inf], [1.0, 4.472e10, 1.0]).tolist()
    [2.0, 0.0, inf]
    >>> difference(3.0, 1.0)
    2.0
    """
    one, other = np.asarray(value, dtype=np.float64), np.asarray(base, dtype=np.float64)
    with np.errstate(invalid="ignore"):  # infinity less infinity is no number
        apart = one - other
    size = np.maximum(np.abs(one), np.abs(other))
    result: NDArray[np.float64] = np.where(np.isfinite(size) & (np.abs(apart) <= ARITHMETIC * size), 0.0, apart)
    return result if result.ndim else float(result)


def told_difference(least: float, most: float) -> str:
    """Return what an interval proves of a difference: ``more``, ``less``, or ``within the gaps`` where zero is in it.

    Parameters
    ----------
    least, most : float
        Between which the difference lies. [any unit]

    Examples
    --------
    >>> told_difference(1.0, 3.0), told_difference(-1.0, 3.0), told_difference(-3.0, -1.0)
    ('more', 'within the gaps', 'less')
    """
    return "more" if least > 0.0 else "less" if most < 0.0 else "within the gaps"
