"""The data dictionary of incentives: programs, their rules, and what they offer at a site."""

from __future__ import annotations

from collections.abc import Mapping

from evsiting.study.schema.columns import Model, field
from evsiting.study.schema.countries import COUNTRIES
from evsiting.study.schema.limits import BOUND_UNITS, LIMIT_KINDS, PENALTY_UNITS

#: What a program pays, as a user writes it.
PROGRAM_KINDS = ("investment", "production", "grant", "job", "depreciation", "loan", "abatement")
#: What a program amounts to once the incentives layer has worked it out.
INCENTIVE_KINDS = ("investment", "production", "grant", "job")
#: Unit of the figures of a row by its kind, in tables that hold several kinds, or in one column of such a table.
UNITS_BY_KIND: Mapping[str, Mapping[str, str]] = {
    "programs": {kind: "1" for kind in PROGRAM_KINDS}
    | {"production": "USD/unit", "grant": "USD", "job": "USD/(FTE·yr)"},
    "incentives": {"investment": "1", "production": "USD/unit", "grant": "USD", "job": "USD/(FTE·yr)"},
    "limits.penalty_usd_per_unit": PENALTY_UNITS,
    "limits": {kind: "1" for kind in LIMIT_KINDS} | dict(BOUND_UNITS),
}


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
    max_foreign_share: float | None = field(
        "Foreign-entity ratio",
        "Most that material from prohibited foreign entities may be of all material in the years of this row, in place "
        "of the figure of table program_rules; of the rows of a period the strictest holds; that figure where empty",
        unit="1",
        ge=0,
        le=1,
        nullable=True,
        lean=True,
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
