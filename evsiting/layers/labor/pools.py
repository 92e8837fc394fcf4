"""Labor pools: commuting areas in which each person is counted once."""

from __future__ import annotations

from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from evsiting.errors import InputError, Problem, expect, shown
from evsiting.layers.base import Origin
from evsiting.layers.geo.geodesic import geodesic_km
from evsiting.layers.geo.vector import lon_lat, sources_of
from evsiting.layers.labor.areas import labor_years
from evsiting.layers.labor.commute import Decay, Reach, have_area_in_reach, people, shed_weights
from evsiting.layers.parameters import Parameters
from evsiting.layers.provenance import COLUMNS, merged, origin_row, with_sources
from evsiting.study.canonical.identifiers import identifiers
from evsiting.study.canonical.points import CRS
from evsiting.study.study import Study

_METHODS = {
    "connected": "sites whose sheds share people are one pool",
    "nearest": "each site is a pool of those to whom it counts most",
}


def labor_pools(
    study: Study,
    areas: gpd.GeoDataFrame | None = None,
    *,
    radius_km: float = 60.0,
    decay: Decay = "none",
    half_km: float = 25.0,
    method: Literal["connected", "nearest"] = "connected",
    beside: pd.Series[float] | None = None,
    across_borders: bool = False,
    replace: bool = False,
) -> Study:
    r"""Return the study with labor pools made from commuting sheds, no person in two of them.

    .. math:: L_p = \theta \sum_a l_a \max_{i \in p} w_{ia} + \sum_{i \in p} N_i

    with the labor force :math:`l_a` of area a, its weight :math:`w_{ia}` in the shed of site i, the part
    :math:`\theta` that would work in plants of the study (figure ``labor.participation``, an assumption) and staff
    N that is there beside it. Pools are disjoint: with ``connected`` sites whose sheds share an area are one pool,
    directly or over others; with ``nearest`` each area goes to the site in whose shed it weighs most, and of equals to
    the nearest.

    Parameters
    ----------
    study : Study
        Any study.
    areas, radius_km, decay, half_km, across_borders
        As for :func:`evsiting.commute_shed`.
    method : {"connected", "nearest"}, default "connected"
        How overlapping sheds become pools.
    beside : pandas.Series, optional
        Staff of plants that stand, by site: they are hired already and add to what can be. [FTE]
    replace : bool, default False
        Whether pools that the study has give way.

    Returns
    -------
    Study
        With column ``labor_pool`` of ``sites`` and table ``labor_pools``. A site without an area within reach is in
        no pool, and one DataWarning names it.

    Raises
    ------
    InputError
        If the study has pools of its own and ``replace`` is not set, or areas are not as they must be.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.labor_pools(ev.example("starter"), radius_km=60)
    >>> len(study.labor_pools) == study.sites["labor_pool"].nunique() == 7
    True
    """
    expect("labor_pools", study=(study, Study))
    reach = Reach(radius_km, decay, half_km)
    reach.check("labor_pools")
    if method not in _METHODS:
        fix = f"Choose {', '.join(_METHODS)}"
        raise InputError([Problem("labor_pools, method", "is none of the choices", repr(method), fix)])
    if not replace and (study.has("labor_pools") or study.sites["labor_pool"].notna().any()):
        seen = shown(study.sites["labor_pool"].dropna().unique()) or f"{len(study.labor_pools)} pools"
        fix = "Keep them, or set replace=True"
        raise InputError([Problem("labor_pools", "the study has pools of its own", seen, fix)])
    sites, figures = study.sites, Parameters(study)
    areas_in = people(areas)
    weights = shed_weights(sites, areas_in, reach, across_borders=across_borders)
    number = _connected_groups(weights) if method == "connected" else np.arange(len(sites))
    pairs = _by_weight(weights, sites, areas_in)
    workers = _workers(pairs, areas_in["labor_force"].to_numpy(np.float64), number)
    there = _staff_already_there(beside, sites)
    share = figures.get("labor.participation")
    codes, names = sites["site"].to_numpy(object), sites["name"].to_numpy(object)
    first = {int(n): k for k, n in reversed(list(enumerate(number)))}
    some = have_area_in_reach(weights, sites, "labor_pools", "they are in no pool and hire without limit", stacklevel=3)
    sites["labor_pool"] = [f"pool-{codes[first[int(n)]]}" if c else None for n, c in zip(number, some, strict=True)]
    rows = [
        (f"pool-{codes[k]}", names[k], round(float(share * workers[n] + there[number == n].sum()), 6))
        for n, k in sorted(first.items())
        if some[k]
    ]
    if not rows:
        fix = "Give areas around the sites, a wider reach, or no areas at all for those that are shipped"
        raise InputError([Problem("labor_pools", "no area lies within reach of any site", shown(codes), fix)])
    table = pd.DataFrame(rows, columns=["pool", "name", "available_fte"])
    source, year = sources_of(areas_in)
    note = f"{share:g} of the labor force {reach.note}; {_METHODS[method]}; nobody is in two pools"
    year = labor_years(year) if areas is None else year
    origin = Origin(source, year, "assumption", note, "each person in one pool")
    return _with_pools(study, sites, table, origin, figures)


def _with_pools(study: Study, sites: pd.DataFrame, table: pd.DataFrame, origin: Origin, figures: Parameters) -> Study:
    """Return the study with the pools, their provenance and the figures used."""
    old = study.provenance
    row = pd.DataFrame([origin_row("labor_pools", "available_fte", "*", origin)], columns=COLUMNS)
    others = old[old["table"].astype(object) != "labor_pools"]
    provenance = merged(others, [row, figures.provenance()])
    own, used = study.parameters, figures.table()
    parameters = pd.concat([own, used]).drop_duplicates("key") if len(own) else used
    tables = {
        **study.tables,
        "sites": sites,
        "labor_pools": table,
        "provenance": provenance,
        "sources": with_sources(study.table("sources"), provenance),
    }
    if len(parameters):
        tables["parameters"] = parameters.reset_index(drop=True)
    return Study.from_tables(study.settings, tables)


def _connected_groups(weights: sparse.csr_array) -> NDArray[np.int64]:
    """Return a number for each site, the same where sheds share an area. shape (sites,)"""
    touches = sparse.csr_array((weights > 0.0).astype(np.int64))
    return np.asarray(connected_components(touches @ touches.T, directed=False)[1], dtype=np.int64)


type _Pairs = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]


def _by_weight(weights: sparse.csr_array, sites: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> _Pairs:
    """Return site, area and weight of every pair, for each area the heaviest first and of equals the nearest."""
    pairs = sparse.coo_array(weights)
    site, area = pairs.row.astype(np.int64), pairs.col.astype(np.int64)
    (lon, lat), inner = lon_lat(sites.to_crs(CRS)), areas.geometry.to_crs(CRS).representative_point()
    km = geodesic_km(lon[site], lat[site], inner.x.to_numpy()[area], inner.y.to_numpy()[area])
    order = np.lexsort((site, km, -pairs.data, area))
    return site[order], area[order], pairs.data[order]


def _workers(pairs: _Pairs, force: NDArray[np.float64], number: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the labor force of each pool: every area in one pool, with its largest weight there. [person]

    Examples
    --------
    >>> pairs = (
    ...     np.array([1, 0, 0]),
    ...     np.array([0, 0, 1]),
    ...     np.array([1.0, 0.5, 1.0]),
    ... )  # area 0 counts most for site 1
    >>> _workers(pairs, np.array([100.0, 40.0]), np.array([0, 1])).tolist()
    [40.0, 100.0]
    """
    site, area, weight = pairs
    best = np.unique(area, return_index=True)[1]
    workers = np.zeros(int(number.max()) + 1)
    np.add.at(workers, number[site[best]], weight[best] * force[area[best]])
    return workers


def _staff_already_there(beside: object, sites: pd.DataFrame) -> NDArray[np.float64]:
    """Return the staff that is there already at each site. [FTE], shape (sites,)"""
    if beside is None:
        return np.zeros(len(sites))
    fix = "Give a Series of staff from zero up, by site code"
    if not isinstance(beside, pd.Series):
        raise InputError([Problem("labor_pools, beside", "is not staff by site", f"a {type(beside).__name__}", fix)])
    beside = beside.set_axis(identifiers(beside.index))
    if not beside.index.is_unique:
        twice = f"named twice: {shown(beside.index[beside.index.duplicated()].unique())}"
        raise InputError([Problem("labor_pools, beside", "is not staff by site", twice, fix)])
    unknown = pd.Index(beside.index).difference(pd.Index(sites["site"]))
    staff = pd.to_numeric(beside, errors="coerce").astype("float64").reindex(sites["site"], fill_value=0.0)
    by_site: NDArray[np.float64] = np.asarray(staff, dtype=np.float64)
    if len(unknown) or not np.isfinite(by_site).all() or (by_site < 0.0).any():
        seen = f"unknown sites: {shown(unknown)}" if len(unknown) else "missing, negative or infinite staff"
        raise InputError([Problem("labor_pools, beside", "is not staff by site", seen, fix)])
    return by_site
