"""Studies in which some sites stand several times, alike but for their code and, where wanted, their lanes."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from evsiting.optimize.aggregation.groups import named_places
from evsiting.study.study import Study


def copyable(study: Study) -> list[str]:
    """Return the candidate sites that a study does not tell apart from others by name."""
    sites = study.sites
    free = (sites["role"] == "candidate") & ~sites["site"].astype(str).isin(named_places(study))
    return sites.loc[free, "site"].astype(str).tolist()


def with_copied_sites(study: Study, copies: dict[str, int], *, apart: float = 0.0, seed: int = 0) -> Study:
    """Return a study in which each of some sites stands so many times more.

    Parameters
    ----------
    study : Study
        Complete, with lanes.
    copies : dict of str to int
        How many more of each site.
    apart : float
        By what part figures of the copies' lanes differ at most, up or down.
    seed : int
        Of the differences.
    """
    dice, tables = np.random.default_rng(seed), study.tables
    for name in ("sites", "incentives"):
        if name in tables:
            frame = tables[name]
            more = [
                frame[frame["site"].astype(str) == site].assign(site=f"{site}-copy{k}")
                for site, count in copies.items()
                for k in range(count)
            ]
            tables[name] = pd.concat([frame, *more], ignore_index=True)
    tables["sites"] = gpd.GeoDataFrame(tables["sites"], crs=study.sites.crs)
    lanes = tables["lanes"]
    for site, count in copies.items():
        out, into = (lanes[c].astype(str) == site for c in ("origin", "destination"))
        parts = [lanes]
        for k in range(count):
            code = f"{site}-copy{k}"
            mine = lanes[out | into]
            parts.append(
                mine.assign(
                    origin=mine["origin"].astype(str).where(mine["origin"].astype(str) != site, code),
                    destination=mine["destination"].astype(str).where(mine["destination"].astype(str) != site, code),
                )
            )
        lanes = pd.concat(parts, ignore_index=True)
    if apart:
        here = lanes[lanes["mode"] == "on_site"]
        between = [
            here[here["origin"].astype(str) == site].assign(
                destination=f"{site}-copy{k}", mode="road", freight_usd_per_unit=0.5, distance_km=1.0, time_h=1.0
            )
            for site, count in copies.items()
            for k in range(count)
        ]
        lanes = pd.concat([lanes, *between], ignore_index=True)
        for column in ("freight_usd_per_unit", "emissions_kg_per_unit", "time_h"):
            moved = lanes[column] * (1.0 + apart * dice.uniform(-1.0, 1.0, len(lanes)))
            lanes[column] = moved.where(lanes["mode"] != "on_site", lanes[column])
    tables["lanes"] = lanes
    tables.pop("provenance", None)
    return Study.from_tables(study.settings, tables)
