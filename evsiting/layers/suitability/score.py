"""Score sites by several criteria: scales, weights, weighted sum and TOPSIS."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting.errors import DataWarning, Problem, Problems, TableError, shown
from evsiting.layers.arguments import is_finite
from evsiting.layers.suitability.weights import Comparisons, all_equal, hand_weights

Floats = NDArray[np.float64]
Scale = Literal["min-max", "z", "rank", "target", "vector", "points"]
Method = Literal["weighted-sum", "topsis"]
#: Scores closer than this are a tie. [1]
TIE_DECIMALS = 12
#: Values and points of value functions up to here can be squared and added up.
_MOST = 1e150

SCALES = {
    "min-max": "0 at the worst value among the sites, 1 at the best, linear between",
    "z": "deviations from the mean, in standard deviations; above 0 is better",
    "rank": "part of the other sites that are worse, ties counting half",
    "target": "1 at the target, falling linearly to 0 at the value farthest from it",
    "vector": "value over the root of the sum of squares, negative for a cost",
    "points": "the value function given as points, linear between them, level outside",
}


@dataclass(frozen=True)
class Criterion:
    """One thing that makes a site better or worse.

    Parameters
    ----------
    column : str
        Column of the sites that holds it.
    direction : {"benefit", "cost"}
        Whether more is better or worse.
    weight : float
        Weight by hand; only ratios count.
    theme : str
        What it belongs to; see :func:`theme_weights`.
    unit : str
        Unit of the column, for tables.
    name : str
        Name to print; the column where empty.
    scale : str
        How its values become comparable, one of :data:`SCALES`; that of the call where empty.
    target : float, optional
        The value that would be best, for the scale ``target``. [``unit``]
    points : tuple of (float, float)
        Value function for the scale ``points``: pairs of a value [``unit``] and what it is worth, 0 to 1.

    Examples
    --------
    >>> wage = Criterion("wage_usd_per_h", "cost", weight=3.0, theme="labor", unit="USD/h", name="Wage")
    >>> wage.label, wage.direction
    ('Wage', 'cost')
    """

    column: str
    direction: Literal["benefit", "cost"] = "benefit"
    weight: float = 1.0
    theme: str = ""
    unit: str = ""
    name: str = ""
    scale: Scale | Literal[""] = ""
    target: float | None = None
    points: tuple[tuple[float, float], ...] = ()

    @property
    def label(self) -> str:
        """Name to print."""
        return self.name or self.column


@dataclass(frozen=True, eq=False)
class Suitability:
    """Scores of sites, and what they are made of; all frames have the index of the sites.

    Parameters
    ----------
    scores : pandas.Series
        Higher is better. Weighted sum: in units of the scale; TOPSIS: closeness, 0 to 1.
    ranks : pandas.Series
        1 is best; sites of the same score share the better rank.
    values : pandas.DataFrame
        Scaled values by criterion; higher is better.
    parts : pandas.DataFrame
        What adds up: value times weight by criterion for the weighted sum; for TOPSIS the distances ``to_best`` and
        ``to_worst``.
    criteria : pandas.DataFrame
        ``criterion``, ``column``, ``direction``, ``unit``, ``theme``, ``scale``, ``weight`` (sum 1).
    method : str
        weighted-sum or topsis.
    sites : pandas.Series
        Code of each site.

    Examples
    --------
    >>> frame = pd.DataFrame({"site": ["a", "b"], "wage": [20.0, 25.0]})
    >>> suitability(frame, [Criterion("wage", "cost")]).table[["site", "score", "rank"]]
      site  score  rank
    0    a    1.0     1
    1    b    0.0     2
    """

    scores: pd.Series[float]
    ranks: pd.Series[int]
    values: pd.DataFrame
    parts: pd.DataFrame
    criteria: pd.DataFrame
    method: Method
    sites: pd.Series[str]

    @property
    def weights(self) -> pd.Series[float]:
        """Weight by criterion, sum 1."""
        weights: pd.Series[float] = self.criteria.set_index("criterion")["weight"]
        return weights

    @property
    def table(self) -> pd.DataFrame:
        """Sites by rank: ``site``, ``score``, ``rank`` and the parts."""
        frame = pd.DataFrame({"site": self.sites, "score": self.scores, "rank": self.ranks}).join(self.parts)
        return frame.sort_values(["rank", "site"])

    def __repr__(self) -> str:
        best = self.table.head(3)
        first = ", ".join(f"{r.site} {r.score:.3f}" for r in best.itertuples())
        return (
            f"Suitability of {len(self.scores):,} sites by {self.method}, {len(self.criteria)} criteria; best: {first}"
        )

    def _repr_html_(self) -> str:
        return self.criteria.to_html(index=False) + self.table.head(10).to_html(index=False)


def suitability(
    sites: pd.DataFrame,
    criteria: Sequence[Criterion] | pd.DataFrame,
    *,
    weights: Mapping[str, float] | pd.Series[float] | Comparisons | None = None,
    method: Method = "weighted-sum",
    scale: Scale | None = None,
) -> Suitability:
    r"""Score sites by several criteria.

    Weighted sum: :math:`s_i = \sum_j w_j v_{ij}`. TOPSIS [1]_: with the weighted values :math:`u_{ij} = w_j v_{ij}`,

    .. math:: d^{\pm}_i = \sqrt{\sum_j (u_{ij} - u^{\pm}_j)^2}, \qquad C_i = \frac{d^-_i}{d^+_i + d^-_i}

    where :math:`u^+_j` and :math:`u^-_j` are the best and the worst value among the sites.

    Parameters
    ----------
    sites : pandas.DataFrame
        Column ``site`` and those of the criteria, no value missing.
    criteria : sequence of Criterion, or pandas.DataFrame
        As a table: columns named as the fields of :class:`Criterion`.
    weights : mapping, pandas.Series or Comparisons, optional
        Weight by name (or column) of every criterion, or what :func:`evsiting.ahp` returns; that of each criterion
        where left out.
    method : {"weighted-sum", "topsis"}
        How values become a score.
    scale : str, optional
        How values become comparable (:data:`SCALES`), where a criterion does not say. ``min-max`` where left out;
        ``vector`` for TOPSIS, as in its source.

    Returns
    -------
    Suitability
        Scores, ranks, scaled values, parts and the table of criteria, on the index of ``sites``.

    Raises
    ------
    TableError
        If a column is missing or holds values that are missing, infinite or no numbers; if a weight is missing.

    Warns
    -----
    DataWarning
        If a criterion is the same at every site.

    Notes
    -----
    Scores from ``min-max``, ``z``, ``rank``, ``target`` and ``vector`` depend on which sites are compared: adding a
    site may change the order of the others. Those from ``points`` with the weighted sum do not.

    References
    ----------
    .. [1] C. L. Hwang and K. Yoon, *Multiple Attribute Decision Making*, Springer, 1981.

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {"site": ["a", "b", "c"], "wage": [20.0, 25.0, 30.0], "rail_km": [9.0, 1.0, 5.0]}
    ... )
    >>> suitability(frame, [Criterion("wage", "cost", 3.0), Criterion("rail_km", "cost")])
    Suitability of 3 sites by weighted-sum, 2 criteria; best: a 0.750, b 0.625, c 0.125
    """
    chosen = _criteria(criteria)
    default: Scale = scale or ("vector" if method == "topsis" else "min-max")
    _check(sites, chosen, method, default)
    raw = {c.label: pd.to_numeric(sites[c.column]).astype("float64") for c in chosen}
    same = [name for name, column in raw.items() if len(sites) > 1 and all_equal(np.asarray(column, dtype=np.float64))]
    raw |= {name: raw[name] * 0.0 + raw[name].iloc[0] for name in same}  # rounding tells nothing apart either
    if same:
        message = f"suitability: the same at every site, so it tells nothing apart: {shown(same)}"
        warnings.warn(message, DataWarning, stacklevel=2)
    values = pd.DataFrame({c.label: to_common_scale(raw[c.label], c, default) for c in chosen}, index=sites.index)
    weight = _weights(chosen, weights)
    made = values.to_numpy(np.float64)
    if method == "topsis":
        best, worst = closeness_parts(made, np.asarray(weight, dtype=np.float64)[None, :])
        parts = pd.DataFrame({"to_best": best[:, 0], "to_worst": worst[:, 0]}, index=sites.index)
        score = closeness(best, worst)[:, 0]
    else:
        parts = values * weight
        score = made @ weight.to_numpy()
    scores = pd.Series(score.round(TIE_DECIMALS), index=sites.index, name="score")
    ranks = scores.rank(method="min", ascending=False).astype(int).rename("rank")
    table = pd.DataFrame(
        [(c.label, c.column, c.direction, c.unit, c.theme, c.scale or default) for c in chosen],
        columns=["criterion", "column", "direction", "unit", "theme", "scale"],
    ).assign(weight=weight.to_numpy())
    return Suitability(scores, ranks, values, parts, table, method, sites["site"].copy())


def theme_weights(criteria: Sequence[Criterion] | pd.DataFrame) -> pd.Series[float]:
    """Return equal weights for each theme and, inside it, for each criterion: what to take where nothing is known.

    Examples
    --------
    >>> theme_weights(
    ...     [Criterion("wage", theme="labor"), Criterion("pool", theme="labor"), Criterion("rail_km")]
    ... )
    wage       0.25
    pool       0.25
    rail_km    0.50
    Name: weight, dtype: float64
    """
    chosen = _criteria(criteria)
    themes = pd.Series([c.theme or c.label for c in chosen], index=[c.label for c in chosen])
    return (1.0 / (themes.nunique() * themes.map(themes.value_counts()))).rename("weight")


def to_common_scale(column: pd.Series[float], criterion: Criterion, default: Scale = "min-max") -> pd.Series[float]:
    """Return values made comparable; higher is better. See :data:`SCALES`."""
    scale = criterion.scale or default
    sign = -1.0 if criterion.direction == "cost" else 1.0
    if scale == "rank":
        others = max(len(column) - 1, 1)
        return (((sign * column).rank(method="average") - 1.0) / others).astype("float64")
    if scale == "target":
        gap = (column - float(criterion.target or 0.0)).abs()
        return 1.0 - gap / gap.max() if gap.max() > 0.0 else gap * 0.0 + 1.0
    if scale == "points":
        at, worth = zip(*sorted(tuple(p) for p in criterion.points), strict=True)
        return pd.Series(np.interp(column, at, worth), index=column.index)
    if scale == "vector":
        length = float(np.linalg.norm(column))
        return sign * column / (length or 1.0)
    good = sign * column
    if scale == "z":
        return (good - good.mean()) / (float(good.std(ddof=0)) or 1.0)
    return (good - good.min()) / (float(good.max() - good.min()) or 1.0)


def closeness_parts(values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Return distances to the best and to the worst value, shape (sites, sets of weights)."""
    squared = np.square(weights).T
    best = np.sqrt(np.square(values - values.max(axis=0)) @ squared)
    worst = np.sqrt(np.square(values - values.min(axis=0)) @ squared)
    return best, worst


def closeness(best: Floats, worst: Floats) -> Floats:
    """Return the closeness to the best value, 0 to 1; 0 where all sites are alike."""
    both = best + worst
    return np.asarray(worst / np.where(both > 0.0, both, 1.0), dtype=np.float64)


def _criteria(criteria: Sequence[Criterion] | pd.DataFrame) -> list[Criterion]:
    """Return criteria from a list or from a table."""
    table: object = criteria
    if not isinstance(table, pd.DataFrame | Sequence) or isinstance(table, str):
        fix = "Give a list of evsiting.Criterion(...), or a table"
        raise TableError([Problem("criteria", "are no list", type(criteria).__name__, fix)])
    if not isinstance(criteria, pd.DataFrame):
        entries: list[object] = list(criteria)
        odd = [repr(c) for c in entries if not isinstance(c, Criterion)]
        if odd:
            raise TableError([Problem("criteria", "some are no Criterion", shown(odd), "Give evsiting.Criterion(...)")])
        return list(criteria)
    fields = {f.name for f in dataclasses.fields(Criterion)}
    unknown = [str(c) for c in criteria.columns if c not in fields]
    if unknown or "column" not in criteria:
        fix = f"Its columns are {', '.join(sorted(fields))}; 'column' is needed"
        raise TableError([Problem("table of criteria", "columns do not fit", shown(unknown or criteria.columns), fix)])
    rows = criteria.astype(object).where(criteria.notna(), None).to_dict("records")
    return [Criterion(**{str(k): v for k, v in row.items() if v is not None}) for row in rows]


def _weights(
    chosen: list[Criterion], weights: Mapping[str, float] | pd.Series[float] | Comparisons | None
) -> pd.Series[float]:
    if weights is None:
        return hand_weights({c.label: c.weight for c in chosen})
    problems, named = Problems(), weights.weights if isinstance(weights, Comparisons) else weights
    if not isinstance(named, Mapping | pd.Series):
        fix = "Give {'wage_usd_per_h': 3, ...}, a Series by criterion, or what evsiting.ahp returns"
        raise TableError([Problem("weights", "have no names", type(named).__name__, fix)])
    known = pd.Series(named)
    missing = [c.label for c in chosen if c.label not in known.index and c.column not in known.index]
    spare = known.index.difference([*(c.label for c in chosen), *(c.column for c in chosen)])
    if missing:
        problems.add(
            "weights", "some criteria have none", shown(missing), "Give a weight for every criterion, 0 for none"
        )
    if len(spare):
        names = shown([c.label for c in chosen], 20)
        problems.add("weights", "some are of no criterion", shown(spare), f"The criteria are {names}")
    problems.raise_if_any(TableError)
    return hand_weights({c.label: known[c.label if c.label in known.index else c.column] for c in chosen})


def _check(sites: Any, chosen: list[Criterion], method: str, default: str) -> None:
    problems = Problems()
    if not isinstance(sites, pd.DataFrame) or "site" not in sites or not len(sites):
        kind = "an empty table" if isinstance(sites, pd.DataFrame) and not len(sites) else type(sites).__name__
        problems.add("sites", "is no table of sites", kind, "Give a frame with a column 'site' and at least one row")
        problems.raise_if_any(TableError)
    twice = sites["site"].isna() | sites["site"].duplicated(keep=False)
    if twice.any():
        seen = shown(sites.loc[twice, "site"].unique())
        problems.add("sites, column 'site'", "codes are missing or occur twice", seen, "Give each row its own code")
    if not sites.index.is_unique:
        seen = shown(sites.index[sites.index.duplicated()].unique())
        problems.add("sites", "the index labels rows twice", seen, "Use frame.reset_index(drop=True)")
    if not chosen:
        problems.add("criteria", "there is none", "", "Give at least one Criterion")
    labels = [c.label for c in chosen]
    if len(set(labels)) != len(labels):
        problems.add("criteria", "names occur twice", shown(labels), "Give each its own name")
    if method not in ("weighted-sum", "topsis"):
        problems.add("method", "is unknown", repr(method), "Give 'weighted-sum' or 'topsis'")
    for c in chosen:
        _check_one(sites, c, default, problems)
    problems.raise_if_any(TableError)


def _check_one(sites: gpd.GeoDataFrame | pd.DataFrame, c: Criterion, default: str, problems: Problems) -> None:
    where = f"criterion {c.label!r}"
    if c.direction not in ("benefit", "cost"):
        problems.add(where, "has an unknown direction", repr(c.direction), "Give 'benefit' or 'cost'")
    scale = c.scale or default
    if scale not in SCALES:
        problems.add(where, "has an unknown scale", repr(scale), f"Give one of {', '.join(SCALES)}")
    if scale == "target" and not is_finite(c.target, -_MOST, _MOST):
        problems.add(where, "has no target", repr(c.target), f"Give target, in {c.unit or 'the unit of the column'}")
    points: Iterable[object] = c.points
    pairs = [tuple(p) if isinstance(p, Iterable) else () for p in points]
    sound = all(len(p) == 2 and all(is_finite(v, -_MOST, _MOST) for v in p) for p in pairs)
    if scale == "points" and (len(pairs) < 2 or not sound or len({p[0] for p in pairs}) != len(pairs)):
        fix = "Give two or more pairs of a value and its worth, both numbers, each value once"
        problems.add(where, "has no value function", repr(c.points), fix)
    if c.column not in sites:
        problems.add(
            where, f"the sites have no column {c.column!r}", shown(map(str, sites.columns)), "Name one of them"
        )
        return
    number = pd.to_numeric(sites[c.column], errors="coerce").astype("float64")
    bad = ~(np.abs(number.to_numpy()) <= _MOST)
    if bad.any():
        what = f"{int(bad.sum())} of {len(sites)} values of {c.column!r} are missing, infinite or no numbers"
        fix = "Fill them, drop these sites with evsiting.exclude(..., missing='drop'), or leave the criterion out"
        problems.add(where, what, shown(sites.loc[bad, "site"]), fix)
