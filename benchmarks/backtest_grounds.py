"""Grounds of the back-test: candidates and plants with their signals, and who is compared with whom."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

import evsiting as ev
from benchmarks import backtest_rules as rules
from benchmarks.backtest_stats import Bools, Floats, weighted_percentiles
from evsiting import reference
from evsiting.layers.geo.geodesic import EARTH_RADIUS_KM, great_circle_km, unit_vectors

#: Columns of a table of plants; those in brackets may be missing.
NEEDED = ("id", "name", "country", "iso", "lat", "lon", "type", "status_class")
OPTIONAL = ("announced_year", "announced_year_unsourced", "investment_busd", "cim_capex_busd_2023", "county_fips")


@dataclass(frozen=True)
class Ground:
    """Candidates, plants among them, and the signals of both.

    Parameters
    ----------
    candidates, plants : geopandas.GeoDataFrame
        ``country``, ``state`` and columns of scores.
    x, x_plants : numpy.ndarray, shape (C, S) and (P, S)
        Signals, standardised by country.
    """

    candidates: gpd.GeoDataFrame
    plants: gpd.GeoDataFrame
    x: Floats
    x_plants: Floats

    @property
    def weight(self) -> Floats:
        """Weight of each candidate: states weigh the same."""
        return state_weights(self.candidates["state"])

    def alike(self, column: str, least: int = 1) -> Bools:
        """Which candidates (columns) share a country or state with each plant (rows), if there are enough."""
        mine, others = (f[column].to_numpy(dtype=object) for f in (self.plants, self.candidates))
        same = mine[:, None] == others[None, :]
        return np.asarray(same & (same.sum(axis=1) >= least)[:, None])

    def ranks(self, plants: Floats, candidates: Floats) -> dict[str, Floats]:
        """Return the percentile of each plant in its country, states or candidates weighing the same, and its state."""
        country = self.alike("country")
        even = np.ones(len(candidates))
        return {
            "country": weighted_percentiles(plants, candidates, self.weight, country),
            "country, by candidate": weighted_percentiles(plants, candidates, even, country),
            "state": weighted_percentiles(plants, candidates, even, self.alike("state", rules.LEAST_IN_STATE)),
        }

    def of(self, column: str, sign: float = 1.0) -> dict[str, Floats]:
        """Return percentiles by one column alone; where it is missing all are alike."""
        mine, others = (sign * f[column].fillna(0.0).to_numpy(np.float64) for f in (self.plants, self.candidates))
        return self.ranks(mine, others)


def read_plants(path: str | Path | None = None) -> gpd.GeoDataFrame:
    """Return the plants that are hidden: those of the reference data, or those of a file of the same columns."""
    if path is None:
        table: pd.DataFrame = reference.plants()
    else:
        text = {"id": str, "county_fips": str}
        table = pd.read_csv(path, dtype=text)
    missing = [c for c in NEEDED if c not in table]
    if missing:
        message = f"{path}: a table of plants needs the columns {', '.join(NEEDED)}; missing: {', '.join(missing)}"
        raise SystemExit(message)
    if table["status_class"].isin(rules.APART).all():
        message = f"{path}: every plant is {' or '.join(rules.APART)}: there is none to test on"
        raise SystemExit(message)
    table = table.assign(**{c: np.nan for c in OPTIONAL if c not in table}).sort_values("id").reset_index(drop=True)
    plants = gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs="EPSG:4326")
    return plants.assign(site="plant-" + plants["id"], region=plants["iso"], conversion=conversions(plants))


def conversions(plants: gpd.GeoDataFrame) -> pd.Series[bool]:
    """Return which plants make vehicles where a plant of light vehicles stood: as the table says, else by distance."""
    stood = reference.standing_vehicle_plants().query("kind == 'assembly'")
    stood = stood[~(stood["closed_year"].astype("float64") <= 2016)]
    at = plants[["lon", "lat"]].to_numpy(np.float64)
    km = great_circle_km(at[:, :1], at[:, 1:], stood["lon"].to_numpy(), stood["lat"].to_numpy())
    near = pd.Series(km.min(axis=1) <= rules.CONVERSION_KM, index=plants.index)
    made = near & plants["type"].str.contains("assembly")
    told = plants["conversion"] if "conversion" in plants else pd.Series(np.nan, index=plants.index)
    return made.where(told.isna(), told == 1).astype(bool)


def with_columns(places: gpd.GeoDataFrame, year: int = rules.YEAR) -> gpd.GeoDataFrame:
    """Return places with the signals of a year and the facts that a planner scores by."""
    made = ev.industry_signals(places, year=year, plants_km=rules.PLANTS_KM, parts_km=rules.PARTS_KM)
    if year == rules.YEAR:
        made = ev.site_facts(made)
        rate = made["unemployment_rate"]
        made["unemployment_rate"] = rate.fillna(rate.groupby(made["country"]).transform("mean"))
    return made


def ground(candidates: gpd.GeoDataFrame, plants: gpd.GeoDataFrame, *, moved: bool) -> Ground:
    """Return candidates and plants, moved to their nearest candidate or at their own points."""
    places = candidates.assign(state=candidates["region"])
    if moved:
        here = places.iloc[nearest_row(plants, places)].reset_index(drop=True)
        kept = [c for c in plants.columns if c not in here.columns]
        here = gpd.GeoDataFrame(pd.concat([here, plants[kept].reset_index(drop=True)], axis=1), crs=places.crs)
        here["site"] = plants["site"].to_numpy()
    else:
        here = with_columns(plants).assign(state=plants["region"])
    both = pd.concat([places, here], ignore_index=True)
    weights = ev.theme_weights(rules.CRITERIA)
    score = ev.suitability(both, rules.CRITERIA, weights=weights, scale=rules.SCALE).scores.to_numpy(np.float64)  # type: ignore[arg-type]
    places, here = places.assign(planner=score[: len(places)]), here.assign(planner=score[len(places) :])
    names = [s.column for s in rules.SIGNALS]
    x, x_plants = standardised(places, here, names)
    return Ground(places, here, x, x_plants)


def nearest_row(plants: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> np.ndarray:
    """Return the position of the nearest place of each plant's own country."""
    at = np.zeros(len(plants), dtype=np.int64)
    for code in plants["country"].unique():
        mine = np.flatnonzero(plants["country"] == code)
        rows = np.flatnonzero(places["country"] == code)
        tree = cKDTree(_unit(places.iloc[rows]))
        at[mine] = rows[tree.query(_unit(plants.iloc[mine]))[1]]
    return at


def nearest_km(plants: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> Floats:
    """Return the distance of each plant to the nearest of some places, in any country. [km]"""
    chord = cKDTree(_unit(places)).query(_unit(plants))[0]
    return np.asarray(2.0 * EARTH_RADIUS_KM * np.arcsin(0.5 * chord))


def _unit(places: gpd.GeoDataFrame) -> Floats:
    return unit_vectors(places.geometry.x.to_numpy(np.float64), places.geometry.y.to_numpy(np.float64))


def state_weights(state: pd.Series) -> Floats:
    """Return weights in which every state has the same: one over its number of candidates."""
    return np.asarray(1.0 / state.map(state.value_counts()), dtype=np.float64)


def standardised(candidates: pd.DataFrame, plants: pd.DataFrame, names: list[str]) -> tuple[Floats, Floats]:
    """Return signals with mean 0 and deviation 1 over the candidates of each country, states weighing the same."""
    by_column = {s.column: s for s in (*rules.SIGNALS, rules.COUNTY_PEOPLE)}
    raw = [
        np.column_stack([transformed(frame[name], by_column[name]) for name in names]) for frame in (candidates, plants)
    ]
    made = [np.zeros_like(r) for r in raw]
    weight = state_weights(candidates["state"])
    for code in candidates["country"].unique():
        here = (candidates["country"] == code).to_numpy()
        w = weight[here, None] / weight[here].sum()
        mean = (w * raw[0][here]).sum(axis=0)
        deviation = np.sqrt((w * (raw[0][here] - mean) ** 2).sum(axis=0))
        tells = deviation > 1e-9
        for part, frame, values in zip(made, (candidates, plants), raw, strict=True):
            mine = (frame["country"] == code).to_numpy()
            part[mine] = np.where(tells, (values[mine] - mean) / np.where(tells, deviation, 1.0), 0.0)
    return made[0], made[1]


def transformed(column: pd.Series, signal: rules.Signal) -> Floats:
    """Return a signal as it enters the fit; missing where it is not known of a country counts as nothing there."""
    value = column.fillna(0.0).to_numpy(np.float64)
    return np.asarray(signal.sign * (np.log1p(value / signal.scale) if signal.scale else value))
