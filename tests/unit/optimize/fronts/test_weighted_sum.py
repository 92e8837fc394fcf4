"""Trade-offs at prices: each point is on the exact front, and what it proves holds under its ceiling."""

from __future__ import annotations

from dataclasses import replace

import pytest

import evsiting as ev
from evsiting.errors import InputError
from evsiting.optimize import solve
from evsiting.optimize.engines.base import EngineResult
from evsiting.optimize.fronts.weighted_sum import as_ceiling_point
from evsiting.optimize.large import large as big
from evsiting.optimize.large.large import solve_large
from evsiting.optimize.sessions import prepared
from evsiting.optimize.sessions.relaxations import Relaxations
from evsiting.results.plan import Front, Plan
from evsiting.results.seal import seal_plan
from evsiting.study.study import Study
from tests.random_studies import random_study
from tests.studies import two_plant_study

PRICES = (50.0, 2000.0)


@pytest.fixture(scope="module")
def study() -> Study:
    return ev.complete(random_study(8))


@pytest.fixture(scope="module")
def front(study: Study) -> Front:
    return ev.weighted_sum(study, prices=PRICES, gap=0.0)


def test_every_point_is_least_under_its_own_ceiling(study: Study, front: Front) -> None:
    assert len(front) >= 2
    for plan in front.plans[1:]:
        ceiling = plan.solve.caps["emissions"]
        assert plan.totals["emissions"] == pytest.approx(ceiling, rel=1e-9)
        # the ceiling itself, loosened by what rounding may need
        truth = ev.solve(study, caps={"emissions": ceiling * (1 + 1e-7) + 1e-6}, gap=0.0)
        assert plan.solve.bound <= truth.totals["cost"] * (1 + 1e-6)
        assert plan.totals["cost"] == pytest.approx(truth.totals["cost"], rel=1e-5)


def test_points_are_told_in_order_and_certified(study: Study, front: Front) -> None:
    table = front.table
    assert table["cost"].is_monotonic_increasing
    assert table["emissions"].is_monotonic_decreasing
    assert all(ev.certify(study, plan).passed for plan in front.plans)
    assert front.ideal["cost"] == front.plans[0].solve.bound


def test_a_loose_proof_stays_below_the_truth(study: Study) -> None:
    for plan in ev.weighted_sum(study, prices=[2000.0], gap=0.3).plans[1:]:
        ceiling = plan.solve.caps["emissions"] * (1 + 1e-7) + 1e-6
        truth = ev.solve(study, caps={"emissions": ceiling}, gap=0.0).totals["cost"]
        assert plan.solve.bound <= truth * (1 + 1e-6)
        assert plan.totals["cost"] >= truth * (1 - 1e-6)


def test_more_jobs_have_a_price_too(study: Study) -> None:
    front = ev.weighted_sum(study, "cost", "jobs", prices=[5e5], gap=0.0)
    assert front.table["jobs"].is_monotonic_increasing
    for plan in front.plans[1:]:
        assert plan.solve.caps["jobs"] == pytest.approx(-plan.totals["jobs"])


def test_a_known_first_plan_is_not_sought_again(study: Study, front: Front) -> None:
    told: list[tuple[int, int, Plan]] = []
    again = ev.weighted_sum(
        study, prices=PRICES, gap=0.0, start=front.plans[0], on_point=lambda *point: told.append(point)
    )
    assert again.plans[0].shipments is front.plans[0].shipments
    assert again.plans[0].solve == front.plans[0].solve
    assert [(number, of) for number, of, _ in told] == [(1, 3), (2, 3), (3, 3)]


def test_a_first_plan_that_a_price_beats_gives_way_and_keeps_its_proof(study: Study, front: Front) -> None:
    """The dearer plan of a loose run, told as the least of cost: a plan at a low price is better, by the same bound."""
    dear = ev.solve(study, objective="emissions", gap=0.0)
    proof = replace(front.plans[0].solve, objective=dear.totals["cost"], gap_asked=0.5)
    again = ev.weighted_sum(study, prices=[1e-3], gap=0.0, start=seal_plan(replace(dear, solve=proof)))
    assert len(again) in (1, 2)
    end = again.plans[0]
    assert end.totals["cost"] == pytest.approx(front.plans[0].totals["cost"], rel=1e-6)
    assert end.solve.objective == pytest.approx(end.totals["cost"], rel=1e-12)
    assert end.solve.bound == pytest.approx(proof.bound, rel=1e-9)
    assert not end.solve.caps
    assert ev.certify(study, end).passed


def test_large_programs_start_from_plans_found_before(study: Study, front: Front, large: list[object]) -> None:
    again = ev.weighted_sum(study, prices=PRICES, gap=0.0)
    assert [start is None for start in large[:3]] == [True, False, False]
    for mine, other in zip(again.plans, front.plans, strict=True):
        assert mine.totals == pytest.approx(other.totals, rel=1e-6)


@pytest.mark.usefixtures("large")
def test_large_programs_go_back_to_a_price_with_a_better_plan(study: Study, front: Front) -> None:
    """The dearer plan of a loose run, told as the least of cost, gives way to one sought from the plan at a price."""
    dear = ev.solve(study, objective="emissions", gap=0.0)
    proof = replace(front.plans[0].solve, objective=dear.totals["cost"], gap_asked=0.5)
    told: list[int] = []
    again = ev.weighted_sum(
        study,
        prices=PRICES,
        gap=0.0,
        start=seal_plan(replace(dear, solve=proof)),
        on_point=lambda number, of, plan: told.append(number),
    )
    assert told == [1, 2, 3, 1]
    assert again.plans[0].solve.objective == pytest.approx(front.plans[0].solve.objective, rel=1e-6)
    assert again.plans[0].solve.bound == pytest.approx(front.plans[0].solve.bound, rel=1e-6)


@pytest.mark.usefixtures("large")
def test_only_the_first_relaxation_of_an_objective_starts_from_nothing(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    warm: list[bool] = []
    run = Relaxations.solve

    def noted(*given: object, **more: object) -> tuple[EngineResult, bool]:
        found = run(*given, **more)
        warm.append(found[1])
        return found

    monkeypatch.setattr(Relaxations, "solve", noted)
    session = solve.session_from_settings(study, study.settings.solve)
    plan, columns = session.minimise("cost")
    again, _ = session.minimise("cost", start=columns)
    session.minimise("emissions")
    session.minimise("cost", caps={"emissions": 2.0 * plan.totals["emissions"]})
    assert warm == [False, True, False, True, True]  # under a ceiling: first without it, then with it
    assert again.totals == pytest.approx(plan.totals, rel=1e-6)


def test_the_best_of_what_prices_prove_counts(front: Front) -> None:
    plan = front.plans[0]
    reached, ceiling = plan.totals["cost"], plan.totals["emissions"]
    poor, good = 0.8 * reached + 5.0 * ceiling, 0.9 * reached + 20.0 * ceiling
    assert as_ceiling_point(plan, "cost", "emissions", {5.0: poor, 20.0: good}).solve.bound == pytest.approx(
        0.9 * reached
    )
    beyond = as_ceiling_point(plan, "cost", "emissions", {5.0: 1.1 * reached + 5.0 * ceiling})
    assert beyond.solve.bound == pytest.approx(reached)


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Take every program for a large one; note where each starts."""
    starts: list[object] = []

    def noted(*given: object, start: object = None, **more: object) -> object:
        starts.append(start)
        return solve_large(*given, start=start, **more)

    monkeypatch.setattr(big, "LARGE", 0)
    monkeypatch.setattr(prepared, "solve_large", noted)
    return starts


def test_a_plan_of_something_else_is_passed_over(study: Study) -> None:
    other = ev.solve(two_plant_study(), gap=0.0)
    assert ev.weighted_sum(study, prices=[20.0], gap=0.0, start=other).plans[0].study_digest == study.digest


def test_a_restated_plan_keeps_its_tables(front: Front) -> None:
    plan = front.plans[0]
    told = as_ceiling_point(plan, "cost", "emissions", {10.0: plan.solve.bound})
    assert told.totals == plan.totals
    assert told.solve.bound == pytest.approx(plan.solve.bound - 10.0 * plan.totals["emissions"])
    assert told.solve.weights == {"cost": 1.0}


def test_wrong_arguments_are_told_at_once(study: Study) -> None:
    with pytest.raises(InputError) as caught:
        ev.weighted_sum(study, "cost", "cost", prices=[0.0, float("nan")], gap=2.0)
    assert len(caught.value.problems) == 3
    with pytest.raises(InputError, match="none given"):
        ev.weighted_sum(study, prices=[])
