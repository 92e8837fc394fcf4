"""Warnings of figures far from the package's own for that state, product and kind of plant.

A figure in thousands, in cents or of another period reads as well as any other. So what a study says of wages, power,
labor, capex, sizes, masses, values and demand is compared with the reference data; products and plants are known by
their words (cell, pack, vehicle, assembly), and what has other words is compared with nothing.
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
from evsiting.study.findings import Findings

#: Sites' figures that are compared with their state's: column, variable of :func:`evsiting.reference.fact`, unit, and
#: how many times below and above it a figure is told of. Power is told of early: cents are a tenth of dollars per MWh.
_BY_STATE = (
    ("wage_usd_per_h", "assembler_wage_usd", "USD/h", 6.0, 6.0),
    ("power_price_usd_per_mwh", "industrial_power_price", "USD/MWh", 6.0, 6.0),
    ("labor_force_persons", "labor_force", "persons", math.inf, 10.0),
)
#: Fewer people than this within reach of a plant are told of, whatever the state. [persons]
_FEWEST_PEOPLE = 1000.0
#: How many times outside the range of published figures one is told of: an order of magnitude.
_FAR = 10.0
#: Words by which products and kinds of plant are known, the first that fits.
_WORDS = (("pack", r"pack"), ("cell", r"cell"), ("vehicle", r"vehicle|car|assembly|truck|suv|bev"))


@dataclass(frozen=True)
class _Range:
    """Published figures: the least and the largest, in a unit, of what they are."""

    low: float
    high: float
    unit: str
    of: str


def warn_of_magnitudes(tables: Mapping[str, pd.DataFrame], found: Findings) -> None:
    """Note figures that are an order of magnitude off the package's own, each column once with its evidence.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Tables in canonical form, without contradictions.
    found : Findings
        Where the remarks go.
    """
    _sites(tables["sites"], found)
    kinds = _kinds(tables)
    _products(tables["products"], kinds, found)
    _options(tables, kinds, found)
    _demand(tables, kinds, found)


def _sites(sites: pd.DataFrame, found: Findings) -> None:
    for column, variable, unit, below, above in _BY_STATE:
        if column not in sites:
            continue
        given = sites[column].astype("float64")
        usual = sites["region"].astype(object).map(reference.fact(variable)).astype("float64")
        few = column == "labor_force_persons"
        off = (given > above * usual) | (given < usual / below) | ((given < _FEWEST_PEOPLE) & few)
        off &= given > 0.0
        if off.any():
            first = _first(off)
            seen, other = float(given.iloc[first]), float(usual.iloc[first])
            against = f"the package has {_figure(other)} {unit} for {sites['region'].iloc[first]}" if other > 0 else ""
            against = against or f"fewer than {_figure(_FEWEST_PEOPLE)} {unit} serve no plant"
            _tell(
                found, "sites", column, given[off], len(given), against, _guess(column, seen / other if other else 0.0)
            )


def _guess(column: str, ratio: float) -> str:
    """Return what a figure may have been, from how many times the usual one it is."""
    if column == "wage_usd_per_h":
        spans = (("a day", 6.0, 12.0), ("a week", 25.0, 60.0), ("a month", 110.0, 260.0), ("a year", 1200.0, 3500.0))
        for period, low, high in spans:
            if low <= ratio <= high:
                return f"was it for {period}?"
        return "was it in another currency?" if 1.0 < ratio < 1200.0 else _thousands(ratio)
    if column == "power_price_usd_per_mwh":
        if 1 / 3000 < ratio < 1 / 300:
            return "was it per kWh?"
        return "was it in cents per kWh?" if 1 / 30 < ratio < 1 / 5 else _thousands(ratio)
    return _thousands(ratio) if ratio >= 10.0 else "was it in thousands?"


def _thousands(ratio: float) -> str:
    """Return the power of a thousand by which a figure is off, as a question; nothing where it is none.

    Examples
    --------
    >>> _thousands(2e-6), _thousands(900.0), _thousands(20.0)
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


def _first(off: pd.Series[bool]) -> int:
    """Return the position of the first true entry."""
    return int(np.flatnonzero(off.to_numpy(np.bool_))[0])


def _tell(found: Findings, table: str, column: str, off: pd.Series, of: int, against: str, guess: str) -> None:
    """Note a column whose figures are far off, with rows as evidence."""
    many = f"{len(off):,} of {of:,} figures {'are' if len(off) > 1 else 'is'}"
    text = (
        f"{found.where(table, column)}: {many} far from what the package knows "
        f"({found.rows(table, off)}): {against}; {guess} They are taken as they stand"
    )
    found.odd.append(text)


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


# ---------------------------------------------------------------------------------------- products, plants


def _word(name: object) -> str:
    return next((kind for kind, words in _WORDS if re.search(words, str(name).lower())), "")


def _kinds(tables: Mapping[str, pd.DataFrame]) -> pd.Series[str]:
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


@cache
def _published() -> dict[str, dict[str, _Range]]:
    """Return the ranges of published figures by column and product."""
    table = reference.parameters().set_index("key")

    def span(unit: str, of: str, *keys: str, times: float = 1.0) -> _Range:
        figures = table.loc[list(keys), ["value", "low", "high"]].apply(pd.to_numeric, errors="coerce").to_numpy()
        return _Range(times * float(np.nanmin(figures)), times * float(np.nanmax(figures)), unit, of)

    size = float(str(table.at["product.kwh_per_vehicle", "value"]))
    capex = "{} of yearly capacity"
    cars = ("plant.assembly.capex", "plant.assembly.capex_conversion")
    masses = ("product.pack_mass_per_kwh", "product.pack_mass_per_kwh_lfp")
    prices = ("product.pack_price", "product.pack_price_bev", "product.pack_price_china")
    values = ("product.bev_value", "import.vehicle_price_cn", "product.bev_price_retail")
    return {
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


def _outside(values: pd.Series[float], kinds: pd.Series[str], ranges: Mapping[str, _Range]) -> pd.Series[float]:
    """Return how many times the nearest published figure each value is; NaN where it is near or compared with none."""
    low = kinds.map({kind: span.low for kind, span in ranges.items()}).astype("float64")
    high = kinds.map({kind: span.high for kind, span in ranges.items()}).astype("float64")
    ratio = pd.Series(np.nan, index=values.index)
    ratio = ratio.mask(values > _FAR * high, values / high)
    return ratio.mask((values < low / _FAR) & (values > 0.0), values / low)


def _products(products: pd.DataFrame, kinds: pd.Series[str], found: Findings) -> None:
    kind = pd.Series(products["product"].map(kinds).to_numpy(), index=products.index)
    for column in ("mass_kg_per_unit", "value_usd_per_unit"):
        if column not in products:
            continue
        values = products[column].astype("float64")
        ratio = _outside(values, kind, _published()[column])
        off = ratio.notna()
        if off.any():
            first = _first(off)
            span = _published()[column][str(kind.iloc[first])]
            against = f"{span.of} have {_figure(span.low)} to {_figure(span.high)} {span.unit}"
            _tell(found, "products", column, values[off], len(values), against, _thousands(float(ratio.iloc[first])))


def _options(tables: Mapping[str, pd.DataFrame], kinds: pd.Series[str], found: Findings) -> None:
    """Compare investment per unit of yearly capacity of what may be built anew, and capacities."""
    options, kind = tables["options"], _made(tables, kinds)
    mine = pd.Series(options["plant_type"].map(kind).to_numpy(), index=options.index)
    if "expands" in options:  # what an expansion adds is not what it comes to
        mine = mine.where(options["expands"].isna())
    capacity = options["capacity_units_per_yr"].astype("float64")
    each = options["capex_usd"].astype("float64") / capacity
    ratio = _outside(each, mine, _published()["capex"])
    off = ratio.notna()
    if off.any():
        first = _first(off)
        span = _published()["capex"][str(mine.iloc[first])]
        many = f"{off.sum():,} of {len(off):,} options {'are' if off.sum() > 1 else 'is'}"
        seen = f"{found.row('options', options.index[first])}: capex is USD {each.iloc[first]:.3g} per {span.unit}"
        text = (
            f"{found.where('options', 'capex_usd')}: {many} far from what the package knows ({seen}): {span.of} have "
            f"{_figure(span.low)} to {_figure(span.high)}; {_capex_guess(float(ratio.iloc[first]))} They are taken as "
            "they stand"
        )
        found.odd.append(text)


def _capex_guess(ratio: float) -> str:
    """Return what capex per capacity may have been: money too small, or the capacity in thousands or millions."""
    if ratio < 1.0:
        return _thousands(ratio)
    power = round(math.log10(ratio) / 3)
    return {1: "was the capacity in thousands?", 2: "was the capacity in millions?"}.get(power, _thousands(ratio))


def _made(tables: Mapping[str, pd.DataFrame], kinds: pd.Series[str]) -> dict[str, str]:
    """Return what each plant type makes, where it makes one product only."""
    made = tables["processes"].groupby("plant_type")["product"].unique()
    return {str(name): str(kinds.get(these[0], "")) for name, these in made.items() if len(these) == 1}


def _demand(tables: Mapping[str, pd.DataFrame], kinds: pd.Series[str], found: Findings) -> None:
    """Compare demand for vehicles with all that is sold in a market's state, and demand with the smallest plant."""
    demand = tables["demand"]
    each = demand["units_per_yr"].astype("float64")
    region = tables["markets"].set_index("market")["region"].astype(object)
    sold = pd.Series(demand["market"].map(region).map(reference.fact("vehicle_sales")).to_numpy(), index=demand.index)
    vehicles = pd.Series(demand["product"].map(kinds).to_numpy() == "vehicle/each", index=demand.index)
    off = vehicles & (each > _FAR * sold.astype("float64"))
    if off.any():
        first = _first(off)
        place, all_sold = region[str(demand["market"].iloc[first])], float(sold.iloc[first])
        against = f"all new vehicles sold a year in {place} are {_figure(all_sold)}"
        guess = _thousands(float(each.iloc[first]) / all_sold)
        _tell(found, "demand", "units_per_yr", each[off], len(each), against, guess)
    _small_demand(tables, kinds, found)


def _small_demand(tables: Mapping[str, pd.DataFrame], kinds: pd.Series[str], found: Findings) -> None:
    """Tell of demand so small that the smallest plant makes it many times over."""
    demand, options, made = tables["demand"], tables["options"], _made(tables, kinds)
    own = options["plant_type"].map(made)
    for product, kind in kinds.items():
        rows = demand[demand["product"] == product]
        sizes = options.loc[(own == kind).to_numpy(), "capacity_units_per_yr"].astype("float64")
        if not kind or rows.empty or sizes.empty:
            continue
        most = float(rows.assign(period=rows["period"].fillna("")).groupby("period")["units_per_yr"].sum().max())
        if 0.0 < 100.0 * most < float(sizes.min()):
            least = float(sizes.min())
            found.odd.append(
                f"{found.where('demand', 'units_per_yr')}: all demand for {product!r} together is {_figure(most)} a "
                f"year, the smallest plant makes {_figure(least)}: {_thousands(most / least)} It is taken as it stands"
            )
