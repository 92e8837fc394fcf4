"""Summarise a plan beyond its new plants (moves, programs, duties, limits) as lines for a terminal and for JSON."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from evsiting.report.headline import join_words, kind_names, period_labels
from evsiting.report.html.section_operations import BINDING, limit_name
from evsiting.report.number_format import format_percent, format_usd
from evsiting.results.analysis.landed_cost import Landing
from evsiting.results.analysis.limit_use import limit_use
from evsiting.results.analysis.programs import program_payments
from evsiting.results.analysis.timeline import plant_moves
from evsiting.results.analysis.trade import duties_paid

if TYPE_CHECKING:
    from evsiting.results.plan import Plan
    from evsiting.study.study import Study


def facts_lines(study: Study, plan: Plan) -> list[tuple[str, str]]:
    """Return lines on imports, programs, duties and limits; only what the study has, as name and text."""
    lines = [
        ("import", _against(study, plan)),
        ("programs", _programs(study, plan)),
        ("duty", _duty(study, plan)),
        ("binding", _binding_limits(study, plan)),
    ]
    return [(name, text) for name, text in lines if text]


def moves_lines(study: Study, plan: Plan) -> list[tuple[str, str]]:
    """Return what happens in each period, as years and text; nothing for one period without closing or resuming."""
    moves, kinds, years = plant_moves(study, plan), kind_names(study), period_labels(study)
    if len(years) == 1 and set(moves["move"]) <= {"opens", "starts", "ends"}:
        return []
    lines = []
    for period, label in years.items():
        mine = moves[(moves["period"] == period) & ~moves["move"].isin(["starts", "ends"])]
        changes = [
            f"{move} {join_words([f'{count} {kinds[str(kind)]}' for kind, count in counts.items()], 9)}"
            for move, counts in (
                (m, g.groupby("plant_type", sort=False).size()) for m, g in mine.groupby("move", sort=False)
            )
        ]
        lines.append((label, "; ".join(changes) or "nothing changes"))
    return lines


def outcome_data(study: Study, plan: Plan) -> dict[str, Any]:
    """Return moves, landed cost, programs, duties and limits for JSON."""
    paid = program_payments(study, plan).groupby("program", as_index=False)[["present_usd", "usd"]].sum()
    key = ["measure", "origin", "destination"]
    duties = duties_paid(study, plan).groupby(key, as_index=False)[["duty_usd", "relief_usd", "paid_usd"]].sum()
    return {
        "moves": _records(plant_moves(study, plan)),
        "landed_cost": _records(Landing(study, plan).cost(["product"])),
        "programs": _records(paid),
        "duties": _records(duties),
        "limits": _records(limit_use(study, plan)),
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain data, empty where a value is missing or without end."""
    rows = frame.astype(object).to_dict("records")
    return [
        {str(k): None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()} for row in rows
    ]


def _against(study: Study, plan: Plan) -> str:
    """Return the landed cost of each product beside that of its import."""
    texts = []
    for row in Landing(study, plan).cost(["product"]).to_dict("records"):
        if math.isfinite(row["break_even_duty"]):
            texts.append(
                f"{row['product']}: plants {format_usd(row['plants_usd_per_unit'])}, import "
                f"{format_usd(row['import_usd_per_unit'])} at {format_percent(row['duty'], 2)} duty, "
                f"break-even duty {format_percent(row['break_even_duty'], 2)}"
            )
    return "; ".join(texts)


def _programs(study: Study, plan: Plan) -> str:
    paid = program_payments(study, plan).groupby("program")["present_usd"].sum().sort_values(ascending=False)
    if paid.empty:
        return ""
    named = [f"{name} {format_usd(float(value))}" for name, value in paid.items()]
    return f"{format_usd(float(paid.sum()))} present value: {join_words(named, 4)}"


def _duty(study: Study, plan: Plan) -> str:
    paid = duties_paid(study, plan)
    due, spared = float(paid["duty_usd"].sum()), float(paid["relief_usd"].sum())
    return f"{format_usd(due + spared)} paid of {format_usd(due)}, present value" if due else ""


def _binding_limits(study: Study, plan: Plan) -> str:
    use = limit_use(study, plan)
    tight = use[use["use"] > BINDING]
    names = dict.fromkeys(limit_name(study, row) for row in tight.to_dict("records"))
    return join_words(list(names), 6) if names else ""
