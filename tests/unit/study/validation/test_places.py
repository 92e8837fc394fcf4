"""Points against the state, province and country of their rows; hints at the region that is meant, never at another."""

from __future__ import annotations

import unicodedata

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import evsiting as ev
from evsiting import reference
from evsiting.errors import DataWarning, InputError
from evsiting.study.canonical.region_names import meant_region
from evsiting.study.canonical.territory import km_from, likely_cause, nearest
from evsiting.study.findings import Findings
from evsiting.study.validation.names import near_names
from evsiting.study.validation.places import LIMITS, check_points
from tests.layer_studies import bare_study, points

MEMPHIS = (-90.05, 35.15)


def told(table: str, *rows: tuple[str, float, float], **columns: object) -> Findings:
    """Return what is found of some points."""
    found = Findings()
    key = {"sites": "site", "markets": "market", "suppliers": "supplier"}[table]
    frame = points(key, rows, **{"country": np.nan, "region": np.nan, **columns})
    check_points({table: frame}, found)
    return found


@pytest.mark.parametrize(
    ("country", "region"), [("US", "US-CA"), ("CA", "CA-NL"), ("MX", np.nan), (np.nan, "US-WY"), ("CA", np.nan)]
)
def test_a_point_far_from_what_its_row_says_is_told(country: object, region: object) -> None:
    rows = {"country": [country, "MX", "CA", "US"], "region": [region, "MX-NLE", "CA-ON", "US-MI"]}
    with pytest.warns(
        DataWarning, match=r"1 of 4 points is more than 10 km outside.*memphis: [\d,]+ km from .*in US-TN"
    ):
        bare_study(sites=bare_study().sites.assign(**rows))


def test_a_point_on_the_other_side_of_the_continent_is_refused() -> None:
    rows = {"country": ["US", "MX", "CA", "US"], "region": ["US-AK", "MX-NLE", "CA-ON", "US-MI"]}
    with pytest.raises(
        InputError, match=r"1 of 4 points is more than 3,000 km from .*memphis: [\d,]+ km from .*in US-TN"
    ):
        bare_study(sites=bare_study().sites.assign(**rows))


def test_a_point_a_little_off_is_told() -> None:
    rows = {"country": ["US", "MX", "CA", "US"], "region": ["US-MS", "MX-NLE", "CA-ON", "US-MI"]}
    with pytest.warns(DataWarning, match=r"more than 10 km outside.*memphis: 16 km from US-MS, in US-TN"):
        bare_study(sites=bare_study().sites.assign(**rows))


@pytest.mark.parametrize("table", ["sites", "markets"])
def test_every_city_and_label_point_is_in_its_own_region_and_country(table: str) -> None:
    places, cities = reference.jurisdictions(), reference.cities()
    both = pd.concat([cities[["iso", "country", "lon", "lat"]], places[["iso", "country", "lon", "lat"]]])
    rows = [(f"p{k}", x, y) for k, (x, y) in enumerate(zip(both["lon"], both["lat"], strict=True))]
    for columns in ({"country": both["country"].tolist(), "region": both["iso"].tolist()}, {}):
        found = told(table, *rows, **columns)
        assert (found.warnings, found.problems) == ([], [])
    countries = cities.groupby("country").head(300)
    rows = [(f"p{k}", x, y) for k, (x, y) in enumerate(zip(countries["lon"], countries["lat"], strict=True))]
    assert not told(table, *rows, country=countries["country"].tolist()).warnings


def test_crossings_ports_and_islands_are_no_false_alarm() -> None:
    ports = reference.ports().query("role == 'north_america'")
    rows = [(c, x, y) for c, x, y in zip(ports["unlocode"], ports["lon"], ports["lat"], strict=True)]
    assert not told("sites", *rows, country=ports["country"].tolist(), region=ports["iso"].tolist()).warnings
    islands = (("keys", -81.78, 24.55), ("attu", 173.2, 52.9), ("block", -71.58, 41.17), ("pelee", -82.65, 41.77))
    assert not told("sites", *islands, region=["US-FL", "US-AK", "US-RI", "CA-ON"]).warnings


def test_points_in_the_sea_are_told_and_those_far_out_refused() -> None:
    found = told("sites", ("rig", -90.0, 28.0), region="US-LA")
    assert "in the sea, more than 25 km from land" in found.warnings[0]
    found = told("sites", ("atlantic", -55.0, 32.0))
    assert "more than 200 km from all land" in str(found.problems[0][1])
    assert not told("markets", ("near", -89.4, 28.9), region="US-LA").warnings


def test_suppliers_by_country_and_those_abroad() -> None:
    assert not told("suppliers", ("busan", 129.04, 35.1), country="KR").problems
    found = told("suppliers", ("s", *MEMPHIS), country="KR")
    assert "KR lies in US-TN" in found.warnings[0]
    assert "in US-TN" in told("suppliers", ("s", *MEMPHIS), country="MX").warnings[0]


@pytest.mark.parametrize(
    ("point", "port", "km"),
    [((129.04, 35.1), "USLAX", "9,666 km to USLAX"), ((0.0, 0.0), "KRPUS", "13,468 km to KRPUS")],
)
def test_a_port_an_ocean_away_from_its_supplier_is_told(point: tuple[float, float], port: str, km: str) -> None:
    assert km in told("suppliers", ("busan", *point), country="KR", port=port).warnings[0]
    for near, known in (((129.04, 35.1), "KRPUS"), ((106.5, 29.5), "CNSHA"), ((129.04, 35.1), "KRXXX")):
        assert not told("suppliers", ("s", *near), country="KR", port=known).warnings


def packed(degrees: np.ndarray, parts: int) -> np.ndarray:
    """Return degrees as one number, minutes and seconds behind: 350900 for 35.15."""
    whole, rest = np.divmod(np.round(np.abs(degrees) * 60.0**parts), 60.0**parts)
    for k in range(parts - 1, -1, -1):
        part, rest = np.divmod(rest, 60.0**k)
        whole = 100.0 * whole + part
    return np.copysign(whole, degrees)


@pytest.mark.parametrize(
    ("turn", "cause"),
    [
        (lambda x, y: (y, x), "swapped"),
        (lambda x, y: (-x, y), "sign of the longitude is lost"),
        (lambda x, y: (x, -y), "sign of the latitude"),
        (lambda x, y: (1e6 * x, 1e6 * y), "times 1,000,000"),
        (lambda x, y: (0.0 * x, 0.0 * y), "zeros"),
        (lambda x, y: (0.0 * x - 9999.0, 0.0 * y - 9999.0), "-9999 stands for"),
        (lambda x, y: (x + 360.0, y), "eastward from 0 to 360"),
        (lambda x, y: (packed(x, 2), packed(y, 2)), "degrees, minutes and seconds in one number"),
        (lambda x, y: (packed(x, 1), packed(y, 1)), "degrees and minutes in one number"),
        (lambda x, y: (x + 6.0, y), "another UTM zone: they fit 1 farther west"),
        (lambda x, y: (x - 12.0, y), "another UTM zone: they fit 2 farther east"),
        (lambda x, y: (6378137.0 * np.radians(x), 6378137.0 * np.arcsinh(np.tan(np.radians(y)))), "Web Mercator"),
        (lambda x, y: (5e5 + 1e3 * x, 4e6 + 1e3 * y), "projected coordinates"),
    ],
)
def test_the_likely_cause_is_named(turn: object, cause: str) -> None:
    cities = reference.cities().query("iso == 'US-TN'")
    x, y = cities["lon"].to_numpy(), cities["lat"].to_numpy()
    assert cause in likely_cause(*turn(x, y), cities["iso"])
    assert likely_cause(x, y + 3.0) == ""  # nothing fits


def test_a_wrong_utm_zone_of_a_study_is_named() -> None:
    cities = reference.cities().query("iso == 'US-NV'").head(6)
    frame = gpd.GeoDataFrame(
        {"site": cities["name"], "region": "US-NV"}, geometry=gpd.points_from_xy(cities["lon"], cities["lat"]), crs=4326
    )
    wrong = frame.to_crs(32611).set_crs(32612, allow_override=True)
    with pytest.raises(InputError, match="another UTM zone: they fit 1 farther west"):
        bare_study(sites=wrong)


def test_distances_are_those_of_polygons_and_known_places() -> None:
    iso, km = nearest(np.array([-81.78]), np.array([24.55]))
    assert (iso[0], km[0]) == ("US-FL", pytest.approx(0.0, abs=1.0))
    far = km_from(
        pd.Series(["US-NY"]),
        *(np.array([v]) for v in reference.jurisdictions().set_index("iso").loc["US-NY", ["lon", "lat"]].astype(float)),
    )
    assert far[0] == pytest.approx(0.0, abs=1e-6)
    assert all(limit.doubtful < limit.refused and limit.shore < limit.sea for limit in LIMITS.values())


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    ("text", "country", "region"),
    [
        ("MX-DIF", "MX", "MX-CMX"),
        ("MX-DF", "MX", "MX-CMX"),
        ("D.F.", "MX", "MX-CMX"),
        ("CA-NF", "CA", "CA-NL"),
        ("CA-PQ", "CA", "CA-QC"),
        ("MX-NL", "MX", "MX-NLE"),
        ("NL", "MX", "MX-NLE"),
        ("NL", "CA", "CA-NL"),
        ("NL", "", ""),
        ("NL", "US", ""),
        ("US-47", "US", "US-TN"),
        ("47", "US", "US-TN"),
        ("1", "US", "US-AL"),
        ("47", "", ""),
        ("19", "MX", "MX-NLE"),
        ("NUEVO LEÓN", "", "MX-NLE"),
        ("Québec", "CA", "CA-QC"),
        ("Estado de México", "MX", "MX-MEX"),
        ("México", "MX", ""),
        ("Terre-Neuve-et-Labrador", "CA", "CA-NL"),
        ("Newfoundland", "CA", "CA-NL"),
        ("Tennessee, USA", "US", "US-TN"),
        ("us_tn", "US", "US-TN"),
        ("Tenessee", "US", "US-TN"),
        ("Carolina", "US", ""),
        ("US-TNN", "US", ""),
        ("US-PR", "US", ""),
        ("GU", "US", ""),
        ("Ontario", "US", ""),
        ("CA-NLE", "MX", ""),
        ("NA", "MX", ""),
    ],
)
def test_the_region_that_is_meant_or_none(text: str, country: str, region: str, form: str) -> None:
    assert meant_region(unicodedata.normalize(form, text), country) == region


def test_messages_hint_at_the_region_of_the_row() -> None:
    rows = {"country": ["CA", "MX", "US", "US"], "region": ["NL", "NL", "US-PR", "US-26"]}
    with pytest.raises(InputError) as caught:
        bare_study(sites=bare_study().sites.assign(**rows))
    text = str(caught.value)
    assert "CA-NL for 'NL' in CA, MX-NLE for 'NL' in MX" in text
    assert "US-MI for 'US-26'" in text
    assert "No figures are shipped for Puerto Rico" in text


@pytest.mark.parametrize(
    ("name", "known", "near"),
    [
        ("memphis", ["US-TN-memphis", "US-TN-nashville"], ["US-TN-memphis"]),
        ("US-TN-nashvile", ["US-TN-memphis", "US-TN-nashville"], ["US-TN-nashville"]),
        ("US-TN-knoxville", ["US-TN-memphis", "US-GA-atlanta"], []),
        ("S9", ["S1", "S2"], []),
        ("plant-12", ["plant-13", "plant-21"], []),
        ("Montreal", ["montréal"], ["montréal"]),
        ("sur-tax", ["surtax"], ["surtax"]),
        ("packs", ["pack", "cell"], ["pack"]),
        ("zzz", ["pack", "cell"], []),
    ],
)
def test_names_are_hinted_at_only_where_they_are_near(name: str, known: list[str], near: list[str]) -> None:
    assert near_names(name, known) == near


def test_regions_that_are_empty_are_found_from_the_point() -> None:
    made = ev.complete(bare_study())
    assert made.sites["region"].tolist() == ["US-TN", "MX-NLE", "CA-ON", "US-MI"]
