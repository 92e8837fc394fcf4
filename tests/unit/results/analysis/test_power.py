"""Power by site: what a plant draws, and what is connected for it."""

from __future__ import annotations

import numpy as np
import pytest

from evsiting.results.analysis.power import power_by_site
from tests.plans import OPENINGS, PRODUCTION, SHIPMENTS, plan_of, tiny_plan


def test_load_and_power_are_those_of_the_recipes() -> None:
    table = power_by_site(*tiny_plan()).set_index("site")
    # 6 million kWh of cells at 40 kWh, 100,000 packs at 150 and 100,000 vehicles at 800 kWh
    mwh = (6e6 * 40 + 1e5 * 150 + 1e5 * 800) / 1000
    assert table.loc["memphis", "mwh_per_yr"] == pytest.approx(mwh)
    assert table.loc["memphis", "load_mw"] == pytest.approx(mwh / 8760)
    assert table.loc["memphis", "t_per_yr"] == pytest.approx(0.4 * mwh)
    assert (table["renewable"] == 0.2).all()
    assert sorted(table.index) == ["memphis", "windsor"]


def test_a_site_whose_processes_state_a_connection_and_use_no_power_is_listed() -> None:
    study, _ = tiny_plan()
    study = study.with_table(
        "processes", study.processes.assign(electricity_kwh_per_unit=0.0, connection_kw_per_unit=[0.007, 0.0, 0.0])
    ).with_table("sites", study.sites.assign(connectable_mw=[50.0, np.nan, np.nan]))
    plan = plan_of(study, openings=OPENINGS, production=PRODUCTION, shipments=SHIPMENTS)
    table = power_by_site(study, plan).set_index("site")
    assert table.loc["memphis", ["mwh_per_yr", "load_mw", "connected_mw"]].tolist() == [0.0, pytest.approx(42.0), 50.0]
    assert np.isnan(table.loc["memphis", "renewable"])  # a part of nothing


def test_a_plan_that_makes_nothing_draws_nothing() -> None:
    study, _ = tiny_plan()
    assert power_by_site(study, plan_of(study, openings=[], production=[], shipments=[])).empty
