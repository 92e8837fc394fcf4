"""What a limit is about: periods, places, sides, and the violation of one that may be broken."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evsiting.model.constraints.limits import scope
from evsiting.model.constraints.limits.scope import Limit, Line
from evsiting.model.milp import MilpBuilder
from evsiting.model.sets_from_study import make_sets
from tests.limit_studies import with_limits
from tests.studies import two_plant_study

INF = float("inf")


def limit(**other: object) -> Limit:
    """Return a limit of at most 5 in the first and third of four periods."""
    cells = {"name": "l", "kind": "throughput", "per": "", "place": "", "product": -1, "plant_type": -1,
             "periods": (0, 2), "whole": True, "low": -INF, "high": 5.0}  # fmt: skip
    return Limit(**{**cells, **other})


def one_column() -> MilpBuilder:
    """Return a program with one column x."""
    milp = MilpBuilder()
    milp.add_columns("x", (1,), lambda k: ("a",))
    return milp


def line(value: float = 2.0, constant: float = 1.0) -> Line:
    """Return 2 x + 1 in one slot."""
    return Line(np.array([0]), np.array([0]), np.array([value]), np.array([constant]))


def test_limits_are_read_by_name_with_open_sides_and_positions() -> None:
    study = with_limits(
        two_plant_study(periods=2),
        {"limit": "z", "kind": "jobs", "place": "US", "at_least": 0.0},
        {"limit": "10", "kind": "output_share", "product": "vehicle", "place": "MX", "at_most": 0.5, "period": "p2"},
        checked=False,
    )
    sets = make_sets(study)
    first, second = scope.limits_of(study, sets)
    assert (first.name, first.periods, first.whole, first.low, first.high) == ("10", (1,), False, -INF, 0.5)
    assert sets.products[first.product] == "vehicle"
    assert (second.name, second.periods, second.whole, second.low, second.high) == ("z", (0, 1), True, 0.0, INF)
    assert (second.product, second.plant_type, second.is_soft) == (-1, -1, False)
    assert scope.limits_of(two_plant_study(), sets) == []


def test_a_limit_from_a_year_on_holds_in_periods_that_do_not_begin_before_it(two_periods) -> None:
    sets = two_periods.sets  # from 2027 and from 2032
    assert scope._periods(sets, None, float("nan")) == (0, 1)
    assert scope._periods(sets, None, 2028.0) == (1,)
    assert scope._periods(sets, None, 2032.0) == (1,)
    assert scope._periods(sets, None, 2033.0) == ()
    assert scope._periods(sets, "p1", 2033.0) == (0,)


def test_slots_are_places_among_the_periods_of_the_limit() -> None:
    assert scope.at_period(limit(), np.array([0, 1, 2, 3, 0])).tolist() == [0, -1, 1, -1, 0]
    assert scope.at_period(limit(), np.zeros(0, np.int64)).tolist() == []
    assert scope.at_period(limit(periods=()), np.array([2])).tolist() == [-1]


def test_flows_are_summed_by_period_of_the_limit() -> None:
    found = scope.flows(limit(), np.array([[0, 1, 2, 3], [4, 5, 6, 7]]))
    assert sorted(zip(found.row.tolist(), found.column.tolist(), strict=True)) == [(0, 0), (0, 4), (1, 2), (1, 6)]
    none = scope.flows(limit(), np.zeros((0, 4), np.int64))
    assert (len(none.row), none.constant.tolist()) == (0, [0.0, 0.0])


def test_lines_add_and_scale_with_their_constants() -> None:
    total = line() * 3.0 + line(1.0, -4.0)
    assert (total.column.tolist(), total.value.tolist(), total.constant.tolist()) == ([0, 0], [6.0, 1.0], [-1.0])


def test_a_constant_moves_to_the_right_and_the_unit_divides_both_sides() -> None:
    milp = one_column()
    scope.add_sum(milp, "budget", limit(low=3.0, high=9.0), line(), 2.0, ["p1"])
    assert list(milp.finish([]).lines("budget")) == ["budget[l,p1]: 1 <= x[a] <= 4"]


def test_a_share_holds_without_dividing_by_the_whole() -> None:
    milp = one_column()
    scope.add_share(milp, "share", limit(low=0.25, high=0.75), line(1.0, 0.0), line(0.0, 8.0), 1.0, ["p1"], "here")
    assert list(milp.finish([]).lines("share")) == [
        "share[l,here,at least,p1]: x[a] >= 2",
        "share[l,here,at most,p1]: x[a] <= 6",
    ]


def test_a_soft_limit_has_one_violation_for_both_sides() -> None:
    soft = limit(low=3.0, high=9.0, penalty=7.0)
    milp = one_column()
    scope.add_sum(milp, "budget", soft, line(), 2.0, ["p1"])
    assert list(milp.finish([]).lines("budget")) == [
        "budget[l,at least,p1]: x[a] + violation[l,p1] >= 1",
        "budget[l,at most,p1]: x[a] - violation[l,p1] <= 4",
    ]
    assert soft.violations == {"p1": (1, 2.0)}


@pytest.mark.parametrize(("penalty", "soft"), [(float("nan"), False), (0.0, True), (1e300, True), (INF, False)])
def test_a_limit_with_a_price_may_be_broken_and_a_price_of_zero_is_one(penalty: float, soft: bool) -> None:
    assert limit(penalty=penalty).is_soft is soft


def test_two_limits_of_equal_cells_do_not_share_their_violations() -> None:
    one, other = limit(penalty=1.0), limit(penalty=1.0)
    one.violations["p1"] = (3, 1.0)
    assert other.violations == {}
    assert one == other
    assert replace(one, name="m") != other


def test_places_are_countries_states_or_codes_and_empty_is_everywhere(one_period) -> None:
    sets = one_period.sets  # memphis, monterrey, windsor
    assert scope.sites_at(sets, "US").tolist() == [True, False, False]
    assert scope.sites_at(sets, "MX-NLE").tolist() == [False, True, False]
    assert scope.sites_at(sets, "windsor").tolist() == [False, False, True]
    assert scope.sites_at(sets, "").all()
    assert not scope.sites_at(sets, "Narnia").any()
    assert scope.markets_at(sets, "US-NY").tolist() == [True, False]


def test_an_unknown_region_is_not_everywhere() -> None:
    none = np.array([""], dtype=object)
    assert scope.lies_at("", none, none, np.array(["a"], dtype=object)).tolist() == [True]
    assert scope.lies_at("US", none, none, np.array(["a"], dtype=object)).tolist() == [False]


def test_sides_are_those_that_are_given() -> None:
    assert limit(low=-INF, high=INF).sides() == []
    assert limit(low=0.0, high=0.0).sides() == [("at least", 0.0), ("at most", 0.0)]
