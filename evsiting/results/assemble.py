"""From what a solver decided to a Plan: tidy tables, plants with their figures, ledgers, versions."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from evsiting.errors import InputError, Problem, shown
from evsiting.results.goods import least_of_goods
from evsiting.results.ledgers.known_rows import require_known
from evsiting.results.ledgers.ledgers import ledgers_of
from evsiting.results.ledgers.plan_rows import PlanRows, all_tables
from evsiting.results.ledgers.sums import sums_by_key
from evsiting.results.plan import Plan, Solve
from evsiting.study.schema.plan_tables import DECISIONS, FLOWS
from evsiting.study.schema.plants import RUNNING
from evsiting.study.study import CRS, Study

#: Site and plant type.
Place = tuple[str, str]
#: Columns of ``plan.sites`` before the point.
SITE_COLUMNS = (
    "plant", "site", "name", "country", "region", "plant_type", "option", "status", "period", "closes",
    "capacity_units_per_yr", "capex_usd", "jobs_fte", "used", "programs",
)  # fmt: skip
#: Flows smaller than this part of the largest flow of their product are dust of the solver's arithmetic, and so are
#: other amounts beside the largest of their table.
DUST = 1e-9
#: Packages whose version is kept with a plan.
PACKAGES = ("evsiting", "pulp", "highspy", "geopandas", "numpy", "pandas")


def plan_from_tables(study: Study, tables: Mapping[str, pd.DataFrame], solve: Solve) -> Plan:
    """Return the plan that these tables describe, with its ledgers.

    Parameters
    ----------
    study : Study
        Complete: with lanes, incentives and all site columns.
    tables : mapping of str to pandas.DataFrame
        What is decided, by names and with the columns of :data:`evsiting.study.schema.plan_tables.DECISIONS`; tables
        left out are empty.
    solve : Solve
        How the answer was reached.

    Returns
    -------
    Plan
        Tables sorted by key; flows below :data:`DUST` of their product's largest flow are left out.

    Raises
    ------
    InputError
        If a table lacks a column, is none of a plan, or names what the study does not have.
    """
    return plan_from_rows(study, tidy_rows(study, tables), solve)


def tidy_rows(study: Study, tables: Mapping[str, pd.DataFrame]) -> PlanRows:
    """Return what these tables do by the figures of a study, tidied; as :func:`plan_from_tables`, which see."""
    facts = PlanRows(study, tidy(tables))
    require_known(facts)
    return facts


def plan_from_rows(study: Study, facts: PlanRows, solve: Solve) -> Plan:
    """Return the plan that these rows make, with its ledgers; as :func:`plan_from_tables`, which see."""
    clean = facts.tables
    return Plan(
        study_name=study.settings.study.name,
        study_digest=study.digest,
        solve=replace(solve, goods=least_of_goods(study)),
        sites=plant_list(facts),
        production=clean["production"],
        shipments=clean["shipments"],
        unmet=clean["unmet"],
        decisions=MappingProxyType({name: frame for name, frame in clean.items() if name not in FLOWS}),
        ledgers=MappingProxyType(ledgers_of(facts)),
        versions=MappingProxyType(versions()),
    )


def tidy(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return every table of a plan with its columns alone, sorted, and without the dust of a solver.

    Raises
    ------
    InputError
        If a column is missing, or a table is none of a plan.
    """
    problems = [
        Problem(name, "is no table of a plan", f"the tables are {shown(DECISIONS, 20)}", "Leave it out")
        for name in tables
        if name not in DECISIONS
    ]
    for name, what in DECISIONS.items():
        missing = [c for c in what.columns if name in tables and c not in tables[name]]
        if missing:
            problems.append(Problem(name, "columns are missing", shown(missing), f"Give {', '.join(what.columns)}"))
    if problems:
        raise InputError(problems)
    clean = {}
    for name, frame in all_tables(tables).items():
        what = DECISIONS[name]
        if not len(frame):
            clean[name] = frame
            continue
        frame = pd.DataFrame(frame)[list(what.columns)].copy()
        frame[list(what.key)] = frame[list(what.key)].astype("str")
        if what.value:
            frame[what.value] = frame[what.value].astype(np.float64)
        clean[name] = frame.sort_values(list(what.key), kind="stable", ignore_index=True)
    units = {
        name: "product" for name, what in DECISIONS.items() if what.value == "units_per_yr" and "product" in what.key
    }
    every = pd.concat([clean[name][["product", "units_per_yr"]] for name in FLOWS])
    largest = every["units_per_yr"].abs().groupby(every["product"]).max()
    for name, what in DECISIONS.items():
        frame = clean[name]
        if not what.value or not len(frame):
            continue
        amount = frame[what.value].abs()
        size = frame["product"].map(largest).astype(np.float64) if name in units else float(amount.max())
        if name == "violations":  # each limit has a unit of its own
            size = amount.groupby(frame["limit"]).transform("max")
        dust = np.isfinite(amount) & (amount <= DUST * size)  # what has no end is no dust: the certificate tells
        clean[name] = frame[~dust].reset_index(drop=True)
    key = list(DECISIONS["qualified"].key)  # that what nobody makes would qualify says nothing
    made = set(clean["production"][key].itertuples(index=False, name=None))
    is_made = [row in made for row in clean["qualified"][key].itertuples(index=False, name=None)]
    clean["qualified"] = clean["qualified"][np.array(is_made, dtype=np.bool_)].reset_index(drop=True)
    return clean


def plant_list(facts: PlanRows) -> gpd.GeoDataFrame:
    """Return every plant of a plan, new or standing, with its figures in the last period and its point.

    Where several plants of one type share a site, what they make is shared among them by capacity. A plant that is
    expanded is one plant, with the option that it has in the end and the investment of all its steps; one that the plan
    builds and closes again has the option with which it ended.

    Parameters
    ----------
    facts : Facts
        A complete study and every table of the plan; see :func:`tidy`.

    Returns
    -------
    geopandas.GeoDataFrame
        As ``sites`` in :class:`evsiting.results.plan.Plan`.
    """
    last, plants = facts.horizon.periods[-1], [*_built(facts), *_standing_plants(facts)]
    places = [(plant["site"], plant["plant_type"]) for plant in plants]
    size, staff = _at_end(facts, last)
    load, hired = _worked_at_end(facts, last)
    usable = [size.get(plant["plant"], 0.0) for plant in plants]
    room = sums_by_key(places, usable)
    for plant, place, mine in zip(plants, places, usable, strict=True):
        here = room[place] if room[place] > 0 else 1.0
        plant["used"] = load.get(place, 0.0) / here if room[place] > 0 and mine > 0 else 0.0
        plant["jobs_fte"] = staff.get(plant["plant"], 0.0) + hired.get(place, 0.0) * mine / here
    programs = _programs_by_place(facts.study, facts.tables)
    sites, columns = facts.study.sites, ("site", "name", "country", "region")
    known = {cells[0]: cells for cells in zip(*(sites[c].tolist() for c in (*columns, "geometry")), strict=True)}
    for plant, place in zip(plants, places, strict=True):
        gone = plant["status"] == "closed" and not plant["option"]
        plant["programs"] = "" if gone else programs.get(place, "")
        _, name, plant["country"], plant["region"], plant["geometry"] = known[plant["site"]]
        plant["name"] = name if isinstance(name, str) else plant["site"]
    plants.sort(key=lambda plant: tuple(plant[c] for c in ("site", "plant_type", "status", "plant")))
    numbers = ("capacity_units_per_yr", "capex_usd", "jobs_fte", "used")
    listed = {
        c: pd.Series([plant[c] for plant in plants], dtype="float64" if c in numbers else "str") for c in SITE_COLUMNS
    }
    listed |= {c: cells if c in numbers else cells.fillna("") for c, cells in listed.items()}
    points = gpd.GeoSeries([plant["geometry"] for plant in plants], crs=CRS)
    return gpd.GeoDataFrame(pd.DataFrame(listed), geometry=points, crs=CRS)


def _at_end(facts: PlanRows, last: str) -> tuple[dict[str, float], dict[str, float]]:
    """Return by plant what can be used of it in the last period, and its staff. [units/yr], [FTE]."""
    columns = ("site", "plant_type", "period", "capacity_units_per_yr", "staff_fte")
    new = [(f"{s}/{k}", *cells) for s, k, *cells in zip(*(facts.built[c].tolist() for c in columns), strict=True)]
    old = zip(*(facts.standing[c].tolist() for c in ("plant", *columns[2:])), strict=True)
    rows = [(plant, size, staff) for plant, period, size, staff in (*new, *old) if period == last]
    names = [plant for plant, _, _ in rows]
    return sums_by_key(names, [size for _, size, _ in rows]), sums_by_key(names, [staff for _, _, staff in rows])


def _worked_at_end(facts: PlanRows, last: str) -> tuple[dict[Place, float], dict[Place, float]]:
    """Return by place the capacity that its products take in the last period, and who makes them. [units/yr], [FTE]"""
    columns = ("site", "plant_type", "period", "units_per_yr", "capacity_use", "labor_h_per_unit")
    made = zip(*(facts.made[c].tolist() for c in columns), strict=True)
    rows = [((s, k), units * use, units * work / facts.hours) for s, k, t, units, use, work in made if t == last]
    places = [place for place, _, _ in rows]
    return sums_by_key(places, [load for _, load, _ in rows]), sums_by_key(places, [hired for _, _, hired in rows])


def _built(facts: PlanRows) -> list[dict[str, Any]]:
    """Return what the plan builds, as it is in the end: an expansion that is closed alone leaves what it grew from."""
    key, ended = ("site", "plant_type", "option"), facts.ended
    end = dict(zip(zip(*(ended[c].tolist() for c in key), strict=True), ended["ended"].tolist(), strict=True))
    columns = (*key, "period", "start", "invested_usd", "capacity_units_per_yr", "expands")
    steps: dict[Place, list[dict[str, Any]]] = {}
    for cells in zip(*(facts.opened[c].tolist() for c in columns), strict=True):
        step = dict(zip(columns, cells, strict=True))
        steps.setdefault(cells[:2], []).append(step | {"ended": end.get(cells[:3], np.inf)})
    begun = dict(zip(facts.weights["start"].tolist(), facts.weights["period"].tolist(), strict=True))
    return [_grown(place, sorted(steps[place], key=lambda step: step["start"]), begun) for place in sorted(steps)]


def _grown(place: Place, steps: list[dict[str, Any]], begun: Mapping[int, str]) -> dict[str, Any]:
    """Return one plant from its steps in order of time."""
    ended = max(step["ended"] for step in steps)
    left = [step for step in steps if step["ended"] == ended]
    outgrown = {step["expands"] for step in left}
    left = [step for step in left if step["option"] not in outgrown]
    gone = bool(np.isfinite(ended))
    return {
        "plant": "/".join(place),
        "site": place[0],
        "plant_type": place[1],
        "option": left[-1]["option"] if left else "",
        "status": "closed" if gone else "new",
        "period": steps[0]["period"],
        "closes": begun.get(ended, "") if gone else "",
        "capacity_units_per_yr": left[-1]["capacity_units_per_yr"] if left else np.nan,
        "capex_usd": sums_by_key([place] * len(steps), [step["invested_usd"] for step in steps])[place],
    }


def _standing_plants(facts: PlanRows) -> list[dict[str, Any]]:
    """Return standing plants; ``status`` says what becomes of them, ``period`` when they are closed or resumed."""
    moved = zip(*(facts.moved[c].tolist() for c in ("plant", "move", "period", "resume_usd")), strict=True)
    moves: dict[str, tuple[Any, ...]] = {}
    for plant, *cells in moved:
        moves.setdefault(plant, tuple(cells))
    rows, columns = [], ("plant", "site", "plant_type", "status", "capacity_units_per_yr")
    for figures in zip(*(facts.study.plants[c].tolist() for c in columns), strict=True):
        row: dict[str, Any] = dict(zip(columns, figures, strict=True))
        move, period, cost = moves.get(row["plant"], ("", "", 0.0))
        if row["status"] in RUNNING or move == "resume":
            row["status"] = {"close": "closed", "resume": "resumed"}.get(move, row["status"])
            row["capex_usd"] = cost if move == "resume" and cost == cost else 0.0
            rows.append(row | {"option": "", "period": period, "closes": period if move == "close" else ""})
    return rows


def _programs_by_place(study: Study, tables: Mapping[str, pd.DataFrame]) -> dict[Place, str]:
    """Return, for each place, the programs that pay for its plants, parted by '; '."""
    ruled = set(study.program_rules["program"].tolist())
    built = _rows(tables["openings"], "site", "plant_type", "period")
    made = _rows(tables["production"], "site", "plant_type", "product", "period")
    worked = {(site, kind, period) for site, kind, _, period in made}
    programs_of: dict[Place, set[str]] = {}
    offers = study.incentives
    columns = ("site", "plant_type", "product", "period", "program", "kind", "value")
    for site, kind, product, period, program, what, value in zip(*(offers[c].tolist() for c in columns), strict=True):
        if value > 0 and program not in ruled:
            paid = (
                (site, kind, product, period) in made
                if what == "production"
                else (site, kind, period) in (worked if what == "job" else built)
            )
            if paid:
                programs_of.setdefault((site, kind), set()).add(str(program))
    for site, kind, program in _rows(tables["claims"], "site", "plant_type", "program"):
        programs_of.setdefault((site, kind), set()).add(program)
    return {where: "; ".join(sorted(programs)) for where, programs in programs_of.items()}


def _rows(frame: pd.DataFrame, *columns: str) -> set[tuple[str, ...]]:
    """Return each row of some columns once."""
    return set(zip(*(frame[c].astype("str").tolist() for c in columns), strict=True))


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that a plan depends on."""
    return dict(_versions())


@cache
def _versions() -> Mapping[str, str]:
    version_of = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            version_of[package] = version(package)
        except PackageNotFoundError:
            continue
    return MappingProxyType(version_of)
