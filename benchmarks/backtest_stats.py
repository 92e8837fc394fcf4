"""Statistics of the back-test: weighted percentiles, rates, their intervals, a weighted ridge logistic fit."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, log_expit
from scipy.stats import norm

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Z95 = float(norm.ppf(0.975))


def weighted_percentiles(plants: Floats, candidates: Floats, weight: Floats, alike: Bools | None = None) -> Floats:
    """Return the weight of the candidates that score below each plant over the weight of all, ties counting half.

    Parameters
    ----------
    plants, candidates : numpy.ndarray, shape (P,) and (C,)
        Scores; higher is better.
    weight : numpy.ndarray, shape (C,)
        Weights of the candidates.
    alike : numpy.ndarray of bool, shape (P, C)
        Which candidates a plant is compared with; all where left out.

    Returns
    -------
    numpy.ndarray, shape (P,)
        0 to 1; missing where a plant has nothing to be compared with. Their mean is the area under the curve
        (Mann and Whitney) with weighted negatives.

    Examples
    --------
    >>> weighted_percentiles(np.array([2.0]), np.array([1.0, 2.0, 3.0]), np.array([2.0, 1.0, 1.0])).tolist()
    [0.625]
    """
    share = weight[None, :] * (np.ones((len(plants), 1), dtype=bool) if alike is None else alike)
    below = (candidates[None, :] < plants[:, None]) + 0.5 * (candidates[None, :] == plants[:, None])
    total = share.sum(axis=1)
    return np.where(total > 0.0, (below * share).sum(axis=1) / np.where(total > 0.0, total, 1.0), np.nan)


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


def logistic(values: Floats, labels: Bools, weight: Floats, ridge: float) -> Floats:
    """Return intercept and coefficients of a weighted logistic regression with a ridge on the coefficients.

    Parameters
    ----------
    values : numpy.ndarray, shape (N, K)
        Signals.
    labels : numpy.ndarray of bool, shape (N,)
        Which rows are plants.
    weight : numpy.ndarray, shape (N,)
        Weight of each row in the loss.
    ridge : float
        Half of it times the squares of the coefficients is added to the loss.
    """
    design = np.column_stack([np.ones(len(values)), values])
    sign = np.where(labels, 1.0, -1.0)
    penalty = np.full(design.shape[1], ridge)
    penalty[0] = 0.0

    def loss(beta: Floats) -> tuple[float, Floats]:
        margin = sign * (design @ beta)
        value = -(weight * log_expit(margin)).sum() + 0.5 * (penalty * beta**2).sum()
        return float(value), -(design.T @ (weight * sign * expit(-margin))) + penalty * beta

    return np.asarray(minimize(loss, np.zeros(design.shape[1]), jac=True, method="L-BFGS-B").x)
