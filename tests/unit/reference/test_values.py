"""One value at a time: which row holds on a day, in a year, in a country, worked out on rows made up for the test."""

from __future__ import annotations

import datetime as dt
import math

import pytest

from evsiting import reference
from evsiting.reference import values
from evsiting.reference.values import AS_OF, Parameter, exchange_rate, fact, parameter


def row(
    value: float, start: str | None = None, end: str | None = None, country: str | None = None, **facts: object
) -> Parameter:
    days = [d and dt.date.fromisoformat(d) for d in (start, end)]
    base = {"low": None, "high": None, "unit": "1", "source": "s", "quality": "sourced", "year": None, "note": ""}
    return Parameter(
        value, **(base | facts), key="k", text=str(value), country=country, valid_from=days[0], valid_to=days[1]
    )


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch):
    """Put rows of a parameter called k in the place of those that are shipped."""

    def put(*given: Parameter) -> None:
        ordered = tuple(sorted(given, key=values._first))
        monkeypatch.setattr(values, "_by_key", lambda: {"k": ordered, "k.other": ordered})

    return put


STEPS = (
    row(1.0, None, "2025-12-31"),
    row(2.0, "2026-01-01", "2026-06-30"),
    row(3.0, "2026-07-01", "2030-06-30"),
    row(4.0, "2030-07-01"),
)


@pytest.mark.parametrize(
    ("year", "value"), [(1990, 1.0), (2025, 1.0), (2026, 3.0), (2029, 3.0), (2030, 4.0), (2100, 4.0)]
)
def test_in_a_year_the_row_of_most_days_holds(rows, year: int, value: float) -> None:
    """2026: 181 days to 184; 2030: 181 to 184."""
    rows(*STEPS)
    assert parameter("k", year=year).value == value


def test_of_two_halves_the_later_holds(rows) -> None:
    rows(row(1.0, "2028-01-01", "2028-07-01"), row(2.0, "2028-07-02", "2028-12-31"))  # 183 days each in a leap year
    assert parameter("k", year=2028).value == 2.0


def test_nothing_is_carried_beyond_its_last_day(rows) -> None:
    rows(row(1.0, "2020-01-01", "2022-12-31"))
    assert parameter("k").value == 1.0  # without a year: the newest before the day of reading
    with pytest.raises(KeyError, match=r"none of 1 row\(s\) holds in 2023 \(2020-01-01 to 2022-12-31\)"):
        parameter("k", year=2023)


@pytest.mark.parametrize(
    ("given", "value"),
    [
        (STEPS, 3.0),
        ((row(1.0, "2020-01-01", "2020-12-31"), row(2.0, "2021-01-01", "2021-12-31")), 2.0),
        ((row(1.0, "2030-01-01"), row(2.0, "2031-01-01")), 1.0),  # all to come: the first
        ((row(1.0, AS_OF.isoformat(), AS_OF.isoformat()), row(2.0, "2026-11-23")), 1.0),
    ],
)
def test_without_a_year_the_row_in_force_holds(rows, given: tuple[Parameter, ...], value: float) -> None:
    rows(*given)
    assert parameter("k").value == value


def test_rows_of_a_country_go_before_those_of_anywhere(rows) -> None:
    rows(row(1.0), row(2.0, country="MX"))
    assert parameter("k", country="MX").value == 2.0
    assert parameter("k", country="CA").value == 1.0
    assert parameter("k").value == 1.0


def test_a_country_must_be_named_where_rows_differ(rows) -> None:
    rows(row(1.0, country="US"), row(2.0, country="MX"))
    with pytest.raises(KeyError, match="no row for country None. Give country= one of: MX, US"):
        parameter("k")
    with pytest.raises(KeyError, match="'KR'"):
        parameter("k", country="KR")
    rows(row(1.0, country="US"))
    assert parameter("k").value == 1.0  # there is only that


@pytest.mark.parametrize(
    ("key", "words"), [("k.othr", "Nearest: k.other"), ("", "lists the 2 that exist"), ("zzz", "lists the 2")]
)
def test_an_unknown_key_names_the_nearest(rows, key: str, words: str) -> None:
    rows(row(1.0))
    with pytest.raises(KeyError, match=words):
        parameter(key)


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (row(0.5, low=0.25, high=1.0), "k = 0.5 1 (0.25 to 1) [sourced: s]"),
        (row(0.5, low=0.25), "k = 0.5 1 [sourced: s]"),
        (row(math.nan, quality="unsourced"), "k = nan 1 [assumption]"),
        (row(1e9, quality="derived"), "k = 1e+09 1 [derived: s]"),
    ],
)
def test_a_parameter_prints_itself(one: Parameter, text: str) -> None:
    assert str(one) == text
    assert one.assumed == (one.quality == "unsourced")


def test_facts_are_by_jurisdiction() -> None:
    wage = fact("assembler_wage_usd", with_quality=True)
    assert wage.index.name == "iso"
    assert wage.index.is_unique
    assert list(wage.columns) == ["value", "unit", "year", "source", "quality", "note"]
    plain = fact("assembler_wage_usd")
    assert plain.name == "assembler_wage_usd"
    assert plain.equals(wage["value"].rename("assembler_wage_usd"))
    plain.iloc[0] = -1.0
    wage.iloc[0, 0] = -1.0
    assert fact("assembler_wage_usd").iloc[0] > 0.0  # what is returned is the caller's own
    with pytest.raises(KeyError, match="Nearest: .*assembler_wage_usd"):
        fact("assembler_wage_us")


def test_the_unit_of_facts_in_several_currencies_is_mixed() -> None:
    units = reference.jurisdiction_facts().groupby("variable")["unit"].nunique()
    several = units.index[units > 1]
    assert all(fact(name).attrs["unit"] == "mixed" for name in several)
    assert len(several) >= 1


@pytest.mark.parametrize(
    ("code", "year", "rate"), [("USD", 1900, 1.0), ("usd", 2024, 1.0), ("CAD", 2024, 1.3696), ("cad", 2024, 1.3696)]
)
def test_exchange_rates_per_dollar(code: str, year: int, rate: float) -> None:
    assert exchange_rate(code, year) == rate


@pytest.mark.parametrize(
    ("code", "year", "words"),
    [
        ("GBP", 2024, "no currency 'GBP'. Known: USD, "),
        ("", 2024, "no currency"),
        ("CAD", 2018, "holds in 2018"),
        ("CAD", 2027, "holds in 2027"),
    ],
)
def test_rates_that_are_not_shipped(code: str, year: int, words: str) -> None:
    with pytest.raises(KeyError, match=words):
        exchange_rate(code, year)
