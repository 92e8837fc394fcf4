"""Fronts against brute force over every set of buildings, and what a front does when it is stopped."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import cache, lru_cache
from itertools import product as cross

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import block_diag
from scipy.optimize import linprog

import evsiting as ev
from evsiting.errors import InputError, NoSolutionError
from evsiting.optimize import solve
from evsiting.optimize.engines.base import Engine, EngineResult, Progress
from evsiting.optimize.engines.registry import find_engine
from evsiting.optimize.fronts.epsilon_constraint import still_proven
from evsiting.optimize.fronts.points import undominated, value
from evsiting.optimize.sessions import session
from evsiting.results.plan import Front, Plan, Status
from evsiting.study.study import Study
from tests.enumeration import _Search, brute_force
from tests.studies import random_study, two_plant_study

#: Ends of these fronts leave demand unmet: what penalties do to a gap is tried elsewhere.
pytestmark = pytest.mark.filterwarnings("ignore:.*mostly the penalties:evsiting.errors.GapWarning")

#: Studies by name, small enough for every set of buildings to be tried under any ceiling.
STUDIES = {
    "two plants": two_plant_study,
    **{f"random {seed}": lambda seed=seed: random_study(seed, combinations=60) for seed in (3, 8)},
}
PAIRS = [("cost", "emissions"), ("cost", "jobs"), ("emissions", "cost")]
#: The same, all but one for the slow tests.
SLOW_PAIRS = [pytest.param(*pair, marks=[] if pair == ("cost", "jobs") else [pytest.mark.slow]) for pair in PAIRS]
#: Names of the studies, those of random ones for the slow tests.
NAMES = [pytest.param(name, marks=[] if name == "two plants" else [pytest.mark.slow]) for name in STUDIES]


@cache
def study_of(name: str) -> Study:
    return STUDIES[name]()


@cache
def front_of(name: str, first: str, second: str, points: int = 5) -> Front:
    return ev.pareto(study_of(name), first, second, points=points, gap=0.0)


class Exact:
    """The least of one objective under a ceiling on another: one linear program for each set of buildings."""

    def __init__(self, study: Study, first: str, second: str) -> None:
        self.one, self.two = (_Search(study, {name: 1.0}) for name in (first, second))
        places = self.one.places
        self.below = block_diag(*(p.below for p in self.one.programmes))
        self.equal = block_diag(*(p.equal for p in self.one.programmes))
        self.equal_right = np.concatenate([p.equal_right for p in self.one.programmes])
        self.price, self.other = (np.concatenate([p.price for p in s.programmes]) for s in (self.one, self.two))
        self.size = np.abs(self.other).max() or 1.0
        self.plans: list[tuple[float, float, float, dict]] = []
        for chosen in cross(*(self.one.choices(p) for p in places)):
            plan = dict(zip(places, chosen, strict=True))
            fixed, used = (s.sunk() + sum(s.fixed(p, c) for p, c in plan.items()) for s in (self.one, self.two))
            flows = [p.solve(self._state(plan, t)) for t, p in enumerate(self.one.programmes)]
            if all(flows):
                self.plans.append((fixed + sum(f[0] for f in flows), fixed, used, plan))
        self.plans.sort(key=lambda p: p[0])

    def least(self, ceiling: float = np.inf) -> float:
        """Return the least of the first objective where the second is at most ``ceiling``."""
        best = np.inf
        for free, fixed, used, plan in self.plans:
            if free >= best or ceiling == np.inf:
                return min(best, free)
            found = linprog(
                self.price,
                np.vstack([self.below, self.other / self.size]),
                np.append(self._right(plan), (ceiling - used) / self.size),
                self.equal,
                self.equal_right,
                method="highs",
            )
            best = min(best, fixed + found.fun) if found.status == 0 else best
        return best

    def _state(self, plan: dict, t: int) -> tuple[str | None, ...]:
        return tuple(c[0] if c is not None and c[1] <= t else None for c in plan.values())

    def _right(self, plan: dict) -> np.ndarray:
        out = []
        for t, programme in enumerate(self.one.programmes):
            size, least = (np.zeros(len(self.one.places)) for _ in range(2))
            for q, place in enumerate(self.one.places):
                if plan[place] is not None and plan[place][1] <= t:
                    option = self.one.options.loc[(place[1], plan[place][0])]
                    size[q] = option["capacity_units_per_yr"]
                    least[q] = option["min_load"] * size[q]
            out += [programme.stands + size, -least, programme.sales_right]
        return np.concatenate(out)


@lru_cache
def exact(name: str, first: str, second: str) -> Exact:
    return Exact(study_of(name), first, second)


def values(front: Front) -> list[tuple[float, float]]:
    return [(value(p, front.objectives[0]), value(p, front.objectives[1])) for p in front.plans]


def room(number: float) -> float:
    """Return a ceiling that rounding does not break."""
    return number + 1e-9 * abs(number)


# ------------------------------------------------------------------------------------------ the exact front


@pytest.mark.parametrize(("first", "second"), SLOW_PAIRS)
@pytest.mark.parametrize("name", NAMES)
def test_every_point_is_on_the_exact_front(name: str, first: str, second: str) -> None:
    truth = exact(name, first, second)
    for plan in front_of(name, first, second).plans:
        want = truth.least(room(plan.solve.caps.get(second, np.inf)))
        assert value(plan, first) == pytest.approx(want, rel=3e-6)
        assert plan.solve.bound <= want + 1e-6 * abs(want), "no bound is above the truth"
        assert plan.solve.bound == pytest.approx(want, rel=3e-6)
        assert plan.status is Status.OPTIMAL or plan.gap <= 3e-6
        assert plan.solve.objective_name == first
        assert plan.solve.objective == pytest.approx(value(plan, first), rel=1e-9)


@pytest.mark.parametrize(("first", "second"), PAIRS)
@pytest.mark.parametrize("name", NAMES)
def test_ends_are_lexicographic(name: str, first: str, second: str) -> None:
    study, found = study_of(name), values(front_of(name, first, second))
    loose, tight = found[0], found[-1]
    assert loose[0] == pytest.approx(brute_force(study, first), rel=3e-6)
    assert tight[1] == pytest.approx(brute_force(study, second), rel=3e-6)
    assert loose[1] == pytest.approx(exact(name, second, first).least(room(loose[0])), rel=1e-5, abs=1e-3)
    assert tight[0] == pytest.approx(exact(name, first, second).least(room(tight[1])), rel=1e-5, abs=1e-3)


@pytest.mark.parametrize(("first", "second"), PAIRS)
@pytest.mark.parametrize("name", NAMES)
def test_no_point_is_dominated_and_the_ideal_is_below_all(name: str, first: str, second: str) -> None:
    front = front_of(name, first, second)
    found = np.array(values(front))
    assert (np.diff(found[:, 0]) > 0).all()
    assert (np.diff(found[:, 1]) < 0).all()
    for k, objective in enumerate((first, second)):
        assert front.ideal[objective] <= found[:, k].min() + 1e-6 * abs(found[:, k].min())
    assert len(front) <= 5


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_every_plan_of_a_front_passes_its_certificate(first: str, second: str) -> None:
    for plan in front_of("two plants", first, second).plans[1:3]:
        assert ev.certify(study_of("two plants"), plan).passed


def test_a_wide_gap_still_gives_true_bounds() -> None:
    study = study_of("random 3")
    front = ev.pareto(study, "cost", "emissions", points=5, gap=0.05)
    truth = exact("random 3", "cost", "emissions")
    for plan in front.plans:
        want = truth.least(room(plan.solve.caps.get("emissions", np.inf)))
        assert plan.solve.bound <= want + 1e-6 * abs(want)
        assert value(plan, "cost") >= want - 1e-6 * abs(want)
    found = np.array(values(front))
    assert (np.diff(found[:, 0]) > 0).all()
    assert (np.diff(found[:, 1]) < 0).all()


# ------------------------------------------------------------------------------------------- how many points


def test_two_points_are_the_ends() -> None:
    two, five = front_of("two plants", "cost", "emissions", 2), front_of("two plants", "cost", "emissions")
    assert len(two) == 2
    assert values(two)[0] == pytest.approx(values(five)[0], rel=1e-6)
    assert values(two)[-1] == pytest.approx(values(five)[-1], rel=1e-6)


def test_objectives_that_do_not_conflict_give_one_point() -> None:
    """With one place and one way to build, nothing can be traded."""
    study = two_plant_study()
    lanes = study.lanes[~study.lanes[["origin", "destination"]].isin(["monterrey", "busan"]).any(axis=1)]
    lanes = lanes[~((lanes["destination"] == "east") & (lanes["mode"] == "road"))]
    demand = study.demand.drop(columns="unmet_penalty_usd_per_unit")
    options = study.options.query("not (plant_type == 'assembly' and option == 'small')")
    tables = {
        "lanes": lanes,
        "demand": demand,
        "options": options.assign(capacity_units_per_yr=[8e6, 120e3, 120e3]),
        "plants": study.plants.assign(status="closed"),
    }
    alone = Study.from_tables(study.settings, {**study.tables, **tables})
    for pair in PAIRS[:2]:
        assert len(ev.pareto(alone, *pair, points=6, gap=0.0)) == 1


def test_points_are_told_as_they_are_found() -> None:
    told: list[tuple[int, int, float]] = []
    front = ev.pareto(
        study_of("two plants"), points=3, gap=0.0, on_point=lambda k, of, p: told.append((k, of, p.totals["cost"]))
    )
    assert [t[:2] for t in told] == [(1, 3), (2, 3), (3, 3)]
    assert {t[2] for t in told} == {p.totals["cost"] for p in front.plans}


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        ({"first": "cost", "second": "cost"}, ["objectives"]),
        ({"first": "costs", "second": "job", "points": 1, "gap": 2.0}, ["objectives", "objectives", "points", "gap"]),
        ({"points": 2.5, "threads": 0}, ["points", "threads"]),
    ],
)
def test_wrong_arguments_are_told_at_once(arguments: dict, where: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        ev.pareto(study_of("two plants"), **arguments)
    assert [p.where for p in caught.value.problems] == where


def test_rules_of_the_user_hold_at_every_point() -> None:
    study = study_of("two plants")
    problem = ev.to_pulp(study)
    problem += sum(v for v in problem.variables() if v.name.startswith("build_monterrey")) >= 1, "mexico"
    front = ev.pareto(study, points=3, gap=0.0, extra=problem)
    assert all("monterrey" in set(p.opened["site"]) for p in front.plans)


# ------------------------------------------------------------------------------------- stopped and taken up


class Stopped:
    """An engine that is stopped at its n-th run: before any plan was found, or with one."""

    name = "stopped"

    def __init__(self, at: int, limit: str, *, empty: bool) -> None:
        self.engine, self.at, self.limit, self.empty, self.runs = find_engine("highs"), at, limit, empty, 0

    def missing(self) -> str:
        return ""

    def run(self, milp, objective, limits, *, start=None, watch=None) -> EngineResult:
        self.runs += 1
        if self.runs < self.at:
            return self.engine.run(milp, objective, limits, start=start, watch=watch)
        if self.empty or start is None:
            return EngineResult(Status.NO_SOLUTION, limit=self.limit)
        return EngineResult(Status.FEASIBLE, start, objective.value(start), -np.inf, self.limit)


def front_with(engine: Engine, monkeypatch: pytest.MonkeyPatch, **more) -> Front:
    monkeypatch.setattr(session, "find_engine", lambda name: engine)
    return ev.pareto(study_of("two plants"), "cost", "emissions", points=5, gap=0.0, **more)


@pytest.mark.parametrize("empty", [True, False], ids=["nothing found", "a plan found"])
@pytest.mark.parametrize(("at", "points"), [(2, 1), (3, 1), (4, 2), (6, 3)])
def test_an_interrupted_front_keeps_its_points(at: int, points: int, empty: bool, monkeypatch) -> None:
    engine = Stopped(at, "interrupt", empty=empty)
    front = front_with(engine, monkeypatch)
    assert engine.runs == at, "nothing is solved after Ctrl-C"
    assert len(front) == points
    whole = values(front_of("two plants", "cost", "emissions"))
    if at > 2:  # the loose end is known
        assert values(front)[0] == pytest.approx(whole[0], rel=1e-6)
    truth = exact("two plants", "cost", "emissions")
    for plan in front.plans:
        assert plan.solve.bound <= truth.least(room(plan.solve.caps.get("emissions", np.inf))) * (1 + 1e-6)


def test_a_front_without_any_plan_is_an_error(monkeypatch) -> None:
    with pytest.raises(NoSolutionError, match="it was interrupted"):
        front_with(Stopped(1, "interrupt", empty=True), monkeypatch)


def test_a_front_goes_on_after_a_time_limit(monkeypatch) -> None:
    engine = Stopped(5, "time", empty=True)
    front = front_with(engine, monkeypatch)
    assert engine.runs == 8, "both ends twice, three ceilings, and one between the two points that are left"
    assert [value(p, "cost") for p in front.plans] == pytest.approx(
        [values(front_of("two plants", "cost", "emissions"))[k][0] for k in (0, -1)], rel=1e-6
    )


@pytest.mark.parametrize("after", [1, 3])
def test_ctrl_c_gives_the_points_so_far(after: int) -> None:
    told: list[Plan] = []

    def watch(progress: Progress) -> None:
        if len(told) >= after:
            raise KeyboardInterrupt

    front = ev.pareto(
        study_of("two plants"), points=6, gap=0.0, watch=watch, on_point=lambda k, of, plan: told.append(plan)
    )
    assert after <= len(told) <= after + 1
    assert 1 <= len(front) <= len(told)


def test_ctrl_c_between_two_solves_gives_the_points_so_far() -> None:
    def stop(number: int, of: int, plan: Plan) -> None:
        if number == 2:
            raise KeyboardInterrupt

    assert len(ev.pareto(study_of("two plants"), points=6, gap=0.0, on_point=stop)) == 2


@pytest.mark.slow
def test_a_known_front_is_taken_up(monkeypatch) -> None:
    whole = front_of("two plants", "cost", "emissions")
    engine = Stopped(1, "time", empty=False)  # gives back whatever it is started from
    front = front_with(engine, monkeypatch, known=whole)
    assert values(front)[0][0] == pytest.approx(values(whole)[0][0], rel=1e-6)
    assert values(front)[-1] == pytest.approx(values(whole)[-1], rel=1e-6)
    again = ev.pareto(study_of("two plants"), points=5, gap=0.0, known=whole)
    assert np.array(values(again)) == pytest.approx(np.array(values(whole)), rel=1e-6)


def test_what_a_known_front_has_proven_is_not_solved_again(monkeypatch) -> None:
    whole = front_of("two plants", "cost", "emissions")
    engine = Stopped(99, "time", empty=True)
    again = front_with(engine, monkeypatch, known=whole)
    assert np.array(values(again)) == pytest.approx(np.array(values(whole)), rel=1e-6)
    assert engine.runs < 7 - (len(whole) - 2), "of the points known, at most the tight end is solved anew"
    study = study_of("two plants")
    dearer = study.with_table("options", study.options.assign(capex_usd=study.options["capex_usd"] * 1.1))
    other = ev.pareto(dearer, points=2, gap=0.0, known=whole)
    assert other.plans[0].totals["cost"] > again.plans[0].totals["cost"], "plans of another study prove nothing"


@pytest.mark.slow
def test_points_that_coincide_are_looked_for_elsewhere() -> None:
    """A wide gap makes points coincide: further ceilings are tried between those that lie farthest apart."""
    told: list[tuple[int, int, float]] = []
    front = ev.pareto(
        study_of("random 8"), points=9, gap=0.05, on_point=lambda k, of, p: told.append((k, of, p.totals["cost"]))
    )
    assert 9 < len(told) <= 9 + 9 // 3
    assert len(front) > len({round(cost) for _, _, cost in told[:9]})
    assert all(k <= of for k, of, _ in told)


def test_a_plan_found_again_under_a_looser_ceiling_keeps_its_better_proof(monkeypatch) -> None:
    """The tight end is proven; a later program that brings nothing but its plan must not take the proof away."""
    front = front_with(Stopped(5, "time", empty=True), monkeypatch)
    end = front.plans[-1]
    assert end.status is Status.OPTIMAL
    assert end.solve.caps["emissions"] == pytest.approx(end.totals["emissions"], rel=1e-5)


@pytest.mark.slow
def test_the_same_front_twice() -> None:
    one = front_of("random 8", "cost", "emissions")
    again = ev.pareto(study_of("random 8"), "cost", "emissions", points=5, gap=0.0)
    assert values(one) == values(again)


# --------------------------------------------------------------------------------- ends, ties and points told once


def test_what_an_end_gives_up_is_told_and_may_be_nothing() -> None:
    study = study_of("two plants")
    usual = front_of("two plants", "cost", "emissions", 2)
    assert usual.end_slack == 1e-6
    assert "each gives up to 1e-06 of the first" in repr(usual)
    exact_ends = ev.pareto(study, points=2, gap=0.0, end_slack=0.0)
    assert exact_ends.end_slack == 0.0
    assert "gives up" not in repr(exact_ends)
    assert "the least of one objective, then of the other" in repr(exact_ends)
    loose = ev.pareto(study, points=2, gap=0.0, end_slack=0.02)
    assert values(loose)[0][0] <= 1.02 * values(exact_ends)[0][0] * (1 + 1e-6)
    assert values(loose)[0][1] <= values(exact_ends)[0][1]
    assert values(exact_ends)[0][0] == pytest.approx(brute_force(study, "cost"), rel=1e-9)


@pytest.mark.parametrize("slack", [-1e-6, 1.0, True, "none", float("nan")])
def test_what_an_end_gives_up_is_a_part(slack: object) -> None:
    with pytest.raises(InputError, match="end_slack: is no part below 1"):
        ev.pareto(study_of("two plants"), points=2, end_slack=slack)


def test_an_end_that_gave_up_another_part_is_no_end_of_this_front(monkeypatch) -> None:
    known = front_of("two plants", "cost", "emissions", 2)
    ready = solve.session_from_settings(study_of("two plants"), study_of("two plants").settings.solve)
    assert [bool(p.solve.caps) for p in still_proven(known, ready, 1e-6)][:1] == [False]
    assert all(p.solve.caps for p in still_proven(known, ready, 0.0))


def test_a_known_plan_that_fails_its_certificate_is_not_taken_for_proven() -> None:
    front = front_of("two plants", "cost", "emissions", 2)
    ready = solve.session_from_settings(study_of("two plants"), study_of("two plants").settings.solve)
    wrong = replace(front.plans[0], production=front.plans[0].production.assign(units_per_yr=1.0))
    assert still_proven(replace(front, plans=(wrong,)), ready, 1e-6) == []


def at(one: float, two: float) -> Plan:
    """Return a plan with these totals."""
    ledgers = {"cost": one, "emissions": two, "jobs": 0.0}
    frames = {name: pd.DataFrame({"item": ["x"], "value": [v]}) for name, v in ledgers.items()}
    return replace(front_of("two plants", "cost", "emissions", 2).plans[0], ledgers=frames)


@pytest.mark.parametrize("seed", range(5))
def test_no_point_stands_twice_and_none_is_dominated(seed: int) -> None:
    """Points with many ties, some apart by rounding alone, in any order."""
    draw = np.random.default_rng(seed)
    points = draw.integers(1, 8, (60, 2)) * 1e6 * (1.0 + draw.choice([0.0, 1e-12, -1e-12], (60, 2)))
    kept = [
        (p.totals["cost"], p.totals["emissions"])
        for p in undominated([at(one, two) for one, two in points], "cost", "emissions")
    ]
    room = 1 + 1e-9
    assert all(a < b / room and c > d * room for (a, c), (b, d) in itertools.pairwise(kept))
    for one, two in points:
        assert any(a <= one * room and b <= two * room for a, b in kept), (
            "every other point is as good as none left out"
        )
