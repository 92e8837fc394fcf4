"""The shipped tables, each read once. What is returned here is shared: callers copy before they change it."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Literal

import geopandas as gpd
import pandas as pd

WGS84 = "EPSG:4326"

Kind = Literal["float64", "Int64", "boolean"]
_REAL: Kind = "float64"
_WHOLE: Kind = "Int64"
_FLAG: Kind = "boolean"
_JURISDICTIONS: dict[str, Kind] = {
    "population": _WHOLE,
    "population_year": _WHOLE,
    "area_km2": _REAL,
    "lat": _REAL,
    "lon": _REAL,
    "centroid_cities": _WHOLE,
    "centroid_min_population": _WHOLE,
}
_FACTS: dict[str, Kind] = {"value": _REAL, "year": _WHOLE}
_CITIES: dict[str, Kind] = {
    "geonameid": _WHOLE,
    "lat": _REAL,
    "lon": _REAL,
    "population": _WHOLE,
    "candidate": _FLAG,
    "nearest_larger_geonameid": _WHOLE,
    "nearest_larger_km": _REAL,
}
_PLANTS: dict[str, Kind] = {
    "lat": _REAL,
    "lon": _REAL,
    "capacity": _REAL,
    "investment_busd": _REAL,
    "cim_capex_busd_2023": _REAL,
    "jobs": _REAL,
    "subsidy_musd": _REAL,
    "announced_year": _WHOLE,
    "first_year": _WHOLE,
    "built_share": _REAL,
    "capacity_unsourced": _REAL,
    "investment_busd_unsourced": _REAL,
    "jobs_unsourced": _REAL,
    "announced_year_unsourced": _WHOLE,
    "status_unsourced": _FLAG,
    "nearest_city_geonameid": _WHOLE,
    "nearest_city_km": _REAL,
    "nearest_candidate_geonameid": _WHOLE,
    "nearest_candidate_km": _REAL,
}
_BORDERS: dict[str, Kind] = {
    "lat": _REAL,
    "lon": _REAL,
    "truck": _FLAG,
    "rail": _FLAG,
    "trucks_inbound_2000_thousand": _REAL,
}
_POINT: dict[str, Kind] = {"lat": _REAL, "lon": _REAL}
_SEA_LANES: dict[str, Kind] = {"distance_km": _REAL, "great_circle_km": _REAL}
_RAIL_NODES: dict[str, Kind] = {"node": _WHOLE, "lat": _REAL, "lon": _REAL, "component": _WHOLE}
_STANDING: dict[str, Kind] = {"lat": _REAL, "lon": _REAL, "opened_year": _WHOLE, "closed_year": _WHOLE}
_SUPPLY: dict[str, Kind] = {"employment": _REAL, "share_pct_of_country": _REAL}
_COUNTY_LABOR: dict[str, Kind] = {
    "labor_force": _WHOLE,
    "unemployed": _WHOLE,
    "unemployment_rate_pct": _REAL,
    "year": _WHOLE,
}
_RIGHT_TO_WORK: dict[str, Kind] = {
    "right_to_work_2026": _FLAG,
    "first_year": _WHOLE,
    "constitution_year": _WHOLE,
    "statute_year": _WHOLE,
    "ended_year": _WHOLE,
}
_RAIL_EDGES: dict[str, Kind] = {"from_node": _WHOLE, "to_node": _WHOLE, "length_km": _REAL}


def _bytes(name: str) -> bytes:
    """Content of a shipped file, unpacked if it ends in ``.gz``."""
    raw = resources.files("evsiting.reference").joinpath("data", name).read_bytes()
    return gzip.decompress(raw) if name.endswith(".gz") else raw


def _table(name: str, types: Mapping[str, Kind]) -> pd.DataFrame:
    """Read a shipped table: every column is text unless ``types`` says otherwise."""
    text = pd.read_csv(io.BytesIO(_bytes(name)), dtype=str, keep_default_na=False, na_values=[""])
    for column, kind in types.items():
        number = pd.to_numeric(text[column])
        gaps = number.isna().any()  # missing values need the nullable kinds
        if kind == "float64":
            text[column] = number.astype("float64")
        elif kind == "Int64":
            text[column] = number.astype("Int64") if gaps else number.astype("int64")
        else:
            text[column] = number.astype("boolean") if gaps else number.astype("bool")
    if "note" in text:
        text["note"] = text["note"].fillna("")
    return text


def _points(table: pd.DataFrame) -> gpd.GeoDataFrame:
    """Give each row a point, from its ``lon`` and ``lat``."""
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs=WGS84)


@cache
def jurisdictions() -> gpd.GeoDataFrame:
    """States, provinces and territories with their polygons."""
    table = _table("jurisdictions.csv", _JURISDICTIONS)
    shapes = gpd.GeoDataFrame.from_features(json.loads(_bytes("jurisdictions.geojson.gz")), crs=WGS84)
    geometry = shapes.set_index("iso").geometry.reindex(table["iso"]).to_numpy()
    return gpd.GeoDataFrame(table, geometry=geometry, crs=WGS84)


@cache
def jurisdiction_facts() -> pd.DataFrame:
    """What is known of each jurisdiction, one value a row."""
    return _table("jurisdiction_facts.csv.gz", _FACTS)


@cache
def cities() -> gpd.GeoDataFrame:
    """Cities of 15,000 persons and more."""
    return _points(_table("cities.csv.gz", _CITIES))


@cache
def plants() -> gpd.GeoDataFrame:
    """Announced, standing and abandoned EV and battery plants."""
    return _points(_table("plants.csv", _PLANTS))


@cache
def standing_vehicle_plants() -> gpd.GeoDataFrame:
    """Vehicle plants that stood at the end of 2016."""
    return _points(_table("standing_vehicle_plants.csv", _STANDING))


@cache
def auto_supply_base() -> pd.DataFrame:
    """Employment in making vehicles and their parts, by country, state and county."""
    return _table("auto_supply_base.csv", _SUPPLY)


@cache
def county_labor() -> pd.DataFrame:
    """Labor force and unemployed of the counties of the United States."""
    return _table("county_labor_2024.csv.gz", _COUNTY_LABOR)


@cache
def right_to_work() -> pd.DataFrame:
    """Which states of the United States have a right-to-work law, and since when."""
    return _table("right_to_work.csv", _RIGHT_TO_WORK)


@cache
def borders() -> gpd.GeoDataFrame:
    """Land border crossings."""
    return _points(_table("borders.csv", _BORDERS))


@cache
def ports() -> gpd.GeoDataFrame:
    """Seaports."""
    return _points(_table("ports.csv", _POINT))


@cache
def sea_lanes() -> pd.DataFrame:
    """Sea distances between ports."""
    return _table("sea_lanes.csv.gz", _SEA_LANES)


@cache
def rail_nodes() -> gpd.GeoDataFrame:
    """Nodes of the rail network."""
    return _points(_table("rail_nodes.csv.gz", _RAIL_NODES))


@cache
def rail_edges() -> pd.DataFrame:
    """Links of the rail network."""
    return _table("rail_edges.csv.gz", _RAIL_EDGES)


@cache
def parameters() -> pd.DataFrame:
    """Parameters; ``text`` is the value as it is written."""
    table = _table("parameters.csv", {"low": _REAL, "high": _REAL})
    number = pd.to_numeric(table["value"], errors="coerce").astype("float64")
    table.insert(2, "text", table["value"])
    table["value"] = number
    for column in ("valid_from", "valid_to"):
        table[column] = pd.to_datetime(table[column], format="%Y-%m-%d")
    return table


@cache
def sources() -> pd.DataFrame:
    """Sources, one a row."""
    return _table("sources.csv", {})
