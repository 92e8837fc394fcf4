"""The rule of promised delivery times, recomputed from lanes and demand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import pandas as pd

from evsiting.results.rules.bounds import check_shares, lies_at, limits_in_periods
from evsiting.results.rules.case import Examination, Violations

__all__ = ["RULES", "service"]


def service(case: Examination) -> list[Violations]:
    """Compare what arrives within its promised time with demand that has one, at the markets of a place."""
    rows = limits_in_periods(case, "on_time_share")
    if rows.empty:
        return []
    wanted = case.demand[case.demand["promise_h"].notna()].rename(columns={"market": "destination"})
    key = ["destination", "product", "period"]
    arrived = case.facts.shipped.merge(wanted[[*key, "promise_h"]], on=key)
    arrived = arrived[arrived["time_h"] <= arrived["promise_h"]]
    towns = case.study.markets[["market", "country", "region"]].rename(columns={"market": "code"})

    def units(frame: pd.DataFrame) -> list[float]:
        out = []
        for _, row in rows.iterrows():
            here = frame["destination"].isin(towns.loc[lies_at(towns, row["place"]), "code"])
            here &= frame["period"] == row["period"]
            if isinstance(row["product"], str):
                here &= frame["product"] == row["product"]
            out.append(float(frame.loc[here, "units_per_yr"].sum()))
        return out

    served = rows.assign(part=units(arrived), whole=units(wanted))
    return [check_shares(served, ["limit", "period"], "{found:,.6g} units arrive in time")]


#: Rules of this room by constraint family.
RULES: Mapping[str, Callable[[Examination], list[Violations]]] = MappingProxyType({"service": service})
