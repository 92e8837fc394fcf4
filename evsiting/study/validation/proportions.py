"""Figures that do not fit the other figures of a study, or the published ones of a plant's work: told, never changed.

A price in thousands beside a value in dollars, electricity in MWh, work in minutes, a pack of 0.075 kWh: each reads as
well as any other figure, and moves the plan without a word.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

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
from evsiting.study.schema.tables import TABLES

_OWN: Final = "other figures of the study"
#: A penalty this many times below or above the value of what is not served is told of; margins are a tenth of a value.
_PENALTY = 100.0
#: Fixed cost of a year below this part of the investment is told of, and so is one above :data:`FAR` times it.
_LEAST_FIXED = 1e-5
#: Emissions of more than this many times a unit's own mass are told of. [kg/kg]
_MOST_EMISSIONS = 1e3
#: A full load below this part of a truck's payload is told of, and one above :data:`FAR` times it.
_LEAST_LOAD = 0.02
#: Shares that are often below one percent, and are not asked about where a header has the percent sign.
_SMALL_RATES = frozenset({"tax_rate"})
#: Shares that are never below one percent where others of the column are at least :data:`_FULL_PERCENT`.
_LARGE_SHARES = frozenset({"min_load", "good_share", "rvc", "lvc", "dutiable_share", "renewable_share"})
_FULL_PERCENT = 10.0
#: Rates above these are told of where no header says percent: no country levied a duty of 150 % on goods of this kind
#: for long, no state takes a tenth of what a plant is worth each year.
_MOST_RATES: Final = {
    ("duties", "rate"): 1.5,
    ("quotas", "rate"): 1.5,
    ("sites", "property_tax_rate"): 0.1,
    ("sites", "payroll_burden"): 1.0,
    ("sites", "tax_rate"): 0.6,
}


def warn_of_proportions(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Note figures that are orders of magnitude off others, each column once with its evidence.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Tables in canonical form, without contradictions.
    findings : Findings
        Where the remarks go.
    """
    look_at_proportions(CheckRun(tables, findings, (), {}))


def look_at_proportions(run: CheckRun) -> None:
    """Look at what :func:`warn_of_proportions` notes, which see.

    What a check leaves out because of what has been told is part of its name.
    """
    _check_percents(run.tables, run.findings)  # by headers, which no study keeps
    _check_rates(run.tables, run.findings)  # as well
    run.look("names of periods", lambda tables, findings, _: _check_period_names(tables["periods"], findings))
    run.look("periods without demand", lambda tables, findings, _: _check_empty_periods(tables, findings))
    run.look("work", lambda tables, findings, _: _check_work(tables, findings))
    run.look("staff", lambda tables, findings, _: _check_staff(tables, findings))
    run.look("energy", lambda tables, findings, _: _check_energy(tables, findings))
    if not _is_reported(run.findings, "options", "capex_usd"):
        run.look("fixed cost", lambda tables, findings, _: _check_fixed_cost(tables["options"], findings))
    if not _is_reported(run.findings, "products", "mass_kg_per_unit"):
        run.look("full loads", lambda tables, findings, _: _check_loads(tables["products"], findings))
    worth, mass = "value_usd_per_unit", "mass_kg_per_unit"
    reported = tuple(column for column in (worth, mass) if _is_reported(run.findings, "products", column))
    name = " ".join(("figures beside those of products, without", *reported))
    run.look(name, lambda tables, findings, _: _check_against_products(tables, reported, findings))


def _is_reported(findings: Findings, table: str, column: str) -> bool:
    """Whether a column has been told of: then it is at fault, and not what is compared with it."""
    return any(text.startswith(f"{findings.where(table, column)}: ") for text in findings.warnings)


def _check_percents(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Tell of columns in percent in which every figure is below one: they may be fractions."""
    for (table, column), header in findings.headers.items():
        known = next((c for c in TABLES[table].columns if c.name == column), None) if table in TABLES else None
        if known is None or known.unit != "1" or not header.rstrip().endswith("%]") or column in _SMALL_RATES:
            continue
        if table in tables and column in tables[table]:
            values = 100.0 * pd.to_numeric(tables[table][column], errors="coerce")
            nonzero = values[values.notna() & (values != 0.0)]
            guess = f"were they fractions, as under the header {known.label!r}?"
            if len(nonzero) and (nonzero.abs() < 1.0).all():
                against = "below one percent, every one"
                tell_figures(findings, table, column, nonzero, len(values), against, guess, "what percents are")
                continue
            small = _fractions_among(nonzero, shares=column in _LARGE_SHARES)
            if small.any():
                few = nonzero[small]
                against = f"others are up to {figure(float(nonzero.max()))} %"
                tell_figures(findings, table, column, few, len(values), against, guess, "the others in percent")


def _fractions_among(percents: pd.Series[float], *, shares: bool) -> pd.Series[bool]:
    """Return which figures below one percent are likely fractions: a hundredth of another, or no share of its kind."""
    small = (percents > 0.0) & (percents < 1.0)
    if shares:
        return small & (percents.max() >= _FULL_PERCENT)
    others = percents[~small].round(9).to_numpy()
    return small & (100.0 * percents).round(9).isin(others)


def _check_rates(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Tell of rates that are no fractions where nothing says percent: a duty of 2.5 is one of 250 %."""
    for (table, column), most in _MOST_RATES.items():
        if table not in tables or column not in tables[table]:
            continue
        if findings.headers.get((table, column), "").rstrip(" ]").split("[")[-1].startswith("%"):
            continue
        values = pd.to_numeric(tables[table][column], errors="coerce")
        off = values > most
        if off.any():
            at = first_of(off)
            entry = next(c for c in TABLES[table].columns if c.name == column)
            against = f"{figure(float(values.iloc[at]))} is {figure(100.0 * float(values.iloc[at]))} %"
            unit = "%/yr" if entry.unit == "1/yr" else "%"
            guess = f"was it in percent, as under the header '{entry.label} [{unit}]'?"
            if column == "payroll_burden":
                guess = "was the wage itself counted in?"
            tell_figures(findings, table, column, values[off], len(values), against, guess, "what fractions are")


def _check_period_names(periods: pd.DataFrame, findings: Findings) -> None:
    """Tell of periods whose names are years, and other years than those that they have."""
    spans = periods["period"].astype(str).str.extract(r"^\s*(\d{4})\s*[-\u2013\u2014/]\s*(\d{4})\s*$").astype("float64")
    first, last = periods["start_year"].astype("float64"), periods["start_year"] + periods["years"] - 1.0
    off = spans[0].notna() & (spans[0] < spans[1]) & ((spans[0] != first) | (spans[1] != last))
    if off.any():
        at = first_of(off)
        seen = (
            f"{findings.row('periods', periods.index[at])}: {periods['period'].iloc[at]!r} is {first.iloc[at]:.0f} to "
        )
        findings.warnings.append(
            f"{findings.where('periods', 'period')}: {off.sum():,} of {len(off):,} names say other years than "
            f"start_year and years ({seen}{last.iloc[at]:.0f}): the columns count, and are taken as they stand"
        )


def _check_empty_periods(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Tell of periods in which nobody wants anything while others have demand."""
    demand, periods = tables["demand"], tables["periods"]["period"]
    wanted = demand[demand["units_per_yr"].astype("float64") > 0.0]
    idle = periods[~periods.isin(wanted["period"])]
    if wanted["period"].notna().all() and 0 < len(idle) < len(periods):
        findings.warnings.append(
            f"{findings.where('demand', 'period')}: nothing is wanted in {len(idle):,} of {len(periods):,} periods "
            f"({', '.join(map(repr, idle.iloc[:5]))}): plants stand idle there. Figures are taken as they stand"
        )


def _note_far(
    findings: Findings,
    table: str,
    column: str,
    values: pd.Series[float],
    ratio: pd.Series[float],
    of: pd.Series[str],
    key: str,
) -> None:
    """Note figures by how many times the nearest published one they are; NaN where they are near."""
    off = ratio.notna()
    if off.any():
        at = first_of(off)
        span = published_ranges()[key][str(of.iloc[at])]
        against = f"{span.of} have {figure(span.low)} to {figure(span.high)} {span.unit}"
        minutes = span.low <= values.iloc[at] / 60.0 <= span.high
        guess = _question(column, float(ratio.iloc[at]), minutes=minutes)
        tell_figures(findings, table, column, values[off], len(values), against, guess)


def _question(column: str, ratio: float, *, minutes: bool) -> str:
    """Return what a figure may have been, from how many times a usual one it is, and whether it fits as minutes."""
    if column == "labor_h_per_unit" and (minutes or 20.0 < ratio < 400.0):
        return "was it in minutes?"
    return thousands(ratio)


def _check_work(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Compare what a unit takes of electricity, work and bought material with published plants."""
    processes, kinds = tables["processes"], derived(tables, "kinds", kinds_of_products)
    kind = pd.Series(processes["product"].map(kinds).to_numpy(), index=processes.index)
    for column in ("electricity_kwh_per_unit", "labor_h_per_unit", "material_usd_per_unit"):
        if column not in processes:
            continue
        values = processes[column].astype("float64")
        ratio = times_off(values, kind, published_ranges()[column])
        if column == "labor_h_per_unit":  # work of the fixed staff stands in the options
            ratio = ratio.where(ratio > 1.0)
        _note_far(findings, "processes", column, values, ratio, kind, column)


def _check_staff(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Compare fixed staff by capacity with the work in published plants; and all work, where it is too little."""
    options, kinds = tables["options"], derived(tables, "kinds", kinds_of_products)
    if "staff_fte" not in options:
        return
    hours = float(reference.parameter("labor.hours_per_fte_year", country="US").value)
    plants = derived(tables, "kinds of plants", kinds_of_plants)
    made = pd.Series(options["plant_type"].map(plants).to_numpy(), index=options.index)
    each = hours * options["staff_fte"].astype("float64") / options["capacity_units_per_yr"].astype("float64")
    ratio = times_off(each, made, published_ranges()["labor_h_per_unit"])
    staff = options["staff_fte"].astype("float64")
    _note_far(findings, "options", "staff_fte", staff, ratio.where(ratio > 1.0), made, "labor_h_per_unit")
    processes = tables["processes"]
    if "labor_h_per_unit" not in processes:
        return
    most = each.groupby(options["plant_type"]).max()
    direct = processes["labor_h_per_unit"].astype("float64")
    whole = direct + processes["plant_type"].map(most).astype("float64").fillna(0.0)
    kind = pd.Series(processes["product"].map(kinds).to_numpy(), index=processes.index)
    low = times_off(whole, kind, published_ranges()["labor_h_per_unit"])
    _note_far(
        findings,
        "processes",
        "labor_h_per_unit",
        direct,
        low.where((low < 1.0) & (direct > 0.0)),
        kind,
        "labor_h_per_unit",
    )


def _check_energy(tables: Mapping[str, pd.DataFrame], findings: Findings) -> None:
    """Compare the kWh of cells or packs that go into a pack or vehicle with published vehicles."""
    bill = tables.get("bill_of_materials")
    if bill is None or not len(bill):
        return
    kinds = derived(tables, "kinds", kinds_of_products)
    into = pd.Series(bill["product"].map(kinds).to_numpy(), index=bill.index)
    counted = bill["input"].map(kinds).isin(["cell/kWh", "pack/kWh"])
    values = bill["units_per_unit"].astype("float64")
    ratio = times_off(values, into.where(counted, ""), published_ranges()["energy_kwh"])
    _note_far(findings, "bill_of_materials", "units_per_unit", values, ratio, into, "energy_kwh")


def _check_fixed_cost(options: pd.DataFrame, findings: Findings) -> None:
    """Compare fixed cost of a year with the investment."""
    if "fixed_usd_per_yr" not in options:
        return
    fixed, capex = options["fixed_usd_per_yr"].astype("float64"), options["capex_usd"].astype("float64")
    off = (fixed > FAR * capex) | ((fixed < _LEAST_FIXED * capex) & (fixed > 0.0))
    off &= capex > 0.0
    if off.any():
        at = first_of(off)
        against = f"the investment is USD {figure(float(capex.iloc[at]))}"
        guess = "is the unit in the header right?"
        tell_figures(findings, "options", "fixed_usd_per_yr", fixed[off], len(fixed), against, guess, _OWN)


def _check_loads(products: pd.DataFrame, findings: Findings) -> None:
    """Compare the mass of a full load with what a truck may carry."""
    if "units_per_truck" not in products:
        return
    truck = reference.parameter("freight.truck.payload")
    units, each = products["units_per_truck"].astype("float64"), products["mass_kg_per_unit"].astype("float64")
    load = 0.001 * units * each / float(truck.value)
    off = (load > FAR) | (load < _LEAST_LOAD)
    if off.any():
        at = first_of(off)
        seen = 0.001 * float(units.iloc[at] * each.iloc[at])
        against = f"together they weigh {figure(seen)} t, a truck carries {figure(float(truck.value))} t"
        guess = "units on one truck are wanted."
        tell_figures(findings, "products", "units_per_truck", units[off], len(units), against, guess, _OWN)


def _check_against_products(tables: Mapping[str, pd.DataFrame], reported: Collection[str], findings: Findings) -> None:
    """Compare prices, penalties and credits with the value of the product, and emissions with its mass.

    Columns of products that have been told of are compared with nothing.
    """
    products = tables["products"].set_index("product")
    value, mass = (products[c].astype("float64") for c in ("value_usd_per_unit", "mass_kg_per_unit"))
    programs = tables.get("programs")
    if programs is not None and "kind" in programs:
        programs = programs[(programs["kind"] == "production").fillna(value=False)]
    sellers, demand, worth, heavy = tables.get("suppliers"), tables["demand"], "its value is USD", "its mass in kg is"
    checks = (
        ("suppliers", sellers, "price_usd_per_unit", value, worth, FAR, FAR),
        ("suppliers", sellers, "emissions_kg_per_unit", mass, heavy, 0.0, _MOST_EMISSIONS),
        ("demand", demand, "unmet_penalty_usd_per_unit", value, worth, _PENALTY, FAR * _PENALTY),
        ("programs", programs, "value", value, worth, 0.0, FAR),
    )
    for table, frame, column, other, what, below, above in checks:
        if frame is None or column not in frame or not len(frame) or str(other.name) in reported:
            continue
        values = frame[column].astype("float64")
        usual = frame["product"].map(other).astype("float64")
        ratio = values / usual.where(usual > 0.0)
        off = (ratio > above) | ((ratio * below < 1.0) & (values > 0.0) if below else False)
        if off.any():
            at = first_of(off)
            against = f"{frame['product'].iloc[at]}: {what} {figure(float(usual.iloc[at]))}"
            guess = thousands(float(ratio.iloc[at]))
            tell_figures(findings, table, column, values[off], len(values), against, guess, _OWN)
