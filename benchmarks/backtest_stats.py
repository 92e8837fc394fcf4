"""Statistics of the back-test: percentiles, areas under the curve, rates, their intervals, a ridge logistic fit."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, log_expit
from scipy.stats import norm

Floats = NDArray[np.float64]
Z95 = float(norm.ppf(0.975))


def percentiles(plants: Floats, candidates: Floats, alike: NDArray[np.bool_] | None = None) -> Floats:
    """Return the part of the candidates that score below each plant, ties counting half.

    Parameters
    ----------
    plants, candidates : numpy.ndarray, shape (P,) and (C,)
        Scores; higher is better.
    alike : numpy.ndarray of bool, shape (P, C)
        Which candidates a plant is compared with; all where left out.

    Returns
    -------
    numpy.ndarray, shape (P,)
        0 to 1; missing where a plant has nothing to be compared with. Their mean is the area under the curve
        (Mann and Whitney), stratified where ``alike`` is given.

    Examples
    --------
    >>> percentiles(np.array([2.0]), np.array([1.0, 2.0, 3.0, 0.0])).tolist()
    [0.625]
    """
    below = (candidates[None, :] < plants[:, None]) + 0.5 * (candidates[None, :] == plants[:, None])
    if alike is None:
        return np.asarray(below.mean(axis=1), dtype=np.float64)
    count = alike.sum(axis=1)
    share = (below * alike).sum(axis=1) / np.maximum(count, 1)
    return np.where(count > 0, share, np.nan)


def delong(plants: Floats, candidates: Floats) -> tuple[float, float, float]:
    """Return the area under the curve with its 95 % interval after DeLong, DeLong and Clarke-Pearson.

    References
    ----------
    .. [1] E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson, Biometrics 44(3), 837-845, 1988, doi:10.2307/2531595
    """
    of_plants = percentiles(plants, candidates)
    of_candidates = 1.0 - percentiles(candidates, plants)
    area = float(of_plants.mean())
    if len(plants) < 2:
        return area, math.nan, math.nan
    wide = Z95 * math.sqrt(of_plants.var(ddof=1) / len(plants) + of_candidates.var(ddof=1) / len(candidates))
    return area, max(0.0, area - wide), min(1.0, area + wide)


def wilson(hits: int, count: int) -> tuple[float, float, float]:
    """Return a rate with its 95 % score interval.

    References
    ----------
    .. [1] E. B. Wilson, Journal of the American Statistical Association 22, 209-212, 1927.

    Examples
    --------
    >>> [round(v, 3) for v in wilson(5, 45)]
    [0.111, 0.048, 0.235]
    """
    rate, spread = hits / count, Z95**2 / count
    middle = (rate + spread / 2.0) / (1.0 + spread)
    wide = Z95 * math.sqrt(rate * (1.0 - rate) / count + spread / (4.0 * count)) / (1.0 + spread)
    return rate, max(0.0, middle - wide), min(1.0, middle + wide)


def cluster_interval(values: Floats, clusters: NDArray[np.object_], draws: int, seed: int) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of a mean when whole clusters are drawn, with replacement.

    Plants of one state are not independent: whoever draws a state draws all its plants.
    """
    names, at = np.unique(clusters.astype(str), return_inverse=True)
    if len(names) < 2:
        return math.nan, math.nan
    total, count = np.bincount(at, values), np.bincount(at)
    drawn = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1.0 / len(names)), size=draws)
    mean = (drawn @ total) / (drawn @ count)
    low, high = np.quantile(mean, [0.025, 0.975])
    return float(low), float(high)


def random_range(count: int, draws: int, seed: int) -> tuple[float, float]:
    """Return the middle 95 % of the area under the curve that as many plants have by chance."""
    mean = np.random.default_rng(seed).uniform(size=(draws, count)).mean(axis=1)
    low, high = np.quantile(mean, [0.025, 0.975])
    return float(low), float(high)


def logistic(values: Floats, labels: NDArray[np.bool_], ridge: float) -> Floats:
    """Return intercept and coefficients of a logistic regression with a ridge on the coefficients."""
    design = np.column_stack([np.ones(len(values)), values])
    sign = np.where(labels, 1.0, -1.0)
    weight = np.full(design.shape[1], ridge)
    weight[0] = 0.0

    def loss(beta: Floats) -> tuple[float, Floats]:
        margin = sign * (design @ beta)
        value = -log_expit(margin).sum() + 0.5 * (weight * beta**2).sum()
        return float(value), -(design.T @ (sign * expit(-margin))) + weight * beta

    return np.asarray(minimize(loss, np.zeros(design.shape[1]), jac=True, method="L-BFGS-B").x)
