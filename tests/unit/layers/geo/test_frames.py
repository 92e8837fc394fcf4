"""What a user's layers would be misread for: shapes across 180 degrees, areas on no land, ids, undeclared nodata."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import evsiting as ev
from evsiting.errors import DataWarning, InputError
from evsiting.layers.geo.frames import checked_shapes
from tests.layer_studies import bare_study

SITES = gpd.GeoDataFrame(
    {"site": ["calgary", "memphis", "adak"]},
    geometry=gpd.points_from_xy([-114.07, -90.05, -176.65], [51.05, 35.15, 51.88]),
    crs=4326,
)
#: The western Aleutians: not cut at 180, cut there, running on beyond it, and turned the other way round.
UNCUT = shapely.Polygon([(172, 50), (-175, 50), (-175, 53), (172, 53)])
CUT = shapely.MultiPolygon([shapely.box(172, 50, 180, 53), shapely.box(-180, 50, -175, 53)])
BEYOND = shapely.box(172, 50, 185, 53)


def frame(*shapes: shapely.Geometry, crs: object = 4326, **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs)


# ---------------------------------------------------------------------------------------------- shapes


@pytest.mark.parametrize("shape", [UNCUT, UNCUT.reverse(), shapely.LineString([(179, 52), (-179, 52)])])
def test_shapes_the_long_way_round_the_earth_are_refused(shape: shapely.Geometry) -> None:
    layer, match = frame(shape), "1 of 1 geometr.* wider than 180 degrees"
    with pytest.raises(InputError, match=match):
        ev.exclude(SITES, layer, reason="refuge", where="within", km=10)
    with pytest.raises(InputError, match=match):
        ev.nearest_km(SITES, layer)
    if shape.geom_type == "Polygon":
        for call in (
            lambda: ev.exclude(SITES, layer, reason="refuge"),
            lambda: ev.flags(layer.assign(flag="refuge")),
            lambda: ev.candidates(layer),
            lambda: ev.apply_layers(bare_study(), ev.commute_shed(layer.assign(id="a", population=1.0))),
        ):
            with pytest.raises(InputError, match=match):
                call()


@pytest.mark.parametrize("shape", [CUT, CUT.reverse(), BEYOND, shapely.force_3d(CUT, 7.0)])
def test_shapes_cut_there_or_running_on_hold_what_is_inside(shape: shapely.Geometry) -> None:
    left = ev.exclude(SITES, frame(shape), reason="refuge")
    assert left.dropped["site"].tolist() == ["adak"]


def test_nothing_lies_inside_of_points_and_lines() -> None:
    spots = frame(shapely.Point(-90.05, 35.15), shapely.LineString([(-90, 35), (-89, 35)]))
    with pytest.raises(InputError, match="2 of 2 geometries are no areas, 'inside' of which a site could lie"):
        ev.exclude(SITES, spots, reason="flood")
    mixed = frame(shapely.Point(-90.05, 35.15), shapely.box(-91, 34, -89, 36))
    with pytest.warns(DataWarning, match="1 of 2 geometries (is|are) no areas"):
        assert ev.exclude(SITES, mixed, reason="flood").dropped["site"].tolist() == ["memphis"]
    with pytest.raises(InputError, match="missing or empty"):
        checked_shapes(frame(shapely.Polygon(), shapely.box(0, 0, 1, 1)), "layer")


def test_sites_and_layers_of_another_place_are_told() -> None:
    lost = SITES.set_geometry(gpd.points_from_xy(-SITES.geometry.x, SITES.geometry.y), crs=4326)
    with pytest.raises(InputError, match="2 of 3 points lie outside.*sign of the longitude is lost"):
        ev.nearest_km(lost, frame(CUT))
    with pytest.warns(DataWarning, match="none of its geometries is near .*sign of the longitude is lost"):
        ev.exclude(SITES, frame(shapely.box(89, 35, 90, 36)), reason="flood")
    both = frame(shapely.box(-91, 34, -89, 36), shapely.box(5e5, 1e6, 6e5, 2e6), crs=5070)
    with pytest.warns(DataWarning, match="1 of 2 geometries looks? like degrees, .* said to be in EPSG:5070"):
        ev.exclude(SITES, both, reason="flood")
    ways = frame(shapely.LineString([(-90, 35), (-89, 36)]), shapely.LineString([(5e5, 1e6), (6e5, 1e6)]), crs=5070)
    with pytest.warns(DataWarning, match="1 of 2 lines looks? like degrees"):
        ev.road_graph(ways)


def test_points_far_from_the_region_given_are_refused_in_distances_and_facts() -> None:
    with pytest.raises(InputError, match="2 of 3 points lie more than 100 km from the region or country given"):
        ev.distances(SITES.assign(region=["US-CA", "CA-NL", "US-AK"]))
    with pytest.raises(
        InputError, match="1 of 2 points lies? more than 50 km from their region.*memphis: .* from US-CA"
    ):
        ev.site_facts(SITES.head(2).assign(country=["CA", "US"], region=["CA-AB", "US-CA"]))


def test_values_by_code_agree_whatever_codes_are_written_as() -> None:
    sites = SITES.head(2).assign(site=["101", "102"]).set_index(pd.Index(["x", "y"]))
    left = ev.exclude(sites, pd.Series([1.0, 9.0], index=[101.0, 102.0]), above=5, reason="steep")
    assert left.dropped["site"].tolist() == ["102"]


# ----------------------------------------------------------------------------------------------- areas


def csv(folder: Path, *rows: str, head: str = "id,population,lat,lon") -> Path:
    file = folder / "areas.csv"
    file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("lat", "lon", "told"),
    [
        ("32.5", "86.6", "sign of the longitude is lost"),
        ("0", "0", "zeros stand for coordinates"),
        ("42", "-42", "on no land"),
        ("25.0", "-89.0", "on no land"),
    ],
)
def test_areas_on_no_land_are_told_and_refused_where_they_are_most(
    tmp_path: Path, lat: str, lon: str, told: str
) -> None:
    bad = f"A,58805,{lat},{lon}"
    with pytest.warns(DataWarning, match=rf"1 of 3 areas is on no land .*{told}|{told}"):
        ev.read_areas(csv(tmp_path, bad, "B,90000,35.1,-90.0", "C,1,36,-89"))
    with pytest.raises(InputError, match="1 of 1 area is on no land"):
        ev.read_areas(csv(tmp_path, bad))


def test_areas_far_from_the_state_that_they_name(tmp_path: Path) -> None:
    head = "id,iso,population,lat,lon"
    with pytest.warns(
        DataWarning, match="1 of 3 areas lies? more than 50 km from the state that they name .*b in US-CA"
    ):
        ev.read_areas(csv(tmp_path, "a,US-TN,1,35,-90", "b,US-CA,1,35,-90.1", "c,US-TN,1,35,-89", head=head))
    spots = gpd.GeoSeries.from_xy([-119.5, -118.7, -118.0], [39.5, 39.2, 39.9], crs=4326).to_crs(32611)
    wrong = gpd.GeoDataFrame({"id": list("abc"), "iso": "US-NV", "population": 1.0}, geometry=spots).set_crs(
        32612, allow_override=True
    )
    with pytest.raises(InputError, match="2 of 3 areas.*another UTM zone: they fit 1 farther west"):
        ev.apply_layers(bare_study(), ev.commute_shed(wrong))


def test_flags_on_no_land_are_told() -> None:
    with pytest.raises(InputError, match="1 of 1 zone is on no land.*sign of the longitude is lost"):
        ev.flags(frame(shapely.box(89, 35, 90, 36), flag=["coal"]))
    with pytest.warns(DataWarning, match="1 of 2 zones is on no land"):
        ev.flags(frame(shapely.box(-42, 35, -41, 36), shapely.box(-90, 35, -89, 36), flag=["coal", "coal"]))


def test_flags_without_a_place_among_others_are_told() -> None:
    rows = pd.DataFrame({"place": ["US-TN", np.nan], "flag": ["coal", "coal"]})
    with pytest.warns(DataWarning, match="1 of 2 rows (is|are) empty and hold"):
        ev.flags(rows)


@pytest.mark.parametrize("ids", [[3520005.0, 48453001100.0], [3520005, 48453001100], ["3520005.0", "48453001100.0"]])
def test_ids_that_are_numbers_are_written_in_full(tmp_path: Path, ids: list[object]) -> None:
    boxes = [shapely.box(-100, 40, -99.8, 40.2), shapely.box(-99.7, 40, -99.5, 40.2)]
    file = tmp_path / "areas.gpkg"
    frame(*boxes, id=ids, population=[1000.0, 1001.0]).to_file(file)
    assert ev.read_areas(file)["id"].tolist() == ["3520005", "48453001100"]
    table = csv(tmp_path, *(f"{v},1,40,{-100 + k}" for k, v in enumerate(ids)))
    assert ev.read_areas(table)["id"].tolist() == ["3520005", "48453001100"]


def test_na_and_null_are_names_and_gaps_of_labor_stay_gaps(tmp_path: Path) -> None:
    rows = "NA,NA,1,35,-90,", "NULL,null,2,35,-89,NA", "01001,x,3,32.5,-86.6,1"
    areas = ev.read_areas(csv(tmp_path, *rows, head="id,name,population,lat,lon,labor_force"))
    assert areas["id"].tolist() == ["NA", "NULL", "01001"]
    assert areas["name"].tolist() == ["NA", "null", "x"]
    assert areas["imputed"].tolist() == [True, True, True]
    assert areas["labor_force"].iloc[2] == 1.0


def test_a_date_for_an_id_stays_text(tmp_path: Path) -> None:
    file = tmp_path / "areas.geojson"
    boxes = [shapely.box(-100, 40, -99.8, 40.2), shapely.box(-99.7, 40, -99.5, 40.2)]
    frame(*boxes, id=["2020-01-02", "2020-01-03"], population=[1.0, 2.0]).to_file(file)
    assert ev.read_areas(file)["id"].tolist() == ["2020-01-02", "2020-01-03"]


def test_ids_that_lost_zeros_digits_or_all_are_told(tmp_path: Path) -> None:
    with pytest.warns(DataWarning, match="1 of 2 ids ha(s|ve) lost the zero.*1001 in US-AL"):
        ev.read_areas(csv(tmp_path, "1001,5,32.5,-86.6", "47157,5,35.1,-90.0"))
    with pytest.raises(InputError, match="digits are lost"):
        ev.read_areas(csv(tmp_path, "4.8453E+10,5,32.5,-86.6"))
    with pytest.warns(DataWarning, match="1 of 2 areas ha(s|ve) no id, as after a join"):
        ev.read_areas(csv(tmp_path, ",5,32.5,-86.6", "47157,5,35.1,-90.0"))


def test_travel_times_and_areas_agree_whatever_their_ids_are_written_as() -> None:
    areas = frame(
        *gpd.points_from_xy([-90.05, -90.0], [35.15, 35.2]),
        id=[47157.0, 47158.0],
        iso="US-TN",
        population=[100.0, 10.0],
    )
    study = bare_study(sites=bare_study().sites.assign(country=["US", "MX", "CA", "US"]))
    times = pd.DataFrame(np.inf, index=study.sites["site"], columns=[47157, 47158])
    times.loc[["memphis", "detroit"], 47157] = 10.0
    with pytest.warns(DataWarning, match="no area of the sites' own country lies within reach of 2 of 4 sites"):
        made = ev.apply_layers(study, ev.commute_shed(areas, times=times))
    assert made.sites["shed_population_persons"].dropna().tolist() == [100.0, 100.0]


def test_sites_without_areas_are_unknown_and_in_no_pool() -> None:
    places = {"country": ["US", "MX", "CA", "US"], "region": ["US-TN", "MX-NLE", "CA-ON", "US-MI"]}
    study = bare_study(sites=bare_study().sites.assign(**places))
    areas = frame(shapely.box(-91, 34, -89, 36), id=["a"], iso=["US-TN"], population=[1e6], labor_force=[5e5])
    with pytest.warns(DataWarning, match=r"within reach of 3 of 4 sites \(monterrey, toronto, detroit\)"):
        made = ev.apply_layers(study, ev.commute_shed(areas))
    assert made.sites["shed_workers_persons"].notna().tolist() == [True, False, False, False]
    with pytest.warns(DataWarning, match="in no pool"):
        pools = ev.labor_pools(study, areas)
    assert pools.sites["labor_pool"].notna().tolist() == [True, False, False, False]
    sliver = frame(shapely.box(-90.1, 35.1, -90.0, 35.2), id=["a"], iso=["US-TN"], population=[1e6])
    with pytest.warns(DataWarning) as told:
        ev.apply_layers(study, ev.commute_shed(sliver))
    assert any("less than half of the land within reach of 1 of 4 sites (memphis: 1%)" in str(w.message) for w in told)
    far = frame(shapely.box(-120, 40, -119, 41), id=["a"], iso=["US-NV"], population=[1e6])
    with pytest.raises(InputError, match="no area lies within reach of any site"), pytest.warns(DataWarning):
        ev.labor_pools(study, far)


# --------------------------------------------------------------------------------------------- rasters


def raster(folder: Path, cells: np.ndarray, *, nodata: float | None = None, scale: tuple[float, float] = (1.0, 0.0)):
    """Return a raster of one-degree cells over the three countries."""
    rasterio = pytest.importorskip("rasterio", reason="needs the extra 'raster'")
    path = folder / "cells.tif"
    form = {"driver": "GTiff", "height": 25, "width": 60, "count": 1, "dtype": cells.dtype, "nodata": nodata}
    shift = rasterio.transform.from_origin(-125.0, 50.0, 1.0, 1.0)
    with rasterio.open(path, "w", crs="EPSG:4326", transform=shift, **form) as out:
        out.write(cells, 1)
        out.scales, out.offsets = (scale[0],), (scale[1],)
    return path


TWO = gpd.GeoDataFrame(
    {"site": ["memphis", "denver"]}, geometry=gpd.points_from_xy([-90.05, -104.9], [35.15, 39.7]), crs=4326
)


def cells(west: float, dtype: str) -> np.ndarray:
    """Return values 0 to 59 from west to east, another one west of 100 west."""
    made = np.tile(np.arange(60.0), (25, 1))
    made[:, :25] = west
    return made.astype(dtype)


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (-9999.0, "float32"),
        (-9999.0, "int16"),
        (-32768.0, "int16"),
        (3.4028235e38, "float32"),
        (-3.4028235e38, "float32"),
        (1e20, "float64"),
        (9.96921e36, "float32"),
    ],
)
@pytest.mark.parametrize("radius", [0.0, 20.0])
def test_undeclared_nodata_is_no_value_and_told(tmp_path: Path, value: float, dtype: str, radius: float) -> None:
    if radius:
        pytest.importorskip("exactextract", reason="needs the extra 'raster'")
    with pytest.warns(DataWarning, match=r"values that can be nothing else .* in 41.7% of its cells.*nodata"):
        read = ev.raster_values(TWO, raster(tmp_path, cells(value, dtype)), within_km=radius)
    assert read.iloc[0] == pytest.approx(34.0, abs=0.5)
    assert np.isnan(read.iloc[1])


def test_a_circle_half_in_undeclared_nodata_takes_the_other_half(tmp_path: Path) -> None:
    pytest.importorskip("exactextract", reason="needs the extra 'raster'")
    edge = TWO.set_geometry(gpd.points_from_xy([-100.0, -90.05], [40.0, 35.15], crs=4326))
    with pytest.warns(DataWarning, match="-9999 in 41.7%"):
        read = ev.raster_values(edge, raster(tmp_path, cells(-9999.0, "float32")), within_km=20.0)
    assert read.iloc[0] == pytest.approx(25.0)


def test_a_value_far_from_all_others_is_told_and_kept(tmp_path: Path) -> None:
    with pytest.warns(DataWarning, match=r"may stand for no data \(255 in 41.7% of its cells"):
        read = ev.raster_values(TWO, raster(tmp_path, cells(255, "uint8")))
    assert read.iloc[1] == 255.0
    mask = np.where(cells(255, "uint8") == 255, 255, cells(0, "uint8") % 2).astype("uint8")
    with pytest.warns(DataWarning, match="255 in 41.7%"):
        assert ev.raster_values(TWO, raster(tmp_path, mask)).tolist() == [0.0, 255.0]


@pytest.mark.parametrize("west", [0.0, 12.0, 70.0])
def test_ordinary_rasters_are_silent(tmp_path: Path, west: float) -> None:
    assert ev.raster_values(TWO, raster(tmp_path, cells(west, "float32"))).tolist() == [34.0, west]
    mask = (cells(0.0, "uint8") > 0).astype("uint8")
    assert ev.raster_values(TWO, raster(tmp_path, mask)).tolist() == [1.0, 0.0]
    declared = raster(tmp_path, cells(-9999.0, "float32"), nodata=-9999.0)
    assert np.isnan(ev.raster_values(TWO, declared).iloc[1])


def test_the_scale_of_a_file_is_used_and_told(tmp_path: Path) -> None:
    path = raster(tmp_path, cells(0, "int16"), scale=(0.5, 10.0))
    with pytest.warns(DataWarning, match="multiplied by 0.5 and 10 was added"):
        assert ev.raster_values(TWO, path).tolist() == [27.0, 10.0]
    pytest.importorskip("exactextract", reason="needs the extra 'raster'")
    with pytest.raises(InputError, match="no sum"):
        ev.raster_values(TWO, path, within_km=20.0, statistic="sum")


def test_an_exclusion_does_not_take_nodata_for_a_height(tmp_path: Path) -> None:
    with pytest.warns(DataWarning, match="-9999"):
        left = ev.exclude(TWO, raster(tmp_path, cells(-9999.0, "float32")), reason="below the sea", below=0)
    assert len(left.kept) == 2
