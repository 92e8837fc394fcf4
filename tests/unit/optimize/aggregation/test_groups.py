"""Places are grouped only where a study tells them apart by their points alone."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest

import evsiting as ev
from evsiting.optimize.aggregation.coarse_study import centres
from evsiting.optimize.aggregation.groups import group_places, require_groupable
from evsiting.study.study import Study
from tests.limit_studies import with_limits
from tests.twin_studies import TWINS, twin_study


@pytest.fixture(scope="module")
def cities() -> Study:
    return ev.example("north-america-cities")


def test_groups_lie_in_one_region_and_hold_no_plant(cities: Study) -> None:
    groups = group_places(cities)
    frame = cities.sites.assign(group=groups.site.to_numpy())
    assert (frame.groupby("group")["region"].nunique() == 1).all()
    several = frame[frame["group"].map(groups.members) > 1]
    assert (several["role"] == "candidate").all()
    assert not set(several["site"]) & set(cities.plants["site"])
    markets = cities.markets.assign(group=groups.market.to_numpy())
    assert (markets.groupby("group")["region"].nunique() == 1).all()
    assert not set(groups.site) & set(groups.market)


@pytest.mark.slow
def test_a_site_that_differs_in_one_figure_or_is_named_stays_alone(cities: Study) -> None:
    site = "US-TN-memphis"
    member = group_places(cities).site[site]
    assert member != site
    dearer = cities.sites.assign(fixed_usd_per_yr=lambda d: d["fixed_usd_per_yr"] + 1.0 * (d["site"] == site))
    assert group_places(cities.with_table("sites", dearer)).site[site] == site
    row = {"limit": "Memphis", "kind": "plants_built", "place": site, "at_most": 1}
    assert group_places(with_limits(cities, row)).site[site] == site
    less = cities.incentives[cities.incentives["site"] != site]
    assert group_places(cities.with_table("incentives", less)).site[site] == site


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"kind": "emissions", "at_least": 1.0}, "a emissions limit at least"),
        ({"kind": "throughput", "at_most": 1e9, "product": "vehicle"}, "a limit on lanes"),
        ({"kind": "sources", "at_most": 1, "product": "vehicle"}, "a limit on lanes"),
    ],
)
def test_rules_that_better_lanes_can_break_are_refused(row: dict[str, object], words: str) -> None:
    study = ev.example("starter")
    bare = with_limits(study.with_table("lanes", study.lanes.head(0)), {"limit": "odd", **row})
    with pytest.raises(ev.InputError, match=words):
        require_groupable(bare)
    with pytest.raises(ev.InputError, match="lanes of its own"):
        require_groupable(study)


def shaken(study: Study, seed: int) -> Study:
    """Return a study with its places in another order and their coordinates changed in the last digits."""
    dice, tables = np.random.default_rng(seed), study.tables
    for name in ("sites", "markets"):
        frame = tables[name].iloc[dice.permutation(len(tables[name]))].reset_index(drop=True)
        x, y = (
            np.asarray(axis) * (1.0 + 1e-12 * dice.uniform(-1.0, 1.0, len(frame)))
            for axis in (frame.geometry.x, frame.geometry.y)
        )
        tables[name] = frame.set_geometry(gpd.points_from_xy(x, y, crs=frame.crs))
    return Study(study.settings, tables)


def test_neither_the_order_of_rows_nor_the_last_digits_of_points_tell_groups_or_their_middle() -> None:
    study = twin_study()
    groups = group_places(study)
    for seed in range(5):
        other = shaken(study, seed)
        same = group_places(other)
        assert same.ends == groups.ends
        assert centres(other, same) == centres(study, groups)
        assert set(TWINS) <= set(centres(other, same))


@pytest.mark.slow
def test_groups_of_all_cities_and_their_parts_are_those_of_any_order(cities: Study) -> None:
    other = shaken(cities, 1)
    for width in (math.inf, 600.0):
        groups, same = group_places(cities, width_km=width), group_places(other, width_km=width)
        assert same.ends == groups.ends
        assert centres(other, same) == centres(cities, groups)
