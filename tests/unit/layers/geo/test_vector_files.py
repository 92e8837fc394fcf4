"""Files of features: ceilings, parts of shapefiles, layers, and what GDAL doubts."""

from __future__ import annotations

import shutil
import struct
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from evsiting.errors import DataWarning, InputError
from evsiting.layers.geo import vector_files
from evsiting.layers.geo.vector_files import read_vector, within_bytes


@pytest.fixture(scope="module")
def frame() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"name": ["Bécancour", "b"], "km": [1.5, 2.0]}, geometry=gpd.points_from_xy([-72, -90], [46, 35]), crs=4326
    )


@pytest.fixture
def shape(frame: gpd.GeoDataFrame, tmp_path: Path) -> Path:
    frame.to_file(tmp_path / "towns.shp")
    return tmp_path / "towns.shp"


def problems(path: Path, **how: object) -> str:
    with pytest.raises(InputError) as caught:
        read_vector(path, "towns", fix="Give a file of towns", **how)
    return str(caught.value)


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "parquet", "shp"])
def test_features_are_as_the_file_has_them(frame: gpd.GeoDataFrame, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"towns.{ending}"
    frame.to_parquet(path) if ending == "parquet" else frame.to_file(path)
    made = read_vector(path, "towns", fix="")
    assert made["name"].tolist() == ["Bécancour", "b"]
    assert made["km"].tolist() == [1.5, 2.0]
    assert made.crs == "EPSG:4326"
    assert made.geometry.geom_equals(frame.geometry).all()


@pytest.mark.parametrize("inside", ["towns", "data/towns", "./towns", "data//towns"])
def test_a_zipped_shapefile_wherever_its_parts_lie(shape: Path, tmp_path: Path, inside: str) -> None:
    with zipfile.ZipFile(tmp_path / "towns.zip", "w") as archive:
        for part in tmp_path.glob("towns.*"):
            if part.suffix != ".zip":
                archive.writestr(f"{inside}{part.suffix}", part.read_bytes())
        archive.writestr("__MACOSX/._towns.shp", b"x")
    vector_files._check_shapefiles(tmp_path / "towns.zip", "towns")


@pytest.mark.parametrize("part", [".shx", ".dbf"])
def test_a_part_that_is_missing_or_empty(shape: Path, part: str) -> None:
    shape.with_suffix(part).write_bytes(b"")
    assert f"is a shapefile of which parts are missing (towns: no {part}, or an empty one)" in problems(shape)
    shape.with_suffix(part).unlink()
    assert "of which parts are missing" in problems(shape)


@pytest.mark.parametrize("part", [".shp", ".shx", ".dbf"])
def test_a_part_that_is_cut_off(shape: Path, part: str) -> None:
    file = shape.with_suffix(part)
    file.write_bytes(file.read_bytes()[:-9])
    text = problems(shape)
    assert "is a shapefile that is cut off" in text
    assert f"towns{part} has {file.stat().st_size} bytes and says that it has" in text


def test_parts_of_two_shapefiles(shape: Path) -> None:
    file = shape.with_suffix(".dbf")
    raw = file.read_bytes()
    file.write_bytes(raw[:4] + struct.pack("<I", 1) + raw[8:])
    assert "the parts do not belong together (towns: 2 geometries in .shx, 1 rows in .dbf)" in problems(shape)


def test_of_several_layers_the_first_is_read_and_told(frame: gpd.GeoDataFrame, tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    frame.to_file(path, layer="one")
    frame[:1].to_file(path, layer="two")
    with pytest.warns(DataWarning, match=r"of 2 layers \(one, two\) the first was read. Name the one"):
        assert len(read_vector(path, "towns", fix="")) == 2
    assert len(read_vector(path, "towns", fix="", layer="two")) == 1
    assert "cannot be read" in problems(path, layer="three")


def test_what_is_no_file_of_features(tmp_path: Path) -> None:
    assert "cannot be read" in problems(tmp_path / "none.gpkg")
    (tmp_path / "a.gpkg").write_bytes(b"nothing")
    assert problems(tmp_path / "a.gpkg").endswith("Give a file of towns.")
    pd.DataFrame({"a": [1]}).to_csv(tmp_path / "a.csv", index=False)
    assert "holds no geometry (columns a)" in problems(tmp_path / "a.csv")
    (tmp_path / "a.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    assert "cannot be read" in problems(tmp_path / "a.zip")


def test_more_features_than_are_read(frame: gpd.GeoDataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ceilings = {"features": 1, "layer": 10**9}
    monkeypatch.setattr(vector_files, "ceiling", ceilings.__getitem__)
    for name in ("a.gpkg", "a.parquet"):
        frame.to_parquet(tmp_path / name) if name.endswith("parquet") else frame.to_file(tmp_path / name)
        assert "has too many features (2; at most 1 are read)" in problems(tmp_path / name)


def test_bytes_are_counted_unpacked_and_with_all_parts(
    shape: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = sum(p.stat().st_size for p in tmp_path.glob("towns.*"))
    monkeypatch.setattr(vector_files, "ceiling", lambda _: whole)
    within_bytes(shape, "towns", "layer", "Cut it")
    monkeypatch.setattr(vector_files, "ceiling", lambda _: whole - 1)
    with pytest.raises(
        InputError, match=f"is too large .{whole:,} bytes unpacked; at most {whole - 1:,} are read.. Cut it"
    ):
        within_bytes(shape, "towns", "layer", "Cut it")
    with zipfile.ZipFile(tmp_path / "z.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.csv", bytes(10 * whole))
    with pytest.raises(InputError, match=f"{10 * whole:,} bytes unpacked"):
        within_bytes(tmp_path / "z.zip", "towns", "layer", "Cut it")
    folder = tmp_path / "a.gdb"
    (folder / "inner").mkdir(parents=True)
    shutil.copy(shape, folder / "inner" / "x.bin")
    (folder / "big.bin").write_bytes(bytes(whole))
    with pytest.raises(InputError, match="is too large"):
        within_bytes(folder, "towns", "layer", "Cut it")
    within_bytes(tmp_path / "gone.gpkg", "towns", "layer", "Cut it")  # who reads it says so


def test_cells_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    shape = shapely.Point(-90, 35)
    with pytest.raises(InputError, match="has cells in columns of numbers that are none"):
        vector_files._warn_doubts(["Value '12a' of field km parsed incompletely to real 12."], "towns")
    with pytest.warns(DataWarning, match="towns: read with a doubt of GDAL .something odd.. Look at the file"):
        vector_files._warn_doubts(["something odd", "Measured (M) geometry types are not supported"], "towns")
    vector_files._warn_doubts(["Polygon ring is not closed", f"{shape} polygon"], "towns")
