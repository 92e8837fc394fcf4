"""The command scenarios: one plan for several futures, a run folder for each and a table of all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from evsiting.cli import show
from evsiting.cli.arguments import output_folder, run_folder
from evsiting.cli.commands import remark_on_ending
from evsiting.cli.progress import Watching, stoppable
from evsiting.cli.runs import report_outdated, study_and_plan
from evsiting.cli.terminal import Voice
from evsiting.errors import InputError
from evsiting.files import replace_folder
from evsiting.layers.completion import complete
from evsiting.layers.scenarios import in_scenario
from evsiting.optimize.arguments import weights
from evsiting.optimize.sessions.given import wanted_of
from evsiting.optimize.stochastic import solve_scenarios
from evsiting.optimize.value_of_information import Range, ValueOfInformation, value_of_information
from evsiting.report.number_format import format_objective, format_percent
from evsiting.results.certificate import certify
from evsiting.results.decisions.decision_tables import DecisionTables, write_decisions
from evsiting.results.plan_file import write_json
from evsiting.results.record.bound_prices import write_prices
from evsiting.results.result_folders import SCENARIOS_FILE, SCENARIOS_TABLE, scenario_files, set_edited_aside
from evsiting.results.scenario_plans import ScenarioPlans, certify_scenarios
from evsiting.results.store import fill_run, read_scenarios
from evsiting.study.codes import file_name
from evsiting.study.objectives import OBJECTIVES
from evsiting.study.study import Study

if TYPE_CHECKING:
    from evsiting.optimize.solve import ObjectiveLike


def scenarios(
    voice: Voice,
    source: str,
    objective: ObjectiveLike | None,
    out: Path | None,
    settings: Mapping[str, Any],
    *,
    risk: tuple[float, float],
    worth: bool,
    regret: bool = False,
) -> None:
    """Solve a study over its scenarios, certify the plans, write their run folders, and say all that.

    Of a run, what the plans come to is kept beside its plan.
    """
    study, base, run = study_and_plan(source)
    objective = wanted_of("scenarios", base, objective)
    place = run_folder(out, study.settings.study.name, "scenarios")
    limit = float(settings.get("time_limit_s", study.settings.solve.time_limit_s))
    aversion, level = risk
    value = None
    with output_folder(place, "scenarios") as folder, Watching(voice, limit) as watching, stoppable(voice) as stop:
        watching.stage("completing the layers")
        ready = complete(study)
        known = _known_plans(voice, folder, ready, weights(objective or study.settings.solve.objective), risk, regret)
        watching.stage("solving over all scenarios")
        plans = solve_scenarios(ready, objective=objective, risk_aversion=aversion, cvar_level=level,
                                criterion="regret" if regret else "expected", start=known,
                                watch=watching.watch, **settings)  # fmt: skip
        with stop.shielded():
            watching.stage("certifying")
            certificate = certify_scenarios(ready, plans)
        if worth and not stop.asked:
            value = _value_of_future(voice, watching, ready, plans, settings)
        with stop.shielded():
            watching.stage("writing the runs")
            with report_outdated(voice, folder):
                data = _write(folder, ready, plans, value)
            voice.wrote(folder)
            if run is not None and base is not None:
                write_decisions(run, DecisionTables.of(plan=base, futures=[plans]))
    voice.say(*_parts(plans), *([_worth(value)] if value else []), lambda: show.certificate_parts(certificate))
    names = ", ".join(data["runs"].values())
    voice.say(
        f"The runs are in {folder}: {names}",
        f"Next: evsiting report {run or folder / next(iter(data['runs'].values()))}",
    )
    remark_on_ending(voice, plans)
    started = None if known is None else known.solve.objective
    voice.data({**data, "folder": str(folder), "started_from": started,
                "certificate": show.certificate_data(certificate)})  # fmt: skip
    certificate.raise_if_failed()


def _known_plans(
    voice: Voice, folder: Path, study: Study, weighed: Mapping[str, float], risk: tuple[float, float], regret: bool
) -> ScenarioPlans | None:
    """Return the plans in a folder to start from, where they answer the same question; say what becomes of them."""
    if not (folder / SCENARIOS_FILE).is_file():
        return None
    try:
        _, known = read_scenarios(folder)
        asked = dict(known.solve.weights), bool(known.best_alone), known.risk_aversion
    except (InputError, ValueError) as error:
        voice.note(f"The plans in {folder} are damaged and will be replaced: {error}", style="yellow")
        return None
    why = ""
    if known.study_digest != study.digest:
        why = "they answer another study, or other figures of it"
    elif asked != (dict(weighed), regret, risk[0]) or (risk[0] and known.cvar_level != risk[1]):
        why = "they were made for another objective or another weight of the worst futures"
    if why:
        voice.note(f"The plans in {folder} will be replaced: {why}.")
        return None
    gap = format_percent(known.gap) if math.isfinite(known.gap) else "unknown"
    voice.note(f"Going on from the plans in {folder}, proven gap {gap}.")
    return known


def _value_of_future(
    voice: Voice, watching: Watching, study: Study, plans: ScenarioPlans, settings: Mapping[str, Any]
) -> ValueOfInformation | None:
    """Return what the future is worth; nothing after Ctrl-C, which must not take the plans with it."""
    watching.stage("what the future is worth")
    try:
        return value_of_information(study, plans, watch=watching.watch, **settings)
    except KeyboardInterrupt:
        voice.note("What the future is worth was not worked out.", style="yellow")
        return None


def _write(folder: Path, study: Study, plans: ScenarioPlans, value: ValueOfInformation | None) -> dict[str, Any]:
    """Write a run folder for each scenario, the table and the summary, all or nothing; return the summary."""
    data = _summary(plans, value)
    with replace_folder(folder, last=[SCENARIOS_FILE], stale=scenario_files) as fresh:
        for name, code in data["runs"].items():
            own = in_scenario(study, name)
            (fresh / code).mkdir()
            fill_run(fresh / code, own, plans.plans[name], certify(own, plans.plans[name]))
        plans.table_with_mean.to_csv(fresh / SCENARIOS_TABLE, index=False, lineterminator="\n")
        if plans.solve.prices is not None:
            write_prices(fresh, plans.solve.prices)
        write_json(fresh / SCENARIOS_FILE, data)
        for code in data["runs"].values():
            set_edited_aside(folder / code)
    return data


def _summary(plans: ScenarioPlans, value: ValueOfInformation | None) -> dict[str, Any]:
    """Return what ``scenarios.json`` holds: the answer over all scenarios, and the folder of each."""
    runs: dict[str, str] = {}
    for name in plans.plans:
        code = file_name(name)
        runs[name] = code if code not in runs.values() else f"{code}-{len(runs) + 1}"
    solve = plans.solve
    data = {
        "study": plans.study_name,
        "study_digest": plans.study_digest,
        "status": str(solve.status),
        "objective_name": solve.objective_name,
        "risk_aversion": plans.risk_aversion,
        "cvar_level": plans.cvar_level,
        "objective": solve.objective,
        "bound": _number(solve.bound),
        "gap": _number(solve.gap),
        "bound_by": solve.bound_by,
        "price_bound": _number(solve.price_bound),
        "seconds": solve.seconds,
        "probability": dict(plans.probability),
        "expected": plans.expected,
        "runs": runs,
    }
    if plans.best_alone:
        data["best_alone"] = {name: [best, _number(bound)] for name, (best, bound) in plans.best_alone.items()}
        data["largest_regret"] = [_number(end) for end in plans.largest_regret]
    if value is not None:
        parts = ("wait_and_see", "here_and_now", "reference_plan", "evpi", "vss")
        data["value_of_information"] = {part: _ends(getattr(value, part)) for part in parts}
    return data


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _ends(interval: Range) -> list[float | None]:
    return [_number(interval.low), _number(interval.high)]


def _parts(plans: ScenarioPlans) -> list[RenderableType]:
    """Return the scenarios as a table, with what is expected, and the proof."""
    names = [n for n in OBJECTIVES if n in plans.expected and (OBJECTIVES[n].need is None or plans.expected[n])]
    right = tuple(range(1, len(names) + 3))
    made = show.table("scenario", "probability", *names, "unmet units/yr", right=right, title=plans.study_name)
    for row in plans.table_with_mean.to_dict("records"):
        figures = [format_objective(n, row[n]) for n in names]
        chance, unmet = format_percent(row["probability"], 3), f"{row['unmet_units_per_yr']:,.0f}"
        made.add_row(str(row["scenario"]), chance, *figures, unmet)
    opened = plans.first.opened.groupby("plant_type").size()
    plants = ", ".join(f"{count} {str(kind).replace('_', ' ')}" for kind, count in opened.items()) or "none"
    gap = format_percent(plans.gap) if math.isfinite(plans.gap) else "unknown"
    if 0.0 < plans.gap < math.inf:
        gap += f", {format_objective(plans.solve.objective_name, plans.solve.absolute_gap, 2)}"
    proof = f"{plans.status}: expected {plans.solve.objective_name}, proven gap {gap}"
    if plans.best_alone:
        low, high = (format_objective(plans.solve.objective_name, end) for end in plans.largest_regret)
        proof = f"{plans.status}: largest regret of {plans.solve.objective_name} {low} to {high}, by proof"
    mood = show.STYLES["good" if str(plans.status) == "optimal" else "fair"]
    return [made, f"New plants in every scenario: {plants}", Text(proof, style=mood)]


def _worth(value: ValueOfInformation) -> RenderableType:
    """Return what knowing the future, and planning for all of it, are worth."""
    made = show.table("what it is worth", "at least", "at most", right=(1, 2))
    for name, interval in (("perfect information", value.evpi), ("planning for all scenarios", value.vss)):
        ends = [
            format_objective(value.objective_name, v) if math.isfinite(v) else "no plan"
            for v in (interval.low, interval.high)
        ]
        made.add_row(name, *ends)
    return made
