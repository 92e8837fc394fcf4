"""What a plan does is worked out once for all who ask, and none of them changes it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from evsiting.report.html import write_report
from evsiting.report.workbook import write_workbook
from evsiting.results.certificate import certify
from evsiting.results.facts import Facts, all_tables, facts_of
from tests.full_study import full_plan
from tests.plans import tiny_plan

ASKED = (
    "weights", "sites", "sellers", "opened", "moved", "standing", "built", "running", "made", "shipped", "short",
)  # fmt: skip


def test_reports_and_certificates_leave_what_a_plan_does_as_it_is(tmp_path: Path) -> None:
    study, plan = full_plan()
    write_report(tmp_path / "a.html", study, plan, certificate=certify(study, plan))
    write_workbook(tmp_path / "a.xlsx", study, plan)
    kept, anew = facts_of(study, plan), Facts(study, all_tables(plan.tables))
    for name in ASKED:
        pd.testing.assert_frame_equal(getattr(kept, name), getattr(anew, name), check_exact=True)


def test_another_plan_or_another_study_is_looked_at_anew() -> None:
    study, plan = tiny_plan()
    one = facts_of(study, plan)
    assert facts_of(study, plan) is one
    less = replace(plan, shipments=plan.shipments.head(1))
    assert len(facts_of(study, less).shipped) == 1
    dear = study.with_table("sites", study.sites.assign(wage_usd_per_h=99.0))
    assert (facts_of(dear, plan).running["hourly_usd"] > 99.0).all()
    assert facts_of(study, plan).running["hourly_usd"].max() < 99.0
