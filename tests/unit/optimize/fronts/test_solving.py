"""What a known plan is worth in an objective, and as the answer to a solve that brought none."""

from __future__ import annotations

import math

import pytest

import evsiting as ev
from evsiting.optimize.fronts.solving import fallback_answer, worth
from tests.studies import two_plant_study


def test_a_plan_that_stands_in_proves_nothing() -> None:
    plan = ev.solve(two_plant_study(), verify=False)
    weighed = {"cost": 1.0, "jobs": 2.0}
    assert worth(plan, weighed) == pytest.approx(plan.totals["cost"] - 2.0 * plan.totals["jobs"])
    other = fallback_answer(plan, weighed, {"emissions": 7.0}, "time", 3.0).solve
    assert (other.weights, other.bound, other.prices) == (weighed, -math.inf, None)
    assert other.objective == pytest.approx(worth(plan, weighed))
    assert (other.caps, other.limit, other.constant) == ({"emissions": 7.0}, "time", 3.0)
