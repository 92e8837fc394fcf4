"""The studies of scenarios and their programs: in the order of the table, each with its own figures."""

from __future__ import annotations

import pytest

import evsiting as ev
from evsiting.errors import InputError
from evsiting.optimize.scenario_programs import cases, scenario_studies, scenarios_of
from tests.scenario_studies import two_futures
from tests.studies import two_plant_study


def test_each_scenario_has_its_own_figures_and_chance() -> None:
    ready, studies = scenario_studies(two_futures())
    found = cases(ready, studies)
    assert [(s.name, s.probability) for s in found] == [("base", 0.6), ("boom", 0.4)]
    demand = {name: own.demand["units_per_yr"].sum() for name, own in studies.items()}
    assert demand["boom"] > demand["base"]
    again = scenarios_of(studies, {"boom": 0.5, "base": 0.5})
    assert [s.probability for s in again] == [0.5, 0.5]
    assert again[1].program.milp.shape == found[1].program.milp.shape


def test_a_study_without_scenarios_is_told() -> None:
    with pytest.raises(InputError, match="has no scenarios"):
        scenario_studies(ev.complete(two_plant_study()))
