"""What a plan does is worked out once for all who ask, and none of them changes it."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from evsiting.report.exports.workbook import write_workbook
from evsiting.report.html.page import write_report
from evsiting.results.analysis.landed_cost import cheapest_imports, gate_cost, landed_parts
from evsiting.results.analysis.limit_use import limit_use
from evsiting.results.analysis.timeline import plant_moves
from evsiting.results.certificate import certify
from evsiting.results.ledgers import plan_rows
from evsiting.results.ledgers.plan_rows import PlanRows, all_tables, facts_of
from evsiting.results.plan import Plan
from evsiting.study.study import Study
from tests.full_study import full_plan
from tests.plans import tiny_plan

ASKED = (
    "weights", "sites", "sellers", "opened", "moved", "standing", "built", "running", "made", "shipped", "short",
)  # fmt: skip
#: What reports ask of a plan again and again.
VIEWS = (cheapest_imports, limit_use, plant_moves)


@pytest.mark.slow
def test_reports_and_certificates_leave_what_a_plan_does_as_it_is(tmp_path: Path) -> None:
    study, plan = full_plan()
    write_report(tmp_path / "a.html", study, plan, certificate=certify(study, plan))
    write_workbook(tmp_path / "a.xlsx", study, plan)
    kept, anew = facts_of(study, plan), PlanRows(study, all_tables(plan.tables))
    for name in ASKED:
        pd.testing.assert_frame_equal(getattr(kept, name), getattr(anew, name), check_exact=True)
    twin = replace(plan)  # of which nothing is known yet
    for ask in VIEWS:
        pd.testing.assert_frame_equal(ask(study, plan), ask(study, twin), check_exact=True)
    pd.testing.assert_frame_equal(landed_parts(study, plan), landed_parts(study, twin), check_exact=True)


@pytest.mark.parametrize("ask", VIEWS)
def test_what_is_handed_out_may_be_changed(ask: Callable[[Study, Plan], pd.DataFrame]) -> None:
    study, plan = full_plan()
    first = ask(study, plan)
    before = first.copy()
    first.loc[:, first.columns[0]] = "changed"
    pd.testing.assert_frame_equal(ask(study, plan), before)


def test_what_is_kept_of_a_plan_goes_with_it() -> None:
    study, plan = tiny_plan()
    twin = replace(plan)
    facts_of(study, twin), landed_parts(study, twin), [ask(study, twin) for ask in VIEWS]
    gone = weakref.ref(twin)
    del twin
    gc.collect()
    assert gone() is None


def test_another_price_of_money_is_looked_at_anew() -> None:
    study, plan = full_plan()
    dear = study.with_settings(money={"discount_rate": 0.5})
    assert landed_parts(dear, plan)["value"].sum() == pytest.approx(landed_parts(study, plan)["value"].sum())
    assert not gate_cost(dear, plan).equals(gate_cost(study, plan))


def test_another_plan_or_another_study_is_looked_at_anew() -> None:
    study, plan = tiny_plan()
    one = facts_of(study, plan)
    assert facts_of(study, plan) is one
    less = replace(plan, shipments=plan.shipments.head(1))
    assert len(facts_of(study, less).shipped) == 1
    dear = study.with_table("sites", study.sites.assign(wage_usd_per_h=99.0))
    assert (facts_of(dear, plan).running["hourly_usd"] > 99.0).all()
    assert facts_of(study, plan).running["hourly_usd"].max() < 99.0


def test_few_rows_are_joined_as_many_are(monkeypatch: pytest.MonkeyPatch) -> None:
    table = pd.DataFrame(
        {"a": ["x", "y", "x"], "b": ["1", "1", "2"], "n": [1.0, 2.0, 3.0], "k": [1, 2, 3], "t": list("uvw")}
    )
    whole = pd.DataFrame({"a": ["x", "x", "y"], "b": ["2", "1", "1"], "m": [0.5, 0.25, 0.125]}, index=[7, 7, 2])
    cases = [
        (whole, table),
        (pd.concat([whole, pd.DataFrame({"a": ["z"], "b": ["1"], "m": [1.0]})]), table),  # a row that the table lacks
        (whole.head(0), table),
        (whole.assign(n=0.0), table),  # a column of the same name
    ]
    few = [plan_rows._join(rows, frame, ["a", "b"]) for rows, frame in cases]
    monkeypatch.setattr(plan_rows, "_FEW", -1)
    for found, (rows, frame) in zip(few, cases, strict=True):
        pd.testing.assert_frame_equal(found, plan_rows._join(rows, frame, ["a", "b"]), check_exact=True)


def test_a_table_with_a_row_twice_is_not_joined() -> None:
    twice = pd.DataFrame({"a": ["x", "x"], "n": [1.0, 2.0]})
    with pytest.raises(pd.errors.MergeError):
        plan_rows._join(pd.DataFrame({"a": ["x"]}), twice, ["a"])
