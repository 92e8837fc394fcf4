"""A plan by hand with everything that can be asked about it, without a solve."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from types import MappingProxyType

import pandas as pd

import evsiting as ev
from tests.plans import tiny_plan

RANGES = pd.DataFrame(
    [
        {"name": "wages", "table": "sites", "column": "wage_usd_per_h", "low": 0.9, "high": 1.3},
        {"name": "demand", "table": "demand", "column": "units_per_yr", "low": 0.5, "high": 1.2},
    ]
)


def moved(plan: ev.Plan, by: float, site: str = "") -> ev.Plan:
    """Return a plan whose objective is told to differ by an amount, and whose plants are told to stand elsewhere."""
    value = plan.solve.objective + by
    openings = plan.decisions["openings"]
    openings = openings.assign(site=site) if site else openings
    solve = replace(plan.solve, objective=value, bound=value - 1e6)
    return replace(plan, solve=solve, decisions=MappingProxyType({**plan.decisions, "openings": openings}))


def gap_alone(plan: ev.Plan) -> ev.DecisionTables:
    """Return a tornado of two ranges, an end of which differs from the plan by less than its gap."""
    ends = {"fees: low": moved(plan, 5e5), "fees: high": moved(plan, 3e8), "rents: high": moved(plan, -2e8)}
    names = ("base", "fees: low", "fees: high", "rents: low", "rents: high")
    cases = ev.CasePlans("two", plan.study_digest, names, {"base": plan, **ends}, {"rents: low": "no plan"})
    return ev.DecisionTables.of(plan=plan, tornado=cases)


@cache
def asked() -> tuple[ev.Study, ev.Plan, ev.DecisionTables]:
    """Return a study, its plan, and tables on ranges, draws, candidates and another plan."""
    study, plan = tiny_plan()
    ends = {"wages: low": moved(plan, -1e8), "wages: high": moved(plan, 3e8, "monterrey")}
    ends |= {"demand: low": moved(plan, -9e9)}
    names = ("base", *ends, "demand: high")
    digest = plan.study_digest
    told = {"demand: high": "no plan keeps its rules"}
    ranges = ev.CasePlans("two", digest, names, {"base": plan, **ends}, told)
    draws = ev.CasePlans("two", digest, ("base", "draw 1", "draw 2"), {"base": plan, "draw 1": plan, "draw 2": plan})
    entry = pd.DataFrame(
        {"site": ["monterrey", "memphis"], "plant_type": ["pack", "pack"], "in_plan": [False, True],
         "at_least": [12.3e6, 0.0]}
    )  # fmt: skip
    less = study.with_table("demand", study.demand.assign(units_per_yr=study.demand["units_per_yr"] * 0.5))
    other = replace(moved(plan, -1e9), study_digest=less.digest)
    beside = ev.Comparison(
        MappingProxyType({"base": plan, "less": other}), MappingProxyType({"base": study, "less": less})
    )
    tables = ev.DecisionTables.of(
        plan=plan, tornado=ranges, ranges=RANGES, draws=draws, entry_costs=entry, beside=beside
    )
    return study, plan, tables
