"""Weights of criteria: by hand, from pairwise comparisons (AHP), from the spread of the data (entropy), at random."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting.errors import DataWarning, InputError, Problem, Problems, TableError, shown
from evsiting.layers.arguments import is_whole

#: Mean consistency index of random reciprocal matrices, by their size [1]_ of :func:`ahp`.
RANDOM_INDEX = {1: 0.0, 2: 0.0, 3: 0.58, 4: 0.90, 5: 1.12, 6: 1.24, 7: 1.32, 8: 1.41, 9: 1.45, 10: 1.49}
#: Consistency ratio above which comparisons should be looked at again.
CONSISTENT = 0.10


def hand_weights(weights: Mapping[str, float] | pd.Series[float]) -> pd.Series[float]:
    """Return weights given by hand, scaled to a sum of one.

    Raises
    ------
    TableError
        If a weight is negative or missing, or all are zero.

    Examples
    --------
    >>> hand_weights({"wage": 3, "power": 1}).to_dict()
    {'wage': 0.75, 'power': 0.25}
    """
    numeric: pd.Series[float] = pd.to_numeric(pd.Series(weights), errors="coerce").astype("float64").rename("weight")
    problems = Problems()
    bad = ~(np.isfinite(numeric) & (numeric >= 0.0))
    if bad.any():
        problems.add(
            "weights", "are missing or negative", shown(numeric.index[bad]), "Give a number of 0 or more for each"
        )
    elif not numeric.sum() > 0.0:
        problems.add("weights", "sum up to nothing", shown(numeric.index), "Give at least one above 0")
    problems.raise_if_any(TableError)
    return numeric / numeric.sum()


def all_equal(values: NDArray[np.float64]) -> bool:
    """Return whether values are the same up to the rounding of floating-point numbers.

    Examples
    --------
    >>> all_equal(np.array([0.1 + 0.2, 0.3])), all_equal(np.array([0.3, 0.3001]))
    (True, False)
    """
    return bool(np.ptp(values) <= 1e-12 * np.abs(values).max())


@dataclass(frozen=True, eq=False)
class Comparisons:
    """Weights from pairwise comparisons, and how well the comparisons agree with each other.

    Parameters
    ----------
    weights : pandas.Series
        Principal eigenvector, sum 1, by criterion.
    eigenvalue : float
        Principal eigenvalue; equal to the number of criteria where all comparisons agree.
    index : float
        Consistency index CI.
    ratio : float
        Consistency ratio CR: CI over that of random comparisons. Above 0.1 they should be looked at again.
    worst : tuple of str
        The three criteria whose comparisons contradict each other most; empty below three.
    contradiction : str
        Those comparisons in words.
    """

    weights: pd.Series[float]
    eigenvalue: float
    index: float
    ratio: float
    worst: tuple[str, ...]
    contradiction: str

    def __repr__(self) -> str:
        lines = [f"  {name}: {value:.3f}" for name, value in self.weights.items()]
        return "\n".join([f"Comparisons: {len(lines)} criteria, consistency ratio {self.ratio:.3f}", *lines])


def ahp(comparisons: pd.DataFrame | Mapping[tuple[str, str], float]) -> Comparisons:
    r"""Return weights from pairwise comparisons: the analytic hierarchy process [1]_.

    .. math:: A w = \lambda_{max} w, \qquad CI = \frac{\lambda_{max} - n}{n - 1}, \qquad CR = \frac{CI}{RI_n}

    Parameters
    ----------
    comparisons : pandas.DataFrame, or mapping of (str, str) to float
        How many times as important the criterion of the row is as that of the column, 1/9 to 9 on Saaty's scale. As
        a mapping, each pair once, in either order. At most ten criteria: group more of them by theme.

    Returns
    -------
    Comparisons
        Weights, principal eigenvalue, CI, CR, and the three criteria that contradict each other most.

    Raises
    ------
    TableError
        If a pair is missing, not positive, or not the reciprocal of its mirror image.

    Warns
    -----
    DataWarning
        If CR is above 0.1; it names the three criteria.

    References
    ----------
    .. [1] T. L. Saaty, *The Analytic Hierarchy Process*, McGraw-Hill, 1980.

    Examples
    --------
    >>> ahp({("wage", "power"): 2, ("power", "land"): 2, ("wage", "land"): 4})
    Comparisons: 3 criteria, consistency ratio 0.000
      wage: 0.571
      power: 0.286
      land: 0.143
    """
    names, matrix = _matrix(comparisons)
    size = len(names)
    values, vectors = np.linalg.eig(matrix)
    first = int(np.argmax(values.real))
    weight = np.abs(vectors[:, first].real)
    largest = max(float(values[first].real), float(size))  # rounding must not make it agree better than perfectly
    index = (largest - size) / (size - 1) if size > 1 else 0.0
    ratio = index / RANDOM_INDEX[size] if size > 2 else 0.0
    worst, sentence = _contradiction(names, matrix)
    if ratio > CONSISTENT:
        message = (
            f"ahp: the comparisons contradict each other (consistency ratio {ratio:.2f}, above {CONSISTENT:g}), "
            f"most of all {sentence}"
        )
        warnings.warn(message, DataWarning, stacklevel=2)
    return Comparisons(
        pd.Series(weight / weight.sum(), index=names, name="weight"), largest, index, ratio, worst, sentence
    )


def _matrix(comparisons: pd.DataFrame | Mapping[tuple[str, str], float]) -> tuple[list[str], NDArray[np.float64]]:
    """Return names and the checked reciprocal matrix."""
    problems = Problems()
    if isinstance(comparisons, pd.DataFrame):
        names = [str(n) for n in comparisons.index]
        if names != [str(n) for n in comparisons.columns] or len(set(names)) != len(names):
            fix = "Give a square table with the same names, in the same order, on both sides"
            seen = f"{shown(names)} / {shown(comparisons.columns)}"
            raise TableError([Problem("ahp", "rows and columns differ, or a name occurs twice", seen, fix)])
        matrix = comparisons.apply(pd.to_numeric, errors="coerce").to_numpy(np.float64)
    elif not isinstance(comparisons, Mapping):
        fix = "Give a table with names on both sides, or {('a', 'b'): 3, ...}"
        raise TableError([Problem("ahp", "the comparisons have no names", type(comparisons).__name__, fix)])
    else:
        entries: list[tuple[Any, Any]] = list(comparisons.items())
        odd = [repr(k) for k, _ in entries if not (isinstance(k, tuple) and len(k) == 2)]
        odd += [f"{k}: {v!r}" for k, v in entries if v is not None and not isinstance(v, Real)]
        if odd:
            fix = "Give pairs of names with a number each: {('a', 'b'): 3, ...}"
            raise TableError([Problem("ahp", "some are no comparison of two", shown(odd), fix)])
        names = list(dict.fromkeys(itertools.chain.from_iterable(comparisons)))
        at = {name: k for k, name in enumerate(names)}
        matrix = np.full((len(names), len(names)), np.nan)
        np.fill_diagonal(matrix, 1.0)
        for (a, b), value in comparisons.items():
            if a != b and np.isnan(matrix[at[b], at[a]]):
                matrix[at[b], at[a]] = 1.0 / value if value else np.nan
            matrix[at[a], at[b]] = value
    if not 1 <= len(names) <= max(RANDOM_INDEX):
        fix = "Compare within themes first, then the themes with each other"
        problems.add("ahp", f"needs 1 to {max(RANDOM_INDEX)} criteria", str(len(names)), fix)
    bad = ~(np.isfinite(matrix) & (matrix > 0.0))
    pairs = [f"{names[i]} / {names[j]}" for i, j in zip(*np.nonzero(bad), strict=True)]
    if pairs:
        problems.add("ahp", "comparisons are missing or not positive", shown(pairs), "Give each pair once, above 0")
    else:
        off = [
            f"{names[i]} / {names[j]}: {matrix[i, j]:g} and {matrix[j, i]:g}"
            for i, j in itertools.combinations_with_replacement(range(len(names)), 2)
            if not math.isclose(matrix[i, j] * matrix[j, i], 1.0, rel_tol=0.01)
        ]
        if off:
            fix = "Give a / b and b / a as reciprocals, such as 3 and 1/3, and 1 on the diagonal"
            problems.add("ahp", "comparisons are not reciprocal", shown(off), fix)
    problems.raise_if_any(TableError)
    return names, matrix


def _contradiction(names: list[str], matrix: NDArray[np.float64]) -> tuple[tuple[str, ...], str]:
    """Return the three criteria for which a over b times b over c is farthest from a over c, and that in words."""
    triples = list(itertools.combinations(range(len(names)), 3))
    if not triples:
        return (), ""
    error = [abs(math.log(matrix[i, j] * matrix[j, k] * matrix[k, i])) for i, j, k in triples]
    i, j, k = triples[int(np.argmax(error))]
    a, b, c = names[i], names[j], names[k]
    sentence = (
        f"{a!r}, {b!r}, {c!r}: {a!r} is {matrix[i, j]:.3g} times {b!r} and that {matrix[j, k]:.3g} times {c!r}, so "
        f"{a!r} would be {matrix[i, j] * matrix[j, k]:.3g} times {c!r}, not {matrix[i, k]:.3g}"
    )
    return (a, b, c), sentence


def entropy_weights(values: pd.DataFrame) -> pd.Series[float]:
    r"""Return weights by how much the sites differ in each criterion: Shannon's entropy [1]_ [2]_.

    .. math:: p_{ij} = \frac{x_{ij}}{\sum_i x_{ij}}, \quad E_j = -\frac{1}{\ln m}\sum_i p_{ij}\ln p_{ij}, \quad
              w_j = \frac{1 - E_j}{\sum_k (1 - E_k)}

    A criterion that is the same everywhere gets no weight. The weights say where the data differ, not what matters.

    Parameters
    ----------
    values : pandas.DataFrame, shape (sites, criteria)
        Values of zero or more, raw or scaled; their unit does not matter, their zero does.

    Returns
    -------
    pandas.Series
        Weights by criterion, sum 1.

    Raises
    ------
    TableError
        If there are fewer than two sites, a value is missing or negative, or no criterion differs.

    References
    ----------
    .. [1] M. Zeleny, *Multiple Criteria Decision Making*, McGraw-Hill, 1982.
    .. [2] C. L. Hwang and K. Yoon, *Multiple Attribute Decision Making*, Springer, 1981, section 3.

    Examples
    --------
    >>> frame = pd.DataFrame({"wage": [20.0, 20.0], "power": [30.0, 90.0]})
    >>> entropy_weights(frame).to_dict()
    {'wage': 0.0, 'power': 1.0}
    """
    problems = Problems()
    if not isinstance(values, pd.DataFrame):
        problems.add(
            "entropy_weights", "needs a table", type(values).__name__, "Give a DataFrame, a column a criterion"
        )
        problems.raise_if_any(TableError)
    matrix = values.apply(pd.to_numeric, errors="coerce").to_numpy(np.float64)
    if matrix.shape[0] < 2 or matrix.shape[1] < 1:
        problems.add("entropy_weights", "needs two sites and a criterion", str(matrix.shape), "Give more rows")
    bad = ~(np.isfinite(matrix) & (matrix >= 0.0)).all(axis=0)
    if bad.any():
        fix = "Fill or drop missing values; shift a criterion that can be negative, or weigh it otherwise"
        problems.add("entropy_weights", "values are missing or negative", shown(values.columns[bad]), fix)
    problems.raise_if_any(TableError)
    matrix = matrix / np.where(matrix.max(axis=0) > 0.0, matrix.max(axis=0), 1.0)  # parts of a sum have no unit
    part = matrix / np.where(matrix.sum(axis=0) > 0.0, matrix.sum(axis=0), 1.0)
    entropy = -(part * np.log(np.where(part > 0.0, part, 1.0))).sum(axis=0) / math.log(len(matrix))
    same = np.array([all_equal(column) for column in matrix.T])
    differs = np.where(same, 0.0, np.maximum(1.0 - entropy, 0.0))
    if not differs.sum() > 0.0:
        fix = "Weigh by hand; nothing tells these sites apart"
        raise TableError([Problem("entropy_weights", "no criterion differs", shown(values.columns), fix)])
    return pd.Series(differs / differs.sum(), index=values.columns, name="weight")


def random_weights(
    names: Sequence[Hashable], draws: int, *, seed: int = 0, order: Sequence[str | Sequence[str]] | None = None
) -> NDArray[np.float64]:
    """Return random weights, uniform over all that are possible, or over those that respect an order.

    Parameters
    ----------
    names : sequence of str
        The criteria.
    draws : int
        How many sets of weights.
    seed : int
        The same seed gives the same weights.
    order : sequence of str or of sequences of str, optional
        Criteria from the most to the least important; those in one inner sequence are not ordered among themselves:
        ``["labor", ["power", "rail"]]``. All of ``names`` must occur.

    Returns
    -------
    numpy.ndarray, shape (draws, criteria)
        Non-negative, each row with sum 1, columns in the order of ``names``.

    Raises
    ------
    InputError
        If there is no name, ``draws`` is no whole number from 1 up, ``seed`` none from 0 up, or ``order`` does not hold
        every name once.

    Notes
    -----
    Gaps between sorted uniform numbers, drawn as exponentials over their sum, are uniform on the simplex. Sorting
    them gives the uniform distribution over weights in one order, as all orders have the same volume.

    Examples
    --------
    >>> w = random_weights(["a", "b", "c"], 1000, seed=1, order=["b", ["a", "c"]])
    >>> bool((w[:, 1] >= w[:, [0, 2]].max(axis=1)).all())
    True
    """
    listing = [] if _is_single(names) else list(names)
    if not (is_whole(draws, 1) and is_whole(seed) and listing):
        seen = f"names {names!r}, draws {draws!r}, seed {seed!r}"
        fix = "Give a list of names, a whole number of draws from 1 up and a seed from 0 up"
        raise InputError([Problem("random_weights", "needs a criterion and a draw", seen, fix)])
    count = len(listing)
    rng = np.random.default_rng(seed)
    gaps = rng.standard_exponential((draws, count))
    weights = gaps / gaps.sum(axis=1, keepdims=True)
    if order is None:
        return np.asarray(weights, dtype=np.float64)
    entries: list[Any] = [order] if _is_single(order) else list(order)
    blocks = [[str(block)] if _is_single(block) else [str(n) for n in block] for block in entries]
    listed = [name for block in blocks for name in block]
    if sorted(listed) != sorted(map(str, listing)):
        seen = f"{shown(listed)} for {shown(listing)}"
        fix = "Name each criterion once; put those without an order between them into one inner list"
        raise InputError([Problem("random_weights, order", "does not hold every criterion once", seen, fix)])
    weights = -np.sort(-weights, axis=1)
    made = np.empty_like(weights)
    at, place = 0, {str(name): k for k, name in enumerate(listing)}
    for block in blocks:
        mixed = rng.permuted(weights[:, at : at + len(block)], axis=1)
        made[:, [place[name] for name in block]] = mixed
        at += len(block)
    return made


def _is_single(value: object) -> bool:
    """Whether something is one name, not several."""
    return isinstance(value, str) or not isinstance(value, Iterable)
