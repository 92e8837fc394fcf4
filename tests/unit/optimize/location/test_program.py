"""The program of a location problem, or of what is left of it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evsiting.errors import Problems
from evsiting.optimize.location.plan import nearest_plan
from evsiting.optimize.location.problem import Effort, effort, location_problem
from evsiting.optimize.location.program import Rest, location_program, solve_rest

COST = [[1.0, 4.0, math.inf], [5.0, 2.0, 6.0]]


def test_the_rows_say_what_the_formulation_says() -> None:
    problem = location_problem("f", COST, 3.0, demand=[1.0, 2.0, 3.0], capacity=[4.0, 8.0])
    milp, objective = location_program(problem, Rest.everything(problem))
    assert list(milp.lines("served"))[2] == "served[2]: serve[1,2] = 1"
    assert list(milp.lines("link"))[0] == "link[0]: - open[0] + serve[0,0] <= 0"
    assert (
        list(milp.lines("capacity"))[0]
        == "capacity[0]: - 0.666667 open[0] + 0.166667 serve[0,0] + 0.333333 serve[0,1] <= 0"
    )
    assert list(milp.lines("count")) == ["count[]: 1 <= open[0] + open[1] <= 2"]
    assert objective.value(np.array([1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 1.0])) == pytest.approx(17.0)  # 6 + 1 + 4 + 6


def test_what_is_left_is_solved_from_a_known_plan() -> None:
    problem = location_problem("f", COST, 3.0)
    known = nearest_plan(problem, np.array([True, True]))
    rest = Rest(np.array([1]), np.array([True]), np.array([0, 0, 0]), np.arange(3))
    _, plan = solve_rest(problem, rest, Effort(0.0, math.inf, 1), known)
    assert plan is not None
    assert (plan.opened.tolist(), plan.cost) == ([False, True], 16.0)


def test_time_and_threads_are_those_asked_for() -> None:
    assert effort("f", 0.01, 5, 2, Problems()) == Effort(0.01, 5.0, 2)
    assert effort("f", 0.01, None, None, Problems()).threads >= 1
