"""Whole fronts of two and three objectives against brute force, and what is said where a front is not finite."""

from __future__ import annotations

import numpy as np
import pytest

import evsiting as ev
from evsiting.errors import GapWarning, InputError
from evsiting.optimize.fronts.points import nondominated, value
from evsiting.optimize.fronts.search_region import dominates
from evsiting.results.plan import Front
from tests.front_studies import SingleSourced
from tests.studies import two_plant_study

THREE = ("cost", "freight_emissions", "jobs")


def points_of(front: Front) -> list[tuple[float, ...]]:
    return [tuple(round(value(plan, name), 6) for name in front.objectives) for plan in front.plans]


def check(seed: int, names: tuple[str, ...]) -> None:
    case = SingleSourced(seed)
    front = ev.pareto(case.study(), *names, mode="exact", threads=1, verify=False)
    found = points_of(front)
    assert (front.complete, front.remark) == (True, "")
    assert len(found) == len(set(found)), "no point twice"
    assert set(found) == case.front(*names)
    assert found == sorted(found)
    for plan in front.plans:
        assert plan.solve.objective_name == names[0]
        assert plan.solve.bound == pytest.approx(plan.solve.objective, abs=1e-3), "each to less than a step"


@pytest.mark.parametrize(("seed", "names"), [(34, ("cost", "jobs")), (34, THREE)])
def test_exact_fronts_are_those_of_brute_force(seed: int, names: tuple[str, ...]) -> None:
    check(seed, names)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(30))
def test_exact_fronts_of_two_objectives(seed: int) -> None:
    check(seed, [("cost", "jobs"), ("cost", "freight_emissions"), ("freight_emissions", "jobs")][seed % 3])


#: Thirty studies whose fronts have 2 to 13 points, and one of 29: each point takes two or three solves.
OF_THREE = (6, 8, 11, 12, 14, 15, 16, 19, *range(21, 32), *range(34, 39), 41, 43, 46, 47, 49, 57)


@pytest.mark.slow
@pytest.mark.parametrize("seed", OF_THREE)
def test_exact_fronts_of_three_objectives(seed: int) -> None:
    check(seed, THREE)


def test_a_front_that_is_cut_to_so_many_points_says_so() -> None:
    front = ev.pareto(SingleSourced(38).study(), *THREE, mode="exact", points=2, threads=1, verify=False)
    assert (len(front), front.complete) == (2, False)
    assert "2 points were asked for" in front.remark


def test_where_a_front_is_not_finite_it_is_said_why_and_points_come_with_bounds() -> None:
    with pytest.warns(GapWarning, match="is not finite: make"):
        front = ev.pareto(two_plant_study(), "cost", "jobs", mode="exact", points=3, gap=1e-4, verify=False)
    assert (front.complete, "make" in front.remark) == (False, True)
    assert len(front) == 3
    assert np.isfinite([plan.solve.bound for plan in front.plans]).all()


@pytest.mark.slow
def test_adaptive_points_lie_where_most_was_open() -> None:
    names = ("cost", "freight_emissions")
    case = SingleSourced(15)
    front = ev.pareto(case.study(), *names, mode="adaptive", points=4, gap=0.0, threads=1, verify=False)
    assert set(points_of(front)) <= case.front(*names)
    assert len(front) == 4


@pytest.mark.slow
def test_three_objectives_without_a_mode_are_spread_and_none_beats_another() -> None:
    front = ev.pareto(SingleSourced(38).study(), *THREE, points=4, gap=0.0, threads=1, verify=False)
    found = points_of(front)
    assert 1 < len(found) <= 4
    assert not any(dominates(one, other) for one in found for other in found)
    assert {"cap_freight_emissions", "cap_jobs", "opens"} <= set(front.table)
    assert nondominated([*front.plans, *front.plans], THREE) == list(front.plans)


@pytest.mark.slow
def test_between_the_ends_no_point_is_as_good_as_another_in_one_and_worse_in_the_rest() -> None:
    case = SingleSourced(15)
    front = ev.pareto(case.study(), "cost", "freight_emissions", points=8, gap=0.0, threads=1, verify=False)
    assert set(points_of(front)) <= case.front("cost", "freight_emissions")


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"mode": "all"}, "steps, adaptive, exact"),
        ({"mode": "steps", "third": "jobs"}, "equal steps are for two"),
        ({"third": "cost"}, "given twice"),
        ({"mode": "exact", "workers": 2}, "depends on those before"),
    ],
)
def test_what_is_asked_for_wrongly_is_told(given: dict[str, object], what: str) -> None:
    with pytest.raises(InputError, match=what):
        ev.pareto(two_plant_study(), "cost", "emissions", **given)
