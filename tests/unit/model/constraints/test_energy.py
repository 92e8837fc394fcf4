"""Grid connections, upgrades and clean power: what is written where one of electricity and connection is zero."""

from __future__ import annotations

import numpy as np

from evsiting.model.build import build
from tests.energy_studies import cell_study, limited_study
from tests.studies import unchecked


def test_a_stated_connection_binds_a_process_that_uses_no_electricity() -> None:
    study = cell_study("memphis", electricity=0.0, connectable_mw=[4.0])
    study = unchecked(study, processes=study.processes.assign(connection_kw_per_unit=0.007))
    # a column of output is ten thousand kWh of cells: 70 kW each
    assert list(build(study).milp.lines("grid")) == ["grid[memphis,p1]: 0.07 make[memphis,cell,cell,p1] <= 4"]


def test_no_clean_power_is_offered_where_a_connection_is_stated_and_no_electricity_is_used() -> None:
    study = limited_study(electricity=0.0)
    study = unchecked(study, processes=study.processes.assign(connection_kw_per_unit=0.007))
    milp = build(study).milp
    assert (milp.count("grid"), milp.count("upgrades"), milp.count("clean")) == (2, 4, 0)


def test_a_stated_connection_of_zero_needs_no_grid() -> None:
    study = cell_study("memphis", connectable_mw=[0.0])
    study = unchecked(study, processes=study.processes.assign(connection_kw_per_unit=0.0))
    assert build(study).milp.count("grid") == 0


def test_a_site_without_grid_may_make_nothing() -> None:
    (line,) = build(cell_study("memphis", connectable_mw=[0.0])).milp.lines("grid")
    assert line.endswith("make[memphis,cell,cell,p1] <= 0")


def test_upgrades_add_from_their_period_on_at_their_own_site() -> None:
    first, second = build(limited_study()).milp.lines("grid")
    assert "upgrades[memphis,feeder,p2]" not in first
    assert "- 2 upgrades[memphis,feeder,p1]" in first
    assert "- 2 upgrades[memphis,feeder,p1]" in second
    assert "- 2 upgrades[memphis,feeder,p2]" in second
    assert "monterrey" not in first + second


def test_clean_power_takes_off_the_grid_factor_and_costs_its_premium() -> None:
    program = build(limited_study())
    (clean,) = (d for d in program.decisions if d.table == "clean")
    column = clean.column[0]
    cost, emissions = (program.milp.objectives[name] for name in ("cost", "emissions"))
    # a gigawatt-hour a year for five years at USD 10 more a MWh, with 0.5 t/MWh less
    assert np.allclose(cost.coefficients[column] * cost.unit, 10.0 * 1e3 * 5)
    assert np.allclose(emissions.coefficients[column] * emissions.unit, -0.5 * 1e3 * 5)
    values = np.zeros(program.milp.shape[1])
    values[column[1]] = 3.0
    assert clean.frame(values).to_dict("records") == [{"site": "monterrey", "period": "p2", "mwh_per_yr": 3000.0}]
