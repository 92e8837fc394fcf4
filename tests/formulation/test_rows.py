"""Every row family of the program, spelled out on a study that people can read."""

from __future__ import annotations

from pathlib import Path

import pytest

from evsiting.model import build as build_module
from evsiting.model.build import Program, build
from evsiting.study.objectives import OBJECTIVES
from tests.studies import two_plant_study

EXPECTED = Path(__file__).with_name("two_plants.txt")


def served_program(periods: int = 1) -> Program:
    """Return the two-plant study where all demand must be served, so that no family is empty."""
    study = two_plant_study(periods=periods)
    return build(study.with_table("demand", study.demand.drop(columns="unmet_penalty_usd_per_unit")))


def expected() -> dict[str, set[str]]:
    """Return the lines of the file by row family."""
    out: dict[str, set[str]] = {}
    for line in EXPECTED.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            out.setdefault(line.partition("[")[0], set()).add(line)
    return out


@pytest.mark.parametrize("family", sorted({b.family for b in served_program().milp.row_blocks}))
def test_rows_are_as_written(family: str) -> None:
    assert set(served_program().milp.lines(family)) == expected().get(family, set())


def test_no_family_is_forgotten_or_left_over() -> None:
    families = {b.family for b in served_program().milp.row_blocks}
    assert set(expected()) == families
    documented = build_module.build.__doc__ or ""
    assert all(f"``{family}``" in documented for family in families)


def test_unmet_demand_enters_demand_and_total_capacity() -> None:
    milp = build(two_plant_study()).milp
    assert (
        "demand[west,vehicle,p1]: ship[vehicle,memphis,west,rail,p1] + ship[vehicle,monterrey,west,rail,p1] + "
        "unmet[west,vehicle,p1] = 40" in set(milp.lines("demand"))
    )
    assert milp.count("min_plants") == 0
    assert any("7.5 unmet[west,vehicle,p1]" in line for line in milp.lines("total_capacity"))


def test_a_plant_built_in_the_first_period_is_open_in_the_second() -> None:
    lines = set(served_program(periods=2).milp.lines("capacity"))
    assert "capacity[memphis,pack,p1]: - 120 build[memphis,pack,line,p1] + make[memphis,pack,pack,p1] <= 0" in lines
    assert (
        "capacity[memphis,pack,p2]: - 120 build[memphis,pack,line,p1] - 120 build[memphis,pack,line,p2] + "
        "make[memphis,pack,pack,p2] <= 0" in lines
    )


@pytest.mark.parametrize(
    ("name", "ceiling", "line"), [("emissions", 5e5, " <= 500"), ("cost", 4e9, " <= 3640"), ("jobs", -2e4, " <= -17")]
)
def test_a_cap_is_a_row_of_its_own(name: str, ceiling: float, line: str) -> None:
    milp = build(two_plant_study()).capped(name, ceiling).milp
    (row,) = milp.lines(OBJECTIVES[name].cap_family)
    assert row.endswith(line)  # less the constant of the standing plant: USD 360 million, 3,000 job-years


def test_features_that_a_study_leaves_out_cost_nothing() -> None:
    study = two_plant_study()
    bare = study.with_table("options", study.options.assign(min_load=0.0)).with_table(
        "suppliers", study.suppliers.assign(capacity_units_per_yr=None)
    )
    milp = build(bare.with_settings(model={"links_per_market": 0})).milp
    assert [milp.count(f) for f in ("min_load", "supplier", "link")] == [0, 0, 0]
