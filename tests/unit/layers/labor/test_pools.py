"""Labor pools: each person once, by weight and then by distance; staff that is there, and pools that give way."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from scipy import sparse

import evsiting as ev
from evsiting.errors import InputError
from evsiting.layers.labor.commute import Reach, countries_of, shed_weights
from evsiting.layers.labor.pools import _by_weight, _connected_groups, _staff_already_there, _workers
from evsiting.study.study import Study
from tests.layer_studies import bare_study

MEMPHIS = (-90.05, 35.15)


def east(km: float) -> tuple[float, float]:
    lon, lat, _ = pyproj.Geod(ellps="WGS84").fwd(*MEMPHIS, 90.0, 1000.0 * km)
    return lon, lat


def towns(*km: float) -> gpd.GeoDataFrame:
    """Return towns of 500 persons in the labor force, east of Memphis."""
    frame = {
        "id": [f"t{d:g}" for d in km],
        "iso": "US-TN",
        "population": 1000.0,
        "labor_force": 500.0,
        "unemployed": 25.0,
    }
    return gpd.GeoDataFrame(frame, geometry=[shapely.Point(east(d)) for d in km], crs="EPSG:4326")


@pytest.fixture(scope="module")
def study() -> Study:
    """Return four sites in a row of 100 km steps from Memphis."""
    sites = bare_study().sites
    sites["geometry"] = [shapely.Point(east(100.0 * k)) for k in range(4)]
    return bare_study(sites=sites.assign(country="US", region="US-TN"))


def fte(made: Study) -> dict[str, float]:
    return dict(made.labor_pools[["pool", "available_fte"]].itertuples(index=False, name=None))


@pytest.mark.filterwarnings("ignore:labor_pools. no area")
def test_an_area_of_equal_weight_goes_to_the_nearest_site(study: Study) -> None:
    """Without decay all within reach weigh 1: a town 90 km east of Memphis is the second site's, 10 km from it."""
    made = ev.labor_pools(study, towns(90.0), radius_km=95.0, method="nearest")
    pools = fte(made)
    assert pools["pool-monterrey"] == pytest.approx(0.03 * 500.0)
    assert pools["pool-memphis"] == 0.0


@pytest.mark.filterwarnings("ignore:labor_pools. no area")
def test_sheds_that_touch_over_others_are_one_pool(study: Study) -> None:
    made = ev.labor_pools(study, towns(50.0, 150.0), radius_km=60.0)
    assert fte(made) == {"pool-memphis": pytest.approx(0.03 * 1000.0)}
    assert made.sites["labor_pool"].fillna("").tolist() == ["pool-memphis"] * 3 + [""]


@pytest.mark.filterwarnings("ignore:labor_pools. no area")
def test_the_largest_weight_in_a_pool_counts(study: Study) -> None:
    """A town 30 km from one site and 70 from the next counts 2 ** -(30 / 25) in their pool, once."""
    made = ev.labor_pools(study, towns(30.0), radius_km=80.0, decay="exponential", half_km=25.0)
    assert fte(made)["pool-memphis"] == pytest.approx(0.03 * 500.0 * 2.0 ** (-30.0 / 25.0), rel=1e-6)


@pytest.mark.filterwarnings("ignore:labor_pools. no area")
def test_provenance_of_pools_that_give_way_goes_with_them(study: Study) -> None:
    first = ev.labor_pools(study, towns(0.0), radius_km=60.0)
    again = ev.labor_pools(first, towns(0.0), radius_km=30.0, replace=True)
    notes = again.provenance.query("table == 'labor_pools'")["note"].tolist()
    assert len(notes) == 1
    assert "within 30 km" in notes[0]
    assert (again.parameters["key"] == "labor.participation").sum() == 1


def test_what_is_asked_for_must_be_possible(study: Study) -> None:
    with pytest.raises(InputError, match="method: is none of the choices .'both'"):
        ev.labor_pools(study, towns(0.0), method="both")
    with pytest.raises(InputError, match="no area lies within reach of any site"), pytest.warns(ev.DataWarning):
        ev.labor_pools(study, towns(-500.0).assign(iso="US-OK"), radius_km=1.0)


def test_connected_is_by_shared_areas() -> None:
    weights = sparse.csr_array(np.array([[1.0, 0.0, 0.0], [0.5, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]))
    number = _connected_groups(weights)
    assert number[0] == number[1]
    assert len(set(number.tolist())) == 3


def test_pairs_come_heaviest_first_and_of_equals_the_nearest(study: Study) -> None:
    weights = sparse.csr_array(np.array([[1.0, 0.2], [1.0, 0.9], [0.0, 0.9], [0.0, 0.0]]))
    site, area, weight = _by_weight(weights, study.sites, towns(60.0, 170.0))
    assert area.tolist() == [0, 0, 1, 1, 1]
    assert site.tolist() == [1, 0, 2, 1, 0]  # 40 km before 60; 30 km before 70, and the lighter last
    assert weight.tolist() == [1.0, 1.0, 0.9, 0.9, 0.2]
    workers = _workers((site, area, weight), np.array([100.0, 10.0]), np.arange(4))
    assert workers.tolist() == [0.0, 100.0, 9.0, 0.0]


def test_the_country_of_a_site_is_known_by_state_or_point_too() -> None:
    """People of another country do not count before the study says in which country a site lies either."""
    sites = bare_study().sites
    assert countries_of(sites).tolist() == ["US", "MX", "CA", "US"]
    assert countries_of(sites.assign(region=["CA-ON", None, None, None])).tolist() == ["CA", "MX", "CA", "US"]
    assert countries_of(sites.assign(country="MX", region="CA-ON")).tolist() == ["MX"] * 4
    at_sea = sites.set_geometry(gpd.points_from_xy([-60.0] * 4, [30.0] * 4), crs=4326)
    assert countries_of(at_sea).tolist() == [""] * 4
    windsor = towns(0.0).assign(iso="CA-ON").set_geometry([shapely.Point(-83.04, 42.31)], crs=4326)
    assert shed_weights(sites, windsor, Reach(60.0)).sum() == 0.0
    assert shed_weights(sites, windsor, Reach(60.0), across_borders=True).sum() == 1.0


SITES = pd.DataFrame({"site": ["a", "7"]})


@pytest.mark.parametrize(
    ("beside", "staff"),
    [
        (None, [0.0, 0.0]),
        (pd.Series({"a": 5}), [5.0, 0.0]),
        (pd.Series({7: 2.5, " a ": 1.0}), [1.0, 2.5]),
        (pd.Series({"a": "3"}), [3.0, 0.0]),
        (pd.Series({}, dtype=float), [0.0, 0.0]),
    ],
)
def test_staff_that_is_there_by_site(beside: pd.Series | None, staff: list[float]) -> None:
    assert _staff_already_there(beside, SITES).tolist() == staff


@pytest.mark.parametrize(
    ("beside", "words"),
    [
        ({"a": 5.0}, "a dict"),
        (pd.Series([1.0, 2.0], index=["a", "a"]), "named twice: a"),
        (pd.Series([1.0, 2.0], index=["a", " a"]), "named twice: a"),
        (pd.Series([1.0, 2.0], index=[7, "7"]), "named twice: 7"),
        (pd.Series({"b": 1.0}), "unknown sites: b"),
        (pd.Series({"a": -1.0}), "missing, negative or infinite"),
        (pd.Series({"a": np.nan}), "missing, negative or infinite"),
        (pd.Series({"a": np.inf}), "missing, negative or infinite"),
        (pd.Series({"a": "many"}), "missing, negative or infinite"),
    ],
)
def test_what_is_no_staff_is_refused(beside: object, words: str) -> None:
    with pytest.raises(InputError, match="labor_pools, beside: is not staff by site") as caught:
        _staff_already_there(beside, SITES)
    assert words in str(caught.value)
