"""What the commands do that ask about an answer: other sets of sites beside those of a plan."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import typer
from rich.console import RenderableType
from rich.text import Text

from evsiting.cli import show
from evsiting.cli.arguments import output_folder, run_folder
from evsiting.cli.progress import Watching, stoppable
from evsiting.cli.runs import study_and_plan
from evsiting.cli.terminal import ABORTED, Voice
from evsiting.optimize.decisions.alternatives import alternatives as other_sites
from evsiting.optimize.decisions.solver import Answer
from evsiting.report.number_format import format_objective, format_percent
from evsiting.results.case_store import runs_of_cases
from evsiting.results.decisions.alternatives import Alternatives
from evsiting.results.decisions.decision_tables import DecisionTables, write_decisions


def alternatives(voice: Voice, source: str, out: Path | None, asked: Mapping[str, Any]) -> None:
    """Find other sets of sites, keeping each plan as soon as it is there, and say how they differ."""
    study, plan, run = study_and_plan(source)
    place = run_folder(out, study.settings.study.name, "alternatives")
    with output_folder(place, "cases") as folder, Watching(voice, math.inf) as watching, stoppable(voice) as stop:
        watching.stage("solving" if plan is None else "looking for other sites")
        watch = _answer_reporter(voice, watching, folder)
        result = other_sites(study, plan, folder=folder, watch=watch, **asked)
        for home in (folder, *([run] if run is not None else [])):
            write_decisions(home, DecisionTables.of(result))
        voice.wrote(folder)
    runs = runs_of_cases(folder)
    voice.say(lambda: parts(result))
    voice.say(f"The runs are in {folder}: {', '.join(runs.values())}")
    if run is not None:
        voice.say(f"Next: evsiting report {run}")
    voice.data(lambda: {"folder": str(folder), "runs": runs, "interrupted": stop.asked, **data(result)})
    if stop.asked:
        voice.note("The search was interrupted: the same command goes on from here.", style="yellow")
        raise typer.Exit(ABORTED)


def _answer_reporter(voice: Voice, watching: Watching, folder: Path) -> Callable[[str, Answer], None]:
    """Return what shows what was solved last."""

    def report_answer(name: str, answer: Answer) -> None:
        watching.stage(f"{name} is known")
        voice.wrote(folder)
        if answer.plan is None:
            voice.note(f"{name}: no plan")
        else:
            objective = answer.plan.solve.objective_name
            about = f"{objective} {format_objective(objective, answer.objective, 5)}, gap {answer.plan.gap:.2%}"
            voice.note(f"{name}: {about}, {answer.plan.solve.seconds:.0f} s")

    return report_answer


def parts(result: Alternatives) -> list[RenderableType]:
    """Return the plans as a table, then the sites that all, some or none of them have."""
    made = show.table("plan", "opens", "drops", "difference", "at least", "against base", "within", right=(3, 4),
                      title=f"{result.base.plan.study_name}: other sets of sites")  # fmt: skip
    size = abs(result.base.objective) or 1.0
    for row in result.table.to_dict("records"):
        share = [format_percent(row[c] / size) if math.isfinite(row[c]) else "" for c in
                 ("difference", "least_difference")]  # fmt: skip
        cells = (row["name"], row["opens"].replace(";", ", "), row["drops"].replace(";", ", "), *share)
        made.add_row(*map(str, cells), row["against_base"], row["within"])
    lines: list[RenderableType] = [made]
    for word in ("must", "may", "never", "not proven"):
        mine = result.sites.loc[result.sites["within"] == word, "site"].tolist() if len(result.sites) else []
        if mine:
            lines.append(Text(f"within {format_percent(result.slack)}, {word} open: {', '.join(mine)}"))
    if result.complete:
        lines.append(Text(f"It is proven that no other set of sites is within {format_percent(result.slack)}."))
    if result.note:
        lines.append(Text(result.note))
    if result.stopped:
        lines.append(Text(f"The search ended early: {result.stopped}", style=show.STYLES["fair"]))
    return lines


def data(result: Alternatives) -> dict[str, Any]:
    """Return the plans and the sites for JSON."""
    return {
        "study": result.base.plan.study_name,
        "study_digest": result.base.plan.study_digest,
        "slack": result.slack,
        "complete": result.complete,
        "stopped": result.stopped,
        "note": result.note,
        "alternatives": records(result.table),
        "sites": records(result.sites),
    }


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain data, empty where a figure is missing or without end."""
    rows = frame.astype(object).to_dict("records")
    return [
        {str(k): None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()} for row in rows
    ]
