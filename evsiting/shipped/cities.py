"""The North American study by city: every candidate of the reference table, and every city as a market."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evsiting import reference
from evsiting.shipped import local
from evsiting.shipped.book import ProvenanceLog
from evsiting.shipped.places import as_candidates, persons_once
from evsiting.study.codes import slug
from evsiting.study.lists import join_lists

Floats = NDArray[np.float64]


def _ordered() -> gpd.GeoDataFrame:
    """Return all cities by falling population, with a code of region and name that no two share."""
    cities = reference.cities().sort_values(["population", "geonameid"], ascending=[False, True])
    cities = cities.reset_index(drop=True)
    names = [slug(name) or str(number) for name, number in zip(cities["name"], cities["geonameid"], strict=True)]
    codes = pd.Series([f"{iso}-{name}" for iso, name in zip(cities["iso"], names, strict=True)])
    again = codes.duplicated()
    cities["code"] = codes.where(~again, codes + "-" + cities["geonameid"].astype(str))
    return cities


def candidates() -> gpd.GeoDataFrame:
    """Return the 1,360 cities of 50,000 persons and more as candidate sites.

    Returns
    -------
    geopandas.GeoDataFrame
        ``site``, ``name``, ``country``, ``region``, ``role``, ``geometry``; by code.
    """
    cities = _ordered().query("candidate")
    return as_candidates(cities, cities["code"].tolist())


def markets() -> gpd.GeoDataFrame:
    """Return the 4,557 cities of 15,000 persons and more as markets; codes have a dot: ``US-TN.memphis``."""
    cities = _ordered()
    frame = {
        "market": _market_codes(cities),
        "name": cities["name"].to_numpy(),
        "country": cities["country"].to_numpy(),
        "region": cities["iso"].to_numpy(),
    }
    made = gpd.GeoDataFrame(frame, geometry=cities.geometry.to_numpy(), crs=cities.crs)
    return made.sort_values("market").reset_index(drop=True)


def _market_codes(cities: gpd.GeoDataFrame) -> list[str]:
    size = cities["iso"].str.len()
    return [f"{code[:k]}.{code[k + 1 :]}" for code, k in zip(cities["code"], size, strict=True)]


def weights() -> pd.Series[float]:
    """Return the persons of each city market, nobody counted twice (:func:`evsiting.shipped.places.persons_once`).

    Returns
    -------
    pandas.Series
        Persons, by code of the market.
    """
    cities = _ordered()
    market = pd.Index(_market_codes(cities), name="market")
    return pd.Series(persons_once(cities), index=market, name="persons").sort_index()


def share_to_cities(book: ProvenanceLog, demand: pd.DataFrame, persons: pd.Series[float]) -> pd.DataFrame:
    """Return the demand of jurisdictions shared to their cities by persons, in whole units; sums are the same.

    By largest remainders, so that the cities of a jurisdiction want together just what it wants. What a jurisdiction
    without a city (Nunavut) wants goes to the cities of its country.

    Parameters
    ----------
    book : ProvenanceLog
        Where provenance goes.
    demand : pandas.DataFrame
        By jurisdiction, product and period, in whole units.
    persons : pandas.Series
        By market.
    """
    region = persons.index.str.split(".").str[0]
    rows = []
    for key, group in demand.groupby(["product", "period"], sort=False):
        total = pd.Series(0.0, index=persons.index)
        for place, units in zip(group["market"], group["units_per_yr"], strict=True):
            mine = region == place
            if not mine.any():
                mine = region.str[:2] == place[:2]
            total[mine] += _apportion(float(units), persons[mine].to_numpy(np.float64))
        rest = group.drop(columns=["market", "units_per_yr"]).iloc[[0]]
        made = pd.concat([rest] * len(total), ignore_index=True)
        rows.append(made.assign(market=total.index.to_numpy(), units_per_yr=total.to_numpy()))
        del key
    for row in book.rows:
        if row["table"] == "demand" and row["column"] == "units_per_yr":
            row["note"] += (
                "; that of a state or province shared to its cities of 15,000 persons and more by population, of which "
                "places within the circle that a larger one fills at 4,000 persons a km2 are parts"
            )
            row["source"] = join_lists([row["source"], "geonames"])
    return pd.concat(rows, ignore_index=True)[list(demand.columns)]


def _apportion(units: float, weight: Floats) -> Floats:
    """Share whole units by weight, by largest remainders.

    Examples
    --------
    >>> _apportion(10.0, np.array([1.0, 1.0, 4.0])).tolist()
    [2.0, 1.0, 7.0]
    """
    exact = units * weight / weight.sum()
    made = np.floor(exact)
    left = round(units - made.sum())
    made[np.argsort(made - exact, kind="stable")[:left]] += 1.0
    return np.asarray(made)


def labor_pools(
    book: ProvenanceLog, sites: gpd.GeoDataFrame, centres: gpd.GeoDataFrame, staff: pd.Series
) -> tuple[list[str], pd.DataFrame]:
    """Return the commuting area of each site and the staff that plants in it can hire: those around some centres.

    A site and a city belong to the nearest centre of their country, so that nobody is counted twice.

    Parameters
    ----------
    book : ProvenanceLog
        Where provenance goes.
    sites, centres : geopandas.GeoDataFrame
        ``site``, ``name``, ``country``, ``geometry``.
    staff : pandas.Series
        Staff at full load of plants that stand, are begun or are paused, by site. [FTE]

    Returns
    -------
    pools : list of str
        Code of the area of each site, in the order of the sites.
    table : pandas.DataFrame
        ``pool``, ``name``, ``available_fte``.
    """
    places = markets()
    persons = weights().reindex(places["market"]).to_numpy()
    working = local.labor_force_per_head().reindex(places["region"]).to_numpy(np.float64)
    home, area = local.nearest(places, centres), local.nearest(sites, centres)
    force = np.bincount(home, weights=persons * working, minlength=len(centres))
    there = np.bincount(area, weights=staff.reindex(sites["site"]).fillna(0.0).to_numpy(), minlength=len(centres))
    used = np.unique(area)
    codes = [f"area-{code}" for code in centres["site"]]
    available = np.round(local.PARTICIPATION * force + there)
    note = (
        f"{local.PARTICIPATION:.0%} of the labor force of the cities nearest to a centre, beside the staff at full "
        "load of plants there: cities of 15,000 persons and more, nobody counted twice, times the labor force per head "
        "of their state or province; centres are the largest city of each state and province, then others by population"
    )
    book.cite("labor_pools", "available_fte", "*", "geonames", "", "assumption", note)
    rows = [(codes[k], centres["name"].iloc[k], float(available[k])) for k in used]
    return [codes[k] for k in area], pd.DataFrame(rows, columns=["pool", "name", "available_fte"])
