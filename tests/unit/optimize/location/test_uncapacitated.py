"""Prices without capacities: whatever they are, they bound; what they fix is fixed rightly."""

from __future__ import annotations

import itertools
import math
import time

import numpy as np
import pytest

from evsiting.optimize.location.compiled import compiled
from evsiting.optimize.location.interchange import greedy, improve
from evsiting.optimize.location.pair_lists import PairLists
from evsiting.optimize.location.plan import nearest_plan
from evsiting.optimize.location.problem import Effort, LocationProblem, location_problem
from evsiting.optimize.location.tree import Part, branching_site
from evsiting.optimize.location.uncapacitated import Uncapacitated, changes, solve_uncapacitated
from evsiting.optimize.location.uncapacitated_prices import choose_sites, uncapacitated_bound


def random_problem(seed: int) -> LocationProblem:
    rng = np.random.default_rng(seed)
    sites, markets = int(rng.integers(3, 7)), int(rng.integers(3, 9))
    p = int(rng.integers(1, sites)) if seed % 2 else None
    return location_problem("f", rng.uniform(0.0, 9.0, (sites, markets)), rng.uniform(0.0, 6.0, sites), p=p)


def every_plan(problem: LocationProblem) -> dict[tuple[bool, ...], float]:
    kept = {}
    for opened in itertools.product([False, True], repeat=problem.sites):
        if problem.least <= sum(opened) <= problem.most:
            kept[opened] = nearest_plan(problem, np.array(opened)).cost
    return kept


def relaxation_of(problem: LocationProblem, most: float) -> Uncapacitated:
    lists = PairLists.up_to(problem.cost, np.ones(problem.sites, dtype=bool), np.full(problem.markets, most))
    return Uncapacitated(problem, lists, problem.cost.max(axis=0), problem.cost.min(axis=0))


@pytest.mark.parametrize("seed", range(12))
def test_any_prices_bound_every_plan_and_every_change_of_a_site(seed: int) -> None:
    problem, rng = random_problem(seed), np.random.default_rng(seed)
    plans = every_plan(problem)
    for most in (5.0, 99.0):
        relaxation = relaxation_of(problem, most)
        price = np.minimum(rng.uniform(-2.0, 14.0, problem.markets), relaxation.lists.limit)
        free = np.zeros(problem.sites, dtype=np.int8)
        found = relaxation.at(free, price, np.zeros(problem.sites))
        assert found.value <= min(plans.values()) + 1e-9
        for site in range(problem.sites):
            for wanted, rise in ((True, found.open_up[site]), (False, found.close[site])):
                least = min((cost for plan, cost in plans.items() if plan[site] is wanted), default=math.inf)
                assert found.value + rise <= least + 1e-9


@pytest.mark.parametrize("seed", range(6))
def test_a_changed_price_may_only_lower_the_best_bound(seed: int) -> None:
    """Where every site is decided the best prices prove the cost of the plan; every other price proves less."""
    problem = random_problem(2 * seed)
    tree = solve_uncapacitated(problem, Effort(0.0, math.inf, 1), time.perf_counter())
    best = min(every_plan(problem).values())
    assert tree.bound == pytest.approx(best)
    relaxation = relaxation_of(problem, 99.0)
    status = np.array([1 if x else -1 for x in tree.plan.opened], dtype=np.int8)
    exact = problem.cost[tree.plan.opened].min(axis=0)  # prices of the part in which every site is decided
    value = relaxation.at(status, exact, np.zeros(problem.sites)).value
    assert value == pytest.approx(best)
    for market in range(problem.markets):
        for change in (-1.0, 0.7):
            sabotaged = exact.copy()
            sabotaged[market] += change
            assert relaxation.at(status, sabotaged, np.zeros(problem.sites)).value <= value + 1e-12


@pytest.mark.parametrize("seed", range(16))
def test_what_is_fixed_on_the_way_is_so_in_every_plan_that_costs_less(seed: int) -> None:
    problem = random_problem(seed)
    plans = every_plan(problem)
    for part in (1.0001, 1.05, 1.3):
        enough, status = min(plans.values()) * part, np.zeros(problem.sites, dtype=np.int8)
        price = np.full(problem.markets, 40.0)  # above what the lists hold
        found = relaxation_of(problem, 5.0).bound(
            status, price, np.zeros(problem.sites), 1.4 * min(plans.values()), enough, 60
        )
        left = [plan for plan, cost in plans.items() if cost < enough]
        assert left
        for plan in left:
            assert all(plan[i] == (state > 0) for i, state in enumerate(status) if state)
        assert found.value <= min(plans.values()) + 1e-9


def test_prices_above_what_the_lists_hold_are_not_offered() -> None:
    problem = random_problem(4)
    lists = PairLists.up_to(problem.cost, np.ones(problem.sites, dtype=bool), np.full(problem.markets, 4.0))
    for market in range(problem.markets):
        column = np.sort(problem.cost[:, market])
        held = lists.cost[lists.start[market] : lists.start[market + 1]]
        assert held.tolist() == column[column <= 4.0].tolist()
        assert lists.limit[market] == min(column[column > 4.0], default=math.inf)


def test_the_arithmetic_of_a_bound_is_counted() -> None:
    problem = location_problem("f", [[0.1, 0.2], [0.3, 0.1]], 0.3)
    lists = relaxation_of(problem, 9.0).lists
    reduced, chosen = np.empty(2), np.empty(2, dtype=bool)
    status = np.zeros(2, dtype=np.int8)
    given = lists.start, lists.site, lists.cost, problem.fixed_cost, status, 1, 2, np.array([0.4, 0.2]), reduced, chosen
    value, error = uncapacitated_bound(*given)
    assert value == pytest.approx(0.6)
    assert 0.0 < error < 1e-13


def test_sites_are_chosen_within_the_limits_of_their_count() -> None:
    reduced, chosen = np.array([3.0, -2.0, -1.0, 4.0]), np.empty(4, dtype=bool)
    free = np.zeros(4, dtype=np.int8)
    assert choose_sites(reduced, free, 1, 4, chosen) == -3.0
    assert choose_sites(reduced, free, 1, 1, chosen) == -2.0
    assert choose_sites(reduced, free, 3, 4, chosen) == 0.0
    assert chosen.tolist() == [True, True, True, False]
    assert choose_sites(reduced, np.array([1, 1, 0, 0], dtype=np.int8), 1, 1, chosen) == math.inf
    assert choose_sites(reduced, np.array([-1, -1, -1, 0], dtype=np.int8), 1, 4, chosen) == 4.0
    close, open_up = changes(reduced, free, np.array([False, True, True, False]), 2, 2)
    assert close.tolist() == [0.0, 5.0, 4.0, 0.0]
    assert open_up.tolist() == [4.0, 0.0, 0.0, 5.0]


def test_exchanges_lead_from_a_greedy_start_to_a_plan_that_no_exchange_betters() -> None:
    problem = location_problem("f", np.random.default_rng(3).uniform(0.0, 9.0, (8, 20)), 0.0, p=3)
    opened, dearest = np.zeros(8, dtype=bool), problem.cost.max(axis=0)
    greedy(problem.cost, problem.fixed_cost, 3, 3, opened)
    start = nearest_plan(problem, opened).cost
    value = improve(problem.cost, dearest, problem.fixed_cost, opened, np.ones(8, dtype=bool), 3, 3, 100)
    assert value == pytest.approx(nearest_plan(problem, opened).cost)
    assert value <= start
    for out, inside in itertools.product(np.flatnonzero(opened), np.flatnonzero(~opened)):
        other = opened.copy()
        other[[out, inside]] = False, True
        assert nearest_plan(problem, other).cost >= value - 1e-9


def test_the_branch_is_on_the_site_that_prices_agree_on_least() -> None:
    often, relaxation = np.array([0.5, 0.9, 0.4, 0.0], dtype=np.float32), relaxation_of(random_problem(0), 9.0)
    for status, site in (([1, 0, 0, 0], 2), ([1, 1, -1, 1], -1)):
        assert branching_site(Part(0.0, 1, np.array(status, dtype=np.int8), often, often, relaxation)) == site
    assert relaxation.by_count(often.astype(np.float64)) == []


def test_loops_run_with_and_without_a_compiler() -> None:
    assert compiled(lambda x: x + 1)(1) == 2
