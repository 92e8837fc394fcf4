"""Figures by period: the most exact place that the table names holds, and what is away is zero."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evsiting.study.derived.trajectories import by_period, limits_by_period, places_of, trajectory_factors
from evsiting.study.study import Study
from tests.studies import two_plant_study

ROWS = [
    ("wage_usd_per_h", None, "p1", 2.0),
    ("wage_usd_per_h", "US", "p1", 3.0),
    ("wage_usd_per_h", "memphis", "p1", 5.0),
    ("wage_usd_per_h", "US", "p2", 7.0),
    ("capex_usd", "MX", "p1", 0.5),
]


def _study() -> Study:
    table = pd.DataFrame(ROWS, columns=["column", "place", "period", "factor"])
    return two_plant_study(periods=2).with_table("trajectories", table)


def test_the_most_exact_place_holds_and_silence_is_one() -> None:
    found = trajectory_factors(_study(), "wage_usd_per_h", ["US", "US", "MX"], ["memphis", "elsewhere", "monterrey"])
    np.testing.assert_array_equal(found, [[5.0, 7.0], [3.0, 7.0], [2.0, 1.0]])


def test_without_places_only_what_holds_everywhere_counts() -> None:
    np.testing.assert_array_equal(trajectory_factors(_study(), "wage_usd_per_h"), [[2.0, 1.0]])
    np.testing.assert_array_equal(trajectory_factors(two_plant_study(), "wage_usd_per_h", ["US", "MX"]), [[1.0], [1.0]])


def test_values_are_multiplied() -> None:
    found = by_period(_study(), "wage_usd_per_h", [10.0, 20.0], ["US", "MX"])
    np.testing.assert_array_equal(found, [[30.0, 70.0], [40.0, 20.0]])


def test_no_limit_stays_none_and_a_factor_of_zero_takes_all() -> None:
    rows = [("capacity_units_per_yr", "busan", "p1", 0.0), ("capacity_units_per_yr", "busan", "p2", 0.5)]
    table = pd.DataFrame(rows, columns=["column", "place", "period", "factor"])
    study = two_plant_study(periods=2).with_table("trajectories", table)
    found = limits_by_period(study, "capacity_units_per_yr", [np.nan, 8.0], ["busan", "busan"])
    np.testing.assert_array_equal(found, [[0.0, np.inf], [0.0, 4.0]])


def test_places_go_from_the_country_to_the_plant() -> None:
    country, region, site, plant = places_of(two_plant_study(), ["memphis", "nowhere"], ["cell", "pack"])
    assert (country[0], site[0], plant) == ("US", "memphis", ["memphis/cell", "nowhere/pack"])
    assert region[0] == "US-TN"
    assert pd.isna(country[1])
