"""Country and region of sites and markets, from the polygons of the jurisdictions."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from evsiting.errors import Problems, shown
from evsiting.layers.base import LayerResult, Origin
from evsiting.layers.parameters import Parameters
from evsiting.study.canonical.territory import METRIC_CRS, territories
from evsiting.study.study import Study

ORIGIN = Origin(
    "natural_earth_50m;natural_earth_mex",
    "",
    "derived",
    "polygon of the jurisdiction in which the point lies, or the nearest one",
)


@dataclass(frozen=True)
class PlacesLayer:
    """Country and region of every point of ``sites`` or ``markets``.

    A point in no polygon (the polygons are simplified) takes the nearest one within the figure
    ``places.reach``. A country or region that the study gives is kept: the region is then sought in that
    country alone.

    Parameters
    ----------
    table : {"sites", "markets"}
        Whose points.
    """

    table: str
    name: str = "places"
    columns: tuple[str, ...] = ("country", "region")

    def __call__(self, study: Study) -> LayerResult:
        """Return the columns ``country`` and ``region``.

        Raises
        ------
        InputError
            If points lie too far from every jurisdiction.
        """
        frame = study.table(self.table)
        key = self.table.removesuffix("s")
        figures = Parameters(study)
        reach = figures.get("places.reach")
        given_country = _column(frame, "country")
        given_region = _column(frame, "region")
        country = given_country.where(given_country.notna(), given_region.str[:2])
        region = nearest_region(frame, country, reach)
        region = given_region.where(given_region.notna(), region)
        problems = Problems()
        lost = frame.loc[region.isna(), key]
        if len(lost):
            problems.add(
                self.table,
                f"{len(lost)} of {len(frame)} points lie more than {reach:g} km from every state, province "
                "and territory (of the country given, where one is)",
                shown(lost),
                "Check that lat and lon are not swapped, or give the columns country and region yourself",
            )
        problems.raise_if_any()
        made = pd.DataFrame({"country": country.where(country.notna(), region.str[:2]), "region": region})
        origins = {"country": ORIGIN, "region": ORIGIN}
        return LayerResult(made, origins, figures.provenance(), figures.table())


def nearest_region(points: gpd.GeoDataFrame, country: pd.Series[str], reach_km: float) -> pd.Series[str]:
    """Return the jurisdiction of each point, that of its country where one is given.

    Parameters
    ----------
    points : geopandas.GeoDataFrame
        Points in any coordinate reference system.
    country : pandas.Series
        US, CA, MX or missing, on the index of ``points``.
    reach_km : float
        Farthest polygon that a point may take. [km]

    Returns
    -------
    pandas.Series
        ISO 3166-2 code on the index of ``points``; missing where none is near enough.
    """
    shapes = territories()
    flat = points.geometry.to_crs(METRIC_CRS)
    region = pd.Series(np.nan, index=points.index).astype(object)
    wanted = country.astype(object).where(country.notna(), "")
    for code in wanted.unique():
        here = shapes if code == "" else shapes[shapes["country"] == code]
        mine = flat[wanted == code]
        if not len(here):
            continue
        at, hit = here.sindex.nearest(mine, return_all=False, max_distance=1000.0 * reach_km)
        region.loc[mine.index[at]] = here["iso"].to_numpy(dtype=object)[hit]
    return region


def _column(frame: pd.DataFrame, name: str) -> pd.Series[str]:
    """Return a text column, missing where absent or empty."""
    if name not in frame:
        return pd.Series(np.nan, index=frame.index, dtype=object)
    column = frame[name].astype(object)
    return column.where(column.notna() & (column != ""), np.nan)
