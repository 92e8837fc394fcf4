"""Claims that a limit counts: a thousandth of what a program can pay, whatever its cap and its pool."""

from __future__ import annotations

import pytest

import evsiting as ev
from evsiting.model.build import build
from evsiting.model.constraints.limits.program_use import LEAST
from tests.limit_studies import with_limits
from tests.program_studies import claims_study


@pytest.mark.parametrize(("rule", "most"), [({}, 180.0), ({"most_usd": 60e6}, 60.0), ({"pool_usd": 20e6}, 20.0)])
def test_what_is_paid_at_least_follows_from_offer_cap_and_pool(rule: dict[str, object], most: float) -> None:
    row = {"kind": "programs_used", "members": "48C", "place": "memphis", "plant_type": "cell", "at_least": 1}
    study = with_limits(claims_study(conditions={"48C": rule}), row)
    _, paid = build(study).milp.lines("programs_used")
    assert f"{1.0 / most:.6g} credits[48C,memphis,cell,p1]" in paid
    assert LEAST == 1e-3


def test_a_forced_claim_is_paid_even_where_nobody_counts_money() -> None:
    study = with_limits(claims_study(), {"kind": "programs_used", "members": "training", "at_least": 1})
    plan = ev.solve(study, objective="emissions", gap=0.0)
    ev.certify(study, plan).raise_if_failed()
    assert "training" in set(plan.decisions["credits"]["program"])
