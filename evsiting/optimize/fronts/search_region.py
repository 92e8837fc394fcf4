r"""What is left to be searched of a front: the boxes below the points found, in two objectives or more.

Of a set :math:`N` of points the *local upper bounds* are the largest corners :math:`u` such that no point of :math:`N`
is below :math:`u` in every objective; every point that none of :math:`N` matches or beats lies below one of them [1]_.
A new point :math:`z` parts each :math:`u` above it into :math:`u^j`, which is :math:`u` with :math:`u_j = z_j`; corners
below others are left out. In two objectives these are the steps of the stairs between neighbours; in three there are at
most :math:`2 |N| + 1` of them.

References
----------
.. [1] K. Klamroth, R. Lacour, D. Vanderpooten, "On the representation of the search region in multi-objective
   optimization," European Journal of Operational Research 245 (2015) 767-778, doi:10.1016/j.ejor.2015.03.031.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

__all__ = ["Corner", "SearchRegion", "dominates"]

#: A corner of the region, less is better; infinite where nothing limits it.
Corner = tuple[float, ...]


class SearchRegion:
    """The corners below which points may still lie.

    Parameters
    ----------
    objectives : int
        How many there are.

    Examples
    --------
    >>> region = SearchRegion(2)
    >>> region.add((1.0, 5.0))
    >>> region.add((3.0, 2.0))
    >>> region.corners
    [(1.0, inf), (3.0, 5.0), (inf, 2.0)]
    >>> region.close((3.0, 5.0))
    >>> region.corners
    [(1.0, inf), (inf, 2.0)]
    """

    def __init__(self, objectives: int) -> None:
        self._open: set[Corner] = {(math.inf,) * objectives}

    @property
    def corners(self) -> list[Corner]:
        """The corners, in order."""
        return sorted(self._open)

    def add(self, point: Sequence[float]) -> None:
        """Take out what a point matches or beats."""
        z = tuple(point)
        above = [u for u in self._open if all(a < b for a, b in zip(z, u, strict=True))]
        parts = {(*u[:j], z[j], *u[j + 1 :]) for u in above for j in range(len(z))}
        whole = self._open.difference(above)
        self._open = whole | {u for u in parts if not any(u != v and _within(u, v) for v in (*parts, *whole))}

    def close(self, corner: Corner) -> None:
        """Take out everything below a corner: nothing is there."""
        self._open = {u for u in self._open if not _within(u, corner)}


def _within(corner: Corner, other: Corner) -> bool:
    return all(a <= b for a, b in zip(corner, other, strict=True))


def dominates(one: Iterable[float], other: Iterable[float]) -> bool:
    """Whether a point is as good as another in every objective and better in one; less is better.

    Examples
    --------
    >>> dominates((1, 2), (1, 3)), dominates((1, 2), (1, 2)), dominates((1, 3), (2, 2))
    (True, False, False)
    """
    pairs = list(zip(one, other, strict=True))
    return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)
