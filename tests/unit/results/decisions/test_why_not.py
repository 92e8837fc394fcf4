"""What a forced decision is told to cost: never less than nothing, and a better plan that it brought is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

import evsiting as ev
from evsiting.results.decisions.why_not import WhyNot
from evsiting.study.study import Study
from tests.studies import two_plant_study


@pytest.fixture(scope="module")
def study() -> Study:
    return ev.complete(two_plant_study())


@pytest.fixture(scope="module")
def solved(study: Study) -> ev.Plan:
    return ev.solve(study, gap=0.0, threads=1, verify=False)


def _plan(solved: ev.Plan, objective: float, bound: float) -> ev.Plan:
    return replace(solved, solve=replace(solved.solve, objective=objective, bound=bound))


@pytest.mark.parametrize(
    ("base", "forced", "low", "high", "better"),
    [
        ((100.0, 97.0), (104.0, 102.0), 2.0, 7.0, False),
        ((100.0, 97.0), (101.0, 98.0), 0.0, 4.0, False),
        ((100.0, 97.0), (99.0, 96.0), 0.0, 2.0, True),
        ((100.0, 97.0), (99.0, 98.5), 0.0, 2.0, True),
        ((100.0, 100.0), (100.0, 100.0), 0.0, 0.0, False),
    ],
)
def test_a_plan_with_a_decision_forced_is_a_plan_without_the_rule(
    study: Study,
    solved: ev.Plan,
    base: tuple[float, float],
    forced: tuple[float, float],
    low: float,
    high: float,
    better: bool,
) -> None:
    found = WhyNot("with a", _plan(solved, *base), study, _plan(solved, *forced), forced[1], "a")
    assert (found.difference.low, found.difference.high) == (low, high)
    assert found.is_better_than_base is better
    assert ("a plan of the same study" in found.proof) is better
    assert bool(found.proof) is (low == 0.0)
    assert ("proven to cost nothing" in found.proof) is (high == 0.0)
    assert found.proof in repr(found)


def test_no_plan_at_all_costs_without_end(study: Study, solved: ev.Plan) -> None:
    found = WhyNot("with a", _plan(solved, 100.0, 97.0), study, None, float("inf"), "a", message="None keeps it.")
    assert found.difference.low == found.difference.high == float("inf")
    assert not found.is_better_than_base
    assert "no plan. None keeps it." in repr(found)
