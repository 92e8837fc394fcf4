"""Published figures of cells, packs, vehicles and their plants, and how a study's own are told to be far from them.

Products and plants are known by their words (cell, pack, vehicle, assembly) and by how they are counted; what has other
words is compared with nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from evsiting import reference
from evsiting.study.check_results import derived
from evsiting.study.findings import Findings

#: How many times outside the range of published figures one is told of: an order of magnitude.
FAR = 10.0
#: Words by which products and kinds of plant are known, the first that fits: carbon is no car, packaging no pack.
_WORDS = (
    ("", r"(?<![a-z])(?:part|component|material|housing|can|foil)s?(?![a-z])"),
    ("pack", r"packs?(?![a-z])"),
    ("cell", r"cells?(?![a-z])"),
    ("vehicle", r"(?:vehicle|truck|assembly|(?<![a-z])(?:e-?)?(?:car|suv|bev))s?(?![a-z])"),
)


@dataclass(frozen=True)
class Range:
    """Published figures: the least and the largest, in a unit, of what they are."""

    low: float
    high: float
    unit: str
    of: str


def _word(name: object) -> str:
    return next((kind for kind, words in _WORDS if re.search(words, str(name).lower())), "")


def kinds_of_products(tables: Mapping[str, pd.DataFrame]) -> pd.Series[str]:
    """Return what each product is (cell, pack or vehicle, and how it is counted), by its code.

    Cells are known where they are counted in kWh, packs in kWh or one by one, vehicles one by one.
    """
    products = tables["products"].set_index("product")["unit"].astype(str)
    made = []
    for code, unit in products.items():
        kind, counted = _word(code), "kWh" if unit == "kWh" else "each" if _word(unit) or unit == "unit" else ""
        fits = {"cell": ("kWh",), "pack": ("kWh", "each"), "vehicle": ("each",)}.get(kind, ())
        made.append(f"{kind}/{counted}" if counted in fits else "")
    return pd.Series(made, index=products.index, dtype=object)


def _union(one: Range, other: Range) -> Range:
    """Return the range that holds both."""
    return Range(min(one.low, other.low), max(one.high, other.high), one.unit, one.of)


@cache
def published_ranges() -> dict[str, dict[str, Range]]:
    """Return the ranges of published figures by column and product."""
    table = reference.parameters().set_index("key")

    def span(unit: str, of: str, *keys: str, times: float = 1.0) -> Range:
        figures = table.loc[list(keys), ["value", "low", "high"]].apply(pd.to_numeric, errors="coerce").to_numpy()
        return Range(times * float(np.nanmin(figures)), times * float(np.nanmax(figures)), unit, of)

    size = float(str(table.at["product.kwh_per_vehicle", "value"]))
    capex = "{} of yearly capacity"
    cars = ("plant.assembly.capex", "plant.assembly.capex_conversion")
    masses = ("product.pack_mass_per_kwh", "product.pack_mass_per_kwh_lfp")
    prices = ("product.pack_price", "product.pack_price_bev", "product.pack_price_china")
    values = ("product.bev_value", "import.vehicle_price_cn", "product.bev_price_retail")
    hours = float(reference.parameter("labor.hours_per_fte_year", country="US").value)
    workers = ("plant.cell.workers_per_gwh", "plant.cell.workers_per_gwh.nextstar", "plant.cell.workers_per_gwh_ramp")
    energy = ("plant.cell.energy", "plant.cell.energy_next_generation")
    others = ("product.pack_other_material_cost",)
    staff, shift = "plant.assembly.workers_per_1000_vehicles", "plant.assembly.labor_hours_per_vehicle"
    return {
        "electricity_kwh_per_unit": {
            "cell/kWh": span("kWh/kWh", "published cell plants", *energy),
            "pack/kWh": span("kWh/kWh", "published pack plants", "plant.pack.electricity"),
            "pack/each": span("kWh", f"published packs of {size:g} kWh", "plant.pack.electricity", times=size),
            "vehicle/each": span("kWh", "published assembly plants", "plant.assembly.electricity"),
        },
        "labor_h_per_unit": {
            "cell/kWh": span("h of work/kWh", "published cell plants", *workers, times=1e-6 * hours),
            "pack/kWh": span(
                "h of work/kWh", "published pack plants", "plant.pack.workers_per_gwh", times=1e-6 * hours
            ),
            "pack/each": span(
                "h of work", f"published packs of {size:g} kWh", "plant.pack.workers_per_gwh", times=1e-6 * hours * size
            ),
            "vehicle/each": _union(
                span("h of work", "published assembly plants", staff, times=1e-3 * hours),
                span("h of work", "published assembly plants", f"{shift}_total", f"{shift}_best_plant"),
            ),
        },
        "material_usd_per_unit": {
            "cell/kWh": span("USD/kWh", "published cells", "product.cell_material_cost"),
            "pack/kWh": span("USD/kWh", "published packs", *others),
            "pack/each": span("USD", f"published packs of {size:g} kWh", *others, times=size),
            "vehicle/each": span("USD", "published vehicles", "product.vehicle_other_material_cost"),
        },
        "energy_kwh": {
            kind: span("kWh", "published vehicles", "product.kwh_per_vehicle", "product.kwh_per_phev_us_offer")
            for kind in ("pack/each", "vehicle/each")
        },
        "capex": {
            "cell/kWh": span(capex.format("kWh"), "published cell plants", "plant.cell.capex"),
            "pack/kWh": span(capex.format("kWh"), "published pack plants", "plant.pack.capex"),
            "pack/each": span(capex.format("pack"), "published pack plants", "plant.pack.capex", times=size),
            "vehicle/each": span(capex.format("vehicle"), "published assembly plants", *cars),
        },
        "mass_kg_per_unit": {
            "cell/kWh": span("kg/kWh", "published packs", *masses),
            "pack/kWh": span("kg/kWh", "published packs", *masses),
            "pack/each": span("kg", f"published packs of {size:g} kWh", *masses, times=size),
            "vehicle/each": span("kg", "published vehicles", "product.vehicle_mass", "product.bev_mass"),
        },
        "value_usd_per_unit": {
            "cell/kWh": span("USD/kWh", "published cells", "product.cell_price", "product.cell_material_cost"),
            "pack/kWh": span("USD/kWh", "published packs", *prices),
            "pack/each": span("USD", f"published packs of {size:g} kWh", *prices, times=size),
            "vehicle/each": span("USD", "published vehicles", *values),
        },
    }


def times_off(values: pd.Series[float], kinds: pd.Series[str], ranges: Mapping[str, Range]) -> pd.Series[float]:
    """Return how many times the nearest published figure each value is; NaN where it is near or compared with none."""
    spans = [ranges.get(kind) for kind in kinds.tolist()]
    low = np.array([np.nan if span is None else span.low for span in spans], dtype=np.float64)
    high = np.array([np.nan if span is None else span.high for span in spans], dtype=np.float64)
    figures, ratio = values.to_numpy(np.float64), np.full(len(values), np.nan)
    large, small = figures > FAR * high, (figures < low / FAR) & (figures > 0.0)
    ratio[large], ratio[small] = figures[large] / high[large], figures[small] / low[small]
    return pd.Series(ratio, index=values.index)


def kinds_of_plants(tables: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Return what each plant type makes, where it makes one product only."""
    kinds = derived(tables, "kinds", kinds_of_products)
    made = tables["processes"].groupby("plant_type")["product"].unique()
    return {str(name): str(kinds.get(these[0], "")) for name, these in made.items() if len(these) == 1}


# ------------------------------------------------------------------------------------------------- words


def thousands(ratio: float) -> str:
    """Return the power of a thousand by which a figure is off, as a question; nothing where it is none.

    Examples
    --------
    >>> thousands(2e-6), thousands(900.0), thousands(20.0)
    ('was it in millions?', 'is it a thousand times too large?', 'is the unit in the header right?')
    """
    power = round(math.log10(ratio) / 3) if ratio > 0 else 0
    return {
        -1: "was it in thousands?",
        -2: "was it in millions?",
        -3: "was it in billions?",
        1: "is it a thousand times too large?",
        2: "is it a million times too large?",
        3: "is it a billion times too large?",
    }.get(power, "is the unit in the header right?")


def first_of(off: pd.Series[bool]) -> int:
    """Return the position of the first true entry."""
    return int(np.flatnonzero(off.to_numpy(np.bool_))[0])


def tell_figures(
    findings: Findings,
    table: str,
    column: str,
    off: pd.Series,
    of: int,
    against: str,
    guess: str,
    known: str = "what the package knows",
) -> None:
    """Note a column whose figures are far off, with rows as evidence."""
    many = f"{len(off):,} of {of:,} figures {'are' if len(off) > 1 else 'is'}"
    text = (
        f"{findings.where(table, column)}: {many} far from {known} "
        f"({findings.rows(table, off)}): {against}; {guess} They are taken as they stand"
    )
    findings.warnings.append(text)


def figure(value: float) -> str:
    """Return a figure as evidence: three digits, or whole where it is large.

    Examples
    --------
    >>> figure(0.07512), figure(38000.0)
    ('0.0751', '38,000')
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
