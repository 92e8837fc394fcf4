"""Recipes by plant type, and plants that pass a product on, as tables are checked."""

from __future__ import annotations

import pandas as pd

from evsiting.study.findings import Findings
from evsiting.study.recipes import inputs_by_plant_type, is_passed_on
from evsiting.study.validation.recipes import check_recipes

PROCESSES = pd.DataFrame(
    {"plant_type": ["wet", "dry", "center"], "product": "cell", "pass_through_step": [float("nan"), float("nan"), 1.0]}
)
BILL = pd.DataFrame(
    {"product": "cell", "input": ["foil", "solvent"], "units_per_unit": [1.0, 0.2], "plant_type": [None, "wet"]}
)


def test_what_is_passed_on_has_no_recipe() -> None:
    assert is_passed_on(PROCESSES).tolist() == [False, False, True]
    assert not is_passed_on(PROCESSES[["plant_type", "product"]]).any()
    rows = inputs_by_plant_type(PROCESSES, BILL)
    assert sorted(zip(rows["plant_type"], rows["input"], strict=True)) == [
        ("dry", "foil"),
        ("wet", "foil"),
        ("wet", "solvent"),
    ]


def test_an_input_of_a_center_is_refused() -> None:
    found = Findings()
    bill = pd.concat([BILL, BILL[1:].assign(plant_type="center", input="box")], ignore_index=True)
    check_recipes({"processes": PROCESSES, "bill_of_materials": bill}, found, ())
    assert "center does not make cell" in str(found.problems)
