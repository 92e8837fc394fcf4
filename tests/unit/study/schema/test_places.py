"""Sites and markets: codes, ranges of shares and factors, and what stays empty until a layer fills it."""

from __future__ import annotations

import pytest

from evsiting.study.findings import Findings
from evsiting.study.schema.tables import TABLES
from evsiting.study.validation.tables import canonical_table
from tests.canonical import SETTINGS, canonical, told

SITES = TABLES["sites"]


def problems(**row: object) -> list[str]:
    import pandas as pd

    findings = Findings()
    canonical_table(SITES, pd.DataFrame([{"site": "a", "lat": 35.1, "lon": -90.0, **row}]), SETTINGS, findings)
    return told(findings)


@pytest.mark.parametrize(
    ("column", "good", "bad"),
    [
        ("wage_usd_per_h", 0.01, 0.0),
        ("payroll_burden", 3.0, 3.1),
        ("unemployment_rate", 1.0, 1.01),
        ("power_price_usd_per_mwh", 0.0, -0.1),
        ("grid_factor_kg_per_kwh", 3.0, 3.1),
        ("renewable_share", 0.0, -0.01),
        ("tax_rate", 0.99, 1.0),
        ("property_tax_rate", 0.0, 1.0),
        ("connectable_mw", 0.0, -1.0),
        ("solar_yield", 1.0, 24.0),
        ("right_to_work", 1.0, 2.0),
    ],
)
def test_ranges(column: str, good: float, bad: float) -> None:
    assert problems(**{column: good}) == []
    (text,) = problems(**{column: bad})
    assert SITES.column(column).label in text


def test_land_may_be_paid_for_being_used() -> None:
    assert problems(fixed_usd_per_yr=-5e6) == []  # a further fixed cost below zero is a payment


@pytest.mark.parametrize(("column", "value"), [("country", "DE"), ("role", "maybe"), ("site", ""), ("site", None)])
def test_names_that_are_none(column: str, value: object) -> None:
    assert len(problems(**{column: value})) == 1


def test_what_a_site_is_where_nothing_is_said() -> None:
    row = canonical(sites=[{"site": "Ñ-1"}])["sites"].iloc[0]
    assert (row["site"], row["role"], row["fixed_usd_per_yr"], row["property_tax_rate"]) == (
        "Ñ-1",
        "candidate",
        0.0,
        0.0,
    )
    assert row[["country", "region", "wage_usd_per_h", "tax_rate", "labor_pool"]].isna().all()
    assert not {c.name for c in SITES.columns if c.lean} & set(row.index)


def test_every_figure_of_a_place_says_what_it_takes_in() -> None:
    """Shares of generation, straight wages, commuting sheds: what is easily taken for something else has a boundary."""
    for name in (
        "wage_usd_per_h",
        "renewable_share",
        "carbon_free_share",
        "grid_factor_kg_per_kwh",
        "heat_factor_kg_per_kwh",
    ):
        assert SITES.column(name).boundary
    sheds = [c for c in SITES.columns if c.name.startswith("shed_")]
    assert {c.boundary for c in sheds} == {"commuting shed; sheds overlap"}
    assert {c.unit for c in sheds} == {"person"}


def test_markets_are_codes_with_a_place() -> None:
    assert [c.name for c in TABLES["markets"].columns] == ["market", "name", "country", "region"]
    assert TABLES["markets"].geometry
    assert TABLES["markets"].key == ("market",)
