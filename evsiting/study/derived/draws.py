"""Draws of all uncertain figures at once, as what-if cases (Monte Carlo)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import scipy  # its module of statistics, long to load, is loaded where it is asked for

from evsiting.errors import InputError, Problem
from evsiting.study.derived.ranges import checked_ranges

__all__ = ["DRAW", "monte_carlo_cases"]

#: What the names of drawn cases begin with.
DRAW = "draw "
#: Most draws: each is a solve.
MOST = 10_000


def monte_carlo_cases(ranges: pd.DataFrame, *, draws: int = 100, seed: int = 0) -> pd.DataFrame:
    r"""Return what-if cases in each of which every range has a factor drawn at random, independently of the others.

    Factors follow the triangular distribution between the low and the high end, with its mode at 1, the figure as it
    stands (or at the nearer end, where the range leaves 1 out). They are drawn by Latin hypercube sampling [1]_: each
    of n equal parts of every distribution is drawn from once, so that fewer solves tell as much.

    Parameters
    ----------
    ranges : pandas.DataFrame
        As for :func:`evsiting.tornado_cases`: ``name``, ``table``, ``column``, ``rows``, ``period``, and ``low`` and
        ``high`` or ``parameter``.
    draws : int, optional
        How many cases n.
    seed : int, optional
        Of the draws.

    Returns
    -------
    pandas.DataFrame
        A table of cases ``draw 001``, ``draw 002``, ... for :func:`evsiting.sweep`, in whose answer ``selection()``
        tells how often each site is chosen, and ``spread()`` between which ends the totals lie.

    Raises
    ------
    InputError
        Listing every row that gives no range, and what is wrong with ``draws`` and ``seed``.

    References
    ----------
    .. [1] M. D. McKay, R. J. Beckman, W. J. Conover, "A comparison of three methods for selecting values of input
       variables in the analysis of output from a computer code," Technometrics 21 (1979) 239-245.

    Examples
    --------
    >>> ranges = pd.DataFrame(
    ...     {
    ...         "name": ["demand"],
    ...         "table": ["demand"],
    ...         "column": ["units_per_yr"],
    ...         "low": [0.8],
    ...         "high": [1.3],
    ...     }
    ... )
    >>> cases = monte_carlo_cases(ranges, draws=4, seed=1)
    >>> cases["case"].tolist(), bool(cases["value"].between(0.8, 1.3).all())
    (['draw 1', 'draw 2', 'draw 3', 'draw 4'], True)
    """
    problems = _problems(draws, seed)
    if problems:
        raise InputError(problems)
    figure_ranges = checked_ranges("monte_carlo_cases", ranges)
    share = scipy.stats.qmc.LatinHypercube(max(1, len(figure_ranges)), rng=np.random.default_rng(seed)).random(draws)
    wide = len(str(draws))
    rows = []
    for number in range(draws):
        for k, one in enumerate(figure_ranges):
            factor = float(_triangular(share[number, k], one.low, one.high))
            rows.append({"case": f"{DRAW}{number + 1:0{wide}d}", **one.row(factor)})
    return pd.DataFrame(rows)


def _triangular(share: float, low: float, high: float) -> float:
    """Return the factor below which a share of the triangular distribution around 1 lies."""
    if high <= low:
        return low
    return float(scipy.stats.triang.ppf(share, (min(max(1.0, low), high) - low) / (high - low), low, high - low))


def _problems(draws: object, seed: object) -> list[Problem]:
    """Return what is wrong with the arguments."""
    problems = []
    if isinstance(draws, bool) or not isinstance(draws, int) or not 1 <= draws <= MOST:
        problems.append(Problem("draws", "is no number of cases", repr(draws), f"Give 1 to {MOST:,}"))
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        problems.append(Problem("seed", "is no seed", repr(seed), "Give a whole number, 0 or more"))
    return problems
