"""Fits of "where companies go": states left out, a split by time, history alone."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from benchmarks import backtest_rules as rules
from benchmarks.backtest_grounds import Ground, nearest_row, standardised, state_weights, with_columns
from benchmarks.backtest_stats import Bools, Floats, logistic
from evsiting import reference

Percentiles = dict[str, Floats]


def states_left_out(ground: Ground, teach: Bools) -> tuple[Percentiles, dict[str, Floats]]:
    """Return percentiles of plants by fits that saw no plant or candidate of their state, and the coefficients.

    Parameters
    ----------
    ground : Ground
        Candidates and plants.
    teach : numpy.ndarray of bool, shape (P,)
        Which plants teach; the others are scored only.
    """
    state = ground.plants["state"].to_numpy(dtype=object)
    seen = ground.candidates["state"].to_numpy(dtype=object)
    made: Percentiles = {}
    betas: dict[str, Floats] = {}
    for one in np.unique(state.astype(str)):
        held = state == one
        beta = fitted(ground, teach & ~held, seen != one)
        betas[one] = beta
        for view, share in ground.ranks(ground.x_plants @ beta, ground.x @ beta).items():
            made.setdefault(view, np.full(len(state), np.nan))[held] = share[held]
    return made, betas


def by_time(ground: Ground, teach: Bools, year: Floats) -> Percentiles:
    """Return percentiles of the later plants by a fit to the earlier ones; missing for all others."""
    early = teach & (year <= rules.SPLIT_YEAR)
    beta = fitted(ground, early, np.ones(len(ground.candidates), dtype=bool))
    late = year > rules.SPLIT_YEAR
    ranks = ground.ranks(ground.x_plants @ beta, ground.x @ beta)
    return {view: np.where(late, share, np.nan) for view, share in ranks.items()}


def from_history(ground: Ground) -> tuple[Percentiles, int, Floats]:
    """Return percentiles by a fit to plants that opened before 2017, the number of these, and the coefficients.

    The signals of the fit are those of :data:`rules.HISTORY_YEAR`; no plant of the test is in it.
    """
    names = [s.column for s in rules.SIGNALS if s.history]
    columns = [k for k, s in enumerate(rules.SIGNALS) if s.history]
    before = with_columns(ground.candidates[["site", "name", "country", "region", "geometry"]], rules.HISTORY_YEAR)
    before["state"] = before["region"]
    stood = reference.standing_vehicle_plants()
    first, last = rules.HISTORY_FIRST, rules.HISTORY_LAST
    opened = gpd.GeoDataFrame(stood[stood["opened_year"].between(first, last) & (stood["kind"] == "assembly")])
    there = before.iloc[nearest_row(opened, before)].reset_index(drop=True)
    x, x_opened = standardised(before, there, names)
    beta = fit(x, state_weights(before["state"]), before["country"], x_opened, there["country"])
    ranks = ground.ranks(ground.x_plants[:, columns] @ beta, ground.x[:, columns] @ beta)
    return ranks, len(opened), beta


def fitted(ground: Ground, teach: Bools, seen: Bools) -> Floats:
    """Return the coefficients of a fit to some plants against some candidates."""
    places, plants = ground.candidates[seen], ground.plants[teach]
    weight = state_weights(places["state"])
    return fit(ground.x[seen], weight, places["country"], ground.x_plants[teach], plants["country"])


def fit(x: Floats, weight: Floats, country: pd.Series, x_plants: Floats, plants_country: pd.Series) -> Floats:
    """Return coefficients: candidates of a country weigh together as much as its plants."""
    code, mine = country.to_numpy(dtype=object), plants_country.to_numpy(dtype=object)
    share = weight.copy()
    for one in np.unique(code.astype(str)):
        here = code == one
        share[here] *= float((mine == one).sum()) / share[here].sum()
    values = np.vstack([x_plants, x])
    labels = np.r_[np.ones(len(x_plants), dtype=bool), np.zeros(len(x), dtype=bool)]
    return logistic(values, labels, np.r_[np.ones(len(x_plants)), share], rules.RIDGE)[1:]
