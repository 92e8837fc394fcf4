"""What the shipped studies may buy abroad, through which gateways, and what has been promised between partners."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from evsiting import reference
from evsiting.shipped.book import ProvenanceLog
from evsiting.shipped.products import FACTORY_NOTE, FACTORY_SHARE

#: Suppliers: product, country, port, parameter of the price (of the customs value for vehicles), what is assumed of it.
SELLERS = (
    ("vehicle", "CN", "CNSHA", "import.vehicle_price_cn", FACTORY_NOTE),
    ("vehicle", "DE", "DEBRV", "product.bev_value", FACTORY_NOTE),
    ("vehicle", "JP", "JPNGO", "product.bev_value", FACTORY_NOTE),
    ("vehicle", "KR", "KRUSN", "product.bev_value", FACTORY_NOTE),
    ("pack", "CN", "CNNGB", "product.pack_price_china", ""),
    ("pack", "JP", "JPNGO", "product.pack_price_bev", ""),
    ("pack", "KR", "KRPUS", "product.pack_price_bev", ""),
    ("cell", "CN", "CNNGB", "product.cell_cost_ncm811_cn", "cost without margin stands for the price"),
    ("cell", "JP", "JPNGO", "product.cell_price", ""),
    ("cell", "KR", "KRPUS", "product.cell_cost_ncm811_kr", "cost without margin stands for the price"),
)

CUSTOMS_NOTE = "the whole customs value, free on board: duties are levied on it, while the vehicle is bought at cost"

#: Most that one country sells to North America under this study. [units/yr]
CAPACITY = {"vehicle": 500e3, "pack": 500e3, "cell": 50e6}

#: Country whose makers are prohibited foreign entities for United States tax credits.
PROHIBITED = "CN"

#: Part of the land imports through Laredo, as last recorded by weight, that the plan may send there: parts of vehicles
#: are among the goods that cross there most. [1]
LAREDO_SHARE = 0.2
#: What the plan may send through the port of Baltimore. [t/yr]
BALTIMORE_T = 500e3

#: Take-or-pay: plant, product, period, least quantity. [units/yr]
OFFTAKE = ("panasonic_energy_kansas", "cell", "2027-2029", 10e6)


def suppliers(book: ProvenanceLog, processes: pd.DataFrame, bill: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return ports abroad that sell vehicles, packs and cells.

    Embodied emissions are those of the electricity and the fuel that the study's own processes take, along the chain
    up to the product, at the grid factor of the country: the same boundary as for plants at home.

    Parameters
    ----------
    book : ProvenanceLog
        Where provenance goes.
    processes, bill : pandas.DataFrame
        The study's processes and bill of materials, products made of one input each.
    """
    power, heat, good = (
        processes.set_index("product")[column].astype("float64").to_dict()
        for column in ("electricity_kwh_per_unit", "heat_kwh_per_unit", "good_share")
    )
    into = {
        str(product): (str(used), float(units))
        for product, used, units in bill[["product", "input", "units_per_unit"]].itertuples(index=False, name=None)
    }
    kwh = into["pack"][1]
    fuel = book.get("fuel.natural_gas.co2")
    book.read.clear()
    ports = reference.ports().set_index("unlocode")
    rows, points = [], []
    for product, country, port, key, assumed in SELLERS:
        code = f"{country}-{port[2:].lower()}-{product}"
        price = book.get(key, country=country) if key.startswith(("import.", "product.cell_cost")) else book.get(key)
        price *= kwh if product == "pack" else 1.0
        note, read = CUSTOMS_NOTE if product == "vehicle" else "customs values it at its price", list(book.read)
        book.note("suppliers", "customs_value_usd_per_unit", code, keys=read, derived=note)
        book.note("suppliers", "price_usd_per_unit", code, keys=read, assumed=assumed)
        customs = price
        price *= FACTORY_SHARE if product == "vehicle" else 1.0
        grid = book.get(f"grid.{country.lower()}.co2")
        kg, units, made = 0.0, 1.0, product
        while made:
            kg += units * (grid * power[made] + fuel * heat[made])
            begun = units / good[made]
            made, each = into.get(made, ("", 0.0))
            units = begun * each
        book.get("fuel.natural_gas.co2")
        note = "electricity and fuel of the study's own processes along the chain, at the grid factor of the country"
        book.note("suppliers", "emissions_kg_per_unit", code, derived=note)
        note = "whether a maker is prohibited is taken from its country"
        book.cite("suppliers", "foreign_entity", code, "", "", "assumption", note)
        name = f"{ports.loc[port, 'name']} ({product})"
        sold = (round(price, 2), round(customs, 2), CAPACITY[product], round(kg, 6), float(country == PROHIBITED))
        rows.append((code, name, country, product, port, *sold))
        points.append((ports.loc[port, "lon"], ports.loc[port, "lat"]))
    most = "the most that one country sells here is a choice of the study"
    book.cite("suppliers", "capacity_units_per_yr", "*", "", "", "assumption", most)
    columns = [
        "supplier",
        "name",
        "country",
        "product",
        "port",
        "price_usd_per_unit",
        "customs_value_usd_per_unit",
        "capacity_units_per_yr",
        "emissions_kg_per_unit",
        "foreign_entity",
    ]
    place = gpd.points_from_xy([x for x, _ in points], [y for _, y in points])
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry=place, crs="EPSG:4326")


def gateways(book: ProvenanceLog) -> pd.DataFrame:
    """Return the busiest crossing to Mexico and a port of vehicles, each with what the plan may send there."""
    laredo = LAREDO_SHARE * book.get("freight.gateway.laredo_land_imports")
    note = f"the plan may take {LAREDO_SHARE:.0%} of what was last recorded by weight, both ways together"
    book.note("gateways", "capacity_t_per_yr", "laredo", assumed=note)
    port = "half a million tonnes of vehicles, packs and cells a year: some quarter of a million vehicles"
    book.cite("gateways", "capacity_t_per_yr", "USBAL", "", "", "assumption", port)
    rows = [
        ("laredo", "Laredo and Nuevo Laredo, road and rail bridges", round(laredo, -2)),
        ("USBAL", "Port of Baltimore", BALTIMORE_T),
    ]
    return pd.DataFrame(rows, columns=["gateway", "name", "capacity_t_per_yr"])


def commitments(book: ProvenanceLog, plants: pd.DataFrame) -> pd.DataFrame:
    """Return one take-or-pay contract: cells of a plant that has just begun to run."""
    plant, product, period, least = OFFTAKE
    origin = plants.set_index("plant").loc[plant, "site"]
    note = "a third of the plant's capacity is taken in the first years, wherever it goes; the contract is made up"
    book.cite("commitments", "at_least", "*", "", "", "assumption", note)
    row = {"commitment": "Kansas offtake", "origin": origin, "product": product, "period": period, "at_least": least}
    return pd.DataFrame([row])
