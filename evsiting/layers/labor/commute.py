"""Commuting sheds: how many people live, work and look for work within reach of a site."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import sparse

from evsiting import reference
from evsiting.errors import DataWarning, InputError, Problem, Problems, shown
from evsiting.layers.arguments import is_finite
from evsiting.layers.base import LayerResult, Origin
from evsiting.layers.geo.geodesic import geodesic_km, great_circle_km
from evsiting.layers.geo.places import nearest_region
from evsiting.layers.geo.vector import EQUAL_AREA, POINTS, discs, lon_lat, sources_of
from evsiting.layers.labor.area_checks import REACH_KM
from evsiting.layers.labor.areas import PEOPLE, city_areas, labor_years, normalize_areas, with_labor
from evsiting.study.canonical.identifiers import identifiers
from evsiting.study.canonical.points import CRS
from evsiting.study.study import Study

type Decay = Literal["none", "linear", "exponential"]

#: Columns that a shed fills. [person]
SHED = ("shed_population_persons", "shed_workers_persons", "shed_unemployed_persons")
#: Rings in which polygons are weighed where people far off count less.
_RINGS = 12
#: Part of the land within reach, of the site's own country, that areas cover at least without a word. [1]
_COVERED = 0.5
#: Sites whose distances to all areas are reckoned at once.
_CHUNK = 100

_TAKEN_IN = {
    "none": "each person within reach counts in full",
    "linear": "a person counts 1 - d/R at distance d of the reach R",
    "exponential": "a person counts half for each {half:g} {unit} of distance",
}


@dataclass(frozen=True)
class Reach:
    """How far people come, and how much those from far off count.

    Parameters
    ----------
    limit : float
        Farthest distance or longest time. [km or min]
    decay : {"none", "linear", "exponential"}
        How the count of a person falls with distance.
    half : float
        For exponential: distance or time in which it halves. [km or min]
    unit : {"km", "min"}
        What ``limit`` and ``half`` are in.
    """

    limit: float
    decay: Decay = "none"
    half: float = 25.0
    unit: Literal["km", "min"] = "km"

    def weight(self, far: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what a person at a distance counts. [1]

        Examples
        --------
        >>> Reach(60.0, "exponential", 25.0).weight(np.array([0.0, 25.0, 50.0, 61.0])).tolist()
        [1.0, 0.5, 0.25, 0.0]
        """
        match self.decay:
            case "none":
                made = np.ones_like(far)
            case "linear":
                made = 1.0 - far / self.limit
            case "exponential":
                made = np.exp2(-far / self.half)
        return np.asarray(np.where(far <= self.limit, made, 0.0))

    @property
    def note(self) -> str:
        """What provenance says of it."""
        decay = _TAKEN_IN[self.decay].format(half=self.half, unit=self.unit)
        how = "geodesic distance" if self.unit == "km" else "travel times handed in"
        return f"within {self.limit:g} {self.unit} ({how}); {decay}"

    def check(self, call: str) -> None:
        """Refuse what is no reach."""
        problems = Problems()
        if not (is_finite(self.limit, 0.0) and self.limit > 0.0):
            problems.add(f"{call}, reach", "is not above zero", f"{self.limit!r} {self.unit}", "Give one such as 60")
        if self.decay not in _TAKEN_IN:
            problems.add(f"{call}, decay", "is none of the choices", repr(self.decay), f"Choose {', '.join(_TAKEN_IN)}")
        if not (is_finite(self.half, 0.0) and self.half > 0.0):
            problems.add(f"{call}, half", "is not above zero", f"{self.half!r} {self.unit}", "Give one such as 25")
        problems.raise_if_any()


@dataclass(frozen=True)
class CommuteLayer:
    """People within reach of each site; made by :func:`commute_shed`."""

    areas: gpd.GeoDataFrame | None
    reach: Reach
    times: pd.DataFrame | None = None
    staff: float | pd.Series[float] | None = None
    across_borders: bool = False
    name: str = "commute_shed"
    table: str = "sites"

    def __call__(self, study: Study) -> LayerResult:
        """Return population, labor force and unemployed within reach, and tightness if it was asked for."""
        areas, sites = people(self.areas), study.sites
        weights = shed_weights(sites, areas, self.reach, times=self.times, across_borders=self.across_borders)
        sums = weights @ areas[list(PEOPLE)].to_numpy(np.float64)
        made = pd.DataFrame(sums, index=sites.index, columns=list(SHED)).round(6)
        known = have_area_in_reach(weights, sites, "commute_shed", "their people stay unknown", stacklevel=5)
        made = made[known].reindex(sites.index)
        if self.times is None:
            warn_of_partial_cover(sites, areas, self.reach, stacklevel=5)
        wanted = _staff_by_site(self.staff, sites)
        if wanted is not None:
            made["labor_tightness"] = wanted / made["shed_unemployed_persons"].where(lambda u: u > 0.0)
        source, year = sources_of(areas)
        kind = "points" if areas.geom_type.isin(POINTS).all() else "polygons by the part of their surface within reach"
        note = (
            f"{len(areas)} areas ({kind}) {self.reach.note}; sheds of neighbouring sites overlap, each counts a person"
        )
        note += "; across borders" if self.across_borders else "; people of the site's own country"
        imputed = int(areas["imputed"].sum())
        shared = f"; labor of {imputed} areas shared out of their state's by population" if imputed else ""
        boundary = f"within {self.reach.limit:g} {self.reach.unit}; sheds overlap"
        quality = "imputed" if imputed else "derived"
        worked = labor_years(year) if self.areas is None else year
        origins = {str(c): Origin(source, worked, quality, note + shared, boundary) for c in made}
        origins[SHED[0]] = Origin(source, year, "derived", note, boundary)
        if "labor_tightness" in made:
            derivation = f"staff wanted over the unemployed {note}{shared}"
            origins["labor_tightness"] = Origin(source, worked, quality, derivation, boundary)
        return LayerResult(made, origins)


def commute_shed(
    areas: gpd.GeoDataFrame | None = None,
    *,
    radius_km: float = 60.0,
    decay: Decay = "none",
    half_km: float = 25.0,
    times: pd.DataFrame | None = None,
    max_minutes: float = 60.0,
    half_minutes: float = 25.0,
    staff: float | pd.Series[float] | None = None,
    across_borders: bool = False,
) -> CommuteLayer:
    r"""Return the layer of people within commuting reach of each site.

    .. math:: N_i = \sum_a n_a \sum_k w(d_k) \frac{|a \cap ring_k(i)|}{|a|}

    for areas a with people n, in rings k around site i with the weight w of their mean distance; a point lies in one
    ring, at its distance. Without decay there is one ring with weight 1: plain areal weighting.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame, optional
        Points or polygons in any coordinate reference system with column ``population`` and, where known,
        ``labor_force``, ``unemployed``, ``iso``; see :func:`evsiting.read_areas`. The shipped cities where left out:
        :func:`evsiting.layers.labor.areas.city_areas`.
    radius_km : float, default 60
        Reach by geodesic distance. [km]
    decay : {"none", "linear", "exponential"}, default "none"
        How the weight of a person falls with distance: not at all, to zero at the reach, or by half every ``half_km``.
    half_km : float, default 25
        Distance in which an exponential weight halves. [km]
    times : pandas.DataFrame, optional
        Travel times instead of distances: a row for each site by code, a column for each area by ``id``; ``inf`` where
        there is no way. [min]
    max_minutes, half_minutes : float
        Reach and half-time where ``times`` are given. [min]
    staff : float or pandas.Series, optional
        Staff that a plant looks for, or jobs that are open, the same everywhere or by site: fills ``labor_tightness``,
        that number over the unemployed within reach. [person]
    across_borders : bool, default False
        Whether people of another country count.

    Returns
    -------
    Layer
        For :func:`evsiting.apply_layers`: fills ``shed_population_persons``, ``shed_workers_persons``,
        ``shed_unemployed_persons`` and, with ``staff``, ``labor_tightness`` of ``sites``. Of a site without an area
        within reach nothing is known: its cells stay empty, and one DataWarning names it; another tells of sites of
        which polygons cover less than half of the land within reach.

    Raises
    ------
    InputError
        If areas are invalid, people are missing or negative, or travel times lack a site. CrsError where areas have no
        coordinate reference system.

    Notes
    -----
    Sheds overlap: two sites count the same person. What several plants can hire together is a matter of table
    ``labor_pools``; :func:`evsiting.labor_pools` makes pools in which each person is in one.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.apply_layers(ev.example("starter"), ev.commute_shed(radius_km=60, decay="exponential"))
    >>> sites = study.sites.set_index("site")
    >>> bool(
    ...     sites.loc["US-TN-memphis", "shed_workers_persons"]
    ...     > sites.loc["MX-GUA-silao", "shed_unemployed_persons"]
    ... )
    True
    """
    reach = Reach(radius_km, decay, half_km) if times is None else Reach(max_minutes, decay, half_minutes, "min")
    reach.check("commute_shed")
    return CommuteLayer(areas, reach, times, staff, across_borders)


def have_area_in_reach(
    weights: sparse.csr_array, sites: pd.DataFrame, call: str, then: str, *, stacklevel: int
) -> NDArray[np.bool_]:
    """Return which sites have an area within reach; warn of those that have none: nothing is known of them.

    Parameters
    ----------
    weights : scipy.sparse.csr_array, shape (sites, areas)
        What :func:`shed_weights` returns.
    sites : pandas.DataFrame
        Column ``site``.
    call, then : str
        How the message begins, and what comes of these sites.
    stacklevel : int
        As for :func:`warnings.warn`.
    """
    some = np.asarray((weights > 0.0).sum(axis=1)).ravel() > 0
    if not some.all():
        bare = sites.loc[~some, "site"]
        text = f"{call}: no area of the sites' own country lies within reach of {len(bare)} of {len(sites)} sites"
        fix = "Give areas there, a wider reach, or no areas at all for those that are shipped"
        warnings.warn(f"{text} ({shown(bare)}), so that {then}. {fix}.", DataWarning, stacklevel=stacklevel)
    return np.asarray(some, dtype=bool)


def warn_of_partial_cover(sites: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, reach: Reach, *, stacklevel: int) -> None:
    """Warn of sites of which polygons of areas cover less than half of the land within reach."""
    if areas.geom_type.isin(POINTS).all():
        return
    home, (lon, lat) = countries_of(sites).to_numpy(dtype=object), lon_lat(sites.to_crs(CRS))
    disc = discs(lon, lat, reach.limit)
    land = reference.jurisdictions()[["country", "geometry"]].to_crs(EQUAL_AREA)
    shares = []
    for shapes, country in (
        (areas.geometry.to_crs(EQUAL_AREA), areas["iso"].str[:2]),
        (land.geometry, land["country"]),
    ):
        site, area = shapes.sindex.query(disc, predicate="intersects")
        mine = country.to_numpy()[area] == home[site]
        site, area = site[mine], area[mine]
        part = shapely.area(shapely.intersection(disc[site], np.asarray(shapes.values, dtype=object)[area]))
        shares.append(np.bincount(site, part, minlength=len(sites)))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = shares[0] / shares[1]
    thin = (share > 0.0) & (share < _COVERED)
    if thin.any():
        seen = shown(f"{s}: {v:.0%}" for s, v in zip(sites.loc[thin, "site"], share[thin], strict=True))
        some = f"{int(thin.sum())} of {len(sites)} sites ({seen}), and people beyond them are not counted"
        text = f"commute_shed: areas cover less than half of the land within reach of {some}"
        warnings.warn(f"{text}. Give the areas around, or a shorter reach.", DataWarning, stacklevel=stacklevel)


def people(areas: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Return a user's areas checked and with labor, or the shipped cities."""
    return city_areas() if areas is None else with_labor(normalize_areas(areas))


def shed_weights(
    sites: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    reach: Reach,
    *,
    times: pd.DataFrame | None = None,
    across_borders: bool = False,
) -> sparse.csr_array:
    """Return what a person of each area counts for each site. shape (sites, areas)"""
    if times is not None:
        site, area, weight = _by_time(sites, areas, reach, times)
    elif areas.geom_type.isin(POINTS).all():
        site, area, weight = _by_distance(sites, areas, reach)
    else:
        site, area, weight = _by_surface(sites, areas, reach)
    if not across_borders:
        home = countries_of(sites).to_numpy(dtype=object)
        other = areas["iso"].str[:2].to_numpy(dtype=object)
        keep = (home[site] == other[area]) | (home[site] == "") | (other[area] == "")
        site, area, weight = site[keep], area[keep], weight[keep]
    return sparse.csr_array((weight, (site, area)), shape=(len(sites), len(areas)))


def countries_of(sites: gpd.GeoDataFrame) -> pd.Series[str]:
    """Return the country of each site: as the study says, else by its state, else by its point; empty where none is."""
    columns = [sites[name].astype(object) for name in ("country", "region") if name in sites]
    code: pd.Series[str] = pd.Series(np.nan, index=sites.index).astype(object)
    for column in columns:
        code = code.where(code.notna(), column.str[:2])
    unknown = code.isna()
    if unknown.any():
        places = gpd.GeoDataFrame(geometry=sites.geometry[unknown], crs=sites.crs)
        code.loc[unknown] = nearest_region(places, code[unknown], REACH_KM).str[:2]
    return code.fillna("")


type _Pairs = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]


def _by_distance(sites: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, reach: Reach) -> _Pairs:
    """Weigh points by geodesic distance; great circles, wrong by 0.6 % at most, say which are worth measuring."""
    (lon, lat), (east, north) = lon_lat(sites.to_crs(CRS)), lon_lat(areas)
    rows, columns = [], []
    for first in range(0, len(sites), _CHUNK):
        part = slice(first, first + _CHUNK)
        rough = great_circle_km(lon[part, None], lat[part, None], east[None, :], north[None, :])
        near, there = np.nonzero(rough <= 1.01 * reach.limit)
        rows.append(near + first)
        columns.append(there)
    site, area = np.concatenate(rows), np.concatenate(columns)
    weight = reach.weight(geodesic_km(lon[site], lat[site], east[area], north[area]))
    return site, area, weight


def _by_surface(sites: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, reach: Reach) -> _Pairs:
    """Weigh polygons by the part of their surface in each ring around a site."""
    lon, lat = lon_lat(sites.to_crs(CRS))
    flat = areas.geometry.to_crs(EQUAL_AREA)
    shapes, surface = np.asarray(flat.values, dtype=object), flat.area.to_numpy(np.float64)
    edges = np.linspace(0.0, reach.limit, 2 if reach.decay == "none" else _RINGS + 1)
    site, area = flat.sindex.query(discs(lon, lat, reach.limit), predicate="intersects")
    inside, weight = np.zeros(len(site)), np.zeros(len(site))
    for near, far in zip(edges[:-1], edges[1:], strict=True):
        disc = discs(lon, lat, float(far))[site]
        part = shapely.area(shapely.intersection(disc, shapes[area])) / surface[area]
        mean = np.array([2.0 / 3.0 * (far**3 - near**3) / (far**2 - near**2)])  # of a point anywhere in the ring
        weight += reach.weight(mean)[0] * (part - inside)
        inside = part
    return site, area, weight


def _by_time(sites: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, reach: Reach, times: pd.DataFrame) -> _Pairs:
    """Weigh areas by the travel times handed in."""
    where, problems = "travel times", Problems()
    if not isinstance(times, pd.DataFrame):
        fix = "Give a pandas.DataFrame: a row for each site, a column for each area"
        raise InputError([Problem(where, "are no table", type(times).__name__, fix)])
    times = times.set_axis(identifiers(times.index), axis=0).set_axis(identifiers(times.columns), axis=1)
    lost = pd.Index(sites["site"]).difference(pd.Index(times.index))
    if len(lost):
        problems.add(where, f"{len(lost)} of {len(sites)} sites have no row", shown(lost), "Give a row for each site")
    gone = pd.Index(areas["id"]).difference(pd.Index(times.columns))
    if len(gone):
        problems.add(
            where, f"{len(gone)} of {len(areas)} areas have no column", shown(gone), "Give a column for each area"
        )
    if not (times.index.is_unique and times.columns.is_unique):
        problems.add(where, "a site or an area is named twice", "", "Keep one row and one column for each")
    problems.raise_if_any()
    table = times.loc[sites["site"], areas["id"]]
    minutes = table.apply(pd.to_numeric, errors="coerce").to_numpy(np.float64)
    bad = np.isnan(minutes) | (minutes < 0.0)
    if bad.any():
        i, a = np.argwhere(bad)[0]
        seen = f"{table.index[i]} to {table.columns[a]}: {table.iloc[i, a]}"
        fix = "Give minutes from zero up, and inf where there is no way"
        raise InputError([Problem(where, f"{int(bad.sum())} values are missing, negative or no numbers", seen, fix)])
    site, area = np.nonzero(minutes <= reach.limit)
    return site, area, reach.weight(minutes[site, area])


def _staff_by_site(staff: float | pd.Series[float] | None, sites: pd.DataFrame) -> pd.Series[float] | None:
    """Return the staff wanted at each site."""
    if staff is None:
        return None
    fix = "Give one number, or a Series by site code"
    if isinstance(staff, pd.Series):
        staff = staff.set_axis(identifiers(staff.index))
        if not staff.index.is_unique:
            twice = shown(staff.index[staff.index.duplicated()])
            raise InputError([Problem("commute_shed, staff", "a site is named twice", twice, fix)])
        made = pd.to_numeric(staff, errors="coerce").reindex(sites["site"]).set_axis(sites.index).astype("float64")
    else:
        made = pd.Series(float(staff) if is_finite(staff) else np.nan, index=sites.index)
    bad = ~np.isfinite(made) | (made < 0.0)
    if bad.any():
        what = f"{int(bad.sum())} of {len(made)} sites have no number of staff from zero up"
        raise InputError([Problem("commute_shed, staff", what, shown(sites.loc[bad, "site"]), fix)])
    return made
