"""Small programs are proven anew by prices, and a claim that prices do not reach is left as it was."""

from __future__ import annotations

from dataclasses import replace

import pytest

import evsiting as ev
from evsiting.model.build import build
from evsiting.optimize.engines.base import Limits
from evsiting.optimize.engines.registry import find_engine
from evsiting.optimize.large import price_tree
from evsiting.optimize.large.price_tree import proven_by_prices
from evsiting.results.plan import Status
from tests.random_studies import random_study


@pytest.mark.parametrize("seed", [1, 4, 11, 12])
def test_small_studies_are_confirmed_by_prices(seed: int) -> None:
    study = ev.complete(random_study(seed))
    plan = ev.solve(study, gap=0.0)
    found = ev.recompute_bound(study, plan)
    assert found is not None
    assert found.holds
    assert (plan.solve.bound_by, plan.solve.verified, str(plan.status)) == ("prices", "confirmed", "optimal")
    assert plan.solve.verified_by.startswith("prices of")
    assert plan.gap <= 1e-8


def test_a_claim_above_the_truth_is_not_confirmed() -> None:
    program = build(ev.complete(random_study(4)))
    milp, aim = program.milp, program.milp.objectives["cost"]
    true = find_engine("highs").run(milp, aim, Limits(0.0, 60.0))
    false = replace(true, objective=true.objective * 1.01, bound=true.objective * 1.01)
    assert proven_by_prices(program, milp, aim, true).verified == "confirmed"
    found = proven_by_prices(program, milp, aim, false)
    assert found.verified == ""
    assert found.bound == false.bound
    assert found.price_bound <= true.objective * (1 + 1e-8)


def test_too_few_nodes_prove_a_part_and_confirm_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(price_tree, "NODES", 0)
    program = build(ev.complete(random_study(4)))
    milp, aim = program.milp, program.milp.objectives["cost"]
    true = find_engine("highs").run(milp, aim, Limits(0.0, 60.0))
    found = proven_by_prices(program, milp, aim, true)
    assert (found.verified, found.bound) == ("", true.bound)
    assert found.price_bound < true.bound


@pytest.mark.parametrize("change", [{"limit": "time"}, {"status": Status.FEASIBLE}, {"status": Status.INFEASIBLE}])
def test_what_is_not_proven_is_left_as_it_is(change: dict[str, object]) -> None:
    program = build(ev.complete(random_study(4)))
    milp, aim = program.milp, program.milp.objectives["cost"]
    result = replace(find_engine("highs").run(milp, aim, Limits(0.0, 60.0)), **change)
    assert proven_by_prices(program, milp, aim, result) is result


def test_without_verification_no_tree_is_grown() -> None:
    assert ev.solve(ev.complete(random_study(4)), verify=False).prices is None
