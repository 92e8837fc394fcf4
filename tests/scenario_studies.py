"""Small studies with scenarios for the tests."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from evsiting.study.study import Study
from tests.studies import random_study, two_plant_study

__all__ = ["change", "random_futures", "two_futures", "with_futures"]

COLUMNS = ("scenario", "table", "column", "rows", "period", "action", "value")


def change(scenario: str, table: str, column: str | None, action: str, value: float | None, **cells: str) -> dict:
    """Return a row of ``scenario_changes``; ``rows`` and ``period`` by name."""
    return {"scenario": scenario, "table": table, "column": column, "action": action, "value": value} | cells


def with_futures(study: Study, chances: dict[str, float], changes: list[dict]) -> Study:
    """Return a study with scenarios."""
    tables = study.tables
    tables["scenarios"] = pd.DataFrame({"scenario": list(chances), "probability": list(chances.values())})
    if changes:
        tables["scenario_changes"] = pd.DataFrame(changes, columns=list(COLUMNS))
    return Study.from_tables(study.settings, tables)


@cache
def two_futures(*, periods: int = 1) -> Study:
    """Return the two-plant study as it stands or, at four in ten, with half more demand in the east."""
    rows = [change("boom", "demand", "units_per_yr", "multiply", 1.5, rows="market=east")]
    return with_futures(two_plant_study(periods=periods), {"base": 0.6, "boom": 0.4}, rows)


@cache
def random_futures(seed: int) -> Study:
    """Return a random study of few sites with three random futures; none is known to have a plan."""
    study, rng = random_study(seed, sites=2, markets=2, periods=1, combinations=40), np.random.default_rng(seed)
    rows = [change("lean", "demand", "units_per_yr", "multiply", float(rng.uniform(0.6, 0.95)))]
    rows += [change("dear", "lanes", "freight_usd_per_unit", "multiply", float(rng.uniform(1.5, 4.0)))]
    if study.has("suppliers"):
        rows += [change("dear", "suppliers", "price_usd_per_unit", "multiply", float(rng.uniform(0.5, 1.5)))]
    return with_futures(study, {"base": 0.5, "lean": 0.3, "dear": 0.2}, rows)
