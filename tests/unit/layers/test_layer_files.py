"""Files that layers read: shapefiles that have lost a part, rasters that are damaged, and ceilings on both."""

from __future__ import annotations

import struct
import zipfile
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pytest
import shapely

import evsiting as ev
from evsiting.study import size_limits

SITES = gpd.GeoDataFrame({"site": ["A", "B"]}, geometry=gpd.points_from_xy([-89.5, -88.5], [35.2, 35.4]), crs=4326)
ENDS = [(-90.0 + 0.1 * k, 35.0 + 0.01 * (k % 3)) for k in range(7)]
ROADS = gpd.GeoDataFrame(
    {"oneway": ["no"] * 6, "km": [9.5] * 6}, geometry=[shapely.LineString(ENDS[k : k + 2]) for k in range(6)], crs=4326
)
AREAS = gpd.GeoDataFrame(
    {"id": list("abc"), "iso": "US-TN", "population": [9000.5, 8000.5, 7000.5]},
    geometry=[shapely.box(-90 + k, 35, -89.5 + k, 35.5) for k in range(3)],
    crs=4326,
)


@pytest.fixture(params=["loose", "zipped"])
def shapefile(request, tmp_path):
    """Return a function that writes a shapefile, loose or zipped, with one part changed or left out."""

    def written(frame, kind=".cpg", change=lambda part: part):
        frame.to_file(tmp_path / "places.shp")
        part = tmp_path / f"places{kind}"
        made = change(part.read_bytes())
        part.unlink()
        if made is not None:
            part.write_bytes(made)
        if request.param == "loose":
            return tmp_path / "places.shp"
        with zipfile.ZipFile(tmp_path / "places.zip", "w") as archive:
            for file in sorted(tmp_path.glob("places.*")):
                if file.suffix != ".zip":
                    archive.write(file, file.name)
        return tmp_path / "places.zip"

    return written


def lowered(monkeypatch, **most):
    """Lower ceilings, with words parted by underscores."""
    mine = {name.replace("_", " "): value for name, value in most.items()}
    monkeypatch.setattr(size_limits, "CEILINGS", MappingProxyType({**size_limits.CEILINGS, **mine}))


def test_a_whole_shapefile_is_read(shapefile):
    assert ev.road_graph(shapefile(ROADS), km="km").summary.edges == 6


@pytest.mark.parametrize(
    ("kind", "change", "said"),
    [
        (".dbf", lambda part: None, "parts are missing.*no .dbf"),  # GDAL reads lines without columns
        (".shx", lambda part: b"", "parts are missing.*no .shx"),
        (".dbf", lambda part: part[:-20], r"cut off.*places\.dbf has"),
        (".shp", lambda part: part[:-20], r"cut off.*places\.shp has"),  # GDAL reads rows without geometry
        (".shx", lambda part: part[:-8], r"cut off.*places\.shx has"),
        # GDAL reads so many lines
        (".dbf", lambda part: part[:4] + struct.pack("<I", 3) + part[8:], "do not belong together.*6 geom.*3 rows"),
        # GDAL reads the digits in front
        (".dbf", lambda part: part.replace(b"9.5", b"9x5"), "columns of numbers that are none.*9x5"),
    ],
)
def test_a_shapefile_that_has_lost_a_part_is_told(shapefile, kind, change, said):
    with pytest.raises(ev.InputError, match=said):
        ev.road_graph(shapefile(ROADS, kind, change), km="km")


def test_areas_of_a_shapefile_that_has_lost_rows_are_told(shapefile):
    path = shapefile(AREAS, ".dbf", lambda part: part[:4] + struct.pack("<I", 2) + part[8:])
    with pytest.raises(ev.InputError, match="do not belong together"):
        ev.read_areas(path)


def test_a_damaged_archive_is_told(tmp_path):
    file = tmp_path / "roads.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("roads.shp", b"x" * 50)
        archive.writestr("roads.dbf", b"x" * 50)
        archive.writestr("roads.shx", b"x" * 50)
    file.write_bytes(file.read_bytes().replace(b"x" * 50, b"y" * 50, 1))
    with pytest.raises(ev.InputError, match="is a damaged archive"):
        ev.road_graph(file)


def test_several_layers_of_areas_are_told(tmp_path):
    for name in ("one", "two"):
        AREAS.to_file(tmp_path / "areas.gpkg", layer=name)
    with pytest.warns(ev.DataWarning, match=r"areas\.gpkg: of 2 layers \(one, two\) the first was read"):
        assert len(ev.read_areas(tmp_path / "areas.gpkg")) == 3


def test_a_table_without_geometry_is_no_road_net(tmp_path):
    gpd.GeoDataFrame(ROADS).drop(columns="geometry").to_csv(tmp_path / "roads.csv", index=False)
    with pytest.raises(ev.InputError, match="holds no geometry"):
        ev.road_graph(tmp_path / "roads.csv")


@pytest.mark.parametrize(("name", "most"), [("layer", 1000), ("features", 5)])
@pytest.mark.parametrize("ending", ["gpkg", "parquet", "geojson", "shp"])
def test_a_road_net_above_a_ceiling_is_refused(tmp_path, monkeypatch, ending, name, most):
    file = tmp_path / f"roads.{ending}"
    ROADS.to_parquet(file) if ending == "parquet" else ROADS.to_file(file)
    lowered(monkeypatch, **{name: most})
    with pytest.raises(ev.InputError, match=r"too (large|many features).*EVSITING_CEILINGS="):
        ev.road_graph(file)
    monkeypatch.setenv("EVSITING_CEILINGS", "1000")
    assert ev.road_graph(file).summary.edges == 6


def test_lines_that_a_parquet_file_holds_once_count_for_each_row(tmp_path, monkeypatch):
    long = shapely.LineString(np.column_stack([np.linspace(-90, -80, 2000), np.full(2000, 35.0)]))
    same = gpd.GeoDataFrame(geometry=[long] * 50, crs=4326)
    same.to_parquet(tmp_path / "roads.parquet")
    assert (tmp_path / "roads.parquet").stat().st_size < 200_000
    lowered(monkeypatch, layer=400_000)
    with pytest.raises(ev.InputError, match="is too large .*bytes unpacked"):
        ev.road_graph(tmp_path / "roads.parquet")


def test_a_packed_net_counts_unpacked(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "roads.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("roads.geojson", ROADS.to_json() + " " * 1_000_000)
    lowered(monkeypatch, layer=500_000)
    with pytest.raises(ev.InputError, match=r"is too large \(1,0\d\d,\d\d\d bytes unpacked; at most 500,000 are read"):
        ev.road_graph(tmp_path / "roads.zip")


def test_a_graphml_file_above_the_ceiling_is_refused(tmp_path, monkeypatch):
    pytest.importorskip("networkx")
    (tmp_path / "roads.graphml").write_text("<graphml/>" + " " * 100)
    lowered(monkeypatch, graphml=100)
    with pytest.raises(ev.InputError, match="is too large.*as a GeoPackage of lines"):
        ev.road_graph(tmp_path / "roads.graphml")


# --------------------------------------------------------------------------------------------- rasters


def tif(folder, cells=None, **form):
    """Write a raster of 20 times 10 cells of a tenth of a degree, each with its number."""
    rasterio = pytest.importorskip("rasterio")
    scale = form.pop("scale", None)
    cells = np.arange(200, dtype=form.pop("dtype", "float32")).reshape(10, 20) if cells is None else cells
    size = {"height": cells.shape[0], "width": cells.shape[1], "count": 1, "dtype": cells.dtype, "crs": "EPSG:4326"}
    size |= {"transform": rasterio.transform.from_origin(-90.0, 36.0, 0.1, 0.1), **form}
    with rasterio.open(folder / "slope.tif", "w", driver="GTiff", **size) as out:
        out.write(cells, 1)
        if scale is not None:
            out.scales = (scale,)
    return folder / "slope.tif"


def bomb(folder, cells):
    """Write a square raster without a block in it, over the sites."""
    rasterio = pytest.importorskip("rasterio")
    form = {"height": cells, "width": cells, "count": 1, "dtype": "uint8", "crs": "EPSG:4326", "BIGTIFF": "YES"}
    form |= {"tiled": True, "blockxsize": 8192, "blockysize": 8192, "SPARSE_OK": "TRUE", "compress": "deflate"}
    turn = rasterio.transform.from_origin(-100.0, 50.0, 20.0 / cells, 20.0 / cells)
    with rasterio.open(folder / "bomb.tif", "w", driver="GTiff", transform=turn, **form):
        pass
    return folder / "bomb.tif"


def test_a_raster_that_unpacks_to_forty_billion_cells_is_refused(tmp_path):
    file = bomb(tmp_path, 200_000)
    assert file.stat().st_size < 100_000
    with pytest.raises(ev.InputError, match=r"has too many cells \(200,000 times 200,000.*gdaladdo.*CEILINGS=2 "):
        ev.raster_values(SITES, file)


def test_circles_with_too_many_cells_are_refused(tmp_path, monkeypatch):
    pytest.importorskip("exactextract")
    file = tif(tmp_path)
    lowered(monkeypatch, raster_at_once=50)
    with pytest.raises(ev.InputError, match=r"has too many cells in one block"):
        ev.raster_values(SITES, file, within_km=30.0, statistic="median")
    file = tif(tmp_path, blockysize=1)
    assert ev.raster_values(SITES, file, within_km=60.0).notna().all()
    with pytest.raises(ev.InputError, match="in a circle for its median.*smaller within_km"):
        ev.raster_values(SITES, file, within_km=60.0, statistic="median")
    lowered(monkeypatch, raster=200, raster_at_once=10_000)
    with pytest.raises(ev.InputError, match="in the circles around all sites"):
        ev.raster_values(SITES, file, within_km=300.0)


def test_values_that_stand_for_no_data_are_not_taken_out_of_a_raster_too_large_to_hold(tmp_path, monkeypatch):
    pytest.importorskip("exactextract")
    cells = np.arange(200, dtype="float32").reshape(10, 20)
    cells[0, :2] = (-9999.0, -99999.0)
    file = tif(tmp_path, cells, blockysize=1)
    lowered(monkeypatch, raster_at_once=150)
    with (
        pytest.warns(ev.DataWarning, match="taken for no data"),
        pytest.raises(ev.InputError, match="too many cells to take values out.*nodata"),
    ):
        ev.raster_values(SITES, file, within_km=20.0)


def test_a_raster_upside_down_is_read_at_points_and_refused_for_circles(tmp_path):
    affine = pytest.importorskip("rasterio").transform.Affine
    cells = np.arange(200, dtype="float32").reshape(10, 20)
    north = ev.raster_values(SITES.assign(geometry=SITES.translate(0.05, 0.05)), tif(tmp_path, cells)).tolist()
    file = tif(tmp_path, cells[::-1], transform=affine(0.1, 0, -90.0, 0, 0.1, 35.0))
    assert ev.raster_values(SITES.assign(geometry=SITES.translate(0.05, 0.05)), file).tolist() == north
    with pytest.raises(ev.InputError, match="turned or upside down.*gdalwarp"):
        ev.raster_values(SITES, file, within_km=20.0)
    turned = tif(tmp_path, cells.T.copy(), transform=affine(0, 0.1, -90.0, -0.1, 0, 36.0))
    with pytest.raises(ev.InputError, match="turned or upside down"):
        ev.raster_values(SITES, turned, within_km=20.0)


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_raster_that_says_no_place_is_refused(tmp_path):
    file = tif(tmp_path, transform=None)
    with pytest.raises(ev.CrsError, match="where on the ground its cells lie"):
        ev.raster_values(SITES, file)


def test_a_band_of_complex_numbers_or_an_odd_scale_is_refused(tmp_path):
    with pytest.raises(ev.InputError, match="band 1: holds complex numbers"):
        ev.raster_values(SITES, tif(tmp_path, dtype="complex64"))
    with pytest.raises(ev.InputError, match="a scale or an offset that is no number"):
        ev.raster_values(SITES, tif(tmp_path, scale=float("nan")))


@pytest.mark.parametrize("within_km", [0.0, 20.0])
def test_a_raster_that_is_cut_off_is_told(tmp_path, within_km):
    file = tif(tmp_path, np.random.default_rng(1).random((10, 20)), compress="deflate")
    file.write_bytes(file.read_bytes()[:-900])
    with pytest.raises(ev.InputError, match=r"raster 'slope\.tif': cannot be read"):
        ev.raster_values(SITES, file, within_km=within_km)
