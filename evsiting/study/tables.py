"""The data dictionary: every table and column of a study, with unit, range and meaning.

This is the one place that says what a study holds. The checks of :mod:`evsiting.study.checks`, the headers that
:mod:`evsiting.study.write` gives to files, the templates of ``evsiting new`` and the dictionary page of the
documentation are all made from the models below.

A column's name ends in its unit (``wage_usd_per_h``). In a file the same column may be written with its unit in
brackets (``wage [CAD/h]``): the part before the bracket is the column's *label*, and :mod:`evsiting.units` converts
the values.
"""

from __future__ import annotations

from evsiting.study.dictionary import Column, Model, Table, described, field, records

__all__ = ["COUNTRIES", "MODES", "QUALITIES", "TABLES", "Column", "Table", "dictionary", "table"]

COUNTRIES = ("US", "CA", "MX")
MODES = ("on_site", "road", "rail", "sea")
QUALITIES = ("measured", "sourced", "derived", "imputed", "given", "assumption")


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
        "Wage", "Straight wage of production staff", unit="USD/h", label="wage", gt=0, nullable=True
    )
    payroll_burden: float | None = field(
        "Payroll burden", "Employer's cost on top of the wage, as a fraction of it", unit="1", ge=0, le=3, nullable=True
    )
    labor_force_persons: float | None = field(
        "Labor force", "Labor force of the region", unit="person", label="labor_force", ge=0, nullable=True
    )
    unemployment_rate: float | None = field(
        "Unemployment", "Unemployed as a fraction of the labor force", unit="1", ge=0, le=1, nullable=True
    )
    power_price_usd_per_mwh: float | None = field(
        "Power price", "Industrial electricity price", unit="USD/MWh", label="power_price", ge=0, nullable=True
    )
    grid_factor_kg_per_kwh: float | None = field(
        "Grid factor",
        "Emissions of grid electricity at the stack (CO2e)",
        unit="kg/kWh",
        label="grid_factor",
        ge=0,
        le=3,
        nullable=True,
    )
    renewable_share: float | None = field(
        "Renewable share", "Renewable part of generation", unit="1", ge=0, le=1, nullable=True
    )
    carbon_free_share: float | None = field(
        "Carbon-free share", "Renewable and nuclear part of generation", unit="1", ge=0, le=1, nullable=True
    )
    fixed_usd_per_yr: float | None = field(
        "Further fixed cost",
        "What one plant here costs a year beside its option's fixed cost: land, water, local tax",
        unit="USD/yr",
        label="fixed",
        default=0.0,
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


class Periods(Model):
    """The horizon: years grouped into steps."""

    period: str = field("Period", "Unique name of the period", str_length={"min_value": 1}, unique=True)
    start_year: int = field("First year", "First calendar year of the period", unit="yr", ge=1990, le=2150)
    years: int = field("Years", "Length of the period", unit="yr", ge=1, le=60)


class Products(Model):
    """Cells, packs, vehicles: what is made, bought, shipped."""

    product: str = field("Product", "Unique code of the product", str_length={"min_value": 1}, unique=True)
    name: str | None = field("Name", "Name to print; the code where empty", nullable=True)
    unit: str = field("Unit", "What one unit is: kWh, pack, vehicle", str_length={"min_value": 1})
    mass_kg_per_unit: float = field("Mass", "Mass of one unit as shipped", unit="kg/unit", label="mass", gt=0)
    value_usd_per_unit: float = field(
        "Value", "Customs and inventory value of one unit", unit="USD/unit", label="value", ge=0
    )
    units_per_truck: float | None = field(
        "Units per truck",
        "Units on a full truck, where volume and not mass is the limit; by mass where empty",
        unit="unit",
        gt=0,
        nullable=True,
    )


class BillOfMaterials(Model):
    """What one unit of a product uses of other products."""

    product: str = field("Product", "The product that is made", of="products.product")
    input: str = field("Input", "The product that goes into it", of="products.product")
    units_per_unit: float = field("Quantity", "Units of the input in one unit of the product", unit="1", gt=0)


class Processes(Model):
    """What a kind of plant makes, and what one unit of output takes."""

    plant_type: str = field("Plant type", "Kind of plant: cell, pack, assembly", str_length={"min_value": 1})
    product: str = field("Product", "What it makes", of="products.product")
    capacity_use: float | None = field("Capacity use", "Capacity that one unit takes", unit="1", gt=0, default=1.0)
    electricity_kwh_per_unit: float | None = field(
        "Electricity", "Electricity per unit made", unit="kWh/unit", label="electricity", ge=0, default=0.0
    )
    labor_h_per_unit: float | None = field(
        "Labor",
        "Hours of direct staff per unit made, beside the option's fixed staff",
        unit="h/unit",
        label="labor",
        ge=0,
        default=0.0,
    )
    material_usd_per_unit: float | None = field(
        "Bought material",
        "Material and parts that the study does not model",
        unit="USD/unit",
        label="material",
        ge=0,
        default=0.0,
    )


class Options(Model):
    """The sizes in which a kind of plant may be built."""

    plant_type: str = field("Plant type", "Kind of plant", of="processes.plant_type")
    option: str = field("Option", "Name of the size, unique within its plant type", str_length={"min_value": 1})
    capacity_units_per_yr: float = field("Capacity", "Most it can make", unit="unit/yr", label="capacity", gt=0)
    capex_usd: float = field(
        "Investment", "Overnight cost of building it, before any credit", unit="USD", label="capex", ge=0
    )
    fixed_usd_per_yr: float | None = field(
        "Fixed cost",
        "Cost a year of an open plant: maintenance, insurance, overhead",
        unit="USD/yr",
        label="fixed",
        ge=0,
        default=0.0,
    )
    staff_fte: float | None = field(
        "Fixed staff", "Staff of an open plant whatever it makes", unit="FTE", label="staff", ge=0, default=0.0
    )
    min_load: float | None = field(
        "Minimum load", "Least use of capacity of an open plant", unit="1", ge=0, le=1, default=0.0
    )


class Plants(Model):
    """Plants that stand or are committed: their investment is sunk, their capacity can be used."""

    plant: str = field("Plant", "Unique code of the plant", str_length={"min_value": 1}, unique=True)
    site: str = field("Site", "Where it stands", of="sites.site")
    plant_type: str = field("Plant type", "Kind of plant", of="processes.plant_type")
    name: str | None = field("Name", "Name to print; the code where empty", nullable=True)
    company: str | None = field("Company", "Who runs it", nullable=True)
    status: str | None = field(
        "Status",
        "existing: runs; committed: will run; closed: counts for nothing",
        isin=("existing", "committed", "closed"),
        default="existing",
    )
    capacity_units_per_yr: float = field("Capacity", "Most it can make", unit="unit/yr", label="capacity", gt=0)
    fixed_usd_per_yr: float | None = field(
        "Fixed cost", "Cost a year as long as it stands", unit="USD/yr", label="fixed", ge=0, default=0.0
    )
    staff_fte: float | None = field(
        "Fixed staff", "Staff whatever it makes", unit="FTE", label="staff", ge=0, default=0.0
    )


class Demand(Model):
    """Units of a product that a market wants a year."""

    market: str = field("Market", "Who wants it", of="markets.market")
    product: str = field("Product", "What is wanted", of="products.product")
    period: str | None = field("Period", "When; every period where empty", of="periods.period", nullable=True)
    units_per_yr: float = field("Demand", "Units wanted a year", unit="unit/yr", label="units", ge=0)
    unmet_penalty_usd_per_unit: float | None = field(
        "Penalty",
        "Cost of not serving one unit; where empty, all must be served",
        unit="USD/unit",
        label="unmet_penalty",
        ge=0,
        nullable=True,
    )


class Suppliers(Model):
    """Places outside the decision that sell a product: imports, a mine, a partner's plant."""

    supplier: str = field("Supplier", "Unique code of the supplier", str_length={"min_value": 1}, unique=True)
    name: str | None = field("Name", "Name to print; the code where empty", nullable=True)
    country: str = field("Country", "Country of origin, two letters", str_matches=r"^[A-Z]{2}$")
    product: str = field("Product", "What it sells", of="products.product")
    port: str | None = field("Port", "UN/LOCODE of the port it ships from; by road where empty", nullable=True)
    price_usd_per_unit: float = field("Price", "Price free on board", unit="USD/unit", label="price", ge=0)
    capacity_units_per_yr: float | None = field(
        "Capacity", "Most it sells; without limit where empty", unit="unit/yr", label="capacity", ge=0, nullable=True
    )
    emissions_kg_per_unit: float | None = field(
        "Embodied emissions",
        "CO2e of making one unit, within the same boundary as the plants of the study",
        unit="kg/unit",
        label="emissions",
        ge=0,
        default=0.0,
    )


class Duties(Model):
    """Import duties by product, origin and destination; several rows of one lane add up."""

    product: str = field("Product", "What is imported", of="products.product")
    origin: str = field("Origin", "Country of origin, two letters", str_matches=r"^[A-Z]{2}$")
    destination: str = field("Destination", "Country that levies the duty", isin=COUNTRIES)
    measure: str = field("Measure", "Name of the duty: MFN, Section 232", str_length={"min_value": 1})
    rate: float = field("Rate", "Ad valorem rate on the dutiable value", unit="1", ge=0, le=10)
    dutiable_share: float | None = field(
        "Dutiable share", "Part of the value that is dutiable", unit="1", ge=0, le=1, default=1.0
    )


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
        "investment: a fraction of the investment, when built; production: USD per unit made",
        isin=("investment", "production"),
    )
    value: float = field("Value", "Fraction of investment, or USD per unit", unit="1 or USD/unit", ge=0)
    first_year: int = field("First year", "First year in which it can be earned", unit="yr", ge=1990, le=2150)
    last_year: int = field("Last year", "Last year in which it can be earned", unit="yr", ge=1990, le=2150)


class Lanes(Model):
    """One product, from, to, by one mode. Made by the freight layer where the study has no such table."""

    product: str = field("Product", "What is shipped", of="products.product")
    origin: str = field("Origin", "Site or supplier it leaves")
    destination: str = field("Destination", "Site or market it reaches")
    mode: str = field("Mode", "Main mode of the lane", isin=MODES)
    distance_km: float = field("Distance", "Length of the way", unit="km", label="distance", ge=0)
    time_h: float = field("Time", "Hours door to door", unit="h", label="time", ge=0)
    freight_usd_per_unit: float = field(
        "Freight",
        "Freight, terminals, border crossing and capital tied up on the way",
        unit="USD/unit",
        label="freight",
        ge=0,
    )
    duty_usd_per_unit: float | None = field(
        "Duty", "Duty paid on the way", unit="USD/unit", label="duty", ge=0, default=0.0
    )
    emissions_kg_per_unit: float = field(
        "Emissions", "CO2e of the way, tank to wheel", unit="kg/unit", label="emissions", ge=0
    )
    route: str | None = field("Route", "Crossings and ports on the way, parted by ';'", nullable=True)


class Incentives(Model):
    """What programs offer a plant type at a site. Made by the incentives layer where the study has no such table."""

    site: str = field("Site", "Where", of="sites.site")
    plant_type: str = field("Plant type", "For what", of="processes.plant_type")
    product: str | None = field(
        "Product", "For a credit per unit: the product that earns it", of="products.product", nullable=True
    )
    period: str = field(
        "Period", "Investment: the period of building; production: the period of making", of="periods.period"
    )
    program: str = field("Program", "Which program")
    kind: str = field("Kind", "investment or production", isin=("investment", "production"))
    value: float = field(
        "Value",
        "Fraction of investment, or USD per unit (mean over the years of the period, weighted by discount factors)",
        unit="1 or USD/unit",
        ge=0,
    )


class Parameters(Model):
    """Figures that layers use, with their source; those of the package stand in for what a study leaves out."""

    key: str = field("Key", "Name of the figure, such as freight.truck.co2", str_length={"min_value": 1}, unique=True)
    value: float = field("Value", "The figure")
    unit: str = field("Unit", "Its unit", str_length={"min_value": 1})


class Provenance(Model):
    """Where figures come from: by table, column and row, '*' for all; the most exact entry holds."""

    table: str = field("Table", "Table of the study", str_length={"min_value": 1})
    column: str = field("Column", "Column, or * for every column", str_length={"min_value": 1})
    row: str = field("Row", "Key of the row, parts joined by '|', or * for every row", str_length={"min_value": 1})
    source: str | None = field("Source", "Ids in table sources, parted by ';'; empty for an assumption", nullable=True)
    year: str | None = field("Year", "Year or date of the figure", nullable=True)
    quality: str = field("Quality", "How well it is known", isin=QUALITIES)
    note: str | None = field("Note", "What a reader must know", nullable=True)


class Sources(Model):
    """Publications and data sets that figures come from."""

    id: str = field("Id", "Short name", str_length={"min_value": 1}, unique=True)
    title: str = field("Title", "Title", str_length={"min_value": 1})
    publisher: str | None = field("Publisher", "Who published it", nullable=True)
    vintage: str | None = field("Vintage", "Year or date of the data", nullable=True)
    address: str | None = field("Address", "Where it is found", nullable=True)
    licence: str = field("Licence", "On what terms it may be used", str_length={"min_value": 1})
    note: str | None = field("Note", "What a reader must know", nullable=True)


#: Every table of a study by name, in the order in which they are read, written and explained.
TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        described("sites", Sites, ("site",), geometry=True, required=True),
        described("markets", Markets, ("market",), geometry=True, required=True),
        described("periods", Periods, ("period",), required=True),
        described("products", Products, ("product",), required=True),
        described("bill_of_materials", BillOfMaterials, ("product", "input")),
        described("processes", Processes, ("plant_type", "product"), required=True),
        described("options", Options, ("plant_type", "option"), required=True),
        described("plants", Plants, ("plant",)),
        described("demand", Demand, ("market", "product", "period"), required=True),
        described("suppliers", Suppliers, ("supplier",), geometry=True),
        described("duties", Duties, ("product", "origin", "destination", "measure")),
        described("programs", Programs, ("program", "country", "region", "plant_type", "product", "first_year")),
        described("lanes", Lanes, ("product", "origin", "destination", "mode"), derived=True),
        described("incentives", Incentives, ("site", "plant_type", "product", "period", "program"), derived=True),
        described("parameters", Parameters, ("key",)),
        described("provenance", Provenance, ("table", "column", "row")),
        described("sources", Sources, ("id",)),
    )
}


def table(name: str) -> Table:
    """Return one table of the dictionary.

    Examples
    --------
    >>> table("options").column("capacity").header
    'capacity [unit/yr]'
    """
    return TABLES[name]


def dictionary() -> list[dict[str, object]]:
    """Return the whole data dictionary, one record a column, for pages, templates and tests.

    Returns
    -------
    list of dict
        Keys ``table``, ``column``, ``header``, ``title``, ``meaning``, ``unit``, ``dtype``, ``range``, ``required``,
        ``default``, ``of``.

    Examples
    --------
    >>> [row["range"] for row in dictionary() if row["column"] == "min_load"]
    ['>= 0, <= 1']
    """
    return records(TABLES.values())
