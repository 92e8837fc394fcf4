"""Solve what-if cases, or the scenarios of a study, each by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import Unpack

import pandas as pd

from evsiting.errors import InputError, Problem, expect
from evsiting.layers.completion import KEPT_LANES, complete
from evsiting.layers.scenarios import in_case, in_scenario
from evsiting.optimize.arguments import ObjectiveLike, objective_problems, resolved_settings
from evsiting.optimize.engines.registry import find_engine
from evsiting.optimize.options import SolveOptions, with_options
from evsiting.optimize.sessions.given import wanted_of, with_gap_of
from evsiting.optimize.sweeps.kept_solves import pool_problems, solve_members
from evsiting.optimize.sweeps.members import Member, key_of
from evsiting.optimize.sweeps.progress import SweepWatch
from evsiting.results.case_plans import CasePlans
from evsiting.results.consistency import require_same_study
from evsiting.results.plan import Plan
from evsiting.study.derived.cases import BASE, Case, cases_of
from evsiting.study.derived.scenarios import probabilities
from evsiting.study.files.cases import read_cases_file
from evsiting.study.findings import Findings
from evsiting.study.settings import Solving
from evsiting.study.study import Study

__all__ = ["solve_each_scenario", "sweep"]


@with_options
def sweep(
    study: Study,
    cases: pd.DataFrame | str | Path | None = None,
    *,
    plan: Plan | None = None,
    folder: str | Path | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: bool = False,
    watch: SweepWatch | None = None,
    objective: ObjectiveLike | None = None,
    **options: Unpack[SolveOptions],
) -> CasePlans:
    """Solve the study as it stands (case ``base``) and each of its what-if cases by itself.

    A case is a name and some rows that change the tables of the study, in the language of table ``scenario_changes``,
    upon those of another case where it is ``based_on`` one. All problems of all cases are told before anything is
    solved. The plans do not depend on how many workers there are, nor on which case ends first, unless a time limit
    cuts a solve short: of a large study ``base`` is solved first, and all others start from its relaxation alone.

    Parameters
    ----------
    study : Study
        Missing layers are completed first; all cases have the same lanes.
    cases : pandas.DataFrame or path of a CSV file, optional
        Columns ``case``, ``based_on``, ``table``, ``column``, ``rows``, ``period``, ``action`` (``multiply``, ``set``,
        ``add``, ``drop``), ``value`` and ``note``; several rows make a case. A case without changes has one row.
    plan : Plan, optional
        That of the study as it stands, so that ``base`` is not solved again. Where no ``gap`` is given, the one that
        was asked for this plan holds for every case: differences are told from its gap and theirs.
    folder : path, optional
        A new folder, or that of an earlier sweep. Each case is written there as soon as it is solved, as a run folder;
        a sweep that was stopped, however it was, goes on from there. A case is solved again only if its study, the
        options or the version of the package or the solver have changed.
    workers : int, optional
        Processes that solve at the same time; with 1 the solves are done in this process. Default: as many as the
        cores have room for with ``threads`` each.
    executor : concurrent.futures.Executor, optional
        Where the solves are run instead, such as ``dask.distributed.Client(...).get_executor()``; ``workers`` is then
        how many are handed over at once (default: all).
    progress : bool, optional
        Whether a line on a terminal or in a notebook shows how far the sweep is, with the time left.
    watch : callable, optional
        Called with a :class:`evsiting.optimize.sweeps.progress.SweepProgress` whenever a case has ended.
    objective : str or mapping, optional
        As in :func:`evsiting.solve`, for each case; that of the plan where one is given.
    **options : SolveOptions
        How hard to try: see :class:`evsiting.optimize.options.SolveOptions`.

    Returns
    -------
    CasePlans
        In the order of the table. Why a case has no plan is told in ``without``: no plan keeps its rules, or none was
        found in time; one that broke is told in ``failures``. After Ctrl-C, the cases solved so far.

    Raises
    ------
    InputError
        Listing every problem of every case and of the arguments.
    WriteError
        If the folder cannot be written.

    Warns
    -----
    DataWarning
        As :func:`evsiting.complete`, and what is odd in a case.

    Examples
    --------
    >>> import pandas as pd
    >>> import evsiting as ev
    >>> rows = [
    ...     {"case": "dear power", "table": "sites", "column": "power_price_usd_per_mwh", "value": 2.0},
    ...     {
    ...         "case": "and less demand",
    ...         "based_on": "dear power",
    ...         "table": "demand",
    ...         "column": "units_per_yr",
    ...         "value": 0.7,
    ...     },
    ... ]
    >>> cases = pd.DataFrame(rows).assign(action="multiply")
    >>> found = ev.sweep(ev.example("starter"), cases, workers=1)
    >>> found.table["case"].tolist()
    ['base', 'dear power', 'and less demand']
    >>> found.compared()["cost"].round(-6).tolist()[0] > 0
    True
    """
    expect("sweep", study=(study, Study), **({} if plan is None else {"plan": (plan, Plan)}))
    if plan is not None:
        objective, study = wanted_of("sweep", plan, objective), require_same_study("sweep", study, plan).whole
        options = with_gap_of(plan, options)
    wanted, settings, problems = _resolved_request(study, objective, workers, executor, options)
    findings = Findings()
    frame = _frame(cases, findings)
    asked = [] if frame is None else cases_of(frame, study.settings, findings)
    problems += [problem for _, problem in findings.problems]
    if problems:
        raise InputError(problems)
    base = complete(study)
    asked = [Case(BASE), *(case for case in asked if case.name != BASE)]
    members = _members([(case.name, partial(in_case, base, case, findings)) for case in asked], wanted, settings)
    return solve_members(
        base, members, wanted, settings, known={} if plan is None else {BASE: plan},
        folder=folder, workers=workers, executor=executor, progress=progress, watch=watch,
    )  # fmt: skip


@with_options
def solve_each_scenario(
    study: Study,
    *,
    folder: str | Path | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: bool = False,
    watch: SweepWatch | None = None,
    objective: ObjectiveLike | None = None,
    **options: Unpack[SolveOptions],
) -> CasePlans:
    """Solve every scenario of a study by itself, as if it were known that it comes (wait and see).

    Parameters
    ----------
    study : Study
        With table ``scenarios``; missing layers are completed first.
    folder, workers, executor, progress, watch
        As in :func:`evsiting.sweep`.
    objective : str or mapping, optional
        As in :func:`evsiting.solve`, for each scenario.
    **options : SolveOptions
        How hard to try: see :class:`evsiting.optimize.options.SolveOptions`.

    Returns
    -------
    CasePlans
        One plan a scenario; unlike those of :func:`evsiting.solve_scenarios` they need not build the same.

    Raises
    ------
    InputError
        If the study has no scenarios, or one of them does not hold; every problem names its scenario.

    Examples
    --------
    >>> import pandas as pd
    >>> import evsiting as ev
    >>> chances = pd.DataFrame({"scenario": ["as planned", "boom"], "probability": [0.7, 0.3]})
    >>> boom = {
    ...     "scenario": "boom",
    ...     "table": "demand",
    ...     "column": "units_per_yr",
    ...     "action": "multiply",
    ...     "value": 1.2,
    ... }
    >>> study = ev.example("starter").with_table("scenarios", chances)
    >>> study = study.with_table("scenario_changes", pd.DataFrame([boom]))
    >>> found = ev.solve_each_scenario(study, workers=1)
    >>> found.cases, found.openings.empty
    (('as planned', 'boom'), False)
    """
    expect("solve_each_scenario", study=(study, Study))
    wanted, settings, problems = _resolved_request(study, objective, workers, executor, options)
    if problems:
        raise InputError(problems)
    base = complete(study)
    names = list(probabilities(base))
    if not names:
        fix = "Add table 'scenarios' with columns scenario and probability, and table 'scenario_changes'"
        raise InputError([Problem(f"study {base.settings.study.name!r}", "has no scenarios", "", fix)])
    members = _members([(name, partial(in_scenario, base, name)) for name in names], wanted, settings)
    return solve_members(
        base, members, wanted, settings,
        folder=folder, workers=workers, executor=executor, progress=progress, watch=watch,
    )  # fmt: skip


def _resolved_request(
    study: Study, objective: ObjectiveLike | None, workers: object, executor: object, options: Mapping[str, object]
) -> tuple[ObjectiveLike, Solving, list[Problem]]:
    """Return what is minimised and how, and what is wrong with the arguments."""
    settings, problems = resolved_settings(study.settings.solve, options)
    wanted: ObjectiveLike = settings.objective if objective is None else objective
    problems += [*objective_problems(wanted), *pool_problems(workers, executor)]
    if not problems:
        find_engine(settings.engine)
    return wanted, settings, problems


def _frame(cases: object, findings: Findings) -> pd.DataFrame | None:
    """Return the table of cases that was given; None where there is none."""
    if cases is None or isinstance(cases, pd.DataFrame):
        return cases
    if isinstance(cases, str | Path):
        return read_cases_file(cases, findings)
    fix = "Give a data frame, or the path of a CSV file"
    findings.file("sweep, cases", "is no table of cases", f"a {type(cases).__name__}", fix)
    return None


def _members(
    studies: Sequence[tuple[str, partial[Study]]], objective: ObjectiveLike, settings: Solving
) -> list[Member]:
    """Return the members of a sweep, each of whose studies holds and can be asked for the objective.

    A study is kept where all together are not too many lanes to be held; otherwise it is made again when its turn
    comes.

    Raises
    ------
    InputError
        With the problems of all of them.
    """
    members: list[Member] = []
    problems: list[Problem] = []
    lanes = 0
    for name, make in studies:
        try:
            own = make()
        except InputError as error:
            if not all(problem.infeasible for problem in error.problems):
                problems += error.problems
                continue
            message = " ".join(map(str, error.problems))
            members.append(Member(name, hashlib.sha256(message.encode()).hexdigest(), make, message))
            continue
        if wrong := objective_problems(objective, own):
            problems += wrong
            continue
        lanes += len(own.lanes)
        study_maker = partial(_itself, own) if lanes <= KEPT_LANES else make
        members.append(Member(name, key_of(own, objective, settings), study_maker))
    if problems:
        raise InputError(problems)
    return members


def _itself(study: Study) -> Study:
    return study
