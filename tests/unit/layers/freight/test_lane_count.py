"""Lanes are counted, and their memory is told, before any is made."""

from __future__ import annotations

from types import MappingProxyType

import pytest

import evsiting as ev
from evsiting.layers.freight.lane_count import check_lane_table, check_program_size, exceeds_program, lane_count
from evsiting.study import size_limits
from evsiting.study.study import Study


@pytest.fixture
def bare() -> Study:
    """The starter study without lanes."""
    study = ev.example("starter")
    return study.with_table("lanes", study.lanes.head(0))


def lower(monkeypatch: pytest.MonkeyPatch, **mine: int) -> None:
    names = {name.replace("_", " "): value for name, value in mine.items()}
    monkeypatch.setattr(size_limits, "CEILINGS", MappingProxyType({**size_limits.CEILINGS, **names}))


@pytest.mark.parametrize("name", ["starter", "ten-cities", "north-america"])
def test_the_estimate_is_near_what_is_made(name: str) -> None:
    study = ev.example(name)
    bare = study.with_table("lanes", study.lanes.head(0))
    assert lane_count(study).lanes == len(study.lanes)
    assert not lane_count(study).is_estimate
    assert lane_count(bare).is_estimate
    assert 0.7 < lane_count(bare).lanes / len(ev.freight_matrices(bare)) < 1.4


def test_a_table_that_would_be_too_large_is_refused_before_it_is_made(
    bare: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    ev.complete(bare)
    lower(monkeypatch, long_rows=100)
    for call in (ev.complete, ev.FreightLayer(), check_lane_table):
        fresh = bare.with_settings()
        with pytest.raises(ev.InputError, match=r"lanes: a table of all .*7 sites.*5 markets.*GB.*prefilter") as told:
            call(fresh)
        assert "freight_matrices" in str(told.value)
        assert "to make it all the same" in str(told.value)
        assert "EVSITING_CEILINGS=" in str(told.value)
    monkeypatch.setenv("EVSITING_CEILINGS", "1000")
    assert len(ev.complete(bare.with_settings()).lanes) > 100


def test_a_program_that_would_be_too_large_is_refused_before_it_is_made(
    bare: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    lower(monkeypatch, program_lanes=100)
    for study in (bare, ev.example("starter")):
        for call in (ev.solve, ev.open_session, ev.to_pulp, check_program_size):
            with pytest.raises(
                ev.InputError, match=r"lanes: there are too many for a program.*at most 100 lanes times"
            ):
                call(study)


def test_the_study_by_city_is_told_at_once() -> None:
    study = ev.example("north-america-cities")
    assert exceeds_program(study)
    with pytest.raises(
        ev.InputError, match=r"1,382 sites, 76 suppliers, 4,557 markets, 3 periods: about 1\d,\d{3},\d{3}"
    ):
        ev.open_session(study)
