"""The data dictionary of places: sites and markets."""

from __future__ import annotations

from evsiting.study.schema.columns import Model, field
from evsiting.study.schema.countries import COUNTRIES


class Sites(Model):
    """Candidate and existing places for a plant, one point each."""

    site: str = field("Site", "Unique code of the place", str_length={"min_value": 1}, unique=True)
    name: str | None = field("Name", "Name to print; the code where empty", nullable=True)
    country: str | None = field(
        "Country",
        "Country of the place; taken from the jurisdictions' polygons where empty",
        isin=COUNTRIES,
        nullable=True,
    )
    region: str | None = field(
        "Region",
        "State or province, ISO 3166-2 (US-TN, CA-ON, MX-NLE); taken from the polygons where empty",
        nullable=True,
    )
    role: str | None = field(
        "Role",
        "candidate: something new may be built here; existing: only what stands here",
        isin=("candidate", "existing"),
        default="candidate",
    )
    plant_types: str | None = field(
        "Plant types", "Plant types that may be built here, parted by ';'; all where empty", nullable=True
    )
    wage_usd_per_h: float | None = field(
        "Wage",
        "Straight wage of production staff",
        unit="USD/h",
        label="wage",
        boundary="straight wage, without the employer's cost on top",
        gt=0,
        nullable=True,
    )
    payroll_burden: float | None = field(
        "Payroll burden", "Employer's cost on top of the wage, as a fraction of it", unit="1", ge=0, le=3, nullable=True
    )
    labor_force_persons: float | None = field(
        "Labor force",
        "Labor force of the region",
        unit="person",
        label="labor_force",
        boundary="state or province",
        ge=0,
        nullable=True,
    )
    unemployment_rate: float | None = field(
        "Unemployment",
        "Unemployed as a fraction of the labor force",
        unit="1",
        boundary="state or province",
        ge=0,
        le=1,
        nullable=True,
    )
    power_price_usd_per_mwh: float | None = field(
        "Power price", "Industrial electricity price", unit="USD/MWh", label="power_price", ge=0, nullable=True
    )
    grid_factor_kg_per_kwh: float | None = field(
        "Grid factor",
        "Emissions of grid electricity at the stack (CO2e)",
        unit="kg/kWh",
        label="grid_factor",
        boundary="at the stack, CO2e",
        ge=0,
        le=3,
        nullable=True,
    )
    renewable_share: float | None = field(
        "Renewable share",
        "Renewable part of generation",
        unit="1",
        boundary="generation, not consumption",
        ge=0,
        le=1,
        nullable=True,
    )
    carbon_free_share: float | None = field(
        "Carbon-free share",
        "Renewable and nuclear part of generation",
        unit="1",
        boundary="generation, not consumption",
        ge=0,
        le=1,
        nullable=True,
    )
    fixed_usd_per_yr: float | None = field(
        "Further fixed cost",
        "What one plant here costs a year beside its option's fixed cost: land, water, local tax",
        unit="USD/yr",
        label="fixed",
        default=0.0,
    )
    tax_rate: float | None = field(
        "Tax rate",
        "Tax on profit, all levels together; what a faster write-off saves",
        unit="1",
        ge=0,
        lt=1,
        nullable=True,
    )
    property_tax_rate: float | None = field(
        "Property tax",
        "Yearly tax on a new plant, as a fraction of its investment",
        unit="1/yr",
        ge=0,
        lt=1,
        default=0.0,
    )
    heat_price_usd_per_mwh: float | None = field(
        "Heat price",
        "Price of process heat, fuel and boiler together",
        unit="USD/MWh",
        label="heat_price",
        ge=0,
        nullable=True,
    )
    heat_factor_kg_per_kwh: float | None = field(
        "Heat factor",
        "Emissions of process heat at the stack (CO2e)",
        unit="kg/kWh",
        label="heat_factor",
        boundary="at the stack, CO2e",
        ge=0,
        le=3,
        nullable=True,
    )
    connectable_mw: float | None = field(
        "Connectable load",
        "Most electric load that can be connected here without an upgrade; no limit where empty",
        unit="MW",
        label="connectable",
        ge=0,
        nullable=True,
    )
    clean_premium_usd_per_mwh: float | None = field(
        "Premium of clean power",
        "What contracted renewable power costs above the power price; none can be contracted where empty",
        unit="USD/MWh",
        label="clean_premium",
        ge=0,
        nullable=True,
    )
    labor_pool: str | None = field(
        "Labor pool",
        "Commuting area whose staff plants here share; no limit where empty",
        of="labor_pools.pool",
        nullable=True,
    )
    flags: str | None = field(
        "Flags",
        "What holds of the place and programs ask for, parted by ';': energy_community, distressed_area",
        nullable=True,
        lean=True,
    )
    shed_population_persons: float | None = field(
        "Population within reach",
        "Population of the commuting shed",
        unit="person",
        label="shed_population",
        boundary="commuting shed; sheds overlap",
        ge=0,
        nullable=True,
        lean=True,
    )
    shed_workers_persons: float | None = field(
        "Labor force within reach",
        "Labor force of the commuting shed",
        unit="person",
        label="shed_workers",
        boundary="commuting shed; sheds overlap",
        ge=0,
        nullable=True,
        lean=True,
    )
    shed_unemployed_persons: float | None = field(
        "Unemployed within reach",
        "Unemployed of the commuting shed",
        unit="person",
        label="shed_unemployed",
        boundary="commuting shed; sheds overlap",
        ge=0,
        nullable=True,
        lean=True,
    )
    labor_tightness: float | None = field(
        "Labor tightness",
        "Staff wanted, or jobs open, for one unemployed person within reach",
        unit="1",
        boundary="commuting shed; sheds overlap",
        ge=0,
        nullable=True,
        lean=True,
    )
    solar_yield: float | None = field(
        "Solar resource",
        "Yearly output of photovoltaics at the place over that at full power all year",
        unit="1",
        ge=0,
        le=1,
        nullable=True,
        lean=True,
    )
    wind_yield: float | None = field(
        "Wind resource",
        "Yearly output of wind turbines at the place over that at full power all year",
        unit="1",
        ge=0,
        le=1,
        nullable=True,
        lean=True,
    )
    transmission_km: float | None = field(
        "Distance to transmission",
        "Distance to the nearest transmission line",
        unit="km",
        label="transmission",
        boundary="straight line",
        ge=0,
        nullable=True,
        lean=True,
    )
    vehicle_plant_km: float | None = field(
        "Distance to vehicle plants",
        "Distance to the nearest vehicle plant that stood at a date: a signal of where companies go, in no sum",
        unit="km",
        label="vehicle_plant",
        boundary="straight line",
        ge=0,
        nullable=True,
        lean=True,
    )
    vehicle_plants_near: float | None = field(
        "Vehicle plants near",
        "Vehicle plants within reach that stood at a date: a signal of where companies go, in no sum",
        unit="1",
        ge=0,
        nullable=True,
        lean=True,
    )
    parts_jobs_near_persons: float | None = field(
        "Parts jobs near",
        "Employed in making vehicle parts within reach, own country: a signal of where companies go, in no sum",
        unit="person",
        label="parts_jobs_near",
        ge=0,
        nullable=True,
        lean=True,
    )
    parts_share_near: float | None = field(
        "Part of the parts industry near",
        "Part of the country's parts making within reach: a signal of where companies go, in no sum",
        unit="1",
        ge=0,
        le=1,
        nullable=True,
        lean=True,
    )
    right_to_work: float | None = field(
        "Right to work",
        "1 where a law of the state forbids to ask for union fees, else 0: a signal of where companies go, in no sum",
        unit="1",
        ge=0,
        le=1,
        nullable=True,
        lean=True,
    )


class Markets(Model):
    """Places that want final products, one point each."""

    market: str = field("Market", "Unique code of the market", str_length={"min_value": 1}, unique=True)
    name: str | None = field("Name", "Name to print; the code where empty", nullable=True)
    country: str | None = field(
        "Country", "Country of the market; taken from the polygons where empty", isin=COUNTRIES, nullable=True
    )
    region: str | None = field(
        "Region", "State or province, ISO 3166-2; taken from the polygons where empty", nullable=True
    )
