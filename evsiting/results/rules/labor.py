"""The rule of labor pools, checked from the study's tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import pandas as pd

from evsiting.results.rules.case import Examination, Violations, at_most, sums

__all__ = ["RULES", "labor_pool"]


def labor_pool(case: Examination) -> list[Violations]:
    """Compare the staff of all plants at the sites of a pool with those who can be hired there."""
    if case.study.sites["labor_pool"].isna().all():
        return []
    facts, key = case.facts, ["pool", "period"]
    work = facts.made["labor_h_per_unit"] * facts.made["units_per_yr"] / facts.hours
    staff = pd.concat([facts.running[["site", "period", "staff_fte"]], facts.made.assign(staff_fte=work)])
    pools = pd.DataFrame(case.study.sites[["site", "labor_pool"]]).dropna().rename(columns={"labor_pool": "pool"})
    rows = sums(staff[["site", "period", "staff_fte"]].merge(pools, on="site"), key, "staff_fte")
    rows = rows.merge(case.study.labor_pools[["pool", "available_fte"]], on="pool")
    rows = rows.rename(columns={"staff_fte": "found", "available_fte": "allowed"})
    return [at_most(rows, key, "pool", "{found:,.6g} FTE work there, {allowed:,.6g} can be hired")]


#: Rules of this room by constraint family.
RULES: Mapping[str, Callable[[Examination], list[Violations]]] = MappingProxyType({"labor_pool": labor_pool})
