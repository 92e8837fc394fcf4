"""The data dictionary of limits: targets and ceilings, labor pools, grid upgrades."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from evsiting.study.schema.columns import Model, field
from evsiting.study.schema.trade import MODES

#: What a limit may be set on.
LIMIT_KINDS = (
    "cost",
    "emissions",
    "freight_emissions",
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
    "jobs_fte",
    "plants_open",
    "plants_built",
    "members_open",
    "sites_changed",
    "programs_used",
    "throughput",
    "throughput_mass",
    "sources",
)
#: Unit of the bounds of each kind that is no fraction and no plain number.
BOUND_UNITS: Mapping[str, str] = MappingProxyType(
    {
        "cost": "USD",
        "capex": "USD",
        "emissions": "t",
        "freight_emissions": "t",
        "jobs": "FTE·yr",
        "jobs_fte": "FTE",
        "throughput": "unit/yr",
        "throughput_mass": "t/yr",
    }
)
#: Unit of the price of a broken limit by kind: "1" is USD per USD.
PENALTY_UNITS: Mapping[str, str] = MappingProxyType(
    {kind: "USD" for kind in LIMIT_KINDS}
    | {
        "cost": "1",
        "capex": "1",
        "capex_share": "1",
        "emissions": "USD/t",
        "freight_emissions": "USD/t",
        "throughput_mass": "USD/t",
    }
    | {"renewable_share": "USD/MWh", "jobs": "USD/(FTE·yr)", "jobs_share": "USD/(FTE·yr)", "jobs_fte": "USD/(FTE·yr)"}
    | dict.fromkeys(
        ("output_share", "import_share", "concentration", "on_time_share", "survive_share", "throughput"), "USD/unit"
    )
)
#: Kinds on totals: what breaks them is paid for once. All others are yearly, and paid for every year.
ON_TOTALS = (
    "cost",
    "emissions",
    "freight_emissions",
    "jobs",
    "capex",
    "capex_share",
    "plants_built",
    "sites_changed",
    "programs_used",
)


class Limits(Model):
    """Targets and ceilings that a plan must keep, each a constraint of the program."""

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
        "Floor, in the unit of its kind: a fraction, a number, USD, tCO2e, job-years, FTE, units or tonnes a year; "
        "none where empty",
        unit="1, USD, t, t/yr, unit/yr, FTE or FTE·yr",
        nullable=True,
    )
    at_most: float | None = field(
        "At most",
        "Ceiling, in the unit of the floor; none where empty",
        unit="1, USD, t, t/yr, unit/yr, FTE or FTE·yr",
        nullable=True,
    )
    penalty_usd_per_unit: float | None = field(
        "Penalty",
        "Makes the limit soft: price of each unit by which it is broken, of what its kind bounds (of a share: of what "
        "it is a part of), each year where it holds in every period, else once; kept in full where empty",
        unit="1, USD, USD/unit, USD/t, USD/MWh, USD/FTE or USD/(FTE·yr)",
        label="penalty",
        ge=0,
        nullable=True,
        lean=True,
    )
    first_year: float | None = field(
        "From year",
        "For what holds in every period: only in those that begin in this year or later",
        unit="yr",
        ge=1990,
        le=2150,
        nullable=True,
        lean=True,
    )
    option: str | None = field(
        "Option", "For numbers of plants: only those of this option; all where empty", nullable=True, lean=True
    )
    members: str | None = field(
        "Members",
        "For members_open: what is counted, parted by ';', each a site, site/plant type or site/plant type/option, "
        "with * for any site or plant type; a member is open where at least one such plant stands. For sites_changed: "
        "the sites from which those that open may, or must, differ; where empty, every site that opens counts. For "
        "programs_used: names of table program_rules, whose claims are counted",
        nullable=True,
        lean=True,
    )
    if_open: str | None = field(
        "If open",
        "For plants_open and members_open: it holds only in periods in which one of these stands, written as members",
        nullable=True,
        lean=True,
    )
    origin: str | None = field(
        "Origin",
        "For throughput: site or supplier from which it comes, or its country, state or province; all where empty",
        nullable=True,
        lean=True,
    )
    destination: str | None = field(
        "Destination",
        "For throughput: site or market to which it goes, or its country, state or province; all where empty",
        nullable=True,
        lean=True,
    )
    mode: str | None = field(
        "Mode", "For throughput: how it is shipped; every way where empty", isin=MODES, nullable=True, lean=True
    )
    gateway: str | None = field(
        "Gateway",
        "For throughput: port or border crossing that it passes, as in column route of lanes; all ways where empty",
        nullable=True,
        lean=True,
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
