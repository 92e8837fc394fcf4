"""What it costs to force a decision that a plan does not take: a site, size, country, program or supplier."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Unpack

import pandas as pd

from evsiting.errors import Problem, expect
from evsiting.layers.geo.geodesic import Points
from evsiting.optimize.arguments import ObjectiveLike
from evsiting.optimize.decisions.forced import ForcedDecision, opened_sites, sold_by
from evsiting.optimize.decisions.solver import base_of
from evsiting.optimize.options import SolveOptions, with_options
from evsiting.optimize.sessions.given import StudyOrSession, study_of
from evsiting.optimize.sessions.session import Session
from evsiting.results.decisions.why_not import WhyNot
from evsiting.results.plan import Plan
from evsiting.study.study import Study

__all__ = ["entry_costs", "why_not"]


@with_options
def why_not(
    study: StudyOrSession,
    place: str | None = None,
    *,
    plant_type: str | None = None,
    option: str | None = None,
    program: str | None = None,
    supplier: str | None = None,
    amount: float | None = None,
    force: str | None = None,
    plan: Plan | None = None,
    folder: str | Path | None = None,
    objective: ObjectiveLike | None = None,
    **options: Unpack[SolveOptions],
) -> WhyNot:
    """Force a decision that a plan does not take, or forbid one that it takes, and say what that costs.

    The decision is a row of table ``limits``, so that the forced plan answers a study of its own and is certified.

    Parameters
    ----------
    study : Study or Session
        Missing layers are completed first. A session (:func:`evsiting.open_session`) starts from what was solved in it
        before; options left out are its own.
    place : str, optional
        Code of a site, state, province or country where a new plant is built, or none is.
    plant_type, option : str, optional
        Which plants are meant; all where left out.
    program : str, optional
        A program of table ``program_rules``: whether such a plant claims it, at the place or anywhere.
    supplier : str, optional
        Instead of a place: a supplier from which something must, or nothing may, be bought.
    amount : float, optional
        How much is bought from the supplier at least where that is forced. [unit/yr]
    force : {"in", "out"}, optional
        Whether at least one such plant is built or claims the program, or none is. By default the other than what the
        plan does; a supplier is left out unless an amount is given.
    plan : Plan, optional
        What is asked about; the study is solved first where it is left out.
    folder : path, optional
        Where the plans are kept as run folders, and found again.
    objective : str or mapping, optional
        As in :func:`evsiting.solve`; that of the plan where one is given.
    **options : SolveOptions
        How hard to try: see :class:`evsiting.optimize.options.SolveOptions`.

    Returns
    -------
    WhyNot
        With the interval in which the difference of the best plans is proven to lie, and ledgers side by side.

    Raises
    ------
    InputError
        If the arguments do not hold, or the plan answers another study.
    InfeasibleError, NoSolutionError
        If the study itself has no plan.

    Examples
    --------
    >>> import evsiting as ev
    >>> study = ev.example("starter")
    >>> found = ev.why_not(study, "MX", gap=0.001)
    >>> found.question, set(found.ledger["item"]) >= {"labor", "freight"}
    ('without MX', True)

    One question after the other, with one relaxation for all:

    >>> session = ev.open_session(study, gap=0.001)
    >>> plan = session.solve()
    >>> [ev.why_not(session, place, plan=plan).place for place in ("US-TN", "MX")]
    ['US-TN', 'MX']
    """
    expect("why_not", study=(study, (Study, Session)), **({} if plan is None else {"plan": (plan, Plan)}))
    source, study = study, study_of(study)
    asked = ForcedDecision(place, plant_type, option, program, supplier, amount)
    problems = _problems(study, asked, force)
    with ExitStack() as stack:
        solver, base = base_of("why_not", source, plan, objective, options, stack, folder=folder, problems=problems)
        forced = force or ("out" if _has(solver.study, base, asked) else "in")
        row = asked.row(forced, sold_by(solver.study, supplier))
        question = str(row["limit"])
        known, gap = base.solve.objective, solver.settings.gap

        def is_enough(objective: float) -> bool:
            """Whether the gap ends below the base plan: no plan under a row more is better than the best of all."""
            return objective - gap * abs(objective) <= known

        answer = solver.solve(question, [row], is_enough=is_enough)
        if solver.store is not None:
            solver.store.finish()
    rival = "" if place is None or answer.plan is None else _rival(solver.study, place, base, answer.plan)
    bound = max(answer.bound, base.solve.bound)
    return WhyNot(question, base, answer.study, answer.plan, bound, place or "", rival, answer.message)


@with_options
def entry_costs(
    study: StudyOrSession,
    plan: Plan | None = None,
    *,
    objective: ObjectiveLike | None = None,
    **options: Unpack[SolveOptions],
) -> pd.DataFrame:
    """Say of every candidate plant at once by how much a plan with it is dearer at least: a quick bound, no plan.

    From the reduced costs of one linear relaxation. :func:`evsiting.why_not` tells more of one plant.

    Parameters
    ----------
    study, plan, objective
        As in :func:`evsiting.why_not`.
    **options : SolveOptions
        How hard to try: see :class:`evsiting.optimize.options.SolveOptions`.

    Returns
    -------
    pandas.DataFrame
        ``site``, ``plant_type``, ``in_plan``, ``at_least``: what no plan that builds such a plant there is less
        dearer than the plan by, zero where nothing is proven, in the unit of the objective; the dearest first.

    Raises
    ------
    InputError
        As in :func:`evsiting.why_not`.

    Examples
    --------
    >>> import evsiting as ev
    >>> found = ev.entry_costs(ev.example("starter"))
    >>> bool((found["at_least"] >= 0.0).all())
    True
    """
    expect("entry_costs", study=(study, (Study, Session)), **({} if plan is None else {"plan": (plan, Plan)}))
    source, study = study, study_of(study)
    with ExitStack() as stack:
        solver, base = base_of("entry_costs", source, plan, objective, options, stack)
        bounds = solver.session.entry_bounds(solver.objective)
    table: pd.DataFrame = bounds.groupby(["site", "plant_type"], as_index=False)[["bound"]].min()
    built = set(zip(base.decisions["openings"]["site"], base.decisions["openings"]["plant_type"], strict=True))
    table["in_plan"] = [pair in built for pair in zip(table["site"], table["plant_type"], strict=True)]
    table["at_least"] = (table["bound"] - base.solve.objective).clip(lower=0.0)
    return table.sort_values("at_least", ascending=False, kind="stable", ignore_index=True).drop(columns="bound")


def _problems(study: Study, asked: ForcedDecision, force: object) -> list[Problem]:
    """Return what is wrong with the arguments; names are looked up where the row is checked."""
    problems = asked.problems("why_not", study, force)
    about = [asked.place is not None or asked.program is not None, asked.supplier is not None]
    if sum(about) != 1:
        seen = "a supplier beside them" if all(about) else "none of them"
        problems.append(
            Problem("why_not", "asks about a place or a program, or about a supplier", seen, "Give one of them")
        )
    return problems


def _has(study: Study, plan: Plan, asked: ForcedDecision) -> bool:
    """Whether a plan does what is asked about."""
    if asked.supplier is not None:
        return asked.amount is None
    rows = plan.decisions["openings" if asked.program is None else "claims"]
    rows = rows.merge(study.sites[["site", "region", "country"]], on="site")
    mask = (rows[["site", "region", "country"]] == asked.place).any(axis=1) | (asked.place is None)
    for column in ("plant_type", "option", "program"):
        wanted = getattr(asked, column)
        mask &= True if wanted is None else rows[column] == wanted
    return bool(mask.any())


def _rival(study: Study, place: str, base: Plan, forced: Plan) -> str:
    """Return the nearest site that the base plan has and the forced plan drops; else the nearest that it has."""
    sites = study.sites
    here = (sites[["site", "region", "country"]] == place).any(axis=1).to_numpy()
    had = [s for s in opened_sites(base) if s not in set(sites.loc[here, "site"])]
    dropped = [s for s in had if s not in opened_sites(forced)]
    others = sites["site"].isin(dropped or had).to_numpy()
    if not others.any() or not here.any():
        return ""
    points = Points.of(sites, "site")
    km = points.take(here).km_to(points.take(others)).min(axis=0)
    return str(points.take(others).code[int(km.argmin())])
