"""Ledgers and duties compared with what :mod:`evsiting.results.rules.audit` adds up by other code."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from types import MappingProxyType

import pandas as pd

from evsiting.results.rules.audit.totals import Key
from evsiting.results.rules.case import Examination, Violations, compare_sums, sums_of_lines

__all__ = ["RULES", "duties", "total_cost", "total_emissions", "total_freight_emissions", "total_jobs", "total_late"]


def total_cost(case: Examination) -> list[Violations]:
    """Compare the ledger of cost with the cost of what is built, made, shipped and claimed."""
    return _compare_ledger(case.plan.ledgers.get("cost"), case.audit.cost)


def total_emissions(case: Examination) -> list[Violations]:
    """Compare the ledger of emissions with the emissions of what is made, shipped and bought."""
    return _compare_ledger(case.plan.ledgers.get("emissions"), case.audit.emissions)


def total_freight_emissions(case: Examination) -> list[Violations]:
    """Compare the ledger of transport emissions with the emissions of the lanes that are used."""
    return _compare_ledger(case.plan.ledgers.get("freight_emissions"), case.audit.freight_emissions)


def total_jobs(case: Examination) -> list[Violations]:
    """Compare the ledger of jobs with the staff of plants and the hours of what is made."""
    return _compare_ledger(case.plan.ledgers.get("jobs"), case.audit.jobs)


def total_late(case: Examination) -> list[Violations]:
    """Compare the ledger of late units with the shipments that take longer than promised."""
    return _compare_ledger(case.plan.ledgers.get("late"), case.audit.late)


def duties(case: Examination) -> list[Violations]:
    """Compare duty and what is spared of it, measure by measure, with the law of every year."""
    ledger = case.plan.ledgers.get("cost")
    lines = None if ledger is None else ledger[ledger["item"].isin(["duty", "duty relief"])]
    return _compare_ledger(lines, case.audit.duties)


def _compare_ledger(ledger: pd.DataFrame | None, again: Mapping[Key, float]) -> list[Violations]:
    """Return by how much a ledger differs from sums by item, place, product, period and program; by item; in all.

    A difference is measured against the sizes of all sums of the item, and never against less than a thousandth of all.
    """
    recomputed = {tuple(place): 0.0 if math.isnan(value) else value for place, value in again.items()}
    stated = sums_of_lines(ledger, Key._fields) if ledger is not None else {}
    size: dict[str, float] = defaultdict(float)
    for place, value in recomputed.items():
        size[place[0]] += abs(value)
    return compare_sums(sorted({**recomputed, **stated}), stated, recomputed, size)


#: Rules of this room by name of the check.
RULES: Mapping[str, Callable[[Examination], list[Violations]]] = MappingProxyType(
    {
        "duties": duties,
        "total_cost": total_cost,
        "total_emissions": total_emissions,
        "total_freight_emissions": total_freight_emissions,
        "total_jobs": total_jobs,
        "total_late": total_late,
    }
)
