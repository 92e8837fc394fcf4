"""The data dictionary of making: products, bill of materials, processes, options and standing plants."""

from __future__ import annotations

from evsiting.study.schema.columns import Model, field

#: States of plants that run from the start of the horizon, or from their first year.
RUNNING = ("existing", "committed")
#: States of plants that run or may be made to run.
LIVE = (*RUNNING, "paused")
#: States that a plant of a study may be in.
STATES = (*LIVE, "canceled", "closed")


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
    plant_type: str | None = field(
        "Plant type",
        "Kind of plant that uses so much of it, where two chemistries or routes make one product of different inputs; "
        "every plant type that makes the product where empty",
        of="processes.plant_type",
        nullable=True,
        lean=True,
    )


class ByProducts(Model):
    """What else comes of making a product: joint products, scrap, black mass, whoever takes it."""

    plant_type: str = field("Plant type", "Kind of plant that makes the product", of="processes.plant_type")
    product: str = field("Product", "The product that is made", of="products.product")
    by_product: str = field("By-product", "The product that comes with it", of="products.product")
    units_per_unit: float = field(
        "Quantity", "Units of the by-product that come with one good unit of the product", unit="1", gt=0
    )
    disposal_usd_per_unit: float | None = field(
        "Cost of disposal",
        "Cost of a unit that nobody takes, 0 where it costs nothing; all must leave by lanes where empty",
        unit="USD/unit",
        label="disposal",
        ge=0,
        nullable=True,
    )


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
    connection_kw_per_unit: float | None = field(
        "Connected load",
        "Load that is connected for each unit made a year: a utility connects what a plant may draw, not what it "
        "draws, and 7 MW for 1 GWh a year are 0.007 for a kWh; the mean load of its electricity over the load factor "
        "where empty",
        unit="kW/unit",
        label="connection",
        ge=0,
        nullable=True,
        lean=True,
    )
    good_share: float | None = field(
        "Yield", "Good units per unit begun; inputs are used for what is begun", unit="1", gt=0, le=1, default=1.0
    )
    heat_kwh_per_unit: float | None = field(
        "Process heat", "Heat per unit made", unit="kWh/unit", label="heat", ge=0, default=0.0
    )
    pass_through_step: float | None = field(
        "Pass-through step",
        "Given where a plant of the type makes nothing of the product but passes it on, as a distribution center or a "
        "ramp does: 1, or 2 for one that may stand behind those of step 1; goods go from lower to higher steps and to "
        "markets; the plant makes the product where empty",
        unit="1",
        ge=1,
        le=9,
        nullable=True,
        lean=True,
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
        "Minimum load",
        "Least use of capacity of an open plant; for an option that expands another, of the capacity that it adds",
        unit="1",
        ge=0,
        le=1,
        default=0.0,
    )
    ramp_up: str | None = field(
        "Ramp-up",
        "Usable part of the capacity in the first, second, ... year, parted by ';' (0.4;0.8); all of it afterwards",
        str_matches=r"^\s*[0-9.]+\s*(;\s*[0-9.]+\s*)*$",
        nullable=True,
    )
    lead_years: float | None = field(
        "Lead time",
        "Years from decision to first unit: it opens in a period that begins at least so many years after the first "
        "period does; in any period where empty",
        unit="yr",
        ge=0,
        le=30,
        nullable=True,
        lean=True,
    )
    expands: str | None = field(
        "Expands",
        "Option of the plant type out of which this one grows in a later period; the investment is that of the step",
        nullable=True,
    )
    at_once: float | None = field(
        "At once",
        "1: an expansion may be made in the period in which what it expands is built; 0 or empty: in later ones only",
        unit="1",
        ge=0,
        le=1,
        nullable=True,
        lean=True,
    )
    closing_usd: float | None = field(
        "Cost of closing",
        "One-off cost of closing what was built, at the start of a later period; may not be closed where empty",
        unit="USD",
        label="closing",
        ge=0,
        nullable=True,
        lean=True,
    )
    sites: str | None = field("Only at", "Sites where it may be built, parted by ';'; all where empty", nullable=True)
    partner: str | None = field("Partner", "Who shares the plant in a joint venture", nullable=True)
    partner_capex_share: float | None = field(
        "Partner's investment", "Part of the investment that the partner pays", unit="1", ge=0, le=1, default=0.0
    )
    partner_output_share: float | None = field(
        "Partner's output",
        "Part of the capacity that is reserved for the partner, with its part of fixed cost and staff",
        unit="1",
        ge=0,
        lt=1,
        default=0.0,
    )
    partner_credit_share: float | None = field(
        "Partner's credits",
        "Part of credits on the investment that goes to the partner",
        unit="1",
        ge=0,
        le=1,
        default=0.0,
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
        "existing: runs; committed: will run; paused: may be resumed; canceled, closed: count for nothing",
        isin=STATES,
        default="existing",
    )
    capacity_units_per_yr: float = field("Capacity", "Most it can make", unit="unit/yr", label="capacity", gt=0)
    fixed_usd_per_yr: float | None = field(
        "Fixed cost", "Cost a year as long as it stands", unit="USD/yr", label="fixed", ge=0, default=0.0
    )
    staff_fte: float | None = field(
        "Fixed staff", "Staff whatever it makes", unit="FTE", label="staff", ge=0, default=0.0
    )
    first_year: float | None = field(
        "First year", "First year in which it runs; from the start where empty", unit="yr", nullable=True
    )
    last_year: float | None = field(
        "Last year", "Last year in which it runs; to the end where empty", unit="yr", nullable=True
    )
    closing_usd: float | None = field(
        "Cost of closing",
        "One-off cost of closing it at the start of a period; may not be closed where empty",
        unit="USD",
        label="closing",
        ge=0,
        nullable=True,
    )
    resume_usd: float | None = field(
        "Cost of resuming",
        "Investment that brings a paused plant to work; may not be resumed where empty",
        unit="USD",
        label="resume",
        ge=0,
        nullable=True,
    )
