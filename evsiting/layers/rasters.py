"""Values of a raster at sites, or over a circle around each (needs the extra ``raster``)."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
import shapely.affinity

from evsiting.errors import CrsError, InputError, Problem, Problems
from evsiting.layers.arguments import finite, whole
from evsiting.layers.geoframes import checked_sites, to_crs
from evsiting.layers.vector import around, lon_lat
from evsiting.study.points import CRS

#: Corners of the polygon that stands for a circle; its area is 0.16 % short.
_CORNERS = 64


def raster_values(
    sites: gpd.GeoDataFrame,
    path: str | Path,
    *,
    band: int = 1,
    within_km: float = 0.0,
    statistic: Literal["mean", "min", "max", "sum", "median", "majority"] = "mean",
) -> pd.Series[float]:
    """Return the value of a raster at each site, or a statistic over the circle around it.

    Parameters
    ----------
    sites : geopandas.GeoDataFrame
        Column ``site`` and points, in any coordinate reference system.
    path : str or path
        Any raster file that GDAL reads, such as a GeoTIFF, with a coordinate reference system.
    band : int
        Which band, from 1.
    within_km : float
        Radius of the circle; the cell at the point itself where 0. [km]
    statistic : {"mean", "min", "max", "sum", "median", "majority"}
        What to take over the circle; each cell counts by the part of it inside.

    Returns
    -------
    pandas.Series
        On the index of ``sites``, in the unit of the raster; missing outside it and where it holds no data.

    Raises
    ------
    InputError
        If the package or the file is missing, the raster has no reference system or no such band, or the sites
        fail their checks.

    Notes
    -----
    Points are read with rasterio, circles with exactextract. The sites' frame is not changed.
    """
    points = checked_sites(sites)
    rasterio = _package("rasterio")
    where = f"raster {Path(path).name!r}"
    _check(Path(path), where, within_km, statistic)
    try:
        source = rasterio.open(path)
    except rasterio.errors.RasterioIOError as error:
        raise InputError([Problem(where, "cannot be read", str(error), "Give a file that GDAL can open")]) from error
    with source:
        if source.crs is None:
            fix = "Write the reference system into the file, as with rio edit-info --crs"
            raise CrsError([Problem(where, "has no coordinate reference system", "crs is None", fix)])
        if not (whole(band, 1) and band <= source.count):
            raise InputError(
                [Problem(f"{where}, band", f"is not 1 to {source.count}", repr(band), "Give one of these")]
            )
        crs = pyproj.CRS.from_user_input(source.crs.to_wkt()).to_wkt()
        if within_km > 0.0:
            return _over_circles(points, source, crs, band, within_km, statistic)
        flat = _turned(to_crs(points, crs, "sites").geometry, source)
        pairs = zip(flat.x, flat.y, strict=True)
        read = [float(np.ma.filled(v.astype(np.float64), np.nan)[0]) for v in source.sample(pairs, band, masked=True)]
        left, bottom, right, top = source.bounds
        inside = flat.x.between(left, right) & flat.y.between(bottom, top)
    return pd.Series(read, index=points.index, name=Path(path).stem, dtype="float64").where(inside)


def circles(points: gpd.GeoDataFrame, radius_km: float) -> gpd.GeoSeries:
    """Return the circle around each point on the ellipsoid, in EPSG:4326; it may pass 180 degrees whole."""
    lon, lat = lon_lat(points)
    rings = around(lon, lat, radius_km, _CORNERS)
    rings[:, :, 0] += 360.0 * np.round((lon[:, None] - rings[:, :, 0]) / 360.0)
    return gpd.GeoSeries(shapely.polygons(rings), index=points.index, crs=CRS)


def _over_circles(
    points: gpd.GeoDataFrame, source: Any, crs: str, band: int, radius_km: float, statistic: str
) -> pd.Series[float]:
    extract = _package("exactextract")
    areas = gpd.GeoDataFrame({"row": np.arange(len(points))}, geometry=circles(points, radius_km).to_numpy(), crs=CRS)
    raster = extract.raster.RasterioRasterSource(source, band)
    ready = to_crs(areas, crs, "sites")
    ready = ready.set_geometry(_turned(ready.geometry, source))
    found = extract.exact_extract(raster, ready, [statistic], include_cols=["row"], output="pandas")
    values = found.set_index("row")[statistic].astype("float64").reindex(range(len(points)))
    return pd.Series(values.to_numpy(), index=points.index, name=Path(source.name).stem)


def _turned(shapes: gpd.GeoSeries, source: Any) -> gpd.GeoSeries:
    """Return points or circles moved by whole turns to where a raster in degrees has them: some run from 0 to 360."""
    left, _, right, _ = source.bounds
    if not source.crs.is_geographic:
        return shapes
    x = shapes.bounds[["minx", "maxx"]].mean(axis=1).to_numpy(np.float64)
    inside = (left <= x) & (x <= right)
    turns = np.where(inside, 0.0, 360.0 * np.ceil((left - x) / 360.0))
    if not turns.any():
        return shapes
    moved = [shapely.affinity.translate(g, dx) if dx else g for g, dx in zip(shapes, turns.tolist(), strict=True)]
    return gpd.GeoSeries(moved, index=shapes.index, crs=shapes.crs)


def _check(path: Path, where: str, within_km: float, statistic: str) -> None:
    found = Problems()
    if not path.is_file():
        found.add(where, "there is no such file", str(path), "Check the path")
    if not finite(within_km, 0.0, 2_000.0):
        found.add("raster_values, within_km", "is out of range", str(within_km), "Give 0 to 2,000")
    known = ("mean", "min", "max", "sum", "median", "majority")
    if statistic not in known:
        found.add("raster_values, statistic", "is unknown", repr(statistic), f"Give one of {', '.join(known)}")
    found.raise_if_any()


def _package(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        fix = "Install the extra: pip install 'evsiting[raster]'"
        raise InputError([Problem("raster_values", f"needs the package {name}", str(error), fix)]) from error
