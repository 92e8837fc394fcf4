"""The two-plant study and its best plan, with tables spoiled at will: no solver, and the ledgers stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from evsiting.results.rules.case import Examination
from evsiting.study.study import Study
from tests.plans import tiny_plan
from tests.studies import unchecked


def examined(study: Study | None = None, **tables: list[tuple] | pd.DataFrame) -> Examination:
    """Return the study beside its plan with other tables; rows as tuples in the order of the table's columns."""
    known, plan = tiny_plan()
    flows, decisions = {}, dict(plan.decisions)
    for name, rows in tables.items():
        kind = flows if name in ("production", "shipments", "unmet") else decisions
        columns = list((getattr(plan, name) if kind is flows else decisions[name]).columns)
        kind[name] = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(rows, columns=columns)
    return Examination(study or known, replace(plan, decisions=decisions, **flows))


@pytest.fixture(scope="session")
def examine() -> Callable[..., Examination]:
    """Return the function from tables of a plan, and a study, to their examination."""
    return examined


@pytest.fixture(scope="session")
def study_with() -> Callable[..., Study]:
    """Return the function from tables to the two-plant study with them, unchecked."""
    return lambda **tables: unchecked(tiny_plan()[0], **tables)


def broken_at(violations: list) -> dict[str, float]:
    """Return by how much rows break a rule, by place."""
    return {
        part.tell(row)[0]: float(part.broken[row])
        for part in violations
        for row in range(len(part.broken))
        if part.broken[row] > 0.0
    }


@pytest.fixture(scope="session")
def broken() -> Callable[[list], dict[str, float]]:
    """Return the function from what a rule returns to what breaks it."""
    return broken_at
