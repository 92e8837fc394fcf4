"""Bought inputs of the North American study: parts of vehicles and packs, active materials, and who sells them."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from evsiting import reference
from evsiting.shipped.book import ProvenanceLog
from evsiting.shipped.customs import Measure
from evsiting.shipped.trade import PROHIBITED

#: The inputs: what goes into a vehicle beside its pack, into a pack beside its cells (case, cooling, electronics), and
#: the active materials of cells.
PARTS, PACK_PARTS, CATHODE, ANODE = "vehicle_parts", "pack_parts", "cathode_material", "anode_material"
#: A region with less than this part of the parts jobs (in Mexico: output) of its country is no supplier of its own; the
#: suppliers of the country share what such regions make. [1]
LEAST_SHARE = 0.015
#: Year of the vehicles made, from which the parts industry grows.
MADE_YEAR = 2023
#: Ports of suppliers of parts abroad, and of active materials.
PARTS_PORTS = (("CN", "CNSHA"), ("KR", "KRPUS"))
MATERIAL_PORTS = (("CN", "CNNGB"), ("JP", "JPNGO"), ("KR", "KRPUS"))
#: The North American maker of active materials that a page names: region and place.
MATERIAL_REGION, CLARKSVILLE, CHATTANOOGA = "US-TN", (-87.36, 36.53), (-85.31, 35.05)
#: Nobody asks how much China makes: most of the world's.
ENDLESS = float("nan")

SAME_PRICE = "one price wherever parts are made: what this material cost before it had suppliers"
PARTS_ALL = "the rate of powertrain parts holds for all parts"
BATTERY_RATE = "the rate of batteries holds for parts of vehicles and packs"
CAR_RATE = "the general rate of cars holds for their parts and those of packs"
ALL_PARTS = f"{PARTS} {PACK_PARTS}"

#: Duties on what is bought abroad. Parts from suppliers in the three countries originate, and are spared.
MEASURES = (
    Measure(ALL_PARTS, "CN", "US", "MFN", "duty.us.vehicle_mfn", assumed=CAR_RATE),
    Measure(ALL_PARTS, "CN", "US", "Section 232", "us.232.parts_tariff"),
    Measure(ALL_PARTS, "CN", "US", "Section 301", "us.301.ev_liion_china", assumed=BATTERY_RATE),
    Measure(ALL_PARTS, "KR", "US", "Section 232", "us.232.car_tariff_korea"),
    Measure(ALL_PARTS, "CN KR", "MX", "MFN", "mx.tariff.powertrain_parts_non_fta", assumed=PARTS_ALL),
    Measure(f"{CATHODE} {ANODE}", "CN", "US", "Section 301", "us.301.battery_material_china"),
    Measure(f"{CATHODE} {ANODE}", "CN JP KR", "US", "MFN", "duty.us.battery_material_mfn"),
    Measure(ANODE, "CN", "US", "anti-dumping", "us.ad.anode_china"),
    Measure(ANODE, "CN", "US", "countervailing", "us.cvd.anode_china"),
)


@dataclass(frozen=True)
class Bought:
    """What of the bought material of plants is modelled as products, each at its own price.

    Parameters
    ----------
    parts_usd : float
        Parts of a vehicle. [USD/vehicle]
    pack_usd : float
        Parts of a good pack, those of packs that are scrapped included. [USD/pack]
    pack_kg : float
        Parts of a pack: its mass less that of its cells. [kg/pack]
    cathode_usd, anode_usd : float
        Active materials in a good cell, those of cells that are scrapped included, at their cost in China. [USD/kWh]
    cathode_kg, anode_kg : float
        Active materials in a cell. [kg/kWh]
    """

    parts_usd: float
    pack_usd: float
    pack_kg: float
    cathode_usd: float
    anode_usd: float
    cathode_kg: float
    anode_kg: float

    @classmethod
    def of(cls, book: ProvenanceLog) -> Bought:
        """Return it from the package's parameters."""
        kwh = book.get("product.kwh_per_vehicle")
        beside_cells = 1.0 - 0.01 * book.get("product.pack_cell_mass_share")
        read = cls(
            book.get("product.vehicle_other_material_cost"),
            kwh * book.get("product.pack_other_material_cost"),
            kwh * book.get("product.pack_mass_per_kwh") * beside_cells,
            book.get("product.cathode_cost_cn"),
            book.get("product.anode_cost_cn"),
            book.get("product.cathode_kg_per_kwh"),
            book.get("product.anode_kg_per_kwh"),
        )
        book.read.clear()
        return read

    @property
    def by_plant_type(self) -> dict[str, float]:
        """What is no bought material of a plant any more. [USD/unit]."""
        return {"cell": self.cathode_usd + self.anode_usd, "pack": self.pack_usd, "assembly": self.parts_usd}


def products(book: ProvenanceLog, bought: Bought, made: pd.DataFrame, good: pd.Series[float]) -> pd.DataFrame:
    """Return products with the inputs below them.

    Parameters
    ----------
    book : ProvenanceLog
        Where provenance goes.
    bought : Bought
        What is bought.
    made : pandas.DataFrame
        Cells, packs and vehicles.
    good : pandas.Series
        Good cells and packs per one begun, by product. [1]
    """
    mass = made.set_index("product")["mass_kg_per_unit"]
    book.get("product.bev_mass")
    book.get("product.pack_mass_per_kwh")
    light = "what a vehicle weighs beside its pack; racks and packaging are not counted"
    book.note("products", "mass_kg_per_unit", PARTS, assumed=light)
    book.get("product.vehicle_other_material_cost")
    book.note("products", "value_usd_per_unit", PARTS, derived=SAME_PRICE)
    load = book.get("freight.parts.truck_load")
    book.note("products", "units_per_truck", PARTS)
    sets = (float(mass["vehicle"] - mass["pack"]), round(bought.parts_usd, 2), load)
    for key in ("product.pack_mass_per_kwh", "product.kwh_per_vehicle", "product.pack_cell_mass_share"):
        book.get(key)
    crated = "a pack less its cells; counted by mass, without packaging"
    book.note("products", "mass_kg_per_unit", PACK_PARTS, assumed=crated)
    book.get("product.pack_other_material_cost")
    book.note("products", "value_usd_per_unit", PACK_PARTS, derived=SAME_PRICE)
    pack = (round(bought.pack_kg, 3), part_prices(bought, good)[PACK_PARTS], None)
    rows: list[tuple[object, ...]] = [
        (PARTS, "Parts of a vehicle", "set", *sets),
        (PACK_PARTS, "Parts of a pack", "set", *pack),
    ]
    for code, name, usd, kg in (
        (CATHODE, "Cathode active material", bought.cathode_usd, bought.cathode_kg),
        (ANODE, "Anode active material", bought.anode_usd, bought.anode_kg),
    ):
        stem = f"product.{code.split('_')[0]}"
        book.cite("products", "mass_kg_per_unit", code, "", "", "assumption", "counted by mass, without packaging")
        for key in (f"{stem}_cost_cn", f"{stem}_kg_per_kwh", "plant.cell.yield"):
            book.get(key)
        derivation = "cost in a good cell over the mass bought for it, that of scrapped cells included"
        book.note("products", "value_usd_per_unit", code, derived=derivation)
        rows.append((code, name, "kg", 1.0, round(usd * good["cell"] / kg, 4), None))
    columns = ["product", "name", "unit", "mass_kg_per_unit", "value_usd_per_unit", "units_per_truck"]
    return pd.concat([made, pd.DataFrame(rows, columns=columns)], ignore_index=True)


def part_prices(bought: Bought, good: pd.Series[float]) -> dict[str, float]:
    """Return the price of a set of parts by product: good vehicles and packs cost what they did. [USD/set]"""
    return {PARTS: round(bought.parts_usd, 2), PACK_PARTS: round(bought.pack_usd * good["pack"], 2)}


def bill_of_materials(book: ProvenanceLog, bought: Bought, bill: pd.DataFrame) -> pd.DataFrame:
    """Return the bill of materials with parts of vehicles and packs and active materials of cells."""
    book.cite("bill_of_materials", "units_per_unit", f"vehicle|{PARTS}", "", "", "assumption", "a set for a vehicle")
    book.cite("bill_of_materials", "units_per_unit", f"pack|{PACK_PARTS}", "", "", "assumption", "a set for a pack")
    for code in (CATHODE, ANODE):
        book.get(f"product.{code.split('_')[0]}_kg_per_kwh")
        book.note("bill_of_materials", "units_per_unit", f"cell|{code}")
    rows = [
        ("vehicle", PARTS, 1.0),
        ("pack", PACK_PARTS, 1.0),
        ("cell", CATHODE, bought.cathode_kg),
        ("cell", ANODE, bought.anode_kg),
    ]
    return pd.concat([bill, pd.DataFrame(rows, columns=bill.columns)], ignore_index=True)


def part_shares(parts_usd: float, made: float, mexican_usd: float) -> pd.DataFrame:
    r"""Return the regions that supply parts, and the part that each has of all that the three countries make.

    What Mexico makes is its output in sets, :math:`m = \min(V / p, N)` of all N; the United States and Canada make the
    rest by jobs. Within a country regions share by jobs, in Mexico by output; those below :data:`LEAST_SHARE`, and what
    no source places, are shared among the others.

    Parameters
    ----------
    parts_usd : float
        Price of a set of parts. [USD/set]
    made : float
        Sets that the three countries make a year, one for each vehicle made there. [set/yr]
    mexican_usd : float
        Output of the parts industry of Mexico. [USD/yr]

    Returns
    -------
    pandas.DataFrame
        ``region``, ``country``, ``share`` (adds up to 1), ``source``, ``year``.
    """
    base = reference.auto_supply_base()
    base = base[(base["naics"] == "3363") & base["county_fips"].isna()].copy()
    base["last"] = base["year"].str[-4:].astype(int)
    full_year = base[(base["country"] != "MX") | (base["year"] == "2024")]
    newest = full_year[full_year["last"] == full_year.groupby("country")["last"].transform("max")]
    placed = newest[newest["region"].notna()]
    jobs = {"US": placed.loc[placed["country"] == "US", "employment"].sum()}
    jobs["CA"] = newest.loc[(newest["country"] == "CA") & newest["region"].isna(), "employment"].sum()
    mexico = min(mexican_usd / parts_usd / made, 1.0)
    whole = {"MX": mexico} | {c: (1.0 - mexico) * n / sum(jobs.values()) for c, n in jobs.items()}
    regions = placed[placed["share_pct_of_country"] >= 100.0 * LEAST_SHARE].copy()
    within = regions["share_pct_of_country"] / regions.groupby("country")["share_pct_of_country"].transform("sum")
    regions["share"] = regions["country"].map(whole) * within
    return regions.sort_values("region")[["region", "country", "share", "source", "year"]].reset_index(drop=True)


def suppliers(
    book: ProvenanceLog, bought: Bought, prices: dict[str, float], periods: pd.DataFrame, demand: pd.DataFrame
) -> gpd.GeoDataFrame:
    r"""Return suppliers of parts and of active materials, at home and abroad.

    The parts makers of a region with the share e of all that is made sell, in the last period,

    .. math:: e\,N\,\sigma_t\,(1 + g)^{y_t - 2023} \quad [\mathrm{sets/yr}]

    with the vehicles N made in the three countries, the electric part :math:`\sigma` of all vehicles wanted, and the
    growth g to the middle year of the period; :func:`capacity_over_time` says what part of it is there before.

    Parameters
    ----------
    book : ProvenanceLog
        Where provenance goes.
    bought : Bought
        What is bought.
    prices : dict of str to float
        Price of a set of parts for vehicles, and for packs. [USD/set]
    periods, demand : pandas.DataFrame
        The study's tables.
    """
    ports = reference.ports().set_index("unlocode")
    rows = _parts_makers(book, prices, periods, demand)
    for product, price in prices.items():
        for country, port in PARTS_PORTS:
            rows.append(_abroad(ports, country, port, product, price, ENDLESS))
            endless = "whatever is wanted, so that the parts industry at home is no limit to what can be made"
            book.cite("suppliers", "capacity_units_per_yr", str(rows[-1][0]), "", "", "assumption", endless)
    for row in rows:
        book.get("product.vehicle_other_material_cost" if row[3] == PARTS else "product.pack_other_material_cost")
        book.note("suppliers", "price_usd_per_unit", str(row[0]), assumed=SAME_PRICE)
    rows += _materials(book, bought, ports)
    material = "making bought material is outside the boundary of the study, its freight is inside"
    whose = "whether a maker is prohibited is taken from its country"
    valued = "customs values it at its price"
    for row in rows:
        book.cite("suppliers", "emissions_kg_per_unit", str(row[0]), "", "", "assumption", material)
        book.cite("suppliers", "foreign_entity", str(row[0]), "", "", "assumption", whose)
        book.cite("suppliers", "customs_value_usd_per_unit", str(row[0]), "", "", "assumption", valued)
    columns = ["supplier", "name", "country", "product", "port", "price_usd_per_unit", "capacity_units_per_yr"]
    frame = pd.DataFrame(rows, columns=[*columns, "foreign_entity", "lon", "lat"]).assign(emissions_kg_per_unit=0.0)
    points = gpd.points_from_xy(frame.pop("lon"), frame.pop("lat"))
    frame["customs_value_usd_per_unit"] = frame["price_usd_per_unit"]
    return gpd.GeoDataFrame(frame, geometry=points, crs="EPSG:4326")


def _parts_makers(
    book: ProvenanceLog, prices: dict[str, float], periods: pd.DataFrame, demand: pd.DataFrame
) -> list[tuple[object, ...]]:
    """Return the parts makers of the three countries as rows: each sells sets for vehicles, and as many for packs."""
    made, output = book.get("production.vehicles"), book.get("supply.mx.parts_output_value")
    growth = book.get("supply.parts_growth")
    last = float(_electric_sets(made, 0.01 * growth, periods, demand).iloc[-1])
    shares = part_shares(prices[PARTS], made, output)
    places = reference.jurisdictions().set_index("iso")[["name", "lon", "lat"]]
    keys = ["production.vehicles", "supply.mx.parts_output_value", "supply.parts_growth"]
    whole = (
        "vehicles made in the three countries, times the electric part of those wanted in the last period, grown by "
        f"{growth:g} % a year from {MADE_YEAR} on; Mexico's part is its output over the price of a set, that of the "
        "United States and Canada goes by jobs, and so do states and provinces (Mexican states: by output); regions "
        f"with less than {LEAST_SHARE:.1%} of their country are shared among the others"
    )
    rows: list[tuple[object, ...]] = []
    for product, price in prices.items():
        kind = "parts" if product == PARTS else "pack parts"
        more = "" if product == PARTS else "; as many sets for packs as for vehicles"
        for region, country, share in shares[["region", "country", "share"]].itertuples(index=False, name=None):
            place = places.loc[[region]]
            code, name = f"{region}-{kind.replace(' ', '-')}", f"Makers of {kind}, {place['name'].iloc[0]}"
            point = (float(place["lon"].iloc[0]), float(place["lat"].iloc[0]))
            rows.append((code, name, country, product, None, price, float(round(share * last)), 0.0, *point))
            for key in keys:
                book.get(key)
            book.note("suppliers", "capacity_units_per_yr", code, keys=keys, assumed=whole + more)
    return rows


def _abroad(
    ports: pd.DataFrame, country: str, port: str, product: str, price: float, capacity: float
) -> tuple[object, ...]:
    """Return a supplier abroad as a row."""
    place = ports.loc[[port]]
    name = f"{place['name'].iloc[0]} ({product.replace('_', ' ')})"
    point = (float(place["lon"].iloc[0]), float(place["lat"].iloc[0]))
    entity = float(country == PROHIBITED)
    code = f"{country}-{port[2:].lower()}-{product.replace('_', '-')}"
    return code, name, country, product, port, price, capacity, entity, *point


def _materials(book: ProvenanceLog, bought: Bought, ports: pd.DataFrame) -> list[tuple[object, ...]]:
    """Return the suppliers of active materials as rows: China at its cost, all others at that of Korea."""
    good = 0.01 * book.get("plant.cell.yield")
    dearer = book.get("product.cathode_cost_kr") / book.get("product.cathode_cost_cn")
    tonnes = {country: book.get("supply.cathode_capacity", country=country) for country in ("US", "KR", "JP")}
    anode = book.get("supply.anode_capacity", year=2029)
    book.read.clear()
    rows: list[tuple[object, ...]] = []
    for product, usd, kg in (
        (CATHODE, bought.cathode_usd, bought.cathode_kg),
        (ANODE, bought.anode_usd, bought.anode_kg),
    ):
        price = usd * good / kg
        as_much = 1.0 if product == CATHODE else bought.anode_kg / bought.cathode_kg
        point = CLARKSVILLE if product == CATHODE else CHATTANOOGA
        at_home = tonnes["US"] if product == CATHODE else anode
        maker = f"{'LG Chem, Clarksville' if product == CATHODE else 'Novonix, Chattanooga'}"
        code = f"{MATERIAL_REGION}-{product.replace('_', '-')}"
        mine: list[tuple[object, ...]] = [
            (code, maker, "US", product, None, round(dearer * price, 4), 1e3 * at_home, 0.0, *point)
        ]
        for country, port in MATERIAL_PORTS:
            most = ENDLESS if country == PROHIBITED else 1e3 * as_much * tonnes[country]
            cost = round(price if country == PROHIBITED else dearer * price, 4)
            mine.append(_abroad(ports, country, port, product, cost, most))
        for row in mine:
            _note_material(book, row)
        rows += mine
    return rows


def _note_material(book: ProvenanceLog, row: tuple[object, ...]) -> None:
    """Write where price and capacity of a supplier of active materials come from."""
    code, _, country, product = (str(cell) for cell in row[:4])
    stem = f"product.{product.split('_')[0]}"
    for key in (f"{stem}_cost_cn", f"{stem}_kg_per_kwh", "plant.cell.yield"):
        book.get(key)
    if country == PROHIBITED:
        book.note("suppliers", "price_usd_per_unit", code, derived="cost in China over the mass bought for a good cell")
        endless = "China makes four fifths of the world's: as much as is wanted"
        book.cite("suppliers", "capacity_units_per_yr", code, "", "", "assumption", endless)
        return
    book.get("product.cathode_cost_kr")
    assumption = "all outside China are as much dearer than China as cathode material of Korea"
    book.note("suppliers", "price_usd_per_unit", code, assumed=assumption)
    if product == ANODE and country == "US":
        book.get("supply.anode_capacity", year=2029)
        book.note("suppliers", "capacity_units_per_yr", code)
        return
    book.get("supply.cathode_capacity", country=country)
    whole = "all of it may be sold here" if country != "US" else "it runs as announced"
    anode = "; anode material for as many cells as cathode material" if product == ANODE else ""
    book.note("suppliers", "capacity_units_per_yr", code, assumed=whole + anode)


def _electric_sets(made: float, growth: float, periods: pd.DataFrame, demand: pd.DataFrame) -> pd.Series[float]:
    """Return the sets of parts that the three countries make for electric vehicles, by period in time. [set/yr]"""
    sales = float(reference.fact("vehicle_sales").sum())
    wanted = demand[demand["product"] == "vehicle"].groupby("period")["units_per_yr"].sum()
    steps = periods.sort_values("start_year")
    middle = steps["start_year"] + 0.5 * (steps["years"] - 1.0)
    sets = made * wanted.reindex(steps["period"]).to_numpy() / sales * (1.0 + growth) ** (middle - MADE_YEAR).to_numpy()
    return pd.Series(sets, index=steps["period"].to_numpy())


def capacity_over_time(
    book: ProvenanceLog, periods: pd.DataFrame, demand: pd.DataFrame, sellers: pd.DataFrame
) -> pd.DataFrame:
    """Return the part of the capacity of suppliers that is there before the last period, as rows of ``trajectories``.

    Parameters
    ----------
    book : ProvenanceLog
        Where provenance goes.
    periods, demand : pandas.DataFrame
        The study's tables.
    sellers : pandas.DataFrame
        As :func:`suppliers` returns them.
    """
    keys = ["production.vehicles", "supply.parts_growth"]
    sets = _electric_sets(book.get(keys[0]), 0.01 * book.get(keys[1]), periods, demand)
    parts = (sets / sets.iloc[-1]).clip(upper=1.0).round(6)
    mine = sellers.loc[
        sellers["product"].isin([PARTS, PACK_PARTS]) & sellers["capacity_units_per_yr"].notna(), "supplier"
    ]
    rows = []
    for name, factor in parts[parts < 1.0].items():
        for code in mine:
            rows.append(("capacity_units_per_yr", code, name, factor))
            book.get(keys[0])
            book.get(keys[1])
            assumption = (
                "electric part of the vehicles wanted and growth of the parts industry, over those of the last period"
            )
            book.note("trajectories", "factor", f"capacity_units_per_yr|{code}|{name}", keys=keys, assumed=assumption)
    first = periods.sort_values("start_year")
    full = book.get("supply.anode_capacity", year=2029)
    book.read.clear()
    code = f"{MATERIAL_REGION}-{ANODE.replace('_', '-')}"
    for name, start, years in first[["period", "start_year", "years"]].itertuples(index=False, name=None):
        each = [book.get("supply.anode_capacity", year=int(start) + k) for k in range(int(years))]
        factor = round(float(np.mean(each)) / full, 6)
        if factor < 1.0:
            rows.append(("capacity_units_per_yr", code, name, factor))
            row = f"capacity_units_per_yr|{code}|{name}"
            book.note("trajectories", "factor", row, keys=["supply.anode_capacity"], derived="mean of the years")
        book.read.clear()
    return pd.DataFrame(rows, columns=["column", "place", "period", "factor"])
