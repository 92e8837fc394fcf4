"""The command demo: a shipped study end to end, from tables to report, in minutes."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.text import Text

from evsiting.cli import show
from evsiting.cli.arguments import load_study, output_folder
from evsiting.cli.commands import remark_on_ending
from evsiting.cli.fronts import FrontWish, sweep_pairs
from evsiting.cli.progress import Stop, Watching, stoppable
from evsiting.cli.runs import Points, report_outdated
from evsiting.cli.terminal import ABORTED, Voice
from evsiting.cli.writing import REPORTS, size, write_reports
from evsiting.layers.completion import complete
from evsiting.optimize.fronts.epsilon_constraint import programs
from evsiting.optimize.large.large import LARGE
from evsiting.optimize.solve import solve
from evsiting.optimize.sweeps.progress import duration
from evsiting.report.number_format import format_objective
from evsiting.results.certificate import certify
from evsiting.results.front_store import read_front
from evsiting.results.result_folders import FRONT_FILE
from evsiting.results.store import write_run
from evsiting.study.codes import file_name

if TYPE_CHECKING:
    from evsiting.results.plan import Front, Plan
    from evsiting.study.objectives import ObjectiveName

#: Proven gap at which the plan and each point of the front may stop: neighbours must differ by more. [fraction]
GAP, FRONT_GAP = 0.01, 0.002
#: Part of the time for the plan, where a front of so many points follows; of a large study, whose plans at prices start
#: from that plan. [fraction]
PLAN_SHARE, LARGE_SHARE, POINTS = 0.25, 0.5, 5
#: What is shown: cost against transport emissions, and cost against jobs.
NAMES: tuple[ObjectiveName, ...] = ("cost", "freight_emissions", "jobs")
#: A large study shows plans at prices of each, the first at none: a whole front takes an hour. [fraction]
LARGE_GAP = 0.003
#: Of transport emissions, the last so steep that its plan is proven to cost more; and of jobs, no steeper: what jobs
#: are worth would come near what plans cost, and little would be proven of the rest. [USD/t, USD/job-year]
PRICES: dict[ObjectiveName, tuple[float, ...]] = {
    "freight_emissions": (500.0, 2000.0, 8000.0),
    "jobs": (20_000.0, 60_000.0),
}


def demo(voice: Voice, source: str, out: Path | None, minutes: float) -> None:
    """Solve, certify, trade off and report a study; say what came out and which files hold it."""
    began = time.perf_counter()
    place = Path("out") / file_name(Path(source).name.removesuffix(".xlsx")) if out is None else out
    seconds = 60.0 * minutes
    with output_folder(place) as folder, Watching(voice, seconds) as watching, stoppable(voice) as stop:
        watching.stage("reading the study and its layers")
        study = complete(load_study(source))
        voice.note(f"{study.settings.study.name}: {study.settings.study.question}")
        store = Points(folder, study, NAMES)
        large = len(study.lanes) * len(study.periods) >= LARGE
        plan, front = (_at_prices if large else _at_ceilings)(voice, watching, stop, store, seconds)
        with stop.shielded():
            certificate = certify(study, plan)
            certificate.raise_if_failed()
            watching.stage("writing")
            write_run(folder, study, plan, certificate, front=None if stop.asked else front)
            if stop.asked:  # what was finished before is shown, not the part of a sweep
                front = read_front(folder) if (folder / FRONT_FILE).is_file() else None
            voice.wrote(folder)
            files = {kind: folder / name for kind, name in REPORTS.items()}
            files |= {"front": folder / "front.png"} if front else {}
            written = write_reports(study, plan, front, files)
    remark_on_ending(voice, plan)
    voice.say(lambda: show.plan_parts(study, plan, most=5), lambda: show.certificate_parts(certificate))
    voice.say(lambda: show.front_parts(front) if front else [])
    sizes = ", ".join(f"{path.name} ({size(path)})" for path in written)
    voice.say(
        Text(f"In {folder}: {sizes}, plan.json{', front.csv' if front else ''} and tables.", style="bold"),
        f"Open {folder / REPORTS['html']}. This took {duration(time.perf_counter() - began)}.",
    )
    voice.data(
        lambda: {
            **show.plan_data(study, plan, folder),
            "front": show.front_data(front) if front else None,
            "files": [str(path) for path in written],
            "interrupted": stop.asked,
        }
    )
    if stop.asked:
        voice.note("The demo was interrupted: the same command goes on from the points found.", style="yellow")
        raise typer.Exit(ABORTED)


def _at_prices(
    voice: Voice, watching: Watching, stop: Stop, store: Points, seconds: float
) -> tuple[Plan, Front | None]:
    """Return the plan of least cost, stored, and plans at prices of the other objectives, in the time that is left."""
    until = time.perf_counter() + seconds
    plan = _least_cost(voice, watching, stop, store, LARGE_SHARE * seconds, LARGE_GAP)
    if stop.asked:
        return plan, None
    limit = watching.time_limit_s = max(1.0, (until - time.perf_counter()) / sum(map(len, PRICES.values())))
    settings = {"gap": LARGE_GAP, "time_limit_s": limit}
    wishes = [FrontWish((NAMES[0], name), prices=prices) for name, prices in PRICES.items()]
    front = sweep_pairs(voice, watching, stop, store, wishes, settings, plan)
    return front.plans[0], front


def _at_ceilings(
    voice: Voice, watching: Watching, stop: Stop, store: Points, seconds: float
) -> tuple[Plan, Front | None]:
    """Return the plan of least cost, stored, and cost against each other objective, in the time that is left."""
    until = time.perf_counter() + seconds
    plan = _least_cost(voice, watching, stop, store, PLAN_SHARE * seconds, GAP)
    if stop.asked:
        return plan, None
    limit = watching.time_limit_s = max(1.0, (until - time.perf_counter()) / (len(NAMES[1:]) * programs(POINTS)))
    settings = {"gap": FRONT_GAP, "time_limit_s": limit}
    wishes = [FrontWish((NAMES[0], name), POINTS) for name in NAMES[1:]]
    return plan, sweep_pairs(voice, watching, stop, store, wishes, settings, plan)


def _least_cost(voice: Voice, watching: Watching, stop: Stop, store: Points, seconds: float, gap: float) -> Plan:
    """Return the plan of least cost, stored as the run that is there whatever comes after."""
    watching.time_limit_s = seconds
    watching.stage("least cost")
    plan = solve(store.study, gap=gap, time_limit_s=seconds, watch=watching.watch)
    voice.note(
        f"Least cost: {format_objective('cost', plan.totals['cost'])}, gap {plan.gap:.2%}, {plan.solve.seconds:.0f} s"
    )
    with stop.shielded(), report_outdated(voice, store.folder):
        write_run(store.folder, store.study, plan, certify(store.study, plan))
        voice.wrote(store.folder)
    return plan
