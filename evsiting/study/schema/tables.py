"""The data dictionary: every table and column of a study, with unit, range and meaning.

This is the one place that says what a study holds; tables of places, plants, trade, programs, limits, trajectories
and scenarios are in the module of that name beside this one. The checks of
:mod:`evsiting.study.validation.tables`, the headers that :mod:`evsiting.study.files.write` gives to files, the
templates of ``evsiting new`` and the dictionary page of the documentation are all made from the models.

A column's name ends in its unit (``wage_usd_per_h``). In a file the same column may be written with its unit in
brackets (``wage [CAD/h]``): the part before the bracket is the column's *label*, and :mod:`evsiting.units` converts
the values.
"""

from __future__ import annotations

from evsiting.study.schema import limits, places, plants, programs, scenarios, trade, trajectories
from evsiting.study.schema.columns import Column, Model, Table, field, records, table_entry
from evsiting.study.schema.trade import MODES

__all__ = ["MODES", "NEEDED_TO_SOLVE", "QUALITIES", "TABLES", "Column", "Table", "dictionary", "table"]

#: Columns without which no plan can be priced; the default layers fill them, the others may stay empty.
NEEDED_TO_SOLVE = {
    "sites": ("country", "wage_usd_per_h", "payroll_burden", "power_price_usd_per_mwh", "grid_factor_kg_per_kwh"),
    "markets": ("country",),
}

QUALITIES = ("measured", "sourced", "derived", "imputed", "given", "assumption")


class Periods(Model):
    """The horizon: years grouped into steps."""

    period: str = field("Period", "Unique name of the period", str_length={"min_value": 1}, unique=True)
    start_year: int = field("First year", "First calendar year of the period", unit="yr", ge=1990, le=2150)
    years: int = field("Years", "Length of the period", unit="yr", ge=1, le=60)


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
    promise_h: float | None = field(
        "Promise",
        "Delivery time promised, hours door to door; none where empty",
        unit="h",
        label="promise",
        gt=0,
        nullable=True,
    )
    late_usd_per_unit: float | None = field(
        "Cost of lateness",
        "Cost of a unit that arrives after the promised time",
        unit="USD/unit",
        label="late",
        ge=0,
        default=0.0,
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
    boundary: str | None = field(
        "Boundary",
        "What the figure takes in and leaves out, where it is not what the dictionary says: life cycle, within 60 km",
        nullable=True,
        lean=True,
    )


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
        table_entry("sites", places.Sites, ("site",), geometry=True, required=True),
        table_entry("markets", places.Markets, ("market",), geometry=True, required=True),
        table_entry("periods", Periods, ("period",), required=True),
        table_entry("products", plants.Products, ("product",), required=True),
        table_entry("bill_of_materials", plants.BillOfMaterials, ("product", "input", "plant_type")),
        table_entry("by_products", plants.ByProducts, ("plant_type", "product", "by_product")),
        table_entry("processes", plants.Processes, ("plant_type", "product"), required=True),
        table_entry("options", plants.Options, ("plant_type", "option"), required=True),
        table_entry("plants", plants.Plants, ("plant",)),
        table_entry("demand", Demand, ("market", "product", "period"), required=True),
        table_entry("suppliers", trade.Suppliers, ("supplier",), geometry=True),
        table_entry("duties", trade.Duties, ("product", "origin", "destination", "measure", "first_year")),
        table_entry("quotas", trade.Quotas, ("quota",)),
        table_entry("origin_rules", trade.OriginRules, ("product",)),
        table_entry("duty_offsets", trade.DutyOffsets, ("destination", "product", "measure", "first_year")),
        table_entry("gateways", trade.Gateways, ("gateway",)),
        table_entry("commitments", trade.Commitments, ("commitment",)),
        table_entry(
            "programs",
            programs.Programs,
            ("program", "country", "region", "plant_type", "product", "first_year", "kind"),
        ),
        table_entry("program_rules", programs.ProgramRules, ("program",)),
        table_entry("limits", limits.Limits, ("limit",)),
        table_entry("labor_pools", limits.LaborPools, ("pool",)),
        table_entry("grid_upgrades", limits.GridUpgrades, ("site", "upgrade")),
        table_entry("trajectories", trajectories.Trajectories, ("column", "place", "period")),
        table_entry("scenarios", scenarios.Scenarios, ("scenario",)),
        table_entry(
            "scenario_changes", scenarios.ScenarioChanges, ("scenario", "table", "column", "rows", "period", "action")
        ),
        table_entry("lanes", trade.Lanes, ("product", "origin", "destination", "mode"), derived=True),
        table_entry(
            "incentives",
            programs.Incentives,
            ("site", "plant_type", "product", "period", "program", "kind"),
            derived=True,
        ),
        table_entry("parameters", Parameters, ("key",)),
        table_entry("provenance", Provenance, ("table", "column", "row")),
        table_entry("sources", Sources, ("id",)),
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
