"""The section on trade: duties and what spares them, origin, imports."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evsiting.report.headline import names, period_labels, period_note, shown_periods
from evsiting.report.html.blocks import Cell, Column, Grid, Section, Stack, Words, amount, number, percent, words
from evsiting.report.html.section_cost import COUNTRY_NAMES
from evsiting.report.number_format import digits, format_units
from evsiting.results.analysis.key_figures import imports_by_country
from evsiting.results.analysis.trade import duties_paid, regional_value
from evsiting.results.plan import Plan
from evsiting.study.schema.countries import COUNTRIES
from evsiting.study.study import Study


def trade(study: Study, plan: Plan) -> Section | None:
    """Return duties, origin and import shares; nothing where a study has neither duties nor suppliers overseas."""
    overseas = (~study.suppliers["country"].isin(COUNTRIES)).any()
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
    table, years, products = imports_by_country(study, plan), shown_periods(study), names(study, "products")
    abroad = study.suppliers.loc[~study.suppliers["country"].isin(COUNTRIES), "product"].unique()
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
