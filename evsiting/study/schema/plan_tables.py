"""The tables of a plan: what is decided, by what key, in what unit; model, ledgers and certificate share them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["DECISIONS", "FLOWS", "DecisionTable"]


@dataclass(frozen=True)
class DecisionTable:
    """One table of a plan.

    Parameters
    ----------
    name : str
        Name of the table.
    key : tuple of str
        Columns that name a row; codes of the study's tables.
    value : str
        Column with the amount; empty where the row itself is the decision.
    meaning : str
        For people.
    """

    name: str
    key: tuple[str, ...]
    value: str
    meaning: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Key and value."""
        return (*self.key, self.value) if self.value else self.key


_PLACE = ("site", "plant_type")
_CUSTOMS = ("site", "product", "destination", "period")

#: Every table of a plan by name.
DECISIONS: Mapping[str, DecisionTable] = MappingProxyType(
    {
        t.name: t
        for t in (
            DecisionTable("openings", (*_PLACE, "option", "period"), "", "Option built at the start of the period"),
            DecisionTable("closings", ("plant", "period"), "", "Standing plant closed at the start of the period"),
            DecisionTable(
                "retirements",
                (*_PLACE, "option", "built", "period"),
                "",
                "Option built at the start of one period and closed at the start of another",
            ),
            DecisionTable("resumptions", ("plant", "period"), "", "Paused plant resumed at the start of the period"),
            DecisionTable("production", (*_PLACE, "product", "period"), "units_per_yr", "What is made"),
            DecisionTable(
                "shipments", ("product", "origin", "destination", "mode", "period"), "units_per_yr", "What is shipped"
            ),
            DecisionTable("disposals", (*_PLACE, "product", "period"), "units_per_yr", "By-product that nobody takes"),
            DecisionTable("unmet", ("market", "product", "period"), "units_per_yr", "Demand that is not served"),
            DecisionTable("claims", ("program", *_PLACE), "", "Program with rules that a plant claims"),
            DecisionTable(
                "credits",
                ("program", *_PLACE, "period"),
                "usd",
                "What a program with rules pays a plant in the period, all its years, undiscounted",
            ),
            DecisionTable("missing_jobs", ("program", *_PLACE), "jobs_fte", "Pledged jobs that are missing at the end"),
            DecisionTable("clean", ("site", "period"), "mwh_per_yr", "Contracted renewable power"),
            DecisionTable(
                "upgrades", ("site", "upgrade", "period"), "", "Grid upgrade made at the start of the period"
            ),
            DecisionTable("qualified", ("site", "product", "period"), "", "Product that qualifies as originating"),
            DecisionTable(
                "originating",
                ("product", "origin", "destination", "period"),
                "units_per_yr",
                "Inputs that a plant counts as originating, from a plant whose product qualifies",
            ),
            DecisionTable("preferences", _CUSTOMS, "units_per_yr", "Units that enter a country as originating"),
            DecisionTable("contents", _CUSTOMS, "usd_per_yr", "Content of the destination declared in those units"),
            DecisionTable("in_quota", ("quota", "origin", "period"), "units_per_yr", "Units within a quota"),
            DecisionTable(
                "violations",
                ("limit", "period"),
                "amount",
                "By how much a soft limit is broken, in the unit of its penalty; over the horizon: in the last period",
            ),
            DecisionTable("offsets", ("site", "product", "measure", "period"), "usd_per_yr", "Duty that is offset"),
        )
    }
)
#: Tables of units of a product.
FLOWS = ("production", "shipments", "unmet")
