"""Wages, flags, power, resource, transmission: figures by hand, boundaries kept apart, the user's tables first."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import evsiting as ev
from evsiting import reference
from evsiting.errors import CrsError, DataWarning, InputError
from evsiting.study.study import Study
from tests.layer_studies import bare_study

PLACES = {"country": ["US", "MX", "CA", "US"], "region": ["US-TN", "MX-NLE", "CA-ON", "US-MI"]}


@pytest.fixture(scope="module")
def study() -> Study:
    return bare_study(sites=bare_study().sites.assign(**PLACES, wage_usd_per_h=20.0, payroll_burden=0.4))


def at(study: Study, *layers: ev.Layer) -> pd.DataFrame:
    return ev.apply_layers(study, *layers).sites.set_index("site")


# ---------------------------------------------------------------------------------------------- wages


def test_local_wages_become_dollars_of_the_price_year(study: Study) -> None:
    table = pd.DataFrame({"place": ["CA-ON"], "wage": [30.0], "currency": ["CAD"], "year": [2023]})
    made = at(study, ev.wages(table))
    by_hand = 30.0 / 1.3499 * 321.943 / 304.702
    assert made.loc["toronto", "wage_usd_per_h"] == pytest.approx(by_hand, rel=1e-9)
    assert made.loc["memphis", "wage_usd_per_h"] == 20.0


def test_skills_are_blended_by_their_shares_and_burdens_by_what_is_paid(study: Study) -> None:
    mix = {"occupation": ["assembler", "technician"], "share": [0.75, 0.25], "wage": [20.0, 40.0], "burden": [0.4, 0.6]}
    made = at(study, ev.wages(pd.DataFrame(mix)))
    assert made["wage_usd_per_h"].tolist() == pytest.approx([25.0] * 4)
    assert made["payroll_burden"].tolist() == pytest.approx([(15.0 * 0.4 + 10.0 * 0.6) / 25.0] * 4)


def test_the_most_exact_place_holds(study: Study) -> None:
    table = pd.DataFrame({"place": ["", "US", "US-TN", "memphis"], "wage": [10.0, 11.0, 12.0, 13.0]})
    assert at(study, ev.wages(table))["wage_usd_per_h"].tolist() == [13.0, 10.0, 10.0, 11.0]
    less = at(study, ev.wages(table.iloc[:3]))
    assert less.loc["memphis", "wage_usd_per_h"] == 12.0


def test_the_studys_own_rate_goes_first(study: Study) -> None:
    own = study.with_settings(money={"usd_per": {"CAD": {2025: 0.5}}})
    table = pd.DataFrame({"wage": [30.0], "currency": ["CAD"], "year": [2025]})
    assert at(own, ev.wages(table)).loc["toronto", "wage_usd_per_h"] == pytest.approx(15.0)


def test_cells_that_stay_keep_their_provenance(study: Study) -> None:
    told = pd.DataFrame([("sites", "wage_usd_per_h", "*", "unsourced", "", "assumption", "a guess")])
    told.columns = ["table", "column", "row", "source", "year", "quality", "note"]
    known = Study.from_tables(study.settings, {**study.tables, "provenance": told})
    table = pd.DataFrame({"place": ["US"], "wage": [30.0], "source": ["union"]})
    made = ev.apply_layers(known, ev.wages(table)).provenance.query("column == 'wage_usd_per_h'").set_index("row")
    assert made["quality"].to_dict() == {
        "memphis": "derived", "detroit": "derived", "monterrey": "assumption", "toronto": "assumption"
    }  # fmt: skip
    assert made.loc["detroit", "source"] == "union"


def test_cells_that_stay_are_not_told_of_again(study: Study) -> None:
    told = pd.DataFrame([("sites", "payroll_burden", "*", "unsourced", "2010", "imputed", "")])
    told.columns = ["table", "column", "row", "source", "year", "quality", "note"]
    known = Study.from_tables(study.settings, {**study.tables, "provenance": told})
    mexico = pd.DataFrame({"place": ["MX"], "wage": [6.0], "burden": [0.3], "source": ["union"], "year": [2025]})
    ev.apply_layers(known, ev.wages(mexico))  # without a word of the burdens of the other sites
    old = mexico.assign(year=2019)
    with pytest.warns(DataWarning, match=r"before 2026 \(sites.wage_usd_per_h, sites.payroll_burden\);"):
        ev.apply_layers(known, ev.wages(old))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"wage": [10.0, 20.0], "share": [0.5, 0.6]}, "shares of 1 place do not add up to 1.*everywhere: 1.1"),
        ({"wage": [10.0, np.nan]}, "column 'wage': 1 of 2 values is missing"),
        ({"wage": [0.0]}, "column 'wage': 1 of 1 are not above zero"),
        ({"pay": [10.0]}, "column 'wage': is missing"),
        ({"wage": [48_000.0]}, "1 of 1 are too high for an hour.*48000 USD.*pay of a year"),
        ({"wage": [30.0, 40.0], "share": [0.8, 0.2], "burden": [0.2, None]}, "1 place has it for some rows only"),
        ({"wage": [30.0], "year": [2025.5]}, "column 'year': 1 are no years"),
        ({"wage": [10.0], "place": ["Atlantis"]}, "1 name is no place.*Atlantis"),
        ({"wage": [10.0], "currency": ["CAD"], "year": [1999]}, "no exchange rate for CAD in 1999"),
    ],
)
def test_bad_wages_are_told(study: Study, table: dict[str, list[object]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        at(study, ev.wages(pd.DataFrame(table)))


# ---------------------------------------------------------------------------------------------- flags


def zones(**columns: object) -> gpd.GeoDataFrame:
    boxes = [shapely.box(-91, 34, -89, 36), shapely.box(-90.5, 35, -80, 43)]
    made = gpd.GeoDataFrame({"flag": ["distressed_area", "energy_community"]}, geometry=boxes, crs="EPSG:4326")
    return made.assign(**columns).to_crs("ESRI:102008")


def test_a_site_carries_the_flags_of_all_areas_in_which_it_lies(study: Study) -> None:
    made = at(study, ev.flags(zones(source="my_list", year=2026)))["flags"]
    assert made["memphis"] == "distressed_area;energy_community"
    assert made["detroit"] == "energy_community"
    assert made[["toronto", "monterrey"]].isna().all()


def test_zones_may_run_from_0_to_360_degrees_and_long_sides_bend(study: Study) -> None:
    east = gpd.GeoDataFrame({"flag": ["a"]}, geometry=[shapely.box(269, 34, 271, 36)], crs="EPSG:4326")
    assert at(study, ev.flags(east))["flags"].dropna().to_dict() == {"memphis": "a"}
    # A side of 3,000 km straight in Albers bends north of the straight line in degrees; Memphis lies between the two.
    memphis = study.sites.set_index("site").geometry[["memphis"]].to_crs("ESRI:102008").iloc[0]
    box = shapely.box(memphis.x - 1.5e6, memphis.y - 2e4, memphis.x + 1.5e6, memphis.y + 2e4)
    flat = gpd.GeoDataFrame({"flag": ["b"]}, geometry=[box], crs="ESRI:102008")
    assert not flat.to_crs("EPSG:4326").intersects(study.sites.geometry.iloc[0]).any()
    assert at(study, ev.flags(flat))["flags"].dropna().to_dict() == {"memphis": "b"}


def test_flags_add_up_and_say_where_they_are_from(study: Study) -> None:
    table = pd.DataFrame({"place": ["US", "memphis"], "flag": ["tariff_zone", "energy_community"], "source": "law"})
    made = ev.apply_layers(study, ev.flags(zones()), ev.flags(table))
    cells = made.sites.set_index("site")["flags"]
    assert cells["memphis"] == "distressed_area;energy_community;tariff_zone"
    assert cells["detroit"] == "energy_community;tariff_zone"
    assert made.sources.query("column == 'flags'")["source"].tolist() == ["law"]


def test_a_program_holds_where_its_flag_is_carried(study: Study) -> None:
    programs = pd.DataFrame(
        {
            "program": ["48C", "48C bonus"],
            "country": "US",
            "plant_type": "pack",
            "kind": "investment",
            "value": [0.3, 0.1],
            "first_year": 2025,
            "last_year": 2040,
            "flag": [None, "energy_community"],
        }
    )
    table = pd.DataFrame({"place": ["US-MI"], "flag": ["energy_community"]})
    flagged = ev.apply_layers(study, ev.flags(table))
    made = ev.complete(flagged.with_table("programs", programs)).incentives
    assert set(made.loc[made["program"] == "48C", "site"]) == {"memphis", "detroit"}
    assert set(made.loc[made["program"] == "48C bonus", "site"]) == {"detroit"}
    with pytest.warns(DataWarning, match="no site carries energy_community; 48C bonus can be claimed nowhere"):
        study.with_table("programs", programs)


def test_flags_that_reach_no_site_are_told(study: Study) -> None:
    table = pd.DataFrame({"place": ["US-AK", "US-TN"], "flag": ["coal", "steel"]})
    with pytest.warns(DataWarning, match="no site lies in a zone of coal;"):
        assert at(study, ev.flags(table))["flags"]["memphis"] == "steel"


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pd.DataFrame({"place": ["US"], "flag": ["a;b"]}), "1 of 1 are no name"),
        (pd.DataFrame({"place": ["US"], "flag": [None]}), "1 of 1 are no name"),
        (pd.DataFrame({"flag": ["a"]}), "neither places nor areas"),
        (zones().drop(columns="flag"), "column 'flag': is missing"),
        (zones().set_crs(None, allow_override=True), "no coordinate reference system"),
    ],
)
def test_bad_flags_are_told(table: pd.DataFrame, message: str) -> None:
    with pytest.raises(InputError, match=message):
        ev.flags(table)


# ---------------------------------------------------------------------------------------------- power


def test_stack_and_life_cycle_are_never_mixed(study: Study) -> None:
    with pytest.raises(InputError, match=r"boundary 'lifecycle' is known for 2 of 4 sites.*memphis, detroit.*45 of 96"):
        at(study, ev.power("lifecycle"))
    own = pd.DataFrame(
        {"place": ["US"], "grid_factor_kg_per_kwh": [0.45], "boundary": ["lifecycle"], "source": ["lca"]}
    )
    made = ev.apply_layers(study, ev.power("lifecycle", factors=own))
    assert made.sites["grid_factor_kg_per_kwh"].tolist() == [0.45, 0.5072, 0.0931, 0.45]
    said = made.sources.query("column == 'grid_factor_kg_per_kwh'")["boundary"]
    assert set(said) == {"life cycle: fuel supply and building of power plants with it"}
    with pytest.raises(InputError, match="1 of 1 row has another boundary than 'stack'"):
        at(study, ev.power("stack", factors=own))


def test_the_stack_is_what_the_dictionary_says(study: Study) -> None:
    made = ev.apply_layers(study, ev.power())
    row = made.sources.query("column == 'grid_factor_kg_per_kwh'")
    assert set(row["boundary"]) == {"at the stack, CO2e"}
    facts = reference.fact("grid_emission_factor")
    assert made.sites["grid_factor_kg_per_kwh"].tolist() == [facts[r] for r in PLACES["region"]]


def test_a_mixture_that_a_user_makes_is_told(study: Study) -> None:
    sites = study.sites.assign(grid_factor_kg_per_kwh=[0.45, None, None, None])
    told = pd.DataFrame([("sites", "grid_factor_kg_per_kwh", "memphis", "lca", "", "given", "", "life cycle")])
    told.columns = ["table", "column", "row", "source", "year", "quality", "note", "boundary"]
    source = pd.DataFrame({"id": ["lca"], "title": ["A life cycle"], "licence": ["none"]})
    mixed = Study.from_tables(study.settings, {**study.tables, "sites": sites, "provenance": told, "sources": source})
    with pytest.warns(DataWarning, match="different boundaries.*at the stack, CO2e: 3 sites; life cycle: 1 site"):
        ev.complete(mixed)


def test_the_newest_price_where_there_is_one(study: Study) -> None:
    made = ev.apply_layers(study, ev.power(price="newest"))
    old, new = reference.fact("industrial_power_price"), reference.fact("industrial_power_price_2025ytd")
    index = {year: reference.parameter("price.cpi.us", year=year).value for year in (2020, 2023, 2025)}
    moved = [old["MX-NLE"] * index[2025] / index[2020], old["CA-ON"] * index[2025] / index[2023]]
    wanted = [new["US-TN"], *moved, new["US-MI"]]
    assert made.sites["power_price_usd_per_mwh"].tolist() == pytest.approx(wanted, rel=1e-5)
    years = made.provenance.query("column == 'power_price_usd_per_mwh'").set_index("row")["year"]
    assert years.to_dict() == {"memphis": "2025", "monterrey": "2020", "toronto": "2023", "detroit": "2025"}


def test_the_premium_is_filled_only_when_asked(study: Study) -> None:
    assert at(study, ev.power())["clean_premium_usd_per_mwh"].isna().all()
    sourced = ev.apply_layers(study, ev.power(premium="sourced"))
    assert sourced.sites["clean_premium_usd_per_mwh"].tolist() == [12.77] * 4
    assert "levelten_2025q3" in sourced.provenance.query("column == 'clean_premium_usd_per_mwh'")["source"].iloc[0]
    own = pd.DataFrame({"place": ["CA", "toronto"], "clean_premium_usd_per_mwh": [5.0, 6.0]})
    made = at(study, ev.power(premium=own))["clean_premium_usd_per_mwh"]
    assert made["toronto"] == 6.0
    assert made.drop("toronto").isna().all()
    for other in ("shipped", 5.0):
        with pytest.raises(InputError, match="power, premium: is none of the choices"):
            ev.power(premium=other)


# ------------------------------------------------------------------------------------------- resource


def raster(path: Path, *, crs: str | None = "EPSG:4326", hole: bool = False) -> Path:
    """Write cells of one degree whose value is their column: 0 at 120 degrees west."""
    rasterio = pytest.importorskip("rasterio", reason="the extra 'raster' is not installed")
    cells = np.tile(np.arange(60.0, dtype=np.float32), (40, 1))
    if hole:
        cells[14, 29:31] = -9999.0  # around Memphis
    from rasterio.transform import from_origin

    shape = {"height": 40, "width": 60, "count": 1, "dtype": "float32", "nodata": -9999.0}
    with rasterio.open(
        path, "w", driver="GTiff", crs=crs, transform=from_origin(-120.0, 50.0, 1.0, 1.0), **shape
    ) as file:
        file.write(cells, 1)
    return path


def test_the_cell_at_each_site_times_the_scale(study: Study, tmp_path: Path) -> None:
    made = at(study, ev.resource(raster(tmp_path / "sun.tif"), "solar", scale=0.01, source="atlas"))
    assert made["solar_yield"].tolist() == pytest.approx([0.29, 0.19, 0.40, 0.36])


def test_a_mean_around_each_site(study: Study, tmp_path: Path) -> None:
    pytest.importorskip("exactextract", reason="the extra 'raster' is not installed")
    made = at(study, ev.resource(raster(tmp_path / "wind.tif"), "wind", scale=0.01, radius_km=100.0))
    # The value of a cell is its column, half a degree west of its middle: the mean is that of the point.
    assert made["wind_yield"].tolist() == pytest.approx([0.2945, 0.1919, 0.4012, 0.3645], abs=0.002)


def test_a_raster_without_data_or_place_is_told(study: Study, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="1 of 4 sites lies where it has no data.*memphis"):
        at(study, ev.resource(raster(tmp_path / "hole.tif", hole=True), "solar", scale=0.01))
    with pytest.raises(CrsError, match="no coordinate reference system"):
        at(study, ev.resource(raster(tmp_path / "bare.tif", crs=None), "solar", scale=0.01))
    with pytest.raises(InputError, match="4 values are no fraction of full power.*1/24"):
        at(study, ev.resource(raster(tmp_path / "plain.tif"), "solar"))
    for band in (2, "1", 1.0):
        with pytest.raises(InputError, match="band: is not 1 to 1"):
            at(study, ev.resource(tmp_path / "plain.tif", "solar", band=band))
    with pytest.raises(InputError, match="resource, path: is no path"):
        ev.resource(None, "wind")


# --------------------------------------------------------------------------------------- transmission


def test_distance_to_a_line_along_a_meridian(study: Study) -> None:
    line = gpd.GeoDataFrame(geometry=[shapely.LineString([(-89.05, 20.0), (-89.05, 50.0)])], crs="EPSG:4326")
    made = at(study, ev.transmission(line.to_crs("ESRI:102009")))
    by_hand = 111.32 * np.cos(np.radians(35.15))  # one degree of longitude
    assert made.loc["memphis", "transmission_km"] == pytest.approx(by_hand, rel=0.005)


def yards(**columns: object) -> gpd.GeoDataFrame:
    points = gpd.points_from_xy([-90.05, -90.05, -79.38], [35.20, 35.30, 43.65])
    made = gpd.GeoDataFrame({"spare_mw": [50.0, 120.0, 80.0]}, geometry=points, crs="EPSG:4326")
    return made.assign(**columns).to_crs("EPSG:3857")


@pytest.mark.parametrize(("take", "memphis"), [("largest", 120.0), ("sum", 170.0), ("nearest", 50.0)])
def test_spare_load_within_reach(study: Study, take: str, memphis: float) -> None:
    made = at(study, ev.transmission(substations=yards(), take=take))["connectable_mw"]
    assert made.to_dict() == {"memphis": memphis, "monterrey": 0.0, "toronto": 80.0, "detroit": 0.0}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "nothing is given"),
        ({"substations": yards(spare_mw=np.nan)}, "column 'spare_mw': 3 of 3 values are missing"),
        ({"lines": yards()}, "not of type LineString"),
        ({"substations": yards(), "take": "all"}, "take: is none of the choices"),
        ({"substations": yards(), "reach_km": "25"}, "reach_km: is not above zero"),
    ],
)
def test_bad_layers_of_the_grid_are_told(given: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        ev.transmission(**given)
