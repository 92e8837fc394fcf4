"""Studies over groups of places: the one that bounds, and the one over a member of each group that finds a plan."""

from __future__ import annotations

import warnings
from collections.abc import Collection

import geopandas as gpd
import numpy as np
import pandas as pd

from evsiting.errors import DataWarning
from evsiting.layers.data_warnings import recheck_quietly
from evsiting.optimize.aggregation.groups import TIE_KM, Grouping, plane_points
from evsiting.study.study import Study

__all__ = ["centres", "grouped_markets", "grouped_study", "over_members", "some_sites", "tables_checked"]

#: Tables that tell where figures are from: not of groups.
TOLD = ("provenance", "sources")


def grouped_study(study: Study, groups: Grouping, lanes: pd.DataFrame) -> Study:
    """Return the study in which each group of sites is one site, and each group of markets one market.

    It has no labor pools: sites of one group may lie in several.

    Parameters
    ----------
    study : Study
        Complete but for its lanes.
    groups : Grouping
        Of its places.
    lanes : pandas.DataFrame
        Between groups.
    """
    by_code = groups.site.sort_index()
    first = by_code[~by_code.duplicated()]
    tables = _some_sites(study, first.index)
    for name in ("sites", "incentives"):
        if name in tables:
            tables[name] = tables[name].assign(site=tables[name]["site"].astype(str).map(first.to_dict()))
    tables |= grouped_markets(study, groups)
    tables["lanes"] = lanes
    tables["sites"] = tables["sites"].drop(columns="labor_pool", errors="ignore")
    tables.pop("labor_pools", None)
    return tables_checked(study, tables)


def over_members(study: Study, groups: Grouping, sites: Collection[str]) -> Study:
    """Return the study over some of its sites, with a market for each group of markets; without lanes.

    Parameters
    ----------
    study : Study
        Complete but for its lanes.
    groups : Grouping
        Of its places.
    sites : collection of str
        The sites that are kept: all that are named, and some of the others.
    """
    return tables_checked(study, _some_sites(study, sites) | grouped_markets(study, groups))


def some_sites(study: Study, sites: Collection[str]) -> Study:
    """Return the study over some of its sites and all its markets; without lanes."""
    return tables_checked(study, _some_sites(study, sites))


def centres(study: Study, groups: Grouping) -> list[str]:
    """Return one site of each group: the one nearest to the mean of their points, of several the first by code."""
    frame = pd.DataFrame(plane_points(study.sites), index=groups.site.index)
    group = groups.site.to_numpy(dtype=object)
    apart = np.sqrt(((frame - frame.groupby(group).transform("mean")) ** 2).sum(axis=1))
    nearest = apart[apart <= apart.groupby(group).transform("min") + TIE_KM].index.to_series().astype(str)
    return [str(code) for code in nearest.groupby(groups.site[nearest.index].to_numpy(dtype=object)).min()]


def tables_checked(study: Study, tables: dict[str, pd.DataFrame]) -> Study:
    """Return the study of tables; what is odd of a part of a study alone is meant, and not told."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        return recheck_quietly(study, tables)


def _some_sites(study: Study, sites: Collection[str]) -> dict[str, pd.DataFrame]:
    """Return the tables without the other sites, and without what tells where figures are from."""
    codes = frozenset(sites)
    tables = {name: frame for name, frame in study.tables.items() if name not in (*TOLD, "lanes")}
    for name in ("sites", "incentives"):
        if name in tables:
            frame = tables[name]
            tables[name] = frame[frame["site"].astype(str).isin(codes)].reset_index(drop=True)
    if "labor_pools" in tables:
        pools = tables["labor_pools"]
        tables["labor_pools"] = pools[pools["pool"].isin(tables["sites"]["labor_pool"])].reset_index(drop=True)
    return tables


def grouped_markets(study: Study, groups: Grouping) -> dict[str, pd.DataFrame]:
    """Return tables ``markets`` and ``demand`` by group: demand added up, at the mean of points by demand."""
    units = study.demand.groupby("market")["units_per_yr"].sum()
    markets = study.markets
    weight = markets["market"].map(units).fillna(0.0).to_numpy(np.float64) + 1e-9
    group = groups.market.to_numpy()
    points = markets.geometry
    frame = pd.DataFrame({"x": points.x.to_numpy() * weight, "y": points.y.to_numpy() * weight, "w": weight})
    total = frame.groupby(group).sum()
    merged = markets[~groups.market.duplicated().to_numpy()].copy()
    code = groups.market[~groups.market.duplicated()].to_numpy()
    at = total.reindex(code)
    merged["market"] = code
    merged = merged.set_geometry(gpd.points_from_xy(at["x"] / at["w"], at["y"] / at["w"], crs=markets.crs))
    demand = study.demand.assign(market=study.demand["market"].astype(str).map(groups.market.to_dict()))
    keys = [c for c in demand if c != "units_per_yr"]
    added = demand.groupby(keys, dropna=False, sort=False, as_index=False)["units_per_yr"].sum()
    return {"markets": merged.reset_index(drop=True), "demand": added[demand.columns]}
