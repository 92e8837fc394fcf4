"""The data dictionary as a page in Markdown."""

from __future__ import annotations

import re

from evsiting.study.schema.tables import TABLES, Column, Table
from evsiting.units import examples

__all__ = ["dictionary_markdown"]


def dictionary_markdown(*, level: int = 1) -> str:
    """Return the data dictionary as a page in Markdown: every table, column, unit, range and meaning.

    Parameters
    ----------
    level : int
        Level of the page's heading.

    Examples
    --------
    >>> dictionary_markdown().splitlines()[0]
    '# Data dictionary'
    """
    parts = [f"{'#' * level} Data dictionary\n\nA column that is marked * must be there and be filled."]
    parts += [_table_markdown(table, level + 1) for table in TABLES.values()]
    return "\n\n".join(parts) + "\n"


def _table_markdown(table: Table, level: int) -> str:
    facts = [
        "required" if table.required else "made by a layer where it is left out" if table.derived else "optional",
        f"key: {', '.join(table.key)}",
    ]
    if table.geometry:
        facts.append("points: `lat` and `lon`, `x` and `y`, or a geometry")
    lines = [
        f"{'#' * level} {table.name}",
        "",
        f"{table.meaning} ({'; '.join(facts)})",
        "",
        "| column | meaning | unit | may also be written | range | if empty |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join(lines + [_row(column) for column in table.columns])


def _row(column: Column) -> str:
    star = "" if column.nullable or column.default is not None else " *"
    span = " or ".join(column.choices) or ", ".join(b for b in (column.low, column.high) if b)
    span = span or (f"one of {column.of}" if column.of else "")
    other = ""
    if column.label != column.name or column.unit == "1":
        other = examples(column.unit).removeprefix("or such as ").split(", ")[0]
        other = f"`{column.header}`" + (f", `{column.label} [{other}]`" if not other.startswith("as ") else "")
        other = other if column.label != column.name else f"`{column.label} [%]`"
    empty = "" if star else _if_empty(column)
    cells = (
        f"`{column.name}`{star}",
        column.meaning,
        column.unit if column.unit != "1" else "fraction",
        other,
        span,
        empty,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _if_empty(column: Column) -> str:
    """Return what an empty cell means: the default, else what the meaning says of it.

    Examples
    --------
    >>> _if_empty(TABLES["suppliers"].column("capacity")), _if_empty(TABLES["options"].column("min_load"))
    ('without limit', '0.0')
    """
    if column.default is not None:
        return str(column.default)
    match = re.search(r"[;,] (?P<what>[^;,]+) where empty|where empty,? (?P<then>[^;]+)", column.meaning)
    return (match["what"] or match["then"]) if match else "unknown" if column.dtype != "text" else "none"
