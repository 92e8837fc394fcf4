"""The extensive form of two scenarios, spelled out."""

from __future__ import annotations

import numpy as np

from evsiting.model.build import build
from evsiting.model.extensive_form import FIRST_STAGE, join, with_risk
from evsiting.optimize.scenario_programs import cases, scenario_studies
from tests.scenario_studies import two_futures
from tests.studies import two_plant_study


def test_first_stage_columns_stand_once_and_all_else_once_a_scenario():
    form = join(cases(*scenario_studies(two_futures())))
    single = build(two_plant_study()).milp
    first = [n for n in single.column_names() if n.partition("[")[0] in FIRST_STAGE]
    names = form.milp.column_names()
    assert names[: len(first)] == first
    assert len(names) == len(set(names)) == 2 * single.shape[1] - len(first)
    others = [n for n in single.column_names() if n not in first]
    assert names[len(first) :] == [n.replace("[", f"[{s},", 1) for s in ("base", "boom") for n in others]
    rows = [n.replace("[", f"[{s},", 1) for s in ("base", "boom") for n in single.row_names()]
    assert form.milp.row_names() == rows
    assert form.milp.integer.sum() == len(first)


def test_rows_of_a_scenario_hold_the_shared_builds_and_its_own_flows():
    milp = join(cases(*scenario_studies(two_futures()))).milp
    rows = dict(line.split(": ", 1) for line in milp.lines("capacity"))
    for future in ("base", "boom"):
        assert rows[f"capacity[{future},memphis,pack,p1]"] == (
            f"- 120 build[memphis,pack,line,p1] + make[{future},memphis,pack,pack,p1] <= 0"
        )
    wanted = dict(line.split(": ", 1) for line in milp.lines("demand"))
    assert wanted["demand[base,east,vehicle,p1]"].endswith("ship[base,vehicle,monterrey,east,rail,p1] = 60")
    assert wanted["demand[boom,east,vehicle,p1]"].endswith("ship[boom,vehicle,monterrey,east,rail,p1] = 90")


def test_the_objective_weighs_flows_by_probability_and_builds_as_a_whole():
    milp, single = join(cases(*scenario_studies(two_futures()))).milp, build(two_plant_study()).milp
    of = dict(zip(single.column_names(), single.objectives["cost"].coefficients.tolist(), strict=True))
    mixed = dict(zip(milp.column_names(), milp.objectives["cost"].coefficients.tolist(), strict=True))
    build_name, ship = "build[memphis,pack,line,p1]", "vehicle,memphis,east,road,p1]"
    assert np.isclose(mixed[build_name], of[build_name])
    assert np.isclose(mixed[f"ship[base,{ship}"], 0.6 * of[f"ship[{ship}"])
    assert np.isclose(mixed[f"ship[boom,{ship}"], 0.4 * of[f"ship[{ship}"])
    assert np.isclose(milp.objectives["cost"].constant, single.objectives["cost"].constant)


def test_the_tail_has_a_column_and_a_row_a_scenario_and_costs_nothing_where_nobody_minds():
    form = join(cases(*scenario_studies(two_futures())))
    assert with_risk(form, {"cost": 1.0}, 0.0, 0.9)[0] is form.milp
    milp, aim = with_risk(form, {"cost": 1.0}, 0.25, 0.9)
    assert milp.column_names()[-3:] == ["value_at_risk[]", "excess[base]", "excess[boom]"]
    assert milp.row_names()[-2:] == ["tail[base]", "tail[boom]"]
    assert np.allclose(aim.coefficients[-3:], [0.25, 0.25 / 0.1 * 0.6, 0.25 / 0.1 * 0.4])
    assert np.allclose(milp.matrix[[-2, -1]].toarray()[:, -3:], [[-1, -1, 0], [-1, 0, -1]])


def test_scenarios_cost_an_ordinary_program_nothing():
    with_them, without = build(two_futures()).milp, build(two_plant_study()).milp
    assert with_them.shape == without.shape
    assert with_them.column_names() == without.column_names()
    assert with_them.row_names() == without.row_names()
