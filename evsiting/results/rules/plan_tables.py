"""Rules of a plan's tables: names that the study knows, and amounts that are numbers."""

from __future__ import annotations

from evsiting.results.rules.case import Examination, Violations, at_least, refuse
from evsiting.study.schema.plan_tables import DECISIONS


def known_names(case: Examination) -> list[Violations]:
    """Refuse production, disposals and unmet demand of which the study knows nothing."""
    made, short, gone = case.plan.production, case.plan.unmet, case.plan.decisions["disposals"]
    keys = [[c for c in frame.columns if c != "units_per_yr"] for frame in (made, short, gone)]
    return [
        refuse(made[keys[0]], ~case.known_production, lambda row: "no such site, process or period"),
        refuse(short[keys[1]], ~case.known_unmet, lambda row: "no such demand"),
        refuse(gone[keys[2]], ~case.known_disposals, lambda row: "no such site, by-product or period"),
    ]


def numbers(case: Examination) -> list[Violations]:
    """Refuse amounts that are negative or no number."""
    violations = []
    for name, frame in case.plan.tables.items():
        what = DECISIONS[name]
        if what.value and len(frame):
            rows = frame.rename(columns={what.value: "found"}).assign(allowed=0.0)
            group = "product" if "product" in what.key else what.key[0]
            violations.append(at_least(rows, list(what.key), group, name + " of {found:,.6g}"))
    return violations
