"""Files as they are: what is no file is told, codes keep their letters, sizes are looked at before they are used."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import sqlite3
import zipfile
from decimal import Decimal

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from evsiting.errors import CrsError, DataWarning, InputError, SolveError
from evsiting.layers.freight.routing.readers import road_graph
from evsiting.layers.geo.frames import checked_shapes, checked_sites
from evsiting.study import size_limits
from evsiting.study.files.read import read_study
from evsiting.study.files.starter import new_study


@pytest.fixture(scope="module")
def starter(tmp_path_factory):
    return new_study(tmp_path_factory.mktemp("starter") / "study")


@pytest.fixture
def folder(starter, tmp_path):
    return shutil.copytree(starter, tmp_path / "study")


def problems(path, kind=InputError):
    """Return the problems of a study that cannot be read, as text."""
    with pytest.raises(kind) as caught:
        read_study(path)
    return [str(p) for p in caught.value.problems]


def as_sites(folder, frame, ending, **options):
    """Put a frame in the place of the table of sites, its rows the starter's first ones."""
    flat = pd.read_csv(folder / "sites.csv", dtype=str)
    (folder / "sites.csv").unlink()
    made = gpd.GeoDataFrame(
        flat.drop(columns=["lat", "lon"]).assign(**frame),
        geometry=gpd.points_from_xy(flat["lon"].astype(float), flat["lat"].astype(float)),
        crs="EPSG:4326",
    )
    path = folder / f"sites.{ending}"
    if ending == "gpkg":
        made.to_file(path, layer="sites", layer_options=options)
    elif ending == "geojson":
        path.write_text(made.to_json(), encoding="utf-8")
    else:
        made.to_parquet(path)
    return path


# ------------------------------------------------------------------------------------------ what is no file
@pytest.mark.parametrize("name", ["duties.csv", "programs.gpkg", "sites.xlsx", "study.toml", "other.csv"])
@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_what_is_no_file_is_told_by_its_name(folder, name, kind):
    path = folder / name
    path.unlink(missing_ok=True)
    if kind == "link":
        path.symlink_to("/nowhere/at/all.csv")
    elif kind == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    told = problems(folder)
    word = {"link": "a link to '/nowhere/at/all.csv', which is not there", "folder": "a folder", "pipe": "a pipe"}
    assert [t for t in told if t.startswith(f"{name}: ") and word[kind] in t], told
    assert not any("is missing" in t or "has no study.toml" in t for t in told)


def test_a_link_that_leads_to_itself_is_told(folder):
    (folder / "duties.csv").unlink()
    (folder / "duties.csv").symlink_to(folder / "duties.csv")
    assert problems(folder)[0].startswith("duties.csv: is a link that cannot be followed")


def test_a_file_that_may_not_be_read_is_told_and_not_taken_for_missing(folder, monkeypatch):
    real = type(folder).open

    def refuse(self, *args, **kwargs):
        if self.name in ("options.csv", "study.toml"):
            raise PermissionError(13, "Permission denied")
        return real(self, *args, **kwargs)

    monkeypatch.setattr(type(folder), "open", refuse)
    told = problems(folder)
    assert [t.split(": ")[0] for t in told] == ["study.toml", "options.csv"]
    assert all("cannot be read (Permission denied)" in t for t in told)


def test_a_folder_of_geodata_with_the_name_of_a_table_is_told(folder):
    (folder / "duties.csv").unlink()
    (folder / "duties").mkdir()
    (folder / "duties" / "duties.shp").write_bytes(b"")
    assert "is a folder of the name of a table (it holds duties.shp)" in problems(folder)[0]
    (folder / "duties" / "duties.shp").unlink()
    (folder / "duties" / "law.pdf").write_bytes(b"")  # papers on a table may lie beside it
    assert not read_study(folder).has("duties")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("demands.csv", "Did you mean 'demand.csv'?"),
        ("duty.geojson", "Did you mean 'duties.geojson'?"),
        ("sites (1).csv", "Did you mean 'sites.csv'?"),
        ("demands.tsv", "Did you mean 'demand.csv'?"),
        ("scenario.xlsx", "Did you mean 'scenarios.csv'?"),
        ("wages.tab", "is no table of a study"),
        ("duties.csv.txt", "has an ending that is not read ('.csv.txt')"),
        ("duties.csv.gz", "has an ending that is not read ('.csv.gz')"),
        ("Duties.ODS", "has an ending that is not read ('.ODS')"),
        ("duties", "has an ending that is not read (it has none)"),
        ("Sites.csv", "has 2 files for table sites ('Sites.csv', 'sites.csv')"),
        ("sites.gpkg", "has 2 files for table sites ('sites.csv', 'sites.gpkg')"),
    ],
)
def test_a_file_that_looks_like_a_table_is_told(folder, name, words):
    (folder / name).write_text("site,lat,lon\na,1,2\n")
    told = problems(folder)
    assert len(told) == 1, told
    assert words in told[0]


def test_files_that_are_no_tables_are_left_alone(folder):
    for name in ("README.txt", "map.png", "notes.md", "contract.pdf", "model.xlsx", ".sites.csv", "~$sites.xlsx"):
        (folder / name).write_text("text")
    (folder / "pictures").mkdir()
    assert len(read_study(folder).sites)


@pytest.mark.parametrize("given", [None, 3, "a\x00b", "x" * 5000])
def test_what_is_no_path_is_told(given):
    assert len(problems(given)) == 1


# ------------------------------------------------------------------------------------- codes stay what they are
DATES = [f"2024/03/0{k}" for k in range(1, 8)]


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "parquet"])
@pytest.mark.parametrize(
    "codes", [DATES, ["12:30", "1e5", "007", "TRUE", "null", "0x10", "1_000"], list(map(str, range(2**53, 2**53 + 7)))]
)
def test_codes_of_text_are_not_taken_for_dates_or_numbers(folder, ending, codes):
    as_sites(folder, {"site": codes, "lot": codes}, ending)
    with pytest.warns(UserWarning, match="kept and not used: 'lot'"):
        study = read_study(folder)
    assert study.sites["site"].tolist() == codes


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "parquet"])
def test_whole_numbers_beside_gaps_keep_their_digits(folder, ending):
    codes = [2**53 + 1 + 2 * k for k in range(7)]
    as_sites(folder, {"site": codes, "pool": pd.array([2**60 + 1, *[None] * 6], dtype="Int64")}, ending)
    with pytest.warns(UserWarning, match="'pool'"):
        study = read_study(folder)
    assert study.sites["site"].tolist() == list(map(str, codes))
    assert str(study.sites["pool"].iloc[0]) == str(2**60 + 1)


def test_a_number_of_features_with_a_name_of_its_own_is_a_column(folder):
    frame = pd.read_csv(folder / "sites.csv", dtype=str)
    path = as_sites(folder, {"name": list("abcdefg")}, "gpkg", FID="site_no")
    made = gpd.read_file(path).drop(columns="site")
    made.to_file(path, layer="sites", layer_options={"FID": "site"})
    assert read_study(folder).sites["site"].tolist() == [str(k + 1) for k in range(len(frame))]


def test_types_of_parquet_are_read_as_they_are_meant(folder):
    sites = pd.read_csv(folder / "sites.csv", dtype=str)
    (folder / "sites.csv").unlink()
    columns = {name: sites[name].to_numpy() for name in ("site", "name", "country", "region")}
    columns |= {name: pa.array(sites[name].astype("float32")) for name in ("lat", "lon")}
    columns["name"] = pa.array([v.encode() for v in sites["name"]], pa.binary())
    columns["country"] = pa.array(sites["country"]).dictionary_encode()
    columns["since"] = pa.array([datetime.date(2024, 3, 1)] * 7)
    columns["rated"] = pa.array(np.full(7, 0.1, dtype="float32"))
    pq.write_table(pa.table(columns), folder / "sites.parquet")
    with pytest.warns(UserWarning, match="'since', 'rated'"):
        study = read_study(folder)
    assert study.sites["name"].tolist() == sites["name"].tolist()
    assert study.sites["since"].tolist() == ["2024-03-01"] * 7
    assert study.sites["rated"].tolist() == [0.1] * 7


def test_lists_are_told_where_one_value_is_wanted(folder):
    pq.write_table(pa.table({"site": [["a", "b"]], "lat": [35.0], "lon": [-90.0]}), folder / "sites.parquet")
    (folder / "sites.csv").unlink()
    assert any("column 'site': holds lists or structures (type list" in t for t in problems(folder))


def test_text_in_a_number_column_of_a_geopackage_is_told(folder):
    path = as_sites(folder, {"wage_usd_per_h": [20.5] * 7}, "gpkg")
    base = sqlite3.connect(path)
    for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        base.execute(f'DROP TRIGGER "{name}"')
    base.execute("UPDATE sites SET wage_usd_per_h = '12,50' WHERE fid = 3")
    base.commit()
    base.close()
    told = problems(folder)
    assert told[0].startswith("sites.gpkg, column 'wage_usd_per_h': holds text where the file says REAL")
    assert "feature 3: '12,50'" in told[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"type": "Topology"}', "is no GeoJSON of features (type 'Topology')"),
        ('{"type": "FeatureCollection", "features": [1]}', "holds what is no feature (feature 1 of 1)"),
        ('{"type": "Feature", "properties": {"a": 1, "a": 2}, "geometry": null}', "members of the same name ('a')"),
        ('{"type": "Feature", "geometry": {"type": "Point", "coordinates": ["x"]}}', "geometries that cannot be read"),
        ('{"type": "Feature", "geometry": ' + "[" * 100_000, "cannot be read as a GeoJSON file"),
        ('{"type": "FeatureCollection", "crs": {"type": "x"}, "features": []}', "is no coordinate reference system"),
    ],
)
def test_json_that_is_no_geojson_is_told(folder, text, words):
    (folder / "sites.csv").unlink()
    (folder / "sites.geojson").write_text(text)
    told = problems(folder)
    assert len(told) == 1, told
    assert words in told[0]


# ------------------------------------------------------------------------------------ coordinate reference systems
@pytest.mark.parametrize(
    ("crs", "words"),
    [
        ('LOCAL_CS["Undefined Cartesian SRS",UNIT["metre",1]]', "Undefined Cartesian SRS"),
        ('ENGCRS["Plant grid",EDATUM["gate"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],LENGTHUNIT["metre",1]]',
         "Plant grid"),
        ('GEOGCS["Undefined geographic SRS",DATUM["unknown",SPHEROID["unknown",6378137,298.25]],'
         'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]', "it is undefined"),
        ("EPSG:5703", "Vertical CRS"),
        ("EPSG:4978", "Geocentric CRS"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("ending", ["gpkg", "parquet"])
def test_a_crs_that_places_nothing_on_earth_is_one_clear_error(folder, crs, words, ending):
    path = as_sites(folder, {}, "parquet")
    frame = gpd.read_parquet(path).set_crs(crs, allow_override=True)
    path.unlink()
    if ending == "gpkg" and not crs.startswith("EPSG"):
        frame.to_file(folder / "sites.gpkg", layer="sites")
    else:
        frame.to_parquet(path)
    told = problems(folder, CrsError)
    assert len(told) == 1, told
    assert "CRS" in told[0]
    assert words in told[0]


def test_a_compound_crs_and_one_of_other_axes_are_read_as_they_are(folder):
    plain = read_study(folder)
    path = as_sites(folder, {}, "parquet")
    for crs in ("EPSG:4269+5703", "OGC:CRS84", "EPSG:2227", "EPSG:3978"):
        gpd.read_parquet(path).to_crs(crs).to_parquet(folder / "sites.geoparquet")
        path.rename(folder / ".kept")
        assert read_study(folder).sites.geometry.geom_equals_exact(plain.sites.geometry, 1e-4).all()
        (folder / ".kept").rename(path)


def test_the_crs_of_a_geojson_is_read(folder):
    plain = read_study(folder)
    path = as_sites(folder, {}, "geojson")
    whole = json.loads(path.read_text())
    made = gpd.GeoDataFrame.from_features(whole, crs=4326).to_crs(3857)
    told = json.loads(made.to_json())
    told["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}
    path.write_text(json.dumps(told))
    again = read_study(folder)
    assert again.sites.geometry.geom_equals_exact(plain.sites.geometry, 1e-6).all()


# ------------------------------------------------------------------------------------------------------ ceilings
def test_a_small_file_of_many_rows_is_refused_before_it_is_read(folder):
    path = folder / "sites.parquet"
    (folder / "sites.csv").unlink()
    pq.write_table(pa.table({"site": np.zeros(3_000_000)}), path)
    assert path.stat().st_size < 50_000
    assert "more rows than a table of sites can have (3,000,000; at most 500,000 are read)" in problems(folder)[0]


def test_a_text_that_a_file_holds_once_and_many_rows_show_is_counted(folder):
    (folder / "sites.csv").unlink()
    text = pa.DictionaryArray.from_arrays(pa.array(np.zeros(200_000, "i4")), pa.array(["x" * 100_000]))
    pq.write_table(pa.table({"site": text}), folder / "sites.parquet")
    assert "20,000,000,000 bytes unpacked" in problems(folder)[0]


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "parquet"])
def test_a_text_longer_than_a_cell_is_told(folder, ending):
    as_sites(folder, {"name": ["y" * 200_000, *"bcdefg"]}, ending)
    told = problems(folder)
    assert len(told) == 1
    assert "column 'name': holds a text that is longer than a cell can be (200,000 characters" in told[0]


def test_ceilings_are_raised_by_the_environment(folder, monkeypatch):
    as_sites(folder, {"name": ["y" * 200_000, *"bcdefg"]}, "geojson")
    monkeypatch.setenv("EVSITING_CEILINGS", "2")
    assert len(read_study(folder).sites["name"].iloc[0]) == 200_000
    monkeypatch.setenv("EVSITING_CEILINGS", "many")
    assert "EVSITING_CEILINGS: is no number from 1 to 1,000,000 ('many')" in problems(folder)[0]


def altered(path, target, change):
    """Write a copy of a workbook with the XML of its third sheet changed."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            text = old.read(part)
            new.writestr(part.filename, change(text) if part.filename.endswith("sheet3.xml") else text)
    return target


END = b"</sheetData>"
ROWS = b"".join(
    b'<row r="%d">' % r + b"".join(b'<c r="%c%d"><v>1</v></c>' % (65 + k, r) for k in range(20)) + b"</row>"
    for r in range(100, 150)
)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: x.replace(END, b'<row r="2000000000"/>' + END), "row 2,000,000,000"),
        (lambda x: x.replace(END, b"<row r='9'><c r='ZZZZ9'><v>1</v></c></row>" + END), "column 475,254"),
        (lambda x: x.replace(END, b'<row r="1048576"><c r="XFD1048576"/></row>' + END), "a sheet that is too large"),
        (lambda x: x.replace(b"<worksheet", b"<!DOCTYPE x []><worksheet", 1), "XML that no spreadsheet program writes"),
        (lambda x: x + b" " * 310_000_000, "bytes unpacked; at most 300,000,000"),
        (lambda x: x.replace(END, ROWS + END), "more cells than a workbook can have"),
    ],
)
def test_a_workbook_is_measured_before_it_is_read(tmp_path, monkeypatch, change, words):
    if "more cells" in words:
        monkeypatch.setattr(size_limits, "CEILINGS", {**size_limits.CEILINGS, "workbook cells": 1_000})
    monkeypatch.setattr(openpyxl, "load_workbook", lambda *_, **__: pytest.fail("the workbook was read"))
    told = problems(altered(new_study(tmp_path / "first.xlsx"), tmp_path / "study.xlsx", change))
    assert len(told) == 1, told
    assert words in told[0]


def test_a_table_of_text_with_too_many_columns_is_told(folder):
    header = "site,lat,lon," + ",".join(f"c{k}" for k in range(3_000))
    (folder / "sites.csv").write_text(header + "\n")
    assert "has more columns than a table can have (3,003; at most 2,000 are read)" in problems(folder)[0]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[money]", "x = " + "[" * 10_000 + "]" * 10_000 + "\n[money]", "tables within tables without end"),
        ("[money]", "[" + ".".join("a" * 9_000) + "]\n[money]", "more than 20 levels"),
        ("usd_per = {}", "usd_per = {CAD = {2025 = " + "9" * 400 + "}}", "more than 64 bits (key money.usd_per.CAD"),
        ("[money]", "x = " + "9" * 5_000 + "\n[money]", "value has 5000 digits"),
        ("[money]", "x = 0x" + "f" * 5_000 + "\n[money]", "more than 64 bits"),
        ("discount_rate = 0.07", "discount_rate = true", "a number is wanted, not true or false"),
        ("usd_per = {}", "usd_per = {CAD = {2025 = true}}", "a number is wanted, not true or false"),
        ("[money]", "[[money]]", "key 'money': is not allowed"),
        ('name = "', 'name = "\\u202e', "text with a control character"),
        ('name = "', 'name = "\\u009b31m', "text with a control character"),
    ],
)
def test_settings_without_end_or_sense_are_told(folder, old, new, words):
    path = folder / "study.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    told = problems(folder)
    assert len(told) == 1, told
    assert words in told[0]


# ------------------------------------------------------------------------------------ numbers and hidden characters
@pytest.mark.parametrize("figure", ["1e308", "9" * 400, "-1e19", "1e-320", "1e400", "Infinity", "-nan"])
def test_a_figure_without_end_is_told(folder, figure):
    path = folder / "options.csv"
    path.write_text(path.read_text().replace("10000000", figure, 1))
    told = problems(folder)
    assert any("column 'capacity [unit/yr]': 1 of 6 values is" in t and "row 2" in t for t in told), told


def test_numbers_that_are_none_in_frames_are_told(tiny):
    for figure in (10**400, Decimal("1e400"), Decimal("sNaN"), 1j, np.float64("inf")):
        options = tiny.options.astype({"capacity_units_per_yr": object})
        options.loc[0, "capacity_units_per_yr"] = figure
        with pytest.raises(InputError, match="column 'capacity_units_per_yr': 1 of"):
            tiny.with_table("options", options)


@pytest.mark.parametrize("odd", ["\x1b[31m", "\u202e", "\x9b", "\u2066", "\x07"])
def test_hidden_characters_are_refused_and_shown_as_escapes(folder, odd):
    path = folder / "sites.csv"
    sites = pd.read_csv(path, dtype=str)
    for change in (
        lambda t: t.assign(name=t["name"] + f"{odd}x"),
        lambda t: t.assign(note=f"a{odd}b"),
        lambda t: t.assign(**{f"wa{odd}ge": "1"}),
        lambda t: t.assign(site=f"a{odd}b"),
        lambda t: t.assign(country=odd),
    ):
        change(sites).to_csv(path, index=False)
        with pytest.raises(InputError) as caught:
            read_study(folder)
        assert odd not in str(caught.value)
        assert all(odd not in part for p in caught.value.problems for part in (p.where, p.what, p.seen, p.fix))
        assert repr(odd)[1:-1].lower() in str(caught.value).lower()


def test_warnings_do_not_steer_a_terminal():
    assert str(DataWarning("a\x1b[2Jb")) == "a\\x1b[2Jb"
    assert str(SolveError("line\nline \u202eabc")) == "line\nline \\u202eabc"


@pytest.mark.parametrize("crs", ['LOCAL_CS["Undefined Cartesian SRS",UNIT["metre",1]]', "EPSG:5703"])
def test_layers_and_road_nets_in_a_crs_without_a_place_are_one_clear_error(crs):
    line = shapely.LineString([(-90, 35), (-89, 35)])
    for use in (
        lambda: road_graph(gpd.GeoDataFrame(geometry=[line], crs=crs)),
        lambda: checked_sites(gpd.GeoDataFrame({"site": ["a"]}, geometry=[shapely.Point(0, 0)], crs=crs)),
        lambda: checked_shapes(gpd.GeoSeries([line], crs=crs), "areas"),
    ):
        with pytest.raises(CrsError, match=r"\(CRS\) that cannot be used"):
            use()


def test_a_point_off_the_earth_is_told_and_nothing_else_is_said_of_it(folder):
    sites = pd.read_csv(folder / "sites.csv", dtype=str)
    sites.loc[0, "lat"] = "1e200"
    sites.to_csv(folder / "sites.csv", index=False)
    assert [t for t in problems(folder) if "1 of 7 points is no degrees" in t and "row 2" in t]


def test_text_of_a_geopackage_that_is_no_utf8_is_told(folder):
    path = as_sites(folder, {}, "gpkg")
    base = sqlite3.connect(path)
    for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        base.execute(f'DROP TRIGGER "{name}"')
    base.execute("UPDATE sites SET name = CAST(X'C3FFFE' AS TEXT) WHERE fid = 2")
    base.commit()
    base.close()
    assert problems(folder)[0].startswith("sites.gpkg: cannot be read as a GeoPackage file")
