"""Rows of limits, gateways and commitments, spelled out; and that they cost nothing where left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evsiting.model.build import build
from evsiting.model.formulation import FAMILIES
from evsiting.study.study import Study
from tests.limit_studies import promising_study, with_commitments, with_gateways, with_limits
from tests.studies import two_plant_study

FAMILY = (
    "gateway", "partner", "cost_cap", "carbon_cap", "jobs_floor", "budget", "country_share", "import_share",
    "concentration", "service", "renewable", "survive",
)  # fmt: skip

LIMITS: tuple[dict[str, object], ...] = (
    {"limit": "money", "kind": "cost", "at_most": 26e9},
    {"limit": "carbon", "kind": "emissions", "at_most": 1.2e6},
    {"limit": "jobs here", "kind": "jobs", "place": "US", "at_least": 20e3, "at_most": 40e3},
    {"limit": "old jobs", "kind": "jobs", "place": "CA-ON", "plant_type": "cell", "at_least": 3200.0},
    {"limit": "spent", "kind": "capex", "place": "memphis", "at_most": 1.5e9},
    {
        "limit": "cars here",
        "kind": "output_share",
        "product": "vehicle",
        "place": "US",
        "at_least": 0.3,
        "at_most": 0.9,
    },
    {"limit": "packs spent", "kind": "capex_share", "plant_type": "pack", "place": "MX", "at_least": 0.25},
    {"limit": "jobs there", "kind": "jobs_share", "place": "MX", "at_most": 0.4},
    {"limit": "imports", "kind": "import_share", "product": "cell", "place": "US", "at_most": 0.2},
    {"limit": "sites", "kind": "concentration", "product": "cell", "per": "site", "at_most": 0.7},
    {"limit": "makers", "kind": "concentration", "product": "cell", "per": "company", "at_most": 0.5},
    {"limit": "sellers", "kind": "concentration", "product": "cell", "per": "supplier", "at_most": 0.1},
    {"limit": "ways", "kind": "concentration", "product": "vehicle", "per": "gateway", "at_most": 0.25},
    {"limit": "in time", "kind": "on_time_share", "product": "vehicle", "at_least": 0.5},
    {"limit": "green", "kind": "renewable_share", "place": "US", "at_least": 0.5},
    {"limit": "one out", "kind": "survive_share", "product": "cell", "at_least": 0.8},
)


def limited_study(periods: int = 1) -> Study:
    """Return the two-plant study with a limit of every kind, a gateway, commitments and contracted clean power."""
    study = promising_study(periods=periods)
    study = study.with_table("sites", study.sites.assign(clean_premium_usd_per_mwh=[10.0, np.nan, np.nan]))
    study = with_gateways(study, laredo=50e3)
    study = with_commitments(
        study,
        {"origin": "windsor", "destination": "memphis", "product": "cell", "at_least": 1e6, "at_most": 2e6},
        {"origin": "busan", "product": "cell", "period": "p1", "at_least": 5e5},
    )
    return with_limits(study, *LIMITS)


def expected() -> dict[str, set[str]]:
    """Return the lines of the file by row family."""
    text = Path(__file__).with_name("limits.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {family: {line for line in lines if line.startswith(f"{family}[")} for family in FAMILY}


@pytest.mark.parametrize("family", FAMILY)
def test_rows_are_as_written(family: str) -> None:
    assert set(build(limited_study()).milp.lines(family)) == expected()[family]
    assert f"\\tag{{{family.replace('_', chr(92) + '_')}}}" in (FAMILIES[family].__doc__ or "")


def test_a_study_without_them_has_neither_rows_nor_columns_nor_the_objective() -> None:
    milp = build(two_plant_study()).milp
    assert [milp.count(family) for family in (*FAMILY, "largest")] == [0] * 13
    assert "late" not in milp.objectives


def test_what_arrives_late_is_counted_and_paid_for() -> None:
    with_cost, without = (build(promising_study(late_usd=usd)).milp for usd in (25.0, 0.0))
    names = with_cost.column_names()
    late = with_cost.objectives["late"]
    slow = {"vehicle,memphis,west", "vehicle,monterrey,east", "vehicle,monterrey,west"}
    assert {names[k] for k in np.flatnonzero(late.coefficients)} == {f"ship[{lane},rail,p1]" for lane in slow}
    assert set(late.coefficients[late.coefficients > 0]) == {10.0}  # ten years of a thousand vehicles, in thousands
    more = with_cost.objectives["cost"].coefficients - without.objectives["cost"].coefficients
    assert np.allclose(more, 0.025 * late.coefficients)  # USD 25 a vehicle, in millions for a thousand


def test_a_limit_of_one_period_has_rows_for_that_period_alone() -> None:
    study = with_limits(
        promising_study(periods=2),
        {"kind": "output_share", "product": "vehicle", "place": "US", "period": "p2", "at_least": 0.5},
        {"kind": "output_share", "product": "vehicle", "place": "MX", "at_least": 0.1},
        {"kind": "capex", "period": "p2", "at_most": 1e9},
        {"kind": "capex", "at_most": 2e9},
        {"kind": "capex_share", "place": "MX", "at_most": 0.5},
        {"kind": "survive_share", "product": "cell", "period": "p2", "at_least": 0.5},
    )
    milp = build(study).milp
    shares = [line.split(":")[0] for line in milp.lines("country_share")]
    assert shares == [
        "country_share[limit 1,at least,p2]",
        "country_share[limit 2,at least,p1]",
        "country_share[limit 2,at least,p2]",
        "country_share[limit 5,at most,horizon]",
    ]
    first, second = milp.lines("budget")
    assert first.startswith("budget[limit 3,p2]")
    assert ",p1]" not in first.split(":")[1]
    assert second.startswith("budget[limit 4,horizon]")
    assert milp.count("largest") == 1


def test_a_supplier_without_limit_stands_in_for_any_plant() -> None:
    study = two_plant_study()
    study = study.with_table("suppliers", study.suppliers.assign(capacity_units_per_yr=None))
    milp = build(with_limits(study, {"kind": "survive_share", "product": "cell", "at_least": 0.8})).milp
    assert milp.count("largest") == 0
    assert {line.split(",")[1] for line in milp.lines("survive")} == {
        "had",
        "detroit",
        "laredo",
        "long beach",
        "manzanillo",
    }


def test_the_order_of_rows_changes_nothing() -> None:
    study = limited_study()
    turned = study
    for name in ("limits", "gateways", "commitments"):
        turned = turned.with_table(name, study.table(name).iloc[::-1])
    one, other = (build(s).milp for s in (study, turned))
    assert one.row_names() == other.row_names()
    assert np.array_equal(one.matrix.toarray(), other.matrix.toarray())
