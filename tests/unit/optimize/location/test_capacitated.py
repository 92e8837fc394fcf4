"""Prices with capacities bound every plan whatever they are; transport is as cheap as a linear program."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import optimize

from evsiting.optimize.location.capacitated import Capacitated
from evsiting.optimize.location.capacitated_prices import best_worth, critical_ratio, site_value
from evsiting.optimize.location.pair_lists import SiteLists
from evsiting.optimize.location.problem import LocationProblem, location_problem
from evsiting.optimize.location.transport import transport


def random_problem(seed: int) -> LocationProblem:
    rng = np.random.default_rng(seed)
    sites, markets = int(rng.integers(3, 6)), int(rng.integers(2, 7))
    demand = np.floor(rng.uniform(0.0, 6.0, markets)) + (np.arange(markets) == 0)
    room = rng.uniform(1.0, 5.0, sites)
    room *= rng.uniform(1.2, 3.0) * demand.sum() / room.sum()
    cost = rng.uniform(0.0, 9.0, (sites, markets))
    return location_problem("f", cost, rng.uniform(0.0, 6.0, sites), demand=demand, capacity=room)


def relaxation_of(problem: LocationProblem, most: float) -> Capacitated:
    every = np.ones(problem.sites, dtype=bool)
    lists = SiteLists.up_to(problem.cost, every, np.full(problem.markets, most))
    assert problem.capacity is not None
    return Capacitated(problem, lists, problem.cost.min(axis=0), problem.capacity)


def served_by_program(cost: np.ndarray, demand: np.ndarray, room: np.ndarray) -> float:
    """Return the least cost of service by a linear program; infinite where there is none."""
    sites, markets = cost.shape
    served = np.kron(np.ones((1, sites)), np.eye(markets))
    taken = np.kron(np.eye(sites), demand[None, :])
    found = optimize.linprog(cost.ravel(), taken, room, served, np.ones(markets), (0.0, 1.0))
    return float(found.fun) if found.status == 0 else math.inf


@pytest.mark.parametrize("seed", range(20))
def test_transport_costs_what_the_linear_program_costs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = random_problem(seed)
    room = problem.capacity if seed % 3 else problem.capacity * problem.demand.sum() / problem.capacity.sum()
    amount, worth = np.zeros(problem.cost.shape), np.zeros(problem.sites)
    assert transport(problem.cost, problem.demand, room, amount, worth)
    assert np.allclose(amount.sum(axis=0), 1.0)
    assert (amount @ problem.demand <= room * (1.0 + 1e-9)).all()
    value = float((amount * problem.cost).sum())
    assert value == pytest.approx(served_by_program(problem.cost, problem.demand, room))
    price = (problem.cost + worth[:, None] * problem.demand).min(axis=0)
    assert price.sum() - worth @ room == pytest.approx(value)  # what capacity is worth proves it
    assert (worth >= 0.0).all()
    small = room * rng.uniform(0.5, 0.9)
    if small.sum() < problem.demand.sum():
        assert not transport(problem.cost, problem.demand, small, np.zeros(amount.shape), worth)


@pytest.mark.parametrize("seed", range(12))
def test_any_prices_bound_every_plan_and_every_change_of_a_site(seed: int) -> None:
    problem, rng = random_problem(seed), np.random.default_rng(seed)
    plans = {}
    for opened in itertools.product([False, True], repeat=problem.sites):
        chosen = np.flatnonzero(opened)
        if problem.least <= len(chosen) <= problem.most and len(chosen):
            service = served_by_program(problem.cost[chosen], problem.demand, problem.capacity[chosen])
            plans[opened] = problem.fixed_cost[chosen].sum() + service
    best = min(plans.values())
    for most in (5.0, 99.0):
        relaxation = relaxation_of(problem, most)
        price = np.minimum(rng.uniform(-2.0, 16.0, problem.markets), relaxation.lists.limit)
        free = np.zeros(problem.sites, dtype=np.int8)
        found = relaxation.at(free, price, np.zeros(problem.sites))
        assert found.value <= best + 1e-9
        for site in range(problem.sites):
            for wanted, rise in ((True, found.open_up[site]), (False, found.close[site])):
                least = min((cost for plan, cost in plans.items() if plan[site] is wanted), default=math.inf)
                assert found.value + rise <= least + 1e-9


@pytest.mark.parametrize("seed", range(12))
def test_what_is_fixed_on_the_way_is_so_in_every_plan_that_costs_less(seed: int) -> None:
    problem = random_problem(seed)
    plans = {}
    for opened in itertools.product([False, True], repeat=problem.sites):
        chosen = np.flatnonzero(opened)
        if problem.least <= len(chosen) <= problem.most and len(chosen):
            service = served_by_program(problem.cost[chosen], problem.demand, problem.capacity[chosen])
            plans[opened] = problem.fixed_cost[chosen].sum() + service
    best = min(plans.values())
    for part in (1.0001, 1.05, 1.3):
        enough, status = best * part, np.zeros(problem.sites, dtype=np.int8)
        price = np.full(problem.markets, 40.0)  # above what the lists hold
        found = relaxation_of(problem, 5.0).bound(status, price, np.zeros(problem.sites), 1.4 * best, enough, 60)
        for plan in [plan for plan, cost in plans.items() if cost < enough]:
            assert all(plan[i] == (state > 0) for i, state in enumerate(status) if state)
        assert found.value <= best + 1e-9


@pytest.mark.parametrize("seed", range(8))
def test_a_changed_price_may_only_lower_the_best_bound(seed: int) -> None:
    problem, rng = random_problem(seed), np.random.default_rng(seed)
    relaxation, opened = relaxation_of(problem, 99.0), np.ones(problem.sites, dtype=bool)
    value, plan = relaxation.leaf(np.ones(problem.sites, dtype=np.int8))
    assert plan is not None
    assert value == pytest.approx(plan.cost)
    found = relaxation.transported(opened)
    assert found is not None
    _, _, price, worth = found
    for _ in range(10):
        sabotaged = price + rng.uniform(-2.0, 2.0, problem.markets) * (rng.uniform(size=problem.markets) < 0.4)
        assert relaxation.dual_value(opened, sabotaged, worth) <= value + 1e-9
        changed = np.maximum(worth + rng.uniform(-1.0, 1.0, problem.sites), 0.0)
        assert relaxation.dual_value(opened, price, changed) <= value + 1e-9


@pytest.mark.parametrize("seed", range(10))
def test_a_cut_knapsack_is_filled_by_ratio(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 12))
    ratio, weight = np.round(rng.uniform(0.1, 2.0, count), 1), np.floor(rng.uniform(1.0, 5.0, count))
    room = float(rng.uniform(0.0, weight.sum() * 1.2))
    found = optimize.linprog(-ratio * weight, weight[None, :], [room], bounds=(0.0, 1.0))
    value, level = site_value(
        0, count, np.arange(count), np.zeros(count), weight, ratio * weight, room, ratio.copy(), weight.copy()
    )
    assert value == pytest.approx(-found.fun)
    assert level == pytest.approx(
        critical_ratio(ratio.copy(), weight.copy(), count, room) if weight.sum() > room else 0.0
    )


def test_capacity_is_worth_what_makes_the_choice_of_sites_dearest() -> None:
    reduced, room, share = np.array([4.0, 6.0, 1.0]), np.array([4.0, 4.0, 1.0]), np.zeros(3)
    worth, value = best_worth(reduced, room, np.zeros(3, dtype=np.int8), 1, 3, 6.0, 1.0, share)
    assert (worth, value) == pytest.approx((1.5, 6.5))  # all of the first, all of the third, a quarter of the second
    assert share == pytest.approx([1.0, 0.25, 1.0])
    assert best_worth(reduced, room, np.array([-1, 0, 0], dtype=np.int8), 1, 3, 6.0, 1.0, share)[1] == math.inf
