"""From what a solver decided to a Plan: tidy tables, plants with their figures, ledgers, versions."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd

from evsiting.errors import InputError, Problem, shown
from evsiting.results.goods import least_of_goods
from evsiting.results.ledgers.known_rows import require_known
from evsiting.results.ledgers.ledgers import ledgers_of
from evsiting.results.ledgers.plan_rows import PlanRows, all_tables
from evsiting.results.plan import Plan, Solve
from evsiting.study.schema.plan_tables import DECISIONS, FLOWS
from evsiting.study.schema.plants import RUNNING
from evsiting.study.study import CRS, Study

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
    study, last, place = facts.study, facts.horizon.periods[-1], ["site", "plant_type"]
    rows = pd.concat([_built(facts), _standing_plants(facts)], ignore_index=True)

    at_end = pd.concat(
        [facts.built.assign(plant=facts.built["site"] + "/" + facts.built["plant_type"]), facts.standing]
    )
    at_end = at_end[at_end["period"] == last]
    sizes = at_end.groupby("plant", as_index=False)[["capacity_units_per_yr", "staff_fte"]].sum()
    rows = rows.merge(sizes.rename(columns={"capacity_units_per_yr": "usable"}), on="plant", how="left")
    made = facts.made[facts.made["period"] == last]
    made = made.assign(
        load=made["units_per_yr"] * made["capacity_use"],
        fte=made["units_per_yr"] * made["labor_h_per_unit"] / facts.hours,
    )
    rows = rows.merge(made.groupby(place, as_index=False)[["load", "fte"]].sum(), on=place, how="left")
    rows = rows.fillna({"usable": 0.0, "staff_fte": 0.0, "load": 0.0, "fte": 0.0})
    room = rows.groupby(place)["usable"].transform("sum")
    rows["used"] = np.where((room > 0) & (rows["usable"] > 0), rows["load"] / room.where(room > 0, 1.0), 0.0)
    rows["jobs_fte"] = rows["staff_fte"] + rows["fte"] * rows["usable"] / room.where(room > 0, 1.0)
    rows["programs"] = _programs_by_plant(study, rows, facts.tables)

    sites = study.sites[["site", "name", "country", "region", "geometry"]]
    sites["name"] = sites["name"].fillna(sites["site"])
    rows = rows.merge(sites, on="site", how="left")
    rows = rows.sort_values(["site", "plant_type", "status", "plant"], ignore_index=True)
    text = [c for c in SITE_COLUMNS if c not in ("capacity_units_per_yr", "capex_usd", "jobs_fte", "used")]
    rows[text] = rows[text].astype("str").fillna("")
    return gpd.GeoDataFrame(rows[[*SITE_COLUMNS, "geometry"]], geometry="geometry", crs=CRS)


def _built(facts: PlanRows) -> pd.DataFrame:
    """Return what the plan builds, as it is in the end: an expansion that is closed alone leaves what it grew from."""
    place = ["site", "plant_type"]
    steps = facts.opened.merge(facts.ended, on=[*place, "option"], how="left")
    steps = steps.sort_values([*place, "start"], kind="stable", ignore_index=True)
    steps["ended"] = steps["ended"].fillna(np.inf)
    new = steps.groupby(place, as_index=False).agg(
        period=("period", "first"), capex_usd=("invested_usd", "sum"), ended=("ended", "max")
    )
    left = steps[steps["ended"] == steps.groupby(place)["ended"].transform("max")]
    grown = left[[*place, "expands"]].dropna().rename(columns={"expands": "option"}).astype("str").drop_duplicates()
    left = left.merge(grown, on=[*place, "option"], how="left", indicator="outgrown")
    left = left[left["outgrown"] == "left_only"].drop_duplicates(place, keep="last")
    new = new.merge(left[[*place, "option", "capacity_units_per_yr"]], on=place, how="left")
    new["plant"], gone = new["site"] + "/" + new["plant_type"], np.isfinite(new["ended"])
    new["status"] = np.where(gone, "closed", "new")
    new["closes"] = new["ended"].map(dict(zip(facts.weights["start"], facts.weights["period"], strict=True)))
    return new.assign(closes=new["closes"].where(gone, "").astype("str")).drop(columns="ended")


def _standing_plants(facts: PlanRows) -> pd.DataFrame:
    """Return standing plants; ``status`` says what becomes of them, ``period`` when they are closed or resumed."""
    plants = pd.DataFrame(facts.study.plants)[["plant", "site", "plant_type", "status", "capacity_units_per_yr"]]
    moves = facts.moved[["plant", "move", "period", "resume_usd"]].drop_duplicates("plant")
    rows = plants.merge(moves, on="plant", how="left")
    rows = rows[rows["status"].isin(RUNNING) | (rows["move"] == "resume")]
    rows["status"] = rows["move"].map({"close": "closed", "resume": "resumed"}).fillna(rows["status"])
    rows["capex_usd"] = np.where(rows["move"] == "resume", rows["resume_usd"].fillna(0.0), 0.0)
    rows = rows.assign(option="", period=rows["period"].fillna(""))
    return rows.assign(closes=rows["period"].where(rows["move"] == "close", "")).drop(columns=["move", "resume_usd"])


def _programs_by_plant(study: Study, plants: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.Series:
    """Return, for each plant, the programs that pay for it, parted by '; '; none for a standing one that is closed."""
    ruled = set(study.program_rules["program"].tolist())
    built = _rows(tables["openings"], "site", "plant_type", "period")
    made = _rows(tables["production"], "site", "plant_type", "product", "period")
    worked = {(site, kind, period) for site, kind, _, period in made}
    programs_of: dict[tuple[str, str], set[str]] = {}
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
    names = {where: "; ".join(sorted(programs)) for where, programs in programs_of.items()}
    cells = [plants[c].tolist() for c in ("site", "plant_type", "status", "option")]
    texts = [
        "" if status == "closed" and not option else names.get(tuple(key), "")
        for *key, status, option in zip(*cells, strict=True)
    ]
    return pd.Series(texts, index=plants.index, dtype="str")


def _rows(frame: pd.DataFrame, *columns: str) -> set[tuple[str, ...]]:
    """Return each row of some columns once."""
    return set(zip(*(frame[c].astype("str").tolist() for c in columns), strict=True))


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that a plan depends on."""
    version_of = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            version_of[package] = version(package)
        except PackageNotFoundError:
            continue
    return version_of
