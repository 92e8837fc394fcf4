"""Periods in a row, years in order, rows of one thing that do not overlap, and what lies outside the horizon."""

from __future__ import annotations

import pytest

from evsiting.study.findings import Findings
from evsiting.study.validation.dates import check_dates
from tests.canonical import canonical, told

HORIZON = [{"period": "a", "start_year": 2027, "years": 4}, {"period": "b", "start_year": 2031, "years": 6}]


def findings(**tables: object) -> Findings:
    found = Findings()
    check_dates(canonical(**{"periods": HORIZON, **tables}), found)
    return found


def duties(*spans: tuple[object, object], **columns: object) -> list[dict[str, object]]:
    row = {"product": "cell", "origin": "CN", "destination": "US", "measure": "MFN", "rate": 0.1}
    return [{**row, **columns, "first_year": first, "last_year": last} for first, last in spans]


def test_periods_in_a_row_are_fine_in_any_order() -> None:
    assert not findings()
    assert not findings(periods=HORIZON[::-1])
    assert not findings(periods=HORIZON[:1])


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (2030, "1 of 2 periods is begun before the one before has ended (a: 2027 to 2030, then b: 2030 to 2035)"),
        (2032, "1 of 2 periods is begun years after the one before has ended (a: 2027 to 2030, then b: 2032 to 2037)"),
    ],
)
def test_periods_that_overlap_or_leave_years_out(start: int, words: str) -> None:
    (text,) = told(findings(periods=[HORIZON[0], {**HORIZON[1], "start_year": start}]))
    assert words in text


def test_a_row_must_not_end_before_it_begins() -> None:
    (text,) = told(findings(duties=duties((2030, 2029))))
    assert "1 of 1 row is ended before it begins (index 0: '2030 to 2029')" in text


def test_rows_of_one_thing_follow_each_other() -> None:
    assert not findings(duties=duties((None, 2028), (2029, 2030), (2031, None)))
    assert not findings(duties=duties((2027, 2030), (2029, 2031))[:1] + duties((2029, 2031), origin="KR"))
    (text,) = told(findings(duties=duties((None, 2030), (2030, None))))
    assert "index 1: 'from 2030 beside to 2030: cell CN US MFN'" in text


def test_an_overlap_names_the_row_that_is_still_in_force() -> None:
    found = findings(duties=duties((2027, 2035), (2028, 2029), (2031, 2032)))
    (text,) = told(found)
    assert "2 of 3 rows are in force" in text
    assert "index 2: '2031 to 2032 beside 2027 to 2035" in text  # and not beside 2028 to 2035, which is no row


def test_what_lies_outside_the_horizon_is_said_to_be_without_effect() -> None:
    (text,) = findings(duties=duties((2020, 2026))).warnings
    assert text.endswith("outside the horizon, 2027 to 2036, and without effect: cell CN US MFN (2020 to 2026)")
    assert not findings(duties=duties((2020, 2026), (2027, None))).warnings  # the measure holds later
    assert not findings(duties=duties((None, None))).warnings


def test_all_rows_outside_on_both_sides_are_without_effect_too() -> None:
    (text,) = findings(duties=duties((2000, 2010), (2050, None))).warnings
    assert text.endswith("cell CN US MFN (2000 to 2010, from 2050)")


def test_a_closed_plant_is_not_asked_for_its_years() -> None:
    plant = {"plant": "p", "site": "s", "plant_type": "cell", "capacity_units_per_yr": 1.0, "last_year": 2020}
    assert findings(plants=[plant]).warnings
    assert not findings(plants=[{**plant, "status": "closed"}]).warnings


def test_without_readable_periods_nothing_is_said_of_the_horizon() -> None:
    broken = [{"period": "a", "start_year": None, "years": None}]
    found = findings(periods=broken, duties=duties((2000, 2001)))
    assert not found.warnings
    assert not found
