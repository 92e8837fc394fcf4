"""What the shipped studies make and the plants that make it: products, processes, options, plants."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from evsiting.shipped.book import Book

#: Part of the staff that a plant needs whatever it makes. [1]
FIXED_STAFF = 0.2
#: Maintenance, insurance and overhead a year, as a part of the investment. [1/yr]
FIXED_COST = 0.04
#: Least use of a new plant's capacity. [1]
MIN_LOAD = 0.6

#: Part of the customs value of an imported vehicle that is its cost at the factory gate. Plants here are counted at
#: cost as well, without development, selling and margin. Imports are bought at that cost and duties are levied on it,
#: from abroad and from a neighbour alike: the same car has one value wherever it crosses a border. [1]
FACTORY_SHARE = 0.7
FACTORY_NOTE = f"{FACTORY_SHARE:.0%} of the price is cost at the factory gate, which is what plants here are counted at"

NOTE_STAFF = "one fifth of the staff at full load is there whatever is made"
NOTE_FIXED = "4 % of the investment a year for maintenance, insurance and overhead"
NOTE_LOAD = "a new plant is not opened to run below 60 % of its capacity"


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
        r"""Return the investment in a plant of a size: :math:`c\,Q_0 (Q/Q_0)^{\gamma}`. [USD]."""
        base = self.capex_usd_per_unit * self.reference_size
        return float(round(base * (size / self.reference_size) ** self.exponent, -5))

    def staff_fte(self, size: float) -> float:
        """Return the staff that is there whatever is made. [FTE]."""
        return float(round(FIXED_STAFF * self.staff_per_unit * size))

    def fixed_usd(self, size: float) -> float:
        """Return the fixed cost a year. [USD/yr]."""
        return float(round(FIXED_COST * self.capex_usd(size), -4))


def kinds(book: Book) -> tuple[Kind, ...]:
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


def products(book: Book) -> pd.DataFrame:
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
    value = FACTORY_SHARE * book.get("product.bev_value")
    book.note("products", "value_usd_per_unit", "vehicle", assumed=FACTORY_NOTE)
    load = book.get("freight.finished_vehicle.truck_load")
    book.note("products", "units_per_truck")
    columns = ["product", "name", "unit", "mass_kg_per_unit", "value_usd_per_unit", "units_per_truck"]
    rows = [
        ("cell", "Battery cells", "kWh", per_kwh, cell, None),
        ("pack", "Battery pack", "pack", per_kwh * kwh, round(pack, 2), None),
        ("vehicle", "Battery-electric vehicle", "vehicle", mass, round(value, 2), load),
    ]
    return pd.DataFrame(rows, columns=columns)


def bill_of_materials(book: Book) -> pd.DataFrame:
    """Return the cells of a pack and the pack of a vehicle."""
    kwh = book.get("product.kwh_per_vehicle")
    book.note("bill_of_materials", "units_per_unit", "pack|cell")
    book.note("bill_of_materials", "units_per_unit", "vehicle|pack", assumed="one pack in a vehicle")
    rows = [("pack", "cell", kwh), ("vehicle", "pack", 1.0)]
    return pd.DataFrame(rows, columns=["product", "input", "units_per_unit"])


def processes(book: Book, made: tuple[Kind, ...], hours: float) -> pd.DataFrame:
    """Return electricity, labor and bought material per unit made."""
    kwh = book.get("product.kwh_per_vehicle")
    book.read.clear()
    electricity = {"cell": book.get("plant.cell.energy")}
    book.note("processes", "electricity_kwh_per_unit", "cell|cell", assumed="all energy is electricity, heat included")
    electricity["pack"] = kwh * book.get("plant.pack.electricity")
    book.note("processes", "electricity_kwh_per_unit", "pack|pack", derived="kWh per kWh times kWh of a pack")
    electricity["assembly"] = book.get("plant.assembly.electricity")
    book.note("processes", "electricity_kwh_per_unit", "assembly|vehicle", derived="fuel burned on site is left out")
    material = {"cell": book.get("product.cell_material_cost")}
    book.note("processes", "material_usd_per_unit", "cell|cell")
    material["pack"] = kwh * book.get("product.pack_other_material_cost")
    book.note("processes", "material_usd_per_unit", "pack|pack", derived="USD/kWh times kWh of a pack")
    material["assembly"] = book.get("product.vehicle_other_material_cost")
    book.note("processes", "material_usd_per_unit", "assembly|vehicle")
    rows = []
    for kind in made:
        labor = (1.0 - FIXED_STAFF) * kind.staff_per_unit * hours
        rows.append(
            (
                kind.plant_type,
                kind.product,
                1.0,
                electricity[kind.plant_type],
                round(labor, 6),
                round(material[kind.plant_type], 2),
            )
        )
        book.get(kind.keys[1])
        book.get("labor.hours_per_fte_year")
        book.note("processes", "labor_h_per_unit", f"{kind.plant_type}|{kind.product}", assumed=NOTE_STAFF)
        book.note("processes", "capacity_use", f"{kind.plant_type}|{kind.product}", assumed="one product a plant")
    columns = [
        "plant_type",
        "product",
        "capacity_use",
        "electricity_kwh_per_unit",
        "labor_h_per_unit",
        "material_usd_per_unit",
    ]
    return pd.DataFrame(rows, columns=columns)


def options(book: Book, made: tuple[Kind, ...]) -> pd.DataFrame:
    """Return the sizes of each kind of plant, with economies of scale."""
    rows = []
    for kind in made:
        for name, size in kind.sizes.items():
            row = f"{kind.plant_type}|{name}"
            rows.append(
                (
                    kind.plant_type,
                    name,
                    size,
                    kind.capex_usd(size),
                    kind.fixed_usd(size),
                    kind.staff_fte(size),
                    MIN_LOAD,
                )
            )
            capex = [kind.keys[0], "plant.capex_scale_exponent"]
            for key in (*capex, kind.keys[1]):
                book.get(key)
            book.note("options", "capex_usd", row, keys=capex, derived=kind.reference_note)
            book.note("options", "fixed_usd_per_yr", row, keys=capex, assumed=NOTE_FIXED)
            book.note("options", "staff_fte", row, keys=[kind.keys[1]], assumed=NOTE_STAFF)
    book.note("options", "capacity_units_per_yr", assumed="the sizes offered are a choice of the study")
    book.note("options", "min_load", assumed=NOTE_LOAD)
    columns = [
        "plant_type",
        "option",
        "capacity_units_per_yr",
        "capex_usd",
        "fixed_usd_per_yr",
        "staff_fte",
        "min_load",
    ]
    return pd.DataFrame(rows, columns=columns)


def plants(book: Book, made: tuple[Kind, ...], standing: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the standing plants with fixed cost and staff of a plant of their kind and size."""
    by_type = {kind.plant_type: kind for kind in made}
    rows = []
    for plant in standing.itertuples():
        kind = by_type[plant.plant_type]
        rows.append(
            (
                plant.plant,
                plant.site,
                plant.plant_type,
                plant.name,
                plant.company,
                plant.status,
                plant.capacity,
                kind.fixed_usd(plant.capacity),
                kind.staff_fte(plant.capacity),
            )
        )
        quality = "sourced" if plant.sourced else "assumption"
        note = plant.note if plant.sourced else f"no page read states the capacity; {plant.note}"
        book.cite("plants", "capacity_units_per_yr", plant.plant, plant.source, plant.asof, quality, note)
    for kind in made:
        for key in (*kind.keys, "plant.capex_scale_exponent"):
            book.get(key)
    book.note("plants", "fixed_usd_per_yr", keys=[k.keys[0] for k in made], assumed=NOTE_FIXED)
    book.note("plants", "staff_fte", keys=[k.keys[1] for k in made], assumed=NOTE_STAFF)
    columns = [
        "plant",
        "site",
        "plant_type",
        "name",
        "company",
        "status",
        "capacity_units_per_yr",
        "fixed_usd_per_yr",
        "staff_fte",
    ]
    return pd.DataFrame(rows, columns=columns)
