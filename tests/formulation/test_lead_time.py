"""Lead time and connected load: what may open when, and what a utility connects, spelled out and by brute force."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import evsiting as ev
from evsiting.errors import DataWarning
from evsiting.model.build import build
from evsiting.optimize.engines.base import Limits
from evsiting.optimize.engines.registry import ENGINES
from evsiting.results.analysis.power import power_by_site
from evsiting.results.certificate import certify
from evsiting.results.plan import Status
from evsiting.study.study import Study
from tests.brute_force import best_plan
from tests.energy_studies import cell_study
from tests.plans import OPENINGS, PRODUCTION, SHIPMENTS, plan_of, tiny_plan
from tests.random_studies import random_study
from tests.studies import two_plant_study

EXACT = Limits(gap=0.0, time_s=600.0, threads=1)


def late(study: Study, years: float, plant_type: str) -> Study:
    """Return a study in which new plants of a type take some years from decision to first unit."""
    lead = np.where(study.options["plant_type"] == plant_type, years, np.nan)
    return study.with_table("options", study.options.assign(lead_years=lead))


def test_an_option_is_not_built_in_a_period_that_begins_before_its_lead_time_is_over() -> None:
    study = two_plant_study(periods=2)  # of five years each
    study = study.with_table("demand", study.demand[study.demand["period"] == "p2"])
    milp = build(late(study, 5.0, "assembly")).milp
    upper = dict(zip(milp.column_names(), milp.column_upper.tolist(), strict=True))
    built = {name: most for name, most in upper.items() if name.startswith("build[")}
    assert {most for name, most in built.items() if ",assembly," in name and name.endswith(",p1]")} == {0.0}
    assert {most for name, most in built.items() if ",assembly," not in name or name.endswith(",p2]")} == {1.0}
    rows = dict(line.split(": ", 1) for line in milp.lines("capacity"))
    assert "p1]" not in rows["capacity[memphis,assembly,p2]"].replace("make[memphis,assembly,vehicle,p1]", "")


def test_an_option_that_takes_longer_than_the_horizon_lasts_is_told() -> None:
    with pytest.warns(DataWarning, match=r"lead_years.*5 years after the first one, so that these open in none: cell"):
        late(two_plant_study(periods=2), 6.0, "cell")


def test_the_certificate_refuses_what_opens_before_its_lead_time_is_over() -> None:
    study, _ = tiny_plan()
    spare = study.options[study.options["plant_type"] == "pack"].assign(option="spare")
    both = pd.concat([study.options.assign(lead_years=np.nan), spare.assign(lead_years=np.nan)], ignore_index=True)
    both.loc[(both["plant_type"] == "pack") & (both["option"] != "spare"), "lead_years"] = 1.0
    with pytest.warns(DataWarning, match="open in none"):
        early = study.with_table("options", both)
    plan = plan_of(early, openings=OPENINGS, production=PRODUCTION, shipments=SHIPMENTS, unmet=())
    report = certify(early, plan)
    assert [name for name in report.failed] == ["openings"]
    assert "takes 1 years, the period begins after 0" in str(report)


def test_a_stated_connection_takes_the_place_of_the_mean_load() -> None:
    study = cell_study("memphis", connectable_mw=[4.0]).with_settings(model={"load_factor": 0.5})
    study = study.with_table("processes", study.processes.assign(connection_kw_per_unit=0.007))
    # columns of output are in tens of MWh a year: 70 kW for each
    assert set(build(study).milp.lines("grid")) == {"grid[memphis,p1]: 0.07 make[memphis,cell,cell,p1] <= 4"}
    plan = ev.solve(study, gap=0.0)
    ev.certify(study, plan).raise_if_failed()
    load = power_by_site(study, plan).set_index("site")["load_mw"]
    made = plan.production.query("plant_type == 'cell'")["units_per_yr"].sum()
    assert load["memphis"] == pytest.approx(0.007e-3 * made)


@pytest.mark.filterwarnings("ignore::evsiting.DataWarning")  # options and limits drawn at random may be idle
@pytest.mark.parametrize("seed", [pytest.param(s, marks=() if s < 6 else pytest.mark.slow) for s in range(60)])
def test_brute_force_agrees_on_lead_times_and_connected_loads(seed: int) -> None:
    dice, study = np.random.default_rng(seed), random_study(seed, features=None)
    start = study.periods["start_year"].sort_values().tolist()
    lead = dice.choice([0.0, np.nan, float(start[-1] - start[0])], len(study.options))
    size = study.options["capacity_units_per_yr"].where(study.options["expands"].isna(), 0.0)
    lead[size.groupby(study.options["plant_type"]).idxmax()] = np.nan  # or nothing could serve the first period
    used = study.processes["electricity_kwh_per_unit"] / (8760.0 * study.settings.model.load_factor)
    stated = np.where(dice.random(len(used)) < 0.7, used * dice.uniform(0.5, 1.3, len(used)), np.nan)
    study = study.with_table("options", study.options.assign(lead_years=lead))
    study = study.with_table("processes", study.processes.assign(connection_kw_per_unit=pd.Series(stated)))
    want, milp = best_plan(study, "cost"), build(study).milp
    got = ENGINES["highs"].run(milp, milp.objectives["cost"], EXACT)
    if want is None:
        assert got.status is Status.INFEASIBLE
        return
    assert got.status is Status.OPTIMAL
    assert got.objective == pytest.approx(want.value, rel=1e-6, abs=1e-6)
