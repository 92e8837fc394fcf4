"""The command demo: a shipped study end to end, from tables to report, in minutes."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from evsiting.cli import show
from evsiting.cli.arguments import load_study, writable
from evsiting.cli.commands import ending
from evsiting.cli.fronts import sweep
from evsiting.cli.progress import Watching, clock, stoppable
from evsiting.cli.runs import Points
from evsiting.cli.terminal import Voice
from evsiting.cli.writing import REPORTS, size, write_reports
from evsiting.layers.fill import complete
from evsiting.results.certificate import certify
from evsiting.results.store import write_run
from evsiting.solve.monolithic import solve
from evsiting.solve.pareto import programs

if TYPE_CHECKING:
    from evsiting.results.plan import Front, Plan
    from evsiting.study.study import Study

#: Proven gap at which the plan and each point of the front may stop: neighbours must differ by more. [fraction]
GAP, FRONT_GAP = 0.01, 0.002
#: Part of the time for the plan, where a front follows. [fraction]
PLAN_SHARE = 0.25
POINTS = 9
#: Studies with more lanes, counted in each period, show one plan: a front takes an hour, see ``evsiting pareto``.
LARGE = 100_000


def demo(voice: Voice, given: str, out: Path, minutes: float) -> None:
    """Solve, certify, trade off and report a study; say what came out and which files hold it."""
    began = time.perf_counter()
    folder = writable(out)
    seconds = 60.0 * minutes
    with Watching(voice, seconds) as watching, stoppable(voice):
        watching.stage("reading the study and its layers")
        study = complete(load_study(given))
        alone = len(study.lanes) * len(study.periods) > LARGE
        plan_s = seconds if alone else PLAN_SHARE * seconds
        watching.time_limit_s = plan_s
        voice.note(f"{study.settings.study.name}: {study.settings.study.question}")
        watching.stage("least cost")
        plan = solve(study, gap=GAP, time_limit_s=plan_s, watch=watching.watch)
        cost = show.amount("cost", plan.totals["cost"])
        voice.note(f"Least cost: {cost}, gap {plan.gap:.2%}, {plan.solve.seconds:.0f} s")
        certificate = certify(study, plan)
        certificate.raise_if_failed()
        write_run(folder, study, plan, certificate)
        stopped = plan.solve.limit == "interrupt"
        front = None if stopped or alone else _front(voice, watching, study, plan, folder, began + seconds)
        watching.stage("writing")
        write_run(folder, study, plan, certificate, front=front)
        files = {kind: folder / name for kind, name in REPORTS.items()}
        files |= {"front": folder / "front.png"} if front else {}
        written = write_reports(study, plan, front, files)
    ending(voice, plan)
    voice.say(lambda: show.plan_parts(study, plan, most=5), lambda: show.certificate_parts(certificate))
    voice.say(lambda: show.front_parts(front) if front else [])
    told = ", ".join(f"{path.name} ({size(path)})" for path in written)
    voice.say(
        Text(f"In {folder}: {told}, plan.json{', front.csv' if front else ''} and tables.", style="bold"),
        f"Open {folder / REPORTS['html']}. This took {clock(time.perf_counter() - began)}.",
    )
    voice.data(
        lambda: {
            **show.plan_data(study, plan, folder),
            "front": show.front_data(front) if front else None,
            "files": [str(path) for path in written],
        }
    )


def _front(voice: Voice, watching: Watching, study: Study, plan: Plan, folder: Path, until: float) -> Front:
    """Return cost against emissions within the time that is left, spread evenly over the programs to come."""
    limit = max(1.0, (until - time.perf_counter()) / programs(POINTS))
    watching.time_limit_s = limit
    store = Points(folder, study, ("cost", "emissions"))
    return sweep(voice, watching, store, POINTS, {"gap": FRONT_GAP, "time_limit_s": limit}, start=plan)
