"""The registry of units against conversions from the literature, and tables about prefixes against the registry."""

from __future__ import annotations

import re

import pint
import pytest

from evsiting.units.definitions import CURRENCIES, MEANT, PREFIXES, SIZES, registry


@pytest.mark.parametrize(
    ("text", "to", "value"),
    [
        ("mile", "km", 1.609344),
        ("nautical_mile", "m", 1852.0),
        ("short_ton", "kg", 907.18474),
        ("long_ton", "kg", 1016.0469088),
        ("lb", "g", 453.59237),
        ("oz", "lb", 1 / 16),
        ("yard", "foot", 3.0),
        ("foot", "inch", 12.0),
        ("kWh", "MJ", 3.6),
        ("MWh", "GJ", 3.6),
        ("BTU", "J", 1055.05585262),
        ("MMBtu", "kWh", 293.07107),
        ("therm", "MMBtu", 0.1),
        ("Dth", "MMBtu", 1.0),
        ("week", "hour", 168.0),
        ("month", "yr", 1 / 12),
        ("quarter", "yr", 0.25),
        ("pct", "1", 0.01),
        ("ppm", "1", 1e-6),
        ("bn", "1", 1e9),
        ("kt", "kg", 1e6),
    ],
)
def test_conversions(text: str, to: str, value: float) -> None:
    units = registry()
    target = units.dimensionless if to == "1" else units(to).units
    assert units(text).to(target).magnitude == pytest.approx(value, rel=1e-7)


@pytest.mark.parametrize("pair", [("yr", "h"), ("person", "FTE"), ("item", "person"), ("USD", "item"), ("t", "km")])
def test_what_is_never_converted(pair: tuple[str, str]) -> None:
    """A calendar year is no number of paid hours; people in a region are no positions in a plant."""
    units = registry()
    with pytest.raises(pint.DimensionalityError):
        units(pair[0]).to(pair[1])


@pytest.mark.parametrize("name", ["cell", "modules", "pack", "vehicles", "car", "unit", "pc"])
def test_one_item_by_any_name(name: str) -> None:
    assert registry()(name).to("item").magnitude == 1.0


def test_one_registry_for_all() -> None:
    assert registry() is registry()


def test_no_unit_of_physics_at_large_is_known() -> None:
    for name in ("parsec", "kelvin", "degree", "EUR"):
        with pytest.raises(pint.UndefinedUnitError):
            registry()(name)


def test_tables_of_prefixes_are_about_units_that_there_are() -> None:
    units = registry()
    prefixes = {str(prefix) for prefix in units._prefixes} - {""}
    assert set(SIZES) <= prefixes
    for name, allowed in PREFIXES.items():
        assert str(units(name).units) == name
        assert set(allowed) <= set(SIZES)
    assert set(MEANT) <= {str(units(name).units) for name in MEANT}
    assert "USD" not in PREFIXES  # MUSD and kUSD are read by themselves: TUSD would be thousands to some


def test_currencies_are_codes_of_three_letters() -> None:
    assert all(re.fullmatch(r"[A-Z]{3}", code) for code in CURRENCIES)
    assert {"USD", "CAD", "MXN", "EUR", "KRW", "JPY", "CNY"} <= CURRENCIES
    assert not {c for c in CURRENCIES if c in registry() and c != "USD"}  # no code is a unit by accident
