"""The sections of policy: duties, origin and imports; programs with what they pay and what plants pledge."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evsiting.report.headline import kind_names, listed, names, period_labels, period_note, period_spans, shown_periods
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
    trimmed,
    words,
)
from evsiting.report.html.section_cost import COUNTRY_NAMES
from evsiting.report.number_format import digits, format_units
from evsiting.results.analysis.key_figures import import_shares
from evsiting.results.analysis.programs import claims_kept, duties_paid, program_payments, regional_value
from evsiting.results.plan import Plan
from evsiting.study.derived.customs import HOME
from evsiting.study.derived.program_rules import rules
from evsiting.study.study import Study

#: What a program pays on, in words.
_KINDS = {"investment": "investment", "grant": "a new plant", "production": "units made", "job": "direct jobs"}


def trade(study: Study, plan: Plan) -> Section | None:
    """Return duties, origin and import shares; nothing where a study has neither duties nor suppliers overseas."""
    overseas = (~study.suppliers["country"].isin(HOME)).any()
    if not (study.has("duties") or study.has("origin_rules") or overseas):
        return None
    blocks: list[Grid | Stack | Words] = []
    if study.has("duties"):
        blocks.append(_duties(study, plan))
    if study.has("origin_rules"):
        blocks.append(_origin(study, plan))
    if overseas:
        blocks.append(_imports(study, plan))
    return Section("trade", "Trade", "Trade", "", blocks)


def _duties(study: Study, plan: Plan) -> Grid | Words:
    table, products = duties_paid(study, plan), names(study, "products")
    key, money = ["measure", "product", "origin", "destination"], ["duty_usd", "relief_usd", "paid_usd"]
    if table.empty:
        return Words("No duty is due on what this plan ships.")
    sums = table.groupby(key, as_index=False)[money].sum().sort_values("duty_usd", ascending=False)
    grid = []
    for row in sums.to_dict("records"):
        pair = f"{row['origin']} → {row['destination']}"
        made = not row["duty_usd"] and row["origin"] == row["destination"]
        grid.append(
            [
                words(row["measure"] or "on the way"),
                words(products[row["product"]]),
                words(f"offset by makers, {row['destination']}" if made else pair),
                *_duty_cells(row["duty_usd"], row["relief_usd"]),
            ]
        )
    due, spared = float(sums["duty_usd"].sum()), float(sums["relief_usd"].sum())
    columns = (
        Column("Measure", text=True),
        Column("Product", text=True),
        Column("From, to", text=True),
        Column("Duty before relief", "USD mn, PV"),
        Column("Relieved", "USD mn, PV"),
        Column("Paid", "USD mn, PV"),
        Column("Relieved part"),
    )
    lead = (
        "Duty as if nothing relieved it, and what origin, quotas and offsets spare. Duty that makers offset stands in "
        "rows of its own, with the product that they make."
    )
    total = [words("Total"), Cell(""), Cell(""), *_duty_cells(due, spared)]
    return Grid("Duties by measure", columns, grid, lead=lead, total=total, shown=16)


def _duty_cells(due: float, spared: float) -> list[Cell]:
    part = percent(-spared / due, bar=True) if due else Cell("–")
    left = due + spared if abs(due + spared) > 1e-9 * abs(due) else 0.0
    return [
        amount(due, "USD, present value", factor=1e6),
        amount(spared, "USD, present value", factor=1e6, mark="good"),
        number(left, digits(left / 1e6), "USD, present value"),
        part,
    ]


def _origin(study: Study, plan: Plan) -> Grid | Words:
    """Return the regional value content of each plant under a rule of origin, period by period."""
    table = regional_value(study, plan)
    if table.empty:
        return Words("This plan makes nothing that a rule of origin is for.")
    years, sites, products = shown_periods(study), names(study, "sites"), names(study, "products")
    unit = study.products.set_index("product")["unit"].astype(str)
    labor = bool(table["lvc"].notna().any())
    grid = []
    for (product, site), rows in table.groupby(["product", "site"], sort=True):
        by = {row["period"]: row for row in rows.to_dict("records")}
        last = by[[p for p in period_labels(study) if p in by][-1]]
        cells = [words(sites[str(site)]), words(products[str(product)])]
        for period in years:
            row = by.get(period)
            if row is None:
                cells.append(Cell("–"))
                continue
            good = bool(row["qualified"])
            tip = f"{'qualifies' if good else 'not declared as originating'}; {row['rvc_needed']:.0%} needed"
            cells.append(percent(row["rvc"], tip, mark="good" if good else "muted"))
        cells.append(percent(last["rvc_needed"]))
        if labor:
            cells += [percent(last["lvc"]), percent(last["lvc_needed"])]
        entered = float(last["preferred_units_per_yr"])
        per = f"{unit[str(product)]}/yr"
        grid.append([*cells, number(entered, format_units(entered, per), per) if entered else Cell("–")])
    columns = [Column("Made in", text=True), Column("Product", text=True)]
    columns += [*(Column(label, "regional value") for label in years.values()), Column("Needed")]
    columns += [Column("Labor value", "last period"), Column("Needed")] if labor else []
    lead = (
        "Regional value content of what plants make that a rule of origin is for (net-cost method). Green: declared as "
        "originating. Grey: not declared; its inputs count as foreign then unless the plan says otherwise."
        + period_note(study)
    )
    last_column = Column("Enters as originating", "last period")
    return Grid("Origin", (*columns, last_column), grid, lead=lead, shown=24)


def _imports(study: Study, plan: Plan) -> Grid:
    """Return the imported share of each product by country and period."""
    table, years, products = import_shares(study, plan), shown_periods(study), names(study, "products")
    abroad = study.suppliers.loc[~study.suppliers["country"].isin(HOME), "product"].unique()
    table = table[table["product"].isin(abroad)]
    whole = table.groupby(["product", "period"], as_index=False)[["units_per_yr", "imported_units_per_yr"]].sum()
    whole["import_share"] = whole["imported_units_per_yr"] / whole["units_per_yr"]
    table = pd.concat([whole.assign(country=""), table])
    share = {(p, c, t): v for p, c, t, v in table[["product", "country", "period", "import_share"]].itertuples(False)}
    grid = []
    for product in study.products["product"].astype(str):
        mine = table[table["product"] == product]
        if not len(mine):
            continue
        some = bool((mine["import_share"] > 0).any())
        for country in ("", *(c for c in COUNTRY_NAMES if some and (mine["country"] == c).any())):
            head = products[product] if not country else ""
            where = COUNTRY_NAMES[country] if country else "all three countries"
            cells = [percent(share.get((product, country, t), np.nan), bar=True) for t in years]
            grid.append([words(head) if head else Cell(""), words(where), *cells])
    columns = (Column("Product", text=True), Column("Arrives in", text=True), *(Column(v) for v in years.values()))
    lead = f"Part of what arrives at plants and markets that comes from overseas.{period_note(study)}"
    return Grid("Imported shares", columns, grid, lead=lead, sorts=False)


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
        blocks.append(Words(f"Offered, but nothing is paid by: {listed(idle, 30)}."))
    if study.has("program_rules") and len(plan.decisions["claims"]):
        blocks.append(_claims(study, plan))
    return Section("programs", "Programs", "Programs", lead, blocks)


def _payments(study: Study, plan: Plan) -> Grid | Words:
    paid, spans = program_payments(study, plan), period_spans(study)
    if paid.empty:
        return Words("No program pays anything in this plan.")
    kinds = study.incentives.groupby("program")["kind"].unique()
    held = rules(study)
    pooled = any(np.isfinite(rule.pool) for rule in held.values())
    by = paid.pivot_table(index="program", columns="period", values="usd", aggfunc="sum")
    by = by.reindex(columns=[p for part in spans.values() for p in part]).fillna(0.0)
    by, years = pd.DataFrame({label: by[part].sum(axis=1) for label, part in spans.items()}), list(spans)
    sums = paid.groupby("program")[["usd", "present_usd"]].sum().sort_values("present_usd", ascending=False)
    places = paid[["program", "site", "plant_type"]].drop_duplicates().groupby("program").size()
    grid = []
    for program in sums.index:
        what = ", ".join(_KINDS[k] for k in _KINDS if k in set(kinds.get(program, [])))
        usd, present = float(sums.loc[program, "usd"]), float(sums.loc[program, "present_usd"])
        cells = [words(str(program)), words(what), words("claimed" if program in held else "to all")]
        cells += [number(float(places[program]), str(places[program]), "plants")]
        cells += [amount(float(by.loc[program, t]), "USD", factor=1e6) for t in years] if len(years) > 1 else []
        cells += [amount(usd, "USD", factor=1e6), amount(present, "USD, present value", factor=1e6)]
        if pooled:
            pool = held[str(program)].pool if program in held else np.inf
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
    return trimmed(Grid("Claims", tuple(columns), grid, lead=lead, shown=24))


def _bound(value: float, unit: str, factor: float) -> Cell:
    return Cell("–") if not np.isfinite(value) else amount(value, unit, factor=factor, mark="muted")
