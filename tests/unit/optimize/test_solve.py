"""solve, session and to_pulp: arguments, failures, caps, rules of the user, and the same plan every time."""

from __future__ import annotations

import math
import re

import highspy
import numpy as np
import pandas as pd
import pulp
import pytest

import evsiting as ev
from evsiting.errors import EngineNotAvailable, InfeasibleError, InputError, NoSolutionError, SolveError, UnboundedError
from evsiting.model.build import build
from evsiting.optimize.arguments import weights
from evsiting.optimize.engines.base import EngineResult, Limits, Progress, result_from_point
from evsiting.optimize.engines.pulp_problem import legal_names, to_problem, with_extra
from evsiting.optimize.solve import failure, open_session
from evsiting.results.plan import Plan, Status
from evsiting.study.study import Study
from tests.contract import programs
from tests.random_studies import random_study
from tests.studies import two_plant_study

FRAMES = ("sites", "production", "shipments", "unmet")


@pytest.fixture(scope="module")
def study() -> Study:
    return two_plant_study()


@pytest.fixture(scope="module")
def plan(study: Study) -> Plan:
    return ev.solve(study, gap=0.0)


def assert_same_plan(one: Plan, other: Plan) -> None:
    for name in FRAMES:
        pd.testing.assert_frame_equal(pd.DataFrame(getattr(one, name)), pd.DataFrame(getattr(other, name)))


def builds_at(problem: pulp.LpProblem, *words: str) -> list[pulp.LpVariable]:
    return [v for v in problem.variables() if v.name.startswith("build_") and all(w in v.name for w in words)]


# ------------------------------------------------------------------------------------------------ arguments


def test_all_wrong_arguments_are_told_at_once(study: Study) -> None:
    with pytest.raises(InputError) as caught:
        ev.solve(
            study,
            objective={"cost": -1.0, "carbon": 2.0},
            gap=1.5,
            time_limit_s=0.0,
            threads=0,
            seed=-1,
            caps={"emission": 5.0, "jobs": math.nan},
        )
    told = {p.where: p for p in caught.value.problems}
    assert list(told) == ["gap", "time_limit_s", "threads", "seed", "objective", "caps"]
    assert "less than 1" in told["gap"].what
    assert "'carbon'" in told["objective"].seen
    assert "cost: -1.0" in told["objective"].seen
    assert told["caps"].seen == "'emission': 5.0, 'jobs': nan"


@pytest.mark.parametrize(
    "wrong",
    [{"gap": "small"}, {"gap": math.nan}, {"time_limit_s": math.inf}, {"threads": 1.5}, {"seed": "x"}, {"seed": 2**31}],
)
def test_a_session_refuses_limits_that_are_none(study: Study, wrong: dict) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        open_session(study, **wrong)


@pytest.mark.parametrize(
    "wrong", ["costs", "", None, 5, [], {}, {"cost": 0.0}, {"cost": math.inf}, {"jobs": True}, {"cost": "1"}]
)
def test_what_is_no_objective_is_refused(wrong: object) -> None:
    with pytest.raises(InputError, match="objective: not an objective"):
        weights(wrong)


def test_weights_are_numbers_of_any_kind() -> None:
    assert weights({"cost": np.int64(1), "emissions": np.float64(2.5)}) == {"cost": 1.0, "emissions": 2.5}


def test_caps_must_be_a_mapping(study: Study) -> None:
    with pytest.raises(InputError, match="caps: not a mapping"):
        ev.solve(study, caps=5e6)


def test_an_engine_that_is_not_there_is_named(study: Study) -> None:
    with pytest.raises(EngineNotAvailable, match="choose one of cbc, highs, scip"):
        ev.solve(study, engine="gurobo")


def test_to_pulp_checks_its_objective(study: Study) -> None:
    with pytest.raises(InputError, match="not an objective"):
        ev.to_pulp(study, objective="costs")


# ------------------------------------------------------------------------------------------------- failures


@pytest.mark.parametrize(
    ("result", "caps", "kind", "words"),
    [
        (EngineResult(Status.INFEASIBLE), {"emissions": 5e6}, InfeasibleError, r"under emissions <= 5e\+06 .*the caps"),
        (EngineResult(Status.INFEASIBLE), {"jobs": -2e6}, InfeasibleError, r"under jobs >= 2e\+06"),
        (EngineResult(Status.INFEASIBLE), None, InfeasibleError, "not known.*unmet_penalty .* loosened: min_load"),
        (EngineResult(Status.UNBOUNDED), None, UnboundedError, "improved without end"),
        (EngineResult(Status.UNCLEAR), None, SolveError, "Try another engine"),
        (EngineResult(Status.NO_SOLUTION, bound=7.0, limit="time"), None, NoSolutionError, "limit of 9 s.*so far is 7"),
        (EngineResult(Status.NO_SOLUTION, limit="interrupt"), None, NoSolutionError, "interrupted; no bound"),
        (EngineResult(Status.NO_SOLUTION, limit="memory"), None, NoSolutionError, "memory ran out"),
        (EngineResult(Status.NO_SOLUTION, limit="nodes"), None, NoSolutionError, "limit on nodes"),
    ],
)
def test_failures_say_why_and_what_to_do(study: Study, result, caps, kind, words) -> None:
    error = failure(result, Limits(time_s=9.0), study, caps)
    assert type(error) is kind
    assert "'Two plants'" in str(error)
    assert re.search(words, str(error))
    if kind is NoSolutionError:
        assert error.limit == result.limit


def test_demand_below_every_minimum_load_is_infeasible(study: Study) -> None:
    demand = study.demand.assign(units_per_yr=1e3, unmet_penalty_usd_per_unit=None)
    with pytest.raises(InfeasibleError, match="'Two plants'"):
        ev.solve(study.with_table("demand", demand))


def test_what_else_may_be_the_cause_is_named() -> None:
    starter = ev.example("starter")
    dark = starter.with_table("sites", starter.sites.assign(connectable_mw=0.0))
    with pytest.raises(InfeasibleError, match="connectable_mw"):
        ev.solve(dark)
    row = {"limit": "many", "kind": "jobs", "at_least": 5e6}
    asked = starter.with_table("limits", pd.DataFrame([row]))
    with pytest.raises(InfeasibleError, match=r"limit 'many' \(.*job-years, at least 5e\+06 by the limit\)"):
        ev.solve(asked)


def test_caps_below_the_least_are_infeasible(study: Study) -> None:
    least = ev.solve(study, objective="emissions", gap=0.0).totals["emissions"]
    with pytest.raises(InfeasibleError, match="under emissions"):
        ev.solve(study, caps={"emissions": 0.99 * least})


def test_a_point_that_breaks_a_row_is_no_plan() -> None:
    milp, objective = programs.knapsack()
    wrong = result_from_point(milp, objective, Limits(), Status.OPTIMAL, "", np.ones(3), -12.0, 0.1, "1")
    assert (wrong.status, wrong.bound, len(wrong.columns)) == (Status.UNCLEAR, -math.inf, 0)
    half = result_from_point(milp, objective, Limits(), Status.FEASIBLE, "time", np.full(3, 0.5), -10.0, 0.1, "1")
    assert (half.status, half.bound, len(half.columns)) == (Status.NO_SOLUTION, -10.0, 0)


# ------------------------------------------------------------------------------------- objectives and caps


def test_a_cap_is_kept_and_told(study: Study, plan: Plan) -> None:
    ceiling = 0.9 * plan.totals["emissions"]
    capped = ev.solve(study, gap=0.0, caps={"emissions": ceiling, "jobs": -0.9 * plan.totals["jobs"]})
    assert capped.totals["emissions"] <= ceiling * (1 + 1e-6)
    assert capped.totals["jobs"] >= 0.9 * plan.totals["jobs"] * (1 - 1e-6)
    assert capped.totals["cost"] > plan.totals["cost"]
    assert capped.solve.caps == {"emissions": ceiling, "jobs": -0.9 * plan.totals["jobs"]}
    assert ev.certify(study, capped).passed


def test_an_objective_of_weights_is_their_sum(study: Study) -> None:
    given = {"emissions": 123.456789, "cost": 1.0, "jobs": 1e-7}
    found = ev.solve(study, objective=given, gap=0.0)
    by_hand = found.totals["cost"] + 123.456789 * found.totals["emissions"] - 1e-7 * found.totals["jobs"]
    assert found.solve.objective == pytest.approx(by_hand, rel=1e-9)
    assert found.solve.weights == given
    assert ev.certify(study, found).passed


def test_weights_and_a_carbon_price_agree(study: Study) -> None:
    """Undiscounted, a ton costs its price every year of the horizon: the same plan either way."""
    priced = ev.solve(study.with_settings(model={"carbon_price_usd_per_t": 200.0}), gap=0.0)
    weighted = ev.solve(study, objective={"cost": 1.0, "emissions": 200.0}, gap=0.0)
    assert weighted.solve.objective == pytest.approx(priced.totals["cost"], rel=1e-9)
    assert weighted.totals["emissions"] == pytest.approx(priced.totals["emissions"], rel=1e-6)


def test_more_jobs_are_better(study: Study, plan: Plan) -> None:
    most = ev.solve(study, objective="jobs", gap=0.0)
    assert most.totals["jobs"] > plan.totals["jobs"]
    assert most.solve.objective == pytest.approx(-most.totals["jobs"])
    assert most.solve.bound <= most.solve.objective


def test_the_study_says_what_is_minimised_where_the_call_does_not(study: Study) -> None:
    own = ev.solve(study.with_settings(solve={"objective": "emissions", "gap": 0.0}))
    assert own.solve.objective_name == "emissions"
    assert own.solve.gap_asked == 0.0


# ----------------------------------------------------------------------------------------- pulp, and back


def test_legal_names_never_collide() -> None:
    names = ["a-", "a_", "a__1", "a[1]", "a(1)", "querétaro/2027", "é"]
    legal = legal_names(names)
    assert len(set(legal)) == len(names)
    assert all(re.fullmatch(r"[\w.]+", n) for n in legal)
    assert legal[5] == "querétaro_2027"


def test_names_are_readable_and_unique(study: Study) -> None:
    problem = ev.to_pulp(study)
    columns, rows = [v.name for v in problem.variables()], [c.name for c in problem.constraints()]
    assert len(set(columns)) == len(columns)
    assert len(set(rows)) == len(rows)
    assert "build_memphis_assembly_large_p1_" in columns
    assert "ship_vehicle_memphis_east_rail_p1_" in columns
    assert "capacity_memphis_cell_p1_" in rows


def test_a_written_problem_has_the_same_optimum(study: Study, plan: Plan, tmp_path) -> None:
    problem = ev.to_pulp(study)
    problem.writeLP(str(tmp_path / "two plants.lp"))
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.readModel(str(tmp_path / "two plants.lp"))
    highs.run()
    constant = build(study).milp.objectives["cost"].constant
    found = 1e6 * (highs.getInfo().objective_function_value + constant)
    assert found == pytest.approx(plan.totals["cost"], rel=1e-6)


def test_a_row_with_two_limits_becomes_two_rules() -> None:
    milp, objective = programs.knapsack()
    milp = milp.with_rows("span", [[1.0, 1.0, 1.0]], 1.0, 2.0, [("all",)])
    problem = to_problem(milp, objective)
    assert [c.name for c in problem.constraints()][-2:] == ["span_all_", "span_all__low"]
    problem += problem.variables()[0] <= 0, "no_a"
    assert with_extra(milp, problem).shape[0] == milp.shape[0] + 1


def test_a_rule_of_the_user_is_kept(study: Study, plan: Plan) -> None:
    assert "memphis" in set(plan.opened["site"])
    problem = ev.to_pulp(study)
    problem += pulp.lpSum(builds_at(problem, "memphis", "assembly")) <= 0, "no_assembly_in_memphis"
    other = ev.solve(study, gap=0.0, extra=problem)
    assert set(other.opened.loc[other.opened["plant_type"] == "assembly", "site"]) == {"monterrey"}
    assert other.totals["cost"] > plan.totals["cost"]
    assert other.solve.rows == plan.solve.rows + 1
    assert ev.certify(study, other).passed


def test_a_variable_of_the_user_is_kept(study: Study, plan: Plan) -> None:
    problem = ev.to_pulp(study)
    countries = {c: problem.add_variable(f"open_{c}", 0, 1, "Integer") for c in ("memphis", "monterrey")}
    for place, variable in countries.items():
        problem += variable <= pulp.lpSum(builds_at(problem, place)), f"needs_{place}"
    problem += pulp.lpSum(countries.values()) == 2, "both"
    both = ev.solve(study, gap=0.0, extra=problem)
    assert set(plan.opened["site"]) == {"memphis"}
    assert set(both.opened["site"]) == {"memphis", "monterrey"}
    assert both.solve.columns == plan.solve.columns + 2


def test_a_bound_that_the_user_tightened_is_kept(study: Study) -> None:
    problem = ev.to_pulp(study)
    for variable in builds_at(problem, "memphis", "assembly"):
        variable.upBound = 0
    found = ev.solve(study, gap=0.0, extra=problem)
    assert set(found.opened.loc[found.opened["plant_type"] == "assembly", "site"]) == {"monterrey"}


def test_rules_may_come_as_a_list(study: Study) -> None:
    problem = ev.to_pulp(study)
    rules = [
        pulp.lpSum(builds_at(problem, "memphis", "assembly")) <= 0,
        pulp.lpSum(builds_at(problem, "monterrey", "assembly", "small")) >= 1,
        pulp.lpSum(builds_at(problem, "monterrey", "pack")) == 0,
    ]
    found = ev.solve(study, gap=0.0, extra=rules)
    opened = set(zip(found.opened["site"], found.opened["plant_type"], found.opened["option"], strict=True))
    assert ("monterrey", "assembly", "small") in opened
    assert ("monterrey", "pack", "line") not in opened
    assert found.solve.rows == len(problem.constraints()) + 3


def test_no_rules_change_nothing(study: Study, plan: Plan) -> None:
    assert_same_plan(ev.solve(study, gap=0.0, extra=[]), plan)
    assert_same_plan(ev.solve(study, gap=0.0, extra=ev.to_pulp(study, objective={"cost": 1, "jobs": 9})), plan)


def stretched(study: Study) -> pulp.LpProblem:
    problem = ev.to_pulp(study)
    problem.constraints()[0].changeRHS(2)
    return problem


def reweighed(study: Study) -> pulp.LpProblem:
    problem = ev.to_pulp(study)
    problem.constraints()[3][problem.variables()[0]] = 77.0
    return problem


def loosened(study: Study) -> pulp.LpProblem:
    problem = ev.to_pulp(study)
    problem.variables()[0].upBound = 5
    return problem


def relaxed(study: Study) -> pulp.LpProblem:
    problem = ev.to_pulp(study)
    problem.variables()[0].cat = "Continuous"
    return problem


def cheaper(study: Study) -> pulp.LpProblem:
    problem = ev.to_pulp(study)
    problem.objective = problem.objective - 5 * problem.variables()[0]
    return problem


def priced(study: Study) -> pulp.LpProblem:
    problem = ev.to_pulp(study)
    problem.objective = problem.objective + 5 * problem.add_variable("mine", 0, 1)
    return problem


def maximised(study: Study) -> pulp.LpProblem:
    problem = ev.to_pulp(study)
    problem.sense = pulp.LpMaximize
    return problem


def foreign(study: Study) -> pulp.LpProblem:
    return ev.to_pulp(two_plant_study(periods=2))


def empty(study: Study) -> pulp.LpProblem:
    return pulp.LpProblem("mine")


def lookalike(study: Study) -> pulp.LpProblem:
    own = ev.to_pulp(study)
    problem = pulp.LpProblem("mine")
    x = [problem.add_variable(f"x{k}", 0) for k in range(own.numVariables() + 1)]
    for k in range(own.numConstraints() + 1):
        problem += x[0] >= k, f"r{k}"
    return problem


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (foreign, "not the one of this study"),
        (empty, "not the one of this study"),
        (lookalike, "not the one of this study.*build_memphis_assembly_large_p1_"),
        (stretched, "rows of the study were changed.*one_option_memphis_assembly_"),
        (reweighed, "rows of the study were changed"),
        (loosened, "bounds or kinds.*build_memphis"),
        (relaxed, "bounds or kinds.*build_memphis"),
        (cheaper, "the objective of the problem was changed"),
        (priced, "the objective of the problem was changed"),
        (maximised, "the objective of the problem was changed"),
    ],
    ids=lambda v: getattr(v, "__name__", ""),
)
def test_what_is_no_addition_to_the_study_is_refused(study: Study, make, words: str) -> None:
    with pytest.raises(InputError, match=words):
        ev.solve(study, extra=make(study))


def test_special_ordered_sets_are_refused(study: Study) -> None:
    problem = ev.to_pulp(study)
    problem.has_sos = lambda: True  # PuLP has no public way to add one
    with pytest.raises(InputError, match="special ordered sets"):
        ev.solve(study, extra=problem)


def test_rules_of_another_problem_are_refused_all_at_once(study: Study) -> None:
    mine, other = ev.to_pulp(study), pulp.LpProblem("other")
    strange = other.add_variable("x", 0, 1)
    late = mine.add_variable("late", 0, 1)
    with pytest.raises(InputError) as caught:
        ev.solve(study, extra=[strange >= 1, mine.variables()[0] + mine.variables()[1], late <= 0, True])
    assert [p.where for p in caught.value.problems] == [f"extra, rule {k}" for k in (1, 2, 3, 4)]
    assert [p.what for p in caught.value.problems] == [
        "variables that are not the study's",
        "not a rule",
        "variables that are not the study's",
        "not a rule",
    ]


# ---------------------------------------------------------------------------------------- start and watch


@pytest.mark.parametrize("seed", [3, 11, 17])
def test_a_plan_is_a_point_of_its_program(seed: int) -> None:
    study = random_study(seed)
    ready = open_session(study, gap=0.0)
    plan, values = ready.minimise("cost")
    point = ready.program.point(plan.tables)
    milp = ready.program.milp
    assert point == pytest.approx(values, rel=1e-6, abs=1e-6)
    assert milp.objectives["cost"].value(point) == pytest.approx(plan.totals["cost"], rel=1e-9)
    assert max(milp.violation(point).values()) < 1e-6


def test_columns_of_a_plan_may_stand_in_any_order(study: Study, plan: Plan) -> None:
    program = build(study)
    tables = plan.tables
    turned = {name: frame[list(frame.columns)[::-1]] for name, frame in tables.items()}
    assert program.point(turned).tolist() == program.point(tables).tolist()


def test_a_start_is_no_worse_than_itself(study: Study, plan: Plan) -> None:
    problem = ev.to_pulp(study)
    problem += pulp.lpSum(builds_at(problem, "memphis", "assembly")) <= 0, "no_assembly_in_memphis"
    dear = ev.solve(study, gap=0.0, extra=problem)
    again = ev.solve(study, gap=0.9, start=dear)
    assert again.totals["cost"] <= dear.totals["cost"] * (1 + 1e-9)
    assert ev.solve(study, gap=0.0, start=dear).totals["cost"] == pytest.approx(plan.totals["cost"], rel=1e-9)


def test_a_start_of_another_study_does_no_harm(study: Study, plan: Plan) -> None:
    other = ev.solve(random_study(4))
    assert ev.solve(study, gap=0.0, start=other).totals == pytest.approx(plan.totals, rel=1e-9)


def test_watch_is_told_of_progress(study: Study) -> None:
    seen: list[Progress] = []
    ev.solve(study, watch=seen.append)
    assert seen
    assert seen[-1].name == "cost"
    assert seen[-1].seconds >= 0.0


def test_an_error_of_watch_ends_the_run_and_is_not_hidden() -> None:
    def broken(progress: Progress) -> None:
        message = "the screen is gone"
        raise OSError(message)

    with pytest.raises(OSError, match="the screen is gone"):
        ev.solve(random_study(1, sites=6, markets=4, periods=3), gap=0.0, watch=broken)


def test_ctrl_c_at_the_very_end_is_not_forgotten(study: Study, plan: Plan) -> None:
    def stop(progress: Progress) -> None:
        raise KeyboardInterrupt

    found = ev.solve(study, gap=0.0, watch=stop)
    assert found.solve.limit == "interrupt"
    assert found.totals["cost"] >= plan.totals["cost"] * (1 - 1e-9)


# -------------------------------------------------------------------------------- the same plan every time


@pytest.mark.parametrize("seed", [2, 5, 8])
def test_two_runs_give_the_same_plan(seed: int) -> None:
    study = random_study(seed)
    assert_same_plan(ev.solve(study, seed=7), ev.solve(study, seed=7))


@pytest.mark.parametrize("seed", [0, *(pytest.param(s, marks=pytest.mark.slow) for s in (1, 6, 9))])
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    study, dice = random_study(seed), np.random.default_rng(seed)
    turned = study
    for name, frame in study.tables.items():
        turned = turned.with_table(name, frame.iloc[dice.permutation(len(frame))].reset_index(drop=True))
    one, other = build(study).milp, build(turned).milp
    assert one.column_names() == other.column_names()
    assert one.row_names() == other.row_names()
    assert (one.matrix != other.matrix).nnz == 0
    assert one.objectives["cost"].coefficients.tolist() == other.objectives["cost"].coefficients.tolist()
    assert_same_plan(ev.solve(study), ev.solve(turned))


@pytest.mark.parametrize("call", [ev.solve, ev.to_pulp, ev.pareto])
def test_a_name_is_no_study(call) -> None:
    with pytest.raises(InputError, match=f"{call.__name__}, study: is no Study( or Session)? \\('starter' is a str\\)"):
        call("starter")


def test_a_study_is_no_plan_to_start_from() -> None:
    study = two_plant_study()
    with pytest.raises(InputError, match="solve, start: is no Plan"):
        ev.solve(study, start=study)
