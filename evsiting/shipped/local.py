"""What the shipped studies know of the places around their sites: taxes, staff, connections, heat, clean power."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting import reference
from evsiting.layers.geo.geodesic import EARTH_RADIUS_KM, unit_vectors
from evsiting.shipped.book import ProvenanceLog
from evsiting.shipped.places import persons_once

#: Radius of a commuting area. [km]
REACH_KM = 60.0
#: Part of the labor force within reach that would work in plants of the study, beside the staff already there. [1]
PARTICIPATION = 0.03
#: Yearly property tax as a part of the investment. [1/yr]
PROPERTY_TAX = {"US": 0.012, "CA": 0.015, "MX": 0.005}
#: Load that can be connected at a candidate without an upgrade. [MW]
CONNECTABLE_MW = 60.0
#: Steps of an upgrade: name, load that it adds, cost, what it stands for. [MW, USD]
UPGRADES = (
    ("substation", 150.0, 30e6, "200 USD/kW for a substation and its line"),
    ("high-voltage line", 300.0, 90e6, "300 USD/kW for a second substation with a line of high voltage"),
)
#: Mean over peak electric load of a plant. [1]
LOAD_FACTOR = 0.85
#: Year of the grid factors, by country, from which their trend goes on.
GRID_YEAR = {"US": 2023, "MX": 2024}
#: Year in which the week of the Mexican wages was still in force.
WAGE_YEAR = 2026


def site_columns(book: ProvenanceLog, sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the sites with taxes, heat, connection and clean power.

    Parameters
    ----------
    book : ProvenanceLog
        Where provenance goes.
    sites : geopandas.GeoDataFrame
        ``site``, ``country``, ``region``, ``role``, ``geometry``.
    """
    made = sites.copy()
    taxes = reference.fact("corporate_tax_rate_combined", with_quality=True)
    zero = reference.fact("corporate_tax_rate_zev_manufacturing", with_quality=True)
    known = pd.concat([taxes.drop(index=zero.index.intersection(taxes.index)), zero])
    made["tax_rate"] = 0.01 * made["region"].map(known["value"]).to_numpy(np.float64)
    for region, row in known.reindex(sorted(made["region"].unique())).iterrows():
        for site in made.loc[made["region"] == region, "site"]:
            note = f"percent to fraction; {row['note']}"
            book.cite("sites", "tax_rate", site, row["source"], str(row["year"]), row["quality"], note)
    made["property_tax_rate"] = made["country"].map(PROPERTY_TAX)
    rates = "of the investment, equipment included: 1.2 % in the United States, 1.5 % in Canada, 0.5 % in Mexico"
    book.cite("sites", "property_tax_rate", "*", "", "", "assumption", f"{rates}; rates of cities were not read")
    made["heat_price_usd_per_mwh"] = round(book.get("fuel.natural_gas.price"), 3)
    gas = "the price of natural gas to industry in the United States holds everywhere; boilers are in the investment"
    book.note("sites", "heat_price_usd_per_mwh", assumed=gas)
    made["heat_factor_kg_per_kwh"] = book.get("fuel.natural_gas.co2")
    book.note("sites", "heat_factor_kg_per_kwh")
    candidate = made["role"] == "candidate"
    made["connectable_mw"] = np.where(candidate, CONNECTABLE_MW, np.nan)
    at_once = f"{CONNECTABLE_MW:g} MW at a candidate; plants that stand are connected"
    book.cite("sites", "connectable_mw", "*", "", "", "assumption", at_once)
    made["clean_premium_usd_per_mwh"] = book.get("power.clean_premium")
    book.note("sites", "clean_premium_usd_per_mwh", assumed="the same premium in all three countries")
    return made


def grid_upgrades(book: ProvenanceLog) -> pd.DataFrame:
    """Return the steps by which more load can be connected, the same at every candidate."""
    for name, _, _, what in UPGRADES:
        note = f"{what}; what a utility asks differs from place to place"
        book.cite("grid_upgrades", "*", f"|{name}", "", "", "assumption", note)
    rows = [{"site": None, "upgrade": name, "capacity_mw": mw, "capex_usd": usd} for name, mw, usd, _ in UPGRADES]
    return pd.DataFrame(rows)


def trajectories(book: ProvenanceLog, periods: pd.DataFrame) -> pd.DataFrame:
    """Return how grid factors and wages change.

    The trend of the past of grid factors goes on; Canada's stay. Wages of Mexico follow the working week.
    """
    rows = _grid_factors(book, periods) + _mexican_wages(book, periods)
    return pd.DataFrame(rows, columns=["column", "place", "period", "factor"])


def wages_over_time(book: ProvenanceLog, periods: pd.DataFrame) -> pd.DataFrame:
    """Return how wages change: those of Mexico follow the working week."""
    return pd.DataFrame(_mexican_wages(book, periods), columns=["column", "place", "period", "factor"])


def _mexican_wages(book: ProvenanceLog, periods: pd.DataFrame) -> list[tuple[str, str, str, float]]:
    r"""Return what an hour in Mexico costs as the week grows shorter at the same pay: mean of :math:`48 / h_y`."""
    key, rows = "labor.mx.hours_per_week", []
    base = book.get(key, year=WAGE_YEAR)
    for name, first, length in periods[["period", "start_year", "years"]].itertuples(index=False, name=None):
        hours = np.array([book.get(key, year=int(first) + k) for k in range(int(length))])
        rows.append(("wage_usd_per_h", "MX", name, round(float((base / hours).mean()), 6)))
        law = f"weeks of {hours[0]:g} to {hours[-1]:g} h in place of {base:g} h; the pay of a day may not fall"
        note = f"{law}; that nobody earns more or works overtime for it is not proven"
        book.note("trajectories", "factor", f"wage_usd_per_h|MX|{name}", keys=[key], derived=note)
    return rows


def _grid_factors(book: ProvenanceLog, periods: pd.DataFrame) -> list[tuple[str, str, str, float]]:
    rows = []
    for country, year in GRID_YEAR.items():
        trend = 1.0 + 0.01 * book.get(f"grid.{country.lower()}.co2_trend")
        for name, first, length in periods[["period", "start_year", "years"]].itertuples(index=False, name=None):
            factor = round(float((trend ** (first - year + np.arange(length))).mean()), 6)
            rows.append(("grid_factor_kg_per_kwh", country, name, factor))
            row = f"grid_factor_kg_per_kwh|{country}|{name}"
            key = f"grid.{country.lower()}.co2_trend"
            book.note("trajectories", "factor", row, keys=[key], assumed="the trend of the past goes on")
    return rows


@dataclass(frozen=True)
class _Directions:
    """Points as unit vectors: distances along the great circle are cheap."""

    unit: NDArray[np.float64]
    country: NDArray[np.object_]

    @classmethod
    def of(cls, frame: gpd.GeoDataFrame) -> _Directions:
        unit = unit_vectors(frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy())
        return cls(unit, frame["country"].to_numpy(dtype=object))

    def near(self, other: _Directions, km: float) -> NDArray[np.bool_]:
        """Return which points of the same country lie within a distance."""
        close = self.unit @ other.unit.T >= np.cos(km / EARTH_RADIUS_KM)
        return np.asarray(close & (self.country[:, None] == other.country[None, :]))


def nearest(places: gpd.GeoDataFrame, centres: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Return the position of the nearest centre of the same country for each place, by great circle."""
    mine, theirs = _Directions.of(places), _Directions.of(centres)
    close = np.where(mine.country[:, None] == theirs.country[None, :], mine.unit @ theirs.unit.T, -np.inf)
    return np.asarray(close.argmax(axis=1))


def labor_force_per_head() -> pd.Series[float]:
    """Return the labor force of each jurisdiction as a part of its population, by code. [1]"""
    population = reference.jurisdictions().set_index("iso")["population"].astype("float64")
    share: pd.Series[float] = reference.fact("labor_force") / population
    return share


def labor_pools(book: ProvenanceLog, sites: gpd.GeoDataFrame, staff: pd.Series) -> tuple[list[str], pd.DataFrame]:
    r"""Return the commuting area of each site and the staff that plants in it can hire.

    Sites of one country within reach of each other, directly or over others, share an area. It holds

    .. math:: \sum_{\text{cities}} P\,\frac{L}{P_r}\,\theta + N

    with the persons P of cities of 15,000 persons and more within reach of any of its sites, those of a part of a
    larger city counted once (:func:`evsiting.shipped.places.persons_once`), labor force L and population :math:`P_r`
    of their state or province, the part :math:`\theta` that would work in plants of the study,
    and the staff N that plants which stand, are begun or are paused have at full load. A city within reach of sites of
    two areas belongs to that of the nearest site.

    Parameters
    ----------
    book : ProvenanceLog
        Where provenance goes.
    sites : geopandas.GeoDataFrame
        ``site``, ``name``, ``country``, ``region``, ``geometry``.
    staff : pandas.Series
        Staff at full load of plants that stand, are begun or are paused, by site. [FTE]

    Returns
    -------
    pools : list of str
        Code of the area of each site, in the order of the sites.
    table : pandas.DataFrame
        ``pool``, ``name``, ``available_fte``.
    """
    cities = reference.cities()
    places, towns = _Directions.of(sites), _Directions.of(cities)
    linked = places.near(places, REACH_KM)
    area = np.arange(len(sites))
    while (lower := np.where(linked, area[None, :], len(sites)).min(axis=1)).tolist() != area.tolist():
        area = lower
    codes = sites["site"].to_numpy(dtype=object)
    names = sites["name"].to_numpy(dtype=object)
    working = labor_force_per_head().reindex(cities["iso"]).to_numpy(np.float64)
    workers = persons_once(cities) * working
    reached = places.near(towns, REACH_KM).any(axis=0)
    home = area[nearest(cities, sites)]
    there = staff.reindex(sites["site"]).fillna(0.0).to_numpy()
    rows = []
    for k in np.unique(area):
        mine = area == k
        force = workers[reached & (home == k)].sum()
        rows.append((f"area-{codes[k]}", names[k], float(round(PARTICIPATION * force + there[mine].sum()))))
    note = (
        f"{PARTICIPATION:.0%} of the labor force within {REACH_KM:g} km of a site, beside the staff at full load of "
        "plants there: cities of 15,000 persons and more times the labor force per head of their state or province; "
        "a city belongs to the area of the nearest site; a city and its parts (New York, Brooklyn) count once"
    )
    book.cite("labor_pools", "available_fte", "*", "geonames", "", "assumption", note)
    return [f"area-{codes[k]}" for k in area], pd.DataFrame(rows, columns=["pool", "name", "available_fte"])
