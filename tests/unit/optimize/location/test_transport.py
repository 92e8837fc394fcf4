"""The cheapest service from open sites within capacities: as linear programming says, in whole numbers where it can."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from evsiting.optimize.location.transport import DUST, _exchange_row, transport

Numbers = NDArray[np.float64]


def problem(
    seed: int, sites: int, markets: int, *, whole: bool, spare: float = 1.02
) -> tuple[Numbers, Numbers, Numbers]:
    """Return costs, demand and capacity, which is scarce."""
    rng = np.random.default_rng(seed)
    demand = rng.integers(1, 36, markets).astype(float) if whole else rng.uniform(0.1, 35.0, markets)
    unit = np.hypot(
        *(rng.uniform(0, 10, (sites, 2))[:, None] - rng.uniform(0, 10, (markets, 2))[None]).transpose(2, 0, 1)
    )
    room = rng.uniform(0.2, 1.0, sites)
    room *= spare * demand.sum() / room.sum()
    return unit * demand, demand, np.ceil(room) if whole else room


def least(cost: Numbers, demand: Numbers, capacity: Numbers) -> float:
    """Return the least cost by linear programming."""
    sites, markets = cost.shape
    serve = sparse.kron(np.ones((1, sites)), sparse.eye_array(markets))
    load = sparse.kron(sparse.eye_array(sites), demand[None, :])
    return float(linprog(cost.ravel(), load, capacity, serve, np.ones(markets), method="highs").fun)


def solved(cost: Numbers, demand: Numbers, capacity: Numbers) -> tuple[bool, Numbers, Numbers]:
    """Return whether capacities suffice, the parts and the worth of capacities."""
    amount, worth = np.zeros(cost.shape), np.zeros(len(cost))
    return transport(cost, demand, capacity, amount, worth), amount, worth


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("seed", range(6))
def test_it_costs_what_linear_programming_says(seed: int, whole: bool) -> None:
    cost, demand, capacity = problem(seed, 12, 90, whole=whole, spare=1.0 if seed == 5 else 1.02)
    capacity[0] += 1e-9 * capacity[0] if seed == 5 else 0.0
    suffices, amount, worth = solved(cost, demand, capacity)
    assert suffices
    assert (amount * cost).sum() == pytest.approx(least(cost, demand, capacity), rel=1e-8)
    assert amount.sum(axis=0) == pytest.approx(np.ones(90), abs=1e-12)
    assert ((amount * demand).sum(axis=1) <= capacity * (1.0 + 1e-10)).all()
    assert (amount >= 0.0).all()
    price = (cost + worth[:, None] * demand).min(axis=0)  # weak duality: what the worth of capacities proves
    assert price.sum() - (worth * capacity).sum() == pytest.approx((amount * cost).sum(), rel=1e-8)


def test_whole_numbers_stay_whole_over_thousands_of_pushes() -> None:
    cost, demand, capacity = problem(1, 40, 900, whole=True, spare=1.001)
    suffices, amount, _ = solved(cost, demand, capacity)
    assert suffices
    moved = amount * demand
    assert np.abs(moved - np.round(moved)).max() <= 1e-12 * demand.max()


def test_a_path_over_dust_moves_nothing_and_is_none() -> None:
    cost, demand = np.array([[1.0, 2.0], [5.0, 3.0]]), np.array([30.0, 20.0])
    amount = np.array([[DUST * 30.0, 20.0], [30.0, 0.0]])
    step, via = np.empty((2, 2)), np.empty((2, 2), dtype=np.int64)
    _exchange_row(cost, demand, amount, 0, step, via)
    assert via[0].tolist() == [1, 1]
    assert step[0, 1] == pytest.approx((3.0 - 2.0) / 20.0)


def test_a_market_without_demand_is_served_by_its_cheapest_site() -> None:
    cost, demand = np.array([[4.0, 2.0], [3.0, 2.5]]), np.array([0.0, 5.0])
    suffices, amount, _ = solved(cost, demand, np.array([5.0, 0.0]))
    assert suffices
    assert amount.tolist() == [[0.0, 1.0], [1.0, 0.0]]


def test_too_little_capacity_is_no_plan() -> None:
    cost, demand, capacity = problem(3, 5, 20, whole=True, spare=1.05)
    assert not solved(cost, demand, 0.9 * capacity * demand.sum() / capacity.sum())[0]
