"""Official county files as they are published, and labor of the county instead of that of the state."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import evsiting as ev
from evsiting import reference
from evsiting.errors import DataWarning
from evsiting.layers.labor.counties import with_county_labor

TITLE = "Labor force data by county, 2024 annual averages"
HEAD = ["LAUS Code", "State FIPS Code", "County FIPS Code", "County Name/State Abbreviation", "Year", "Labor Force"]
HEAD += ["Employed", "Unemployed", "Unemployment Rate (%)"]
ROWS = [
    ["CN0100100000000", "01", "001", "Autauga County, AL", "2024", "28,467", "27,702", "765", "2.7"],
    ["CN4715700000000", "47", "157", "Shelby County, TN", "2024", "425,307", "406,246", "19,061", "4.5"],
    ["CN7200100000000", "72", "001", "Adjuntas Municipio, PR", "2024", "4,000", "3,600", "400", "10.0"],
]
WANTED = [["01001", 28467.0, 765.0, 2.7], ["47157", 425307.0, 19061.0, 4.5]]


def workbook(file: Path) -> None:
    """Write the workbook of annual means: a title, headers, rows, a note below."""
    note = ["SOURCE: BLS, LAUS"] + [None] * 8
    pd.DataFrame([[TITLE] + [None] * 8, HEAD, *ROWS, note]).to_excel(file, header=False, index=False)


def blanks(file: Path) -> None:
    """Write the text of annual means: fields parted by blanks."""
    lines = [
        f"{r[0]}    {r[1]}    {r[2]}   {r[3]:48s} {r[4]}      {r[5]:>10s} {r[6]:>12s} {r[7]:>10s} {r[8]:>8s}"
        for r in ROWS
    ]
    file.write_text("\n".join([TITLE, "", "   LAUS    State  County", *lines, ""]), encoding="utf-8")


def bars(file: Path) -> None:
    """Write the text of the last months: fields parted by bars, two months."""
    rows = [[*r[:4], month, *r[5:]] for r in ROWS for month in ("Oct-24", "Nov-24(p)")]
    lines = ["|".join(f" {cell} " for cell in row) for row in rows]
    file.write_text("\n".join(["Table", "  Code  | State | County", *lines]), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "write"), [("laucnty24.xlsx", workbook), ("laucnty24.txt", blanks), ("cur.txt", bars)]
)
def test_every_form_of_the_file_gives_the_same(tmp_path: Path, name: str, write: object) -> None:
    write(tmp_path / name)  # type: ignore[operator]
    made = ev.read_laus(tmp_path / name)
    assert made[["fips", "labor_force", "unemployed", "unemployment_rate_pct"]].to_numpy().tolist() == WANTED
    assert set(made["year"]) == ({"2024"} if write is not bars else {"Oct-24 to Nov-24"})
    assert made["name"].iloc[1].startswith("Shelby County")


def test_a_county_without_figures_is_told_and_left_out(tmp_path: Path) -> None:
    rows = [ROWS[0], [*ROWS[1][:5], "N.A.", "N.A.", "N.A.", "N.A."]]
    pd.DataFrame([HEAD, *rows]).to_excel(tmp_path / "a.xlsx", header=False, index=False)
    with pytest.warns(DataWarning, match="47157"):
        assert ev.read_laus(tmp_path / "a.xlsx")["fips"].tolist() == ["01001"]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "\x00\x01"])
def test_a_file_that_is_none_is_refused_by_name(tmp_path: Path, text: str) -> None:
    file = tmp_path / "labor.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ev.InputError, match=r"labor\.csv"):
        ev.read_laus(file)
    with pytest.raises(ev.InputError, match="is no file"):
        ev.read_laus(tmp_path / "nothing.xlsx")


def test_a_site_takes_the_labor_of_its_county_and_the_others_keep_theirs() -> None:
    study = ev.example("starter")
    made = ev.apply_layers(study, ev.county_labor({"US-TN-memphis": "47157"}))
    old, new = (s.sites.set_index("site") for s in (study, made))
    assert new.loc["US-TN-memphis", "unemployment_rate"] == pytest.approx(19061 / 425307, abs=1e-6)
    others = old.index.drop("US-TN-memphis")
    pd.testing.assert_series_equal(new.loc[others, "unemployment_rate"], old.loc[others, "unemployment_rate"])
    told = made.provenance.set_index(["column", "row"]).loc[("unemployment_rate", "US-TN-memphis")]
    assert (told["source"], told["boundary"], str(told["year"])) == ("bls_laus_2024", "county", "2024")


def test_polygons_name_the_county_as_a_number_does() -> None:
    study = ev.example("starter")
    place = study.sites.set_index("site").geometry["US-TN-memphis"]
    areas = gpd.GeoDataFrame({"id": ["47157"]}, geometry=[place.buffer(0.5)], crs="EPSG:4326")
    made = ev.apply_layers(study, ev.county_labor(areas.to_crs("ESRI:102008"))).sites.set_index("site")
    assert made.loc["US-TN-memphis", "labor_force_persons"] == 425307.0
    assert made.loc["US-GA-savannah", "labor_force_persons"] > 1e6
    lansing = ev.apply_layers(study, ev.county_labor({"US-TN-memphis": 47157, "US-MI-lansing": "26065"}))
    assert lansing.sites["labor_force_persons"].lt(1e6).sum() == 2


@pytest.mark.parametrize(
    ("counties", "told"),
    [
        ({"US-TN-memphis": "47999"}, "no county of the table"),
        ({"US-TN-memphis": "13051"}, "of another state"),
        ({"nowhere": "47157"}, "are no sites"),
        ({"US-TN-memphis": None}, "no site has a county"),
    ],
)
def test_what_is_no_county_of_the_site_is_refused(counties: dict, told: str) -> None:
    with pytest.raises(ev.InputError, match=told):
        ev.apply_layers(ev.example("starter"), ev.county_labor(counties))


def test_a_table_of_labor_is_checked() -> None:
    for labor, told in (
        (pd.DataFrame({"fips": ["47157"]}), "no table of counties"),
        (pd.DataFrame({"fips": ["157"], "labor_force": [1.0], "unemployed": [2.0]}), "five digits"),
        (pd.DataFrame({"fips": ["47157"], "labor_force": [1.0], "unemployed": [2.0]}), "more unemployed"),
    ):
        with pytest.raises(ev.InputError, match=told):
            ev.county_labor({"US-TN-memphis": "47157"}, labor)
    with pytest.raises(ev.InputError, match="name no site"):
        ev.county_labor("47157")  # type: ignore[arg-type]


def test_areas_take_the_labor_of_counties_where_they_tell_none(tmp_path: Path) -> None:
    file = tmp_path / "counties.csv"
    rows = ["47157,US-TN,910042,35.2,-89.9,,", "47167,US-TN,60000,35.5,-89.76,33333,777"]
    file.write_text("\n".join(["id,iso,population,lat,lon,labor_force,unemployed", *rows]), encoding="utf-8")
    made = ev.read_areas(file, labor=reference.county_labor()).set_index("id")
    assert made.loc["47157", ["labor_force", "unemployed"]].tolist() == [425307.0, 19061.0]
    assert made.loc["47167", ["labor_force", "unemployed"]].tolist() == [33333.0, 777.0]
    assert not made.loc["47157", "imputed"]
    assert "bls_laus_2024" in made.loc["47157", "source"]
    other = gpd.GeoDataFrame(made.reset_index().assign(id=["a", "b"]), crs=made.crs)
    with pytest.raises(ev.InputError, match="no area of the United States"):
        with_county_labor(other, reference.county_labor())
    assert isinstance(made.geometry.iloc[0], shapely.Point)


def test_the_shared_counties_take_labor_of_2024(shared: Path) -> None:
    places = pd.read_csv(shared / "data" / "counties.csv", dtype={"id": str}).drop(
        columns=["labor_force", "labor_year"]
    )
    del places["unemployment_rate_pct"]
    points = gpd.GeoDataFrame(places, geometry=gpd.points_from_xy(places["lon"], places["lat"]), crs="EPSG:4326")
    made = with_county_labor(points.assign(labor_force=None, unemployed=None, year=""), reference.county_labor())
    assert made["labor_force"].notna().sum() == 3143
