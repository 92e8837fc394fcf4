"""What the commands tornado, monte-carlo and entry-costs do: how the answer hangs on figures, and on candidates."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import typer
from rich.console import RenderableType
from rich.text import Text

from evsiting.cli import show
from evsiting.cli.arguments import output_folder, run_folder
from evsiting.cli.decisions.alternatives import records
from evsiting.cli.progress import Watching, stoppable
from evsiting.cli.runs import study_and_plan
from evsiting.cli.sweeps import progress_printer
from evsiting.cli.terminal import ABORTED, NO_PLAN, Voice
from evsiting.errors import InputError, Problem
from evsiting.optimize.decisions.why_not import entry_costs
from evsiting.optimize.sessions.given import wanted_of
from evsiting.optimize.sweeps.sweep import sweep
from evsiting.report.comparison_words import interval_words, moved_words
from evsiting.report.number_format import digits, format_objective, format_percent
from evsiting.results.case_plans import CasePlans
from evsiting.results.decisions.decision_tables import DecisionTables, write_decisions
from evsiting.results.plan import Plan
from evsiting.study.derived.cases import BASE
from evsiting.study.derived.default_ranges import default_ranges
from evsiting.study.derived.draws import monte_carlo_cases
from evsiting.study.derived.ranges import tornado_cases
from evsiting.study.files.ranges import read_ranges_file
from evsiting.study.objectives import OBJECTIVES
from evsiting.study.study import Study

#: Rows of a table on a terminal.
MOST = 20


class Asked(NamedTuple):
    """What was typed: study or run, ranges, range of the others, objective, output folder, workers, settings."""

    source: str
    ranges: Path | None
    otherwise: float | None
    objective: Any
    out: Path | None
    workers: int | None
    settings: Mapping[str, Any]


def tornado(voice: Voice, asked: Asked) -> None:
    """Move one range at a time, and say what each does to the objective and to the sites."""

    def tables_of(cases: CasePlans, plan: Plan, ranges: pd.DataFrame) -> DecisionTables:
        return DecisionTables.of(plan=plan, tornado=cases, ranges=ranges)

    _swept(voice, asked, "tornado", tornado_cases, tables_of)


def monte_carlo(voice: Voice, asked: Asked, draws: int, seed: int) -> None:
    """Draw all ranges at once, again and again, and say how often each site is chosen."""

    def tables_of(cases: CasePlans, plan: Plan, _: pd.DataFrame) -> DecisionTables:
        return DecisionTables.of(plan=plan, draws=cases)

    _swept(voice, asked, "draws", partial(monte_carlo_cases, draws=draws, seed=seed), tables_of)


def _ranges(voice: Voice, asked: Asked, study: Study) -> pd.DataFrame:
    """Return the ranges of the file, or those of the study's own sources, and say which these are."""
    if asked.ranges is not None:
        if asked.otherwise is not None:
            seen = f"{asked.ranges} and {asked.otherwise:g}"
            raise InputError([Problem("--otherwise", "stands beside --ranges", seen, "Give one of them")])
        return read_ranges_file(asked.ranges)
    try:
        ranges = default_ranges(study, otherwise=asked.otherwise)
    except InputError as error:
        if "low and high" not in str(error):
            raise
        fix = "State one range for all with --otherwise 20%, or give a file with --ranges"
        raise InputError([Problem(p.where, p.what, p.seen, fix) for p in error.problems]) from None
    is_assumed = ranges["note"].str.startswith("assumption")
    sourced = ", ".join(ranges.loc[~is_assumed, "name"])
    if sourced:
        voice.note(f"Ranges from the study's own sources: {sourced}")
    if is_assumed.any():
        voice.note(f"Ranges by assumption: {', '.join(ranges.loc[is_assumed, 'name'])}")
    return ranges


def _swept(
    voice: Voice,
    asked: Asked,
    what: str,
    made: Callable[[pd.DataFrame], pd.DataFrame],
    tables_of: Callable[[CasePlans, Plan, pd.DataFrame], DecisionTables],
) -> None:
    """Solve every case, keeping each plan as it is found; the tables go beside the run that is asked about."""
    study, plan, run = study_and_plan(asked.source)
    ranges = _ranges(voice, asked, study)
    table = made(ranges)
    wanted = wanted_of(what, plan, asked.objective)
    if plan is not None and "gap" not in asked.settings:
        voice.note(f"Every case is solved to the gap asked for the plan: {format_percent(plan.solve.gap_asked)}")
    place = run_folder(asked.out, study.settings.study.name, what)
    with output_folder(place, "cases") as folder, Watching(voice, math.inf) as watching, stoppable(voice) as stop:
        watching.stage("checking every case")
        cases = sweep(study, table, plan=plan, objective=None if plan is not None else wanted, folder=folder,
                      workers=asked.workers, watch=progress_printer(voice, watching, folder),
                      **asked.settings)  # fmt: skip
        voice.wrote(folder)
    if cases.unsolved:
        voice.data({"folder": str(folder), "interrupted": stop.asked})
        voice.note("The sweep was interrupted: the same command goes on from here.", style="yellow")
        raise typer.Exit(ABORTED)
    if BASE not in cases.plans:
        message = cases.without.get(BASE) or cases.failures.get(BASE, "")
        voice.say(Text(f"The study as it stands has no plan: {message}", style=show.STYLES["fair"]))
        voice.data({"folder": str(folder), "message": message})
        raise typer.Exit(NO_PLAN)
    results = tables_of(cases, cases.plans[BASE] if plan is None else plan, ranges)
    for home in (folder, *([run] if run is not None else [])):
        write_decisions(home, results)
    voice.say(lambda: parts(results), f"The runs are in {folder}")
    if run is not None:
        voice.say(f"Next: evsiting report {run}")
    missing = {**cases.without, **cases.failures}
    for case, message in missing.items():
        voice.note(f"{case} has no plan: {message}", style="yellow")
    tables = {name: records(frame) for name, frame in results.tables.items()}
    voice.data(lambda: {"folder": str(folder), "study_digest": cases.study_digest, **tables, "without": missing})


def entries(voice: Voice, source: str, objective: Any, settings: Mapping[str, Any]) -> None:
    """Bound what each candidate costs to force in; the table goes beside the run that is asked about."""
    study, plan, run = study_and_plan(source)
    with Watching(voice, math.inf) as watching, stoppable(voice):
        watching.stage("bounding every candidate")
        bounds = entry_costs(study, plan, objective=objective, **settings)
    name = plan.solve.objective_name if plan is not None else str(objective or study.settings.solve.objective)
    if run is not None and plan is not None:
        write_decisions(run, DecisionTables.of(plan=plan, entry_costs=bounds))
    voice.say(lambda: _entry_parts(name, bounds))
    if run is not None:
        voice.say(f"Next: evsiting report {run}")
    voice.data(lambda: {"objective": name, "entry_costs": records(bounds)})


def parts(tables: DecisionTables) -> list[RenderableType]:
    """Return the tables of ranges that were moved, or of draws."""
    name, made = tables.objective_name, []
    if "tornado" in tables.tables:
        listed = show.table("figure", "end", "moves it by", "what is proven", "sites there", "swing", right=(2, 5),
                            title="What moves the answer")  # fmt: skip
        rows = tables.tables["tornado"]
        for row in rows.head(MOST).to_dict("records"):
            listed.add_row(str(row["name"]), "low", *_moved(name, row, "low"), _amount(name, float(row["swing"])))
            listed.add_row("", "high", *_moved(name, row, "high"), "")
        made += [listed, *show.more(MOST, len(rows), "ranges"), *_doubts(rows)]
    if "selection" in tables.tables:
        rows = tables.tables["selection"]
        listed = show.table("site", "plant", "chosen in", "at least", "at most", "in the plan", right=(2, 3, 4),
                            title="How often each site is chosen")  # fmt: skip
        for row in rows.head(MOST).to_dict("records"):
            shares = [format_percent(float(row[c])) for c in ("share", "least", "most")]
            listed.add_row(str(row["site"]), str(row["plant_type"]), *shares, "yes" if row["in_plan"] else "no")
        made += [listed, *show.more(MOST, len(rows), "plants")]
    return made


def _entry_parts(name: str, bounds: pd.DataFrame) -> list[RenderableType]:
    listed = show.table("site", "plant", "worse by at least", right=(2,), title="What it costs to force a plant in")
    rows = bounds[~bounds["in_plan"]]
    for row in rows.head(MOST).to_dict("records"):
        least = float(row["at_least"])
        listed.add_row(str(row["site"]), str(row["plant_type"]), _amount(name, least) if least else "nothing proven")
    remark_text = "A bound of the relaxation for each: evsiting why-not solves for one of them."
    if len(rows) and not rows["at_least"].any():
        remark_text = (
            "Nothing is proven of any: the relaxation lies farther below the plan than any plant costs by its prices. "
            "evsiting why-not solves for one of them."
        )
    remark = Text(remark_text, style="dim")
    return [listed, *show.more(MOST, len(rows), "plants"), remark]


def _amount(name: str, value: float) -> str:
    return format_objective(name, value, 3) if name in OBJECTIVES else digits(value)


def _moved(name: str, row: Mapping[Any, Any], end: str) -> tuple[str, str, str]:
    """Return by how much the objective moves at an end, what is proven of that, and the sites there."""
    if not math.isfinite(row[end]):
        return "no plan", "", ""
    least, most = (float(row[f"{end}_{side}"]) for side in ("least", "most"))
    return moved_words(name, row[end]), interval_words(name, least, most, row[f"{end}_told"]), _sites(row, end)


def _doubts(rows: pd.DataFrame) -> list[RenderableType]:
    """Return the remark on ends that are not proven to differ from the plan as it stands; nothing where all are."""
    ends = [word for end in ("low", "high") for word in rows[f"{end}_told"] if word]
    doubts = ends.count("within the gaps")
    if not doubts:
        return []
    words = f"{doubts} of {len(ends)} ends are within the gaps: that they change anything is not proven."
    return [Text(f"{words} A smaller --gap tells more.", style="dim")]


def _sites(row: Mapping[Any, Any], end: str) -> str:
    """Return which sites the plan at an end has and has not."""
    opens, drops = (str(row[f"{end}_{what}"] or "").replace(";", ", ") for what in ("opens", "drops"))
    return "; ".join(f"{sign} {some}" for sign, some in (("+", opens), ("−", drops)) if some)
