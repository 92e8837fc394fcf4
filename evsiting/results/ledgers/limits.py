"""Ledger lines of soft limits that a plan breaks."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evsiting.results.ledgers.plan_rows import PlanRows, line
from evsiting.study.derived.limit_rows import limit_rows
from evsiting.study.schema.limits import ON_TOTALS

__all__ = ["cost"]


def cost(facts: PlanRows) -> list[pd.DataFrame]:
    r"""Return what broken limits cost, :math:`\rho\,violation\,A_t`; of a total once, without a weight. [USD].

    The column ``program`` of the ledger holds the name of the limit.
    """
    rows = facts.tables["violations"]
    if not len(rows):
        return []
    limits = limit_rows(facts.study)[["limit", "kind", "penalty_usd_per_unit"]]
    rows = rows.merge(limits, on="limit").merge(facts.weights, on="period")
    weight = np.where(rows["kind"].isin(ON_TOTALS), 1.0, rows["present"])
    usd = rows["penalty_usd_per_unit"].fillna(0.0) * rows["amount"] * weight
    return [line("broken limits", rows.assign(program=rows["limit"]), usd)]
