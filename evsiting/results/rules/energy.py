"""Rules of grid connections, upgrades and clean power, checked from the study's tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from evsiting.results.rules.case import Examination, Violations, are_in, at_most, constant_text, refuse, sums
from evsiting.study.derived.grid_upgrades import upgrade_steps

__all__ = ["RULES", "clean", "grid", "upgrade"]

_KEY = ["site", "period"]


def grid(case: Examination) -> list[Violations]:
    """Compare the peak load of a site with what is connected there by then."""
    sites = pd.DataFrame(case.study.sites[["site", "connectable_mw"]]).dropna()
    if sites.empty:
        return []
    rows = _peak(case).merge(sites, on="site")
    begun = case.periods[["period", "start_year"]]
    steps = case.plan.decisions["upgrades"].merge(begun, on="period").sort_values("start_year", kind="stable")
    steps = steps.drop_duplicates(["site", "upgrade"]).merge(upgrade_steps(case.study), on=["site", "upgrade"])
    pairs = rows[_KEY].merge(begun, on="period").merge(steps, on="site", suffixes=("", "_made"))
    made = pairs[pairs["start_year_made"] <= pairs["start_year"]]
    rows = rows.merge(sums(made, _KEY, "capacity_mw"), on=_KEY, how="left")
    rows["allowed"] = rows["connectable_mw"] + rows["capacity_mw"].fillna(0.0)
    return [at_most(rows, _KEY, "site", "a load of {found:,.6g} MW, {allowed:,.6g} MW are connected")]


def upgrade(case: Examination) -> list[Violations]:
    """Refuse upgrades that the study does not offer, and those that are made twice."""
    rows = case.plan.decisions["upgrades"]
    if rows.empty:
        return []
    known = are_in(rows, upgrade_steps(case.study), ["site", "upgrade"]) & are_in(rows, case.periods, ["period"])
    twice = rows.duplicated(["site", "upgrade"]).to_numpy(np.bool_)
    return [
        refuse(rows, ~known, constant_text("the study offers no such upgrade, or has no such period")),
        refuse(rows, twice, constant_text("made twice")),
    ]


def clean(case: Examination) -> list[Violations]:
    """Compare contracted clean power with the electricity that the site uses, where any is offered."""
    rows = case.plan.decisions["clean"]
    if rows.empty:
        return []
    offers = pd.DataFrame(case.study.sites[["site", "clean_premium_usd_per_mwh"]]).dropna()
    known = are_in(rows, offers, ["site"]) & are_in(rows, case.periods, ["period"])
    mwh = sums(rows, _KEY, "mwh_per_yr").merge(_load(case), on=_KEY, how="left")
    mwh = mwh.rename(columns={"mwh_per_yr": "found"}).assign(allowed=mwh["kwh"].fillna(0.0) / 1000.0, of="power")
    # A site without load is measured against the load of the others: it has no size of its own.
    return [
        refuse(rows[_KEY], ~known, constant_text("no clean power is offered there and then")),
        at_most(mwh, _KEY, "of", "{found:,.6g} MWh of clean power, {allowed:,.6g} MWh are used"),
    ]


def _load(case: Examination) -> pd.DataFrame:
    """Return the electricity of sites that make something: ``site``, ``period``, ``kwh``. [kWh/yr]."""
    made = case.facts.made
    rows = made[_KEY].assign(kwh=made["electricity_kwh_per_unit"] * made["units_per_yr"])
    return sums(rows, _KEY, "kwh")


def _peak(case: Examination) -> pd.DataFrame:
    """Return the load that sites which make something have connected: ``site``, ``period``, ``found``. [MW]."""
    made = case.facts.made
    rows = made[_KEY].assign(found=made["connected_kw"] * made["units_per_yr"] / 1000.0)
    return sums(rows, _KEY, "found")


#: Rules of this room by constraint family.
RULES: Mapping[str, Callable[[Examination], list[Violations]]] = MappingProxyType(
    {"grid": grid, "upgrade": upgrade, "clean": clean}
)
