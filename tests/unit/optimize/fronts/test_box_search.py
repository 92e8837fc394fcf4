"""Boxes of a front without a solver: what is empty, the largest box, its corners, and every point of a small front."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from types import SimpleNamespace

import pytest

from evsiting.errors import InfeasibleError, NoSolutionError
from evsiting.optimize.fronts import box_search
from evsiting.optimize.fronts.box_search import BoxSearch, _least_number
from evsiting.optimize.fronts.integer_objectives import Lattice
from evsiting.results.plan import Solve, Status


@dataclass(frozen=True)
class Point:
    """A plan of two totals, less is better."""

    totals: dict[str, float]
    solve: Solve
    status: Status = Status.OPTIMAL


class Searched(BoxSearch):
    """A search among known points, by looking at all of them."""

    large, slack = False, 0.0

    def __init__(self, points: list[tuple[float, ...]], names: tuple[str, ...] = ("cost", "emissions")) -> None:
        self.names, self.points = names, points
        self.ready = SimpleNamespace()
        self.plans, self.ideal, self._empty = [], {}, []
        self.complete, self.left_open = False, ""
        self.on_point = lambda *_: None
        self.solves = 0

    def least(self, objective, caps, *, explain: bool = False):
        """Return the least point under ceilings, by one objective or by weights."""
        self.solves += 1
        weights = {objective: 1.0} if isinstance(objective, str) else objective
        some = [
            dict(zip(self.names, p, strict=True))
            for p in self.points
            if all(dict(zip(self.names, p, strict=True))[n] <= c for n, c in caps.items())
        ]
        if not some:
            raise InfeasibleError("none")
        best = min(some, key=lambda p: sum(w * p[n] for n, w in weights.items()))
        value = sum(w * best[n] for n, w in weights.items())
        return Point(best, Solve(Status.OPTIMAL, "cost", value, value))


@pytest.fixture(autouse=True)
def plain_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read totals as they stand, and take every point as it is."""
    monkeypatch.setattr(box_search, "value", lambda plan, name: plan.totals[name])
    monkeypatch.setattr(box_search, "with_status", lambda plan: plan)


UNIT = {"cost": Lattice(1.0, 0.0), "emissions": Lattice(1.0, 0.0)}
POINTS = [(1.0, 9.0), (2.0, 7.0), (2.0, 8.0), (4.0, 4.0), (5.0, 4.0), (9.0, 1.0)]
FRONT = {(1.0, 9.0), (2.0, 7.0), (4.0, 4.0), (9.0, 1.0)}


def values(search: BoxSearch) -> list[tuple[float, ...]]:
    """Return the points that were found."""
    return [tuple(p.totals.values()) for p in search.plans]


def test_every_point_that_none_beats_is_found_once() -> None:
    search = Searched(POINTS)
    search.every_point(UNIT)
    assert (set(values(search)), len(search.plans)) == (FRONT, 4)
    assert search.complete
    assert search.left_open == ""


def test_three_objectives_are_searched_to_the_end() -> None:
    names = ("cost", "emissions", "jobs")
    points = [(1.0, 5.0, 5.0), (5.0, 1.0, 5.0), (5.0, 5.0, 1.0), (3.0, 3.0, 3.0), (5.0, 5.0, 5.0)]
    search = Searched(points, names)
    search.every_point({n: Lattice(1.0, 0.0) for n in names})
    assert set(values(search)) == set(points[:4])
    assert search.complete


def test_a_single_point_and_points_that_tie_are_one() -> None:
    for points in ([(3.0, 3.0)], [(3.0, 3.0)] * 2, [(3.0, 3.0), (3.0, 4.0), (4.0, 3.0)]):
        search = Searched(points)
        search.every_point(UNIT)
        assert values(search) == [(3.0, 3.0)]
        assert search.complete


def test_a_search_for_some_points_says_that_more_may_be_left() -> None:
    search = Searched(POINTS)
    search.every_point(UNIT, 2)
    assert len(search.plans) == 2
    assert not search.complete
    assert search.left_open == "2 points were asked for"


def test_a_study_without_any_plan_raises() -> None:
    with pytest.raises(InfeasibleError):
        Searched([]).every_point(UNIT)


def test_a_proof_that_was_cut_short_is_told() -> None:
    search = Searched(POINTS)
    least = search.least

    def slow(objective, caps, **more):
        if caps.get("emissions", math.inf) < 5.0:
            raise NoSolutionError("late", "time")
        return least(objective, caps, **more)

    search.least = slow
    search.every_point(UNIT)
    assert search.left_open == "the time limit ended a proof"
    assert not search.complete
    assert set(values(search)) < FRONT


@pytest.mark.parametrize(("limit", "words"), [("interrupt", "it was interrupted"), ("", "a proof was not reached")])
def test_why_something_is_left_open(limit: str, words: str) -> None:
    search = Searched(POINTS)
    search._unproven(limit)
    assert search.left_open == words


def test_an_interrupt_keeps_what_was_found_and_is_raised_where_nothing_was() -> None:
    search = Searched(POINTS)
    search.plans.append(search.least("cost", {}))

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    search.least = stop
    search.every_point(UNIT)
    assert search.left_open == "it was interrupted"
    search.plans.clear()
    with pytest.raises(KeyboardInterrupt):
        search.every_point(UNIT)


def test_what_an_earlier_solve_found_empty_is_empty_under_tighter_ceilings() -> None:
    search = Searched(POINTS)
    search._empty.append(((5.0,), 4.0))  # with emissions below 5 nothing costs less than 4
    assert search._is_empty((4.0, 5.0))
    assert search._is_empty((3.0, 2.0))
    assert not search._is_empty((5.0, 5.0))
    assert not search._is_empty((4.0, 6.0))


@pytest.mark.parametrize(
    ("bound", "number"), [(7.0, 3), (7.0001, 3), (7.1, 4), (-math.inf, -math.inf), (math.nan, -math.inf)]
)
def test_the_least_number_that_a_bound_leaves_possible(bound: float, number: float) -> None:
    plan = Point({}, Solve(Status.OPTIMAL, "cost", 9.0, bound))
    assert _least_number(plan, Lattice(2.0, 1.0)) == number


def test_a_box_lies_between_its_neighbours() -> None:
    search = Searched(POINTS)
    search.plans = [replace(search.least("cost", {}), totals={"cost": c, "emissions": e}) for c, e in
                    [(1.0, 9.0), (4.0, 4.0), (9.0, 1.0)]]  # fmt: skip
    assert search._box((4.0, 9.0)) == ([1.0, 4.0], [4.0, 9.0])
    assert search._box((9.0, 4.0)) == ([4.0, 1.0], [9.0, 4.0])
    assert search._box((math.inf, math.inf))[1] == [9.0, 9.0]
