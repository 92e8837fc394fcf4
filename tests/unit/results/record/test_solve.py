"""The record of a solve: gaps at their edges, names of weighted objectives, proofs, and copies."""

from __future__ import annotations

import copy
import math
import pickle
from types import MappingProxyType, SimpleNamespace

import pytest

from evsiting.results.record.solve import Solve, Status, relative_gap, verified_words

INF, NAN = math.inf, math.nan


def record(objective: float = 7.0, bound: float = 6.5, name: str = "cost", **more: object) -> Solve:
    """Return the record of an optimal run."""
    return Solve(Status.OPTIMAL, name, objective, bound, **more)


@pytest.mark.parametrize(
    ("objective", "bound", "gap"),
    [
        (100.0, 99.0, 0.01),
        (-100.0, -101.0, 0.01),  # job-years with a minus sign
        (100.0, 100.0, 0.0),
        (100.0, 100.1, 0.0),  # a bound beyond the objective is arithmetic
        (0.0, -1e-300, INF),
        (1e-300, 0.0, 1.0),
        (1.0, -3.0, 4.0),
        (INF, 1.0, INF),
        (NAN, NAN, INF),
        (1.0, -INF, INF),
        (1.0, NAN, INF),
    ],
)
def test_the_gap_is_a_part_of_the_objective(objective: float, bound: float, gap: float) -> None:
    assert relative_gap(objective, bound) == pytest.approx(gap)
    assert record(objective, bound).gap == pytest.approx(gap)


@pytest.mark.parametrize(("bound", "apart"), [(6.5, 0.5), (7.0, 0.0), (8.0, 0.0), (-INF, INF), (NAN, INF)])
def test_the_absolute_gap_is_in_the_unit_of_the_objective(bound: float, apart: float) -> None:
    assert record(bound=bound).absolute_gap == apart


@pytest.mark.parametrize(
    ("name", "weights"),
    [
        ("cost", {"cost": 1.0}),
        ("2 cost", {"cost": 2.0}),
        ("0 cost + 1e+16 emissions", {"cost": 0.0, "emissions": 1e16}),
        ("1 cost + -0.5 jobs", {"cost": 1.0, "jobs": -0.5}),
    ],
)
def test_weights_are_read_from_the_name(name: str, weights: dict[str, float]) -> None:
    assert record(name=name).weights == weights


@pytest.mark.parametrize(
    "name", ["", "price", "cost + cost", "dear cost", "1 cost+2 jobs", "nan cost", "inf cost", "1 cost + ", "1 2 cost"]
)
def test_a_name_that_is_no_sum_is_refused_with_the_objectives(name: str) -> None:
    with pytest.raises(ValueError, match="is no sum of weights and cost, emissions"):
        _ = record(name=name).weights


def test_the_value_of_totals_counts_jobs_with_a_minus_sign() -> None:
    totals = {"cost": 5.0, "emissions": 2.0, "jobs": 7.0}
    assert record(name="1 cost + 10 emissions + 3 jobs").value_of(totals) == 5 + 20 - 21
    with pytest.raises(KeyError):
        record(name="late").value_of(totals)


def test_what_every_plan_has_is_the_constant_and_its_goods_by_weight() -> None:
    found = record(name="1 cost + 10 emissions", constant=3.0, goods={"cost": 4.0, "emissions": 0.5})
    assert found.unavoidable == 3 + 4 + 5
    assert record(name="jobs", constant=-2.0, goods={"cost": 4.0}).unavoidable == -2.0


def test_the_difference_of_two_optima_lies_between_ends() -> None:
    low, high = record(9.0, 8.5).difference_from(record(9.0, 8.5))
    assert (low, high) == (-0.5, 0.5)
    assert record(9.0, 9.0).difference_from(record(7.0, 7.0)) == (2.0, 2.0)
    assert record(9.0, -INF).difference_from(record(7.0, 6.0)) == (-INF, 3.0)


def test_prices_prove_a_bound_that_they_reach() -> None:
    assert record(price_bound=6.5).bound_by == "prices"
    assert record(price_bound=6.4).bound_by == "solver"
    assert record(bound=-INF).bound_by == "solver"  # nothing is proven by anyone


def test_the_better_proof_of_two_is_taken_with_room_for_more_ceilings() -> None:
    prices = SimpleNamespace(with_constraints=lambda more: f"prices + {more}")
    better = record(prices=prices, price_bound=6.0, caps={"emissions": 1.0})
    mine = record(price_bound=5.0, caps={"emissions": 0.5, "jobs": -1.0})
    found = mine.with_proof_of(better)
    assert (found.prices, found.price_bound, found.bound) == ("prices + 1", 6.0, 6.5)
    assert record(price_bound=6.0).with_proof_of(better) is not better
    same = record(price_bound=6.0)
    assert same.with_proof_of(better) is same
    assert same.with_proof_of(record(price_bound=9.0)) is same  # a bound without prices is no proof to take over


def test_copies_and_pickles_keep_read_only_views() -> None:
    found = record(caps=MappingProxyType({"emissions": 1.0}), goods=MappingProxyType({"cost": 2.0}))
    for twin in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):
        assert twin == found
        assert isinstance(twin.caps, MappingProxyType)
        with pytest.raises(TypeError):
            twin.goods["cost"] = 0.0


@pytest.mark.parametrize(
    ("verified", "words"),
    [
        ("", ""),
        ("confirmed", "verified (scip)"),
        ("refuted", "corrected by a second run (scip)"),
        ("unclear", "verification without a clear answer (scip)"),
        ("odd", "odd (scip)"),
    ],
)
def test_words_of_a_second_run(verified: str, words: str) -> None:
    assert verified_words(record(verified=verified, verified_by="scip")) == words
