"""Scenarios solved one by one: the bound never above the optimum of all joined, the plan never below, and a proof."""

from __future__ import annotations

import json
import logging
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evsiting as ev
from evsiting.cli import main
from evsiting.errors import InfeasibleError
from evsiting.model.extensive_form import join
from evsiting.optimize import scenario_decomposition as one_by_one
from evsiting.optimize.engines.base import Limits, Progress
from evsiting.optimize.engines.registry import find_engine
from evsiting.optimize.large import large as big
from evsiting.optimize.price_bound import price_bound
from evsiting.optimize.scenario_programs import cases, scenario_studies
from evsiting.results.record.bound_prices import PRICES_FILE
from evsiting.results.scenario_plans import mean_risk
from evsiting.study.study import Study
from tests.scenario_studies import change, random_futures, two_futures, with_futures
from tests.studies import two_plant_study


def solved(study: Study, **how: Any) -> ev.ScenarioPlans:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(big, "LARGE", 0)
        return ev.solve_scenarios(study, **{"gap": 1e-3, "threads": 1, "verify": False, "time_limit_s": 60.0, **how})


@pytest.fixture(scope="module")
def whole() -> ev.ScenarioPlans:
    return ev.solve_scenarios(two_futures(), gap=0.0, verify=False)


@pytest.fixture(scope="module")
def parts() -> ev.ScenarioPlans:
    return solved(two_futures(), gap=0.02)


def test_the_plan_is_not_below_the_optimum_and_the_bound_not_above(
    whole: ev.ScenarioPlans, parts: ev.ScenarioPlans
) -> None:
    truth = whole.solve.objective
    assert parts.solve.bound <= truth * (1 + 1e-9)
    assert truth * (1 - 1e-9) <= parts.solve.objective <= truth * 1.05
    assert ev.certify_scenarios(two_futures(), parts).passed
    assert [p.solve.prices for p in parts.plans.values()] == [None, None]


def test_the_bound_is_recomputed_from_the_prices_of_all(parts: ev.ScenarioPlans) -> None:
    form = join(cases(*scenario_studies(two_futures())))
    assert parts.solve.prices is not None
    value, fault = price_bound(form.milp, form.milp.objectives["cost"], parts.solve.prices)
    assert not fault
    assert value == pytest.approx(parts.solve.price_bound, rel=1e-12)
    assert parts.solve.bound == pytest.approx(value, rel=1e-9)
    assert parts.solve.bound_by == "prices"
    alone = [ev.open_session(own).bound().value for own in scenario_studies(two_futures())[1].values()]
    assert value >= mean_risk(alone, parts.probability.values(), 0.0, 0.0) * (1 - 1e-9)  # one first stage for all


@pytest.mark.slow
@pytest.mark.parametrize("risk", [0.0, 0.5])
@pytest.mark.parametrize("seed", [1, 4, 6, 9])
def test_random_futures_agree_with_the_joined_program(seed: int, risk: float) -> None:
    study = random_futures(seed)
    try:
        whole = ev.solve_scenarios(study, gap=0.0, risk_aversion=risk)
    except InfeasibleError:
        with pytest.raises(ev.SolveError):
            solved(study, risk_aversion=risk)
        return
    parts = solved(study, risk_aversion=risk)
    truth = whole.solve.objective
    assert parts.solve.bound <= truth * (1 + 1e-8)
    assert parts.solve.objective >= truth * (1 - 1e-8)
    assert parts.solve.objective == pytest.approx(truth, rel=0.05)
    assert ev.certify_scenarios(study, parts).passed


@pytest.mark.slow
def test_who_minds_the_tail_gets_a_bound_of_the_tail() -> None:
    whole = ev.solve_scenarios(two_futures(), gap=0.0, risk_aversion=0.5, cvar_level=0.7)
    parts = solved(two_futures(), risk_aversion=0.5, cvar_level=0.7)
    truth = whole.solve.objective
    assert parts.solve.bound <= truth * (1 + 1e-9)
    assert truth * (1 - 1e-9) <= parts.solve.objective <= truth * 1.01
    assert parts.solve.prices is None
    assert parts.solve.bound_by == "solver"


def test_small_futures_are_joined_and_so_are_those_of_an_engine_without_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    found, engine = cases(*scenario_studies(two_futures())), find_engine("highs")
    assert not one_by_one.is_decomposed(found, engine)
    monkeypatch.setattr(big, "LARGE", 0)
    assert one_by_one.is_decomposed(found, engine)
    assert not one_by_one.is_decomposed(found[:1], engine)
    assert not one_by_one.is_decomposed(found, find_engine("cbc"))


def test_where_a_future_has_no_plan_with_a_first_stage_its_own_is_tried_next(caplog: pytest.LogCaptureFixture) -> None:
    rows = [change("boom", "demand", "units_per_yr", "multiply", 1.5)]
    study = with_futures(two_plant_study(), {"base": 0.6, "boom": 0.4}, rows)
    must = study.demand.assign(unmet_penalty_usd_per_unit=math.nan)
    study = study.with_table("demand", must)
    with caplog.at_level(logging.INFO, logger="evsiting"):
        found = solved(study, gap=0.05)
    told = [r.getMessage() for r in caplog.records]
    assert any("'boom' has no plan with the first stage" in line for line in told)
    assert not found.first.unmet["units_per_yr"].any()
    assert str(found.solve.status) == "optimal"
    assert ev.certify_scenarios(study, found).passed


def test_prices_at_one_first_stage_raise_the_bound_above_that_of_waiting_and_seeing() -> None:
    form = join(cases(*scenario_studies(two_futures())))
    aim = form.milp.combined({"cost": 1.0})
    plain = replace(form.milp, integer=np.zeros_like(form.milp.integer))
    linear = find_engine("highs").run(plain, aim, Limits(gap=0.0)).objective
    alone = [ev.open_session(own).bound().value for own in scenario_studies(two_futures())[1].values()]
    seen = mean_risk(alone, [s.probability for s in form.scenarios], 0.0, 0.0)
    found = solved(two_futures(), gap=1e-5)
    assert found.solve.prices is not None
    assert found.solve.price_bound > seen + 0.5 * (linear - seen)
    assert price_bound(form.milp, aim, found.solve.prices)[0] == pytest.approx(found.solve.price_bound, rel=1e-12)


def test_an_interrupt_between_two_runs_keeps_the_best_plan() -> None:
    def stop(progress: Progress) -> None:
        if math.isfinite(progress.objective):
            raise KeyboardInterrupt

    found = solved(two_futures(), gap=1e-6, watch=stop)
    assert found.solve.limit == "interrupt"
    assert found.solve.prices is not None
    assert ev.certify_scenarios(two_futures(), found).passed


def test_who_watches_hears_the_whole_only() -> None:
    heard: list[Progress] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(big, "LARGE", 0)
        plans = ev.solve_scenarios(two_futures(), gap=0.02, threads=1, verify=False, watch=heard.append)
    values = [p.objective for p in heard]
    assert values == sorted(values, reverse=True)
    assert values[-1] == pytest.approx(plans.solve.objective, rel=1e-9)
    assert all(p.bound <= plans.solve.objective for p in heard)


@pytest.mark.slow
def test_a_folder_of_scenarios_keeps_the_prices_and_certify_recomputes_the_bound(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(big, "LARGE", 0)
    study, out = ev.write_study(two_futures(), tmp_path / "study"), tmp_path / "out"
    assert ended("scenarios", study, "--gap", "0.1%", "--no-verify", "--out", out) == 0
    assert (out / PRICES_FILE).is_file()
    found = ev.recompute_bounds(out)["expected"]
    assert found.holds
    capsys.readouterr()
    assert ended("certify", out) == 0
    assert "Bound recomputed from the prices" in " ".join(capsys.readouterr().out.split())
    file = out / "scenarios.json"
    held = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**held, "price_bound": 1.001 * held["price_bound"]}), encoding="utf-8")
    assert not ev.recompute_bounds(out)["expected"].holds
    assert ended("certify", out) == 3
    file.write_text(json.dumps(held), encoding="utf-8")
    (out / PRICES_FILE).unlink()
    assert "missing" in ev.recompute_bounds(out)["expected"].fault


def ended(*words: object) -> int:
    with pytest.raises(SystemExit) as end:
        main([str(word) for word in words])
    return int(end.value.code or 0)


def test_an_earlier_plan_and_what_its_prices_prove_are_gone_on_from(
    parts: ev.ScenarioPlans, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger=one_by_one.__name__):
        again = solved(two_futures(), gap=0.05, start=parts)
    tried = [record.getMessage() for record in caplog.records if "best so far" in record.getMessage()]
    assert len(tried) == 1  # the first stage of the earlier plan, and with its bound nothing more
    assert tried[0].startswith("first stage of an earlier plan: ")
    assert again.solve.objective <= parts.solve.objective * (1 + 1e-9)
    assert again.solve.bound >= parts.solve.price_bound * (1 - 1e-9)
    assert ev.certify_scenarios(two_futures(), again).passed
