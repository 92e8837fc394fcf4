"""What a comparison says: signs as people count, and no proof where the gaps leave it open."""

from __future__ import annotations

from dataclasses import replace

import pytest

import evsiting as ev
from evsiting.report.comparison_words import asked_words, difference_words, proof_words, summary_words
from tests.studies import two_plant_study


@pytest.fixture(scope="module")
def plan() -> ev.Plan:
    return ev.solve(ev.complete(two_plant_study()), gap=0.0, verify=False)


def with_solve(plan: ev.Plan, **changes: object) -> ev.Plan:
    return replace(plan, solve=replace(plan.solve, **changes))


def test_signs_are_those_of_people() -> None:
    assert difference_words("jobs", 31_000.0) == "+31,000 job-years"
    assert difference_words("cost", -1.25e6) == "−USD 1.25 mn"


def test_what_is_proven_is_said_with_both_ends(plan: ev.Plan) -> None:
    dear = with_solve(plan, objective=plan.solve.objective + 2e9, bound=plan.solve.objective + 1e9)
    assert proof_words(ev.compare({"now": plan, "then": dear})) == [
        "Proven: the best answer to the question of then has +USD 1 bn to +USD 2 bn cost against that of now."
    ]
    loose = with_solve(plan, bound=plan.solve.objective - 1e9)
    (told,) = proof_words(ev.compare({"now": plan, "then": loose}))
    assert told.startswith("Not proven: within the gaps")
    assert "−USD 1 bn to same" in told


def test_ends_of_jobs_are_in_the_order_in_which_people_count_them(plan: ev.Plan) -> None:
    base = with_solve(plan, objective_name="jobs", objective=-900.0, bound=-1000.0)
    more = with_solve(plan, objective_name="jobs", objective=-1500.0, bound=-1600.0)
    (told,) = proof_words(ev.compare({"now": base, "then": more}))
    assert "+500 job-years to +700 job-years jobs" in told


def test_the_question_is_told_where_it_differs(plan: ev.Plan) -> None:
    capped = with_solve(plan, caps={"emissions": 5e6})
    assert asked_words(ev.compare([plan, plan])) == ""
    assert asked_words(ev.compare([plan, capped])) == "Minimised: A cost; B cost under emissions <= 5e+06."
    assert summary_words(ev.compare([plan, plan])) == "The same plants. B against A: the same totals."
