"""Back-test of the site layers: hide the plants that were built, score every place, see where the real ones rank.

Run ``python -m benchmarks.backtest``; figures go to ``benchmarks/results/backtest.json``, the page to
``docs/backtest.md``, the picture to ``docs/images/backtest.png``. What is fixed beforehand stands in
``backtest_prior.py``. With ``BENCH_QUICK=1`` fewer draws, and nothing is written.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

import evsiting as ev
from benchmarks import backtest_prior as prior
from benchmarks.backtest_stats import Floats, cluster_interval, delong, logistic, percentiles, random_range, wilson
from evsiting import reference
from evsiting.layers.geo.geodesic import great_circle_km

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "backtest.json"
PAGE = ROOT / "docs" / "backtest.md"
PICTURE = ROOT / "docs" / "images" / "backtest.png"

Record = dict[str, Any]


@dataclass(frozen=True)
class Field:
    """Candidates and plants with their layers, one table, and which of them may be compared.

    Parameters
    ----------
    places : geopandas.GeoDataFrame
        Candidates first, then plants; ``plant`` tells them apart.
    """

    places: gpd.GeoDataFrame

    @property
    def hidden(self) -> np.ndarray:
        """Which rows are plants."""
        return self.places["plant"].to_numpy(bool)

    def alike(self, column: str, least: int = 1) -> np.ndarray:
        """Which candidates (columns) share a country or region with each plant (rows), if there are enough."""
        values = self.places[column].to_numpy(dtype=object)
        same = values[self.hidden][:, None] == values[~self.hidden][None, :]
        return same & (same.sum(axis=1) >= least)[:, None]

    def split(self, score: pd.Series) -> tuple[Floats, Floats]:
        """Scores of the plants and of the candidates."""
        values = score.to_numpy(np.float64)
        return values[self.hidden], values[~self.hidden]


def field(candidates: gpd.GeoDataFrame) -> Field:
    """Insert every plant as a point of its own, and compute its layers as those of any candidate."""
    plants = reference.plants().sort_values("id")
    points = plants[["name", "country", "iso", "geometry"]].rename(columns={"iso": "region"})
    points["site"] = "plant-" + plants["id"]
    both = pd.concat([candidates.assign(plant=False), points.assign(plant=True)], ignore_index=True)
    made = ev.site_facts(gpd.GeoDataFrame(both, crs=candidates.crs))
    rate = made["unemployment_rate"]
    made["unemployment_rate"] = rate.fillna(rate.groupby(made["country"]).transform("mean"))
    return Field(made)


def snapped(ground: Field) -> Field:
    """Return the field with each plant moved to its nearest candidate: it has the layers of that city."""
    places, flat = ground.places, ground.places.to_crs("ESRI:102009")
    cities = places[~ground.hidden]
    at, hit = flat[~ground.hidden].sindex.nearest(flat.geometry[ground.hidden], return_all=False)
    layers = [*(c.column for c in prior.CRITERIA), "payroll_burden", "country", "region"]
    made = places.copy()
    made.loc[places.index[ground.hidden][at], layers] = cities[layers].to_numpy(dtype=object)[hit]
    numbers = [c for c in layers if c not in ("country", "region")]
    made[numbers] = made[numbers].astype("float64")
    return Field(made)


def unit_cost(places: pd.DataFrame, kind: str) -> pd.Series:
    """Return labor, electricity and outbound freight of one vehicle, or of one kWh of cells, at each place. [USD]."""
    get = {k: reference.parameter(k).value for k in UNIT_COST}
    loaded = places["wage_usd_per_h"] * (1.0 + places["payroll_burden"])
    power = places["power_price_usd_per_mwh"] / 1000.0
    if kind == "assembly":
        hours = get["plant.assembly.workers_per_1000_vehicles"] / 1e3 * get["labor.hours_per_fte_year"]
        per_km = get["freight.truck.cost_per_km"] / get["freight.finished_vehicle.truck_load"]
        return hours * loaded + get["plant.assembly.electricity"] * power + per_km * places["market_km"]
    hours = get["plant.cell.workers_per_gwh"] / 1e6 * get["labor.hours_per_fte_year"]
    per_km = get["product.pack_mass_per_kwh"] / 1e3 * get["freight.truck.cost_per_tkm"]
    return hours * loaded + get["plant.cell.energy"] * power + per_km * places["market_km"]


UNIT_COST = (
    "plant.assembly.workers_per_1000_vehicles",
    "plant.cell.workers_per_gwh",
    "labor.hours_per_fte_year",
    "plant.assembly.electricity",
    "plant.cell.energy",
    "freight.truck.cost_per_km",
    "freight.finished_vehicle.truck_load",
    "freight.truck.cost_per_tkm",
    "product.pack_mass_per_kwh",
)


def scores(ground: Field) -> tuple[dict[str, pd.Series], ev.Suitability]:
    """Return every score of every place, and the suitability from which random weights start."""
    places = ground.places
    full = ev.suitability(places, prior.CRITERIA, weights=ev.theme_weights(prior.CRITERIA), scale=prior.SCALE)
    some = [c for c in prior.CRITERIA if c.label in prior.GEOGRAPHY]
    equal = dict.fromkeys(prior.GEOGRAPHY, 1.0)
    made = {
        "all layers": full.scores,
        "geography only": ev.suitability(places, some, weights=equal, scale=prior.SCALE).scores,
        "unit cost, assembly": -unit_cost(places, "assembly"),
        "unit cost, cells": -unit_cost(places, "cells"),
        "population": places["people_near"],
    }
    distances = ev.suitability(places, prior.CRITERIA, weights=full.weights, method="topsis", scale=prior.SCALE)
    made["all layers, TOPSIS"] = distances.scores
    return made | {f"only {name}": column for name, column in full.values.items()}, full


def by_plant(ground: Field, made: dict[str, pd.Series]) -> dict[str, dict[str, Floats]]:
    """Return each plant's percentile by score: of all, of its country, of its state."""
    country, region = ground.alike("country"), ground.alike("region", prior.LEAST_IN_REGION)
    found = {}
    for name, score in made.items():
        mine, others = ground.split(score)
        found[name] = {
            "continent": percentiles(mine, others),
            "country": percentiles(mine, others, country),
            "state": percentiles(mine, others, region),
        }
    return found


def summary(share: Floats, clusters: np.ndarray, draws: int) -> Record:
    """Return what is told of the percentiles of some plants."""
    known = np.isfinite(share)
    share, clusters = share[known], clusters[known]
    told: Record = {"plants": len(share)}
    if len(share) < prior.LEAST:
        return told
    low, high = cluster_interval(share, clusters, draws, prior.SEED)
    hits = int((share >= 1.0 - prior.TOP).sum())
    rate, rate_low, rate_high = wilson(hits, len(share))
    told |= {"auc": share.mean(), "auc_low": low, "auc_high": high, "median_percentile": float(np.median(share))}
    return told | {"top_hits": hits, "top_rate": rate, "top_low": rate_low, "top_high": rate_high}


def groups(plants: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the plants of each group, canceled and retired ones apart."""
    apart = plants["status_class"].isin(prior.APART)
    found = {"sited": ~apart}
    found |= {kind: ~apart & plants["type"].str.contains(code) for kind, code in prior.KINDS.items()}
    found |= {f"in {c}": ~apart & (plants["country"] == c) for c in ("US", "CA", "MX")}
    found |= {status: plants["status_class"].isin(classes) for status, classes in prior.STATUS.items()}
    return {name: mask.to_numpy(bool) for name, mask in found.items()}


def compared(ground: Field, plants: pd.DataFrame, draws: int) -> tuple[Record, dict[str, dict[str, Floats]], Any]:
    """Return the summaries by score and group, percentiles of plants, and the full suitability."""
    made, full = scores(ground)
    ranks = by_plant(ground, made)
    vehicle = plants["type"].str.contains("assembly").to_numpy(bool)
    ranks["unit cost"] = {
        view: np.where(vehicle, ranks["unit cost, assembly"][view], ranks["unit cost, cells"][view]) for view in VIEWS
    }
    del ranks["unit cost, assembly"], ranks["unit cost, cells"]
    clusters = plants["iso"].to_numpy(dtype=object)
    told: Record = {}
    for name, views in ranks.items():
        told[name] = {
            group: {view: summary(share[mask], clusters[mask], draws) for view, share in views.items()}
            for group, mask in groups(plants).items()
        }
    return told, ranks, (made, full)


def against(ranks: dict[str, dict[str, Floats]], mask: np.ndarray, clusters: np.ndarray, draws: int) -> Record:
    """Return by how much scores beat the population baseline, plant by plant."""
    told: Record = {}
    for name in ("all layers", "geography only", "unit cost"):
        for view in ("continent", "country"):
            gap = (ranks[name][view] - ranks["population"][view])[mask]
            low, high = cluster_interval(gap, clusters[mask], draws, prior.SEED)
            told[f"{name}, {view}"] = {"gap": gap.mean(), "low": low, "high": high}
    return told


def any_weights(ground: Field, full: ev.Suitability, mask: np.ndarray, draws: int) -> Record:
    """Return the area under the curve over random weights."""
    names = list(full.values.columns)
    weights = ev.random_weights(names, draws, seed=prior.SEED)
    score = full.values.to_numpy(np.float64) @ weights.T
    country = ground.places["country"].to_numpy(dtype=object)
    mine = np.flatnonzero(ground.hidden)[mask]
    areas = {"continent": np.zeros(draws), "country": np.zeros(draws)}
    parts = [("continent", np.ones(len(country), dtype=bool))]
    parts += [("country", country == code) for code in np.unique(country.astype(str))]
    for view, here in parts:
        inside = mine[here[mine]]
        others = np.sort(score[here & ~ground.hidden], axis=0)
        for k in range(draws):
            low = np.searchsorted(others[:, k], score[inside, k], "left")
            high = np.searchsorted(others[:, k], score[inside, k], "right")
            areas[view][k] += (0.5 * (low + high) / len(others)).sum() / len(mine)
    told: Record = {}
    for view, area in areas.items():
        low, middle, high = np.quantile(area, [0.025, 0.5, 0.975])
        told[view] = {"low": low, "median": middle, "high": high, "above_half": float((area > 0.5).mean())}
        told[view] |= {"best": area.max()}
    return told


def prefiltered(ground: Field, made: dict[str, pd.Series], mask: np.ndarray, chances: int) -> Record:
    """Return how many plants have a candidate within reach that a prefilter keeps, by score and by chance."""
    cities = ground.places[~ground.hidden]
    mine = ground.places[ground.hidden][mask]
    x, y = mine.geometry.x.to_numpy(), mine.geometry.y.to_numpy()

    def reached(score: pd.Series) -> tuple[int, int]:
        rule = {"keep": prior.KEEP, "per": "region", "spacing_km": prior.SPACING_KM}
        kept = ev.prefilter(cities, score, **rule).kept.geometry  # type: ignore[arg-type]
        km = great_circle_km(x[:, None], y[:, None], kept.x.to_numpy(), kept.y.to_numpy()).min(axis=1)
        return int((km <= prior.REACH_KM).sum()), len(kept)

    rng = np.random.default_rng(prior.SEED)
    chance = [reached(pd.Series(rng.uniform(size=len(cities)), index=cities.index))[0] for _ in range(chances)]
    told: Record = {"plants": int(mask.sum()), "by_chance": float(np.mean(chance)), "chances": chances}
    told["by_chance_low"], told["by_chance_high"] = np.quantile(chance, [0.025, 0.975])
    for name in ("all layers", "geography only", "population"):
        told[name], told["kept"] = reached(made[name][cities.index])
    everywhere = great_circle_km(x[:, None], y[:, None], cities.geometry.x.to_numpy(), cities.geometry.y.to_numpy())
    nearest = everywhere.min(axis=1)
    told["any candidate"], told["any candidate within 10 km"] = (
        int((nearest <= km).sum()) for km in (prior.REACH_KM, 10)
    )
    return told


def learned(ground: Field, full: ev.Suitability, mask: np.ndarray, plants: pd.DataFrame, draws: int) -> Record:
    """Return how a regression fitted to other states, or other countries, ranks the plants held out."""
    values, hidden = full.values.to_numpy(np.float64), ground.hidden
    region = ground.places["region"].to_numpy(dtype=object)
    country = ground.places["country"].to_numpy(dtype=object)
    used = np.ones(len(values), dtype=bool)
    used[np.flatnonzero(hidden)[~mask]] = False
    names = np.unique(region.astype(str))
    mixed = np.random.default_rng(prior.SEED).permutation(names)
    fold_of = {name: k % prior.FOLDS for k, name in enumerate(mixed)}
    folds = {"states": np.array([fold_of[r] for r in region]), "countries": country}
    told: Record = {}
    for title, fold in folds.items():
        share = np.full(len(values), np.nan)
        for one in np.unique(fold):
            held = fold == one
            beta = logistic(values[used & ~held], hidden[used & ~held], prior.RIDGE)
            score = beta[0] + values @ beta[1:]
            inside, outside = held & hidden & used, held & ~hidden
            share[inside] = percentiles(score[inside], score[outside])
        told[f"other {title}"] = summary(share[hidden][mask], plants["iso"].to_numpy(dtype=object)[mask], draws)
    beta = logistic(values[used], hidden[used], prior.RIDGE)
    told["coefficients"] = dict(zip(full.values.columns, beta[1:], strict=True))
    fitted = percentiles((values @ beta[1:])[hidden][mask], (values @ beta[1:])[~hidden])
    return told | {"fitted_to_all": {"auc": fitted.mean()}}


def main() -> Record:
    """Run the back-test, print what it found, write JSON, page and picture."""
    began = time.perf_counter()
    quick = bool(os.environ.get("BENCH_QUICK"))
    draws = 100 if quick else 10 * prior.DRAWS
    plants = reference.plants().sort_values("id").reset_index(drop=True)
    grounds = {"cities": field(ev.candidates())}
    near = ev.site_facts(ev.candidates("grid", cell_km=prior.GRID_KM))
    grounds["grid"] = field(near.loc[near["people_near"] > 0.0, ["site", "name", "country", "region", "geometry"]])
    found: Record = {"version": 1, "candidates": {k: int((~g.hidden).sum()) for k, g in grounds.items()}}
    clusters = plants["iso"].to_numpy(dtype=object)
    mask = groups(plants)["sited"]
    grounds["snapped"] = snapped(grounds["cities"])
    for title, ground in grounds.items():
        told, ranks, (made, full) = compared(ground, plants, draws)
        found[title] = {"scores": told, "against_population": against(ranks, mask, clusters, draws)}
        mine, others = ground.split(made["all layers"])
        found[title]["delong"] = delong(mine[mask], others)
        weighed = any_weights(ground, full, mask, 50 if quick else prior.DRAWS)
        found[title] |= {"any_weights": weighed, "learned": learned(ground, full, mask, plants, draws)}
        if title == "cities":
            found["weights"] = full.weights.to_dict()
            found["prefilter"] = prefiltered(ground, made, mask, 3 if quick else 100)
            best = ev.smaa(full, draws=50 if quick else prior.DRAWS, seed=prior.SEED)
            found["plants"] = plant_rows(plants, ranks, best.table.loc[ground.hidden, "top"].to_numpy(np.float64))
    found["with_subsidy"] = int(plants["subsidy_musd"].notna().sum())
    found["by_chance"] = {n: random_range(n, draws, prior.SEED) for n in (5, 10, 20, int(mask.sum()))}
    found = plain(found)
    found["seconds"] = round(time.perf_counter() - began, 1)
    for name in ("all layers", "geography only", "unit cost", "population"):
        one = found["cities"]["scores"][name]["sited"]
        told = (f"{view}: {v['auc']:.3f} ({v['auc_low']:.3f} to {v['auc_high']:.3f})" for view, v in one.items())
        print(f"{name:16s}", *told)
    print(f"{found['seconds']} s")
    if not quick:
        write(found)
    return found


def plant_rows(plants: pd.DataFrame, ranks: dict[str, dict[str, Floats]], top: Floats) -> list[Record]:
    """Return a line for each plant."""
    keys = ["id", "name", "country", "iso", "type", "status_class"]
    rows: list[Record] = []
    for k, row in enumerate(plants[keys].to_dict("records")):
        told = {f"{name}, {view}": float(ranks[name][view][k]) for name in SHOWN for view in VIEWS}
        rows.append({str(c): v for c, v in row.items()} | told | {"among_best_tenth": float(top[k])})
    return rows


VIEWS = ("continent", "country", "state")
SHOWN = ("all layers", "geography only", "unit cost", "population")


def plain(value: Any) -> Any:
    """Return numbers that JSON can hold, rounded to what they are known to; missing as None."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, float | np.floating):
        return round(float(value), 4) if np.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value


def write(found: Record) -> None:
    """Write JSON, page and picture."""
    from benchmarks.backtest_page import page, picture

    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(found), encoding="utf-8")
    picture(found, PICTURE)


if __name__ == "__main__":
    if {"-h", "--help"} & set(sys.argv[1:]):
        print(__doc__)
        sys.exit()
    main()
