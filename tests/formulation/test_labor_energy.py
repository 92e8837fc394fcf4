"""Rows of labor pools, grid connections and clean power, spelled out; and that they cost nothing where left out."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from evsiting.model.build import build
from evsiting.model.formulation import FAMILIES
from tests.energy_studies import cell_study, limited_study
from tests.frames import COLUMNS

FAMILY = ("labor_pool", "grid", "upgrade", "clean")


def expected() -> dict[str, set[str]]:
    """Return the lines of the file by row family."""
    text = Path(__file__).with_name("labor_energy.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {family: {line for line in lines if line.startswith(f"{family}[")} for family in FAMILY}


@pytest.mark.parametrize("family", FAMILY)
def test_rows_are_as_written(family: str) -> None:
    assert set(build(limited_study()).milp.lines(family)) == expected()[family]
    assert f"\\tag{{{family.replace('_', chr(92) + '_')}}}" in (FAMILIES[family].__doc__ or "")


def test_a_study_without_them_has_neither_rows_nor_columns() -> None:
    milp = build(cell_study("memphis", "monterrey", demand=(1e6, 2e6))).milp
    assert [milp.count(family) for family in (*FAMILY, "upgrades")] == [0, 0, 0, 0, 0]


def test_what_uses_no_electricity_needs_no_connection() -> None:
    milp = build(limited_study(electricity=0.0)).milp
    assert [milp.count(family) for family in ("grid", "upgrade", "clean", "upgrades")] == [0, 0, 0, 0]
    assert milp.count("labor_pool") == 2


def test_a_connection_without_upgrades_is_a_plain_limit() -> None:
    milp = build(cell_study("memphis", connectable_mw=[4.0])).milp
    assert set(milp.lines("grid")) == {"grid[memphis,p1]: 0.0456621 make[memphis,cell,cell,p1] <= 4"}
    assert milp.count("upgrades") == 0


def test_a_load_that_swings_needs_a_larger_connection() -> None:
    study = cell_study("memphis", connectable_mw=[4.0]).with_settings(model={"load_factor": 0.5})
    assert set(build(study).milp.lines("grid")) == {"grid[memphis,p1]: 0.0913242 make[memphis,cell,cell,p1] <= 4"}


def test_standing_plants_hold_part_of_the_pool() -> None:
    plant = ("old", "monterrey", "cell", "Old", "Maker", "existing", 1e6, 1e6, 150.0)
    study = limited_study()
    study = study.with_table("plants", pd.DataFrame([plant], columns=COLUMNS["plants"]))
    (line, _) = build(study).milp.lines("labor_pool")
    assert line.endswith("0.25 make[monterrey,cell,cell,p1] <= 250")


def test_a_standing_plant_that_may_be_closed_frees_its_staff() -> None:
    plant = ("old", "monterrey", "cell", "Old", "Maker", "existing", 1e6, 1e6, 150.0)
    plants = pd.DataFrame([plant], columns=COLUMNS["plants"]).assign(closing_usd=1e6)
    (line, _) = build(limited_study().with_table("plants", plants)).milp.lines("labor_pool")
    assert "- 150 close[old,p1]" in line


def test_clean_power_costs_its_premium_and_takes_the_grid_factor_off() -> None:
    program = build(limited_study())
    milp = program.milp
    clean = {n: k for k, n in enumerate(milp.column_names())}["clean[monterrey,p2]"]
    cost, emissions = milp.objectives["cost"], milp.objectives["emissions"]
    assert cost.coefficients[clean] * cost.unit == pytest.approx(1_000 * 10.0 * 5)  # a GWh, five years
    assert emissions.coefficients[clean] * emissions.unit == pytest.approx(-0.5 * 1e6 / 1_000 * 5)


def test_the_carbon_price_makes_clean_power_pay() -> None:
    milp = build(limited_study().with_settings(model={"carbon_price_usd_per_t": 50.0})).milp
    clean = {n: k for k, n in enumerate(milp.column_names())}["clean[monterrey,p2]"]
    cost = milp.objectives["cost"]
    assert cost.coefficients[clean] * cost.unit == pytest.approx(1_000 * 10.0 * 5 - 500 * 50.0 * 5)


def test_an_upgrade_costs_the_annuities_within_the_horizon() -> None:
    milp = build(limited_study()).milp
    at = {n: k for k, n in enumerate(milp.column_names())}
    cost = milp.objectives["cost"]
    found = [cost.coefficients[at[f"upgrades[memphis,feeder,{p}]"]] * cost.unit for p in ("p1", "p2")]
    assert found == pytest.approx([5e6 * 10 / 20, 5e6 * 5 / 20])


def test_tables_of_the_plan_are_in_the_units_of_the_study() -> None:
    program = build(limited_study())
    tables = {
        "clean": pd.DataFrame([("monterrey", "p1", 12_000.0)], columns=["site", "period", "mwh_per_yr"]),
        "upgrades": pd.DataFrame([("memphis", "line", "p2")], columns=["site", "upgrade", "period"]),
    }
    values = program.point(tables)
    assert dict(zip(program.milp.column_names(), values, strict=True))["clean[monterrey,p1]"] == pytest.approx(12.0)
    found = program.tables(values)
    for name, frame in tables.items():
        pd.testing.assert_frame_equal(found[name], frame, check_dtype=False)
