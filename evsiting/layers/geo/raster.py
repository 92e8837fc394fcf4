"""Values of a raster at sites, or over a circle around each (needs the extra ``raster``)."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
import shapely.affinity
from numpy.typing import NDArray

from evsiting.errors import CrsError, DataWarning, InputError, Problem, Problems, shown
from evsiting.layers.arguments import is_finite, is_whole
from evsiting.layers.geo.frames import checked_sites, to_crs
from evsiting.layers.geo.raster_nodata import LOOK, Look, value_text
from evsiting.layers.geo.vector import around, lon_lat
from evsiting.study.canonical.points import CRS, crs_fault
from evsiting.study.size_limits import ceiling, higher

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
        On the index of ``sites``, in the unit of the raster: with the scale and offset that the file says of the band;
        missing outside it and where it holds no data.

    Raises
    ------
    InputError
        If the package or the file is missing, the file is damaged, the raster has no reference system, no place on the
        ground or no such band, the sites fail their checks, or more cells would be read than the ceilings allow
        (``EVSITING_CEILINGS`` in the environment multiplies them).

    Warns
    -----
    DataWarning
        If sites lie outside the raster; if it holds numbers that no quantity takes (-9999, -99999, -32768, 1e20,
        3.4e38 and the like) and does not say that they are no data: they are taken for it; if a site has a value at the
        end of the range that at least 1 % of the cells have, far from all others (255 beside 0 to 100): it is taken as
        it is; if a scale or an offset of the file was used.

    Notes
    -----
    Points are read with rasterio, circles with exactextract. The sites' frame is not changed.

    Examples
    --------
    >>> import tempfile
    >>> import rasterio
    >>> sites = gpd.GeoDataFrame(
    ...     {"site": ["a", "b"]}, geometry=gpd.points_from_xy([-90.5, -89.5], [35.5, 35.5]), crs=4326
    ... )
    >>> shape = {"width": 2, "height": 1, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    >>> shape["transform"] = rasterio.Affine(1.0, 0.0, -91.0, 0.0, -1.0, 36.0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with rasterio.open(f"{folder}/slope.tif", "w", driver="GTiff", **shape) as file:
    ...         file.write(np.array([[[3.0, 8.0]]], dtype="float32"))
    ...     raster_values(sites, f"{folder}/slope.tif").tolist()
    [3.0, 8.0]
    """
    points = checked_sites(sites)
    rasterio = _package("rasterio")
    where = f"raster {Path(path).name!r}"
    _check(Path(path), where, within_km, statistic)
    try:
        with _without_warnings(rasterio), rasterio.open(path) as source:
            return _values(points, source, where, band, within_km, statistic)
    except (InputError, DataWarning):
        raise
    except Exception as error:  # whatever a damaged file makes GDAL and those above it raise
        fix = "Give a file that GDAL can open; where gdalinfo -checksum fails too, it is damaged"
        raise InputError([Problem(where, "cannot be read", str(error) or type(error).__name__, fix)]) from error


def _values(
    points: gpd.GeoDataFrame, source: Any, where: str, band: int, within_km: float, statistic: str
) -> pd.Series[float]:
    """Return the values of an open raster, after checks of what it says of itself."""
    crs = _checked_crs(source, where)
    if not (is_whole(band, 1) and band <= source.count):
        raise InputError([Problem(f"{where}, band", f"is not 1 to {source.count}", repr(band), "Give one of these")])
    _check_band(source, where, band, within_km)
    flat = _shifted_to_raster(to_crs(points, crs, "sites").geometry, source)
    left, bottom, right, top = _bounds(source)
    inside = flat.x.between(left, right) & flat.y.between(bottom, top)
    if inside.any() and not inside.all():
        off = points.loc[~inside, "site"]
        text = f"{where}: {len(off)} of {len(points)} sites lie outside it, without a value ({shown(off)})"
        warnings.warn(f"{text}. Give a raster that covers them.", DataWarning, stacklevel=3)
    made = _read(points, source, flat, crs, band, within_km, statistic)
    return made.where(inside) if within_km == 0.0 else made


@contextmanager
def _without_warnings(rasterio: Any) -> Iterator[None]:
    """Keep to ourselves what is told in our own words, or comes of cells that hold no number."""
    with warnings.catch_warnings():
        for kind in (rasterio.errors.NotGeoreferencedWarning, RuntimeWarning):
            warnings.simplefilter("ignore", kind)
        yield


def _checked_crs(source: Any, where: str) -> str:
    """Return the reference system of a raster."""
    fix = "Write the {} into the file, as with rio edit-info --{}"
    if source.crs is None:
        raise CrsError(
            [Problem(where, "has no coordinate reference system", "crs is None", fix.format("reference system", "crs"))]
        )
    crs = source.crs.to_wkt()
    if fault := crs_fault(crs):
        what = "has a coordinate reference system (CRS) that cannot be used"
        raise CrsError([Problem(where, what, fault, fix.format("right one", "crs"))])
    turn = source.transform
    if turn.is_identity or turn.is_degenerate or not np.isfinite(list(turn)).all():
        what = "does not say where on the ground its cells lie"
        seen = f"transform {tuple(round(v, 6) for v in turn[:6])}"
        raise CrsError([Problem(where, what, seen, fix.format("transform", "transform"))])
    return str(pyproj.CRS.from_user_input(crs).to_wkt())


def _check_band(source: Any, where: str, band: int, within_km: float) -> None:
    """Refuse a band that is no quantity, is turned where circles are asked for, or too large to be looked at."""
    problems, turn = Problems(), source.transform
    kind, scale, offset = source.dtypes[band - 1], source.scales[band - 1], source.offsets[band - 1]
    if "complex" in kind:
        problems.add(f"{where}, band {band}", "holds complex numbers", kind, "Give a band of plain numbers")
    if not (np.isfinite(scale) and np.isfinite(offset)):
        fix = "Write them into the file, as with gdal_edit.py -scale and -offset"
        problems.add(f"{where}, band {band}", "says a scale or an offset that is no number", f"{scale}, {offset}", fix)
    if within_km > 0.0 and not (turn.b == 0.0 == turn.d and turn.a > 0.0 > turn.e):
        what, fix = "is turned or upside down, and circles cannot be read from it", "Turn it north up, as with gdalwarp"
        problems.add(where, what, f"transform {tuple(round(v, 6) for v in turn[:6])}", fix)
    most, once = ceiling("raster"), ceiling("raster at once")
    steps = [f for f in source.overviews(band) if f * LOOK <= min(source.height, source.width)]
    cells = source.height * source.width // max(steps, default=1) ** 2
    if cells > most:
        fix = "Cut it to where the sites are, or add overviews to it, as with gdaladdo"
        seen = f"{source.width:,} times {source.height:,}; at most {most:,} are read"
        problems.add(where, "has too many cells", seen, f"{fix}, {higher(cells, most)}")
    down, across = source.block_shapes[band - 1]
    block = down * across * (source.count if source.profile.get("interleave") == "pixel" else 1)
    if block > once:
        fix = "Write it in tiles, as with gdal_translate -co TILED=YES"
        seen = f"{block:,}; at most {once:,} are held in memory"
        problems.add(where, "has too many cells in one block", seen, f"{fix}, {higher(block, once)}")
    problems.raise_if_any()


def _bounds(source: Any) -> tuple[float, float, float, float]:
    """Return the west, south, east and north end of a raster, whichever way up it is."""
    left, bottom, right, top = source.bounds
    return min(left, right), min(bottom, top), max(left, right), max(bottom, top)


def _read(
    points: gpd.GeoDataFrame, source: Any, flat: gpd.GeoSeries, crs: str, band: int, within_km: float, statistic: str
) -> pd.Series[float]:
    """Return the values of an open raster, without what stands for no data, in the unit that the file says."""
    rasterio, where = _package("rasterio"), f"raster {Path(source.name).name!r}"
    look, own = Look.at(source, band), _sample(source, flat, band)
    ends: list[NDArray[np.float64]] = [own[np.isfinite(own)]]
    for end in ("min", "max") if within_km > 0.0 else ():
        most = _over_circles(points, source, crs, band, within_km, end).dropna()
        ends.append(np.asarray(most, dtype=np.float64))
    never = look.never(*ends)
    if never:
        seen = shown(f"{value_text(v)} in {look.share(v):.1%} of its cells" for v in never)
        text = f"{where}: it does not say that it has cells without data, and values that can be nothing else ({seen})"
        fix = "They were taken for no data: write nodata into the file, as with rio edit-info --nodata"
        warnings.warn(f"{text}. {fix}.", DataWarning, stacklevel=4)
    odd = [v for v in look.odd(never) if any(bool((e == v).any()) for e in ends)]
    if odd:
        seen = shown(f"{value_text(v)} in {look.share(v):.1%} of its cells, far from all others" for v in odd)
        text = f"{where}: sites have a value that may stand for no data ({seen}), and it was taken as it is"
        warnings.warn(f"{text}. If so, write nodata into the file.", DataWarning, stacklevel=4)
    if within_km == 0.0:
        values = pd.Series(np.where(np.isin(own, never), np.nan, own), index=points.index)
    else:
        values = _statistic_over_circles(points, source, crs, band, within_km, statistic, never, rasterio)
    made = _with_scale_and_offset(values, source, band, where, statistic if within_km > 0.0 else "")
    return made.rename(Path(source.name).stem).astype("float64")


def _sample(source: Any, flat: gpd.GeoSeries, band: int) -> NDArray[np.float64]:
    """Return the value of the cell at each point; NaN where the file says that there is none."""
    pairs = zip(flat.x, flat.y, strict=True)
    read = [float(np.ma.filled(v.astype(np.float64), np.nan)[0]) for v in source.sample(pairs, band, masked=True)]
    return np.array(read, dtype=np.float64)


def _statistic_over_circles(
    points: gpd.GeoDataFrame,
    source: Any,
    crs: str,
    band: int,
    within_km: float,
    statistic: str,
    never: list[float],
    rasterio: Any,
) -> pd.Series[float]:
    """Return a statistic over circles; cells with a value that stands for no data count for nothing."""
    if not never:
        return _over_circles(points, source, crs, band, within_km, statistic)
    if len(never) == 1 and source.nodata is None:
        with importlib.import_module("rasterio.vrt").WarpedVRT(source, src_nodata=never[0], nodata=never[0]) as ready:
            return _over_circles(points, ready, crs, band, within_km, statistic)
    cell_count, most = source.height * source.width, ceiling("raster at once")
    if cell_count > most:
        where, seen = f"raster {Path(source.name).name!r}", f"{cell_count:,}; at most {most:,} are held in memory"
        fix = "Write nodata into the file, as with rio edit-info --nodata, or cut it to where the sites are"
        what = "has too many cells to take values out that stand for no data"
        raise InputError([Problem(where, what, seen, f"{fix}, {higher(cell_count, most)}")])
    cells = source.read(band, masked=True).astype(np.float64)
    plain = np.ma.filled(cells, np.nan)
    plain[np.isin(plain, never)] = np.nan
    form = {"driver": "GTiff", "dtype": "float64", "count": 1, "nodata": np.nan, "crs": source.crs}
    form |= {"height": source.height, "width": source.width, "transform": source.transform}
    with rasterio.MemoryFile() as memory:
        with memory.open(**form) as out:
            out.write(plain, 1)
        with memory.open() as ready:
            return _over_circles(points, ready, crs, 1, within_km, statistic)


def _with_scale_and_offset(
    values: pd.Series[float], source: Any, band: int, where: str, statistic: str
) -> pd.Series[float]:
    """Return values times the scale and plus the offset that the file says for its band."""
    scale, offset = float(source.scales[band - 1]), float(source.offsets[band - 1])
    if scale == 1.0 and offset == 0.0:
        return values
    if statistic == "sum" and offset:
        fix = "Take the mean, or write the values themselves into the file"
        raise InputError([Problem(where, "values with an offset have no sum", f"offset {offset:g}", fix)])
    text = f"{where}: values were multiplied by {scale:g} and {offset:g} was added, as the file says of its band"
    warnings.warn(f"{text}. Give thresholds in that unit.", DataWarning, stacklevel=5)
    return values * scale + offset


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
    ready = ready.set_geometry(_shifted_to_raster(ready.geometry, source))
    _check_circles(ready, source, statistic)
    statistics = extract.exact_extract(raster, ready, [statistic], include_cols=["row"], output="pandas")
    values = statistics.set_index("row")[statistic].astype("float64").reindex(range(len(points)))
    return pd.Series(values.to_numpy(), index=points.index, name=Path(source.name).stem)


def _check_circles(ready: gpd.GeoDataFrame, source: Any, statistic: str) -> None:
    """Refuse circles that hold more cells than are read, or than are held where a statistic needs all of them."""
    left, bottom, right, top = _bounds(source)
    box = ready.bounds.clip([left, bottom] * 2, [right, top] * 2, axis=1)
    area = (box["maxx"] - box["minx"]) * (box["maxy"] - box["miny"])
    cells = area.to_numpy(np.float64) / abs(source.transform.a * source.transform.e)
    where, fix = f"raster {Path(source.name).name!r}", "Give a smaller within_km, or a raster with larger cells"
    for have, name, what in (
        (cells.sum(), "raster", "has too many cells in the circles around all sites"),
        (cells.max(initial=0.0), "raster at once", f"has too many cells in a circle for its {statistic}"),
    ):
        most = ceiling(name)
        if have > most and (name == "raster" or statistic in ("median", "majority")):
            seen = f"{have:,.0f}; at most {most:,} are read"
            raise InputError([Problem(where, what, seen, f"{fix}, {higher(have, most)}")])


def _shifted_to_raster(shapes: gpd.GeoSeries, source: Any) -> gpd.GeoSeries:
    """Return points or circles moved by whole turns to where a raster in degrees has them: some run from 0 to 360."""
    left, _, right, _ = _bounds(source)
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
    problems = Problems()
    if not path.is_file():
        problems.add(where, "there is no such file", str(path), "Check the path")
    if not is_finite(within_km, 0.0, 2_000.0):
        problems.add("raster_values, within_km", "is out of range", str(within_km), "Give 0 to 2,000")
    known = ("mean", "min", "max", "sum", "median", "majority")
    if statistic not in known:
        problems.add("raster_values, statistic", "is unknown", repr(statistic), f"Give one of {', '.join(known)}")
    problems.raise_if_any()


def _package(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        fix = "Install the extra: pip install 'evsiting[raster]'"
        raise InputError([Problem("raster_values", f"needs the package {name}", str(error), fix)]) from error
