"""Files that layers read, shapefiles and rasters among them: how they are damaged, and what reads them."""

from __future__ import annotations

import io
import random
import warnings
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from rasterio.transform import Affine, from_origin

import evsiting as ev
from evsiting.layers.freight.routing.readers import road_graph
from evsiting.layers.geo.raster import raster_values
from evsiting.layers.labor.areas import read_areas
from tests.torture.damage import Target, bytes_changed, words_changed

SITES = gpd.GeoDataFrame(
    {"site": ["a", "b", "c"]}, geometry=gpd.points_from_xy([-89.9, -88.2, -86.1], [35.1, 35.3, 35.5]), crs="EPSG:4326"
)


def member_changed(chance: random.Random, content: bytes) -> bytes:
    """Return an archive with one of its parts damaged, lost or that of another; or its own bytes."""
    if chance.random() < 0.1:
        return bytes_changed(chance, content)
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    chosen = chance.choice(list(parts))
    kind = chance.random()
    if kind < 0.05:
        del parts[chosen]
    elif kind < 0.1:
        parts[chosen] = parts[chance.choice(list(parts))]
    else:
        change = words_changed if chosen.endswith((".prj", ".cpg")) else bytes_changed
        parts[chosen] = change(chance, parts[chosen])
    return zipped(parts)


def zipped(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return target.getvalue()


def cells_of_raster_changed(chance: random.Random, content: bytes) -> bytes:
    """Return a GeoTIFF with cells and what it says of itself put in another's place; or its bytes."""
    if chance.random() < 0.5:
        return bytes_changed(chance, content)
    with rasterio.MemoryFile(content) as memory, memory.open() as source:
        cells, form = source.read(1), dict(source.profile)
    numbers = (0.0, 1.0, -1.0, 1e-300, 1e300, 3.4e38, float("nan"), float("inf"), -9999.0, 0.1, 200.0)
    scale, offset = 1.0, 0.0
    for _ in range(chance.choice((1, 1, 2, 3))):
        kind = chance.randrange(6)
        if kind == 0:
            form["transform"] = Affine(*(chance.choice((v, chance.choice(numbers))) for v in form["transform"][:6]))
        elif kind == 1:
            form["crs"] = chance.choice((None, "EPSG:4326", "EPSG:3857", "EPSG:5070", "EPSG:4978", "EPSG:32661"))
        elif kind == 2:
            form["dtype"] = chance.choice(("uint8", "int16", "float64", "complex64", "uint32", "int8"))
        elif kind == 3:
            form["nodata"] = chance.choice((None, *numbers))
        elif kind == 4:
            scale, offset = chance.choice(numbers), chance.choice(numbers)
        else:
            with np.errstate(over="ignore"):  # 1e300 is infinite in the cells' own type, and is tried so
                cells[chance.randrange(len(cells))] = chance.choice(numbers)
    if chance.random() < 0.2:
        form |= {"tiled": True, "blockxsize": 16, "blockysize": 16}
    with suppress(Exception), warnings.catch_warnings():  # what cannot be written is not tried
        warnings.simplefilter("ignore")
        with rasterio.MemoryFile() as memory:
            with memory.open(**form) as out:
                out.write(cells.astype(form["dtype"]), 1)
                out.scales, out.offsets = (scale,), (offset,)
            return bytes(memory.read())
    return content


def _loose(read: Callable[[Path], object]) -> Callable[[Path], object]:
    """Return a reader of a shapefile whose parts come out of an archive first."""

    def run(path: Path) -> object:
        folder = path.parent / "loose"
        folder.mkdir(exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        try:
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    (folder / Path(name).name).write_bytes(archive.read(name))
        except Exception:  # an archive that cannot be unpacked is no loose shapefile
            return None
        return read(folder / "places.shp")

    return run


def _excluded(path: Path) -> object:
    """Read a layer as a user does, and drop sites by it; what geopandas says in that is its own affair."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            layer = gpd.read_file(path)
        except Exception:
            return None
    return ev.exclude(SITES, layer, reason="a layer", where="within", km=30.0)


def _raster(path: Path) -> object:
    with suppress(ev.EvsitingError):
        raster_values(SITES, path)
    return raster_values(SITES, path, within_km=40.0)


def _parts(frame: gpd.GeoDataFrame, folder: Path) -> bytes:
    """Return the parts of a shapefile in an archive."""
    folder.mkdir()
    frame.to_file(folder / "places.shp")
    return zipped({p.name: p.read_bytes() for p in sorted(folder.iterdir())})


def layer_targets(folder: Path) -> list[Target]:
    """Return a sound file of each kind with what reads it."""
    boxes = [shapely.box(-90.2 + 0.9 * k, 35.0, -89.5 + 0.9 * k, 35.7) for k in range(6)]
    told = {"id": list("abcdef"), "iso": "US-TN", "population": [9e3, 8e4, 7e5, 6e4, 5e3, 4e2], "year": "2024"}
    areas = gpd.GeoDataFrame(told, geometry=boxes, crs="EPSG:4326")
    ends = [(-90.0 + 0.1 * k, 35.0 + 0.01 * (k % 3)) for k in range(8)]
    lines = [shapely.LineString(ends[k : k + 2]) for k in range(7)]
    roads = gpd.GeoDataFrame({"oneway": ["yes", "no"] * 3 + [""], "km": 9.0}, geometry=lines, crs="EPSG:4326")
    flat = areas.drop(columns="geometry").assign(lat=35.2, lon=[-90.0 + 0.9 * k for k in range(6)])
    own, net = _parts(areas, folder / "areas"), _parts(roads, folder / "roads")
    form = {"driver": "GTiff", "height": 20, "width": 40, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    form |= {"transform": from_origin(-91.0, 36.5, 0.15, 0.15), "compress": "deflate", "nodata": -9.0}
    with rasterio.open(folder / "slope.tif", "w", **form) as out:
        out.write(np.arange(800, dtype=np.float32).reshape(20, 40) % 37.0, 1)
    return [
        Target("areas.zip", own, member_changed, read_areas, 2),
        Target("areas.shp", own, member_changed, _loose(read_areas), 1),
        Target("areas.csv", flat.to_csv(index=False).encode(), words_changed, read_areas, 2),
        Target("areas.geojson", areas.to_json().encode(), words_changed, read_areas, 2),
        Target("layer.shp", own, member_changed, _loose(_excluded), 2),
        Target("roads.zip", net, member_changed, lambda path: road_graph(path, km="km"), 2),
        Target("roads.shp", net, member_changed, _loose(road_graph), 2),
        Target("slope.tif", (folder / "slope.tif").read_bytes(), cells_of_raster_changed, _raster, 8),
    ]
