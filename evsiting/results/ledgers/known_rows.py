"""Whether the study has what the rows of a plan name."""

from __future__ import annotations

import pandas as pd

from evsiting.errors import Problems, shown
from evsiting.results.ledgers.plan_rows import PlanRows, demand_by_period

__all__ = ["require_known"]


def require_known(facts: PlanRows) -> None:
    """Refuse rows of a plan that name what the study does not have, all at once.

    Raises
    ------
    InputError
        Naming each table of the plan, the codes and the table of the study that lacks them.
    """
    study, problems = facts.study, Problems()
    lane = ["product", "origin", "destination", "mode"]
    wanted = ["market", "product", "period"]
    homes: dict[str, tuple[tuple[str, pd.DataFrame, list[str]], ...]] = {
        "openings": (("options", study.options, ["plant_type", "option"]), ("sites", study.sites, ["site"])),
        "retirements": (("options", study.options, ["plant_type", "option"]), ("sites", study.sites, ["site"])),
        "closings": (("plants", study.plants, ["plant"]),),
        "resumptions": (("plants", study.plants, ["plant"]),),
        "production": (("processes", study.processes, ["plant_type", "product"]), ("sites", study.sites, ["site"])),
        "shipments": (("lanes", study.lanes, lane),),
        "disposals": (
            (
                "by_products",
                study.by_products.drop(columns="product").rename(columns={"by_product": "product"}),
                ["plant_type", "product"],
            ),
            ("sites", study.sites, ["site"]),
        ),
        "unmet": (("demand", demand_by_period(study), wanted),),
        "violations": (("limits", study.limits, ["limit"]),),
    }
    for name, rows in facts.tables.items():
        if not len(rows):
            continue
        whole = [("periods", facts.weights, ["period"])] if "period" in rows and name != "unmet" else []
        for of, table, key in (*homes.get(name, ()), *whole):
            known = set(pd.DataFrame(table)[key].itertuples(index=False, name=None))
            lost = list(dict.fromkeys(r for r in rows[key].itertuples(index=False, name=None) if r not in known))
            if lost:
                seen = shown("|".join(map(str, row)) for row in lost)
                fix = "Give rows that the study has"
                problems.add(name, f"{len(lost)} not in the study's table {of!r}", seen, fix)
    problems.raise_if_any()
