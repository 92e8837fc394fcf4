"""Ledger lines of what arrives after its promised time: units, and what they cost."""

from __future__ import annotations

import pandas as pd

from evsiting.results.ledgers.plan_rows import PlanRows, demand_by_period, line
from evsiting.study.study import promised

__all__ = ["cost", "late"]


def cost(facts: PlanRows) -> list[pd.DataFrame]:
    r"""Return what late units cost, :math:`b\,ship\,A_t`. [USD, present value]."""
    if not promised(facts.study):
        return []
    rows = _late(facts)
    return [line("late", rows, rows["late_usd_per_unit"] * rows["units_per_yr"] * rows["present"])]


def late(facts: PlanRows) -> list[pd.DataFrame]:
    r"""Return late units over the horizon, :math:`n_t\,ship`. [unit]."""
    rows = _late(facts)
    return [line("late", rows, rows["units_per_yr"] * rows["years"])]


def _late(facts: PlanRows) -> pd.DataFrame:
    """Return shipments to markets on lanes that take longer than the demand there is promised."""
    wanted = demand_by_period(facts.study).rename(columns={"market": "destination"})
    wanted = wanted[["destination", "product", "period", "promise_h", "late_usd_per_unit"]]
    rows = facts.shipped.merge(wanted[wanted["promise_h"].notna()], on=["destination", "product", "period"])
    return rows[rows["time_h"] > rows["promise_h"]]
