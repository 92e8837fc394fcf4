"""Tables of the HTML page: ready text with the exact value beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evsiting.report.headline import Headline, bought_words, capacity_units, kind_names, period_labels, period_spans
from evsiting.report.html.blocks import Cell, number
from evsiting.report.ledger_items import item_name, item_order
from evsiting.report.maps.geometry import outlines
from evsiting.report.number_format import (
    at_most,
    column_digits,
    digits,
    exact,
    format_objective,
    format_percent,
    format_units,
    format_usd,
    plural,
    rows,
)
from evsiting.report.palette import palette
from evsiting.report.tradeoff import knee as bend_proven
from evsiting.report.tradeoff import pairs, told_apart
from evsiting.results.analysis.timeline import plant_moves
from evsiting.results.plan import Front, Plan
from evsiting.study.objectives import OBJECTIVES
from evsiting.study.study import Study, offered_objectives

#: What may become of a plant, in the order of the table.
STATUSES = ("new", "resumed", "committed", "existing", "closed")


@dataclass(frozen=True)
class Tile:
    """One of the figures of the first screen."""

    name: str
    title: str
    text: str
    value: float
    unit: str
    note: str
    tip: str
    tail: str = ""


def millions(value: float) -> str:
    """Return money in millions with three figures, as a column of a table holds it.

    Examples
    --------
    >>> millions(3.6e9), millions(79_312_000.0), millions(450_000.0)
    ('3,600', '79.3', '0.45')
    """
    return digits(value / 1e6)


def tiles(study: Study, plan: Plan, headline: Headline) -> list[Tile]:
    """Return the figures of the first screen: six, and late deliveries where demand has a promised time.

    What is not known of a plan, such as the cost of a unit where none is delivered, has no tile.
    """
    money = study.settings.money
    years = list(period_labels(study).values())
    span = f"{years[0][:4]}–{years[-1][-4:]}"
    total = plan.totals
    unit = headline.unit or "unit"

    def tile(name: str, title: str, value: float, text: str, exactly: str, note: str) -> Tile:
        tip = f"{exact(value)} {exactly}"
        head, _, tail = text.partition(" ") if name in OBJECTIVES and name != "cost" else (text, "", "")
        return Tile(name, title, head, value, exactly, note, tip, tail)

    against = "no import to compare with"
    if math.isfinite(headline.import_usd) and headline.import_usd:
        change = headline.landed_usd / headline.import_usd - 1.0
        word = "below" if change < 0 else "above"
        against = f"cheapest import {format_usd(headline.import_usd)}: {format_percent(abs(change), 2)} {word}"
    per = f"; {format_units(headline.kg_per_unit, 'kg')} a {unit}" if math.isfinite(headline.kg_per_unit) else ""
    bought = bought_words(study, headline)
    shown = [
        tile(
            "cost",
            "Cost",
            total["cost"],
            format_usd(total["cost"]),
            f"USD of {money.price_year}, present value",
            f"present value {span} at {format_percent(money.discount_rate)}, USD of {money.price_year}",
        ),
        tile(
            "landed_usd",
            f"Landed cost a {unit}",
            headline.landed_usd,
            format_usd(headline.landed_usd),
            f"USD/{unit}",
            against,
        ),
        tile(
            "emissions",
            "Emissions",
            total["emissions"],
            f"{format_units(total['emissions'], 't')} CO2e",
            "t CO2e",
            f"{span}{per}",
        ),
        tile(
            "freight_emissions",
            "Transport emissions",
            total["freight_emissions"],
            f"{format_units(total['freight_emissions'], 't')} CO2e",
            "t CO2e",
            f"{span}{_part_of(total['freight_emissions'], total['emissions'])}",
        ),
        tile(
            "jobs",
            "Direct jobs",
            total["jobs"],
            format_units(total["jobs"], "job-year"),
            "job-years",
            f"{digits(headline.fte_last)} full-time positions in {years[-1]}",
        ),
        tile(
            "import_share",
            f"Imported {plural(unit, 2)}",
            headline.import_share,
            format_percent(headline.import_share),
            "fraction",
            f"from overseas, {span}" + (f"; bought inputs: {bought}" if bought else ""),
        ),
    ]
    if "late" in offered_objectives(study):
        late = total["late"]
        shown.append(tile("late", "Late deliveries", late, f"{digits(late)} units", "units", f"after promise, {span}"))
    return [one for one in shown if math.isfinite(one.value)]


def _credits(plan: Plan) -> pd.Series:
    """Return what programs pay each plant [USD, present value], by row of ``plan.sites``.

    The ledger holds them by site and plant type: plants of one type at one site share them by capacity.
    """
    cost = plan.ledgers["cost"]
    paid = -cost[cost["item"] == "credits"].groupby(["site", "plant_type"])["value"].sum()
    frame = pd.DataFrame(plan.sites[["site", "plant_type", "capacity_units_per_yr"]])
    frame["capacity_units_per_yr"] *= (plan.sites["status"] != "closed") | (plan.sites["option"] != "")
    share = frame["capacity_units_per_yr"] / frame.groupby(["site", "plant_type"])["capacity_units_per_yr"].transform(
        "sum"
    )
    keys = pd.MultiIndex.from_frame(frame[["site", "plant_type"]])
    credits: pd.Series = share * paid.reindex(keys, fill_value=0.0).to_numpy()
    return credits


def _part_of(value: float, whole: float) -> str:
    """Return which part of all emissions transport has; nothing where clean power avoids more than is emitted."""
    return f"; {format_percent(value / whole, 2)} of all emissions" if whole >= value > 0.0 else ""


def plants(study: Study, plan: Plan) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return one row a plant by what becomes of it: new ones first, in the order of the chain, then by capacity."""
    looks, shown = palette(study), kind_names(study)
    order = {k: n for n, k in enumerate(shown)}
    sites = study.sites.set_index("site")
    frame = pd.DataFrame(plan.sites.drop(columns="geometry", errors="ignore")).assign(paid=_credits(plan))
    frame = frame.assign(rank=frame["plant_type"].map(order), life=lives(study, plan))
    frame = frame.sort_values(["rank", "capacity_units_per_yr"], ascending=[True, False])
    per, own = capacity_units(study), own_names(study)
    regions = dict(rows(outlines(), "iso", "name"))
    by_status: dict[str, list[dict[str, Any]]] = {status: [] for status in STATUSES}
    for row in frame.to_dict("records"):
        site, kind, status = sites.loc[row["site"]], str(row["plant_type"]), str(row["status"])
        paid = float(row["paid"])
        spends = status in ("new", "resumed") or bool(row["option"])
        by_status[status].append(
            {
                "name": own.get(str(row["plant"]), row["name"]),
                "kind": shown[kind],
                "kind_number": order[kind],
                "path": looks.plant_type(kind).path,
                "status": status,
                "site": row["site"],
                "option": row["option"] if isinstance(row["option"], str) else "",
                "capacity": number(
                    row["capacity_units_per_yr"], format_units(row["capacity_units_per_yr"], per[kind]), per[kind]
                ),
                "region": regions.get(str(row["region"]), str(row["region"])),
                "life": row["life"],
                "capex": number(row["capex_usd"], millions(row["capex_usd"]), "USD") if spends else Cell("–"),
                "jobs": number(row["jobs_fte"], digits(row["jobs_fte"]), "full-time positions in the last period"),
                "used": number(row["used"], format_percent(row["used"], 2), "of capacity in the last period"),
                "wage": number(site["wage_usd_per_h"], f"{site['wage_usd_per_h']:.2f}", "USD/h"),
                "power": number(site["power_price_usd_per_mwh"], digits(site["power_price_usd_per_mwh"]), "USD/MWh"),
                "grid": number(
                    site["grid_factor_kg_per_kwh"], digits(site["grid_factor_kg_per_kwh"], 2), "kg CO2e/kWh"
                ),
                "credits": number(paid, millions(paid), "USD, present value") if paid else Cell("–"),
                "programs": str(row["programs"] or "").replace(";", "; ") if not pd.isna(row["programs"]) else "",
            }
        )
    return [(status, listed) for status, listed in by_status.items() if listed]


def lives(study: Study, plan: Plan) -> list[str]:
    """Return what happens to each plant of ``plan.sites``, and when: ``2027, expands 2031``; ``closes 2030``."""
    years, moves = period_labels(study), plant_moves(study, plan)
    first = study.plants.set_index("plant")[["first_year", "last_year"]]
    events: dict[str, list[str]] = {}
    for plant, move, period in rows(moves, "plant", "move", "period"):
        year = years[str(period)][:4]
        if move in ("starts", "ends"):
            year = f"{first.loc[plant, 'first_year' if move == 'starts' else 'last_year']:.0f}"
        word = {"opens": "", "starts": "from ", "ends": "until "}.get(move, f"{move} ")
        events.setdefault(str(plant), []).append(f"{word}{year}")
    return [", ".join(dict.fromkeys(events.get(str(plant), ["stands"]))) for plant in plan.sites["plant"]]


def own_names(study: Study) -> dict[str, str]:
    """Return the names of standing plants that have one of their own."""
    named = study.plants[study.plants["name"].notna()]
    return dict(zip(named["plant"].astype(str), named["name"].astype(str), strict=True))


def waterfall(headline: Headline) -> list[dict[str, Any]]:
    """Return the bars of the unit cost: start and width in percent of all that they span, text and exact value."""
    if not headline.steps:
        return []
    ends, level = [], 0.0
    for _, value in headline.steps:
        ends.append((level, level + value))
        level += value
    reached = [0.0, *(x for pair in ends for x in pair)]
    reached += [headline.import_usd] if math.isfinite(headline.import_usd) else []
    low, wide = min(reached), (max(reached) - min(reached)) or 1.0

    def bar(name: str, kind: str, value: float, span: tuple[float, float], share: str = "") -> dict[str, Any]:
        return {
            "name": name,
            "kind": kind,
            "left": 100 * (min(span) - low) / wide,
            "width": 100 * abs(span[1] - span[0]) / wide,
            "cell": number(value, format_usd(value), f"USD/{headline.unit}"),
            "share": share,
        }

    bars = [
        bar(item_name(i), "credit" if v < 0 else "cost", v, pair, format_percent(v / level, 2) if level > 0 else "")
        for (i, v), pair in zip(headline.steps, ends, strict=True)
    ]
    bars.append(bar("This plan", "total", level, (0.0, level)))
    if math.isfinite(headline.import_usd):
        bars.append(bar("Cheapest import", "import", headline.import_usd, (0.0, headline.import_usd)))
    return bars


def ledger(study: Study, plan: Plan, name: str) -> dict[str, Any]:
    """Return a ledger by item and period; rows and columns add up to the plan's total of that name."""
    frame = plan.ledgers[name]
    kind = OBJECTIVES[name]
    title, unit, steps = kind.title, kind.exact_unit, kind.steps
    total = float(frame["value"].sum())
    factor, words = next(((f, w) for f, w in steps if abs(total) >= 1000 * f), steps[-1])
    places = 1 if factor > 1 else 0
    spans = period_spans(study)
    by = frame.pivot_table(index="item", columns="period", values="value", aggfunc="sum")
    by = by.reindex(columns=[p for part in spans.values() for p in part]).fillna(0.0)
    by = pd.DataFrame({label: by[part].sum(axis=1) for label, part in spans.items()})

    def cells(values: Sequence[float]) -> list[Cell]:
        return [Cell(f"{v / factor:,.{places}f}".replace("-", "−"), v, f"{exact(v)} {unit}") for v in values]

    items = item_order([str(i) for i in frame["item"].unique()])
    sums = frame.groupby("item")["value"].sum()
    return {
        "name": name,
        "title": title,
        "unit": words,
        "factor": factor,
        "places": places,
        "exact": unit,
        "columns": list(spans),
        "rows": [
            {
                "item": i,
                "name": item_name(i, name),
                "cells": cells([*by.loc[i].to_numpy(np.float64).tolist(), float(sums[i])]),
                "share": format_percent(float(sums[i]) / total, 2) if total else "–",
                "bar": 100 * abs(float(sums[i])) / max(float(sums.abs().max()), 1e-12),
                "less": float(sums[i]) < 0,
            }
            for i in items
        ],
        "total": cells([*by.sum().tolist(), total]),
    }


def front_rows(plans: Sequence[Plan], front: Front) -> list[dict[str, Any]]:
    """Return one row a plan of the trade-off, with as many figures as tell plans apart.

    ``step`` says whether the difference to the row above in the first objective is proven.
    """
    rows, first = [], len(plans) - len(front)
    bends = {id(pair.plans[n]) for pair in pairs(front) if (n := bend_proven(pair)) is not None}
    apart_from_last = told_apart(front) if len(front.objectives) == 2 else []
    figures = {name: column_digits([plan.totals.get(name, 0.0) for plan in plans]) for name in OBJECTIVES}
    for n, plan in enumerate(plans):
        is_knee = n >= first and id(front.plans[n - first]) in bends
        mark = "knee" if is_knee else "" if n >= first else "this plan"
        steps = n > first and bool(apart_from_last)
        step = "" if not steps else "proven" if apart_from_last[n - first - 1] else "within the gaps"
        rows.append(
            {
                "number": n,
                "mark": mark,
                "step": step,
                "plants": len(plan.opened),
                "status": str(plan.status),
                **{name: _total(name, plan.totals.get(name, 0.0), figures[name]) for name in OBJECTIVES},
                "gap": Cell(at_most(plan.gap), plan.gap if math.isfinite(plan.gap) else ""),
            }
        )
    return rows


def _total(name: str, value: float, figures: int) -> Cell:
    """Return a total as a cell; a count goes without its unit, which the head of the column has."""
    kind = OBJECTIVES[name]
    text = digits(value, figures) if kind.quantity == "count" else format_objective(name, value, figures)
    return number(value, f"{text} {kind.stuff}".strip(), kind.unit_words)
