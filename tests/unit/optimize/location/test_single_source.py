"""Plans in which no market is divided: made of those in which some are."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evsiting.optimize.location.capacitated import Capacitated
from evsiting.optimize.location.pair_lists import SiteLists
from evsiting.optimize.location.problem import location_problem
from evsiting.optimize.location.single_source import undivided


@pytest.mark.parametrize("seed", range(10))
def test_divided_markets_are_moved_where_they_fit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    demand = np.floor(rng.uniform(1.0, 5.0, 12))
    room = np.full(4, demand.sum() / 4 * 1.15)
    cost = rng.uniform(0.0, 9.0, (4, 12))
    problem = location_problem("f", cost, 1.0, demand=demand, capacity=room, single_source=True)
    lists = SiteLists.up_to(cost, np.ones(4, dtype=bool), np.full(12, math.inf))
    relaxation = Capacitated(problem, lists, cost.min(axis=0), room)
    found = relaxation.transported(np.ones(4, dtype=bool))
    assert found is not None
    plan = undivided(problem, relaxation, np.ones(4, dtype=bool))
    assert plan is not None
    share = plan.flows.toarray()
    assert np.isin(share, (0.0, 1.0)).all()
    assert (share.sum(axis=0) == 1.0).all()
    assert (share @ demand <= room + 1e-9).all()
    assert plan.cost >= found[0] - 1e-9
    assert plan.cost <= found[0] * 1.5


def test_where_nothing_fits_there_is_no_such_plan() -> None:
    problem = location_problem("f", np.ones((2, 3)), 1.0, demand=[2.0, 2.0, 2.0], capacity=3.0, single_source=True)
    lists = SiteLists.up_to(problem.cost, np.ones(2, dtype=bool), np.full(3, math.inf))
    relaxation = Capacitated(problem, lists, problem.cost.min(axis=0), np.full(2, 3.0))
    assert undivided(problem, relaxation, np.ones(2, dtype=bool)) is None
