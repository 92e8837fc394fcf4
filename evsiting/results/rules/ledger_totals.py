"""Ledgers and duties compared with what :mod:`evsiting.results.rules.audit` adds up by other code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from evsiting.results.rules.audit.totals import Key
from evsiting.results.rules.case import TINY, Examination, Violations

__all__ = ["RULES", "duties", "total_cost", "total_emissions", "total_freight_emissions", "total_jobs", "total_late"]


def total_cost(case: Examination) -> list[Violations]:
    """Compare the ledger of cost with the cost of what is built, made, shipped and claimed."""
    return _compared(case.plan.ledgers.get("cost"), case.audit.cost)


def total_emissions(case: Examination) -> list[Violations]:
    """Compare the ledger of emissions with the emissions of what is made, shipped and bought."""
    return _compared(case.plan.ledgers.get("emissions"), case.audit.emissions)


def total_freight_emissions(case: Examination) -> list[Violations]:
    """Compare the ledger of transport emissions with the emissions of the lanes that are used."""
    return _compared(case.plan.ledgers.get("freight_emissions"), case.audit.freight_emissions)


def total_jobs(case: Examination) -> list[Violations]:
    """Compare the ledger of jobs with the staff of plants and the hours of what is made."""
    return _compared(case.plan.ledgers.get("jobs"), case.audit.jobs)


def total_late(case: Examination) -> list[Violations]:
    """Compare the ledger of late units with the shipments that take longer than promised."""
    return _compared(case.plan.ledgers.get("late"), case.audit.late)


def duties(case: Examination) -> list[Violations]:
    """Compare duty and what is spared of it, measure by measure, with the law of every year."""
    ledger = case.plan.ledgers.get("cost")
    lines = None if ledger is None else ledger[ledger["item"].isin(["duty", "duty relief"])]
    return _compared(lines, case.audit.duties)


def _compared(ledger: pd.DataFrame | None, again: Mapping[Key, float]) -> list[Violations]:
    """Return by how much a ledger differs from sums by item, place, product, period and program; by item; in all.

    A difference is measured against the sizes of all sums of the item, and never against less than a thousandth of all.
    """
    key = list(Key._fields)
    found = pd.DataFrame(list(again), columns=key, dtype="str").assign(recomputed=list(again.values()), stated=0.0)
    if ledger is not None and len(ledger):
        stated = ledger[key].astype("str").fillna("").assign(recomputed=0.0)
        stated["stated"] = ledger["value"].astype(np.float64).fillna(np.inf)
        found = pd.concat([found, stated], ignore_index=True)
    if found.empty:
        return []
    sums = found.assign(total="total").groupby([*key, "total"], as_index=False)[["stated", "recomputed"]].sum()
    gross = sums["recomputed"].abs()
    least = max(1e-3 * float(gross.sum()), TINY)
    return [_differences(sums.assign(gross=gross), by, least) for by in (key, ["item"], ["total"])]


def _differences(sums: pd.DataFrame, by: list[str], least: float) -> Violations:
    """Return the differences of sums by some columns, relative to the item (to everything for the total)."""
    rows = sums.groupby(by, sort=False)[["stated", "recomputed", "gross"]].sum()
    size = rows["gross"]
    if by[0] == "item":
        size = sums.groupby("item")["gross"].sum().reindex(rows.index.get_level_values(0))
    stated, again = (rows[side].to_numpy(np.float64) for side in ("stated", "recomputed"))
    with np.errstate(invalid="ignore"):  # what is no number on both sides
        off = np.abs(stated - again) / np.maximum(size.to_numpy(np.float64), least)

    def tell(row: int) -> tuple[str, str]:
        place = rows.index[row] if isinstance(rows.index[row], tuple) else (rows.index[row],)
        where = "/".join(str(part) for part in place if part != "")
        return where, f"stated {stated[row]:,.9g}, recomputed {again[row]:,.9g}"

    return Violations(np.where(np.isfinite(off), off, np.inf), tell)


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
