"""The data dictionary of policy: programs and their rules, limits, labor pools, grid upgrades, values over time."""

from __future__ import annotations

from collections.abc import Mapping

from evsiting.study.schema.columns import Model, field
from evsiting.study.schema.trade import COUNTRIES

#: What a program pays, as a user writes it.
PROGRAM_KINDS = ("investment", "production", "grant", "job", "depreciation", "loan", "abatement")
#: What a program amounts to once the incentives layer has worked it out.
INCENTIVE_KINDS = ("investment", "production", "grant", "job")
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
#: Unit of the figures of a row by its kind, in tables that hold several kinds.
UNITS_BY_KIND: Mapping[str, Mapping[str, str]] = {
    "programs": {kind: "1" for kind in PROGRAM_KINDS}
    | {"production": "USD/unit", "grant": "USD", "job": "USD/(FTE·yr)"},
    "incentives": {"investment": "1", "production": "USD/unit", "grant": "USD", "job": "USD/(FTE·yr)"},
    "limits": {kind: "1" for kind in LIMIT_KINDS} | {"cost": "USD", "capex": "USD", "emissions": "t", "jobs": "FTE·yr"},
}
#: Site, process, option, supplier and lane figures that table trajectories may change from period to period.
VARIABLE = (
    "wage_usd_per_h",
    "power_price_usd_per_mwh",
    "grid_factor_kg_per_kwh",
    "renewable_share",
    "heat_price_usd_per_mwh",
    "price_usd_per_unit",
    "material_usd_per_unit",
    "capex_usd",
    "freight_usd_per_unit",
    "carbon_price_usd_per_t",
)
#: Capacities of which table trajectories may take a part away: of plants and suppliers, and of gateways.
CAPACITIES = ("capacity_units_per_yr", "capacity_t_per_yr")


class Programs(Model):
    """Incentives by place, plant type and year."""

    program: str = field(
        "Program",
        "Name of the program; a program may have a row for each step of its phase-down",
        str_length={"min_value": 1},
    )
    country: str = field("Country", "Where it holds", isin=COUNTRIES)
    region: str | None = field(
        "Region", "State or province where it holds; the whole country where empty", nullable=True
    )
    plant_type: str = field("Plant type", "What it is for", of="processes.plant_type")
    product: str | None = field(
        "Product", "For a credit per unit: the product that earns it", of="products.product", nullable=True
    )
    kind: str = field(
        "Kind",
        "investment: a fraction of the investment; production: USD per unit made; grant: USD when built; job: USD per "
        "direct job and year; depreciation: part of the investment written off in the first year; loan: points of "
        "interest saved; abatement: part of the property tax waived",
        isin=PROGRAM_KINDS,
    )
    value: float = field("Value", "As the kind says: a fraction, or USD", unit="1, USD/unit, USD or USD/(FTE·yr)", ge=0)
    first_year: int = field("First year", "First year in which it can be earned", unit="yr", ge=1990, le=2150)
    last_year: int = field("Last year", "Last year in which it can be earned", unit="yr", ge=1990, le=2150)
    share: float | None = field(
        "Part of the investment",
        "Part of the investment that it applies to: eligible equipment, or the part that a loan pays",
        unit="1",
        gt=0,
        le=1,
        default=1.0,
    )
    term_years: float | None = field(
        "Term",
        "Years of a loan or an abatement, or of the write-off that a faster one replaces; the plant's life where empty",
        unit="yr",
        gt=0,
        le=100,
        nullable=True,
    )
    flag: str | None = field(
        "Flag", "It holds only at sites that carry this flag; at all where empty", nullable=True, lean=True
    )


class ProgramRules(Model):
    """Conditions of a program. A program without a row here is paid to everyone who is eligible, without a choice."""

    program: str = field("Program", "Name of the program", unique=True)
    pool_usd: float | None = field(
        "Pool",
        "Most that it pays in all, undiscounted; no limit where empty",
        unit="USD",
        label="pool",
        ge=0,
        nullable=True,
    )
    most_usd: float | None = field(
        "Cap",
        "Most that it pays to one plant, undiscounted; no limit where empty",
        unit="USD",
        label="most",
        ge=0,
        nullable=True,
    )
    min_capex_usd: float | None = field(
        "Pledged investment",
        "Least investment of a plant that claims it; none where empty",
        unit="USD",
        label="min_capex",
        ge=0,
        nullable=True,
    )
    min_jobs_fte: float | None = field(
        "Pledged jobs",
        "Direct jobs that a plant which claims it must have in the last period; none where empty",
        unit="FTE",
        label="min_jobs",
        ge=0,
        nullable=True,
    )
    clawback_usd_per_job: float | None = field(
        "Clawback",
        "Paid back for each pledged job that is missing in the last period; no job may be missing where empty",
        unit="USD/FTE",
        label="clawback",
        ge=0,
        nullable=True,
    )
    excludes: str | None = field(
        "Excludes", "Programs that a plant may not claim beside it, parted by ';'", nullable=True
    )
    requires: str | None = field(
        "Requires",
        "Plant types of which something new must be built in the same country by the last period, parted by ';'",
        nullable=True,
    )
    max_foreign_share: float | None = field(
        "Foreign-entity ratio",
        "Most that material from prohibited foreign entities may be of all material, by value, in every period in "
        "which it pays; no limit where empty",
        unit="1",
        ge=0,
        le=1,
        nullable=True,
    )


class Incentives(Model):
    """What programs offer a plant type at a site. Made by the incentives layer where the study has no such table."""

    site: str = field("Site", "Where", of="sites.site")
    plant_type: str = field("Plant type", "For what", of="processes.plant_type")
    product: str | None = field(
        "Product", "For a credit per unit: the product that earns it", of="products.product", nullable=True
    )
    period: str = field(
        "Period", "Investment, grant: the period of building; production, job: the period of work", of="periods.period"
    )
    program: str = field("Program", "Which program")
    kind: str = field("Kind", "investment, production, grant or job", isin=INCENTIVE_KINDS)
    value: float = field(
        "Value",
        "Fraction of the investment, USD per unit, USD, or USD per job and year (mean over the years of the period, "
        "weighted by discount factors)",
        unit="1, USD/unit, USD or USD/(FTE·yr)",
        ge=0,
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


class Trajectories(Model):
    """Factors by which figures differ from period to period; the most exact place holds, and 1 where no row does."""

    column: str = field("Column", "The figure, by the name of its column", isin=(*VARIABLE, *CAPACITIES))
    place: str | None = field(
        "Place",
        "Site, supplier, state or country; for a capacity also a gateway, a plant, or 'site/plant type'; everywhere "
        "where empty",
        nullable=True,
    )
    period: str = field("Period", "When", of="periods.period")
    factor: float = field("Factor", "Multiplies the figure", unit="1", ge=0, le=1000)
