"""The two-plant study with promised times, gateways, commitments and limits, for the tests of those rooms."""

from __future__ import annotations

import pandas as pd

from evsiting.study.schema.tables import TABLES
from evsiting.study.study import Study
from tests.studies import two_plant_study

COLUMNS = [c.name for c in TABLES["limits"].columns]


def limits_frame(*rows: dict[str, object]) -> pd.DataFrame:
    """Return a table ``limits``; rows without a name are called after their number."""
    return pd.DataFrame([{"limit": f"limit {n}", **row} for n, row in enumerate(rows, 1)]).reindex(columns=COLUMNS)


def with_limits(study: Study, *rows: dict[str, object], checked: bool = True) -> Study:
    """Return the study with these limits; unchecked ones may be such that no plan can keep them."""
    frame = limits_frame(*rows)
    return study.with_table("limits", frame) if checked else Study(study.settings, {**study.tables, "limits": frame})


def promising_study(*, periods: int = 1, promise_h: float = 100.0, late_usd: float = 25.0) -> Study:
    """Return the two-plant study whose demand is promised within a time: rail to the east keeps 100 hours."""
    study = two_plant_study(periods=periods)
    return study.with_table("demand", study.demand.assign(promise_h=promise_h, late_usd_per_unit=late_usd))


def with_gateways(study: Study, **capacity_t: float) -> Study:
    """Return the study with capacities of gateways. [t/yr]"""
    frame = pd.DataFrame({"gateway": list(capacity_t), "capacity_t_per_yr": list(capacity_t.values())})
    return study.with_table("gateways", frame)


def with_commitments(study: Study, *rows: dict[str, object], checked: bool = True) -> Study:
    """Return the study with these commitments; unchecked ones may contradict each other."""
    columns = [c.name for c in TABLES["commitments"].columns]
    frame = pd.DataFrame([{"commitment": f"promise {n}", **row} for n, row in enumerate(rows, 1)])
    frame = frame.reindex(columns=columns)
    tables = {**study.tables, "commitments": frame}
    return study.with_table("commitments", frame) if checked else Study(study.settings, tables)
