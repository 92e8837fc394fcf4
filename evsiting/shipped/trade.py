"""What the shipped studies may buy abroad, the duties on it, and what programs offer to making it at home."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from evsiting import reference
from evsiting.layers.figures import PRICE_INDEX
from evsiting.shipped.book import Book
from evsiting.shipped.making import FACTORY_NOTE, FACTORY_SHARE

#: Suppliers: product, country, port, parameter of the price, what is assumed of it.
SELLERS = (
    ("vehicle", "CN", "CNSHA", "import.vehicle_price_cn", ""),
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

#: Most that one country sells to North America under this study. [units/yr]
CAPACITY = {"vehicle": 500e3, "pack": 500e3, "cell": 50e6}

#: Part of a vehicle's value that is neither of the destination's making nor otherwise exempt. [1]
FOREIGN_CONTENT = 0.5

#: Duties: products, origins, destination, measure, parameter (with its country where it needs one), dutiable
#: share, what is assumed.
MEASURES = (
    (("vehicle",), ("CN",), "US", "MFN", "duty.us.vehicle_mfn", 1.0, ""),
    (("vehicle",), ("CN",), "US", "Section 232", "us.232.car_tariff", 1.0, ""),
    (("vehicle",), ("CN",), "US", "Section 301", "us.301.ev_china", 1.0, ""),
    (("vehicle",), ("JP",), "US", "Section 232, deal", "us.232.car_tariff_japan", 1.0, ""),
    (("vehicle",), ("DE",), "US", "Section 232, deal", "us.232.car_tariff_eu", 1.0, ""),
    (("vehicle",), ("KR",), "US", "Section 232, deal", "us.232.car_tariff_korea", 1.0, ""),
    (
        ("vehicle",),
        ("CA", "MX"),
        "US",
        "Section 232",
        "us.232.car_tariff",
        FOREIGN_CONTENT,
        "half of the value of a qualifying vehicle is not of US content",
    ),
    (("pack", "cell"), ("CN",), "US", "MFN", "duty.us.battery_mfn", 1.0, ""),
    (
        ("pack", "cell"),
        ("CN",),
        "US",
        "Section 232",
        "us.232.parts_tariff",
        1.0,
        "batteries are among the parts listed",
    ),
    (("pack", "cell"), ("CN",), "US", "Section 301", "us.301.ev_liion_china", 1.0, ""),
    (
        ("pack", "cell"),
        ("JP",),
        "US",
        "Section 232, deal",
        "us.232.car_tariff_japan",
        1.0,
        "the rate of the deal for cars holds for batteries, all duties in one",
    ),
    (
        ("pack", "cell"),
        ("KR",),
        "US",
        "Section 232, deal",
        "us.232.car_tariff_korea",
        1.0,
        "the rate of the deal for cars holds for batteries, all duties in one",
    ),
    (("vehicle",), ("CN",), "CA", "MFN", "duty.ca.vehicle_mfn", 1.0, ""),
    (("vehicle",), ("CN",), "CA", "surtax", "ca.china_ev_surtax", 1.0, "all imports are outside the quota"),
    (
        ("vehicle",),
        ("US",),
        "CA",
        "counter-tariff",
        "ca.counter_tariff_us_cars",
        FOREIGN_CONTENT,
        "half of the value is exempt: Canadian or Mexican content, remission to makers with plants in Canada",
    ),
    (("pack", "cell"), ("CN",), "CA", "MFN", "duty.ca.battery_mfn", 1.0, ""),
    (("vehicle",), ("CN", "KR"), "MX", "MFN, no agreement", "mx.tariff.cars_non_fta", 1.0, ""),
    (("pack", "cell"), ("CN", "KR"), "MX", "MFN, no agreement", "duty.mx.battery_mfn", 1.0, ""),
)

#: Part of a plant's investment that is equipment. [1]
EQUIPMENT = 0.6

#: Years of 45X, a row for each: the law names nominal dollars, which are worth less each year.
YEARS_45X = tuple(range(2026, 2033))
#: Steps of the Canadian credit for clean-technology manufacturing.
STEPS_CTM = ((2024, 2031), (2032, 2032), (2033, 2033), (2034, 2034))


def suppliers(book: Book, processes: pd.DataFrame, kwh: float) -> gpd.GeoDataFrame:
    """Return ports abroad that sell vehicles, packs and cells.

    Embodied emissions are those of the electricity that the study's own processes take, along the chain up to
    the product, at the grid factor of the country: the same boundary as for plants at home.

    Parameters
    ----------
    book : Book
        Where provenance goes.
    processes : pandas.DataFrame
        The study's processes.
    kwh : float
        Cells in a pack. [kWh]
    """
    use = processes.set_index("product")["electricity_kwh_per_unit"]
    chain = {"cell": use["cell"], "pack": use["pack"] + kwh * use["cell"]}
    chain["vehicle"] = use["vehicle"] + chain["pack"]
    ports = reference.ports().set_index("unlocode")
    rows, points = [], []
    for product, country, port, key, assumed in SELLERS:
        code = f"{country}-{port[2:].lower()}-{product}"
        price = book.get(key, country=country) if key.startswith(("import.", "product.cell_cost")) else book.get(key)
        price *= {"pack": kwh, "vehicle": FACTORY_SHARE if assumed == FACTORY_NOTE else 1.0}.get(product, 1.0)
        book.note("suppliers", "price_usd_per_unit", code, assumed=assumed)
        factor = book.get(f"grid.{country.lower()}.co2")
        book.note(
            "suppliers",
            "emissions_kg_per_unit",
            code,
            derived="electricity of the study's own processes along the chain, at the grid factor of the country",
        )
        name = f"{ports.loc[port, 'name']} ({product})"
        rows.append(
            (code, name, country, product, port, round(price, 2), CAPACITY[product], round(factor * chain[product], 6))
        )
        points.append((ports.loc[port, "lon"], ports.loc[port, "lat"]))
    book.note(
        "suppliers", "capacity_units_per_yr", assumed="the most that one country sells here is a choice of the study"
    )
    columns = [
        "supplier",
        "name",
        "country",
        "product",
        "port",
        "price_usd_per_unit",
        "capacity_units_per_yr",
        "emissions_kg_per_unit",
    ]
    place = gpd.points_from_xy([x for x, _ in points], [y for _, y in points])
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry=place, crs="EPSG:4326")


def duties(book: Book) -> pd.DataFrame:
    """Return the duties in force at the reference date; pairs without a row are free of duty."""
    rows = []
    for products, origins, destination, measure, key, share, assumed in MEASURES:
        rate = 0.01 * book.get(key)
        for product in products:
            for origin in origins:
                rows.append((product, origin, destination, measure, round(rate, 6), share))
                row = f"{product}|{origin}|{destination}|{measure}"
                book.note("duties", "rate", row, keys=[key], assumed=assumed if share == 1.0 else "")
                if share != 1.0:
                    book.note("duties", "dutiable_share", row, keys=[key], assumed=assumed)
                else:
                    book.note("duties", "dutiable_share", row, keys=[key], derived="the whole value")
    return pd.DataFrame(rows, columns=["product", "origin", "destination", "measure", "rate", "dutiable_share"])


def programs(book: Book, kwh: float) -> pd.DataFrame:
    """Return incentives that any plant may claim: 45X, and the Canadian credit for equipment.

    Competitive and proposed ones are left out: 48C, the Canadian EV supply-chain credit, accelerated
    depreciation under Plan Mexico, deals of states and provinces.
    """
    rows: list[tuple[object, ...]] = []
    left_out = "48C, the EV supply-chain credit, Plan Mexico and deals with single plants are left out"
    rise = reference.parameter(PRICE_INDEX, year=book.price_year).value
    rise /= reference.parameter(PRICE_INDEX, year=book.price_year - 1).value
    for year in YEARS_45X:
        worth = rise ** (book.price_year - year)
        moved = (
            f"nominal, not indexed: times {worth:.4f} to {book.price_year} prices, "
            f"the last rise of {PRICE_INDEX} ({rise - 1.0:.2%} a year) carried forward"
        )
        cell = worth * book.get("us.45x.cell_credit", year=year)
        book.note("programs", "*", f"45X cells|US||cell|cell|{year}", assumed=moved)
        module = worth * kwh * book.get("us.45x.module_credit", year=year)
        packs = f"{moved}; times {kwh:g} kWh of a pack; {left_out}"
        book.note("programs", "*", f"45X modules|US||pack|pack|{year}", assumed=packs)
        rows.append(("45X cells", "US", None, "cell", "cell", "production", round(cell, 6), year, year))
        rows.append(("45X modules", "US", None, "pack", "pack", "production", round(module, 6), year, year))
    for first, last in STEPS_CTM:
        rate = 0.01 * book.get("ca.ctm_itc", year=first)
        for plant_type in ("cell", "pack", "assembly"):
            book.note(
                "programs",
                "*",
                f"CTM ITC|CA||{plant_type}||{first}",
                keys=["ca.ctm_itc"],
                assumed=f"{EQUIPMENT:.0%} of the investment is equipment; {left_out}",
            )
            rows.append(
                ("CTM ITC", "CA", None, plant_type, None, "investment", round(rate * EQUIPMENT, 6), first, last)
            )
    columns = ["program", "country", "region", "plant_type", "product", "kind", "value", "first_year", "last_year"]
    return pd.DataFrame(rows, columns=columns)
