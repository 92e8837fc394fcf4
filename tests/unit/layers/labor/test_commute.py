"""Commuting sheds and pools: people within reach by hand, national totals, nobody twice, bad layers by name."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

import evsiting as ev
from evsiting import reference
from evsiting.errors import CrsError, DataWarning, InputError
from evsiting.layers.labor.areas import city_areas, normalize_areas, read_areas, with_labor
from evsiting.layers.labor.commute import Reach, shed_weights
from evsiting.study.study import Study
from tests.layer_studies import bare_study

#: Most areas of these tests lie around Memphis alone.
pytestmark = pytest.mark.filterwarnings("ignore:.*no area of the sites:evsiting.errors.DataWarning")

MEMPHIS = (-90.05, 35.15)
SHED = ["shed_population_persons", "shed_workers_persons", "shed_unemployed_persons"]


@pytest.fixture(scope="module")
def study() -> Study:
    places = {"country": ["US", "MX", "CA", "US"], "region": ["US-TN", "MX-NLE", "CA-ON", "US-MI"]}
    return bare_study(sites=bare_study().sites.assign(**places))


def away(km: float, azimuth: float = 90.0) -> tuple[float, float]:
    """Return the point at a distance from Memphis."""
    lon, lat, _ = pyproj.Geod(ellps="WGS84").fwd(*MEMPHIS, azimuth, 1000.0 * km)
    return lon, lat


def towns(*km: float, **columns: object) -> gpd.GeoDataFrame:
    """Return towns of 1,000 persons, 500 of them in the labor force, east of Memphis."""
    places = [away(d) for d in km]
    frame = {
        "id": [f"t{d:g}" for d in km],
        "iso": "US-TN",
        "population": 1000.0,
        "labor_force": 500.0,
        "unemployed": 25.0,
    }
    points = gpd.points_from_xy([p[0] for p in places], [p[1] for p in places])
    return gpd.GeoDataFrame({**frame, **columns}, geometry=points, crs="EPSG:4326")


def square(km: float, **columns: object) -> gpd.GeoDataFrame:
    """Return a square around Memphis with sides of a length, drawn in a local plane."""
    crs = f"+proj=aeqd +lat_0={MEMPHIS[1]} +lon_0={MEMPHIS[0]} +units=m +ellps=WGS84"
    half = 500.0 * km
    return gpd.GeoDataFrame(columns, geometry=[shapely.box(-half, -half, half, half)], crs=crs)


def people_at(study: Study, areas: gpd.GeoDataFrame, **given: object) -> pd.DataFrame:
    return ev.apply_layers(study, ev.commute_shed(areas, **given)).sites.set_index("site")


def test_those_within_the_ring_count_in_full(study: Study) -> None:
    made = people_at(study, towns(0.0, 59.99, 60.01), radius_km=60.0)
    assert made.loc["memphis", SHED].tolist() == [2000.0, 1000.0, 50.0]
    assert made.loc["detroit", SHED].isna().all()  # nothing is known of it


@pytest.mark.parametrize(
    ("decay", "weights"), [("linear", (1.0, 0.5, 0.0)), ("exponential", (1.0, 0.5 ** (30 / 20), 0.5 ** (60 / 20)))]
)
def test_those_far_off_count_less_by_the_formula(study: Study, decay: str, weights: tuple[float, ...]) -> None:
    made = people_at(study, towns(0.0, 30.0, 59.999999), radius_km=60.0, decay=decay, half_km=20.0)
    assert made.loc["memphis", SHED[0]] == pytest.approx(1000.0 * sum(weights), rel=1e-6)


def test_polygons_count_by_the_part_of_their_surface(study: Study) -> None:
    areas = square(200.0, id=["a"], iso=["US-TN"], population=[1e6], labor_force=[5e5], unemployed=[2e4])
    made = people_at(study, areas, radius_km=50.0)
    part = np.pi * 50.0**2 / 200.0**2
    assert made.loc["memphis", SHED].to_numpy() == pytest.approx([1e6 * part, 5e5 * part, 2e4 * part], rel=2e-3)


def test_polygons_with_decay_are_weighed_ring_by_ring(study: Study) -> None:
    areas = square(200.0, id=["a"], iso=["US-TN"], population=[1e6], labor_force=[5e5], unemployed=[2e4])
    made = people_at(study, areas, radius_km=60.0, decay="linear")
    by_hand = 1e6 * np.pi * 60.0**2 / 3.0 / 200.0**2  # a cone over the disc
    assert made.loc["memphis", SHED[0]] == pytest.approx(by_hand, rel=5e-3)


def test_areas_of_another_country_stay_out_unless_asked(study: Study) -> None:
    windsor = gpd.GeoDataFrame(
        {"id": ["w"], "iso": ["CA-ON"], "population": [9e3], "labor_force": [4e3], "unemployed": [1e2]},
        geometry=gpd.points_from_xy([-83.04], [42.31]),
        crs="EPSG:4326",
    )
    assert np.isnan(people_at(study, windsor).loc["detroit", SHED[0]])
    assert people_at(study, windsor, across_borders=True).loc["detroit", SHED[0]] == 9e3


def test_travel_times_go_before_distance(study: Study) -> None:
    areas = towns(0.0, 500.0)
    times = pd.DataFrame(np.inf, index=study.sites["site"], columns=areas["id"])
    times.loc["memphis", "t500"] = 30.0
    made = people_at(study, areas, times=times, max_minutes=45.0, decay="exponential", half_minutes=15.0)
    assert made.loc["memphis", SHED[0]] == pytest.approx(250.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(index="detroit"), "1 of 4 sites has no row.*detroit"),
        (lambda t: t.drop(columns="t0"), "1 of 2 areas has no column.*t0"),
        (lambda t: t.mask(t == t, np.nan), "missing, negative or no numbers.*inf where there is no way"),
        (lambda t: t.astype(str).replace("20.0", "x"), "memphis to t0: x"),
    ],
)
def test_bad_travel_times_are_told(study: Study, change: object, message: str) -> None:
    areas = towns(0.0, 10.0)
    times = change(pd.DataFrame(20.0, index=study.sites["site"], columns=areas["id"]))
    with pytest.raises(InputError, match=message):
        ev.apply_layers(study, ev.commute_shed(areas, times=times))


def test_tightness_is_staff_over_the_unemployed(study: Study) -> None:
    staff = pd.Series({"memphis": 100.0, "monterrey": 5, "toronto": 5, "detroit": 5})
    made = people_at(study, towns(0.0, 10.0), staff=staff)
    assert made.loc["memphis", "labor_tightness"] == pytest.approx(2.0)
    assert np.isnan(made.loc["detroit", "labor_tightness"])


def test_provenance_states_reach_decay_boundary_and_source(study: Study) -> None:
    areas = towns(0.0, source="my_census", year=2024)
    made = ev.apply_layers(study, ev.commute_shed(areas, decay="exponential", half_km=20.0))
    row = made.sources.query("column == 'shed_workers_persons'").iloc[0]
    assert (row["source"], row["year"], row["quality"]) == ("my_census", "2024", "derived")
    assert row["boundary"] == "within 60 km; sheds overlap"
    assert "half for each 20 km" in row["note"]


def test_shipped_areas_say_of_which_years_they_are(study: Study) -> None:
    made = ev.apply_layers(study, ev.commute_shed()).provenance.set_index("column")["year"]
    people = {"2024", "2021", "2020"}
    assert set(made[SHED[0]].split(";")) == people
    assert set(made[SHED[1]].split(";")) >= people | {"2019"}
    pools = ev.labor_pools(study).provenance.set_index("column")["year"]
    assert pools["available_fte"] == made[SHED[1]]


def test_the_shipped_areas_add_up_to_every_jurisdiction() -> None:
    areas, places = city_areas(), reference.jurisdictions().set_index("iso")["population"].astype(float)
    for column, total in (("population", places), ("labor_force", reference.fact("labor_force"))):
        sums = areas.groupby("iso")[column].sum()
        assert set(sums.index) == set(total.index)
        np.testing.assert_allclose(sums, total.reindex(sums.index), rtol=1e-12)
    assert areas["population"].sum() == pytest.approx(places.sum(), rel=1e-12)
    rate = 0.01 * reference.fact("unemployment_rate")
    idle = areas.groupby("iso")["unemployed"].sum().reindex(rate.index)
    np.testing.assert_allclose(idle, rate * reference.fact("labor_force").reindex(rate.index), rtol=1e-12)


def test_official_files_add_up_to_the_nations(shared: Path) -> None:
    files = [shared / "data" / f"{name}.csv" for name in ("counties", "census_divisions", "municipios")]
    areas = read_areas(*files)
    assert len(areas) == 5906
    by_state = areas.groupby("iso")[["population", "labor_force"]].sum()
    people = reference.jurisdictions().set_index("iso")["population"].astype(float)
    np.testing.assert_allclose(by_state["population"], people.reindex(by_state.index), rtol=1e-12)
    np.testing.assert_allclose(
        by_state["labor_force"], reference.fact("labor_force").reindex(by_state.index), rtol=1e-9
    )
    assert areas.loc[areas["iso"] == "US-CT", "imputed"].all()
    assert (areas["unemployed"] <= areas["labor_force"]).all()


def test_a_county_that_says_its_labor_keeps_it_and_the_rest_is_shared(tmp_path: Path) -> None:
    file = tmp_path / "areas.csv"
    lines = [
        "id,iso,pop,lat,lon,labor_force",
        "1,US-TN,4000000,35.1,-90,400000",
        "2,US-TN,2400000,36,-86,",
        "3,US-TN,800000,36,-84,",
    ]
    file.write_text("\n".join(lines) + "\n")
    areas = read_areas(file, columns={"population": "pop"}).set_index("id")
    rest = reference.fact("labor_force")["US-TN"] - 400_000
    assert areas["labor_force"].tolist() == pytest.approx([400_000, 0.75 * rest, 0.25 * rest])
    assert areas["imputed"].tolist() == [True, True, True]  # the unemployed of the first are shared too


def test_a_county_alone_takes_its_part_of_the_states_labor_and_no_more() -> None:
    columns = {"id": ["47157"], "iso": ["US-TN"], "population": [900e3]}
    one = gpd.GeoDataFrame(columns, geometry=[shapely.Point(MEMPHIS)])
    made = with_labor(normalize_areas(one.set_crs(4326))).iloc[0]
    people = float(reference.jurisdictions().set_index("iso").loc["US-TN", "population"])
    part = 900e3 / people
    force, rate = reference.fact("labor_force")["US-TN"], 0.01 * reference.fact("unemployment_rate")["US-TN"]
    assert made["labor_force"] == pytest.approx(part * force, rel=1e-9)
    assert made["unemployed"] == pytest.approx(part * force * rate, rel=1e-9)


def test_rates_that_look_like_fractions_and_people_counted_twice_are_told() -> None:
    with pytest.warns(DataWarning, match="no rate is above 0.05 percent.*multiply them by 100"):
        normalize_areas(towns(0.0).drop(columns="unemployed").assign(unemployment_rate_pct=0.05))
    with pytest.warns(DataWarning, match="far more people than the state .US-TN: .* times its own"):
        normalize_areas(towns(0.0, 10.0, population=8e6))


def test_no_person_counts_for_two_states(study: Study) -> None:
    """Areas on a border belong to one jurisdiction, and a shed takes each of them once."""
    areas = city_areas()
    assert areas["id"].is_unique
    weights = shed_weights(study.sites, areas, Reach(80.0))
    assert (weights.toarray() <= 1.0).all()
    assert sorted({len(i) for i in areas["iso"]}) == [5, 6]


@pytest.mark.parametrize("method", ["connected", "nearest"])
def test_pools_share_out_each_person_once(study: Study, method: str) -> None:
    areas = towns(0.0, 30.0, 60.0, 90.0)
    near = study.sites.copy()
    near.loc[near["site"] == "detroit", "geometry"] = shapely.Point(*away(60.0))
    near.loc[near["site"] == "detroit", "region"] = "US-TN"
    twins = Study.from_tables(study.settings, {**study.tables, "sites": near})
    made = ev.labor_pools(twins, areas, radius_km=45.0, method=method)
    pools = made.labor_pools.set_index("pool")["available_fte"]
    assert pools.sum() == pytest.approx(0.03 * 4 * 500.0)
    where = made.sites.set_index("site")["labor_pool"]
    assert (where["memphis"] == where["detroit"]) == (method == "connected")
    sheds = people_at(twins, areas, radius_km=45.0)[SHED[1]]
    assert sheds[["memphis", "detroit"]].sum() > 4 * 500.0  # sheds overlap, pools do not


def test_participation_is_the_studys_own_and_staff_there_adds(study: Study) -> None:
    own = pd.DataFrame({"key": ["labor.participation"], "value": [0.1], "unit": ["1"]})
    with_own = Study.from_tables(study.settings, {**study.tables, "parameters": own})
    made = ev.labor_pools(with_own, towns(0.0), beside=pd.Series({"memphis": 70.0}))
    assert made.labor_pools.set_index("pool").loc["pool-memphis", "available_fte"] == pytest.approx(120.0)


def test_pools_of_the_study_stay_unless_told(study: Study) -> None:
    made = ev.labor_pools(study, towns(0.0))
    with pytest.raises(InputError, match="pools of its own.*replace=True"):
        ev.labor_pools(made, towns(0.0))
    assert len(ev.labor_pools(made, towns(0.0), replace=True).labor_pools) == 1


def test_the_frames_given_stay_as_they_are(study: Study) -> None:
    areas = towns(0.0, 10.0).to_crs("ESRI:102008").set_index(pd.Index([7, 3]))
    before, crs = areas.copy(), areas.crs
    made = ev.apply_layers(study, ev.commute_shed(areas))
    pd.testing.assert_frame_equal(pd.DataFrame(areas), pd.DataFrame(before))
    assert areas.crs == crs
    assert made.sites["site"].tolist() == study.sites["site"].tolist()


def _mixed() -> gpd.GeoDataFrame:
    """Return points in degrees and in metres put together, as a careless concat does."""
    far = towns(10.0).to_crs("ESRI:102008").geometry.iloc[0]
    both = towns(0.0, 10.0)
    return both.set_geometry([both.geometry.iloc[0], far], crs="EPSG:4326")


def _bowtie() -> gpd.GeoDataFrame:
    shape = shapely.Polygon([(-90, 35), (-89, 36), (-89, 35), (-90, 36)])
    return gpd.GeoDataFrame({"id": ["b"], "iso": "US-TN", "population": [1.0]}, geometry=[shape], crs="EPSG:4326")


def _over_each_other() -> gpd.GeoDataFrame:
    shapes = [shapely.box(-91, 35, -89, 36), shapely.box(-90, 35, -88, 36)]
    return gpd.GeoDataFrame({"id": ["a", "b"], "iso": "US-TN", "population": 1.0}, geometry=shapes, crs="EPSG:4326")


@pytest.mark.parametrize(
    ("areas", "kind", "message"),
    [
        (lambda: towns(0.0).set_crs(None, allow_override=True), CrsError, "areas: has no coordinate reference system"),
        (_mixed, CrsError, "1 of 2 geometries is not in degrees"),
        (lambda: towns(0.0).iloc[:0], InputError, "areas: is empty"),
        (_bowtie, InputError, "1 of 1 geometry is invalid.*Self-intersection"),
        (lambda: towns(0.0, population=np.nan), InputError, "column 'population': 1 of 1 value is missing"),
        (lambda: towns(0.0, population=-5.0), InputError, "column 'population': 1 of 1 value is missing.*-5"),
        (lambda: towns(0.0).drop(columns="population"), InputError, "column 'population': is missing"),
        (lambda: towns(0.0, unemployed=900.0), InputError, "more unemployed than labor force"),
        (lambda: towns(0.0, iso="TN"), InputError, "column 'iso': 1 of 1 area lies in no known state.*TN.*US-TN"),
        (
            lambda: towns(0.0, 10.0).assign(id="t"),
            InputError,
            "column 'id': 2 rows name an area that another names too",
        ),
        (_over_each_other, InputError, "areas lie over each other.*a and b"),
        (lambda: pd.DataFrame(towns(0.0)), InputError, "areas: is no GeoDataFrame"),
        (
            lambda: gpd.GeoDataFrame(pd.concat([towns(0.0), _over_each_other()])),
            InputError,
            "points and areas are mixed",
        ),
    ],
)
def test_bad_areas_are_told_by_name(study: Study, areas: object, kind: type[InputError], message: str) -> None:
    with pytest.raises(kind, match=message):
        ev.apply_layers(study, ev.commute_shed(areas()))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "a.csv: cannot be read"),
        ("a.csv", "id,name,population,lat,lon\n1,Montréal,5,45.5,-73.6\n".encode("latin-1"), "no text in UTF-8"),
        ("a.csv", b"id;population;lat;lon\n1;5;45,5;-73,6\n", "column 'lat': is missing.*parted by commas"),
        ("a.csv", b"id,population,lat,lon\n1,5,,-73.6\n2,5,north,-73.6\n", "'lat': 2 of 2 values.*row 1: north"),
        ("a.csv", b"population,lat,lon\n5,45.5,-73.6\n", "column 'id': is missing"),
        ("a.csv", b"id,population,lat,lon\n1,5,-73.6,45.5\n", "longitude and latitude look swapped"),
        ("a.gpkg", b"none", "a.gpkg: cannot be read"),
        ("a.parquet", b"none", "a.parquet: cannot be read"),
    ],
)
def test_bad_files_of_areas_are_told_by_name(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_areas(tmp_path / name)


def test_areas_are_read_from_any_file(tmp_path: Path) -> None:
    shape = gpd.GeoDataFrame({"id": ["x"], "population": [1e4]}, geometry=[shapely.box(-87, 35.5, -86, 36.3)], crs=4326)
    shape.to_file(tmp_path / "a.geojson")
    shape.to_crs("ESRI:102008").to_parquet(tmp_path / "a.parquet")
    one, other = (read_areas(tmp_path / name) for name in ("a.geojson", "a.parquet"))
    assert one[["id", "iso", "population"]].equals(other[["id", "iso", "population"]])
    assert other.crs.to_epsg() == 4326


@pytest.mark.parametrize("given", [{"radius_km": 0.0}, {"decay": "steep"}, {"half_km": np.nan}, {"radius_km": "60"}])
def test_what_is_no_reach_is_told(given: dict[str, object]) -> None:
    with pytest.raises(InputError, match="commute_shed"):
        ev.commute_shed(**given)


@pytest.mark.parametrize("staff", ["many", -1.0, pd.Series([1.0, 2.0], index=["memphis", "memphis"])])
def test_what_is_no_staff_is_told(study: Study, staff: object) -> None:
    with pytest.raises(InputError, match="commute_shed, staff"):
        ev.apply_layers(study, ev.commute_shed(towns(0.0), staff=staff))


@pytest.mark.parametrize(
    "beside", [[500.0], pd.Series(["a"], index=["memphis"]), pd.Series(1.0, index=["memphis"] * 2)]
)
def test_what_is_no_staff_beside_is_told(study: Study, beside: object) -> None:
    with pytest.raises(InputError, match="labor_pools, beside"):
        ev.labor_pools(study, towns(0.0), beside=beside)
