"""Changes tried among the sites that they touch: plans all the same, with the cost that is said."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from evsiting.optimize.location.capacitated import Capacitated
from evsiting.optimize.location.nearby import Service, better_sites
from evsiting.optimize.location.pair_lists import SiteLists
from evsiting.optimize.location.problem import location_problem


@pytest.mark.parametrize("seed", range(6))
def test_a_change_saves_what_is_said(seed: int) -> None:
    rng = np.random.default_rng(seed)
    demand = np.floor(rng.uniform(1.0, 5.0, 15))
    problem = location_problem(
        "f", rng.uniform(0.0, 9.0, (7, 15)), rng.uniform(5.0, 20.0, 7), demand=demand, capacity=demand.sum() / 2.5
    )
    lists = SiteLists.up_to(problem.cost, np.ones(7, dtype=bool), np.full(15, math.inf))
    assert problem.capacity is not None
    relaxation = Capacitated(problem, lists, problem.cost.min(axis=0), problem.capacity)
    opened = np.arange(7) < 5
    found = relaxation.transported(opened)
    assert found is not None
    value, amount, price, worth = found
    service = Service(problem, problem.capacity, np.flatnonzero(opened), amount, worth, price)
    tried = 0
    for closing, opening in ((0, -1), (3, -1), (-1, 5), (2, 6)):
        change = service.changed(closing, opening)
        if change is None:
            continue
        saved, after = change
        tried += 1
        assert np.allclose(after.amount.sum(axis=0), 1.0)
        assert (after.amount @ demand <= problem.capacity[after.sites] + 1e-9).all()
        cost = problem.fixed_cost[after.sites].sum() + (after.amount * problem.cost[after.sites]).sum()
        assert cost == pytest.approx(value - saved)
    assert tried
    better = better_sites(service, relaxation.moves(opened), time.perf_counter() + 60.0)
    assert relaxation.value(better) <= value + 1e-9
