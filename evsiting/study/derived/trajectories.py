"""Figures by period: what table ``trajectories`` makes of a figure that the other tables give once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evsiting.study.study import Study

__all__ = ["by_period", "trajectory_factors", "limits_by_period", "places_of"]


def trajectory_factors(study: Study, column: str, *places: Sequence[object]) -> NDArray[np.float64]:
    """Return the factor of a figure at places by period; 1 where table ``trajectories`` has no row for it.

    Parameters
    ----------
    study : Study
        Its periods in order of time are the columns.
    column : str
        Name of the figure, such as ``grid_factor_kg_per_kwh``.
    *places : sequence of object, each of length S
        Codes of the same S places, from the widest (country) to the most exact (site): the last one named in the table
        holds. Without any, the factor that holds everywhere is returned as one row.

    Returns
    -------
    numpy.ndarray, shape (S, T)
        Factors. [1]
    """
    names = study.periods.sort_values("start_year")["period"].tolist()
    rows = max((len(p) for p in places), default=1)
    out = np.ones((rows, len(names)))
    if not study.has("trajectories"):
        return out
    table = study.trajectories
    table = table[table["column"] == column]
    factor_of = {
        (str(place) if isinstance(place, str) else "", str(period)): float(factor)
        for place, period, factor in zip(table["place"], table["period"], table["factor"], strict=True)
    }
    for t, period in enumerate(names):
        out[:, t] = factor_of.get(("", period), 1.0)
        for codes in places:
            for k, code in enumerate(codes):
                if isinstance(code, str) and (code, period) in factor_of:
                    out[k, t] = factor_of[code, period]
    return out


def by_period(study: Study, column: str, values: ArrayLike, *places: Sequence[object]) -> NDArray[np.float64]:
    """Return a figure at places by period: its value times :func:`trajectory_factors`.

    Parameters
    ----------
    study, column, *places
        As for :func:`trajectory_factors`.
    values : array_like, shape (S,)
        The figure as the other tables give it.

    Returns
    -------
    numpy.ndarray, shape (S, T)
        In the unit of ``values``.
    """
    base = np.atleast_1d(np.asarray(values, dtype=np.float64))
    return np.asarray(base[:, None] * trajectory_factors(study, column, *places))


def places_of(study: Study, sites: Sequence[object], kinds: Sequence[object]) -> list[list[object]]:
    """Return the places of plants, from the widest to the most exact: country, state, site, ``site/plant type``.

    Parameters
    ----------
    study : Study
        With its sites.
    sites, kinds : sequence of object, each of length Q
        Where each plant stands, and what it is.
    """
    at = study.sites.drop_duplicates("site").set_index("site").reindex(list(sites))
    here = [f"{site}/{kind}" for site, kind in zip(sites, kinds, strict=True)]
    return [at["country"].tolist(), at["region"].tolist(), list(sites), here]


def limits_by_period(study: Study, column: str, values: ArrayLike, *places: Sequence[object]) -> NDArray[np.float64]:
    """Return capacities by period, infinite without a limit, zero where nothing of it is available. shape (S, T)

    Parameters
    ----------
    study, column, *places
        As for :func:`trajectory_factors`.
    values : array_like, shape (S,)
        NaN or infinite where there is no limit.
    """
    part = trajectory_factors(study, column, *places)
    base = np.nan_to_num(np.atleast_1d(np.asarray(values, dtype=np.float64)), nan=np.inf, posinf=np.inf)
    with np.errstate(invalid="ignore"):
        return np.where(part > 0.0, base[:, None] * part, 0.0)
