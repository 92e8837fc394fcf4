"""Objectives in order of rank."""

from __future__ import annotations

import math

import pytest

import evsiting as ev
from evsiting.errors import InputError
from tests.studies import two_plant_study


def test_ranks_with_a_tolerance() -> None:
    study = two_plant_study()
    least = ev.solve(study, gap=0.0, verify=False)
    plan = ev.lexicographic(study, ["cost", "emissions"], tolerance={"cost": 0.05}, gap=0.0, verify=False)
    assert plan.totals["cost"] <= 1.05 * least.totals["cost"] * (1 + 1e-6)
    assert plan.totals["emissions"] < least.totals["emissions"]
    free = ev.solve(study, objective="emissions", caps={"cost": 1.05 * least.totals["cost"]}, gap=0.0, verify=False)
    assert plan.totals["emissions"] == pytest.approx(free.totals["emissions"], rel=1e-5)
    assert ev.certify(study, plan).passed


@pytest.mark.parametrize(
    ("names", "tolerance", "what"),
    [
        (["cost", "emissions"], 5, "no part of an objective"),
        (["cost"], 0.01, "too few"),
        (["cost", "cost"], 0.01, "the same"),
        (["cost", "jobs"], -0.1, "no part"),
        (["cost", "jobs"], {"emissions": 0.1}, "emissions"),
        (["cost", "jobs"], math.inf, "no part"),
    ],
)
def test_wrong_ranks_are_told(names: list[str], tolerance: object, what: str) -> None:
    with pytest.raises(InputError, match=what):
        ev.lexicographic(two_plant_study(), names, tolerance=tolerance)
