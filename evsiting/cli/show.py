"""Print studies, plans, fronts and certificates as tables on a terminal and as plain data for JSON."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from evsiting.cli.arguments import RUN_FILE
from evsiting.cli.outcome import facts_lines, moves_lines, outcome_data
from evsiting.layers.completion import imputed_figures
from evsiting.layers.data_warnings import OLD_YEARS
from evsiting.report.headline import answer, consequence, facts, join_words, solver_words, status_words
from evsiting.report.html.tables import lives
from evsiting.report.number_format import (
    column_digits,
    digits,
    format_objective,
    format_percent,
    format_units,
    format_usd,
)
from evsiting.results.analysis.front_measures import marginal_rates
from evsiting.study.derived.limit_sentences import limit_sentences
from evsiting.study.objectives import OBJECTIVES
from evsiting.study.study import offered_objectives

if TYPE_CHECKING:
    from pathlib import Path

    from evsiting.optimize.bound_check import BoundCheck
    from evsiting.results.certificate import Certificate
    from evsiting.results.plan import Front, Plan
    from evsiting.study.study import Study

STYLES = {"good": "green", "fair": "yellow", "poor": "red"}


def table(*columns: str, title: str = "", right: tuple[int, ...] = ()) -> Table:
    """Return an empty table in the house's manner, with some columns to the right."""
    made = Table(title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(columns):
        made.add_column(column, justify="right" if number in right else "left", overflow="fold")
    return made


def more(shown: int, total: int, what: str) -> list[RenderableType]:
    """Return a line that says how many rows are not shown; nothing where all are."""
    return [Text(f"... and {total - shown} more {what}", style="dim")] if total > shown else []


# ------------------------------------------------------------------------------------------------- study


def study_parts(study: Study, complete: Study) -> list[RenderableType]:
    """Return what a study holds: tables as given and as completed by the layers, and its assumptions."""
    counts = table("table", "rows", "", right=(1,))
    for name, rows, note in _counts(study, complete):
        counts.add_row(name, f"{rows:,}", note)
    sources = complete.sources
    assumed = sources[sources["quality"] == "assumption"]
    listed = table("assumption", "column", "values", right=(2,), title="Assumptions: figures without a source")
    for row in assumed.head(10).to_dict("records"):
        listed.add_row(str(row["table"]), str(row["column"]), str(row["values"]))
    parts: list[RenderableType] = [Text(study.settings.study.name, style="bold"), study.settings.study.question, counts]
    if len(assumed):
        parts += [listed, *more(10, len(assumed), "groups of assumed figures")]
    if len(weak := _imputed_columns(complete)):
        filled = table("figures filled in", "imputed", "old", "since", right=(1, 2, 3), title="Imputed or old figures")
        for row in weak.head(10).to_dict("records"):
            since = f"{row['year']:.0f}" if row["old"] else ""
            filled.add_row(str(row["column"]), str(row["imputed"]), str(row["old"]), since)
        parts += [filled, *more(10, len(weak), "columns of such figures")]
    if asked := limit_sentences(study):
        parts += ["", Text("What table limits asks of every plan", style="bold"), *(Text(text) for text in asked)]
    return [*parts, f"No problem found. Digest {study.digest[:12]}."]


def _imputed_columns(complete: Study) -> pd.DataFrame:
    """Return how many figures of each column are imputed, and how many are old, with the first year of these."""
    figures = imputed_figures(complete)
    figures = figures.assign(column=figures["table"] + "." + figures["column"], old=figures["age"] > OLD_YEARS)
    figures["year"] = figures["year"].where(figures["old"])
    return figures.groupby("column", sort=False, as_index=False).agg(
        imputed=("imputed", "sum"), old=("old", "sum"), year=("year", "min")
    )


def study_data(study: Study, complete: Study) -> dict[str, Any]:
    """Return what a study holds, for JSON."""
    sources = complete.sources
    return {
        "study": study.settings.study.name,
        "digest": study.digest,
        "complete_digest": complete.digest,
        "tables": {name: rows for name, rows, _ in _counts(study, complete)},
        "assumptions": records(sources[sources["quality"] == "assumption"]),
        "imputed": records(imputed_figures(complete)),
        "limits": limit_sentences(study),
        "problems": [],
    }


def _counts(study: Study, complete: Study) -> list[tuple[str, int, str]]:
    own = study.tables
    return [
        (name, len(frame), "" if name in own and len(own[name]) == len(frame) else "made by the layers")
        for name, frame in complete.tables.items()
        if name not in ("provenance", "sources", "parameters")
    ]


# -------------------------------------------------------------------------------------------------- plan


def plan_parts(study: Study, plan: Plan, *, most: int = 12) -> list[RenderableType]:
    """Return a plan in at most forty lines: the sentence, the totals, the proof, the periods, the plants."""
    words, mood = status_words(plan)
    totals = Table.grid(padding=(0, 2))
    for name, text in (
        *((name, _total(name, plan.totals[name])) for name in offered_objectives(study)),
        *facts_lines(study, plan),
        ("objective", f"{plan.solve.objective_name}; {solver_words(plan)}"),
    ):
        totals.add_row(Text(name, style="dim"), text)
    parts: list[RenderableType] = [Text(answer(study, plan), style="bold")]
    if sentence := consequence(study, plan, facts(study, plan)):
        parts.append(sentence)
    parts += [totals, Text(words, style=STYLES[mood])]
    if moves := moves_lines(study, plan):
        steps = table("years", "what changes")
        for years, text in moves:
            steps.add_row(years, text)
        parts.append(steps)
    life = dict(zip(plan.sites["plant"], lives(study, plan), strict=True))
    opened = plan.opened.sort_values("capex_usd", ascending=False)
    opened = opened.assign(life=opened["plant"].map(life))
    if len(opened):
        parts.append(_plants(study, opened) if len(opened) <= most else _groups(study, opened))
    return parts


def _total(name: str, value: float) -> str:
    """Return a total with what it counts."""
    kind = OBJECTIVES[name]
    return f"{format_objective(name, value, 3)} {kind.stuff}".rstrip() + kind.remark


def _groups(study: Study, opened: pd.DataFrame) -> Table:
    """Return many plants as a line for each type and country; the files hold them one by one."""
    units = _capacity_units(study)
    made = table("new", "in", "plants", "regions", "capacity", "capex", "jobs", right=(2, 3, 4, 5, 6))
    for (kind, country), rows in opened.groupby(["plant_type", "country"], sort=True):
        made.add_row(
            str(kind).replace("_", " "),
            str(country),
            str(len(rows)),
            str(rows["region"].nunique()),
            format_units(float(rows["capacity_units_per_yr"].sum()), f"{units.get(str(kind), 'unit')}/yr"),
            format_usd(float(rows["capex_usd"].sum())),
            digits(float(rows["jobs_fte"].sum())),
        )
    return made


def _plants(study: Study, opened: pd.DataFrame) -> Table:
    units = _capacity_units(study)
    made = table("new plant", "type", "when", "capacity", "capex", "jobs", "used", right=(3, 4, 5, 6))
    for row in opened.to_dict("records"):
        kind = str(row["plant_type"])
        made.add_row(
            f"{row['name']}, {row['region']}",
            kind.replace("_", " "),
            str(row["life"]),
            format_units(row["capacity_units_per_yr"], f"{units.get(kind, 'unit')}/yr"),
            format_usd(row["capex_usd"]),
            digits(row["jobs_fte"]),
            format_percent(row["used"], 2),
        )
    return made


def _capacity_units(study: Study) -> dict[str, str]:
    """Return the unit in which the capacity of each plant type is counted, where it makes one product."""
    unit = study.products.set_index("product")["unit"].astype(str)
    made = study.processes.groupby("plant_type")["product"].unique()
    return {str(kind): str(unit[products[0]]) for kind, products in made.items() if len(products) == 1}


def plan_data(study: Study, plan: Plan, run: Path) -> dict[str, Any]:
    """Return a plan for JSON: its ``plan.json``, the answer, new plants, moves, programs, duties, limits, folder."""
    stated: dict[str, Any] = json.loads((run / RUN_FILE).read_text(encoding="utf-8"))
    plants = pd.DataFrame(plan.opened.drop(columns=["geometry", "status"]))
    answers = {"answer": answer(study, plan), "plants": records(plants), **outcome_data(study, plan)}
    return {**stated, **answers, "run": str(run)}


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain data, empty where a value is missing."""
    flat = frame.astype(object)
    return [{str(k): v for k, v in row.items()} for row in flat.where(flat.notna(), None).to_dict("records")]


# -------------------------------------------------------------------------------------------- the others


def front_parts(front: Front) -> list[RenderableType]:
    """Return the points of a front as a table."""
    names = [name for name, kind in OBJECTIVES.items() if kind.need is None or name in front.objectives]
    made = table("point", *names, "gap", "new plants", right=tuple(range(len(names) + 3)),
                 title=f"{front.objectives[0].capitalize()} against {' and '.join(front.objectives[1:])}")  # fmt: skip
    figures = {name: column_digits(front.table[name].tolist()) for name in names}
    for number, row in enumerate(front.table.to_dict("records"), 1):
        gap = format_percent(row["gap"]) if math.isfinite(row["gap"]) else "unknown"
        made.add_row(str(number), *(format_objective(n, row[n], figures[n]) for n in names), gap, str(row["plants"]))
    remark = "These are all: every other plan is beaten by one of them." if front.complete else front.remark
    rates: list[RenderableType] = []
    if len(front.objectives) == 2 and len(front) > 1:
        rates = [table("step", "what it costs, with what bounds prove")]
        for row in marginal_rates(front).to_dict("records"):
            rates[0].add_row(f"{row['from_point']} to {row['to_point']}", str(row["told"]))  # type: ignore[union-attr]
    short = [str(k) for k, plan in enumerate(front.plans, 1) if plan.unmet["units_per_yr"].any()]
    if short:
        leaves = f"Point {short[0]} leaves" if len(short) == 1 else f"Points {join_words(short, 9)} leave"
        made.caption = f"{leaves} demand unmet: the cost holds the penalties."
    return [made, *rates, *([remark] if remark else [])]


def front_data(front: Front) -> dict[str, Any]:
    """Return a front for JSON."""
    return {
        "objectives": list(front.objectives),
        "ideal": dict(front.ideal),
        "complete": front.complete,
        "remark": front.remark,
        "points": records(front.table),
        "rates": records(marginal_rates(front)) if len(front.objectives) == 2 else [],
    }


def certificate_parts(certificate: Certificate) -> list[RenderableType]:
    """Return a certificate: a line where it passed, the failed checks where it did not."""
    checks = certificate.checks
    if certificate.passed:
        lines: list[RenderableType] = [
            Text(f"Certificate passed: {len(checks)} checks, recomputed from the study's tables.", style="green")
        ]
        remark = certificate.remark
        return lines + ([Text(f"{remark[:1].upper()}{remark[1:]}.", style="yellow")] if remark else [])
    failed = checks[~checks["passed"].astype(bool)]
    made = table("failed check", "off by", "allowed", "where", "seen", right=(1, 2))
    for row in failed.head(12).to_dict("records"):
        worst, allowed = (f"{float(row[c]):.1e}" for c in ("worst", "allowed"))
        made.add_row(str(row["check"]), worst, allowed, str(row["where"]), str(row["seen"]))
    return [Text(f"Certificate FAILED: {len(failed)} of {len(checks)} checks.", style="red"), made]


def bound_data(bound_check: BoundCheck) -> dict[str, Any]:
    """Return what prices prove of a bound for JSON."""
    return {
        "holds": bound_check.holds,
        "bound": bound_check.stated if math.isfinite(bound_check.stated) else None,
        "by": bound_check.by,
        "recomputed": bound_check.recomputed if math.isfinite(bound_check.recomputed) else None,
        "leaves": bound_check.leaves,
        "fault": bound_check.fault,
    }


def certificate_data(certificate: Certificate) -> dict[str, Any]:
    """Return a certificate for JSON."""
    return {
        "passed": certificate.passed,
        "remark": certificate.remark,
        "failed": certificate.failed,
        "checks": records(certificate.checks),
    }
