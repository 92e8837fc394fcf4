"""Warnings of figures far from the package's own for that state, product and kind of plant.

A figure in thousands, in cents or of another period reads as well as any other. So what a study says of wages, power,
labor, capex, sizes, masses, values and demand is compared with the reference data, and what has no reference with other
figures of the study in :mod:`evsiting.study.validation.proportions`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import pandas as pd

from evsiting import reference
from evsiting.study.check_results import CheckRun, derived
from evsiting.study.findings import Findings
from evsiting.study.published import (
    FAR,
    figure,
    first_of,
    kinds_of_plants,
    kinds_of_products,
    published_ranges,
    tell_figures,
    thousands,
    times_off,
)
from evsiting.study.validation.proportions import look_at_proportions

#: Sites' figures that are compared with their state's: column, variable of :func:`evsiting.reference.fact`, unit, and
#: how many times below and above it a figure is told of. Power is told of early: cents are a tenth of dollars per MWh.
_BY_STATE = (
    ("wage_usd_per_h", "assembler_wage_usd", "USD/h", 6.0, 6.0),
    ("power_price_usd_per_mwh", "industrial_power_price", "USD/MWh", 6.0, 6.0),
    ("labor_force_persons", "labor_force", "persons", math.inf, 10.0),
)
#: Fewer people than this within reach of a plant are told of, whatever the state. [persons]
_FEWEST_PEOPLE = 1000.0


def warn_of_magnitudes(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Note figures that are an order of magnitude off the package's own, each column once with its evidence.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Tables in canonical form, without contradictions.
    findings : Findings
        Where the remarks go.
    """
    look_at_magnitudes(CheckRun(tables, findings, (), {}))


def look_at_magnitudes(run: CheckRun) -> None:
    """Look at what :func:`warn_of_magnitudes` notes, which see."""
    run.look("figures of sites", lambda tables, findings, _: _sites(tables["sites"], findings))
    run.look("figures of products", lambda tables, findings, _: _products(tables, findings))
    run.look("figures of options", lambda tables, findings, _: _options(tables, findings))
    run.look("figures of demand", lambda tables, findings, _: _demand(tables, findings))
    look_at_proportions(run)


@cache
def _by_region(variable: str) -> Mapping[object, float]:
    """Return a figure of the package by region; every check of a study asks for a few."""
    figures: dict[object, float] = reference.fact(variable).astype("float64").to_dict()
    return MappingProxyType(figures)


def _sites(sites: pd.DataFrame, findings: Findings) -> None:
    for column, variable, unit, below, above in _BY_STATE:
        if column not in sites:
            continue
        stated = sites[column].astype("float64")
        usual = pd.Series([_by_region(variable).get(r, math.nan) for r in sites["region"].tolist()], sites.index, float)
        few = column == "labor_force_persons"
        off = (stated > above * usual) | (stated < usual / below) | ((stated < _FEWEST_PEOPLE) & few)
        off &= stated > 0.0
        if off.any():
            first = first_of(off)
            seen, other = float(stated.iloc[first]), float(usual.iloc[first])
            against = f"the package has {figure(other)} {unit} for {sites['region'].iloc[first]}" if other > 0 else ""
            against = against or f"fewer than {figure(_FEWEST_PEOPLE)} {unit} serve no plant"
            tell_figures(
                findings,
                "sites",
                column,
                stated[off],
                len(stated),
                against,
                _guess(column, seen / other if other else 0.0),
            )


def _guess(column: str, ratio: float) -> str:
    """Return what a figure may have been, from how many times the usual one it is."""
    if column == "wage_usd_per_h":
        spans = (("a day", 6.0, 12.0), ("a week", 25.0, 60.0), ("a month", 110.0, 260.0), ("a year", 1200.0, 3500.0))
        for period, low, high in spans:
            if low <= ratio <= high:
                return f"was it for {period}?"
        return "was it in another currency?" if 1.0 < ratio < 1200.0 else thousands(ratio)
    if column == "power_price_usd_per_mwh":
        if 1 / 3000 < ratio < 1 / 300:
            return "was it per kWh?"
        return "was it in cents per kWh?" if 1 / 30 < ratio < 1 / 5 else thousands(ratio)
    return thousands(ratio) if ratio >= 10.0 else "was it in thousands?"


def _products(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    products, kinds = tables["products"], derived(tables, "kinds", kinds_of_products)
    kind = pd.Series(products["product"].map(kinds).to_numpy(), index=products.index)
    for column in ("mass_kg_per_unit", "value_usd_per_unit"):
        if column not in products:
            continue
        values = products[column].astype("float64")
        ratio = times_off(values, kind, published_ranges()[column])
        off = ratio.notna()
        if off.any():
            first = first_of(off)
            span = published_ranges()[column][str(kind.iloc[first])]
            against = f"{span.of} have {figure(span.low)} to {figure(span.high)} {span.unit}"
            tell_figures(
                findings, "products", column, values[off], len(values), against, thousands(float(ratio.iloc[first]))
            )


def _options(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Compare investment per unit of yearly capacity of what may be built anew, and capacities."""
    options, kind = tables["options"], derived(tables, "kinds of plants", kinds_of_plants)
    mine = pd.Series(options["plant_type"].map(kind).to_numpy(), index=options.index)
    if "expands" in options:  # what an expansion adds is not what it comes to
        mine = mine.where(options["expands"].isna())
    capacity = options["capacity_units_per_yr"].astype("float64")
    each = options["capex_usd"].astype("float64") / capacity
    ratio = times_off(each, mine, published_ranges()["capex"])
    off = ratio.notna()
    if off.any():
        first = first_of(off)
        span = published_ranges()["capex"][str(mine.iloc[first])]
        many = f"{off.sum():,} of {len(off):,} options {'are' if off.sum() > 1 else 'is'}"
        seen = f"{findings.row('options', options.index[first])}: capex is USD {each.iloc[first]:.3g} per {span.unit}"
        text = (
            f"{findings.where('options', 'capex_usd')}: {many} far from what the package knows ({seen}): {span.of} "
            f"have {figure(span.low)} to {figure(span.high)}; {_capex_guess(float(ratio.iloc[first]))} They are taken "
            "as they stand"
        )
        findings.warnings.append(text)


def _capex_guess(ratio: float) -> str:
    """Return what capex per capacity may have been: money too small, or the capacity in thousands or millions."""
    if ratio < 1.0:
        return thousands(ratio)
    power = round(math.log10(ratio) / 3)
    return {1: "was the capacity in thousands?", 2: "was the capacity in millions?"}.get(power, thousands(ratio))


def _demand(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Compare demand for vehicles with all that is sold in a market's state, and demand with the smallest plant."""
    demand, kinds = tables["demand"], derived(tables, "kinds", kinds_of_products)
    each = demand["units_per_yr"].astype("float64")
    region = dict(zip(*(tables["markets"][c].tolist() for c in ("market", "region")), strict=True))
    sales, vehicle = _by_region("vehicle_sales"), {product for product, kind in kinds.items() if kind == "vehicle/each"}
    sold = pd.Series([sales.get(region.get(m), math.nan) for m in demand["market"].tolist()], demand.index, float)
    vehicles = pd.Series([product in vehicle for product in demand["product"].tolist()], demand.index, bool)
    off = vehicles & (each > FAR * sold)
    if off.any():
        first = first_of(off)
        place, all_sold = region[str(demand["market"].iloc[first])], float(sold.iloc[first])
        against = f"all new vehicles sold a year in {place} are {figure(all_sold)}"
        guess = thousands(float(each.iloc[first]) / all_sold)
        tell_figures(findings, "demand", "units_per_yr", each[off], len(each), against, guess)
    _small_demand(tables, kinds, findings)


def _small_demand(tables: Mapping[str, pd.DataFrame], kinds: pd.Series[str], findings: Findings) -> None:
    """Tell of demand so small that the smallest plant makes it many times over."""
    demand, options, made = tables["demand"], tables["options"], derived(tables, "kinds of plants", kinds_of_plants)
    own = options["plant_type"].map(made)
    for product, kind in kinds.items():
        rows = demand[demand["product"] == product]
        sizes = options.loc[(own == kind).to_numpy(), "capacity_units_per_yr"].astype("float64")
        if not kind or rows.empty or sizes.empty:
            continue
        most = float(rows.assign(period=rows["period"].fillna("")).groupby("period")["units_per_yr"].sum().max())
        if 0.0 < 100.0 * most < float(sizes.min()):
            least = float(sizes.min())
            findings.warnings.append(
                f"{findings.where('demand', 'units_per_yr')}: all demand for {product!r} together is {figure(most)} a "
                f"year, the smallest plant makes {figure(least)}: {thousands(most / least)} It is taken as it stands"
            )
