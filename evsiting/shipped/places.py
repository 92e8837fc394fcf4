"""Places of the shipped studies: candidate cities, plants of the reference table, markets."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from evsiting import reference
from evsiting.layers.geo.geodesic import EARTH_RADIUS_KM, great_circle_km, unit_vectors
from evsiting.layers.geo.spacing import thin_points
from evsiting.layers.sites.industry import parts_by_city
from evsiting.study.codes import slug

#: Jurisdictions without a candidate: far off the continental road net, behind a gulf that straight lines do
#: not see, or a city that is its own jurisdiction.
LEFT_OUT = ("US-AK", "US-HI", "CA-YT", "CA-NT", "CA-NU", "CA-NL", "MX-BCS", "US-DC", "MX-CMX")

#: Places that are part of a city but carry the count of the whole: no candidates.
PART_OF_A_CITY = ("New South Memphis",)

#: A city nearer than this to a larger one is part of its area; how far a candidate reaches for what it covers. [km]
APART_KM, COVER_KM = 30.0, 50.0

#: Density at which a place is taken to hold its people, for the circle in which smaller ones are its parts. [1/km2]
DENSITY_PER_KM2 = 4_000.0

#: Plants of the reference table that do not serve light vehicles, and why.
NOT_LIGHT_VEHICLES = {
    "pomega_walterboro": "cells for stationary storage",
    "amplify_cell_technologies": "cells for heavy trucks",
    "blueoval_sk_battery_park_2_plants": "being turned to cells for stationary storage",
    "lansing_cells_ex_ultium_now_lges": "being turned to cells for stationary storage",
    "lges_michigan_expansion": "cells for stationary storage",
}

#: Status of a plant by that of the reference table; those that are only announced are left out: nothing is spent on
#: them, and whether to build is what a study asks.
STATUS = {
    "operating": "existing",
    "under_construction": "committed",
    "paused": "paused",
    "canceled": "canceled",
    "retired": "closed",
}


def candidate_cities(count: int) -> gpd.GeoDataFrame:
    r"""Return cities as candidate sites by a stated rule: those that cover most people and most of the parts industry.

    Cities of 50,000 persons and more of the mainland jurisdictions (all but :data:`LEFT_OUT`) stand to choose from, of
    those nearer than :data:`APART_KM` to a larger one of their country only that one. Then, one after the other, the
    city that adds most to what is covered, until there are ``count`` (greedy maximal covering [1]_, [2]_):

    .. math:: \max_S \sum_{c\,:\,\min_{s \in S} d_{sc} \le R} v_c, \qquad
              v_c = \frac{P_k}{P}\,\frac12 \left(\frac{p_c}{p_k} + \frac{e_c}{e_k}\right)

    over all cities c of the reference table: persons p and parts making e (:mod:`evsiting.layers.sites.industry`) of
    the city and of its country k, each as a part of the country's, and the people P of the countries. A city covers
    those of its own country within :data:`COVER_KM`. So size and industry weigh the same, places spread by themselves
    (nobody is covered twice), countries weigh by people, and no state has a quota. No plant is in the rule.

    Parameters
    ----------
    count : int
        How many.

    Returns
    -------
    geopandas.GeoDataFrame
        ``site``, ``name``, ``country``, ``region``, ``role``, ``geometry``; by code.

    References
    ----------
    .. [1] R. Church and C. ReVelle, "The maximal covering location problem," Papers of the Regional Science
       Association 32, 101-118, 1974, doi:10.1007/BF01942293
    .. [2] G. L. Nemhauser, L. A. Wolsey, M. L. Fisher, "An analysis of approximations for maximizing submodular set
       functions I," Mathematical Programming 14, 265-294, 1978, doi:10.1007/BF01588971: the greedy choice covers at
       least 63 % of what the best covers.
    """
    cities = reference.cities().assign(parts=parts_by_city())
    cities = _by_population(cities[~cities["iso"].isin(LEFT_OUT) & ~cities["name"].isin(PART_OF_A_CITY)])
    large = cities[cities["candidate"].to_numpy(dtype=bool)]
    large = large[thin_points(large, APART_KM) < 0].reset_index(drop=True)
    worth = _worth(cities)
    covers = great_circle_km(
        large["lon"].to_numpy()[:, None], large["lat"].to_numpy()[:, None], cities["lon"].to_numpy(),
        cities["lat"].to_numpy(),
    ) <= COVER_KM  # fmt: skip
    covers &= large["country"].to_numpy(dtype=object)[:, None] == cities["country"].to_numpy(dtype=object)[None, :]
    chosen: list[int] = []
    while len(chosen) < min(count, len(large)):
        gain = covers @ worth
        gain[chosen] = -1.0
        chosen.append(int(np.argmax(gain)))
        worth = np.where(covers[chosen[-1]], 0.0, worth)
    candidates = large.loc[sorted(chosen)]
    codes = [f"{iso}-{slug(name)}" for iso, name in zip(candidates["iso"], candidates["name"], strict=True)]
    return as_candidates(candidates, codes)


def _worth(cities: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Return what covering each city is worth: half by people, half by parts making, countries by people."""
    country = cities["country"]
    people = cities["population"].astype("float64")
    halves = [column / column.groupby(country).transform("sum") for column in (people, cities["parts"])]
    all_people = reference.jurisdictions().groupby("country")["population"].sum().astype("float64")
    return np.asarray(country.map(all_people / all_people.sum()) * 0.5 * (halves[0] + halves[1]), dtype=np.float64)


def _by_population(cities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return cities.sort_values(["population", "geonameid"], ascending=[False, True]).reset_index(drop=True)


def persons_once(cities: gpd.GeoDataFrame) -> NDArray[np.float64]:
    r"""Return the persons of cities, nobody counted twice.

    Counts of the reference table overlap: New York City and Brooklyn are both rows. A place within the circle that a
    larger one of its jurisdiction would fill at :data:`DENSITY_PER_KM2` is its part,

    .. math:: d_{ij} \le \sqrt{\frac{P_i}{\pi\,\delta}}

    (of several, the largest). The larger place keeps what its parts leave; where they hold more than it has, they are
    scaled down to what it has. So a place and its parts hold together just what the place has.

    Parameters
    ----------
    cities : geopandas.GeoDataFrame
        ``iso``, ``lon``, ``lat``, ``population``, ``geonameid``.

    Returns
    -------
    numpy.ndarray
        Persons, in the order of the cities.
    """
    order = np.lexsort((cities["geonameid"].to_numpy(), -cities["population"].to_numpy(np.float64)))
    falling = cities.iloc[order]
    persons = falling["population"].to_numpy(np.float64)
    unit = unit_vectors(falling["lon"].to_numpy(), falling["lat"].to_numpy())
    reach = np.sqrt(persons / (np.pi * DENSITY_PER_KM2))
    region = falling["iso"].to_numpy(dtype=object)
    whole = np.full(len(falling), -1)
    for j in range(len(falling)):  # falling population: a place that is a part itself has none
        first = np.flatnonzero((whole[:j] < 0) & (region[:j] == region[j]))
        km = EARTH_RADIUS_KM * np.arccos(np.clip(unit[first] @ unit[j], -1.0, 1.0))
        inside = first[km <= reach[first]]
        if len(inside):
            whole[j] = inside[0]
    parts = np.bincount(whole[whole >= 0], weights=persons[whole >= 0], minlength=len(falling))
    shrink = np.minimum(1.0, persons / np.maximum(parts, 1.0))
    persons_left = np.where(whole >= 0, persons * shrink[whole], np.maximum(persons - parts, 0.0))
    once = np.empty(len(cities))
    once[order] = persons_left
    return once


def regional_centres(count: int, spacing_km: float) -> gpd.GeoDataFrame:
    """Return cities as centres of commuting areas: the largest of each mainland jurisdiction, then by population.

    First the largest city of each jurisdiction but those of :data:`LEFT_OUT`. Then, by falling population,
    every city of 50,000 persons or more that lies at least ``spacing_km`` from all chosen before in its own
    country (twin cities on a border are two places), until there are ``count``.

    Parameters
    ----------
    count : int
        How many.
    spacing_km : float
        Least distance of a city of the second step to all chosen before in its country. [km]

    Returns
    -------
    geopandas.GeoDataFrame
        ``site``, ``name``, ``country``, ``region``, ``role``, ``geometry``; by code.
    """
    cities = reference.cities()
    cities = _by_population(cities[~cities["iso"].isin(LEFT_OUT) & ~cities["name"].isin(PART_OF_A_CITY)])
    first = cities.groupby("iso", sort=False).head(1).index.to_numpy()
    unit = unit_vectors(cities["lon"].to_numpy(), cities["lat"].to_numpy())
    apart = 2.0 * np.sin(0.5 * spacing_km / EARTH_RADIUS_KM)
    country = cities["country"].to_numpy(dtype=object)
    chosen = [int(k) for k in first]
    for k in np.flatnonzero(cities["candidate"].to_numpy(dtype=bool)):
        if len(chosen) >= count:
            break
        near = [c for c in chosen if country[c] == country[k]]
        if k not in first and np.linalg.norm(unit[near] - unit[k], axis=1).min() >= apart:
            chosen.append(int(k))
    centres = cities.loc[sorted(chosen)]
    codes = [f"{iso}-{slug(name)}" for iso, name in zip(centres["iso"], centres["name"], strict=True)]
    return as_candidates(centres, codes)


def as_candidates(cities: gpd.GeoDataFrame, codes: list[str]) -> gpd.GeoDataFrame:
    """Return cities of the reference table as candidate sites, by code.

    Parameters
    ----------
    cities : geopandas.GeoDataFrame
        ``name``, ``country``, ``iso``, ``geometry``.
    codes : list of str
        Code of each as a site.

    Returns
    -------
    geopandas.GeoDataFrame
        ``site``, ``name``, ``country``, ``region``, ``role``, ``geometry``; by code.
    """
    frame = {
        "site": codes,
        "name": cities["name"].to_numpy(),
        "country": cities["country"].to_numpy(),
        "region": cities["iso"].to_numpy(),
        "role": "candidate",
    }
    made = gpd.GeoDataFrame(frame, geometry=cities.geometry.to_numpy(), crs=cities.crs)
    return made.sort_values("site").reset_index(drop=True)


def standing_plants(kwh_per_gwh: float = 1e6) -> gpd.GeoDataFrame:
    """Return plants that make or were to make cells or light vehicles and have a capacity, with their status.

    Returns
    -------
    geopandas.GeoDataFrame
        ``plant``, ``site``, ``name``, ``company``, ``country``, ``region``, ``plant_type``, ``status``,
        ``capacity`` [kWh/yr or vehicles/yr], ``sourced`` (whether a source states the capacity), ``source``,
        ``asof``, ``note``.
    """
    plants = reference.plants()
    cells = (plants["type"] == "battery_cell") | (
        (plants["type"] == "assembly+battery_cell") & (plants["capacity_unit"] == "GWh/yr")
    )
    kind = np.where(cells, "cell", "")
    vehicles = plants["type"].isin(["assembly", "assembly+battery_cell"]) & (plants["capacity_unit"] == "vehicles/yr")
    kind = np.where(vehicles, "assembly", kind)
    amount = plants["capacity"].fillna(plants["capacity_unsourced"])
    keep = (kind != "") & amount.notna() & plants["status_class"].isin(list(STATUS))
    keep &= ~plants["id"].isin(list(NOT_LIGHT_VEHICLES))
    standing = plants[keep]
    scale = np.where(kind[keep] == "cell", kwh_per_gwh, 1.0)
    codes = [f"{iso}-{slug(plant)}" for iso, plant in zip(standing["iso"], standing["id"], strict=True)]
    frame = {
        "plant": standing["id"].to_numpy(),
        "site": codes,
        "name": standing["name"].to_numpy(),
        "company": standing["company"].to_numpy(),
        "country": standing["country"].to_numpy(),
        "region": standing["iso"].to_numpy(),
        "plant_type": kind[keep],
        "status": standing["status_class"].map(STATUS).to_numpy(),
        "capacity": amount[keep].to_numpy() * scale,
        "sourced": standing["capacity"].notna().to_numpy(),
        "source": standing["source"].to_numpy(),
        "asof": standing["status_asof"].fillna("").to_numpy(),
        "note": standing["note"].to_numpy(),
    }
    return gpd.GeoDataFrame(frame, geometry=standing.geometry.to_numpy(), crs=standing.crs).sort_values("plant")


def markets() -> gpd.GeoDataFrame:
    """Return the 96 jurisdictions as markets, each at the population-weighted centre of its cities."""
    places = reference.jurisdictions().sort_values("iso")
    frame = {
        "market": places["iso"].to_numpy(),
        "name": places["name"].to_numpy(),
        "country": places["country"].to_numpy(),
        "region": places["iso"].to_numpy(),
    }
    points = gpd.points_from_xy(places["lon"], places["lat"])
    return gpd.GeoDataFrame(frame, geometry=points, crs="EPSG:4326")
