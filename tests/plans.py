"""Plans that are right, to be certified, stored and spoiled by the tests."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pandas as pd

from evsiting.results.assemble import plan_from_tables
from evsiting.results.plan import Plan, Solve, Status
from evsiting.study.study import Study
from tests.brute_force import best_plan
from tests.studies import random_study, two_plant_study

#: The best plan of the two-plant study, by hand: everything in Memphis, the missing cells from Windsor.
OPENINGS = [
    ("memphis", "cell", "large", "p1"),
    ("memphis", "pack", "line", "p1"),
    ("memphis", "assembly", "large", "p1"),
]
PRODUCTION = [
    ("memphis", "cell", "cell", "p1", 6e6),
    ("windsor", "cell", "cell", "p1", 1.5e6),
    ("memphis", "pack", "pack", "p1", 100e3),
    ("memphis", "assembly", "vehicle", "p1", 100e3),
]
SHIPMENTS = [
    ("cell", "memphis", "memphis", "on_site", "p1", 6e6),
    ("cell", "windsor", "memphis", "rail", "p1", 1.5e6),
    ("pack", "memphis", "memphis", "on_site", "p1", 100e3),
    ("vehicle", "memphis", "east", "rail", "p1", 60e3),
    ("vehicle", "memphis", "west", "rail", "p1", 40e3),
]
COLUMNS = {
    "openings": ["site", "plant_type", "option", "period"],
    "production": ["site", "plant_type", "product", "period", "units_per_yr"],
    "shipments": ["product", "origin", "destination", "mode", "period", "units_per_yr"],
    "unmet": ["market", "product", "period", "units_per_yr"],
}


def plan_of(
    study: Study,
    *,
    openings: list[tuple] | pd.DataFrame,
    production: list[tuple] | pd.DataFrame,
    shipments: list[tuple] | pd.DataFrame,
    unmet: list[tuple] | pd.DataFrame = (),
    objective: str = "cost",
) -> Plan:
    """Return a plan of these tables, right or wrong, whose objective is what its ledgers say."""
    given = {"openings": openings, "production": production, "shipments": shipments, "unmet": unmet}
    tables = {
        name: rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows), columns=COLUMNS[name])
        for name, rows in given.items()
    }
    solve = Solve(Status.OPTIMAL, objective, 0.0, 0.0, engine="by hand", engine_version="1", gap_asked=0.001)
    plan = plan_from_tables(study, tables, solve)
    value = solve.value_of(plan.totals)
    return replace(plan, solve=replace(solve, objective=value, bound=value))


@cache
def tiny_plan() -> tuple[Study, Plan]:
    """Return the two-plant study with its best plan."""
    study = two_plant_study()
    return study, plan_of(study, openings=OPENINGS, production=PRODUCTION, shipments=SHIPMENTS)


@cache
def random_plan(seed: int, objective: str = "cost") -> tuple[Study, Plan]:
    """Return a random study with its best plan, found by trying everything."""
    study = random_study(seed)
    best = best_plan(study, objective)
    assert best is not None
    solve = Solve(Status.OPTIMAL, objective, best.value, best.value, engine="brute force", gap_asked=0.001)
    return study, plan_from_tables(study, best.tables, solve)
