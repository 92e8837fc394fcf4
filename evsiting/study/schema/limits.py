"""The data dictionary of limits: targets and ceilings, labor pools, grid upgrades."""

from __future__ import annotations

from evsiting.study.schema.columns import Model, field

#: What a limit may be set on.
LIMIT_KINDS = (
    "cost",
    "emissions",
    "jobs",
    "capex",
    "output_share",
    "capex_share",
    "jobs_share",
    "import_share",
    "concentration",
    "on_time_share",
    "renewable_share",
    "survive_share",
)


class Limits(Model):
    """Targets and ceilings that a plan must keep, each a row of the program."""

    limit: str = field("Limit", "Name of the limit", str_length={"min_value": 1}, unique=True)
    kind: str = field("Kind", "What is limited; the manual page on limits says how each is reckoned", isin=LIMIT_KINDS)
    place: str | None = field(
        "Place", "Country, state or site to which it applies; everywhere where empty", nullable=True
    )
    product: str | None = field("Product", "Product to which it applies", of="products.product", nullable=True)
    plant_type: str | None = field(
        "Plant type", "Plant type to which it applies; all where empty", of="processes.plant_type", nullable=True
    )
    per: str | None = field(
        "Per",
        "For concentration: no single one of these may exceed it",
        isin=("site", "region", "country", "company", "supplier", "gateway"),
        nullable=True,
    )
    period: str | None = field(
        "Period",
        "When; where empty a total holds over the horizon and a share in every period",
        of="periods.period",
        nullable=True,
    )
    at_least: float | None = field(
        "At least",
        "Floor: USD, tCO2e, job-years, or a fraction; none where empty",
        unit="1, USD, t or FTE·yr",
        nullable=True,
    )
    at_most: float | None = field(
        "At most",
        "Ceiling: USD, tCO2e, job-years, or a fraction; none where empty",
        unit="1, USD, t or FTE·yr",
        nullable=True,
    )


class LaborPools(Model):
    """Staff that plants within one commuting area can hire together."""

    pool: str = field("Pool", "Code of the commuting area", str_length={"min_value": 1}, unique=True)
    name: str | None = field("Name", "Name to print; the code where empty", nullable=True)
    available_fte: float = field(
        "Available staff",
        "Staff that plants of the study can hire here: participation times the labor force within reach",
        unit="FTE",
        label="available",
        ge=0,
    )


class GridUpgrades(Model):
    """Steps by which more electric load can be connected at a site, for money."""

    site: str | None = field(
        "Site", "Where; at every site with a connectable load where empty", of="sites.site", nullable=True
    )
    upgrade: str = field("Upgrade", "Name of the step", str_length={"min_value": 1})
    capacity_mw: float = field("Capacity", "Load that it adds", unit="MW", label="capacity", gt=0)
    capex_usd: float = field("Investment", "What it costs the plant", unit="USD", label="capex", ge=0)
