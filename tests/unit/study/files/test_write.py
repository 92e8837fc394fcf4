"""Reading and writing studies: formats, what is accepted, and that nothing of the user's is lost."""

from __future__ import annotations

import shutil

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from openpyxl.chart import BarChart

from evsiting.errors import DataWarning, InputError
from evsiting.study.files import write
from evsiting.study.files.read import read_study
from evsiting.study.files.starter import new_study
from evsiting.study.files.write import write_study
from evsiting.study.settings import Settings
from tests.studies import two_plant_study


@pytest.fixture(scope="module")
def starter(tmp_path_factory):
    """Return the folder of a starter study, not to be changed."""
    return new_study(tmp_path_factory.mktemp("starter") / "first")


@pytest.fixture
def folder(starter, tmp_path):
    """Return a copy of the starter study."""
    return shutil.copytree(starter, tmp_path / "first")


def rewrite(path, *changes):
    """Replace text in a file."""
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def test_a_new_study_is_valid_explained_and_all_assumption(starter):
    study = read_study(starter)
    assert set(study.sites["country"]) == {"US", "CA", "MX"}
    assert set(study.sources["quality"]) == {"assumption"}
    assert set(study.sources["note"]) == {"Made up for the example: replace it"}
    page = (starter / "README.md").read_text(encoding="utf-8")
    assert "`wage_usd_per_h`" in page
    toml = (starter / "study.toml").read_text(encoding="utf-8")
    for section in Settings.model_fields.values():
        for key, field in section.annotation.model_fields.items():
            assert f"\n{key} = " in toml
            assert field.description.splitlines()[0] in toml


def test_a_new_study_does_not_overwrite(folder):
    with pytest.raises(InputError, match=r"is not empty.*README\.md.*new folder"):
        new_study(folder)


def test_study_toml_itself_may_be_named(folder):
    assert read_study(folder / "study.toml") == read_study(str(folder))


@pytest.mark.parametrize("points", ["csv", "gpkg", "geoparquet"])
def test_a_folder_reads_back_equal(folder, tmp_path, points):
    study = read_study(folder)
    out = write_study(study, tmp_path / "out" / "deep", points=points)
    assert read_study(out) == study
    ending = {"csv": ".csv", "gpkg": ".gpkg", "geoparquet": ".geoparquet"}[points]
    assert (out / f"sites{ending}").is_file()
    assert (
        (out / "options.csv").read_text(encoding="utf-8").startswith("plant_type,option,capacity [unit/yr],capex [USD]")
    )


@pytest.mark.parametrize("form", ["csv", "gpkg", "geoparquet", "xlsx"])
def test_columns_of_the_user_come_back(folder, tmp_path, form):
    study = read_study(folder)
    own = {
        "fid": range(7),
        "geom": "x",
        "FIPS": ["01", "12", "3", "4", "5", "6", "7"],
        "land [acre]": 1.5,
        "when": pd.Timestamp(0),
    }
    with pytest.warns(DataWarning, match="'fid', 'geom', 'FIPS', 'land \\[acre\\]', 'when'"):
        wide = study.with_table("sites", study.sites.assign(**own, ok=True))
    path = tmp_path / ("o.xlsx" if form == "xlsx" else "o")
    out = write_study(wide, path, points="csv" if form == "xlsx" else form)
    with pytest.warns(DataWarning, match="kept and not used"):
        again = read_study(out)
    assert again == wide
    assert again.sites["FIPS"].tolist() == own["FIPS"]
    assert again.sites["fid"].tolist() == list(range(7))
    with pytest.raises(InputError, match="columns of the same name"):
        study.with_table("sites", study.sites.assign(**{"own": 1, "own ": 2}))


def test_a_workbook_has_units_meanings_and_no_formulas(folder, tmp_path):
    rewrite(folder / "sites.csv", ("Memphis", "=1+1"), ("Savannah", "@SUM(A1)"), ("Lansing", "#N/A"), ("Windsor", "+1"))
    study = read_study(folder)
    out = write_study(study, tmp_path / "book.xlsx")
    assert read_study(out) == study
    book = openpyxl.load_workbook(out)
    assert book.sheetnames[:2] == ["About", "settings"]
    sheet = book["sites"]
    assert sheet.freeze_panes == "B2"
    header = {cell.value: cell for cell in sheet[1]}
    assert "Straight wage" in header["wage [USD/h]"].comment.text
    names = [cell for cell in sheet["D"] if cell.value in ("=1+1", "@SUM(A1)", "#N/A", "+1")]
    assert [cell.data_type for cell in names] == ["s"] * 4
    keys = {row[0].value: row for row in book["settings"].iter_rows()}
    assert keys["money.discount_rate"][1].value == 0.07
    assert "Real discount rate" in keys["money.discount_rate"][2].value


def test_a_workbook_may_use_other_units_and_numbers_for_names(folder, tmp_path):
    study = read_study(folder)
    out = write_study(study, tmp_path / "book.xlsx")
    book = openpyxl.load_workbook(out)
    sheet = book["options"]
    column = next(cell.column for cell in sheet[1] if cell.value == "capex [USD]")
    sheet.cell(1, column).value = "capex [MUSD]"
    for row in range(2, sheet.max_row + 1):
        sheet.cell(row, column).value = sheet.cell(row, column).value / 1e6
    for row in range(2, book["periods"].max_row + 1):
        book["periods"].cell(row, 1).value = 2000 + row
    for row in range(2, book["demand"].max_row + 1):
        book["demand"].cell(row, 3).value = 2002 if row % 2 == 0 else 2003.0
    book.save(out)
    again = read_study(out)
    assert again.options["capex_usd"].tolist() == study.options["capex_usd"].tolist()
    assert again.periods["period"].tolist() == ["2002", "2003"]


def test_a_cell_formatted_as_percent_is_read_as_it_is_shown(folder, tmp_path):
    study = read_study(folder)
    out = write_study(study, tmp_path / "book.xlsx")
    book = openpyxl.load_workbook(out)
    sheet = book["options"]
    column = next(cell.column for cell in sheet[1] if cell.value == "min_load")
    sheet.cell(1, column).value = "min_load [%]"
    for row in range(2, sheet.max_row + 1):
        if row % 2:  # 0.4 shown as 40%; else 40 shown as 40
            sheet.cell(row, column).number_format = "0.0%"
        else:
            sheet.cell(row, column).value *= 100
    book.create_chartsheet("Chart").add_chart(BarChart())
    book.create_sheet("Sheet1")
    book.save(out)
    assert read_study(out) == study


def test_geodata_in_any_crs_and_several_formats(folder):
    study = read_study(folder)
    sites = study.sites.to_crs("EPSG:6350").rename(columns={"wage_usd_per_h": "wage [USD/h]"})
    (folder / "sites.csv").unlink()
    sites.to_file(folder / "sites.gpkg", layer="candidates")
    (folder / "markets.csv").unlink()
    study.markets.to_file(folder / "markets.geojson")
    (folder / "options.csv").unlink()
    study.options.set_index(["plant_type", "option"]).to_parquet(folder / "options.parquet")
    again = read_study(folder)
    assert again.options["capex_usd"].tolist() == study.options["capex_usd"].tolist()
    assert gpd.GeoSeries(again.sites.geometry).x.tolist() == pytest.approx(study.sites.geometry.x.tolist(), abs=1e-4)
    assert again.markets["name"].tolist() == study.markets["name"].tolist()


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_semicolons_and_tabs_part_cells_too(folder, delimiter):
    study = read_study(folder)
    for name in ("options", "demand", "processes"):
        rewrite(folder / f"{name}.csv", (",", delimiter))
    assert read_study(folder) == study


def test_bom_blank_rows_and_empty_columns_do_no_harm(folder):
    study = read_study(folder)
    for path in folder.glob("*.csv"):
        lines = path.read_text(encoding="utf-8").splitlines()
        extra = [line + ",," for line in lines] + ["," * 12, ""]
        path.write_text("\r\n".join(extra), encoding="utf-8-sig", newline="")
    toml = (folder / "study.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text(toml, encoding="utf-8-sig")
    assert read_study(folder) == study


def test_other_files_stay_when_a_study_is_replaced(folder, tmp_path):
    study = read_study(folder)
    (folder / "runs").mkdir()
    (folder / "runs" / "plan.json").write_text("{}", encoding="utf-8")
    (folder / ".hidden").write_text("x", encoding="utf-8")
    write_study(study.with_settings(model={"carbon_price_usd_per_t": 50.0}), folder, points="gpkg")
    assert (folder / "runs" / "plan.json").is_file()
    assert (folder / ".hidden").is_file()
    assert (folder / "README.md").is_file()
    assert not (folder / "sites.csv").exists()
    assert read_study(folder).settings.model.carbon_price_usd_per_t == 50.0
    assert [p.name for p in tmp_path.iterdir()] == ["first"]


def test_a_failure_leaves_the_old_study(folder, tmp_path, monkeypatch):
    study = read_study(folder)

    def fail(*args):
        raise OSError("disk full")

    monkeypatch.setattr(write, "write_csv", fail)
    with pytest.raises(OSError, match="disk full"):
        write_study(study.with_settings(model={"carbon_price_usd_per_t": 50.0}), folder)
    assert read_study(folder) == study
    assert [p.name for p in tmp_path.iterdir()] == ["first"]


def test_a_failure_in_the_swap_is_finished_by_who_comes_next(folder, tmp_path, monkeypatch):
    study = read_study(folder)
    new = study.with_settings(model={"carbon_price_usd_per_t": 50.0})
    replace = type(folder).replace

    def fail(self, target):
        if self.name == "options.csv":
            raise OSError("in use")
        return replace(self, target)

    monkeypatch.setattr(type(folder), "replace", fail)
    with pytest.raises(OSError, match="in use.*reading or writing the folder once more finishes it"):
        write_study(new, folder)
    monkeypatch.undo()
    assert not (folder / "study.toml").exists(), "nobody takes half a study for a whole one"
    assert read_study(folder) == new
    assert [p.name for p in tmp_path.iterdir()] == ["first"]
    assert not [p.name for p in folder.iterdir() if p.name.startswith(".")]


def test_what_is_no_study_is_not_overwritten(folder, tmp_path):
    study = read_study(folder)
    home = tmp_path / "thesis"
    home.mkdir()
    (home / "chapter.txt").write_text("all my work", encoding="utf-8")
    with pytest.raises(InputError, match=r"no study\.toml.*chapter\.txt"):
        write_study(study, home)
    book = tmp_path / "budget.xlsx"
    pd.DataFrame({"a": [1]}).to_excel(book, engine="openpyxl")
    before = book.read_bytes()
    with pytest.raises(InputError, match="no workbook of a study"):
        write_study(study, book)
    assert book.read_bytes() == before
    with pytest.raises(InputError, match="exists and is a file"):
        write_study(study, home / "chapter.txt")
    with pytest.raises(InputError, match=r"ending '\.csv'"):
        write_study(study, tmp_path / "x.csv")
    with pytest.raises(InputError, match="Choose csv, gpkg or geoparquet"):
        write_study(study, tmp_path / "x", points="shp")


def test_a_text_too_long_for_a_cell_is_refused_before_writing(folder, tmp_path):
    study = read_study(folder)
    sites = study.sites
    sites.loc[0, "name"] = "x" * 40_000
    with pytest.raises(InputError, match=r"'name'.*40,000 characters.*folder"):
        write_study(study.with_table("sites", sites), tmp_path / "book.xlsx")
    assert not (tmp_path / "book.xlsx").exists()


def test_a_path_that_is_not_there_names_its_neighbours(folder, tmp_path):
    with pytest.raises(InputError, match=r"does not exist.*Did you mean 'first'"):
        read_study(tmp_path / "frist")
    with pytest.raises(InputError, match=r"there is no folder .*evsiting new"):
        read_study(tmp_path / "no" / "where")
    with pytest.raises(InputError, match="neither a folder nor an .xlsx workbook"):
        read_study(folder / "sites.csv")


def test_sheets_of_a_written_workbook_state_their_size(tmp_path):
    study = two_plant_study()
    path = write_study(study, tmp_path / "study.xlsx")
    book = openpyxl.load_workbook(path, read_only=True)
    size = (book["demand"].max_row, book["demand"].max_column)
    book.close()
    frame = pd.read_excel(path, "demand")
    assert size == (len(frame) + 1, len(frame.columns))
