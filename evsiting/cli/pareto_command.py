"""The command pareto as it is typed; what it does is loaded when it runs."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from evsiting.cli.options import (
    EXIT_CODES,
    NAMES,
    Engine,
    Gap,
    Json,
    Out,
    Quiet,
    Seed,
    StudyOrRun,
    Threads,
    TimeLimit,
    Verify,
    Workers,
    solver_settings,
)

__all__ = ["PARETO_EPILOG", "pareto"]

PARETO_EPILOG = (
    "Example: evsiting pareto my_study --objectives cost emissions --points 9 --out runs/front\n\n"
    "Example: evsiting pareto my_study --objectives cost freight_emissions --third jobs --points 12\n\n"
    "Where a RUN is given, its plan and its relaxation are the start, and without --out the front joins it. "
    "Each point is stored as it is found, and says which sites it builds on. After Ctrl-C, SIGTERM or a crash the same "
    "command goes on from them; a front that was there stays until the new one is finished. At --prices a large study "
    "takes a few minutes a point. " + EXIT_CODES
)


def pareto(
    ctx: typer.Context,
    study: StudyOrRun,
    objectives: Annotated[
        tuple[str, str],
        typer.Option(metavar="FIRST SECOND", help=f"Two of {NAMES}: the least of FIRST under ceilings on SECOND."),
    ] = ("cost", "emissions"),
    third: Annotated[
        str | None, typer.Option(metavar="THIRD", help="One more objective, under ceilings too.", show_default=False)
    ] = None,
    points: Annotated[
        int | None,
        typer.Option(
            min=2,
            max=1000,
            metavar="N",
            help="Points, ends included; by default 9, in mode exact all.",
            show_default=False,
        ),
    ] = None,
    mode: Annotated[
        Literal["steps", "adaptive", "exact"] | None,
        typer.Option(
            help="steps: ceilings in equal steps (default); adaptive: where most is left open (default with --third); "
            "exact: every point that no plan beats, where the front is finite.",
            show_default=False,
        ),
    ] = None,
    prices: Annotated[
        str | None,
        typer.Option(
            metavar="P,P,...",
            help="Instead of points: what a unit less of SECOND is worth in FIRST, such as 100,300 (USD/t).",
            show_default=False,
        ),
    ] = None,
    out: Out = None,
    resume: Annotated[bool, typer.Option("--resume", help="Start from a finished front in the folder.")] = False,
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
    """Trade objectives against each other: plans from end to end, each with its bound."""
    from evsiting.cli import fronts
    from evsiting.cli.arguments import objectives_of, prices_of

    settings = solver_settings(gap, time_limit, engine, threads, seed, verify)
    names = objectives_of((*objectives, *(() if third is None else (third,))))
    worth = () if prices is None else prices_of(prices)
    if worth and (third is not None or mode is not None or points is not None):
        raise typer.BadParameter("--prices choose the points: leave out --points, --mode and --third")  # noqa: EM101
    voice = ctx.obj.set(quiet=quiet, as_json=json)
    how = fronts.FrontWish(names, points, mode, worth, workers)
    fronts.pareto(voice, study, how, out, settings, resume=resume)
