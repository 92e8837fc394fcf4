"""Fronts whose points are solved at the same time: the same whatever the number of workers, and as good as any."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import pytest

import evsiting as ev
from evsiting.optimize.fronts import at_once
from evsiting.results.plan import Front
from tests.studies import random_study, two_plant_study


def same(one: Front, two: Front) -> None:
    assert one.table.drop(columns="seconds").equals(two.table.drop(columns="seconds"))
    for left, right in zip(one.plans, two.plans, strict=True):
        assert left.tables.keys() == right.tables.keys()
        assert all(left.tables[name].equals(right.tables[name]) for name in left.tables)


@pytest.mark.slow
def test_the_number_of_workers_changes_nothing_of_a_front() -> None:
    study = random_study(3)
    fronts = [ev.pareto(study, points=4, gap=0.0, verify=False, workers=n) for n in (1, 2)]
    same(*fronts)
    chain = ev.pareto(study, points=4, gap=0.0, verify=False)
    for left, right in zip(fronts[0].plans, chain.plans, strict=True):
        assert left.totals["cost"] == pytest.approx(right.totals["cost"], rel=1e-5)
        assert left.totals["emissions"] == pytest.approx(right.totals["emissions"], rel=1e-5)


@pytest.mark.slow
def test_prices_at_the_same_time_are_prices_one_by_one() -> None:
    study, prices = two_plant_study(), [50.0, 500.0]
    told: list[int] = []
    with ThreadPoolExecutor(1) as executor:
        found = ev.weighted_sum(study, prices=prices, gap=0.0, verify=False, executor=executor,
                                on_point=lambda number, of, plan: told.append(number))  # fmt: skip
    same(found, ev.weighted_sum(study, prices=prices, gap=0.0, verify=False, workers=1))
    assert sorted(told) == [1, 2, 3]
    chain = ev.weighted_sum(study, prices=prices, gap=0.0, verify=False)
    assert found.table["cost"].tolist() == pytest.approx(chain.table["cost"].tolist())


@pytest.mark.slow
def test_points_that_are_proven_are_not_solved_again(monkeypatch: pytest.MonkeyPatch) -> None:
    study = random_study(3)
    known = ev.pareto(study, points=4, gap=0.0, verify=False, workers=1)
    monkeypatch.setattr(at_once, "run_tasks", None)
    same(ev.pareto(study, points=4, gap=0.0, verify=False, workers=1, known=known), known)


def test_an_interrupt_keeps_the_points_found(monkeypatch: pytest.MonkeyPatch) -> None:
    least = at_once.least
    asked: list[float] = []

    def stopped(study: ev.Study, settings: object, point: at_once.Point) -> ev.Plan:
        asked.append(point.caps.get("emissions", math.inf))
        if len(asked) == 2:
            raise KeyboardInterrupt
        return least(study, settings, point)

    monkeypatch.setattr(at_once, "least", stopped)
    front = ev.pareto(random_study(3), points=5, gap=0.0, verify=False, workers=1)
    assert len(asked) == 2
    assert len(front) in (2, 3)  # the ends, and one point unless it coincides


def test_own_rules_and_odd_numbers_are_refused() -> None:
    study = two_plant_study()
    with pytest.raises(ev.InputError, match="rules of your own cannot be sent"):
        ev.pareto(study, extra=ev.to_pulp(study), workers=2)
    with pytest.raises(ev.InputError, match="is no number of workers"):
        ev.weighted_sum(study, prices=[1.0], workers=0)
