"""Indicators of where companies build: past vehicle plants, supply base, right-to-work laws.

They describe where the industry has been, not whether a place is good: a planner who weighs them copies what companies
did. Keep them apart from the criteria of a planner (:func:`evsiting.site_facts`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from evsiting import reference
from evsiting.errors import Problems, TableError, shown
from evsiting.layers.arguments import is_finite, is_whole
from evsiting.layers.base import LayerResult, Origin
from evsiting.layers.geo.frames import checked_sites, nearest_km
from evsiting.layers.geo.geodesic import EARTH_RADIUS_KM, unit_vectors
from evsiting.layers.geo.vector import POINTS, POLYGONS, check_layer, lon_lat, sources_of
from evsiting.layers.sites.site_facts import check_places
from evsiting.study.lists import join_lists
from evsiting.study.study import Study

#: Column -> unit, meaning.
INDUSTRY_SIGNALS = {
    "vehicle_plant_km": ("km", "geodesic to the nearest vehicle plant standing at the date, in any country"),
    "vehicle_plants_near": ("plant", "vehicle plants standing at the date within plants_km, in any country"),
    "parts_jobs_near_persons": (
        "person",
        "employed in making vehicle parts within parts_km, own country; none for Mexico",
    ),
    "parts_share_near": ("1", "part of the own country's parts making within parts_km; of output value in Mexico"),
    "right_to_work": ("1", "1 where a state of the United States has a right-to-work law at the date, else 0"),
}
#: Reach of plants and of suppliers: about half a day, and two hours, of a truck. Modelling choices. [km]
PLANTS_KM, PARTS_KM = 300.0, 150.0
PARTS = "3363"

Floats = NDArray[np.float64]


def industry_signals(
    sites: gpd.GeoDataFrame,
    *,
    year: int | None = None,
    plants_km: float = PLANTS_KM,
    parts_km: float = PARTS_KM,
    heavy: bool = False,
    plants: gpd.GeoDataFrame | None = None,
    supply: gpd.GeoDataFrame | None = None,
) -> gpd.GeoDataFrame:
    r"""Return sites with signals of where companies of the vehicle industry go.

    Parts jobs near a site are those of areas a within reach, :math:`\sum_{a:\,d_{ia} \le R} e_a`. Without ``supply``,
    the sum of each state or province lies in its cities, by people: :math:`e_a = E_j P_a / \sum_{b \in j} P_b`. What of
    Canada is not Ontario's, and of Mexico not that of the ten largest states, goes to the others by people.

    Parameters
    ----------
    sites : geopandas.GeoDataFrame
        Columns ``site``, ``country``, ``region`` and points, as those of :func:`evsiting.candidates`.
    year : int, optional
        Everything as of the end of this year: plants that stood, laws in force, employment known by then. The newest
        of each where left out. The shipped plants are those of 2016: later openings are not among them.
    plants_km, parts_km : float
        Reach for plants that are counted, and for parts jobs. [km]
    heavy : bool, default False
        Whether plants of trucks, buses and chassis count.
    plants : geopandas.GeoDataFrame, optional
        Points of your own in place of :func:`evsiting.reference.standing_vehicle_plants`; optional ``opened_year``,
        ``closed_year`` (last year of production) and ``kind``.
    supply : geopandas.GeoDataFrame, optional
        Areas of your own with column ``employment`` [person], points or polygons (which count at a point inside), in
        place of the shipped sums of states: counties, census divisions, municipios.

    Returns
    -------
    geopandas.GeoDataFrame
        A copy with the columns of :data:`INDUSTRY_SIGNALS`, index and order as given. A value that is not known is
        missing: parts jobs in Mexico, and the supply base of a country of which no figure is as old as ``year``.

    Raises
    ------
    InputError
        If points fail their checks, a country or region is unknown, an argument is out of range, or no plant stood.

    Notes
    -----
    These columns say where the industry went before. Ranking by them repeats its past; what a planner wants is a
    matter of :func:`evsiting.site_facts` and of the program. How much they tell of later sitings is measured in
    ``docs/backtest.md``.

    Examples
    --------
    >>> import evsiting as ev
    >>> places = ev.industry_signals(
    ...     ev.candidates(places=["US-MI", "US-MT"], min_population=100_000), year=2017
    ... )
    >>> near = places.groupby("region")["vehicle_plant_km"].min()
    >>> bool(near["US-MI"] < 20.0), bool(near["US-MT"] > 500.0)
    (True, True)
    """
    points = checked_sites(sites)
    check_places(points)
    _check(year, plants_km, parts_km)
    standing = _standing(plants, year, heavy)
    made = sites.copy()
    made["vehicle_plant_km"] = nearest_km(points, standing, where="plants")
    made["vehicle_plants_near"] = _within(points, standing, np.ones(len(standing)), plants_km)
    areas = _supply_areas(year) if supply is None else _own_supply(supply)
    jobs, share = _parts_near(points, areas, parts_km)
    made["parts_jobs_near_persons"], made["parts_share_near"] = jobs, share
    laws = _in_force(year)
    made["right_to_work"] = points["region"].isin(laws).astype("float64").to_numpy()
    return made


@dataclass(frozen=True)
class IndustryLayer:
    """Signals of industry at the sites of a study; made by :func:`industry`."""

    year: int | None
    plants_km: float
    parts_km: float
    heavy: bool
    plants: gpd.GeoDataFrame | None
    supply: gpd.GeoDataFrame | None
    name: str = "industry"
    table: str = "sites"

    def __call__(self, study: Study) -> LayerResult:
        """Return the signals; a cell is empty where nothing is known."""
        made = industry_signals(
            study.sites,
            year=self.year,
            plants_km=self.plants_km,
            parts_km=self.parts_km,
            heavy=self.heavy,
            plants=self.plants,
            supply=self.supply,
        )
        made["parts_share_near"] = made["parts_share_near"].clip(upper=1.0)  # rounding of the published parts
        columns = [c for c in INDUSTRY_SIGNALS if made[c].notna().any()]
        return LayerResult(pd.DataFrame(made[columns]), {c: self._origin(c) for c in columns})

    def _origin(self, column: str) -> Origin:
        date = "newest known" if self.year is None else f"end of {self.year}"
        signal = f"signal of where companies go, {date}"
        if column == "right_to_work":
            source, _ = sources_of(reference.right_to_work())
            return Origin(source, str(self.year or 2026), "sourced", signal, "laws of states of the United States")
        if column.startswith("vehicle"):
            own = self.plants is not None
            source, _ = sources_of(self.plants) if self.plants is not None else ("nhtsa_vpic;geonames", "")
            year = str(self.year or "") if own else str(self.year or 2016)
            kinds = "all plants" if self.heavy or own else "plants of light vehicles"
            return Origin(source or "given", year, "derived", signal, f"{kinds}; {INDUSTRY_SIGNALS[column][1]}")
        if self.supply is not None:
            source, year = sources_of(self.supply)
            return Origin(source or "given", year, "derived", signal, f"within {self.parts_km:g} km, own country")
        used = _newest(self.year)
        note = f"{signal}; sums of states and provinces lie in their cities, by people"
        years = join_lists(used["year"])
        return Origin(sources_of(used)[0], years, "imputed", note, f"within {self.parts_km:g} km, own country")


def industry(
    *,
    year: int | None = None,
    plants_km: float = PLANTS_KM,
    parts_km: float = PARTS_KM,
    heavy: bool = False,
    plants: gpd.GeoDataFrame | None = None,
    supply: gpd.GeoDataFrame | None = None,
) -> IndustryLayer:
    """Return the layer of signals of where companies go, for the sites of a study.

    No cost, limit or emission reads these columns. They are there to describe sites, to score them, and to keep what
    companies did apart from what a planner wants.

    Parameters
    ----------
    year, plants_km, parts_km, heavy, plants, supply
        As in :func:`industry_signals`.

    Returns
    -------
    Layer
        For :func:`evsiting.apply_layers`: fills the columns of :data:`INDUSTRY_SIGNALS` of ``sites``; parts jobs stay
        empty in Mexico.

    Raises
    ------
    InputError
        As in :func:`industry_signals`.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> made = ev.industry(year=2017)(study).frame.set_index(study.sites["site"])
    >>> made.loc[["US-TN-memphis", "US-MI-lansing"], "right_to_work"].tolist()
    [1.0, 1.0]
    """
    _check(year, plants_km, parts_km)
    return IndustryLayer(year, plants_km, parts_km, heavy, plants, supply)


def _check(year: object, plants_km: object, parts_km: object) -> None:
    problems = Problems()
    if year is not None and not (is_whole(year, 1950) and int(str(year)) <= 2100):
        problems.add("industry, year", "is no year", repr(year), "Give a whole number such as 2017, or leave it out")
    for name, reach in (("plants_km", plants_km), ("parts_km", parts_km)):
        if not is_finite(reach, 1.0, 5_000.0):
            problems.add(f"industry, {name}", "is out of range or no number", repr(reach), "Give km from 1 to 5,000")
    problems.raise_if_any()


def _standing(plants: gpd.GeoDataFrame | None, year: int | None, heavy: bool) -> gpd.GeoDataFrame:
    """Return the plants that stood at the end of a year; one of unknown opening year stood."""
    own = plants is not None
    all_plants = reference.standing_vehicle_plants() if plants is None else check_layer(plants, "plants", POINTS)
    _check_years(all_plants)
    standing = pd.Series(True, index=all_plants.index)
    last = np.inf if year is None else float(year)
    for column in ("opened_year", "closed_year"):
        if column in all_plants:
            known = pd.to_numeric(all_plants[column], errors="coerce").astype("float64")
            standing &= known.isna() | (known <= last if column == "opened_year" else known > last)
    if not heavy and "kind" in all_plants:
        standing &= all_plants["kind"] != "assembly heavy"
    if not standing.any():
        problems = Problems()
        seen = f"{len(all_plants)} plants, {'given' if own else 'shipped'}"
        problems.add(
            "industry, plants", f"none stood at the end of {year}", seen, "Give a later year, or plants that did"
        )
        problems.raise_if_any(TableError)
    return gpd.GeoDataFrame(all_plants[standing.to_numpy(bool)])


def _check_years(plants: pd.DataFrame) -> None:
    """Refuse years of plants that are none; an empty cell is a year that is not known."""
    problems = Problems()
    for column in ("opened_year", "closed_year"):
        if column in plants:
            known = pd.to_numeric(plants[column], errors="coerce").astype("float64")
            blank = plants[column].isna() | (plants[column].astype(str).str.strip() == "")
            bad = ~blank & ~known.between(1850, 2100)
            if bad.any():
                seen = shown([f"row {i}: {v}" for i, v in plants.loc[bad, column].items()], 3)
                fix = "Give years such as 2011, or leave the cell empty"
                problems.add(f"plants, column {column!r}", f"{int(bad.sum())} values are no years", seen, fix)
    problems.raise_if_any(TableError)


def _within(points: gpd.GeoDataFrame, others: gpd.GeoDataFrame, weight: Floats, reach_km: float) -> Floats:
    """Return the weight of the others within reach of each point, along the great circle."""
    tree = cKDTree(unit_vectors(*lon_lat(others)))
    chord = 2.0 * np.sin(0.5 * reach_km / EARTH_RADIUS_KM)
    near = tree.query_ball_point(unit_vectors(*lon_lat(points)), chord)
    return np.array([weight[neighbours].sum() for neighbours in near], dtype=np.float64)


def _parts_near(points: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, reach_km: float) -> tuple[Floats, Floats]:
    """Return parts jobs within reach and their part of the country's, from areas of the own country."""
    jobs, share = np.full(len(points), np.nan), np.full(len(points), np.nan)
    country = points["country"].to_numpy(dtype=object)
    for code, mine in areas.groupby("country"):
        here = country == code
        if here.any():
            near = points[here]
            jobs[here] = _within(near, mine, mine["employment"].to_numpy(np.float64), reach_km)
            share[here] = _within(near, mine, mine["share"].to_numpy(np.float64), reach_km)
    return jobs, share


def _own_supply(supply: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a user's areas as points with employment and its part of the country's."""
    areas = check_layer(supply, "supply", (*POINTS, *POLYGONS), numbers=("employment",))
    made = gpd.GeoDataFrame(
        {"employment": pd.to_numeric(areas["employment"]).astype("float64")},
        geometry=areas.geometry.representative_point(),
        crs=areas.crs,
    ).to_crs("EPSG:4326")
    land = reference.jurisdictions()[["country", "geometry"]]
    flat = made.to_crs("ESRI:102009").sjoin_nearest(land.to_crs("ESRI:102009"))
    made["country"] = flat["country"][~flat.index.duplicated()]
    total = made.groupby("country")["employment"].transform("sum")
    made["share"] = made["employment"] / total.where(total > 0.0)
    return made


@cache
def _supply_areas(year: int | None) -> gpd.GeoDataFrame:
    """Return the shipped areas with the parts jobs of their state, and the part of their country's, by people."""
    areas, used = reference.cities()[["iso", "country", "population", "geometry"]], _newest(year)
    if not len(used):  # nothing is known of that time
        return areas.head(0).assign(share=0.0, employment=0.0)
    people = areas["population"].astype("float64").groupby(areas["iso"]).sum()
    shares: list[pd.Series[float]] = []
    jobs: list[pd.Series[float]] = []
    for country, rows in used.groupby("country"):
        known = rows.set_index("region")["share_pct_of_country"] / 100.0
        other = people[people.index.str.startswith(f"{country}-") & ~people.index.isin(known.index)]
        rest = max(1.0 - float(known.sum()), 0.0)
        # every state of the US has a row but those without a worker; elsewhere the rest is shared out by people
        both = pd.concat([known, (0.0 if country == "US" else rest) * other / other.sum()])
        shares.append(both)
        jobs.append(both * _country_jobs(str(country), rows, year))
    share, job = pd.concat(shares), pd.concat(jobs)
    part = areas["population"] / areas["iso"].map(people)
    made = areas.assign(share=part * areas["iso"].map(share), employment=part * areas["iso"].map(job))
    return gpd.GeoDataFrame(made[made["country"].isin(set(used["country"]))])


def _newest(year: int | None) -> pd.DataFrame:
    """Return the shipped supply base of each country by state, of the newest year not after the one given."""
    base = reference.auto_supply_base()
    rows = base[(base["naics"] == PARTS) & base["county_fips"].isna() & base["region"].notna()].copy()
    rows["last"] = rows["year"].str[-4:].astype(int)
    if year is not None:
        rows = rows[rows["last"] <= year]
    return rows[rows["last"] == rows.groupby("country")["last"].transform("max")]


def parts_by_city() -> pd.Series[float]:
    """Return each shipped city's part of its country's parts making: that of its state, by people.

    Returns
    -------
    pandas.Series
        On the index of :func:`evsiting.reference.cities`; adds up to 1 in each country. [1]

    Examples
    --------
    >>> share = parts_by_city().groupby(reference.cities()["country"]).sum()
    >>> share.round(3).to_dict()
    {'CA': 1.0, 'MX': 1.0, 'US': 1.0}
    """
    share: pd.Series[float] = _supply_areas(None)["share"]
    return share.copy()


def _country_jobs(country: str, rows: pd.DataFrame, year: int | None) -> float:
    """Return the parts jobs of a country: the sum of its states, or its own figure of the same year; else missing."""
    if country == "US":
        return float(rows["employment"].sum())
    base = reference.auto_supply_base()
    whole_country = (base["country"] == country) & base["region"].isna() & (base["naics"] == PARTS)
    same = base[whole_country & base["year"].isin(rows["year"])]
    return float(same["employment"].iloc[0]) if len(same) else float("nan")


def _in_force(year: int | None) -> set[str]:
    """Return the states with a right-to-work law at the end of a year."""
    laws = reference.right_to_work()
    if year is None:
        return set(laws.loc[laws["right_to_work_2026"], "iso"])
    first = laws["first_year"].astype("float64")
    ended = laws["ended_year"].astype("float64")
    return set(laws.loc[(first <= year) & ~(ended <= year), "iso"])
