"""What a prefilter keeps and drops, and why; columns to score candidates by."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import evsiting as ev
from evsiting import reference
from evsiting.layers.geo.geodesic import great_circle_km
from evsiting.layers.sites.site_facts import SITE_FACTS


@pytest.fixture
def places() -> gpd.GeoDataFrame:
    """Return six places in two states, on a line, ten kilometres and more apart, in an odd order."""
    frame = {"site": list("fabcde"), "name": list("FABCDE"), "country": "US"}
    frame["region"] = ["US-IA", "US-KS", "US-KS", "US-KS", "US-KS", "US-IA"]
    points = gpd.points_from_xy([-90.0, -95.0, -94.9, -94.0, -93.0, -91.0], [40.0] * 6)
    return gpd.GeoDataFrame(frame, geometry=points, index=[9, 4, 2, 7, 1, 3], crs=4326)


@pytest.fixture
def score() -> pd.Series:
    """Return a score by code."""
    return pd.Series({"a": 0.9, "b": 0.95, "c": 0.5, "d": 0.7, "e": 0.1, "f": 0.2})


def kept(found: ev.Screening) -> str:
    return "".join(found.kept["site"])


def test_the_best_of_each_state_are_kept_in_the_order_given(places: gpd.GeoDataFrame, score: pd.Series) -> None:
    found = ev.prefilter(places.to_crs("EPSG:5070"), score, keep=1)
    assert kept(found) == "fb"
    assert found.kept.index.tolist() == [9, 2]
    assert found.kept.crs == "EPSG:5070"
    assert found.dropped["site"].tolist() == list("acde")
    assert found.dropped.loc[1, "seen"] == "score 0.5, number 4 of US-KS; 1 are kept"
    assert (found.dropped["reason"] == "not among the 1 best of its region").all()
    assert found.study is None


CALLS = {
    "together": ({"keep": 3, "per": ""}, "abd"),
    "by country": ({"keep": 2, "per": "country"}, "ab"),
    "by state, named": ({"keep": {"US-KS": 2, "US-IA": 0}}, "ab"),
    "by state, one named": ({"keep": {"US-IA": 1}}, "f"),
    "apart": ({"keep": 4, "spacing_km": 20.0}, "fbcde"),
    "far apart": ({"keep": 4, "spacing_km": 100.0}, "fbd"),
    "least score": ({"keep": 4, "least_score": 0.5}, "abcd"),
    "always": ({"keep": 1, "always": ["e", "c"]}, "fbce"),
    "all": ({"keep": 9}, "fabcde"),
}


@pytest.mark.parametrize(("call", "left"), CALLS.values(), ids=CALLS)
def test_rules_by_hand(places: gpd.GeoDataFrame, score: pd.Series, call: dict, left: str) -> None:
    found = ev.prefilter(places, score, **call)
    assert kept(found) == left
    assert sorted(kept(found) + "".join(found.dropped["site"])) == list("abcdef")
    assert (found.dropped["reason"] != "").all()
    assert found.summary["left"].iloc[-1] == len(found.kept)


def test_reasons_name_the_better_one_near_by(places: gpd.GeoDataFrame, score: pd.Series) -> None:
    found = ev.prefilter(places, score, keep=1, spacing_km=20.0)
    told = found.dropped.set_index("site")
    assert told.loc["a", "seen"] == "score 0.9; b near by has 0.95"
    assert told["step"].to_dict() == {"a": 1, "c": 2, "d": 2, "e": 2}
    assert found.steps == ("closer than 20 km to a better one", "not among the 1 best of its region")


def test_what_stands_is_kept_whatever_it_scores(places: gpd.GeoDataFrame, score: pd.Series) -> None:
    standing = places.assign(role=["existing", *["candidate"] * 5])
    found = ev.prefilter(standing, score, keep=1, least_score=0.15, spacing_km=100.0)
    assert kept(found) == "fb"  # e fails the score, f stands; the others are near b or d, or too many


def test_ties_go_to_the_first_code_and_the_order_of_rows_changes_nothing(places: gpd.GeoDataFrame) -> None:
    flat = pd.Series(1.0, index=list("abcdef"))
    assert sorted(kept(ev.prefilter(places, flat, keep=2))) == list("abef")
    turned = ev.prefilter(places.iloc[::-1], flat, keep=2)
    assert kept(turned) == "".join(reversed(kept(ev.prefilter(places, flat, keep=2))))


def test_a_prefilter_goes_on_from_exclusions(places: gpd.GeoDataFrame, score: pd.Series) -> None:
    first = ev.exclude(places.assign(dear=[0, 0, 1, 0, 0, 0]), "dear", above=0.5, reason="dear")
    found = ev.prefilter(first, score, keep=1)
    assert kept(found) == "fa"
    assert found.dropped["step"].tolist() == [1, 2, 2, 2]


def test_a_suitability_may_stand_for_the_scores(places: gpd.GeoDataFrame, score: pd.Series) -> None:
    given = places.assign(good=score[places["site"]].to_numpy())
    scored = ev.suitability(given, [ev.Criterion("good")])
    assert kept(ev.prefilter(places, scored, keep=1)) == "fb"
    some = ev.exclude(given, "good", below=0.15, reason="bad")
    assert kept(ev.prefilter(some, scored, keep=1)) == "fb"


BAD = {
    "per": ({"keep": 1, "per": "state"}, "is unknown"),
    "keep": ({"keep": -1}, "no number of sites"),
    "an unknown place": ({"keep": {"US-TX": 1}}, "names places that do not occur.*US-TX"),
    "spacing": ({"keep": 1, "spacing_km": -1.0}, "out of range"),
    "always": ({"keep": 1, "always": ["z"]}, "are no sites.*z"),
    "none left": ({"keep": 0}, "no site is left"),
    "text for km": ({"keep": 1, "spacing_km": "40"}, "out of range"),
    "text for a score": ({"keep": 1, "least_score": "1"}, "out of range"),
    "no list": ({"keep": 1, "always": None}, "are no sites.*None"),
}


@pytest.mark.parametrize(("call", "told"), BAD.values(), ids=BAD)
def test_bad_calls_are_told(places: gpd.GeoDataFrame, score: pd.Series, call: dict, told: str) -> None:
    with pytest.raises(ev.TableError, match=told):
        ev.prefilter(places, score, **call)


def test_a_whole_number_of_numpy_is_one(places: gpd.GeoDataFrame, score: pd.Series) -> None:
    assert kept(ev.prefilter(places, score, keep=np.int64(1))) == kept(ev.prefilter(places, score, keep=1))


def test_bad_scores_are_told(places: gpd.GeoDataFrame, score: pd.Series) -> None:
    with pytest.raises(ev.TableError, match="some sites have none.*a"):
        ev.prefilter(places, score.drop("a"), keep=1)
    with pytest.raises(ev.TableError, match="missing or infinite.*c"):
        ev.prefilter(places, score.where(score != 0.5), keep=1)
    with pytest.raises(ev.TableError, match="are of another kind"):
        ev.prefilter(places, [1.0] * 6, keep=1)
    with pytest.raises(ev.TableError, match="column 'region' is missing or has gaps"):
        ev.prefilter(places.drop(columns="region"), score, keep=1)


def test_a_study_loses_the_sites_dropped_and_what_hangs_on_them() -> None:
    study = ev.example("starter")
    scored = ev.suitability(study.sites, [ev.Criterion("wage_usd_per_h", "cost")])
    found = ev.prefilter(study, scored, keep=1, per="country")
    gone, left = set(found.dropped["site"]), set(found.kept["site"])
    assert gone
    assert set(found.study.sites["site"]) == left
    assert not found.study.lanes[["origin", "destination"]].isin(gone).any(axis=None)
    assert len(found.study.lanes) < len(study.lanes)
    assert not set(found.study.table("incentives")["site"]) & gone
    assert set(study.sites["site"]) == left | gone  # the study given is as it was
    base, less = ev.solve(study, gap=0.05), ev.solve(found.study, gap=0.05)
    assert less.totals["cost"] >= base.solve.bound
    ev.certify(found.study, less).raise_if_failed()


def test_a_study_keeps_sites_with_plants_and_sites_that_a_table_names() -> None:
    study = ev.example("north-america")
    worst = pd.Series(0.0, index=study.sites["site"])
    worst[study.sites["role"].to_numpy() == "candidate"] = 1.0
    found = ev.prefilter(study, worst, keep=1)
    left = set(found.kept["site"])
    assert set(study.plants["site"]) <= left
    assert set(study.sites.loc[study.sites["role"] == "existing", "site"]) <= left
    assert len(left) < len(study.sites)
    assert len(found.study.lanes) < len(study.lanes)
    assert set(found.study.table("labor_pools")["pool"]) == set(found.study.sites["labor_pool"].dropna())


def test_site_facts_keep_the_rows_and_read_the_state() -> None:
    given = ev.candidates(places=["US-TN", "MX-NLE"]).to_crs("EPSG:5070").iloc[::-1]
    before = given.copy()
    made = ev.site_facts(given)
    pd.testing.assert_frame_equal(pd.DataFrame(given), pd.DataFrame(before))
    assert made.index.equals(given.index)
    assert made.crs == given.crs
    assert set(SITE_FACTS) <= set(made.columns)
    wage = reference.fact("assembler_wage_usd")
    assert made["wage_usd_per_h"].tolist() == wage[made["region"]].tolist()
    assert made["renewable_share"].between(0.0, 1.0).all()


def test_people_markets_and_distances_by_hand() -> None:
    place = ev.candidates(places=["US-ND"], min_population=100_000)
    assert place["site"].tolist() == ["US-ND-fargo"]
    made = ev.site_facts(place).iloc[0]
    x, y = place.geometry.iloc[0].x, place.geometry.iloc[0].y
    towns = reference.cities()
    near = towns[great_circle_km(x, y, towns["lon"], towns["lat"]) <= 50.0]
    assert {"Fargo", "West Fargo", "Moorhead"} <= set(near["name"])
    assert made["people_near"] == near["population"].sum()
    homes = reference.jurisdictions().set_index("iso")
    buyers = reference.fact("vehicle_sales").reindex(homes.index)
    mean = np.average(great_circle_km(x, y, homes["lon"], homes["lat"]), weights=buyers)
    assert made["market_km"] == pytest.approx(mean * reference.parameter("freight.road.circuity").value)
    gates = reference.borders()
    assert made["gateway_km"] <= great_circle_km(x, y, gates["lon"], gates["lat"]).min() * 1.006
    assert 200.0 < made["gateway_km"] < 260.0  # Pembina, 230 km down the Red River
    assert made["rail_km"] < 20.0


def test_rails_of_another_country_do_not_count() -> None:
    twin = ev.site_facts(ev.candidates(places=["MX-CHH", "US-TX"], min_population=500_000)).set_index("site")
    assert twin.loc["US-TX-el-paso", "rail_km"] < 20.0
    assert twin.loc["MX-CHH-ciudad-juarez", "rail_km"] > 300.0  # the graph holds no line there


def test_site_facts_need_known_places() -> None:
    sites = ev.candidates(places=["US-TN"])
    with pytest.raises(ev.TableError, match="values are missing or unknown"):
        ev.site_facts(sites.assign(region="US-XX"))
    with pytest.raises(ev.TableError, match="the region is of another country.*MX, US-TN"):
        ev.site_facts(sites.assign(country="MX"))
    with pytest.raises(ev.TableError, match="has no column 'country'"):
        ev.site_facts(sites.drop(columns="country"))
