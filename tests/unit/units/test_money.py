"""Money: the rate of its own year, then the price index from that year to the price year."""

from __future__ import annotations

import pytest

from evsiting.units.money import Rates
from evsiting.units.parsing import UnitError

RATES = Rates(2025, {"CAD": {2024: 0.75, 2025: 0.7}}, {"USD": {2024: 200.0, 2025: 210.0}})


def test_money_is_converted_in_its_own_year_and_moved_afterwards() -> None:
    assert RATES.factor("CAD", 2024) == pytest.approx(0.75 * 210.0 / 200.0)
    assert RATES.factor("USD", 2024) == pytest.approx(1.05)
    assert RATES.factor("CAD", None) == pytest.approx(0.7)
    assert RATES.factor("USD", None) == 1.0


def test_what_is_lent_is_written_down_and_the_own_rate_comes_first() -> None:
    rates = Rates(2025, {"CAD": {2025: 0.7}}, {}, fallback=lambda currency, year: 0.05 if currency == "MXN" else None)
    assert rates.factor("MXN", 2025) == 0.05
    assert rates.factor("CAD", 2025) == 0.7
    assert rates.borrowed == {("MXN", 2025): 0.05}


@pytest.mark.parametrize(
    ("currency", "year", "says"),
    [
        ("CAD", 2023, "the rates of CAD are for 2024, 2025"),
        ("MXN", 2025, r"money.usd_per has no MXN"),
        ("USD", 2020, "no price index to move money of 2020 to prices of 2025"),
    ],
)
def test_what_is_missing_is_named(currency: str, year: int, says: str) -> None:
    with pytest.raises(UnitError, match=says):
        RATES.factor(currency, year)
