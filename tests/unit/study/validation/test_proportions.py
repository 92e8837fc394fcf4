"""Figures compared with other figures of the study: percents, names of periods, loads, penalties, energy of a pack."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from evsiting import reference
from evsiting.study.findings import Findings
from evsiting.study.validation.proportions import warn_of_proportions
from tests.canonical import canonical

TABLES = {
    "periods": [{"period": "2027-2030", "start_year": 2027, "years": 4}],
    "products": [
        {"product": "cell", "unit": "kWh", "mass_kg_per_unit": 5.0, "value_usd_per_unit": 80.0},
        {"product": "vehicle", "unit": "vehicle", "mass_kg_per_unit": 2e3, "value_usd_per_unit": 38e3},
    ],
    "bill_of_materials": [{"product": "vehicle", "input": "cell", "units_per_unit": 75.0}],
    "processes": [{"plant_type": "assembly", "product": "vehicle", "labor_h_per_unit": 18.0}],
    "options": [{"plant_type": "assembly", "option": "o", "capacity_units_per_yr": 1e5, "capex_usd": 9e8}],
    "demand": [{"market": "m", "product": "vehicle", "period": "2027-2030", "units_per_yr": 8e4}],
}


def remarks(found: Findings | None = None, **tables: object) -> list[str]:
    found = Findings() if found is None else found
    made = canonical(**{**TABLES, **tables})
    warn_of_proportions(made, found)
    assert not found
    return found.warnings


def changed(table: str, row: int = 0, **columns: object) -> list[str]:
    rows = [dict(r) for r in TABLES[table]]
    rows[row] |= columns
    return remarks(**{table: rows})


def test_a_consistent_study_is_not_told() -> None:
    assert remarks() == []


@pytest.mark.parametrize(("shares", "far"), [([0.004, 0.009], True), ([0.004, 0.01], False), ([0.0, 0.0], False)])
def test_percents_that_are_all_below_one(shares: list[float], far: bool) -> None:
    found = Findings(headers={("options", "min_load"): "min_load [%]"})
    options = [{**TABLES["options"][0], "option": f"o{k}", "min_load": s} for k, s in enumerate(shares)]
    assert bool(remarks(found, options=options)) == far
    assert remarks(Findings(), options=options) == []  # the header does not say percent


@pytest.mark.parametrize(
    ("shares", "told"), [([0.004, 0.4], "row"), ([0.008, 0.4, 0.05], "0.8"), ([0.4, 0.3], ""), ([0.004, 0.05], "")]
)
def test_one_fraction_among_shares_in_percent(shares: list[float], told: str) -> None:
    found = Findings(headers={("options", "min_load"): "min_load [%]"})
    options = [{**TABLES["options"][0], "option": f"o{k}", "min_load": s} for k, s in enumerate(shares)]
    texts = remarks(found, options=options)
    assert len(texts) == bool(told)
    assert all("1 of" in text and "others are up to 40 %" in text for text in texts)


@pytest.mark.parametrize(("rates", "told"), [([0.0025, 0.25], True), ([0.0035, 0.25], False), ([0.025, 0.25], False)])
def test_one_fraction_among_duties_in_percent(rates: list[float], told: bool) -> None:
    found = Findings(headers={("duties", "rate"): "rate [%]"})
    duty = {"product": "cell", "origin": "KR", "destination": "US", "dutiable_share": 1.0}
    duties = [{**duty, "measure": f"m{k}", "rate": r} for k, r in enumerate(rates)]
    assert len(remarks(found, duties=duties)) == told


@pytest.mark.parametrize(
    ("table", "row", "words"),
    [
        ("duties", {"product": "cell", "origin": "KR", "destination": "US", "measure": "m", "rate": 2.5}, "250 %"),
        ("sites", {"site": "s", "property_tax_rate": 0.8}, r"under the header 'property_tax_rate \[%/yr\]'"),
        ("sites", {"site": "s", "payroll_burden": 1.3}, "was the wage itself counted in"),
        ("sites", {"site": "s", "tax_rate": 0.9}, "90 %"),
    ],
)
def test_rates_that_are_no_fractions(table: str, row: dict[str, object], words: str) -> None:
    column = list(row)[-1]
    (text,) = remarks(**{table: [row]})
    assert re.search(words, text)
    assert remarks(**{table: [{**row, column: 0.05}]}) == []
    said = Findings(headers={(table, column): f"{column} [%]"})
    assert remarks(said, **{table: [row]}) == []  # 250 under a header in percent


@pytest.mark.parametrize(
    ("name", "said"),
    [("2027-2030", ""), ("2027–2031", "2027 to 2030"), ("2028 / 2030", "2027 to 2030"), ("2030-2027", ""), ("p1", "")],
)
def test_names_of_periods_that_are_years(name: str, said: str) -> None:
    periods = [{**TABLES["periods"][0], "period": name}]
    texts = remarks(periods=periods, demand=[{**TABLES["demand"][0], "period": name}])
    assert [f"{name!r} is {said})" in text for text in texts] == ([True] if said else [])


def test_a_period_in_which_nothing_is_wanted() -> None:
    later = {"period": "later", "start_year": 2031, "years": 2}
    (text,) = remarks(periods=[TABLES["periods"][0], later])
    assert "nothing is wanted in 1 of 2 periods ('later')" in text
    assert remarks(periods=[TABLES["periods"][0], later], demand=[{**TABLES["demand"][0], "period": None}]) == []


def test_fixed_cost_against_the_investment() -> None:
    for fixed, far in ((9e9, False), (9.1e9, True), (9e3, False), (8.9e3, True), (0.0, False)):
        assert bool(changed("options", fixed_usd_per_yr=fixed)) == far, fixed
    assert changed("options", fixed_usd_per_yr=5.0, capex_usd=0.0) == []  # what is free has no part


def test_a_full_load_against_a_truck() -> None:
    payload = 1000.0 * float(reference.parameter("freight.truck.payload").value)
    for part, far in ((9.9, False), (10.1, True), (0.021, False), (0.019, True)):
        assert bool(changed("products", 1, units_per_truck=part * payload / 2e3)) == far, part


@pytest.mark.parametrize(("penalty", "far"), [(0.0, False), (381.0, False), (379.0, True), (37e6, False), (39e6, True)])
def test_a_penalty_against_the_value(penalty: float, far: bool) -> None:
    texts = changed("demand", unmet_penalty_usd_per_unit=penalty)
    assert ["vehicle: its value is USD 38,000" in t for t in texts] == ([True] if far else [])


@pytest.mark.parametrize(("kwh", "words"), [(75.0, ""), (0.075, "was it in thousands?"), (1e4, "times too large?")])
def test_energy_of_a_vehicle(kwh: float, words: str) -> None:
    texts = changed("bill_of_materials", units_per_unit=kwh)
    assert [words in text for text in texts] == ([True] if words else [])


def test_work_in_minutes_is_asked_for() -> None:
    assert "was it in minutes?" in changed("processes", labor_h_per_unit=18.0 * 60.0)[0]
    assert changed("processes", labor_h_per_unit=0.0) == []


def test_what_is_at_fault_by_itself_is_not_compared_once_more() -> None:
    """Where the value has been told of, the price that differs from it is not."""
    seller = {"supplier": "s", "country": "KR", "product": "cell", "price_usd_per_unit": 8000.0}
    assert "cell: its value is USD 80" in remarks(suppliers=[seller])[0]
    found = Findings(warnings=["table 'products', column 'value_usd_per_unit': 1 of 2 figures is far"])
    assert len(remarks(found, suppliers=[seller])) == 1


def test_credits_by_the_unit_only() -> None:
    credit = {
        "program": "p",
        "country": "US",
        "plant_type": "cell",
        "value": 1e4,
        "first_year": 2027,
        "last_year": 2030,
    }
    assert "its value is USD 80" in remarks(programs=[{**credit, "product": "cell", "kind": "production"}])[0]
    assert remarks(programs=[{**credit, "kind": "grant"}]) == []


def test_rows_without_a_value_say_nothing() -> None:
    products = pd.DataFrame(TABLES["products"]).assign(value_usd_per_unit=0.0).to_dict("records")
    demand = [{**TABLES["demand"][0], "unmet_penalty_usd_per_unit": 1.0}]
    assert remarks(products=products, demand=demand) == []
