"""Plans for all scenarios beside a plan: expected, worst, mean of the worst part and regret of each strategy."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

import evsiting as ev
from evsiting.report.html.section_moved import robustness
from evsiting.results.decisions.futures_table import futures_table, strategies
from tests.asked_studies import asked, moved


def futures(plan: ev.Plan, low: float, high: float, **more: object) -> ev.ScenarioPlans:
    plans = {"low": moved(plan, low), "high": moved(plan, high)}
    chances = {"low": 0.75, "high": 0.25}
    return ev.ScenarioPlans("two", plan.study_digest, plan.solve, chances, plans, **more)


def test_every_strategy_is_weighed_by_the_same_measures() -> None:
    study, plan, told = asked()
    base = plan.solve.objective
    alone = {"low": (base - 4e8, base - 5e8), "high": (base + 6e8, base + 6e8)}
    held = [futures(plan, -3e8, 9e8), futures(plan, -2e8, 7e8, best_alone=alone),
            futures(plan, -1e8, 6e8, risk_aversion=0.5, cvar_level=0.75)]  # fmt: skip
    table = strategies(futures_table(held, plan)).set_index("strategy")
    assert table.index.tolist() == ["least expectation", "least regret", "weight 0.5 on the worst 0.25"]
    assert (table["expected"] - base).tolist() == pytest.approx([0.0, 0.25e8, 0.75e8], abs=1.0)
    assert (table["cvar"] - base).tolist() == pytest.approx(
        [9e8, 7e8, 6e8], abs=1.0
    )  # the worst quarter is one scenario
    assert (table["worst"] - base).tolist() == pytest.approx([9e8, 7e8, 6e8], abs=1.0)
    assert table["regret_least"].tolist() == pytest.approx([3e8, 2e8, 3e8], abs=1.0)
    assert table["regret_most"].tolist() == pytest.approx([3e8, 3e8, 4e8], abs=1.0)
    shown = replace(told, tables=dict(ev.DecisionTables.of(plan=plan, futures=held).tables))
    section = robustness(study, shown)
    assert section is not None
    (grid,) = section.blocks
    assert [row[4].text for row in grid.rows] == ["USD 300 mn", "USD 300 mn", "USD 400 mn"]
    assert grid.columns[2].title == "Mean of the worst 25 %"


def test_regret_is_not_known_where_no_best_plan_is_and_other_studies_are_refused() -> None:
    _, plan, _ = asked()
    table = strategies(futures_table([futures(plan, 0.0, 1.0)], plan))
    assert all(math.isnan(v) for v in table.loc[0, ["regret_least", "regret_most"]])
    other = replace(futures(plan, 0.0, 1.0), study_digest="f" * 64, solve=replace(plan.solve, objective_name="jobs"))
    with pytest.raises(ev.InputError, match="another study"):
        futures_table([other], plan)
