"""Grid upgrades by site: a step without a site is offered at every site that has a limit."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evsiting.study.derived.grid_upgrades import upgrade_steps
from tests.studies import two_plant_study

STEPS = pd.DataFrame(
    [(None, "line", 200.0, 5e7), ("memphis", "substation", 100.0, 2e7)],
    columns=["site", "upgrade", "capacity_mw", "capex_usd"],
)


def test_steps_go_to_sites_with_a_limit_alone() -> None:
    study = two_plant_study()
    limit = np.where(study.sites["site"] == "memphis", 60.0, np.nan)
    study = study.with_table("sites", study.sites.assign(connectable_mw=limit)).with_table("grid_upgrades", STEPS)
    assert upgrade_steps(study).to_numpy().tolist() == [
        ["memphis", "line", 200.0, 5e7],
        ["memphis", "substation", 100.0, 2e7],
    ]
