"""What the shipped studies make and how: kinds of plant, products, bill of materials, processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from evsiting.shipped.book import ProvenanceLog

#: Part of the staff that a plant needs whatever it makes. [1]
FIXED_STAFF = 0.2
#: Maintenance, insurance and overhead a year, as a part of the investment. [1/yr]
FIXED_COST = 0.04
#: Good packs per pack begun. [1]
PACK_YIELD = 0.99

#: Part of the customs value of a vehicle that is its cost at the factory gate. Plants here are counted at cost, without
#: development, selling and margin, so imports from everywhere, China included, are bought at that cost. Duties are
#: levied on the whole customs value, of what comes from abroad and from a neighbour alike. [1]
FACTORY_SHARE = 0.7
FACTORY_NOTE = f"{FACTORY_SHARE:.0%} of the price is cost at the factory gate, which is what plants here are counted at"

NOTE_STAFF = "one fifth of the staff at full load is there whatever is made"
NOTE_FIXED = "4 % of the investment a year for maintenance, insurance and overhead"


@dataclass(frozen=True)
class Kind:
    """One kind of plant: cost and staff as functions of its size.

    Parameters
    ----------
    plant_type, product : str
        Its name and what it makes.
    capex_usd_per_unit : float
        Investment per unit of yearly capacity at the reference size. [USD/(unit/yr)]
    reference_size : float
        Size of the plants behind that figure. [units/yr]
    exponent : float
        Investment grows with capacity to this power. [1]
    staff_per_unit : float
        Staff at full load. [FTE/(unit/yr)]
    sizes : dict of str to float
        Options by name. [units/yr]
    keys : tuple of str
        Parameters behind investment and staff.
    reference_note : str
        What the reference size rests on.
    """

    plant_type: str
    product: str
    capex_usd_per_unit: float
    reference_size: float
    exponent: float
    staff_per_unit: float
    sizes: dict[str, float]
    keys: tuple[str, str]
    reference_note: str

    def capex_usd(self, size: float) -> float:
        r"""Return the investment in a plant of a size: :math:`c\,Q_0 (Q/Q_0)^{\gamma}`. [USD].

        Above the largest size that is offered the investment grows in proportion: such a plant is several of them.
        """
        largest = max(self.sizes.values())
        within = min(size, largest)
        base = self.capex_usd_per_unit * self.reference_size
        return float(round(base * (within / self.reference_size) ** self.exponent * size / within, -5))

    def staff_fte(self, size: float) -> float:
        """Return the staff that is there whatever is made. [FTE]."""
        return float(round(FIXED_STAFF * self.staff_per_unit * size))

    def fixed_usd(self, size: float) -> float:
        """Return the fixed cost a year. [USD/yr]."""
        return float(round(FIXED_COST * self.capex_usd(size), -4))


def kinds(book: ProvenanceLog) -> tuple[Kind, ...]:
    """Return the three kinds of plant from the package's parameters."""
    kwh = book.get("product.kwh_per_vehicle")
    exponent = book.get("plant.capex_scale_exponent")
    made = (
        Kind(
            "cell",
            "cell",
            book.get("plant.cell.capex_north_america"),
            30e6,
            exponent,
            1e-6 * book.get("plant.cell.workers_per_gwh"),
            {"15 GWh": 15e6, "30 GWh": 30e6, "45 GWh": 45e6},
            ("plant.cell.capex_north_america", "plant.cell.workers_per_gwh"),
            "reference size 30 GWh/yr, that of the plants announced in North America",
        ),
        Kind(
            "pack",
            "pack",
            kwh * book.get("plant.pack.capex"),
            150e3,
            exponent,
            1e-6 * kwh * book.get("plant.pack.workers_per_gwh"),
            {"100k": 100e3, "300k": 300e3},
            ("plant.pack.capex", "plant.pack.workers_per_gwh"),
            "reference size 150,000 packs/yr, the middle of the two plants behind the figure",
        ),
        Kind(
            "assembly",
            "vehicle",
            book.get("plant.assembly.capex"),
            200e3,
            exponent,
            1e-3 * book.get("plant.assembly.workers_per_1000_vehicles"),
            {"100k": 100e3, "200k": 200e3, "300k": 300e3},
            ("plant.assembly.capex", "plant.assembly.workers_per_1000_vehicles"),
            "reference size 200,000 vehicles/yr, the median of the plants behind the figure",
        ),
    )
    book.read.clear()
    return made


def products(book: ProvenanceLog) -> pd.DataFrame:
    """Return cells by the kWh, packs and vehicles."""
    per_kwh, kwh = book.get("product.pack_mass_per_kwh"), book.get("product.kwh_per_vehicle")
    book.note("products", "mass_kg_per_unit", "pack", derived="kg/kWh times kWh")
    book.get("product.pack_mass_per_kwh")
    book.note("products", "mass_kg_per_unit", "cell", assumed="cells in their crates weigh as much as in a pack")
    mass = book.get("product.bev_mass")
    book.note("products", "mass_kg_per_unit", "vehicle")
    cell = book.get("product.cell_price")
    book.note("products", "value_usd_per_unit", "cell")
    pack = kwh * book.get("product.pack_price_bev")
    book.note("products", "value_usd_per_unit", "pack", derived="USD/kWh times kWh")
    value = book.get("product.bev_value")
    note = "mean customs value of vehicles from abroad; one for all that cross a border, wherever they are made"
    book.note("products", "value_usd_per_unit", "vehicle", derived=note)
    load = book.get("freight.finished_vehicle.truck_load")
    book.note("products", "units_per_truck")
    columns = ["product", "name", "unit", "mass_kg_per_unit", "value_usd_per_unit", "units_per_truck"]
    rows = [
        ("cell", "Battery cells", "kWh", per_kwh, cell, None),
        ("pack", "Battery pack", "pack", per_kwh * kwh, round(pack, 2), None),
        ("vehicle", "Battery-electric vehicle", "vehicle", mass, round(value, 2), load),
    ]
    return pd.DataFrame(rows, columns=columns)


def bill_of_materials(book: ProvenanceLog) -> pd.DataFrame:
    """Return the cells of a pack and the pack of a vehicle."""
    kwh = book.get("product.kwh_per_vehicle")
    book.note("bill_of_materials", "units_per_unit", "pack|cell")
    book.note("bill_of_materials", "units_per_unit", "vehicle|pack", assumed="one pack in a vehicle")
    rows = [("pack", "cell", kwh), ("vehicle", "pack", 1.0)]
    return pd.DataFrame(rows, columns=["product", "input", "units_per_unit"])


def processes(
    book: ProvenanceLog, made: tuple[Kind, ...], hours: float, bought: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """Return electricity, heat, labor, yield and bought material per unit made.

    Parameters
    ----------
    book : ProvenanceLog
        Where provenance goes.
    made : tuple of Kind
        Kinds of plant.
    hours : float
        Hours of a full-time job. [h/yr]
    bought : mapping of str to float, optional
        What of the bought material of a plant type is a product of its own, and no cost of material. [USD/unit]
    """
    less = dict(bought or {})
    kwh = book.get("product.kwh_per_vehicle")
    book.read.clear()
    electricity, heat = _energy(book, kwh)
    material = {"cell": book.get("product.cell_material_cost") - less.get("cell", 0.0)}
    if "cell" in less:
        _ = book.get("product.cathode_cost_cn"), book.get("product.anode_cost_cn")
    rest = "less active materials, which are products with suppliers" if "cell" in less else ""
    book.note("processes", "material_usd_per_unit", "cell|cell", derived=rest)
    material["pack"] = kwh * book.get("product.pack_other_material_cost") - less.get("pack", 0.0)
    rest = "; all of it is a product with suppliers" if "pack" in less else ""
    book.note("processes", "material_usd_per_unit", "pack|pack", derived=f"USD/kWh times kWh of a pack{rest}")
    material["assembly"] = book.get("product.vehicle_other_material_cost") - less.get("assembly", 0.0)
    rest = "all of it is a product with suppliers" if "assembly" in less else ""
    book.note("processes", "material_usd_per_unit", "assembly|vehicle", derived=rest)
    good = {"cell": 0.01 * book.get("plant.cell.yield"), "pack": PACK_YIELD, "assembly": 1.0}
    note = "of modelled inputs so much more is bought; other bought material is counted by the good cell"
    book.note("processes", "good_share", "cell|cell", derived=note)
    book.cite("processes", "good_share", "pack|pack", "", "", "assumption", "one pack in a hundred, with its cells")
    book.cite("processes", "good_share", "assembly|vehicle", "", "", "assumption", "no vehicle is scrapped")
    rows = []
    for kind in made:
        code, row = kind.plant_type, f"{kind.plant_type}|{kind.product}"
        labor = round((1.0 - FIXED_STAFF) * kind.staff_per_unit * hours, 6)
        cost = round(material[code], 2)
        rows.append((code, kind.product, 1.0, electricity[code], labor, cost, round(good[code], 6), heat[code]))
        book.get(kind.keys[1])
        book.get("labor.hours_per_fte_year")
        book.note("processes", "labor_h_per_unit", row, assumed=NOTE_STAFF)
        book.note("processes", "capacity_use", row, assumed="one product a plant")
    columns = [
        "plant_type",
        "product",
        "capacity_use",
        "electricity_kwh_per_unit",
        "labor_h_per_unit",
        "material_usd_per_unit",
        "good_share",
        "heat_kwh_per_unit",
    ]
    made_table = pd.DataFrame(rows, columns=columns)
    connection = 0.001 * book.get("plant.cell.grid_connection_per_gwh")
    note = "MW for 1 GWh a year are kW for 1 MWh; packs and vehicles: mean load over the load factor"
    book.note("processes", "connection_kw_per_unit", "cell|cell", derived=note)
    made_table["connection_kw_per_unit"] = made_table["product"].map({"cell": connection})
    return made_table


def _energy(book: ProvenanceLog, kwh: float) -> tuple[dict[str, float], dict[str, float]]:
    """Return electricity and process heat by plant type, heat as fuel burned. [kWh/unit]"""
    energy, share = book.get("plant.cell.energy"), 0.01 * book.get("plant.cell.heat_share")
    note = "the part that is no heat of all energy"
    book.note("processes", "electricity_kwh_per_unit", "cell|cell", derived=note)
    book.get("plant.cell.energy")
    book.get("plant.cell.heat_share")
    split = "heat is natural gas; makers that heat with electricity alone take more of it"
    book.note("processes", "heat_kwh_per_unit", "cell|cell", derived=split)
    pack = kwh * book.get("plant.pack.electricity")
    book.note("processes", "electricity_kwh_per_unit", "pack|pack", derived="kWh per kWh times kWh of a pack")
    book.cite("processes", "heat_kwh_per_unit", "pack|pack", "", "", "assumption", "packs are joined without heat")
    assembly = book.get("plant.assembly.electricity")
    book.note("processes", "electricity_kwh_per_unit", "assembly|vehicle")
    fuel = book.get("plant.assembly.fuel")
    book.note("processes", "heat_kwh_per_unit", "assembly|vehicle")
    heat = round(share * energy, 6)
    return (
        {"cell": round(energy - heat, 6), "pack": pack, "assembly": assembly},
        {"cell": heat, "pack": 0.0, "assembly": fuel},
    )
