"""Branch and bound on sites and on their number: what is divided holds every plan, what is learnt orders the sites."""

from __future__ import annotations

import itertools
import math
import time

import numpy as np
import pytest
from scipy import optimize

from evsiting.optimize.location.capacitated import Capacitated, priced_root, solve_capacitated
from evsiting.optimize.location.pair_lists import SiteLists
from evsiting.optimize.location.problem import Effort, LocationProblem, location_problem
from evsiting.optimize.location.tree import Part, Rises, branching_site


def random_problem(seed: int, p: int | None = None) -> LocationProblem:
    """Return a problem with unequal capacities of which few together suffice, in which opening costs most."""
    rng = np.random.default_rng(seed)
    sites, markets = int(rng.integers(5, 8)), int(rng.integers(4, 8))
    demand, room = rng.integers(1, 9, markets).astype(float), rng.uniform(1.0, 6.0, sites)
    room *= rng.uniform(1.6, 2.6) * demand.sum() / room.sum()
    fixed = 20.0 + 10.0 * np.sqrt(room) + rng.uniform(0.0, 9.0, sites)
    return location_problem(
        "f", rng.uniform(0.0, 3.0, (sites, markets)) * demand, fixed, demand=demand, capacity=room, p=p
    )


def every_plan(problem: LocationProblem) -> dict[tuple[bool, ...], float]:
    """Return the cost of every choice of sites that suffices, by linear programs."""
    assert problem.capacity is not None
    plans = {}
    for opened in itertools.product([False, True], repeat=problem.sites):
        chosen = np.flatnonzero(opened)
        if not problem.least <= len(chosen) <= problem.most or not len(chosen):
            continue
        served = np.kron(np.ones((1, len(chosen))), np.eye(problem.markets))
        taken = np.kron(np.eye(len(chosen)), problem.demand[None, :])
        room, cost = problem.capacity[chosen], problem.cost[chosen].ravel()
        found = optimize.linprog(cost, taken, room, served, np.ones(problem.markets), (0.0, 1.0))
        if found.status == 0:
            plans[opened] = float(problem.fixed_cost[chosen].sum() + found.fun)
    return plans


def relaxation_of(problem: LocationProblem) -> Capacitated:
    every = np.ones(problem.sites, dtype=bool)
    lists = SiteLists.up_to(problem.cost, every, np.full(problem.markets, 1e9))
    assert problem.capacity is not None
    return Capacitated(problem, lists, problem.cost.min(axis=0), problem.capacity)


@pytest.mark.parametrize("seed", range(7))
def test_fewer_and_more_sites_are_all_plans_and_each_is_bounded(seed: int) -> None:
    problem = random_problem(seed)
    plans, whole = every_plan(problem), relaxation_of(problem)
    often = np.zeros(problem.sites)
    often[: problem.least] = 1.0
    assert whole.by_count(often) == []  # a whole number is chosen
    often[problem.least] = 0.4
    fewer, more = whole.by_count(often)
    assert isinstance(fewer, Capacitated)
    assert isinstance(more, Capacitated)
    assert fewer.by_count(often) == []
    limits = [(each.problem.least, each.problem.most) for each in (fewer, more)]
    assert limits == [(problem.least, problem.least), (problem.least + 1, problem.most)]
    upper, values = 1.05 * min(plans.values()), []
    for each in (fewer, more):
        inside = {k: v for k, v in plans.items() if each.problem.least <= sum(k) <= each.problem.most}
        least = min(inside.values(), default=math.inf)
        status, price = np.zeros(problem.sites, dtype=np.int8), problem.cost.max(axis=0)
        found = each.bound(status, price, often.copy(), upper, math.inf, 200)
        assert found.value <= least + 1e-9
        values.append(least)
        for opened, cost in plans.items():
            wanted = cost if opened in inside else math.inf
            assert each.value(np.array(opened)) == pytest.approx(wanted)
    assert min(values) == pytest.approx(min(plans.values()))


@pytest.mark.parametrize("p", [None, 4])
@pytest.mark.parametrize("seed", range(7))
def test_the_search_ends_at_the_best_of_all_plans(seed: int, p: int | None) -> None:
    least = random_problem(seed).least
    problem = random_problem(seed, None if p is None else max(p, least))
    best = min(every_plan(problem).values())
    tree = solve_capacitated(problem, Effort(0.0, math.inf, 1 + seed % 2), time.perf_counter())
    assert tree.plan.cost == pytest.approx(best)
    assert best - 1e-6 * best <= tree.bound <= best + 1e-9


@pytest.mark.parametrize("seed", range(4))
def test_a_part_is_divided_by_the_number_of_sites_before_any_site_is_decided(seed: int) -> None:
    problem = random_problem(seed)
    tree, status, root = priced_root(problem, Effort(0.0, math.inf, 1), time.perf_counter())
    status[:] = 0
    often = np.full(problem.sites, (problem.least + 0.5) / problem.sites, dtype=np.float32)
    part = Part(root.value, 1, status, root.price.astype(np.float32), often, tree.relaxation)
    children = tree._divided(math.inf, math.inf, (part, 0))
    limits = [(child.relaxation.problem.least, child.relaxation.problem.most) for child in children]
    assert limits == [(problem.least, problem.least), (problem.least + 1, problem.most)]
    whole = np.zeros(problem.sites, dtype=np.float32)
    whole[: problem.least] = 1.0
    part = Part(root.value, 1, status, root.price.astype(np.float32), whole, tree.relaxation)
    assert [child.status[0] for child in tree._divided(1e9, 1e9, (part, 0))] == [1, -1]


def test_rises_are_for_each_part_of_a_site_that_a_decision_took() -> None:
    rises = Rises.of(3)
    rises.note(0, True, 0.75, 2.0)  # a quarter more of the site raised the bound by two
    rises.note(0, False, 0.5, 3.0)
    rises.note(1, True, 0.5, -1.0)  # no bound falls
    assert rises.total.tolist() == [[6.0, 0.0, 0.0], [8.0, 0.0, 0.0]]
    assert rises.count.tolist() == [[1.0, 0.0, 0.0], [1.0, 1.0, 0.0]]
    score = rises.score(np.full(3, 0.5))
    assert score[0] > score[2] > score[1]  # the site that was never decided rises as the mean


def test_the_branch_is_on_the_site_that_is_said_to_raise_both_bounds_most() -> None:
    often = np.array([0.5, 0.7, 0.4, 0.0, 1.0], dtype=np.float32)
    relaxation = relaxation_of(random_problem(1))
    part = Part(0.0, 1, np.zeros(5, dtype=np.int8), often, often, relaxation)
    rises = Rises.of(5)
    for opened in (True, False):
        for site, rise in ((0, 1.0), (1, 30.0), (2, 2.0), (3, 99.0)):
            rises.note(site, opened, 0.5, rise)
    assert branching_site(part) == 0
    assert branching_site(part, rises) == 1  # the fourth is not in doubt
    sure = Part(0.0, 1, np.array([1, 1, -1, 0, 1], dtype=np.int8), often, often, relaxation)
    assert branching_site(sure, rises) == 3
