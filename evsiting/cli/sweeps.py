"""The commands that solve many studies one by one: what-if cases, and scenarios each by itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import RenderableType
from rich.text import Text

from evsiting.cli import show
from evsiting.cli.arguments import load_study, output_folder, run_folder
from evsiting.cli.progress import Watching, stoppable
from evsiting.cli.terminal import ABORTED, NO_PLAN, Voice
from evsiting.optimize.sweeps.progress import SweepProgress
from evsiting.optimize.sweeps.sweep import solve_each_scenario, sweep
from evsiting.report.number_format import format_objective, format_percent
from evsiting.results.case_plans import CasePlans
from evsiting.results.case_store import runs_of_cases
from evsiting.study.objectives import OBJECTIVES
from evsiting.study.study import Study

if TYPE_CHECKING:
    from evsiting.optimize.solve import ObjectiveLike


def cases(
    voice: Voice,
    source: str,
    table: Path,
    objective: ObjectiveLike | None,
    out: Path | None,
    settings: Mapping[str, Any],
    *,
    workers: int | None,
) -> None:
    """Solve a study as it stands and in each of its what-if cases, and say how they differ."""

    def solve(study: Study, **how: Any) -> CasePlans:
        return sweep(study, table, objective=objective, workers=workers, **settings, **how)

    _solve_cases(voice, source, out, "cases", solve)


def each_scenario(
    voice: Voice,
    source: str,
    objective: ObjectiveLike | None,
    out: Path | None,
    settings: Mapping[str, Any],
    *,
    workers: int | None,
) -> None:
    """Solve each scenario of a study by itself."""

    def solve(study: Study, **how: Any) -> CasePlans:
        return solve_each_scenario(study, objective=objective, workers=workers, **settings, **how)

    _solve_cases(voice, source, out, "each-scenario", solve)


def _solve_cases(voice: Voice, source: str, out: Path | None, what: str, solve: Callable[..., CasePlans]) -> None:
    """Solve, keeping each answer as soon as it is there; go on where an earlier run was stopped."""
    study = load_study(source)
    place = run_folder(out, study.settings.study.name, what)
    with output_folder(place, "cases") as folder, Watching(voice, math.inf) as watching, stoppable(voice) as stop:
        watching.stage("checking every case")
        plans = solve(study, folder=folder, watch=progress_printer(voice, watching, folder))
        voice.wrote(folder)
    runs = runs_of_cases(folder)
    voice.say(lambda: parts(plans))
    if runs:
        voice.say(f"The runs are in {folder}: {', '.join(runs.values())}")
    voice.data(lambda: {"folder": str(folder), "runs": runs, "interrupted": stop.asked, **data(plans)})
    if plans.unsolved:
        voice.note("The sweep was interrupted: the same command goes on from here.", style="yellow")
        raise typer.Exit(ABORTED)
    if plans.failures or not plans.plans:
        raise typer.Exit(NO_PLAN)


def progress_printer(voice: Voice, watching: Watching, folder: Path) -> Callable[[SweepProgress], None]:
    """Return what shows how far a sweep is: a line that changes, and a remark for each case that has ended."""

    def print_progress(progress: SweepProgress) -> None:
        watching.stage(str(progress))
        if progress.last:
            voice.wrote(folder)
            voice.note(f"{progress.last}: {progress}")
        elif progress.known:
            are = "is" if progress.known == 1 else "are"
            voice.note(f"{progress.known} of {progress.of} {are} known from {folder}.")

    return print_progress


def parts(plans: CasePlans) -> list[RenderableType]:
    """Return the cases as a table, then why some have no plan."""
    table = plans.table
    names = [n for n in OBJECTIVES if n in table and (OBJECTIVES[n].need is None or table[n].any())]
    right = tuple(range(2, len(names) + 4))
    made = show.table("case", "status", *names, "gap", "new plants", right=right, title=plans.study_name)
    for row in table.to_dict("records"):
        if row["case"] in plans.plans:
            figures = [format_objective(name, row[name]) for name in names]
            made.add_row(str(row["case"]), str(row["status"]), *figures, format_percent(row["gap"])
                         if math.isfinite(row["gap"]) else "unknown", f"{row['new_plants']:.0f}")  # fmt: skip
        else:
            made.add_row(str(row["case"]), str(row["status"]), *[""] * (len(names) + 2))
    shown: list[RenderableType] = [made]
    for word, messages in (("no plan", plans.without), ("failed", plans.failures)):
        shown += [Text(f"{case}, {word}: {message}", style=show.STYLES["fair"]) for case, message in messages.items()]
    return shown


def data(plans: CasePlans) -> dict[str, Any]:
    """Return the cases for JSON."""
    return {
        "study": plans.study_name,
        "study_digest": plans.study_digest,
        "cases": plans.table.to_dict("records"),
        "openings": plans.openings.to_dict("records"),
    }
