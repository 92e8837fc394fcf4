"""Plans at the edges of what is handed on: nothing built, one place, a hundred periods, names that do harm.

Each is made from the two-plant study by hand, without a solve.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from evsiting.results.plan import Plan, Status
from evsiting.study.study import Study
from tests.exports.conftest import HOSTILE
from tests.frames import COLUMNS
from tests.frames import points as placed
from tests.plans import OPENINGS, PRODUCTION, SHIPMENTS, plan_of
from tests.studies import two_plant_study

Answer = tuple[Study, Plan]

#: Names that are long, right to left, broken over lines, mathematical, or end in a sign of their own.
STRANGE = (
    "Very long name of a place that goes on " + "and on " * 10,
    "مصنع البطاريات",
    "two\nlines\tand a tab",
    "$x^2_i$ and \\frac{1}{0} $",
    "🚗🔋 naïve",
    'it\'s "quoted" & <b>bold</b> {{ 7*7 }} {% raw %}',
)


def best(study: Study) -> Plan:
    """Return the plan by hand that is best of the two-plant study, for a study with the same places and lanes."""
    return plan_of(study, openings=OPENINGS, production=PRODUCTION, shipments=SHIPMENTS)


def unserved(study: Study) -> Plan:
    """Return the plan that builds, makes and ships nothing."""
    unmet = study.demand[["market", "product", "period", "units_per_yr"]]
    return plan_of(study, openings=[], production=[], shipments=[], unmet=unmet[unmet["units_per_yr"] > 0])


def frame(name: str, *rows: tuple[object, ...]) -> pd.DataFrame:
    """Return a table of a study with the columns of the tests."""
    return pd.DataFrame(list(rows), columns=COLUMNS[name])


def nothing_built() -> Answer:
    """Return a plan that builds nothing although rules of origin, programs, duties and power ask for their sections."""
    study = two_plant_study()
    study = study.with_table("sites", study.sites.assign(connectable_mw=100.0, clean_premium_usd_per_mwh=5.0))
    rules = pd.DataFrame({"product": ["vehicle"], "rvc": [0.75], "net_cost_usd_per_unit": [30e3]})
    duties = pd.DataFrame({"product": ["vehicle"], "origin": ["MX"], "destination": ["US"], "rate": [0.025]})
    study = study.with_table("origin_rules", rules).with_table("duties", duties.assign(measure="MFN"))
    return study, unserved(study)


def nothing_stands() -> Answer:
    """Return a plan without any plant: none is built, none stands."""
    study = two_plant_study()
    study = study.with_table("plants", study.plants.iloc[:0])
    return study, unserved(study)


def only_existing() -> Answer:
    """Return a plan in which only the plant that stands works: cells go to a market."""
    study = two_plant_study()
    lane = ("cell", "windsor", "east", "rail", 900.0, 40.0, 0.5, 0.0, 0.2, None)
    study = study.with_table("lanes", pd.concat([study.lanes, frame("lanes", lane)]))
    study = study.with_table("demand", frame("demand", ("east", "cell", "p1", 1e6, 500.0)))
    made = [("windsor", "cell", "cell", "p1", 1e6)]
    shipped = [("cell", "windsor", "east", "rail", "p1", 1e6)]
    return study, plan_of(study, openings=[], production=made, shipments=shipped)


def one_place() -> Answer:
    """Return a study of one site, one market and one product, without suppliers, incentives or plants that stand."""
    study = two_plant_study()
    lane = ("cell", "memphis", "east", "road", 1_700.0, 28.0, 5.0, 0.0, 3.0, None)
    tables = {
        "sites": study.sites.iloc[:1].assign(plant_types="cell"),
        "markets": study.markets.iloc[:1],
        "products": study.products.iloc[:1],
        "processes": study.processes.iloc[:1],
        "options": study.options.iloc[:1],
        "demand": frame("demand", ("east", "cell", "p1", 6e6, None)),
        "lanes": frame("lanes", lane),
    }
    for empty in ("bill_of_materials", "plants", "suppliers", "incentives"):
        tables[empty] = study.table(empty).iloc[:0]
    study = Study.from_tables(study.settings, {**study.tables, **tables})
    made = [("memphis", "cell", "cell", "p1", 6e6)]
    shipped = [("cell", "memphis", "east", "road", "p1", 6e6)]
    return study, plan_of(study, openings=OPENINGS[:1], production=made, shipments=shipped)


def hundred_periods() -> Answer:
    """Return a plan over a hundred periods of one year."""
    study = two_plant_study()
    names = [f"y{n:03d}" for n in range(100)]
    demand = pd.concat([study.demand.assign(period=n) for n in names], ignore_index=True)
    paid = pd.concat([study.incentives.assign(period=n) for n in names], ignore_index=True)
    periods = pd.DataFrame({"period": names, "start_year": range(2027, 2127), "years": 1})
    study = Study.from_tables(
        study.settings, {**study.tables, "periods": periods, "demand": demand, "incentives": paid}
    )
    made = [(*row[:3], n, row[4]) for row in PRODUCTION for n in names]
    shipped = [(*row[:4], n, row[5]) for row in SHIPMENTS for n in names]
    return study, plan_of(study, openings=[(*o[:3], "y000") for o in OPENINGS], production=made, shipments=shipped)


def strange_names() -> Answer:
    """Return a study whose names, question and programs are as strange as names can be."""
    study = two_plant_study()
    study = (
        study.with_table("sites", study.sites.assign(name=[STRANGE[0], STRANGE[1], HOSTILE[0]]))
        .with_table("markets", study.markets.assign(name=[STRANGE[2], STRANGE[3]]))
        .with_table("products", study.products.assign(name=[STRANGE[4], STRANGE[5], HOSTILE[2]]))
        .with_table("plants", study.plants.assign(name=STRANGE[3], company=STRANGE[5]))
        .with_table("incentives", study.incentives.assign(program=[STRANGE[5], STRANGE[3]]))
        .with_settings(study={"name": STRANGE[3], "question": STRANGE[5], "author": STRANGE[1]})
    )
    return study, best(study)


def free_of_charge() -> Answer:
    """Return a plan in which nothing costs, emits or employs anything."""
    study = two_plant_study()
    tables = dict(study.tables)
    for name, table in tables.items():
        zero = [c for c in table if c.startswith(("fixed_usd", "capex", "material_usd", "grid_f", "clean_"))]
        zero += [
            c for c in table if c.startswith(("staff", "labor_h", "electricity", "freight", "duty_", "emissions_"))
        ]
        tables[name] = table.assign(**dict.fromkeys(zero, 0.0))
    tables["incentives"] = tables["incentives"].iloc[:0]
    study = Study.from_tables(study.settings, tables)
    return study, best(study)


def paid_to_build() -> Answer:
    """Return a plan whose credits are larger than its cost."""
    study = two_plant_study()
    study = study.with_table("incentives", study.incentives.assign(value=[0.5, 5_000.0]))
    return study, best(study)


def scaled(factor: float) -> Callable[[], Answer]:
    """Return a study in which all money and all quantities are so many times as large."""

    def made() -> Answer:
        study = two_plant_study()
        tables = dict(study.tables)
        for name, table in tables.items():
            wide = [c for c in table if c.startswith(("units_per_yr", "capacity_units", "capex", "fixed_usd", "staff"))]
            tables[name] = table.assign(**{c: table[c] * factor for c in wide})
        study = Study.from_tables(study.settings, tables)
        made = [(*row[:4], row[4] * factor) for row in PRODUCTION]
        shipped = [(*row[:5], row[5] * factor) for row in SHIPMENTS]
        return study, plan_of(study, openings=OPENINGS, production=made, shipments=shipped)

    return made


def far_apart() -> Answer:
    """Return a plan with plants in Alaska and Yucatán, and a market in Hawaii."""
    study = two_plant_study()
    sites = pd.DataFrame(study.sites.drop(columns="geometry")).assign(
        country=["US", "MX", "CA"], region=["US-AK", "MX-YUC", "CA-ON"]
    )
    towns = pd.DataFrame(study.markets.drop(columns="geometry")).assign(region=["US-HI", "US-CA"])
    study = study.with_table("sites", placed(sites, [-149.9, -89.6, -83.02], [61.2, 20.97, 42.3]))
    study = study.with_table("markets", placed(towns, [-157.8, -118.24], [21.3, 34.05]))
    return study, best(study)


def stopped(status: Status, limit: str, bound: float = -np.inf) -> Callable[[], Answer]:
    """Return the best plan as a run that was stopped leaves it."""

    def made() -> Answer:
        study = two_plant_study()
        plan = best(study)
        return study, replace(plan, solve=replace(plan.solve, status=status, limit=limit, bound=bound))

    return made


#: Plans by what is odd about them.
ODD: Mapping[str, Callable[[], Answer]] = {
    "nothing built": nothing_built,
    "nothing stands": nothing_stands,
    "only existing": only_existing,
    "one place": one_place,
    "hundred periods": hundred_periods,
    "strange names": strange_names,
    "free of charge": free_of_charge,
    "paid to build": paid_to_build,
    "tiny": scaled(1e-7),
    "huge": scaled(1e6),
    "far apart": far_apart,
    "time without bound": stopped(Status.FEASIBLE, "time"),
    "interrupted": stopped(Status.FEASIBLE, "interrupt", 1e9),
}
