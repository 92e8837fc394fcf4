"""Figures compared with the package's own, each at the threshold: none is told on the near side of it."""

from __future__ import annotations

import pytest

from evsiting import reference
from evsiting.study.findings import Findings
from evsiting.study.validation.magnitudes import warn_of_magnitudes
from tests.canonical import canonical

TABLES = {
    "sites": [{"site": "a", "country": "US", "region": "US-TN"}],
    "markets": [{"market": "m", "country": "US", "region": "US-CA"}],
    "periods": [{"period": "2027-2030", "start_year": 2027, "years": 4}],
    "products": [{"product": "vehicle", "unit": "vehicle", "mass_kg_per_unit": 2e3, "value_usd_per_unit": 38e3}],
    "processes": [{"plant_type": "assembly", "product": "vehicle"}],
    "options": [{"plant_type": "assembly", "option": "o", "capacity_units_per_yr": 1e5, "capex_usd": 9e8}],
    "demand": [{"market": "m", "product": "vehicle", "units_per_yr": 8e4}],
}


def remarks(table: str = "sites", **columns: object) -> list[str]:
    found = Findings()
    rows = [{**TABLES[table][0], **columns}]
    warn_of_magnitudes(canonical(**{**TABLES, table: rows}), found)
    assert not found
    return found.warnings


def test_usual_figures_are_not_told() -> None:
    assert remarks() == []


@pytest.mark.parametrize(
    ("column", "fact"),
    [("wage_usd_per_h", "assembler_wage_usd"), ("power_price_usd_per_mwh", "industrial_power_price")],
)
def test_six_times_the_state_is_told(column: str, fact: str) -> None:
    usual = float(reference.fact(fact)["US-TN"])
    for times, far in ((5.99, False), (6.01, True), (1 / 5.99, False), (1 / 6.01, True)):
        assert bool(remarks(**{column: times * usual})) == far, times


@pytest.mark.parametrize(
    ("people", "words"),
    [(0.0, ""), (999.0, "was it in thousands?"), (1000.0, ""), (3e6, ""), (4e9, "persons for US-TN")],
)
def test_people_within_reach(people: float, words: str) -> None:
    texts = remarks(labor_force_persons=people)
    assert [words in text for text in texts] == ([True] if words else [])


def test_few_people_in_an_unknown_state() -> None:
    (text,) = remarks(labor_force_persons=10.0, region=None, country=None)
    assert "fewer than 1,000 persons serve no plant; was it in thousands?" in text


def test_an_expansion_is_not_compared_by_itself() -> None:
    cheap = {**TABLES["options"][0], "capex_usd": 1e5}
    assert "was the capacity" not in remarks("options", **cheap)[0]
    found = Findings()
    grown = {**cheap, "option": "more", "capacity_units_per_yr": 2e5, "expands": "o"}
    warn_of_magnitudes(canonical(**{**TABLES, "options": [TABLES["options"][0], grown]}), found)
    assert found.warnings == []


@pytest.mark.parametrize(
    ("capex", "capacity", "words"), [(9e11, 1e5, "was the capacity in thousands?"), (9e5, 1e5, "was it in thousands?")]
)
def test_capex_by_capacity(capex: float, capacity: float, words: str) -> None:
    (text,) = remarks("options", capex_usd=capex, capacity_units_per_yr=capacity)
    assert "USD 9" in text
    assert words in text


def test_demand_is_compared_with_sales_and_with_the_smallest_plant() -> None:
    sold = float(reference.fact("vehicle_sales")["US-CA"])
    assert remarks("demand", units_per_yr=9.9 * sold) == []
    assert "all new vehicles sold a year in US-CA" in remarks("demand", units_per_yr=10.1 * sold)[0]
    assert remarks("demand", units_per_yr=1000.0) == []
    assert "the smallest plant makes 100,000" in remarks("demand", units_per_yr=999.0)[0]
    assert remarks("demand", units_per_yr=0.0) == []
