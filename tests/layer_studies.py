"""A small study with nothing filled in, for the tests of the layers."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from evsiting.study.settings import About, Money, Settings
from evsiting.study.study import Study

# Code, longitude, latitude.
SITES = (
    ("memphis", -90.05, 35.15),
    ("monterrey", -100.31, 25.69),
    ("toronto", -79.38, 43.65),
    ("detroit", -83.05, 42.33),
)
MARKETS = (("atlanta", -84.39, 33.75), ("honolulu", -157.86, 21.31), ("calgary", -114.07, 51.05))


def points(key: str, rows: tuple[tuple[str, float, float], ...], **columns: object) -> gpd.GeoDataFrame:
    """Return places as a table with points."""
    frame = pd.DataFrame({key: [r[0] for r in rows], **columns})
    place = gpd.points_from_xy([r[1] for r in rows], [r[2] for r in rows])
    return gpd.GeoDataFrame(frame, geometry=place, crs="EPSG:4326")


def bare_tables() -> dict[str, pd.DataFrame]:
    """Return tables that hold only what no layer can know."""
    busan = {"country": "KR", "product": "pack", "port": "KRPUS", "price_usd_per_unit": 7_000.0}
    return {
        "sites": points("site", SITES),
        "markets": points("market", MARKETS),
        "periods": pd.DataFrame({"period": ["p1", "p2"], "start_year": [2028, 2033], "years": [5, 5]}),
        "products": pd.DataFrame(
            {
                "product": ["pack", "vehicle"],
                "unit": ["pack", "vehicle"],
                "mass_kg_per_unit": [400.0, 2_000.0],
                "value_usd_per_unit": [7_000.0, 40_000.0],
                "units_per_truck": [None, 8.0],
            }
        ),
        "bill_of_materials": pd.DataFrame({"product": ["vehicle"], "input": ["pack"], "units_per_unit": [1.0]}),
        "processes": pd.DataFrame({"plant_type": ["pack", "assembly"], "product": ["pack", "vehicle"]}),
        "options": pd.DataFrame(
            {
                "plant_type": ["pack", "assembly"],
                "option": ["line", "works"],
                "capacity_units_per_yr": [200e3, 200e3],
                "capex_usd": [150e6, 2e9],
            }
        ),
        "demand": pd.DataFrame({"market": [m[0] for m in MARKETS], "product": "vehicle", "units_per_yr": 1e4}),
        "suppliers": points("supplier", (("busan", 129.04, 35.10),), **busan),
        "duties": pd.DataFrame(
            {
                "product": ["pack", "pack", "vehicle"],
                "origin": ["KR", "KR", "CA"],
                "destination": ["US", "US", "US"],
                "measure": ["MFN", "extra", "content"],
                "rate": [0.03, 0.07, 0.25],
                "dutiable_share": [1.0, 1.0, 0.4],
            }
        ),
    }


def bare_study(**tables: pd.DataFrame) -> Study:
    """Return the study, with some tables replaced."""
    settings = Settings(study=About(name="Bare"), money=Money(price_year=2025, discount_rate=0.0876))
    return Study.from_tables(settings, {**bare_tables(), **tables})
