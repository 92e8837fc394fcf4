"""Lines and JSON on a plan beyond its new plants: only what the study has, and numbers that JSON may hold."""

from __future__ import annotations

import json

import pandas as pd

from evsiting.cli.outcome import _records, facts_lines, moves_lines, outcome_data
from tests.limit_studies import limits_frame
from tests.plans import OPENINGS, PRODUCTION, SHIPMENTS, plan_of, tiny_plan
from tests.studies import two_plant_study, unchecked


def test_lines_name_programs_and_what_binds() -> None:
    study, _ = tiny_plan()
    rows = limits_frame(
        {"limit": "purse", "kind": "capex", "at_most": 1.7e9}, {"limit": "wide", "kind": "capex", "at_most": 9e9}
    )
    study = unchecked(study, limits=rows)
    lines = dict(facts_lines(study, plan_of(study, openings=OPENINGS, production=PRODUCTION, shipments=SHIPMENTS)))
    assert lines["programs"].startswith("USD 330")
    assert "cell credit USD 300" in lines["programs"]
    assert lines["binding"] == "purse"
    assert "duty" not in lines  # the study has no duties


def test_a_plan_that_does_nothing_has_no_lines() -> None:
    study, _ = tiny_plan()
    nothing = plan_of(study, openings=[], production=[], shipments=[])
    assert facts_lines(study, nothing) == []
    assert moves_lines(study, nothing) == []


def test_moves_are_told_where_there_is_more_than_one_period() -> None:
    assert moves_lines(*tiny_plan()) == []
    study = two_plant_study(periods=2)
    openings = [
        ("memphis", "pack", "line", "p1"),
        ("monterrey", "pack", "line", "p1"),
        ("memphis", "cell", "large", "p1"),
    ]
    lines = moves_lines(study, plan_of(study, openings=openings, production=[], shipments=[]))
    assert [years for years, _ in lines] == ["2027–2031", "2032–2036"]
    first = lines[0][1]
    assert first.startswith("opens ")
    assert "2 pack" in first
    assert "1 cell" in first
    assert lines[1][1] == "nothing changes"


def test_the_data_are_plain_and_agree_with_the_plan() -> None:
    study, plan = tiny_plan()
    data = outcome_data(study, plan)
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert {row["program"]: round(row["usd"]) for row in data["programs"]} == {
        "site grant": 60_000_000,
        "cell credit": 300_000_000,
    }
    assert data["duties"] == []
    assert {row["move"] for row in data["moves"]} >= {"opens"}


def test_what_is_missing_or_endless_is_null() -> None:
    frame = pd.DataFrame({"a": [1.5, float("nan"), float("inf")], "b": ["17", None, "<b>"]})
    rows = _records(frame)
    assert [row["a"] for row in rows] == [1.5, None, None]
    assert rows[0]["b"] == "17"
    json.dumps(rows, allow_nan=False)
    assert _records(frame.iloc[:0]) == []
