"""Ranges of a study's figures from its own sources, and those that a caller states."""

from __future__ import annotations

import pytest

import evsiting as ev
from evsiting.errors import DataWarning, InputError
from evsiting.study.derived.ranges import checked_ranges


def test_sources_that_give_low_and_high_give_the_range() -> None:
    with pytest.warns(DataWarning, match="sources of 7 figures give no low and high value.*demand"):
        ranges = ev.default_ranges(ev.example("ten-cities")).set_index("name")
    figures = ev.reference.parameters().set_index("key").loc["plant.pack.capex"]
    one = ranges.loc["investment: pack"]
    assert one["high"] == pytest.approx(figures["high"] / figures["value"])
    assert (one["table"], one["column"], one["rows"]) == ("options", "capex_usd", "plant_type=pack")
    assert one["note"].startswith("plant.pack.capex: 8.3 to 14 USD")
    assert "demand" not in ranges.index


def test_the_others_move_by_what_is_stated_and_that_is_noted() -> None:
    ranges = ev.default_ranges(ev.example("ten-cities"), otherwise=0.1)
    assumed = ranges["note"].str.startswith("assumption: 10 %")
    assert set(ranges.loc[assumed, "name"]) >= {"demand", "wages", "duties"}
    assert not assumed.all()
    assert ranges.loc[assumed, "low"].eq(0.9).all()
    notes = {one.name: one.note for one in checked_ranges("tornado_cases", ranges)}
    assert notes["demand"].startswith("assumption")
    assert len(ev.tornado_cases(ranges)) == 2 * len(ranges)


def test_nothing_is_guessed() -> None:
    with pytest.raises(InputError, match="give no low and high value.*otherwise=0.2"):
        ev.default_ranges(ev.example("starter"))
    for wrong in (0.0, 5, True, "20%"):
        with pytest.raises(InputError, match="is no range"):
            ev.default_ranges(ev.example("starter"), otherwise=wrong)  # type: ignore[arg-type]
