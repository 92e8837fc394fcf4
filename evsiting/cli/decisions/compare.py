"""The command compare: runs side by side on a terminal, as JSON and as a workbook."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from evsiting.cli import show
from evsiting.cli.arguments import file_to_write
from evsiting.cli.runs import require_run
from evsiting.cli.terminal import Voice
from evsiting.cli.writing import size
from evsiting.report.comparison_words import asked_words, difference_words, proof_words, summary_words
from evsiting.report.ledger_items import item_name
from evsiting.report.number_format import column_digits, format_objective
from evsiting.results.analysis.comparison import Comparison, compare
from evsiting.results.decisions.decision_tables import DecisionTables, write_decisions
from evsiting.study.objectives import OBJECTIVES

#: Rows of a table on a terminal.
MOST = 16


def compare_runs(voice: Voice, runs: list[Path], xlsx: Path | None, *, keep: bool = False) -> None:
    """Compare the runs with the first of them; keep the tables beside it where asked."""
    for run in runs:
        require_run(run)
    file = None if xlsx is None else file_to_write(xlsx, "--xlsx", (".xlsx",))
    comparison = compare([run.expanduser() for run in runs])
    voice.say(lambda: parts(comparison))
    if file is not None:
        from evsiting.report.exports.comparison import write_comparison

        write_comparison(file, comparison)
        voice.say(f"Wrote {file} ({size(file)})")
    if keep:
        home, plan = runs[0].expanduser(), comparison.plans[comparison.names[0]]
        write_decisions(home, DecisionTables.of(plan=plan, beside=comparison))
        voice.say(f"The tables are kept in {home}", f"Next: evsiting report {home}")
    voice.data(lambda: data(comparison, file))


def parts(comparison: Comparison) -> list[RenderableType]:
    """Return a comparison as tables: totals, proof, plants, items of cost and inputs that differ."""
    made: list[RenderableType] = [Text(summary_words(comparison), style="bold"), _totals(comparison)]
    made += [Text(words) for words in (asked_words(comparison), *proof_words(comparison)) if words]
    plants = comparison.plants[comparison.plants["differs"]]
    if len(plants):
        listed = show.table("site", "type", *comparison.names, title="Plants that differ")
        for row in plants.head(MOST).to_dict("records"):
            kind = str(row["plant_type"]).replace("_", " ")
            listed.add_row(
                f"{row['name']}, {row['country']}", kind, *(str(row[name]) or "–" for name in comparison.names)
            )
        made += [listed, *show.more(MOST, len(plants), "plants")]
    made += _items(comparison)
    return [*made, *_inputs(comparison)]


def _totals(comparison: Comparison) -> RenderableType:
    differences = [f"{name} less {comparison.names[0]}" for name in comparison.names[1:]]
    right = tuple(range(1, 1 + len(comparison.names) + len(differences)))
    made = show.table("total", *comparison.names, *differences, right=right)
    for row in comparison.totals.to_dict("records"):
        name = str(row["total"])
        if OBJECTIVES[name].need is None or any(row[n] for n in comparison.names):
            figures = column_digits([float(row[n]) for n in comparison.names])
            values = [format_objective(name, float(row[n]), figures) for n in comparison.names]
            made.add_row(
                OBJECTIVES[name].spoken, *values, *(difference_words(name, float(row[d])) for d in differences)
            )
    return made


def _items(comparison: Comparison) -> list[RenderableType]:
    """Return the items of cost that differ, the largest differences first."""
    names = [f"{name} less {comparison.names[0]}" for name in comparison.names[1:]]
    rows = comparison.ledgers.query("ledger == 'cost'")
    rows = rows.assign(size=rows[names].abs().max(axis=1)).query("size > 0").sort_values("size", ascending=False)
    if not len(rows):
        return []
    made = show.table("cost", *names, right=tuple(range(1, 1 + len(names))), title="Where the cost differs")
    for row in rows.head(MOST).to_dict("records"):
        made.add_row(item_name(str(row["item"])), *(difference_words("cost", float(row[name])) for name in names))
    return [made, *show.more(MOST, len(rows), "items")]


def _inputs(comparison: Comparison) -> list[RenderableType]:
    """Return the cells of the input that differ; how many where a table has many."""
    rows = comparison.inputs
    if not len(rows):
        remark = "The plans answer the same study." if len(comparison.studies) > 1 else ""
        return [Text(remark, style="dim")] if remark else []
    made = show.table("plan", "table", "row", "column", comparison.names[0], "there", title="Input that differs")
    for row in rows.head(MOST).to_dict("records"):
        cells = (row["plan"], row["table"], row["row"], row["column"] or row["change"], row["first"], row["second"])
        made.add_row(*map(_cell, cells))
    counts = ", ".join(f"{count:,} in {name}" for name, count in rows.groupby("table", sort=False).size().items())
    return [made, *show.more(MOST, len(rows), f"cells ({counts} in all)")]


def _cell(value: object) -> str:
    return f"{value:,.6g}" if isinstance(value, float) and math.isfinite(value) else str(value)


def data(comparison: Comparison, file: Path | None) -> dict[str, Any]:
    """Return a comparison for JSON."""
    tables = {name: show.records(frame) for name, frame in comparison.tables.items()}
    return {"plans": list(comparison.names), **tables, "files": [] if file is None else [str(file)]}
