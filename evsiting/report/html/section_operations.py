"""The sections of running: power and staff, and limits with their use and slack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from evsiting.report.headline import names, period_labels, period_note, shown_periods
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
from evsiting.report.html.section_cost import COUNTRY_NAMES
from evsiting.report.number_format import digits, exact, format_percent, format_units, format_usd
from evsiting.report.number_format import rows as plain_rows
from evsiting.results.analysis.limit_use import TARGETS, limit_use
from evsiting.results.analysis.power import power_by_site
from evsiting.results.plan import Plan
from evsiting.results.rules.bounds import HORIZON
from evsiting.study.study import Study

#: From this part of a limit on it is called binding.
BINDING = 0.9995


def power(study: Study, plan: Plan) -> Section | None:
    """Return load, clean power and staff; nothing where a study limits neither power nor staff."""
    sites = study.sites
    offered = sites[["connectable_mw", "clean_premium_usd_per_mwh"]].notna().to_numpy().any()
    pools = study.has("labor_pools")
    if not (offered or pools):
        return None
    blocks: list[Grid | Stack | Words] = []
    table = power_by_site(study, plan)
    if offered and table.empty:
        blocks.append(Words("No plant of this plan uses power."))
    elif offered:
        blocks += [_power_by_period(study, table), _power_by_site(study, plan, table)]
    if pools:
        blocks.append(_pools(study, plan))
    title = "Power and staff" if offered and pools else "Power" if offered else "Staff"
    return Section("power", title, title, "", blocks)


def _power_by_period(study: Study, table: pd.DataFrame) -> Grid:
    years = period_labels(study)
    grid = []
    for period, label in years.items():
        mine = table[table["period"] == period]
        mwh, clean = float(mine["mwh_per_yr"].sum()), float(mine["clean_mwh_per_yr"].sum())
        green = float((mine["renewable"] * mine["mwh_per_yr"]).sum()) / mwh if mwh else np.nan
        grid.append(
            [
                words(label),
                number(mwh, format_units(mwh, "MWh/yr"), "MWh/yr"),
                number(clean, format_units(clean, "MWh/yr") if clean else "–", "MWh/yr"),
                percent(green, bar=True),
                amount(float(mine["t_per_yr"].sum()) / 1e3, "kt CO2e/yr"),
                amount(float(mine["upgraded_mw"].sum()), "MW"),
            ]
        )
    columns = (
        Column("Years", text=True),
        Column("Power used"),
        Column("Contracted clean"),
        Column("Renewable"),
        Column("Emissions", "kt CO2e/yr"),
        Column("Upgraded", "MW so far"),
    )
    lead = "Renewable is the part of the power that the grid's mix holds, and what is contracted."
    return without_empty_columns(Grid("Use by period", columns, grid, lead=lead, sorts=False))


def _power_by_site(study: Study, plan: Plan, table: pd.DataFrame) -> Grid:
    """Return load and connection of each site in its last period, with its upgrades."""
    years, sites = period_labels(study), names(study, "sites")
    made = plan.decisions["upgrades"]
    steps = {str(s): part for s, part in made.groupby("site")} if len(made) else {}
    rank = table["period"].map({p: n for n, p in enumerate(years)})
    last = table.loc[rank.sort_values(kind="stable").index].drop_duplicates("site", keep="last")
    grid = []
    for row in last.sort_values("load_mw", ascending=False).to_dict("records"):
        use = row["load_mw"] / row["connected_mw"] if row["connected_mw"] else np.nan
        mine = steps.get(row["site"])
        steps_made = (
            "" if mine is None else ", ".join(f"{u} ({years[p][:4]})" for u, p in plain_rows(mine, "upgrade", "period"))
        )
        grid.append(
            [
                words(sites[row["site"]]),
                amount(row["load_mw"], "MW"),
                amount(row["connected_mw"], "MW")
                if np.isfinite(row["connected_mw"])
                else words("no limit", mark="muted"),
                percent(use, bar=True, mark="tight" if use > BINDING else ""),
                words(steps_made),
                number(row["mwh_per_yr"], format_units(row["mwh_per_yr"], "MWh/yr"), "MWh/yr"),
                percent(row["clean_mwh_per_yr"] / row["mwh_per_yr"]) if row["clean_mwh_per_yr"] else Cell("–"),
                percent(row["renewable"], bar=True),
            ]
        )
    columns = (
        Column("Site", text=True),
        Column("Peak load", "MW"),
        Column("Connected", "MW"),
        Column("In use"),
        Column("Upgrades", text=True),
        Column("Power"),
        Column("Contracted clean"),
        Column("Renewable"),
    )
    return without_empty_columns(Grid("Sites in the last period", columns, grid, shown=24))


def _pools(study: Study, plan: Plan) -> Grid:
    """Return how much of each labor pool is used, period by period."""
    years, pools = shown_periods(study), names(study, "labor_pools")
    use = limit_use(study, plan, only=["labor pool"])
    by = use.pivot_table(index="name", columns="period", values="used").reindex(columns=list(years))
    room = study.labor_pools.set_index("pool")["available_fte"]
    grid = []
    for pool in by.max(axis=1).div(room.reindex(by.index)).sort_values(ascending=False).index:
        cells = [words(pools.get(str(pool), str(pool))), amount(float(room[pool]), "FTE")]
        for period in years:
            staff = float(by.loc[pool, period])
            part = staff / float(room[pool]) if room[pool] else np.nan
            tight = "tight" if part > BINDING else ""
            long = min(100.0, 100.0 * part) if np.isfinite(part) else -1.0
            tip = f"{exact(staff)} of {exact(float(room[pool]))} FTE, {format_percent(part)}"
            cells.append(Cell(digits(staff), staff, tip, long, tight) if np.isfinite(staff) and staff else Cell("–"))
        grid.append(cells)
    columns = (Column("Labor pool", text=True), Column("Available", "FTE"), *(Column(v, "FTE") for v in years.values()))
    return Grid(
        "Staff by commuting area",
        columns,
        grid,
        lead=f"Direct staff of all plants there.{period_note(study)}",
        shown=16,
    )


def limits(study: Study, plan: Plan) -> Section | None:
    """Return every limit with its use and slack; nothing where a study has none."""
    table = limit_use(study, plan)
    stated = set(study.limits["limit"].astype(str))
    targets = table[table["name"].isin(stated) & table["family"].isin(TARGETS)]
    others = table[~table.index.isin(targets.index) & (table["use"] > BINDING)]
    blocks: list[Grid | Stack | Words] = []
    if study.has("limits"):
        blocks.append(
            _limit_table(study, targets, "Targets and ceilings", "Of table limits, as the certificate checks them.")
        )
        broken = targets[targets["violation"] > 0.0].drop_duplicates(["name", "period"])
        over = [
            f"{name} ({period}) by {amount:,.6g}"
            for name, period, amount in zip(*(broken[c] for c in ("name", "period", "violation")), strict=True)
        ]
        if over:
            blocks.append(Words(f"Soft limits that the plan breaks, and pays for: {'; '.join(over)}."))
    bounded = any(study.has(name) for name in ("gateways", "commitments", "labor_pools", "program_rules"))
    bounded |= bool(study.suppliers["capacity_units_per_yr"].notna().any())
    bounded |= bool(study.sites["connectable_mw"].notna().any())
    if bounded:
        lead = "Suppliers, gateways, connections, pools of staff and money, and commitments that are used up."
        if len(others):
            blocks.append(_limit_table(study, others, "What else binds", lead))
        elif study.has("limits"):
            blocks.append(Words("No supplier, gateway, connection, pool or commitment is used up."))
    if not blocks:
        return None
    return Section(
        "limits",
        "Limits",
        "Limits",
        "A limit that is used to 100 % holds the plan back; the slack is what is left. Of a floor, the used part is "
        "the floor over what is reached.",
        blocks,
    )


def _limit_table(study: Study, table: pd.DataFrame, title: str, lead: str) -> Grid:
    years = period_labels(study)
    grid, before = [], ""
    for row in table.to_dict("records"):
        name = limit_name(study, row)
        low, high, unit = row["at_least"], row["at_most"], row["unit"]
        bound = " to ".join(_limit_text(v, unit) for v in (low, high) if np.isfinite(v))
        side = "at least " if not np.isfinite(high) else "at most " if not np.isfinite(low) else ""
        tight = row["use"] > BINDING
        grid.append(
            [
                words(name) if name != before else Cell(""),
                words(f"{row['family']}{f', most: {_printed_name(study, row)}' if row['what'] else ''}", mark="muted"),
                words("all years" if row["period"] == HORIZON else years.get(row["period"], row["period"])),
                number(row["used"], _limit_text(row["used"], unit), unit if unit != "1" else ""),
                words(f"{side}{bound}"),
                percent(row["use"], bar=True, mark="tight" if tight else ""),
                Cell("none", 0.0, "", -1.0, "tight")
                if tight
                else number(row["slack"], _limit_text(row["slack"], unit), unit if unit != "1" else ""),
            ]
        )
        before = name
    columns = (
        Column("Limit", text=True),
        Column("Kind", text=True),
        Column("Years", text=True),
        Column("Reached"),
        Column("Bound"),
        Column("Used"),
        Column("Slack"),
    )
    return Grid(title, columns, grid, lead=lead, shown=24, sorts=False)


def limit_name(study: Study, row: Mapping[Any, Any]) -> str:
    """Return the printed name of what is limited."""
    tables = {"labor pool": "labor_pools", "grid connection": "sites", "gateway": "gateways", "supplier": "suppliers"}
    if row["family"] not in tables:
        return str(row["name"])
    return names(study, tables[row["family"]]).get(str(row["name"]), str(row["name"]))


def _printed_name(study: Study, row: Mapping[Any, Any]) -> str:
    """Return the printed name of the one that carries most."""
    code = str(row["what"])
    for table in ("sites", "suppliers", "gateways"):
        if code in (known := names(study, table)):
            return known[code]
    return COUNTRY_NAMES.get(code, code)


def _limit_text(value: float, unit: str) -> str:
    if not np.isfinite(value):
        return "–"
    if unit == "1":
        return format_percent(value)
    if unit == "tCO2e":
        return f"{format_units(value, 't')} CO2e"
    return format_usd(value) if unit == "USD" else format_units(value, unit)
