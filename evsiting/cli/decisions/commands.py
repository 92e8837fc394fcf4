"""The commands that ask about an answer, as they are typed; what they do is loaded when they run."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

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
    solver_settings,
)

__all__ = ["ALTERNATIVES_EPILOG", "BREAK_EVEN_EPILOG", "WHY_NOT_EPILOG", "alternatives", "break_even", "why_not"]

ALTERNATIVES_EPILOG = (
    "Example: evsiting alternatives ten-cities --count 3 --slack 2%\n\n"
    "Each plan is stored as it is found, in a run folder. After Ctrl-C, SIGTERM or a crash the same command goes on "
    "from there. " + EXIT_CODES
)

#: A study, or a run whose plan is asked about.
Asked = Annotated[
    str,
    typer.Argument(metavar="STUDY|RUN", help="Study, or a run whose plan is the one to compare with.",
                   show_default=False),
]  # fmt: skip


def alternatives(
    ctx: typer.Context,
    study: Asked,
    count: Annotated[
        int, typer.Option("--count", "-n", metavar="N", min=0, help="How many other sets of sites at most.")
    ] = 5,
    every: Annotated[bool, typer.Option("--all", help="Every set within the slack, however many.")] = False,
    slack: Annotated[
        str, typer.Option("--slack", metavar="FRACTION", help="How much worse a plan may be: 0.01 or 1%.")
    ] = "1%",
    different: Annotated[
        int, typer.Option("--different", metavar="N", min=0, help="Plans within the slack that differ most.")
    ] = 0,
    plant_type: Annotated[
        str | None, typer.Option("--plant-type", metavar="TYPE", help="Compare sites of this type.", show_default=False)
    ] = None,
    each_site: Annotated[
        bool, typer.Option("--each-site", help="Solve for each site from which slack on it opens or is left out.")
    ] = False,
    objective: Objective = None,
    out: Out = None,
    gap: Gap = None,
    time_limit: TimeLimit = None,
    engine: Engine = None,
    threads: Threads = None,
    seed: Seed = None,
    verify: Verify = None,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Find the best other sets of sites, and which sites every plan within a slack has: a run folder for each plan."""
    from evsiting.cli.arguments import fraction_of, objective_of
    from evsiting.cli.decisions.alternatives import alternatives as search

    asked = {
        "count": None if every else count,
        "slack": fraction_of(slack),
        "different": different,
        "plant_type": plant_type,
        "each_site": "solved" if each_site else "settled",
        "objective": None if objective is None else objective_of(objective),
    }
    settings = solver_settings(gap, time_limit, engine, threads, seed, verify)
    search(ctx.obj.set(quiet=quiet, as_json=json), study, out, {**asked, **settings})


WHY_NOT_EPILOG = (
    "Example: evsiting why-not ten-cities US-TN-memphis\n\n"
    "Example: evsiting why-not runs/base MX --out runs/without-mexico\n\n"
    "Example: evsiting why-not ten-cities US-TN --program '45X cells'\n\n"
    "Example: evsiting why-not ten-cities --supplier KR-pus-cell --amount 5000000\n\n"
    "PLACE is a site, a state or province such as US-TN, or a country. Where a RUN is given, its plan is asked about, "
    "and the tables join it. " + EXIT_CODES
)
BREAK_EVEN_EPILOG = (
    "Example: evsiting break-even ten-cities US-TN-memphis grant\n\n"
    "Example: evsiting break-even ten-cities price --supplier KR-pus-cell --amount 5000000\n\n"
    "WHAT is grant (USD), wage (USD/h) or power_price (USD/MWh) of the site, or a factor on duty, demand or capex; "
    "offer, a factor on what the program offers; price (USD a unit) of the supplier. " + EXIT_CODES
)
Program = Annotated[
    str | None,
    typer.Option("--program", metavar="NAME", help="Ask whether plants there claim this program.", show_default=False),
]
Amount = Annotated[
    float | None,
    typer.Option("--amount", metavar="UNITS", help="Bought a year from the supplier, at least.", show_default=False),
]
PlantType = Annotated[
    str | None, typer.Option("--plant-type", metavar="TYPE", help="Ask about this type.", show_default=False)
]


def why_not(
    ctx: typer.Context,
    study: Asked,
    place: Annotated[
        str | None, typer.Argument(metavar="PLACE", help="Site, state, province or country.", show_default=False)
    ] = None,
    plant_type: PlantType = None,
    option: Annotated[
        str | None, typer.Option("--option", metavar="NAME", help="Ask about this size.", show_default=False)
    ] = None,
    program: Program = None,
    supplier: Annotated[
        str | None,
        typer.Option(
            "--supplier", metavar="CODE", help="Do without it; with --amount, buy from it.", show_default=False
        ),
    ] = None,
    amount: Amount = None,
    force: Annotated[
        Literal["in", "out"] | None,
        typer.Option("--force", help="Left out: the other than what the plan does.", show_default=False),
    ] = None,
    objective: Objective = None,
    out: Out = None,
    gap: Gap = None,
    time_limit: TimeLimit = None,
    engine: Engine = None,
    threads: Threads = None,
    seed: Seed = None,
    verify: Verify = None,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Force a site, size, country, program or supplier in or out, and say what that costs, item by item."""
    from evsiting.cli.arguments import objective_of
    from evsiting.cli.decisions.why_not import why_not as ask

    asked = {
        "plant_type": plant_type,
        "option": option,
        "program": program,
        "supplier": supplier,
        "amount": amount,
        "force": force,
        "objective": None if objective is None else objective_of(objective),
    }
    settings = solver_settings(gap, time_limit, engine, threads, seed, verify)
    raise typer.Exit(ask(ctx.obj.set(quiet=quiet, as_json=json), study, place, out, {**asked, **settings}))


def break_even(
    ctx: typer.Context,
    study: Asked,
    site: Annotated[
        str | None, typer.Argument(metavar="SITE", help="Code of a site; left out with --supplier.", show_default=False)
    ] = None,
    what: Annotated[
        str | None, typer.Argument(metavar="WHAT", help="Which figure; a grant by default.", show_default=False)
    ] = None,
    plant_type: PlantType = None,
    program: Program = None,
    supplier: Annotated[
        str | None, typer.Option("--supplier", metavar="CODE", help="Ask about this supplier.", show_default=False)
    ] = None,
    amount: Amount = None,
    within: Annotated[
        str, typer.Option("--within", metavar="FRACTION", help="How near the two ends shall lie: 0.01 or 1%.")
    ] = "1%",
    objective: Objective = None,
    gap: Gap = None,
    time_limit: TimeLimit = None,
    engine: Engine = None,
    threads: Threads = None,
    seed: Seed = None,
    verify: Verify = None,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Find the value of a figure at which a site enters the best plan or leaves it, proven on both sides.

    The same for a program and a supplier.
    """
    from evsiting.cli.arguments import fraction_of, objective_of
    from evsiting.cli.decisions.why_not import break_even as ask

    asked = {
        "plant_type": plant_type,
        "program": program,
        "supplier": supplier,
        "amount": amount,
        "within": fraction_of(within),
        "objective": None if objective is None else objective_of(objective),
    }
    settings = solver_settings(gap, time_limit, engine, threads, seed, verify)
    figure = what or ("offer" if program is not None else "grant")
    if supplier is not None and what is None:  # no site: the figure is what stands first
        figure, site = ("price" if site is None else site), None
    raise typer.Exit(ask(ctx.obj.set(quiet=quiet, as_json=json), study, site, figure, {**asked, **settings}))
