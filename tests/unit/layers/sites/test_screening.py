"""Screening: a line for each site that went, steps that dropped nothing included, and sums that agree."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from evsiting.layers.sites.screening import COLUMNS, drop_sites, start_screening

SITES = gpd.GeoDataFrame(
    {"site": ["a", "b", "c"], "name": ["A", "B", "C"], "country": "US"},
    geometry=gpd.points_from_xy([-90.0, -91.0, -92.0], [35.0, 35.0, 35.0]),
    index=[7, 3, 5],
    crs="EPSG:4326",
)


def _drop(*codes: str) -> pd.Series:
    return SITES["site"].isin(codes)


def test_steps_add_up_and_keep_index_and_order() -> None:
    one = drop_sites(start_screening(SITES), _drop("b"), "far", SITES["site"] + "!")
    two = drop_sites(one, pd.Series(False, one.kept.index), "wet", one.kept["site"])
    three = drop_sites(two, two.kept["site"] == "c", "steep", two.kept["site"] + "?")
    assert three.kept.index.tolist() == [7]
    assert three.summary["dropped"].tolist() == [0, 1, 0, 1]
    assert three.summary["left"].tolist() == [3, 2, 2, 1]
    assert three.dropped.columns.tolist() == COLUMNS
    assert three.dropped[["step", "site", "reason", "seen"]].to_numpy().tolist() == [
        [1, "b", "far", "b!"],
        [3, "c", "steep", "c?"],
    ]
    assert repr(three).startswith("Screening: 1 of 3 sites kept")


def test_an_earlier_result_goes_on_and_sites_begin_anew() -> None:
    one = drop_sites(start_screening(SITES), _drop("b"), "far", SITES["site"])
    assert start_screening(one) is one
    assert start_screening(SITES).dropped.empty
    assert start_screening(SITES).summary["left"].tolist() == [3]


def test_the_sites_that_were_given_are_not_changed() -> None:
    made = drop_sites(start_screening(SITES), _drop("b"), "far", SITES["site"])
    made.kept.loc[7, "name"] = "changed"
    assert SITES.loc[7, "name"] == "A"
    assert made.dropped["region"].isna().all()  # a frame without regions has none in the report
