"""Study: checked tables, converted and completed, that cannot be changed."""

from __future__ import annotations

import copy
import pickle

import geopandas as gpd
import pandas as pd
import pytest
from shapely import MultiPoint, Point

import evsiting.study.study as study_module
from evsiting.errors import CrsError, DataWarning, InputError, StudyError, TableError
from evsiting.study.provenance import row_keys
from evsiting.study.schema.countries import ISO_CODES
from evsiting.study.schema.tables import TABLES
from evsiting.study.settings import About, Files, Money, Settings
from evsiting.study.study import Study
from tests.studies import two_plant_study

SETTINGS = Settings(study=About(name="Small"))


def small(**changes):
    """Return tables of a small study as a user would type them."""
    tables = {
        "sites": pd.DataFrame(
            {"site": ["A", "B"], "lat": [35.1, 45.5], "lon": [-90.0, -73.6], "country": ["US", "CA"]}
        ),
        "markets": pd.DataFrame({"market": ["m"], "lat": [34.0], "lon": [-118.0], "country": ["US"]}),
        "periods": pd.DataFrame({"period": ["one", "two"], "start_year": [2027, 2030], "years": [3, 5]}),
        "products": pd.DataFrame(
            {
                "product": ["cell", "vehicle"],
                "unit": ["kWh", "vehicle"],
                "mass [kg/unit]": [5, 1800],
                "value [USD/unit]": [80, 35000],
            }
        ),
        "bill_of_materials": pd.DataFrame({"product": ["vehicle"], "input": ["cell"], "units_per_unit": [75]}),
        "processes": pd.DataFrame({"plant_type": ["cell", "assembly"], "product": ["cell", "vehicle"]}),
        "options": pd.DataFrame(
            {
                "plant_type": ["cell", "assembly"],
                "option": ["L", "L"],
                "capacity [unit/yr]": [2e7, 2e5],
                "capex [MUSD]": [2000, 1500],
            }
        ),
        "demand": pd.DataFrame({"market": ["m"], "product": ["vehicle"], "units_per_yr": [1e5]}),
    }
    return tables | changes


def made(settings=SETTINGS, **changes):
    return Study.from_tables(settings, small(**changes))


def test_units_are_converted_and_defaults_filled():
    study = made()
    assert study.options["capex_usd"].tolist() == [2e9, 1.5e9]
    assert study.options["min_load"].tolist() == [0.0, 0.0]
    assert study.processes["capacity_use"].tolist() == [1.0, 1.0]
    assert study.sites["role"].tolist() == ["candidate", "candidate"]
    assert study.sites["wage_usd_per_h"].isna().all()
    assert study.demand["period"].isna().all()
    assert study.periods["start_year"].dtype == "int64"
    assert [c for c in study.sites if c != "geometry"] == [c.name for c in TABLES["sites"].columns if not c.lean]
    assert str(study.sites.crs) == "EPSG:4326"


def test_the_callers_frames_stay_as_they_are():
    tables = small()
    before = {name: frame.copy(deep=True) for name, frame in tables.items()}
    study = Study.from_tables(SETTINGS, tables)
    study.sites["site"] = "changed"
    for name, frame in tables.items():
        pd.testing.assert_frame_equal(frame, before[name])
    assert study.sites["site"].tolist() == ["A", "B"]


def test_a_studys_own_rate_is_used():
    sites = small()["sites"].assign(**{"wage [CAD/h]": [30.0, 40.0]})
    study = made(Settings(study=About(name="x"), money=Money(usd_per={"CAD": {2025: 0.75}})), sites=sites)
    assert study.sites["wage_usd_per_h"].tolist() == [22.5, 30.0]
    assert not study.has("provenance")


def test_a_reference_rate_is_used_where_the_study_has_none_and_is_said():
    sites = small()["sites"].assign(**{"wage [CAD/h]": [30.0, 40.0]})
    study = made(sites=sites)
    assert study.sites["wage_usd_per_h"].tolist() == pytest.approx([30 / 1.3981, 40 / 1.3981], rel=1e-9)
    entry = study.provenance.iloc[0]
    assert entry[["table", "column", "row", "source"]].tolist() == ["settings", "money.usd_per", "CAD|2025", "ecb_fx"]
    assert study.sources.query("table == 'settings'")["title"].item().startswith("Euro foreign exchange")
    assert Study.from_tables(study.settings, study.tables) == study


def test_a_rate_the_wrong_way_round_is_refused():
    with pytest.raises(InputError, match=r"usd_per\.CAD\.2025.*CAD for one USD.*1\.4.*0\.71"):
        made(Settings(study=About(name="x"), money=Money(usd_per={"CAD": {2025: 1.4}})))


def test_a_figure_by_the_products_own_unit_is_taken():
    products = small()["products"].iloc[:1].drop(columns="mass [kg/unit]").assign(**{"mass [kg/kWh]": 5.0})
    both = small()["products"].drop(columns="mass [kg/unit]").assign(**{"mass [kg/kWh]": 5.0})
    rest = {
        "bill_of_materials": small()["bill_of_materials"].iloc[:0],
        "processes": small()["processes"].iloc[:1],
        "options": small()["options"].iloc[:1],
        "demand": small()["demand"].assign(product="cell"),
    }
    assert made(products=products, **rest).products["mass_kg_per_unit"].tolist() == [5.0]
    with pytest.raises(TableError, match="'kg/unit' is needed"):
        made(products=both)


def test_shares_and_amounts_of_programs_are_converted_by_kind():
    programs = pd.DataFrame(
        {
            "program": ["grant"],
            "country": ["US"],
            "plant_type": ["cell"],
            "kind": ["investment"],
            "value [%]": [12.0],
            "first_year": [2027],
            "last_year": [2030],
        }
    )
    assert made(programs=programs).programs["value"].tolist() == [0.12]
    mixed = pd.concat([programs, programs.assign(kind="production", program="credit")])
    with pytest.raises(TableError, match="one unit cannot hold for all rows"):
        made(programs=mixed)


def offered(**columns):
    """Return a table of programs, one row for each of the values given."""
    frame = pd.DataFrame({"first_year": 2027, "last_year": 2030, "country": "US", "plant_type": "cell", **columns})
    return frame.assign(program=[f"p{k}" for k in range(len(frame))])


@pytest.mark.parametrize(
    ("kind", "product", "header", "written", "read"),
    [
        ("grant", None, "value [MCAD]", 2.0, 1.5e6),
        ("job", None, "value [CAD/(FTE*yr)]", 4_000.0, 3_000.0),
        ("production", "cell", "value [CAD/unit]", 8.0, 6.0),
        ("production", "cell", "value [CAD/kWh]", 8.0, 6.0),
        ("production", "cell", "value [USD/MWh]", 8_000.0, 8.0),
        ("depreciation", None, "value [%]", 80.0, 0.8),
        ("abatement", None, "value [%]", 50.0, 0.5),
        ("loan", None, "value [%]", 1.5, 0.015),
    ],
)
def test_what_a_program_pays_is_converted_by_its_kind(kind, product, header, written, read):
    settings = Settings(study=About(name="x"), money=Money(usd_per={"CAD": {2025: 0.75}}))
    sites = small()["sites"].assign(tax_rate=0.25, property_tax_rate=0.01)
    row = offered(kind=[kind], product=product, **{header: written})
    more = {"term_years": 10.0} if kind == "loan" else {}
    assert made(settings, programs=row.assign(**more), sites=sites).programs["value"].tolist() == pytest.approx([read])


@pytest.mark.parametrize(
    ("kinds", "header", "words"),
    [
        (["investment"], "value [USD]", "unit 'USD' does not fit: '1' is needed"),
        (["grant"], "value [%]", "unit '%' does not fit: 'USD' is needed"),
        (["job"], "value [CAD/h]", r"does not fit: 'USD/\(FTE·yr\)' is needed"),
        (
            ["grant", "job"],
            "value [CAD]",
            r"one unit cannot hold for all rows: 'CAD' does not fit where kind is job.*grant: USD; job: USD/\(FTE·yr\)",
        ),
    ],
)
def test_a_unit_that_the_kind_does_not_have_is_refused(kinds, header, words):
    with pytest.raises(TableError, match=words) as caught:
        made(programs=offered(kind=kinds, **{header: 1.0}))
    assert len(caught.value.problems) == 1


def test_kinds_of_one_unit_may_share_a_header():
    sites = small()["sites"].assign(tax_rate=0.25)
    rows = offered(kind=["investment", "depreciation"], **{"value [%]": [10.0, 80.0]})
    assert made(programs=rows, sites=sites).programs["value"].tolist() == pytest.approx([0.1, 0.8])


def test_a_missing_kind_is_told_once():
    with pytest.raises(TableError, match="column 'kind' is missing") as caught:
        made(programs=offered(**{"value [%]": [10.0]}))
    assert len(caught.value.problems) == 1


def test_limits_are_converted_by_their_kind():
    rows = [("cost", "MUSD", 900.0, 9e8), ("emissions", "kt", 5.0, 5e3), ("jobs", "thousand FTE*yr", 2.0, 2e3)]
    for kind, unit, written, read in (*rows, ("capex", "bn USD", 3.0, 3e9), ("renewable_share", "%", 40.0, 0.4)):
        limits = pd.DataFrame({"limit": ["x"], "kind": [kind], f"at_most [{unit}]": [written]})
        assert made(limits=limits).limits["at_most"].tolist() == pytest.approx([read]), kind
    mixed = pd.DataFrame({"limit": ["x", "y"], "kind": ["cost", "capex"], "at_most [MUSD]": [900.0, 100.0]})
    assert made(limits=mixed).limits["at_most"].tolist() == [9e8, 1e8]


def test_a_program_may_pay_in_two_ways_in_one_year():
    both = offered(kind=["investment", "job"], value=[0.1, 500.0]).assign(program="deal")
    study = made(programs=both)
    assert row_keys("programs", study.programs).tolist() == [
        "deal|US||cell||2027|investment",
        "deal|US||cell||2027|job",
    ]
    with pytest.raises(TableError, match="1 of 2 rows is a duplicate of another"):
        made(programs=both.assign(kind="job"))


def test_years_in_keys_have_no_decimal_point():
    frame = pd.DataFrame({"product": "cell", "origin": "KR", "destination": "US", "measure": "MFN"}, index=[0, 1])
    frame["first_year"] = [2027.0, float("nan")]
    assert row_keys("duties", frame).tolist() == ["cell|KR|US|MFN|2027", "cell|KR|US|MFN|"]


def test_every_country_has_a_code():
    assert len(ISO_CODES) == 249
    assert {"US", "CA", "MX", "KR", "CN", "NA"} <= ISO_CODES
    assert not ISO_CODES & {"UK", "EU", "XX"}


def test_choices_and_countries_may_be_written_in_any_case():
    tables = small()
    tables["sites"] = tables["sites"].assign(country=["us", "Ca"], role=["Candidate", "EXISTING"])
    programs = pd.DataFrame(
        {
            "program": ["a"],
            "country": ["us"],
            "plant_type": ["cell"],
            "kind": ["Investment"],
            "value [%]": [30],
            "first_year": [2027],
            "last_year": [2030],
        }
    )
    study = made(sites=tables["sites"], programs=programs)
    assert study.sites["country"].tolist() == ["US", "CA"]
    assert study.sites["role"].tolist() == ["candidate", "existing"]
    assert study.programs["value"].tolist() == [0.3]
    assert study.programs["kind"].tolist() == ["investment"]


def test_an_index_named_after_columns_is_one_of_columns(tiny):
    twin = tiny.with_table("sites", tiny.sites.set_index("site")).with_table(
        "options", tiny.options.set_index(["plant_type", "option"])
    )
    assert twin == tiny
    renamed = tiny.with_table("sites", tiny.sites.rename_geometry("geom"))  # any warning would be an error
    assert renamed == tiny


def test_imports_without_a_duty_beside_others_are_told():
    abroad = pd.DataFrame(
        {
            "supplier": ["s", "v"],
            "lat": [35.1, 10.8],
            "lon": [129.0, 106.7],
            "country": ["KR", "vn"],
            "product": "cell",
            "port": "KRPUS",
            "price [USD/unit]": 90,
        }
    )
    duties = pd.DataFrame({"product": ["cell"], "origin": ["kr"], "destination": ["us"], "measure": "m", "rate": 0.03})
    made(suppliers=abroad)
    with pytest.warns(DataWarning, match="no row for cell from VN; these imports are free of duty"):
        made(suppliers=abroad, duties=duties)


def test_codes_keep_their_zeros_and_odd_names_stay_text():
    markets = small()["markets"].assign(market=["007"], name=["NA"])
    study = made(markets=markets, demand=small()["demand"].assign(market="007"))
    assert study.markets.loc[0, ["market", "name"]].tolist() == ["007", "NA"]
    assert made(periods=small()["periods"].assign(period=[2027, 2030])).periods["period"].tolist() == ["2027", "2030"]


def test_unknown_columns_are_kept_and_told_once():
    sites = small()["sites"].assign(fips=["01", "02"], score=[1, 2])
    with pytest.warns(DataWarning, match="'fips', 'score'"):
        study = made(sites=sites)
    assert study.sites["fips"].tolist() == ["01", "02"]
    assert study.sites["score"].tolist() == [1.0, 2.0]


@pytest.mark.parametrize("crs", ["EPSG:6350", "EPSG:3857", "EPSG:4269"])
def test_points_of_any_crs_end_in_degrees(crs):
    sites = small()["sites"]
    points = gpd.GeoDataFrame(
        sites.drop(columns=["lat", "lon"]), geometry=gpd.points_from_xy(sites.lon, sites.lat), crs="EPSG:4326"
    ).to_crs(crs)
    study = made(sites=points)
    assert study.sites.geometry.x.tolist() == pytest.approx([-90.0, -73.6], abs=2e-5)
    flat = pd.DataFrame(points.drop(columns="geometry")).assign(x=points.geometry.x, y=points.geometry.y)
    other = made(Settings(study=About(name="Small"), files=Files(crs=crs)), sites=flat)
    assert other.sites.geometry.y.tolist() == pytest.approx([35.1, 45.5], abs=2e-5)
    with pytest.raises(CrsError, match=r"files\.crs is empty.*EPSG"):
        made(sites=flat)


def test_a_single_multipoint_is_a_point_and_height_is_dropped():
    frame = small()["sites"].drop(columns=["lat", "lon"])
    shapes = [MultiPoint([(-90.0, 35.0)]), Point(-73.6, 45.5, 120.0)]
    study = made(sites=gpd.GeoDataFrame(frame, geometry=shapes, crs="EPSG:4326"))
    assert study.sites.geometry.iloc[0].equals(Point(-90.0, 35.0))
    assert not study.sites.geometry.has_z.any()


@pytest.mark.parametrize(
    ("shapes", "crs", "kind", "words"),
    [
        ([Point(-90, 35), Point(-73, 45)], None, CrsError, ("no coordinate reference system", "set_crs")),
        ([Point(-90, 35), None], 4326, TableError, ("1 of 2 rows is without a point", "index 1")),
        ([Point(-90, 35), Point()], 4326, TableError, ("1 of 2 rows is without a point", "index 1")),
        ([Point(-90, 35).buffer(1), Point(-73, 45)], 4326, TableError, ("no point", "Polygon", "representative_point")),
        ([Point(35, -90), Point(45, -73)], 4326, TableError, ("swapped", "2 of 2 would lie in North America")),
        ([Point(5, 50), Point(-73, 45)], 4326, TableError, ("outside the United States", "50 / 5")),
        ([Point(500000, 4100000), Point(-73, 45)], 4326, TableError, ("no degrees", "4.1e+06", "CRS")),
    ],
)
def test_geometries_that_are_no_places_are_refused(shapes, crs, kind, words):
    frame = small()["sites"].drop(columns=["lat", "lon"])
    with pytest.raises(kind) as caught:
        made(sites=gpd.GeoDataFrame(frame, geometry=shapes, crs=crs))
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_a_geometry_against_its_own_degrees_is_refused():
    sites = small()["sites"]
    with pytest.raises(TableError, match="elsewhere than the geometry"):
        made(sites=gpd.GeoDataFrame(sites, geometry=[Point(-90.0, 35.1), Point(-80, 45)], crs=4326))


def test_demand_with_a_penalty_need_not_be_met():
    demand = small()["demand"].assign(units_per_yr=1e9)
    with pytest.raises(StudyError, match=r"no plan can serve.*1,000,000,000 units of 'vehicle'.*400,000 is the most"):
        made(demand=demand)
    assert made(demand=demand.assign(unmet_penalty_usd_per_unit=1e4)).has("demand")


def test_what_is_bought_need_not_be_made():
    supplier = pd.DataFrame(
        {
            "supplier": ["S"],
            "lat": [35.1],
            "lon": [129.0],
            "country": ["KR"],
            "product": ["cell"],
            "price [USD/unit]": [90.0],
        }
    )
    options = small()["options"].assign(**{"capacity [unit/yr]": [1e5, 2e5]})
    with pytest.raises(StudyError, match="'cell' are needed a year, which goes into 'vehicle'"):
        made(options=options)
    assert made(options=options, suppliers=supplier).has("suppliers")
    with pytest.raises(StudyError, match="1,000 from suppliers"):
        made(options=options, suppliers=supplier.assign(**{"capacity [unit/yr]": 1000}))


def test_where_a_plant_may_not_be_built_it_does_not_count():
    sites = small()["sites"].assign(plant_types=["cell;assembly", "cell"])
    demand = small()["demand"].assign(units_per_yr=3e5)
    assert made(demand=demand).has("demand")
    with pytest.raises(StudyError, match="200,000 from assembly plants"):
        made(sites=sites, demand=demand)


def test_products_that_share_a_plant_share_its_capacity():
    products = pd.concat([small()["products"], small()["products"].iloc[1:].assign(product="van")])
    processes = pd.DataFrame(
        {
            "plant_type": ["cell", "assembly", "assembly"],
            "product": ["cell", "vehicle", "van"],
            "capacity_use": [1.0, 1.0, 2.0],
        }
    )
    demand = pd.DataFrame({"market": ["m", "m"], "product": ["vehicle", "van"], "units_per_yr": [2e5, 1.5e5]})
    with pytest.raises(StudyError, match=r"'assembly' plants would need a capacity of 500,000, 400,000 is the most"):
        made(products=products, processes=processes, demand=demand)


def test_a_study_equals_its_copies_and_its_shuffled_self(tiny):
    for twin in (copy.copy(tiny), copy.deepcopy(tiny), pickle.loads(pickle.dumps(tiny)), two_plant_study()):
        assert twin == tiny
        assert hash(twin) == hash(tiny)
    shuffled = {name: frame.iloc[::-1, ::-1] for name, frame in tiny.tables.items()}
    assert Study.from_tables(tiny.settings, shuffled) == tiny
    assert tiny != "a study"
    lanes = tiny.lanes
    lanes.loc[0, "freight_usd_per_unit"] += 1e-9
    assert tiny.with_table("lanes", lanes) != tiny


def test_a_table_replaced_is_as_if_all_tables_had_been_given():
    own = small(markets=small()["markets"].assign(comment="own"))
    with pytest.warns(DataWarning, match="'comment'"):
        study = Study.from_tables(SETTINGS, own)
    later = study.with_settings(money={"discount_rate": 0.5})
    for one in (study, later, pickle.loads(pickle.dumps(study))):
        sites = one.sites.assign(name="new")
        with pytest.warns(DataWarning, match="table 'markets': columns .* kept and not used: 'comment'") as told:
            changed = one.with_table("sites", sites)
        with pytest.warns(DataWarning) as anew:
            twin = Study.from_tables(one.settings, {**one.tables, "sites": sites})
        assert changed == twin
        assert [str(w.message) for w in told] == [str(w.message) for w in anew]
        for name, frame in twin.tables.items():
            pd.testing.assert_frame_equal(changed.table(name), frame)


def test_a_table_replaced_is_checked_and_so_is_what_hangs_on_it(tiny):
    with pytest.raises(TableError, match=r"wage_usd_per_h.*outside"):
        tiny.with_table("sites", tiny.sites.assign(wage_usd_per_h=-1.0))
    with pytest.raises(StudyError, match="table 'demand', column 'market'"):
        tiny.with_table("markets", tiny.markets.assign(market=["north", "west"]))
    with pytest.raises(InputError, match="table 'sites': is missing"):
        Study(tiny.settings, {k: v for k, v in tiny.tables.items() if k != "sites"}).with_table("demand", tiny.demand)


def test_tables_that_nobody_has_checked_are_checked_when_another_is_replaced(tiny):
    unchecked = Study(tiny.settings, {**tiny.tables, "sites": tiny.sites.assign(wage_usd_per_h=-1.0)})
    with pytest.raises(TableError, match=r"wage_usd_per_h.*outside"):
        unchecked.with_table("demand", tiny.demand)
    with pytest.raises(TableError, match=r"wage_usd_per_h.*outside"):
        unchecked.with_settings(money={"discount_rate": 0.5}).with_table("demand", tiny.demand)


def test_a_study_cannot_be_changed(tiny):
    with pytest.raises(AttributeError, match="frozen.*with_table"):
        tiny.sites = None
    with pytest.raises(AttributeError, match=r"no attribute 'site'.*sites, markets"):
        _ = tiny.site
    with pytest.raises(InputError, match=r"already in its prices.*2025 to 2020"):
        tiny.with_settings(money={"price_year": 2020})
    assert tiny.with_settings(money={"discount_rate": 0.1}).settings.money.discount_rate == 0.1


def test_a_study_prints_itself(tiny):
    assert "3 sites" in repr(tiny)
    assert "Candidate and existing places" in tiny._repr_html_()
    assert "sites" in dir(tiny)
    assert made().plants.empty
    assert list(made().suppliers.columns)[-1] == "geometry"


def test_the_most_exact_provenance_holds(tiny):
    rows = [
        ("sites", "*", "*", "a"),
        ("sites", "*", "memphis", "b"),
        ("sites", "wage_usd_per_h", "*", "c"),
        ("sites", "wage_usd_per_h", "windsor", "d"),
        ("options", "capex_usd", "assembly|large", "a"),
    ]
    provenance = pd.DataFrame(rows, columns=["table", "column", "row", "source"]).assign(quality="sourced")
    sources = pd.DataFrame({"id": list("abcd"), "title": ["A", "B", "C", "D"], "licence": "free"})
    listed = Study.from_tables(tiny.settings, {**tiny.tables, "provenance": provenance, "sources": sources}).sources
    wage = listed.query("column == 'wage_usd_per_h'")
    assert sorted(zip(wage["source"], wage["rows"], strict=True)) == [("c", "memphis, monterrey"), ("d", "windsor")]
    burden = listed.query("column == 'payroll_burden'")
    assert sorted(zip(burden["source"], burden["title"], strict=True)) == [("a", "A"), ("b", "B")]
    capex = listed.query("column == 'capex_usd'").set_index("quality")
    assert capex.loc["sourced", "rows"] == "assembly|large"
    assert capex.loc["assumption", ["values", "source"]].tolist() == [3, ""]
    assert listed["quality"].tolist() == sorted(listed["quality"], key=lambda q: q != "assumption")
    assert listed["values"].sum() == tiny.sources["values"].sum()


def test_provenance_of_nothing_is_refused(tiny):
    provenance = pd.DataFrame(
        {
            "table": ["sites", "site", "sites"],
            "column": ["wage", "*", "*"],
            "row": "*",
            "source": [None, "ecb_fx", "nowhere"],
            "quality": ["sourced", "sourced", "measured"],
        }
    )
    with pytest.raises(InputError) as caught:
        tiny.with_table("provenance", provenance)
    text = str(caught.value)
    assert all(
        word in text
        for word in (
            "'wage'",
            "wage_usd_per_h",
            "'site'",
            "Did you mean 'sites'",
            "call the quality assumption",
            "'nowhere'",
        )
    ), text


def test_what_studies_share_is_turned_into_text_once_and_what_differs_never(monkeypatch: pytest.MonkeyPatch) -> None:
    study = two_plant_study()
    first = study.digest
    asked: list[str] = []
    plain = study_module._table_text
    monkeypatch.setattr(study_module, "_table_text", lambda name, frame: asked.append(name) or plain(name, frame))
    more = study.demand.assign(units_per_yr=lambda d: 1.1 * d["units_per_yr"])
    changed = study.with_table("demand", more)
    assert changed.digest != first
    assert asked == ["demand"]
    assert changed.with_table("demand", study.demand).digest == first
    assert Study.from_tables(changed.settings, changed.tables).digest == changed.digest
    assert study.with_settings(study={"name": "another"}).digest not in {first, changed.digest}
