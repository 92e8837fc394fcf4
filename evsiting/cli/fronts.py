"""The command pareto: a front that is stored point by point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from evsiting.cli import show
from evsiting.cli.arguments import load_study, output_folder, run_folder
from evsiting.cli.progress import Stop, Watching, stoppable
from evsiting.cli.runs import Points, outdated_told
from evsiting.cli.terminal import ABORTED, Voice
from evsiting.layers.completion import complete
from evsiting.optimize.fronts.epsilon_constraint import pareto as traded
from evsiting.optimize.fronts.weighted_sum import weighted_sum
from evsiting.report.number_format import format_objective
from evsiting.results.plan import Front, Plan

if TYPE_CHECKING:
    from evsiting.study.objectives import ObjectiveName


def pareto(
    voice: Voice,
    given: str,
    pair: tuple[ObjectiveName, ObjectiveName],
    points: int,
    out: Path | None,
    settings: Mapping[str, Any],
    *,
    resume: bool,
    prices: Sequence[float] = (),
    workers: int | None = None,
) -> None:
    """Trade two objectives, storing each point as it is found: under ceilings, or at prices where some are given."""
    study = load_study(given)
    place = run_folder(out, study.settings.study.name, "-against-".join(pair))
    limit = float(settings.get("time_limit_s", study.settings.solve.time_limit_s))
    with output_folder(place) as folder, Watching(voice, limit) as watching, stoppable(voice) as stop:
        watching.stage("completing the layers")
        ready = complete(study)
        store = Points(folder, ready, pair)
        front = sweep(
            voice, watching, stop, store, points, {**settings, "workers": workers}, prices=prices, resume=resume
        )
    cut = stop.asked
    voice.say(lambda: show.front_parts(front), f"The front is in {store.home}", f"Next: evsiting report {store.home}")
    voice.data(lambda: {**show.front_data(front), "run": str(store.home), "interrupted": cut})
    if cut:
        voice.note("The sweep was interrupted: the same command goes on from these points.", style="yellow")
        raise typer.Exit(ABORTED)


def sweep(
    voice: Voice,
    watching: Watching,
    stop: Stop,
    store: Points,
    points: int,
    settings: Mapping[str, Any],
    *,
    prices: Sequence[float] = (),
    resume: bool = False,
    start: Plan | None = None,
) -> Front:
    """Return the front of a study; each point is stored as soon as it is found.

    At ``prices``, which are as many ``points`` and one more, the least of the first objective is not sought again
    where it is known.
    """
    first, second = store.pair
    known = store.begin(resume=resume)
    if known or resume:
        count = len(known or ())
        where = store.folder if resume else store.home
        voice.note(f"{count} point{' is' if count == 1 else 's are'} known from {where}.")
    if prices:
        ends = [start, *(known.plans if known else ())]
        end = next((plan for plan in ends if plan is not None and not plan.solve.caps), None)
        points, trade = len(prices) + 1, partial(weighted_sum, prices=prices, start=end)
    else:
        trade = partial(traded, points=points, known=known, start=start)

    def found(number: int, of: int, plan: Plan) -> None:
        with stop.shielded(then_stop=True):
            store.keep(plan)
            voice.wrote(store.home)
        watching.stage(f"point {min(number + 1, of)} of {of}")
        told = ", ".join(f"{name} {format_objective(name, plan.totals[name])}" for name in store.pair)
        proof = f"gap {plan.gap:.2%}, {plan.solve.seconds:.0f} s" if isfinite(plan.gap) else "no better plan in time"
        voice.note(f"Point {number} of {of}: {told}, {proof}")

    watching.stage(f"point 1 of {points}")
    front = trade(store.study, first, second, watch=watching.watch, on_point=found, **settings)
    with stop.shielded():
        watching.stage("writing the front")
        with outdated_told(voice, store.folder):
            return store.finish(front, interrupted=stop.asked)
