"""Integers that are not quite whole gain nothing."""

from __future__ import annotations

import numpy as np

from evsiting.model.milp import Milp, MilpBuilder, Objective
from evsiting.optimize.engines.base import Limits, result_from_point
from evsiting.optimize.engines.integer_repair import repair_integers
from evsiting.results.plan import Status


def shop() -> tuple[Milp, Objective]:
    """Return two plants of 120 a year, dear to build, and a dear import, for a demand of 100."""
    milp = MilpBuilder()
    build = milp.add_columns("build", (2,), lambda k: (str(k),), upper=1.0, integer=True)
    make = milp.add_columns("make", (2,), lambda k: (str(k),))
    buy = milp.add_columns("buy", (1,), lambda k: ())
    milp.add_rows("capacity", 2, lambda k: (str(k),), ([0, 1], make, 1.0), ([0, 1], build, -120.0), upper=0.0)
    milp.add_rows("demand", 1, lambda k: (), ([0, 0], make, 1.0), ([0], buy, 1.0), lower=100.0, upper=100.0)
    cost = Objective("cost", np.array([50.0, 60.0, 1.0, 1.0, 9.0]), 0.0, 1.0)
    return milp.finish([cost]), cost


def test_what_a_plant_of_a_millionth_makes_is_made_elsewhere() -> None:
    milp, cost = shop()
    point = np.array([1.0, 3e-7, 100.0 - 3.6e-5, 3.6e-5, 0.0])
    assert repair_integers(milp, cost, point).tolist() == [1.0, 0.0, 100.0, 0.0, 0.0]
    result = result_from_point(milp, cost, Limits(), Status.OPTIMAL, "", point, cost.value(point), 0.0, "1")
    assert result.status is Status.OPTIMAL
    assert result.objective == 150.0


def test_a_point_with_whole_integers_stays_as_it_is() -> None:
    milp, cost = shop()
    point = np.array([1.0, 1.0 - 1e-9, 60.0, 40.0, 0.0])
    assert repair_integers(milp, cost, point).tolist() == [1.0, 1.0, 60.0, 40.0, 0.0]


def test_a_point_that_cannot_be_mended_is_not_hidden() -> None:
    milp, cost = shop()
    point = np.array([0.4, 0.0, 48.0, 0.0, 52.0])
    result = result_from_point(milp, cost, Limits(), Status.OPTIMAL, "", point, cost.value(point), 0.0, "1")
    assert result.status is Status.UNCLEAR
