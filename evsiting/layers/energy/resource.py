"""Solar and wind resource from a raster that the user brings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from evsiting.errors import InputError, Problem, Problems, shown
from evsiting.layers.arguments import is_finite
from evsiting.layers.base import LayerResult, Origin
from evsiting.layers.geo.raster import raster_values
from evsiting.study.study import Study

_COLUMNS = {"solar": "solar_yield", "wind": "wind_yield"}


@dataclass(frozen=True)
class ResourceLayer:
    """Resource at sites; made by :func:`resource`."""

    path: Path
    kind: Literal["solar", "wind"]
    scale: float = 1.0
    radius_km: float = 0.0
    band: int = 1
    source: str = ""
    year: str = ""
    name: str = "resource"
    table: str = "sites"

    def __call__(self, study: Study) -> LayerResult:
        """Return the resource as a fraction of full power."""
        sites, column = study.sites, _COLUMNS[self.kind]
        read = raster_values(sites, self.path, band=self.band, within_km=self.radius_km)
        values = read.to_numpy(np.float64) * self.scale
        where = f"raster {self.path.name!r}"
        missing = ~np.isfinite(values)
        if missing.any():
            what = f"{int(missing.sum())} of {len(missing)} sites lie where it has no data"
            fix = "Give a raster that covers every site, or a radius_km that reaches data"
            raise InputError([Problem(where, what, shown(sites.loc[missing, "site"]), fix)])
        off = (values < 0.0) | (values > 1.0)
        if off.any():
            seen = shown([f"{s}: {v:g}" for s, v in zip(sites.loc[off, "site"], values[off], strict=True)], 3)
            fix = "Give scale= so that values are the part of full power: 1/24 for kWh a day of 1 kW"
            raise InputError([Problem(where, f"{int(off.sum())} values are no fraction of full power", seen, fix)])
        how = (
            f"mean within {self.radius_km:g} km, cells weighted by the part inside"
            if self.radius_km
            else "cell at the point"
        )
        origin = Origin(self.source or "given", self.year, "given", f"{how}; values times {self.scale:.6g}", how)
        return LayerResult(pd.DataFrame({column: pd.Series(values, index=sites.index)}), {column: origin})


def resource(
    path: str | Path,
    kind: Literal["solar", "wind"],
    *,
    scale: float = 1.0,
    radius_km: float = 0.0,
    band: int = 1,
    source: str = "",
    year: str = "",
) -> ResourceLayer:
    """Return the layer of the solar or wind resource at each site, from a raster.

    Needs rasterio, and exactextract for a radius: ``pip install 'evsiting[raster]'``.

    Parameters
    ----------
    path : str or pathlib.Path
        A raster that GDAL reads, such as a GeoTIFF, in any coordinate reference system.
    kind : {"solar", "wind"}
        Which column: ``solar_yield`` or ``wind_yield``.
    scale : float, default 1
        What its values are multiplied by to be the part of full power over a year: 1/24 for kWh a day of 1 kW. [1]
    radius_km : float, default 0
        Mean within this geodesic distance; the cell at the point where 0. [km]
    band : int, default 1
        Which band of the raster.
    source, year : str
        For provenance.

    Returns
    -------
    Layer
        For :func:`evsiting.apply_layers`.

    Raises
    ------
    InputError
        If the extra or the file is missing, a site lies outside or on nodata, or a value is no fraction after scaling;
        CrsError if the raster has no coordinate reference system.

    Examples
    --------
    >>> solar = resource("kwh_a_day_of_1_kw.tif", "solar", scale=1 / 24, source="my_atlas", year="2024")
    >>> solar.table, solar.kind
    ('sites', 'solar')
    """
    problems = Problems()
    if not isinstance(path, str | Path):
        problems.add("resource, path", "is no path", type(path).__name__, "Give the path of a raster")
    if kind not in _COLUMNS:
        problems.add("resource, kind", "is none of the choices", repr(kind), f"Choose {', '.join(_COLUMNS)}")
    if not is_finite(scale, 0.0) or not scale > 0.0:
        problems.add("resource, scale", "is not above zero", repr(scale), "Give the factor to the part of full power")
    if not is_finite(radius_km, 0.0):
        problems.add("resource, radius_km", "is negative", repr(radius_km), "Give a radius from zero up")
    problems.raise_if_any()
    return ResourceLayer(Path(path), kind, scale, radius_km, band, source, year)
