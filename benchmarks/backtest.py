"""Back-test of the site layers: hide the plants that were built, score every place, see where the real ones rank.

Run ``python -m benchmarks.backtest``; figures go to ``benchmarks/results/backtest.json``, the page to
``docs/backtest.md``, the picture to ``docs/images/backtest.png``. The rules stand in ``backtest_rules.py``.

``--plants FILE`` hides the plants of another table (columns as those of ``evsiting.reference.plants``; ``id``,
``name``, ``country``, ``iso``, ``lat``, ``lon``, ``type`` and ``status_class`` are needed; ``conversion``, 1 or 0, may
say which stand where vehicles were made) and prints; page and picture stay.
``--counties FILE`` compares with the counties of the United States as well: a CSV with ``id`` (FIPS), ``iso``,
``population``, ``lat``, ``lon``; where left out, ``data/counties.csv`` of the folder ``EVSITING_SHARED`` (or ``shared``
beside the checkout), if there is one. ``--out FILE`` writes the figures there. ``BENCH_QUICK=1`` is ``--quick``.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

import evsiting as ev
from benchmarks import backtest_rules as rules
from benchmarks.backtest_fit import Percentiles, by_time, from_history, states_left_out
from benchmarks.backtest_grounds import Ground, ground, nearest_km, nearest_row, read_plants, standardised, with_columns
from benchmarks.backtest_stats import Bools, Floats, cluster_interval, random_range, wilson
from evsiting import reference
from evsiting.shipped import CITIES, SPACING_KM, places

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "backtest.json"
PAGE = ROOT / "docs" / "backtest.md"
PICTURE = ROOT / "docs" / "images" / "backtest.png"

Record = dict[str, Any]


def groups(plants: pd.DataFrame) -> dict[str, Bools]:
    """Return the plants of each group, canceled and retired ones apart."""
    apart = plants["status_class"].isin(rules.APART)
    kind = {name: plants["type"].str.contains(code) for name, code in rules.KINDS.items()}
    greenfield = ~plants["conversion"]
    money = plants[["investment_busd", "cim_capex_busd_2023"]].apply(pd.to_numeric).max(axis=1)
    found = {
        "sited": ~apart,
        "conversions": ~apart & plants["conversion"],
        "greenfield": ~apart & greenfield,
        "greenfield assembly": ~apart & greenfield & kind["assembly"],
        "greenfield cells": ~apart & greenfield & kind["cells"],
    }
    found |= {name: ~apart & mask for name, mask in kind.items()}
    found |= {"large": ~apart & (money >= rules.LARGE_BUSD)}
    found |= {f"in {c}": ~apart & (plants["country"] == c) for c in ("US", "CA", "MX")}
    found |= {status: plants["status_class"].isin(classes) for status, classes in rules.STATUS.items()}
    return {name: mask.to_numpy(bool) for name, mask in found.items()}


def summary(share: Floats, clusters: np.ndarray, draws: int) -> Record:
    """Return what is told of the percentiles of some plants."""
    known = np.isfinite(share)
    share, clusters = share[known], clusters[known]
    told: Record = {"plants": len(share)}
    if len(share) < rules.LEAST:
        return told
    low, high = cluster_interval(share, clusters, draws, rules.SEED)
    hits = int((share >= 1.0 - rules.TOP).sum())
    rate, rate_low, rate_high = wilson(hits, len(share))
    told |= {"auc": share.mean(), "auc_low": low, "auc_high": high, "median_percentile": float(np.median(share))}
    return told | {"top_hits": hits, "top_rate": rate, "top_low": rate_low, "top_high": rate_high}


def gain(mine: Floats, other: Floats, clusters: np.ndarray, draws: int) -> Record:
    """Return by how much one score beats another, plant by plant."""
    known = np.isfinite(mine) & np.isfinite(other)
    gap = (mine - other)[known]
    if len(gap) < rules.LEAST:
        return {"plants": len(gap)}
    low, high = cluster_interval(gap, clusters[known], draws, rules.SEED)
    return {"plants": len(gap), "gain": gap.mean(), "low": low, "high": high}


def scores(here: Ground, teach: Bools, year: Floats) -> tuple[dict[str, Percentiles], Record]:
    """Return the percentiles of every plant by score, and what is told of the fits."""
    companies, betas = states_left_out(here, teach)
    history, opened, before = from_history(here)
    made = {
        rules.COMPANIES: companies,
        rules.PLANNER: here.of("planner"),
        rules.DISTANCE: here.of("vehicle_plant_km", -1.0),
        rules.PEOPLE: here.of("people_near"),
        "standing plants within 300 km alone": here.of("vehicle_plants_near"),
        "parts jobs within 150 km alone": here.of("parts_share_near"),
        "right-to-work alone": here.of("right_to_work"),
        "distance to buyers alone": here.of("market_km", -1.0),
        f"where companies go, fitted up to {rules.SPLIT_YEAR}": by_time(here, teach, year),
        "where companies go, fitted to history": history,
    }
    beta = np.array(list(betas.values()))
    told = {
        s.name: {"mean": beta[:, k].mean(), "low": beta[:, k].min(), "high": beta[:, k].max()}
        for k, s in enumerate(rules.SIGNALS)
    }
    past = dict(zip([s.name for s in rules.SIGNALS if s.history], before, strict=True))
    return made, {"coefficients": told, "history": {"plants": opened, "coefficients": past}}


def compared(ranks: dict[str, Percentiles], plants: pd.DataFrame, state: pd.Series, draws: int) -> Record:
    """Return summaries by score, group and view, and the paired gains."""
    clusters = state.to_numpy(dtype=object)
    masks = groups(plants)
    told = {
        name: {g: {v: summary(s[m], clusters[m], draws) for v, s in views.items()} for g, m in masks.items()}
        for name, views in ranks.items()
    }
    pairs = [(a, b) for a in (rules.COMPANIES, rules.PLANNER) for b in (rules.PEOPLE, rules.DISTANCE)]
    gains = {
        f"{a} over {b}": {
            g: gain(ranks[a]["country"][masks[g]], ranks[b]["country"][masks[g]], clusters[masks[g]], draws)
            for g in ("sited", "conversions", "greenfield", "assembly", "cells", "large")
        }
        for a, b in pairs
    }
    return {"scores": told, "gains": gains}


def counties(path: str, plants: gpd.GeoDataFrame, draws: int) -> Record:
    """Return the back-test among the counties of the United States."""
    table = pd.read_csv(path, dtype={"id": str})
    table = table[table["population"] > 0].reset_index(drop=True)
    frame = table.assign(site=table["id"], country="US", region=table["iso"], people=table["population"])
    points = gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs="EPSG:4326")
    columns = ["site", "name", "country", "region", "people", "geometry"]
    places_ = with_columns(points[columns]).assign(state=points["region"])
    mine = plants[plants["country"] == "US"].reset_index(drop=True)
    at = mine["county_fips"].map(pd.Series(places_.index, index=places_["site"]))
    at = at.fillna(pd.Series(nearest_row(mine, places_))).astype(int)
    there = places_.iloc[at].reset_index(drop=True)
    kept = [c for c in mine.columns if c not in there.columns]
    there = gpd.GeoDataFrame(pd.concat([there, mine[kept]], axis=1), crs=places_.crs)
    x, x_plants = standardised(places_, there, [s.column for s in (*rules.SIGNALS, rules.COUNTY_PEOPLE)])
    here = Ground(places_, there, x, x_plants)
    masks = groups(there)
    masks["large greenfield"] = masks["large"] & masks["greenfield"]
    companies, _ = states_left_out(here, masks["sited"])
    ranks = {
        rules.COMPANIES: companies,
        rules.DISTANCE: here.of("vehicle_plant_km", -1.0),
        rules.PEOPLE: here.of("people"),
    }
    clusters = there["state"].to_numpy(dtype=object)
    shown = ("sited", "conversions", "greenfield", "assembly", "cells", "large", "large greenfield")
    told: Record = {"counties": len(places_), "scores": {}, "gains": {}}
    for name, views in ranks.items():
        told["scores"][name] = {g: summary(views["country"][masks[g]], clusters[masks[g]], draws) for g in shown}
    for a, b in ((rules.COMPANIES, rules.PEOPLE), (rules.DISTANCE, rules.PEOPLE), (rules.COMPANIES, rules.DISTANCE)):
        told["gains"][f"{a} over {b}"] = {
            g: gain(ranks[a]["country"][masks[g]], ranks[b]["country"][masks[g]], clusters[masks[g]], draws)
            for g in shown
        }
    return told


def reach(plants: gpd.GeoDataFrame, sited: Bools, chances: int) -> Record:
    """Return how many plants have a candidate of the shipped study within reach, and how many by chance."""
    mine = plants[sited]
    everywhere = ev.candidates()
    rng = np.random.default_rng(rules.SEED)
    chosen = places.candidate_cities(CITIES)
    by_chance = [
        float((nearest_km(mine, everywhere.iloc[rng.choice(len(everywhere), len(chosen), replace=False)])
               <= rules.REACH_KM).mean())
        for _ in range(chances)
    ]  # fmt: skip
    low, high = np.quantile(by_chance, [0.025, 0.975])
    hits = int((nearest_km(mine, chosen) <= rules.REACH_KM).sum())
    stood = reference.standing_vehicle_plants().query("kind == 'assembly'")
    by_state = places.regional_centres(len(chosen), SPACING_KM)
    rate, rate_low, rate_high = wilson(hits, len(mine))
    return {
        "plants": len(mine),
        "candidates": len(chosen),
        "hits": hits,
        "rate": rate,
        "low": rate_low,
        "high": rate_high,
        "standing_plants": len(stood),
        "standing": float((nearest_km(stood, chosen) <= rules.REACH_KM).mean()),
        "by_state": float((nearest_km(mine, by_state) <= rules.REACH_KM).mean()),
        "any_candidate": float((nearest_km(mine, everywhere) <= rules.REACH_KM).mean()),
        "by_chance": float(np.mean(by_chance)),
        "by_chance_low": float(low),
        "by_chance_high": float(high),
    }


def run(plants: gpd.GeoDataFrame, *, county_file: str | None, draws: int, chances: int) -> Record:
    """Return every figure of the back-test."""
    began = time.perf_counter()
    candidates = with_columns(ev.candidates())
    year = plants["announced_year"].astype("Float64").fillna(plants["announced_year_unsourced"].astype("Float64"))
    years = year.astype("float64").to_numpy(na_value=np.nan)
    masks = groups(plants)
    found: Record = {"version": 2, "candidates": len(candidates), "plants": len(plants)}
    for title, moved in (("moved", True), ("own point", False)):
        here = ground(candidates, plants, moved=moved)
        ranks, fits = scores(here, masks["sited"], years)
        found[title] = compared(ranks, plants, here.plants["state"], draws) | {"fit": fits}
        if moved:
            found["rows"] = rows(here, ranks)
    if county_file:
        found["counties"] = counties(county_file, plants, draws)
    found["reach"] = reach(plants, masks["sited"], chances)
    found["by_chance"] = {str(n): random_range(n, draws, rules.SEED) for n in (5, 10, 20, int(masks["sited"].sum()))}
    found = plain(found)
    found["seconds"] = round(time.perf_counter() - began, 1)
    return found


def rows(here: Ground, ranks: dict[str, Percentiles]) -> list[Record]:
    """Return a line for each plant."""
    keys = ["id", "name", "country", "iso", "state", "type", "status_class", "conversion", "vehicle_plant_km"]
    told = here.plants[keys].to_dict("records")
    shown = (rules.COMPANIES, rules.PLANNER, rules.DISTANCE, rules.PEOPLE)
    return [
        {str(c): v for c, v in row.items()} | {name: float(ranks[name]["country"][k]) for name in shown}
        for k, row in enumerate(told)
    ]


def plain(value: Any) -> Any:
    """Return numbers that JSON can hold, rounded to what they are known to; missing as None."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, float | np.floating):
        return round(float(value), 4) if np.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value


def report(found: Record) -> str:
    """Return the measures in a few lines."""
    lines = []
    for title in ("moved", "own point"):
        for name in (rules.COMPANIES, rules.DISTANCE, rules.PEOPLE, rules.PLANNER):
            for group in ("sited", "conversions", "greenfield", "assembly", "cells"):
                one = found[title]["scores"][name][group]["country"]
                if "auc" in one:
                    span = ("n/a" if one[k] is None else f"{one[k]:.2f}" for k in ("auc_low", "auc_high"))
                    top = f"best tenth {one['top_rate']:.0%}"
                    lines.append(f"{title:10s} {name:34s} {group:12s} {one['auc']:.2f} ({' to '.join(span)})  {top}")
    for pair, by_group in found.get("counties", {}).get("gains", {}).items():
        for group in ("sited", "large"):
            if "gain" in (one := by_group[group]):
                lines.append(
                    f"counties   {pair}, {group}: {one['gain']:+.3f} ({one['low']:+.3f} to {one['high']:+.3f})"
                )
    one = found["reach"]
    lines.append(
        f"reach      {one['hits']} of {one['plants']} plants ({one['rate']:.0%}) have one of {one['candidates']} "
        f"candidates within {rules.REACH_KM:g} km; by chance {one['by_chance']:.0%}"
    )
    return "\n".join([*lines, f"{found['seconds']} s"])


def main(arguments: list[str] | None = None) -> Record:
    """Run the back-test, print what it found; write figures, page and picture where the plants are the shipped ones."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plants", help="CSV of other plants to hide")
    parser.add_argument("--counties", help="CSV of the counties of the United States")
    parser.add_argument("--out", help="JSON file for the figures")
    parser.add_argument("--quick", action="store_true", help="few draws, and nothing is written but --out")
    given = parser.parse_args(arguments)
    quick = given.quick or bool(os.environ.get("BENCH_QUICK"))
    draws, chances = (200, 20) if quick else (rules.DRAWS, rules.CHANCES)
    beside = Path(os.environ.get("EVSITING_SHARED", ROOT.parent / "shared")) / "data" / "counties.csv"
    county_file = given.counties or (str(beside) if beside.is_file() else None)
    found = run(read_plants(given.plants), county_file=county_file, draws=draws, chances=chances)
    print(report(found))
    if given.out:
        Path(given.out).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if not (quick or given.plants):
        write(found)
    return found


def write(found: Record) -> None:
    """Write JSON, page and picture."""
    from benchmarks.backtest_page import page, picture

    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(found), encoding="utf-8")
    picture(found, PICTURE)


if __name__ == "__main__":
    main()
