"""Ranges of figures: the two ends as cases, from factors or from sources."""

from __future__ import annotations

import pandas as pd
import pytest

import evsiting as ev
from evsiting.study.derived.ranges import checked_ranges


def test_the_ends_of_a_parameter_are_parts_of_its_value() -> None:
    row = {"name": "cell", "table": "options", "column": "capex_usd", "parameter": "plant.cell.capex_north_america"}
    (one,) = checked_ranges("tornado_cases", pd.DataFrame([row]))
    figures = ev.reference.parameters().set_index("key").loc["plant.cell.capex_north_america"]
    assert one.low * figures["value"] == pytest.approx(figures["low"])
    assert one.high * figures["value"] == pytest.approx(figures["high"])
    assert str(figures["unit"]) in one.note
    assert one.row(one.low)["value"] == one.low


def test_two_ways_of_giving_a_range_are_refused() -> None:
    row = {"name": "cell", "table": "options", "column": "capex_usd", "parameter": "x", "low": 0.5, "high": 2.0}
    with pytest.raises(ev.InputError, match="gives no range"):
        ev.tornado_cases(pd.DataFrame([row]))
