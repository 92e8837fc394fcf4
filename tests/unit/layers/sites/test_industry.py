"""Signals of where companies go, by hand, and that they stay out of every sum."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest

import evsiting as ev
from evsiting import reference
from evsiting.layers.geo.frames import nearest_km
from evsiting.layers.sites.industry import INDUSTRY_SIGNALS
from tests.layer_studies import points

# A degree of longitude on the equator of the sphere is 111.19 km; at 40 degrees north 85.18 km.
HERE = points("site", (("a", -88.0, 40.0), ("b", -80.0, 33.0)), country="US", region=["US-IL", "US-SC"])


def plants(**columns: object) -> gpd.GeoDataFrame:
    """Return three plants: 0.5, 3 and 6 degrees east of the first site."""
    return points("plant", (("p", -87.5, 40.0), ("q", -85.0, 40.0), ("r", -82.0, 40.0)), **columns)


def test_distance_and_count_of_plants_by_hand() -> None:
    made = ev.industry_signals(HERE, plants=plants(), plants_km=300.0).set_index("site")
    assert made.loc["a", "vehicle_plant_km"] == pytest.approx(42.7, abs=0.1)
    assert made.loc["a", "vehicle_plants_near"] == 2.0
    assert ev.industry_signals(HERE, plants=plants(), plants_km=20.0)["vehicle_plants_near"].tolist() == [0.0, 0.0]


def test_a_plant_counts_from_its_opening_to_its_last_year_of_production() -> None:
    some = plants(opened_year=[2010, np.nan, 1980], closed_year=[np.nan, 2015, np.nan])
    near = {y: ev.industry_signals(HERE, plants=some, year=y)["vehicle_plant_km"].iloc[0] for y in (2009, 2014, 2020)}
    assert near[2009] == pytest.approx(near[2014] + 213.5, abs=1.0)  # q stands at both dates, p from 2010 on
    assert near[2020] == near[2014]
    both = {y: ev.industry_signals(HERE, plants=some, year=y)["vehicle_plants_near"].iloc[0] for y in (2014, 2015)}
    assert both == {2014: 2.0, 2015: 1.0}
    with pytest.raises(ev.TableError, match="none stood at the end of 1960"):
        ev.industry_signals(HERE, plants=plants(opened_year=1970), year=1960)


def test_years_that_are_none_are_refused_together() -> None:
    some = plants(opened_year=["2010", "soon", ""], closed_year=[None, 20155, None])
    with pytest.raises(ev.TableError) as told:
        ev.industry_signals(HERE, plants=some)
    assert "row 1: soon" in str(told.value)
    assert "20155" in str(told.value)
    assert ev.industry_signals(HERE, plants=plants(opened_year=["2010", "", None]), year=2011).shape[0] == 2


def test_frames_in_metres_give_the_same() -> None:
    supply = points("area", (("s", -88.5, 40.0),), employment=[300.0])
    degrees = ev.industry_signals(HERE, plants=plants(), supply=supply)
    metres = ev.industry_signals(
        HERE.to_crs("EPSG:5070"), plants=plants().to_crs("ESRI:102008"), supply=supply.to_crs("EPSG:3857")
    )
    columns = [c for c in INDUSTRY_SIGNALS if c != "parts_share_near"]
    assert np.allclose(degrees[columns].to_numpy(float), metres[columns].to_numpy(float), rtol=1e-6)
    assert metres.crs == "EPSG:5070"


def test_heavy_plants_count_only_when_asked_for() -> None:
    some = plants(kind=["assembly heavy", "assembly", "assembly"])
    light, all_of_them = (ev.industry_signals(HERE, plants=some, heavy=h)["vehicle_plants_near"] for h in (False, True))
    assert (light.iloc[0], all_of_them.iloc[0]) == (1.0, 2.0)


def test_parts_jobs_of_ones_own_areas() -> None:
    supply = points(
        "area", (("s", -88.5, 40.0), ("t", -80.2, 33.1), ("u", -100.3, 25.7)), employment=[300.0, 100.0, 9.0]
    )
    made = ev.industry_signals(HERE, supply=supply, parts_km=100.0)
    assert made["parts_jobs_near_persons"].tolist() == [300.0, 100.0]
    assert made["parts_share_near"].tolist() == [0.75, 0.25]  # the Mexican area is of another country


def test_shipped_parts_jobs_add_up_to_the_sum_of_the_states() -> None:
    places = points("site", (("a", -97.0, 39.0),), country="US", region="US-KS")
    whole = ev.industry_signals(places, parts_km=5_000.0, year=2017).iloc[0]
    base = reference.auto_supply_base().query("naics == '3363' and country == 'US' and county_fips.isna()")
    assert whole["parts_jobs_near_persons"] == pytest.approx(base["employment"].sum(), rel=1e-3)
    assert whole["parts_share_near"] == pytest.approx(1.0, abs=1e-3)


def test_of_mexico_shares_are_known_and_jobs_are_not_and_before_2018_neither() -> None:
    places = points("site", (("a", -100.3, 25.7), ("b", -89.6, 21.0)), country="MX", region=["MX-NLE", "MX-YUC"])
    made = ev.industry_signals(places)
    assert made["parts_jobs_near_persons"].isna().all()
    assert made["parts_share_near"].iloc[0] > 0.1 > 0.02 > made["parts_share_near"].iloc[1]
    assert ev.industry_signals(places, year=2017)["parts_share_near"].isna().all()


def test_right_to_work_is_the_law_of_the_year() -> None:
    states = ["US-MI", "US-KY", "US-TN", "US-OH"]
    at = (("a", -84.5, 42.7), ("b", -85.7, 38.2), ("c", -86.8, 36.1), ("d", -83.0, 40.0))
    places = points("site", at, country="US", region=states)
    laws = {y: ev.industry_signals(places, year=y)["right_to_work"].tolist() for y in (2011, 2016, 2017, 2024)}
    assert laws == {2011: [0, 0, 1, 0], 2016: [1, 0, 1, 0], 2017: [1, 1, 1, 0], 2024: [0, 1, 1, 0]}


def test_the_shipped_plants_are_those_of_the_list() -> None:
    light = reference.standing_vehicle_plants().query("kind == 'assembly'")
    stood = light[light["closed_year"].isna() | (light["closed_year"] > 2016)]
    assert ev.industry_signals(HERE, year=2016)["vehicle_plant_km"].tolist() == nearest_km(HERE, stood).tolist()


def test_wrong_arguments_are_told_together() -> None:
    with pytest.raises(ev.InputError) as told:
        ev.industry(year="2017", plants_km=0.0, parts_km=float("nan"))  # type: ignore[arg-type]
    assert all(word in str(told.value) for word in ("year", "plants_km", "parts_km"))


@pytest.mark.filterwarnings("ignore:apply_layers. figures filled in:evsiting.errors.DataWarning")
def test_the_layer_fills_columns_with_provenance_and_no_cost_reads_them() -> None:
    study = ev.example("starter")
    made = ev.apply_layers(study, ev.industry())
    told = made.provenance[made.provenance["column"].isin(list(INDUSTRY_SIGNALS))]
    assert set(told["column"]) == set(INDUSTRY_SIGNALS)
    assert told["note"].str.contains("signal of where companies go").all()
    assert made.sites["vehicle_plant_km"].notna().all()
    assert ev.solve(made).totals == ev.solve(study).totals
