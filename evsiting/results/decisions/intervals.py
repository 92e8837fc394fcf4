"""What two plans and their bounds prove about the difference of the best plans of two studies."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Interval", "compared", "is_within"]

#: Part of a figure below which two figures are told as equal: the arithmetic of solvers.
TINY = 1e-9


@dataclass(frozen=True)
class Interval:
    """A figure of which only its ends are known.

    Parameters
    ----------
    low, high : float
        No less and no more than; infinite where nothing is known.

    Examples
    --------
    >>> Interval(-1.0, 3.0).sure, Interval(2.0, 3.0).sure
    (False, True)
    """

    low: float
    high: float

    @property
    def sure(self) -> bool:
        """Whether its sign is known."""
        return self.low > 0.0 or self.high < 0.0


def compared(base_cost: float, cost: float, bound: float) -> str:
    """Return how other plans stand against a base: ``dearer``, ``cheaper`` or ``within the gap``.

    Parameters
    ----------
    base_cost : float
        Objective of the base plan, less is better.
    cost, bound : float
        Objective of the best of the others that is known, and what none of them is below.

    Returns
    -------
    str
        ``dearer``: none of the others is as good as the base plan. ``cheaper``: the one that is known is better.
        ``within the gap``: it is not, and it is not proven that none of them is.

    Examples
    --------
    >>> compared(100.0, 103.0, 102.0), compared(100.0, 103.0, 99.0), compared(100.0, 98.0, 97.0)
    ('dearer', 'within the gap', 'cheaper')
    """
    near = TINY * max(abs(base_cost), 1.0)
    if bound > base_cost + near:
        return "dearer"
    return "cheaper" if cost < base_cost - near else "within the gap"


def is_within(ceiling: float, cost: float, bound: float) -> str:
    """Return whether the best plan of some costs no more than a ceiling: ``yes``, ``no`` or ``not proven``.

    Parameters
    ----------
    ceiling : float
        Most objective.
    cost, bound : float
        As in :func:`compared`; infinite where there is no such plan.

    Examples
    --------
    >>> is_within(100.0, 99.0, 98.0), is_within(100.0, 103.0, 101.0), is_within(100.0, 103.0, 99.0)
    ('yes', 'no', 'not proven')
    """
    near = TINY * max(abs(ceiling), 1.0) if math.isfinite(ceiling) else 0.0
    if cost <= ceiling + near:
        return "yes"
    return "no" if bound > ceiling + near else "not proven"
