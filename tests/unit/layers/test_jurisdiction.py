"""Columns of sites from the facts of their state: in prices of the study, each with its own provenance."""

from __future__ import annotations

import pandas as pd
import pytest

from evsiting import reference
from evsiting.layers.jurisdiction import GRID, LABOR, FactsLayer, facts_in_prices
from evsiting.layers.provenance import COLUMNS
from evsiting.study.study import Study
from tests.layer_studies import bare_study

RISE = 321.943 / 313.689  # consumer prices of 2025 over those of 2024


def study(*regions: str | None) -> Study:
    base = bare_study()
    places = list(regions) + ["CA-ON"] * (4 - len(regions))
    countries = [r and r[:2] for r in places]
    return Study(base.settings, {**base.tables, "sites": base.sites.assign(region=places, country=countries)})


def test_a_site_has_the_figures_of_its_state() -> None:
    made = LABOR(study("US-TN", "US-TN", "MX-NLE"))
    wages = facts_in_prices("assembler_wage_usd", bare_study().settings.money.price_year)["value"]
    assert made.frame["wage_usd_per_h"].tolist() == pytest.approx(
        [wages[r] for r in ("US-TN", "US-TN", "MX-NLE", "CA-ON")]
    )
    burden = reference.fact("payroll_burden")
    assert made.frame["payroll_burden"].iloc[0] == pytest.approx(0.01 * burden["US-TN"])
    assert list(made.frame.columns) == list(LABOR.columns)


def test_a_state_that_is_not_known_leaves_the_cell_empty_and_without_provenance() -> None:
    made = GRID(study("US-TN", None, "US-XX"))
    assert made.frame.isna().any(axis=1).tolist() == [False, True, True, False]
    rows = made.row_origins
    assert set(rows["row"]) == {"memphis", "detroit"}
    assert list(rows.columns) == COLUMNS
    assert len(rows) == 2 * len(GRID.facts)


def test_provenance_is_that_of_the_fact() -> None:
    rows = GRID(study("US-TN")).row_origins.query("row == 'memphis' and column == 'grid_factor_kg_per_kwh'")
    fact = reference.fact("grid_emission_factor", with_quality=True).loc["US-TN"]
    assert rows[["table", "source", "quality", "boundary"]].to_numpy().tolist() == [
        ["sites", fact["source"], fact["quality"], ""]
    ]
    assert rows["year"].tolist() == [str(fact["year"])]
    own = FactsLayer("mine", {"renewable_share": ("renewable_share", 0.01)}, boundaries={"renewable_share": "sold"})
    assert set(own(study("US-TN")).row_origins["boundary"]) == {"sold"}


def test_money_moves_to_the_price_year_and_says_so() -> None:
    old = reference.fact("industrial_power_price", with_quality=True)
    year = int(old["year"].iloc[0])
    same, moved = (facts_in_prices("industrial_power_price", y).iloc[0] for y in (year, 2025))
    assert same["value"] == old["value"].iloc[0]
    index = {y: reference.parameter("price.cpi.us", year=y).value for y in (year, 2025)}
    assert moved["value"] == pytest.approx(old["value"].iloc[0] * index[2025] / index[year], rel=1e-5)
    if year != 2025:
        assert f"moved from {year} to 2025 prices" in moved["note"]
        assert moved["quality"] != "measured"


def test_what_is_no_money_stays() -> None:
    pd.testing.assert_frame_equal(
        facts_in_prices("labor_force", 2019), reference.fact("labor_force", with_quality=True)
    )


def test_what_is_returned_is_the_callers_own() -> None:
    frame = facts_in_prices("assembler_wage_usd", 2025)
    frame["value"] = -1.0
    assert (facts_in_prices("assembler_wage_usd", 2025)["value"] > 0.0).all()


def test_the_layers_fill_columns_of_the_dictionary() -> None:
    from evsiting.study.schema.tables import TABLES

    for layer in (LABOR, GRID):
        assert layer.table == "sites"
        assert set(layer.columns) <= {c.name for c in TABLES["sites"].columns}
