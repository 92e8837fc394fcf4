"""Promised delivery times: which demand has one, and which lanes keep it."""

from __future__ import annotations

import pandas as pd

from evsiting.study.study import Study

__all__ = ["promised", "promises"]


def promised(study: Study) -> bool:
    """Whether some demand of a study has a promised delivery time; only then can anything be late."""
    return bool(study.demand["promise_h"].notna().any())


def promises(study: Study) -> pd.DataFrame:
    """Return the demand that has a promised delivery time, one row a market, product and period.

    Parameters
    ----------
    study : Study
        Any study.

    Returns
    -------
    pandas.DataFrame
        ``market``, ``product``, ``period``, ``units_per_yr`` [unit/yr], ``promise_h`` [h], ``late_usd_per_unit``
        [USD/unit]. A shipment on a lane whose ``time_h`` is above ``promise_h`` is late.
    """
    demand, names = study.demand, study.periods["period"]
    kept = demand[demand["promise_h"].notna()]
    always = kept[kept["period"].isna()].drop(columns="period").merge(names, how="cross")
    every = pd.concat([kept[kept["period"].notna()], always], ignore_index=True)
    columns = ["market", "product", "period", "units_per_yr", "promise_h", "late_usd_per_unit"]
    return pd.DataFrame(every[columns])
