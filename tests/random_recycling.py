"""What comes beside a product in random studies: scrap that a plant of its own turns into an input again."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from tests.frames import points
from tests.random_mix import Mix

__all__ = ["by_products"]

#: Units of an input that are had of one unit of scrap.
YIELD = 0.8


def by_products(mix: Mix) -> None:
    """Let scrap come of what a plant makes, and perhaps an input too; a recycler makes an input of scrap."""
    draw, tables = mix.draw, mix.tables
    whole, part, units = draw.uses[int(mix.rng.integers(len(draw.uses)))]
    kind = draw.makers[whole]
    product = tables["products"].set_index("product").loc[part].to_dict()
    mix.append("products", [{**product, "product": "scrap", "name": "Scrap", "value_usd_per_unit": 1.0}])
    share = mix.some(0.05, 0.4, 3)
    rows = [{"plant_type": kind, "product": whole, "by_product": "scrap", "units_per_unit": share * units}]
    if mix.chance(0.5) and draw.makers[part] != kind:
        rows.append(
            {"plant_type": kind, "product": whole, "by_product": part, "units_per_unit": mix.some(0.01, 0.2) * units}
        )
    fee = [mix.some(0, 60) if mix.chance(0.7) else 0.0 for _ in rows]
    mix.append("by_products", [{**row, "disposal_usd_per_unit": usd} for row, usd in zip(rows, fee, strict=True)])
    _recycler(mix, part, share * units * float(draw.need[whole].max()))
    _ways(mix, part)


def _recycler(mix: Mix, part: str, scrap: float) -> None:
    """Let a kind of plant of its own make the input of scrap, and another by-product come of that at times."""
    draw, tables = mix.draw, mix.tables
    old = [r for r in tables["processes"].to_dict("records") if r["product"] == part]
    fresh = {c: old[0][c] * mix.some(0.1, 1.0) for c in ("electricity_kwh_per_unit", "labor_h_per_unit")}
    cheap = {"material_usd_per_unit": old[0]["material_usd_per_unit"] * mix.some(0.0, 0.5)}
    mix.append("processes", [{**old[0], **fresh, **cheap, "plant_type": "recycler", "capacity_use": 1.0}])
    bill = tables["bill_of_materials"]
    if "plant_type" not in bill:
        bill = bill.assign(plant_type=None)
    mine = bill["product"].eq(part) & bill["plant_type"].isna()
    named = [bill[~mine]] + [bill[mine].assign(plant_type=r["plant_type"]) for r in old]
    taken = {"product": part, "input": "scrap", "units_per_unit": 1.0 / YIELD, "plant_type": "recycler"}
    tables["bill_of_materials"] = pd.concat([*named, pd.DataFrame([taken])], ignore_index=True)
    size = float(np.ceil(scrap * YIELD * mix.some(0.4, 1.6))) + 1.0
    option = tables["options"].to_dict("records")[0]
    own = {
        "capacity_units_per_yr": size,
        "capex_usd": mix.some(1e5, 3e6),
        "fixed_usd_per_yr": mix.some(0, 2e5),
        "staff_fte": 5.0,
        "min_load": mix.some(0, 0.3),
        "option": "plant",
        "expands": None,
    }
    mix.append("options", [{**option, **own, "plant_type": "recycler"}])
    frame = tables["sites"]
    kinds = sorted({*tables["processes"]["plant_type"]} - {"recycler"})
    may = {str(s) for s in mix.rng.permutation(mix.sites)[:2]}
    cells = []
    for site, role, cell in zip(frame["site"], frame["role"], frame["plant_types"], strict=True):
        here = cell if isinstance(cell, str) and cell else ";".join(kinds)
        cells.append(f"{here};recycler" if site in may and role == "candidate" else here)
    tables["sites"] = frame.assign(plant_types=cells)
    assert draw.makers[part] != "recycler"


def _ways(mix: Mix, part: str) -> None:
    """Draw lanes of scrap between sites and from one who sells what markets give back, and those of the input."""
    draw, tables = mix.draw, mix.tables
    columns = list(tables["lanes"].columns[:10])
    ways = [
        ("scrap", *way[1:])
        for a in draw.places
        for b in draw.places
        if mix.chance(0.8)
        for way in draw.ways(part, a, b)
    ]
    if mix.chance(0.6):
        town = draw.towns[0]
        code = "collection"
        row = {
            "supplier": code,
            "name": "Collection",
            "country": town[1],
            "product": "scrap",
            "price_usd_per_unit": mix.some(0, 20),
            "capacity_units_per_yr": float(np.ceil(draw.need[part].max() * mix.some(0.05, 0.3))),
            "emissions_kg_per_unit": 0.0,
        }
        new = points(pd.DataFrame([row]), [town[3]], [town[4]])
        held = tables.get("suppliers")
        both = new if held is None or not len(held) else pd.concat([held, new], ignore_index=True)
        tables["suppliers"] = gpd.GeoDataFrame(both, crs=new.crs)
        ways += [("scrap", *way[1:]) for b in draw.places for way in draw.ways(part, (code, *town[1:]), b)]
    there = set(zip(*(tables["lanes"][c] for c in ("product", "origin", "destination", "mode")), strict=True))
    ways += [w for a in draw.places for b in draw.places for w in draw.ways(part, a, b) if (*w[:4],) not in there]
    mix.append("lanes", [dict(zip(columns, way, strict=True)) for way in ways])
