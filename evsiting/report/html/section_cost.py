"""The sections of money: landed cost against imports, cost at the gate of each plant, and cash flow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from evsiting.report.headline import names, period_note, shown_periods
from evsiting.report.html.blocks import (
    GROUP_WORDS,
    Cell,
    Column,
    Grid,
    Section,
    Stack,
    Words,
    amount,
    percent,
    stack,
    without_empty_columns,
    words,
)
from evsiting.report.ledger_items import GROUPS, group_of
from evsiting.report.number_format import digits, exact, format_percent
from evsiting.results.analysis.cash_flow import yearly_cash_flow
from evsiting.results.analysis.landed_cost import Landing
from evsiting.results.plan import Plan
from evsiting.study.schema.countries import COUNTRIES
from evsiting.study.study import Study

COUNTRY_NAMES: Mapping[str, str] = {"US": "United States", "CA": "Canada", "MX": "Mexico"}


def landed(study: Study, plan: Plan) -> Section:
    """Return what a unit costs at its market, against the import where there is one."""
    wanted = study.demand.loc[study.demand["units_per_yr"] > 0, "product"]
    sold = study.suppliers[~study.suppliers["country"].isin(COUNTRIES)]
    against = bool(sold["product"].isin(wanted).any())
    title = "Against the import" if against else "Landed cost by market"
    lead = (
        "What a unit that plants of the plan make costs at its market: its share of investment (less what is left of "
        "it in the end), of fixed cost, labor, power and material of all plants of its chain, of freight and duty on "
        "the way, less what programs pay, all discounted. What was invested in standing plants is sunk."
    )
    if against:
        lead += (
            " The import is the cheapest supplier overseas, whatever its capacity, with the full duties of the period. "
            "The break-even duty is the rate on its price, in place of those duties, at which both cost the same; "
            "below zero, plants win even against a duty-free import."
        )
    landing = Landing(study, plan)
    parts = landing.parts.copy()
    countries = study.markets.set_index("market")["country"].astype(str)
    parts["country"] = parts["market"].map(countries).fillna("")
    blocks: list[Grid | Stack | Words] = []
    if len(landing.cost(["product"])):
        blocks.append(_bars(landing, parts, "country"))
        if len(study.periods) > 1:
            blocks.append(_bars(landing, parts, "period"))
        blocks.append(_markets(landing, against=against))
    else:
        blocks.append(Words("Nothing reaches a market in this plan."))
    if gate := _gates(landing):
        blocks.append(gate)
    return Section("landed", "Landed cost", title, lead, blocks)


def _bars(landing: Landing, parts: pd.DataFrame, by: str) -> Stack:
    """Return bars of landed cost by group for each product and country or period, with the import beside each."""
    study, table = landing.study, landing.cost(["product", by])
    shown, years = names(study, "products"), shown_periods(study)
    label = COUNTRY_NAMES if by == "country" else years
    table = table if by == "country" else table[table["period"].isin(list(years))]
    one = table["product"].nunique() == 1
    mine = parts[parts["source"] == "plants"]
    value = mine.groupby(["product", by, mine["item"].map(group_of)])["value"].sum()
    rows: list[tuple[str, Mapping[str, float], str, str]] = []
    nothing = pd.Series(dtype="float64")
    rank = table[by].map({name: n for n, name in enumerate(label)})
    for row in table.loc[rank.sort_values(kind="stable").index].to_dict("records"):
        key = (row["product"], row[by])
        where = label.get(str(row[by]), str(row[by]))
        head = where if one else f"{shown[str(row['product'])]}, {where}"
        if np.isfinite(row["plants_usd_per_unit"]):
            own = value.get(key, nothing)  # no part at all where nothing costs anything
            each = row["plants_usd_per_unit"] / float(own.sum()) if own.sum() else 0.0
            nonzero = {str(g): float(v) * each for g, v in own.items() if abs(v) > 1e-9 * abs(own.sum())}
            rows.append((head, nonzero, "", "plan"))
        if np.isfinite(row["import_usd_per_unit"]):
            split = {
                "price": row["price_usd_per_unit"],
                "freight": row["freight_usd_per_unit"] + row["late_usd_per_unit"],
                "duty": row["duty_usd_per_unit"],
                "carbon": row["carbon_usd_per_unit"],
            }
            even = row["break_even_duty"]
            note = f"break-even duty {format_percent(even, 2)}" if np.isfinite(even) else ""
            rows.append(("the import" if rows else f"{head}, the import", split, note, "import"))
    unit = _unit(study, table["product"])
    title = f"By {by} [USD/{unit}]" if by == "country" else f"By years [USD/{unit}]"
    lead = "" if by == "country" else period_note(study).strip()
    return stack(title, rows, text=GROUP_WORDS, unit=f"USD/{unit}", lead=lead)


def _unit(study: Study, products: pd.Series) -> str:
    units = study.products.set_index("product").loc[products.unique().tolist(), "unit"].unique()
    return str(units[0]) if len(units) == 1 else "unit"


def _markets(landing: Landing, *, against: bool) -> Grid:
    """Return landed cost market by market over the horizon."""
    study, every = landing.study, landing.cost(["product"])
    table = landing.cost(["market", "product"]).sort_values("units", ascending=False)
    markets, products, sellers = names(study, "markets"), names(study, "products"), names(study, "suppliers")
    one = table["product"].nunique() == 1

    def cells(row: Mapping[Any, Any], head: str) -> list[Cell]:
        value = {k: float(v) for k, v in row.items() if isinstance(v, int | float | np.number)}
        own, abroad = value["plants_usd_per_unit"], value["import_usd_per_unit"]
        out = [words(head)]
        if not one:
            out.append(words(products[str(row["product"])]))
        out += [
            amount(value["units"], "units over the horizon"),
            percent(value["from_plants"]),
            amount(own, "USD/unit", 4),
        ]
        if not against:
            return out
        seller = sellers.get(str(row["supplier"]), "")
        gap = own / abroad - 1.0 if abroad else np.nan
        even, now = value["break_even_duty"], value["duty"]
        better = "good" if own <= abroad else "bad"
        tip = f"price {exact(value['price_usd_per_unit'])}, freight {exact(value['freight_usd_per_unit'])}, duty "
        tip += f"{exact(value['duty_usd_per_unit'])} USD/unit; {seller}"
        return [
            *out,
            Cell(digits(abroad, 4), abroad, tip) if np.isfinite(abroad) else Cell("–"),
            percent(gap, mark=better),
            percent(now),
            percent(even, mark=better),
            words(seller),
        ]

    columns = [
        Column("Market", text=True),
        *([] if one else [Column("Product", text=True)]),
        Column("Units", "horizon"),
    ]
    columns += [Column("From plants"), Column("Their cost", "USD/unit")]
    if against:
        columns += [Column("Import", "USD/unit"), Column("Plants against import"), Column("Duty now", "of price")]
        columns += [Column("Break-even duty", "of price"), Column("Cheapest supplier", text=True)]
    grid = [cells(row, markets[str(row["market"])]) for row in table.to_dict("records")]
    total = cells(every.to_dict("records")[0], "All markets") if one else []
    return Grid("By market", tuple(columns), grid, total=total, shown=12)


def _gates(landing: Landing) -> Grid | None:
    """Return what a unit costs at the gate of each plant, by group of items."""
    study, cost = landing.study, landing.gate()
    if cost.empty:
        return None
    cost["group"] = cost["item"].map(group_of)
    wide = cost.pivot_table(index=["product", "site"], columns="group", values="usd_per_unit", aggfunc="sum").fillna(
        0.0
    )
    groups = [g for g in GROUPS if g in wide and wide[g].abs().max() > 0]
    sites, products = names(study, "sites"), names(study, "products")
    unit = study.products.set_index("product")["unit"].astype(str)
    order = {str(p): n for n, p in enumerate(study.products["product"])}
    wide = wide.where(
        wide.abs().gt(1e-9 * wide.sum(axis=1).abs(), axis=0), 0.0
    )  # what relief leaves of a duty by rounding
    wide = wide.assign(total=wide.sum(axis=1), rank=[order[str(p)] for p, _ in wide.index])
    wide = wide.sort_values(["rank", "total"], kind="stable")
    grid = []
    for row in wide.reset_index().to_dict("records"):
        per = f"USD/{unit[row['product']]}"
        cells = [words(products[str(row["product"])]), words(sites[str(row["site"])])]
        cells += [amount(float(row[g]), per, mark="good" if row[g] < 0 else "") for g in groups]
        grid.append([*cells, amount(float(row["total"]), per, 4, mark="strong")])
    titles = [Column(GROUPS[g][0]) for g in groups]
    columns = (Column("Product", text=True), Column("Made in", text=True), *titles, Column("Sum"))
    lead = (
        "At the gate of the plant [USD per unit, levelised over the horizon], inputs with all that was spent on them."
    )
    return without_empty_columns(Grid("What a unit costs where it is made", columns, grid, lead=lead, shown=16))


def cash(study: Study, plan: Plan) -> Section:
    """Return what the plan costs year by year."""
    flow, money = yearly_cash_flow(study, plan), study.settings.money
    items = flow.drop(columns=["total", "factor", "present"])
    groups = items.T.groupby(lambda item: group_of(str(item))).sum().T
    groups = groups.where(groups.abs() >= 0.005, 0.0)  # less than a cent is what cancels out, not money
    order = [g for g in GROUPS if g in groups and groups[g].abs().max() > 0]
    rows = [
        (str(year), {g: float(row[g]) / 1e6 for g in order}, "", "plan")
        for year, row in zip(groups.index, groups.to_dict("records"), strict=True)
    ]
    bars = stack("", rows, text=GROUP_WORDS, unit="USD mn")
    grid = []
    for year in flow.index:
        cells = [words(str(year)), *(amount(float(groups.loc[year, g]), "USD", factor=1e6) for g in order)]
        cells += [amount(float(flow.loc[year, c]), "USD", 4, 1e6) for c in ("total", "present")]
        grid.append(cells)
    whole = [amount(float(groups[g].sum()), "USD", 4, 1e6) for g in order]
    whole += [amount(float(flow[c].sum()), "USD", 4, 1e6) for c in ("total", "present")]
    columns = [Column("Year", text=True), *(Column(GROUPS[g][0]) for g in order)]
    table = Grid("", (*columns, Column("Total"), Column("Present value")), grid, total=[words("Sum"), *whole], shown=60)
    lead = (
        "Cost year by year in USD mn, undiscounted; left of zero what comes in. Money of a year is paid at its end, an "
        "investment at the end of the year before its period; in the last year what is left of it comes back as "
        f"residual value. Discounted at {format_percent(money.discount_rate)} to {money.base_year}, the years add up "
        "to the cost of the plan. What is paid every year of a period is its mean over the period."
    )
    return Section("cash", "Cash flow", "Cash flow", lead, [bars, table])
