"""Figures of the North American study and of its plan beside what is published: writes ``docs/plausibility.md``.

``python -m benchmarks.plausibility`` solves the study (``BENCH_SECONDS`` and ``BENCH_GAP`` set its limits);
``--run FOLDER`` reads a run folder of ``evsiting solve`` instead, and ``--commit`` names what it was solved with.
"""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import evsiting as ev
from benchmarks.known_share import shares
from benchmarks.plausibility_cells import section as cells
from benchmarks.plausibility_facts import KINDS, KWH, Facts
from benchmarks.plausibility_ranges import RANGES, Published
from benchmarks.plausibility_sites import missing, under_way, vehicle_plants
from benchmarks.plausibility_wages import section as wages
from evsiting import reference
from evsiting.results.analysis.landed_cost import gate_cost

PAGE = Path(__file__).resolve().parents[1] / "docs" / "plausibility.md"


def landed(facts: Facts) -> float:
    """Return what a vehicle made here costs at its buyer, mean over the horizon. [USD]"""
    rows = ev.landed_cost(facts.study, facts.plan, by=["product"]).query("product == 'vehicle'")
    return float(rows["plants_usd_per_unit"].iloc[0])


def gate(facts: Facts, product: str) -> float:
    """Return what a unit costs at the gate of its plant, mean. [USD]"""
    rows = gate_cost(facts.study, facts.plan, by=("product",)).query("product == @product")
    return float(rows["usd_per_unit"].sum())


def by_rail(facts: Facts) -> float:
    """Return the part of vehicles made in North America that go by rail. [percent]"""
    rows = facts.arrivals[~facts.arrivals["origin"].isin(facts.study.suppliers["supplier"])]
    units = rows["units_per_yr"] * facts.years(rows)
    return 100.0 * float(units[rows["mode"] == "rail"].sum() / units.sum())


def far(facts: Facts) -> tuple[float, float]:
    """Return the part of vehicles made here that go farther than rail begins to pay, and that of rail among them."""
    rows = facts.arrivals[~facts.arrivals["origin"].isin(facts.study.suppliers["supplier"])]
    units = rows["units_per_yr"] * facts.years(rows)
    long = rows["distance_km"] > reference.parameter("freight.finished_vehicle.rail_pays_above").value
    trains = units[long & (rows["mode"] == "rail")].sum() / units[long].sum()
    return 100.0 * float(units[long].sum() / units.sum()), 100.0 * float(trains)


def freight(facts: Facts, column: str) -> float:
    """Return a figure of the way to the buyer by vehicle, mean."""
    rows = facts.arrivals
    units = rows["units_per_yr"] * facts.years(rows)
    return float((rows[column] * units).sum() / units.sum())


def _parameter(key: str) -> Callable[[Facts], float]:
    return lambda facts: reference.parameter(key).value


@dataclass(frozen=True)
class Figure:
    """A figure of the page.

    Parameters
    ----------
    title, unit : str
        What it is.
    work : callable
        Works it out.
    published : str
        Name of the range beside it.
    """

    title: str
    unit: str
    work: Callable[[Facts], float]
    published: str = ""


PARAMETERS = (
    Figure("price of cells", "USD/kWh", _parameter("product.cell_price"), "cell price"),
    Figure("price of packs of electric cars", "USD/kWh", _parameter("product.pack_price_bev"), "pack price"),
    Figure("energy of a pack", "kWh", _parameter("product.kwh_per_vehicle"), "kwh"),
    Figure("mass of a vehicle", "kg", _parameter("product.bev_mass"), "mass"),
    Figure("investment, cells of 30 GWh a year", "USD/(kWh/yr)", lambda f: f.per_unit("cell", "30 GWh"), "cell capex"),
    Figure(
        "investment, packs of 100,000 a year",
        "USD/(kWh/yr)",
        lambda f: f.per_unit("pack", "100k") / reference.parameter("product.kwh_per_vehicle").value,
        "pack capex",
    ),
    Figure(
        "investment, 200,000 vehicles a year",
        "USD/(vehicle/yr)",
        lambda f: f.per_unit("assembly", "200k"),
        "vehicle capex",
    ),
    Figure("staff of cells", "FTE/(GWh/yr)", lambda f: KWH * f.staff("cell", "30 GWh"), "cell staff"),
    Figure("staff of assembly", "FTE/(1,000/yr)", lambda f: 1e3 * f.staff("assembly", "200k"), "vehicle staff"),
    Figure(
        "hours of a vehicle",
        "h",
        lambda f: f.staff("assembly", "200k") * f.study.settings.model.hours_per_fte_year,
        "vehicle hours",
    ),
    Figure(
        "connected load of cells",
        "MW/(GWh/yr)",
        lambda f: 1e3 * f.process("cell", "connection_kw_per_unit"),
        "connection",
    ),
    Figure(
        "electricity and heat of cells",
        "kWh/kWh",
        lambda f: f.process("cell", "electricity_kwh_per_unit") + f.process("cell", "heat_kwh_per_unit"),
        "cell energy",
    ),
    Figure(
        "electricity and heat of assembly",
        "kWh/vehicle",
        lambda f: f.process("assembly", "electricity_kwh_per_unit") + f.process("assembly", "heat_kwh_per_unit"),
        "vehicle energy",
    ),
    Figure("freight by car hauler", "USD/vehicle-km", lambda f: f.carriage.truck_usd_per_km, "truck usd"),
    Figure("freight by rail, terminals apart", "USD/vehicle-km", lambda f: f.carriage.rail_usd_per_km, "rail usd"),
    Figure("freight at sea", "USD/vehicle", lambda f: f.carriage.rates.sea_usd_per_vehicle, "sea usd"),
    Figure("car hauler", "kg CO2/vehicle-km", lambda f: f.carriage.truck_kg_per_km, "truck kg"),
    Figure("autorack railcar", "kg CO2/vehicle-km", lambda f: f.carriage.rail_kg_per_km, "rail kg"),
    Figure("car carrier", "kg CO2/vehicle-km", lambda f: f.carriage.sea_kg_per_km, "sea kg"),
    Figure("empty kilometres of trucks", "%", _parameter("freight.truck.empty_share"), "empty"),
    Figure("speed at sea", "km/h", _parameter("freight.sea.speed"), "ship speed"),
    Figure("wage with burden, Michigan", "USD/h", lambda f: f.burdened("US-MI"), "wage mi"),
    Figure("wage with burden, Tennessee", "USD/h", lambda f: f.burdened("US-TN"), "wage tn"),
    Figure("wage with burden, Ontario", "USD/h", lambda f: f.burdened("CA-ON"), "wage on"),
    Figure("wage with burden, Nuevo León", "USD/h", lambda f: f.burdened("MX-NLE"), "wage mx"),
    Figure("price of power, Michigan", "USD/MWh", lambda f: f.power("US-MI"), "power mi"),
    Figure("price of power, Kansas", "USD/MWh", lambda f: f.power("US-KS"), "power ks"),
    Figure("price of power, Ontario", "USD/MWh", lambda f: f.power("CA-ON"), "power on"),
    Figure("price of power, Nuevo León", "USD/MWh", lambda f: f.power("MX-NLE"), "power mx"),
    Figure("vehicles that may go through Baltimore", "million/yr", lambda f: f.gateway_vehicles("USBAL"), "port"),
)
PLAN = (
    Figure("cost of a vehicle at its buyer", "USD", landed, "landed"),
    Figure("cost of cells at the gate", "USD/kWh", lambda f: gate(f, "cell"), "cell gate cost"),
    Figure("vehicles from overseas, United States, first period", "%", lambda f: f.imported(period=f.first), "import"),
    Figure("vehicles from overseas, United States, last period", "%", lambda f: f.imported(period=f.last), "import"),
    Figure("vehicles made here that go by rail", "%", by_rail, "rail share"),
    Figure("vehicles made here that go farther than 805 km", "%", lambda f: far(f)[0]),
    Figure("of these by rail", "%", lambda f: far(f)[1]),
    Figure("use of vehicle plants, first period", "%", lambda f: f.use("assembly", f.first), "use vehicle"),
    Figure("use of vehicle plants, last period", "%", lambda f: f.use("assembly", f.last), "use vehicle"),
    Figure("use of cell plants, first period", "%", lambda f: f.use("cell", f.first), "use cell"),
    Figure("use of cell plants, last period", "%", lambda f: f.use("cell", f.last), "use cell"),
    Figure(
        "cells that can be made, first period",
        "GWh/yr",
        lambda f: float(
            f.load.query("plant_type == 'cell' and period == @f.first")["capacity_units_per_yr"].sum() / KWH
        ),
        "cells 2027",
    ),
    Figure(
        "cell plants at work, last period", "plants", lambda f: float(len(f.running("cell", f.last))), "plants cell"
    ),
    Figure(
        "size of a new cell plant",
        "GWh/yr",
        lambda f: float(f.new("cell")["capacity_units_per_yr"].mean()) / KWH,
        "size cell",
    ),
    Figure("investment in new cell plants", "bn USD/yr", lambda f: f.spent("cell"), "invest"),
    Figure("way of a vehicle to its buyer", "km", lambda f: freight(f, "distance_km")),
    Figure("freight of a vehicle to its buyer", "USD", lambda f: freight(f, "freight_usd_per_unit")),
    Figure("emissions on the way", "kg CO2/vehicle", lambda f: freight(f, "emissions_kg_per_unit")),
)


def judged(value: float, published: Published) -> str:
    """Return inside, outside with the reason, or that no range was found."""
    if published.low is None or published.high is None:
        return "no range found"
    if not math.isfinite(value):
        return "not in this plan"
    if published.low * (1.0 - 5e-3) <= value <= published.high * (1.0 + 5e-3):
        return "inside"
    return f"outside, because {published.because or 'no reason is known: look here first'}"


def table(figures: tuple[Figure, ...], facts: Facts) -> tuple[str, list[str]]:
    """Return figures beside their ranges as a Markdown table, and the verdicts."""
    rows, verdicts = ["| figure | here | published | verdict | where |", "| --- | --- | --- | --- | --- |"], []
    for figure in figures:
        beside = RANGES.get(figure.published, RANGES["plants cell"])
        value = figure.work(facts)
        verdict = judged(value, beside)
        verdicts.append(verdict.split(",")[0])
        span = "" if beside.low is None else " to ".join(f"{v:,g}" for v in dict.fromkeys((beside.low, beside.high)))
        shown = f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"
        told = "" if beside.low is None else beside.told
        rows.append(f"| {figure.title} | {shown} {figure.unit} | {span} | {verdict} | {told} |")
    return "\n".join(rows), verdicts


def answers(facts: Facts) -> list[str]:
    """Return the questions of a reader from the industry, answered with figures of this plan."""
    kwh = reference.parameter("product.kwh_per_vehicle").value
    told = ["## Questions of a reader from the industry", "", *cells(facts), *missing(facts), *under_way(facts)]
    told += vehicle_plants(facts, freight(facts, "freight_usd_per_unit"))
    told += ["", "### Why is use so high?", "", "| period | cells | packs | vehicles |", "| --- | --- | --- | --- |"]
    for period in facts.study.periods["period"]:
        told.append(f"| {period} | " + " | ".join(f"{facts.use(kind, str(period)):.0f} %" for kind in KINDS) + " |")
    told += [
        "",
        "Demand of a period is certain, all plants serve all buyers, and a plant is built only if it "
        "runs at 60 % at least: "
        "capacity that stands idle costs and earns nothing. A maker plans for models that fail, for "
        "ramp-up and for seasons. "
        "`ev.solve_scenarios` with futures of demand leaves reserves where they pay; a limit of kind "
        "`survive_share` asks for them.",
        "",
        "### How many pack plants, and why?",
        "",
    ]
    packs = facts.running("pack", facts.last)
    beside = packs["site"].isin(facts.running("assembly", facts.last)["site"])
    price, grown = facts.per_unit("pack", "100k"), facts.per_unit("pack", "300k")
    told += [
        f"{len(packs)} places join packs in {facts.last}, {int(beside.sum())} of them beside a "
        "vehicle plant. A line of 100,000 "
        f"packs costs {price:,.0f} USD a yearly pack, one of 300,000 {grown:,.0f}: over "
        f"{facts.study.settings.money.plant_life_years:g} "
        f"years the larger saves some {(price - grown) / 20:,.0f} USD a pack, less than a pack of "
        f"{kwh:g} kWh pays to travel, "
        "so packs are joined where they are used, as makers do.",
        "",
        "### What is decided in the first period?",
        "",
    ]
    rows = facts.arrivals[facts.arrivals["period"] == facts.first]
    abroad = rows["origin"].isin(facts.study.suppliers["supplier"])
    late = rows["time_h"] > 168.0
    years = float(facts.study.periods["years"].iloc[0])
    spent = facts.openings.loc[facts.openings["period"] == "2030-2032", "capex_usd"].sum() / 1e9
    told += [
        f"In {facts.first} {rows.loc[late, 'units_per_yr'].sum() * years / 1e6:.2f} million vehicles "
        "arrive later than the promised "
        f"week, and {rows.loc[abroad, 'units_per_yr'].sum() * years / 1e6:.2f} million come from "
        "overseas. The target of nine in ten "
        "on time holds from 2030 on, **and that is meant**: new plants need three years, so until "
        "then what stands and what is "
        "under way serves the market, and imports are weeks at sea. A target that no decision can "
        "meet says nothing; lateness "
        "is paid for in every period (150 USD a vehicle). The budget of 50 bn USD holds for what opens in "
        "2030-2032, the first that is decided now, and as much as makers can raise: batteries alone took 44 bn "
        "in the United States in 2024, at 11 bn a quarter. "
        f"The plan spends {spent:.1f} bn of it. Later budgets are not decided today."
    ]
    return told


def page(facts: Facts, commit: str, dear: Facts | None = None) -> str:
    """Return the page; beside the plan one with the wages of car makers, where it is given."""
    first, told = table(PARAMETERS, facts)
    second, more = table(PLAN, facts)
    verdicts = [*told, *more]
    counts = {word: verdicts.count(word) for word in dict.fromkeys(verdicts)}
    known = shares(facts.study)
    part, whole = known["parameters"]
    values, every = known["values_without_lanes"]
    head = [
        "# Is it plausible?",
        "",
        f"{len(verdicts)} figures of the study `north-america` and of its plan of least cost beside "
        "what is published: "
        + ", ".join(f"{n} {word}" for word, n in counts.items())
        + ". Made by `python -m benchmarks.plausibility`; "
        f"the plan is {str(facts.plan.status).lower()} with a proven gap of "
        f"{facts.plan.gap:.1%}{commit}; digest of the study {facts.study.digest[:8]}. Pages were read as stored "
        "excerpts; a range is what they say, converted, and no proof. Where the same source stands "
        "behind a figure and its range, "
        "inside says only that nothing was lost on the way.",
        "",
        f"Of the {whole} shipped parameters {part} are sourced or derived ({part / whole:.1%}; "
        "`python -m benchmarks.known_share`). Of "
        f"the {every:,} figures of the study outside its lanes {values:,} are ({values / every:.0%}): "
        "demand, promises, limits, "
        "program rules and scenarios are choices of the study. `study.sources` lists assumptions first.",
        "",
        "## Parameters",
        "",
        first,
        "",
        "## The plan",
        "",
        second,
        "",
    ]
    return "\n".join([*head, *answers(facts), *wages(facts, dear)]) + "\n"


def main(arguments: list[str] | None = None) -> None:
    """Solve or read the plan and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", help="run folder of a plan of north-america")
    parser.add_argument("--wages", help="run folder of the study with the wages of car makers")
    parser.add_argument("--commit", default="", help="what the plan was solved with")
    parser.add_argument("--out", default=str(PAGE))
    given = parser.parse_args(arguments)
    if given.run:
        study, plan = ev.read_run(given.run)
    else:
        study = ev.example("north-america")
        limit, gap = (float(os.environ.get(f"BENCH_{k}", v)) for k, v in (("SECONDS", "300"), ("GAP", "0.01")))
        plan = ev.solve(study, gap=gap, time_limit_s=limit)
    told = f", solved with commit {given.commit}" if given.commit else ""
    dear = Facts(*ev.read_run(given.wages)) if given.wages else None
    Path(given.out).write_text(page(Facts(study, plan), told, dear), encoding="utf-8")


if __name__ == "__main__":
    main()
