"""Rules on numbers of plants and logic among them, on throughput and on sources, recomputed from the tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from evsiting.results.rules.bounds import HORIZON, check_bounds, horizon_limits, lies_at, limits_in_periods
from evsiting.results.rules.case import Examination, Violations
from evsiting.study.lists import gateways_on, named_plants, split_list

__all__ = ["RULES", "count", "logic", "programs_used", "sites_changed", "sources", "throughput"]

#: Part of what a market gets below which an origin is the dust of a solver, and no source.
_DUST = 1e-6


def _standing(case: Examination) -> dict[str, list[tuple[str, str, str]]]:
    """Return site, plant type and option of every plant that stands, by period; of table plants the option is empty."""
    began = dict(zip(case.periods["period"], case.periods["start_year"], strict=True))
    grows = {(k, o): e for k, o, e in case.study.options[["plant_type", "option", "expands"]].itertuples(index=False)}
    standing: dict[str, list[tuple[str, str, str]]] = {}
    ends = {(r.site, r.plant_type, r.option): began[r.period] for r in case.retirements.itertuples(index=False)}
    for period, year in began.items():
        built = [
            row
            for row in case.known_openings.itertuples(index=False)
            if began[row.period] <= year < ends.get((row.site, row.plant_type, row.option), np.inf)
        ]
        left = {(r.site, r.plant_type, grows[r.plant_type, r.option]) for r in built}
        plants = [(str(r.site), str(r.plant_type), str(r.option)) for r in built]
        standing[str(period)] = [p for p in plants if p not in left]
    running = case.facts.standing[["site", "plant_type", "period"]]
    for site, kind, period in running.itertuples(index=False, name=None):
        standing[period].append((site, kind, ""))
    return standing


def _is(plant: tuple[str, str, str], names: tuple[str, str, str]) -> bool:
    """Whether a plant has the site, the plant type and the option of a member."""
    return all(wanted in ("", mine) for mine, wanted in zip(plant, names, strict=True))


def _any_is(plants: Iterable[tuple[str, str, str]], members: object) -> bool:
    """Whether one of some plants is one of the members of a cell."""
    wanted = named_plants(members)
    return any(_is(plant, names) for plant in plants for names in wanted)


def _here(case: Examination, row: Any) -> set[str]:
    """Return the sites at the place of a limit."""
    sites = case.study.sites[["site", "country", "region"]].rename(columns={"site": "code"})
    return set(sites.loc[lies_at(sites, row.place), "code"])


def count(case: Examination) -> list[Violations]:
    """Count the plants that stand in a period, and those that are built, at a place, of a type, of an option."""
    violations = []
    rows = limits_in_periods(case, "plants_open")
    if len(rows):
        standing = _standing(case)
        rows = _limits_in_force(rows, standing)
        numbers = []
        for row in rows.itertuples():
            here, wanted = _here(case, row), ("", _text(row.plant_type), _text(row.option))
            numbers.append(sum(plant[0] in here and _is(plant, wanted) for plant in standing[str(row.period)]))
        violations.append(_numbers(rows, numbers, "plants that stand: {found:g}"))
    rows = horizon_limits(case, "plants_built")
    if len(rows):
        steps = case.known_openings.merge(case.study.options[["plant_type", "option", "expands"]])
        numbers = []
        for row in rows.itertuples():
            mine = steps["site"].isin(_here(case, row))
            mine &= steps["option"] == row.option if _text(row.option) else steps["expands"].isna()
            if _text(row.plant_type):
                mine &= steps["plant_type"] == row.plant_type
            if row.period != HORIZON:
                mine &= steps["period"] == row.period
            numbers.append(int(mine.sum()))
        violations.append(_numbers(rows, numbers, "plants built: {found:g}"))
    return violations


def logic(case: Examination) -> list[Violations]:
    """Count the members of a limit that are open in a period."""
    rows = limits_in_periods(case, "members_open")
    if rows.empty:
        return []
    standing = _standing(case)
    rows = _limits_in_force(rows, standing)
    numbers = [
        sum(_any_is(standing[str(row.period)], name) for name in dict.fromkeys(split_list(row.members)))
        for row in rows.itertuples()
    ]
    return [_numbers(rows, numbers, "{found:g} of its members are open")]


def sites_changed(case: Examination) -> list[Violations]:
    """Count the sites at which new plants are built without being named, and the named ones at which none is."""
    rows = horizon_limits(case, "sites_changed")
    if rows.empty:
        return []
    numbers = []
    for row in rows.itertuples():
        built = case.known_openings
        if _text(row.plant_type):
            built = built[built["plant_type"] == row.plant_type]
        numbers.append(len(set(built["site"]) ^ set(split_list(row.members))))
    return [_numbers(rows, numbers, "{found:g} sites are others")]


def programs_used(case: Examination) -> list[Violations]:
    """Count the claims of named programs that are paid something, at a place, of plants of a type."""
    rows = horizon_limits(case, "programs_used")
    if rows.empty:
        return []
    key = ["program", "site", "plant_type"]
    paid = case.plan.decisions["credits"]
    paid = paid.loc[paid["usd"] > 0.0, key].drop_duplicates()
    claims = pd.DataFrame(case.plan.decisions["claims"])[key].drop_duplicates().merge(paid, on=key)
    numbers = []
    for row in rows.itertuples():
        mine = claims["program"].isin(split_list(row.members)) & claims["site"].isin(_here(case, row))
        if _text(row.plant_type):
            mine &= claims["plant_type"] == row.plant_type
        numbers.append(int(mine.sum()))
    return [_numbers(rows, numbers, "{found:g} claims are paid")]


def _limits_in_force(rows: pd.DataFrame, standing: Mapping[str, list[tuple[str, str, str]]]) -> pd.DataFrame:
    """Return the limits without those that depend on plants of which none stands in the period."""
    in_force = [not _text(row.if_open) or _any_is(standing[str(row.period)], row.if_open) for row in rows.itertuples()]
    return rows[np.array(in_force, dtype=np.bool_)].reset_index(drop=True)


def _text(cell: object) -> str:
    return cell if isinstance(cell, str) else ""


def _numbers(rows: pd.DataFrame, numbers: list[int], words: str) -> Violations:
    return check_bounds(rows.assign(found=np.array(numbers, dtype=np.float64), size=1.0), ["limit", "period"], words)


def throughput(case: Examination) -> list[Violations]:
    """Compare what lanes between two places, of a mode or through a gateway carry with limits on it."""
    rows = limits_in_periods(case, "throughput", "throughput_mass")
    if rows.empty:
        return []
    study, sent = case.study, case.facts.shipped
    mass = study.products.set_index("product")["mass_kg_per_unit"]
    tonnes = sent["units_per_yr"] * sent["product"].map(mass).astype(np.float64) / 1000.0
    ends = pd.concat(
        [
            study.table(name)[[key, "country", *(["region"] if name != "suppliers" else [])]].rename(
                columns={key: "code"}
            )
            for name, key in (("sites", "site"), ("markets", "market"), ("suppliers", "supplier"))
        ],
        ignore_index=True,
    )
    amounts, size = [], []
    for row in rows.itertuples():
        mine = sent["period"] == row.period
        mine &= sent["site"].isin(ends.loc[lies_at(ends, row.origin), "code"])
        mine &= sent["destination"].isin(ends.loc[lies_at(ends, row.destination), "code"])
        for column in ("product", "mode"):
            if _text(cell := getattr(row, column)):
                mine &= sent[column] == cell
        if _text(row.gateway):
            mine &= np.array([row.gateway in gateways_on(route) for route in sent["route"]], dtype=np.bool_)
        carried = sent["units_per_yr"] if row.kind == "throughput" else tonnes
        every = carried[sent["product"] == row.product] if _text(row.product) else carried
        amounts.append(float(carried[mine].sum()))
        size.append(max(float(every.max()) if len(every) else 0.0, 0.0))
    rows["found"] = amounts
    largest = np.fmax(rows["at_least"].fillna(0.0), rows["at_most"].fillna(0.0))
    rows["size"] = np.maximum(largest, 1e-3 * np.array(size))
    return [check_bounds(rows, ["limit", "period"], "{found:,.6g} are carried")]


def sources(case: Examination) -> list[Violations]:
    """Count the sites and suppliers from which each market of a place gets a product, or all of its products."""
    rows = limits_in_periods(case, "sources")
    if rows.empty:
        return []
    towns = case.study.markets[["market", "country", "region"]].rename(columns={"market": "code"})
    parts = []
    for _, row in rows.iterrows():
        sent = case.shipments[case.shipments["period"] == row["period"]]
        sent = sent[sent["destination"].isin(towns.loc[lies_at(towns, row["place"]), "code"])]
        if isinstance(row["product"], str):
            sent = sent[sent["product"] == row["product"]]
        each = sent.groupby(["destination", "product", "origin"], as_index=False)["units_per_yr"].sum()
        whole = each.groupby(["destination", "product"])["units_per_yr"].transform("sum")
        each = each[each["units_per_yr"] > _DUST * whole]
        number = each.groupby("destination")["origin"].nunique()
        here = pd.DataFrame({"group": number.index.astype("str"), "found": number.to_numpy(np.float64)})
        parts.append(here.assign(**{str(k): v for k, v in row.items()}))
    every = pd.concat(parts, ignore_index=True)
    # A soft limit is broken by what all its markets have too many: what one may have more, the others may not.
    over = (every["found"] - every["at_most"]).clip(lower=0.0)
    others = over.groupby([every["limit"], every["period"]]).transform("sum") - over
    every["violation"] = (every["violation"] - others).clip(lower=0.0)
    return [check_bounds(every.assign(size=1.0), ["limit", "group", "period"], "{found:g} sources")]


#: Rules of this room by constraint family.
RULES: Mapping[str, Callable[[Examination], list[Violations]]] = MappingProxyType(
    {
        "count": count,
        "logic": logic,
        "sites_changed": sites_changed,
        "programs_used": programs_used,
        "throughput": throughput,
        "sources": sources,
    }
)
