"""The command pareto: a front that is stored point by point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evsiting.cli import show
from evsiting.cli.arguments import load_study, run_folder, writable
from evsiting.cli.progress import Watching, stoppable
from evsiting.cli.runs import Points
from evsiting.cli.terminal import Voice
from evsiting.layers.fill import complete
from evsiting.results.plan import Front, Plan
from evsiting.solve.pareto import pareto as traded
from evsiting.solve.supported import supported

if TYPE_CHECKING:
    from evsiting.study.settings import ObjectiveName


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
) -> None:
    """Trade two objectives, storing each point as it is found: under ceilings, or at prices where some are given."""
    study = load_study(given)
    folder = writable(run_folder(out, study.settings.study.name, "-against-".join(pair)))
    limit = float(settings.get("time_limit_s", study.settings.solve.time_limit_s))
    with Watching(voice, limit) as watching, stoppable(voice):
        watching.stage("completing the layers")
        ready = complete(study)
        store = Points(folder, ready, pair)
        known = store.known() if resume else None
        if resume:
            voice.note(f"{len(known.plans) if known else 0} points are known from {folder}.")
        front = sweep(voice, watching, store, points, settings, prices=prices, known=known)
    voice.say(lambda: show.front_parts(front), f"The front is in {folder}", f"Next: evsiting report {folder}")
    voice.data(lambda: {**show.front_data(front), "run": str(folder)})


def sweep(
    voice: Voice,
    watching: Watching,
    store: Points,
    points: int,
    settings: Mapping[str, Any],
    *,
    prices: Sequence[float] = (),
    known: Front | None = None,
    start: Plan | None = None,
) -> Front:
    """Return the front of a study; each point is stored as soon as it is found.

    At ``prices``, which are as many ``points`` and one more, the least of the first objective is not sought again
    where it is known.
    """
    first, second = store.pair
    if prices:
        ends = [start, *(known.plans if known else ())]
        end = next((plan for plan in ends if plan is not None and not plan.solve.caps), None)
        points, trade = len(prices) + 1, partial(supported, prices=prices, start=end)
    else:
        trade = partial(traded, points=points, known=known, start=start)

    def found(number: int, of: int, plan: Plan) -> None:
        store.keep(plan)
        watching.stage(f"point {min(number + 1, of)} of {of}")
        told = ", ".join(f"{name} {show.amount(name, plan.totals[name])}" for name in store.pair)
        proof = f"gap {plan.gap:.2%}, {plan.solve.seconds:.0f} s" if isfinite(plan.gap) else "no better plan in time"
        voice.note(f"Point {number} of {of}: {told}, {proof}")

    watching.stage(f"point 1 of {points}")
    front = trade(store.study, first, second, watch=watching.watch, on_point=found, **settings)
    watching.stage("writing the front")
    return store.finish(front)
