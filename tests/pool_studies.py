"""One plant that buys parts at home and abroad and sells in several countries: what its goods hold, by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from evsiting.study.settings import About, Money, Settings
from evsiting.study.study import Study
from tests.frames import COLUMNS, PLACES, SUPPLIERS, TOWNS, points, sites_frame

#: Product, value [USD/unit], and the units of each input in one.
Good = tuple[str, float, Mapping[str, float]]
#: Seller, country, product, price [USD/unit], capacity [unit/yr].
Seller = tuple[str, str, str, float, float | None]
Sales = Mapping[tuple[str, str], float]


def pool_study(
    goods: Sequence[Good], sellers: Sequence[Seller], sales: Sales, *, site: str = "monterrey", **tables: pd.DataFrame
) -> Study:
    """Return a study of one year, undiscounted, with one site at which a plant of each product stands.

    Parameters
    ----------
    goods : sequence of Good
        What is made at the site, and of what; other inputs have sellers only, and the value 1,000 USD.
    sellers : sequence of Seller
        Suppliers; each delivers to the site.
    sales : mapping
        Units a year by product and town; towns of :data:`tests.frames.TOWNS`, or the site itself for what stays there.
    site : str
        One of :data:`tests.frames.PLACES`.
    **tables : pandas.DataFrame
        Law and whatever else replaces a table.
    """
    made = {name: parts for name, _, parts in goods}
    value = {name: usd for name, usd, _ in goods}
    inputs = sorted({part for parts in made.values() for part in parts})
    lanes = [(p, origin, site) for origin, _, p, _, _ in sellers]
    lanes += [(p, site, site) for p in made if p in inputs]
    lanes += [(p, site, town) for p, town in sales]
    bom = [(name, part, units) for name, parts in made.items() for part, units in parts.items()]
    rows = {
        "periods": [("t1", 2027, 1)],
        "products": [(p, p, p, 100.0, value.get(p, 1_000.0), None) for p in sorted({*made, *inputs})],
        "bill_of_materials": bom,
        "processes": [(f"{p} plant", p, 1.0, 0.0, 0.0, 0.0) for p in made],
        "options": [(f"{p} plant", "works", 1e6, 1e6, 0.0, 0.0, 0.0) for p in made],
        "plants": [(f"{site} {p}", site, f"{p} plant", None, None, "existing", 1e6, 0.0, 0.0) for p in made],
        "demand": [(town, p, "t1", units, None) for (p, town), units in sales.items()],
        "lanes": [
            (*ends, "on_site" if ends[1] == ends[2] else "road", 1.0, 1.0, 0.0, 0.0, 0.0, None) for ends in lanes
        ],
    }
    found = {name: pd.DataFrame(lines, columns=COLUMNS[name]) for name, lines in rows.items()}
    for column in ("name", "company"):
        found["plants"][column] = found["plants"][column].astype("str")
    found["sites"] = sites_frame([p for p in PLACES if p[0] == site], role=["existing"])
    towns = [t for t in TOWNS if t[0] in {town for _, town in sales}]
    markets = pd.DataFrame([t[:3] for t in towns], columns=["market", "country", "region"])
    found["markets"] = points(markets, [t[3] for t in towns], [t[4] for t in towns])
    sold = [(s, s, country, p, None, usd, most, 0.0) for s, country, p, usd, most in sellers]
    suppliers = pd.DataFrame(sold, columns=SUPPLIERS).astype({"port": "str", "capacity_units_per_yr": "float64"})
    where = {"US": (-90.0, 36.0), "MX": (-99.1, 19.4), "CA": (-79.4, 43.7), "KR": (127.0, 37.5), "CN": (121.5, 31.2)}
    ends = [where[country] for _, country, *_ in sellers]
    found["suppliers"] = points(suppliers, [e[0] for e in ends], [e[1] for e in ends])
    return Study.from_tables(
        Settings(study=About(name="One plant"), money=Money(discount_rate=0.0)), {**found, **tables}
    )


def levy(*rows: tuple[object, ...]) -> pd.DataFrame:
    """Return duties: product, origin, destination, measure, rate, relief, and the first and last year where given."""
    names = ["product", "origin", "destination", "measure", "rate", "relief", "first_year", "last_year"]
    return pd.DataFrame([(*row, *[None] * (len(names) - len(row))) for row in rows], columns=names).astype(
        {"first_year": "float64", "last_year": "float64"}
    )
