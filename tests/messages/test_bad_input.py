"""Bad input: each message names file, column, rows, evidence and the way out; several come in one error."""

from __future__ import annotations

import shutil
import time
import tracemalloc
import zipfile

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest

from evsiting.errors import CrsError, InputError, StudyError, TableError
from evsiting.study.files.read import read_study
from evsiting.study.files.starter import new_study
from evsiting.study.files.write import write_study


@pytest.fixture(scope="module")
def starter(tmp_path_factory):
    return new_study(tmp_path_factory.mktemp("starter") / "study")


@pytest.fixture
def folder(starter, tmp_path):
    return shutil.copytree(starter, tmp_path / "study")


def sub(file, old, new, times=-1):
    """Return an edit that replaces text in a file."""

    def edit(folder):
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, times), encoding="utf-8")

    return edit


def put(file, content):
    """Return an edit that writes bytes."""
    return lambda folder: (folder / file).write_bytes(content)


def recode(file, encoding):
    """Return an edit that saves a file in another encoding."""
    return lambda folder: (folder / file).write_bytes((folder / file).read_text(encoding="utf-8").encode(encoding))


def rename(old, new):
    """Return an edit that renames a file."""
    return lambda folder: (folder / old).rename(folder / new)


def several(*edits):
    """Return an edit made of several."""

    def edit(folder):
        for one in edits:
            one(folder)

    return edit


def cut(file, size):
    """Return an edit that takes the last bytes off a file."""
    return lambda folder: (folder / file).write_bytes((folder / file).read_bytes()[:-size])


CASES = {
    # what is wrong: (edit, class, words of the one problem)
    "missing column": (
        sub("options.csv", "capacity [unit/yr]", "note"),
        TableError,
        ["options.csv: column 'capacity [unit/yr]' is missing", "'option', 'note'", "Add it: most it can make"],
    ),
    "missing key that other tables name": (
        sub("markets.csv", "market,lat", "place,lat"),
        TableError,
        ["markets.csv: column 'market' is missing", "'place', 'lat'", "Add it: unique code of the market"],
    ),
    "missing table": (
        lambda f: (f / "options.csv").unlink(),
        TableError,
        ["'options'", "is missing", "tables given", "capacity [unit/yr]"],
    ),
    "text in a number column": (
        sub("options.csv", "10000000", "lots"),
        TableError,
        [
            "options.csv, column 'capacity [unit/yr]': 1 of 6 values is not a number",
            "row 2: 'lots'",
            "Give a number in unit/yr",
        ],
    ),
    "nan": (
        sub("options.csv", "10000000", "NaN"),
        TableError,
        ["options.csv, column 'capacity [unit/yr]'", "row 2: 'NaN'", "Give a number in unit/yr"],
    ),
    "nan in an optional column": (
        sub("demand.csv", "60000", "n/a"),
        TableError,
        ["demand.csv, column 'unmet_penalty [USD/unit]'", "row 10: 'n/a', row 11: 'n/a'", "Leave the cell empty"],
    ),
    "infinity": (
        sub("options.csv", "10000000", "inf"),
        TableError,
        ["options.csv, column 'capacity", "row 2: 'inf'", "Give a number"],
    ),
    "empty cell": (
        sub("options.csv", "10000000", ""),
        TableError,
        ["options.csv, column 'capacity [unit/yr]': 1 of 6 values is empty", "row 2", "Give the capacity in unit/yr"],
    ),
    "negative capacity": (
        sub("options.csv", "10000000", "-5"),
        TableError,
        [
            "options.csv, column 'capacity [unit/yr]': 1 of 6 values is outside > 0 unit/yr",
            "row 2: '-5'",
            "Give the capacity",
        ],
    ),
    "share above one": (
        sub("options.csv", "min_load [%]", "min_load"),
        TableError,
        [
            "options.csv, column 'min_load': 6 of 6 values are outside >= 0 and <= 1",
            "row 2: '40'",
            "6 in all",
            "'min_load [%]'",
        ],
    ),
    "half a year": (
        sub("periods.csv", "2027,4", "2027,3.5"),
        TableError,
        ["periods.csv, column 'years'", "no whole number", "row 2: '3.5'", "Give a whole number"],
    ),
    "unknown name in another table": (
        sub("demand.csv", "M-dallas", "M-dalas"),
        StudyError,
        [
            "demand.csv, column 'market': 2 of 10 names are not in markets.csv, column 'market'",
            "row 4: 'M-dalas', row 5",
            "Did you mean 'M-dallas' for 'M-dalas'?",
            "Add the name to markets.csv",
        ],
    ),
    "unknown site of a plant": (
        put("plants.csv", b"plant,site,plant_type,capacity [unit/yr]\np,US-TN-memfis,cell,1000\n"),
        StudyError,
        [
            "plants.csv, column 'site': 1 of 1 name is not in sites.csv, column 'site'",
            "row 2: 'US-TN-memfis'",
            "'US-TN-memphis'",
        ],
    ),
    "unknown plant type of a site": (
        sub("sites.csv", "pack;assembly", "pack;asembly"),
        StudyError,
        ["sites.csv, column 'plant_types': 2 of 5 names", "row 7: 'asembly', row 8", "'assembly'", "processes.csv"],
    ),
    "option without a process": (
        sub("options.csv", "pack,100k", "module,100k"),
        StudyError,
        ["options.csv, column 'plant_type': 1 of 6 names is not in processes.csv", "row 4: 'module'"],
    ),
    "duplicate keys": (
        sub("sites.csv", "US-GA-savannah", "US-TN-memphis"),
        TableError,
        [
            "sites.csv, column 'site': 1 of 7 rows is a duplicate",
            "row 2: 'US-TN-memphis', row 3: 'US-TN-memphis'",
            "Keep one",
        ],
    ),
    "duplicate keys of two columns": (
        sub("options.csv", "assembly,300k", "assembly,100k"),
        TableError,
        ["options.csv, columns 'plant_type' and 'option'", "row 6: 'assembly|100k', row 7: 'assembly|100k'"],
    ),
    "demand for a period twice": (
        sub("demand.csv", "M-dallas,vehicle,2027-2030", "M-dallas,vehicle,"),
        TableError,
        [
            "demand.csv, columns 'market' and 'product' and 'period'",
            "row 5: 'M-dallas|vehicle|2031-2036'",
            "empty period",
        ],
    ),
    "swapped lat and lon": (
        sub("markets.csv", "market,lat,lon", "market,lon,lat"),
        TableError,
        [
            "markets.csv, columns 'lat' and 'lon': 5 of 5 points are with latitude and longitude swapped",
            "row 2: '-118.24 / 34.05'",
            "5 of 5 would lie in North America the other way round",
            "Swap the two columns",
        ],
    ),
    "a lost minus": (
        sub("markets.csv", "-79.38", "79.38"),
        TableError,
        [
            "markets.csv, columns 'lat' and 'lon': 1 of 5 points is outside the United States, Canada and Mexico",
            "row 5: '43.65 / 79.38'",
            "Check sign and order",
        ],
    ),
    "metres for degrees": (
        sub("markets.csv", "34.05,-118.24", "3768000,385000"),
        TableError,
        ["markets.csv", "no degrees", "row 2", "x and y", "files.crs"],
    ),
    "x and y without a CRS": (
        sub("sites.csv", "site,lat,lon", "site,y,x"),
        CrsError,
        [
            "sites.csv, columns 'x' and 'y': have no coordinate reference system",
            "files.crs is empty",
            'crs = "EPSG:..."',
        ],
    ),
    "no CRS of that name": (
        several(sub("sites.csv", "site,lat,lon", "site,y,x"), sub("study.toml", 'crs = ""', 'crs = "EPSG:99999"')),
        CrsError,
        ["study.toml, key files.crs: is no coordinate reference system", "EPSG:99999", "EPSG:6350"],
    ),
    "no points": (
        sub("sites.csv", "site,lat,lon", "site,north,east"),
        TableError,
        ["sites.csv: has no points", "'north'", "lat and lon"],
    ),
    "demand that no capacity can meet": (
        sub("demand.csv", "120000", "9000000"),
        StudyError,
        [
            "demand.csv, column 'units [unit/yr]': no plan can serve the demand in '2031-2036'",
            "9,200,000 units of 'vehicle'",
            "1,800,000 is the most",
            "1,800,000 from assembly plants + 0 from suppliers",
            "unmet_penalty",
        ],
    ),
    "a part that nothing makes": (
        several(
            sub("bill_of_materials.csv", "pack,cell,75", "pack,cell,75\npack,magnet,2"),
            sub("products.csv", "pack,Battery", "magnet,Magnet,kg,1,1,\npack,Battery"),
        ),
        StudyError,
        ["nothing makes or sells 'magnet', which goes into 'vehicle'", "a year wanted in '2027-2030'", "or a supplier"],
    ),
    "cyclic bill of materials": (
        sub("bill_of_materials.csv", "pack,cell,75", "pack,cell,75\ncell,vehicle,1"),
        StudyError,
        [
            "bill_of_materials.csv, columns 'product' and 'input': a product goes into itself",
            "pack <- cell <- vehicle <- pack",
        ],
    ),
    "overlapping periods": (
        sub("periods.csv", "2031,6", "2030,6"),
        TableError,
        [
            "periods.csv, columns 'start_year' and 'years': 1 of 2 periods",
            "2027-2030: 2027 to 2030, then 2031-2036: 2030 to 2035",
        ],
    ),
    "a choice that is none": (
        sub("sites.csv", ",candidate,", ",canddate,", 1),
        TableError,
        [
            "sites.csv, column 'role': 1 of 7 values is none of the choices",
            "row 2: 'canddate'",
            "Choose from candidate, existing",
        ],
    ),
    "a region that is none": (
        sub("sites.csv", "US-TN,", "TN,"),
        TableError,
        ["sites.csv, column 'region'", "row 2: 'TN'", "Did you mean US-TN?"],
    ),
    "a region of another country": (
        sub("sites.csv", "Savannah,US,US-GA", "Savannah,MX,US-GA"),
        TableError,
        ["sites.csv, columns 'region' and 'country'", "row 3: 'US-GA in MX'"],
    ),
    "one code for two places": (
        sub("suppliers.csv", "S-busan", "M-dallas"),
        StudyError,
        ["suppliers.csv, column 'supplier': 1 of 1 code is also in markets.csv, column 'market'", "row 2: 'M-dallas'"],
    ),
    "a program that ends before it begins": (
        sub("programs.csv", "2027,2030", "2030,2027"),
        TableError,
        ["programs.csv, columns 'first_year' and 'last_year'", "row 3: '2030 to 2027'"],
    ),
    "a share of investment in percent": (
        sub("programs.csv", "investment,0.1", "investment,10"),
        TableError,
        ["programs.csv, column 'value'", "row 2: 10", "0.3 for 30 %"],
    ),
    "a unit in round brackets": (
        sub("sites.csv", "wage [USD/h]", "Wage (CAD/h)"),
        TableError,
        ["sites.csv, column 'Wage (CAD/h)': has its unit in round brackets", "Write 'wage [CAD/h]'"],
    ),
    "a unit in round brackets where it is needed": (
        sub("options.csv", "capacity [unit/yr]", "capacity (unit/yr)"),
        TableError,
        ["options.csv, column 'capacity (unit/yr)'", "Write 'capacity [unit/yr]'"],
    ),
    "a credit for what is not made": (
        sub("programs.csv", "US,,cell,cell", "US,,pack,cell"),
        StudyError,
        ["programs.csv, columns 'plant_type' and 'product': 1 of 2 credits is", "row 3: 'pack makes no cell'"],
    ),
    "origin and destination of a duty swapped": (
        sub("duties.csv", "cell,KR,US", "cell,US,KR"),
        TableError,
        ["duties.csv, column 'destination'", "row 2: 'KR'", "Choose from US, CA, MX"],
    ),
    "blanks between thousands": (
        sub("options.csv", "10000000", "10 000\u00a0000"),
        TableError,
        ["options.csv, column 'capacity [unit/yr]'", "row 2: '10 000", "nothing between thousands"],
    ),
    "a country in three letters": (
        sub("sites.csv", "Savannah,US,", "Savannah,USA,"),
        TableError,
        ["sites.csv, column 'country': 1 of 7 values is none of the choices", "row 3: 'USA'"],
    ),
    "a near miss of a column": (
        sub("options.csv", "min_load", "min_lod"),
        TableError,
        [
            "options.csv, column 'min_lod [%]': is not in the data dictionary",
            "'min_load'",
            "Did you mean 'min_load [%]'?",
        ],
    ),
    "no unit": (
        sub("sites.csv", "wage [USD/h]", "wage"),
        TableError,
        ["sites.csv, column 'wage': the unit is missing", "Write 'wage [USD/h]'", "CAD/h", "wage_usd_per_h"],
    ),
    "a unit that does not fit": (
        sub("sites.csv", "wage [USD/h]", "wage [CAD/yr]"),
        TableError,
        ["sites.csv, column 'wage [CAD/yr]': unit 'CAD/yr' does not fit: 'USD/h' is needed", "MXN/h"],
    ),
    "no exchange rate": (
        sub("options.csv", "capex [MUSD]", "capex [MNOK]"),
        TableError,
        [
            "options.csv, column 'capex [MNOK]': no exchange rate for NOK in 2025",
            "study.toml: usd_per.NOK.2025",
            "money.source",
        ],
    ),
    "no price index": (
        sub("options.csv", "capex [MUSD]", "capex [MUSD2021]"),
        TableError,
        [
            "options.csv, column 'capex [MUSD2021]': no price index to move money of 2021 to prices of 2025",
            "price_index.USD.2021",
        ],
    ),
    "unknown key in study.toml": (
        sub("study.toml", "discount_rate", "discount_rat"),
        InputError,
        [
            "study.toml, key 'money.discount_rat': is unknown",
            "0.07",
            "Did you mean 'discount_rate'?",
            "price_year, base_year",
        ],
    ),
    "key of another section": (
        sub("study.toml", "[files]", "[files]\ntime_limit = 60"),
        InputError,
        ["study.toml, key 'files.time_limit': is unknown", "Did you mean 'solve.time_limit_s'?"],
    ),
    "value out of range in study.toml": (
        sub("study.toml", "discount_rate = 0.07", "discount_rate = 7"),
        InputError,
        ["study.toml, key 'money.discount_rate': is not allowed", "value 7", "Real discount rate", "default is 0.07"],
    ),
    "no TOML": (
        sub("study.toml", "[money]", "[money"),
        InputError,
        ["study.toml: is no valid TOML", "line 11: '[money'", "[money]"],
    ),
    "no study.toml": (
        rename("study.toml", "study.tml"),
        InputError,
        ["folder 'study': has no study.toml", "Did you mean 'study.tml'?"],
    ),
    "empty file": (
        put("sites.csv", b""),
        InputError,
        ["sites.csv: the file is empty", "0 bytes", "header row: site, lat, lon"],
    ),
    "header only": (
        put("sites.csv", b"site,lat,lon\n"),
        TableError,
        ["sites.csv: the table is empty", "0 rows", "at least one row"],
    ),
    "truncated row": (
        cut("demand.csv", 30),
        InputError,
        ["demand.csv: 1 of 10 rows is too short", "row 11: 2 of 5", "cut off"],
    ),
    "truncated inside quotes": (
        sub("sites.csv", ",Windsor,", ',"Windsor,'),
        InputError,
        ["sites.csv: a quotation mark is opened and not closed", "the row that begins in line 5", "double quotes"],
    ),
    "comma in text": (
        sub("sites.csv", ",Windsor,", ",Windsor, Ontario,"),
        InputError,
        ["sites.csv: 1 of 7 rows is too long", "row 5: 12 of 11", "in quotation marks"],
    ),
    "columns of one name": (
        sub("products.csv", "name", "unit"),
        InputError,
        ["products.csv: has columns of the same name", "'unit'", "Keep one"],
    ),
    "column without a name": (
        sub("markets.csv", ",name,", ",,"),
        InputError,
        ["markets.csv: a column with values has no name", "column 4 of 6"],
    ),
    "decimal commas": (
        sub("products.csv", ",5,80,", ',"5,5",80,'),
        TableError,
        ["products.csv, column 'mass [kg/unit]'", "row 2: '5,5'", "Write a point for decimals"],
    ),
    "percent signs": (
        sub("duties.csv", "3.4", "3.4%"),
        TableError,
        ["duties.csv, column 'rate [%]'", "row 2: '3.4%'", "Write the number alone: the header has the percent sign"],
    ),
    "old encoding": (
        recode("sites.csv", "latin-1"),
        InputError,
        ["sites.csv: is not text in UTF-8", "in line 6", "CSV UTF-8"],
    ),
    "UTF-16": (
        recode("sites.csv", "utf-16"),
        InputError,
        ["sites.csv: is not a CSV text file but text in UTF-16", "CSV in UTF-8"],
    ),
    "workbook called csv": (
        put("sites.csv", b"PK\x03\x04\x14\x00\x06"),
        InputError,
        ["sites.csv: is not a CSV text file but a ZIP archive or workbook", "b'PK", "Export the table as CSV"],
    ),
    "csv called gpkg": (
        rename("sites.csv", "sites.gpkg"),
        InputError,
        ["sites.gpkg: is not a GeoPackage file but text", "b'site,lat,lon", "Give the file the ending that it is"],
    ),
    "csv called parquet": (
        rename("options.csv", "options.parquet"),
        InputError,
        ["options.parquet: is not a Parquet file but text", "b'plant_type"],
    ),
    "not the table it is called": (
        put("sites.csv", b"hello world\nthis is a letter\n"),
        InputError,
        ["sites.csv: the first row is no header of this table", "'hello world'", "header row: site, lat, lon"],
    ),
    "two files for one table": (
        lambda f: shutil.copy(f / "sites.csv", f / "sites.gpkg"),
        InputError,
        ["folder 'study': has 2 files for table sites", "'sites.csv', 'sites.gpkg'", "Keep one"],
    ),
    "unknown table": (
        put("demands.csv", b"a,b\n1,2\n"),
        InputError,
        ["demands.csv: is no table of a study", "Did you mean 'demand.csv'?"],
    ),
    "an ending that is not read": (
        put("plants.xls", b"\xd0\xcf\x11\xe0"),
        InputError,
        ["plants.xls: has an ending that is not read", "plants.csv"],
    ),
}


@pytest.mark.parametrize("case", CASES, ids=[name.replace(" ", "-") for name in CASES])
def test_each_fault_is_one_clear_problem(case, folder):
    edit, kind, words = CASES[case]
    edit(folder)
    before = sorted(p.name for p in folder.parent.rglob("*"))
    with pytest.raises(InputError) as caught:
        read_study(folder)
    assert type(caught.value) is kind
    assert len(caught.value.problems) == 1, str(caught.value)
    text = str(caught.value.problems[0])
    assert all(word in text for word in words), text
    assert all((p.where, p.what, p.seen, p.fix) for p in caught.value.problems)
    assert sorted(p.name for p in folder.parent.rglob("*")) == before, "reading writes nothing"


def test_faults_of_all_files_come_in_one_error(folder):
    for edit in (
        sub("options.csv", "10000000", "lots"),
        sub("options.csv", "plant_type,option", "plant_type,size"),
        sub("demand.csv", "M-dallas", "M-dalas"),
        sub("study.toml", "discount_rate", "discount_rat"),
        sub("study.toml", "gap = 0.005", "gap = 5"),
        put("sites.csv", b""),
        sub("periods.csv", "2031,6", "2030,6"),
        sub("suppliers.csv", "price [USD/unit]", "price [CAD/unit]"),
        sub("markets.csv", "market,lat,lon", "market,lon,lat"),
    ):
        edit(folder)
    with pytest.raises(InputError) as caught:
        read_study(folder)
    places = [p.where.split(",")[0].split(":")[0] for p in caught.value.problems]
    assert sorted(places) == [
        "demand.csv",
        "markets.csv",
        "options.csv",
        "options.csv",
        "periods.csv",
        "sites.csv",
        "study.toml",
        "study.toml",
    ], str(caught.value)
    assert str(caught.value).startswith("8 problems in the input:")
    assert type(caught.value) is InputError


@pytest.mark.parametrize("file", ["sites.csv", "sites.gpkg", "sites.parquet", "sites.geojson"])
@pytest.mark.parametrize("kind", ["zeros", "zeros behind a header", "one long line", "many lines"])
def test_200_mb_of_garbage_fail_fast_in_little_memory(folder, file, kind):
    (folder / "sites.csv").unlink()
    size = 200_000_000
    with (folder / file).open("wb") as out:
        if kind == "zeros":
            out.truncate(size)
        elif kind == "zeros behind a header":
            out.write(b"site,lat,lon\n" + b"A,35.0,-90.0\n" * 10_000)
            out.truncate(size)
        else:
            block = b"x" * 1_000_000 if kind == "one long line" else b"garbage\n" * 125_000
            for _ in range(200):
                out.write(block)
    tracemalloc.start()
    begun = time.perf_counter()
    with pytest.raises(InputError) as caught:
        read_study(folder)
    seconds, (_, peak) = time.perf_counter() - begun, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(caught.value.problems) == 1, str(caught.value)
    assert caught.value.problems[0].where == file
    assert peak < 50e6
    assert seconds < 20.0


def test_garbage_behind_a_good_header_is_not_read_to_its_end(folder):
    with (folder / "sites.csv").open("wb") as out:
        out.write(b"site,lat,lon\n")
        for _ in range(200):
            out.write(b"gar,ba,ge!\n" * 90_000)
    tracemalloc.start()
    with pytest.raises(TableError, match=r"sites\.csv, column 'lat': 2,000 of 2,000 values are not a number"):
        read_study(folder)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50e6


def test_a_geopackage_without_a_crs_is_refused(folder):
    sites = read_study(folder).sites
    (folder / "sites.csv").unlink()
    with pytest.warns(UserWarning, match="crs"):
        gpd.GeoDataFrame(sites.set_crs(None, allow_override=True)).to_file(folder / "sites.gpkg")
    with pytest.raises(CrsError, match=r"sites\.gpkg, column 'geometry': has no coordinate reference system.*set_crs"):
        read_study(folder)


@pytest.mark.parametrize("ending", ["gpkg", "geoparquet"])
def test_geodata_that_is_cut_off_is_refused(folder, ending):
    write_study(read_study(folder), folder, points=ending)
    path = folder / f"sites.{ending}"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    with pytest.raises(InputError, match=rf"1 problem in.*\n.*sites\.{ending}.*(cut off|cannot be read)"):
        read_study(folder)


def test_a_feature_is_named_where_there_are_no_rows(folder):
    study = read_study(folder)
    write_study(study, folder, points="gpkg")
    sites = study.sites
    sites.loc[2, "role"] = "maybe"
    sites.to_file(folder / "sites.gpkg", layer="sites")
    with pytest.raises(TableError, match=r"sites\.gpkg, column 'role'.*feature 3: 'maybe'"):
        read_study(folder)


@pytest.fixture
def book(folder, tmp_path):
    return write_study(read_study(folder), tmp_path / "book.xlsx")


def edited(path, change):
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return path


def setting(sheet, cell, value):
    return lambda book: setattr(book[sheet][cell], "value", value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (setting("sites", "A2", None), ["book.xlsx, sheet 'sites', column 'site': 1 of 7 values is empty", "row 2"]),
        (
            setting("options", "C3", "=1/0"),
            ["sheet 'options'", "C3: =1/0", "a formula without a value", "open and save"],
        ),
        (setting("options", "C3", "#DIV/0!"), ["sheet 'options'", "C3: #DIV/0!", "Mend the formula"]),
        (
            lambda b: (b["sites"].insert_rows(1, 2), setting("sites", "A1", "Candidates")(b)),
            ["sheet 'sites': has no header in row 1 (the column names stand in row 3). Delete the 2 above"],
        ),
        (setting("options", "C1", "option"), ["sheet 'options': has columns of the same name", "'option'"]),
        (setting("options", "C1", None), ["sheet 'options': a column with values has no name", "column C"]),
        (
            setting("settings", "A6", "money.price_yr"),
            ["sheet 'settings', key 'money.price_yr': is unknown", "'price_year'"],
        ),
        (setting("settings", "A6", "study.name"), ["sheet 'settings', row 6: a key is given twice", "study.name"]),
        (
            lambda b: setattr(b["plants" if "plants" in b.sheetnames else "duties"], "title", "dutys"),
            ["sheet 'dutys': is no table of a study", "Did you mean 'duties'?"],
        ),
        (lambda b: b.remove(b["settings"]), ["book.xlsx: has no sheet 'settings'", "study.name"]),
        (lambda b: b.remove(b["options"]), ["'options'", "is missing"]),
    ],
)
def test_each_fault_of_a_workbook_is_one_clear_problem(book, change, words):
    with pytest.raises(InputError) as caught:
        read_study(edited(book, change))
    assert len(caught.value.problems) == 1, str(caught.value)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_a_file_that_is_no_workbook_is_refused(book, tmp_path):
    whole = book.read_bytes()
    for content, words in (
        (b"", "the file is empty"),
        (b"site,lat,lon\n", "is not an .xlsx workbook but text"),
        (b"\xd0\xcf\x11\xe0rest", "an old Excel workbook"),
        (whole[: len(whole) // 2], "cut off or damaged"),
    ):
        book.write_bytes(content)
        with pytest.raises(InputError, match=f"1 problem in the input:\n.*book.xlsx: .*{words}"):
            read_study(book)
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("letter.txt", "hello")
    with pytest.raises(InputError, match=r"a ZIP archive but no workbook.*letter\.txt"):
        read_study(book)


def test_frames_name_table_and_index(tiny):
    options = tiny.options
    options.loc[[0, 2], "capacity_units_per_yr"] = [-1.0, float("nan")]
    with pytest.raises(TableError) as caught:
        tiny.with_table("options", options)
    text = str(caught.value)
    assert "table 'options', column 'capacity_units_per_yr': 1 of 4 values is empty (index 2: empty)" in text
    assert "1 of 4 values is outside > 0 unit/yr (index 0: -1)" in text


def test_a_frame_that_is_none_and_a_table_that_is_none(tiny):
    with pytest.raises(TableError, match="is no data frame"):
        tiny.with_table("options", [1, 2])
    with pytest.raises(TableError, match="Did you mean 'options'"):
        tiny.with_table("option", tiny.options)
    twice = pd.concat([tiny.options, tiny.options[["option"]]], axis=1)
    with pytest.raises(TableError, match="columns of the same name"):
        tiny.with_table("options", twice)


def test_settings_changed_in_a_script_are_checked_as_those_of_a_file(tiny):
    with pytest.raises(InputError) as caught:
        tiny.with_settings(money={"discont_rate": 0.1, "plant_life_years": "long"}, moneys={}, solve=3)
    text = str(caught.value)
    assert text.startswith("4 problems in the input")
    for words in (
        "with_settings, section 'solve': is no mapping (3)",
        "key 'money.discont_rate': is unknown (value 0.1). Did you mean 'discount_rate'?",
        "key 'money.plant_life_years': is not allowed: input should be a valid number",
        "key 'moneys': is unknown",
    ):
        assert words in text, text
