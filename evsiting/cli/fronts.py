"""The command pareto: a front that is stored point by point."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from evsiting.cli import show
from evsiting.cli.arguments import output_folder, run_folder
from evsiting.cli.explain_command import explanation_offered
from evsiting.cli.progress import Stop, Watching, stoppable
from evsiting.cli.runs import Points, report_outdated, study_and_plan
from evsiting.cli.terminal import ABORTED, Voice
from evsiting.layers.completion import complete
from evsiting.optimize.fronts.pareto import POINTS, FrontMode
from evsiting.optimize.fronts.pareto import pareto as traded
from evsiting.optimize.fronts.points import nondominated
from evsiting.optimize.fronts.solving import SLACK
from evsiting.optimize.fronts.weighted_sum import weighted_sum
from evsiting.report.number_format import format_objective
from evsiting.results.plan import Front, Plan

if TYPE_CHECKING:
    from evsiting.study.objectives import ObjectiveName


@dataclass(frozen=True)
class FrontWish:
    """Which front is asked for.

    Parameters
    ----------
    names : tuple of str
        The objective that is minimised at each point, and those under ceilings.
    points : int, optional
        How many points.
    mode : str, optional
        How ceilings are chosen (:func:`evsiting.pareto`).
    prices : sequence of float, optional
        Prices of the second objective, instead of ceilings.
    workers : int, optional
        How many solves at the same time.
    """

    names: tuple[ObjectiveName, ...]
    points: int | None = None
    mode: FrontMode | None = None
    prices: Sequence[float] = ()
    workers: int | None = None

    @property
    def count(self) -> int | None:
        """How many points there will be; unknown where all are sought."""
        if self.prices:
            return len(self.prices) + 1
        return self.points or (None if self.mode == "exact" else POINTS)


def pareto(
    voice: Voice, source: str, wish: FrontWish, out: Path | None, settings: Mapping[str, Any], *, resume: bool
) -> None:
    """Trade objectives, storing each point as it is found: under ceilings, or at prices where some are given."""
    study, start, home = study_and_plan(source)
    place = run_folder(out or home, study.settings.study.name, "-against-".join(wish.names))
    limit = float(settings.get("time_limit_s", study.settings.solve.time_limit_s))
    with output_folder(place) as folder, Watching(voice, limit) as watching, stoppable(voice) as stop:
        watching.stage("completing the layers")
        ready = complete(study)
        store = Points(folder, ready, wish.names)
        with explanation_offered(source):
            front = sweep(voice, watching, stop, store, wish, settings, resume=resume, start=start)
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
    wish: FrontWish,
    settings: Mapping[str, Any],
    *,
    resume: bool = False,
    start: Plan | None = None,
) -> Front:
    """Return the front of a study; each point is stored as soon as it is found.

    At prices the least of the first objective is not sought again where it is known.
    """
    with report_outdated(voice, store.folder):
        known = _begun(voice, store, resume=resume)
        front = _trade_off(voice, watching, stop, store, wish, settings, known, start)
        return _write_finished(watching, stop, store, front)


def sweep_pairs(
    voice: Voice,
    watching: Watching,
    stop: Stop,
    store: Points,
    wishes: Sequence[FrontWish],
    settings: Mapping[str, Any],
    start: Plan,
) -> Front:
    """Return one front of the first objective against each of some others, each pair by itself.

    Each point is stored as soon as it is found; what is known of a pair is what has no ceiling on another objective.
    """
    known = _begun(voice, store, resume=False)
    fronts: list[Front] = []
    for wish in wishes:
        alone = [p for p in (known.plans if known else ()) if set(p.solve.caps) <= set(wish.names[1:])]
        mine = Front(wish.names, tuple(alone), end_slack=SLACK) if alone else None
        fronts.append(_trade_off(voice, watching, stop, store, wish, settings, mine, start))
        if stop.asked:
            break
    plans = {id(plan): plan for front in fronts for plan in front.plans}
    ideal = {name: value for front in fronts for name, value in front.ideal.items()}
    best = nondominated(plans.values(), store.names)
    with report_outdated(voice, store.folder):
        return _write_finished(watching, stop, store, Front(store.names, tuple(best), ideal, fronts[0].end_slack))


def _begun(voice: Voice, store: Points, *, resume: bool) -> Front | None:
    """Return the points to go on from, and say how many there are."""
    known = store.begin(resume=resume)
    if known or resume:
        count = len(known or ())
        where = store.folder if resume else store.home
        voice.note(f"{count} point{' is' if count == 1 else 's are'} known from {where}.")
    return known


def _trade_off(
    voice: Voice,
    watching: Watching,
    stop: Stop,
    store: Points,
    wish: FrontWish,
    settings: Mapping[str, Any],
    known: Front | None,
    start: Plan | None,
) -> Front:
    """Return the points that are asked for; each is stored as soon as it is found."""
    trade: Callable[..., Front]
    if wish.prices:
        ends = [start, *(known.plans if known else ())]
        end = next((plan for plan in ends if plan is not None and not plan.solve.caps), None)
        trade = partial(weighted_sum, prices=wish.prices, start=end)
    else:
        trade = partial(traded, points=wish.points, mode=wish.mode, known=known, start=start)

    def report_point(number: int, of: int, plan: Plan) -> None:
        with stop.shielded(then_stop=True):
            store.keep(plan)
            voice.wrote(store.home)
        of = max(of, wish.count or of)
        total = "" if wish.count is None else f" of {of}"
        watching.stage(f"point {min(number + 1, of) if total else number + 1}{total}")
        totals = ", ".join(f"{name} {format_objective(name, plan.totals[name])}" for name in store.names)
        proof = f"gap {plan.gap:.2%}, {plan.solve.seconds:.0f} s" if isfinite(plan.gap) else "no better plan in time"
        voice.note(f"Point {number}{total}: {totals}, {proof}")

    watching.stage("point 1" if wish.count is None else f"point 1 of {wish.count}")
    options = {"workers": wish.workers, **settings}
    return trade(store.study, *wish.names, watch=watching.watch, on_point=report_point, **options)


def _write_finished(watching: Watching, stop: Stop, store: Points, front: Front) -> Front:
    """Write a front that has come to its end, or was interrupted, and return what was written."""
    with stop.shielded():
        watching.stage("writing the front")
        return store.finish(front, interrupted=stop.asked)
