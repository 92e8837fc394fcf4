"""Small programs with known answers, for the checks that every engine must pass."""

from __future__ import annotations

import numpy as np

from evsiting.model.milp import Milp, MilpBuilder, Objective


def single(costs: list[float], *, least: float, integer: bool, upper: float = np.inf) -> tuple[Milp, Objective]:
    """Return: minimise costs · x, x0 >= least."""
    builder = MilpBuilder()
    x = builder.add_columns("x", (len(costs),), lambda k: (str(k),), upper=upper, integer=integer)
    builder.add_rows("least", 1, lambda k: ("a",), (0, x[0], 1.0), lower=least)
    objective = Objective("cost", np.array(costs), 0.0, 1.0)
    return builder.finish([objective]), objective


def knapsack(constant: float = 0.0, unit: float = 1.0) -> tuple[Milp, Objective]:
    """Return: minimise -(5a + 4b + 3c), 2a + 3b + c <= 5, 4a + b + 2c <= 11, binaries; the answer: -9 at a = b = 1."""
    builder = MilpBuilder()
    x = builder.add_columns("pick", (3,), lambda k: ("abc"[k],), upper=1.0, integer=True)
    builder.add_rows(
        "weight", 2, lambda k: (str(k),), (np.array([[0], [1]]), x, [[2, 3, 1], [4, 1, 2]]), upper=[5.0, 11.0]
    )
    objective = Objective("cost", np.array([-5.0, -4.0, -3.0]), constant, unit)
    return builder.finish([objective]), objective


def location(sites: int, customers: int, *, seed: int) -> tuple[Milp, Objective]:
    """Return a capacitated facility-location program on random points, weak form: hard for its size."""
    draw = np.random.default_rng(seed)
    a, b = draw.uniform(0, 1, (sites, 2)), draw.uniform(0, 1, (customers, 2))
    demand = draw.integers(5, 36, customers).astype(np.float64)
    capacity = draw.integers(10, 161, sites).astype(np.float64)
    fixed = draw.uniform(0, 90, sites) + draw.uniform(100, 110, sites) * np.sqrt(capacity)
    capacity *= 5.0 * demand.sum() / capacity.sum()
    distance = 10.0 * np.hypot(a[:, None, 0] - b[None, :, 0], a[:, None, 1] - b[None, :, 1])
    return cflp(fixed, distance * demand, demand, capacity)


def cflp(fixed: np.ndarray, serve: np.ndarray, demand: np.ndarray, capacity: np.ndarray) -> tuple[Milp, Objective]:
    """Return capacitated facility location: ``serve[i, j]`` is the cost of serving all of customer j from i."""
    sites, customers = serve.shape
    builder = MilpBuilder()
    opened = builder.add_columns("build", (sites,), lambda i: (str(i),), upper=1.0, integer=True)
    share = builder.add_columns("ship", (sites, customers), lambda i, j: (str(i), str(j)), upper=1.0)
    builder.add_rows("demand", customers, lambda j: (str(j),), (np.arange(customers), share, 1.0), lower=1.0, upper=1.0)
    builder.add_rows(
        "capacity",
        sites,
        lambda i: (str(i),),
        (np.arange(sites)[:, None], share, demand),
        (np.arange(sites), opened, -capacity),
        upper=0.0,
    )
    objective = Objective("cost", np.concatenate([fixed, serve.ravel()]), 0.0, 1.0)
    return builder.finish([objective]), objective
