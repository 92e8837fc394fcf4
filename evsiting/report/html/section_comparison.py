"""Another plan beside the one of the page: totals, proof, plants, cost and input that differ."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from evsiting.report.comparison_words import difference_words, proof_sentence
from evsiting.report.headline import kind_names, names
from evsiting.report.html.blocks import Column, Grid, Section, Words, number, words
from evsiting.report.ledger_items import item_name
from evsiting.report.number_format import column_digits, format_objective
from evsiting.results.decisions.decision_tables import DecisionTables
from evsiting.study.objectives import OBJECTIVES
from evsiting.study.study import Study

__all__ = ["comparison"]

#: Cost items below this part of the largest difference are left out.
_SMALL = 1e-3
#: Rows of the input shown before a click.
_SHOWN = 12


def comparison(study: Study, decisions: DecisionTables) -> Section | None:
    """Return the section *Comparison*; none where no other plan was laid beside the one of the page.

    Parameters
    ----------
    study : Study
        Complete.
    decisions : DecisionTables
        About the plan of the page.
    """
    if "compared" not in decisions.tables:
        return None
    blocks: list[Grid | Words] = []
    for row in decisions.tables["compared"].to_dict("records"):
        mine = {
            name: frame[frame["beside"].astype(str) == str(row["beside"])]
            for name, frame in decisions.tables.items()
            if name.startswith("compared")
        }
        blocks += _one(study, row, mine)
    lead = "This plan beside others, the same tables for each. Differences are of the other plan less this one."
    return Section("comparison", "Comparison", "Comparison", lead, [*blocks])


def _one(study: Study, row: dict[Any, Any], mine: dict[str, pd.DataFrame]) -> list[Grid | Words]:
    """Return sentence and tables of one other plan."""
    other = str(row["beside"])
    differ, plants = int(row["differ"]), int(row["plants"])
    sentences = [f"{differ} of {plants} decisions on plants differ." if differ else "The same plants."]
    if isinstance(row["told"], str) and row["told"]:
        sentences.append(proof_sentence({**row, "plan": other}, "this plan"))
    if str(row["asked"]) != "True":
        sentences.append(f"The two were not asked the same: the other plan minimises {row['objective']}.")
    totals = _totals(other, " ".join(sentences), mine["compared_totals"])
    changed = _inputs(other, int(row["inputs"]), mine["compared_inputs"])
    tables = [_plants(study, other, mine["compared_plants"]), _items(other, mine["compared_items"]), *changed]
    return [totals, *tables]


def _totals(other: str, sentence: str, frame: pd.DataFrame) -> Grid:
    grid = []
    for row in frame.to_dict("records"):
        name = str(row["total"])
        if name not in OBJECTIVES:
            continue
        here, there, difference = (float(row[c]) for c in ("here", "there", "difference"))
        kind, figures = OBJECTIVES[name], column_digits([here, there])
        grid.append(
            [
                words(kind.title),
                *(number(v, format_objective(name, v, figures), kind.exact_unit) for v in (here, there)),
                number(difference, difference_words(name, difference), kind.exact_unit),
            ]
        )
    columns = (Column("Total", text=True), Column("This plan"), Column(other), Column("Difference"))
    return Grid(f"Beside “{other}”", columns, grid, sentence, sorts=False)


def _plants(study: Study, other: str, frame: pd.DataFrame) -> Grid:
    kinds, own = kind_names(study), names(study, "sites")
    grid = []
    for row in frame.to_dict("records"):
        site, kind = str(row["site"]), str(row["plant_type"])
        cells = (str(row["country"]), kinds.get(kind, kind.replace("_", " ")), _cell(row["here"]), _cell(row["there"]))
        grid.append([words(own.get(site, str(row["name"])), site), *map(words, cells)])
    titles = ("Site", "Country", "Plant", "This plan", other)
    return Grid("Plants that differ", tuple(Column(title, text=True) for title in titles), grid)


def _items(other: str, frame: pd.DataFrame) -> Grid:
    large = frame["difference"].abs() >= _SMALL * frame["difference"].abs().max()
    grid = []
    for row in frame[large].to_dict("records"):
        here, there, difference = (float(row[c]) for c in ("here", "there", "difference"))
        cells = [number(v, format_objective("cost", v, 3), "USD") if v else words("") for v in (here, there)]
        grid.append(
            [
                words(item_name(str(row["item"]))),
                *cells,
                number(difference, difference_words("cost", difference), "USD"),
            ]
        )
    columns = (Column("Cost item", text=True), Column("This plan"), Column(other), Column("Difference"))
    return Grid("Where the cost differs", columns, grid)


def _inputs(other: str, count: int, frame: pd.DataFrame) -> list[Grid | Words]:
    if count <= 0:
        return [Words("Both answer the same study." if count == 0 else "What was asked of it is not known.")]
    grid = [
        [words(str(row["table"]).replace("_", " ")), words(str(row["row"])),
         words(_cell(row["column"]) or str(row["change"])), words(_cell(row["here"])), words(_cell(row["there"]))]
        for row in frame.to_dict("records")
    ]  # fmt: skip
    titles = ("Table", "Row", "Column", "This plan", other)
    cut = f"{count:,} cells, of which the first {len(grid):,} are listed; evsiting compare tells all."
    lead = cut if count > len(grid) else ""
    return [Grid("Input that differs", tuple(Column(t, text=True) for t in titles), grid, lead, shown=_SHOWN)]


def _cell(value: object) -> str:
    """Return a cell of a table, short where it is a number, nothing where it is empty."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    try:
        return f"{float(value):,.6g}"  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return str(value)
