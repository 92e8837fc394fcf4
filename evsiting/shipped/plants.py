"""Plants of the shipped studies: the sizes in which they may be built, and what stands, is begun or was given up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from evsiting import reference
from evsiting.shipped.book import ProvenanceLog
from evsiting.shipped.local import PROPERTY_TAX
from evsiting.shipped.products import NOTE_FIXED, NOTE_STAFF, Kind
from evsiting.study.canonical.territory import METRIC_CRS
from evsiting.study.horizon import ramp, running_share, usable_share
from evsiting.study.schema.plants import LIVE, RUNNING

#: Least use of a new plant's capacity. [1]
MIN_LOAD = 0.6
#: Usable part of a new plant's capacity in its first, second, ... year, by plant type. [1]
RAMP_UP = {"cell": "0.4;0.8", "pack": "0.6", "assembly": "0.5;0.9"}
#: Investment in a step of expansion over that in a new plant of the added size: site, utilities, offices stand. [1]
STEP_SHARE = 0.8
#: Options that grow out of another: plant type, old and new size.
STEPS = (("cell", "15 GWh", "30 GWh"), ("assembly", "100k", "200k"))
#: The joint venture: plant type, size, and the partner's part of investment and output. [1]
VENTURE = ("cell", "45 GWh", 0.5)
#: First full year of plants that were being built when they were last looked at, where no page names it, and of paused
#: ones if the work goes on when the study begins. [yr]
COMMITTED_FROM, RESUMED_FROM = 2028, 2028
#: End of the code of the line of packs beside a vehicle plant.
PACKS = "_packs"

NOTE_LOAD = "a new plant is not opened to run below 60 % of its capacity"
NOTE_RAMP = (
    "cells 40 % in the first and 80 % in the second year, assembly 50 and 90 %, packs 60 %; staff of plants in ramp-up "
    "is twice (plant.cell.workers_per_gwh_ramp) to ten times (plant.assembly.workers_per_1000_vehicles_ramp) that of "
    "full ones, which points the same way"
)
NOTE_STEP = f"a step costs {STEP_SHARE:.0%} of a new plant of the added size: site, utilities and offices stand"
NOTE_VENTURE = (
    "halves, as most announced joint ventures of car and cell makers; offered where the nearest city to a standing or "
    "begun cell plant lies, because partners are ready where they are"
)

OPTION_COLUMNS = (
    "plant_type",
    "option",
    "capacity_units_per_yr",
    "capex_usd",
    "fixed_usd_per_yr",
    "staff_fte",
    "min_load",
    "ramp_up",
    "lead_years",
    "expands",
    "sites",
    "partner",
    "partner_capex_share",
    "partner_output_share",
    "partner_credit_share",
)
PLANT_COLUMNS = (
    "plant",
    "site",
    "plant_type",
    "name",
    "company",
    "status",
    "capacity_units_per_yr",
    "fixed_usd_per_yr",
    "staff_fte",
    "first_year",
    "closing_usd",
    "resume_usd",
)


def options(
    book: ProvenanceLog, made: tuple[Kind, ...], *, whole: bool, joint_sites: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the sizes of each kind of plant, with economies of scale.

    Parameters
    ----------
    book : ProvenanceLog
        Where provenance goes.
    made : tuple of Kind
        Kinds of plant.
    whole : bool
        Whether to offer ramp-up, steps of expansion and a joint venture as well.
    joint_sites : sequence of str
        Sites at which the joint venture is offered.
    """
    rows: list[tuple[object, ...]] = []
    for kind in made:
        ramp = RAMP_UP[kind.plant_type] if whole else None
        lead = book.get(f"plant.{kind.plant_type}.lead_time") if whole else None
        book.read.clear()
        for name, size in kind.sizes.items():
            cost = (kind.capex_usd(size), kind.fixed_usd(size), kind.staff_fte(size))
            rows.append((kind.plant_type, name, size, *cost, MIN_LOAD, ramp, lead, None, None, None, 0.0, 0.0, 0.0))
            _note_cost(book, kind, name, kind.reference_note)
            if whole:
                book.get(f"plant.{kind.plant_type}.lead_time")
                book.note("options", "lead_years", f"{kind.plant_type}|{name}")
    by_type = {kind.plant_type: kind for kind in made}
    for plant_type, old, new in STEPS if whole else ():
        kind = by_type[plant_type]
        first, size = kind.sizes[old], kind.sizes[new]
        step = round(STEP_SHARE * kind.capex_usd(size - first), -5)
        fixed = kind.fixed_usd(first) + round(step * kind.fixed_usd(first) / kind.capex_usd(first), -4)
        name = f"{old} to {new}"
        cost = (step, fixed, kind.staff_fte(size))
        grows = (RAMP_UP[plant_type], book.get("plant.expansion.lead_time"))
        book.note("options", "lead_years", f"{plant_type}|{name}")
        rows.append((plant_type, name, size, *cost, MIN_LOAD, *grows, old, None, None, 0.0, 0.0, 0.0))
        _note_cost(book, kind, name, kind.reference_note, NOTE_STEP)
    if whole and len(joint_sites):
        plant_type, size_name, part = VENTURE
        kind, size = by_type[plant_type], by_type[plant_type].sizes[size_name]
        name = f"{size_name} joint venture"
        cost = (kind.capex_usd(size), kind.fixed_usd(size), kind.staff_fte(size))
        shared = (";".join(joint_sites), "a cell maker", part, part, 0.0)
        opens = (RAMP_UP[plant_type], book.get(f"plant.{plant_type}.lead_time"))
        book.note("options", "lead_years", f"{plant_type}|{name}")
        rows.append((plant_type, name, size, *cost, MIN_LOAD, *opens, None, *shared))
        _note_cost(book, kind, name, kind.reference_note)
    book.cite("options", "capacity_units_per_yr", "*", "", "", "assumption", "the sizes offered are a choice")
    book.cite("options", "min_load", "*", "", "", "assumption", NOTE_LOAD)
    book.cite("options", "ramp_up", "*", "", "", "assumption", NOTE_RAMP)
    for column in ("partner_capex_share", "partner_output_share", "partner_credit_share"):
        book.cite("options", column, "*", "", "", "assumption", NOTE_VENTURE)
    return pd.DataFrame(rows, columns=list(OPTION_COLUMNS))


def _note_cost(book: ProvenanceLog, kind: Kind, option: str, derived: str, assumed: str = "") -> None:
    """Write where investment, fixed cost and staff of an option come from."""
    row, capex = f"{kind.plant_type}|{option}", [kind.keys[0], "plant.capex_scale_exponent"]
    for key in (*capex, kind.keys[1]):
        book.get(key)
    book.note("options", "capex_usd", row, keys=capex, derived=derived, assumed=assumed)
    book.note("options", "fixed_usd_per_yr", row, keys=capex, assumed=NOTE_FIXED)
    book.note("options", "staff_fte", row, keys=[kind.keys[1]], assumed=NOTE_STAFF)


def nearest(cities: gpd.GeoDataFrame, plants: gpd.GeoDataFrame) -> list[str]:
    """Return the candidate of the same country nearest to each plant, each once, by code.

    Parameters
    ----------
    cities, plants : geopandas.GeoDataFrame
        Candidates with ``site`` and ``country``; points with ``country``.
    """
    sites = set()
    for country, group in plants.groupby("country"):
        mine = cities[cities["country"] == country].to_crs(METRIC_CRS)
        at = mine.sindex.nearest(group.geometry.to_crs(METRIC_CRS), return_all=False)[1]
        sites |= set(mine["site"].to_numpy(dtype=object)[at])
    return sorted(sites)


def with_packs(standing: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return standing plants with a line of packs beside each vehicle plant that runs, is begun or is paused.

    Nobody lists where packs are joined, but vehicles are made today: each such plant has packs for its own vehicles.

    Parameters
    ----------
    standing : geopandas.GeoDataFrame
        As :func:`evsiting.shipped.places.standing_plants` returns them.
    """
    live = standing["status"].isin(LIVE) & (standing["plant_type"] == "assembly")
    lines = standing[live].assign(
        plant=standing["plant"] + PACKS,
        name=standing["name"] + " (packs)",
        plant_type="pack",
        sourced=False,
        note="assumption: packs for its own vehicles are joined beside the vehicle plant",
    )
    both: gpd.GeoDataFrame = pd.concat([standing, lines]).sort_values("plant")
    return both


def full_staff(standing: pd.DataFrame, made: tuple[Kind, ...]) -> pd.Series:
    """Return the staff of each plant at full load. [FTE]"""
    by_type = {kind.plant_type: kind.staff_per_unit for kind in made}
    return standing["capacity"] * standing["plant_type"].map(by_type)


def plants(book: ProvenanceLog, made: tuple[Kind, ...], standing: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the plants of the reference table with cost and staff of a plant of their kind and size.

    Plants that run or are being built may be closed: severance for all staff. Paused ones may be resumed for what is
    left to build, or for a change of model where all is built. All pay the property tax of their country.

    Parameters
    ----------
    book : ProvenanceLog
        Where provenance goes.
    made : tuple of Kind
        Kinds of plant.
    standing : geopandas.GeoDataFrame
        As :func:`evsiting.shipped.places.standing_plants` returns them.
    """
    by_type = {kind.plant_type: kind for kind in made}
    wage = reference.fact("assembler_wage_usd")
    usual = wage[wage.index.str.startswith("US-")].mean()
    severance = book.get("plant.closing.severance")
    staff = full_staff(standing, made)
    rows = []
    for plant, people in zip(standing.itertuples(), staff, strict=True):
        kind, size = by_type[plant.plant_type], plant.capacity
        local = min(1.0, float(wage[plant.region]) / usual)
        runs = plant.status in RUNNING
        closing = round(severance * people * local, -5) if runs else np.nan
        named = (plant.plant, plant.site, plant.plant_type, plant.name, plant.company, plant.status)
        fixed = round(kind.fixed_usd(size) + PROPERTY_TAX[plant.country] * kind.capex_usd(size), -4)
        when = (_first_year(book, plant), closing, _left_to_spend(book, kind, plant))
        rows.append((*named, size, fixed, kind.staff_fte(size), *when))
        quality = "sourced" if plant.sourced else "assumption"
        note = plant.note if plant.sourced else f"no page read states the capacity; {plant.note}"
        book.cite("plants", "capacity_units_per_yr", plant.plant, plant.source, plant.asof, quality, note)
        status_note = f"status: {plant.note}"
        book.cite("plants", "status", plant.plant, plant.source, plant.asof, "sourced", status_note)
    book.get("plant.closing.severance")
    everyone = "for all staff at full load, less where wages are lower than the mean of the United States"
    book.note("plants", "closing_usd", assumed=f"what was offered in 2008 is paid, {everyone}")
    for kind in made:
        for key in (*kind.keys, "plant.capex_scale_exponent"):
            book.get(key)
    capex = [k.keys[0] for k in made]
    book.note("plants", "fixed_usd_per_yr", keys=capex, assumed=f"{NOTE_FIXED}, and the property tax of the country")
    book.note("plants", "staff_fte", keys=[k.keys[1] for k in made], assumed=NOTE_STAFF)
    return pd.DataFrame(rows, columns=list(PLANT_COLUMNS))


def _first_year(book: ProvenanceLog, plant: Any) -> float:
    """Return the first year of a plant that is begun or may be resumed; not a number for the others."""
    if plant.status not in ("committed", "paused"):
        return float("nan")
    named = reference.plants().set_index("id").loc[plant.plant.removesuffix(PACKS), "first_year"]
    if plant.status == "committed" and pd.notna(named):
        book.cite("plants", "first_year", plant.plant, plant.source, plant.asof, "sourced", plant.note)
        return float(named)
    assumptions = {
        "committed": f"no page read names a year: it runs from {COMMITTED_FROM} on",
        "paused": f"if work goes on when the study begins, it runs from {RESUMED_FROM} on",
    }
    book.cite("plants", "first_year", plant.plant, "", "", "assumption", assumptions[plant.status])
    return float(COMMITTED_FROM if plant.status == "committed" else RESUMED_FROM)


def _left_to_spend(book: ProvenanceLog, kind: Kind, plant: Any) -> float:
    """Return what a paused plant needs to run; not a number for the others. [USD]"""
    if plant.status != "paused":
        return float("nan")
    if plant.plant.endswith(PACKS):
        assumption = "the change of model of its vehicle plant pays for its line of packs too"
        book.cite("plants", "resume_usd", plant.plant, "", "", "assumption", assumption)
        return 0.0
    built = float(reference.plants().set_index("id").loc[plant.plant, "built_share"])
    if built < 1.0:
        for key in (kind.keys[0], "plant.capex_scale_exponent"):
            book.get(key)
        left = f"{1.0 - built:.1%} of the investment in a plant of that size is left to spend: {plant.note}"
        book.note("plants", "resume_usd", plant.plant, assumed=left)
        return float(round((1.0 - built) * kind.capex_usd(plant.capacity), -5))
    change = book.get("plant.assembly.capex_conversion")
    assumption = f"all is built: what a plant costs that is turned over to another electric model; {plant.note}"
    book.note("plants", "resume_usd", plant.plant, assumed=assumption)
    return float(round(change * plant.capacity, -5))


def capacity_over_time(book: ProvenanceLog, plants: pd.DataFrame, periods: pd.DataFrame) -> pd.DataFrame:
    """Return the part of the capacity of plants that is there while they ramp up, as rows of ``trajectories``.

    Those that are begun or resumed ramp up from their first year on as new ones do from the year in which they open.

    Parameters
    ----------
    book : ProvenanceLog
        Where provenance goes.
    plants : pandas.DataFrame
        As :func:`plants` returns them.
    periods : pandas.DataFrame
        ``period``, ``start_year``, ``years``.
    """
    rows = []
    for plant in plants[plants["first_year"].notna()].itertuples():
        curve, first = ramp(RAMP_UP[str(plant.plant_type)]), int(float(str(plant.first_year)))
        for name, start, years in periods[["period", "start_year", "years"]].itertuples(index=False, name=None):
            runs = running_share(first, np.nan, int(start), int(years))
            part = usable_share(curve, first, int(start), int(years)) / runs if runs else 1.0
            if part < 1.0:
                rows.append(("capacity_units_per_yr", plant.plant, name, round(part, 6)))
                row = f"capacity_units_per_yr|{plant.plant}|{name}"
                assumption = f"ramp-up from {first} on, of the years in which it runs; {NOTE_RAMP}"
                book.cite("trajectories", "factor", row, "", "", "assumption", assumption)
    return pd.DataFrame(rows, columns=["column", "place", "period", "factor"])
