"""Every cell in which two studies differ, and no other."""

from __future__ import annotations

import evsiting as ev
from evsiting.study.derived.differences import study_differences


def test_a_study_does_not_differ_from_itself_in_another_order() -> None:
    study = ev.example("starter")
    turned = study.with_table("sites", study.sites.iloc[::-1])
    assert study_differences(study, turned).empty


def test_cells_rows_points_and_settings_are_named() -> None:
    study = ev.example("starter")
    sites = study.sites
    sites.loc[0, "fixed_usd_per_yr"] = 7.0
    moved = sites.geometry.iloc[1]
    sites.loc[1, "geometry"] = type(moved)(moved.x + 0.001, moved.y)
    other = study.with_table("sites", sites).with_settings(money={"discount_rate": 0.05})
    other = other.with_table("demand", other.demand.iloc[1:])
    found = study_differences(study, other).set_index(["table", "column"])
    assert found.loc[("sites", "fixed_usd_per_yr"), "second"] == 7.0
    assert ("sites", "lon") in found.index
    assert ("sites", "lat") not in found.index
    assert found.loc[("settings", "discount_rate"), "second"] == 0.05
    gone = found.loc[["demand"]]
    assert gone["change"].tolist() == ["only in the first"]
    first = study.demand.iloc[0]
    assert f"market={first['market']}" in gone["row"].iloc[0]
    assert set(found.index.get_level_values("table")) == {"sites", "settings", "demand"}


def test_an_empty_cell_differs_from_a_figure_alone() -> None:
    study = ev.example("starter")
    demand = study.demand.assign(promise_h=float("nan"))
    assert study_differences(study, study.with_table("demand", demand)).empty
    held = study.with_table("demand", demand.assign(promise_h=24.0))
    found = study_differences(study, held)
    assert set(found["column"]) >= {"promise_h"}
    assert set(found.query("column == 'promise_h'")["first"]) == {""}
