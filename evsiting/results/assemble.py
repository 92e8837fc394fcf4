"""From what a solver decided to a Plan: tidy tables, plants with their figures, ledgers, versions."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd

from evsiting.errors import InputError, Problem, shown
from evsiting.results.ledgers import STANDING, ledgers
from evsiting.results.plan import Plan, Solve
from evsiting.study.horizon import Horizon
from evsiting.study.study import CRS, Study

#: Key of each table that describes a plan, in the order in which it is sorted; ``units_per_yr`` comes last.
PLAN_KEYS = MappingProxyType(
    {
        "openings": ("site", "plant_type", "option", "period"),
        "production": ("site", "plant_type", "product", "period"),
        "shipments": ("product", "origin", "destination", "mode", "period"),
        "unmet": ("market", "product", "period"),
    }
)
#: Columns of ``plan.sites`` before the point.
SITE_COLUMNS = (
    "plant", "site", "name", "country", "region", "plant_type", "option", "status", "period",
    "capacity_units_per_yr", "capex_usd", "jobs_fte", "used", "programs",
)  # fmt: skip
#: Flows smaller than this part of the largest flow of their product are dust of the solver's arithmetic.
DUST = 1e-9
#: Packages whose version is kept with a plan.
PACKAGES = ("evsiting", "pulp", "highspy", "geopandas", "numpy", "pandas")


def plan_from_tables(
    study: Study,
    *,
    openings: pd.DataFrame,
    production: pd.DataFrame,
    shipments: pd.DataFrame,
    unmet: pd.DataFrame,
    solve: Solve,
) -> Plan:
    """Return the plan that these tables describe, with its ledgers.

    Parameters
    ----------
    study : Study
        Complete: with lanes, incentives and all site columns.
    openings : pandas.DataFrame
        New plants: ``site``, ``plant_type``, ``option``, ``period`` of building.
    production : pandas.DataFrame
        ``site``, ``plant_type``, ``product``, ``period``, ``units_per_yr``.
    shipments : pandas.DataFrame
        ``product``, ``origin``, ``destination``, ``mode``, ``period``, ``units_per_yr``.
    unmet : pandas.DataFrame
        ``market``, ``product``, ``period``, ``units_per_yr``.
    solve : Solve
        How the answer was reached.

    Returns
    -------
    Plan
        Tables sorted by key; flows below :data:`DUST` of their product's largest flow are left out.

    Raises
    ------
    InputError
        If a table lacks a column, or names what the study does not have.
    """
    given = {"openings": openings, "production": production, "shipments": shipments, "unmet": unmet}
    tables = tidy(given)
    found = ledgers(study, **tables)
    return Plan(
        study_name=study.settings.study.name,
        study_digest=study.digest,
        solve=solve,
        sites=plant_list(study, tables["openings"], tables["production"]),
        production=tables["production"],
        shipments=tables["shipments"],
        unmet=tables["unmet"],
        ledgers=MappingProxyType(found),
        versions=MappingProxyType(versions()),
    )


def tidy(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return a plan's tables with their columns alone, sorted, and without the dust of a solver.

    Raises
    ------
    InputError
        If a column is missing.
    """
    wanted = {name: [*key, *(["units_per_yr"] if name != "openings" else [])] for name, key in PLAN_KEYS.items()}
    missing = {name: [c for c in wanted[name] if c not in tables[name]] for name in PLAN_KEYS}
    problems = [
        Problem(name, "columns are missing", shown(columns), f"Give {', '.join(wanted[name])}")
        for name, columns in missing.items()
        if columns
    ]
    if problems:
        raise InputError(problems)
    clean = {}
    for name, key in PLAN_KEYS.items():
        frame = pd.DataFrame(tables[name])[wanted[name]].copy()
        frame[list(key)] = frame[list(key)].astype("str")
        clean[name] = frame.sort_values(list(key), kind="stable", ignore_index=True)
    flows = [name for name in PLAN_KEYS if name != "openings"]
    for name in flows:
        clean[name]["units_per_yr"] = clean[name]["units_per_yr"].astype(np.float64)
    every = pd.concat([clean[name][["product", "units_per_yr"]] for name in flows])
    largest = every["units_per_yr"].abs().groupby(every["product"]).max()
    for name in flows:
        frame = clean[name]
        dust = frame["units_per_yr"].abs() <= DUST * frame["product"].map(largest).astype(np.float64)
        clean[name] = frame[~dust].reset_index(drop=True)
    return clean


def plant_list(study: Study, openings: pd.DataFrame, production: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return every plant of a plan, new or standing, with its figures in the last period and its point.

    Where several plants of one type share a site, what they make is shared among them by capacity.

    Parameters
    ----------
    study : Study
        Complete.
    openings, production : pandas.DataFrame
        As in :func:`plan_from_tables`.

    Returns
    -------
    geopandas.GeoDataFrame
        As ``sites`` in :class:`evsiting.results.plan.Plan`.
    """
    last = Horizon.of(study.periods, study.settings.money).periods[-1]
    new = openings.merge(study.options, on=["plant_type", "option"], how="left").assign(status="new")
    new["plant"] = new["site"] + "/" + new["plant_type"]
    plants = study.plants
    standing = plants[plants["status"].isin(STANDING)].assign(option="", period="", capex_usd=0.0)
    rows = pd.concat([new, standing.drop(columns=["name", "company"], errors="ignore")], ignore_index=True)

    made = production[production["period"] == last].merge(study.processes, on=["plant_type", "product"], how="left")
    made["load"] = made["units_per_yr"] * made["capacity_use"]
    made["fte"] = made["units_per_yr"] * made["labor_h_per_unit"] / study.settings.model.hours_per_fte_year
    place = ["site", "plant_type"]
    rows = rows.merge(made.groupby(place, as_index=False)[["load", "fte"]].sum(), on=place, how="left")
    room = rows.groupby(place)["capacity_units_per_yr"].transform("sum")
    rows["used"] = rows["load"].fillna(0.0) / room
    rows["jobs_fte"] = rows["staff_fte"] + rows["fte"].fillna(0.0) * rows["capacity_units_per_yr"] / room
    rows["programs"] = _claimed(study, rows, production)

    sites = study.sites[["site", "name", "country", "region", "geometry"]]
    sites["name"] = sites["name"].fillna(sites["site"])
    rows = rows.merge(sites, on="site", how="left")
    rows = rows.sort_values(["site", "plant_type", "status", "plant"], ignore_index=True)
    text = [c for c in SITE_COLUMNS if c not in ("capacity_units_per_yr", "capex_usd", "jobs_fte", "used")]
    rows[text] = rows[text].astype("str").fillna("")
    return gpd.GeoDataFrame(rows[[*SITE_COLUMNS, "geometry"]], geometry="geometry", crs=CRS)


def _claimed(study: Study, plants: pd.DataFrame, production: pd.DataFrame) -> pd.Series:
    """Return, for each plant, the programs that pay for it, parted by '; '."""
    offers = study.incentives
    offers = offers[offers["value"] > 0]
    paid = offers[offers["kind"] == "investment"].drop(columns="product")
    built = plants[["plant", "site", "plant_type", "period"]].merge(paid, on=["site", "plant_type", "period"])
    earned = offers[offers["kind"] == "production"].merge(
        production[production["units_per_yr"] > 0], on=["site", "plant_type", "product", "period"]
    )
    makes = plants[["plant", "site", "plant_type"]].merge(earned, on=["site", "plant_type"])
    pairs = pd.concat([built[["plant", "program"]], makes[["plant", "program"]]]).drop_duplicates()
    names = pairs.sort_values("program").groupby("plant")["program"].agg(lambda held: "; ".join(held))
    return pd.Series([names.get(plant, "") for plant in plants["plant"]], index=plants.index, dtype="str")


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that a plan depends on."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
