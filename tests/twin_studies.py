"""A study whose places come in pairs that it does not tell apart but by their points: for groups of places."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
from shapely import affinity

import evsiting as ev
from evsiting.study.study import Study

#: Candidates that have a second city beside them, whose code ends in ``-2``.
TWINS = ("US-TN-memphis", "US-GA-savannah")


def twin_study() -> Study:
    """Return the starter study with a second city beside two candidates, and markets in two parts; without lanes."""
    study = ev.example("starter")
    tables = study.tables
    sites = tables["sites"]
    more = sites[sites["site"].isin(TWINS)].assign(site=lambda d: d["site"] + "-2")
    more["geometry"] = [affinity.translate(p, -0.05, 0.05) for p in more.geometry]
    tables["sites"] = gpd.GeoDataFrame(pd.concat([sites, more], ignore_index=True), crs=sites.crs)
    offers = tables["incentives"]
    again = offers[offers["site"].isin(TWINS)].assign(site=lambda d: d["site"] + "-2")
    tables["incentives"] = pd.concat([offers, again], ignore_index=True)
    markets = tables["markets"]
    halves = markets.assign(market=markets["market"] + "-2")
    halves["geometry"] = [affinity.translate(p, -0.05, 0.03) for p in halves.geometry]
    tables["markets"] = gpd.GeoDataFrame(pd.concat([markets, halves], ignore_index=True), crs=markets.crs)
    demand = tables["demand"].assign(units_per_yr=lambda d: d["units_per_yr"] / 2.0)
    tables["demand"] = pd.concat([demand, demand.assign(market=demand["market"] + "-2")], ignore_index=True)
    for name in ("lanes", "provenance", "sources"):
        tables.pop(name, None)
    return Study.from_tables(study.settings, tables)
