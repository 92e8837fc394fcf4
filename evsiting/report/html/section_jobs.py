"""The section of jobs: direct ones by place, and apart from them the ranges of those that they bring."""

from __future__ import annotations

import numpy as np

from evsiting.report.headline import period_labels, period_note, shown_periods
from evsiting.report.html.blocks import Cell, Column, Grid, Section, Stack, Words, amount, words
from evsiting.report.html.section_cost import COUNTRY_NAMES
from evsiting.report.maps.geometry import outlines
from evsiting.report.number_format import digits, exact
from evsiting.report.number_format import rows as plain_rows
from evsiting.results.analysis.job_ranges import jobs_by_multiplier
from evsiting.results.analysis.key_figures import jobs_by_region
from evsiting.results.plan import Plan
from evsiting.study.study import Study


def jobs(study: Study, plan: Plan) -> Section:
    """Return direct jobs by place and period, and apart from them what studies say of jobs that they bring."""
    years = shown_periods(study)
    table = jobs_by_region(study, plan)
    regions = {str(a): str(b) for a, b in plain_rows(outlines(), "iso", "name")}
    by = table.pivot_table(index=["country", "region"], columns="period", values="jobs_fte", aggfunc="sum")
    by = by.reindex(columns=list(years)).fillna(0.0)
    grid = []
    for country in (c for c in COUNTRY_NAMES if c in by.index.get_level_values(0)):
        mine = by[by.index.get_level_values(0) == country].droplevel(0)
        head = [amount(float(v), "FTE", mark="strong") for v in mine.to_numpy().sum(axis=0)]
        grid.append([words(COUNTRY_NAMES[country], mark="strong"), *head])
        mine = mine.loc[mine.max(axis=1).sort_values(ascending=False).index]
        for region, row in zip(mine.index, mine.to_numpy().tolist(), strict=True):
            grid.append([words(regions.get(str(region), str(region)), mark="inner"), *(amount(v, "FTE") for v in row)])
    columns = (Column("Where", text=True), *(Column(label, "FTE") for label in years.values()))
    total = [words("All"), *(amount(float(v), "FTE") for v in by.to_numpy().sum(axis=0))]
    blocks: list[Grid | Stack | Words] = [
        Grid(
            "Direct jobs",
            columns,
            grid,
            lead=f"Full-time positions, mean of each period.{period_note(study)}",
            total=total,
            shown=40,
            sorts=False,
        )
    ]
    blocks.append(_ranges(study, plan))
    return Section("jobs", "Jobs", "Jobs", "", blocks)


def _ranges(study: Study, plan: Plan) -> Grid:
    """Return indirect and induced jobs by country in the last period: ranges, gross, never added to direct ones."""
    last, label = list(period_labels(study).items())[-1]
    table = jobs_by_multiplier(study, plan)
    table = table[(table["period"] == last) & (table["scope"] == "country")]
    grid = []
    order = {country: n for n, country in enumerate(COUNTRY_NAMES)}
    for row in sorted(table.to_dict("records"), key=lambda row: order.get(row["country"], len(order))):
        low, central, high = (row[f"{k}_fte"] for k in ("low", "central", "high"))
        known = np.isfinite(central)
        span = digits(central) if low == high else f"{digits(low)} to {digits(high)}"
        factor = (
            digits(row["central"]) if row["low"] == row["high"] else f"{digits(row['low'])} to {digits(row['high'])}"
        )
        assumed = row["quality"] == "assumption"
        grid.append(
            [
                words(COUNTRY_NAMES.get(row["country"], row["country"])),
                amount(row["direct_fte"], "FTE"),
                Cell(span, central, f"central {exact(central)} FTE") if known else Cell("not known"),
                Cell(factor, row["central"]) if known else Cell("–"),
                words(row["quality"] or "–", mark="bad" if assumed else ""),
                words(_source(row["title"], row["key"]), row["note"]),
            ]
        )
    columns = (
        Column("Country", text=True),
        Column("Direct", "FTE"),
        Column("Indirect and induced", "FTE"),
        Column("For each direct job"),
        Column("Quality", text=True),
        Column("Source", text=True),
    )
    lead = (
        "What published multipliers say of jobs at suppliers and of jobs that live on the wages. Rows are different "
        "answers to one question: compare them, never add them up. Gross: what the same people and money would have "
        "done otherwise is not taken off. They are in no total of this report."
    )
    return Grid(f"Indirect and induced jobs, {label}: ranges", columns, grid, lead=lead, sorts=False)


def _source(title: str, key: str) -> str:
    """Return the title of a source with the name of its multiplier, which tells apart two of one source."""
    name = key.rsplit(".", 1)[-1].replace("_", " ")
    return f"{title} ({name})" if title else name
