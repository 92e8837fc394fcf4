"""The page on what plants cost and employ: low, middle, high, named plants, and the one place to change each."""

from __future__ import annotations

import re

from evsiting import reference
from evsiting.reference import Parameter

#: What plants cost and employ: title, key, and where a study holds what is made of it.
FIGURES = (
    ("Cells: investment", "plant.cell.capex_north_america", "`options.capex_usd`, `plants.resume_usd`"),
    ("Cells: staff at full load", "plant.cell.workers_per_gwh", "`options.staff_fte`, `processes.labor_h_per_unit`"),
    ("Cells: electricity and heat", "plant.cell.energy", "`processes.electricity_kwh_per_unit`, `heat_kwh_per_unit`"),
    ("Cells: connected load", "plant.cell.grid_connection_per_gwh", "`processes.connection_kw_per_unit`"),
    ("Cells: good part", "plant.cell.yield", "`processes.good_share`"),
    ("Cells: decision to first unit", "plant.cell.lead_time", "`options.lead_years`"),
    ("Packs: investment", "plant.pack.capex", "`options.capex_usd`"),
    ("Packs: staff at full load", "plant.pack.workers_per_gwh", "`options.staff_fte`, `processes.labor_h_per_unit`"),
    ("Packs: electricity", "plant.pack.electricity", "`processes.electricity_kwh_per_unit`"),
    ("Packs: decision to first unit", "plant.pack.lead_time", "`options.lead_years`"),
    ("Vehicles: investment", "plant.assembly.capex", "`options.capex_usd`"),
    ("Vehicles: a standing plant turned over", "plant.assembly.capex_conversion", "`plants.resume_usd`"),
    (
        "Vehicles: staff at full load",
        "plant.assembly.workers_per_1000_vehicles",
        "`options.staff_fte`, `processes.labor_h_per_unit`",
    ),
    ("Vehicles: electricity", "plant.assembly.electricity", "`processes.electricity_kwh_per_unit`"),
    ("Vehicles: fuel", "plant.assembly.fuel", "`processes.heat_kwh_per_unit`"),
    ("Vehicles: decision to first unit", "plant.assembly.lead_time", "`options.lead_years`"),
    ("All: investment by size", "plant.capex_scale_exponent", "`options.capex_usd`"),
    ("All: life", "plant.economic_life", "`settings.money.plant_life_years`"),
    ("All: severance", "plant.closing.severance", "`plants.closing_usd`"),
)
#: Named plants: keys that go on from that of a figure.
NAMED = ("plant.cell.capex.", "plant.cell.workers_per_gwh.", "plant.cell.grid_connection.", "plant.cell.building_area.")

TEXT = """# What plants cost and employ

Made from `evsiting/reference/data/parameters.csv` by `python -m docs.make_pages`: **that table is the one place where a
shipped figure stands**, with its range, source and note. The shipped studies are built from it
({builder}). To change one:

- **in a study of your own** in the table and column that the last column names, by `study.with_table` or in the CSV
  file. It is not made from parameters again;
- **in the shipped studies** in `parameters.csv`, by its key. Everything that is made of it follows, with its source.

`evsiting.reference.parameter(key)` returns the row. Titles and addresses of sources: `evsiting.reference.sources()`.

| figure | low | middle | high | unit | price year | source | key | in a study |
|---|---|---|---|---|---|---|---|---|
{figures}

## Named plants

| plant | value | unit | source | note |
|---|---|---|---|---|
{named}

## What each rests on

{notes}
"""


def plant_figures_markdown() -> str:
    """Return the page."""
    rows = [(title, reference.parameter(key), where) for title, key, where in FIGURES]
    named = [reference.parameter(key) for key in sorted(set(reference.parameters()["key"])) if key.startswith(NAMED)]
    return TEXT.format(
        builder="`evsiting/shipped/products.py`, `plants.py`",
        figures="\n".join(_row(*row) for row in rows),
        named="\n".join(_named(p) for p in named),
        notes="\n".join(f"- **{title}** (`{p.key}`): {_plain(p.note)}." for title, p, _ in rows),
    )


def _row(title: str, p: Parameter, where: str) -> str:
    year = "" if p.year is None else str(p.year)
    cells = (title, _number(p.low), _number(p.value), _number(p.high), p.unit, year, _source(p), f"`{p.key}`", where)
    return "| " + " | ".join(cells) + " |"


def _named(p: Parameter) -> str:
    return f"| `{p.key}` | {_number(p.value)} | {p.unit} | {_source(p)} | {_plain(p.note)} |"


def _source(p: Parameter) -> str:
    ids = ", ".join(s for s in p.source.split(";") if s != "unsourced")
    return (
        f"*assumption*; near it: {ids}" if p.assumed and ids else "*assumption*" if p.assumed else f"{p.quality}: {ids}"
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,g}"


def _plain(note: str | None) -> str:
    return re.sub(r"\s+", " ", (note or "").replace("|", "/")).strip().rstrip(".")
