"""The section on programs: what they pay, and what plants pledge for it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evsiting.report.headline import join_words, kind_names, names, period_spans
from evsiting.report.html.blocks import (
    Cell,
    Column,
    Grid,
    Section,
    Stack,
    Words,
    amount,
    number,
    percent,
    without_empty_columns,
    words,
)
from evsiting.results.analysis.programs import claims_kept, program_payments
from evsiting.results.plan import Plan
from evsiting.study.derived.program_rules import rules
from evsiting.study.study import Study

#: What a program pays on, in words.
_KINDS = {"investment": "investment", "grant": "a new plant", "production": "units made", "job": "direct jobs"}


def programs(study: Study, plan: Plan) -> Section | None:
    """Return what programs pay, and what plants pledged for it; nothing where a study has no incentives."""
    if not study.has("incentives"):
        return None
    lead = (
        "What programs pay, undiscounted in the period in which it is earned: once for what is paid on an investment, "
        "for all years of the period for what is paid yearly. The present value leaves out what a credit on an "
        "investment is worth beyond the horizon, as the cost of the investment does."
    )
    blocks: list[Grid | Stack | Words] = [_payments(study, plan)]
    offers = study.incentives
    used = set(program_payments(study, plan)["program"])
    idle = sorted(set(offers.loc[offers["value"] > 0, "program"].astype(str)) - used)
    if idle:
        blocks.append(Words(f"Offered, but nothing is paid by: {join_words(idle, 30)}."))
    if study.has("program_rules") and len(plan.decisions["claims"]):
        blocks.append(_claims(study, plan))
    return Section("programs", "Programs", "Programs", lead, blocks)


def _payments(study: Study, plan: Plan) -> Grid | Words:
    paid, spans = program_payments(study, plan), period_spans(study)
    if paid.empty:
        return Words("No program pays anything in this plan.")
    kinds = study.incentives.groupby("program")["kind"].unique()
    rule_of = rules(study)
    pooled = any(np.isfinite(rule.pool) for rule in rule_of.values())
    by = paid.pivot_table(index="program", columns="period", values="usd", aggfunc="sum")
    by = by.reindex(columns=[p for part in spans.values() for p in part]).fillna(0.0)
    by, years = pd.DataFrame({label: by[part].sum(axis=1) for label, part in spans.items()}), list(spans)
    sums = paid.groupby("program")[["usd", "present_usd"]].sum().sort_values("present_usd", ascending=False)
    places = paid[["program", "site", "plant_type"]].drop_duplicates().groupby("program").size()
    grid = []
    for program in sums.index:
        what = ", ".join(_KINDS[k] for k in _KINDS if k in set(kinds.get(program, [])))
        usd, present = float(sums.loc[program, "usd"]), float(sums.loc[program, "present_usd"])
        cells = [words(str(program)), words(what), words("claimed" if program in rule_of else "to all")]
        cells += [number(float(places[program]), str(places[program]), "plants")]
        cells += [amount(float(by.loc[program, t]), "USD", factor=1e6) for t in years] if len(years) > 1 else []
        cells += [amount(usd, "USD", factor=1e6), amount(present, "USD, present value", factor=1e6)]
        if pooled:
            pool = rule_of[str(program)].pool if program in rule_of else np.inf
            used = usd / pool if np.isfinite(pool) and pool else np.nan
            cells += [amount(pool, "USD", factor=1e6), percent(used, bar=True, mark="tight" if used > 0.9995 else "")]
        grid.append(cells)
    total = [words("All programs"), Cell(""), Cell(""), Cell("")]
    total += [amount(float(by[t].sum()), "USD", factor=1e6) for t in years] if len(years) > 1 else []
    total += [amount(float(sums[c].sum()), "USD", factor=1e6) for c in ("usd", "present_usd")]
    total += [Cell(""), Cell("")] if pooled else []
    columns = [Column("Program", text=True), Column("Pays on", text=True), Column("Who", text=True), Column("Plants")]
    columns += [Column(label, "USD mn") for label in years] if len(years) > 1 else []
    columns += [Column("In all", "USD mn"), Column("Present value", "USD mn")]
    columns += [Column("Pool", "USD mn"), Column("Pool used")] if pooled else []
    return Grid("", tuple(columns), grid, total=total)


def _claims(study: Study, plan: Plan) -> Grid:
    """Return every claim with what it pays and what was pledged for it."""
    sites, kinds = names(study, "sites"), kind_names(study)
    table = claims_kept(study, plan).sort_values("usd", ascending=False)
    back = bool(table["clawback_usd"].sum() > 0)
    grid = []
    for row in table.to_dict("records"):
        short = row["jobs_fte"] < row["min_jobs_fte"] - 0.5
        cells = [words(row["program"]), words(f"{sites[row['site']]}, {kinds[row['plant_type']]}")]
        cells += [amount(row["usd"], "USD", factor=1e6), _bound(row["most_usd"], "USD", 1e6)]
        cells += [amount(row["invested_usd"], "USD", factor=1e6), _bound(row["min_capex_usd"], "USD", 1e6)]
        cells += [amount(row["jobs_fte"], "FTE", mark="bad" if short else ""), _bound(row["min_jobs_fte"], "FTE", 1.0)]
        grid.append([*cells, *([amount(row["clawback_usd"], "USD", factor=1e6, mark="bad")] if back else [])])
    columns = [
        Column("Program", text=True),
        Column("Plant", text=True),
        Column("Pays", "USD mn"),
        Column("at most", "USD mn"),
        Column("Invested", "USD mn"),
        Column("pledged", "USD mn"),
        Column("Jobs", "last period"),
        Column("pledged"),
    ]
    columns += [Column("Paid back", "USD mn")] if back else []
    lead = "Programs that a plant claims, with what it pledges for them."
    return without_empty_columns(Grid("Claims", tuple(columns), grid, lead=lead, shown=24))


def _bound(value: float, unit: str, factor: float) -> Cell:
    return Cell("–") if not np.isfinite(value) else amount(value, unit, factor=factor, mark="muted")
