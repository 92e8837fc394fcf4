"""The North American study by city: as many places as the reference table has, and sums that agree."""

from __future__ import annotations

import numpy as np
import pytest

import evsiting as ev
from evsiting import reference
from evsiting.shipped import cities
from evsiting.study.study import Study


@pytest.fixture(scope="module")
def study() -> Study:
    return ev.example("north-america-cities")


@pytest.fixture(scope="module")
def whole() -> Study:
    return ev.example("north-america")


def test_every_city_is_a_market_and_every_larger_one_a_candidate(study: Study) -> None:
    assert len(study.markets) == 4_557
    assert int((study.sites["role"] == "candidate").sum()) == 1_360
    assert study.sites["site"].is_unique
    assert study.markets["market"].is_unique
    assert {"US-TN-memphis", "CA-ON-toronto", "MX-NLE-monterrey"} <= set(study.sites["site"])
    assert "US-TN.memphis" in set(study.markets["market"])


def test_demand_adds_up_to_that_of_the_jurisdictions(study: Study, whole: Study) -> None:
    by_city = study.demand.assign(region=lambda d: d["market"].str.split(".").str[0])
    mine = by_city.groupby(["region", "period"])["units_per_yr"].sum()
    theirs = whole.demand.set_index(["market", "period"])["units_per_yr"].rename_axis(["region", "period"])
    without = theirs.index[~theirs.index.isin(mine.index)]
    assert set(without.get_level_values("region")) == {"CA-NU"}
    gap = (mine - theirs.reindex(mine.index)).groupby(level="period").sum()
    nunavut = theirs.loc["CA-NU"]
    np.testing.assert_array_equal(gap.reindex(nunavut.index), nunavut)  # what Nunavut wants goes to Canadian cities
    country = by_city.groupby([by_city["region"].str[:2], "period"])["units_per_yr"].sum().to_numpy()
    old = whole.demand.groupby([whole.demand["market"].str[:2], "period"])["units_per_yr"].sum().to_numpy()
    np.testing.assert_array_equal(country, old)
    assert (study.demand["units_per_yr"] % 1.0 == 0.0).all()
    assert len(study.demand) == 4_557 * 3


def test_nobody_is_counted_twice() -> None:
    persons = cities.weights()
    table = reference.cities().set_index("name")
    york = persons[
        ["US-NY.new-york-city", "US-NY.brooklyn", "US-NY.queens", "US-NY.manhattan", "US-NY.the-bronx"]
    ].sum()
    assert york < table.loc["New York City", "population"] * 1.0001
    assert persons["US-NY.brooklyn"] > persons["US-NY.new-york-city"]
    memphis = persons[["US-TN.memphis", "US-TN.new-south-memphis"]].sum()
    assert memphis <= table.loc["New South Memphis", "population"]
    assert persons["US-TN.knoxville"] == table.loc["Knoxville", "population"]
    assert (persons >= 0.0).all()
    assert persons.sum() < reference.cities()["population"].sum()


def test_whole_units_are_shared_by_largest_remainders() -> None:
    made = cities._apportion(7.0, np.array([0.5, 0.3, 0.2]))
    assert made.tolist() == [4.0, 2.0, 1.0]
    assert cities._apportion(0.0, np.array([1.0, 2.0])).tolist() == [0.0, 0.0]


def test_areas_hold_each_site_once(study: Study, whole: Study) -> None:
    assert set(study.sites["labor_pool"]) == set(study.labor_pools["pool"])
    assert study.labor_pools["available_fte"].sum() < 0.03 * reference.fact("labor_force").sum() + 2e6
    area = study.sites.set_index("site")["labor_pool"]
    assert area["US-MI-detroit"] != area["CA-ON-nextstar-energy"]


def test_it_comes_without_lanes_and_a_part_of_it_gets_them(study: Study) -> None:
    assert not study.has("lanes")
    assert study.has("incentives")
    assert ev.complete(study, freight=None) is study
    best = study.sites.set_index("site")["region"].map(reference.jurisdictions().set_index("iso")["population"])
    few = ev.prefilter(study, best.astype(float), keep=1).study
    assert few is not None
    assert len(few.sites) < 150
    packs = ev.freight_matrices(few, products=["pack"])
    assert set(packs.of("pack", "road")[0].origin) <= set(few.sites["site"])


def test_every_figure_says_where_it_comes_from(study: Study) -> None:
    listed = study.sources
    silent = listed[listed["source"].isna() | (listed["source"] == "")]
    assert silent[["table", "column"]].to_numpy().tolist() == []
    told = study.provenance.query("table == 'demand' and column == 'units_per_yr'")
    assert told["note"].str.contains("by population").all()
    assert told["source"].str.contains("geonames").all()


@pytest.mark.slow
def test_all_lanes_as_matrices(study: Study) -> None:
    lanes = ev.freight_matrices(study)
    assert len(lanes) > 10e6
    assert lanes.nbytes < 600e6
    rail = lanes.of("vehicle", "rail")[0]
    site = study.sites.set_index("site").loc[["US-TN-memphis"]]
    some = ev.distances(site, study.markets.set_index("market").loc[rail.destination], mode="rail", reach_km=1e5)
    row = list(rail.origin).index("US-TN-memphis")
    dray = 1.3 * (some.origin_gap_km[0] + some.destination_gap_km)
    kept = rail.keep[row]
    assert kept.sum() > 3_000
    np.testing.assert_allclose(rail.km[row][kept], (some.km[0] + dray)[kept], rtol=1e-5)
