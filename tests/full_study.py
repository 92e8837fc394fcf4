"""A small study that has a little of everything, and a plan of it: for pages, sheets and measures."""

from __future__ import annotations

from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd

import evsiting as ev
from evsiting.results.plan import Plan
from evsiting.study.settings import Settings
from evsiting.study.study import Study

PERIODS = ("2027-2029", "2030-2033", "2034-2036")


@cache
def full_plan() -> tuple[Study, Plan]:
    """Return the study, complete, with a plan that opens, expands, closes, resumes, claims and declares."""
    study = full_study()
    return study, ev.solve(study, gap=0.03, time_limit_s=120.0, verify=False)


@cache
def full_study() -> Study:
    """Return the starter with three periods, steps, standing plants, customs, programs, pools, power and limits."""
    starter = ev.example("starter")
    tables = {name: starter.table(name) for name in starter.tables}
    for name in ("lanes", "incentives", "provenance", "sources", "parameters"):
        tables.pop(name, None)
    tables |= _time() | _trade(tables["suppliers"]) | _policy() | _limits()
    tables |= _plants(tables["options"], tables["processes"], tables["sites"])
    raw = starter.settings.model_dump()
    raw["study"] |= {"name": "A little of everything", "question": "Where to build, expand, close and resume?"}
    raw["model"]["carbon_price_usd_per_t"] = 40.0
    return ev.complete(Study.from_tables(Settings.model_validate(raw), tables))


def _time() -> dict[str, pd.DataFrame]:
    wanted = {
        "M-los-angeles": (90, 150, 170),
        "M-dallas": (40, 70, 90),
        "M-new-york": (60, 90, 110),
        "M-toronto": (30, 55, 65),
        "M-mexico-city": (10, 30, 50),
    }
    demand = [
        (town, "vehicle", period, 1e3 * units, 60e3 if town == "M-mexico-city" else np.nan, 120.0, 150.0)
        for town, row in wanted.items()
        for period, units in zip(PERIODS, row, strict=True)
    ]
    columns = ["market", "product", "period", "units_per_yr", "unmet_penalty_usd_per_unit", "promise_h"]
    return {
        "periods": pd.DataFrame({"period": PERIODS, "start_year": [2027, 2030, 2034], "years": [3, 4, 3]}),
        "demand": pd.DataFrame(demand, columns=[*columns, "late_usd_per_unit"]),
        "trajectories": pd.DataFrame(
            [
                ("grid_factor_kg_per_kwh", PERIODS[1], 0.8),
                ("grid_factor_kg_per_kwh", PERIODS[2], 0.6),
                ("price_usd_per_unit", PERIODS[2], 0.92),
                ("freight_usd_per_unit", PERIODS[2], 0.9),
            ],
            columns=["column", "period", "factor"],
        ),
    }


def _plants(options: pd.DataFrame, processes: pd.DataFrame, sites: gpd.GeoDataFrame) -> dict[str, pd.DataFrame]:
    options["ramp_up"] = "0.5;0.9"
    steps = pd.DataFrame(
        [
            ("cell", "+10 GWh", 20e6, 0.85e9, 72e6, 850.0, 0.4, "0.6;0.9", "10 GWh"),
            ("assembly", "100k + 100k", 200e3, 0.6e9, 100e6, 1000.0, 0.4, "0.6", "100k"),
        ],
        columns=[*options.columns[:7], "ramp_up", "expands"],
    )
    processes["heat_kwh_per_unit"], processes["good_share"] = [20.0, 0.0, 100.0], [0.93, 1.0, 1.0]
    sites["connectable_mw"] = [60.0, 40.0, 45.0, 80.0, np.nan, 10.0, 50.0]
    sites["clean_premium_usd_per_mwh"], sites["property_tax_rate"] = 4.0, 0.01
    sites["heat_price_usd_per_mwh"], sites["heat_factor_kg_per_kwh"] = 30.0, 0.2
    sites["labor_pool"] = ["south", "south", "lakes", "lakes", None, "north mx", "bajio"]
    sites.loc[sites["region"].isin(["US-GA", "US-TN"]), "plant_types"] = "cell;assembly"
    plants = pd.DataFrame(
        [
            ("P-lansing", "US-MI-lansing", "assembly", "Lansing Works", "Old Motors", "existing", 120e3, 260e6, 1500.0),
            ("P-windsor", "CA-ON-windsor", "cell", "Windsor Cells", "NextCell", "committed", 8e6, 30e6, 400.0),
            ("P-savannah", "US-GA-savannah", "pack", "Savannah Packs", "NextCell", "paused", 150e3, 6e6, 120.0),
            ("P-monterrey", "MX-NLE-monterrey", "pack", "Monterrey Packs", "Old Motors", "existing", 80e3, 4e6, 100.0),
        ],
        columns=["plant", "site", "plant_type", "name", "company", "status", "capacity_units_per_yr",
                 "fixed_usd_per_yr", "staff_fte"],
    ).assign(
        first_year=[np.nan, 2029.0, np.nan, np.nan],
        last_year=[np.nan, np.nan, np.nan, 2031.0],
        closing_usd=[120e6, np.nan, np.nan, np.nan],
        resume_usd=[np.nan, np.nan, 35e6, np.nan],
    )  # fmt: skip
    return {
        "options": pd.concat([options, steps], ignore_index=True),
        "processes": processes,
        "sites": sites,
        "plants": plants,
        "grid_upgrades": pd.DataFrame({"upgrade": ["feeder"], "capacity_mw": [40.0], "capex_usd": [12e6]}),
        "labor_pools": pd.DataFrame(
            {
                "pool": ["south", "lakes", "north mx", "bajio"],
                "name": ["Southeast", "Great Lakes", "Northern Mexico", "Bajío"],
                "available_fte": [2400.0, 3000.0, 4200.0, 2500.0],
            }
        ),
    }


def _trade(suppliers: gpd.GeoDataFrame) -> dict[str, pd.DataFrame]:
    columns = ["supplier", "name", "country", "product", "port", "price_usd_per_unit", "capacity_units_per_yr",
               "emissions_kg_per_unit", "company", "foreign_entity"]  # fmt: skip
    abroad = pd.DataFrame(
        [
            ("S-ulsan", "Vehicles from Ulsan", "KR", "vehicle", "KRPUS", 25_500.0, 60e3, 6500.0, "Ulsan Motor", 0.0),
            ("S-shanghai", "Vehicles from Shanghai", "CN", "vehicle", "CNSHA", 20_500.0, np.nan, 8000.0, "East", 1.0),
            ("S-ningde", "Cells from Ningde", "CN", "cell", "CNSHA", 62.0, np.nan, 75.0, "Ningde Cells", 1.0),
        ],
        columns=columns,
    )
    points = gpd.points_from_xy([129.3, 121.5, 119.5], [35.5, 31.2, 26.7])
    law: list[tuple[str, str, str, str, float, str]] = []
    for origin in ("KR", "CN", "CA", "MX"):
        near = origin in ("CA", "MX")
        law.append(("vehicle", origin, "US", "MFN", 0.025, "free" if near else "none"))
        rate = 0.15 if origin == "KR" else 0.25
        law.append(("vehicle", origin, "US", "Section 232", rate, "content" if near else "none"))
        for part in ("cell", "pack"):
            law.append((part, origin, "US", "MFN", 0.034, "free" if near else "none"))
            if not near:
                law.append((part, origin, "US", "Section 232 parts", 0.1, "none"))
    law += [("vehicle", "KR", "MX", "MFN", 0.15, "none"), ("vehicle", "CN", "MX", "MFN", 0.2, "none")]
    law += [("vehicle", "KR", "CA", "MFN", 0.061, "none"), ("vehicle", "CN", "CA", "MFN", 0.061, "none")]
    law += [("vehicle", "CN", "CA", "surtax", 1.0, "none"), ("vehicle", "CN", "US", "Section 301", 1.0, "none")]
    law += [("vehicle", "US", "CA", "counter", 0.25, "content"), ("vehicle", "MX", "CA", "MFN", 0.061, "free")]
    return {
        "suppliers": pd.concat([suppliers, gpd.GeoDataFrame(abroad, geometry=points, crs="EPSG:4326")]).reset_index(
            drop=True
        ),
        "duties": pd.DataFrame(law, columns=["product", "origin", "destination", "measure", "rate", "relief"]),
        "quotas": pd.DataFrame(
            [("CA quota", "vehicle", "CN", "CA", "surtax", 15e3, 0.0, 2027.0, 2031.0)],
            columns=[
                "quota",
                "product",
                "origin",
                "destination",
                "measure",
                "units_per_yr",
                "rate",
                "first_year",
                "last_year",
            ],
        ),
        "origin_rules": pd.DataFrame(
            {
                "product": ["vehicle", "pack"],
                "rvc": [0.75, 0.6],
                "lvc": [0.3, np.nan],
                "net_cost_usd_per_unit": [30_000.0, 8_000.0],
                "other_foreign_usd_per_unit": [3_000.0, 500.0],
                "other_high_wage_usd_per_unit": [9_000.0, 0.0],
                "other_content_usd_per_unit": [4_000.0, 0.0],
                "core_parts": ["pack", None],
            }
        ),
        "gateways": pd.DataFrame({"gateway": ["laredo"], "name": ["Laredo crossing"], "capacity_t_per_yr": [6e5]}),
        "commitments": pd.DataFrame(
            [("Busan take-or-pay", "S-busan", "cell", PERIODS[0], 5e5)],
            columns=["commitment", "origin", "product", "period", "at_least"],
        ),
    }


def _policy() -> dict[str, pd.DataFrame]:
    columns = ["program", "country", "region", "plant_type", "product", "kind", "value", "first_year", "last_year"]
    return {
        "programs": pd.DataFrame(
            [
                ("Tennessee grant", "US", "US-TN", "cell", None, "investment", 0.1, 2027, 2036),
                ("45X cells", "US", None, "cell", "cell", "production", 35.0, 2027, 2029),
                ("48C credit", "US", None, "cell", None, "investment", 0.3, 2027, 2036),
                ("CTM credit", "CA", None, "cell", None, "investment", 0.3, 2027, 2031),
                ("Georgia jobs", "US", "US-GA", "assembly", None, "job", 3000.0, 2027, 2032),
                ("Texas fund", "US", None, "assembly", None, "grant", 100e6, 2027, 2036),
                ("Bajío grant", "MX", None, "assembly", None, "grant", 30e6, 2027, 2036),
            ],
            columns=columns,
        ),
        "program_rules": pd.DataFrame(
            [
                ("45X cells", np.nan, np.nan, np.nan, np.nan, np.nan, "48C credit"),
                ("48C credit", 250e6, np.nan, np.nan, np.nan, np.nan, "45X cells"),
                ("Texas fund", np.nan, 80e6, 500e6, 2500.0, 20e3, None),
                ("Bajío grant", 45e6, np.nan, np.nan, 1000.0, np.nan, None),
            ],
            columns=[
                "program",
                "pool_usd",
                "most_usd",
                "min_capex_usd",
                "min_jobs_fte",
                "clawback_usd_per_job",
                "excludes",
            ],
        ),
    }


def _limits() -> dict[str, pd.DataFrame]:
    rows = [
        ("Half of the vehicles in the US", "output_share", "US", "vehicle", None, None, 0.45, np.nan),
        ("Import dependence, cells", "import_share", None, "cell", None, None, np.nan, 0.35),
        ("No site with most vehicles", "concentration", None, "vehicle", "site", None, np.nan, 0.62),
        ("Renewable power", "renewable_share", None, None, None, None, 0.4, np.nan),
        ("On time", "on_time_share", None, None, None, None, 0.6, np.nan),
        ("Carbon to 2036", "emissions", None, None, None, None, np.nan, 6e6),
        ("Budget of the first years", "capex", None, None, None, PERIODS[0], np.nan, 4.2e9),
    ]
    columns = ["limit", "kind", "place", "product", "per", "period", "at_least", "at_most"]
    table = pd.DataFrame(rows, columns=columns)
    work = {"limit": "Work for Savannah", "kind": "jobs", "place": "US-GA", "plant_type": "pack", "at_least": 300.0}
    return {"limits": pd.concat([table, pd.DataFrame([work])], ignore_index=True)}  # only the paused plant can keep it
