"""Places, columns and frames that the studies of the tests are made of."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

# Name, country, region, longitude, latitude.
PLACES = (
    ("memphis", "US", "US-TN", -90.05, 35.15),
    ("monterrey", "MX", "MX-NLE", -100.31, 25.69),
    ("windsor", "CA", "CA-ON", -83.02, 42.30),
    ("phoenix", "US", "US-AZ", -112.07, 33.45),
    ("saltillo", "MX", "MX-COA", -101.00, 25.42),
    ("columbus", "US", "US-OH", -83.00, 39.96),
)
MORE_PLACES = (
    ("atlanta", "US", "US-GA", -84.39, 33.75),
    ("reno", "US", "US-NV", -119.81, 39.53),
    ("detroit", "US", "US-MI", -83.05, 42.33),
    ("puebla", "MX", "MX-PUE", -98.21, 19.04),
    ("becancour", "CA", "CA-QC", -72.43, 46.34),
    ("queretaro", "MX", "MX-QUE", -100.39, 20.59),
)
TOWNS = (
    ("new_york", "US", "US-NY", -73.95, 40.70),
    ("los_angeles", "US", "US-CA", -118.24, 34.05),
    ("toronto", "CA", "CA-ON", -79.45, 43.70),
    ("mexico_city", "MX", "MX-CMX", -99.13, 19.43),
)
ABROAD = (("busan", "KR", 129.04, 35.10), ("shanghai", "CN", 121.47, 31.23), ("bremen", "DE", 8.80, 53.08))


SUPPLIERS = [
    "supplier",
    "name",
    "country",
    "product",
    "port",
    "price_usd_per_unit",
    "capacity_units_per_yr",
    "emissions_kg_per_unit",
]
COLUMNS = {
    "periods": ["period", "start_year", "years"],
    "products": ["product", "name", "unit", "mass_kg_per_unit", "value_usd_per_unit", "units_per_truck"],
    "bill_of_materials": ["product", "input", "units_per_unit"],
    "processes": [
        "plant_type",
        "product",
        "capacity_use",
        "electricity_kwh_per_unit",
        "labor_h_per_unit",
        "material_usd_per_unit",
    ],
    "options": [
        "plant_type",
        "option",
        "capacity_units_per_yr",
        "capex_usd",
        "fixed_usd_per_yr",
        "staff_fte",
        "min_load",
    ],
    "plants": [
        "plant",
        "site",
        "plant_type",
        "name",
        "company",
        "status",
        "capacity_units_per_yr",
        "fixed_usd_per_yr",
        "staff_fte",
    ],
    "demand": ["market", "product", "period", "units_per_yr", "unmet_penalty_usd_per_unit"],
    "incentives": ["site", "plant_type", "product", "period", "program", "kind", "value"],
    "lanes": [
        "product",
        "origin",
        "destination",
        "mode",
        "distance_km",
        "time_h",
        "freight_usd_per_unit",
        "duty_usd_per_unit",
        "emissions_kg_per_unit",
        "route",
    ],
}


def points(frame: pd.DataFrame, lon: list[float], lat: list[float]) -> gpd.GeoDataFrame:
    """Return the frame with points in degrees."""
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326")


def sites_frame(places: list[tuple[str, str, str, float, float]], **columns: list[object]) -> gpd.GeoDataFrame:
    """Return a table ``sites`` with every column filled in."""
    count = len(places)
    frame = pd.DataFrame(
        {
            "site": [p[0] for p in places],
            "name": [p[0].title() for p in places],
            "country": [p[1] for p in places],
            "region": [p[2] for p in places],
            "role": ["candidate"] * count,
            "plant_types": pd.Series([None] * count, dtype="str"),
            "wage_usd_per_h": [20.0] * count,
            "payroll_burden": [0.25] * count,
            "labor_force_persons": [500_000.0] * count,
            "unemployment_rate": [0.04] * count,
            "power_price_usd_per_mwh": [80.0] * count,
            "grid_factor_kg_per_kwh": [0.4] * count,
            "renewable_share": [0.2] * count,
            "carbon_free_share": [0.4] * count,
            "fixed_usd_per_yr": [0.0] * count,
        }
    ).assign(**columns)
    frame["plant_types"] = frame["plant_types"].astype("str")
    return points(frame, [p[3] for p in places], [p[4] for p in places])
