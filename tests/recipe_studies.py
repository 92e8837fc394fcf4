"""Small studies of recipes: round figures, one year, no discounting, so that costs can be added up by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from evsiting.study.settings import About, Money, Settings
from evsiting.study.study import Study
from tests.frames import COLUMNS, PLACES, SUPPLIERS, TOWNS, points, sites_frame

Row = Mapping[str, object]


def recipe_study(
    *,
    sites: Mapping[str, str],
    processes: Sequence[Row],
    options: Sequence[Row],
    bill: Sequence[Row],
    sold: Mapping[tuple[str, str], float],
    lanes: Sequence[tuple[str, str, str, float]],
    wanted: Mapping[tuple[str, str], float],
    years: Sequence[tuple[int, int]] = ((2027, 1),),
    **tables: pd.DataFrame,
) -> Study:
    """Return a study of places in the United States, where land, labor and power cost nothing.

    Parameters
    ----------
    sites : mapping
        Plant types parted by ';' by code of :data:`tests.frames.PLACES`.
    processes, options, bill : sequence of mapping
        Rows of the tables; an investment of an option of one year of life is paid in that year.
    sold : mapping
        Price by seller and product. [USD/unit]
    lanes : sequence of (product, origin, destination, freight)
        Each takes an hour. [USD/unit]
    wanted : mapping
        Demand by town of :data:`tests.frames.TOWNS` and product, in every period; a negative one may go unserved at 1e6
        USD a unit. [unit/yr]
    years : sequence of (int, int)
        First year and years of each period.
    **tables : pandas.DataFrame
        Whatever else the study has.
    """
    made = pd.DataFrame(processes)
    bom = pd.DataFrame(bill, columns=None if bill else ["product", "input", "units_per_unit"])
    extra = [
        c
        for frame in tables.values()
        for column in ("product", "input", "by_product")
        if column in frame
        for c in frame[column].dropna()
    ]
    products = sorted(
        {p for frame in (made, bom) for c in ("product", "input") if c in frame for p in frame[c]} | {*extra}
    )
    places, towns = [p for p in PLACES if p[0] in sites], [t for t in TOWNS if t[0] in {m for m, _ in wanted}]
    markets = pd.DataFrame([t[:3] for t in towns], columns=["market", "country", "region"])
    rows = {
        "periods": [(f"t{k + 1}", start, length) for k, (start, length) in enumerate(years)],
        "products": [(p, p, p, 100.0, 1_000.0, None) for p in products],
        "demand": [(m, p, None, abs(u), 1e6 if u < 0 else None) for (m, p), u in wanted.items()],
        "lanes": [(p, a, b, "on_site" if a == b else "road", 1.0, 1.0, usd, 0.0, 0.0, None) for p, a, b, usd in lanes],
    }
    sellers = [(s, s, "US", p, None, usd, None, 0.0) for (s, p), usd in sold.items()]
    found = {name: pd.DataFrame(lines, columns=COLUMNS[name]) for name, lines in rows.items()}
    found["demand"] = (
        found["demand"].astype({"period": "str"}).assign(period=pd.Series([None] * len(wanted), dtype="str"))
    )
    frame = pd.DataFrame(sellers, columns=SUPPLIERS).astype({"port": "str", "capacity_units_per_yr": "float64"})
    return Study.from_tables(
        Settings(study=About(name="Recipes"), money=Money(discount_rate=0.0, plant_life_years=1.0, base_year=2026)),
        {
            "sites": sites_frame(
                places, plant_types=[sites[p[0]] or None for p in places], power_price_usd_per_mwh=0.0
            ),
            "markets": points(markets, [t[3] for t in towns], [t[4] for t in towns]),
            "processes": made,
            "options": pd.DataFrame(options),
            **({"bill_of_materials": bom} if len(bom) else {}),
            **({"suppliers": points(frame, [-90.0] * len(frame), [36.0] * len(frame))} if len(frame) else {}),
            **found,
            **tables,
        },
    )


def flows(plan: object) -> dict[tuple[str, str, str], float]:
    """Return what is shipped in all periods by product, origin and destination. [unit/yr]"""
    rows = plan.shipments.groupby(["product", "origin", "destination"])["units_per_yr"].sum()
    return {key: round(units, 6) for key, units in rows.items()}
