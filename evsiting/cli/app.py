"""The commands and their options; what they do is in modules that are loaded when one runs."""

from __future__ import annotations

import importlib.metadata
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from evsiting.cli.decisions.commands import (
    ALTERNATIVES_EPILOG,
    BREAK_EVEN_EPILOG,
    WHY_NOT_EPILOG,
    Asked,
    alternatives,
    break_even,
    why_not,
)
from evsiting.cli.decisions.range_commands import (
    ENTRY_COSTS_EPILOG,
    MONTE_CARLO_EPILOG,
    TORNADO_EPILOG,
    entry_costs,
    monte_carlo,
    tornado,
)
from evsiting.cli.explain_command import EXPLAIN_EPILOG, explain
from evsiting.cli.options import (
    EXIT_CODES,
    NAMES,
    Engine,
    Gap,
    Json,
    Objective,
    Out,
    Quiet,
    Run,
    Seed,
    Study,
    StudyOrRun,
    Threads,
    TimeLimit,
    Verify,
    Workers,
    solver_settings,
)
from evsiting.cli.pareto_command import PARETO_EPILOG, pareto
from evsiting.cli.shortlist_command import SHORTLIST_EPILOG, shortlist
from evsiting.cli.terminal import ABORTED, Voice, any_encoding, own_output

app = typer.Typer(
    name="evsiting",
    help="Choose where to build EV-assembly and battery plants in North America.\n\n"
    "A STUDY is a folder, an .xlsx workbook, or a shipped name: north-america, ten-cities, starter. "
    "A RUN is a folder that `solve` wrote.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"evsiting {importlib.metadata.version('evsiting')}\n")
        raise typer.Exit


@app.callback()
def root(
    ctx: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", envvar="EVSITING_DEBUG", help="Show tracebacks and the log.")
    ] = False,
) -> None:
    """Take the options that stand before a command."""
    del version
    ctx.obj.debug = debug
    if debug:
        logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")


@app.command(epilog="Example: evsiting new my_study && evsiting check my_study")
def new(
    ctx: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER|FILE.xlsx", help="New folder or workbook.", show_default=False)
    ],
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Write a small study to begin with: a folder with one CSV file a table, or a workbook with one sheet a table."""
    from evsiting.cli import commands

    commands.new(ctx.obj.set(quiet=quiet, as_json=json), folder)


@app.command(epilog="Example: evsiting check my_study")
def check(ctx: typer.Context, study: Study, quiet: Quiet = False, json: Json = False) -> None:
    """Read a study and say what it holds: counts, assumptions, every problem."""
    from evsiting.cli import commands

    commands.check(ctx.obj.set(quiet=quiet, as_json=json), study)


@app.command(
    epilog="Example: evsiting solve my_study --objective cost=1,emissions=120 --gap 1% --out runs/base\n\n"
    "Example: evsiting solve runs/base --gap 0.2%\n\n"
    "Where a RUN is given, its plan, relaxation and proof are gone on from; without --out and --objective the new plan "
    "takes its place. Ctrl-C or SIGTERM ends the solver and keeps the best plan found. " + EXIT_CODES
)
def solve(
    ctx: typer.Context,
    study: StudyOrRun,
    objective: Annotated[
        str | None,
        typer.Option(
            "--objective", metavar="WHAT", show_default=False, help=f"{NAMES}, or weights: cost=1,emissions=120."
        ),
    ] = None,
    out: Out = None,
    start: Annotated[
        Path | None,
        typer.Option(
            "--start", metavar="RUN", help="Run of whose plan to start, such as a shortlist's.", show_default=False
        ),
    ] = None,
    gap: Gap = None,
    time_limit: TimeLimit = None,
    engine: Engine = None,
    threads: Threads = None,
    seed: Seed = None,
    verify: Verify = None,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Find the best plan, certify it, and write the run folder."""
    from evsiting.cli import commands
    from evsiting.cli.arguments import objective_of

    wanted = None if objective is None else objective_of(objective)
    settings = solver_settings(gap, time_limit, engine, threads, seed, verify)
    commands.solve(ctx.obj.set(quiet=quiet, as_json=json), study, wanted, out, settings, start=start)


@app.command(epilog="Example: evsiting certify runs/base")
def certify(ctx: typer.Context, run: Run, quiet: Quiet = False, json: Json = False) -> None:
    """Recompute a run from the tables of its study; exit 3 if a check fails."""
    from evsiting.cli import commands

    commands.certify(ctx.obj.set(quiet=quiet, as_json=json), run)


app.command(epilog=PARETO_EPILOG)(pareto)
app.command(epilog=SHORTLIST_EPILOG)(shortlist)
app.command(epilog=EXPLAIN_EPILOG)(explain)
app.command(epilog=ALTERNATIVES_EPILOG)(alternatives)
app.command(epilog=WHY_NOT_EPILOG)(why_not)
app.command(epilog=BREAK_EVEN_EPILOG)(break_even)
app.command(epilog=ENTRY_COSTS_EPILOG)(entry_costs)
app.command(epilog=TORNADO_EPILOG)(tornado)
app.command(epilog=MONTE_CARLO_EPILOG)(monte_carlo)


@app.command(
    epilog="Example: evsiting scenarios ten-cities --gap 1% --worth --out runs/futures\n\n"
    "The study's tables scenarios and scenario_changes say what may come. Of a RUN, what the plans come to is kept "
    "beside its plan, for its report. Ctrl-C or SIGTERM keeps the best plans found, and the same command goes on from "
    "there. " + EXIT_CODES
)
def scenarios(
    ctx: typer.Context,
    study: Asked,
    objective: Objective = None,
    out: Out = None,
    risk_aversion: Annotated[
        str, typer.Option(metavar="FRACTION", help="Weight of the worst futures: 0.5 or 50%.")
    ] = "0",
    cvar_level: Annotated[
        str, typer.Option(metavar="FRACTION", help="The worst futures are those beyond this part: 0.95 or 95%.")
    ] = "0.95",
    worth: Annotated[
        bool, typer.Option("--worth", help="Also what knowing the future, and planning for all, are worth.")
    ] = False,
    regret: Annotated[
        bool,
        typer.Option("--regret", help="Instead of the expectation, make the largest regret of any scenario least."),
    ] = False,
    each: Annotated[
        bool, typer.Option("--each", help="Instead, the best plan of each scenario by itself, as if it were known.")
    ] = False,
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
    """Plan for all scenarios of a study: what is built now, and what flows in each; a run folder for each."""
    from evsiting.cli import futures, sweeps
    from evsiting.cli.arguments import fraction_of, objective_of

    wanted = None if objective is None else objective_of(objective)
    settings = solver_settings(gap, time_limit, engine, threads, seed, verify)
    aversion, level = fraction_of(risk_aversion), fraction_of(cvar_level)
    if worth and aversion:
        raise typer.BadParameter("--worth is reckoned in expectation, without --risk-aversion")  # noqa: EM101
    if regret and (worth or aversion):
        raise typer.BadParameter("--regret weighs no scenario: leave out --worth and --risk-aversion")  # noqa: EM101
    if each and (worth or aversion or regret):
        raise typer.BadParameter("--each weighs no scenario: leave out --worth, --risk-aversion, --regret")  # noqa: EM101
    if workers and not each:
        raise typer.BadParameter("one plan for all scenarios is one solve: --workers goes with --each")  # noqa: EM101
    voice = ctx.obj.set(quiet=quiet, as_json=json)
    if each:
        sweeps.each_scenario(voice, study, wanted, out, settings, workers=workers)
        return
    futures.scenarios(voice, study, wanted, out, settings, risk=(aversion, level), worth=worth, regret=regret)


@app.command(
    epilog="Example: evsiting sweep my_study --cases cases.csv --workers 2 --out runs/cases\n\n"
    "The file's columns are case, based_on, table, column, rows, period, action, value, note: what changes, as in "
    "table scenario_changes. Each case is stored as it is solved. After Ctrl-C, SIGTERM or a crash the same command "
    "goes on from there. " + EXIT_CODES
)
def sweep(
    ctx: typer.Context,
    study: Study,
    cases: Annotated[
        Path,
        typer.Option("--cases", metavar="FILE.csv", help="What-if cases and what each changes.", show_default=False),
    ],
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
    """Solve a study as it stands and in each of its what-if cases: a run folder for each, and a table of all."""
    from evsiting.cli import sweeps
    from evsiting.cli.arguments import objective_of

    wanted = None if objective is None else objective_of(objective)
    settings = solver_settings(gap, time_limit, engine, threads, seed, verify)
    sweeps.cases(ctx.obj.set(quiet=quiet, as_json=json), study, cases, wanted, out, settings, workers=workers)


@app.command(epilog="Example: evsiting report runs/base --html siting.html --xlsx siting.xlsx")
def report(
    ctx: typer.Context,
    run: Run,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="One file, no network.", show_default=False)] = None,
    xlsx: Annotated[Path | None, typer.Option(metavar="FILE", help="Workbook.", show_default=False)] = None,
    gpkg: Annotated[Path | None, typer.Option(metavar="FILE", help="GeoPackage for a GIS.", show_default=False)] = None,
    png: Annotated[Path | None, typer.Option(metavar="FILE", help="Map.", show_default=False)] = None,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Write a run for readers; all four into the run folder where no file is named."""
    from evsiting.cli import writing

    targets = {"html": html, "xlsx": xlsx, "gpkg": gpkg, "png": png}
    writing.report(ctx.obj.set(quiet=quiet, as_json=json), run, targets)


@app.command(
    epilog="Example: evsiting compare runs/base runs/tariffs --xlsx both.xlsx\n\n"
    "Example: evsiting compare runs/base runs/tariffs --keep && evsiting report runs/base"
)
def compare(
    ctx: typer.Context,
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN RUN...",
            help="Folders that `solve` wrote, or points of fronts and cases in them; the first is what others are "
            "compared with.",
            show_default=False,
        ),
    ],
    xlsx: Annotated[Path | None, typer.Option(metavar="FILE", help="Workbook.", show_default=False)] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the tables beside the first run, for its report.")] = False,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Lay runs side by side: plants, cost, what is proven of the difference, and which input cells differ."""
    from evsiting.cli.decisions.compare import compare_runs

    compare_runs(ctx.obj.set(quiet=quiet, as_json=json), runs, xlsx, keep=keep)


@app.command(epilog="Example: evsiting export my_study my_study.xlsx\n\nExample: evsiting export my_study program.lp")
def export(
    ctx: typer.Context,
    source: Annotated[
        str, typer.Argument(metavar="STUDY|RUN", help="Folder, workbook or shipped name.", show_default=False)
    ],
    target: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="Ends in .xlsx, .gpkg, .lp or .mps; a folder gets tables.", show_default=False
        ),
    ],
    force: Annotated[bool, typer.Option("--force", help="Write over what is there.")] = False,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Write a study or a run as a workbook, GeoPackage or folder, or its program as an LP or MPS file."""
    from evsiting.cli import writing

    writing.export(ctx.obj.set(quiet=quiet, as_json=json), source, target, force=force)


@app.command(epilog="Example: evsiting demo --out out/north-america")
def demo(
    ctx: typer.Context,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FOLDER",
            help="Where results go; by default out/ and the study's name.",
            show_default=False,
        ),
    ] = None,
    study: Annotated[str, typer.Option("--study", metavar="NAME", help="Study to show.")] = "north-america",
    minutes: Annotated[float, typer.Option(min=0.1, metavar="M", help="Most time to solve.")] = 15.0,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Run a shipped study end to end: plan, proof, trade-off, report."""
    from evsiting.cli import demonstration

    demonstration.demo(ctx.obj.set(quiet=quiet, as_json=json), study, out, minutes)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        What stands behind the command's name; by default that of this process.

    Raises
    ------
    SystemExit
        Always: 0 good, 1 bad input, 2 usage, 3 certificate failed, 4 no plan, 130 interrupted.
    """
    own_output()
    any_encoding(sys.stdout, sys.stderr)
    voice = Voice(debug=bool(os.environ.get("EVSITING_DEBUG")))
    code: object = 0
    try:
        with voice.show_warnings():
            app(args=arguments, prog_name="evsiting", obj=voice)
    except SystemExit as end:
        code = end.code
        if code == ABORTED:
            voice.note(f"Interrupted. {voice.standing()}" if voice.standing() else "Interrupted; nothing was written.")
    except Exception as error:
        code = voice.failed(error)
    raise SystemExit(code)
