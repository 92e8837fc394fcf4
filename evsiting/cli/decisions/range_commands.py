"""The commands tornado, monte-carlo and entry-costs, as they are typed; what they do is loaded when they run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from evsiting.cli.decisions.commands import Asked
from evsiting.cli.options import (
    EXIT_CODES,
    Engine,
    Gap,
    Json,
    Objective,
    Out,
    Quiet,
    Seed,
    Threads,
    TimeLimit,
    Verify,
    Workers,
    solver_settings,
)

__all__ = ["ENTRY_COSTS_EPILOG", "MONTE_CARLO_EPILOG", "TORNADO_EPILOG", "entry_costs", "monte_carlo", "tornado"]

_FILE = (
    "The file's columns are name, table, column, rows, period, and either low and high (factors such as 0.8 and 1.25) "
    "or parameter (a reference figure whose sources give both ends). "
)
_SOURCES = (
    "Without a file the ranges are the low and high values that the study's own sources give; figures without one do "
    "not move, unless --otherwise states a range for them. "
)
TORNADO_EPILOG = (
    "Example: evsiting tornado runs/base && evsiting report runs/base\n\n"
    "Example: evsiting tornado runs/base --ranges ranges.csv\n\n" + _SOURCES + _FILE + EXIT_CODES
)
MONTE_CARLO_EPILOG = (
    "Example: evsiting monte-carlo runs/base --ranges ranges.csv --draws 200 && evsiting report runs/base\n\n"
    + _SOURCES
    + _FILE
    + EXIT_CODES
)
ENTRY_COSTS_EPILOG = "Example: evsiting entry-costs runs/base && evsiting report runs/base\n\n" + EXIT_CODES

Ranges = Annotated[
    Path | None,
    typer.Option("--ranges", metavar="FILE.csv", help="Figures and their ranges; from the sources where left out.",
                 show_default=False),
]  # fmt: skip
Otherwise = Annotated[
    str | None,
    typer.Option("--otherwise", metavar="FRACTION", help="Range of figures without one: 20% each way.",
                 show_default=False),
]  # fmt: skip


def tornado(
    ctx: typer.Context,
    study: Asked,
    ranges: Ranges = None,
    otherwise: Otherwise = None,
    objective: Objective = None,
    out: Out = None,
    workers: Workers = None,
    gap: Gap = None,
    time_limit: TimeLimit = None,
    engine: Engine = None,
    threads: Threads = None,
    seed: Seed = None,
    verify: Verify = None,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Move one figure at a time to both ends of its range: which of them moves the answer, and the sites, most."""
    from evsiting.cli.decisions import ranges as work

    settings = solver_settings(gap, time_limit, engine, threads, seed, verify)
    work.tornado(
        ctx.obj.set(quiet=quiet, as_json=json),
        work.Asked(study, ranges, _share(otherwise), _wanted(objective), out, workers, settings),
    )


def monte_carlo(
    ctx: typer.Context,
    study: Asked,
    ranges: Ranges = None,
    otherwise: Otherwise = None,
    draws: Annotated[
        int, typer.Option("--draws", "-n", metavar="N", min=1, help="How many draws, a solve each.")
    ] = 100,
    draws_seed: Annotated[int, typer.Option("--draws-seed", metavar="N", min=0, help="Of the draws.")] = 0,
    objective: Objective = None,
    out: Out = None,
    workers: Workers = None,
    gap: Gap = None,
    time_limit: TimeLimit = None,
    engine: Engine = None,
    threads: Threads = None,
    seed: Seed = None,
    verify: Verify = None,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Draw all uncertain figures at once, many times: how often each site is chosen, and how far the totals spread."""
    from evsiting.cli.decisions import ranges as work

    settings = solver_settings(gap, time_limit, engine, threads, seed, verify)
    asked = work.Asked(study, ranges, _share(otherwise), _wanted(objective), out, workers, settings)
    work.monte_carlo(ctx.obj.set(quiet=quiet, as_json=json), asked, draws, draws_seed)


def entry_costs(
    ctx: typer.Context,
    study: Asked,
    objective: Objective = None,
    gap: Gap = None,
    time_limit: TimeLimit = None,
    engine: Engine = None,
    threads: Threads = None,
    seed: Seed = None,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Bound for every candidate at once what a plan with it is worse by at least; the report's map shows it."""
    from evsiting.cli.decisions import ranges as work

    settings = solver_settings(gap, time_limit, engine, threads, seed, None)
    work.entries(ctx.obj.set(quiet=quiet, as_json=json), study, _wanted(objective), settings)


def _share(otherwise: str | None) -> float | None:
    from evsiting.cli.arguments import fraction_of

    return None if otherwise is None else fraction_of(otherwise)


def _wanted(objective: str | None) -> Any:
    from evsiting.cli.arguments import objective_of

    return None if objective is None else objective_of(objective)
