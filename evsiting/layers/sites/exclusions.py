"""Leave sites out that cannot be built on, each with its reason."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from evsiting.errors import DataWarning, InputError, Problem, Problems, TableError, shown
from evsiting.layers.arguments import is_finite
from evsiting.layers.geo.frames import checked_shapes, checked_sites, nearest_km, warn_of_elsewhere
from evsiting.layers.geo.raster import raster_values
from evsiting.layers.sites.screening import Screening, drop_sites, start_screening
from evsiting.study.canonical.identifiers import identifiers

Where = Literal["inside", "outside", "within", "farther"]


def exclude(
    sites: gpd.GeoDataFrame | Screening,
    by: gpd.GeoDataFrame | gpd.GeoSeries | pd.Series[float] | str | Path,
    *,
    reason: str,
    where: Where | None = None,
    km: float = 0.0,
    above: float | None = None,
    below: float | None = None,
    missing: Literal["keep", "drop"] = "keep",
) -> Screening:
    """Drop sites by a layer of geometries, by a raster, or by values of their own.

    Parameters
    ----------
    sites : geopandas.GeoDataFrame or Screening
        Sites (column ``site``, points in any coordinate reference system), or what an earlier step left.
    by : geopandas.GeoDataFrame, pandas.Series, str or path
        A layer of points, lines or polygons; a column of ``sites``, by name; a series on their index, such as that of
        :func:`evsiting.raster_values`; or the path of a raster file, read at the points.
    reason : str
        Why, in words that the report shows: "flood zone", "more than 30 km from a substation".
    where : {"inside", "outside", "within", "farther"}
        For a layer, which sites go: those inside a geometry, those outside all, those within ``km`` of one, or those
        farther than ``km`` from all. ``inside`` where left out.
    km : float
        Distance for ``within`` and ``farther``, on the ellipsoid. [km]
    above, below : float, optional
        For values: those above or below go; at least one is needed. [unit of the values]
    missing : {"keep", "drop"}
        For values: what happens to sites without one.

    Returns
    -------
    Screening
        ``kept`` in the order and the reference system given; ``dropped`` with reason and deciding value.

    Raises
    ------
    InputError
        If a frame is empty, without reference system or holds missing or invalid geometries, if an option does not
        belong to the kind of layer, if a shape is wider than 180 degrees (not cut there), if sites are sought inside of
        points or lines, or if the values are on another index.

    Warns
    -----
    DataWarning
        If no site has a value, as where a raster is of another place; if a raster has a value that stands for no data
        and does not say so (:func:`evsiting.raster_values`); if a layer is nowhere near the three
        countries, or looks like degrees in a CRS of metres.

    Examples
    --------
    >>> from evsiting import candidates, reference
    >>> left = exclude(
    ...     candidates(places=["US-TN"]),
    ...     reference.ports(),
    ...     where="farther",
    ...     km=700,
    ...     reason="far from the sea",
    ... )
    >>> left = exclude(left, reference.rail_nodes(), where="farther", km=10, reason="no rail near by")
    >>> left
    Screening: 12 of 15 sites kept
           15 left after far from the sea (-0)
           12 left after no rail near by (-3)
    """
    before = start_screening(sites)
    _check(by, reason, where, km, above, below, missing)
    if isinstance(by, gpd.GeoDataFrame | gpd.GeoSeries):
        warn_of_elsewhere(checked_shapes(by, f"layer of {reason!r}"), f"layer of {reason!r}", stacklevel=3)
    if isinstance(sites, Screening) and not len(before.kept):
        return drop_sites(before, pd.Series(dtype=bool), reason, pd.Series(dtype=object))
    checked_sites(before.kept)
    if not isinstance(by, gpd.GeoDataFrame | gpd.GeoSeries):
        return _by_values(before, by, reason, above, below, missing)
    choice = where or "inside"
    if choice in ("inside", "outside"):
        _check_areas(by, reason, choice)
    distance = nearest_km(before.kept, by, where=f"layer of {reason!r}")
    if choice in ("inside", "outside"):
        drop = (distance == 0.0) == (choice == "inside")
        seen = distance.map(lambda v: "inside" if v == 0.0 else f"{v:.1f} km outside")
    else:
        drop = (distance <= km) == (choice == "within")
        seen = distance.map(lambda v: f"{v:.1f} km away; {choice} {km:g} km go")
    return drop_sites(before, drop, reason, seen)


def _check_areas(by: gpd.GeoDataFrame | gpd.GeoSeries, reason: str, choice: str) -> None:
    """Refuse a layer in which nothing can lie; tell of points and lines among its areas."""
    flat = shapely.get_dimensions(np.asarray(by.geometry.values, dtype=object)) < 2
    if not flat.any():
        return
    place, seen = f"layer of {reason!r}", shown(by.geometry.geom_type[flat].unique())
    what = f"{int(flat.sum())} of {len(flat)} geometries are no areas, {choice!r} of which a site could lie"
    fix = "Give polygons, or where='within' or 'farther' with km"
    if flat.all():
        raise TableError([Problem(place, what, seen, fix)])
    warnings.warn(f"{place}: {what} ({seen}). {fix}.", DataWarning, stacklevel=3)


def _by_values(
    before: Screening,
    by: pd.Series[float] | str | Path,
    reason: str,
    above: float | None,
    below: float | None,
    gap: str,
) -> Screening:
    sites = before.kept
    if isinstance(by, str) and by in sites:
        values = sites[by]
    elif isinstance(by, pd.Series):
        values = _align_values(by, sites)
    elif isinstance(by, str) and not Path(by).suffix:
        fix = "Name a column, or give the path of a raster with its suffix"
        raise TableError([Problem("exclude, by", f"the sites have no column {by!r}", shown(map(str, sites)), fix)])
    else:
        values = raster_values(sites, by)
    number = pd.to_numeric(values, errors="coerce").astype("float64")
    words = values.notna() & number.isna()
    if words.any():
        raise TableError([Problem("exclude, by", "values are not numbers", shown(values[words]), "Give numbers")])
    if number.isna().all() and gap == "keep":
        problem = f"exclude: no site has a value for {reason!r}, so the step drops nothing"
        warnings.warn(f"{problem}. Check that the raster or the values are of this place.", DataWarning, stacklevel=3)
    high = number > (np.inf if above is None else above)
    low = number < (-np.inf if below is None else below)
    drop = high | low | (number.isna() & (gap == "drop"))
    limit = " or ".join(t for t in (_threshold_text("above", above), _threshold_text("below", below)) if t)
    seen = number.map(lambda v: "no value" if v != v else f"{v:.6g}; {limit} go")
    return drop_sites(before, drop, reason, seen)


def _threshold_text(side: str, value: float | None) -> str:
    return "" if value is None else f"{side} {value:g}"


def _align_values(values: pd.Series[float], sites: gpd.GeoDataFrame) -> pd.Series[float]:
    """Return values on the index of the sites; they may be labelled by that index or by code."""
    if values.index.is_unique:
        if not sites.index.isin(values.index).all():
            values = values.set_axis(identifiers(values.index))
        if sites.index.isin(values.index).all():
            return values.reindex(sites.index)
        if sites["site"].isin(values.index).all():
            return pd.Series(values.reindex(sites["site"]).to_numpy(), index=sites.index)
    lost = sites.loc[~sites["site"].isin(values.index) & ~sites.index.isin(values.index), "site"]
    seen = f"{shown(lost)} have none" if len(lost) else "labels occur twice"
    fix = "Label every value by the index of the sites, or by their codes"
    raise TableError([Problem("values for the sites", "are on another index", seen, fix)])


def _check(
    by: object, reason: object, where: str | None, km: float, above: float | None, below: float | None, missing: str
) -> None:
    problems = Problems()
    if not isinstance(reason, str) or not reason.strip():
        problems.add("exclude, reason", "is empty", repr(reason), "Say in a few words why these sites cannot be used")
    if isinstance(by, gpd.GeoDataFrame | gpd.GeoSeries):
        if where not in (None, "inside", "outside", "within", "farther"):
            problems.add("exclude, where", "is unknown", repr(where), "Give 'inside', 'outside', 'within' or 'farther'")
        if not is_finite(km) or (where in ("within", "farther")) != (km > 0.0):
            fix = "Give km above 0 with 'within' and 'farther', and none with 'inside' and 'outside'"
            problems.add("exclude, km", f"does not fit where={where!r}", repr(km), fix)
        if above is not None or below is not None:
            fix = "Give where and km for a layer; a threshold is for values and rasters"
            problems.add("exclude, above and below", "mean nothing for a layer of geometries", f"{above}, {below}", fix)
    elif isinstance(by, pd.Series | str | Path):
        if above is None and below is None and missing == "keep":
            problems.add("exclude, above and below", "neither is given", "", "Give the threshold, or missing='drop'")
        if where is not None or km:
            fix = "Give above or below; where and km are for a layer of geometries"
            problems.add("exclude, where and km", "mean nothing for values", f"{where}, {km}", fix)
    else:
        fix = "Give a GeoDataFrame, a Series, the name of a column or the path of a raster"
        problems.add("exclude, by", "is of another kind", type(by).__name__, fix)
    for name, value in (("above", above), ("below", below)):
        if value is not None and not is_finite(value):
            problems.add(f"exclude, {name}", "is no finite number", repr(value), "Give the threshold as a number")
    if missing not in ("keep", "drop"):
        problems.add("exclude, missing", "is unknown", repr(missing), "Give 'keep' or 'drop'")
    problems.raise_if_any(InputError)
