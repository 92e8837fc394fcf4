"""What the commands do: new, check, solve, certify."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from rich.text import Text

from evsiting.cli import show
from evsiting.cli.arguments import load_study, output_folder, run_folder
from evsiting.cli.explain_command import explanation_offered
from evsiting.cli.progress import Watching, stoppable
from evsiting.cli.runs import plan_of_run, report_outdated, require_run, study_and_start
from evsiting.cli.terminal import Voice
from evsiting.layers.completion import complete
from evsiting.layers.freight.lane_count import exceeds_program
from evsiting.optimize.aggregation.aggregation import solve_by_aggregation
from evsiting.optimize.bound_check import recompute_bounds
from evsiting.optimize.scenario_programs import scenario_studies
from evsiting.optimize.solve import solve as solved
from evsiting.results.certificate import certify as certified
from evsiting.results.plan import Plan, Status
from evsiting.results.result_folders import CASES_FILE, SCENARIOS_FILE
from evsiting.results.scenario_plans import ScenarioPlans
from evsiting.results.stated_figures import certify_run
from evsiting.results.store import write_run
from evsiting.study.files.starter import new_study

if TYPE_CHECKING:
    from evsiting.optimize.solve import ObjectiveLike


def new(voice: Voice, folder: Path) -> None:
    """Write the template of a study, as a folder or as a workbook."""
    written = new_study(folder)
    files = sorted(p.name for p in written.iterdir()) if written.is_dir() else [written.name]
    inside = f"{len(files) - 1} files, and README.md explains them" if written.is_dir() else "one sheet a table"
    voice.say(
        f"A study to begin with is in {written}: {inside}.", f"Put in your figures, then: evsiting check {written}"
    )
    voice.data({"study": str(written), "files": files})


def check(voice: Voice, source: str) -> None:
    """Read and complete a study; say what it holds."""
    study = load_study(source)
    ready = complete(study)
    if study.has("scenarios"):
        scenario_studies(ready)
    voice.say(lambda: show.study_parts(study, ready))
    voice.data(lambda: show.study_data(study, ready))


def solve(
    voice: Voice,
    source: str,
    objective: ObjectiveLike | None,
    out: Path | None,
    settings: Mapping[str, Any],
    *,
    start: Path | None = None,
) -> None:
    """Solve a study, or go on from the plan of a run; certify the plan, write the run folder, and say all that."""
    study, known, home = study_and_start(source, objective)
    first = known if start is None else plan_of_run(start)
    asked = study.settings.solve.objective if known is None else known.solve.weights
    wanted = objective or cast("ObjectiveLike", asked)
    place = run_folder(out or home, study.settings.study.name, wanted)
    limit = float(settings.get("time_limit_s", study.settings.solve.time_limit_s))
    with output_folder(place) as folder, Watching(voice, limit) as watching, stoppable(voice) as stop:
        if exceeds_program(study):
            answer = solve_by_aggregation(
                study,
                objective=wanted,
                start=first,
                watch=watching.watch,
                stage=partial(_print_stage, voice, watching),
                **settings,
            )
            ready, plan = answer.study, answer.plan
        else:
            watching.stage("completing the layers")
            ready = complete(study)
            watching.stage("solving")
            with explanation_offered(source):
                plan = solved(ready, objective=wanted, start=first, watch=watching.watch, **settings)
        with stop.shielded():
            watching.stage("certifying")
            certificate = certified(ready, plan)
            watching.stage("writing the run")
            with report_outdated(voice, folder):
                written = write_run(folder, ready, plan, certificate)
            voice.wrote(written)
    voice.say(
        lambda: show.plan_parts(ready, plan),
        lambda: show.certificate_parts(certificate),
        f"The run is in {written}",
        f"Next: evsiting report {written}",
        *([f"To ask of it: evsiting shortlist {written} FOLDER"] if plan.solve.aggregated else []),
    )
    remark_on_ending(voice, plan)
    voice.data(lambda: show.plan_data(ready, plan, written))
    certificate.raise_if_failed()


def _print_stage(voice: Voice, watching: Watching, what: str) -> None:
    """Say what a long solve does next, in a terminal and in a log."""
    watching.stage(what)
    voice.note(f"{what} ...")


def remark_on_ending(voice: Voice, plan: Plan | ScenarioPlans) -> None:
    """Remark on a run that ended before its gap was proven."""
    if plan.status is Status.OPTIMAL:
        return
    gap = f"its proven gap is {plan.gap:.2%}" if math.isfinite(plan.gap) else "nothing is proven of its gap"
    asked = f"({plan.solve.gap_asked:.2%} was asked for)"
    why = {"interrupt": "interrupted", "time": "stopped by the time limit"}.get(plan.solve.limit, "stopped early")
    voice.note(f"The run was {why}: this is the best plan found so far; {gap} {asked}.", style="yellow")


def certify(voice: Voice, run: Path) -> None:
    """Recompute a run, points of a front, plans of scenarios or cases, and what their files state, from the tables."""
    if not any((run.expanduser() / name).is_file() for name in (SCENARIOS_FILE, CASES_FILE)):
        require_run(run)
    certificates = certify_run(run.expanduser())
    for name, certificate in certificates.items():
        voice.say(*([f"{name}:"] if len(certificates) > 1 else []), partial(show.certificate_parts, certificate))
    bounds = recompute_bounds(run.expanduser())
    several = len(bounds) > 1
    voice.say(*(Text(f"{f'{name}: ' if several else ''}{bound_check}", "green" if bound_check.holds else "red")
                for name, bound_check in bounds.items()))  # fmt: skip
    entries = [{"name": name, **show.certificate_data(c)} for name, c in certificates.items()]
    passed = all(c.passed for c in certificates.values()) and all(b.holds for b in bounds.values())
    proven = [{"name": name, **show.bound_data(bound_check)} for name, bound_check in bounds.items()]
    voice.data({"run": str(run), "passed": passed, "certificates": entries, "bounds": proven})
    for certificate in certificates.values():
        certificate.raise_if_failed()
    for bound_check in bounds.values():
        bound_check.raise_if_failed()
