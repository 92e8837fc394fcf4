"""What may change at a place, spelled out: ramp-up, expansion, closing, resuming, joint ventures, yield."""

from __future__ import annotations

import pandas as pd
import pytest

import evsiting as ev
from evsiting.model.build import build
from evsiting.study.study import Study
from tests.studies import two_plant_study


def changing_study() -> Study:
    """Return the two-plant study over two periods of five years, with everything that may change at a place.

    Assembly "small" is ramped up over two years and may grow into "grown"; packs may be made with a partner who takes a
    quarter; the cell plant in Windsor may be closed, a paused one beside it resumed; a tenth of all cells is scrap.
    """
    study = two_plant_study(periods=2)
    options = study.options[study.options["option"] != "large"].reset_index(drop=True)
    small = options["option"] == "small"
    options["ramp_up"] = options["ramp_up"].astype(object).mask(small, "0.5;0.75")
    grown = options[small].assign(
        option="grown", expands="small", capacity_units_per_yr=120e3, capex_usd=300e6, fixed_usd_per_yr=55e6,
        staff_fte=900.0, ramp_up=None,
    )  # fmt: skip
    venture = options[options["option"] == "line"].assign(
        option="venture", partner="Partner", partner_capex_share=0.5, partner_output_share=0.25, sites="monterrey"
    )
    cells = two_plant_study().options.query("plant_type == 'cell'")
    plants = study.plants.assign(closing_usd=40e6)
    paused = plants.assign(
        plant="windsor_old",
        status="paused",
        capacity_units_per_yr=1e6,
        resume_usd=50e6,
        closing_usd=None,
        last_year=2034.0,
    )
    return (
        study.with_table("options", pd.concat([cells, options, grown, venture], ignore_index=True))
        .with_table("plants", pd.concat([plants, paused], ignore_index=True))
        .with_table("processes", study.processes.assign(good_share=[0.9, 1.0, 1.0]))
    )


def lines(family: str) -> dict[str, str]:
    """Return the rows of a family by name."""
    found = (line.split(": ", 1) for line in build(changing_study()).milp.lines(family))
    return {name: row for name, row in found}


def test_a_plant_ramps_up_and_an_expansion_adds_the_difference():
    rows = lines("capacity")
    assert rows["capacity[memphis,assembly,p1]"] == (
        "- 51 build[memphis,assembly,small,p1] + make[memphis,assembly,vehicle,p1] <= 0"
    )  # 60,000 x (0.5 + 0.75 + 1 + 1 + 1) / 5, in thousands
    assert rows["capacity[memphis,assembly,p2]"] == (
        "- 60 build[memphis,assembly,small,p1] - 51 build[memphis,assembly,small,p2] - 60 "
        "build[memphis,assembly,grown,p2] + make[memphis,assembly,vehicle,p2] <= 0"
    )


def test_an_expansion_follows_what_it_expands():
    assert lines("expand") == {
        "expand[memphis,assembly,small,p2]": (
            "- build[memphis,assembly,small,p1] + build[memphis,assembly,grown,p2] <= 0"
        ),
        "expand[monterrey,assembly,small,p2]": (
            "- build[monterrey,assembly,small,p1] + build[monterrey,assembly,grown,p2] <= 0"
        ),
    }
    milp = build(changing_study()).milp
    names = milp.column_names()
    assert "build[memphis,assembly,grown,p1]" not in names  # there is nothing yet that it could expand
    assert "build[memphis,assembly,grown,p2]" in names


def test_only_new_plants_are_counted_as_one_option():
    assert lines("one_option")["one_option[memphis,assembly]"] == (
        "build[memphis,assembly,small,p1] + build[memphis,assembly,small,p2] <= 1"
    )


def test_closing_takes_capacity_away_and_resuming_brings_it_back():
    assert lines("move_once") == {
        "move_once[windsor_cells]": "close[windsor_cells,p1] + close[windsor_cells,p2] <= 1",
        "move_once[windsor_old]": "resume[windsor_old,p1] + resume[windsor_old,p2] <= 1",
    }
    rows = lines("capacity")
    assert rows["capacity[windsor,cell,p1]"] == (
        "300 close[windsor_cells,p1] - 100 resume[windsor_old,p1] + make[windsor,cell,cell,p1] <= 300"
    )
    # the old plant runs to 2034: three of the five years of the second period
    assert rows["capacity[windsor,cell,p2]"] == (
        "300 close[windsor_cells,p1] + 300 close[windsor_cells,p2] - 60 resume[windsor_old,p1] - "
        "60 resume[windsor_old,p2] + make[windsor,cell,cell,p2] <= 300"
    )


def test_a_partner_takes_its_part_of_capacity_where_the_option_is_offered():
    rows = lines("capacity")
    assert "- 90 build[monterrey,pack,venture,p1]" in rows["capacity[monterrey,pack,p1]"]
    assert "venture" not in rows["capacity[memphis,pack,p1]"]


def test_scrap_needs_more_input():
    study = changing_study()
    packs = study.with_table("processes", study.processes.assign(good_share=[1.0, 0.8, 1.0]))
    (row,) = (line for line in build(packs).milp.lines("balance") if line.startswith("balance[memphis,cell,p1]"))
    assert "- 9.375 make[memphis,pack,pack,p1]" in row  # 75 / 0.8 = 93.75 cells a pack, in ten thousands a thousand


@pytest.mark.parametrize("objective", ["cost", "emissions", "jobs"])
def test_the_best_plan_of_the_changing_study_is_certified(objective):
    study = changing_study()
    plan = ev.solve(study, objective=objective, gap=0.0)
    ev.certify(study, plan).raise_if_failed()


def test_what_a_study_leaves_out_costs_nothing():
    milp = build(two_plant_study(periods=2)).milp
    assert [milp.count(name) for name in ("expand", "move_once", "close", "resume")] == [0, 0, 0, 0]
