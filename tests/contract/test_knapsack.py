"""A published bi-objective knapsack (50 items, 35 nondominated points): every engine finds its points, and proves them.

A solver called -1821 optimal at the floor of 1918.91 where -1822 is possible; a second run is there for such.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evsiting.model.milp import Milp, MilpBuilder, Objective
from evsiting.results.plan import Status
from evsiting.solve.engine import Limits
from evsiting.solve.pulp_engine import ENGINES
from evsiting.solve.verification import verified

EXACT = Limits(gap=0.0, time_s=60.0, threads=1)


@pytest.fixture(scope="module")
def tables(shared: Path) -> dict[str, np.ndarray]:
    folder = shared / "bench" / "knapsack_2kp50"
    if not folder.is_dir():
        pytest.skip("the published instance is not here")
    names = {"weights": "a", "limits": "b", "profits": "c", "front": "pareto_sols"}
    return {n: pd.read_csv(folder / f"2kp50_{file}.csv", index_col=0).to_numpy(float) for n, file in names.items()}


def program(tables: dict[str, np.ndarray], floor: float) -> tuple[Milp, Objective]:
    """Return: the most of the first profit with at least ``floor`` of the second."""
    weights, profits = tables["weights"], tables["profits"]
    builder = MilpBuilder()
    pick = builder.add_columns("pick", (weights.shape[1],), lambda k: (str(k),), upper=1.0, integer=True)
    rows = np.arange(2)[:, None]
    builder.add_rows("weight", 2, lambda k: (str(k),), (rows, pick, weights), upper=tables["limits"].ravel())
    builder.add_rows("floor", 1, lambda k: ("second",), (0, pick, profits[1]), lower=floor)
    objective = Objective("cost", -profits[0], 0.0, 1.0)
    return builder.finish([objective]), objective


@pytest.mark.parametrize("engine", [e for e in ENGINES.values() if not e.missing()], ids=lambda e: e.name)
def test_the_floor_at_which_a_solver_erred(engine, tables: dict[str, np.ndarray]) -> None:
    milp, objective = program(tables, 1918.91)
    found = engine.run(milp, objective, EXACT)
    second = verified(milp, objective, engine, EXACT, found, verify=True)
    assert second.objective == pytest.approx(-1822.0)
    assert second.verified == "confirmed"


@pytest.mark.parametrize("point", [0, 12, 23, 34])
def test_points_of_the_published_front(point: int, tables: dict[str, np.ndarray]) -> None:
    first, second = tables["front"][point]
    milp, objective = program(tables, second)
    found = ENGINES["highs"].run(milp, objective, EXACT)
    assert (found.status, found.objective) == (Status.OPTIMAL, pytest.approx(-first))
