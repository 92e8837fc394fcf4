"""The options that commands have in common: how each is typed, and the solver's settings among them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evsiting.study.objectives import OBJECTIVES

__all__ = [
    "EXIT_CODES",
    "NAMES",
    "Engine",
    "Gap",
    "Json",
    "Objective",
    "Out",
    "Quiet",
    "Run",
    "Seed",
    "Study",
    "Threads",
    "TimeLimit",
    "Verify",
    "Workers",
    "solver_settings",
]

EXIT_CODES = "Exit codes: 0 good, 1 bad input, 2 usage, 3 certificate failed, 4 no plan, 130 interrupted."
NAMES = ", ".join(OBJECTIVES)

Study = Annotated[
    str, typer.Argument(metavar="STUDY", help="Folder, .xlsx workbook or shipped name.", show_default=False)
]
StudyOrRun = Annotated[
    str, typer.Argument(metavar="STUDY|RUN", help="Study, or a run whose plan is gone on from.", show_default=False)
]
Run = Annotated[Path, typer.Argument(metavar="RUN", help="Folder that `solve` wrote.", show_default=False)]
Out = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="FOLDER", help="Where results go.", show_default=False)
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout, nothing else there.")]
Objective = Annotated[
    str | None, typer.Option("--objective", metavar="WHAT", show_default=False, help="What to minimise, as for solve.")
]
Gap = Annotated[
    str | None,
    typer.Option("--gap", metavar="FRACTION", help="Stop at this proven gap: 0.005 or 0.5%.", show_default=False),
]
TimeLimit = Annotated[
    float | None,
    typer.Option("--time-limit", "-t", metavar="SECONDS", min=0.1, help="Stop after this long.", show_default=False),
]
Engine = Annotated[
    str | None, typer.Option("--engine", metavar="NAME", help="Solver: highs, cbc or scip.", show_default=False)
]
Threads = Annotated[
    int | None, typer.Option("--threads", metavar="N", min=1, max=256, help="Of the solver.", show_default=False)
]
Verify = Annotated[
    bool | None,
    typer.Option(
        "--verify/--no-verify",
        help="Check the proof by a second run; left out, small studies are checked.",
        show_default=False,
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers", "-w", metavar="N", min=1, max=256, help="How many solves at the same time.", show_default=False
    ),
]
Seed = Annotated[int | None, typer.Option("--seed", metavar="N", min=0, help="Of the solver.", show_default=False)]


def solver_settings(
    gap: str | None,
    time_limit: float | None,
    engine: str | None,
    threads: int | None,
    seed: int | None,
    verify: bool | None,
) -> dict[str, float | str | int]:
    """Return the solver's settings that were given; the study's own hold for the others."""
    from evsiting.cli.arguments import fraction_of

    settings = {
        "gap": None if gap is None else fraction_of(gap),
        "time_limit_s": time_limit,
        "engine": engine,
        "threads": threads,
        "seed": seed,
        "verify": verify,
    }
    return {name: value for name, value in settings.items() if value is not None}
