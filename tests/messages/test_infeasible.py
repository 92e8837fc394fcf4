"""What an infeasible study is told: what would have to give way, by the evidence, and never something else."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

import evsiting as ev
from evsiting.errors import InfeasibleError, SolveError, StudyError
from evsiting.model.milp import Milp, Objective
from evsiting.optimize.engines.base import EngineResult, Limits
from evsiting.optimize.engines.registry import find_engine
from evsiting.optimize.infeasibility import demands_of, evidence
from evsiting.optimize.solve import open_session
from evsiting.study.study import Study
from tests.studies import two_plant_study


def must_serve() -> Study:
    """Return the study of two plants in which all demand must be served."""
    study = two_plant_study()
    return study.with_table("demand", study.demand.assign(unmet_penalty_usd_per_unit=np.nan))


def limited(*rows: dict[str, object]) -> Study:
    return must_serve().with_table("limits", pd.DataFrame(rows))


@cache
def told(solve: Callable[[], object]) -> str:
    with pytest.raises(InfeasibleError) as caught:
        solve()
    return str(caught.value)


def first(message: str) -> str:
    """Return what is named first."""
    return message.partition("would have to give way: ")[2].partition(". So would")[0]


def test_a_cap_is_named_with_the_least_that_is_possible() -> None:
    study = must_serve()
    least = ev.solve(study, objective="emissions", gap=0.0).totals["emissions"]
    message = told(lambda: ev.solve(study, caps={"emissions": 0.5 * least}))
    assert first(message).startswith("cap emissions <= ")
    figure = float(re.search(r"every plan has at least about ([\d.e+,]+)\)", message)[1].replace(",", ""))
    assert figure == pytest.approx(least, rel=0.002)


def test_a_floor_on_jobs_is_named_with_the_most_that_is_possible() -> None:
    study = must_serve()
    message = first(told(lambda: ev.solve(study, caps={"jobs": -1e7})))
    assert message.startswith("cap jobs >= 1e+07 (no plan has more than about ")


def test_a_budget_is_named_in_the_studys_own_unit() -> None:
    message = told(lambda: ev.solve(limited({"limit": "purse", "kind": "capex", "at_most": 1e8})))
    assert first(message).startswith(
        "limit 'purse' (purse/horizon: USD 1.7e+09 are invested, at most 1e+08 by the limit"
    )
    assert "demand (" in message, "serving less would do as well, and comes second"


def test_the_limit_at_fault_is_named_and_not_its_neighbour() -> None:
    rows = ({"limit": "purse", "kind": "capex", "at_most": 1e12}, {"limit": "many", "kind": "jobs", "at_least": 5e6})
    message = told(lambda: ev.solve(limited(*rows)))
    assert first(message).startswith("limit 'many' (many/horizon: ")
    assert "purse" not in message


def test_two_that_contradict_each_other_are_both_named() -> None:
    study = limited({"limit": "few", "kind": "jobs", "at_most": 36e3})
    message = told(lambda: ev.solve(study, caps={"jobs": -38e3}))
    assert first(message).startswith("cap jobs >= 38,000 (no plan has more than about 35,875")
    assert "limit 'few' (few/horizon: 38,000 job-years, at most 36,000 by the limit)" in message


def test_a_rule_of_the_user_is_named_by_its_own_name() -> None:
    study = must_serve()

    def solve() -> None:
        problem = ev.to_pulp(study)
        problem += sum(v for v in problem.variables() if v.name.startswith("build")) <= 0, "nothing_new"
        ev.solve(study, extra=problem)

    assert first(told(solve)).startswith("your own rule 'nothing_new' (")


def test_bounds_that_the_user_tightened_are_named() -> None:
    study = must_serve()

    def solve() -> None:
        problem = ev.to_pulp(study)
        for variable in problem.variables():
            if variable.name.startswith("build"):
                variable.upBound = 0
        ev.solve(study, extra=problem)

    message = first(told(solve))
    assert message.startswith("your own bounds on variables (build")


def test_a_minimum_load_is_named_where_demand_is_too_small() -> None:
    study = must_serve()
    small = study.with_table("demand", study.demand.assign(units_per_yr=1e3))
    message = told(lambda: ev.solve(small))
    assert first(message).startswith("min_load of options (")
    assert "Parts of plants would do" in message


def test_commitments_to_more_than_is_needed_are_named() -> None:
    rows = [
        {"commitment": "take", "product": "cell", "origin": "busan", "at_least": 4e6},
        {"commitment": "old", "product": "cell", "origin": "windsor", "at_least": 3e6},
        {"commitment": "new", "product": "cell", "origin": "memphis", "at_least": 2e6},
    ]
    study = must_serve().with_table("commitments", pd.DataFrame(rows))
    message = first(told(lambda: ev.solve(study)))
    assert re.match(r"commitment \((take|old|new)/", message)


def test_sites_without_power_are_named() -> None:
    study = must_serve()
    dark = study.with_table("sites", study.sites.assign(connectable_mw=0.0))
    assert first(told(lambda: ev.solve(dark))).startswith("connectable_mw and upgrades of sites (")


def test_a_labor_pool_is_named() -> None:
    tables = dict(must_serve().tables)
    tables["sites"] = tables["sites"].assign(labor_pool="valley")
    tables["labor_pools"] = pd.DataFrame([{"pool": "valley", "available_fte": 400.0}])
    small = Study.from_tables(must_serve().settings, tables)
    assert first(told(lambda: ev.solve(small))).startswith("table labor_pools (valley/p1: ")


def test_where_nothing_alone_is_at_fault_all_of_it_is_named() -> None:
    """Two floors, on jobs and on staff of the caps, of which neither can be kept."""
    study = limited({"limit": "many", "kind": "jobs", "at_least": 5e6})
    message = told(lambda: ev.solve(study, caps={"jobs": -6e6}))
    assert "No single thing" in message
    assert "cap jobs >= 6e+06" in message
    assert "limit 'many'" in message


def test_an_own_rule_comes_before_caps_limits_and_demand() -> None:
    ready = open_session(limited({"limit": "purse", "kind": "capex", "at_most": 1e8}), gap=0.0)
    milp = ready.program.milp.with_rows("extra", np.ones(ready.program.milp.shape[1]), -np.inf, 0.0, [("mine",)])
    capped = replace(ready.program, milp=milp).capped("cost", 1.0)
    names = [d.name for d in demands_of(capped.milp, ready.program.milp, {"cost": 1.0})]
    assert names[:3] == ["your own rule 'mine'", "cap cost <= 1", "limit 'purse'"]
    assert names[-1] == "demand"


def test_without_time_nothing_is_blamed() -> None:
    ready = open_session(limited({"limit": "many", "kind": "jobs", "at_least": 5e6}))
    assert not evidence(ready.study, ready.program, ready.program, find_engine("highs"), Limits(time_s=0.0))


def test_a_promise_that_no_lane_keeps_names_limit_market_and_hours() -> None:
    study = must_serve()
    quick = study.with_table("demand", study.demand.assign(promise_h=24.0))
    row = {"limit": "fast", "kind": "on_time_share", "at_least": 1.0}
    words = (
        r"'fast: 1, .*east is promised vehicle in 24 h, the fastest lane takes 28 h, west is promised vehicle in 24 h"
    )
    with pytest.raises(StudyError, match=words):
        quick.with_table("limits", pd.DataFrame([row]))


def test_a_share_in_time_that_plants_cannot_reach_is_named() -> None:
    study = must_serve()
    slow = study.with_table("demand", study.demand.assign(promise_h=[30.0, 115.0]))
    row = {"limit": "fast", "kind": "on_time_share", "at_least": 1.0}
    fast = slow.with_table("limits", pd.DataFrame([row]))
    closed = fast.with_table("sites", fast.sites.assign(plant_types=["cell", "pack;assembly", None]))
    message = told(lambda: ev.solve(closed))
    assert first(message).startswith("limit 'fast' (fast/p1: ")
    assert "units arrive in time, at least 100,000 by the limit" in message


def test_trouble_in_looking_for_the_cause_does_not_hide_that_there_is_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = find_engine("highs")
    run = type(engine).run

    def troubled(self: object, milp: Milp, objective: Objective, *rest: object, **more: object) -> EngineResult:
        if objective.name == "slack":
            raise SolveError("no more today")
        return run(self, milp, objective, *rest, **more)

    monkeypatch.setattr(type(engine), "run", troubled)
    with pytest.raises(InfeasibleError, match="at fault is not known"):
        ev.solve(limited({"limit": "many", "kind": "jobs", "at_least": 5e6}))
