"""Headers with units: those of the data dictionary, those of results, and columns of the user's own."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from evsiting.report.exports.headers import with_headers


def test_columns_of_a_table_have_its_labels_and_units() -> None:
    frame = pd.DataFrame({"option": ["large"], "capex_usd": [1e9], "my note": ["x"]})
    assert with_headers(frame, "options").columns.tolist() == ["option", "capex [USD]", "my note"]


def test_columns_of_results_have_theirs_and_others_stay() -> None:
    frame = pd.DataFrame({"capex_usd": [1e9], "gap": [0.01], "something": [1]})
    assert with_headers(frame).columns.tolist() == ["investment [USD]", "proven gap [1]", "something"]


def test_a_column_of_the_user_s_own_keeps_its_name_in_a_table() -> None:
    """``gap`` is a figure of results, and no column of table ``options``."""
    assert with_headers(pd.DataFrame({"gap": [3]}), "options").columns.tolist() == ["gap"]


def test_points_become_latitude_and_longitude() -> None:
    points = gpd.GeoDataFrame({"site": ["a"]}, geometry=gpd.points_from_xy([-90.05], [35.15]), crs="EPSG:4326")
    made = with_headers(points, "sites")
    assert made.columns.tolist() == ["site", "lat [degree]", "lon [degree]"]
    assert made.iloc[0].tolist() == ["a", 35.15, -90.05]
    assert "geometry" in points
