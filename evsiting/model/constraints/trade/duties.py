"""Duties of lanes, and what spares them: preferences, declared content, quotas and offsets.

Every lane pays all measures in force between its countries. Originating goods, quotas and offsets give back a part:
their columns stand only where something can be given back.
"""

from __future__ import annotations

import numpy as np

from evsiting.model.columns import Columns
from evsiting.model.constraints.trade import origin, origin_rows
from evsiting.model.constraints.trade.content import add_content
from evsiting.model.constraints.trade.offsets import add_offsets
from evsiting.model.constraints.trade.origin import MUSD, Origins, Rules
from evsiting.model.constraints.trade.preference import add_preference
from evsiting.model.constraints.trade.quotas import add_quotas
from evsiting.model.constraints.trade.reliefs import Spared
from evsiting.model.milp import IntArray, MilpBuilder
from evsiting.model.plan_columns import Decision, Totals, texts
from evsiting.model.sets import Sets
from evsiting.study.derived.customs import lane_duty
from evsiting.study.study import Study


def add(milp: MilpBuilder, study: Study, sets: Sets, columns: Columns, totals: Totals) -> list[Decision]:
    """Add duties to the cost, and what spares them; nothing where the study has no duties."""
    if not study.has("duties"):
        return []
    lanes, present = sets.lanes, sets.horizon.present
    duty = lane_duty(study, lanes.frame)
    totals.cost(columns.ship, duty * sets.scale[lanes.product][:, None] * present)
    rules = Rules.of(study, sets)
    spared = Spared.of(study, sets)
    origins = origin.add_decisions(milp, sets, rules, spared.saves(sets))
    origin_rows.add_qualified(milp, sets, columns, origins)
    origin_rows.add_origin(milp, sets, columns, rules, origins)
    origin_rows.add_labor_value(milp, sets, columns, rules, origins)
    origin_rows.add_core_parts(milp, sets, columns, rules, origins)
    origin_rows.add_originating(milp, sets, columns, origins)
    preferences = add_preference(milp, sets, columns, totals, rules, origins, spared)
    contents = add_content(milp, sets, columns, totals, rules, spared, preferences)
    decisions = _origin_tables(sets, origins) + _customs_tables(sets, spared, preferences, contents)
    keys = [spared.label(sets, e) for e in range(len(spared.site))]
    decisions += add_quotas(milp, study, sets, columns, totals, keys, preferences)
    decisions += add_offsets(milp, study, sets, columns, totals, rules, origins)
    return [table for table in decisions if (table.column >= 0).any()]


def _origin_tables(sets: Sets, origins: Origins) -> list[Decision]:
    """Return ``qualified`` and ``originating`` as tables of a plan."""
    sites, products, periods = sets.sites, sets.products, sets.horizon.periods
    return [
        Decision(
            "qualified",
            {"site": texts(sites, origins.site), "product": texts(products, origins.product)},
            origins.qualified,
            periods,
            np.ones(len(origins.site)),
        ),
        Decision(
            "originating",
            {
                "product": texts(products, origins.part),
                "origin": texts(sites, origins.seller),
                "destination": texts(sites, origins.buyer),
            },
            origins.originating,
            periods,
            sets.scale[origins.part],
        ),
    ]


def _customs_tables(sets: Sets, spared: Spared, preferences: IntArray, contents: IntArray) -> list[Decision]:
    """Return ``preferences`` and ``contents`` as tables of a plan."""
    keys = {
        "site": texts(sets.sites, spared.site),
        "product": texts(sets.products, spared.product),
        "destination": spared.country,
    }
    periods = sets.horizon.periods
    return [
        Decision("preferences", keys, preferences, periods, sets.scale[spared.product]),
        Decision("contents", keys, contents, periods, np.full(len(spared.site), MUSD)),
    ]
