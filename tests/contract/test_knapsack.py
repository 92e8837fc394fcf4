"""A published bi-objective knapsack (50 items, 35 nondominated points): every engine finds its points, and proves them.

A solver called -1821 optimal at the floor of 1918.91 where -1822 is possible; a second run is there for such.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pulp
import pytest

import evsiting as ev
from evsiting.errors import DataWarning, GapWarning
from evsiting.model.build import build
from evsiting.model.milp import Milp, MilpBuilder, Objective
from evsiting.optimize.engines.base import Limits
from evsiting.optimize.engines.registry import ENGINES
from evsiting.optimize.verification import is_small, verified
from evsiting.results.plan import Status
from evsiting.study.settings import About, Modelling, Money, Settings
from evsiting.study.study import Study
from tests.frames import COLUMNS, points, sites_frame
from tests.limit_studies import limits_frame

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


def knapsack_study(tables: dict[str, np.ndarray]) -> Study:
    """Return the knapsack as a study: an item is a site that may build one plant of a kind of its own, in single USD.

    Capex is the first weight, under a limit; a grant gives back the weight, the wages and the first profit, so that
    least cost is the most of that profit; staff is the second, so that jobs are the second. Nothing need be made.
    """
    (first, _), (profit, second) = tables["weights"], tables["profits"]
    codes = [f"item{k + 1}" for k in range(len(first))]
    sites = sites_frame([(code, "US", "US-TN", -90.05 + 0.001 * k, 35.15) for k, code in enumerate(codes)])
    rows = {
        "periods": [("p1", 2027, 1)],
        "products": [("thing", "Thing", "piece", 1.0, 1.0, None)],
        "bill_of_materials": [],
        "processes": [(code, "thing", 1.0, 0.0, 0.0, 1.0) for code in codes],
        "options": [(code, "one", 1.0, w, 0.0, s, 0.0) for code, w, s in zip(codes, first, second, strict=True)],
        "demand": [("town", "thing", "p1", 1.0, 0.0)],
        "incentives": [
            (code, code, None, "p1", "grant", "grant", w + p + 2.0 * s)
            for code, w, p, s in zip(codes, first, profit, second, strict=True)
        ],
        "lanes": [("thing", code, "town", "road", 1.0, 1.0, 0.0, 0.0, 0.0, None) for code in codes],
    }
    town = pd.DataFrame({"market": ["town"], "name": "Town", "country": "US", "region": "US-TN"})
    settings = Settings(
        study=About(name="2kp50"),
        money=Money(discount_rate=0.0, plant_life_years=1.0, base_year=2026),
        model=Modelling(hours_per_fte_year=2048.0),
    )
    return Study.from_tables(
        settings,
        {
            "sites": sites.assign(plant_types=codes, wage_usd_per_h=2.0**-10, payroll_burden=0.0),
            "markets": points(town, [-90.0], [35.1]),
            **{name: pd.DataFrame(found, columns=COLUMNS[name]) for name, found in rows.items()},
            "limits": limits_frame({"kind": "capex", "at_most": float(tables["limits"][0, 0])}),
        },
    )


def second_weight(study: Study, tables: dict[str, np.ndarray]) -> pulp.LpProblem:
    """Return the rule of one's own that holds the second weight."""
    problem = ev.to_pulp(study)
    picks = {v.name.split("item")[1].split("_")[0].split(",")[0]: v for v in problem.variables() if "build" in v.name}
    weight = {str(k + 1): w for k, w in enumerate(tables["weights"][1])}
    assert picks.keys() == weight.keys()
    problem += pulp.lpSum(w * picks[k] for k, w in weight.items()) <= float(tables["limits"][1, 0]), "second_weight"
    return problem


@pytest.mark.parametrize(("seed", "verify"), [(0, True), (1, False)])
def test_the_same_as_a_study(seed: int, verify: bool, tables: dict[str, np.ndarray]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # nobody earns so little
        study = knapsack_study(tables)
        warnings.simplefilter("ignore", GapWarning)  # a solver may err; what is returned may not
        rule, floor = second_weight(study, tables), {"jobs": -1918.91}
        plan = ev.solve(study, gap=0.0, seed=seed, threads=1, caps=floor, extra=rule, verify=verify)
    assert is_small(build(study).milp), "verified where nobody says otherwise"
    assert plan.totals["cost"] == pytest.approx(-1822.0)
    assert plan.status is Status.OPTIMAL
    assert plan.solve.verified in (("confirmed", "refuted") if verify else ("",))
    assert ev.certify(study, plan).failed == ()


@pytest.mark.slow
def test_the_whole_published_front_and_nothing_else(tables: dict[str, np.ndarray]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        study = knapsack_study(tables)
        rule = second_weight(study, tables)
        front = ev.pareto(study, "cost", "jobs", mode="exact", extra=rule, threads=1, verify=False)
    found = [(-plan.totals["cost"], plan.totals["jobs"]) for plan in front.plans]
    assert np.allclose(found, tables["front"], atol=1e-4)
    assert front.complete
