"""Ledger lines of contracted clean power and of grid upgrades."""

from __future__ import annotations

import pandas as pd

from evsiting.results.ledgers.plan_rows import WEIGHTS, PlanRows, line, no_lines
from evsiting.study.derived.grid_upgrades import upgrade_steps

__all__ = ["cost", "emissions"]


def cost(facts: PlanRows) -> list[pd.DataFrame]:
    """Return what clean power and grid upgrades cost. [USD, present value]."""
    clean, built = len(facts.tables["clean"]), len(facts.tables["upgrades"])
    return [_premium(facts) if clean else no_lines(), _upgrades(facts) if built else no_lines()]


def emissions(facts: PlanRows) -> list[pd.DataFrame]:
    """Return the emissions that clean power avoids, below zero. [tCO2e/yr]."""
    return [_avoided_emissions(facts) if len(facts.tables["clean"]) else no_lines(*WEIGHTS)]


def _premium(facts: PlanRows) -> pd.DataFrame:
    r"""Premium of clean power above the power price, :math:`c\,clean\,A_t`. [USD]."""
    rows = _contracted_power(facts)
    return line("clean power", rows, rows["clean_premium_usd_per_mwh"] * rows["mwh_per_yr"] * rows["present"])


def _avoided_emissions(facts: PlanRows) -> pd.DataFrame:
    r"""Emissions of the grid power in the place of which it comes, :math:`-f_{it}\,clean`. [tCO2e/yr]."""
    rows = _contracted_power(facts)
    return line("clean power", rows, -rows["grid_kg"] * rows["mwh_per_yr"], *WEIGHTS)  # kg/kWh is t/MWh


def _contracted_power(facts: PlanRows) -> pd.DataFrame:
    """Return clean power of sites that are offered any, with the site's figures and the weights of the period."""
    offers = pd.DataFrame(facts.study.sites[["site", "clean_premium_usd_per_mwh"]]).dropna()
    rows = facts.tables["clean"].merge(offers, on="site").merge(facts.weights, on="period")
    return rows.merge(facts.sites[["site", "period", "country", "grid_kg"]], on=["site", "period"])


def _upgrades(facts: PlanRows) -> pd.DataFrame:
    r"""Annuities of grid upgrades that fall within the horizon, :math:`I_u K_t`. [USD]."""
    rows = facts.tables["upgrades"].merge(upgrade_steps(facts.study), on=["site", "upgrade"])
    rows = rows.merge(facts.weights, on="period").merge(facts.study.sites[["site", "country"]], on="site")
    return line("grid upgrades", rows, rows["capex_usd"] * rows["capital"])
