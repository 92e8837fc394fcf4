"""How limits are compared: open sides, shares of nothing, periods, and violations that a plan pays for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evsiting.results.rules import bounds
from tests.limit_studies import limits_frame

NAN = float("nan")


def rows(found: float, low: float = NAN, high: float = NAN, size: float = 10.0, **more: object) -> pd.DataFrame:
    """Return one amount with its bounds."""
    cells = {"limit": ["l"], "found": [found], "at_least": [low], "at_most": [high], "size": [size]}
    return pd.DataFrame({**cells, **{k: [v] for k, v in more.items()}})


@pytest.mark.parametrize(
    ("found", "low", "high", "broken"),
    [
        (5.0, NAN, NAN, 0.0),
        (5.0, 5.0, 5.0, 0.0),
        (4.0, 5.0, NAN, 0.1),
        (7.0, NAN, 5.0, 0.2),
        (7.0, 8.0, 5.0, 0.2),  # bounds that cross: the worse side
        (NAN, NAN, 5.0, np.inf),
        (np.inf, 0.0, NAN, np.inf),
        (-np.inf, NAN, 0.0, np.inf),
    ],
)
def test_an_excess_is_a_part_of_the_size(found: float, low: float, high: float, broken: float) -> None:
    assert bounds.check_bounds(rows(found, low, high), ["limit"], "{found}").broken.tolist() == [pytest.approx(broken)]


@pytest.mark.parametrize(("paid", "broken"), [(0.0, 0.2), (1.5, 0.05), (2.0, 0.0), (99.0, 0.0), (-1.0, 0.3)])
def test_what_is_paid_for_is_no_excess(paid: float, broken: float) -> None:
    found = bounds.check_bounds(rows(7.0, high=5.0, violation=paid), ["limit"], "{found}")
    assert found.broken.tolist() == [pytest.approx(broken)]


def test_a_size_of_zero_or_none_breaks_rather_than_divides() -> None:
    assert bounds.check_bounds(rows(7.0, high=5.0, size=0.0), ["limit"], "{found}").broken[0] > 1e100
    assert bounds.check_bounds(rows(7.0, high=5.0, size=NAN), ["limit"], "{found}").broken[0] == np.inf


def test_words_name_the_side_that_is_broken() -> None:
    low = bounds.check_bounds(rows(4.0, 5.0, 9.0), ["limit"], "{found:g} jobs").tell(0)
    assert low == ("l", "4 jobs, at least 5 by the limit")
    high = bounds.check_bounds(rows(4e6, NAN, 1234567.0), ["limit"], "{found:g} jobs").tell(0)
    assert high == ("l", "4e+06 jobs, at most 1.23457e+06 by the limit")


def share(part: float, whole: float, high: float) -> pd.DataFrame:
    """Return one part of a whole with its ceiling."""
    return pd.DataFrame({"limit": ["l"], "part": [part], "whole": [whole], "at_least": [NAN], "at_most": [high]})


def test_a_share_of_nothing_holds_unless_there_is_a_part() -> None:
    assert bounds.check_shares(share(0.0, 0.0, 0.5), ["limit"], "{found}").broken.tolist() == [0.0]
    assert bounds.check_shares(share(1.0, 0.0, 0.5), ["limit"], "{found}").broken[0] > 1.0
    assert bounds.check_shares(share(6.0, 10.0, 0.5), ["limit"], "{found}").broken.tolist() == [pytest.approx(0.1)]


def test_a_small_whole_is_measured_against_the_largest_of_its_limit() -> None:
    both = pd.concat([share(0.0, 1e6, 0.5), share(1.0, 1.0, 0.5)], ignore_index=True)
    assert bounds.check_shares(both, ["limit"], "{found}").broken.tolist() == [0.0, pytest.approx(0.5 / 1e3)]


def test_no_rows_break_nothing() -> None:
    assert len(bounds.check_shares(share(0.0, 0.0, 0.5).iloc[:0], ["limit"], "{found}").broken) == 0
    assert len(bounds.check_bounds(rows(0.0).iloc[:0], ["limit"], "{found}").broken) == 0


@pytest.fixture
def two_periods(examine, study_with):
    """Return the function from limits and stated violations to an examination over two periods."""

    def made(*limits: dict[str, object], violations: list[tuple] = ()):
        periods = pd.DataFrame({"period": ["p2", "p1"], "start_year": [2032, 2027], "years": [5, 5]})
        study = study_with(periods=periods, limits=limits_frame(*limits))
        return examine(study, violations=list(violations))

    return made


def test_a_limit_without_a_period_holds_in_each_that_does_not_begin_too_soon(two_periods) -> None:
    case = two_periods({"kind": "jobs_fte", "at_most": 1.0}, {"kind": "jobs_fte", "period": "p1", "at_most": 1.0})
    found = bounds.limits_in_periods(case, "jobs_fte")
    assert sorted(zip(found["limit"], found["period"], strict=True)) == [
        ("limit 1", "p1"),
        ("limit 1", "p2"),
        ("limit 2", "p1"),
    ]
    assert bounds.limits_in_periods(case, "cost").empty


def test_a_limit_on_a_total_holds_over_the_horizon_and_pays_in_the_last_period(two_periods) -> None:
    soft = {"kind": "jobs", "at_least": 9.0, "penalty_usd_per_unit": 1.0}
    stated = [("limit 1", "p1", 3.0), ("limit 1", "p2", 4.0), ("limit 2", "p2", 5.0)]
    case = two_periods(soft, {"kind": "jobs", "at_least": 9.0}, violations=stated)
    found = bounds.horizon_limits(case, "jobs").set_index("limit")
    assert found["period"].tolist() == [bounds.HORIZON] * 2
    assert found["violation"].to_dict() == {"limit 1": 4.0, "limit 2": 0.0}  # of a hard limit none is paid for


def test_places_are_countries_states_or_codes() -> None:
    frame = pd.DataFrame({"country": ["US", "MX"], "region": ["US-TN", None], "code": ["7", "US"]})
    assert bounds.lies_at(frame, "US").tolist() == [True, True]  # a code that is called like a country
    assert bounds.lies_at(frame, "US-TN").tolist() == [True, False]
    assert bounds.lies_at(frame, "7").tolist() == [True, False]
    for everywhere in (None, NAN):
        assert bounds.lies_at(frame, everywhere).tolist() == [True, True]
    assert bounds.lies_at(frame.iloc[:0], "US").tolist() == []
