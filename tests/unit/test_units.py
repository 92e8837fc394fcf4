"""Units: what may be written in a header, and by what it is multiplied."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import pytest
from hypothesis import given

from evsiting.study.schema.tables import TABLES
from evsiting.units import Rates, UnitError, examples, factor, parse_unit, registry, split_header

RATES = Rates(2025, {"CAD": {2025: 0.70, 2023: 0.74}}, {"USD": {2023: 300.0, 2025: 321.0}})


@pytest.mark.parametrize(
    ("seen", "needed", "by"),
    [
        ("USD/h", "USD/h", 1.0),
        ("CAD/h", "USD/h", 0.70),
        ("MCAD", "USD", 0.70e6),
        ("kUSD/yr", "USD/yr", 1e3),
        ("million USD", "USD", 1e6),
        ("bn USD", "USD", 1e9),
        ("MUSD2023", "USD", 1e6 * 321 / 300),
        ("CAD2023/unit", "USD/unit", 0.74 * 321 / 300),
        ("mi", "km", 1.609344),
        ("short_ton/unit", "kg/unit", 907.18474),
        ("t/vehicle", "kg/unit", 1000.0),
        ("lb/MWh", "kg/kWh", 0.45359237e-3),
        ("kg CO2e/kWh", "kg/kWh", 1.0),
        ("tCO2/MWh", "kg/kWh", 1.0),
        ("gCO2eq/kWh", "kg/kWh", 1e-3),
        ("%", "1", 0.01),
        ("percent", "1", 0.01),
        ("1", "1", 1.0),
        ("min", "h", 1 / 60),
        ("day", "h", 24.0),
        ("thousand person", "person", 1e3),
        ("unit/month", "unit/yr", 12.0),
        ("h/pack", "h/unit", 1.0),
        ("MWh/unit", "kWh/unit", 1e3),
        ("kwh/unit", "kWh/unit", 1.0),
        ("USD/MWH", "USD/MWh", 1.0),
        ("MWhr/unit", "kWh/unit", 1e3),
        ("USD/MMBtu", "USD/MWh", 3.412141633127942),
        ("USD/mmbtu", "USD/MWh", 3.412141633127942),
        ("USD/Dth", "USD/MWh", 3.412141633127942),
        ("USD/therm", "USD/MWh", 34.12141633127942),
        ("USD/mo", "USD/yr", 12.0),
        ("kt/unit", "kg/unit", 1e6),
        ("mt/unit", "kg/unit", 1e3),
        ("mg/kWh", "kg/kWh", 1e-6),
        ("kunit/yr", "unit/yr", 1e3),
    ],
)
def test_a_header_unit_is_turned_into_the_canonical_one(seen, needed, by):
    assert factor(seen, needed, rates=RATES) == pytest.approx(by, rel=1e-12)


@pytest.mark.parametrize(
    ("seen", "needed", "words"),
    [
        ("USD/yr", "USD/h", ("does not fit", "'USD/h' is needed", "CAD/h")),
        ("USD/day", "USD/h", ("does not fit",)),
        ("kg", "km", ("does not fit", "mi")),
        ("ton/unit", "kg/unit", ("1,000 kg or 2,000 lb", "short_ton")),
        ("$/h", "USD/h", ("currency sign", "MXN")),
        ("2023 USD", "USD", ("USD2023",)),
        ("CDA/h", "USD/h", ("'CDA'", "CAD")),
        ("mwh/unit", "kWh/unit", ("'mwh'", "MWh")),
        ("mUSD", "USD", ("milli-USD", "MUSD for millions")),
        ("TUSD", "USD", ("tera-USD", "kUSD for thousands")),
        ("USD/mWh", "USD/MWh", ("milli-watt hour", "capital M")),
        ("mW", "MW", ("milli-watt", "MW")),
        ("mh/unit", "h/unit", ("milli-hour",)),
        ("mm", "km", ("milli-meter", "km")),
        ("munit/yr", "unit/yr", ("milli-item", "million unit")),
        ("ma", "yr", ("milli-calendar year",)),
        ("USD/MBtu", "USD/MWh", ("a thousand Btu to some", "MMBtu")),
        ("c/kWh", "USD/MWh", ("cents", "75 USD/MWh")),
        ("¢/kWh", "USD/MWh", ("cents",)),
        ("USc/kWh", "USD/MWh", ("cents",)),
        ("m USD", "USD", ("thousands or millions", "MUSD")),
        ("USDm", "USD", ("thousands or millions", "MUSD")),
        ("mmUSD", "USD", ("thousands or millions", "MUSD")),
        ("CAD k/unit", "USD/unit", ("thousands or millions", "kCAD")),
        ("USD*CAD", "USD", ("two currencies",)),
        ("USD/)(", "USD", ("cannot be read",)),
        ("person", "FTE", ("does not fit",)),
        ("EUR/h", "USD/h", ("no exchange rate for EUR in 2025", "usd_per.EUR.2025", "study.toml", "money.source")),
        ("CAD2019/h", "USD/h", ("CAD in 2019", "2023, 2025")),
        ("USD2019", "USD", ("no price index", "price_index.USD.2019")),
    ],
)
def test_what_does_not_fit_is_refused_with_the_way_out(seen, needed, words):
    with pytest.raises(UnitError) as caught:
        factor(seen, needed, rates=RATES)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_money_of_the_price_year_needs_no_index():
    assert factor("USD2025", "USD", rates=Rates(2025, {}, {})) == 1.0


def test_a_rate_of_the_fallback_is_noted():
    rates = Rates(2025, {}, {}, lambda currency, year: 0.05 if currency == "MXN" else None)
    assert factor("MXN/h", "USD/h", rates=rates) == 0.05
    assert rates.borrowed == {("MXN", 2025): 0.05}


def test_the_unit_of_the_product_may_stand_for_unit():
    assert factor("kg/kWh", "kg/unit", item="kWh") == 1.0
    assert factor("GWh/yr", "unit/yr", item="kWh") == 1e6
    assert factor("USD/MWh", "USD/unit", item="kWh", rates=RATES) == pytest.approx(1e-3, rel=1e-12)
    with pytest.raises(UnitError, match="does not fit"):
        factor("kg/kWh", "kg/unit", item="pack")


@given(st.sampled_from(["CAD/h", "mi", "lb/MWh", "short_ton/unit", "%", "MUSD2023", "day"]), st.floats(1e-6, 1e9))
def test_there_and_back_is_exact_to_twelve_digits(unit, value):
    needed = {"CAD/h": "USD/h", "mi": "km", "lb/MWh": "kg/kWh", "short_ton/unit": "kg/unit", "%": "1", "day": "h"}
    by = factor(unit, needed.get(unit, "USD"), rates=RATES)
    assert math.isclose(value * by / by, value, rel_tol=1e-12)


def test_every_unit_of_the_dictionary_can_be_read_and_has_examples():
    for table in TABLES.values():
        for column in table.columns:
            if column.unit and " or " not in column.unit:
                assert parse_unit(column.unit).scale > 0
                for word in examples(column.unit).removeprefix("or such as ").split(", "):
                    if not word.startswith("as "):
                        assert (
                            factor(
                                word,
                                column.unit,
                                rates=RATES if "MXN" not in word else Rates(2025, {"MXN": {2025: 0.05}}, {}),
                            )
                            > 0
                        ), (column.name, word)


def test_headers_are_split_at_the_bracket():
    assert split_header(" capex [MUSD 2023] ") == ("capex", "MUSD 2023")
    assert split_header("note") == ("note", "")
    assert split_header("a [b] c") == ("a [b] c", "")


def test_there_is_one_registry():
    assert registry() is registry()
