"""Claims and credits: weights, caps and pools that can bind, and what of a point counts as a claim."""

from __future__ import annotations

import numpy as np
import pytest

from evsiting.model.build import Program, build
from tests.program_studies import offers_of, rules_of
from tests.studies import two_plant_study, unchecked

PACK = ("memphis", "pack", None, "aid", "investment", 0.3)


def program(*rows: tuple[object, ...], periods: int = 1, **rules: dict[str, object]) -> Program:
    """Return the two-plant program under programs with rules."""
    study = two_plant_study(periods=periods)
    offers = offers_of(list(study.periods["period"]), *rows)
    return build(unchecked(study, incentives=offers, program_rules=rules_of(rules)))


def lines(family: str, *rows: tuple[object, ...], **rules: dict[str, object]) -> list[str]:
    """Return the constraints of a family."""
    return list(program(*rows, **rules).milp.lines(family))


def test_a_credit_is_at_most_what_is_offered_and_claimed() -> None:
    milp = program(PACK, aid={}).milp
    assert list(milp.lines("credit")) == [
        "credit[aid,memphis,pack,p1]: - 30 build[memphis,pack,line,p1] + credits[aid,memphis,pack,p1] <= 0"
    ]
    assert list(milp.lines("claim")) == [
        "claim[aid,memphis,pack]: - 30 claims[aid,memphis,pack] + credits[aid,memphis,pack,p1] <= 0"
    ]


@pytest.mark.parametrize(("most", "cap", "claim"), [(None, 0, 1), (30e6, 0, 1), (30e6 - 1, 1, 0), (1.0, 1, 0)])
def test_a_cap_is_written_where_it_can_bind_and_the_claim_where_it_cannot(
    most: float | None, cap: int, claim: int
) -> None:
    milp = program(PACK, aid={"most_usd": most}).milp
    assert (milp.count("cap"), milp.count("claim")) == (cap, claim)


def test_a_pool_is_written_where_all_plants_together_can_empty_it() -> None:
    both = (PACK, ("monterrey", "pack", None, "aid", "investment", 0.3))
    assert lines("pool", *both, aid={"pool_usd": 60e6}) == []
    (row,) = lines("pool", *both, aid={"pool_usd": 50e6})
    assert row == "pool[aid]: credits[aid,memphis,pack,p1] + credits[aid,monterrey,pack,p1] <= 50"


def test_a_pool_smaller_than_one_credit_holds_the_claim() -> None:
    (row,) = lines("claim", PACK, aid={"pool_usd": 10e6})
    assert "- 10 claims[aid,memphis,pack]" in row


def test_programs_together_pay_no_more_than_the_investment() -> None:
    rows = (PACK, ("memphis", "pack", None, "more", "investment", 0.8))
    (row,) = lines("stacking", *rows, aid={}, more={})
    assert "- 100 build[memphis,pack,line,p1]" in row
    rows = (PACK, ("memphis", "pack", None, "more", "investment", 0.7))
    assert lines("stacking", *rows, aid={}, more={}) == []  # together exactly the whole


def test_what_everyone_gets_is_taken_off_first() -> None:
    rows = (PACK, ("memphis", "pack", None, "free", "investment", 0.8))
    (row,) = lines("stacking", *rows, aid={})
    assert "- 20 build[memphis,pack,line,p1]" in row


def test_what_is_paid_on_building_is_spread_over_the_life_and_the_rest_paid_by_the_year() -> None:
    found = program(PACK, ("memphis", "pack", "pack", "unit", "production", 10.0), aid={}, unit={}, periods=2).milp
    cost = dict(zip(found.column_names(), (found.objectives["cost"].coefficients).tolist(), strict=True))
    assert cost["credits[aid,memphis,pack,p1]"] == pytest.approx(-10 / 20)
    assert cost["credits[aid,memphis,pack,p2]"] == pytest.approx(-5 / 20)
    assert cost["credits[unit,memphis,pack,p1]"] == pytest.approx(-1.0)


def test_a_claim_that_is_paid_nothing_or_a_credit_without_a_claim_is_none() -> None:
    found = program(PACK, ("memphis", "pack", "pack", "unit", "production", 10.0), aid={}, unit={})
    names = found.milp.column_names()
    at = {n.split(",memphis")[0]: k for k, n in enumerate(names) if n.startswith(("claims[", "credits["))}
    values = np.zeros(len(names))

    def rows(**amounts: float) -> tuple[list[str], list[str]]:
        values[:] = 0.0
        for key, amount in amounts.items():
            values[at[key.replace("_", "[")]] = amount
        tables = found.tables(values)
        return tables["claims"]["program"].tolist(), tables["credits"]["program"].tolist()

    assert rows(claims_aid=1.0, credits_aid=30.0) == (["aid"], ["aid"])
    assert rows(claims_aid=1.0) == ([], [])
    assert rows(credits_aid=30.0) == ([], [])
    assert rows(claims_aid=1.0, credits_aid=30.0, claims_unit=1.0, credits_unit=1e-12) == (["aid"], ["aid"])
    assert rows(claims_aid=1.0, credits_aid=30.0, claims_unit=1.0, credits_unit=1e-3) == (
        ["aid", "unit"],
        ["aid", "unit"],
    )


def test_a_study_without_incentives_has_no_column_of_programs() -> None:
    study = two_plant_study()
    milp = build(unchecked(study, incentives=study.incentives.iloc[:0])).milp
    assert [milp.count(f) for f in ("claims", "credits", "claim", "credit", "stacking")] == [0] * 5
