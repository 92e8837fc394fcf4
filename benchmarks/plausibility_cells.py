"""Where cells are made in the plan of the North American study, and why: a question of the plausibility page."""

from __future__ import annotations

import pandas as pd

from benchmarks.plausibility_facts import KWH, Facts
from evsiting import reference
from evsiting.results.analysis.landed_cost import gate_cost
from evsiting.shipped.inputs import ANODE, CATHODE

#: Neighbours of the United States; what customs held of packs that are joined from Chinese cells.
NEIGHBOURS = ("CA", "MX")
COUNTRIES = {"CN": "China", "JP": "Japan", "KR": "Korea", "US": "the United States"}
RULINGS = (
    "[H306336](https://www.customsmobile.com/rulings/docview?doc_id=H306336), packs joined in Mexico; "
    "[H309485](https://www.customsmobile.com/rulings/docview?doc_id=H309485), in Korea"
)


def costs(facts: Facts, period: str) -> pd.DataFrame:
    """Return what a kWh of cells costs at the gate in a period, item by item (columns) in each country [USD/kWh]."""
    rows = gate_cost(facts.study, facts.plan, by=("site", "product", "period"))
    rows = rows[(rows["product"] == "cell") & (rows["period"] == period)]
    country = rows["site"].map(facts.study.sites.set_index("site")["country"])
    one = rows[rows["usd_per_unit"] != 0.0].drop_duplicates("site")
    units = (one["value"] / one["usd_per_unit"]).groupby(country).sum()
    items = rows.groupby([country, "item"])["value"].sum().unstack()
    return items.div(units, axis=0).rename_axis(index="country")


def closed(facts: Facts) -> pd.DataFrame:
    """Return the cell plants that the plan closes in the last period: GWh a year, and what it costs [bn USD]."""
    rows = facts.plan.decisions["closings"].merge(facts.study.plants, on="plant")
    rows = rows[(rows["plant_type"] == "cell") & (rows["period"] == facts.last)]
    return rows.assign(gwh=rows["capacity_units_per_yr"] / KWH, bn=rows["closing_usd"] / 1e9)


def _openings(facts: Facts) -> list[str]:
    new, told = facts.new("cell"), []
    for country in ("US", "CA", "MX"):
        mine = new[new["country"] == country]
        where = ", ".join(f"{r.site} ({r.option}, {r.period})" for r in mine.itertuples()) or "none"
        told.append(f"- **New cell plants, {country}**: {len(mine)}: {where}.")
    shut = closed(facts)
    told.append(
        f"- **Plants that stand or are begun and close in {facts.last}**: {', '.join(shut['plant']) or 'none'}; "
        f"{shut['gwh'].sum():.0f} GWh a year, closed for {shut['bn'].sum():.1f} bn USD."
    )
    return told


def _table(facts: Facts, items: pd.DataFrame) -> list[str]:
    kept = [str(item) for item in items.abs().sum().sort_values(ascending=False).index[:9]]
    total = items.sum(axis=1)
    told = [
        "",
        f"Cost of cells at the gate by country [USD/kWh], {facts.last}, inputs with freight and duty, investment less "
        "what it is worth at the end:",
        "",
        "| country | all | " + " | ".join(kept) + " |",
        "| --- " * (len(kept) + 2) + "|",
    ]
    told += [
        f"| {country} | {total[country]:,.2f} | "
        + " | ".join("" if pd.isna(row[k]) else f"{row[k]:,.2f}" for k in kept)
        + " |"
        for country, row in items.iterrows()
    ]
    return told


def _sellers(facts: Facts, country: str) -> list[str]:
    """Return the countries from which cell plants of a country buy active material in the last period."""
    sent = facts.plan.shipments[facts.plan.shipments["period"] == facts.last]
    to = sent["destination"].map(facts.study.sites.set_index("site")["country"])
    sent = sent[sent["product"].isin((CATHODE, ANODE)) & (to == country)]
    return sorted(sent["origin"].map(facts.study.suppliers.set_index("supplier")["country"]).dropna().unique())


def _why(facts: Facts, items: pd.DataFrame) -> str:
    """Return why cells are made where they are, and how much hangs on it."""
    us, mx = items.loc["US"].fillna(0.0), items.loc["MX"].fillna(0.0)
    less = us.sum() - mx.sum()
    invested = mx.reindex(["capital", "residual value"]).fillna(0.0).sum()
    shut = closed(facts)
    gap = facts.plan.gap * facts.plan.totals["cost"] / 1e9
    built = facts.new("cell").groupby("country")["capacity_units_per_yr"].sum() / KWH
    sellers = " and ".join(COUNTRIES.get(code, code) for code in _sellers(facts, "US"))
    years = float(facts.study.periods["years"].iloc[-1])
    verdict, sign = ("less", 1.0) if less >= 0.0 else ("more", -1.0)
    return (
        f"**Duties on active material decide, not wages.** A kWh from a new plant in Mexico, its investment of "
        f"{invested:.1f} USD counted, costs {sign * less:.1f} USD {verdict} than one from a plant that stands in the "
        f"United States: active material {us['purchases'] - mx['purchases']:.1f} less, because China's enters Mexico "
        "free of duty (none was read, which does not prove that there is none), while plants in the United States buy "
        f"in {sellers}; labor {us['labor'] - mx['labor']:.1f} less; power {mx['power'] - us['power']:.1f} and freight "
        f"{mx.get('freight', 0.0) - us.get('freight', 0.0):.1f} more. Hence plants of {shut['gwh'].sum():.0f} GWh in "
        f"the United States close, and {built.get('MX', 0.0):.0f} of the {built.sum():.0f} GWh that are built are in "
        f"Mexico. No maker would leave a plant that runs for this: {less:.1f} USD on {shut['gwh'].sum():.0f} GWh a "
        f"year over {years:g} years are {less * shut['gwh'].sum() * years / 1e3:.1f} bn USD before discounting, less "
        f"{shut['bn'].sum():.1f} bn to close, and the gap of the plan alone is {gap:.1f} bn. Read it as *as cheap as*, "
        "not as a forecast: contracts, chemistry, supply risk and treaties to come are not in it."
    )


def _chinese(facts: Facts) -> str:
    """Return what of the cells in packs of Canada and Mexico is Chinese, and what customs says of such packs."""
    country = facts.study.sites.set_index("site")["country"]
    sent = facts.plan.shipments[facts.plan.shipments["period"] == facts.last]
    to = sent["destination"].map(country)
    cells = sent[sent["product"] == "cell"]
    near = to[cells.index].isin(NEIGHBOURS) & cells["origin"].str.startswith("CN-")
    gwh, every = cells.loc[near, "units_per_yr"].sum() / KWH, cells["units_per_yr"].sum() / KWH
    packs = sent[(sent["product"] == "pack") & sent["origin"].map(country).isin(NEIGHBOURS)]
    over = packs.loc[to[packs.index] == "US", "units_per_yr"].sum() / max(packs["units_per_yr"].sum(), 1.0)
    return (
        f"**A pack originates here where it is joined**, whatever its cells, which is an assumption: {gwh:.0f} GWh of "
        f"Chinese cells a year, {gwh / every:.0%} of all, go into packs of Canada and Mexico in {facts.last}, and "
        f"{over:.0%} of the packs sent from there go to the United States. For duties under Section 301 customs has "
        f"held that a pack is of the country of its cells ({RULINGS}), so that 25 % would fall due on these."
    )


def section(facts: Facts) -> list[str]:
    """Return the question of where cells are made, answered with figures of the plan."""
    hours = facts.staff("cell", "30 GWh") * facts.study.settings.model.hours_per_fte_year
    mi, mx = facts.burdened("US-MI"), facts.burdened("MX-NLE")
    credit = reference.parameter("us.45x.cell_credit", year=2029).value
    items = costs(facts, facts.last)
    told = ["### Where do new cell plants stand, and why?", "", *_openings(facts), *_table(facts, items), ""]
    told += [
        f"A kWh of cells takes {hours:.2f} hours: {hours * mi:.1f} USD of labor in Michigan and {hours * mx:.1f} in "
        f"Nuevo León. 45X pays {credit:g} USD a kWh until 2029, three quarters in 2030, half in 2031, a quarter in "
        "2032 and nothing from 2033 on. A plant decided now opens in 2030 at the earliest (three years), so a new one "
        "in the United States earns it for three years of falling rates, while those that stand or are under way earn "
        "it in full."
    ]
    if {"US", "MX"} <= set(items.index):
        told += ["", _why(facts, items)]
    told += ["", _chinese(facts)]
    return told
