"""Bounds of earlier solves: kept where they hold, left out where nothing says that they do."""

from __future__ import annotations

from dataclasses import replace

import pytest

import evsiting as ev
from evsiting.model.build import build
from evsiting.optimize.engines.base import EngineResult
from evsiting.optimize.sessions.known_proofs import is_proof_of, with_known_proofs
from evsiting.results.plan import Plan, Status
from evsiting.results.seal import seal_of, seal_plan
from evsiting.study.study import Study


@pytest.fixture(scope="module")
def starter() -> Study:
    return ev.example("starter")


@pytest.fixture(scope="module")
def proven(starter: Study) -> Plan:
    return ev.solve(starter, gap=0.001)


@pytest.mark.parametrize("options", [{"gap": 0.5}, {"gap": 0.5, "engine": "scip"}])
def test_a_solve_with_less_time_or_care_proves_no_less(
    starter: Study, proven: Plan, options: dict[str, object]
) -> None:
    again = ev.solve(starter, start=proven, **options)
    assert again.solve.bound >= proven.solve.bound * (1 - 1e-12)
    assert again.solve.price_bound >= proven.solve.price_bound * (1 - 1e-9)
    assert ev.certify(starter, again).passed
    assert ev.solve(starter, **options).solve.bound < proven.solve.bound  # so the test can fail


@pytest.mark.parametrize("verify", [False, True])
def test_what_is_proven_of_a_study_is_not_carried_over_to_another(starter: Study, proven: Plan, verify: bool) -> None:
    session = ev.open_session(starter, gap=0.001, verify=verify)
    session.solve("cost", start=proven)
    assert session.proven
    demand = starter.demand.assign(units_per_yr=0.5 * starter.demand["units_per_yr"])
    half = session.with_study(starter.with_table("demand", demand))
    assert not half.proven
    plan = half.solve("cost")
    assert plan.solve.bound <= plan.totals["cost"] < 0.7 * proven.solve.bound
    assert plan.gap <= 0.001
    assert not session.fresh().proven
    assert session.proven  # the session that was left stays as it was


def test_what_is_proven_without_ceilings_holds_under_them(starter: Study, proven: Plan) -> None:
    most = proven.totals["emissions"] * 1.01
    assert ev.solve(starter, start=proven, caps={"emissions": most}, gap=0.5).solve.bound >= proven.solve.bound * (
        1 - 1e-12
    )


def test_a_record_that_says_nothing_sure_is_no_proof(starter: Study, proven: Plan) -> None:
    program = build(starter)
    assert is_proof_of(proven, starter.digest, program)
    solve = proven.solve
    others = [
        replace(proven, solve=replace(solve, bound=solve.bound * 1.0001)),  # edited
        replace(proven, solve=replace(solve, seal="")),
        seal_plan(replace(proven, solve=replace(solve, own_rules=True))),
        seal_plan(replace(proven, solve=replace(solve, aggregated="3 groups"))),
        seal_plan(replace(proven, solve=replace(solve, rows=solve.rows + 1))),
        seal_plan(replace(proven, study_digest="0")),
        seal_plan(replace(proven, versions={**proven.versions, "evsiting": "0.0.1"})),
    ]
    assert not any(is_proof_of(plan, starter.digest, program) for plan in others)


def test_rules_of_the_users_own_are_in_the_record_and_in_its_seal(starter: Study, proven: Plan) -> None:
    assert not proven.solve.own_rules
    problem = ev.to_pulp(starter)
    problem.addConstraint(next(v for v in problem.variables() if v.name.startswith("build")) <= 0.0)
    ruled = ev.solve(starter, extra=problem, gap=0.5)
    assert ruled.solve.own_rules
    assert seal_of(ruled) == ruled.solve.seal
    assert seal_of(replace(ruled, solve=replace(ruled.solve, own_rules=False))) != ruled.solve.seal


def test_a_bound_above_a_plan_is_left_out(starter: Study, proven: Plan) -> None:
    program = build(starter)
    objective = program.milp.combined({"cost": 1.0})
    columns = objective.coefficients * 0.0
    found = EngineResult(Status.FEASIBLE, columns, proven.solve.objective, 0.0)
    wild = replace(proven.solve, bound=2.0 * proven.solve.objective, prices=None)
    kept = with_known_proofs([wild], program, objective, found, {"cost": 1.0}, {}, 0.01)
    assert kept.bound == 0.0
    kept = with_known_proofs([proven.solve], program, objective, found, {"cost": 1.0}, {}, 0.01)
    assert kept.bound == proven.solve.bound
    assert kept.status is Status.OPTIMAL
    assert with_known_proofs([proven.solve], program, objective, found, {"emissions": 1.0}, {}, 0.01).bound == 0.0
