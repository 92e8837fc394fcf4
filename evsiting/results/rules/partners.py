"""Rules of gateways and commitments, recomputed from the routes of lanes and from shipments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from evsiting.results.rules.bounds import check_bounds
from evsiting.results.rules.case import Examination, Violations
from evsiting.study.lists import gateways_on

__all__ = ["RULES", "gateway", "partner"]


def gateway(case: Examination) -> list[Violations]:
    """Compare the mass that passes a port or border crossing with its capacity."""
    limits = case.study.gateways[["gateway", "capacity_t_per_yr"]]
    if limits.empty:
        return []
    sent = case.facts.shipped
    mass = case.study.products.set_index("product")["mass_kg_per_unit"]
    sent = sent.assign(found=sent["units_per_yr"] * sent["product"].map(mass).astype(np.float64) / 1000.0)
    ways = [(row, code) for row, route in enumerate(sent["route"]) for code in gateways_on(route)]
    passed = sent[["period", "found"]].iloc[[row for row, _ in ways]].assign(gateway=[code for _, code in ways])
    passed = passed.astype({"gateway": "str"}).groupby(["gateway", "period"], as_index=False)[["found"]].sum()
    limits = limits.merge(case.periods["period"].drop_duplicates(), how="cross")
    at = zip(limits["period"], limits["gateway"], strict=True)
    part = [case.audit.timing.factor("capacity_t_per_yr", period, gateway) for period, gateway in at]
    limits["at_most"] = limits["capacity_t_per_yr"] * np.array(part)
    rows = passed.merge(limits, on=["gateway", "period"])
    size = np.maximum(rows["at_most"], 1e-3 * float(sent["found"].sum()))
    return [check_bounds(rows.assign(at_least=np.nan, size=size), ["gateway", "period"], "{found:,.6g} t/yr pass")]


def partner(case: Examination) -> list[Violations]:
    """Compare what flows between the ends of a commitment with what is promised."""
    table = case.study.commitments
    if table.empty:
        return []
    always = table[table["period"].isna()].drop(columns="period").merge(case.periods["period"], how="cross")
    rows = pd.concat([table[table["period"].notna()], always], ignore_index=True)
    sent, violations = case.shipments, []
    for row in rows.itertuples():
        mine = (sent["product"] == row.product) & (sent["origin"] == row.origin) & (sent["period"] == row.period)
        if isinstance(row.destination, str):
            mine &= sent["destination"] == row.destination
        violations.append(float(sent.loc[mine, "units_per_yr"].sum()))
    largest = sent.groupby("product")["units_per_yr"].max()
    rows["found"] = violations
    size = rows[["at_least", "at_most"]].max(axis=1)
    size = np.maximum(size, 1e-3 * rows["product"].map(largest).astype(np.float64).fillna(0.0))
    return [check_bounds(rows.assign(size=size), ["commitment", "period"], "{found:,.6g} units flow")]


#: Rules of this room by constraint family.
RULES: Mapping[str, Callable[[Examination], list[Violations]]] = MappingProxyType(
    {"gateway": gateway, "partner": partner}
)
