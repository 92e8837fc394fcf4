"""Columns of the user's own survive every export, whatever they are called, and take part in no sum."""

from __future__ import annotations

import warnings

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest

import evsiting as ev
from evsiting.errors import DataWarning
from evsiting.study.files.read import read_study
from evsiting.study.files.write import write_study
from tests.studies import two_plant_study

NAMES = [
    *("fid", "geom", "ogc_fid", "rowid", "evsiting_fid", "Load_MW", "load_mw", "Notes", "notes", "NOTES", "index", "x"),
    *("plant", "status", "period", "capex_usd", "jobs_fte", "new_plants", "present", "start", "years", "worth", "life"),
    *('quoted "name"', "a;b,c", "semi'colon [d]", "名前", "n" * 300, "=cmd|' /C calc'!A0", "<script>", "[bold]"),
]
TABLES = ("sites", "markets", "suppliers", "options", "plants", "products", "demand", "lanes")


@pytest.fixture(scope="module")
def plain():
    study = two_plant_study()
    return study, ev.solve(study)


@pytest.fixture(scope="module")
def own():
    """Return the same study with a column of each name in its tables, and its plan."""
    study = two_plant_study()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        for table in TABLES:
            frame = study.table(table)
            names = [n for n in NAMES if n not in frame.columns]
            study = study.with_table(table, frame.assign(**{n: f"={n[:20]}" for n in names}))
        return study, ev.solve(study)


def test_they_change_no_figure(plain, own):
    assert own[1].totals == plain[1].totals
    for name, ledger in plain[1].ledgers.items():
        pd.testing.assert_frame_equal(own[1].ledgers[name], ledger)
    assert ev.certify(*own).passed
    assert own[1].study_digest == own[0].digest != plain[0].digest
    pd.testing.assert_frame_equal(ev.landed_cost(*own), ev.landed_cost(*plain))


def test_a_geopackage_keeps_them_and_says_which_it_renamed(own, tmp_path):
    with pytest.warns(DataWarning, match=r"'sites.Load_MW' is 'Load_MW_own', 'sites.load_mw' is 'load_mw_own2'"):
        path = ev.write_geopackage(tmp_path / "siting.gpkg", *own)
    sites = gpd.read_file(path, layer="sites")
    assert sites["load_mw"].dtype.kind == "f"  # of the plan
    assert sites["load_mw_own2"].tolist() == ["=load_mw"] * len(sites)
    for layer, table in (("sites", "sites"), ("markets", "markets"), ("suppliers", "suppliers"), ("flows", "lanes")):
        fields = {f.lower() for f in pyogrio.read_info(path, layer=layer)["fields"]}
        whole = own[0].table(table)
        kept = [n for n in NAMES if n in whole and not ({n.lower(), f"{n.lower()}_own", f"{n.lower()}_own2"} & fields)]
        assert not kept, layer
    notes = gpd.read_file(path, layer="about")
    assert notes.set_index("name").loc["column sites.Load_MW", "text"] == "stands as Load_MW_own"


def test_a_workbook_keeps_them_as_text(own, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        book = openpyxl.load_workbook(ev.write_workbook(tmp_path / "siting.xlsx", *own))
    sheets = {t: t for t in TABLES} | {"plants": "standing plants", "demand": "demand as given", "lanes": "shipments"}
    for table, sheet in sheets.items():
        heads = [str(cell.value) for cell in book[sheet][1]]
        wanted = [n for n in NAMES if n in own[0].table(table) and n not in plain_columns(table)]
        assert {n.lower() for n in wanted} <= {h.lower().removesuffix("_own2").removesuffix("_own") for h in heads}
    column = [str(cell.value) for cell in book["sites"][1]].index("status") + 1
    cell = book["sites"].cell(2, column)
    assert (cell.value, cell.data_type) == ("=status", "s")


def plain_columns(table):
    return set(two_plant_study().table(table).columns)


def test_a_page_and_a_run_are_written(own, tmp_path):
    ev.write_report(tmp_path / "siting.html", *own)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        again, plan = ev.read_run(ev.write_run(tmp_path / "run", *own))
    assert again == own[0]
    assert plan.totals == own[1].totals


@pytest.mark.parametrize("form", ["csv", "geoparquet", "xlsx", "gpkg"])
def test_a_study_keeps_them(own, tmp_path, form):
    study = own[0]
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        if form == "xlsx":
            again = read_study(write_study(study, tmp_path / "study.xlsx"))
        else:
            again = read_study(write_study(study, tmp_path / "study", points=form))
    if form != "gpkg":
        assert again == study
        return
    text = " ".join(str(w.message) for w in told)
    assert (
        "sites.gpkg: columns of your own have another name where theirs was taken: 'load_mw' is 'load_mw_own'" in text
    )
    for table in ("sites", "markets", "suppliers"):
        assert len(again.table(table).columns) == len(study.table(table).columns)


def test_x_and_y_beside_degrees_stay_columns(tmp_path, own):
    study = two_plant_study()
    path = write_study(study, tmp_path / "study")
    sites = pd.read_csv(path / "sites.csv", dtype=str).assign(x="12", y="13")
    sites.to_csv(path / "sites.csv", index=False)
    with pytest.warns(DataWarning, match="columns x and y are kept and not used"):
        again = read_study(path)
    assert again.sites["x"].tolist() == [12.0] * len(sites)
    assert again.sites.geometry.geom_equals_exact(study.sites.geometry, 1e-9).all()
