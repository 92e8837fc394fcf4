"""The command shortlist: a study that every question can be asked of, from a run over groups of places."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evsiting.cli.options import EXIT_CODES, Json, Quiet, Run

if TYPE_CHECKING:
    from rich.console import RenderableType

    from evsiting.optimize.aggregation.shortlist import Shortlist

__all__ = ["SHORTLIST_EPILOG", "shortlist"]

SHORTLIST_EPILOG = (
    "Example: evsiting shortlist runs/cities short --also US-TN-nashville && "
    "evsiting solve short --start runs/cities --out runs/short && "
    "evsiting why-not runs/short US-TN-nashville && evsiting pareto runs/short --prices 100,300\n\n"
    "For a run whose study has too many lanes to be solved in full: what is asked of the new study is answered among "
    "its sites, with one market for each group of markets. " + EXIT_CODES
)
#: Most sites that are printed; all are in the JSON object.
PRINTED = 20


def shortlist(
    ctx: typer.Context,
    run: Run,
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER|FILE.xlsx", help="Where the new study goes.", show_default=False)
    ],
    sites: Annotated[
        int, typer.Option("--sites", "-n", metavar="N", min=0, help="How many candidates beside the sites of the plan.")
    ] = 60,
    also: Annotated[
        list[str] | None,
        typer.Option("--also", metavar="SITE", help="A site that is to be on the list; may be repeated."),
    ] = None,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Write the study of the sites of a plan and the candidates that come nearest, with all lanes between them."""
    from evsiting.cli.decisions.alternatives import records
    from evsiting.cli.runs import require_run
    from evsiting.errors import InputError, Problem
    from evsiting.optimize.aggregation.shortlist import shortlist as nearest
    from evsiting.results.store import read_run
    from evsiting.study.files.write import write_study

    voice = ctx.obj.set(quiet=quiet, as_json=json)
    target = folder.expanduser()
    if target.is_file() or (target.is_dir() and any(target.iterdir())):
        raise InputError([Problem(f"FOLDER {target}", "something is there", target.name, "Give another name")])
    require_run(run)
    study, plan = read_run(run.expanduser())
    listing = nearest(study, plan, sites=sites, also=also or (), stage=lambda what: voice.note(f"{what} ..."))
    written = write_study(listing.study, target)
    voice.say(
        lambda: parts(listing, plan.solve.objective_name),
        f"The study is in {written}",
        f"Next: evsiting solve {written} --start {run}, then why-not, alternatives, pareto and others of its run",
    )
    voice.data(lambda: {"study": str(written), "scope": str(listing), "sites": records(listing.sites)})


def parts(answer: Shortlist, objective: str) -> list[RenderableType]:
    """Return what answers will hold for, and the candidates that come nearest, for people."""
    from evsiting.cli import show
    from evsiting.optimize.aggregation.shortlist import NEAR
    from evsiting.report.number_format import format_objective

    near = answer.sites[answer.sites["why"] == NEAR]
    listed = show.table(
        "candidate beside those of the plan", "plant type", "the bound rises by", "on the mean", right=(2, 3)
    )
    for row in near.head(PRINTED).to_dict("records"):
        least, mean = (format_objective(objective, row[c]) for c in ("rises_by", "mean_rise"))
        listed.add_row(str(row["site"]), str(row["plant_type"]), f"{least} or more", mean)
    counts = answer.sites["why"].value_counts(sort=False)
    reasons = ", ".join(f"{number} {why}" for why, number in counts.items())
    table = [listed, *show.more(min(len(near), PRINTED), len(near), "candidates")] if len(near) else []
    return [f"{answer}.", f"Sites: {reasons}.", *table]
