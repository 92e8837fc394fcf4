"""The data dictionary: every table and column of a study, with unit, range and meaning.

This is the one place that says what a study holds. The checks of :mod:`evsiting.study.checks`, the headers that
:mod:`evsiting.study.write` gives to files, the templates of ``evsiting new`` and the dictionary page of the documentation
are all made from the models below.

A column's name ends in its unit (``wage_usd_per_h``). In a file the same column may be written with its unit in brackets
(``wage [CAD/h]``): the part before the bracket is the column's *label*, and :mod:`evsiting.units` converts the values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandera.pandas as pa

__all__ = ["TABLES", "Column", "Table", "dictionary", "table"]

COUNTRIES = ("US", "CA", "MX")
MODES = ("on_site", "road", "rail", "sea")
QUALITIES = ("measured", "sourced", "derived", "imputed", "given", "assumption")


def _field(title: str, meaning: str, *, unit: str = "", label: str = "", of: str = "", **rules: Any) -> Any:
    """Return a pandera field that carries the dictionary's entries for one column."""
    facts = {"unit": unit, "label": label, "of": of}
    return pa.Field(title=title, description=meaning, metadata=facts, coerce=True, **rules)


class _Base(pa.DataFrameModel):
    class Config:
        strict = False


class Sites(_Base):
    """Candidate and existing places for a plant, one point each."""

    site: str = _field("Site", "Unique code of the place", str_length={"min_value": 1}, unique=True)
    name: str | None = _field("Name", "Name to print; the code where empty", nullable=True)
    country: str | None = _field(
        "Country",
        "Country of the place; taken from the jurisdictions' polygons where empty",
        isin=COUNTRIES,
        nullable=True,
    )
    region: str | None = _field(
        "Region",
        "State or province, ISO 3166-2 (US-TN, CA-ON, MX-NLE); taken from the polygons where empty",
        nullable=True,
    )
    role: str | None = _field(
        "Role",
        "candidate: something new may be built here; existing: only what stands here",
        isin=("candidate", "existing"),
        default="candidate",
    )
    plant_types: str | None = _field(
        "Plant types", "Plant types that may be built here, parted by ';'; all where empty", nullable=True
    )
    wage_usd_per_h: float | None = _field(
        "Wage", "Straight wage of production staff", unit="USD/h", label="wage", gt=0, nullable=True
    )
    payroll_burden: float | None = _field(
        "Payroll burden", "Employer's cost on top of the wage, as a fraction of it", unit="1", ge=0, le=3, nullable=True
    )
    labor_force_persons: float | None = _field(
        "Labor force", "Labor force of the region", unit="person", label="labor_force", ge=0, nullable=True
    )
    unemployment_rate: float | None = _field(
        "Unemployment", "Unemployed as a fraction of the labor force", unit="1", ge=0, le=1, nullable=True
    )
    power_price_usd_per_mwh: float | None = _field(
        "Power price", "Industrial electricity price", unit="USD/MWh", label="power_price", ge=0, nullable=True
    )
    grid_factor_kg_per_kwh: float | None = _field(
        "Grid factor",
        "Emissions of grid electricity at the stack (CO2e)",
        unit="kg/kWh",
        label="grid_factor",
        ge=0,
        le=3,
        nullable=True,
    )
    renewable_share: float | None = _field(
        "Renewable share", "Renewable part of generation", unit="1", ge=0, le=1, nullable=True
    )
    carbon_free_share: float | None = _field(
        "Carbon-free share", "Renewable and nuclear part of generation", unit="1", ge=0, le=1, nullable=True
    )
    fixed_usd_per_yr: float | None = _field(
        "Further fixed cost",
        "What one plant here costs a year beside its option's fixed cost: land, water, local tax",
        unit="USD/yr",
        label="fixed",
        default=0.0,
    )


class Markets(_Base):
    """Places that want final products, one point each."""

    market: str = _field("Market", "Unique code of the market", str_length={"min_value": 1}, unique=True)
    name: str | None = _field("Name", "Name to print; the code where empty", nullable=True)
    country: str | None = _field(
        "Country", "Country of the market; taken from the polygons where empty", isin=COUNTRIES, nullable=True
    )
    region: str | None = _field(
        "Region", "State or province, ISO 3166-2; taken from the polygons where empty", nullable=True
    )


class Periods(_Base):
    """The horizon: years grouped into steps."""

    period: str = _field("Period", "Unique name of the period", str_length={"min_value": 1}, unique=True)
    start_year: int = _field("First year", "First calendar year of the period", unit="yr", ge=1990, le=2150)
    years: int = _field("Years", "Length of the period", unit="yr", ge=1, le=60)


class Products(_Base):
    """Cells, packs, vehicles: what is made, bought, shipped."""

    product: str = _field("Product", "Unique code of the product", str_length={"min_value": 1}, unique=True)
    name: str | None = _field("Name", "Name to print; the code where empty", nullable=True)
    unit: str = _field("Unit", "What one unit is: kWh, pack, vehicle", str_length={"min_value": 1})
    mass_kg_per_unit: float = _field("Mass", "Mass of one unit as shipped", unit="kg/unit", label="mass", gt=0)
    value_usd_per_unit: float = _field(
        "Value", "Customs and inventory value of one unit", unit="USD/unit", label="value", ge=0
    )
    units_per_truck: float | None = _field(
        "Units per truck",
        "Units on a full truck, where volume and not mass is the limit; by mass where empty",
        unit="unit",
        gt=0,
        nullable=True,
    )


class BillOfMaterials(_Base):
    """What one unit of a product uses of other products."""

    product: str = _field("Product", "The product that is made", of="products.product")
    input: str = _field("Input", "The product that goes into it", of="products.product")
    units_per_unit: float = _field("Quantity", "Units of the input in one unit of the product", unit="1", gt=0)


class Processes(_Base):
    """What a kind of plant makes, and what one unit of output takes."""

    plant_type: str = _field("Plant type", "Kind of plant: cell, pack, assembly", str_length={"min_value": 1})
    product: str = _field("Product", "What it makes", of="products.product")
    capacity_use: float | None = _field("Capacity use", "Capacity that one unit takes", unit="1", gt=0, default=1.0)
    electricity_kwh_per_unit: float | None = _field(
        "Electricity", "Electricity per unit made", unit="kWh/unit", label="electricity", ge=0, default=0.0
    )
    labor_h_per_unit: float | None = _field(
        "Labor",
        "Hours of direct staff per unit made, beside the option's fixed staff",
        unit="h/unit",
        label="labor",
        ge=0,
        default=0.0,
    )
    material_usd_per_unit: float | None = _field(
        "Bought material",
        "Material and parts that the study does not model",
        unit="USD/unit",
        label="material",
        ge=0,
        default=0.0,
    )


class Options(_Base):
    """The sizes in which a kind of plant may be built."""

    plant_type: str = _field("Plant type", "Kind of plant", of="processes.plant_type")
    option: str = _field("Option", "Name of the size, unique within its plant type", str_length={"min_value": 1})
    capacity_units_per_yr: float = _field("Capacity", "Most it can make", unit="unit/yr", label="capacity", gt=0)
    capex_usd: float = _field(
        "Investment", "Overnight cost of building it, before any credit", unit="USD", label="capex", ge=0
    )
    fixed_usd_per_yr: float | None = _field(
        "Fixed cost",
        "Cost a year of an open plant: maintenance, insurance, overhead",
        unit="USD/yr",
        label="fixed",
        ge=0,
        default=0.0,
    )
    staff_fte: float | None = _field(
        "Fixed staff", "Staff of an open plant whatever it makes", unit="FTE", label="staff", ge=0, default=0.0
    )
    min_load: float | None = _field(
        "Minimum load", "Least use of capacity of an open plant", unit="1", ge=0, le=1, default=0.0
    )


class Plants(_Base):
    """Plants that stand or are committed: their investment is sunk, their capacity can be used."""

    plant: str = _field("Plant", "Unique code of the plant", str_length={"min_value": 1}, unique=True)
    site: str = _field("Site", "Where it stands", of="sites.site")
    plant_type: str = _field("Plant type", "Kind of plant", of="processes.plant_type")
    name: str | None = _field("Name", "Name to print; the code where empty", nullable=True)
    company: str | None = _field("Company", "Who runs it", nullable=True)
    status: str | None = _field(
        "Status",
        "existing: runs; committed: will run; closed: counts for nothing",
        isin=("existing", "committed", "closed"),
        default="existing",
    )
    capacity_units_per_yr: float = _field("Capacity", "Most it can make", unit="unit/yr", label="capacity", gt=0)
    fixed_usd_per_yr: float | None = _field(
        "Fixed cost", "Cost a year as long as it stands", unit="USD/yr", label="fixed", ge=0, default=0.0
    )
    staff_fte: float | None = _field(
        "Fixed staff", "Staff whatever it makes", unit="FTE", label="staff", ge=0, default=0.0
    )


class Demand(_Base):
    """Units of a product that a market wants a year."""

    market: str = _field("Market", "Who wants it", of="markets.market")
    product: str = _field("Product", "What is wanted", of="products.product")
    period: str | None = _field("Period", "When; every period where empty", of="periods.period", nullable=True)
    units_per_yr: float = _field("Demand", "Units wanted a year", unit="unit/yr", label="units", ge=0)
    unmet_penalty_usd_per_unit: float | None = _field(
        "Penalty",
        "Cost of not serving one unit; where empty, all must be served",
        unit="USD/unit",
        label="unmet_penalty",
        ge=0,
        nullable=True,
    )


class Suppliers(_Base):
    """Places outside the decision that sell a product: imports, a mine, a partner's plant."""

    supplier: str = _field("Supplier", "Unique code of the supplier", str_length={"min_value": 1}, unique=True)
    name: str | None = _field("Name", "Name to print; the code where empty", nullable=True)
    country: str = _field("Country", "Country of origin, two letters", str_matches=r"^[A-Z]{2}$")
    product: str = _field("Product", "What it sells", of="products.product")
    port: str | None = _field("Port", "UN/LOCODE of the port it ships from; by road where empty", nullable=True)
    price_usd_per_unit: float = _field("Price", "Price free on board", unit="USD/unit", label="price", ge=0)
    capacity_units_per_yr: float | None = _field(
        "Capacity", "Most it sells; without limit where empty", unit="unit/yr", label="capacity", ge=0, nullable=True
    )
    emissions_kg_per_unit: float | None = _field(
        "Embodied emissions",
        "CO2e of making one unit, within the same boundary as the plants of the study",
        unit="kg/unit",
        label="emissions",
        ge=0,
        default=0.0,
    )


class Duties(_Base):
    """Import duties by product, origin and destination; several rows of one lane add up."""

    product: str = _field("Product", "What is imported", of="products.product")
    origin: str = _field("Origin", "Country of origin, two letters", str_matches=r"^[A-Z]{2}$")
    destination: str = _field("Destination", "Country that levies the duty, two letters", str_matches=r"^[A-Z]{2}$")
    measure: str = _field("Measure", "Name of the duty: MFN, Section 232", str_length={"min_value": 1})
    rate: float = _field("Rate", "Ad valorem rate on the dutiable value", unit="1", ge=0, le=10)
    dutiable_share: float | None = _field(
        "Dutiable share", "Part of the value that is dutiable", unit="1", ge=0, le=1, default=1.0
    )


class Programs(_Base):
    """Incentives by place, plant type and year."""

    program: str = _field(
        "Program",
        "Name of the program; a program may have a row for each step of its phase-down",
        str_length={"min_value": 1},
    )
    country: str = _field("Country", "Where it holds", isin=COUNTRIES)
    region: str | None = _field(
        "Region", "State or province where it holds; the whole country where empty", nullable=True
    )
    plant_type: str = _field("Plant type", "What it is for", of="processes.plant_type")
    product: str | None = _field(
        "Product", "For a credit per unit: the product that earns it", of="products.product", nullable=True
    )
    kind: str = _field(
        "Kind",
        "investment: a fraction of the investment, when built; production: USD per unit made",
        isin=("investment", "production"),
    )
    value: float = _field("Value", "Fraction of investment, or USD per unit", unit="1 or USD/unit", ge=0)
    first_year: int = _field("First year", "First year in which it can be earned", unit="yr", ge=1990, le=2150)
    last_year: int = _field("Last year", "Last year in which it can be earned", unit="yr", ge=1990, le=2150)


class Lanes(_Base):
    """One product, from, to, by one mode. Made by the freight layer where the study has no such table."""

    product: str = _field("Product", "What is shipped", of="products.product")
    origin: str = _field("Origin", "Site or supplier it leaves")
    destination: str = _field("Destination", "Site or market it reaches")
    mode: str = _field("Mode", "Main mode of the lane", isin=MODES)
    distance_km: float = _field("Distance", "Length of the way", unit="km", label="distance", ge=0)
    time_h: float = _field("Time", "Hours door to door", unit="h", label="time", ge=0)
    freight_usd_per_unit: float = _field(
        "Freight",
        "Freight, terminals, border crossing and capital tied up on the way",
        unit="USD/unit",
        label="freight",
        ge=0,
    )
    duty_usd_per_unit: float | None = _field(
        "Duty", "Duty paid on the way", unit="USD/unit", label="duty", ge=0, default=0.0
    )
    emissions_kg_per_unit: float = _field(
        "Emissions", "CO2e of the way, tank to wheel", unit="kg/unit", label="emissions", ge=0
    )
    route: str | None = _field("Route", "Crossings and ports on the way, parted by ';'", nullable=True)


class Incentives(_Base):
    """What programs offer a plant type at a site. Made by the incentives layer where the study has no such table."""

    site: str = _field("Site", "Where", of="sites.site")
    plant_type: str = _field("Plant type", "For what", of="processes.plant_type")
    product: str | None = _field(
        "Product", "For a credit per unit: the product that earns it", of="products.product", nullable=True
    )
    period: str = _field(
        "Period", "Investment: the period of building; production: the period of making", of="periods.period"
    )
    program: str = _field("Program", "Which program")
    kind: str = _field("Kind", "investment or production", isin=("investment", "production"))
    value: float = _field(
        "Value",
        "Fraction of investment, or USD per unit (mean over the years of the period)",
        unit="1 or USD/unit",
        ge=0,
    )


class Parameters(_Base):
    """Figures that layers use, with their source; those of the package stand in for what a study leaves out."""

    key: str = _field("Key", "Name of the figure, such as freight.truck.co2", str_length={"min_value": 1}, unique=True)
    value: float = _field("Value", "The figure")
    unit: str = _field("Unit", "Its unit", str_length={"min_value": 1})


class Provenance(_Base):
    """Where figures come from: by table, column and row, '*' for all; the most exact entry holds."""

    table: str = _field("Table", "Table of the study", str_length={"min_value": 1})
    column: str = _field("Column", "Column, or * for every column", str_length={"min_value": 1})
    row: str = _field("Row", "Key of the row, parts joined by '|', or * for every row", str_length={"min_value": 1})
    source: str | None = _field("Source", "Ids in table sources, parted by ';'; empty for an assumption", nullable=True)
    year: str | None = _field("Year", "Year or date of the figure", nullable=True)
    quality: str = _field("Quality", "How well it is known", isin=QUALITIES)
    note: str | None = _field("Note", "What a reader must know", nullable=True)


class Sources(_Base):
    """Publications and data sets that figures come from."""

    id: str = _field("Id", "Short name", str_length={"min_value": 1}, unique=True)
    title: str = _field("Title", "Title", str_length={"min_value": 1})
    publisher: str | None = _field("Publisher", "Who published it", nullable=True)
    vintage: str | None = _field("Vintage", "Year or date of the data", nullable=True)
    address: str | None = _field("Address", "Where it is found", nullable=True)
    licence: str = _field("Licence", "On what terms it may be used", str_length={"min_value": 1})
    note: str | None = _field("Note", "What a reader must know", nullable=True)


@dataclass(frozen=True)
class Column:
    """One column of the data dictionary.

    Parameters
    ----------
    name : str
        Name in a data frame.
    label : str
        Name before a bracketed unit in a file header.
    title, meaning : str
        For people.
    unit : str
        Canonical unit; empty for text.
    dtype : str
        ``text``, ``number`` or ``integer``.
    required, nullable : bool
        Whether the column must be there, and whether a cell may be empty.
    default : object
        What a missing column or an empty cell means, if not "unknown".
    low, high : str
        Bounds as printed, such as ``> 0``.
    choices : tuple of str
        Allowed values, if they are few.
    of : str
        ``table.column`` whose values this column may take.
    """

    name: str
    label: str
    title: str
    meaning: str
    unit: str
    dtype: str
    required: bool
    nullable: bool
    default: object
    low: str
    high: str
    choices: tuple[str, ...]
    of: str

    @property
    def header(self) -> str:
        """Header in a written file: the label with its unit in brackets where the unit is convertible."""
        return f"{self.label} [{self.unit}]" if self.label != self.name else self.name


@dataclass(frozen=True)
class Table:
    """One table of the data dictionary.

    Parameters
    ----------
    name, meaning : str
        Name in a study, and what it holds.
    key : tuple of str
        Columns that together name a row.
    columns : tuple of Column
        In the order in which they are written.
    geometry : bool
        Whether a row is a point (``lat``, ``lon`` in text files).
    required : bool
        Whether a study must have it.
    derived : bool
        Whether a layer makes it where the study leaves it out.
    schema : pandera.pandas.DataFrameSchema
        The checks.
    """

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    geometry: bool
    required: bool
    derived: bool
    schema: Any

    def column(self, name: str) -> Column:
        """Return the column called ``name`` (by name or by label).

        Raises
        ------
        KeyError
            If there is none.
        """
        for column in self.columns:
            if name in (column.name, column.label):
                return column
        msg = f"table {self.name!r} has no column {name!r}"
        raise KeyError(msg)


def _column(name: str, entry: Any) -> Column:
    facts = entry.metadata or {}
    bounds = {check.name: check.statistics for check in entry.checks}
    low = next(
        (
            f"{sign} {stats['min_value']:g}"
            for rule, sign in (("greater_than", ">"), ("greater_than_or_equal_to", ">="))
            if (stats := bounds.get(rule))
        ),
        "",
    )
    high = next(
        (
            f"{sign} {stats['max_value']:g}"
            for rule, sign in (("less_than", "<"), ("less_than_or_equal_to", "<="))
            if (stats := bounds.get(rule))
        ),
        "",
    )
    kind = str(entry.dtype)
    dtype = "integer" if kind.startswith("int") else "number" if kind.startswith("float") else "text"
    return Column(
        name=name,
        label=facts["label"] or name,
        title=entry.title,
        meaning=entry.description,
        unit=facts["unit"],
        dtype=dtype,
        required=entry.required,
        nullable=entry.nullable,
        default=entry.default,
        low=low,
        high=high,
        choices=tuple(bounds.get("isin", {}).get("allowed_values", ())),
        of=facts["of"],
    )


def _table(
    name: str,
    model: type[_Base],
    key: tuple[str, ...],
    *,
    geometry: bool = False,
    required: bool = False,
    derived: bool = False,
) -> Table:
    schema = model.to_schema()
    columns = tuple(_column(str(k), v) for k, v in schema.columns.items())
    return Table(name, (model.__doc__ or "").strip(), key, columns, geometry, required, derived, schema)


#: Every table of a study by name, in the order in which they are read, written and explained.
TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        _table("sites", Sites, ("site",), geometry=True, required=True),
        _table("markets", Markets, ("market",), geometry=True, required=True),
        _table("periods", Periods, ("period",), required=True),
        _table("products", Products, ("product",), required=True),
        _table("bill_of_materials", BillOfMaterials, ("product", "input")),
        _table("processes", Processes, ("plant_type", "product"), required=True),
        _table("options", Options, ("plant_type", "option"), required=True),
        _table("plants", Plants, ("plant",)),
        _table("demand", Demand, ("market", "product", "period"), required=True),
        _table("suppliers", Suppliers, ("supplier",), geometry=True),
        _table("duties", Duties, ("product", "origin", "destination", "measure")),
        _table("programs", Programs, ("program", "country", "region", "plant_type", "product", "first_year")),
        _table("lanes", Lanes, ("product", "origin", "destination", "mode"), derived=True),
        _table("incentives", Incentives, ("site", "plant_type", "product", "period", "program"), derived=True),
        _table("parameters", Parameters, ("key",)),
        _table("provenance", Provenance, ("table", "column", "row")),
        _table("sources", Sources, ("id",)),
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
    return [
        {
            "table": t.name,
            "column": c.name,
            "header": c.header,
            "title": c.title,
            "meaning": c.meaning,
            "unit": c.unit,
            "dtype": c.dtype,
            "range": " or ".join(c.choices) or ", ".join(b for b in (c.low, c.high) if b),
            "required": c.required and not c.nullable,
            "default": c.default,
            "of": c.of,
        }
        for t in TABLES.values()
        for c in t.columns
    ]
