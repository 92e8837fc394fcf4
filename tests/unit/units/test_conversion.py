"""Factors between units, and units that do not fit."""

from __future__ import annotations

import pytest

from evsiting.units.conversion import examples, factor
from evsiting.units.money import Rates
from evsiting.units.parsing import UnitError


@pytest.mark.parametrize(
    ("seen", "needed", "item", "expected"),
    [
        ("%", "1", "", 0.01),
        ("t/yr", "kg/yr", "", 1000.0),
        ("USD/MWh", "USD/kWh", "", 1e-3),
        ("kg/MWh", "kg/unit", "kWh", 1e-3),
        ("USD/GWh", "USD/unit", "kWh", 1e-6),
    ],
)
def test_factors_by_hand(seen: str, needed: str, item: str, expected: float) -> None:
    assert factor(seen, needed, item=item) == pytest.approx(expected)


@pytest.mark.parametrize(("a", "b"), [("mi", "km"), ("lb", "kg"), ("MWh", "kWh"), ("min", "h"), ("short_ton", "kg")])
def test_there_and_back_is_one(a: str, b: str) -> None:
    assert factor(a, b) * factor(b, a) == pytest.approx(1.0)


def test_foreign_money_is_scaled_and_converted() -> None:
    rates = Rates(2025, {"CAD": {2025: 0.7}}, {})
    assert factor("MCAD", "USD", rates=rates) == pytest.approx(0.7e6)
    with pytest.raises(UnitError, match="needs an exchange rate"):
        factor("MCAD", "USD")


@pytest.mark.parametrize(("seen", "item"), [("km", ""), ("kg/h", ""), ("kg/kWh", "no such unit")])
def test_what_does_not_fit_is_refused_with_what_would(seen: str, item: str) -> None:
    with pytest.raises(UnitError, match="'kg/unit' is needed"):
        factor(seen, "kg/unit", item=item)


def test_a_unit_without_examples_points_to_the_dictionary() -> None:
    assert examples("MW") == "as the data dictionary has it"
    assert "CAD/kWh" in examples("USD/kWh")
