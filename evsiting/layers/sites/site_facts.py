"""What the reference data know of any point: columns to score candidates by, before there is a study."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from evsiting import reference
from evsiting.errors import Problems, TableError, shown
from evsiting.layers.geo.frames import checked_sites, nearest_km
from evsiting.layers.geo.geodesic import great_circle_km
from evsiting.study.canonical.territory import km_from
from evsiting.study.schema.countries import COUNTRIES
from evsiting.study.validation.places import LIMITS

#: Radius of a commuting area. A modelling choice. [km]
NEAR_KM = 50.0

#: Columns read from the facts of the state or province: variable and the factor to the column's unit.
_FACTS = {
    "wage_usd_per_h": ("assembler_wage_usd", 1.0),
    "payroll_burden": ("payroll_burden", 0.01),
    "unemployment_rate": ("unemployment_rate", 0.01),
    "power_price_usd_per_mwh": ("industrial_power_price", 1.0),
    "grid_factor_kg_per_kwh": ("grid_emission_factor", 1.0),
    "renewable_share": ("renewable_share", 0.01),
}

#: Column -> unit, meaning.
SITE_FACTS = {
    "wage_usd_per_h": ("USD/h", "wage of assemblers in the state; in Mexico the mean of all insured jobs"),
    "payroll_burden": (
        "1",
        "employer's cost on top: social insurance and labor taxes over direct pay in manufacturing, of the country",
    ),
    "unemployment_rate": ("1", "unemployed part of the labor force of the state; missing for 24 jurisdictions"),
    "power_price_usd_per_mwh": ("USD/MWh", "industrial electricity price of the state; one value for Mexico"),
    "grid_factor_kg_per_kwh": ("kg/kWh", "CO2e of grid electricity in the state; one value for Mexico"),
    "renewable_share": ("1", "renewable part of generation in the state; one value for Mexico"),
    "people_near": ("person", f"people in cities of 15,000 and more within {NEAR_KM:g} km; counts may overlap"),
    "market_km": ("km", "mean distance to the vehicle buyers of all 96 jurisdictions, great circle times circuity"),
    "rail_km": ("km", "great circle to the nearest station of the Class I rail graph in the same country"),
    "gateway_km": ("km", "great circle to the nearest sea port or land crossing"),
}


def site_facts(sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return sites with what the reference data know of the places, for scoring.

    Parameters
    ----------
    sites : geopandas.GeoDataFrame
        Columns ``site``, ``country`` and ``region`` and points, in any coordinate reference system, as those of
        :func:`evsiting.candidates`.

    Returns
    -------
    geopandas.GeoDataFrame
        A copy with the columns of :data:`SITE_FACTS`, index, order and reference system as given. A value that is not
        shipped for a state is missing. Columns of the same name are replaced.

    Raises
    ------
    InputError
        If the points fail their checks, or a country or region is missing or unknown.

    Notes
    -----
    Six columns are the same everywhere in a state: they cannot tell its places apart. For a study use
    :func:`evsiting.complete`, which fills its tables with provenance.

    Examples
    --------
    >>> import evsiting as ev
    >>> places = ev.site_facts(ev.candidates(places=["US-TN", "MX-NLE"]))
    >>> places.groupby("region")["wage_usd_per_h"].nunique().to_dict()
    {'MX-NLE': 1, 'US-TN': 1}
    """
    points = checked_sites(sites)
    check_places(points)
    made = sites.copy()
    for column, (variable, factor) in _FACTS.items():
        made[column] = (reference.fact(variable).reindex(points["region"]) * factor).round(12).to_numpy(np.float64)
    lon, lat = points.geometry.x.to_numpy(np.float64), points.geometry.y.to_numpy(np.float64)
    made["people_near"] = _people(lon, lat, NEAR_KM)
    made["market_km"] = _to_markets(lon, lat)
    made["rail_km"] = _to_rail(points)
    gates = pd.concat([_points(reference.ports().query("role == 'north_america'")), _points(reference.borders())])
    made["gateway_km"] = nearest_km(points, gpd.GeoDataFrame(gates, crs=points.crs))
    return made


def _people(lon: np.ndarray, lat: np.ndarray, reach_km: float) -> np.ndarray:
    cities = reference.cities()
    people = cities["population"].to_numpy(np.float64)
    people_near = np.empty(len(lon))
    for start in range(0, len(lon), 1000):
        part = slice(start, start + 1000)
        km = great_circle_km(lon[part, None], lat[part, None], cities["lon"].to_numpy(), cities["lat"].to_numpy())
        people_near[part] = (km <= reach_km) @ people
    return people_near


def _to_markets(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Return the mean distance to buyers, each jurisdiction at its label point. [km]."""
    places = reference.jurisdictions().set_index("iso")
    buyers = reference.fact("vehicle_sales").reindex(places.index).to_numpy(np.float64)
    km = great_circle_km(lon[:, None], lat[:, None], places["lon"].to_numpy(), places["lat"].to_numpy())
    return np.asarray(reference.parameter("freight.road.circuity").value * (km @ buyers) / buyers.sum())


def _to_rail(points: gpd.GeoDataFrame) -> pd.Series[float]:
    nodes = reference.rail_nodes().query("component == 1")
    country = nodes["iso"].str[:2]
    parts = [nearest_km(mine, _points(nodes[country == code])) for code, mine in points.groupby("country")]
    return pd.concat(parts).reindex(points.index)


def _points(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame[["geometry"]]


def check_places(points: gpd.GeoDataFrame) -> None:
    """Refuse sites whose country or region is missing, unknown, or too far from their point."""
    problems = Problems()
    known = {"country": set(COUNTRIES), "region": set(reference.jurisdictions()["iso"])}
    for column, values in known.items():
        if column not in points:
            problems.add("sites", f"has no column {column!r}", shown(map(str, points.columns)), "Add it")
            continue
        bad = ~points[column].isin(values)
        if bad.any():
            fix = "Give US, CA, MX and ISO 3166-2 codes, as evsiting.candidates does"
            seen = shown(points.loc[bad, "site"])
            problems.add(f"sites, column {column!r}", "values are missing or unknown", seen, fix)
    if not problems and (points["region"].str[:2] != points["country"]).any():
        other = points[points["region"].str[:2] != points["country"]]
        seen = shown(f"{r.site}: {r.country}, {r.region}" for r in other.itertuples())
        problems.add("sites", "the region is of another country", seen, "Correct one of them")
    if not problems:
        lon, lat = points.geometry.x.to_numpy(np.float64), points.geometry.y.to_numpy(np.float64)
        far = km_from(points["region"], lon, lat)
        off = far > LIMITS["sites"].refused
        if off.any():
            rows = zip(points.loc[off, "site"], far[off], points.loc[off, "region"], strict=True)
            reach = LIMITS["sites"].refused
            what = f"{int(off.sum())} of {len(points)} points lie more than {reach:g} km from their region"
            seen = shown(f"{s}: {d:,.0f} km from {r}" for s, d, r in rows)
            problems.add("sites", what, seen, "Correct the point or the region")
    problems.raise_if_any(TableError)
