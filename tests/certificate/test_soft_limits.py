"""Soft limits: what breaks them is paid for, stated by the plan, and refused where it is too little or not allowed."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest

import evsiting as ev
from evsiting.results.analysis.limit_use import limit_use
from evsiting.results.certificate import certify
from evsiting.results.ledgers import limits as limit_lines
from evsiting.results.ledgers.plan_rows import PlanRows, all_tables
from tests.certificate.test_sabotage_limits import plan_of, promising
from tests.limit_studies import with_limits
from tests.program_studies import claims_study
from tests.studies import two_plant_study

PENALTY = "penalty_usd_per_unit"
# Of the right plan in one period of ten years: the limit, by how much it is broken, and what that costs in all. [USD]
CASES = [
    ({"kind": "plants_open", "plant_type": "pack", "at_least": 3, PENALTY: 1e3}, 2.0, 20e3),
    ({"kind": "plants_built", "at_most": 1, PENALTY: 1e3}, 2.0, 2e3),
    ({"kind": "sites_changed", "members": "memphis; windsor; monterrey", "at_most": 0, PENALTY: 5.0}, 2.0, 10.0),
    ({"kind": "members_open", "members": "monterrey", "if_open": "memphis", "at_least": 1, PENALTY: 5.0}, 1.0, 50.0),
    ({"kind": "jobs_fte", "place": "MX", "at_least": 10.0, PENALTY: 3.0}, 10.0, 300.0),
    ({"kind": "throughput", "product": "vehicle", "mode": "rail", "at_most": 9e4, PENALTY: 0.5}, 1e4, 5e4),
    ({"kind": "throughput_mass", "gateway": "detroit", "at_most": 8e3, PENALTY: 2.0}, 1e3, 2e4),
    ({"kind": "emissions", "at_most": 1.4e6, PENALTY: 2.0}, 59e3, 118e3),
    ({"kind": "jobs", "place": "MX", "at_least": 100.0, PENALTY: 2.0}, 100.0, 200.0),
    ({"kind": "capex", "at_most": 1_600e6, PENALTY: 0.01}, 100e6, 1e6),
    ({"kind": "output_share", "product": "vehicle", "place": "MX", "at_least": 0.1, PENALTY: 2.0}, 1e4, 2e5),
    ({"kind": "capex_share", "place": "MX", "at_least": 0.1, PENALTY: 0.01}, 170e6, 1.7e6),
    ({"kind": "concentration", "product": "cell", "per": "site", "at_most": 0.7, PENALTY: 0.1}, 0.75e6, 0.75e6),
    ({"kind": "on_time_share", "at_least": 0.7, PENALTY: 1.0}, 1e4, 1e5),
]


@pytest.mark.parametrize(("limit", "amount", "usd"), CASES, ids=[str(c[0]["kind"]) for c in CASES])
def test_what_breaks_a_soft_limit_is_paid_for(limit: dict[str, object], amount: float, usd: float) -> None:
    study = with_limits(promising(), limit)
    right = plan_of(study, violations=[("limit 1", "p1", amount)])
    certify(study, right).raise_if_failed()
    lines = right.ledgers["cost"]
    assert lines.loc[lines["item"] == "broken limits", "value"].tolist() == pytest.approx([usd])
    used = limit_use(study, right).set_index("name").loc["limit 1"]
    assert used["violation"] == pytest.approx(amount)
    too_little = plan_of(study, violations=[("limit 1", "p1", 0.9 * amount)])
    assert len(certify(study, too_little).failed) == 1


def test_claims_that_are_too_many_are_paid_for() -> None:
    study = with_limits(claims_study(), {"kind": "programs_used", "members": "land", "at_most": 0, PENALTY: 1e6})
    plan = ev.solve(study, gap=0.0)
    ev.certify(study, plan).raise_if_failed()
    assert plan.decisions["violations"]["amount"].tolist() == [1.0]
    assert plan.totals["cost"] == pytest.approx(ev.solve(claims_study(), gap=0.0).totals["cost"] + 1e6)


def test_the_ledger_names_the_limit() -> None:
    study = with_limits(promising(), {"kind": "plants_built", "at_most": 1, PENALTY: 1e3})
    tables = plan_of(study, violations=[("limit 1", "p1", 2.0)]).tables
    (lines,) = limit_lines.cost(PlanRows(study, all_tables(tables)))
    assert lines[["item", "program", "value"]].to_numpy().tolist() == [["broken limits", "limit 1", 2e3]]


def test_a_hard_limit_is_not_broken_for_money_and_no_money_goes_unstated() -> None:
    limit = {"kind": "plants_built", "at_most": 1}
    hard = with_limits(promising(), limit)
    assert set(certify(hard, plan_of(hard, violations=[("limit 1", "p1", 2.0)])).failed) == {"violation", "count"}
    soft = with_limits(promising(), {**limit, PENALTY: 1e3})
    plan = plan_of(soft, violations=[("limit 1", "p1", 2.0)])
    cost = plan.ledgers["cost"]
    cheap = replace(plan, ledgers=MappingProxyType({**plan.ledgers, "cost": cost[cost["item"] != "broken limits"]}))
    assert {"ledger_cost", "total_cost"} <= set(certify(soft, cheap).failed)
    pd.testing.assert_frame_equal(plan.decisions["violations"],
                                  pd.DataFrame([("limit 1", "p1", 2.0)], columns=["limit", "period", "amount"]),
                                  check_dtype=False)  # fmt: skip


def test_what_no_plan_can_keep_is_a_plan_that_says_so() -> None:
    rows = (
        {"kind": "plants_open", "plant_type": "cell", "at_least": 9, PENALTY: 1e6},
        {"kind": "plants_open", "plant_type": "assembly", "at_most": 0, PENALTY: 1e6},
    )
    study = with_limits(two_plant_study(), *rows)
    plan = ev.solve(study, gap=1e-6)
    ev.certify(study, plan).raise_if_failed()
    assert plan.decisions["violations"]["amount"].tolist() == pytest.approx([7.0, 1.0])
    free = ev.solve(two_plant_study(), gap=1e-6)
    assert plan.totals["cost"] == pytest.approx(free.totals["cost"] + 80e6)
    with pytest.raises(ev.InputError, match="beyond what can be built or stands"):
        with_limits(two_plant_study(), {**rows[0], PENALTY: np.nan})
