"""Which sites are best under which weights: stochastic multicriteria acceptability analysis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting.errors import InputError, Problem, expect
from evsiting.layers.arguments import is_whole
from evsiting.layers.suitability.score import TIE_DECIMALS, Suitability, closeness, closeness_parts
from evsiting.layers.suitability.weights import random_weights

Floats = NDArray[np.float64]
_CHUNK = 500
#: Most sites whose ranks are counted; a table of site by rank grows with the square.
MOST_SITES = 4_000


@dataclass(frozen=True, eq=False)
class Acceptability:
    """How often each site takes each rank when nothing, or only an order, is known of the weights.

    Parameters
    ----------
    table : pandas.DataFrame
        On the index of the sites: ``site``; ``first`` and ``top``, the parts of all weights for which it is first, or
        among the ``top_count`` best; ``first_se`` and ``top_se``, their standard errors; ``mean_rank``, ``rank_low``
        and ``rank_high`` (2.5 and 97.5 % of the weights).
    ranks : pandas.DataFrame
        Part of all weights by site (rows) and rank (columns 1 to ``top_count``).
    central_weights : pandas.DataFrame
        Mean of the weights that put a site first, by site and criterion; missing where none does.
    top_count, draws, seed : int
        How many count as best; how many weights were drawn, with which seed.

    Examples
    --------
    >>> import evsiting as ev
    >>> frame = pd.DataFrame({"site": ["a", "b"], "wage": [20.0, 24.0], "rail_km": [9.0, 4.0]})
    >>> scored = ev.suitability(frame, [ev.Criterion("wage", "cost"), ev.Criterion("rail_km", "cost")])
    >>> ev.smaa(scored, seed=1).ranks.columns.tolist()
    [1]
    """

    table: pd.DataFrame
    ranks: pd.DataFrame
    central_weights: pd.DataFrame
    top_count: int
    draws: int
    seed: int

    def __repr__(self) -> str:
        best = self.table.sort_values(["first", "top"], ascending=False).head(3)
        first = ", ".join(f"{r.site} {r.first:.0%}" for r in best.itertuples())
        return f"Acceptability of {len(self.table):,} sites, {self.draws:,} weights; first most often: {first}"

    def _repr_html_(self) -> str:
        best = self.table.sort_values(["first", "top"], ascending=False)
        return best.head(10).to_html(index=False)


def smaa(
    scored: Suitability,
    *,
    draws: int = 10_000,
    seed: int = 0,
    order: Sequence[str | Sequence[str]] | None = None,
    top_count: int | None = None,
) -> Acceptability:
    r"""Return rank acceptability under random weights: SMAA-2 [1]_.

    .. math:: b_i^r = \int_{W} [\,\mathrm{rank}_i(w) = r\,]\,f(w)\,dw, \qquad
              w_i^c = \frac{1}{b_i^1}\int_{W} [\,\mathrm{rank}_i(w) = 1\,]\,f(w)\,w\,dw

    by simulation; the standard error of an acceptability b is :math:`\sqrt{b(1 - b)/\text{draws}}`.

    Parameters
    ----------
    scored : Suitability
        Its scaled values and its method are used, its weights are not.
    draws : int
        How many weights; 10,000 give a standard error of at most 0.005.
    seed : int
        The same seed gives the same answer.
    order : sequence, optional
        What is known of the weights; see :func:`evsiting.layers.suitability.weights.random_weights`.
    top_count : int, optional
        How many sites count as best; a tenth of them, at least one, where left out.

    Returns
    -------
    Acceptability
        Parts of all weights by site and rank, ranges of ranks, central weights.

    Raises
    ------
    InputError
        If an argument is out of range.

    References
    ----------
    .. [1] R. Lahdelma and P. Salminen, "SMAA-2: Stochastic multicriteria acceptability analysis for group decision
       making," Operations Research 49(3), 444-454, 2001, doi:10.1287/opre.49.3.444.11220

    Examples
    --------
    >>> from evsiting import Criterion, suitability
    >>> frame = pd.DataFrame(
    ...     {"site": ["a", "b", "c"], "wage": [20.0, 24.0, 30.0], "rail_km": [9.0, 4.0, 1.0]}
    ... )
    >>> found = smaa(suitability(frame, [Criterion("wage", "cost"), Criterion("rail_km", "cost")]), seed=1)
    >>> found.table["first"].round(2).tolist()
    [0.38, 0.23, 0.39]
    """
    expect("smaa", scored=(scored, Suitability))
    count = len(scored.scores)
    top = max(1, count // 10) if top_count is None else top_count
    if not is_whole(seed):
        raise InputError([Problem("smaa, seed", "is no whole number from 0 up", repr(seed), "Give one such as 0")])
    if not (is_whole(top, 1) and top <= count and is_whole(draws, 1) and draws <= 1_000_000):
        seen = f"top_count {top} of {count}, draws {draws}"
        fix = "Give 1 to the number of sites, and 1 to 1,000,000 draws"
        raise InputError([Problem("smaa, top_count or draws", "is out of range", seen, fix)])
    if count > MOST_SITES:
        fix = "Keep the better ones first: evsiting.prefilter(...)"
        raise InputError([Problem("smaa, scored", f"holds more than {MOST_SITES:,} sites", f"{count:,}", fix)])
    names = list(scored.values.columns)
    weights = random_weights(names, draws, seed=seed, order=order)
    values = scored.values.to_numpy(np.float64)
    index = scored.scores.index
    taken = np.zeros((count, count + 1), dtype=np.int64)
    central = np.zeros((count, len(names)))
    for start in range(0, draws, _CHUNK):
        part = weights[start : start + _CHUNK]
        rank = ranks_under(values, part, topsis=scored.method == "topsis")
        np.add.at(taken, (np.arange(count)[:, None], rank), 1)
        central += (rank == 1).astype(np.float64) @ part
    share = taken[:, 1:] / draws
    summed = taken[:, 1:].cumsum(axis=1) / draws  # whole numbers first: all of the weights are exactly 1
    first, best = share[:, 0], summed[:, top - 1]
    table = pd.DataFrame(
        {
            "site": scored.sites,
            "first": first,
            "first_se": np.sqrt(first * (1.0 - first) / draws),
            "top": best,
            "top_se": np.sqrt(best * (1.0 - best) / draws),
            "mean_rank": share @ np.arange(1, count + 1),
            "rank_low": (summed >= 0.025).argmax(axis=1) + 1,
            "rank_high": (summed >= 0.975).argmax(axis=1) + 1,
        },
        index=index,
    )
    ranks = pd.DataFrame(share[:, :top], index=index, columns=range(1, top + 1))
    mean = np.where(first[:, None] > 0.0, central / np.maximum(taken[:, 1, None], 1), np.nan)
    return Acceptability(table, ranks, pd.DataFrame(mean, index=index, columns=names), top, draws, seed)


def ranks_under(values: Floats, weights: Floats, *, topsis: bool = False) -> NDArray[np.int64]:
    """Return the rank of each site under each set of weights; ties share the better rank.

    Parameters
    ----------
    values : numpy.ndarray, shape (sites, criteria)
        Scaled values; higher is better.
    weights : numpy.ndarray, shape (draws, criteria)
        Sets of weights.
    topsis : bool
        Closeness in place of the weighted sum.

    Returns
    -------
    numpy.ndarray of int, shape (sites, draws)
        1 is best.

    Examples
    --------
    >>> ranks_under(np.array([[1.0], [3.0], [3.0]]), np.array([[1.0]])).ravel().tolist()
    [3, 1, 1]
    """
    score = closeness(*closeness_parts(values, weights)) if topsis else values @ weights.T
    worse = -score.round(TIE_DECIMALS)
    order = np.argsort(worse, axis=0, kind="stable")
    ahead = np.take_along_axis(worse, order, axis=0)
    fresh = np.ones(ahead.shape, dtype=bool)
    fresh[1:] = ahead[1:] > ahead[:-1]
    place = np.where(fresh, np.arange(len(values))[:, None], 0)
    rank = np.empty(ahead.shape, dtype=np.int64)
    np.put_along_axis(rank, order, np.maximum.accumulate(place, axis=0) + 1, axis=0)
    return rank
