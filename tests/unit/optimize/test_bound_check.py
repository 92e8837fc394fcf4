"""What a recomputed bound says of itself."""

from __future__ import annotations

import math

import pytest

import evsiting as ev
from evsiting.optimize.bound_check import BoundCheck


def test_a_bound_holds_within_the_rounding_of_its_size() -> None:
    assert BoundCheck(1e9, "prices", 1e9, 1e9 - 0.5, 1).holds
    assert not BoundCheck(1e9, "prices", 1e9, 1e9 - 2.0, 1).holds
    assert BoundCheck(0.0, "prices", 0.0, -1e-7, 1).holds
    assert not BoundCheck(0.0, "prices", 0.0, -1e-5, 1).holds


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (BoundCheck(7.0, "prices", 7.5, 7.5, 1), "Bound recomputed from the prices of 1 leaf, without a solver: 7"),
        (BoundCheck(7.0, "solver", 6.5, 6.5, 3), "Bound 7: the prices of 3 leaves prove 6.5, the solver's own tree"),
        (BoundCheck(7.0, "prices", 7.0, 6.0, 3), "The bound 7 is not proven: the prices of 3 leaves prove 6."),
        (BoundCheck(7.0, "prices", 7.0, -math.inf, fault="x"), "is not proven by the prices of 0 leaves: x."),
        (BoundCheck(7.0, "prices", 7.0, 7.0, 1, over="2 groups of 9 sites"), "1 leaf over 2 groups of 9 sites"),
    ],
)  # fmt: skip
def test_a_check_is_a_sentence(check: BoundCheck, words: str) -> None:
    assert words in str(check)
    if not check.holds:
        with pytest.raises(ev.CertificateError):
            check.raise_if_failed()


def test_a_plan_of_another_study_is_refused() -> None:
    study = ev.complete(ev.example("starter"))
    plan = ev.solve(study, gap=0.05)
    other = study.with_table("demand", study.demand.assign(units_per_yr=study.demand["units_per_yr"] * 0.5))
    with pytest.raises(ev.InputError, match="is not the one that the plan answers"):
        ev.recompute_bound(other, plan)
