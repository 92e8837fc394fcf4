"""Commitments of what comes as a by-product of something else."""

from __future__ import annotations

import pandas as pd
import pytest

import evsiting as ev
from evsiting.errors import StudyError
from evsiting.study.study import Study
from tests.recipe_studies import flows, recipe_study


def study(origin: str) -> Study:
    """Return a study of vehicles with scrap, some of which is promised to a town."""
    return recipe_study(
        sites={"memphis": "assembly", "windsor": "recycler"},
        processes=[
            {"plant_type": "assembly", "product": "vehicle", "capacity_use": 1.0},
            {"plant_type": "recycler", "product": "pack", "capacity_use": 1.0},
        ],
        options=[
            {"plant_type": kind, "option": "one", "capacity_units_per_yr": 1_000.0, "capex_usd": 1e6}
            for kind in ("assembly", "recycler")
        ],
        bill=[],
        sold={},
        lanes=[
            ("vehicle", "memphis", "new_york", 1.0),
            ("scrap", "memphis", "new_york", 5.0),
            ("scrap", "windsor", "new_york", 5.0),
        ],
        wanted={("new_york", "vehicle"): 100.0, ("new_york", "scrap"): -50.0},
        by_products=pd.DataFrame(
            {"plant_type": ["assembly"], "product": ["vehicle"], "by_product": ["scrap"], "units_per_unit": [0.3]}
        ),
        commitments=pd.DataFrame(
            {"commitment": ["all scrap"], "origin": [origin], "product": ["scrap"], "at_least": [20.0]}
        ),
    )


def test_a_by_product_may_be_promised() -> None:
    plan = ev.solve(study("memphis"), gap=0.0)
    assert flows(plan)["scrap", "memphis", "new_york"] >= 20.0


def test_what_no_plant_there_brings_may_not() -> None:
    with pytest.raises(StudyError, match=r"of what nothing can make there \(index 0: 'scrap at windsor'\)"):
        study("windsor")
