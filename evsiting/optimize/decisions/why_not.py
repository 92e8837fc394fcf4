"""What it costs to force a decision that a plan does not take: a site, a size, a state, a country, a supplier."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Unpack

import pandas as pd

from evsiting.errors import Problem, expect
from evsiting.layers.geo.geodesic import Points
from evsiting.optimize.arguments import ObjectiveLike
from evsiting.optimize.decisions.forced import Row, opened_sites, plants_built
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
    supplier: str | None = None,
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
    supplier : str, optional
        Instead of a place: a supplier from which nothing may be bought.
    force : {"in", "out"}, optional
        Whether at least one such plant is built, or none is. By default the other than what the plan does.
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
    given, study = study, study_of(study)
    problems = _problems(study, place, plant_type, option, supplier, force)
    with ExitStack() as stack:
        solver, base = base_of("why_not", given, plan, objective, options, stack, folder=folder, problems=problems)
        forced = force or ("out" if supplier or _has(solver.study, base, place, plant_type, option) else "in")
        row = _row(place, plant_type, option, supplier, forced)
        question = str(row["limit"])
        answer = solver.solve(question, [row])
        if solver.store is not None:
            solver.store.finish()
    rival = "" if place is None or answer.plan is None else _rival(solver.study, place, base, answer.plan)
    return WhyNot(question, base, answer.study, answer.plan, answer.bound, place or "", rival, answer.message)


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
    given, study = study, study_of(study)
    with ExitStack() as stack:
        solver, base = base_of("entry_costs", given, plan, objective, options, stack)
        bounds = solver.session.entry_bounds(solver.objective)
    table: pd.DataFrame = bounds.groupby(["site", "plant_type"], as_index=False)[["bound"]].min()
    built = set(zip(base.decisions["openings"]["site"], base.decisions["openings"]["plant_type"], strict=True))
    table["in_plan"] = [pair in built for pair in zip(table["site"], table["plant_type"], strict=True)]
    table["at_least"] = (table["bound"] - base.solve.objective).clip(lower=0.0)
    return table.sort_values("at_least", ascending=False, kind="stable", ignore_index=True).drop(columns="bound")


def _problems(
    study: Study, place: object, plant_type: object, option: object, supplier: object, force: object
) -> list[Problem]:
    """Return what is wrong with the arguments; names are looked up where the row is checked."""
    named = {"place": place, "plant_type": plant_type, "option": option, "supplier": supplier}
    found = [
        Problem(f"why_not, {name}", "is no text", repr(code), "Give the code as in the study's tables, in quotes")
        for name, code in named.items()
        if code is not None and not isinstance(code, str)
    ]
    if (place is None) == (supplier is None):
        found.append(
            Problem("why_not", "asks about a place or about a supplier", "both or neither", "Give one of them")
        )
    if supplier is not None and (plant_type is not None or option is not None or force == "in"):
        fix = "Ask without the supplier; for a share or an amount write a row of kind throughput into table limits"
        found.append(Problem("why_not, supplier", "can only be left out", "", fix))
    if force not in (None, "in", "out"):
        found.append(Problem("force", "is unknown", repr(force), "Give 'in' or 'out'"))
    if supplier is not None and supplier not in set(study.suppliers["supplier"]):
        found.append(Problem("supplier", "is none of the study", repr(supplier), "Give a code of table suppliers"))
    return found


def _row(place: str | None, plant_type: str | None, option: str | None, supplier: str | None, force: str) -> Row:
    """Return the row that forces or forbids."""
    named = "/".join(name for name in (place or supplier, plant_type, option) if name)
    words = f"{'with' if force == 'in' else 'without'} {named}"
    if supplier is not None:
        return {"limit": words, "kind": "throughput_mass", "origin": supplier, "at_most": 0.0}
    ends = {"at_least": 1} if force == "in" else {"at_most": 0}
    row = plants_built(place, ends.get("at_least"), at_most=ends.get("at_most"), plant_type=plant_type or "",
                       option=option or "")  # fmt: skip
    return {"limit": words, **row}


def _has(study: Study, plan: Plan, place: str | None, plant_type: str | None, option: str | None) -> bool:
    """Whether a plan builds what is asked about."""
    rows = plan.decisions["openings"].merge(study.sites[["site", "region", "country"]], on="site")
    kept = (rows[["site", "region", "country"]] == place).any(axis=1)
    for column, wanted in (("plant_type", plant_type), ("option", option)):
        kept &= True if wanted is None else rows[column] == wanted
    return bool(kept.any())


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
